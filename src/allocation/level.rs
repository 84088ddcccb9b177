//! Many nodes at once: the amounts of one level of a hierarchy shared among the members of the next.

use super::column::same_length;
use std::fmt;

use super::AllocationError;
use super::allocation::allocate_into;
use super::column::{LevelSlice, Slice};
use super::lanes::{Block, LANES, SMALL};
use super::method::Method;
use super::remainder::Scratch;
use super::span::Span;
use super::weights::{Weights, ZeroWeights};
use super::wide::MAX_SUM;

/// Which members belong to which node of a level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nodes<'a> {
    /// Every node has this many members.
    Even(usize),
    /// Node `n` has the members from `starts[n]` up to `starts[n + 1]`; the first is 0 and the last their number.
    Starts(&'a [usize]),
}

impl Nodes<'_> {
    pub(super) fn check(self, nodes: usize, members: usize) -> Result<(), AllocationError> {
        match self {
            Self::Even(width) => same_length(
                "the column of members",
                nodes.saturating_mul(width),
                members,
            ),
            Self::Starts(starts) => {
                same_length(
                    "the column of starts",
                    nodes.saturating_add(1),
                    starts.len(),
                )?;
                let last = starts.last().copied().unwrap_or(0);
                same_length("the column of members", last, members)?;
                let ordered = starts.is_sorted() && starts.first() == Some(&0);
                if ordered {
                    Ok(())
                } else {
                    Err(AllocationError::UnorderedStarts)
                }
            }
        }
    }

    #[inline]
    pub(super) fn span(self, node: usize) -> std::ops::Range<usize> {
        match self {
            Self::Even(width) => node * width..(node + 1) * width,
            Self::Starts(starts) => starts[node]..starts[node + 1],
        }
    }
}

/// An amount that stayed with its node because all weights below it are zero and the policy assigns nothing then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unallocated {
    node: usize,
    amount: i64,
}

impl Unallocated {
    /// Returns the node, by its place in the level.
    #[must_use]
    pub fn node(self) -> usize {
        self.node
    }

    /// Returns the amount, in quanta.
    #[must_use]
    pub fn amount(self) -> i64 {
        self.amount
    }
}

/// Splits whole levels; keeps its working space between calls and allocates nothing per node or member.
///
/// ```
/// use quotaflow::allocation::{LevelSplitter, LevelWeights, Method, Nodes, ZeroWeights};
/// let weights = LevelWeights::from_integers(vec![1, 1, 1, 7, 3]);
/// let mut shares = [0; 5];
/// let mut splitter = LevelSplitter::new(Method::LargestRemainder, ZeroWeights::Refuse);
/// splitter.split(&[100, -5], Nodes::Starts(&[0, 3, 5]), &weights, &mut shares)?;
/// assert_eq!(shares, [34, 33, 33, -4, -1]);
/// # Ok::<(), quotaflow::allocation::AllocationError>(())
/// ```
#[derive(Clone, Default)]
pub struct LevelSplitter {
    method: Method,
    all_zero: ZeroWeights,
    block: Block,
    span: Span,
    scratch: Scratch,
}

impl fmt::Debug for LevelSplitter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The rest is working space.
        f.debug_struct("LevelSplitter")
            .field("method", &self.method)
            .field("all_zero", &self.all_zero)
            .finish_non_exhaustive()
    }
}

/// One level to be split.
struct Level<'a, W> {
    amounts: &'a [i64],
    nodes: Nodes<'a>,
    weights: &'a [W],
    shares: &'a mut [i64],
    unallocated: Vec<Unallocated>,
}

impl LevelSplitter {
    /// Returns a splitter that works by this method, and so where all weights of a node are zero.
    #[must_use]
    pub fn new(method: Method, all_zero: ZeroWeights) -> Self {
        Self {
            method,
            all_zero,
            ..Self::default()
        }
    }

    /// Splits each amount among its node's members, and returns what stayed unallocated.
    ///
    /// The same shares as [`allocate`](super::allocate) node by node; the largest-remainder method is the fast one.
    ///
    /// # Errors
    /// [`AllocationError::InNode`] with what is wrong there, as for [`allocate`](super::allocate);
    /// [`AllocationError::LengthMismatch`] or [`AllocationError::UnorderedStarts`] when the columns do not belong
    /// together. After an error the shares are unspecified.
    pub fn split<'a>(
        &mut self,
        amounts: &[i64],
        nodes: Nodes<'_>,
        weights: impl Into<LevelSlice<'a>>,
        shares: &mut [i64],
    ) -> Result<Vec<Unallocated>, AllocationError> {
        let weights: LevelSlice<'a> = weights.into();
        nodes.check(amounts.len(), weights.len())?;
        same_length("the column of shares", weights.len(), shares.len())?;
        let unallocated = Vec::new();
        match weights.0 {
            Slice::U32(weights) => self.narrow(Level {
                amounts,
                nodes,
                weights,
                shares,
                unallocated,
            }),
            Slice::U64(weights) => self.wide(Level {
                amounts,
                nodes,
                weights,
                shares,
                unallocated,
            }),
            Slice::U128(weights) => self.wide(Level {
                amounts,
                nodes,
                weights,
                shares,
                unallocated,
            }),
        }
    }

    fn wide<W: Copy + Into<u128>>(
        &mut self,
        mut level: Level<'_, W>,
    ) -> Result<Vec<Unallocated>, AllocationError> {
        for node in 0..level.amounts.len() {
            self.node(node, &mut level)?;
        }
        Ok(level.unallocated)
    }

    fn narrow(&mut self, mut level: Level<'_, u32>) -> Result<Vec<Unallocated>, AllocationError> {
        if self.method != Method::LargestRemainder {
            return self.wide(level);
        }
        let mut node = 0;
        while node < level.amounts.len() {
            let widest = (node..level.amounts.len().min(node + LANES))
                .map(|node| level.nodes.span(node).len())
                .max()
                .unwrap_or(0);
            if widest > SMALL || node + LANES > level.amounts.len() {
                let span = level.nodes.span(node);
                let shares = &mut level.shares[span.clone()];
                if !self
                    .span
                    .split(level.amounts[node], &level.weights[span], shares)
                {
                    self.node(node, &mut level)?;
                }
                node += 1;
            } else {
                self.block(node, widest, &mut level)?;
                node += LANES;
            }
        }
        Ok(level.unallocated)
    }

    /// Splits the nodes from `first`, one for each lane.
    fn block(
        &mut self,
        first: usize,
        widest: usize,
        level: &mut Level<'_, u32>,
    ) -> Result<(), AllocationError> {
        let mut totals = [0; LANES];
        totals.copy_from_slice(&level.amounts[first..first + LANES]);
        for lane in 0..LANES {
            self.block
                .load(lane, &level.weights[level.nodes.span(first + lane)], widest);
        }
        let proven = self.block.split(&totals, widest);
        for lane in 0..LANES {
            self.block
                .store(lane, &mut level.shares[level.nodes.span(first + lane)]);
        }
        if proven != [true; LANES] {
            for (lane, _) in proven.iter().enumerate().filter(|(_, proven)| !**proven) {
                self.node(first + lane, level)?;
            }
        }
        Ok(())
    }

    /// Splits one node of any size exactly.
    fn node<W: Copy + Into<u128>>(
        &mut self,
        node: usize,
        level: &mut Level<'_, W>,
    ) -> Result<(), AllocationError> {
        let span = level.nodes.span(node);
        let (weights, shares) = (&level.weights[span.clone()], &mut level.shares[span]);
        let amount = level.amounts[node];
        let left = self
            .one(amount, weights, shares)
            .map_err(|error| AllocationError::InNode {
                node,
                error: Box::new(error),
            })?;
        if left != 0 {
            level.unallocated.push(Unallocated { node, amount: left });
        }
        Ok(())
    }

    fn one<W: Copy + Into<u128>>(
        &mut self,
        amount: i64,
        weights: &[W],
        shares: &mut [i64],
    ) -> Result<i64, AllocationError> {
        let mut sum = 0_u128;
        for (member, weight) in weights.iter().enumerate() {
            let Some(more) = sum
                .checked_add((*weight).into())
                .filter(|sum| *sum <= MAX_SUM)
            else {
                return Err(AllocationError::WeightTooFine { member });
            };
            sum = more;
        }
        if self.method == Method::LargestRemainder && sum > 0 {
            self.scratch.node(amount, weights, sum, shares);
            return Ok(0);
        }
        let weights = Weights::from_integers(weights, self.all_zero)?;
        allocate_into(amount, &weights, self.method, shares)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::allocation::{LevelWeights, allocate};
    use proptest::prelude::*;

    fn node_by_node(
        amounts: &[i64],
        starts: &[usize],
        weights: &[u128],
        method: Method,
    ) -> Vec<i64> {
        let spans = starts.windows(2).map(|pair| pair[0]..pair[1]);
        amounts
            .iter()
            .zip(spans)
            .flat_map(|(amount, span)| {
                let weights = Weights::from_integers(&weights[span], ZeroWeights::Equal).unwrap();
                allocate(*amount, &weights, method).unwrap().into_shares()
            })
            .collect()
    }

    /// Nodes of very different widths, weights and amounts, so that all paths meet in one level.
    fn level() -> impl Strategy<Value = (Vec<i64>, Vec<usize>, Vec<u128>)> {
        let weight = prop_oneof![
            Just(0_u128),
            1_u128..20,
            1_u128..100_000,
            (0..=u128::from(u32::MAX)),
        ];
        let amount = prop_oneof![
            -100_i64..100,
            -1_000_000_000_000_i64..1_000_000_000_000,
            any::<i64>()
        ];
        let width = prop_oneof![1_usize..40, 1_usize..6, Just(12), 30_usize..70];
        let node = (amount, width).prop_flat_map(move |(amount, width)| {
            (Just(amount), prop::collection::vec(weight.clone(), width))
        });
        prop::collection::vec(node, 0..24).prop_map(|nodes| {
            let mut starts = vec![0];
            let (mut amounts, mut weights) = (Vec::new(), Vec::new());
            for (amount, members) in nodes {
                amounts.push(amount);
                weights.extend(members);
                starts.push(weights.len());
            }
            (amounts, starts, weights)
        })
    }

    fn split(
        amounts: &[i64],
        nodes: Nodes<'_>,
        weights: &LevelWeights,
        method: Method,
    ) -> Vec<i64> {
        let mut shares = vec![7; weights.len()];
        let mut splitter = LevelSplitter::new(method, ZeroWeights::Equal);
        splitter
            .split(amounts, nodes, weights, &mut shares)
            .unwrap();
        shares
    }

    proptest! {
        #[test]
        fn a_level_is_its_nodes((amounts, starts, weights) in level(), fine in 0_u32..80) {
            for method in [Method::LargestRemainder, Method::Running] {
                let expected = node_by_node(&amounts, &starts, &weights, method);
                let narrow = LevelWeights::from_wide(weights.clone());
                prop_assert_eq!(&split(&amounts, Nodes::Starts(&starts), &narrow, method), &expected);
                let wide = LevelWeights::from_wide(weights.iter().map(|weight| weight << fine).collect());
                prop_assert_eq!(&split(&amounts, Nodes::Starts(&starts), &wide, method), &expected);
            }
        }

        #[test]
        fn even_nodes_are_the_same_as_their_starts(width in 0_usize..50, amounts in prop::collection::vec(-1_000_000_000_i64..1_000_000_000, 0..40), seed in 1_u32..) {
            prop_assume!(width > 0 || amounts.is_empty());
            let weights = (0..width * amounts.len()).map(|member| u32::try_from(member).unwrap().wrapping_mul(seed) >> 15).collect();
            let weights = LevelWeights::from_integers(weights);
            let starts: Vec<usize> = (0..=amounts.len()).map(|node| node * width).collect();
            let method = Method::LargestRemainder;
            prop_assert_eq!(split(&amounts, Nodes::Even(width), &weights, method), split(&amounts, Nodes::Starts(&starts), &weights, method));
        }
    }

    #[test]
    fn a_node_at_the_bound_of_exact_floats_is_still_exact() {
        // Around 2^53 in product, 2^50 in amount and 2^31 in sum.
        let weights: Vec<u128> = vec![(1 << 30) - 1, (1 << 30) - 1, 1, 1, 7, 8, (1 << 31) - 16, 1];
        for exponent in [20, 21, 22, 23, 24, 49, 50, 51, 52, 53, 62] {
            for nudge in [-2, -1, 0, 1, 2] {
                let amount = (1_i64 << exponent) + nudge;
                for width in [2, 4, 8] {
                    let starts: Vec<usize> = (0..=8).map(|node| node * width).collect();
                    let weights: Vec<u128> =
                        weights.iter().cycle().take(8 * width).copied().collect();
                    let amounts = [
                        amount,
                        -amount,
                        amount / 3,
                        1,
                        0,
                        -1,
                        amount / 7,
                        amount / 2,
                    ];
                    let method = Method::LargestRemainder;
                    assert_eq!(
                        split(
                            &amounts,
                            Nodes::Starts(&starts),
                            &LevelWeights::from_wide(weights.clone()),
                            method
                        ),
                        node_by_node(&amounts, &starts, &weights, method),
                    );
                }
            }
        }
    }

    #[test]
    fn columns_that_do_not_belong_together_are_refused() {
        let weights = LevelWeights::from_integers(vec![1, 2, 3]);
        let mut splitter = LevelSplitter::default();
        let mut split = |amounts: &[i64], nodes: Nodes<'_>, shares: &mut [i64]| {
            splitter
                .split(amounts, nodes, &weights, shares)
                .unwrap_err()
                .to_string()
        };
        let shares = &mut [0; 3];
        assert_eq!(
            split(&[1], Nodes::Even(2), shares),
            "the column of members has 3 entries where 2 are needed"
        );
        assert_eq!(
            split(&[1], Nodes::Starts(&[0, 2, 3]), shares),
            "the column of starts has 3 entries where 2 are needed"
        );
        assert_eq!(
            split(&[1, 1], Nodes::Starts(&[0, 4, 3]), shares),
            "the starts of nodes must begin at 0 and never fall"
        );
        assert_eq!(
            split(&[1], Nodes::Even(3), &mut [0]),
            "the column of shares has 1 entries where 3 are needed"
        );
    }

    #[test]
    fn an_error_names_the_node_and_nothing_assigned_is_reported() {
        let weights = LevelWeights::from_integers(vec![1, 1, 0, 0]);
        let mut shares = [9; 4];
        let mut refusing = LevelSplitter::default();
        let error = refusing
            .split(&[3, 2], Nodes::Even(2), &weights, &mut shares)
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "node 1: a total of 2 cannot be shared by 2 members whose weights are all zero"
        );
        let mut lenient = LevelSplitter::new(Method::LargestRemainder, ZeroWeights::Nothing);
        let left = lenient
            .split(&[3, 2], Nodes::Even(2), &weights, &mut shares)
            .unwrap();
        assert_eq!(left, [Unallocated { node: 1, amount: 2 }]);
        assert_eq!(shares, [2, 1, 0, 0]);
    }
}
