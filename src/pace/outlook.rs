//! What projections and forecasts add to a panel beyond the pace itself.

use chrono::NaiveDate;

use super::{
    Category, ErrorHistory, ForecastScore, Forecasts, PaceError, PaceView, Phase, Projected,
    Trajectory, Trust,
};
use crate::calendar::PeriodId;
use crate::key::Key;
use crate::measure::{Direction, Unit};
use crate::panel::{
    Column, ColumnBuilder, ColumnKey, Columns, Figure, Figures, Panel, Parts, Reason, Role, Told,
    different_periods, different_rows, parts, ratio_parts,
};
use crate::quantity::Quantum;
use crate::space::RowId;

/// What the history of one cell's projections says of it.
#[derive(Debug, Clone, Copy)]
struct Outlook {
    low: Told,
    high: Told,
    chance: Parts,
    held: Parts,
}

impl PaceView<'_> {
    /// Returns what an interval around the projection says ([`PaceColumns::outlook`](super::PaceColumns::outlook)).
    pub(super) fn outlook(
        &self,
        coverage: Trust,
        histories: &[ErrorHistory],
    ) -> Result<Vec<Column>, PaceError> {
        let (panel, quantum) = (self.panel(), self.amounts_of()?);
        let subjects = panel.subjects().len();
        let mut cells = Vec::with_capacity(panel.cells());
        // The back-test belongs to the history and is made once for each subject.
        let mut tested = Vec::with_capacity(subjects);
        for subject in 0..subjects {
            tested.push(match histories.get(subject) {
                Some(history) => {
                    let test = history.backtest(coverage)?;
                    let wide = |count: usize| i128::try_from(count).unwrap_or(i128::MAX);
                    parts(wide(test.held), wide(test.tested))
                }
                None => Err(Reason::NothingRecorded),
            });
        }
        for period in panel.periods().ids() {
            for (subject, held) in panel.subjects().ids().zip(&tested) {
                let history = histories.get(subject.index());
                cells.push(self.likely(subject, period, coverage, history, *held)?);
            }
        }
        let metric = self.pace().metric();
        let named = ColumnBuilder::new(metric, &cells);
        let unit = panel.column(&self.target_key())?.unit().clone();
        let amount = |what: &str, of: fn(&Outlook) -> Told| {
            let column = named.amounts(what, unit.clone(), quantum, of);
            column.map(|column| column.better(self.direction()))
        };
        Ok(vec![
            amount("projected_low", |cell| cell.low)?,
            amount("projected_high", |cell| cell.high)?,
            named.shares("chance", |cell| cell.chance)?,
            named
                .shares("interval_held", |cell| cell.held)?
                .better(Direction::Neutral),
        ])
    }

    fn likely(
        &self,
        subject: RowId,
        period: PeriodId,
        coverage: Trust,
        history: Option<&ErrorHistory>,
        held: Parts,
    ) -> Result<Outlook, PaceError> {
        let none = |state| Outlook {
            low: Err(state),
            high: Err(state),
            chance: Err(state),
            held: Err(state),
        };
        match self.progress(period).map(|progress| progress.phase) {
            Some(Phase::Running) => {}
            Some(Phase::NotBegun) => return Ok(none(Reason::NotYetDue)),
            Some(Phase::Ended) | None => return Ok(none(Reason::NotApplicable)),
        }
        let reading = self.reading(subject, period)?;
        let (Ok(projected), Some(history)) = (projected(&reading), history) else {
            let state = projected(&reading).err();
            return Ok(none(state.unwrap_or(Reason::NothingRecorded)));
        };
        let interval = history.interval(projected, coverage)?;
        let end = |of: fn(super::PredictionInterval) -> i64| {
            interval.map(of).ok_or(Reason::NothingRecorded)
        };
        let chance = match units(reading.target) {
            Err(state) => Err(state),
            Ok(target) => {
                let told = match self.direction() {
                    Direction::Smaller => history.chance_of_at_most(projected, target),
                    Direction::Larger | Direction::Target | Direction::Neutral => {
                        history.chance(projected, target)
                    }
                };
                told.map_or(Err(Reason::NothingRecorded), ratio_parts)
            }
        };
        Ok(Outlook {
            low: end(|interval| interval.low),
            high: end(|interval| interval.high),
            chance,
            held,
        })
    }
}

fn units(answer: Result<Figure, Reason>) -> Told {
    match answer {
        Ok(figure) => match figure.amount() {
            Some(amount) => Ok(amount.units()),
            None => Err(Reason::NotApplicable),
        },
        Err(state) => Err(state),
    }
}

/// Returns what is projected, in whole quanta.
fn projected(reading: &Trajectory) -> Told {
    reading.projected?;
    let rounded = reading.rounded(reading.projected);
    rounded
        .map(crate::quantity::Quantity::units)
        .ok_or(Reason::OutOfRange)
}

/// Collects what was projected on earlier days beside what came, for each subject of a panel with the final figures, in
/// the order of the views.
///
/// Each view is the panel as it stood on its day, seen by the same pace; only its running periods count, and of these
/// those that have ended by now. So that errors are of a like distance to the end, the views lie equally far into their
/// periods: one for the tenth working day of every month, say.
///
/// # Errors
/// As [`PaceView::reading`]; [`PaceError::Panel`] when a view has other subjects or periods, or the final panel no such column.
pub fn error_histories(
    earlier: &[PaceView<'_>],
    finals: &Panel,
    ended: impl Fn(PeriodId) -> bool,
) -> Result<Vec<ErrorHistory>, PaceError> {
    let subjects = finals.subjects().len();
    let mut pairs: Vec<Vec<Projected>> = vec![Vec::new(); subjects];
    for view in earlier {
        let panel = view.panel();
        if panel.subjects() != finals.subjects() || panel.periods() != finals.periods() {
            return Err(PaceError::Panel(if panel.subjects() == finals.subjects() {
                different_periods(finals.periods(), panel.periods())
            } else {
                different_rows(finals.subjects(), panel.subjects())
            }));
        }
        let actual = finals.column(&view.target_key().with(Role::Actual))?;
        for period in panel.periods().ids() {
            let running = view.progress(period).map(|progress| progress.phase);
            if running != Some(Phase::Running) || !ended(period) {
                continue;
            }
            for (subject, pairs) in finals.subjects().ids().zip(&mut pairs) {
                let came = units(actual.answer(finals.cell(subject, period)?).found());
                let projected = projected(&view.reading(subject, period)?);
                if let (Ok(projected), Ok(actual)) = (projected, came) {
                    pairs.push(Projected { projected, actual });
                }
            }
        }
    }
    Ok(pairs.into_iter().map(ErrorHistory::new).collect())
}

#[derive(Debug, Clone, Copy)]
struct ForecastCell {
    said: [Told; 3],
    versions: Told,
    score: Result<ForecastScore, Reason>,
    reached: Result<[Parts; 3], Reason>,
    realised: Result<[Parts; 3], Reason>,
}

impl ForecastCell {
    fn none(reason: Reason) -> Self {
        Self {
            said: [Err(reason); 3],
            versions: Err(reason),
            score: Err(reason),
            reached: Err(reason),
            realised: Err(reason),
        }
    }
}

impl Forecasts {
    /// Gives columns of rolling forecasts, for a panel whose subjects are the persons and whose periods are those
    /// forecast, with the actual figures of `metric`:
    ///
    /// - `<name>.commit`, `<name>.best_case`, `<name>.pipeline` (the version that stood at the end of each period, or stands
    ///   as of a day) in the metric's unit, and `<name>.versions` (made so far, a count);
    /// - of the periods that have ended, over every version made `horizon` periods ahead (0: in the period itself):
    ///   `<name>.accuracy` and `<name>.bias` of the commit ([`ForecastScore`]), `<name>.commit_reached`, `.best_case_reached`
    ///   and `.pipeline_reached` (how often at least as much came as was said) and `<name>.commit_realised`,
    ///   `.best_case_realised` and `.pipeline_realised` (what came of each unit said): the calibration of the categories.
    ///
    /// They roll up by their parts. Where nobody forecast, nothing is recorded; periods whose last day is after `as_of` are
    /// not yet due; where nothing came, accuracy and bias have no base.
    ///
    /// # Errors
    /// [`PaceError::Panel`] without the metric or with other periods, [`PaceError::NeedsAmounts`] for quotients,
    /// [`PaceError::Key`].
    pub fn columns(
        &self,
        name: &Key,
        metric: &Key,
        horizon: usize,
        as_of: NaiveDate,
    ) -> impl Columns<Error = PaceError> {
        move |panel: &Panel| -> Result<Vec<Column>, PaceError> {
            if self.periods() != panel.periods() {
                return Err(PaceError::Panel(different_periods(
                    self.periods(),
                    panel.periods(),
                )));
            }
            let actual = ColumnKey::actual(metric.as_str())?;
            let actual = panel.column(&actual)?;
            let Figures::Amounts { quantum, .. } = actual.figures() else {
                return Err(PaceError::NeedsAmounts {
                    column: actual.key().clone(),
                });
            };
            let mut cells = Vec::with_capacity(panel.cells());
            for period in panel.periods() {
                let last = period.end.pred_opt().unwrap_or(period.end);
                let (ended, last) = (last <= as_of, last.min(as_of));
                for subject in panel.subjects().ids() {
                    let came = units(actual.answer(panel.cell(subject, period.id)?).found());
                    cells.push(match panel.subjects().members(subject) {
                        [person] => self.cell(person, period.id, last, horizon, came, ended),
                        _ => ForecastCell::none(Reason::NotApplicable),
                    });
                }
            }
            tell(name, actual.unit(), *quantum, &cells)
        }
    }

    fn cell(
        &self,
        person: &Key,
        period: PeriodId,
        last: NaiveDate,
        horizon: usize,
        came: Told,
        ended: bool,
    ) -> ForecastCell {
        let standing = self.standing(person, period, last);
        let said = Category::ALL.map(|category| {
            standing
                .map(|standing| standing.amount(category))
                .ok_or(Reason::NothingRecorded)
        });
        let made = self.versions(person, period).filter(|one| one.made <= last);
        let versions = i64::try_from(made.count()).map_err(|_| Reason::OutOfRange);
        let missing = |state| ForecastCell {
            said,
            versions,
            score: Err(state),
            reached: Err(state),
            realised: Err(state),
        };
        let came = match came {
            Ok(came) if ended => came,
            Err(state) if ended => return missing(state),
            _ => return missing(Reason::NotYetDue),
        };
        let mut score = ForecastScore::default();
        let mut reached = [0_i128; 3];
        let mut told = [0_i128; 3];
        for forecast in self.versions(person, period) {
            if self.horizon(period, forecast.made) != horizon {
                continue;
            }
            score = score.with(forecast.commit, came);
            for (at, category) in Category::ALL.into_iter().enumerate() {
                let amount = forecast.amount(category);
                reached[at] += i128::from(came >= amount);
                told[at] += i128::from(amount);
            }
        }
        if score.count == 0 {
            return missing(Reason::NothingRecorded);
        }
        let all = i128::from(score.count);
        ForecastCell {
            said,
            versions,
            score: Ok(score),
            reached: Ok(reached.map(|reached| parts(reached, all))),
            realised: Ok(told.map(|told| parts(score.actual, told))),
        }
    }
}

fn tell(
    name: &Key,
    unit: &Unit,
    quantum: Quantum,
    cells: &[ForecastCell],
) -> Result<Vec<Column>, PaceError> {
    let named = ColumnBuilder::new(name, cells);
    let mut columns = Vec::with_capacity(12);
    let categories = ["commit", "best_case", "pipeline"];
    for (at, category) in categories.into_iter().enumerate() {
        let column = named.amounts(category, unit.clone(), quantum, |cell| cell.said[at])?;
        columns.push(column.better(Direction::Neutral));
    }
    let versions = named.counts("versions", |cell| cell.versions)?;
    columns.push(versions.better(Direction::Neutral));
    columns.push(named.shares("accuracy", |cell| {
        let score = cell.score?;
        parts(score.size - score.off, score.size)
    })?);
    let bias = named.shares("bias", |cell| {
        let score = cell.score?;
        parts(score.forecast - score.actual, score.size)
    })?;
    columns.push(bias.better(Direction::Target));
    for (at, category) in categories.into_iter().enumerate() {
        let what = format!("{category}_reached");
        columns.push(named.shares(&what, |cell| cell.reached?[at])?);
    }
    for (at, category) in categories.into_iter().enumerate() {
        let what = format!("{category}_realised");
        columns.push(named.shares(&what, |cell| cell.realised?[at])?);
    }
    Ok(columns)
}
