//! One metric of a panel as seen on a day: readings, and the columns that others judge.

use chrono::NaiveDate;

use super::reading::{Cell, Exact, Facts, Parts, fit};
use super::{
    Approach, BestRate, Pace, PaceError, Pacing, Phase, Progress, Projection, Today, Trajectory,
};
use crate::calendar::PeriodId;
use crate::calendar::{DayRange, parent_map};
use crate::key::{Key, Known};
use crate::measure::{Direction, Unit};
use crate::panel::{Column, ColumnKey, Figures, Panel, PanelError, Reason, Role, different_rows};
use crate::quantity::{Quantum, Ratio};
use crate::space::RowId;

const GAP: &str = "pace_gap";
const ATTAINMENT: &str = "pace_attainment";
const NEEDED: &str = "needed_per_day";
const SHORTFALL: &str = "sure_shortfall";

/// What a pace of an amount says of it beside what is expected and projected.
pub(crate) const BESIDE: [&str; 4] = [GAP, ATTAINMENT, NEEDED, SHORTFALL];

/// The targets and figures of one metric of a panel, as seen on a day.
#[derive(Debug, Clone)]
pub struct PaceView<'a> {
    pace: &'a Pace,
    panel: &'a Panel,
    end: NaiveDate,
    target: &'a Column,
    actual: &'a Column,
    /// The latest days' column, or the earlier period's two, where the projection needs them.
    others: Vec<&'a Column>,
    /// How far each period has come; its weights are empty for a cascaded pacing.
    progress: Vec<Progress>,
    /// How much the latest days count, where the projection needs them.
    latest_weight: Ratio,
    /// The best rate of each subject.
    best: Vec<Option<Ratio>>,
    /// What the cascaded targets say should have been reached: one for each cell.
    cascaded: Option<Vec<Exact>>,
}

impl<'a> PaceView<'a> {
    pub(super) fn new(
        pace: &'a Pace,
        panel: &'a Panel,
        as_of: NaiveDate,
    ) -> Result<Self, PaceError> {
        let end = match pace.today {
            Today::Passed => as_of.succ_opt().unwrap_or(as_of),
            Today::Ahead => as_of,
        };
        let key = ColumnKey {
            metric: pace.metric.clone(),
            role: Role::Target,
        };
        let target = panel.column(&key)?;
        let actual = panel.column(&key.with(Role::Actual))?;
        let mut others = Vec::new();
        let mut latest_weight = Ratio::ZERO;
        match &pace.projection {
            Projection::RunRate | Projection::RestAsPlanned | Projection::Blend { .. } => {}
            Projection::Recent { latest, days } => {
                others.push(panel.column(latest)?);
                let start = end.checked_sub_days(chrono::Days::new(u64::from(*days)));
                let start = start.ok_or(PaceError::WindowTooLong { days: *days })?;
                latest_weight = pace.pacing.days().weight(DayRange::new(start, end)?)?;
            }
            Projection::Growth { to_date, whole } => {
                others.push(panel.column(to_date)?);
                others.push(panel.column(whole)?);
            }
        }
        for other in [actual].into_iter().chain(others.iter().copied()) {
            same_kind(target, other)?;
        }
        if matches!(target.figures(), Figures::Quotients { .. }) && pace.approach != Approach::Holds
        {
            return Err(PaceError::NeedsAmounts { column: key });
        }
        let mut view = Self {
            pace,
            panel,
            end,
            target,
            actual,
            others,
            progress: Vec::with_capacity(panel.periods().len()),
            latest_weight,
            best: Vec::new(),
            cascaded: None,
        };
        for period in panel.periods() {
            let range = DayRange::new(period.start, period.end)?;
            let progress = match pace.pacing {
                Pacing::Cascaded(ref days) => Pacing::Even(days.clone()).progress(range, end)?,
                ref pacing => pacing.progress(range, end)?,
            };
            view.progress.push(progress);
        }
        view.best = view.best_rates();
        Ok(view)
    }

    /// Returns the view with the targets of a finer panel, which say how the targets are to be reached.
    ///
    /// Rows meet by their members, so that a plan's panel, which knows those who are planned for, stands beside one of everybody.
    /// Periods of the finer panel lie within those of the panel, and for every subject and period with a target its targets add up to
    /// the panel's. A finer period that is running counts by its days.
    ///
    /// # Errors
    /// [`PaceError::Panel`] for rows of other axes, and for targets in rows that the panel does not have; [`PaceError::Calendar`] when periods do not lie within one, [`PaceError::Axis`],
    /// [`PaceError::CascadeSum`] naming the first cell that does not add up.
    pub fn with_cascade(mut self, finer: &Panel) -> Result<Self, PaceError> {
        let rows = self.panel.subjects();
        if finer.subjects().axes() != rows.axes() {
            return Err(different_rows(rows, finer.subjects()).into());
        }
        let column = finer.column(self.target.key())?;
        same_kind(self.target, column)?;
        let Figures::Amounts { units, quantum } = column.figures() else {
            return Err(PaceError::NeedsAmounts {
                column: column.key().clone(),
            });
        };
        let parents = parent_map(finer.periods(), self.panel.periods())?;
        let subjects = finer.subjects().len();
        let known: Vec<Option<RowId>> = finer
            .subjects()
            .ids()
            .map(|row| rows.find(finer.subjects().members(row)))
            .collect();
        let is_left_out = |row: &RowId| {
            let mut cells = (row.index()..column.len()).step_by(subjects.max(1));
            known[row.index()].is_none() && cells.any(|cell| column.reasons()[cell].is_none())
        };
        let mut left_out = finer.subjects().ids().filter(is_left_out).peekable();
        if left_out.peek().is_some() {
            let error = PanelError::RowsLeftOut {
                rows: Known::new(left_out.map(|row| finer.subjects().label(row))),
                column: column.key().clone(),
            };
            return Err(error.into());
        }
        let mut sums = vec![Err(Reason::NotApplicable); self.panel.cells()];
        for row in known.iter().flatten() {
            for cell in (row.index()..sums.len()).step_by(rows.len().max(1)) {
                sums[cell] = Ok(0_i64);
            }
        }
        let mut passed = vec![Ok(Ratio::ZERO); self.panel.cells()];
        for (finer_period, parent) in finer.periods().iter().zip(parents) {
            let days = DayRange::new(finer_period.start, finer_period.end)?;
            let progress =
                Pacing::Even(self.pace.pacing.days().clone()).progress(days, self.end)?;
            let met = known.iter().enumerate();
            for (subject, row) in met.filter_map(|(subject, row)| Some((subject, (*row)?))) {
                let from = finer_period.id.index() * subjects + subject;
                let to = parent.index() * rows.len() + row.index();
                let target = match column.reasons()[from] {
                    None => Ok(units[from]),
                    Some(reason) => Err(reason),
                };
                let reached = target.and_then(|target| reached(target, progress));
                add(&mut sums[to], target, i64::checked_add);
                add(&mut passed[to], reached, |sum, part| {
                    sum.checked_add(part).ok()
                });
            }
        }
        for (cell, sum) in sums.iter().enumerate() {
            let (wanted, found) = (amount(self.target, cell), *sum);
            if wanted.is_ok() && wanted != found {
                return Err(self.cascade_sum(cell, wanted, found, *quantum));
            }
        }
        self.cascaded = Some(passed);
        Ok(self)
    }

    fn cascade_sum(&self, cell: usize, wanted: Cell, found: Cell, quantum: Quantum) -> PaceError {
        let subjects = self.panel.subjects();
        let (period, subject) = (cell / subjects.len().max(1), cell % subjects.len().max(1));
        let show = |cell: Cell| cell.ok().map(|units| quantum.quantity(units));
        PaceError::CascadeSum {
            subject: subjects.label(RowId::at(subject)),
            period: self.panel.periods().label(PeriodId::at(period)).cloned(),
            target: show(wanted),
            cascaded: show(found),
        }
    }

    /// Returns the pace that is applied.
    #[must_use]
    pub fn pace(&self) -> &'a Pace {
        self.pace
    }

    /// Returns the panel to which it is applied.
    #[must_use]
    pub fn panel(&self) -> &'a Panel {
        self.panel
    }

    /// Returns which way is good: that of the targets.
    #[must_use]
    pub fn direction(&self) -> Direction {
        self.target.direction()
    }

    /// Returns how far a period has come; `None` for a period of another panel.
    #[must_use]
    pub fn progress(&self, period: PeriodId) -> Option<Progress> {
        self.progress.get(period.index()).copied()
    }

    /// Returns what the pace says of one target.
    ///
    /// # Errors
    /// [`PaceError::Panel`] outside the panel, [`PaceError::NoCascade`] when a cascaded pacing has no cascade,
    /// [`PaceError::NeedsAmounts`] for quotients.
    pub fn reading(&self, subject: RowId, period: PeriodId) -> Result<Trajectory, PaceError> {
        let cell = self.panel.cell(subject, period)?;
        self.check_cascade()?;
        Ok(Trajectory::of(&self.facts(cell, self.quantum()?)))
    }

    /// Returns what the pace adds to the panel ([`PaceColumns`](super::PaceColumns)).
    pub(super) fn told(&self) -> Result<Vec<Column>, PaceError> {
        self.check_cascade()?;
        let Ok(quantum) = self.quantum() else {
            return self.held_columns();
        };
        let cells = self.panel.cells();
        let facts = || (0..cells).map(|cell| self.facts(cell, quantum));
        let expected = self.target.key().with(Role::Expected);
        let projected = expected.with(Role::Projected);
        let amounts = |key, of: &dyn Fn(&Facts<'_>) -> Cell| {
            let found: Vec<Cell> = facts().map(|facts| of(&facts)).collect();
            let states: Vec<Option<Reason>> = found.iter().map(|cell| reason(*cell)).collect();
            let units = found.into_iter().map(|cell| cell.unwrap_or(0)).collect();
            let column = Column::amounts(key, self.target.unit().clone(), quantum, units);
            column.better(self.target.direction()).with_reasons(&states)
        };
        let exact = |key, of: &dyn Fn(&Facts<'_>) -> Exact| {
            let found: Vec<Parts> = facts().map(|facts| of(&facts).and_then(fit)).collect();
            let unit = self.target.unit().clone();
            let column = Column::fractions(key, unit, quantum.ratio(), &found);
            column.better(self.target.direction())
        };
        let quotients = |key, unit, scale, of: &dyn Fn(&Facts<'_>) -> Parts| {
            let found: Vec<_> = facts().map(|facts| of(&facts)).collect();
            let states: Vec<Option<Reason>> = found.iter().map(|cell| reason(*cell)).collect();
            // Nothing over one stands where the state says that there is no value.
            let (tops, bottoms) = found.into_iter().map(|cell| cell.unwrap_or((0, 1))).unzip();
            let column = Column::quotients(key, unit, scale, tops, bottoms)?;
            column.better(self.target.direction()).with_reasons(&states)
        };
        let attainment = self.beside(ATTAINMENT)?;
        let common = common_denominator(facts().map(|facts| facts.expected()));
        let needed = self.beside(NEEDED)?;
        let per_day = self.target.unit().clone().per(Unit::Day);
        Ok(vec![
            exact(expected, &|facts| facts.expected()),
            exact(projected, &|facts| facts.projected()),
            exact(self.beside(GAP)?, &|facts| facts.gap()),
            quotients(attainment, Unit::Share, Ratio::ONE, &|facts| {
                facts.attainment_parts(common)
            })?,
            quotients(needed, per_day, quantum.ratio(), &|facts| {
                facts.needed_per_day()
            })?
            .better(Direction::Neutral),
            amounts(self.beside(SHORTFALL)?, &|facts| facts.sure_shortfall())?
                .better(Direction::Smaller),
        ])
    }

    fn held_columns(&self) -> Result<Vec<Column>, PaceError> {
        let states: Vec<Option<Reason>> = (0..self.panel.cells())
            .map(
                |cell| match self.progress[cell / self.panel.subjects().len().max(1)].phase {
                    Phase::NotBegun => Some(Reason::NotYetDue),
                    Phase::Running | Phase::Ended => None,
                },
            )
            .collect();
        let expected = self.target.key().with(Role::Expected);
        let projected = expected.with(Role::Projected);
        Ok(vec![
            self.target.clone().named(expected).with_reasons(&states)?,
            self.actual.clone().named(projected).with_reasons(&states)?,
        ])
    }

    /// Returns the key of the targets.
    pub(super) fn target_key(&self) -> ColumnKey {
        self.target.key().clone()
    }

    /// Returns the quantum of the targets, which have to be amounts, of a view that can be read.
    pub(super) fn amounts_of(&self) -> Result<Quantum, PaceError> {
        self.check_cascade()?;
        self.quantum()
    }

    /// Returns the best rate of a row, in quanta for a day that counts one.
    pub(super) fn best_rate(&self, subject: RowId) -> Option<Ratio> {
        self.best.get(subject.index()).copied().flatten()
    }

    fn beside(&self, what: &str) -> Result<ColumnKey, PaceError> {
        let metric = Key::new(format!("{}.{what}", self.pace.metric))?;
        Ok(ColumnKey {
            metric,
            role: Role::Actual,
        })
    }

    fn check_cascade(&self) -> Result<(), PaceError> {
        match (&self.pace.pacing, &self.cascaded) {
            (Pacing::Cascaded(_), None) => Err(PaceError::NoCascade),
            _ => Ok(()),
        }
    }

    fn quantum(&self) -> Result<Quantum, PaceError> {
        match self.target.figures() {
            Figures::Amounts { quantum, .. } => Ok(*quantum),
            Figures::Quotients { .. } => Err(PaceError::NeedsAmounts {
                column: self.target.key().clone(),
            }),
        }
    }

    fn facts(&self, cell: usize, quantum: Quantum) -> Facts<'_> {
        let subjects = self.panel.subjects().len().max(1);
        let (period, subject) = (cell / subjects, cell % subjects);
        let other = |index: usize| match self.others.get(index) {
            Some(column) => amount(column, cell),
            None => Err(Reason::NothingRecorded),
        };
        Facts {
            quantum,
            direction: self.target.direction(),
            approach: self.pace.approach,
            rounding: self.pace.rounding,
            projection: &self.pace.projection,
            progress: self.progress[period],
            target: amount(self.target, cell),
            actual: amount(self.actual, cell),
            opening: match period {
                0 => Err(Reason::NothingRecorded),
                _ => amount(self.actual, cell - subjects),
            },
            cascaded: match &self.pace.pacing {
                Pacing::Cascaded(_) => self.cascaded.as_ref().map(|cells| cells[cell]),
                _ => None,
            },
            latest: (other(0), self.latest_weight),
            earlier: (other(0), other(1)),
            best: self.best.get(subject).copied().flatten(),
        }
    }

    fn best_rates(&self) -> Vec<Option<Ratio>> {
        let subjects = self.panel.subjects().len();
        let Ok(quantum) = self.quantum() else {
            return vec![None; subjects];
        };
        match self.pace.best {
            BestRate::Unknown => vec![None; subjects],
            BestRate::PerDay(rate) => vec![rate.checked_div(quantum.ratio()).ok(); subjects],
            BestRate::ClosedPeriods => {
                let mut best: Vec<Option<Ratio>> = vec![None; subjects];
                for (period, progress) in self.progress.iter().enumerate() {
                    if progress.phase != Phase::Ended {
                        continue;
                    }
                    for (subject, best) in best.iter_mut().enumerate() {
                        let Ok(units) = amount(self.actual, period * subjects + subject) else {
                            continue;
                        };
                        // A period without a day that counts says nothing of a rate.
                        let rate = Ratio::from(units).checked_div(progress.days_elapsed).ok();
                        *best = (*best).max(rate);
                    }
                }
                best
            }
        }
    }
}

fn same_kind(first: &Column, other: &Column) -> Result<(), PaceError> {
    let amounts = |column: &Column| match column.figures() {
        Figures::Amounts { quantum, .. } => Some(*quantum),
        Figures::Quotients { .. } => None,
    };
    if first.unit() != other.unit() || amounts(first) != amounts(other) {
        return Err(PaceError::Axis {
            first: first.key().clone(),
            first_unit: first.unit().clone(),
            other: other.key().clone(),
            other_unit: other.unit().clone(),
        });
    }
    Ok(())
}

fn amount(column: &Column, cell: usize) -> Cell {
    match (column.reasons().get(cell), column.figures()) {
        (Some(None), Figures::Amounts { units, .. }) => Ok(units[cell]),
        (Some(None), Figures::Quotients { .. }) | (None, _) => Err(Reason::NotApplicable),
        (Some(Some(reason)), _) => Err(*reason),
    }
}

fn reason(cell: Result<impl Sized, Reason>) -> Option<Reason> {
    cell.err()
}

fn add<T: Copy>(sum: &mut Result<T, Reason>, part: Result<T, Reason>, plus: fn(T, T) -> Option<T>) {
    *sum = match (*sum, part) {
        (Ok(sum), Ok(part)) => plus(sum, part).ok_or(Reason::OutOfRange),
        (Err(state), _) | (Ok(_), Err(state)) => Err(state),
    };
}

/// Returns what should have been reached of a finer period's target.
fn reached(target: i64, progress: Progress) -> Exact {
    match (progress.phase, progress.share()) {
        (Phase::NotBegun, _) => Ok(Ratio::ZERO),
        (Phase::Ended, _) => Ok(Ratio::from(target)),
        (Phase::Running, None) if target == 0 => Ok(Ratio::ZERO),
        (Phase::Running, None) => Err(Reason::NoBase),
        (Phase::Running, Some(share)) => share
            .checked_mul(Ratio::from(target))
            .map_err(|_| Reason::OutOfRange),
    }
}

/// Returns the least common denominator of some numbers, where it is of a size to count in.
fn common_denominator(values: impl Iterator<Item = Exact>) -> Option<i128> {
    const FINEST: i128 = 1_000_000_000;
    values.flatten().try_fold(1_i128, |common, value| {
        let rest = Ratio::new(common, value.denominator()).ok()?.denominator();
        common.checked_mul(rest).filter(|common| *common <= FINEST)
    })
}

impl Pace {
    /// Returns the panel's targets and figures of the metric as seen on the as-of day.
    ///
    /// # Errors
    /// [`PaceError::Panel`] when a column is missing, [`PaceError::Axis`] when two columns do not go together,
    /// [`PaceError::NeedsAmounts`] for quotients that should add up or glide, and what [`Pacing::progress`] says.
    pub fn view<'a>(
        &'a self,
        panel: &'a Panel,
        as_of: NaiveDate,
    ) -> Result<PaceView<'a>, PaceError> {
        PaceView::new(self, panel, as_of)
    }
}
