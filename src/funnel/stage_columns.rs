//! Conversion between stages and durations of stages as columns of a panel. `panel` lists the columns of all rooms in one table.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::error::FunnelError;
use super::funnel::{StageId, StageKind};
use super::pipeline::{Pipeline, Reached, StageConversion};
use super::survival::Survival;
use crate::calendar::PeriodId;
use crate::key::Key;
use crate::measure::{Direction, Unit};
use crate::panel::{
    Column, ColumnBuilder, Columns, Panel, Parts, Reason, RollUp, Told, parts, ratio_parts,
};
use crate::quantity::{Quantile, Quantum, Ratio, Sample};

/// Two stages between which conversion is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StagePair {
    /// The stage from which it is told.
    pub from: Key,
    /// The stage to which.
    pub to: Key,
    /// When the second one counts as reached.
    #[serde(default)]
    pub reached: Reached,
}

impl StagePair {
    /// Returns the pair of these stages; passing over the second one counts as reaching it.
    #[must_use]
    pub fn new(from: Key, to: Key) -> Self {
        Self {
            from,
            to,
            reached: Reached::default(),
        }
    }
}

impl Pipeline<'_> {
    /// Gives the conversion between pairs of stages in both views, for each pair `<from>.<to>`.
    ///
    /// Of the cohort: `<name>.started.<from>.<to>` (entered the first stage for the first time in the period),
    /// `<name>.converted.<from>.<to>` (of these, those that have reached the second one since), `<name>.undecided.<from>.<to>` (of
    /// these, those that are open and not yet there) as counts, `<name>.cohort.<from>.<to>` (converted of started) and
    /// `<name>.decided.<from>.<to>` (converted of those that are decided) as shares. As [`Pipeline::cohort`].
    ///
    /// Of the period: `<name>.reached.<from>.<to>` (reached the second stage for the first time in the period) as a count and
    /// `<name>.flow.<from>.<to>` (reached in the period, for each that started in it) as a share that may exceed one. As
    /// [`Pipeline::period`].
    ///
    /// Each opportunity counts once in each of these, to whom its owner rolls up on the day on which it entered the stage: a
    /// team's conversion is what its people converted over what they started, never a mean of theirs. A share of nothing has
    /// no base. Periods that begin after the pipeline's day are not yet due. Owners as in [`Pipeline::columns`].
    ///
    /// # Errors
    /// [`FunnelError::UnknownStage`], [`FunnelError::Key`], [`FunnelError::Panel`].
    pub fn conversion_columns(
        &self,
        name: &Key,
        pairs: &[StagePair],
        to: RollUp<'_>,
    ) -> impl Columns<Error = FunnelError> {
        move |panel: &Panel| -> Result<Vec<Column>, FunnelError> {
            let mut columns = Vec::with_capacity(pairs.len() * 7);
            for pair in pairs {
                let first = self.funnel().require(pair.from.as_str())?;
                let second = self.funnel().require(pair.to.as_str())?;
                let cells = self.converted(first, second, pair.reached, to, panel);
                let named = ColumnBuilder::new(name, &cells);
                let count = |what: &str, of: fn(&ConversionCell) -> i64, better: Direction| {
                    let what = format!("{what}.{}.{}", pair.from, pair.to);
                    let column =
                        named.counts(&what, |cell| cell.as_ref().map(of).map_err(|state| *state));
                    column.map(|column| column.better(better))
                };
                let share = |what: &str, of: fn(&ConversionCell) -> (i64, i64)| {
                    let what = format!("{what}.{}.{}", pair.from, pair.to);
                    named.shares(&what, |cell| cell.as_ref().map(of).map_err(|state| *state))
                };
                columns.extend([
                    count("started", |cell| cell.cohort.base, Direction::Larger)?,
                    count("converted", |cell| cell.cohort.converted, Direction::Larger)?,
                    count(
                        "undecided",
                        |cell| cell.cohort.undecided,
                        Direction::Neutral,
                    )?,
                    share("cohort", |cell| (cell.cohort.converted, cell.cohort.base))?,
                    share("decided", |cell| {
                        let decided = cell.cohort.base - cell.cohort.undecided;
                        (cell.cohort.converted, decided)
                    })?,
                    count("reached", |cell| cell.reached, Direction::Larger)?,
                    share("flow", |cell| (cell.reached, cell.cohort.base))?,
                ]);
            }
            Ok(columns)
        }
    }

    fn converted(
        &self,
        from: StageId,
        wanted: StageId,
        reached: Reached,
        to: RollUp<'_>,
        panel: &Panel,
    ) -> Vec<Result<ConversionCell, Reason>> {
        let mut cells: Vec<Result<ConversionCell, Reason>> = begun(self.as_of(), panel);
        for (opportunity, journey) in self.ways() {
            let at = |day| {
                let row = to.row(panel, opportunity.owner.as_ref(), day)?;
                panel.cell(row, panel.periods().on(day)?).ok()
            };
            let started = journey.first_in(from).and_then(at);
            let found = self.conversion_of(journey, from, wanted, reached);
            if let Some((cell, one)) = known(&mut cells, started).zip(found) {
                cell.cohort.base += one.base;
                cell.cohort.converted += one.converted;
                cell.cohort.undecided += one.undecided;
            }
            let first = journey
                .visits
                .iter()
                .find(|visit| self.counts(visit.stage, wanted, reached));
            if let Some(cell) = known(&mut cells, first.and_then(|visit| at(visit.entered))) {
                cell.reached += 1;
            }
        }
        cells
    }

    /// Gives how long open stages last and what stands in them, for each open stage.
    ///
    /// Of the visits that were left in the period: `<name>.finished.<stage>` (how many), `<name>.days.<stage>` (their days
    /// together), `<name>.mean_days.<stage>` and `<name>.median_days.<stage>` (interpolated between the two in the middle). Of
    /// those that were begun in it: `<name>.entries.<stage>` and `<name>.re_entries.<stage>` (not for the first time).
    ///
    /// What stands at the end of the period, or as of the pipeline's day while it runs: `<name>.standing.<stage>` (how many),
    /// `<name>.age_days.<stage>` (their mean age in days since they entered the stage), `<name>.oldest_days.<stage>`, and
    /// `<name>.stuck.<stage>` (of these, longer than the norm of the stage; not applicable to a stage without one).
    ///
    /// `<name>.lasting_days.<stage>` is the median of Kaplan and Meier over all visits begun by then, those that still stood as
    /// lasting at least as long as they had: beside the plain median, which leaves them out and so is too short. It is not
    /// yet due while more than half was never seen to end.
    ///
    /// Each visit counts once, to whom its owner rolls up on the day on which it was begun, was left, or stood; a team's
    /// medians are those of all its visits. Means and medians of no visit at all are not recorded. Periods that begin
    /// after the pipeline's day are not yet due. Owners as in [`Pipeline::columns`].
    ///
    /// # Errors
    /// [`FunnelError::Key`], [`FunnelError::Panel`].
    pub fn stage_columns(&self, name: &Key, to: RollUp<'_>) -> impl Columns<Error = FunnelError> {
        move |panel: &Panel| -> Result<Vec<Column>, FunnelError> {
            let mut columns = Vec::new();
            for (stage, definition) in self.funnel().stage_ids().zip(self.funnel().stages()) {
                if definition.kind != StageKind::Open {
                    continue;
                }
                let cells = self.stayed(stage, to, panel);
                let norm = definition.norm_days.map(i64::from);
                columns.append(&mut tell(name, &definition.key, norm, &cells)?);
            }
            Ok(columns)
        }
    }

    fn stayed(
        &self,
        stage: StageId,
        to: RollUp<'_>,
        panel: &Panel,
    ) -> Vec<Result<StageCell, Reason>> {
        let mut cells: Vec<Result<StageCell, Reason>> = begun(self.as_of(), panel);
        let ends = ends(self.as_of(), panel);
        for (opportunity, journey) in self.ways() {
            let owner = opportunity.owner.as_ref();
            for visit in journey.visits.iter().filter(|visit| visit.stage == stage) {
                let at = |period, day| panel.cell(to.row(panel, owner, day)?, period).ok();
                let on = |day| at(panel.periods().on(day)?, day);
                if let Some(cell) = known(&mut cells, on(visit.entered)) {
                    cell.entries += 1;
                    cell.re_entries += i64::from(visit.again);
                }
                if let Some(cell) = known(&mut cells, visit.left.and_then(on)) {
                    cell.finished.push(visit.days(self.as_of()));
                }
                for (period, last) in ends.iter().enumerate() {
                    let Some(last) = last.filter(|last| visit.entered <= *last) else {
                        continue;
                    };
                    let left = visit.left.filter(|left| *left <= last);
                    let at = at(PeriodId::at(period), left.unwrap_or(last));
                    let Some(cell) = known(&mut cells, at) else {
                        continue;
                    };
                    match left {
                        Some(_) => cell.ended.push(visit.days(self.as_of())),
                        None => cell.open.push((last - visit.entered).num_days()),
                    }
                }
            }
        }
        cells
    }
}

#[derive(Debug, Clone, Copy, Default)]
struct ConversionCell {
    cohort: StageConversion,
    reached: i64,
}

#[derive(Debug, Clone, Default)]
struct StageCell {
    entries: i64,
    re_entries: i64,
    /// Days of the visits that were left in the period.
    finished: Vec<i64>,
    /// Days of all visits that were left by its end.
    ended: Vec<i64>,
    /// Days so far of those that stand at its end.
    open: Vec<i64>,
}

/// Returns an empty cell for every cell whose period has begun.
fn begun<T: Clone + Default>(as_of: NaiveDate, panel: &Panel) -> Vec<Result<T, Reason>> {
    let mut cells = vec![Err(Reason::NotYetDue); panel.cells()];
    for period in panel.periods() {
        for subject in panel.subjects().ids() {
            let cell = panel.cell(subject, period.id).ok();
            if let Some(cell) = cell.and_then(|cell| cells.get_mut(cell))
                && period.start <= as_of
            {
                *cell = Ok(T::default());
            }
        }
    }
    cells
}

/// Returns a cell whose period has begun.
fn known<T>(cells: &mut [Result<T, Reason>], at: Option<usize>) -> Option<&mut T> {
    cells.get_mut(at?)?.as_mut().ok()
}

/// Returns the last day of each period as far as it is known, nothing of those that have not begun.
fn ends(as_of: NaiveDate, panel: &Panel) -> Vec<Option<NaiveDate>> {
    let end = |start: NaiveDate, end: NaiveDate| {
        (start <= as_of).then(|| end.pred_opt().unwrap_or(end).min(as_of))
    };
    panel
        .periods()
        .iter()
        .map(|period| end(period.start, period.end))
        .collect()
}

fn tell(
    name: &Key,
    stage: &Key,
    norm: Option<i64>,
    cells: &[Result<StageCell, Reason>],
) -> Result<Vec<Column>, FunnelError> {
    let named = ColumnBuilder::new(name, cells);
    let cell = |cell: &Result<StageCell, Reason>, of: &dyn Fn(&StageCell) -> Told| match cell {
        Ok(cell) => of(cell),
        Err(state) => Err(*state),
    };
    let count = |what: &str, of: &dyn Fn(&StageCell) -> Told, better: Direction| {
        let column = named.counts(&format!("{what}.{stage}"), |one| cell(one, of));
        column.map(|column| column.better(better))
    };
    let days = |what: &str, of: &dyn Fn(&StageCell) -> Told, better: Direction| {
        let what = format!("{what}.{stage}");
        let column = named.amounts(&what, Unit::Day, Quantum::ONE, |one| cell(one, of));
        column.map(|column| column.better(better))
    };
    let middle = |what: &str, of: fn(&StageCell) -> Parts| {
        let what = format!("{what}.{stage}");
        let column = named.quotients(&what, Unit::Day, Ratio::ONE, |one| match one {
            Ok(cell) => of(cell),
            Err(state) => Err(*state),
        });
        column.map(|column| column.better(Direction::Smaller))
    };
    let stuck = |cell: &StageCell| {
        let norm = norm.ok_or(Reason::NotApplicable)?;
        Ok(number(
            cell.open.iter().filter(|days| **days > norm).count(),
        ))
    };
    let oldest = |cell: &StageCell| {
        cell.open
            .iter()
            .max()
            .copied()
            .ok_or(Reason::NothingRecorded)
    };
    let (larger, smaller, neutral) = (Direction::Larger, Direction::Smaller, Direction::Neutral);
    Ok(vec![
        count("entries", &|cell| Ok(cell.entries), larger)?,
        count("re_entries", &|cell| Ok(cell.re_entries), smaller)?,
        count("finished", &|cell| Ok(number(cell.finished.len())), larger)?,
        days("days", &|cell| sum(&cell.finished), neutral)?,
        middle("mean_days", |cell| mean(&cell.finished))?,
        middle("median_days", |cell| {
            let median = Sample::new(cell.finished.clone()).median(Quantile::Interpolated);
            ratio_parts(median.ok_or(Reason::NothingRecorded)?)
        })?,
        days("lasting_days", &StageCell::lasting, smaller)?,
        count("standing", &|cell| Ok(number(cell.open.len())), neutral)?,
        middle("age_days", |cell| mean(&cell.open))?,
        days("oldest_days", &oldest, smaller)?,
        count("stuck", &stuck, smaller)?,
    ])
}

impl StageCell {
    fn lasting(&self) -> Told {
        if self.ended.is_empty() && self.open.is_empty() {
            return Err(Reason::NothingRecorded);
        }
        let median = Survival::new(&self.ended, &self.open).median();
        median.ok_or(Reason::NotYetDue)
    }
}

fn number(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn total(days: &[i64]) -> i128 {
    days.iter().map(|days| i128::from(*days)).sum()
}

fn sum(days: &[i64]) -> Told {
    i64::try_from(total(days)).map_err(|_| Reason::OutOfRange)
}

fn mean(days: &[i64]) -> Parts {
    if days.is_empty() {
        return Err(Reason::NothingRecorded);
    }
    parts(total(days), i128::from(number(days.len())))
}
