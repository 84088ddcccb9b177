//! Work that passes through several hands: workflows with response times, and the logs of what happened.
//!
//! An [`EventLog`] tells what was done to each case, when and by whom; [`EventLog::statistics`] sums it up.

mod deadline;
mod log;
mod statistics;

use chrono::{DateTime, FixedOffset};
use thiserror::Error;

pub use deadline::Deadlines;
pub use log::{EventLog, EventLogBuilder, LogEvent};
pub use statistics::{
    ActivityStatistics, Handover, LogStatistics, ResourceStatistics, Succession, Variant,
};

/// What can be wrong with a log, a workflow or a replay.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ProcessError {
    /// An event names no case or no activity.
    #[error("an event has an empty {what}")]
    EmptyName {
        /// `case`, `activity`.
        what: &'static str,
    },
    /// An instant is finer than a microsecond.
    #[error("{at} is finer than a microsecond")]
    TooFine {
        /// The instant.
        at: DateTime<FixedOffset>,
    },
    /// More of something than a stated limit.
    #[error("there are more {what} than {limit}")]
    TooMany {
        /// What there are too many of.
        what: &'static str,
        /// The limit.
        limit: usize,
    },
}
