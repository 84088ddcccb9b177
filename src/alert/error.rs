//! What can be wrong with what a monitor is asked or read from.

use chrono::NaiveDate;
use thiserror::Error;

use super::AlertId;
use crate::key::{Known, hint};
use crate::rule::RuleError;

/// What can be wrong with what a monitor is asked or read from.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum AlertError {
    /// The rules or the panel do not fit.
    #[error(transparent)]
    Rule(#[from] RuleError),
    /// The day does not come after the latest one that was told.
    #[error(
        "{day} does not come after {latest}, the latest day reported; correct what was reported instead of reporting it again"
    )]
    OutOfOrder {
        /// The day: the last one of the period, or of one that runs that as of which its figures are.
        day: NaiveDate,
        /// The latest day that was told.
        latest: NaiveDate,
    },
    /// The period begins after the day as of which the figures are.
    #[error(
        "the period that starts on {start} has not begun as of {as_of}, the day of the panel's figures"
    )]
    NotBegun {
        /// The first day of the period.
        start: NaiveDate,
        /// The day of the figures.
        as_of: NaiveDate,
    },
    /// A panel lacks a day that was told.
    #[error(
        "the panel has no period that holds {day}, which was reported; give one that has it, or close history through it first"
    )]
    HistoryMissing {
        /// The day.
        day: NaiveDate,
    },
    /// No alert has this identity.
    #[error("there is no alert `{name}`{}", hint(nearest.as_deref(), known))]
    UnknownAlert {
        /// The identity, as it is written.
        name: String,
        /// The nearest known one.
        nearest: Option<String>,
        /// Those that are known, of this rule where it has any.
        known: Known,
    },
    /// The alert is over.
    #[error("the alert `{id}` is closed already")]
    Over {
        /// The identity.
        id: AlertId,
    },
    /// The alert has no corrective action.
    #[error("the alert `{id}` has no corrective action")]
    NoCorrectiveAction {
        /// The identity.
        id: AlertId,
    },
    /// The check of a corrective action comes before its deadline.
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
