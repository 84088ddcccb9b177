//! How far off projections were, and what that says of the next one: an interval, and the chance of a target.

use serde::{Deserialize, Serialize};

use super::{PaceError, Trust};
use crate::quantity::{Ratio, Rounding, divide};

/// What was projected and what came of it, in whole quanta, for the same metric and the same distance to the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Projected {
    /// What was projected.
    pub projected: i64,
    /// What came.
    pub actual: i64,
}

/// The history of projections, in the order of time: how much came of each unit that was projected.
///
/// ```
/// use quotaflow::pace::{ErrorHistory, Projected};
/// use quotaflow::quantity::Ratio;
/// // Of nine projections of 100 came 80, 85, ... 120.
/// let came = (0..9).map(|n| Projected { projected: 100, actual: 80 + 5 * n }).collect();
/// let history = ErrorHistory::new(came);
/// let interval = history.interval(1_000, Ratio::percent(80).try_into()?)?.unwrap();
/// assert_eq!((interval.low, interval.high), (800, 1_200));
/// // Six of the nine would have brought 950.
/// assert_eq!(history.chance(1_000, 950), Ratio::new(6, 9).ok());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(from = "Vec<Projected>", into = "Vec<Projected>")]
pub struct ErrorHistory {
    pairs: Vec<Projected>,
    /// How much came of each unit projected, in the order of time; nothing where nothing or less was projected.
    shares: Vec<Ratio>,
}

/// The interval around a projection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Interval {
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct BackTest {
    /// How many projections had enough history before them.
    pub tested: usize,
    /// How many of these came within their interval.
    pub held: usize,
}

impl BackTest {
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
    /// Returns the history of these projections, in the order of time. One of nothing or less is kept but says nothing of
    /// how much comes of a unit.
    #[must_use]
    pub fn new(pairs: Vec<Projected>) -> Self {
        let share = |pair: &Projected| {
            let share = Ratio::new(i128::from(pair.actual), i128::from(pair.projected));
            share.ok().filter(|_| pair.projected > 0)
        };
        let shares = pairs.iter().filter_map(share).collect();
        Self { pairs, shares }
    }

    /// Returns how many projections say how much comes of a unit.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shares.len()
    }

    /// Says whether none does.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.shares.is_empty()
    }

    /// Returns the interval around a projection that should hold what comes as often as `coverage` says; `None` where
    /// the history is too short for that.
    ///
    /// Its ends are order statistics of what came of a unit: of n, those of rank `floor((n + 1)(1 - c) / 2)` and
    /// `ceil((n + 1)(1 + c) / 2)`. If the next projection errs like the earlier ones, in whatever distribution, it is held
    /// at least as often as stated. The history needs `(1 + c) / (1 - c)` projections: 9 for 80 %, 19 for 90 %.
    ///
    /// # Errors
    /// [`PaceError::Quantity`] when an end leaves its range.
    pub fn interval(&self, projected: i64, coverage: Trust) -> Result<Option<Interval>, PaceError> {
        around(&self.shares, projected, coverage)
    }

    /// Returns the share of the history in which at least as much came of a unit as `target` needs of `projected`: the
    /// chance of the target. `None` without history or for a projection of nothing.
    #[must_use]
    pub fn chance(&self, projected: i64, target: i64) -> Option<Ratio> {
        self.share_where(projected, target, |share, needed| share >= needed)
    }

    /// Returns the share of the history in which at most as much came of a unit as `limit` leaves of `projected`: the chance
    /// that a limit is kept. `None` without history or for a projection of nothing.
    #[must_use]
    pub fn chance_of_at_most(&self, projected: i64, limit: i64) -> Option<Ratio> {
        self.share_where(projected, limit, |share, allowed| share <= allowed)
    }

    fn share_where(
        &self,
        projected: i64,
        target: i64,
        holds: impl Fn(Ratio, Ratio) -> bool,
    ) -> Option<Ratio> {
        if projected <= 0 {
            return None;
        }
        let needed = Ratio::new(i128::from(target), i128::from(projected)).ok()?;
        let enough = self.shares.iter().filter(|share| holds(**share, needed));
        let enough = enough.count();
        Ratio::new(
            i128::try_from(enough).ok()?,
            i128::try_from(self.shares.len()).ok()?,
        )
        .ok()
    }

    /// Tells each interval from the projections before it, and counts how often it held what came.
    ///
    /// # Errors
    /// As [`ErrorHistory::interval`].
    pub fn back_test(&self, coverage: Trust) -> Result<BackTest, PaceError> {
        let mut found = BackTest { tested: 0, held: 0 };
        let pairs = self.pairs.iter().filter(|pair| pair.projected > 0);
        for (before, pair) in pairs.enumerate() {
            if let Some(interval) = around(&self.shares[..before], pair.projected, coverage)? {
                found.tested += 1;
                found.held += usize::from((interval.low..=interval.high).contains(&pair.actual));
            }
        }
        Ok(found)
    }
}

fn around(
    shares: &[Ratio],
    projected: i64,
    coverage: Trust,
) -> Result<Option<Interval>, PaceError> {
    let count = i64::try_from(shares.len()).unwrap_or(i64::MAX);
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
    if low < 1 || high > shares.len() {
        return Ok(None);
    }
    let mut sorted = shares.to_vec();
    sorted.sort_unstable();
    let end = |rank: usize, rounding| {
        let exact = sorted[rank - 1].checked_mul(Ratio::from(projected))?;
        let units = divide(exact.numerator(), exact.denominator(), rounding);
        let units = units.and_then(|units| i64::try_from(units).ok());
        units.ok_or(PaceError::Quantity(
            crate::quantity::QuantityError::RatioOverflow,
        ))
    };
    let history = shares.len();
    Ok(Some(Interval {
        low: end(low, Rounding::Floor)?,
        high: end(high, Rounding::Ceiling)?,
        coverage,
        history,
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
