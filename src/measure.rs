//! What is planned or measured: its unit, its smallest unit, how it adds up, and which direction is good.
//!
//! Start with [`Measure`] (one of them, as data), [`Measures`] (the checked list) and [`Unit`].
//!
//! ```
//! use quotaflow::measure::{Additivity, Direction, Measure, Measures, Unit};
//! use quotaflow::quantity::Quantum;
//! let eur: Unit = "money:EUR".parse()?;
//! let measures = Measures::new(vec![
//!     Measure::flow("sales", eur.clone(), Quantum::CENT)?,
//!     Measure::flow("receivables", eur, Quantum::CENT)?.adding(Additivity::Stock).better(Direction::Smaller),
//! ])?;
//! let balance = measures.require("receivables")?;
//! assert_eq!(measures.get(balance).map(|known| known.direction), Some(Direction::Smaller));
//! let error = measures.require("recievables").unwrap_err();
//! assert_eq!(error.to_string(), "there is no measure `recievables`; did you mean `receivables`?");
//! # Ok::<(), quotaflow::Error>(())
//! ```

mod error;
#[expect(
    clippy::module_inception,
    reason = "the room's main type stands in a file of its own name"
)]
mod measure;
mod measures;
mod unit;

pub use error::{MeasureError, UnitError};
pub use measure::{Additivity, Direction, Measure};
pub use measures::{MeasureId, Measures};
pub use unit::{Currency, Unit};

pub(crate) use error::suggestion;
