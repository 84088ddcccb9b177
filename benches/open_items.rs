//! Money applied to many invoices out of one payment: entered in one batch, one by one and read back, so many and ten times as many.

#![allow(
    clippy::unwrap_used,
    missing_docs,
    reason = "a bench stops where something is wrong"
)]

use chrono::{Days, NaiveDate};
use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use quotaflow::ledger::{ApplicationDef, Ledger, Record};
use rust_decimal::Decimal;

/// How many invoices are paid.
const COUNTS: [usize; 2] = [2_000, 20_000];

/// How many are where each record is a batch of its own, which takes a look at all that was said of the payment before.
const ONE_BY_ONE: [usize; 2] = [200, 2_000];

fn main() {
    divan::main();
}

fn empty() -> Ledger {
    let text = r#"{"key": "erp", "schema": {
        "space": [{"key": "person", "hierarchies": [{"key": "person", "levels": ["person"]}],
            "members": [{"key": "ann", "level": "person"}]}],
        "measures": [{"key": "amount", "unit": "money:EUR", "quantum": "0.01", "additivity": "flow"}],
        "kinds": [
            {"key": "invoice", "dimensions": [{"field": "person"}], "opens": "amount",
                "measures": [{"measure": "amount", "need": "required"}]},
            {"key": "payment", "dimensions": [{"field": "person"}], "opens": "amount",
                "measures": [{"measure": "amount", "need": "required"}]}],
        "span": {"start": "2000-01-01", "end": "2100-01-01"}}}"#;
    serde_json::from_str(text).unwrap()
}

/// A day of its own for each of so many, and the last one.
fn day(at: usize) -> NaiveDate {
    let first = NaiveDate::from_ymd_opt(2000, 1, 1).unwrap();
    first + Days::new(u64::try_from(at).unwrap())
}

fn last() -> NaiveDate {
    NaiveDate::from_ymd_opt(2099, 12, 31).unwrap()
}

/// So many invoices of 10, one payment of all of it, what it settles day by day, and every second of that taken back again: two and
/// a half records for each, and the payment.
fn records(count: usize) -> Vec<Record> {
    let open = |kind: &str, id: String, amount: usize| {
        let record = Record::new(kind, day(0)).id(id).of("person", "ann");
        record.amount("amount", Decimal::from(amount))
    };
    let mut all = vec![open("payment", "P".to_owned(), 10 * count)];
    all.extend((0..count).map(|at| open("invoice", format!("I-{at}"), 10)));
    all.extend((0..count).map(|at| {
        let own = ApplicationDef::new(format!("I-{at}"), 10).settled_by("P".to_owned());
        Record::application(own, day(at)).id(format!("A-{at}"))
    }));
    let back = (0..count).step_by(2);
    all.extend(back.map(|at| Record::reversal(format!("A-{at}"), last())));
    all
}

#[divan::bench(args = COUNTS)]
fn entered(bencher: Bencher<'_, '_>, count: usize) {
    let (empty, records) = (empty(), records(count));
    bencher.counter(ItemsCount::new(records.len())).bench(|| {
        let mut ledger = empty.clone();
        ledger.enter(black_box(&records)).unwrap();
        ledger
    });
}

#[divan::bench(args = ONE_BY_ONE, sample_count = 5, sample_size = 1)]
fn entered_one_by_one(bencher: Bencher<'_, '_>, count: usize) {
    let (empty, records) = (empty(), records(count));
    bencher.counter(ItemsCount::new(records.len())).bench(|| {
        let mut ledger = empty.clone();
        for record in black_box(&records) {
            ledger.enter(std::slice::from_ref(record)).unwrap();
        }
        ledger
    });
}

#[divan::bench(args = COUNTS)]
fn read_back(bencher: Bencher<'_, '_>, count: usize) {
    let (mut ledger, records) = (empty(), records(count));
    ledger.enter(&records).unwrap();
    let text = serde_json::to_string(&ledger).unwrap();
    let read = || serde_json::from_str::<Ledger>(black_box(&text)).unwrap();
    bencher.counter(ItemsCount::new(records.len())).bench(read);
}

/// Parts of one record that are taken back, each on a day of its own.
#[divan::bench(args = COUNTS)]
fn reduced(bencher: Bencher<'_, '_>, count: usize) {
    let mut records = records(count);
    records.truncate(1);
    records.extend((0..count).map(|at| {
        let part = Record::reversal("P", day(at)).amount("amount", Decimal::ONE);
        part.id(format!("R-{at}"))
    }));
    let empty = empty();
    bencher.counter(ItemsCount::new(records.len())).bench(|| {
        let mut ledger = empty.clone();
        ledger.enter(black_box(&records)).unwrap();
        ledger
    });
}
