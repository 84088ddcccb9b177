//! Books that are closed, adjusted and reopened: what was told stays, and what comes late is told apart.

use chrono::{NaiveDate, NaiveDateTime};
use quotaflow::journal::{
    Checksum, Close, Entry, EntryId, Journal, JournalError, Needed, Receipt, Snapshot,
};
use quotaflow::ledger::Record;
use quotaflow::model::{Model, ModelDef};
use quotaflow::view::{View, ViewError};
use rust_decimal::Decimal;

pub fn model() -> Model {
    serde_json::from_str(include_str!("../../examples/models/two_teams.json")).unwrap()
}

/// The same, of which the sources promise that no id comes twice.
pub fn promised() -> Model {
    let mut definition: ModelDef = model().definition().clone();
    definition.unique_ids = vec!["crm".try_into().unwrap(), "hr".try_into().unwrap()];
    Model::new(definition).unwrap()
}

pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub fn morning(text: &str) -> NaiveDateTime {
    format!("{text}T06:00:00").parse().unwrap()
}

pub fn id(source: &str, id: &str) -> EntryId {
    EntryId::new(source, id).unwrap()
}

pub fn order(id: &str, person: &str, on: &str, euros: i64) -> Entry {
    let record = Record::new("order", day(on)).id(id).of("person", person);
    Entry::record("crm", record.amount("sales", Decimal::from(euros))).unwrap()
}

fn moved(name: &str, on: &str, to: &str) -> Entry {
    Entry::moving(id("hr", name), day(on), ("person", "ann", to)).unwrap()
}

pub fn close(name: &str, through: &str, how: Close) -> Entry {
    Entry::close(id("books", name), day(through), how)
}

pub fn enter(journal: &mut Journal, known: &str, entries: &[Entry]) -> Receipt {
    let through = day(known).pred_opt().unwrap();
    journal.enter(morning(known), through, entries).unwrap()
}

pub fn figure(view: &View, column: &str, row: &str, period: &str) -> String {
    let panel = view.panel().unwrap();
    match panel.get(column, [row], period) {
        Ok(answer) => answer.to_string(),
        Err(error) => error.to_string(),
    }
}

pub fn teams(journal: &Journal) -> View {
    journal.view("by_team_month").unwrap()
}

fn refusal(journal: &mut Journal, known: &str, entry: &Entry) -> String {
    let through = day(known).pred_opt().unwrap();
    let error = journal
        .enter(morning(known), through, std::slice::from_ref(entry))
        .unwrap_err();
    assert!(matches!(error, JournalError::Rejected { .. }), "{error}");
    error.to_string()
}

/// January, closed hard on the first of February.
pub fn closed(model: &Model) -> Journal {
    let mut journal = Journal::new(model, day("2026-01-01")).unwrap();
    let january = [
        order("1", "ann", "2026-01-10", 100),
        order("2", "ann", "2026-01-20", 40),
        order("3", "bo", "2026-01-12", 80),
        close("C-1", "2026-01-31", Close::Hard),
    ];
    enter(&mut journal, "2026-02-01", &january);
    journal
}

pub fn needed(error: ViewError) -> Needed {
    match error {
        ViewError::Needed { needed } => *needed,
        other => panic!("{other}"),
    }
}

#[test]
fn a_late_record_adjusts_the_first_open_period_and_the_closed_figure_stays() {
    let mut journal = closed(&promised());
    let late = [
        order("4", "ann", "2026-01-25", 7),
        order("5", "ann", "2026-02-03", 50),
    ];
    let receipt = enter(&mut journal, "2026-02-10", &late);
    assert_eq!(receipt.late.len(), 1);
    assert_eq!(
        receipt.late[0].to_string(),
        "`crm/4` adjusts what is closed hard"
    );
    let view = teams(&journal);
    assert_eq!(figure(&view, "sales", "north", "2026-01"), "140.00 EUR");
    assert_eq!(figure(&view, "sales", "north", "2026-02"), "50.00 EUR");
    let sales = "adjustment of 2026-01 (sales)";
    assert_eq!(figure(&view, sales, "north", "2026-02"), "7.00 EUR");
    assert_eq!(figure(&view, sales, "south", "2026-02"), "0.00 EUR");
    assert_eq!(figure(&view, sales, "north", "2026-01"), "not applicable");
    assert_eq!(
        figure(&view, "adjustment of 2026-01 (orders)", "north", "2026-02"),
        "1 order"
    );
    // What is no sum is told as it was.
    assert_eq!(
        figure(&view, "order_value", "north", "2026-01"),
        "70.00 EUR"
    );
    // February is closed too: what it was adjusted by stays there, and what comes later goes on to March.
    enter(
        &mut journal,
        "2026-03-01",
        &[close("C-2", "2026-02-28", Close::Hard)],
    );
    let more = [
        order("6", "bo", "2026-01-30", 3),
        order("7", "bo", "2026-02-27", 2),
    ];
    enter(&mut journal, "2026-03-05", &more);
    let view = teams(&journal);
    assert_eq!(figure(&view, sales, "north", "2026-02"), "7.00 EUR");
    assert_eq!(figure(&view, sales, "south", "2026-03"), "3.00 EUR");
    assert_eq!(figure(&view, sales, "north", "2026-03"), "0.00 EUR");
    assert_eq!(
        figure(&view, "adjustment of 2026-02 (sales)", "south", "2026-03"),
        "2.00 EUR"
    );
    assert_eq!(figure(&view, "sales", "south", "2026-01"), "80.00 EUR");
    // As of the last day of January nothing of this had been.
    let then = view.as_of(day("2026-01-31"));
    assert_eq!(figure(&then, "sales", "north", "2026-01"), "140.00 EUR");
}

#[test]
fn a_move_told_late_adjusts_both_rows_and_asks_for_the_records_that_it_cuts() {
    let mut journal = closed(&promised());
    let receipt = enter(
        &mut journal,
        "2026-02-10",
        &[moved("M-1", "2026-01-15", "south")],
    );
    assert_eq!(receipt.late.len(), 1);
    let asked = needed(teams(&journal).panel().unwrap_err());
    let Needed::Records { pieces } = &asked else {
        panic!("{asked}")
    };
    assert_eq!(pieces.len(), 1);
    assert_eq!(
        asked.to_string(),
        "closed days are no longer held one by one; supply all records of `order, person ann, from 2026-01-01 up to before 2026-02-01`"
    );
    let own = [
        order("1", "ann", "2026-01-10", 100),
        order("2", "ann", "2026-01-20", 40),
    ];
    let sum = own
        .iter()
        .map(Checksum::of)
        .fold(Checksum::default(), Checksum::and);
    assert_eq!(pieces[0].checksum, sum);
    let told = |supplied: &[Entry]| {
        let error = journal.clone().supply(&asked, supplied).unwrap_err();
        error.to_string()
    };
    assert!(
        told(&own[..1])
            .ends_with("does not add up: an entry is missing, one is too many, or one was changed")
    );
    assert!(
        told(&[own[0].clone(), order("2", "ann", "2026-01-20", 41)]).contains("does not add up")
    );
    assert!(
        told(&[own[0].clone(), order("3", "bo", "2026-01-12", 80)]).contains("does not add up")
    );
    // What was not asked for is passed over.
    let [first, second] = own;
    let all = [first, order("3", "bo", "2026-01-12", 80), second];
    journal.supply(&asked, &all).unwrap();
    let sales = "adjustment of 2026-01 (sales)";
    let seen = |journal: &Journal| {
        let view = teams(journal);
        let all = [("sales", "2026-01"), (sales, "2026-02")];
        let all = all.map(|(column, period)| {
            ["north", "south"].map(|row| figure(&view, column, row, period))
        });
        all.concat().join(", ")
    };
    let wanted = "140.00 EUR, 80.00 EUR, -40.00 EUR, 40.00 EUR";
    assert_eq!(seen(&journal), wanted);
    // Once it is let go, the days on either side of the move stay apart.
    journal.forget().unwrap();
    assert_eq!(seen(&journal), wanted);
    let night = serde_json::to_string(&journal.snapshot()).unwrap();
    let journal = Journal::open(
        &promised(),
        serde_json::from_str::<Snapshot>(&night).unwrap(),
    );
    assert_eq!(seen(&journal.unwrap()), wanted);
}

#[test]
fn days_within_what_is_closed_are_asked_for_and_answered_as_before() {
    let mut journal = closed(&promised());
    let view = teams(&journal).as_of(day("2026-01-15"));
    let asked = needed(view.panel().unwrap_err());
    let all = [
        order("1", "ann", "2026-01-10", 100),
        order("2", "ann", "2026-01-20", 40),
        order("3", "bo", "2026-01-12", 80),
    ];
    journal.supply(&asked, &all).unwrap();
    let view = teams(&journal).as_of(day("2026-01-15"));
    assert_eq!(figure(&view, "sales", "north", "2026-01"), "100.00 EUR");
    assert_eq!(figure(&view, "sales", "south", "2026-01"), "80.00 EUR");
    journal.forget().unwrap();
    assert!(teams(&journal).as_of(day("2026-01-15")).panel().is_err());
    // What was known before the close is another journal's answer.
    let earlier = teams(&journal).known_at(morning("2026-01-15"));
    let asked = needed(earlier.panel().unwrap_err());
    assert!(
        matches!(asked, Needed::Journal { hand_overs: 0, .. }),
        "{asked}"
    );
    assert!(journal.supply(&asked, &[]).is_err());
}

#[test]
fn what_lies_behind_a_close_is_forgotten_and_asked_for() {
    let mut journal = closed(&model());
    assert_eq!(journal.find(&id("crm", "1")), None);
    let again = order("1", "ann", "2026-01-10", 100);
    let through = day("2026-02-09");
    let error = journal
        .enter(morning("2026-02-10"), through, std::slice::from_ref(&again))
        .unwrap_err();
    let JournalError::Needed { needed } = error else {
        panic!("{error}")
    };
    assert_eq!(
        *needed,
        Needed::Entries {
            ids: vec![id("crm", "1")]
        }
    );
    journal
        .supply(&needed, std::slice::from_ref(&again))
        .unwrap();
    let receipt = journal
        .enter(morning("2026-02-10"), through, &[again])
        .unwrap();
    assert_eq!((receipt.added, receipt.repeated), (0, 1));
    // A new one is new once the host has said that it does not have it.
    let new = order("9", "ann", "2026-01-10", 5);
    let error = journal
        .enter(morning("2026-02-11"), through, std::slice::from_ref(&new))
        .unwrap_err();
    let JournalError::Needed { needed } = error else {
        panic!("{error}")
    };
    journal.supply(&needed, &[]).unwrap();
    journal
        .enter(morning("2026-02-11"), through, &[new])
        .unwrap();
    assert_eq!(
        figure(
            &teams(&journal),
            "adjustment of 2026-01 (sales)",
            "north",
            "2026-02"
        ),
        "5.00 EUR"
    );
    // A reversal of what is forgotten, and a void of it.
    for (known, entry, wanted) in [
        (
            "2026-02-12",
            Entry::reverse(id("crm", "R-1"), day("2026-02-11"), id("crm", "2")),
            "5.00 EUR",
        ),
        (
            "2026-02-13",
            Entry::void(id("crm", "V-1"), day("2026-02-12"), id("crm", "3")),
            "-80.00 EUR",
        ),
    ] {
        let error = journal
            .enter(
                morning(known),
                day("2026-02-12"),
                std::slice::from_ref(&entry),
            )
            .unwrap_err();
        let JournalError::Needed { needed } = error else {
            panic!("{error}")
        };
        let stored = [
            order("2", "ann", "2026-01-20", 40),
            order("3", "bo", "2026-01-12", 80),
        ];
        let own: Vec<Entry> = stored
            .into_iter()
            .filter(|stored| entry.content() != stored.content())
            .filter(
                |stored| matches!(&*needed, Needed::Entries { ids } if ids.contains(stored.id())),
            )
            .collect();
        journal.supply(&needed, &own).unwrap();
        journal
            .enter(morning(known), day("2026-02-12"), &[entry])
            .unwrap();
        let row = if known == "2026-02-12" {
            "north"
        } else {
            "south"
        };
        assert_eq!(
            figure(
                &teams(&journal),
                "adjustment of 2026-01 (sales)",
                row,
                "2026-02"
            ),
            wanted
        );
    }
    // A sum falls on the day of the reversal, which is open.
    assert_eq!(
        figure(&teams(&journal), "sales", "north", "2026-02"),
        "-40.00 EUR"
    );
}

#[test]
fn a_soft_close_warns_and_a_reopened_period_takes_everything_in() {
    let mut journal = Journal::new(&promised(), day("2026-01-01")).unwrap();
    let january = [
        order("1", "ann", "2026-01-10", 100),
        close("S-1", "2026-01-31", Close::Soft),
    ];
    enter(&mut journal, "2026-02-01", &january);
    let receipt = enter(
        &mut journal,
        "2026-02-03",
        &[order("2", "ann", "2026-01-31", 5)],
    );
    assert_eq!(
        receipt.late[0].to_string(),
        "`crm/2` changes what is closed softly"
    );
    assert_eq!(
        figure(&teams(&journal), "sales", "north", "2026-01"),
        "105.00 EUR"
    );
    enter(
        &mut journal,
        "2026-02-04",
        &[close("C-1", "2026-01-31", Close::Hard)],
    );
    enter(
        &mut journal,
        "2026-02-05",
        &[order("3", "ann", "2026-01-30", 2)],
    );
    assert_eq!(
        figure(&teams(&journal), "sales", "north", "2026-01"),
        "105.00 EUR"
    );
    assert_eq!(journal.closed_through(Close::Hard), Some(day("2026-01-31")));
    let unsigned = Entry::reopen(id("books", "O-1"), day("2026-01-01"));
    assert!(refusal(&mut journal, "2026-02-06", &unsigned).contains("give `by` and `why`"));
    let reopened = unsigned.by("cfo").because("the auditor asks");
    enter(&mut journal, "2026-02-06", &[reopened]);
    assert_eq!(journal.closed_through(Close::Soft), Some(day("2025-12-31")));
    let view = teams(&journal);
    assert_eq!(figure(&view, "sales", "north", "2026-01"), "107.00 EUR");
    let told = figure(&view, "adjustment of 2026-01 (sales)", "north", "2026-02");
    assert!(told.starts_with("the panel has no column"), "{told}");
    enter(
        &mut journal,
        "2026-02-07",
        &[close("C-2", "2026-01-31", Close::Hard)],
    );
    enter(
        &mut journal,
        "2026-02-08",
        &[order("4", "ann", "2026-01-29", 1)],
    );
    let view = teams(&journal);
    assert_eq!(figure(&view, "sales", "north", "2026-01"), "107.00 EUR");
    assert_eq!(
        figure(&view, "adjustment of 2026-01 (sales)", "north", "2026-02"),
        "1.00 EUR"
    );
}

#[test]
fn what_cannot_be_closed_or_reopened_says_why() {
    let mut journal = closed(&promised());
    let again = close("C-9", "2026-01-15", Close::Hard);
    assert!(
        refusal(&mut journal, "2026-02-02", &again)
            .contains("the books are already closed hard through 2026-01-31")
    );
    let ahead = close("C-9", "2026-02-28", Close::Hard);
    assert!(
        refusal(&mut journal, "2026-02-02", &ahead)
            .contains("the hand-over is complete through 2026-02-01 only")
    );
    let void = Entry::void(id("books", "V-1"), day("2026-02-01"), id("books", "C-1"));
    assert!(refusal(&mut journal, "2026-02-02", &void).contains("cannot be voided"));
    let open = Entry::reopen(id("books", "O-1"), day("2026-02-01"));
    assert!(
        refusal(
            &mut journal,
            "2026-02-02",
            &open.by("cfo").because("a test")
        )
        .contains(
            "the books are already open from 2026-02-01 on; they are closed through 2026-01-31"
        )
    );
}

/// A void may come before what it voids, and be void itself: what closes or reopens the books is then judged when it is done after
/// all, and once it was done nothing makes it undone.
#[test]
fn a_close_that_was_voided_before_it_came_is_judged_when_it_stands_after_all() {
    let void =
        |name: &str, of: &str| Entry::void(id("books", name), day("2026-01-05"), id("books", of));
    let begun = |entries: &[Entry]| {
        let mut journal = Journal::new(&promised(), day("2026-01-01")).unwrap();
        enter(&mut journal, "2026-01-10", &[void("V-1", "C-1")]);
        enter(&mut journal, "2026-01-11", entries);
        assert_eq!(journal.closed_through(Close::Soft), None);
        journal
    };
    for how in [Close::Soft, Close::Hard] {
        // It would close days that are not complete, as late as they are.
        let mut journal = begun(&[close("C-1", "2026-01-31", how)]);
        let told = refusal(&mut journal, "2026-01-20", &void("V-2", "V-1"));
        assert!(told.contains("`books/C-1` would then be done after all, and cannot be: the books cannot be closed through 2026-01-31"), "{told}");
        enter(&mut journal, "2026-02-01", &[void("V-2", "V-1")]);
        assert_eq!(journal.closed_through(how), Some(day("2026-01-31")));
        // What is done stays done, however many voids lie between.
        let told = refusal(&mut journal, "2026-02-02", &void("V-3", "V-2"));
        assert!(
            told.contains(
                "`books/C-1` closes or reopens the books or changes the model and cannot be voided"
            ),
            "{told}"
        );
    }
    // It would close what is closed by now.
    let mut journal = begun(&[close("C-1", "2026-01-09", Close::Hard)]);
    enter(
        &mut journal,
        "2026-01-12",
        &[close("C-2", "2026-01-10", Close::Hard)],
    );
    let told = refusal(&mut journal, "2026-01-13", &void("V-2", "V-1"));
    assert!(
        told.contains("the books are already closed hard through 2026-01-10"),
        "{told}"
    );
    // It would reopen without a name, or what is open.
    let mut journal = begun(&[Entry::reopen(id("books", "C-1"), day("2026-01-02"))]);
    let told = refusal(&mut journal, "2026-01-13", &void("V-2", "V-1"));
    assert!(told.contains("give `by` and `why`"), "{told}");
    let reopen = Entry::reopen(id("books", "C-1"), day("2026-01-02"));
    let mut journal = begun(&[reopen.by("cfo").because("a test")]);
    let told = refusal(&mut journal, "2026-01-13", &void("V-2", "V-1"));
    assert!(told.contains("the books are already open"), "{told}");
    // Four voids deep.
    let mut journal = begun(&[
        close("C-1", "2026-01-31", Close::Hard),
        void("V-3", "V-2"),
        void("V-4", "V-3"),
    ]);
    let told = refusal(&mut journal, "2026-01-20", &void("V-2", "V-1"));
    assert!(told.contains("cannot be: the books"), "{told}");
}

/// What was reversed stays so once, however many voids lie between.
#[test]
fn a_reversal_that_comes_back_by_voids_of_voids_is_refused_where_another_does_the_same() {
    let void = |name: &str, of: EntryId| Entry::void(id("crm", name), day("2026-01-05"), of);
    let reversal = |name: &str| Entry::reverse(id("crm", name), day("2026-01-12"), id("crm", "1"));
    let mut journal = Journal::new(&promised(), day("2026-01-01")).unwrap();
    let first = [
        order("1", "ann", "2026-01-10", 100),
        reversal("R-1"),
        void("V-1", id("crm", "R-1")),
    ];
    enter(&mut journal, "2026-01-12", &first);
    enter(&mut journal, "2026-01-13", &[void("V-2", id("crm", "V-1"))]);
    enter(&mut journal, "2026-01-14", &[void("V-3", id("crm", "V-2"))]);
    enter(&mut journal, "2026-01-15", &[reversal("R-2")]);
    let told = refusal(&mut journal, "2026-01-16", &void("V-4", id("crm", "V-3")));
    assert!(told.contains("`crm/R-2` does that already"), "{told}");
}

/// A soft close changes no figure, so that nothing is read again; nor does opening again what was closed softly.
#[test]
fn a_soft_close_keeps_what_views_have_read() {
    let mut journal = Journal::new(&promised(), day("2026-01-01")).unwrap();
    enter(
        &mut journal,
        "2026-01-20",
        &[order("1", "ann", "2026-01-10", 100)],
    );
    let read = |journal: &Journal| {
        let before = journal.cells_read();
        assert_eq!(
            figure(&teams(journal), "sales", "north", "2026-01"),
            "100.00 EUR"
        );
        journal.cells_read() - before
    };
    assert!(read(&journal) > 0);
    enter(
        &mut journal,
        "2026-02-01",
        &[close("S-1", "2026-01-31", Close::Soft)],
    );
    assert_eq!(read(&journal), 0);
    let reopen = Entry::reopen(id("books", "O-1"), day("2026-01-01"));
    enter(
        &mut journal,
        "2026-02-02",
        &[reopen.by("cfo").because("a test")],
    );
    assert_eq!(
        (journal.closed_through(Close::Soft), read(&journal)),
        (Some(day("2025-12-31")), 0)
    );
}

#[test]
fn a_member_with_figures_in_closed_books_stays_one() {
    let mut journal = Journal::new(&promised(), day("2026-01-01")).unwrap();
    let join = Entry::join(
        id("hr", "J-1"),
        day("2026-01-05"),
        ("person", "person", "cy"),
    )
    .unwrap();
    let january = [
        join.under("south").unwrap(),
        order("1", "cy", "2026-01-10", 100),
        close("C-1", "2026-01-31", Close::Hard),
    ];
    enter(&mut journal, "2026-02-01", &january);
    let void = Entry::void(id("hr", "V-1"), day("2026-02-01"), id("hr", "J-1"));
    assert!(
        refusal(&mut journal, "2026-02-02", &void)
            .contains("`cy` has figures in the books that were closed through 2026-01-31")
    );
}

#[test]
fn a_join_after_a_close_may_be_voided_while_nothing_that_is_closed_names_who_joined() {
    let mut journal = closed(&promised());
    let join = |name: &str, person: &str| {
        let join = ("person", "person", person);
        let join = Entry::join(id("hr", name), day("2026-02-02"), join).unwrap();
        join.under("south").unwrap()
    };
    enter(
        &mut journal,
        "2026-02-03",
        &[
            join("J-1", "cy"),
            join("J-2", "dan"),
            order("4", "dan", "2026-02-02", 5),
        ],
    );
    let void = |name: &str, of: &str| Entry::void(id("hr", name), day("2026-02-03"), id("hr", of));
    enter(
        &mut journal,
        "2026-02-04",
        &[void("V-1", "J-1"), void("V-2", "J-2")],
    );
    let waiting = journal.waiting().into_iter().map(|own| own.entry);
    assert_eq!(waiting.collect::<Vec<_>>(), [id("crm", "4")]);
    let panel = journal.view("by_person_month").unwrap().panel().unwrap();
    let rows: Vec<String> = panel.subjects().labels().collect();
    assert_eq!(rows, ["ann", "bo"]);
}

#[test]
fn a_window_that_reaches_back_keeps_its_days() {
    let mut definition: ModelDef = promised().definition().clone();
    definition.metrics.push(
        serde_json::from_str(
            r#"{"key": "thirty", "formula": {"sum": {"value": {"measure": "sales"},
                "of": {"kinds": ["order"], "window": {"trailing_days": 30}}}}}"#,
        )
        .unwrap(),
    );
    let model = Model::new(definition).unwrap();
    let mut journal = closed(&model);
    enter(
        &mut journal,
        "2026-02-16",
        &[order("4", "ann", "2026-02-10", 3)],
    );
    // From 17 January on.
    assert_eq!(
        figure(&teams(&journal), "thirty", "north", "2026-02"),
        "43.00 EUR"
    );
    let earlier = teams(&journal).as_of(day("2026-02-08"));
    assert_eq!(figure(&earlier, "thirty", "north", "2026-02"), "140.00 EUR");
}
