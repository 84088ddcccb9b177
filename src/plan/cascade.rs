//! From one total to every leaf.

mod assign;
mod check;
mod split;

pub(super) use assign::Takers;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::amounts::Amounts;
use super::applied::{AppliedAt, Judged};
use super::basis::{FINEST, Resolver};
use super::bounds::{Bounds, serves};
use super::factors::Factors;
use super::gate::{self, Excused, KeptWeights, Part};
use super::lots::{LotCount, LotSize, PlanLots};
use super::origin::Origin;
use super::prescribed::Prescribed;
use super::stock::{Openings, Paths, Waypoints};
use super::{
    Applied, BasisDef, BasisError, CascadeDef, ConstraintError, CountedDays, Frame, NodeId,
    PlanError, Sources, SplitDef,
};
use crate::allocation::{LevelWeights, Method, Weights, mul_div_rem};
use crate::calendar::WorkingDays;
use crate::measure::{Additivity, Measure};

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
    /// Step by step, the part of those whose shares stay with the node above, by that node.
    kept: KeptWeights,
    /// Step by step, what policies decided about nodes, in their order.
    applied: Vec<Vec<Judged>>,
    lots: PlanLots,
    bounds: Bounds,
    /// By how much more than what is assigned to it each node hands down, where some do.
    factors: Option<Factors>,
    /// The bounds with what they mean for what is assigned to the nodes above, where that is something else than for the base.
    assigned_bounds: Option<Bounds>,
    prescribed: Prescribed,
    kind: Kind,
    counted: CountedDays,
    /// The working days of the company, as far as they are known.
    working_days: Option<WorkingDays>,
    origin: Origin,
}

/// The weights of all steps, and what policies decided in them.
struct Weighed {
    weights: Vec<LevelWeights>,
    kept: KeptWeights,
    applied: Vec<Vec<Judged>>,
}

/// Where the weights of a recipe come from.
enum Weighing {
    Saved(Weighed),
    Resolved(Excused),
}

impl Weighed {
    /// Resolves all steps; `along` where amounts follow paths over periods. Where what is wrong with a step is excused, all of its nodes
    /// weigh the same, and its gates are open.
    fn resolve(steps: &[Resolver<'_>], along: bool, excused: Excused) -> Result<Self, PlanError> {
        let (mut weights, mut applied) = (Vec::new(), Vec::new());
        for step in steps {
            let own = match step.weights() {
                Err(error) if excused(&error) => step.equal(),
                own => own?,
            };
            weights.push(own.weights);
            applied.push(own.applied);
        }
        let kept = gate::close((steps, along), excused, &mut weights, &mut applied)?;
        Ok(Self {
            weights,
            kept,
            applied,
        })
    }
}

/// How the amounts of a measure hang together.
#[derive(Debug)]
pub(super) enum Kind {
    /// Children add up, over members and over periods.
    Flow,
    /// Members add up; periods follow a path.
    Stock(Paths),
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

    pub(super) fn paths(&self) -> Option<&Paths> {
        match self {
            Self::Stock(paths) => Some(paths),
            Self::Flow | Self::Rating => None,
        }
    }
}

impl Cascade {
    /// Compiles a recipe.
    ///
    /// # Errors
    /// As [`Frame::compile`]; [`PlanError::Measure`] and [`PlanError::NotSplittable`]; the errors of bases, lots and
    /// over-assignments.
    pub fn compile(def: CascadeDef, sources: &Sources<'_>) -> Result<Self, PlanError> {
        let frame = Arc::new(Frame::compile(&def, sources)?);
        Self::on(frame, def, sources, Weighing::Resolved(|_| false))
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
        Self::on(
            Arc::clone(frame),
            def,
            sources,
            Weighing::Resolved(|_| false),
        )
    }

    /// Compiles a recipe as far as it says something by itself, whatever its figures are by then: where an error of its weights is
    /// excused, all of the step weigh the same. Amounts are not to be split by it.
    pub(crate) fn compile_excusing(
        beside: Option<&Arc<Frame>>,
        def: CascadeDef,
        sources: &Sources<'_>,
        excused: Excused,
    ) -> Result<Self, PlanError> {
        let own = Frame::compile(&def, sources)?;
        let frame = match beside {
            Some(frame) if own == **frame => Arc::clone(frame),
            Some(_) => {
                return Err(PlanError::DifferentFrames {
                    what: "the recipe has other steps or members",
                });
            }
            None => Arc::new(own),
        };
        Self::on(frame, def, sources, Weighing::Resolved(excused))
    }

    /// Returns a recipe compiled with weights that were saved.
    pub(super) fn saved(
        beside: Option<&Arc<Frame>>,
        def: CascadeDef,
        sources: &Sources<'_>,
        (weights, kept): (Vec<LevelWeights>, Vec<(usize, usize, Part)>),
    ) -> Result<Self, PlanError> {
        let frame = Arc::new(Frame::compile(&def, sources)?);
        let mut stays: KeptWeights = vec![BTreeMap::new(); weights.len()];
        for (step, index, part) in kept {
            let own = stays.get_mut(step).filter(|_| index < frame.count(step));
            let own = own.ok_or(PlanError::Damaged {
                what: "a weight stays with a node that it does not have",
            })?;
            if own.insert(index, part).is_some() {
                return Err(PlanError::Damaged {
                    what: "two weights stay with one node",
                });
            }
        }
        let steps = (0..frame.levels() - 1).map(|step| frame.count(step + 1));
        if !steps.eq(weights.iter().map(LevelWeights::len)) {
            return Err(PlanError::Damaged {
                what: "its weights are not one for each node of its structure",
            });
        }
        for ((level, weights), stays) in frame.levels.iter().zip(&weights).zip(&stays) {
            for parent in 0..level.len() {
                let mut own = level
                    .children(parent)
                    .filter_map(|child| weights.get(child));
                let (stays, of) = stays.get(&parent).copied().unwrap_or((0, 0));
                let sum = own.try_fold(0, u128::checked_add);
                let within = |sum: u128| sum <= Weights::MAX_SUM;
                if stays > of || !within(of) || !sum.is_some_and(within) {
                    return Err(PlanError::Damaged {
                        what: "its weights are beyond 126 bits, or more stays with a node than all below it weigh",
                    });
                }
            }
        }
        let frame = beside
            .filter(|beside| **beside == frame)
            .map_or(frame, Arc::clone);
        let weighed = Weighed {
            weights,
            kept: stays,
            applied: Vec::new(),
        };
        Self::on(frame, def, sources, Weighing::Saved(weighed))
    }

    fn on(
        frame: Arc<Frame>,
        def: CascadeDef,
        sources: &Sources<'_>,
        weighing: Weighing,
    ) -> Result<Self, PlanError> {
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
        check::kind(&def, &frame, &measure)?;
        let lots = PlanLots::compile(&def, &frame, &measure)?;
        let factors = Factors::compile(&def, &frame)?;
        let counted = counted(&def);
        let working = match counted {
            CountedDays::Calendar => None,
            CountedDays::Working => Some(sources.working_days.ok_or(PlanError::NoWorkingDays)?),
        };
        let resolver = |step| Resolver {
            def: &def,
            frame: &frame,
            sources,
            step,
            working,
            by_days: true,
            places: FINEST,
        };
        let Weighed {
            weights,
            kept,
            applied,
        } = match weighing {
            Weighing::Saved(saved) => saved,
            Weighing::Resolved(excused) => {
                let steps: Vec<Resolver<'_>> = (0..def.steps.len()).map(resolver).collect();
                Weighed::resolve(&steps, measure.additivity == Additivity::Stock, excused)?
            }
        };
        let kind = match measure.additivity {
            Additivity::Stock => Kind::Stock(Paths {
                openings: Openings::compile(&def, &frame, &measure, &weights)?,
                waypoints: Waypoints::compile(&def, &frame, &measure)?,
            }),
            Additivity::Rating => Kind::Rating,
            Additivity::Flow | Additivity::Ratio { .. } => Kind::Flow,
        };
        // What does not add up has bounds that are checked; nothing follows from them for the nodes above.
        let adding = matches!(kind, Kind::Flow).then_some((&weights[..], &kept));
        let bounds = Bounds::compile(&def, &frame, &measure, (adding, None))?;
        let with = |factors| Bounds::compile(&def, &frame, &measure, (adding, Some(factors)));
        let assigned_bounds = factors.as_ref().map(with).transpose()?;
        for (step, own) in def.steps.iter().enumerate() {
            let bounded = [false, true].map(|losses| bounds.implied(step + 1, losses).is_some());
            if bounded.contains(&true) && !serves(own.method) {
                return Err(PlanError::Constraint(ConstraintError::MethodInsideBounds {
                    step: frame.steps[step].name.clone(),
                    method: own.method,
                }));
            }
        }
        let origin = Origin::new(&frame, sources)?;
        let prescribed = Prescribed::compile(&def, &frame, &measure)?;
        for (step, _, _) in prescribed.iter() {
            if lots.of_level(step + 1).is_none() {
                let step = frame.steps[step].name.clone();
                return Err(PlanError::Constraint(ConstraintError::TotalsInLots {
                    step,
                }));
            }
        }
        Ok(Self(Arc::new(Compiled {
            def,
            measure,
            frame,
            weights,
            kept,
            applied,
            lots,
            bounds,
            factors,
            assigned_bounds,
            prescribed,
            kind,
            counted,
            working_days: sources.working_days.cloned(),
            origin,
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

    /// Returns the sources of the structure, as they were.
    pub(super) fn origin(&self) -> &Origin {
        &self.0.origin
    }

    /// Returns by which days cells are shared.
    pub(super) fn counted(&self) -> CountedDays {
        self.0.counted
    }

    /// Returns the working days that the sources had.
    pub(super) fn working_days(&self) -> Option<&WorkingDays> {
        self.0.working_days.as_ref()
    }

    /// Returns the weights of all nodes of a step.
    pub(super) fn weights(&self, step: usize) -> &LevelWeights {
        &self.0.weights[step]
    }

    /// Returns the weights that stay with nodes and those of all below them, by step and node.
    pub(super) fn kept_weights(&self) -> impl Iterator<Item = (usize, usize, Part)> + '_ {
        let steps = self.0.kept.iter().enumerate();
        steps.flat_map(|(step, kept)| kept.iter().map(move |(index, part)| (step, *index, *part)))
    }

    /// Says whether a part of what nodes of a level hand down may stay with them, being of those who are not eligible.
    pub(super) fn keeps_at(&self, level: usize) -> bool {
        self.0.kept.get(level).is_some_and(|kept| !kept.is_empty())
    }

    /// Says whether a part of what a node hands down stays with it, being of those who are not eligible.
    pub(super) fn keeps(&self, node: NodeId) -> bool {
        let own = self.0.kept.get(node.level());
        own.and_then(|kept| kept.get(&node.index()))
            .is_some_and(|(kept, _)| *kept > 0)
    }

    /// Returns what of an amount that a node hands down stays with it, being of those who are not eligible: its part by weight, in
    /// the nearest whole lots.
    pub(super) fn kept_of(&self, step: usize, index: usize, handed: i64) -> i64 {
        let Some(part) = self.0.kept[step].get(&index) else {
            return 0;
        };
        let lot = self.lot_below(step, index);
        LotCount::new(part_of(lot.count(handed).get(), *part)).part(lot)
    }

    /// Returns what the amounts are multiples of.
    pub(super) fn lots(&self) -> &PlanLots {
        &self.0.lots
    }

    /// Returns what a node hands down is a multiple of, in quanta.
    pub(super) fn lot_below(&self, step: usize, index: usize) -> LotSize {
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

    pub(super) fn amounts(&self, total: i64) -> Result<Amounts, PlanError> {
        let steps = self.0.def.steps.len();
        self.0
            .bounds
            .check(&self.0.frame, &self.0.measure, total < 0)?;
        self.assigned_bounds()
            .check(&self.0.frame, &self.0.measure, total < 0)?;
        let mut amounts = Amounts::whole(total);
        for step in 0..steps {
            let over_time = self.0.frame.periods(step).is_some();
            let shares = match &self.0.kind {
                Kind::Stock(paths) if over_time => self.paths(step, paths, amounts.levels())?,
                Kind::Rating => {
                    let level = &self.0.frame.levels[step];
                    let rated = amounts.level(step).iter().enumerate();
                    rated
                        .flat_map(|(index, rating)| level.children(index).map(|_| *rating))
                        .collect()
                }
                Kind::Flow | Kind::Stock(_) => {
                    self.split(step, &mut amounts)?;
                    continue;
                }
            };
            amounts.add_level(shares, BTreeMap::new());
        }
        if !matches!(self.0.kind, Kind::Flow) {
            self.check_limits(&amounts)?;
        }
        self.tell_applied(&mut amounts)?;
        self.assign(&mut amounts)?;
        Ok(amounts)
    }

    /// Adds to amounts what policies decided in them; refused where who is not eligible gets something all the same.
    fn tell_applied(&self, amounts: &mut Amounts) -> Result<(), PlanError> {
        for (step, applied) in self.0.applied.iter().enumerate() {
            let ended = self
                .0
                .frame
                .ended
                .iter()
                .filter(|node| node.level() == step);
            for node in ended {
                let own = amounts.at(*node);
                let beside = step.checked_sub(1).map(|above| {
                    let parent = self.0.frame.levels[above].parent(node.index());
                    amounts.handed_down(above, parent, amounts.level(above)[parent])
                });
                amounts.add_applied(AppliedAt {
                    step,
                    level: step,
                    index: node.index(),
                    policy: Applied::NoBranch,
                    amount: own,
                    // It was handed down, so it is in range.
                    of: beside.map_or(own, |of| i64::try_from(of).unwrap_or(own)),
                });
            }
            for judged in applied {
                let above = self.0.frame.levels[step].parent(judged.index);
                let of = amounts.level(step)[above];
                let got = amounts.level(step + 1)[judged.index];
                let amount = match judged.share {
                    None => got,
                    Some(share) if got == 0 => part_of(of, share),
                    Some(_) => {
                        return Err(PlanError::Basis(BasisError::GatedAmount {
                            place: self.0.frame.path_at(step + 1, judged.index),
                            step: self.0.frame.steps[step].name.clone(),
                            amount: self.0.measure.quantum.amount(got),
                        }));
                    }
                };
                amounts.add_applied(AppliedAt {
                    step,
                    level: step + 1,
                    index: judged.index,
                    policy: judged.policy.clone(),
                    amount,
                    of,
                });
            }
        }
        Ok(())
    }

    /// Says whether amounts that do not add up are inside the bounds.
    fn check_limits(&self, amounts: &Amounts) -> Result<(), PlanError> {
        let frame = &self.0.frame;
        let shown = |limit| self.0.measure.quantum.amount(limit);
        for level in 0..frame.levels() {
            for (index, limits) in self.0.bounds.own(level).into_iter().flatten() {
                let amount = amounts.at(NodeId::new(level, *index));
                if !limits.hold(amount) {
                    return Err(PlanError::Constraint(ConstraintError::OutsideBounds {
                        place: frame.path_at(level, *index),
                        amount: shown(amount),
                        min: limits.min.map(shown),
                        max: limits.max.map(shown),
                    }));
                }
            }
        }
        Ok(())
    }

    /// Says whether an amount that a node hands down is whole lots.
    pub(super) fn check_whole(
        &self,
        node: NodeId,
        amount: i64,
        lot: LotSize,
    ) -> Result<(), PlanError> {
        if lot.divides(amount) {
            return Ok(());
        }
        Err(PlanError::Constraint(ConstraintError::NotWholeLots {
            place: self.0.frame.path(node),
            amount: self.0.measure.quantum.amount(amount),
            lot: self.0.measure.quantum.amount(lot.quanta()),
        }))
    }

    /// Returns the totals that are prescribed across nodes.
    pub(super) fn prescribed(&self) -> &Prescribed {
        &self.0.prescribed
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

    /// Returns the minima and maxima with what they mean for what is assigned to the nodes above.
    pub(super) fn assigned_bounds(&self) -> &Bounds {
        self.0.assigned_bounds.as_ref().unwrap_or(&self.0.bounds)
    }
}

/// Returns the nearest whole to the part of an amount that one weight is of several, a half away from zero: of any weights, however
/// many digits weight and amount have together.
fn part_of(amount: i64, (weight, of): Part) -> i64 {
    if of == 0 {
        return 0;
    }
    let (whole, rest) = mul_div_rem(u128::from(amount.unsigned_abs()), weight, of);
    let whole = whole + u128::from(rest >= of - rest);
    // One weight is no more than all of them, so that its part is no more than the amount.
    let part = i128::try_from(whole).map_or(i128::from(amount), |whole| {
        whole * i128::from(amount.signum())
    });
    i64::try_from(part).unwrap_or(amount)
}

/// Returns by which days a recipe counts: as it says, else as its last step by periods splits.
fn counted(def: &CascadeDef) -> CountedDays {
    let mut steps = def.steps.iter().rev();
    let over_time = steps.find(|step| !matches!(step.by, SplitDef::Member(_)));
    let usual = match over_time.map(|step| &step.basis) {
        Some(BasisDef::WorkingDays) => CountedDays::Working,
        _ => CountedDays::Calendar,
    };
    def.days.unwrap_or(usual)
}

#[cfg(test)]
mod tests;
