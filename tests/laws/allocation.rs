//! Laws of splitting one amount, against exact fractions and a full sort.

mod bounds;
mod divisors;
mod least_squares;
mod methods;
mod wide_nodes;

use proptest::prelude::*;
use quotaflow::allocation::{Method, WeightPolicy, Weights, allocate, explain, tie};
use quotaflow::quantity::Ratio;

/// The obvious largest remainder: exact fractions, all remainders sorted, ties to the first.
fn sorted_remainders(total: i64, weights: &[Ratio]) -> Vec<i64> {
    let sum = weights
        .iter()
        .fold(Ratio::ZERO, |sum, weight| sum.checked_add(*weight).unwrap());
    let magnitude = Ratio::new(i128::from(total).abs(), 1).unwrap();
    let exact: Vec<Ratio> = weights
        .iter()
        .map(|weight| {
            magnitude
                .checked_mul(*weight)
                .unwrap()
                .checked_div(sum)
                .unwrap()
        })
        .collect();
    let whole: Vec<i128> = exact
        .iter()
        .map(|exact| exact.numerator() / exact.denominator())
        .collect();
    let rest = |member: usize| {
        exact[member]
            .checked_sub(Ratio::new(whole[member], 1).unwrap())
            .unwrap()
    };
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by(|a, b| rest(*b).cmp(&rest(*a)).then(a.cmp(b)));
    let spare = usize::try_from(i128::from(total).abs() - whole.iter().sum::<i128>()).unwrap();
    let mut shares = whole.clone();
    for member in &order[..spare] {
        shares[*member] += 1;
    }
    let sign = i128::from(total.signum());
    shares
        .iter()
        .map(|share| i64::try_from(sign * share).unwrap())
        .collect()
}

fn weights() -> impl Strategy<Value = Vec<Ratio>> {
    let fraction = (0_i128..1000, 1_i128..13).prop_map(|(a, b)| Ratio::new(a, b).unwrap());
    let large = (0_i128..=i128::from(u64::MAX)).prop_map(|a| Ratio::new(a, 1).unwrap());
    let similar = (998_i128..1002).prop_map(|a| Ratio::new(a, 1).unwrap());
    prop_oneof![
        prop::collection::vec(fraction, 1..40),
        prop::collection::vec(large, 1..12),
        prop::collection::vec(similar, 1..40),
    ]
    .prop_filter("some weight", |weights| {
        weights.iter().any(|weight| !weight.is_zero())
    })
}

fn total() -> impl Strategy<Value = i64> {
    prop_oneof![-50_i64..50, -1_000_000_i64..1_000_000, any::<i64>()]
}

fn methods() -> impl Strategy<Value = Method> {
    prop::sample::select(vec![
        Method::LargestRemainder,
        Method::SpareToFirst,
        Method::SpareToHeaviest,
        Method::RemainderToLargest,
        Method::RemainderApart,
        Method::BlocksApart,
        Method::Running,
    ])
}

fn compiled(weights: &[Ratio]) -> Weights {
    Weights::new(weights, WeightPolicy::ALLOCATE).unwrap()
}

fn split(total: i64, weights: &[Ratio], method: Method) -> Vec<i64> {
    allocate(total, &compiled(weights), method)
        .unwrap()
        .into_shares()
}

/// The exact share of a member, and whether `share` is it rounded down or up.
fn within_quota(total: i64, weights: &Weights, member: usize, share: i64) -> bool {
    let exact = Ratio::from(total)
        .checked_mul(weights.fraction(member).unwrap())
        .unwrap();
    let from = |whole: i128| Ratio::new(whole, 1).unwrap();
    from(i128::from(share) - 1) < exact && exact < from(i128::from(share) + 1)
}

proptest! {
    #[test]
    fn the_largest_remainder_is_the_sorted_one(total in total(), weights in weights()) {
        prop_assert_eq!(split(total, &weights, Method::LargestRemainder), sorted_remainders(total, &weights));
    }

    #[test]
    fn sums_are_exact_and_zero_weights_get_nothing(total in total(), weights in weights(), method in methods()) {
        let compiled = compiled(&weights);
        let split = allocate(total, &compiled, method).unwrap();
        let sum: i128 = split.shares().iter().map(|share| i128::from(*share)).sum();
        prop_assert_eq!(sum + i128::from(split.unallocated()), i128::from(total));
        for (share, weight) in split.shares().iter().zip(&weights) {
            prop_assert!(!weight.is_zero() || *share == 0);
            prop_assert!(*share == 0 || (*share < 0) == (total < 0));
        }
    }

    #[test]
    fn a_negative_total_is_the_mirror_of_the_positive(total in 0..i64::MAX, weights in weights(), method in methods()) {
        let positive = split(total, &weights, method);
        let mirrored: Vec<i64> = split(-total, &weights, method).iter().map(|share| -share).collect();
        prop_assert_eq!(positive, mirrored);
    }

    #[test]
    fn scaling_the_weights_changes_nothing(total in total(), weights in weights(), method in methods(), up in 1_i128..1000, down in 1_i128..1000) {
        let factor = Ratio::new(up, down).unwrap();
        let scaled: Vec<Ratio> = weights.iter().map(|weight| weight.checked_mul(factor).unwrap()).collect();
        prop_assert_eq!(compiled(&weights), compiled(&scaled));
        prop_assert_eq!(split(total, &weights, method), split(total, &scaled, method));
    }

    #[test]
    fn the_quota_rule_holds_where_it_is_claimed(total in -1_000_000_i64..1_000_000, weights in weights()) {
        for method in [Method::LargestRemainder, Method::SpareToFirst, Method::Running] {
            let compiled = compiled(&weights);
            for (member, share) in allocate(total, &compiled, method).unwrap().shares().iter().enumerate() {
                prop_assert!(within_quota(total, &compiled, member, *share), "{method:?}");
            }
        }
    }

    #[test]
    fn order_decides_ties_only(total in total(), mut weights in weights(), seed: u64) {
        let method = Method::LargestRemainder;
        let before = allocate(total, &compiled(&weights), method).unwrap();
        let tied = tie(total, &compiled(&weights), method).unwrap();
        let mut order: Vec<usize> = (0..weights.len()).collect();
        order.sort_by_key(|member| (*member as u64 ^ seed).wrapping_mul(0x9E37_79B9_7F4A_7C15));
        weights = order.iter().map(|member| weights[*member]).collect();
        let after = allocate(total, &compiled(&weights), method).unwrap();
        for (place, member) in order.iter().enumerate() {
            let free = tied.as_ref().is_some_and(|tie| tie.members().contains(member));
            prop_assert!(free || before.shares()[*member] == after.shares()[place]);
        }
    }

    #[test]
    fn running_totals_stay_within_half_a_quantum(total in -1_000_000_i64..1_000_000, weights in weights()) {
        let compiled = compiled(&weights);
        let shares = allocate(total, &compiled, Method::Running).unwrap().into_shares();
        let (mut so_far, mut weight_so_far) = (0_i128, 0_u128);
        for (share, weight) in shares.iter().zip(compiled.iter()) {
            so_far += i128::from(*share);
            weight_so_far += weight;
            let exact = Ratio::from(total)
                .checked_mul(Ratio::new(i128::try_from(weight_so_far).unwrap(), i128::try_from(compiled.sum()).unwrap()).unwrap())
                .unwrap();
            let error = exact.checked_sub(Ratio::new(so_far, 1).unwrap()).unwrap();
            prop_assert!(error <= Ratio::new(1, 2).unwrap() && error >= Ratio::new(-1, 2).unwrap());
        }
    }

    #[test]
    fn rounding_down_apart_is_monotone_in_the_total(total in 0_i64..1_000_000, weights in weights()) {
        for method in [Method::RemainderApart, Method::BlocksApart] {
            let (less, more) = (split(total, &weights, method), split(total + 1, &weights, method));
            prop_assert!(less.iter().zip(&more).all(|(less, more)| less <= more));
        }
    }

    #[test]
    fn an_explanation_recomputes_to_the_share(total in total(), weights in weights(), pick: prop::sample::Index) {
        let compiled = compiled(&weights);
        let why = explain(total, &compiled, Method::LargestRemainder, pick.index(weights.len())).unwrap();
        let spare = why.rank().is_some_and(|rank| rank <= why.spare());
        prop_assert_eq!(why.share(), why.whole() + i64::from(spare) * total.signum());
    }

    #[test]
    fn a_share_of_its_own_proportions_is_itself(shares in prop::collection::vec(0_i64..1_000_000, 1..30)) {
        let total: i64 = shares.iter().sum();
        prop_assume!(total > 0);
        let weights = Weights::new(&shares, WeightPolicy::ALLOCATE).unwrap();
        for method in [Method::LargestRemainder, Method::Running, Method::RemainderToLargest, Method::BlocksApart] {
            let split = allocate(total, &weights, method).unwrap();
            prop_assert_eq!(split.shares(), &shares[..]);
        }
    }
}

#[test]
fn largest_remainder_is_not_house_monotone() {
    // The Alabama paradox in small: weights 6, 6, 2 give 4, 4, 2 of ten but 5, 5, 1 of eleven.
    let weights = Weights::new(&[6_i64, 6, 2], WeightPolicy::ALLOCATE).unwrap();
    let method = Method::LargestRemainder;
    assert_eq!(allocate(10, &weights, method).unwrap().shares(), [4, 4, 2]);
    assert_eq!(allocate(11, &weights, method).unwrap().shares(), [5, 5, 1]);
}
