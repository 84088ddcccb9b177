//! What can be wrong with a number.

use rust_decimal::Decimal;
use thiserror::Error;

use super::quantum::Quantum;
use super::ratio::Ratio;

/// What can be wrong with a number.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum QuantityError {
    /// The amount is not a whole count of the quantum.
    #[error("{amount} has more decimals than the smallest unit {quantum} allows")]
    FinerThanQuantum {
        /// The amount.
        amount: Decimal,
        /// The smallest unit.
        quantum: Quantum,
    },
    /// The amount needs more quanta than 64 bits hold.
    #[error("{amount} is too large to be kept exactly in units of {quantum}")]
    OutOfRange {
        /// The amount.
        amount: Decimal,
        /// The smallest unit.
        quantum: Quantum,
    },
    /// Arithmetic on two quantities left the range.
    #[error("{left} {operation} {right} is too large")]
    Overflow {
        /// The first operand.
        left: Decimal,
        /// `+`, `-` or `x`.
        operation: char,
        /// The second operand.
        right: Decimal,
    },
    /// Two quantities with different smallest units met.
    #[error("amounts in steps of {left} and of {right} do not go together")]
    QuantumMismatch {
        /// The quantum of the first operand.
        left: Quantum,
        /// The quantum of the second operand.
        right: Quantum,
    },
    /// A quantum must be positive, have at most twelve decimals and a coefficient below 2^32.
    #[error(
        "{step} cannot be the smallest unit of an amount: it must be positive, with at most 12 decimals and 9 digits"
    )]
    InvalidQuantum {
        /// The step that was asked for.
        step: Decimal,
    },
    /// A ratio has no value for a zero denominator.
    #[error("the denominator of a ratio is zero")]
    ZeroDenominator,
    /// A ratio's numerator or denominator left the range of 128 bits.
    #[error("a ratio is too large or too fine to be kept exactly")]
    RatioOverflow,
    /// The text is not a number.
    #[error(
        "`{text}` is not an exact number: write digits with at most one point, or a fraction such as 1/3"
    )]
    NotANumber {
        /// The text.
        text: String,
    },
    /// The text is not a number of the form in which numbers are to be read.
    #[error("`{text}` is not a number as this one is written: {form}")]
    OtherForm {
        /// The text.
        text: String,
        /// An example of the form.
        form: String,
    },
    /// A sign of a form in which numbers are to be read could mean two things.
    #[error("`{sign}` cannot be read in numbers: give each sign one meaning, and none a digit")]
    SignClash {
        /// The sign.
        sign: String,
    },
    /// A share lies outside 0 to 1.
    #[error("{share} is not a share from 0 to 1")]
    NotAShare {
        /// The value.
        share: Ratio,
    },
    /// The value needs more digits than a decimal holds.
    #[error("the value has more than 28 digits and cannot be shown as a decimal")]
    TooManyDigits,
}
