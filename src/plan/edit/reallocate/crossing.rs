//! Scopes that cross: two families, of which each lies inside each other, make the two sides of a table.
//!
//! The cells of the table are where a scope of one family meets one of the other. They keep their mix where the parents have room for
//! it; else each meeting is bounded by what its parents have, which says all there is to say as long as no parent has cells in two of
//! them. What is beyond that is not decided.

use std::collections::BTreeMap;

use super::joint::{Joint, Rows};
use super::lock::Failure;
use super::nest::Nest;
use crate::allocation::{Bound, Lots, Method, Weights, ZeroWeights, allocate_within};
use crate::margins::{Closing, Marginal, MarginsError, Node, Orientation, Seed, TwoWay};

/// Two families of scopes.
pub(super) struct Crossing<'a> {
    joint: &'a Joint<'a>,
    sides: [Side<'a>; 2],
    /// Where lines of the two sides meet, the cells that may move.
    groups: BTreeMap<(usize, usize), Vec<usize>>,
}

struct Side<'a> {
    joint: Joint<'a>,
    nest: Nest,
    rows: Rows,
}

/// What a parent has for the cells that are locked.
#[derive(Default)]
struct Room {
    /// The cells there that are not locked.
    others: Vec<usize>,
    group: Option<(usize, usize)>,
    /// Whether locked cells are in two meetings.
    is_split: bool,
}

impl<'a> Crossing<'a> {
    pub(super) fn new(joint: &'a Joint<'a>, scopes: &[&[usize]]) -> Result<Self, Failure> {
        let cells = joint.locks.domain.cells.len();
        let families = families(scopes).ok_or_else(|| Failure::Undecided(joint.below.clone()))?;
        let side = |family: &Vec<usize>| {
            let own = joint.with(family);
            let nest = {
                let scopes: Vec<&[usize]> = own.scopes.iter().map(Vec::as_slice).collect();
                Nest::new(&scopes, cells).map_err(|_| Failure::Undecided(own.below.clone()))?
            };
            // What one family cannot, both cannot.
            own.nested(&nest)?;
            let rows = own.rows(&nest);
            Ok(Side {
                joint: own,
                nest,
                rows,
            })
        };
        let sides = [side(&families[0])?, side(&families[1])?];
        let mut groups: BTreeMap<(usize, usize), Vec<usize>> = BTreeMap::new();
        for (number, _) in joint
            .parent_of
            .iter()
            .enumerate()
            .filter(|at| at.1.is_some())
        {
            let line = |side: &Side<'_>| side.rows.line(side.nest.owner(number));
            if let Some(at) = line(&sides[0]).zip(line(&sides[1])) {
                groups.entry(at).or_default().push(number);
            }
        }
        Ok(Self {
            joint,
            sides,
            groups,
        })
    }

    pub(super) fn solve(&self) -> Result<Vec<i64>, Failure> {
        let rooms = self.rooms();
        let free = self.table(&BTreeMap::new())?;
        let mut amounts = vec![0; self.joint.locks.domain.cells.len()];
        for (at, cells) in self.groups.iter().filter(|(at, _)| self.is_locked(**at)) {
            let amount = free.get(at).copied().unwrap_or(0);
            self.joint.share_among(cells, amount, &mut amounts);
        }
        if self.absorb(&rooms, &mut amounts) {
            return Ok(amounts);
        }
        if rooms.iter().any(|room| room.is_split) {
            return Err(Failure::Undecided(self.joint.below.clone()));
        }
        self.bounded(&rooms)
    }

    /// Returns the amounts inside what the parents have.
    fn bounded(&self, rooms: &[Room]) -> Result<Vec<i64>, Failure> {
        let undecided = || Failure::Undecided(self.joint.below.clone());
        let bound_of = |parent: usize| {
            let most = self.joint.parents[parent].1;
            let least = if rooms[parent].others.is_empty() {
                most
            } else {
                0
            };
            (least, most)
        };
        let mut bounds: BTreeMap<(usize, usize), (i64, i64)> = BTreeMap::new();
        for (parent, room) in rooms.iter().enumerate() {
            if let Some(group) = room.group {
                let (least, most) = bound_of(parent);
                let own = bounds.entry(group).or_default();
                *own = (own.0.saturating_add(least), own.1.saturating_add(most));
            }
        }
        let found = self.table(&bounds)?;
        let mut amounts = vec![0; self.joint.locks.domain.cells.len()];
        for (at, cells) in self.groups.iter().filter(|(at, _)| self.is_locked(**at)) {
            let mut by_parent: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
            for cell in cells {
                if let Some(parent) = self.joint.parent_of[*cell] {
                    by_parent.entry(parent).or_default().push(*cell);
                }
            }
            let value = |cells: &Vec<usize>| {
                let own = cells.iter();
                own.map(|cell| self.joint.locks.domain.cells[*cell].value)
                    .sum::<i64>()
                    .unsigned_abs()
            };
            let weights: Vec<u64> = by_parent.values().map(value).collect();
            let limits = by_parent.keys().map(|parent| {
                let (least, most) = bound_of(*parent);
                Bound::between(least, most)
            });
            let shared = limits.collect::<Result<Vec<_>, _>>().and_then(|limits| {
                let weights = Weights::from_integers(&weights, ZeroWeights::Equal)?;
                let amount = found.get(at).copied().unwrap_or(0);
                let method = Method::LargestRemainder;
                allocate_within(amount, &weights, method, &limits, &Lots::ONE)
            });
            let shared = shared.map_err(|_| undecided())?;
            for (cells, amount) in by_parent.values().zip(shared.shares()) {
                self.joint.share_among(cells, *amount, &mut amounts);
            }
        }
        if self.absorb(rooms, &mut amounts) {
            Ok(amounts)
        } else {
            Err(undecided())
        }
    }

    fn is_locked(&self, at: (usize, usize)) -> bool {
        let rest = |side: &Side<'_>| side.rows.line(None);
        Some(at.0) != rest(&self.sides[0]) || Some(at.1) != rest(&self.sides[1])
    }

    /// Returns what each parent has.
    fn rooms(&self) -> Vec<Room> {
        let mut rooms: Vec<Room> = Vec::new();
        rooms.resize_with(self.joint.parents.len(), Room::default);
        for (at, cells) in &self.groups {
            for cell in cells {
                let Some(parent) = self.joint.parent_of[*cell] else {
                    continue;
                };
                let room = &mut rooms[parent];
                if self.is_locked(*at) {
                    room.is_split |= room.group.is_some_and(|group| group != *at);
                    room.group = Some(*at);
                } else {
                    room.others.push(*cell);
                }
            }
        }
        rooms
    }

    /// Gives cells that are not locked what the others leave, and says whether that can be.
    fn absorb(&self, rooms: &[Room], amounts: &mut [i64]) -> bool {
        let mut left: Vec<i64> = self.joint.parents.iter().map(|parent| parent.1).collect();
        for (_, cells) in self.groups.iter().filter(|(at, _)| self.is_locked(**at)) {
            for cell in cells {
                if let Some(parent) = self.joint.parent_of[*cell] {
                    left[parent] -= amounts[*cell];
                }
            }
        }
        for (room, left) in rooms.iter().zip(left) {
            if left < 0 || (left > 0 && room.others.is_empty()) {
                return false;
            }
            self.joint.share_among(&room.others, left, amounts);
        }
        true
    }

    /// Returns what is where the lines meet.
    fn table(
        &self,
        bounds: &BTreeMap<(usize, usize), (i64, i64)>,
    ) -> Result<BTreeMap<(usize, usize), i64>, Failure> {
        let [rows, columns] = &self.sides;
        let (height, width) = (rows.rows.lines, columns.rows.lines);
        let mut weights = vec![0_i64; height * width];
        let by_row = self.joint.weights(&self.groups, |at| at.0);
        let by_column = self.joint.weights(&self.groups, |at| at.1);
        for ((row, column), weight) in by_row {
            let other = by_column.get(&(row, column)).copied();
            weights[row * width + column] = weight.max(other.unwrap_or(0));
        }
        // Whoever is not locked absorbs, also where nobody of them has anything.
        let others = self.groups.iter().filter(|(at, _)| !self.is_locked(**at));
        for ((row, column), cells) in others {
            let weight = &mut weights[row * width + column];
            if *weight == 0 {
                *weight = i64::try_from(cells.len()).unwrap_or(1);
            }
        }
        let whole = self.joint.parents.iter().map(|parent| parent.1).sum();
        let solved = || {
            let seed = Seed::counts(height, width, &weights)?;
            let mut stated = TwoWay::new(
                seed,
                Marginal::tree(below_one(&rows.rows.nodes, whole))?,
                Marginal::tree(columns.rows.nodes.clone())?,
            )?;
            for ((row, column), (least, most)) in bounds {
                let bound = Bound::between(*least, *most)?;
                stated = stated.bounded(*row, *column, bound)?;
            }
            Ok(stated.solve(Closing::LeastChange)?)
        };
        let solved = solved().map_err(|error: Stated| match error {
            Stated::Margins(error) => self.refused(&error, !bounds.is_empty()),
            Stated::Bounds => Failure::Undecided(self.joint.below.clone()),
        })?;
        let table = solved.table();
        let cells = self.groups.keys();
        Ok(cells.map(|at| (*at, table.cell(at.0, at.1))).collect())
    }

    /// Says in locks why there is no table, and in parents where what they have plays a part.
    fn refused(&self, error: &MarginsError, is_bounded: bool) -> Failure {
        let MarginsError::Impossible { blocked } = error else {
            return Failure::Undecided(self.joint.below.clone());
        };
        let (mut locks, mut is_kept) = (Vec::new(), is_bounded);
        for (strata, is_row) in [
            (blocked.needing(), blocked.axis() == Orientation::Rows),
            (blocked.offering(), blocked.axis() != Orientation::Rows),
        ] {
            let side = &self.sides[usize::from(!is_row)];
            for stratum in strata {
                // Above the rows stands the whole.
                let nodes = stratum.node().into_iter();
                for node in nodes.chain(stratum.except().iter().copied()) {
                    let own = node.checked_sub(usize::from(is_row));
                    match own.and_then(|own| side.rows.lock_of.get(own).copied().flatten()) {
                        Some(lock) => locks.push(side.joint.below[lock]),
                        None => is_kept = true,
                    }
                }
            }
        }
        locks.sort_unstable();
        locks.dedup();
        let parents = self.joint.parents.iter().filter(|_| is_kept);
        Failure::Conflict {
            locks,
            kept: parents.map(|parent| parent.0).collect(),
            needed: blocked.needed(),
            available: blocked.available(),
        }
    }
}

/// Returns sets in two families, in neither of which any two cross; none where there are no such families.
fn families(sets: &[&[usize]]) -> Option<[Vec<usize>; 2]> {
    let mut order: Vec<usize> = (0..sets.len()).collect();
    order.sort_by_key(|set| (usize::MAX - sets[*set].len(), *set));
    let crosses = |one: usize, other: usize| {
        let (small, large) = if sets[one].len() < sets[other].len() {
            (sets[one], sets[other])
        } else {
            (sets[other], sets[one])
        };
        let common = small
            .iter()
            .filter(|at| large.binary_search(at).is_ok())
            .count();
        common > 0 && common < small.len()
    };
    let mut family: Vec<Option<usize>> = vec![None; sets.len()];
    for first in &order {
        if family[*first].is_none() {
            family[*first] = Some(0);
        }
        let mut next = vec![*first];
        while let Some(one) = next.pop() {
            let others = order.iter().filter(|other| crosses(one, **other));
            for other in others {
                if family[*other].is_none() {
                    family[*other] = family[one].map(|own| 1 - own);
                    next.push(*other);
                } else if family[*other] == family[one] {
                    return None;
                }
            }
        }
    }
    let of = |wanted| {
        let own = order.iter().copied();
        own.filter(|set| family[*set] == Some(wanted)).collect()
    };
    Some([of(0), of(1)])
}

/// Why a table could not be stated or solved.
enum Stated {
    Margins(MarginsError),
    /// A minimum lies above a maximum.
    Bounds,
}

impl From<MarginsError> for Stated {
    fn from(error: MarginsError) -> Self {
        Self::Margins(error)
    }
}

impl From<crate::allocation::AllocationError> for Stated {
    fn from(_: crate::allocation::AllocationError) -> Self {
        Self::Bounds
    }
}

/// Returns nodes below one more, which totals the whole.
fn below_one(nodes: &[Node], whole: i64) -> Vec<Node> {
    let mut all = vec![Node::root().totalling(whole)];
    all.extend(nodes.iter().map(|node| {
        let own = Node::under(node.parent().map_or(0, |above| above + 1));
        node.total().map_or(own, |total| own.totalling(total))
    }));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_in_two_families_wherever_there_are_two() {
        // The first two are apart, but stand in different families, since a third and a fourth cross each other and one of them.
        let sets: [&[usize]; 4] = [&[0, 1, 2], &[4, 5, 6], &[2, 3], &[3, 4]];
        assert_eq!(families(&sets), Some([vec![0, 3], vec![1, 2]]));
        assert_eq!(families(&[&[0, 1], &[1, 2], &[0, 2]]), None);
        assert_eq!(families(&[&[0, 1], &[0, 1]]), Some([vec![0, 1], vec![]]));
    }
}
