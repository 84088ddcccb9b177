//! What belongs to nobody, what is taken back in part, and views in which what is taken back was never there.

use chrono::NaiveDate;
use quotaflow::journal::{Close, Entry, EntryId, Journal};
use quotaflow::ledger::Record;
use quotaflow::limits::{Limits, Size};
use quotaflow::model::Model;
use quotaflow::scenario::{Outcome, ScenarioDef};
use serde_json::{Value, json};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn people() -> Value {
    json!({"key": "person", "hierarchies": [{"key": "person", "levels": ["team", "person"],
               "links": [{"member": "ann", "parent": "north"}, {"member": "bo", "parent": "south"}]}],
           "members": [{"key": "north", "level": "team"}, {"key": "south", "level": "team"},
               {"key": "ann", "level": "person"}, {"key": "bo", "level": "person"}]})
}

/// Orders that several may share, and invoices in dollars.
fn scenario(reversals: &str, records: &Value) -> Value {
    json!({
        "as_of": "2026-02-28",
        "model": {
            "dimensions": [people()],
            "measures": [{"key": "sales", "unit": "money:EUR", "quantum": "0.01", "additivity": "flow"}],
            "rates": [{"key": "spot", "base": "EUR", "basis": "until",
                "rates": [{"currency": "USD", "day": "2026-01-01", "rate": "0.333334"}]}],
            "kinds": [
                {"key": "order", "dimensions": [{"field": "person"}], "measures": [{"measure": "sales"}], "credit": "person"},
                {"key": "invoice", "dimensions": [{"field": "person"}], "opens": "sales",
                 "measures": [{"measure": "sales", "need": "required", "exchange": {"table": "spot"}}]}],
            "span": {"start": "2026-01-01", "end": "2027-01-01"},
            "metrics": [
                {"key": "sales", "formula": {"sum": {"value": {"measure": "sales"}, "of": {"kinds": ["order"]}}}},
                {"key": "open", "formula": {"open": {"of": {"kinds": ["invoice"]}}}}],
            "views": [{"key": "people", "rows": [{"dimension": "person", "level": "person"}], "reversals": reversals,
                       "periods": {"grain": "month", "from": "2026-01-01", "to": "2026-03-01"}}]
        },
        "records": records
    })
}

fn run(document: &Value) -> Outcome {
    let scenario: ScenarioDef = serde_json::from_value(document.clone()).unwrap();
    scenario.run().unwrap()
}

/// A figure of all rows that there are, by month.
fn shown(outcome: &Outcome, column: &str) -> Vec<String> {
    let outcome = serde_json::to_value(outcome).unwrap();
    let rows = outcome["views"][0]["figures"].as_array().unwrap().iter();
    let told = rows.map(|row| {
        let figure = row["values"][column].as_str().unwrap_or("-");
        format!(
            "{} {} {figure}",
            row["subject"][0].as_str().unwrap(),
            row["period"].as_str().unwrap()
        )
    });
    told.collect()
}

/// 10 in January that nobody is named for, taken back in February: the rows add up to the whole in each month.
#[test]
fn what_is_nobodys_keeps_its_row_in_the_months_before_it_was_taken_back() {
    let order = |id: &str, person: Option<&str>| {
        let members = person.map_or_else(|| json!({}), |person| json!({"person": person}));
        json!({"kind": "order", "id": id, "day": "2026-01-05", "members": members, "amounts": {"sales": "10"}})
    };
    let back = |id: &str, of: &str, day: &str| json!({"id": id, "day": day, "reverses": of});
    let nobodys = |document: &Value| {
        let all = shown(&run(document), "sales").into_iter();
        all.filter(|text| text.starts_with("unassigned"))
            .collect::<Vec<String>>()
    };
    let records = json!([order("1", None), back("2", "1", "2026-02-03")]);
    assert_eq!(
        nobodys(&scenario("on_their_day", &records)),
        ["unassigned 2026-01 10", "unassigned 2026-02 -10"]
    );
    assert_eq!(
        nobodys(&scenario("from_the_start", &records)),
        Vec::<String>::new()
    );
    // As of a day before, and where it is taken back within its month.
    let mut before = scenario("from_the_start", &records);
    before["as_of"] = json!("2026-02-02");
    before["records"].as_array_mut().unwrap().pop();
    assert_eq!(
        nobodys(&before),
        ["unassigned 2026-01 10", "unassigned 2026-02 0"]
    );
    let records = json!([
        order("1", None),
        order("3", Some("ann")),
        back("2", "1", "2026-01-06")
    ]);
    assert_eq!(
        nobodys(&scenario("on_their_day", &records)),
        ["unassigned 2026-01 0", "unassigned 2026-02 0"]
    );
}

/// An invoice of 3 dollars is 1.00 euros. 2 dollars are paid, 1 dollar is taken back: nothing is left, though 2/3 and 0.33 are not 1.
#[test]
fn what_is_left_of_an_item_in_a_foreign_currency_is_exact_from_the_start_too() {
    let records = json!([
        {"kind": "invoice", "id": "1", "day": "2026-01-02", "members": {"person": "ann"}, "amounts": {"sales": "3"}, "currency": "USD"},
        {"id": "2", "day": "2026-01-05", "applies": {"to": "1", "amount": "2", "currency": "USD"}},
        {"id": "3", "day": "2026-01-10", "reverses": "1", "amounts": {"sales": "1"}}
    ]);
    for (reversals, as_of, open) in [
        ("on_their_day", "2026-02-28", ["0", "0"]),
        ("from_the_start", "2026-02-28", ["0", "0"]),
        ("from_the_start", "2026-01-10", ["0", "-"]),
        ("on_their_day", "2026-01-10", ["0", "-"]),
    ] {
        let mut document = scenario(reversals, &records);
        document["as_of"] = json!(as_of);
        let told = shown(&run(&document), "open");
        let of_ann: Vec<&str> = told
            .iter()
            .filter_map(|text| text.strip_prefix("ann "))
            .collect();
        let wanted = ["2026-01", "2026-02"].into_iter().zip(open);
        let wanted: Vec<String> = wanted
            .map(|(month, open)| format!("{month} {open}"))
            .collect();
        assert_eq!(of_ann, wanted, "{reversals} as of {as_of}");
    }
}

/// Visits by team, of which those that are taken back were never there.
fn visits() -> Model {
    let document = json!({
        "dimensions": [people()],
        "kinds": [{"key": "visit", "dimensions": [{"field": "person"}]}],
        "span": {"start": "2026-01-01", "end": "2028-01-01"},
        "unique_ids": ["crm"],
        "metrics": [{"key": "visits", "formula": {"count": {"kinds": ["visit"]}}}],
        "views": [{"key": "teams", "rows": [{"dimension": "person", "level": "team"}], "reversals": "from_the_start",
                   "periods": {"grain": "month", "from": "2026-01-01", "to": "2026-04-01"}}]
    });
    serde_json::from_value(document).unwrap()
}

fn visit(id: usize, person: &str, on: &str) -> Entry {
    let record = Record::new("visit", day(on))
        .id(id.to_string())
        .of("person", person);
    Entry::record("crm", record).unwrap()
}

fn enter(journal: &mut Journal, known: &str, entries: &[Entry]) {
    let through = day(known).pred_opt().unwrap();
    let known = day(known).and_hms_opt(6, 0, 0).unwrap();
    journal.enter(known, through, entries).unwrap();
}

/// January of ann's, closed: two visits.
fn closed(model: &Model) -> Journal {
    let mut journal = Journal::new(model, day("2026-01-01")).unwrap();
    let close = Entry::close(
        EntryId::new("books", "1").unwrap(),
        day("2026-01-31"),
        Close::Hard,
    );
    let entries = [
        visit(1, "ann", "2026-01-05"),
        visit(2, "ann", "2026-01-25"),
        close,
    ];
    enter(&mut journal, "2026-02-01", &entries);
    journal
}

#[test]
fn a_changed_model_is_taken_in_within_the_limits_of_the_journal() {
    let model = visits();
    let mut journal = closed(&model);
    let mut changed = serde_json::to_value(&model).unwrap();
    changed["metrics"]
        .as_array_mut()
        .unwrap()
        .push(json!({"key": "twice",
        "formula": {"metric": "visits"}}));
    let changed: Model = serde_json::from_value(changed).unwrap();
    let entry = Entry::model(
        EntryId::new("admin", "1").unwrap(),
        day("2026-02-05"),
        &changed,
    )
    .by("eva")
    .because("a new figure");
    let known = day("2026-02-06").and_hms_opt(6, 0, 0).unwrap();
    let few = Limits::default().with(Size::Rows, 1);
    journal.introduce(&changed);
    let mut limited = journal.clone().within(few);
    let error = limited
        .enter(known, day("2026-02-05"), std::slice::from_ref(&entry))
        .unwrap_err();
    assert!(
        error.to_string().contains("more than the limit of 1"),
        "{error}"
    );
    journal.enter(known, day("2026-02-05"), &[entry]).unwrap();
}

/// Whatever is paid and taken back of an item in a foreign currency: it is open as long as something is left.
#[test]
fn an_item_in_a_foreign_currency_is_open_as_long_as_something_is_left() {
    for total in 2..=4_u32 {
        for (paid, back) in (0..=total).flat_map(|paid| (0..total).map(move |back| (paid, back))) {
            if paid + back > total {
                continue;
            }
            let mut records = vec![
                json!({"kind": "invoice", "id": "1", "day": "2026-01-02", "members": {"person": "ann"},
                    "amounts": {"sales": total.to_string()}, "currency": "USD"}),
            ];
            if paid > 0 {
                records.push(json!({"id": "2", "day": "2026-01-20",
                    "applies": {"to": "1", "amount": paid.to_string(), "currency": "USD"}}));
            }
            if back > 0 {
                records.push(json!({"id": "3", "day": "2026-02-10", "reverses": "1", "amounts": {"sales": back.to_string()}}));
            }
            let told = shown(&run(&scenario("from_the_start", &json!(records))), "open");
            let open = i32::from(paid + back < total);
            assert!(
                told.contains(&format!("ann 2026-01 {open}"))
                    && told.contains(&format!("ann 2026-02 {open}")),
                "{total} {paid} {back}: {told:?}"
            );
        }
    }
}

/// Whoever is named, and whenever it is taken back: the rows of a month add up to the whole.
#[test]
fn the_rows_of_a_month_add_up_to_the_whole_whenever_a_record_is_taken_back() {
    for reversals in ["on_their_day", "from_the_start"] {
        for as_of in ["2026-01-05", "2026-01-31", "2026-02-03", "2026-02-28"] {
            for back in ["2026-01-05", "2026-01-31", "2026-02-03", "2026-03-01"] {
                for members in [json!({}), json!({"person": "ann"})] {
                    let mut records = vec![json!({"kind": "order", "id": "1", "day": "2026-01-05",
                        "members": members, "amounts": {"sales": "10"}})];
                    if back <= as_of {
                        records.push(json!({"id": "2", "day": back, "reverses": "1"}));
                    }
                    let mut document = scenario(reversals, &json!(records));
                    document["as_of"] = json!(as_of);
                    let views = document["model"]["views"].as_array_mut().unwrap();
                    let mut whole = views[0].clone();
                    whole["key"] = json!("company");
                    whole.as_object_mut().unwrap().remove("rows");
                    views.push(whole);
                    let outcome = serde_json::to_value(run(&document)).unwrap();
                    let sums = |view: usize, period: &str| -> i64 {
                        let rows = outcome["views"][view]["figures"].as_array().unwrap().iter();
                        let rows = rows.filter(|row| row["period"] == period);
                        let figures = rows.filter_map(|row| row["values"]["sales"].as_str());
                        figures.map(|figure| figure.parse::<i64>().unwrap()).sum()
                    };
                    for period in ["2026-01", "2026-02"] {
                        assert_eq!(
                            sums(0, period),
                            sums(1, period),
                            "{reversals} {as_of} {back} {members} {period}"
                        );
                    }
                }
            }
        }
    }
}
