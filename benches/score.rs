//! A million subjects by ten KPIs: piecewise-linear curves of five knots, floor and cap, rounding of every KPI to four
//! places, weights, total, rank with ties, grade; one thread.
//!
//! `library` beside the hand-written limit (a table of scores for each KPI, ranks by counting) and the obvious way in
//! decimals; the first two also with decimals in and out. Before anything is timed, all are compared: every total, rank
//! and grade must agree.
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

use std::sync::LazyLock;

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use quotaflow::calendar::{Calendar, Grain, PeriodId};
use quotaflow::key::Key;
use quotaflow::measure::Unit;
use quotaflow::panel::{Column, ColumnKey, Panel};
use quotaflow::quantity::{Quantum, Ratio};
use quotaflow::scorecard::{
    CurveDef, InputDef, Knot, KpiDef, Outside, Scorecard, ScorecardDef, Shape,
};
use quotaflow::space::{Axis, Subjects};
use rust_decimal::{Decimal, RoundingStrategy};

const SUBJECTS: usize = 1_000_000;
const KPIS: usize = 10;
/// Totals, in ten-thousandths, from which the grades D, C, B and A begin.
const GRADES: [i64; 4] = [600_000, 800_000, 950_000, 1_100_000];
const FLOOR: i64 = 100_000;
const CAP: i64 = 1_250_000;

fn main() {
    let library = by_library();
    assert!(library == by_table(), "the library and the limit disagree");
    let decimals = obvious();
    let totals: Vec<i64> = decimals
        .0
        .iter()
        .map(|total| (total * Decimal::from(10_000)).try_into().unwrap())
        .collect();
    assert!(
        totals == library.0 && decimals.1 == library.1 && decimals.2 == library.2,
        "the obvious way disagrees"
    );
    let known = |totals: Vec<Option<Decimal>>| totals.into_iter().map(Option::unwrap).collect();
    let by_decimals = by_library_of_decimals(EMPTY.clone());
    let by_decimals = (known(by_decimals.0), by_decimals.1, by_decimals.2);
    assert!(
        by_decimals == decimals && by_table_of_decimals() == decimals,
        "decimals in and out disagree"
    );
    println!("all totals, ranks and grades agree");
    divan::main();
}

/// One KPI: inputs and points of the knots in ten-thousandths, weight in ten-thousandths.
struct Plan {
    x: [i64; 5],
    y: [i64; 5],
    weight: i64,
}

fn plans() -> Vec<Plan> {
    let weights = [2000, 1500, 1200, 1000, 1000, 800, 800, 700, 600, 400];
    let plan = |(k, weight): (i64, i64)| Plan {
        x: [
            3000 + 100 * k,
            6000 + 70 * k,
            8000 + 30 * k,
            10_000,
            12_000 + 90 * k,
        ],
        y: [
            0,
            400_000 + 3_333 * k,
            700_000 + 1_111 * k,
            1_000_000,
            1_200_000 + 7_777 * k,
        ],
        weight,
    };
    (0..).zip(weights).map(plan).collect()
}

/// The published generator `SplitMix64`, seeded so that the inputs are the same everywhere.
fn attainments() -> Vec<i32> {
    let mut state = 0x5A1E_4001_u64;
    let mut below = |bound: u64| {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        let mixed = z ^ (z >> 31);
        i32::try_from((u128::from(mixed) * u128::from(bound)) >> 64).unwrap()
    };
    (0..SUBJECTS * KPIS)
        .map(|_| below(10_001) + below(10_001))
        .collect()
}

static ATTAINED: LazyLock<Vec<i32>> = LazyLock::new(attainments);

/// The subjects and the month, without columns.
fn empty() -> Panel {
    let members = (0..SUBJECTS)
        .map(|place| Key::new(format!("s{place}")).unwrap())
        .collect();
    let subjects = Subjects::new(Axis::new("person", "person").unwrap(), members).unwrap();
    let (from, to) = ("2026-01-01".parse().unwrap(), "2026-02-01".parse().unwrap());
    let months = Calendar::gregorian().periods(Grain::Month, from, to);
    Panel::new(subjects, months.unwrap())
}

static EMPTY: LazyLock<Panel> = LazyLock::new(empty);

/// The first period of a panel.
fn first(panel: &Panel) -> PeriodId {
    panel.periods().ids().next().unwrap()
}

static PANEL: LazyLock<Panel> = LazyLock::new(|| {
    let mut panel = EMPTY.clone();
    for (k, column) in ATTAINED.chunks_exact(SUBJECTS).enumerate() {
        let units = column.iter().map(|x| i64::from(*x)).collect();
        let quantum = Quantum::decimals(4).unwrap();
        panel
            .add(Column::amounts(metric(k), Unit::Share, quantum, units))
            .unwrap();
    }
    panel
});

fn metric(k: usize) -> ColumnKey {
    ColumnKey::actual(&format!("kpi {k}")).unwrap()
}

fn of(ten_thousandths: i64) -> Ratio {
    Ratio::new(i128::from(ten_thousandths), 10_000).unwrap()
}

static CARD: LazyLock<Scorecard> = LazyLock::new(|| {
    let kpi = |(k, plan): (usize, Plan)| {
        let knots = plan
            .x
            .iter()
            .zip(plan.y)
            .map(|(x, y)| Knot {
                at: of(*x),
                points: of(y),
                jump: None,
            })
            .collect();
        let shape = Shape::Knots {
            knots,
            below: Outside::Flat,
            above: Outside::Flat,
        };
        let curve = CurveDef::new(shape).floor(of(FLOOR)).cap(of(CAP));
        KpiDef::new(&format!("kpi {k}"), InputDef::value(metric(k)), curve)
            .unwrap()
            .weigh(of(plan.weight))
    };
    let kpis = plans().into_iter().enumerate().map(kpi).collect();
    let def = ScorecardDef::new("card")
        .unwrap()
        .group("all", Ratio::ONE, kpis)
        .unwrap();
    Scorecard::compile(
        def.grades("E", [("60", "D"), ("80", "C"), ("95", "B"), ("110", "A")])
            .unwrap(),
    )
    .unwrap()
});

type Outcome<T> = (Vec<T>, Vec<u32>, Vec<u16>);

fn by_library() -> Outcome<i64> {
    let scores = CARD.score(&PANEL, first(&PANEL)).unwrap();
    (
        scores.units().to_vec(),
        scores.ranks().to_vec(),
        scores.grade_places().to_vec(),
    )
}

/// The limit: every possible score of a KPI worked out once, then look-ups; ranks by counting totals.
fn by_table() -> Outcome<i64> {
    table_of(&ATTAINED)
}

fn table_of(attained: &[i32]) -> Outcome<i64> {
    let plans = plans();
    let tables: Vec<(i32, Vec<i32>)> = plans.iter().map(score_table).collect();
    let mut totals = vec![0_i64; SUBJECTS];
    for (block, sums) in totals.chunks_mut(4096).enumerate() {
        sums.fill(5_000);
        for (k, (plan, (low, table))) in plans.iter().zip(&tables).enumerate() {
            let start = k * SUBJECTS + block * 4096;
            let last = table.len() - 1;
            for (sum, x) in sums
                .iter_mut()
                .zip(&attained[start..start + 4096.min(SUBJECTS - block * 4096)])
            {
                let place = usize::try_from((x - low).max(0)).unwrap_or(0).min(last);
                *sum += i64::from(table[place]) * plan.weight;
            }
        }
        for sum in sums.iter_mut() {
            *sum = i64::try_from(sum.unsigned_abs() / 10_000).unwrap_or(0);
        }
    }
    let top = usize::try_from(totals.iter().copied().max().unwrap_or(0)).unwrap();
    let mut counts = vec![0_u32; top + 1];
    for total in &totals {
        counts[usize::try_from(*total).unwrap_or(0)] += 1;
    }
    let mut above = 0;
    for count in counts.iter_mut().rev() {
        (*count, above) = (above + 1, above + *count);
    }
    let ranks = totals
        .iter()
        .map(|total| counts[usize::try_from(*total).unwrap_or(0)])
        .collect();
    let grades = totals
        .iter()
        .map(|total| GRADES.iter().map(|from| u16::from(from <= total)).sum())
        .collect();
    (totals, ranks, grades)
}

static DECIMALS: LazyLock<Vec<Decimal>> = LazyLock::new(|| {
    let decimal = |x: &i32| Decimal::new(i64::from(*x), 4);
    ATTAINED.iter().map(decimal).collect()
});

/// The limit behind decimals: each checked and brought to ten-thousandths, then the tables.
fn by_table_of_decimals() -> Outcome<Decimal> {
    let whole = |amount: &Decimal| {
        let mantissa = i32::try_from(amount.mantissa()).ok();
        mantissa.filter(|_| amount.scale() == 4).unwrap()
    };
    let (totals, ranks, grades) = table_of(&DECIMALS.iter().map(whole).collect::<Vec<i32>>());
    let totals = totals.iter().map(|total| Decimal::new(*total, 4));
    (totals.collect(), ranks, grades)
}

/// A panel of the host's decimals, scored, and the totals as decimals.
fn by_library_of_decimals(mut panel: Panel) -> (Vec<Option<Decimal>>, Vec<u32>, Vec<u16>) {
    for (k, column) in DECIMALS.chunks_exact(SUBJECTS).enumerate() {
        let quantum = Quantum::decimals(4).unwrap();
        let column = Column::decimals(metric(k), Unit::Share, quantum, column);
        panel.add(column.unwrap()).unwrap();
    }
    let scores = CARD.score(&panel, first(&panel)).unwrap();
    (
        scores.decimals(),
        scores.ranks().to_vec(),
        scores.grade_places().to_vec(),
    )
}

fn score_table(plan: &Plan) -> (i32, Vec<i32>) {
    let points = |x: i64| {
        let segment = (1..4).filter(|knot| x >= plan.x[*knot]).count();
        let (dx, dy) = (
            plan.x[segment + 1] - plan.x[segment],
            plan.y[segment + 1] - plan.y[segment],
        );
        let y = plan.y[segment] + (2 * (x - plan.x[segment]) * dy + dx) / (2 * dx);
        i32::try_from(y.clamp(FLOOR, CAP)).unwrap()
    };
    (
        i32::try_from(plan.x[0]).unwrap(),
        (plan.x[0]..=plan.x[4]).map(points).collect(),
    )
}

/// The obvious way: decimals subject by subject, ranks by sorting.
fn obvious() -> Outcome<Decimal> {
    let decimal = |value: i64| Decimal::new(value, 4);
    let round =
        |value: Decimal| value.round_dp_with_strategy(4, RoundingStrategy::MidpointAwayFromZero);
    let plans: Vec<_> = plans()
        .iter()
        .map(|plan| {
            (
                plan.x.map(decimal),
                plan.y.map(decimal),
                decimal(plan.weight),
            )
        })
        .collect();
    let mut totals = Vec::with_capacity(SUBJECTS);
    for subject in 0..SUBJECTS {
        let mut sum = Decimal::ZERO;
        for (k, (x, y, weight)) in plans.iter().enumerate() {
            let input = decimal(i64::from(ATTAINED[k * SUBJECTS + subject]));
            let points = if input <= x[0] {
                y[0]
            } else if input >= x[4] {
                y[4]
            } else {
                let segment = (1..4).filter(|knot| input >= x[*knot]).count();
                y[segment]
                    + (input - x[segment]) * (y[segment + 1] - y[segment])
                        / (x[segment + 1] - x[segment])
            };
            sum += round(points).clamp(decimal(FLOOR), decimal(CAP)) * weight;
        }
        totals.push(round(sum));
    }
    let mut order: Vec<usize> = (0..SUBJECTS).collect();
    order.sort_by(|left, right| totals[*right].cmp(&totals[*left]));
    let mut ranks = vec![0_u32; SUBJECTS];
    for (place, subject) in order.iter().enumerate() {
        let before = place.checked_sub(1).map(|before| order[before]);
        ranks[*subject] = match before {
            Some(before) if totals[before] == totals[*subject] => ranks[before],
            _ => u32::try_from(place).unwrap() + 1,
        };
    }
    let from = GRADES.map(decimal);
    let grades = totals
        .iter()
        .map(|total| from.iter().map(|from| u16::from(from <= total)).sum())
        .collect();
    (totals, ranks, grades)
}

#[divan::bench(sample_count = 15)]
fn library(bencher: Bencher<'_, '_>) {
    let (card, panel) = (&*CARD, &*PANEL);
    bencher
        .counter(ItemsCount::new(SUBJECTS * KPIS))
        .bench(|| card.score(black_box(panel), first(panel)).unwrap());
}

#[divan::bench(sample_count = 15)]
fn limit_score_table(bencher: Bencher<'_, '_>) {
    LazyLock::force(&ATTAINED);
    bencher
        .counter(ItemsCount::new(SUBJECTS * KPIS))
        .bench(by_table);
}

#[divan::bench(sample_count = 15)]
fn decimals_library(bencher: Bencher<'_, '_>) {
    LazyLock::force(&DECIMALS);
    bencher
        .counter(ItemsCount::new(SUBJECTS * KPIS))
        .with_inputs(|| EMPTY.clone())
        .bench_values(by_library_of_decimals);
}

#[divan::bench(sample_count = 15)]
fn decimals_limit(bencher: Bencher<'_, '_>) {
    LazyLock::force(&DECIMALS);
    bencher
        .counter(ItemsCount::new(SUBJECTS * KPIS))
        .bench(by_table_of_decimals);
}

#[divan::bench(sample_count = 2)]
fn obvious_decimals(bencher: Bencher<'_, '_>) {
    LazyLock::force(&ATTAINED);
    bencher
        .counter(ItemsCount::new(SUBJECTS * KPIS))
        .bench(obvious);
}
