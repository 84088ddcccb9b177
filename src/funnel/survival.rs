//! How long things take when some of them are not over yet (Kaplan and Meier, 1958).

use serde::{Deserialize, Serialize};

use crate::quantity::{Quantile, Ratio, Rounding, Sample};

/// One step of a survival curve.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SurvivalStep {
    /// After so long.
    pub time: i64,
    /// So many were not over and still watched just before.
    pub at_risk: u64,
    /// So many were over then.
    pub ended: u64,
    /// The share that lasts longer.
    pub lasting: Ratio,
}

/// How long things last, from some that are over and some that still last.
///
/// Leaving out those that still last makes everything look shorter than it is: the long ones are the ones not yet over.
/// Here they count as lasting at least as long as they have. What still lasts at some time is watched up to and with that
/// time.
///
/// The shares are exact fractions as long as they fit 128 bits; beyond that each step is rounded to 18 decimals.
///
/// ```
/// use quotaflow::funnel::Survival;
/// use quotaflow::quantity::Ratio;
/// // Over after 2, 4 and 10 days; still open after 5, 12 and 20.
/// let stays = Survival::new(&[2, 4, 10], &[5, 12, 20]);
/// assert_eq!(stays.plain_median(), Some(Ratio::from(4)));
/// assert_eq!(stays.median(), Some(10));
/// # Ok::<(), quotaflow::quantity::QuantityError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Survival {
    steps: Vec<SurvivalStep>,
    ended: Sample,
    open: Sample,
}

impl Survival {
    /// Returns the curve of these times: of what is over, and of what still lasts.
    #[must_use]
    pub fn new(ended: &[i64], open: &[i64]) -> Self {
        let (ended, open) = (Sample::new(ended.to_vec()), Sample::new(open.to_vec()));
        let mut steps = Vec::new();
        let mut lasting = Ratio::ONE;
        let mut index = 0;
        let times = ended.values();
        while let Some(&time) = times.get(index) {
            let over = times[index..]
                .iter()
                .take_while(|other| **other == time)
                .count();
            let watched = open.len() - open.values().partition_point(|other| *other < time);
            let at_risk = times.len() - index + watched;
            lasting = shrink(lasting, at_risk - over, at_risk);
            let count = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
            steps.push(SurvivalStep {
                time,
                at_risk: count(at_risk),
                ended: count(over),
                lasting,
            });
            index += over;
        }
        Self { steps, ended, open }
    }

    /// Returns the steps of the curve, by time.
    #[must_use]
    pub fn steps(&self) -> &[SurvivalStep] {
        &self.steps
    }

    /// Returns the times of what is over.
    #[must_use]
    pub fn ended(&self) -> &Sample {
        &self.ended
    }

    /// Returns the times, up to now, of what still lasts.
    #[must_use]
    pub fn open(&self) -> &Sample {
        &self.open
    }

    /// Returns the share that lasts longer than `time`.
    #[must_use]
    pub fn lasting(&self, time: i64) -> Ratio {
        let after = self.steps.partition_point(|step| step.time <= time);
        after
            .checked_sub(1)
            .map_or(Ratio::ONE, |last| self.steps[last].lasting)
    }

    /// Returns the shortest time after which at most half still lasts; `None` when more than half was never seen to end.
    #[must_use]
    pub fn median(&self) -> Option<i64> {
        let half = Ratio::percent(50);
        self.steps
            .iter()
            .find(|step| step.lasting <= half)
            .map(|step| step.time)
    }

    /// Returns the median of what is over alone, which is too short as long as something still lasts.
    #[must_use]
    pub fn plain_median(&self) -> Option<Ratio> {
        self.ended.median(Quantile::Interpolated)
    }
}

fn shrink(lasting: Ratio, left: usize, at_risk: usize) -> Ratio {
    let factor = || {
        let (left, at_risk) = (i128::try_from(left).ok()?, i128::try_from(at_risk).ok()?);
        Ratio::new(left, at_risk).ok()
    };
    let Some(factor) = factor() else {
        return Ratio::ZERO;
    };
    lasting.checked_mul(factor).unwrap_or_else(|_| {
        let (lasting, factor) = (rounded(lasting), rounded(factor));
        lasting.checked_mul(factor).map_or(Ratio::ZERO, rounded)
    })
}

/// Rounds to 18 decimals, so that two of them can be multiplied.
fn rounded(share: Ratio) -> Ratio {
    share
        .to_decimal(18, Rounding::HalfEven)
        .map_or(Ratio::ZERO, Ratio::from)
}
