//! Ten thousand entries into a journal that has taken in a million, and a view of a hundred rows read after them; beside it the
//! same records with ids into a fresh ledger, folded for the same rows and periods. What a hand-over costs must not depend on how
//! many came before.

#![allow(
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    missing_docs,
    reason = "a bench stops where something is wrong, and its inputs are known"
)]

use std::sync::LazyLock;

use chrono::{Days, NaiveDate, NaiveDateTime, NaiveTime};
use divan::{Bencher, black_box};
use quotaflow::journal::{Entry, Journal};
use quotaflow::ledger::{Ledger, Record};
use quotaflow::metric::{Layout, Program};
use quotaflow::model::{Model, ModelDef};
use quotaflow::panel::Panel;
use quotaflow::space::Unassigned;
use rust_decimal::Decimal;
use serde_json::json;

const PEOPLE: u64 = 2_000;
const TEAMS: u64 = 100;
const MORE: u64 = 10_000;

fn model() -> Model {
    let teams = (0..TEAMS).map(|team| json!({"key": format!("t{team}"), "level": "team"}));
    let people = (0..PEOPLE).map(|person| json!({"key": format!("p{person}"), "level": "person"}));
    let links = (0..PEOPLE).map(
        |person| json!({"member": format!("p{person}"), "parent": format!("t{}", person % TEAMS)}),
    );
    let document = json!({
        "dimensions": [{"key": "person",
            "hierarchies": [{"key": "person", "levels": ["team", "person"], "links": links.collect::<Vec<_>>()}],
            "members": teams.chain(people).collect::<Vec<_>>()}],
        "measures": [{"key": "sales", "unit": "money:EUR", "quantum": "0.01", "additivity": "flow"}],
        "kinds": [{"key": "order", "dimensions": [{"field": "person"}], "measures": [{"measure": "sales"}]}],
        "span": {"start": "2026-01-01", "end": "2036-01-01"},
        "metrics": [
            {"key": "sales", "formula": {"sum": {"value": {"measure": "sales"}, "of": {"kinds": ["order"]}}}},
            {"key": "orders", "formula": {"count": {"kinds": ["order"]}}}
        ],
        "views": [{"key": "by_team", "rows": [{"dimension": "person", "level": "team"}],
            "periods": {"grain": "month", "from": "2026-01-01", "to": "2027-01-01"}}]
    });
    Model::new(serde_json::from_value::<ModelDef>(document).unwrap()).unwrap()
}

fn first() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 1, 1).unwrap()
}

fn known(hand_over: u64) -> NaiveDateTime {
    (first() + Days::new(hand_over)).and_time(NaiveTime::MIN)
}

fn records(from: u64, count: u64) -> Vec<Record> {
    let record = |number: u64| {
        let mixed = number.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 20;
        Record::new("order", first() + Days::new(mixed % 360))
            .id(format!("SO-{number}"))
            .of("person", format!("p{}", (mixed >> 9) % PEOPLE))
            .amount("sales", Decimal::new((mixed >> 21) as i64 % 100_000, 2))
    };
    (from..from + count).map(record).collect()
}

fn entries(from: u64, count: u64) -> Vec<Entry> {
    let all = records(from, count).into_iter();
    all.map(|record| Entry::record("crm", record).unwrap())
        .collect()
}

fn taken_in(count: u64) -> Journal {
    let mut journal = Journal::new(&MODEL, first()).unwrap();
    for hand_over in 0..count / MORE {
        let entries = entries(hand_over * MORE, MORE);
        journal.enter(known(hand_over), first(), &entries).unwrap();
    }
    journal
}

static MODEL: LazyLock<Model> = LazyLock::new(model);
static SMALL: LazyLock<Journal> = LazyLock::new(|| taken_in(MORE));
static LARGE: LazyLock<Journal> = LazyLock::new(|| taken_in(1_000_000));

fn main() {
    let panel = LARGE
        .view("by_team")
        .unwrap()
        .as_of(first() + Days::new(365))
        .panel()
        .unwrap();
    assert_eq!(
        panel,
        fresh(&records(0, 1_000_000)),
        "both ways tell the same"
    );
    divan::main();
}

fn fresh(records: &[Record]) -> Panel {
    let mut ledger = Ledger::new("crm", MODEL.schema().clone()).unwrap();
    ledger.enter(records).unwrap();
    let view = MODEL.views().next().unwrap();
    let rows = MODEL
        .schema()
        .space()
        .subjects(&view.rows[0], Unassigned::Hidden)
        .unwrap();
    let periods = view.periods.set(MODEL.calendar()).unwrap();
    let layout =
        Layout::new(MODEL.schema().clone(), rows, periods).as_of_day(first() + Days::new(365));
    let program = Program::compile(&MODEL.definition().metrics, &layout).unwrap();
    program.panel(&program.fold(&ledger).unwrap()).unwrap()
}

fn enter(bencher: Bencher<'_, '_>, before: &Journal, count: u64) {
    let more = entries(count, MORE);
    bencher
        .with_inputs(|| before.clone())
        .bench_local_values(|mut journal| {
            journal.enter(known(200), first(), &more).unwrap();
            journal
        });
}

#[divan::bench(sample_count = 10)]
fn ten_thousand_entries_after_ten_thousand(bencher: Bencher<'_, '_>) {
    enter(bencher, &SMALL, MORE);
}

#[divan::bench(sample_count = 10)]
fn ten_thousand_entries_after_a_million(bencher: Bencher<'_, '_>) {
    enter(bencher, &LARGE, 1_000_000);
}

#[divan::bench(sample_count = 10)]
fn a_hundred_rows_of_a_view_after_a_million(bencher: Bencher<'_, '_>) {
    let view = LARGE
        .view("by_team")
        .unwrap()
        .as_of(first() + Days::new(365));
    bencher.bench_local(|| black_box(&view).panel().unwrap());
}

#[divan::bench(sample_count = 10)]
fn ten_thousand_records_into_a_fresh_ledger_and_folded(bencher: Bencher<'_, '_>) {
    let more = records(1_000_000, MORE);
    bencher.bench_local(|| fresh(black_box(&more)));
}
