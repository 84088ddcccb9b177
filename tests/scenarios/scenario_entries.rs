//! Scenarios in which more happens than records: who joins and moves, plans that are changed, what is expected, and what is wrong.

use quotaflow::scenario::{Outcome, ScenarioDef};
use serde_json::{Value, json};

/// Two teams that sell; ann moves to the south in the middle of January.
fn document() -> Value {
    json!({
        "as_of": "2026-01-31",
        "model": {
            "dimensions": [{"key": "person", "hierarchies": [{"key": "person", "levels": ["team", "person"],
                                "links": [{"member": "ann", "parent": "north"}, {"member": "bo", "parent": "south"}]}],
                            "members": [{"key": "north", "level": "team"}, {"key": "south", "level": "team"},
                                {"key": "ann", "level": "person"}, {"key": "bo", "level": "person"}]}],
            "measures": [{"key": "sales", "unit": "money:EUR", "quantum": "0.01", "additivity": "flow"}],
            "kinds": [{"key": "order", "dimensions": [{"field": "person"}], "measures": [{"measure": "sales"}]}],
            "span": {"start": "2026-01-01", "end": "2027-01-01"},
            "metrics": [{"key": "sales", "formula": {"sum": {"value": {"measure": "sales"}, "of": {"kinds": ["order"]}}}}],
            "plans": [{"key": "sales-2026", "recipes": [{"key": "sales-2026", "measure": "sales",
                "horizon": {"start": "2026-01-01", "end": "2026-02-01"},
                "steps": [{"by": {"member": {"dimension": "person", "level": "person"}}}, {"by": {"grain": "month"}}]}]}],
            "views": [{"key": "by_team", "rows": [{"dimension": "person", "level": "team"}],
                       "periods": {"grain": "month", "from": "2026-01-01", "to": "2026-02-01"},
                       "show": ["sales", "target:sales", "attainment(sales)"]}],
            "watches": [{"key": "targets", "view": "by_team", "rules": [{"key": "missed", "when": "sales < 80 % of target(sales)"}]}]
        },
        "records": [
            {"kind": "order", "id": "1", "day": "2026-01-05", "members": {"person": "ann"}, "amounts": {"sales": "15"}},
            {"kind": "order", "id": "2", "day": "2026-01-20", "members": {"person": "ann"}, "amounts": {"sales": "16"}},
            {"kind": "order", "id": "3", "day": "2026-01-20", "members": {"person": "bo"}, "amounts": {"sales": "11"}}
        ],
        "entries": [
            {"source": "planning", "id": "1", "day": "2026-01-01", "what": {"cascade": {"plan": "sales-2026", "totals": {"sales": 62}}},
             "by": "eva", "why": "agreed"},
            {"source": "hr", "id": "1", "day": "2026-01-16", "what": {"move": {"dimension": "person", "member": "ann", "parent": "south"}}}
        ]
    })
}

fn read(document: &Value) -> ScenarioDef {
    serde_json::from_value(document.clone()).unwrap()
}

fn outcome(document: &Value) -> Outcome {
    read(document).run().unwrap()
}

fn mistakes(document: &Value) -> Vec<String> {
    let error = read(document).run().unwrap_err();
    error.mistakes.iter().map(ToString::to_string).collect()
}

fn cell(row: &str, column: &str, is: &Value) -> Value {
    json!({"cell": {"view": "by_team", "column": column, "subject": [row], "period": "2026-01", "is": is}})
}

/// 31 each: ann brings 15 days of hers to the north and 16 to the south.
#[test]
fn who_moves_takes_sales_and_target_along() {
    let mut document = document();
    document["expect"] = json!([
        cell("north", "sales", &json!("15")),
        cell("north", "target:sales", &json!("15")),
        cell("north", "attainment(sales)", &json!("1")),
        cell("south", "sales", &json!("27")),
        cell("south", "target:sales", &json!("47")),
        {"alerts": {"view": "by_team", "rules": ["missed"]}}
    ]);
    let outcome = outcome(&document);
    assert_eq!(outcome.unmet, []);
    let alerts = &outcome.views[0].alerts;
    assert_eq!(alerts.len(), 1);
    assert_eq!(
        (alerts[0].rule.as_str(), alerts[0].subject[0].as_str()),
        ("missed", "south")
    );
}

#[test]
fn what_should_come_out_and_does_not_is_told_with_what_did() {
    let mut document = document();
    document["expect"] = json!([
        cell("north", "sales", &json!("15")),
        cell("north", "sales", &json!("16")),
        cell("south", "sales", &json!({"none": "nothing_recorded"})),
        {"alerts": {"view": "by_team"}},
    ]);
    let outcome = outcome(&document);
    let unmet: Vec<(usize, &str)> = outcome
        .unmet
        .iter()
        .map(|own| (own.expect, own.text.as_str()))
        .collect();
    assert_eq!(
        unmet,
        [
            (1, "`sales` of `north` in `2026-01` is 15.00 EUR and not 16"),
            (
                2,
                "`sales` of `south` in `2026-01` is 27.00 EUR, where none was expected: nothing recorded"
            ),
            (3, "the rule `missed` finds something about `south`"),
        ]
    );
    let mut document = self::document();
    document["expect"] = json!([
        cell("nort", "sales", &json!("15")),
        {"cell": {"view": "by_teams", "column": "sales", "subject": [], "period": "2026-01", "is": "1"}},
        cell("north", "sale", &json!("15")),
        {"cell": {"view": "by_team", "column": "sales", "subject": ["north"], "period": "2026-1", "is": "1"}},
        {"alerts": {"view": "by_team", "rules": ["mised"]}}
    ]);
    let found = mistakes(&document);
    for (found, wanted) in found.iter().zip([
        "expect[0]: `nort` is not among the subjects; did you mean `north`?",
        "expect[1]: there is no view `by_teams`; did you mean `by_team`?",
        "expect[2]: the panel has no column `sale`; did you mean `sales`?",
        "expect[3]: `2026-1` is not a period of `gregorian.month`; did you mean `2026-01`?",
        "expect[4]: no rule `mised` watches the view `by_team`; did you mean `missed`?",
    ]) {
        assert_eq!(found, wanted);
    }
    assert_eq!(found.len(), 5);
}

#[test]
fn every_mistake_of_a_document_is_told_at_once() {
    let mut document = document();
    document["model"]["views"][0]["rows"][0]["level"] = json!("teem");
    document["model"]["kinds"][0]["dimensions"][0]["field"] = json!("persn");
    document["records"][1] =
        json!({"day": "2026-01-20", "reverses": "1", "members": {"person": "ann"}});
    document["ready"] = json!({"metrics": ["oders"]});
    let found = mistakes(&document);
    let places: Vec<&str> = found
        .iter()
        .filter_map(|line| Some(line.split_once(": ")?.0))
        .collect();
    for place in [
        "ready.metrics[0]",
        "records[1]",
        "model.kinds[0]",
        "model.views[0].rows[0]",
    ] {
        assert!(places.contains(&place), "{place} {found:#?}");
    }
    // Of entries, where the model is right.
    let mut document = self::document();
    document["records"][0]["members"]["person"] = json!("anne");
    document["records"][1]["amounts"]["sales"] = json!("0.001");
    document["records"]
        .as_array_mut()
        .unwrap()
        .push(json!({"day": "2026-01-25", "reverses": "4"}));
    document["entries"][1]["what"]["move"]["parent"] = json!("bo");
    let found = mistakes(&document);
    assert_eq!(
        found,
        [
            "records[0]: dimension `person` has no member `anne`; did you mean `ann`?",
            "records[1]: sales: 0.001 has more decimals than the smallest unit 0.01 allows",
            "records[3]: there is no record `4` to reverse or settle; did you mean `1`?",
            "entries[1]: `bo` cannot be the parent of `ann` in hierarchy `person`: it does not stand at a level above it",
        ]
    );
    document["records"][1]["amounts"]["sales"] = json!("1");
    document["entries"][1]["what"]["move"]["parent"] = json!("south");
    assert_eq!(
        mistakes(&document),
        [
            "records[0]: dimension `person` has no member `anne`; did you mean `ann`?",
            "records[3]: there is no record `4` to reverse or settle; did you mean `1`?",
        ]
    );
}

/// A record may name who joins by an entry, and an entry a record by the source `records`.
#[test]
fn records_and_entries_know_one_another() {
    let mut document = document();
    document["records"][0]["members"]["person"] = json!("cy");
    document["entries"].as_array_mut().unwrap().extend([
        json!({"source": "hr", "id": "2", "day": "2026-01-02", "what": {"join": {"dimension": "person", "level": "person", "member": "cy",
            "parents": [{"member": "north"}]}}}),
        json!({"source": "crm", "id": "1", "day": "2026-01-25", "what": {"reverse": {"of": {"source": "records", "id": "2"}}}}),
    ]);
    document["expect"] = json!([
        cell("north", "sales", &json!("15")),
        cell("south", "sales", &json!("11"))
    ]);
    assert_eq!(outcome(&document).unmet, []);
    document["entries"][3]["what"]["reverse"]["of"]["source"] = json!("record");
    assert_eq!(
        mistakes(&document),
        ["entries[3]: there is no entry `record/2`; did you mean `records/2`?"]
    );
}

/// A record of a day before the journal begins is refused with that day.
#[test]
fn nothing_happened_before_the_first_day() {
    let mut document = document();
    document["go_live"] = json!("2026-01-10");
    assert_eq!(
        mistakes(&document),
        ["records[0]: 2026-01-05 is before the journal begins, on 2026-01-10"]
    );
}

/// A view without the as-of day has figures; scores, alerts and a review need a period.
#[test]
fn a_view_of_other_periods_has_figures_alone() {
    let mut document = document();
    document["as_of"] = json!("2026-03-01");
    let error = mistakes(&document);
    assert!(
        error[0].starts_with("as_of: the view `by_team` cannot be judged: no period of `gregorian.month` holds 2026-03-01"),
        "{error:?}"
    );
    document["model"].as_object_mut().unwrap().remove("watches");
    let outcome = outcome(&document);
    assert_eq!(
        (
            outcome.views[0].period.as_ref(),
            outcome.views[0].figures.len()
        ),
        (None, 2)
    );
}

#[test]
fn each_view_of_a_model_is_told() {
    let mut document = document();
    let whole = json!({"key": "company", "periods": {"grain": "month", "from": "2026-01-01", "to": "2026-02-01"}});
    document["model"]["views"]
        .as_array_mut()
        .unwrap()
        .push(whole);
    document["expect"] =
        json!([{"cell": {"view": "company", "column": "sales", "period": "2026-01", "is": "42"}}]);
    let outcome = outcome(&document);
    assert_eq!(outcome.unmet, []);
    let views: Vec<&str> = outcome
        .views
        .iter()
        .map(|view| view.view.as_str())
        .collect();
    assert_eq!(views, ["by_team", "company"]);
    assert_eq!(
        serde_json::to_value(read(&document)).unwrap()["expect"],
        document["expect"]
    );
}

/// bo acts for ann from the 9th to the 22nd of January: a euro a day for each of four posts, 17 of hers and 31 and 14 of his.
#[test]
fn who_holds_a_post_has_its_targets_and_orders() {
    let model = include_str!("../../examples/models/posts.json");
    let model: Value = serde_json::from_str(model).unwrap();
    let holds = |id: &str, person: &str, tenure: &str| {
        json!({"source": "hr", "id": id, "day": "2026-01-09",
               "what": {"hold": {"post": "n1", "person": person, "to": "2026-01-23", "tenure": tenure}}})
    };
    let order = |day: &str| json!({"kind": "order", "day": day, "members": {"post": "n1"}, "amounts": {"sales": "5"}});
    let is = |person: &str, column: &str, is: &str| json!({"cell": {"view": "by_person", "column": column, "subject": [person], "period": "2026-01", "is": is}});
    let document = json!({
        "as_of": "2026-02-28",
        "go_live": "2025-12-01",
        "model": model,
        "records": [order("2026-01-08"), order("2026-01-09"), order("2026-01-22")],
        "entries": [
            {"source": "planning", "id": "1", "day": "2025-12-20", "what": {"cascade": {"plan": "spring", "totals": {"sales": 236}}},
             "by": "eva", "why": "agreed"},
            holds("1", "ann", "absent"),
            holds("2", "bo", "acting")
        ],
        "expect": [
            is("ann", "target:sales", "17"),
            is("bo", "target:sales", "45"),
            is("ann", "sales", "5"),
            is("bo", "sales", "10")
        ]
    });
    assert_eq!(outcome(&document).unmet, []);
}

fn entry(source: &str, id: &str, day: &str, what: &Value) -> Value {
    json!({"source": source, "id": id, "day": day, "what": what, "by": "eva", "why": "asked"})
}

fn with(entries: &[Value]) -> Value {
    let mut document = document();
    document["entries"] = json!(entries);
    document
}

#[test]
fn what_is_done_to_a_plan_that_is_never_cascaded_is_a_mistake() {
    let agree = json!({"agree": {"plan": "sales-2026", "version": 0}});
    let agree = entry("planning", "2", "2026-01-01", &agree);
    let wanted = "it can never take part: it waits for the plan `sales-2026` to be cascaded";
    assert_eq!(
        mistakes(&with(std::slice::from_ref(&agree))),
        [format!("entries[0]: {wanted}")]
    );
    let cascade = json!({"cascade": {"plan": "sales-2026", "totals": {"sales": 62}}});
    let cascade = entry("planning", "1", "2026-01-01", &cascade);
    let void = json!({"void": {"source": "planning", "id": "1"}});
    let void = entry("planning", "3", "2026-01-02", &void);
    assert_eq!(
        mistakes(&with(&[cascade.clone(), agree.clone(), void])),
        [format!("entries[1]: {wanted}")]
    );
    // Of a cascade that is wrong itself only that is told.
    let mut wrong = cascade;
    wrong["what"]["cascade"]["totals"] = json!({"visits": 62});
    let found = mistakes(&with(&[wrong, agree]));
    assert!(
        found.len() == 1 && found[0].starts_with("entries[0]: "),
        "{found:#?}"
    );
}

#[test]
fn who_would_stand_below_themself_is_told_however_it_comes_about() {
    let join = |id: &str, member: &str, level: &str, parent: &str| {
        let join = json!({"join": {"dimension": "person", "member": member, "level": level, "parents": [{"member": parent}]}});
        entry("hr", id, "2026-01-02", &join)
    };
    let record = json!({"kind": "order", "id": "9", "day": "2026-01-05", "members": {"person": "cy"}, "amounts": {"sales": "1"}});
    let told = |entries: &[Value]| {
        let mut document = with(entries);
        document["records"] = json!([record]);
        mistakes(&document)
    };
    assert_eq!(
        told(&[join("2", "cy", "person", "cy")]),
        ["entries[0]: `cy` cannot stand below itself; name its parent"]
    );
    assert_eq!(
        told(&[
            join("2", "cy", "person", "dee"),
            join("3", "dee", "person", "cy")
        ]),
        [
            "entries[0]: it can never take part: it waits for `dee` to join `person`",
            "entries[1]: it can never take part: it waits for `cy` to join `person`",
        ]
    );
    let moved = json!({"move": {"dimension": "person", "member": "ann", "parent": "ann"}});
    let moved = entry("hr", "2", "2026-01-02", &moved);
    let found = mistakes(&with(&[moved]));
    assert_eq!(
        found,
        ["entries[0]: `ann` cannot stand below itself; name its parent"]
    );
}

#[test]
fn whoever_joins_by_a_void_entry_is_told_by_that() {
    let join = json!({"join": {"dimension": "person", "member": "cy", "level": "person", "parents": [{"member": "north"}]}});
    let void = json!({"void": {"source": "hr", "id": "2"}});
    let mut document = with(&[
        entry("hr", "2", "2026-01-02", &join),
        entry("hr", "3", "2026-01-03", &void),
    ]);
    document["records"] = json!([{"kind": "order", "id": "9", "day": "2026-01-05", "members": {"person": "cy"}, "amounts": {"sales": "1"}}]);
    assert_eq!(
        mistakes(&document),
        ["records[0]: it refers to `hr/2`, which is void: leave it out, or void it too"]
    );
}

#[test]
fn of_many_names_that_are_not_there_the_first_are_told_with_the_nearest() {
    let mut document = document();
    let record = |at: usize| json!({"kind": "order", "id": format!("r{at}"), "day": "2026-01-05", "members": {"person": "anne"}, "amounts": {"sales": "1"}});
    document["records"] = json!((0..102).map(record).collect::<Vec<_>>());
    let found = mistakes(&document);
    assert_eq!(found.len(), 102);
    let near = found
        .iter()
        .filter(|own| own.contains("did you mean `ann`?"));
    assert_eq!(near.count(), 100);
    let others = found.iter().filter(|own| {
        own.ends_with("it can never take part: it waits for `anne` to join `person`")
    });
    assert_eq!(others.count(), 2);
}

#[test]
fn a_sequence_number_that_has_no_room_is_told() {
    let mut document = document();
    document["records"][1]["sequence"] = json!(1_u64 << 47);
    assert_eq!(
        mistakes(&document),
        ["records[1]: the sequence number 140737488355328 is more than 140737488355327"]
    );
}

#[test]
fn what_takes_back_a_record_of_another_kind_is_told_wherever_that_stands() {
    let said = json!({"record": {"kind": "order", "members": {"person": "ann"}, "amounts": {"sales": "3"}}});
    let mut document = document();
    document["entries"] = json!([entry("records", "e", "2026-01-05", &said)]);
    document["records"] =
        json!([{"id": "r", "day": "2026-01-06", "reverses": "e", "kind": "visit"}]);
    let found = mistakes(&document);
    assert!(
        found.len() == 1 && found[0].starts_with("records[0]: "),
        "{found:#?}"
    );
    assert!(
        found[0].contains("visit") && found[0].contains("order"),
        "{found:#?}"
    );
    document["records"][0]["kind"] = json!("order");
    assert_eq!(read(&document).run().map(|_| ()), Ok(()));
}

/// What refers to a record that is wrong by itself is no second mistake.
#[test]
fn what_follows_from_a_record_that_cannot_be_one_is_not_told() {
    let mut document = document();
    document["records"] = json!([
        {"id": "a", "kind": "order", "day": "2026-01-05", "reverses": "1", "members": {"person": "ann"}},
        {"id": "b", "day": "2026-01-06", "reverses": "a"}
    ]);
    let found = mistakes(&document);
    assert!(
        found.len() == 1 && found[0].starts_with("records[0]: "),
        "{found:#?}"
    );
}
