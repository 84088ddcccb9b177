//! Which laws each method keeps, as its documentation says: what is claimed holds of every small case, what is denied has
//! a case that breaks it; and every method inside bounds.

use std::ops::Range;

use proptest::prelude::*;
use quotaflow::allocation::{
    ActiveBound, AllocationError, Bound, BoundedShares, Lot, Lots, Method, WeightPolicy, Weights,
    allocate, allocate_within,
};
use quotaflow::quantity::Ratio;

use Law::{Fair, Lower, Monotone, OneOff, Upper};

use super::divisors::{METHODS as DIVISORS, served_from};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Law {
    /// No share a quantum or more below the exact one.
    Lower,
    /// No share a quantum or more above the exact one.
    Upper,
    /// No share shrinks when the total grows.
    Monotone,
    /// The order of members decides ties only.
    Fair,
    /// No share a quantum or more below the exact one, nor more than one above.
    OneOff,
}

const LAWS: [Law; 5] = [Lower, Upper, Monotone, Fair, OneOff];

/// What the table at [`Method`] says: the laws that each keeps.
const CLAIMS: [(Method, &[Law]); 13] = [
    (Method::LargestRemainder, &[Lower, Upper, Fair, OneOff]),
    (Method::Webster, &[Monotone, Fair]),
    (Method::Hill, &[Monotone, Fair]),
    (Method::Dean, &[Monotone, Fair]),
    (Method::Jefferson, &[Lower, Monotone, Fair]),
    (Method::Adams, &[Upper, Monotone, Fair]),
    (Method::Running, &[Lower, Upper, OneOff]),
    (Method::SpareToFirst, &[Lower, Upper, OneOff]),
    (Method::SpareToHeaviest, &[Lower, Fair, OneOff]),
    (Method::RemainderToLargest, &[Lower, Fair]),
    (Method::RemainderTo(0), &[Lower, Fair]),
    (
        Method::RemainderApart,
        &[Lower, Upper, Monotone, Fair, OneOff],
    ),
    (Method::BlocksApart, &[Upper, Monotone, Fair]),
];

fn compiled(weights: &[i64]) -> Weights {
    Weights::new(weights, WeightPolicy::ALLOCATE).unwrap()
}

fn split(total: i64, weights: &[i64], method: Method) -> Vec<i64> {
    allocate(total, &compiled(weights), method)
        .unwrap()
        .into_shares()
}

/// All weights up to 4 of up to 4 members, and some that are known to lead divisor methods astray.
fn proportions() -> Vec<Vec<i64>> {
    let mut found: Vec<Vec<i64>> = Vec::new();
    for members in 1..=4_u32 {
        for code in 0..5_i64.pow(members) {
            let weights: Vec<i64> = (0..members).map(|at| code / 5_i64.pow(at) % 5).collect();
            if weights[0] > 0 {
                found.push(weights);
            }
        }
    }
    found.push(vec![1, 1, 1, 1, 1, 1, 1, 13]);
    found.push(vec![60, 1, 1, 1, 1, 1, 1, 1, 1, 1]);
    found.push(vec![91, 9, 9, 9, 9, 9]);
    found.push(vec![5117, 4400, 162, 161, 160]);
    found.push(vec![5, 9, 9, 9, 9, 9, 50]);
    found
}

/// Which of [`LAWS`] a method breaks on a case.
fn broken(total: i64, weights: &[i64], method: Method) -> [bool; 5] {
    let shares = split(total, weights, method);
    let sum: i64 = weights.iter().sum();
    let mut broken = [false; 5];
    let more = split(total + 1, weights, method);
    for (member, weight) in weights.iter().enumerate() {
        let exact = total * weight;
        let (share, next) = (shares[member] * sum, more[member]);
        broken[0] |= share <= exact - sum;
        broken[1] |= share >= exact + sum;
        broken[2] |= next < shares[member];
        broken[4] |= share <= exact - sum || share > exact + sum;
    }
    // Distinct weights, so that order has nothing to decide: turned round, everybody must have the same. A named member
    // keeps its name.
    let mut sorted = weights.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    if sorted.len() == weights.len() {
        let turned: Vec<i64> = weights.iter().rev().copied().collect();
        let method = match method {
            Method::RemainderTo(member) => Method::RemainderTo(weights.len() - 1 - member),
            other => other,
        };
        // Equal remainders are ties, which order does decide.
        let mut rests: Vec<i64> = weights.iter().map(|weight| total * weight % sum).collect();
        rests.sort_unstable();
        rests.dedup();
        let tied = rests.len() < weights.len();
        let back: Vec<i64> = split(total, &turned, method).into_iter().rev().collect();
        let divisor = DIVISORS.contains(&method);
        broken[3] = !tied && !divisor && back != shares;
        if divisor {
            let tie = quotaflow::allocation::tie(total, &compiled(weights), method).unwrap();
            broken[3] = tie.is_none() && back != shares;
        }
    }
    broken
}

#[test]
fn methods_keep_the_laws_that_they_claim_and_break_the_others_somewhere() {
    let proportions = proportions();
    for (method, keeps) in CLAIMS {
        let mut found = [None; LAWS.len()];
        for weights in &proportions {
            for total in 0..=40 {
                let broken = broken(total, weights, method);
                for (found, _) in found.iter_mut().zip(broken).filter(|(_, broken)| *broken) {
                    found.get_or_insert((total, weights));
                }
            }
        }
        for (law, found) in LAWS.into_iter().zip(found) {
            match found {
                Some(case) => assert!(!keeps.contains(&law), "{method:?}, {law:?}: {case:?}"),
                None => assert!(keeps.contains(&law), "{method:?} never broke {law:?}"),
            }
        }
    }
}

#[derive(Debug, Clone)]
struct Case {
    total: i64,
    weights: Vec<i64>,
    bounds: Vec<Bound>,
    lot: u32,
}

impl Case {
    fn solve(&self, method: Method) -> Result<BoundedShares, AllocationError> {
        let lots = Lots::Every(Lot::new(self.lot).unwrap());
        allocate_within(
            self.total,
            &compiled(&self.weights),
            method,
            &self.bounds,
            &lots,
        )
    }
}

fn cases() -> impl Strategy<Value = Case> {
    cases_of(-150..150, -5, -20)
}

/// Cases of an amount above zero in which no bound asks for less than nothing.
fn cases_from_zero() -> impl Strategy<Value = Case> {
    cases_of(1..150, 0, 0)
}

/// Cases of an amount that is not negative. With one of zero shares may have either sign, with any other only that of the
/// amount, so that then no bound has a minimum.
fn rising_cases() -> impl Strategy<Value = Case> {
    cases_of(0..150, -5, -20).prop_map(|mut case| {
        if case.total == 0 {
            case.bounds.retain(|bound| bound.minimum().is_none());
            case.bounds.resize(case.weights.len(), Bound::FREE);
        }
        case
    })
}

fn cases_of(totals: Range<i64>, lowest: i64, lowest_held: i64) -> impl Strategy<Value = Case> {
    let bound = prop_oneof![
        3 => Just(Bound::FREE),
        1 => (lowest..30).prop_map(Bound::at_least),
        1 => (lowest..60).prop_map(Bound::at_most),
        1 => (lowest..30, 0_i64..30).prop_map(|(least, width)| Bound::between(least, least + width).unwrap()),
        1 => (lowest_held..30).prop_map(Bound::held),
    ];
    (1_usize..8).prop_flat_map(move |members| {
        (
            totals.clone(),
            prop::collection::vec(0_i64..12, members),
            prop::collection::vec(bound.clone(), members),
            prop::sample::select(vec![1_u32, 1, 1, 5]),
        )
            .prop_map(|(total, mut weights, bounds, lot)| {
                // Somebody weighs something.
                weights[0] += i64::from(weights.iter().all(|weight| *weight == 0));
                Case {
                    total,
                    weights,
                    bounds,
                    lot,
                }
            })
    })
}

fn methods() -> impl Strategy<Value = Method> {
    prop::sample::select(CLAIMS.map(|(method, _)| method).to_vec())
}

fn ratio(whole: i128) -> Ratio {
    Ratio::new(whole, 1).unwrap()
}

proptest! {
    #![proptest_config(crate::cases(400))]

    #[test]
    fn every_method_stays_inside_bounds_and_adds_up(case in cases(), method in methods()) {
        let plain = case.solve(Method::LargestRemainder);
        let within = match case.solve(method) {
            Ok(within) => within,
            Err(AllocationError::Impossible(_)) => {
                // What is impossible is so for every method.
                prop_assert!(matches!(plain, Err(AllocationError::Impossible(_))));
                return Ok(());
            }
            Err(AllocationError::NoRoomForRemainder { .. }) => {
                prop_assert!(matches!(method, Method::RemainderTo(_) | Method::RemainderToLargest));
                return Ok(());
            }
            Err(AllocationError::BlocksInsideBounds { member }) => {
                prop_assert!(method == Method::BlocksApart && case.bounds[member].hold().is_none());
                return Ok(());
            }
            Err(AllocationError::RemainderToZeroWeight { member }) => {
                prop_assert_eq!(case.weights[member], 0);
                return Ok(());
            }
            Err(other) => return Err(TestCaseError::fail(other.to_string())),
        };
        prop_assert!(plain.is_ok());
        let sum: i64 = within.shares().iter().sum();
        prop_assert_eq!(sum + within.unallocated(), case.total);
        if within.unallocated() != 0 {
            prop_assert!(matches!(method, Method::RemainderApart | Method::BlocksApart));
        }
        for (member, share) in within.shares().iter().enumerate() {
            prop_assert!(case.bounds[member].admits(*share), "member {} has {}", member, share);
            let held = case.bounds[member].hold().is_some();
            prop_assert!(held || share % i64::from(case.lot) == 0);
        }
    }

    #[test]
    fn without_bounds_every_method_is_the_plain_one(total: i64, mut weights in prop::collection::vec(0_i64..50, 1..12), method in methods()) {
        // The first may be the one to whom the rest is due.
        weights[0] += 1;
        let plain = allocate(total, &compiled(&weights), method).unwrap();
        let within = allocate_within(total, &compiled(&weights), method, &[], &Lots::ONE).unwrap();
        prop_assert_eq!(within.shares(), plain.shares());
        prop_assert_eq!(within.unallocated(), plain.unallocated());
        let tie = quotaflow::allocation::tie(total, &compiled(&weights), method).unwrap();
        prop_assert_eq!(within.ties(), tie.as_slice());
    }

    #[test]
    fn a_divisor_method_inside_bounds_serves_the_highest_priorities(case in cases_from_zero(), pick in 0..DIVISORS.len()) {
        // Zero and more, so that handing out one by one can begin at the minima.
        let case = Case { lot: 1, ..case };
        let Ok(within) = case.solve(DIVISORS[pick]) else { return Ok(()) };
        let ends: Vec<(i64, i64)> = case.bounds.iter().zip(&case.weights).map(|(bound, weight)| {
            let least = bound.minimum().unwrap_or(0).max(0);
            (least, if *weight == 0 { least } else { bound.maximum().unwrap_or(i64::MAX) })
        }).collect();
        prop_assert_eq!(within.shares(), served_from(case.total, &case.weights, &ends, DIVISORS[pick]));
    }

    #[test]
    fn a_divisor_method_inside_bounds_is_monotone_in_the_total(case in rising_cases(), pick in 0..DIVISORS.len()) {
        let case = Case { lot: 1, ..case };
        let more = Case { total: case.total + 1, ..case.clone() };
        if let (Ok(less), Ok(more)) = (case.solve(DIVISORS[pick]), more.solve(DIVISORS[pick])) {
            for (less, more) in less.shares().iter().zip(more.shares()) {
                prop_assert!(less <= more);
            }
        }
    }

    #[test]
    fn methods_that_round_down_or_up_still_do_inside_bounds(case in cases()) {
        for method in [Method::LargestRemainder, Method::Running, Method::SpareToFirst, Method::RemainderApart] {
            let Ok(within) = case.solve(method) else { continue };
            for (share, placement) in within.shares().iter().zip(within.active_bounds()) {
                if let ActiveBound::Shared(portion) = placement {
                    let off = portion.exact().unwrap().checked_sub(ratio(i128::from(*share))).unwrap();
                    let lot = ratio(i128::from(case.lot));
                    prop_assert!(off < lot && ratio(0).checked_sub(lot).unwrap() < off, "{:?}: {} off", method, off);
                }
            }
        }
    }

    #[test]
    fn running_totals_inside_bounds_stay_within_half_a_lot(case in cases()) {
        let Ok(within) = case.solve(Method::Running) else { return Ok(()) };
        let mut off = ratio(0);
        for (share, placement) in within.shares().iter().zip(within.active_bounds()) {
            if let ActiveBound::Shared(portion) = placement {
                off = off.checked_add(portion.exact().unwrap()).unwrap()
                    .checked_sub(ratio(i128::from(*share))).unwrap();
            }
            let half = Ratio::new(i128::from(case.lot), 2).unwrap();
            prop_assert!(off <= half && ratio(0).checked_sub(half).unwrap() <= off, "{}", off);
        }
    }

    #[test]
    fn every_method_inside_bounds_is_the_mirror_of_itself(case in cases(), method in methods()) {
        let turn = |bound: &Bound| match (bound.hold(), bound.minimum(), bound.maximum()) {
            (Some(share), ..) => Bound::held(-share),
            (_, Some(a), Some(b)) => Bound::between(-b, -a).unwrap(),
            (_, Some(a), None) => Bound::at_most(-a),
            (_, None, Some(b)) => Bound::at_least(-b),
            (_, None, None) => Bound::FREE,
        };
        prop_assume!(case.total != 0);
        let turned = Case {
            total: -case.total,
            bounds: case.bounds.iter().map(turn).collect(),
            ..case.clone()
        };
        if let Ok(within) = case.solve(method) {
            let shares: Vec<i64> = turned.solve(method).unwrap().shares().iter().map(|share| -share).collect();
            prop_assert_eq!(within.shares(), shares);
        }
    }
}

#[test]
fn ties_inside_bounds_are_reported() {
    let tied = |method, total, weights: &[i64], bounds: &[Bound]| {
        let within = allocate_within(total, &compiled(weights), method, bounds, &Lots::ONE);
        let within = within.unwrap();
        let ties = within.ties().iter();
        ties.map(|tie| (tie.members().to_vec(), tie.quanta()))
            .collect::<Vec<_>>()
    };
    let held = [Bound::held(3), Bound::FREE, Bound::FREE];
    for method in [
        Method::LargestRemainder,
        Method::Webster,
        Method::SpareToHeaviest,
        Method::RemainderToLargest,
    ] {
        assert_eq!(
            tied(method, 8, &[1, 1, 1], &held),
            [(vec![1, 2], 1)],
            "{method:?}"
        );
        assert_eq!(
            tied(
                method,
                -8,
                &[1, 1, 1],
                &[Bound::held(-3), Bound::FREE, Bound::FREE]
            ),
            [(vec![1, 2], 1)],
            "{method:?}"
        );
        assert_eq!(tied(method, 9, &[1, 1, 1], &held), [], "{method:?}");
    }
    // A bound takes member 1 out of the tie.
    let capped = [Bound::held(3), Bound::at_most(2), Bound::FREE];
    assert_eq!(tied(Method::Webster, 8, &[1, 1, 1], &capped), []);
}

#[test]
fn what_a_method_cannot_do_inside_bounds_is_refused_by_name() {
    let text = |method, bounds: &[Bound], lots: &Lots| {
        allocate_within(101, &compiled(&[1, 1, 1]), method, bounds, lots)
            .unwrap_err()
            .to_string()
    };
    let free = [Bound::FREE; 3];
    // 33 2/3 each: whoever takes both spare quanta has 35.
    let capped = [Bound::at_most(34), Bound::at_most(34), Bound::at_most(35)];
    assert_eq!(
        text(Method::RemainderTo(1), &capped, &Lots::ONE),
        "the remainder of 2 units cannot go to member 1: its bounds leave no room for it"
    );
    assert_eq!(
        text(Method::BlocksApart, &capped, &Lots::ONE),
        "member 0 has a minimum or maximum, which exactly proportional blocks cannot keep"
    );
    let lots = Lots::Each([1, 1, 12].map(|quanta| Lot::new(quanta).unwrap()).to_vec());
    assert_eq!(
        text(Method::Webster, &free, &lots),
        "lots of different sizes can be shared by largest remainder only"
    );
    assert_eq!(
        text(Method::RemainderTo(9), &free, &Lots::ONE),
        "member 9 does not exist: there are 3"
    );
    // The first two of the heaviest have no room for both, so the third has them.
    let within = allocate_within(
        101,
        &compiled(&[1, 1, 1]),
        Method::RemainderToLargest,
        &capped,
        &Lots::ONE,
    );
    assert_eq!(within.unwrap().shares(), [33, 33, 35]);
}

#[test]
fn every_method_serves_many_members_inside_bounds() {
    let weights: Vec<i64> = (0..20_000)
        .map(|member| 1 + member * 7919 % 99_991)
        .collect();
    let bounds: Vec<Bound> = (0..20_000)
        .map(|member| Bound::between(member % 50, 100 + member % 70).unwrap())
        .collect();
    for (method, _) in CLAIMS {
        if method == Method::BlocksApart {
            continue;
        }
        let found = allocate_within(1_600_000, &compiled(&weights), method, &bounds, &Lots::ONE);
        match found {
            Ok(within) => {
                let sum: i64 = within.shares().iter().sum();
                assert_eq!(sum + within.unallocated(), 1_600_000);
                let inside = within.shares().iter().zip(&bounds);
                assert!(
                    inside
                        .into_iter()
                        .all(|(share, bound)| bound.admits(*share))
                );
            }
            Err(AllocationError::NoRoomForRemainder { .. }) => {}
            Err(other) => panic!("{other}"),
        }
    }
}

#[test]
fn bounds_at_the_ends_of_the_range_are_no_matter() {
    for method in DIVISORS {
        for total in [i64::MAX, i64::MIN] {
            let far = [
                Bound::between(i64::MIN, i64::MAX).unwrap(),
                Bound::at_least(i64::MIN),
            ];
            let within =
                allocate_within(total, &compiled(&[2, 1]), method, &far, &Lots::ONE).unwrap();
            assert_eq!(
                within
                    .shares()
                    .iter()
                    .map(|share| i128::from(*share))
                    .sum::<i128>(),
                i128::from(total)
            );
        }
        // What is held makes the others go far beyond zero on the other side.
        let turned = [
            Bound::held(i64::MAX),
            Bound::at_least(i64::MIN),
            Bound::at_least(i64::MIN),
        ];
        let within =
            allocate_within(1, &compiled(&[1, 1, 1]), method, &turned, &Lots::ONE).unwrap();
        assert_eq!(within.shares(), [i64::MAX, -(1 << 62) + 1, -(1 << 62) + 1]);
    }
}
