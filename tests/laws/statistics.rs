//! Laws of statistics of panels, against slow and obvious ones.

use chrono::{Days, NaiveDate};
use proptest::prelude::*;
use quotaflow::calendar::{Calendar, Grain};
use quotaflow::key::Key;
use quotaflow::panel::{Column, ColumnKey, Columns, Panel, Reason};
use quotaflow::quantity::{Quantum, Ratio};
use quotaflow::space::{Axis, Subjects};
use quotaflow::statistics::{Goal, Unanswered, lags, streak_columns, streaks};

fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

fn day(offset: u64) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 3, 1).unwrap() + Days::new(offset)
}

fn count(found: usize) -> i64 {
    i64::try_from(found).unwrap()
}

proptest! {
    #[test]
    fn streaks_say_what_counting_runs_says(figures in prop::collection::vec(0_i64..4, 1..40), bar in 0_i64..4) {
        let days = Calendar::gregorian()
            .periods(Grain::Day, day(0), day(count(figures.len()).unsigned_abs()))
            .unwrap();
        let subjects = Subjects::new(Axis::new("person", "person").unwrap(), vec![key("ann")]).unwrap();
        let mut panel = Panel::new(subjects, days);
        let orders = ColumnKey::actual("orders").unwrap();
        panel.add(Column::amounts(orders.clone(), "count:order".parse().unwrap(), Quantum::ONE, figures.clone())).unwrap();
        let found = streaks(&panel, &orders, Goal::AtLeast(Ratio::from(bar)), Unanswered::Passes).unwrap()[0];
        let runs: Vec<usize> = figures.split(|figure| *figure < bar).map(<[i64]>::len).collect();
        let met: usize = runs.iter().sum();
        prop_assert_eq!(found.met, count(met));
        prop_assert_eq!(found.missed, count(figures.len() - met));
        prop_assert_eq!(found.longest, count(*runs.iter().max().unwrap()));
        prop_assert_eq!(found.current, count(*runs.last().unwrap()));
        prop_assert_eq!(found.unknown, 0);
    }

    #[test]
    fn a_column_of_streaks_says_at_each_period_what_the_streak_up_to_it_is(
        days in prop::collection::vec(prop::option::of(0_i64..3), 1..30),
    ) {
        let span = Calendar::gregorian().periods(Grain::Day, day(0), day(count(days.len()).unsigned_abs())).unwrap();
        let subjects = Subjects::new(Axis::new("person", "person").unwrap(), vec![key("ann")]).unwrap();
        let mut panel = Panel::new(subjects, span);
        let orders = ColumnKey::actual("orders").unwrap();
        let figures = days.iter().map(|day| day.unwrap_or(0)).collect();
        let states: Vec<Option<Reason>> = days.iter().map(|day| if day.is_some() { None } else { Some(Reason::NotApplicable) }).collect();
        let column = Column::amounts(orders.clone(), "count:order".parse().unwrap(), Quantum::ONE, figures);
        panel.add(column.with_reasons(&states).unwrap()).unwrap();
        let goal = Goal::AtLeast(Ratio::ONE);
        for unanswered in [Unanswered::Passes, Unanswered::Ends] {
            let columns = streak_columns( &orders, goal, unanswered).columns(&panel).unwrap();
            for (at, here) in days.iter().enumerate() {
                let known = days[..=at].iter().filter(|day| unanswered == Unanswered::Ends || day.is_some());
                let lasting = known.rev().take_while(|day| day.is_some_and(|day| day >= 1)).count();
                let passed = here.is_none() && unanswered == Unanswered::Passes;
                let expected = if passed { None } else { Some(Ratio::from(count(lasting))) };
                prop_assert_eq!(columns[1].answers().nth(at).unwrap().ratio().ok(), expected);
            }
        }
    }

    #[test]
    fn no_list_of_lags_is_longer_than_the_shorter_series(
        activity in prop::collection::vec(-9_i64..9, 0..12), result in prop::collection::vec(-9_i64..9, 0..12), most in 0_usize..20,
    ) {
        let found = lags(&activity, &result, most).unwrap();
        let shorter = activity.len().min(result.len());
        prop_assert_eq!(found.len(), shorter.min(most + 1));
        for (lag, score) in found.iter().enumerate() {
            prop_assert_eq!((score.lag, score.pairs), (lag, activity.len().min(result.len() - lag)));
        }
        prop_assert_eq!(lags(&activity, &result, usize::MAX).unwrap().len(), shorter);
    }
}
