//! What is assigned after an edit: it follows the base from where that moved.

use std::collections::{BTreeMap, BTreeSet};

use super::Manner;
use crate::allocation::{Method, Weights, ZeroWeights, allocate};
use crate::plan::cascade::Takers;
use crate::plan::change::{Mode, Verb};
use crate::plan::frame::Selection;
use crate::plan::lots::LotCount;
use crate::plan::patch::Patch;
use crate::plan::replaced::Replaced;
use crate::plan::{EditError, Layer, NodeId, Plan, PlanError};
use crate::quantity::{Number, Rounding};

/// What an edit says outright is assigned to nodes of one measure.
type Said = BTreeMap<NodeId, i64>;

impl Plan {
    /// Lets what is assigned follow what an edit moved, whose patches begin at a place of the journal.
    pub(in crate::plan) fn follow_base(
        &mut self,
        mark: usize,
        journal: &mut Vec<Patch>,
    ) -> Result<(), PlanError> {
        for sheet in 0..self.sheets.len() {
            self.follow_in(sheet, mark, &Said::new(), journal)?;
        }
        Ok(())
    }

    fn follow_in(
        &mut self,
        sheet: usize,
        mark: usize,
        said: &Said,
        journal: &mut Vec<Patch>,
    ) -> Result<(), PlanError> {
        if !self.sheets[sheet].amounts().has_assigned() {
            return Ok(());
        }
        let open = self.touched_since(sheet, mark, said, journal);
        self.assign_from(sheet, open, journal)
    }

    /// Returns the nodes whose children may be assigned something else, and lets go what was said outright where it holds no more.
    fn touched_since(
        &mut self,
        sheet: usize,
        mark: usize,
        said: &Said,
        journal: &mut Vec<Patch>,
    ) -> BTreeSet<NodeId> {
        let mut open: BTreeSet<NodeId> = BTreeSet::new();
        // Those whose base moved after something was said of them.
        let mut moved: BTreeSet<NodeId> = BTreeSet::new();
        for patch in &journal[mark..] {
            match patch {
                Patch::Structure(_) | Patch::Closed { .. } => open.extend(self.all_nodes()),
                Patch::Sheet {
                    sheet: own,
                    replaced,
                } if *own == sheet => match replaced {
                    Replaced::Amounts {
                        level,
                        start,
                        moved: by,
                    } => {
                        let places = (0..by.len()).filter(|place| by.by(*place) != 0);
                        moved.extend(places.map(|place| NodeId::new(*level, start + place)));
                    }
                    Replaced::Apart { node, .. } => _ = open.insert(*node),
                    Replaced::Told { node, .. } => {
                        open.extend(self.frame.parent(*node));
                        if moved.remove(node) {
                            open.insert(*node);
                        }
                    }
                    _ => {}
                },
                Patch::Sheet { .. } => {}
            }
        }
        // What was said of a node holds until its base moves, or until something else is said of one beside it.
        let own = &self.sheets[sheet];
        let parents: BTreeSet<Option<NodeId>> =
            said.keys().map(|node| self.frame.parent(*node)).collect();
        let ends = |node: &NodeId| {
            let beside = parents.contains(&self.frame.parent(*node));
            !own.is_held(*node) && (beside || moved.contains(node))
        };
        let ended = own.amounts().told().keys().copied();
        let ended: Vec<NodeId> = ended.filter(ends).collect();
        let ended = ended.into_iter().map(|node| (node, None));
        let said = said.iter().map(|(node, amount)| (*node, Some(*amount)));
        for (node, old) in ended.chain(said) {
            open.extend(self.frame.parent(node));
            self.replace(sheet, Replaced::Told { node, old }, journal);
        }
        open.extend(moved.iter().filter_map(|node| self.frame.parent(*node)));
        open.extend(moved);
        open
    }

    fn all_nodes(&self) -> impl Iterator<Item = NodeId> + '_ {
        let nodes =
            |level| (0..self.frame.count(level)).map(move |index| NodeId::new(level, index));
        (0..self.frame.levels()).flat_map(nodes)
    }

    /// Returns the verb with amounts of the base, and what the place is to be assigned in all, where the amounts are of what is assigned.
    pub(super) fn in_base(
        &self,
        manner: Manner,
        selection: &Selection,
        verb: &Verb,
    ) -> Result<(Verb, Option<i64>), PlanError> {
        let (sheet, own) = (manner.sheet, &self.sheets[manner.sheet]);
        if manner.layer == Layer::Base || !own.amounts().has_assigned() {
            return Ok((verb.clone(), None));
        }
        let mut verb = verb.clone();
        let cells = self.cells_of(selection);
        let number = |units| Number::from(own.measure().quantum.amount(units));
        match &mut verb {
            Verb::Proportional { amount }
            | Verb::Equal { amount }
            | Verb::EqualLeaves { amount }
            | Verb::Basis { amount }
            | Verb::Relative { amount, .. } => {
                let (asked, base) = self.total_in_base(manner, &cells, *amount)?;
                *amount = number(base);
                return Ok((verb, Some(asked)));
            }
            Verb::Pattern { amount, pattern } if !pattern.parts().is_empty() => {
                let (asked, base) = self.total_in_base(manner, &cells, *amount)?;
                *amount = number(base);
                return Ok((verb, Some(asked)));
            }
            Verb::StraightLine { from, to } => {
                let child = self.frame.children(selection.node).next();
                for own in [from, to] {
                    let units = self.quanta(sheet, *own)?;
                    *own = number(self.base_of(manner, child.unwrap_or(selection.node), units)?);
                }
            }
            Verb::Growth { start: amount, .. } | Verb::Pattern { amount, .. } => {
                let child = self.frame.children(selection.node).next();
                let units = self.quanta(sheet, *amount)?;
                *amount = number(self.base_of(manner, child.unwrap_or(selection.node), units)?);
            }
            // Leaves are asked one by one, and a percentage is the same of both layers.
            Verb::Repeat { .. } | Verb::Clear | Verb::PercentChange { .. } => {}
        }
        Ok((verb, None))
    }

    /// Returns what cells are to be assigned in all, and the amount of the base, in the manner's mode, that comes nearest to it.
    fn total_in_base(
        &self,
        manner: Manner,
        cells: &[NodeId],
        amount: Number,
    ) -> Result<(i64, i64), PlanError> {
        let (sheet, amounts) = (manner.sheet, self.sheets[manner.sheet].amounts());
        let units = self.quanta(sheet, amount)?;
        let place = cells.first().copied().unwrap_or(NodeId::WHOLE);
        let range = || self.too_large(place);
        let narrow = |sum: i128| i64::try_from(sum).map_err(|_| range());
        let assigned = cells
            .iter()
            .map(|cell| i128::from(amounts.assigned_at(*cell)));
        let (base, assigned) = (
            narrow(cells.iter().map(|cell| i128::from(amounts.at(*cell))).sum())?,
            narrow(assigned.sum())?,
        );
        let asked = match manner.mode {
            Mode::Replace => Some(units),
            Mode::Add => assigned.checked_add(units),
            Mode::Subtract => assigned.checked_sub(units),
        };
        let asked = asked.ok_or_else(range)?;
        let cascade = self.sheets[sheet].cascade();
        let alike = |cell: &NodeId| cascade.factor_above(*cell) == cascade.factor_above(place);
        let new = if cells.iter().all(alike) || assigned == 0 || base == 0 {
            self.base_of(manner, place, asked)?
        } else {
            let parts = (i128::from(base), i128::from(assigned));
            let lot = cascade.lots().at(place);
            let lots = lot.share(asked, parts, Rounding::HalfAwayFromZero);
            lots.and_then(|lots| lots.quanta(lot)).ok_or_else(range)?
        };
        let amount = match manner.mode {
            Mode::Replace => Some(new),
            Mode::Add => new.checked_sub(base),
            Mode::Subtract => base.checked_sub(new),
        };
        Ok((asked, amount.ok_or_else(range)?))
    }

    /// Returns what a node has in the layer that an edit means.
    pub(super) fn in_layer(&self, manner: Manner, node: NodeId) -> i64 {
        let amounts = self.sheets[manner.sheet].amounts();
        match manner.layer {
            Layer::Base => amounts.at(node),
            Layer::Assigned => amounts.assigned_at(node),
        }
    }

    /// Returns the base of a node to which an amount is to be assigned, in the nearest whole lots.
    pub(super) fn base_of(
        &self,
        manner: Manner,
        node: NodeId,
        amount: i64,
    ) -> Result<i64, PlanError> {
        let own = &self.sheets[manner.sheet];
        if manner.layer == Layer::Base || !own.amounts().has_assigned() {
            return Ok(amount);
        }
        let lot = own.cascade().lots().at(node);
        let factor = own.cascade().factor_above(node);
        let base = factor.and_then(|factor| {
            let parts = (factor.denominator(), factor.numerator());
            lot.share(amount, parts, Rounding::HalfAwayFromZero)?
                .quanta(lot)
        });
        base.ok_or_else(|| self.too_large(node))
    }

    /// Returns the nodes that a selection means: one, or those of a slice.
    fn cells_of(&self, selection: &Selection) -> Vec<NodeId> {
        let Some((last, _)) = selection.below.last() else {
            return vec![selection.node];
        };
        let run = self.frame.run_below(selection.node, last + 1);
        let nodes = run.map(|index| NodeId::new(last + 1, index));
        let agrees = |node: &NodeId| {
            let mut below = selection.below.iter();
            below.all(|(step, coord)| self.frame.coord_at(*node, *step) == *coord)
        };
        nodes.filter(agrees).collect()
    }

    /// Makes a place assigned what was asked, which its base comes nearest to: the nodes beside it take what rounding leaves.
    pub(super) fn assign_in_all(
        &mut self,
        sheet: usize,
        selection: &Selection,
        asked: i64,
        mark: usize,
        journal: &mut Vec<Patch>,
    ) -> Result<(), PlanError> {
        self.follow_in(sheet, mark, &Said::new(), journal)?;
        let cells = self.cells_of(selection);
        let total = |plan: &Self| -> i128 {
            let amounts = plan.sheets[sheet].amounts();
            cells
                .iter()
                .map(|cell| i128::from(amounts.assigned_at(*cell)))
                .sum()
        };
        let nearest = total(self);
        if nearest == i128::from(asked) {
            return Ok(());
        }
        let said = self.shared_anew(sheet, &cells, asked)?;
        match self.follow_in(sheet, mark, &said, journal) {
            Ok(()) if total(self) == i128::from(asked) => Ok(()),
            Ok(()) | Err(PlanError::Edit(EditError::FactorMisses { .. })) => {
                Err(PlanError::Edit(EditError::FactorMisses {
                    place: self.frame.path(selection.node),
                    asked: self.decimal(sheet, asked),
                    nearest: self.decimal(sheet, i64::try_from(nearest).unwrap_or(i64::MAX)),
                }))
            }
            Err(error) => Err(error),
        }
    }

    /// Returns what cells are assigned so that they total an amount: what they have, and the rest of it by largest remainder.
    fn shared_anew(&self, sheet: usize, cells: &[NodeId], asked: i64) -> Result<Said, PlanError> {
        let own = &self.sheets[sheet];
        let amounts = own.amounts();
        // Who has nothing, or stands as it is, is asked for nothing.
        let open = |cell: &&NodeId| {
            amounts.at(**cell) != 0 && !own.is_held(**cell) && !self.is_closed(**cell)
        };
        let open: Vec<NodeId> = cells.iter().filter(open).copied().collect();
        let shut = cells.iter().filter(|cell| !open.contains(cell));
        let shut: i128 = shut
            .map(|cell| i128::from(amounts.assigned_at(*cell)))
            .sum();
        let now: i128 = open
            .iter()
            .map(|cell| i128::from(amounts.assigned_at(*cell)))
            .sum();
        let Some(first) = open.first() else {
            return Ok(Said::new());
        };
        let range = || self.too_large(*first);
        let rest = i64::try_from(i128::from(asked) - shut - now).map_err(|_| range())?;
        let weights: Vec<u128> = open
            .iter()
            .map(|cell| u128::from(amounts.at(*cell).unsigned_abs()))
            .collect();
        let weights = Weights::from_integers(&weights, ZeroWeights::Equal)?;
        let lot = own.cascade().lots().at(*first);
        let shares = allocate(lot.count(rest).get(), &weights, Method::LargestRemainder)?;
        let said = open.iter().zip(shares.shares()).map(|(cell, lots)| {
            let more = LotCount::new(*lots).part(lot);
            let amount = amounts.assigned_at(*cell).checked_add(more);
            Ok((*cell, amount.ok_or_else(range)?))
        });
        said.collect()
    }

    /// Assigns anew below some nodes, and below whatever that moves.
    fn assign_from(
        &mut self,
        sheet: usize,
        mut open: BTreeSet<NodeId>,
        journal: &mut Vec<Patch>,
    ) -> Result<(), PlanError> {
        if open.is_empty() {
            return Ok(());
        }
        let own = &self.sheets[sheet];
        let takers = Takers::new(own.cascade(), own.amounts(), &self.closed);
        let total = own.amounts().total();
        self.write_assigned(sheet, 0, 0, &[total], journal);
        while let Some(node) = open.pop_first() {
            let children = self.frame.child_range(node);
            if children.is_empty() {
                continue;
            }
            let level = node.level() + 1;
            let own = &self.sheets[sheet];
            let shares = own.cascade().assigned_below(own.amounts(), &takers, node)?;
            let now = &own.amounts().assigned_levels()[level][children.clone()];
            let differs = shares.iter().zip(now).enumerate();
            let differs = differs.filter(|(_, (share, now))| share != now);
            open.extend(differs.map(|(place, _)| NodeId::new(level, children.start + place)));
            self.write_assigned(sheet, level, children.start, &shares, journal);
        }
        Ok(())
    }

    fn write_assigned(
        &mut self,
        sheet: usize,
        level: usize,
        start: usize,
        new: &[i64],
        journal: &mut Vec<Patch>,
    ) {
        if let Some(replaced) = self.sheets[sheet].set_assigned(level, start, new) {
            journal.push(Patch::Sheet { sheet, replaced });
        }
    }
}
