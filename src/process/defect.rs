//! What a check can find wrong or doubtful about a workflow, and how grave it is.

use std::fmt;

use serde::Serialize;

use super::net::MAX_PLACES;
use crate::document::Gravity;
use crate::key::{Key, Known, hint};

/// What is wrong or doubtful about a workflow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Defect {
    /// There is no step.
    NoStep,
    /// Two steps have the same key.
    DuplicateStep(Key),
    /// A step waits for one that does not exist.
    UnknownPredecessor {
        /// The step.
        step: Key,
        /// What it waits for.
        name: String,
        /// The nearest known step.
        nearest: Option<String>,
        /// The known steps.
        known: Known,
    },
    /// A step waits for another one twice.
    DuplicatePredecessor {
        /// The step.
        step: Key,
        /// What it waits for.
        wanted: Key,
    },
    /// Steps wait for each other.
    Cycle(Vec<Key>),
    /// There are more connections than the check can hold, or more ways through the decisions than it may follow.
    TooLarge,
    /// Nobody answers for a step.
    NoOwner(Key),
    /// A step has no response time or no duration.
    NoDeadline(Key),
    /// A step has no standard of evaluation.
    NoStandard(Key),
    /// A step neither waits for another nor is waited for, while others do.
    Orphan(Key),
    /// A step can never begin.
    Unreachable(Key),
    /// After these decisions (decision and the step that followed) steps wait for something that never comes.
    Stuck {
        /// The decisions on the way.
        decisions: Vec<(Key, Key)>,
        /// The steps that wait for ever.
        waiting: Vec<Key>,
    },
    /// After these decisions a step is to be done twice, because it joins any of several branches that all run.
    DoneTwice {
        /// The decisions on the way.
        decisions: Vec<(Key, Key)>,
        /// The step.
        step: Key,
    },
    /// A post needs more working time than it has.
    Overloaded {
        /// The post.
        post: Key,
        /// The working minutes that its steps need in the period.
        needed: u64,
        /// The working minutes that it has.
        available: u64,
    },
    /// A post is declared twice.
    DuplicatePost(Key),
    /// An escalation comes no later than the one before it.
    EscalationOrder {
        /// Its position, from 0.
        index: usize,
    },
    /// A decision has only one step, or none, to decide for.
    NothingToDecide(Key),
    /// Departments take part, but none leads.
    NoLead(Key),
    /// A department both leads and takes part.
    LeadAsPartner(Key),
    /// The first escalation passes over the owner of the process.
    EscalationPastOwner {
        /// To whom it goes.
        to: Key,
        /// Who owns the process.
        owner: Key,
    },
    /// A step that is late is told to nobody.
    NoEscalation,
    /// Instances are expected, but a post's hours are not stated, so that its load cannot be checked.
    HoursUnknown {
        /// The post.
        post: Key,
        /// The working minutes that its steps need in the period.
        needed: u64,
    },
    /// Nobody owns the process as a whole, so that no escalation can go there first.
    NoProcessOwner,
    /// No step is marked as key business.
    NoKeyBusiness,
}

impl Defect {
    /// Returns how grave it is.
    #[must_use]
    pub fn gravity(&self) -> Gravity {
        match self {
            Self::NoStep
            | Self::DuplicateStep(_)
            | Self::UnknownPredecessor { .. }
            | Self::DuplicatePredecessor { .. }
            | Self::Cycle(_)
            | Self::TooLarge
            | Self::NoOwner(_)
            | Self::NoDeadline(_)
            | Self::NoStandard(_)
            | Self::Orphan(_)
            | Self::Unreachable(_)
            | Self::Stuck { .. }
            | Self::DoneTwice { .. }
            | Self::Overloaded { .. }
            | Self::DuplicatePost(_)
            | Self::EscalationOrder { .. } => Gravity::Error,
            Self::NothingToDecide(_)
            | Self::NoLead(_)
            | Self::LeadAsPartner(_)
            | Self::EscalationPastOwner { .. }
            | Self::HoursUnknown { .. } => Gravity::Warning,
            Self::NoProcessOwner | Self::NoKeyBusiness | Self::NoEscalation => Gravity::Note,
        }
    }
}

impl fmt::Display for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoStep => f.write_str("there is no step"),
            Self::DuplicateStep(step) => write!(f, "step `{step}` is declared twice"),
            Self::UnknownPredecessor {
                step,
                name,
                nearest,
                known,
            } => {
                let near = hint(nearest.as_deref(), known);
                write!(
                    f,
                    "step `{step}` waits for `{name}`, which does not exist{near}"
                )
            }
            Self::DuplicatePredecessor { step, wanted } => {
                write!(f, "step `{step}` waits for `{wanted}` twice")
            }
            Self::Cycle(steps) => {
                write!(
                    f,
                    "steps wait for each other: {}",
                    join(steps.iter().chain(steps.first()))
                )
            }
            Self::TooLarge => {
                write!(
                    f,
                    "the steps have more than {MAX_PLACES} connections or too many decisions to be checked"
                )
            }
            Self::NoOwner(step) => write!(f, "step `{step}` has no owner"),
            Self::NoDeadline(step) => {
                write!(f, "step `{step}` has no response time or no duration")
            }
            Self::NoStandard(step) => write!(f, "step `{step}` has no standard of evaluation"),
            Self::Orphan(step) => write!(f, "step `{step}` is connected to no other step"),
            Self::Unreachable(step) => write!(f, "step `{step}` can never begin"),
            Self::Stuck { decisions, waiting } => {
                write!(
                    f,
                    "{}{} can wait for ever",
                    after(decisions),
                    join(waiting.iter())
                )
            }
            Self::DoneTwice { decisions, step } => {
                write!(f, "{}step `{step}` is to be done twice", after(decisions))
            }
            Self::Overloaded {
                post,
                needed,
                available,
            } => {
                write!(
                    f,
                    "post `{post}` needs {needed} working minutes and has {available}"
                )
            }
            Self::DuplicatePost(post) => write!(f, "post `{post}` is declared twice"),
            Self::EscalationOrder { index } => {
                write!(
                    f,
                    "escalation number {index} does not come later than the one before it"
                )
            }
            Self::NothingToDecide(step) => {
                write!(f, "step `{step}` decides between fewer than two steps")
            }
            Self::NoLead(step) => write!(f, "step `{step}` has partners but no leading department"),
            Self::LeadAsPartner(step) => {
                write!(
                    f,
                    "the leading department of step `{step}` is among its partners"
                )
            }
            Self::EscalationPastOwner { to, owner } => {
                write!(
                    f,
                    "the first escalation goes to `{to}`, past the owner of the process `{owner}`"
                )
            }
            Self::NoEscalation => f.write_str("nobody is notified of a late step"),
            Self::HoursUnknown { post, needed } => {
                write!(
                    f,
                    "post `{post}` needs {needed} working minutes, and its hours are not stated"
                )
            }
            Self::NoProcessOwner => f.write_str("nobody owns the process as a whole"),
            Self::NoKeyBusiness => f.write_str("no step is marked as key business"),
        }
    }
}

fn join<'a>(keys: impl Iterator<Item = &'a Key>) -> String {
    keys.map(|key| format!("`{key}`"))
        .collect::<Vec<_>>()
        .join(" > ")
}

fn after(decisions: &[(Key, Key)]) -> String {
    if decisions.is_empty() {
        return String::new();
    }
    let taken: Vec<String> = decisions
        .iter()
        .map(|(from, to)| format!("`{from}` > `{to}`"))
        .collect();
    format!("after {}, ", taken.join(", "))
}
