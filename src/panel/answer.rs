//! What one cell says: a figure, or why there is none.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::quantity::{Quantity, QuantityError, Quantum, Ratio, Rounding};

/// Whether a cell holds a number, and if not, why.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum State {
    /// It holds a number.
    #[default]
    Value = 0,
    /// The denominator is empty: a rate of nothing.
    NoBase = 1,
    /// Nothing was recorded, where the definition does not say that this means zero.
    NothingRecorded = 2,
    /// The figure makes no sense here: a target of a person who had not yet joined.
    NotApplicable = 3,
    /// It will be known later: the period has not begun or the deadline has not passed.
    NotYetDue = 4,
    /// The number is too large to be held exactly.
    OutOfRange = 5,
}

impl State {
    /// All states, in the order of their codes.
    pub const ALL: [Self; 6] = [
        Self::Value,
        Self::NoBase,
        Self::NothingRecorded,
        Self::NotApplicable,
        Self::NotYetDue,
        Self::OutOfRange,
    ];

    /// Says whether there is a number.
    #[must_use]
    pub fn is_value(self) -> bool {
        self == Self::Value
    }

    /// Returns the code: 0 for a value.
    #[must_use]
    pub fn code(self) -> u8 {
        self as u8
    }
}

/// A number of a panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Figure {
    /// A whole count of a quantum.
    Amount(Quantity),
    /// A quotient that has not been divided.
    Quotient {
        /// The part above the line, in its own quanta.
        numerator: i64,
        /// The part below the line, in its own quanta; positive.
        denominator: i64,
        /// What one quantum over one quantum is worth: 0.01 for cents per visit, 100 for orders per 100 visits.
        scale: Ratio,
    },
}

impl Figure {
    /// Returns the amount of `units` quanta.
    #[must_use]
    pub fn units(units: i64, quantum: Quantum) -> Self {
        Self::Amount(quantum.quantity(units))
    }

    /// Returns the amount, if it is one.
    #[must_use]
    pub fn amount(self) -> Option<Quantity> {
        match self {
            Self::Amount(quantity) => Some(quantity),
            Self::Quotient { .. } => None,
        }
    }

    /// Returns the exact value.
    ///
    /// # Errors
    /// [`QuantityError::RatioOverflow`] when scale and parts together leave 128 bits.
    pub fn ratio(self) -> Result<Ratio, QuantityError> {
        match self {
            Self::Amount(quantity) => quantity
                .quantum()
                .ratio()
                .checked_mul(Ratio::from(quantity.units())),
            Self::Quotient {
                numerator,
                denominator,
                scale,
            } => Ratio::new(i128::from(numerator), i128::from(denominator))?.checked_mul(scale),
        }
    }

    /// Returns the value rounded once to `places` decimals.
    ///
    /// # Errors
    /// As [`Figure::ratio`]; [`QuantityError::TooManyDigits`].
    pub fn decimal(self, places: u8, rounding: Rounding) -> Result<Decimal, QuantityError> {
        self.ratio()?.to_decimal(places, rounding)
    }
}

/// What a cell says: a figure, or the reason why there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// A number.
    Figure(Figure),
    /// Why there is no number; never [`State::Value`].
    None(State),
}

impl Answer {
    /// Returns the figure, if there is one.
    #[must_use]
    pub fn figure(self) -> Option<Figure> {
        match self {
            Self::Figure(figure) => Some(figure),
            Self::None(_) => None,
        }
    }

    /// Returns the exact value, if there is one that 128 bits hold.
    #[must_use]
    pub fn ratio(self) -> Option<Ratio> {
        self.figure().and_then(|figure| figure.ratio().ok())
    }

    /// Returns the state.
    #[must_use]
    pub fn state(self) -> State {
        match self {
            Self::Figure(_) => State::Value,
            Self::None(state) => state,
        }
    }
}
