//! Planners' verbs on 106,480 rows: 1,331 people in 121 teams of 11 areas, five products, four sorts of sales, four quarters. Fifty locks of
//! people with the parents of all 80 cells of each kept, beside the same amounts worked out by hand in plain tables; one lock; fifty that have no
//! room for their mix, so that a table is found for each; a transfer;
//! and, for size, the cascade and the proof of the whole plan.

#![allow(
    clippy::unwrap_used,
    missing_docs,
    reason = "a bench stops where something is wrong"
)]

use divan::{Bencher, black_box};
use quotaflow::allocation::{Method, WeightPolicy, Weights, allocate};
use quotaflow::calendar::{Calendar, DayRange, Grain};
use quotaflow::document::Version;
use quotaflow::key::Key;
use quotaflow::measure::{Measure, Measures};
use quotaflow::plan::{
    BasisDef, Cascade, CascadeDef, Change, Edit, LockDef, Place, Plan, Reallocation, Sources,
    SplitPart, StepDef, Take,
};
use quotaflow::quantity::{Number, Quantum, Ratio};
use quotaflow::space::{DimensionDef, Space};
use rust_decimal::Decimal;

const WIDTH: usize = 11;
const CELLS: usize = 5 * 4 * 4;
const LOCKS: usize = 50;
const TOTAL: i64 = 1_234_567_890_123;

fn main() {
    let plan = cascade().run_units(TOTAL).unwrap();
    assert_eq!(plan.units("sales", "quarter").unwrap().len(), 106_480);
    let mut locked = plan.clone();
    locked.apply(change(&plan, locks(&plan, LOCKS))).unwrap();
    assert_eq!(locked.units("sales", "quarter").unwrap(), by_hand(&plan));
    divan::main();
}

fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

/// The person who is locked in a team.
fn person(team: usize) -> String {
    format!("a{:02}t{:02}p{:02}", team / WIDTH, team % WIDTH, team % 3)
}

fn cascade() -> Cascade {
    let measure = Measure::flow("sales", "money:EUR".parse().unwrap(), Quantum::CENT).unwrap();
    let measures = Measures::new(vec![measure]).unwrap();
    let mut people = DimensionDef::new("person", &["area", "team", "person"]).unwrap();
    for area in 0..WIDTH {
        let area = format!("a{area:02}");
        people = people.member("area", &area).unwrap();
        for team in 0..WIDTH {
            let team = format!("{area}t{team:02}");
            people = people.child("team", &team, &area).unwrap();
            for person in 0..WIDTH {
                let person = format!("{team}p{person:02}");
                people = people.child("person", &person, &team).unwrap();
            }
        }
    }
    let products = DimensionDef::flat("product", "product", ["x1", "x2", "x3", "x4", "x5"]);
    let sorts = DimensionDef::flat("sort", "sort", ["exp", "mig", "new", "ren"]);
    let space = Space::new(vec![people, products.unwrap(), sorts.unwrap()]).unwrap();
    let calendar = Calendar::gregorian();
    let mut sources = Sources::new(&measures, &space).calendar(&calendar);
    let year = DayRange::new("2026-01-01".parse().unwrap(), "2027-01-01".parse().unwrap());
    let mut def = CascadeDef::new(key("w1"), key("sales"), year.unwrap());
    let member = |dimension, level| StepDef::member(dimension, level).unwrap();
    let steps = [
        (member("person", "area"), 11),
        (member("person", "team"), 121),
        (member("person", "person"), 1_331),
        (member("product", "product"), 6_655),
        (member("sort", "sort"), 26_620),
        (StepDef::grain(Grain::Quarter), 106_480),
    ];
    let mut seed = 0x5A1E_5001_u64;
    for (number, (step, count)) in steps.into_iter().enumerate() {
        let name = key(&format!("w{number}"));
        let mut next = || {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            Decimal::new(i64::try_from(50_000 + seed % 50_000).unwrap(), 4)
        };
        sources = sources.column(name.clone(), (0..count).map(|_| next()).collect());
        def = def.step(step.basis(BasisDef::Column(name)));
    }
    Cascade::compile(def, &sources).unwrap()
}

fn change(plan: &Plan, asked: Reallocation) -> Change {
    Change {
        version: Version::default(),
        by: key("ann"),
        at: "2025-12-05T09:30:00".parse().unwrap(),
        reason: "what we agreed on".to_owned(),
        based_on: plan.version(),
        edits: vec![Edit::Reallocate(asked)],
    }
}

/// Of as many teams one person each at all but three hundredths of what the team has, for whose own mix no team has room.
fn tight(plan: &Plan, count: usize) -> Reallocation {
    let teams = plan.units("sales", "team").unwrap();
    let locks = (0..count).map(|team| {
        let place = Place::whole().at("person", &person(team)).unwrap();
        let total = Quantum::CENT.amount(teams[team] / 100 * 97);
        LockDef::new(place, Number::from(total))
    });
    Reallocation::lock("sales", locks.collect()).unwrap()
}

/// Of as many teams one person each at nine tenths of what the person has.
fn locks(plan: &Plan, count: usize) -> Reallocation {
    let people = plan.units("sales", "person").unwrap();
    let locks = (0..count).map(|team| {
        let has = people[team * WIDTH + team % 3];
        let place = Place::whole().at("person", &person(team)).unwrap();
        LockDef::new(place, Number::from(Quantum::CENT.amount(has / 10 * 9)))
    });
    Reallocation::lock("sales", locks.collect()).unwrap()
}

fn shares(amount: i64, weights: &[i64]) -> Vec<i64> {
    let weights = Weights::new(weights, WeightPolicy::ALLOCATE).unwrap();
    let shares = allocate(amount, &weights, Method::LargestRemainder).unwrap();
    shares.into_shares()
}

/// The same in one table of all rows: the person in their own mix, the others of the team what is left of each cell.
fn by_hand(plan: &Plan) -> Vec<i64> {
    let mut cells = plan.units("sales", "quarter").unwrap().to_vec();
    for (team, rows) in cells.chunks_mut(WIDTH * CELLS).take(LOCKS).enumerate() {
        let own = team % 3 * CELLS..(team % 3 + 1) * CELLS;
        let has: i64 = rows[own.clone()].iter().sum();
        let new = shares(has / 10 * 9, &rows[own.clone()]);
        for (cell, new) in new.into_iter().enumerate() {
            let others: Vec<usize> = (0..WIDTH).filter(|other| *other != team % 3).collect();
            let old: Vec<i64> = others
                .iter()
                .map(|other| rows[other * CELLS + cell])
                .collect();
            let left = old.iter().sum::<i64>() + rows[own.start + cell] - new;
            for (other, share) in others.into_iter().zip(shares(left, &old)) {
                rows[other * CELLS + cell] = share;
            }
            rows[own.start + cell] = new;
        }
    }
    cells
}

#[divan::bench]
fn cascaded(bencher: Bencher<'_, '_>) {
    let cascade = cascade();
    bencher.bench_local(|| cascade.run_units(black_box(TOTAL)).unwrap());
}

#[divan::bench]
fn proved(bencher: Bencher<'_, '_>) {
    let plan = cascade().run_units(TOTAL).unwrap();
    bencher.bench_local(|| black_box(&plan).verify());
}

#[divan::bench(args = [1, LOCKS])]
fn locked(bencher: Bencher<'_, '_>, count: usize) {
    let plan = cascade().run_units(TOTAL).unwrap();
    let change = change(&plan, locks(&plan, count));
    bencher
        .with_inputs(|| (plan.clone(), change.clone()))
        .bench_local_values(|(mut plan, change)| {
            plan.apply(change).unwrap();
            plan
        });
}

#[divan::bench(args = [1, LOCKS])]
fn locked_by_tables(bencher: Bencher<'_, '_>, count: usize) {
    let plan = cascade().run_units(TOTAL).unwrap();
    let change = change(&plan, tight(&plan, count));
    bencher
        .with_inputs(|| (plan.clone(), change.clone()))
        .bench_local_values(|(mut plan, change)| {
            plan.apply(change).unwrap();
            plan
        });
}

#[divan::bench]
fn fifty_locked_by_hand(bencher: Bencher<'_, '_>) {
    let plan = cascade().run_units(TOTAL).unwrap();
    bencher.bench_local(|| by_hand(black_box(&plan)));
}

#[divan::bench]
fn transferred(bencher: Bencher<'_, '_>) {
    let plan = cascade().run_units(TOTAL).unwrap();
    let place = |team| Place::whole().at("person", &person(team)).unwrap();
    let to = vec![SplitPart {
        at: place(60),
        share: Ratio::ONE,
    }];
    let take = Take::Share(Ratio::percent(10));
    let asked = Reallocation::transfer("sales", vec![place(3)], take, to).unwrap();
    let change = change(&plan, asked);
    bencher
        .with_inputs(|| (plan.clone(), change.clone()))
        .bench_local_values(|(mut plan, change)| {
            plan.apply(change).unwrap();
            plan
        });
}
