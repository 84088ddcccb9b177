//! Splits of one amount that other systems publish or test. A `wrong` answer is one that some system gives and that must not
//! be given.

use quotaflow::allocation::{
    ActiveBound, AllocationError, Bound, LeastSquares, Lot, Lots, Method, Nodes, WeightPolicy,
    Weights, ZeroWeights, allocate, allocate_within, tie,
};
use quotaflow::quantity::Ratio;

fn weights(list: &str) -> Weights {
    let ratios: Vec<Ratio> = list
        .split_whitespace()
        .map(|text| text.parse().unwrap())
        .collect();
    Weights::new(&ratios, WeightPolicy::ALLOCATE).unwrap()
}

fn numbers(list: &str) -> Vec<i64> {
    list.split_whitespace()
        .map(|text| text.parse().unwrap())
        .collect()
}

fn split(total: i64, list: &str, method: Method) -> Vec<i64> {
    allocate(total, &weights(list), method)
        .unwrap()
        .into_shares()
}

#[test]
fn one_amount_by_largest_remainder() {
    let cases = [
        (100, "1 1 1", "34 33 33"),
        (101, "1 1 1", "34 34 33"),
        (5, "7 3", "4 1"),
        (5, "3 7", "2 3"),
        (-5, "7 3", "-4 -1"),
        (5, "7 3 0", "4 1 0"),
        (5, "0 7 3", "0 4 1"),
        (5, "7 0 3", "4 0 1"),
        (5, "0 0 1", "0 0 5"),
        (2, "1 1 1", "1 1 0"),
        (1, "1 1", "1 0"),
        (1, "0.33 0.66", "0 1"),
        (101, "3 7", "30 71"),
        (101, "7 3", "71 30"),
        (9999, "75 25", "7499 2500"),
        (
            3,
            "3002399751580333 1000000000000000 501199875790167",
            "2 1 0",
        ),
        (
            -3,
            "3002399751580333 1000000000000000 501199875790167",
            "-2 -1 0",
        ),
        (1003, "49 51", "491 512"),
        (5, "100 101 100 100", "1 2 1 1"),
        (801, "1 3", "200 601"),
        (-1003, "50 50", "-502 -501"),
        (100, "1 1 1 1 1 1", "17 17 17 17 16 16"),
        (10, "0.1 0.2 0.1", "3 5 2"),
        (1100, "1 1 1", "367 367 366"),
        (29900, "265.09 0 33.91", "26509 0 3391"),
        (10000, "1 1 1 1 1 1", "1667 1667 1667 1667 1666 1666"),
        (102, "1 1 1 1", "26 26 25 25"),
        (3, "0.17 0.23 0.30 0.30", "0 1 1 1"),
        (100, "2 3 1", "33 50 17"),
        (10000, "30 20 40", "3333 2222 4445"),
        (10000, "1/3 2/7", "5385 4615"),
        (3, "75 25", "2 1"),
        (2, "1 1 3 1", "1 0 1 0"),
        (100, "0 2 1", "0 67 33"),
        (100_000, "1 2 3 5", "9091 18182 27273 45454"),
        (2000, "75 25", "1500 500"),
    ];
    for (total, list, expected) in cases {
        assert_eq!(
            split(total, list, Method::LargestRemainder),
            numbers(expected),
            "{total} by {list}"
        );
    }
    let many = allocate(100, &Weights::equal(101).unwrap(), Method::LargestRemainder).unwrap();
    let mut expected = vec![1; 100];
    expected.push(0);
    assert_eq!(many.shares(), expected);
}

#[test]
fn known_wrong_answers_are_not_given() {
    let cases = [
        (-5, "7 3", "-3 -2"),
        (9999, "75 25", "7500 2499"),
        (
            3,
            "3002399751580333 1000000000000000 501199875790167",
            "3 0 0",
        ),
        (1003, "49 51", "492 511"),
        (29900, "265.09 0 33.91", "26509 1 3390"),
        (102, "1 1 1 1", "25 25 25 27"),
        (3, "0.17 0.23 0.30 0.30", "1 1 1 1"),
        (100, "0 2 1", "1 66 33"),
    ];
    let exact = [
        Method::LargestRemainder,
        Method::Webster,
        Method::Running,
        Method::SpareToFirst,
        Method::SpareToHeaviest,
    ];
    for (total, list, wrong) in cases {
        // Handing the spare quanta out in declared order is asked for by its name; the rest must not do it by accident.
        assert_ne!(
            split(total, list, Method::LargestRemainder),
            numbers(wrong),
            "{total} by {list}"
        );
        for method in exact {
            let shares = split(total, list, method);
            assert_eq!(shares.iter().sum::<i64>(), total, "{total} by {list}");
            for (share, weight) in shares.iter().zip(list.split_whitespace()) {
                assert!(
                    weight != "0" || *share == 0,
                    "{total} by {list}: a zero weight gets nothing"
                );
            }
        }
    }
    // Rounding with a carry that is not exact gives 2 of 2.8; here nothing is lost.
    assert_eq!(split(28, "7 7 7 7", Method::Running), [7, 7, 7, 7]);
}

#[test]
fn carry_forward_is_the_running_method() {
    let cases = [
        (10000, "1 1 1 1 1 1", "1667 1666 1667 1667 1666 1667"),
        (102, "1 1 1 1", "26 25 26 25"),
    ];
    for (total, list, expected) in cases {
        assert_eq!(
            split(total, list, Method::Running),
            numbers(expected),
            "{total} by {list}"
        );
    }
}

/// Method, total, weights, shares, and what is kept apart.
type Remainder = (Method, i64, &'static str, &'static str, i64);

const FIVE_WAYS: &[Remainder] = &[
    (Method::SpareToFirst, 100, "2 3 1", "34 50 16", 0),
    (Method::SpareToHeaviest, 100, "2 3 1", "33 51 16", 0),
    (Method::RemainderApart, 100, "2 3 1", "33 50 16", 1),
    (Method::BlocksApart, 100, "2 3 1", "32 48 16", 4),
    (Method::SpareToFirst, 10000, "30 20 40", "3334 2222 4444", 0),
    (
        Method::SpareToHeaviest,
        10000,
        "30 20 40",
        "3333 2222 4445",
        0,
    ),
    (
        Method::RemainderApart,
        10000,
        "30 20 40",
        "3333 2222 4444",
        1,
    ),
    (Method::BlocksApart, 10000, "30 20 40", "3333 2222 4444", 1),
    (Method::SpareToFirst, 2000, "1 2 3 7", "154 308 462 1076", 0),
    (
        Method::LargestRemainder,
        2000,
        "1 2 3 7",
        "154 308 461 1077",
        0,
    ),
    (Method::BlocksApart, 2000, "1 2 3 7", "153 306 459 1071", 11),
    (Method::SpareToFirst, 10000, "1/3 2/7", "5385 4615", 0),
    (Method::RemainderApart, 10000, "1/3 2/7", "5384 4615", 1),
    (Method::SpareToFirst, 3, "75 25", "3 0", 0),
    (Method::RemainderApart, 3, "75 25", "2 0", 1),
    (Method::SpareToFirst, 2, "1 1 3 1", "1 0 1 0", 0),
    (Method::BlocksApart, 2, "1 1 3 1", "0 0 0 0", 2),
    (Method::SpareToHeaviest, 5, "3 3 4", "1 1 3", 0),
    (Method::SpareToHeaviest, 9, "3 3 4", "3 2 4", 0),
];

#[test]
fn five_ways_with_a_remainder() {
    for (method, total, list, expected, apart) in FIVE_WAYS {
        let allocation = allocate(*total, &weights(list), *method).unwrap();
        assert_eq!(allocation.shares(), numbers(expected), "{total} by {list}");
        assert_eq!(allocation.unallocated(), *apart, "{total} by {list}");
    }
}

#[test]
fn steps_of_five_cents_are_lots() {
    let nickel = Lots::Every(Lot::new(5).unwrap());
    let shares = allocate_within(
        10_000,
        &weights("1 2 3 7"),
        Method::LargestRemainder,
        &[],
        &nickel,
    )
    .unwrap();
    assert_eq!(shares.shares(), [770, 1540, 2305, 5385]);
}

#[test]
fn apportionment_tables() {
    let all = [
        Method::LargestRemainder,
        Method::Jefferson,
        Method::Webster,
        Method::Hill,
        Method::Adams,
        Method::Dean,
    ];
    let [largest, jefferson, webster, hill, adams, dean] = all;
    let a1 = "5117 4400 162 161 160";
    let a3 = "43 33 12 8 4";
    let a15 = "100 1 0 10 0";
    let a17 = "600 302 98 99 101";
    let cases = [
        (largest, 100, a1, "51 44 2 2 1"),
        (jefferson, 100, a1, "52 45 1 1 1"),
        (webster, 100, a1, "51 43 2 2 2"),
        (hill, 100, a1, "51 43 2 2 2"),
        (adams, 100, a1, "51 43 2 2 2"),
        (dean, 100, a1, "51 43 2 2 2"),
        (largest, 10, a3, "4 3 1 1 1"),
        (jefferson, 10, a3, "5 4 1 0 0"),
        (webster, 10, a3, "5 3 1 1 0"),
        (hill, 10, a3, "4 3 1 1 1"),
        (adams, 10, a3, "4 3 1 1 1"),
        (dean, 10, a3, "4 3 1 1 1"),
        (largest, 10, "4160 3380 2460", "4 3 3"),
        (jefferson, 10, "4160 3380 2460", "4 4 2"),
        (webster, 10, "4160 3380 2460", "4 3 3"),
        (largest, 60, "216 310 22 32", "23 32 2 3"),
        (
            largest,
            10,
            "47000 16000 15800 12000 6100 3100",
            "5 2 1 1 1 0",
        ),
        (largest, 10, "651 349 50", "6 3 1"),
        (jefferson, 10, "651 349 50", "7 3 0"),
        (webster, 10, "651 349 50", "7 3 0"),
        (hill, 10, "651 349 0", "6 4 0"),
        (webster, 631, "41.5 25.7 8.6 8.4", "311 193 64 63"),
        (webster, 3, a15, "3 0 0 0 0"),
        (hill, 3, a15, "1 1 0 1 0"),
        (adams, 3, a15, "1 1 0 1 0"),
        (dean, 3, a15, "1 1 0 1 0"),
        (largest, 23, a17, "11 6 2 2 2"),
        (jefferson, 23, a17, "12 6 1 2 2"),
        (webster, 23, a17, "11 6 2 2 2"),
        (largest, 15, "540 160 160 80 80 80 60 40", "7 2 2 1 1 1 1 0"),
        (largest, 15, "480 160 160 160 80 80 80", "6 2 2 2 1 1 1"),
    ];
    for (method, seats, votes, expected) in cases {
        assert_eq!(
            split(seats, votes, method),
            numbers(expected),
            "{seats} seats by {votes}, {method:?}"
        );
    }
    for method in all {
        assert_eq!(split(12, "14 28 7 35", method), [2, 4, 1, 5], "{method:?}");
        assert_eq!(
            split(6, "0 14 28 0 0", method),
            [0, 2, 4, 0, 0],
            "{method:?}"
        );
    }
    let apart = allocate(
        15,
        &weights("480 160 160 160 80 80 80"),
        Method::RemainderApart,
    )
    .unwrap();
    assert_eq!(apart.unallocated(), 0);
}

#[test]
fn nothing_is_assigned_where_that_is_the_policy() {
    let zeros = Weights::from_integers(&[0_u32; 5], ZeroWeights::Nothing).unwrap();
    let kept = allocate(10, &zeros, Method::Jefferson).unwrap();
    assert_eq!((kept.shares(), kept.unallocated()), (&[0; 5][..], 10));
    let refused = allocate(10, &weights("0 0 0 0 0"), Method::Jefferson);
    let expected = AllocationError::ZeroWeights {
        total: 10,
        members: 5,
    };
    assert_eq!(refused, Err(expected));
}

#[test]
fn ties_are_reported_and_the_first_wins() {
    let cases = [
        (
            1,
            "1 10 10",
            Method::Webster,
            Some((vec![1, 2], 1)),
            "0 1 0",
        ),
        (
            1,
            "10 10 0",
            Method::LargestRemainder,
            Some((vec![0, 1], 1)),
            "1 0 0",
        ),
        (
            4,
            "11 11 11",
            Method::LargestRemainder,
            Some((vec![0, 1, 2], 1)),
            "2 1 1",
        ),
        (3, "12 12 11 12", Method::LargestRemainder, None, "1 1 0 1"),
        (3, "12 12 11 12", Method::Jefferson, None, "1 1 0 1"),
        (
            2,
            "2 1 1 2 2",
            Method::Jefferson,
            Some((vec![0, 3, 4], 2)),
            "1 0 0 1 0",
        ),
        (
            2,
            "2 1 1 2 2",
            Method::Webster,
            Some((vec![0, 3, 4], 2)),
            "1 0 0 1 0",
        ),
        (
            2,
            "2 1 1 2 2",
            Method::LargestRemainder,
            Some((vec![0, 3, 4], 2)),
            "1 0 0 1 0",
        ),
    ];
    for (total, list, method, expected, shares) in cases {
        let found = tie(total, &weights(list), method).unwrap();
        let found = found.map(|tie| (tie.members().to_vec(), tie.quanta()));
        assert_eq!(found, expected, "{total} by {list}");
        assert_eq!(
            split(total, list, method),
            numbers(shares),
            "{total} by {list}"
        );
    }
}

#[test]
fn the_quota_rule_tells_good_from_bad() {
    let votes = numbers("5117 4400 162 161 160");
    let within = |seats: &str| {
        numbers(seats).iter().zip(&votes).all(|(seats, votes)| {
            let exact = votes * 100;
            (seats - 1) * 10_000 < exact && exact < (seats + 1) * 10_000
        })
    };
    assert!(within("51 44 2 2 1"));
    assert!(!within("52 45 1 1 1"));
    assert!(!within("52 43 2 1 2"));
    // Monotone means element by element, not in the order of the lists.
    let (old, new) = (numbers("2 5"), numbers("3 0"));
    assert!(new > old && !old.iter().zip(&new).all(|(old, new)| old <= new));
}

#[test]
fn held_and_bounded_spreads() {
    let free = Bound::FREE;
    let cases = [
        (
            "one held",
            100,
            "10 20 30",
            vec![free, Bound::held(20), free],
            "20 20 60",
        ),
        (
            "two held",
            600,
            "100 100 100",
            vec![free, Bound::held(100), Bound::held(100)],
            "400 100 100",
        ),
        // 90 by 1:2:3 is 15, 30, 45; at most 40 for the last leaves 50 by 1:2, at least 20 for the first leaves 30.
        (
            "both ends",
            90,
            "1 2 3",
            vec![Bound::at_least(20), free, Bound::at_most(40)],
            "20 30 40",
        ),
        // 7 by thirds with one at most 1: the other two share 6.
        (
            "ceiling",
            7,
            "1 1 1",
            vec![free, Bound::at_most(1), free],
            "3 1 3",
        ),
        (
            "negative",
            -7,
            "1 1 1",
            vec![free, Bound::at_least(-1), free],
            "-3 -1 -3",
        ),
        (
            "below zero",
            10,
            "1 1",
            vec![free, Bound::held(-5)],
            "15 -5",
        ),
    ];
    for (id, total, list, bounds, expected) in cases {
        let within = allocate_within(
            total,
            &weights(list),
            Method::LargestRemainder,
            &bounds,
            &Lots::ONE,
        )
        .unwrap();
        assert_eq!(within.shares(), numbers(expected), "{id}");
    }
}

#[test]
fn cases_of_twelve_beside_single_pieces() {
    let lots = |quanta: &[u32]| {
        Lots::Each(
            quanta
                .iter()
                .map(|quanta| Lot::new(*quanta).unwrap())
                .collect(),
        )
    };
    // 100 by 1:1:2 is 25, 25, 50. In cases of 12 the last is nearest to 48; 52 are left for two.
    let shares = allocate_within(
        100,
        &weights("1 1 2"),
        Method::LargestRemainder,
        &[],
        &lots(&[1, 1, 12]),
    )
    .unwrap();
    assert_eq!(shares.shares(), [26, 26, 48]);
    // 100 is no whole number of cases.
    let error = allocate_within(
        100,
        &weights("1 1"),
        Method::LargestRemainder,
        &[],
        &lots(&[12, 12]),
    )
    .unwrap_err();
    let AllocationError::Impossible(proof) = error else {
        panic!("{error}")
    };
    assert_eq!(
        (proof.needed(), proof.available(), proof.constraints().len()),
        (100, 96, 2)
    );
    let error = allocate_within(
        100,
        &weights("1 1"),
        Method::LargestRemainder,
        &[],
        &lots(&[12, 10]),
    )
    .unwrap_err();
    assert_eq!(
        error.to_string(),
        "lots of 10 and of 12 units cannot share one amount: neither divides the other"
    );
}

#[test]
fn locks_above_the_total_are_refused_with_what_is_in_the_way() {
    let bounds = [
        Bound::held(70),
        Bound::FREE,
        Bound::at_least(40),
        Bound::held(5),
    ];
    let error = allocate_within(
        100,
        &weights("1 1 1 1"),
        Method::LargestRemainder,
        &bounds,
        &Lots::ONE,
    )
    .unwrap_err();
    let AllocationError::Impossible(proof) = error else {
        panic!("{error}")
    };
    let members: Vec<usize> = proof.constraints().iter().map(|one| one.member()).collect();
    assert_eq!(
        (members, proof.needed(), proof.available()),
        (vec![0, 2], 110, 100)
    );
}

#[test]
fn what_no_level_has_is_no_node_and_who_has_no_weight_is_at_no_limit() {
    let tree = [Nodes::Even(3)];
    let draft = [5, 2, 3];
    let limits = [Bound::at_most(5), Bound::FREE, Bound::FREE];
    let whole = [Bound::held(13)];
    let found = LeastSquares::new(&tree, &draft)
        .bounds(0, &whole)
        .bounds(1, &limits)
        .solve(&[0_u32, 1, 2][..])
        .unwrap();
    assert_eq!(found.amounts(1), [5, 3, 5]);
    assert_eq!(found.active_bound(1, 0), Some(ActiveBound::ZeroWeight));
    assert_eq!(found.exact(1, 2), Some(Ratio::from(5)));
    for (level, node) in [(2, 0), (7, 0), (1, 3), (0, 1)] {
        assert_eq!(found.exact(level, node), None, "{level} {node}");
        assert_eq!(found.active_bound(level, node), None, "{level} {node}");
    }
}
