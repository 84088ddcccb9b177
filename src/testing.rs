//! Laws to which a host's own planner or store can be held, over random companies: hires, moves, leavers, late records, payments in
//! part, reversals, duplicates and mistakes. Behind the feature `testing`, which takes in `proptest`.
//!
//! Start with [`companies`] (a strategy of random [`Company`]s, which shrink to few deeds), [`Planner`] (what a host's own code answers)
//! and [`laws`] (each takes a planner through a company and returns the first [`Broken`] answer). A [`Plan`](crate::plan::Plan) is held
//! to all its own laws by [`assert_consistent!`](crate::assert_consistent).
//!
//! ```
//! use quotaflow::assert_consistent;
//! # use quotaflow::testing::{companies, date, document};
//! # use proptest::strategy::{Strategy, ValueTree};
//! # use proptest::test_runner::TestRunner;
//! let company = companies(1..=2).new_tree(&mut TestRunner::deterministic()).map_err(|why| quotaflow::Error::other(why.to_string()))?.current();
//! let model = serde_json::from_str(&document(company.years)).map_err(quotaflow::Error::unreadable)?;
//! let mut journal = quotaflow::journal::Journal::new(&model, date(0))?;
//! journal.replay(&company.hand_overs()?)?;
//! let id = quotaflow::journal::EntryId::new("planning", "2026")?;
//! let cascaded = quotaflow::journal::Entry::cascade(id, date(0), "year", [("sales", 1_200)])?.by("eva").because("agreed");
//! journal.enter(date(800).and_time(chrono::NaiveTime::MIN), date(799), &[cascaded])?;
//! assert_consistent!(journal.plan("year")?);
//! # Ok::<(), quotaflow::Error>(())
//! ```
//!
//! # A planner of one's own
//!
//! A few lines that keep the laws, and a mistake in one of them that breaks the first:
//!
//! ```no_run
#![doc = include_str!("../examples/own_planner.rs")]
//! ```

mod company;
mod consistent;
mod draw;
mod error;
pub mod laws;
mod planner;

pub use company::{Company, Deed, Did, Recorded, date, document, known};
pub use draw::companies;
pub use error::Broken;
pub use planner::{Answers, Cell, Planner};
