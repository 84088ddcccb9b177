//! Exact arithmetic that says where it ends, and ratios as they are given.

use super::{gcd, gcd_of_halves};
use crate::quantity::rounding::Rounding;
use crate::quantity::{error::QuantityError, number::Number, ratio::Ratio};
use rust_decimal::Decimal;
use std::str::FromStr;

impl From<Number> for Ratio {
    fn from(number: Number) -> Self {
        Self::from(number.decimal())
    }
}

impl FromStr for Ratio {
    type Err = QuantityError;

    fn from_str(text: &str) -> Result<Self, QuantityError> {
        match text.split_once('/') {
            None => part(text),
            Some((top, bottom)) => part(top.trim())?.checked_div(part(bottom.trim())?),
        }
    }
}

/// Reads one side of a fraction. Whole numbers may have more digits than a decimal holds: whatever is written reads back.
pub(super) fn part(text: &str) -> Result<Ratio, QuantityError> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if !digits.is_empty()
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && let Ok(whole) = text.parse::<i128>()
    {
        return Ratio::new(whole, 1);
    }
    Ok(Ratio::from(text.parse::<Number>()?))
}

impl Ratio {
    /// Returns `numerator / denominator`.
    ///
    /// # Errors
    /// [`QuantityError::ZeroDenominator`]; [`QuantityError::RatioOverflow`] if a sign cannot be turned.
    pub fn new(numerator: i128, denominator: i128) -> Result<Self, QuantityError> {
        if denominator == 0 {
            return Err(QuantityError::ZeroDenominator);
        }
        let (top, bottom) = (numerator.unsigned_abs(), denominator.unsigned_abs());
        // Divisions of 128 bits are slow, and hardly anything needs them.
        let halves = u64::try_from(top).ok().zip(u64::try_from(bottom).ok());
        let (top, bottom) = if let Some((top, bottom)) = halves {
            let divisor = gcd_of_halves(top, bottom);
            (i128::from(top / divisor), i128::from(bottom / divisor))
        } else {
            let divisor = gcd(top, bottom);
            let lowest = |part: u128| {
                i128::try_from(part / divisor).map_err(|_| QuantityError::RatioOverflow)
            };
            (lowest(top)?, lowest(bottom)?)
        };
        let negative = (numerator < 0) != (denominator < 0);
        Ok(Self {
            numerator: if negative { -top } else { top },
            denominator: bottom,
        })
    }

    /// Returns the sum.
    ///
    /// # Errors
    /// [`QuantityError::RatioOverflow`].
    pub fn checked_add(self, other: Self) -> Result<Self, QuantityError> {
        let divisor = gcd(
            self.denominator.unsigned_abs(),
            other.denominator.unsigned_abs(),
        );
        let divisor = i128::try_from(divisor).map_err(|_| QuantityError::RatioOverflow)?;
        let sum = || {
            let left = self.numerator.checked_mul(other.denominator / divisor)?;
            let right = other.numerator.checked_mul(self.denominator / divisor)?;
            Some((
                left.checked_add(right)?,
                (self.denominator / divisor).checked_mul(other.denominator)?,
            ))
        };
        let (numerator, denominator) = sum().ok_or(QuantityError::RatioOverflow)?;
        Self::new(numerator, denominator)
    }

    /// Returns the difference.
    ///
    /// # Errors
    /// [`QuantityError::RatioOverflow`].
    pub fn checked_sub(self, other: Self) -> Result<Self, QuantityError> {
        let negated = other
            .numerator
            .checked_neg()
            .ok_or(QuantityError::RatioOverflow)?;
        self.checked_add(Self {
            numerator: negated,
            denominator: other.denominator,
        })
    }

    /// Returns the product.
    ///
    /// # Errors
    /// [`QuantityError::RatioOverflow`].
    pub fn checked_mul(self, other: Self) -> Result<Self, QuantityError> {
        let crossed = Self::new(self.numerator, other.denominator)?;
        let other = Self::new(other.numerator, self.denominator)?;
        let numerator = crossed.numerator.checked_mul(other.numerator);
        let denominator = crossed.denominator.checked_mul(other.denominator);
        match (numerator, denominator) {
            // In lowest terms: no numerator has a divisor in common with its own denominator, nor now with the other's. The
            // smallest number of all has no opposite.
            (Some(numerator), Some(denominator)) if numerator != i128::MIN => Ok(Self {
                numerator,
                denominator,
            }),
            _ => Err(QuantityError::RatioOverflow),
        }
    }

    /// Returns the quotient.
    ///
    /// # Errors
    /// [`QuantityError::ZeroDenominator`] when `other` is zero; [`QuantityError::RatioOverflow`].
    pub fn checked_div(self, other: Self) -> Result<Self, QuantityError> {
        self.checked_mul(Self::new(other.denominator, other.numerator)?)
    }

    /// Returns the value rounded once to `places` decimals.
    ///
    /// # Errors
    /// [`QuantityError::TooManyDigits`] when it does not fit a decimal.
    pub fn to_decimal(self, places: u8, rounding: Rounding) -> Result<Decimal, QuantityError> {
        let units = self
            .to_units(places, rounding)
            .ok_or(QuantityError::TooManyDigits)?;
        Decimal::try_from_i128_with_scale(units, u32::from(places))
            .map_err(|_| QuantityError::TooManyDigits)
    }
}
