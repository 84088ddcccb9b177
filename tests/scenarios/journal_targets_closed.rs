//! Targets that are written down, and closed books: what a close tells, what is refused since, what is adjusted, and that what was
//! closed opens again.

use quotaflow::journal::{Close, Entry, EntryId, Journal, Snapshot};
use quotaflow::model::Model;
use serde_json::{Value, json};

use crate::journal_targets::{day, enter, model, refused, target, visit, written};

pub fn id(name: &str) -> EntryId {
    EntryId::new("hr", name).unwrap()
}

pub fn close(name: &str, on: &str, how: Close) -> Entry {
    Entry::close(id(name), day(on), how)
}

pub fn void(name: &str, on: &str, of: &str) -> Entry {
    let of = EntryId::new("planning", of).unwrap();
    Entry::void(id(name), day(on), of)
}

/// What of a closed period was adjusted since, all rows and later periods together.
pub fn adjusted(journal: &Journal, person: &str, (of, into): (&str, &str)) -> String {
    let panel = journal.view("months").unwrap().panel().unwrap();
    let column = format!("adjustment of {of} (target of visits)");
    match panel.get(column.as_str(), [person], into) {
        Ok(answer) => answer.to_string(),
        Err(_) => "none".to_owned(),
    }
}

/// Written and opened, which leads to the same bytes.
pub fn opened(model: &Model, journal: &Journal) -> Journal {
    let text = serde_json::to_string(&journal.snapshot()).unwrap();
    let read: Snapshot = serde_json::from_str(&text).unwrap();
    let opened = Journal::open(model, read).unwrap();
    assert_eq!(serde_json::to_string(&opened.snapshot()).unwrap(), text);
    opened
}

fn panel(journal: &Journal) -> Value {
    serde_json::to_value(journal.view("months").unwrap().panel().unwrap()).unwrap()
}

#[test]
fn paces_silence_cards_and_written_targets_are_opened_after_a_close() {
    let rules = json!([{"key": "asleep", "when": "quiet(visits) >= 3 day"}]);
    let silence = json!([{"key": "silence", "view": "months", "rules": rules}]);
    let paces = json!({"paces": [{"metric": "visits", "pacing": {"even": "calendar"}}]});
    for changes in [
        json!({"/watches": silence}),
        json!({"/views/0/review": paces}),
        json!({"/views/0/review": paces, "/watches": silence}),
        json!({"/views/0/review": paces, "/views/0/show": []}),
        json!({}),
    ] {
        let model = model(&changes);
        let mut journal = Journal::new(&model, day("2026-01-01")).unwrap();
        let entries = [
            written("1", "2026-01-01", &[("ann", "2026-01", 31)]),
            visit(1, "ann", "2026-01-01"),
            close("C", "2026-01-31", Close::Hard),
        ];
        enter(&mut journal, "2026-02-01", &entries);
        let again = opened(&model, &journal);
        assert_eq!(panel(&again), panel(&journal), "{changes}");
        // What was told of February beside is kept too.
        enter(
            &mut journal,
            "2026-03-01",
            &[
                visit(2, "bo", "2026-02-03"),
                close("D", "2026-02-28", Close::Hard),
            ],
        );
        let again = opened(&model, &journal);
        assert_eq!(panel(&again), panel(&journal), "{changes}");
    }
}

/// January's target 4 is set to 6 by an entry of 3 February; January is closed on the 10th.
#[test]
fn a_close_tells_what_was_written_while_its_periods_were_open_of_whatever_day() {
    for together in [false, true] {
        let model = model(&json!({}));
        let mut journal = Journal::new(&model, day("2026-01-01")).unwrap();
        enter(
            &mut journal,
            "2026-02-01",
            &[written("1", "2026-01-01", &[("ann", "2026-01", 4)])],
        );
        let more = written(
            "2",
            "2026-02-03",
            &[("ann", "2026-01", 6), ("ann", "2026-02", 7)],
        );
        let closed = close("C", "2026-01-31", Close::Hard);
        if together {
            enter(&mut journal, "2026-02-10", &[more, closed]);
        } else {
            enter(&mut journal, "2026-02-05", &[more]);
            assert_eq!(target(&journal, "ann", "2026-01"), "6 visit");
            enter(&mut journal, "2026-02-10", &[closed]);
        }
        for journal in [&opened(&model, &journal), &journal] {
            assert_eq!(target(journal, "ann", "2026-01"), "6 visit");
            assert_eq!(target(journal, "ann", "2026-02"), "7 visit");
            assert_eq!(adjusted(journal, "ann", ("2026-01", "2026-02")), "none");
            // As of a day on which it is closed it is as told; what was open then is as of that day.
            let view = journal.view("months").unwrap().as_of(day("2026-02-01"));
            let panel = view.panel().unwrap();
            let told = |period| {
                panel
                    .get("target:visits", ["ann"], period)
                    .unwrap()
                    .to_string()
            };
            assert_eq!(told("2026-01"), "6 visit");
            assert_eq!(told("2026-02"), "not applicable");
        }
        // Opened again, it is as of each day what was written by then.
        let reopening = Entry::reopen(id("O"), day("2026-01-01"))
            .by("eva")
            .because("a mistake");
        enter(&mut journal, "2026-02-12", &[reopening]);
        assert_eq!(target(&journal, "ann", "2026-01"), "6 visit");
        let view = journal.view("months").unwrap().as_of(day("2026-02-01"));
        let told = view
            .panel()
            .unwrap()
            .get("target:visits", ["ann"], "2026-01")
            .unwrap()
            .to_string();
        assert_eq!(told, "4 visit");
    }
}

#[test]
fn what_would_move_a_target_of_closed_books_is_refused_with_the_way_out() {
    let model = model(&json!({}));
    let mut journal = Journal::new(&model, day("2026-01-01")).unwrap();
    enter(
        &mut journal,
        "2026-02-01",
        &[
            written("1", "2026-01-01", &[("ann", "2026-01", 4)]),
            written(
                "2",
                "2026-01-02",
                &[("ann", "2026-01", 5), ("ann", "2026-02", 8)],
            ),
            close("C", "2026-01-31", Close::Hard),
        ],
    );
    let way_out = "write the difference down for an open period, or reopen";
    for (on, cells, place) in [
        ("2026-02-10", vec![("ann", "2026-01", 6)], "cells[0]"),
        (
            "2026-01-02",
            vec![("ann", "2026-02", 6), ("ann", "2026-01", 6)],
            "cells[1]",
        ),
        ("2026-02-10", vec![("bo", "2026-01", 6)], "cells[0]"),
        ("2026-02-10", vec![("unassigned", "2026-01", 6)], "cells[0]"),
    ] {
        let told = refused(&mut journal, "2026-02-11", written("3", on, &cells));
        assert!(
            told.contains(place) && told.contains(way_out) && told.contains("`2026-01`"),
            "{told}"
        );
    }
    let told = refused(&mut journal, "2026-02-11", void("V", "2026-02-10", "2"));
    assert!(told.contains("`ann`") && told.contains(way_out), "{told}");
    // What moves none of them is taken in: the same amount, what was written over anyway, an open period.
    let head = journal.head().entries;
    let same = written(
        "4",
        "2026-02-10",
        &[
            ("ann", "2026-01", 5),
            ("ann", "2026-02", 9),
            ("bo", "2026-03", 1),
        ],
    );
    let earlier = written("5", "2026-01-01", &[("ann", "2026-01", 77)]);
    enter(
        &mut journal,
        "2026-02-11",
        &[same, earlier, void("V", "2026-02-10", "1")],
    );
    assert_eq!(journal.head().entries, head + 3);
    assert_eq!(target(&journal, "ann", "2026-01"), "5 visit");
    assert_eq!(target(&journal, "ann", "2026-02"), "9 visit");
    assert_eq!(adjusted(&journal, "ann", ("2026-01", "2026-02")), "none");
    // By two voids in one hand-over it would be moved, by each alone it would not.
    let both = [void("W", "2026-02-11", "2"), void("X", "2026-02-11", "4")];
    let error = journal
        .enter(
            "2026-02-12T06:00:00".parse().unwrap(),
            day("2026-02-11"),
            &both,
        )
        .unwrap_err()
        .to_string();
    assert!(error.contains(way_out), "{error}");
    enter(&mut journal, "2026-02-12", &both[..1]);
    assert_eq!(target(&journal, "ann", "2026-01"), "5 visit");
    let told = refused(&mut journal, "2026-02-13", both[1].clone());
    assert!(told.contains(way_out), "{told}");
    // In the hand-over that reopens it all of it is taken in.
    let reopening = Entry::reopen(id("O"), day("2026-01-01"))
        .by("eva")
        .because("a mistake");
    enter(
        &mut journal,
        "2026-02-14",
        &[
            reopening,
            written("6", "2026-02-13", &[("ann", "2026-01", 6)]),
        ],
    );
    assert_eq!(target(&journal, "ann", "2026-01"), "6 visit");
}

#[test]
fn what_comes_back_by_a_void_of_a_void_moves_no_closed_target_either() {
    let model = model(&json!({}));
    let mut journal = Journal::new(&model, day("2026-01-01")).unwrap();
    let first = [
        written("1", "2026-01-01", &[("ann", "2026-01", 4)]),
        written("2", "2026-01-02", &[("ann", "2026-01", 5)]),
        void("V", "2026-01-03", "2"),
        close("C", "2026-01-31", Close::Hard),
    ];
    enter(&mut journal, "2026-02-01", &first);
    assert_eq!(target(&journal, "ann", "2026-01"), "4 visit");
    let told = refused(
        &mut journal,
        "2026-02-11",
        Entry::void(id("W"), day("2026-02-10"), id("V")),
    );
    assert!(told.contains("reopen"), "{told}");
}

/// Whoever joins after the close had no row in it: what was written for them before is an adjustment, and told as late.
#[test]
fn a_target_of_a_closed_period_that_waited_is_told_as_late_and_adjusts() {
    for (how, told) in [
        (Close::Hard, "adjusts what is closed hard"),
        (Close::Soft, "changes what is closed softly"),
    ] {
        let model = model(&json!({}));
        let mut journal = Journal::new(&model, day("2026-01-01")).unwrap();
        let first = [
            written("1", "2026-01-01", &[("cy", "2026-01", 3)]),
            close("C", "2026-01-31", how),
        ];
        enter(&mut journal, "2026-02-01", &first);
        let join = Entry::join(id("1"), day("2026-02-01"), ("person", "person", "cy")).unwrap();
        let receipt = journal
            .enter(
                "2026-02-03T06:00:00".parse().unwrap(),
                day("2026-02-02"),
                &[join.under("north").unwrap()],
            )
            .unwrap();
        let late: Vec<String> = receipt.late.iter().map(ToString::to_string).collect();
        assert_eq!(late, [format!("`planning/1` {told}")]);
        let expected = if how == Close::Hard {
            "3 visit"
        } else {
            "none"
        };
        assert_eq!(adjusted(&journal, "cy", ("2026-01", "2026-02")), expected);
        opened(&model, &journal);
    }
    // A target of March by an entry that is dated back reaches into nothing that is closed; one of January does.
    let model = model(&json!({}));
    let mut journal = Journal::new(&model, day("2026-01-01")).unwrap();
    enter(
        &mut journal,
        "2026-02-01",
        &[close("C", "2026-01-31", Close::Soft)],
    );
    for (name, on, period, count) in [
        ("1", "2026-01-10", "2026-03", 0),
        ("2", "2026-02-02", "2026-01", 1),
    ] {
        let known = format!("2026-02-0{}T06:00:00", count + 3);
        let entry = written(name, on, &[("ann", period, 1)]);
        let receipt = journal
            .enter(known.parse().unwrap(), day("2026-02-02"), &[entry])
            .unwrap();
        assert_eq!(receipt.late.len(), count, "{period}");
    }
}

/// cy joins after January was closed: what was written for her is of 15 March, and adjusts nothing before, whatever was closed since.
#[test]
fn what_a_close_tells_of_a_period_was_known_when_that_was_closed() {
    let model = model(&json!({}));
    let mut journal = Journal::new(&model, day("2026-01-01")).unwrap();
    let first = [
        written("1", "2026-03-15", &[("cy", "2026-01", 3)]),
        close("C", "2026-01-31", Close::Hard),
    ];
    enter(&mut journal, "2026-02-01", &first);
    let join = Entry::join(id("1"), day("2026-02-01"), ("person", "person", "cy")).unwrap();
    let more = [
        join.under("north").unwrap(),
        close("D", "2026-02-28", Close::Hard),
    ];
    enter(&mut journal, "2026-03-02", &more);
    for journal in [&opened(&model, &journal), &journal] {
        assert_eq!(adjusted(journal, "cy", ("2026-01", "2026-02")), "none");
        assert_eq!(adjusted(journal, "cy", ("2026-01", "2026-03")), "none");
    }
    enter(&mut journal, "2026-03-17", &[]);
    assert_eq!(adjusted(&journal, "cy", ("2026-01", "2026-03")), "3 visit");
}

#[test]
fn a_closed_target_of_the_whole_is_refused_as_one_of_the_whole() {
    let shown = json!(["visits", "target:visits"]);
    let model = model(&json!({"/views/0/rows": [], "/views/0/show": shown}));
    let mut journal = Journal::new(&model, day("2026-01-01")).unwrap();
    let of_all = |name: &str, amount: i64| {
        let cells = json!([{"subject": [], "period": "2026-01", "amount": amount}]);
        let own = json!({"view": "months", "metric": "visits", "cells": cells});
        let own: quotaflow::model::TargetsDef = serde_json::from_value(own).unwrap();
        let id = EntryId::new("planning", name).unwrap();
        Entry::new(
            id,
            day("2026-01-01"),
            quotaflow::journal::Content::Targets(own),
        )
    };
    let first = [of_all("1", 4), close("C", "2026-01-31", Close::Hard)];
    enter(&mut journal, "2026-02-01", &first);
    let told = refused(&mut journal, "2026-02-11", of_all("2", 5));
    assert!(
        told.contains("cells[0]: the target of the whole in `2026-01` would be another one"),
        "{told}"
    );
}

/// A void of a void of what reaches into closed books reaches into them as well.
#[test]
fn what_a_void_of_a_void_brings_back_is_told_as_late() {
    let model = model(&json!({}));
    let mut journal = Journal::new(&model, day("2026-01-01")).unwrap();
    let visit = visit(1, "ann", "2026-01-10");
    let of = EntryId::new("crm", "1").unwrap();
    let first = [visit, close("C", "2026-01-31", Close::Soft)];
    enter(&mut journal, "2026-02-01", &first);
    let told = |journal: &mut Journal, known: &str, entry: Entry| {
        let known: chrono::NaiveDateTime = format!("{known}T06:00:00").parse().unwrap();
        let receipt = journal.enter(known, day("2026-02-02"), &[entry]).unwrap();
        let late = receipt.late.iter().map(|late| late.entry.id.to_string());
        late.collect::<Vec<String>>()
    };
    let first = Entry::void(id("V"), day("2026-02-02"), of);
    assert_eq!(told(&mut journal, "2026-02-03", first), ["V"]);
    let second = Entry::void(id("W"), day("2026-02-02"), id("V"));
    assert_eq!(told(&mut journal, "2026-02-04", second), ["1", "W"]);
}

#[test]
fn a_reopening_from_a_day_on_leaves_the_period_that_ends_before_it_closed() {
    let model = model(&json!({}));
    let mut journal = Journal::new(&model, day("2026-01-01")).unwrap();
    let first = [
        written(
            "1",
            "2026-01-01",
            &[("ann", "2026-01", 4), ("ann", "2026-02", 5)],
        ),
        close("C", "2026-02-28", Close::Hard),
    ];
    enter(&mut journal, "2026-03-01", &first);
    let reopening = Entry::reopen(id("O"), day("2026-02-01"))
        .by("eva")
        .because("a mistake");
    let with = |period: &str| {
        [
            reopening.clone(),
            written("2", "2026-03-01", &[("ann", period, 6)]),
        ]
    };
    let january = journal.enter(
        "2026-03-02T06:00:00".parse().unwrap(),
        day("2026-03-01"),
        &with("2026-01"),
    );
    let told = january.unwrap_err().to_string();
    assert!(
        told.contains("`2026-01`") && told.contains("reopen"),
        "{told}"
    );
    enter(&mut journal, "2026-03-02", &with("2026-02"));
    assert_eq!(target(&journal, "ann", "2026-01"), "4 visit");
    assert_eq!(target(&journal, "ann", "2026-02"), "6 visit");
}
