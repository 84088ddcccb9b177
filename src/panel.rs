//! The meeting place: subjects x periods x figures, in typed columns.
//!
//! Everything that measures adds columns; everything that judges reads them and nothing else, so that a host can have
//! its own figures judged. A cell is a whole amount, or a numerator and a denominator, with a [`Reason`] beside it: a
//! number may be missing for different reasons, and none of them is zero.
//!
//! Columns are laid out period by period: the cells of one period stand together, in the order of the subjects.
//!
//! Start with [`Panel`], [`Column`] and [`Reason`].
//!
//! ```
//! use quotaflow::calendar::{Calendar, Grain};
//! use quotaflow::panel::{Column, ColumnKey, Panel, Reason};
//! use quotaflow::quantity::Quantum;
//! use quotaflow::space::{Axis, Subjects};
//! let people = Subjects::new(Axis::new("person", "person")?, vec!["ann".try_into()?, "bo".try_into()?])?;
//! let months = Calendar::gregorian().periods(Grain::Month, "2026-01-01".parse()?, "2026-03-01".parse()?)?;
//! // January of ann and bo, then February of ann and bo; of bo nothing was recorded in February.
//! let cents = vec![125_000, 90_000, 130_000, 0];
//! let sales = Column::amounts(ColumnKey::actual("sales")?, "money:EUR".parse()?, Quantum::CENT, cents);
//! let mut panel = Panel::new(people, months);
//! panel.add(sales.with_reasons(&[None, None, None, Some(Reason::NothingRecorded)])?)?;
//! assert_eq!(panel.get("sales", ["ann"], "2026-02")?.to_string(), "1300.00 EUR");
//! assert_eq!(panel.get("sales", ["bo"], "2026-02")?.ratio(), Err(Reason::NothingRecorded));
//! let error = panel.get("sale", ["bo"], "2026-02").unwrap_err();
//! assert_eq!(error.to_string(), "the panel has no column `sale`; did you mean `sales`?");
//! # Ok::<(), quotaflow::Error>(())
//! ```
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
pub(crate) use join::{different_periods, different_rows};
pub use panel::Panel;
pub use rollup::RollUp;
