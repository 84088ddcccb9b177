//! Scorecards (考核): from figures to points, grades and consequences.
//!
//! A card reads a [`Panel`](crate::panel::Panel) and nothing else, so that a host can have its own figures judged. Scores
//! decide pay and careers: they are exact, each can be explained down to the figures, and a scheme with holes cannot be
//! built. Bands that leave 89 to 90 undefined, an edge that belongs to two rows, weights that make 99 %, a limit that is
//! kept and worth nothing at once: all of these are errors of construction ([`ScorecardError`]).
//!
//! - [`Curve`], [`Bands`], [`Grid`]: from an attainment to points; what they do is proven when they are made.
//! - [`KpiDef`]: what is looked at, what it is compared with, the curve, the rounding, and what a missing number means.
//! - [`ScorecardDef`], [`Scorecard`]: groups, weights, items, gates, vetoes, grades; [`Scores`] of a whole panel.
//! - [`Explanation`]: the tree from a total to the figures, as data that can be replayed.

mod band;
mod binding;
mod card;
mod curve;
mod error;
mod explain;
mod grade;
mod grid;
mod input;
mod interval;
mod judge;
mod kpi;
mod precision;
mod rank;
mod scores;
mod veto;

pub use band::{BandDef, Bands};
pub use card::{GroupDef, Scorecard, ScorecardDef};
pub use curve::{Cliff, Curve, CurveDef, Jump, Knot, Monotone, Outside, Part, PerUnit, Shape};
pub use error::ScorecardError;
pub use explain::{Explanation, GroupPart, InputPart, KpiPart, LimitPart};
pub use grade::Light;
pub use grid::{Grid, GridDef};
pub use input::{Attainment, InputDef, Peers, Reading, Readings, Reference, Window, attain};
pub use interval::{Interval, Owner};
pub use kpi::{KpiDef, ScaleDef, Unknown, UnknownDef};
pub use precision::Precision;
pub use rank::TieRule;
pub use scores::Scores;
pub use veto::{ConditionDef, GateDef, Operand, Scope, VetoDef, WhenUnknown};
