//! Plans as entries of a journal: cascaded once and kept, changed, agreed, closed and cascaded anew, with targets beside figures.

use quotaflow::journal::{
    Awaited, Close, Entry, EntryId, Journal, JournalError, Rejection, Snapshot,
};
use quotaflow::key::Key;
use quotaflow::ledger::Record;
use quotaflow::model::{Model, ModelDef};
use quotaflow::panel::Panel;
use quotaflow::plan::Edit;
use quotaflow::view::View;
use serde_json::{Value, json};

/// Two people in two teams, January and February: a euro a day for each, 118.00 in all.
pub(crate) fn document() -> Value {
    json!({
        "dimensions": [{"key": "person", "hierarchies": [{"key": "person", "levels": ["team", "person"], "links": [
                {"member": "ann", "parent": "north"}, {"member": "bo", "parent": "south"}]}],
            "members": [{"key": "north", "level": "team"}, {"key": "south", "level": "team"},
                {"key": "ann", "level": "person"}, {"key": "bo", "level": "person"}]}],
        "measures": [{"key": "sales", "unit": "money:EUR", "quantum": "0.01", "additivity": "flow"}],
        "kinds": [{"key": "order", "dimensions": [{"field": "person"}], "measures": [{"measure": "sales"}]}],
        "span": {"start": "2025-01-01", "end": "2030-01-01"},
        "metrics": [{"key": "sales", "formula": {"sum": {"value": {"measure": "sales"}, "of": {"kinds": ["order"]}}}}],
        "plans": [{"key": "spring", "recipes": [{"key": "spring", "measure": "sales",
            "horizon": {"start": "2026-01-01", "end": "2026-03-01"},
            "steps": [{"by": {"member": {"dimension": "person", "level": "person"}}},
                {"by": {"grain": "month"}, "basis": "calendar_days"}]}]}],
        "views": [
            {"key": "teams", "rows": [{"dimension": "person", "level": "team"}],
             "periods": {"grain": "month", "from": "2026-01-01", "to": "2026-03-01"},
             "show": ["sales", "target:sales", "attainment(sales)"]},
            {"key": "people", "rows": [{"dimension": "person", "level": "person"}],
             "periods": {"grain": "month", "from": "2026-01-01", "to": "2026-03-01"}, "show": ["target:sales"]}
        ],
        "watches": [{"key": "targets", "view": "teams",
            "rules": [{"key": "behind", "when": "attainment(sales) < 80%", "severity": "serious"}]}]
    })
}

pub(crate) fn model() -> Model {
    serde_json::from_value(document()).unwrap()
}

pub(crate) fn id(name: &str) -> EntryId {
    EntryId::new("planning", name).unwrap()
}

pub(crate) fn signed(entry: Entry) -> Entry {
    entry.by("eva").because("agreed with everybody")
}

pub(crate) fn cascade(name: &str, day: &str, total: &str) -> Entry {
    let total: rust_decimal::Decimal = total.parse().unwrap();
    let entry = Entry::cascade(id(name), day.parse().unwrap(), "spring", [("sales", total)]);
    signed(entry.unwrap())
}

pub(crate) fn change(name: &str, day: &str, edits: Value) -> Entry {
    let edits: Vec<Edit> = serde_json::from_value(edits).unwrap();
    signed(Entry::change(id(name), day.parse().unwrap(), "spring", edits).unwrap())
}

/// So much more for somebody in a month.
pub(crate) fn more(person: &str, month: &str, amount: &str) -> Value {
    json!([{"spread": {"measure": "sales", "at": {"person": person, "month": month},
        "verb": {"proportional": {"amount": amount}}, "mode": "add"}}])
}

pub(crate) fn moved(name: &str, day: &str, person: &str, team: &str) -> Entry {
    let id = EntryId::new("hr", name).unwrap();
    Entry::moving(id, day.parse().unwrap(), ("person", person, team)).unwrap()
}

pub(crate) fn hired(name: &str, day: &str, person: &str, team: &str) -> Entry {
    let id = EntryId::new("hr", name).unwrap();
    let join = Entry::join(id, day.parse().unwrap(), ("person", "person", person)).unwrap();
    join.under(team).unwrap()
}

/// A euro a day of each of some people, from a day to the day before another.
pub(crate) fn sold(people: &[&str], from: &str, to: &str) -> Vec<Entry> {
    let (from, to): (chrono::NaiveDate, chrono::NaiveDate) =
        (from.parse().unwrap(), to.parse().unwrap());
    let days = from.iter_days().take_while(|day| *day < to);
    days.flat_map(|day| {
        people.iter().map(move |person| {
            let record = Record::new("order", day).id(format!("{person} {day}"));
            let record = record.of("person", *person).amount("sales", 1.into());
            Entry::record("crm", record).unwrap()
        })
    })
    .collect()
}

pub(crate) fn new() -> Journal {
    Journal::new(&model(), "2025-12-01".parse().unwrap()).unwrap()
}

/// Enters what is known early on the day after one, through which it is complete.
pub(crate) fn enter(
    journal: &mut Journal,
    through: &str,
    entries: &[Entry],
) -> Result<quotaflow::journal::Receipt, JournalError> {
    let through: chrono::NaiveDate = through.parse().unwrap();
    let known = through.succ_opt().unwrap().and_hms_opt(6, 0, 0).unwrap();
    journal.enter(known, through, entries)
}

pub(crate) fn reopened(journal: &Journal) -> Journal {
    let night = serde_json::to_string(&journal.snapshot()).unwrap();
    let snapshot: Snapshot = serde_json::from_str(&night).unwrap();
    assert_eq!(snapshot.model(), journal.model().fingerprint());
    let morning = Journal::open(journal.model(), snapshot).unwrap();
    assert_eq!(serde_json::to_string(&morning.snapshot()).unwrap(), night);
    morning
}

pub(crate) fn cell(panel: &Panel, column: &str, row: &str, month: &str) -> String {
    panel.get(column, [row], month).unwrap().to_string()
}

pub(crate) fn cells(view: &View, column: &str, month: &str) -> Vec<(String, String)> {
    let panel = view.panel().unwrap();
    let rows: Vec<String> = panel.subjects().labels().collect();
    rows.into_iter()
        .map(|row| {
            let text = cell(&panel, column, &row, month);
            (row, text)
        })
        .collect()
}

pub(crate) fn told(found: &[(&str, &str)]) -> Vec<(String, String)> {
    found
        .iter()
        .map(|(row, text)| ((*row).to_owned(), (*text).to_owned()))
        .collect()
}

pub(crate) fn reasons(error: JournalError) -> Vec<(usize, String)> {
    let JournalError::Rejected { rejected } = error else {
        panic!("{error}");
    };
    rejected
        .into_iter()
        .map(|one| (one.row, one.reason.to_string()))
        .collect()
}

/// Ann changes teams on 15 January, and everybody sells a euro a day, which is exactly the target.
#[test]
fn who_sells_exactly_the_target_leaves_every_team_at_it_wherever_they_move() {
    let mut journal = new();
    enter(
        &mut journal,
        "2025-12-14",
        &[cascade("1", "2025-12-12", "118.00")],
    )
    .unwrap();
    let mut journal = reopened(&journal);
    enter(
        &mut journal,
        "2026-01-31",
        &sold(&["ann", "bo"], "2026-01-01", "2026-02-01"),
    )
    .unwrap();
    let view = journal.view("teams").unwrap();
    assert_eq!(
        cells(&view, "target:sales", "2026-01"),
        told(&[("north", "31.00 EUR"), ("south", "31.00 EUR")])
    );
    // The transfer is told in February.
    let journal = reopened(&journal);
    let mut journal = journal;
    enter(
        &mut journal,
        "2026-02-03",
        &[moved("1", "2026-01-15", "ann", "south")],
    )
    .unwrap();
    let view = journal.view("teams").unwrap();
    assert_eq!(
        cells(&view, "target:sales", "2026-01"),
        told(&[("north", "14.00 EUR"), ("south", "48.00 EUR")])
    );
    assert_eq!(
        cells(&view, "sales", "2026-01"),
        told(&[("north", "14.00 EUR"), ("south", "48.00 EUR")])
    );
    assert_eq!(
        cells(&view, "attainment(sales)", "2026-01"),
        told(&[("north", "100.0%"), ("south", "100.0%")])
    );
    // By the structure as it is, and as it was known before.
    let now = view.clone().as_it_is("2026-02-01".parse().unwrap());
    assert_eq!(
        cells(&now, "target:sales", "2026-01"),
        told(&[("north", "not applicable"), ("south", "62.00 EUR")])
    );
    let then = view
        .clone()
        .known_at("2026-02-01T06:00:00".parse().unwrap());
    assert_eq!(
        cells(&then, "target:sales", "2026-01"),
        told(&[("north", "31.00 EUR"), ("south", "31.00 EUR")])
    );
    let before = view.as_of("2025-12-11".parse().unwrap());
    assert_eq!(
        cells(&before, "target:sales", "2026-01"),
        told(&[("north", "not applicable"), ("south", "not applicable")])
    );
}

#[test]
fn who_leaves_the_structure_has_a_target_that_is_nobodys_until_an_entry_hands_it_over() {
    let mut journal = new();
    enter(
        &mut journal,
        "2025-12-14",
        &[cascade("1", "2025-12-12", "118.00")],
    )
    .unwrap();
    let end = Entry::end(
        EntryId::new("hr", "1").unwrap(),
        "2026-01-15".parse().unwrap(),
        ("person", "ann"),
    )
    .unwrap();
    enter(&mut journal, "2026-01-31", &[end]).unwrap();
    let view = journal.view("teams").unwrap();
    let nobody = told(&[
        ("north", "14.00 EUR"),
        ("south", "31.00 EUR"),
        ("unassigned", "17.00 EUR"),
    ]);
    assert_eq!(cells(&view, "target:sales", "2026-01"), nobody);
    let leaves = change(
        "2",
        "2026-02-01",
        json!([{"leave": {"measure": "sales", "at": {"person": "ann"}, "from": "2026-01-15"}}]),
    );
    enter(&mut journal, "2026-02-01", &[leaves]).unwrap();
    let view = journal.view("teams").unwrap();
    assert_eq!(
        cells(&view, "target:sales", "2026-01"),
        told(&[
            ("north", "14.00 EUR"),
            ("south", "48.00 EUR"),
            ("unassigned", "0.00 EUR")
        ])
    );
    assert_eq!(
        cells(&view, "target:sales", "2026-02"),
        told(&[
            ("north", "not applicable"),
            ("south", "56.00 EUR"),
            ("unassigned", "0.00 EUR")
        ])
    );
}

#[test]
fn a_hire_before_a_saved_plan_is_loaded_leaves_what_was_agreed() {
    let mut journal = new();
    let entries = [
        cascade("1", "2025-12-12", "118.00"),
        Entry::agree(id("2"), "2025-12-13".parse().unwrap(), "spring", 0)
            .unwrap()
            .by("ann"),
    ];
    enter(&mut journal, "2025-12-14", &entries).unwrap();
    let receipt = enter(
        &mut journal,
        "2026-01-19",
        &[hired("1", "2026-01-19", "cy", "north")],
    )
    .unwrap();
    let unplanned: Vec<String> = receipt.unplanned.iter().map(ToString::to_string).collect();
    assert_eq!(unplanned, ["`cy` has no target in the plan `spring`"]);
    let mut journal = reopened(&journal);
    let people = told(&[
        ("ann", "28.00 EUR"),
        ("bo", "28.00 EUR"),
        ("cy", "not applicable"),
    ]);
    assert_eq!(
        cells(&journal.view("people").unwrap(), "target:sales", "2026-02"),
        people
    );
    assert_eq!(
        journal.agreed("spring").map(|(version, _)| version),
        Some(0)
    );
    // An entry gives one, on top.
    let joins = change(
        "3",
        "2026-01-20",
        json!([{"join": {"measure": "sales", "at": {"person": "cy"}, "from": "2026-02-01",
        "amount": "8.00", "balance": "top", "new": {"below": "north"}}}]),
    );
    let receipt = enter(&mut journal, "2026-01-20", &[joins]).unwrap();
    assert!(receipt.unplanned.is_empty());
    let people = told(&[
        ("ann", "28.00 EUR"),
        ("bo", "28.00 EUR"),
        ("cy", "8.00 EUR"),
    ]);
    assert_eq!(
        cells(&journal.view("people").unwrap(), "target:sales", "2026-02"),
        people
    );
    assert_eq!(
        cells(
            &reopened(&journal).view("teams").unwrap(),
            "target:sales",
            "2026-02"
        ),
        told(&[("north", "36.00 EUR"), ("south", "28.00 EUR")])
    );
    assert_eq!(journal.plan("spring").unwrap().version(), 1);
    let day_before = journal
        .view("people")
        .unwrap()
        .as_of("2026-01-19".parse().unwrap());
    assert_eq!(
        cells(&day_before, "target:sales", "2026-02")[2].1,
        "not applicable"
    );
}

#[test]
fn what_is_done_to_a_plan_waits_until_it_is_cascaded_and_for_whom_it_names() {
    let mut journal = new();
    let early = [
        change("2", "2026-01-05", more("ann", "2026-02", "2.00")),
        Entry::agree(id("3"), "2026-01-06".parse().unwrap(), "spring", 1)
            .unwrap()
            .by("bo"),
    ];
    let receipt = enter(&mut journal, "2026-01-06", &early).unwrap();
    let waiting: Vec<String> = receipt.waiting.iter().map(ToString::to_string).collect();
    assert_eq!(
        waiting,
        [
            "`planning/2` waits for the plan `spring` to be cascaded",
            "`planning/3` waits for the plan `spring` to be cascaded",
        ]
    );
    let mut journal = reopened(&journal);
    let receipt = enter(
        &mut journal,
        "2026-01-07",
        &[cascade("1", "2025-12-12", "118.00")],
    )
    .unwrap();
    assert_eq!(receipt.resumed, [id("2"), id("3")]);
    assert_eq!(
        cells(&journal.view("people").unwrap(), "target:sales", "2026-02"),
        told(&[("ann", "30.00 EUR"), ("bo", "28.00 EUR")])
    );
    assert_eq!(
        journal.agreed("spring").map(|(version, _)| version),
        Some(1)
    );
    // As it was known before, there is no plan.
    let then = journal
        .view("people")
        .unwrap()
        .known_at("2026-01-07T06:00:00".parse().unwrap());
    assert_eq!(
        cells(&then, "target:sales", "2026-02")[0].1,
        "not applicable"
    );
    // Dee is to be in the plan, and has not joined.
    let joins = change(
        "4",
        "2026-01-08",
        json!([{"join": {"measure": "sales", "at": {"person": "dee"}, "from": "2026-02-01",
        "amount": "8.00", "balance": "top", "new": {"below": "north"}}}]),
    );
    let receipt = enter(&mut journal, "2026-01-08", &[joins]).unwrap();
    assert!(
        matches!(receipt.waiting[0].awaits, Awaited::Member { .. }),
        "{:?}",
        receipt.waiting
    );
    let receipt = enter(
        &mut journal,
        "2026-01-09",
        &[hired("9", "2026-02-01", "dee", "north")],
    )
    .unwrap();
    assert_eq!(receipt.resumed, [id("4")]);
    assert!(receipt.unplanned.is_empty());
    assert_eq!(journal.plan("spring").unwrap().version(), 2);
}

#[test]
fn what_a_plan_does_not_take_is_refused_by_its_row_and_nothing_is_done() {
    let mut journal = new();
    let entries = [
        cascade("1", "2025-12-12", "118.00"),
        change("2", "2026-01-05", more("zoe", "2026-02", "2.00")),
    ];
    let error = enter(&mut journal, "2026-01-06", &entries).unwrap_err();
    assert_eq!(reasons(error)[0].0, 1);
    assert!(journal.plan("spring").is_err());
    let receipt = journal
        .enter_good(
            "2026-01-07T06:00:00".parse().unwrap(),
            "2026-01-06".parse().unwrap(),
            &entries,
        )
        .unwrap();
    assert_eq!((receipt.added, receipt.rejected.len()), (1, 1));
    let refused = |journal: &mut Journal, entry: Entry| {
        reasons(enter(journal, "2026-01-10", &[entry]).unwrap_err())[0]
            .1
            .clone()
    };
    let again = cascade("7", "2026-01-08", "100.00");
    assert_eq!(
        refused(&mut journal, again),
        "`planning/1` does that already; void it first"
    );
    let early = change("8", "2025-12-01", more("ann", "2026-02", "2.00"));
    assert_eq!(
        refused(&mut journal, early),
        "the plan `spring` was changed on 2025-12-12 by `planning/1`, so that nothing is done to it on 2025-12-01 any more; give the entry that day or a later one, whatever day its edits begin on"
    );
    let unsigned = Entry::change(id("9"), "2026-01-08".parse().unwrap(), "spring", []).unwrap();
    assert_eq!(
        refused(&mut journal, unsigned),
        "reopening the books, changing the model, doing something to a plan or excusing somebody from a duty needs a name and a reason: give `by` and `why`"
    );
    let unknown = signed(
        Entry::cascade(
            id("9"),
            "2026-01-08".parse().unwrap(),
            "sprig",
            [("sales", 1)],
        )
        .unwrap(),
    );
    assert_eq!(
        refused(&mut journal, unknown),
        "there is no plan `sprig`; did you mean `spring`?"
    );
    let version = Entry::agree(id("9"), "2026-01-08".parse().unwrap(), "spring", 4)
        .unwrap()
        .by("bo");
    assert!(refused(&mut journal, version).contains("version 4"));
    let nothing: [(&str, i64); 0] = [];
    let nothing =
        signed(Entry::cascade(id("9"), "2026-01-08".parse().unwrap(), "spring", nothing).unwrap());
    assert_eq!(
        refused(&mut journal, nothing),
        "the plan `spring` splits `sales`, of which no total is given"
    );
}

#[test]
fn what_is_voided_is_refused_where_it_was_built_on_or_takes_that_along() {
    let mut journal = new();
    let entries = [
        cascade("1", "2025-12-12", "118.00"),
        change("2", "2026-01-05", more("ann", "2026-02", "2.00")),
        change("3", "2026-01-06", more("ann", "2026-02", "3.00")),
        change("4", "2026-01-07", more("bo", "2026-02", "5.00")),
    ];
    enter(&mut journal, "2026-01-07", &entries).unwrap();
    let void = |name: &str, of: &str| Entry::void(id(name), "2026-01-10".parse().unwrap(), id(of));
    let error = enter(&mut journal, "2026-01-10", &[void("5", "2")]).unwrap_err();
    assert_eq!(reasons(error), [(0, "what `planning/2` did to the plan `spring` was built on by `planning/3`; void that in the same hand-over to take it along".to_owned())]);
    let known = journal.known().unwrap();
    enter(
        &mut journal,
        "2026-01-10",
        &[void("5", "2"), void("6", "3")],
    )
    .unwrap();
    let mut journal = reopened(&journal);
    assert_eq!(
        cells(&journal.view("people").unwrap(), "target:sales", "2026-02"),
        told(&[("ann", "28.00 EUR"), ("bo", "33.00 EUR")])
    );
    let then = journal.view("people").unwrap().known_at(known);
    assert_eq!(
        cells(&then, "target:sales", "2026-02"),
        told(&[("ann", "33.00 EUR"), ("bo", "33.00 EUR")])
    );
    // The void was a mistake: what it took back stands again, at its place.
    let back = [Entry::void(id("7"), "2026-01-11".parse().unwrap(), id("5"))];
    enter(&mut journal, "2026-01-11", &back).unwrap();
    assert_eq!(
        cells(
            &reopened(&journal).view("people").unwrap(),
            "target:sales",
            "2026-02"
        ),
        told(&[("ann", "30.00 EUR"), ("bo", "33.00 EUR")])
    );
    let error = enter(&mut journal, "2026-01-12", &[void("8", "1")]).unwrap_err();
    assert_eq!(
        reasons(error)[0].1,
        "what `planning/1` did to the plan `spring` was built on by `planning/2`, `planning/4`; void that in the same hand-over to take it along"
    );
}

#[test]
fn a_plan_is_cascaded_anew_only_when_that_is_asked_for_and_tells_what_it_moved() {
    let mut journal = new();
    enter(
        &mut journal,
        "2025-12-14",
        &[cascade("1", "2025-12-12", "118.00")],
    )
    .unwrap();
    enter(
        &mut journal,
        "2025-12-20",
        &[hired("1", "2025-12-20", "cy", "north")],
    )
    .unwrap();
    let anew = Entry::realign(
        id("2"),
        "2025-12-22".parse().unwrap(),
        "spring",
        [("sales", 177)],
    )
    .unwrap();
    let receipt = enter(&mut journal, "2025-12-22", &[signed(anew)]).unwrap();
    let moved: Vec<String> = receipt.realigned[0]
        .1
        .iter()
        .map(|own| own.path.to_string())
        .collect();
    // Cy joins before the plan begins: 59.00 for each as before, and 59.00 more.
    assert_eq!(moved, ["all", "cy", "cy / 2026-01", "cy / 2026-02"]);
    let journal = reopened(&journal);
    assert_eq!(
        cells(&journal.view("people").unwrap(), "target:sales", "2026-01"),
        told(&[
            ("ann", "31.00 EUR"),
            ("bo", "31.00 EUR"),
            ("cy", "31.00 EUR")
        ])
    );
    let before = journal
        .view("people")
        .unwrap()
        .as_of("2025-12-21".parse().unwrap());
    assert_eq!(
        cells(&before, "target:sales", "2026-01")[2].1,
        "not applicable"
    );
    assert_eq!(journal.plan("spring").unwrap().version(), 1);
}

#[test]
fn what_becomes_known_of_closed_targets_stands_apart() {
    let mut journal = new();
    enter(
        &mut journal,
        "2025-12-14",
        &[cascade("1", "2025-12-12", "118.00")],
    )
    .unwrap();
    let mut january = sold(&["ann", "bo"], "2026-01-01", "2026-02-01");
    january.push(Entry::close(
        id("c"),
        "2026-01-31".parse().unwrap(),
        Close::Hard,
    ));
    enter(&mut journal, "2026-01-31", &january).unwrap();
    let mut journal = reopened(&journal);
    let late = [
        moved("1", "2026-01-15", "ann", "south"),
        change("2", "2026-02-02", more("ann", "2026-02", "4.00")),
    ];
    let error = enter(&mut journal, "2026-02-03", &late).unwrap_err();
    let JournalError::Needed { needed } = error else {
        panic!("{error}");
    };
    let stored = sold(&["ann", "bo"], "2026-01-01", "2026-02-01");
    journal.supply(&needed, &stored).unwrap();
    enter(&mut journal, "2026-02-03", &late).unwrap();
    let panel = journal.view("teams").unwrap().panel().unwrap();
    for (row, told, adjusted) in [
        ("north", "31.00 EUR", "-17.00 EUR"),
        ("south", "31.00 EUR", "17.00 EUR"),
    ] {
        assert_eq!(cell(&panel, "target:sales", row, "2026-01"), told);
        assert_eq!(cell(&panel, "sales", row, "2026-01"), told);
        assert_eq!(cell(&panel, "attainment(sales)", row, "2026-01"), "100.0%");
        assert_eq!(
            cell(
                &panel,
                "adjustment of 2026-01 (target of sales)",
                row,
                "2026-02"
            ),
            adjusted
        );
        assert_eq!(
            cell(&panel, "adjustment of 2026-01 (sales)", row, "2026-02"),
            adjusted
        );
    }
    // What is closed is closed in the plan.
    let error = enter(
        &mut journal,
        "2026-02-04",
        &[change("3", "2026-02-04", more("ann", "2026-01", "4.00"))],
    )
    .unwrap_err();
    assert!(
        matches!(
            &error,
            JournalError::Rejected { rejected } if matches!(rejected[0].reason, Rejection::Plan(_))
        ),
        "{error}"
    );
}

#[test]
fn rules_watch_what_is_reached_of_targets_day_by_day() {
    let mut journal = new();
    enter(
        &mut journal,
        "2025-12-14",
        &[cascade("1", "2025-12-12", "118.00")],
    )
    .unwrap();
    // Ann sells until the 20th: 20 of 31.
    let mut all = sold(&["ann"], "2026-01-01", "2026-01-21");
    all.extend(sold(&["bo"], "2026-01-01", "2026-02-01"));
    enter(&mut journal, "2026-01-31", &all).unwrap();
    let last = journal.day("2026-01-31".parse().unwrap()).unwrap();
    assert!(last.unwatched.is_empty(), "{:?}", last.unwatched);
    let open = journal.day("2026-01-01".parse().unwrap()).unwrap();
    let subjects: Vec<&[Key]> = open
        .notices
        .iter()
        .map(|notice| notice.subject.as_slice())
        .collect();
    assert_eq!(
        subjects.len(),
        2,
        "on the first of a month nobody has reached anything of it"
    );
    let figures: Vec<String> = open.notices[0]
        .figures
        .iter()
        .map(|stated| stated.column.to_string())
        .collect();
    assert_eq!(figures, ["sales", "target:sales"]);
    // A change of the plan that is told later is hindsight of the days told before.
    let halved = change(
        "2",
        "2026-01-05",
        json!([{"spread": {"measure": "sales", "at": {"person": "ann", "month": "2026-01"},
        "verb": {"proportional": {"amount": "15.50"}}}}]),
    );
    enter(&mut journal, "2026-02-01", &[halved]).unwrap();
    let late = journal.day("2026-02-01".parse().unwrap()).unwrap();
    let columns: Vec<String> = late.late[0]
        .answers
        .iter()
        .map(|own| format!("{} {}", own.row[0], own.column))
        .collect();
    assert_eq!(columns, ["north target:sales", "north attainment(sales)"]);
}

#[test]
fn a_basis_is_the_history_of_the_journal_as_of_the_day_of_the_cascade() {
    let mut document = document();
    document["tables"] = json!([{"key": "december", "metric": {"key": "won", "formula": {"metric": "sales"}},
        "axes": [{"dimension": "person", "level": "person"}],
        "periods": {"grain": "month", "from": "2025-12-01", "to": "2026-01-01"}}]);
    document["plans"][0]["recipes"][0]["steps"][0]["basis"] =
        json!({"history": {"table": "december"}});
    let model: Model = serde_json::from_value(document).unwrap();
    let mut journal = Journal::new(&model, "2025-12-01".parse().unwrap()).unwrap();
    // Ten days of ann and two of bo, of which one lies behind the day of the cascade.
    let mut all = sold(&["ann"], "2025-12-01", "2025-12-11");
    all.extend(sold(&["bo"], "2025-12-11", "2025-12-12"));
    all.extend(sold(&["bo"], "2025-12-14", "2025-12-15"));
    all.push(cascade("1", "2025-12-12", "649.00"));
    enter(&mut journal, "2025-12-20", &all).unwrap();
    let january = told(&[("ann", "310.00 EUR"), ("bo", "31.00 EUR")]);
    assert_eq!(
        cells(&journal.view("people").unwrap(), "target:sales", "2026-01"),
        january
    );
    // What comes later moves nothing.
    enter(
        &mut journal,
        "2025-12-31",
        &sold(&["bo"], "2025-12-15", "2025-12-20"),
    )
    .unwrap();
    assert_eq!(
        cells(
            &reopened(&journal).view("people").unwrap(),
            "target:sales",
            "2026-01"
        ),
        january
    );
}

#[test]
fn who_never_sold_is_refused_or_told_with_what_the_policy_gives() {
    let document = |basis: Value, gates: Value| {
        let mut document = document();
        document["tables"] = json!([{"key": "december", "metric": {"key": "won", "formula": {"metric": "sales"}},
            "axes": [{"dimension": "person", "level": "person"}],
            "periods": {"grain": "month", "from": "2025-12-01", "to": "2026-01-01"}}]);
        document["metrics"][0]["formula"]["sum"]["empty"] = json!("nothing_recorded");
        let step = &mut document["plans"][0]["recipes"][0]["steps"][0];
        step["basis"] = basis;
        step["gates"] = gates;
        document
    };
    let cascaded = |basis: Value, gates: Value| {
        let model: Model = serde_json::from_value(document(basis, gates)).unwrap();
        let mut journal = Journal::new(&model, "2025-12-01".parse().unwrap()).unwrap();
        let mut all = sold(&["ann"], "2025-12-01", "2025-12-11");
        all.push(cascade("1", "2025-12-12", "649.00"));
        enter(&mut journal, "2025-12-20", &all).map(|_| reopened(&journal))
    };
    let history = |missing: Value| json!({"history": {"table": "december", "missing": missing}});
    let january = |journal: &Journal| {
        let panel = journal.view("people").unwrap();
        cells(&panel, "target:sales", "2026-01")
    };
    let refused = cascaded(json!({"history": {"table": "december"}}), json!([])).unwrap_err();
    let refused = reasons(refused);
    assert!(
        refused[0]
            .1
            .contains("the table `december` has no figure for bo at step `person`"),
        "{refused:?}"
    );
    // Ann's ten days are 10.00; bo like somebody who sold 1.00.
    let journal = cascaded(history(json!({"weight": "1"})), json!([])).unwrap();
    assert_eq!(
        january(&journal),
        told(&[("ann", "310.00 EUR"), ("bo", "31.00 EUR")])
    );
    let plan = journal.plan("spring").unwrap();
    let applied: Vec<String> = plan.applied().iter().map(ToString::to_string).collect();
    assert_eq!(
        applied,
        ["`sales`: `december` has no figure for bo, which weighs 1 as stated: 59.00 of 649.00"]
    );
    // Only who sold is eligible.
    let gates = json!([{"figures": {"table": "december", "missing": "zero"}}]);
    let journal = cascaded(json!("equal"), gates).unwrap();
    assert_eq!(
        january(&journal),
        told(&[("ann", "341.00 EUR"), ("bo", "0.00 EUR")])
    );
}

#[test]
fn figures_that_are_not_there_yet_hide_no_mistake_of_a_plan() {
    let inverse = json!({"inverse": {"history": {"table": "december"}}});
    let gates = json!([{"figures": {"table": "december"}}]);
    for (basis, gates) in [(inverse, json!([])), (json!("equal"), gates)] {
        let mut document = document();
        document["tables"] = json!([{"key": "december", "metric": {"key": "won", "formula": {"metric": "sales"}},
            "axes": [{"dimension": "person", "level": "person"}],
            "periods": {"grain": "month", "from": "2025-12-01", "to": "2026-01-01"}}]);
        let step = &mut document["plans"][0]["recipes"][0]["steps"][0];
        step["basis"] = basis;
        step["gates"] = gates;
        let mistakes = |document: &Value| {
            let model = Model::new(serde_json::from_value::<ModelDef>(document.clone()).unwrap());
            let found = model.map_err(|error| error.mistakes);
            let found: Vec<String> = found
                .err()
                .iter()
                .flatten()
                .map(ToString::to_string)
                .collect();
            found
        };
        assert_eq!(mistakes(&document), [] as [&str; 0]);
        let mut crossed = document.clone();
        crossed["plans"][0]["recipes"][0]["bounds"] =
            json!([{"step": "person", "at": {"person": "ann"}, "min": "5", "max": "1"}]);
        let found = mistakes(&crossed);
        assert!(
            found.len() == 1 && found[0].starts_with("plans[0].recipes[0]: "),
            "{found:?}"
        );
        document["plans"][0]["links"] = json!([{"ratio": "margin", "numerator_changed": "ratio", "denominator_changed": "ratio", "ratio_changed": "numerator"}]);
        let found = mistakes(&document);
        assert!(
            found.len() == 1 && found[0].starts_with("plans[0].links: "),
            "{found:?}"
        );
    }
}

#[test]
fn mistakes_of_plans_are_told_with_all_others() {
    let mut document = document();
    document["views"][0]["show"] = json!(["sales", "target:sale", "attainment(orders)"]);
    document["plans"][0]["recipes"][0]["steps"][0]["by"]["member"]["level"] = json!("persn");
    let mut second = document["plans"][0].clone();
    second["key"] = json!("other");
    document["plans"].as_array_mut().unwrap().push(second);
    let error = Model::new(serde_json::from_value::<ModelDef>(document).unwrap()).unwrap_err();
    let found: Vec<String> = error.mistakes.iter().map(ToString::to_string).collect();
    assert_eq!(
        found,
        [
            "views[0].show[1]: there is no metric, target, duty, card or pay plan `target:sale`; did you mean `target:sales`?",
            "views[0].show[2]: there is no metric, target, duty, card or pay plan `attainment(orders)`; did you mean `attainment(sales)`?",
            "plans[0].recipes[0]: dimension `person` has no level `persn`; did you mean `person`?",
            "plans[1].recipes[0].horizon: the plan `spring` has targets of `sales` for some of these days; let one plan begin where the other ends",
            "plans[1].recipes[0]: dimension `person` has no level `persn`; did you mean `person`?",
        ]
    );
}
