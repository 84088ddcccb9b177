//! What the checker says is so: against every case of a small world.

use crate::at::{PeriodAt, RowAt};
use std::collections::BTreeMap;
use std::ops::Bound;

use proptest::prelude::*;
use quotaflow::band::Interval;
use quotaflow::calendar::{Calendar, Grain};
use quotaflow::key::Key;
use quotaflow::measure::Unit;
use quotaflow::panel::{Column, ColumnKey, Panel, Reason};
use quotaflow::quantity::{Quantum, Ratio};
use quotaflow::rule::check::{Anomaly, Witness, check};
use quotaflow::rule::{
    AtLeast, Comparison, Condition, Constant, Is, Operand, RuleDef, RuleSet, StateTest, Truth,
};
use quotaflow::space::{Axis, Subjects};

mod courses;

/// Every pair of values from the lowest to 4 in halves, or missing, as subjects in one period.
fn world(lowest: i64) -> Panel {
    let values: Vec<Option<i64>> = (lowest..=8).map(Some).chain([None]).collect();
    let pairs: Vec<(Option<i64>, Option<i64>)> = values
        .iter()
        .flat_map(|a| values.iter().map(move |b| (*a, *b)))
        .collect();
    let names = (0..pairs.len())
        .map(|at| Key::new(format!("s{at}")).unwrap())
        .collect();
    let subjects = Subjects::new(Axis::new("case", "case").unwrap(), names).unwrap();
    let month = Calendar::gregorian()
        .periods(
            Grain::Month,
            "2026-01-01".parse().unwrap(),
            "2026-02-01".parse().unwrap(),
        )
        .unwrap();
    let mut panel = Panel::new(subjects, month);
    let half = Quantum::new("0.5".parse().unwrap()).unwrap();
    let mut add = |name: &str, cells: Vec<Option<i64>>| {
        let states: Vec<Option<Reason>> = cells
            .iter()
            .map(|cell| {
                if cell.is_some() {
                    None
                } else {
                    Some(Reason::NothingRecorded)
                }
            })
            .collect();
        let units = cells.into_iter().map(|cell| cell.unwrap_or(0)).collect();
        let column = Column::amounts(name.parse().unwrap(), Unit::Share, half, units);
        panel.add(column.with_reasons(&states).unwrap()).unwrap();
    };
    add("a", pairs.iter().map(|pair| pair.0).collect());
    add("b", pairs.iter().map(|pair| pair.1).collect());
    panel
}

fn name() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["a", "b"])
}

fn is() -> impl Strategy<Value = Is> {
    prop::sample::select(vec![
        Is::Below,
        Is::AtMost,
        Is::Equal,
        Is::NotEqual,
        Is::AtLeast,
        Is::Above,
    ])
}

/// Comparisons of one column with a whole number between -3 and 3: the world holds a case for every region.
fn plain() -> BoxedStrategy<Condition> {
    (
        name(),
        is(),
        -3_i64..4,
        prop::sample::select(vec![1_i128, -1, 2]),
    )
        .prop_map(|(name, is, value, factor)| {
            let left = Operand::metric(name).unwrap();
            let factored = Ratio::new(factor, 1).unwrap();
            let left = if factor == 1 {
                left
            } else {
                left.times(factored)
            };
            let right = Operand::number(Ratio::from(value).checked_mul(factored).unwrap());
            Condition::Compare(Comparison { left, is, right })
        })
        .boxed()
}

/// The same, and what the checker knows less of.
fn any() -> BoxedStrategy<Condition> {
    let operand = prop_oneof![
        name().prop_map(|name| Operand::metric(name).unwrap()),
        Just(
            Operand::metric("a")
                .unwrap()
                .per(Operand::metric("b").unwrap())
        ),
        Just(
            Operand::metric("a")
                .unwrap()
                .less(Operand::metric("b").unwrap())
        ),
        Just(
            Operand::metric("a")
                .unwrap()
                .change(Operand::metric("b").unwrap())
        ),
        (name(), prop::sample::select(vec![-2_i64, 0, 3])).prop_map(|(name, factor)| {
            Operand::metric(name).unwrap().times(Ratio::from(factor))
        }),
        name().prop_map(|name| Operand::FromMedian(Box::new(Operand::metric(name).unwrap()))),
        name().prop_map(|name| Operand::Percentile(Box::new(Operand::metric(name).unwrap()))),
        // A parameter of the same name may be another number in the other rule.
        Just(Operand::parameter("p").unwrap()),
        name().prop_map(|name| {
            let moved = Operand::metric(name)
                .unwrap()
                .less(Operand::parameter("p").unwrap());
            Operand::FromMedian(Box::new(moved))
        }),
        name().prop_map(|name| Operand::metric(name)
            .unwrap()
            .change(Operand::parameter("p").unwrap())),
        (-3_i64..4).prop_map(Operand::number),
    ];
    let states = prop::collection::vec(prop::sample::select(Reason::CELLS.to_vec()), 1..3);
    prop_oneof![
        3 => plain(),
        3 => (operand.clone(), is(), operand).prop_map(|(left, is, right)| left.is(is, right)),
        1 => (name(), states).prop_map(|(of, is)| Condition::State(StateTest { of: of.parse().unwrap(), is })),
        1 => plain().prop_map(|of| of.lasting(1)),
        1 => plain().prop_map(|of| of.within(1, 1)),
    ]
    .boxed()
}

fn condition(leaf: BoxedStrategy<Condition>) -> impl Strategy<Value = Condition> {
    leaf.prop_recursive(3, 10, 3, |inner| {
        let list = || prop::collection::vec(inner.clone(), 1..4);
        prop_oneof![
            list().prop_map(Condition::All),
            list().prop_map(Condition::Any),
            inner.clone().prop_map(Condition::negate),
            (list(), 0_u32..4).prop_map(|(of, count)| {
                let count = count.min(u32::try_from(of.len()).unwrap());
                Condition::AtLeast(AtLeast { count, of })
            }),
        ]
    })
}

fn truths(panel: &Panel, rules: &RuleSet, name: &str) -> Vec<Truth> {
    let judge = rules.over(panel).unwrap();
    (0..panel.subjects().len())
        .map(|at| {
            judge
                .verdict(
                    &Key::new(name).unwrap(),
                    judge.row_at(at),
                    judge.period_at(0),
                )
                .unwrap()
        })
        .collect()
}

/// What is so in the world: never, always, implied both ways, contradicting.
struct Seen {
    never: bool,
    always: bool,
}

fn seen(truths: &[Truth]) -> Seen {
    Seen {
        never: !truths.iter().any(|truth| truth.is_true()),
        always: !truths.iter().any(|truth| truth.is_false()),
    }
}

fn implies(left: &[Truth], right: &[Truth]) -> bool {
    !left
        .iter()
        .zip(right)
        .any(|(left, right)| left.is_true() && right.is_false())
}

/// The first rule has one as its parameter, the second three.
fn set(rules: &mut [RuleDef]) {
    for (rule, value) in rules.iter_mut().zip([1_i64, 3]) {
        let number = Constant {
            value: value.into(),
            unit: None,
        };
        *rule = rule.clone().with("p", number).unwrap();
    }
}

fn findings(
    provided: Option<Condition>,
    a: &Condition,
    b: &Condition,
    panel: &Panel,
    ranges: &BTreeMap<ColumnKey, Interval>,
) -> (Vec<Anomaly>, Vec<Truth>, Vec<Truth>) {
    let mut rules = vec![
        RuleDef::new("first", a.clone()).unwrap(),
        RuleDef::new("second", b.clone()).unwrap(),
    ];
    set(&mut rules);
    rules[0].scope.provided = provided;
    let found = check(&rules, ranges);
    let rules = RuleSet::compile(rules, panel).unwrap();
    let (left, right) = (
        truths(panel, &rules, "first"),
        truths(panel, &rules, "second"),
    );
    (found, left, right)
}

/// Says what two conditions say in a witness; `None` where its values are not whole halves.
fn in_witness(
    witness: &Witness,
    a: &Condition,
    b: &Condition,
    like: &Panel,
) -> Option<(Truth, Truth)> {
    let panel = witness.panel(like)?;
    let mut rules =
        [("first", a), ("second", b)].map(|(name, of)| RuleDef::new(name, of.clone()).unwrap());
    set(&mut rules);
    let rules = RuleSet::compile(rules, &panel).unwrap();
    Some((
        truths(&panel, &rules, "first")[0],
        truths(&panel, &rules, "second")[0],
    ))
}

proptest! {
    #![proptest_config(crate::cases(500))]

    #[test]
    fn nothing_is_found_that_is_not_so(
        a in condition(any()),
        b in condition(any()),
        lowest in prop::sample::select(vec![-8_i64, 0, 1, 4]),
        known in prop::bool::ANY,
        open: bool,
        provided in prop::option::weighted(0.3, condition(plain())),
    ) {
        let panel = world(lowest);
        // The lowest half that is there, or everything above the one before it.
        let half = |number: i64| Ratio::new(i128::from(number), 2).unwrap();
        let lower = if open { Bound::Excluded(half(lowest - 1)) } else { Bound::Included(half(lowest)) };
        let range = Interval::new(lower, Bound::Included(Ratio::from(4))).unwrap();
        let ranges = ["a", "b"].map(|name| (name.parse().unwrap(), range));
        let ranges = BTreeMap::from(ranges).into_iter().filter(|_| known).collect();
        let (found, left, right) = findings(provided.clone(), &a, &b, &panel, &ranges);
        let of = |rule: &Key| if *rule == "first" { &left } else { &right };
        for finding in &found {
            match finding {
                Anomaly::Never { rule } => prop_assert!(seen(of(rule)).never, "{}", a),
                Anomaly::Always { rule, .. } => {
                    // True of everybody whom the rule concerns.
                    let others = [("first", provided.clone()), ("second", None)];
                    let (_, others) = others.iter().find(|(name, _)| *rule == *name).unwrap();
                    let other = others.clone().map(|of| of.and(a.clone().negate()));
                    let never = match other {
                        Some(other) => seen(&findings(None, &other, &b, &panel, &ranges).1).never,
                        None => seen(of(rule)).always,
                    };
                    prop_assert!(never, "{}", a);
                }
                Anomaly::Duplicate { rule, other, .. } => {
                    prop_assert!(implies(of(rule), of(other)) && implies(of(other), of(rule)), "{} | {}", a, b);
                }
                Anomaly::Implies { rule, other, .. } => prop_assert!(implies(of(rule), of(other)), "{} | {}", a, b),
                Anomaly::Contradict { rule, other, .. } => {
                    prop_assert!(!of(rule).iter().zip(of(other)).any(|(x, y)| x.is_true() && y.is_true()), "{} | {}", a, b);
                }
                // The condition is made with a parameter that it may not read.
                Anomaly::UnusedParameter { .. } => continue,
                other => prop_assert!(false, "{:?}", other),
            }
            // A witness shows what it is said to show.
            let a = match &provided {
                Some(provided) => provided.clone().and(a.clone()),
                None => a.clone(),
            };
            let shown = |witness: &Option<Witness>| witness.as_ref().and_then(|it| in_witness(it, &a, &b, &panel));
            let first = |rule: &Key, (x, y): (Truth, Truth)| if *rule == "first" { (x, y) } else { (y, x) };
            match finding {
                Anomaly::Always { rule, witness } => if let Some(both) = shown(witness) {
                    prop_assert_eq!(first(rule, both).0, Truth::True);
                },
                Anomaly::Duplicate { witness, .. } => if let Some(both) = shown(witness) {
                    prop_assert_eq!(both, (Truth::True, Truth::True));
                },
                Anomaly::Implies { rule, witness, .. } => if let Some(both) = shown(witness) {
                    prop_assert_eq!(first(rule, both), (Truth::False, Truth::True));
                },
                Anomaly::Contradict { rule, witness, .. } => if let Some(both) = shown(witness) {
                    prop_assert_eq!(first(rule, both), (Truth::True, Truth::False));
                },
                _ => {}
            }
        }
    }

    #[test]
    fn among_comparisons_with_numbers_everything_is_found(a in condition(plain()), b in condition(plain())) {
        let panel = world(-8);
        let (found, left, right) = findings(None, &a, &b, &panel, &BTreeMap::new());
        let has = |wanted: &dyn Fn(&Anomaly) -> bool| found.iter().any(wanted);
        let key = |text: &str| Key::new(text).unwrap();
        let plain = |name: &str, truths: &[Truth]| {
            let seen = seen(truths);
            let said = has(&|finding| matches!(finding, Anomaly::Never { rule } if *rule == name));
            assert_eq!(said, seen.never, "{a} | {b}");
            if !seen.never {
                let said = has(&|finding| matches!(finding, Anomaly::Always { rule, .. } if *rule == name));
                assert_eq!(said, seen.always, "{a} | {b}");
            }
            !seen.never && !seen.always
        };
        let (first, second) = (plain("first", &left), plain("second", &right));
        if first && second {
            let (forward, backward) = (implies(&left, &right), implies(&right, &left));
            let both = left.iter().zip(&right).any(|(x, y)| x.is_true() && y.is_true());
            let expected = match (forward, backward) {
                _ if !both => Some("contradict"),
                (true, true) => Some("duplicate"),
                (true, false) | (false, true) => Some("implies"),
                (false, false) => None,
            };
            let related = found.iter().filter(|finding| !matches!(finding, Anomaly::UnusedParameter { .. }));
            let said = related.map(|finding| match finding {
                Anomaly::Duplicate { .. } => "duplicate",
                Anomaly::Implies { rule, .. } => {
                    assert_eq!(*rule == key("first"), forward);
                    "implies"
                }
                Anomaly::Contradict { .. } => "contradict",
                _ => "else",
            }).next();
            prop_assert_eq!(said, expected, "{} | {}", a, b);
        }
        // Where a case exists, one is found: the world holds one for every region.
        for finding in &found {
            let (Anomaly::Always { witness, .. }
            | Anomaly::Duplicate { witness, .. }
            | Anomaly::Implies { witness, .. }) = finding
            else {
                continue;
            };
            prop_assert!(witness.is_some(), "{:?}: {} | {}", finding, a, b);
        }
    }
}
