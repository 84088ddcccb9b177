//! The least change of a plan, told before it is made.

use chrono::NaiveDateTime;
use serde::Serialize;

use super::{Change, Edit, NodeId, Path, Plan, PlanError, Reconciling};
use crate::document::Version;
use crate::key::Key;
use crate::quantity::{Quantity, Ratio};

/// The least change of a plan, as a proposal: what every node would be and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct LeastChange {
    /// What was asked.
    pub asked: Reconciling,
    /// The version of the plan for which it was found.
    pub based_on: u64,
    nodes: Vec<ProposedAmount>,
}

impl LeastChange {
    pub(super) fn new(asked: Reconciling, based_on: u64, nodes: Vec<ProposedAmount>) -> Self {
        Self {
            asked,
            based_on,
            nodes,
        }
    }

    /// Returns what every node would be, level by level from the top; where a branch leaves a step out, its amount is told once, at the
    /// node above.
    #[must_use]
    pub fn nodes(&self) -> &[ProposedAmount] {
        &self.nodes
    }

    /// Returns what one node would be, if there is such a node and its branch does not leave its step out.
    #[must_use]
    pub fn of(&self, node: NodeId) -> Option<&ProposedAmount> {
        let at = self.nodes.binary_search_by_key(&node, |own| own.node);
        at.ok().map(|at| &self.nodes[at])
    }

    /// Returns the change that makes it, as it stands.
    #[must_use]
    pub fn change(&self, by: Key, at: NaiveDateTime, reason: &str) -> Change {
        Change {
            version: Version::default(),
            by,
            at,
            reason: reason.to_owned(),
            based_on: self.based_on,
            edits: vec![Edit::Reconcile(self.asked.clone())],
        }
    }
}

/// What a node would be when a plan is reconciled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ProposedAmount {
    /// The node; its path says as much in documents.
    #[serde(skip)]
    pub node: NodeId,
    /// Its path.
    pub place: Path,
    /// What it is.
    pub draft: Quantity,
    /// What it would be.
    pub amount: Quantity,
    /// The optimum before it was rounded, in quanta; none where it is too fine for 128 bits.
    pub exact: Option<Ratio>,
    /// What made it that.
    pub why: WhyAmount,
}

/// What makes an amount what it is when a plan is reconciled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum WhyAmount {
    /// Just this is asked for, by the edit or by the recipe.
    Asked,
    /// It does not move: it is held or closed in the plan, or the edit keeps its place still.
    Still,
    /// It is at its minimum, and would be less by weight.
    AtLeast,
    /// It is at its maximum, and would be no less by weight.
    AtMost,
    /// It has no part of any change by weight: it has no weight, all below it that has is at a bound, or nothing is left to those that
    /// move with it. Where it is not its draft, it is the sum of what is below it.
    Unshared,
    /// It moves with others by weight, or what is below it does: of what is left to them when all else is at its bounds, it has the part
    /// `weight / of`.
    Shares {
        /// What is left to all that move together.
        change: Quantity,
        /// Its weight; no number above one divides this and `of`.
        weight: u128,
        /// The weight of all that move together.
        of: u128,
        /// The place below which they are.
        below: Path,
    },
}

impl std::fmt::Display for ProposedAmount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let verb = if self.draft == self.amount {
            "stays"
        } else {
            "becomes"
        };
        write!(f, "{}: {} {verb} {}", self.place, self.draft, self.amount)?;
        match &self.why {
            WhyAmount::Asked => f.write_str(", which is asked for"),
            WhyAmount::Still => f.write_str(", which does not move"),
            WhyAmount::AtLeast => f.write_str(", at least that"),
            WhyAmount::AtMost => f.write_str(", at most that"),
            WhyAmount::Unshared => Ok(()),
            WhyAmount::Shares {
                change,
                weight,
                of,
                below,
            } => write!(
                f,
                ", with {weight}/{of} of the {change} that move freely below {below}"
            ),
        }
    }
}

impl Plan {
    /// Returns the least change that brings the plan to what is asked, and changes nothing.
    ///
    /// Lots, totals that the recipe prescribes across nodes, and stretches of days that are held or edited are not solved for: the change is
    /// made on a copy of the plan, and one that they refuse is no proposal.
    ///
    /// # Errors
    /// Whatever [`Plan::apply`] would refuse the change for, in the same words:
    /// [`EditError::Contradicted`](super::EditError::Contradicted) with the smallest place that cannot be what is asked of it;
    /// [`PlanError::NotANode`] for a total across several nodes, which no tree can promise: prescribe it in the recipe, or ask for its
    /// nodes one by one; [`PlanError::NotForKind`] for stocks and ratings, and where a step hands down more than its own;
    /// [`BasisError::WeightTooFine`](super::BasisError::WeightTooFine); [`ConstraintError::NotWholeLots`](super::ConstraintError::NotWholeLots),
    /// [`ConstraintError::PrescribedBroken`](super::ConstraintError::PrescribedBroken) and
    /// [`EditError::HeldStretch`](super::EditError::HeldStretch) with what the least change makes of a place;
    /// [`EditError::WeightsOfPart`](super::EditError::WeightsOfPart), and the errors of unknown names and places.
    pub fn least_change(&self, asked: &Reconciling) -> Result<LeastChange, PlanError> {
        let (found, amounts) = self.reconciled(asked)?;
        let sheet = self.sheet_index(asked.measure.as_str())?;
        self.without_history().try_amounts(sheet, &amounts)?;
        Ok(found)
    }
}
