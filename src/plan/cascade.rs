//! From one total to every leaf.

mod check;
mod split;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::amounts::Amounts;
use super::basis::Resolver;
use super::bounds::{Bounds, serves};
use super::lots::{LotSize, PlanLots};
use super::origin::Origin;
use super::prescribed::Prescribed;
use super::stock::{Openings, Paths, Waypoints};
use super::{
    BasisDef, CascadeDef, ConstraintError, CountedDays, Frame, NodeId, PlanError, Sources, SplitDef,
};
use crate::allocation::{LevelWeights, Method, Weights};
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
    lots: PlanLots,
    bounds: Bounds,
    prescribed: Prescribed,
    kind: Kind,
    counted: CountedDays,
    /// The working days of the company, as far as they are known.
    working_days: Option<WorkingDays>,
    origin: Origin,
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
        Self::on(frame, def, sources, None)
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
        Self::on(Arc::clone(frame), def, sources, None)
    }

    /// Returns a recipe compiled with weights that were saved.
    pub(super) fn saved(
        beside: Option<&Arc<Frame>>,
        def: CascadeDef,
        sources: &Sources<'_>,
        weights: Vec<LevelWeights>,
    ) -> Result<Self, PlanError> {
        let frame = Arc::new(Frame::compile(&def, sources)?);
        let steps = (0..frame.levels() - 1).map(|step| frame.count(step + 1));
        if !steps.eq(weights.iter().map(LevelWeights::len)) {
            return Err(PlanError::Damaged {
                what: "its weights are not one for each node of its structure",
            });
        }
        for (level, weights) in frame.levels.iter().zip(&weights) {
            for parent in 0..level.len() {
                let mut own = level
                    .children(parent)
                    .filter_map(|child| weights.get(child));
                let sum = own.try_fold(0_u128, u128::checked_add);
                if sum.is_none_or(|sum| sum > Weights::MAX_SUM) {
                    return Err(PlanError::Damaged {
                        what: "its weights are beyond 126 bits",
                    });
                }
            }
        }
        let frame = beside
            .filter(|beside| **beside == frame)
            .map_or(frame, Arc::clone);
        Self::on(frame, def, sources, Some(weights))
    }

    fn on(
        frame: Arc<Frame>,
        def: CascadeDef,
        sources: &Sources<'_>,
        saved: Option<Vec<LevelWeights>>,
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
        check::pads(&def, &frame)?;
        let counted = counted(&def);
        let working = match counted {
            CountedDays::Calendar => None,
            CountedDays::Working => Some(sources.working_days.ok_or(PlanError::NoWorkingDays)?),
        };
        let resolved = |step| {
            Resolver {
                def: &def,
                frame: &frame,
                sources,
                step,
                working,
            }
            .weights()
        };
        let weights = match saved {
            Some(weights) => weights,
            None => (0..def.steps.len())
                .map(resolved)
                .collect::<Result<Vec<_>, _>>()?,
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
        let adding = matches!(kind, Kind::Flow).then_some(&weights[..]);
        let bounds = Bounds::compile(&def, &frame, &measure, adding)?;
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
            lots,
            bounds,
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
            amounts.add_level(shares, None, BTreeMap::new());
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
