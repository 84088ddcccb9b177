//! One path drawn anew, and what of it may not move.

use super::{Draw, Redrawing};
use crate::allocation::ZeroWeights;
use crate::plan::stock::{Before, Course, before, splits_time};
use crate::plan::{NodeId, Plan, PlanError};

impl Plan {
    /// Draws the path of a node from its opening, or from its last period that may not move, to a closing.
    pub(super) fn draw_path(
        &mut self,
        redrawing: &mut Redrawing<'_>,
        node: NodeId,
        closing: i64,
        draw: &Draw,
    ) -> Result<(), PlanError> {
        let sheet = redrawing.manner.sheet;
        let children: Vec<NodeId> = self.frame.children(node).collect();
        let first = children
            .iter()
            .rposition(|child| self.is_fixed(sheet, *child))
            .map_or(0, |last| last + 1);
        let open = &children[first..];
        let Some(last) = open.last() else {
            // The last period may not move, which `set_closing` has seen.
            return Ok(());
        };
        let values: Vec<i64> = open.iter().map(|child| self.value(sheet, *child)).collect();
        let basis = || {
            let range = open[0].index()..last.index() + 1;
            self.sheets[sheet]
                .cascade()
                .node_weights(node.level(), range)
        };
        let row = self.is_row(node);
        let weights = match draw {
            Draw::Shift | Draw::Basis => basis(),
            Draw::First(weights) if row => {
                let own = |place| weights.get(place).copied().unwrap_or(0);
                (first..children.len()).map(own).collect()
            }
            Draw::Equal | Draw::First(_) => vec![1; open.len()],
        };
        let (from, to) = match (first.checked_sub(1), draw) {
            // A path that keeps its shape moves by what its two ends move by.
            (fixed, Draw::Shift) => {
                let end = closing.checked_sub(self.value(sheet, *last));
                let start = match fixed {
                    Some(_) => Some(0),
                    None => self.opening_moved(redrawing, node),
                };
                (start, end)
            }
            (Some(fixed), _) => (Some(self.value(sheet, children[fixed])), Some(closing)),
            (None, _) => (Some(self.opening(sheet, node)), Some(closing)),
        };
        let (Some(from), Some(to)) = (from, to) else {
            return Err(self.beyond(node));
        };
        let lot = self.sheets[sheet]
            .cascade()
            .lot_below(node.level(), node.index());
        let course = Course {
            opening: from,
            closing: to,
            weights: &weights,
            all_zero: ZeroWeights::Equal,
            lot,
        };
        let cascade = &self.sheets[sheet].cascade();
        let drawn = course
            .amounts()
            .map_err(|error| cascade.path_error(node, closing, error))?;
        for ((child, value), drawn) in open.iter().zip(values).zip(drawn) {
            let own = match draw {
                Draw::Shift => value
                    .checked_add(drawn)
                    .ok_or_else(|| self.beyond(*child))?,
                Draw::Basis | Draw::Equal | Draw::First(_) => drawn,
            };
            let below = if row { draw.below() } else { draw };
            self.set_closing(redrawing, *child, own, below)?;
        }
        Ok(())
    }

    fn opening(&self, sheet: usize, node: NodeId) -> i64 {
        let sheet = &self.sheets[sheet];
        let paths = sheet.cascade().kind().paths();
        paths.map_or(0, |paths| {
            paths
                .openings
                .of(&self.frame, node, sheet.amounts().levels())
        })
    }

    /// Returns by how much what a node starts with has moved.
    fn opening_moved(&self, redrawing: &Redrawing<'_>, node: NodeId) -> Option<i64> {
        let Before::Node(twin) = before(&self.frame, node) else {
            return Some(0);
        };
        let old = redrawing.old.get(&twin);
        old.map_or(Some(0), |old| {
            self.value(redrawing.manner.sheet, twin).checked_sub(*old)
        })
    }

    /// Says whether a node is held or closed as a whole.
    pub(super) fn is_shut(&self, sheet: usize, node: NodeId) -> bool {
        let (level, index) = (node.level(), node.index());
        self.sheets[sheet].is_held(NodeId::new(level, index)) || self.closed.get(level, index)
    }

    /// Says whether what a node is at the end of its time may not move.
    pub(super) fn is_fixed(&self, sheet: usize, node: NodeId) -> bool {
        let children = self.frame.child_range(node);
        let paths = self.sheets[sheet].cascade().kind().paths();
        if paths.is_some_and(|paths| paths.waypoints.at(node).is_some()) {
            return true;
        }
        let child = |index| NodeId::new(node.level() + 1, index);
        if self.is_shut(sheet, node) || children.is_empty() {
            return self.is_shut(sheet, node);
        }
        if splits_time(&self.frame, node) {
            return self.is_fixed(sheet, child(children.end - 1));
        }
        children
            .into_iter()
            .all(|index| self.is_fixed(sheet, child(index)))
    }

    /// Returns the part of what a node is at the end of its time that may not move.
    pub(super) fn fixed_part(&self, sheet: usize, node: NodeId) -> Result<i64, PlanError> {
        let children = self.frame.child_range(node);
        let child = |index| NodeId::new(node.level() + 1, index);
        if self.is_fixed(sheet, node) {
            return Ok(self.value(sheet, node));
        }
        if children.is_empty() {
            return Ok(0);
        }
        if splits_time(&self.frame, node) {
            return self.fixed_part(sheet, child(children.end - 1));
        }
        let mut sum = 0_i128;
        for index in children {
            sum += i128::from(self.fixed_part(sheet, child(index))?);
        }
        i64::try_from(sum).map_err(|_| self.beyond(node))
    }
}
