//! From one total to every leaf.

use std::collections::BTreeMap;
use std::sync::Arc;

use rust_decimal::Decimal;

use super::basis::Resolver;
use super::bounds::{Bounded, Bounds, serves};
use super::lots::PlanLots;
use super::prescribed::{Fitted, Prescribed};
use super::stock::Openings;
use super::{BeyondThreshold, CascadeDef, Frame, NodeId, Plan, PlanError, Sources};
use crate::allocation::{AllocationError, LevelSplitter, LevelWeights, Method, Nodes, Within};
use crate::measure::{Additivity, Measure};
use crate::quantity::{Rounding, mul_divide};

/// A recipe compiled: its structure, and the weights of every node. Splits any number of totals.
///
/// Cloning is cheap.
#[derive(Debug, Clone)]
pub struct Cascade(Arc<Compiled>);

#[derive(Debug)]
struct Compiled {
    def: CascadeDef,
    measure: Measure,
    frame: Arc<Frame>,
    weights: Vec<LevelWeights>,
    lots: PlanLots,
    bounds: Bounds,
    prescribed: Prescribed,
    kind: Kind,
}

/// How the amounts of a measure hang together.
#[derive(Debug)]
pub(super) enum Kind {
    /// Children add up, over members and over periods.
    Flow,
    /// Members add up; periods follow a path.
    Stock(Openings),
    /// Everything above the leaves is a weighted mean.
    Rating,
}

impl Kind {
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Flow => "flow",
            Self::Stock(_) => "stock",
            Self::Rating => "rating",
        }
    }

    pub(super) fn openings(&self) -> Option<&Openings> {
        match self {
            Self::Stock(openings) => Some(openings),
            Self::Flow | Self::Rating => None,
        }
    }
}

/// The amounts of one measure, in quanta, level by level.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Amounts {
    pub(super) values: Vec<Vec<i64>>,
    /// Of each level, how much more than its own amount each node hands down; none where the step below has no pad.
    pub(super) pads: Vec<Option<Vec<i64>>>,
    /// Of each level, what stayed with a node because the method or the policy assigns less than everything.
    pub(super) apart: Vec<BTreeMap<usize, i64>>,
}

impl Cascade {
    /// Compiles a recipe.
    ///
    /// # Errors
    /// As [`Frame::compile`]; [`PlanError::Measure`] and [`PlanError::NotSplittable`]; the errors of bases, lots and
    /// over-assignments.
    pub fn compile(def: CascadeDef, sources: &Sources<'_>) -> Result<Self, PlanError> {
        let frame = Arc::new(Frame::compile(&def, sources)?);
        Self::on(frame, def, sources)
    }

    /// Compiles a recipe for another measure on a structure that exists, such as expenses beside sales.
    ///
    /// # Errors
    /// As [`Cascade::compile`], and [`PlanError::DifferentFrames`] when the recipe means another structure.
    pub fn beside(
        frame: &Arc<Frame>,
        def: CascadeDef,
        sources: &Sources<'_>,
    ) -> Result<Self, PlanError> {
        if Frame::compile(&def, sources)? != **frame {
            return Err(PlanError::DifferentFrames {
                what: "the recipe has other steps or members",
            });
        }
        Self::on(Arc::clone(frame), def, sources)
    }

    fn on(frame: Arc<Frame>, def: CascadeDef, sources: &Sources<'_>) -> Result<Self, PlanError> {
        let measures = sources.measures;
        let measure = measures
            .own(measures.require(def.measure.as_str())?)
            .clone();
        if let Additivity::Ratio { .. } = measure.additivity {
            return Err(PlanError::NotSplittable {
                measure: measure.key,
                kind: "ratio",
            });
        }
        check_kind(&def, &frame, &measure)?;
        let lots = PlanLots::compile(&def, &frame, &measure)?;
        check_pads(&def, &frame)?;
        let weights = (0..def.steps.len()).map(|step| {
            Resolver {
                def: &def,
                frame: &frame,
                sources,
                step,
            }
            .weights()
        });
        let weights = weights.collect::<Result<Vec<_>, _>>()?;
        let kind = match measure.additivity {
            Additivity::Stock => Kind::Stock(Openings::compile(&def, &frame, &measure, &weights)?),
            Additivity::Rating => Kind::Rating,
            Additivity::Flow | Additivity::Ratio { .. } => Kind::Flow,
        };
        // What does not add up has bounds that are checked; nothing follows from them for the nodes above.
        let adding = matches!(kind, Kind::Flow).then_some(&weights[..]);
        let bounds = Bounds::compile(&def, &frame, &measure, adding)?;
        for (step, own) in def.steps.iter().enumerate() {
            let bounded = [false, true].map(|losses| bounds.implied(step + 1, losses).is_some());
            if bounded.contains(&true) && !serves(own.method) {
                return Err(PlanError::MethodInsideBounds {
                    step: frame.steps[step].name.clone(),
                    method: own.method,
                });
            }
        }
        let prescribed = Prescribed::compile(&def, &frame, &measure)?;
        for (step, _, _) in prescribed.iter() {
            if lots.of_level(step + 1).is_none() {
                let step = frame.steps[step].name.clone();
                return Err(PlanError::TotalsInLots { step });
            }
        }
        Ok(Self(Arc::new(Compiled {
            def,
            measure,
            frame,
            weights,
            lots,
            bounds,
            prescribed,
            kind,
        })))
    }

    /// Returns the recipe.
    #[must_use]
    pub fn definition(&self) -> &CascadeDef {
        &self.0.def
    }

    /// Returns the measure.
    #[must_use]
    pub fn measure(&self) -> &Measure {
        &self.0.measure
    }

    /// Returns the structure.
    #[must_use]
    pub fn frame(&self) -> &Arc<Frame> {
        &self.0.frame
    }

    /// Returns the weights of all nodes of a step.
    pub(super) fn weights(&self, step: usize) -> &LevelWeights {
        &self.0.weights[step]
    }

    /// Returns what the amounts are multiples of.
    pub(super) fn lots(&self) -> &PlanLots {
        &self.0.lots
    }

    /// Returns what a node hands down is a multiple of, in quanta.
    pub(super) fn lot_below(&self, step: usize, index: usize) -> i64 {
        self.0.lots.below(&self.0.frame, NodeId::new(step, index))
    }

    /// Returns how the amounts hang together.
    pub(super) fn kind(&self) -> &Kind {
        &self.0.kind
    }

    /// Returns the method of a step.
    pub(super) fn method(&self, step: usize) -> Method {
        self.0.def.steps[step].method
    }

    /// Splits a total down to every leaf.
    ///
    /// # Errors
    /// [`PlanError::Quantity`] for a total finer than the quantum or beyond the range; [`PlanError::ZeroWeights`],
    /// [`PlanError::NotWholeLots`], [`PlanError::OutOfRange`] and [`PlanError::Split`] with the place.
    pub fn run(&self, total: Decimal) -> Result<Plan, PlanError> {
        self.run_units(self.0.measure.quantum.units(total)?)
    }

    /// Splits a total given in quanta down to every leaf.
    ///
    /// # Errors
    /// As [`Cascade::run`].
    pub fn run_units(&self, total: i64) -> Result<Plan, PlanError> {
        let amounts = self.amounts(total)?;
        Ok(Plan::from_amounts(self.clone(), amounts))
    }

    pub(super) fn amounts(&self, total: i64) -> Result<Amounts, PlanError> {
        let steps = self.0.def.steps.len();
        self.0
            .bounds
            .check(&self.0.frame, &self.0.measure, total < 0)?;
        let mut amounts = Amounts {
            values: Vec::with_capacity(steps + 1),
            pads: vec![None; steps + 1],
            apart: vec![BTreeMap::new(); steps + 1],
        };
        amounts.values.push(vec![total]);
        for step in 0..steps {
            let over_time = self.0.frame.periods(step).is_some();
            let shares = match &self.0.kind {
                Kind::Stock(openings) if over_time => {
                    self.paths(step, openings, &amounts.values)?
                }
                Kind::Rating => {
                    let level = &self.0.frame.levels[step];
                    let rated = amounts.values[step].iter().enumerate();
                    rated
                        .flat_map(|(index, rating)| level.children(index).map(|_| *rating))
                        .collect()
                }
                Kind::Flow | Kind::Stock(_) => {
                    self.split(step, &mut amounts)?;
                    continue;
                }
            };
            amounts.values.push(shares);
        }
        if !matches!(self.0.kind, Kind::Flow) {
            self.check_limits(&amounts)?;
        }
        Ok(amounts)
    }

    /// Says whether amounts that do not add up are inside the bounds.
    fn check_limits(&self, amounts: &Amounts) -> Result<(), PlanError> {
        let frame = &self.0.frame;
        let shown = |limit| self.0.measure.quantum.amount(limit);
        for level in 0..frame.levels() {
            for (index, limits) in self.0.bounds.own(level).into_iter().flatten() {
                let amount = amounts.values[level][*index];
                if !limits.hold(amount) {
                    return Err(PlanError::OutsideBounds {
                        place: frame.path_at(level, *index),
                        amount: shown(amount),
                        min: limits.min.map(shown),
                        max: limits.max.map(shown),
                    });
                }
            }
        }
        Ok(())
    }

    /// Says whether an amount that a node hands down is whole lots.
    pub(super) fn check_whole(&self, node: NodeId, amount: i64, lot: i64) -> Result<(), PlanError> {
        if amount % lot == 0 {
            return Ok(());
        }
        Err(PlanError::NotWholeLots {
            place: self.0.frame.path(node),
            amount: self.0.measure.quantum.amount(amount),
            lot: self.0.measure.quantum.amount(lot),
        })
    }

    /// Splits all nodes of one level.
    fn split(&self, step: usize, amounts: &mut Amounts) -> Result<(), PlanError> {
        let Compiled {
            def,
            frame,
            weights,
            lots,
            ..
        } = &*self.0;
        let level = &frame.levels[step];
        let pads = self.pads_of(step, &amounts.values[step])?;
        let single = lots.of_level(step + 1) == Some(1);
        let mut handed: Vec<i64> = Vec::new();
        let mut starts: Vec<usize> = Vec::new();
        // Which node each entry of `handed` is, where nodes without children are left out.
        let mut nodes: Vec<usize> = Vec::new();
        let whole = &amounts.values[step];
        let down = |index: usize| -> Result<i64, PlanError> {
            let pad = pads.as_ref().map_or(0, |pads| pads[index]);
            let amount = whole[index]
                .checked_add(pad)
                .ok_or_else(|| PlanError::OutOfRange {
                    place: frame.path_at(step, index),
                })?;
            if single {
                return Ok(amount);
            }
            let lot = self.lot_below(step, index);
            self.check_whole(NodeId::new(step, index), amount, lot)?;
            Ok(amount / lot)
        };
        let losses = amounts.values[0].first().is_some_and(|total| *total < 0);
        let (fitted, bounded) = self.apart(step, losses);
        let plain = pads.is_none() && single && bounded.is_empty();
        if level.ragged {
            for index in 0..level.len() {
                let children = level.children(index);
                if !children.is_empty() {
                    handed.push(down(index)?);
                    starts.push(children.start);
                    nodes.push(index);
                }
            }
            starts.push(frame.levels[step + 1].len());
        } else if !plain {
            handed = (0..level.len()).map(down).collect::<Result<_, _>>()?;
        }
        // Bounded nodes are split one by one below, fitted ones together.
        let mut apart: Vec<(usize, i64)> = Vec::with_capacity(bounded.len());
        for index in &bounded {
            let place = if level.ragged {
                nodes.binary_search(index).unwrap_or_default()
            } else {
                *index
            };
            apart.push((*index, std::mem::take(&mut handed[place])));
        }
        let shape = match level.width {
            _ if level.ragged => Nodes::Starts(&starts),
            Some(width) => Nodes::Even(width),
            None => Nodes::Starts(&level.starts),
        };
        let down = if level.ragged || !plain {
            &handed
        } else {
            whole
        };
        let policy = def.steps[step].weights;
        let mut shares = vec![0; frame.levels[step + 1].len()];
        let mut splitter = LevelSplitter::new(def.steps[step].method, policy.all_zero());
        let left = splitter
            .split(down, shape, &weights[step], &mut shares)
            .map_err(|error| self.split_error(step, error, &nodes, down))?;
        if !single {
            for index in 0..level.len() {
                let lot = self.lot_below(step, index);
                for share in &mut shares[level.children(index)] {
                    // The shares add up to an amount in range, each no larger than it.
                    *share *= lot;
                }
            }
        }
        let unassigned = self.split_apart(step, &fitted, apart, losses, &mut shares)?;
        amounts.apart[step].extend(unassigned);
        for left in left {
            let node = nodes.get(left.node()).copied().unwrap_or(left.node());
            amounts.apart[step].insert(node, left.amount() * self.lot_below(step, node));
        }
        amounts.pads[step] = pads;
        amounts.values.push(shares);
        Ok(())
    }

    /// Splits the nodes that were taken out, each with its amount in lots, and returns what stayed with some of them.
    fn split_apart(
        &self,
        step: usize,
        fitted: &[NodeId],
        apart: Vec<(usize, i64)>,
        losses: bool,
        shares: &mut [i64],
    ) -> Result<Vec<(usize, i64)>, PlanError> {
        let Compiled {
            frame, prescribed, ..
        } = &*self.0;
        let level = &frame.levels[step];
        for node in fitted {
            let rows = frame.run_below(*node, step);
            let amount = |index: usize| {
                let found = apart.binary_search_by_key(&index, |row| row.0);
                found.map_or(0, |place| apart[place].1)
            };
            let handed: Vec<i64> = rows.clone().map(amount).collect();
            let cells = frame.levels[step].children_of(rows);
            let lot = self.0.lots.of_level(step + 1).unwrap_or(1);
            let found = self.split_fitted(step, *node, &handed, lot)?;
            for (share, lots) in shares[cells].iter_mut().zip(found) {
                *share = lots.checked_mul(lot).ok_or_else(|| PlanError::OutOfRange {
                    place: frame.path(*node),
                })?;
            }
        }
        let mut unassigned = Vec::new();
        for (index, amount) in apart {
            if prescribed
                .holder(frame, step, NodeId::new(step, index))
                .is_some()
            {
                continue;
            }
            let lot = self.lot_below(step, index);
            let amount = amount.saturating_mul(lot);
            let found = self.split_bounded(step, index, amount, losses)?;
            for (share, found) in shares[level.children(index)].iter_mut().zip(found.shares()) {
                *share = found * lot;
            }
            if found.unallocated() != 0 {
                unassigned.push((index, found.unallocated() * lot));
            }
        }
        Ok(unassigned)
    }

    /// Returns the nodes whose rows at a step are split together, and all nodes of the step that are not split one level
    /// at once: those rows, and nodes with bounded children.
    fn apart(&self, step: usize, losses: bool) -> (Vec<NodeId>, Vec<usize>) {
        let Compiled {
            frame,
            bounds,
            lots,
            prescribed,
            ..
        } = &*self.0;
        let fitted: Vec<NodeId> = prescribed.at_step(step).collect();
        let mut bounded = bounds.parents(frame, lots, step, 0..frame.nodes(step), losses);
        if !fitted.is_empty() {
            let row = |index: &usize| NodeId::new(step, *index);
            bounded.retain(|index| prescribed.holder(frame, step, row(index)).is_none());
            let rows = fitted.iter().flat_map(|node| frame.run_below(*node, step));
            bounded.extend(rows.filter(|index| !frame.levels[step].children(*index).is_empty()));
            bounded.sort_unstable();
        }
        (fitted, bounded)
    }

    /// Splits the rows at a step under a node together, so that their columns total what is prescribed; all in lots.
    fn split_fitted(
        &self,
        step: usize,
        node: NodeId,
        handed: &[i64],
        lot: i64,
    ) -> Result<Vec<i64>, PlanError> {
        let table = Fitted {
            step,
            frame: &self.0.frame,
            measure: &self.0.measure,
            weights: &self.0.weights[step],
            bounds: &self.0.bounds,
            node,
            lot,
        };
        self.0.prescribed.split(&table, handed)
    }

    /// Returns the totals that are prescribed across nodes.
    pub(super) fn prescribed(&self) -> &Prescribed {
        &self.0.prescribed
    }

    /// Splits one node inside the bounds and lots of its children; the shares are counted in the smallest of these lots.
    fn split_bounded(
        &self,
        step: usize,
        index: usize,
        amount: i64,
        losses: bool,
    ) -> Result<Within, PlanError> {
        let node = Bounded {
            frame: &self.0.frame,
            measure: &self.0.measure,
            level: step,
            index,
            amount,
            lots: &self.0.lots,
            method: self.method(step),
            all_zero: self.0.def.steps[step].weights.all_zero(),
            losses,
        };
        let column = self.node_weights(step, self.0.frame.levels[step].children(index));
        let bounds = &self.0.bounds;
        bounds.split(&node, &column, |_| 0, |_| false)
    }

    /// Returns the weights of some nodes of a step.
    pub(super) fn node_weights(&self, step: usize, range: std::ops::Range<usize>) -> Vec<u128> {
        let weights = &self.0.weights[step];
        range.map(|index| weights.get(index).unwrap_or(0)).collect()
    }

    /// Returns the minima and maxima.
    pub(super) fn bounds(&self) -> &Bounds {
        &self.0.bounds
    }

    fn pads(&self, step: usize, amounts: &[i64]) -> Result<Vec<i64>, PlanError> {
        let pad = |(index, amount): (usize, &i64)| self.pad_of(step, index, *amount);
        amounts.iter().enumerate().map(pad).collect()
    }

    /// Returns how much more than its amount a node hands down at a step; nothing for a leaf.
    pub(super) fn pad_of(&self, step: usize, index: usize, amount: i64) -> Result<i64, PlanError> {
        let Some(pad) = &self.0.def.steps[step].pad else {
            return Ok(0);
        };
        if self.0.frame.levels[step].children(index).is_empty() {
            return Ok(0);
        }
        let lot = self.lot_below(step, index);
        let denominator = pad.share.denominator().checked_mul(i128::from(lot));
        denominator
            .and_then(|denominator| {
                let numerator = pad.share.numerator();
                mul_divide(amount, numerator, denominator, Rounding::HalfAwayFromZero)
            })
            .and_then(|lots| lots.checked_mul(lot))
            .ok_or_else(|| PlanError::OutOfRange {
                place: self.0.frame.path_at(step, index),
            })
    }

    /// Returns how much more than its amount each node of a level hands down, where the step has an over-assignment.
    pub(super) fn pads_of(
        &self,
        step: usize,
        amounts: &[i64],
    ) -> Result<Option<Vec<i64>>, PlanError> {
        match self.0.def.steps[step].pad {
            Some(_) => self.pads(step, amounts).map(Some),
            None => Ok(None),
        }
    }

    /// Puts the place to an error of the splitter.
    pub(super) fn split_error(
        &self,
        step: usize,
        error: AllocationError,
        nodes: &[usize],
        amounts: &[i64],
    ) -> PlanError {
        let AllocationError::InNode { node, error } = error else {
            return PlanError::Allocation(error);
        };
        let amount = amounts.get(node).copied().unwrap_or(0);
        let index = nodes.get(node).copied().unwrap_or(node);
        let place = self.0.frame.path_at(step, index);
        let name = self.0.frame.steps[step].name.clone();
        match *error {
            AllocationError::ZeroWeights { .. } => PlanError::ZeroWeights {
                place,
                step: name,
                amount: self
                    .0
                    .measure
                    .quantum
                    .amount(amount.saturating_mul(self.lot_below(step, index))),
            },
            _ => PlanError::Split {
                place,
                step: name,
                error,
            },
        }
    }
}

/// Refuses what a recipe says that has no meaning for its kind of measure.
fn check_kind(def: &CascadeDef, frame: &Frame, measure: &Measure) -> Result<(), PlanError> {
    let kind = match measure.additivity {
        Additivity::Stock => "stock",
        Additivity::Rating => "rating",
        Additivity::Flow | Additivity::Ratio { .. } => "flow",
    };
    let stock = measure.additivity == Additivity::Stock;
    let refuse = |what| {
        Err(PlanError::NotForKind {
            measure: measure.key.clone(),
            kind,
            what,
        })
    };
    if !stock && !def.openings.is_empty() {
        return refuse("an opening");
    }
    if kind == "flow" {
        return Ok(());
    }
    if !stock && !def.totals.is_empty() {
        return refuse("a prescribed total");
    }
    for (step, own) in def.steps.iter().enumerate() {
        if !stock && (own.lot.is_some() || !own.lots.is_empty()) {
            return refuse("a lot");
        }
        if own.pad.is_some() {
            return refuse("an over-assignment");
        }
        let plain = matches!(own.method, Method::LargestRemainder | Method::Running);
        if !plain && (!stock || frame.periods(step).is_some()) {
            return refuse("this method of rounding");
        }
    }
    Ok(())
}

fn check_pads(def: &CascadeDef, frame: &Frame) -> Result<(), PlanError> {
    for (step, own) in def.steps.iter().enumerate() {
        let Some(pad) = &own.pad else { continue };
        let name = || frame.steps[step].name.clone();
        if pad.share.is_negative() || pad.threshold.is_negative() {
            return Err(PlanError::NegativePad { step: name() });
        }
        if pad.share > pad.threshold && pad.beyond == BeyondThreshold::Forbid {
            return Err(PlanError::BeyondThreshold {
                place: super::Path::default(),
                step: name(),
                share: pad.share,
                threshold: pad.threshold,
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
