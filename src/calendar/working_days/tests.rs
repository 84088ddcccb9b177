//! Hand-worked working days.

use super::*;
use crate::calendar::{Calendar, Grain};

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

fn office() -> WorkingDaysDef {
    WorkingDaysDef::monday_to_friday(Key::new("office").unwrap())
}

/// Christmas Day on a Friday.
#[test]
fn a_holiday_is_rolled_over_and_not_counted() {
    let office = WorkingDays::new(office().holiday(day(2020, 12, 25), "Christmas Day")).unwrap();
    assert_eq!(
        office.roll_forward(day(2020, 12, 25)),
        Some(day(2020, 12, 28))
    );
    assert_eq!(office.roll_back(day(2020, 12, 27)), Some(day(2020, 12, 24)));
    assert_eq!(
        office.add_working_days(day(2020, 12, 24), 2).unwrap(),
        day(2020, 12, 29)
    );
    assert_eq!(
        office.add_working_days(day(2020, 12, 29), -2).unwrap(),
        day(2020, 12, 24)
    );
    assert_eq!(
        office.next_working_day(day(2020, 12, 24)),
        Some(day(2020, 12, 28))
    );
    assert_eq!(
        office.previous_working_day(day(2020, 12, 28)),
        Some(day(2020, 12, 24))
    );
}

#[test]
fn shifted_weekends_and_half_days_count() {
    // Seven days free from 1 October 2024, made up on Sunday 29 September and Saturday 12 October.
    let mut def = office()
        .working_day(day(2024, 9, 29))
        .working_day(day(2024, 10, 12));
    for d in 1..=7 {
        def = def.holiday(day(2024, 10, d), "National Day");
    }
    def = def.weighted(day(2024, 10, 31), "1/2".parse().unwrap());
    let days = WorkingDays::new(def).unwrap();
    // October 2024 has 23 weekdays; five of them are free, one Saturday is worked, one day is half.
    assert_eq!(days.count(day(2024, 10, 1), day(2024, 11, 1)).unwrap(), 19);
    assert_eq!(
        days.working_days(day(2024, 10, 1), day(2024, 11, 1))
            .unwrap()
            .to_string(),
        "18.5"
    );
    assert_eq!(days.denominator(), 2);
    let months = Calendar::gregorian()
        .periods(Grain::Month, day(2024, 9, 1), day(2024, 11, 1))
        .unwrap();
    // September has 21 weekdays and the Sunday.
    assert_eq!(days.period_units(&months), [44, 37]);
    assert!(days.is_working(day(2024, 9, 29)) && !days.is_working(day(2024, 10, 7)));
    let october = DayRange::new(day(2024, 10, 1), day(2024, 11, 1)).unwrap();
    assert_eq!(days.nth_working_day(october, 1), Some(day(2024, 10, 8)));
    assert_eq!(days.nth_working_day(october, 5), Some(day(2024, 10, 12)));
    assert_eq!(days.nth_working_day(october, 20), None);
    assert_eq!(
        days.nth_working_day_from_end(october, 2),
        Some(day(2024, 10, 30))
    );
    assert_eq!(days.nth_working_day_from_end(october, 0), None);
}

#[test]
fn a_period_without_any_working_day_counts_zero() {
    let never = WorkingDays::new(WorkingDaysDef::new(
        Key::new("never").unwrap(),
        [Ratio::ZERO; 7],
    ))
    .unwrap();
    let (start, end) = (day(2026, 1, 1), day(2026, 2, 1));
    assert_eq!(never.working_days(start, end).unwrap(), Ratio::ZERO);
    assert_eq!(never.roll_forward(start), None);
    assert_eq!(never.roll_back(start), None);
    assert_eq!(never.add_working_days(start, 0).unwrap(), start);
    assert!(matches!(
        never.add_working_days(start, 1),
        Err(CalendarError::NoWorkingDay { .. })
    ));
    assert!(matches!(
        never.count(end, start),
        Err(CalendarError::Reversed { .. })
    ));
    let set = Calendar::gregorian()
        .periods(Grain::Month, start, end)
        .unwrap();
    assert_eq!(never.period_units(&set), [0]);
}

#[test]
fn the_edges_of_time_answer() {
    let office = WorkingDays::new(office()).unwrap();
    let (first, last) = (day(1, 1, 1), day(9999, 12, 31));
    assert_eq!(office.previous_working_day(first), None);
    assert_eq!(office.roll_forward(first), Some(first));
    assert_eq!(office.next_working_day(last), None);
    assert_eq!(office.roll_back(last), Some(last));
    assert!(office.add_working_days(last, i32::MAX).is_err());
    assert!(office.add_working_days(first, i32::MIN).is_err());
    assert_eq!(office.roll_forward(NaiveDate::MAX), None);
    assert!(!office.weight(NaiveDate::MAX).is_negative());
    // 521,722 whole weeks and five weekdays.
    assert_eq!(office.count(first, day(10_000, 1, 1)).unwrap(), 2_608_615);
}

#[test]
fn every_broken_definition_has_its_own_error() {
    let date = day(2026, 5, 1);
    assert!(matches!(
        WorkingDays::new(office().holiday(date, "May Day").working_day(date)),
        Err(CalendarError::DuplicateException { .. })
    ));
    assert!(matches!(
        WorkingDays::new(office().weighted(date, Ratio::from(-1))),
        Err(CalendarError::Weight { .. })
    ));
    assert!(matches!(
        WorkingDays::new(office().weighted(date, Ratio::from(1_001))),
        Err(CalendarError::Weight { .. })
    ));
    for denominator in [1_000_003, i128::MAX] {
        let weight = Ratio::new(1, denominator).unwrap();
        assert!(matches!(
            WorkingDays::new(office().weighted(date, weight)),
            Err(CalendarError::WeightsTooFine { .. })
        ));
    }
    assert!(matches!(
        WorkingDays::new(office().holiday(NaiveDate::MAX, "the end")),
        Err(CalendarError::DayOutOfRange { .. })
    ));
}
