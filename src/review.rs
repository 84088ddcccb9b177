//! The loop (闭环): one review of a period that puts targets, pace, activity, score and exceptions together, names causes,
//! and proposes corrections.
//!
//! A review reads; it changes nothing. Every correction is a proposal with its reason, first of the execution (more of an
//! activity, the action of an alert), then of the plan (carry a shortfall into the periods that are left), and where
//! everybody misses alike the target itself is suspected before the people.
//!
//! Start with [`ReviewDef`], [`Review`] and [`Correction`]:
//!
//! - [`ReviewDef`]: the metrics with their paces, and which activity drives which result.
//! - [`review`]: from a definition and a panel, scores and alerts of one period, to a [`Review`].
//! - [`Correction`], [`Suspicion`]: what is proposed, and which targets nearly everybody misses.
//!
//! ```
//! use quotaflow::calendar::{Calendar, Grain};
//! use quotaflow::pace::{Days, Pace};
//! use quotaflow::panel::{Column, ColumnKey, Panel};
//! use quotaflow::quantity::Quantum;
//! use quotaflow::review::{ReviewSources, ReviewDef, review};
//! use quotaflow::space::Subjects;
//! let june = Calendar::gregorian().periods(Grain::Month, "2026-06-01".parse()?, "2026-07-01".parse()?)?;
//! let mut panel = Panel::new(Subjects::whole(), june);
//! for (key, units) in [(ColumnKey::target("sales")?, 300), (ColumnKey::actual("sales")?, 120)] {
//!     panel.add(Column::amounts(key, "count:order".parse()?, Quantum::ONE, vec![units]))?;
//! }
//! let def = ReviewDef::new(vec![Pace::new("sales", Days::Calendar)?]);
//! let found = review(&def, ReviewSources { panel: &panel, as_of: "2026-06-15".parse()?, scores: None, alerts: None })?;
//! // Half of June has passed: 150 are expected.
//! assert_eq!(found.subjects[0].lines[0].shortfall().map(|by| by.units()), Some(30));
//! # Ok::<(), quotaflow::Error>(())
//! ```

mod cause;
mod correction;
mod definition;
mod driver;
mod error;
mod line;
#[expect(
    clippy::module_inception,
    reason = "the room's main type stands in a file of its own name"
)]
mod review;
mod subject;
mod suspicion;

pub use cause::{Cause, Variance};
pub use definition::{ReviewDef, ReviewSources};
pub use driver::DriverDef;
pub use error::ReviewError;
pub use line::{Line, PaceStatus};
pub use review::{Review, review};
pub use subject::{AlertLine, Focus, ScoreLine, SubjectReview};
pub use subject::{Carried, Correction};
pub use suspicion::Suspicion;
