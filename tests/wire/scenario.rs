//! Written forms of scenarios, their outcomes, and the reviews in them.

use std::collections::BTreeSet;
use std::path::PathBuf;

use quotaflow::scenario::ScenarioDef;
use serde_json::Value;

fn read(name: &str) -> ScenarioDef {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("examples/scenarios");
    serde_json::from_str(&std::fs::read_to_string(folder.join(name)).unwrap()).unwrap()
}

const FILES: [&str; 5] = [
    "currencies.json",
    "first_quarter.json",
    "quota_periods.json",
    "ready.json",
    "receivables.json",
];

/// All of them, and one that says what the others leave out: a go-live day, exact amounts, what should come out and does not.
fn all() -> impl Iterator<Item = ScenarioDef> {
    let told = serde_json::from_str(include_str!("scenario/told.json")).unwrap();
    FILES.into_iter().map(read).chain([told])
}

/// Collects the paths of all fields: `alerts[].rule`. What is keyed by the user's own names is a star.
fn fields(value: &Value, at: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            let own = [
                "values",
                "members",
                "amounts",
                "totals",
                "dates",
                "attributes",
                "readings",
                "set",
                "parameters",
                "exact",
            ];
            let named = own.iter().any(|name| at.ends_with(name)) || at.ends_with("set.*");
            for (key, value) in map {
                let at = match (at, named) {
                    (at, true) => format!("{at}.*"),
                    ("", false) => key.clone(),
                    (at, false) => format!("{at}.{key}"),
                };
                fields(value, &at, found);
            }
        }
        Value::Array(list) => {
            for value in list {
                fields(value, &format!("{at}[]"), found);
            }
        }
        _ => {
            found.insert(at.to_owned());
        }
    }
}

fn same(found: &BTreeSet<String>, pinned: &str) {
    let pinned: BTreeSet<String> = pinned.lines().map(str::to_owned).collect();
    let gone: Vec<_> = pinned.difference(found).collect();
    let new: Vec<_> = found.difference(&pinned).collect();
    assert!(
        gone.is_empty() && new.is_empty(),
        "gone: {gone:#?}\nnew: {new:#?}"
    );
}

#[test]
fn fields_of_scenarios_keep_their_names() {
    let mut found = BTreeSet::new();
    for scenario in all() {
        fields(&serde_json::to_value(scenario).unwrap(), "", &mut found);
    }
    same(&found, include_str!("scenario/scenario.txt"));
}

#[test]
fn fields_of_outcomes_and_reviews_keep_their_names() {
    let mut found = BTreeSet::new();
    for scenario in all() {
        let outcome = scenario.run().unwrap();
        fields(&serde_json::to_value(&outcome).unwrap(), "", &mut found);
    }
    same(&found, include_str!("scenario/outcome.txt"));
}

#[test]
fn an_outcome_has_one_written_form() {
    let outcome = read("receivables.json").run().unwrap();
    let written = serde_json::to_string_pretty(&outcome).unwrap();
    assert_eq!(
        written,
        include_str!("scenario/receivables.json").trim_end()
    );
}

#[test]
fn what_is_unknown_or_newer_is_refused() {
    let base = serde_json::to_value(read("ready.json")).unwrap();
    for (field, value) in [
        ("colour", serde_json::json!("red")),
        ("version", serde_json::json!(2)),
        ("ready", serde_json::json!({"metric": ["sales"]})),
        ("as_of", serde_json::json!("2026-02-30")),
    ] {
        let mut changed = base.clone();
        changed[field] = value;
        assert!(
            serde_json::from_value::<ScenarioDef>(changed).is_err(),
            "{field}"
        );
    }
}
