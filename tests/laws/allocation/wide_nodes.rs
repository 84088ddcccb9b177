//! Nodes of many leaves, whose remainders are told apart by less than the narrow numbers they are first compared in.

use proptest::prelude::*;
use quotaflow::allocation::{Bound, LeastSquares, Nodes};

/// What each leaf gets, by the book: its share of the change rounded down, and one more for the largest remainders.
fn by_hand(draft: &[i64], weights: &[u32], change: i64) -> Vec<i64> {
    let sum: i128 = weights.iter().map(|weight| i128::from(*weight)).sum();
    let share = |leaf: usize| i128::from(weights[leaf]) * i128::from(change);
    let mut amounts: Vec<i64> = (0..draft.len())
        .map(|leaf| draft[leaf] + i64::try_from(share(leaf).div_euclid(sum)).unwrap())
        .collect();
    let spare = draft.iter().sum::<i64>() + change - amounts.iter().sum::<i64>();
    let mut order: Vec<usize> = (0..draft.len()).collect();
    order.sort_by_key(|leaf| (-share(*leaf).rem_euclid(sum), *leaf));
    for leaf in &order[..usize::try_from(spare).unwrap()] {
        amounts[*leaf] += 1;
    }
    amounts
}

proptest! {
    #![proptest_config(crate::cases(600))]

    /// With weights that are nearly alike, small or near the end of their range, and bounds that bind nowhere or are not there.
    #[test]
    fn a_node_of_many_leaves_is_rounded_by_its_largest_remainders(
        leaves in prop::collection::vec((-1000_i64..1000, 1_u32..8), 1..400),
        base in prop_oneof![1 => Just(0_u32), 1 => 1_u32..1000, 3 => (26_u32..31).prop_map(|power| 1 << power)],
        change in prop_oneof![2 => -40_i64..40, 1 => -300_i64..300, 1 => -1_000_000_000_i64..1_000_000_000],
        has_bounds in any::<bool>(),
    ) {
        let draft: Vec<i64> = leaves.iter().map(|(draft, _)| *draft).collect();
        let weights: Vec<u32> = leaves.iter().map(|(_, weight)| base + weight).collect();
        let tree = [Nodes::Even(draft.len())];
        let top = [Bound::held(draft.iter().sum::<i64>() + change)];
        let far = vec![Bound::at_least(-10_000_000_000); draft.len()];
        let mut asked = LeastSquares::new(&tree, &draft).bounds(0, &top);
        if has_bounds {
            asked = asked.bounds(1, &far);
        }
        let found = asked.solve(&weights[..]).unwrap();
        prop_assert_eq!(found.amounts(1), &by_hand(&draft, &weights, change)[..]);
    }
}
