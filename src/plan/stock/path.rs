//! Paths over periods: how an opening becomes a closing.

use std::ops::Range;

use super::{Paths, Waypoints, splits_time};
use crate::allocation::{AllocationError, Method, Weights, ZeroWeights, allocate};
use crate::plan::cascade::Cascade;
use crate::plan::lots::{LotCount, LotSize};
use crate::plan::{BasisError, ConstraintError, Frame, NodeId, Path, PlanError};
use crate::quantity::Rounding;

/// A path over periods: how an opening becomes a closing.
#[derive(Debug, Clone, Copy)]
pub(in crate::plan) struct Course<'a> {
    pub(in crate::plan) opening: i64,
    pub(in crate::plan) closing: i64,
    pub(in crate::plan) weights: &'a [u128],
    pub(in crate::plan) all_zero: ZeroWeights,
    /// Of what the stock is a multiple at the end of every period, the closing among them.
    pub(in crate::plan) lot: LotSize,
}

impl Course<'_> {
    /// Returns the stock at the end of every period.
    pub(in crate::plan) fn amounts(&self) -> Result<Vec<i64>, AllocationError> {
        let start = self.start()?;
        let moves = self.moves(start)?;
        let mut at = start;
        let mut amounts: Vec<i64> = Vec::with_capacity(moves.len());
        for by in moves {
            // Between two amounts in range.
            at = at.saturating_add(by);
            // Whole lots may lie beyond the range where what the path starts from just does not.
            let amount = LotCount::new(at).quanta(self.lot);
            amounts.push(amount.ok_or(AllocationError::OutOfRange { member: 0 })?);
        }
        if let Some(last) = amounts.last_mut() {
            *last = self.closing;
        }
        Ok(amounts)
    }

    /// Returns the whole lots nearest to what the path starts from.
    fn start(&self) -> Result<i64, AllocationError> {
        self.lot
            .rounded(self.opening, Rounding::HalfAwayFromZero)
            .map(LotCount::get)
            .ok_or(AllocationError::OutOfRange { member: 0 })
    }

    /// Returns the moves from the start to the closing, in lots.
    fn moves(&self, start: i64) -> Result<Vec<i64>, AllocationError> {
        let change = self
            .lot
            .count(self.closing)
            .get()
            .checked_sub(start)
            .ok_or(AllocationError::OutOfRange { member: 0 })?;
        if change == 0 {
            return Ok(vec![0; self.weights.len()]);
        }
        let weights = Weights::from_integers(self.weights, self.all_zero)?;
        Ok(allocate(change, &weights, Method::Running)?.into_shares())
    }
}

/// Returns the periods of a node's path from one on to the next for which something is prescribed, or to the last, by
/// their places among all of them, and what is prescribed for the last of these.
pub(in crate::plan) fn segment(
    frame: &Frame,
    waypoints: &Waypoints,
    node: NodeId,
    from: usize,
) -> (Range<usize>, Option<i64>) {
    let children = frame.child_range(node);
    let found = (from..children.len()).find_map(|place| {
        let child = NodeId::new(node.level() + 1, children.start + place);
        waypoints.at(child).map(|amount| (place + 1, amount))
    });
    match found {
        Some((end, amount)) => (from..end, Some(amount)),
        None => (from..children.len(), None),
    }
}

impl Cascade {
    /// Returns the paths of all nodes of a level over the periods below them.
    pub(in crate::plan) fn paths(
        &self,
        step: usize,
        paths: &Paths,
        values: &[Vec<i64>],
    ) -> Result<Vec<i64>, PlanError> {
        let frame = self.frame();
        let Paths {
            openings,
            waypoints,
        } = paths;
        let mut amounts = Vec::with_capacity(frame.count(step + 1));
        for (index, closing) in values[step].iter().enumerate() {
            let node = NodeId::new(step, index);
            if !splits_time(frame, node) {
                // A branch that leaves the periods out, or ends here.
                amounts.extend(frame.children(node).map(|_| *closing));
                continue;
            }
            let weights = self.node_weights(step, frame.child_range(node));
            let lot = self.lot_below(step, index);
            self.check_whole(node, *closing, lot)?;
            let mut opening = openings.of(frame, node, values);
            let children = frame.child_range(node);
            let mut from = 0;
            while from < children.len() {
                let (part, end) = segment(frame, waypoints, node, from);
                let course = Course {
                    opening,
                    closing: end.unwrap_or(*closing),
                    weights: &weights[part.clone()],
                    all_zero: self.definition().steps[step].weights.all_zero(),
                    lot,
                };
                let found = course.amounts();
                amounts.extend(found.map_err(|error| self.path_error(node, *closing, error))?);
                (opening, from) = (course.closing, part.end);
            }
            // The last period is the whole node, so what is prescribed for it has to be the same.
            let last = amounts.last().copied().unwrap_or(*closing);
            if last != *closing {
                let shown = |units| self.measure().quantum.amount(units);
                return Err(PlanError::Constraint(ConstraintError::PrescribedBroken {
                    place: frame.path_at(step + 1, children.end - 1),
                    expected: shown(last),
                    found: shown(*closing),
                }));
            }
        }
        Ok(amounts)
    }

    /// Puts the place to an error of a path.
    pub(in crate::plan) fn path_error(
        &self,
        node: NodeId,
        closing: i64,
        error: AllocationError,
    ) -> PlanError {
        let place: Path = self.frame().path(node);
        let step = self.frame().steps[node.level()].name.clone();
        match error {
            AllocationError::ZeroWeights { .. } => PlanError::Basis(BasisError::ZeroWeights {
                place,
                step,
                amount: self.measure().quantum.amount(closing),
            }),
            AllocationError::OutOfRange { .. } => PlanError::OutOfRange { place },
            error => PlanError::Split {
                place,
                step,
                error: Box::new(error),
            },
        }
    }
}
