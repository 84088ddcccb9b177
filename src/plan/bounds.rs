//! Minima and maxima of nodes, and what they mean for the nodes above.

use super::node_limit::NodeLimit;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::factors::Factors;
use super::gate::KeptWeights;
use super::lots::{LotCount, LotSize, PlanLots};
use super::{BasisError, CascadeDef, ConstraintError, Frame, NodeId, Place, PlanError, TotalDef};
use crate::allocation::{
    AllocationError, Bound, BoundedShares, LevelWeights, Method, Weights, ZeroWeights,
    allocate_within,
};
use crate::measure::Measure;
use crate::quantity::{Number, Ratio, Rounding, divide};
use rust_decimal::Decimal;

/// Says whether a method can share inside bounds: it has to assign everything, and to nobody by name.
pub(super) fn serves(method: Method) -> bool {
    match method {
        Method::LargestRemainder
        | Method::Webster
        | Method::Jefferson
        | Method::Hill
        | Method::Adams
        | Method::Dean
        | Method::SpareToFirst
        | Method::SpareToHeaviest
        | Method::RemainderToLargest
        | Method::Running => true,
        Method::RemainderTo(_) | Method::RemainderApart | Method::BlocksApart => false,
    }
}

/// The least and the greatest amount of a node, in quanta.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Limits {
    pub(super) min: Option<i64>,
    pub(super) max: Option<i64>,
}

impl Limits {
    /// Returns what a total is at least and at most; both when it is prescribed.
    pub(super) fn of_total(total: &TotalDef, measure: &Measure) -> Result<Self, PlanError> {
        let units = |amount: Option<Number>| {
            let units = amount.map(|amount| measure.quantum.units(amount.decimal()));
            units.transpose()
        };
        let exact = units(total.total)?;
        let limits = Self {
            min: units(total.min)?,
            max: units(total.max)?,
        };
        let limits = limits.and(Self {
            min: exact,
            max: exact,
        });
        if limits == Self::default() {
            return Err(PlanError::Constraint(ConstraintError::NoTotal {
                place: total.at.clone(),
            }));
        }
        Ok(limits)
    }

    /// Returns the only amount that is inside, if there is one.
    pub(super) fn exact(self) -> Option<i64> {
        self.min.filter(|min| self.max == Some(*min))
    }

    pub(super) fn and(self, other: Self) -> Self {
        let both = |a: Option<i64>, b: Option<i64>, pick: fn(i64, i64) -> i64| match (a, b) {
            (Some(a), Some(b)) => Some(pick(a, b)),
            (a, b) => a.or(b),
        };
        Self {
            min: both(self.min, other.min, i64::max),
            max: both(self.max, other.max, i64::min),
        }
    }

    pub(super) fn hold(self, amount: i64) -> bool {
        self.min.is_none_or(|min| min <= amount) && self.max.is_none_or(|max| amount <= max)
    }

    fn less(self, base: i64) -> Self {
        Self {
            min: self.min.map(|min| min.saturating_sub(base)),
            max: self.max.map(|max| max.saturating_sub(base)),
        }
    }

    fn bound(self, lot: LotSize) -> Result<Bound, AllocationError> {
        let lots = |limit: Option<i64>, rounding| {
            limit
                .and_then(|limit| lot.rounded(limit, rounding))
                .map(LotCount::get)
        };
        let (min, max) = (
            lots(self.min, Rounding::Ceiling),
            lots(self.max, Rounding::Floor),
        );
        Ok(match (min, max) {
            (None, None) => Bound::FREE,
            (Some(min), None) => Bound::at_least(min),
            (None, Some(max)) => Bound::at_most(max),
            (Some(min), Some(max)) => Bound::between(min, max)?,
        })
    }
}

type Levels = Vec<BTreeMap<usize, Limits>>;

/// What is stated of a place.
type Stated<'a> = (Limits, &'a Place);

/// The bounds of a recipe: as they were written, and with what they mean for the nodes above.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Bounds {
    own: Levels,
    gains: Levels,
    losses: Levels,
}

impl Bounds {
    pub(super) fn compile(
        def: &CascadeDef,
        frame: &Frame,
        measure: &Measure,
        // The weights and those that stay with nodes, if children add up; and by which factors nodes hand down.
        (adding, factors): (Option<(&[LevelWeights], &KeptWeights)>, Option<&Factors>),
    ) -> Result<Self, PlanError> {
        if def.bounds.is_empty() && def.totals.is_empty() {
            return Ok(Self::default());
        }
        let mut own: Levels = vec![BTreeMap::new(); frame.levels.len()];
        // Bounds of the same nodes are one.
        let mut stated: BTreeMap<(usize, Vec<(usize, u32)>), Stated<'_>> = BTreeMap::new();
        for bound in &def.bounds {
            let units = |amount: Option<Number>| {
                amount
                    .map(|amount| measure.quantum.units(amount.decimal()))
                    .transpose()
            };
            let limits = Limits {
                min: units(bound.min)?,
                max: units(bound.max)?,
            };
            let step = frame.step(bound.step.as_str())?;
            let at = frame.coords_of(&bound.at)?;
            if at.last().is_some_and(|(last, _)| *last > step) {
                return Err(PlanError::BelowStep {
                    place: bound.at.clone(),
                    step: bound.step.clone(),
                });
            }
            let known = stated.entry((step, at));
            let (known, _) = known.or_insert((Limits::default(), &bound.at));
            *known = known.and(limits);
        }
        for ((step, at), (limits, place)) in stated {
            let mut held = at.is_empty();
            for (index, coord) in frame.levels[step + 1].coords.iter().enumerate() {
                let node = NodeId::new(step + 1, index);
                let agrees = at
                    .iter()
                    .all(|(above, wanted)| frame.coord_at(node, *above) == *wanted);
                if *coord != super::frame::SKIPPED && agrees {
                    held = true;
                    let both = own[step + 1]
                        .get(&index)
                        .copied()
                        .unwrap_or_default()
                        .and(limits);
                    own[step + 1].insert(index, check(frame, step + 1, index, both, measure)?);
                }
            }
            if !held {
                return Err(PlanError::NotPlanned {
                    place: place.clone(),
                });
            }
        }
        // What is prescribed for a period of a stock is a point of its path, not a bound.
        let totals = def.totals.iter().filter(|_| adding.is_some());
        for total in totals {
            let selection = frame.select(&total.at)?;
            if selection.below.is_empty() {
                let limits = Limits::of_total(total, measure)?;
                let (level, index) = (selection.node.level(), selection.node.index());
                let both = own[level]
                    .get(&index)
                    .copied()
                    .unwrap_or_default()
                    .and(limits);
                own[level].insert(index, check(frame, level, index, both, measure)?);
            }
        }
        let Some((weights, kept)) = adding else {
            let none: Levels = vec![BTreeMap::new(); frame.levels.len()];
            return Ok(Self {
                own,
                gains: none.clone(),
                losses: none,
            });
        };
        let implied = |losses| implied((factors, frame), weights, kept, &own, losses);
        Ok(Self {
            gains: implied(false),
            losses: implied(true),
            own,
        })
    }

    /// Says whether bounds contradict each other in a plan of gains or one of losses.
    pub(super) fn check(
        &self,
        frame: &Frame,
        measure: &Measure,
        losses: bool,
    ) -> Result<(), PlanError> {
        let levels = if losses { &self.losses } else { &self.gains };
        // The lowest contradiction is the one that a reader can mend.
        for (level, limits) in levels.iter().enumerate().rev() {
            for (index, limits) in limits {
                check(frame, level, *index, *limits, measure)?;
            }
        }
        Ok(())
    }

    /// Returns the bounds of a level as they were written.
    pub(super) fn own(&self, level: usize) -> Option<&BTreeMap<usize, Limits>> {
        self.own.get(level).filter(|limits| !limits.is_empty())
    }

    /// Returns the bounds of a level with what those below it mean, in a plan of gains or one of losses.
    pub(super) fn implied(&self, level: usize, losses: bool) -> Option<&BTreeMap<usize, Limits>> {
        let levels = if losses { &self.losses } else { &self.gains };
        levels.get(level).filter(|limits| !limits.is_empty())
    }

    /// Returns the nodes of a run of a level that are split one by one: their children are bounded or have different lots.
    pub(super) fn parents(
        &self,
        frame: &Frame,
        lots: &PlanLots,
        level: usize,
        run: Range<usize>,
        losses: bool,
    ) -> Vec<usize> {
        let mixed = lots.mixed(level, run.clone());
        let Some(limits) = self.implied(level + 1, losses) else {
            return mixed.to_vec();
        };
        let below = frame.levels[level].children_of(run);
        let parents = limits
            .range(below)
            .map(|(child, _)| frame.levels[level].parent(*child));
        let all: BTreeSet<usize> = parents.chain(mixed.iter().copied()).collect();
        all.into_iter().collect()
    }

    /// Splits the amount of one node inside the bounds of its children, each less what it is given already; shares are
    /// counted in the smallest lot of the children.
    pub(super) fn split(
        &self,
        node: &Bounded<'_>,
        weights: &[u128],
        base: impl Fn(usize) -> i64,
        stuck: impl Fn(usize) -> bool,
    ) -> Result<BoundedShares, PlanError> {
        let Bounded {
            frame,
            measure,
            level,
            index,
            amount,
            lots,
            method,
            all_zero,
            losses,
        } = *node;
        let above = NodeId::new(level, index);
        let lot = lots.below(frame, above);
        let place = || frame.path_at(level, index);
        let step = || frame.steps[level].name.clone();
        let failed = |error: AllocationError| PlanError::Split {
            place: place(),
            step: step(),
            error: Box::new(error),
        };
        let children = frame.levels[level].children(index);
        let limits = |child: usize| {
            let own = self
                .implied(level + 1, losses)
                .and_then(|limits| limits.get(&child));
            own.copied().unwrap_or_default()
        };
        let mut bounds = Vec::with_capacity(children.len());
        for child in children.clone() {
            bounds.push(if stuck(child) {
                Bound::held(0)
            } else {
                limits(child).less(base(child)).bound(lot).map_err(failed)?
            });
        }
        let whole = Weights::from_integers(weights, all_zero).map_err(failed)?;
        let lots = lots.in_smallest(frame, above);
        let found = allocate_within(lot.count(amount).get(), &whole, method, &bounds, &lots);
        found.map_err(|error| match error {
            AllocationError::Impossible(found) => {
                let decimal = |units: i128| {
                    let amount = Ratio::new(units, 1)
                        .and_then(|units| units.checked_mul(lot.ratio()))
                        .and_then(|units| units.checked_mul(measure.quantum.ratio()));
                    amount.map_or(Decimal::MAX, Ratio::approximate)
                };
                let mut members: Vec<usize> = found
                    .constraints()
                    .iter()
                    .map(|constraint| constraint.member())
                    .collect();
                members.dedup();
                let shown = |limit: Option<i64>| limit.map(|limit| measure.quantum.amount(limit));
                let limit = |member: usize| {
                    let limits = limits(children.start + member);
                    NodeLimit {
                        place: frame.path_at(level + 1, children.start + member),
                        min: shown(limits.min),
                        max: shown(limits.max),
                    }
                };
                PlanError::Constraint(ConstraintError::Impossible {
                    place: place(),
                    step: step(),
                    amount: measure.quantum.amount(amount),
                    needed: decimal(found.needed()),
                    available: decimal(found.available()),
                    limits: members.into_iter().map(limit).collect(),
                })
            }
            AllocationError::ZeroWeights { .. } => PlanError::Basis(BasisError::ZeroWeights {
                place: place(),
                step: step(),
                amount: measure.quantum.amount(amount),
            }),
            other => failed(other),
        })
    }
}

/// Says whether a node splits a loss: by its own sign, as a product of returns does in a plan of sales; with nothing, as the plan.
pub(super) fn is_of_losses(amount: i64, total: i64) -> bool {
    if amount == 0 { total < 0 } else { amount < 0 }
}

/// One node whose children are bounded.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounded<'a> {
    pub(super) frame: &'a Frame,
    pub(super) measure: &'a Measure,
    pub(super) level: usize,
    pub(super) index: usize,
    pub(super) amount: i64,
    pub(super) lots: &'a PlanLots,
    pub(super) method: Method,
    pub(super) all_zero: ZeroWeights,
    pub(super) losses: bool,
}

fn check(
    frame: &Frame,
    level: usize,
    index: usize,
    limits: Limits,
    measure: &Measure,
) -> Result<Limits, PlanError> {
    match (limits.min, limits.max) {
        (Some(min), Some(max)) if min > max => {
            Err(PlanError::Constraint(ConstraintError::CrossedBounds {
                place: frame.path_at(level, index),
                min: measure.quantum.amount(min),
                max: measure.quantum.amount(max),
            }))
        }
        _ => Ok(limits),
    }
}

/// Adds up bounds from the leaves: a node must make up for the minima below it and has no room beyond the maxima.
fn implied(
    (factors, frame): (Option<&Factors>, &Frame),
    weights: &[LevelWeights],
    kept: &KeptWeights,
    own: &Levels,
    losses: bool,
) -> Levels {
    let mut implied = own.clone();
    for level in (0..frame.levels.len() - 1).rev() {
        let level_own = &frame.levels[level];
        let parents: BTreeSet<usize> = implied[level + 1]
            .keys()
            .map(|child| level_own.parent(*child))
            .collect();
        for parent in parents {
            let (mut least, mut most) = (Some(0_i128), Some(0_i128));
            for child in level_own.children(parent) {
                let limits = implied[level + 1].get(&child).copied().unwrap_or_default();
                let weightless = weights[level].get(child) == Some(0);
                let range = reach(limits, weightless, losses);
                least = least.zip(range.0).map(|(sum, min)| sum + i128::from(min));
                most = most.zip(range.1).map(|(sum, max)| sum + i128::from(max));
            }
            if kept[level].contains_key(&parent) {
                // A part stays with it whatever is below.
                (least, most) = (None, None);
            }
            if let Some(factors) = factors {
                // What is handed down is the factor times the amount, rounded to the nearest quantum.
                let factor = factors.of(NodeId::new(level, parent));
                let own = |sum: i128, rounding| {
                    divide(
                        sum.checked_mul(factor.denominator())?,
                        factor.numerator(),
                        rounding,
                    )
                };
                least = least.and_then(|sum| own(sum, Rounding::Ceiling));
                most = most.and_then(|sum| own(sum, Rounding::Floor));
            }
            let clamp =
                |sum: i128| i64::try_from(sum).unwrap_or(if sum < 0 { i64::MIN } else { i64::MAX });
            let below = Limits {
                min: least.map(clamp),
                max: most.map(clamp),
            };
            let both = implied[level]
                .get(&parent)
                .copied()
                .unwrap_or_default()
                .and(below);
            implied[level].insert(parent, both);
        }
    }
    implied
}

/// Returns the amounts that a child can have, as a bounded split means them.
fn reach(limits: Limits, weightless: bool, losses: bool) -> (Option<i64>, Option<i64>) {
    if weightless {
        // Nothing, or what its own bounds ask for.
        let most = limits.max.unwrap_or(i64::MAX);
        let only = limits.min.unwrap_or(0).max(0).min(most);
        return (Some(only), Some(only));
    }
    let (free_min, free_max) = if losses {
        (None, Some(0))
    } else {
        (Some(0), None)
    };
    let min = limits.min.or(match (free_min, limits.max) {
        (Some(free), Some(max)) => Some(free.min(max)),
        (free, _) => free,
    });
    let max = limits.max.or(match (free_max, limits.min) {
        (Some(free), Some(min)) => Some(free.max(min)),
        (free, _) => free,
    });
    (min, max)
}

#[cfg(test)]
mod tests;
