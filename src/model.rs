//! Every definition that a company needs, as one checked value of one document: calendar, dimensions, measures, kinds of records,
//! metrics, plans, cards, pay plans, duties and named views.
//!
//! Start with [`ModelDef`] (the document), [`Model`] (the checked value, with a fingerprint), [`ViewDef`] (rows, periods and
//! columns under a name) and [`PlanDef`] (how totals become targets, which views show beside figures); [`CommonDutyDef`] is a duty that all
//! members of a level have. Everything that is wrong in a document is told at once, each with its place. A
//! [`Journal`](crate::journal::Journal) takes in what happens under a model and answers its views.
//!
//! ```
//! use quotaflow::model::{Model, ModelDef};
//! let document = |person: &str| format!(r#"{{
//!     "dimensions": [{{"key": "person", "hierarchies": [{{"key": "person", "levels": ["person"]}}],
//!                      "members": [{{"key": "ann", "level": "person"}}]}}],
//!     "measures": [{{"key": "sales", "unit": "money:EUR", "quantum": "0.01", "additivity": "flow"}}],
//!     "kinds": [{{"key": "order", "dimensions": [{{"field": "{person}"}}], "measures": [{{"measure": "sales"}}]}}],
//!     "span": {{"start": "2026-01-01", "end": "2031-01-01"}},
//!     "metrics": [{{"key": "sales", "formula": {{"sum": {{"value": {{"measure": "sales"}}, "of": {{"kinds": ["order"]}}}}}}}}],
//!     "views": [{{"key": "by_person", "rows": [{{"dimension": "{person}", "level": "person"}}],
//!                 "periods": {{"grain": "month", "from": "2026-01-01", "to": "2027-01-01"}}}}]
//! }}"#);
//! let model = Model::new(serde_json::from_str::<ModelDef>(&document("person")).map_err(quotaflow::Error::unreadable)?)?;
//! assert_eq!(model.views().count(), 1);
//! let error = Model::new(serde_json::from_str(&document("persn")).map_err(quotaflow::Error::unreadable)?).unwrap_err();
//! assert_eq!(error.mistakes[1].to_string(), "views[0].rows[0]: there is no dimension `persn`; did you mean `person`?");
//! # Ok::<(), quotaflow::Error>(())
//! ```

mod asks;
mod by_cell;
mod check;
mod definition;
mod duties;
mod dutiful;
mod error;
mod found;
mod judged;
#[expect(
    clippy::module_inception,
    reason = "the room's main type stands in a file of its own name"
)]
mod model;
mod parts;
mod periods;
mod plan;
mod plans;
mod posted;
mod targets;
mod watch;
mod written;

pub use by_cell::{TargetCell, TargetsDef};
pub use definition::{ModelDef, ViewDef};
pub use duties::{AbsenceRule, CommonDutyDef, CountOf, StayRule, VacancyRule};
pub use error::{Mistake, ModelCause, ModelError};
pub use model::Model;
pub use periods::{GrainDef, PeriodsDef};
pub use plan::{PlanDef, TableDef};
pub use watch::WatchDef;

pub(crate) use check::Once;
pub(crate) use duties::{Bearers, Due, Owing, is_at_or_above};
pub(crate) use parts::{Asked, Beside, Cuts, NotShown};
pub(crate) use watch::Watched;
