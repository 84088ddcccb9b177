//! Targets that are written down, and who they are of: rows that there are, members who are merged, models that change, and what is
//! read of all that.

use quotaflow::journal::{Close, Entry, EntryId, Journal, JournalError};
use quotaflow::model::Model;
use serde_json::json;

use crate::journal_targets::{
    day, document, enter, model, morning, refused, target, visit, written,
};
use crate::journal_targets_closed::{adjusted, close, id, opened, void};

const NO_ROW: &str = "is no row of the view `months`";

fn join(name: &str, on: &str, level: &str, member: &str) -> Entry {
    let join = Entry::join(id(name), day(on), ("person", level, member)).unwrap();
    if level == "person" {
        return join.under("north").unwrap();
    }
    join
}

fn merge(name: &str, on: &str, member: &str, into: &str) -> Entry {
    Entry::merge(id(name), day(on), ("person", member, into)).unwrap()
}

#[test]
fn a_target_of_who_joined_at_another_level_is_refused_as_one_of_the_model_is() {
    let model = model(&json!({}));
    let mut journal = Journal::new(&model, day("2026-01-01")).unwrap();
    enter(
        &mut journal,
        "2026-01-02",
        &[join("1", "2026-01-01", "team", "south")],
    );
    let cells = [("ann", "2026-01", 1), ("south", "2026-01", 1)];
    let told = refused(
        &mut journal,
        "2026-01-03",
        written("1", "2026-01-02", &cells),
    );
    assert!(
        told.contains(NO_ROW) && told.contains("cells[1]: `south`"),
        "{told}"
    );
    // Together with the join as well; before it, it waits, and takes part at no level but that of the rows.
    let both = [
        join("2", "2026-01-01", "team", "east"),
        written("1", "2026-01-02", &[("east", "2026-01", 1)]),
    ];
    let error = journal
        .enter(morning("2026-01-03"), day("2026-01-02"), &both)
        .unwrap_err();
    assert!(error.to_string().contains(NO_ROW), "{error}");
    enter(
        &mut journal,
        "2026-01-03",
        &[written("1", "2026-01-02", &[("west", "2026-01", 1)])],
    );
    enter(
        &mut journal,
        "2026-01-04",
        &[join("3", "2026-01-01", "team", "west")],
    );
    assert_eq!(journal.waiting().len(), 1);
    enter(
        &mut journal,
        "2026-01-05",
        &[Entry::void(id("4"), day("2026-01-01"), id("3"))],
    );
    enter(
        &mut journal,
        "2026-01-06",
        &[join("5", "2026-01-01", "person", "west")],
    );
    assert_eq!(target(&journal, "west", "2026-01"), "1 visit");
    assert_eq!(journal.waiting().len(), 0);
}

#[test]
fn a_target_of_nobodys_is_refused_where_the_view_hides_that() {
    for (unassigned, is_taken) in [("hidden", false), ("shown", true), ("where_used", true)] {
        let model = model(&json!({"/views/0/unassigned": unassigned}));
        let mut journal = Journal::new(&model, day("2026-01-01")).unwrap();
        let entry = written("1", "2026-01-01", &[("unassigned", "2026-01", 4)]);
        if is_taken {
            enter(&mut journal, "2026-01-11", &[entry]);
            assert_eq!(target(&journal, "unassigned", "2026-01"), "4 visit");
        } else {
            let told = refused(&mut journal, "2026-01-11", entry);
            assert!(
                told.contains("cells[0]: the view `months` hides what is nobody's"),
                "{told}"
            );
        }
    }
}

/// Ann and her duplicate, who turn out to be one: 10 and 5.
fn doubles() -> Journal {
    let model = model(&json!({}));
    let mut journal = Journal::new(&model, day("2026-01-01")).unwrap();
    enter(
        &mut journal,
        "2026-01-02",
        &[join("1", "2026-01-01", "person", "ann-2")],
    );
    let first = written(
        "1",
        "2026-01-02",
        &[
            ("ann", "2026-01", 10),
            ("ann-2", "2026-01", 5),
            ("ann", "2026-02", 1),
        ],
    );
    enter(&mut journal, "2026-01-03", &[first]);
    journal
}

#[test]
fn targets_of_members_who_turn_out_to_be_one_add_up() {
    let mut journal = doubles();
    enter(
        &mut journal,
        "2026-01-11",
        &[merge("M", "2026-01-10", "ann-2", "ann")],
    );
    assert_eq!(target(&journal, "ann", "2026-01"), "15 visit");
    let view = journal.view("months").unwrap().as_of(day("2026-01-09"));
    let before = view.panel().unwrap();
    assert_eq!(
        before
            .get("target:visits", ["ann"], "2026-01")
            .unwrap()
            .to_string(),
        "10 visit"
    );
    assert_eq!(
        before
            .get("target:visits", ["ann-2"], "2026-01")
            .unwrap()
            .to_string(),
        "5 visit"
    );
    // Since then they are one, whose target it is by whichever name it is written again.
    enter(
        &mut journal,
        "2026-01-12",
        &[written("2", "2026-01-11", &[("ann-2", "2026-01", 7)])],
    );
    assert_eq!(target(&journal, "ann", "2026-01"), "7 visit");
    enter(
        &mut journal,
        "2026-01-13",
        &[written("3", "2026-01-12", &[("ann", "2026-01", 8)])],
    );
    assert_eq!(target(&journal, "ann", "2026-01"), "8 visit");
    // Of a day on which they were two it is of that one alone.
    enter(
        &mut journal,
        "2026-01-14",
        &[written("4", "2026-01-09", &[("ann-2", "2026-02", 3)])],
    );
    assert_eq!(target(&journal, "ann", "2026-02"), "4 visit");
    let twice = written(
        "5",
        "2026-01-13",
        &[("ann", "2026-01", 1), ("ann-2", "2026-01", 2)],
    );
    let told = refused(&mut journal, "2026-01-15", twice);
    assert!(
        told.contains("cells[1]: the target of `ann-2` in `2026-01` is written down twice"),
        "{told}"
    );
    opened(&model(&json!({})), &journal);
    // Parted again, each has what was written last under its own name.
    enter(
        &mut journal,
        "2026-01-15",
        &[Entry::void(id("V"), day("2026-01-14"), id("M"))],
    );
    assert_eq!(target(&journal, "ann", "2026-01"), "8 visit");
    assert_eq!(target(&journal, "ann-2", "2026-01"), "7 visit");
}

/// They were one on the day of the entry, which nobody knew: it was written for two.
#[test]
fn targets_that_were_written_for_two_add_up_whatever_day_the_merge_is_of() {
    let mut journal = doubles();
    enter(
        &mut journal,
        "2026-01-11",
        &[merge("M", "2026-01-01", "ann-2", "ann")],
    );
    assert_eq!(target(&journal, "ann", "2026-01"), "15 visit");
    let twice = written(
        "5",
        "2026-01-02",
        &[("ann", "2026-03", 1), ("ann-2", "2026-03", 2)],
    );
    let told = refused(&mut journal, "2026-01-12", twice.clone());
    assert!(told.contains("is written down twice"), "{told}");
    // So it is where the merge comes with it.
    let mut journal = doubles();
    let both = [merge("M", "2026-01-01", "ann-2", "ann"), twice];
    let error = journal
        .enter(morning("2026-01-11"), day("2026-01-10"), &both)
        .unwrap_err();
    assert!(
        error.to_string().contains("is written down twice"),
        "{error}"
    );
}

#[test]
fn a_merge_after_a_close_takes_the_target_from_one_row_to_the_other() {
    let model = model(&json!({}));
    let mut journal = doubles();
    enter(
        &mut journal,
        "2026-02-01",
        &[close("C", "2026-01-31", Close::Hard)],
    );
    enter(
        &mut journal,
        "2026-02-11",
        &[merge("M", "2026-02-10", "ann-2", "ann")],
    );
    for journal in [&opened(&model, &journal), &journal] {
        assert_eq!(target(journal, "ann", "2026-01"), "10 visit");
        assert_eq!(target(journal, "ann-2", "2026-01"), "5 visit");
        assert_eq!(adjusted(journal, "ann", ("2026-01", "2026-02")), "5 visit");
        assert_eq!(
            adjusted(journal, "ann-2", ("2026-01", "2026-02")),
            "-5 visit"
        );
    }
    // The sum of both is told of either name now, and moving it is refused.
    let told = refused(
        &mut journal,
        "2026-02-12",
        written("2", "2026-02-11", &[("ann-2", "2026-01", 5)]),
    );
    assert!(told.contains("reopen"), "{told}");
    enter(
        &mut journal,
        "2026-02-12",
        &[written("2", "2026-02-11", &[("ann-2", "2026-01", 15)])],
    );
    assert_eq!(adjusted(&journal, "ann", ("2026-01", "2026-02")), "5 visit");
    assert_eq!(
        adjusted(&journal, "ann-2", ("2026-01", "2026-02")),
        "-5 visit"
    );
}

/// The merge is of a day that has not come: ann and her duplicate are two, of whom neither closed target moves.
#[test]
fn a_merge_that_is_still_to_come_makes_no_closed_targets_one() {
    let mut journal = doubles();
    let first = [
        merge("M", "2026-03-10", "ann-2", "ann"),
        close("C", "2026-01-31", Close::Hard),
    ];
    enter(&mut journal, "2026-02-01", &first);
    // Together they come to the same, and each is another one.
    let other = written(
        "2",
        "2026-02-01",
        &[("ann", "2026-01", 9), ("ann-2", "2026-01", 6)],
    );
    let told = refused(&mut journal, "2026-02-12", other);
    assert!(told.contains("reopen"), "{told}");
}

/// While the merge was void they were two, also since the void is.
#[test]
fn what_was_written_while_a_merge_was_void_was_written_for_two() {
    let mut journal = doubles();
    enter(
        &mut journal,
        "2026-01-05",
        &[merge("M", "2026-01-04", "ann-2", "ann")],
    );
    let one = written("2", "2026-01-05", &[("ann-2", "2026-03", 7)]);
    let again = written("3", "2026-01-05", &[("ann", "2026-03", 8)]);
    enter(&mut journal, "2026-01-06", &[one, again]);
    assert_eq!(target(&journal, "ann", "2026-03"), "8 visit");
    let void = |name: &str, of: &str| Entry::void(id(name), day("2026-01-06"), id(of));
    enter(&mut journal, "2026-01-07", &[void("V", "M")]);
    let two = written(
        "4",
        "2026-01-07",
        &[("ann", "2026-02", 2), ("ann-2", "2026-02", 3)],
    );
    enter(&mut journal, "2026-01-08", &[two]);
    let later = written("5", "2026-01-08", &[("ann-2", "2026-02", 4)]);
    enter(&mut journal, "2026-01-09", &[later]);
    assert_eq!(target(&journal, "ann", "2026-02"), "2 visit");
    enter(&mut journal, "2026-01-10", &[void("W", "V")]);
    let model = model(&json!({}));
    for journal in [&opened(&model, &journal), &journal] {
        assert_eq!(target(journal, "ann", "2026-02"), "6 visit");
        assert_eq!(target(journal, "ann", "2026-03"), "8 visit");
    }
}

/// ann goes on as ann-3 from 10 January, who joins on 1 March: until then her target is hers.
#[test]
fn a_target_stays_where_it_is_until_who_its_member_turned_out_to_be_joins() {
    let mut journal = doubles();
    let all = [
        join("2", "2026-03-01", "person", "ann-3"),
        merge("M", "2026-01-10", "ann", "ann-3"),
    ];
    enter(&mut journal, "2026-03-05", &all);
    for (as_of, who) in [("2026-02-28", "ann"), ("2026-03-01", "ann-3")] {
        let view = journal.view("months").unwrap().as_of(day(as_of));
        let panel = view.panel().unwrap();
        let told = panel.get("target:visits", [who], "2026-01").unwrap();
        assert_eq!(told.to_string(), "10 visit", "{as_of}");
    }
}

/// What a merge takes from one row to another in closed periods is late, also where its own day is of an open one.
#[test]
fn a_merge_that_moves_closed_targets_is_told_as_late() {
    for (how, told) in [
        (Close::Hard, "adjusts what is closed hard"),
        (Close::Soft, "changes what is closed softly"),
    ] {
        let mut journal = doubles();
        enter(&mut journal, "2026-02-01", &[close("C", "2026-01-31", how)]);
        let mut late = |known: &str, entry: Entry| {
            let through = day(known).pred_opt().unwrap();
            let receipt = journal.enter(morning(known), through, &[entry]).unwrap();
            let late = receipt.late.iter().map(ToString::to_string);
            late.collect::<Vec<String>>()
        };
        let merged = merge("M", "2026-02-10", "ann-2", "ann");
        assert_eq!(late("2026-02-11", merged), [format!("`hr/M` {told}")]);
        let void = Entry::void(id("V"), day("2026-02-11"), id("M"));
        assert_eq!(late("2026-02-12", void), [format!("`hr/V` {told}")]);
        // Of whom nothing was told is told nothing.
        let join = join("9", "2026-02-12", "person", "bo-2");
        assert_eq!(late("2026-02-13", join), Vec::<String>::new());
        let merged = merge("N", "2026-02-12", "bo-2", "bo");
        assert_eq!(late("2026-02-14", merged), Vec::<String>::new());
    }
}

#[test]
fn two_names_of_one_member_are_one_cell() {
    let members = json!([{"key": "north", "level": "team"}, {"key": "ann", "level": "person", "also": ["a1"]},
        {"key": "bo", "level": "person"}]);
    let model = model(&json!({"/dimensions/0/members": members}));
    let mut journal = Journal::new(&model, day("2026-01-01")).unwrap();
    let twice = written(
        "1",
        "2026-01-01",
        &[("ann", "2026-01", 1), ("a1", "2026-01", 2)],
    );
    let told = refused(&mut journal, "2026-01-02", twice);
    assert!(
        told.contains("cells[1]: the target of `a1` in `2026-01` is written down twice"),
        "{told}"
    );
    enter(
        &mut journal,
        "2026-01-02",
        &[written("1", "2026-01-01", &[("ann", "2026-01", 1)])],
    );
    enter(
        &mut journal,
        "2026-01-03",
        &[written("2", "2026-01-02", &[("a1", "2026-01", 2)])],
    );
    assert_eq!(target(&journal, "ann", "2026-01"), "2 visit");
}

fn changed(journal: &mut Journal, model: &Model, known: &str) -> Result<(), JournalError> {
    journal.introduce(model);
    let on = day(known).pred_opt().unwrap();
    let entry = Entry::model(id(known), on, model)
        .by("eva")
        .because("it changes");
    journal.enter(morning(known), on, &[entry]).map(|_| ())
}

fn remodelled(
    journal: &mut Journal,
    changes: &serde_json::Value,
    known: &str,
) -> Result<(), String> {
    changed(journal, &model(changes), known).map_err(|error| error.to_string())
}

/// By the model that there was, ann and bo were two; by the new one they are one, of whom both targets are, written in one entry or in two.
#[test]
fn targets_of_members_whom_a_model_makes_one_add_up() {
    let mut journal = Journal::new(&model(&json!({})), day("2026-01-01")).unwrap();
    let first = [
        written("1", "2026-01-01", &[("ann", "2026-01", 10)]),
        written("2", "2026-01-02", &[("bo", "2026-01", 5)]),
        written(
            "3",
            "2026-01-02",
            &[("ann", "2026-02", 1), ("bo", "2026-02", 2)],
        ),
    ];
    enter(&mut journal, "2026-01-11", &first);
    let named = |members: serde_json::Value| {
        let links = json!([{"key": "person", "levels": ["team", "person"],
            "links": [{"member": "a", "parent": "north"}]}]);
        json!({"/dimensions/0/members": members, "/dimensions/0/hierarchies": links})
    };
    let one = named(json!([{"key": "north", "level": "team"},
        {"key": "a", "level": "person", "also": ["ann", "bo"]}]));
    remodelled(&mut journal, &one, "2026-01-12").unwrap();
    for journal in [&opened(&model(&one), &journal), &journal] {
        assert_eq!(target(journal, "a", "2026-01"), "15 visit");
        assert_eq!(target(journal, "a", "2026-02"), "3 visit");
    }
    // Since then they are one, whose target it is by whichever name it is written again.
    enter(
        &mut journal,
        "2026-01-14",
        &[written("4", "2026-01-13", &[("bo", "2026-01", 7)])],
    );
    assert_eq!(target(&journal, "a", "2026-01"), "7 visit");
    let twice = written(
        "5",
        "2026-01-14",
        &[("a", "2026-03", 1), ("bo", "2026-03", 2)],
    );
    let told = refused(&mut journal, "2026-01-15", twice);
    assert!(told.contains("is written down twice"), "{told}");
    // Another model later parts nobody who was one.
    let again = named(json!([{"key": "north", "level": "team"},
        {"key": "bo", "level": "person", "also": ["ann", "a"]}]));
    let again = {
        let mut again = again;
        again["/dimensions/0/hierarchies"][0]["links"][0]["member"] = json!("bo");
        again
    };
    remodelled(&mut journal, &again, "2026-01-16").unwrap();
    for journal in [&opened(&model(&again), &journal), &journal] {
        assert_eq!(target(journal, "bo", "2026-01"), "7 visit");
        assert_eq!(target(journal, "bo", "2026-02"), "3 visit");
    }
}

#[test]
fn targets_that_are_void_tie_a_view_to_no_model() {
    let plan = json!([{"key": "p", "recipes": [{"key": "p", "measure": "visits", "horizon": {"start": "2026-01-01", "end": "2027-01-01"},
        "steps": [{"by": {"member": {"dimension": "person", "level": "person"}}}]}]}]);
    let measures = json!([{"key": "visits", "unit": "count:visit", "additivity": "flow"}]);
    for changes in [
        json!({"/plans": plan, "/measures": measures, "/views/0/written": []}),
        json!({"/views/0/key": "others"}),
        json!({"/views/0/rows": [{"dimension": "person", "level": "team"}]}),
        json!({"/views/0/unassigned": "hidden"}),
    ] {
        let first = model(&json!({}));
        let mut journal = Journal::new(&first, day("2026-01-01")).unwrap();
        let cells = [("ann", "2026-01", 4), ("unassigned", "2026-01", 4)];
        enter(
            &mut journal,
            "2026-01-02",
            &[written("1", "2026-01-01", &cells)],
        );
        let told = remodelled(&mut journal, &changes, "2026-01-03").unwrap_err();
        assert!(
            told.contains("the journal cannot go on by the model"),
            "{told}"
        );
        enter(&mut journal, "2026-01-03", &[void("V", "2026-01-02", "1")]);
        let next = model(&changes);
        changed(&mut journal, &next, "2026-01-04").unwrap();
        // It opens, and what was void cannot come back by what the model is now.
        let mut journal = opened(&next, &journal);
        let back = Entry::void(id("W"), day("2026-01-04"), id("V"));
        let told = refused(&mut journal, "2026-01-05", back);
        assert!(
            told.contains("would then be done after all, and cannot be"),
            "{told}"
        );
    }
}

#[test]
fn rows_of_which_targets_are_written_down_stay_those_of_their_view() {
    let product = json!({"key": "product", "hierarchies": [{"key": "product", "levels": ["product"]}],
        "members": [{"key": "x", "level": "product"}]});
    let mut both = document(&json!({}));
    both["dimensions"].as_array_mut().unwrap().push(product);
    both["kinds"] =
        json!([{"key": "visit", "dimensions": [{"field": "person"}, {"field": "product"}]}]);
    both["views"][0]["rows"] = json!([{"dimension": "person", "level": "person"}, {"dimension": "product", "level": "product"}]);
    let mut swapped = both.clone();
    swapped["views"][0]["rows"]
        .as_array_mut()
        .unwrap()
        .reverse();
    let [first, second]: [Model; 2] =
        [both, swapped].map(|all| serde_json::from_value(all).unwrap());
    for (subject, waits) in [
        (["ann", "x"], 0),
        (["cy", "x"], 1),
        (["unassigned", "unassigned"], 0),
    ] {
        let mut journal = Journal::new(&first, day("2026-01-01")).unwrap();
        let cell = json!({"subject": subject, "period": "2026-01", "amount": 4});
        let targets = json!({"view": "months", "metric": "visits", "cells": [cell]});
        let content =
            quotaflow::journal::Content::Targets(serde_json::from_value(targets).unwrap());
        let entry = Entry::new(
            EntryId::new("planning", "1").unwrap(),
            day("2026-01-01"),
            content,
        );
        enter(&mut journal, "2026-01-02", &[entry]);
        assert_eq!(journal.waiting().len(), waits);
        let error = changed(&mut journal, &second, "2026-01-03")
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("`views.months.rows` is another one, and what is kept uses it"),
            "{error}"
        );
    }
}

/// Who joined has no other level by a model of other rows; who is in the model no more has no row either.
#[test]
fn a_model_that_would_lose_targets_is_refused() {
    let without_bo = json!([{"key": "north", "level": "team"}, {"key": "ann", "level": "person"}]);
    let links = json!([{"member": "ann", "parent": "north"}]);
    for changes in [
        json!({"/views/0/rows": [{"dimension": "person", "level": "team"}]}),
        json!({"/dimensions/0/members": without_bo, "/dimensions/0/hierarchies/0/links": links}),
    ] {
        let first = model(&json!({}));
        let mut journal = Journal::new(&first, day("2026-01-01")).unwrap();
        let cells = [("cy", "2026-01", 3), ("bo", "2026-01", 4)];
        enter(
            &mut journal,
            "2026-01-02",
            &[
                join("1", "2026-01-01", "person", "cy"),
                written("1", "2026-01-01", &cells),
            ],
        );
        assert_eq!(target(&journal, "cy", "2026-01"), "3 visit");
        let told = remodelled(&mut journal, &changes, "2026-01-03").unwrap_err();
        assert!(
            told.contains("the journal cannot go on by the model"),
            "{told}"
        );
        assert_eq!(target(&journal, "bo", "2026-01"), "4 visit");
    }
}

/// A target that is written down leaves what was read of records alone: only the cells that are written down are read again.
#[test]
fn an_entry_of_targets_reads_no_records_again() {
    let model = model(&json!({}));
    let mut journal = Journal::new(&model, day("2026-01-01")).unwrap();
    let people = ["ann", "bo", "north"];
    let visits: Vec<Entry> = (0..60)
        .map(|at| visit(at, people[at % 3], &format!("2026-01-{:02}", at % 28 + 1)))
        .collect();
    enter(&mut journal, "2026-02-01", &visits);
    let read = |journal: &Journal| {
        let before = journal.cells_read();
        journal.view("months").unwrap().panel().unwrap();
        journal.cells_read() - before
    };
    assert!(read(&journal) > 60);
    assert_eq!(read(&journal), 0);
    for (at, known) in ["2026-02-02", "2026-02-03", "2026-02-04"]
        .into_iter()
        .enumerate()
    {
        let name = at.to_string();
        enter(
            &mut journal,
            known,
            &[written(
                &name,
                "2026-02-01",
                &[("ann", "2026-02", 3), ("bo", "2026-02", 4)],
            )],
        );
        // Those that were written again since are gone through too.
        assert_eq!(read(&journal), 2 * (at as u64 + 1), "{known}");
    }
    enter(&mut journal, "2026-02-05", &[void("V", "2026-02-04", "2")]);
    assert_eq!(read(&journal), 4);
}

#[test]
fn targets_that_are_written_down_stay_by_a_model_that_keeps_the_rows_of_their_view() {
    let first = model(&json!({}));
    let mut journal = Journal::new(&first, day("2026-01-01")).unwrap();
    let targets = written("1", "2026-01-01", &[("ann", "2026-01", 4)]);
    enter(&mut journal, "2026-01-02", &[targets]);
    let changes = json!({"/views/0/show": ["target:visits", "visits"]});
    remodelled(&mut journal, &changes, "2026-01-03").unwrap();
    let journal = opened(&model(&changes), &journal);
    assert_eq!(target(&journal, "ann", "2026-01"), "4 visit");
}
