//! What the nodes can come to, and the proof where that is not what is asked.

use super::leaves::{Leaves, Magnitudes};
use super::levels::Levels;
use super::pull::Line;
use crate::allocation::tree_contradiction::{NodeConstraint, TreeContradiction};
use crate::allocation::{AllocationError, Bound, Constraint};

/// The least and the most that a node can have; none where there is no end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Reach {
    least: Option<i128>,
    most: Option<i128>,
}

/// What is asked of the tree.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) levels: &'a Levels<'a>,
    pub(super) draft: &'a [i64],
    pub(super) bounds: &'a [&'a [Bound]],
}

impl Asked<'_> {
    fn bound(&self, level: usize, node: usize) -> Bound {
        let own = self.bounds.get(level).and_then(|level| level.get(node));
        own.copied().unwrap_or(Bound::FREE)
    }

    /// Returns the limits of leaves as two columns, with the ends of the range where there are none; a leaf without weight has its
    /// draft as both.
    pub(super) fn limits<W: Copy + Into<u128>>(
        &self,
        weights: &[W],
    ) -> Result<(Vec<i64>, Vec<i64>), AllocationError> {
        let leaves = self.levels.leaves();
        let own = self.bounds.get(leaves).copied().unwrap_or_default();
        if own.iter().all(|bound| *bound == Bound::FREE) {
            return Ok((Vec::new(), Vec::new()));
        }
        let (mut lowest, mut highest) = (vec![i64::MIN; own.len()], vec![i64::MAX; own.len()]);
        for (leaf, (low, high)) in lowest.iter_mut().zip(&mut highest).enumerate() {
            let bound = own[leaf];
            if weights[leaf].into() == 0 {
                let still = Reach::only(self.draft[leaf].into());
                self.of_node(leaves, leaf, still, weights)?;
                (*low, *high) = (self.draft[leaf], self.draft[leaf]);
            } else {
                *low = bound.minimum().unwrap_or(i64::MIN);
                *high = bound.maximum().unwrap_or(i64::MAX);
            }
        }
        Ok((lowest, highest))
    }

    /// Returns the sums of drafts and weights of all nodes, level by level.
    pub(super) fn totals<W: Copy + Into<u128>>(
        &self,
        weights: &[W],
        most: &mut Magnitudes,
    ) -> Vec<Vec<Line>> {
        let mut lines = self.levels.columns(&Line::default());
        let last = self.levels.leaves() - 1;
        for (node, line) in lines[last].iter_mut().enumerate() {
            let run = self.levels.members(last, node);
            let leaves = Leaves {
                draft: &self.draft[run.clone()],
                weight: &weights[run],
                lowest: &[],
                highest: &[],
            };
            *line = leaves.totals(most);
        }
        for level in (0..last).rev() {
            for node in 0..self.levels.count(level) {
                // What lies below moves with the pull and is summed by the sweep; what has no weight at all is known by now.
                let mut sum = Line::default();
                for line in &lines[level + 1][self.levels.members(level, node)] {
                    sum.weight = sum.weight.saturating_add(line.weight);
                }
                lines[level][node] = sum;
            }
        }
        lines
    }

    /// Says whether every node can be what is asked of it; else refuses with the lowest one that cannot, the first of its level.
    pub(super) fn check<W: Copy + Into<u128>>(
        &self,
        weights: &[W],
        totals: &[Vec<Line>],
        (lowest, highest): (&[i64], &[i64]),
    ) -> Result<(), AllocationError> {
        if self.bounds.iter().all(|level| level.is_empty()) {
            return Ok(());
        }
        let leaves = self.levels.leaves();
        let mut below: Vec<Reach> = Vec::new();
        for level in (0..leaves).rev() {
            let mut own = Vec::with_capacity(self.levels.count(level));
            for (node, total) in totals[level].iter().enumerate() {
                let members = self.levels.members(level, node);
                let reach = if level + 1 < leaves {
                    sum(&below[members])
                } else if total.weight == 0 {
                    Reach::only(total.fixed)
                } else if lowest.is_empty() {
                    Reach::FREE
                } else {
                    Reach {
                        least: sum_unless(i64::MIN, &lowest[members.clone()]),
                        most: sum_unless(i64::MAX, &highest[members]),
                    }
                };
                own.push(self.of_node(level, node, reach, weights)?);
            }
            below = own;
        }
        Ok(())
    }

    /// Returns what a node can have within its own bound, given what its members can.
    fn of_node<W: Copy + Into<u128>>(
        &self,
        level: usize,
        node: usize,
        reach: Reach,
        weights: &[W],
    ) -> Result<Reach, AllocationError> {
        let bound = self.bound(level, node);
        let (least, most) = (
            bound.minimum().map(i128::from),
            bound.maximum().map(i128::from),
        );
        let constraint = |share: i64, minimum: bool| match (bound.hold(), minimum) {
            (Some(share), _) => Constraint::Held {
                member: node,
                share,
            },
            (None, true) => Constraint::Minimum {
                member: node,
                share,
            },
            (None, false) => Constraint::Maximum {
                member: node,
                share,
            },
        };
        let proof = |own: Constraint, least: bool, needed: i128, available: i128| {
            let mut below = Vec::new();
            if level == self.levels.leaves() {
                below.push(NodeConstraint {
                    level,
                    constraint: Constraint::ZeroWeight { member: node },
                });
            } else {
                self.frontier((level, node), least, weights, &mut below);
            }
            AllocationError::TreeImpossible(TreeContradiction {
                level,
                node,
                own,
                below,
                needed,
                available,
            })
        };
        if let (Some(needed), Some(most)) = (reach.least, bound.maximum())
            && needed > most.into()
        {
            return Err(proof(constraint(most, false), true, needed, most.into()));
        }
        if let (Some(available), Some(least)) = (reach.most, bound.minimum())
            && available < least.into()
        {
            return Err(proof(
                constraint(least, true),
                false,
                least.into(),
                available,
            ));
        }
        let both = |a: Option<i128>, b: Option<i128>, pick: fn(i128, i128) -> i128| match (a, b) {
            (Some(a), Some(b)) => Some(pick(a, b)),
            (a, b) => a.or(b),
        };
        Ok(Reach {
            least: both(reach.least, least, i128::max),
            most: both(reach.most, most, i128::min),
        })
    }

    /// Adds the bounds that make the least (or the most) of what is below a node: on each way down the first one that binds.
    fn frontier<W: Copy + Into<u128>>(
        &self,
        (level, node): (usize, usize),
        least: bool,
        weights: &[W],
        into: &mut Vec<NodeConstraint>,
    ) {
        let leaves = self.levels.leaves();
        // What the nodes below can have, level by level from the leaves, with whether a node's own bound says it.
        let own = node..node + 1;
        let mut runs = vec![own];
        for level in level..leaves {
            let below = self.levels.below(level, &runs[runs.len() - 1]);
            runs.push(below);
        }
        let mut found: Vec<Vec<(i128, bool)>> = vec![Vec::new(); runs.len()];
        for depth in (1..runs.len()).rev() {
            for node in runs[depth].clone() {
                let own = self.end(level + depth, node, least);
                let ends = if level + depth == leaves {
                    let still = weights[node].into() == 0;
                    still.then(|| i128::from(self.draft[node]))
                } else {
                    let first = runs[depth + 1].start;
                    let members = self.levels.members(level + depth, node);
                    let members = members.start - first..members.end - first;
                    let ends = found[depth + 1][members].iter();
                    ends.map(|(end, _)| (*end != NO_END).then_some(*end)).sum()
                };
                let (end, bound) = match (own, ends) {
                    (Some(own), Some(ends)) if least == (own > ends) && own != ends => (own, true),
                    (Some(own), None) => (own, true),
                    (_, Some(ends)) => (ends, false),
                    (None, None) => (NO_END, false),
                };
                found[depth].push((end, bound));
            }
        }
        let mut open = runs[1].clone().collect::<Vec<_>>();
        for depth in 1..runs.len() {
            let mut next = Vec::new();
            for node in open {
                let (_, by_bound) = found[depth][node - runs[depth].start];
                if by_bound {
                    into.push(self.constraint(level + depth, node, least));
                } else if level + depth < leaves {
                    next.extend(self.levels.members(level + depth, node));
                } else {
                    into.push(NodeConstraint {
                        level: leaves,
                        constraint: Constraint::ZeroWeight { member: node },
                    });
                }
            }
            open = next;
        }
    }

    fn end(&self, level: usize, node: usize, least: bool) -> Option<i128> {
        let bound = self.bound(level, node);
        let end = if least {
            bound.minimum()
        } else {
            bound.maximum()
        };
        end.map(i128::from)
    }

    fn constraint(&self, level: usize, member: usize, least: bool) -> NodeConstraint {
        let bound = self.bound(level, member);
        let constraint = match (bound.hold(), bound.minimum(), bound.maximum()) {
            (Some(share), _, _) => Constraint::Held { member, share },
            (None, Some(share), _) if least => Constraint::Minimum { member, share },
            (None, _, Some(share)) => Constraint::Maximum { member, share },
            (None, _, None) => Constraint::ZeroWeight { member },
        };
        NodeConstraint { level, constraint }
    }
}

/// No amount of a tree is as far away as this.
const NO_END: i128 = i128::MAX;

impl Reach {
    const FREE: Self = Self {
        least: None,
        most: None,
    };

    fn only(amount: i128) -> Self {
        Self {
            least: Some(amount),
            most: Some(amount),
        }
    }
}

/// Adds up what members can have.
fn sum(members: &[Reach]) -> Reach {
    Reach {
        least: members.iter().map(|reach| reach.least).sum(),
        most: members.iter().map(|reach| reach.most).sum(),
    }
}

/// Adds up limits, unless one of them is none.
fn sum_unless(none: i64, limits: &[i64]) -> Option<i128> {
    let (mut sum, mut endless) = (0_i128, false);
    for limit in limits {
        endless |= *limit == none;
        sum += i128::from(*limit);
    }
    (!endless).then_some(sum)
}
