//! What a stock is prescribed to be at the end of periods on its path.

use std::collections::BTreeMap;

use super::splits_time;
use crate::measure::{Additivity, Measure};
use crate::plan::bounds::Limits;
use crate::plan::frame::Selection;
use crate::plan::{CascadeDef, Frame, NodeId, PlanError, TotalDef};

/// The periods for which a balance is prescribed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::plan) struct Waypoints(BTreeMap<NodeId, i64>);

impl Waypoints {
    /// Reads the prescribed totals that are of one period of one path.
    pub(in crate::plan) fn compile(
        def: &CascadeDef,
        frame: &Frame,
        measure: &Measure,
    ) -> Result<Self, PlanError> {
        let mut points = BTreeMap::new();
        if measure.additivity != Additivity::Stock {
            return Ok(Self(points));
        }
        for total in &def.totals {
            let Some(node) = period_of_a_path(frame, total)? else {
                continue;
            };
            let limits = Limits::of_total(total, measure)?;
            let units = limits.exact().ok_or_else(|| PlanError::NotForKind {
                measure: measure.key.clone(),
                kind: "stock",
                what: "a total of a period that is only bounded",
            })?;
            if points.insert(node, units).is_some() {
                return Err(PlanError::DuplicatePlace {
                    place: total.at.clone(),
                });
            }
        }
        Ok(Self(points))
    }

    /// Returns what is prescribed for a period of a path.
    pub(in crate::plan) fn at(&self, node: NodeId) -> Option<i64> {
        self.0.get(&node).copied()
    }

    /// Returns the periods with what is prescribed for them.
    pub(in crate::plan) fn iter(&self) -> impl Iterator<Item = (NodeId, i64)> + '_ {
        self.0.iter().map(|(node, amount)| (*node, *amount))
    }
}

/// Returns the node that a prescribed total is of, if it is a period of a path. Coarser periods that hold it need not be
/// named.
pub(in crate::plan) fn period_of_a_path(
    frame: &Frame,
    total: &TotalDef,
) -> Result<Option<NodeId>, PlanError> {
    let Selection { node, below } = frame.select(&total.at)?;
    let found = match below[..] {
        [] => Some(node),
        [(step, coord)] if (node.level()..=step).all(|step| frame.periods(step).is_some()) => {
            let mut cells = frame.run_below(node, step + 1);
            cells
                .find(|cell| frame.levels[step + 1].coords[*cell] == coord)
                .map(|cell| NodeId::new(step + 1, cell))
        }
        _ => None,
    };
    let above = |node: &NodeId| frame.parent(*node);
    Ok(found.filter(|node| above(node).is_some_and(|above| splits_time(frame, above))))
}
