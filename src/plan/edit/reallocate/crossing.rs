//! Scopes that cross: two families, of which each lies inside each other, make the two sides of a table.
//!
//! The cells of the table are where a scope of one family meets one of the other. They keep their mix where the parents have room for
//! it; else each meeting is bounded by what its parents have, which says all there is to say as long as no parent has cells in two of
//! them. What is beyond that is not decided.

use std::collections::BTreeMap;

use super::domain::share;
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
    /// What stands there that is not locked.
    free: i64,
    others: Vec<usize>,
    group: Option<(usize, usize)>,
    /// Whether locked cells are in two meetings.
    is_split: bool,
}

impl<'a> Crossing<'a> {
    pub(super) fn new(joint: &'a Joint<'a>, scopes: &[&[usize]]) -> Result<Self, Failure> {
        let cells = joint.locks.domain.cells.len();
        let mut order: Vec<usize> = (0..scopes.len()).collect();
        order.sort_by_key(|place| (usize::MAX - scopes[*place].len(), *place));
        let mut families = [Vec::new(), Vec::new()];
        for place in order {
            let fits = |family: &Vec<usize>| {
                let own = family.iter().chain([&place]).map(|at| scopes[*at]);
                Nest::new(&own.collect::<Vec<_>>(), cells).is_ok()
            };
            let family = families.iter().position(fits);
            let family = family.ok_or_else(|| Failure::Undecided(joint.below.clone()))?;
            families[family].push(place);
        }
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
            let least = if rooms[parent].free == 0 { most } else { 0 };
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
                let (room, value) = (
                    &mut rooms[parent],
                    self.joint.locks.domain.cells[*cell].value,
                );
                if self.is_locked(*at) {
                    room.is_split |= room.group.is_some_and(|group| group != *at);
                    room.group = Some(*at);
                } else {
                    room.free += value;
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
            let value = |cell: &usize| self.joint.locks.domain.cells[*cell].value;
            let weights: Vec<i64> = room.others.iter().map(value).collect();
            let Some(given) = share(left, &weights) else {
                return false;
            };
            for (cell, given) in room.others.iter().zip(given) {
                amounts[*cell] = given;
            }
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
        for ((row, column), cells) in &self.groups {
            let value = |cell: &usize| self.joint.locks.domain.cells[*cell].value;
            weights[row * width + column] = cells.iter().map(value).sum();
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
            Stated::Margins(error) => self.refused(&error),
            Stated::Bounds => Failure::Undecided(self.joint.below.clone()),
        })?;
        let table = solved.table();
        let cells = self.groups.keys();
        Ok(cells.map(|at| (*at, table.cell(at.0, at.1))).collect())
    }

    /// Says in locks why there is no table.
    fn refused(&self, error: &MarginsError) -> Failure {
        let MarginsError::Impossible { blocked } = error else {
            return Failure::Undecided(self.joint.below.clone());
        };
        let mut locks = Vec::new();
        for (strata, is_row) in [
            (blocked.needing(), blocked.axis() == Orientation::Rows),
            (blocked.offering(), blocked.axis() != Orientation::Rows),
        ] {
            let side = &self.sides[usize::from(!is_row)];
            for stratum in strata {
                // Above the rows stands the whole.
                let nodes = stratum.node().into_iter();
                let nodes = nodes.chain(stratum.except().iter().copied());
                let own = nodes.filter_map(|node| node.checked_sub(usize::from(is_row)));
                locks.extend(own.filter_map(|node| {
                    let lock = side.rows.lock_of.get(node).copied().flatten()?;
                    Some(side.joint.below[lock])
                }));
            }
        }
        locks.sort_unstable();
        locks.dedup();
        Failure::Conflict {
            locks,
            kept: self.joint.parents.iter().map(|parent| parent.0).collect(),
            needed: blocked.needed(),
            available: blocked.available(),
        }
    }
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
