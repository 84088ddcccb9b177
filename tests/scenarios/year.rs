//! A year in a company, as its people write it: a model, entries and views as documents, with every number worked by hand.

#![allow(
    clippy::needless_pass_by_value,
    reason = "documents are written where they are used"
)]

mod customers;
mod people;
mod targets;

use quotaflow::journal::{Entry, Journal, Receipt};
use quotaflow::model::Model;
use quotaflow::view::View;
use serde_json::{Value, json};

/// A company and what it was told.
struct Company(Journal);

impl Company {
    fn new(model: Value, from: &str) -> Self {
        let model: Model = serde_json::from_value(model).unwrap();
        Self(Journal::new(&model, from.parse().unwrap()).unwrap())
    }

    /// Hands over entries in the morning of a day; each is signed.
    fn tell(&mut self, known: &str, entries: Value) -> Receipt {
        let entries = signed(entries);
        let known: chrono::NaiveDate = known.parse().unwrap();
        let through = known.pred_opt().unwrap();
        let morning = known.and_hms_opt(6, 0, 0).unwrap();
        self.0.enter(morning, through, &entries).unwrap()
    }

    fn view(&self, name: &str, as_of: &str) -> View {
        self.0.view(name).unwrap().as_of(as_of.parse().unwrap())
    }

    /// A figure of a row, whose members are written `north / a`.
    fn of(&self, name: &str, as_of: &str, (column, row, period): (&str, &str, &str)) -> String {
        figure(&self.view(name, as_of), column, row, period)
    }
}

fn figure(view: &View, column: &str, row: &str, period: &str) -> String {
    let panel = view.panel().unwrap();
    let row: Vec<&str> = row.split(" / ").filter(|own| !own.is_empty()).collect();
    let answer = panel.get(column, row, period).unwrap();
    answer.to_string()
}

/// Several of one row and period.
fn figures<const N: usize>(
    view: &View,
    columns: [&str; N],
    row: &str,
    period: &str,
) -> [String; N] {
    columns.map(|column| figure(view, column, row, period))
}

fn signed(entries: Value) -> Vec<Entry> {
    let Value::Array(entries) = entries else {
        panic!("a list");
    };
    let signed = entries.into_iter().map(|mut entry| {
        let own = entry.as_object_mut().unwrap();
        own.insert("source".to_owned(), json!("office"));
        for (field, text) in [("by", "eva"), ("why", "agreed with everybody")] {
            own.entry(field).or_insert_with(|| json!(text));
        }
        serde_json::from_value(entry).unwrap()
    });
    signed.collect()
}

fn order(id: &str, day: &str, members: Value, euros: i64) -> Value {
    json!({"id": id, "day": day, "what": {"record":
        {"kind": "order", "members": members, "amounts": {"sales": euros.to_string()}}}})
}

fn said(id: &str, day: &str, what: Value) -> Value {
    json!({"id": id, "day": day, "what": what})
}

fn cascaded(day: &str, total: &str) -> Value {
    said(
        "plan",
        day,
        json!({"cascade": {"plan": "plan", "totals": {"sales": total}}}),
    )
}

fn changed(id: &str, day: &str, edits: Value) -> Value {
    said(id, day, json!({"change": {"plan": "plan", "edits": edits}}))
}

fn flat(dimension: &str, members: &[&str]) -> Value {
    let members: Vec<Value> = members
        .iter()
        .map(|member| json!({"key": member, "level": dimension}))
        .collect();
    json!({"key": dimension, "hierarchies": [{"key": dimension, "levels": [dimension]}], "members": members})
}

fn euros(key: &str) -> Value {
    json!({"key": key, "unit": "money:EUR", "quantum": "0.01", "additivity": "flow"})
}

fn sum(key: &str, kind: &str, measure: &str, more: Value) -> Value {
    let mut of = json!({"kinds": [kind]});
    for (field, value) in more.as_object().unwrap() {
        of[field] = value.clone();
    }
    json!({"key": key, "formula": {"sum": {"value": {"measure": measure}, "of": of}}})
}

fn months(from: &str, to: &str) -> Value {
    json!({"grain": "month", "from": from, "to": to})
}

fn rows(key: &str, (dimension, level): (&str, &str), periods: Value, show: &[&str]) -> Value {
    json!({"key": key, "rows": [{"dimension": dimension, "level": level}], "periods": periods, "show": show})
}

/// Ann and bo in the north, cy in the west, and orders; a plan of 2026 over people and months, for each the same a day.
fn sellers() -> Value {
    let year = months("2026-01-01", "2027-01-01");
    let shown = ["sales", "target:sales", "attainment(sales)"];
    json!({
        "dimensions": [{"key": "person",
            "hierarchies": [{"key": "person", "levels": ["team", "person"], "links": [
                {"member": "ann", "parent": "north"}, {"member": "bo", "parent": "north"},
                {"member": "cy", "parent": "west"}]}],
            "members": [{"key": "north", "level": "team"}, {"key": "west", "level": "team"},
                {"key": "ann", "level": "person"}, {"key": "bo", "level": "person"}, {"key": "cy", "level": "person"}]}],
        "measures": [euros("sales")],
        "kinds": [{"key": "order", "dimensions": [{"field": "person"}], "measures": [{"measure": "sales"}], "credit": "person"}],
        "span": {"start": "2025-01-01", "end": "2030-01-01"},
        "metrics": [sum("sales", "order", "sales", json!({}))],
        "plans": [{"key": "plan", "recipes": [{"key": "plan", "measure": "sales",
            "horizon": {"start": "2026-01-01", "end": "2027-01-01"},
            "steps": [{"by": {"member": {"dimension": "person", "level": "person"}}},
                {"by": {"grain": "month"}, "basis": "calendar_days"}]}]}],
        "views": [rows("people", ("person", "person"), year.clone(), &shown),
            rows("teams", ("person", "team"), year, &shown)]
    })
}
