//! What duties and matched plans add to a panel. `panel` lists the columns of all rooms in one table.

use chrono::NaiveDate;

use super::compliance::Compliance;
use super::compliance::Departed;
use super::duty::{Duty, DutyCounts, DutyReport};
use super::error::DutyError;
use super::matching::MatchReport;
use crate::key::Key;
use crate::measure::{Direction, Unit};
use crate::panel::RollUp;
use crate::panel::{Column, ColumnBuilder, Columns, Panel, Parts, Reason};
use crate::quantity::{Quantum, Ratio};

/// The priority of what must not be missed.
const FIRST: u8 = 1;

/// Gives columns of a matched plan: `<name>.planned`, `.due`, `.excused`, `.done`, `.on_time`, `.late`, `.missed`,
/// `.broken_by_us`, `.unplanned`, `.other_customer`, `.other_place`, `.too_short` (counts), `.compliance` (done, of those due and
/// not excused), `.punctuality` (done by their day, of the same), `.adherence` (done as planned, of the same),
/// `.unplanned_share` (of everything done) and `.minutes_lost` (by broken appointments).
///
/// Items belong to the period of their planned day, unplanned ones to that of the day on which they were done. A rate is
/// not yet due where something is planned and nothing of it is due by now.
///
/// # Errors
/// [`DutyError::Key`], [`DutyError::Panel`].
pub fn compliance_columns(
    name: &Key,
    report: &MatchReport,
    to: RollUp<'_>,
) -> impl Columns<Error = DutyError> {
    move |panel: &Panel| -> Result<Vec<Column>, DutyError> {
        let cell = |person: &Key, day| to.cell(panel, person, day);
        let cells: Vec<(Compliance, Departed)> = report
            .compliance_of(panel.cells(), cell)
            .into_iter()
            .zip(report.departed_by(panel.cells(), cell))
            .collect();
        let named = ColumnBuilder::new(name, &cells);
        let count =
            |what: &str, of: fn(&Compliance) -> i64| named.counts(what, |cell| Ok(of(&cell.0)));
        let departed = |what: &str, of: fn(&Departed) -> i64| {
            let column = named.counts(what, |cell| Ok(of(&cell.1)));
            column.map(|column| column.better(Direction::Smaller))
        };
        let rate = |what: &str, top: fn(&Compliance) -> i64, bottom: fn(&Compliance) -> i64| {
            named.shares(what, |(cell, _)| {
                due(top(cell), bottom(cell), cell.not_yet_due)
            })
        };
        Ok(vec![
            count("planned", Compliance::planned)?,
            count("due", |counts| counts.due)?,
            count("excused", |counts| counts.excused)?.better(Direction::Neutral),
            count("done", |counts| counts.done)?,
            count("on_time", Compliance::on_time)?,
            count("late", |counts| counts.late)?.better(Direction::Smaller),
            count("missed", |counts| counts.missed)?.better(Direction::Smaller),
            departed("broken_by_us", |counts| counts.broken_by_us)?,
            count("unplanned", |counts| counts.unplanned)?.better(Direction::Neutral),
            departed("other_customer", |counts| counts.other_customer)?,
            departed("other_place", |counts| counts.other_place)?,
            departed("too_short", |counts| counts.too_short)?,
            rate("compliance", |counts| counts.done, Compliance::binding)?,
            rate("punctuality", Compliance::on_time, Compliance::binding)?,
            rate("adherence", |counts| counts.as_planned, Compliance::binding)?,
            rate(
                "unplanned_share",
                |counts| counts.unplanned,
                |counts| counts.done.saturating_add(counts.unplanned),
            )?
            .better(Direction::Neutral),
            named
                .amounts("minutes_lost", Unit::Minute, Quantum::ONE, |cell| {
                    Ok(cell.1.minutes_lost)
                })?
                .better(Direction::Smaller),
        ])
    }
}

/// Gives `<name>.expense_lost`: what broken appointments cost in vain, in the unit and quantum of the host's measure of
/// expense, in the period of the planned day.
///
/// # Errors
/// [`DutyError::Key`], [`DutyError::Panel`].
pub fn expense_lost_columns(
    name: &Key,
    report: &MatchReport,
    unit: &Unit,
    quantum: Quantum,
    to: RollUp<'_>,
) -> impl Columns<Error = DutyError> {
    move |panel: &Panel| -> Result<Vec<Column>, DutyError> {
        let cell = |person: &Key, day| to.cell(panel, person, day);
        let cells = report.departed_by(panel.cells(), cell);
        let column = ColumnBuilder::new(name, &cells).amounts(
            "expense_lost",
            unit.clone(),
            quantum,
            |cell| Ok(cell.expense_lost),
        );
        Ok(vec![column?.better(Direction::Smaller)])
    }
}

/// Gives columns of several duties together: `<name>.due`, `.on_time`, `.late`, `.missing`, `.excused`, `.first_missing` (of the
/// first priority) and `.unasked` (handed in though nothing asked for it) as counts, `.punctuality` (on time, of those
/// due), `.completeness` (handed in, of those due) and `.days_late` (mean days, of the late ones: calendar days, or working
/// days of reports told in these).
///
/// Obligations belong to the period of their due day. Whom none of the duties ever falls to has no figure (not
/// applicable): that is something else than a duty without anything missing. A rate is not yet due where
/// obligations stand but none of them has to be met by now.
///
/// # Errors
/// [`DutyError::Key`], [`DutyError::Panel`].
pub fn duty_columns(
    name: &Key,
    duties: &[(&Duty, &DutyReport)],
    to: RollUp<'_>,
) -> impl Columns<Error = DutyError> {
    move |panel: &Panel| -> Result<Vec<Column>, DutyError> {
        let (mut cells, mut concerned) = blank(panel);
        for (duty, report) in duties {
            for (obligation, _) in &report.obligations {
                let row = to.row(panel, Some(&obligation.person), obligation.due);
                if let Some(concerned) = row.and_then(|row| concerned.get_mut(row.index())) {
                    *concerned = true;
                }
            }
            let found = report.counts_by(|person, day| to.cell(panel, person, day));
            for (at, counts) in found {
                let Some(cell) = cells.get_mut(at) else {
                    continue;
                };
                cell.counts = cell.counts.and(counts);
                if duty.definition().priority == FIRST {
                    cell.first_missing += counts.missing;
                }
            }
            for record in &report.unasked {
                let cell = to.cell(panel, &record.person, record.day);
                if let Some(cell) = cell.and_then(|cell| cells.get_mut(cell)) {
                    cell.unasked += 1;
                }
            }
        }
        told(name, cells, &concerned)
    }
}

/// What became of a person's duty of one day, counted.
#[derive(Debug, Clone)]
pub(crate) struct Counted {
    pub(crate) person: Key,
    pub(crate) due: NaiveDate,
    /// The day of the row in which it stands: the due day, or the last one on which somebody is there who leaves before.
    pub(crate) on: NaiveDate,
    pub(crate) counts: DutyCounts,
    /// Who is accountable for it, if it is one of a post.
    pub(crate) accountable: Option<Key>,
}

/// The columns of [`duty_columns`] of a duty of which what became of each person and day is counted already, and of whom it is told.
pub(crate) fn counted_columns<'a>(
    name: &'a Key,
    all: &'a [Counted],
    who: impl Fn(&'a Counted) -> &'a Key,
    to: RollUp<'a>,
) -> impl Columns<Error = DutyError> {
    move |panel: &Panel| -> Result<Vec<Column>, DutyError> {
        let (mut cells, mut concerned) = blank(panel);
        for one in all {
            let Some(row) = to.row(panel, Some(who(one)), one.on) else {
                continue;
            };
            if let Some(concerned) = concerned.get_mut(row.index()) {
                *concerned = true;
            }
            let period = panel.periods().on(one.due);
            let cell = period.and_then(|period| panel.cell(row, period).ok());
            if let Some(cell) = cell.and_then(|cell| cells.get_mut(cell)) {
                cell.counts = cell.counts.and(one.counts);
            }
        }
        told(name, cells, &concerned)
    }
}

/// Cells in which nothing is counted, and for each row that none of the duties falls to it.
fn blank(panel: &Panel) -> (Vec<DutyCell>, Vec<bool>) {
    let cells = vec![DutyCell::default(); panel.cells()];
    (cells, vec![false; panel.subjects().len()])
}

/// The columns of what is counted.
fn told(
    name: &Key,
    mut cells: Vec<DutyCell>,
    concerned: &[bool],
) -> Result<Vec<Column>, DutyError> {
    for (index, cell) in cells.iter_mut().enumerate() {
        cell.concerned = concerned.get(index % concerned.len().max(1)) == Some(&true);
    }
    let named = ColumnBuilder::new(name, &cells);
    let count =
        |what: &str, of: fn(&DutyCell) -> i64| named.counts(what, |cell| cell.told().map(of));
    let rate = |what: &str, top: fn(&DutyCounts) -> i64| {
        named.shares(what, |cell| {
            let counts = cell.told()?.counts;
            due(top(&counts), counts.due(), counts.not_yet_due)
        })
    };
    Ok(vec![
        count("due", |cell| cell.counts.due())?,
        count("on_time", |cell| cell.counts.on_time)?,
        count("late", |cell| cell.counts.late)?.better(Direction::Smaller),
        count("missing", |cell| cell.counts.missing)?.better(Direction::Smaller),
        count("excused", |cell| cell.counts.excused)?.better(Direction::Neutral),
        count("first_missing", |cell| cell.first_missing)?.better(Direction::Smaller),
        count("unasked", |cell| cell.unasked)?.better(Direction::Neutral),
        rate("punctuality", |counts| counts.on_time)?,
        rate("completeness", DutyCounts::handed_in)?,
        named
            .quotients("days_late", Unit::Day, Ratio::ONE, |cell| {
                let counts = cell.told()?.counts;
                Ok((counts.days_late, counts.late))
            })?
            .better(Direction::Smaller),
    ])
}

#[derive(Debug, Clone, Copy, Default)]
struct DutyCell {
    counts: DutyCounts,
    first_missing: i64,
    unasked: i64,
    concerned: bool,
}

impl DutyCell {
    fn told(&self) -> Result<&Self, Reason> {
        if self.concerned {
            Ok(self)
        } else {
            Err(Reason::NotApplicable)
        }
    }
}

/// Returns the parts of a rate of what is due; not yet due where nothing is but something will be.
pub(super) fn due(top: i64, bottom: i64, to_come: i64) -> Parts {
    if bottom == 0 && to_come > 0 {
        Err(Reason::NotYetDue)
    } else {
        Ok((top, bottom))
    }
}
