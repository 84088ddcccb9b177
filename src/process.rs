//! Work that passes through several hands: workflows with response times, and the logs of what happened.
//!
//! A [`Workflow`] says who answers for each step, what it waits for, within how many working minutes it has to begin and
//! to be done, and by what standard it is judged. It is refused where nobody answers, no deadline or standard is set, or
//! a state could be reached from which there is no way to the end. [`Workflow::replay`] tells of an [`Instance`] where it
//! stands, who holds it since when, what is due next, what was late, left out, repeated or out of order, and who was to be
//! told; [`Workflow::summary`] tells of many instances where the time goes.
//!
//! An [`EventLog`] needs no workflow: it tells what was done to each case, when and by whom, and
//! [`EventLog::statistics`] sums it up.

mod check;
mod columns;
mod conformance;
mod deadline;
mod finding;
mod instance;
mod log;
mod net;
mod position;
mod records;
mod replay;
mod statistics;
mod summary;
mod timing;
mod workflow;

use chrono::{DateTime, FixedOffset, NaiveDateTime};
use thiserror::Error;

use crate::calendar::CalendarError;
use crate::key::{Key, KeyError};
use crate::ledger::LedgerError;
use crate::measure::suggestion;
use crate::panel::PanelError;
use crate::quantity::{QuantityError, Ratio};

pub use columns::CountedTo;
pub use conformance::{Alignment, Costs, Extent, Move, TokenReplay};
pub use deadline::Deadlines;
pub use finding::{Finding, Grade};
pub use instance::{
    DeadlineKind, Deviation, Escalation, Instance, InstanceReport, StepEvent, StepEventKind,
    StepReport, StepState,
};
pub use log::{EventLog, EventLogBuilder, LogEvent};
pub use position::Position;
pub use records::EventFields;
pub use statistics::{
    ActivityStatistics, Handover, LogStatistics, ResourceStatistics, Succession, Variant,
};

pub use summary::{HandoverWait, StepSummary, WorkflowSummary};
pub use timing::TimeProfile;
pub use workflow::{EscalationDef, Join, PostDef, Split, StepDef, StepId, Workflow, WorkflowDef};

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
    /// A name cannot be a key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A time is outside what the calendar knows.
    #[error(transparent)]
    Calendar(#[from] CalendarError),
    /// The ledger has no such records or fields.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// A column does not fit its panel.
    #[error(transparent)]
    Panel(#[from] PanelError),
    /// A number leaves its range.
    #[error(transparent)]
    Quantity(#[from] QuantityError),
    /// A workflow has findings that are errors.
    #[error("workflow `{workflow}` is refused: {}", listed(findings))]
    Rejected {
        /// The workflow.
        workflow: Key,
        /// All findings, the gravest first.
        findings: Vec<Finding>,
    },
    /// A workflow has no such step.
    #[error("workflow `{workflow}` has no step `{step}`{}", suggestion(nearest.as_deref()))]
    UnknownStep {
        /// The workflow.
        workflow: Key,
        /// The step that was asked for.
        step: String,
        /// The nearest known one.
        nearest: Option<String>,
    },
    /// A record does not say what is needed of it.
    #[error("a record of {at} has no {field}")]
    Unsaid {
        /// When it was.
        at: NaiveDateTime,
        /// The field.
        field: Key,
    },
    /// A text says nothing of a step or an instance.
    #[error(
        "`{text}` in the record of {at} is no event: write opened, assigned, started, completed, intervened or closed"
    )]
    EventText {
        /// The text.
        text: Key,
        /// When it was.
        at: NaiveDateTime,
    },
    /// An instance was opened or closed twice.
    #[error("instance `{instance}` was {what} twice")]
    Twice {
        /// The instance.
        instance: Key,
        /// `opened` or `closed`.
        what: &'static str,
    },
    /// An alignment would take too long.
    #[error("aligning {events} events with workflow `{workflow}` needs more than {limit} states")]
    AlignmentTooLarge {
        /// The workflow.
        workflow: Key,
        /// The number of events.
        events: usize,
        /// The most states that are visited.
        limit: usize,
    },
    /// An event is earlier than its instance.
    #[error("instance `{instance}` was opened at {opened}, after its event at {at}")]
    BeforeOpening {
        /// The instance.
        instance: Key,
        /// When it was opened.
        opened: NaiveDateTime,
        /// When the event was.
        at: NaiveDateTime,
    },
    /// A variance is below zero.
    #[error("a variance of {variance} is below zero")]
    NegativeVariance {
        /// The value.
        variance: Ratio,
    },
}

fn listed(findings: &[Finding]) -> String {
    let errors = findings
        .iter()
        .filter(|finding| finding.grade() == Grade::Error);
    errors
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("; ")
}

#[cfg(test)]
mod tests;
