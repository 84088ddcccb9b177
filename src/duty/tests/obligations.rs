//! Obligations and what was handed in.

use super::*;

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
fn what_is_excused_is_neither_due_nor_missing_and_what_was_done_stays_done() {
    let duty = weekly_report();
    let asked = duty.obligations(day(1), day(28), &office()).unwrap();
    let given = [handed_in("1", "ann", 9, None)];
    let report = duty.report(&asked, &given, day(24)).unwrap();
    let plain = report.counts(|person, _| *person == "ann");
    assert_eq!((plain.on_time, plain.missing, plain.not_yet_due), (1, 2, 1));
    // Ann is ill in the second week and in the first one, of which her report was there; her last week is ahead.
    let ill = |one: &Obligation| one.person == "ann" && one.due <= day(13);
    let counts = report.excused(ill).counts(|person, _| *person == "ann");
    assert_eq!(
        (
            counts.on_time,
            counts.missing,
            counts.excused,
            counts.not_yet_due
        ),
        (1, 1, 1, 1)
    );
    assert_eq!((counts.due(), counts.completeness()), (2, share(1, 2)));
    let all = report
        .excused(|_| true)
        .counts(|person, _| *person == "ann");
    assert_eq!((all.due(), all.excused, all.not_yet_due), (1, 3, 0));
    assert_eq!(
        report.counts(|person, _| *person == "ann"),
        plain,
        "a copy is excused"
    );
}

#[test]
fn a_talk_with_each_and_several_by_one_day_are_each_asked_for() {
    let mut definition = weekly_report().definition().clone();
    definition.who = vec![key("ann"), key("bo")];
    definition.with = vec![key("bo"), key("di")];
    definition.grace = Grace::None;
    let talks = Duty::new(definition.clone()).unwrap();
    let asked = talks.obligations(day(2), day(16), &office()).unwrap();
    // Ann with Bo and Di, Bo with Di alone, on two Fridays.
    assert_eq!(asked.len(), 6);
    let talk = |id: &str, person: &str, on: u32, with: &str| Submission {
        with: Some(key(with)),
        ..handed_in(id, person, on, None)
    };
    let held = [
        talk("1", "ann", 3, "di"),
        talk("2", "ann", 4, "di"),
        talk("3", "ann", 10, "bo"),
        talk("4", "bo", 12, "di"),
        handed_in("5", "ann", 5, None),
    ];
    let report = talks.report(&asked, &held, day(20)).unwrap();
    let on_time: Vec<_> = report
        .obligations
        .iter()
        .filter_map(|(one, standing)| match standing {
            Standing::OnTime { by } => Some((by.as_str(), one.with.clone(), one.due)),
            _ => None,
        })
        .collect();
    // Of two talks with Di in the first week the nearer serves it, and none the second; one that names nobody serves none.
    assert_eq!(
        on_time,
        [
            ("3", Some(key("bo")), day(13)),
            ("2", Some(key("di")), day(6)),
            ("4", Some(key("di")), day(13)),
        ]
    );
    assert_eq!(report.unasked.len(), 2);

    definition.with = Vec::new();
    definition.who = vec![key("ann")];
    definition.times = 3.try_into().unwrap();
    let meetings = Duty::new(definition.clone()).unwrap();
    let asked = meetings.obligations(day(2), day(16), &office()).unwrap();
    let held = [2, 4, 4, 4, 10].map(|on| handed_in(&format!("m{on}"), "ann", on, None));
    let counts = meetings
        .report(&asked, &held, day(20))
        .unwrap()
        .counts(|_, _| true);
    assert_eq!((counts.on_time, counts.missing), (4, 2));
    definition.with = vec![key("ann")];
    let alone = Duty::new(definition.clone()).unwrap_err();
    assert!(matches!(alone, DutyError::Nobody { .. }));
    definition.with = vec![key("bo"), key("bo")];
    let twice = Duty::new(definition).unwrap_err();
    assert!(matches!(twice, DutyError::Duplicate { .. }));
}

#[test]
fn days_that_roll_to_one_working_day_are_all_served_by_it() {
    // Saturday the 7th, Sunday the 8th and Monday the 9th all fall due on Monday.
    let mut definition = weekly_report().definition().clone();
    let daily = Rhythm::Days {
        every: 1.try_into().unwrap(),
    };
    definition.cadence = Cadence::new(day(1), daily, Roll::Forward).unwrap();
    definition.who = vec![key("ann")];
    let duty = Duty::new(definition).unwrap();
    let asked = duty.obligations(day(9), day(10), &office()).unwrap();
    let held: Vec<Submission> = (0..asked.len())
        .map(|one| handed_in(&format!("r{one}"), "ann", 9, None))
        .collect();
    assert_eq!(asked.len(), 3);
    let counts = duty
        .report(&asked, &held, day(9))
        .unwrap()
        .counts(|_, _| true);
    assert_eq!(counts.on_time, 3);
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
fn lateness_is_told_in_working_days_where_that_is_asked() {
    let asked = [Obligation {
        person: key("ann"),
        with: None,
        nominal: day(6),
        due: day(6),
        last: day(6),
    }];
    let late = |on: u32| {
        let report = weekly_report()
            .report(&asked, &[handed_in("1", "ann", on, None)], day(28))
            .unwrap();
        let told = report.in_working_days(&office()).unwrap();
        let days = |report: &DutyReport| report.counts(|_, _| true).days_late;
        (days(&report), days(&told))
    };
    // Due on a Friday; handed in on Saturday, Monday, and the Friday after.
    assert_eq!(late(7), (1, 0));
    assert_eq!(late(9), (3, 1));
    assert_eq!(late(13), (7, 5));
    assert_eq!(late(6), (0, 0));
}
