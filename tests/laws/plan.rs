//! Plans against a slow reference that splits lists of leaves by exact fractions.

use std::collections::BTreeMap;

use proptest::prelude::*;
use quotaflow::allocation::WeightPolicy;
use quotaflow::calendar::{Calendar, DayRange, Grain};
use quotaflow::key::Key;
use quotaflow::measure::{Measure, Measures};
use quotaflow::plan::{
    BasisDef, Cascade, CascadeDef, GivenDef, GivenWeight, NodeId, OverAssignmentDef, Place, Plan,
    PlanError, Sources, StepDef,
};
use quotaflow::quantity::{Quantum, Ratio};
use quotaflow::space::{Axis, DimensionDef, Space, Subjects};

fn key(text: impl AsRef<str>) -> Key {
    Key::new(text).unwrap()
}

/// What a leaf is made of, by the name of the step.
type Leaf = BTreeMap<&'static str, String>;

#[derive(Debug, Clone)]
pub(crate) struct World {
    /// The people of each region.
    regions: Vec<usize>,
    products: usize,
    /// Which person sells which product; empty for everything.
    sells: Vec<bool>,
    steps: Vec<&'static str>,
    /// A weight for every name of every step.
    weights: BTreeMap<String, i64>,
    pub(crate) total: i64,
}

const STEPS: [&str; 5] = ["region", "person", "product", "half", "quarter"];

pub(crate) fn world() -> impl Strategy<Value = World> {
    let shape = (prop::collection::vec(1_usize..4, 1..4), 1_usize..4);
    shape.prop_flat_map(|(regions, products)| {
        let people: usize = regions.iter().sum();
        let sells = prop_oneof![
            Just(Vec::new()),
            prop::collection::vec(prop::bool::weighted(0.6), people * products),
        ];
        let steps = (1_usize..=5, Just(STEPS.to_vec()).prop_shuffle())
            .prop_map(|(count, steps)| steps[..count].to_vec());
        let weights = prop::collection::vec(prop_oneof![0_i64..4, 0_i64..100_000], 24);
        let total = prop_oneof![-50_i64..50, -1_000_000_000_000_i64..1_000_000_000_000];
        (sells, steps, weights, total).prop_map(move |(sells, steps, weights, total)| {
            let mut names: Vec<String> = (0..regions.len()).map(|r| format!("r{r}")).collect();
            names.extend((0..regions.iter().sum()).map(|p| format!("p{p}")));
            names.extend((0..products).map(|p| format!("x{p}")));
            names.extend(["2026-H1", "2026-H2"].map(String::from));
            names.extend((1..=4).map(|q| format!("2026-Q{q}")));
            World {
                regions: regions.clone(),
                products,
                sells,
                steps,
                weights: names.into_iter().zip(weights.into_iter().cycle()).collect(),
                total,
            }
        })
    })
}

impl World {
    fn leaves(&self) -> Vec<Leaf> {
        let mut leaves = Vec::new();
        let mut person = 0;
        for (region, people) in self.regions.iter().enumerate() {
            for _ in 0..*people {
                for product in 0..self.products {
                    if !self.sells.is_empty() && !self.sells[person * self.products + product] {
                        continue;
                    }
                    for quarter in 1..=4 {
                        leaves.push(BTreeMap::from([
                            ("region", format!("r{region}")),
                            ("person", format!("p{person}")),
                            ("product", format!("x{product}")),
                            ("half", format!("2026-H{}", (quarter + 1) / 2)),
                            ("quarter", format!("2026-Q{quarter}")),
                        ]));
                    }
                }
                person += 1;
            }
        }
        leaves
    }

    pub(crate) fn plan(&self) -> Option<Plan> {
        self.padded(None)
    }

    /// The same plan, in which every node hands down so much more than its own amount.
    pub(crate) fn padded(&self, share: Option<Ratio>) -> Option<Plan> {
        if self.leaves().is_empty() {
            // Nobody sells anything.
            return None;
        }
        let cascade = self.compile(share, None).unwrap();
        Some(cascade.run_units(self.total).unwrap())
    }

    /// Whether a step of the plan has a node of this name.
    fn is_planned(&self, step: &str, name: &str) -> bool {
        self.leaves().iter().any(|leaf| leaf[step] == name)
    }

    /// The names of a step, planned or not.
    fn names<'a>(&'a self, step: &'a str) -> impl Iterator<Item = &'a str> {
        let names = self.weights.keys().map(String::as_str);
        names.filter(move |name| match step {
            "half" => name.starts_with("2026-H"),
            "quarter" => name.starts_with("2026-Q"),
            "product" => name.starts_with('x'),
            "region" => name.starts_with('r'),
            _ => name.starts_with('p'),
        })
    }

    /// The recipe, which gives weights to whoever is planned, and to this name too.
    fn compile(&self, share: Option<Ratio>, beside: Option<&str>) -> Result<Cascade, PlanError> {
        let measures = Measures::new(vec![
            Measure::flow("sales", "money:EUR".parse().unwrap(), Quantum::CENT).unwrap(),
        ]);
        let measures = measures.unwrap();
        let mut people = DimensionDef::new("person", &["region", "person"]).unwrap();
        let mut person = 0;
        for (region, count) in self.regions.iter().enumerate() {
            let region = format!("r{region}");
            people = people.member("region", &region).unwrap();
            for _ in 0..*count {
                people = people
                    .child("person", &format!("p{person}"), &region)
                    .unwrap();
                person += 1;
            }
        }
        let names: Vec<String> = (0..self.products).map(|p| format!("x{p}")).collect();
        let products = DimensionDef::flat("product", "product", names.iter().map(String::as_str));
        let space = Space::new(vec![people, products.unwrap()]).unwrap();
        let calendar = Calendar::gregorian();
        let mut sources = Sources::new(&measures, &space).calendar(&calendar);
        if !self.sells.is_empty() {
            let axes = ["person", "product"].map(|level| Axis::new(level, level).unwrap());
            let rows = self
                .sells
                .iter()
                .enumerate()
                .filter(|(_, sells)| **sells)
                .map(|(cell, _)| {
                    let (person, product) = (cell / self.products, cell % self.products);
                    vec![key(format!("p{person}")), key(format!("x{product}"))]
                });
            let rows = Subjects::rows(axes.to_vec(), rows.collect()).unwrap();
            sources = sources.combinations(rows);
        }
        let year = DayRange::new("2026-01-01".parse().unwrap(), "2027-01-01".parse().unwrap());
        let mut def = CascadeDef::new(key("plan"), key("sales"), year.unwrap());
        for step in &self.steps {
            let split = match *step {
                "half" => StepDef::grain(Grain::Half),
                "quarter" => StepDef::grain(Grain::Quarter),
                "product" => StepDef::member("product", "product").unwrap(),
                level => StepDef::member("person", level).unwrap(),
            };
            let own = self
                .names(step)
                .filter(|name| beside == Some(*name) || self.is_planned(step, name));
            let weights = own.map(|name| GivenWeight {
                at: Place::whole().at(step, name).unwrap(),
                weight: Ratio::from(self.weights[name]),
            });
            let given = GivenDef {
                weights: weights.collect(),
                otherwise: None,
            };
            let step = split
                .basis(BasisDef::Given(given))
                .weights(WeightPolicy::SPREAD);
            def = def.step(step);
        }
        for dimension in share.map_or(&[][..], |_| &["person", "product"]) {
            let of = |step: &&&str| match **step {
                "half" | "quarter" => false,
                "product" => *dimension == "product",
                _ => *dimension == "person",
            };
            let levels = self.steps.iter().filter(of).count();
            if levels > 0 {
                let factor = Ratio::ONE.checked_add(share.unwrap_or_default()).unwrap();
                let over = OverAssignmentDef::from_leaves(dimension, vec![factor; levels]);
                def = def.over_assign(over.unwrap());
            }
        }
        Cascade::compile(def, &sources)
    }

    /// The amounts of all nodes by path.
    fn reference(&self) -> BTreeMap<Vec<String>, i64> {
        let mut amounts = BTreeMap::from([(Vec::new(), self.total)]);
        self.split(&[], &self.leaves(), self.total, &mut amounts);
        amounts
    }

    fn split(
        &self,
        path: &[String],
        leaves: &[Leaf],
        amount: i64,
        amounts: &mut BTreeMap<Vec<String>, i64>,
    ) {
        let Some(step) = self.steps.get(path.len()) else {
            return;
        };
        // Names sort in declared order here.
        let mut children: BTreeMap<String, Vec<Leaf>> = BTreeMap::new();
        for leaf in leaves {
            children
                .entry(leaf[step].clone())
                .or_default()
                .push(leaf.clone());
        }
        let mut weights: Vec<i128> = children
            .keys()
            .map(|name| i128::from(self.weights[name]))
            .collect();
        if weights.iter().all(|weight| *weight == 0) {
            weights.fill(1);
        }
        for ((name, leaves), share) in children.iter().zip(largest_remainder(amount, &weights)) {
            let mut path = path.to_vec();
            path.push(name.clone());
            amounts.insert(path.clone(), share);
            self.split(&path, leaves, share, amounts);
        }
    }
}

pub(crate) fn largest_remainder(amount: i64, weights: &[i128]) -> Vec<i64> {
    let sum: i128 = weights.iter().sum();
    let size = i128::from(amount.unsigned_abs());
    let mut shares: Vec<i128> = weights.iter().map(|weight| size * weight / sum).collect();
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by_key(|member| std::cmp::Reverse(size * weights[*member] % sum));
    let spare = usize::try_from(size - shares.iter().sum::<i128>()).unwrap();
    for member in &order[..spare] {
        shares[*member] += 1;
    }
    let sign = i128::from(amount.signum());
    shares
        .iter()
        .map(|share| i64::try_from(share * sign).unwrap())
        .collect()
}

pub(crate) fn nodes(plan: &Plan) -> impl Iterator<Item = NodeId> + '_ {
    let mut found = vec![NodeId::WHOLE];
    let mut next = 0;
    while next < found.len() {
        found.extend(plan.frame().children(found[next]));
        next += 1;
    }
    found.into_iter()
}

fn named(plan: &Plan, node: NodeId) -> Vec<String> {
    plan.frame()
        .path(node)
        .keys()
        .iter()
        .map(ToString::to_string)
        .collect()
}

proptest! {
    #[test]
    fn a_plan_is_its_reference_node_by_node(world in world()) {
        let Some(plan) = world.plan() else { return Ok(()) };
        let found: BTreeMap<Vec<String>, i64> = nodes(&plan)
            .map(|node| (named(&plan, node), plan.amount("sales", node).unwrap().units()))
            .collect();
        prop_assert_eq!(found, world.reference());
        prop_assert_eq!(plan.verify(), vec![]);
    }

    #[test]
    fn a_weight_given_to_who_is_not_planned_is_refused_with_its_place(world in world()) {
        prop_assume!(!world.leaves().is_empty());
        for step in &world.steps {
            for name in world.names(step).filter(|name| !world.is_planned(step, name)) {
                let at = Place::whole().at(step, name).unwrap();
                let refused = world.compile(None, Some(name)).map(|_| ());
                prop_assert_eq!(refused, Err(PlanError::NotPlanned { place: at }));
            }
        }
    }

    #[test]
    fn rolling_up_gives_back_the_total_over_every_hierarchy_and_period_set(world in world()) {
        let Some(plan) = world.plan() else { return Ok(()) };
        let timed = world.steps.iter().any(|step| ["half", "quarter"].contains(step));
        let year = DayRange::new("2026-01-01".parse().unwrap(), "2027-01-01".parse().unwrap()).unwrap();
        let halves = Calendar::gregorian().periods(Grain::Half, year.start(), year.end()).unwrap();
        for level in ["region", "person", "product"] {
            let dimension = if level == "product" { "product" } else { "person" };
            let axes = [Axis::new(dimension, level).unwrap()];
            let planned = world.steps.iter().any(|step| {
                *step == level || (dimension == "person" && ["region", "person"].contains(step))
            });
            let Ok(sums) = plan.roll_up("sales", &axes, timed.then_some(&halves)) else {
                prop_assert!(!planned);
                continue;
            };
            prop_assert_eq!(sums.cells().iter().flatten().sum::<i64>(), world.total);
            // Against the leaves of the plan, one by one.
            let mut expected: BTreeMap<(String, String), i64> = BTreeMap::new();
            for node in nodes(&plan).filter(|node| plan.frame().children(*node).len() == 0) {
                let path = named(&plan, node);
                let at = |step: &str| world.steps.iter().position(|own| *own == step).map(|place| path[place].clone());
                let region = |person: String| {
                    world.leaves().iter().find(|leaf| leaf["person"] == person).map(|leaf| leaf["region"].clone())
                };
                let member = at(level).or_else(|| if level == "region" { at("person").and_then(region) } else { None });
                let half = at("half").or_else(|| at("quarter").map(|quarter| {
                    let late = quarter.as_str() > "2026-Q2";
                    format!("2026-H{}", 1 + u8::from(late))
                }));
                let cell = (member.unwrap_or("unassigned".into()), half.unwrap_or_default());
                *expected.entry(cell).or_default() += plan.amount("sales", node).unwrap().units();
            }
            let mut found = BTreeMap::new();
            for subject in sums.subjects().ids() {
                let halves = sums.periods().map_or(vec![None], |set| set.iter().map(Some).collect());
                for half in halves {
                    let period = half.as_ref().map(|half| half.id);
                    let half = half.map(|half| half.label.to_string());
                    if let Some(sum) = sums.get(subject, period) {
                        found.insert((sums.subjects().label(subject), half.unwrap_or_default()), sum.units());
                    }
                }
            }
            prop_assert_eq!(found, expected);
        }
    }

    #[test]
    fn explanations_recompute_to_every_amount(world in world()) {
        let Some(plan) = world.plan() else { return Ok(()) };
        for node in nodes(&plan) {
            let why = plan.explain("sales", node).unwrap();
            prop_assert_eq!(why.cascaded(), plan.amount("sales", node).unwrap());
        }
    }

    #[test]
    fn a_recipe_reads_back_equal(world in world()) {
        let Some(plan) = world.plan() else { return Ok(()) };
        let text = serde_json::to_string(plan.definition("sales").unwrap()).unwrap();
        let back: CascadeDef = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(&back, plan.definition("sales").unwrap());
        prop_assert_eq!(serde_json::to_string(&back).unwrap(), text);
    }
}
