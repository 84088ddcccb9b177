//! Why the bounds of a tree leave no amounts: a set of them in which nothing can be left out.

use std::fmt;

use super::Constraint;

/// One thing that was asked of a node of a tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NodeConstraint {
    pub(super) level: usize,
    pub(super) constraint: Constraint,
}

impl NodeConstraint {
    /// Returns the level of the node, the top one being 0; the last is that of the leaves.
    #[must_use]
    pub fn level(self) -> usize {
        self.level
    }

    /// Returns what was asked; its member is the node's place in the level.
    #[must_use]
    pub fn constraint(self) -> Constraint {
        self.constraint
    }
}

/// Bounds of a tree that no amounts can meet together, though they can meet every smaller selection of them.
///
/// It proves itself: the bounds below the node stand on nodes of which none lies below another and which hold all of its
/// leaves, so that the least (or the most) that they leave is their sum, and that is more (or less) than the node may have. No node
/// below it is impossible by itself, so it is the smallest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TreeContradiction {
    pub(super) level: usize,
    pub(super) node: usize,
    pub(super) own: Constraint,
    pub(super) below: Vec<NodeConstraint>,
    pub(super) needed: i128,
    pub(super) available: i128,
}

impl TreeContradiction {
    /// Returns the level and the place of the node that cannot be.
    #[must_use]
    pub fn node(&self) -> (usize, usize) {
        (self.level, self.node)
    }

    /// Returns what was asked of it.
    #[must_use]
    pub fn own(&self) -> Constraint {
        self.own
    }

    /// Returns what was asked of nodes below it, level by level; of the node itself where it is a leaf without weight.
    #[must_use]
    pub fn below(&self) -> &[NodeConstraint] {
        &self.below
    }

    /// Returns how many quanta are needed: by those below when they ask for more than the node may have, else by the node.
    #[must_use]
    pub fn needed(&self) -> i128 {
        self.needed
    }

    /// Returns how many quanta there are: for those below when they ask for more, else the most that they can take.
    #[must_use]
    pub fn available(&self) -> i128 {
        self.available
    }
}

impl fmt::Display for TreeContradiction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "needed {}, available {} at node {} of level {}, under {} constraints below it",
            self.needed,
            self.available,
            self.node,
            self.level,
            self.below.len()
        )
    }
}
