//! By what the amounts of one level are shared among the next.

use super::{Base, Shares, Spreading};
use crate::allocation::{
    AllocationError, LevelSplitter, LevelWeights, Method, NegativeWeights, Nodes, ZeroWeights,
};
use crate::plan::bounds::{Bounded, serves};
use crate::plan::lots::{LotCount, LotSize};
use crate::plan::{ConstraintError, EditError, NodeId, PlanError, ZeroBase};

impl Spreading<'_> {
    /// Shares the amounts of one level among the next.
    pub(super) fn split(
        &self,
        base: &Base,
        level: usize,
        amounts: &[i64],
        shares: &Shares,
    ) -> Result<Vec<i64>, PlanError> {
        let run = self.region.run(level);
        let own = &self.frame.levels[level];
        let mut starts: Vec<usize> = Vec::new();
        let nodes = if let Some(width) = own.width {
            Nodes::Even(width)
        } else {
            let first = own.starts[run.start];
            starts.extend(
                own.starts[run.start..=run.end]
                    .iter()
                    .map(|start| start - first),
            );
            Nodes::Starts(&starts)
        };
        let single = self.sheet.cascade().lots().of_level(level + 1) == Some(LotSize::ONE);
        let in_lots;
        let lots = if single {
            amounts
        } else {
            in_lots = self.in_lots(level, amounts)?;
            &in_lots
        };
        let whole = |mut given: Vec<i64>| {
            for place in (0..lots.len()).filter(|_| !single) {
                let lot = self.lot_below(level, place);
                for given in &mut given[self.children(level, place)] {
                    // The shares add up to an amount in range, each no larger than it.
                    *given = LotCount::new(*given).part(lot);
                }
            }
            given
        };
        let weights = self.weights(base, level, shares)?;
        let method = self.method(level, shares);
        let mut given = vec![0; self.region.run(level + 1).len()];
        let mut splitter = LevelSplitter::new(method, ZeroWeights::Refuse);
        match splitter.split(lots, nodes, &weights, &mut given) {
            Ok(left) if left.is_empty() => return Ok(whole(given)),
            // What a method keeps apart belongs to the cascade; an edit places everything.
            Ok(_) => {
                let mut splitter =
                    LevelSplitter::new(Method::LargestRemainder, ZeroWeights::Refuse);
                splitter.split(lots, nodes, &weights, &mut given)?;
                return Ok(whole(given));
            }
            Err(AllocationError::InNode { error, .. })
                if matches!(*error, AllocationError::ZeroWeights { .. }) => {}
            Err(error) => {
                return Err(self.sheet.cascade().split_error(level, error, &[], lots));
            }
        }
        // Some node has an amount but nothing to be proportional to.
        let weights = self.or_else(base, level, amounts, &weights)?;
        splitter
            .split(lots, nodes, &weights, &mut given)
            .map_err(|error| self.sheet.cascade().split_error(level, error, &[], lots))?;
        Ok(whole(given))
    }

    fn method(&self, level: usize, shares: &Shares) -> Method {
        match shares {
            Shares::Basis => self.sheet.cascade().method(level),
            _ => Method::LargestRemainder,
        }
    }

    /// Returns what a node of a run hands down is a multiple of.
    fn lot_below(&self, level: usize, place: usize) -> LotSize {
        let index = self.region.run(level).start + place;
        self.sheet.cascade().lot_below(level, index)
    }

    /// Returns amounts as whole numbers of lots.
    fn in_lots(&self, level: usize, amounts: &[i64]) -> Result<Vec<i64>, PlanError> {
        let start = self.region.run(level).start;
        let one = |(place, amount): (usize, &i64)| {
            let lot = self.lot_below(level, place);
            if lot.divides(*amount) {
                return Ok(lot.count(*amount).get());
            }
            let quantum = self.sheet.measure().quantum;
            Err(PlanError::Constraint(ConstraintError::NotWholeLots {
                place: self.frame.path_at(level, start + place),
                amount: quantum.amount(*amount),
                lot: quantum.amount(lot.quanta()),
            }))
        };
        amounts.iter().enumerate().map(one).collect()
    }

    /// Splits again, inside their bounds, the amounts of nodes that have bounded children.
    pub(super) fn bound(
        &self,
        base: &Base,
        level: usize,
        amounts: &[i64],
        shares: &Shares,
        anew: bool,
        given: &mut [i64],
    ) -> Result<(), PlanError> {
        let bounds = self.sheet.cascade().bounds();
        let losses = self
            .sheet
            .amounts()
            .level(0)
            .first()
            .is_some_and(|total| *total < 0);
        let run = self.region.run(level);
        let parents = bounds.parents(
            self.frame,
            self.sheet.cascade().lots(),
            level,
            run.clone(),
            losses,
        );
        if parents.is_empty() {
            return Ok(());
        }
        let weights = self.weights(base, level, shares)?;
        let weights = self.or_else(base, level, amounts, &weights)?;
        let free = self.free_children(base, level);
        let first = self.region.run(level + 1).start;
        let values = self.values(level + 1);
        let method = match self.method(level, shares) {
            method if serves(method) => method,
            _ => Method::LargestRemainder,
        };
        for index in parents {
            let place = index - run.start;
            let children = self.children(level, place);
            if children.clone().all(|child| free[child] == 0) {
                continue;
            }
            let node = Bounded {
                frame: self.frame,
                measure: self.sheet.measure(),
                level,
                index,
                amount: amounts[place],
                lots: self.sheet.cascade().lots(),
                method,
                all_zero: ZeroWeights::Refuse,
                losses,
            };
            let column: Vec<u128> = children
                .clone()
                .map(|child| weights.get(child).unwrap_or(0))
                .collect();
            let is = |child: usize| match base.fixed.get(level + 1 - self.region.top) {
                _ if !anew => values[child - first],
                Some(fixed) => fixed[child - first],
                // A leaf that may move has nothing below it that may not.
                None => 0,
            };
            let found = bounds.split(&node, &column, is, |child| free[child - first] == 0)?;
            let lot = self.lot_below(level, place);
            for (given, share) in given[children].iter_mut().zip(found.shares()) {
                *given = LotCount::new(*share).part(lot);
            }
        }
        Ok(())
    }

    /// Returns how many leaves at or below each node of the run under `level` may move.
    fn free_children(&self, base: &Base, level: usize) -> Vec<u32> {
        if let Some(free) = base.free.get(level + 1 - self.region.top) {
            return free.clone();
        }
        let mut free = vec![1; self.region.run(level + 1).len()];
        for place in &base.stuck {
            free[*place] = 0;
        }
        free
    }

    /// Returns of each node of the run under `level` how many leaves at or below it may move and are eligible, those of whoever is not
    /// and whose share stays with the node above among them: none for who is not eligible and has nothing.
    fn open_children(&self, base: &Base, level: usize) -> Vec<u32> {
        let amounts = self.sheet.amounts();
        let mut open = self.counted(base, level);
        if amounts.has_gated() {
            for (index, open) in self.region.run(level + 1).zip(&mut open) {
                if amounts.passed_over(NodeId::new(level + 1, index)).is_some() {
                    *open = 0;
                }
            }
        }
        open
    }

    /// Returns of each node of the run under `level` how many leaves below it count where leaves are counted.
    fn counted(&self, base: &Base, level: usize) -> Vec<u32> {
        let mut counted = self.free_children(base, level);
        let amounts = self.sheet.amounts();
        if !amounts.has_gated() {
            return counted;
        }
        if level + 1 < self.region.last() {
            let below = self.counted(base, level + 1);
            for (place, counted) in counted.iter_mut().enumerate() {
                let children = self.children(level + 1, place);
                if *counted > 0 && !children.is_empty() {
                    *counted = below[children].iter().sum();
                }
            }
        }
        for (index, counted) in self.region.run(level + 1).zip(&mut counted) {
            if amounts.passed_over(NodeId::new(level + 1, index)) == Some(false) {
                *counted = 0;
            }
        }
        counted
    }

    fn weights(
        &self,
        base: &Base,
        level: usize,
        shares: &Shares,
    ) -> Result<LevelWeights, PlanError> {
        let below = self.region.run(level + 1);
        match shares {
            Shares::Equal => {
                let open = self.open_children(base, level);
                let one = open.iter().map(|open| u32::from(*open > 0));
                Ok(LevelWeights::from_integers(one.collect()))
            }
            Shares::EqualLeaves => Ok(LevelWeights::from_integers(self.open_children(base, level))),
            Shares::Basis => Ok(self.basis(base, level)),
            Shares::First(first) if level == self.region.top => {
                let signed = self.masked(base, level, first.iter().copied());
                self.unsigned(level, &signed)
            }
            Shares::Like(like) => {
                let like = &like[level - self.region.top];
                let signed = self.masked(base, level, like.iter().map(|value| i128::from(*value)));
                self.unsigned(level, &signed)
            }
            Shares::Proportional | Shares::First(_) => {
                let values = &self.sheet.amounts().level(level + 1)[below];
                let fixed = base.fixed.get(level + 1 - self.region.top);
                if let Some(fixed) = fixed {
                    let free = values
                        .iter()
                        .zip(fixed)
                        .map(|(value, fixed)| i128::from(*value) - i128::from(*fixed));
                    let signed = self.masked(base, level, free);
                    return self.unsigned(level, &signed);
                }
                let mut narrow: Vec<u32> = Vec::with_capacity(values.len());
                let mut wide = false;
                for value in values {
                    let found = u32::try_from(*value);
                    wide |= found.is_err();
                    narrow.push(found.unwrap_or(0));
                }
                if wide {
                    let signed =
                        self.masked(base, level, values.iter().map(|value| i128::from(*value)));
                    return self.unsigned(level, &signed);
                }
                for place in &base.stuck {
                    narrow[*place] = 0;
                }
                Ok(LevelWeights::from_integers(narrow))
            }
        }
    }

    fn masked(&self, base: &Base, level: usize, weights: impl Iterator<Item = i128>) -> Vec<i128> {
        let open = self.open_children(base, level);
        weights
            .zip(open)
            .map(|(weight, open)| if open > 0 { weight } else { 0 })
            .collect()
    }

    /// Returns weights without signs: a node whose weights are all below zero is as one whose are all above.
    fn unsigned(&self, level: usize, signed: &[i128]) -> Result<LevelWeights, PlanError> {
        let mut weights: Vec<u128> = signed.iter().map(|weight| weight.unsigned_abs()).collect();
        if signed.iter().any(|weight| *weight < 0) {
            for place in 0..self.region.run(level).len() {
                let children = self.children(level, place);
                let own = &signed[children.clone()];
                let mixed =
                    own.iter().any(|weight| *weight < 0) && own.iter().any(|weight| *weight > 0);
                match self.negative_base {
                    _ if !mixed => {}
                    NegativeWeights::Absolute => {}
                    NegativeWeights::Zero => {
                        for child in children.filter(|child| signed[*child] < 0) {
                            weights[child] = 0;
                        }
                    }
                    _ => {
                        let index = self.region.run(level).start + place;
                        return Err(PlanError::Edit(EditError::MixedSigns {
                            place: self.frame.path_at(level, index),
                        }));
                    }
                }
            }
        }
        Ok(LevelWeights::from_wide(weights))
    }

    fn basis(&self, base: &Base, level: usize) -> LevelWeights {
        let run = self.region.run(level + 1);
        let column = self.sheet.cascade().weights(level);
        if let Some(narrow) = column.narrow() {
            let mut weights = narrow[run].to_vec();
            match base.free.get(level + 1 - self.region.top) {
                Some(free) => {
                    for (weight, free) in weights.iter_mut().zip(free) {
                        *weight *= u32::from(*free > 0);
                    }
                }
                None => {
                    for place in &base.stuck {
                        weights[*place] = 0;
                    }
                }
            }
            return LevelWeights::from_integers(weights);
        }
        let free = self.free_children(base, level);
        let weights = run.zip(free).map(|(index, free)| {
            if free > 0 {
                column.get(index).unwrap_or(0)
            } else {
                0
            }
        });
        LevelWeights::from_wide(weights.collect())
    }

    /// Returns the weights with those of nodes that have an amount but no weight replaced as the policy says.
    fn or_else(
        &self,
        base: &Base,
        level: usize,
        amounts: &[i64],
        weights: &LevelWeights,
    ) -> Result<LevelWeights, PlanError> {
        let free = self.free_children(base, level);
        let open = self.open_children(base, level);
        let column = self.sheet.cascade().weights(level);
        let first = self.region.run(level + 1).start;
        let mut whole: Vec<u128> = (0..weights.len())
            .map(|child| weights.get(child).unwrap_or(0))
            .collect();
        for (place, amount) in amounts.iter().enumerate() {
            let children = self.children(level, place);
            if *amount == 0 || children.clone().any(|child| whole[child] > 0) {
                continue;
            }
            let index = self.region.run(level).start + place;
            let nothing_free = free[children.clone()].iter().all(|free| *free == 0);
            let nobody = self.zero_base == ZeroBase::Equal
                && open[children.clone()].iter().all(|open| *open == 0);
            if nothing_free || nobody || self.zero_base == ZeroBase::Refuse {
                let place = self.frame.path_at(level, index);
                let amount = self.sheet.measure().quantum.amount(*amount);
                return Err(PlanError::Edit(if nothing_free {
                    EditError::NothingFree { place, amount }
                } else if nobody {
                    EditError::NobodyEligible { place, amount }
                } else {
                    EditError::ZeroBase { place, amount }
                }));
            }
            for child in children {
                whole[child] = match self.zero_base {
                    ZeroBase::Basis if free[child] > 0 => column.get(first + child).unwrap_or(0),
                    _ => u128::from(open[child]),
                };
            }
        }
        Ok(LevelWeights::from_wide(whole))
    }
}
