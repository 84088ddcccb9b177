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
//!
//! Start with [`Workflow`], [`Instance`] and [`EventLog`].
//!
//! ```
//! use quotaflow::process::{EventLogBuilder, LogEvent};
//! let mut log = EventLogBuilder::new();
//! for (case, activity, at) in [
//!     ("1", "ordered", "2026-03-02T09:00:00Z"), ("1", "paid", "2026-03-02T11:00:00Z"),
//!     ("2", "ordered", "2026-03-02T09:30:00Z"), ("2", "checked", "2026-03-02T10:00:00Z"), ("2", "paid", "2026-03-02T14:30:00Z"),
//! ] {
//!     log.push(LogEvent { case, activity, at: at.parse()?, resource: None })?;
//! }
//! let found = log.build().statistics();
//! assert_eq!(found.variants.len(), 2);
//! // The slowest case took five hours, told in microseconds.
//! assert_eq!(found.throughput.max(), Some(5 * 3_600_000_000));
//! # Ok::<(), quotaflow::Error>(())
//! ```

mod check;
mod clock;
mod columns;
mod conformance;
mod deadline;
mod defect;
mod definition;
mod error;
mod event_log;
mod hours;
mod instance;
mod net;
mod position;
mod records;
mod replay;
mod statistics;
mod step;
mod summary;
mod timing;
mod workflow;

pub use columns::CountedTo;
pub use conformance::{Alignment, Costs, Extent, Pairing, TokenReplay};
pub use deadline::Deadlines;
pub use defect::Defect;
pub use definition::{Capacity, EscalationDef, Join, Split, TaskDef, WorkflowDef};
pub use error::ProcessError;
pub use event_log::{EventLog, EventLogBuilder, LogEvent};
pub use hours::Hours;
pub use instance::{
    DeadlineKind, Escalation, Instance, InstanceReport, Nonconformity, StepEvent, StepEventKind,
    StepReport, StepState,
};
pub use position::Position;
pub use records::EventFields;
pub use statistics::{
    ActivityStatistics, Handoff, LogStatistics, ResourceStatistics, Succession, Variant,
};
pub use step::StepId;
pub use summary::{HandoffWait, StepSummary, WorkflowSummary};
pub use timing::TimeProfile;
pub use workflow::Workflow;

#[cfg(test)]
mod tests;
