//! Stretches of cells: edits add up in any order, days before them never change, and what is handed over is neither lost nor
//! counted twice. The slow way keeps a list of additions for each cell and counts days one by one.

#![allow(
    clippy::comparison_chain,
    clippy::cast_possible_truncation,
    reason = "days of a year are few"
)]

use crate::at::Levels;
use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use proptest::prelude::*;
use quotaflow::calendar::{Calendar, DayRange, Grain};
use quotaflow::document::Version;
use quotaflow::key::Key;
use quotaflow::measure::{Measure, Measures};
use quotaflow::plan::{
    Absence, Balance, Cascade, CascadeDef, Change, Edit, Goes, HoldEdit, HoldWhat, Joining,
    Leaving, Merging, Moving, NodeId, Offset, Place, Plan, PlanRecord, Sources, SplitPart,
    Splitting, StepDef, Stretch, StretchEdit, Swapping,
};
use quotaflow::quantity::{Number, Quantum, Ratio};
use quotaflow::space::{DimensionDef, Space};

const PEOPLE: [&str; 4] = ["ann", "bo", "cy", "di"];
const DAYS: u64 = 90;

fn key(name: &str) -> Key {
    Key::new(name).unwrap()
}

fn day(offset: u64) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 1, 1).unwrap() + Days::new(offset)
}

fn range(from: u64, to: u64) -> DayRange {
    DayRange::new(day(from), day(to)).unwrap()
}

fn person(name: &str) -> Place {
    Place::whole().at("person", name).unwrap()
}

/// The first quarter of two teams of two, by people and months.
fn plan(total: i64) -> Plan {
    let sales = Measure::flow("sales", "money:EUR".parse().unwrap(), Quantum::CENT).unwrap();
    let measures = Measures::new(vec![sales]).unwrap();
    let mut people = DimensionDef::new("person", &["team", "person"]).unwrap();
    for team in ["north", "south"] {
        people = people.member("team", team).unwrap();
    }
    for (name, team) in PEOPLE.iter().zip(["north", "north", "south", "south"]) {
        people = people.child("person", name, team).unwrap();
    }
    let (space, calendar) = (Space::new(vec![people]).unwrap(), Calendar::gregorian());
    let sources = Sources::new(&measures, &space).calendar(&calendar);
    let recipe = CascadeDef::new(key("quarter"), key("sales"), range(0, DAYS))
        .step(StepDef::member("person", "team").unwrap())
        .step(StepDef::member("person", "person").unwrap())
        .step(StepDef::grain(Grain::Month));
    Cascade::compile(recipe, &sources)
        .unwrap()
        .run_units(total)
        .unwrap()
}

fn change(plan: &Plan, edits: Vec<Edit>) -> Change {
    Change {
        version: Version::default(),
        by: key("lea"),
        at: "2026-01-05T09:30:00".parse().unwrap(),
        reason: "moved".to_owned(),
        based_on: plan.version(),
        edits,
    }
}

/// Rounds half to even.
fn nearest(top: i128, bottom: i128) -> i128 {
    let (whole, rest) = (top.div_euclid(bottom), top.rem_euclid(bottom));
    whole + i128::from(2 * rest > bottom || (2 * rest == bottom && whole % 2 != 0))
}

/// A month: its days from the first of the year, and what was added on which of them.
#[derive(Clone)]
struct Cell {
    days: (u64, u64),
    base: i128,
    added: BTreeMap<(u64, u64), i128>,
}

impl Cell {
    fn until(&self, end: u64) -> i128 {
        Self::part(self.days, self.base, end) + self.added_until(end)
    }

    fn added_until(&self, end: u64) -> i128 {
        let added = self.added.iter();
        added
            .map(|(days, units)| Self::part(*days, *units, end))
            .sum()
    }

    fn part((from, to): (u64, u64), units: i128, end: u64) -> i128 {
        let done = (from..to).filter(|day| *day < end).count() as i128;
        nearest(units * done, i128::from(to - from))
    }

    fn units(&self) -> i128 {
        self.until(self.days.1)
    }

    /// Adds on the days of a stretch, and takes it from the later days of the cell where there are any.
    fn edit(&mut self, (from, to): (u64, u64), units: i128, later: bool) {
        let (first, last) = (from.max(self.days.0), to.min(self.days.1));
        let mut add = |days: (u64, u64), units: i128| {
            if days == self.days {
                self.base += units;
            } else {
                *self.added.entry(days).or_default() += units;
            }
        };
        add((first, last), units);
        if later && last < self.days.1 {
            add((last, self.days.1), -units);
        }
    }

    fn runs_backwards(&self) -> bool {
        let mut points = vec![self.days.0, self.days.1];
        for ((from, to), units) in &self.added {
            if *units != 0 {
                points.extend([*from, *to]);
            }
        }
        points.sort_unstable();
        points.dedup();
        let units = self.units();
        points.windows(2).any(|pair| {
            let part = self.until(pair[1]) - self.until(pair[0]);
            (part < 0 && units >= 0) || (part > 0 && units <= 0)
        })
    }
}

fn months() -> [(&'static str, u64, u64); 3] {
    [("2026-01", 0, 31), ("2026-02", 31, 59), ("2026-03", 59, 90)]
}

fn cell_of(plan: &Plan, team: &str, name: &str, month: &str) -> NodeId {
    plan.frame().find(&[team, name, month]).unwrap()
}

fn units(plan: &Plan, node: NodeId) -> i64 {
    plan.amount("sales", node).unwrap().units()
}

fn all(plan: &Plan) -> Vec<Vec<i64>> {
    plan.levels("sales")
}

/// What of each person falls on each day.
fn by_day(plan: &Plan) -> Vec<Vec<i64>> {
    let one = |name: &&str| {
        let day = |at| Stretch::new(person(name), range(at, at + 1));
        let days = (0..DAYS).map(|at| plan.stretch("sales", &day(at)).unwrap().units());
        days.collect()
    };
    PEOPLE.iter().map(one).collect()
}

fn edits() -> impl Strategy<Value = Vec<(u64, u64, i64, bool)>> {
    // Inside one month, so that no share of an addition depends on what others did before.
    let one = (
        0_usize..3,
        0_u64..31,
        1_u64..31,
        -40_000_i64..40_000,
        any::<bool>(),
    );
    prop::collection::vec(one, 1..5).prop_map(|edits| {
        let clip = |(month, from, long, units, later): (usize, u64, u64, i64, bool)| {
            let (_, first, last) = months()[month];
            let from = first + from % (last - first);
            (from, (from + long).min(last), units, later)
        };
        edits.into_iter().map(clip).collect()
    })
}

fn stretch_edits(edits: &[(u64, u64, i64, bool)]) -> Vec<Edit> {
    let one = |(from, to, units, later): &(u64, u64, i64, bool)| {
        Edit::Stretch(StretchEdit {
            measure: key("sales"),
            stretch: Stretch::new(person("ann"), range(*from, *to)),
            add: Number::from(rust_decimal::Decimal::new(*units, 2)),
            offset: if *later { Offset::Later } else { Offset::Above },
        })
    };
    edits.iter().map(one).collect()
}

fn verbs() -> impl Strategy<Value = Edit> {
    let who = || prop::sample::select(PEOPLE.to_vec());
    let balance = prop_oneof![
        Just(Balance::Siblings),
        who().prop_map(|name| Balance::Place(person(name))),
    ];
    let amount =
        (-500_i64..50_000).prop_map(|units| Number::from(rust_decimal::Decimal::new(units, 2)));
    (
        0_usize..8,
        (who(), who(), who()),
        (0_u64..DAYS, 1_u64..60),
        balance,
        amount,
        0_u32..5,
    )
        .prop_map(
            |(verb, (at, with, third), (from, long), balance, amount, part)| {
                let (measure, first) = (key("sales"), day(from));
                match verb {
                    0 => Edit::Join(Joining {
                        measure,
                        at: person(at),
                        from: first,
                        amount,
                        balance,
                        new: None,
                    }),
                    1 => Edit::Leave(Leaving {
                        measure,
                        at: person(at),
                        from: first,
                        balance,
                    }),
                    2 => Edit::Absent(Absence {
                        measure,
                        at: person(at),
                        days: range(from, (from + long).min(DAYS)),
                        share: Ratio::new(i128::from(part), 4).unwrap(),
                        balance,
                    }),
                    3 => Edit::Swap(Swapping {
                        measure,
                        at: person(at),
                        with: person(with),
                        from: first,
                    }),
                    4 => Edit::Merge(Merging {
                        measure,
                        at: vec![person(at), person(with)],
                        into: person(third),
                        from: first,
                    }),
                    5 => Edit::Split(Splitting {
                        measure,
                        at: person(at),
                        into: vec![
                            SplitPart {
                                at: person(with),
                                share: Ratio::ONE,
                            },
                            SplitPart {
                                at: person(third),
                                share: Ratio::new(i128::from(part), 3).unwrap(),
                            },
                        ],
                        from: first,
                    }),
                    6 => Edit::End(Leaving {
                        measure,
                        at: person(at),
                        from: first,
                        balance,
                    }),
                    _ => Edit::Move(Moving {
                        measure,
                        at: person(at),
                        to: person(with),
                        from: first,
                        target: if part < 2 {
                            Goes::Follows
                        } else if part == 2 {
                            Goes::Amount(amount)
                        } else {
                            Goes::Stays
                        },
                        balance,
                    }),
                }
            },
        )
}

/// The first day that a verb is about.
fn begins(edit: &Edit) -> NaiveDate {
    match edit {
        Edit::Join(edit) => edit.from,
        Edit::Leave(edit) | Edit::End(edit) => edit.from,
        Edit::Absent(edit) => edit.days.start(),
        Edit::Swap(edit) => edit.from,
        Edit::Merge(edit) => edit.from,
        Edit::Split(edit) => edit.from,
        Edit::Move(edit) => edit.from,
        _ => day(0),
    }
}

proptest! {
    #![proptest_config(crate::cases(64))]

    #[test]
    fn edits_of_stretches_add_up_as_the_slow_way_does_in_any_order(
        total in 0_i64..2_000_000,
        edits in edits(),
        turn in 0_usize..5,
    ) {
        let mut plan = plan(total);
        let mut cells: Vec<Cell> = months()
            .iter()
            .map(|(month, from, to)| Cell {
                days: (*from, *to),
                base: i128::from(units(&plan, cell_of(&plan, "north", "ann", month))),
                added: BTreeMap::new(),
            })
            .collect();
        for (from, to, units, later) in &edits {
            let cell = cells.iter_mut().find(|cell| cell.days.0 <= *from && *from < cell.days.1).unwrap();
            cell.edit((*from, *to), i128::from(*units), *later);
        }
        let mut turned = edits.clone();
        turned.rotate_left(turn % edits.len());
        let mut other = plan.clone();
        let before = all(&plan);
        let made = change(&plan, stretch_edits(&edits));
        let again = change(&plan, stretch_edits(&turned));
        let (done, turned) = (plan.apply(made), other.apply(again));
        prop_assert_eq!(done.is_ok(), turned.is_ok());
        prop_assert_eq!(done.is_err(), cells.iter().any(Cell::runs_backwards), "{:?}", done);
        if done.is_err() {
            prop_assert_eq!(all(&plan), before);
            return Ok(());
        }
        prop_assert_eq!(plan.verify(), vec![]);
        prop_assert_eq!(all(&plan), all(&other));
        for (cell, (_, first, last)) in cells.iter().zip(months()) {
            for end in first..=last {
                let asked = Stretch::new(person("ann"), range(first, end));
                let found = if first == end { 0 } else { plan.stretch("sales", &asked).unwrap().units() };
                prop_assert_eq!(i128::from(found), cell.until(end));
                if end < last {
                    // What edits brought to the rest is told edit by edit.
                    let rest = Stretch::new(person("ann"), range(end, last));
                    let why = plan.explain_stretch("sales", &rest).unwrap();
                    let told: i64 = why.cells[0].edits.iter().map(|(_, part)| part.units()).sum();
                    prop_assert_eq!(i128::from(told), cell.added_until(last) - cell.added_until(end));
                }
            }
        }
        prop_assert_eq!(by_day(&plan), by_day(&other));
        let text = serde_json::to_string(&plan.record()).unwrap();
        let loaded = serde_json::from_str::<PlanRecord>(&text).unwrap().load().unwrap();
        prop_assert_eq!(by_day(&loaded), by_day(&plan));
        let mut plan = plan;
        let revert = change(&plan, vec![Edit::Revert { to: 0 }]);
        plan.apply(revert).unwrap();
        prop_assert_eq!(all(&plan), before);
        prop_assert_eq!(plan.verify(), vec![]);
    }

    #[test]
    fn what_is_handed_over_is_neither_lost_nor_counted_twice(
        total in 100_000_i64..2_000_000,
        verbs in prop::collection::vec(verbs(), 1..5),
        close in any::<bool>(),
    ) {
        let mut plan = plan(total);
        if close {
            let edit = change(&plan, vec![Edit::Close { before: day(31) }]);
            plan.apply(edit).unwrap();
        }
        for verb in verbs {
            let before = (all(&plan), by_day(&plan));
            let made = change(&plan, vec![verb.clone()]);
            let done = plan.apply(made);
            prop_assert_eq!(plan.verify(), vec![], "{:?}", verb);
            let after = (all(&plan), by_day(&plan));
            let Ok(version) = done else {
                prop_assert_eq!(after, before);
                continue;
            };
            // The whole is what it was, in every month too; days before the first one, and closed ones, never change.
            prop_assert_eq!(after.0[0][0], before.0[0][0]);
            for (number, (month, first, last)) in months().iter().enumerate() {
                let sum = |levels: &Vec<Vec<i64>>| levels[3].iter().skip(number).step_by(3).sum::<i64>();
                prop_assert_eq!(sum(&after.0), sum(&before.0), "{}", month);
                for (person, (now, then)) in after.1.iter().zip(&before.1).enumerate() {
                    let kept = (*first..*last).filter(|at| day(*at) < begins(&verb) || (close && *at < 31));
                    for at in kept {
                        prop_assert_eq!(now[at as usize], then[at as usize], "{} {} {:?}", PEOPLE[person], at, verb);
                    }
                }
            }
            // What it tells is what it did.
            let mut told = BTreeMap::<String, i64>::new();
            for own in plan.handovers(version).unwrap().iter().filter(|own| !own.closed) {
                for (path, sign) in [(&own.from, -1), (&own.to, 1)] {
                    let path = path.as_ref().map(ToString::to_string).unwrap_or_default();
                    *told.entry(path).or_default() += sign * own.amount.units();
                }
            }
            let mut moved = BTreeMap::<String, i64>::new();
            for difference in plan.differences(version - 1, version).unwrap() {
                if plan.frame().step_of(difference.node).is_some_and(|step| step == "month") {
                    moved.insert(difference.path.to_string(), difference.after.units() - difference.before.units());
                }
            }
            told.retain(|_, units| *units != 0);
            prop_assert_eq!(told, moved);
            let text = serde_json::to_string(&plan.record()).unwrap();
            let loaded = serde_json::from_str::<PlanRecord>(&text).unwrap().load().unwrap();
            prop_assert_eq!(by_day(&loaded), after.1);
        }
    }

    #[test]
    fn a_held_stretch_is_checked_and_changes_nothing(
        total in 100_000_i64..2_000_000,
        (from, long) in (0_u64..60, 1_u64..30),
        verb in verbs(),
    ) {
        let mut plan = plan(total);
        let stretch = Stretch::new(person("ann"), range(from, from + long));
        let free = plan.clone();
        let hold = Edit::Hold(HoldEdit {
            measure: key("sales"),
            at: vec![stretch.at.clone()],
            what: HoldWhat::Days(stretch.days),
        });
        let made = change(&plan, vec![hold]);
        plan.apply(made).unwrap();
        prop_assert_eq!(all(&plan), all(&free));
        let held = plan.stretch("sales", &stretch).unwrap();
        let mut free = free;
        let (made, also) = (change(&plan, vec![verb.clone()]), change(&free, vec![verb]));
        let (done, also) = (plan.apply(made), free.apply(also));
        prop_assert_eq!(plan.stretch("sales", &stretch).unwrap(), held);
        prop_assert_eq!(done.is_ok(), also.is_ok() && free.stretch("sales", &stretch).unwrap() == held);
        prop_assert_eq!(plan.verify(), vec![]);
    }
}
