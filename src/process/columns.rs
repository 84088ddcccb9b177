//! What replayed instances add to a panel. `panel` lists the columns of all rooms in one table.

use std::collections::BTreeMap;

use super::definition::TaskDef;
use super::error::ProcessError;
use super::instance::{InstanceReport, Nonconformity, StepReport, StepState};
use super::workflow::Workflow;
use crate::key::Key;
use crate::measure::{Direction, Unit};
use crate::panel::{Column, ColumnBuilder, Columns, Panel, Reason, Told, parts};
use crate::quantity::Ratio;
use crate::space::RowId;

/// To whom a step counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CountedTo {
    /// To the post that owns it.
    Owner,
    /// To the department that leads.
    Lead,
    /// To the person last recorded with it.
    Person,
}

impl CountedTo {
    fn of<'a>(self, step: &'a TaskDef, report: &'a StepReport) -> Option<&'a Key> {
        match self {
            Self::Owner => step.owner.as_ref(),
            Self::Lead => step.lead.as_ref(),
            Self::Person => report.person.as_ref(),
        }
    }
}

/// Microseconds over a count, told in minutes.
fn minutes() -> Result<Ratio, ProcessError> {
    Ok(Ratio::new(1, 60_000_000)?)
}

#[derive(Default, Clone, Copy)]
struct StepCell {
    done: i64,
    late: i64,
    responses: i64,
    response: i128,
    cycles: i64,
    cycle: i128,
    open: i64,
    overdue: i64,
    key_overdue: i64,
    overdue_time: i128,
    /// Whether an instance is told as of a day of this period.
    now: bool,
}

impl StepCell {
    /// What is open is known for the period in which it is told, and for no other one.
    fn standing(&self, told: i64) -> Told {
        if self.now {
            Ok(told)
        } else {
            Err(Reason::NotApplicable)
        }
    }
}

impl Workflow {
    /// Gives columns for a panel whose subjects are posts, departments or people, from their steps:
    ///
    /// - what is done, in the period of the day on which it was done: `<name>.steps` and `<name>.late_steps` (counts),
    ///   `<name>.punctuality` (the share of the steps that was done by its due time), `<name>.response_minutes` (mean working
    ///   minutes from ready to begun, where the beginning was recorded) and `<name>.cycle_minutes` (mean working minutes from
    ///   ready to done);
    /// - what is open, in the period in which the reports are told (not applicable in the others): `<name>.open`,
    ///   `<name>.overdue` (open beyond a due time), `<name>.key_overdue` (of key business) and `<name>.overdue_minutes` (mean
    ///   working minutes by which these are late by now).
    ///
    /// # Errors
    /// [`ProcessError::Key`], [`ProcessError::Panel`].
    pub fn columns(
        &self,
        name: &Key,
        reports: &[InstanceReport],
        counted_to: CountedTo,
    ) -> impl Columns<Error = ProcessError> {
        move |panel: &Panel| -> Result<Vec<Column>, ProcessError> {
            let mut cells = vec![StepCell::default(); panel.cells()];
            let subjects = panel.subjects().len();
            for report in reports {
                let now = panel.periods().on(report.as_of.date());
                if let Some(now) = now {
                    for cell in cells.iter_mut().skip(now.index() * subjects).take(subjects) {
                        cell.now = true;
                    }
                }
                for (found, step) in report.steps.iter().zip(self.steps()) {
                    let period = match found.state {
                        StepState::Done => {
                            found.completed.and_then(|at| panel.periods().on(at.date()))
                        }
                        StepState::Ready | StepState::Started => now,
                        StepState::Waiting | StepState::Skipped | StepState::NotTaken => None,
                    };
                    let subject = counted_to
                        .of(step, found)
                        .and_then(|subject| panel.subjects().find(std::slice::from_ref(subject)));
                    let cell = subject
                        .zip(period)
                        .and_then(|(subject, period)| panel.cell(subject, period).ok());
                    if let Some(cell) = cell.and_then(|cell| cells.get_mut(cell)) {
                        count(cell, found, step);
                    }
                }
            }
            let named = ColumnBuilder::new(name, &cells);
            let steps = |what: &str, of: fn(&StepCell) -> Told| {
                let column = named.counts(what, of);
                column.map(|column| column.better(Direction::Smaller))
            };
            let scale = minutes()?;
            let mean = |what: &str, of: fn(&StepCell) -> (i128, i64)| {
                let column = named.quotients(what, Unit::Minute, scale, |cell| {
                    let (time, count) = of(cell);
                    parts(time, i128::from(count))
                });
                column.map(|column| column.better(Direction::Smaller))
            };
            Ok(vec![
                named.counts("steps", |cell| Ok(cell.done))?,
                steps("late_steps", |cell| Ok(cell.late))?,
                named.shares("punctuality", |cell| Ok((cell.done - cell.late, cell.done)))?,
                mean("response_minutes", |cell| (cell.response, cell.responses))?,
                mean("cycle_minutes", |cell| (cell.cycle, cell.cycles))?,
                steps("open", |cell| cell.standing(cell.open))?.better(Direction::Neutral),
                steps("overdue", |cell| cell.standing(cell.overdue))?,
                steps("key_overdue", |cell| cell.standing(cell.key_overdue))?,
                mean("overdue_minutes", |cell| (cell.overdue_time, cell.overdue))?,
            ])
        }
    }

    /// Gives columns of whole instances, for a panel whose subjects `of` names for each instance: the customer's
    /// salesperson, the process owner, the branch. An instance belongs to the period of the day on which it was opened.
    ///
    /// `<name>.instances`, `<name>.complete`, `<name>.abandoned` (closed with something left to be done), `<name>.skipped`,
    /// `<name>.repeated`, `<name>.out_of_order` and `<name>.unknown` (departures, counted; `unknown` holds the steps of other
    /// branches too), `<name>.fitness` (1 less the cost of all departures over the worst there could be),
    /// `<name>.time_conformance` (deadlines kept, of those met or passed), `<name>.rework_rate` (instances with a step done
    /// again), `<name>.escalated_rate` (with somebody to be told), `<name>.leader_rate` (with a leader who had
    /// to step in by the escalations, or did: [`InstanceReport::leader_stepped_in`]),
    /// `<name>.instance_minutes` (mean working minutes of the complete ones) and `<name>.waiting_share` (the part of these
    /// in which nobody worked on any step).
    ///
    /// # Errors
    /// [`ProcessError::Key`], [`ProcessError::Panel`].
    pub fn instance_columns(
        &self,
        name: &Key,
        reports: &[InstanceReport],
        of: impl Fn(&Key) -> Option<Key>,
    ) -> impl Columns<Error = ProcessError> {
        move |panel: &Panel| -> Result<Vec<Column>, ProcessError> {
            let mut cells = vec![InstanceCell::default(); panel.cells()];
            let mut rows: BTreeMap<Key, Option<RowId>> = BTreeMap::new();
            for report in reports {
                let Some(subject) = of(&report.instance) else {
                    continue;
                };
                let find = || panel.subjects().find(std::slice::from_ref(&subject));
                let row = *rows.entry(subject.clone()).or_insert_with(find);
                let period = panel.periods().on(report.opened.date());
                let cell = row
                    .zip(period)
                    .and_then(|(row, period)| panel.cell(row, period).ok());
                if let Some(cell) = cell.and_then(|cell| cells.get_mut(cell)) {
                    cell.add(report);
                }
            }
            let named = ColumnBuilder::new(name, &cells);
            let count = |what: &str, of: fn(&InstanceCell) -> i64| {
                let column = named.counts(what, |cell| Ok(of(cell)));
                column.map(|column| column.better(Direction::Smaller))
            };
            let rate = |what: &str, of: fn(&InstanceCell) -> (i128, i128)| {
                named.shares(what, |cell| {
                    let (top, bottom) = of(cell);
                    parts(top, bottom)
                })
            };
            let of_all = |what: &str, of: fn(&InstanceCell) -> i64| {
                let column = named.shares(what, |cell| Ok((of(cell), cell.instances)));
                column.map(|column| column.better(Direction::Smaller))
            };
            let length = named.quotients("instance_minutes", Unit::Minute, minutes()?, |cell| {
                parts(cell.cycle, i128::from(cell.complete))
            })?;
            Ok(vec![
                count("instances", |cell| cell.instances)?.better(Direction::Neutral),
                count("complete", |cell| cell.complete)?.better(Direction::Larger),
                count("abandoned", |cell| cell.abandoned)?,
                count("skipped", |cell| cell.skipped)?,
                count("repeated", |cell| cell.repeated)?,
                count("out_of_order", |cell| cell.out_of_order)?,
                count("unknown", |cell| cell.unknown)?,
                rate("fitness", |cell| (cell.worst - cell.cost, cell.worst))?,
                rate("time_conformance", |cell| (cell.kept, cell.deadlines))?,
                of_all("rework_rate", |cell| cell.with_rework)?,
                of_all("escalated_rate", |cell| cell.escalated)?,
                of_all("leader_rate", |cell| cell.with_leader)?,
                length.better(Direction::Smaller),
                rate("waiting_share", |cell| (cell.waiting, cell.cycle))?
                    .better(Direction::Smaller),
            ])
        }
    }
}

fn count(cell: &mut StepCell, found: &StepReport, step: &TaskDef) {
    let late = |late: Option<i64>| late.filter(|late| *late > 0);
    if found.state == StepState::Done {
        cell.done += 1;
        cell.late += i64::from(late(found.late).is_some());
        if let Some(response) = found.response {
            cell.responses += 1;
            cell.response += i128::from(response);
        }
        if let Some(cycle) = found.cycle {
            cell.cycles += 1;
            cell.cycle += i128::from(cycle);
        }
        return;
    }
    cell.open += 1;
    // A late beginning of what has begun is past; what has not begun is late by either deadline.
    let begins = late(found.response_late).filter(|_| found.state == StepState::Ready);
    if let Some(by) = begins.max(late(found.late)) {
        cell.overdue += 1;
        cell.key_overdue += i64::from(step.key_business);
        cell.overdue_time += i128::from(by);
    }
}

#[derive(Default, Clone, Copy)]
struct InstanceCell {
    instances: i64,
    complete: i64,
    abandoned: i64,
    skipped: i64,
    repeated: i64,
    out_of_order: i64,
    unknown: i64,
    with_rework: i64,
    escalated: i64,
    with_leader: i64,
    cost: i128,
    worst: i128,
    kept: i128,
    deadlines: i128,
    cycle: i128,
    waiting: i128,
}

impl InstanceCell {
    fn add(&mut self, report: &InstanceReport) {
        self.instances += 1;
        self.complete += i64::from(report.complete);
        self.abandoned += i64::from(report.closed && !report.complete);
        let before = self.repeated;
        for found in &report.nonconformities {
            match found {
                Nonconformity::Skipped(_) => self.skipped += 1,
                Nonconformity::Repeated { .. } => self.repeated += 1,
                Nonconformity::OutOfOrder { .. } => self.out_of_order += 1,
                Nonconformity::OtherBranch { .. } | Nonconformity::Unknown { .. } => {
                    self.unknown += 1;
                }
            }
        }
        self.with_rework += i64::from(self.repeated > before);
        self.escalated += i64::from(!report.escalations.is_empty());
        self.with_leader += i64::from(report.leader_stepped_in());
        self.cost += i128::from(report.alignment.cost);
        self.worst += i128::from(report.alignment.worst);
        let (kept, deadlines) = report.deadlines();
        self.kept += i128::from(kept);
        self.deadlines += i128::from(deadlines);
        if report.complete {
            self.cycle += i128::from(report.cycle);
            self.waiting += i128::from(report.waiting);
        }
    }
}
