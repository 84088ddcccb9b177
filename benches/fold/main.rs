//! Ten million activity records to person x month: counts by kind, cost, amount, orders per 100 visits, cost per visit,
//! distinct, new and lost customers. The library's compiled definitions beside a program written by hand for this input
//! and the obvious way with decimals and hash maps. All 360,000 figures are compared before anything is measured.

#![allow(
    clippy::unwrap_used,
    clippy::needless_bitwise_bool,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    missing_docs,
    reason = "a bench stops where something is wrong, and its inputs are known"
)]

mod hand;
mod input;
mod resident;

use std::collections::{HashMap, HashSet};
use std::num::NonZeroUsize;
use std::sync::LazyLock;

use chrono::{Days, NaiveDate};
use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use input::{CUSTOMERS, Input, PEOPLE, RECORDS, day_to_month, input};
use quotaflow::calendar::{Calendar, DayRange, Grain};
use quotaflow::key::Key;
use quotaflow::ledger::{Bulk, Ledger, Need, RecordKind, Schema};
use quotaflow::measure::{Measure, Measures};
use quotaflow::metric::{
    Entities, Entity, First, Formula, Layout, MetricDef, Partial, Program, SeenBy, Selection,
    Valued,
};
use quotaflow::panel::{ColumnKey, Panel};
use quotaflow::quantity::Quantum;
use quotaflow::space::{Axis, DimensionDef, MemberId, Space, Unassigned};
use rust_decimal::Decimal;

const KINDS: [&str; 8] = [
    "visit",
    "call",
    "message",
    "meeting",
    "demonstration",
    "training",
    "inspection",
    "order",
];

struct World {
    input: Input,
    ledger: Ledger,
    plan: Program,
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let input = input(RECORDS, 0x5A1E_3001);
    let mut ledger = Ledger::new("crm", schema()).unwrap();
    ledger.enter_columns(bulk(&input, ledger.schema())).unwrap();
    let subjects = ledger
        .schema()
        .space()
        .subjects(&Axis::new("person", "person").unwrap(), Unassigned::Hidden)
        .unwrap();
    let span = ledger.schema().span();
    let months = Calendar::gregorian()
        .periods(Grain::Month, span.start(), span.end())
        .unwrap();
    let plan = Program::compile(
        &metrics(),
        &Layout::new(ledger.schema().clone(), subjects, months),
    )
    .unwrap();
    World {
        input,
        ledger,
        plan,
    }
});

fn year() -> NaiveDate {
    NaiveDate::from_ymd_opt(2025, 1, 1).unwrap()
}

fn names(prefix: char, count: usize) -> Vec<String> {
    (0..count)
        .map(|number| format!("{prefix}{number}"))
        .collect()
}

fn schema() -> Schema {
    let flat = |name: &str, keys: &[String]| {
        DimensionDef::flat(name, name, keys.iter().map(String::as_str)).unwrap()
    };
    let people = flat("person", &names('p', PEOPLE));
    let customers = flat("customer", &names('c', CUSTOMERS));
    let money = |name| Measure::flow(name, "money:EUR".parse().unwrap(), Quantum::CENT).unwrap();
    let activity = RecordKind::new("activity")
        .and_then(|kind| {
            kind.of("person")?
                .of("customer")?
                .timed()
                .noting("type", &KINDS)
        })
        .and_then(|kind| {
            kind.noting("outcome", &["won", "open"])?
                .measuring("cost", Need::Required)
        })
        .and_then(|kind| kind.measuring("amount", Need::Required))
        .unwrap();
    let span = DayRange::new(year(), NaiveDate::from_ymd_opt(2026, 1, 1).unwrap()).unwrap();
    Schema::new(
        Space::new(vec![people, customers]).unwrap(),
        Measures::new(vec![money("cost"), money("amount")]).unwrap(),
        vec![activity],
        span,
    )
    .unwrap()
}

fn bulk(input: &Input, schema: &Schema) -> Bulk {
    const DAY: i64 = 86_400_000;
    let members = |name: &str| -> Vec<MemberId> {
        schema
            .space()
            .dimension(name)
            .unwrap()
            .members(name)
            .unwrap()
            .collect()
    };
    let (people, customers) = (members("person"), members("customer"));
    let days = input
        .time
        .iter()
        .map(|time| year() + Days::new((time / DAY) as u64))
        .collect();
    let keys = |names: &[&str]| names.iter().map(|name| Key::new(name).unwrap()).collect();
    Bulk::new("activity", days)
        .at(input.time.iter().map(|time| (time % DAY) as u32).collect())
        .members(
            "person",
            input
                .person
                .iter()
                .map(|person| people[usize::from(*person)])
                .collect(),
        )
        .members(
            "customer",
            input
                .customer
                .iter()
                .map(|customer| customers[*customer as usize])
                .collect(),
        )
        .units("cost", input.cost.clone())
        .units("amount", input.amount.clone())
        .texts(
            "type",
            keys(&KINDS),
            input.kind.iter().map(|kind| u32::from(*kind) + 1).collect(),
        )
        .texts(
            "outcome",
            keys(&["won", "open"]),
            input.won.iter().map(|won| 2 - u32::from(*won)).collect(),
        )
}

fn metrics() -> Vec<MetricDef> {
    let all = || Selection::of("activity").unwrap();
    let of = |name: &str| all().with("type", name).unwrap();
    let entities = || Entities::members("customer", all()).unwrap();
    let mut metrics: Vec<MetricDef> = KINDS
        .iter()
        .map(|name| MetricDef::new(name, Formula::Count(of(name))).unwrap())
        .collect();
    let mut add = |key: &str, formula| metrics.push(MetricDef::new(key, formula).unwrap());
    add(
        "cost",
        Formula::Sum(Valued::measure("cost", all()).unwrap()),
    );
    add(
        "amount",
        Formula::Sum(Valued::measure("amount", all()).unwrap()),
    );
    let won = Formula::Count(of("order").with("outcome", "won").unwrap());
    add(
        "orders_per_100_visits",
        won.per_100(Formula::metric("visit").unwrap()),
    );
    let cost = Formula::Sum(Valued::measure("cost", of("visit")).unwrap());
    add(
        "cost_per_visit",
        cost.per(Formula::metric("visit").unwrap()),
    );
    add("customers", Formula::Distinct(entities()));
    add("new", Formula::New(entities()));
    add(
        "lost",
        Formula::Lost {
            entity: Entity::Member {
                dimension: Key::new("customer").unwrap(),
                level: None,
            },
            of: all(),
            seen_within: 3,
            absent_for: 1,
            scope: SeenBy::Subject,
            first: First::Zero,
        },
    );
    metrics
}

fn agree(panel: &Panel, rows: &[hand::Row]) {
    let (people, months): (Vec<_>, Vec<_>) = (
        panel.subjects().ids().collect(),
        panel.periods().ids().collect(),
    );
    let mut figures = 0;
    for person in 0..PEOPLE {
        for month in 0..12 {
            let answer = |key: &str| {
                let key = ColumnKey::actual(key).unwrap();
                panel.answer(&key, people[person], months[month]).unwrap()
            };
            let units = |key: &str| answer(key).figure().unwrap().amount().unwrap().units();
            let row = &rows[person * 12 + month];
            for (kind, name) in KINDS.iter().enumerate() {
                assert_eq!(
                    units(name),
                    i64::from(row.kinds[kind]),
                    "{name} of {person} in {month}"
                );
            }
            assert_eq!(units("cost"), row.cost);
            assert_eq!(units("amount"), row.amount);
            assert_eq!(units("customers"), i64::from(row.distinct));
            assert_eq!(units("new"), i64::from(row.fresh));
            assert_eq!(units("lost"), i64::from(row.lost));
            let visits = i128::from(row.kinds[0]);
            let ratio = |top: i128| quotaflow::quantity::Ratio::new(top, visits).ok();
            let told = |key: &str| answer(key).ratio().ok();
            assert_eq!(
                told("orders_per_100_visits"),
                ratio(i128::from(row.orders) * 100)
            );
            let cents = told("cost_per_visit").map(|cost| cost.checked_mul(100.into()).unwrap());
            assert_eq!(cents, ratio(i128::from(row.visit_cost)));
            figures += 15;
        }
    }
    assert_eq!(figures, 360_000);
}

fn main() {
    let world = &*WORLD;
    let rows = hand::one_thread(&world.input);
    // Forgets the peak so far, where the system allows it.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
    let before = resident::kib("VmRSS");
    let one = world
        .plan
        .panel(&world.plan.fold(&world.ledger).unwrap())
        .unwrap();
    let grown = resident::kib("VmHWM").saturating_sub(before);
    agree(&one, &rows);
    let two = NonZeroUsize::new(2).unwrap();
    agree(
        &world
            .plan
            .panel(&world.plan.fold_on(two, &world.ledger).unwrap())
            .unwrap(),
        &rows,
    );
    assert_eq!(hand::two_threads(&world.input), rows);
    println!(
        "360,000 figures agree; the fold grew the process by {} MiB at most",
        grown / 1024
    );
    divan::main();
}

#[divan::bench(sample_count = 9, sample_size = 1)]
fn library_1_thread(bencher: Bencher<'_, '_>) {
    let world = &*WORLD;
    bencher.counter(ItemsCount::new(RECORDS)).bench(|| {
        world
            .plan
            .panel(&world.plan.fold(black_box(&world.ledger)).unwrap())
            .unwrap()
    });
}

#[divan::bench(sample_count = 9, sample_size = 1)]
fn library_2_threads(bencher: Bencher<'_, '_>) {
    let world = &*WORLD;
    let two = NonZeroUsize::new(2).unwrap();
    bencher.counter(ItemsCount::new(RECORDS)).bench(|| {
        world
            .plan
            .panel(&world.plan.fold_on(two, black_box(&world.ledger)).unwrap())
            .unwrap()
    });
}

#[cfg(feature = "rayon")]
#[divan::bench(sample_count = 9, sample_size = 1)]
fn library_2_threads_in_a_pool(bencher: Bencher<'_, '_>) {
    let world = &*WORLD;
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(2)
        .build()
        .unwrap();
    bencher.counter(ItemsCount::new(RECORDS)).bench(|| {
        let partial = pool.install(|| world.plan.fold_in_pool(black_box(&world.ledger)));
        world.plan.panel(&partial.unwrap()).unwrap()
    });
}

#[divan::bench(sample_count = 9, sample_size = 1)]
fn by_hand_1_thread(bencher: Bencher<'_, '_>) {
    let world = &*WORLD;
    bencher
        .counter(ItemsCount::new(RECORDS))
        .bench(|| hand::one_thread(black_box(&world.input)));
}

#[divan::bench(sample_count = 9, sample_size = 1)]
fn by_hand_2_threads(bencher: Bencher<'_, '_>) {
    let world = &*WORLD;
    bencher
        .counter(ItemsCount::new(RECORDS))
        .bench(|| hand::two_threads(black_box(&world.input)));
}

/// A fold over all but the last 10,000 records goes on with these.
#[divan::bench(sample_count = 9, sample_size = 1)]
fn library_10_000_more(bencher: Bencher<'_, '_>) {
    let world = &*WORLD;
    let all = u32::try_from(RECORDS).unwrap();
    let most: Partial = world
        .plan
        .fold_rows(&world.ledger, "activity", 0..all - 10_000)
        .unwrap();
    bencher
        .counter(ItemsCount::new(10_000_usize))
        .with_inputs(|| most.clone())
        .bench_local_refs(|partial| {
            world.plan.extend(partial, &world.ledger).unwrap();
        });
}

/// Amounts as decimals, added one by one; sets of customers by person and month.
#[divan::bench(sample_count = 2, sample_size = 1)]
fn decimals_and_hash_maps(bencher: Bencher<'_, '_>) {
    #[derive(Default)]
    struct Cell {
        kinds: [u32; 8],
        cost: Decimal,
        amount: Decimal,
        visit_cost: Decimal,
        orders: u32,
        customers: HashSet<u32>,
    }
    let input = &WORLD.input;
    let decimals = |units: &[i64]| {
        units
            .iter()
            .map(|units| Decimal::new(*units, 2))
            .collect::<Vec<_>>()
    };
    let (cost, amount) = (decimals(&input.cost), decimals(&input.amount));
    let days = day_to_month();
    bencher.counter(ItemsCount::new(RECORDS)).bench(|| {
        let mut cells: HashMap<(u16, u8), Cell> = HashMap::new();
        let mut first: HashMap<u32, (i64, u16)> = HashMap::new();
        for at in 0..RECORDS {
            let (person, time) = (input.person[at], input.time[at]);
            let cell = cells
                .entry((person, days[time as usize / 86_400_000]))
                .or_default();
            cell.kinds[usize::from(input.kind[at])] += 1;
            cell.cost += cost[at];
            cell.amount += amount[at];
            if input.kind[at] == 0 {
                cell.visit_cost += cost[at];
            }
            cell.orders += u32::from(input.kind[at] == 7 && input.won[at] == 1);
            cell.customers.insert(input.customer[at]);
            let known = first.entry(input.customer[at]).or_insert((time, person));
            *known = (*known).min((time, person));
        }
        let mut fresh: HashMap<(u16, u8), u32> = HashMap::new();
        for (time, person) in first.values() {
            *fresh
                .entry((*person, days[*time as usize / 86_400_000]))
                .or_default() += 1;
        }
        let mut lost = 0;
        for person in 0..PEOPLE as u16 {
            for month in 1..12 {
                let before: HashSet<&u32> = (month.max(3) - 3..month)
                    .filter_map(|month| cells.get(&(person, month)))
                    .flat_map(|cell| &cell.customers)
                    .collect();
                let now = cells.get(&(person, month)).map(|cell| &cell.customers);
                lost += before
                    .iter()
                    .filter(|customer| now.is_none_or(|now| !now.contains(**customer)))
                    .count();
            }
        }
        (cells.len(), fresh.len(), lost)
    });
}
