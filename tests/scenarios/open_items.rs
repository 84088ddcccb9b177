//! Open items in a scenario: paid in parts, settled otherwise, taken back, and with the row to which they belong on the day; and
//! figures of single records as these stood at the end of each period.

use std::collections::BTreeSet;

use quotaflow::calendar::{Calendar, Grain};
use quotaflow::ledger::{Ledger, Record};
use quotaflow::metric::{Layout, MetricDef, Program};
use quotaflow::scenario::{Outcome, ScenarioDef};

use crate::one_view::one_view;
use quotaflow::space::{Axis, Unassigned};
use serde_json::{Value, json};

fn formula(key: &str, formula: &Value) -> Value {
    json!({"key": key, "formula": formula})
}

fn company(as_of: &str, records: &Value) -> Value {
    let open = |more: &Value| {
        let mut own = json!({"value": {"measure": "amount"}, "of": {"kinds": ["invoice"]}});
        for (name, value) in more.as_object().unwrap() {
            own[name] = value.clone();
        }
        json!({"open": own})
    };
    let orders = json!({"kinds": ["order"]});
    let customers = json!({"entity": {"member": {"dimension": "customer"}}, "of": orders});
    let values = json!({"value": {"measure": "amount"}, "of": orders});
    json!({
        "as_of": as_of,
        "schema": {
            "space": [
                {"key": "person", "hierarchies": [{"key": "person", "levels": ["team", "person"], "links": [
                    {"member": "ann", "parent": "north", "to": "2026-02-15"},
                    {"member": "ann", "parent": "south", "from": "2026-02-15"},
                    {"member": "bo", "parent": "south"}]}],
                 "members": [{"key": "north", "level": "team"}, {"key": "south", "level": "team"},
                    {"key": "ann", "level": "person"}, {"key": "bo", "level": "person"}]},
                {"key": "customer", "hierarchies": [{"key": "customer", "levels": ["customer"]}],
                 "members": [{"key": "c1", "level": "customer"}, {"key": "c2", "level": "customer"}]}],
            "measures": [{"key": "amount", "unit": "money:EUR", "quantum": "0.01", "additivity": "flow"}],
            "rates": [{"key": "spot", "base": "EUR", "basis": "until",
                "rates": [{"currency": "USD", "day": "2026-01-01", "rate": "0.9"}]}],
            "kinds": [
                {"key": "invoice", "dimensions": [{"field": "person"}], "dates": [{"field": "due", "planned": true}],
                 "attributes": [{"field": "disputed"}], "opens": "amount",
                 "measures": [{"measure": "amount", "need": "required", "exchange": {"table": "spot"}}]},
                {"key": "payment", "dimensions": [{"field": "person"}], "opens": "amount",
                 "measures": [{"measure": "amount", "need": "required", "exchange": {"table": "spot"}}]},
                {"key": "order", "dimensions": [{"field": "person"}, {"field": "customer"}],
                 "measures": [{"measure": "amount"}]},
                {"key": "credit_note", "dimensions": [{"field": "person"}], "measures": [{"measure": "amount"}]}],
            "span": {"start": "2026-01-01", "end": "2027-01-01"}
        },
        "subjects": [{"dimension": "person", "level": "team"}],
        "periods": {"grain": "month", "from": "2026-01-01", "to": "2026-05-01"},
        "metrics": [
            formula("receivables", &open(&json!({}))),
            formula("entered", &open(&json!({"figure": "entered"}))),
            formula("settled", &open(&json!({"figure": "settled"}))),
            formula("moved_in", &open(&json!({"figure": "moved_in"}))),
            formula("moved_out", &open(&json!({"figure": "moved_out"}))),
            formula("overdue", &open(&json!({"age": {"since": "due", "at_least": 1}}))),
            formula("overdue_31_60", &open(&json!({"age": {"since": "due", "at_least": 31, "at_most": 60}}))),
            formula("undisputed", &open(&json!({"of": {"kinds": ["invoice"],
                "where": [{"not": {"attribute": {"field": "disputed", "any_of": ["yes"]}}}]}}))),
            formula("unapplied", &open(&json!({"of": {"kinds": ["payment"]}}))),
            formula("invoices", &json!({"open": {"of": {"kinds": ["invoice"]}}})),
            formula("invoiced", &json!({"sum": {"value": {"measure": "amount"}, "of": {"kinds": ["invoice"]}}})),
            formula("sales", &json!({"sum": values})),
            formula("orders", &json!({"count": orders})),
            formula("mean", &json!({"mean": values})),
            formula("largest", &json!({"maximum": values})),
            formula("median", &json!({"quantile": {"value": {"measure": "amount"}, "of": orders, "p": "0.5", "method": "nearest_rank"}})),
            formula("customers", &json!({"distinct": customers})),
            formula("new", &json!({"new": customers})),
            formula("lost", &json!({"lost": {"entity": customers["entity"], "of": orders, "seen_within": 1, "absent_for": 1}})),
            formula("last", &json!({"last": {"value": {"measure": "amount"}, "entity": {"member": {"dimension": "customer"}}, "of": orders}}))
        ],
        "records": records
    })
}

fn run(document: &Value) -> Outcome {
    let scenario: ScenarioDef = serde_json::from_value(one_view(document)).unwrap();
    scenario.run().unwrap()
}

fn outcome(as_of: &str, records: &Value) -> Outcome {
    run(&company(as_of, records))
}

/// A figure of a row in every month; `-` where there is none.
fn shown(outcome: &Outcome, row: &str, column: &str) -> Vec<String> {
    let outcome = serde_json::to_value(outcome).unwrap();
    let rows = outcome["views"][0]["figures"].as_array().unwrap().iter();
    let rows = rows.filter(|figures| figures["subject"][0] == row);
    rows.map(|figures| match figures["values"].get(column) {
        Some(Value::String(text)) => text.clone(),
        _ => "-".to_owned(),
    })
    .collect()
}

fn invoice(id: &str, person: &str, day: &str, amount: &str) -> Value {
    json!({"kind": "invoice", "id": id, "day": day, "members": {"person": person}, "amounts": {"amount": amount},
        "dates": {"due": "2026-02-09"}})
}

fn payment(id: &str, day: &str, amount: &str) -> Value {
    json!({"kind": "payment", "id": id, "day": day, "members": {"person": "bo"}, "amounts": {"amount": amount}})
}

fn order(id: &str, customer: &str, day: &str, amount: &str) -> Value {
    json!({"kind": "order", "id": id, "day": day, "members": {"person": "bo", "customer": customer},
        "amounts": {"amount": amount}})
}

#[test]
fn of_an_invoice_of_100_of_which_60_are_paid_40_are_open_and_age() {
    let records = json!([
        invoice("INV-1", "bo", "2026-01-10", "100"),
        payment("P-1", "2026-03-05", "60"),
        {"day": "2026-03-05", "id": "A-1", "applies": {"to": "INV-1", "by": "P-1", "amount": "60"}},
    ]);
    let outcome = outcome("2026-04-30", &records);
    let figure = |column| shown(&outcome, "south", column);
    assert_eq!(figure("receivables"), ["100", "100", "40", "40"]);
    assert_eq!(figure("overdue"), ["0", "100", "40", "40"]);
    // 31 March is 50 days after 9 February, 30 April 80.
    assert_eq!(figure("overdue_31_60"), ["0", "0", "40", "0"]);
    assert_eq!(figure("settled"), ["0", "0", "60", "0"]);
    assert_eq!(figure("unapplied"), ["0", "0", "0", "0"]);
    assert_eq!(figure("undisputed"), ["100", "100", "40", "40"]);
    assert_eq!(figure("invoices"), ["1", "1", "1", "1"]);
    // What was invoiced stays so.
    assert_eq!(figure("invoiced"), ["100", "0", "0", "0"]);
}

#[test]
fn a_payment_bounces_and_an_application_is_taken_back() {
    let records = json!([
        invoice("INV-1", "bo", "2026-01-10", "100"),
        payment("P-1", "2026-02-05", "60"),
        payment("P-2", "2026-02-06", "30"),
        {"day": "2026-02-06", "id": "A-1", "applies": {"to": "INV-1", "by": "P-1", "amount": "60"}},
        {"day": "2026-02-07", "id": "A-2", "applies": {"to": "INV-1", "by": "P-2", "amount": "30"}},
        // The cheque of the first bounces; the second was meant for somebody else's invoice.
        {"day": "2026-03-01", "reverses": "P-1"},
        {"day": "2026-04-01", "reverses": "A-2"},
    ]);
    let outcome = outcome("2026-04-30", &records);
    let figure = |column| shown(&outcome, "south", column);
    assert_eq!(figure("receivables"), ["100", "10", "70", "100"]);
    assert_eq!(figure("unapplied"), ["0", "0", "0", "30"]);
    // What comes back was settled and is not any more.
    assert_eq!(figure("settled"), ["0", "90", "-60", "-30"]);
}

#[test]
fn an_item_is_settled_in_another_currency_at_its_rate_and_what_is_written_off_needs_no_payment() {
    let records = json!([
        invoice("INV-1", "bo", "2026-01-10", "100"),
        {"kind": "payment", "id": "P-1", "day": "2026-02-05", "members": {"person": "bo"}, "currency": "USD",
         "amounts": {"amount": "66"}},
        // 66 dollars are 60.00 euros to the customer, and 59.40 in the books.
        {"day": "2026-02-05", "applies": {"to": "INV-1", "by": "P-1", "amount": "66", "currency": "USD", "rate": "0.9091"}},
        {"day": "2026-04-02", "applies": {"to": "INV-1", "amount": "40"}},
    ]);
    let outcome = outcome("2026-04-30", &records);
    let figure = |column| shown(&outcome, "south", column);
    assert_eq!(figure("receivables"), ["100", "40", "40", "0"]);
    assert_eq!(figure("unapplied"), ["0", "0", "0", "0"]);
    assert_eq!(figure("invoices"), ["1", "1", "1", "0"]);
}

#[test]
fn a_part_that_is_taken_back_is_neither_sold_nor_open_from_its_day_on() {
    let records = json!([
        invoice("INV-1", "bo", "2026-01-10", "100"),
        {"day": "2026-03-10", "reverses": "INV-1", "amounts": {"amount": "30"}},
        // What is left goes back whole.
        {"day": "2026-04-10", "reverses": "INV-1"},
    ]);
    let outcome = outcome("2026-04-30", &records);
    let figure = |column| shown(&outcome, "south", column);
    assert_eq!(figure("receivables"), ["100", "100", "70", "0"]);
    assert_eq!(figure("invoiced"), ["100", "0", "-30", "-70"]);
    assert_eq!(figure("invoices"), ["1", "1", "1", "0"]);
}

#[test]
fn a_balance_belongs_to_the_team_to_which_its_person_belongs_on_the_day() {
    let records = json!([
        invoice("INV-1", "ann", "2026-01-10", "100"),
        {"day": "2026-03-05", "applies": {"to": "INV-1", "amount": "60"}},
    ]);
    let outcome = outcome("2026-04-30", &records);
    let figure = |row, column| shown(&outcome, row, column);
    assert_eq!(figure("north", "receivables"), ["100", "0", "0", "0"]);
    assert_eq!(figure("south", "receivables"), ["0", "100", "40", "40"]);
    assert_eq!(figure("north", "moved_out"), ["0", "100", "0", "0"]);
    assert_eq!(figure("south", "moved_in"), ["0", "100", "0", "0"]);
    assert_eq!(figure("south", "settled"), ["0", "0", "60", "0"]);
    assert_eq!(figure("north", "entered"), ["100", "0", "0", "0"]);
    // An order stays where it was won.
    assert_eq!(figure("north", "invoiced"), ["100", "0", "0", "0"]);
}

/// Ann is in no team on the 9th; what is entered on the 10th never lay anywhere but in the south.
#[test]
fn a_balance_has_no_row_of_nobody_for_a_day_before_it_was_entered() {
    let rows = |entered: &str| {
        let mut document = company(
            "2026-04-30",
            &json!([invoice("INV-1", "ann", entered, "100")]),
        );
        document["schema"]["space"][0]["hierarchies"][0]["links"] = json!([
            {"member": "ann", "parent": "north", "to": "2026-01-09"},
            {"member": "ann", "parent": "south", "from": "2026-01-10"},
            {"member": "bo", "parent": "south"}]);
        let outcome = serde_json::to_value(run(&document)).unwrap();
        let figures = outcome["views"][0]["figures"].as_array().unwrap().iter();
        let rows: BTreeSet<String> = figures
            .map(|figures| figures["subject"][0].as_str().unwrap().to_owned())
            .collect();
        rows.into_iter().collect::<Vec<_>>()
    };
    assert_eq!(rows("2026-01-10"), ["north", "south"]);
    assert_eq!(rows("2026-01-08"), ["north", "south", "unassigned"]);
}

#[test]
fn what_is_taken_back_later_stood_until_then_and_from_the_start_it_never_was() {
    let records = json!([
        order("O-1", "c1", "2026-01-10", "100"),
        order("O-2", "c2", "2026-01-20", "40"),
        order("O-3", "c2", "2026-02-20", "60"),
        {"day": "2026-03-05", "reverses": "O-1"},
        {"day": "2026-03-06", "reverses": "O-3", "amounts": {"amount": "50"}},
    ]);
    let mut document = company("2026-04-30", &records);
    let stood = run(&document);
    let figure = |column| shown(&stood, "south", column);
    assert_eq!(figure("sales"), ["140", "60", "-150", "0"]);
    assert_eq!(figure("orders"), ["2", "1", "-1", "0"]);
    assert_eq!(figure("customers"), ["2", "1", "0", "0"]);
    assert_eq!(figure("new"), ["2", "0", "0", "0"]);
    // At the end of February the first customer was one who did not come back; at the end of March one who never came.
    assert_eq!(figure("lost"), ["0", "1", "1", "0"]);
    assert_eq!(figure("largest"), ["100", "60", "-", "-"]);
    assert_eq!(figure("median"), ["40", "60", "-", "-"]);
    // By the end of February 100 of the one and 60 of the other were the last values; later 10 of the other.
    assert_eq!(figure("last"), ["140", "160", "10", "10"]);
    document["reversals"] = json!("from_the_start");
    let never = run(&document);
    let figure = |column| shown(&never, "south", column);
    assert_eq!(figure("sales"), ["40", "10", "0", "0"]);
    assert_eq!(figure("orders"), ["1", "1", "0", "0"]);
    assert_eq!(figure("customers"), ["1", "1", "0", "0"]);
    assert_eq!(figure("lost"), ["0", "0", "1", "0"]);
    assert_eq!(figure("largest"), ["40", "10", "-", "-"]);
    assert_eq!(figure("last"), ["40", "10", "10", "10"]);
}

#[test]
fn what_cannot_be_settled_so_is_refused_with_its_place() {
    let with = |more: &Value| {
        let records = json!([
            invoice("INV-1", "bo", "2026-01-10", "100"),
            order("O-1", "c1", "2026-01-10", "100"),
            {"day": "2026-01-20", "id": "A-1", "applies": {"to": "INV-1", "amount": "10"}},
            more
        ]);
        let scenario: ScenarioDef =
            serde_json::from_value(one_view(&company("2026-04-30", &records))).unwrap();
        scenario.run().unwrap_err().to_string()
    };
    let cases = [
        (
            json!({"day": "2026-01-05", "applies": {"to": "INV-1", "amount": "60"}}),
            "2026-01-05 is before the day of what it refers to, `records/INV-1` of 2026-01-10",
        ),
        (
            json!({"day": "2026-02-05", "applies": {"to": "INV-2", "amount": "60"}}),
            "there is no record `INV-2` to reverse or settle; did you mean `INV-1`?",
        ),
        (
            json!({"day": "2026-02-05", "applies": {"to": "O-1", "amount": "60"}}),
            "`records/O-1` opens no item to which anything could be applied",
        ),
        (
            json!({"day": "2026-02-05", "applies": {"to": "INV-1", "amount": "-60"}}),
            "-60 EUR of `amount` does not lie between 0 and the 90 EUR that is left of `records/INV-1` on 2026-02-05",
        ),
        (
            json!({"day": "2026-02-05", "applies": {"to": "INV-1", "amount": "60", "currency": "USD"}}),
            "an application to `records/INV-1` in USD needs a rate where that is not the item's own currency, EUR",
        ),
        (
            json!({"day": "2026-02-05", "kind": "order", "applies": {"to": "INV-1", "amount": "60"}}),
            "what takes another record back or settles it has no members",
        ),
        (
            json!({"day": "2026-02-05", "reverses": "O-1", "amounts": {"amount": "101"}}),
            "101 EUR of `amount` does not lie between 0 and the 100 EUR that is left of `records/O-1` on 2026-02-05",
        ),
        (
            json!({"day": "2026-02-05", "reverses": "O-1", "amounts": {"sales": "1"}}),
            "`records/O-1` has no amount of `sales` of which a part could be reversed",
        ),
        (
            json!({"day": "2026-02-05", "id": "A-1", "reverses": "O-1"}),
            "another record with this id, with other content, was entered before",
        ),
    ];
    for (record, wanted) in cases {
        let error = with(&record);
        assert!(error.starts_with("records[3]"), "{error}");
        assert!(error.contains(wanted), "{error}");
    }
}

#[test]
fn a_payment_is_open_money_again_once_the_invoice_that_it_settled_is_taken_back() {
    let records = json!([
        invoice("INV-1", "bo", "2026-01-10", "100"),
        payment("P-1", "2026-02-05", "60"),
        {"day": "2026-02-06", "id": "A-1", "applies": {"to": "INV-1", "by": "P-1", "amount": "60"}},
        {"day": "2026-03-01", "reverses": "INV-1"},
        // It pays the invoice that was meant.
        invoice("INV-2", "bo", "2026-03-02", "60"),
        {"day": "2026-04-02", "applies": {"to": "INV-2", "by": "P-1", "amount": "60"}},
    ]);
    let outcome = outcome("2026-04-30", &records);
    let figure = |column| shown(&outcome, "south", column);
    assert_eq!(figure("receivables"), ["100", "40", "60", "0"]);
    assert_eq!(figure("unapplied"), ["0", "0", "60", "0"]);
}

#[test]
fn from_the_start_a_part_counts_whose_day_has_come_and_no_other() {
    let records = json!([
        invoice("INV-1", "bo", "2026-01-10", "100"),
        {"day": "2026-02-05", "applies": {"to": "INV-1", "amount": "20"}},
        {"day": "2026-02-10", "reverses": "INV-1", "amounts": {"amount": "10"}},
        {"day": "2026-03-10", "reverses": "INV-1", "amounts": {"amount": "30"}},
    ]);
    let of = |as_of: &str| {
        let mut document = company(as_of, &records);
        document["reversals"] = json!("from_the_start");
        let mut open = shown(&run(&document), "south", "receivables");
        open.truncate(2);
        open
    };
    assert_eq!(of("2026-02-09")[0], "100");
    // 10 are gone since ever and 20 are settled; the 30 of March have not gone yet.
    assert_eq!(of("2026-02-28"), ["90", "70"]);
    assert_eq!(of("2026-03-09"), ["90", "70"]);
    assert_eq!(of("2026-03-10"), ["60", "40"]);
}

#[test]
fn more_than_is_open_is_not_applied_nor_what_is_stated_in_a_third_currency() {
    let dollars = json!({"kind": "payment", "id": "P-2", "day": "2026-01-20", "members": {"person": "bo"}, "currency": "USD",
        "amounts": {"amount": "66"}});
    let with = |more: &Value| {
        let records = json!([
            invoice("INV-1", "bo", "2026-01-10", "100"),
            payment("P-1", "2026-01-20", "50"),
            dollars,
            {"day": "2026-02-20", "id": "A-1", "applies": {"to": "INV-1", "amount": "10"}},
            {"day": "2026-02-21", "id": "A-2", "applies": {"to": "INV-1", "by": "P-1", "amount": "20"}},
            more
        ]);
        let scenario: ScenarioDef =
            serde_json::from_value(one_view(&company("2026-04-30", &records))).unwrap();
        scenario.run().err().map(|error| error.to_string())
    };
    let applied = |more: Value| {
        let mut own = json!({"to": "INV-1", "amount": "20"});
        for (name, value) in more.as_object().unwrap() {
            own[name] = value.clone();
        }
        json!({"day": "2026-02-05", "applies": own})
    };
    let cases = [
        // What is settled later is no more open before.
        (
            applied(json!({"amount": "71"})),
            "71 EUR of `amount` does not lie between 0 and the 70 EUR that is left of `records/INV-1` on 2026-02-21",
        ),
        (
            applied(json!({"by": "P-1", "amount": "31"})),
            "31 EUR of `amount` does not lie between 0 and the 30 EUR that is left of `records/P-1` on 2026-02-21",
        ),
        (
            applied(json!({"by": "P-2", "amount": "67", "currency": "USD", "rate": "0.9"})),
            "67 USD of `amount` does not lie between 0 and the 66 USD that is left of `records/P-2` on 2026-02-05",
        ),
        (
            applied(json!({"by": "P-2"})),
            "what `records/P-2` settles is stated in EUR, but `records/P-2` is in USD",
        ),
        (
            applied(json!({"by": "P-1", "currency": "USD", "rate": "0.9"})),
            "what `records/P-1` settles is stated in USD, but `records/P-1` is in EUR",
        ),
        (
            applied(json!({"by": "P-2", "currency": "USD", "rate": "-0.9"})),
            "the rate -0.9 of what is applied to `records/INV-1` is not above zero",
        ),
        (
            applied(json!({"by": "P-2", "currency": "USD", "rate": "0"})),
            "the rate 0 of what is applied to `records/INV-1` is not above zero",
        ),
        (
            applied(json!({"by": "INV-1"})),
            "`records/INV-1` cannot settle itself",
        ),
        (
            applied(json!({"to": "A-1"})),
            "`records/A-1` is not a record",
        ),
        (
            json!({"day": "2026-02-05", "reverses": "INV-1", "amounts": {"amount": "71"}}),
            "71 EUR of `amount` does not lie between 0 and the 70 EUR that is left of `records/INV-1` on 2026-02-21",
        ),
        (
            json!({"day": "2026-02-05", "kind": "order", "reverses": "INV-1"}),
            "`INV-1` is of kind `invoice` and not of kind `order`: name the right kind, or none",
        ),
        (
            json!({"day": "2026-02-05", "kind": "order", "reverses": "INV-1", "amounts": {"amount": "1"}}),
            "`INV-1` is of kind `invoice` and not of kind `order`",
        ),
    ];
    for (record, wanted) in cases {
        let error = with(&record).unwrap();
        assert!(error.starts_with("records[5]"), "{error}");
        assert!(error.contains(wanted), "{error}");
    }
    assert_eq!(with(&applied(json!({"amount": "70"}))), None);
    assert_eq!(with(&applied(json!({"by": "P-1", "amount": "30"}))), None);
}

#[test]
fn nothing_is_applied_to_what_is_gone_by_then() {
    let records = json!([
        invoice("INV-1", "bo", "2026-01-10", "100"),
        {"day": "2026-02-05", "reverses": "INV-1"},
        {"day": "2026-02-05", "applies": {"to": "INV-1", "amount": "20"}},
    ]);
    let scenario: ScenarioDef =
        serde_json::from_value(one_view(&company("2026-04-30", &records))).unwrap();
    let error = scenario.run().unwrap_err().to_string();
    assert!(
        error.contains(
            "`records/INV-1` is gone since 2026-02-05, when it was taken back as a whole"
        ),
        "{error}"
    );
}

/// What meets no condition, or was taken back, would be open in the row to which it belongs on the day that is asked.
#[test]
fn what_is_left_out_of_what_is_open_is_left_out_of_the_row_to_which_it_belongs_by_then() {
    let mut disputed = invoice("INV-1", "ann", "2026-01-10", "100");
    disputed["attributes"] = json!({"disputed": "yes"});
    let document = company("2026-04-30", &json!([]));
    let written = json!({"key": "crm", "schema": document["schema"], "records": [
        disputed,
        invoice("INV-2", "ann", "2026-01-11", "100"),
        {"day": "2026-01-20", "reverses": "INV-2"},
    ]});
    let ledger: Ledger = serde_json::from_value(written).unwrap();
    let metrics: Vec<MetricDef> = serde_json::from_value(document["metrics"].clone()).unwrap();
    let axis = Axis::new("person", "team").unwrap();
    let space = ledger.schema().space();
    let subjects = space.subjects(&axis, Unassigned::Hidden).unwrap();
    let day = |text: &str| text.parse().unwrap();
    let months = Calendar::gregorian()
        .periods(Grain::Month, day("2026-01-01"), day("2026-05-01"))
        .unwrap();
    let layout = Layout::new(ledger.schema().clone(), subjects, months);
    let program = Program::compile(&metrics, &layout).unwrap();
    let left_out = |row: &str, month: &str| {
        let told = program
            .explain_named(&ledger, "undisputed", [row], month)
            .unwrap();
        told.left_out.iter().map(|own| own.records).sum::<usize>()
    };
    // Ann moves from the north to the south in the middle of February.
    assert_eq!(
        ["2026-01", "2026-02", "2026-03"].map(|month| left_out("north", month)),
        [2, 0, 0]
    );
    assert_eq!(
        ["2026-01", "2026-02", "2026-03"].map(|month| left_out("south", month)),
        [0, 2, 2]
    );
}

#[test]
fn thousands_that_name_what_is_not_there_are_refused_one_by_one() {
    let document = company("2026-04-30", &json!([]));
    let written = json!({"key": "crm", "schema": document["schema"], "records": [
        invoice("INV-1", "bo", "2026-01-10", "100")]});
    let mut ledger: Ledger = serde_json::from_value(written).unwrap();
    let day = "2026-02-01".parse().unwrap();
    let missing = (0..2_000).map(|at| Record::reversal(format!("INV-{}", at + 2), day));
    let report = ledger.enter_good(&missing.collect::<Vec<_>>());
    assert_eq!(report.refused.len(), 2_000);
    let told = |at: usize| report.refused[at].refusal.to_string();
    assert_eq!(
        told(0),
        "there is no record `INV-2` to reverse or settle; did you mean `INV-1`?"
    );
    assert_eq!(
        told(1_999),
        "there is no record `INV-2001` to reverse or settle; known: `INV-1`"
    );
}

fn ledger_of(records: &Value) -> Result<Ledger, String> {
    let document = company("2026-04-30", &json!([]));
    let written = json!({"key": "crm", "schema": document["schema"], "records": records});
    serde_json::from_value(written).map_err(|error| error.to_string())
}

/// Why a ledger of some records refuses one more.
fn refused(records: &Value, more: &Value) -> Option<String> {
    let mut ledger = ledger_of(records).unwrap();
    let record: Record = serde_json::from_value(more.clone()).unwrap();
    ledger.enter(&[record]).err().map(|error| error.to_string())
}

#[test]
fn what_was_taken_back_by_then_settles_nothing_whether_or_not_its_kind_opens_items() {
    let records = json!([
        invoice("INV-1", "bo", "2026-01-10", "100"),
        payment("P-1", "2026-01-10", "50"),
        {"day": "2026-01-20", "reverses": "P-1"},
        {"kind": "credit_note", "id": "C-1", "day": "2026-01-10", "members": {"person": "bo"}, "amounts": {"amount": "50"}},
        {"day": "2026-01-20", "reverses": "C-1"},
    ]);
    let on = |day: &str, by: &str| {
        let applied = json!({"day": day, "applies": {"to": "INV-1", "by": by, "amount": "10"}});
        refused(&records, &applied)
    };
    for by in ["C-1", "P-1"] {
        for day in ["2026-01-20", "2026-02-01"] {
            let error = on(day, by).unwrap();
            let wanted = format!("`{by}` is gone since 2026-01-20");
            assert!(error.contains(&wanted), "{error}");
        }
        assert_eq!(on("2026-01-19", by), None);
    }
}

#[test]
fn a_written_ledger_refuses_what_could_be_applied_on_no_day() {
    // Taken back before it is applied to, so that what is said of it has no effect.
    let gone = json!([
        invoice("INV-1", "bo", "2026-01-10", "100"),
        order("O-1", "c1", "2026-01-10", "100"),
        payment("P-1", "2026-01-10", "50"),
        {"day": "2026-01-20", "reverses": "INV-1"},
        {"day": "2026-01-20", "reverses": "O-1"},
    ]);
    let with = |applied: &Value| {
        let mut records = gone.clone();
        let applied = json!({"day": "2026-02-01", "applies": applied});
        records.as_array_mut().unwrap().push(applied);
        ledger_of(&records).err()
    };
    let cases = [
        (json!({"to": "O-1", "amount": "10"}), "`O-1` opens no item"),
        (
            json!({"to": "INV-1", "amount": "10", "currency": "USD"}),
            "needs a rate",
        ),
        (
            json!({"to": "INV-1", "amount": "10", "currency": "USD", "rate": "-1"}),
            "the rate -1 of what is applied to `INV-1` is not above zero",
        ),
        (
            json!({"to": "INV-1", "by": "P-1", "amount": "10", "currency": "USD", "rate": "0.9"}),
            "what `P-1` settles is stated in USD",
        ),
        (
            json!({"to": "INV-1", "amount": "-10"}),
            "-10 EUR of `amount`",
        ),
        (json!({"to": "INV-1", "amount": "0"}), "0 EUR of `amount`"),
        (
            json!({"to": "INV-1", "amount": "101"}),
            "101 EUR of `amount`",
        ),
        (
            json!({"to": "INV-1", "by": "P-1", "amount": "51"}),
            "51 EUR of `amount`",
        ),
    ];
    for (applied, wanted) in cases {
        let error = with(&applied).unwrap_or_else(|| panic!("{applied}"));
        assert!(error.contains(wanted), "{error}");
    }
    // What was applied before it was known to be gone reads back.
    assert_eq!(
        with(&json!({"to": "INV-1", "by": "P-1", "amount": "50"})),
        None
    );
}

#[test]
fn a_part_too_fine_to_be_added_up_is_refused_and_not_forgotten() {
    let finest = "0.0000000000000000000000000001";
    let order = json!({"kind": "order", "id": "O-1", "day": "2026-01-10", "members": {"person": "bo", "customer": "c1"},
        "amounts": {"amount": "100000000000"}});
    let records = json!([
        invoice("INV-1", "bo", "2026-01-10", "100000000000"),
        order,
        invoice("INV-2", "bo", "2026-01-10", "1"),
    ]);
    let part = |of: &str, amount: &str| json!({"day": "2026-02-01", "reverses": of, "amounts": {"amount": amount}});
    for of in ["INV-1", "O-1"] {
        let error = refused(&records, &part(of, finest)).unwrap();
        let wanted = format!("what is left of `{of}` cannot be worked out");
        assert!(error.contains(&wanted), "{error}");
        assert_eq!(refused(&records, &part(of, "0.0001")), None);
    }
    assert_eq!(refused(&records, &part("INV-2", finest)), None);
    let applied = json!({"day": "2026-02-01", "applies": {"to": "INV-1", "amount": finest}});
    let error = refused(&records, &applied).unwrap();
    assert!(
        error.contains("what is left of `INV-1` cannot be worked out"),
        "{error}"
    );
}

#[test]
fn a_refusal_says_on_which_day_how_much_is_left_in_which_currency_and_since_when_it_is_gone() {
    let records = json!([
        invoice("INV-1", "bo", "2026-01-10", "100"),
        {"day": "2026-02-20", "id": "A-1", "applies": {"to": "INV-1", "amount": "30"}},
        payment("P-1", "2026-01-10", "50"),
        {"kind": "payment", "id": "P-2", "day": "2026-01-10", "members": {"person": "bo"}, "currency": "USD",
            "amounts": {"amount": "66"}},
        order("O-1", "c1", "2026-01-10", "100"),
        {"day": "2026-02-20", "reverses": "O-1", "amounts": {"amount": "30"}},
        invoice("INV-2", "bo", "2026-01-10", "100"),
        {"day": "2026-01-20", "reverses": "INV-2"},
    ]);
    let applied = |more: &Value| json!({"day": "2026-02-05", "applies": more});
    let cases = [
        (
            applied(&json!({"to": "INV-1", "amount": "71"})),
            "71 EUR of `amount` does not lie between 0 and the 70 EUR that is left of `INV-1` on 2026-02-20: what is said of \
             2026-02-05 must fit every day from then on",
        ),
        (
            applied(&json!({"to": "INV-1", "by": "P-1", "amount": "51"})),
            "51 EUR of `amount` does not lie between 0 and the 50 EUR that is left of `P-1` on 2026-02-05",
        ),
        (
            applied(
                &json!({"to": "INV-1", "by": "P-2", "amount": "66", "currency": "USD", "rate": "1.5"}),
            ),
            "66 USD (99 EUR) of `amount` does not lie between 0 and the 70 EUR that is left of `INV-1` on 2026-02-20",
        ),
        (
            applied(
                &json!({"to": "INV-1", "by": "P-2", "amount": "67", "currency": "USD", "rate": "0.9"}),
            ),
            "67 USD of `amount` does not lie between 0 and the 66 USD that is left of `P-2` on 2026-02-05",
        ),
        (
            json!({"day": "2026-02-05", "reverses": "INV-1", "amounts": {"amount": "71"}}),
            "71 EUR of `amount` does not lie between 0 and the 70 EUR that is left of `INV-1` on 2026-02-20: what is said of",
        ),
        (
            json!({"day": "2026-02-05", "reverses": "O-1", "amounts": {"amount": "71"}}),
            "71 EUR of `amount` does not lie between 0 and the 70 EUR that is left of `O-1` on 2026-02-20: what is said of",
        ),
        (
            json!({"day": "2026-03-05", "reverses": "O-1", "amounts": {"amount": "71"}}),
            "71 EUR of `amount` does not lie between 0 and the 70 EUR that is left of `O-1` on 2026-03-05",
        ),
        (
            applied(&json!({"to": "INV-2", "amount": "10"})),
            "`INV-2` is gone since 2026-01-20",
        ),
    ];
    for (record, wanted) in cases {
        let error = refused(&records, &record).unwrap();
        assert!(error.contains(wanted), "{error}");
    }
}

#[test]
fn a_part_of_an_application_cannot_be_taken_back_and_that_is_the_reason_that_is_given() {
    let records = json!([
        invoice("INV-1", "bo", "2026-01-10", "100"),
        {"day": "2026-02-05", "id": "A-1", "applies": {"to": "INV-1", "amount": "30"}},
        {"day": "2026-02-05", "id": "R-1", "reverses": "INV-1", "amounts": {"amount": "30"}},
    ]);
    for of in ["A-1", "R-1"] {
        let part = json!({"day": "2026-02-05", "reverses": of, "amounts": {"amount": "10"}});
        let error = refused(&records, &part).unwrap();
        let wanted = format!("`{of}` settles or takes back another record");
        assert!(error.contains(&wanted), "{error}");
    }
    let strange = json!({"day": "2026-02-05", "reverses": "A-1", "kind": "invoice"});
    let error = refused(&records, &strange).unwrap();
    assert!(error.contains("what takes another record back"), "{error}");
}
