//! One level split among the next: all nodes at once, and apart what bounds or prescribed totals have a say in.

use super::{Amounts, Cascade, Compiled};
use crate::allocation::{AllocationError, BoundedShares, LevelSplitter, Nodes};
use crate::margins::Closeness;
use crate::plan::bounds::{Bounded, is_of_losses};
use crate::plan::lots::{LotCount, LotSize};
use crate::plan::prescribed::Fitted;
use crate::plan::{BasisError, NodeId, PlanError};
use std::collections::BTreeMap;

/// What stayed with nodes, and how near to what the bases say those are that were fitted.
type LeftAndFits = (Vec<(usize, i64)>, Vec<(NodeId, Closeness)>);

impl Cascade {
    /// Splits all nodes of one level.
    pub(super) fn split(&self, step: usize, amounts: &mut Amounts) -> Result<(), PlanError> {
        let Compiled {
            def,
            frame,
            weights,
            lots,
            kept: stays,
            ..
        } = &*self.0;
        let level = &frame.levels[step];
        let single = lots.of_level(step + 1) == Some(LotSize::ONE);
        let mut handed: Vec<i64> = Vec::new();
        let mut starts: Vec<usize> = Vec::new();
        // Which node each entry of `handed` is, where nodes without children are left out.
        let mut nodes: Vec<usize> = Vec::new();
        let whole = amounts.level(step);
        let down = |index: usize| -> Result<i64, PlanError> {
            let amount = whole[index];
            if !single {
                let lot = self.lot_below(step, index);
                self.check_whole(NodeId::new(step, index), amount, lot)?;
            }
            // A part of the amount, so what is left is in range.
            let amount = amount - self.kept_of(step, index, amount);
            if single {
                return Ok(amount);
            }
            Ok(self.lot_below(step, index).count(amount).get())
        };
        let losses = amounts.total() < 0;
        let (fitted, bounded) = self.apart(step, losses);
        let plain = single && bounded.is_empty() && stays[step].is_empty();
        if level.ragged {
            for index in 0..level.len() {
                let children = level.children(index);
                if !children.is_empty() {
                    handed.push(down(index)?);
                    starts.push(children.start);
                    nodes.push(index);
                }
            }
            starts.push(frame.levels[step + 1].len());
        } else if !plain {
            handed = (0..level.len()).map(down).collect::<Result<_, _>>()?;
        }
        // Bounded nodes are split one by one below, fitted ones together.
        let mut apart: Vec<(usize, i64)> = Vec::with_capacity(bounded.len());
        for index in &bounded {
            let place = if level.ragged {
                nodes.binary_search(index).unwrap_or_default()
            } else {
                *index
            };
            apart.push((*index, std::mem::take(&mut handed[place])));
        }
        let shape = match level.width {
            _ if level.ragged => Nodes::Starts(&starts),
            Some(width) => Nodes::Even(width),
            None => Nodes::Starts(&level.starts),
        };
        let down = if level.ragged || !plain {
            &handed
        } else {
            whole
        };
        let policy = def.steps[step].weights;
        let mut shares = vec![0; frame.levels[step + 1].len()];
        let mut splitter = LevelSplitter::new(def.steps[step].method, policy.all_zero());
        let left = splitter
            .split(down, shape, &weights[step], &mut shares)
            .map_err(|error| self.split_error(step, error, &nodes, down))?;
        if !single {
            for index in 0..level.len() {
                let lot = self.lot_below(step, index);
                for share in &mut shares[level.children(index)] {
                    // The shares add up to an amount in range, each no larger than it.
                    *share = LotCount::new(*share).part(lot);
                }
            }
        }
        let (unassigned, fits) = self.split_apart(step, &fitted, apart, losses, &mut shares)?;
        let mut kept: BTreeMap<usize, i64> = unassigned.into_iter().collect();
        for left in left {
            let node = nodes.get(left.node()).copied().unwrap_or(left.node());
            let lots = LotCount::new(left.amount());
            kept.insert(node, lots.part(self.lot_below(step, node)));
        }
        self.add_kept(step, amounts, &mut kept);
        for (node, closeness) in fits {
            amounts.add_fit(step, node, closeness);
        }
        amounts.add_level(shares, kept);
        Ok(())
    }

    /// Adds what stays with nodes of the shares of who is not eligible to what the method leaves of the others'.
    fn add_kept(&self, step: usize, amounts: &Amounts, kept: &mut BTreeMap<usize, i64>) {
        for index in self.0.kept[step].keys() {
            let own = self.kept_of(step, *index, amounts.level(step)[*index]);
            if own != 0 {
                *kept.entry(*index).or_insert(0) += own;
            }
        }
    }

    /// Splits the nodes that were taken out, each with its amount in lots, and returns what stayed with some of them, and
    /// how near those are to what the bases say that were fitted.
    fn split_apart(
        &self,
        step: usize,
        fitted: &[NodeId],
        apart: Vec<(usize, i64)>,
        losses: bool,
        shares: &mut [i64],
    ) -> Result<LeftAndFits, PlanError> {
        let Compiled {
            frame, prescribed, ..
        } = &*self.0;
        let level = &frame.levels[step];
        let mut fits = Vec::with_capacity(fitted.len());
        for node in fitted {
            let rows = frame.run_below(*node, step);
            let amount = |index: usize| {
                let found = apart.binary_search_by_key(&index, |row| row.0);
                found.map_or(0, |place| apart[place].1)
            };
            let handed: Vec<i64> = rows.clone().map(amount).collect();
            let cells = frame.levels[step].children_of(rows);
            let lot = self.0.lots.of_level(step + 1).unwrap_or(LotSize::ONE);
            let (found, closeness) = self.split_fitted(step, *node, &handed, lot)?;
            fits.push((*node, closeness));
            for (share, lots) in shares[cells].iter_mut().zip(found) {
                *share = LotCount::new(lots)
                    .quanta(lot)
                    .ok_or_else(|| PlanError::OutOfRange {
                        place: frame.path(*node),
                    })?;
            }
        }
        let mut unassigned = Vec::new();
        for (index, amount) in apart {
            if prescribed
                .holder(frame, step, NodeId::new(step, index))
                .is_some()
            {
                continue;
            }
            let lot = self.lot_below(step, index);
            let amount = LotCount::new(amount).part(lot);
            let losses = is_of_losses(amount, if losses { -1 } else { 1 });
            let found = self.split_bounded(step, index, amount, losses)?;
            for (share, found) in shares[level.children(index)].iter_mut().zip(found.shares()) {
                *share = LotCount::new(*found).part(lot);
            }
            if found.unallocated() != 0 {
                unassigned.push((index, LotCount::new(found.unallocated()).part(lot)));
            }
        }
        Ok((unassigned, fits))
    }

    /// Returns the nodes whose rows at a step are split together, and all nodes of the step that are not split one level
    /// at once: those rows, and nodes with bounded children.
    fn apart(&self, step: usize, losses: bool) -> (Vec<NodeId>, Vec<usize>) {
        let Compiled {
            frame,
            bounds,
            lots,
            prescribed,
            ..
        } = &*self.0;
        let fitted: Vec<NodeId> = prescribed.at_step(step).collect();
        let mut bounded = bounds.parents(frame, lots, step, 0..frame.count(step), losses);
        if !fitted.is_empty() {
            let row = |index: &usize| NodeId::new(step, *index);
            bounded.retain(|index| prescribed.holder(frame, step, row(index)).is_none());
            let rows = fitted.iter().flat_map(|node| frame.run_below(*node, step));
            bounded.extend(rows.filter(|index| !frame.levels[step].children(*index).is_empty()));
            bounded.sort_unstable();
        }
        (fitted, bounded)
    }

    /// Splits the rows at a step under a node together, so that their columns total what is prescribed; all in lots.
    fn split_fitted(
        &self,
        step: usize,
        node: NodeId,
        handed: &[i64],
        lot: LotSize,
    ) -> Result<(Vec<i64>, Closeness), PlanError> {
        let table = Fitted {
            step,
            frame: &self.0.frame,
            measure: &self.0.measure,
            weights: &self.0.weights[step],
            bounds: &self.0.bounds,
            node,
            lot,
        };
        self.0.prescribed.split(&table, handed)
    }

    /// Splits one node inside the bounds and lots of its children; the shares are counted in the smallest of these lots.
    fn split_bounded(
        &self,
        step: usize,
        index: usize,
        amount: i64,
        losses: bool,
    ) -> Result<BoundedShares, PlanError> {
        let node = Bounded {
            frame: &self.0.frame,
            measure: &self.0.measure,
            level: step,
            index,
            amount,
            lots: &self.0.lots,
            method: self.method(step),
            all_zero: self.0.def.steps[step].weights.all_zero(),
            losses,
        };
        let column = self.node_weights(step, self.0.frame.levels[step].children(index));
        let bounds = &self.0.bounds;
        bounds.split(&node, &column, |_| 0, |_| false)
    }

    /// Puts the place to an error of the splitter.
    pub(in crate::plan) fn split_error(
        &self,
        step: usize,
        error: AllocationError,
        nodes: &[usize],
        amounts: &[i64],
    ) -> PlanError {
        let AllocationError::InNode { node, error } = error else {
            return PlanError::Allocation(error);
        };
        let amount = amounts.get(node).copied().unwrap_or(0);
        let index = nodes.get(node).copied().unwrap_or(node);
        let place = self.0.frame.path_at(step, index);
        let name = self.0.frame.steps[step].name.clone();
        match *error {
            AllocationError::ZeroWeights { .. } => PlanError::Basis(BasisError::ZeroWeights {
                place,
                step: name,
                amount: self
                    .0
                    .measure
                    .quantum
                    .amount(LotCount::new(amount).part(self.lot_below(step, index))),
            }),
            _ => PlanError::Split {
                place,
                step: name,
                error,
            },
        }
    }
}
