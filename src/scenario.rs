//! One document in, one outcome out: definitions, records and an as-of day become targets, figures, scores, exceptions
//! and a review.
//!
//! A scenario composes the other rooms and adds nothing to them. Analysts write scenarios; embedders use the parts.
//!
//! Start with [`ScenarioDef`], [`ReadyDef`] and [`Outcome`].
//!
//! ```
//! use quotaflow::scenario::ScenarioDef;
//! let scenario: ScenarioDef = serde_json::from_str(r#"{
//!     "as_of": "2026-01-20",
//!     "schema": {
//!         "space": [{"key": "person", "hierarchies": [{"key": "person", "levels": ["person"]}],
//!                    "members": [{"key": "ann", "level": "person"}, {"key": "bo", "level": "person"}]}],
//!         "measures": [],
//!         "kinds": [{"key": "visit", "dimensions": [{"field": "person"}]}],
//!         "span": {"start": "2026-01-01", "end": "2027-01-01"}
//!     },
//!     "records": [{"kind": "visit", "day": "2026-01-05", "members": {"person": "ann"}}],
//!     "subjects": [{"dimension": "person", "level": "person"}],
//!     "periods": {"grain": "month", "from": "2026-01-01", "to": "2026-02-01"},
//!     "metrics": [{"key": "visits", "formula": {"count": {"kinds": ["visit"]}}}]
//! }"#).map_err(quotaflow::Error::unreadable)?;
//! let outcome = scenario.run()?;
//! let visits = outcome.figures[0].values["visits"];
//! assert_eq!(visits.and_then(|visits| visits.value()), Ok(1.into()));
//! # Ok::<(), quotaflow::Error>(())
//! ```

mod error;
mod outcome;
mod ready;
mod run;
#[expect(
    clippy::module_inception,
    reason = "the room's main type stands in a file of its own name"
)]
mod scenario;
mod whole;

use error::At;
pub use error::{ScenarioCause, ScenarioError};
pub use outcome::{AlertRow, FigureRow, Outcome, ScoreRow, TargetWarning, UnaskedRule};
pub use ready::{ReadyDef, ReadyRecords, ReadyRules};
pub use scenario::{ScenarioDef, TargetCell, TargetDef};
