//! Laws of time: periods tile, sets meet in their refinement, working time adds up, cadences neither skip nor repeat.

use crate::at::PeriodAt;
use std::collections::BTreeSet;
use std::num::NonZeroU32;

use chrono::{Datelike, NaiveDate, NaiveDateTime, TimeDelta, Weekday};
use proptest::prelude::*;
use quotaflow::calendar::{
    Cadence, Calendar, CalendarDef, CalendarError, DayInPeriod, DayRange, Grain, LongYear,
    PeriodDef, PeriodId, PeriodSet, RetailPattern, Rhythm, Roll, Shift, WeekDef, Window,
    WorkingDays, WorkingDaysDef, WorkingHours, WorkingHoursDef, YearComparison, YearDef, YearEnd,
    YearNumber, parent_map, refinement,
};
use quotaflow::key::Key;
use quotaflow::quantity::Ratio;

const START: i32 = 738_000;

fn day(number: i32) -> NaiveDate {
    NaiveDate::from_num_days_from_ce_opt(number).unwrap()
}

fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

/// Gaps and lengths, alternating.
fn periods(name: &'static str) -> impl Strategy<Value = PeriodSet> {
    (
        0_i32..30,
        prop::collection::vec((0_i32..4, 1_i32..12), 0..14),
    )
        .prop_map(move |(offset, lengths)| {
            let mut at = START + offset;
            let periods = lengths.iter().enumerate().map(|(n, (gap, days))| {
                let start = at + gap;
                at = start + days;
                // Labels that do not sort as time does.
                PeriodDef::new(key(&format!("{}-{n}", n * 7 % 5)), day(start), day(at))
            });
            PeriodSet::new(key(name), periods.collect()).unwrap()
        })
}

fn weekday() -> impl Strategy<Value = Weekday> {
    (0_u8..7).prop_map(|n| Weekday::try_from(n).unwrap())
}

fn year_number() -> impl Strategy<Value = YearNumber> {
    prop_oneof![Just(YearNumber::Start), Just(YearNumber::End)]
}

fn months() -> impl Strategy<Value = CalendarDef> {
    let weeks = prop_oneof![
        Just(None),
        Just(Some(WeekDef::Iso)),
        weekday().prop_map(|first_day| Some(WeekDef::Majority { first_day })),
        weekday().prop_map(|first_day| Some(WeekDef::HoldsNewYear { first_day })),
        Just(Some(WeekDef::YearBlocks)),
    ];
    (1_u8..=12, 1_u8..=28, year_number(), weeks).prop_map(
        |(start_month, start_day, numbered_by, weeks)| {
            let year = YearDef::Months {
                start_month,
                start_day,
                numbered_by,
            };
            CalendarDef {
                weeks,
                ..CalendarDef::new(key("months"), year)
            }
        },
    )
}

fn retail() -> impl Strategy<Value = CalendarDef> {
    let pattern = prop_oneof![
        Just(RetailPattern::P445),
        Just(RetailPattern::P454),
        Just(RetailPattern::P544)
    ];
    let parts = (
        pattern,
        weekday(),
        1_u8..=12,
        end_rule(),
        year_number(),
        1_u8..=12,
    );
    parts.prop_map(
        |(pattern, week_start, end_month, end_rule, numbered_by, long_month)| {
            let year = YearDef::Retail {
                pattern,
                week_start,
                end_month,
                end_rule,
                numbered_by,
                long_month,
            };
            CalendarDef::new(key("retail"), year)
        },
    )
}

fn end_rule() -> impl Strategy<Value = YearEnd> {
    prop_oneof![
        Just(YearEnd::LastInMonth),
        Just(YearEnd::Nearest),
        (0_u8..=27).prop_map(|days_before_end| YearEnd::NearestTo { days_before_end }),
        (0_u8..=3).prop_map(|weeks| YearEnd::LastBut { weeks }),
    ]
}

fn four_weeks() -> impl Strategy<Value = CalendarDef> {
    let parts = (
        weekday(),
        1_u8..=12,
        end_rule(),
        year_number(),
        1_u8..=4,
        1_u8..=13,
    );
    parts.prop_map(
        |(week_start, end_month, end_rule, numbered_by, long_quarter, long_period)| {
            let year = YearDef::FourWeeks {
                week_start,
                end_month,
                end_rule,
                numbered_by,
                long_quarter,
                long_period,
            };
            CalendarDef::new(key("four-weeks"), year)
        },
    )
}

fn calendar() -> impl Strategy<Value = Calendar> {
    prop_oneof![months(), retail(), four_weeks()].prop_map(|def| Calendar::new(def).unwrap())
}

fn grain() -> impl Strategy<Value = Grain> {
    (0_usize..6).prop_map(|n| Grain::ALL[n])
}

fn working_days() -> impl Strategy<Value = WorkingDays> {
    let weight = || {
        prop_oneof![
            3 => Just(Ratio::ONE),
            2 => Just(Ratio::ZERO),
            1 => (1_i128..5, 1_i128..7).prop_map(|(a, b)| Ratio::new(a, b).unwrap()),
        ]
    };
    let exceptions = prop::collection::btree_map(0_i32..120, weight(), 0..25);
    (prop::array::uniform7(weight()), exceptions).prop_map(|(week, exceptions)| {
        let def = WorkingDaysDef::new(key("days"), week);
        let def = exceptions
            .into_iter()
            .rev()
            .fold(def, |def, (offset, weight)| {
                def.weighted(day(START + offset), weight)
            });
        WorkingDays::new(def).unwrap()
    })
}

fn shifts() -> impl Strategy<Value = Vec<Shift>> {
    prop::collection::btree_set(0_u32..=96, 0..7).prop_map(|cuts| {
        let time = |quarters: u32| format!("{:02}:{:02}", quarters / 4, quarters % 4 * 15);
        let cuts: Vec<u32> = cuts.into_iter().collect();
        cuts.chunks_exact(2)
            .map(|pair| {
                format!("{}-{}", time(pair[0]), time(pair[1]))
                    .parse()
                    .unwrap()
            })
            .collect()
    })
}

fn working_hours() -> impl Strategy<Value = WorkingHours> {
    let exceptions = prop::collection::btree_map(0_i32..20, shifts(), 0..8);
    (prop::array::uniform7(shifts()), exceptions).prop_map(|(week, exceptions)| {
        let def = WorkingHoursDef::new(key("hours"), week);
        let def = exceptions.into_iter().fold(def, |def, (offset, shifts)| {
            def.exception(day(START + offset), shifts)
        });
        WorkingHours::new(def).unwrap()
    })
}

fn moment() -> impl Strategy<Value = NaiveDateTime> {
    (
        0_i32..25,
        0_u32..86_400,
        prop_oneof![Just(0_u32), 0_u32..2_000_000_000],
    )
        .prop_map(|(offset, second, nano)| {
            let time = chrono::NaiveTime::from_num_seconds_from_midnight_opt(second, nano)
                .or_else(|| {
                    chrono::NaiveTime::from_num_seconds_from_midnight_opt(
                        second,
                        nano % 1_000_000_000,
                    )
                })
                .unwrap();
            day(START + offset).and_time(time)
        })
}

fn cadence() -> impl Strategy<Value = Cadence> {
    let every = || (1_u32..5).prop_map(|n| NonZeroU32::new(n).unwrap());
    let nth = || (1_u32..33).prop_map(|n| NonZeroU32::new(n).unwrap());
    let on = || {
        prop_oneof![
            nth().prop_map(|nth| DayInPeriod::Day { nth }),
            nth().prop_map(|nth| DayInPeriod::DayFromEnd { nth }),
            nth().prop_map(|nth| DayInPeriod::WorkingDay { nth }),
            nth().prop_map(|nth| DayInPeriod::WorkingDayFromEnd { nth }),
            (nth(), weekday()).prop_map(|(nth, weekday)| DayInPeriod::Weekday { nth, weekday }),
            weekday().prop_map(|weekday| DayInPeriod::LastWeekday { weekday }),
        ]
    };
    let weekdays = prop::collection::btree_set(0_u8..7, 1..5);
    let rhythm = prop_oneof![
        every().prop_map(|every| Rhythm::Days { every }),
        every().prop_map(|every| Rhythm::WorkingDays { every }),
        (every(), weekdays).prop_map(|(every, days)| Rhythm::Weekly {
            every,
            days: days
                .into_iter()
                .map(|n| Weekday::try_from(n).unwrap())
                .collect(),
        }),
        (every(), on()).prop_map(|(every, on)| Rhythm::Monthly { every, on }),
        on().prop_map(|on| Rhythm::Quarterly { on }),
    ];
    let roll = prop_oneof![
        Just(Roll::Keep),
        Just(Roll::Forward),
        Just(Roll::Back),
        Just(Roll::Skip)
    ];
    (-40_i32..60, rhythm, roll)
        .prop_map(|(offset, rhythm, roll)| Cadence::new(day(START + offset), rhythm, roll).unwrap())
}

/// Says whether a day is one of the rhythm, by walking from the anchor.
fn is_nominal(cadence: &Cadence, on: NaiveDate, days: &WorkingDays) -> bool {
    if on < cadence.anchor() {
        return false;
    }
    let distance = (on - cadence.anchor()).num_days();
    let months = |day: NaiveDate| i64::from(day.year()) * 12 + i64::from(day.month0());
    let in_block = |months_before: i64, length: u32, place: &DayInPeriod| {
        let first =
            on.with_day(1).unwrap() - chrono::Months::new(u32::try_from(months_before).unwrap());
        let all: Vec<NaiveDate> = first
            .iter_days()
            .take_while(|day| *day < first + chrono::Months::new(length))
            .collect();
        let some = |nth: NonZeroU32| usize::try_from(nth.get()).unwrap() - 1;
        let worked = || all.iter().copied().filter(|&day| days.is_working(day));
        let found = match *place {
            DayInPeriod::Day { nth } => all.get(some(nth)).or(all.last()).copied(),
            DayInPeriod::DayFromEnd { nth } => {
                all.iter().rev().nth(some(nth)).or(all.first()).copied()
            }
            DayInPeriod::WorkingDay { nth } => worked().nth(some(nth)),
            DayInPeriod::WorkingDayFromEnd { nth } => worked().rev().nth(some(nth)),
            DayInPeriod::Weekday { nth, weekday } => all
                .iter()
                .filter(|day| day.weekday() == weekday)
                .nth(some(nth))
                .copied(),
            DayInPeriod::LastWeekday { weekday } => {
                all.iter().rfind(|day| day.weekday() == weekday).copied()
            }
            _ => None,
        };
        found == Some(on)
    };
    let passed = months(on) - months(cadence.anchor());
    match cadence.rhythm() {
        Rhythm::Days { every } => distance % i64::from(every.get()) == 0,
        Rhythm::WorkingDays { every } => {
            let before = cadence
                .anchor()
                .iter_days()
                .take_while(|&day| day < on)
                .filter(|&day| days.is_working(day))
                .count();
            days.is_working(on) && before % usize::try_from(every.get()).unwrap() == 0
        }
        Rhythm::Weekly { every, days } => {
            let from_monday = i64::from(cadence.anchor().weekday().num_days_from_monday());
            (distance + from_monday) / 7 % i64::from(every.get()) == 0
                && days.contains(&on.weekday())
        }
        Rhythm::Monthly { every, on } => passed % i64::from(every.get()) == 0 && in_block(0, 1, on),
        Rhythm::Quarterly { on } => in_block(passed % 3, 3, on),
        _ => false,
    }
}

fn oracle_due(roll: Roll, nominal: NaiveDate, days: &WorkingDays) -> Option<NaiveDate> {
    let near = |step: i64| {
        (0..4_000)
            .map(|n| nominal + TimeDelta::days(n * step))
            .find(|&day| days.is_working(day))
    };
    match roll {
        Roll::Keep => Some(nominal),
        Roll::Forward => near(1),
        Roll::Back => near(-1),
        Roll::Skip => Some(nominal).filter(|&day| days.is_working(day)),
    }
}

proptest! {
    #[test]
    fn a_day_is_found_as_by_reading_the_whole_set(set in periods("a"), offset in -5_i32..250, length in 0_i32..40) {
        let at = day(START + offset);
        let slow = set.iter().find(|period| period.contains(at)).map(|period| period.id);
        prop_assert_eq!(set.on(at), slow);
        for period in &set {
            prop_assert_eq!(set.find(period.label.as_str()), Some(period.id));
        }
        let range = DayRange::new(at, at + TimeDelta::days(i64::from(length))).unwrap();
        let touched: Vec<PeriodId> = set.iter()
            .filter(|period| DayRange::new(period.start, period.end).unwrap().intersection(range).is_some())
            .map(|period| period.id)
            .collect();
        prop_assert_eq!(set.overlapping(range).collect::<Vec<_>>(), touched);
    }

    #[test]
    fn a_slice_holds_the_same_periods(set in periods("a"), a in 0_usize..14, b in 0_usize..14) {
        prop_assume!(!set.is_empty());
        let (from, to) = (a.min(b).min(set.len() - 1), a.max(b).min(set.len() - 1));
        let slice = set.slice(set.period_at(from), set.period_at(to)).unwrap();
        prop_assert_eq!(slice.len(), to - from + 1);
        let days = DayRange::new(slice.start().unwrap(), slice.end().unwrap()).unwrap();
        prop_assert_eq!(&set.within(days), &slice);
        for period in &slice {
            prop_assert_eq!(slice.find(period.label.as_str()), Some(period.id));
            let original = set.period(set.period_at(from + period.id.index())).unwrap();
            prop_assert_eq!((period.label, period.start, period.end), (original.label, original.start, original.end));
        }
    }

    #[test]
    fn periods_tile_the_range_and_labels_sort_as_time_does(calendar in calendar(), grain in grain(), offset in -20_000_i32..20_000, length in 1_i32..900) {
        let (from, to) = (day(START + offset), day(START + offset + length));
        let set = calendar.periods(grain, from, to).unwrap();
        prop_assert!(set.start().unwrap() <= from && to <= set.end().unwrap());
        prop_assert!(set.period(set.period_at(0)).unwrap().end > from && set.iter().next_back().unwrap().start < to);
        let all: Vec<_> = set.iter().collect();
        for pair in all.windows(2) {
            prop_assert_eq!(pair[0].end, pair[1].start);
            prop_assert!(pair[0].label < pair[1].label, "{} {}", pair[0].label, pair[1].label);
        }
        for period in &all {
            let last = period.end.pred_opt().unwrap();
            for at in [period.start, last] {
                let found = calendar.containing(grain, at).unwrap();
                prop_assert_eq!((&found.label, found.start, found.end), (&period.label, period.start, period.end));
            }
        }
    }

    #[test]
    fn months_make_quarters_make_halves_make_years(calendar in calendar(), year in 1800_i32..2400) {
        let set = |grain| calendar.year_periods(grain, year).unwrap();
        let grains = [Grain::Month, Grain::Quarter, Grain::Half, Grain::Year];
        let months = match calendar.definition().year {
            YearDef::FourWeeks { .. } => 13,
            _ => 12,
        };
        prop_assert_eq!(grains.map(|grain| set(grain).len()), [months, 4, 2, 1]);
        for pair in grains.windows(2) {
            let (child, parent) = (set(pair[0]), set(pair[1]));
            let map = parent_map(&child, &parent).unwrap();
            for period in &parent {
                let days: u32 = child.iter().filter(|one| map[one.id.index()] == period.id).map(|one| one.days()).sum();
                prop_assert_eq!(days, period.days());
            }
            prop_assert_eq!(child.start(), parent.start());
            prop_assert_eq!(child.end(), parent.end());
        }
        let days = calendar.year(year).unwrap();
        prop_assert_eq!(calendar.year_of(days.start()).unwrap(), year);
        prop_assert_eq!(calendar.year_of(days.end()).unwrap(), year + 1);
        prop_assert_eq!(set(Grain::Week).len(), usize::try_from(calendar.weeks_in(year).unwrap()).unwrap());
    }

    #[test]
    fn weeks_make_the_months_of_years_of_weeks(def in prop_oneof![retail(), four_weeks()], year in 1800_i32..2400) {
        let calendar = Calendar::new(def).unwrap();
        let (weeks, months) = (calendar.year_periods(Grain::Week, year).unwrap(), calendar.year_periods(Grain::Month, year).unwrap());
        prop_assert!(parent_map(&weeks, &months).is_ok());
        prop_assert!(weeks.iter().all(|week| week.days() == 7));
        prop_assert!([52, 53].contains(&weeks.len()));
    }

    #[test]
    fn iso_weeks_are_those_of_the_standard(number in 366_i32..3_652_000) {
        let week = Calendar::gregorian().containing(Grain::Week, day(number)).unwrap();
        let standard = day(number).iso_week();
        prop_assert_eq!(week.label.to_string(), format!("{:04}-W{:02}", standard.year(), standard.week()));
        prop_assert_eq!(week.start.weekday(), Weekday::Mon);
    }

    #[test]
    fn every_day_lies_in_the_atom_of_its_two_periods(left in periods("a"), right in periods("b")) {
        let both = refinement(&left, &right).unwrap();
        for number in START - 2..START + 260 {
            let at = day(number);
            let expected = (left.on(at), right.on(at));
            let found = both.atoms().on(at).map_or((None, None), |atom| (both.to_left()[atom.index()], both.to_right()[atom.index()]));
            prop_assert_eq!(found, expected);
        }
        // No finer than needed: what touches differs.
        let atoms: Vec<_> = both.atoms().iter().collect();
        for pair in atoms.windows(2) {
            let parts = |at: PeriodId| (both.to_left()[at.index()], both.to_right()[at.index()]);
            prop_assert!(pair[0].end < pair[1].start || parts(pair[0].id) != parts(pair[1].id));
        }
        let mirrored = refinement(&right, &left).unwrap();
        prop_assert_eq!((mirrored.to_left(), mirrored.to_right()), (both.to_right(), both.to_left()));
    }

    #[test]
    fn no_two_periods_have_one_period_a_year_earlier(calendar in calendar(), grain in grain(), offset in -9_000_i32..9_000, rule in 0_usize..3) {
        let long_year = [LongYear::DropFirstWeek, LongYear::DropLastWeek, LongYear::KeepSeason][rule];
        let comparison = YearComparison { long_year, ..YearComparison::default() };
        let set = calendar.periods(grain, day(START + offset), day(START + offset + 1_200)).unwrap();
        let map = calendar.same_period_last_year(grain, &set, &set, comparison).unwrap();
        let found: Vec<PeriodId> = map.iter().copied().flatten().collect();
        let distinct: BTreeSet<PeriodId> = found.iter().copied().collect();
        prop_assert_eq!(distinct.len(), found.len());
        for (period, earlier) in set.iter().zip(&map) {
            if let Some(earlier) = earlier.and_then(|earlier| set.period(earlier)) {
                let days = (period.start - earlier.start).num_days();
                prop_assert!((350..=380).contains(&days), "{} {days}", period.label);
            }
        }
    }

    #[test]
    fn ranges_of_a_calendar_of_months_touch_a_year_earlier_too(def in months(), a in 0_i32..800, b in 0_i32..800, c in 0_i32..800) {
        let calendar = Calendar::new(def).unwrap();
        let mut at = [a, b, c];
        at.sort_unstable();
        let range = |from: usize, to: usize| DayRange::new(day(START + at[from]), day(START + at[to])).unwrap();
        let earlier = |range| calendar.range_a_year_earlier(range, YearComparison::default()).unwrap();
        let (left, right, whole) = (earlier(range(0, 1)), earlier(range(1, 2)), earlier(range(0, 2)));
        prop_assert_eq!((left.start(), left.end(), right.end()), (whole.start(), right.start(), whole.end()));
    }

    #[test]
    fn retail_ranges_have_the_days_that_their_days_have(def in retail(), offset in 0_i32..3_000, length in 0_i32..900, rule in 0_usize..3) {
        let calendar = Calendar::new(def).unwrap();
        let long_year = [LongYear::DropFirstWeek, LongYear::DropLastWeek, LongYear::KeepSeason][rule];
        let comparison = YearComparison { long_year, ..YearComparison::default() };
        let range = DayRange::new(day(START + offset), day(START + offset + length)).unwrap();
        let earlier = calendar.range_a_year_earlier(range, comparison).unwrap();
        let each: Vec<NaiveDate> = range.start().iter_days().take(usize::try_from(length).unwrap())
            .filter_map(|at| calendar.a_year_earlier(Grain::Day, at, comparison).unwrap())
            .map(|found| found.start)
            .collect();
        match (each.first(), each.last()) {
            (Some(&first), Some(&last)) => prop_assert_eq!((earlier.start(), earlier.end().pred_opt().unwrap()), (first, last)),
            _ => prop_assert!(earlier.is_empty()),
        }
    }

    #[test]
    fn shifting_back_undoes_shifting(calendar in calendar(), grain in grain(), offset in 0_i32..5_000, by in -60_i32..60) {
        let start = calendar.containing(grain, day(START + offset)).unwrap();
        let there = calendar.shift(grain, day(START + offset), by).unwrap();
        let back = calendar.shift(grain, there.end.pred_opt().unwrap(), -by).unwrap();
        prop_assert_eq!(back, start);
    }

    #[test]
    fn windows_to_date_hold_the_as_of_day_and_nothing_later(calendar in calendar(), grain in grain(), offset in 0_i32..5_000) {
        let as_of = day(START + offset);
        let to_date = Window::ToDate { grain }.resolve(&calendar, as_of).unwrap();
        let whole = Window::Whole { grain, back: 0 }.resolve(&calendar, as_of).unwrap();
        prop_assert!(to_date.contains(as_of));
        prop_assert_eq!(to_date.end(), as_of.succ_opt().unwrap());
        prop_assert_eq!(to_date.intersection(whole), Some(to_date));
        let before = Window::Whole { grain, back: 1 }.resolve(&calendar, as_of).unwrap();
        prop_assert_eq!(before.end(), whole.start());
    }

    #[test]
    fn working_days_count_as_one_by_one(days in working_days(), a in -10_i32..140, b in -10_i32..140, c in -10_i32..140) {
        let mut at = [a, b, c];
        at.sort_unstable();
        let [from, middle, to] = at.map(|offset| day(START + offset));
        let sum = from.iter_days().take_while(|&day| day < to).fold(Ratio::ZERO, |sum, day| sum.checked_add(days.weight(day)).unwrap());
        prop_assert_eq!(days.working_days(from, to).unwrap(), sum);
        let count = from.iter_days().take_while(|&day| day < to).filter(|&day| days.is_working(day)).count();
        prop_assert_eq!(usize::try_from(days.count(from, to).unwrap()).unwrap(), count);
        let parts = days.working_days(from, middle).unwrap().checked_add(days.working_days(middle, to).unwrap()).unwrap();
        prop_assert_eq!(parts, sum);
    }

    #[test]
    fn working_days_are_stepped_to_one_by_one(days in working_days(), offset in -10_i32..140, steps in -30_i32..30) {
        let start = day(START + offset);
        let worked = |day: &NaiveDate| days.is_working(*day);
        let forward = || start.iter_days().take(4_000);
        let backward = || (0..4_000).map(|n| start - TimeDelta::days(n));
        prop_assert_eq!(days.roll_forward(start).filter(|&found| (found - start).num_days() < 4_000), forward().find(worked));
        prop_assert_eq!(days.roll_back(start).filter(|&found| (start - found).num_days() < 4_000), backward().find(worked));
        let nth = usize::try_from(steps.unsigned_abs()).unwrap();
        let expected = match steps {
            0 => Some(start),
            1.. => forward().skip(1).filter(worked).nth(nth - 1),
            _ => backward().skip(1).filter(worked).nth(nth - 1),
        };
        let found = days.add_working_days(start, steps).ok().filter(|&found| (found - start).num_days().abs() < 4_000);
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn working_time_is_additive_and_never_negative(hours in working_hours(), a in moment(), b in moment(), c in moment()) {
        let mut at = [a, b, c];
        at.sort_unstable();
        let worked = |from: usize, to: usize| hours.worked_between(at[from], at[to]).unwrap();
        prop_assert_eq!(worked(0, 1) + worked(1, 2), worked(0, 2));
        prop_assert!(worked(0, 1) >= TimeDelta::zero());
        prop_assert!(worked(0, 2) <= at[2] - at[0] + TimeDelta::seconds(1));
    }

    #[test]
    fn working_time_counts_as_minute_by_minute(hours in working_hours(), from in 0_i64..20_000, minutes in 0_i64..8_000) {
        let start = day(START).and_hms_opt(0, 0, 0).unwrap() + TimeDelta::minutes(from);
        let slow = (0..minutes).filter(|&n| hours.is_working(start + TimeDelta::minutes(n))).count();
        let found = hours.worked_between(start, start + TimeDelta::minutes(minutes)).unwrap();
        prop_assert_eq!(found, TimeDelta::minutes(i64::try_from(slow).unwrap()));
    }

    #[test]
    fn working_time_ends_at_the_first_moment_that_completes_it(hours in working_hours(), from in moment(), nanos in 0_i64..400_000_000_000_000) {
        let wanted = TimeDelta::nanoseconds(nanos);
        match hours.add_working_time(from, wanted) {
            Ok(end) => {
                prop_assert_eq!(hours.worked_between(from, end).unwrap(), wanted);
                let just_before = end - TimeDelta::nanoseconds(1);
                prop_assert!(end == from || just_before <= from || hours.worked_between(from, just_before).unwrap() < wanted);
            }
            Err(_) => prop_assert!(hours.definition().week.iter().all(Vec::is_empty)),
        }
    }

    #[test]
    fn working_time_begins_at_the_last_moment_that_leaves_enough(hours in working_hours(), to in moment(), nanos in 0_i64..400_000_000_000_000) {
        let wanted = TimeDelta::nanoseconds(nanos);
        match hours.subtract_working_time(to, wanted) {
            Ok(start) => {
                prop_assert!(start <= to);
                prop_assert_eq!(hours.worked_between(start, to).unwrap(), wanted);
                let just_after = start + TimeDelta::nanoseconds(1);
                prop_assert!(start == to || hours.worked_between(just_after, to).unwrap() < wanted);
                // There and back: the end of a span that begins there is reached no later than where it was counted from.
                let end = hours.add_working_time(start, wanted).unwrap();
                prop_assert!(end <= to && hours.worked_between(end, to).unwrap() == TimeDelta::zero());
            }
            Err(_) => prop_assert!(hours.definition().week.iter().all(Vec::is_empty)),
        }
    }

    #[test]
    fn a_cadence_has_exactly_the_days_of_its_rhythm(cadence in cadence(), days in working_days(), a in -20_i32..150, length in 0_i32..90) {
        let (start, end) = (day(START + a), day(START + a + length));
        let found: Vec<_> = cadence.occurrences(start, end, &days).unwrap().iter().map(|one| (one.nominal, one.due)).collect();
        // An occurrence may roll over a long stretch without work: look far beyond the span on both sides.
        let expected: Vec<_> = (START + a - 200..START + a + length + 200).map(day)
            .filter(|&on| is_nominal(&cadence, on, &days))
            .filter_map(|on| oracle_due(cadence.roll(), on, &days).map(|due| (on, due)))
            .filter(|&(_, due)| start <= due && due < end)
            .collect();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn spans_that_touch_share_no_occurrence_and_miss_none(cadence in cadence(), days in working_days(), a in -20_i32..200, b in -20_i32..200, c in -20_i32..200) {
        let mut at = [a, b, c];
        at.sort_unstable();
        let [from, middle, to] = at.map(|offset| day(START + offset));
        let of = |from, to| cadence.occurrences(from, to, &days);
        let is_too_many = |found: &Result<Vec<_>, CalendarError>| matches!(found, Err(CalendarError::TooManyOccurrences { .. }));
        let (first, second, whole) = (of(from, middle), of(middle, to), of(from, to));
        // Without end only where everything from some day on rolls to one day: the last one that is worked.
        if [&first, &second, &whole].into_iter().any(is_too_many) {
            prop_assert!(cadence.roll() == Roll::Back && is_too_many(&whole) && is_too_many(&first) != is_too_many(&second));
            let last = days.definition().exceptions.iter().map(|other| other.date).max();
            prop_assert!(last.is_some_and(|last| (from..to).contains(&last)));
            return Ok(());
        }
        let mut parts = first.unwrap();
        parts.extend(second.unwrap());
        prop_assert_eq!(parts, whole.unwrap());
    }

    #[test]
    fn documents_of_time_read_back(set in periods("a"), calendar in calendar(), days in working_days(), hours in working_hours(), cadence in cadence()) {
        fn back<T: serde::Serialize + serde::de::DeserializeOwned>(value: &T) -> T {
            serde_json::from_str(&serde_json::to_string(value).unwrap()).unwrap()
        }
        prop_assert_eq!(back(&set), set);
        prop_assert_eq!(back(&calendar), calendar);
        prop_assert_eq!(back(&days), days);
        prop_assert_eq!(back(&hours), hours);
        prop_assert_eq!(back(&cadence), cadence);
    }

    #[test]
    fn any_list_of_periods_is_a_set_or_refused(list in prop::collection::vec((0_u8..6, -40_i32..40, -3_i32..40), 0..6), far: bool) {
        let base = if far { 3_652_040 } else { START };
        let periods: Vec<PeriodDef> = list.iter()
            .map(|&(label, start, days)| PeriodDef::new(key(&label.to_string()), day(base + start), day(base + start + days)))
            .collect();
        let labels: BTreeSet<&Key> = periods.iter().map(|period| &period.label).collect();
        let sound = labels.len() == periods.len()
            && periods.iter().all(|period| period.start < period.end && period.end <= day(3_652_060))
            && periods.windows(2).all(|pair| pair[0].end <= pair[1].start);
        prop_assert_eq!(PeriodSet::new(key("any"), periods).is_ok(), sound);
    }

    #[test]
    fn no_day_of_all_time_makes_anything_panic(calendar in calendar(), grain in grain(), a: i32, b: i32, by: i32) {
        let far = |number: i32| NaiveDate::from_num_days_from_ce_opt(number % 95_000_000).unwrap_or(NaiveDate::MAX);
        let edge = [1, 2, 300, 3_652_000, 3_652_059, 3_652_060].map(day);
        for at in edge.into_iter().chain([far(a), far(b), NaiveDate::MIN]) {
            let in_time = (1..3_652_060).contains(&at.num_days_from_ce());
            prop_assert!(!in_time || calendar.containing(Grain::Day, at).is_ok());
            prop_assert!(!in_time || calendar.year_of(at).is_ok());
            let _ = calendar.containing(grain, at);
            let _ = calendar.year_periods(grain, by % 11_000);
            let _ = calendar.shift(grain, at, by % 1_000);
            let _ = calendar.a_year_earlier(grain, at, YearComparison::default());
            for window in [Window::ToDate { grain }, Window::Whole { grain, back: by.unsigned_abs() % 1_000 }] {
                let _ = window.resolve(&calendar, at);
                let _ = window.resolve_a_year_earlier(&calendar, at, YearComparison::default());
            }
        }
    }
}
