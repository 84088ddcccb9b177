//! To how many places something is rounded, and how.

use serde::{Deserialize, Serialize};

use super::ScorecardError;
use crate::quantity::{Ratio, Rounding, divide};

/// A number of decimal places and a rounding.
///
/// ```
/// use quotaflow::quantity::{Ratio, Rounding};
/// use quotaflow::scorecard::Precision;
/// let two = Precision::new(2, Rounding::Floor)?;
/// assert_eq!(two.round(Ratio::new(2, 3)?), Some(Ratio::percent(66)));
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "PrecisionDef", into = "PrecisionDef")]
pub struct Precision {
    places: u8,
    rounding: Rounding,
}

impl Precision {
    /// The most places.
    pub const MAX_PLACES: u8 = 9;

    /// Returns the precision.
    ///
    /// # Errors
    /// [`ScorecardError::Places`] above nine places.
    pub fn new(places: u8, rounding: Rounding) -> Result<Self, ScorecardError> {
        if places > Self::MAX_PLACES {
            return Err(ScorecardError::Places { places });
        }
        Ok(Self { places, rounding })
    }

    /// Returns the number of decimal places.
    #[must_use]
    pub fn places(self) -> u8 {
        self.places
    }

    /// Returns how what lies between two last places is rounded.
    #[must_use]
    pub fn rounding(self) -> Rounding {
        self.rounding
    }

    /// Returns the value rounded once; `None` when it leaves 128 bits on the way.
    #[must_use]
    pub fn round(self, value: Ratio) -> Option<Ratio> {
        let scaled = value.numerator().checked_mul(self.power())?;
        Ratio::new(
            divide(scaled, value.denominator(), self.rounding)?,
            self.power(),
        )
        .ok()
    }

    /// Returns `units` of the last place as a ratio.
    pub(crate) fn value(self, units: i64) -> Option<Ratio> {
        Ratio::new(i128::from(units), self.power()).ok()
    }

    /// Returns the number of units of the last place in one whole.
    pub(crate) fn power(self) -> i128 {
        10_i128.pow(u32::from(self.places))
    }

    /// Returns a fraction as units of the last place, rounded once.
    pub(crate) fn units_of(self, numerator: i128, denominator: i128) -> Option<i64> {
        let scaled = numerator.checked_mul(self.power())?;
        if let (Ok(top), Ok(bottom)) = (i64::try_from(scaled), i64::try_from(denominator))
            && self.rounding == Rounding::HalfAwayFromZero
            && (0..=i64::MAX / 2).contains(&top)
            && (1..=i64::MAX / 2).contains(&bottom)
        {
            // The everyday case, in half the bits: nothing below zero, a half goes up.
            return Some((top + bottom / 2) / bottom);
        }
        i64::try_from(divide(scaled, denominator, self.rounding)?).ok()
    }
}

impl Default for Precision {
    /// Four places, a half away from zero.
    fn default() -> Self {
        Self {
            places: 4,
            rounding: Rounding::HalfAwayFromZero,
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PrecisionDef {
    places: u8,
    #[serde(default)]
    rounding: Rounding,
}

impl TryFrom<PrecisionDef> for Precision {
    type Error = ScorecardError;

    fn try_from(definition: PrecisionDef) -> Result<Self, ScorecardError> {
        Self::new(definition.places, definition.rounding)
    }
}

impl From<Precision> for PrecisionDef {
    fn from(precision: Precision) -> Self {
        Self {
            places: precision.places,
            rounding: precision.rounding,
        }
    }
}
