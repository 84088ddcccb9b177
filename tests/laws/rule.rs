//! Laws of conditions and rules, against an interpreter that reads the data directly.

use crate::at::{PeriodAt, RowAt};
use proptest::prelude::*;
use quotaflow::band::{Bands, Owner};
use quotaflow::calendar::{Calendar, Grain};
use quotaflow::key::Key;
use quotaflow::measure::Unit;
use quotaflow::panel::{Column, ColumnKey, Panel, Reason, Role};
use quotaflow::quantity::{Quantum, Ratio};
use quotaflow::rule::{
    AtLeast, Between, Comparison, Condition, Consecutive, Grade, Grading, Is, Operand, Persistence,
    Previous, Quotient, RuleDef, RuleSet, Scaled, Scope, Severity, Silence, StateTest, SubjectTest,
    TrailingMean, Trend, Truth, Way, WhenUnknown, WhyUnknown, Within,
};
use quotaflow::space::{Axis, RowId, Subjects};

/// Columns of a small panel: cells are `(value, second value, state)`.
pub(crate) type Cells = Vec<(i64, i64, u8)>;

pub(crate) const PERIODS: usize = 5;
const SEVERITIES: [Severity; 4] = [
    Severity::Info,
    Severity::Warning,
    Severity::Serious,
    Severity::Critical,
];
pub(crate) const METRICS: [&str; 3] = ["m0", "m1", "m2"];

/// Three metrics in three roles; `m0` in cents, `m1` in whole units, `m2` a quotient of cents per piece.
pub(crate) fn panel(cells: &[Cells], subjects: usize) -> Panel {
    panel_ordered(cells, &(0..subjects).collect::<Vec<_>>())
}

pub(crate) fn panel_ordered(cells: &[Cells], order: &[usize]) -> Panel {
    panel_grown(cells, order, PERIODS)
}

/// The same as it stands after so many of its periods.
pub(crate) fn panel_grown(cells: &[Cells], order: &[usize], periods: usize) -> Panel {
    let names = order
        .iter()
        .map(|at| Key::new(format!("s{at}")).unwrap())
        .collect();
    let subjects = Subjects::new(Axis::new("person", "person").unwrap(), names).unwrap();
    let from = "2026-01-01".parse().unwrap();
    let to = format!("2026-{:02}-01", periods + 1).parse().unwrap();
    let months = Calendar::gregorian()
        .periods(Grain::Month, from, to)
        .unwrap();
    let mut panel = Panel::new(subjects, months);
    let mut next = cells.iter();
    for (index, metric) in METRICS.iter().enumerate() {
        for role in [Role::Actual, Role::Target, Role::Expected] {
            let key = ColumnKey {
                metric: Key::new(metric).unwrap(),
                role,
            };
            let source = next.next().unwrap();
            let count = source.len() / PERIODS;
            let mut picked = Cells::new();
            for period in 0..periods {
                picked.extend(order.iter().map(|subject| source[period * count + subject]));
            }
            let states: Vec<Option<Reason>> = picked
                .iter()
                .map(|cell| Reason::CELLS[usize::from(cell.2)])
                .collect();
            let first = picked.iter().map(|cell| cell.0).collect();
            let column = match index {
                0 => Column::amounts(key, Unit::Share, Quantum::CENT, first),
                1 => Column::amounts(key, Unit::Share, Quantum::ONE, first),
                _ => {
                    let second = picked.iter().map(|cell| cell.1).collect();
                    let scale = "0.01".parse().unwrap();
                    Column::quotients(key, Unit::Share, scale, first, second).unwrap()
                }
            };
            panel.add(column.with_reasons(&states).unwrap()).unwrap();
        }
    }
    panel
}

pub(crate) fn cells(subjects: usize) -> impl Strategy<Value = Vec<Cells>> {
    let state = prop_oneof![6 => Just(0_u8), 1 => 1_u8..6];
    let value = prop_oneof![8 => -4_i64..5, 1 => -400_i64..400, 1 => any::<i64>()];
    let cell = (value, -2_i64..4, state);
    prop::collection::vec(
        prop::collection::vec(cell, subjects * PERIODS),
        METRICS.len() * 3,
    )
}

fn metric() -> impl Strategy<Value = Key> {
    prop::sample::select(METRICS.to_vec()).prop_map(|name| Key::new(name).unwrap())
}

fn ratio() -> impl Strategy<Value = Ratio> {
    (-6_i128..7, 1_i128..5).prop_map(|(top, bottom)| Ratio::new(top, bottom).unwrap())
}

pub(crate) fn operand() -> impl Strategy<Value = Operand> {
    let leaf = prop_oneof![
        2 => ratio().prop_map(Operand::number),
        3 => metric().prop_map(Operand::Metric),
        1 => metric().prop_map(Operand::Target),
        1 => metric().prop_map(Operand::Expected),
        1 => metric().prop_map(Operand::Attainment),
        1 => metric().prop_map(Operand::Pace),
        1 => metric().prop_map(Operand::Gap),
    ];
    leaf.prop_recursive(2, 6, 2, |inner| {
        let boxed = || inner.clone().prop_map(Box::new);
        prop_oneof![
            (boxed(), boxed()).prop_map(|(of, to)| Operand::Ratio(Quotient { of, to })),
            (boxed(), boxed()).prop_map(|(of, less)| Operand::Difference { of, less }),
            (boxed(), boxed()).prop_map(|(of, against)| Operand::Change { of, against }),
            (ratio(), boxed()).prop_map(|(factor, of)| Operand::Scaled(Scaled { factor, of })),
            (boxed(), 1_u16..4).prop_map(|(of, back)| Operand::Previous(Previous {
                of,
                span: back.into()
            })),
            (boxed(), 1_u16..4, prop::option::of(1_u16..3)).prop_map(|(of, count, known)| {
                let known = known.map(|known| known.min(count));
                Operand::TrailingMean(TrailingMean {
                    of,
                    span: count.into(),
                    known,
                })
            }),
        ]
    })
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

fn column() -> impl Strategy<Value = ColumnKey> {
    let role = prop::sample::select(vec![Role::Actual, Role::Target, Role::Expected]);
    (metric(), role).prop_map(|(metric, role)| ColumnKey { metric, role })
}

pub(crate) fn condition() -> impl Strategy<Value = Condition> {
    let states = prop::collection::vec(0_usize..6, 1..3);
    let leaf = prop_oneof![
        6 => (operand(), is(), operand()).prop_map(|(left, is, right)| Condition::Compare(Comparison { left, is, right })),
        1 => (operand(), operand(), operand()).prop_map(|(of, from, to)| Condition::Between(Between { of, from, to })),
        1 => (column(), states).prop_map(|(of, states)| {
            Condition::State(StateTest { of, is: states.into_iter().map(|at| Reason::CELLS[at]).collect() })
        }),
        1 => (column(), 1_u16..4).prop_map(|(of, span)| Condition::Stale(Silence { of, span: span.into() })),
        1 => (column(), 1_u16..4).prop_map(|(of, span)| Condition::Late(Silence { of, span: span.into() })),
        1 => Just(Condition::Subject(SubjectTest { members: vec![Key::new("s1").unwrap()], starts_with: vec![] })),
        1 => (operand(), any::<bool>(), 1_u16..3).prop_map(|(of, up, span)| {
            Condition::Trend(Trend { of, is: if up { Way::Rising } else { Way::Falling }, span: span.into() })
        }),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        let list = || prop::collection::vec(inner.clone(), 1..4);
        prop_oneof![
            list().prop_map(Condition::All),
            list().prop_map(Condition::Any),
            inner.clone().prop_map(Condition::negate),
            (list(), 0_u32..4).prop_map(|(of, count)| {
                let count = count.min(u32::try_from(of.len()).unwrap());
                Condition::AtLeast(AtLeast { count, of })
            }),
            (inner.clone(), 1_u16..4).prop_map(|(of, span)| {
                Condition::Consecutive(Consecutive {
                    span: span.into(),
                    of: Box::new(of),
                })
            }),
            (inner.clone(), 1_u16..4, 0_u16..4).prop_map(|(of, span, count)| {
                Condition::Within(Within {
                    count: count.min(span),
                    span: span.into(),
                    of: Box::new(of),
                })
            }),
        ]
    })
}

// The interpreter: reads the document, works in ratios that are always reduced, knows no columns and no short cuts.

type Found = Result<Ratio, WhyUnknown>;

fn cell(panel: &Panel, metric: &Key, role: Role, subject: usize, period: usize) -> Found {
    let key = ColumnKey {
        metric: metric.clone(),
        role,
    };
    let answer = panel
        .answer(&key, panel.row_at(subject), panel.period_at(period))
        .unwrap();
    match answer.reason().map(WhyUnknown::Missing) {
        Some(reason) => Err(reason),
        None => Ok(answer.ratio().unwrap()),
    }
}

fn out<E>(_: E) -> WhyUnknown {
    WhyUnknown::Missing(Reason::OutOfRange)
}

fn quotient(of: Found, to: impl FnOnce() -> Found) -> Found {
    let (of, to) = (of?, to()?);
    if to.is_zero() {
        Err(WhyUnknown::Missing(Reason::NoBase))
    } else {
        of.checked_div(to).map_err(out)
    }
}

pub(crate) fn value(panel: &Panel, operand: &Operand, subject: usize, period: usize) -> Found {
    let at = |operand: &Operand| value(panel, operand, subject, period);
    let read = |metric: &Key, role| cell(panel, metric, role, subject, period);
    match operand {
        Operand::Constant(constant) => Ok(constant.value),
        Operand::Metric(metric) => read(metric, Role::Actual),
        Operand::Target(metric) => read(metric, Role::Target),
        Operand::Expected(metric) => read(metric, Role::Expected),
        Operand::Attainment(metric) => {
            quotient(read(metric, Role::Actual), || read(metric, Role::Target))
        }
        Operand::Pace(metric) => {
            quotient(read(metric, Role::Expected), || read(metric, Role::Target))
        }
        Operand::Gap(metric) => read(metric, Role::Actual)?
            .checked_sub(read(metric, Role::Target)?)
            .map_err(out),
        Operand::Ratio(Quotient { of, to }) => quotient(at(of), || at(to)),
        Operand::Difference { of, less } => at(of)?.checked_sub(at(less)?).map_err(out),
        Operand::Scaled(Scaled { factor, of }) => at(of)?.checked_mul(*factor).map_err(out),
        Operand::Previous(Previous { of, span }) => {
            match period.checked_sub(usize::from(span.count)) {
                Some(earlier) => value(panel, of, subject, earlier),
                None => Err(WhyUnknown::NoHistory),
            }
        }
        Operand::Change { of, against } => {
            let (of, against) = (at(of)?, at(against)?);
            if against <= Ratio::ZERO {
                return Err(WhyUnknown::Missing(Reason::NoBase));
            }
            of.checked_sub(against)
                .and_then(|moved| moved.checked_div(against))
                .map_err(out)
        }
        Operand::TrailingMean(TrailingMean { of, span, known }) => {
            let values: Vec<Found> = (1..=usize::from(span.count))
                .map(|back| match period.checked_sub(back) {
                    Some(earlier) => value(panel, of, subject, earlier),
                    None => Err(WhyUnknown::NoHistory),
                })
                .collect();
            let there: Vec<Ratio> = values.iter().filter_map(|value| value.ok()).collect();
            if there.is_empty() {
                return values[0];
            }
            if there.len() < usize::from(known.unwrap_or(span.count)) {
                return Err(WhyUnknown::TooFew);
            }
            let sum = there
                .iter()
                .try_fold(Ratio::ZERO, |sum, value| sum.checked_add(*value))
                .map_err(out)?;
            sum.checked_div(Ratio::from(i64::try_from(there.len()).unwrap()))
                .map_err(out)
        }
        other => panic!("{other:?} is not generated"),
    }
}

fn truth(panel: &Panel, condition: &Condition, subject: usize, period: usize) -> Truth {
    let at = |condition: &Condition| truth(panel, condition, subject, period);
    let compared = |left: &Operand, is: Is, right: &Operand| match (
        value(panel, left, subject, period),
        value(panel, right, subject, period),
    ) {
        (Ok(left), Ok(right)) => Truth::from(is.holds(left.cmp(&right))),
        (Err(reason), _) | (_, Err(reason)) => Truth::Unknown(reason),
    };
    let over = |count: u16, periods: u16, of: &dyn Fn(usize) -> Truth| {
        Truth::at_least(
            u32::from(count),
            (0..usize::from(periods)).map(|back| match period.checked_sub(back) {
                Some(earlier) => of(earlier),
                None => Truth::Unknown(WhyUnknown::NoHistory),
            }),
        )
    };
    let silent = |of: &ColumnKey, period: usize| {
        Truth::from(
            panel
                .answer(of, panel.row_at(subject), panel.period_at(period))
                .unwrap()
                .reason()
                == Some(Reason::NothingRecorded),
        )
    };
    match condition {
        Condition::Compare(Comparison { left, is, right }) => compared(left, *is, right),
        Condition::Between(Between { of, from, to }) => {
            compared(of, Is::AtLeast, from).and(compared(of, Is::AtMost, to))
        }
        Condition::State(StateTest { of, is }) => Truth::from(
            is.contains(
                &panel
                    .answer(of, panel.row_at(subject), panel.period_at(period))
                    .unwrap()
                    .reason(),
            ),
        ),
        Condition::Stale(Silence { of, span }) => {
            over(span.count, span.count, &|period| silent(of, period))
        }
        Condition::Late(Silence { of, span }) => over(1, span.count, &|period| silent(of, period)),
        Condition::Subject(test) => Truth::from(
            test.members
                .contains(&panel.subjects().members(panel.subjects().row_at(subject))[0]),
        ),
        Condition::All(all) => all
            .iter()
            .fold(Truth::True, |truth, each| truth.and(at(each))),
        Condition::Any(any) => any
            .iter()
            .fold(Truth::False, |truth, each| truth.or(at(each))),
        Condition::Not(of) => at(of).negate(),
        Condition::AtLeast(AtLeast { count, of }) => Truth::at_least(*count, of.iter().map(at)),
        Condition::Consecutive(Consecutive { span, of }) => {
            over(span.count, span.count, &|period| {
                truth(panel, of, subject, period)
            })
        }
        Condition::Within(Within { count, span, of }) => over(*count, span.count, &|period| {
            truth(panel, of, subject, period)
        }),
        Condition::Trend(Trend { of, is, span }) => {
            let is = if *is == Way::Rising {
                Is::Above
            } else {
                Is::Below
            };
            let moved = |period: usize| {
                let now = value(panel, of, subject, period);
                let before = match period.checked_sub(1) {
                    Some(earlier) => value(panel, of, subject, earlier),
                    None => Err(WhyUnknown::NoHistory),
                };
                match (now, before) {
                    (Ok(now), Ok(before)) => Truth::from(is.holds(now.cmp(&before))),
                    (Err(reason), _) | (_, Err(reason)) => Truth::Unknown(reason),
                }
            };
            over(span.count, span.count, &moved)
        }
        other => panic!("{other:?} is not generated"),
    }
}

/// Two answers agree; a number that one way of counting cannot hold, the other may still hold.
fn agree(found: Truth, expected: Truth) -> bool {
    found == expected
        || found == Truth::Unknown(WhyUnknown::Missing(Reason::OutOfRange))
        || expected == Truth::Unknown(WhyUnknown::Missing(Reason::OutOfRange))
}

fn compiled(rule: RuleDef, panel: &Panel) -> RuleSet {
    RuleSet::compile(vec![rule], panel).unwrap()
}

/// Whether some part of a condition, as text, is about more than one period.
fn asks_for_several_periods(condition: &str) -> bool {
    let words = [" for ", " in ", " falling", " rising", "stale(", "late("];
    words.iter().any(|word| condition.contains(word))
}

proptest! {
    #![proptest_config(crate::cases(600))]

    #[test]
    fn compiled_conditions_say_what_the_document_says(cells in cells(3), condition in condition()) {
        let panel = panel(&cells, 3);
        let rules = compiled(RuleDef::new("r", condition.clone()).unwrap(), &panel);
        let (judge, key) = (rules.over(&panel).unwrap(), Key::new("r").unwrap());
        for subject in 0..3 {
            for period in 0..PERIODS {
                let found = judge.truth(&key, judge.row_at(subject), judge.period_at(period)).unwrap();
                let expected = truth(&panel, &condition, subject, period);
                prop_assert!(agree(found, expected), "subject {} period {}: {} but {}", subject, period, found, expected);
                let account = judge.account(&key, judge.row_at(subject), judge.period_at(period)).unwrap();
                prop_assert!(agree(account.truth(), found), "{:?}", account);
            }
        }
    }

    #[test]
    fn explained_values_are_those_of_the_document(cells in cells(2), left in operand(), right in operand(), is in is()) {
        let panel = panel(&cells, 2);
        let condition = left.clone().is(is, right.clone());
        let rules = compiled(RuleDef::new("r", condition).unwrap(), &panel);
        let (judge, key) = (rules.over(&panel).unwrap(), Key::new("r").unwrap());
        for period in 0..PERIODS {
            let account = judge.account(&key, judge.row_at(1), judge.period_at(period)).unwrap();
            account.evidence().comparisons(&mut |found_left, _, found_right, _| {
                for (found, operand) in [(found_left, &left), (found_right, &right)] {
                    let expected = value(&panel, operand, 1, period);
                    let both = (found.value().ok(), expected.ok());
                    assert!(matches!(both, (None, _) | (_, None)) || both.0 == both.1, "{both:?}");
                    assert!(found.value().err() == expected.err() || found.value().err() == Some(WhyUnknown::Missing(Reason::OutOfRange))
                        || expected.err() == Some(WhyUnknown::Missing(Reason::OutOfRange)));
                }
            });
        }
    }

    #[test]
    fn negation_and_de_morgan_hold_in_every_cell(cells in cells(2), a in condition(), b in condition()) {
        let panel = panel(&cells, 2);
        let pairs = [
            (a.clone().negate().negate(), a.clone()),
            (a.clone().and(b.clone()).negate(), a.clone().negate().or(b.clone().negate())),
            (a.clone().or(b.clone()).negate(), a.clone().negate().and(b.clone().negate())),
        ];
        for (left, right) in pairs {
            let rules = vec![RuleDef::new("left", left).unwrap(), RuleDef::new("right", right).unwrap()];
            let rules = RuleSet::compile(rules, &panel).unwrap();
            let judge = rules.over(&panel).unwrap();
            for period in 0..PERIODS {
                let say = |name: &str| judge.truth(&Key::new(name).unwrap(), judge.row_at(1), judge.period_at(period)).unwrap();
                let (left, right) = (say("left"), say("right"));
                prop_assert_eq!((left.is_true(), left.is_false()), (right.is_true(), right.is_false()));
            }
        }
    }

    #[test]
    fn the_order_of_subjects_changes_nothing(cells in cells(4), condition in condition(), order in Just(vec![0_usize, 1, 2, 3]).prop_shuffle()) {
        let (straight, shuffled) = (panel(&cells, 4), panel_ordered(&cells, &order));
        let rules = compiled(RuleDef::new("r", condition).unwrap(), &straight);
        for period in 0..PERIODS {
            let mut found: Vec<_> = rules.evaluate(&shuffled, shuffled.period_at(period)).unwrap();
            found.sort_by_key(|alert| order[alert.subject().index()]);
            let expected = rules.evaluate(&straight, straight.period_at(period)).unwrap();
            prop_assert_eq!(found.len(), expected.len());
            for (found, expected) in found.iter().zip(&expected) {
                prop_assert_eq!(found.members(), expected.members());
                prop_assert_eq!(found.since(), expected.since());
            }
        }
    }

    #[test]
    fn alerts_are_the_cells_whose_condition_lasted(
        cells in cells(3),
        condition in condition(),
        lasting in prop_oneof![Just(Persistence::Immediate), (1_u16..4).prop_map(|n| Persistence::Periods(n.into())), (0_u32..70).prop_map(Persistence::Days)],
        unknown in prop::sample::select(vec![WhenUnknown::Wait, WhenUnknown::Report, WhenUnknown::Fire]),
        from in prop::option::of(1_u32..5),
    ) {
        let panel = panel(&cells, 3);
        let text = condition.to_string();
        let from = from.map(chrono_day);
        let rule = RuleDef::new("r", condition).unwrap().lasting(lasting).when_unknown(unknown)
            .within(Scope { from, ..Scope::default() });
        let rules = compiled(rule, &panel);
        let (judge, key) = (rules.over(&panel).unwrap(), Key::new("r").unwrap());
        let starts: Vec<_> = panel.periods().iter().map(|period| period.start).collect();
        for period in 0..PERIODS {
            let alerts = judge.evaluate(judge.period_at(period)).unwrap();
            for subject in 0..3 {
                // Word by word: walk back from this period while it is true.
                let says = |at: usize| match (judge.truth(&key, judge.row_at(subject), judge.period_at(at)).unwrap(), unknown) {
                    _ if from.is_some_and(|from| starts[at] < from) => Truth::False,
                    (Truth::Unknown(_), WhenUnknown::Fire) => Truth::True,
                    (other, _) => other,
                };
                let enough = |first: usize| match lasting {
                    Persistence::Immediate => true,
                    Persistence::Periods(span) => period - first + 1 >= usize::from(span.count),
                    Persistence::Days(days) => (starts[period] - starts[first]).num_days() >= i64::from(days),
                };
                let (mut row, mut expected) = (Truth::True, None);
                for first in (0..=period).rev() {
                    row = row.and(says(first));
                    if enough(first) || row.is_false() {
                        expected = Some(row);
                        break;
                    }
                }
                let expected = expected.unwrap_or(row.and(Truth::Unknown(WhyUnknown::NoHistory)));
                let found = judge.verdict(&key, judge.row_at(subject), judge.period_at(period)).unwrap();
                prop_assert_eq!(found.is_true(), expected.is_true());
                prop_assert_eq!(found.is_false(), expected.is_false());
                let raised = expected.is_true() || (expected.is_unknown() && unknown == WhenUnknown::Report);
                let alert = alerts.iter().find(|alert| alert.subject().index() == subject);
                prop_assert_eq!(alert.is_some(), raised);
                if let Some(alert) = alert && expected.is_true() {
                    let first = (0..=period).rev().take_while(|at| says(*at).is_true()).last().unwrap_or(period);
                    // A condition over several periods began with the first of them, before it was so.
                    prop_assert!(alert.since().index() <= first);
                    prop_assert!(alert.since().index() == first || asks_for_several_periods(&text));
                }
            }
        }
    }

    /// Severity by size is monotone where the bands are: of two deviations the larger is never told as the milder.
    #[test]
    fn a_larger_deviation_is_never_milder(
        edges in prop::collection::btree_set(-300_i64..300, 1..6),
        grades in prop::collection::vec(0_usize..4, 6),
        upper in any::<bool>(),
        values in prop::collection::vec(-400_i64..400, 3 * PERIODS),
    ) {
        let mut grades: Vec<Severity> = grades.iter().map(|at| SEVERITIES[*at]).collect();
        grades.sort_unstable();
        let edges: Vec<Ratio> = edges.into_iter().map(|edge| Ratio::new(edge.into(), 100).unwrap()).collect();
        let owner = if upper { Owner::Upper } else { Owner::Lower };
        let rows = edges.iter().copied().zip(grades[1..].iter().copied()).collect();
        let bands = Bands::from_edges(grades[0], rows, owner).unwrap();
        let of = Operand::Metric(Key::new("m0").unwrap());
        let bands = Grading { of: of.clone(), bands, unknown: Severity::Info };
        let cells = vec![values.iter().map(|value| (*value, 1, 0)).collect(); METRICS.len() * 3];
        let panel = panel(&cells, 3);
        let always = of.clone().is(Is::AtLeast, of);
        let rules = compiled(RuleDef::new("r", always).unwrap().severity(Grade::By(bands)), &panel);
        for period in 0..PERIODS {
            let alerts = rules.evaluate(&panel, panel.period_at(period)).unwrap();
            prop_assert_eq!(alerts.len(), 3);
            for (left, right) in alerts.iter().flat_map(|left| alerts.iter().map(move |right| (left, right))) {
                let size = |subject: usize| values[period * 3 + subject];
                if size(left.subject().index()) <= size(right.subject().index()) {
                    prop_assert!(left.severity() <= right.severity(), "{left:?} {right:?}");
                }
                // Word by word: the last edge below the value, or at it where an edge belongs to what lies above.
                let value = Ratio::new(size(left.subject().index()).into(), 100).unwrap();
                let below = edges.iter().filter(|edge| **edge < value || (upper && **edge == value)).count();
                prop_assert_eq!(left.severity(), grades[below]);
            }
        }
    }

    #[test]
    fn documents_read_back(condition in condition()) {
        let text = serde_json::to_string(&condition).unwrap();
        prop_assert_eq!(serde_json::from_str::<Condition>(&text).unwrap(), condition);
    }
}

fn chrono_day(month: u32) -> chrono::NaiveDate {
    format!("2026-{month:02}-01").parse().unwrap()
}

proptest! {
    #![proptest_config(crate::cases(60))]

    /// More subjects than fit one block, and numbers at the ends of the range.
    #[test]
    fn a_scan_of_columns_says_what_each_cell_says(
        cells in cells(7),
        conditions in prop::collection::vec(condition(), 1..4),
        extra in 0_usize..40,
        spread in prop::collection::vec(0_usize..7, 64),
        large in any::<bool>(),
    ) {
        let subjects = 1024 + extra;
        let wide: Vec<Cells> = cells
            .iter()
            .map(|cells| {
                let mut all = Cells::new();
                for period in 0..PERIODS {
                    for subject in 0..subjects {
                        let (value, second, state) = cells[period * 7 + spread[subject % 61]];
                        // Without the largest numbers a block takes the quick way.
                        let value = if large { value } else { value % 1_000 };
                        all.push((value, second, state));
                    }
                }
                all
            })
            .collect();
        let panel = panel(&wide, subjects);
        let defs = conditions.into_iter().enumerate().map(|(at, condition)| RuleDef::new(&format!("r{at}"), condition).unwrap());
        let rules = RuleSet::compile(defs, &panel).unwrap();
        let judge = rules.over(&panel).unwrap();
        for period in [0, 2, 4] {
            let verdicts = judge.scan(judge.period_at(period)).unwrap();
            for rule in rules.rules() {
                let at = rule.key.as_str();
                let fired: Vec<usize> = verdicts.fired(at).unwrap().map(RowId::index).collect();
                let undecided: Vec<usize> = verdicts.undecided(at).unwrap().map(RowId::index).collect();
                prop_assert_eq!((fired.len(), undecided.len()), (verdicts.count(at).unwrap(), verdicts.count_undecided(at).unwrap()));
                let mut expected = (Vec::new(), Vec::new());
                for subject in 0..subjects {
                    match judge.truth(&rule.key, judge.row_at(subject), judge.period_at(period)).unwrap() {
                        Truth::True => expected.0.push(subject),
                        Truth::Unknown(_) => expected.1.push(subject),
                        Truth::False => {}
                    }
                    prop_assert_eq!(verdicts.fires(at, judge.row_at(subject)).unwrap(), expected.0.last() == Some(&subject));
                }
                prop_assert_eq!((fired, undecided), expected);
            }
        }
    }
}
