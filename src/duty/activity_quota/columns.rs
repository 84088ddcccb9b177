//! What an activity quota adds to a panel.

use chrono::NaiveDate;

use super::{PersonQuota, QuotaReport};
use crate::calendar::{DayRange, PeriodId};
use crate::duty::error::DutyError;
use crate::duty::quota::{QuotaLine, QuotaStanding};
use crate::key::Key;
use crate::measure::Direction;
use crate::panel::RollUp;
use crate::panel::{Column, ColumnBuilder, Columns, Panel, Reason, Role, Told};

impl QuotaReport {
    /// Returns the last day of a period.
    pub(in crate::duty) fn last_day(&self, one: &PersonQuota) -> Option<NaiveDate> {
        let period = self.periods.find(one.period.as_str())?;
        self.periods.range(period)?.end().pred_opt()
    }

    /// Gives for each count of the quota `<name>.reached.<count>` (so far), `target:<name>.reached.<count>` (the floors of
    /// those whom the quota concerns), `<name>.to_floor.<count>` and `<name>.to_stretch.<count>` (what is missing, person by
    /// person, so that one's surplus does not fill another's gap); and `<name>.met` and `<name>.stretched` (of the persons
    /// of ended periods, those who reached every floor, every stretch).
    ///
    /// Whom the quota does not concern is not applicable; a period that has not begun is not yet due, and whether a quota
    /// is met is not while its period runs. A person counts to a subject as of the last day of the period.
    ///
    /// # Errors
    /// [`DutyError::Key`], [`DutyError::Panel`] also for a panel with other periods.
    pub fn columns(&self, name: &Key, to: RollUp<'_>) -> impl Columns<Error = DutyError> {
        move |panel: &Panel| -> Result<Vec<Column>, DutyError> {
            if *panel.periods() != self.periods {
                return Err(DutyError::Panel(crate::panel::different_periods(
                    &self.periods,
                    panel.periods(),
                )));
            }
            let mut cells = vec![QuotaCell::default(); panel.cells()];
            for one in &self.persons {
                let last = self.last_day(one).map(|day| day.min(self.as_of));
                let row = last.and_then(|last| to.row(panel, Some(&one.person), last));
                let cell = row.and_then(|row| {
                    let period = self.periods.find(one.period.as_str())?;
                    panel.cell(row, period).ok()
                });
                let Some(cell) = cell.and_then(|cell| cells.get_mut(cell)) else {
                    continue;
                };
                cell.begun = true;
                cell.ended += i64::from(one.ended);
                cell.met += i64::from(one.ended && one.meets(QuotaStanding::Floor));
                cell.stretched += i64::from(one.ended && one.meets(QuotaStanding::Stretch));
                cell.lines.resize(one.lines.len(), ContactCounts::default());
                for (sum, told) in cell.lines.iter_mut().zip(&one.lines) {
                    sum.add(&told.line);
                }
            }
            let subjects = panel.subjects().len().max(1);
            for (at, cell) in cells.iter_mut().enumerate() {
                let start = panel
                    .periods()
                    .range(PeriodId::at(at / subjects))
                    .map(DayRange::start);
                cell.to_come = start.is_some_and(|start| start > self.as_of);
            }
            let named = ColumnBuilder::new(name, &cells);
            let mut columns = Vec::new();
            for (at, counts) in self.counts.iter().enumerate() {
                let told = |what: &str, of: fn(&ContactCounts) -> u64| {
                    let what = format!("{what}.{counts}");
                    named.counts(&what, |cell| cell.told(at, of))
                };
                columns.push(told("reached", |counts| counts.reached)?);
                let floor = told("reached", |counts| counts.floor)?;
                let key = floor.key().with(Role::Target);
                columns.push(floor.named(key));
                let missing = told("to_floor", |counts| counts.to_floor)?;
                columns.push(missing.better(Direction::Smaller));
                let missing = told("to_stretch", |counts| counts.to_stretch)?;
                columns.push(missing.better(Direction::Smaller));
            }
            let share = |what: &str, of: fn(&QuotaCell) -> i64| {
                named.shares(what, |cell| match cell.reason() {
                    None if cell.ended == 0 => Err(Reason::NotYetDue),
                    None => Ok((of(cell), cell.ended)),
                    Some(reason) => Err(reason),
                })
            };
            columns.push(share("met", |cell| cell.met)?);
            columns.push(share("stretched", |cell| cell.stretched)?);
            Ok(columns)
        }
    }
}

#[derive(Debug, Clone, Copy, Default)]
struct ContactCounts {
    reached: u64,
    floor: u64,
    to_floor: u64,
    to_stretch: u64,
}

impl ContactCounts {
    fn add(&mut self, line: &QuotaLine) {
        self.reached = self.reached.saturating_add(line.reached);
        self.floor = self.floor.saturating_add(line.floor);
        self.to_floor = self.to_floor.saturating_add(line.missing_to_floor);
        self.to_stretch = self.to_stretch.saturating_add(line.missing_to_stretch);
    }
}

#[derive(Debug, Clone, Default)]
struct QuotaCell {
    begun: bool,
    to_come: bool,
    ended: i64,
    met: i64,
    stretched: i64,
    lines: Vec<ContactCounts>,
}

impl QuotaCell {
    fn reason(&self) -> Option<Reason> {
        match (self.begun, self.to_come) {
            (true, _) => None,
            (false, true) => Some(Reason::NotYetDue),
            (false, false) => Some(Reason::NotApplicable),
        }
    }

    fn told(&self, at: usize, of: fn(&ContactCounts) -> u64) -> Told {
        match self.reason() {
            None => {
                let count = self.lines.get(at).map_or(0, of);
                i64::try_from(count).map_err(|_| Reason::OutOfRange)
            }
            Some(reason) => Err(reason),
        }
    }
}
