//! What a host supplies of what a journal has forgotten: believed where it adds up, and otherwise refused with the journal as it was.

use quotaflow::journal::{Close, Entry, EntryId, Journal, JournalError, Needed, Piece};
use quotaflow::model::{Model, ModelDef};
use quotaflow::view::ViewError;

use crate::journal_closing::{
    close, closed, day, enter, figure, id, model, morning, needed, order, promised, teams,
};
use crate::journal_forgotten::{of_ann, of_invoices};

fn written(journal: &Journal) -> String {
    serde_json::to_string(&journal.snapshot()).unwrap()
}

fn asked(journal: &mut Journal, known: &str, entry: &Entry) -> Needed {
    let through = day(known).pred_opt().unwrap();
    let error = journal.enter(morning(known), through, std::slice::from_ref(entry));
    match error {
        Err(JournalError::Needed { needed }) => *needed,
        other => panic!("{other:?}"),
    }
}

/// Refused with these words, and nothing has changed.
fn refuses(journal: &mut Journal, needed: &Needed, supplied: &[Entry], words: &str) {
    let before = written(journal);
    let error = journal.supply(needed, supplied).unwrap_err().to_string();
    assert!(error.contains(words), "{error}");
    assert_eq!(written(journal), before, "{error}");
}

fn void(name: &str, on: &str, of: EntryId) -> Entry {
    Entry::void(id("crm", name), day(on), of)
}

/// Orders of January that are closed, one of March, and what was asked for.
fn january() -> [Entry; 3] {
    [
        order("1", "ann", "2026-01-10", 100),
        order("2", "ann", "2026-01-20", 40),
        order("3", "bo", "2026-01-12", 80),
    ]
}

#[test]
fn entries_that_are_refused_leave_the_journal_as_it_was() {
    let mut journal = closed(&model());
    let open = order("8", "bo", "2026-02-03", 8);
    enter(&mut journal, "2026-02-05", std::slice::from_ref(&open));
    let [first, second, _] = january();
    let own = |name: &str| vec![id("crm", name)];
    let ids = |ids: Vec<EntryId>| Needed::Entries { ids };
    let other = order("1", "ann", "2026-01-10", 101);
    let both = [first.clone(), other, second.clone()];
    refuses(
        &mut journal,
        &ids(own("1")),
        &both,
        "what is supplied has two entries of one identity: `crm/1`; give the entries as they were taken in",
    );
    let said = [first.clone(), order("8", "bo", "2026-02-03", 9)];
    let of_both = ids([own("1"), own("8")].concat());
    refuses(
        &mut journal,
        &of_both,
        &said,
        "has an entry that says something else here: `crm/8`; give the entries as they were taken in",
    );
    let later = [first.clone(), order("9", "bo", "2026-02-04", 9)];
    let of_later = ids([own("1"), own("9")].concat());
    refuses(
        &mut journal,
        &of_later,
        &later,
        "has an entry that cannot have been forgotten: `crm/9`; give the entries as they were taken in",
    );
    let reversal = Entry::reverse(id("crm", "R"), day("2026-01-25"), id("crm", "7"));
    let lone = [first.clone(), reversal];
    let of_lone = ids([own("1"), own("R")].concat());
    refuses(
        &mut journal,
        &of_lone,
        &lone,
        "has an entry without the one to which it refers: `crm/R` refers to `crm/7`; supply that too",
    );
    let error = journal.clone().supply(&of_later, &later).unwrap_err();
    assert_eq!(quotaflow::Error::from(error).place(), Some("crm/9"));
    let none = ids(own("1"));
    journal.supply(&none, &[first]).unwrap();
    assert!(journal.find(&id("crm", "1")).is_some());
}

#[test]
fn records_that_are_refused_leave_the_journal_as_it_was() {
    let mut journal = closed(&promised());
    let asked = needed(
        teams(&journal)
            .as_of(day("2026-01-15"))
            .panel()
            .unwrap_err(),
    );
    let Needed::Records { pieces } = &asked else {
        panic!("{asked}")
    };
    let all = january();
    refuses(&mut journal, &asked, &all[..2], "does not add up");
    let changed = [
        all[0].clone(),
        order("2", "ann", "2026-01-20", 41),
        all[2].clone(),
    ];
    refuses(&mut journal, &asked, &changed, "does not add up");
    let twice = [
        all[0].clone(),
        order("1", "ann", "2026-01-10", 1),
        all[1].clone(),
        all[2].clone(),
    ];
    refuses(&mut journal, &asked, &twice, "");
    let stranger = Piece {
        members: [("person".try_into().unwrap(), "zoe".try_into().unwrap())].into(),
        ..pieces[0].clone()
    };
    let strange = Needed::Records {
        pieces: vec![pieces[0].clone(), stranger],
    };
    refuses(
        &mut journal,
        &strange,
        &all,
        "is of members that no record names",
    );
    let earlier = Needed::Journal {
        known_at: morning("2026-01-15"),
        hand_overs: 0,
    };
    refuses(
        &mut journal,
        &earlier,
        &all,
        "an earlier journal is asked for",
    );
    journal.supply(&asked, &all).unwrap();
    assert_ne!(written(&journal), written(&closed(&promised())));
}

/// An invoice of January that was paid in January, closed; with what a host has stored of it.
fn settled() -> (Journal, [Entry; 3]) {
    let mut journal = Journal::new(&of_invoices(), day("2026-01-01")).unwrap();
    let applied = Entry::apply(id("erp", "A"), day("2026-01-20"), id("erp", "I"), 10);
    let stored = [
        of_ann("invoice", "I", "2026-01-10", 10),
        of_ann("payment", "P", "2026-01-20", 10),
        applied.settled_by(id("erp", "P")).unwrap(),
    ];
    let mut all = stored.to_vec();
    all.push(close("C-1", "2026-01-31", Close::Hard));
    enter(&mut journal, "2026-02-01", &all);
    (journal, stored)
}

#[test]
fn an_item_without_what_was_applied_to_it_leaves_the_journal_as_it_was() {
    let (mut journal, stored) = settled();
    let view = journal.view("months").unwrap().as_it_is(day("2026-01-31"));
    let Needed::Records { pieces } = needed(view.panel().unwrap_err()) else {
        panic!()
    };
    let invoices = pieces
        .into_iter()
        .filter(|piece| piece.kind.as_str() == "invoice");
    let asked = Needed::Records {
        pieces: invoices.collect(),
    };
    // The piece adds up, but the payment is not there.
    let some = [stored[0].clone(), stored[2].clone()];
    refuses(
        &mut journal,
        &asked,
        &some,
        "without the one to which it refers: `erp/A` refers to `erp/P`; supply that too",
    );
    journal.supply(&asked, &stored).unwrap();
}

/// An application of a payment that has not come is voided, and another payment settles the invoice before it is closed.
#[test]
fn what_waits_no_more_for_what_never_came_is_not_forgotten_without_it() {
    let mut journal = Journal::new(&of_invoices(), day("2026-01-01")).unwrap();
    let applied = |name: &str, by: &str| {
        let applied = Entry::apply(id("erp", name), day("2026-01-20"), id("erp", "I"), 10);
        applied.settled_by(id("erp", by)).unwrap()
    };
    let stored = [
        of_ann("invoice", "I", "2026-01-10", 10),
        applied("A", "P"),
        void("V", "2026-01-21", id("erp", "A")),
        of_ann("payment", "Q", "2026-01-20", 10),
        applied("B", "Q"),
    ];
    let mut all = stored.to_vec();
    all.push(close("C-1", "2026-01-31", Close::Hard));
    enter(&mut journal, "2026-02-01", &all);
    let read = |journal: &mut Journal| loop {
        let view = journal.view("months").unwrap().as_of(day("2026-02-05"));
        match view.as_it_is(day("2026-01-31")).panel() {
            Ok(panel) => return panel,
            Err(ViewError::Needed { needed }) => journal.supply(&needed, &stored).unwrap(),
            Err(other) => panic!("{other}"),
        }
    };
    let take_in = |journal: &mut Journal, known: &str, entries: &[Entry]| loop {
        let through = day(known).pred_opt().unwrap();
        match journal.enter(morning(known), through, entries) {
            Ok(_) => return,
            Err(JournalError::Needed { needed }) => journal.supply(&needed, &stored).unwrap(),
            Err(other) => panic!("{other}"),
        }
    };
    for reads in [false, true] {
        let mut journal = journal.clone();
        if reads {
            read(&mut journal);
        }
        // The other application was the mistake, and then the payment comes that was meant.
        let voids = [
            void("W", "2026-02-02", id("crm", "V")),
            void("X", "2026-02-02", id("erp", "B")),
        ];
        take_in(&mut journal, "2026-02-03", &voids);
        assert_eq!(journal.waiting().len(), 1, "{reads}");
        let payment = of_ann("payment", "P", "2026-01-20", 10);
        take_in(&mut journal, "2026-02-05", &[payment]);
        assert_eq!(journal.waiting(), [], "{reads}");
        read(&mut journal);
    }
}

#[test]
fn what_a_host_has_stored_and_the_journal_has_not_taken_voids_nothing_that_it_supplies() {
    let mut journal = closed(&model());
    let reversal = Entry::reverse(id("crm", "R"), day("2026-02-03"), id("crm", "1"));
    let asked = asked(&mut journal, "2026-02-05", &reversal);
    let [first, second, third] = january();
    // A crash came after the host had stored these, and before the journal's snapshot.
    let beyond = [
        void("V", "2026-02-20", id("crm", "1")),
        void("W", "2026-01-30", id("crm", "V")),
        void("X", "2026-02-21", id("crm", "W")),
    ];
    let stored = [&[first, second, third][..], &beyond].concat();
    journal.supply(&asked, &stored).unwrap();
    for (name, is_there) in [("1", true), ("V", false), ("W", false), ("X", false)] {
        assert_eq!(journal.find(&id("crm", name)).is_some(), is_there, "{name}");
    }
    let mut wanted = closed(&model());
    let ids = Needed::Entries {
        ids: vec![id("crm", "1")],
    };
    let own = std::slice::from_ref(&stored[0]);
    wanted.supply(&ids, own).unwrap();
    for one in [&mut journal, &mut wanted] {
        // The identity of the reversal is a new one.
        let receipt = enter(one, "2026-02-05", std::slice::from_ref(&reversal));
        assert_eq!(receipt.waiting, []);
        assert_eq!(
            figure(&teams(one), "sales", "north", "2026-02"),
            "-100.00 EUR"
        );
    }
    assert_eq!(written(&journal), written(&wanted));
}

#[test]
fn what_refers_to_itself_by_way_of_others_is_refused_with_its_path() {
    let mut journal = Journal::new(&promised(), day("2026-01-01")).unwrap();
    // A reversal of what is no record waits before it is known to be none.
    let reversal = Entry::reverse(id("crm", "R"), day("2026-01-10"), id("crm", "V"));
    let applied = Entry::apply(id("crm", "A"), day("2026-01-10"), id("crm", "B"), 5);
    let other = Entry::apply(id("crm", "B"), day("2026-01-10"), id("crm", "1"), 5);
    let other = other.settled_by(id("crm", "A")).unwrap();
    let own = Entry::reverse(id("crm", "S"), day("2026-01-10"), id("crm", "S"));
    let all = [
        reversal.clone(),
        void("V", "2026-01-11", id("crm", "R")),
        applied,
        other,
        own,
    ];
    let error = journal
        .enter(morning("2026-01-12"), day("2026-01-11"), &all)
        .unwrap_err();
    let lines: Vec<String> = error.to_string().lines().map(str::to_owned).collect();
    assert_eq!(
        lines,
        [
            "entry 1 (`crm/V`): it would refer to itself, by way of `crm/R`",
            "entry 3 (`crm/B`): it would refer to itself, by way of `crm/A`",
            "entry 4 (`crm/S`): it would refer to itself",
        ]
    );
    enter(&mut journal, "2026-01-12", &[reversal]);
    let error = journal
        .enter(
            morning("2026-01-13"),
            day("2026-01-12"),
            &[void("V", "2026-01-11", id("crm", "R"))],
        )
        .unwrap_err();
    assert!(error.to_string().contains("by way of `crm/R`"), "{error}");
    enter(
        &mut journal,
        "2026-02-01",
        &[close("C", "2026-01-31", Close::Hard)],
    );
}

#[test]
fn supplied_entries_that_refer_to_each_other_in_a_circle_are_refused() {
    let mut journal = closed(&model());
    let circle = [
        void("V", "2026-01-20", id("crm", "W")),
        void("W", "2026-01-20", id("crm", "X")),
        void("X", "2026-01-20", id("crm", "V")),
    ];
    let all = [&january()[..], &circle].concat();
    let words = "`crm/V` refers to itself, by way of `crm/W`, `crm/X`";
    let records = needed(
        teams(&journal)
            .as_of(day("2026-01-15"))
            .panel()
            .unwrap_err(),
    );
    refuses(&mut journal, &records, &all, words);
    let ids = Needed::Entries {
        ids: vec![id("crm", "V")],
    };
    refuses(&mut journal, &ids, &all, words);
    // The other half of one may be here already, and wait.
    let reversal = Entry::reverse(id("crm", "R"), day("2026-02-03"), id("crm", "V"));
    let asked = asked(&mut journal, "2026-02-05", &reversal);
    journal.supply(&asked, &[]).unwrap();
    enter(&mut journal, "2026-02-05", &[reversal]);
    let half = [&january()[..], &[void("V", "2026-01-20", id("crm", "R"))]].concat();
    let words = "`crm/V` refers to itself, by way of `crm/R`";
    refuses(&mut journal, &records, &half, words);
    refuses(&mut journal, &ids, &half, words);
}

#[test]
fn what_is_linked_to_entries_that_have_not_come_is_passed_over_however_long_the_chain_is() {
    let mut journal = closed(&model());
    let asked = |name: &str| Needed::Entries {
        ids: vec![id("crm", name)],
    };
    // A void of February cannot have been forgotten, nor have come what voids it, one after the other.
    let mut stored = january().to_vec();
    stored.push(void("V-0", "2026-02-20", id("crm", "1")));
    for at in 1..200 {
        let of = id("crm", &format!("V-{}", at - 1));
        stored.push(void(&format!("V-{at}"), "2026-01-30", of));
    }
    journal.supply(&asked("1"), &stored).unwrap();
    assert!(journal.find(&id("crm", "1")).is_some());
    assert!(journal.find(&id("crm", "V-1")).is_none());
    let words = "`crm/V-150` refers to `crm/V-149`; supply that too";
    refuses(&mut closed(&model()), &asked("V-150"), &stored, words);
}

#[test]
fn a_payment_that_is_taken_away_later_was_there_before() {
    for is_refined_first in [false, true] {
        let (mut journal, stored) = settled();
        let other = of_ann("invoice", "J", "2026-02-03", 7);
        enter(&mut journal, "2026-02-05", &[other]);
        let known = morning("2026-02-05");
        let ask = |journal: &mut Journal| {
            for _ in 0..2 {
                let view = journal.view("months").unwrap().as_it_is(day("2026-02-01"));
                match view.known_at(known).panel() {
                    Ok(panel) => return serde_json::to_string(&panel).unwrap(),
                    Err(ViewError::Needed { needed }) => journal.supply(&needed, &stored).unwrap(),
                    Err(error) => panic!("{error}"),
                }
            }
            panic!("asked twice")
        };
        let before = ask(&mut journal.clone());
        if is_refined_first {
            ask(&mut journal);
        }
        for (known, gone) in [("2026-02-12", "A"), ("2026-02-14", "I")] {
            let gone = Entry::void(
                id("erp", &format!("V-{gone}")),
                day(known).pred_opt().unwrap(),
                id("erp", gone),
            );
            let through = day(known).pred_opt().unwrap();
            match journal.enter(morning(known), through, std::slice::from_ref(&gone)) {
                Err(JournalError::Needed { needed }) => {
                    journal.supply(&needed, &stored).unwrap();
                    enter(&mut journal, known, &[gone]);
                }
                other => _ = other.unwrap(),
            }
            assert_eq!(ask(&mut journal), before, "{known} {is_refined_first}");
            journal.forget().unwrap();
            assert_eq!(ask(&mut journal), before, "{known} {is_refined_first}");
        }
    }
}

#[test]
fn a_part_that_was_taken_back_adds_up_after_its_record_was_voided() {
    let mut definition: ModelDef = promised().definition().clone();
    definition.unique_ids.clear();
    let model = Model::new(definition).unwrap();
    let mut journal = Journal::new(&model, day("2026-01-01")).unwrap();
    let mut january = january().to_vec();
    let part = Entry::reverse(id("crm", "R"), day("2026-01-25"), id("crm", "1"));
    january.push(part.only("sales", 30).unwrap());
    let stored = january.clone();
    january.push(close("C-1", "2026-01-31", Close::Hard));
    enter(&mut journal, "2026-02-01", &january);
    let gone = void("V", "2026-02-04", id("crm", "1"));
    let ids = asked(&mut journal, "2026-02-05", &gone);
    journal.supply(&ids, &stored).unwrap();
    enter(&mut journal, "2026-02-05", &[gone]);
    let view = teams(&journal).as_of(day("2026-01-15"));
    let records = needed(view.panel().unwrap_err());
    journal.supply(&records, &stored).unwrap();
    let view = teams(&journal).as_of(day("2026-01-15"));
    assert_eq!(figure(&view, "sales", "south", "2026-01"), "80.00 EUR");
}

#[test]
fn what_was_read_under_other_books_does_not_stay_in_the_way() {
    let mut journal = Journal::new(&promised(), day("2026-01-01")).unwrap();
    enter(&mut journal, "2026-02-01", &january());
    teams(&journal).as_of(day("2026-03-15")).panel().unwrap();
    enter(
        &mut journal,
        "2026-02-02",
        &[close("C-1", "2026-01-31", Close::Hard)],
    );
    let read = |journal: &Journal| {
        let before = journal.cells_read();
        teams(journal).as_of(day("2026-02-02")).panel().unwrap();
        journal.cells_read() - before
    };
    assert!(read(&journal) > 0);
    assert_eq!(read(&journal), 0);
}

#[test]
fn a_reopening_that_would_open_nothing_is_refused_and_leaves_what_was_read() {
    let mut journal = Journal::new(&promised(), day("2026-01-01")).unwrap();
    let of = |name: &str| id("books", name);
    // It was voided before it came, and would stand once that void is voided, when there is nothing to open.
    let before = Entry::void(of("V"), day("2026-01-02"), of("R"));
    enter(&mut journal, "2026-01-03", &[before]);
    enter(&mut journal, "2026-02-01", &january());
    let soft = close("C-1", "2026-01-31", Close::Soft);
    enter(&mut journal, "2026-02-02", &[soft]);
    let reopening = Entry::reopen(of("R"), day("2026-02-01"));
    let reopening = reopening.by("eva").because("too early");
    enter(&mut journal, "2026-02-03", &[reopening]);
    let read = |journal: &Journal| {
        let before = journal.cells_read();
        teams(journal).as_of(day("2026-02-03")).panel().unwrap();
        journal.cells_read() - before
    };
    assert!(read(&journal) > 0);
    let again = Entry::void(of("W"), day("2026-02-03"), of("V"));
    let error = journal
        .enter(morning("2026-02-04"), day("2026-02-03"), &[again])
        .unwrap_err();
    assert!(error.to_string().contains("already open"), "{error}");
    assert_eq!(read(&journal), 0);
    assert_eq!(journal.closed_through(Close::Soft), Some(day("2026-01-31")));
}
