//! What is open by the period in which it should close, and how it covers what is missing of a target, as columns of a panel.

use chrono::NaiveDate;

use super::columns::{cell_of, small};
use super::error::FunnelError;
use super::funnel::StageId;
use super::pipeline::Pipeline;
use super::value::Chances;
use crate::calendar::{DayRange, PeriodId};
use crate::key::Key;
use crate::measure::{Direction, Unit};
use crate::panel::{
    Column, ColumnBuilder, ColumnKey, Columns, Panel, Reason, Role, RollUp, Told, parts,
};
use crate::quantity::{Quantum, Ratio, Rounding, divide};

impl Pipeline<'_> {
    /// Gives what is open by the period in which it should close, in two views.
    ///
    /// As its owner expects it: `<name>.closing` (how many), `<name>.closing_value` and `<name>.closing_weighted` (by
    /// `chances`). As the stages usually last, by [`Pipeline::expected_close`]: `<name>.expected` (how many) and
    /// `<name>.expected_value` (by `chances`). Values are in `unit`; weighted ones are rounded once, half away from zero, and leave out what has no
    /// chance.
    ///
    /// Each opportunity counts once in each view, to whom its owner rolls up on that day. What its owner expected to close
    /// in a period that has ended is in none ([`Pipeline::columns`] tell it as slipped); by the usual days nothing closes
    /// before the pipeline's day, and what has no usual days is left out. A period that has ended is not applicable. Owners
    /// as in [`Pipeline::columns`].
    ///
    /// # Errors
    /// [`FunnelError::Key`], [`FunnelError::Panel`].
    pub fn closing_columns(
        &self,
        name: &Key,
        unit: &Unit,
        quantum: Quantum,
        chances: &Chances,
        to: RollUp<'_>,
    ) -> impl Columns<Error = FunnelError> {
        move |panel: &Panel| -> Result<Vec<Column>, FunnelError> {
            let usual = self.usual_days();
            let mut cells = vec![Both::default(); panel.cells()];
            for (opportunity, journey, stage) in self.open() {
                let at = |day: Option<NaiveDate>| {
                    let row = to.row(panel, opportunity.owner.as_ref(), day?)?;
                    let period = panel.periods().on(day?)?;
                    panel.cell(row, period).ok()
                };
                let owners = at(opportunity.closes);
                let usually = at(self.expected_close(journey, &usual));
                if let Some(cell) = owners.and_then(|at| cells.get_mut(at)) {
                    cell.owners.add(stage, opportunity.value, chances);
                }
                if let Some(cell) = usually.and_then(|at| cells.get_mut(at)) {
                    cell.usually.add(stage, opportunity.value, chances);
                }
            }
            let subjects = panel.subjects().len().max(1);
            for (at, cell) in cells.iter_mut().enumerate() {
                let days = panel.periods().range(PeriodId::at(at / subjects));
                cell.to_come = days.is_some_and(|days| days.end() > self.as_of());
            }
            let named = ColumnBuilder::new(name, &cells);
            let count = |what: &str, of: fn(&Both) -> i64| {
                let column = named.counts(what, |cell| cell.told(Ok(of(cell))));
                column.map(|column| column.better(Direction::Neutral))
            };
            let value = |what: &str, of: fn(&Both) -> Told| {
                named.amounts(what, unit.clone(), quantum, |cell| cell.told(of(cell)))
            };
            Ok(vec![
                count("closing", |cell| cell.owners.count)?,
                value("closing_value", |cell| small(cell.owners.value))?,
                value("closing_weighted", |cell| cell.owners.weighted())?,
                count("expected", |cell| cell.usually.count)?,
                value("expected_value", |cell| cell.usually.weighted())?,
            ])
        }
    }

    /// Gives `<name>.coverage`: how often the value that is open and expected by its owner to close within the period
    /// covers what is still missing of the period's target of `metric`, for a panel that has both columns: of single owners, or
    /// of what they roll up to on the day on which each opportunity is expected to close.
    ///
    /// A period that has ended is not applicable; one of which nothing is missing any more has no base. Where nothing
    /// was recorded of a period that has not begun, all of its target is missing.
    ///
    /// # Errors
    /// [`FunnelError::Key`], [`FunnelError::Panel`] for an unknown column, [`FunnelError::Quanta`] for columns that are not
    /// counted in `quantum`.
    pub fn coverage_columns(
        &self,
        name: &Key,
        metric: &Key,
        quantum: Quantum,
        to: RollUp<'_>,
    ) -> impl Columns<Error = FunnelError> {
        move |panel: &Panel| -> Result<Vec<Column>, FunnelError> {
            let actual = ColumnKey::actual(metric.as_str())?;
            let target = units(panel, &actual.with(Role::Target), quantum)?;
            let actual = units(panel, &actual, quantum)?;
            let mut closing = vec![0_i128; panel.cells()];
            for (opportunity, _, _) in self.open() {
                let cell = opportunity.closes.and_then(|day| {
                    let period = panel.periods().on(day)?;
                    let row = to.row(panel, opportunity.owner.as_ref(), day)?;
                    cell_of(panel, row, period, &mut closing)
                });
                if let Some(cell) = cell {
                    *cell += i128::from(opportunity.value);
                }
            }
            let subjects = panel.subjects().len().max(1);
            let phases: Vec<Option<DayRange>> = panel
                .periods()
                .ids()
                .map(|period| panel.periods().range(period))
                .collect();
            let cells: Vec<Result<(i64, i64), Reason>> = (0..panel.cells())
                .map(|cell| {
                    let days = phases
                        .get(cell / subjects)
                        .copied()
                        .flatten()
                        .ok_or(Reason::NotApplicable)?;
                    if days.end() <= self.as_of() {
                        return Err(Reason::NotApplicable);
                    }
                    let target = i128::from(told(&target, cell)?);
                    let reached = match told(&actual, cell) {
                        Ok(reached) => i128::from(reached),
                        Err(Reason::NotYetDue | Reason::NothingRecorded)
                            if days.start() > self.as_of() =>
                        {
                            0
                        }
                        Err(state) => return Err(state),
                    };
                    if target <= reached {
                        return Err(Reason::NoBase);
                    }
                    let closing = closing.get(cell).copied().unwrap_or(0);
                    parts(closing, target - reached)
                })
                .collect();
            Ok(vec![
                ColumnBuilder::new(name, &cells).shares("coverage", |cell| *cell)?,
            ])
        }
    }
}

/// What should close in a period, as owners expect it and as stages usually last.
#[derive(Debug, Clone, Copy, Default)]
struct Both {
    owners: Closing,
    usually: Closing,
    /// Whether the period has days left.
    to_come: bool,
}

impl Both {
    fn told(&self, told: Told) -> Told {
        if self.to_come {
            told
        } else {
            Err(Reason::NotApplicable)
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Closing {
    count: i64,
    value: i128,
    /// The value by its chances, unless it leaves its range.
    weighted: Option<Ratio>,
}

impl Default for Closing {
    fn default() -> Self {
        Self {
            count: 0,
            value: 0,
            weighted: Some(Ratio::ZERO),
        }
    }
}

impl Closing {
    fn add(&mut self, stage: StageId, value: i64, chances: &Chances) {
        self.count += 1;
        self.value += i128::from(value);
        if let Some(chance) = chances.of(stage) {
            let own = chance.checked_mul(Ratio::from(value)).ok();
            let both = self.weighted.zip(own);
            self.weighted = both.and_then(|(sum, own)| sum.checked_add(own).ok());
        }
    }

    fn weighted(&self) -> Told {
        let exact = self.weighted.ok_or(Reason::OutOfRange)?;
        let rounding = Rounding::HalfAwayFromZero;
        divide(exact.numerator(), exact.denominator(), rounding)
            .map_or(Err(Reason::OutOfRange), small)
    }
}

/// Returns the amounts of a column, or why there are none.
fn units(panel: &Panel, key: &ColumnKey, wanted: Quantum) -> Result<Vec<Told>, FunnelError> {
    let column = panel.column(key)?;
    match column.told() {
        Some((quantum, told)) if quantum == wanted => Ok(told),
        _ => Err(FunnelError::Quanta {
            quantum: wanted,
            column: key.clone(),
        }),
    }
}

fn told(cells: &[Told], cell: usize) -> Told {
    cells
        .get(cell)
        .copied()
        .unwrap_or(Err(Reason::NotApplicable))
}
