//! The checked form of a workflow: from every state that it can come to, it can be completed.

use serde::{Deserialize, Serialize};

use super::check::{STATES, check};
use super::defect::Defect;
use super::definition::{TaskDef, WorkflowDef};
use super::error::ProcessError;
use super::net::Net;
use super::step::StepId;
use crate::document::Gravity;
use crate::key::{Key, unknown};
use crate::limits::{Limits, Size};

/// A checked workflow: from every state that it can come to, it can be completed.
///
/// ```
/// use quotaflow::key::Key;
/// use quotaflow::process::{TaskDef, Workflow, WorkflowDef};
/// let key = |text| Key::new(text);
/// let step = |name| -> Result<TaskDef, quotaflow::key::KeyError> {
///     Ok(TaskDef::new(key(name)?).owned_by(key("clerk")?).within(60, 120).judged_by("complete"))
/// };
/// let offer = step("offer")?;
/// let contract = step("contract")?.after([key("offer")?]);
/// let workflow = Workflow::new(WorkflowDef::new(key("order")?, vec![offer, contract]))?;
/// assert_eq!(workflow.steps().len(), 2);
/// // A step that nobody answers for is refused, with its name.
/// let draft = WorkflowDef::new(key("order")?, vec![TaskDef::new(key("offer")?)]);
/// assert!(Workflow::new(draft).unwrap_err().to_string().contains("`offer` has no owner"));
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "WorkflowDef", into = "WorkflowDef")]
pub struct Workflow {
    def: WorkflowDef,
    net: Net,
    findings: Vec<Defect>,
}

impl Workflow {
    /// Checks and compiles a definition.
    ///
    /// # Errors
    /// [`ProcessError::Rejected`] with every finding when one of them is an [`Gravity::Error`].
    pub fn new(def: WorkflowDef) -> Result<Self, ProcessError> {
        Self::new_within(def, Limits::default().with(Size::Steps, STATES))
    }

    /// The same, checked as [`WorkflowDef::check_within`] does.
    ///
    /// # Errors
    /// As [`Workflow::new`].
    pub fn new_within(def: WorkflowDef, limits: Limits) -> Result<Self, ProcessError> {
        let (findings, net) = check(&def, limits);
        match net {
            Some(net)
                if findings
                    .iter()
                    .all(|finding| finding.gravity() != Gravity::Error) =>
            {
                Ok(Self { def, net, findings })
            }
            _ => Err(ProcessError::Rejected {
                workflow: def.key,
                findings,
            }),
        }
    }

    /// Returns the name.
    #[must_use]
    pub fn key(&self) -> &Key {
        &self.def.key
    }

    /// Returns the definition.
    #[must_use]
    pub fn definition(&self) -> &WorkflowDef {
        &self.def
    }

    /// Returns the steps in declared order.
    #[must_use]
    pub fn steps(&self) -> &[TaskDef] {
        &self.def.steps
    }

    /// Returns what is doubtful but no reason to refuse the workflow.
    #[must_use]
    pub fn findings(&self) -> &[Defect] {
        &self.findings
    }

    /// Returns a step by its key.
    #[must_use]
    pub fn step(&self, key: &str) -> Option<StepId> {
        self.index_of(key).map(StepId::new)
    }

    /// Returns a step by its key, or says which there are.
    ///
    /// # Errors
    /// [`ProcessError::UnknownStep`] with the nearest known one.
    pub fn require(&self, key: &str) -> Result<StepId, ProcessError> {
        self.step(key).ok_or_else(|| {
            let steps = self.def.steps.iter().map(|step| step.key.as_str());
            let (name, nearest, known) = unknown(key, steps);
            ProcessError::UnknownStep {
                workflow: self.def.key.clone(),
                name,
                nearest,
                known,
            }
        })
    }

    /// Returns what a step is; `None` for a step of another workflow.
    #[must_use]
    pub fn task(&self, step: StepId) -> Option<&TaskDef> {
        self.def.steps.get(step.index())
    }

    /// Returns the key of a step; `None` for a step of another workflow.
    #[must_use]
    pub fn key_of(&self, step: StepId) -> Option<&Key> {
        self.def.steps.get(step.index()).map(|step| &step.key)
    }

    /// Returns the place of a step in declared order.
    pub(super) fn index_of(&self, key: &str) -> Option<usize> {
        self.def.steps.iter().position(|step| step.key == key)
    }

    pub(super) fn net(&self) -> &Net {
        &self.net
    }
}

impl TryFrom<WorkflowDef> for Workflow {
    type Error = ProcessError;

    fn try_from(def: WorkflowDef) -> Result<Self, ProcessError> {
        Self::new(def)
    }
}

impl From<Workflow> for WorkflowDef {
    fn from(workflow: Workflow) -> Self {
        workflow.def
    }
}
