//! Control charts as conditions of rules.

use crate::at::PeriodAt;
use quotaflow::calendar::{Calendar, Grain};
use quotaflow::measure::Unit;
use quotaflow::panel::{Column, Panel};
use quotaflow::quantity::Quantum;
use quotaflow::rule::{RuleDef, RuleSet};
use quotaflow::space::Subjects;

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
