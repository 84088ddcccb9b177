//! What it costs to work out what became of a plan.

use serde_json::{Value, json};

use crate::journal::tally::during;
use crate::journal::{Entry, EntryId, Journal};
use crate::model::Model;
use crate::plan::Edit;

fn day(text: &str) -> chrono::NaiveDate {
    text.parse().unwrap()
}

fn id(name: &str) -> EntryId {
    EntryId::new("planning", name).unwrap()
}

fn change(name: &str, edits: Value) -> Entry {
    let edits: Vec<Edit> = serde_json::from_value(edits).unwrap();
    let entry = Entry::change(id(name), day("2025-12-13"), "spring", edits).unwrap();
    entry.by("eva").because("agreed with everybody")
}

/// A little more for somebody in February.
fn more(name: &str, person: &str) -> Entry {
    change(
        name,
        json!([{"spread": {"measure": "sales", "at": {"person": person, "month": "2026-02"},
            "verb": {"proportional": {"amount": "0.01"}}, "mode": "add"}}]),
    )
}

fn hold(name: &str, month: &str) -> Entry {
    change(
        name,
        json!([{"hold": {"measure": "sales", "at": [{"person": "bo", "month": month}]}}]),
    )
}

fn back_to_the_first(name: &str) -> Entry {
    change(name, json!([{"revert": {"to": 1}}]))
}

fn enter(journal: &mut Journal, on: &str, entries: &[Entry]) -> Option<String> {
    let known = day(on).and_hms_opt(20, 0, 0).unwrap();
    let told = journal.enter(known, day(on), entries);
    told.err().map(|error| error.to_string())
}

/// A plan of two people that is cascaded.
fn journal() -> Journal {
    let model: Model = serde_json::from_value(json!({
        "dimensions": [{"key": "person", "hierarchies": [{"key": "person", "levels": ["person"]}],
            "members": [{"key": "ann", "level": "person"}, {"key": "bo", "level": "person"}]}],
        "measures": [{"key": "sales", "unit": "money:EUR", "quantum": "0.01", "additivity": "flow"}],
        "kinds": [{"key": "order", "dimensions": [{"field": "person"}], "measures": [{"measure": "sales"}]}],
        "span": {"start": "2025-01-01", "end": "2030-01-01"},
        "metrics": [{"key": "sales", "formula": {"sum": {"value": {"measure": "sales"}, "of": {"kinds": ["order"]}}}}],
        "plans": [{"key": "spring", "recipes": [{"key": "spring", "measure": "sales",
            "horizon": {"start": "2026-01-01", "end": "2026-03-01"},
            "steps": [{"by": {"member": {"dimension": "person", "level": "person"}}},
                {"by": {"grain": "month"}, "basis": "calendar_days"}]}]}],
        "views": [{"key": "people", "rows": [{"dimension": "person", "level": "person"}],
            "periods": {"grain": "month", "from": "2026-01-01", "to": "2026-03-01"}, "show": ["target:sales"]}]
    }))
    .unwrap();
    let mut journal = Journal::new(&model, day("2025-12-01")).unwrap();
    let cascade = Entry::cascade(id("1"), day("2025-12-12"), "spring", [("sales", 118)]);
    let cascade = cascade.unwrap().by("eva").because("a new year");
    assert_eq!(enter(&mut journal, "2025-12-12", &[cascade]), None);
    journal
}

#[test]
fn of_several_voids_each_is_tried_once_however_much_they_break() {
    let mut journal = journal();
    let done = [
        more("2", "ann"),
        hold("3", "2026-01"),
        hold("4", "2026-02"),
        back_to_the_first("5"),
        back_to_the_first("6"),
        back_to_the_first("7"),
    ];
    assert_eq!(enter(&mut journal, "2025-12-14", &done), None);
    let voids =
        ["2", "3", "4"].map(|of| Entry::void(id(&format!("V-{of}")), day("2025-12-15"), id(of)));
    let trials = during("trial", || {
        let told = enter(&mut journal, "2025-12-15", &voids).unwrap();
        assert_eq!(
            told,
            "entry 0 (`planning/V-2`): what `planning/2` did to the plan `spring` was built on by `planning/5`, `planning/6`, `planning/7`; void that in the same hand-over to take it along"
        );
    });
    // All together, and each alone.
    assert_eq!(trials, 4);
}

/// How many of the things that were done to a plan are looked at while so many are done anew after so many.
fn looked_at(before: usize, new: usize) -> usize {
    let mut journal = journal();
    let changes = |from: usize, to: usize| -> Vec<Entry> {
        let all = from..to;
        all.map(|at| more(&format!("C-{at}"), ["ann", "bo"][at % 2]))
            .collect()
    };
    assert_eq!(enter(&mut journal, "2025-12-14", &changes(0, before)), None);
    let fresh = changes(before, before + new);
    during("act", || {
        assert_eq!(enter(&mut journal, "2025-12-15", &fresh), None);
    })
}

#[test]
fn a_new_change_does_not_look_at_all_that_was_done_before() {
    for (before, new) in [(10, 10), (40, 10), (10, 40)] {
        let looked = looked_at(before, new);
        // Each once for the order, once for what is done where, and once for what goes on.
        assert!(looked <= 6 * (before + new + 1), "{before} {new}: {looked}");
    }
}
