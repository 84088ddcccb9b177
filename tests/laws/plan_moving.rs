//! Targets of a structure that moves: every day's target belongs to whom its member belonged that day.

use chrono::{Days, NaiveDate};
use proptest::prelude::*;
use quotaflow::calendar::{Calendar, DayRange, Grain};
use quotaflow::key::Key;
use quotaflow::measure::{Measure, Measures};
use quotaflow::panel::ColumnKey;
use quotaflow::plan::{Cascade, CascadeDef, DayCurve, Plan, Sources, StepDef, Structure};
use quotaflow::quantity::Quantum;
use quotaflow::space::{Axis, DimensionDef, Space};

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

fn plan(space: &Space, grain: Grain, total: i64) -> Plan {
    let measures = Measures::new(vec![
        Measure::flow("sales", "money:EUR".parse().unwrap(), Quantum::CENT).unwrap(),
    ])
    .unwrap();
    let calendar = Calendar::gregorian();
    let sources = Sources::new(&measures, space).calendar(&calendar);
    let year = DayRange::new(day(0), day(365)).unwrap();
    let recipe = CascadeDef::new(Key::new("year").unwrap(), Key::new("sales").unwrap(), year)
        .step(StepDef::member("person", "person").unwrap())
        .step(StepDef::grain(grain));
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

proptest! {
    #![proptest_config(crate::cases(48))]

    /// The slow way walks every day of every person and gives its target to the team of that day and to the period of that day.
    #[test]
    fn a_row_has_the_targets_of_the_days_on_which_it_was_its(
        moves in moves(),
        cells in prop::sample::select(vec![Grain::Month, Grain::Quarter, Grain::Year]),
        asked in prop::sample::select(vec![Grain::Week, Grain::Month, Grain::Quarter, Grain::Year]),
        total in -1_000_000_i64..50_000_000,
    ) {
        let space = space(&moves);
        let plan = plan(&space, cells, total);
        let calendar = Calendar::gregorian();
        let periods = calendar.periods(asked, day(0), day(365)).unwrap();
        let sets = calendar.periods(cells, day(0), day(365)).unwrap();
        let axes = [Axis::new("person", "team").unwrap()];
        let panel = plan.targets(&Structure::as_it_was(&space), &axes, &periods).unwrap();
        let mut slow = std::collections::BTreeMap::<(String, String), i64>::new();
        for (person, own) in PEOPLE.iter().zip(&moves) {
            for cell in &sets {
                let node = plan.frame().find(&[person, cell.label.as_str()]).unwrap();
                let amount = plan.amount("sales", node).unwrap().units();
                let curve = DayCurve::by_calendar(
                    DayRange::new(cell.start, cell.end).unwrap(),
                    amount,
                );
                for at in 0..365 {
                    if !cell.contains(day(at)) {
                        continue;
                    }
                    let of_day = curve.between(day(at), day(at + 1)).unwrap();
                    let row = team(own, at).map_or("unassigned", |team| TEAMS[team]);
                    let Some(period) = periods.iter().find(|period| period.contains(day(at))) else {
                        continue;
                    };
                    *slow.entry((row.to_owned(), period.label.to_string())).or_default() += of_day;
                }
            }
        }
        let key = ColumnKey::target("sales").unwrap();
        let column = panel.column(&key).unwrap();
        let mut found = std::collections::BTreeMap::new();
        let mut cell = 0;
        for period in &periods {
            for row in panel.subjects().labels() {
                if let Some(figure) = column.answer(cell).figure() {
                    let units = figure.amount().unwrap().units();
                    found.insert((row.clone(), period.label.to_string()), units);
                }
                cell += 1;
            }
        }
        prop_assert_eq!(found, slow);
    }

    /// Like for like: on the structure of one day, nobody has moved.
    #[test]
    fn on_the_structure_of_a_day_targets_are_those_of_its_teams(
        moves in moves(),
        at in 0_u64..365,
        total in 0_i64..50_000_000,
    ) {
        let space = space(&moves);
        let plan = plan(&space, Grain::Month, total);
        let year = Calendar::gregorian().year_periods(Grain::Year, 2026).unwrap();
        let axes = [Axis::new("person", "team").unwrap()];
        let panel = plan
            .targets(&Structure::as_it_is(&space, day(at)), &axes, &year)
            .unwrap();
        let mut slow = std::collections::BTreeMap::<String, i64>::new();
        for (person, own) in PEOPLE.iter().zip(&moves) {
            let row = team(own, at).map_or("unassigned", |team| TEAMS[team]);
            let node = plan.frame().find(&[*person]).unwrap();
            *slow.entry(row.to_owned()).or_default() += plan.amount("sales", node).unwrap().units();
        }
        let column = panel.column(&ColumnKey::target("sales").unwrap()).unwrap();
        let found: std::collections::BTreeMap<String, i64> = panel
            .subjects()
            .labels()
            .enumerate()
            .map(|(row, label)| (label, column.answer(row).figure().unwrap().amount().unwrap().units()))
            .collect();
        prop_assert_eq!(found, slow);
    }
}
