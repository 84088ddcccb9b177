//! Lots by cell against a slow reading of a plan's nodes.

use proptest::prelude::*;
use quotaflow::allocation::{Lot, Lots, Method, WeightPolicy, Weights, allocate_within};
use quotaflow::calendar::DayRange;
use quotaflow::document::Version;
use quotaflow::key::Key;
use quotaflow::measure::{Measure, Measures};
use quotaflow::plan::{
    BasisDef, Cascade, CascadeDef, Change, Edit, GivenDef, GivenWeight, Place, Plan, Sources,
    Spread, StepDef, Verb,
};
use quotaflow::quantity::{Number, Quantum};
use quotaflow::space::{DimensionDef, Space};

const REGIONS: [&str; 3] = ["r0", "r1", "r2"];
const PRODUCTS: [&str; 4] = ["x0", "x1", "x2", "x3"];
/// Each divides the next.
const LOTS: [i64; 4] = [1, 3, 12, 60];

#[derive(Debug, Clone)]
struct World {
    weights: Vec<i64>,
    /// Of each product the lot, by its place in the list, and another one in one region.
    lots: Vec<usize>,
    other: (usize, usize, usize),
    total: i64,
}

fn world() -> impl Strategy<Value = World> {
    (
        prop::collection::vec(1_i64..1_000, 7),
        prop::collection::vec(0_usize..4, 4),
        (0_usize..3, 0_usize..4, 0_usize..4),
        -3_000_i64..3_000,
    )
        .prop_map(|(weights, lots, other, total)| World {
            weights,
            lots,
            other,
            total: total * 60,
        })
}

fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

fn place(fixed: &[(&str, &str)]) -> Place {
    fixed
        .iter()
        .map(|(step, member)| (key(step), key(member)))
        .collect()
}

fn given(step: &str, names: &[&str], weights: &[i64]) -> BasisDef {
    let weights = names.iter().zip(weights).map(|(name, weight)| GivenWeight {
        at: place(&[(step, name)]),
        weight: (*weight).into(),
    });
    BasisDef::Given(GivenDef {
        weights: weights.collect(),
        otherwise: None,
    })
}

impl World {
    fn lot(&self, region: usize, product: usize) -> i64 {
        let (own_region, own_product, own) = self.other;
        if (region, product) == (own_region, own_product) {
            LOTS[own]
        } else {
            LOTS[self.lots[product]]
        }
    }

    fn plan(&self) -> Plan {
        let pieces = Measure::flow("pieces", "count:piece".parse().unwrap(), Quantum::ONE);
        let measures = Measures::new(vec![pieces.unwrap()]).unwrap();
        let space = Space::new(vec![
            DimensionDef::flat("region", "region", REGIONS).unwrap(),
            DimensionDef::flat("product", "product", PRODUCTS).unwrap(),
        ]);
        let year = DayRange::new("2026-01-01".parse().unwrap(), "2027-01-01".parse().unwrap());
        let mut products = StepDef::member("product", "product").unwrap().basis(given(
            "product",
            &PRODUCTS,
            &self.weights[3..],
        ));
        for (name, lot) in PRODUCTS.iter().zip(&self.lots) {
            products = products.lot_at(place(&[("product", name)]), LOTS[*lot].into());
        }
        let (region, product, lot) = self.other;
        let own = place(&[("region", REGIONS[region]), ("product", PRODUCTS[product])]);
        let regions = StepDef::member("region", "region").unwrap().basis(given(
            "region",
            &REGIONS,
            &self.weights[..3],
        ));
        let def = CascadeDef::new(key("plan"), key("pieces"), year.unwrap())
            .step(regions)
            .step(products.lot_at(own, LOTS[lot].into()));
        let space = space.unwrap();
        let cascade = Cascade::compile(def, &Sources::new(&measures, &space)).unwrap();
        cascade.run_units(self.total).unwrap()
    }

    /// The smallest lot of a region's products: what the region's own amount is a multiple of.
    fn smallest(&self, region: usize) -> i64 {
        (0..4)
            .map(|product| self.lot(region, product))
            .min()
            .unwrap()
    }
}

fn split(total: i64, weights: &[i64], lots: &[i64]) -> Vec<i64> {
    let weights = Weights::new(weights, WeightPolicy::ALLOCATE).unwrap();
    let lots = lots
        .iter()
        .map(|lot| Lot::new(u32::try_from(*lot).unwrap()).unwrap());
    let lots = Lots::Each(lots.collect());
    let within = allocate_within(total, &weights, Method::LargestRemainder, &[], &lots);
    within.unwrap().into_shares()
}

fn keeps_lots(world: &World, plan: &Plan) -> Result<(), TestCaseError> {
    prop_assert_eq!(plan.verify(), []);
    let cells = plan.units("pieces", "product").unwrap();
    for region in 0..3 {
        for product in 0..4 {
            prop_assert_eq!(cells[region * 4 + product] % world.lot(region, product), 0);
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn every_node_is_shared_in_the_lots_of_its_cells(world in world()) {
        let plan = world.plan();
        keeps_lots(&world, &plan)?;
        let smallest: Vec<i64> = (0..3).map(|region| world.smallest(region)).collect();
        let regions = split(world.total, &world.weights[..3], &smallest);
        prop_assert_eq!(plan.units("pieces", "region").unwrap(), &regions);
        for (region, amount) in regions.iter().enumerate() {
            let lots: Vec<i64> = (0..4).map(|product| world.lot(region, product)).collect();
            let cells = split(*amount, &world.weights[3..], &lots);
            prop_assert_eq!(&plan.units("pieces", "product").unwrap()[region * 4..region * 4 + 4], &cells);
        }
        for index in 0..12 {
            let cell = plan.frame().find(&[REGIONS[index / 4], PRODUCTS[index % 4]]).unwrap();
            let why = plan.explain("pieces", cell).unwrap();
            prop_assert_eq!(why.cascaded(), why.amount);
        }
    }

    #[test]
    fn edits_keep_the_lots_of_every_cell(world in world(), edits in prop::collection::vec((0_usize..3, 0_i64..200, 0_usize..4), 1..6)) {
        let mut plan = world.plan();
        for (region, lots, verb) in edits {
            let amount = Number::from(lots * world.smallest(region));
            let by_weight = matches!(verb, 0 | 2);
            let verb = match verb {
                0 => Verb::Basis { amount },
                1 => Verb::Proportional { amount },
                2 => Verb::Equal { amount },
                _ => Verb::PercentChange { by: "0.17".parse().unwrap() },
            };
            let spread = Spread::new("pieces", place(&[("region", REGIONS[region])]), verb);
            let made = plan.apply(Change {
                version: Version::default(),
                by: key("ann"),
                at: "2026-01-05T09:30:00".parse().unwrap(),
                reason: String::new(),
                based_on: plan.version(),
                edits: vec![Edit::Spread(spread.unwrap())],
            });
            // Where the product of the smallest lot has nothing, its own proportion cannot take what the others leave.
            prop_assert!(made.is_ok() || !by_weight, "{:?}", made);
            keeps_lots(&world, &plan)?;
        }
    }
}
