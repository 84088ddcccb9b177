//! Somebody changes team, and everybody sells exactly the target: every row of every level is at its target.

use quotaflow::scenario::ScenarioDef;
use serde_json::{Value, json};

/// Ann changes from north to south on `moves`; ann and bo sell the target of each month, every day its share.
fn company(moves: &str, asked: &str, rule: &str) -> Value {
    let days = ["2026-01-01", "2026-01-15", "2026-02-01", "2026-02-15"];
    let records: Vec<Value> = ["ann", "bo"]
        .iter()
        .flat_map(|person| {
            days.iter().map(move |day| {
                // 31 a month, one a day in January: 14 until the 14th and 17 from the 15th; 28 days in February, 14 and 14.
                let amount = match *day {
                    "2026-01-15" => "17.00",
                    _ => "14.00",
                };
                json!({"kind": "order", "id": format!("{person} {day}"), "day": day,
                       "members": {"person": person}, "amounts": {"sales": amount}})
            })
        })
        .collect();
    json!({
        "as_of": "2026-02-28",
        "schema": {
            "space": [{"key": "person", "hierarchies": [{"key": "person", "levels": ["team", "person"], "links": [
                {"member": "ann", "parent": "north", "to": moves}, {"member": "ann", "parent": "south", "from": moves},
                {"member": "bo", "parent": "south"}]}],
                "members": [{"key": "north", "level": "team"}, {"key": "south", "level": "team"},
                    {"key": "ann", "level": "person"}, {"key": "bo", "level": "person"}]}],
            "measures": [{"key": "sales", "unit": "money:EUR", "quantum": "0.01", "additivity": "flow"}],
            "kinds": [{"key": "order", "dimensions": [{"field": "person"}], "measures": [{"measure": "sales"}]}],
            "span": {"start": "2025-01-01", "end": "2027-01-01"}
        },
        "records": records,
        "subjects": [{"dimension": "person", "level": "team"}],
        "periods": {"grain": asked, "from": "2026-01-01", "to": "2026-03-01"},
        "metrics": [{"key": "sales", "formula": {"sum": {"value": {"measure": "sales"}, "of": {"kinds": ["order"]}}}}],
        "targets": [{"cascade": {"total": "118.00", "recipe": {"key": "b", "measure": "sales",
            "horizon": {"start": "2026-01-01", "end": "2026-03-01"},
            "steps": [{"by": {"member": {"dimension": "person", "level": "person"}}},
                      {"by": {"grain": "month"}, "basis": "calendar_days"}]}}}],
        "rules": [{"key": "missed", "when": rule, "severity": {"fixed": "critical"}}]
    })
}

/// The rows that are not exactly at their target, and the alerts.
fn off_target(document: Value) -> (Vec<String>, usize) {
    let scenario: ScenarioDef = serde_json::from_value(document).unwrap();
    let outcome = serde_json::to_value(scenario.run().unwrap()).unwrap();
    let rows = outcome["figures"].as_array().unwrap().iter();
    let off = rows
        .filter(|row| {
            let values = &row["values"];
            values["target:sales"].is_string() && values["sales"] != values["target:sales"]
        })
        .map(ToString::to_string)
        .collect();
    (off, outcome["alerts"].as_array().map_or(0, Vec::len))
}

#[test]
fn who_changes_team_leaves_both_teams_at_their_target() {
    for (moves, grain) in [
        ("2026-02-01", "month"),
        ("2026-01-15", "month"),
        ("2026-02-15", "month"),
        ("2026-02-01", "quarter"),
        ("2026-01-15", "quarter"),
        ("2026-02-15", "week"),
    ] {
        let document = company(moves, grain, "sales < target(sales)");
        if grain == "week" {
            // Sales are entered twice a month, so weeks differ; but no week is refused.
            let scenario: ScenarioDef = serde_json::from_value(document).unwrap();
            assert!(scenario.run().is_ok());
            continue;
        }
        assert_eq!(off_target(document), (vec![], 0), "{moves} by {grain}");
    }
}

#[test]
fn a_team_that_lost_its_only_member_has_no_target_from_that_day() {
    let scenario: ScenarioDef =
        serde_json::from_value(company("2026-02-01", "month", "sales < 0")).unwrap();
    let outcome = serde_json::to_value(scenario.run().unwrap()).unwrap();
    let found: Vec<Value> = outcome["figures"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["values"]["target:sales"].clone())
        .collect();
    // 118 over two people and 59 days: 31 and 28 each. North has ann's January and nothing more; south has bo's January and
    // both in February.
    assert_eq!(
        found[..4],
        [
            json!("31"),
            json!({"none": "not_applicable"}),
            json!("31"),
            json!("56")
        ],
    );
}
