//! What days tell of duties that were due before them, worked by hand: entries that reach further back than to their own day, since whom they
//! name was named before, or since a record has a date of another day. A snapshot of each journal opens again.

use quotaflow::journal::{DutyNotice, Entry, Journal, Snapshot};
use quotaflow::ledger::Record;
use quotaflow::model::Model;
use quotaflow::space::TenureDef;
use serde_json::{Value, json};

use crate::journal_duties::{date, definition, enter, evening, id, told};
use crate::journal_duties_told::state;

fn begun(document: &Value) -> Journal {
    let model: Model = serde_json::from_value(document.clone()).unwrap();
    Journal::new(&model, date("2026-01-01")).unwrap()
}

/// The same after a restart.
fn restarted(journal: &Journal) -> Journal {
    let text = serde_json::to_string(&journal.snapshot()).unwrap();
    let read: Snapshot = serde_json::from_str(&text).unwrap();
    Journal::open(journal.model(), read).unwrap()
}

/// What a day brings of somebody: of which due day, what was missing and what is; beside what it learned of days before it.
fn brought(journal: &Journal, day: &str, member: &str) -> Vec<(String, Option<i64>, Option<i64>)> {
    of(journal, day, member, |own| own.learned.is_none())
}

fn learned(journal: &Journal, day: &str, member: &str) -> Vec<(String, Option<i64>, Option<i64>)> {
    of(journal, day, member, |own| {
        own.learned == Some(evening(day))
    })
}

fn of(
    journal: &Journal,
    day: &str,
    member: &str,
    is: impl Fn(&DutyNotice) -> bool,
) -> Vec<(String, Option<i64>, Option<i64>)> {
    let all = journal.day(date(day)).unwrap().duties.into_iter();
    let own = all.filter(|own| own.member == *member && is(own));
    own.map(|own| {
        let missing = [own.before, own.after].map(|state| state.map(|own| own.missing));
        (own.due.to_string(), missing[0], missing[1])
    })
    .collect()
}

fn line(due: &str, before: Option<i64>, after: Option<i64>) -> (String, Option<i64>, Option<i64>) {
    (due.to_owned(), before, after)
}

fn joins(number: &str, day: &str, level: &str, member: &str) -> Entry {
    Entry::join(id(number), date(day), ("person", level, member)).unwrap()
}

fn moves(number: &str, day: &str, member: &str, parent: &str) -> Entry {
    Entry::moving(id(number), date(day), ("person", member, parent)).unwrap()
}

/// Ann is moved to the west on the 6th, and Zoe joins it then, and the west is there from the 20th on: until then Ann is in nothing, and
/// neither of them below Europe, in which the west is.
#[test]
fn a_team_that_is_there_later_than_its_people_brings_what_was_due_of_them_on_its_day() {
    for under in [None, Some("europe")] {
        let mut document = definition();
        if under.is_some() {
            let levels = json!(["region", "team", "person"]);
            document["dimensions"][0]["hierarchies"][0]["levels"] = levels;
            let members = document["dimensions"][0]["members"].as_array_mut();
            members
                .unwrap()
                .push(json!({"key": "europe", "level": "region"}));
            document["duties"][0]["under"] = json!(under);
        }
        let mut journal = begun(&document);
        let mut entries = vec![
            moves("1", "2026-01-06", "ann", "west"),
            joins("2", "2026-01-06", "person", "zoe")
                .under("west")
                .unwrap(),
            joins("3", "2026-01-20", "team", "west"),
        ];
        if under.is_some() {
            entries.push(moves("4", "2026-01-08", "west", "europe"));
        }
        enter(&mut journal, "2026-01-23", &entries);
        let journal = restarted(&journal);
        // Who joins is there, whatever that is in.
        let members: &[&str] = if under.is_some() {
            &["ann", "zoe"]
        } else {
            &["ann"]
        };
        for member in members {
            for day in ["2026-01-09", "2026-01-10", "2026-01-16", "2026-01-17"] {
                assert_eq!(brought(&journal, day, member), [], "{member} on {day}");
            }
            let since = [
                line("2026-01-09", None, Some(2)),
                line("2026-01-16", None, Some(2)),
            ];
            assert_eq!(brought(&journal, "2026-01-20", member), since);
        }
    }
}

/// Bo holds p9 beside s1 from the 6th on, and p9 is there from the 20th on.
#[test]
fn a_post_that_is_there_later_than_who_holds_it_brings_what_was_due_since_on_its_day() {
    let mut document = crate::journal_post_duties::of_people();
    document["duties"][0]["stay"] = json!("by_parts");
    let entries = [
        Entry::hold(
            id("1"),
            date("2026-01-06"),
            TenureDef::always("p9", "bo").unwrap(),
        ),
        Entry::join(id("2"), date("2026-01-20"), ("post", "post", "p9"))
            .unwrap()
            .under("north")
            .unwrap(),
        Entry::record(
            "crm",
            Record::new("visit", date("2026-01-13"))
                .id("1")
                .of("person", "bo"),
        )
        .unwrap(),
    ];
    let mut journal = begun(&document);
    enter(&mut journal, "2026-01-23", &entries);
    let of_people = restarted(&journal);
    // One whole post on the 5th, and two on the four other days, of two visits for a whole one: 3.6; four in the next week.
    let since = [
        line("2026-01-09", Some(2), Some(4)),
        line("2026-01-16", Some(1), Some(3)),
    ];
    assert_eq!(brought(&of_people, "2026-01-20", "bo"), since);
    // By his one post his visit is that of s1; who has two visits for neither.
    let mut journal = begun(&crate::journal_post_duties::document());
    enter(&mut journal, "2026-01-23", &entries);
    let of_posts = restarted(&journal);
    let since = [line("2026-01-16", Some(1), Some(2))];
    assert_eq!(brought(&of_posts, "2026-01-20", "s1"), since);
    assert_eq!(
        brought(&of_posts, "2026-01-17", "s1"),
        [line("2026-01-16", Some(0), Some(1))]
    );
}

/// Bo is in nothing from the 12th on by the model, and in the north again from the 20th on: then he was there all the time.
#[test]
fn a_move_that_fills_a_gap_brings_what_was_due_in_it() {
    let mut document = definition();
    document["dimensions"][0]["hierarchies"][0]["links"][1]["to"] = json!("2026-01-12");
    let (first, second) = (
        moves("1", "2026-01-06", "bo", "north"),
        moves("2", "2026-01-20", "bo", "north"),
    );
    let since = [line("2026-01-16", None, Some(2))];
    let mut journal = begun(&document);
    enter(&mut journal, "2026-01-23", &[first.clone(), second.clone()]);
    let told = restarted(&journal);
    assert_eq!(brought(&told, "2026-01-16", "bo"), []);
    assert_eq!(brought(&told, "2026-01-20", "bo"), since);
    // That is known later.
    let mut journal = begun(&document);
    enter(&mut journal, "2026-01-22", std::slice::from_ref(&first));
    enter(&mut journal, "2026-01-23", &[second]);
    assert_eq!(learned(&restarted(&journal), "2026-01-23", "bo"), since);
    // The team to which he moves is there later still.
    let mut journal = begun(&document);
    let entries = [
        first,
        moves("2", "2026-01-20", "bo", "west"),
        joins("3", "2026-01-22", "team", "west"),
    ];
    enter(&mut journal, "2026-01-23", &entries);
    let told = restarted(&journal);
    assert_eq!(brought(&told, "2026-01-20", "bo"), []);
    assert_eq!(brought(&told, "2026-01-22", "bo"), since);
}

/// Zoe is said to have been in the north since the 6th, and to join on the 20th: then on the 28th, which is known on the 24th.
#[test]
fn a_join_whose_day_is_corrected_at_once_takes_back_all_that_was_due_before_both_days() {
    let mut journal = begun(&definition());
    let entries = [
        moves("1", "2026-01-06", "zoe", "north"),
        joins("2", "2026-01-20", "person", "zoe"),
    ];
    enter(&mut journal, "2026-01-23", &entries);
    let corrected = [
        Entry::void(id("3"), date("2026-01-24"), id("2")),
        joins("4", "2026-01-28", "person", "zoe"),
    ];
    enter(&mut journal, "2026-01-24", &corrected);
    let mut journal = restarted(&journal);
    let back: Vec<_> = [("2026-01-09", 2), ("2026-01-16", 2), ("2026-01-23", 0)]
        .map(|(due, missing)| line(due, Some(missing), None))
        .into();
    assert_eq!(learned(&journal, "2026-01-24", "zoe"), back);
    enter(&mut journal, "2026-01-30", &[]);
    let journal = restarted(&journal);
    let since: Vec<_> = ["2026-01-09", "2026-01-16", "2026-01-23"]
        .map(|due| line(due, None, Some(2)))
        .into();
    assert_eq!(brought(&journal, "2026-01-28", "zoe"), since);
}

/// A visit of the 8th is told by a record of the 20th, and counts for the 9th once that has come.
#[test]
fn evidence_that_another_date_places_is_told_on_the_day_of_its_record_and_on_that_of_the_date() {
    let mut document = definition();
    document["kinds"][0]["dates"] = json!([{"field": "visited"}, {"field": "signed"}]);
    let visit = |day: &str, field: &str, on: &str| {
        let record = Record::new("visit", date(day)).id("1").of("person", "ann");
        Entry::record("crm", record.date(field, date(on))).unwrap()
    };
    let placed = json!({"kinds": ["visit"], "date": "visited"});
    let signed = json!({"kinds": ["visit"], "where": [{"has": "signed"}]});
    for (evidence, entry) in [
        (placed, visit("2026-01-20", "visited", "2026-01-08")),
        (signed, visit("2026-01-08", "signed", "2026-01-20")),
    ] {
        document["duties"][0]["evidence"] = evidence.clone();
        let mut journal = begun(&document);
        enter(&mut journal, "2026-01-23", std::slice::from_ref(&entry));
        let journal = restarted(&journal);
        let missing = [line("2026-01-09", Some(0), Some(2))];
        assert_eq!(
            brought(&journal, "2026-01-10", "ann"),
            missing,
            "{evidence}"
        );
        let done = [line("2026-01-09", Some(2), Some(1))];
        assert_eq!(brought(&journal, "2026-01-20", "ann"), done, "{evidence}");
        assert_eq!(
            told(&journal, "people", &["ann"], "2026-01", "2026-01-19"),
            [6, 0, 6]
        );
        assert_eq!(
            told(&journal, "people", &["ann"], "2026-01", "2026-01-20"),
            [6, 1, 5]
        );
        // What was told before that day, and is told of it after a restart and a close of the books.
        let mut journal = begun(&document);
        enter(&mut journal, "2026-01-19", std::slice::from_ref(&entry));
        let close = Entry::close(id("c"), date("2026-01-12"), quotaflow::journal::Close::Hard);
        let later = evening("2026-01-19") + chrono::Duration::hours(1);
        journal.enter(later, date("2026-01-19"), &[close]).unwrap();
        let mut journal = restarted(&journal);
        enter(&mut journal, "2026-01-23", &[]);
        assert_eq!(brought(&journal, "2026-01-20", "ann"), done, "{evidence}");
        restarted(&journal);
        let notice = journal.day(date("2026-01-20")).unwrap().duties.remove(0);
        assert_eq!(notice.after, Some(state([1, 0, 1, 0])), "{evidence}");
    }
}

/// Ann visits on the 8th whom she names, and who joins on the 20th only.
#[test]
fn different_customers_who_join_later_than_they_are_recorded_are_told_on_the_day_of_their_join() {
    let mut document = definition();
    document["dimensions"]
        .as_array_mut()
        .unwrap()
        .push(json!({"key": "customer",
            "hierarchies": [{"key": "customer", "levels": ["class", "customer"]}],
            "members": [{"key": "a", "level": "class"}, {"key": "c1", "level": "customer"}]}));
    document["kinds"][0]["dimensions"] = json!([{"field": "person"}, {"field": "customer"}]);
    let customer = json!({"member": {"dimension": "customer"}});
    let visit = |id: &str, day: &str, customer: &str| {
        let record = Record::new("visit", date(day)).id(id).of("person", "ann");
        Entry::record("crm", record.of("customer", customer)).unwrap()
    };
    let joins = |number: &str, day: &str| {
        Entry::join(id(number), date(day), ("customer", "customer", "c9")).unwrap()
    };
    for each in [
        json!("records"),
        json!({"distinct": customer}),
        json!({"new": customer}),
    ] {
        document["duties"][0]["each"] = each.clone();
        let visits = [
            visit("1", "2026-01-08", "c1"),
            visit("2", "2026-01-08", "c9"),
        ];
        let mut journal = begun(&document);
        enter(
            &mut journal,
            "2026-01-23",
            &[&visits[..], &[joins("1", "2026-01-20")]].concat(),
        );
        // Records are two at once; a customer is one of several once it is there.
        let is_plain = each == json!("records");
        let changes = |before, after| {
            let own = line("2026-01-09", Some(before), Some(after));
            if is_plain { Vec::new() } else { vec![own] }
        };
        let as_of = |as_of| told(&journal, "people", &["ann"], "2026-01", as_of);
        let before = if is_plain { [6, 2, 4] } else { [6, 1, 5] };
        assert_eq!(as_of("2026-01-19"), before, "{each}");
        assert_eq!(as_of("2026-01-20"), [6, 2, 4], "{each}");
        assert_eq!(
            brought(&journal, "2026-01-20", "ann"),
            changes(1, 0),
            "{each}"
        );
        let mut journal = restarted(&journal);
        let corrected = [
            Entry::void(id("2"), date("2026-01-24"), id("1")),
            joins("3", "2026-01-28"),
        ];
        enter(&mut journal, "2026-01-24", &corrected);
        let mut journal = restarted(&journal);
        assert_eq!(
            learned(&journal, "2026-01-24", "ann"),
            changes(0, 1),
            "{each}"
        );
        enter(&mut journal, "2026-01-30", &[]);
        let journal = restarted(&journal);
        assert_eq!(
            brought(&journal, "2026-01-28", "ann"),
            changes(1, 0),
            "{each}"
        );
    }
}
