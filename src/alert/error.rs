//! What can be wrong with what a monitor is asked or read from.

use chrono::NaiveDate;
use thiserror::Error;

use super::AlertId;
use crate::rule::RuleError;

/// What can be wrong with what a monitor is asked or read from.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum AlertError {
    /// The rules or the panel do not fit.
    #[error(transparent)]
    Rule(#[from] RuleError),
    /// The period does not come after the latest one.
    #[error(
        "the period that starts on {day} does not come after the latest one, which starts on {latest}"
    )]
    OutOfOrder {
        /// The first day of the period.
        day: NaiveDate,
        /// The first day of the latest one.
        latest: NaiveDate,
    },
    /// A panel lacks a period that the monitor went through.
    #[error("the panel has no period that starts on {day}, and the monitor went through it")]
    HistoryMissing {
        /// The first day of the period.
        day: NaiveDate,
    },
    /// No alert has this identity.
    #[error("there is no alert `{id}`")]
    UnknownAlert {
        /// The identity.
        id: AlertId,
    },
    /// The alert is over.
    #[error("the alert `{id}` is closed already")]
    Over {
        /// The identity.
        id: AlertId,
    },
    /// The alert has no cure.
    #[error("the alert `{id}` has no corrective action")]
    NoCure {
        /// The identity.
        id: AlertId,
    },
    /// The check of a cure comes before its deadline.
    #[error("the effect is to be checked on {check}, before the action's deadline of {deadline}")]
    CheckTooEarly {
        /// The day of the check.
        check: NaiveDate,
        /// The deadline.
        deadline: NaiveDate,
    },
    /// A saved monitor contradicts itself.
    #[error("the saved monitor is broken: {what} {index} {problem}")]
    Document {
        /// Which part.
        what: &'static str,
        /// Its place, from 0.
        index: usize,
        /// What is wrong with it.
        problem: &'static str,
    },
}
