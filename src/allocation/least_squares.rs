//! A draft brought to what is asked of its totals with the least change.

mod leaves;
mod levels;
mod pull;
mod reach;
mod sweep;

use super::column::{LevelSlice, Slice, same_length};
use super::wide::MAX_SUM;
use super::within::{ActiveBound, ProRata};
use super::{AllocationError, Bound, Nodes};
use crate::quantity::Ratio;
use leaves::{Fast, Magnitudes, Space, raise};
use levels::Levels;
use pull::{Line, Mover};
use reach::Asked;
use sweep::{Pulled, Sweep};

/// A draft of the leaves of a tree, and what is asked of its nodes.
///
/// Solving it finds the amounts that keep every bound and change the draft least: of all such amounts those whose sum over the
/// leaves of `(amount - draft)^2 / weight` is the smallest.
///
/// **A weight says how easily a leaf moves.** It is the variance that one would give the draft of the leaf: of two leaves that share
/// a gap, the one of twice the weight takes twice as much of it; a leaf of weight zero does not move at all. With the draft itself
/// as weight, all leaves change by the same percentage; with equal weights by the same amount.
///
/// This is weighted least squares reconciliation of a hierarchy (S. L. Wickramasuriya, G. Athanasopoulos and R. J. Hyndman,
/// *Optimal forecast reconciliation for hierarchical and grouped time series through trace minimization*, Journal of the American
/// Statistical Association 114, 2019, with a diagonal matrix of variances), with bounds at any node and with totals that are
/// given rather than forecast.
///
/// The exact optimum is a table of fractions: below a node that is at a bound, all leaves move by the same
/// multiple of their weights, up to their own bounds and down to the next nodes at a bound. It is found exactly, and then rounded
/// from the top: the children of a node are each rounded down or up so that they make it, by largest
/// remainder and then declared order. So sums are exact, bounds are kept, and no amount of any node is a quantum or more away from the
/// optimum.
///
/// ```
/// use quotaflow::allocation::{Bound, LeastSquares, Nodes};
/// // A company of two teams, of two and of three people; 20 more are asked for, and the second team stays as it is.
/// let tree = [Nodes::Even(2), Nodes::Starts(&[0, 2, 5])];
/// let draft = [40, 20, 10, 10, 20];
/// let weights = [40_u32, 20, 10, 10, 20];
/// let (whole, teams) = ([Bound::held(120)], [Bound::FREE, Bound::held(40)]);
/// let settled = LeastSquares::new(&tree, &draft).bounds(0, &whole).bounds(1, &teams).solve(&weights[..])?;
/// assert_eq!(settled.amounts(1), [80, 40]);
/// assert_eq!(settled.amounts(2), [53, 27, 10, 10, 20]);
/// assert_eq!(settled.exact(2, 0).map(|exact| exact.to_string()), Some("160/3".to_owned()));
/// # Ok::<(), quotaflow::allocation::AllocationError>(())
/// ```
#[derive(Debug, Clone)]
pub struct LeastSquares<'a> {
    tree: &'a [Nodes<'a>],
    draft: &'a [i64],
    bounds: Vec<&'a [Bound]>,
}

impl<'a> LeastSquares<'a> {
    /// Puts a draft of the leaves on a tree of which each level says who are the members of its nodes, from the top; the
    /// members of the last one are the leaves. There may be several nodes at the top, each with a tree of its own.
    #[must_use]
    pub fn new(tree: &'a [Nodes<'a>], draft: &'a [i64]) -> Self {
        Self {
            tree,
            draft,
            bounds: vec![&[]; tree.len() + 1],
        }
    }

    /// Asks for bounds of the nodes of a level, one for each; the level below the last of the tree is that of the leaves.
    ///
    /// An amount that is required, and one that may not move, is [`Bound::held`]. [`Bound::FREE`] is any amount, also below
    /// zero: who must not go below zero is [`Bound::at_least`] zero.
    #[must_use]
    pub fn bounds(mut self, level: usize, bounds: &'a [Bound]) -> Self {
        if level >= self.bounds.len() {
            self.bounds.resize(level + 1, &[]);
        }
        self.bounds[level] = bounds;
        self
    }

    /// Finds the amounts.
    ///
    /// # Errors
    /// [`AllocationError::TreeImpossible`] with bounds that contradict each other; [`AllocationError::WeightTooFine`] for weights
    /// of more than 2^126 in all; [`AllocationError::OutOfRange`] for an amount beyond the range, with the first leaf of its node;
    /// [`AllocationError::LengthMismatch`] and [`AllocationError::UnorderedStarts`] where columns do not belong together.
    pub fn solve<'w>(
        &self,
        weights: impl Into<LevelSlice<'w>>,
    ) -> Result<LeastChanged<'w>, AllocationError>
    where
        'a: 'w,
    {
        let levels = Levels::new(self.tree, self.draft.len())?;
        let weights: LevelSlice<'w> = weights.into();
        same_length("the column of weights", self.draft.len(), weights.len())?;
        same_length(
            "the column of levels with bounds",
            levels.leaves() + 1,
            self.bounds.len(),
        )?;
        for (level, bounds) in self.bounds.iter().enumerate() {
            if !bounds.is_empty() {
                same_length("the column of bounds", levels.count(level), bounds.len())?;
            }
        }
        let found = match weights.0 {
            Slice::U32(weights) => self.solve_by(&levels, weights),
            Slice::U64(weights) => self.solve_by(&levels, weights),
            Slice::U128(weights) => self.solve_by(&levels, weights),
        }?;
        Ok(LeastChanged {
            asked: self.clone(),
            levels,
            weights,
            found,
        })
    }

    fn bound(&self, level: usize, node: usize) -> Bound {
        let own = self.bounds.get(level).and_then(|level| level.get(node));
        own.copied().unwrap_or(Bound::FREE)
    }

    fn solve_by<W: Copy + Into<u128>>(
        &self,
        levels: &Levels<'_>,
        weights: &[W],
    ) -> Result<Found, AllocationError> {
        let asked = Asked {
            levels,
            draft: self.draft,
            bounds: &self.bounds,
        };
        let mut most = Magnitudes::default();
        let totals = asked.totals(weights, &mut most);
        let sum = totals[0].iter().try_fold(0_u128, |sum, line| {
            sum.checked_add(line.weight).filter(|sum| *sum < MAX_SUM)
        });
        if sum.is_none() {
            let heaviest = weights.iter().enumerate();
            let member = heaviest.max_by_key(|(_, weight)| (**weight).into());
            return Err(AllocationError::WeightTooFine {
                member: member.map_or(0, |(member, _)| member),
            });
        }
        let (lowest, highest) = asked.limits(weights)?;
        asked.check(weights, &totals, (&lowest, &highest))?;
        // The lowest amount of all and the largest are no limits, each on its side.
        let least = lowest.iter().filter(|limit| **limit != i64::MIN);
        let largest = highest.iter().filter(|limit| **limit != i64::MAX);
        for limit in least.chain(largest) {
            most.amounts |= limit.unsigned_abs();
        }
        let mut sweep = Sweep::new(
            levels,
            (self.draft, weights),
            (&lowest, &highest),
            &self.bounds,
            (most, totals),
        );
        sweep.solve();
        let amounts = round(&sweep)?;
        Ok(Found {
            amounts,
            lines: sweep.lines,
            region: sweep.region,
            regions: sweep.regions,
        })
    }
}

/// Gives every node of the solved tree its whole amount, from the top.
fn round<W: Copy + Into<u128>>(sweep: &Sweep<'_, W>) -> Result<Vec<Vec<i64>>, AllocationError> {
    let levels = sweep.levels;
    let leaves = levels.leaves();
    let mut amounts = levels.columns(&0_i64);
    amounts.push(vec![0; levels.count(leaves)]);
    let out_of_range = |level, node| AllocationError::OutOfRange {
        member: levels.first_leaf(level, node),
    };
    let movers: Vec<(Mover, Option<Fast>)> = sweep
        .regions
        .iter()
        .map(|region| (Mover::new(region.pull), Fast::new(region.pull, sweep.most)))
        .collect();
    for (node, region) in sweep.region[0].iter().enumerate() {
        let amount = sweep.regions[*region].amount;
        amounts[0][node] = i64::try_from(amount).map_err(|_| out_of_range(0, node))?;
    }
    let mut space = Space::default();
    let (mut rests, mut selection) = (Vec::new(), Vec::new());
    for level in 0..leaves {
        let (above, below) = amounts.split_at_mut(level + 1);
        let (above, below) = (&above[level], &mut below[0]);
        for (node, amount) in above.iter().enumerate() {
            let run = levels.members(level, node);
            let region = sweep.region[level][node];
            let (mover, fast) = &movers[region];
            let shares = &mut below[run.clone()];
            if level + 1 == leaves {
                let at = (sweep.regions[region].pull, mover, *fast);
                let leaves = sweep.leaves(run.clone());
                leaves
                    .share(*amount, at, &mut space, shares)
                    .map_err(|leaf| out_of_range(level + 1, run.start + leaf))?;
                continue;
            }
            rests.clear();
            let mut sum = 0_i128;
            let own = sweep.lines[level + 1][run.clone()].iter().enumerate();
            for (share, (place, line)) in shares.iter_mut().zip(own) {
                let (moved, rest) = mover.of(line.weight);
                let floor = moved.saturating_add(line.fixed);
                let share_of = i64::try_from(floor);
                *share = share_of.map_err(|_| out_of_range(level + 1, run.start + place))?;
                sum += floor;
                rests.push(rest);
            }
            let spare = usize::try_from(i128::from(*amount) - sum).unwrap_or(0);
            raise(spare, &rests, &mut selection, shares)
                .map_err(|member| out_of_range(level + 1, run.start + member))?;
        }
    }
    Ok(amounts)
}

/// What a solved tree is made of, level by level.
#[derive(Debug, Clone)]
struct Found {
    amounts: Vec<Vec<i64>>,
    lines: Vec<Vec<Line>>,
    region: Vec<Vec<usize>>,
    regions: Vec<Pulled>,
}

/// The amounts that change a draft least, with the exact optimum and what made each of them.
#[derive(Debug, Clone)]
pub struct LeastChanged<'a> {
    asked: LeastSquares<'a>,
    levels: Levels<'a>,
    weights: LevelSlice<'a>,
    found: Found,
}

impl LeastChanged<'_> {
    /// Returns the amounts of a level in declared order, the top one being 0; none of one that does not exist.
    #[must_use]
    pub fn amounts(&self, level: usize) -> &[i64] {
        self.found
            .amounts
            .get(level)
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    /// Returns the amounts of all levels and gives up the rest.
    #[must_use]
    pub fn into_amounts(self) -> Vec<Vec<i64>> {
        self.found.amounts
    }

    /// Returns the exact optimum of a node, in quanta; `None` where it is too fine for 128 bits or there is no such node.
    #[must_use]
    pub fn exact(&self, level: usize, node: usize) -> Option<Ratio> {
        let (line, region) = self.line(level, node)?;
        let Pulled { root, amount, pull } = region;
        if root == (level, node) {
            return Ratio::new(amount, 1).ok();
        }
        let limit = match self.active_bound(level, node)? {
            ActiveBound::Minimum => self.asked.bound(level, node).minimum(),
            ActiveBound::Maximum => self.asked.bound(level, node).maximum(),
            ActiveBound::Held => self.asked.bound(level, node).hold(),
            ActiveBound::ZeroWeight | ActiveBound::Shared(_) => None,
        };
        if let Some(limit) = limit {
            return Ratio::new(limit.into(), 1).ok();
        }
        let moved = Ratio::new(pull.num, i128::try_from(pull.den).ok()?).ok()?;
        let weight = Ratio::new(i128::try_from(line.weight).ok()?, 1).ok()?;
        let fixed = Ratio::new(line.fixed, 1).ok()?;
        fixed.checked_add(moved.checked_mul(weight).ok()?).ok()
    }

    /// Returns what made the amount of a node: its bound, that nothing below it has any weight, or its part of what all that
    /// move with it share, of which [`ProRata::shared`] says by how much they move together; `None` where there is no such node.
    #[must_use]
    pub fn active_bound(&self, level: usize, node: usize) -> Option<ActiveBound> {
        let (line, region) = self.line(level, node)?;
        let bound = self.asked.bound(level, node);
        if bound.hold().is_some() {
            return Some(ActiveBound::Held);
        }
        let pull = region.pull;
        let at = |limit: Option<i64>| limit.filter(|limit| self.is_at((level, node), *limit));
        if at(bound.minimum()).is_some() {
            return Some(ActiveBound::Minimum);
        }
        if at(bound.maximum()).is_some() {
            return Some(ActiveBound::Maximum);
        }
        if line.weight == 0 {
            return Some(ActiveBound::ZeroWeight);
        }
        Some(ActiveBound::Shared(ProRata::of_change(
            pull.num,
            line.weight,
            pull.den,
        )))
    }

    /// Returns the level and the place of the node below which all that moves with a node moves: the nearest at or above it that is at
    /// a bound, or one at the top.
    #[must_use]
    pub fn moved_with(&self, level: usize, node: usize) -> (usize, usize) {
        self.line(level, node)
            .map_or((0, 0), |(_, region)| region.root)
    }

    /// Says whether a node is held at a limit: a root at the amount of its region, a leaf as the sweep counts it: below its minimum, or
    /// not below its maximum. One that just comes to its minimum moves with the others, so that the parts of all who move are one whole.
    fn is_at(&self, (level, node): (usize, usize), limit: i64) -> bool {
        let Some((line, region)) = self.line(level, node) else {
            return false;
        };
        if region.root == (level, node) {
            return region.amount == limit.into();
        }
        if level < self.levels.leaves() || line.weight == 0 {
            return false;
        }
        let against = line.compare(region.pull, limit.into());
        let bound = self.asked.bound(level, node);
        (bound.minimum() == Some(limit) && against.is_lt())
            || (bound.maximum() == Some(limit) && against.is_ge())
    }

    /// Returns the line of a node by itself, and the region that it is in.
    fn line(&self, level: usize, node: usize) -> Option<(Line, Pulled)> {
        let leaves = self.levels.leaves();
        let found = &self.found;
        if level < leaves {
            let region = *found.region.get(level)?.get(node)?;
            return Some((*found.lines[level].get(node)?, *found.regions.get(region)?));
        }
        if level > leaves {
            return None;
        }
        let line = Line {
            fixed: (*self.asked.draft.get(node)?).into(),
            weight: self.weights.get(node)?,
        };
        let region = found.region[level - 1][self.levels.above(level, node)?];
        Some((line, *found.regions.get(region)?))
    }
}
