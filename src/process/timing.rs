//! Whether the time between two activities is what it usually is.

use serde::{Deserialize, Serialize};

use super::error::ProcessError;
use crate::quantity::{QuantityError, Ratio, Sample};

/// The usual time between two activities: its mean and its variance, both exact.
///
/// A time is unusual when it is further from the mean than so many standard deviations. The comparison is of squares, so
/// that no root is taken.
///
/// ```
/// use quotaflow::process::TimeProfile;
/// use quotaflow::quantity::Ratio;
/// // Mean 10, standard deviation 2, six deviations: from -2 to 22.
/// let profile = TimeProfile::new(Ratio::from(10), Ratio::from(4))?;
/// assert!(profile.is_usual(Ratio::from(22), Ratio::from(6))?);
/// assert!(!profile.is_usual("22.1".parse()?, Ratio::from(6))?);
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "ProfileDef")]
pub struct TimeProfile {
    mean: Ratio,
    variance: Ratio,
}

impl TimeProfile {
    /// Returns the profile with this mean and variance.
    ///
    /// # Errors
    /// [`ProcessError::NegativeVariance`].
    pub fn new(mean: Ratio, variance: Ratio) -> Result<Self, ProcessError> {
        if variance.is_negative() {
            return Err(ProcessError::NegativeVariance { variance });
        }
        Ok(Self { mean, variance })
    }

    /// Returns the profile of a sample, its variance over all of the sample; `None` of an empty one.
    ///
    /// # Errors
    /// [`ProcessError::Quantity`] when the squares leave 128 bits.
    pub fn of(sample: &Sample) -> Result<Option<Self>, ProcessError> {
        let Some(mean) = sample.mean() else {
            return Ok(None);
        };
        let count = i128::try_from(sample.len()).map_err(|_| QuantityError::RatioOverflow)?;
        let mut squares = 0_i128;
        for value in sample.values() {
            let square = i128::from(*value) * i128::from(*value);
            squares = squares
                .checked_add(square)
                .ok_or(QuantityError::RatioOverflow)?;
        }
        // n * sum of squares - square of the sum, over n * n: never below zero, and exact.
        let sum = sample.sum();
        let spread = count
            .checked_mul(squares)
            .zip(sum.checked_mul(sum))
            .and_then(|(left, right)| left.checked_sub(right))
            .ok_or(QuantityError::RatioOverflow)?;
        let variance = Ratio::new(
            spread,
            count
                .checked_mul(count)
                .ok_or(QuantityError::RatioOverflow)?,
        )?;
        Ok(Some(Self { mean, variance }))
    }

    /// Returns the mean.
    #[must_use]
    pub fn mean(&self) -> Ratio {
        self.mean
    }

    /// Returns the variance.
    #[must_use]
    pub fn variance(&self) -> Ratio {
        self.variance
    }

    /// Says whether a time is at most so many standard deviations from the mean.
    ///
    /// # Errors
    /// [`ProcessError::Quantity`] when the squares leave 128 bits.
    pub fn is_usual(&self, time: Ratio, deviations: Ratio) -> Result<bool, ProcessError> {
        let off = time.checked_sub(self.mean)?;
        let allowed = deviations
            .checked_mul(deviations)?
            .checked_mul(self.variance)?;
        Ok(off.checked_mul(off)? <= allowed)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProfileDef {
    mean: Ratio,
    variance: Ratio,
}

impl TryFrom<ProfileDef> for TimeProfile {
    type Error = ProcessError;

    fn try_from(definition: ProfileDef) -> Result<Self, ProcessError> {
        Self::new(definition.mean, definition.variance)
    }
}
