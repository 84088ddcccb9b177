//! Duties, quotas and routes as a sales manager would set them, each kept by one, broken by another and kept late by a third;
//! read from the columns of a panel. March 2026 begins on a Sunday; its Fridays are the 6th, 13th, 20th and 27th.

use crate::at::{PeriodAt, RowAt};
use std::num::NonZeroU16;

use chrono::{NaiveDate, Weekday};
use quotaflow::calendar::{
    Cadence, Calendar, DayInPeriod, Grain, Rhythm, Roll, WorkingDays, WorkingDaysDef,
};
use quotaflow::document::Version;
use quotaflow::duty::{
    ActivityQuota, DoneItem, Duty, DutyDef, Grace, MatchRule, Route, RouteDef, Stop, Submission,
    compliance_columns, duty_columns,
};
use quotaflow::key::Key;
use quotaflow::panel::{Column, ColumnKey, Columns, Panel, Reason, RollUp};
use quotaflow::quantity::Ratio;
use quotaflow::space::{Axis, Subjects};

const PEOPLE: [&str; 3] = ["ann", "bo", "cy"];

fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

/// A day of 2026.
fn day(month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, month, day).unwrap()
}

fn march(on: u32) -> NaiveDate {
    day(3, on)
}

fn office() -> WorkingDays {
    WorkingDays::new(WorkingDaysDef::monday_to_friday(key("office"))).unwrap()
}

/// Ann, Bo and Cy by periods of March and April.
fn panel(
    grain: Grain,
    from: NaiveDate,
    to: NaiveDate,
    columns: impl Fn(&Panel) -> Vec<Column>,
) -> Panel {
    let axis = Axis::new("person", "person").unwrap();
    let subjects = Subjects::new(axis, PEOPLE.map(key).to_vec()).unwrap();
    let periods = Calendar::gregorian().periods(grain, from, to).unwrap();
    let mut panel = Panel::new(subjects, periods);
    for column in columns(&panel) {
        panel.add(column).unwrap();
    }
    panel
}

/// What a column says of Ann, Bo and Cy in one period.
fn told(panel: &Panel, name: &str, period: usize) -> [Result<Ratio, Reason>; 3] {
    let key: ColumnKey = name.parse().unwrap();
    [0, 1, 2].map(|row| {
        let answer = panel
            .answer(&key, panel.row_at(row), panel.period_at(period))
            .unwrap();
        answer.ratio()
    })
}

fn counts(numbers: [i64; 3]) -> [Result<Ratio, Reason>; 3] {
    numbers.map(|number| Ok(Ratio::from(number)))
}

fn shares(parts: [(i128, i128); 3]) -> [Result<Ratio, Reason>; 3] {
    parts.map(|(top, bottom)| Ok(Ratio::new(top, bottom).unwrap()))
}

fn contact(person: &str, customer: &str, on: NaiveDate, outcome: Option<&str>) -> DoneItem {
    DoneItem {
        id: key(&format!("{person} {customer} {on}")),
        person: key(person),
        kind: key("visit"),
        customer: Some(key(customer)),
        place: None,
        day: on,
        minutes: None,
        outcome: outcome.map(key),
    }
}

fn duty(name: &str, rhythm: Rhythm, grace: Grace) -> DutyDef {
    DutyDef {
        version: Version::default(),
        key: key(name),
        title: quotaflow::text::Texts::default(),
        who: PEOPLE.map(key).to_vec(),
        with: Vec::new(),
        cadence: Cadence::new(day(1, 5), rhythm, Roll::Keep).unwrap(),
        times: NonZeroU16::MIN,
        grace,
        evidence: key(name),
        reviewer: None,
        priority: 1,
    }
}

fn by_friday() -> Rhythm {
    Rhythm::Weekly {
        every: 1.try_into().unwrap(),
        days: vec![Weekday::Fri],
    }
}

fn handed_in(person: &str, on: NaiveDate, with: Option<&str>) -> Submission {
    Submission {
        day: on,
        person: key(person),
        id: key(&format!("{person} {on} {}", with.unwrap_or("-"))),
        for_day: None,
        with: with.map(key),
    }
}

#[test]
fn twenty_customers_never_contacted_of_whom_two_to_four_come_to_cooperation() {
    let quota: ActivityQuota = serde_json::from_str(
        r#"{"key": "new customers", "who": ["ann", "bo", "cy"], "quota": {"counts": "contacted", "before": "never_contacted",
            "floor": 20, "of_which": [{"counts": "cooperation", "outcomes": ["cooperates"], "floor": 2, "stretch": 4}]}}"#,
    )
    .unwrap();
    let mut done = Vec::new();
    for number in 1..=20 {
        let on = march(number);
        // Three of Ann's cooperate. Bo's twentieth was contacted in February by Ann. Cy's twentieth comes on the first of April.
        let cooperates = |most| (number <= most).then_some("cooperates");
        done.push(contact("ann", &format!("a{number}"), on, cooperates(3)));
        done.push(contact("bo", &format!("b{number}"), on, cooperates(4)));
        let late = if number == 20 { day(4, 1) } else { on };
        done.push(contact("cy", &format!("c{number}"), late, cooperates(2)));
    }
    done.push(contact("ann", "b20", day(2, 10), None));
    let panel = panel(Grain::Month, march(1), day(5, 1), |panel| {
        let report = quota.report(&done, panel.periods(), day(4, 15)).unwrap();
        report
            .columns(&key("new"), RollUp::Person)
            .columns(panel)
            .unwrap()
    });
    assert_eq!(
        told(&panel, "new.reached.contacted", 0),
        counts([20, 19, 19])
    );
    assert_eq!(
        told(&panel, "target:new.reached.contacted", 0),
        counts([20; 3])
    );
    assert_eq!(told(&panel, "new.to_floor.contacted", 0), counts([0, 1, 1]));
    assert_eq!(
        told(&panel, "new.reached.cooperation", 0),
        counts([3, 4, 2])
    );
    assert_eq!(
        told(&panel, "new.to_stretch.cooperation", 0),
        counts([1, 0, 2])
    );
    assert_eq!(told(&panel, "new.met", 0), counts([1, 0, 0]));
    assert_eq!(told(&panel, "new.stretched", 0), counts([0; 3]));
    // With four who cooperate of twenty that are her own Ann comes to the stretch too.
    let mut better = done.clone();
    better.push(contact("ann", "a21", march(21), Some("cooperates")));
    let panel = crate::duty::panel(Grain::Month, march(1), day(5, 1), |panel| {
        let report = quota.report(&better, panel.periods(), day(4, 15)).unwrap();
        report
            .columns(&key("new"), RollUp::Person)
            .columns(panel)
            .unwrap()
    });
    assert_eq!(told(&panel, "new.stretched", 0), counts([1, 0, 0]));
    // Cy's late one is one of April, which still runs.
    assert_eq!(told(&panel, "new.reached.contacted", 1), counts([0, 0, 1]));
    assert_eq!(told(&panel, "new.met", 1), [Err(Reason::NotYetDue); 3]);
}

#[test]
fn five_uninterested_customers_contacted_at_least_once() {
    let quota: ActivityQuota = serde_json::from_str(
        r#"{"key": "again", "who": ["ann", "bo", "cy"], "quota": {"counts": "uninterested",
            "before": {"last_outcome": ["uninterested"]}, "floor": 5}}"#,
    )
    .unwrap();
    let mut done = Vec::new();
    for person in PEOPLE {
        for number in 1..=5 {
            let customer = format!("{person}{number}");
            // Bo's fifth was not uninterested; Cy comes to the fifth only in April.
            let interested = person == "bo" && number == 5;
            let outcome = if interested {
                "cooperates"
            } else {
                "uninterested"
            };
            done.push(contact(person, &customer, day(2, number), Some(outcome)));
            let late = person == "cy" && number == 5;
            let on = if late { day(4, 2) } else { march(number) };
            done.push(contact(person, &customer, on, Some("uninterested")));
        }
    }
    // A second contact with the same customer adds nothing.
    done.push(contact("bo", "bo1", march(20), None));
    let panel = panel(Grain::Month, march(1), day(4, 1), |panel| {
        let report = quota.report(&done, panel.periods(), day(4, 15)).unwrap();
        report
            .columns(&key("again"), RollUp::Person)
            .columns(panel)
            .unwrap()
    });
    assert_eq!(
        told(&panel, "again.reached.uninterested", 0),
        counts([5, 4, 4])
    );
    assert_eq!(told(&panel, "again.met", 0), counts([1, 0, 0]));
    assert_eq!(
        told(&panel, "again.to_floor.uninterested", 0),
        counts([0, 1, 1])
    );
}

#[test]
fn a_personal_talk_with_each_team_member_every_week() {
    let mut talks = duty("talk", by_friday(), Grace::None);
    talks.with = vec![key("di"), key("el")];
    let talks = Duty::new(talks).unwrap();
    let asked = talks.obligations(march(2), march(14), &office()).unwrap();
    let mut records = Vec::new();
    for (person, with, on) in [
        ("ann", "di", march(2)),
        ("ann", "el", march(6)),
        // Bo talks with Di twice in the first week, which is no talk with El.
        ("bo", "di", march(3)),
        ("bo", "di", march(4)),
        ("cy", "di", march(5)),
        // Cy's talk with El comes on the Monday after.
        ("cy", "el", march(9)),
        ("ann", "di", march(10)),
        ("ann", "el", march(10)),
        ("bo", "di", march(11)),
        ("bo", "el", march(11)),
        ("cy", "di", march(12)),
        ("cy", "el", march(12)),
    ] {
        records.push(handed_in(person, on, Some(with)));
    }
    let report = talks.report(&asked, &records, march(16)).unwrap();
    let panel = panel(Grain::Week, march(2), march(16), |panel| {
        duty_columns(&key("talk"), &[(&talks, &report)], RollUp::Person)
            .columns(panel)
            .unwrap()
    });
    assert_eq!(told(&panel, "talk.due", 0), counts([2; 3]));
    assert_eq!(told(&panel, "talk.on_time", 0), counts([2, 1, 1]));
    assert_eq!(told(&panel, "talk.missing", 0), counts([0, 1, 0]));
    assert_eq!(told(&panel, "talk.late", 0), counts([0, 0, 1]));
    assert_eq!(
        told(&panel, "talk.completeness", 0),
        shares([(1, 1), (1, 2), (1, 1)])
    );
    assert_eq!(told(&panel, "talk.days_late", 0)[2], Ok(Ratio::from(3)));
    assert_eq!(told(&panel, "talk.punctuality", 1), counts([1; 3]));
}

#[test]
fn three_management_meetings_a_week() {
    let mut meetings = duty("meeting", by_friday(), Grace::None);
    meetings.times = 3.try_into().unwrap();
    let meetings = Duty::new(meetings).unwrap();
    let asked = meetings.obligations(march(2), march(7), &office()).unwrap();
    let held = [
        ("ann", [2, 4, 6].as_slice()),
        ("bo", &[2, 4]),
        ("cy", &[2, 4, 7]),
    ];
    let records: Vec<Submission> = held
        .iter()
        .flat_map(|(person, days)| days.iter().map(|on| handed_in(person, march(*on), None)))
        .collect();
    let report = meetings.report(&asked, &records, march(9)).unwrap();
    let panel = panel(Grain::Week, march(2), march(9), |panel| {
        duty_columns(&key("m"), &[(&meetings, &report)], RollUp::Person)
            .columns(panel)
            .unwrap()
    });
    assert_eq!(told(&panel, "m.due", 0), counts([3; 3]));
    assert_eq!(told(&panel, "m.missing", 0), counts([0, 1, 0]));
    assert_eq!(told(&panel, "m.late", 0), counts([0, 0, 1]));
    assert_eq!(
        told(&panel, "m.completeness", 0),
        shares([(1, 1), (2, 3), (1, 1)])
    );
    assert_eq!(
        told(&panel, "m.punctuality", 0),
        shares([(1, 1), (2, 3), (2, 3)])
    );
}

#[test]
fn a_team_event_a_month() {
    let last = DayInPeriod::WorkingDayFromEnd {
        nth: 1.try_into().unwrap(),
    };
    let monthly = Rhythm::Monthly {
        every: 1.try_into().unwrap(),
        on: last,
    };
    let event = Duty::new(duty("team event", monthly, Grace::None)).unwrap();
    let asked = event.obligations(march(1), day(5, 1), &office()).unwrap();
    let records = [
        handed_in("ann", march(20), None),
        handed_in("cy", day(4, 2), None),
        handed_in("cy", day(4, 24), None),
        // Bo's comes two days before that of April is due, and 28 after that of March: it serves April.
        handed_in("bo", day(4, 28), None),
    ];
    let report = event.report(&asked, &records, day(4, 29)).unwrap();
    let panel = panel(Grain::Month, march(1), day(5, 1), |panel| {
        duty_columns(&key("event"), &[(&event, &report)], RollUp::Person)
            .columns(panel)
            .unwrap()
    });
    // Due on 31 March and 30 April; each event serves one month.
    assert_eq!(told(&panel, "event.due", 0), counts([1; 3]));
    assert_eq!(told(&panel, "event.on_time", 0), counts([1, 0, 0]));
    assert_eq!(told(&panel, "event.late", 0), counts([0, 0, 1]));
    assert_eq!(told(&panel, "event.missing", 0), counts([0, 1, 0]));
    assert_eq!(told(&panel, "event.days_late", 0)[2], Ok(Ratio::from(2)));
    // April has not ended: Ann still has time, Bo and Cy have held theirs.
    assert_eq!(
        told(&panel, "event.punctuality", 1),
        [Err(Reason::NotYetDue), Ok(Ratio::ONE), Ok(Ratio::ONE)]
    );
}

#[test]
fn weekly_routes_with_fixed_points_and_a_frequency_for_each_class() {
    // In four weeks each A four times, each B twice, each C once; a1 always on Tuesdays.
    let stop = |customer: &str, class: &str, weekday| Stop {
        customer: key(customer),
        class: key(class),
        weekday,
    };
    let route = Route::new(RouteDef {
        person: key("ann"),
        anchor: march(2),
        weeks: 4,
        frequency: [(key("A"), 4), (key("B"), 2), (key("C"), 1)].into(),
        per_day: 1,
        stops: vec![
            stop("a1", "A", Some(Weekday::Tue)),
            stop("b1", "B", None),
            stop("b2", "B", Some(Weekday::Thu)),
            stop("c1", "C", None),
        ],
    })
    .unwrap();
    assert!(route.overfull().is_empty());
    let office = office();
    let visits = route.plan(march(2), march(30), &office).unwrap();
    let of = |customer: &str| -> Vec<NaiveDate> {
        let own = visits.iter().filter(|(_, other)| **other == *customer);
        own.map(|(on, _)| *on).collect()
    };
    assert_eq!(of("a1"), [3, 10, 17, 24].map(march));
    let apart = |days: &[NaiveDate]| (days[1] - days[0]).num_days();
    assert_eq!((of("b1").len(), of("b2").len(), of("c1").len()), (2, 2, 1));
    assert_eq!((apart(&of("b1")), apart(&of("b2"))), (14, 14));

    let mut plan = Vec::new();
    let mut done = Vec::new();
    for person in PEOPLE {
        let mut own = route.definition().clone();
        own.person = key(person);
        let own = Route::new(own).unwrap();
        let items = own.items(&key("visit"), None, march(2), march(30), &office);
        for item in items.unwrap() {
            // Ann keeps her route, Bo leaves out both B, Cy comes to a1 a day late.
            let customer = item.customer.clone().unwrap();
            let late = person == "cy" && customer == *"a1";
            if person != "bo" || !customer.as_str().starts_with('b') {
                let on = item.day + chrono::Days::new(u64::from(late));
                done.push(contact(person, customer.as_str(), on, None));
            }
            plan.push(item);
        }
    }
    // The plan of a week is a part of that of the month.
    let week = route
        .items(&key("visit"), None, march(9), march(16), &office)
        .unwrap();
    assert!(!week.is_empty() && week.iter().all(|item| plan.contains(item)));
    let report = MatchRule::default()
        .match_plan(&plan, &done, &[], march(31))
        .unwrap();
    let panel = panel(Grain::Month, march(1), day(4, 1), |panel| {
        compliance_columns(&key("route"), &report, RollUp::Person)
            .columns(panel)
            .unwrap()
    });
    // Nine visits: four of a1, two of each B, one of c1.
    assert_eq!(told(&panel, "route.planned", 0), counts([9; 3]));
    assert_eq!(told(&panel, "route.missed", 0), counts([0, 4, 0]));
    assert_eq!(told(&panel, "route.late", 0), counts([0, 0, 4]));
    assert_eq!(
        told(&panel, "route.compliance", 0),
        shares([(1, 1), (5, 9), (1, 1)])
    );
    assert_eq!(
        told(&panel, "route.punctuality", 0),
        shares([(1, 1), (5, 9), (5, 9)])
    );
}

#[test]
fn reports_and_training_are_due_on_time_late_and_missing() {
    let every = |every: u32| every.try_into().unwrap();
    let daily = Rhythm::WorkingDays { every: every(1) };
    let monthly = |on| Rhythm::Monthly {
        every: 1.try_into().unwrap(),
        on,
    };
    let last = DayInPeriod::WorkingDayFromEnd { nth: every(1) };
    let second_friday = DayInPeriod::Weekday {
        nth: every(2),
        weekday: Weekday::Fri,
    };
    // The daily report has to come the same day, the monthly summary within two working days, the training on its Friday.
    let duties = [
        duty("daily report", daily, Grace::None),
        duty("monthly summary", monthly(last), Grace::WorkingDays(2)),
        duty("training", monthly(second_friday), Grace::None),
    ]
    .map(|one| Duty::new(one).unwrap());
    let office = office();
    let workdays: Vec<NaiveDate> = (1..=31)
        .map(march)
        .filter(|on| office.is_working(*on))
        .collect();
    assert_eq!(workdays.len(), 22);
    let mut daily_reports = Vec::new();
    for person in PEOPLE {
        for on in &workdays {
            // Bo hands in nothing on the 9th and the 10th; Cy's report of the 31st comes a day late.
            if person == "bo" && [march(9), march(10)].contains(on) {
                continue;
            }
            let late = person == "cy" && *on == march(31);
            let mut record = handed_in(person, *on + chrono::Days::new(u64::from(late)), None);
            record.for_day = Some(*on);
            daily_reports.push(record);
        }
    }
    // Ann's summary comes within the two working days, Bo's never, Cy's on the third.
    let summaries = [
        handed_in("ann", day(4, 2), None),
        handed_in("cy", day(4, 3), None),
    ];
    // Ann and Bo were trained on the 13th, Cy on the 16th.
    let trained =
        [("ann", 13), ("bo", 13), ("cy", 16)].map(|(who, on)| handed_in(who, march(on), None));
    let as_of = day(4, 6);
    let records = [daily_reports.as_slice(), &summaries, &trained];
    let reports: Vec<_> = duties
        .iter()
        .zip(records)
        .map(|(duty, records)| {
            let asked = duty.obligations(march(1), day(4, 1), &office).unwrap();
            duty.report(&asked, records, as_of).unwrap()
        })
        .collect();
    let panel = panel(Grain::Month, march(1), day(4, 1), |panel| {
        let mut columns = Vec::new();
        for ((name, duty), report) in ["d", "s", "t"].iter().zip(&duties).zip(&reports) {
            let one = duty_columns(&key(name), &[(duty, report)], RollUp::Person).columns(panel);
            columns.append(&mut one.unwrap());
        }
        let all: Vec<_> = duties.iter().zip(&reports).collect();
        columns.append(
            &mut duty_columns(&key("all"), &all, RollUp::Person)
                .columns(panel)
                .unwrap(),
        );
        columns
    });
    assert_eq!(told(&panel, "d.missing", 0), counts([0, 2, 0]));
    assert_eq!(told(&panel, "d.late", 0), counts([0, 0, 1]));
    assert_eq!(
        told(&panel, "d.completeness", 0),
        shares([(1, 1), (20, 22), (1, 1)])
    );
    assert_eq!(told(&panel, "s.on_time", 0), counts([1, 0, 0]));
    assert_eq!(told(&panel, "s.missing", 0), counts([0, 1, 0]));
    assert_eq!(told(&panel, "s.days_late", 0)[2], Ok(Ratio::ONE));
    assert_eq!(told(&panel, "t.punctuality", 0), counts([1, 1, 0]));
    assert_eq!(told(&panel, "t.completeness", 0), counts([1; 3]));
    // All together 24 due: Ann keeps all, Bo 20 + 1 of them, Cy 21 in time and all in the end.
    assert_eq!(
        told(&panel, "all.punctuality", 0),
        shares([(1, 1), (21, 24), (21, 24)])
    );
    assert_eq!(
        told(&panel, "all.completeness", 0),
        shares([(1, 1), (21, 24), (1, 1)])
    );
    assert_eq!(told(&panel, "all.first_missing", 0), counts([0, 3, 0]));
}
