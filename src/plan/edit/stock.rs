//! Changes to stocks: balances set at a place, and the paths that lead there.

mod path;

use std::collections::BTreeMap;

use super::Manner;
use crate::allocation::{
    AllocationError, Bound, Lots, Method, NegativeWeights, Weights, ZeroWeights, allocate,
    allocate_within,
};
use crate::plan::frame::{SKIPPED, Selection};
use crate::plan::lots::LotCount;
use crate::plan::patch::Patch;
use crate::plan::respread::Shares;
use crate::plan::sequence::{growth, straight_line};
use crate::plan::stock::{splits_time, time_below};
use crate::plan::{BasisError, EditError, NodeId, Plan, PlanError, ZeroBase};
use crate::plan::{
    carry::Carry,
    change::{Mode, RepeatCells, Spread, Verb},
};
use crate::quantity::Ratio;

/// How a path is drawn anew.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Draw {
    /// It keeps its shape: what the end moves by is built up over the periods that may move, by the bases.
    Shift,
    /// By the bases of the recipe.
    Basis,
    /// In equal steps.
    Equal,
    /// By these weights over the first row of members or periods, in its shape below.
    First(Vec<u128>),
}

impl Draw {
    fn shares(&self) -> Shares {
        match self {
            Self::Shift | Self::First(_) => Shares::Proportional,
            Self::Basis => Shares::Basis,
            Self::Equal => Shares::Equal,
        }
    }

    fn below(&self) -> &Self {
        match self {
            Self::First(_) => &Self::Shift,
            own => own,
        }
    }
}

/// A change of paths under way.
struct Redrawing<'a> {
    manner: Manner,
    journal: &'a mut Vec<Patch>,
    /// What nodes were that have been set: later periods start from them.
    old: BTreeMap<NodeId, i64>,
}

/// The members among whom a closing is shared: what each has that may not move, and who may move at all.
#[derive(Debug, Clone, Copy)]
struct Sharing<'a> {
    children: &'a [NodeId],
    fixed: &'a [i64],
    open: &'a [bool],
}

impl Plan {
    pub(super) fn spread_stock(
        &mut self,
        manner: Manner,
        selection: &Selection,
        spread: &Spread,
        journal: &mut Vec<Patch>,
    ) -> Result<(), PlanError> {
        if !selection.below.is_empty() {
            return Err(PlanError::NotANode {
                place: spread.at.clone(),
            });
        }
        let (sheet, node) = (manner.sheet, selection.node);
        let start = self.value(sheet, node);
        if time_below(&self.frame, node) {
            let mut redrawing = Redrawing {
                manner,
                journal,
                old: BTreeMap::new(),
            };
            self.draw(&mut redrawing, selection, spread)?;
        } else {
            self.set(manner, selection, (&spread.verb, &spread.at), journal)?;
        }
        let end = self.value(sheet, node);
        match &spread.carry {
            Carry::Up => self.carry_closing(sheet, node, start, end, journal),
            Carry::Keep(above) => {
                let kept = self.frame.node(above)?;
                let mut at = node;
                while let Some(next) = self.frame.parent(at).filter(|_| at != kept) {
                    if splits_time(&self.frame, next) {
                        return Err(self.not_for(sheet, "keeping a total across periods"));
                    }
                    at = next;
                }
                if time_below(&self.frame, node) {
                    return Err(self.not_for(sheet, "keeping a total above a path"));
                }
                self.keep(manner, selection, above, start, end, journal)
            }
        }
    }

    pub(in crate::plan) fn not_for(&self, sheet: usize, what: &'static str) -> PlanError {
        let measure = self.sheets[sheet].measure();
        PlanError::NotForKind {
            measure: measure.key.clone(),
            kind: self.sheets[sheet].cascade().kind().name(),
            what,
        }
    }

    /// Changes the totals above a node as far as it is the last of its periods.
    fn carry_closing(
        &mut self,
        sheet: usize,
        node: NodeId,
        before: i64,
        after: i64,
        journal: &mut Vec<Patch>,
    ) -> Result<(), PlanError> {
        let mut at = node;
        while let Some(above) = self.frame.parent(at).filter(|_| before != after) {
            let last = self.frame.child_range(above).end - 1;
            if splits_time(&self.frame, above) && at.index() != last {
                break;
            }
            self.check_not_held(sheet, above)?;
            self.add(sheet, above, before, after, journal)?;
            at = above;
        }
        Ok(())
    }

    fn draw(
        &mut self,
        redrawing: &mut Redrawing<'_>,
        selection: &Selection,
        spread: &Spread,
    ) -> Result<(), PlanError> {
        let (sheet, node) = (redrawing.manner.sheet, selection.node);
        let closing = |plan: &Self, amount: &crate::quantity::Number| {
            let amount = plan.quanta(sheet, *amount)?;
            plan.by_mode(redrawing.manner, node, amount)
        };
        match &spread.verb {
            Verb::Proportional { amount } => {
                let closing = closing(self, amount)?;
                self.set_closing(redrawing, node, closing, &Draw::Shift)
            }
            Verb::Equal { amount } | Verb::EqualLeaves { amount } => {
                let closing = closing(self, amount)?;
                self.set_closing(redrawing, node, closing, &Draw::Equal)
            }
            Verb::Basis { amount } => {
                let closing = closing(self, amount)?;
                self.set_closing(redrawing, node, closing, &Draw::Basis)
            }
            Verb::PercentChange { by } => {
                let value = self.value(sheet, node);
                let lot = self.sheets[sheet].cascade().lots().at(node);
                let part = lot
                    .nearest_part(value, *by)
                    .ok_or_else(|| self.beyond(node))?;
                let closing = self.by_mode(redrawing.manner, node, part)?;
                self.set_closing(redrawing, node, closing, &Draw::Shift)
            }
            Verb::Relative { .. } => Err(self.not_for(sheet, "a spread like a reference")),
            Verb::Repeat { amount, cells } => {
                let amount = self.quanta(sheet, *amount)?;
                self.repeat(redrawing, node, amount, *cells)
            }
            Verb::Clear => {
                redrawing.manner.mode = Mode::Replace;
                self.repeat(redrawing, node, 0, RepeatCells::All)
            }
            Verb::StraightLine { from, to } => {
                let (from, to) = (self.quanta(sheet, *from)?, self.quanta(sheet, *to)?);
                let (row, _) = self.row(selection, &spread.at)?;
                let line = straight_line(from, to, &self.lots_below(sheet, row))
                    .ok_or_else(|| self.beyond(row))?;
                self.set_row(redrawing, node, row, &line)
            }
            Verb::Growth { start, by, of } => {
                let start = self.quanta(sheet, *start)?;
                let (row, _) = self.row(selection, &spread.at)?;
                let grown = growth(start, *by, *of, &self.lots_below(sheet, row))?;
                self.set_row(redrawing, node, row, &grown)
            }
            Verb::Pattern { amount, pattern } => {
                let (row, count) = self.row(selection, &spread.at)?;
                if pattern.parts().is_empty() {
                    let amount = self.quanta(sheet, *amount)?;
                    return self.set_row(redrawing, node, row, &vec![amount; count]);
                }
                let parts: Vec<Ratio> = pattern
                    .parts()
                    .iter()
                    .cycle()
                    .take(count)
                    .copied()
                    .collect();
                let whole = super::whole_parts(&parts).ok_or_else(|| {
                    PlanError::Basis(BasisError::WeightTooFine {
                        place: self.frame.path(row),
                    })
                })?;
                let weights = whole.iter().map(|part| part.unsigned_abs()).collect();
                let closing = closing(self, amount)?;
                self.set_closing(redrawing, node, closing, &Draw::First(weights))
            }
        }
    }

    fn beyond(&self, node: NodeId) -> PlanError {
        PlanError::OutOfRange {
            place: self.frame.path(node),
        }
    }

    /// Returns what a node becomes when an amount replaces, adds to or takes from it.
    fn by_mode(&self, manner: Manner, node: NodeId, amount: i64) -> Result<i64, PlanError> {
        let value = self.value(manner.sheet, node);
        let after = match manner.mode {
            Mode::Replace => Some(amount),
            Mode::Add => value.checked_add(amount),
            Mode::Subtract => value.checked_sub(amount),
        };
        after.ok_or_else(|| self.beyond(node))
    }

    /// Sets every leaf that may move, and what stands above them up to `top`.
    fn repeat(
        &mut self,
        redrawing: &mut Redrawing<'_>,
        top: NodeId,
        amount: i64,
        cells: RepeatCells,
    ) -> Result<(), PlanError> {
        let sheet = redrawing.manner.sheet;
        if self.is_fixed(sheet, top) {
            return Err(PlanError::Edit(EditError::NothingFree {
                place: self.frame.path(top),
                amount: self.decimal(sheet, amount),
            }));
        }
        self.repeat_below(redrawing, (top, top), amount, cells)?;
        Ok(())
    }

    /// Returns what a node keeps apart.
    fn kept_apart_at(&self, sheet: usize, node: NodeId) -> i64 {
        let apart = self.sheets[sheet].amounts().apart(node.level());
        apart.get(&node.index()).copied().unwrap_or(0)
    }

    /// Sets every leaf below a node that may move, and says whether that is all of them.
    fn repeat_below(
        &mut self,
        redrawing: &mut Redrawing<'_>,
        (top, node): (NodeId, NodeId),
        amount: i64,
        cells: RepeatCells,
    ) -> Result<bool, PlanError> {
        let sheet = redrawing.manner.sheet;
        let (value, children) = (self.value(sheet, node), self.frame.child_range(node));
        if self.is_shut(sheet, node) {
            return Ok(false);
        }
        let clears =
            redrawing.manner.mode == Mode::Replace && amount == 0 && cells == RepeatCells::All;
        let mut all = true;
        let new = if children.is_empty() {
            let passes = amount != 0 && self.is_passed_over(sheet, node, top);
            if passes || (cells == RepeatCells::NonZero && value == 0) {
                return Ok(true);
            }
            self.by_mode(redrawing.manner, node, amount)?
        } else {
            let over_time = splits_time(&self.frame, node);
            let mut sum = 0_i128;
            for child in children {
                let child = NodeId::new(node.level() + 1, child);
                all &= self.repeat_below(redrawing, (top, child), amount, cells)?;
                let own = i128::from(self.value(sheet, child));
                sum = if over_time { own } else { sum + own };
            }
            let cleared = all && clears;
            if !over_time && !cleared {
                // What is kept apart stays, but with a node that is cleared.
                sum += i128::from(self.kept_apart_at(sheet, node));
            }
            i64::try_from(sum).map_err(|_| self.beyond(node))?
        };
        self.write(sheet, node.level(), node.index(), &[new], redrawing.journal);
        if !splits_time(&self.frame, node) {
            self.settle(sheet, node, redrawing.journal);
        }
        Ok(all)
    }

    /// Sets the children of a row one by one, and the nodes from there up to `top`.
    fn set_row(
        &mut self,
        redrawing: &mut Redrawing<'_>,
        top: NodeId,
        row: NodeId,
        amounts: &[i64],
    ) -> Result<(), PlanError> {
        let sheet = redrawing.manner.sheet;
        let over_time = splits_time(&self.frame, row);
        let mut open = false;
        let mut sum = 0_i128;
        let children: Vec<NodeId> = self.frame.children(row).collect();
        for (child, amount) in children.into_iter().zip(amounts) {
            let passes = *amount != 0 && self.is_passed_over(sheet, child, row);
            if !passes && !self.is_fixed(sheet, child) {
                open = true;
                let closing = self.by_mode(redrawing.manner, child, *amount)?;
                self.set_closing(redrawing, child, closing, &Draw::Shift)?;
            }
            let own = i128::from(self.value(sheet, child));
            sum = if over_time { own } else { sum + own };
        }
        if !open {
            return Err(PlanError::Edit(EditError::NothingFree {
                place: self.frame.path(row),
                amount: self.decimal(sheet, amounts.first().copied().unwrap_or(0)),
            }));
        }
        if !over_time {
            sum += i128::from(self.kept_apart_at(sheet, row));
        }
        let new = i64::try_from(sum).map_err(|_| self.beyond(row))?;
        let mut at = Some(row);
        while let Some(node) = at {
            self.write(sheet, node.level(), node.index(), &[new], redrawing.journal);
            at = self.frame.parent(node).filter(|_| node != top);
        }
        Ok(())
    }

    /// Sets what a node is at the end of its time, and the path that leads there.
    fn set_closing(
        &mut self,
        redrawing: &mut Redrawing<'_>,
        node: NodeId,
        closing: i64,
        draw: &Draw,
    ) -> Result<(), PlanError> {
        let sheet = redrawing.manner.sheet;
        let value = self.value(sheet, node);
        if self.is_fixed(sheet, node) {
            if closing == value {
                return Ok(());
            }
            return Err(PlanError::Edit(EditError::NothingFree {
                place: self.frame.path(node),
                amount: self.decimal(sheet, closing),
            }));
        }
        let cascade = &self.sheets[sheet].cascade();
        cascade.check_whole(node, closing, cascade.lots().at(node))?;
        redrawing.old.insert(node, value);
        if !time_below(&self.frame, node) {
            let manner = Manner {
                mode: Mode::Replace,
                ..redrawing.manner
            };
            let selection = Selection {
                node,
                below: Vec::new(),
            };
            return self.set_total(
                manner,
                &selection,
                closing,
                &draw.shares(),
                redrawing.journal,
            );
        }
        if splits_time(&self.frame, node) {
            self.draw_path(redrawing, node, closing, draw)?;
        } else {
            self.share_closing(redrawing, node, closing, draw)?;
        }
        self.write(
            sheet,
            node.level(),
            node.index(),
            &[closing],
            redrawing.journal,
        );
        if !splits_time(&self.frame, node) {
            self.settle(sheet, node, redrawing.journal);
        }
        Ok(())
    }

    /// Shares a closing among members, each of whom follows a path.
    fn share_closing(
        &mut self,
        redrawing: &mut Redrawing<'_>,
        node: NodeId,
        closing: i64,
        draw: &Draw,
    ) -> Result<(), PlanError> {
        let sheet = redrawing.manner.sheet;
        let children: Vec<NodeId> = self.frame.children(node).collect();
        let fixed: Vec<i64> = children
            .iter()
            .map(|child| self.fixed_part(sheet, *child))
            .collect::<Result<_, _>>()?;
        let open: Vec<bool> = children
            .iter()
            .map(|child| !self.is_fixed(sheet, *child))
            .collect();
        let held: i128 = fixed.iter().map(|part| i128::from(*part)).sum();
        let own = &self.sheets[sheet];
        let stays = match draw {
            Draw::Basis => own.cascade().kept_of(node.level(), node.index(), closing),
            Draw::Shift | Draw::Equal | Draw::First(_) => own.stays(node, closing),
        };
        let rest = i128::from(closing) - i128::from(stays) - held;
        let rest = i64::try_from(rest).map_err(|_| self.beyond(node))?;
        if (closing >= 0 && rest < 0) || (closing < 0 && rest > 0) {
            return Err(PlanError::Edit(EditError::HeldExceeds {
                place: self.frame.path(node),
                amount: self.decimal(sheet, closing),
                held: self.decimal(sheet, closing.saturating_sub(rest)),
            }));
        }
        let members = Sharing {
            children: &children,
            fixed: &fixed,
            open: &open,
        };
        let weights = self.closing_weights(redrawing, node, rest, draw, members)?;
        let row = self.is_row(node);
        let shares = if rest == 0 {
            vec![0; children.len()]
        } else {
            self.in_lots(sheet, node, rest, &weights).map_err(|error| {
                let cascade = &self.sheets[sheet].cascade();
                cascade.path_error(node, closing, error)
            })?
        };
        for (place, child) in children.into_iter().enumerate() {
            if open[place] {
                let own = fixed[place]
                    .checked_add(shares[place])
                    .ok_or_else(|| self.beyond(child))?;
                let below = if row { draw.below() } else { draw };
                self.set_closing(redrawing, child, own, below)?;
            }
        }
        Ok(())
    }

    /// By what members share what is left of a closing.
    fn closing_weights(
        &self,
        redrawing: &Redrawing<'_>,
        node: NodeId,
        rest: i64,
        draw: &Draw,
        members: Sharing<'_>,
    ) -> Result<Vec<u128>, PlanError> {
        let Sharing {
            children,
            fixed,
            open,
        } = members;
        let sheet = redrawing.manner.sheet;
        let passed: Vec<bool> = children
            .iter()
            .map(|child| self.is_passed_over(sheet, *child, node))
            .collect();
        let basis = self.sheets[sheet]
            .cascade()
            .node_weights(node.level(), self.frame.child_range(node));
        let free = |place: usize| {
            i128::from(self.value(sheet, children[place])) - i128::from(fixed[place])
        };
        let row = self.is_row(node);
        let mut weights: Vec<u128> = Vec::with_capacity(children.len());
        let mut signs = (false, false);
        for place in 0..children.len() {
            weights.push(match draw {
                _ if !open[place] || passed[place] => 0,
                Draw::Equal => 1,
                Draw::Basis => basis[place],
                Draw::First(first) if row => first.get(place).copied().unwrap_or(0),
                Draw::Shift | Draw::First(_) => {
                    let own = free(place);
                    signs = (signs.0 || own < 0, signs.1 || own > 0);
                    match redrawing.manner.negative_base {
                        NegativeWeights::Zero if own < 0 => 0,
                        _ => own.unsigned_abs(),
                    }
                }
            });
        }
        if signs == (true, true) && redrawing.manner.negative_base == NegativeWeights::Refuse {
            return Err(PlanError::Edit(EditError::MixedSigns {
                place: self.frame.path(node),
            }));
        }
        if weights.iter().all(|weight| *weight == 0) && rest != 0 {
            let place = self.frame.path(node);
            let amount = self.decimal(sheet, rest);
            match redrawing.manner.zero_base {
                _ if !open.contains(&true) => {
                    return Err(PlanError::Edit(EditError::NothingFree { place, amount }));
                }
                ZeroBase::Refuse => {
                    return Err(PlanError::Edit(EditError::ZeroBase { place, amount }));
                }
                ZeroBase::Basis => weights = basis,
                ZeroBase::Equal => weights = vec![1; children.len()],
            }
            for ((weight, open), passed) in weights.iter_mut().zip(open).zip(&passed) {
                if !open || *passed {
                    *weight = 0;
                }
            }
            let nobody = weights.iter().all(|weight| *weight == 0);
            if nobody && redrawing.manner.zero_base == ZeroBase::Equal {
                return Err(PlanError::Edit(EditError::NobodyEligible { place, amount }));
            }
        }
        Ok(weights)
    }

    /// Shares what members have to total, each in its own lots.
    fn in_lots(
        &self,
        sheet: usize,
        node: NodeId,
        amount: i64,
        weights: &[u128],
    ) -> Result<Vec<i64>, AllocationError> {
        let lots = self.sheets[sheet].cascade().lots();
        let lot = lots.below(&self.frame, node);
        let (method, lots) = (
            Method::LargestRemainder,
            lots.in_smallest(&self.frame, node),
        );
        let weights = Weights::from_integers(weights, ZeroWeights::Refuse)?;
        let mut shares = if lots == Lots::ONE {
            allocate(lot.count(amount).get(), &weights, method)?.into_shares()
        } else {
            let free = vec![Bound::FREE; weights.len()];
            allocate_within(lot.count(amount).get(), &weights, method, &free, &lots)?.into_shares()
        };
        for share in &mut shares {
            *share = LotCount::new(*share).part(lot);
        }
        Ok(shares)
    }

    /// Says whether the children of a node are members or periods, and not a step that is left out here.
    fn is_row(&self, node: NodeId) -> bool {
        let first = self.frame.child_range(node).start;
        self.frame
            .levels
            .get(node.level() + 1)
            .and_then(|level| level.coords.get(first))
            .is_some_and(|coord| *coord != SKIPPED)
    }
}
