//! The locks of a measure across one dimension as one system: what holds, what is dropped, and what cannot be.

use std::collections::BTreeSet;

use super::domain::{Axis, Cell, Coords, Domain, Standing};
use super::lock::{Failure, Lock, Locks, Says};
use super::{AskedLock, LockGroup, Shifted};
use crate::plan::frame::SKIPPED;
use crate::plan::{ConstraintError, EditError, LockConflict, Path, Plan, PlanError};
use crate::quantity::Number;

/// Locks over the cells that they may move.
pub(super) struct LockSystem {
    pub(super) sheet: usize,
    pub(super) domain: Domain,
    asked: Vec<(AskedLock, Lock)>,
    held: Vec<Lock>,
}

/// What of a system holds.
pub(super) struct Held {
    /// What everybody has, by branch and column.
    pub(super) to: Vec<i64>,
    pub(super) locks: Vec<Lock>,
    /// The numbers of the locks that were left out.
    left_out: BTreeSet<usize>,
}

impl LockSystem {
    /// Returns the locks without some of them, in an order of their own.
    pub(super) fn without(&self, left_out: &BTreeSet<usize>) -> Vec<Lock> {
        let own = self.asked.iter().enumerate();
        let own = own.filter(|(number, _)| !left_out.contains(number));
        let mut locks: Vec<Lock> = own.map(|(_, (_, lock))| lock.clone()).collect();
        locks.sort_by(|one, other| (&one.scope, one.says).cmp(&(&other.scope, other.says)));
        locks.extend(self.held.iter().cloned());
        locks
    }

    /// Finds what holds. Of locks that cannot hold together the one of most cells is left out, where all said that the narrower wins.
    fn hold(&self) -> Result<Held, (Vec<Lock>, Failure)> {
        let mut left_out = BTreeSet::new();
        loop {
            let locks = self.without(&left_out);
            let failure = match Locks::new(&self.domain, &locks).solve() {
                Ok(to) => {
                    return Ok(Held {
                        to,
                        locks,
                        left_out,
                    });
                }
                Err(failure) => failure,
            };
            let wider = match &failure {
                Failure::Conflict { locks: numbers, .. } => {
                    let own = asked_among(&locks, numbers);
                    let own = own.filter(|number| self.asked[*number].0.is_droppable);
                    own.max_by_key(|number| (self.asked[*number].1.cells, *number))
                }
                Failure::Undecided(_) => None,
            };
            match wider {
                Some(number) => left_out.insert(number),
                None => return Err((locks, failure)),
            };
        }
    }
}

/// Returns the numbers of those that are asked for.
fn asked_among<'a>(locks: &'a [Lock], numbers: &'a [usize]) -> impl Iterator<Item = usize> + 'a {
    numbers
        .iter()
        .filter_map(|number| match locks[*number].says {
            Says::Asked(own) => Some(own),
            Says::Held(_) => None,
        })
}

impl Plan {
    /// Returns the system of some locks.
    pub(super) fn lock_system(
        &self,
        sheet: usize,
        axis: &Axis,
        group: &LockGroup,
    ) -> Result<LockSystem, PlanError> {
        let domain = self.lock_domain(sheet, axis, group)?;
        let mut asked: Vec<(AskedLock, Lock)> = Vec::new();
        for lock in &group.locks {
            let own = self.lock(sheet, &domain, asked.len(), lock)?;
            let is_same = |other: &Lock| (&other.scope, other.total) == (&own.scope, own.total);
            if !asked.iter().any(|(_, other)| is_same(other)) {
                asked.push((lock.clone(), own));
            }
        }
        let held = self.held_locks(sheet, &domain);
        Ok(LockSystem {
            sheet,
            domain,
            asked,
            held,
        })
    }

    /// Solves locks as one system.
    pub(super) fn locked(&self, system: &LockSystem, edit: usize) -> Result<Shifted, PlanError> {
        match system.hold() {
            Ok(held) => self.held_told(system, &held, edit),
            Err((locks, failure)) => Err(self.failed(system, &locks, failure)),
        }
    }

    /// Solves locks as one system, and goes on without those that cannot hold together, to tell all of these.
    pub(super) fn lock_conflicts(
        &self,
        system: &LockSystem,
    ) -> Result<(Vec<LockConflict>, Option<Held>), PlanError> {
        let (locks, failure) = match system.hold() {
            Ok(held) => return Ok((Vec::new(), Some(held))),
            Err(failed) => failed,
        };
        let mut conflicts = Vec::new();
        let mut left_out = BTreeSet::new();
        let mut next = Some((locks, failure));
        while let Some((locks, failure)) = next.take() {
            let Failure::Conflict { locks: numbers, .. } = &failure else {
                return Err(self.failed(system, &locks, failure));
            };
            let before = left_out.len();
            left_out.extend(asked_among(&locks, numbers));
            let conflict = match self.failed(system, &locks, failure) {
                PlanError::Edit(EditError::Locks(conflict)) => *conflict,
                other => return Err(other),
            };
            conflicts.push(conflict);
            if left_out.len() == before {
                break;
            }
            let locks = system.without(&left_out);
            if let Err(failure) = Locks::new(&system.domain, &locks).solve() {
                next = Some((locks, failure));
            }
        }
        Ok((conflicts, None))
    }

    /// Returns what the leaves become when locks hold; what absorbs is decided by the first edit that locks.
    pub(super) fn held_told(
        &self,
        system: &LockSystem,
        held: &Held,
        first: usize,
    ) -> Result<Shifted, PlanError> {
        let domain = &system.domain;
        let mut locked_by = vec![None; domain.tree.len() * domain.width()];
        for lock in &held.locks {
            if let Says::Asked(number) = lock.says {
                for id in &lock.scope {
                    locked_by[*id] = Some(system.asked[number].0.edit);
                }
            }
        }
        let decided = |cell: &Cell| {
            let depths = (1..=domain.axis.0.len()).rev();
            let mut above = depths.map(|depth| domain.above(cell.branch, depth));
            let edit = above.find_map(|branch| locked_by[branch * domain.width() + cell.column]);
            (edit.is_some(), edit.unwrap_or(first))
        };
        let mut shifted = self.told(system.sheet, domain, &held.to, decided)?;
        let dropped = held.left_out.iter();
        shifted.dropped = dropped
            .map(|number| system.asked[*number].0.def.clone())
            .collect();
        Ok(shifted)
    }

    /// Returns a lock that is asked for as it stands in a domain.
    fn lock(
        &self,
        sheet: usize,
        domain: &Domain,
        number: usize,
        lock: &AskedLock,
    ) -> Result<Lock, PlanError> {
        let depth = self.depth(&domain.axis, &lock.def.at, &lock.coords)?;
        let quanta = self.quanta(sheet, lock.def.total)?;
        let total = domain.units(quanta).ok_or_else(|| {
            let place = lock.def.at.first().cloned().unwrap_or_default();
            PlanError::Constraint(ConstraintError::NotWholeLots {
                place: Path::new(place.iter().map(|(_, member)| member.clone()).collect()),
                amount: lock.def.total.decimal(),
                lot: self.decimal(sheet, domain.lot()),
            })
        })?;
        let scope = domain.scope(depth, &lock.coords);
        Ok(Lock {
            says: Says::Asked(number),
            depth,
            cells: domain.cells_of(&scope),
            scope,
            total,
        })
    }

    /// Returns the nodes that are held as locks of what they have in a domain; leaves do not move anyway.
    fn held_locks(&self, sheet: usize, domain: &Domain) -> Vec<Lock> {
        let mut locks = Vec::new();
        for (node, _) in self.sheets[sheet].held_amounts() {
            if self.frame.child_range(node).is_empty() {
                continue;
            }
            let steps = 0..node.level();
            let coords: Coords = steps
                .map(|step| (step, self.frame.coord_at(node, step)))
                .filter(|(_, coord)| *coord != SKIPPED)
                .collect();
            let depth = domain.axis.depth(&coords);
            let scope = domain.scope(depth, &[coords]);
            if depth == 0 || scope.is_empty() {
                continue;
            }
            let width = domain.width();
            let own = scope.iter().map(|id| domain.at(id / width, id % width));
            locks.push(Lock {
                says: Says::Held(node),
                depth,
                total: own.map(Standing::value).sum(),
                cells: domain.cells_of(&scope),
                scope,
            });
        }
        locks
    }

    /// Says in the user's words why locks do not hold together.
    fn failed(&self, system: &LockSystem, locks: &[Lock], failure: Failure) -> PlanError {
        let domain = &system.domain;
        let named = |numbers: &[usize]| {
            let (mut defs, mut held) = (Vec::new(), Vec::new());
            for number in numbers {
                match locks[*number].says {
                    Says::Asked(own) => defs.push(system.asked[own].0.def.clone()),
                    Says::Held(node) => held.push(self.frame.path(node)),
                }
            }
            defs.sort();
            (defs, held)
        };
        let shown = |units: i128| Number::from(self.decimal(system.sheet, domain.quanta(units)));
        match failure {
            Failure::Undecided(numbers) => PlanError::Edit(EditError::Undecided {
                locks: named(&numbers).0,
            }),
            Failure::Conflict {
                locks: numbers,
                kept,
                needed,
                available,
            } => {
                let (locks, held) = named(&numbers);
                let kept = kept.into_iter();
                PlanError::Edit(EditError::Locks(Box::new(LockConflict {
                    locks,
                    held,
                    kept: kept
                        .map(|(branch, column)| domain.place(&self.frame, branch, column))
                        .collect(),
                    needed: shown(needed),
                    available: shown(available),
                })))
            }
        }
    }
}
