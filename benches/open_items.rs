//! Money applied to many invoices out of one payment: entered and read back, so many and ten times as many.

#![allow(
    clippy::unwrap_used,
    missing_docs,
    reason = "a bench stops where something is wrong"
)]

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use quotaflow::ledger::{ApplicationDef, Ledger, Record};
use rust_decimal::Decimal;

/// How many invoices are paid.
const COUNTS: [usize; 2] = [2_000, 20_000];

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
        "span": {"start": "2026-01-01", "end": "2027-01-01"}}}"#;
    serde_json::from_str(text).unwrap()
}

/// So many invoices of 10, one payment of all of it, what it settles, and every second of that taken back again.
fn records(count: usize) -> Vec<Record> {
    let day = |day: usize| {
        format!("2026-{:02}-{:02}", 1 + day % 336 / 28, 1 + day % 28)
            .parse()
            .unwrap()
    };
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
    all.extend(back.map(|at| Record::reversal(format!("A-{at}"), day(335))));
    all
}

#[divan::bench(args = COUNTS)]
fn entered(bencher: Bencher<'_, '_>, count: usize) {
    let (empty, records) = (empty(), records(count));
    bencher.counter(ItemsCount::new(count)).bench(|| {
        let mut ledger = empty.clone();
        ledger.enter(black_box(&records)).unwrap();
        ledger
    });
}

#[divan::bench(args = COUNTS)]
fn read_back(bencher: Bencher<'_, '_>, count: usize) {
    let mut ledger = empty();
    ledger.enter(&records(count)).unwrap();
    let text = serde_json::to_string(&ledger).unwrap();
    let read = || serde_json::from_str::<Ledger>(black_box(&text)).unwrap();
    bencher.counter(ItemsCount::new(count)).bench(read);
}

/// Parts of one record that are taken back.
#[divan::bench(args = COUNTS)]
fn reduced(bencher: Bencher<'_, '_>, count: usize) {
    let mut records = records(count);
    records.truncate(1);
    let day = "2026-12-28".parse().unwrap();
    records.extend((0..count).map(|at| {
        let part = Record::reversal("P", day).amount("amount", Decimal::ONE);
        part.id(format!("R-{at}"))
    }));
    let empty = empty();
    bencher.counter(ItemsCount::new(count)).bench(|| {
        let mut ledger = empty.clone();
        ledger.enter(black_box(&records)).unwrap();
        ledger
    });
}
