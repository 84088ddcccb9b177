use super::*;
use crate::calendar::WorkingDaysDef;
use crate::key::Key;
use crate::quantity::Ratio;

fn day(month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, month, day).unwrap()
}

fn times(n: u32) -> NonZeroU32 {
    NonZeroU32::new(n).unwrap()
}

fn office() -> WorkingDays {
    let def = WorkingDaysDef::monday_to_friday(Key::new("office").unwrap());
    WorkingDays::new(def.holiday(day(5, 1), "Labour Day")).unwrap()
}

fn due(cadence: &Cadence, start: NaiveDate, end: NaiveDate) -> Vec<(u32, u32)> {
    cadence
        .occurrences(start, end, &office())
        .unwrap()
        .iter()
        .map(|one| (one.due.month(), one.due.day()))
        .collect()
}

#[test]
#[expect(
    clippy::too_many_lines,
    reason = "one table of cases, each worked by hand"
)]
fn the_rhythms_of_a_sales_team() {
    let monthly = |on| Rhythm::Monthly {
        every: times(1),
        on,
    };
    let nth = times(3);
    for (name, anchor, rhythm, roll, start, end, expected) in [
        (
            "three management meetings a week",
            day(4, 1),
            Rhythm::Weekly {
                every: times(1),
                days: vec![Weekday::Fri, Weekday::Mon, Weekday::Wed],
            },
            Roll::Skip,
            day(4, 27),
            day(5, 9),
            vec![(4, 27), (4, 29), (5, 4), (5, 6), (5, 8)],
        ),
        (
            "a talk every second week, from a Wednesday on",
            day(4, 1),
            Rhythm::Weekly {
                every: times(2),
                days: vec![Weekday::Tue, Weekday::Thu],
            },
            Roll::Keep,
            day(1, 1),
            day(5, 1),
            vec![(4, 2), (4, 14), (4, 16), (4, 28), (4, 30)],
        ),
        (
            "the daily report",
            day(4, 1),
            Rhythm::WorkingDays { every: times(1) },
            Roll::Keep,
            day(4, 29),
            day(5, 6),
            vec![(4, 29), (4, 30), (5, 4), (5, 5)],
        ),
        (
            "every ten days, moved on",
            day(4, 1),
            Rhythm::Days { every: times(10) },
            Roll::Forward,
            day(4, 2),
            day(5, 5),
            vec![(4, 13), (4, 21), (5, 4)],
        ),
        (
            "the third working day",
            day(1, 1),
            monthly(DayInPeriod::WorkingDay { nth }),
            Roll::Keep,
            day(4, 1),
            day(6, 1),
            vec![(4, 3), (5, 6)],
        ),
        (
            "the 31st or the last day",
            day(1, 31),
            monthly(DayInPeriod::Day { nth: times(31) }),
            Roll::Keep,
            day(1, 1),
            day(5, 1),
            vec![(1, 31), (2, 28), (3, 31), (4, 30)],
        ),
        (
            "the 31st, moved back",
            day(1, 31),
            monthly(DayInPeriod::Day { nth: times(31) }),
            Roll::Back,
            day(1, 1),
            day(3, 1),
            vec![(1, 30), (2, 27)],
        ),
        (
            "the third Friday and the last Monday",
            day(1, 1),
            monthly(DayInPeriod::Weekday {
                nth,
                weekday: Weekday::Fri,
            }),
            Roll::Keep,
            day(1, 1),
            day(3, 1),
            vec![(1, 16), (2, 20)],
        ),
        (
            "the last Monday",
            day(1, 1),
            monthly(DayInPeriod::LastWeekday {
                weekday: Weekday::Mon,
            }),
            Roll::Keep,
            day(1, 1),
            day(3, 1),
            vec![(1, 26), (2, 23)],
        ),
        (
            "the last working day of fiscal quarters from February",
            day(2, 15),
            Rhythm::Quarterly {
                on: DayInPeriod::WorkingDayFromEnd { nth: times(1) },
            },
            Roll::Keep,
            day(2, 15),
            day(12, 31),
            vec![(4, 30), (7, 31), (10, 30)],
        ),
        (
            "the last day but one of every other month",
            day(1, 5),
            Rhythm::Monthly {
                every: times(2),
                on: DayInPeriod::DayFromEnd { nth: times(2) },
            },
            Roll::Keep,
            day(1, 1),
            day(7, 1),
            vec![(1, 30), (3, 30), (5, 30)],
        ),
    ] {
        let cadence = Cadence::new(anchor, rhythm, roll).unwrap();
        assert_eq!(due(&cadence, start, end), expected, "{name}");
    }
}

#[test]
fn an_occurrence_keeps_its_nominal_day() {
    let rhythm = Rhythm::Monthly {
        every: times(1),
        on: DayInPeriod::Day { nth: times(1) },
    };
    let cadence = Cadence::new(day(1, 1), rhythm, Roll::Forward).unwrap();
    let found = cadence
        .occurrences(day(5, 2), day(5, 5), &office())
        .unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].nominal, found[0].due), (day(5, 1), day(5, 4)));
}

#[test]
fn without_any_working_day_only_kept_occurrences_remain() {
    let never = WorkingDaysDef::new(Key::new("never").unwrap(), [Ratio::ZERO; 7]);
    let never = WorkingDays::new(never).unwrap();
    for (roll, expected) in [
        (Roll::Keep, 4),
        (Roll::Forward, 0),
        (Roll::Back, 0),
        (Roll::Skip, 0),
    ] {
        let cadence = Cadence::new(day(1, 1), Rhythm::Days { every: times(7) }, roll).unwrap();
        let found = cadence.occurrences(day(1, 1), day(1, 29), &never).unwrap();
        assert_eq!(found.len(), expected, "{roll:?}");
    }
    let rhythm = Rhythm::WorkingDays { every: times(1) };
    let cadence = Cadence::new(day(1, 1), rhythm, Roll::Keep).unwrap();
    let found = cadence.occurrences(day(1, 1), day(2, 1), &never).unwrap();
    assert!(found.is_empty());
}

#[test]
fn a_weekly_cadence_names_each_day_once() {
    let weekly = |days| {
        let rhythm = Rhythm::Weekly {
            every: times(1),
            days,
        };
        Cadence::new(day(1, 1), rhythm, Roll::Keep)
    };
    assert_eq!(weekly(vec![]), Err(CalendarError::NoWeekday));
    assert_eq!(
        weekly(vec![Weekday::Mon, Weekday::Tue, Weekday::Mon]),
        Err(CalendarError::DuplicateWeekday {
            weekday: Weekday::Mon
        })
    );
}

#[test]
fn the_edges_of_time_answer() {
    let first = NaiveDate::from_ymd_opt(1, 1, 1).unwrap();
    let end = NaiveDate::from_ymd_opt(10_000, 1, 1).unwrap();
    let last = NaiveDate::from_ymd_opt(9999, 12, 31).unwrap();
    let all = Cadence::new(first, Rhythm::Days { every: times(1) }, Roll::Keep).unwrap();
    assert!(matches!(
        all.occurrences(first, end, &office()),
        Err(CalendarError::TooManyOccurrences { .. })
    ));
    assert!(matches!(
        all.occurrences(end, first, &office()),
        Err(CalendarError::Reversed { .. })
    ));
    let soon = NaiveDate::from_ymd_opt(2, 6, 30).unwrap();
    for every in [1, 5, u32::MAX] {
        for rhythm in [
            Rhythm::Days {
                every: times(every),
            },
            Rhythm::WorkingDays {
                every: times(every),
            },
            Rhythm::Weekly {
                every: times(every),
                days: vec![Weekday::Fri],
            },
            Rhythm::Monthly {
                every: times(every),
                on: DayInPeriod::Day {
                    nth: times(u32::MAX),
                },
            },
            Rhythm::Quarterly {
                on: DayInPeriod::Weekday {
                    nth: times(u32::MAX),
                    weekday: Weekday::Fri,
                },
            },
        ] {
            for roll in [Roll::Keep, Roll::Forward, Roll::Back, Roll::Skip] {
                for anchor in [first, last, end] {
                    let cadence = Cadence::new(anchor, rhythm.clone(), roll).unwrap();
                    cadence.occurrences(last, end, &office()).unwrap();
                    cadence.occurrences(first, soon, &office()).unwrap();
                }
            }
        }
    }
}
