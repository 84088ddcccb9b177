//! The amounts of the leaves as rows of a level see them: a manager's target is what is assigned to him, not what he hands down.

use std::borrow::Cow;

use crate::plan::frame::Selection;
use crate::plan::step::Split;
use crate::plan::stretch::Bend;
use crate::plan::{Layer, NodeId, Plan, PlanError, Sheet};
use crate::quantity::{Ratio, Rounding, mul_divide};
use crate::space::Axis;

/// One number for each node, level by level.
pub(in crate::plan) type Seen<'a> = Cow<'a, [Vec<i64>]>;

impl Plan {
    /// Returns the amounts of a layer in whose leaves every row over these levels is what its own nodes have.
    ///
    /// Below the lowest node that decides to which row something belongs, amounts go down as they are, whatever is handed down there:
    /// the months of a manager total what is assigned to him.
    pub(super) fn seen<'a>(
        &'a self,
        sheet: &'a Sheet,
        layer: Layer,
        axes: &[Axis],
    ) -> Result<Seen<'a>, PlanError> {
        let mut deciding = 0;
        for axis in axes {
            deciding = deciding.max(self.deciding(axis)?);
        }
        self.seen_from(sheet, layer, deciding)
    }

    /// Returns the amounts of a layer, of which those below a level go down as they are.
    pub(in crate::plan) fn seen_from<'a>(
        &'a self,
        sheet: &'a Sheet,
        layer: Layer,
        deciding: usize,
    ) -> Result<Seen<'a>, PlanError> {
        let (cascade, amounts) = (sheet.cascade(), sheet.amounts());
        if layer == Layer::Base || !amounts.has_assigned() {
            return Ok(Cow::Borrowed(amounts.levels()));
        }
        if cascade.is_plain_from(deciding) {
            return Ok(Cow::Borrowed(amounts.assigned_levels()));
        }
        let mut seen = amounts.assigned_levels().to_vec();
        for level in deciding..self.frame.levels() - 1 {
            for index in 0..self.frame.count(level) {
                let node = NodeId::new(level, index);
                let own = seen[level][index];
                let shares = cascade.seen_below(amounts, node, own)?;
                let children = self.frame.child_range(node);
                seen[level + 1][children].copy_from_slice(&shares);
            }
        }
        Ok(Cow::Owned(seen))
    }

    /// Returns the amounts of a layer as a selection sees them: below the lowest member that it names they go down as they are.
    pub(in crate::plan) fn seen_by<'a>(
        &'a self,
        sheet: &'a Sheet,
        layer: Layer,
        selection: &Selection,
    ) -> Result<Seen<'a>, PlanError> {
        let above = (0..selection.node.level()).rev();
        let named = selection.below.iter().rev().map(|(step, _)| *step);
        let of_members = |step: &usize| self.frame.periods(*step).is_none();
        let deciding = named.chain(above).find(of_members);
        self.seen_from(sheet, layer, deciding.map_or(0, |step| step + 1))
    }

    /// Returns the level at which nodes first decide to which member of a level they belong.
    fn deciding(&self, axis: &Axis) -> Result<usize, PlanError> {
        let own = self.frame.dimension(&axis.dimension)?;
        let members = &self.frame.dimensions[own];
        let wanted = members.level(axis.level.as_str())?;
        let mut steps = self.frame.steps.iter();
        let first = steps.position(|step| {
            matches!(step.split, Split::Member { dimension, level } if dimension == own && members.reaches(wanted, level))
        });
        Ok(first.map_or(0, |step| step + 1))
    }
}

/// Returns the bends of a leaf whose amount is seen as another one than its base: in proportion.
pub(in crate::plan) fn bends_of(
    bends: &[Bend],
    (seen, base): (i64, i64),
) -> Result<Cow<'_, [Bend]>, crate::quantity::QuantityError> {
    if seen == base || base == 0 || bends.is_empty() {
        return Ok(Cow::Borrowed(bends));
    }
    let by = Ratio::new(i128::from(seen), i128::from(base))?;
    let scaled = bends.iter().map(|bend| {
        let (top, bottom) = (by.numerator(), by.denominator());
        let units = mul_divide(bend.units, top, bottom, Rounding::HalfAwayFromZero);
        Bend {
            units: units.unwrap_or(bend.units),
            ..*bend
        }
    });
    Ok(Cow::Owned(scaled.collect()))
}
