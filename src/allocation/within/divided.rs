//! The divisor methods inside bounds: one divisor for all, each share cut to its bounds.

use super::{ActiveBound, Open, Placed, ProRata};
use crate::allocation::divisor::{Divided, Limits, Signposts};
use crate::allocation::fill::Level;
use crate::allocation::lot::Lot;

/// Shares a total among members of one lot, inside bounds that leave a way.
///
/// A divisor gives nobody less than nothing. So everybody begins at the share nearest to zero that the bounds allow; what is
/// then still to be given makes all shares larger, or, where it is below zero, smaller: that is the same with signs turned.
pub(super) fn serve(
    signposts: Signposts,
    total: i128,
    lot: Lot,
    group: &[Open],
    placed: &mut Placed,
) {
    let step = i128::from(lot.quanta());
    let ends = |one: &Open| {
        let (lowest, highest) = (one.vessel.lowest, one.vessel.highest);
        let nearest = 0_i128.max(lowest.unwrap_or(0));
        let nearest = highest.map_or(nearest, |highest| nearest.min(highest));
        (lowest, nearest, highest)
    };
    let nearest: i128 = group.iter().map(|one| ends(one).1).sum();
    let side = if total < nearest { -1 } else { 1 };
    // Who is beyond zero on the other side stays there; the others share what is on this one.
    let mut sharing: Vec<&Open> = Vec::with_capacity(group.len());
    let mut limits = Vec::with_capacity(group.len());
    let mut left = total;
    for one in group {
        let (lowest, nearest, highest) = ends(one);
        let most = if side < 0 { lowest } else { highest };
        let other_side = nearest.signum() == -side;
        if other_side || most == Some(nearest) {
            let at = if side < 0 {
                ActiveBound::Minimum
            } else {
                ActiveBound::Maximum
            };
            placed.shares[one.member] = (nearest, at);
            left -= nearest;
            continue;
        }
        sharing.push(one);
        let whole = |share: i128| u64::try_from((share / step).unsigned_abs()).unwrap_or(u64::MAX);
        limits.push((whole(nearest), most.map_or(u64::MAX, whole)));
    }
    let weights: Vec<u128> = sharing.iter().map(|one| one.vessel.weight).collect();
    let amount = (left / step).unsigned_abs();
    let Divided {
        shares,
        levels,
        tie,
    } = signposts.split_within(amount, &weights, Limits::new(limits));
    let free = || {
        let all = sharing.iter().zip(&shares).zip(&levels);
        all.filter(|(_, level)| **level == Level::Free)
            .map(|(one, _)| one)
    };
    let sum = free().map(|(one, _)| one.vessel.weight).sum();
    let shared = free().map(|(_, share)| i128::from(*share)).sum::<i128>() * step * side;
    for ((one, share), level) in sharing.iter().zip(&shares).zip(&levels) {
        let placement = match (level, side) {
            (Level::Free, _) => ActiveBound::Shared(ProRata {
                shared,
                weight: one.vessel.weight,
                sum,
                lot,
            }),
            (Level::Lowest, 1) | (Level::Highest, -1) => ActiveBound::Minimum,
            (Level::Lowest | Level::Highest, _) => ActiveBound::Maximum,
        };
        placed.shares[one.member] = (i128::from(*share) * step * side, placement);
    }
    let tie = tie.map(|tie| tie.renamed(|place| sharing[place].member));
    placed.ties.extend(tie);
}
