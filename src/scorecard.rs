//! Scorecards (考核): from figures to points, grades and consequences.
mod band;
mod curve;
mod error;
mod interval;
mod precision;

pub use band::{BandDef, Bands};
pub use curve::{Cliff, Curve, CurveDef, Jump, Knot, Monotone, Outside, Part, PerUnit, Shape};
pub use error::ScorecardError;
pub use interval::{Interval, Owner};
pub use precision::Precision;
