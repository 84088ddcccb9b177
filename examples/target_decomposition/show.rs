//! The splits as tables for people.

use serde_json::Value;

use crate::table::{print, shown};

/// How many parts of a long split are shown.
const SHOWN: usize = 12;

fn list<'a>(entry: &'a Value, key: &str) -> &'a [Value] {
    entry[key].as_array().map_or(&[], Vec::as_slice)
}

pub fn tables(document: &Value) {
    for (name, entry) in document.as_object().into_iter().flatten() {
        let title = format!(
            "{} of {}",
            name.replace('_', " "),
            shown(&entry["total"], 2)
        );
        if entry["parts"].is_array() {
            split(&title, entry);
        } else if entry["half"].is_array() {
            cascade(&title, entry);
        } else if entry["territories"].is_object() {
            territories(&title, entry);
        }
    }
}

fn split(title: &str, entry: &Value) {
    let parts = list(entry, "parts");
    let pairs = parts.iter().zip(list(entry, "weights"));
    let mut rows: Vec<Vec<String>> = pairs
        .take(SHOWN)
        .map(|(part, weight)| {
            let weight = text(&weight["weight"]);
            let places = if weight.contains('.') { 2 } else { 0 };
            vec![
                text(&part["key"]),
                shown(&weight.into(), places),
                shown(&part["amount"], 2),
            ]
        })
        .collect();
    if parts.len() > SHOWN {
        rows.push(vec![format!("and {} more", parts.len() - SHOWN)]);
    }
    print(title, &["", "weight", "target"], &rows);
}

fn cascade(title: &str, entry: &Value) {
    for level in ["half", "quarter", "month", "day"] {
        let parts = list(entry, level);
        let mut rows: Vec<Vec<String>> = parts
            .iter()
            .take(SHOWN)
            .map(|part| vec![text(&part["key"]), shown(&part["amount"], 2)])
            .collect();
        if parts.len() > SHOWN {
            rows.push(vec![format!("and {} more", parts.len() - SHOWN)]);
        }
        print(&format!("{title}, by {level}"), &["", "target"], &rows);
    }
}

fn territories(title: &str, entry: &Value) {
    let mut rows: Vec<(i64, Vec<String>)> = entry["territories"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(key, territory)| {
            let months = list(territory, "months")
                .iter()
                .map(|month| shown(&month["amount"], 0));
            let row = std::iter::once(key.clone())
                .chain([shown(&territory["amount"], 2)])
                .chain(months)
                .collect();
            (key.parse().unwrap_or(i64::MAX), row)
        })
        .collect();
    rows.sort_by_key(|(number, _)| *number);
    let rows: Vec<Vec<String>> = rows.into_iter().map(|(_, row)| row).collect();
    let head = [
        "", "target", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov",
        "Dec",
    ];
    print(title, &head, &rows);
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
