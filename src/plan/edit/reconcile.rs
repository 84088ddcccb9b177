//! A plan reconciled: its tree, what is asked of it, and what was found.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::whole_parts;
use crate::allocation::{
    ActiveBound, AllocationError, Bound, Constraint, LeastChanged, LeastSquares, LevelWeights,
    Nodes, TreeContradiction,
};
use crate::key::Key;
use crate::plan::bounds::Limits;
use crate::plan::cascade::Kind;
use crate::plan::frame::{ByPlace, Selection};
use crate::plan::link::Followed;
use crate::plan::patch::Patch;
use crate::plan::{
    AskedAmount, BasisError, ConstraintError, Easing, EditError, GivenDef, LeastChange, NodeId,
    Plan, PlanError, ProposedAmount, Reconciling, Reference, WhyAmount,
};
use crate::quantity::{Ratio, gcd};

/// What stands at a place of the tree: a node; or what a node above has that no node below it has, down to the leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Slot {
    Node(usize),
    /// A node without children.
    Bare(NodeId),
    /// What stays with a node.
    Apart(i64),
}

/// The nodes of a plan as a tree of which all leaves are in the last level.
struct Tree {
    slots: Vec<Vec<Slot>>,
    /// Where the members of each slot start in the next level.
    starts: Vec<Vec<usize>>,
    /// Where each node of a level stands.
    at: Vec<Vec<usize>>,
    /// Which slots of a level do not move, because they are held, closed or asked to stay.
    still: Vec<BTreeSet<usize>>,
}

impl Plan {
    /// Makes the least change of a measure, and returns which one it is.
    pub(super) fn reconcile(
        &mut self,
        asked: &Reconciling,
        journal: &mut Vec<Patch>,
    ) -> Result<usize, PlanError> {
        let sheet = self.sheet_index(asked.measure.as_str())?;
        let amounts = self.solved(sheet, asked, |_, tree, found| tree.amounts(found))?;
        self.write_levels(sheet, &amounts, journal);
        Ok(sheet)
    }

    /// Gives a measure other amounts as a change would that has no other edit; refused, the plan is left as it came to be.
    pub(in crate::plan) fn try_amounts(
        &mut self,
        sheet: usize,
        amounts: &[Vec<i64>],
    ) -> Result<(), PlanError> {
        let (mut followed, mut journal) = (Followed::default(), Vec::new());
        followed.settled.insert(sheet);
        self.write_levels(sheet, amounts, &mut journal);
        self.follow(sheet, None, &mut followed, 0, &mut journal)?;
        self.check_moved(&followed, &journal)
    }

    fn write_levels(&mut self, sheet: usize, amounts: &[Vec<i64>], journal: &mut Vec<Patch>) {
        for (level, new) in amounts.iter().enumerate() {
            let old = self.sheets[sheet].amounts().level(level);
            let moved = |(old, new): (&i64, &i64)| old != new;
            let Some(first) = old.iter().zip(new).position(moved) else {
                continue;
            };
            let last = old.iter().zip(new).rposition(moved).unwrap_or(first);
            self.write(sheet, level, first, &new[first..=last], journal);
        }
    }

    /// Returns the least change as a proposal, and the amounts of each level that it leads to.
    pub(in crate::plan) fn reconciled(
        &self,
        asked: &Reconciling,
    ) -> Result<(LeastChange, Vec<Vec<i64>>), PlanError> {
        let sheet = self.sheet_index(asked.measure.as_str())?;
        let (nodes, amounts) = self.solved(sheet, asked, |plan, tree, found| {
            let mut nodes = Vec::new();
            for (level, slots) in tree.slots.iter().enumerate() {
                for (place, slot) in slots.iter().enumerate() {
                    if let Slot::Node(index) = slot {
                        let node = NodeId::new(level, *index);
                        // Where a branch leaves a step out, the node above is all that stands there.
                        if level == 0 || plan.frame.name(node).is_some() {
                            nodes.push(plan.proposed(sheet, node, (tree, place), found));
                        }
                    }
                }
            }
            (nodes, tree.amounts(found))
        })?;
        let found = LeastChange::new(asked.clone(), self.version(), nodes);
        Ok((found, amounts))
    }

    /// Says what a node becomes and why.
    fn proposed(
        &self,
        sheet: usize,
        node: NodeId,
        (tree, place): (&Tree, usize),
        found: &LeastChanged<'_>,
    ) -> ProposedAmount {
        let quantum = self.sheets[sheet].measure().quantum;
        let level = node.level();
        let amount = found.amounts(level).get(place).copied().unwrap_or(0);
        let why = match found.active_bound(level, place) {
            Some(ActiveBound::Held) if tree.still[level].contains(&place) => WhyAmount::Still,
            Some(ActiveBound::Held) => WhyAmount::Asked,
            Some(ActiveBound::Minimum) => WhyAmount::AtLeast,
            Some(ActiveBound::Maximum) => WhyAmount::AtMost,
            Some(ActiveBound::Shared(part)) => match i64::try_from(part.shared()) {
                Ok(change) if change != 0 => {
                    let (weight, of) = part.weight();
                    let common = gcd(weight, of).max(1);
                    WhyAmount::Shares {
                        change: quantum.quantity(change),
                        weight: weight / common,
                        of: of / common,
                        below: self.frame.path(tree.node(found.moved_with(level, place))),
                    }
                }
                _ => WhyAmount::Unshared,
            },
            Some(ActiveBound::ZeroWeight) | None => WhyAmount::Unshared,
        };
        ProposedAmount {
            node,
            place: self.frame.path(node),
            draft: quantum.quantity(self.value(sheet, node)),
            amount: quantum.quantity(amount),
            exact: found.exact(level, place),
            why,
        }
    }

    /// Solves what is asked, and hands what was found to a reader.
    fn solved<T>(
        &self,
        sheet: usize,
        asked: &Reconciling,
        read: impl FnOnce(&Self, &Tree, &LeastChanged<'_>) -> T,
    ) -> Result<T, PlanError> {
        self.check_adds_up(sheet, "the least change")?;
        let mut tree = self.tree(sheet);
        let draft: Vec<i64> = self.drafts(sheet, &tree);
        let limits = self.limits_asked(sheet, asked, &mut tree)?;
        let bounds = limits.iter().zip(&tree.slots);
        let bounds: Vec<Vec<Bound>> = bounds
            .map(|(limits, slots)| {
                if limits.is_empty() {
                    return Vec::new();
                }
                let mut bounds = vec![Bound::FREE; slots.len()];
                for (place, limits) in limits {
                    bounds[*place] = bound(*limits);
                }
                bounds
            })
            .collect();
        let weights = self.easing(sheet, asked, &tree, &limits)?;
        let nodes: Vec<Nodes<'_>> = tree.starts.iter().map(|own| Nodes::Starts(own)).collect();
        let mut squares = LeastSquares::new(&nodes, &draft);
        for (level, bounds) in bounds.iter().enumerate() {
            squares = squares.bounds(level, bounds);
        }
        match squares.solve(&weights) {
            Ok(found) => Ok(read(self, &tree, &found)),
            Err(AllocationError::TreeImpossible(proof)) => {
                Err(PlanError::Edit(self.contradicted(sheet, &tree, &proof)))
            }
            Err(AllocationError::WeightTooFine { member }) => {
                let place = self.frame.path(tree.node((tree.leaves(), member)));
                Err(PlanError::Basis(BasisError::WeightTooFine { place }))
            }
            Err(AllocationError::OutOfRange { member }) => {
                let place = self.frame.path(tree.node((tree.leaves(), member)));
                Err(PlanError::OutOfRange { place })
            }
            Err(error) => Err(PlanError::Allocation(error)),
        }
    }

    /// Refuses measures and steps whose children do not add up to their node, for what is to be done.
    pub(super) fn check_adds_up(&self, sheet: usize, what: &'static str) -> Result<(), PlanError> {
        let own = &self.sheets[sheet];
        let not_for = |kind, what| {
            Err(PlanError::NotForKind {
                measure: own.measure().key.clone(),
                kind,
                what,
            })
        };
        match own.cascade().kind() {
            Kind::Flow => {}
            Kind::Stock(_) => return not_for("stock", what),
            Kind::Rating => return not_for("rating", what),
        }
        Ok(())
    }

    fn tree(&self, sheet: usize) -> Tree {
        let amounts = self.sheets[sheet].amounts();
        let last = self.frame.levels() - 1;
        let mut tree = Tree {
            slots: vec![vec![Slot::Node(0)]],
            starts: Vec::new(),
            at: vec![vec![0]],
            still: vec![BTreeSet::new(); self.frame.levels()],
        };
        if last == 0 {
            // A plan without steps is one node, as which it stands below itself.
            tree.slots.push(vec![Slot::Bare(NodeId::WHOLE)]);
            tree.starts.push(vec![0, 1]);
        }
        for level in 0..last {
            let (mut below, mut starts) = (Vec::new(), vec![0]);
            let mut at = vec![0; self.frame.count(level + 1)];
            for slot in &tree.slots[level] {
                match slot {
                    Slot::Node(index) => {
                        let node = NodeId::new(level, *index);
                        let children = self.frame.child_range(node);
                        if children.is_empty() {
                            below.push(Slot::Bare(node));
                        }
                        for child in children {
                            at[child] = below.len();
                            below.push(Slot::Node(child));
                        }
                        let apart = amounts.apart(level).get(index);
                        below.extend(apart.map(|amount| Slot::Apart(*amount)));
                    }
                    Slot::Bare(_) | Slot::Apart(_) => below.push(*slot),
                }
                starts.push(below.len());
            }
            tree.slots.push(below);
            tree.starts.push(starts);
            tree.at.push(at);
        }
        tree
    }

    fn drafts(&self, sheet: usize, tree: &Tree) -> Vec<i64> {
        let leaves = tree.leaves();
        let draft = |slot: &Slot| match slot {
            Slot::Node(index) => self.value(sheet, NodeId::new(leaves, *index)),
            Slot::Bare(node) => self.value(sheet, *node),
            Slot::Apart(amount) => *amount,
        };
        tree.slots[leaves].iter().map(draft).collect()
    }

    /// Refuses what a node that is held, closed or bounded by the recipe cannot be.
    fn may_be(&self, sheet: usize, node: NodeId, limits: Limits) -> Result<(), PlanError> {
        let selection = Selection {
            node,
            below: Vec::new(),
        };
        self.check_open(sheet, &selection)?;
        let bounds = self.sheets[sheet].cascade().bounds().own(node.level());
        let bounds = bounds.and_then(|bounds| bounds.get(&node.index()));
        let amount = limits.exact();
        match bounds.zip(amount) {
            Some((bounds, amount)) if !bounds.hold(amount) => {
                let shown = |limit: Option<i64>| limit.map(|limit| self.decimal(sheet, limit));
                Err(PlanError::Constraint(ConstraintError::OutsideBounds {
                    place: self.frame.path(node),
                    amount: self.decimal(sheet, amount),
                    min: shown(bounds.min),
                    max: shown(bounds.max),
                }))
            }
            _ => Ok(()),
        }
    }

    /// Returns what is asked of each slot of each level: by the edit, by what is held or closed, and by the recipe; and notes which do
    /// not move.
    fn limits_asked(
        &self,
        sheet: usize,
        asked: &Reconciling,
        tree: &mut Tree,
    ) -> Result<Vec<BTreeMap<usize, Limits>>, PlanError> {
        let own = &self.sheets[sheet];
        let mut limits = vec![BTreeMap::new(); self.frame.levels()];
        let Tree {
            at,
            still: own_still,
            ..
        } = tree;
        let mut add = |node: NodeId, more: Limits| -> Result<(), PlanError> {
            let place = at[node.level()][node.index()];
            let known: &mut Limits = limits[node.level()].entry(place).or_default();
            let both = known.and(more);
            if let (Some(min), Some(max)) = (both.min, both.max)
                && min > max
            {
                self.may_be(sheet, node, more)?;
                let amount = |limits: Limits| {
                    if limits.min == Some(min) { min } else { max }
                };
                return Err(PlanError::Edit(EditError::AskedTwice {
                    place: self.frame.path(node),
                    one: self.decimal(sheet, amount(*known)),
                    other: self.decimal(sheet, amount(more)),
                }));
            }
            *known = both;
            Ok(())
        };
        let mut still = |node: NodeId| {
            let amount = Some(self.value(sheet, node));
            own_still[node.level()].insert(at[node.level()][node.index()]);
            Limits {
                min: amount,
                max: amount,
            }
        };
        for level in 0..self.frame.levels() {
            for (index, bounds) in own.cascade().bounds().own(level).into_iter().flatten() {
                add(NodeId::new(level, *index), *bounds)?;
            }
            let mut fast = Vec::new();
            let run = 0..self.frame.count(level);
            own.held()
                .for_each(level, run.clone(), |index| fast.push(index));
            self.closed.for_each(level, run, |index| fast.push(index));
            for index in fast {
                let node = NodeId::new(level, index);
                add(node, still(node))?;
            }
        }
        for place in &asked.still {
            let selection = self.narrowed(self.frame.select(place)?);
            if selection.below.is_empty() {
                add(selection.node, still(selection.node))?;
            } else {
                for leaf in self.leaves_of(&selection) {
                    add(leaf, still(leaf))?;
                }
            }
        }
        for total in &asked.totals {
            let selection = self.narrowed(self.frame.select(&total.at)?);
            if !selection.below.is_empty() {
                return Err(PlanError::NotANode {
                    place: total.at.clone(),
                });
            }
            add(selection.node, Limits::of_total(total, own.measure())?)?;
        }
        for bound in &asked.bounds {
            let units = |amount: Option<_>| amount.map(|amount| self.quanta(sheet, amount));
            let more = Limits {
                min: units(bound.min).transpose()?,
                max: units(bound.max).transpose()?,
            };
            let step = self.frame.step(bound.step.as_str())?;
            let at = [(&bound.at, ())];
            let inside = ByPlace::new(&self.frame, step, at)?;
            for index in 0..self.frame.count(step + 1) {
                let node = NodeId::new(step + 1, index);
                if self.frame.name(node).is_some() && inside.find(&self.frame, node).is_some() {
                    add(node, more)?;
                }
            }
        }
        Ok(limits)
    }

    /// Returns how easily each leaf of the tree moves. What is asked of a leaf needs no amount by which it would move.
    fn easing(
        &self,
        sheet: usize,
        asked: &Reconciling,
        tree: &Tree,
        limits: &[BTreeMap<usize, Limits>],
    ) -> Result<LevelWeights, PlanError> {
        let leaves = &tree.slots[tree.leaves()];
        let is_asked = |node: NodeId| {
            let place = tree.at[node.level()][node.index()];
            let own = limits[node.level()].get(&place);
            own.is_some_and(|own| own.exact().is_some())
        };
        let size = |node: NodeId, amount: i64| match u128::from(amount.unsigned_abs()) {
            0 => u128::from(is_asked(node)),
            size => size,
        };
        // Who is not eligible and has nothing moves where it is asked alone.
        let passes =
            |node: NodeId| !is_asked(node) && self.is_passed_over(sheet, node, NodeId::WHOLE);
        let node = |slot: &Slot| match slot {
            Slot::Node(index) => Some(NodeId::new(tree.leaves(), *index)),
            Slot::Bare(node) => Some(*node),
            Slot::Apart(_) => None,
        };
        let of = |weight: &dyn Fn(NodeId) -> u128| -> Vec<u128> {
            let weights = leaves.iter().map(|slot| node(slot).map_or(0, weight));
            weights.collect()
        };
        Ok(LevelWeights::from_wide(match &asked.weights {
            Easing::Draft => of(&|node| size(node, self.value(sheet, node))),
            Easing::Equal => of(&|node| u128::from(!passes(node))),
            Easing::Like(to) => {
                let like = self.amounts_like(sheet, to)?;
                let like = |node| like.get(&node).copied().filter(|_| !passes(node));
                of(&|node| size(node, like(node).unwrap_or(0)))
            }
            Easing::Given(given) => {
                let nodes: Vec<NodeId> = leaves.iter().filter_map(node).collect();
                let given = self.given(given, &nodes)?;
                of(&|node| given.get(&node).copied().unwrap_or(0))
            }
        }))
    }

    /// Returns the plan to which a reference refers, and which measure of it.
    pub(super) fn referred(
        &self,
        sheet: usize,
        to: &Reference,
    ) -> Result<(Cow<'_, Plan>, usize), PlanError> {
        let plan = match to.version {
            Some(version) => Cow::Owned(self.as_of(version)?),
            None => Cow::Borrowed(self),
        };
        let sheet = match &to.measure {
            Some(measure) => plan.sheet_index(measure.as_str())?,
            None => sheet,
        };
        Ok((plan, sheet))
    }

    /// Returns the amounts of the leaves of another measure or version, by the leaves that they are like.
    pub(super) fn amounts_like(
        &self,
        sheet: usize,
        to: &Reference,
    ) -> Result<BTreeMap<NodeId, i64>, PlanError> {
        let (plan, other) = self.referred(sheet, to)?;
        if let Some(place) = &to.place
            && self.frame.node(place)? != NodeId::WHOLE
        {
            return Err(PlanError::Edit(EditError::WeightsOfPart {
                place: place.clone(),
            }));
        }
        let is_same = Arc::ptr_eq(&self.frame, &plan.frame) || self.frame == plan.frame;
        let mut like = BTreeMap::new();
        for level in 0..self.frame.levels() {
            for index in 0..self.frame.count(level) {
                let node = NodeId::new(level, index);
                if self.frame.child_range(node).is_empty() {
                    let twin = if is_same {
                        Some(node)
                    } else {
                        let path = self.frame.path(node);
                        let keys: Vec<&str> = path.keys().iter().map(Key::as_str).collect();
                        plan.frame.find(&keys).ok()
                    };
                    let amount = twin.and_then(|twin| plan.sheets[other].amounts().get(twin));
                    like.extend(amount.map(|amount| (node, amount)));
                }
            }
        }
        Ok(like)
    }

    /// Returns the weights that were written down, of each leaf, as whole numbers.
    pub(super) fn given(
        &self,
        given: &GivenDef,
        leaves: &[NodeId],
    ) -> Result<BTreeMap<NodeId, u128>, PlanError> {
        let Some(last) = self.frame.levels().checked_sub(2) else {
            // A plan without steps has one leaf, which moves whatever its weight is.
            return Ok(leaves.iter().map(|leaf| (*leaf, 1)).collect());
        };
        let entries = given.weights.iter().map(|given| (&given.at, given.weight));
        let by_place = ByPlace::new(&self.frame, last, entries)?;
        let mut ratios = Vec::with_capacity(leaves.len());
        for leaf in leaves {
            let found = by_place.find(&self.frame, *leaf).or(given.otherwise);
            let step = self.frame.steps[leaf.level().saturating_sub(1)]
                .name
                .clone();
            let place = || self.frame.path(*leaf);
            match found {
                None => {
                    let place = place();
                    return Err(PlanError::Basis(BasisError::MissingWeight { place, step }));
                }
                Some(weight) if weight.is_negative() => {
                    let place = place();
                    return Err(PlanError::Basis(BasisError::NegativeWeight { place, step }));
                }
                Some(weight) => ratios.push(weight),
            }
        }
        let whole: Vec<i128> = whole_parts(&ratios).ok_or_else(|| {
            PlanError::Basis(BasisError::WeightTooFine {
                place: self.frame.path(NodeId::WHOLE),
            })
        })?;
        let whole = whole.iter().map(|weight| weight.unsigned_abs());
        Ok(leaves.iter().copied().zip(whole).collect())
    }

    /// Says in the user's names which asked amounts contradict each other.
    fn contradicted(&self, sheet: usize, tree: &Tree, proof: &TreeContradiction) -> EditError {
        let (level, _) = proof.node();
        let asked = |level: usize, constraint: Constraint| {
            let slot = (level, constraint.member());
            let place = self.frame.path(tree.node(slot));
            let decimal = |amount: i64| self.decimal(sheet, amount);
            match constraint {
                Constraint::Minimum { share, .. } => AskedAmount::AtLeast {
                    place,
                    amount: decimal(share),
                },
                Constraint::Maximum { share, .. } => AskedAmount::AtMost {
                    place,
                    amount: decimal(share),
                },
                Constraint::Held { share, .. } => AskedAmount::Exactly {
                    place,
                    amount: decimal(share),
                },
                Constraint::ZeroWeight { .. } | Constraint::Lot { .. } => {
                    let amount = decimal(tree.draft(self, sheet, slot));
                    match tree.slots[slot.0][slot.1] {
                        Slot::Apart(_) => AskedAmount::Apart { place, amount },
                        Slot::Node(_) | Slot::Bare(_) => AskedAmount::Unmoved { place, amount },
                    }
                }
            }
        };
        let quantum = self.sheets[sheet].measure().quantum.ratio();
        let shown = |units: i128| {
            let units = Ratio::new(units, 1).and_then(|units| units.checked_mul(quantum));
            units.unwrap_or_default().approximate()
        };
        EditError::Contradicted {
            asked: asked(level, proof.own()),
            below: proof
                .below()
                .iter()
                .map(|below| asked(below.level(), below.constraint()))
                .collect(),
            needed: shown(proof.needed()),
            available: shown(proof.available()),
        }
    }
}

impl Tree {
    fn leaves(&self) -> usize {
        self.slots.len() - 1
    }

    /// Returns what was found of the nodes of each level.
    fn amounts(&self, found: &LeastChanged<'_>) -> Vec<Vec<i64>> {
        let of_level = |(level, at): (usize, &Vec<usize>)| {
            let found = found.amounts(level);
            at.iter().map(|place| found[*place]).collect()
        };
        self.at.iter().enumerate().map(of_level).collect()
    }

    /// Returns the node that stands in a slot, or whose amount does.
    fn node(&self, (level, place): (usize, usize)) -> NodeId {
        match self.slots[level][place] {
            Slot::Node(index) => NodeId::new(level, index),
            Slot::Bare(node) => node,
            Slot::Apart(_) => {
                let above = self.starts[level - 1].partition_point(|start| *start <= place);
                self.node((level - 1, above.saturating_sub(1)))
            }
        }
    }

    fn draft(&self, plan: &Plan, sheet: usize, (level, place): (usize, usize)) -> i64 {
        match self.slots[level][place] {
            Slot::Node(index) => plan.value(sheet, NodeId::new(level, index)),
            Slot::Bare(node) => plan.value(sheet, node),
            Slot::Apart(amount) => amount,
        }
    }
}

/// Returns the bound of limits that do not cross.
fn bound(limits: Limits) -> Bound {
    match (limits.min, limits.max) {
        (None, None) => Bound::FREE,
        (Some(min), None) => Bound::at_least(min),
        (None, Some(max)) => Bound::at_most(max),
        (Some(min), Some(max)) if min == max => Bound::held(min),
        (Some(min), Some(max)) => Bound::between(min, max).unwrap_or(Bound::FREE),
    }
}
