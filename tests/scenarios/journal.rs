//! A company that moves, entry by entry: late records, hires, transfers, reversals, voids, and what waits.

use quotaflow::journal::{Awaited, Entry, Journal, JournalError, Rejection};
use quotaflow::ledger::Record;
use quotaflow::model::Model;
use quotaflow::view::View;
use rust_decimal::Decimal;

use crate::journal_closing::{day, figure, id, model, morning, order};

fn journal() -> Journal {
    Journal::new(&model(), day("2026-01-01")).unwrap()
}

fn teams(journal: &Journal, as_of: &str) -> View {
    journal.view("by_team_month").unwrap().as_of(day(as_of))
}

#[test]
fn a_late_record_counts_in_its_month_and_what_was_known_before_stays() {
    let mut journal = journal();
    journal
        .enter(
            morning("2026-02-01"),
            day("2026-01-31"),
            &[order("1", "ann", "2026-01-10", 100)],
        )
        .unwrap();
    assert_eq!(journal.complete_through(), Some(day("2026-01-31")));
    let before = teams(&journal, "2026-01-31");
    let late = [
        order("2", "ann", "2026-01-20", 7),
        order("3", "ann", "2026-02-03", 50),
    ];
    journal
        .enter(morning("2026-02-10"), day("2026-02-09"), &late)
        .unwrap();
    let now = teams(&journal, "2026-02-09");
    assert_eq!(figure(&now, "sales", "north", "2026-01"), "107.00 EUR");
    assert_eq!(figure(&now, "sales", "north", "2026-02"), "50.00 EUR");
    let then = teams(&journal, "2026-01-31").known_at(morning("2026-02-01"));
    assert_eq!(figure(&then, "sales", "north", "2026-01"), "100.00 EUR");
    // A view that was taken earlier answers as it did.
    assert_eq!(before.panel().unwrap(), then.panel().unwrap());
}

#[test]
fn a_hire_has_a_row_from_the_day_on_which_it_is_known_and_has_come() {
    let mut journal = journal();
    let join = Entry::join(
        id("hr", "H-1"),
        day("2026-03-10"),
        ("person", "person", "cy"),
    )
    .unwrap();
    let hire = [
        join.under("south").unwrap(),
        order("1", "cy", "2026-03-12", 30),
    ];
    let receipt = journal
        .enter(morning("2026-03-13"), day("2026-03-12"), &hire)
        .unwrap();
    assert_eq!((receipt.added, receipt.waiting.len()), (2, 0));
    assert_eq!(
        figure(&teams(&journal, "2026-03-12"), "sales", "south", "2026-03"),
        "30.00 EUR"
    );
    let people = journal.view("by_person_month").unwrap();
    let rows = |as_of: &str| {
        people
            .clone()
            .as_of(day(as_of))
            .panel()
            .unwrap()
            .subjects()
            .len()
    };
    assert_eq!((rows("2026-03-09"), rows("2026-03-10")), (2, 3));
}

#[test]
fn a_transfer_in_the_middle_of_a_month_cuts_the_month_on_its_day() {
    let mut journal = journal();
    let sold: Vec<Entry> = (1..=31)
        .map(|on| order(&on.to_string(), "ann", &format!("2026-01-{on:02}"), 10))
        .collect();
    journal
        .enter(morning("2026-02-01"), day("2026-01-31"), &sold)
        .unwrap();
    let read = journal.records_read();
    // Told five weeks late.
    let moved = Entry::moving(
        id("hr", "M-1"),
        day("2026-01-15"),
        ("person", "ann", "south"),
    )
    .unwrap();
    journal
        .enter(morning("2026-02-20"), day("2026-02-19"), &[moved])
        .unwrap();
    let view = teams(&journal, "2026-02-19");
    assert_eq!(figure(&view, "sales", "north", "2026-01"), "140.00 EUR");
    assert_eq!(figure(&view, "sales", "south", "2026-01"), "170.00 EUR");
    let like_for_like = view.as_it_is(day("2026-02-19"));
    assert_eq!(
        figure(&like_for_like, "sales", "south", "2026-01"),
        "310.00 EUR"
    );
    assert_eq!(journal.records_read(), read, "a move reads no record again");
}

#[test]
fn a_reversal_in_a_later_month_takes_back_there_from_the_team_that_had_it() {
    let mut journal = journal();
    let moved = Entry::moving(
        id("hr", "M-1"),
        day("2026-02-01"),
        ("person", "ann", "south"),
    )
    .unwrap();
    let january = [
        order("1", "ann", "2026-01-10", 100),
        order("2", "ann", "2026-01-11", 20),
        moved,
    ];
    journal
        .enter(morning("2026-02-02"), day("2026-02-01"), &january)
        .unwrap();
    let back = Entry::reverse(id("crm", "1-R"), day("2026-03-05"), id("crm", "1"));
    journal
        .enter(morning("2026-03-06"), day("2026-03-05"), &[back])
        .unwrap();
    let view = teams(&journal, "2026-03-05");
    assert_eq!(figure(&view, "sales", "north", "2026-01"), "120.00 EUR");
    assert_eq!(figure(&view, "sales", "north", "2026-03"), "-100.00 EUR");
    assert_eq!(figure(&view, "sales", "south", "2026-03"), "0.00 EUR");
    // A mean is of what stands.
    assert_eq!(
        figure(&view, "order_value", "north", "2026-01"),
        "20.00 EUR"
    );
    let before = teams(&journal, "2026-03-04");
    assert_eq!(
        figure(&before, "order_value", "north", "2026-01"),
        "60.00 EUR"
    );
    assert_eq!(figure(&before, "sales", "north", "2026-03"), "0.00 EUR");
}

#[test]
fn a_void_leaves_nothing_of_an_entry_and_a_void_of_it_brings_it_back() {
    let mut journal = journal();
    let one = [order("1", "ann", "2026-01-10", 100)];
    journal
        .enter(morning("2026-01-11"), day("2026-01-10"), &one)
        .unwrap();
    let back = Entry::reverse(id("crm", "1-R"), day("2026-01-12"), id("crm", "1"));
    journal
        .enter(morning("2026-01-13"), day("2026-01-12"), &[back])
        .unwrap();
    let void = Entry::void(id("office", "V-1"), day("2026-01-14"), id("crm", "1"));
    let receipt = journal
        .enter(morning("2026-01-15"), day("2026-01-14"), &[void])
        .unwrap();
    // The reversal has nothing to take back.
    assert_eq!(
        receipt.waiting[0].to_string(),
        "`crm/1-R` waits for the entry `crm/1`"
    );
    let rows = teams(&journal, "2026-01-14");
    assert_eq!(figure(&rows, "orders", "north", "2026-01"), "0 order");
    assert_eq!(figure(&rows, "sales", "north", "2026-01"), "0.00 EUR");
    let again = Entry::void(id("office", "V-2"), day("2026-01-15"), id("office", "V-1"));
    let receipt = journal
        .enter(morning("2026-01-16"), day("2026-01-15"), &[again])
        .unwrap();
    assert_eq!(receipt.resumed, [id("crm", "1"), id("crm", "1-R")]);
    let before = teams(&journal, "2026-01-11");
    assert_eq!(figure(&before, "sales", "north", "2026-01"), "100.00 EUR");
    assert_eq!(
        figure(&teams(&journal, "2026-01-15"), "sales", "north", "2026-01"),
        "0.00 EUR"
    );
}

#[test]
fn what_refers_ahead_waits_is_told_and_takes_part_when_the_other_comes() {
    let mut journal = journal();
    let early = [
        Entry::reverse(id("crm", "1-R"), day("2026-01-20"), id("crm", "1")),
        order("2", "cy", "2026-01-12", 40),
        order("3", "an", "2026-01-12", 1),
    ];
    let receipt = journal
        .enter(morning("2026-01-21"), day("2026-01-20"), &early)
        .unwrap();
    let told: Vec<String> = receipt.waiting.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "`crm/2` waits for `cy` to join `person`",
            "`crm/3` waits for `an` to join `person`; did you mean `ann`?",
            "`crm/1-R` waits for the entry `crm/1`",
        ]
    );
    assert_eq!(
        figure(&teams(&journal, "2026-01-20"), "sales", "south", "2026-01"),
        "0.00 EUR"
    );
    let join = Entry::join(
        id("hr", "H-1"),
        day("2026-01-01"),
        ("person", "person", "cy"),
    )
    .unwrap();
    let later = [
        join.under("south").unwrap(),
        order("1", "ann", "2026-01-05", 100),
    ];
    let receipt = journal
        .enter(morning("2026-01-25"), day("2026-01-24"), &later)
        .unwrap();
    assert_eq!(receipt.resumed, [id("crm", "2"), id("crm", "1-R")]);
    let view = teams(&journal, "2026-01-24");
    assert_eq!(figure(&view, "sales", "south", "2026-01"), "40.00 EUR");
    assert_eq!(figure(&view, "sales", "north", "2026-01"), "0.00 EUR");
    assert_eq!(
        figure(&teams(&journal, "2026-01-19"), "sales", "north", "2026-01"),
        "100.00 EUR"
    );
    let left: Vec<_> = journal
        .waiting()
        .into_iter()
        .map(|waiting| waiting.entry)
        .collect();
    assert_eq!(left, [id("crm", "3")]);
    assert!(matches!(
        journal.waiting()[0].awaits,
        Awaited::Member { .. }
    ));
}

#[test]
fn the_same_id_again_changes_nothing_and_with_other_content_shows_both() {
    let mut journal = journal();
    let one = order("1", "ann", "2026-01-10", 100);
    journal
        .enter(
            morning("2026-01-11"),
            day("2026-01-10"),
            std::slice::from_ref(&one),
        )
        .unwrap();
    let again = one.clone().by("somebody else");
    let receipt = journal
        .enter(morning("2026-01-12"), day("2026-01-11"), &[again])
        .unwrap();
    assert_eq!((receipt.added, receipt.repeated), (0, 1));
    let head = journal.head();
    let both = [
        order("1", "ann", "2026-01-10", 101),
        order("2", "ann", "2026-01-10", 5),
    ];
    let error = journal
        .enter(morning("2026-01-13"), day("2026-01-12"), &both)
        .unwrap_err();
    let text = error.to_string();
    assert!(text.contains("100") && text.contains("101"), "{text}");
    assert_eq!(journal.head(), head, "nothing of it was taken in");
    let receipt = journal
        .enter_good(morning("2026-01-13"), day("2026-01-12"), &both)
        .unwrap();
    assert_eq!(
        (
            receipt.added,
            receipt.rejected.len(),
            receipt.rejected[0].row
        ),
        (1, 1, 0)
    );
    assert_eq!(
        figure(&teams(&journal, "2026-01-12"), "sales", "north", "2026-01"),
        "105.00 EUR"
    );
}

#[test]
fn everything_that_is_refused_is_told_at_once_and_nothing_is_done() {
    let mut journal = journal();
    let moved = |number: &str, member: &str, to: &str| {
        Entry::moving(id("hr", number), day("2026-01-15"), ("person", member, to)).unwrap()
    };
    let entries = [
        order("1", "ann", "2025-12-31", 1),
        Entry::record("crm", Record::new("oder", day("2026-01-02")).id("2")).unwrap(),
        moved("1", "north", "ann"),
        moved("2", "ann", "bo"),
        Entry::join(id("hr", "3"), day("2026-01-15"), ("person", "person", "bo")).unwrap(),
        Entry::join(id("hr", "4"), day("2026-01-15"), ("person", "persn", "cy")).unwrap(),
        Entry::void(id("office", "1"), day("2026-01-15"), id("office", "1")),
    ];
    let error = journal
        .enter(morning("2026-01-16"), day("2026-01-15"), &entries)
        .unwrap_err();
    let lines: Vec<String> = error.to_string().lines().map(str::to_owned).collect();
    assert_eq!(
        lines,
        [
            "entry 0 (`crm/1`): 2025-12-31 is before the journal begins, on 2026-01-01",
            "entry 1 (`crm/2`): there is no kind of record `oder`; did you mean `order`?",
            "entry 2 (`hr/1`): `ann` cannot be the parent of `north` in hierarchy `person`: it does not stand at a level above it",
            "entry 3 (`hr/2`): `bo` cannot be the parent of `ann` in hierarchy `person`: it does not stand at a level above it",
            "entry 4 (`hr/3`): `bo` is a member of `person` already; move it instead",
            "entry 5 (`hr/4`): dimension `person` has no level `persn`; did you mean `person`?",
            "entry 6 (`office/1`): it would refer to itself",
        ]
    );
    assert_eq!(journal.known(), None);
}

#[test]
fn a_move_in_a_hierarchy_that_is_not_there_is_refused() {
    let mut journal = journal();
    let moved = |hierarchy: &str| {
        let entry = Entry::moving(id("hr", "1"), day("2026-01-15"), ("person", "ann", "south"));
        let text = serde_json::to_string(&entry.unwrap()).unwrap();
        let named = format!(r#""parent":"south","hierarchy":"{hierarchy}""#);
        let text = text.replace(r#""parent":"south""#, &named);
        serde_json::from_str::<Entry>(&text).unwrap()
    };
    let error = journal
        .enter(morning("2026-01-16"), day("2026-01-15"), &[moved("persn")])
        .unwrap_err();
    assert!(error.to_string().contains("`persn`"), "{error}");
    journal
        .enter(morning("2026-01-16"), day("2026-01-15"), &[moved("person")])
        .unwrap();
}

#[test]
fn an_error_says_at_which_entry_or_at_which_place_of_the_model_it_is() {
    let mut journal = journal();
    let wrong = Entry::record("crm", Record::new("oder", day("2026-01-02")).id("2")).unwrap();
    let error = journal
        .enter(
            morning("2026-01-11"),
            day("2026-01-10"),
            &[order("1", "ann", "2026-01-10", 1), wrong],
        )
        .unwrap_err();
    assert_eq!(quotaflow::Error::from(error).place(), Some("entries[1]"));
    let mut def = model().definition().clone();
    def.views[1].show[1] = "strike".parse().unwrap();
    def.views[2].show = ["sales", "sales"].map(|key| key.parse().unwrap()).into();
    let error = Model::new(def).unwrap_err();
    let lines: Vec<String> = error.to_string().lines().map(str::to_owned).collect();
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines[0].starts_with("views[1].show[1]: "), "{lines:?}");
    assert!(lines[1].starts_with("views[2].show[1]: "), "{lines:?}");
    assert_eq!(
        quotaflow::Error::from(error).place(),
        Some("views[1].show[1]")
    );
}

#[test]
fn a_mistake_of_a_metric_is_told_once_however_many_views_show_it() {
    let mut def = model().definition().clone();
    def.metrics[0] = serde_json::from_value(serde_json::json!({
        "key": "sales",
        "formula": {"sum": {"value": {"measure": "sails"}, "of": {"kinds": ["order"]}}},
    }))
    .unwrap();
    let error = Model::new(def).unwrap_err();
    assert_eq!(error.mistakes.len(), 1, "{error}");
}

#[test]
fn models_that_say_the_same_are_equal() {
    let mut def = model().definition().clone();
    assert_eq!(model(), model());
    def.views.pop();
    assert_ne!(model(), Model::new(def).unwrap());
}

#[test]
fn a_record_is_reversed_once_until_the_reversal_is_voided() {
    let mut journal = journal();
    let back = |number: &str, on: &str| Entry::reverse(id("crm", number), day(on), id("crm", "1"));
    let first = [
        order("1", "ann", "2026-01-10", 100),
        back("R-1", "2026-01-11"),
    ];
    journal
        .enter(morning("2026-01-12"), day("2026-01-11"), &first)
        .unwrap();
    let refused = |journal: &mut Journal, entry: Entry, at: &str| {
        let error = journal
            .enter(morning(at), day("2026-01-13"), &[entry])
            .unwrap_err();
        let JournalError::Rejected { rejected } = error else {
            panic!("{error}")
        };
        rejected[0].reason.clone()
    };
    let other = refused(&mut journal, back("R-2", "2026-01-12"), "2026-01-13");
    assert_eq!(
        other,
        Rejection::Done {
            other: id("crm", "R-1")
        }
    );
    let of_reversal = Entry::reverse(id("crm", "R-3"), day("2026-01-12"), id("crm", "R-1"));
    let no_record = refused(&mut journal, of_reversal, "2026-01-13");
    assert_eq!(
        no_record,
        Rejection::NotARecord {
            of: id("crm", "R-1")
        }
    );
    let void = Entry::void(id("office", "V-1"), day("2026-01-13"), id("crm", "R-1"));
    let both = [void, back("R-2", "2026-01-12")];
    journal
        .enter(morning("2026-01-14"), day("2026-01-13"), &both)
        .unwrap();
    assert_eq!(
        figure(&teams(&journal, "2026-01-11"), "sales", "north", "2026-01"),
        "100.00 EUR"
    );
    assert_eq!(
        figure(&teams(&journal, "2026-01-12"), "sales", "north", "2026-01"),
        "0.00 EUR"
    );
    let revive = Entry::void(id("office", "V-2"), day("2026-01-14"), id("office", "V-1"));
    let reason = refused(&mut journal, revive, "2026-01-15");
    assert_eq!(
        reason,
        Rejection::Done {
            other: id("crm", "R-2")
        }
    );
}

#[test]
fn commit_times_and_complete_days_go_forward_only() {
    let mut journal = journal();
    journal
        .enter(morning("2026-01-12"), day("2026-01-11"), &[])
        .unwrap();
    let same = journal
        .enter(morning("2026-01-12"), day("2026-01-11"), &[])
        .unwrap_err();
    assert!(matches!(same, JournalError::NotLater { .. }), "{same}");
    let less = journal
        .enter(morning("2026-01-13"), day("2026-01-10"), &[])
        .unwrap_err();
    assert!(matches!(less, JournalError::LessComplete { .. }), "{less}");
}

#[test]
fn two_voids_that_name_each_other_are_refused() {
    let mut journal = journal();
    let void = |own: &str, of: &str| Entry::void(id("o", own), day("2026-01-10"), id("o", of));
    let error = journal.enter(
        morning("2026-01-11"),
        day("2026-01-10"),
        &[void("a", "b"), void("b", "a")],
    );
    assert!(
        error
            .unwrap_err()
            .to_string()
            .contains("would refer to itself, by way of")
    );
    journal
        .enter(morning("2026-01-11"), day("2026-01-10"), &[void("a", "b")])
        .unwrap();
    let error = journal.enter(morning("2026-01-12"), day("2026-01-10"), &[void("b", "a")]);
    assert!(
        error
            .unwrap_err()
            .to_string()
            .contains("would refer to itself, by way of")
    );
}

#[test]
fn a_view_reads_once_what_is_there_and_then_only_what_came_in() {
    let mut journal = journal();
    let sold: Vec<Entry> = (1..=31)
        .map(|on| order(&on.to_string(), "ann", &format!("2026-01-{on:02}"), 10))
        .collect();
    journal
        .enter(morning("2026-02-01"), day("2026-01-31"), &sold)
        .unwrap();
    let read = |journal: &Journal| {
        let before = journal.cells_read();
        _ = journal.view("by_team_month").unwrap().panel().unwrap();
        journal.cells_read() - before
    };
    let all = read(&journal);
    assert!(all >= 31, "{all}");
    assert_eq!(read(&journal), 0, "nothing came in");
    let late = [order("32", "bo", "2026-01-20", 7)];
    journal
        .enter(morning("2026-02-10"), day("2026-02-09"), &late)
        .unwrap();
    let fork = journal.clone();
    assert_eq!(read(&journal) * 31, all, "one order came in");
    assert_eq!(read(&fork), 0, "a fork has what it shares");
    // As of an earlier day everything is read, and the later day goes on from where it was.
    let before = journal.cells_read();
    let earlier = teams(&journal, "2026-01-15");
    assert_eq!(figure(&earlier, "sales", "north", "2026-01"), "150.00 EUR");
    assert!(journal.cells_read() - before > all / 2);
    assert_eq!(read(&journal), 0);
    let moved = Entry::moving(
        id("hr", "M-1"),
        day("2026-02-10"),
        ("person", "ann", "south"),
    );
    journal
        .enter(morning("2026-02-11"), day("2026-02-10"), &[moved.unwrap()])
        .unwrap();
    assert_eq!(
        read(&journal) * 31,
        all * 32,
        "by another structure all is read"
    );
    assert_eq!(journal.records_read(), 32);
}

/// To look for the nearest name takes a look at all of them, so it is done for so many and no more.
#[test]
fn the_nearest_name_is_told_of_the_first_hundred_that_wait() {
    let mut journal = journal();
    let orders: Vec<Entry> = (0..102)
        .map(|number| order(&format!("{number:03}"), "annn", "2026-01-10", 1))
        .collect();
    let receipt = journal
        .enter(morning("2026-02-01"), day("2026-01-31"), &orders)
        .unwrap();
    for waiting in [receipt.waiting, journal.waiting()] {
        let hinted: Vec<bool> = waiting
            .iter()
            .map(|own| matches!(&own.awaits, Awaited::Member { nearest: Some(near), .. } if near == "ann"))
            .collect();
        assert_eq!(hinted.len(), 102);
        assert!(hinted[..100].iter().all(|hinted| *hinted));
        assert_eq!(hinted[100..], [false, false]);
    }
}

/// Deals with an outcome and a day of payment, some without an amount.
fn model_of_deals() -> Model {
    let mut model: serde_json::Value = serde_json::to_value(model()).unwrap();
    let add = |model: &mut serde_json::Value, list: &str, more: serde_json::Value| {
        model[list].as_array_mut().unwrap().push(more);
    };
    let deal = serde_json::json!({"key": "deal", "dimensions": [{"field": "person"}],
        "measures": [{"measure": "sales"}], "attributes": [{"field": "outcome"}], "dates": [{"field": "paid"}]});
    add(&mut model, "kinds", deal);
    let won = serde_json::json!([{"attribute": {"field": "outcome", "any_of": ["won"]}}]);
    let deals = |more: serde_json::Value| {
        let mut of = serde_json::json!({"kinds": ["deal"]});
        of.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        of
    };
    let count = |more: serde_json::Value| serde_json::json!({"count": deals(more)});
    let sum = |more: serde_json::Value| serde_json::json!({"sum": {"value": {"measure": "sales"}, "of": deals(more)}});
    let nothing = serde_json::json!({});
    for (key, formula) in [
        ("deals", count(nothing.clone())),
        ("won", count(serde_json::json!({"where": won}))),
        (
            "paid",
            count(serde_json::json!({"where": [{"has": "paid"}]})),
        ),
        ("paid_then", count(serde_json::json!({"date": "paid"}))),
        ("worth", sum(nothing)),
        ("worth_won", sum(serde_json::json!({"where": won}))),
    ] {
        add(
            &mut model,
            "metrics",
            serde_json::json!({"key": key, "formula": formula}),
        );
    }
    serde_json::from_value(model).unwrap()
}

#[test]
fn a_record_counts_where_it_satisfies_what_is_asked_from_the_day_on_which_it_does() {
    let mut journal = Journal::new(&model_of_deals(), day("2026-01-01")).unwrap();
    let deal = |id: &str, on: &str, outcome: &str| {
        Record::new("deal", day(on))
            .id(id)
            .of("person", "ann")
            .attribute("outcome", outcome)
    };
    let deals = [
        deal("1", "2026-01-10", "won")
            .amount("sales", Decimal::from(100))
            .date("paid", day("2026-02-05")),
        deal("2", "2026-01-12", "lost"),
        deal("3", "2026-01-15", "won").amount("sales", Decimal::ZERO),
        deal("4", "2026-01-16", "lost")
            .amount("sales", Decimal::from(7))
            .date("paid", day("2026-01-16")),
    ];
    let deals = deals.map(|deal| Entry::record("crm", deal).unwrap());
    journal
        .enter(morning("2026-03-01"), day("2026-02-28"), &deals)
        .unwrap();
    for (as_of, metric, january, february) in [
        ("2026-01-31", "deals", 4, 0),
        ("2026-01-31", "won", 2, 0),
        ("2026-01-31", "paid", 1, 0),
        ("2026-01-31", "paid_then", 1, 0),
        ("2026-01-31", "worth", 107, 0),
        ("2026-01-31", "worth_won", 100, 0),
        ("2026-02-04", "paid", 1, 0),
        ("2026-02-05", "paid", 2, 0),
        ("2026-02-04", "paid_then", 1, 0),
        ("2026-02-05", "paid_then", 1, 1),
        ("2026-02-28", "paid", 2, 0),
        ("2026-02-28", "won", 2, 0),
        ("2026-02-28", "worth_won", 100, 0),
    ] {
        let panel = teams(&journal, as_of).panel().unwrap();
        let of = |month: &str| {
            let answer = panel.get(metric, ["north"], month).unwrap();
            answer.ratio().unwrap_or(quotaflow::quantity::Ratio::ZERO)
        };
        let found = [of("2026-01"), of("2026-02")];
        assert_eq!(
            found,
            [january, february].map(i64::into),
            "{metric} as of {as_of}"
        );
    }
}

/// Who was hired into a team that turned out to be a mistake waits for the team, and is there again with it.
#[test]
fn who_is_under_a_parent_that_was_voided_stands_again_when_it_joins_again() {
    let mut journal = journal();
    let team = |number: &str, on: &str| {
        Entry::join(id("hr", number), day(on), ("person", "team", "west")).unwrap()
    };
    let cy = Entry::join(
        id("hr", "H-2"),
        day("2026-01-06"),
        ("person", "person", "cy"),
    )
    .unwrap();
    let entries = [
        team("T-1", "2026-01-05"),
        cy.under("west").unwrap(),
        order("1", "cy", "2026-01-20", 30),
    ];
    journal
        .enter(morning("2026-02-01"), day("2026-01-31"), &entries)
        .unwrap();
    let west =
        |journal: &Journal| figure(&teams(journal, "2026-01-31"), "sales", "west", "2026-01");
    assert_eq!(west(&journal), "30.00 EUR");
    let void = Entry::void(id("office", "V-1"), day("2026-02-01"), id("hr", "T-1"));
    journal
        .enter(morning("2026-02-02"), day("2026-02-01"), &[void])
        .unwrap();
    let waits = |journal: &Journal| {
        journal
            .waiting()
            .into_iter()
            .map(|own| own.entry)
            .collect::<Vec<_>>()
    };
    assert!(waits(&journal).contains(&id("hr", "H-2")));
    let receipt = journal
        .enter(
            morning("2026-02-03"),
            day("2026-02-02"),
            &[team("T-2", "2026-01-05")],
        )
        .unwrap();
    assert!(receipt.resumed.contains(&id("hr", "H-2")), "{receipt:?}");
    assert_eq!(
        (waits(&journal), west(&journal)),
        (vec![], "30.00 EUR".to_owned())
    );
}
