//! A reallocation as a proposal.

use std::collections::BTreeMap;

use super::domain::{Domain, Standing};
use super::lock::{Locks, Says};
use super::system::Solved;
use super::{LockGroup, Shifted, Shifts};
use crate::plan::{
    Edit, EditError, NodeId, NodeRole, ParentRoom, Plan, PlanError, ProposedReallocation,
    ReallocatedNode, Reallocation, ReallocationVerb, RoomVerdict,
};

impl Plan {
    /// Returns what an edit would do.
    pub(in crate::plan) fn reallocated(
        &self,
        asked: &Reallocation,
    ) -> Result<ProposedReallocation, PlanError> {
        let mut told = ProposedReallocation {
            asked: asked.clone(),
            based_on: self.version(),
            rooms: Vec::new(),
            conflicts: Vec::new(),
            dropped: Vec::new(),
            nodes: Vec::new(),
        };
        let ReallocationVerb::Lock { totals, clash } = &asked.verb else {
            let shifts = self.shifts(&[Edit::Reallocate(asked.clone())], 0)?;
            self.check_shifts(asked, &shifts)?;
            let nodes = shifts.0.values().flat_map(|shifted| self.roles(shifted));
            told.nodes = nodes.collect();
            return Ok(told);
        };
        let sheet = self.sheet_index(asked.measure.as_str())?;
        self.check_reallocatable(sheet)?;
        let locks = self.asked_locks(totals, *clash, 0)?;
        let axis = self.lock_axis(asked, &locks)?;
        let group = LockGroup {
            locks: locks.into_iter().collect(),
            frozen: asked.frozen.clone(),
        };
        let (solved, dropped) = self.solve_locks(sheet, &axis, group, true)?;
        let mut shifted = Shifted::none(sheet);
        let mut undecided = None;
        for own in solved {
            if !own.is_rest {
                told.rooms.extend(self.rooms(&own));
            }
            match own.found {
                Ok(to) => shifted.add(self.held_told(&own.system, &to, 0)?),
                Err(failure) => match self.failed(&own.system, failure) {
                    PlanError::Edit(EditError::Locks(conflict)) => told.conflicts.push(*conflict),
                    other => undecided = undecided.or(Some(other)),
                },
            }
        }
        if !told.conflicts.is_empty() {
            return Ok(told);
        }
        if let Some(undecided) = undecided {
            return Err(undecided);
        }
        told.nodes = self.roles(&shifted);
        told.dropped = dropped;
        self.check_shifts(asked, &Shifts(BTreeMap::from([(0, shifted)])))?;
        Ok(told)
    }

    /// Returns what parents have in each column in which something right below them is locked.
    fn rooms(&self, solved: &Solved) -> Vec<ParentRoom> {
        let system = &solved.system;
        let domain = &system.domain;
        let width = domain.width();
        let all = system.locks();
        let locks = Locks::new(domain, &all);
        let mixed = locks.own_mixes();
        let to = solved.found.as_ref().unwrap_or(&mixed);
        let (is_locked, is_held) = locks.scopes();
        let quantum = self.sheets[system.sheet].measure().quantum;
        let shown = |units: i64| quantum.quantity(domain.quanta(units.into()));
        let parents = 0..domain.tree.len() * width;
        let rooms = parents.filter(|id| locks.is_direct[*id]).map(|id| {
            let (branch, column) = (id / width, id % width);
            let (mut locked, mut others) = (0_i64, Standing::default());
            for child in &domain.tree[branch].children {
                let at = child * width + column;
                let own = domain.at(*child, column);
                if is_locked[at] {
                    locked = locked.saturating_add(to[at]);
                } else if is_held[at] {
                    others.fixed += own.value();
                } else {
                    others.free += own.free;
                    others.fixed += own.fixed;
                    others.cells += own.cells;
                }
            }
            let capacity = to[id];
            let slack = capacity.saturating_sub(locked).saturating_sub(others.fixed);
            ParentRoom {
                at: domain.place(&self.frame, branch, column),
                capacity: shown(capacity),
                locked: shown(locked),
                held: shown(others.fixed),
                free: shown(others.free),
                slack: shown(slack),
                room: match slack {
                    0 => RoomVerdict::Full,
                    slack if slack < 0 || others.cells == 0 => RoomVerdict::Over,
                    _ => RoomVerdict::Fits,
                },
            }
        });
        rooms.collect()
    }

    /// Returns the nodes that take part, with what each is in it.
    fn roles(&self, shifted: &Shifted) -> Vec<ReallocatedNode> {
        let mut nodes: BTreeMap<NodeId, (i128, bool)> = BTreeMap::new();
        for cell in &shifted.cells {
            let by = i128::from(cell.after) - i128::from(cell.before);
            let mut at = Some(cell.leaf);
            while let Some(node) = at {
                let own = nodes.entry(node).or_default();
                own.0 += by;
                own.1 |= cell.is_named;
                at = self.frame.parent(node);
            }
        }
        let quantum = self.sheets[shifted.sheet].measure().quantum;
        let told = nodes.into_iter().map(|(node, (by, is_named))| {
            let before = self.value(shifted.sheet, node);
            let after = i64::try_from(i128::from(before) + by).unwrap_or(before);
            ReallocatedNode {
                node,
                place: self.frame.path(node),
                role: match (by.signum(), is_named) {
                    (0, _) => NodeRole::Bystander,
                    (_, false) => NodeRole::Absorbing,
                    (-1, true) => NodeRole::Source,
                    (_, true) => NodeRole::Destination,
                },
                before: quantum.quantity(before),
                after: quantum.quantity(after),
            }
        });
        told.collect()
    }
}

impl Locks<'_> {
    /// Returns which branches and columns are locked right there, and which are held.
    fn scopes(&self) -> (Vec<bool>, Vec<bool>) {
        let none = || vec![false; self.is_direct.len()];
        let (mut locked, mut held) = (none(), none());
        for lock in self.all {
            let scopes = match lock.says {
                Says::Asked(_) => &mut locked,
                Says::Held(_) => &mut held,
            };
            for id in &lock.scope {
                scopes[*id] = true;
            }
        }
        (locked, held)
    }

    /// Returns all amounts with those of locks shared in their own mix, step by step, whether there is room or not.
    fn own_mixes(&self) -> Vec<i64> {
        let domain: &Domain = self.domain;
        let mut to = domain.values();
        for depth in 0..domain.axis.0.len() {
            self.share_locked(depth, &mut to);
        }
        to
    }
}
