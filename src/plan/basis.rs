//! Bases resolved: one whole weight for every node of a step.

mod inverse;
mod missing;
mod prorated;
mod table;

use super::applied::Judged;
use super::frame::{ByPlace, SKIPPED};
use super::source::one_scale;
use super::step::Periods;
use super::{
    Applied, BasisDef, BasisError, CascadeDef, Frame, MissingMember, NodeId, Place, PlanError,
    SeasonDef, Sources,
};
use crate::allocation::{AllocationError, LevelWeights, NegativeWeights, Weights, ZeroWeights};
use crate::calendar::{DayRange, PeriodId, WorkingDays};
use crate::key::{Key, unknown};
use crate::quantity::{Ratio, gcd};

/// Resolves the bases of one step.
#[derive(Clone, Copy)]
pub(super) struct Resolver<'a> {
    pub(super) def: &'a CascadeDef,
    pub(super) frame: &'a Frame,
    pub(super) sources: &'a Sources<'a>,
    pub(super) step: usize,
    /// The working days by which whoever is not planned throughout is weighed, where it is not all days alike.
    pub(super) working: Option<&'a WorkingDays>,
    /// Whether weights count by the days on which a node is planned; what is inverted counts by them afterwards.
    pub(super) by_days: bool,
    /// At which binary place of the largest inverse weights are rounded that are in proportion to no whole numbers as small.
    pub(super) places: u32,
}

/// The finest place at which inverse weights are rounded.
pub(super) const FINEST: u32 = 64;

/// The coarser ones, for a blend of which the parts together need more digits than there are.
const COARSER: [u32; 2] = [48, 32];

/// The weights of the nodes of a step before what is unusual in them has been read, and who has no figure.
struct Raw {
    weights: Vec<i128>,
    missing: Vec<Missing>,
    /// The nodes for which a table has no figure and which are nobody's.
    nobodys: Vec<usize>,
}

/// A node for which a table has no figure.
struct Missing {
    index: usize,
    table: Key,
    weight: MissingMember,
    /// Whether an equal share is still to be given.
    open: bool,
}

impl From<Vec<i128>> for Raw {
    fn from(weights: Vec<i128>) -> Self {
        Self {
            weights,
            missing: Vec::new(),
            nobodys: Vec::new(),
        }
    }
}

/// The weights of a step, and what policies decided in them.
pub(super) struct Resolved {
    pub(super) weights: LevelWeights,
    pub(super) applied: Vec<Judged>,
}

impl Resolver<'_> {
    /// Returns the weights of all nodes of the step.
    pub(super) fn weights(&self) -> Result<Resolved, PlanError> {
        let step = &self.def.steps[self.step];
        if let BasisDef::Column(key) = &step.basis
            && step.weights.all_zero() != ZeroWeights::Equal
            && self.frame.planned.is_none()
        {
            let column = self.column(key)?;
            match LevelWeights::from_decimals(column) {
                Ok(weights) => {
                    return Ok(Resolved {
                        weights,
                        applied: Vec::new(),
                    });
                }
                // The general way finds the node, or reads the sign as the policy says.
                Err(AllocationError::NegativeWeight { .. }) => {}
                Err(AllocationError::WeightTooFine { member }) => {
                    let place = self.frame.path_at(self.step + 1, member);
                    return Err(PlanError::Basis(BasisError::WeightTooFine { place }));
                }
                Err(error) => return Err(PlanError::Allocation(error)),
            }
        }
        let Raw {
            weights, missing, ..
        } = self.settled(&step.basis)?;
        let applied = missing.into_iter().map(|own| {
            let (table, weight) = (own.table, own.weight);
            Judged {
                index: own.index,
                policy: Applied::Missing { table, weight },
                share: None,
            }
        });
        Ok(Resolved {
            weights: self.read(weights)?,
            applied: applied.collect(),
        })
    }

    /// Returns weights of which all are alike.
    pub(super) fn equal(&self) -> Resolved {
        Resolved {
            weights: LevelWeights::from_integers(vec![1; self.count()]),
            applied: Vec::new(),
        }
    }

    /// Returns the weights of a basis as they count: whoever gets an equal share has it.
    fn settled(&self, basis: &BasisDef) -> Result<Raw, PlanError> {
        let mut raw = self.raw(basis)?;
        if raw.missing.is_empty() {
            return Ok(raw);
        }
        self.read_signs(&mut raw.weights)?;
        self.share_equally(raw)
    }

    /// Reads raw weights as the step's policy says, in the smallest whole proportions of each node.
    fn read(&self, mut raw: Vec<i128>) -> Result<LevelWeights, PlanError> {
        let policy = self.def.steps[self.step].weights;
        self.read_signs(&mut raw)?;
        let mut whole = Vec::with_capacity(raw.len());
        for parent in 0..self.frame.count(self.step) {
            let own = &raw[self.frame.levels[self.step].children(parent)];
            let common = own
                .iter()
                .fold(0_u128, |common, weight| gcd(common, weight.unsigned_abs()));
            let mut sum = 0_u128;
            for weight in own {
                let weight = match common {
                    0 if policy.all_zero() == ZeroWeights::Equal => 1,
                    0 => 0,
                    common => weight.unsigned_abs() / common,
                };
                sum = sum.saturating_add(weight);
                whole.push(weight);
            }
            if sum > Weights::MAX_SUM {
                let place = self.frame.path_at(self.step, parent);
                return Err(PlanError::Basis(BasisError::WeightTooFine { place }));
            }
        }
        match whole.iter().map(|weight| u32::try_from(*weight)).collect() {
            Ok(narrow) => Ok(LevelWeights::from_integers(narrow)),
            Err(_) => Ok(LevelWeights::from_wide(whole)),
        }
    }

    /// Replaces negative weights as the step's policy says.
    fn read_signs(&self, raw: &mut [i128]) -> Result<(), PlanError> {
        let negative = self.def.steps[self.step].weights.negative();
        let nodes = self.frame.levels[self.step + 1].coords.iter();
        for (index, (weight, coord)) in raw.iter_mut().zip(nodes).enumerate() {
            if *coord == SKIPPED {
                // The only child of its parent, so any weight gives it everything.
                *weight = 1;
            } else if *weight < 0 {
                *weight = match negative {
                    NegativeWeights::Absolute => weight.saturating_abs(),
                    NegativeWeights::Zero => 0,
                    _ => {
                        return Err(PlanError::Basis(BasisError::NegativeWeight {
                            place: self.frame.path_at(self.step + 1, index),
                            step: self.frame.steps[self.step].name.clone(),
                        }));
                    }
                };
            }
        }
        Ok(())
    }

    fn raw(&self, basis: &BasisDef) -> Result<Raw, PlanError> {
        let weights = match basis {
            BasisDef::Equal => {
                self.check_whole_periods()?;
                self.prorated(vec![1; self.count()])
            }
            BasisDef::Given(given) => {
                let entries = given.weights.iter().map(|given| (&given.at, given.weight));
                self.prorated(self.whole(&self.by_place(entries, given.otherwise)?)?)
            }
            BasisDef::Column(key) => self.prorated(one_scale(self.column(key)?)?.0),
            BasisDef::History(used)
            | BasisDef::Potential(used)
            | BasisDef::Capacity(used)
            | BasisDef::Reference(used) => return self.table(used),
            BasisDef::GrownHistory(grown) => {
                let mut history = self.table(&grown.history)?;
                let entries = grown.growth.iter().map(|growth| (&growth.at, growth.by));
                let growth = self.by_place(entries, Some(grown.otherwise))?;
                let mut factors = Vec::with_capacity(growth.len());
                for (index, by) in growth.iter().enumerate() {
                    factors.push(self.sum_of(Ratio::ONE, *by, index)?);
                }
                let factors = self.whole(&factors)?;
                let grown = history.weights.iter_mut().zip(&factors).enumerate();
                for (index, (weight, factor)) in grown {
                    let product = weight.checked_mul(*factor);
                    *weight = product.ok_or_else(|| self.too_fine(index))?;
                }
                return Ok(history);
            }
            BasisDef::CalendarDays => {
                self.by_period(basis, |range| Ok(Ratio::from(i64::from(range.days()))))
            }
            BasisDef::WorkingDays => {
                let days = self.sources.working_days.ok_or(PlanError::NoWorkingDays)?;
                self.by_period(basis, |range| {
                    Ok(days.working_days(range.start(), range.end())?)
                })
            }
            BasisDef::Seasonal(season) => self.seasonal(season),
            BasisDef::Inverse(of) => return self.inverse(of),
            BasisDef::Blend(parts) => return self.blend_rounded(parts),
        };
        weights.map(Raw::from)
    }

    fn count(&self) -> usize {
        self.frame.count(self.step + 1)
    }

    fn too_fine(&self, index: usize) -> PlanError {
        PlanError::Basis(BasisError::WeightTooFine {
            place: self.frame.path_at(self.step + 1, index),
        })
    }

    fn sum_of(&self, left: Ratio, right: Ratio, index: usize) -> Result<Ratio, PlanError> {
        left.checked_add(right).map_err(|_| self.too_fine(index))
    }

    fn column(&self, key: &Key) -> Result<&[rust_decimal::Decimal], PlanError> {
        let column = self.sources.columns.get(key).ok_or_else(|| {
            let known = self.sources.columns.keys().map(Key::as_str);
            let (name, nearest, known) = unknown(key.as_str(), known);
            PlanError::UnknownSource {
                what: "column of weights",
                name,
                nearest,
                known,
            }
        })?;
        if column.len() != self.count() {
            return Err(PlanError::Basis(BasisError::ColumnShape {
                column: key.clone(),
                step: self.frame.steps[self.step].name.clone(),
                nodes: self.count(),
                found: column.len(),
            }));
        }
        Ok(column)
    }

    /// Returns whole numbers in the proportions of these ratios.
    fn whole(&self, ratios: &[Ratio]) -> Result<Vec<i128>, PlanError> {
        let mut scale = 1_i128;
        for (index, ratio) in ratios.iter().enumerate() {
            let denominator = ratio.denominator();
            let common = i128::try_from(gcd(scale.unsigned_abs(), denominator.unsigned_abs()));
            scale = common
                .ok()
                .and_then(|common| (scale / common.max(1)).checked_mul(denominator))
                .ok_or_else(|| self.too_fine(index))?;
        }
        let ratios = ratios.iter().enumerate();
        ratios
            .map(|(index, ratio)| {
                let whole = ratio.numerator().checked_mul(scale / ratio.denominator());
                whole.ok_or_else(|| self.too_fine(index))
            })
            .collect()
    }

    /// Returns the value of every node of the step from entries by place; the entry that names most steps counts, and of
    /// two that name as many the one whose steps are lower.
    fn by_place<'b>(
        &self,
        entries: impl Iterator<Item = (&'b Place, Ratio)>,
        otherwise: Option<Ratio>,
    ) -> Result<Vec<Ratio>, PlanError> {
        let by_place = ByPlace::new(self.frame, self.step, entries)?;
        let value = |index: usize| {
            let node = NodeId::new(self.step + 1, index);
            if let Some(value) = by_place.find(self.frame, node) {
                return Ok(value);
            }
            let skipped = self.frame.levels[self.step + 1].coords[index] == SKIPPED;
            otherwise.or(skipped.then_some(Ratio::ONE)).ok_or_else(|| {
                PlanError::Basis(BasisError::MissingWeight {
                    place: self.frame.path(node),
                    step: self.frame.steps[self.step].name.clone(),
                })
            })
        };
        (0..self.count()).map(value).collect()
    }

    /// Refuses periods that the horizon cuts where each would get an equal part of its node.
    fn check_whole_periods(&self) -> Result<(), PlanError> {
        let Some(periods) = self.frame.periods(self.step) else {
            return Ok(());
        };
        let level = &self.frame.levels[self.step];
        let coords = &self.frame.levels[self.step + 1].coords;
        for parent in 0..level.len() {
            let children = &coords[level.children(parent)];
            // A node that has one period only gives it everything, however short it is.
            for coord in children.iter().filter(|_| children.len() > 1) {
                let ordinal = *coord as usize;
                let (Some(inside), Some(whole)) = (
                    periods.ranges.get(ordinal),
                    periods.set.period(PeriodId::at(ordinal)),
                ) else {
                    continue;
                };
                if inside.days() < whole.days() {
                    return Err(PlanError::Basis(BasisError::ClippedPeriod {
                        step: self.frame.steps[self.step].name.clone(),
                        days: whole.days(),
                        period: whole.label,
                        inside: *inside,
                    }));
                }
            }
        }
        Ok(())
    }

    fn by_period(
        &self,
        basis: &BasisDef,
        weight: impl Fn(DayRange) -> Result<Ratio, PlanError>,
    ) -> Result<Vec<i128>, PlanError> {
        let periods = self.frame.periods(self.step).ok_or_else(|| {
            PlanError::Basis(BasisError::NeedsPeriods {
                basis: basis.name(),
                step: self.frame.steps[self.step].name.clone(),
            })
        })?;
        let weights: Vec<Ratio> = periods
            .ranges
            .iter()
            .map(|range| weight(*range))
            .collect::<Result<_, _>>()?;
        let weights = self.whole(&weights)?;
        let nodes = self.frame.levels[self.step + 1].coords.iter();
        self.prorated(
            nodes
                .map(|coord| weights.get(*coord as usize).copied().unwrap_or(1))
                .collect(),
        )
    }

    fn seasonal(&self, season: &SeasonDef) -> Result<Vec<i128>, PlanError> {
        for (group, shares) in season.groups.iter().enumerate() {
            let mut sum = Ratio::ZERO;
            for share in shares {
                sum = sum.checked_add(*share)?;
            }
            if sum != Ratio::ONE {
                return Err(PlanError::Basis(BasisError::SeasonTotal { group, sum }));
            }
        }
        let name = || self.frame.steps[self.step].name.clone();
        let periods = self.frame.periods(self.step).ok_or_else(|| {
            PlanError::Basis(BasisError::NeedsPeriods {
                basis: "seasonal",
                step: name(),
            })
        })?;
        // The groups serve the periods of the step above by time, or the whole if there is none.
        let above = (0..self.step)
            .rev()
            .find_map(|step| Some((step, self.frame.periods(step)?)));
        let mut weights = Vec::with_capacity(self.count());
        for parent in 0..self.frame.count(self.step) {
            let node = NodeId::new(self.step, parent);
            let turn = above.map_or(0, |(step, _)| self.frame.coord_at(node, step) as usize);
            let children = self.frame.levels[self.step].children(parent);
            let mut shares = &[][..];
            if let Some(turn) = turn.checked_rem(season.groups.len()) {
                shares = &season.groups[turn];
            }
            let coords = &self.frame.levels[self.step + 1].coords[children.clone()];
            if coords == [SKIPPED] {
                weights.push(Ratio::ONE);
                continue;
            }
            let turns = self.turns(parent, coords, periods);
            let siblings = turns.1;
            if shares.len() == siblings {
                weights.extend(turns.0.iter().map(|turn| shares[*turn]));
            } else if above.is_none() && !shares.is_empty() && years(&periods.ranges, shares.len())
            {
                // A horizon of several years without a step for them: the group repeats every year.
                weights.extend(turns.0.iter().map(|turn| shares[turn % shares.len()]));
            } else {
                return Err(PlanError::Basis(BasisError::SeasonShape {
                    place: self.frame.path(node),
                    set: periods.set.key().clone(),
                    periods: children.len(),
                    shares: shares.len(),
                }));
            }
        }
        self.prorated(self.whole(&weights)?)
    }

    /// Returns which of the periods of its time each child of a node is, and how many there are: more than children where the
    /// node is not planned in all of them.
    fn turns(&self, parent: usize, coords: &[u32], periods: &Periods) -> (Vec<usize>, usize) {
        if self.frame.planned.is_none() {
            return ((0..coords.len()).collect(), coords.len());
        }
        let time = self.frame.period_of(NodeId::new(self.step, parent));
        let inside = |range: &&DayRange| range.intersection(time).is_some();
        let first = periods
            .ranges
            .iter()
            .position(|range| inside(&range))
            .unwrap_or(0);
        let count = periods.ranges.iter().filter(inside).count();
        let turn = |coord: &u32| (*coord as usize).saturating_sub(first);
        (coords.iter().map(turn).collect(), count)
    }

    /// Adds up normalised weights times coefficients; of inverse parts as many digits as there is room for beside the others.
    fn blend_rounded(&self, parts: &[super::BlendPart]) -> Result<Raw, PlanError> {
        let mut blended = self.blend(parts);
        for places in COARSER {
            let is_inverse = |part: &super::BlendPart| matches!(part.basis, BasisDef::Inverse(_));
            let too_fine = matches!(
                blended,
                Err(PlanError::Basis(BasisError::WeightTooFine { .. }))
            );
            if !too_fine || !parts.iter().any(is_inverse) {
                break;
            }
            blended = Self { places, ..*self }.blend(parts);
        }
        blended
    }

    /// Adds up normalised weights times coefficients, node by node and exactly.
    fn blend(&self, parts: &[super::BlendPart]) -> Result<Raw, PlanError> {
        let step = || self.frame.steps[self.step].name.clone();
        let mut columns = Vec::with_capacity(parts.len());
        let mut missing = Vec::new();
        for (part, blended) in parts.iter().enumerate() {
            if blended.coefficient.is_negative() {
                return Err(PlanError::Basis(BasisError::NegativeCoefficient {
                    step: step(),
                    part,
                }));
            }
            if matches!(blended.basis, BasisDef::Blend(_)) {
                return Err(PlanError::Basis(BasisError::NestedBlend {
                    step: step(),
                    part,
                }));
            }
            let mut column = self.settled(&blended.basis)?;
            self.read_signs(&mut column.weights)?;
            columns.push((blended.coefficient, column.weights));
            missing.extend(column.missing);
        }
        let mut weights = Vec::with_capacity(self.count());
        for parent in 0..self.frame.count(self.step) {
            let children = self.frame.levels[self.step].children(parent);
            let mut blended = vec![Ratio::ZERO; children.len()];
            for (coefficient, column) in &columns {
                let own = &column[children.clone()];
                let sum = own
                    .iter()
                    .try_fold(0_i128, |sum, weight| sum.checked_add(*weight));
                let sum = sum.ok_or_else(|| self.too_fine(children.start))?;
                if sum == 0 {
                    // A basis that is empty here says nothing; the others decide alone.
                    continue;
                }
                for (blend, weight) in blended.iter_mut().zip(own) {
                    let share = Ratio::new(*weight, sum)?.checked_mul(*coefficient);
                    *blend = share
                        .and_then(|share| blend.checked_add(share))
                        .map_err(|_| self.too_fine(children.start))?;
                }
            }
            // Only proportions inside a node matter, so each has a scale of its own.
            weights.extend(self.whole(&blended)?);
        }
        missing.sort_by_key(|own| own.index);
        // What an equal share is has been settled part by part.
        Ok(Raw {
            weights,
            missing,
            nobodys: Vec::new(),
        })
    }
}

impl BasisDef {
    /// Returns the basis as messages and explanations call it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Equal => "equal",
            Self::Given(_) => "given",
            Self::Column(_) => "column",
            Self::History(_) => "history",
            Self::GrownHistory(_) => "grown history",
            Self::Potential(_) => "potential",
            Self::Capacity(_) => "capacity",
            Self::Reference(_) => "reference",
            Self::CalendarDays => "calendar days",
            Self::WorkingDays => "working days",
            Self::Seasonal(_) => "seasonal",
            Self::Inverse(_) => "inverse",
            Self::Blend(_) => "blend",
        }
    }
}

/// Says whether every so many periods make a year: twelve months, or 52 or 53 weeks.
fn years(periods: &[DayRange], shares: usize) -> bool {
    let year = |periods: &[DayRange]| {
        let days: u32 = periods.iter().map(|period| period.days()).sum();
        periods.len() == shares && (364..=371).contains(&days)
    };
    periods.chunks(shares.max(1)).all(year)
}

#[cfg(test)]
mod tests;
