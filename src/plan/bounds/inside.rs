//! One amount shared inside bounds by any method that assigns all of it.

use crate::allocation::{
    AllocationError, Bound, Lots, Method, Placement, Weights, ZeroWeights, allocate,
    allocate_within,
};
use crate::quantity::Ratio;

/// An amount shared inside bounds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::plan) struct Inside {
    pub(in crate::plan) shares: Vec<i64>,
    /// How each share came to be; none where it is by weight under another method than largest remainder.
    pub(in crate::plan) placements: Vec<Option<Placement>>,
    /// The exact share of what all members share that are at no bound, where 128 bits hold it.
    pub(in crate::plan) exact: Vec<Option<Ratio>>,
}

/// Says whether a method can share inside bounds: it has to assign everything, and to nobody by name.
pub(in crate::plan) fn serves(method: Method) -> bool {
    match method {
        Method::LargestRemainder
        | Method::Webster
        | Method::Jefferson
        | Method::Hill
        | Method::Adams
        | Method::Dean
        | Method::SpareToFirst
        | Method::SpareToHeaviest
        | Method::RemainderToLargest
        | Method::Running => true,
        Method::RemainderTo(_) | Method::RemainderApart | Method::BlocksApart => false,
    }
}

/// Shares an amount inside bounds.
///
/// Largest remainder rounds the water-filling solution. Under the other methods everybody is first given a share as if
/// there were no bounds; of those beyond a bound the side that is further out in total (too much, or too little) is put at
/// its bounds, and the rest is shared anew among the others, until nobody is outside. For methods under which a larger
/// amount takes from nobody (the divisor methods) this is the method's own answer inside the bounds; source of the
/// scheme: G. R. Bitran and A. C. Hax, *Disaggregation and resource allocation using convex knapsack problems with bounded
/// variables*, Management Science 27 (1981).
pub(in crate::plan) fn share_inside(
    total: i64,
    weights: &[u128],
    bounds: &[Bound],
    method: Method,
) -> Result<Inside, AllocationError> {
    let whole = Weights::from_integers(weights, ZeroWeights::Refuse)?;
    // Whether it is possible at all, and the proof if not, does not depend on the method.
    let filled = allocate_within(total, &whole, bounds, &Lots::ONE)?;
    if method == Method::LargestRemainder || !serves(method) {
        let exact = |placement: &Placement| match placement {
            Placement::Shared(portion) => portion.exact(),
            _ => None,
        };
        return Ok(Inside {
            exact: filled.placements().iter().map(exact).collect(),
            placements: filled.placements().iter().copied().map(Some).collect(),
            shares: filled.into_shares(),
        });
    }
    let ranges: Vec<Range> = weights
        .iter()
        .zip(bounds)
        .map(|(weight, bound)| Range::of(*bound, *weight, total))
        .collect();
    let mut placed: Vec<Option<(i64, Placement)>> =
        ranges.iter().map(|range| range.only()).collect();
    loop {
        let open: Vec<usize> = (0..weights.len())
            .filter(|member| placed[*member].is_none())
            .collect();
        let fixed: i128 = placed
            .iter()
            .flatten()
            .map(|(share, _)| i128::from(*share))
            .sum();
        let rest =
            i64::try_from(i128::from(total) - fixed).map_err(|_| AllocationError::OutOfRange {
                member: open.first().copied().unwrap_or(0),
            })?;
        let own: Vec<u128> = open.iter().map(|member| weights[*member]).collect();
        let shared = if open.is_empty() {
            Vec::new()
        } else {
            allocate(
                rest,
                &Weights::from_integers(&own, ZeroWeights::Refuse)?,
                method,
            )?
            .into_shares()
        };
        let (mut over, mut under) = (0_i128, 0_i128);
        for (member, share) in open.iter().zip(&shared) {
            let (above, below) = ranges[*member].outside(*share);
            over += above;
            under += below;
        }
        if over == 0 && under == 0 {
            return Ok(finished(&whole, &placed, &open, &shared, rest));
        }
        for (member, share) in open.iter().zip(&shared) {
            let (above, below) = ranges[*member].outside(*share);
            if above > 0 && over >= under {
                placed[*member] = ranges[*member].most.map(|most| (most, Placement::Maximum));
            } else if below > 0 && under > over {
                placed[*member] = ranges[*member]
                    .least
                    .map(|least| (least, Placement::Minimum));
            }
        }
    }
}

fn finished(
    whole: &Weights,
    placed: &[Option<(i64, Placement)>],
    open: &[usize],
    shared: &[i64],
    rest: i64,
) -> Inside {
    let sum: u128 = open.iter().filter_map(|member| whole.get(*member)).sum();
    let mut inside = Inside {
        shares: placed
            .iter()
            .map(|own| own.map_or(0, |own| own.0))
            .collect(),
        placements: placed.iter().map(|own| own.map(|own| own.1)).collect(),
        exact: vec![None; placed.len()],
    };
    for (member, share) in open.iter().zip(shared) {
        inside.shares[*member] = *share;
        let part = |weight: u128| {
            let weight = i128::try_from(weight).ok()?;
            let part = Ratio::new(weight, i128::try_from(sum).ok()?).ok()?;
            Ratio::from(rest).checked_mul(part).ok()
        };
        inside.exact[*member] = whole.get(*member).and_then(part);
    }
    inside
}

/// The amounts that a member can have.
#[derive(Debug, Clone, Copy)]
struct Range {
    least: Option<i64>,
    most: Option<i64>,
    held: bool,
    weightless: bool,
}

impl Range {
    fn of(bound: Bound, weight: u128, total: i64) -> Self {
        let (minimum, maximum) = (bound.minimum(), bound.maximum());
        // Without a bound of its own nobody has less than nothing of a gain, or more than nothing of a loss.
        let least = minimum.or((total > 0).then(|| maximum.map_or(0, |most| most.min(0))));
        let most = maximum.or((total < 0).then(|| minimum.map_or(0, |least| least.max(0))));
        Self {
            least,
            most,
            held: bound.hold().is_some(),
            weightless: weight == 0,
        }
    }

    /// Returns the one share that is possible, if there is only one.
    fn only(self) -> Option<(i64, Placement)> {
        if self.weightless {
            let least = self.least.unwrap_or(0).max(0);
            let share = self.most.map_or(least, |most| least.min(most));
            return Some((
                share,
                if self.held {
                    Placement::Held
                } else {
                    Placement::ZeroWeight
                },
            ));
        }
        match (self.least, self.most) {
            (Some(least), Some(most)) if least == most => Some((
                least,
                if self.held {
                    Placement::Held
                } else {
                    Placement::Minimum
                },
            )),
            _ => None,
        }
    }

    /// Returns by how much a share is above and below the range.
    fn outside(self, share: i64) -> (i128, i128) {
        let above = self
            .most
            .map_or(0, |most| i128::from(share) - i128::from(most));
        let below = self
            .least
            .map_or(0, |least| i128::from(least) - i128::from(share));
        (above.max(0), below.max(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const METHODS: [Method; 6] = [
        Method::Webster,
        Method::Jefferson,
        Method::Hill,
        Method::Adams,
        Method::Dean,
        Method::Running,
    ];

    #[test]
    fn a_divisor_method_inside_bounds_is_worked_by_hand() {
        // Jefferson gives 7 to 50, 30, 20: 4, 2, 1 (quotients 50 25 16.7 12.5 | 30 15 | 20 and then 10). At most 2 for the
        // first leaves 5 for 30, 20: 3, 2 (30 20 15 10 10, the tie to the first).
        let bounds = [Bound::at_most(2), Bound::FREE, Bound::FREE];
        let inside = share_inside(7, &[50, 30, 20], &bounds, Method::Jefferson).unwrap();
        assert_eq!(inside.shares, [2, 3, 2]);
        assert_eq!(inside.placements, [Some(Placement::Maximum), None, None]);
        assert_eq!(inside.exact[1], Some(Ratio::from(3)));
        let least = [Bound::FREE, Bound::FREE, Bound::at_least(3)];
        let inside = share_inside(7, &[50, 30, 20], &least, Method::Jefferson).unwrap();
        assert_eq!(inside.shares, [3, 1, 3]);
        let loss = share_inside(
            -7,
            &[50, 30, 20],
            &[Bound::at_least(-2), Bound::FREE, Bound::FREE],
            Method::Jefferson,
        );
        assert_eq!(loss.unwrap().shares, [-2, -3, -2]);
    }

    proptest! {
        #[test]
        fn every_method_stays_inside_its_bounds_and_assigns_everything(
            total in -200_i64..200,
            members in prop::collection::vec((0_u32..40, prop::option::of(-30_i64..30), prop::option::of(0_i64..60)), 1..8),
            pick in 0_usize..6,
        ) {
            let weights: Vec<u128> = members.iter().map(|member| u128::from(member.0)).collect();
            let bounds: Vec<Bound> = members.iter().map(|(_, min, width)| match (min, width) {
                (Some(min), Some(width)) => Bound::between(*min, min + width).unwrap(),
                (Some(min), None) => Bound::at_least(*min),
                (None, Some(max)) => Bound::at_most(*max),
                (None, None) => Bound::FREE,
            }).collect();
            if let Ok(inside) = share_inside(total, &weights, &bounds, METHODS[pick]) {
                prop_assert_eq!(inside.shares.iter().sum::<i64>(), total);
                for (share, bound) in inside.shares.iter().zip(&bounds) {
                    prop_assert!(bound.admits(*share), "{:?}", inside);
                }
            }
        }

        #[test]
        fn a_bounded_divisor_method_gives_each_next_quantum_to_the_best_claim(
            total in 0_i64..120,
            members in prop::collection::vec((1_u32..40, 0_i64..10, 0_i64..40), 1..7),
        ) {
            let weights: Vec<u128> = members.iter().map(|member| u128::from(member.0)).collect();
            let bounds: Vec<Bound> = members.iter().map(|(_, min, width)| Bound::between(*min, min + width).unwrap()).collect();
            let Ok(inside) = share_inside(total, &weights, &bounds, Method::Jefferson) else { return Ok(()) };
            // Slowly: everybody at the minimum, then one by one to the largest quotient weight / (share + 1).
            let mut slow: Vec<i64> = members.iter().map(|member| member.1).collect();
            while slow.iter().sum::<i64>() < total {
                let open = (0..slow.len()).filter(|at| slow[*at] < members[*at].1 + members[*at].2);
                let best = open.reduce(|best, at| {
                    let claim = |at: usize| (i64::from(members[at].0), slow[at] + 1);
                    let ((a, b), (c, d)) = (claim(best), claim(at));
                    if c * b > a * d { at } else { best }
                }).unwrap();
                slow[best] += 1;
            }
            prop_assert_eq!(inside.shares, slow);
        }
    }
}
