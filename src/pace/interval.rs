//! How far off projections were, and what that says of the next one: an interval, and the chance of a target.

use serde::{Deserialize, Serialize};

use super::{PaceError, Trust};
use crate::quantity::{QuantityError, Ratio, Rounding, divide};

/// What was projected and what came of it, in whole quanta, for the same metric and the same distance to the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Projected {
    /// What was projected.
    pub projected: i64,
    /// What came.
    pub actual: i64,
}

/// The history of projections, in the order of time: what came beside what was projected.
///
/// How far off the next projection may be is told from how far off the earlier ones were: in proportion to what was
/// projected, and for a projection of zero, which has no proportion, as amounts. A projection below zero has an interval as
/// one above it has.
///
/// ```
/// use quotaflow::pace::{ErrorHistory, Projected};
/// use quotaflow::quantity::Ratio;
/// // Of nine projections of 100 came 80, 85, ... 120.
/// let came = (0..9).map(|n| Projected { projected: 100, actual: 80 + 5 * n }).collect();
/// let history = ErrorHistory::new(came);
/// let ends = |projected| -> Result<_, quotaflow::Error> {
///     let interval = history.interval(projected, Ratio::percent(80).try_into()?)?.unwrap();
///     Ok((interval.low, interval.high))
/// };
/// assert_eq!(ends(1_000)?, (800, 1_200));
/// assert_eq!(ends(-1_000)?, (-1_200, -800));
/// // Nothing was projected: the earlier ones were up to 20 off.
/// assert_eq!(ends(0)?, (-20, 20));
/// // Six of the nine would have brought 950.
/// assert_eq!(history.chance(1_000, 950), Ratio::new(6, 9).ok());
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(from = "Vec<Projected>", into = "Vec<Projected>")]
pub struct ErrorHistory {
    pairs: Vec<Projected>,
}

/// By what a projection was off: in proportion to what was projected, or as an amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scale {
    Proportion,
    Amount,
}

impl Scale {
    /// Returns the scale for a projection: one of zero has no proportion.
    fn of(projected: i64) -> Self {
        if projected == 0 {
            Self::Amount
        } else {
            Self::Proportion
        }
    }

    /// Returns by how much `actual` is above a projection; `None` in proportion to zero.
    fn error(self, projected: i64, actual: i64) -> Option<Ratio> {
        let above = i128::from(actual) - i128::from(projected);
        match self {
            Self::Amount => Ratio::new(above, 1).ok(),
            Self::Proportion => Ratio::new(above, i128::from(projected).abs()).ok(),
        }
    }

    /// Returns the errors of the projections that have one, in the order of time.
    fn errors(self, pairs: &[Projected]) -> Vec<Ratio> {
        let error = |pair: &Projected| self.error(pair.projected, pair.actual);
        pairs.iter().filter_map(error).collect()
    }

    /// Returns what comes of a projection that is off by `error`.
    fn end(self, projected: i64, error: Ratio, rounding: Rounding) -> Result<i64, PaceError> {
        let above = match self {
            Self::Amount => error,
            Self::Proportion => error.checked_mul(Ratio::new(i128::from(projected).abs(), 1)?)?,
        };
        let exact = above.checked_add(Ratio::from(projected))?;
        let units = divide(exact.numerator(), exact.denominator(), rounding);
        let units = units.and_then(|units| i64::try_from(units).ok());
        units.ok_or(PaceError::Quantity(QuantityError::RatioOverflow))
    }
}

/// The prediction interval around a projection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PredictionInterval {
    /// Its lower end, rounded down.
    pub low: i64,
    /// Its upper end, rounded up.
    pub high: i64,
    /// How often it should hold what comes.
    pub coverage: Trust,
    /// From how many projections it is told.
    pub history: usize,
}

/// How often intervals told from the earlier projections held what came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Coverage {
    /// How many projections had enough history before them.
    pub tested: usize,
    /// How many of these came within their interval.
    pub held: usize,
}

impl Coverage {
    /// Returns the share that was held; `None` where nothing could be tested.
    #[must_use]
    pub fn coverage(&self) -> Option<Ratio> {
        Ratio::new(
            i128::try_from(self.held).ok()?,
            i128::try_from(self.tested).ok()?,
        )
        .ok()
    }
}

impl ErrorHistory {
    /// Returns the history of these projections, in the order of time. One of zero says by what amount it was off, but not
    /// by what proportion.
    #[must_use]
    pub fn new(pairs: Vec<Projected>) -> Self {
        Self { pairs }
    }

    /// Returns how many projections there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.pairs.len()
    }

    /// Says whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    /// Returns the interval around a projection that should hold what comes as often as `coverage` says; `None` where
    /// the history is too short for that.
    ///
    /// Its ends are order statistics of the earlier errors: of n, those of rank `floor((n + 1)(1 - c) / 2)` and
    /// `ceil((n + 1)(1 + c) / 2)`. If the next projection errs like the earlier ones, in whatever distribution, it is held
    /// at least as often as stated (a distribution-free prediction interval; Hahn and Meeker, Statistical Intervals). The
    /// history needs `(1 + c) / (1 - c)` projections: 9 for 80 %, 19 for 90 %. Errors are taken in proportion to what was
    /// projected, and projections of zero do not count then; for a projection of zero they are taken as amounts, and all count.
    ///
    /// # Errors
    /// [`PaceError::Quantity`] when an end leaves its range.
    pub fn interval(
        &self,
        projected: i64,
        coverage: Trust,
    ) -> Result<Option<PredictionInterval>, PaceError> {
        around(&self.pairs, projected, coverage)
    }

    /// Returns the share of the history after which at least `target` would come of `projected`: the chance of the target.
    /// `None` without history.
    #[must_use]
    pub fn chance(&self, projected: i64, target: i64) -> Option<Ratio> {
        self.share_where(projected, target, |error, needed| error >= needed)
    }

    /// Returns the share of the history after which at most `limit` would come of `projected`: the chance that a limit is
    /// kept. `None` without history.
    #[must_use]
    pub fn chance_of_at_most(&self, projected: i64, limit: i64) -> Option<Ratio> {
        self.share_where(projected, limit, |error, allowed| error <= allowed)
    }

    fn share_where(
        &self,
        projected: i64,
        target: i64,
        holds: impl Fn(Ratio, Ratio) -> bool,
    ) -> Option<Ratio> {
        let scale = Scale::of(projected);
        let needed = scale.error(projected, target)?;
        let errors = scale.errors(&self.pairs);
        let enough = errors.iter().filter(|error| holds(**error, needed)).count();
        Ratio::new(
            i128::try_from(enough).ok()?,
            i128::try_from(errors.len()).ok()?,
        )
        .ok()
    }

    /// Tells each interval from the projections before it, and counts how often it held what came. Every interval that would
    /// have been issued counts, whatever was projected.
    ///
    /// # Errors
    /// As [`ErrorHistory::interval`].
    pub fn backtest(&self, coverage: Trust) -> Result<Coverage, PaceError> {
        let mut found = Coverage { tested: 0, held: 0 };
        for (before, pair) in self.pairs.iter().enumerate() {
            if let Some(interval) = around(&self.pairs[..before], pair.projected, coverage)? {
                found.tested += 1;
                found.held += usize::from((interval.low..=interval.high).contains(&pair.actual));
            }
        }
        Ok(found)
    }
}

fn around(
    pairs: &[Projected],
    projected: i64,
    coverage: Trust,
) -> Result<Option<PredictionInterval>, PaceError> {
    let scale = Scale::of(projected);
    let mut errors = scale.errors(pairs);
    let count = i64::try_from(errors.len()).unwrap_or(i64::MAX);
    let rank = |side: Ratio, rounding| {
        let half = side
            .checked_mul(Ratio::from(count.saturating_add(1)))?
            .checked_div(Ratio::from(2))?;
        let rank = divide(half.numerator(), half.denominator(), rounding);
        Ok::<_, PaceError>(
            rank.and_then(|rank| usize::try_from(rank).ok())
                .unwrap_or(0),
        )
    };
    let low = rank(Ratio::ONE.checked_sub(coverage.share())?, Rounding::Floor)?;
    let high = rank(Ratio::ONE.checked_add(coverage.share())?, Rounding::Ceiling)?;
    if low < 1 || high > errors.len() {
        return Ok(None);
    }
    errors.sort_unstable();
    Ok(Some(PredictionInterval {
        low: scale.end(projected, errors[low - 1], Rounding::Floor)?,
        high: scale.end(projected, errors[high - 1], Rounding::Ceiling)?,
        coverage,
        history: errors.len(),
    }))
}

impl From<Vec<Projected>> for ErrorHistory {
    fn from(pairs: Vec<Projected>) -> Self {
        Self::new(pairs)
    }
}

impl From<ErrorHistory> for Vec<Projected> {
    fn from(history: ErrorHistory) -> Self {
        history.pairs
    }
}
