//! Control charts as conditions of rules.

use crate::at::PeriodAt;
use quotaflow::calendar::{Calendar, Grain};
use quotaflow::control::{
    Around, Baseline, Course, Run, Signal, Smoothing, Sums, mean_chart, share_chart,
};
use quotaflow::measure::Unit;
use quotaflow::panel::{Column, Panel};
use quotaflow::quantity::{Quantum, Ratio};
use quotaflow::rule::{RuleDef, RuleSet};
use quotaflow::space::Subjects;
use std::cmp::Ordering;

fn ratio(text: &str) -> Ratio {
    text.parse().unwrap()
}

#[test]
fn the_smallest_parameters_of_a_signal_pass_and_what_is_below_is_refused() {
    let around = |sigma| {
        Baseline::Around(Around {
            centre: Ratio::ONE,
            sigma,
        })
    };
    let baselines = [
        (Baseline::First(2), true),
        (Baseline::First(1), false),
        (around(ratio("0.01")), true),
        (around(Ratio::ZERO), false),
    ];
    for (baseline, passes) in baselines {
        assert_eq!(baseline.check().is_ok(), passes, "{baseline:?}");
    }
    let ewma = |lambda: &str, factor: &str| {
        Signal::Ewma(Smoothing {
            lambda: ratio(lambda),
            factor: ratio(factor),
        })
    };
    let cusum = |allowance: &str, interval: &str| {
        Signal::Cusum(Sums {
            allowance: ratio(allowance),
            interval: ratio(interval),
        })
    };
    let signals = [
        (Signal::Run(Run::OneSide(2)), true),
        (Signal::Run(Run::OneSide(1)), false),
        (Signal::Run(Run::BeyondThree), true),
        (ewma("1", "0.1"), true),
        (ewma("1.01", "3"), false),
        (ewma("0", "3"), false),
        (ewma("0.2", "0"), false),
        (cusum("0", "0.1"), true),
        (cusum("-0.1", "5"), false),
        (cusum("0.5", "0"), false),
    ];
    for (signal, passes) in signals {
        assert_eq!(signal.check().is_ok(), passes, "{signal:?}");
    }
}

#[test]
fn a_chart_needs_samples_and_a_group_may_be_one_value() {
    let around = Around {
        centre: ratio("0.1"),
        sigma: ratio("0.2"),
    };
    // Three deviations of a single value are 0.6.
    let values = ["0.7", "0.71", "-0.51"].map(ratio);
    assert_eq!(mean_chart(&values, around, 1).unwrap().flagged, [1, 2]);
    assert!(mean_chart(&values, around, 0).is_err());
    assert_eq!(share_chart(&[], 5), None);
    assert_eq!(share_chart(&[1], 0), None);
}

#[test]
fn a_course_says_where_its_last_value_is_and_how_it_moved() {
    let around = Around {
        centre: Ratio::from(5),
        sigma: Ratio::ONE,
    };
    let course = |values: &[i64]| {
        let values: Vec<Ratio> = values.iter().map(|value| Ratio::from(*value)).collect();
        Course::around(&values, around).unwrap()
    };
    let cases = [
        (&[][..], None, Ordering::Equal),
        (&[6], Some(Ordering::Greater), Ordering::Equal),
        (&[9, 7], Some(Ordering::Greater), Ordering::Less),
        (&[1, 2], Some(Ordering::Less), Ordering::Greater),
        (&[4, 5], Some(Ordering::Equal), Ordering::Greater),
        (&[5, 5], Some(Ordering::Equal), Ordering::Equal),
    ];
    for (values, side, moved) in cases {
        let course = course(values);
        assert_eq!(
            (course.len(), course.is_empty()),
            (values.len(), values.is_empty())
        );
        assert_eq!(
            (course.last_side(), course.last_move()),
            (side, moved),
            "{values:?}"
        );
    }
    // A baseline of two leaves the third value.
    let values = [1, 3, 9].map(Ratio::from);
    assert_eq!(Course::after(&values, 2).unwrap().len(), 1);
    assert!(Course::after(&values, 3).is_err());
    assert!(Course::after(&values[..1], 1).is_err());
}

#[test]
fn a_value_exactly_three_deviations_from_the_centre_is_not_beyond() {
    let (from, to) = ("2026-01-01".parse().unwrap(), "2026-02-01".parse().unwrap());
    let january = Calendar::gregorian()
        .periods(Grain::Month, from, to)
        .unwrap();
    let judged = |value: i64, text: &str| {
        let mut panel = Panel::new(Subjects::whole(), january.clone());
        panel
            .add(Column::amounts(
                "x".parse().unwrap(),
                Unit::Share,
                Quantum::CENT,
                vec![value],
            ))
            .unwrap();
        let rules = RuleSet::compile(
            [RuleDef::new("signal", text.parse().unwrap()).unwrap()],
            &panel,
        )
        .unwrap();
        rules.evaluate(&panel, panel.period_at(0)).unwrap().len()
    };
    for centre in 1..=24 {
        for sigma in 1..=24 {
            for side in [1, -1] {
                let around = format!("around 0.{centre:02} 0.{sigma:02}");
                let text = format!("control(x, {around}, beyond_three)");
                let edge = centre + side * 3 * sigma;
                assert_eq!(judged(edge, &text), 0, "{text} at {edge}");
                assert_eq!(judged(edge + side, &text), 1, "{text} beyond {edge}");
                let text = format!("control(x, {around}, cusum 0.5 2.5)");
                assert_eq!(judged(edge, &text), 0, "{text} at {edge}");
                assert_eq!(judged(edge + side, &text), 1, "{text} beyond {edge}");
                let text = format!("control(x, {around}, ewma 1 3)");
                assert_eq!(judged(edge, &text), 0, "{text} at {edge}");
                assert_eq!(judged(edge + side, &text), 1, "{text} beyond {edge}");
            }
        }
    }
}
