//! What a scenario says of its own document: all that is wrong, each at its place, and what is not judged or not met.

use quotaflow::scenario::{Outcome, ScenarioDef};
use serde_json::{Value, json};

/// Visits of two people by month, whose targets are written down; a rule watches them.
fn document() -> Value {
    json!({
        "as_of": "2026-01-31",
        "model": {
            "dimensions": [{"key": "person", "hierarchies": [{"key": "person", "levels": ["person"]}],
                            "members": [{"key": "ann", "level": "person"}, {"key": "bo", "level": "person"}]}],
            "measures": [{"key": "sales", "unit": "money:EUR", "quantum": "0.01", "additivity": "flow"}],
            "kinds": [{"key": "visit", "dimensions": [{"field": "person"}], "measures": [{"measure": "sales"}]}],
            "span": {"start": "2026-01-01", "end": "2027-01-01"},
            "metrics": [
                {"key": "visits", "formula": {"count": {"kinds": ["visit"]}}},
                {"key": "sales", "formula": {"sum": {"value": {"measure": "sales"}, "of": {"kinds": ["visit"]}}}},
                {"key": "value", "formula": {"ratio": {"of": {"metric": "sales"}, "to": {"metric": "visits"}}}}],
            "views": [
                {"key": "people", "rows": [{"dimension": "person", "level": "person"}], "written": ["visits"],
                 "periods": {"grain": "month", "from": "2026-01-01", "to": "2026-02-01"}, "show": ["visits", "value", "attainment(visits)"]},
                {"key": "company", "periods": {"grain": "month", "from": "2026-01-01", "to": "2026-02-01"}, "written": ["visits"], "show": ["visits"]}],
            "watches": [{"key": "steady", "view": "people", "rules": [{"key": "few", "when": "visits < 2"}]}]
        },
        "records": [visit("1", "ann", "2026-01-05", "5"), visit("2", "ann", "2026-01-06", "3"), visit("3", "ann", "2026-01-07", "2")]
    })
}

fn visit(id: &str, person: &str, day: &str, sales: &str) -> Value {
    json!({"kind": "visit", "id": id, "day": day, "members": {"person": person}, "amounts": {"sales": sales}})
}

fn targets(id: &str, view: &str, cells: &Value) -> Value {
    json!({"source": "planning", "id": id, "day": "2026-01-01",
           "what": {"targets": {"view": view, "metric": "visits", "cells": cells}}})
}

fn put(document: &mut Value, list: &str, more: &[Value]) {
    let own = document.pointer_mut(list).unwrap().as_array_mut().unwrap();
    own.extend_from_slice(more);
}

fn run(document: &Value) -> Outcome {
    let scenario: ScenarioDef = serde_json::from_value(document.clone()).unwrap();
    scenario.run().unwrap()
}

fn mistakes(document: &Value) -> Vec<String> {
    let scenario: ScenarioDef = serde_json::from_value(document.clone()).unwrap();
    let error = scenario.run().unwrap_err();
    error.mistakes.iter().map(ToString::to_string).collect()
}

fn unmet(document: &Value) -> Vec<String> {
    run(document)
        .unmet
        .into_iter()
        .map(|own| own.text)
        .collect()
}

fn is(view: &str, column: &str, subject: &[&str], is: &Value) -> Value {
    json!({"cell": {"view": view, "column": column, "subject": subject, "period": "2026-01", "is": is}})
}

/// A record that cannot be an entry, two that are refused, and one that waits for ever, together.
#[test]
fn entries_that_wait_are_told_beside_those_that_are_refused() {
    let mut own = document();
    put(
        &mut own,
        "/records",
        &[
            visit("4", "anne", "2026-01-08", "1"),
            visit("5", "ann", "2026-01-08", "0.001"),
            json!({"day": "2026-01-25", "reverses": "6"}),
            json!({"day": "2026-01-25", "reverses": "1", "members": {"person": "ann"}}),
            visit("8", "ann", "2025-12-31", "1"),
        ],
    );
    own["entries"] = json!([targets(
        "1",
        "company",
        &json!([{"period": "2026-03", "amount": 1}])
    )]);
    let found = mistakes(&own);
    let places: Vec<&str> = found
        .iter()
        .map(|line| line.split(": ").next().unwrap())
        .collect();
    assert_eq!(
        places,
        [
            "records[3]",
            "records[4]",
            "records[5]",
            "records[6]",
            "records[7]",
            "entries[0]"
        ],
        "{found:#?}"
    );
}

/// What refers to an entry that is wrong itself, or takes part only with it, is no second mistake.
#[test]
fn what_only_follows_from_another_mistake_is_not_told() {
    let mut own = document();
    own["records"][0]["members"]["person"] = json!("anne");
    put(
        &mut own,
        "/records",
        &[
            json!({"id": "4", "day": "2026-01-25", "reverses": "1"}),
            json!({"day": "2026-01-26", "reverses": "4"}),
        ],
    );
    assert_eq!(
        mistakes(&own),
        ["records[0]: dimension `person` has no member `anne`; did you mean `ann`?"]
    );
    let mut own = document();
    own["records"][0]["amounts"]["sales"] = json!("0.001");
    put(
        &mut own,
        "/records",
        &[json!({"id": "4", "day": "2026-01-25", "reverses": "1"})],
    );
    own["entries"] = json!([{"source": "crm", "id": "1", "day": "2026-01-25", "what": {"reverse": {"of": {"source": "records", "id": "4"}}}}]);
    let found = mistakes(&own);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(found[0].starts_with("records[0]: "), "{found:#?}");
    // Of who would join.
    let mut own = document();
    put(&mut own, "/records", &[visit("4", "cy", "2026-01-25", "1")]);
    own["entries"] = json!([{"source": "hr", "id": "1", "day": "2026-01-02",
        "what": {"join": {"dimension": "person", "level": "persn", "member": "cy"}}}]);
    let found = mistakes(&own);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(found[0].starts_with("entries[0]: "), "{found:#?}");
}

#[test]
fn what_refers_to_a_voided_entry_is_told_of_the_void() {
    let mut own = document();
    put(
        &mut own,
        "/records",
        &[json!({"id": "4", "day": "2026-01-25", "reverses": "1"})],
    );
    own["entries"] = json!([{"source": "crm", "id": "1", "day": "2026-01-06", "what": {"void": {"source": "records", "id": "1"}}}]);
    assert_eq!(
        mistakes(&own),
        ["records[3]: it refers to `records/1`, which is void: leave it out, or void it too"]
    );
    put(
        &mut own,
        "/entries",
        &[
            json!({"source": "crm", "id": "2", "day": "2026-01-26", "what": {"void": {"source": "records", "id": "4"}}}),
        ],
    );
    assert_eq!(unmet(&own), Vec::<String>::new());
}

#[test]
fn a_wrong_member_of_targets_is_told_with_its_cell() {
    let mut own = document();
    let cells = json!([{"subject": ["ann"], "period": "2026-01", "amount": 1}, {"subject": ["boo"], "period": "2026-01", "amount": 1}]);
    own["entries"] = json!([targets("1", "people", &cells)]);
    assert_eq!(
        mistakes(&own),
        [
            "entries[0].what.targets.cells[1]: dimension `person` has no member `boo`; did you mean `bo`?"
        ]
    );
}

#[test]
fn what_is_wrong_with_targets_is_said_of_the_whole_too() {
    for (entry, wanted) in [
        (
            targets(
                "1",
                "company",
                &json!([{"subject": ["ann"], "period": "2026-01", "amount": 1}]),
            ),
            "`ann` is no row of the view `company`, whose only row is the whole: leave the members out",
        ),
        (
            targets(
                "1",
                "company",
                &json!([{"period": "2026-01", "amount": 1}, {"period": "2026-01", "amount": 2}]),
            ),
            "the target of the whole in `2026-01` is written down twice",
        ),
        (
            targets("1", "people", &json!([{"period": "2026-01", "amount": 1}])),
            "the whole is no row of the view `people`, which has one member of each of: `person.person`",
        ),
    ] {
        let mut own = document();
        own["entries"] = json!([entry]);
        let found = mistakes(&own);
        assert!(found.len() == 1 && found[0].ends_with(wanted), "{found:#?}");
    }
    let mut own = document();
    let mut entry = targets("1", "people", &json!([]));
    entry["what"]["targets"]["metric"] = json!("value");
    own["entries"] = json!([entry]);
    assert_eq!(
        mistakes(&own),
        ["entries[0]: there is no written target `value`; known: `visits`"]
    );
}

/// Three visits worth 10 euros: 10/3 each, which no number of digits is.
#[test]
fn what_is_not_met_shows_enough_to_tell_it_from_what_is() {
    let mut own = document();
    own["entries"] = json!([targets(
        "1",
        "people",
        &json!([{"subject": ["ann"], "period": "2026-01", "amount": 9}])
    )]);
    own["expect"] = json!([
        is("people", "value", &["ann"], &json!("3.33")),
        is("people", "value", &["ann"], &json!("10/3")),
        is("people", "attainment(visits)", &["ann"], &json!("0.333")),
        is("people", "attainment(visits)", &["ann"], &json!("1/3")),
        is("people", "visits", &["ann"], &json!({"none": "no_base"})),
        is("people", "attainment(visits)", &["bo"], &json!("1")),
        is("company", "visits", &[], &json!("4")),
        {"alerts": {"view": "people", "rules": []}},
    ]);
    let told = unmet(&own);
    for (told, wanted) in told.iter().zip([
        "`value` of `ann` in `2026-01` is 3.33 EUR per visit (exactly 10/3) and not 3.33",
        "`attainment(visits)` of `ann` in `2026-01` is 33.3% (exactly 1/3) and not 0.333",
        "`visits` of `ann` in `2026-01` is 3 visit, where none was expected: no base",
        "`attainment(visits)` of `bo` in `2026-01` is missing (not applicable) and not 1",
        "`visits` of the whole in `2026-01` is 3 visit and not 4",
        "the rule `few` finds something about `bo`",
    ]) {
        assert_eq!(told, wanted);
    }
    assert_eq!(told.len(), 6, "{told:#?}");
    // Of the whole.
    let mut own = document();
    own["model"]["watches"][0]["view"] = json!("company");
    own["model"]["watches"][0]["rules"][0]["when"] = json!("visits < 9");
    own["expect"] = json!([{"alerts": {"view": "company"}}]);
    assert_eq!(
        unmet(&own),
        ["the rule `few` finds something about the whole"]
    );
    // What should be found and is not.
    own["model"]["watches"][0]["rules"][0]["when"] = json!("visits < 1");
    own["expect"] = json!([{"alerts": {"view": "company", "rules": ["few"]}}]);
    assert_eq!(unmet(&own), ["the rule `few` finds nothing"]);
}

/// A view of last year beside one of this year: the one is told, and that nothing in it is judged; the other is judged.
#[test]
fn a_view_that_ends_before_the_day_is_told_without_being_judged() {
    let mut own = document();
    let mut last = own["model"]["views"][0].clone();
    last["key"] = json!("before");
    own["as_of"] = json!("2026-02-20");
    own["model"]["views"][0]["periods"]["to"] = json!("2026-03-01");
    put(&mut own, "/model/views", &[last]);
    put(
        &mut own,
        "/model/watches",
        &[
            json!({"key": "then", "view": "before", "rules": [{"key": "fewer", "when": "visits < 1"}]}),
        ],
    );
    own["expect"] = json!([{"alerts": {"view": "before"}}]);
    let outcome = run(&own);
    assert_eq!(outcome.views[0].alerts.len(), 2);
    assert_eq!(outcome.views[0].unjudged, None);
    let before = &outcome.views[2];
    assert_eq!(
        (
            before.figures.len(),
            before.alerts.len(),
            before.period.as_ref()
        ),
        (2, 0, None)
    );
    let reason = before.unjudged.as_deref().unwrap();
    assert!(
        reason.starts_with("no period of `gregorian.month` holds 2026-02-20"),
        "{reason}"
    );
    assert_eq!(
        outcome.views[1].unjudged, None,
        "it has nothing to be judged by"
    );
    let text = &outcome.unmet[0].text;
    assert_eq!(
        *text,
        format!("nothing of the view `before` is judged: {reason}")
    );
}

/// A host's entries: a decision about an alert, which only days tell, changes nothing; one about no rule of the model is refused.
#[test]
fn a_decision_about_a_rule_of_the_model_is_no_mistake() {
    let mut own = document();
    let decision = |rule: &str| {
        json!({"source": "desk", "id": "1", "day": "2026-01-20", "by": "eva", "why": "on leave",
        "what": {"decide": {"alert": {"rule": rule, "subject": ["bo"], "day": "2026-01-01"}, "by": "eva", "decided": "acknowledged"}}})
    };
    own["entries"] = json!([decision("few")]);
    let before = run(&document());
    assert_eq!(run(&own).views, before.views);
    own["entries"] = json!([decision("fwe")]);
    assert_eq!(
        mistakes(&own),
        ["entries[0]: there is no rule `fwe`; known: `few`"]
    );
}

fn ready() -> Value {
    json!({
        "as_of": "2026-05-31",
        "model": {
            "dimensions": [{"key": "dealer", "hierarchies": [{"key": "dealer", "levels": ["area", "dealer"],
                       "links": [{"member": "d1", "parent": "a1"}, {"member": "d2", "parent": "a1"}]}],
                       "members": [{"key": "a1", "level": "area"}, {"key": "d1", "level": "dealer"}, {"key": "d2", "level": "dealer"}]}],
            "kinds": [],
            "span": {"start": "2026-01-01", "end": "2027-01-01"},
            "views": [
                {"key": "by_dealer", "rows": [{"dimension": "dealer", "level": "dealer"}],
                 "periods": {"grain": "month", "from": "2026-01-01", "to": "2026-06-01"}},
                {"key": "by_area", "rows": [{"dimension": "dealer", "level": "area"}],
                 "periods": {"grain": "month", "from": "2026-01-01", "to": "2026-06-01"}}]
        },
        "ready": {
            "records": {"kinds": ["order", "invoice"], "currency": "EUR"},
            "rules": [{"pack": "receivables", "watch": "dealer"}, {"pack": "receivables", "watch": "dealer", "view": "by_area"}]
        },
        "records": [
            {"kind": "invoice", "day": "2026-01-05", "members": {"dealer": "d1"}, "amounts": {"amount": "5000.00"}, "dates": {"due": "2026-01-20"}}
        ]
    })
}

#[test]
fn one_pack_watches_two_views() {
    let outcome = run(&ready());
    for view in &outcome.views {
        assert_eq!(view.alerts.len(), 1, "{}: {:?}", view.view, view.alerts);
    }
    let subjects: Vec<&str> = outcome
        .views
        .iter()
        .map(|view| view.alerts[0].subject[0].as_str())
        .collect();
    assert_eq!(subjects, ["d1", "a1"]);
    // Of one view it is there once.
    let mut twice = ready();
    twice["ready"]["rules"][1]["view"] = json!("by_dealer");
    let found = mistakes(&twice);
    assert!(
        found[0].starts_with("ready.rules[1]: the rule `"),
        "{found:#?}"
    );
    assert!(found[0].contains("is declared twice"), "{found:#?}");
}

#[test]
fn figures_of_a_pack_stay_in_the_view_that_it_watches() {
    let mut own = ready();
    own["ready"]["rules"].as_array_mut().unwrap().pop();
    let outcome = run(&own);
    let columns = |at: usize| -> Vec<String> {
        let all = outcome.views[at]
            .figures
            .iter()
            .flat_map(|row| row.values.keys().cloned());
        all.collect()
    };
    assert!(!columns(0).is_empty());
    assert_eq!(columns(1), Vec::<String>::new());
}

#[test]
fn what_is_wrong_with_what_is_taken_from_the_catalog_is_told_where_it_is_taken() {
    let mut own = ready();
    own["ready"]["records"]["kinds"] = json!(["ordr", "invoice"]);
    own["ready"]["metrics"] = json!(["sals", "sales"]);
    let found = mistakes(&own);
    let places: Vec<&str> = found
        .iter()
        .map(|line| line.split(": ").next().unwrap())
        .collect();
    for place in [
        "ready.records.kinds[0]",
        "ready.metrics[0]",
        "ready.metrics[1]",
    ] {
        assert!(places.contains(&place), "{place} {found:#?}");
    }
    for place in &places {
        assert!(place.starts_with("ready."), "{found:#?}");
    }
}

#[test]
fn a_column_that_stands_beside_what_is_shown_is_told_with_the_way_to_it() {
    for (column, wanted) in [
        (
            "expected:visits",
            "`expected:visits` is no column to be shown by name: it stands in a view whose `review` has a pace of `visits`",
        ),
        (
            "projected:visits",
            "`projected:visits` is no column to be shown by name: it stands in a view whose `review` has a pace of `visits`",
        ),
        (
            "visits.pace_gap",
            "`visits.pace_gap` is no column to be shown by name: it stands in a view whose `review` has a pace of `visits`",
        ),
        (
            "quiet:visits",
            "`quiet:visits` is no column to be shown by name: it stands in a view that a rule watches which asks for `quiet(visits)`",
        ),
        (
            "quiet_working_days:visits",
            "`quiet_working_days:visits` is no column to be shown by name: it stands in a view that a rule watches which asks for `quiet(visits, working days)`",
        ),
        (
            "visits.needed_per_day",
            "`visits.needed_per_day` is no column to be shown by name: it stands in a view whose `review` has a pace of `visits`",
        ),
        (
            "visits.sure_shortfall",
            "`visits.sure_shortfall` is no column to be shown by name: it stands in a view whose `review` has a pace of `visits`",
        ),
        (
            "visits.needed",
            "there is no metric, target, duty, card or pay plan `visits.needed`; known: `visits`, `sales`, `value`, `target:visits`, `attainment(visits)`",
        ),
        (
            "target:visit",
            "there is no metric, target, duty, card or pay plan `target:visit`; did you mean `target:visits`?",
        ),
        (
            "quiet:vists",
            "there is no metric, target, duty, card or pay plan `quiet:vists`; known: `visits`, `sales`, `value`, `target:visits`, `attainment(visits)`",
        ),
    ] {
        let mut own = document();
        put(&mut own, "/model/views/0/show", &[json!(column)]);
        let found = mistakes(&own);
        let wanted = format!("model.views[0].show[3]: {wanted}");
        assert_eq!(found[0], wanted);
    }
}

/// Whatever stands first in the document: of one day the order of the journal counts, in which a sequence is a number and an id a text.
#[test]
fn of_two_targets_of_one_day_the_later_one_by_sequence_counts() {
    let cells = |amount: i64| json!([{"subject": ["ann"], "period": "2026-01", "amount": amount}]);
    for (sequences, wanted) in [([0, 0], "9"), ([1, 2], "10")] {
        for reversed in [false, true] {
            let mut own = document();
            let entry = |id: &str, amount: i64, sequence: u64| {
                let mut entry = targets(id, "people", &cells(amount));
                entry["sequence"] = json!(sequence);
                entry
            };
            let mut entries = vec![entry("9", 9, sequences[0]), entry("10", 10, sequences[1])];
            if reversed {
                entries.reverse();
            }
            own["entries"] = json!(entries);
            own["expect"] = json!([is("people", "target:visits", &["ann"], &json!(wanted))]);
            assert_eq!(
                unmet(&own),
                Vec::<String>::new(),
                "{sequences:?} {reversed}"
            );
        }
    }
}

/// A metric of the model that has the name of a figure of the pack is read by its rules, whatever the view shows.
#[test]
fn a_ready_rule_reads_the_metric_of_the_model_that_the_view_does_not_show() {
    let asked = |own: &Value| -> Vec<Vec<(String, String)>> {
        let views = run(own).views.into_iter();
        let alerts = views.map(|view| {
            let alerts = view.alerts.into_iter();
            alerts
                .map(|alert| (alert.rule.to_string(), alert.subject[0].to_string()))
                .collect()
        });
        alerts.collect()
    };
    let wanted = asked(&ready());
    assert!(wanted.iter().all(|alerts| !alerts.is_empty()));
    let mut own = ready();
    own["ready"]["metrics"] = json!(["overdue_over_90", "overdue", "receivables"]);
    for view in 0..2 {
        own["model"]["views"][view]["show"] = json!(["receivables"]);
    }
    assert_eq!(asked(&own), wanted);
    let left_out = |own: &Value| -> Vec<String> {
        let views = run(own).views.into_iter();
        let rules = views.flat_map(|view| view.left_out);
        rules.map(|own| own.rule.to_string()).collect()
    };
    assert_eq!(left_out(&own), left_out(&ready()));
}

/// As in a journal, in which no day before the first one of a watch is told.
#[test]
fn rules_are_not_asked_before_the_first_day_of_their_watch() {
    let mut own = document();
    let alerts = |own: &Value| {
        run(own)
            .views
            .iter()
            .map(|view| view.alerts.len())
            .sum::<usize>()
    };
    let all = alerts(&own);
    assert!(all > 0);
    own["model"]["watches"][0]["from"] = json!("2099-01-01");
    let told = run(&own);
    assert_eq!(alerts(&own), 0);
    let left_out = told.views.iter().flat_map(|view| &view.left_out);
    let reasons: Vec<&str> = left_out.map(|rule| rule.reason.as_str()).collect();
    assert!(!reasons.is_empty());
    assert!(
        reasons
            .iter()
            .all(|reason| *reason == "its watch begins on 2099-01-01"),
        "{reasons:?}"
    );
    own["expect"] = json!([{"alerts": {"view": told.views[0].view, "rules": [told.views[0].left_out[0].rule]}}]);
    let unmet = run(&own).unmet;
    assert!(
        unmet[0]
            .text
            .ends_with("finds nothing: its watch begins on 2099-01-01"),
        "{unmet:?}"
    );
    // Of a watch that begins on the day itself they are.
    let day = own["as_of"].clone();
    own["model"]["watches"][0]["from"] = day;
    assert_eq!(alerts(&own), all);
}
