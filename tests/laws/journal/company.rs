//! Random companies of a year and some weeks, and what their journal is told.

use chrono::NaiveDateTime;
use proptest::prelude::*;
use quotaflow::journal::{Entry, EntryId};
use quotaflow::model::Model;
use quotaflow::plan::{Edit, Mode, Place, Spread, Verb};
use quotaflow::testing::{Company, Deed, document, known};
use rust_decimal::Decimal;

pub use quotaflow::testing::date;

/// The last day on which anything happens, counted from the first of January 2026.
pub const LAST: i32 = 430;
pub const TEAMS: [&str; 3] = ["north", "south", "west"];
pub const PEOPLE: [&str; 3] = ["ann", "bo", "cy"];

pub fn companies() -> impl Strategy<Value = Company> {
    quotaflow::testing::companies(1..=1)
}

pub fn time(hand_over: usize) -> NaiveDateTime {
    known(hand_over)
}

pub fn entry(company: &Company, deed: &Deed) -> Entry {
    company.entry(deed).unwrap()
}

pub fn text(number: usize) -> String {
    number.to_string()
}

pub fn id(number: usize) -> EntryId {
    EntryId::new("s", &text(number)).unwrap()
}

pub fn model() -> Model {
    serde_json::from_str(&document(1)).unwrap()
}

/// A plan is cascaded, and each of its people has more in one month by one entry after another.
pub fn cascaded(cents: i64) -> Entry {
    let total = [("sales", Decimal::new(cents, 2))];
    let entry = Entry::cascade(EntryId::new("plan", "0").unwrap(), date(0), "year", total);
    entry.unwrap().by("eva").because("agreed")
}

pub fn raised(name: &str, at: usize, cents: i64, place: Place) -> Entry {
    let day = date(i32::try_from(at).unwrap() * 50);
    let verb = Verb::Proportional {
        amount: Decimal::new(cents, 2).into(),
    };
    let spread = Spread::new("sales", place, verb).unwrap().mode(Mode::Add);
    let id = EntryId::new("plan", name).unwrap();
    let entry = Entry::change(id, day, "year", [Edit::Spread(spread)]);
    entry.unwrap().by("eva").because("a new account")
}

/// What is done to plans in a hand-over: everybody has more, one hand-over after the other, and once that was a mistake.
pub fn planned(at: usize) -> Vec<Entry> {
    let cents = i64::try_from(at).unwrap() * 1_000 + 7;
    let raised = raised(&text(at), at, cents, Place::whole());
    match at {
        0 => vec![cascaded(12_345_678)],
        4 => {
            let own = EntryId::new("plan", "void").unwrap();
            let void = Entry::void(own, date(200), EntryId::new("plan", &text(3)).unwrap());
            vec![raised, void]
        }
        _ => vec![raised],
    }
}

/// The same with figures that no counts and sums make: orders are kept singly.
pub fn model_of_singles() -> Model {
    let orders = r#""of": {"kinds": ["order"]}"#;
    let customers = format!(r#""entity": {{"member": {{"dimension": "customer"}}}}, {orders}"#);
    let value = format!(r#""value": {{"measure": "sales"}}, {orders}"#);
    let metrics = [
        ("customers", format!(r#"{{"distinct": {{{customers}}}}}"#)),
        ("new", format!(r#"{{"new": {{{customers}}}}}"#)),
        ("retained", format!(r#"{{"retained": {{{customers}}}}}"#)),
        (
            "reactivated",
            format!(r#"{{"reactivated": {{{customers}, "after": 1}}}}"#),
        ),
        (
            "taken_over",
            format!(r#"{{"taken_over": {{{customers}}}}}"#),
        ),
        ("low", format!(r#"{{"minimum": {{{value}}}}}"#)),
        ("high", format!(r#"{{"maximum": {{{value}}}}}"#)),
        (
            "median",
            format!(r#"{{"quantile": {{{value}, "p": "0.5", "method": "nearest_rank"}}}}"#),
        ),
        (
            "last",
            format!(r#"{{"last": {{"value": {{"measure": "sales"}}, {customers}}}}}"#),
        ),
    ];
    let mut document = serde_json::to_value(model()).unwrap();
    for (key, formula) in metrics {
        let formula: serde_json::Value = serde_json::from_str(&formula).unwrap();
        let metric = serde_json::json!({"key": key, "formula": formula});
        document["metrics"].as_array_mut().unwrap().push(metric);
    }
    serde_json::from_value(document).unwrap()
}

/// The model changed: with a figure and a view more, without some figures, or with another meaning of one.
pub fn changed_model(how: u8) -> Model {
    let mut document = serde_json::to_value(model()).unwrap();
    let metrics = document["metrics"].as_array_mut().unwrap();
    let large = serde_json::json!({"kinds": ["order"],
        "where": [{"range": {"value": {"measure": "sales"}, "at_least": "5"}}]});
    match how {
        0 => {
            metrics.push(serde_json::json!({"key": "large", "formula": {"count": large}}));
            let view = serde_json::json!({"key": "large", "show": ["large", "sales"],
                "periods": {"grain": "week", "from": "2026-01-01", "to": "2027-04-01"}});
            document["views"].as_array_mut().unwrap().push(view);
        }
        1 => metrics.retain(|own| own["key"] != "growth" && own["key"] != "receivables_age"),
        _ => {
            let sales = metrics
                .iter_mut()
                .find(|own| own["key"] == "sales")
                .unwrap();
            sales["formula"] =
                serde_json::json!({"sum": {"value": {"measure": "sales"}, "of": large}});
        }
    }
    serde_json::from_value(document).unwrap()
}
