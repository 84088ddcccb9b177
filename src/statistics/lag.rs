//! The lag from activity to result (迟滞性), person by person, in one figure or as it is known at the end of each period.

use serde::{Deserialize, Serialize};

use super::correlation::{LagScore, lags};
use super::error::StatisticsError;
use crate::key::Key;
use crate::measure::Direction;
use crate::panel::{
    Column, ColumnBuilder, ColumnKey, Columns, Figures, Panel, Parts, Reason, Told, ratio_parts,
};
use crate::quantity::{Ratio, Rounding};
use crate::space::RowId;

/// How a subject's results follow its activity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubjectLag {
    /// The subject's members.
    pub subject: Vec<Key>,
    /// How they go together for each lag; empty where one of the two is not known in every period.
    pub scores: Vec<LagScore>,
    /// The lag at which they go together best: the largest positive signed square, the shorter lag of equal ones.
    pub best: Option<usize>,
}

/// Returns, for every subject, how a column of results follows a column of activity after 0 to `most` periods, by the exact
/// square of Pearson's correlation with its sign ([`lags`]).
///
/// # Errors
/// [`StatisticsError::Panel`] where a column is not in the panel, [`StatisticsError::Quantity`] when numbers are too large for exact squares.
pub fn lags_by_subject(
    panel: &Panel,
    activity: &ColumnKey,
    result: &ColumnKey,
    most: usize,
) -> Result<Vec<SubjectLag>, StatisticsError> {
    panel
        .subjects()
        .ids()
        .map(|subject| {
            let both = whole(panel, activity, subject)?.zip(whole(panel, result, subject)?);
            let scores = match both {
                Some((activity, result)) => lags(&activity, &result, most)?,
                None => Vec::new(),
            };
            let best = best(&scores).map(|(_, score)| score.lag);
            Ok(SubjectLag {
                subject: panel.subjects().members(subject).to_vec(),
                scores,
                best,
            })
        })
        .collect()
}

/// Returns the score of the largest positive signed square, the shorter lag of equal ones.
fn best(scores: &[LagScore]) -> Option<(Ratio, &LagScore)> {
    let mut best: Option<(Ratio, &LagScore)> = None;
    for score in scores {
        let square = score.signed_square.filter(|square| *square > Ratio::ZERO);
        if let Some(square) = square
            && best.is_none_or(|(known, _)| square > known)
        {
            best = Some((square, score));
        }
    }
    best
}

/// Among which lags the best one is looked for, and from how much.
///
/// ```
/// use quotaflow::statistics::LagWindow;
/// // Up to three months later, told from six pairs of months at least: from nine months on.
/// let window = LagWindow::new(3, 6)?;
/// assert_eq!(window.periods(), 9);
/// assert!(LagWindow::new(3, 2).is_err());
/// # Ok::<(), quotaflow::statistics::StatisticsError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "LagWindowDef", into = "LagWindowDef")]
pub struct LagWindow {
    most: u16,
    pairs: u16,
}

/// The fewest pairs of which a correlation says anything: two always lie on one line.
const FEWEST: u16 = 3;

impl LagWindow {
    /// Returns the window of lags from none to `most` periods, each told from at least so many pairs of periods.
    ///
    /// Few pairs fit some lag by chance, so the number asked for should grow with the number of lags.
    ///
    /// # Errors
    /// [`StatisticsError::FewPairs`] for fewer than three.
    pub fn new(most: u16, pairs: u16) -> Result<Self, StatisticsError> {
        if pairs < FEWEST {
            return Err(StatisticsError::FewPairs {
                pairs,
                fewest: FEWEST,
            });
        }
        Ok(Self { most, pairs })
    }

    /// Returns how many periods in a row it needs: all lags are then told from enough pairs.
    #[must_use]
    pub fn periods(self) -> usize {
        usize::from(self.most) + usize::from(self.pairs)
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LagWindowDef {
    most: u16,
    pairs: u16,
}

impl TryFrom<LagWindowDef> for LagWindow {
    type Error = StatisticsError;

    fn try_from(definition: LagWindowDef) -> Result<Self, StatisticsError> {
        Self::new(definition.most, definition.pairs)
    }
}

impl From<LagWindow> for LagWindowDef {
    fn from(window: LagWindow) -> Self {
        let LagWindow { most, pairs } = window;
        Self { most, pairs }
    }
}

/// Gives how many periods later results follow activity, as it is known at the end of each period: `<name>.lag` (the lag at which
/// they go together best), `<name>.lag_fit` (the square of their correlation at it: the share of the movement of results that
/// the activity so much earlier accounts for) and `<name>.lag_pairs` (from how many pairs of periods that is told).
///
/// Each is told from the unbroken run of periods, both figures known, that ends with the period; nothing later is looked
/// at. While the run is shorter than the window needs ([`LagWindow::periods`]), it is not yet due. A period in which a figure is
/// missing says why it is missing. Where one of the two does not move there is no base, and where results follow activity at
/// no lag (they fall as it rises, or do not follow) it is not applicable. A square is exact as long as it fits 64 bits;
/// beyond that it is rounded to nine decimals, half to even. Numbers too large for exact squares are out of range.
///
/// # Errors
/// [`StatisticsError::Panel`] where a column is not in the panel, [`StatisticsError::NotAmounts`] for one of quotients,
/// [`StatisticsError::Key`].
pub fn lag_columns(
    name: &Key,
    activity: &ColumnKey,
    result: &ColumnKey,
    window: LagWindow,
) -> impl Columns<Error = StatisticsError> {
    move |panel: &Panel| -> Result<Vec<Column>, StatisticsError> {
        let (activity, result) = (amounts(panel, activity)?, amounts(panel, result)?);
        let mut cells: Vec<Result<Lag, Reason>> = vec![Err(Reason::NotApplicable); panel.cells()];
        for subject in panel.subjects().ids() {
            let mut run: (Vec<i64>, Vec<i64>) = (Vec::new(), Vec::new());
            for period in panel.periods().ids() {
                let at = panel.cell(subject, period)?;
                let told = match (activity.get(at), result.get(at)) {
                    (Some(Ok(activity)), Some(Ok(result))) => {
                        run.0.push(*activity);
                        run.1.push(*result);
                        lag_of(&run.0, &run.1, window)
                    }
                    (Some(Err(state)), _) | (_, Some(Err(state))) => {
                        run = (Vec::new(), Vec::new());
                        Err(*state)
                    }
                    _ => Err(Reason::NotApplicable),
                };
                if let Some(cell) = cells.get_mut(at) {
                    *cell = told;
                }
            }
        }
        let named = ColumnBuilder::new(name, &cells);
        let count = |what: &str, of: fn(&Lag) -> i64| {
            let column = named.counts(what, |cell| cell.as_ref().map(of).map_err(|state| *state));
            column.map(|column| column.better(Direction::Neutral))
        };
        let fit = named.shares("lag_fit", |cell| cell.clone()?.fit)?;
        Ok(vec![
            count("lag", |lag| lag.periods)?.better(Direction::Smaller),
            fit,
            count("lag_pairs", |lag| lag.pairs)?,
        ])
    }
}

#[derive(Debug, Clone)]
struct Lag {
    periods: i64,
    pairs: i64,
    fit: Parts,
}

fn lag_of(activity: &[i64], result: &[i64], window: LagWindow) -> Result<Lag, Reason> {
    if activity.len() < window.periods() {
        return Err(Reason::NotYetDue);
    }
    let scores = match lags(activity, result, usize::from(window.most)) {
        Ok(scores) => scores,
        Err(StatisticsError::Quantity(_)) => return Err(Reason::OutOfRange),
        Err(_) => return Err(Reason::NotApplicable),
    };
    if scores.iter().all(|score| score.signed_square.is_none()) {
        return Err(Reason::NoBase);
    }
    let (square, score) = best(&scores).ok_or(Reason::NotApplicable)?;
    let whole = |count: usize| i64::try_from(count).map_err(|_| Reason::OutOfRange);
    Ok(Lag {
        periods: whole(score.lag)?,
        pairs: whole(score.pairs)?,
        fit: ratio_parts(square).or_else(|_| {
            let rounded = square.to_decimal(9, Rounding::HalfEven);
            ratio_parts(rounded.map_err(|_| Reason::OutOfRange)?.into())
        }),
    })
}

/// Returns the amounts of a column, or why there are none.
fn amounts(panel: &Panel, key: &ColumnKey) -> Result<Vec<Told>, StatisticsError> {
    let column = panel.column(key)?;
    let (_, told) = column.told().ok_or_else(|| StatisticsError::NotAmounts {
        column: key.clone(),
    })?;
    Ok(told)
}

/// A subject's amounts over all periods, if all are known.
fn whole(
    panel: &Panel,
    key: &ColumnKey,
    subject: RowId,
) -> Result<Option<Vec<i64>>, StatisticsError> {
    let column = panel.column(key)?;
    let Figures::Amounts { units, .. } = column.figures() else {
        return Ok(None);
    };
    let mut found = Vec::with_capacity(panel.periods().len());
    for period in panel.periods().ids() {
        let cell = panel.cell(subject, period)?;
        if column.reasons()[cell].is_some() {
            return Ok(None);
        }
        found.push(units[cell]);
    }
    Ok(Some(found))
}
