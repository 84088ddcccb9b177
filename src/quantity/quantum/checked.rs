//! What a quantum refuses: sizes that are none, amounts that it does not count.

use crate::quantity::{error::QuantityError, number::Number, quantum::Quantum};
use crate::quantity::{
    ratio::Ratio,
    rounding::{Rounding, divide},
};
use rust_decimal::Decimal;

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

impl Quantum {
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
}
