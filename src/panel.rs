//! The meeting place: subjects x periods x figures, in typed columns.
//!
//! Everything that measures adds columns; everything that judges reads them and nothing else, so that a host can have
//! its own figures judged. A cell is a whole amount, or a numerator and a denominator, with a [`Reason`] beside it: a
//! number may be missing for different reasons, and none of them is zero.
//!
//! Columns are laid out period by period: the cells of one period stand together, in the order of the subjects.
//!
#![doc = include_str!("panel/columns.md")]

mod answer;
mod builder;
mod column;
mod column_key;
mod columns;
mod error;
mod join;
mod lookup;
#[expect(
    clippy::module_inception,
    reason = "the room's main type stands in a file of its own name"
)]
mod panel;
mod rollup;
pub(crate) mod written;

pub use answer::{Answer, Figure, Reason};
pub(crate) use answer::{Parts, Told};
pub use builder::ColumnBuilder;
pub(crate) use builder::{parts, ratio_parts};
pub use column::{Column, Figures};
pub use column_key::ColumnKey;
pub use column_key::Role;
pub use columns::Columns;
pub use error::PanelError;
pub use join::Joined;
pub(crate) use join::{different_axes, different_periods};
pub use panel::Panel;
pub use rollup::RollUp;
