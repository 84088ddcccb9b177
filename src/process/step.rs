//! The typed number of a step.

/// A step of a workflow, by its place in declared order, as [`Workflow::step`](super::Workflow::step) gives it.
///
/// It belongs to the workflow that gave it: one beyond another workflow's steps is an error or `None` there. It is never written:
/// reports name their steps by key.
///
/// ```
/// use quotaflow::key::Key;
/// use quotaflow::process::{TaskDef, Workflow, WorkflowDef};
/// # let key = |text| Key::new(text).unwrap();
/// # let step = |name| TaskDef::new(key(name)).owned_by(key("clerk")).within(60, 120).judged_by("complete");
/// let workflow = Workflow::new(WorkflowDef::new(key("order"), vec![step("offer"), step("contract").after([key("offer")])]))?;
/// let contract = workflow.require("contract")?;
/// assert_eq!((contract.index(), workflow.key_of(contract).map(Key::as_str)), (1, Some("contract")));
/// let short = Workflow::new(WorkflowDef::new(key("memo"), vec![step("offer")]))?;
/// assert_eq!(short.key_of(contract), None);
/// # Ok::<(), quotaflow::process::ProcessError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StepId(usize);

impl StepId {
    pub(super) fn new(index: usize) -> Self {
        Self(index)
    }

    /// Returns the place of the step in declared order, from 0.
    #[must_use]
    pub fn index(self) -> usize {
        self.0
    }
}
