//! What the checker says of conditions over several periods: against every course that one column can take.

use crate::at::{PeriodAt, RowAt};
use proptest::prelude::*;
use quotaflow::calendar::{Calendar, Grain};
use quotaflow::key::Key;
use quotaflow::measure::Unit;
use quotaflow::panel::{Column, Panel, Reason};
use quotaflow::quantity::Quantum;
use quotaflow::rule::check::{Anomaly, Witness, check};
use quotaflow::rule::{
    Condition, Operand, RuleDef, RuleSet, Silence, TrailingMean, Trend, Truth, Way,
};
use quotaflow::space::{Axis, Subjects};

use super::{condition, implies, is, seen};

const PERIODS: u32 = 3;

/// Every course of a value from 0 to 4, or missing, over three months: one subject each.
fn courses() -> Panel {
    let count = 6_usize.pow(PERIODS);
    let names = (0..count).map(|at| Key::new(format!("s{at}")).unwrap());
    let subjects = Subjects::new(Axis::new("case", "case").unwrap(), names.collect()).unwrap();
    let (from, to) = ("2026-01-01".parse().unwrap(), "2026-04-01".parse().unwrap());
    let months = Calendar::gregorian()
        .periods(Grain::Month, from, to)
        .unwrap();
    let mut panel = Panel::new(subjects, months);
    let digits = (0..PERIODS).flat_map(|period| {
        (0..count).map(move |case| i64::try_from(case / 6_usize.pow(period) % 6).unwrap())
    });
    let digits: Vec<i64> = digits.collect();
    let state = |digit: &i64| match digit {
        5 => Some(Reason::NothingRecorded),
        _ => None,
    };
    let states: Vec<Option<Reason>> = digits.iter().map(state).collect();
    let units = digits.iter().map(|digit| digit % 5).collect();
    let column = Column::amounts("a".parse().unwrap(), Unit::Share, Quantum::ONE, units);
    panel.add(column.with_reasons(&states).unwrap()).unwrap();
    panel
}

fn a() -> Operand {
    Operand::metric("a").unwrap()
}

fn operand() -> impl Strategy<Value = Operand> {
    let mean = |count: u16, known| {
        Operand::TrailingMean(TrailingMean {
            of: Box::new(a()),
            span: count.into(),
            known,
        })
    };
    prop_oneof![
        3 => Just(a()),
        2 => (1_u16..3).prop_map(|back| a().previous(back)),
        1 => Just(a().less(a().previous(1))),
        1 => Just(a().change(a().previous(1))),
        1 => (1_u16..3, prop::option::of(Just(1_u16))).prop_map(move |(count, known)| mean(count, known)),
        2 => (0_i64..5).prop_map(Operand::number),
    ]
}

fn leaf() -> BoxedStrategy<Condition> {
    let compared = || (operand(), is(), operand()).prop_map(|(left, is, right)| left.is(is, right));
    let silence = |span: u16| Silence {
        of: "a".parse().unwrap(),
        span: span.into(),
    };
    prop_oneof![
        4 => compared(),
        2 => (compared(), 1_u16..4).prop_map(|(of, span)| of.lasting(span)),
        2 => (compared(), 1_u16..4, 1_u16..4).prop_map(|(of, span, count)| of.within(count.min(span), span)),
        1 => (any::<bool>(), 1_u16..3).prop_map(|(up, span)| {
            Condition::Trend(Trend { of: a(), is: if up { Way::Rising } else { Way::Falling }, span: span.into() })
        }),
        1 => (1_u16..3).prop_map(move |span| Condition::Stale(silence(span))),
        1 => Just(Condition::missing("a".parse().unwrap())),
    ]
    .boxed()
}

fn truths(rules: &RuleSet, panel: &Panel, name: &str) -> Vec<Truth> {
    let (judge, key) = (rules.over(panel).unwrap(), Key::new(name).unwrap());
    let cells = (0..panel.periods().len())
        .flat_map(|period| (0..panel.subjects().len()).map(move |subject| (subject, period)));
    cells
        .map(|(subject, period)| {
            judge
                .truth(&key, judge.row_at(subject), judge.period_at(period))
                .unwrap()
        })
        .collect()
}

proptest! {
    #![proptest_config(crate::cases(200))]

    #[test]
    fn nothing_is_found_over_time_that_is_not_so(
        first in condition(leaf()),
        second in condition(leaf()),
        clear in condition(leaf()),
    ) {
        let panel = courses();
        let mut rules = vec![
            RuleDef::new("first", first.clone()).unwrap(),
            RuleDef::new("second", second.clone()).unwrap(),
        ];
        rules[0].clear = Some(clear.clone());
        let found = check(&rules, &std::collections::BTreeMap::new());
        rules.push(RuleDef::new("clear", clear).unwrap());
        let rules = RuleSet::compile(rules, &panel).unwrap();
        let [left, right, cleared] = ["first", "second", "clear"].map(|name| truths(&rules, &panel, name));
        let of = |rule: &Key| if *rule == "first" { &left } else { &right };
        for finding in &found {
            let (so, witness, expected): (bool, Option<&Witness>, _) = match finding {
                Anomaly::Never { rule } => (seen(of(rule)).never, None, vec![]),
                Anomaly::Always { rule, witness } => (seen(of(rule)).always, witness.as_ref(), vec![(rule, Truth::True)]),
                Anomaly::NeverClears { rule, witness } => {
                    // What clears never holds, or only while the condition does.
                    let alone = cleared.iter().zip(of(rule)).any(|(clear, when)| clear.is_true() && when.is_false());
                    (!alone, witness.as_ref(), vec![(rule, Truth::True)])
                }
                Anomaly::Duplicate { rule, other, witness } => (
                    implies(of(rule), of(other)) && implies(of(other), of(rule)),
                    witness.as_ref(),
                    vec![(rule, Truth::True), (other, Truth::True)],
                ),
                Anomaly::Implies { rule, other, witness } => (
                    implies(of(rule), of(other)),
                    witness.as_ref(),
                    vec![(rule, Truth::False), (other, Truth::True)],
                ),
                Anomaly::Contradict { rule, other, witness } => (
                    !of(rule).iter().zip(of(other)).any(|(x, y)| x.is_true() && y.is_true()),
                    witness.as_ref(),
                    vec![(rule, Truth::True), (other, Truth::False)],
                ),
                other => panic!("{other:?}"),
            };
            prop_assert!(so, "{finding:?}: {first} | {second}");
            // A witness shows what it is said to show; one with broken numbers does not fit this panel.
            let Some(case) = witness.and_then(|witness| witness.panel(&panel)) else { continue };
            let judge = rules.over(&case).unwrap();
            let last = case.periods().len() - 1;
            for (rule, expected) in expected {
                prop_assert_eq!(judge.truth(rule, judge.row_at(0), judge.period_at(last)).unwrap(), expected, "{:?}", finding);
            }
        }
    }
}
