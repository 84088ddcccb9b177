//! What can be wrong with a log, a workflow or a replay.

use chrono::{DateTime, FixedOffset, NaiveDateTime};
use thiserror::Error;

use super::defect::Defect;
use crate::calendar::CalendarError;
use crate::document::Gravity;
use crate::key::{Key, KeyError, Known, hint};
use crate::ledger::LedgerError;
use crate::limits::LimitError;
use crate::panel::PanelError;
use crate::quantity::{QuantityError, Ratio};

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
        findings: Vec<Defect>,
    },
    /// A workflow has no such step.
    #[error("workflow `{workflow}` has no step `{name}`{}", hint(nearest.as_deref(), known))]
    UnknownStep {
        /// The workflow.
        workflow: Key,
        /// The step that was asked for.
        name: String,
        /// The nearest known one.
        nearest: Option<String>,
        /// Those that are known.
        known: Known,
    },
    /// A step is of another workflow.
    #[error("workflow `{workflow}` has {steps} steps and none of number {}: it is a step of another workflow", step + 1)]
    ForeignStep {
        /// The workflow.
        workflow: Key,
        /// The place of the step in its own workflow, from 0.
        step: usize,
        /// How many steps this workflow has.
        steps: usize,
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
    #[error("`{name}` in the record of {at} is no event{}", hint(nearest.as_deref(), known))]
    UnknownEvent {
        /// The text.
        name: String,
        /// The nearest event.
        nearest: Option<String>,
        /// The events.
        known: Known,
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
    #[error("aligning {events} events with workflow `{workflow}`: {limit}")]
    AlignmentTooLarge {
        /// The workflow.
        workflow: Key,
        /// The number of events.
        events: usize,
        /// How many states it would have to visit at least, and how many it may.
        limit: LimitError,
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

fn listed(findings: &[Defect]) -> String {
    let errors = findings
        .iter()
        .filter(|finding| finding.gravity() == Gravity::Error);
    errors
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("; ")
}
