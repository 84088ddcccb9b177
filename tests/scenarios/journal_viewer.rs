//! What a viewer sees of a view: the rows of whom they lead on the day, with the figures that everybody sees there.

use quotaflow::journal::{Entry, EntryId, Journal};
use quotaflow::ledger::Record;
use quotaflow::model::Model;
use quotaflow::view::View;

use crate::journal_closing::day;

/// Ann sells in north and comes under south on 10 February; bo is in south.
fn journal() -> Journal {
    let model: Model =
        serde_json::from_str(include_str!("../../examples/models/two_teams.json")).unwrap();
    let mut journal = Journal::new(&model, day("2026-01-01")).unwrap();
    let sold = |id: &str, person: &str, on: &str, euros: i64| {
        let record = Record::new("order", day(on)).id(id).of("person", person);
        Entry::record("crm", record.amount("sales", euros.into())).unwrap()
    };
    let moved = EntryId::new("hr", "M-1").unwrap();
    let moved = Entry::moving(moved, day("2026-02-10"), ("person", "ann", "south")).unwrap();
    let entries = [
        sold("1", "ann", "2026-01-05", 100),
        sold("2", "ann", "2026-02-20", 20),
        sold("3", "bo", "2026-02-21", 3),
        moved,
    ];
    let known = "2026-03-01T06:00:00".parse().unwrap();
    journal.enter(known, day("2026-02-28"), &entries).unwrap();
    journal
}

fn rows(view: &View) -> Vec<String> {
    view.panel().unwrap().subjects().labels().collect()
}

#[test]
fn a_leader_sees_whom_they_lead_on_the_day() {
    let journal = journal();
    let people = || journal.view("by_person_month").unwrap();
    assert_eq!(rows(&people().seen_by("person", "south")), ["ann", "bo"]);
    let north: [&str; 0] = [];
    assert_eq!(rows(&people().seen_by("person", "north")), north);
    let before = people().as_of(day("2026-02-09"));
    assert_eq!(rows(&before.clone().seen_by("person", "north")), ["ann"]);
    assert_eq!(rows(&before.seen_by("person", "south")), ["bo"]);
    // As it was on a day, whatever the as-of day is.
    let then = people().as_it_is(day("2026-02-09"));
    assert_eq!(rows(&then.seen_by("person", "north")), ["ann"]);
    // Who sells sees their own row.
    assert_eq!(rows(&people().seen_by("person", "bo")), ["bo"]);
    // A team is a row of its own in a view of teams, with what everybody sees there.
    let teams = journal.view("by_team_month").unwrap();
    let whole = teams.panel().unwrap();
    let part = teams.seen_by("person", "south").panel().unwrap();
    assert_eq!(part.subjects().labels().collect::<Vec<_>>(), ["south"]);
    for period in ["2026-01", "2026-02", "2026-03"] {
        for column in ["sales", "orders", "order_value", "strike_rate"] {
            let of = |panel: &quotaflow::panel::Panel| {
                panel.get(column, ["south"], period).unwrap().to_string()
            };
            assert_eq!(of(&part), of(&whole), "{column} in {period}");
        }
    }
    assert_eq!(
        part.get("sales", ["south"], "2026-02").unwrap().to_string(),
        "23.00 EUR"
    );
}

#[test]
fn who_is_not_there_and_what_is_nobodys_part_are_told() {
    let journal = journal();
    let people = || journal.view("by_person_month").unwrap();
    let error = |view: View| view.panel().unwrap_err().to_string();
    assert_eq!(
        error(people().seen_by("person", "soth")),
        "dimension `person` has no member `soth`; did you mean `south`?"
    );
    assert_eq!(
        error(people().seen_by("persn", "south")),
        "there is no dimension `persn`; did you mean `person`?"
    );
    assert_eq!(
        error(
            journal
                .view("company_year")
                .unwrap()
                .seen_by("person", "south")
        ),
        "view `company_year` has no rows of `person`, so that nobody's part of it can be told: ask a view that has, or the whole of it"
    );
}

/// Regions of teams of people, who have a grade beside; and rows by team and person.
fn deep() -> Journal {
    let document = serde_json::json!({
        "dimensions": [{"key": "person",
            "hierarchies": [
                {"key": "person", "levels": ["region", "team", "person"], "links": [
                    {"member": "t1", "parent": "east"}, {"member": "t2", "parent": "east"}, {"member": "t3", "parent": "west"},
                    {"member": "ann", "parent": "t1"}, {"member": "bo", "parent": "t2"}, {"member": "cy", "parent": "t3"}]},
                {"key": "grade", "levels": ["grade", "person"], "links": [
                    {"member": "ann", "parent": "senior"}, {"member": "cy", "parent": "senior"}]}],
            "members": [{"key": "east", "level": "region"}, {"key": "west", "level": "region"}, {"key": "t1", "level": "team"},
                {"key": "t2", "level": "team"}, {"key": "t3", "level": "team"}, {"key": "senior", "level": "grade"},
                {"key": "ann", "level": "person"}, {"key": "bo", "level": "person"}, {"key": "cy", "level": "person"}]}],
        "kinds": [{"key": "visit", "dimensions": [{"field": "person"}]}],
        "span": {"start": "2026-01-01", "end": "2030-01-01"},
        "metrics": [{"key": "visits", "formula": {"count": {"kinds": ["visit"]}}}],
        "views": [
            {"key": "people", "rows": [{"dimension": "person", "level": "person"}], "unassigned": "hidden",
             "periods": {"grain": "year", "from": "2026-01-01", "to": "2027-01-01"}},
            {"key": "both", "rows": [{"dimension": "person", "level": "team"}, {"dimension": "person", "level": "person"}],
             "unassigned": "hidden", "periods": {"grain": "year", "from": "2026-01-01", "to": "2027-01-01"}}]
    });
    let model: Model = serde_json::from_value(document).unwrap();
    Journal::new(&model, day("2026-01-01")).unwrap()
}

#[test]
fn everybody_below_is_seen_however_deep_and_in_any_hierarchy() {
    let journal = deep();
    let people = || journal.view("people").unwrap().as_of(day("2026-06-01"));
    assert_eq!(rows(&people().seen_by("person", "east")), ["ann", "bo"]);
    assert_eq!(rows(&people().seen_by("person", "t2")), ["bo"]);
    assert_eq!(rows(&people().seen_by("person", "senior")), ["ann", "cy"]);
    // Of two levels the lower one says whose a row is.
    let both = || journal.view("both").unwrap().as_of(day("2026-06-01"));
    let of_bo = both().seen_by("person", "bo").panel().unwrap();
    let rows = of_bo.subjects();
    assert!(rows.ids().all(|row| rows.members(row)[1].as_str() == "bo") && rows.len() == 3);
    let of_east = both().seen_by("person", "east").panel().unwrap();
    let rows = of_east.subjects();
    assert!(rows.ids().all(|row| rows.members(row)[1].as_str() != "cy") && rows.len() == 6);
}
