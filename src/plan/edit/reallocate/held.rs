//! Totals that are held, across an axis.

use std::collections::BTreeMap;

use super::domain::{Axis, Cell, Domain};
use crate::plan::frame::SKIPPED;
use crate::plan::{NodeId, Plan, PlanError};

impl Plan {
    /// Returns how deep on an axis those nodes stand that are held and are not leaves.
    pub(super) fn held_depths(&self, sheet: usize, axis: &Axis) -> BTreeMap<NodeId, usize> {
        let held = self.sheets[sheet].held_amounts().map(|own| own.0);
        let held = held.filter(|node| !self.frame.child_range(*node).is_empty());
        let depth = |node: NodeId| {
            let mut steps = axis.0.iter();
            let names =
                |step: &usize| *step < node.level() && self.frame.coord_at(node, *step) != SKIPPED;
            steps.rposition(names).map_or(0, |at| at + 1)
        };
        held.map(|node| (node, depth(node))).collect()
    }

    /// Returns the domain with all cells staying that are below somebody held, of whom something moves and something does not: of each
    /// cell, whoever stands at this depth or below.
    pub(super) fn keeping_held(
        &self,
        sheet: usize,
        domain: Domain,
        depth: impl Fn(&Domain, &Cell) -> Option<usize>,
    ) -> Result<Domain, PlanError> {
        let held = self.held_depths(sheet, &domain.axis);
        if held.is_empty() {
            return Ok(domain);
        }
        domain.fixing(self, |domain, cell| {
            let is_held = |depth: usize| {
                let mut above = self.frame.parent(cell.leaf);
                while let Some(node) = above {
                    if held.get(&node).is_some_and(|own| *own >= depth) {
                        return true;
                    }
                    above = self.frame.parent(node);
                }
                false
            };
            depth(domain, cell).is_some_and(is_held)
        })
    }
}
