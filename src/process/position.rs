//! Where an instance of a workflow stands: which steps are ready, which were done.

use super::net::Marking;
use super::step::StepId;
use super::workflow::Workflow;

/// Where an instance stands, told step by step.
///
/// ```
/// use quotaflow::key::Key;
/// use quotaflow::process::{TaskDef, Workflow, WorkflowDef};
/// # let key = |text| Key::new(text).unwrap();
/// # let step = |name| TaskDef::new(key(name)).owned_by(key("clerk")).within(60, 120).judged_by("complete");
/// let steps = vec![step("offer"), step("contract").after([key("offer")])];
/// let workflow = Workflow::new(WorkflowDef::new(key("order"), steps))?;
/// let mut at = workflow.begin();
/// let (offer, contract) = (workflow.require("offer")?, workflow.require("contract")?);
/// assert_eq!(at.ready(), [offer]);
/// assert!(!at.complete(contract), "the contract waits for the offer");
/// assert!(at.complete(offer) && at.complete(contract) && at.is_complete());
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
            .map(|(step, _)| StepId::new(step))
            .collect()
    }

    /// Says whether a step can be done next; a step of another workflow cannot.
    #[must_use]
    pub fn is_ready(&self, step: StepId) -> bool {
        self.after(step).is_some()
    }

    /// Does a step, and says whether it was ready; nothing changes when it was not.
    pub fn complete(&mut self, step: StepId) -> bool {
        let next = self.after(step);
        self.marking = next.unwrap_or(self.marking);
        next.is_some()
    }

    /// Returns what doing a step leaves behind, where it is a step of this workflow and can be done.
    fn after(&self, step: StepId) -> Option<Marking> {
        let net = self.workflow.net();
        let step = Some(step.index()).filter(|step| *step < net.steps())?;
        net.fire(self.marking, step)
    }

    /// Says whether nothing is left to be done.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.workflow.net().is_complete(self.marking)
    }
}
