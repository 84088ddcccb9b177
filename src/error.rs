//! The one error into which every room's error converts.
//!
//! Each room has an error of its own, which a host that reacts to one fault matches. [`Error`] is for everything else: `?`
//! takes any room's error, [`Error::kind`] says what sort of fault it is, [`Error::place`] where, and its text, which is
//! what `Debug` prints too, is a sentence for whoever wrote the input. A document that its format cannot read comes in by
//! [`Error::unreadable`], and whatever else a host does by [`Error::other`], so that no function of a host needs a box.
//!
//! Start with [`Error`] and [`ErrorKind`].
//!
//! ```
//! use quotaflow::calendar::{Calendar, Grain};
//! use quotaflow::panel::{Column, ColumnKey, Panel};
//! use quotaflow::quantity::Quantum;
//! use quotaflow::space::Subjects;
//! fn first_quarter() -> Result<Panel, quotaflow::Error> {
//!     let months = Calendar::gregorian().periods(Grain::Month, "2026-01-01".parse()?, "2026-04-01".parse()?)?;
//!     let mut panel = Panel::new(Subjects::whole(), months);
//!     panel.add(Column::amounts(ColumnKey::actual("sales")?, "money:EUR".parse()?, Quantum::CENT, vec![100]))?;
//!     Ok(panel)
//! }
//! let error = first_quarter().unwrap_err();
//! assert_eq!(error.kind(), quotaflow::ErrorKind::Mismatch);
//! assert_eq!(format!("{error:?}"), "column `sales` has 1 cells; 1 subjects in 3 periods need 3");
//! ```

#[expect(
    clippy::module_inception,
    reason = "the room's main type stands in a file of its own name"
)]
mod error;
mod fault;
mod kinds;

pub use error::Error;
pub use fault::{ErrorKind, Fault};
