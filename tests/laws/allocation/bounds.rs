//! Laws of sharing inside bounds and by lots, against a search through all possible shares.

use std::collections::BTreeSet;

use proptest::prelude::*;
use quotaflow::allocation::{
    ActiveBound, AllocationError, Bound, Constraint, Contradiction, Lot, Lots, Method,
    WeightPolicy, Weights, allocate, allocate_within,
};
use quotaflow::quantity::Ratio;

#[derive(Debug, Clone)]
struct Case {
    total: i64,
    weights: Vec<i64>,
    bounds: Vec<Bound>,
    lots: Vec<u32>,
    /// What else the shares have to lie between.
    windows: Vec<Option<(i64, i64)>>,
}

fn lot(quanta: u32) -> Lot {
    Lot::new(quanta).unwrap()
}

impl Case {
    fn weights(&self) -> Weights {
        Weights::new(&self.weights, WeightPolicy::ALLOCATE).unwrap()
    }

    fn lots(&self) -> Lots {
        Lots::Each(self.lots.iter().map(|quanta| lot(*quanta)).collect())
    }

    fn solve(&self) -> Result<Vec<i64>, AllocationError> {
        let within = allocate_within(
            self.total,
            &self.weights(),
            Method::LargestRemainder,
            &self.bounds,
            &self.lots(),
        )?;
        Ok(within.into_shares())
    }

    /// Every share that a member may have at all, between far ends.
    fn admitted(&self, member: usize) -> Vec<i64> {
        let (bound, step) = (self.bounds[member], i64::from(self.lots[member]));
        if let Some(share) = bound.hold() {
            return vec![share];
        }
        let far = 80;
        let on_side = |share: i64| match (self.total.signum(), bound.minimum(), bound.maximum()) {
            (1, None, maximum) => {
                share >= 0 || maximum.is_some_and(|most| most < 0 && share > most - step)
            }
            (1, Some(least), _) => share >= 0 || share >= least,
            (-1, minimum, None) => {
                share <= 0 || minimum.is_some_and(|least| least > 0 && share < least + step)
            }
            (-1, _, Some(most)) => share <= 0 || share <= most,
            _ => true,
        };
        let mut shares: Vec<i64> = (-far..=far)
            .filter(|share| share % step == 0 && bound.admits(*share) && on_side(*share))
            .collect();
        if let Some((least, most)) = self.windows[member] {
            shares.retain(|share| (least..=most).contains(share));
        }
        if self.weights[member] == 0 {
            // Nothing, or what is nearest to nothing.
            let nearest = shares.iter().copied().min_by_key(|share| share.abs());
            shares = nearest.into_iter().collect();
        }
        shares
    }

    fn possible(&self) -> bool {
        let mut sums = BTreeSet::from([0_i64]);
        for member in 0..self.weights.len() {
            let shares = self.admitted(member);
            sums = sums
                .iter()
                .flat_map(|sum| shares.iter().map(move |share| sum + share))
                .collect();
        }
        sums.contains(&self.total)
    }

    fn turned(&self) -> Self {
        let turn = |bound: &Bound| match (bound.hold(), bound.minimum(), bound.maximum()) {
            (Some(share), ..) => Bound::held(-share),
            (_, Some(a), Some(b)) => Bound::between(-b, -a).unwrap(),
            (_, Some(a), None) => Bound::at_most(-a),
            (_, None, Some(b)) => Bound::at_least(-b),
            (_, None, None) => Bound::FREE,
        };
        Self {
            total: -self.total,
            bounds: self.bounds.iter().map(turn).collect(),
            ..self.clone()
        }
    }

    /// The same total with nothing asked but what is in the set. A zero weight there means no more than the member's bounds
    /// ask for, whether these are in the set or not.
    fn only(&self, constraints: &[Constraint]) -> Self {
        let members = self.weights.len();
        let (mut least, mut most) = (vec![None; members], vec![None; members]);
        let mut case = Self {
            total: self.total,
            weights: vec![1; members],
            bounds: vec![Bound::FREE; members],
            lots: vec![1; members],
            windows: vec![None; members],
        };
        for constraint in constraints {
            let member = constraint.member();
            match *constraint {
                Constraint::Minimum { share, .. } => least[member] = Some(share),
                Constraint::Maximum { share, .. } => most[member] = Some(share),
                Constraint::Held { share, .. } => case.bounds[member] = Bound::held(share),
                Constraint::Lot { lot, .. } => case.lots[member] = lot.quanta(),
                Constraint::ZeroWeight { .. } => {
                    let step = i64::from(self.lots[member]);
                    let bound = self.bounds[member];
                    // Away from zero, in whole lots.
                    let above = bound.minimum().unwrap_or(0).max(0);
                    let below = bound.maximum().unwrap_or(0).min(0);
                    let most = (above + step - 1) / step * step;
                    let least = -((-below + step - 1) / step * step);
                    case.windows[member] = Some((least, most));
                }
                _ => panic!("an unknown constraint"),
            }
        }
        for (bound, ends) in case.bounds.iter_mut().zip(least.into_iter().zip(most)) {
            match ends {
                (None, None) => {}
                (Some(least), None) => *bound = Bound::at_least(least),
                (None, Some(most)) => *bound = Bound::at_most(most),
                (Some(least), Some(most)) => *bound = Bound::between(least, most).unwrap(),
            }
        }
        case
    }
}

fn bound(low: i64) -> impl Strategy<Value = Bound> {
    prop_oneof![
        3 => Just(Bound::FREE),
        1 => (low..9).prop_map(Bound::at_least),
        1 => (low..13).prop_map(Bound::at_most),
        2 => (low..9, 0_i64..6).prop_map(|(least, width)| Bound::between(least, least + width).unwrap()),
        1 => (low..13).prop_map(Bound::held),
    ]
}

fn case(low: i64, least_weight: i64) -> impl Strategy<Value = Case> {
    let chains = vec![
        vec![1],
        vec![1],
        vec![3],
        vec![1, 2, 4],
        vec![2, 6],
        vec![1, 12],
    ];
    (1_usize..5, prop::sample::select(chains)).prop_flat_map(move |(members, chain)| {
        (
            -25_i64..25,
            prop::collection::vec(least_weight..6, members),
            prop::collection::vec(bound(low), members),
            prop::collection::vec(prop::sample::select(chain), members),
        )
            .prop_map(|(total, weights, bounds, lots)| Case {
                total,
                windows: vec![None; weights.len()],
                weights,
                bounds,
                lots,
            })
            .prop_filter("some weight", |case| {
                case.weights.iter().any(|weight| *weight > 0)
            })
    })
}

fn impossible(case: &Case) -> Option<Contradiction> {
    match case.solve() {
        Err(AllocationError::Impossible(contradiction)) => Some(contradiction),
        _ => None,
    }
}

proptest! {
    #![proptest_config(crate::cases(400))]

    #[test]
    fn shares_are_found_exactly_when_there_are_some(case in case(-6, 0)) {
        match case.solve() {
            Ok(shares) => {
                prop_assert_eq!(shares.iter().sum::<i64>(), case.total);
                for (member, share) in shares.iter().enumerate() {
                    prop_assert!(case.admitted(member).contains(share), "member {member} has {share}");
                }
            }
            Err(AllocationError::Impossible(_)) => prop_assert!(!case.possible()),
            Err(other) => prop_assert!(false, "{other}"),
        }
    }

    #[test]
    fn a_negative_total_turns_everything_round(case in case(-6, 0)) {
        let turned = case.turned().solve().map(|shares| shares.iter().map(|share| -share).collect::<Vec<_>>());
        match (case.solve(), turned) {
            (Ok(shares), Ok(turned)) => prop_assert_eq!(shares, turned),
            (Err(_), Err(_)) => {}
            other => prop_assert!(false, "{other:?}"),
        }
    }

    #[test]
    fn a_contradiction_proves_itself_and_no_smaller_selection_of_it_does(case in case(-6, 0)) {
        if let Some(proof) = impossible(&case) {
            let constraints = proof.constraints();
            prop_assert!(!constraints.is_empty());
            // What is needed is further from zero than what is available, on the side that the total is on.
            let side = i128::from(if case.total < 0 { -1 } else { 1 });
            prop_assert!(side * proof.needed() > side * proof.available(), "{proof}");
            prop_assert!(!case.only(constraints).possible(), "{proof:?} is no contradiction");
            prop_assume!(constraints.len() <= 10);
            for selection in 0..(1_u32 << constraints.len()) - 1 {
                let chosen = constraints.iter().enumerate();
                let chosen: Vec<Constraint> = chosen
                    .filter(|(place, _)| selection >> place & 1 == 1)
                    .map(|(_, one)| *one)
                    .collect();
                prop_assert!(case.only(&chosen).possible(), "{proof:?} could do with {chosen:?}");
            }
        }
    }

    #[test]
    fn exact_shares_are_proportional_as_far_as_bounds_allow(case in case(-6, 0), step in 1_u32..4) {
        let case = Case { lots: vec![step; case.weights.len()], ..case };
        let Ok(within) = allocate_within(case.total, &case.weights(), Method::LargestRemainder, &case.bounds, &Lots::Every(lot(step))) else {
            return Ok(());
        };
        // The level is the exact share per weight, the same for all that share; who is at a bound would go beyond it.
        let (mut floor, mut level, mut ceiling) = (None::<Ratio>, None::<Ratio>, None::<Ratio>);
        let per_weight = |share: Ratio, member: usize| share.checked_div(Ratio::from(case.weights[member])).unwrap();
        for (member, placement) in within.active_bounds().iter().enumerate() {
            let share = within.shares()[member];
            match placement {
                ActiveBound::Shared(portion) => {
                    let exact = portion.exact().unwrap();
                    let distance = exact.checked_sub(Ratio::from(share)).unwrap();
                    prop_assert!(distance < Ratio::from(i64::from(step)) && distance > Ratio::from(-i64::from(step)));
                    let own = per_weight(exact, member);
                    prop_assert_eq!(*level.get_or_insert(own), own);
                }
                ActiveBound::Minimum => {
                    let own = per_weight(Ratio::from(share), member);
                    ceiling = Some(ceiling.map_or(own, |level| level.min(own)));
                }
                ActiveBound::Maximum => {
                    let own = per_weight(Ratio::from(share), member);
                    floor = Some(floor.map_or(own, |level| level.max(own)));
                }
                _ => {}
            }
        }
        // A member with room for one share only may be named at either end.
        let narrow = |member: usize| case.admitted(member).len() == 1;
        if !(0..case.weights.len()).any(narrow) {
            let order: Vec<Ratio> = [floor, level, ceiling].into_iter().flatten().collect();
            prop_assert!(order.is_sorted(), "{order:?}");
        }
    }

    #[test]
    fn no_bounds_change_nothing(total: i64, weights in prop::collection::vec(0_i64..1000, 1..40)) {
        prop_assume!(weights.iter().any(|weight| *weight > 0));
        let weights = Weights::new(&weights, WeightPolicy::ALLOCATE).unwrap();
        let within = allocate_within(total, &weights, Method::LargestRemainder, &[], &Lots::ONE).unwrap();
        let plain = allocate(total, &weights, Method::LargestRemainder).unwrap();
        prop_assert_eq!(within.shares(), plain.shares());
    }

    #[test]
    fn bounds_at_the_shares_found_change_nothing(total in -1_000_000_i64..1_000_000, weights in prop::collection::vec(1_i64..1000, 1..20), slack in 0_i64..3) {
        let weights = Weights::new(&weights, WeightPolicy::ALLOCATE).unwrap();
        let plain = allocate(total, &weights, Method::LargestRemainder).unwrap();
        let bounds: Vec<Bound> = plain.shares().iter().map(|share| Bound::between(share - slack - 1, share + slack + 1).unwrap()).collect();
        let within = allocate_within(total, &weights, Method::LargestRemainder, &bounds, &Lots::ONE).unwrap();
        prop_assert_eq!(within.shares(), plain.shares());
    }

    #[test]
    fn one_lot_for_all_is_a_larger_quantum(lots in -1000_i64..1000, step in 1_u32..100, weights in prop::collection::vec(0_i64..1000, 1..20)) {
        prop_assume!(weights.iter().any(|weight| *weight > 0));
        let weights = Weights::new(&weights, WeightPolicy::ALLOCATE).unwrap();
        let within = allocate_within(lots * i64::from(step), &weights, Method::LargestRemainder, &[], &Lots::Every(lot(step))).unwrap();
        let plain = allocate(lots, &weights, Method::LargestRemainder).unwrap();
        let scaled: Vec<i64> = plain.shares().iter().map(|share| share * i64::from(step)).collect();
        prop_assert_eq!(within.shares(), scaled);
    }
}

#[test]
fn a_lot_that_no_range_holds_contradicts_with_both_of_its_ends() {
    // 23 for two members; the first is to be a multiple of 6 from -4 up to -2. With the maximum alone it could be -6.
    for sign in [1, -1] {
        let between = if sign > 0 {
            Bound::between(-4, -2)
        } else {
            Bound::between(2, 4)
        };
        let case = Case {
            total: 23 * sign,
            weights: vec![1, 1],
            bounds: vec![between.unwrap(), Bound::FREE],
            lots: vec![6, 1],
            windows: vec![None; 2],
        };
        let proof = impossible(&case).unwrap();
        assert_eq!(proof.constraints().len(), 3, "{proof:?}");
        assert!(proof.constraints().iter().all(|one| one.member() == 0));
        let without_minimum = [Bound::at_most(-2), Bound::at_least(2)];
        let wider = Case {
            bounds: vec![without_minimum[usize::from(sign < 0)], Bound::FREE],
            ..case
        };
        assert_eq!(wider.solve().unwrap(), [-6 * sign, 29 * sign]);
    }
}

#[test]
fn limits_beyond_zero_that_only_give_way_are_no_part_of_a_contradiction() {
    // A member held at more than the total contradicts it alone. With all members of at most -1 beside it nothing is left to make
    // up for them, without one of them there is; but without all of them there is not.
    for (sign, members) in [(1, 2), (-1, 2), (1, 12), (1, 13), (-1, 40)] {
        let held = 10 + members - 1;
        let limit = if sign > 0 {
            Bound::at_most(-1)
        } else {
            Bound::at_least(1)
        };
        let mut bounds = vec![limit; usize::try_from(members).unwrap()];
        bounds.push(Bound::held(held * sign));
        let case = Case {
            total: 10 * sign,
            weights: vec![1; bounds.len()],
            lots: vec![1; bounds.len()],
            windows: vec![None; bounds.len()],
            bounds,
        };
        let proof = impossible(&case).unwrap();
        let (member, share) = (case.bounds.len() - 1, held * sign);
        assert_eq!(proof.constraints(), [Constraint::Held { member, share }]);
        assert_eq!(
            (proof.needed(), proof.available()),
            (i128::from(share), i128::from(10 * sign))
        );
    }
}

#[test]
fn a_hundred_thousand_members_with_bounds_are_served_and_refused() {
    let members = 100_000;
    let weights: Vec<i64> = (0..members)
        .map(|member| 1 + member * 7919 % 1000)
        .collect();
    let weights = Weights::new(&weights, WeightPolicy::ALLOCATE).unwrap();
    let bounds: Vec<Bound> = (0..members)
        .map(|member| Bound::between(member % 50, 100 + member % 70).unwrap())
        .collect();
    let shares = allocate_within(
        8_000_000,
        &weights,
        Method::LargestRemainder,
        &bounds,
        &Lots::ONE,
    )
    .unwrap();
    assert_eq!(shares.shares().iter().sum::<i64>(), 8_000_000);
    assert!(
        shares
            .shares()
            .iter()
            .zip(&bounds)
            .all(|(share, bound)| bound.admits(*share))
    );
    let error = allocate_within(
        2_000_000,
        &weights,
        Method::LargestRemainder,
        &bounds,
        &Lots::ONE,
    )
    .unwrap_err();
    let AllocationError::Impossible(proof) = error else {
        panic!("{error}");
    };
    assert_eq!(
        (proof.needed() > 2_000_000, proof.available()),
        (true, 2_000_000)
    );
    let error = allocate_within(
        20_000_000,
        &weights,
        Method::LargestRemainder,
        &bounds,
        &Lots::ONE,
    )
    .unwrap_err();
    let AllocationError::Impossible(proof) = error else {
        panic!("{error}");
    };
    assert_eq!(
        (proof.constraints().len(), proof.needed()),
        (100_000, 20_000_000)
    );
}
