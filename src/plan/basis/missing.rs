//! Members for whom a table has no figure, and those whose figure does not pass a gate.

use super::table::stated;
use super::{Missing, Raw, Resolver};
use crate::plan::frame::{ByPlace, SKIPPED};
use crate::plan::step::{Split, UNASSIGNED};
use crate::plan::{BasisError, EligibilityGate, MissingMember, NodeId, PlanError};
use crate::quantity::Ratio;

/// What a gate finds of a node.
pub(in crate::plan) struct Found {
    pub(in crate::plan) index: usize,
    /// The figure that counts; none beyond the range of exact numbers.
    pub(in crate::plan) figure: Option<Ratio>,
    /// Whether the table has none.
    pub(in crate::plan) assumed: bool,
    pub(in crate::plan) passes: bool,
}

impl Resolver<'_> {
    /// Returns what a gate finds of the nodes of the step: whoever does not pass, and whoever passes without a recorded figure.
    pub(in crate::plan) fn found_by(
        &self,
        gate: &EligibilityGate,
    ) -> Result<Vec<Found>, PlanError> {
        let used = &gate.figures;
        if used.missing == MissingMember::EqualShare {
            return Err(PlanError::Basis(BasisError::ShareOfGate {
                step: self.frame.steps[self.step].name.clone(),
                table: used.table.clone(),
            }));
        }
        let whole = Resolver {
            by_days: false,
            ..*self
        };
        let here = ByPlace::new(self.frame, self.step, [(&gate.at, ())])?;
        let level = &self.frame.levels[self.step + 1];
        let is_here = |node: NodeId| {
            level.coords[node.index()] != SKIPPED && here.find(self.frame, node).is_some()
        };
        // Whoever is not asked needs no figure.
        let found = whole.table_of(used, &is_here)?;
        let table = self.find_table(used)?;
        let (scale, _) = stated(used, table)?;
        let unit = table.unit().checked_div(Ratio::new(scale, 1)?)?;
        let mut assumed = vec![false; found.weights.len()];
        for missing in &found.missing {
            assumed[missing.index] = true;
        }
        let figures = found.weights.into_iter().zip(assumed).enumerate();
        let here = figures.filter(|(index, _)| is_here(NodeId::new(self.step + 1, *index)));
        let found = here.map(|(index, (figure, assumed))| {
            // What is beyond exact numbers lies in no range that has an end there.
            let figure = Ratio::new(figure, 1)
                .and_then(|figure| figure.checked_mul(unit))
                .ok();
            Found {
                index,
                figure,
                assumed,
                passes: figure.is_some_and(|figure| gate.within.contains(figure)),
            }
        });
        Ok(found.filter(|own| !own.passes || own.assumed).collect())
    }

    /// Says whether a node is of the unassigned alone, and not of members who have nobody above them at this step.
    pub(super) fn is_nobodys(&self, index: usize) -> bool {
        let own = &self.frame.steps[self.step].split;
        let Split::Member { dimension, .. } = own else {
            return false;
        };
        let is_same = |step: &usize| matches!(&self.frame.steps[*step].split, Split::Member { dimension: other, .. } if other == dimension);
        let node = NodeId::new(self.step + 1, index);
        let later = (self.step + 1..self.frame.steps.len()).filter(is_same);
        let mut below = later.flat_map(|step| {
            let run = self.frame.run_below(node, step + 1);
            &self.frame.levels[step + 1].coords[run]
        });
        self.frame.levels[self.step + 1].coords[index] == UNASSIGNED
            && below.all(|coord| [SKIPPED, UNASSIGNED].contains(coord))
    }

    /// Gives whoever has no figure and gets an equal share as much as each of the others has on average, so that they have as
    /// much of their node as everybody would in equal parts; by days, where weights count by them.
    pub(super) fn share_equally(&self, mut raw: Raw) -> Result<Raw, PlanError> {
        let equal = |own: &Missing| own.open && own.weight == MissingMember::EqualShare;
        if !raw.missing.iter().any(equal) {
            return Ok(raw);
        }
        let mut open = vec![false; raw.weights.len()];
        for own in raw.missing.iter_mut().filter(|own| equal(own)) {
            open[own.index] = true;
            own.open = false;
        }
        let mut counts = vec![true; raw.weights.len()];
        for own in &raw.nobodys {
            counts[*own] = false;
        }
        let level = &self.frame.levels[self.step];
        for parent in 0..level.len() {
            let children = level.children(parent);
            if !open[children.clone()].contains(&true) {
                continue;
            }
            // What is nobody's and has no figure is none of the others.
            let is_other = |child: &usize| !open[*child] && counts[*child];
            let others = children.clone().filter(is_other).count();
            let fine = || self.too_fine(children.start);
            let mut sum = 0_i128;
            for child in children.clone() {
                sum = sum.checked_add(raw.weights[child]).ok_or_else(fine)?;
            }
            let factor = i128::try_from(others).unwrap_or(i128::MAX);
            for child in children.clone() {
                let weight = &mut raw.weights[child];
                *weight = if !open[child] {
                    weight.checked_mul(factor).ok_or_else(fine)?
                } else if others == 0 {
                    1
                } else {
                    sum
                };
            }
        }
        if self.is_dated() {
            raw.weights = self.by_share(|child, share| {
                let days = if open[child] {
                    share(None)?
                } else {
                    Ratio::ONE
                };
                Ok(vec![(raw.weights[child], days)])
            })?;
        }
        Ok(raw)
    }
}
