//! The least change found the slow way: whoever may be at the minimum is, in every combination, what is left is shared by weight in
//! exact fractions, and of those amounts that keep everything the nearest ones are taken.

use std::collections::BTreeMap;

use quotaflow::key::Key;
use quotaflow::plan::{NodeId, Plan};
use quotaflow::quantity::Ratio;

use super::Asked;

/// Who moves as one: a person, or a region that has no people in the plan.
struct Mover {
    node: NodeId,
    /// Whether it is the first region, or in it.
    is_first: bool,
    is_person: bool,
    leaves: Vec<NodeId>,
}

/// How much leaves change, and by how much that counts.
type Shared = (Ratio, Vec<(NodeId, Ratio)>);

fn leaves(plan: &Plan, node: NodeId) -> Vec<NodeId> {
    let children: Vec<NodeId> = plan.frame().children(node).collect();
    if children.is_empty() {
        return vec![node];
    }
    let below = children.into_iter().map(|child| leaves(plan, child));
    below.flatten().collect()
}

fn movers(plan: &Plan) -> Vec<Mover> {
    let mut movers = Vec::new();
    for (number, region) in plan.frame().children(NodeId::WHOLE).enumerate() {
        let people: Vec<NodeId> = plan.frame().children(region).collect();
        let is_person = !people.is_empty();
        let own = if is_person { people } else { vec![region] };
        movers.extend(own.into_iter().map(|node| Mover {
            node,
            is_first: number == 0,
            is_person,
            leaves: leaves(plan, node),
        }));
    }
    movers
}

struct Reference<'a> {
    plan: &'a Plan,
    asked: &'a Asked,
    movers: Vec<Mover>,
}

impl Reference<'_> {
    fn draft(&self, leaf: NodeId) -> i128 {
        self.plan.amount("sales", leaf).unwrap().units().into()
    }

    fn weight(&self, leaf: NodeId) -> i128 {
        let is_asked =
            self.asked.region.is_some() && self.plan.frame().path(leaf).to_string() == "r1";
        match self.draft(leaf).abs() {
            _ if self.asked.equal => 1,
            0 => i128::from(is_asked),
            size => size,
        }
    }

    /// Shares a change among leaves by weight; nothing where none has any.
    fn share(&self, leaves: &[NodeId], total: i128) -> Option<Shared> {
        let change = total - leaves.iter().map(|leaf| self.draft(*leaf)).sum::<i128>();
        let weight: i128 = leaves.iter().map(|leaf| self.weight(*leaf)).sum();
        if weight == 0 {
            let stay = leaves.iter().map(|leaf| (*leaf, Ratio::ZERO));
            return (change == 0).then(|| (Ratio::ZERO, stay.collect()));
        }
        let own = |leaf: &NodeId| {
            (
                *leaf,
                Ratio::new(change * self.weight(*leaf), weight).unwrap(),
            )
        };
        let cost = Ratio::new(change * change, weight).unwrap();
        Some((cost, leaves.iter().map(own).collect()))
    }

    /// What a mover is whatever it would be by weight, where these are at the minimum; an error where it cannot be there.
    fn fixed(&self, number: usize, at_least: u32) -> Result<Option<i128>, ()> {
        let mover = &self.movers[number];
        let name = self.plan.frame().name(mover.node).map(Key::as_str);
        if name == self.asked.still {
            return Ok(Some(self.draft(mover.node)));
        }
        if at_least >> number & 1 == 0 {
            return Ok(None);
        }
        let least = self.asked.least.filter(|_| mover.is_person).ok_or(())?;
        Ok(Some(least.into()))
    }

    /// The change that has these at the minimum, if it keeps everything.
    fn candidate(&self, at_least: u32) -> Option<(Ratio, BTreeMap<NodeId, Ratio>)> {
        let all: Vec<usize> = (0..self.movers.len()).collect();
        let groups = match self.asked.region {
            Some(region) => {
                let (first, second) = all.iter().partition(|at| self.movers[**at].is_first);
                vec![(first, region), (second, self.asked.total - region)]
            }
            None => vec![(all, self.asked.total)],
        };
        let (mut cost, mut changes) = (Ratio::ZERO, BTreeMap::new());
        for (members, total) in groups {
            let (mut open, mut left) = (Vec::new(), i128::from(total));
            let mut parts = Vec::new();
            for number in members {
                let leaves = &self.movers[number].leaves;
                match self.fixed(number, at_least).ok()? {
                    Some(amount) => {
                        left -= amount;
                        parts.push(self.share(leaves, amount)?);
                    }
                    None => open.extend(leaves.iter().copied()),
                }
            }
            parts.push(self.share(&open, left)?);
            for (more, own) in parts {
                cost = cost.checked_add(more).unwrap();
                changes.extend(own);
            }
        }
        let keeps = |mover: &Mover| {
            let moved = mover.leaves.iter().map(|leaf| changes[leaf]);
            let moved = moved.fold(Ratio::ZERO, |sum, own| sum.checked_add(own).unwrap());
            let draft = Ratio::new(self.draft(mover.node), 1).unwrap();
            let least = self.asked.least.filter(|_| mover.is_person);
            least.is_none_or(|least| draft.checked_add(moved).unwrap() >= Ratio::from(least))
        };
        self.movers.iter().all(keeps).then_some((cost, changes))
    }
}

/// The exact amounts of all nodes, and whether anybody is at the minimum who would be less; none where nothing keeps what is asked.
pub fn optimum(plan: &Plan, asked: &Asked) -> Option<(BTreeMap<NodeId, Ratio>, bool)> {
    let reference = Reference {
        plan,
        asked,
        movers: movers(plan),
    };
    let mut best: Option<(Ratio, u32, BTreeMap<NodeId, Ratio>)> = None;
    for at_least in 0..1 << reference.movers.len() {
        let found = reference.candidate(at_least);
        if let Some((cost, changes)) = found
            && best.as_ref().is_none_or(|(least, ..)| cost < *least)
        {
            best = Some((cost, at_least, changes));
        }
    }
    let (_, at_least, changes) = best?;
    let mut amounts: BTreeMap<NodeId, Ratio> = BTreeMap::new();
    for (leaf, moved) in changes {
        let draft = Ratio::new(reference.draft(leaf), 1).unwrap();
        let mut at = Some(leaf);
        while let Some(node) = at {
            let own = amounts.entry(node).or_insert(Ratio::ZERO);
            *own = own.checked_add(draft.checked_add(moved).unwrap()).unwrap();
            at = plan.frame().parent(node);
        }
    }
    Some((amounts, at_least > 0))
}
