//! Scenarios of one view, put together from their parts.

use serde_json::{Map, Value, json};

/// The document of a scenario whose model has one view, `rows`: what its parts say stands beside one another, so that tests change
/// them by name. `schema` is what the model says of dimensions (`space`), measures, kinds and days; `subjects` are the rows; a target
/// is cascaded as of the day of the scenario, or written down.
pub(crate) fn one_view(parts: &Value) -> Value {
    let mut rest = parts.as_object().unwrap().clone();
    let mut model = Map::new();
    for field in ["calendar", "working_days", "metrics"] {
        model.extend(rest.remove(field).map(|value| (field.to_owned(), value)));
    }
    let schema = rest.remove("schema").unwrap_or_else(|| json!({}));
    for (field, value) in schema.as_object().unwrap() {
        let field = if field == "space" {
            "dimensions"
        } else {
            field
        };
        model.insert(field.to_owned(), value.clone());
    }
    let mut view = Map::from_iter([("key".to_owned(), json!("rows"))]);
    for (field, own) in [
        ("subjects", "rows"),
        ("unassigned", "unassigned"),
        ("periods", "periods"),
        ("reversals", "reversals"),
        ("review", "review"),
    ] {
        view.extend(rest.remove(field).map(|value| (own.to_owned(), value)));
    }
    if let Some(mut tables) = rest.remove("tables") {
        if view.get("unassigned") == Some(&json!("shown")) {
            for table in tables.as_array_mut().unwrap() {
                table["unassigned"] = json!("shown");
            }
        }
        model.insert("tables".to_owned(), tables);
    }
    let mut shown = Vec::new();
    let mut entries = Vec::new();
    targets(
        &mut rest,
        (&mut model, &mut view),
        (&mut shown, &mut entries),
    );
    if let Some(card) = rest.remove("card") {
        shown.push(card["key"].clone());
        model.insert("cards".to_owned(), json!([card]));
    }
    if !shown.is_empty() {
        let named = |value: Option<&Value>| value.and_then(Value::as_array).cloned();
        let metrics = named(model.get("metrics")).unwrap_or_default();
        let metrics = metrics.into_iter().map(|metric| metric["key"].clone());
        let ready = rest.get("ready").and_then(|ready| ready.get("metrics"));
        let ready = named(ready).unwrap_or_default();
        let all: Vec<Value> = metrics.chain(ready).chain(shown).collect();
        view.insert("show".to_owned(), all.into());
    }
    if let Some(rules) = rest.remove("rules") {
        let watch = json!({"key": "watched", "view": "rows", "rules": rules});
        model.insert("watches".to_owned(), json!([watch]));
    }
    model.insert("views".to_owned(), json!([view]));
    let mut document = rest;
    document.insert("model".to_owned(), model.into());
    if !entries.is_empty() {
        document.insert("entries".to_owned(), entries.into());
    }
    document.into()
}

fn targets(
    rest: &mut Map<String, Value>,
    (model, view): (&mut Map<String, Value>, &mut Map<String, Value>),
    (shown, entries): (&mut Vec<Value>, &mut Vec<Value>),
) {
    let Some(targets) = rest.remove("targets") else {
        return;
    };
    let (mut plans, mut written) = (Vec::new(), Vec::new());
    for (at, target) in targets.as_array().unwrap().iter().enumerate() {
        let mut entry = json!({"source": "planning", "id": at.to_string()});
        if let Some(given) = target.get("given") {
            entry["day"] = model["span"]["start"].clone();
            entry["what"] = json!({"targets": {"view": "rows", "metric": given["metric"], "cells": given["cells"]}});
            shown.push(json!(format!(
                "target:{}",
                given["metric"].as_str().unwrap()
            )));
            written.push(given["metric"].clone());
        } else {
            let (recipe, total) = (&target["cascade"]["recipe"], &target["cascade"]["total"]);
            let measure = recipe["measure"].as_str().unwrap();
            entry["day"] = rest["as_of"].clone();
            entry["what"] = json!({"cascade": {"plan": recipe["key"], "totals": {measure: total}}});
            (entry["by"], entry["why"]) = (json!("eva"), json!("agreed"));
            shown.push(json!(format!("target:{measure}")));
            plans.push(json!({"key": recipe["key"], "recipes": [recipe]}));
        }
        entries.push(entry);
    }
    if !written.is_empty() {
        view.insert("written".to_owned(), written.into());
    }
    if !plans.is_empty() {
        model.insert("plans".to_owned(), plans.into());
    }
}
