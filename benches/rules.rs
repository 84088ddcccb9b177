//! Twenty rules over a hundred thousand subjects: the library beside what one would write by hand.
//!
//! The rules are loaded from their document. Every line does the same two million evaluations and finds the same
//! 549,746 hits; the counter is evaluations, so that lines compare as they stand.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a bench that cannot go on has failed"
)]

use std::hint::black_box;

use chrono::NaiveDateTime;
use divan::counter::ItemsCount;
use divan::{Bencher, Divan};
use quotaflow::alert::Monitor;
use quotaflow::calendar::{Calendar, Grain, PeriodId};
use quotaflow::key::Key;
use quotaflow::panel::{Column, ColumnKey, Panel};
use quotaflow::quantity::Quantum;
use quotaflow::rule::{Keep, Life, Persistence, RulePack, RuleSet};
use quotaflow::space::{Axis, Subjects};
use rust_decimal::Decimal;

const SUBJECTS: usize = 100_000;
const METRICS: usize = 12;
const RULES: usize = 20;
const HITS: u64 = 549_746;

fn main() {
    Divan::from_args().main();
}

/// Hundredths from 0.01 to 1000.00, from a fixed stream.
fn rows() -> Vec<[i64; METRICS]> {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        i64::try_from((state >> 20) % 100_000).unwrap() + 1
    };
    (0..SUBJECTS)
        .map(|_| std::array::from_fn(|_| next()))
        .collect()
}

/// A period for each rotation of the rows: period `p` shows row `s + 7919 p` for subject `s`.
fn panel(rows: &[[i64; METRICS]], periods: u32) -> Panel {
    let names = (0..SUBJECTS)
        .map(|at| Key::new(format!("s{at:06}")).unwrap())
        .collect();
    let subjects = Subjects::new(Axis::new("person", "person").unwrap(), names).unwrap();
    let from = "2026-01-01".parse().unwrap();
    let to = if periods == 1 {
        "2026-02-01"
    } else {
        "2027-01-01"
    }
    .parse()
    .unwrap();
    let months = Calendar::gregorian()
        .periods(Grain::Month, from, to)
        .unwrap();
    let mut panel = Panel::new(subjects, months);
    for metric in 0..METRICS {
        let mut units = Vec::with_capacity(rows.len() * periods as usize);
        for period in 0..periods as usize {
            units.extend((0..rows.len()).map(|at| rows[(at + period * 7919) % rows.len()][metric]));
        }
        let key = ColumnKey::actual(&format!("f{metric}")).unwrap();
        panel
            .add(Column::amounts(
                key,
                "money:EUR".parse().unwrap(),
                Quantum::CENT,
                units,
            ))
            .unwrap();
    }
    panel
}

#[derive(Clone, Copy)]
enum Test {
    One(usize, &'static str, i64),
    And([(usize, &'static str, i64); 2]),
    Or([(usize, &'static str, i64); 2]),
    Ratio(usize, usize, &'static str, i64),
}

const TESTS: [Test; RULES] = [
    Test::One(0, "<", 5_000),
    Test::One(1, ">=", 12_000),
    Test::One(2, ">", 30_050),
    Test::One(3, "<=", 1_000),
    Test::One(4, "<", 525),
    Test::One(5, ">", 90_000),
    Test::One(6, ">=", 75_025),
    Test::One(7, "<", 2_050),
    Test::And([(0, "<", 50_000), (1, ">", 10_025)]),
    Test::And([(2, ">", 30_000), (3, "<", 20_000)]),
    Test::Or([(4, "<", 5_000), (5, ">", 90_050)]),
    Test::Or([(6, ">", 50_075), (7, "<", 1_000)]),
    Test::And([(8, ">", 40_025), (9, "<", 60_000)]),
    Test::Or([(10, "<", 1_025), (11, ">", 90_000)]),
    Test::Ratio(8, 9, "<", 80),
    Test::Ratio(10, 11, ">", 120),
    Test::Ratio(0, 1, "<", 50),
    Test::Ratio(2, 3, ">=", 200),
    Test::Ratio(4, 5, "<", 1),
    Test::Ratio(8, 1, ">", 110),
];

/// The rules as the document that a host would load.
fn document() -> String {
    let number = |hundredths: i64| format!("\"{}.{:02}\"", hundredths / 100, hundredths % 100);
    let sign = |sign: &str| match sign {
        "<" => "below",
        "<=" => "at_most",
        ">=" => "at_least",
        _ => "above",
    };
    let compare = |(metric, is, bound): (usize, &str, i64)| {
        format!(
            r#"{{"compare": {{"left": {{"metric": "f{metric}"}}, "is": "{}", "right": {{"constant": {{"value": {}}}}}}}}}"#,
            sign(is),
            number(bound)
        )
    };
    let rules: Vec<String> = TESTS
        .iter()
        .enumerate()
        .map(|(at, test)| {
            let when = match test {
                Test::One(metric, is, bound) => compare((*metric, is, *bound)),
                Test::And([a, b]) => format!(r#"{{"all": [{}, {}]}}"#, compare(*a), compare(*b)),
                Test::Or([a, b]) => format!(r#"{{"any": [{}, {}]}}"#, compare(*a), compare(*b)),
                Test::Ratio(of, to, is, bound) => format!(
                    r#"{{"compare": {{"left": {{"ratio": {{"of": {{"metric": "f{of}"}}, "to": {{"metric": "f{to}"}}}}}}, "is": "{}", "right": {{"constant": {{"value": {}}}}}}}}}"#,
                    sign(is),
                    number(*bound)
                ),
            };
            format!(r#"{{"key": "r{at}", "when": {when}}}"#)
        })
        .collect();
    format!(
        r#"{{"version": 1, "key": "twenty", "rules": [{}]}}"#,
        rules.join(", ")
    )
}

fn compiled(panel: &Panel) -> RuleSet {
    let pack: RulePack = serde_json::from_str(&document()).unwrap();
    RuleSet::compile(pack.rules, panel).unwrap()
}

/// The first period of a panel.
fn first(panel: &Panel) -> PeriodId {
    panel.periods().ids().next().unwrap()
}

fn hits(masks: &[u32]) -> u64 {
    masks.iter().map(|mask| u64::from(mask.count_ones())).sum()
}

fn evaluations(periods: usize) -> ItemsCount {
    ItemsCount::new(SUBJECTS * RULES * periods)
}

#[divan::bench]
fn library(bencher: Bencher<'_, '_>) {
    let panel = panel(&rows(), 1);
    let rules = compiled(&panel);
    let judge = rules.over(&panel).unwrap();
    let verdicts = judge.scan(first(&panel)).unwrap();
    assert_eq!(
        rules
            .rules()
            .map(|rule| verdicts.count(rule.key.as_str()).unwrap() as u64)
            .sum::<u64>(),
        HITS
    );
    bencher
        .counter(evaluations(1))
        .bench(|| black_box(&judge).scan(first(&panel)).unwrap());
}

/// The hand-written rules, over rows of any number: how a number is made and how a ratio is compared are given.
macro_rules! by_hand {
    ($row:ident, $number:ty, $from:expr, $ratio:ident) => {{
        let mut rules: Vec<Box<dyn Fn(&[$number; METRICS]) -> bool + Sync>> = Vec::new();
        for test in TESTS {
            rules.push(match test {
                Test::One(metric, is, bound) => {
                    let bound = $from(bound);
                    match is {
                        "<" => Box::new(move |$row: &[$number; METRICS]| $row[metric] < bound),
                        "<=" => Box::new(move |$row: &[$number; METRICS]| $row[metric] <= bound),
                        ">=" => Box::new(move |$row: &[$number; METRICS]| $row[metric] >= bound),
                        _ => Box::new(move |$row: &[$number; METRICS]| $row[metric] > bound),
                    }
                }
                Test::And([a, b]) => {
                    let (x, y) = ($from(a.2), $from(b.2));
                    if a.1 == "<" {
                        Box::new(move |$row: &[$number; METRICS]| $row[a.0] < x && $row[b.0] > y)
                    } else {
                        Box::new(move |$row: &[$number; METRICS]| $row[a.0] > x && $row[b.0] < y)
                    }
                }
                Test::Or([a, b]) => {
                    let (x, y) = ($from(a.2), $from(b.2));
                    if a.1 == "<" {
                        Box::new(move |$row: &[$number; METRICS]| $row[a.0] < x || $row[b.0] > y)
                    } else {
                        Box::new(move |$row: &[$number; METRICS]| $row[a.0] > x || $row[b.0] < y)
                    }
                }
                Test::Ratio(a, b, is, bound) => {
                    let bound = $from(bound);
                    match is {
                        "<" => Box::new(move |$row: &[$number; METRICS]| $ratio!($row[a], <, bound, $row[b])),
                        ">=" => Box::new(move |$row: &[$number; METRICS]| $ratio!($row[a], >=, bound, $row[b])),
                        _ => Box::new(move |$row: &[$number; METRICS]| $ratio!($row[a], >, bound, $row[b])),
                    }
                }
            });
        }
        rules
    }};
}

macro_rules! whole {
    ($a:expr, $is:tt, $bound:expr, $b:expr) => {
        $a * 100 $is $bound * $b
    };
}

macro_rules! scaled {
    ($a:expr, $is:tt, $bound:expr, $b:expr) => {
        $a $is $bound * $b
    };
}

type Closure<T> = Box<dyn Fn(&[T; METRICS]) -> bool + Sync>;

fn row_by_row<T>(rows: &[Box<[T; METRICS]>], rules: &[Closure<T>]) -> Vec<u32> {
    let mask = |row: &[T; METRICS]| {
        rules
            .iter()
            .enumerate()
            .fold(0, |mask, (at, rule)| mask | u32::from(rule(row)) << at)
    };
    rows.iter().map(|row| mask(row)).collect()
}

#[divan::bench]
fn integers_row_by_row(bencher: Bencher<'_, '_>) {
    let rows: Vec<Box<[i64; METRICS]>> = rows().into_iter().map(Box::new).collect();
    let rules = by_hand!(row, i64, |hundredths: i64| hundredths, whole);
    assert_eq!(hits(&row_by_row(&rows, &rules)), HITS);
    bencher
        .counter(evaluations(1))
        .bench_local(|| row_by_row(black_box(&rows), black_box(&rules)));
}

#[divan::bench]
fn decimals_row_by_row(bencher: Bencher<'_, '_>) {
    let decimal = |hundredths: i64| Decimal::new(hundredths, 2);
    let rows: Vec<Box<[Decimal; METRICS]>> = rows()
        .into_iter()
        .map(|row| Box::new(row.map(decimal)))
        .collect();
    let rules = by_hand!(row, Decimal, decimal, scaled);
    assert_eq!(hits(&row_by_row(&rows, &rules)), HITS);
    bencher
        .counter(evaluations(1))
        .bench_local(|| row_by_row(black_box(&rows), black_box(&rules)));
}

/// Each rule one loop over columns of floats, written out: as fast as compilers make it, and not exact.
#[divan::bench]
fn floats_by_columns(bencher: Bencher<'_, '_>) {
    #[expect(clippy::cast_precision_loss, reason = "hundredths below 2^53")]
    let float = |hundredths: i64| hundredths as f64 / 100.0;
    let rows = rows();
    let columns: [Vec<f64>; METRICS] =
        std::array::from_fn(|metric| rows.iter().map(|row| float(row[metric])).collect());
    assert_eq!(hits(&float_columns(&columns)), HITS);
    bencher
        .counter(evaluations(1))
        .bench(|| float_columns(black_box(&columns)));
}

#[expect(
    clippy::needless_bitwise_bool,
    reason = "without branches the loops are vectors"
)]
fn float_columns(columns: &[Vec<f64>; METRICS]) -> Vec<u32> {
    fn one(masks: &mut [u32], bit: u32, x: &[f64], holds: impl Fn(f64) -> bool) {
        for (mask, x) in masks.iter_mut().zip(x) {
            *mask |= u32::from(holds(*x)) << bit;
        }
    }
    fn two(masks: &mut [u32], bit: u32, x: &[f64], y: &[f64], holds: impl Fn(f64, f64) -> bool) {
        for ((mask, x), y) in masks.iter_mut().zip(x).zip(y) {
            *mask |= u32::from(holds(*x, *y)) << bit;
        }
    }
    let mut m = vec![0; SUBJECTS];
    let f = columns;
    one(&mut m, 0, &f[0], |x| x < 50.0);
    one(&mut m, 1, &f[1], |x| x >= 120.0);
    one(&mut m, 2, &f[2], |x| x > 300.5);
    one(&mut m, 3, &f[3], |x| x <= 10.0);
    one(&mut m, 4, &f[4], |x| x < 5.25);
    one(&mut m, 5, &f[5], |x| x > 900.0);
    one(&mut m, 6, &f[6], |x| x >= 750.25);
    one(&mut m, 7, &f[7], |x| x < 20.5);
    two(&mut m, 8, &f[0], &f[1], |x, y| (x < 500.0) & (y > 100.25));
    two(&mut m, 9, &f[2], &f[3], |x, y| (x > 300.0) & (y < 200.0));
    two(&mut m, 10, &f[4], &f[5], |x, y| (x < 50.0) | (y > 900.5));
    two(&mut m, 11, &f[6], &f[7], |x, y| (x > 500.75) | (y < 10.0));
    two(&mut m, 12, &f[8], &f[9], |x, y| (x > 400.25) & (y < 600.0));
    two(&mut m, 13, &f[10], &f[11], |x, y| (x < 10.25) | (y > 900.0));
    two(&mut m, 14, &f[8], &f[9], |x, y| x / y < 0.8);
    two(&mut m, 15, &f[10], &f[11], |x, y| x / y > 1.2);
    two(&mut m, 16, &f[0], &f[1], |x, y| x / y < 0.5);
    two(&mut m, 17, &f[2], &f[3], |x, y| x / y >= 2.0);
    two(&mut m, 18, &f[4], &f[5], |x, y| x / y < 0.01);
    two(&mut m, 19, &f[8], &f[1], |x, y| x / y > 1.1);
    m
}

/// The numbers that one alert compared, as data.
#[divan::bench]
fn explanation(bencher: Bencher<'_, '_>) {
    let panel = panel(&rows(), 1);
    let rules = compiled(&panel);
    let judge = rules.over(&panel).unwrap();
    let alerts = judge.evaluate(first(&panel)).unwrap();
    let keys: Vec<_> = rules.rules().map(|rule| rule.key.clone()).collect();
    // A conjunction and a ratio, in turn.
    let picked: Vec<_> = alerts
        .iter()
        .filter(|alert| [8, 14].map(|at| &keys[at]).contains(&alert.rule()))
        .take(1_000)
        .collect();
    bencher.counter(ItemsCount::new(picked.len())).bench(|| {
        for alert in &picked {
            black_box(judge.explain(alert).unwrap());
        }
    });
}

/// The whole life of alerts over twelve periods: fire in the third in a row, end in the second clear one.
#[divan::bench(sample_count = 10)]
fn life_library(bencher: Bencher<'_, '_>) {
    let panel = panel(&rows(), 12);
    let pack: RulePack = serde_json::from_str(&document()).unwrap();
    let life = Life {
        keep: Keep::Periods(2.into()),
        ..Life::default()
    };
    let rules = pack.rules.into_iter().map(|rule| {
        rule.lasting(Persistence::Periods(3.into()))
            .living(life.clone())
    });
    let rules = RuleSet::compile(rules, &panel).unwrap();
    let judge = rules.over(&panel).unwrap();
    let run = || {
        let mut monitor = Monitor::new();
        let mut told = 0;
        for period in panel.periods().ids() {
            told += monitor
                .advance(&judge, period, NaiveDateTime::default())
                .unwrap()
                .len();
        }
        (monitor, told)
    };
    let by_hand = life_by_hand(&rows());
    assert_eq!(run().0.open().count() as u64, hits(&by_hand));
    bencher.counter(evaluations(12)).bench(run);
}

#[divan::bench(sample_count = 10)]
fn life_integers_row_by_row(bencher: Bencher<'_, '_>) {
    let rows = rows();
    bencher
        .counter(evaluations(12))
        .bench(|| life_by_hand(black_box(&rows)));
}

/// One byte for each subject and rule: the highest bit for firing, the rest for the length of the row.
fn life_by_hand(rows: &[[i64; METRICS]]) -> Vec<u32> {
    let rules = by_hand!(row, i64, |hundredths: i64| hundredths, whole);
    let mut states = vec![0_u8; SUBJECTS * RULES];
    let mut masks = vec![0; SUBJECTS];
    for period in 0..12 {
        for (at, (states, mask)) in states.chunks_exact_mut(RULES).zip(&mut masks).enumerate() {
            let row = &rows[(at + period * 7919) % rows.len()];
            *mask = 0;
            for (bit, (state, rule)) in states.iter_mut().zip(&rules).enumerate() {
                let firing = *state & 0x80 != 0;
                let run = if rule(row) == firing {
                    0
                } else {
                    (*state & 0x7F) + 1
                };
                *state = match (firing, run) {
                    (false, 3..) => 0x80,
                    (true, 2..) => 0,
                    _ => (*state & 0x80) | run,
                };
                *mask |= u32::from(*state >> 7) << bit;
            }
        }
    }
    masks
}
