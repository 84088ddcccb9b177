//! Stages: how opportunities move through them, how many get through, how long it takes, and what the open ones are worth.
//!
//! A [`Funnel`] has the user's own stages and allowed moves. A [`Pipeline`] is opportunities with their journeys as of a
//! day. Conversion has two views, both defined: of a cohort ([`Pipeline::cohort`]) and of a period ([`Pipeline::period`]).
//! Durations keep what is not over yet (right-censored visits) apart and in sight ([`Survival`]); an [`OpportunityMatrix`] ranks
//! open opportunities by profit and chance. All of it is told as columns of a panel as well, owner by owner or rolled up:
//! [`Pipeline::columns`], [`Pipeline::conversion_columns`], [`Pipeline::stage_columns`], [`Pipeline::closing_columns`].
//!
//! Start with [`Funnel`], [`Opportunity`] and [`Pipeline`].
//!
//! ```
//! use quotaflow::funnel::{Funnel, Opportunity};
//! let funnel: Funnel = serde_json::from_str(r#"{"key": "sales", "stages": [
//!     {"key": "lead", "kind": "open"}, {"key": "offer", "kind": "open"}, {"key": "won", "kind": "won"}, {"key": "lost", "kind": "lost"}]}"#)
//!     .map_err(quotaflow::Error::unreadable)?;
//! let entered = |name: &str, stage: &str| {
//!     let text = format!(r#"{{"key": "{name}", "entries": [
//!         {{"day": "2026-03-02", "stage": "lead"}}, {{"day": "2026-03-09", "stage": "{stage}"}}]}}"#);
//!     serde_json::from_str::<Opportunity>(&text).map_err(quotaflow::Error::unreadable)
//! };
//! let all = [entered("a", "offer")?, entered("b", "lost")?];
//! let pipeline = funnel.pipeline(&all, "2026-03-31".parse()?)?;
//! assert_eq!(pipeline.open().count(), 1);
//! # Ok::<(), quotaflow::Error>(())
//! ```

mod closing;
mod columns;
mod error;
#[expect(
    clippy::module_inception,
    reason = "the room's main type stands in a file of its own name"
)]
mod funnel;
mod journey;
mod matrix;
mod pipeline;
mod records;
mod stage_columns;
mod survival;
mod value;

pub use error::FunnelError;
pub use funnel::{Funnel, FunnelDef, StageDef, StageId, StageKind};
pub use journey::{Journey, MoveKind, Opportunity, StageEntry, Visit};
pub use matrix::{Deal, MatrixCell, OpportunityMatrix, RankedDeal};
pub use pipeline::{Pipeline, Reached, StageConversion, StageTraffic, Stuck};
pub use records::StageFields;
pub use stage_columns::StagePair;
pub use survival::{Survival, SurvivalStep};
pub use value::{Chances, OpenValue, Outcomes, Velocity, coverage};

#[cfg(test)]
mod tests;
