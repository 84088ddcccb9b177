//! Ratings: set for everybody, never split; above the leaves they are weighted means.

use super::cascade::Cascade;
use super::{BasisError, NodeId, PlanError};
use crate::quantity::{Quantum, Ratio, Rounding};

impl Cascade {
    /// Returns the weighted mean of the leaves below a node, in quanta and exactly.
    ///
    /// The weights are those of the bases; where all are zero everybody counts the same.
    pub(super) fn mean(&self, node: NodeId, values: &[Vec<i64>]) -> Result<Ratio, PlanError> {
        let frame = self.frame();
        let children = frame.child_range(node);
        if children.is_empty() {
            return Ok(Ratio::from(values[node.level()][node.index()]));
        }
        let mut sum = Ratio::ZERO;
        let mut total = Ratio::ZERO;
        for (child, weight) in children.clone().zip(self.mean_weights(node)?) {
            let own = self.mean(NodeId::new(node.level() + 1, child), values)?;
            sum = sum.checked_add(own.checked_mul(weight)?)?;
            total = total.checked_add(weight)?;
        }
        Ok(sum.checked_div(total)?)
    }

    /// Returns the weights of the children of a node in its mean.
    pub(super) fn mean_weights(&self, node: NodeId) -> Result<Vec<Ratio>, PlanError> {
        let weights = self.node_weights(node.level(), self.frame().child_range(node));
        let none = weights.iter().all(|weight| *weight == 0);
        let ratio = |weight: &u128| {
            let weight = if none { 1 } else { *weight };
            let weight = i128::try_from(weight).map_err(|_| {
                PlanError::Basis(BasisError::WeightTooFine {
                    place: self.frame().path(node),
                })
            })?;
            Ok(Ratio::new(weight, 1)?)
        };
        weights.iter().map(ratio).collect()
    }

    /// Returns the mean of a node in whole quanta, a half away from zero.
    pub(super) fn rounded_mean(&self, node: NodeId, values: &[Vec<i64>]) -> Result<i64, PlanError> {
        let mean = self.mean(node, values)?;
        Ok(Quantum::ONE.round(mean, Rounding::HalfAwayFromZero)?)
    }

    /// Returns the part that each leaf has in the mean of the whole, level by level; zero for nodes with children.
    pub(super) fn leaf_parts(&self) -> Result<Vec<Vec<Ratio>>, PlanError> {
        let frame = self.frame();
        let mut parts = vec![vec![Ratio::ONE]];
        for level in 0..frame.levels() - 1 {
            let mut next = Vec::with_capacity(frame.count(level + 1));
            for (index, own) in parts[level].iter_mut().enumerate() {
                let node = NodeId::new(level, index);
                let weights = self.mean_weights(node)?;
                let mut sum = Ratio::ZERO;
                for weight in &weights {
                    sum = sum.checked_add(*weight)?;
                }
                for weight in &weights {
                    next.push(own.checked_mul(weight.checked_div(sum)?)?);
                }
                if !weights.is_empty() {
                    *own = Ratio::ZERO;
                }
            }
            parts.push(next);
        }
        Ok(parts)
    }
}

#[cfg(test)]
mod tests;
