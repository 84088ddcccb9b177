//! What a hard close forgets of records that are kept singly: a few answer for all, what is settled goes, and the rest is asked for.

use quotaflow::journal::{Close, Entry, Journal, JournalError, Needed};
use quotaflow::ledger::Record;
use quotaflow::model::Model;
use rust_decimal::Decimal;

use crate::journal_closing::{close, day, enter, figure, id, morning, needed};

/// A model in which more is asked of orders than counts and sums.
fn of_customers() -> Model {
    let orders = r#""of": {"kinds": ["order"]}"#;
    let text = r#"{
        "dimensions": [
            {"key": "customer", "hierarchies": [{"key": "customer", "levels": ["customer"]}],
                "members": [{"key": "c1", "level": "customer"}, {"key": "c2", "level": "customer"}, {"key": "c3", "level": "customer"}]},
            {"key": "person", "hierarchies": [{"key": "person", "levels": ["person"]}],
                "members": [{"key": "ann", "level": "person"}, {"key": "bo", "level": "person"}]}],
        "measures": [{"key": "sales", "unit": "money:EUR", "quantum": "0.01", "additivity": "flow"}],
        "kinds": [{"key": "order", "dimensions": [{"field": "person"}, {"field": "customer"}], "measures": [{"measure": "sales"}]}],
        "span": {"start": "2026-01-01", "end": "2031-01-01"},
        "unique_ids": ["crm"],
        "metrics": [
            {"key": "sales", "formula": {"sum": {"value": {"measure": "sales"}, ORDERS}}},
            {"key": "customers", "formula": {"distinct": {"entity": {"member": {"dimension": "customer"}}, ORDERS}}},
            {"key": "new", "formula": {"new": {"entity": {"member": {"dimension": "customer"}}, ORDERS}}},
            {"key": "high", "formula": {"maximum": {"value": {"measure": "sales"}, ORDERS}}},
            {"key": "median", "formula": {"quantile": {"value": {"measure": "sales"}, ORDERS, "p": "0.5", "method": "nearest_rank"}}}],
        "views": [{"key": "months", "rows": [{"dimension": "person", "level": "person"}],
            "periods": {"grain": "month", "from": "2026-01-01", "to": "2027-01-01"}}]
    }"#;
    serde_json::from_str(&text.replace("ORDERS", orders)).unwrap()
}

fn bought(number: i64) -> Entry {
    let on = day("2026-01-01") + chrono::Days::new(u64::try_from(number % 31).unwrap());
    let record = Record::new("order", on)
        .id(format!("SO-{}", 100_000 + number))
        .of(
            "person",
            ["ann", "bo"][usize::try_from(number % 2).unwrap()],
        )
        .of("customer", format!("c{}", 1 + number / 2 % 3))
        .amount("sales", Decimal::new(10_000 + number * 7_919 % 5_000, 2));
    Entry::record("crm", record).unwrap()
}

/// So many orders of January, closed.
fn bought_and_closed(count: i64) -> Journal {
    let mut journal = Journal::new(&of_customers(), day("2026-01-01")).unwrap();
    let mut january: Vec<Entry> = (0..count).map(bought).collect();
    january.push(close("C-1", "2026-01-31", Close::Hard));
    enter(&mut journal, "2026-02-01", &january);
    journal
}

#[test]
fn what_is_kept_of_closed_records_does_not_grow_with_their_number() {
    let sizes = [300, 3_000].map(|count| {
        let journal = bought_and_closed(count);
        assert!(journal.find(&id("crm", "SO-100001")).is_none());
        serde_json::to_string(&journal.snapshot()).unwrap().len()
    });
    assert!(sizes[1] * 10 < sizes[0] * 11, "{sizes:?} bytes");
}

#[test]
fn what_a_few_closed_records_answer_is_answered_and_all_are_asked_for_by_what_needs_them() {
    let mut journal = bought_and_closed(300);
    let again = bought(1_000_000);
    let february = Record::new("order", day("2026-02-03"))
        .id("F-1")
        .of("person", "ann");
    let february = february
        .of("customer", "c1")
        .amount("sales", Decimal::from(5));
    let february = Entry::record("crm", february).unwrap();
    enter(&mut journal, "2026-02-10", &[february, again]);
    let view = journal.view("months").unwrap();
    assert_eq!(figure(&view, "customers", "ann", "2026-02"), "1 customer");
    assert_eq!(figure(&view, "new", "ann", "2026-02"), "0 customer");
    assert_eq!(figure(&view, "new", "ann", "2026-01"), "3 customer");
    assert_eq!(figure(&view, "median", "ann", "2026-02"), "5.00 EUR");
    // What restates January needs its records: for a median all, which are asked for by their pieces.
    let restated = view.as_it_is(day("2026-02-09"));
    let needed = needed(restated.panel().unwrap_err());
    let Needed::Records { pieces } = &needed else {
        panic!("{needed}");
    };
    assert_eq!(pieces.len(), 6, "of two people and three customers");
    let stored: Vec<Entry> = (0..300).map(bought).collect();
    journal.supply(&needed, &stored).unwrap();
    let restated = journal.view("months").unwrap().as_it_is(day("2026-02-09"));
    let told = restated.panel().unwrap();
    journal.forget().unwrap();
    assert!(
        journal
            .view("months")
            .unwrap()
            .as_it_is(day("2026-02-09"))
            .panel()
            .is_err()
    );
    let mut open = Journal::new(&of_customers(), day("2026-01-01")).unwrap();
    enter(&mut open, "2026-02-01", &stored);
    let mut late = vec![bought(1_000_000)];
    let february = Record::new("order", day("2026-02-03"))
        .id("F-1")
        .of("person", "ann");
    let february = february
        .of("customer", "c1")
        .amount("sales", Decimal::from(5));
    late.push(Entry::record("crm", february).unwrap());
    enter(&mut open, "2026-02-10", &late);
    let whole = open.view("months").unwrap().as_it_is(day("2026-02-09"));
    assert_eq!(told, whole.panel().unwrap());
}

#[test]
fn a_closed_record_that_is_taken_back_is_asked_for_and_then_those_that_may_count_instead() {
    let mut journal = bought_and_closed(300);
    // The first order of this customer with this person, which says since when the customer is known.
    let reversal = Entry::reverse(id("crm", "R-1"), day("2026-02-05"), id("crm", "SO-100000"));
    let through = day("2026-02-09");
    let error = journal
        .enter(
            morning("2026-02-10"),
            through,
            std::slice::from_ref(&reversal),
        )
        .unwrap_err();
    let JournalError::Needed { needed: ids } = error else {
        panic!("{error}");
    };
    journal.supply(&ids, &[bought(0)]).unwrap();
    journal
        .enter(morning("2026-02-10"), through, &[reversal])
        .unwrap();
    let view = journal.view("months").unwrap();
    let needed = needed(view.panel().unwrap_err());
    let stored: Vec<Entry> = (0..300).map(bought).collect();
    journal.supply(&needed, &stored).unwrap();
    let view = journal.view("months").unwrap();
    assert_eq!(figure(&view, "customers", "ann", "2026-01"), "3 customer");
    let told = view.panel().unwrap();
    // What was supplied is let go, and what is enough now is kept.
    journal.forget().unwrap();
    assert_eq!(journal.view("months").unwrap().panel().unwrap(), told);
}

/// Invoices that are paid, and payments.
pub fn of_invoices() -> Model {
    let text = r#"{
        "dimensions": [{"key": "person", "hierarchies": [{"key": "person", "levels": ["person"]}],
            "members": [{"key": "ann", "level": "person"}]}],
        "measures": [{"key": "amount", "unit": "money:EUR", "quantum": "0.01", "additivity": "flow"}],
        "kinds": [
            {"key": "invoice", "dimensions": [{"field": "person"}], "measures": [{"measure": "amount", "need": "required"}], "opens": "amount"},
            {"key": "payment", "dimensions": [{"field": "person"}], "measures": [{"measure": "amount", "need": "required"}], "opens": "amount"}],
        "span": {"start": "2026-01-01", "end": "2031-01-01"},
        "unique_ids": ["erp"],
        "metrics": [
            {"key": "receivables", "formula": {"open": {"value": {"measure": "amount"}, "of": {"kinds": ["invoice"]}}}},
            {"key": "unapplied", "formula": {"open": {"value": {"measure": "amount"}, "of": {"kinds": ["payment"]}}}}],
        "views": [{"key": "months", "rows": [{"dimension": "person", "level": "person"}],
            "periods": {"grain": "month", "from": "2026-01-01", "to": "2027-01-01"}}]
    }"#;
    serde_json::from_str(text).unwrap()
}

pub fn of_ann(kind: &str, name: &str, on: &str, euros: i64) -> Entry {
    let record = Record::new(kind, day(on)).id(name).of("person", "ann");
    Entry::record("erp", record.amount("amount", Decimal::from(euros))).unwrap()
}

/// So many invoices of January that were paid in January, and what paid them.
fn paid(count: usize) -> Vec<Entry> {
    let each = (0..count).flat_map(|number| {
        let (invoice, payment) = (format!("I-{number:04}"), format!("P-{number:04}"));
        let applied = Entry::apply(
            id("erp", &format!("A-{number:04}")),
            day("2026-01-20"),
            id("erp", &invoice),
            10,
        );
        [
            of_ann("invoice", &invoice, "2026-01-10", 10),
            of_ann("payment", &payment, "2026-01-20", 10),
            applied.settled_by(id("erp", &payment)).unwrap(),
        ]
    });
    each.collect()
}

#[test]
fn what_is_settled_is_forgotten_by_a_close_and_what_is_open_stays() {
    let closed = |count: usize| {
        let mut journal = Journal::new(&of_invoices(), day("2026-01-01")).unwrap();
        let mut january = paid(count);
        january.push(of_ann("invoice", "OPEN", "2026-01-15", 7));
        january.push(close("C-1", "2026-01-31", Close::Hard));
        enter(&mut journal, "2026-02-01", &january);
        journal
    };
    let size = |journal: &Journal| serde_json::to_string(&journal.snapshot()).unwrap().len();
    let sizes = [30, 300].map(|count| size(&closed(count)));
    assert!(sizes[1] < sizes[0] + 100, "{sizes:?} bytes");
    let mut journal = closed(30);
    for name in ["I-0000", "P-0000", "A-0000"] {
        assert!(journal.find(&id("erp", name)).is_none(), "{name}");
    }
    assert!(journal.find(&id("erp", "OPEN")).is_some());
    // What is open is paid in part without a question.
    let part = Entry::apply(id("erp", "B-1"), day("2026-02-03"), id("erp", "OPEN"), 2);
    enter(&mut journal, "2026-02-10", &[part]);
    let view = journal.view("months").unwrap();
    assert_eq!(figure(&view, "receivables", "ann", "2026-01"), "7.00 EUR");
    assert_eq!(figure(&view, "receivables", "ann", "2026-02"), "5.00 EUR");
    // A payment of January bounces: the invoice is open again from that day on.
    let bounced = Entry::reverse(id("erp", "R-1"), day("2026-02-12"), id("erp", "P-0007"));
    let (known, through) = (morning("2026-02-13"), day("2026-02-12"));
    let error = journal
        .enter(known, through, std::slice::from_ref(&bounced))
        .unwrap_err();
    let JournalError::Needed { needed } = error else {
        panic!("{error}");
    };
    journal.supply(&needed, &paid(30)).unwrap();
    assert!(journal.find(&id("erp", "I-0007")).is_some());
    assert!(
        journal.find(&id("erp", "I-0008")).is_none(),
        "not asked for"
    );
    journal.enter(known, through, &[bounced]).unwrap();
    let view = journal.view("months").unwrap();
    assert_eq!(figure(&view, "receivables", "ann", "2026-02"), "15.00 EUR");
    assert_eq!(figure(&view, "unapplied", "ann", "2026-02"), "0.00 EUR");
    // Restated by the structure of one day, January asks for its items.
    let restated = view.as_it_is(day("2026-02-12"));
    let needed = self::needed(restated.panel().unwrap_err());
    let mut stored = paid(30);
    stored.push(of_ann("invoice", "OPEN", "2026-01-15", 7));
    journal.supply(&needed, &stored).unwrap();
    let restated = journal.view("months").unwrap().as_it_is(day("2026-02-12"));
    assert_eq!(
        figure(&restated, "receivables", "ann", "2026-01"),
        "7.00 EUR"
    );
    assert_eq!(
        figure(&restated, "receivables", "ann", "2026-02"),
        "15.00 EUR"
    );
}
