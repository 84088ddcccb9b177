//! Targets that are written down by entries, and what else views say beside figures: paces, silence, figures from the start.

use chrono::{NaiveDate, NaiveDateTime};
use quotaflow::journal::{Close, Content, Entry, EntryId, Journal, JournalError, Snapshot};
use quotaflow::ledger::Record;
use quotaflow::model::{Model, ModelDef, TargetsDef};
use serde_json::{Value, json};

pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub fn morning(text: &str) -> NaiveDateTime {
    format!("{text}T06:00:00").parse().unwrap()
}

/// Visits of two people by month, whose targets are written down.
pub fn document(changes: &Value) -> Value {
    let mut document = json!({
        "dimensions": [{"key": "person", "hierarchies": [{"key": "person", "levels": ["team", "person"],
                            "links": [{"member": "ann", "parent": "north"}, {"member": "bo", "parent": "north"}]}],
                        "members": [{"key": "north", "level": "team"}, {"key": "ann", "level": "person"},
                            {"key": "bo", "level": "person"}]}],
        "kinds": [{"key": "visit", "dimensions": [{"field": "person"}]}],
        "span": {"start": "2026-01-01", "end": "2028-01-01"},
        "unique_ids": ["crm", "planning"],
        "metrics": [{"key": "visits", "formula": {"count": {"kinds": ["visit"]}}},
            {"key": "share", "formula": {"ratio": {"of": {"metric": "visits"}, "to": {"metric": "visits"}}}}],
        "views": [{"key": "months", "rows": [{"dimension": "person", "level": "person"}], "written": ["visits"],
                   "show": ["visits", "target:visits", "attainment(visits)"],
                   "periods": {"grain": "month", "from": "2026-01-01", "to": "2026-04-01"}}]
    });
    for (pointer, value) in changes.as_object().unwrap() {
        let (within, field) = pointer.rsplit_once('/').unwrap();
        document.pointer_mut(within).unwrap()[field] = value.clone();
    }
    document
}

pub fn model(changes: &Value) -> Model {
    serde_json::from_value(document(changes)).unwrap()
}

pub fn mistakes(changes: &Value) -> Vec<String> {
    let definition: ModelDef = serde_json::from_value(document(changes)).unwrap();
    let error = Model::new(definition).unwrap_err();
    error.mistakes.iter().map(ToString::to_string).collect()
}

pub fn written(id: &str, on: &str, cells: &[(&str, &str, i64)]) -> Entry {
    let cells: Vec<Value> = cells
        .iter()
        .map(|(person, period, amount)| json!({"subject": [person], "period": period, "amount": amount}))
        .collect();
    let targets = json!({"view": "months", "metric": "visits", "cells": cells});
    let targets: TargetsDef = serde_json::from_value(targets).unwrap();
    let id = EntryId::new("planning", id).unwrap();
    Entry::new(id, day(on), Content::Targets(targets))
}

pub fn visit(id: usize, person: &str, on: &str) -> Entry {
    let record = Record::new("visit", day(on))
        .id(id.to_string())
        .of("person", person);
    Entry::record("crm", record).unwrap()
}

pub fn enter(journal: &mut Journal, known: &str, entries: &[Entry]) {
    let through = day(known).pred_opt().unwrap();
    journal.enter(morning(known), through, entries).unwrap();
}

pub fn refused(journal: &mut Journal, known: &str, entry: Entry) -> String {
    let through = day(known).pred_opt().unwrap();
    let error = journal
        .enter(morning(known), through, &[entry])
        .unwrap_err();
    error.to_string()
}

pub fn target(journal: &Journal, person: &str, period: &str) -> String {
    let panel = journal.view("months").unwrap().panel().unwrap();
    let answer = panel.get("target:visits", [person], period).unwrap();
    answer.to_string()
}

#[test]
fn a_target_is_what_was_written_last_for_its_cell_by_the_day_and_as_it_was_known() {
    let model = model(&json!({}));
    let mut journal = Journal::new(&model, day("2026-01-01")).unwrap();
    enter(
        &mut journal,
        "2026-01-11",
        &[
            written(
                "1",
                "2026-01-01",
                &[("ann", "2026-01", 4), ("ann", "2026-02", 8)],
            ),
            visit(1, "ann", "2026-01-05"),
        ],
    );
    assert_eq!(target(&journal, "ann", "2026-01"), "4 visit");
    assert_eq!(target(&journal, "bo", "2026-01"), "not applicable");
    enter(
        &mut journal,
        "2026-01-20",
        &[written("2", "2026-01-15", &[("ann", "2026-01", 5)])],
    );
    assert_eq!(target(&journal, "ann", "2026-01"), "5 visit");
    assert_eq!(target(&journal, "ann", "2026-02"), "8 visit");
    let panel = journal.view("months").unwrap().panel().unwrap();
    let attained = panel.get("attainment(visits)", ["ann"], "2026-01").unwrap();
    assert_eq!(attained.to_string(), "20.0%");
    let view = journal.view("months").unwrap();
    let then = view.clone().as_of(day("2026-01-14")).panel().unwrap();
    assert_eq!(
        then.get("target:visits", ["ann"], "2026-01")
            .unwrap()
            .to_string(),
        "4 visit"
    );
    let known = view.known_at(morning("2026-01-11")).panel().unwrap();
    assert_eq!(
        known
            .get("target:visits", ["ann"], "2026-01")
            .unwrap()
            .to_string(),
        "4 visit"
    );
    // What was a mistake was never written, and a snapshot says the same.
    let void = Entry::void(
        EntryId::new("planning", "3").unwrap(),
        day("2026-01-21"),
        EntryId::new("planning", "2").unwrap(),
    );
    enter(&mut journal, "2026-01-22", &[void]);
    let text = serde_json::to_string(&journal.snapshot()).unwrap();
    let opened = Journal::open(&model, serde_json::from_str::<Snapshot>(&text).unwrap()).unwrap();
    for journal in [&journal, &opened] {
        assert_eq!(target(journal, "ann", "2026-01"), "4 visit");
    }
    assert_eq!(serde_json::to_string(&opened.snapshot()).unwrap(), text);
}

#[test]
fn a_target_waits_for_who_has_not_joined() {
    let model = model(&json!({}));
    let mut journal = Journal::new(&model, day("2026-01-01")).unwrap();
    let entry = written("1", "2026-01-01", &[("cy", "2026-02", 3)]);
    let receipt = journal
        .enter(morning("2026-01-02"), day("2026-01-01"), &[entry])
        .unwrap();
    assert_eq!(receipt.waiting.len(), 1);
    let id = EntryId::new("hr", "1").unwrap();
    let join = Entry::join(id, day("2026-02-01"), ("person", "person", "cy")).unwrap();
    enter(&mut journal, "2026-02-02", &[join.under("north").unwrap()]);
    assert_eq!(target(&journal, "cy", "2026-02"), "3 visit");
}

#[test]
fn a_target_for_what_is_nobodys_gets_its_row() {
    let model = model(&json!({}));
    let mut journal = Journal::new(&model, day("2026-01-01")).unwrap();
    enter(
        &mut journal,
        "2026-01-11",
        &[written("1", "2026-01-01", &[("unassigned", "2026-01", 4)])],
    );
    assert_eq!(target(&journal, "unassigned", "2026-01"), "4 visit");
}

#[test]
fn a_cell_that_is_none_of_the_view_is_refused_with_its_place() {
    let model = model(&json!({}));
    let mut journal = Journal::new(&model, day("2026-01-01")).unwrap();
    for (cells, wanted) in [
        (
            vec![("ann", "2026-1", 1)],
            "cells[0]: there is no period `2026-1`; did you mean `2026-01`?",
        ),
        (
            vec![("ann", "2026-01", 1), ("north", "2026-01", 1)],
            "cells[1]: `north` is no row of the view `months`, which has one member of each of: `person.person`",
        ),
        (
            vec![("ann", "2026-01", 1), ("ann", "2026-01", 2)],
            "cells[1]: the target of `ann` in `2026-01` is written down twice",
        ),
    ] {
        let error = refused(
            &mut journal,
            "2026-01-02",
            written("1", "2026-01-01", &cells),
        );
        assert!(error.contains(wanted), "{error}");
    }
    let half = json!({"view": "months", "metric": "visits", "cells": [{"subject": ["ann"], "period": "2026-01", "amount": "0.5"}]});
    let other = json!({"view": "moths", "metric": "visits", "cells": []});
    let share = json!({"view": "months", "metric": "share", "cells": []});
    for (targets, wanted) in [
        (
            half,
            "cells[0]: 0.5 has more decimals than the smallest unit",
        ),
        (other, "there is no view `moths`; did you mean `months`?"),
        (share, "there is no written target `share`; known: `visits`"),
    ] {
        let targets = Content::Targets(serde_json::from_value(targets).unwrap());
        let entry = Entry::new(
            EntryId::new("planning", "1").unwrap(),
            day("2026-01-01"),
            targets,
        );
        let error = refused(&mut journal, "2026-01-02", entry);
        assert!(error.contains(wanted), "{error}");
    }
    assert_eq!(journal.head().entries, 0);
}

#[test]
fn a_target_stands_in_the_cell_that_it_was_written_for_and_in_no_other_view() {
    let view = |key: &str, level: &str, grain: &str| {
        json!({"key": key, "rows": [{"dimension": "person", "level": level}], "written": ["visits"],
            "show": ["visits", "target:visits"], "periods": {"grain": grain, "from": "2026-01-01", "to": "2026-04-01"}})
    };
    let views = [
        view("months", "person", "month"),
        view("beside", "person", "month"),
        view("quarters", "person", "quarter"),
        view("teams", "team", "month"),
    ];
    let mut journal = Journal::new(&model(&json!({"/views": views})), day("2026-01-01")).unwrap();
    let entry = written("1", "2026-01-01", &[("ann", "2026-01", 4)]);
    enter(&mut journal, "2026-01-11", &[entry]);
    for (view, row, period, wanted) in [
        ("months", "ann", "2026-01", "4 visit"),
        ("months", "ann", "2026-02", "not applicable"),
        ("months", "bo", "2026-01", "not applicable"),
        ("beside", "ann", "2026-01", "not applicable"),
        ("quarters", "ann", "2026-Q1", "not applicable"),
        ("teams", "north", "2026-01", "not applicable"),
    ] {
        let panel = journal.view(view).unwrap().panel().unwrap();
        let target = panel.get("target:visits", [row], period).unwrap();
        assert_eq!(target.to_string(), wanted, "{view} {row} {period}");
    }
}

#[test]
fn a_model_says_which_targets_cannot_be_written_down() {
    assert_eq!(
        mistakes(&json!({"/views/0/written": ["vists"], "/views/0/show": ["visits"]})),
        [
            "views[0].written[0]: there is no metric, target, duty, card or pay plan `vists`; did you mean `visits`?"
        ]
    );
    assert_eq!(
        mistakes(&json!({"/views/0/written": ["visits", "visits"]})),
        ["views[0].written[1]: `target:visits` is shown twice"]
    );
    assert_eq!(
        mistakes(&json!({"/views/0/written": ["share"], "/views/0/show": ["visits"]})),
        [
            "views[0].written[0]: `share` is a quotient; targets can be written down for amounts only"
        ]
    );
    let plan = json!([{"key": "p", "recipes": [{"key": "p", "measure": "visits", "horizon": {"start": "2026-01-01", "end": "2027-01-01"},
        "steps": [{"by": {"member": {"dimension": "person", "level": "person"}}}]}]}]);
    let measures = json!([{"key": "visits", "unit": "count:visit", "additivity": "flow"}]);
    assert_eq!(
        mistakes(&json!({"/plans": plan, "/measures": measures})),
        [
            "views[0].written[0]: the plan `p` has targets of `visits`; change these, or write down those of another metric"
        ]
    );
}

/// Without a name among the columns it is shown behind them, and behind all metrics where none is named.
#[test]
fn what_is_written_down_is_shown() {
    for show in [json!([]), json!(["visits"]), json!(["share", "visits"])] {
        let model = model(&json!({"/views/0/show": show}));
        let journal = Journal::new(&model, day("2026-01-01")).unwrap();
        let panel = journal.view("months").unwrap().panel().unwrap();
        let last = panel.columns().last().unwrap().key().to_string();
        assert_eq!(last, "target:visits", "{show}");
    }
}

/// Half of January has passed: 5 of 10 visits are expected. The rule of a watch reads that, and so each day is told by it.
#[test]
fn paces_of_a_review_are_columns_that_rules_read() {
    let model = model(&json!({
        "/views/0/review": {"paces": [{"metric": "visits", "pacing": {"even": "calendar"}}]},
        "/watches": [{"key": "pace", "view": "months", "rules": [{"key": "behind", "when": "visits < expected(visits)"}]}]
    }));
    let mut journal = Journal::new(&model, day("2026-01-01")).unwrap();
    let entries = [
        written("1", "2026-01-01", &[("ann", "2026-01", 31)]),
        visit(1, "ann", "2026-01-01"),
    ];
    enter(&mut journal, "2026-01-04", &entries);
    let panel = journal.view("months").unwrap().panel().unwrap();
    assert_eq!(
        panel
            .get("expected:visits", ["ann"], "2026-01")
            .unwrap()
            .to_string(),
        "3.00 visit"
    );
    let told: Vec<usize> = ["2026-01-01", "2026-01-02", "2026-01-03"]
        .map(|on| journal.day(day(on)).unwrap().notices.len())
        .to_vec();
    assert_eq!(told, [0, 1, 0]);
    assert_eq!(
        mistakes(
            &json!({"/views/0/review": {"paces": [{"metric": "visit", "pacing": {"even": "calendar"}}]}})
        ),
        [
            "views[0].review.paces[0]: the panel has no column `target:visit`; did you mean `target:visits`?"
        ]
    );
    let told = mistakes(
        &json!({"/views/0/review": {"paces": [{"metric": "visits", "pacing": {"even": "calendar"}}],
        "drivers": [{"result": "visits", "activity": "visits"}, {"result": "visits", "activity": "visit"}]}}),
    );
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].starts_with("views[0].review.drivers[1]: ")
            && told[0].ends_with("did you mean `visits`?"),
        "{told:?}"
    );
}

#[test]
fn how_long_nothing_has_happened_is_a_column_of_what_is_watched() {
    let rules = json!([{"key": "asleep", "when": "quiet(visits) >= 3 day"}]);
    let model = model(&json!({"/watches": [{"key": "silence", "view": "months", "rules": rules}]}));
    let mut journal = Journal::new(&model, day("2026-01-01")).unwrap();
    enter(
        &mut journal,
        "2026-01-08",
        &[visit(1, "ann", "2026-01-06"), visit(2, "bo", "2026-01-01")],
    );
    let panel = journal.view("months").unwrap().panel().unwrap();
    assert_eq!(
        panel
            .get("quiet:visits", ["ann"], "2026-01")
            .unwrap()
            .to_string(),
        "0 days"
    );
    let days = (1..=7).map(|on| day(&format!("2026-01-0{on}")));
    let told = days.flat_map(|on| journal.day(on).unwrap().notices);
    let told: Vec<String> = told
        .map(|notice| notice.alert.unwrap().to_string())
        .collect();
    assert_eq!(told[0], "asleep | ann | 2026-01-03");
    assert!(told.iter().all(|alert| alert.contains("ann")), "{told:?}");
    // What was before the journal began is nobody's silence.
    let mut late = Journal::new(&model, day("2026-01-15")).unwrap();
    enter(&mut late, "2026-01-19", &[]);
    let panel = late.view("months").unwrap().panel().unwrap();
    let quiet = panel.get("quiet:visits", ["ann"], "2026-01").unwrap();
    assert_eq!(quiet.to_string(), "4 days");
    let days = (15..=18).map(|on| day(&format!("2026-01-{on}")));
    let told = days.map(|on| late.day(on).unwrap().notices.len());
    assert_eq!(told.collect::<Vec<_>>(), [0, 0, 2, 0]);
    let rules = json!([{"key": "asleep", "when": "quiet(vists) >= 3 day"}]);
    assert_eq!(
        mistakes(&json!({"/watches": [{"key": "silence", "view": "months", "rules": rules}]})),
        [
            "watches[0].rules[0]: rule `asleep`, quiet:vists: the panel has no column `vists`; did you mean `visits`?"
        ]
    );
}

/// A visit of January that is taken back in February: on its day one less in February; from the start there was none.
#[test]
fn from_the_start_what_is_taken_back_was_never_there() {
    for (reversals, told) in [
        ("on_their_day", ["1", "-1"]),
        ("from_the_start", ["0", "0"]),
    ] {
        let model = model(&json!({"/views/0/reversals": reversals}));
        let mut journal = Journal::new(&model, day("2026-01-01")).unwrap();
        enter(&mut journal, "2026-01-20", &[visit(1, "ann", "2026-01-05")]);
        let back = Entry::reverse(
            EntryId::new("crm", "2").unwrap(),
            day("2026-02-03"),
            EntryId::new("crm", "1").unwrap(),
        );
        enter(&mut journal, "2026-02-10", &[back]);
        let figures = ["2026-01", "2026-02"].map(|period| {
            let panel = journal.view("months").unwrap().panel().unwrap();
            panel
                .get("visits", ["ann"], period)
                .unwrap()
                .ratio()
                .unwrap()
                .to_string()
        });
        assert_eq!(figures, told, "{reversals}");
        let before = journal
            .view("months")
            .unwrap()
            .as_of(day("2026-01-31"))
            .panel()
            .unwrap();
        assert_eq!(
            before
                .get("visits", ["ann"], "2026-01")
                .unwrap()
                .to_string(),
            "1 visit"
        );
    }
}

/// The same visit once January is closed: what was told stays, and one less is an adjustment of February where it was never there.
#[test]
fn from_the_start_what_is_taken_back_adjusts_the_period_that_told_it() {
    for (reversals, told, adjusted) in [
        ("on_their_day", ["1", "-1"], None),
        ("from_the_start", ["1", "0"], Some("-1 visit")),
    ] {
        let model = model(&json!({"/views/0/reversals": reversals}));
        let mut journal = Journal::new(&model, day("2026-01-01")).unwrap();
        let id = |source: &str, name: &str| EntryId::new(source, name).unwrap();
        let first = [
            visit(1, "ann", "2026-01-05"),
            Entry::close(id("planning", "C"), day("2026-01-31"), Close::Hard),
        ];
        enter(&mut journal, "2026-02-01", &first);
        let back = Entry::reverse(id("crm", "2"), day("2026-02-03"), id("crm", "1"));
        let (known, through) = (morning("2026-02-10"), day("2026-02-09"));
        // Its record was forgotten.
        let all = std::slice::from_ref(&back);
        let error = journal.enter(known, through, all).unwrap_err();
        let JournalError::Needed { needed } = error else {
            panic!("{error}")
        };
        journal.supply(&needed, &first).unwrap();
        journal.enter(known, through, all).unwrap();
        let text = serde_json::to_string(&journal.snapshot()).unwrap();
        let read: Snapshot = serde_json::from_str(&text).unwrap();
        for journal in [Journal::open(&model, read).unwrap(), journal] {
            let panel = journal.view("months").unwrap().panel().unwrap();
            let figures = ["2026-01", "2026-02"].map(|period| {
                let visits = panel.get("visits", ["ann"], period).unwrap();
                visits.ratio().unwrap().to_string()
            });
            assert_eq!(figures, told, "{reversals}");
            let column = "adjustment of 2026-01 (visits)";
            let found = panel.get(column, ["ann"], "2026-02").ok();
            let found = found.map(|answer| answer.to_string());
            assert_eq!(found.as_deref(), adjusted, "{reversals}");
        }
    }
}

/// Of ann's two orders and bo's two, those of the north or of at least 100 count: hers by where she stands on their days, the large ones
/// wherever. That she moved before both is told after January is closed.
#[test]
fn a_condition_that_mixes_members_with_amounts_follows_a_move_that_is_dated_back() {
    let count = json!({"count": {"kinds": ["order"], "where": [{"any": [
        {"member": {"dimension": "person", "any_of": ["north"]}},
        {"range": {"value": {"measure": "sales"}, "at_least": "100"}}]}]}});
    let months = json!({"grain": "month", "from": "2026-01-01", "to": "2026-04-01"});
    let model = model(&json!({
        "/dimensions/0/members": [{"key": "north", "level": "team"}, {"key": "south", "level": "team"},
            {"key": "ann", "level": "person"}, {"key": "bo", "level": "person"}],
        "/dimensions/0/hierarchies/0/links": [{"member": "ann", "parent": "north"}, {"member": "bo", "parent": "south"}],
        "/measures": [{"key": "sales", "unit": "money:EUR", "quantum": "0.01", "additivity": "flow"}],
        "/kinds": [{"key": "order", "dimensions": [{"field": "person"}], "measures": [{"measure": "sales"}]}],
        "/metrics": [{"key": "weighty", "formula": count}],
        "/views": [{"key": "teams", "rows": [{"dimension": "person", "level": "team"}], "periods": months},
            {"key": "whole", "periods": months}]
    }));
    let order = |name: &str, person: &str, on: &str, euros: i64| {
        let record = Record::new("order", day(on)).id(name).of("person", person);
        Entry::record("crm", record.amount("sales", euros.into())).unwrap()
    };
    let id = |name: &str| EntryId::new("planning", name).unwrap();
    let mut journal = Journal::new(&model, day("2026-01-01")).unwrap();
    let first = [
        order("1", "ann", "2026-01-10", 10),
        order("2", "ann", "2026-01-20", 200),
        order("3", "bo", "2026-01-12", 10),
        order("4", "bo", "2026-01-13", 300),
    ];
    enter(&mut journal, "2026-01-25", &first);
    let told = |journal: &Journal, view: &str, row: &[&str], column: &str, period: &str| {
        let panel = journal.view(view).unwrap().panel().unwrap();
        let answer = panel.get(column, row.iter().copied(), period);
        answer.map_or_else(|_| "none".to_owned(), |answer| answer.to_string())
    };
    let of = |journal: &Journal, team: &str, column: &str, period: &str| {
        told(journal, "teams", &[team], column, period)
    };
    assert_eq!(of(&journal, "north", "weighty", "2026-01"), "2 order");
    assert_eq!(of(&journal, "south", "weighty", "2026-01"), "1 order");
    let to = |name: &str, on: &str, team: &str| {
        Entry::moving(id(name), day(on), ("person", "ann", team)).unwrap()
    };
    let mut open = journal.clone();
    enter(&mut open, "2026-01-26", &[to("M", "2026-01-15", "south")]);
    assert_eq!(of(&open, "north", "weighty", "2026-01"), "1 order");
    assert_eq!(of(&open, "south", "weighty", "2026-01"), "2 order");
    enter(&mut open, "2026-01-27", &[to("N", "2026-01-05", "south")]);
    assert_eq!(told(&open, "whole", &[], "weighty", "2026-01"), "2 order");
    let close = Entry::close(id("C"), day("2026-01-31"), Close::Hard);
    enter(&mut journal, "2026-02-01", &[close]);
    enter(
        &mut journal,
        "2026-02-10",
        &[to("M", "2026-01-05", "south")],
    );
    let text = serde_json::to_string(&journal.snapshot()).unwrap();
    let read: Snapshot = serde_json::from_str(&text).unwrap();
    for journal in [Journal::open(&model, read).unwrap(), journal] {
        let adjusted = "adjustment of 2026-01 (weighty)";
        assert_eq!(of(&journal, "north", "weighty", "2026-01"), "2 order");
        assert_eq!(of(&journal, "north", adjusted, "2026-02"), "-2 order");
        assert_eq!(of(&journal, "south", adjusted, "2026-02"), "1 order");
        let whole = told(&journal, "whole", &[], adjusted, "2026-02");
        assert_eq!(whole, "-1 order");
    }
}
