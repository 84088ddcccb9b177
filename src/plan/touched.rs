//! Which cells changes touch, and who is planned for.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::patch::{Patch, moved_cells};
use super::step::Split;
use super::{Cascade, MovedTarget, NodeId, Path, Plan, PlanError};
use crate::key::Key;

impl Plan {
    /// A plan of nothing by a recipe: its structure, with which others may be joined.
    pub(crate) fn of_nothing(cascade: &Cascade) -> Result<Self, PlanError> {
        let frame = cascade.frame();
        let levels = 0..frame.levels();
        let nothing = levels.map(|level| vec![0; frame.count(level)]).collect();
        Self::from_units(cascade, nothing)
    }

    /// The finest cells that the change touched which led to a version: those whose amounts it moved or whose days it bent.
    fn cells(&self, version: u64) -> Result<BTreeSet<(usize, Path)>, PlanError> {
        // Cells are named by the structure of that version.
        let then = self.as_of(version)?;
        let Some(entry) = then.history.last() else {
            return Ok(BTreeSet::new());
        };
        let mut found = BTreeSet::new();
        for (sheet, level, index) in moved_cells(&entry.patches).into_keys() {
            let node = NodeId::new(level, index);
            if then.frame.child_range(node).is_empty() {
                found.insert((sheet, then.frame.path(node)));
            }
        }
        for sheet in 0..then.sheets.len() {
            let bent = entry.patches.iter().filter_map(|patch| patch.bent(sheet));
            found.extend(bent.map(|node| (sheet, then.frame.path(node))));
        }
        Ok(found)
    }

    /// Whether the changes that led to two versions touch the same cells, or the later one was made for who came by the earlier.
    pub(crate) fn share_cells(&self, version: u64, later: u64) -> Result<bool, PlanError> {
        let place = usize::try_from(version)
            .ok()
            .and_then(|at| at.checked_sub(1));
        let grew = place
            .and_then(|at| self.history.get(at))
            .is_some_and(|entry| {
                let mut patches = entry.patches.iter();
                patches.any(|patch| matches!(patch, Patch::Structure(_)))
            });
        Ok(grew || !self.cells(version)?.is_disjoint(&self.cells(later)?))
    }

    /// The first of some targets that moved whose days all lie before one.
    pub(crate) fn moved_before(&self, day: NaiveDate, moved: &[MovedTarget]) -> Option<Path> {
        let is_before = |own: &&MovedTarget| {
            let keys: Vec<&str> = own.path.keys().iter().map(Key::as_str).collect();
            let node = self.frame.find(&keys);
            node.is_ok_and(|node| self.frame.period_of(node).end() <= day)
        };
        moved.iter().find(is_before).map(|own| own.path.clone())
    }

    /// Whether a member of a dimension has nodes of its own.
    pub(crate) fn plans_for(&self, dimension: &Key, member: &Key) -> bool {
        let steps = self.frame.steps.iter().enumerate();
        let mut own = steps.filter_map(|(number, step)| match step.split {
            Split::Member { dimension: at, .. } => Some((number, at)),
            Split::Time(_) => None,
        });
        own.any(|(number, at)| {
            let members = &self.frame.dimensions[at];
            if members.dimension != *dimension {
                return false;
            }
            let Ok(wanted) = members.member(member.as_str()) else {
                return false;
            };
            self.frame.levels[number + 1].coords.contains(&wanted)
        })
    }
}
