//! Laws of pace.

use crate::at::{PeriodAt, RowAt};
use chrono::NaiveDate;
use proptest::prelude::*;
use quotaflow::calendar::{Calendar, DayRange, Grain, PeriodSet, WorkingDays, WorkingDaysDef};
use quotaflow::key::Key;
use quotaflow::pace::{Days, ErrorHistory, Pace, Pacing, Phase, Phasing, Projected, Season, Trust};
use quotaflow::panel::{Column, ColumnKey, Columns, Figure, Panel, Reason};
use quotaflow::quantity::{Quantum, Ratio};
use quotaflow::space::Subjects;

fn first_day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 1, 1).unwrap()
}

fn years() -> PeriodSet {
    let end = NaiveDate::from_ymd_opt(2027, 7, 1).unwrap();
    Calendar::gregorian()
        .periods(Grain::Month, first_day(), end)
        .unwrap()
}

/// Days that count what their weekday does, from Monday, with two holidays.
fn weekdays(weights: [i64; 7]) -> Days {
    let day = |month, day| NaiveDate::from_ymd_opt(2026, month, day).unwrap();
    let def = WorkingDaysDef::new(Key::new("days").unwrap(), weights.map(Ratio::from))
        .holiday(day(1, 1), "new year")
        .holiday(day(5, 1), "labour");
    Days::Working(WorkingDays::new(def).unwrap())
}

fn days() -> impl Strategy<Value = Days> {
    prop_oneof![
        Just(Days::Calendar),
        proptest::array::uniform7(1_i64..40).prop_map(weekdays),
        // Some weekdays count nothing.
        proptest::array::uniform7(0_i64..2)
            .prop_filter("a day that counts", |weights| weights.contains(&1))
            .prop_map(weekdays),
    ]
}

fn pacing() -> impl Strategy<Value = Pacing> {
    let season = (proptest::collection::vec(0_i64..1000, 18), days()).prop_filter_map(
        "a weight",
        |(weights, within)| {
            let weights = weights.into_iter().map(Ratio::from).collect();
            Season::new(years(), weights, within)
                .ok()
                .map(Pacing::Season)
        },
    );
    let curve = (
        proptest::collection::btree_map(1_i128..100, 0_i128..=100, 0..5),
        days(),
    )
        .prop_map(|(points, within)| {
            let mut heights: Vec<i128> = points.values().copied().collect();
            heights.sort_unstable();
            let share = |percent| Ratio::new(percent, 100).unwrap();
            let points = points
                .keys()
                .zip(heights)
                .map(|(days, height)| (share(*days), share(height)))
                .collect();
            Pacing::Phasing(Phasing::new(points, within).unwrap())
        });
    prop_oneof![days().prop_map(Pacing::Even), season, curve]
}

fn one_period(target: i64, actual: i64, length: u64) -> Panel {
    let end = first_day() + chrono::Days::new(length);
    let set = PeriodSet::from_starts(Key::new("set").unwrap(), &[first_day()], end, |_, _| "only")
        .unwrap();
    let mut panel = Panel::new(Subjects::whole(), set);
    for (key, units) in [
        (ColumnKey::target("m"), target),
        (ColumnKey::actual("m"), actual),
    ] {
        panel
            .add(Column::amounts(
                key.unwrap(),
                "count:piece".parse().unwrap(),
                Quantum::ONE,
                vec![units],
            ))
            .unwrap();
    }
    panel
}

proptest! {
    /// Expected pace ends exactly at the target, never goes back, and is the exact share of it.
    #[test]
    fn expected_ends_exactly_at_the_target(pacing in pacing(), target in 0_i64..10_000_000, length in 1_u64..400) {
        let panel = one_period(target, 0, length);
        let pace = Pace::new("m", pacing.clone()).unwrap();
        let period = panel.periods().range(panel.periods().period_at(0)).unwrap();
        let mut last = Ratio::ZERO;
        for passed in 0..=length + 1 {
            // The as-of day is the last one that has passed.
            let as_of = first_day() + chrono::Days::new(passed) - chrono::Days::new(1);
            let view = pace.view(&panel, as_of).unwrap();
            let reading = view.reading(view.row_at(0), view.period_at(0)).unwrap();
            let progress = view.progress(view.period_at(0)).unwrap();
            match reading.expected.ok() {
                Some(figure) => {
                    let expected = figure.ratio().unwrap();
                    prop_assert!(expected >= last);
                    last = expected;
                    if let Some(share) = progress.share() {
                        prop_assert_eq!(expected, share.checked_mul(Ratio::from(target)).unwrap());
                    }
                    if passed >= length {
                        prop_assert_eq!(progress.phase, Phase::Ended);
                        prop_assert_eq!(expected, Ratio::from(target));
                    }
                }
                None if passed == 0 => prop_assert_eq!(reading.expected.err(), Some(Reason::NotYetDue)),
                None => {
                    prop_assert_eq!(reading.expected.err(), Some(Reason::NoBase));
                    prop_assert!(pacing.progress(period, period.end()).unwrap().total.is_zero());
                }
            }
        }
    }

    /// Who follows the pace exactly is projected to reach the target exactly.
    #[test]
    fn who_keeps_pace_is_projected_to_the_target(pacing in pacing(), share in 1_u64..100, length in 10_u64..400) {
        // A target that every share divides: a multiple of the denominator of the share that has passed.
        let end = first_day() + chrono::Days::new((length * share).div_ceil(100).min(length - 1));
        let period = DayRange::new(first_day(), first_day() + chrono::Days::new(length)).unwrap();
        let passed = pacing.progress(period, end).unwrap().share();
        prop_assume!(passed.is_some_and(|share| !share.is_zero()));
        let passed = passed.unwrap();
        let Ok(target) = i64::try_from(passed.denominator()) else { return Ok(()) };
        let Ok(actual) = i64::try_from(passed.numerator()) else { return Ok(()) };
        let panel = one_period(target, actual, length);
        let pace = Pace::new("m", pacing).unwrap();
        let reading = pace.view(&panel, end - chrono::Days::new(1)).unwrap().reading(panel.row_at(0), panel.period_at(0)).unwrap();
        prop_assert_eq!(reading.expected.and_then(Figure::value), reading.actual.and_then(Figure::value));
        prop_assert_eq!(reading.projected.and_then(Figure::value), reading.target.and_then(Figure::value));
        prop_assert_eq!(reading.attainment.and_then(Figure::value), Ok(Ratio::ONE));
    }

    /// The weights of neighbouring ranges add up.
    #[test]
    fn weights_add_up_over_adjacent_ranges(days in days(), start in 0_u64..400, first in 0_u64..60, second in 0_u64..60) {
        let day = |offset| first_day() + chrono::Days::new(offset);
        let weight = |from, to| days.weight(DayRange::new(day(from), day(to)).unwrap()).unwrap();
        let together = weight(start, start + first + second);
        let apart = weight(start, start + first).checked_add(weight(start + first, start + first + second)).unwrap();
        prop_assert_eq!(together, apart);
        prop_assert!(!together.is_negative());
    }

    /// Doing every day what is needed every day reaches the target.
    #[test]
    fn the_needed_rate_reaches_the_target(days in days(), target in 0_i64..1_000_000, actual in 0_i64..1_000_000, passed in 1_u64..89) {
        let panel = one_period(target, actual, 90);
        let pace = Pace::new("m", days).unwrap();
        let view = pace.view(&panel, first_day() + chrono::Days::new(passed - 1)).unwrap();
        let reading = view.reading(view.row_at(0), view.period_at(0)).unwrap();
        let left = view.progress(view.period_at(0)).unwrap().days_left;
        match reading.needed_per_day.and_then(Figure::value).ok() {
            Some(rate) => {
                let reached = rate.checked_mul(left).unwrap().checked_add(Ratio::from(actual)).unwrap();
                prop_assert_eq!(reached, Ratio::from(target));
            }
            None => prop_assert!(left.is_zero()),
        }
    }

    /// By cascaded targets, what should have been reached after any day is the sum of the targets up to then, and all of the
    /// target at the end.
    #[test]
    fn cascaded_days_add_up_to_the_target(targets in proptest::collection::vec(0_i64..10_000, 1..60)) {
        let length = u64::try_from(targets.len()).unwrap();
        let whole: i64 = targets.iter().sum();
        let panel = one_period(whole, 0, length);
        let starts: Vec<NaiveDate> = (0..length).map(|offset| first_day() + chrono::Days::new(offset)).collect();
        let end = first_day() + chrono::Days::new(length);
        let set = PeriodSet::from_starts(Key::new("days").unwrap(), &starts, end, |_, day| day.to_string()).unwrap();
        let mut finer = Panel::new(Subjects::whole(), set);
        let unit = "count:piece".parse().unwrap();
        finer.add(Column::amounts(ColumnKey::target("m").unwrap(), unit, Quantum::ONE, targets.clone())).unwrap();
        let pace = Pace::new("m", Pacing::Cascaded(Days::Calendar)).unwrap();
        let mut reached = 0;
        for (start, target) in starts.iter().zip(&targets) {
            reached += target;
            let view = pace.view(&panel, *start).unwrap().with_cascade(&finer).unwrap();
            let expected = view.reading(view.row_at(0), view.period_at(0)).unwrap().expected;
            prop_assert_eq!(expected.and_then(Figure::value).ok(), Some(Ratio::from(reached)));
        }
        prop_assert_eq!(reached, whole);
    }

    /// A ratio is never rounded before it is compared: whoever is below a share of the exact expectation is so by the columns
    /// and by the reading, however small the numbers are.
    #[test]
    fn no_expectation_is_rounded_before_it_is_compared(target in 1_i64..40, actual in 0_i64..40, passed in 1_u64..365, percent in 1_i32..150) {
        let panel = one_period(target, actual, 365);
        let pace = Pace::new("m", Days::Calendar).unwrap();
        let view = pace.view(&panel, first_day() + chrono::Days::new(passed - 1)).unwrap();
        let attained = view.reading(view.row_at(0), view.period_at(0)).unwrap().attainment.and_then(Figure::value).unwrap();
        let columns = pace.columns(first_day() + chrono::Days::new(passed - 1)).columns(&panel).unwrap();
        let expected = columns[0].answers().next().unwrap().ratio().unwrap();
        // actual / (target x passed / 365) < percent / 100, in whole numbers.
        let below = i128::from(actual) * 365 * 100 < i128::from(percent) * i128::from(target) * i128::from(passed);
        prop_assert_eq!(attained < Ratio::percent(percent), below);
        prop_assert_eq!(Ratio::from(actual).checked_div(expected).unwrap() < Ratio::percent(percent), below);
        prop_assert_eq!(columns[3].answers().next().unwrap().ratio(), Ok(attained));
        let gap = columns[2].answers().next().unwrap().ratio().unwrap();
        prop_assert_eq!(gap, Ratio::from(actual).checked_sub(expected).unwrap());
    }

    /// A pace reads back equal.
    #[test]
    fn a_pace_reads_back(pacing in pacing()) {
        let pace = Pace::new("m", pacing).unwrap();
        let text = serde_json::to_string(&pace).unwrap();
        prop_assert_eq!(serde_json::from_str::<Pace>(&text).unwrap(), pace);
    }

    /// An interval told from all but one of some errors holds the one left out at least as often as it says, whatever was
    /// projected.
    #[test]
    fn an_interval_holds_as_often_as_it_says(shares in proptest::collection::btree_set(-10_000_i64..10_000, 4..40), projected in prop_oneof![Just(0_i64), Just(10_000), Just(-10_000), -50_i64..50], percent in 0_i32..90) {
        let coverage = Trust::new(Ratio::percent(percent)).unwrap();
        let shares: Vec<i64> = shares.into_iter().collect();
        let (mut held, mut told) = (0, 0);
        for left_out in 0..shares.len() {
            let others = (0..shares.len()).filter(|index| *index != left_out);
            let history = ErrorHistory::new(others.map(|index| Projected { projected, actual: shares[index] }).collect());
            if let Some(interval) = history.interval(projected, coverage).unwrap() {
                prop_assert!(interval.low <= interval.high);
                told += 1;
                held += i128::from((interval.low..=interval.high).contains(&shares[left_out]));
            }
        }
        // Enough history for one is enough for all.
        prop_assert!(told == 0 || told == shares.len());
        if told > 0 {
            let rate = Ratio::new(held, i128::try_from(told).unwrap()).unwrap();
            prop_assert!(rate >= coverage.share());
        }
    }
}
