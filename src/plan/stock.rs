//! Stocks: balances and counts that add up over members and follow a path over time.
//!
//! At a step by periods a stock is not split. It starts from what it was at the end of the period before, and reaches the
//! amount of the node above in the last period, through what is prescribed for periods on the way; in between it moves by the bases of the step, every period the exact
//! running amount rounded once. In lots the path goes from the nearest whole lots of what it starts from.

mod path;
mod waypoint;

use std::collections::BTreeMap;

use super::frame::SKIPPED;
use super::{CascadeDef, Frame, NodeId, PlanError};
use crate::allocation::{LevelWeights, Method, Weights, ZeroWeights, allocate};
use crate::measure::Measure;

pub(super) use path::{Course, segment};
pub(super) use waypoint::{Waypoints, period_of_a_path};

/// Where the paths of a stock begin, and through what they go.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Paths {
    pub(super) openings: Openings,
    pub(super) waypoints: Waypoints,
}

/// What a stock is before the first period, at the nodes that stand there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Openings(BTreeMap<NodeId, i64>);

/// Where a stock comes from that a node starts with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Before {
    /// The node starts with the horizon.
    Start,
    /// The same members one period earlier.
    Node(NodeId),
    /// There is nobody in the period before.
    Nobody,
}

/// Returns where the stock comes from that a node starts with.
pub(super) fn before(frame: &Frame, node: NodeId) -> Before {
    let mut way = Vec::new();
    let mut at = node;
    let mut twin = loop {
        let Some(above) = frame.parent(at) else {
            return Before::Start;
        };
        let over_time = splits_time(frame, above);
        if over_time && at.index() > frame.child_range(above).start {
            break NodeId::new(at.level(), at.index() - 1);
        }
        way.push(at);
        at = above;
    };
    for down in way.into_iter().rev() {
        let children = frame.child_range(twin);
        if children.is_empty() {
            break;
        }
        if splits_time(frame, twin) {
            twin = NodeId::new(twin.level() + 1, children.end - 1);
            continue;
        }
        let coord = frame.levels[down.level()].coords[down.index()];
        match frame.child(twin, coord) {
            Some(child) => twin = child,
            None => return Before::Nobody,
        }
    }
    Before::Node(twin)
}

/// Says whether the children of a node are periods.
pub(super) fn splits_time(frame: &Frame, node: NodeId) -> bool {
    let children = frame.child_range(node);
    !children.is_empty()
        && frame.periods(node.level()).is_some()
        && frame.levels[node.level() + 1].coords[children.start] != SKIPPED
}

/// Says whether some step below a node is by periods.
pub(super) fn time_below(frame: &Frame, node: NodeId) -> bool {
    let children = frame.child_range(node);
    let first = NodeId::new(node.level() + 1, children.start);
    !children.is_empty() && (splits_time(frame, node) || time_below(frame, first))
}

impl Openings {
    /// Reads what a recipe says about the start: what is named is as named, what stands above it is the sum, and what an
    /// upper amount leaves goes to those who are not named, by the bases.
    pub(super) fn compile(
        def: &CascadeDef,
        frame: &Frame,
        measure: &Measure,
        weights: &[LevelWeights],
    ) -> Result<Self, PlanError> {
        let nodes = at_start(frame);
        let named = named(def, frame, measure, &nodes)?;
        let mut known: BTreeMap<NodeId, i64> = BTreeMap::new();
        for level in nodes.iter().rev() {
            for node in level {
                let below: Vec<i64> = children_at_start(frame, *node)
                    .filter_map(|child| known.get(&child).copied())
                    .collect();
                let sum: i128 = below.iter().map(|amount| i128::from(*amount)).sum();
                let sum = i64::try_from(sum).map_err(|_| PlanError::OutOfRange {
                    place: frame.path(*node),
                })?;
                match named.get(node) {
                    Some(own) => known.insert(*node, *own),
                    None if below.is_empty() => None,
                    None => known.insert(*node, sum),
                };
            }
        }
        let mut starts = BTreeMap::from([(
            NodeId::WHOLE,
            known.get(&NodeId::WHOLE).copied().unwrap_or(0),
        )]);
        for node in nodes.iter().flatten() {
            let start = starts.get(node).copied().unwrap_or(0);
            if splits_time(frame, *node) {
                starts.extend(children_at_start(frame, *node).map(|child| (child, start)));
                continue;
            }
            let children: Vec<NodeId> = children_at_start(frame, *node).collect();
            let given: i128 = children
                .iter()
                .filter_map(|child| known.get(child))
                .map(|amount| i128::from(*amount))
                .sum();
            let rest = i64::try_from(i128::from(start) - given).unwrap_or(i64::MAX);
            let others: Vec<NodeId> = children
                .iter()
                .copied()
                .filter(|child| !known.contains_key(child))
                .collect();
            starts.extend(
                children
                    .iter()
                    .filter_map(|child| Some((*child, *known.get(child)?))),
            );
            if rest == 0 || children.is_empty() {
                starts.extend(others.into_iter().map(|child| (child, 0)));
                continue;
            }
            let own: Vec<u128> = others
                .iter()
                .map(|child| weights[node.level()].get(child.index()).unwrap_or(0))
                .collect();
            let shares = Weights::from_integers(&own, ZeroWeights::Refuse)
                .and_then(|own| allocate(rest, &own, Method::LargestRemainder));
            let Ok(shares) = shares else {
                let shown = |units| measure.quantum.amount(units);
                return Err(PlanError::OpeningDiffers {
                    place: frame.path(*node),
                    opening: shown(start),
                    below: shown(start.saturating_sub(rest)),
                });
            };
            starts.extend(others.into_iter().zip(shares.into_shares()));
        }
        Ok(Self(starts))
    }

    /// Returns what a node starts with, from the amounts of the periods before it.
    pub(super) fn of(&self, frame: &Frame, node: NodeId, values: &[Vec<i64>]) -> i64 {
        match before(frame, node) {
            Before::Start => self.start(node),
            Before::Node(twin) => values[twin.level()][twin.index()],
            Before::Nobody => 0,
        }
    }

    /// Returns what a node that starts with the horizon starts with.
    pub(super) fn start(&self, node: NodeId) -> i64 {
        self.0.get(&node).copied().unwrap_or(0)
    }
}

/// Returns the nodes that start with the horizon, level by level.
fn at_start(frame: &Frame) -> Vec<Vec<NodeId>> {
    let mut levels = vec![vec![NodeId::WHOLE]];
    for _ in 1..frame.levels() {
        let next = levels.last().into_iter().flatten();
        levels.push(
            next.flat_map(|node| children_at_start(frame, *node))
                .collect(),
        );
    }
    levels
}

fn children_at_start(frame: &Frame, node: NodeId) -> impl Iterator<Item = NodeId> + '_ {
    let all = if splits_time(frame, node) {
        1
    } else {
        usize::MAX
    };
    frame.children(node).take(all)
}

fn named(
    def: &CascadeDef,
    frame: &Frame,
    measure: &Measure,
    nodes: &[Vec<NodeId>],
) -> Result<BTreeMap<NodeId, i64>, PlanError> {
    let mut named = BTreeMap::new();
    for opening in &def.openings {
        let at = frame.coords_of(&opening.at)?;
        let amount = measure.quantum.units(opening.amount.decimal())?;
        let level = at.last().map_or(0, |(step, _)| step + 1);
        let own = nodes[level].iter().filter(|node| {
            at.iter()
                .all(|(step, coord)| frame.coord_at(**node, *step) == *coord)
        });
        let mut found = own.copied();
        let (first, more) = (found.next(), found.next());
        let Some(node) = first.filter(|_| more.is_none()) else {
            return Err(PlanError::OpeningPlace {
                place: opening.at.clone(),
            });
        };
        if named.insert(node, amount).is_some() {
            return Err(PlanError::DuplicatePlace {
                place: opening.at.clone(),
            });
        }
    }
    Ok(named)
}

#[cfg(test)]
mod tests;
