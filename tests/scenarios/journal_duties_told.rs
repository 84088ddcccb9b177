//! What days tell of duties, worked by hand: what falls due, what is missing the day after, and what is known later.

use quotaflow::journal::{Close, DutyState, Entry, EntryId, Journal, Snapshot};
use quotaflow::model::Model;
use quotaflow::quantity::Ratio;
use serde_json::json;

use crate::journal_duties::{date, definition, enter, evening, id, model, opened, told, visit};

/// Who has which state of what was due when, of what a day tells of duties.
fn brought(journal: &Journal, day: &str) -> Vec<(String, String, Option<DutyState>)> {
    let day = journal.day(date(day)).unwrap();
    let each = day.duties.into_iter();
    each.map(|own| (own.member.to_string(), own.due.to_string(), own.after))
        .collect()
}

pub fn state([on_time, late, missing, not_yet_due]: [i64; 4]) -> DutyState {
    let mut own = DutyState::default();
    (own.on_time, own.late) = (on_time, late);
    (own.missing, own.not_yet_due) = (missing, not_yet_due);
    own
}

fn line(member: &str, due: &str, own: [i64; 4]) -> (String, String, Option<DutyState>) {
    (member.to_owned(), due.to_owned(), Some(state(own)))
}

/// With two days of grace, and three working days after which what is missing stays so.
pub fn lenient() -> Model {
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

/// Zoe is moved to the north on the 6th, and turns out to have joined on the 20th only: on that day what was due since is told, and a
/// snapshot holds that.
#[test]
fn who_joins_and_was_moved_before_brings_what_was_due_since_on_the_day_of_the_join() {
    let mut journal = opened();
    let moved = Entry::moving(id("m"), date("2026-01-06"), ("person", "zoe", "north")).unwrap();
    let joined = Entry::join(id("j"), date("2026-01-20"), ("person", "person", "zoe")).unwrap();
    enter(&mut journal, "2026-01-23", &[moved, joined]);
    let of_zoe = |day: &str| -> Vec<String> {
        let own = brought(&journal, day).into_iter();
        own.filter(|(member, ..)| member == "zoe")
            .map(|(_, due, _)| due)
            .collect()
    };
    assert_eq!(of_zoe("2026-01-09"), [""; 0]);
    assert_eq!(of_zoe("2026-01-20"), ["2026-01-09", "2026-01-16"]);
    let text = serde_json::to_string(&journal.snapshot()).unwrap();
    let read: Snapshot = serde_json::from_str(&text).unwrap();
    assert!(Journal::open(&model(), read).is_ok());
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
        let first = date("2026-01-05");
        let mondays = first.iter_weeks().take_while(|own| *own < date(day));
        // One visit in each week, of the two that are due.
        let visits: Vec<Entry> = mondays
            .map(|own| visit(&own.to_string(), "ann", &own.to_string()))
            .collect();
        enter(&mut journal, day, &visits);
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
