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
    let [a, b, c] = ["a", "b", "c"].map(|label| set.id(label).unwrap());
    let found: Vec<_> = (1..=8).map(|d| set.on(day(1, d))).collect();
    let none = None;
    assert_eq!(
        found,
        [
            Some(a),
            Some(a),
            none,
            none,
            Some(b),
            Some(c),
            Some(c),
            none
        ]
    );
    let range = |a, b| DayRange::new(day(1, a), day(1, b)).unwrap();
    let touched = |a, b| set.overlapping(range(a, b)).collect::<Vec<_>>();
    assert_eq!(touched(3, 5), []);
    assert_eq!(touched(2, 6), [a, b]);
    assert_eq!(touched(5, 5), []);
    assert_eq!(set.find("c"), Some(c));
    assert_eq!(set.find("d"), None);
    assert_eq!((set.previous(c), set.previous(a)), (Some(b), None));
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
    assert_eq!(empty.on(day(1, 1)), None);
    assert_eq!(empty.ids().len(), 0);
}

#[test]
fn a_part_of_a_set_knows_its_labels_and_a_foreign_period_is_told() {
    let whole = set(&[
        ("c", day(1, 1), day(2, 1)),
        ("a", day(2, 1), day(3, 1)),
        ("b", day(3, 1), day(4, 1)),
    ])
    .unwrap();
    let [c, a, b] = ["c", "a", "b"].map(|label| whole.id(label).unwrap());
    let part = whole.slice(a, b).unwrap();
    let alone = set(&[("a", day(2, 1), day(3, 1)), ("b", day(3, 1), day(4, 1))]);
    assert_eq!(part, alone.unwrap());
    assert_eq!(part.id("a").ok(), part.ids().next());
    assert_eq!(part.find("c"), None);
    assert_eq!(
        whole.within(DayRange::new(day(2, 28), day(3, 2)).unwrap()),
        part
    );
    // The set has three periods and its part two, so the last one is none of the part.
    assert_eq!(
        (part.period(b), part.range(b), part.label(b)),
        (None, None, None)
    );
    assert_eq!(part.previous(b), None);
    for (first, last) in [(a, c), (c, b)] {
        let told = part.slice(first, last);
        assert!(matches!(told, Err(CalendarError::NoSuchPeriods { .. })));
    }
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
        let id = set.id(&y.to_string()).unwrap();
        assert_eq!((set.on(last), set.on(year(y))), (Some(id), Some(id)));
    }
    assert_eq!(set.on(NaiveDate::MAX), None);
    assert_eq!(set.on(NaiveDate::MIN), None);
}
