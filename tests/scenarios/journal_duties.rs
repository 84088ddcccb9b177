//! Duties of all members of a level, worked by hand: who has them from which day on, and what counts for them.

use chrono::{NaiveDate, NaiveDateTime};
use quotaflow::calendar::DayRange;
use quotaflow::journal::{Close, Entry, EntryId, Journal, Snapshot};
use quotaflow::ledger::Record;
use quotaflow::limits::{Limits, Size};
use quotaflow::model::{Model, ModelDef};
use quotaflow::panel::{ColumnKey, Reason};
use quotaflow::quantity::Ratio;
use quotaflow::scorecard::{CurveDef, InputDef, KpiDef, ScorecardDef};
use serde_json::{Value, json};

pub fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub fn definition() -> Value {
    let shown = json!([
        "visits.due",
        "visits.on_time",
        "visits.missing",
        "visits.completeness"
    ]);
    let months = json!({"grain": "month", "from": "2026-01-01", "to": "2027-01-01"});
    json!({
        "dimensions": [{"key": "person",
            "hierarchies": [{"key": "person", "levels": ["team", "person"],
                "links": [{"member": "ann", "parent": "north"}, {"member": "bo", "parent": "south"}]}],
            "members": [{"key": "north", "level": "team"}, {"key": "south", "level": "team"},
                {"key": "ann", "level": "person"}, {"key": "bo", "level": "person"}]}],
        "kinds": [{"key": "visit", "dimensions": [{"field": "person"}]}],
        "span": {"start": "2026-01-01", "end": "2028-01-01"},
        "unique_ids": ["crm"],
        "duties": [{"key": "visits", "who": {"dimension": "person", "level": "person"},
            "evidence": {"kinds": ["visit"]}, "times": 2,
            "cadence": {"anchor": "2026-01-01", "rhythm": {"kind": "weekly", "every": 1, "days": ["Fri"]}}}],
        "views": [
            {"key": "people", "rows": [{"dimension": "person", "level": "person"}], "periods": months, "show": shown},
            {"key": "teams", "rows": [{"dimension": "person", "level": "team"}], "periods": months, "show": shown},
            {"key": "whole", "periods": months, "show": shown}
        ]
    })
}

pub fn model() -> Model {
    serde_json::from_value(definition()).unwrap()
}

pub fn visit(id: &str, person: &str, day: &str) -> Entry {
    let record = Record::new("visit", date(day)).id(id).of("person", person);
    Entry::record("crm", record).unwrap()
}

pub fn id(text: &str) -> EntryId {
    EntryId::new("hr", text).unwrap()
}

pub fn evening(day: &str) -> NaiveDateTime {
    date(day).and_hms_opt(22, 0, 0).unwrap()
}

pub fn enter(journal: &mut Journal, through: &str, entries: &[Entry]) {
    journal
        .enter(evening(through), date(through), entries)
        .unwrap();
}

pub fn opened() -> Journal {
    Journal::new(&model(), date("2026-01-01")).unwrap()
}

/// Due, done and missed of a row and period.
pub fn told(journal: &Journal, view: &str, row: &[&str], period: &str, as_of: &str) -> [i64; 3] {
    let panel = journal
        .view(view)
        .unwrap()
        .as_of(date(as_of))
        .panel()
        .unwrap();
    ["due", "on_time", "missing"].map(|what| {
        let told = panel.get(&format!("visits.{what}"), row.iter().copied(), period);
        let told = told.unwrap().ratio().unwrap();
        i64::try_from(told.numerator()).unwrap()
    })
}

pub fn excused(number: &str, day: &str, (member, from, to): (&str, &str, &str)) -> Entry {
    let days = DayRange::new(date(from), date(to)).unwrap();
    let entry = Entry::excuse(id(number), date(day), ("visits", member), days).unwrap();
    entry.by("eva").because("a fair")
}

#[test]
fn what_is_due_by_each_friday_is_done_by_records_of_its_own_week() {
    let mut journal = opened();
    let entries = [
        visit("1", "ann", "2026-01-03"),
        visit("2", "ann", "2026-01-09"),
        visit("3", "ann", "2026-01-10"),
        visit("4", "ann", "2026-01-12"),
        visit("5", "ann", "2026-01-13"),
    ];
    enter(&mut journal, "2026-01-20", &entries);
    // Fridays: the 2nd (none done), the 9th (two), the 16th (three, of which one is more than is due).
    assert_eq!(
        told(&journal, "people", &["ann"], "2026-01", "2026-01-20"),
        [6, 4, 2]
    );
    assert_eq!(
        told(&journal, "people", &["bo"], "2026-01", "2026-01-20"),
        [6, 0, 6]
    );
    assert_eq!(
        told(&journal, "teams", &["north"], "2026-01", "2026-01-20"),
        [6, 4, 2]
    );
    assert_eq!(
        told(&journal, "whole", &[], "2026-01", "2026-01-20"),
        [12, 4, 8]
    );
    // On the due day itself there is still time, and what is done is due.
    assert_eq!(
        told(&journal, "people", &["bo"], "2026-01", "2026-01-09"),
        [2, 0, 2]
    );
    assert_eq!(
        told(&journal, "people", &["ann"], "2026-01", "2026-01-08"),
        [3, 1, 2]
    );
    let panel = journal.view("people").unwrap().panel().unwrap();
    let share = panel
        .get("visits.completeness", ["ann"], "2026-01")
        .unwrap()
        .ratio();
    assert_eq!(share, Ok(Ratio::new(2, 3).unwrap()));
    let later = panel.get("visits.due", ["ann"], "2026-03").unwrap().ratio();
    assert_eq!(later, Ok(Ratio::ZERO));
}

#[test]
fn whoever_joins_has_the_duty_from_the_first_day_and_nobody_after_the_last() {
    let mut journal = opened();
    let entries = [
        Entry::join(id("1"), date("2026-01-12"), ("person", "person", "cy"))
            .unwrap()
            .under("north")
            .unwrap(),
        Entry::end(id("2"), date("2026-01-15"), ("person", "bo")).unwrap(),
        visit("1", "cy", "2026-01-13"),
    ];
    enter(&mut journal, "2026-01-31", &entries);
    // Fridays the 16th, 23rd and 30th.
    assert_eq!(
        told(&journal, "people", &["cy"], "2026-01", "2026-01-31"),
        [6, 1, 5]
    );
    assert_eq!(
        told(&journal, "people", &["bo"], "2026-01", "2026-01-31"),
        [4, 0, 4]
    );
    assert_eq!(
        told(&journal, "teams", &["south"], "2026-01", "2026-01-31"),
        [4, 0, 4]
    );
    assert_eq!(
        told(&journal, "teams", &["north"], "2026-01", "2026-01-31"),
        [16, 1, 15]
    );
}

#[test]
fn who_moves_takes_the_duty_along_from_the_day_on_and_a_row_has_what_was_due_in_it() {
    let mut journal = opened();
    let moved = Entry::moving(id("1"), date("2026-01-15"), ("person", "ann", "south")).unwrap();
    let entries = [
        moved,
        visit("1", "ann", "2026-01-14"),
        visit("2", "ann", "2026-01-16"),
    ];
    enter(&mut journal, "2026-01-20", &entries);
    assert_eq!(
        told(&journal, "teams", &["north"], "2026-01", "2026-01-20"),
        [4, 0, 4]
    );
    assert_eq!(
        told(&journal, "teams", &["south"], "2026-01", "2026-01-20"),
        [8, 2, 6]
    );
    // Like for like, all of hers is of the south.
    let view = journal.view("teams").unwrap().as_it_is(date("2026-01-20"));
    let panel = view.panel().unwrap();
    assert_eq!(
        panel
            .get("visits.due", ["south"], "2026-01")
            .unwrap()
            .ratio(),
        Ok(12.into())
    );
    assert_eq!(
        panel
            .get("visits.due", ["north"], "2026-01")
            .unwrap()
            .ratio(),
        Err(Reason::NotApplicable)
    );
}

#[test]
fn the_duty_of_who_is_in_no_team_is_told_in_the_row_of_nobody_though_nothing_was_done() {
    let mut journal = opened();
    let join = ("person", "person", "cy");
    let join = Entry::join(id("1"), date("2026-01-12"), join).unwrap();
    enter(&mut journal, "2026-01-20", &[join]);
    // The Friday of the 16th.
    assert_eq!(
        told(&journal, "teams", &["unassigned"], "2026-01", "2026-01-20"),
        [2, 0, 2]
    );
    let people = journal.view("people").unwrap().panel().unwrap();
    let rows: Vec<String> = people.subjects().labels().collect();
    assert_eq!(rows, ["ann", "bo", "cy"]);
}

#[test]
fn only_those_below_a_member_have_a_duty_that_says_so() {
    let mut document = definition();
    document["duties"][0]["under"] = json!("south");
    let model: Model = serde_json::from_value(document).unwrap();
    let mut journal = Journal::new(&model, date("2026-01-01")).unwrap();
    let moved = Entry::moving(id("1"), date("2026-01-15"), ("person", "ann", "south")).unwrap();
    enter(&mut journal, "2026-01-20", &[moved]);
    assert_eq!(
        told(&journal, "people", &["ann"], "2026-01", "2026-01-20"),
        [2, 0, 2]
    );
    assert_eq!(
        told(&journal, "people", &["bo"], "2026-01", "2026-01-20"),
        [6, 0, 6]
    );
    // By the structure of a day in which she is in the south, all of it is hers.
    let view = journal.view("people").unwrap().as_it_is(date("2026-01-20"));
    let due = view.panel().unwrap();
    let due = due.get("visits.due", ["ann"], "2026-01").unwrap().ratio();
    assert_eq!(due, Ok(6.into()));
}

#[test]
fn a_duty_may_have_the_name_of_a_card() {
    let mut definition: ModelDef = serde_json::from_value(definition()).unwrap();
    let curve = CurveDef::through([("0", "100"), ("10", "0")]).unwrap();
    let input = InputDef::value(ColumnKey::actual("visits.missing").unwrap());
    let kpi = KpiDef::new("missing", input, curve)
        .unwrap()
        .weigh(Ratio::ONE);
    let card = ScorecardDef::new("visits").unwrap();
    definition.cards = vec![card.group("duty", Ratio::ONE, vec![kpi]).unwrap()];
    definition.views[0].show.push("visits".parse().unwrap());
    let model = Model::new(definition).unwrap();
    let mut journal = Journal::new(&model, date("2026-01-01")).unwrap();
    enter(
        &mut journal,
        "2026-01-20",
        &[visit("1", "ann", "2026-01-03")],
    );
    assert_eq!(
        told(&journal, "people", &["ann"], "2026-01", "2026-01-20"),
        [6, 1, 5]
    );
}

#[test]
fn limits_that_a_duty_would_exceed_are_told_with_its_name() {
    let journal = opened();
    let few = Limits::default().with(Size::Cells, 100);
    let error = journal
        .view("whole")
        .unwrap()
        .within(few)
        .panel()
        .unwrap_err();
    let error = error.to_string();
    assert!(
        error.starts_with("`visits`: ") && error.contains("100"),
        "{error}"
    );
}

#[test]
fn a_hard_close_fixes_what_was_missed_and_what_comes_later_stands_in_a_column_of_its_own() {
    let mut journal = opened();
    enter(
        &mut journal,
        "2026-01-31",
        &[visit("1", "ann", "2026-01-05")],
    );
    let close = Entry::close(id("c"), date("2026-01-31"), Close::Hard);
    enter(&mut journal, "2026-02-02", &[close]);
    let before = journal
        .view("people")
        .unwrap()
        .as_of(date("2026-01-31"))
        .panel()
        .unwrap();
    enter(
        &mut journal,
        "2026-02-07",
        &[visit("2", "ann", "2026-01-06")],
    );
    let panel = journal.view("people").unwrap().panel().unwrap();
    let of = |column: &str, period: &str| panel.get(column, ["ann"], period).unwrap().ratio();
    assert_eq!(
        of("visits.missing", "2026-01"),
        before
            .get("visits.missing", ["ann"], "2026-01")
            .unwrap()
            .ratio()
    );
    assert_eq!(of("visits.missing", "2026-01"), Ok(9.into()));
    assert_eq!(
        of("adjustment of 2026-01 (visits.missing)", "2026-02"),
        Ok((-1).into())
    );
    let text = serde_json::to_string(&journal.snapshot()).unwrap();
    let again: Snapshot = serde_json::from_str(&text).unwrap();
    let again = Journal::open(&model(), again).unwrap();
    assert_eq!(again.view("people").unwrap().panel().unwrap(), panel);
}

#[test]
fn what_was_open_before_the_journal_began_falls_to_nobody() {
    let mut journal = Journal::new(&model(), date("2026-01-05")).unwrap();
    enter(&mut journal, "2026-01-20", &[]);
    // The week of the 9th began on the 3rd.
    assert_eq!(
        told(&journal, "people", &["ann"], "2026-01", "2026-01-20"),
        [2, 0, 2]
    );
}

#[test]
fn every_mistake_of_a_duty_is_told_with_its_place() {
    let mut document = definition();
    let mut wrong = document["duties"][0].clone();
    wrong["who"]["level"] = json!("persn");
    let mut often = document["duties"][0].clone();
    (often["key"], often["under"]) = (json!("calls"), json!("nord"));
    let mut kind = document["duties"][0].clone();
    (kind["key"], kind["evidence"]["kinds"]) = (json!("talks"), json!(["visitt"]));
    document["duties"] = json!([document["duties"][0], wrong, often, kind]);
    document["views"][0]["show"] = json!(["visits.dew"]);
    let definition: ModelDef = serde_json::from_value(document).unwrap();
    let error = Model::new(definition).unwrap_err().to_string();
    let lines: Vec<&str> = error.lines().collect();
    for (place, text) in [
        ("views[0].show[0]: ", "did you mean `visits.due`"),
        ("duties[1]: ", "the duty `visits` is declared twice"),
        ("duties[1].who: ", "persn"),
        (
            "duties[2].under: ",
            "there is no member `nord` above the level `person`; known: `north`, `south`",
        ),
        ("duties[3]: ", "visitt"),
    ] {
        let is_told = |line: &&str| line.starts_with(place) && line.contains(text);
        assert!(lines.iter().any(is_told), "{place}{text}\n{error}");
    }
}

#[test]
fn what_became_of_a_duty_is_worked_out_once_for_all_views_while_nothing_changes() {
    let mut journal = opened();
    enter(
        &mut journal,
        "2026-03-31",
        &[visit("1", "ann", "2026-01-05")],
    );
    let read = |journal: &Journal, view: &str| {
        let before = journal.cells_read();
        journal.view(view).unwrap().panel().unwrap();
        journal.cells_read() - before
    };
    // Two people have thirteen Fridays each, and what is open on the next.
    let first = read(&journal, "people");
    assert!(first >= 28, "{first}");
    assert_eq!(read(&journal, "people"), 0);
    // The other views read the one visit alone.
    assert!(read(&journal, "teams") <= 2);
    assert!(read(&journal, "whole") <= 2);
    enter(
        &mut journal,
        "2026-04-01",
        &[excused(
            "x",
            "2026-04-01",
            ("ann", "2026-01-09", "2026-01-10"),
        )],
    );
    assert!(read(&journal, "people") >= 28);
    assert_eq!(
        told(&journal, "people", &["ann"], "2026-01", "2026-04-01"),
        [9, 1, 8]
    );
}
