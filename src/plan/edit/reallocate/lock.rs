//! Totals of scopes: what each takes in its own mix, and what the others of each parent absorb.

use super::domain::Domain;
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
    /// Whether those below a branch may move in a column: scopes lie right below it, or below somebody above it.
    pub(super) is_open: Vec<bool>,
}

impl<'a> Locks<'a> {
    pub(super) fn new(domain: &'a Domain, locks: &'a [Lock]) -> Self {
        Self::among(domain, locks, Self::direct(domain, locks))
    }

    /// Returns locks where others than they say who may move.
    pub(super) fn among(domain: &'a Domain, locks: &'a [Lock], is_direct: Vec<bool>) -> Self {
        let width = domain.width();
        let mut is_open = is_direct.clone();
        for (branch, own) in domain.tree.iter().enumerate().skip(1) {
            for column in 0..width {
                is_open[branch * width + column] |= is_open[own.parent * width + column];
            }
        }
        Self {
            domain,
            all: locks,
            is_direct,
            is_open,
        }
    }

    /// Returns below whom, and in which columns, these may move.
    pub(super) fn direct(domain: &Domain, locks: &[Lock]) -> Vec<bool> {
        let width = domain.width();
        let mut is_direct = vec![false; domain.tree.len() * width];
        // What is held moves nobody; it only stays.
        let asked = locks.iter();
        let asked = asked.filter(|lock| matches!(lock.says, Says::Asked(_)));
        for id in asked.flat_map(|lock| &lock.scope) {
            is_direct[domain.tree[id / width].parent * width + id % width] = true;
        }
        is_direct
    }

    /// Gives scopes right below a depth their totals in their own mix, and the others what is left; says whether there is room.
    pub(super) fn keep_mix(&self, depth: usize, to: &mut [i64]) -> bool {
        let domain = self.domain;
        let width = domain.width();
        let Some(nest) = self.share_locked(depth, to) else {
            return false;
        };
        let is_locked = |id: usize| nest.owner(id).is_some();
        let has_room = domain.of_depth(depth).all(|branch| {
            (0..width).all(|column| {
                let id = branch * width + column;
                let mut children = domain.tree[branch].children.iter();
                if self.is_open[id] && children.any(|child| is_locked(child * width + column)) {
                    self.absorb(branch, column, &is_locked, to)
                } else {
                    domain.pour(branch, column, to[id], to)
                }
            })
        });
        // Where nobody may move in a column, a scope may reach into it all the same.
        let mut direct = self.all.iter().filter(|lock| lock.depth == depth + 1);
        let of = |lock: &Lock| {
            lock.scope
                .iter()
                .map(|id| i128::from(to[*id]))
                .sum::<i128>()
        };
        has_room && direct.all(|lock| of(lock) == i128::from(lock.total))
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
            let given = i64::try_from(rest)
                .ok()
                .and_then(|rest| domain.share_free(rest, &own));
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
        let mut others = Vec::new();
        for child in &domain.tree[branch].children {
            let id = child * width + column;
            if is_locked(id) {
                rest -= i128::from(to[id]);
            } else {
                rest -= i128::from(domain.at(*child, column).fixed);
                others.push(id);
            }
        }
        let given = i64::try_from(rest)
            .ok()
            .and_then(|rest| domain.share_free(rest, &others));
        let Some(given) = given else {
            return false;
        };
        for (id, given) in others.into_iter().zip(given) {
            to[id] = domain.at(id / width, column).fixed + given;
        }
        true
    }
}
