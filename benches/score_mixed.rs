//! Two hundred thousand subjects by a card that no score table covers: a table of completion x collection, a target prorated
//! by the share of the month, a quotient, a count; rates rounded to four places; and every fiftieth subject without one of
//! the figures, whose weight goes to the others.
//!
//! `library` beside the obvious way in decimals, with explanations of every tenth subject on their own. Before anything is
//! timed every total must agree.
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

use std::sync::LazyLock;

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use quotaflow::band::Interval;
use quotaflow::calendar::{Calendar, Grain, PeriodId};
use quotaflow::key::Key;
use quotaflow::measure::Unit;
use quotaflow::panel::{Column, ColumnKey, Panel, Reason};
use quotaflow::quantity::{Quantum, Ratio};
use quotaflow::scorecard::{
    Benchmark, CurveDef, GridDef, InputDef, KpiDef, Precision, Scorecard, ScorecardDef, Unknown,
    UnknownDef,
};
use quotaflow::space::{Axis, Subjects};
use rust_decimal::{Decimal, RoundingStrategy};

const SUBJECTS: usize = 200_000;
/// Edges of the table in hundredths, on both axes; a cell is worth 150 less 10 for each step from the best.
const EDGES: [i64; 5] = [70, 80, 90, 95, 100];
const KNOTS: [(i64, i64); 4] = [(50, 0), (80, 70), (100, 100), (120, 120)];

fn main() {
    let (library, obvious) = (by_library(), obvious());
    assert!(library == obvious, "the obvious way disagrees");
    println!("all totals agree");
    divan::main();
}

/// The figures of all subjects, column by column.
struct Figures {
    sales: Vec<i64>,
    sales_target: Vec<i64>,
    collections: Vec<i64>,
    collections_target: Vec<i64>,
    employed: Vec<i64>,
    accepted: Vec<i64>,
    checked: Vec<i64>,
    visits: Vec<i64>,
}

static FIGURES: LazyLock<Figures> = LazyLock::new(|| {
    let mut state = 0x5A1E_4002_u64;
    // The published generator SplitMix64.
    let mut below = |bound: i64| {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        i64::try_from((z ^ (z >> 31)) % u64::try_from(bound).unwrap()).unwrap()
    };
    let mut column = |from: i64, to: i64| -> Vec<i64> {
        (0..SUBJECTS).map(|_| from + below(to - from)).collect()
    };
    Figures {
        sales: column(2_000_000, 14_000_000),
        sales_target: column(6_000_000, 11_000_000),
        collections: column(2_000_000, 12_000_000),
        collections_target: column(5_000_000, 10_000_000),
        employed: column(30, 101),
        accepted: column(0, 60),
        checked: column(60, 90),
        visits: column(0, 150),
    }
});

/// Whether nobody checked the work of a subject.
fn unchecked(subject: usize) -> bool {
    subject % 50 == 7
}

fn key(text: &str) -> ColumnKey {
    text.parse().unwrap()
}

/// The first period of a panel.
fn first(panel: &Panel) -> PeriodId {
    panel.periods().ids().next().unwrap()
}

static PANEL: LazyLock<Panel> = LazyLock::new(|| {
    let members = (0..SUBJECTS)
        .map(|place| Key::new(format!("s{place}")).unwrap())
        .collect();
    let subjects = Subjects::new(Axis::new("person", "person").unwrap(), members).unwrap();
    let (from, to) = ("2026-01-01".parse().unwrap(), "2026-02-01".parse().unwrap());
    let months = Calendar::gregorian().periods(Grain::Month, from, to);
    let mut panel = Panel::new(subjects, months.unwrap());
    let all = &*FIGURES;
    for (name, units) in [
        ("sales", &all.sales),
        ("target:sales", &all.sales_target),
        ("collections", &all.collections),
        ("target:collections", &all.collections_target),
    ] {
        let unit = "money:EUR".parse().unwrap();
        let column = Column::amounts(key(name), unit, Quantum::CENT, units.clone());
        panel.add(column).unwrap();
    }
    let employed = all.employed.clone();
    let employed = Column::amounts(key("employed"), Unit::Share, Quantum::CENT, employed);
    panel.add(employed).unwrap();
    let (tops, bottoms) = (all.accepted.clone(), all.checked.clone());
    let states: Vec<Option<Reason>> = (0..SUBJECTS)
        .map(|subject| {
            if unchecked(subject) {
                Some(Reason::NothingRecorded)
            } else {
                None
            }
        })
        .collect();
    let quality = Column::quotients(key("quality"), Unit::Share, Ratio::ONE, tops, bottoms);
    panel
        .add(quality.unwrap().with_reasons(&states).unwrap())
        .unwrap();
    let visits = Column::amounts(key("visits"), Unit::Point, Quantum::ONE, all.visits.clone());
    panel.add(visits).unwrap();
    panel
});

static CARD: LazyLock<Scorecard> = LazyLock::new(|| {
    let rate =
        |metric: &str| InputDef::rate(key(metric), Benchmark::Plan).rounded(Precision::default());
    let percent = Ratio::percent;
    let ranges = || -> Vec<Interval> {
        let edges = EDGES.map(|at| Ratio::percent(i32::try_from(at).unwrap()));
        let mut ranges = vec![Interval::below(edges[0])];
        ranges.extend(edges.windows(2).map(|pair| {
            format!("[{}, {})", pair[0], pair[1])
                .parse::<Interval>()
                .unwrap()
        }));
        ranges.push(Interval::at_least(edges[4]));
        ranges
    };
    let table = GridDef {
        rows: ranges(),
        columns: ranges(),
        points: (0..6)
            .map(|row| {
                (0..6)
                    .map(|column| Ratio::from(cell(row, column)))
                    .collect()
            })
            .collect(),
    };
    let knots: Vec<(String, String)> = KNOTS
        .iter()
        .map(|(at, points)| (format!("{at}/100"), points.to_string()))
        .collect();
    let knots = || {
        CurveDef::through(
            knots
                .iter()
                .map(|(at, points)| (at.as_str(), points.as_str())),
        )
        .unwrap()
    };
    let redistribute = UnknownDef::all(Unknown::Redistribute);
    let line = CurveDef::line(Ratio::from(100));
    let kpis = vec![
        KpiDef::new("both", rate("sales"), line.clone())
            .unwrap()
            .grid(rate("collections"), table)
            .weigh(percent(40)),
        KpiDef::new("sales", rate("sales").prorated(key("employed")), knots())
            .unwrap()
            .weigh(percent(30)),
        KpiDef::new("quality", InputDef::value(key("quality")), line)
            .unwrap()
            .unknown(redistribute)
            .weigh(percent(20)),
        KpiDef::new(
            "visits",
            InputDef::value(key("visits")),
            CurveDef::line(Ratio::ONE),
        )
        .unwrap()
        .weigh(percent(10)),
    ];
    let def = ScorecardDef::new("card").unwrap();
    Scorecard::compile(def.group("all", Ratio::ONE, kpis).unwrap()).unwrap()
});

fn cell(row: i64, column: i64) -> i64 {
    150 - 10 * (10 - row - column)
}

fn by_library() -> Vec<i64> {
    CARD.score(&PANEL, first(&PANEL)).unwrap().units().to_vec()
}

fn obvious() -> Vec<i64> {
    let all = &*FIGURES;
    let round =
        |value: Decimal| value.round_dp_with_strategy(4, RoundingStrategy::MidpointAwayFromZero);
    let cents = |units: i64| Decimal::new(units, 2);
    let band = |rate: Decimal| {
        let above = EDGES
            .iter()
            .filter(|at| rate >= Decimal::new(**at, 2))
            .count();
        i64::try_from(above).unwrap()
    };
    let knots = KNOTS.map(|(at, points)| (Decimal::new(at, 2), Decimal::from(points)));
    let curve = |x: Decimal| {
        if x <= knots[0].0 {
            return knots[0].1;
        }
        for pair in knots.windows(2) {
            let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
            if x <= x1 {
                return y0 + (x - x0) * (y1 - y0) / (x1 - x0);
            }
        }
        knots[3].1
    };
    (0..SUBJECTS)
        .map(|subject| {
            let sales = cents(all.sales[subject]);
            let target = cents(all.sales_target[subject]);
            let completion = round(sales / target);
            let collected =
                cents(all.collections[subject]) / cents(all.collections_target[subject]);
            let both = Decimal::from(cell(band(completion), band(round(collected))));
            let prorated = curve(round(sales / (target * cents(all.employed[subject]))));
            let mut parts = vec![(40, both), (30, round(prorated))];
            if !unchecked(subject) {
                let share =
                    Decimal::from(all.accepted[subject]) / Decimal::from(all.checked[subject]);
                parts.push((20, round(share * Decimal::ONE_HUNDRED)));
            }
            parts.push((10, Decimal::from(all.visits[subject])));
            let weights: i64 = parts.iter().map(|(weight, _)| weight).sum();
            let sum: Decimal = parts
                .iter()
                .map(|(weight, points)| Decimal::from(*weight) * points)
                .sum();
            let total = round(sum / Decimal::from(weights));
            i64::try_from((total * Decimal::from(10_000)).trunc()).unwrap()
        })
        .collect()
}

#[divan::bench(sample_count = 15)]
fn library(bencher: Bencher<'_, '_>) {
    let (card, panel) = (&*CARD, &*PANEL);
    bencher
        .counter(ItemsCount::new(SUBJECTS * 4))
        .bench(|| card.score(black_box(panel), first(panel)).unwrap());
}

#[divan::bench(sample_count = 5)]
fn obvious_decimals(bencher: Bencher<'_, '_>) {
    LazyLock::force(&FIGURES);
    bencher
        .counter(ItemsCount::new(SUBJECTS * 4))
        .bench(obvious);
}

#[divan::bench(sample_count = 5)]
fn explanations(bencher: Bencher<'_, '_>) {
    let scores = CARD.score(&PANEL, first(&PANEL)).unwrap();
    bencher
        .counter(ItemsCount::new(SUBJECTS / 10 * 4))
        .bench(|| {
            let rows = PANEL.subjects().ids();
            rows.step_by(10)
                .map(|subject| scores.explain(subject).unwrap().groups.len())
                .sum::<usize>()
        });
}
