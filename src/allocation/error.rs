//! What can be wrong with an allocation.

use thiserror::Error;

use super::tree_contradiction::TreeContradiction;
use super::{Contradiction, Lot};
use crate::quantity::Ratio;

/// What can be wrong with an allocation. Members are named by their place in declared order, the first being 0.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum AllocationError {
    /// There is an amount but nobody to share it.
    #[error("a total of {total} has no members to share it")]
    NoMembers {
        /// The amount, in quanta.
        total: i64,
    },
    /// There is an amount but no member has any weight.
    #[error("a total of {total} cannot be shared by {members} members whose weights are all zero")]
    ZeroWeights {
        /// The amount, in quanta.
        total: i64,
        /// The number of members.
        members: usize,
    },
    /// A weight is below zero where that is refused.
    #[error("the weight of member {member} is {weight}, below zero")]
    NegativeWeight {
        /// The member.
        member: usize,
        /// Its weight.
        weight: Ratio,
    },
    /// The weights have no common scale on which their whole numbers are below the bound.
    #[error(
        "the weight of member {member} is too fine beside the others: whole weights must not exceed 2^126 in all"
    )]
    WeightTooFine {
        /// The member at which the bound was met.
        member: usize,
    },
    /// More members than one node can have.
    #[error(
        "{members} members share one amount; at most {} can",
        super::wide::MAX_MEMBERS
    )]
    TooManyMembers {
        /// The number of members.
        members: usize,
    },
    /// Two columns that belong together differ in length.
    #[error("{what} has {found} entries where {expected} are needed")]
    LengthMismatch {
        /// Which column.
        what: &'static str,
        /// How many entries it needs.
        expected: usize,
        /// How many it has.
        found: usize,
    },
    /// A method or bound names a member that does not exist.
    #[error("member {member} does not exist: there are {members}")]
    NoSuchMember {
        /// The member.
        member: usize,
        /// The number of members.
        members: usize,
    },
    /// A minimum is above its maximum.
    #[error("the minimum {minimum} is above the maximum {maximum}")]
    CrossedBounds {
        /// The minimum, in quanta.
        minimum: i64,
        /// The maximum, in quanta.
        maximum: i64,
    },
    /// A share is held, and bounds are given beside.
    #[error("a held share has no minimum or maximum")]
    HeldAndBounded,
    /// A lot of nothing.
    #[error("a lot must be at least one unit")]
    EmptyLot,
    /// Two lots of which neither divides the other.
    #[error("lots of {} and of {} units cannot share one amount: neither divides the other", smaller.quanta(), larger.quanta())]
    LotsDoNotDivide {
        /// The smaller lot.
        smaller: Lot,
        /// The larger lot.
        larger: Lot,
    },
    /// Bounds, holds and lots leave no way to share the total.
    #[error("a total of {} cannot be shared: {_0}", _0.total())]
    Impossible(Contradiction),
    /// Bounds of a tree leave no amounts.
    #[error("the bounds of a tree cannot be kept: {_0}")]
    TreeImpossible(TreeContradiction),
    /// A share would leave the range.
    #[error("the share of member {member} is too large to be kept exactly")]
    OutOfRange {
        /// The member.
        member: usize,
    },
    /// The nodes of a level do not follow one another.
    #[error("the starts of nodes must begin at 0 and never fall")]
    UnorderedStarts,
    /// Something is wrong in one node of a level.
    #[error("node {node}: {error}")]
    InNode {
        /// The node, by its place in the level.
        node: usize,
        /// What is wrong there.
        error: Box<AllocationError>,
    },
    /// The remainder was promised to a member that must get nothing.
    #[error("the remainder cannot go to member {member}: its weight is zero")]
    RemainderToZeroWeight {
        /// The member.
        member: usize,
    },
    /// The remainder has to go to one member, and no such member has room for all of it.
    #[error(
        "the remainder of {remainder} units cannot go to member {member}: its bounds leave no room for it"
    )]
    NoRoomForRemainder {
        /// The member that is named; or the heaviest.
        member: usize,
        /// The remainder, in quanta of the total's size.
        remainder: u128,
    },
    /// Blocks of exact proportions have to keep a minimum or maximum.
    #[error(
        "member {member} has a minimum or maximum, which exactly proportional blocks cannot keep"
    )]
    BlocksInsideBounds {
        /// The first such member.
        member: usize,
    },
    /// Members have different lots, and the method has no rule for that.
    #[error("lots of different sizes can be shared by largest remainder only")]
    LotsDiffer,
}
