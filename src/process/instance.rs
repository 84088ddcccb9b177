//! Instances of a workflow, and what a replay says of one.

use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};

use super::conformance::{Alignment, TokenReplay};
use crate::key::Key;
use crate::quantity::Ratio;

/// What an event says of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum StepEventKind {
    /// It was given to somebody.
    Assigned,
    /// Work on it began.
    Started,
    /// It was done.
    Completed,
    /// A leader stepped in: gave an order, made a call, did it in place of the one who holds it. It moves no step.
    Intervened,
}

/// An event of an instance, at a local time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepEvent {
    /// When.
    pub at: NaiveDateTime,
    /// Its place among events of the same time, as the host entered them.
    #[serde(default)]
    pub sequence: u64,
    /// The step; a name that the workflow does not know is a nonconformity.
    pub step: Key,
    /// What happened.
    pub kind: StepEventKind,
    /// Who did it, or to whom it was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Key>,
}

/// One instance: an order, a request, a promotion under way.
///
/// Events are taken in the order (time, sequence, step, kind, person), so that the order of the list means nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Instance {
    /// The name.
    pub key: Key,
    /// When it was opened: then its first steps are ready.
    pub opened: NaiveDateTime,
    /// When it was closed, whether or not everything was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed: Option<NaiveDateTime>,
    /// What happened.
    pub events: Vec<StepEvent>,
}

/// Where a step of an instance stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepState {
    /// It waits for other steps.
    Waiting,
    /// It can begin.
    Ready,
    /// It has begun.
    Started,
    /// It is done.
    Done,
    /// It was left out.
    Skipped,
    /// Another branch was taken, or the instance is closed.
    NotTaken,
}

/// What a replay says of one step. Times are in microseconds of working time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepReport {
    /// The step.
    pub step: Key,
    /// Where it stands.
    pub state: StepState,
    /// When what it waits for was done.
    pub ready: Option<NaiveDateTime>,
    /// When work on it began, where that was recorded.
    pub started: Option<NaiveDateTime>,
    /// When it was done.
    pub completed: Option<NaiveDateTime>,
    /// Who did it, or has it: the person last recorded. Where nobody was recorded the step's owner holds it.
    pub person: Option<Key>,
    /// Since when whoever holds it now does: since it was last given or begun, or since it was ready. Nothing for a step
    /// that is not open.
    pub held_since: Option<NaiveDateTime>,
    /// When work on it has to begin.
    pub response_due: Option<NaiveDateTime>,
    /// When it has to be done: its duration after it began, or had to begin.
    pub due: Option<NaiveDateTime>,
    /// From ready to begun.
    pub response: Option<i64>,
    /// From begun to done.
    pub service: Option<i64>,
    /// From ready to done.
    pub cycle: Option<i64>,
    /// By how much the beginning was late, or is by now; 0 in time.
    pub response_late: Option<i64>,
    /// By how much the end was late, or is by now; 0 in time.
    pub late: Option<i64>,
    /// How often it was done.
    pub times: u32,
}

/// A departure from the workflow: something that it asks for and that was not done so.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Nonconformity {
    /// A step was left out that may not be.
    Skipped(Key),
    /// A step was done again.
    Repeated {
        /// The step.
        step: Key,
        /// When.
        at: NaiveDateTime,
    },
    /// A step was done, but not when it was its turn.
    OutOfOrder {
        /// The step.
        step: Key,
        /// When.
        at: NaiveDateTime,
    },
    /// A step of a branch that was not taken was done.
    OtherBranch {
        /// The step.
        step: Key,
        /// When.
        at: NaiveDateTime,
    },
    /// Something was done that the workflow does not know.
    Unknown {
        /// Its name, as it was recorded.
        step: Key,
        /// When.
        at: NaiveDateTime,
    },
}

/// Which of a step's two deadlines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeadlineKind {
    /// When work has to begin.
    Response,
    /// When it has to be done.
    Completion,
}

/// Somebody to tell of an overdue step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Escalation {
    /// The step.
    pub step: Key,
    /// Which deadline passed.
    pub deadline: DeadlineKind,
    /// Which level of the ladder: how many working minutes after the deadline it comes, below zero so many before it.
    pub after: i32,
    /// Whom to tell.
    pub to: Key,
    /// Whether this is a leader who has to step in.
    pub leader: bool,
    /// When.
    pub at: NaiveDateTime,
}

/// What a replay says of an instance on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InstanceReport {
    /// The instance.
    pub instance: Key,
    /// When it was opened.
    pub opened: NaiveDateTime,
    /// As of when it is told.
    pub as_of: NaiveDateTime,
    /// Whether nothing is left to be done.
    pub complete: bool,
    /// Whether it was closed.
    pub closed: bool,
    /// The steps in declared order.
    pub steps: Vec<StepReport>,
    /// The departures from the workflow, as its cheapest explanation tells them.
    pub nonconformities: Vec<Nonconformity>,
    /// That explanation.
    pub alignment: Alignment,
    /// The token replay of the completions.
    pub tokens: TokenReplay,
    /// Everybody who was to be told so far, in the order of time.
    pub escalations: Vec<Escalation>,
    /// How often a leader is recorded to have stepped in so far.
    pub interventions: u32,
    /// Working time since it was opened, until it ended or until now, in microseconds.
    pub cycle: i64,
    /// The part of it in which nobody worked on any step, where beginnings were recorded.
    pub waiting: i64,
}

impl InstanceReport {
    /// Returns the open steps, those due first first.
    #[must_use]
    pub fn open(&self) -> Vec<&StepReport> {
        let mut open: Vec<&StepReport> = self
            .steps
            .iter()
            .filter(|step| matches!(step.state, StepState::Ready | StepState::Started))
            .collect();
        open.sort_by_key(|step| match step.state {
            StepState::Ready => step.response_due,
            _ => step.due,
        });
        open
    }

    /// Says whether a leader stepped in: is recorded to have done so, or was to be told by the escalations. The process
    /// is to move the work; how often it needs a leader is a figure of its own.
    #[must_use]
    pub fn leader_stepped_in(&self) -> bool {
        self.interventions > 0 || self.escalations.iter().any(|told| told.leader)
    }

    /// Returns the share of the deadlines that were kept, among those that were met or have passed; `None` where there is
    /// none.
    #[must_use]
    pub fn time_conformance(&self) -> Option<Ratio> {
        let (kept, all) = self.deadlines();
        Ratio::new(i128::from(kept), i128::from(all)).ok()
    }

    /// Returns how many deadlines were kept, and how many were met or have passed.
    #[must_use]
    pub fn deadlines(&self) -> (u64, u64) {
        let (mut kept, mut all) = (0, 0);
        for step in &self.steps {
            let met = [step.started.is_some(), step.completed.is_some()];
            for (late, met) in [step.response_late, step.late].into_iter().zip(met) {
                match late {
                    Some(0) if met => (kept, all) = (kept + 1, all + 1),
                    Some(late) if late > 0 => all += 1,
                    _ => {}
                }
            }
        }
        (kept, all)
    }
}
