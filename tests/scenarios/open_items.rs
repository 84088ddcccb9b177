//! Open items in a scenario: paid in parts, settled otherwise, taken back, and with the row to which they belong on the day; and
//! figures of single records as these stood at the end of each period.

use quotaflow::scenario::{Outcome, ScenarioDef};
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
                 "measures": [{"measure": "amount"}]}],
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
    let scenario: ScenarioDef = serde_json::from_value(document.clone()).unwrap();
    scenario.run().unwrap()
}

fn outcome(as_of: &str, records: &Value) -> Outcome {
    run(&company(as_of, records))
}

/// A figure of a row in every month; `-` where there is none.
fn shown(outcome: &Outcome, row: &str, column: &str) -> Vec<String> {
    let outcome = serde_json::to_value(outcome).unwrap();
    let rows = outcome["figures"].as_array().unwrap().iter();
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
            serde_json::from_value(company("2026-04-30", &records)).unwrap();
        scenario.run().unwrap_err().to_string()
    };
    let cases = [
        (
            json!({"day": "2026-01-05", "applies": {"to": "INV-1", "amount": "60"}}),
            "2026-01-05 is before what it takes back or settles, `INV-1` of 2026-01-10",
        ),
        (
            json!({"day": "2026-02-05", "applies": {"to": "INV-2", "amount": "60"}}),
            "there is no record `INV-2` to reverse or settle; did you mean `INV-1`?",
        ),
        (
            json!({"day": "2026-02-05", "applies": {"to": "O-1", "amount": "60"}}),
            "`O-1` opens no item to which anything could be applied",
        ),
        (
            json!({"day": "2026-02-05", "applies": {"to": "INV-1", "amount": "-60"}}),
            "-60 of `amount` does not lie between 0 and the 100 that is left of `INV-1`",
        ),
        (
            json!({"day": "2026-02-05", "applies": {"to": "INV-1", "amount": "60", "currency": "USD"}}),
            "an application to `INV-1` in USD needs a rate where that is not the item's own currency, EUR",
        ),
        (
            json!({"day": "2026-02-05", "kind": "order", "applies": {"to": "INV-1", "amount": "60"}}),
            "what takes another record back or settles it has no members",
        ),
        (
            json!({"day": "2026-02-05", "reverses": "O-1", "amounts": {"amount": "101"}}),
            "101 of `amount` does not lie between 0 and the 100 that is left of `O-1`",
        ),
        (
            json!({"day": "2026-02-05", "reverses": "O-1", "amounts": {"sales": "1"}}),
            "`O-1` has no amount of `sales` of which a part could be reversed",
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
