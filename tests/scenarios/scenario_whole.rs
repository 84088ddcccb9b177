//! Whole scenarios, each small enough to be worked by hand: what they yield, and what they refuse.

use quotaflow::limits::{Limits, Size};
use quotaflow::scenario::{Outcome, ScenarioDef};

use crate::one_view::one_view;
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
    serde_json::from_str(&one_view(document).to_string()).unwrap()
}

fn outcome(document: &Value) -> Outcome {
    scenario(document).run().unwrap()
}

fn refused(document: &Value) -> String {
    match serde_json::from_str::<ScenarioDef>(&one_view(document).to_string()) {
        Ok(scenario) => scenario.run().unwrap_err().to_string(),
        Err(error) => error.to_string(),
    }
}

/// Subject, period and the value of one column, row by row; what is no number in its own words.
fn values(outcome: &Outcome, column: &str) -> Vec<(String, String, Value)> {
    let rows = outcome.views[0].figures.iter().map(|row| {
        let subject: Vec<&str> = row
            .subject
            .iter()
            .map(quotaflow::key::Key::as_str)
            .collect();
        let values = serde_json::to_value(row).unwrap()["values"].clone();
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
    let found =
        |document: &Value| serde_json::to_string(&outcome(document).views[0].anomalies).unwrap();
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
    let text = one_view(&document).to_string();
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
    let error = "model.views[0].rows[1]: `person.person` is listed twice; its rows would be pairs of members of one level";
    assert_eq!(refused(&document), error);
    let table = json!({"key": "t", "metric": {"key": "m", "formula": {"count": {"kinds": ["order"]}}}, "axes": [axis.clone(), axis],
        "periods": {"grain": "month", "from": "2026-01-01", "to": "2026-02-01"}});
    let document = company(&["ann", "bo"], &json!({"tables": [table]}));
    assert!(
        refused(&document).starts_with("model.tables[0].axes[1]: `person.person` is listed twice"),
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
        .run_within(Limits::default().with(Size::Nodes, 36_600))
        .unwrap_err()
        .to_string();
    assert_eq!(
        error,
        "model.plans[0].recipes[0]: this needs 36601 nodes of a plan, more than the limit of 36600; ask for fewer, or raise the limit `nodes`"
    );
    assert!(
        scenario(&document)
            .run_within(Limits::default().with(Size::Nodes, 36_601))
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
            "rules": [{"key": "missed", "when": "attainment(sales) < 80%", "severity": "critical"}]
        }),
    );
    let outcome = outcome(&document);
    assert!(
        outcome.views[0].alerts.is_empty(),
        "{:?}",
        outcome.views[0].alerts
    );
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
        refused(&document).starts_with("model.plans[0].recipes[0]: "),
        "{}",
        refused(&document)
    );
}

/// One order of 1000 shared by halves, one of 600 of one person: to the whole company each is one order.
#[test]
fn an_order_that_two_share_is_one_order_of_the_company() {
    let shared = json!({"kind": "order", "id": "1", "day": "2026-01-05", "amounts": {"sales": "1000"},
        "credits": [{"member": "ann", "share": "0.5"}, {"member": "bo", "share": "0.5"}]});
    let alone = json!({"kind": "order", "id": "2", "day": "2026-01-06", "amounts": {"sales": "600"},
        "credits": [{"member": "ann", "share": "1"}]});
    let of = json!({"kinds": ["order"]});
    let value = json!({"value": {"measure": "sales"}, "of": of});
    let large = json!({"kinds": ["order"], "where": [{"range": {"value": {"measure": "sales"}, "at_least": "900"}}]});
    let document = company(
        &["ann", "bo"],
        &json!({
            "schema.kinds": [{"key": "order", "dimensions": [{"field": "person"}], "measures": [{"measure": "sales"}], "credit": "person"}],
            "subjects": [],
            "records": [shared, alone],
            "metrics": [
                {"key": "sum", "formula": {"sum": value}},
                {"key": "largest", "formula": {"maximum": value}},
                {"key": "smallest", "formula": {"minimum": value}},
                {"key": "median", "formula": {"quantile": {"value": {"measure": "sales"}, "of": of, "p": "0.5", "method": "nearest_rank"}}},
                {"key": "orders", "formula": {"count": of}},
                {"key": "large", "formula": {"count": large}}
            ]
        }),
    );
    let outcome = outcome(&document);
    for (column, value) in [
        ("sum", "1600"),
        ("largest", "1000"),
        ("smallest", "600"),
        ("median", "600"),
        ("orders", "2"),
        ("large", "1"),
    ] {
        assert_eq!(values(&outcome, column)[0].2, json!(value), "{column}");
    }
}

/// Twenty orders of one piece, each shared 40 to 60: eight pieces and twelve.
#[test]
fn pieces_that_are_shared_are_rounded_at_their_sum() {
    let orders: Vec<Value> = (0..20)
        .map(|id| json!({"kind": "order", "id": id.to_string(), "day": "2026-01-05", "amounts": {"sales": "1"},
            "credits": [{"member": "ann", "share": "0.4"}, {"member": "bo", "share": "0.6"}]}))
        .collect();
    let document = company(
        &["ann", "bo"],
        &json!({
            "schema.measures": [{"key": "sales", "unit": "count:piece", "quantum": "1", "additivity": "flow"}],
            "schema.kinds": [{"key": "order", "dimensions": [{"field": "person"}], "measures": [{"measure": "sales"}], "credit": "person"}],
            "records": orders
        }),
    );
    assert_eq!(
        values(&outcome(&document), "sales"),
        [row("ann", "2026-01", "8"), row("bo", "2026-01", "12")]
    );
}

/// A balance of 700 and later of 650 is no 1350.
#[test]
fn a_balance_is_not_summed_over_time() {
    let document = company(
        &["ann"],
        &json!({
            "schema.measures": [{"key": "receivables", "unit": "money:EUR", "quantum": "0.01", "additivity": "stock", "direction": "smaller"}],
            "schema.kinds": [{"key": "balance", "dimensions": [{"field": "person"}], "measures": [{"measure": "receivables"}]}],
            "metrics": [{"key": "receivables", "formula": {"sum": {"value": {"measure": "receivables"}, "of": {"kinds": ["balance"]}}}}],
            "records": []
        }),
    );
    assert!(
        refused(&document).starts_with("model.metrics[0]: "),
        "{}",
        refused(&document)
    );
}

/// Twice the budget of what should be less is worth no points and has reached nothing.
#[test]
fn a_sum_has_the_direction_of_its_measure() {
    let document = company(
        &["ann"],
        &json!({
            "schema.measures": [{"key": "expense", "unit": "money:EUR", "quantum": "0.01", "additivity": "flow", "direction": "smaller"}],
            "schema.kinds": [{"key": "order", "dimensions": [{"field": "person"}], "measures": [{"measure": "expense"}]}],
            "metrics": [{"key": "expense", "formula": {"sum": {"value": {"measure": "expense"}, "of": {"kinds": ["order"]}}}}],
            "records": [{"kind": "order", "day": "2026-01-05", "members": {"person": "ann"}, "amounts": {"expense": "200"}}],
            "targets": [{"given": {"metric": "expense", "cells": [{"subject": ["ann"], "period": "2026-01", "amount": "100"}]}}],
            "card": {"key": "c", "groups": [{"key": "g", "weight": "1", "kpis": [{"key": "expense", "weight": "1",
                "input": {"metric": "expense", "attainment": "rate", "target": "plan"},
                "scale": {"curve": {"shape": {"knots": {"knots": [{"at": "0", "points": "0"}, {"at": "2", "points": "200"}],
                    "below": "flat", "above": "flat"}}}}}]}]}
        }),
    );
    let scores = serde_json::to_value(outcome(&document).views[0].scores.clone()).unwrap();
    assert_eq!(scores[0]["total"], json!("0"), "{scores}");
}

/// In each row those who ordered are new, kept, back, or were taken over from a colleague.
#[test]
fn those_who_ordered_are_new_kept_back_or_taken_over() {
    let customer = json!({"member": {"dimension": "customer"}});
    let of = json!({"kinds": ["order"]});
    let asked = json!({"entity": customer, "of": of});
    let back = json!({"entity": customer, "of": of, "after": 1});
    let sold = |day: &str, person: &str, customer: &str| {
        json!({"kind": "order", "day": day, "members": {"person": person, "customer": customer},
        "amounts": {"sales": "10"}})
    };
    let members = |level: &str, keys: &[&str]| {
        keys.iter()
            .map(|key| json!({"key": key, "level": level}))
            .collect::<Vec<_>>()
    };
    let document = company(
        &[],
        &json!({
            "as_of": "2026-04-01",
            "schema.space": [
                {"key": "person", "hierarchies": [{"key": "person", "levels": ["person"]}], "members": members("person", &["ann", "bo"])},
                {"key": "customer", "hierarchies": [{"key": "customer", "levels": ["customer"]}], "members": members("customer", &["c1", "c2", "c3"])}],
            "schema.kinds": [{"key": "order", "dimensions": [{"field": "person"}, {"field": "customer"}], "measures": [{"measure": "sales"}]}],
            "records": [sold("2025-06-01", "ann", "c3"), sold("2026-03-01", "ann", "c3"), sold("2026-01-05", "ann", "c1"), sold("2026-02-05", "bo", "c1")],
            "periods": {"grain": "month", "from": "2026-01-01", "to": "2026-05-01"},
            "metrics": [
                {"key": "distinct", "formula": {"distinct": asked}},
                {"key": "new", "formula": {"new": asked}},
                {"key": "retained", "formula": {"retained": asked}},
                {"key": "reactivated", "formula": {"reactivated": back}},
                {"key": "taken_over", "formula": {"taken_over": asked}}
            ]
        }),
    );
    let outcome = outcome(&document);
    let number = |column: &str, row: usize| {
        values(&outcome, column)[row]
            .2
            .as_str()
            .unwrap()
            .parse::<u32>()
            .unwrap()
    };
    let mut seen = 0;
    // January to March; April has only begun.
    for row in [0, 1, 2, 4, 5, 6] {
        let parts: u32 = ["new", "retained", "reactivated", "taken_over"]
            .iter()
            .map(|part| number(part, row))
            .sum();
        assert_eq!(number("distinct", row), parts, "{row}");
        seen += parts;
    }
    assert_eq!(seen, 3);
}

/// Twelve customers a year, one won, 46 of 365 days gone: 365 of 552 of what was expected, which is more than 60 %.
#[test]
fn what_is_expected_by_now_is_not_rounded_before_it_is_compared() {
    let document = company(
        &["bo"],
        &json!({
            "as_of": "2026-02-15",
            "schema.measures": [{"key": "sales", "unit": "count:customer", "quantum": "1", "additivity": "flow"}],
            "records": [order("2026-01-05", Some("bo"), "1")],
            "periods": {"grain": "year", "from": "2026-01-01", "to": "2027-01-01"},
            "targets": [{"given": {"metric": "sales", "cells": [{"subject": ["bo"], "period": "2026", "amount": "12"}]}}],
            "review": {"paces": [{"metric": "sales"}]},
            "rules": [
                {"key": "behind", "when": "sales / expected(sales) < 60%", "severity": "warning"},
                {"key": "late", "when": "sales / expected(sales) < 67%", "severity": "warning"}
            ]
        }),
    );
    let outcome = outcome(&document);
    assert_eq!(
        values(&outcome, "sales.pace_attainment")[0].2,
        json!("365/552")
    );
    let told: Vec<&str> = outcome.views[0]
        .alerts
        .iter()
        .map(|alert| alert.rule.as_str())
        .collect();
    assert_eq!(told, ["late"]);
}

/// A hundred complaints against a target of none is a target missed, and not one that does not count.
#[test]
fn a_target_of_none_that_is_missed_gets_no_points() {
    let curve = json!({"curve": {"shape": {"knots": {"knots": [{"at": "0", "points": "0"}, {"at": "1", "points": "100"}],
        "below": "flat", "above": "flat"}}}});
    let kpi = |metric: &str| json!({"key": metric, "weight": "0.5", "input": {"metric": metric, "attainment": "rate", "target": "plan"}, "scale": curve});
    let sum =
        |measure: &str| json!({"sum": {"value": {"measure": measure}, "of": {"kinds": ["day"]}}});
    let given = |metric: &str, amount: &str| json!({"given": {"metric": metric, "cells": [{"subject": ["ann"], "period": "2026-01", "amount": amount}]}});
    let document = |complaints: &str| {
        company(
            &["ann"],
            &json!({
                "schema.measures": [{"key": "complaints", "unit": "count:complaint", "quantum": "1", "additivity": "flow"},
                    {"key": "visits", "unit": "count:visit", "quantum": "1", "additivity": "flow"}],
                "schema.kinds": [{"key": "day", "dimensions": [{"field": "person"}],
                    "measures": [{"measure": "complaints"}, {"measure": "visits"}]}],
                "metrics": [{"key": "complaints", "formula": sum("complaints"), "direction": "smaller"},
                    {"key": "visits", "formula": sum("visits")}],
                "records": [{"kind": "day", "day": "2026-01-05", "members": {"person": "ann"},
                    "amounts": {"complaints": complaints, "visits": "10"}}],
                "targets": [given("complaints", "0"), given("visits", "10")],
                "card": {"key": "c", "groups": [{"key": "g", "weight": "1", "kpis": [kpi("complaints"), kpi("visits")]}]}
            }),
        )
    };
    for (complaints, points) in [("100", "50"), ("1", "50"), ("0", "100")] {
        let scores =
            serde_json::to_value(outcome(&document(complaints)).views[0].scores.clone()).unwrap();
        assert_eq!(scores[0]["total"], json!(points), "{complaints}");
    }
}

/// Who never ordered has been silent since the first day of the records.
#[test]
fn silence_is_told_of_who_never_ordered() {
    let document = company(
        &["ann", "bo"],
        &json!({
            "as_of": "2026-05-01",
            "schema.span": {"start": "2026-01-01", "end": "2027-01-01"},
            "records": [order("2026-04-20", Some("ann"), "10")],
            "periods": {"grain": "month", "from": "2026-01-01", "to": "2026-06-01"},
            "metrics": [{"key": "silent", "unit": "day", "direction": "smaller", "formula": {"since": {"kinds": ["order"]}}},
                {"key": "elapsed", "unit": "day", "direction": "smaller", "formula": {"elapsed": {"kinds": ["order"]}}}],
            "rules": [{"key": "no_order", "when": "silent > 30 day", "severity": "serious"}]
        }),
    );
    let outcome = outcome(&document);
    let told: Vec<String> = outcome.views[0]
        .alerts
        .iter()
        .map(|alert| alert.subject[0].to_string())
        .collect();
    assert_eq!(told, ["bo"]);
    let may = |column: &str, row: usize| values(&outcome, column)[row].2.clone();
    // Row by row, five months each: 1 January to 1 May are 120 days.
    assert_eq!(
        (may("silent", 9), may("elapsed", 9)),
        (json!("120"), json!({"none": "nothing_recorded"}))
    );
    assert_eq!(
        (may("silent", 4), may("elapsed", 4)),
        (json!("11"), json!("11"))
    );
}

/// What a card's owner should know stands beside the scores: a target of zero, a figure that counts twice, silence that pays.
#[test]
fn a_scenario_tells_what_is_odd_about_its_card() {
    let curve = json!({"curve": {"shape": {"knots": {"knots": [{"at": "0", "points": "0"}, {"at": "1", "points": "100"}],
        "below": "flat", "above": "extend"}}}});
    let kpi = |key: &str, input: Value| json!({"key": key, "weight": "0.5", "input": input, "scale": curve});
    let plan = |metric: &str| json!({"metric": metric, "attainment": "rate", "target": "plan"});
    let growth = json!({"metric": "sales", "attainment": "growth", "target": {"previous": 1}});
    let given = |metric: &str, amount: &str| json!({"given": {"metric": metric, "cells": [{"subject": ["ann"], "period": "2026-01", "amount": amount}]}});
    let document = |kpis: Value, limit: &str| {
        company(
            &["ann"],
            &json!({
                "schema.measures": [{"key": "sales", "unit": "money:EUR", "quantum": "0.01", "additivity": "flow"},
                    {"key": "expense", "unit": "money:EUR", "quantum": "0.01", "additivity": "flow", "direction": "smaller"}],
                "schema.kinds": [{"key": "order", "dimensions": [{"field": "person"}],
                    "measures": [{"measure": "sales"}, {"measure": "expense"}]}],
                "metrics": [{"key": "sales", "formula": {"sum": {"value": {"measure": "sales"}, "of": {"kinds": ["order"]}}}},
                    {"key": "expense", "formula": {"sum": {"value": {"measure": "expense"}, "of": {"kinds": ["order"]}}}}],
                "records": [order("2026-01-05", Some("ann"), "95")],
                "targets": [given("sales", "100"), given("expense", limit)],
                "card": {"key": "c", "groups": [{"key": "g", "weight": "1", "kpis": kpis}]}
            }),
        )
    };
    let told = |kpis: Value, limit: &str| -> Vec<String> {
        let findings =
            serde_json::to_value(outcome(&document(kpis, limit)).views[0].findings.clone())
                .unwrap();
        let names = findings.as_array().unwrap().iter();
        names
            .map(|finding| finding.as_object().unwrap().keys().next().unwrap().clone())
            .collect()
    };
    let both = || json!([kpi("sales", plan("sales")), kpi("expense", plan("expense"))]);
    assert_eq!(told(both(), "50"), ["silence_pays"]);
    assert_eq!(told(both(), "0"), ["silence_pays", "zero_target"]);
    // Sales against plan beside the growth of sales, be that a comparison or a figure of its own, or beside where they will end.
    let figure = json!({"metric": "grown", "attainment": "value"});
    let projected =
        json!({"metric": "projected:sales", "attainment": "rate", "target": {"constant": "100"}});
    for other in [growth, figure, projected] {
        let twice = json!([kpi("sales", plan("sales")), kpi("other", other.clone())]);
        let mut document = document(twice, "50");
        let grown = json!({"key": "grown", "formula": {"growth": {"of": {"metric": "sales"}, "periods": 1}}});
        document["metrics"].as_array_mut().unwrap().push(grown);
        document["review"] = json!({"paces": [{"metric": "sales"}]});
        let found = outcome(&document).views[0].findings.clone();
        let text = serde_json::to_string(&found).unwrap();
        assert_eq!(text.matches("counted_twice").count(), 1, "{other} {text}");
    }
}

/// Three complaints where none was allowed are behind any pace; none is on it.
#[test]
fn who_missed_a_target_of_zero_is_beyond_its_pace() {
    let document = |complaints: &str| {
        company(
            &["ann"],
            &json!({
                "as_of": "2026-01-10",
                "schema.measures": [{"key": "complaints", "unit": "count:complaint", "quantum": "1", "additivity": "flow", "direction": "smaller"}],
                "schema.kinds": [{"key": "day", "dimensions": [{"field": "person"}], "measures": [{"measure": "complaints"}]}],
                "metrics": [{"key": "complaints", "formula": {"sum": {"value": {"measure": "complaints"}, "of": {"kinds": ["day"]}}}}],
                "records": [{"kind": "day", "day": "2026-01-05", "members": {"person": "ann"}, "amounts": {"complaints": complaints}}],
                "targets": [{"given": {"metric": "complaints", "cells": [{"subject": ["ann"], "period": "2026-01", "amount": "0"}]}}],
                "review": {"paces": [{"metric": "complaints"}]},
                "rules": [{"key": "above", "when": "attainment(complaints) > 110% of pace"},
                    {"key": "on", "when": "attainment(complaints) = pace(complaints)"},
                    {"key": "unsaid", "when": "attainment(complaints) > 110% of pace", "zero_target": "no_base"}]
            }),
        )
    };
    let told = |complaints: &str| -> Vec<String> {
        let alerts = outcome(&document(complaints)).views[0].alerts.clone();
        alerts.iter().map(|alert| alert.rule.to_string()).collect()
    };
    assert_eq!(told("3"), ["above"]);
    assert_eq!(told("1"), ["above"]);
    assert_eq!(told("0"), ["on"]);
}

/// On 5 May: ann ordered in April, bo never did, and cai, who never did either, was taken on on 10 April.
#[test]
fn rules_about_silence_count_from_when_somebody_was_taken_on_to_the_day() {
    let document = |condition: &str| {
        company(
            &[],
            &json!({
                "as_of": "2026-05-05",
                "schema.space": [{"key": "person", "hierarchies": [{"key": "person", "levels": ["team", "person"], "links": [
                    {"member": "ann", "parent": "red"}, {"member": "bo", "parent": "red"}, {"member": "cai", "parent": "red", "from": "2026-04-10"}]}],
                    "members": [{"key": "red", "level": "team"}, {"key": "ann", "level": "person"}, {"key": "bo", "level": "person"},
                        {"key": "cai", "level": "person"}]}],
                "periods": {"grain": "month", "from": "2026-01-01", "to": "2026-06-01"},
                "working_days": {"key": "office", "week": ["1", "1", "1", "1", "1", "0", "0"]},
                "metrics": [{"key": "orders", "formula": {"count": {"kinds": ["order"]}}}],
                "records": [order("2026-04-20", Some("ann"), "10")],
                "rules": [{"key": "silent", "when": condition}]
            }),
        )
    };
    let told = |condition: &str| -> Vec<String> {
        let alerts = outcome(&document(condition)).views[0].alerts.clone();
        alerts
            .iter()
            .map(|alert| alert.subject[0].to_string())
            .collect()
    };
    // Periods are as fine as it gets: April's order was there by the 30th. Bo is silent for 125 days, cai for 26.
    assert_eq!(told("quiet(orders) >= 45 days"), ["bo"]);
    assert_eq!(told("quiet(orders) >= 125 days"), ["bo"]);
    assert_eq!(told("quiet(orders) > 125 days"), [""; 0]);
    assert_eq!(told("quiet(orders) >= 26 days"), ["bo", "cai"]);
    assert_eq!(told("quiet(orders) > 26 days"), ["bo"]);
    assert_eq!(told("quiet(orders) <= 5 days"), ["ann"]);
    // 10 April is a Friday: eighteen of the days from then to Tuesday 5 May are worked.
    assert_eq!(told("quiet(orders, working days) = 18 days"), ["cai"]);
    let error = refused(&document("quiet(order) > 5 days"));
    assert_eq!(
        error,
        "model.watches[0].rules[0]: rule `silent`, quiet:order: the panel has no column `order`; did you mean `orders`?"
    );
}
