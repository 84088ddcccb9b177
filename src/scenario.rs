//! One document in, one outcome out: a model, what happened under it and an as-of day become targets, figures, scores, exceptions
//! and a review.
//!
//! A scenario is a [model](crate::model), some [entries](crate::journal::Entry) and the day as of which its [views](crate::view) are
//! told, run once: it counts nothing by itself. Analysts write scenarios; a host keeps the same model with a
//! [`Journal`](crate::journal::Journal). Everything that is wrong in a document is told at once, each with its place.
//!
//! Start with [`ScenarioDef`], [`ReadyDef`] and [`Outcome`]; [`ExpectDef`] is the test that an analyst writes.
//!
//! ```
//! use quotaflow::scenario::ScenarioDef;
//! let scenario: ScenarioDef = serde_json::from_str(r#"{
//!     "as_of": "2026-01-20",
//!     "model": {
//!         "dimensions": [{"key": "person", "hierarchies": [{"key": "person", "levels": ["person"]}],
//!                         "members": [{"key": "ann", "level": "person"}, {"key": "bo", "level": "person"}]}],
//!         "kinds": [{"key": "visit", "dimensions": [{"field": "person"}]}],
//!         "span": {"start": "2026-01-01", "end": "2027-01-01"},
//!         "metrics": [{"key": "visits", "formula": {"count": {"kinds": ["visit"]}}}],
//!         "views": [{"key": "by_person", "rows": [{"dimension": "person", "level": "person"}],
//!                    "periods": {"grain": "month", "from": "2026-01-01", "to": "2026-02-01"}}]
//!     },
//!     "records": [{"kind": "visit", "day": "2026-01-05", "members": {"person": "ann"}}],
//!     "expect": [{"cell": {"view": "by_person", "column": "visits", "subject": ["ann"], "period": "2026-01", "is": 2}}]
//! }"#).map_err(quotaflow::Error::unreadable)?;
//! let outcome = scenario.run()?;
//! let visits = outcome.views[0].figures[0].values["visits"];
//! assert_eq!(visits.and_then(|visits| visits.value()), Ok(1.into()));
//! assert_eq!(outcome.unmet[0].text, "`visits` of `ann` in `2026-01` is 1 visit so far and not 2");
//! # Ok::<(), quotaflow::Error>(())
//! ```

mod entries;
mod error;
mod expect;
mod outcome;
mod ready;
mod run;
#[expect(
    clippy::module_inception,
    reason = "the room's main type stands in a file of its own name"
)]
mod scenario;
mod unmet;
mod whole;

pub use error::{ScenarioCause, ScenarioError};
pub use expect::{ExpectDef, ExpectedAlerts, ExpectedCell, Unmet};
pub use outcome::{
    AlertRow, FigureRow, Outcome, ScoreRow, TargetPolicy, TargetWarning, UnaskedRule, ViewOutcome,
};
pub use ready::{ReadyDef, ReadyRecords, ReadyRules};
pub use scenario::ScenarioDef;
