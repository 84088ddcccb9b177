//! Scenarios that take kinds of records, metrics and rules from the catalog by name.

use std::path::PathBuf;

use quotaflow::scenario::{Outcome, ScenarioDef};

use crate::one_view::one_view;
use serde_json::{Value, json};

fn document() -> Value {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("examples/scenarios/ready.json");
    serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap()
}

fn outcome(document: Value) -> Outcome {
    let scenario: ScenarioDef = serde_json::from_value(document).unwrap();
    scenario.run().unwrap()
}

fn refused(document: Value) -> String {
    match serde_json::from_value::<ScenarioDef>(document) {
        Ok(scenario) => scenario.run().unwrap_err().to_string(),
        Err(error) => error.to_string(),
    }
}

fn told(outcome: &Outcome) -> Vec<(&str, &str)> {
    let alerts = outcome.views[0].alerts.iter();
    alerts
        .map(|alert| (alert.rule.as_str(), alert.subject[0].as_str()))
        .collect()
}

#[test]
fn ready_rules_fold_the_figures_that_they_read() {
    let outcome = outcome(document());
    assert_eq!(
        told(&outcome),
        [
            ("overdue_over_90_days", "hebei"),
            ("no_recent_order", "hebei")
        ]
    );
    let june = serde_json::to_value(&outcome.views[0].figures[5]).unwrap()["values"].clone();
    // What the metrics were asked for, and what the rules read: 56 days from 5 May to 30 June; five gaps of 117 days.
    assert_eq!(
        june,
        json!({
            "days_since_order": "56", "order_interval": "23.4", "orders": "0", "orders_so_far": "6", "overdue_over_90": "11000",
            "receivables": "20800", "sales": "0", "visits": "0"
        })
    );
    let left_out: Vec<_> = outcome.views[0]
        .left_out
        .iter()
        .map(|left| (left.rule.as_str(), left.reason.as_str()))
        .collect();
    let no_limit = "the panel has no column `credit_limit`";
    assert!(left_out.iter().any(|(rule, reason)| {
        *rule == "overdue_and_over_limit" && reason.starts_with(no_limit)
    }));
}

#[test]
fn thresholds_and_exemptions_are_the_scenarios_own() {
    let mut tighter = document();
    tighter["ready"]["rules"][1]["set"]["no_recent_order"]["days"] = json!("14 day");
    tighter["ready"]["rules"][1]["set"]["no_recent_order"]["times"] = json!("0.4");
    assert!(told(&outcome(tighter.clone())).contains(&("no_recent_order", "shandong")));
    tighter["ready"]["rules"][1]["except"][0]["until"] = json!("2026-07-01");
    assert!(!told(&outcome(tighter)).contains(&("no_recent_order", "shandong")));
    let mut looser = document();
    looser["ready"]["rules"][1]["set"]["no_recent_order"]["days"] = json!("60 day");
    assert_eq!(told(&outcome(looser)), [("overdue_over_90_days", "hebei")]);
}

#[test]
fn names_that_the_catalog_does_not_have_are_refused_with_the_nearest() {
    let change = |make: &dyn Fn(&mut Value)| {
        let mut changed = document();
        make(&mut changed["ready"]);
        refused(changed)
    };
    assert_eq!(
        change(&|ready| ready["metrics"][1] = json!("strike_rat")),
        "ready.metrics[1]: there is no ready metric `strike_rat`; did you mean `strike_rate`?"
    );
    assert_eq!(
        change(&|ready| ready["records"]["kinds"][3] = json!("visits")),
        "ready.records.kinds[3]: there is no ready kind of record `visits`; did you mean `visit`?\n\
         ready.metrics[2]: metric `visits`: there is no kind of record `visit`; known: `order`, `invoice`, `payment`"
    );
    assert_eq!(
        change(&|ready| ready["rules"][1]["set"] = json!({"no_recent_orde": {"days": "3"}})),
        "ready.rules[1].set: there is no rule `no_recent_orde`; did you mean `no_recent_order`?"
    );
    assert!(
        change(&|ready| ready["rules"][0]["pack"] = json!("receivable"))
            .contains("unknown variant `receivable`, expected one of `problem_resolution`")
    );
    assert!(
        change(&|ready| ready["rules"][0]["thresholds"] = json!({}))
            .contains("unknown field `thresholds`")
    );
    // A metric that needs records which the scenario does not have.
    let lacking = change(&|ready| ready["metrics"][1] = json!("complaints_open"));
    assert!(lacking.starts_with("ready.metrics[1]: "), "{lacking}");
}

#[test]
fn the_document_reads_back() {
    let scenario: ScenarioDef = serde_json::from_value(document()).unwrap();
    let written = serde_json::to_string(&scenario).unwrap();
    assert_eq!(
        serde_json::from_str::<ScenarioDef>(&written).unwrap(),
        scenario
    );
    assert!(written.contains(
        r#""ready":{"records":{"kinds":["order","invoice","payment","visit"],"currency":"CNY"}"#
    ));
    let plain: ScenarioDef = serde_json::from_value(json!({
        "as_of": "2026-01-20",
        "model": {"dimensions": [], "kinds": [], "span": {"start": "2026-01-01", "end": "2027-01-01"}}
    }))
    .unwrap();
    assert!(!serde_json::to_string(&plain).unwrap().contains("ready"));
}

/// Who may not buy on credit at all and owes something is further over the limit than any multiple of it.
#[test]
fn who_owes_without_any_credit_is_far_over_the_limit() {
    let document = |limit: &str, owed: &str| {
        one_view(&json!({
            "as_of": "2026-06-30",
            "schema": {
                "space": [{"key": "dealer", "hierarchies": [{"key": "dealer", "levels": ["dealer"]}], "members": [{"key": "d1", "level": "dealer"}]}],
                "measures": [], "kinds": [], "span": {"start": "2026-01-01", "end": "2027-01-01"}},
            "ready": {"records": {"kinds": ["invoice", "credit_limit"], "currency": "EUR"}, "rules": [{"pack": "receivables", "watch": "dealer"}]},
            "subjects": [{"dimension": "dealer", "level": "dealer"}],
            "periods": {"grain": "month", "from": "2026-05-01", "to": "2026-07-01"},
            "records": [
                {"kind": "credit_limit", "day": "2026-01-05", "members": {"dealer": "d1"}, "amounts": {"limit": limit}},
                {"kind": "invoice", "day": "2026-06-10", "members": {"dealer": "d1"}, "amounts": {"amount": owed}, "dates": {"due": "2026-07-20"}}]
        }))
    };
    for (limit, owed, expected) in [
        ("0", "500", true),
        ("0", "0.01", true),
        ("0", "0", false),
        ("100", "500", true),
        ("100", "200.01", true),
        ("100", "200", false),
        ("100", "0", false),
    ] {
        let outcome = outcome(document(limit, owed));
        let fired = told(&outcome).contains(&("far_over_credit_limit", "d1"));
        assert_eq!(fired, expected, "{owed} of {limit}");
    }
}
