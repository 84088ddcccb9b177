//! Bands (档位): a label for every number, so that no number is without one and none has two.
//!
//! A table of grades that goes from 75 to 89 and on from 90 leaves 89.5 without a grade; one that says "up to 90" and "from
//! 90" gives 90 two. Neither can be built here ([`BandError`]). Scorecards, pay curves and severities stand on it.
//!
//! Start with [`Interval`], [`Bands`] and [`Quadrant`]:
//!
//! - [`Interval`]: a range with explicit ends, written as in mathematics: `[0.75, 0.9)`.
//! - [`Bands`]: a table over all numbers; [`Owner`] says to which side an edge belongs.
//! - [`Quadrant`]: two numbers, each good from a mark on: process beside result.
//!
//! ```
//! use quotaflow::band::{BandDef, Bands};
//! use quotaflow::quantity::Ratio;
//! let lights = Bands::new(vec![
//!     BandDef::new("(.., 0.75)".parse()?, "red"),
//!     BandDef::new("[0.75, 0.9)".parse()?, "yellow"),
//!     BandDef::new("[0.9, ..)".parse()?, "green"),
//! ])?;
//! assert_eq!(*lights.of(Ratio::new(899, 1_000)?), "yellow");
//! assert_eq!(lights.row(Ratio::ONE).range.to_string(), "[0.9, ..)");
//! # Ok::<(), quotaflow::Error>(())
//! ```

mod arithmetic;
mod bands;
mod error;
mod interval;
mod quadrant;

pub use bands::{BandDef, Bands};
pub use error::BandError;
pub use interval::{Interval, Owner};
pub use quadrant::Quadrant;
