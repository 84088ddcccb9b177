//! Hand-worked duties, routes, plans and matchings.

use std::collections::BTreeMap;

use chrono::Weekday;

use super::*;
use crate::calendar::{
    Cadence, Calendar, DayInPeriod, Grain, Rhythm, Roll, WorkingDays, WorkingDaysDef,
};
use crate::document::Version;
use crate::panel::{Panel, State};
use crate::space::{Axis, Subjects};

fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

/// A day of March 2026, which begins on a Sunday.
fn day(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 3, day).unwrap()
}

fn office() -> WorkingDays {
    WorkingDays::new(WorkingDaysDef::monday_to_friday(key("office"))).unwrap()
}

#[expect(clippy::unnecessary_wraps, reason = "rates are told as options")]
fn share(top: i128, bottom: i128) -> Option<Ratio> {
    Some(Ratio::new(top, bottom).unwrap())
}

fn planned(id: &str, customer: &str, on: u32) -> PlannedItem {
    let customer = Some(key(customer));
    let (person, kind) = (key("ann"), key("visit"));
    PlannedItem {
        id: key(id),
        person,
        kind,
        customer,
        place: None,
        day: day(on),
        minutes: Some(30),
    }
}

fn done(id: &str, customer: &str, on: u32) -> DoneItem {
    let customer = Some(key(customer));
    let (person, kind) = (key("ann"), key("visit"));
    DoneItem {
        id: key(id),
        person,
        kind,
        customer,
        place: None,
        day: day(on),
        minutes: Some(40),
    }
}

fn outcomes(report: &MatchReport) -> Vec<(String, String)> {
    let text = |outcome: &Outcome| match outcome {
        Outcome::Done { by, departures, .. } => format!("{by} {departures:?}"),
        other => format!("{other:?}"),
    };
    report
        .planned
        .iter()
        .map(|(item, outcome)| (item.id.to_string(), text(outcome)))
        .collect()
}

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
    assert_eq!(counts.compliance(), share(1, 2));
    assert_eq!(report.minutes_lost, 90);
    let unknown = [BrokenAppointment {
        planned: key("q"),
        by: BrokenBy::Us,
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

fn weekly_report() -> Duty {
    let rhythm = Rhythm::Weekly {
        every: 1.try_into().unwrap(),
        days: vec![Weekday::Fri],
    };
    Duty::new(DutyDef {
        version: Version::default(),
        key: key("weekly report"),
        title: None,
        who: vec![key("ann"), key("bo")],
        cadence: Cadence::new(day(1), rhythm, Roll::Keep).unwrap(),
        grace: Grace::WorkingDays(1),
        evidence: key("report"),
        reviewer: Some(key("cy")),
        priority: 1,
    })
    .unwrap()
}

fn handed_in(id: &str, person: &str, on: u32, for_day: Option<u32>) -> Submission {
    Submission {
        day: day(on),
        person: key(person),
        id: key(id),
        for_day: for_day.map(day),
    }
}

#[test]
fn reports_are_on_time_late_missing_or_not_yet_due() {
    let duty = weekly_report();
    let asked = duty.obligations(day(1), day(28), &office()).unwrap();
    assert_eq!(asked.len(), 8);
    assert_eq!(
        (asked[0].due, asked[0].last),
        (day(6), day(9)),
        "a Friday, and the Monday after it"
    );
    let given = [
        handed_in("1", "ann", 9, None),
        handed_in("2", "ann", 18, None),
        handed_in("3", "bo", 6, None),
        handed_in("4", "bo", 6, None),
        handed_in("5", "bo", 16, Some(6)),
    ];
    let report = duty.report(&asked, &given, day(24)).unwrap();
    let standing = |person: &str, due: u32| {
        let of = |(one, _): &&(Obligation, Standing)| one.person == person && one.due == day(due);
        report.obligations.iter().find(of).unwrap().1.clone()
    };
    assert_eq!(standing("ann", 6), Standing::OnTime { by: key("1") });
    // Due on the 13th, in time until the 16th; the one of the 18th serves it, and the next one is missing by the 24th.
    assert_eq!(
        standing("ann", 13),
        Standing::Late {
            by: key("2"),
            days: 2
        }
    );
    assert_eq!(standing("ann", 20), Standing::Missing);
    assert_eq!(standing("ann", 27), Standing::NotYetDue);
    // One of the two of the 6th serves it; the one that names the 6th is not needed, and cannot serve another week.
    assert_eq!(standing("bo", 6), Standing::OnTime { by: key("3") });
    assert_eq!(standing("bo", 13), Standing::Missing);
    assert_eq!(report.unasked.len(), 2);
    let counts = report.counts(|person, _| *person == "ann");
    assert_eq!(
        (counts.due(), counts.punctuality(), counts.completeness()),
        (3, share(1, 3), share(2, 3))
    );
}

#[test]
fn a_duty_needs_somebody_and_another_reviewer() {
    let change = |edit: fn(&mut DutyDef)| {
        let mut definition = weekly_report().definition().clone();
        edit(&mut definition);
        Duty::new(definition)
    };
    assert!(matches!(
        change(|duty| duty.who.clear()),
        Err(DutyError::Nobody { .. })
    ));
    assert!(matches!(
        change(|duty| duty.reviewer = Some(key("bo"))),
        Err(DutyError::OwnReviewer { .. })
    ));
    assert!(matches!(
        change(|duty| duty.who.push(key("bo"))),
        Err(DutyError::Duplicate { .. })
    ));
    let text = serde_json::to_string(&weekly_report()).unwrap();
    assert_eq!(
        serde_json::from_str::<Duty>(&text).unwrap(),
        weekly_report()
    );
    let monthly = Rhythm::Monthly {
        every: 1.try_into().unwrap(),
        on: DayInPeriod::WorkingDayFromEnd {
            nth: 1.try_into().unwrap(),
        },
    };
    let mut definition = weekly_report().definition().clone();
    definition.cadence = Cadence::new(day(1), monthly, Roll::Keep).unwrap();
    definition.grace = Grace::Days(3);
    let asked = Duty::new(definition)
        .unwrap()
        .obligations(day(1), day(31), &office())
        .unwrap();
    assert!(
        asked.is_empty(),
        "the last working day of March is the 31st"
    );
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
    let columns = compliance_columns(&key("visits"), &report, RollUp::Person, &panel).unwrap();
    let ratio = |name: &str, subject, period| {
        let column = columns
            .iter()
            .find(|column| column.key().metric == *name)
            .unwrap();
        column.answer(panel.cell(subject, period).unwrap())
    };
    assert_eq!(ratio("visits.compliance", 0, 0).ratio(), share(2, 2));
    assert_eq!(ratio("visits.adherence", 0, 0).ratio(), share(1, 2));
    assert_eq!(ratio("visits.compliance", 0, 1).ratio(), share(0, 1));
    assert_eq!(ratio("visits.unplanned_share", 0, 1).ratio(), share(1, 1));
    assert_eq!(ratio("visits.compliance", 1, 0).state(), State::NoBase);
    let duty = weekly_report();
    let asked = duty.obligations(day(1), day(15), &office()).unwrap();
    let report = duty
        .report(&asked, &[handed_in("1", "ann", 6, None)], day(31))
        .unwrap();
    let columns = duty_columns(
        &key("weekly report"),
        &duty,
        &report,
        RollUp::Person,
        &panel,
    )
    .unwrap();
    let told = |name: &str, subject, period| {
        let column = columns
            .iter()
            .find(|column| column.key().metric == *name)
            .unwrap();
        column.answer(panel.cell(subject, period).unwrap()).ratio()
    };
    assert_eq!(told("weekly report.punctuality", 0, 0), share(1, 1));
    assert_eq!(told("weekly report.missing", 1, 1), Some(Ratio::ONE));
    assert_eq!(told("weekly report.first_missing", 1, 1), Some(Ratio::ONE));
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
    let columns =
        execution_columns(&key("execution"), &counts, ExecutionWeights::default()).unwrap();
    assert_eq!(columns[0].answer(0).ratio(), share(1, 2));
    assert_eq!(columns[1].answer(0).state(), State::NoBase);
    assert_eq!(
        columns[2].answer(0).ratio(),
        share(1, 1),
        "more than planned counts as planned"
    );
    assert_eq!(columns[3].answer(0).ratio(), share(3, 4));
}

#[test]
fn quotas_stand_within_each_other() {
    use QuotaStanding::{Below, Floor, Stretch};
    let text = r#"{"counts":"contacts","floor":20,"of_which":[{"counts":"cooperations","floor":2,"stretch":4}]}"#;
    let quota: Quota = serde_json::from_str(text).unwrap();
    assert_eq!(serde_json::to_string(&quota).unwrap(), text);
    let standing = |contacts, cooperations| {
        let counts = BTreeMap::from([
            (key("contacts"), contacts),
            (key("cooperations"), cooperations),
        ]);
        let lines = quota.standing(&counts)?;
        Ok::<_, DutyError>(
            lines
                .into_iter()
                .map(|line| (line.standing, line.missing_to_stretch))
                .collect::<Vec<_>>(),
        )
    };
    assert_eq!(standing(19, 4).unwrap(), [(Below, 1), (Stretch, 0)]);
    assert_eq!(standing(20, 2).unwrap(), [(Stretch, 0), (Floor, 2)]);
    assert_eq!(standing(30, 1).unwrap(), [(Stretch, 0), (Below, 3)]);
    assert!(matches!(
        standing(3, 4),
        Err(DutyError::CountBeyondWhole { .. })
    ));
    for (from, to, wanted) in [
        ("\"stretch\":4", "\"stretch\":1", "as a stretch"),
        ("\"floor\":2,", "\"floor\":21,", "of which it is a part"),
        ("\"stretch\":4", "\"stretch\":21", "of which it is a part"),
        ("cooperations", "contacts", "there twice"),
    ] {
        let error = serde_json::from_str::<Quota>(&text.replace(from, to))
            .unwrap_err()
            .to_string();
        assert!(error.contains(wanted), "{error}");
    }
}

#[test]
fn the_way_back_from_a_target_rounds_once() {
    let step = |activity: &str, brings: &str| Conversion {
        activity: key(activity),
        brings: brings.parse().unwrap(),
    };
    // 10 orders, a third of opportunities, two fifths of visits, a seventh of calls: 30, 75, 525.
    let chain = Chain::new(vec![
        step("opportunities", "1/3"),
        step("visits", "2/5"),
        step("calls", "1/7"),
    ])
    .unwrap();
    let needed = |target| {
        chain
            .needed(target)
            .unwrap()
            .into_iter()
            .map(|(_, count)| count)
            .collect::<Vec<_>>()
    };
    assert_eq!(needed(Ratio::from(10)), [30, 75, 525]);
    assert_eq!(
        needed(Ratio::new(1, 10).unwrap()),
        [1, 1, 6],
        "rounded along the chain it would be 1, 3, 21"
    );
    assert_eq!(needed(Ratio::from(-5)), [0, 0, 0]);
    assert!(matches!(
        Chain::new(vec![step("a", "0")]),
        Err(DutyError::NoConversion { .. })
    ));
    assert!(matches!(
        Chain::new(vec![step("a", "1"), step("a", "1")]),
        Err(DutyError::Duplicate { .. })
    ));
}

#[test]
fn activity_is_spread_over_working_days_and_held_against_them() {
    let weeks = Calendar::gregorian()
        .periods(Grain::Week, day(2), day(23))
        .unwrap();
    // From Wednesday the 4th: three days, five, five. 26 visits: 6, 10, 10.
    let plan = spread(26, &weeks, day(4), &office(), Ratio::from(2)).unwrap();
    assert_eq!(
        (plan.planned.as_slice(), plan.feasible.as_slice()),
        (&[6, 10, 10][..], &[6, 10, 10][..])
    );
    assert_eq!((plan.shortfall(), plan.overfull()), (0, vec![]));
    let plan = spread(27, &weeks, day(4), &office(), Ratio::from(2)).unwrap();
    assert_eq!(plan.needed(), 27);
    assert_eq!(plan.shortfall(), 1);
    assert_eq!(plan.overfull().len(), 1);
    let over = spread(5, &weeks, day(30), &office(), Ratio::from(2));
    assert!(matches!(over, Err(DutyError::NoWorkingDay { .. })));
    assert_eq!(
        spread(0, &weeks, day(30), &office(), Ratio::from(2))
            .unwrap()
            .planned,
        [0, 0, 0]
    );
    assert!(spread(5, &weeks, day(4), &office(), Ratio::from(-1)).is_err());
}

fn route(stops: &[(&str, &str, Option<Weekday>)]) -> RouteDef {
    RouteDef {
        person: key("ann"),
        anchor: day(2),
        weeks: 4,
        frequency: BTreeMap::from([(key("A"), 8), (key("B"), 4), (key("C"), 2), (key("D"), 1)]),
        per_day: 2,
        stops: stops
            .iter()
            .map(|(customer, class, weekday)| Stop {
                customer: key(customer),
                class: key(class),
                weekday: *weekday,
            })
            .collect(),
    }
}

#[test]
fn a_route_visits_each_class_as_often_as_it_should() {
    let stops = [
        ("a", "A", None),
        ("b", "B", Some(Weekday::Tue)),
        ("c", "C", Some(Weekday::Tue)),
        ("d", "D", Some(Weekday::Tue)),
        ("e", "C", Some(Weekday::Tue)),
    ];
    let route = Route::new(route(&stops)).unwrap();
    let weeks = |stop: usize| {
        let own = route.visits().iter().filter(|visit| visit.stop == stop);
        own.map(|visit| (visit.week, visit.weekday))
            .collect::<Vec<_>>()
    };
    // Twice a week, as far apart as five days allow.
    assert_eq!(
        weeks(0),
        [
            (0, 0),
            (0, 2),
            (1, 0),
            (1, 2),
            (2, 0),
            (2, 2),
            (3, 0),
            (3, 2)
        ]
    );
    assert_eq!(weeks(1), [(0, 1), (1, 1), (2, 1), (3, 1)]);
    assert_eq!(weeks(2), [(0, 1), (2, 1)]);
    // The next ones go where it is emptier.
    assert_eq!((weeks(3), weeks(4)), (vec![(1, 1)], vec![(1, 1), (3, 1)]));
    assert_eq!(route.overfull(), [(1, 1, 1)]);
    // The second cycle begins on the 30th; a holiday moves Tuesday's visits to Wednesday.
    let def = WorkingDaysDef::monday_to_friday(key("office")).holiday(day(3), "fair");
    let plan = route
        .plan(day(2), day(7), &WorkingDays::new(def).unwrap())
        .unwrap();
    let shown: Vec<(u32, &str)> = plan
        .iter()
        .map(|(on, stop)| (chrono::Datelike::day(on), stop.as_str()))
        .collect();
    assert_eq!(shown, [(2, "a"), (4, "a"), (4, "b"), (4, "c")]);
    assert_eq!(route.plan(day(30), day(31), &office()).unwrap().len(), 1);
}

#[test]
fn a_broken_route_is_refused() {
    let broken = |edit: fn(&mut RouteDef)| {
        let mut definition = route(&[("a", "A", None)]);
        edit(&mut definition);
        Route::new(definition).unwrap_err()
    };
    assert!(matches!(
        broken(|route| route.anchor = day(3)),
        DutyError::RouteAnchor { .. }
    ));
    assert!(matches!(
        broken(|route| route.weeks = 0),
        DutyError::RouteAnchor { .. }
    ));
    assert!(matches!(
        broken(|route| route.stops[0].class = key("E")),
        DutyError::NoFrequency { .. }
    ));
    assert!(matches!(
        broken(|route| route.stops[0].weekday = Some(Weekday::Mon)),
        DutyError::TooOften { .. }
    ));
    assert!(matches!(
        broken(|route| route.stops.push(route.stops[0].clone())),
        DutyError::Duplicate { .. }
    ));
}

#[test]
fn a_plan_is_reported_part_by_part() {
    use RollOut::{Accepted, Briefed, NotReached};
    let whole = |text: &str| PartDef {
        text: text.to_owned(),
        owner: Some(key("ann")),
        by: Some(day(31)),
    };
    let mut plan: BTreeMap<PlanPart, PartDef> =
        PlanPart::ALL.map(|part| (part, whole("as agreed"))).into();
    assert!(plan_gaps(&plan).is_empty());
    assert_eq!(plan_completeness(&plan), Ratio::ONE);
    plan.remove(&PlanPart::Strategy);
    plan.insert(PlanPart::Territory, whole(" "));
    plan.insert(
        PlanPart::ActionSteps,
        PartDef {
            owner: None,
            by: None,
            ..whole("visit")
        },
    );
    assert_eq!(
        plan_gaps(&plan),
        [
            (PlanPart::Territory, PartGap::Empty),
            (PlanPart::Strategy, PartGap::Absent),
            (PlanPart::ActionSteps, PartGap::NoOwner),
            (PlanPart::ActionSteps, PartGap::NoDate),
        ]
    );
    assert_eq!(plan_completeness(&plan), Ratio::new(7, 10).unwrap());
    assert_eq!(
        rolled_out(&[Accepted, Briefed, NotReached], Briefed),
        share(2, 3)
    );
    assert_eq!(rolled_out(&[], Briefed), None);
}

#[test]
fn execution_is_time_quality_and_quantity() {
    let counts = ExecutionCounts {
        due: 10,
        on_time: 9,
        planned: 20,
        done: 25,
        reviewed: 5,
        good: 3,
    };
    let weights = ExecutionWeights::new(Ratio::from(2), Ratio::ONE, Ratio::ONE).unwrap();
    let found = ExecutionIndex::of(&counts, weights).unwrap();
    assert_eq!(
        (found.timeliness, found.quality, found.quantity),
        (share(9, 10), share(3, 5), share(1, 1))
    );
    // (2 x 0.9 + 0.6 + 1) / 4
    assert_eq!(found.index, share(17, 20));
    let nothing = ExecutionIndex::of(&ExecutionCounts::default(), weights).unwrap();
    assert_eq!(nothing.index, None);
    assert!(ExecutionWeights::new(Ratio::ZERO, Ratio::ZERO, Ratio::ZERO).is_err());
    assert!(
        serde_json::from_str::<ExecutionWeights>(
            r#"{"timeliness":"-1","quality":"1","quantity":"1"}"#
        )
        .is_err()
    );
    assert_eq!(counts.and(counts).due, 20);
}

#[test]
fn effort_goes_where_it_was_meant_or_elsewhere() {
    let plan = BTreeMap::from([(key("selling"), Ratio::from(3)), (key("base"), Ratio::ONE)]);
    let minutes = BTreeMap::from([(key("selling"), 300), (key("meetings"), 100)]);
    let mix = effort_mix(&plan, &minutes).unwrap();
    assert_eq!(mix.classes.len(), 3);
    // 75 % was planned and taken for selling; the quarter for the base went to meetings.
    assert_eq!(mix.misplaced, Ratio::percent(25));
    assert_eq!(
        effort_mix(&plan, &BTreeMap::new()),
        Err(DutyError::NoEffort)
    );
    assert!(effort_mix(&BTreeMap::new(), &minutes).is_err());
}

#[test]
fn process_stands_beside_result() {
    let of = |process, result| {
        Quadrant::of(
            Ok(Ratio::percent(process)),
            Ratio::percent(80),
            Ok(Ratio::percent(result)),
            Ratio::ONE,
        )
    };
    for (process, result, wanted) in [
        (80, 100, Quadrant::Earned),
        (79, 100, Quadrant::Lucky),
        (80, 99, Quadrant::Unlucky),
        (79, 99, Quadrant::Failing),
    ] {
        assert_eq!(of(process, result), wanted);
    }
    let unknown = Quadrant::of(Err(State::NoBase), Ratio::ONE, Ok(Ratio::ONE), Ratio::ONE);
    assert_eq!(unknown, Quadrant::Unknown(State::NoBase));
}

#[test]
fn a_result_follows_activity_by_the_lag_that_fits_best() {
    let visits = [5, 9, 3, 7, 8, 2, 6, 4];
    let orders: Vec<i64> = [1, 1]
        .into_iter()
        .chain(visits.iter().map(|visits| visits * 2))
        .take(8)
        .collect();
    let found = lags(&visits, &orders, 6).unwrap();
    assert_eq!(found[2].signed_square, Some(Ratio::ONE));
    let best = found
        .iter()
        .max_by_key(|score| score.signed_square)
        .unwrap();
    assert_eq!((best.lag, best.pairs), (2, 6));
    assert_eq!(found[6].signed_square, None, "two pairs say nothing");
    let falling = lags(&[1, 2, 3, 4], &[8, 6, 4, 2], 0).unwrap();
    assert_eq!(falling[0].signed_square, Some(Ratio::from(-1)));
    assert_eq!(
        lags(&[1, 1, 1], &[1, 2, 3], 0).unwrap()[0].signed_square,
        None
    );
    assert!(lags(&[i64::MAX; 9], &[i64::MIN; 9], 0).is_err());
}

#[test]
fn an_initiative_fades_when_all_of_its_end_falls_short() {
    let half = Ratio::percent(50);
    let told = |weeks: &[(i64, i64)]| fading(weeks, 2, half).map(|found| found.fades);
    assert_eq!(told(&[(10, 10), (8, 10), (4, 10), (3, 10)]), Some(true));
    assert_eq!(
        told(&[(10, 10), (8, 10), (4, 10), (5, 10)]),
        Some(false),
        "the last week is above 45 %"
    );
    assert_eq!(told(&[(10, 10), (8, 10), (4, 10)]), None);
    assert_eq!(
        told(&[(0, 10), (0, 10), (0, 10), (0, 10)]),
        None,
        "what never began cannot fade"
    );
    assert_eq!(fading(&[(1, 1), (1, 1)], 0, half), None);
}
