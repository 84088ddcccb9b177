//! What is done to plans of a journal again: what is voided, comes back, is agreed, closed and reopened, and what is kept of it.

use quotaflow::journal::{Awaited, Close, Entry, Journal, JournalError, Receipt, Rejection};
use quotaflow::limits::{Limits, Size};
use quotaflow::panel::Panel;
use quotaflow::plan::Edit;
use serde_json::json;

use crate::journal_plans::{
    cascade, cell, cells, change, enter, hired, id, more, new, reasons, reopened, signed, sold,
    told,
};

fn void(name: &str, of: &str) -> Entry {
    Entry::void(id(name), "2026-02-01".parse().unwrap(), id(of))
}

fn agree(name: &str, day: &str, version: u64) -> Entry {
    let entry = Entry::agree(id(name), day.parse().unwrap(), "spring", version);
    entry.unwrap().by("bo")
}

fn anew(name: &str, day: &str, totals: &[(&str, i64)]) -> Entry {
    let totals = totals.iter().copied();
    signed(Entry::realign(id(name), day.parse().unwrap(), "spring", totals).unwrap())
}

fn february(journal: &Journal) -> Vec<(String, String)> {
    let all = cells(
        &reopened(journal).view("people").unwrap(),
        "target:sales",
        "2026-02",
    );
    let here = cells(&journal.view("people").unwrap(), "target:sales", "2026-02");
    assert_eq!(all, here);
    all
}

fn closed(name: &str, day: &str) -> Entry {
    Entry::close(id(name), day.parse().unwrap(), Close::Hard)
}

fn waiting(receipt: &Receipt) -> Vec<String> {
    receipt.waiting.iter().map(ToString::to_string).collect()
}

fn agreed(journal: &Journal) -> Option<u64> {
    journal.agreed("spring").map(|(version, _)| version)
}

#[test]
fn what_was_cascaded_anew_takes_in_what_came_back_before_it() {
    let mut journal = new();
    let entries = [
        cascade("1", "2025-12-12", "118.00"),
        change("2", "2025-12-13", more("ann", "2026-02", "2.00")),
    ];
    enter(&mut journal, "2025-12-14", &entries).unwrap();
    enter(&mut journal, "2025-12-15", &[void("3", "2")]).unwrap();
    enter(
        &mut journal,
        "2025-12-22",
        &[anew("4", "2025-12-22", &[("sales", 236)])],
    )
    .unwrap();
    assert_eq!(
        february(&journal),
        told(&[("ann", "56.00 EUR"), ("bo", "56.00 EUR")])
    );
    let receipt = enter(&mut journal, "2025-12-23", &[void("5", "3")]).unwrap();
    assert_eq!(
        february(&journal),
        told(&[("ann", "58.00 EUR"), ("bo", "56.00 EUR")])
    );
    // What it moves now is told again.
    assert_eq!(receipt.realigned.len(), 1);
    assert_eq!(journal.plan("spring").unwrap().version(), 2);
    // As it was known, it is what it was.
    let then = journal.view("people").unwrap();
    let then = then.known_at("2025-12-23T06:00:00".parse().unwrap());
    assert_eq!(
        cells(&then, "target:sales", "2026-02"),
        told(&[("ann", "56.00 EUR"), ("bo", "56.00 EUR")])
    );
    // Away again it is what it was before.
    enter(&mut journal, "2025-12-24", &[void("6", "5")]).unwrap_err();
    enter(
        &mut journal,
        "2025-12-24",
        &[void("6", "5"), void("7", "4")],
    )
    .unwrap();
    enter(&mut journal, "2025-12-25", &[void("8", "7")]).unwrap();
    assert_eq!(
        february(&journal),
        told(&[("ann", "56.00 EUR"), ("bo", "56.00 EUR")])
    );
}

#[test]
fn what_was_cascaded_anew_follows_another_cascade_before_it() {
    let mut journal = new();
    let entries = [
        cascade("1", "2025-12-12", "118.00"),
        hired("1", "2025-12-20", "cy", "north"),
        anew("2", "2025-12-22", &[]),
    ];
    enter(&mut journal, "2025-12-22", &entries).unwrap();
    let gone = [void("3", "1"), void("4", "2")];
    enter(&mut journal, "2025-12-23", &gone).unwrap();
    assert!(journal.plan("spring").is_err());
    let again = [cascade("5", "2025-12-20", "177.00"), void("6", "4")];
    enter(&mut journal, "2025-12-24", &again).unwrap();
    let each = "28.00 EUR";
    assert_eq!(
        february(&journal),
        told(&[("ann", each), ("bo", each), ("cy", each)])
    );
}

#[test]
fn an_agreement_never_means_other_numbers_than_those_that_were_agreed() {
    let mut journal = new();
    let entries = [
        cascade("1", "2025-12-12", "118.00"),
        change("2", "2025-12-13", more("ann", "2026-02", "2.00")),
        change("3", "2025-12-13", more("bo", "2026-02", "5.00")),
    ];
    enter(&mut journal, "2025-12-14", &entries).unwrap();
    enter(&mut journal, "2025-12-15", &[void("4", "2")]).unwrap();
    enter(&mut journal, "2025-12-16", &[agree("5", "2025-12-16", 1)]).unwrap();
    // What came before what was agreed comes back only with the agreement taken along.
    let error = enter(&mut journal, "2025-12-17", &[void("6", "4")]).unwrap_err();
    assert_eq!(
        reasons(error),
        [(0, "what `planning/2` did to the plan `spring` cannot come back before `planning/5`, which was done without it; void that in the same hand-over to take it along".to_owned())]
    );
    assert_eq!(agreed(&journal), Some(1));
    let both = [void("6", "4"), void("7", "5")];
    enter(&mut journal, "2025-12-17", &both).unwrap();
    assert_eq!(agreed(&journal), None);
    assert_eq!(journal.plan("spring").unwrap().version(), 2);
    // The agreement would come back to other numbers.
    let receipt = enter(&mut journal, "2025-12-18", &[void("8", "7")]).unwrap();
    assert_eq!(
        waiting(&receipt),
        [
            "`planning/5` waits because the plan `spring` does not take it: version 1 of the plan `spring` is not what it was when it was named: `planning/3` is not done any more: `planning/2` is done before it; name another one"
        ]
    );
    assert!(receipt.resumed.is_empty());
    assert_eq!(agreed(&reopened(&journal)), None);
    // With its numbers it stands again.
    let mut journal = reopened(&journal);
    let receipt = enter(&mut journal, "2025-12-19", &[void("9", "6")]).unwrap();
    assert_eq!(receipt.resumed, [id("4"), id("5")]);
    assert_eq!(agreed(&reopened(&journal)), Some(1));
}

#[test]
fn an_agreement_is_told_not_to_stand_when_a_hire_that_led_to_it_was_a_mistake() {
    let mut journal = new();
    let joins = json!([{"join": {"measure": "sales", "at": {"person": "dee"}, "from": "2026-02-01",
        "amount": "8.00", "balance": "top", "new": {"below": "north"}}}]);
    let entries = [cascade("1", "2025-12-12", "118.00")];
    enter(&mut journal, "2025-12-12", &entries).unwrap();
    let entries = [
        hired("1", "2025-12-13", "dee", "north"),
        change("2", "2025-12-13", joins),
        change("3", "2025-12-14", more("bo", "2026-02", "5.00")),
        agree("4", "2025-12-14", 1),
    ];
    enter(&mut journal, "2025-12-14", &entries).unwrap();
    let hire = quotaflow::journal::EntryId::new("hr", "1").unwrap();
    let mistake = Entry::void(id("5"), "2025-12-15".parse().unwrap(), hire);
    let receipt = enter(&mut journal, "2025-12-15", &[mistake]).unwrap();
    let told: Vec<&str> = receipt
        .waiting
        .iter()
        .map(|waiting| waiting.entry.id.as_str())
        .collect();
    assert_eq!(told, ["2", "4"]);
    assert!(matches!(receipt.waiting[0].awaits, Awaited::Member { .. }));
    assert_eq!(agreed(&journal), None);
    assert_eq!(journal.plan("spring").unwrap().version(), 1);
    let mut journal = reopened(&journal);
    let hire = hired("2", "2025-12-16", "dee", "north");
    let receipt = enter(&mut journal, "2025-12-16", &[hire]).unwrap();
    assert_eq!(receipt.resumed, [id("2"), id("4")]);
    assert_eq!(agreed(&reopened(&journal)), Some(1));
}

#[test]
fn a_change_that_names_a_version_never_means_another_one() {
    let mut journal = new();
    let entries = [
        cascade("1", "2025-12-12", "118.00"),
        change("2", "2025-12-13", more("ann", "2026-02", "2.00")),
        change("3", "2025-12-13", more("bo", "2026-02", "5.00")),
        change("4", "2025-12-14", json!([{"revert": {"to": 1}}])),
    ];
    enter(&mut journal, "2025-12-14", &entries).unwrap();
    let back = told(&[("ann", "30.00 EUR"), ("bo", "28.00 EUR")]);
    assert_eq!(february(&journal), back);
    // Nothing that the return touched is voided, but what it named.
    let error = enter(&mut journal, "2025-12-15", &[void("5", "2")]).unwrap_err();
    assert_eq!(
        reasons(error),
        [(0, "what `planning/2` did to the plan `spring` was built on by `planning/4`; void that in the same hand-over to take it along".to_owned())]
    );
    assert_eq!(february(&journal), back);
}

#[test]
fn of_several_voids_the_one_is_refused_on_which_something_was_built() {
    let mut journal = new();
    let hold =
        json!([{"hold": {"measure": "sales", "at": [{"person": "bo", "month": "2026-01"}]}}]);
    let entries = [
        cascade("1", "2025-12-12", "118.00"),
        change("2", "2025-12-13", more("ann", "2026-02", "2.00")),
        change("3", "2025-12-13", hold),
        change("4", "2025-12-14", json!([{"revert": {"to": 1}}])),
    ];
    enter(&mut journal, "2025-12-14", &entries).unwrap();
    // The hold is named by nobody: what returned to the version before it does so without it.
    let entries = [void("5", "3"), void("6", "2")];
    let error = enter(&mut journal, "2025-12-15", &entries).unwrap_err();
    let rows: Vec<usize> = reasons(error).into_iter().map(|(row, _)| row).collect();
    assert_eq!(rows, [1]);
    // Good ones enter without it.
    let receipt = journal
        .enter_good(
            "2025-12-16T06:00:00".parse().unwrap(),
            "2025-12-15".parse().unwrap(),
            &entries,
        )
        .unwrap();
    assert_eq!((receipt.added, receipt.rejected.len()), (1, 1));
    assert_eq!(journal.plan("spring").unwrap().version(), 2);
}

#[test]
fn a_void_of_a_void_and_of_what_is_voided_already_is_seen_through() {
    let mut journal = new();
    let entries = [
        cascade("1", "2025-12-12", "118.00"),
        change("2", "2025-12-13", more("ann", "2026-02", "2.00")),
        change("3", "2025-12-14", more("ann", "2026-02", "3.00")),
    ];
    enter(&mut journal, "2025-12-14", &entries).unwrap();
    // Both, so that the first may go; then the second comes back and is built on what would go again.
    enter(
        &mut journal,
        "2025-12-15",
        &[void("4", "2"), void("5", "3")],
    )
    .unwrap();
    enter(
        &mut journal,
        "2025-12-16",
        &[void("6", "4"), void("7", "5")],
    )
    .unwrap();
    let both = told(&[("ann", "33.00 EUR"), ("bo", "28.00 EUR")]);
    assert_eq!(february(&journal), both);
    // The void of the void of a void: the change goes by way of others, and is refused like one that is voided at once.
    let error = enter(&mut journal, "2025-12-17", &[void("8", "6")]).unwrap_err();
    assert_eq!(
        reasons(error),
        [(0, "what `planning/2` did to the plan `spring` was built on by `planning/3`; void that in the same hand-over to take it along".to_owned())]
    );
    // One that is taken back at once does nothing, and one more void of what is voided neither.
    enter(
        &mut journal,
        "2025-12-18",
        &[void("9", "2"), void("a", "9"), void("b", "5")],
    )
    .unwrap();
    assert_eq!(february(&journal), both);
}

#[test]
fn what_waited_and_is_not_taken_is_told_once_as_waiting() {
    let mut journal = new();
    let early = [change("2", "2026-01-05", more("zoe", "2026-02", "2.00"))];
    enter(&mut journal, "2026-01-05", &early).unwrap();
    let receipt = enter(
        &mut journal,
        "2026-01-07",
        &[cascade("1", "2025-12-12", "118.00")],
    )
    .unwrap();
    assert!(receipt.resumed.is_empty(), "{:?}", receipt.resumed);
    assert_eq!(receipt.waiting.len(), 1);
    assert!(matches!(receipt.waiting[0].awaits, Awaited::Refused { .. }));
    assert_eq!(journal.waiting(), receipt.waiting);
}

fn closed_moved(error: &JournalError) -> bool {
    let JournalError::Rejected { rejected } = error else {
        return false;
    };
    let moved = |reason: &Rejection| matches!(reason, Rejection::ClosedMoved { .. });
    rejected.iter().all(|rejected| moved(&rejected.reason))
}

#[test]
fn no_void_moves_a_closed_target() {
    let mut journal = new();
    let entries = [
        cascade("1", "2025-12-12", "118.00"),
        change("2", "2025-12-13", more("ann", "2026-01", "2.00")),
        change("3", "2025-12-14", more("ann", "2026-02", "3.00")),
        change("4", "2025-12-15", more("bo", "2026-01", "4.00")),
    ];
    enter(&mut journal, "2025-12-15", &entries).unwrap();
    enter(&mut journal, "2025-12-16", &[void("5", "4")]).unwrap();
    enter(&mut journal, "2026-01-31", &[closed("c", "2026-01-31")]).unwrap();
    let told_so = cells(&journal.view("people").unwrap(), "target:sales", "2026-01");
    // Neither what goes, nor what comes back, nor a return to an earlier version.
    let error = enter(&mut journal, "2026-02-01", &[void("6", "2")]).unwrap_err();
    assert!(closed_moved(&error), "{error}");
    assert_eq!(
        reasons(error)[0].1,
        "the plan `spring` would have another target at ann / 2026-01, which ended before 2026-02-01, when everything was closed; correct it in an open period, keep it by equal bounds in the recipe, or reopen"
    );
    let error = enter(&mut journal, "2026-02-01", &[void("6", "5")]).unwrap_err();
    assert!(closed_moved(&error), "{error}");
    let revert = change("6", "2026-02-01", json!([{"revert": {"to": 0}}]));
    let error = enter(&mut journal, "2026-02-01", &[revert]).unwrap_err();
    assert!(closed_moved(&error), "{error}");
    // Of several the one that moves it.
    let error = enter(
        &mut journal,
        "2026-02-01",
        &[void("6", "3"), void("7", "2")],
    )
    .unwrap_err();
    let rows: Vec<usize> = reasons(error).into_iter().map(|(row, _)| row).collect();
    assert_eq!(rows, [1]);
    // What is open may go.
    enter(&mut journal, "2026-02-01", &[void("6", "3")]).unwrap();
    assert_eq!(
        february(&journal),
        told(&[("ann", "28.00 EUR"), ("bo", "28.00 EUR")])
    );
    let now = cells(&journal.view("people").unwrap(), "target:sales", "2026-01");
    assert_eq!(now, told_so);
    // Once the books are open so is the plan.
    let reopen = Entry::reopen(id("r"), "2026-01-01".parse().unwrap());
    enter(
        &mut journal,
        "2026-02-02",
        &[signed(reopen), void("7", "2")],
    )
    .unwrap();
    assert_eq!(
        cells(&journal.view("people").unwrap(), "target:sales", "2026-01"),
        told(&[("ann", "31.00 EUR"), ("bo", "31.00 EUR")])
    );
}

fn closed_before(journal: &Journal) -> Option<String> {
    let plan = journal.plan("spring").unwrap();
    plan.closed_before().map(|day| day.to_string())
}

#[test]
fn books_that_are_closed_within_a_period_close_nothing_of_a_plan_again_and_again() {
    let mut journal = new();
    let first = cascade("1", "2025-12-12", "118.00");
    enter(&mut journal, "2025-12-14", &[first]).unwrap();
    enter(&mut journal, "2026-02-10", &[closed("c", "2026-02-10")]).unwrap();
    let own = change("2", "2026-02-11", more("ann", "2026-02", "1.00"));
    enter(&mut journal, "2026-02-11", &[own]).unwrap();
    let own = change("3", "2026-02-12", more("ann", "2026-02", "1.00"));
    enter(&mut journal, "2026-02-12", &[own]).unwrap();
    let plan = journal.plan("spring").unwrap();
    let edits: Vec<usize> = plan.changes().map(|change| change.edits.len()).collect();
    // January is closed with the first of them, and February goes on.
    assert_eq!(edits, [2, 1]);
    assert_eq!(closed_before(&journal).as_deref(), Some("2026-02-01"));
}

/// The first change after the close closes January; it is voided, the next one does, and the first comes back before that.
#[test]
fn a_period_is_closed_once_whichever_changes_come_back() {
    let mut journal = new();
    let first = cascade("1", "2025-12-12", "118.00");
    enter(&mut journal, "2025-12-14", &[first]).unwrap();
    enter(&mut journal, "2026-02-10", &[closed("c", "2026-02-10")]).unwrap();
    let edits = |journal: &Journal| -> Vec<usize> {
        let plan = journal.plan("spring").unwrap();
        plan.changes().map(|change| change.edits.len()).collect()
    };
    let own = change("2", "2026-02-11", more("ann", "2026-02", "1.00"));
    enter(&mut journal, "2026-02-11", &[own]).unwrap();
    let void = Entry::void(id("v"), "2026-02-12".parse().unwrap(), id("2"));
    enter(&mut journal, "2026-02-12", &[void]).unwrap();
    let own = change("3", "2026-02-13", more("bo", "2026-02", "2.00"));
    enter(&mut journal, "2026-02-13", &[own]).unwrap();
    assert_eq!(edits(&journal), [2]);
    let back = Entry::void(id("w"), "2026-02-14".parse().unwrap(), id("v"));
    enter(&mut journal, "2026-02-14", &[back]).unwrap();
    let journal = reopened(&journal);
    assert_eq!(edits(&journal), [2, 1]);
    assert_eq!(closed_before(&journal).as_deref(), Some("2026-02-01"));
    let people = journal.view("people").unwrap();
    let february = told(&[("ann", "29.00 EUR"), ("bo", "30.00 EUR")]);
    assert_eq!(cells(&people, "target:sales", "2026-02"), february);
}

#[test]
fn whoever_joins_once_a_plan_is_over_misses_no_target_in_it() {
    for (on, unplanned) in [("2026-02-28", 1), ("2026-03-01", 0)] {
        let mut journal = new();
        let first = cascade("1", "2025-12-12", "118.00");
        enter(&mut journal, "2025-12-14", &[first]).unwrap();
        let receipt = enter(&mut journal, on, &[hired("1", on, "cy", "north")]).unwrap();
        assert_eq!(receipt.unplanned.len(), unplanned, "{on}");
    }
}

#[test]
fn reopened_books_open_the_periods_of_plans_but_those_that_the_plan_closed() {
    let mut journal = new();
    enter(
        &mut journal,
        "2025-12-14",
        &[cascade("1", "2025-12-12", "118.00")],
    )
    .unwrap();
    enter(&mut journal, "2026-01-31", &[closed("c", "2026-01-31")]).unwrap();
    let entry = change("2", "2026-02-01", more("bo", "2026-02", "5.00"));
    enter(&mut journal, "2026-02-01", &[entry]).unwrap();
    assert_eq!(closed_before(&journal).as_deref(), Some("2026-02-01"));
    let mut journal = reopened(&journal);
    let january = |name: &str| change(name, "2026-02-02", more("ann", "2026-01", "2.00"));
    let error = enter(&mut journal, "2026-02-02", &[january("3")]).unwrap_err();
    assert!(reasons(error)[0].1.contains("2026-01 is closed"));
    // A plan does not open what the books have closed.
    let opens = json!([{"reopen": {"from": "2026-01-01"}}]);
    let own = change("3", "2026-02-02", opens.clone());
    let error = enter(&mut journal, "2026-02-02", &[own]).unwrap_err();
    assert_eq!(
        reasons(error)[0].1,
        "the plan `spring` cannot be opened from 2026-01-01 on: the books are closed hard before 2026-02-01; reopen them first"
    );
    let reopen = Entry::reopen(id("r"), "2026-01-01".parse().unwrap());
    enter(&mut journal, "2026-02-02", &[signed(reopen), january("3")]).unwrap();
    assert_eq!(closed_before(&reopened(&journal)), None);
    let panel = journal.view("teams").unwrap().panel().unwrap();
    assert_eq!(
        cell(&panel, "target:sales", "north", "2026-01"),
        "33.00 EUR"
    );
    let edits: &[Edit] = &journal
        .plan("spring")
        .unwrap()
        .changes()
        .last()
        .unwrap()
        .edits;
    assert!(matches!(edits[0], Edit::Reopen { .. }), "{edits:?}");
    // What the plan itself has closed stays closed whatever the books are, until the plan opens it.
    let closes = change(
        "4",
        "2026-02-03",
        json!([{"close": {"before": "2026-02-01"}}]),
    );
    enter(&mut journal, "2026-02-03", &[closes]).unwrap();
    let error = enter(
        &mut journal,
        "2026-02-04",
        &[change("5", "2026-02-04", more("ann", "2026-01", "1.00"))],
    )
    .unwrap_err();
    assert!(reasons(error)[0].1.contains("2026-01 is closed"));
    let opened = [
        change("5", "2026-02-04", opens),
        change("6", "2026-02-04", more("ann", "2026-01", "1.00")),
    ];
    enter(&mut journal, "2026-02-04", &opened).unwrap();
    assert_eq!(closed_before(&reopened(&journal)), None);
    // And closed again with the books: what was changed while it was open is a part of what is told.
    enter(&mut journal, "2026-02-05", &[closed("d", "2026-01-31")]).unwrap();
    for (as_of, february) in [("2026-01-31", "28.00 EUR"), ("2026-02-05", "28.00 EUR")] {
        let view = reopened(&journal).view("teams").unwrap();
        let panel = view.as_of(as_of.parse().unwrap()).panel().unwrap();
        let target = |month: &str| cell(&panel, "target:sales", "north", month);
        assert_eq!(target("2026-01"), "34.00 EUR", "{as_of}");
        assert_eq!(target("2026-02"), february, "{as_of}");
        assert_eq!(adjustments(&panel), 0, "{as_of}");
    }
}

fn adjustments(panel: &Panel) -> usize {
    let adjusts = |key: String| key.starts_with("adjustment");
    let keys = panel.columns().iter().map(|own| own.key().to_string());
    keys.filter(|key| adjusts(key.clone())).count()
}

/// A target of January that is changed in February, before January is closed or after it is open again, is told with January, as
/// of whatever day it is asked; as of a day before the close it is not there yet.
#[test]
fn what_is_done_to_a_target_while_its_period_is_open_is_no_adjustment() {
    let mut journal = new();
    let first = [cascade("1", "2025-12-12", "118.00")];
    enter(&mut journal, "2025-12-14", &first).unwrap();
    let raise = |name: &str, day: &str| change(name, day, more("ann", "2026-01", "2.00"));
    // One of them is of a day that has not come.
    let late = [
        raise("2", "2026-02-03"),
        raise("3", "2026-02-20"),
        closed("c", "2026-01-31"),
    ];
    enter(&mut journal, "2026-02-05", &late).unwrap();
    let north = |journal: &Journal, as_of: &str| {
        let view = journal.view("teams").unwrap();
        let panel = view.as_of(as_of.parse().unwrap()).panel().unwrap();
        (
            cell(&panel, "target:sales", "north", "2026-01"),
            adjustments(&panel),
        )
    };
    for as_of in ["2026-01-31", "2026-02-02", "2026-02-05", "2026-02-25"] {
        assert_eq!(
            north(&reopened(&journal), as_of),
            ("35.00 EUR".to_owned(), 0),
            "{as_of}"
        );
    }
    assert_eq!(north(&journal, "2026-01-30").0, "31.00 EUR");
    let reopen = signed(Entry::reopen(id("r"), "2026-01-01".parse().unwrap()));
    let again = [reopen, raise("4", "2026-02-21"), closed("d", "2026-01-31")];
    enter(&mut journal, "2026-02-22", &again).unwrap();
    for as_of in ["2026-01-31", "2026-02-21", "2026-02-25"] {
        assert_eq!(
            north(&reopened(&journal), as_of),
            ("37.00 EUR".to_owned(), 0),
            "{as_of}"
        );
    }
}

/// A plan that is cascaded after a period was closed has no target in what was told of it: that stands apart in the first period
/// that is open, from the day of the cascade on, and moves no more.
#[test]
fn targets_of_closed_periods_that_are_cascaded_later_stand_apart() {
    let mut journal = new();
    enter(&mut journal, "2026-01-31", &[closed("c", "2026-01-31")]).unwrap();
    let late = [cascade("1", "2026-02-03", "118.00")];
    enter(&mut journal, "2026-02-03", &late).unwrap();
    let mut journal = reopened(&journal);
    let key = "adjustment of 2026-01 (target of sales)";
    let panel = journal.view("teams").unwrap().panel().unwrap();
    for row in ["north", "south"] {
        assert_eq!(
            cell(&panel, "target:sales", row, "2026-01"),
            "not applicable"
        );
        assert_eq!(cell(&panel, "target:sales", row, "2026-02"), "28.00 EUR");
        assert_eq!(cell(&panel, key, row, "2026-02"), "31.00 EUR");
    }
    let before = journal
        .view("teams")
        .unwrap()
        .as_of("2026-02-02".parse().unwrap());
    assert_eq!(adjustments(&before.panel().unwrap()), 0);
    let raise = change("2", "2026-02-04", more("ann", "2026-01", "2.00"));
    let error = enter(&mut journal, "2026-02-04", &[raise]).unwrap_err();
    assert!(reasons(error)[0].1.contains("2026-01 is closed"));
    let error = enter(&mut journal, "2026-02-04", &[void("v", "1")]).unwrap_err();
    assert!(closed_moved(&error), "{error}");
    enter(&mut journal, "2026-02-28", &[closed("d", "2026-02-28")]).unwrap();
    let panel = reopened(&journal).view("teams").unwrap().panel().unwrap();
    assert_eq!(cell(&panel, key, "north", "2026-02"), "31.00 EUR");
    assert_eq!(
        cell(&panel, "target:sales", "north", "2026-02"),
        "28.00 EUR"
    );
}

#[test]
fn targets_are_kept_until_their_plan_or_the_structure_changes() {
    let mut journal = new();
    enter(
        &mut journal,
        "2025-12-14",
        &[cascade("1", "2025-12-12", "118.00")],
    )
    .unwrap();
    let read = |journal: &Journal| {
        let before = journal.cells_read();
        let panel = journal.view("people").unwrap().panel().unwrap();
        _ = cell(&panel, "target:sales", "ann", "2026-01");
        journal.cells_read() - before
    };
    // Two people and two months.
    assert_eq!((read(&journal), read(&journal)), (4, 0));
    let records = sold(&["ann"], "2026-01-01", "2026-01-03");
    enter(&mut journal, "2026-01-05", &records).unwrap();
    assert_eq!(
        read(&journal),
        4,
        "two days of a record and a sum, and no target"
    );
    let entry = change("2", "2026-01-06", more("bo", "2026-02", "5.00"));
    enter(&mut journal, "2026-01-06", &[entry]).unwrap();
    assert!(read(&journal) >= 4);
    assert_eq!(read(&journal), 0);
    // Who is not there by the day moves nothing.
    let join = hired("1", "2026-01-08", "cy", "north");
    enter(&mut journal, "2026-01-08", &[join]).unwrap();
    assert!(read(&journal) >= 4);
    assert_eq!(read(&journal), 0);
}

#[test]
fn a_view_beyond_the_limits_of_a_host_is_refused_before_a_target_is_made() {
    let mut journal = new();
    enter(
        &mut journal,
        "2025-12-14",
        &[cascade("1", "2025-12-12", "118.00")],
    )
    .unwrap();
    let before = journal.cells_read();
    for limits in [
        Limits::default().with(Size::Rows, 1),
        Limits::default().with(Size::Cells, 3),
    ] {
        let view = journal.view("people").unwrap();
        assert!(view.within(limits).panel().is_err());
        let known = view_before(&journal);
        assert!(known.within(limits).panel().is_err());
    }
    assert_eq!(journal.cells_read(), before);
}

fn view_before(journal: &Journal) -> quotaflow::view::View {
    let view = journal.view("people").unwrap();
    view.known_at("2026-01-01T06:00:00".parse().unwrap())
}
