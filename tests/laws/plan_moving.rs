//! Targets of a structure that moves: every day's target belongs to whom its member belonged that day.

#![allow(
    clippy::option_option,
    clippy::maybe_infinite_iter,
    clippy::cast_possible_wrap,
    reason = "days of a year are few, and nobody's team is asked for too"
)]

use crate::at::Levels;
use std::collections::BTreeMap;

use chrono::{Datelike, Days, NaiveDate};
use proptest::prelude::*;
use quotaflow::allocation::{Method, WeightPolicy, Weights, allocate};
use quotaflow::calendar::{Calendar, DayRange, Grain, Period, PeriodSet};
use quotaflow::key::Key;
use quotaflow::measure::{Measure, Measures};
use quotaflow::panel::{ColumnKey, Panel};
use quotaflow::plan::{
    Cascade, CascadeDef, EmptyLevel, Plan, PlanRecord, Proration, Sources, StepDef, Structure,
};
use quotaflow::quantity::Quantum;
use quotaflow::space::{Axis, DimensionDef, Space, Unassigned};

const PEOPLE: [&str; 4] = ["ann", "bo", "cy", "di"];
const TEAMS: [&str; 3] = ["north", "south", "west"];

fn day(offset: u64) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 1, 1).unwrap() + Days::new(offset)
}

/// Who belongs where from which day on, moves sorted by day; `None` is nobody's.
type Moves = Vec<Vec<(u64, Option<usize>)>>;

fn space(moves: &Moves) -> Space {
    let mut people = DimensionDef::new("person", &["team", "person"]).unwrap();
    for team in TEAMS {
        people = people.member("team", team).unwrap();
    }
    for (person, own) in PEOPLE.iter().zip(moves) {
        people = people.member("person", person).unwrap();
        for (at, (from, team)) in own.iter().enumerate() {
            let to = own.get(at + 1).map(|next| day(next.0));
            if let Some(team) = team {
                let from = (at > 0).then(|| day(*from));
                people = people
                    .link("person", person, TEAMS[*team], from, to)
                    .unwrap();
            }
        }
    }
    Space::new(vec![people]).unwrap()
}

fn sales() -> Measures {
    let sales = Measure::flow("sales", "money:EUR".parse().unwrap(), Quantum::CENT).unwrap();
    Measures::new(vec![sales]).unwrap()
}

fn plan(space: &Space, grain: Grain, total: i64, proration: Proration) -> Plan {
    let measures = sales();
    let calendar = Calendar::gregorian();
    let sources = Sources::new(&measures, space).calendar(&calendar);
    let year = DayRange::new(day(0), day(365)).unwrap();
    let mut recipe = CascadeDef::new(Key::new("year").unwrap(), Key::new("sales").unwrap(), year)
        .step(StepDef::member("person", "person").unwrap())
        .step(StepDef::grain(grain));
    recipe.proration = proration;
    Cascade::compile(recipe, &sources)
        .unwrap()
        .run(rust_decimal::Decimal::new(total, 2))
        .unwrap()
}

fn moves() -> impl Strategy<Value = Moves> {
    let own = (
        prop::option::of(0_usize..3),
        prop::collection::btree_map(1_u64..364, prop::option::weighted(0.8, 0_usize..3), 0..3),
    );
    prop::collection::vec(own, 4).prop_map(|people| {
        people
            .into_iter()
            .map(|(first, later)| std::iter::once((0, first)).chain(later).collect())
            .collect()
    })
}

/// To which team a person belongs on a day, by reading the list.
fn team(own: &[(u64, Option<usize>)], at: u64) -> Option<usize> {
    own.iter()
        .rev()
        .find(|(from, _)| *from <= at)
        .and_then(|(_, team)| *team)
}

/// Says whether a person is planned on a day: who ever belongs to a team, only while in one.
fn there(own: &[(u64, Option<usize>)], at: u64) -> bool {
    own.iter().all(|(_, team)| team.is_none()) || team(own, at).is_some()
}

/// The days of the year on which a person is planned, and in a team where one is asked for.
fn days_of(
    own: &[(u64, Option<usize>)],
    asked: Option<Option<usize>>,
    within: &Period,
) -> Vec<u64> {
    (0..365)
        .filter(|at| within.contains(day(*at)) && there(own, *at))
        .filter(|at| asked.is_none_or(|asked| team(own, *at) == asked))
        .collect()
}

/// The moves by the days from which they count; of several on one day the last.
fn counted(moves: &Moves, proration: Proration, cells: &PeriodSet) -> Moves {
    let counts = |at: u64| {
        let now = day(at);
        match proration {
            Proration::OnTheDay => at,
            Proration::WholeMonths { until } if now.day() <= u32::from(until.get()) => {
                at - u64::from(now.day0())
            }
            Proration::WholeMonths { .. } => (at..).find(|later| day(*later).day() == 1).unwrap(),
            Proration::NextPeriod => (at..)
                .find(|later| *later == 365 || cells.iter().any(|cell| cell.start == day(*later)))
                .unwrap(),
        }
    };
    let own = |own: &Vec<(u64, Option<usize>)>| {
        let mut days = BTreeMap::new();
        for (at, (from, team)) in own.iter().enumerate() {
            days.insert(if at == 0 { 0 } else { counts(*from) }, *team);
        }
        days.into_iter().collect()
    };
    moves.iter().map(own).collect()
}

/// Rounds half to even.
fn nearest(top: i128, bottom: i128) -> i128 {
    let (whole, rest) = (top.div_euclid(bottom), top.rem_euclid(bottom));
    whole + i128::from(2 * rest > bottom || (2 * rest == bottom && whole % 2 != 0))
}

fn name(team: Option<usize>) -> &'static str {
    team.map_or("unassigned", |team| TEAMS[team])
}

/// The cells of a target column by row and period.
fn cells(panel: &Panel, periods: &PeriodSet) -> BTreeMap<(String, String), i64> {
    let answers = panel.answers(&ColumnKey::target("sales").unwrap()).unwrap();
    let told = answers.filter_map(|(row, period, answer)| {
        let units = answer.figure()?.amount().unwrap().units();
        let period = periods.label(period).unwrap().to_string();
        Some(((panel.subjects().label(row), period), units))
    });
    told.collect()
}

proptest! {
    #![proptest_config(crate::cases(48))]

    /// The slow way walks every day of every person and gives its target to the team of that day and to the period of that day.
    #[test]
    fn a_row_has_the_targets_of_the_days_on_which_it_was_its(
        moves in moves(),
        grain in prop::sample::select(vec![Grain::Month, Grain::Quarter, Grain::Year]),
        asked in prop::sample::select(vec![Grain::Week, Grain::Month, Grain::Quarter, Grain::Year]),
        total in -1_000_000_i64..50_000_000,
        proration in prop::sample::select(vec![
            Proration::OnTheDay,
            Proration::WholeMonths { until: 15.try_into().unwrap() },
            Proration::WholeMonths { until: 31.try_into().unwrap() },
            Proration::NextPeriod,
        ]),
    ) {
        let given = moves;
        let space = space(&given);
        let moves = counted(&given, proration, &Calendar::gregorian().periods(grain, day(0), day(365)).unwrap());
        // Who never belongs to anybody is planned throughout, as before.
        let there = |own: &Vec<(u64, Option<usize>)>, at: u64| {
            let person = moves.iter().position(|other| std::ptr::eq(other, own)).unwrap();
            given[person].iter().all(|(_, team)| team.is_none()) || team(own, at).is_some()
        };
        prop_assume!(moves.iter().any(|own| (0..365).any(|at| there(own, at))));
        let plan = plan(&space, grain, total, proration);
        let calendar = Calendar::gregorian();
        let periods = calendar.periods(asked, day(0), day(365)).unwrap();
        let axes = [Axis::new("person", "team").unwrap()];
        let panel = plan.targets(&Structure::as_it_was(&space), &axes, &periods).unwrap();
        let mut slow = BTreeMap::<(String, String), i64>::new();
        for (person, own) in PEOPLE.iter().zip(&moves) {
            for cell in &calendar.periods(grain, day(0), day(365)).unwrap() {
                let days: Vec<u64> = (0..365)
                    .filter(|at| cell.contains(day(*at)) && there(own, *at))
                    .collect();
                let found = plan.frame().find(&[person, cell.label.as_str()]);
                prop_assert_eq!(found.is_ok(), !days.is_empty());
                let Ok(node) = found else { continue };
                let amount = i128::from(plan.amount("sales", node).unwrap().units());
                let all = days.len() as i128;
                for (done, at) in (0_i128..).zip(&days) {
                    let of_day = nearest(amount * (done + 1), all) - nearest(amount * done, all);
                    let period = periods.iter().find(|period| period.contains(day(*at))).unwrap();
                    let row = name(team(own, *at)).to_owned();
                    *slow.entry((row, period.label.to_string())).or_default() += i64::try_from(of_day).unwrap();
                }
            }
        }
        prop_assert_eq!(cells(&panel, &periods), slow);
    }

    /// Weights count by days: in equal shares everybody gets what their days are of everybody's days.
    #[test]
    fn who_is_not_there_throughout_gets_the_share_of_the_days(moves in moves(), total in 0_i64..50_000_000) {
        let year = Calendar::gregorian().year_periods(Grain::Year, 2026).unwrap();
        let year = year.iter().next().unwrap();
        let days: Vec<i64> = moves.iter().map(|own| days_of(own, None, &year).len() as i64).collect();
        prop_assume!(days.iter().any(|days| *days > 0));
        let plan = plan(&space(&moves), Grain::Month, total, Proration::OnTheDay);
        let here: Vec<(&str, i64)> = PEOPLE.into_iter().zip(days).filter(|(_, days)| *days > 0).collect();
        let weights: Vec<i64> = here.iter().map(|(_, days)| *days).collect();
        let weights = Weights::new(&weights, WeightPolicy::ALLOCATE).unwrap();
        let shares = allocate(total, &weights, Method::LargestRemainder).unwrap();
        for ((person, _), share) in here.iter().zip(shares.shares()) {
            let node = plan.frame().find(&[person]).unwrap();
            prop_assert_eq!(plan.amount("sales", node).unwrap().units(), *share);
        }
        prop_assert_eq!(plan.verify(), vec![]);
    }

    /// Below teams: nobody has a target where they were not, and the plan's own sums are those of each day's structure.
    #[test]
    fn nobody_has_a_target_where_they_were_not(
        moves in moves(),
        total in 0_i64..50_000_000,
        known in prop::option::of(0_u64..365),
    ) {
        let moves_known: Moves = match known {
            // What begins after the last known day is not looked at.
            Some(known) => moves
                .iter()
                .map(|own| own.iter().filter(|(from, _)| *from <= known).copied().collect())
                .collect(),
            None => moves.clone(),
        };
        // Who never belongs to a team is planned for nobody; who will, is not there yet.
        let known_there = |person: usize, at: u64| {
            moves[person].iter().all(|(_, team)| team.is_none()) || team(&moves_known[person], at).is_some()
        };
        prop_assume!((0..4).any(|person| (0..365).any(|at| known_there(person, at))));
        let space = space(&moves);
        let measures = sales();
        let calendar = Calendar::gregorian();
        let sources = Sources::new(&measures, &space).calendar(&calendar);
        let mut recipe = CascadeDef::new(Key::new("year").unwrap(), Key::new("sales").unwrap(), DayRange::new(day(0), day(365)).unwrap())
            .step(StepDef::member("person", "team").unwrap().empty(EmptyLevel::Stop))
            .step(StepDef::member("person", "person").unwrap())
            .step(StepDef::grain(Grain::Month));
        recipe.membership = known.map(day);
        recipe.unassigned = Unassigned::Shown;
        // Teams without anybody have a target of their own, which belongs to nobody.
        recipe.steps[1].empty = EmptyLevel::Stop;
        recipe.steps[2].empty = EmptyLevel::Stop;
        let plan = Cascade::compile(recipe, &sources).unwrap().run(rust_decimal::Decimal::new(total, 2)).unwrap();
        prop_assert_eq!(plan.verify(), vec![]);
        let months = calendar.periods(Grain::Month, day(0), day(365)).unwrap();
        for (person, own) in moves_known.iter().enumerate() {
            for at in [None, Some(0), Some(1), Some(2)] {
                for month in &months {
                    let days: Vec<u64> = (0..365)
                        .filter(|now| month.contains(day(*now)) && known_there(person, *now) && team(own, *now) == at)
                        .collect();
                    let node = plan.frame().find(&[name(at), PEOPLE[person], month.label.as_str()]);
                    prop_assert_eq!(node.is_ok(), !days.is_empty(), "{} {} {}", name(at), PEOPLE[person], month.label);
                    if let Ok(node) = node {
                        let count: u32 = plan.frame().days(node).iter().map(|range| range.days()).sum();
                        prop_assert_eq!(count as usize, days.len());
                    }
                }
            }
        }
        let record = plan.record();
        let text = serde_json::to_string(&record).unwrap();
        let back: PlanRecord = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(&back, &record);
        let loaded = back.load().unwrap();
        prop_assert_eq!(loaded.frame(), plan.frame());
        prop_assert_eq!(loaded.levels("sales"), plan.levels("sales"));
    }

    /// Like for like: on the structure of one day, nobody has moved.
    #[test]
    fn on_the_structure_of_a_day_targets_are_those_of_its_teams(
        moves in moves(),
        at in 0_u64..365,
        total in 0_i64..50_000_000,
    ) {
        prop_assume!(moves.iter().any(|own| (0..365).any(|at| there(own, at))));
        let space = space(&moves);
        let plan = plan(&space, Grain::Month, total, Proration::OnTheDay);
        let year = Calendar::gregorian().year_periods(Grain::Year, 2026).unwrap();
        let axes = [Axis::new("person", "team").unwrap()];
        let panel = plan
            .targets(&Structure::as_it_is(&space, day(at)), &axes, &year)
            .unwrap();
        let mut slow = BTreeMap::<(String, String), i64>::new();
        for (person, own) in PEOPLE.iter().zip(&moves) {
            let Ok(node) = plan.frame().find(&[*person]) else { continue };
            let row = (name(team(own, at)).to_owned(), "2026".to_owned());
            *slow.entry(row).or_default() += plan.amount("sales", node).unwrap().units();
        }
        prop_assert_eq!(cells(&panel, &year), slow);
    }
}
