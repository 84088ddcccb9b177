//! Why bounds, holds and lots leave no way to share a total: a set of them in which nothing can be left out.

use std::fmt;

use super::lot::Lot;

/// One thing that was asked of a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Constraint {
    /// The share must be at least this.
    Minimum {
        /// The member.
        member: usize,
        /// The least share.
        share: i64,
    },
    /// The share must be at most this.
    Maximum {
        /// The member.
        member: usize,
        /// The largest share.
        share: i64,
    },
    /// The share must be this.
    Held {
        /// The member.
        member: usize,
        /// The share.
        share: i64,
    },
    /// The share must be a whole number of lots.
    Lot {
        /// The member.
        member: usize,
        /// The lot.
        lot: Lot,
    },
    /// The weight is zero, so the share is no more than the member's bounds ask for, which is nothing without a minimum.
    ZeroWeight {
        /// The member.
        member: usize,
    },
}

impl Constraint {
    /// Returns the member of whom it was asked.
    #[must_use]
    pub fn member(self) -> usize {
        match self {
            Self::Minimum { member, .. }
            | Self::Maximum { member, .. }
            | Self::Held { member, .. }
            | Self::Lot { member, .. }
            | Self::ZeroWeight { member } => member,
        }
    }
}

/// A set of constraints that no shares of the total can meet together, though they can meet every smaller selection of them.
///
/// It stands alone: with nothing asked but these constraints, [`allocate_within`](super::allocate_within) refuses the total
/// too. With a positive total, a member of whom no minimum is in the set may have any share from zero up (from zero down with
/// a negative total, any at all with zero), or from its maximum where that is in the set and below zero.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contradiction {
    pub(super) total: i64,
    pub(super) constraints: Vec<Constraint>,
    pub(super) needed: i128,
    pub(super) available: i128,
}

impl Contradiction {
    /// Returns the total that was to be shared.
    #[must_use]
    pub fn total(&self) -> i64 {
        self.total
    }

    /// Returns the constraints, by member.
    #[must_use]
    pub fn constraints(&self) -> &[Constraint] {
        &self.constraints
    }

    /// Returns how many quanta are needed: for the constraints when they ask for more than the total, else for the total.
    #[must_use]
    pub fn needed(&self) -> i128 {
        self.needed
    }

    /// Returns how many quanta there are: the total when the constraints ask for more, else the most (or with lots the
    /// nearest amount towards zero) that they can take.
    #[must_use]
    pub fn available(&self) -> i128 {
        self.available
    }
}

impl fmt::Display for Contradiction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "needed {}, available {} under {} constraints together, the first on member {}",
            self.needed,
            self.available,
            self.constraints.len(),
            self.constraints
                .first()
                .map_or(0, |constraint| constraint.member()),
        )
    }
}
