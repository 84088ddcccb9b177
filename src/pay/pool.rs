//! Pools split by score, and credit shared by several people.

use crate::panel::Reason;
use serde::{Deserialize, Serialize};

use super::PayError;
use crate::allocation::{Method, WeightPolicy, Weights, allocate};
use crate::band::Interval;
use crate::quantity::Ratio;
use crate::scorecard::curve::bounded;

/// Splits a pool of `units` quanta in proportion to scores, by largest remainder: not a cent is left or made.
///
/// Who has no score, a score outside `eligible`, or none above zero gets nothing.
///
/// # Errors
/// [`PayError::Allocation`] when there is a pool and nobody to share it.
///
/// ```
/// use quotaflow::quantity::Ratio;
/// use quotaflow::band::Interval;
/// use quotaflow::pay::split_pool;
/// let scores = [90, 110, 50].map(|score| Ok(Ratio::from(score)));
/// let pool = split_pool(1_000_00, &scores, &Interval::at_least(Ratio::from(60)))?;
/// assert_eq!(pool, [450_00, 550_00, 0]);
/// # Ok::<(), quotaflow::pay::PayError>(())
/// ```
pub fn split_pool(
    units: i64,
    scores: &[Result<Ratio, Reason>],
    eligible: &Interval,
) -> Result<Vec<i64>, PayError> {
    let weigh = |score: &Result<Ratio, Reason>| match score {
        Ok(score) if eligible.contains(*score) => (*score).max(Ratio::ZERO),
        _ => Ratio::ZERO,
    };
    let weights: Vec<Ratio> = scores.iter().map(weigh).collect();
    let weights = Weights::new(&weights, WeightPolicy::ALLOCATE)?;
    Ok(allocate(units, &weights, Method::LargestRemainder)?.into_shares())
}

/// How the credit for a deal is shared: shares that make 1 carry the revenue, overlays stand beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "CreditDef", into = "CreditDef")]
pub struct CreditSplit {
    shares: Vec<Ratio>,
    overlays: Vec<Ratio>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CreditDef {
    shares: Vec<Ratio>,
    #[serde(default)]
    overlays: Vec<Ratio>,
}

impl CreditSplit {
    /// Checks and keeps the shares; overlays may make anything.
    ///
    /// # Errors
    /// [`PayError::Shares`] unless the shares make 1; [`PayError::NegativeShare`].
    pub fn new(shares: Vec<Ratio>, overlays: Vec<Ratio>) -> Result<Self, PayError> {
        let mut sum = Ratio::ZERO;
        for share in shares.iter().chain(&overlays) {
            if bounded(*share)?.is_negative() {
                return Err(PayError::NegativeShare { share: *share });
            }
        }
        for share in &shares {
            sum = sum.checked_add(*share)?;
        }
        if sum == Ratio::ONE {
            Ok(Self { shares, overlays })
        } else {
            Err(PayError::Shares { sum })
        }
    }

    /// Returns the credit of each share, in quanta: together exactly `units`.
    ///
    /// # Errors
    /// [`PayError::Allocation`].
    pub fn credit(&self, units: i64) -> Result<Vec<i64>, PayError> {
        let weights = Weights::new(&self.shares, WeightPolicy::ALLOCATE)?;
        Ok(allocate(units, &weights, Method::LargestRemainder)?.into_shares())
    }

    /// Returns the exact credit of each overlay, which is no part of the revenue.
    ///
    /// # Errors
    /// [`PayError::Quantity`] when it leaves 128 bits.
    pub fn overlay(&self, units: i64) -> Result<Vec<Ratio>, PayError> {
        let all = self
            .overlays
            .iter()
            .map(|share| Ok(share.checked_mul(Ratio::from(units))?));
        all.collect()
    }
}

impl TryFrom<CreditDef> for CreditSplit {
    type Error = PayError;

    fn try_from(def: CreditDef) -> Result<Self, PayError> {
        Self::new(def.shares, def.overlays)
    }
}

impl From<CreditSplit> for CreditDef {
    fn from(split: CreditSplit) -> Self {
        Self {
            shares: split.shares,
            overlays: split.overlays,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panel::Reason;
    use proptest::prelude::*;

    #[test]
    fn a_pool_without_anybody_is_refused() {
        let nobody = [Err(Reason::NotYetDue), Ok(Ratio::from(-4))];
        assert!(matches!(
            split_pool(1, &nobody, &Interval::ALL),
            Err(PayError::Allocation(_))
        ));
        assert_eq!(split_pool(0, &nobody, &Interval::ALL).unwrap(), [0, 0]);
        assert!(
            CreditSplit::new(vec![Ratio::percent(70), Ratio::percent(20)], Vec::new()).is_err()
        );
    }

    proptest! {
        #[test]
        fn pools_conserve(units in 0_i64..1_000_000, scores in proptest::collection::vec(0_i64..120, 1..30)) {
            prop_assume!(scores.iter().any(|score| *score > 0));
            let readings: Vec<Result<Ratio, Reason>> = scores.iter().map(|score| Ok(Ratio::from(*score))).collect();
            let split = split_pool(units, &readings, &Interval::ALL).unwrap();
            prop_assert_eq!(split.iter().sum::<i64>(), units);
            for (a, x) in scores.iter().enumerate() {
                prop_assert!(*x > 0 || split[a] == 0);
                for (b, y) in scores.iter().enumerate() {
                    prop_assert!(x < y || split[a] + 1 >= split[b]);
                }
            }
        }
    }
}
