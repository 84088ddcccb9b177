//! Members for whom a table has no figure, and those whose figure does not pass a gate.

use super::table::stated;
use super::{Missing, Raw, Resolver};
use crate::plan::frame::{ByPlace, SKIPPED};
use crate::plan::{BasisError, EligibilityGate, MissingMember, NodeId, PlanError};
use crate::quantity::Ratio;

impl Resolver<'_> {
    /// Returns the nodes of the step that do not pass a gate, with their figures.
    pub(in crate::plan) fn outside(
        &self,
        gate: &EligibilityGate,
    ) -> Result<Vec<(usize, Option<Ratio>)>, PlanError> {
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
        let found = whole.table(used)?;
        let table = self.find_table(used)?;
        let (scale, _) = stated(used, table)?;
        let unit = table.unit().checked_div(Ratio::new(scale, 1)?)?;
        let here = ByPlace::new(self.frame, self.step, [(&gate.at, ())])?;
        let mut outside = Vec::new();
        for (index, figure) in found.weights.into_iter().enumerate() {
            let node = NodeId::new(self.step + 1, index);
            let skipped = self.frame.levels[self.step + 1].coords[index] == SKIPPED;
            if skipped || here.find(self.frame, node).is_none() {
                continue;
            }
            // What is beyond exact numbers lies in no range that has an end there.
            let figure = Ratio::new(figure, 1)
                .and_then(|figure| figure.checked_mul(unit))
                .ok();
            if !figure.is_some_and(|figure| gate.within.contains(figure)) {
                outside.push((index, figure));
            }
        }
        Ok(outside)
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
        let level = &self.frame.levels[self.step];
        for parent in 0..level.len() {
            let children = level.children(parent);
            let others = children.clone().filter(|child| !open[*child]).count();
            if others == children.len() {
                continue;
            }
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
