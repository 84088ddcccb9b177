//! What is known as of a day: dates that have not come, and balances of records that are taken back.

use quotaflow::calendar::{Calendar, Grain};
use quotaflow::ledger::Record;
use quotaflow::scenario::{Outcome, ScenarioDef};

use crate::one_view::one_view;
use serde_json::{Value, json};

/// Tasks with the day on which they are due and that on which they were done, and invoices with those on which they are due and
/// settled, by person and month from January to May.
fn office(as_of: &str, records: &Value) -> Outcome {
    let task = json!({"kinds": ["task"], "date": "due"});
    let mut done = task.clone();
    done["where"] = json!([{"has": "done"}]);
    let mut late = task.clone();
    late["where"] =
        json!([{"range": {"value": {"days": {"from": "due", "to": "done"}}, "at_least": "1"}}]);
    let mut terms = json!({"kinds": ["task"]});
    terms["where"] =
        json!([{"range": {"value": {"days": {"from": "day", "to": "due"}}, "at_least": "1"}}]);
    let invoice = json!({"kinds": ["invoice"]});
    let open = |extra: Value| {
        let mut open = json!({"value": {"measure": "billed"}, "of": invoice, "until": "settled"});
        for (key, value) in extra.as_object().unwrap() {
            open[key] = value.clone();
        }
        json!({"open": open})
    };
    let document = json!({
        "as_of": as_of,
        "schema": {
            "space": [{"key": "person", "hierarchies": [{"key": "person", "levels": ["person"]}],
                       "members": [{"key": "ann", "level": "person"}, {"key": "bo", "level": "person"}]}],
            "measures": [{"key": "billed", "unit": "money:EUR", "quantum": "0.01", "additivity": "flow", "direction": "larger"}],
            "kinds": [
                {"key": "task", "dimensions": [{"field": "person"}],
                 "dates": [{"field": "due", "planned": true}, {"field": "done"}]},
                {"key": "invoice", "dimensions": [{"field": "person"}], "measures": [{"measure": "billed"}],
                 "dates": [{"field": "due", "planned": true}, {"field": "accepted"}, {"field": "settled"}], "credit": "person"}],
            "span": {"start": "2025-01-01", "end": "2027-01-01"}},
        "records": records,
        "subjects": [{"dimension": "person", "level": "person"}],
        "periods": {"grain": "month", "from": "2026-01-01", "to": "2026-06-01"},
        "metrics": [
            {"key": "due", "formula": {"count": task}},
            {"key": "done", "formula": {"count": done}},
            {"key": "late", "formula": {"count": late}},
            {"key": "with terms", "formula": {"count": terms}},
            {"key": "billed", "formula": {"sum": {"value": {"measure": "billed"}, "of": invoice}}},
            {"key": "receivables", "formula": open(json!({}))},
            {"key": "overdue", "formula": open(json!({"age": {"since": "due", "at_least": 1}}))},
            {"key": "not yet due", "formula": open(json!({"age": {"since": "due", "at_most": -1}}))},
            {"key": "age since accepted", "formula": {"open_age": {"of": invoice, "until": "settled", "since": "accepted"}}},
            {"key": "open invoices", "formula": {"open": {"of": invoice, "until": "settled"}}},
        ]
    });
    let scenario: ScenarioDef = serde_json::from_value(one_view(&document)).unwrap();
    scenario.run().unwrap()
}

fn shown(outcome: &Outcome, person: &str, column: &str) -> Vec<String> {
    let rows = outcome.views[0]
        .figures
        .iter()
        .filter(|row| row.subject[0] == person);
    rows.map(|row| {
        let values = serde_json::to_value(row).unwrap()["values"][column].clone();
        values.as_str().unwrap_or("-").to_owned()
    })
    .collect()
}

#[test]
fn what_is_done_after_the_day_is_not_done_yet() {
    let task = |dates: Value| json!({"kind": "task", "day": "2026-03-01", "members": {"person": "ann"}, "dates": dates});
    let records = json!([
        task(json!({"due": "2026-03-10", "done": "2026-04-20"})),
        task(json!({"due": "2026-03-12", "done": "2026-03-31"})),
        task(json!({"due": "2026-03-14"})),
    ]);
    let march =
        |as_of: &str, column: &str| shown(&office(as_of, &records), "ann", column)[2].clone();
    // On the last day of March one of three is done; on 20 April two are.
    for (as_of, done) in [
        ("2026-03-30", "0"),
        ("2026-03-31", "1"),
        ("2026-04-19", "1"),
        ("2026-04-20", "2"),
    ] {
        assert_eq!(march(as_of, "due"), "3", "{as_of}");
        assert_eq!(march(as_of, "done"), done, "{as_of}");
        assert_eq!(march(as_of, "late"), done, "{as_of}");
        // When something is due is known beforehand.
        assert_eq!(march(as_of, "with terms"), "3", "{as_of}");
    }
}

#[test]
fn an_age_counts_from_what_has_happened_by_the_day() {
    let invoice = |day: &str, accepted: &str| json!({"kind": "invoice", "day": day, "members": {"person": "ann"}, "amounts": {"billed": "10"}, "dates": {"accepted": accepted}});
    let records = json!([
        invoice("2026-01-10", "2026-03-01"),
        invoice("2026-01-20", "2026-04-05"),
    ]);
    let age = |as_of: &str, month: usize| {
        shown(&office(as_of, &records), "ann", "age since accepted")[month].clone()
    };
    // On the last day of March one is accepted for 30 days, and of the other nothing is known; ten days after 5 April they are 45 and 10 days old.
    assert_eq!(age("2026-03-31", 2), "30");
    assert_eq!(age("2026-04-15", 3), "27.5");
}

#[test]
fn an_invoice_that_is_taken_back_was_owed_until_then() {
    let records = json!([
        {"kind": "invoice", "id": "1", "day": "2026-01-10", "members": {"person": "ann"}, "amounts": {"billed": "100"},
         "dates": {"due": "2026-02-10"}},
        {"kind": "invoice", "id": "2", "day": "2026-03-05", "reverses": "1"},
        {"kind": "invoice", "id": "3", "day": "2026-02-01", "amounts": {"billed": "60.01"},
         "credits": [{"member": "ann", "share": "0.5"}, {"member": "bo", "share": "0.5"}],
         "dates": {"due": "2026-03-01", "settled": "2026-05-02"}},
        {"kind": "invoice", "id": "4", "day": "2026-04-30", "reverses": "3"},
    ]);
    let outcome = office("2026-05-31", &records);
    let ann = |column: &str| shown(&outcome, "ann", column);
    assert_eq!(ann("billed"), ["100", "30.01", "-100", "-30.01", "0"]);
    assert_eq!(ann("receivables"), ["100", "130.01", "30.01", "0", "0"]);
    assert_eq!(ann("overdue"), ["0", "100", "30.01", "0", "0"]);
    assert_eq!(ann("not yet due"), ["100", "30.01", "0", "0", "0"]);
    assert_eq!(ann("open invoices"), ["1", "2", "1", "0", "0"]);
    assert_eq!(
        shown(&outcome, "bo", "receivables"),
        ["0", "30", "30", "0", "0"]
    );
    // As of a day before, the reversal has not happened.
    let before = office("2026-03-04", &records);
    assert_eq!(shown(&before, "ann", "receivables")[2], "130.01");
    let after = office("2026-03-05", &records);
    assert_eq!(shown(&after, "ann", "receivables")[2], "30.01");
}

#[test]
fn what_is_billed_and_settled_makes_the_next_balance() {
    // Opening + billed - settled = closing, with reversals on the day of the invoice, in its month and later.
    let invoice = |id: &str, day: &str, billed: &str, settled: Option<&str>| {
        let mut record = json!({"kind": "invoice", "id": id, "day": day, "members": {"person": "bo"}, "amounts": {"billed": billed}});
        if let Some(day) = settled {
            record["dates"] = json!({"settled": day});
        }
        record
    };
    let back = |id: &str, day: &str, of: &str| json!({"kind": "invoice", "id": id, "day": day, "reverses": of});
    let records = json!([
        invoice("1", "2025-12-20", "7", None),
        invoice("2", "2026-01-05", "20", Some("2026-03-31")),
        invoice("3", "2026-01-06", "300", None),
        back("4", "2026-01-06", "3"),
        invoice("5", "2026-02-06", "4000", None),
        back("6", "2026-02-20", "5"),
        back("7", "2026-04-01", "1"),
    ]);
    let outcome = office("2026-05-31", &records);
    assert_eq!(shown(&outcome, "bo", "billed"), ["20", "0", "0", "-7", "0"]);
    assert_eq!(
        shown(&outcome, "bo", "receivables"),
        ["27", "27", "7", "0", "0"]
    );
}

#[test]
fn a_partial_result_goes_on_with_what_is_opened_and_taken_back() {
    use quotaflow::ledger::{Ledger, Need, RecordKind, Schema};
    use quotaflow::measure::{Measure, Measures};
    use quotaflow::metric::{Formula, Layout, MetricDef, Program, Selection, Value};
    use quotaflow::quantity::Quantum;
    use quotaflow::space::{DimensionDef, Space, Subjects};
    let space = Space::new(vec![
        DimensionDef::flat("person", "person", ["ann"]).unwrap(),
    ])
    .unwrap();
    let billed = Measure::flow("billed", "money:EUR".parse().unwrap(), Quantum::CENT).unwrap();
    let kind = RecordKind::new("invoice").unwrap().of("person").unwrap();
    let kind = kind
        .measuring("billed", Need::Required)
        .unwrap()
        .dating("settled")
        .unwrap();
    let (from, to) = ("2026-01-01".parse().unwrap(), "2026-04-01".parse().unwrap());
    let months = Calendar::gregorian()
        .periods(Grain::Month, from, to)
        .unwrap();
    let span = quotaflow::calendar::DayRange::new(from, to).unwrap();
    let schema = Schema::new(
        space,
        Measures::new(vec![billed]).unwrap(),
        vec![kind],
        span,
    )
    .unwrap();
    let open = Formula::Open {
        value: Some(Value::Measure("billed".try_into().unwrap())),
        of: Selection::of("invoice").unwrap(),
        until: Some("settled".try_into().unwrap()),
        figure: quotaflow::metric::OpenFigure::Closing,
        age: None,
    };
    let layout = Layout::new(schema.clone(), Subjects::whole(), months);
    let program =
        Program::compile(&[MetricDef::new("receivables", open).unwrap()], &layout).unwrap();
    let mut ledger = Ledger::new("books", schema).unwrap();
    let day = |text: &str| text.parse().unwrap();
    let invoice = |id: &str, on: &str, billed: i64| {
        let record = Record::new("invoice", day(on)).id(id);
        record.amount("billed", billed.into())
    };
    ledger.enter(&[invoice("1", "2026-01-10", 100)]).unwrap();
    let mut partial = program.fold(&ledger).unwrap();
    let more = [
        invoice("2", "2026-02-10", 7),
        Record::reversal("2", day("2026-03-05")).id("3"),
    ];
    ledger.enter(&more).unwrap();
    program.extend(&mut partial, &ledger).unwrap();
    let panel = program.panel(&partial).unwrap();
    let shown = ["2026-01", "2026-02", "2026-03"].map(|period| {
        let answer = panel.get("receivables", [""; 0], period);
        answer.unwrap().to_string()
    });
    assert_eq!(shown, ["100.00 EUR", "107.00 EUR", "100.00 EUR"]);
    assert_eq!(
        program.panel(&program.fold(&ledger).unwrap()).unwrap(),
        panel
    );
}
