//! One document in, one outcome out: definitions, records and an as-of day become targets, figures, scores, exceptions
//! and a review.
//!
//! A scenario composes the other rooms and adds nothing to them. Analysts write scenarios; embedders use the parts.

mod definition;
mod error;
mod outcome;
mod ready;
mod run;
mod whole;

pub use definition::{ScenarioDef, TableDef, TargetCell, TargetDef};
use error::At;
pub use error::{ScenarioCause, ScenarioError};
pub use outcome::{AlertRow, FigureRow, Outcome, ScoreRow, TargetWarning, UnaskedRule};
pub use ready::{ReadyDef, ReadyRecords, ReadyRules};
