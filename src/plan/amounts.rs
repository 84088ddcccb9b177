//! The amounts of one measure: the base of every node, and what is assigned to it where that is something else.

use std::collections::BTreeMap;

use super::applied::{Applied, AppliedAt};
use super::moved::Moved;
use super::{GatedShare, NodeId};
use crate::margins::Closeness;

/// The amounts of one measure, in quanta, level by level: one for each node of the structure, always.
///
/// Amounts are read by level and by node. They move by [`Amounts::set`], [`Amounts::set_assigned`], [`Amounts::tell`] and
/// [`Amounts::keep_apart`] alone, each of which returns what it replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Amounts {
    values: Vec<Vec<i64>>,
    /// What is assigned to each node, level by level; none where that is the base.
    assigned: Option<Vec<Vec<i64>>>,
    /// What was assigned outright, beside which others share.
    told: BTreeMap<NodeId, i64>,
    /// Of each level, what stayed with a node because the method or the policy assigns less than everything.
    apart: Vec<BTreeMap<usize, i64>>,
    /// How near the tables are to what the bases say in which rows were fitted to totals across them: by the step of the
    /// columns and the node above the rows.
    fits: BTreeMap<(usize, NodeId), Closeness>,
    /// What policies decided when the amounts were cascaded.
    applied: Vec<AppliedAt>,
    /// Who is not eligible, and whether the share stays with the node above.
    gated: BTreeMap<NodeId, bool>,
}

impl Amounts {
    /// Returns the amount of the whole, to which levels are added from the top.
    pub(super) fn whole(total: i64) -> Self {
        Self {
            values: vec![vec![total]],
            assigned: None,
            told: BTreeMap::new(),
            apart: vec![BTreeMap::new()],
            fits: BTreeMap::new(),
            applied: Vec::new(),
            gated: BTreeMap::new(),
        }
    }

    /// Returns amounts that come from elsewhere.
    pub(super) fn from_levels(values: Vec<Vec<i64>>) -> Self {
        let apart = vec![BTreeMap::new(); values.len()];
        Self {
            values,
            assigned: None,
            told: BTreeMap::new(),
            apart,
            fits: BTreeMap::new(),
            applied: Vec::new(),
            gated: BTreeMap::new(),
        }
    }

    /// Adds the amounts of the next level, and what the last one keeps apart.
    pub(super) fn add_level(&mut self, shares: Vec<i64>, apart: BTreeMap<usize, i64>) {
        if let Some(kept) = self.apart.last_mut() {
            *kept = apart;
        }
        self.values.push(shares);
        self.apart.push(BTreeMap::new());
    }

    /// Adds how near a table is to what the bases say.
    pub(super) fn add_fit(&mut self, step: usize, node: NodeId, closeness: Closeness) {
        self.fits.insert((step, node), closeness);
    }

    /// Returns how near each fitted table is to what the bases say, by the step of the columns and the node above the rows.
    pub(super) fn fits(&self) -> impl Iterator<Item = (usize, NodeId, Closeness)> + '_ {
        self.fits
            .iter()
            .map(|((step, node), closeness)| (*step, *node, *closeness))
    }

    /// Returns how near one fitted table is.
    pub(super) fn fit(&self, step: usize, node: NodeId) -> Option<Closeness> {
        self.fits.get(&(step, node)).copied()
    }

    /// Adds what a policy decided.
    pub(super) fn add_applied(&mut self, applied: AppliedAt) {
        let stays = match &applied.policy {
            Applied::Gated { share, .. } => Some(*share == GatedShare::Kept),
            Applied::NobodyEligible { .. } => Some(false),
            Applied::Missing { .. } | Applied::Admitted { .. } | Applied::NoBranch => None,
        };
        if let Some(stays) = stays {
            self.gated
                .insert(NodeId::new(applied.level, applied.index), stays);
        }
        self.applied.push(applied);
    }

    /// Says whether somebody is not eligible.
    pub(super) fn has_gated(&self) -> bool {
        !self.gated.is_empty()
    }

    /// Says of a node that is not eligible and has nothing, which edits that share anew pass over, whether its share stays with the node
    /// above. Who is not eligible and has something was given it by name.
    pub(super) fn passed_over(&self, node: NodeId) -> Option<bool> {
        let stays = self.gated.get(&node).copied();
        stays.filter(|_| self.get(node) == Some(0))
    }

    /// Returns what policies decided when the amounts were cascaded.
    pub(super) fn applied(&self) -> &[AppliedAt] {
        &self.applied
    }

    /// Returns the amounts of all levels.
    pub(super) fn levels(&self) -> &[Vec<i64>] {
        &self.values
    }

    /// Returns the amounts of a level; none for one that does not exist.
    pub(super) fn level(&self, level: usize) -> &[i64] {
        self.values
            .get(level)
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    /// Returns the amount of a node, if there is such a node.
    pub(super) fn get(&self, node: NodeId) -> Option<i64> {
        self.level(node.level()).get(node.index()).copied()
    }

    /// Returns the amount of a node of the structure.
    pub(super) fn at(&self, node: NodeId) -> i64 {
        self.values[node.level()][node.index()]
    }

    /// Returns the amount of the whole.
    pub(super) fn total(&self) -> i64 {
        self.get(NodeId::WHOLE).unwrap_or(0)
    }

    /// Returns what is assigned, level by level.
    pub(super) fn assigned_levels(&self) -> &[Vec<i64>] {
        self.assigned.as_ref().unwrap_or(&self.values)
    }

    /// Says whether what is assigned is something else than the base.
    pub(super) fn has_assigned(&self) -> bool {
        self.assigned.is_some()
    }

    /// Returns what is assigned to a node of the structure.
    pub(super) fn assigned_at(&self, node: NodeId) -> i64 {
        self.assigned_levels()[node.level()][node.index()]
    }

    /// Returns what was assigned outright.
    pub(super) fn told(&self) -> &BTreeMap<NodeId, i64> {
        &self.told
    }

    /// Begins to tell what is assigned from the base.
    pub(super) fn start_assigned(&mut self) {
        self.assigned = Some(self.values.clone());
    }

    /// Puts what is assigned as it was told elsewhere.
    pub(super) fn with_assigned(
        mut self,
        assigned: Option<Vec<Vec<i64>>>,
        told: BTreeMap<NodeId, i64>,
    ) -> Self {
        (self.assigned, self.told) = (assigned, told);
        self
    }

    /// Sets what is assigned to a run of nodes of one level and returns what that moved, or `None` if it was so already.
    pub(super) fn set_assigned(
        &mut self,
        level: usize,
        start: usize,
        new: &[i64],
    ) -> Option<Moved> {
        let own = self.assigned.as_mut()?;
        Moved::set(&mut own[level][start..start + new.len()], new)
    }

    /// Takes back what moved in a run of what is assigned, and turns it into what undoes that.
    pub(super) fn take_back_assigned(&mut self, level: usize, start: usize, moved: &mut Moved) {
        if let Some(own) = &mut self.assigned {
            moved.take_back(&mut own[level][start..start + moved.len()]);
        }
    }

    /// Says what is assigned to a node outright, or nothing any more, and returns what was said before.
    pub(super) fn tell(&mut self, node: NodeId, amount: Option<i64>) -> Option<i64> {
        match amount {
            Some(amount) => self.told.insert(node, amount),
            None => self.told.remove(&node),
        }
    }

    /// Returns what stayed with nodes of a level.
    pub(super) fn apart(&self, level: usize) -> &BTreeMap<usize, i64> {
        &self.apart[level]
    }

    /// Says whether every node of a level hands down its own amount, no more and no less.
    pub(super) fn hands_down_all(&self, level: usize) -> bool {
        self.apart[level].is_empty()
    }

    /// Returns what of its base a node hands down to its children when that is `own`.
    pub(super) fn handed_down(&self, level: usize, index: usize, own: i64) -> i128 {
        let apart = self.apart[level].get(&index).copied().unwrap_or(0);
        i128::from(own) - i128::from(apart)
    }

    /// Sets a run of nodes of one level and returns what that moved, or `None` if they were so already.
    pub(super) fn set(&mut self, level: usize, start: usize, new: &[i64]) -> Option<Moved> {
        Moved::set(&mut self.values[level][start..start + new.len()], new)
    }

    /// Takes back what moved in a run of nodes, and turns it into what undoes that.
    pub(super) fn take_back(&mut self, level: usize, start: usize, moved: &mut Moved) {
        let run = start..start + moved.len();
        moved.take_back(&mut self.values[level][run]);
    }

    /// Sets what stays with a node, and returns what that was.
    pub(super) fn keep_apart(
        &mut self,
        level: usize,
        index: usize,
        amount: Option<i64>,
    ) -> Option<i64> {
        match amount {
            Some(amount) => self.apart[level].insert(index, amount),
            None => self.apart[level].remove(&index),
        }
    }
}
