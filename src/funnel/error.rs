//! What can be wrong with a funnel or an opportunity.

use chrono::NaiveDate;
use thiserror::Error;

use crate::key::{Key, KeyError, Known, hint};
use crate::ledger::LedgerError;
use crate::panel::{ColumnKey, PanelError};
use crate::quantity::{QuantityError, Quantum, Ratio};

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
    #[error("{what} `{key}` is listed twice")]
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
    #[error(
        "column `{column}` does not count in steps of {quantum}, as the values of the pipeline do"
    )]
    Quanta {
        /// The smallest step of the pipeline's values.
        quantum: Quantum,
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
    #[error("there is no stage `{name}`{}", hint(nearest.as_deref(), known))]
    UnknownStage {
        /// The stage that was asked for.
        name: String,
        /// The nearest known one.
        nearest: Option<String>,
        /// Those that are known.
        known: Known,
    },
    /// The chance of an opportunity lies outside 0 to 1.
    #[error("the chance of the opportunity `{deal}` is {chance}, outside 0 to 1")]
    DealChance {
        /// The opportunity.
        deal: Key,
        /// The chance.
        chance: Ratio,
    },
    /// A criterion's weight is below zero.
    #[error("the weight of the criterion `{criterion}` is {weight}: write 0 or more")]
    NegativeWeight {
        /// The criterion.
        criterion: Key,
        /// Its weight.
        weight: Ratio,
    },
    /// An opportunity fits a criterion that its matrix does not have.
    #[error("the opportunity `{deal}` fits the criterion `{name}`, which the matrix does not have{}", hint(nearest.as_deref(), known))]
    UnknownCriterion {
        /// The criterion.
        name: String,
        /// The nearest known one.
        nearest: Option<String>,
        /// Those that are known.
        known: Known,
        /// The opportunity.
        deal: Key,
    },
}
