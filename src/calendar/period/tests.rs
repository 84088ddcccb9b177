//! Hand-worked period.

use super::*;

fn day(month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, month, day).unwrap()
}

fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

fn set(periods: &[(&str, NaiveDate, NaiveDate)]) -> Result<PeriodSet, CalendarError> {
    let periods = periods
        .iter()
        .map(|&(label, start, end)| PeriodDef::new(key(label), start, end));
    PeriodSet::new(key("set"), periods.collect())
}

#[test]
fn a_day_in_a_gap_belongs_to_no_period() {
    let set = set(&[
        ("a", day(1, 1), day(1, 3)),
        ("b", day(1, 5), day(1, 6)),
        ("c", day(1, 6), day(1, 8)),
    ])
    .unwrap();
    let found: Vec<_> = (1..=8).map(|d| set.position(day(1, d))).collect();
    assert_eq!(
        found,
        [
            Some(0),
            Some(0),
            None,
            None,
            Some(1),
            Some(2),
            Some(2),
            None
        ]
    );
    let (first, table) = set.day_table();
    assert_eq!(first, day(1, 1).num_days_from_ce());
    assert_eq!(table, [0, 0, NO_PERIOD, NO_PERIOD, 1, 2, 2]);
    let touched = |a, b| set.overlapping(DayRange::new(day(1, a), day(1, b)).unwrap());
    assert_eq!(touched(3, 5), 1..1);
    assert_eq!(touched(2, 6), 0..2);
    assert_eq!(touched(5, 5), 1..1);
    assert_eq!(set.position_of_label("c"), Some(2));
    assert_eq!(set.position_of_label("d"), None);
    assert_eq!(set.iter().next_back().unwrap().label, "c");
}

#[test]
fn every_broken_set_has_its_own_error() {
    let a = ("a", day(1, 1), day(2, 1));
    assert!(matches!(
        set(&[("a", day(2, 1), day(2, 1))]),
        Err(CalendarError::EmptyPeriod { .. })
    ));
    assert!(matches!(
        set(&[a, ("b", day(1, 31), day(3, 1))]),
        Err(CalendarError::Overlap { .. })
    ));
    assert_eq!(
        set(&[a, ("b", day(2, 1), day(3, 1)), ("a", day(3, 1), day(4, 1))]),
        Err(CalendarError::DuplicateLabel {
            label: key("a"),
            first: 0,
            second: 2
        })
    );
    assert!(matches!(
        set(&[("a", day(1, 1), NaiveDate::MAX)]),
        Err(CalendarError::DayOutOfRange { .. })
    ));
    assert!(matches!(
        PeriodSet::from_starts(key("set"), &[day(1, 1)], day(2, 1), |_, _| " "),
        Err(CalendarError::Label { ordinal: 0, .. })
    ));
}

#[test]
fn a_set_without_periods_answers() {
    let empty = set(&[]).unwrap();
    assert!(empty.is_empty());
    assert_eq!((empty.start(), empty.end()), (None, None));
    assert_eq!(empty.position(day(1, 1)), None);
    assert_eq!(empty.day_table(), (1, &[][..]));
    assert_eq!(empty.slice(0..0).unwrap(), empty);
    assert!(matches!(
        empty.slice(0..1),
        Err(CalendarError::NoSuchPeriods { .. })
    ));
}

#[test]
fn a_very_long_set_is_searched_with_the_same_answers() {
    let year = |y| NaiveDate::from_ymd_opt(y, 1, 1).unwrap();
    let starts: Vec<_> = (1..=9999).map(year).collect();
    let set = PeriodSet::from_starts(key("years"), &starts, year(10_000), |_, day| {
        day.year().to_string()
    })
    .unwrap();
    for y in [1, 2, 1999, 9999] {
        let last = NaiveDate::from_ymd_opt(y, 12, 31).unwrap();
        let ordinal = usize::try_from(y - 1).unwrap();
        assert_eq!(set.position(last), Some(ordinal));
        assert_eq!(set.position(year(y)), Some(ordinal));
    }
    assert_eq!(set.position(NaiveDate::MAX), None);
    assert_eq!(set.position(NaiveDate::MIN), None);
}
