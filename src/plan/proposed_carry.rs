//! What a gap that is carried forward would do, told before it is done.

use chrono::NaiveDateTime;
use serde::Serialize;

use super::{CarriedGap, CarryForward, CarryRest, Change, Difference, Edit, Plan, PlanError};
use crate::document::Version;
use crate::key::Key;

/// Gaps carried forward, as a proposal: who missed how much, where it would go, what is in the way, and what every target would be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ProposedCarry {
    /// What was asked.
    pub asked: CarryForward,
    /// The version of the plan for which it was found.
    pub based_on: u64,
    /// The gaps, place by place.
    pub gaps: Vec<CarriedGap>,
    /// What would move, by level and order of the structure; nothing where something is left and that is refused.
    pub moved: Vec<Difference>,
}

impl ProposedCarry {
    /// Returns the change that makes it, as it stands.
    #[must_use]
    pub fn change(&self, by: Key, at: NaiveDateTime, reason: &str) -> Change {
        Change {
            version: Version::default(),
            by,
            at,
            reason: reason.to_owned(),
            based_on: self.based_on,
            edits: vec![Edit::CarryForward(self.asked.clone())],
        }
    }

    /// Says whether the change would be refused because something is left of a gap.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        let is_left = |gap: &CarriedGap| gap.left.units() != 0;
        self.asked.rest == CarryRest::Refused && self.gaps.iter().any(is_left)
    }
}

impl Plan {
    /// Returns what carrying gaps forward would do, and changes nothing.
    ///
    /// What is left of a gap is told and is no error, with what is in the way; the change that it stands for is refused then, unless
    /// it writes off what is left.
    ///
    /// # Errors
    /// Whatever [`Plan::apply`] would refuse the change for, but for what is left ([`EditError::CannotCarry`](super::EditError::CannotCarry)).
    pub fn carry_forward(&self, asked: &CarryForward) -> Result<ProposedCarry, PlanError> {
        let gaps = self.carried_gaps(asked)?;
        let mut told = ProposedCarry {
            asked: asked.clone(),
            based_on: self.version(),
            gaps,
            moved: Vec::new(),
        };
        if !told.is_refused() {
            told.moved = self.moved_by(&[Edit::CarryForward(asked.clone())])?;
        }
        Ok(told)
    }
}
