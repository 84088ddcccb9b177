//! Duties of all members of a level, worked by hand: who has them from which day on, and what counts for them.

use chrono::{NaiveDate, NaiveDateTime};
use quotaflow::calendar::DayRange;
use quotaflow::journal::{Close, DutyState, Entry, EntryId, Journal, Snapshot};
use quotaflow::ledger::Record;
use quotaflow::limits::{Limits, Size};
use quotaflow::model::{Model, ModelDef};
use quotaflow::panel::{ColumnKey, Panel, Reason};
use quotaflow::quantity::Ratio;
use quotaflow::scorecard::{CurveDef, InputDef, KpiDef, ScorecardDef};
use serde_json::{Value, json};

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn definition() -> Value {
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

fn model() -> Model {
    serde_json::from_value(definition()).unwrap()
}

fn visit(id: &str, person: &str, day: &str) -> Entry {
    let record = Record::new("visit", date(day)).id(id).of("person", person);
    Entry::record("crm", record).unwrap()
}

fn id(text: &str) -> EntryId {
    EntryId::new("hr", text).unwrap()
}

fn evening(day: &str) -> NaiveDateTime {
    date(day).and_hms_opt(22, 0, 0).unwrap()
}

fn enter(journal: &mut Journal, through: &str, entries: &[Entry]) {
    journal
        .enter(evening(through), date(through), entries)
        .unwrap();
}

fn opened() -> Journal {
    Journal::new(&model(), date("2026-01-01")).unwrap()
}

/// Due, done and missed of a row and period.
fn told(journal: &Journal, view: &str, row: &[&str], period: &str, as_of: &str) -> [i64; 3] {
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

/// Who has which state of what was due when, of what a day tells of duties.
fn brought(journal: &Journal, day: &str) -> Vec<(String, String, Option<DutyState>)> {
    let day = journal.day(date(day)).unwrap();
    let each = day.duties.into_iter();
    each.map(|own| (own.member.to_string(), own.due.to_string(), own.after))
        .collect()
}

fn state([on_time, late, missing, not_yet_due]: [i64; 4]) -> DutyState {
    let mut own = DutyState::default();
    (own.on_time, own.late) = (on_time, late);
    (own.missing, own.not_yet_due) = (missing, not_yet_due);
    own
}

fn line(member: &str, due: &str, own: [i64; 4]) -> (String, String, Option<DutyState>) {
    (member.to_owned(), due.to_owned(), Some(state(own)))
}

/// With two days of grace, and three working days after which what is missing stays so.
fn lenient() -> Model {
    let mut document = definition();
    document["duties"][0]["grace"] = json!({"days": 2});
    document["duties"][0]["late"] = json!({"working_days": 3});
    document["views"][0]["show"] = json!([
        "visits.due",
        "visits.on_time",
        "visits.late",
        "visits.missing",
        "visits.punctuality"
    ]);
    serde_json::from_value(document).unwrap()
}

#[test]
fn a_day_tells_what_falls_due_and_the_day_after_what_is_missing() {
    let mut journal = opened();
    let entries = [
        visit("1", "ann", "2026-01-05"),
        visit("2", "ann", "2026-01-09"),
        visit("3", "bo", "2026-01-08"),
    ];
    enter(&mut journal, "2026-01-12", &entries);
    assert_eq!(brought(&journal, "2026-01-08"), []);
    let friday = [
        line("ann", "2026-01-09", [2, 0, 0, 0]),
        line("bo", "2026-01-09", [1, 0, 0, 1]),
    ];
    assert_eq!(brought(&journal, "2026-01-09"), friday);
    assert_eq!(
        brought(&journal, "2026-01-10"),
        [line("bo", "2026-01-09", [1, 0, 1, 0])]
    );
    assert_eq!(brought(&journal, "2026-01-11"), []);
    // Of a day that is not complete there is a preview.
    assert!(journal.day(date("2026-01-16")).unwrap().is_preview());
    let next = [
        line("ann", "2026-01-16", [0, 0, 0, 2]),
        line("bo", "2026-01-16", [0, 0, 0, 2]),
    ];
    assert_eq!(brought(&journal, "2026-01-16"), next);
    let text = serde_json::to_string(&journal.snapshot()).unwrap();
    let again: Snapshot = serde_json::from_str(&text).unwrap();
    let again = Journal::open(&model(), again).unwrap();
    for day in ["2026-01-09", "2026-01-10", "2026-01-16"] {
        assert_eq!(
            again.day(date(day)).unwrap(),
            journal.day(date(day)).unwrap()
        );
    }
}

#[test]
fn what_was_told_missing_and_is_known_to_be_done_later_is_told_as_a_difference() {
    let mut journal = opened();
    enter(
        &mut journal,
        "2026-01-12",
        &[visit("1", "ann", "2026-01-05")],
    );
    enter(
        &mut journal,
        "2026-01-14",
        &[visit("2", "ann", "2026-01-08")],
    );
    let day = journal.day(date("2026-01-14")).unwrap();
    assert_eq!(day.duties.len(), 1);
    let late = &day.duties[0];
    assert_eq!(
        (late.member.as_str(), late.due),
        ("ann", date("2026-01-09"))
    );
    assert_eq!(late.learned, Some(evening("2026-01-14")));
    assert_eq!(
        (late.before, late.after),
        (Some(state([1, 0, 1, 0])), Some(state([2, 0, 0, 0])))
    );
    // What was told stays told.
    assert_eq!(
        brought(&journal, "2026-01-10")[0],
        line("ann", "2026-01-09", [1, 0, 1, 0])
    );
    // That he had left by then, as is known later, takes it from him.
    let left = Entry::end(id("1"), date("2026-01-06"), ("person", "bo")).unwrap();
    enter(&mut journal, "2026-01-15", &[left]);
    let day = journal.day(date("2026-01-15")).unwrap();
    let gone: Vec<_> = day
        .duties
        .iter()
        .map(|own| (own.member.as_str(), own.before, own.after))
        .collect();
    assert_eq!(gone, [("bo", Some(state([0, 0, 2, 0])), None)]);
}

#[test]
fn within_its_grace_a_duty_is_in_time_and_the_day_on_which_that_is_over_is_told() {
    let mut journal = Journal::new(&lenient(), date("2026-01-01")).unwrap();
    let entries = [
        // Of the week of the 9th: one in time, one on the second day of grace, one too late by then, one for the next week.
        visit("1", "ann", "2026-01-09"),
        visit("2", "ann", "2026-01-11"),
        visit("3", "bo", "2026-01-14"),
        visit("4", "bo", "2026-01-15"),
        visit("5", "bo", "2026-01-15"),
    ];
    enter(&mut journal, "2026-01-20", &entries);
    assert_eq!(
        brought(&journal, "2026-01-09"),
        [
            line("ann", "2026-01-09", [1, 0, 0, 1]),
            line("bo", "2026-01-09", [0, 0, 0, 2])
        ]
    );
    assert_eq!(
        brought(&journal, "2026-01-11"),
        [line("ann", "2026-01-09", [2, 0, 0, 0])]
    );
    // Grace is over on Sunday the 11th; three working days from then end on Wednesday the 14th.
    assert_eq!(
        brought(&journal, "2026-01-12"),
        [line("bo", "2026-01-09", [0, 0, 2, 0])]
    );
    assert_eq!(
        brought(&journal, "2026-01-14"),
        [line("bo", "2026-01-09", [0, 1, 1, 0])]
    );
    assert_eq!(brought(&journal, "2026-01-15"), []);
    let panel = journal.view("people").unwrap().panel().unwrap();
    let of = |what: &str| {
        panel
            .get(&format!("visits.{what}"), ["bo"], "2026-01")
            .unwrap()
            .ratio()
    };
    // Fridays the 2nd (missed), the 9th and the 16th.
    assert_eq!(
        [of("due"), of("on_time"), of("late"), of("missing")],
        [6, 2, 1, 3].map(|all| Ok(all.into()))
    );
    assert_eq!(of("punctuality"), Ok(Ratio::new(1, 3).unwrap()));
}

#[test]
fn what_days_tell_of_duties_is_kept_until_the_books_are_closed() {
    let mut journal = opened();
    enter(
        &mut journal,
        "2026-02-03",
        &[visit("1", "ann", "2026-01-05")],
    );
    let told = journal.day(date("2026-01-10")).unwrap();
    let close = Entry::close(id("c"), date("2026-01-31"), Close::Hard);
    enter(&mut journal, "2026-02-04", &[close]);
    assert_eq!(journal.day(date("2026-01-10")).unwrap(), told);
    enter(&mut journal, "2026-02-05", &[]);
    let error = journal.day(date("2026-01-10")).unwrap_err().to_string();
    assert!(error.contains("2026-02-01"), "{error}");
}

fn excused(number: &str, day: &str, (member, from, to): (&str, &str, &str)) -> Entry {
    let days = DayRange::new(date(from), date(to)).unwrap();
    let entry = Entry::excuse(id(number), date(day), ("visits", member), days).unwrap();
    entry.by("eva").because("a fair")
}

fn figure(panel: &Panel, column: &str, row: &str, period: &str) -> Result<Ratio, Reason> {
    panel.get(column, [row], period).unwrap().ratio()
}

#[test]
fn who_is_excused_misses_nothing_from_the_day_on_which_that_was_decided() {
    let mut document = definition();
    document["views"][0]["show"] = json!([
        "visits.due",
        "visits.missing",
        "visits.excused",
        "visits.completeness"
    ]);
    let model: Model = serde_json::from_value(document).unwrap();
    let mut journal = Journal::new(&model, date("2026-01-01")).unwrap();
    let entries = [
        visit("1", "ann", "2026-01-05"),
        visit("2", "ann", "2026-01-06"),
        visit("3", "ann", "2026-01-12"),
        // Of Friday the 16th, decided on the Monday after.
        excused("x", "2026-01-19", ("ann", "2026-01-12", "2026-01-17")),
    ];
    enter(&mut journal, "2026-01-21", &entries);
    let asked = |as_of: &str| {
        journal
            .view("people")
            .unwrap()
            .as_of(date(as_of))
            .panel()
            .unwrap()
    };
    let panel = asked("2026-01-21");
    let of = |what: &str| figure(&panel, &format!("visits.{what}"), "ann", "2026-01");
    // Fridays the 2nd (none of two), the 9th (both), the 16th (one, the other excused).
    assert_eq!(
        [of("due"), of("missing"), of("excused")],
        [5, 2, 1].map(|all| Ok(all.into()))
    );
    assert_eq!(of("completeness"), Ok(Ratio::new(3, 5).unwrap()));
    let before = asked("2026-01-18");
    assert_eq!(
        figure(&before, "visits.missing", "ann", "2026-01"),
        Ok(3.into())
    );
    assert_eq!(
        figure(&before, "visits.excused", "ann", "2026-01"),
        Ok(0.into())
    );
    // It is told on its day.
    let day = journal.day(date("2026-01-19")).unwrap();
    let told: Vec<_> = day
        .duties
        .iter()
        .map(|own| (own.member.as_str(), own.due, own.before, own.after))
        .collect();
    let after = Some(state([1, 0, 0, 0])).map(|own| {
        let mut own = own;
        own.excused = 1;
        own
    });
    assert_eq!(
        told,
        [("ann", date("2026-01-16"), Some(state([1, 0, 1, 0])), after)]
    );
    // A void takes it back, as what became known late; the decision and its void stay.
    enter(
        &mut journal,
        "2026-01-22",
        &[Entry::void(id("v"), date("2026-01-22"), id("x"))],
    );
    let panel = journal.view("people").unwrap().panel().unwrap();
    assert_eq!(
        figure(&panel, "visits.missing", "ann", "2026-01"),
        Ok(3.into())
    );
    let day = journal.day(date("2026-01-22")).unwrap();
    let told: Vec<_> = day
        .duties
        .iter()
        .map(|own| (own.learned.is_some(), own.before, own.after))
        .collect();
    assert_eq!(told, [(true, after, Some(state([1, 0, 1, 0])))]);
    assert!(journal.find(&id("x")).is_some() && journal.find(&id("v")).is_some());
}

#[test]
fn a_team_is_excused_as_those_who_are_in_it_on_the_due_day() {
    let mut journal = opened();
    let entries = [
        excused("x", "2026-01-03", ("south", "2026-01-09", "2026-01-17")),
        Entry::moving(id("m"), date("2026-01-12"), ("person", "ann", "south")).unwrap(),
        // Whoever is not there yet is waited for.
        excused("y", "2026-01-03", ("cy", "2026-01-09", "2026-01-17")),
    ];
    enter(&mut journal, "2026-01-20", &entries);
    assert_eq!(journal.waiting().len(), 1);
    // Bo has the 2nd only, and Ann the 2nd and the 9th.
    assert_eq!(
        told(&journal, "people", &["bo"], "2026-01", "2026-01-20"),
        [2, 0, 2]
    );
    assert_eq!(
        told(&journal, "people", &["ann"], "2026-01", "2026-01-20"),
        [4, 0, 4]
    );
    let join = Entry::join(id("j"), date("2026-01-05"), ("person", "person", "cy")).unwrap();
    enter(&mut journal, "2026-01-21", &[join.under("north").unwrap()]);
    assert!(journal.waiting().is_empty());
    enter(&mut journal, "2026-01-24", &[]);
    assert_eq!(
        told(&journal, "people", &["cy"], "2026-01", "2026-01-24"),
        [2, 0, 2]
    );
}

#[test]
fn what_is_done_after_a_due_day_that_is_excused_is_done_for_the_next_one() {
    let mut journal = Journal::new(&lenient(), date("2026-01-01")).unwrap();
    let entries = [
        excused("x", "2026-01-03", ("ann", "2026-01-09", "2026-01-10")),
        visit("1", "ann", "2026-01-08"),
        // Within the days of grace of the one that is excused.
        visit("2", "ann", "2026-01-10"),
        visit("3", "ann", "2026-01-11"),
    ];
    enter(&mut journal, "2026-01-20", &entries);
    let friday = journal.day(date("2026-01-16")).unwrap();
    assert_eq!(friday.duties[0].after, Some(state([2, 0, 0, 0])));
}

#[test]
fn an_excuse_of_closed_books_adjusts_the_first_open_period_and_survives_a_snapshot() {
    let mut journal = opened();
    enter(
        &mut journal,
        "2026-01-31",
        &[visit("1", "ann", "2026-01-05")],
    );
    let close = Entry::close(id("c"), date("2026-01-31"), Close::Hard);
    enter(&mut journal, "2026-02-02", &[close]);
    let excuse = excused("x", "2026-02-03", ("ann", "2026-01-09", "2026-01-10"));
    let receipt = journal
        .enter(evening("2026-02-03"), date("2026-02-03"), &[excuse])
        .unwrap();
    assert_eq!(receipt.late.len(), 1);
    let text = serde_json::to_string(&journal.snapshot()).unwrap();
    let again: Snapshot = serde_json::from_str(&text).unwrap();
    let again = Journal::open(&model(), again).unwrap();
    for journal in [&journal, &again] {
        let panel = journal.view("people").unwrap().panel().unwrap();
        assert_eq!(
            figure(&panel, "visits.missing", "ann", "2026-01"),
            Ok(9.into())
        );
        let adjusted = "adjustment of 2026-01 (visits.missing)";
        assert_eq!(figure(&panel, adjusted, "ann", "2026-02"), Ok((-1).into()));
    }
}

#[test]
fn an_excuse_without_a_name_or_of_no_duty_or_nobody_who_has_it_is_refused() {
    let mut journal = opened();
    let days = DayRange::new(date("2026-01-09"), date("2026-01-10")).unwrap();
    let of = |duty: &str| Entry::excuse(id("x"), date("2026-01-09"), (duty, "ann"), days).unwrap();
    let mut document = definition();
    document["duties"][0]["who"]["level"] = json!("team");
    document["views"].as_array_mut().unwrap().remove(0);
    let teams: Model = serde_json::from_value(document).unwrap();
    let mut refused = |entry: Entry| {
        let error = journal.enter(evening("2026-01-10"), date("2026-01-10"), &[entry]);
        error.unwrap_err().to_string()
    };
    assert!(refused(of("visits")).contains("needs a name and a reason"));
    let unknown = refused(of("visit").by("eva").because("a fair"));
    assert!(
        unknown.contains("there is no duty `visit`") && unknown.contains("visits"),
        "{unknown}"
    );
    let mut journal = Journal::new(&teams, date("2026-01-01")).unwrap();
    let error = journal.enter(
        evening("2026-01-10"),
        date("2026-01-10"),
        &[of("visits").by("eva").because("a fair")],
    );
    let error = error.unwrap_err().to_string();
    assert!(
        error.contains("`ann` neither has the duty `visits` nor stands above"),
        "{error}"
    );
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

fn reversed(of: &str, on: &str) -> Entry {
    let of = EntryId::new("crm", of).unwrap();
    Entry::reverse(id(&format!("R-{of}")), date(on), of)
}

/// What is due, done in time and missing of each due day in January, by what the days have told through one.
fn standing(journal: &Journal, through: &str) -> Vec<(String, Option<DutyState>)> {
    let mut stands = std::collections::BTreeMap::new();
    let first = date("2026-01-01");
    for day in first.iter_days().take_while(|day| *day <= date(through)) {
        for own in journal.day(day).unwrap().duties {
            stands.insert((own.due.to_string(), own.member.to_string()), own.after);
        }
    }
    let own = stands.into_iter().filter(|((_, who), _)| who == "ann");
    own.map(|((due, _), own)| (due, own)).collect()
}

#[test]
fn a_visit_that_is_taken_back_counts_no_more_for_its_own_due_day_and_takes_nothing_from_another() {
    for each in [
        json!("records"),
        json!({"distinct": {"member": {"dimension": "person"}}}),
        json!({"new": {"member": {"dimension": "person"}}}),
    ] {
        let mut document = definition();
        document["duties"][0]["times"] = json!(1);
        document["duties"][0]["each"] = each.clone();
        let model: Model = serde_json::from_value(document).unwrap();
        let mut journal = Journal::new(&model, date("2026-01-01")).unwrap();
        let entries = [
            visit("1", "ann", "2026-01-08"),
            reversed("1", "2026-01-12"),
            visit("2", "ann", "2026-01-13"),
        ];
        enter(&mut journal, "2026-01-20", &entries);
        // Fridays: the 2nd (missed), the 9th (done until the 12th), the 16th.
        let asked = |as_of| told(&journal, "people", &["ann"], "2026-01", as_of);
        assert_eq!(asked("2026-01-11"), [2, 1, 1], "{each}");
        assert_eq!(asked("2026-01-12"), [2, 0, 2], "{each}");
        assert_eq!(asked("2026-01-20"), [3, 1, 2], "{each}");
        // It is told on its day, though nothing stands open on it.
        let day = journal.day(date("2026-01-12")).unwrap().duties;
        let day: Vec<_> = day
            .iter()
            .map(|own| (own.due, own.before, own.after))
            .collect();
        let (done, missing) = (Some(state([1, 0, 0, 0])), Some(state([0, 0, 1, 0])));
        assert_eq!(day, [(date("2026-01-09"), done, missing)], "{each}");
        let wanted = [
            ("2026-01-02", missing),
            ("2026-01-09", missing),
            ("2026-01-16", done),
        ];
        let wanted = wanted.map(|(due, own)| (due.to_owned(), own));
        assert_eq!(standing(&journal, "2026-01-20"), wanted, "{each}");
    }
}

#[test]
fn that_a_visit_was_taken_back_is_told_as_a_difference_where_it_becomes_known_late() {
    let mut journal = opened();
    let visits = [
        visit("1", "ann", "2026-01-08"),
        visit("2", "ann", "2026-01-08"),
    ];
    enter(&mut journal, "2026-01-20", &visits);
    enter(&mut journal, "2026-01-25", &[reversed("1", "2026-01-18")]);
    let day = journal.day(date("2026-01-25")).unwrap().duties;
    let day: Vec<_> = day
        .iter()
        .map(|own| (own.due, own.learned, own.before, own.after))
        .collect();
    let (before, after) = (Some(state([2, 0, 0, 0])), Some(state([1, 0, 1, 0])));
    assert_eq!(
        day,
        [(
            date("2026-01-09"),
            Some(evening("2026-01-25")),
            before,
            after
        )]
    );
    // What is not reversed before a day that has not come is done until then.
    enter(&mut journal, "2026-01-26", &[reversed("2", "2026-01-28")]);
    assert_eq!(
        told(&journal, "people", &["ann"], "2026-01", "2026-01-26"),
        [8, 1, 7]
    );
    enter(&mut journal, "2026-01-28", &[]);
    let day = journal.day(date("2026-01-28")).unwrap().duties;
    let day: Vec<_> = day
        .iter()
        .map(|own| (own.due, own.before, own.after))
        .collect();
    assert_eq!(
        day,
        [(date("2026-01-09"), after, Some(state([0, 0, 2, 0])))]
    );
}

#[test]
fn what_a_day_brings_is_read_from_what_may_still_move_however_long_the_journal_has_been() {
    let read_on = |day: &str| {
        let mut journal = opened();
        enter(&mut journal, day, &[visit("1", "ann", "2026-01-05")]);
        let before = journal.cells_read();
        enter(&mut journal, &after(day), &[]);
        journal.cells_read() - before
    };
    let after_a_month = read_on("2026-01-29");
    assert!(after_a_month > 0);
    assert_eq!(read_on("2026-11-26"), after_a_month);
}

fn after(day: &str) -> String {
    date(day).succ_opt().unwrap().to_string()
}
