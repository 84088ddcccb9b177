//! The largest-remainder core of one node: whole quotients, integer remainders, selection without a sort.

use super::weights::{WeightColumn, Weights};
use super::wide::{Reciprocal, mul_div_rem};

/// A remainder: its numerator over the sum of the weights, in 64 bits where the products allow it.
pub(crate) trait Remainder: Copy + Ord {
    const ZERO: Self;
}

impl Remainder for u64 {
    const ZERO: Self = 0;
}

impl Remainder for u128 {
    const ZERO: Self = 0;
}

/// Working space that grows to the largest node and is used again.
#[derive(Debug, Clone, Default)]
pub(crate) struct Scratch {
    narrow: Spare<u64>,
    wide: Spare<u128>,
}

#[derive(Debug, Clone, Default)]
struct Spare<R> {
    remainders: Vec<R>,
    selection: Vec<R>,
}

/// Which remainders are rounded up: all above the cut, and the first `at_cut` that equal it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cut<R> {
    pub(crate) remainder: R,
    pub(crate) at_cut: usize,
}

impl Scratch {
    /// Writes the largest-remainder shares of `total`; the weights must not all be zero, and the lengths agree.
    pub(crate) fn allocate(&mut self, total: i64, weights: &Weights, shares: &mut [i64]) {
        match weights.column() {
            WeightColumn::U32(column) => self.node(total, column, weights.sum(), shares),
            WeightColumn::U64(column) => self.node(total, column, weights.sum(), shares),
            WeightColumn::U128(column) => self.node(total, column, weights.sum(), shares),
        }
    }

    /// The same for a slice of whole weights whose sum is `sum > 0`.
    pub(crate) fn node<W: Copy + Into<u128>>(
        &mut self,
        total: i64,
        weights: &[W],
        sum: u128,
        shares: &mut [i64],
    ) {
        let amount = total.unsigned_abs();
        if let Ok(sum) = u64::try_from(sum) {
            // amount x weight = whole x sum x weight + rest x weight, and the rest is below the sum.
            let (whole, rest) = (amount / sum, amount % sum);
            let divisor = Reciprocal::new(sum);
            let spare = self.narrow.quotients(amount, weights, shares, |weight| {
                let weight = narrowed(weight);
                let (quotient, remainder) = divisor.mul_div_rem(rest, weight);
                (whole * weight + quotient, remainder)
            });
            self.narrow.round_up(spare, shares);
        } else {
            let spare = self.wide.quotients(amount, weights, shares, |weight| {
                let (quotient, remainder) = mul_div_rem(u128::from(amount), weight, sum);
                (narrowed(quotient), remainder)
            });
            self.wide.round_up(spare, shares);
        }
        apply_sign(total, shares);
    }
}

/// Shares by largest remainder, and the places of those that were tied for the last quanta, of which so many got one.
#[derive(Debug, Default)]
pub(crate) struct LargestRemainders {
    pub(crate) shares: Vec<u128>,
    pub(crate) tied: Vec<usize>,
    pub(crate) served: usize,
}

/// Returns the largest-remainder shares of an amount of any size below 2^127, for weights with `sum > 0`.
pub(crate) fn largest_remainders(amount: u128, weights: &[u128], sum: u128) -> LargestRemainders {
    let (mut shares, remainders): (Vec<u128>, Vec<u128>) =
        if let (Ok(amount), Ok(sum)) = (u64::try_from(amount), u64::try_from(sum)) {
            let (whole, rest, divisor) = (amount / sum, amount % sum, Reciprocal::new(sum));
            let divided = weights.iter().map(|weight| {
                let weight = narrowed(*weight);
                let (quotient, remainder) = divisor.mul_div_rem(rest, weight);
                (u128::from(whole * weight + quotient), u128::from(remainder))
            });
            divided.unzip()
        } else {
            weights
                .iter()
                .map(|weight| mul_div_rem(amount, *weight, sum))
                .unzip()
        };
    let spare = amount - shares.iter().sum::<u128>();
    let spare = usize::try_from(spare).unwrap_or(usize::MAX);
    let Some(cut) = cut(&remainders, spare, &mut Vec::new()) else {
        return LargestRemainders {
            shares,
            ..LargestRemainders::default()
        };
    };
    let mut tied = Vec::new();
    for (place, (share, rest)) in shares.iter_mut().zip(&remainders).enumerate() {
        let served = *rest == cut.remainder && tied.len() < cut.at_cut;
        if *rest == cut.remainder {
            tied.push(place);
        }
        *share += u128::from(served || *rest > cut.remainder);
    }
    LargestRemainders {
        shares,
        tied,
        served: cut.at_cut,
    }
}

/// Narrows what is known to fit: a weight no larger than a 64-bit sum, a quotient no larger than the amount.
pub(crate) fn narrowed(value: u128) -> u64 {
    u64::try_from(value).unwrap_or(u64::MAX)
}

/// Turns shares of the amount into shares of the signed total. A magnitude of 2^63 is stored as `i64::MIN` and stays.
fn apply_sign(total: i64, shares: &mut [i64]) {
    if total < 0 {
        for share in shares {
            *share = share.wrapping_neg();
        }
    }
}

impl<R: Remainder> Spare<R> {
    /// Stores quotients and remainders and returns how many quanta are to spare.
    fn quotients<W: Copy + Into<u128>>(
        &mut self,
        amount: u64,
        weights: &[W],
        shares: &mut [i64],
        divide: impl Fn(u128) -> (u64, R),
    ) -> usize {
        self.remainders.resize(weights.len(), R::ZERO);
        let mut left = amount;
        let cells = shares.iter_mut().zip(&mut self.remainders);
        for ((share, remainder), weight) in cells.zip(weights) {
            let (quotient, rest) = divide((*weight).into());
            *share = quotient.cast_signed();
            *remainder = rest;
            left -= quotient;
        }
        // Fewer than the members: each remainder is below one quantum.
        usize::try_from(left).unwrap_or(usize::MAX)
    }

    fn round_up(&mut self, spare: usize, shares: &mut [i64]) {
        if self.remainders.len() <= FEW {
            self.round_up_few(spare, shares);
            return;
        }
        let Some(cut) = cut(&self.remainders, spare, &mut self.selection) else {
            return;
        };
        let mut at_cut = cut.at_cut;
        for (share, rest) in shares.iter_mut().zip(&self.remainders) {
            let tied = *rest == cut.remainder && at_cut > 0;
            at_cut -= usize::from(tied);
            *share = share.wrapping_add(i64::from(tied || *rest > cut.remainder));
        }
    }
}

/// Up to this many members, comparing all with all without a branch is faster than a selection.
const FEW: usize = 32;

impl<R: Remainder> Spare<R> {
    fn round_up_few(&self, spare: usize, shares: &mut [i64]) {
        for (member, (share, rest)) in shares.iter_mut().zip(&self.remainders).enumerate() {
            let (earlier, later) = self.remainders.split_at(member);
            let before = earlier
                .iter()
                .map(|other| usize::from(*other >= *rest))
                .sum::<usize>();
            let after = later
                .iter()
                .map(|other| usize::from(*other > *rest))
                .sum::<usize>();
            *share = share.wrapping_add(i64::from(before + after < spare));
        }
    }
}

/// Finds the cut that rounds up exactly `spare` remainders, ties to the first, in time linear in their number.
pub(crate) fn cut<R: Remainder>(
    remainders: &[R],
    spare: usize,
    selection: &mut Vec<R>,
) -> Option<Cut<R>> {
    let rank = spare.checked_sub(1)?;
    selection.clear();
    selection.extend_from_slice(remainders);
    let remainder = match selection.get(rank) {
        Some(_) => *selection.select_nth_unstable_by(rank, |a, b| b.cmp(a)).1,
        None => R::ZERO,
    };
    let above = remainders.iter().filter(|rest| **rest > remainder).count();
    Some(Cut {
        remainder,
        at_cut: spare.saturating_sub(above),
    })
}
