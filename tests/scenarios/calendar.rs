//! A month and its weeks, a spring festival, and a response time across it.

use chrono::{DateTime, NaiveDate, TimeDelta};
use quotaflow::calendar::{
    Calendar, DayBoundary, DayRange, Grain, PeriodId, PeriodSet, Shift, WorkingDays,
    WorkingDaysDef, WorkingHours, WorkingHoursDef, local_date, local_time, refinement,
};
use quotaflow::key::Key;
use quotaflow::quantity::Ratio;

fn day(month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, month, day).unwrap()
}

/// The spring festival of 2026: free from Sunday 15 to Monday 23 February; Saturday 14 and Saturday 28 are worked.
fn china() -> WorkingDays {
    let def = WorkingDaysDef::monday_to_friday(Key::new("china").unwrap())
        .working_day(day(2, 14))
        .working_day(day(2, 28));
    let def = (15..=23).fold(def, |def, d| def.holiday(day(2, d), "Spring Festival"));
    WorkingDays::new(def).unwrap()
}

#[test]
fn a_february_target_adds_up_by_week_and_by_month() {
    let calendar = Calendar::gregorian();
    let months = calendar
        .periods(Grain::Month, day(2, 1), day(4, 1))
        .unwrap();
    let weeks = calendar.periods(Grain::Week, day(2, 1), day(4, 1)).unwrap();
    let both = refinement(&months, &weeks).unwrap();
    let units = china().period_units(both.atoms());
    // 1 February is a Sunday, 1 March too. Week 5 gives February its Sunday only; weeks 6 to 9 lie within February but
    // for Sunday 1 March. Working days by atom:
    //   26-31 Jan  5 (outside both months)   1 Feb  0
    //   2-8 Feb    5      9-15 Feb  5 + Saturday 14 = 6      16-22 Feb  0      23-28 Feb  4 + Saturday 28 = 5
    //   1 Mar  0      2-8  5      9-15  5      16-22  5      23-29  5      30-31 Mar  2
    //   1-5 Apr  Wednesday to Friday 3 (in the last week, outside both months)
    assert_eq!(units, [5, 0, 5, 6, 0, 5, 0, 5, 5, 5, 5, 2, 3]);
    let roll_up = |set: &PeriodSet, map: &[Option<PeriodId>]| {
        let mut sums = vec![0; set.len()];
        for (&units, to) in units.iter().zip(map) {
            if let Some(to) = to {
                sums[to.index()] += units;
            }
        }
        sums
    };
    // February 5 + 6 + 5 = 16, March 22.
    assert_eq!(roll_up(&months, both.to_left()), [16, 22]);
    assert_eq!(
        roll_up(&weeks, both.to_right()),
        [5, 5, 6, 0, 5, 5, 5, 5, 5, 5]
    );
    assert_eq!(both.to_left()[0], None);
    assert_eq!(china().period_units(&months), [16, 22]);
    assert_eq!(china().period_units(&weeks), [5, 5, 6, 0, 5, 5, 5, 5, 5, 5]);
}

#[test]
fn a_week_without_work_is_an_answer() {
    let china = china();
    let week = Calendar::gregorian()
        .containing(Grain::Week, day(2, 18))
        .unwrap();
    let festival = DayRange::new(week.start, week.end).unwrap();
    assert_eq!(
        china.working_days(week.start, week.end).unwrap(),
        Ratio::ZERO
    );
    assert_eq!(china.nth_working_day(festival, 1), None);
    assert_eq!(china.roll_forward(week.start), Some(day(2, 24)));
    assert_eq!(china.roll_back(week.start), Some(day(2, 14)));
}

#[test]
fn a_response_time_runs_on_after_the_festival() {
    let shifts: [Shift; 2] = ["09:00-12:00", "13:00-18:00"].map(|text| text.parse().unwrap());
    let def = WorkingHoursDef::on_working_days(Key::new("office").unwrap(), &shifts, &china());
    let office = WorkingHours::new(def).unwrap();
    // A request of Saturday 14 February, 16:45, worked because of the festival. Four hours: 75 minutes that day, then
    // 165 minutes from Tuesday 24 at 9:00, which is 11:45.
    let asked = DateTime::parse_from_rfc3339("2026-02-14T16:45:00+08:00").unwrap();
    let due = office
        .add_working_time(local_time(asked).unwrap(), TimeDelta::hours(4))
        .unwrap();
    assert_eq!(due, day(2, 24).and_hms_opt(11, 45, 0).unwrap());
    // Answered on Wednesday 25 at 9:30: 75 minutes, eight hours, and half an hour.
    let answered = day(2, 25).and_hms_opt(9, 30, 0).unwrap();
    assert_eq!(
        office
            .worked_between(local_time(asked).unwrap(), answered)
            .unwrap(),
        TimeDelta::minutes(75 + 480 + 30)
    );
    // The same instant in another place is another day there.
    let in_london = asked.with_timezone(&chrono::FixedOffset::east_opt(0).unwrap());
    assert_eq!(
        local_time(in_london).unwrap().to_string(),
        "2026-02-14 08:45:00"
    );
    let late = DateTime::parse_from_rfc3339("2026-02-15T01:10:00+08:00").unwrap();
    let closing = DayBoundary::new("03:00".parse().unwrap()).unwrap();
    assert_eq!(local_date(late, closing).unwrap(), day(2, 14));
}
