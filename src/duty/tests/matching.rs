//! Plans matched with what was done.

use super::*;
use crate::calendar::PeriodId;
use crate::panel::Columns;
use crate::space::RowId;

#[test]
fn the_best_matching_is_not_first_come_first_served() {
    // Two visits to one customer were planned for the 3rd and the 4th, and made on the 4th and the 6th. First come would
    // give the 4th's visit to the 3rd's plan, a day late, and the 6th's to the 4th's, two days late: 30. The same pairs
    // the other way round cost 0 and 30; so does the best here, in which one of them is as planned.
    let rule = MatchRule::default();
    let plan = [
        planned("a", "x", 3),
        planned("b", "x", 4),
        planned("c", "y", 5),
    ];
    let record = [done("1", "x", 4), done("2", "x", 6), done("3", "z", 5)];
    let report = rule.match_plan(&plan, &record, &[], day(20)).unwrap();
    crate::document::reads_back(&report);
    assert_eq!(report.cost, 30 + 100 + 20);
    assert_eq!(report.unplanned.len(), 1);
    assert_eq!(outcomes(&report)[2], ("c".to_owned(), "Missed".to_owned()));
    let counts = report.compliance(|_, _| true);
    assert_eq!(
        (counts.due, counts.done, counts.missed, counts.unplanned),
        (3, 2, 1, 1)
    );
    assert_eq!(counts.compliance(), share(2, 3));
    assert_eq!(counts.unplanned_share(), share(1, 3));
    // With one visit only, on the 4th, the plan of the 4th is as planned and the other missed.
    let report = rule
        .match_plan(&plan[..2], &record[..1], &[], day(20))
        .unwrap();
    let found = outcomes(&report);
    assert_eq!(found[0].1, "Missed");
    assert_eq!(found[1].1, "1 []");
    assert_eq!(report.compliance(|_, _| true).adherence(), share(1, 2));
}

#[test]
fn departures_are_told_and_priced() {
    let rule = MatchRule {
        other_customer: Some(50),
        ..MatchRule::default()
    };
    let mut item = planned("a", "x", 10);
    item.place = Some(key("shop"));
    let mut record = done("1", "y", 12);
    record.minutes = Some(10);
    let found = rule.departures(&item, &record).unwrap();
    let all = vec![
        Departure::Late(2),
        Departure::OtherCustomer,
        Departure::OtherPlace,
        Departure::TooShort(20),
    ];
    assert_eq!(found, (all, 20 + 50 + 30 + 30));
    // 130 is dearer than leaving both alone.
    let report = rule
        .match_plan(&[item.clone()], &[record.clone()], &[], day(20))
        .unwrap();
    assert_eq!((report.cost, report.unplanned.len()), (120, 1));
    record.day = day(9);
    assert_eq!(
        rule.departures(&item, &record).unwrap().0[0],
        Departure::Early(1)
    );
    for (name, change) in [("too early", day(8)), ("too late", day(14))] {
        record.day = change;
        assert_eq!(rule.departures(&item, &record), None, "{name}");
    }
    record.day = day(10);
    record.kind = key("call");
    assert_eq!(rule.departures(&item, &record), None);
    assert_eq!(
        MatchRule::default().departures(&item, &done("1", "y", 10)),
        None,
        "another customer"
    );
}

#[test]
fn what_is_not_done_is_still_to_come_overdue_or_missed() {
    let rule = MatchRule::default();
    let plan = [
        planned("a", "x", 1),
        planned("b", "y", 4),
        planned("c", "z", 9),
    ];
    let report = rule
        .match_plan(&plan, &[done("late", "x", 8)], &[], day(5))
        .unwrap();
    let found: Vec<String> = outcomes(&report)
        .into_iter()
        .map(|(_, outcome)| outcome)
        .collect();
    assert_eq!(found, ["Missed", "Overdue", "NotYetDue"]);
    assert!(
        report.unplanned.is_empty(),
        "what happens later is not known"
    );
    let counts = report.compliance(|_, _| true);
    assert_eq!((counts.due, counts.compliance()), (2, share(0, 2)));
    assert_eq!(Compliance::default().compliance(), None);
}

#[test]
fn an_appointment_that_the_customer_broke_is_excused() {
    let rule = MatchRule::default();
    let plan = [
        planned("a", "x", 3),
        planned("b", "y", 4),
        planned("c", "z", 5),
    ];
    let broken = |item: &str, by| BrokenAppointment {
        planned: key(item),
        by,
        moved_to: None,
        minutes_lost: 45,
        expense_lost: 0,
    };
    let broken = [
        broken("a", BrokenBy::CustomerOut),
        broken("b", BrokenBy::Us),
    ];
    let report = rule
        .match_plan(&plan, &[done("1", "z", 5)], &broken, day(20))
        .unwrap();
    let counts = report.compliance(|_, _| true);
    assert_eq!((counts.due, counts.excused, counts.missed), (3, 1, 1));
    // What the customer broke counts neither for the person nor against it.
    let mut all = Performance::default();
    all.add_plan(&key("week"), &report, &[]).unwrap();
    assert_eq!(all.lines().len(), 2);
    let by_person = all.by(RollUp::Person, ExecutionWeights::default()).unwrap();
    assert_eq!(by_person[&key("ann")].quantity, share(1, 2));
    assert_eq!(counts.compliance(), share(1, 2));
    assert_eq!(report.minutes_lost, 90);
    let unknown = [BrokenAppointment {
        planned: key("q"),
        by: BrokenBy::Us,
        moved_to: None,
        minutes_lost: 0,
        expense_lost: 0,
    }];
    assert!(matches!(
        rule.match_plan(&plan, &[], &unknown, day(20)),
        Err(DutyError::UnknownItem { .. })
    ));
    let twice = [planned("a", "x", 3), planned("a", "y", 3)];
    assert!(matches!(
        rule.match_plan(&twice, &[], &[], day(20)),
        Err(DutyError::Duplicate { .. })
    ));
}

#[test]
fn columns_tell_each_person_and_period() {
    let keys = vec![key("ann"), key("bo")];
    let subjects = Subjects::new(Axis::new("person", "person").unwrap(), keys).unwrap();
    let weeks = Calendar::gregorian()
        .periods(Grain::Week, day(2), day(16))
        .unwrap();
    let panel = Panel::new(subjects, weeks);
    let plan = [
        planned("a", "x", 3),
        planned("b", "y", 4),
        planned("c", "z", 10),
    ];
    let record = [done("1", "x", 3), done("2", "y", 5), done("3", "q", 11)];
    let report = MatchRule::default()
        .match_plan(&plan, &record, &[], day(15))
        .unwrap();
    let columns = compliance_columns(&key("visits"), &report, RollUp::Person)
        .columns(&panel)
        .unwrap();
    let ratio = |name: &str, subject, period| {
        let column = columns
            .iter()
            .find(|column| column.key().metric == *name)
            .unwrap();
        column.answer(panel.cell(subject, period).unwrap())
    };
    assert_eq!(
        ratio("visits.compliance", RowId::at(0), PeriodId::at(0))
            .ratio()
            .ok(),
        share(2, 2)
    );
    assert_eq!(
        ratio("visits.adherence", RowId::at(0), PeriodId::at(0))
            .ratio()
            .ok(),
        share(1, 2)
    );
    assert_eq!(
        ratio("visits.compliance", RowId::at(0), PeriodId::at(1))
            .ratio()
            .ok(),
        share(0, 1)
    );
    assert_eq!(
        ratio("visits.unplanned_share", RowId::at(0), PeriodId::at(1))
            .ratio()
            .ok(),
        share(1, 1)
    );
    assert_eq!(
        ratio("visits.compliance", RowId::at(1), PeriodId::at(0)).reason(),
        Some(Reason::NoBase)
    );
    let duty = weekly_report();
    let asked = duty.obligations(day(1), day(15), &office()).unwrap();
    let report = duty
        .report(&asked, &[handed_in("1", "ann", 6, None)], day(31))
        .unwrap();
    let columns = duty_columns(&key("weekly report"), &[(&duty, &report)], RollUp::Person)
        .columns(&panel)
        .unwrap();
    let told = |name: &str, subject, period| {
        let column = columns
            .iter()
            .find(|column| column.key().metric == *name)
            .unwrap();
        column
            .answer(panel.cell(subject, period).unwrap())
            .ratio()
            .ok()
    };
    assert_eq!(
        told("weekly report.punctuality", RowId::at(0), PeriodId::at(0)),
        share(1, 1)
    );
    assert_eq!(
        told("weekly report.missing", RowId::at(1), PeriodId::at(1)),
        Some(Ratio::ONE)
    );
    assert_eq!(
        told("weekly report.first_missing", RowId::at(1), PeriodId::at(1)),
        Some(Ratio::ONE)
    );
    let counts = vec![
        ExecutionCounts {
            due: 2,
            on_time: 1,
            planned: 4,
            done: 5,
            ..Default::default()
        };
        4
    ];
    let columns = execution_columns(&key("execution"), &counts, ExecutionWeights::default())
        .columns(&panel)
        .unwrap();
    assert_eq!(columns[0].answer(0).ratio().ok(), share(1, 2));
    assert_eq!(columns[1].answer(0).reason(), Some(Reason::NoBase));
    assert_eq!(
        columns[2].answer(0).ratio().ok(),
        share(1, 1),
        "more than planned counts as planned"
    );
    assert_eq!(columns[3].answer(0).ratio().ok(), share(3, 4));
}

#[test]
fn every_item_is_explained_by_the_records_that_might_have_served_it() {
    let plan = [
        planned("a", "x", 3),
        planned("b", "x", 4),
        planned("c", "y", 10),
    ];
    let mut short = done("4", "y", 10);
    short.minutes = Some(5);
    let mut call = done("5", "y", 10);
    call.kind = key("call");
    let record = [
        done("1", "x", 4),
        done("2", "x", 5),
        done("3", "y", 14),
        short,
        call,
        done("6", "x", 20),
    ];
    let rule = MatchRule {
        too_short: None,
        ..MatchRule::default()
    };
    let report = rule.match_plan(&plan, &record, &[], day(15)).unwrap();
    let told = |item: &PlannedItem| {
        let all = rule.candidates(item, &report, &record).into_iter();
        all.map(|one| (one.record.to_string(), one.cost, one.became))
            .collect::<Vec<_>>()
    };
    let one = |record: &str, cost, became| (record.to_owned(), cost, became);
    // The visit of the 4th would be as good for the 3rd as it is: one day late each, or none and two.
    let no = |departure| Candidacy::DoesNotCount(departure);
    let a = told(&plan[0]);
    let b = told(&plan[1]);
    let taken = |told: &[(String, Option<u32>, Candidacy)]| {
        let cost = told.iter().find(|one| one.2 == Candidacy::Taken);
        cost.and_then(|one| one.1).unwrap()
    };
    assert_eq!(taken(&a) + taken(&b), 20);
    assert!(a[..2].iter().chain(&b[..2]).any(|one| {
        one.2 == Candidacy::Serves { other: key("b") }
            || one.2 == Candidacy::Serves { other: key("a") }
    }));
    // The record of the 20th was made after the day as of which it is told.
    assert_eq!(a.len(), 4);
    assert_eq!(
        told(&plan[2]),
        [
            one("1", None, no(Departure::Early(6))),
            one("2", None, no(Departure::Early(5))),
            one("4", None, no(Departure::TooShort(25))),
            one("3", None, no(Departure::Late(4))),
        ]
    );
    // What the taken ones cost, the missed and the unplanned ones make up the whole.
    let all: u32 = taken(&a) + taken(&b) + rule.missed + 3 * rule.unplanned;
    assert_eq!(report.cost, i64::from(all));
    let broken = [BrokenAppointment {
        planned: key("c"),
        by: BrokenBy::Us,
        moved_to: None,
        minutes_lost: 0,
        expense_lost: 0,
    }];
    let report = rule.match_plan(&plan, &record, &broken, day(15)).unwrap();
    crate::document::reads_back(&report);
    assert!(rule.candidates(&plan[2], &report, &record).is_empty());
}

#[test]
fn what_broken_appointments_cost_is_told_in_time_and_money() {
    let plan = [planned("a", "x", 3), planned("b", "y", 4)];
    let broken =
        [("a", BrokenBy::Us), ("b", BrokenBy::CustomerOut)].map(|(item, by)| BrokenAppointment {
            planned: key(item),
            by,
            moved_to: None,
            minutes_lost: 20,
            expense_lost: 1_250,
        });
    let report = MatchRule::default()
        .match_plan(&plan, &[], &broken, day(10))
        .unwrap();
    let subjects = Subjects::new(Axis::new("person", "person").unwrap(), vec![key("ann")]).unwrap();
    let weeks = Calendar::gregorian()
        .periods(Grain::Week, day(2), day(9))
        .unwrap();
    let panel = Panel::new(subjects, weeks);
    let expense = expense_lost_columns(
        &key("visits"),
        &report,
        &"money:EUR".parse().unwrap(),
        crate::quantity::Quantum::CENT,
        RollUp::Person,
    )
    .columns(&panel)
    .unwrap()
    .remove(0);
    assert_eq!(expense.answer(0).ratio().ok(), Some(Ratio::from(25)));
    let columns = compliance_columns(&key("visits"), &report, RollUp::Person)
        .columns(&panel)
        .unwrap();
    let told = |name: &str| {
        let column = columns.iter().find(|found| found.key().metric == *name);
        column.unwrap().answer(0).ratio().ok()
    };
    assert_eq!(told("visits.minutes_lost"), Some(Ratio::from(40)));
    assert_eq!(told("visits.broken_by_us"), Some(Ratio::ONE));
    assert_eq!(told("visits.excused"), Some(Ratio::ONE));
    assert_eq!(told("visits.punctuality"), share(0, 1));
}

#[test]
fn an_appointment_that_was_moved_and_held_is_neither_broken_nor_unplanned() {
    let rule = MatchRule::default();
    let plan = [planned("a", "x", 2)];
    let moved = |by, to: Option<u32>| {
        [BrokenAppointment {
            planned: key("a"),
            by,
            moved_to: to.map(day),
            minutes_lost: 15,
            expense_lost: 0,
        }]
    };
    let counts = |plan: &[PlannedItem], record: &[DoneItem], broken: &[BrokenAppointment], on| {
        let report = rule.match_plan(plan, record, broken, day(on)).unwrap();
        assert_eq!(report.minutes_lost, 15, "what was lost was lost");
        let told = report.compliance(|_, _| true);
        (
            told.done,
            told.as_planned,
            told.excused,
            told.missed,
            told.unplanned,
        )
    };
    let held = [done("1", "x", 12)];
    // Whoever moved it, it is done; what the customer moved was held as agreed.
    assert_eq!(
        counts(&plan, &held, &moved(BrokenBy::CustomerMoved, None), 20),
        (1, 1, 0, 0, 0)
    );
    assert_eq!(
        counts(&plan, &held, &moved(BrokenBy::WeMoved, None), 20),
        (1, 0, 0, 0, 0)
    );
    assert_eq!(
        counts(&plan, &held, &moved(BrokenBy::CustomerMoved, Some(12)), 20),
        (1, 1, 0, 0, 0)
    );
    // Two days after the agreed one is late, and eight days after it does not hold it any more.
    assert_eq!(
        counts(&plan, &held, &moved(BrokenBy::CustomerMoved, Some(10)), 20),
        (1, 0, 0, 0, 0)
    );
    assert_eq!(
        counts(&plan, &held, &moved(BrokenBy::CustomerMoved, Some(4)), 20),
        (0, 0, 0, 1, 1)
    );
    // Not held: excused where the customer moved it to no day, missed where we did; not yet due while the new day is to come.
    assert_eq!(
        counts(&plan, &held, &moved(BrokenBy::CustomerMoved, None), 11),
        (0, 0, 1, 0, 0)
    );
    assert_eq!(
        counts(&plan, &[], &moved(BrokenBy::WeMoved, None), 11),
        (0, 0, 0, 1, 0)
    );
    assert_eq!(
        counts(&plan, &[], &moved(BrokenBy::WeMoved, Some(12)), 11),
        (0, 0, 0, 0, 0)
    );
    // Given up is not moved: the visit after it is another one.
    assert_eq!(
        counts(&plan, &held, &moved(BrokenBy::CustomerCancelled, None), 20),
        (0, 0, 1, 0, 1)
    );
    // One visit cannot hold two: the planned one that would be missed comes first, and another customer holds nothing.
    let two = [planned("a", "x", 2), planned("b", "x", 12)];
    assert_eq!(
        counts(&two, &held, &moved(BrokenBy::CustomerMoved, None), 20),
        (1, 1, 1, 0, 0)
    );
    assert_eq!(
        counts(
            &plan,
            &[done("1", "y", 12)],
            &moved(BrokenBy::CustomerMoved, None),
            20
        ),
        (0, 0, 1, 0, 1)
    );
    let report = rule
        .match_plan(&plan, &held, &moved(BrokenBy::WeMoved, None), day(20))
        .unwrap();
    assert_eq!(
        rule.candidates(&plan[0], &report, &held)[0].became,
        Candidacy::Taken
    );
    let odd = rule.match_plan(&plan, &held, &moved(BrokenBy::Us, Some(12)), day(20));
    assert!(matches!(odd, Err(DutyError::NotMoved { .. })));
}

/// March 2026 begins on a Sunday: the 6th is a Friday, the 9th a Monday.
#[test]
fn days_early_and_late_may_be_those_that_are_worked() {
    let counted = |working: bool, planned_on: u32, done_on: u32, early: u32, late: u32| {
        let rule = MatchRule {
            early_days: early,
            late_days: late,
            working_days: working.then(office),
            ..MatchRule::default()
        };
        let plan = [planned("a", "x", planned_on)];
        let report = rule
            .match_plan(&plan, &[done("1", "x", done_on)], &[], day(31))
            .unwrap();
        outcomes(&report)[0].1.clone()
    };
    for (planned_on, done_on, by_all, by_worked) in [
        (6, 6, "1 []", "1 []"),
        (6, 7, "1 [Late(1)]", "1 [Late(0)]"),
        (6, 9, "1 [Late(3)]", "1 [Late(1)]"),
        (6, 11, "Missed", "1 [Late(3)]"),
        (6, 12, "Missed", "Missed"),
        (9, 8, "1 [Early(1)]", "1 [Early(0)]"),
        (9, 6, "Missed", "1 [Early(1)]"),
        (9, 5, "Missed", "Missed"),
    ] {
        let told = (
            counted(false, planned_on, done_on, 1, 3),
            counted(true, planned_on, done_on, 1, 3),
        );
        assert_eq!(
            told,
            (by_all.to_owned(), by_worked.to_owned()),
            "{planned_on} {done_on}"
        );
    }
    // Without a day to spare: the weekend after a Friday is late by none, Monday is too late.
    assert_eq!(counted(true, 6, 8, 0, 0), "1 [Late(0)]");
    assert_eq!(counted(true, 6, 9, 0, 0), "Missed");
    assert_eq!(counted(true, 9, 7, 0, 0), "1 [Early(0)]");
    // It is overdue as long as it can still be done in time: until Wednesday the 11th.
    let rule = MatchRule {
        working_days: Some(office()),
        ..MatchRule::default()
    };
    let open = |on: u32| {
        let report = rule.match_plan(&[planned("a", "x", 6)], &[], &[], day(on));
        outcomes(&report.unwrap())[0].1.clone()
    };
    assert_eq!(
        [5, 6, 10, 11].map(open),
        ["NotYetDue", "Overdue", "Overdue", "Missed"]
    );
    let text = serde_json::to_string(&rule).unwrap();
    assert_eq!(serde_json::from_str::<MatchRule>(&text).unwrap(), rule);
}
