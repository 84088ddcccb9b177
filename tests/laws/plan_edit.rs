//! Laws of changes to a plan, on random structures, holds and edits.

use crate::at::Levels;
use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::sample::Index;
use quotaflow::allocation::NegativeWeights;
use quotaflow::document::Version;
use quotaflow::key::Key;
use quotaflow::plan::{
    Change, Easing, Edit, GrowthOf, HoldEdit, HoldWhat, Layer, Mode, NodeId, Place, Plan,
    PlanRecord, Reconciling, Reference, RepeatCells, Spread, Verb, ZeroBase,
};
use quotaflow::quantity::{Number, Ratio};
use rust_decimal::Decimal;

use crate::plan::{World, largest_remainder, nodes, world};

/// An edit whose places are picked among those of whatever plan it meets.
#[derive(Debug, Clone)]
struct Draft {
    kind: u8,
    at: Index,
    other: Index,
    amount: i64,
    mode: Mode,
    keep: bool,
    /// Which steps of a place are named; of a slice not all.
    named: u8,
    /// What negative and zero amounts mean.
    policy: usize,
}

fn draft() -> impl Strategy<Value = Draft> {
    let mode = prop_oneof![Just(Mode::Replace), Just(Mode::Add), Just(Mode::Subtract)];
    let amount = prop_oneof![-20_i64..200, 0_i64..1_000_000_000_000];
    (
        prop_oneof![5 => 0_u8..17, 1 => Just(11)],
        any::<Index>(),
        any::<Index>(),
        amount,
        mode,
        any::<bool>(),
        prop_oneof![2 => Just(u8::MAX), 1 => any::<u8>()],
        prop_oneof![3 => Just(0_usize), 1 => 1_usize..6],
    )
        .prop_map(
            |(kind, at, other, amount, mode, keep, named, policy)| Draft {
                kind,
                at,
                other,
                amount,
                mode,
                keep,
                named,
                policy,
            },
        )
}

fn cents(units: i64) -> Number {
    Number::from(Decimal::new(units, 2))
}

impl Draft {
    fn edit(&self, plan: &Plan) -> Edit {
        let all: Vec<NodeId> = nodes(plan).collect();
        let node = all[self.at.index(all.len())];
        let place = self.place(plan, node);
        let other = all[self.other.index(all.len())];
        let amount = cents(self.amount);
        let (from, to) = (amount, cents(self.amount / 3));
        let verb = match self.kind {
            0..=3 => Verb::Proportional { amount },
            4 => Verb::Equal { amount },
            5 => Verb::EqualLeaves { amount },
            6 => Verb::Basis { amount },
            7 => Verb::Repeat {
                amount,
                cells: RepeatCells::NonZero,
            },
            8 => Verb::StraightLine { from, to },
            9 => Verb::Growth {
                start: from,
                by: Ratio::percent(-7),
                of: GrowthOf::Previous,
            },
            10 => Verb::PercentChange {
                by: Ratio::percent(i32::try_from(self.amount % 90).unwrap()),
            },
            11 => {
                // Like somewhere else, or like itself.
                let to = Reference {
                    place: (self.amount % 2 == 0).then(|| plan.frame().place(other)),
                    ..Reference::default()
                };
                Verb::Relative { amount, to }
            }
            12 => Verb::Pattern {
                amount,
                pattern: "4-4-5".parse().unwrap(),
            },
            13 => Verb::Clear,
            16 => return self.reconcile(place, plan.frame().place(other)),
            kind => {
                let hold = HoldEdit {
                    measure: Key::new("sales").unwrap(),
                    at: vec![place],
                    what: if self.keep {
                        HoldWhat::Leaves
                    } else {
                        HoldWhat::Total
                    },
                };
                return if kind == 14 {
                    Edit::Hold(hold)
                } else {
                    Edit::Release(hold)
                };
            }
        };
        let mut spread = Spread::new("sales", place, verb).unwrap().mode(self.mode);
        if self.keep {
            let mut way = vec![node];
            while let Some(above) = plan.frame().parent(way[way.len() - 1]) {
                way.push(above);
            }
            spread = spread.keeping(plan.frame().place(way[self.other.index(way.len())]));
        }
        let negative = [
            NegativeWeights::Refuse,
            NegativeWeights::Absolute,
            NegativeWeights::Zero,
        ];
        let zero = [ZeroBase::Equal, ZeroBase::Basis, ZeroBase::Refuse];
        spread = spread
            .negative_base(negative[self.policy % 3])
            .zero_base(zero[self.policy / 2]);
        Edit::Spread(spread)
    }

    /// Asks for the total of one place, where another one moves or not, and all alike or by their amounts.
    fn reconcile(&self, place: Place, other: Place) -> Edit {
        let mut asked = Reconciling::new("sales").unwrap();
        if self.mode != Mode::Subtract {
            asked = asked.total(place, cents(self.amount));
        }
        if self.keep {
            asked = asked.still(other);
        }
        if self.policy % 2 == 1 {
            asked = asked.weights(Easing::Equal);
        }
        Edit::Reconcile(asked)
    }

    /// The place of a node, or a slice that some of its steps cut out.
    fn place(&self, plan: &Plan, node: NodeId) -> Place {
        let steps: Vec<_> = plan.frame().steps().cloned().collect();
        let is_named = |step: &Key| {
            let at = steps.iter().position(|own| own == step);
            at.is_some_and(|at| self.named >> at & 1 == 1)
        };
        let place = plan.frame().place(node);
        let named = place.iter().filter(|(step, _)| is_named(step));
        named
            .map(|(step, member)| (step.clone(), member.clone()))
            .collect()
    }
}

fn change(plan: &Plan, edits: Vec<Edit>) -> Change {
    Change {
        version: Version::default(),
        by: Key::new("ann").unwrap(),
        at: "2026-01-05T09:30:00".parse().unwrap(),
        reason: "law".to_owned(),
        based_on: plan.version(),
        edits,
    }
}

fn amounts(plan: &Plan) -> Vec<i64> {
    plan.levels("sales").concat()
}

/// The same edit of the base.
fn in_base(plan: &Plan, edit: Edit) -> Edit {
    let of_base = |hold: HoldEdit| {
        let leaves = |place: &Place| held_by(plan, place);
        let at: Vec<NodeId> = match hold.what {
            HoldWhat::Leaves => hold.at.iter().flat_map(leaves).collect(),
            _ => hold
                .at
                .iter()
                .filter_map(|place| only(plan, place))
                .collect(),
        };
        HoldEdit {
            at: at
                .into_iter()
                .map(|node| plan.frame().place(node))
                .collect(),
            what: HoldWhat::Base,
            ..hold
        }
    };
    match edit {
        Edit::Spread(spread) => Edit::Spread(spread.layer(Layer::Base)),
        Edit::Hold(hold) => Edit::Hold(of_base(hold)),
        Edit::Release(hold) => Edit::Release(of_base(hold)),
        other => other,
    }
}

fn assigned(plan: &Plan) -> BTreeMap<NodeId, i64> {
    nodes(plan).map(|node| (node, units(plan, node))).collect()
}

/// What is assigned by the base and the factors alone: from the top, one node after the other.
fn slowly_assigned(plan: &Plan) -> BTreeMap<NodeId, i64> {
    let base = |node: NodeId| plan.base_amount("sales", node).unwrap().units();
    let nearest = |amount: i64, by: Ratio| {
        let exact = Ratio::from(amount).checked_mul(by).unwrap();
        let (top, bottom) = (exact.numerator(), exact.denominator());
        let size = (2 * top.abs() + bottom) / (2 * bottom);
        i64::try_from(size * top.signum()).unwrap()
    };
    let mut found = BTreeMap::from([(NodeId::WHOLE, base(NodeId::WHOLE))]);
    // What leads down to each node.
    let mut by = BTreeMap::from([(NodeId::WHOLE, Ratio::ONE)]);
    for node in nodes(plan) {
        let factor = plan.factor("sales", node).unwrap();
        let handed = nearest(found[&node], factor);
        let down = by[&node].checked_mul(factor).unwrap();
        let children: Vec<NodeId> = plan.frame().children(node).collect();
        let (losses, gains): (Vec<NodeId>, Vec<NodeId>) = children
            .iter()
            .copied()
            .filter(|child| base(*child) != 0)
            .partition(|child| base(*child) < 0);
        let below = if gains.is_empty() {
            handed
        } else {
            nearest(losses.iter().map(|child| base(*child)).sum(), down)
        };
        found.extend(children.iter().map(|child| (*child, 0)));
        by.extend(children.iter().map(|child| (*child, down)));
        for (side, amount) in [(losses, below), (gains, handed - below)] {
            let weights: Vec<i128> = side
                .iter()
                .map(|child| i128::from(base(*child)).abs())
                .collect();
            if !weights.is_empty() {
                found.extend(side.into_iter().zip(largest_remainder(amount, &weights)));
            }
        }
    }
    found
}

fn held(plan: &Plan) -> BTreeMap<NodeId, i64> {
    nodes(plan)
        .filter(|node| plan.is_held("sales", *node).unwrap())
        .map(|node| (node, units(plan, node)))
        .collect()
}

fn units(plan: &Plan, node: NodeId) -> i64 {
    plan.amount("sales", node).unwrap().units()
}

/// The leaves below a node, or itself.
fn leaves(plan: &Plan, node: NodeId) -> Vec<NodeId> {
    let children: Vec<NodeId> = plan.frame().children(node).collect();
    if children.is_empty() {
        return vec![node];
    }
    let below = children.into_iter().map(|child| leaves(plan, child));
    below.flatten().collect()
}

/// The leaves that a place holds, whichever steps it names.
fn held_by(plan: &Plan, place: &Place) -> Vec<NodeId> {
    let is_held = |leaf: &NodeId| {
        let own = plan.frame().place(*leaf);
        place.iter().all(|named| own.iter().any(|own| own == named))
    };
    let all = leaves(plan, NodeId::WHOLE);
    all.into_iter().filter(is_held).collect()
}

/// The topmost node of which a place holds all leaves and no others; none for a slice through several.
fn only(plan: &Plan, place: &Place) -> Option<NodeId> {
    let held = held_by(plan, place);
    nodes(plan).find(|node| leaves(plan, *node) == held)
}

/// How much of a node may not move, and how many of its leaves may.
fn fixed(plan: &Plan, node: NodeId, held: &BTreeSet<NodeId>) -> (i128, usize) {
    let children: Vec<NodeId> = plan.frame().children(node).collect();
    if held.contains(&node) {
        (i128::from(units(plan, node)), 0)
    } else if children.is_empty() {
        (0, 1)
    } else {
        let parts = children.iter().map(|child| fixed(plan, *child, held));
        parts.fold((0, 0), |(sum, free), (part, leaves)| {
            (sum + part, free + leaves)
        })
    }
}

/// The slow way to give a node a new amount in the proportions of what is there.
fn respread(
    plan: &Plan,
    node: NodeId,
    amount: i128,
    held: &BTreeSet<NodeId>,
    new: &mut BTreeMap<NodeId, i64>,
) {
    new.insert(node, i64::try_from(amount).unwrap());
    let children: Vec<NodeId> = plan.frame().children(node).collect();
    if children.is_empty() {
        return;
    }
    let parts: Vec<(i128, usize)> = children
        .iter()
        .map(|child| fixed(plan, *child, held))
        .collect();
    let free = amount - parts.iter().map(|(fixed, _)| fixed).sum::<i128>();
    let mut weights: Vec<i128> = children
        .iter()
        .zip(&parts)
        .map(|(child, (fixed, leaves))| {
            if *leaves == 0 {
                0
            } else {
                i128::from(units(plan, *child)) - fixed
            }
        })
        .map(i128::abs)
        .collect();
    if weights.iter().all(|weight| *weight == 0) {
        weights = parts
            .iter()
            .map(|(_, leaves)| i128::try_from(*leaves).unwrap())
            .collect();
    }
    let shares = if free == 0 {
        vec![0; children.len()]
    } else {
        largest_remainder(i64::try_from(free).unwrap(), &weights)
    };
    for ((child, share), (fixed, leaves)) in children.iter().zip(shares).zip(&parts) {
        if *leaves > 0 {
            respread(plan, *child, fixed + i128::from(share), held, new);
        }
    }
}

fn planned(world: &World) -> Option<Plan> {
    // Gains only, so that proportions are not in question.
    let mut world = world.clone();
    world.total = world.total.abs();
    world.plan()
}

proptest! {
    #![proptest_config(crate::cases(400))]

    #[test]
    fn changes_keep_every_law_or_change_nothing(world in world(), drafts in prop::collection::vec(draft(), 1..8)) {
        let Some(mut plan) = world.plan() else { return Ok(()) };
        let mut versions = vec![amounts(&plan)];
        for draft in drafts {
            let edit = draft.edit(&plan);
            let (before, holds) = (amounts(&plan), held(&plan));
            let kept = match &edit {
                Edit::Spread(Spread { carry: quotaflow::plan::Carry::Keep(above), .. }) => {
                    let node = plan.frame().node(above).unwrap();
                    Some((node, units(&plan, node)))
                }
                _ => None,
            };
            let releases = matches!(edit, Edit::Release(_));
            let made = change(&plan, vec![edit.clone()]);
            if plan.apply(made).is_err() {
                prop_assert_eq!(amounts(&plan), before);
                prop_assert_eq!(held(&plan), holds);
                continue;
            }
            prop_assert_eq!(plan.verify(), vec![], "{:?}", edit);
            if !releases {
                for (node, amount) in holds {
                    prop_assert_eq!(units(&plan, node), amount);
                }
            }
            if let Some((node, amount)) = kept {
                prop_assert_eq!(units(&plan, node), amount, "{:?}", edit);
            }
            if let Edit::Spread(Spread { at, mode: Mode::Replace, verb: Verb::Proportional { amount }, .. }) = &edit
                && let Ok(node) = plan.frame().node(at)
            {
                prop_assert_eq!(plan.amount("sales", node).unwrap().amount(), amount.decimal());
            }
            if let Edit::Reconcile(asked) = &edit {
                for total in &asked.totals {
                    let node = only(&plan, &total.at).expect("a total is asked of one node");
                    let wanted = total.total.unwrap().decimal();
                    prop_assert_eq!(plan.amount("sales", node).unwrap().amount(), wanted, "{:?}", edit);
                }
                let was: BTreeMap<NodeId, i64> = nodes(&plan).zip(before).collect();
                for place in &asked.still {
                    let stays = match only(&plan, place) {
                        Some(node) => vec![node],
                        None => held_by(&plan, place),
                    };
                    prop_assert!(!stays.is_empty(), "{:?}", edit);
                    for node in stays {
                        prop_assert_eq!(units(&plan, node), was[&node], "{:?}", edit);
                    }
                }
            }
            versions.push(amounts(&plan));
        }
        // Every version can be shown again, returned to, and replayed.
        for (version, expected) in (0..).zip(&versions) {
            prop_assert_eq!(&amounts(&plan.as_of(version).unwrap()), expected);
        }
        let mut again = world.plan().unwrap();
        for change in plan.changes() {
            again.apply(change.clone()).unwrap();
        }
        prop_assert_eq!(amounts(&again), amounts(&plan));
        prop_assert_eq!(held(&again), held(&plan));
        let middle = versions.len() as u64 / 2;
        let revert = change(&plan, vec![Edit::Revert { to: middle }]);
        plan.apply(revert).unwrap();
        prop_assert_eq!(&amounts(&plan), &versions[versions.len() / 2]);
        prop_assert_eq!(held(&plan), held(&again.as_of(middle).unwrap()));
        prop_assert_eq!(plan.differences(middle, plan.version()).unwrap(), vec![]);
        let document = serde_json::to_string(&plan.record()).unwrap();
        let back: PlanRecord = serde_json::from_str(&document).unwrap();
        prop_assert_eq!(&back, &plan.record());
        // What was saved is what is loaded, its versions and holds with it.
        let loaded = back.load().unwrap();
        prop_assert_eq!(amounts(&loaded), amounts(&plan));
        prop_assert_eq!(held(&loaded), held(&plan));
        prop_assert_eq!(loaded.record(), back);
        prop_assert_eq!(&amounts(&loaded.as_of(middle).unwrap()), &versions[versions.len() / 2]);
    }

    /// Edits of the base are those of a plan of one layer, and what is assigned follows from the base and the factors.
    #[test]
    fn the_base_is_a_plan_of_one_layer_and_what_is_assigned_follows_it(
        world in world(),
        percent in -40_i32..60,
        drafts in prop::collection::vec(draft(), 1..8),
    ) {
        let Some(mut plan) = world.plan() else { return Ok(()) };
        let mut layered = world.padded(Some(Ratio::percent(percent))).unwrap();
        prop_assert_eq!(slowly_assigned(&layered), assigned(&layered));
        for draft in drafts {
            let edit = in_base(&plan, draft.edit(&plan));
            let own = plan.apply(change(&plan, vec![edit.clone()]));
            let other = layered.apply(change(&layered, vec![edit.clone()]));
            prop_assert_eq!(own.map_err(|error| error.to_string()), other.map_err(|error| error.to_string()), "{:?}", edit);
            let base: Vec<i64> = nodes(&layered).map(|node| layered.base_amount("sales", node).unwrap().units()).collect();
            let one: Vec<i64> = nodes(&plan).map(|node| units(&plan, node)).collect();
            prop_assert_eq!(one, base, "{:?}", edit);
            prop_assert!(held(&plan).keys().eq(held(&layered).keys()));
            prop_assert_eq!(slowly_assigned(&layered), assigned(&layered), "{:?}", edit);
            prop_assert_eq!(layered.verify(), plan.verify());
        }
        let again: PlanRecord = serde_json::from_value(serde_json::to_value(layered.record()).unwrap()).unwrap();
        prop_assert_eq!(assigned(&again.load().unwrap()), assigned(&layered));
        let middle = layered.version() / 2;
        let then = layered.as_of(middle).unwrap();
        prop_assert_eq!(slowly_assigned(&then), assigned(&then));
    }

    #[test]
    fn a_slice_of_what_is_over_assigned_totals_what_is_asked(
        world in world(),
        percent in 1_i32..40,
        drafts in prop::collection::vec(draft(), 1..8),
    ) {
        let Some(mut plan) = world.padded(Some(Ratio::percent(percent))) else { return Ok(()) };
        for draft in drafts {
            let edit = draft.edit(&plan);
            let before = amounts(&plan);
            let done = plan.apply(change(&plan, vec![edit.clone()]));
            prop_assert_eq!(plan.verify(), vec![], "{:?}", edit);
            if done.is_err() {
                prop_assert_eq!(amounts(&plan), before);
                continue;
            }
            let Edit::Spread(Spread { at, mode: Mode::Replace, verb, carry: quotaflow::plan::Carry::Up, .. }) = &edit else { continue };
            let (Verb::Proportional { amount } | Verb::Equal { amount } | Verb::EqualLeaves { amount } | Verb::Basis { amount }) = verb else {
                continue;
            };
            let named: Vec<&Key> = at.iter().map(|(step, _)| step).collect();
            let Some(lowest) = plan.frame().steps().filter(|step| named.contains(step)).last() else { continue };
            let inside = |node: &NodeId| {
                let own = plan.frame().place(*node);
                plan.frame().step_of(*node) == Some(lowest)
                    && at.iter().all(|named| own.iter().any(|(step, member)| (step, member) == named))
            };
            let total: i64 = nodes(&plan).filter(inside).map(|node| units(&plan, node)).sum();
            prop_assert_eq!(Decimal::new(total, 2), amount.decimal(), "{:?}", edit);
        }
    }

    #[test]
    fn a_new_total_goes_down_as_the_slow_way_says(world in world(), at: Index, picks in prop::collection::vec(any::<Index>(), 0..6), factor in 0_i64..300) {
        let Some(mut plan) = planned(&world) else { return Ok(()) };
        let all: Vec<NodeId> = nodes(&plan).collect();
        let node = all[at.index(all.len())];
        // Nothing on the way up is held, so that the change can be carried.
        let mut way = BTreeSet::from([node]);
        let mut above = node;
        while let Some(next) = plan.frame().parent(above) {
            way.insert(next);
            above = next;
        }
        let holds: BTreeSet<NodeId> = picks
            .iter()
            .map(|pick| all[pick.index(all.len())])
            .filter(|node| !way.contains(node))
            .collect();
        let hold = HoldEdit {
            measure: Key::new("sales").unwrap(),
            at: holds.iter().map(|node| plan.frame().place(*node)).collect(),
            what: HoldWhat::Total,
        };
        let made = change(&plan, vec![Edit::Hold(hold)]);
        plan.apply(made).unwrap();
        let (stuck, leaves) = fixed(&plan, node, &holds);
        prop_assume!(leaves > 0);
        let free = i128::from(units(&plan, node)) - stuck;
        let amount = stuck + free * i128::from(factor) / 100;
        let mut expected = BTreeMap::new();
        respread(&plan, node, amount, &holds, &mut expected);
        let before: BTreeMap<NodeId, i64> = nodes(&plan).map(|node| (node, units(&plan, node))).collect();
        let verb = Verb::Proportional { amount: cents(i64::try_from(amount).unwrap()) };
        let edit = Edit::Spread(Spread::new("sales", plan.frame().place(node), verb).unwrap());
        let made = change(&plan, vec![edit]);
        plan.apply(made).unwrap();
        let moved = expected[&node] - before[&node];
        for at in nodes(&plan) {
            let wanted = match expected.get(&at) {
                Some(amount) => *amount,
                None if way.contains(&at) => before[&at] + moved,
                None => before[&at],
            };
            prop_assert_eq!(units(&plan, at), wanted, "{}", plan.frame().path(at));
        }
    }

    #[test]
    fn spreading_the_same_total_again_changes_nothing(world in world(), at: Index) {
        let Some(mut plan) = planned(&world) else { return Ok(()) };
        let all: Vec<NodeId> = nodes(&plan).collect();
        let node = all[at.index(all.len())];
        let before = amounts(&plan);
        let verb = Verb::Proportional { amount: cents(units(&plan, node)) };
        let made = change(&plan, vec![Edit::Spread(Spread::new("sales", plan.frame().place(node), verb).unwrap())]);
        plan.apply(made).unwrap();
        prop_assert_eq!(amounts(&plan), before);
    }
}
