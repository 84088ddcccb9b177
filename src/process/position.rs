//! Where an instance of a workflow stands: which steps are ready, which were done.

use super::net::Marking;
use super::workflow::{StepId, Workflow};

/// Where an instance stands, told step by step.
///
/// ```
/// use quotaflow::key::Key;
/// use quotaflow::process::{StepDef, Workflow, WorkflowDef};
/// # let key = |text| Key::new(text).unwrap();
/// # let step = |name| StepDef::new(key(name)).owned_by(key("clerk")).within(60, 120).judged_by("complete");
/// let steps = vec![step("offer"), step("contract").after([key("offer")])];
/// let workflow = Workflow::new(WorkflowDef::new(key("order"), steps))?;
/// let mut at = workflow.begin();
/// assert_eq!(at.ready(), [0]);
/// assert!(!at.complete(1), "the contract waits for the offer");
/// assert!(at.complete(0) && at.complete(1) && at.is_complete());
/// # Ok::<(), quotaflow::process::ProcessError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Position<'a> {
    workflow: &'a Workflow,
    marking: Marking,
}

impl Workflow {
    /// Returns where every instance begins.
    #[must_use]
    pub fn begin(&self) -> Position<'_> {
        Position {
            workflow: self,
            marking: self.net().start,
        }
    }
}

impl Position<'_> {
    /// Returns the steps that can be done next, in declared order.
    #[must_use]
    pub fn ready(&self) -> Vec<StepId> {
        self.workflow
            .net()
            .ready(self.marking)
            .map(|(step, _)| step)
            .collect()
    }

    /// Says whether a step can be done next.
    #[must_use]
    pub fn is_ready(&self, step: StepId) -> bool {
        step < self.workflow.steps().len() && self.workflow.net().fire(self.marking, step).is_some()
    }

    /// Does a step, and says whether it was ready; nothing changes when it was not.
    pub fn complete(&mut self, step: StepId) -> bool {
        if !self.is_ready(step) {
            return false;
        }
        if let Some(next) = self.workflow.net().fire(self.marking, step) {
            self.marking = next;
        }
        true
    }

    /// Says whether nothing is left to be done.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.workflow.net().is_complete(self.marking)
    }
}
