//! Changes to ratings: set where they are given, and their means above.

use super::{Manner, outside};
use crate::plan::frame::Selection;
use crate::plan::lots::LotSize;
use crate::plan::patch::Patch;
use crate::plan::respread::Region;
use crate::plan::sequence::{growth, straight_line};
use crate::plan::{EditError, NodeId, Plan, PlanError};
use crate::plan::{
    carry::Carry,
    change::{Mode, RepeatCells, Spread, Verb},
};
use crate::quantity::{Ratio, Rounding, mul_divide};

/// What becomes of a rating.
#[derive(Debug, Clone, Copy)]
enum To {
    Amount(i64),
    Part(Ratio),
}

impl Plan {
    /// Sets the ratings of all leaves of a place that may move.
    pub(super) fn spread_rating(
        &mut self,
        manner: Manner,
        selection: &Selection,
        spread: &Spread,
        journal: &mut Vec<Patch>,
    ) -> Result<(), PlanError> {
        let sheet = manner.sheet;
        if spread.carry != Carry::Up {
            return Err(self.not_for(sheet, "keeping a total above"));
        }
        let one = |plan: &mut Self, manner, to, cells, journal: &mut Vec<Patch>| {
            plan.rate(manner, selection, to, cells, journal)
        };
        match &spread.verb {
            Verb::Proportional { amount }
            | Verb::Equal { amount }
            | Verb::EqualLeaves { amount }
            | Verb::Basis { amount } => {
                let to = To::Amount(self.quanta(sheet, *amount)?);
                one(self, manner, to, RepeatCells::All, journal)?;
            }
            Verb::Repeat { amount, cells } => {
                let to = To::Amount(self.quanta(sheet, *amount)?);
                one(self, manner, to, *cells, journal)?;
            }
            Verb::Clear => {
                let mode = Mode::Replace;
                let manner = Manner { mode, ..manner };
                one(self, manner, To::Amount(0), RepeatCells::All, journal)?;
            }
            Verb::PercentChange { by } => {
                one(self, manner, To::Part(*by), RepeatCells::All, journal)?;
            }
            Verb::StraightLine { from, to } => {
                let (from, to) = (self.quanta(sheet, *from)?, self.quanta(sheet, *to)?);
                let (row, count) = self.row(selection, &spread.at)?;
                let line =
                    straight_line(from, to, &vec![LotSize::ONE; count]).ok_or_else(|| {
                        PlanError::OutOfRange {
                            place: self.frame.path(row),
                        }
                    })?;
                self.rate_row(manner, row, &line, journal)?;
            }
            Verb::Growth { start, by, of } => {
                let start = self.quanta(sheet, *start)?;
                let (row, count) = self.row(selection, &spread.at)?;
                self.rate_row(
                    manner,
                    row,
                    &growth(start, *by, *of, &vec![LotSize::ONE; count])?,
                    journal,
                )?;
            }
            Verb::Pattern { amount, pattern } if pattern.parts().is_empty() => {
                let amount = self.quanta(sheet, *amount)?;
                let (row, count) = self.row(selection, &spread.at)?;
                self.rate_row(manner, row, &vec![amount; count], journal)?;
            }
            Verb::Pattern { .. } => return Err(self.not_for(sheet, "a pattern")),
            Verb::Relative { .. } => {
                return Err(self.not_for(sheet, "a spread like a reference"));
            }
        }
        self.means(sheet, selection.node, journal)
    }

    fn rate_row(
        &mut self,
        manner: Manner,
        row: NodeId,
        amounts: &[i64],
        journal: &mut Vec<Patch>,
    ) -> Result<(), PlanError> {
        let children: Vec<NodeId> = self.frame.children(row).collect();
        let mut open = false;
        for (node, amount) in children.into_iter().zip(amounts) {
            let below = Vec::new();
            let selection = Selection { node, below };
            let to = To::Amount(*amount);
            match self.rate(manner, &selection, to, RepeatCells::All, journal) {
                Ok(()) => open = true,
                Err(PlanError::Edit(EditError::NothingFree { .. })) => {}
                Err(error) => return Err(error),
            }
        }
        if open {
            return Ok(());
        }
        Err(PlanError::Edit(EditError::NothingFree {
            place: self.frame.path(row),
            amount: self.decimal(manner.sheet, amounts.first().copied().unwrap_or(0)),
        }))
    }

    fn rate(
        &mut self,
        manner: Manner,
        selection: &Selection,
        to: To,
        cells: RepeatCells,
        journal: &mut Vec<Patch>,
    ) -> Result<(), PlanError> {
        let sheet = manner.sheet;
        let region = Region::new(&self.frame, selection.node);
        let outside = outside(selection);
        let spreading = self.spreading(manner, &region);
        let base = spreading.base(outside)?;
        let shut = self.sheets[sheet].is_held(selection.node);
        if base.free_leaves() == 0 || shut {
            let amount = match to {
                To::Amount(amount) => amount,
                To::Part(_) => self.value(sheet, selection.node),
            };
            return Err(PlanError::Edit(EditError::NothingFree {
                place: self.frame.path(selection.node),
                amount: self.decimal(sheet, amount),
            }));
        }
        let leaves = spreading.movable(&base, outside);
        for (level, place) in leaves {
            let index = region.run(level).start + place;
            let now = self.sheets[sheet].amounts().at(NodeId::new(level, index));
            if cells == RepeatCells::NonZero && now == 0 {
                continue;
            }
            let part = match to {
                To::Amount(amount) => Some(amount),
                To::Part(by) => {
                    let nearest = Rounding::HalfAwayFromZero;
                    mul_divide(now, by.numerator(), by.denominator(), nearest)
                }
            };
            let new = part.and_then(|part| match manner.mode {
                Mode::Replace => Some(part),
                Mode::Add => now.checked_add(part),
                Mode::Subtract => now.checked_sub(part),
            });
            let new = new.ok_or_else(|| PlanError::OutOfRange {
                place: self.frame.path_at(level, index),
            })?;
            self.write(sheet, level, index, &[new], journal);
        }
        Ok(())
    }

    /// Makes the nodes at, below and above a node the means of what is below them.
    fn means(
        &mut self,
        sheet: usize,
        node: NodeId,
        journal: &mut Vec<Patch>,
    ) -> Result<(), PlanError> {
        let region = Region::new(&self.frame, node);
        let mut nodes: Vec<NodeId> = Vec::new();
        for level in (region.top..region.last()).rev() {
            nodes.extend(region.run(level).map(|index| NodeId::new(level, index)));
        }
        let mut at = self.frame.parent(node);
        while let Some(above) = at {
            nodes.push(above);
            at = self.frame.parent(above);
        }
        for node in nodes {
            if self.frame.child_range(node).is_empty() {
                continue;
            }
            let values = &self.sheets[sheet].amounts().levels();
            let mean = self.sheets[sheet].cascade().rounded_mean(node, values)?;
            if mean != self.value(sheet, node) {
                self.check_not_held(sheet, node)?;
                self.write(sheet, node.level(), node.index(), &[mean], journal);
            }
        }
        Ok(())
    }
}
