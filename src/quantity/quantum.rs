//! The smallest unit of an amount, and an amount counted in it.

mod checked;

use std::fmt;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::number::Number;
use super::ratio::Ratio;

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

    /// Returns the amount that `units` quanta are. Every 64-bit count fits a decimal.
    #[must_use]
    pub fn amount(self, units: i64) -> Decimal {
        // |units| * step < 2^63 * 2^32 = 2^95, inside the 96 bits of a decimal's mantissa.
        let mantissa = i128::from(units) * i128::from(self.step);
        Decimal::try_from_i128_with_scale(mantissa, u32::from(self.decimals)).unwrap_or_default()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quantity::QuantityError;
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
        // Zeros behind the quantum's places are no finer amount.
        assert_eq!(Quantum::CENT.units(decimal("1.5000")).unwrap(), 150);
        assert_eq!(nickel.units(decimal("1.1500")).unwrap(), 23);
        assert!(matches!(
            Quantum::CENT.units(decimal("1.5001")),
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
        assert!(cents < Quantum::CENT.quantity(101) && cents >= Quantum::CENT.quantity(100));
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
