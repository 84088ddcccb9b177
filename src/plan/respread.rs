//! Spreading below one node: what may move, and how it is shared.
//!
//! The nodes below a node stand together in every level, so that a region is a run of each level and its cost is its
//! own size. Cells that may not move are summed up first; what is left of the node's new amount then goes down level by
//! level among the children below which something may move.

mod weights;

use std::ops::Range;

use super::{Frame, NodeId, PlanError, Sheet, ZeroBase};
use crate::allocation::NegativeWeights;

/// The nodes at and below one node: a run of each level, from its own.
#[derive(Debug, Clone)]
pub(super) struct Region {
    pub(super) top: usize,
    pub(super) runs: Vec<Range<usize>>,
}

impl Region {
    pub(super) fn new(frame: &Frame, node: NodeId) -> Self {
        let mut run = node.index()..node.index() + 1;
        let mut runs = vec![run.clone()];
        for level in &frame.levels[node.level()..frame.levels.len() - 1] {
            run = level.children_of(run);
            if run.is_empty() {
                break;
            }
            runs.push(run.clone());
        }
        Self {
            top: node.level(),
            runs,
        }
    }

    pub(super) fn last(&self) -> usize {
        self.top + self.runs.len() - 1
    }

    pub(super) fn run(&self, level: usize) -> Range<usize> {
        self.runs[level - self.top].clone()
    }
}

/// Which nodes of a region are out of play besides those that are held or closed.
#[derive(Debug, Clone, Copy)]
pub(super) enum Outside<'a> {
    /// None.
    Nothing,
    /// Those that do not stand at these members or periods.
    Others(&'a [(usize, u32)]),
    /// The node, or what stands at these members or periods below it.
    Place(NodeId, &'a [(usize, u32)]),
}

/// What may not move in a region.
#[derive(Debug)]
pub(super) struct Base {
    /// For the levels above the last one of the region: of each node, what may not move at or below it.
    fixed: Vec<Vec<i64>>,
    /// The same, of the children alone.
    below: Vec<Vec<i64>>,
    /// How many leaves below each node may move.
    free: Vec<Vec<u32>>,
    /// In the last level, the places in the run of the nodes that may not move.
    stuck: Vec<usize>,
}

impl Base {
    /// Returns how many leaves of the region may move.
    pub(super) fn free_leaves(&self) -> usize {
        match self.free.first() {
            Some(free) => free[0] as usize,
            // The region is one leaf.
            None => usize::from(self.stuck.is_empty()),
        }
    }

    /// Returns what may not move below the top of the region; below a leaf nothing.
    pub(super) fn fixed_below(&self) -> i64 {
        self.below.first().map_or(0, |below| below[0])
    }
}

/// By what a region's amount is shared.
#[derive(Debug, Clone)]
pub(super) enum Shares {
    /// By what is there and may move.
    Proportional,
    /// Equally among children.
    Equal,
    /// Equally among leaves.
    EqualLeaves,
    /// By the bases of the recipe.
    Basis,
    /// By these weights at the first step, below by what is there and may move.
    First(Vec<i128>),
    /// By these amounts, level by level below the region's top.
    Like(Vec<Vec<i64>>),
}

/// New amounts of a region, level by level.
pub(super) struct Spreading<'a> {
    pub(super) frame: &'a Frame,
    pub(super) sheet: &'a Sheet,
    pub(super) closed: &'a super::hold::Marks,
    pub(super) region: &'a Region,
    pub(super) zero_base: ZeroBase,
    pub(super) negative_base: NegativeWeights,
}

impl Spreading<'_> {
    fn values(&self, level: usize) -> &[i64] {
        &self.sheet.amounts().level(level)[self.region.run(level)]
    }

    /// Returns the children of a node of a run, by their places in the run below.
    fn children(&self, level: usize, place: usize) -> Range<usize> {
        if level == self.region.last() {
            return 0..0;
        }
        let first = self.region.run(level + 1).start;
        let range = self.frame.levels[level].children(self.region.run(level).start + place);
        range.start - first..range.end - first
    }

    /// Marks the nodes of a run that may not move as wholes.
    fn stuck(&self, level: usize, outside: Outside<'_>) -> Vec<usize> {
        let run = self.region.run(level);
        let mut stuck = Vec::new();
        // Whether the top of the region may get another amount is asked before; what it is held at may be shared anew.
        if level > self.region.top {
            self.sheet
                .held()
                .for_each(level, run.clone(), |place| stuck.push(place));
        }
        if self.closed.any(level) {
            self.closed
                .for_each(level, run.clone(), |place| stuck.push(place));
        }
        if let Outside::Others(wanted) = outside {
            if wanted.iter().any(|(step, _)| step + 1 > level) {
                // A branch that ends above a step that is named does not take part.
                let places = 0..run.len();
                stuck.extend(places.filter(|place| self.children(level, *place).is_empty()));
            }
            for (step, coord) in wanted {
                if step + 1 == level {
                    let coords = self.frame.levels[level].coords[run.clone()]
                        .iter()
                        .enumerate();
                    stuck.extend(
                        coords
                            .filter(|(_, own)| *own != coord)
                            .map(|(place, _)| place),
                    );
                }
            }
        }
        if let Outside::Place(node, below) = outside {
            if below.is_empty() && node.level() == level && run.contains(&node.index()) {
                stuck.push(node.index() - run.start);
            }
            // Of a slice, the nodes at the lowest step that is named are out of play where all its steps agree.
            if let Some((last, _)) = below.last()
                && last + 1 == level
            {
                let inside = |index: &usize| self.in_slice(NodeId::new(level, *index), node, below);
                stuck.extend(run.clone().filter(inside).map(|index| index - run.start));
            }
        }
        stuck.sort_unstable();
        stuck.dedup();
        stuck
    }

    fn in_slice(&self, mut at: NodeId, node: NodeId, below: &[(usize, u32)]) -> bool {
        let agrees = below
            .iter()
            .all(|(step, coord)| self.frame.coord_at(at, *step) == *coord);
        while agrees && at.level() > node.level() {
            match self.frame.parent(at) {
                Some(above) => at = above,
                None => return false,
            }
        }
        agrees && at == node
    }

    /// Sums up what may not move.
    pub(super) fn base(&self, outside: Outside<'_>) -> Result<Base, PlanError> {
        let last = self.region.last();
        let mut base = Base {
            fixed: vec![Vec::new(); last - self.region.top],
            below: vec![Vec::new(); last - self.region.top],
            free: vec![Vec::new(); last - self.region.top],
            stuck: self.stuck(last, outside),
        };
        for level in (self.region.top..last).rev() {
            let own = level - self.region.top;
            let count = self.region.run(level).len();
            let mut below = vec![0_i64; count];
            let mut free = vec![0_u32; count];
            if level + 1 == last {
                self.sum_stuck(level, &base.stuck, &mut below, &mut free)?;
            } else {
                for (place, (below, free)) in below.iter_mut().zip(&mut free).enumerate() {
                    let children = self.children(level, place);
                    *free = base.free[own + 1][children.clone()].iter().sum();
                    *below = self.sum(level, place, &base.fixed[own + 1][children])?;
                }
            }
            let mut fixed = below.clone();
            let values = self.values(level);
            if !self.is_plain(level) {
                for place in 0..count {
                    if self.children(level, place).is_empty() {
                        free[place] = 1;
                    }
                    fixed[place] = match free[place] {
                        // Below a node of which nothing may move it is what it is.
                        0 => values[place],
                        _ => self.fixed_above(level, place, below[place]),
                    };
                }
            }
            for place in self.stuck(level, outside) {
                fixed[place] = values[place];
                free[place] = 0;
            }
            base.fixed[own] = fixed;
            base.below[own] = below;
            base.free[own] = free;
        }
        Ok(base)
    }

    /// Says whether every node of a level has children and hands down its amount, no more and no less. What stands for what
    /// may not move below such a node is then just that, and what it is given it hands down.
    fn is_plain(&self, level: usize) -> bool {
        self.frame.levels[level]
            .width
            .is_some_and(|width| width > 0)
            && !self.sheet.cascade().keeps_at(level)
            && self.sheet.amounts().hands_down_all(level)
    }

    /// Sums up the stuck nodes of the last level by the nodes above, and counts the others.
    fn sum_stuck(
        &self,
        level: usize,
        stuck: &[usize],
        below: &mut [i64],
        free: &mut [u32],
    ) -> Result<(), PlanError> {
        let values = self.values(level + 1);
        let mut next = stuck.iter().peekable();
        for place in 0..below.len() {
            let children = self.children(level, place);
            let mut left = children.len();
            while let Some(child) = next.next_if(|child| **child < children.end) {
                below[place] = below[place]
                    .checked_add(values[*child])
                    .ok_or_else(|| self.out_of_range(level, place))?;
                left -= 1;
            }
            free[place] = u32::try_from(left).unwrap_or(u32::MAX);
        }
        Ok(())
    }

    fn sum(&self, level: usize, place: usize, parts: &[i64]) -> Result<i64, PlanError> {
        let sum: i128 = parts.iter().map(|part| i128::from(*part)).sum();
        i64::try_from(sum).map_err(|_| self.out_of_range(level, place))
    }

    fn out_of_range(&self, level: usize, place: usize) -> PlanError {
        PlanError::OutOfRange {
            place: self
                .frame
                .path_at(level, self.region.run(level).start + place),
        }
    }

    /// Returns the part of a node's own amount that stands for what may not move below it.
    fn fixed_above(&self, level: usize, place: usize, below: i64) -> i64 {
        let index = self.region.run(level).start + place;
        let value = self.sheet.amounts().level(level)[index];
        let handed = self.sheet.amounts().handed_down(level, index, value);
        if handed == i128::from(value) || handed == 0 {
            return below;
        }
        // What is handed down is less than the amount, so a cell below stands for more of it.
        crate::quantity::mul_divide(
            below,
            i128::from(value),
            handed,
            crate::quantity::Rounding::TowardZero,
        )
        .unwrap_or(below)
    }

    /// Returns the new amounts of a region whose top hands down `amount` more than what may not move (`anew`), or more
    /// than it does now. The top's own new amount is `own`.
    pub(super) fn spread(
        &self,
        base: &Base,
        own: i64,
        amount: i64,
        anew: bool,
        shares: &Shares,
    ) -> Result<Vec<Vec<i64>>, PlanError> {
        let (top, last) = (self.region.top, self.region.last());
        let mut new = vec![vec![own]];
        let mut amounts = vec![amount];
        // Below a node that may not move as a whole nothing moves, whatever could by itself.
        let mut moving = vec![true];
        for level in top..last {
            let mut next = self.split(base, level, &amounts, shares)?;
            self.bound(base, level, &amounts, shares, anew, &mut next)?;
            let values = self.values(level + 1);
            if level + 1 == last {
                if anew {
                    for place in &base.stuck {
                        next[*place] = values[*place];
                    }
                    for (place, _) in moving.iter().enumerate().filter(|(_, moving)| !**moving) {
                        let children = self.children(level, place);
                        next[children.clone()].copy_from_slice(&values[children]);
                    }
                } else {
                    for (place, (next, value)) in next.iter_mut().zip(values).enumerate() {
                        *next = next
                            .checked_add(*value)
                            .ok_or_else(|| self.out_of_range(level + 1, place))?;
                    }
                }
                new.push(next);
                break;
            }
            let depth = level + 1 - top;
            let mut moving_below: Vec<bool> =
                base.free[depth].iter().map(|free| *free > 0).collect();
            for (place, _) in moving.iter().enumerate().filter(|(_, moving)| !**moving) {
                moving_below[self.children(level, place)].fill(false);
            }
            moving = moving_below;
            amounts = Vec::with_capacity(next.len());
            let plain = self.is_plain(level + 1);
            for (place, next) in next.iter_mut().enumerate() {
                let given = *next;
                let is = if anew && moving[place] {
                    base.fixed[depth][place]
                } else {
                    values[place]
                };
                *next = is
                    .checked_add(given)
                    .ok_or_else(|| self.out_of_range(level + 1, place))?;
                if plain {
                    amounts.push(if moving[place] { given } else { 0 });
                    continue;
                }
                let leaf = self.children(level + 1, place).is_empty();
                amounts.push(match (moving[place] && !leaf, anew) {
                    (false, _) => 0,
                    (true, false) => self.handed_more(level + 1, place, *next, given)?,
                    (true, true) => self.handed_anew(base, level + 1, place, *next, shares)?,
                });
            }
            new.push(next);
        }
        Ok(new)
    }

    /// Returns what a node with a new amount hands down beyond what may not move below it, less what stays with it of those who are
    /// not eligible.
    pub(super) fn handed_anew(
        &self,
        base: &Base,
        level: usize,
        place: usize,
        own: i64,
        shares: &Shares,
    ) -> Result<i64, PlanError> {
        let index = self.region.run(level).start + place;
        let cascade = self.sheet.cascade();
        let stays = match shares {
            _ if level == self.region.last() => 0,
            Shares::Basis => cascade.kept_of(level, index, own),
            _ => self.sheet.stays(NodeId::new(level, index), own),
        };
        let below = base
            .below
            .get(level - self.region.top)
            .map_or(0, |below| below[place]);
        own.checked_sub(stays)
            .and_then(|handed| handed.checked_sub(below))
            .ok_or_else(|| self.out_of_range(level, place))
    }

    /// Returns what the top of the region, keeping its amount, hands down beyond what may not move below it.
    pub(super) fn handed_kept(&self, base: &Base, own: i64) -> Result<i64, PlanError> {
        let index = self.region.run(self.region.top).start;
        let handed = self
            .sheet
            .amounts()
            .handed_down(self.region.top, index, own);
        i64::try_from(handed - i128::from(base.fixed_below()))
            .map_err(|_| self.out_of_range(self.region.top, 0))
    }

    /// Returns what a node that is given more hands down beyond what it does now.
    pub(super) fn handed_more(
        &self,
        level: usize,
        place: usize,
        own: i64,
        given: i64,
    ) -> Result<i64, PlanError> {
        let index = self.region.run(level).start + place;
        let node = NodeId::new(level, index);
        if !self.sheet.cascade().keeps(node) {
            return Ok(given);
        }
        let apart = self.sheet.amounts().apart(level).get(&index);
        let stays = self
            .sheet
            .stays(node, own)
            .checked_sub(apart.copied().unwrap_or(0));
        stays
            .and_then(|stays| given.checked_sub(stays))
            .ok_or_else(|| self.out_of_range(level, place))
    }

    /// Says whether amounts below zero and above zero stand in the region.
    pub(super) fn has_both_signs(&self) -> bool {
        let (mut least, mut most) = (0, 0);
        for level in self.region.top..=self.region.last() {
            for value in self.values(level) {
                least = least.min(*value);
                most = most.max(*value);
            }
        }
        least < 0 && most > 0
    }

    /// Returns the leaves of the region that may move: level and place in the run of the level.
    pub(super) fn movable(&self, base: &Base, outside: Outside<'_>) -> Vec<(usize, usize)> {
        let mut leaves = Vec::new();
        // Whether something at or above the node may not move.
        let mut shut = vec![false];
        for level in self.region.top..=self.region.last() {
            for place in self.stuck(level, outside) {
                shut[place] = true;
            }
            let mut next = Vec::new();
            for (place, shut) in shut.iter().enumerate() {
                let children = self.children(level, place);
                if children.is_empty() && !shut {
                    leaves.push((level, place));
                }
                next.extend(std::iter::repeat_n(*shut, children.len()));
            }
            shut = next;
        }
        debug_assert_eq!(leaves.len(), base.free_leaves());
        leaves
    }

    /// Returns the amounts of the levels above with `leaves` changed, summed up from below. What nodes keep apart stays, but with those
    /// that are cleared, all of whose leaves are among them, if `clear` says so.
    pub(super) fn summed(
        &self,
        leaves: &[(usize, usize, i64)],
        clear: bool,
    ) -> Result<Vec<Vec<i64>>, PlanError> {
        let (top, last) = (self.region.top, self.region.last());
        let mut new: Vec<Vec<i64>> = (top..=last)
            .map(|level| self.values(level).to_vec())
            .collect();
        let mut cleared: Vec<Vec<bool>> = new.iter().map(|own| vec![false; own.len()]).collect();
        for (level, place, value) in leaves {
            new[level - top][*place] = *value;
            cleared[level - top][*place] = clear;
        }
        for level in (top..last).rev() {
            for place in 0..new[level - top].len() {
                let children = self.children(level, place);
                if children.is_empty() {
                    continue;
                }
                if cleared[level + 1 - top][children.clone()]
                    .iter()
                    .all(|own| *own)
                {
                    cleared[level - top][place] = true;
                    new[level - top][place] = 0;
                    continue;
                }
                let before = sum_wide(&self.values(level + 1)[children.clone()]);
                let after = sum_wide(&new[level + 1 - top][children]);
                if before == after {
                    continue;
                }
                let own = i128::from(self.values(level)[place]) + after - before;
                new[level - top][place] =
                    i64::try_from(own).map_err(|_| self.out_of_range(level, place))?;
            }
        }
        Ok(new)
    }
}

fn sum_wide(values: &[i64]) -> i128 {
    values.iter().map(|value| i128::from(*value)).sum()
}
