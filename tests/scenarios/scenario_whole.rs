//! Whole scenarios, each small enough to be worked by hand: what they yield, and what they refuse.

use quotaflow::limits::{Limits, Size};
use quotaflow::scenario::{Outcome, ScenarioDef};
use serde_json::{Value, json};

/// Salespeople with orders in euros, month by month; what is named takes the place of what is here.
fn company(people: &[&str], changed: &Value) -> Value {
    let members: Vec<Value> = people
        .iter()
        .map(|person| json!({"key": person, "level": "person"}))
        .collect();
    let mut document = json!({
        "as_of": "2026-01-31",
        "schema": {
            "space": [{"key": "person", "hierarchies": [{"key": "person", "levels": ["person"]}], "members": members}],
            "measures": [{"key": "sales", "unit": "money:EUR", "quantum": "0.01", "additivity": "flow"}],
            "kinds": [{"key": "order", "dimensions": [{"field": "person"}], "measures": [{"measure": "sales"}]}],
            "span": {"start": "2016-01-01", "end": "2028-01-01"}
        },
        "subjects": [{"dimension": "person", "level": "person"}],
        "periods": {"grain": "month", "from": "2026-01-01", "to": "2026-02-01"},
        "metrics": [{"key": "sales", "formula": {"sum": {"value": {"measure": "sales"}, "of": {"kinds": ["order"]}}}}],
        "records": []
    });
    for (field, value) in changed.as_object().unwrap() {
        match field.split_once('.') {
            Some((outer, inner)) => document[outer][inner] = value.clone(),
            None => document[field] = value.clone(),
        }
    }
    document
}

fn order(day: &str, person: Option<&str>, sales: &str) -> Value {
    let mut record = json!({"kind": "order", "day": day, "amounts": {"sales": sales}});
    if let Some(person) = person {
        record["members"] = json!({"person": person});
    }
    record
}

fn scenario(document: &Value) -> ScenarioDef {
    serde_json::from_str(&document.to_string()).unwrap()
}

fn outcome(document: &Value) -> Outcome {
    scenario(document).run().unwrap()
}

fn refused(document: &Value) -> String {
    match serde_json::from_str::<ScenarioDef>(&document.to_string()) {
        Ok(scenario) => scenario.run().unwrap_err().to_string(),
        Err(error) => error.to_string(),
    }
}

/// Subject, period and the value of one column, row by row; what is no number in its own words.
fn values(outcome: &Outcome, column: &str) -> Vec<(String, String, Value)> {
    let rows = outcome.figures.iter().map(|row| {
        let subject: Vec<&str> = row
            .subject
            .iter()
            .map(quotaflow::key::Key::as_str)
            .collect();
        let values = serde_json::to_value(&row.values).unwrap();
        (
            subject.join(" / "),
            row.period.to_string(),
            values[column].clone(),
        )
    });
    rows.collect()
}

fn row(subject: &str, period: &str, value: &str) -> (String, String, Value) {
    (subject.to_owned(), period.to_owned(), json!(value))
}

#[test]
fn what_belongs_to_nobody_is_a_row_wherever_something_lies_there() {
    let mut document = company(
        &["ann", "bo"],
        &json!({"records": [order("2026-01-05", None, "20"), order("2026-01-06", Some("ann"), "10")]}),
    );
    let sales = |document: &Value| values(&outcome(document), "sales");
    let all = [
        row("ann", "2026-01", "10"),
        row("bo", "2026-01", "0"),
        row("unassigned", "2026-01", "20"),
    ];
    assert_eq!(sales(&document), all);
    // Hidden only where that is asked for; and there is no row where nothing lies.
    document["unassigned"] = json!("hidden");
    assert_eq!(sales(&document), all[..2]);
    document.as_object_mut().unwrap().remove("unassigned");
    document["records"] = json!([order("2026-01-06", Some("ann"), "10")]);
    assert_eq!(sales(&document), all[..2]);
    // What lies outside of the periods lies in no row.
    document["records"] = json!([
        order("2026-01-06", Some("ann"), "10"),
        order("2026-03-05", None, "20")
    ]);
    assert_eq!(sales(&document), all[..2]);
    document["unassigned"] = json!("shown");
    assert_eq!(sales(&document)[2], row("unassigned", "2026-01", "0"));
}

#[test]
fn a_limit_whose_percent_sign_was_forgotten_is_told() {
    let cells = json!([{"subject": ["ann"], "period": "2026-01", "amount": "100"}, {"subject": ["bo"], "period": "2026-01", "amount": "100"}]);
    let mut document = company(
        &["ann", "bo"],
        &json!({
            "records": [order("2026-01-05", Some("ann"), "95"), order("2026-01-06", Some("bo"), "40")],
            "targets": [{"given": {"metric": "sales", "cells": cells}}],
            "rules": [{"key": "behind", "when": "attainment(sales) < 80"}]
        }),
    );
    let found = |document: &Value| serde_json::to_string(&outcome(document).anomalies).unwrap();
    assert!(found(&document).contains("behind"), "{}", found(&document));
    document["rules"] = json!([{"key": "behind", "when": "attainment(sales) < 80%"}]);
    assert_eq!(found(&document), "[]");
    // What the checker finds without any figure is told too.
    document["rules"] = json!([{"key": "never", "when": "sales < 3 and sales > 4"}]);
    assert!(found(&document).contains("never"), "{}", found(&document));
}

#[test]
fn a_name_that_stands_twice_in_any_map_is_refused_with_its_place() {
    let document = company(
        &["ann"],
        &json!({
            "records": [order("2026-01-05", Some("ann"), "1.00")],
            "rules": [{"key": "low", "when": "sales < $limit", "parameters": {"limit": {"value": "5"}}}]
        }),
    );
    let text = document.to_string();
    assert!(serde_json::from_str::<ScenarioDef>(&text).is_ok());
    for (once, twice, name) in [
        (
            r#"{"sales":"1.00"}"#,
            r#"{"sales":"1.00","sales":"20000.00"}"#,
            "sales",
        ),
        (
            r#"{"person":"ann"}"#,
            r#"{"person":"ann","person":"ann"}"#,
            "person",
        ),
        (
            r#""limit":{"value":"5"}"#,
            r#""limit":{"value":"5"},"limit":{"value":"6"}"#,
            "limit",
        ),
    ] {
        assert!(text.contains(once), "{once}");
        let error = serde_json::from_str::<ScenarioDef>(&text.replace(once, twice))
            .unwrap_err()
            .to_string();
        assert!(
            error.starts_with(&format!("`{name}` is given twice at line 1 column ")),
            "{error}"
        );
    }
    // The place in an edit of a plan.
    let place =
        serde_json::from_str::<quotaflow::plan::Place>(r#"{"rep": "a", "rep": "b"}"#).unwrap_err();
    assert_eq!(
        place.to_string(),
        "`rep` is given twice at line 1 column 18"
    );
}

#[test]
fn an_axis_that_is_asked_for_twice_is_refused() {
    let axis = json!({"dimension": "person", "level": "person"});
    let document = company(&["ann", "bo"], &json!({"subjects": vec![axis.clone(); 15]}));
    let error = "subjects[1]: `person.person` is listed twice; its rows would be pairs of members of one level";
    assert_eq!(refused(&document), error);
    let table = json!({"key": "t", "metric": {"key": "m", "formula": {"count": {"kinds": ["order"]}}}, "axes": [axis.clone(), axis],
        "periods": {"grain": "month", "from": "2026-01-01", "to": "2026-02-01"}});
    let document = company(&["ann", "bo"], &json!({"tables": [table]}));
    assert!(
        refused(&document).starts_with("tables[0].axes[1]: `person.person` is listed twice"),
        "{}",
        refused(&document)
    );
}

/// A hundred people, and days over two hundred years: 7,300,000 cells from six kilobytes.
#[test]
fn what_is_too_large_is_refused_before_it_is_made() {
    let people: Vec<String> = (0..100).map(|at| format!("p{at}")).collect();
    let people: Vec<&str> = people.iter().map(String::as_str).collect();
    let days = |from: &str, to: &str| json!({"unassigned": "hidden", "periods": {"grain": "day", "from": from, "to": to}});
    let document = company(&people, &days("1900-01-01", "2100-01-01"));
    let error = refused(&document);
    assert!(
        error.contains("bytes, more than the limit of 1073741824"),
        "{error}"
    );
    // A host may allow less, and more; exactly the limit is allowed.
    let mut week = company(&people, &days("2026-01-01", "2026-01-08"));
    week["as_of"] = json!("2026-01-07");
    let week = scenario(&week);
    week.run_within(Limits::default().with(Size::Cells, 700))
        .unwrap();
    let error = week
        .run_within(Limits::default().with(Size::Cells, 699))
        .unwrap_err()
        .to_string();
    assert!(error.contains("this needs 700 cells"), "{error}");
    let error = week
        .run_within(Limits::default().with(Size::Rows, 99))
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("this needs 100 rows, more than the limit of 99"),
        "{error}"
    );
    // A plan of days by people: 36,500 leaves.
    let recipe = json!({"key": "t", "measure": "sales", "horizon": {"start": "2026-01-01", "end": "2027-01-01"},
        "steps": [{"by": {"member": {"dimension": "person", "level": "person"}}}, {"by": {"grain": "day"}}]});
    let document = company(
        &people,
        &json!({"targets": [{"cascade": {"total": "1000.00", "recipe": recipe}}]}),
    );
    let error = scenario(&document)
        .run_within(Limits::default().with(Size::Nodes, 36_499))
        .unwrap_err()
        .to_string();
    assert_eq!(
        error,
        "targets[0]: this needs 36601 nodes of a plan, more than the limit of 36499; ask for fewer, or raise the limit `nodes`"
    );
    assert!(
        scenario(&document)
            .run_within(Limits::default().with(Size::Nodes, 36_500))
            .is_ok()
    );
}

/// Ann moves from the north to the south on 1 February; everybody sells exactly the target.
#[test]
fn who_moves_to_another_team_leaves_both_at_their_targets() {
    let document = company(
        &[],
        &json!({
            "as_of": "2026-02-28",
            "schema.space": [{"key": "person", "hierarchies": [{"key": "person", "levels": ["team", "person"], "links": [
                {"member": "ann", "parent": "north", "to": "2026-02-01"}, {"member": "ann", "parent": "south", "from": "2026-02-01"},
                {"member": "bo", "parent": "south"}]}],
                "members": [{"key": "north", "level": "team"}, {"key": "south", "level": "team"},
                    {"key": "ann", "level": "person"}, {"key": "bo", "level": "person"}]}],
            "records": [order("2026-01-15", Some("ann"), "50"), order("2026-02-15", Some("ann"), "50"),
                order("2026-01-15", Some("bo"), "50"), order("2026-02-15", Some("bo"), "50")],
            "subjects": [{"dimension": "person", "level": "team"}],
            "periods": {"grain": "month", "from": "2026-01-01", "to": "2026-03-01"},
            "targets": [{"cascade": {"total": "200.00", "recipe": {"key": "b", "measure": "sales",
                "horizon": {"start": "2026-01-01", "end": "2026-03-01"},
                "steps": [{"by": {"member": {"dimension": "person", "level": "person"}}}, {"by": {"grain": "month"}}]}}}],
            "rules": [{"key": "missed", "when": "attainment(sales) < 80%", "severity": {"fixed": "critical"}}]
        }),
    );
    let outcome = outcome(&document);
    assert!(outcome.alerts.is_empty(), "{:?}", outcome.alerts);
    let rows = [
        ("north", "2026-01", "50"),
        ("north", "2026-02", "0"),
        ("south", "2026-01", "50"),
        ("south", "2026-02", "100"),
    ]
    .map(|(team, month, amount)| row(team, month, amount));
    assert_eq!(values(&outcome, "sales"), rows);
    assert_eq!(values(&outcome, "target:sales")[..1], rows[..1]);
    assert_eq!(values(&outcome, "target:sales")[2..], rows[2..]);
}

/// A recipe without a step of time whose horizon is a year, and the year is asked for.
#[test]
fn a_plan_without_a_step_of_time_lies_in_the_year_that_is_its_horizon() {
    let document = company(
        &["ann", "bo"],
        &json!({
            "periods": {"grain": "year", "from": "2026-01-01", "to": "2027-01-01"},
            "targets": [{"cascade": {"total": "1000.00", "recipe": {"key": "t", "measure": "sales",
                "horizon": {"start": "2026-01-01", "end": "2027-01-01"},
                "steps": [{"by": {"member": {"dimension": "person", "level": "person"}}}]}}}]
        }),
    );
    let rows = [row("ann", "2026", "500"), row("bo", "2026", "500")];
    assert_eq!(values(&outcome(&document), "target:sales"), rows);
}

/// Quarters of a retail year that the horizon cuts get no equal share.
#[test]
fn a_quarter_that_the_horizon_cuts_gets_no_equal_share() {
    let document = company(
        &["ann", "bo"],
        &json!({
            "as_of": "2026-05-15",
            "calendar": {"key": "fiscal", "year": {"kind": "retail", "pattern": "4-4-5", "week_start": "monday", "end_month": 3,
                "end_rule": "nearest", "numbered_by": "start"}},
            "periods": {"grain": "month", "from": "2026-04-01", "to": "2027-04-01"},
            "targets": [{"cascade": {"total": "1200000.00", "recipe": {"key": "t", "measure": "sales",
                "horizon": {"start": "2026-04-01", "end": "2027-04-01"},
                "steps": [{"by": {"member": {"dimension": "person", "level": "person"}}}, {"by": {"grain": "quarter"}},
                    {"by": {"grain": "month"}, "basis": "calendar_days"}]}}}]
        }),
    );
    assert!(
        refused(&document).starts_with("targets[0]"),
        "{}",
        refused(&document)
    );
}
