//! Counts of those below and time without an event, against a slow reading of the cells.

use crate::at::{PeriodAt, RowAt};
use proptest::prelude::*;
use quotaflow::calendar::{Calendar, Grain};
use quotaflow::key::Key;
use quotaflow::panel::{Column, ColumnKey, Panel, Reason};
use quotaflow::quantity::Quantum;
use quotaflow::rule::{NoEventYet, RuleDef, RuleSet, Supply, Truth};
use quotaflow::space::{Axis, Dimension, DimensionDef, Subjects};

const PEOPLE: usize = 5;
const TEAMS: usize = 2;
const MONTHS: usize = 4;

fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

fn panel(level: &str, count: usize) -> Panel {
    let names = (0..count).map(|index| key(&format!("{level}{index}")));
    let subjects = Subjects::new(Axis::new("person", level).unwrap(), names.collect()).unwrap();
    let (from, to) = ("2026-01-01".parse().unwrap(), "2026-05-01".parse().unwrap());
    let months = Calendar::gregorian()
        .periods(Grain::Month, from, to)
        .unwrap();
    Panel::new(subjects, months)
}

fn rule(when: &str) -> RuleDef {
    RuleDef::new("r", when.parse().unwrap()).unwrap()
}

/// The people, each in the team of this number or in none.
fn staff(teams: &[Option<usize>]) -> Dimension {
    let mut def = DimensionDef::new("person", &["team", "person"]).unwrap();
    for team in 0..TEAMS {
        def = def.member("team", &format!("team{team}")).unwrap();
    }
    for (person, team) in teams.iter().enumerate() {
        let person = format!("person{person}");
        def = match team {
            Some(team) => def
                .child("person", &person, &format!("team{team}"))
                .unwrap(),
            None => def.member("person", &person).unwrap(),
        };
    }
    Dimension::new(def).unwrap()
}

/// Visits of each cell, period by period; none where nothing is recorded.
fn visits() -> impl Strategy<Value = Vec<Option<i64>>> {
    prop::collection::vec(prop::option::weighted(0.9, 0_i64..4), PEOPLE * MONTHS)
}

fn with_visits(visits: &[Option<i64>]) -> Panel {
    with(visits, &[None; PEOPLE * MONTHS])
}

/// The visits, and where they are not asked for.
fn with(visits: &[Option<i64>], outside: &[Option<Reason>]) -> Panel {
    let mut panel = panel("person", PEOPLE);
    let state = |(cell, outside): (&Option<i64>, &Option<Reason>)| {
        outside.or(cell.map_or(Some(Reason::NothingRecorded), |_| None))
    };
    let states: Vec<Option<Reason>> = visits.iter().zip(outside).map(state).collect();
    let units = visits.iter().map(|cell| cell.unwrap_or(0)).collect();
    let unit = "count:visit".parse().unwrap();
    let column = Column::amounts(
        ColumnKey::actual("visits").unwrap(),
        unit,
        Quantum::ONE,
        units,
    );
    panel.add(column.with_reasons(&states).unwrap()).unwrap();
    panel
}

proptest! {
    #[test]
    fn so_many_of_those_below_are_counted(
        visits in visits(),
        teams in prop::collection::vec(prop::option::weighted(0.8, 0..TEAMS), PEOPLE),
        floor in 1_i64..4,
        wanted in 1_usize..4,
    ) {
        let people = with_visits(&visits);
        let low = RuleDef::new("low", format!("visits < {floor}").parse().unwrap()).unwrap();
        let low = RuleSet::compile([low], &people).unwrap();
        let judge = low.over(&people).unwrap();
        let staff = staff(&teams);
        let mut above = panel("team", TEAMS);
        let many = rule(&format!("below(low) >= {wanted}"));
        above.extend(Supply::new().below(&judge, staff.tree("person").unwrap()).columns(std::slice::from_ref(&many))).unwrap();
        let set = RuleSet::compile([many], &above).unwrap();
        let asked = set.over(&above).unwrap();
        for period in 0..MONTHS {
            for team in 0..TEAMS {
                let below = (0..PEOPLE).filter(|person| teams[*person] == Some(team));
                let cells: Vec<Option<i64>> = below.map(|person| visits[period * PEOPLE + person]).collect();
                let found = asked.verdict(&key("r"), asked.row_at(team), asked.period_at(period)).unwrap();
                if cells.contains(&None) {
                    prop_assert!(matches!(found, Truth::Unknown(_)), "{found:?}");
                } else {
                    let count = cells.iter().flatten().filter(|visits| **visits < floor).count();
                    prop_assert_eq!(found.is_true(), count >= wanted);
                    prop_assert_eq!(found == Truth::False, count < wanted);
                }
            }
        }
    }

    #[test]
    fn days_without_an_event_are_those_since_the_last_period_that_had_one(
        visits in visits(),
        outside in prop::collection::vec(
            prop::option::weighted(0.1, prop::sample::select(vec![Reason::NotApplicable, Reason::NotYetDue])),
            PEOPLE * MONTHS,
        ),
        from_the_start in any::<bool>(),
        days in 1_i64..120,
    ) {
        let visits: Vec<Option<i64>> = visits.iter().zip(&outside).map(|(cell, outside)| cell.filter(|_| outside.is_none())).collect();
        let mut people = with(&visits, &outside);
        let before = if from_the_start { NoEventYet::FromTheStart } else { NoEventYet::Unknown };
        let idle = rule(&format!("quiet(visits) >= {days} day"));
        people.extend(Supply::new().no_event_yet(before).columns(std::slice::from_ref(&idle))).unwrap();
        let set = RuleSet::compile([idle], &people).unwrap();
        let asked = set.over(&people).unwrap();
        let lengths = [31, 28, 31, 30];
        for person in 0..PEOPLE {
            for period in 0..MONTHS {
                let happened = |at: &usize| visits[at * PEOPLE + person].is_some_and(|visits| visits > 0);
                let last = (0..=period).rev().find(happened);
                let since: i64 = lengths[last.map_or(0, |last| last + 1)..=period].iter().sum();
                let found = asked.verdict(&key("r"), asked.row_at(person), asked.period_at(period)).unwrap();
                if outside[period * PEOPLE + person].is_some() || (last.is_none() && !from_the_start) {
                    prop_assert!(matches!(found, Truth::Unknown(_)), "{found:?}");
                } else {
                    prop_assert_eq!(found.is_true(), since >= days);
                }
            }
        }
    }
}
