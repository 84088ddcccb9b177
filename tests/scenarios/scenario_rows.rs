//! Scenarios run as a whole: what one room says must suit the others.

use quotaflow::scenario::{Outcome, ScenarioDef};

use crate::one_view::one_view;
use serde_json::{Value, json};

fn base() -> Value {
    json!({
        "as_of": "2026-02-10",
        "schema": {
            "space": [{"key": "person",
                "hierarchies": [{"key": "person", "levels": ["team", "person"], "links": [
                    {"member": "ann", "parent": "red"}]}],
                "members": [{"key": "red", "level": "team"}, {"key": "ann", "level": "person"}, {"key": "bo", "level": "person"}]}],
            "measures": [{"key": "sales", "unit": "money:EUR", "quantum": "0.01", "additivity": "flow"}],
            "kinds": [{"key": "order", "dimensions": [{"field": "person"}], "measures": [{"measure": "sales"}],
                       "attributes": [{"field": "customer"}]}],
            "span": {"start": "2026-01-01", "end": "2027-01-01"}
        },
        "records": [
            {"kind": "order", "day": "2026-01-05", "members": {"person": "ann"}, "amounts": {"sales": "10"}, "attributes": {"customer": "k"}},
            {"kind": "order", "day": "2026-02-05", "members": {"person": "bo"}, "amounts": {"sales": "20"}, "attributes": {"customer": "k"}}
        ],
        "subjects": [{"dimension": "person", "level": "person"}],
        "unassigned": "shown",
        "periods": {"grain": "month", "from": "2026-01-01", "to": "2026-05-01"},
        "metrics": [{"key": "sales", "formula": {"sum": {"value": {"measure": "sales"}, "of": {"kinds": ["order"]}}}}]
    })
}

fn run(document: &Value) -> Outcome {
    let scenario: ScenarioDef = serde_json::from_value(one_view(document)).unwrap();
    scenario.run().unwrap()
}

fn shown(outcome: &Outcome, subject: &str, period: &str, column: &str) -> Value {
    let row = outcome.views[0]
        .figures
        .iter()
        .find(|row| row.subject[0] == *subject && row.period == *period)
        .unwrap();
    serde_json::to_value(row).unwrap()["values"][column].clone()
}

#[test]
fn targets_stand_in_the_rows_of_those_who_are_planned_for() {
    // Only ann belongs to a team, so the way down by teams reaches nobody else.
    let mut document = base();
    document["targets"] = json!([{"cascade": {"total": "400", "recipe": {
        "key": "plan", "measure": "sales", "horizon": {"start": "2026-01-01", "end": "2026-05-01"},
        "steps": [{"by": {"member": {"dimension": "person", "level": "team"}}},
                  {"by": {"member": {"dimension": "person", "level": "person"}}},
                  {"by": {"grain": "month"}}]}}}]);
    let outcome = run(&document);
    assert_eq!(shown(&outcome, "ann", "2026-03", "target:sales"), "100");
    for nobody in ["bo", "unassigned"] {
        assert_eq!(
            shown(&outcome, nobody, "2026-03", "target:sales"),
            json!({"none": "not_applicable"})
        );
    }
}

#[test]
fn questions_about_customers_end_with_the_as_of_day() {
    let mut document = base();
    let asked = |kind: &str| json!({"key": kind, "formula": {kind: {"entity": {"attribute": "customer"}, "of": {"kinds": ["order"]}, "scope": "overall"}}});
    document["metrics"] = json!([asked("retained"), asked("previous"),
        {"key": "back", "formula": {"reactivated": {"entity": {"attribute": "customer"}, "of": {"kinds": ["order"]}, "after": 1, "scope": "overall"}}}]);
    let outcome = run(&document);
    // February runs: who has not come back may still come.
    assert_eq!(
        shown(&outcome, "ann", "2026-02", "retained"),
        json!({"none": "not_yet_due"})
    );
    assert_eq!(shown(&outcome, "ann", "2026-02", "previous"), "1");
    document["as_of"] = json!("2026-02-28");
    let outcome = run(&document);
    // The customer of January bought from bo in February; credited is who had it before.
    assert_eq!(shown(&outcome, "ann", "2026-02", "retained"), "1");
    for column in ["retained", "previous", "back"] {
        assert_eq!(
            shown(&outcome, "ann", "2026-04", column),
            json!({"none": "not_yet_due"})
        );
    }
}

#[test]
fn what_has_not_begun_is_not_missing() {
    let mut document = base();
    document["metrics"] = json!([
        {"key": "least", "formula": {"minimum": {"value": {"measure": "sales"}, "of": {"kinds": ["order"]}}}},
        {"key": "middle", "formula": {"quantile": {"value": {"measure": "sales"}, "of": {"kinds": ["order"]}, "p": "0.5", "method": "type7"}}},
        {"key": "sum", "formula": {"sum": {"value": {"measure": "sales"}, "of": {"kinds": ["order"]}, "empty": "nothing_recorded"}}}
    ]);
    let outcome = run(&document);
    for column in ["least", "middle", "sum"] {
        assert_eq!(
            shown(&outcome, "ann", "2026-02", column),
            json!({"none": "nothing_recorded"}),
            "{column}"
        );
        assert_eq!(
            shown(&outcome, "ann", "2026-03", column),
            json!({"none": "not_yet_due"}),
            "{column}"
        );
    }
}

#[test]
fn windows_may_reach_beyond_all_days() {
    let mut document = base();
    let sum = |key: &str, window: Value| json!({"key": key, "formula": {"sum": {"value": {"measure": "sales"}, "of": {"kinds": ["order"], "window": window}}}});
    document["metrics"] = json!([
        sum("days", json!({"trailing_days": u32::MAX})),
        sum(
            "between",
            json!({"between": {"from": "-262143-01-01", "to": "+262142-12-31"}})
        )
    ]);
    let outcome = run(&document);
    for column in ["days", "between"] {
        assert_eq!(shown(&outcome, "bo", "2026-02", column), "20", "{column}");
    }
}

#[test]
fn a_rule_for_who_is_gone_is_left_out_with_its_reason_and_the_others_are_asked() {
    let mut document = base();
    document["rules"] = json!([
        {"key": "few", "when": "sales < 50"},
        {"key": "gone", "when": "sales < 50", "scope": {"only": {"in": ["zoe"]}}},
        {"key": "named", "when": "sales < 50 and subject in (zoe)"},
        {"key": "weekly", "when": "sales < 50 for 2 weeks"},
        {"key": "let-off", "when": "sales < 50", "scope": {"except": [{"subject": "zoe", "reason": "on leave"}]}},
        {"key": "teams", "when": "sales < 50", "scope": {"level": "team"}},
    ]);
    let outcome = run(&document);
    let fired: Vec<&str> = outcome.views[0]
        .alerts
        .iter()
        .map(|alert| alert.rule.as_str())
        .collect();
    assert!(
        fired.contains(&"few") && fired.contains(&"let-off"),
        "{fired:?}"
    );
    let left: Vec<String> = outcome.views[0]
        .left_out
        .iter()
        .map(|left| format!("{}: {}", left.rule, left.reason))
        .collect();
    let no_zoe = "no subject of the panel is `zoe`";
    assert_eq!(left.len(), 5, "{left:?}");
    assert!(left[0].starts_with(&format!("gone: {no_zoe}")), "{left:?}");
    assert!(left[1].starts_with(&format!("named: {no_zoe}")), "{left:?}");
    assert!(
        left[2].starts_with("weekly: the panel's periods"),
        "{left:?}"
    );
    assert!(
        left[3].starts_with(&format!("let-off: {no_zoe}"))
            && left[3].ends_with("that exemption is left out, and the rule is asked"),
        "{left:?}"
    );
    assert_eq!(
        left[4],
        "teams: the subjects of the panel are not of level `team` but of `person`"
    );
    // A mistyped column is a mistake, not a change.
    document["rules"] = json!([{"key": "few", "when": "sale < 50"}]);
    let scenario: ScenarioDef = serde_json::from_value(one_view(&document)).unwrap();
    assert!(scenario.run().is_err());
}

#[test]
fn a_scenario_tells_what_is_odd_about_its_rules() {
    let mut document = base();
    document["rules"] = json!([
        {"key": "growth", "when": "change(sales, previous(sales)) < 80"},
        {"key": "sticky", "when": "sales < 5", "clear": "sales < 4"},
        {"key": "fine", "when": "sales < 9"},
    ]);
    let outcome = serde_json::to_value(run(&document)).unwrap();
    assert_eq!(
        outcome["views"][0]["anomalies"][0]["percent_forgotten"],
        json!({
            "rule": "growth",
            "written": "change(sales, previous(sales)) < 80",
            "meant": "change(sales, previous(sales)) < 80%",
            "always": true,
        })
    );
    assert_eq!(
        outcome["views"][0]["anomalies"][1]["never_clears"]["rule"],
        "sticky"
    );
    assert_eq!(
        outcome["views"][0]["anomalies"].as_array().unwrap().len(),
        2
    );
}

/// What everybody has in a period, in cents.
fn total(outcome: &Outcome, period: &str, column: &str) -> i64 {
    let rows = outcome.views[0]
        .figures
        .iter()
        .filter(|row| row.period == *period);
    let amounts = rows.filter_map(|row| {
        serde_json::to_value(row).unwrap()["values"][column]
            .clone()
            .as_str()
            .map(str::to_owned)
    });
    amounts
        .map(|amount| {
            (amount.parse::<rust_decimal::Decimal>().unwrap() * rust_decimal::Decimal::from(100))
                .try_into()
                .unwrap()
        })
        .map(|cents: i64| cents)
        .sum()
}

fn rows(outcome: &Outcome) -> Vec<String> {
    let rows = outcome.views[0]
        .figures
        .iter()
        .filter(|row| row.period == *"2026-01");
    rows.map(|row| row.subject[0].to_string()).collect()
}

#[test]
fn what_belongs_to_nobody_has_a_row_where_something_lies_there() {
    let mut document = base();
    document.as_object_mut().unwrap().remove("unassigned");
    assert_eq!(
        rows(&run(&document)),
        ["ann", "bo"],
        "everybody's record names who sold"
    );
    // Without a salesperson; the record of who is in no team is nobody's at the level of teams.
    let orphan = json!({"kind": "order", "day": "2026-01-07", "amounts": {"sales": "5"}, "attributes": {"customer": "k"}});
    document["records"].as_array_mut().unwrap().push(orphan);
    let outcome = run(&document);
    assert_eq!(rows(&outcome), ["ann", "bo", "unassigned"]);
    assert_eq!(shown(&outcome, "unassigned", "2026-01", "sales"), "5");
    assert_eq!(total(&outcome, "2026-01", "sales"), 1500);
    document["subjects"] = json!([{"dimension": "person", "level": "team"}]);
    let outcome = run(&document);
    assert_eq!(rows(&outcome), ["red", "unassigned"]);
    assert_eq!(
        (
            total(&outcome, "2026-01", "sales"),
            total(&outcome, "2026-02", "sales")
        ),
        (1500, 2000)
    );
    document["unassigned"] = json!("hidden");
    assert_eq!(rows(&run(&document)), ["red"], "who says so leaves it out");
}

#[test]
fn a_target_for_what_belongs_to_nobody_gets_its_row() {
    let mut document = base();
    document.as_object_mut().unwrap().remove("unassigned");
    document["targets"] = json!([{"given": {"metric": "sales", "cells": [
        {"subject": ["unassigned"], "period": "2026-01", "amount": "7"}]}}]);
    assert_eq!(
        shown(&run(&document), "unassigned", "2026-01", "target:sales"),
        "7"
    );
}

#[test]
fn figures_of_a_period_that_runs_say_so() {
    let outcome = run(&base());
    let runs = |period: &str| {
        let row = outcome.views[0]
            .figures
            .iter()
            .find(|row| row.period == *period);
        row.unwrap().runs
    };
    assert_eq!(
        ["2026-01", "2026-02", "2026-03"].map(runs),
        [false, true, false],
        "on 10 February"
    );
    let mut document = base();
    for (day, running) in [
        ("2026-02-01", true),
        ("2026-02-27", true),
        ("2026-02-28", false),
    ] {
        document["as_of"] = json!(day);
        let outcome = run(&document);
        let row = outcome.views[0]
            .figures
            .iter()
            .find(|row| row.period == *"2026-02");
        assert_eq!(row.unwrap().runs, running, "at the end of {day}");
    }
}

#[test]
fn odd_targets_are_told_with_the_outcome() {
    let mut document = base();
    document["schema"]["space"][0]["hierarchies"][0]["links"] = json!([
        {"member": "ann", "parent": "red"}, {"member": "bo", "parent": "red"}]);
    let recipe = json!({
        "key": "plan", "measure": "sales", "horizon": {"start": "2026-01-01", "end": "2026-05-01"},
        "steps": [{"by": {"member": {"dimension": "person", "level": "person"}}}]});
    document["targets"] = json!([{"cascade": {"total": "-100", "recipe": recipe.clone()}}]);
    let outcome = run(&document);
    let told: Vec<(&str, &str)> = outcome
        .warnings
        .iter()
        .map(|told| (told.plan.as_str(), told.text.as_str()))
        .collect();
    assert_eq!(
        told,
        [(
            "plan",
            "`sales`: the target of all is -100.00, below zero, and so are 2 of the targets below it"
        )]
    );
    document["targets"] = json!([{"cascade": {"total": "100", "recipe": recipe}}]);
    assert_eq!(run(&document).warnings, []);
}

#[test]
fn expectations_are_shown_in_cents_that_add_up_and_exactly_where_asked() {
    // 10.00 for each of the two by the end of February; on 10 February each should have 10 / 28 of it: 3.571428...
    let mut document = base();
    document["targets"] = json!([{"given": {"metric": "sales", "cells": [
        {"subject": ["ann"], "period": "2026-02", "amount": "10.01"},
        {"subject": ["bo"], "period": "2026-02", "amount": "10"}]}}]);
    document["review"] = json!({"paces": [{"metric": "sales"}]});
    let expected =
        |document: &Value, who: &str| shown(&run(document), who, "2026-02", "expected:sales");
    // 3.575 and 3.5714.. are 7.1464.. together, in cents 7.15: the cent goes to the larger remainder.
    assert_eq!(
        [expected(&document, "ann"), expected(&document, "bo")],
        ["3.58", "3.57"]
    );
    let exact = |document: &Value| {
        let outcome = run(document);
        let rows = outcome.views[0]
            .figures
            .iter()
            .filter(|row| row.period == *"2026-02");
        let told = rows.filter_map(|row| row.exact.get("expected:sales").map(ToString::to_string));
        told.collect::<Vec<String>>()
    };
    assert_eq!(exact(&document), [""; 0]);
    document["exact"] = json!(true);
    assert_eq!(exact(&document), ["3.575", "25/7"]);
}
