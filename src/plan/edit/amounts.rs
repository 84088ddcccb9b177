//! Amounts set at and below a place.

use super::slice::SliceCell;
use super::{Manner, outside};
use crate::plan::change::{Mode, RepeatCells};
use crate::plan::frame::{SKIPPED, Selection};
use crate::plan::lots::{LotCount, LotSize};
use crate::plan::patch::Patch;
use crate::plan::replaced::Replaced;
use crate::plan::respread::{Outside, Region, Shares, Spreading};
use crate::plan::{EditError, NodeId, Place, Plan, PlanError, Reference};
use crate::quantity::{Ratio, Rounding, divide};

impl Plan {
    /// Moves a node whose children together moved from `before` to `after`, and returns its own amount before and after.
    pub(in crate::plan) fn add(
        &mut self,
        sheet: usize,
        node: NodeId,
        before: i64,
        after: i64,
        journal: &mut Vec<Patch>,
    ) -> Result<(i64, i64), PlanError> {
        let moved = i128::from(after) - i128::from(before);
        let was = self.value(sheet, node);
        let value = i64::try_from(i128::from(was) + moved).map_err(|_| self.too_large(node))?;
        self.write(sheet, node.level(), node.index(), &[value], journal);
        Ok((was, value))
    }

    /// Sets a run of nodes of one level.
    pub(in crate::plan) fn write(
        &mut self,
        sheet: usize,
        level: usize,
        start: usize,
        new: &[i64],
        journal: &mut Vec<Patch>,
    ) {
        if let Some(replaced) = self.sheets[sheet].set(level, start, new) {
            journal.push(Patch::Sheet { sheet, replaced });
        }
    }

    /// Sets a run of each level of a region, and settles what is handed down above or below the amounts.
    pub(super) fn write_region(
        &mut self,
        sheet: usize,
        region: &Region,
        new: &[Vec<i64>],
        journal: &mut Vec<Patch>,
    ) {
        for (level, new) in (region.top..).zip(new) {
            self.write(sheet, level, region.run(level).start, new, journal);
        }
        for level in region.top..region.last() {
            let own = &self.sheets[sheet];
            if own.amounts().hands_down_all(level) && !own.cascade().keeps_at(level) {
                continue;
            }
            for index in region.run(level) {
                self.settle(sheet, NodeId::new(level, index), journal);
            }
        }
    }

    /// Makes what a node keeps apart what its children say.
    pub(super) fn settle(&mut self, sheet: usize, node: NodeId, journal: &mut Vec<Patch>) {
        let (level, index) = (node.level(), node.index());
        let range = self.frame.child_range(node);
        let amounts = self.sheets[sheet].amounts();
        let value = amounts.at(node);
        let handed = amounts.handed_down(level, index, value);
        let sum: i128 = amounts
            .level(level + 1)
            .get(range.clone())
            .map_or(0, |below| {
                below.iter().map(|child| i128::from(*child)).sum()
            });
        if range.is_empty() || sum == handed {
            return;
        }
        let left = i64::try_from(i128::from(value) - sum)
            .ok()
            .filter(|left| *left != 0);
        self.replace(sheet, Replaced::Apart { node, old: left }, journal);
    }

    /// Replaces something in the amounts of a measure, and records how it is undone.
    pub(super) fn replace(&mut self, sheet: usize, with: Replaced, journal: &mut Vec<Patch>) {
        let replaced = self.sheets[sheet].swap(with);
        journal.push(Patch::Sheet { sheet, replaced });
    }

    /// Sets the total of a selection, shared by weight.
    pub(super) fn set_total(
        &mut self,
        manner: Manner,
        selection: &Selection,
        amount: i64,
        shares: &Shares,
        journal: &mut Vec<Patch>,
    ) -> Result<(), PlanError> {
        if self.hands_down_else_within(manner.sheet, selection) {
            return self.set_slice(manner, selection, amount, shares, journal);
        }
        let sheet = manner.sheet;
        let node = selection.node;
        let region = Region::new(&self.frame, node);
        let outside = outside(selection);
        let value = self.value(sheet, node);
        let range = || PlanError::OutOfRange {
            place: self.frame.path(node),
        };
        let spreading = self.spreading(manner, &region);
        let base = spreading.base(outside)?;
        let added = match manner.mode {
            Mode::Add => Some(amount),
            Mode::Subtract => Some(amount.checked_neg().ok_or_else(range)?),
            Mode::Replace => None,
        };
        if base.free_leaves() == 0 {
            return Err(PlanError::Edit(EditError::NothingFree {
                place: self.frame.path(node),
                amount: self.decimal(sheet, amount),
            }));
        }
        let new = if let Some(given) = added {
            let own = value.checked_add(given).ok_or_else(range)?;
            let handed = if region.last() == region.top {
                0
            } else {
                spreading.handed_more(region.top, 0, own, given)?
            };
            spreading.spread(&base, own, handed, false, shares)?
        } else {
            let total = self.total_of(sheet, selection)?;
            let own = i128::from(value) - i128::from(total) + i128::from(amount);
            let own = i64::try_from(own).map_err(|_| range())?;
            let handed = spreading.handed_anew(&base, region.top, 0, own, shares)?;
            let wrong_side = if amount < 0 { handed > 0 } else { handed < 0 };
            if wrong_side && region.last() > region.top {
                return Err(PlanError::Edit(EditError::HeldExceeds {
                    place: self.frame.path(node),
                    amount: self.decimal(sheet, amount),
                    held: self.decimal(sheet, amount.saturating_sub(handed)),
                }));
            }
            spreading.spread(&base, own, handed, true, shares)?
        };
        self.write_region(sheet, &region, &new, journal);
        Ok(())
    }

    pub(super) fn spreading<'a>(&'a self, manner: Manner, region: &'a Region) -> Spreading<'a> {
        Spreading {
            frame: &self.frame,
            sheet: &self.sheets[manner.sheet],
            closed: &self.closed,
            region,
            zero_base: manner.zero_base,
            negative_base: manner.negative_base,
        }
    }

    /// Returns what a selection totals now.
    pub(in crate::plan) fn total_of(
        &self,
        sheet: usize,
        selection: &Selection,
    ) -> Result<i64, PlanError> {
        let Some((last, _)) = selection.below.last() else {
            return Ok(self.value(sheet, selection.node));
        };
        let region = Region::new(&self.frame, selection.node);
        if region.last() < last + 1 {
            return Ok(0);
        }
        let mut sum = 0_i128;
        for index in region.run(last + 1) {
            let node = NodeId::new(last + 1, index);
            let agrees = |(step, coord): &(usize, u32)| self.frame.coord_at(node, *step) == *coord;
            if selection.below.iter().all(agrees) {
                sum += i128::from(self.value(sheet, node));
            }
        }
        i64::try_from(sum).map_err(|_| PlanError::OutOfRange {
            place: self.frame.path(selection.node),
        })
    }

    /// Sets every movable leaf of a selection.
    pub(super) fn set_leaves(
        &mut self,
        manner: Manner,
        selection: &Selection,
        amount: i64,
        cells: RepeatCells,
        journal: &mut Vec<Patch>,
    ) -> Result<(), PlanError> {
        let sheet = manner.sheet;
        let region = Region::new(&self.frame, selection.node);
        let outside = outside(selection);
        let spreading = self.spreading(manner, &region);
        let base = spreading.base(outside)?;
        let mut leaves = Vec::new();
        for (level, place) in spreading.movable(&base, outside) {
            let index = region.run(level).start + place;
            let node = NodeId::new(level, index);
            let now = self.in_layer(manner, node);
            let passes = amount != 0 && self.is_passed_over(sheet, node, selection.node);
            if passes || (cells == RepeatCells::NonZero && now == 0) {
                continue;
            }
            let new = match manner.mode {
                Mode::Replace => Some(amount),
                Mode::Add => now.checked_add(amount),
                Mode::Subtract => now.checked_sub(amount),
            };
            let new = new.ok_or_else(|| PlanError::OutOfRange {
                place: self.frame.path_at(level, index),
            })?;
            let new = if manner.mode == Mode::Replace && new == 0 {
                0
            } else {
                self.base_of(manner, node, new)?
            };
            leaves.push((level, place, new));
        }
        if base.free_leaves() == 0 {
            return Err(PlanError::Edit(EditError::NothingFree {
                place: self.frame.path(selection.node),
                amount: self.decimal(sheet, amount),
            }));
        }
        let clear = manner.mode == Mode::Replace && amount == 0 && cells == RepeatCells::All;
        let new = spreading.summed(&leaves, clear)?;
        self.write_region(sheet, &region, &new, journal);
        Ok(())
    }

    /// Changes what may move by a part of itself.
    pub(super) fn set_percent(
        &mut self,
        manner: Manner,
        selection: &Selection,
        by: Ratio,
        journal: &mut Vec<Patch>,
    ) -> Result<(), PlanError> {
        let sheet = manner.sheet;
        let node = selection.node;
        let region = Region::new(&self.frame, node);
        let spreading = self.spreading(manner, &region);
        if spreading.has_both_signs() {
            return self.set_factor(manner, selection, by, journal);
        }
        let free = if self.hands_down_else_within(sheet, selection) {
            let cells = self.slice(manner, selection)?;
            let free: i128 = cells.iter().map(SliceCell::free).sum();
            i64::try_from(free).ok()
        } else {
            let base = spreading.base(outside(selection))?;
            self.value(sheet, node).checked_sub(base.fixed_below())
        };
        let lot = self.sheets[sheet].cascade().lots().at(node);
        let part = free.and_then(|free| lot.nearest_part(free, by));
        let (Some(free), Some(part)) = (free, part) else {
            return Err(PlanError::OutOfRange {
                place: self.frame.path(node),
            });
        };
        let total = self.total_of(sheet, selection)?;
        let amount = match manner.mode {
            // Of the total, what may not move stays.
            Mode::Replace => total
                .checked_sub(free)
                .and_then(|held| held.checked_add(part)),
            Mode::Add | Mode::Subtract => Some(part),
        };
        let amount = amount.ok_or_else(|| PlanError::OutOfRange {
            place: self.frame.path(node),
        })?;
        self.set_total(manner, selection, amount, &Shares::Proportional, journal)
    }

    /// Multiplies every cell that may move, whatever its sign: the total is rounded once, and what the cells miss of it
    /// goes to those whose exact amounts lie furthest above whole lots, in declared order among equal ones.
    fn set_factor(
        &mut self,
        manner: Manner,
        selection: &Selection,
        by: Ratio,
        journal: &mut Vec<Patch>,
    ) -> Result<(), PlanError> {
        let sheet = manner.sheet;
        let region = Region::new(&self.frame, selection.node);
        let outside = outside(selection);
        let spreading = self.spreading(manner, &region);
        let base = spreading.base(outside)?;
        let factor = match manner.mode {
            Mode::Replace => by,
            Mode::Add => Ratio::ONE.checked_add(by)?,
            Mode::Subtract => Ratio::ONE.checked_sub(by)?,
        };
        let range = || PlanError::OutOfRange {
            place: self.frame.path(selection.node),
        };
        let amounts = self.sheets[sheet].amounts();
        let lots = self.sheets[sheet].cascade().lots();
        let leaves: Vec<(usize, usize, i64, LotSize)> = spreading
            .movable(&base, outside)
            .into_iter()
            .map(|(level, place)| {
                let node = NodeId::new(level, region.run(level).start + place);
                (level, place, amounts.at(node), lots.at(node))
            })
            .collect();
        if leaves.is_empty() {
            return Err(PlanError::Edit(EditError::NothingFree {
                place: self.frame.path(selection.node),
                amount: self.decimal(sheet, self.value(sheet, selection.node)),
            }));
        }
        // Where lots differ, what is left over cannot move from cell to cell, so each is rounded by itself.
        let lot = leaves[0].3;
        let alike = leaves.iter().all(|leaf| leaf.3 == lot);
        let mut new: Vec<(usize, usize, i64)> = Vec::with_capacity(leaves.len());
        let mut rests: Vec<(Ratio, usize)> = Vec::with_capacity(leaves.len());
        let (mut exact, mut whole) = (0_i128, 0_i128);
        for (number, (level, place, value, lot)) in leaves.iter().enumerate() {
            let rounding = if alike {
                Rounding::Floor
            } else {
                Rounding::HalfAwayFromZero
            };
            let parts = (factor.numerator(), factor.denominator());
            let lots = lot.share(*value, parts, rounding).ok_or_else(range)?.get();
            let down = Ratio::from(lots);
            let own = Ratio::from(*value)
                .checked_mul(factor)?
                .checked_div(lot.ratio())?;
            rests.push((own.checked_sub(down)?, number));
            exact += i128::from(*value);
            whole += i128::from(lots);
            new.push((*level, *place, lots));
        }
        if alike {
            let denominator = factor.denominator().checked_mul(i128::from(lot.quanta()));
            let total = denominator.and_then(|denominator| {
                divide(
                    exact.checked_mul(factor.numerator())?,
                    denominator,
                    Rounding::HalfAwayFromZero,
                )
            });
            let left = total
                .and_then(|total| total.checked_sub(whole))
                .ok_or_else(range)?;
            rests.sort_by(|one, other| other.0.cmp(&one.0).then(one.1.cmp(&other.1)));
            // The cells miss less than one lot each, so no more of them are left than there are cells.
            let left = usize::try_from(left).unwrap_or(0);
            for (_, number) in rests.iter().take(left) {
                new[*number].2 += 1;
            }
        }
        for ((_, _, lots), leaf) in new.iter_mut().zip(&leaves) {
            *lots = LotCount::new(*lots).quanta(leaf.3).ok_or_else(range)?;
        }
        let new = spreading.summed(&new, false)?;
        self.write_region(sheet, &region, &new, journal);
        Ok(())
    }

    /// Sets the children of a node one by one, each in its own proportions, and the nodes from there up to `top`.
    pub(super) fn set_children(
        &mut self,
        manner: Manner,
        top: NodeId,
        node: NodeId,
        amounts: &[i64],
        journal: &mut Vec<Patch>,
    ) -> Result<(), PlanError> {
        let sheet = manner.sheet;
        let mut moved = 0_i128;
        let mut open = false;
        let children: Vec<NodeId> = self.frame.children(node).collect();
        for (child, amount) in children.into_iter().zip(amounts) {
            let selection = Selection {
                node: child,
                below: Vec::new(),
            };
            let region = Region::new(&self.frame, child);
            let spreading = self.spreading(manner, &region);
            let base = spreading.base(Outside::Nothing)?;
            let shut = self.sheets[sheet].is_held(child);
            let passes = *amount != 0 && self.is_passed_over(sheet, child, node);
            if shut || passes || base.free_leaves() == 0 {
                continue;
            }
            open = true;
            let before = self.value(sheet, child);
            self.set_total(manner, &selection, *amount, &Shares::Proportional, journal)?;
            moved += i128::from(self.value(sheet, child)) - i128::from(before);
        }
        if !open {
            return Err(PlanError::Edit(EditError::NothingFree {
                place: self.frame.path(node),
                amount: self.decimal(sheet, amounts.first().copied().unwrap_or(0)),
            }));
        }
        let moved = i64::try_from(moved).map_err(|_| PlanError::OutOfRange {
            place: self.frame.path(node),
        })?;
        let (before, after) = self.add(sheet, node, 0, moved, journal)?;
        self.pass_up(sheet, node, top, before, after, journal)
    }

    /// Returns the amounts of a reference, for each level below a selection.
    pub(super) fn like(
        &self,
        sheet: usize,
        selection: &Selection,
        to: &Reference,
    ) -> Result<Shares, PlanError> {
        let (plan, other) = self.referred(sheet, to)?;
        let from = match &to.place {
            Some(place) => self.frame.node(place)?,
            None => selection.node,
        };
        if from.level() != selection.node.level() {
            return Err(PlanError::DifferentFrames {
                what: "the reference stands at another step than the place",
            });
        }
        let region = Region::new(&self.frame, selection.node);
        let values = &plan.sheets[other].amounts().levels();
        // Of each node of the run the one of the reference that it is like, if there is one.
        let mut twins = vec![Some(from)];
        let mut like = Vec::new();
        for level in region.top..region.last() {
            let mut next = Vec::new();
            for (index, twin) in region.run(level).zip(&twins) {
                for child in self.frame.levels[level].children(index) {
                    let coord = self.frame.levels[level + 1].coords[child];
                    next.push(twin.and_then(|twin| self.frame.child(twin, coord)));
                }
            }
            let value =
                |twin: &Option<NodeId>| twin.map_or(0, |twin| values[twin.level()][twin.index()]);
            like.push(next.iter().map(value).collect());
            twins = next;
        }
        Ok(Shares::Like(like))
    }

    /// Returns the node whose children a verb about a row of children means, below steps that its branch leaves out, and
    /// their number.
    pub(super) fn row(
        &self,
        selection: &Selection,
        place: &Place,
    ) -> Result<(NodeId, usize), PlanError> {
        if !selection.below.is_empty() {
            return Err(PlanError::NotANode {
                place: place.clone(),
            });
        }
        let mut node = selection.node;
        loop {
            let range = self.frame.child_range(node);
            if range.is_empty() {
                return Err(PlanError::Edit(EditError::NoChildren {
                    place: self.frame.path(node),
                }));
            }
            if self.frame.levels[node.level() + 1].coords[range.start] != SKIPPED {
                return Ok((node, range.len()));
            }
            node = NodeId::new(node.level() + 1, range.start);
        }
    }

    /// Adds what a node below `top` changed by to the nodes between them and to `top`.
    pub(super) fn pass_up(
        &mut self,
        sheet: usize,
        node: NodeId,
        top: NodeId,
        before: i64,
        after: i64,
        journal: &mut Vec<Patch>,
    ) -> Result<(), PlanError> {
        let (mut at, mut before, mut after) = (node, before, after);
        while at != top {
            let Some(above) = self.frame.parent(at) else {
                break;
            };
            (before, after) = self.add(sheet, above, before, after, journal)?;
            at = above;
        }
        Ok(())
    }
}
