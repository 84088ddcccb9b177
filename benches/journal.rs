//! Ten thousand entries and a hundred rows of a view read after them, in a journal that has taken in and closed one million or ten
//! million records; beside it the same records with ids into a fresh ledger, folded for the same rows and periods. The first must
//! cost at most three times the second, and must not depend on how many records came before.

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
use quotaflow::journal::{Close, Entry, EntryId, Journal, Snapshot};
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
        "unique_ids": ["crm"],
        "metrics": [
            {"key": "sales", "formula": {"sum": {"value": {"measure": "sales"}, "of": {"kinds": ["order"]}}}},
            {"key": "orders", "formula": {"count": {"kinds": ["order"]}}}
        ],
        "views": [{"key": "by_team", "rows": [{"dimension": "person", "level": "team"}],
            "periods": {"grain": "month", "from": "2026-01-01", "to": "2028-01-01"}}]
    });
    Model::new(serde_json::from_value::<ModelDef>(document).unwrap()).unwrap()
}

fn first() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 1, 1).unwrap()
}

fn known(hand_over: u64) -> NaiveDateTime {
    (first() + Days::new(hand_over)).and_time(NaiveTime::MIN)
}

/// Records of the days of a stretch.
fn records(from: u64, count: u64, first_day: u64, days: u64) -> Vec<Record> {
    let record = |number: u64| {
        let mixed = number.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 20;
        Record::new("order", first() + Days::new(first_day + mixed % days))
            .id(format!("SO-{number}"))
            .of("person", format!("p{}", (mixed >> 9) % PEOPLE))
            .amount("sales", Decimal::new((mixed >> 21) as i64 % 100_000, 2))
    };
    (from..from + count).map(record).collect()
}

fn entries(records: Vec<Record>) -> Vec<Entry> {
    let all = records.into_iter();
    all.map(|record| Entry::record("crm", record).unwrap())
        .collect()
}

/// The days of a year, closed every ten days as they come.
const CLOSE: u64 = 10;
const YEAR: u64 = 360;

/// A journal that has taken in so many records of a year and closed them.
fn closed(count: u64) -> Journal {
    let mut journal = Journal::new(&MODEL, first()).unwrap();
    let each = count * CLOSE / YEAR;
    let (mut taken, mut hand_over) = (0, 0);
    for stretch in 0..YEAR / CLOSE {
        let mut left = each;
        let last = first() + Days::new(stretch * CLOSE + CLOSE - 1);
        while left > 0 {
            let now = left.min(MORE);
            let own = entries(records(taken, now, stretch * CLOSE, CLOSE));
            hand_over += 1;
            journal.enter(known(hand_over), last, &own).unwrap();
            (taken, left) = (taken + now, left - now);
        }
        hand_over += 1;
        let id = EntryId::new("books", &format!("C-{stretch}")).unwrap();
        let close = Entry::close(id, last, Close::Hard);
        journal.enter(known(hand_over), last, &[close]).unwrap();
    }
    journal
}

static MODEL: LazyLock<Model> = LazyLock::new(model);

fn main() {
    let journal = closed(100_000);
    let panel = journal.view("by_team").unwrap().panel().unwrap();
    let each = (0..YEAR / CLOSE).scan(0, |taken, stretch| {
        let count = 100_000 * CLOSE / YEAR;
        let own = records(*taken, count, stretch * CLOSE, CLOSE);
        *taken += count;
        Some(own)
    });
    let all: Vec<Record> = each.flatten().collect();
    let program = program(first() + Days::new(YEAR - 1));
    let (_, folded) = fresh(&all, &program);
    assert_eq!(panel.columns(), folded.columns(), "both ways tell the same");
    divan::main();
}

/// What reads a fresh ledger as the view does.
fn program(as_of: NaiveDate) -> Program {
    let view = MODEL.views().next().unwrap();
    let rows = MODEL
        .schema()
        .space()
        .subjects(&view.rows[0], Unassigned::Hidden)
        .unwrap();
    let periods = view.periods.set(MODEL.calendar()).unwrap();
    let layout = Layout::new(MODEL.schema().clone(), rows, periods).as_of_day(as_of);
    Program::compile(&MODEL.definition().metrics, &layout).unwrap()
}

fn fresh(records: &[Record], program: &Program) -> (Ledger, Panel) {
    let mut ledger = Ledger::new("crm", MODEL.schema().clone()).unwrap();
    ledger.enter(records).unwrap();
    let panel = program.panel(&program.fold(&ledger).unwrap()).unwrap();
    (ledger, panel)
}

/// The records that come after the closed ones, of the stretch that follows.
fn more(count: u64) -> Vec<Record> {
    records(count, MORE, YEAR, CLOSE)
}

fn after() -> NaiveDate {
    first() + Days::new(YEAR + CLOSE - 1)
}

/// A journal of its own: clones share what their views have read.
fn opened(night: &Snapshot) -> Journal {
    Journal::open(&MODEL, night.clone()).unwrap()
}

/// The view was read the night before.
#[divan::bench(sample_count = 20, args = [0, 1_000_000, 10_000_000])]
fn ten_thousand_entries_and_a_hundred_rows_after(bencher: Bencher<'_, '_>, count: u64) {
    let (night, own) = (closed(count).snapshot(), entries(more(count)));
    bencher
        .with_inputs(|| {
            let journal = opened(&night);
            journal.view("by_team").unwrap().panel().unwrap();
            journal
        })
        .bench_local_values(|mut journal| {
            journal.enter(known(10_000), after(), &own).unwrap();
            let panel = journal.view("by_team").unwrap().panel().unwrap();
            (journal, panel)
        });
}

/// The view is read for the first time.
#[divan::bench(sample_count = 20, args = [0, 1_000_000])]
fn ten_thousand_entries_and_a_hundred_rows_read_anew_after(bencher: Bencher<'_, '_>, count: u64) {
    let (night, own) = (closed(count).snapshot(), entries(more(count)));
    bencher
        .with_inputs(|| opened(&night))
        .bench_local_values(|mut journal| {
            journal.enter(known(10_000), after(), &own).unwrap();
            let panel = journal.view("by_team").unwrap().panel().unwrap();
            (journal, panel)
        });
}

#[divan::bench(sample_count = 20, args = [0, 1_000_000])]
fn of_these_the_entries_after(bencher: Bencher<'_, '_>, count: u64) {
    let (night, own) = (closed(count).snapshot(), entries(more(count)));
    bencher
        .with_inputs(|| opened(&night))
        .bench_local_values(|mut journal| {
            journal.enter(known(10_000), after(), &own).unwrap();
            journal
        });
}

#[divan::bench(sample_count = 20)]
fn ten_thousand_records_into_a_fresh_ledger_and_folded(bencher: Bencher<'_, '_>) {
    let own = more(1_000_000);
    let program = program(after());
    // As beside it, letting go of what was made is not measured.
    bencher.bench_local(|| fresh(black_box(&own), &program));
}
