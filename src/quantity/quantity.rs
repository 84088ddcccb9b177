//! An amount: a whole count of its smallest unit.

use super::{error::QuantityError, number::Number, quantum::Quantum};
use rust_decimal::Decimal;
use serde::{Serialize, Serializer};
use std::{cmp::Ordering, fmt};

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

impl Quantum {
    /// Returns the quantity of `units` quanta.
    #[must_use]
    pub fn quantity(self, units: i64) -> Quantity {
        Quantity {
            units,
            quantum: self,
        }
    }
}
