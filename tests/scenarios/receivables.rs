//! Invoices that are paid in parts: open items in a journal, aged by what is left, with the row to which they belong on the day.

use chrono::{NaiveDate, NaiveDateTime};
use quotaflow::journal::{Entry, EntryId, Journal, JournalError, Snapshot};
use quotaflow::ledger::Record;
use quotaflow::measure::Currency;
use quotaflow::model::Model;
use quotaflow::quantity::Number;
use rust_decimal::Decimal;

fn model() -> Model {
    let amount = |formula: &str| {
        format!(
            r#"{{"open": {{"value": {{"measure": "amount"}}, "of": {{"kinds": ["invoice"]}} {formula}}}}}"#
        )
    };
    let metrics = [
        ("receivables", amount("")),
        ("entered", amount(r#", "figure": "entered""#)),
        ("settled", amount(r#", "figure": "settled""#)),
        ("moved_in", amount(r#", "figure": "moved_in""#)),
        ("moved_out", amount(r#", "figure": "moved_out""#)),
        ("not_due", amount(r#", "age": {"since": "due", "at_most": 0}"#)),
        ("overdue", amount(r#", "age": {"since": "due", "at_least": 1}"#)),
        ("overdue_31_60", amount(r#", "age": {"since": "due", "at_least": 31, "at_most": 60}"#)),
        ("undisputed", amount("").replace(r#"["invoice"]"#, r#"["invoice"], "where": [{"not": {"attribute": {"field": "disputed", "any_of": ["yes"]}}}]"#)),
        ("open_invoices", r#"{"open": {"of": {"kinds": ["invoice"]}}}"#.to_owned()),
        ("age", r#"{"open_age": {"of": {"kinds": ["invoice"]}, "since": "day"}}"#.to_owned()),
        ("invoiced", r#"{"sum": {"value": {"measure": "amount"}, "of": {"kinds": ["invoice"]}}}"#.to_owned()),
        ("collected", r#"{"sum": {"value": {"measure": "amount"}, "of": {"kinds": ["payment"]}}}"#.to_owned()),
        ("unapplied", r#"{"open": {"value": {"measure": "amount"}, "of": {"kinds": ["payment"]}}}"#.to_owned()),
        ("exposure", r#"{"difference": {"of": {"metric": "receivables"}, "minus": {"metric": "unapplied"}}}"#.to_owned()),
        ("dso", r#"{"ratio": {"of": {"metric": "receivables"}, "to": {"ratio": {"of": {"metric": "invoiced"}, "to": "days"}}}}"#.to_owned()),
    ];
    let metrics = metrics.map(|(key, formula)| {
        let unit = if key == "dso" {
            r#""unit": "day", "#
        } else {
            ""
        };
        format!(r#"{{"key": "{key}", {unit}"formula": {formula}}}"#)
    });
    let document = format!(
        r#"{{
        "dimensions": [{{"key": "person", "hierarchies": [{{"key": "person", "levels": ["team", "person"],
                "links": [{{"member": "ann", "parent": "north"}}, {{"member": "bo", "parent": "south"}}]}}],
            "members": [{{"key": "north", "level": "team"}}, {{"key": "south", "level": "team"}},
                {{"key": "ann", "level": "person"}}, {{"key": "bo", "level": "person"}}]}}],
        "measures": [{{"key": "amount", "unit": "money:EUR", "quantum": "0.01", "additivity": "flow"}}],
        "rates": [{{"key": "spot", "rates": [{{"currency": "USD", "day": "2026-01-01", "rate": "0.9"}}], "base": "EUR", "basis": "until"}}],
        "kinds": [{{"key": "invoice", "dimensions": [{{"field": "person"}}],
                "measures": [{{"measure": "amount", "need": "required", "exchange": {{"table": "spot"}}}}],
                "attributes": [{{"field": "disputed"}}], "dates": [{{"field": "due"}}], "opens": "amount"}},
            {{"key": "payment", "dimensions": [{{"field": "person"}}],
                "measures": [{{"measure": "amount", "need": "required", "exchange": {{"table": "spot"}}}}], "opens": "amount"}}],
        "span": {{"start": "2026-01-01", "end": "2031-01-01"}},
        "metrics": [{}],
        "views": [{{"key": "teams", "rows": [{{"dimension": "person", "level": "team"}}],
            "periods": {{"grain": "month", "from": "2026-01-01", "to": "2027-01-01"}}}}]
    }}"#,
        metrics.join(", ")
    );
    serde_json::from_str(&document).unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn id(id: &str) -> EntryId {
    EntryId::new("erp", id).unwrap()
}

fn invoice(name: &str, on: &str, due: &str, euros: i64) -> Record {
    let record = Record::new("invoice", day(on)).id(name).of("person", "ann");
    record
        .date("due", day(due))
        .amount("amount", Decimal::from(euros))
}

fn payment(name: &str, on: &str, euros: i64) -> Entry {
    let record = Record::new("payment", day(on)).id(name).of("person", "ann");
    entry(record.amount("amount", Decimal::from(euros)))
}

fn entry(record: Record) -> Entry {
    Entry::record("erp", record).unwrap()
}

fn applied(name: &str, on: &str, by: &str, euros: i64) -> Entry {
    Entry::apply(id(name), day(on), id("INV-1"), euros)
        .settled_by(id(by))
        .unwrap()
}

/// A journal that took these in, at six in the morning of the first of each month from February on; written and read in between.
fn journal(hand_overs: &[Vec<Entry>]) -> Journal {
    let mut journal = Journal::new(&model(), day("2026-01-01")).unwrap();
    for (month, entries) in (2..).zip(hand_overs) {
        enter(&mut journal, month, entries).unwrap();
        let night = serde_json::to_string(&journal.snapshot()).unwrap();
        let night: Snapshot = serde_json::from_str(&night).unwrap();
        journal = Journal::open(&model(), night).unwrap();
    }
    journal
}

fn enter(journal: &mut Journal, month: u32, entries: &[Entry]) -> Result<(), JournalError> {
    let known: NaiveDateTime = format!("2026-{month:02}-01T06:00:00").parse().unwrap();
    journal
        .enter(known, known.date().pred_opt().unwrap(), entries)
        .map(|_| ())
}

/// What is said of some metrics of a team and a month, as of a day.
fn told(journal: &Journal, as_of: &str, row: &str, month: &str, metrics: &[&str]) -> Vec<String> {
    let panel = journal
        .view("teams")
        .unwrap()
        .as_of(day(as_of))
        .panel()
        .unwrap();
    let told = |metric: &&str| panel.get(metric, [row], month).unwrap().to_string();
    metrics.iter().map(told).collect()
}

#[test]
fn an_invoice_of_100_of_which_60_are_paid_is_40_and_ages_as_40() {
    let journal = journal(&[
        vec![entry(invoice("INV-1", "2026-01-10", "2026-02-09", 100))],
        vec![],
        vec![
            payment("P-1", "2026-03-05", 60),
            applied("A-1", "2026-03-05", "P-1", 60),
        ],
    ]);
    let balances = ["receivables", "overdue", "overdue_31_60", "open_invoices"];
    assert_eq!(
        told(&journal, "2026-03-31", "north", "2026-01", &balances),
        ["100.00 EUR", "0.00 EUR", "0.00 EUR", "1 invoice"]
    );
    assert_eq!(
        told(&journal, "2026-03-31", "north", "2026-02", &balances),
        ["100.00 EUR", "100.00 EUR", "0.00 EUR", "1 invoice"]
    );
    // 31 March is 50 days after 9 February and 80 after 10 January.
    assert_eq!(
        told(&journal, "2026-03-31", "north", "2026-03", &balances),
        ["40.00 EUR", "40.00 EUR", "40.00 EUR", "1 invoice"]
    );
    let more = [
        "age",
        "collected",
        "unapplied",
        "settled",
        "undisputed",
        "not_due",
    ];
    assert_eq!(
        told(&journal, "2026-03-31", "north", "2026-03", &more),
        [
            "80.00 days",
            "60.00 EUR",
            "0.00 EUR",
            "60.00 EUR",
            "40.00 EUR",
            "0.00 EUR"
        ]
    );
    // January invoiced 100 in 31 days and has 100 left.
    assert_eq!(
        told(&journal, "2026-03-31", "north", "2026-01", &["dso"]),
        ["31.00 days"]
    );
    // As of a day before the payment nothing is paid.
    assert_eq!(
        told(&journal, "2026-03-04", "north", "2026-03", &["receivables"]),
        ["100.00 EUR"]
    );
}

#[test]
fn receivables_of_january_are_those_of_january_though_the_invoice_is_reversed_in_march() {
    let back = Entry::reverse(id("R-1"), day("2026-03-05"), id("INV-1"));
    let journal = journal(&[
        vec![entry(invoice("INV-1", "2026-01-10", "2026-02-09", 100))],
        vec![],
        vec![back],
    ]);
    let of = |month: &str| {
        told(
            &journal,
            "2026-03-31",
            "north",
            month,
            &["receivables", "invoiced", "settled"],
        )
    };
    assert_eq!(of("2026-01"), ["100.00 EUR", "100.00 EUR", "0.00 EUR"]);
    assert_eq!(of("2026-02"), ["100.00 EUR", "0.00 EUR", "0.00 EUR"]);
    assert_eq!(of("2026-03"), ["0.00 EUR", "-100.00 EUR", "100.00 EUR"]);
}

#[test]
fn a_part_that_is_taken_back_is_neither_sold_nor_open_any_more() {
    let part = Entry::reverse(id("R-1"), day("2026-02-05"), id("INV-1"))
        .only("amount", 20)
        .unwrap();
    let rest = Entry::reverse(id("R-2"), day("2026-03-05"), id("INV-1"));
    let journal = journal(&[
        vec![entry(invoice("INV-1", "2026-01-10", "2026-02-09", 100))],
        vec![part],
        vec![rest],
    ]);
    let of = |month: &str| {
        told(
            &journal,
            "2026-03-31",
            "north",
            month,
            &["receivables", "invoiced"],
        )
    };
    assert_eq!(of("2026-01"), ["100.00 EUR", "100.00 EUR"]);
    assert_eq!(of("2026-02"), ["80.00 EUR", "-20.00 EUR"]);
    assert_eq!(of("2026-03"), ["0.00 EUR", "-80.00 EUR"]);
}

#[test]
fn a_cheque_that_bounces_leaves_the_invoice_open_again() {
    let bounced = Entry::reverse(id("R-1"), day("2026-03-20"), id("P-1"));
    let journal = journal(&[
        vec![entry(invoice("INV-1", "2026-01-10", "2026-02-09", 100))],
        vec![
            payment("P-1", "2026-02-05", 60),
            applied("A-1", "2026-02-05", "P-1", 60),
        ],
        vec![bounced],
    ]);
    let of = |month: &str| {
        told(
            &journal,
            "2026-03-31",
            "north",
            month,
            &["receivables", "collected", "unapplied", "exposure"],
        )
    };
    assert_eq!(
        of("2026-02"),
        ["40.00 EUR", "60.00 EUR", "0.00 EUR", "40.00 EUR"]
    );
    assert_eq!(
        of("2026-03"),
        ["100.00 EUR", "-60.00 EUR", "0.00 EUR", "100.00 EUR"]
    );
}

#[test]
fn an_application_that_is_taken_back_leaves_the_payment_unapplied_and_a_write_off_needs_none() {
    let unapplied = Entry::reverse(id("R-1"), day("2026-03-20"), id("A-1"));
    let written_off = Entry::apply(id("A-2"), day("2026-04-30"), id("INV-1"), 100);
    let journal = journal(&[
        vec![entry(invoice("INV-1", "2026-01-10", "2026-02-09", 100))],
        vec![
            payment("P-1", "2026-02-05", 60),
            applied("A-1", "2026-02-05", "P-1", 60),
        ],
        vec![unapplied],
        vec![written_off],
    ]);
    let of = |month: &str| {
        told(
            &journal,
            "2026-04-30",
            "north",
            month,
            &["receivables", "unapplied", "open_invoices"],
        )
    };
    assert_eq!(of("2026-02"), ["40.00 EUR", "0.00 EUR", "1 invoice"]);
    assert_eq!(of("2026-03"), ["100.00 EUR", "60.00 EUR", "1 invoice"]);
    assert_eq!(of("2026-04"), ["0.00 EUR", "60.00 EUR", "0 invoice"]);
}

#[test]
fn an_item_is_settled_in_its_own_currency_and_another_one_says_its_rate() {
    // 200 dollars, booked as 180.00 euros: half of it paid in dollars is 90.00 whatever the rate is by then; 45 euros are 50 dollars.
    let bill =
        invoice("INV-1", "2026-01-10", "2026-02-09", 200).currency(Currency::new("USD").unwrap());
    let rate: Number = "1.1111".parse().unwrap();
    let euros = Entry::apply(id("A-2"), day("2026-03-05"), id("INV-1"), 45);
    let euros = euros
        .in_currency(Currency::new("EUR").unwrap(), rate)
        .unwrap();
    let half = Entry::apply(id("A-1"), day("2026-02-05"), id("INV-1"), 100);
    let mut journal = journal(&[vec![entry(bill)], vec![half], vec![euros]]);
    let of = |month: &str| told(&journal, "2026-03-31", "north", month, &["receivables"]);
    assert_eq!(
        (of("2026-01"), of("2026-02")),
        (vec!["180.00 EUR".to_owned()], vec!["90.00 EUR".to_owned()])
    );
    // 45 x 1.1111 = 50.00 dollars: a quarter is left.
    assert_eq!(of("2026-03"), ["45.00 EUR"]);
    let other = Entry::apply(id("A-3"), day("2026-04-05"), id("INV-1"), 45);
    let mut other = other
        .in_currency(Currency::new("USD").unwrap(), rate)
        .unwrap();
    let error = enter(&mut journal, 5, &[other.clone()])
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("in USD needs a rate where that is not the item's own currency, USD"),
        "{error}"
    );
    let part = Entry::reverse(id("R-9"), day("2026-04-05"), id("INV-1"));
    let part = part.only("amuont", 1).unwrap();
    let error = enter(&mut journal, 5, &[part]).unwrap_err().to_string();
    assert!(
        error.contains(
            "`erp/INV-1` has no amount of `amuont` of which a part could be reversed; did you mean `amount`?"
        ),
        "{error}"
    );
    other = Entry::apply(id("A-3"), day("2026-01-05"), id("INV-1"), 45);
    let error = enter(&mut journal, 5, &[other]).unwrap_err().to_string();
    assert!(
        error.contains(
            "2026-01-05 is before the day of what it refers to, `erp/INV-1` of 2026-01-10"
        ),
        "{error}"
    );
    let negative = Entry::apply(id("A-3"), day("2026-04-05"), id("INV-1"), -45);
    let error = enter(&mut journal, 5, &[negative]).unwrap_err().to_string();
    assert!(
        error.contains(
            "-45 USD of `amount` does not lie between 0 and the 50 USD that is left of `erp/INV-1` on 2026-04-05"
        ),
        "{error}"
    );
}

#[test]
fn debts_go_with_the_person_and_every_row_says_how_its_balance_came_to_be() {
    let moved = Entry::moving(id("M-1"), day("2026-02-10"), ("person", "ann", "south")).unwrap();
    let journal = journal(&[
        vec![entry(invoice("INV-1", "2026-01-10", "2026-02-09", 100))],
        vec![
            moved,
            payment("P-1", "2026-02-05", 40),
            applied("A-1", "2026-02-05", "P-1", 30),
            applied("A-2", "2026-02-20", "P-1", 10),
        ],
    ]);
    let flows = ["entered", "settled", "moved_in", "moved_out", "receivables"];
    let of = |row: &str, month: &str| {
        told(&journal, "2026-02-28", row, month, &flows)
            .join(" ")
            .replace(" EUR", "")
    };
    assert_eq!(of("north", "2026-01"), "100.00 0.00 0.00 0.00 100.00");
    assert_eq!(of("north", "2026-02"), "0.00 30.00 0.00 70.00 0.00");
    assert_eq!(of("south", "2026-02"), "0.00 10.00 70.00 0.00 60.00");
}

#[test]
fn what_settles_an_invoice_that_is_not_there_waits_and_takes_part_once_it_comes() {
    let mut journal = journal(&[vec![
        payment("P-1", "2026-01-20", 60),
        applied("A-1", "2026-01-20", "P-1", 60),
    ]]);
    let waiting: Vec<String> = journal.waiting().iter().map(ToString::to_string).collect();
    assert_eq!(waiting, ["`erp/A-1` waits for the entry `erp/INV-1`"]);
    assert_eq!(
        told(&journal, "2026-01-31", "north", "2026-01", &["unapplied"]),
        ["60.00 EUR"]
    );
    enter(
        &mut journal,
        3,
        &[entry(invoice("INV-1", "2026-01-10", "2026-02-09", 100))],
    )
    .unwrap();
    assert_eq!(journal.waiting(), []);
    assert_eq!(
        told(
            &journal,
            "2026-02-28",
            "north",
            "2026-01",
            &["receivables", "unapplied"]
        ),
        ["40.00 EUR", "0.00 EUR"]
    );
    // A payment is no invoice that was reversed, and an order for nothing cannot be paid.
    let twice = [applied("A-1", "2026-02-20", "P-1", 60)];
    let error = enter(&mut journal, 4, &twice).unwrap_err().to_string();
    assert!(
        error.contains("another entry of this identity, with other content, was entered before"),
        "{error}"
    );
}

#[test]
fn an_invoice_that_is_taken_back_gives_its_payment_back() {
    let wrong = Entry::reverse(id("R-1"), day("2026-03-20"), id("INV-1"));
    let journal = journal(&[
        vec![entry(invoice("INV-1", "2026-01-10", "2026-02-09", 100))],
        vec![
            payment("P-1", "2026-02-05", 60),
            applied("A-1", "2026-02-05", "P-1", 60),
        ],
        vec![wrong],
    ]);
    let of = |month: &str| {
        let figures = ["receivables", "unapplied"];
        told(&journal, "2026-03-31", "north", month, &figures)
    };
    assert_eq!(of("2026-02"), ["40.00 EUR", "0.00 EUR"]);
    assert_eq!(of("2026-03"), ["0.00 EUR", "60.00 EUR"]);
}

#[test]
fn no_more_is_applied_than_is_open_by_what_was_told_before() {
    let mut journal = journal(&[
        vec![entry(invoice("INV-1", "2026-01-10", "2026-02-09", 100))],
        vec![
            payment("P-1", "2026-02-05", 60),
            payment("P-2", "2026-02-06", 60),
            applied("A-1", "2026-02-05", "P-1", 60),
        ],
    ]);
    let second = |name: &str, euros: i64| [applied(name, "2026-02-10", "P-2", euros)];
    let error = enter(&mut journal, 4, &second("A-2", 41)).unwrap_err();
    let error = error.to_string();
    let wanted = "41 EUR of `amount` does not lie between 0 and the 40 EUR that is left of `erp/INV-1` on 2026-02-10";
    assert!(error.contains(wanted), "{error}");
    // Taken back on the same day, the first leaves room for the second; once that is a mistake, the second waits.
    let back = Entry::reverse(id("R-1"), day("2026-02-10"), id("A-1"));
    enter(&mut journal, 4, &[back]).unwrap();
    enter(&mut journal, 5, &second("A-2", 60)).unwrap();
    let figures = ["receivables", "unapplied"];
    let of = |journal: &Journal| told(journal, "2026-02-28", "north", "2026-02", &figures);
    assert_eq!(of(&journal), ["40.00 EUR", "60.00 EUR"]);
    let mistake = Entry::void(id("V-1"), day("2026-02-10"), id("R-1"));
    enter(&mut journal, 6, &[mistake]).unwrap();
    assert_eq!(journal.waiting().len(), 1);
    assert_eq!(of(&journal), ["40.00 EUR", "60.00 EUR"]);
    let itself = [applied("A-3", "2026-02-10", "INV-1", 1)];
    let error = enter(&mut journal, 7, &itself).unwrap_err().to_string();
    assert!(
        error.contains("`erp/INV-1` cannot settle itself"),
        "{error}"
    );
}
