//! A sample of whole numbers and what can be said of it exactly: count, sum, mean, extremes, quantiles.

use serde::{Deserialize, Serialize};

use super::error::QuantityError;
use super::ratio::Ratio;
use super::rounding::{Rounding, divide};

/// How a quantile is read off a sorted sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Quantile {
    /// Linear interpolation at position `(n - 1) p` from 0 (type 7 of Hyndman and Fan, 1996; spreadsheets and SQL's
    /// `percentile_cont` use it). The default.
    #[default]
    Interpolated,
    /// The `ceil(n p)`-th smallest value, and the smallest for `p` of 0: always a value that occurred.
    NearestRank,
}

/// Whole numbers in ascending order.
///
/// ```
/// use quotaflow::quantity::{Quantile, Ratio, Sample};
/// let days = Sample::new(vec![7, 1, 3, 10]);
/// assert_eq!(days.median(Quantile::Interpolated), Some(Ratio::from(5)));
/// assert_eq!(days.median(Quantile::NearestRank), Some(Ratio::from(3)));
/// assert_eq!(days.mean(), Some(Ratio::new(21, 4)?));
/// assert_eq!(Sample::default().mean(), None);
/// # Ok::<(), quotaflow::quantity::QuantityError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(from = "Vec<i64>", into = "Vec<i64>")]
pub struct Sample {
    sorted: Vec<i64>,
}

impl Sample {
    /// Returns the sample of these values, in any order.
    #[must_use]
    pub fn new(mut values: Vec<i64>) -> Self {
        values.sort_unstable();
        Self { sorted: values }
    }

    /// Returns the values in ascending order.
    #[must_use]
    pub fn values(&self) -> &[i64] {
        &self.sorted
    }

    /// Returns how many values there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.sorted.len()
    }

    /// Says whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sorted.is_empty()
    }

    /// Returns the sum; nothing adds up to zero. No count of 64-bit values leaves 128 bits.
    #[must_use]
    pub fn sum(&self) -> i128 {
        self.sorted.iter().map(|value| i128::from(*value)).sum()
    }

    /// Returns the mean, or `None` of an empty sample.
    #[must_use]
    pub fn mean(&self) -> Option<Ratio> {
        Ratio::new(self.sum(), i128::try_from(self.len()).ok()?).ok()
    }

    /// Returns the smallest value.
    #[must_use]
    pub fn min(&self) -> Option<i64> {
        self.sorted.first().copied()
    }

    /// Returns the largest value.
    #[must_use]
    pub fn max(&self) -> Option<i64> {
        self.sorted.last().copied()
    }

    /// Returns the quantile at `share`, from 0 to 1, or `None` of an empty sample.
    ///
    /// # Errors
    /// [`QuantityError::NotAShare`] outside 0 to 1; [`QuantityError::RatioOverflow`] for a share too fine.
    pub fn quantile(&self, share: Ratio, method: Quantile) -> Result<Option<Ratio>, QuantityError> {
        if share.is_negative() || share > Ratio::ONE {
            return Err(QuantityError::NotAShare { share });
        }
        let Some(last) = self.len().checked_sub(1) else {
            return Ok(None);
        };
        let whole = |value: usize| Ratio::new(i128::try_from(value).unwrap_or(i128::MAX), 1);
        let rounded = |position: Ratio, rounding| {
            divide(position.numerator(), position.denominator(), rounding)
                .and_then(|index| usize::try_from(index).ok())
                .ok_or(QuantityError::RatioOverflow)
        };
        match method {
            Quantile::Interpolated => {
                let position = whole(last)?.checked_mul(share)?;
                let lower = rounded(position, Rounding::Floor)?;
                let low = Ratio::from(self.sorted[lower]);
                let Some(&next) = self.sorted.get(lower + 1) else {
                    return Ok(Some(low));
                };
                let beyond = position.checked_sub(whole(lower)?)?;
                let step = Ratio::from(next).checked_sub(low)?;
                Ok(Some(low.checked_add(step.checked_mul(beyond)?)?))
            }
            Quantile::NearestRank => {
                let rank = rounded(whole(self.len())?.checked_mul(share)?, Rounding::Ceiling)?;
                Ok(Some(Ratio::from(self.sorted[rank.saturating_sub(1)])))
            }
        }
    }

    /// Returns the middle: the quantile at one half.
    #[must_use]
    pub fn median(&self, method: Quantile) -> Option<Ratio> {
        self.quantile(Ratio::percent(50), method).ok().flatten()
    }
}

impl From<Vec<i64>> for Sample {
    fn from(values: Vec<i64>) -> Self {
        Self::new(values)
    }
}

impl From<Sample> for Vec<i64> {
    fn from(sample: Sample) -> Self {
        sample.sorted
    }
}

impl FromIterator<i64> for Sample {
    fn from_iter<I: IntoIterator<Item = i64>>(values: I) -> Self {
        Self::new(values.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn quantiles_by_hand() {
        // Six waiting times in seconds: (n - 1) * 0.9 = 4.5, half way from the fifth to the sixth.
        let sample = Sample::new(vec![1800, 79_920, 178_680, 180_360, 2_400, 578_640]);
        let tenths = |tenths| Ratio::new(tenths, 10).unwrap();
        let read = |share, method| sample.quantile(share, method).unwrap().unwrap();
        assert_eq!(
            read(tenths(9), Quantile::Interpolated),
            Ratio::from(379_500)
        );
        assert_eq!(read(tenths(9), Quantile::NearestRank), Ratio::from(578_640));
        assert_eq!(read(tenths(0), Quantile::NearestRank), Ratio::from(1_800));
        assert_eq!(
            read(tenths(10), Quantile::Interpolated),
            Ratio::from(578_640)
        );
        assert!(sample.quantile(tenths(11), Quantile::NearestRank).is_err());
        assert!(sample.quantile(tenths(-1), Quantile::NearestRank).is_err());
        let one = Sample::new(vec![i64::MIN]);
        assert_eq!(
            one.median(Quantile::Interpolated),
            Some(Ratio::from(i64::MIN))
        );
        let far = Sample::new(vec![i64::MIN, i64::MAX]);
        assert_eq!(far.median(Quantile::Interpolated), Ratio::new(-1, 2).ok());
    }

    proptest! {
        #[test]
        fn quantiles_lie_between_and_rise(values in proptest::collection::vec(-1000_i64..1000, 1..40), first in 0_i128..=100, second in 0_i128..=100) {
            let sample = Sample::new(values);
            let (low, high) = (first.min(second), first.max(second));
            for method in [Quantile::Interpolated, Quantile::NearestRank] {
                let at = |percent| sample.quantile(Ratio::new(percent, 100).unwrap(), method).unwrap().unwrap();
                prop_assert!(at(low) <= at(high));
                prop_assert!(Ratio::from(sample.min().unwrap()) <= at(low));
                prop_assert!(at(high) <= Ratio::from(sample.max().unwrap()));
            }
        }
    }
}
