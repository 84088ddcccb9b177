//! Hand-worked working hours.

use super::*;
use crate::calendar::WorkingDaysDef;

fn shift(text: &str) -> Shift {
    text.parse().unwrap()
}

fn at(day: u32, hour: u32, minute: u32) -> NaiveDateTime {
    date(day).and_hms_opt(hour, minute, 0).unwrap()
}

fn date(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 3, day).unwrap()
}

fn office() -> WorkingHours {
    let days = WorkingDaysDef::monday_to_friday(Key::new("days").unwrap())
        .holiday(date(17), "fair")
        .working_day(date(14));
    let def = WorkingHoursDef::on_working_days(
        Key::new("office").unwrap(),
        &[shift("09:00-12:00"), shift("13:00-18:00")],
        &WorkingDays::new(days).unwrap(),
    );
    WorkingHours::new(def).unwrap()
}

#[test]
fn time_outside_shifts_does_not_count() {
    let office = office();
    // Friday 13 and Saturday 14 March are worked, Sunday is not, Tuesday 17 is a holiday.
    for (name, from, to, minutes) in [
        ("inside a shift", at(13, 9, 10), at(13, 9, 40), 30),
        ("over noon", at(13, 11, 30), at(13, 13, 30), 60),
        ("at noon only", at(13, 12, 0), at(13, 13, 0), 0),
        ("over night", at(13, 17, 0), at(14, 10, 0), 120),
        ("over Sunday", at(14, 17, 0), at(16, 9, 1), 61),
        ("Sunday", at(15, 0, 0), at(16, 0, 0), 0),
        ("over the holiday", at(16, 18, 0), at(18, 9, 0), 0),
        ("a week", at(13, 0, 0), at(20, 0, 0), 5 * 480),
        ("nothing", at(13, 10, 0), at(13, 10, 0), 0),
    ] {
        assert_eq!(
            office.worked_between(from, to).unwrap(),
            TimeDelta::minutes(minutes),
            "{name}"
        );
    }
}

#[test]
fn a_span_ends_with_the_shift_that_completes_it() {
    let office = office();
    for (name, from, minutes, expected) in [
        ("no time", at(15, 3, 0), 0, at(15, 3, 0)),
        ("to noon", at(13, 9, 0), 180, at(13, 12, 0)),
        ("past noon", at(13, 9, 0), 181, at(13, 13, 1)),
        ("to the evening", at(13, 9, 0), 480, at(13, 18, 0)),
        ("over Sunday", at(14, 18, 0), 1, at(16, 9, 1)),
        ("over the holiday", at(16, 17, 0), 61, at(18, 9, 1)),
    ] {
        let span = TimeDelta::minutes(minutes);
        assert_eq!(
            office.add_working_time(from, span).unwrap(),
            expected,
            "{name}"
        );
    }
    assert_eq!(
        office.next_working_time(at(14, 18, 0)).unwrap(),
        Some(at(16, 9, 0))
    );
    assert_eq!(
        office.next_working_time(at(16, 9, 0)).unwrap(),
        Some(at(16, 9, 0))
    );
    assert!(!office.is_working(at(16, 12, 0)) && office.is_working(at(16, 17, 59)));
    assert_eq!(office.working_time(date(17)), TimeDelta::zero());
}

#[test]
fn nanoseconds_and_leap_seconds_are_exact() {
    let office = office();
    let from = at(13, 9, 0) + TimeDelta::nanoseconds(1);
    assert_eq!(
        office.worked_between(from, at(13, 9, 1)).unwrap(),
        TimeDelta::nanoseconds(59_999_999_999)
    );
    assert_eq!(
        office
            .add_working_time(from, TimeDelta::nanoseconds(59_999_999_999))
            .unwrap(),
        at(13, 9, 1)
    );
    let leap = date(13)
        .and_hms_nano_opt(11, 59, 59, 1_500_000_000)
        .unwrap();
    assert_eq!(
        office.worked_between(leap, at(13, 12, 0)).unwrap(),
        TimeDelta::nanoseconds(1)
    );
}

#[test]
fn work_around_the_clock_ends_at_midnight() {
    let all_day = || vec![shift("00:00-24:00")];
    let def = WorkingHoursDef::new(
        Key::new("always").unwrap(),
        std::array::from_fn(|_| all_day()),
    );
    let always = WorkingHours::new(def).unwrap();
    assert_eq!(
        always.worked_between(at(1, 6, 30), at(9, 7, 30)).unwrap(),
        TimeDelta::hours(193)
    );
    let midnight = always
        .add_working_time(at(1, 0, 0), TimeDelta::days(2))
        .unwrap();
    assert_eq!(midnight, at(3, 0, 0));
    let first = NaiveDate::from_ymd_opt(1, 1, 1)
        .unwrap()
        .and_time(NaiveTime::MIN);
    let all = always
        .worked_between(first, NaiveDate::from_ymd_opt(10_000, 1, 1).unwrap().into())
        .unwrap();
    assert_eq!(all, TimeDelta::days(3_652_059));
    assert!(
        always
            .add_working_time(first, all + TimeDelta::nanoseconds(1))
            .is_err()
    );
    assert!(always.add_working_time(first, TimeDelta::MAX).is_err());
}

#[test]
fn every_broken_question_or_definition_has_its_own_error() {
    let office = office();
    assert!(matches!(
        office.worked_between(at(2, 0, 0), at(1, 0, 0)),
        Err(CalendarError::ReversedSpan { .. })
    ));
    assert!(matches!(
        office.add_working_time(at(1, 0, 0), TimeDelta::nanoseconds(-1)),
        Err(CalendarError::NegativeWorkingTime { .. })
    ));
    assert!(
        office
            .worked_between(NaiveDateTime::MIN, NaiveDateTime::MAX)
            .is_err()
    );
    let week = |shifts: &[&str]| {
        let shifts: Vec<Shift> = shifts.iter().map(|text| shift(text)).collect();
        let key = Key::new("broken").unwrap();
        WorkingHoursDef::new(key, std::array::from_fn(|_| shifts.clone()))
    };
    assert!(matches!(
        WorkingHours::new(week(&["09:00-12:00", "11:00-13:00"])),
        Err(CalendarError::ShiftsOverlap { .. })
    ));
    assert!(WorkingHours::new(week(&["09:00-12:00", "12:00-13:00"])).is_ok());
    assert!(matches!(
        WorkingHours::new(week(&["09:00-10:00"; 49])),
        Err(CalendarError::TooManyShifts { shifts: 49, .. })
    ));
    assert!(matches!(
        WorkingHours::new(
            week(&[])
                .exception(date(1), vec![])
                .exception(date(1), vec![])
        ),
        Err(CalendarError::DuplicateException { .. })
    ));
    let never = WorkingHours::new(week(&[])).unwrap();
    assert!(matches!(
        never.add_working_time(at(1, 0, 0), TimeDelta::seconds(1)),
        Err(CalendarError::NoWorkingTime { .. })
    ));
    assert_eq!(never.next_working_time(at(1, 0, 0)).unwrap(), None);
}

#[test]
fn work_begins_so_long_before_its_end() {
    let office = office();
    for (name, to, minutes, expected) in [
        ("no time", at(15, 3, 0), 0, at(15, 3, 0)),
        ("from the morning", at(13, 12, 0), 180, at(13, 9, 0)),
        ("before noon", at(13, 13, 1), 2, at(13, 11, 59)),
        ("a whole day", at(13, 18, 0), 480, at(13, 9, 0)),
        ("from a free day", at(15, 20, 0), 1, at(14, 17, 59)),
        ("over Sunday", at(16, 9, 1), 2, at(14, 17, 59)),
        ("over the holiday", at(18, 9, 1), 61, at(16, 17, 0)),
    ] {
        let span = TimeDelta::minutes(minutes);
        let found = office.subtract_working_time(to, span).unwrap();
        assert_eq!(found, expected, "{name}");
        assert_eq!(office.worked_between(found, to).unwrap(), span, "{name}");
    }
    assert!(matches!(
        office.subtract_working_time(at(13, 9, 0), TimeDelta::minutes(-1)),
        Err(CalendarError::NegativeWorkingTime { .. })
    ));
    let never = office.subtract_working_time(at(13, 9, 0), TimeDelta::days(365 * 2000));
    assert!(matches!(
        never,
        Err(CalendarError::NoWorkingTimeBefore { .. })
    ));
}

#[test]
fn holidays_are_written_once_for_days_and_hours() {
    let days = WorkingDaysDef::monday_to_friday(Key::new("days").unwrap())
        .holiday(date(17), "fair")
        .weighted(date(18), "0.5".parse().unwrap())
        .working_day(date(14))
        .working_day(date(15));
    let days = WorkingDays::new(days).unwrap();
    let long = || vec![shift("08:00-18:00")];
    let saturday = || vec![shift("09:00-12:00")];
    let week = [long(), long(), long(), long(), long(), saturday(), vec![]];
    let def = WorkingHoursDef::new(Key::new("shop").unwrap(), week).on(&days);
    let sunday = date(15);
    assert_eq!(
        WorkingHours::new(def.clone()),
        Err(CalendarError::NoShifts {
            key: Key::new("shop").unwrap(),
            date: sunday
        })
    );
    let def = def.exception(sunday, vec![shift("10:00-11:00")]);
    let hours = WorkingHours::new(def).unwrap();
    // Friday, the extra Saturday and Sunday, Monday, the holiday, half a day (which has whole shifts), the usual Saturday.
    let worked: Vec<i64> = [13, 14, 15, 16, 17, 18, 21]
        .map(|day| hours.working_time(date(day)).num_hours())
        .to_vec();
    assert_eq!(worked, [10, 3, 1, 10, 0, 10, 0]);
    for day in 9..31 {
        let worked = !hours.shifts(date(day)).is_empty();
        assert_eq!(worked, days.is_working(date(day)), "{day}");
    }
    let text = serde_json::to_string(&hours).unwrap();
    assert_eq!(text.matches("2026-03-17").count(), 1);
    let read: WorkingHours = serde_json::from_str(&text).unwrap();
    assert_eq!(read, hours);
    assert_eq!(
        read.worked_between(at(9, 0, 0), at(31, 0, 0)),
        hours.worked_between(at(9, 0, 0), at(31, 0, 0))
    );
}
