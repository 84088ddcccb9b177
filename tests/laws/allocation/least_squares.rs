//! Laws of the least change: the exact optimum satisfies its conditions, whole amounts are its roundings, and what is
//! impossible is proven.

use proptest::prelude::*;
use quotaflow::allocation::{
    ActiveBound, AllocationError, Bound, Constraint, LeastChanged, LeastSquares, NodeConstraint,
    Nodes, TreeContradiction,
};
use quotaflow::quantity::Ratio;

/// A tree as nested lists would say it, level by level: how many members each node has.
#[derive(Debug, Clone)]
struct Case {
    widths: Vec<Vec<usize>>,
    draft: Vec<i64>,
    weights: Vec<u128>,
    bounds: Vec<Vec<Bound>>,
}

impl Case {
    fn starts(&self) -> Vec<Vec<usize>> {
        let starts = |widths: &Vec<usize>| {
            let mut starts = vec![0];
            for width in widths {
                starts.push(starts[starts.len() - 1] + width);
            }
            starts
        };
        self.widths.iter().map(starts).collect()
    }

    fn with<T>(&self, then: impl FnOnce(Result<LeastChanged<'_>, AllocationError>) -> T) -> T {
        let starts = self.starts();
        let tree: Vec<Nodes<'_>> = starts.iter().map(|starts| Nodes::Starts(starts)).collect();
        let mut asked = LeastSquares::new(&tree, &self.draft);
        for (level, bounds) in self.bounds.iter().enumerate() {
            asked = asked.bounds(level, bounds);
        }
        let narrow: Option<Vec<u32>> = self
            .weights
            .iter()
            .map(|weight| u32::try_from(*weight).ok())
            .collect();
        match narrow {
            Some(narrow) => then(asked.solve(&narrow[..])),
            None => then(asked.solve(&self.weights[..])),
        }
    }

    fn leaves(&self) -> usize {
        self.widths.len()
    }

    /// Returns the nodes from the top to a leaf.
    fn way(&self, leaf: usize) -> Vec<(usize, usize)> {
        let mut way = vec![(self.leaves(), leaf)];
        let mut node = leaf;
        for (level, starts) in self.starts().iter().enumerate().rev() {
            node = (0..starts.len() - 1)
                .find(|above| (starts[*above]..starts[above + 1]).contains(&node))
                .unwrap();
            way.push((level, node));
        }
        way.reverse();
        way
    }

    fn below(&self, (level, node): (usize, usize)) -> Vec<usize> {
        let is_below = |leaf: &usize| self.way(*leaf).contains(&(level, node));
        (0..self.draft.len()).filter(is_below).collect()
    }

    fn nodes(&self) -> Vec<(usize, usize)> {
        let mut nodes = Vec::new();
        for (level, bounds) in self.bounds.iter().enumerate() {
            nodes.extend((0..bounds.len()).map(|node| (level, node)));
        }
        nodes
    }
}

fn whole(value: i64) -> Ratio {
    Ratio::new(value.into(), 1).unwrap()
}

fn bound(size: i64) -> impl Strategy<Value = Bound> {
    prop_oneof![
        4 => Just(Bound::FREE),
        1 => (-size..size).prop_map(Bound::at_least),
        1 => (-size..size).prop_map(Bound::at_most),
        1 => Just(Bound::at_least(0)),
        1 => (-size..size, 0..size).prop_map(|(least, more)| Bound::between(least, least + more).unwrap()),
        1 => (-size..size).prop_map(Bound::held),
    ]
}

fn case() -> impl Strategy<Value = Case> {
    let widths = (1_usize..3, 1_usize..4).prop_flat_map(|(top, depth)| {
        let level = prop::collection::vec(0_usize..4, top);
        let mut widths = level.prop_map(|widths| vec![widths]).boxed();
        for _ in 1..depth {
            widths = widths
                .prop_flat_map(|above| {
                    let count: usize = above[above.len() - 1].iter().sum();
                    prop::collection::vec(0_usize..4, count).prop_map(move |own| {
                        let mut widths = above.clone();
                        widths.push(own);
                        widths
                    })
                })
                .boxed();
        }
        widths
    });
    let weight = prop_oneof![
        1 => Just(0_u128),
        3 => 1_u128..5,
        3 => 1_u128..1000,
        1 => Just(1_u128 << 40),
    ];
    widths.prop_flat_map(move |widths| {
        let leaves: usize = widths[widths.len() - 1].iter().sum();
        let mut counts: Vec<usize> = widths.iter().map(Vec::len).collect();
        counts.push(leaves);
        let bounds: Vec<_> = counts
            .iter()
            .map(|count| prop::collection::vec(bound(60), *count))
            .collect();
        (
            Just(widths),
            prop::collection::vec(-40_i64..40, leaves),
            prop::collection::vec(weight.clone(), leaves),
            bounds,
        )
            .prop_map(|(widths, draft, weights, bounds)| Case {
                widths,
                draft,
                weights,
                bounds,
            })
    })
}

/// A case whose bounds can be met: each is widened until some amounts lie inside.
fn solvable() -> impl Strategy<Value = Case> {
    let amounts = prop::collection::vec(-60_i64..60, 81);
    (case(), amounts).prop_map(|(mut case, amounts)| {
        for (level, node) in case.nodes() {
            let leaves = case.below((level, node));
            let amount = |leaf: &usize| match case.weights[*leaf] {
                0 => case.draft[*leaf],
                _ => amounts[*leaf % amounts.len()],
            };
            let inside: i64 = leaves.iter().map(amount).sum();
            let bound = case.bounds[level][node];
            case.bounds[level][node] = match (bound.hold(), bound.minimum(), bound.maximum()) {
                (Some(_), _, _) => Bound::held(inside),
                (None, Some(least), Some(most)) => {
                    Bound::between(least.min(inside), most.max(inside)).unwrap()
                }
                (None, Some(least), None) => Bound::at_least(least.min(inside)),
                (None, None, Some(most)) => Bound::at_most(most.max(inside)),
                (None, None, None) => Bound::FREE,
            };
        }
        case
    })
}

/// Says that no amount can move from one leaf to another, or into or out of the whole, for the better. Bounds of nested nodes
/// leave no other directions to go: each is made of these.
fn cannot_be_better(
    case: &Case,
    exact: &dyn Fn((usize, usize)) -> Ratio,
) -> Result<(), TestCaseError> {
    let free = |(level, node): (usize, usize), up: bool| {
        let bound = case.bounds[level][node];
        let limit = if up { bound.maximum() } else { bound.minimum() };
        limit.is_none_or(|limit| whole(limit) != exact((level, node)))
    };
    let moving: Vec<usize> = (0..case.draft.len())
        .filter(|leaf| case.weights[*leaf] > 0)
        .collect();
    let slope = |leaf: usize| {
        let moved = exact((case.leaves(), leaf))
            .checked_sub(whole(case.draft[leaf]))
            .unwrap();
        moved
            .checked_div(Ratio::new(case.weights[leaf].cast_signed(), 1).unwrap())
            .unwrap()
    };
    for leaf in &moving {
        let way = case.way(*leaf);
        prop_assert!(slope(*leaf) >= Ratio::ZERO || !way.iter().all(|node| free(*node, true)));
        prop_assert!(slope(*leaf) <= Ratio::ZERO || !way.iter().all(|node| free(*node, false)));
        for other in &moving {
            let to = case.way(*other);
            let gives = way
                .iter()
                .filter(|node| !to.contains(node))
                .all(|node| free(*node, false));
            let takes = to
                .iter()
                .filter(|node| !way.contains(node))
                .all(|node| free(*node, true));
            prop_assert!(
                !(gives && takes) || slope(*other) >= slope(*leaf),
                "{leaf} to {other}"
            );
        }
    }
    Ok(())
}

/// Rounds the exact amounts from the top, the obvious way.
fn rounded(case: &Case, exact: &dyn Fn((usize, usize)) -> Ratio) -> Vec<Vec<i64>> {
    let floor = |node| {
        let ratio: Ratio = exact(node);
        i64::try_from(ratio.numerator().div_euclid(ratio.denominator())).unwrap()
    };
    let tops = 0..case.bounds[0].len();
    let mut amounts: Vec<Vec<i64>> = vec![tops.map(|node| floor((0, node))).collect()];
    for (level, starts) in case.starts().iter().enumerate() {
        let mut below = vec![0; starts[starts.len() - 1]];
        for (node, pair) in starts.windows(2).enumerate() {
            let mut order: Vec<usize> = (pair[0]..pair[1]).collect();
            for member in &order {
                below[*member] = floor((level + 1, *member));
            }
            let spare = amounts[level][node] - below[pair[0]..pair[1]].iter().sum::<i64>();
            let rest = |member: usize| {
                exact((level + 1, member))
                    .checked_sub(whole(floor((level + 1, member))))
                    .unwrap()
            };
            order.sort_by(|a, b| rest(*b).cmp(&rest(*a)).then(a.cmp(b)));
            for member in &order[..usize::try_from(spare).unwrap()] {
                below[*member] += 1;
            }
        }
        amounts.push(below);
    }
    amounts
}

fn holds(case: &Case, found: &LeastChanged<'_>) -> Result<(), TestCaseError> {
    let exact = |(level, node)| found.exact(level, node).unwrap();
    for (level, node) in case.nodes() {
        let (amount, exact) = (found.amounts(level)[node], exact((level, node)));
        let bound = case.bounds[level][node];
        prop_assert!(
            bound.admits(amount),
            "{level} {node}: {amount} of {bound:?}"
        );
        prop_assert!(bound.minimum().is_none_or(|least| whole(least) <= exact));
        prop_assert!(bound.maximum().is_none_or(|most| exact <= whole(most)));
        let off = whole(amount).checked_sub(exact).unwrap();
        prop_assert!(
            whole(-1) < off && off < whole(1),
            "{level} {node}: {amount} for {exact}"
        );
        if level < case.leaves() {
            let starts = &case.starts()[level];
            let members = starts[node]..starts[node + 1];
            let sum: i64 = found.amounts(level + 1)[members.clone()].iter().sum();
            prop_assert_eq!(sum, amount);
            let parts = members.map(|member| found.exact(level + 1, member).unwrap());
            let sum = parts.fold(Ratio::ZERO, |sum, part| sum.checked_add(part).unwrap());
            prop_assert_eq!(sum, exact);
        } else if case.weights[node] == 0 {
            prop_assert_eq!(amount, case.draft[node]);
        }
    }
    cannot_be_better(case, &exact)?;
    parts_make_a_whole(case, found)?;
    let expected = rounded(case, &exact);
    for (level, amounts) in expected.iter().enumerate() {
        prop_assert_eq!(found.amounts(level), &amounts[..]);
    }
    Ok(())
}

/// Says that the parts of those that move together make one whole: the weights of the leaves that do are that of which each is a part,
/// their changes what all share, and a node has the weight of those below it.
fn parts_make_a_whole(case: &Case, found: &LeastChanged<'_>) -> Result<(), TestCaseError> {
    let part = |(level, node): (usize, usize)| match found.active_bound(level, node) {
        Some(ActiveBound::Shared(part)) => Some(part),
        _ => None,
    };
    let root = |(level, node): (usize, usize)| found.moved_with(level, node);
    let is_moving = |leaf: &usize| part((case.leaves(), *leaf)).is_some();
    let leaves = (0..case.draft.len()).filter(is_moving);
    let moving: Vec<(usize, Vec<(usize, usize)>)> =
        leaves.map(|leaf| (leaf, case.way(leaf))).collect();
    for node in case.nodes() {
        let Some(own) = part(node) else { continue };
        let together = moving
            .iter()
            .filter(|(leaf, _)| root((case.leaves(), *leaf)) == root(node));
        let (mut sum, mut below, mut change) = (0, 0, Ratio::ZERO);
        for (leaf, way) in together {
            let weight = case.weights[*leaf];
            sum += weight;
            below += if way.contains(&node) { weight } else { 0 };
            let exact = found.exact(case.leaves(), *leaf).unwrap();
            let moved = exact.checked_sub(whole(case.draft[*leaf])).unwrap();
            change = change.checked_add(moved).unwrap();
        }
        prop_assert_eq!(own.weight(), (below, sum), "{:?}", node);
        prop_assert_eq!(Ratio::new(own.shared(), 1).unwrap(), change, "{:?}", node);
        prop_assert!(root(node) != node || below == sum);
    }
    Ok(())
}

/// The least and the most that a node can have, by its bounds and those below it.
fn reach(case: &Case, (level, node): (usize, usize)) -> (Option<i128>, Option<i128>) {
    let (mut least, mut most) = if level == case.leaves() {
        let still = (case.weights[node] == 0).then(|| i128::from(case.draft[node]));
        (still, still)
    } else {
        let starts = &case.starts()[level];
        let members =
            (starts[node]..starts[node + 1]).map(|member| reach(case, (level + 1, member)));
        let members: Vec<_> = members.collect();
        (
            members.iter().map(|(least, _)| *least).sum(),
            members.iter().map(|(_, most)| *most).sum(),
        )
    };
    let bound = case.bounds[level][node];
    least = least.max(bound.minimum().map(i128::from));
    most = match (most, bound.maximum().map(i128::from)) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    };
    (least, most)
}

fn possible(case: &Case, node: (usize, usize)) -> bool {
    let (least, most) = reach(case, node);
    least.is_none() || most.is_none() || least <= most
}

fn proves(case: &Case, proof: &TreeContradiction) -> Result<(), TestCaseError> {
    let (level, node) = proof.node();
    prop_assert!(!possible(case, (level, node)));
    let smaller = case.nodes().into_iter().filter(|(below, _)| *below > level);
    for other in smaller.filter(|other| case.way_of(*other).contains(&(level, node))) {
        prop_assert!(possible(case, other), "{other:?} is impossible by itself");
    }
    let asked = |level: usize, constraint: Constraint| {
        let member = constraint.member();
        let bound = case.bounds[level][member];
        match constraint {
            Constraint::Minimum { share, .. } => (bound.minimum() == Some(share)).then_some(share),
            Constraint::Maximum { share, .. } => (bound.maximum() == Some(share)).then_some(share),
            Constraint::Held { share, .. } => (bound.hold() == Some(share)).then_some(share),
            _ => (level == case.leaves() && case.weights[member] == 0).then(|| case.draft[member]),
        }
    };
    let own = asked(level, proof.own()).unwrap();
    let (mut sum, mut leaves) = (0_i128, Vec::new());
    for below in proof.below() {
        sum += i128::from(asked(below.level(), below.constraint()).unwrap());
        leaves.extend(case.below((below.level(), below.constraint().member())));
    }
    leaves.sort_unstable();
    prop_assert_eq!(leaves, case.below((level, node)));
    let numbers = [sum, own.into()];
    prop_assert_eq!(numbers.iter().max(), Some(&proof.needed()));
    prop_assert_eq!(numbers.iter().min(), Some(&proof.available()));
    prop_assert!(proof.needed() > proof.available());
    let too_much = sum > i128::from(own);
    let wrong_side = |below: &NodeConstraint| match below.constraint() {
        Constraint::Maximum { .. } => too_much,
        Constraint::Minimum { .. } => !too_much,
        _ => false,
    };
    prop_assert!(!proof.below().iter().any(wrong_side));
    Ok(())
}

impl Case {
    fn way_of(&self, (level, node): (usize, usize)) -> Vec<(usize, usize)> {
        let starts = self.starts();
        let mut way = vec![(level, node)];
        let mut node = node;
        for level in (0..level).rev() {
            node = (0..starts[level].len() - 1)
                .find(|above| (starts[level][*above]..starts[level][above + 1]).contains(&node))
                .unwrap();
            way.push((level, node));
        }
        way
    }
}

proptest! {
    #![proptest_config(crate::cases(2000))]
    #[test]
    fn the_least_change_meets_every_bound_and_cannot_be_less(case in solvable()) {
        case.with(|found| holds(&case, &found.unwrap()))?;
    }

    #[test]
    fn a_tree_is_solved_or_its_contradiction_is_proven(case in case()) {
        let can = (0..case.bounds[0].len()).all(|top| possible(&case, (0, top)))
            && case.nodes().into_iter().all(|node| possible(&case, node));
        case.with(|found| match found {
            Ok(found) => {
                prop_assert!(can);
                holds(&case, &found)
            }
            Err(AllocationError::TreeImpossible(proof)) => {
                prop_assert!(!can);
                proves(&case, &proof)
            }
            Err(other) => Err(TestCaseError::fail(other.to_string())),
        })?;
    }

    #[test]
    fn finer_weights_of_the_same_proportions_change_nothing(case in solvable(), fine in 0_u32..80) {
        let mut finer = case.clone();
        for weight in &mut finer.weights {
            *weight <<= fine;
        }
        let amounts = |case: &Case| case.with(|found| found.unwrap().into_amounts());
        prop_assert_eq!(amounts(&case), amounts(&finer));
    }

    #[test]
    fn the_order_of_leaves_decides_between_equal_remainders_only(case in solvable()) {
        // Turned round, the exact amounts are the same ones turned round.
        let mut turned = case.clone();
        for level in &mut turned.widths {
            level.reverse();
        }
        for level in &mut turned.bounds {
            level.reverse();
        }
        turned.draft.reverse();
        turned.weights.reverse();
        let exact = |case: &Case| case.with(|found| {
            let found = found.unwrap();
            case.nodes().iter().map(|(level, node)| found.exact(*level, *node)).collect::<Vec<_>>()
        });
        let (forward, back) = (exact(&case), exact(&turned));
        let mut start = 0;
        for level in &case.bounds {
            let run = start..start + level.len();
            let mut other = back[run.clone()].to_vec();
            other.reverse();
            prop_assert_eq!(&forward[run.clone()], &other[..]);
            start = run.end;
        }
    }
}

#[test]
fn amounts_at_the_ends_of_the_range_are_exact_or_refused() {
    let tree = [Nodes::Even(2)];
    let solve = |draft: &[i64; 2], total: i64, weights: [u128; 2]| {
        let top = [Bound::held(total)];
        let asked = LeastSquares::new(&tree, draft).bounds(0, &top);
        asked.solve(&weights[..]).map(LeastChanged::into_amounts)
    };
    let half = i64::MAX / 2;
    assert_eq!(
        solve(&[half, half], i64::MAX, [1, 1 << 100]).unwrap()[1],
        [half, half + 1]
    );
    // The drafts alone are beyond the range together, what is asked for is not.
    assert_eq!(
        solve(&[i64::MAX, i64::MAX], i64::MAX, [1, 1]).unwrap()[1],
        [half + 1, half]
    );
    assert_eq!(
        solve(&[i64::MIN, i64::MIN], i64::MIN, [1, 3]).unwrap()[1],
        [i64::MIN / 4 * 3, i64::MIN / 4]
    );
    let error = solve(&[i64::MAX, i64::MIN], i64::MAX, [1, 0]).unwrap_err();
    assert_eq!(error, AllocationError::OutOfRange { member: 0 });
    let error = solve(&[1, 1], 3, [1 << 126, 1]).unwrap_err();
    assert_eq!(error, AllocationError::WeightTooFine { member: 0 });
    // A leaf at an end of the range is refused, and does not wrap its node.
    let bounded = |draft: &[i64; 2], bound: Bound| {
        let leaves = [bound, Bound::FREE];
        let asked = LeastSquares::new(&tree, draft).bounds(1, &leaves);
        asked.solve(&[1_u32, 1][..]).map(LeastChanged::into_amounts)
    };
    let (most, least) = (i64::MAX, i64::MIN);
    let refused = Err(AllocationError::OutOfRange { member: 0 });
    for bound in [Bound::at_least(most), Bound::held(most)] {
        assert_eq!(bounded(&[0, 1], bound), refused);
    }
    for bound in [Bound::at_most(least), Bound::held(least)] {
        assert_eq!(bounded(&[0, -1], bound), refused);
    }
    assert_eq!(
        bounded(&[5, 6], Bound::at_most(most)).unwrap(),
        [vec![11], vec![5, 6]]
    );
}

#[test]
fn a_node_beyond_the_range_is_named_by_its_first_leaf() {
    let tree = [Nodes::Starts(&[0, 3]), Nodes::Starts(&[0, 1, 3, 5])];
    let refused = |draft: [i64; 5]| {
        let error = LeastSquares::new(&tree, &draft).solve(&[1_u32; 5][..]);
        error.unwrap_err()
    };
    let (most, least) = (i64::MAX, i64::MIN);
    let out_of_range = |member| AllocationError::OutOfRange { member };
    assert_eq!(refused([1, most, most, least, least]), out_of_range(1));
    assert_eq!(refused([1, 1, 1, most, 1]), out_of_range(0));
    assert_eq!(refused([-most, 1, -1, most, 1]), out_of_range(3));
    assert_eq!(refused([-most, least, -1, most, most]), out_of_range(1));
}

#[test]
fn what_is_fixed_below_a_free_top_is_no_part_of_what_moves() {
    // The first group is held and of weight 3, the second one has weight 2.
    let tree = [Nodes::Even(2), Nodes::Even(1)];
    let groups = [Bound::held(10), Bound::FREE];
    for leaves in [[Bound::FREE; 2], [Bound::FREE, Bound::at_least(0)]] {
        let draft = [10, 20];
        let asked = LeastSquares::new(&tree, &draft);
        let asked = asked.bounds(1, &groups).bounds(2, &leaves);
        let found = asked.solve(&[3_u32, 2][..]).unwrap();
        let weight = |level| match found.active_bound(level, level.min(1)) {
            Some(ActiveBound::Shared(part)) => Some(part.weight()),
            _ => None,
        };
        assert_eq!([weight(0), weight(1), weight(2)], [Some((2, 2)); 3]);
        assert_eq!(found.active_bound(1, 0), Some(ActiveBound::Held));
    }
}

#[test]
fn columns_that_do_not_belong_to_the_tree_are_refused() {
    let draft = [1, 2, 3];
    let weights = [1_u32, 1, 1];
    let refused = |tree: &[Nodes<'_>], bounds: &[(usize, &[Bound])], weights: &[u32]| {
        let asked = LeastSquares::new(tree, &draft);
        let asked = bounds
            .iter()
            .fold(asked, |asked, (level, bounds)| asked.bounds(*level, bounds));
        asked.solve(weights).unwrap_err().to_string()
    };
    assert_eq!(
        refused(&[Nodes::Even(2)], &[], &weights),
        "the column of members has 3 entries where 2 are needed"
    );
    assert_eq!(
        refused(&[Nodes::Even(3)], &[], &weights[..2]),
        "the column of weights has 2 entries where 3 are needed"
    );
    assert_eq!(
        refused(&[Nodes::Even(3)], &[(1, &[Bound::FREE])], &weights),
        "the column of bounds has 1 entries where 3 are needed"
    );
    assert_eq!(
        refused(&[Nodes::Even(3)], &[(2, &[Bound::FREE])], &weights),
        "the column of levels with bounds has 3 entries where 2 are needed"
    );
    assert_eq!(
        refused(&[], &[], &weights),
        "the column of levels has 0 entries where 1 are needed"
    );
}
