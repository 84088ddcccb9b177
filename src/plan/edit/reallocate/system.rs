//! The locks of a measure across one dimension as one system: what holds, what is dropped, and what cannot be.

use std::collections::BTreeSet;

use super::domain::{Axis, Cell, Coords, Domain, Standing};
use super::lock::{Failure, Lock, Locks, Says};
use super::{AskedLock, LockGroup, Shifted};
use crate::plan::frame::SKIPPED;
use crate::plan::{ConstraintError, EditError, LockConflict, LockDef, Path, Plan, PlanError};
use crate::quantity::Number;

/// How often it is tried to say with fewer locks why they do not hold together.
const TRIES: usize = 100;

/// Locks over the cells that they may move.
pub(super) struct LockSystem {
    pub(super) sheet: usize,
    pub(super) domain: Domain,
    asked: Vec<(AskedLock, Lock)>,
    held: Vec<Lock>,
}

/// Locks that hang together, and what was found of them.
pub(super) struct Solved {
    pub(super) system: LockSystem,
    /// What everybody has, by branch and column, or why they do not hold together.
    pub(super) found: Result<Vec<i64>, Failure>,
    /// Whether these are what others are without that cannot hold together.
    pub(super) is_rest: bool,
}

impl LockSystem {
    /// Returns the locks in an order of their own, with what is held.
    pub(super) fn locks(&self) -> Vec<Lock> {
        let mut locks: Vec<Lock> = self.asked.iter().map(|own| own.1.clone()).collect();
        locks.sort_by(|one, other| (&one.scope, one.says).cmp(&(&other.scope, other.says)));
        locks.extend(self.held.iter().cloned());
        locks
    }

    /// Returns the locks that are asked for without some of them.
    fn without(&self, left_out: &[usize]) -> BTreeSet<AskedLock> {
        let own = self.asked.iter().enumerate();
        let own = own.filter(|(number, _)| !left_out.contains(number));
        own.map(|(_, (asked, _))| asked.clone()).collect()
    }

    /// Solves locks, or says in as few of them as were found why not.
    fn solve(&self) -> Result<Vec<i64>, Failure> {
        let locks = &*self.locks();
        let failure = match Locks::new(&self.domain, locks).solve() {
            Ok(to) => return Ok(to),
            Err(failure) => failure,
        };
        // Where only the bounds of cells are in the way, whoever checks them names the cell.
        let free = self.domain.without_bounds();
        let domain = free.as_ref().unwrap_or(&self.domain);
        let failure = match free.as_ref().map(|free| Locks::new(free, locks).solve()) {
            Some(Ok(to)) => return Ok(to),
            Some(Err(failure)) => failure,
            None => failure,
        };
        let Failure::Conflict { locks: named, .. } = &failure else {
            return Err(failure);
        };
        let mut named = named.clone();
        let mut found = failure;
        let is_direct = Locks::direct(domain, locks);
        let (mut chunk, mut tries) = (named.len().div_ceil(2), TRIES);
        while chunk > 0 && named.len() > 1 {
            let mut start = 0;
            while start < named.len() && chunk < named.len() && tries > 0 {
                tries -= 1;
                let out = start..named.len().min(start + chunk);
                let kept = named.iter().enumerate();
                let kept = kept.filter(|(place, _)| !out.contains(place));
                let kept: Vec<usize> = kept.map(|(_, number)| *number).collect();
                let own: Vec<Lock> = kept.iter().map(|number| locks[*number].clone()).collect();
                // The others may still move whoever they moved; only their totals are let go.
                let fewer = Locks::among(domain, &own, is_direct.clone());
                if let Err(mut failure) = fewer.solve()
                    && let Failure::Conflict { locks: numbers, .. } = &mut failure
                {
                    for number in numbers.iter_mut() {
                        *number = kept[*number];
                    }
                    start = if numbers.len() < kept.len() { 0 } else { start };
                    named.clone_from(numbers);
                    found = failure;
                } else {
                    start += chunk;
                }
            }
            chunk = if chunk == 1 { 0 } else { chunk.div_ceil(2) };
        }
        Err(found)
    }

    /// Returns the numbers of the locks that are asked for and cannot hold together.
    fn clashing(&self, found: &Result<Vec<i64>, Failure>) -> Vec<usize> {
        let Err(Failure::Conflict { locks: numbers, .. }) = found else {
            return Vec::new();
        };
        let locks = self.locks();
        let asked = numbers
            .iter()
            .filter_map(|number| match locks[*number].says {
                Says::Asked(own) => Some(own),
                Says::Held(_) => None,
            });
        asked.collect()
    }
}

impl Plan {
    /// Returns the systems of some locks, each of those that hang together.
    fn lock_systems(
        &self,
        sheet: usize,
        axis: &Axis,
        group: &LockGroup,
    ) -> Result<Vec<LockSystem>, PlanError> {
        let parts = self.lock_parts(sheet, axis, group)?.into_iter();
        let systems = parts.map(|part| {
            let mut asked: Vec<(AskedLock, Lock)> = Vec::new();
            for lock in part.locks {
                let own = self.lock(sheet, &part.domain, asked.len(), &lock)?;
                let is_same = |other: &Lock| (&other.scope, other.total) == (&own.scope, own.total);
                if !asked.iter().any(|(_, other)| is_same(other)) {
                    asked.push((lock, own));
                }
            }
            Ok(LockSystem {
                sheet,
                held: self.held_locks(sheet, &part.domain),
                domain: part.domain,
                asked,
            })
        });
        systems.collect()
    }

    /// Solves locks, those that hang together by themselves, and returns with them which locks were dropped: of those that cannot hold
    /// together the one of most cells, where all said that the narrower wins. All others are as if it had not been asked for. To tell
    /// all that cannot be, those that can are solved without the others.
    pub(super) fn solve_locks(
        &self,
        sheet: usize,
        axis: &Axis,
        group: LockGroup,
        tells_all: bool,
    ) -> Result<(Vec<Solved>, Vec<LockDef>), PlanError> {
        let (mut solved, mut dropped) = (Vec::new(), Vec::new());
        let frozen = group.frozen;
        let mut next = vec![(group.locks, false)];
        while let Some((locks, is_rest)) = next.pop() {
            let group = LockGroup {
                locks,
                frozen: frozen.clone(),
            };
            for system in self.lock_systems(sheet, axis, &group)? {
                let found = system.solve();
                let clashing = system.clashing(&found);
                let own = clashing.iter().copied();
                let own = own.filter(|number| system.asked[*number].0.is_droppable);
                let wider = own.max_by_key(|number| (system.asked[*number].1.cells, *number));
                let rest = match wider {
                    Some(number) => Some((system.without(&[number]), is_rest)),
                    None if tells_all && !clashing.is_empty() => {
                        Some((system.without(&clashing), true))
                    }
                    None => None,
                };
                next.extend(rest.filter(|(locks, _)| !locks.is_empty()));
                match wider {
                    Some(number) => dropped.push(system.asked[number].0.def.clone()),
                    None => solved.push(Solved {
                        system,
                        found,
                        is_rest,
                    }),
                }
            }
        }
        dropped.sort();
        Ok((solved, dropped))
    }

    /// Returns what the leaves become when locks hold.
    pub(super) fn locked(
        &self,
        sheet: usize,
        axis: &Axis,
        group: LockGroup,
        first: usize,
    ) -> Result<Shifted, PlanError> {
        let (solved, dropped) = self.solve_locks(sheet, axis, group, false)?;
        let mut shifted = Shifted::none(sheet);
        for Solved { system, found, .. } in solved {
            match found {
                Ok(to) => shifted.add(self.held_told(&system, &to, first)?),
                Err(failure) => return Err(self.failed(&system, failure)),
            }
        }
        shifted.dropped = dropped;
        Ok(shifted)
    }

    /// Returns what the leaves become when locks hold; what absorbs is decided by the first edit that locks.
    pub(super) fn held_told(
        &self,
        system: &LockSystem,
        to: &[i64],
        first: usize,
    ) -> Result<Shifted, PlanError> {
        let domain = &system.domain;
        let mut locked_by = vec![None; domain.tree.len() * domain.width()];
        for (asked, lock) in &system.asked {
            for id in &lock.scope {
                locked_by[*id] = Some(asked.edit);
            }
        }
        let decided = |cell: &Cell| {
            let depths = (1..=domain.axis.0.len()).rev();
            let mut above = depths.map(|depth| domain.above(cell.branch, depth));
            let edit = above.find_map(|branch| locked_by[branch * domain.width() + cell.column]);
            (edit.is_some(), edit.unwrap_or(first))
        };
        self.told(system.sheet, domain, to, decided)
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
    pub(super) fn failed(&self, system: &LockSystem, failure: Failure) -> PlanError {
        let (domain, locks) = (&system.domain, system.locks());
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
