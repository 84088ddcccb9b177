//! What carrying forward comes to, and how it is shared within the room that there is.

use crate::allocation::{Bound, Lots, Method, Weights, ZeroWeights, allocate_within};
use crate::plan::edit::stretch::Moves;
use crate::plan::stretch::Bend;
use crate::plan::{CarriedGap, NodeId, PlanError};

/// What carrying forward comes to, worked out before anything moves.
#[derive(Default)]
pub(super) struct Carried {
    pub(super) gaps: Vec<CarriedGap>,
    pub(super) moves: Moves,
    /// Of the moves, those on days that are open.
    pub(super) open: Moves,
    pub(super) bends: Vec<(NodeId, Bend)>,
}

/// Shares as much of an amount as there is room for; and says how much that is.
pub(super) fn share(
    amount: i64,
    weights: &[u128],
    rooms: &[i64],
) -> Result<(Vec<i64>, i64), PlanError> {
    let open = weights
        .iter()
        .zip(rooms)
        .map(|(weight, room)| if *room > 0 { *weight } else { 0 });
    let open: Vec<u128> = open.collect();
    let with_weight = rooms.iter().zip(&open).filter(|(_, weight)| **weight > 0);
    let room: i128 = with_weight.map(|(room, _)| i128::from(*room)).sum();
    let amount = i64::try_from(room.min(i128::from(amount))).unwrap_or(amount);
    if amount <= 0 {
        return Ok((vec![0; rooms.len()], 0));
    }
    let bounds: Vec<Bound> = rooms.iter().map(|room| Bound::at_most(*room)).collect();
    let whole = Weights::from_integers(&open, ZeroWeights::Refuse)?;
    let method = Method::LargestRemainder;
    let found = allocate_within(amount, &whole, method, &bounds, &Lots::ONE)?;
    Ok((found.into_shares(), amount))
}

/// By how much leaves have moved already.
pub(super) fn moved(moves: &Moves, leaf: NodeId) -> i128 {
    moves.get(&leaf).copied().unwrap_or(0)
}
