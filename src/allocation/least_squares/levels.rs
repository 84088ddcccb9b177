//! The levels of a tree whose children follow one another.

use std::ops::Range;

use crate::allocation::AllocationError;
use crate::allocation::level::Nodes;

/// Levels from the top: level `k` has the nodes whose members are level `k + 1`; the last one is of the leaves.
#[derive(Debug, Clone)]
pub(super) struct Levels<'a> {
    nodes: &'a [Nodes<'a>],
    counts: Vec<usize>,
}

impl<'a> Levels<'a> {
    pub(super) fn new(nodes: &'a [Nodes<'a>], leaves: usize) -> Result<Self, AllocationError> {
        if nodes.is_empty() {
            return Err(AllocationError::LengthMismatch {
                what: "the column of levels",
                expected: 1,
                found: 0,
            });
        }
        let mut counts = vec![leaves];
        let mut members = leaves;
        for level in nodes.iter().rev() {
            let count = match level {
                Nodes::Even(width) => members.checked_div(*width).unwrap_or(0),
                Nodes::Starts(starts) => starts.len().saturating_sub(1),
            };
            level.check(count, members)?;
            counts.push(count);
            members = count;
        }
        counts.reverse();
        Ok(Self { nodes, counts })
    }

    /// Returns the level of the leaves, which is the number of those above.
    pub(super) fn leaves(&self) -> usize {
        self.nodes.len()
    }

    /// Returns how many nodes a level has; none for one that does not exist.
    pub(super) fn count(&self, level: usize) -> usize {
        self.counts.get(level).copied().unwrap_or(0)
    }

    /// Returns the members of a node above the leaves.
    #[inline]
    pub(super) fn members(&self, level: usize, node: usize) -> Range<usize> {
        self.nodes[level].span(node)
    }

    /// Returns the members of a run of nodes.
    pub(super) fn below(&self, level: usize, run: &Range<usize>) -> Range<usize> {
        if run.is_empty() {
            return 0..0;
        }
        self.members(level, run.start).start..self.members(level, run.end - 1).end
    }

    /// Returns the first leaf below a node that has any.
    pub(super) fn first_leaf(&self, level: usize, node: usize) -> usize {
        // What begins with nodes without members begins where the next one does.
        (level..self.leaves()).fold(node, |node, level| self.members(level, node).start)
    }

    /// Returns the node above a node that is not at the top.
    pub(super) fn above(&self, level: usize, node: usize) -> Option<usize> {
        match self.nodes.get(level.checked_sub(1)?)? {
            Nodes::Even(width) => node.checked_div(*width),
            // Nodes without members begin where the next one does, so the last that begins there is meant.
            Nodes::Starts(starts) => starts
                .partition_point(|start| *start <= node)
                .checked_sub(1),
        }
    }

    /// Makes a column of something for each node of each level above the leaves.
    pub(super) fn columns<T: Clone>(&self, of: &T) -> Vec<Vec<T>> {
        self.counts[..self.leaves()]
            .iter()
            .map(|count| vec![of.clone(); *count])
            .collect()
    }
}
