//! Stages: how opportunities move through them, how many get through, how long it takes, and what the open ones are worth.
//!
//! A [`Funnel`] has the user's own stages and allowed moves. A [`Pipeline`] is opportunities with their journeys as of a
//! day. Conversion has two views, both defined: of a cohort ([`Pipeline::cohort`]) and of a period ([`Pipeline::period`]).
//! Durations keep what is not over yet apart and in sight ([`Survival`]). All of it is told as columns of a panel as well, owner by
//! owner or rolled up: [`Pipeline::columns`], [`Pipeline::conversion_columns`], [`Pipeline::stage_columns`], [`Pipeline::closing_columns`].

mod closing;
mod columns;
mod definition;
mod journey;
mod records;
mod report;
mod stage_columns;
mod survival;
mod value;

use chrono::NaiveDate;
use thiserror::Error;

use crate::key::{Key, KeyError};
use crate::ledger::LedgerError;
use crate::measure::suggestion;
use crate::panel::{ColumnKey, PanelError};
use crate::quantity::{QuantityError, Ratio};

pub use definition::{Funnel, FunnelDef, StageDef, StageId, StageKind};
pub use journey::{Journey, MoveKind, Opportunity, StageEntry, Visit};
pub use records::StageFields;
pub use report::{Pipeline, Reached, StageConversion, StageTraffic, Stuck};
pub use stage_columns::StagePair;
pub use survival::{Survival, SurvivalStep};
pub use value::{Chances, OpenValue, Outcomes, Velocity, coverage};

/// What can be wrong with a funnel or an opportunity.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum FunnelError {
    /// A name cannot be a key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The ledger has no such records or fields.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// A column does not fit its panel.
    #[error(transparent)]
    Panel(#[from] PanelError),
    /// A number leaves its range.
    #[error(transparent)]
    Quantity(#[from] QuantityError),
    /// Two things have the same name.
    #[error("{what} `{key}` is there twice")]
    Duplicate {
        /// What they are.
        what: &'static str,
        /// The name.
        key: Key,
    },
    /// A record does not say what is needed of it.
    #[error("a record of {day} has no {field}")]
    Unsaid {
        /// Its day.
        day: NaiveDate,
        /// The field.
        field: Key,
    },
    /// A column is not counted as the pipeline's values are.
    #[error("column `{column}` is not an amount in the quanta of the pipeline's values")]
    Quanta {
        /// The column.
        column: ColumnKey,
    },
    /// A funnel has no open stage.
    #[error("funnel `{funnel}` has no open stage")]
    NoStage {
        /// The funnel.
        funnel: Key,
    },
    /// A chance lies outside 0 to 1.
    #[error("the chance of stage `{stage}` is {chance}, outside 0 to 1")]
    Chance {
        /// The stage.
        stage: Key,
        /// The chance.
        chance: Ratio,
    },
    /// A funnel has no such stage.
    #[error("there is no stage `{stage}`{}", suggestion(nearest.as_deref()))]
    UnknownStage {
        /// The stage that was asked for.
        stage: String,
        /// The nearest known one.
        nearest: Option<String>,
    },
}

#[cfg(test)]
mod tests;
