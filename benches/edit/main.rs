//! Plans through their public interface, beside hand-written programs for exactly the same work and beside the obvious
//! decimals: a cascade to 1.2 million leaves, its verification, a region's total spread again over 60,000 leaves of
//! which a tenth is held, one leaf carried up, and a plan of three percent of the combinations.

#![allow(
    clippy::unwrap_used,
    missing_docs,
    reason = "a bench stops where something is wrong"
)]

#[path = "../cascade/hand.rs"]
mod hand;
mod obvious;
mod region;
#[path = "../fold/resident.rs"]
mod resident;

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use quotaflow::calendar::{Calendar, DayRange, Grain};
use quotaflow::document::Version;
use quotaflow::key::Key;
use quotaflow::measure::{Measure, Measures};
use quotaflow::plan::{
    BasisDef, Cascade, CascadeDef, Change, Edit, HoldEdit, HoldWhat, Place, Plan, Sources, Spread,
    StepDef, Verb,
};
use quotaflow::quantity::{Number, Quantum};
use quotaflow::space::{Axis, DimensionDef, Space, Subjects};
use rust_decimal::Decimal;

pub(crate) const TOTAL: i64 = 12_345_678_901_234;
pub(crate) const PEOPLE: usize = 50;
pub(crate) const PRODUCTS: usize = 100;
pub(crate) const MONTHS: usize = 12;
pub(crate) const LEAVES: usize = PEOPLE * PRODUCTS * MONTHS;
/// The region whose total changes.
const REGION: usize = 7;

fn main() {
    let before = resident::kib("VmRSS");
    let cascade = cascade(20);
    let plan = cascade.run_units(TOTAL).unwrap();
    let grown = 1024 * resident::kib("VmRSS").saturating_sub(before);
    let tenths = 10 * usize::try_from(grown).unwrap() / plan.units("sales", "month").unwrap().len();
    println!(
        "a plan with its structure and weights takes {}.{} bytes a leaf",
        tenths / 10,
        tenths % 10
    );
    drop((plan, cascade));
    divan::main();
}

/// The seeded generator of the inputs (a split-mix sequence).
pub(crate) struct Generator(pub(crate) u64);

impl Generator {
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^= z >> 31;
        u64::try_from((u128::from(z) * u128::from(bound)) >> 64).unwrap_or(0)
    }
}

fn sizes(regions: usize) -> [usize; 4] {
    let people = regions * PEOPLE;
    [
        regions,
        people,
        people * PRODUCTS,
        people * PRODUCTS * MONTHS,
    ]
}

/// Whole weights from 1 to 99,999, level by level: 0.0001 to 9.9999.
fn weights(regions: usize) -> [Vec<u32>; 4] {
    let mut generator = Generator(0x5A1E_5001);
    sizes(regions).map(|members| {
        (0..members)
            .map(|_| 1 + u32::try_from(generator.below(99_999)).unwrap_or(0))
            .collect()
    })
}

fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

fn cascade(regions: usize) -> Cascade {
    let measure = Measure::flow("sales", "money:EUR".parse().unwrap(), Quantum::CENT).unwrap();
    let measures = Measures::new(vec![measure]).unwrap();
    let mut people = DimensionDef::new("person", &["region", "person"]).unwrap();
    for region in 0..regions {
        let name = format!("r{region:02}");
        people = people.member("region", &name).unwrap();
        for person in 0..PEOPLE {
            people = people
                .child("person", &format!("{name}p{person:02}"), &name)
                .unwrap();
        }
    }
    let names: Vec<String> = (0..PRODUCTS)
        .map(|product| format!("x{product:02}"))
        .collect();
    let products = DimensionDef::flat("product", "product", names.iter().map(String::as_str));
    let space = Space::new(vec![people, products.unwrap()]).unwrap();
    let calendar = Calendar::gregorian();
    let mut sources = Sources::new(&measures, &space).calendar(&calendar);
    let year = DayRange::new("2026-01-01".parse().unwrap(), "2027-01-01".parse().unwrap());
    let mut def = CascadeDef::new(key("w1"), key("sales"), year.unwrap());
    let steps = [
        StepDef::member("person", "region").unwrap(),
        StepDef::member("person", "person").unwrap(),
        StepDef::member("product", "product").unwrap(),
        StepDef::grain(Grain::Month),
    ];
    for ((step, column), name) in steps
        .into_iter()
        .zip(weights(regions))
        .zip(["a", "b", "c", "d"])
    {
        let decimals = column
            .iter()
            .map(|whole| Decimal::new(i64::from(*whole), 4))
            .collect();
        sources = sources.column(key(name), decimals);
        def = def.step(step.basis(BasisDef::Column(key(name))));
    }
    Cascade::compile(def, &sources).unwrap()
}

fn by_hand(weights: &[Vec<u32>; 4]) -> [Vec<i64>; 4] {
    let mut plan = sizes(20).map(|members| vec![0; members]);
    let mut keys = Vec::new();
    let [regions, people, products, months] = &mut plan;
    hand::large(TOTAL, &weights[0], regions, &mut keys);
    for ((amount, weights), shares) in regions
        .iter()
        .zip(weights[1].chunks_exact(PEOPLE))
        .zip(people.chunks_exact_mut(PEOPLE))
    {
        hand::large(*amount, weights, shares, &mut keys);
    }
    for ((amount, weights), shares) in people
        .iter()
        .zip(weights[2].chunks_exact(PRODUCTS))
        .zip(products.chunks_exact_mut(PRODUCTS))
    {
        hand::large(*amount, weights, shares, &mut keys);
    }
    hand::months(products, &weights[3], months);
    plan
}

#[divan::bench]
fn cascade_plan(bencher: Bencher<'_, '_>) {
    let cascade = cascade(20);
    let plan = cascade.run_units(TOTAL).unwrap();
    let hand = by_hand(&weights(20));
    assert_eq!(plan.units("sales", "month").unwrap(), hand[3]);
    bencher
        .counter(ItemsCount::new(20 * LEAVES))
        .bench_local(|| cascade.run_units(black_box(TOTAL)).unwrap());
}

#[divan::bench]
fn cascade_by_hand(bencher: Bencher<'_, '_>) {
    let weights = weights(20);
    bencher
        .counter(ItemsCount::new(20 * LEAVES))
        .bench_local(|| by_hand(black_box(&weights)));
}

#[divan::bench]
fn verify_plan(bencher: Bencher<'_, '_>) {
    let plan = cascade(20).run_units(TOTAL).unwrap();
    bencher
        .counter(ItemsCount::new(20 * LEAVES))
        .bench_local(|| black_box(&plan).verify().len());
}

/// Which leaves of the region are held: one in ten.
pub(crate) fn held() -> Vec<bool> {
    let mut generator = Generator(0x10CC);
    (0..LEAVES).map(|_| generator.below(10) == 0).collect()
}

fn change(plan: &Plan, edit: Edit) -> Change {
    Change {
        version: Version::default(),
        by: key("bench"),
        at: "2026-01-05T09:30:00".parse().unwrap(),
        reason: String::new(),
        based_on: plan.version(),
        edits: vec![edit],
    }
}

fn held_plan() -> Plan {
    let mut plan = cascade(20).run_units(TOTAL).unwrap();
    let name = format!("r{REGION:02}");
    let region = plan.frame().find(&[&name]).unwrap();
    let mut leaves = Vec::with_capacity(LEAVES);
    for person in plan.frame().children(region) {
        for product in plan.frame().children(person) {
            leaves.extend(plan.frame().children(product));
        }
    }
    let places = leaves.iter().zip(held()).filter(|(_, held)| *held);
    let hold = HoldEdit {
        measure: key("sales"),
        at: places.map(|(leaf, _)| plan.frame().place(*leaf)).collect(),
        what: HoldWhat::Total,
    };
    let made = change(&plan, Edit::Hold(hold));
    plan.apply(made).unwrap();
    plan
}

fn region_edit(amount: i64) -> Edit {
    let place = Place::whole()
        .at("region", &format!("r{REGION:02}"))
        .unwrap();
    let amount = Number::from(Quantum::CENT.amount(amount));
    Edit::Spread(Spread::new("sales", place, Verb::Basis { amount }).unwrap())
}

fn region_input(plan: &Plan) -> region::Input {
    let weights = weights(20);
    let part = |column: &[u32], width: usize| column[REGION * width..(REGION + 1) * width].to_vec();
    let leaves = plan.units("sales", "month").unwrap();
    region::Input {
        people: part(&weights[1], PEOPLE),
        products: part(&weights[2], PEOPLE * PRODUCTS),
        months: part(&weights[3], LEAVES),
        held: held(),
        old: leaves[REGION * LEAVES..(REGION + 1) * LEAVES].to_vec(),
    }
}

#[divan::bench(sample_count = 60, sample_size = 1)]
fn edit_region_plan(bencher: Bencher<'_, '_>) {
    let mut plan = held_plan();
    let node = plan.frame().find(&[&format!("r{REGION:02}")]).unwrap();
    let total = plan.amount("sales", node).unwrap().units();
    let input = region_input(&plan);
    let mut raised = total + total / 20;
    let made = change(&plan, region_edit(raised));
    plan.apply(made).unwrap();
    let found = &plan.units("sales", "month").unwrap()[REGION * LEAVES..(REGION + 1) * LEAVES];
    assert_eq!(
        found,
        region::respread(&input, raised, &mut region::Space::default())
    );
    assert_eq!(found, obvious::respread(&input, raised));
    bencher.counter(ItemsCount::new(LEAVES)).bench_local(|| {
        raised = 2 * total + total / 20 - raised;
        let made = change(&plan, region_edit(raised));
        plan.apply(made).unwrap()
    });
}

#[divan::bench(sample_count = 60, sample_size = 1)]
fn edit_region_by_hand(bencher: Bencher<'_, '_>) {
    let plan = held_plan();
    let input = region_input(&plan);
    let total: i64 = input.old.iter().sum();
    let mut space = region::Space::default();
    bencher
        .counter(ItemsCount::new(LEAVES))
        .bench_local(|| region::respread(black_box(&input), total + total / 20, &mut space).len());
}

#[divan::bench(sample_count = 20, sample_size = 1)]
fn edit_region_obvious(bencher: Bencher<'_, '_>) {
    let plan = held_plan();
    let input = region_input(&plan);
    let total: i64 = input.old.iter().sum();
    bencher
        .counter(ItemsCount::new(LEAVES))
        .bench_local(|| obvious::respread(black_box(&input), total + total / 20));
}

/// One leaf changed and carried up, in plans of 120,000 and of 1.2 million leaves.
#[divan::bench(args = [2, 20], sample_count = 200)]
fn edit_leaf(bencher: Bencher<'_, '_>, regions: usize) {
    let mut plan = cascade(regions).run_units(TOTAL).unwrap();
    let names = [
        ("region", "r01"),
        ("person", "r01p07"),
        ("product", "x42"),
        ("month", "2026-05"),
    ];
    let place: Place = names
        .map(|(step, member)| (key(step), key(member)))
        .into_iter()
        .collect();
    let mut cents = 100_000;
    bencher.bench_local(|| {
        cents += 1;
        let amount = Number::from(Decimal::new(cents, 2));
        let spread = Spread::new("sales", place.clone(), Verb::Proportional { amount }).unwrap();
        let made = change(&plan, Edit::Spread(spread));
        plan.apply(made).unwrap()
    });
}

/// 200 members, 500 products and 12 months, of which so many of a hundred combinations exist.
#[divan::bench(args = [3, 100])]
fn sparse(bencher: Bencher<'_, '_>, percent: u64) {
    let measure = Measure::flow("sales", "money:EUR".parse().unwrap(), Quantum::CENT).unwrap();
    let measures = Measures::new(vec![measure]).unwrap();
    let names = |letter: &str, count: usize| -> Vec<String> {
        (0..count)
            .map(|number| format!("{letter}{number:03}"))
            .collect()
    };
    let (members, products) = (names("m", 200), names("x", 500));
    let flat = |name: &str, keys: &[String]| {
        DimensionDef::flat(name, name, keys.iter().map(String::as_str)).unwrap()
    };
    let space = Space::new(vec![flat("member", &members), flat("product", &products)]).unwrap();
    let mut generator = Generator(3);
    let mut rows = Vec::new();
    for member in &members {
        for product in &products {
            if generator.below(100) < percent {
                rows.push(vec![key(member), key(product)]);
            }
        }
    }
    let axes = ["member", "product"].map(|name| Axis::new(name, name).unwrap());
    let combinations = Subjects::rows(axes.to_vec(), rows).unwrap();
    let calendar = Calendar::gregorian();
    let sources = Sources::new(&measures, &space)
        .calendar(&calendar)
        .combinations(combinations);
    let year = DayRange::new("2026-01-01".parse().unwrap(), "2027-01-01".parse().unwrap());
    let def = CascadeDef::new(key("sparse"), key("sales"), year.unwrap())
        .step(StepDef::member("member", "member").unwrap())
        .step(StepDef::member("product", "product").unwrap())
        .step(StepDef::grain(Grain::Month));
    let cascade = Cascade::compile(def, &sources).unwrap();
    bencher
        .counter(ItemsCount::new(cascade.frame().leaves()))
        .bench_local(|| cascade.run_units(black_box(TOTAL)).unwrap());
}
