//! Locks that have nothing to do with each other, apart: what hangs together is solved, and refused, by itself.

use std::collections::{BTreeMap, BTreeSet};

use super::domain::{Axis, Cell, Domain, Found};
use super::{AskedLock, LockGroup};
use crate::plan::{EditError, NodeId, Plan, PlanError};

/// Locks that hang together, and the cells that they may move.
pub(super) struct LockPart {
    pub(super) domain: Domain,
    pub(super) locks: Vec<AskedLock>,
}

/// The leaves of each lock, and all cells that locks may move.
struct Reach {
    depths: Vec<usize>,
    leaves: Vec<Vec<NodeId>>,
    found: Found,
}

/// Sets that are joined: each number leads to one of its set, the first one to itself.
struct Joined(Vec<usize>);

impl Joined {
    fn first(&self, mut number: usize) -> usize {
        while self.0[number] != number {
            number = self.0[number];
        }
        number
    }

    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.first(one), self.first(other));
        self.0[one.max(other)] = one.min(other);
    }
}

impl Plan {
    /// Returns what of some locks hangs together: they reach into one parent's column, below each other or beside each other, or into
    /// what is held together.
    pub(super) fn lock_parts(
        &self,
        sheet: usize,
        axis: &Axis,
        group: &LockGroup,
    ) -> Result<Vec<LockPart>, PlanError> {
        let reach = self.reach(axis, group)?;
        let frozen = self.frozen(&group.frozen)?;
        let whole = Domain::laid_out(self, sheet, axis.clone(), &reach.found, &frozen);
        let part_of = self.part_of(sheet, &whole, &reach);
        let first = part_of.values().next();
        if part_of.len() == whole.cells.len() && part_of.values().all(|part| Some(part) == first) {
            return Ok(vec![LockPart {
                domain: whole.counted(self, sheet)?.within_bounds(self, sheet),
                locks: group.locks.iter().cloned().collect(),
            }]);
        }
        let mut founds: BTreeMap<usize, Found> = BTreeMap::new();
        for (leaf, coords) in reach.found.iter() {
            if let Some(part) = part_of.get(&leaf) {
                founds.entry(*part).or_default().push(leaf, coords);
            }
        }
        let mut locks: BTreeMap<usize, Vec<AskedLock>> = BTreeMap::new();
        for (lock, leaves) in group.locks.iter().zip(&reach.leaves) {
            if let Some(part) = leaves.first().and_then(|leaf| part_of.get(leaf)) {
                locks.entry(*part).or_default().push(lock.clone());
            }
        }
        let parts = founds.into_iter().map(|(part, found)| {
            let domain = Domain::new(self, sheet, axis.clone(), &found, &frozen)?;
            Ok(LockPart {
                domain: domain.within_bounds(self, sheet),
                locks: locks.remove(&part).unwrap_or_default(),
            })
        });
        parts.collect()
    }

    /// Returns of each leaf that may move the number of its part, which is that of its first lock.
    fn part_of(&self, sheet: usize, whole: &Domain, reach: &Reach) -> BTreeMap<NodeId, usize> {
        let width = whole.width();
        let cells: BTreeMap<NodeId, &Cell> =
            whole.cells.iter().map(|cell| (cell.leaf, cell)).collect();
        let column_of = |branch: usize, cell: &Cell| branch * width + cell.column;
        let mut direct: BTreeSet<usize> = BTreeSet::new();
        for (depth, leaves) in reach.depths.iter().zip(&reach.leaves) {
            for cell in leaves.iter().filter_map(|leaf| cells.get(leaf)) {
                direct.insert(column_of(whole.above(cell.branch, depth - 1), cell));
            }
        }
        // The highest parent below whom a cell may move.
        let root = |cell: &Cell| {
            let depths = 0..whole.axis.0.len();
            let mut above = depths.map(|depth| whole.above(cell.branch, depth));
            above.find(|branch| direct.contains(&column_of(*branch, cell)))
        };
        let locks = reach.leaves.len();
        let mut joined = Joined((0..locks).collect());
        let mut lock_of: BTreeMap<usize, usize> = BTreeMap::new();
        for (lock, leaves) in reach.leaves.iter().enumerate() {
            for cell in leaves.iter().filter_map(|leaf| cells.get(leaf)) {
                if let Some(root) = root(cell) {
                    let other = *lock_of.entry(column_of(root, cell)).or_insert(lock);
                    joined.join(lock, other);
                }
            }
        }
        let held = self.held_depths(sheet, &whole.axis);
        let mut held_by: BTreeMap<NodeId, usize> = BTreeMap::new();
        let mut parts: Vec<(NodeId, usize)> = Vec::with_capacity(whole.cells.len());
        for cell in &whole.cells {
            let Some((root, lock)) = root(cell).and_then(|root| {
                let lock = lock_of.get(&column_of(root, cell))?;
                Some((root, *lock))
            }) else {
                continue;
            };
            parts.push((cell.leaf, lock));
            let mut above = self.frame.parent(cell.leaf).filter(|_| !held.is_empty());
            while let Some(node) = above {
                // What stands above who moves is kept anyway.
                if held
                    .get(&node)
                    .is_some_and(|depth| *depth > whole.tree[root].depth)
                {
                    let other = *held_by.entry(node).or_insert(lock);
                    joined.join(lock, other);
                }
                above = self.frame.parent(node);
            }
        }
        let parts = parts.into_iter();
        parts
            .map(|(leaf, lock)| (leaf, joined.first(lock)))
            .collect()
    }

    /// Returns the leaves of each lock, and the cells that locks may move: all that stands in their columns below their parents.
    fn reach(&self, axis: &Axis, group: &LockGroup) -> Result<Reach, PlanError> {
        let mut reach = Reach {
            depths: Vec::with_capacity(group.locks.len()),
            leaves: Vec::with_capacity(group.locks.len()),
            found: Found::default(),
        };
        let mut parents: BTreeSet<Vec<u32>> = BTreeSet::new();
        let mut columns: BTreeSet<Vec<u32>> = BTreeSet::new();
        let mut column = Vec::new();
        let mut common: Option<BTreeSet<(usize, u32)>> = None;
        for lock in &group.locks {
            let depth = self.depth(axis, &lock.def.at, &lock.coords)?;
            let mut leaves = Vec::new();
            for (place, coords) in lock.def.at.iter().zip(&lock.coords) {
                let before = leaves.len();
                for (leaf, at) in self.leaves_at(coords).iter() {
                    leaves.push(leaf);
                    let above = axis.0[..depth - 1].iter().map(|step| at[*step]);
                    parents.insert(above.collect());
                    axis.column_into(at, &mut column);
                    if !columns.contains(column.as_slice()) {
                        columns.insert(column.clone());
                    }
                }
                if leaves.len() == before {
                    return Err(PlanError::Edit(EditError::NoCells {
                        place: place.clone(),
                    }));
                }
                let own = coords.iter().copied();
                let own: BTreeSet<(usize, u32)> =
                    own.filter(|(step, _)| !axis.0.contains(step)).collect();
                common = Some(match common {
                    Some(common) => common.intersection(&own).copied().collect(),
                    None => own,
                });
            }
            reach.depths.push(depth);
            reach.leaves.push(leaves);
        }
        let common = common.unwrap_or_default();
        for above in &parents {
            if (0..above.len()).any(|length| parents.contains(&above[..length])) {
                continue;
            }
            let at = axis.0.iter().copied().zip(above.iter().copied());
            let mut own = self.leaves_at(&at.chain(common.iter().copied()).collect());
            own.retain(|coords| {
                axis.column_into(coords, &mut column);
                columns.contains(column.as_slice())
            });
            reach.found.add(own);
        }
        Ok(reach)
    }
}
