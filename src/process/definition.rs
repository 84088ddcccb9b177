//! Workflows as data: steps, who answers for them, what they wait for, and how fast they have to be.

use serde::{Deserialize, Serialize};

use crate::document::Version;
use crate::key::Key;
use crate::text::Texts;

/// When a step may begin, where it waits for several others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Join {
    /// When all of them are done. The default.
    #[default]
    All,
    /// When any one of them is done: branches of which only one is taken come together here.
    Any,
}

/// What follows a step, where several others wait for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Split {
    /// All of them. The default.
    #[default]
    All,
    /// One of them: a decision.
    One,
}

/// One step of a workflow, as data. Times are in working minutes.
///
/// What makes the step somebody's responsibility may be left out here, so that a draft can be read and its gaps reported
/// one by one; a checked [`Workflow`](super::Workflow) has no step without an owner, a deadline and a standard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaskDef {
    /// The stable name; events name it.
    pub key: Key,
    /// What it is shown as.
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub title: Texts,
    /// The post that answers for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<Key>,
    /// The department that leads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lead: Option<Key>,
    /// The departments that take part.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub partners: Vec<Key>,
    /// What is to be done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    /// The steps that it waits for; it starts the workflow where there is none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub after: Vec<Key>,
    /// Whether it waits for all of them or for any one.
    #[serde(default, skip_serializing_if = "is_default")]
    pub join: Join,
    /// Whether all steps that wait for it follow, or one of them.
    #[serde(default, skip_serializing_if = "is_default")]
    pub split: Split,
    /// Whether it may be left out.
    #[serde(default, skip_serializing_if = "is_default")]
    pub optional: bool,
    /// Within how many working minutes of being ready work on it has to begin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response: Option<u32>,
    /// Within how many working minutes of its beginning it has to be done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration: Option<u32>,
    /// How many working minutes it costs its owner; the duration where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effort: Option<u32>,
    /// The standard by which it is evaluated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub standard: Option<String>,
    /// What it delivers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outputs: Vec<Key>,
    /// Whether it is key business, which is watched closely.
    #[serde(default, skip_serializing_if = "is_default")]
    pub key_business: bool,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl TaskDef {
    /// Returns a step without owner, deadline or standard, which a check will report.
    #[must_use]
    pub fn new(key: Key) -> Self {
        Self {
            key,
            title: Texts::default(),
            owner: None,
            lead: None,
            partners: Vec::new(),
            content: None,
            after: Vec::new(),
            join: Join::default(),
            split: Split::default(),
            optional: false,
            response: None,
            duration: None,
            effort: None,
            standard: None,
            outputs: Vec::new(),
            key_business: false,
        }
    }

    /// Returns the step with this owner.
    #[must_use]
    pub fn owned_by(mut self, owner: Key) -> Self {
        self.owner = Some(owner);
        self
    }

    /// Returns the step with this leading department.
    #[must_use]
    pub fn led_by(mut self, department: Key) -> Self {
        self.lead = Some(department);
        self
    }

    /// Returns the step with these working minutes to respond and to finish.
    #[must_use]
    pub fn within(mut self, response: u32, duration: u32) -> Self {
        self.response = Some(response);
        self.duration = Some(duration);
        self
    }

    /// Returns the step with this standard of evaluation.
    #[must_use]
    pub fn judged_by(mut self, standard: impl Into<String>) -> Self {
        self.standard = Some(standard.into());
        self
    }

    /// Returns the step waiting for these others.
    #[must_use]
    pub fn after(mut self, steps: impl IntoIterator<Item = Key>) -> Self {
        self.after.extend(steps);
        self
    }

    /// Returns the working minutes that it costs its owner.
    #[must_use]
    pub fn minutes_of_owner(&self) -> u32 {
        self.effort.or(self.duration).unwrap_or(0)
    }
}

/// A post and the working minutes that it has for this workflow in a period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Capacity {
    /// The post.
    pub key: Key,
    /// Its working minutes in the period.
    pub minutes: u64,
}

/// Whom to tell of a step that is not done, and when: a ladder from a reminder before its deadline to a leader after it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EscalationDef {
    /// How many working minutes after the due time; below zero so many before it, though never before the step is ready.
    pub after: i32,
    /// Whom: a post. The owner of the process comes first.
    pub to: Key,
    /// Whether this is a leader who has to step in, rather than somebody of the process itself.
    #[serde(default, skip_serializing_if = "is_default")]
    pub leader: bool,
}

/// A workflow as data; [`Workflow::new`](super::Workflow::new) checks it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkflowDef {
    /// The version of this form of document.
    #[serde(default)]
    pub version: Version<1>,
    /// The stable name.
    pub key: Key,
    /// Who owns the process as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<Key>,
    /// The steps, in the order in which they are shown.
    pub steps: Vec<TaskDef>,
    /// How many instances are expected in a period, for the load of the posts.
    #[serde(default, skip_serializing_if = "is_default")]
    pub instances: u32,
    /// The posts whose load is checked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub posts: Vec<Capacity>,
    /// Whom to tell of a step that is not done, by rising delay.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub escalations: Vec<EscalationDef>,
}

impl WorkflowDef {
    /// Returns the workflow with these steps.
    #[must_use]
    pub fn new(key: Key, steps: Vec<TaskDef>) -> Self {
        Self {
            version: Version::default(),
            key,
            owner: None,
            steps,
            instances: 0,
            posts: Vec::new(),
            escalations: Vec::new(),
        }
    }
}
