//! Exact numbers: a value is a whole count of its smallest unit.
//!
//! Inside the library an amount is an `i64` count of a [`Quantum`] (a cent, a piece, a case of 12) and a share is a
//! [`Ratio`] of two whole numbers. `rust_decimal::Decimal` is the number of the public interface and of documents
//! ([`Number`]). Nothing here rounds unless a [`Rounding`] is named, and nothing wraps: what outgrows its range is an
//! error.
//!
//! Start with [`Quantum`], [`Ratio`] and [`Quantity`].
//!
//! ```
//! use quotaflow::quantity::{Quantum, Ratio, Rounding};
//! use rust_decimal::Decimal;
//! let sold = Quantum::CENT.units(Decimal::new(125_000, 2))?;
//! let attainment = Ratio::new(i128::from(sold), 150_000)?;
//! assert_eq!(attainment.to_string(), "5/6");
//! assert!(attainment < Ratio::percent(84));
//! assert_eq!(attainment.to_decimal(3, Rounding::HalfAwayFromZero)?.to_string(), "0.833");
//! # Ok::<(), quotaflow::quantity::QuantityError>(())
//! ```

mod error;
mod number;
#[expect(
    clippy::module_inception,
    reason = "the room's main type stands in a file of its own name"
)]
mod quantity;
mod quantum;
mod ratio;
mod rounding;
mod sample;
mod together;

pub use error::QuantityError;
pub use number::{Number, NumberForm};
pub use quantity::Quantity;
pub use quantum::Quantum;
pub use ratio::Ratio;
pub use rounding::{Rounding, divide, mul_divide};
pub use sample::{Quantile, Sample};

pub(crate) use ratio::gcd;
pub(crate) use together::rounded_together;
