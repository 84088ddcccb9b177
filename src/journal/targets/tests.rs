//! What it costs to take in and to read targets that are written down.

use serde_json::{Value, json};

use super::*;
use crate::journal::tally::during;
use crate::journal::{Close, EntryId};
use crate::model::Model;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn id(name: &str) -> EntryId {
    EntryId::new("planning", name).unwrap()
}

/// So many people, whose visits by month have targets that are written down.
fn journal(people: usize) -> Journal {
    let members = (0..people).map(|at| json!({"key": format!("p{at}"), "level": "person"}));
    let model: Model = serde_json::from_value(json!({
        "dimensions": [{"key": "person", "hierarchies": [{"key": "person", "levels": ["person"]}],
            "members": members.collect::<Vec<Value>>()}],
        "kinds": [{"key": "visit", "dimensions": [{"field": "person"}]}],
        "span": {"start": "2026-01-01", "end": "2028-01-01"},
        "metrics": [{"key": "visits", "formula": {"count": {"kinds": ["visit"]}}}],
        "views": [{"key": "months", "rows": [{"dimension": "person", "level": "person"}], "written": ["visits"],
            "periods": {"grain": "month", "from": "2026-01-01", "to": "2026-05-01"}}]
    }))
    .unwrap();
    Journal::new(&model, day("2026-01-01")).unwrap()
}

fn written(name: &str, cells: &[(usize, &str)]) -> Entry {
    let cells = cells
        .iter()
        .map(|(at, period)| json!({"subject": [format!("p{at}")], "period": period, "amount": at}));
    let own = json!({"view": "months", "metric": "visits", "cells": cells.collect::<Vec<Value>>()});
    let own: TargetsDef = serde_json::from_value(own).unwrap();
    Entry::new(id(name), day("2026-01-01"), Content::Targets(own))
}

fn enter(journal: &mut Journal, second: u32, entries: &[Entry]) {
    let known = day("2026-02-02").and_hms_opt(6, second / 60, second % 60);
    journal
        .enter(known.unwrap(), day("2026-02-01"), entries)
        .unwrap();
}

#[test]
fn an_entry_of_targets_of_open_periods_looks_at_none_that_were_written_before() {
    let mut journal = journal(300);
    let first = (0..200).map(|at| written(&format!("a{at}"), &[(at, "2026-01"), (at, "2026-02")]));
    enter(&mut journal, 0, &first.collect::<Vec<Entry>>());
    enter(
        &mut journal,
        1,
        &[Entry::close(id("C"), day("2026-01-31"), Close::Hard)],
    );
    let more = written("b", &[(7, "2026-02"), (8, "2026-03")]);
    let alone = during("target", || enter(&mut journal, 2, &[more]));
    assert_eq!(alone, 0);
    // Many that say again what is told of a closed period are held against what was written once, not each.
    let same = (0..200).map(|at| written(&format!("c{at}"), &[(at, "2026-01")]));
    let same: Vec<Entry> = same.collect();
    let all = during("target", || enter(&mut journal, 3, &same));
    assert!(all <= 1_000, "{all}");
}

#[test]
fn targets_are_read_at_the_cost_of_their_number_whoever_turned_out_to_be_another_one() {
    let mut journal = journal(300);
    let all = (0..200).map(|at| written(&format!("a{at}"), &[(at, "2026-01"), (at, "2026-02")]));
    enter(&mut journal, 0, &all.collect::<Vec<Entry>>());
    let read = |journal: &Journal| {
        let cells = journal.cells_read();
        let names = during("name", || {
            journal.view("months").unwrap().panel().unwrap();
        });
        (names, journal.cells_read() - cells)
    };
    let (plain, cells) = read(&journal);
    assert_eq!(cells, 400);
    let merges = (100..200).map(|at| {
        let (member, into) = (format!("p{at}"), format!("p{}", at + 100));
        Entry::merge(
            id(&format!("m{at}")),
            day("2026-01-01"),
            ("person", &member, &into),
        )
        .unwrap()
    });
    enter(&mut journal, 1, &merges.collect::<Vec<Entry>>());
    let (merged, cells) = read(&journal);
    assert_eq!(cells, 400);
    assert!(merged < 3 * plain, "{merged} beside {plain}");
    // What counts no more is read as well, and counted.
    enter(&mut journal, 2, &[written("b", &[(0, "2026-01")])]);
    assert_eq!(read(&journal).1, 401);
}
