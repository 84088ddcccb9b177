//! Totals of scopes: what each takes in its own mix, and what the others of each parent absorb.

use super::domain::{Domain, share};
use super::nest::Nest;
use crate::plan::NodeId;

/// Who says what a scope totals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Says {
    /// A lock that is asked for, by its number.
    Asked(usize),
    /// A node that is held.
    Held(NodeId),
}

/// A scope and its total.
#[derive(Debug, Clone)]
pub(super) struct Lock {
    pub(super) says: Says,
    /// How deep the members of the scope stand.
    pub(super) depth: usize,
    /// The scope: branches of that depth and columns, as places in the table of the two, in order.
    pub(super) scope: Vec<usize>,
    /// How many leaves it has.
    pub(super) cells: u64,
    pub(super) total: i64,
}

/// Why locks do not hold together.
#[derive(Debug)]
pub(super) enum Failure {
    /// They cannot.
    Conflict {
        /// The locks, by their numbers.
        locks: Vec<usize>,
        /// The parents that are kept: a branch and a column.
        kept: Vec<(usize, usize)>,
        needed: i128,
        available: i128,
    },
    /// Nobody knows.
    Undecided(Vec<usize>),
}

/// The locks of a domain that are to hold together.
pub(super) struct Locks<'a> {
    pub(super) domain: &'a Domain,
    pub(super) all: &'a [Lock],
    /// Whether scopes that are asked for lie right below a branch in a column.
    pub(super) is_direct: Vec<bool>,
}

impl<'a> Locks<'a> {
    pub(super) fn new(domain: &'a Domain, locks: &'a [Lock]) -> Self {
        let width = domain.width();
        let mut is_direct = vec![false; domain.tree.len() * width];
        // What is held moves nobody; it only stays.
        let asked = locks.iter();
        let asked = asked.filter(|lock| matches!(lock.says, Says::Asked(_)));
        for id in asked.flat_map(|lock| &lock.scope) {
            is_direct[domain.tree[id / width].parent * width + id % width] = true;
        }
        Self {
            domain,
            all: locks,
            is_direct,
        }
    }

    /// Gives scopes right below a depth their totals in their own mix, and the others what is left; says whether there is room.
    pub(super) fn keep_mix(&self, depth: usize, to: &mut [i64]) -> bool {
        let domain = self.domain;
        let width = domain.width();
        let Some(nest) = self.share_locked(depth, to) else {
            return false;
        };
        let is_locked = |id: usize| nest.owner(id).is_some();
        domain.of_depth(depth).all(|branch| {
            (0..width).all(|column| {
                let id = branch * width + column;
                let mut children = domain.tree[branch].children.iter();
                let moves = self.is_direct[id] || to[id] != domain.at(branch, column).value();
                if moves && children.any(|child| is_locked(child * width + column)) {
                    self.absorb(branch, column, &is_locked, to)
                } else {
                    domain.pour(branch, column, to[id], to)
                }
            })
        })
    }

    /// Gives scopes right below a depth their totals in their own mix; none where one of them cannot have it.
    pub(super) fn share_locked(&self, depth: usize, to: &mut [i64]) -> Option<Nest> {
        let domain = self.domain;
        let width = domain.width();
        let direct: Vec<usize> = (0..self.all.len())
            .filter(|lock| self.all[*lock].depth == depth + 1)
            .collect();
        let scopes: Vec<&[usize]> = direct
            .iter()
            .map(|lock| self.all[*lock].scope.as_slice())
            .collect();
        let nest = Nest::new(&scopes, domain.tree.len() * width).ok()?;
        let standing = |id: usize| domain.at(id / width, id % width);
        let mut can_be = true;
        for (number, lock) in direct.iter().enumerate() {
            let own: Vec<usize> = self.all[*lock]
                .scope
                .iter()
                .copied()
                .filter(|id| nest.owner(*id) == Some(number))
                .collect();
            let inside = nest.inside(number);
            let inside = inside.map(|inner| i128::from(self.all[direct[inner]].total));
            let fixed = own.iter().map(|id| i128::from(standing(*id).fixed));
            let rest = i128::from(self.all[*lock].total) - inside.chain(fixed).sum::<i128>();
            let mut weights: Vec<i64> = own.iter().map(|id| standing(*id).free).collect();
            if weights.iter().all(|weight| *weight == 0) {
                let cells = |id: &usize| i64::from(standing(*id).cells);
                weights = own.iter().map(cells).collect();
            }
            let given = i64::try_from(rest)
                .ok()
                .and_then(|rest| share(rest, &weights));
            match given {
                Some(given) => {
                    for (id, given) in own.into_iter().zip(given) {
                        to[id] = standing(id).fixed + given;
                    }
                }
                None => can_be = false,
            }
        }
        can_be.then_some(nest)
    }

    /// Gives those below somebody who are in no scope what the others leave.
    fn absorb(
        &self,
        branch: usize,
        column: usize,
        is_locked: &impl Fn(usize) -> bool,
        to: &mut [i64],
    ) -> bool {
        let domain = self.domain;
        let width = domain.width();
        let mut rest = i128::from(to[branch * width + column]);
        let (mut others, mut weights) = (Vec::new(), Vec::new());
        for child in &domain.tree[branch].children {
            let id = child * width + column;
            if is_locked(id) {
                rest -= i128::from(to[id]);
            } else {
                let own = domain.at(*child, column);
                rest -= i128::from(own.fixed);
                others.push((id, own.fixed));
                weights.push(own.free);
            }
        }
        let given = i64::try_from(rest)
            .ok()
            .and_then(|rest| share(rest, &weights));
        let Some(given) = given else {
            return false;
        };
        for ((id, fixed), given) in others.into_iter().zip(given) {
            to[id] = fixed + given;
        }
        true
    }
}
