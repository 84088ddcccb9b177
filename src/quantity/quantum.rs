//! The smallest unit of an amount, and an amount counted in it.

use std::cmp::Ordering;
use std::fmt;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize, Serializer};

use super::error::QuantityError;
use super::number::Number;
use super::ratio::Ratio;
use super::rounding::{Rounding, divide};

/// The smallest unit in which something is counted: a cent (`0.01`), a piece (`1`), a case of twelve (`12`).
///
/// ```
/// use quotaflow::quantity::Quantum;
/// use rust_decimal::Decimal;
/// let cent = Quantum::new(Decimal::new(1, 2))?;
/// assert_eq!(cent.units(Decimal::new(1250, 2))?, 1250);
/// assert_eq!(cent.amount(1250).to_string(), "12.50");
/// assert!(cent.units(Decimal::new(12505, 3)).is_err());
/// # Ok::<(), quotaflow::quantity::QuantityError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Number", into = "Number")]
pub struct Quantum {
    step: u32,
    decimals: u8,
}

impl Quantum {
    /// One whole.
    pub const ONE: Self = Self {
        step: 1,
        decimals: 0,
    };
    /// One hundredth.
    pub const CENT: Self = Self {
        step: 1,
        decimals: 2,
    };
    /// The most decimals that a quantum can have.
    pub const MAX_DECIMALS: u8 = 12;

    /// Returns the quantum of this size.
    ///
    /// # Errors
    /// [`QuantityError::InvalidQuantum`] unless `step` is positive with at most twelve decimals and a coefficient below
    /// 2^32.
    pub fn new(step: Decimal) -> Result<Self, QuantityError> {
        let exact = step.normalize();
        let coefficient = u32::try_from(exact.mantissa())
            .ok()
            .filter(|found| *found > 0);
        let decimals = u8::try_from(exact.scale())
            .ok()
            .filter(|found| *found <= Self::MAX_DECIMALS);
        match (coefficient, decimals) {
            (Some(step), Some(decimals)) => Ok(Self { step, decimals }),
            _ => Err(QuantityError::InvalidQuantum { step }),
        }
    }

    /// Returns the quantum of one unit in the last of `decimals` places (0.01 for two).
    ///
    /// # Errors
    /// [`QuantityError::InvalidQuantum`] above twelve places.
    pub fn decimals(decimals: u8) -> Result<Self, QuantityError> {
        if decimals > Self::MAX_DECIMALS {
            let step = Decimal::try_from_i128_with_scale(1, u32::from(decimals.min(28)))
                .unwrap_or_default();
            return Err(QuantityError::InvalidQuantum { step });
        }
        Ok(Self { step: 1, decimals })
    }

    /// Returns the size of the quantum.
    #[must_use]
    pub fn size(self) -> Decimal {
        self.amount(1)
    }

    /// Returns the size of the quantum as a ratio.
    #[must_use]
    pub fn ratio(self) -> Ratio {
        Ratio::new(i128::from(self.step), 10_i128.pow(u32::from(self.decimals)))
            .unwrap_or(Ratio::ONE)
    }

    /// Returns how many quanta `amount` is.
    ///
    /// # Errors
    /// [`QuantityError::FinerThanQuantum`] when that is not a whole number, [`QuantityError::OutOfRange`] when it does
    /// not fit in 64 bits.
    pub fn units(self, amount: Decimal) -> Result<i64, QuantityError> {
        let finer = || QuantityError::FinerThanQuantum {
            amount,
            quantum: self,
        };
        let beyond = || QuantityError::OutOfRange {
            amount,
            quantum: self,
        };
        let decimals = u32::from(self.decimals);
        let mut mantissa = amount.mantissa();
        if amount.scale() == decimals && self.step == 1 {
            // The everyday case: the amount is written in the quantum's own places.
            return i64::try_from(mantissa).map_err(|_| beyond());
        }
        if amount.scale() > decimals {
            let excess = 10_i128.pow(amount.scale() - decimals);
            if mantissa % excess != 0 {
                return Err(finer());
            }
            mantissa /= excess;
        } else {
            mantissa = mantissa
                .checked_mul(10_i128.pow(decimals - amount.scale()))
                .ok_or_else(beyond)?;
        }
        let step = i128::from(self.step);
        if mantissa % step != 0 {
            return Err(finer());
        }
        i64::try_from(mantissa / step).map_err(|_| beyond())
    }

    /// Returns the whole number of quanta nearest to `amount` under `rounding`.
    ///
    /// # Errors
    /// [`QuantityError::OutOfRange`] when it does not fit in 64 bits.
    pub fn round(self, amount: Ratio, rounding: Rounding) -> Result<i64, QuantityError> {
        let quanta = amount.checked_div(self.ratio())?;
        divide(quanta.numerator(), quanta.denominator(), rounding)
            .and_then(|units| i64::try_from(units).ok())
            .ok_or_else(|| QuantityError::OutOfRange {
                amount: amount.approximate(),
                quantum: self,
            })
    }

    /// Returns the amount that `units` quanta are. Every 64-bit count fits a decimal.
    #[must_use]
    pub fn amount(self, units: i64) -> Decimal {
        // |units| * step < 2^63 * 2^32 = 2^95, inside the 96 bits of a decimal's mantissa.
        let mantissa = i128::from(units) * i128::from(self.step);
        Decimal::try_from_i128_with_scale(mantissa, u32::from(self.decimals)).unwrap_or_default()
    }

    /// Returns the quantity of `units` quanta.
    #[must_use]
    pub fn quantity(self, units: i64) -> Quantity {
        Quantity {
            units,
            quantum: self,
        }
    }

    /// Returns the number of decimals in which amounts are shown.
    #[must_use]
    pub fn places(self) -> u8 {
        self.decimals
    }
}

impl Default for Quantum {
    fn default() -> Self {
        Self::ONE
    }
}

impl fmt::Display for Quantum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.size(), f)
    }
}

impl TryFrom<Number> for Quantum {
    type Error = QuantityError;

    fn try_from(number: Number) -> Result<Self, QuantityError> {
        Self::new(number.decimal())
    }
}

impl From<Quantum> for Number {
    fn from(quantum: Quantum) -> Self {
        Self::from(quantum.size())
    }
}

/// An amount: a whole count of its [`Quantum`].
///
/// Two quantities compare only when they share a quantum. Serialised as a decimal string.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Quantity {
    units: i64,
    quantum: Quantum,
}

impl Quantity {
    /// Returns the quantity that `amount` is in quanta of `quantum`.
    ///
    /// # Errors
    /// As [`Quantum::units`].
    pub fn new(amount: Decimal, quantum: Quantum) -> Result<Self, QuantityError> {
        Ok(Self {
            units: quantum.units(amount)?,
            quantum,
        })
    }

    /// Returns the count of quanta.
    #[must_use]
    pub fn units(self) -> i64 {
        self.units
    }

    /// Returns the smallest unit.
    #[must_use]
    pub fn quantum(self) -> Quantum {
        self.quantum
    }

    /// Returns the amount.
    #[must_use]
    pub fn amount(self) -> Decimal {
        self.quantum.amount(self.units)
    }

    /// Returns the sum.
    ///
    /// # Errors
    /// [`QuantityError::QuantumMismatch`] or [`QuantityError::Overflow`].
    pub fn checked_add(self, other: Self) -> Result<Self, QuantityError> {
        self.combine(other, '+', i64::checked_add)
    }

    /// Returns the difference.
    ///
    /// # Errors
    /// [`QuantityError::QuantumMismatch`] or [`QuantityError::Overflow`].
    pub fn checked_sub(self, other: Self) -> Result<Self, QuantityError> {
        self.combine(other, '-', i64::checked_sub)
    }

    fn combine(
        self,
        other: Self,
        operation: char,
        with: impl Fn(i64, i64) -> Option<i64>,
    ) -> Result<Self, QuantityError> {
        if self.quantum != other.quantum {
            return Err(QuantityError::QuantumMismatch {
                left: self.quantum,
                right: other.quantum,
            });
        }
        match with(self.units, other.units) {
            Some(units) => Ok(Self {
                units,
                quantum: self.quantum,
            }),
            None => Err(QuantityError::Overflow {
                left: self.amount(),
                operation,
                right: other.amount(),
            }),
        }
    }
}

impl PartialOrd for Quantity {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        (self.quantum == other.quantum).then(|| self.units.cmp(&other.units))
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.amount(), f)
    }
}

impl Serialize for Quantity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Number::from(self.amount()).serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn a_quantum_refuses_what_it_cannot_count() {
        let dozen = Quantum::new(decimal("12")).unwrap();
        assert_eq!(dozen.units(decimal("36")).unwrap(), 3);
        assert!(matches!(
            dozen.units(decimal("40")),
            Err(QuantityError::FinerThanQuantum { .. })
        ));
        let nickel = Quantum::new(decimal("0.05")).unwrap();
        assert_eq!(nickel.units(decimal("1.15")).unwrap(), 23);
        assert!(matches!(
            nickel.units(decimal("1.16")),
            Err(QuantityError::FinerThanQuantum { .. })
        ));
        assert!(matches!(
            Quantum::CENT.units(Decimal::MAX),
            Err(QuantityError::OutOfRange { .. })
        ));
        assert!(Quantum::new(decimal("0")).is_err());
        assert!(Quantum::new(decimal("-0.01")).is_err());
        assert!(Quantum::new(decimal("0.0000000000001")).is_err());
        assert!(Quantum::decimals(13).is_err());
        assert_eq!(Quantum::new(decimal("0.0100")).unwrap(), Quantum::CENT);
    }

    #[test]
    fn quantities_of_different_quanta_do_not_add_or_compare() {
        let cents = Quantum::CENT.quantity(100);
        let whole = Quantum::ONE.quantity(1);
        assert!(matches!(
            cents.checked_add(whole),
            Err(QuantityError::QuantumMismatch { .. })
        ));
        assert_eq!(cents.partial_cmp(&whole), None);
        let top = Quantum::CENT.quantity(i64::MAX);
        assert!(matches!(
            top.checked_add(cents),
            Err(QuantityError::Overflow { .. })
        ));
        assert_eq!(top.checked_sub(cents).unwrap().units(), i64::MAX - 100);
    }

    proptest! {
        #[test]
        fn units_and_amount_undo_each_other(units: i64, step in 1_u32.., decimals in 0_u8..=12) {
            let size = Decimal::from_i128_with_scale(i128::from(step), u32::from(decimals));
            let quantum = Quantum::new(size).unwrap();
            prop_assert_eq!(quantum.units(quantum.amount(units)), Ok(units));
        }
    }
}
