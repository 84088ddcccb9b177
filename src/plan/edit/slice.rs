//! Slices through nodes of whose amounts something stays with them: what a slice totals is what its own nodes do.

use std::collections::BTreeMap;

use super::{Manner, outside};
use crate::allocation::{Method, NegativeWeights, Weights, ZeroWeights, allocate};
use crate::plan::change::Mode;
use crate::plan::frame::Selection;
use crate::plan::lots::{LotCount, LotSize};
use crate::plan::patch::Patch;
use crate::plan::respread::{Region, Shares};
use crate::plan::{BasisError, EditError, NodeId, Plan, PlanError, ZeroBase};
use crate::quantity::{Rounding, mul_divide};

/// One node of a slice.
#[derive(Debug, Clone, Copy)]
pub(super) struct SliceCell {
    node: NodeId,
    value: i64,
    /// What may not move at or below it.
    fixed: i64,
    /// How many leaves at or below it may move.
    leaves: usize,
    /// Whether it is passed over, being of who is not eligible and has nothing.
    passed: bool,
}

impl SliceCell {
    /// Returns what may move.
    pub(super) fn free(&self) -> i128 {
        if self.leaves == 0 {
            return 0;
        }
        i128::from(self.value) - i128::from(self.fixed)
    }
}

/// What the nodes of a slice below one node have.
#[derive(Debug, Clone, Copy, Default)]
struct Below {
    free: i128,
    /// How many leaves may move, and of how many of these somebody is eligible.
    leaves: usize,
    open: usize,
}

impl Plan {
    /// Returns the same places as seen from the lowest node above all of them: a person who is below one team only is a node of that
    /// team, whether the team is named or not.
    pub(super) fn narrowed(&self, selection: Selection) -> Selection {
        let Some((last, _)) = selection.below.last() else {
            return selection;
        };
        let (level, whole) = (last + 1, Region::new(&self.frame, selection.node));
        if whole.last() < level {
            return selection;
        }
        let agrees = |index: &usize| {
            let node = NodeId::new(level, *index);
            let mut below = selection.below.iter();
            below.all(|(step, coord)| self.frame.coord_at(node, *step) == *coord)
        };
        let (first, end) = (
            whole.run(level).find(agrees),
            whole.run(level).rfind(agrees),
        );
        let Some((first, end)) = first.zip(end) else {
            return selection;
        };
        // Nodes stand in the order of the tree: what is above the first and the last one is above all.
        let (mut node, mut other) = (NodeId::new(level, first), NodeId::new(level, end));
        while node != other {
            match (self.frame.parent(node), self.frame.parent(other)) {
                (Some(above), Some(above_other)) => (node, other) = (above, above_other),
                _ => return selection,
            }
        }
        let below = selection.below.into_iter();
        let below = below.filter(|(step, _)| *step >= node.level()).collect();
        Selection { node, below }
    }

    /// Says whether some node from that of a slice down to its own nodes may hand down another amount than its own.
    pub(super) fn hands_down_else_within(&self, sheet: usize, selection: &Selection) -> bool {
        let Some((last, _)) = selection.below.last() else {
            return false;
        };
        let own = &self.sheets[sheet];
        let (cascade, amounts) = (own.cascade(), own.amounts());
        (selection.node.level()..=*last)
            .any(|level| cascade.keeps_at(level) || !amounts.apart(level).is_empty())
    }

    /// Returns the nodes of a slice.
    pub(super) fn slice(
        &self,
        manner: Manner,
        selection: &Selection,
    ) -> Result<Vec<SliceCell>, PlanError> {
        let Some((last, _)) = selection.below.last() else {
            return Ok(Vec::new());
        };
        let whole = Region::new(&self.frame, selection.node);
        if whole.last() < last + 1 {
            return Ok(Vec::new());
        }
        let mut cells = Vec::new();
        for index in whole.run(last + 1) {
            let node = NodeId::new(last + 1, index);
            let agrees = |(step, coord): &(usize, u32)| self.frame.coord_at(node, *step) == *coord;
            if !selection.below.iter().all(agrees) {
                continue;
            }
            let value = self.value(manner.sheet, node);
            let region = Region::new(&self.frame, node);
            let base = self.spreading(manner, &region).base(outside(&Selection {
                node,
                below: Vec::new(),
            }))?;
            let shut = self.shut_above(manner.sheet, node, selection.node);
            let leaves = if shut { 0 } else { base.free_leaves() };
            let fixed = match leaves {
                0 => value,
                _ => self.own_of_fixed(manner.sheet, node, base.fixed_below()),
            };
            cells.push(SliceCell {
                node,
                value,
                fixed,
                leaves,
                passed: self.is_passed_over(manner.sheet, node, selection.node),
            });
        }
        Ok(cells)
    }

    /// Says whether a node, or one between it and a node above, is held or closed.
    fn shut_above(&self, sheet: usize, node: NodeId, top: NodeId) -> bool {
        let mut at = Some(node).filter(|node| *node != top);
        while let Some(node) = at {
            if self.sheets[sheet].is_held(node) || self.closed.get(node.level(), node.index()) {
                return true;
            }
            at = self.frame.parent(node).filter(|above| *above != top);
        }
        false
    }

    /// Says whether a node or one between it and a node above is not eligible and has nothing, so that what is shared anew passes over it.
    pub(super) fn is_passed_over(&self, sheet: usize, node: NodeId, top: NodeId) -> bool {
        let amounts = self.sheets[sheet].amounts();
        let mut at = Some(node).filter(|node| amounts.has_gated() && *node != top);
        while let Some(node) = at {
            if amounts.passed_over(node).is_some() {
                return true;
            }
            at = self.frame.parent(node).filter(|above| *above != top);
        }
        false
    }

    /// Returns the part of a node's amount that stands for what may not move below it.
    fn own_of_fixed(&self, sheet: usize, node: NodeId, below: i64) -> i64 {
        if self.frame.child_range(node).is_empty() {
            return 0;
        }
        let amounts = self.sheets[sheet].amounts();
        if amounts.apart(node.level()).contains_key(&node.index()) {
            // What is kept apart stands in proportion for what may not move too.
            let own = amounts.at(node);
            let handed = amounts.handed_down(node.level(), node.index(), own);
            let part = mul_divide(below, i128::from(own), handed, Rounding::TowardZero);
            return part.unwrap_or(below);
        }
        below
    }

    /// Sets what the nodes of a slice total, and the nodes above them.
    pub(super) fn set_slice(
        &mut self,
        manner: Manner,
        selection: &Selection,
        amount: i64,
        shares: &Shares,
        journal: &mut Vec<Patch>,
    ) -> Result<(), PlanError> {
        let (sheet, top) = (manner.sheet, selection.node);
        let cells = self.slice(manner, selection)?;
        let range = || PlanError::OutOfRange {
            place: self.frame.path(top),
        };
        if cells.iter().all(|cell| cell.leaves == 0) {
            return Err(PlanError::Edit(EditError::NothingFree {
                place: self.frame.path(top),
                amount: self.decimal(sheet, amount),
            }));
        }
        let held: i128 = cells.iter().map(|cell| i128::from(cell.fixed)).sum();
        let rest = match manner.mode {
            Mode::Replace => i64::try_from(i128::from(amount) - held).ok(),
            Mode::Add => Some(amount),
            Mode::Subtract => amount.checked_neg(),
        };
        let rest = rest.ok_or_else(range)?;
        let wrong_side = if amount < 0 { rest > 0 } else { rest < 0 };
        if manner.mode == Mode::Replace && wrong_side {
            return Err(PlanError::Edit(EditError::HeldExceeds {
                place: self.frame.path(top),
                amount: self.decimal(sheet, amount),
                held: self.decimal(sheet, amount.saturating_sub(rest)),
            }));
        }
        let given = self.share_slice(manner, top, &cells, rest, shares)?;
        let mut moved: BTreeMap<NodeId, i128> = BTreeMap::new();
        for cell in cells.iter().filter(|cell| cell.leaves > 0) {
            let share = given.get(&cell.node).copied().unwrap_or(0);
            let (mode, amount) = match manner.mode {
                Mode::Replace => (Mode::Replace, cell.fixed.checked_add(share)),
                Mode::Add | Mode::Subtract => (Mode::Add, Some(share)),
            };
            let amount = amount.ok_or_else(|| PlanError::OutOfRange {
                place: self.frame.path(cell.node),
            })?;
            let one = Selection {
                node: cell.node,
                below: Vec::new(),
            };
            let below = self.shares_below(top, cell.node, shares);
            self.set_total(Manner { mode, ..manner }, &one, amount, &below, journal)?;
            let by = i128::from(self.value(sheet, cell.node)) - i128::from(cell.value);
            if let Some(above) = self.frame.parent(cell.node) {
                *moved.entry(above).or_default() += by;
            }
        }
        self.raise(sheet, moved, top, journal)
    }

    /// Moves nodes whose children moved by so much, and those above them up to `top`.
    pub(in crate::plan) fn raise(
        &mut self,
        sheet: usize,
        mut moved: BTreeMap<NodeId, i128>,
        top: NodeId,
        journal: &mut Vec<Patch>,
    ) -> Result<(), PlanError> {
        // The lowest level comes last in the order of nodes.
        while let Some((node, by)) = moved.pop_last() {
            let by = i64::try_from(by).map_err(|_| PlanError::OutOfRange {
                place: self.frame.path(node),
            })?;
            let (before, after) = self.add(sheet, node, 0, by, journal)?;
            if let Some(above) = self.frame.parent(node).filter(|_| node != top) {
                *moved.entry(above).or_default() += i128::from(after) - i128::from(before);
            }
        }
        Ok(())
    }

    /// Shares an amount among the nodes of a slice, step by step from the top.
    fn share_slice(
        &self,
        manner: Manner,
        top: NodeId,
        cells: &[SliceCell],
        amount: i64,
        shares: &Shares,
    ) -> Result<BTreeMap<NodeId, i64>, PlanError> {
        // What the slice has below every node between, level by level.
        let mut below: BTreeMap<NodeId, Below> = BTreeMap::new();
        for cell in cells.iter().filter(|cell| cell.leaves > 0) {
            let mut at = Some(cell.node);
            while let Some(node) = at {
                let own = below.entry(node).or_default();
                own.free += cell.free();
                own.leaves += cell.leaves;
                own.open += if cell.passed { 0 } else { cell.leaves };
                at = self.frame.parent(node).filter(|_| node != top);
            }
        }
        let last = cells.first().map_or(0, |cell| cell.node.level());
        let lots = self.sheets[manner.sheet].cascade().lots();
        let lot = lots.of_level(last).unwrap_or(LotSize::ONE);
        self.sheets[manner.sheet]
            .cascade()
            .check_whole(top, amount, lot)?;
        let mut given = BTreeMap::from([(top, lot.count(amount).get())]);
        for level in top.level()..last {
            let nodes: Vec<(NodeId, i64)> = given
                .range(NodeId::new(level, 0)..NodeId::new(level + 1, 0))
                .map(|(node, lots)| (*node, *lots))
                .collect();
            for (node, amount) in nodes {
                let children: Vec<NodeId> = self
                    .frame
                    .children(node)
                    .filter(|child| below.contains_key(child))
                    .collect();
                let mut weights =
                    self.slice_weights(manner, top, node, &children, &below, shares)?;
                if amount == 0 {
                    given.extend(children.into_iter().map(|child| (child, 0)));
                    continue;
                }
                if weights.iter().all(|weight| *weight == 0) {
                    weights = self.slice_of_nothing(manner, node, amount, &children, &below)?;
                }
                let weights = Weights::from_integers(&weights, ZeroWeights::Refuse)?;
                let parts = allocate(amount, &weights, Method::LargestRemainder)?;
                given.extend(children.into_iter().zip(parts.into_shares()));
            }
        }
        given.retain(|node, _| node.level() == last);
        for lots in given.values_mut() {
            *lots = LotCount::new(*lots).part(lot);
        }
        Ok(given)
    }

    /// Returns by what the children of a node share that have something of the slice.
    fn slice_weights(
        &self,
        manner: Manner,
        top: NodeId,
        node: NodeId,
        children: &[NodeId],
        below: &BTreeMap<NodeId, Below>,
        shares: &Shares,
    ) -> Result<Vec<u128>, PlanError> {
        let signed: Vec<i128> = match shares {
            Shares::Equal => {
                let one = |open: u128| u128::from(open > 0);
                return Ok(leaves_of(children, below).into_iter().map(one).collect());
            }
            Shares::EqualLeaves => return Ok(leaves_of(children, below)),
            Shares::Basis => return Ok(self.slice_basis(manner, node, children)),
            Shares::Like(like) => {
                let like = like.get(node.level() - top.level());
                let own = |child: &NodeId| {
                    // Where the child stands in the run of its level below the top.
                    let run = self.frame.run_below(top, child.level());
                    like.and_then(|like| like.get(child.index() - run.start))
                };
                let own = |child| own(child).copied().map_or(0, i128::from);
                let open = leaves_of(children, below).into_iter();
                let own = children.iter().map(own).zip(open);
                own.map(|(own, open)| if open > 0 { own } else { 0 })
                    .collect()
            }
            // A row of children that has weights of its own is no slice.
            Shares::Proportional | Shares::First(_) => {
                let of = |child: &NodeId| below.get(child).map_or(0, |own| own.free);
                children.iter().map(of).collect()
            }
        };
        let sign = |weight: &i128| weight.signum();
        let mixed =
            signed.iter().map(sign).min() == Some(-1) && signed.iter().map(sign).max() == Some(1);
        let unsigned = |weight: &i128| weight.unsigned_abs();
        match manner.negative_base {
            NegativeWeights::Zero if mixed => Ok(signed
                .iter()
                .map(|weight| unsigned(&(*weight).max(0)))
                .collect()),
            NegativeWeights::Refuse if mixed => Err(PlanError::Edit(EditError::MixedSigns {
                place: self.frame.path(node),
            })),
            _ => Ok(signed.iter().map(unsigned).collect()),
        }
    }

    /// Returns by what the children of a node share an amount, in lots, where nothing of the slice is there.
    fn slice_of_nothing(
        &self,
        manner: Manner,
        node: NodeId,
        amount: i64,
        children: &[NodeId],
        below: &BTreeMap<NodeId, Below>,
    ) -> Result<Vec<u128>, PlanError> {
        let place = self.frame.path(node);
        let lot = self.sheets[manner.sheet]
            .cascade()
            .lot_below(node.level(), node.index());
        let amount = self.decimal(manner.sheet, LotCount::new(amount).part(lot));
        match manner.zero_base {
            ZeroBase::Equal => {
                let open = leaves_of(children, below);
                if open.iter().any(|open| *open > 0) {
                    return Ok(open);
                }
                Err(PlanError::Edit(EditError::NobodyEligible { place, amount }))
            }
            ZeroBase::Basis => {
                let weights = self.slice_basis(manner, node, children);
                if weights.iter().any(|weight| *weight > 0) {
                    return Ok(weights);
                }
                Err(PlanError::Basis(BasisError::ZeroWeights {
                    place,
                    step: self.frame.steps[node.level()].name.clone(),
                    amount,
                }))
            }
            ZeroBase::Refuse => Err(PlanError::Edit(EditError::ZeroBase { place, amount })),
        }
    }

    /// Returns what the recipe shares by among the children of a node.
    fn slice_basis(&self, manner: Manner, node: NodeId, children: &[NodeId]) -> Vec<u128> {
        let cascade = self.sheets[manner.sheet].cascade();
        let weights = cascade.weights(node.level());
        let own = |child: &NodeId| weights.get(child.index()).unwrap_or(0);
        children.iter().map(own).collect()
    }

    /// Returns by what the amount of one node of a slice is shared below it.
    fn shares_below(&self, top: NodeId, node: NodeId, shares: &Shares) -> Shares {
        match shares {
            Shares::Equal => Shares::Equal,
            Shares::EqualLeaves => Shares::EqualLeaves,
            Shares::Basis => Shares::Basis,
            Shares::Proportional | Shares::First(_) => Shares::Proportional,
            Shares::Like(like) => {
                let below = like.iter().enumerate().skip(node.level() - top.level());
                let cut = |(depth, own): (usize, &Vec<i64>)| {
                    let level = top.level() + depth + 1;
                    let start = self.frame.run_below(top, level).start;
                    let run = self.frame.run_below(node, level);
                    let run = run.start - start..run.end - start;
                    own.get(run).unwrap_or_default().to_vec()
                };
                Shares::Like(below.map(cut).collect())
            }
        }
    }
}

/// Returns how many leaves of a slice may move and are of somebody eligible below each of these nodes.
fn leaves_of(children: &[NodeId], below: &BTreeMap<NodeId, Below>) -> Vec<u128> {
    let of = |child: &NodeId| below.get(child).map_or(0, |own| own.open as u128);
    children.iter().map(of).collect()
}
