//! Stocks, ratings and links under any changes: they keep their laws, or nothing changes.

use crate::at::Levels;
use chrono::NaiveDate;
use proptest::prelude::*;
use proptest::sample::Index;
use quotaflow::calendar::{Calendar, DayRange, Grain};
use quotaflow::document::Version;
use quotaflow::key::Key;
use quotaflow::measure::{Additivity, Measure, Measures};
use quotaflow::plan::{
    BasisDef, Cascade, CascadeDef, Change, Edit, GivenDef, GivenWeight, GivesWay, GrowthOf,
    HoldEdit, HoldWhat, Mode, NodeId, Place, Plan, PlanRecord, RatioEdit, RatioRuleDef,
    RepeatCells, Sources, Spread, StepDef, Verb, Yielding,
};
use quotaflow::quantity::{Number, Quantum, Ratio};
use quotaflow::space::{DimensionDef, Space};

use crate::plan::nodes;

const STEPS: [&str; 4] = ["region", "person", "quarter", "month"];

#[derive(Debug, Clone)]
struct World {
    regions: Vec<usize>,
    steps: Vec<&'static str>,
    weights: Vec<i64>,
    /// The lot of each step.
    lots: Vec<i64>,
    /// Balances of periods.
    points: Vec<(Place, i64)>,
    opening: Option<i64>,
    total: i64,
}

#[derive(Debug, Clone)]
struct Draft {
    measure: Index,
    node: Index,
    kind: u8,
    amount: i64,
    mode: Mode,
}

fn world() -> impl Strategy<Value = World> {
    let steps = (1_usize..=4, Just(STEPS.to_vec()).prop_shuffle());
    let steps = steps.prop_map(|(count, steps)| steps[..count].to_vec());
    let regions = prop::collection::vec(1_usize..3, 1..3);
    let weights = prop::collection::vec(1_i64..20, 8);
    (
        regions,
        steps,
        weights,
        prop::option::of(-500_i64..5_000),
        -500_i64..5_000,
    )
        .prop_map(|(regions, steps, weights, opening, total)| World {
            regions,
            steps,
            weights,
            lots: vec![1; STEPS.len()],
            points: Vec::new(),
            opening,
            total,
        })
}

/// The same with lots that divide 12, and a total in dozens.
fn world_in_lots() -> impl Strategy<Value = World> {
    let lots = prop::collection::vec(prop::sample::select(vec![1_i64, 2, 3, 4, 12]), STEPS.len());
    (world(), lots).prop_map(|(world, lots)| World {
        lots,
        total: world.total * 12,
        ..world
    })
}

fn draft() -> impl Strategy<Value = Draft> {
    let mode = prop_oneof![Just(Mode::Replace), Just(Mode::Add), Just(Mode::Subtract)];
    (
        any::<Index>(),
        any::<Index>(),
        0_u8..16,
        -300_i64..3_000,
        mode,
    )
        .prop_map(|(measure, node, kind, amount, mode)| Draft {
            measure,
            node,
            kind,
            amount,
            mode,
        })
}

fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

impl World {
    fn space(&self) -> Space {
        let mut people = DimensionDef::new("person", &["region", "person"]).unwrap();
        for (region, count) in self.regions.iter().enumerate() {
            people = people.member("region", &format!("r{region}")).unwrap();
            for person in 0..*count {
                people = people
                    .child(
                        "person",
                        &format!("p{region}{person}"),
                        &format!("r{region}"),
                    )
                    .unwrap();
            }
        }
        Space::new(vec![people]).unwrap()
    }

    fn def(&self, measure: &str) -> CascadeDef {
        let year =
            DayRange::new("2026-01-01".parse().unwrap(), "2027-01-01".parse().unwrap()).unwrap();
        let mut def = CascadeDef::new(key("plan"), key(measure), year);
        for (step, lot) in self.steps.iter().zip(&self.lots) {
            let own = match *step {
                "quarter" => StepDef::grain(Grain::Quarter),
                "month" => StepDef::grain(Grain::Month).basis(BasisDef::CalendarDays),
                level => {
                    let names =
                        self.regions
                            .iter()
                            .enumerate()
                            .flat_map(|(region, count)| match level {
                                "region" => vec![format!("r{region}")],
                                _ => (0..*count)
                                    .map(|person| format!("p{region}{person}"))
                                    .collect(),
                            });
                    let weights = names
                        .zip(self.weights.iter().cycle())
                        .map(|(name, weight)| GivenWeight {
                            at: Place::whole().at(level, &name).unwrap(),
                            weight: Ratio::from(*weight),
                        });
                    let given = GivenDef {
                        weights: weights.collect(),
                        otherwise: None,
                    };
                    StepDef::member("person", level)
                        .unwrap()
                        .basis(BasisDef::Given(given))
                }
            };
            def = def.step(if *lot == 1 {
                own
            } else {
                own.lot(Number::from(*lot))
            });
        }
        for (place, amount) in &self.points {
            def = def.total(place.clone(), Number::from(*amount));
        }
        if let Some(opening) = self.opening.filter(|_| measure == "stock") {
            def = def.opening(Place::whole(), Number::from(opening));
        }
        def
    }

    /// The plan of these measures, if the steps nest.
    fn plan(&self, measures: &Measures, names: &[&str]) -> Option<Plan> {
        let (space, calendar) = (self.space(), Calendar::gregorian());
        let sources = Sources::new(measures, &space).calendar(&calendar);
        let mut plan: Option<Plan> = None;
        for name in names {
            let cascade = Cascade::compile(self.def(name), &sources).ok()?;
            let next = cascade.run(self.total.into()).ok()?;
            match &mut plan {
                Some(plan) => plan.join(next).unwrap(),
                None => plan = Some(next),
            }
        }
        plan
    }

    fn replay(&self, measures: &Measures, record: &PlanRecord) -> Plan {
        let (space, calendar) = (self.space(), Calendar::gregorian());
        record
            .replay(&Sources::new(measures, &space).calendar(&calendar))
            .unwrap()
    }
}

impl Draft {
    /// A day of the year, or near to it: the first, one in the middle or the last of a month.
    fn day(&self) -> NaiveDate {
        let month = u32::try_from(self.amount.rem_euclid(12)).unwrap();
        let first = NaiveDate::from_ymd_opt(2026, 1 + month, 1).unwrap();
        let days = self.node.index(3) * 15;
        first + chrono::Days::new(days as u64) - chrono::Days::new(u64::from(days == 30) * 31)
    }

    fn edit(&self, plan: &Plan) -> Edit {
        let measures: Vec<Key> = plan.measures().map(|measure| measure.key.clone()).collect();
        let measure = &measures[self.measure.index(measures.len())];
        let all: Vec<NodeId> = nodes(plan).collect();
        let at = plan.frame().place(all[self.node.index(all.len())]);
        let amount = Number::from(self.amount);
        let verb = match self.kind {
            0 | 1 => Verb::Proportional { amount },
            2 => Verb::Equal { amount },
            3 => Verb::Basis { amount },
            4 => Verb::PercentChange {
                by: Ratio::new(i128::from(self.amount % 150), 100).unwrap(),
            },
            5 => Verb::StraightLine {
                from: amount,
                to: Number::from(self.amount / 2 + 7),
            },
            6 => Verb::Growth {
                start: amount,
                by: Ratio::new(i128::from(self.amount % 20), 100).unwrap(),
                of: GrowthOf::Previous,
            },
            7 => Verb::Repeat {
                amount,
                cells: RepeatCells::All,
            },
            8 => Verb::Pattern {
                amount,
                pattern: "1 2 1".parse().unwrap(),
            },
            9 => Verb::Pattern {
                amount,
                pattern: "P".parse().unwrap(),
            },
            10 => Verb::Clear,
            11 | 12 => return Edit::Close { before: self.day() },
            13 => return Edit::Reopen { from: self.day() },
            kind => {
                let hold = HoldEdit {
                    measure: measure.clone(),
                    at: vec![at],
                    what: HoldWhat::Total,
                };
                return if kind == 14 {
                    Edit::Hold(hold)
                } else {
                    Edit::Release(hold)
                };
            }
        };
        Edit::Spread(
            Spread::new(measure.as_str(), at, verb)
                .unwrap()
                .mode(self.mode),
        )
    }
}

fn change(plan: &Plan, edits: Vec<Edit>) -> Change {
    Change {
        version: Version::default(),
        by: key("ann"),
        at: "2026-01-05T09:30:00".parse().unwrap(),
        reason: "law".to_owned(),
        based_on: plan.version(),
        edits,
    }
}

fn amounts(plan: &Plan) -> Vec<Vec<i64>> {
    let measures: Vec<String> = plan
        .measures()
        .map(|measure| measure.key.to_string())
        .collect();
    measures
        .iter()
        .flat_map(|measure| plan.levels(measure))
        .collect()
}

/// What of a plan is closed: the end of its last closed period, and the nodes.
type Closed = (Option<NaiveDate>, Vec<NodeId>);

fn closed(plan: &Plan) -> Closed {
    let measure = plan.measures().next().unwrap().key.to_string();
    let is_closed = |node: &NodeId| plan.explain(&measure, *node).unwrap().closed;
    (
        plan.closed_before(),
        nodes(plan).filter(is_closed).collect(),
    )
}

/// The same of all periods that end on or before a day, by the days of the nodes alone.
fn closed_until(plan: &Plan, day: Option<NaiveDate>) -> Closed {
    let frame = plan.frame();
    let end = |node: &NodeId| {
        let place = frame.place(*node);
        let label = |step| place.iter().find(|(own, _)| own.as_str() == step);
        let first = |month: u32| match month {
            13.. => NaiveDate::from_ymd_opt(2027, 1, 1).unwrap(),
            _ => NaiveDate::from_ymd_opt(2026, month, 1).unwrap(),
        };
        let number =
            |label: &Key, letters: usize| label.as_str()[letters..].parse::<u32>().unwrap();
        let month = label("month").map(|(_, label)| first(number(label, 5) + 1));
        month.or_else(|| label("quarter").map(|(_, label)| first(number(label, 6) * 3 + 1)))
    };
    let over: Vec<(NodeId, NaiveDate)> = nodes(plan)
        .filter_map(|node| Some((node, end(&node)?)))
        .filter(|(_, end)| day.is_some_and(|day| *end <= day))
        .collect();
    let last = over.iter().map(|(_, end)| *end).max();
    (last, over.into_iter().map(|(node, _)| node).collect())
}

/// Applies drafts one by one: each keeps every law, or is refused and changes nothing; a replay gives the same plan.
fn obeys(
    world: &World,
    measures: &Measures,
    mut plan: Plan,
    drafts: &[Draft],
) -> Result<(), TestCaseError> {
    prop_assert_eq!(plan.verify(), vec![]);
    let start = amounts(&plan);
    let mut versions = vec![closed(&plan)];
    for draft in drafts {
        let (edit, before) = (draft.edit(&plan), amounts(&plan));
        let shut = closed(&plan);
        let made = change(&plan, vec![edit.clone()]);
        let done = plan.apply(made);
        prop_assert_eq!(plan.verify(), vec![], "{:?}", edit);
        let wanted = match edit {
            Edit::Close { before } if shut.0.is_none_or(|closed| closed <= before) => {
                prop_assert!(done.is_ok());
                closed_until(&plan, Some(before))
            }
            Edit::Reopen { from } if closed_until(&plan, Some(from).min(shut.0)) != shut => {
                prop_assert!(done.is_ok());
                closed_until(&plan, Some(from))
            }
            Edit::Close { .. } | Edit::Reopen { .. } => {
                prop_assert!(done.is_err());
                shut
            }
            _ => shut,
        };
        prop_assert_eq!(closed(&plan), wanted.clone(), "{:?}", edit);
        if done.is_err() {
            prop_assert_eq!(amounts(&plan), before);
            continue;
        }
        versions.push(wanted);
        if let Edit::Spread(Spread {
            at,
            measure,
            verb: Verb::Proportional { amount },
            mode: Mode::Replace,
            ..
        }) = &edit
            && plan
                .measures()
                .any(|own| own.key == *measure && own.additivity == Additivity::Stock)
        {
            let node = plan.frame().node(at).unwrap();
            prop_assert_eq!(
                plan.amount(measure.as_str(), node).unwrap().amount(),
                amount.decimal()
            );
        }
    }
    let again = world.replay(measures, &plan.record());
    prop_assert_eq!(amounts(&again), amounts(&plan));
    prop_assert_eq!(amounts(&plan.as_of(0).unwrap()), start.clone());
    prop_assert_eq!(closed(&again), closed(&plan));
    for (version, closed_then) in (0..).zip(&versions) {
        prop_assert_eq!(&closed(&plan.as_of(version).unwrap()), closed_then);
        let mut back = plan.clone();
        let revert = change(&plan, vec![Edit::Revert { to: version }]);
        back.apply(revert).unwrap();
        prop_assert_eq!(&closed(&back), closed_then);
    }
    let revert = change(&plan, vec![Edit::Revert { to: 0 }]);
    plan.apply(revert).unwrap();
    prop_assert_eq!(amounts(&plan), start);
    Ok(())
}

fn measure(name: &str, additivity: Additivity) -> Measure {
    Measure::flow(name, "share".parse().unwrap(), Quantum::ONE)
        .unwrap()
        .adding(additivity)
}

proptest! {
    #![proptest_config(crate::cases(300))]

    #[test]
    fn a_stock_keeps_its_paths_and_sums(world in world(), drafts in prop::collection::vec(draft(), 1..7)) {
        let measures = Measures::new(vec![measure("stock", Additivity::Stock)]).unwrap();
        let Some(plan) = world.plan(&measures, &["stock"]) else { return Ok(()) };
        for node in nodes(&plan) {
            let why = plan.explain("stock", node).unwrap();
            prop_assert_eq!(why.cascaded(), why.amount);
        }
        obeys(&world, &measures, plan, &drafts)?;
    }

    #[test]
    fn a_stock_goes_through_what_is_prescribed(
        world in world(),
        points in prop::collection::vec((any::<Index>(), -300_i64..3_000), 1..4),
        drafts in prop::collection::vec(draft(), 1..7),
    ) {
        let measures = Measures::new(vec![measure("stock", Additivity::Stock)]).unwrap();
        let Some(free) = world.plan(&measures, &["stock"]) else { return Ok(()) };
        let frame = free.frame();
        let periods: Vec<NodeId> = nodes(&free)
            .filter(|node| {
                let step = frame.step_of(*node);
                step.is_some_and(|step| ["quarter", "month"].contains(&step.as_str()))
            })
            .collect();
        if periods.is_empty() {
            return Ok(());
        }
        let points = points.iter().map(|(at, amount)| (frame.place(periods[at.index(periods.len())]), *amount));
        let world = World { points: points.collect(), ..world };
        // The end of a path is the node above, so it cannot be prescribed otherwise; nor can one place twice.
        let Some(plan) = world.plan(&measures, &["stock"]) else { return Ok(()) };
        for (place, amount) in &world.points {
            let node = plan.frame().node(place).unwrap();
            prop_assert_eq!(plan.amount("stock", node).unwrap().units(), *amount);
        }
        for node in nodes(&plan) {
            let why = plan.explain("stock", node).unwrap();
            prop_assert_eq!(why.cascaded(), why.amount);
        }
        obeys(&world, &measures, plan, &drafts)?;
    }

    #[test]
    fn a_stock_in_lots_keeps_them_on_every_path(
        world in world_in_lots(),
        drafts in prop::collection::vec((draft(), any::<bool>()), 1..7),
    ) {
        let measures = Measures::new(vec![measure("stock", Additivity::Stock)]).unwrap();
        let Some(plan) = world.plan(&measures, &["stock"]) else { return Ok(()) };
        for node in nodes(&plan) {
            let why = plan.explain("stock", node).unwrap();
            prop_assert_eq!(why.cascaded(), why.amount);
            let lot = why.splits.last().map_or(1, |split| split.lot.units());
            prop_assert_eq!(why.amount.units() % lot, 0);
        }
        // A lot below is one above too: the amounts of a step are multiples of its lot and of those of all later steps.
        for (level, _) in world.steps.iter().enumerate() {
            for amount in &plan.levels("stock")[level + 1] {
                for lot in &world.lots[level..world.steps.len()] {
                    prop_assert_eq!(amount % lot, 0);
                }
            }
        }
        let drafts: Vec<Draft> = drafts
            .into_iter()
            .map(|(draft, dozens)| Draft {
                amount: if dozens { draft.amount * 12 } else { draft.amount },
                ..draft
            })
            .collect();
        obeys(&world, &measures, plan, &drafts)?;
    }

    #[test]
    fn a_rating_stays_the_mean_of_its_leaves(world in world(), drafts in prop::collection::vec(draft(), 1..7)) {
        let measures = Measures::new(vec![measure("rating", Additivity::Rating)]).unwrap();
        let Some(plan) = world.plan(&measures, &["rating"]) else { return Ok(()) };
        obeys(&world, &measures, plan, &drafts)?;
    }

    #[test]
    fn linked_measures_keep_their_sums(world in world(), drafts in prop::collection::vec(draft(), 1..7)) {
        let ratio = Additivity::Ratio { numerator: key("sales"), denominator: key("pieces") };
        let measures = Measures::new(vec![
            measure("sales", Additivity::Flow),
            measure("pieces", Additivity::Flow),
            measure("price", ratio),
        ]).unwrap();
        let link = RatioRuleDef {
            ratio: key("price"),
            numerator_changed: Yielding::Ratio,
            denominator_changed: Yielding::OtherPart,
            ratio_changed: GivesWay::Numerator,
        };
        let Some(plan) = world.plan(&measures, &["sales", "pieces"]) else { return Ok(()) };
        let mut plan = plan.with_ratios(&measures).with_links(vec![link]).unwrap();
        let price = RatioEdit {
            measure: key("price"),
            at: Place::whole(),
            value: Some(Ratio::from(3)),
            gives: None,
            carry: quotaflow::plan::Carry::Up,
        };
        let edit = change(&plan, vec![Edit::Ratio(price)]);
        plan.apply(edit).ok();
        obeys_after(&world, &measures, plan, &drafts)?;
    }
}

fn obeys_after(
    world: &World,
    measures: &Measures,
    plan: Plan,
    drafts: &[Draft],
) -> Result<(), TestCaseError> {
    let mut plan = plan;
    for draft in drafts {
        let (edit, before) = (draft.edit(&plan), amounts(&plan));
        let made = change(&plan, vec![edit.clone()]);
        let done = plan.apply(made);
        prop_assert_eq!(plan.verify(), vec![], "{:?}", edit);
        if done.is_err() {
            prop_assert_eq!(amounts(&plan), before);
        }
    }
    let again = world.replay(measures, &plan.record());
    prop_assert_eq!(amounts(&again), amounts(&plan));
    Ok(())
}
