//! Control charts against references in exact fractions: what lies on a limit is not beyond it.

use std::cmp::Ordering;

use proptest::prelude::*;
use quotaflow::control::{
    Around, Course, Flagging, RangeConstants, Run, Smoothing, Sums, cusum, ewma, nelson,
    western_electric, xmr,
};
use quotaflow::control::{EwmaLimits, count_chart, rate_chart, share_chart};
use quotaflow::quantity::Ratio;

fn ratio(above: i64, below: i64) -> Ratio {
    Ratio::new(above.into(), below.into()).unwrap()
}

/// Values that often lie on a limit: whole steps of a third of a deviation around a centre.
fn around_and_values() -> impl Strategy<Value = (Around, Vec<Ratio>)> {
    let below = prop::sample::select(vec![1_i64, 3, 7, 10, 100]);
    let values = prop::collection::vec(-12_i64..=12, 1..24);
    (-50_i64..50, below.clone(), 1_i64..30, below, values).prop_map(
        |(centre, of, sigma, by, steps)| {
            let (centre, sigma) = (ratio(centre, of), ratio(sigma, by));
            let third = sigma.checked_div(Ratio::from(3)).unwrap();
            let value = |step: i64| {
                let far = third.checked_mul(Ratio::from(step)).unwrap();
                centre.checked_add(far).unwrap()
            };
            let values = steps.into_iter().map(value).collect();
            (Around { centre, sigma }, values)
        },
    )
}

/// What lies between each value and the centre, in standard deviations.
fn scores(values: &[Ratio], around: Around) -> Vec<Ratio> {
    let score = |value: &Ratio| {
        let far = value.checked_sub(around.centre).unwrap();
        far.checked_div(around.sigma).unwrap()
    };
    values.iter().map(score).collect()
}

fn size(ratio: Ratio) -> Ratio {
    ratio.max(Ratio::ZERO.checked_sub(ratio).unwrap())
}

/// Whether the last point of these is flagged, written down from the books.
fn flagged(run: Run, z: &[Ratio]) -> bool {
    let whole = Ratio::from;
    let last = |count: usize| z.len().checked_sub(count).map(|start| &z[start..]);
    let beyond = |of: &[Ratio], limit: i64, above: bool| {
        let of = of
            .iter()
            .filter(|z| (**z > Ratio::ZERO) == above && !z.is_zero());
        of.filter(|z| size(**z) > whole(limit)).count()
    };
    let some = |of: usize, count: usize, limit: i64| {
        last(of).is_some_and(|points| {
            [true, false].into_iter().any(|above| {
                let own = &points[of - 1..];
                beyond(points, limit, above) >= count && beyond(own, limit, above) == 1
            })
        })
    };
    let pairs = |points: &[Ratio], way: Ordering| {
        points.windows(2).all(|pair| pair[1].cmp(&pair[0]) == way)
    };
    match run {
        Run::BeyondThree => some(1, 1, 3),
        Run::TwoOfThree => some(3, 2, 2),
        Run::FourOfFive => some(5, 4, 1),
        Run::OneSide(count) => last(usize::from(count)).is_some_and(|points| {
            points.iter().all(|z| *z > Ratio::ZERO) || points.iter().all(|z| *z < Ratio::ZERO)
        }),
        Run::SixTrending => last(6).is_some_and(|points| {
            pairs(points, Ordering::Greater) || pairs(points, Ordering::Less)
        }),
        Run::FourteenAlternating => last(14).is_some_and(|points| {
            let ways: Vec<Ordering> = points
                .windows(2)
                .map(|pair| pair[1].cmp(&pair[0]))
                .collect();
            ways[0].is_ne() && ways.windows(2).all(|pair| pair[1] == pair[0].reverse())
        }),
        Run::FifteenWithin => {
            last(15).is_some_and(|points| points.iter().all(|z| size(*z) <= Ratio::ONE))
        }
        Run::EightBeyondBoth => last(8).is_some_and(|points| {
            points.iter().all(|z| size(*z) > Ratio::ONE)
                && points.iter().any(|z| *z > Ratio::ZERO)
                && points.iter().any(|z| *z < Ratio::ZERO)
        }),
        Run::EightBeyondAny => {
            last(8).is_some_and(|points| points.iter().all(|z| size(*z) > Ratio::ONE))
        }
        _ => panic!("a run that this reference does not know"),
    }
}

fn runs() -> Vec<Run> {
    let mut runs = [
        &western_electric()[..],
        &nelson()[..],
        &[Run::EightBeyondAny],
    ]
    .concat();
    runs.extend([Run::OneSide(2), Run::OneSide(3)]);
    runs
}

proptest! {
    #[test]
    fn every_pattern_is_seen_where_its_definition_says((around, values) in around_and_values()) {
        let course = Course::around(&values, around).unwrap();
        let z = scores(&values, around);
        for run in runs() {
            let expected: Vec<usize> =
                (0..z.len()).filter(|at| flagged(run, &z[..=*at])).collect();
            prop_assert_eq!(course.run(run, Flagging::Last), expected, "{:?}", run);
        }
    }

    #[test]
    fn cumulative_sums_signal_beyond_the_interval_and_not_on_it(
        (around, values) in around_and_values(),
        allowance in 0_i64..6,
        interval in 1_i64..12,
    ) {
        let (allowance, interval) = (ratio(allowance, 3), ratio(interval, 3));
        let (mut high, mut low) = (Ratio::ZERO, Ratio::ZERO);
        let mut expected = Vec::new();
        for z in scores(&values, around) {
            let add = |sum: Ratio, z: Ratio| {
                let sum = sum.checked_add(z).unwrap().checked_sub(allowance).unwrap();
                sum.max(Ratio::ZERO)
            };
            high = add(high, z);
            low = add(low, Ratio::ZERO.checked_sub(z).unwrap());
            expected.push((high > interval, low > interval));
        }
        let sums = Sums { allowance, interval };
        prop_assert_eq!(Course::around(&values, around).unwrap().cusum(sums), expected.clone());
        // In the unit of the values the same.
        let scaled = |of: Ratio| of.checked_mul(around.sigma).unwrap();
        let sums = Sums { allowance: scaled(allowance), interval: scaled(interval) };
        let flagged: Vec<usize> = (0..expected.len()).filter(|at| expected[*at].0 || expected[*at].1).collect();
        prop_assert_eq!(cusum(&values, around.centre, sums).unwrap().flagged, flagged);
    }

    #[test]
    fn moving_averages_signal_beyond_their_limits_and_not_on_them(
        (around, values) in around_and_values(),
        lambda in prop::sample::select(vec![(1_i64, 1_i64), (1, 2), (2, 3), (8, 13), (18, 25)]),
        factor in 1_i64..9,
        widening: bool,
    ) {
        let values = &values[..values.len().min(5)];
        let (lambda, factor) = (ratio(lambda.0, lambda.1), ratio(factor, 3));
        let rest = Ratio::ONE.checked_sub(lambda).unwrap();
        let mul = |a: Ratio, b: Ratio| a.checked_mul(b).unwrap();
        let (mut average, mut left) = (Ratio::ZERO, Ratio::ONE);
        let mut expected = Vec::new();
        for (at, z) in scores(values, around).into_iter().enumerate() {
            average = mul(lambda, z).checked_add(mul(rest, average)).unwrap();
            left = mul(left, mul(rest, rest));
            // average^2 (2 - lambda) against factor^2 lambda (1 - left).
            let twice = Ratio::from(2).checked_sub(lambda).unwrap();
            let share = if widening { Ratio::ONE.checked_sub(left).unwrap() } else { Ratio::ONE };
            let limit = mul(mul(factor, factor), mul(lambda, share));
            if mul(mul(average, average), twice) > limit {
                expected.push(at);
            }
        }
        let limits = if widening { EwmaLimits::Widening } else { EwmaLimits::Constant };
        let chart = ewma(values, around, Smoothing { lambda, factor }, limits).unwrap();
        prop_assert_eq!(chart.flagged, expected);
    }

    #[test]
    fn limits_from_moving_ranges_flag_what_lies_beyond_them(values in prop::collection::vec(-40_i64..40, 2..14), by in 1_i64..9) {
        let values: Vec<Ratio> = values.into_iter().map(|value| ratio(value, by)).collect();
        let count = Ratio::from(i64::try_from(values.len()).unwrap());
        let sum = |of: &[Ratio]| of.iter().fold(Ratio::ZERO, |sum, value| sum.checked_add(*value).unwrap());
        let mean = sum(&values).checked_div(count).unwrap();
        let ranges: Vec<Ratio> = values.windows(2).map(|pair| size(pair[1].checked_sub(pair[0]).unwrap())).collect();
        let range = sum(&ranges).checked_div(Ratio::from(i64::try_from(ranges.len()).unwrap())).unwrap();
        let limit = range.checked_mul(ratio(3_000, 1_128)).unwrap();
        let upper = range.checked_mul(ratio(3_267, 1_000)).unwrap();
        let chart = xmr(&values, RangeConstants::Table).unwrap();
        let beyond: Vec<usize> = (0..values.len()).filter(|at| size(values[*at].checked_sub(mean).unwrap()) > limit).collect();
        let wide: Vec<usize> = (1..values.len()).filter(|at| ranges[at - 1] > upper).collect();
        prop_assert_eq!((chart.flagged, chart.flagged_ranges), (beyond, wide));
        // What comes after a baseline is judged by the same limits.
        if let Ok(course) = Course::after(&[&values[..], &values[..]].concat(), values.len()) {
            let beyond: Vec<usize> = (0..values.len()).filter(|at| size(values[*at].checked_sub(mean).unwrap()) > limit).collect();
            prop_assert_eq!(course.run(Run::BeyondThree, Flagging::Every), beyond);
        } else {
            prop_assert!(range.is_zero());
        }
    }

    #[test]
    fn charts_of_counts_flag_what_lies_beyond_them(counts in prop::collection::vec(0_u32..40, 1..12), units in prop::collection::vec(1_u32..6, 12)) {
        let whole = |of: u32| Ratio::from(i64::from(of));
        let samples = Ratio::from(i64::try_from(counts.len()).unwrap());
        let mean = whole(counts.iter().sum()).checked_div(samples).unwrap();
        let mul = |a: Ratio, b: Ratio| a.checked_mul(b).unwrap();
        let far = |value: Ratio, mean: Ratio| { let far = value.checked_sub(mean).unwrap(); mul(far, far) };
        let nine = Ratio::from(9);
        let beyond = |is: &dyn Fn(usize) -> bool| (0..counts.len()).filter(|at| is(*at)).collect::<Vec<_>>();
        let c = beyond(&|at| far(whole(counts[at]), mean) > mul(nine, mean));
        prop_assert_eq!(count_chart(&counts).unwrap().flagged, c);
        let fifty = Ratio::from(50);
        let share = mean.checked_div(fifty).unwrap();
        let p = beyond(&|at| {
            let own = whole(counts[at]).checked_div(fifty).unwrap();
            let variance = mul(share, Ratio::ONE.checked_sub(share).unwrap()).checked_div(fifty).unwrap();
            far(own, share) > mul(nine, variance)
        });
        prop_assert_eq!(share_chart(&counts, 50).unwrap().flagged, p);
        let units = &units[..counts.len()];
        let rate = whole(counts.iter().sum()).checked_div(whole(units.iter().sum())).unwrap();
        let u = beyond(&|at| {
            let own = whole(counts[at]).checked_div(whole(units[at])).unwrap();
            far(own, rate) > mul(nine, rate.checked_div(whole(units[at])).unwrap())
        });
        prop_assert_eq!(rate_chart(&counts, units).unwrap().flagged, u);
    }
}

#[test]
fn a_long_course_of_odd_fractions_stays_exact() {
    // The average of a constant distance comes as near to it as one likes and never reaches it.
    let third = ratio(1, 3);
    let around = Around {
        centre: ratio(1, 7),
        sigma: ratio(1, 7),
    };
    let value = third.checked_add(around.centre).unwrap();
    let smoothing = |factor: Ratio| Smoothing {
        lambda: ratio(1, 2),
        factor,
    };
    // z = 7/3, and limits at factor sqrt(1/3): exactly there where the factor is 7/3 sqrt 3, between 4 and 4.1.
    let outside = |factor: Ratio, length: usize| {
        let chart = ewma(
            &vec![value; length],
            around,
            smoothing(factor),
            EwmaLimits::Constant,
        );
        chart.unwrap().flagged.len()
    };
    assert_eq!(outside(ratio(41, 10), 400), 0);
    assert!(outside(Ratio::from(4), 400) > 390);
    // With all of the weight on the latest value the limit is the factor itself, and seven thirds lie on it.
    let all = Smoothing {
        lambda: Ratio::ONE,
        factor: ratio(7, 3),
    };
    assert_eq!(
        ewma(&vec![value; 400], around, all, EwmaLimits::Constant)
            .unwrap()
            .flagged,
        [0; 0]
    );
}
