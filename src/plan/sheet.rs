//! One measure of a plan: its recipe, its amounts, and which of them are held.

use std::collections::BTreeMap;

use super::amounts::Amounts;
use super::hold::Marks;
use super::replaced::Replaced;
use super::stretch::Bend;
use super::{Cascade, NodeId, Stretch};
use crate::allocation::Method;
use crate::measure::Measure;
use crate::quantity::Rounding;

/// One measure of a plan. What is in it changes by [`Sheet::set`], [`Sheet::set_assigned`] and [`Sheet::swap`] alone, which return how it is undone.
#[derive(Debug, Clone)]
pub(super) struct Sheet {
    cascade: Cascade,
    amounts: Amounts,
    /// The total that was cascaded, from which explanations start.
    total: i64,
    held: Marks,
    /// What each held node was held at.
    held_amounts: BTreeMap<NodeId, i64>,
    /// What each held stretch was held at.
    held_stretches: BTreeMap<Stretch, i64>,
    /// What edits of stretches added to the curves of leaves.
    bends: BTreeMap<NodeId, Vec<Bend>>,
}

impl Sheet {
    pub(super) fn new(cascade: Cascade, amounts: Amounts) -> Self {
        Self {
            cascade,
            total: amounts.total(),
            amounts,
            held: Marks::default(),
            held_amounts: BTreeMap::new(),
            held_stretches: BTreeMap::new(),
            bends: BTreeMap::new(),
        }
    }

    pub(super) fn cascade(&self) -> &Cascade {
        &self.cascade
    }

    pub(super) fn measure(&self) -> &Measure {
        self.cascade.measure()
    }

    pub(super) fn amounts(&self) -> &Amounts {
        &self.amounts
    }

    /// Returns the total that was cascaded.
    pub(super) fn cascaded_total(&self) -> i64 {
        self.total
    }

    pub(super) fn is_held(&self, node: NodeId) -> bool {
        self.held.get(node.level(), node.index())
    }

    /// Returns which nodes are held.
    pub(super) fn held(&self) -> &Marks {
        &self.held
    }

    /// Returns what a node is held at, if it is.
    pub(super) fn held_at(&self, node: NodeId) -> Option<i64> {
        self.held_amounts.get(&node).copied()
    }

    /// Returns what each held node was held at, level by level.
    pub(super) fn held_amounts(&self) -> impl Iterator<Item = (NodeId, i64)> + '_ {
        self.held_amounts
            .iter()
            .map(|(node, amount)| (*node, *amount))
    }

    /// Returns the sheet on a structure that has grown, where each node is now where the map says.
    pub(super) fn moved_to(
        &self,
        cascade: Cascade,
        amounts: Amounts,
        now: &BTreeMap<NodeId, NodeId>,
    ) -> Self {
        let mut held = Marks::default();
        let mut held_amounts = BTreeMap::new();
        for (node, amount) in &self.held_amounts {
            if let Some(node) = now.get(node) {
                held.set(node.level(), node.index(), true);
                held_amounts.insert(*node, *amount);
            }
        }
        let bends = self.bends.iter();
        let bends = bends.filter_map(|(leaf, own)| Some((*now.get(leaf)?, own.clone())));
        Self {
            cascade,
            amounts,
            total: self.total,
            held,
            held_amounts,
            held_stretches: self.held_stretches.clone(),
            bends: bends.collect(),
        }
    }

    /// Returns what each held stretch was held at.
    pub(super) fn held_stretches(&self) -> impl Iterator<Item = (&Stretch, i64)> + '_ {
        self.held_stretches
            .iter()
            .map(|(stretch, amount)| (stretch, *amount))
    }

    /// Returns what edits of stretches added to the curve of a leaf.
    pub(super) fn bends(&self, leaf: NodeId) -> &[Bend] {
        self.bends.get(&leaf).map_or(&[], Vec::as_slice)
    }

    /// Returns the leaves of which stretches were edited.
    pub(super) fn bent_leaves(&self) -> impl Iterator<Item = NodeId> + '_ {
        self.bends.keys().copied()
    }

    /// Says whether stretches of some leaf were edited.
    pub(super) fn has_bends(&self) -> bool {
        !self.bends.is_empty()
    }

    /// Returns what stays with a node of those who are not eligible when its amount comes to `whole`: their part by weight, in proportion
    /// where what stays now is another part.
    pub(super) fn stays(&self, node: NodeId, whole: i64) -> i64 {
        let (level, index) = (node.level(), node.index());
        if !self.cascade.keeps(node) {
            return 0;
        }
        let by_weight = |whole| self.cascade.kept_of(level, index, whole);
        let apart = self.amounts.apart(level).get(&index).copied().unwrap_or(0);
        let was = self.amounts.at(node);
        let is_part = (apart < 0) == (was < 0) && apart.unsigned_abs() <= was.unsigned_abs();
        let leaves_rest = matches!(
            self.cascade.method(level),
            Method::RemainderApart | Method::BlocksApart
        );
        if was == 0 || !is_part || leaves_rest || apart == by_weight(was) {
            return by_weight(whole);
        }
        let lot = self.cascade.lot_below(level, index);
        let parts = (i128::from(apart), i128::from(was));
        lot.share(whole, parts, Rounding::HalfAwayFromZero)
            .map_or_else(|| by_weight(whole), |lots| lots.part(lot))
    }

    /// Sets a run of nodes of one level and returns how that is undone, or `None` if they were so already.
    pub(super) fn set(&mut self, level: usize, start: usize, new: &[i64]) -> Option<Replaced> {
        let moved = self.amounts.set(level, start, new)?;
        Some(Replaced::Amounts {
            level,
            start,
            moved,
        })
    }

    /// Sets what is assigned to a run of nodes of one level and returns how that is undone, or `None` if it was so already.
    pub(super) fn set_assigned(
        &mut self,
        level: usize,
        start: usize,
        new: &[i64],
    ) -> Option<Replaced> {
        let moved = self.amounts.set_assigned(level, start, new)?;
        Some(Replaced::Assigned {
            level,
            start,
            moved,
        })
    }

    /// Puts back what was replaced, and returns what undoes that.
    pub(super) fn swap(&mut self, replaced: Replaced) -> Replaced {
        match replaced {
            Replaced::Amounts {
                level,
                start,
                mut moved,
            } => {
                self.amounts.take_back(level, start, &mut moved);
                Replaced::Amounts {
                    level,
                    start,
                    moved,
                }
            }
            Replaced::Assigned {
                level,
                start,
                mut moved,
            } => {
                self.amounts.take_back_assigned(level, start, &mut moved);
                Replaced::Assigned {
                    level,
                    start,
                    moved,
                }
            }
            Replaced::Told { node, old } => Replaced::Told {
                node,
                old: self.amounts.tell(node, old),
            },
            Replaced::Apart { node, old } => Replaced::Apart {
                node,
                old: self.amounts.keep_apart(node.level(), node.index(), old),
            },
            Replaced::Hold { node, old } => {
                self.held.set(node.level(), node.index(), old.is_some());
                let now = match old {
                    Some(old) => self.held_amounts.insert(node, old),
                    None => self.held_amounts.remove(&node),
                };
                Replaced::Hold { node, old: now }
            }
            Replaced::HoldStretch { stretch, old } => {
                let now = match old {
                    Some(old) => self.held_stretches.insert(stretch.clone(), old),
                    None => self.held_stretches.remove(&stretch),
                };
                Replaced::HoldStretch { stretch, old: now }
            }
            Replaced::Bends { leaf, old } => {
                let now = if old.is_empty() {
                    self.bends.remove(&leaf)
                } else {
                    self.bends.insert(leaf, old)
                };
                Replaced::Bends {
                    leaf,
                    old: now.unwrap_or_default(),
                }
            }
        }
    }
}
