//! What replayed instances add to a panel of posts, departments or people.

use super::ProcessError;
use super::instance::{InstanceReport, StepReport, StepState};
use super::workflow::{StepDef, Workflow};
use crate::key::Key;
use crate::measure::{Direction, Unit};
use crate::panel::{Column, ColumnKey, Panel, Role};
use crate::quantity::{Quantum, Ratio};

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
    fn of<'a>(self, step: &'a StepDef, report: &'a StepReport) -> Option<&'a Key> {
        match self {
            Self::Owner => step.owner.as_ref(),
            Self::Lead => step.lead.as_ref(),
            Self::Person => report.person.as_ref(),
        }
    }
}

#[derive(Default, Clone, Copy)]
struct Cell {
    done: i64,
    in_time: i64,
    responses: i64,
    response: i64,
    cycles: i64,
    cycle: i64,
}

impl Workflow {
    /// Returns columns for a panel whose subjects are posts, departments or people, from the steps that are done:
    ///
    /// `<name>.steps` (done), `<name>.in_time` (the share of these that were done by their due time),
    /// `<name>.response_minutes` (mean working minutes from ready to begun, where the beginning was recorded) and
    /// `<name>.cycle_minutes` (mean working minutes from ready to done).
    ///
    /// A step belongs to the period of the day on which it was done.
    ///
    /// # Errors
    /// [`ProcessError::Key`], [`ProcessError::Panel`].
    pub fn columns(
        &self,
        name: &Key,
        reports: &[InstanceReport],
        counted_to: CountedTo,
        panel: &Panel,
    ) -> Result<Vec<Column>, ProcessError> {
        let mut cells = vec![Cell::default(); panel.cells()];
        for report in reports {
            for (found, step) in report.steps.iter().zip(self.steps()) {
                let done = found.completed.filter(|_| found.state == StepState::Done);
                let Some((day, subject)) = done.zip(counted_to.of(step, found)) else {
                    continue;
                };
                let subject = panel.subjects().position(std::slice::from_ref(subject));
                let period = panel.periods().position(day.date());
                let cell = subject
                    .zip(period)
                    .and_then(|(subject, period)| panel.cell(subject, period).ok());
                let Some(cell) = cell.and_then(|cell| cells.get_mut(cell)) else {
                    continue;
                };
                cell.done += 1;
                cell.in_time += i64::from(found.late.is_none_or(|late| late == 0));
                if let Some(response) = found.response {
                    cell.responses += 1;
                    cell.response = cell.response.saturating_add(response);
                }
                if let Some(cycle) = found.cycle {
                    cell.cycles += 1;
                    cell.cycle = cell.cycle.saturating_add(cycle);
                }
            }
        }
        let key = |what: &str| {
            let metric = Key::new(format!("{name}.{what}"))?;
            Ok::<_, ProcessError>(ColumnKey {
                metric,
                role: Role::Actual,
            })
        };
        let all = |of: fn(&Cell) -> i64| cells.iter().map(of).collect::<Vec<i64>>();
        // Microseconds over steps, told in minutes.
        let scale = Ratio::new(1, 60_000_000)?;
        let done = Column::amounts(
            key("steps")?,
            Unit::Count(name.clone()),
            Quantum::ONE,
            all(|cell| cell.done),
        );
        let in_time = Column::quotients(
            key("in_time")?,
            Unit::Share,
            Ratio::ONE,
            all(|cell| cell.in_time),
            all(|cell| cell.done),
        )?;
        let response = Column::quotients(
            key("response_minutes")?,
            Unit::Minute,
            scale,
            all(|cell| cell.response),
            all(|cell| cell.responses),
        )?;
        let cycle = Column::quotients(
            key("cycle_minutes")?,
            Unit::Minute,
            scale,
            all(|cell| cell.cycle),
            all(|cell| cell.cycles),
        )?;
        Ok(vec![
            done,
            in_time,
            response.better(Direction::Smaller),
            cycle.better(Direction::Smaller),
        ])
    }
}
