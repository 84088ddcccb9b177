//! The leaves of one node at a pull: what they hold, and their whole quanta with what is left of each.

use std::cmp::Ordering;

use super::pull::{Line, Mover, Pull};

/// The leaves of one node, column by column; the limits are empty where no leaf of the tree has any.
#[derive(Debug, Clone, Copy)]
pub(super) struct Leaves<'a, W> {
    pub(super) draft: &'a [i64],
    pub(super) weight: &'a [W],
    pub(super) lowest: &'a [i64],
    pub(super) highest: &'a [i64],
}

/// Which magnitudes occur among the leaves: the bits that any of them has.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Magnitudes {
    pub(super) amounts: u64,
    pub(super) weights: u128,
    pub(super) count: usize,
}

/// A pull in 64 bits: proven exact for the magnitudes that it was made for.
///
/// The fraction of the pull is `step / 2^64`, rounded up by less than one part. A weight times that is too much by less than
/// `weight / 2^64`, which is less than one part of the denominator as long as weight times denominator is at most 2^64: so
/// both the whole quanta and the remainder are exact (division by multiplication: T. Granlund and P. Montgomery, *Division
/// by invariant integers using multiplication*, PLDI 1994).
#[derive(Debug, Clone, Copy)]
pub(super) struct Fast {
    whole: i64,
    step: u64,
    den: u64,
    shift: u32,
}

fn bits(value: u128) -> u32 {
    u128::BITS - value.leading_zeros()
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the low half is what is asked for"
)]
const fn low(value: u128) -> u64 {
    value as u64
}

impl Fast {
    pub(super) fn new(pull: Pull, most: Magnitudes) -> Option<Self> {
        let den = u64::try_from(pull.den).ok()?;
        let signed = i128::from(den);
        let (whole, rest) = (pull.num.div_euclid(signed), pull.num.rem_euclid(signed));
        // Sums over all leaves stay below 2^62.
        let room = 61_u32.checked_sub(bits(most.count as u128))?;
        let moves = bits(whole.unsigned_abs() + 1) + bits(most.weights);
        if bits(u128::from(most.amounts)) > room
            || moves > room
            || bits(most.weights) + bits(pull.den) > 64
        {
            return None;
        }
        Some(Self {
            whole: i64::try_from(whole).ok()?,
            step: u64::try_from((rest.unsigned_abs() << 64).div_ceil(pull.den)).ok()?,
            den,
            shift: bits(pull.den).saturating_sub(31),
        })
    }

    #[inline]
    fn floor(self, weight: u64) -> (i64, u64) {
        let moved = u128::from(weight) * u128::from(self.step);
        (
            self.whole * weight.cast_signed() + low(moved >> 64).cast_signed(),
            low(moved),
        )
    }

    /// The remainder over the denominator.
    #[inline]
    fn rest(self, fraction: u64) -> u64 {
        low((u128::from(fraction) * u128::from(self.den)) >> 64)
    }

    /// The remainder in at most 31 bits.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "shifted to 31 bits")]
    fn key(self, fraction: u64) -> i32 {
        (self.rest(fraction) >> self.shift) as i32
    }
}

/// Working space that grows to the largest node and is used again.
#[derive(Debug, Default)]
pub(super) struct Space {
    keys: Vec<i32>,
    tied: Vec<(u128, usize)>,
    rests: Vec<u128>,
    selection: Vec<u128>,
}

impl<W: Copy + Into<u128>> Leaves<'_, W> {
    fn narrow(weight: W) -> u64 {
        low(weight.into())
    }

    /// Returns the sums of drafts and weights.
    pub(super) fn totals(&self, seen: &mut Magnitudes) -> Line {
        let (mut amounts, mut weights) = (0_u64, 0_u128);
        let (mut high, mut low_half, mut sum) = (0_i64, 0_i64, 0_u64);
        for draft in self.draft {
            high += draft >> 32;
            low_half += draft & 0xFFFF_FFFF;
            amounts |= draft.unsigned_abs();
        }
        for own in self.weight {
            let own: u128 = (*own).into();
            sum = sum.wrapping_add(low(own));
            weights |= own;
        }
        let fits = bits(weights) + bits(self.weight.len() as u128) <= 64;
        let weight = if fits {
            u128::from(sum)
        } else {
            let weights = self.weight.iter().map(|own| (*own).into());
            weights.fold(0_u128, u128::saturating_add)
        };
        seen.amounts |= amounts;
        seen.weights |= weights;
        seen.count += self.draft.len();
        Line {
            fixed: (i128::from(high) << 32) + i128::from(low_half),
            weight,
        }
    }

    /// Returns what the leaves hold near a pull.
    pub(super) fn line(&self, pull: Pull, fast: Option<Fast>) -> Line {
        let Some(fast) = fast else {
            return self.line_of_any_size(pull);
        };
        let (mut fixed, mut weight) = (0_i64, 0_u64);
        let limits = self.lowest.iter().zip(self.highest);
        let own = self.draft.iter().zip(self.weight);
        for ((draft, own), (lowest, highest)) in own.zip(limits) {
            let own = Self::narrow(*own);
            let amount = draft + fast.floor(own).0;
            let (below, above) = (amount < *lowest, amount >= *highest);
            let bound = if below { *lowest } else { *highest };
            fixed += if below | above { bound } else { *draft };
            weight += if below | above { 0 } else { own };
        }
        Line {
            fixed: i128::from(fixed),
            weight: u128::from(weight),
        }
    }

    fn line_of_any_size(&self, pull: Pull) -> Line {
        let mut line = Line::default();
        for leaf in 0..self.draft.len() {
            if let Some(bound) = self.bound_at(leaf, pull) {
                line.fixed += i128::from(bound);
            } else {
                line.fixed += i128::from(self.draft[leaf]);
                line.weight += self.weight[leaf].into();
            }
        }
        line
    }

    /// Returns the limit at which a leaf is at a pull, if it is at one.
    pub(super) fn bound_at(&self, leaf: usize, pull: Pull) -> Option<i64> {
        let (lowest, highest) = (*self.lowest.get(leaf)?, *self.highest.get(leaf)?);
        let (draft, weight) = (i128::from(self.draft[leaf]), self.weight[leaf].into());
        let against = |limit: i64| pull.move_of(weight, i128::from(limit) - draft);
        if against(lowest) == Ordering::Less {
            Some(lowest)
        } else if against(highest) == Ordering::Less {
            None
        } else {
            Some(highest)
        }
    }

    /// Writes the amounts of the leaves, which make the amount of their node; the place of one beyond the range if there is
    /// any.
    pub(super) fn share(
        &self,
        amount: i64,
        at: (Pull, &Mover, Option<Fast>),
        space: &mut Space,
        shares: &mut [i64],
    ) -> Result<(), usize> {
        let (pull, mover, fast) = at;
        let Some(fast) = fast else {
            return self.share_of_any_size(amount, pull, mover, space, shares);
        };
        space.keys.resize(self.draft.len(), 0);
        let sum = if self.lowest.is_empty() {
            self.floors(fast, &mut space.keys, shares)
        } else {
            self.floors_within(fast, &mut space.keys, shares)
        };
        // Each remainder is below one quantum, so fewer are to spare than there are leaves.
        let spare = usize::try_from(amount - sum).unwrap_or(0);
        if spare == 0 {
            return Ok(());
        }
        let (cut, mut at_cut) = cut(&space.keys, spare);
        for (share, key) in shares.iter_mut().zip(&space.keys) {
            *share += i64::from(*key > cut);
        }
        if at_cut == 0 {
            return Ok(());
        }
        let tied = space
            .keys
            .iter()
            .enumerate()
            .filter(|(_, key)| **key == cut);
        let tied = tied.map(|(leaf, _)| {
            let fraction = fast.floor(Self::narrow(self.weight[leaf])).1;
            (u128::from(fast.rest(fraction)), leaf)
        });
        if fast.shift == 0 {
            for (_, leaf) in tied.take(at_cut) {
                shares[leaf] += 1;
            }
            return Ok(());
        }
        space.tied.clear();
        space.tied.extend(tied);
        at_cut = at_cut.min(space.tied.len());
        space
            .tied
            .sort_unstable_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
        for (_, leaf) in &space.tied[..at_cut] {
            shares[*leaf] += 1;
        }
        Ok(())
    }

    fn floors(&self, fast: Fast, keys: &mut [i32], shares: &mut [i64]) -> i64 {
        let mut sum = 0;
        let own = self.draft.iter().zip(self.weight);
        for ((draft, own), (share, key)) in own.zip(shares.iter_mut().zip(keys)) {
            let (moved, fraction) = fast.floor(Self::narrow(*own));
            *share = draft + moved;
            *key = fast.key(fraction);
            sum += *share;
        }
        sum
    }

    fn floors_within(&self, fast: Fast, keys: &mut [i32], shares: &mut [i64]) -> i64 {
        let mut sum = 0;
        let limits = self.lowest.iter().zip(self.highest);
        let own = self.draft.iter().zip(self.weight).zip(limits);
        for (((draft, own), (lowest, highest)), (share, key)) in
            own.zip(shares.iter_mut().zip(keys))
        {
            let (moved, fraction) = fast.floor(Self::narrow(*own));
            let amount = draft + moved;
            let (below, above) = (amount < *lowest, amount >= *highest);
            let bound = if below { *lowest } else { *highest };
            *share = if below | above { bound } else { amount };
            *key = if below | above {
                -1
            } else {
                fast.key(fraction)
            };
            sum += *share;
        }
        sum
    }

    fn share_of_any_size(
        &self,
        amount: i64,
        pull: Pull,
        mover: &Mover,
        space: &mut Space,
        shares: &mut [i64],
    ) -> Result<(), usize> {
        let mut sum = 0_i128;
        space.rests.clear();
        for (leaf, own) in shares.iter_mut().enumerate() {
            let (share, rest) = match self.bound_at(leaf, pull) {
                // An end of the range is where a leaf without limits would leave it.
                Some(i64::MIN | i64::MAX) => return Err(leaf),
                Some(bound) => (i128::from(bound), 0),
                None => {
                    let (moved, rest) = mover.of(self.weight[leaf].into());
                    (moved.saturating_add(i128::from(self.draft[leaf])), rest)
                }
            };
            let share = i64::try_from(share).map_err(|_| leaf)?;
            sum += i128::from(share);
            *own = share;
            space.rests.push(rest);
        }
        let spare = usize::try_from(i128::from(amount) - sum).unwrap_or(0);
        raise(spare, &space.rests, &mut space.selection, shares)
    }
}

/// Adds one to so many of the largest remainders, ties to the first.
pub(super) fn raise(
    spare: usize,
    rests: &[u128],
    selection: &mut Vec<u128>,
    shares: &mut [i64],
) -> Result<(), usize> {
    let Some(cut) = crate::allocation::remainder::cut(rests, spare, selection) else {
        return Ok(());
    };
    let mut at_cut = cut.at_cut;
    for (place, (share, rest)) in shares.iter_mut().zip(rests).enumerate() {
        let tied = *rest == cut.remainder && at_cut > 0;
        at_cut -= usize::from(tied);
        if tied || *rest > cut.remainder {
            *share = share.checked_add(1).ok_or(place)?;
        }
    }
    Ok(())
}

/// Up to this many keys, counting them a few times is faster than a selection.
const FEW: usize = 256;
/// How often the next cut is guessed by where it should lie before it is halved.
const GUESSES: u32 = 8;

/// Returns a cut of the keys and how many of those at it go with the larger ones, so that they are `spare` in all.
fn cut(keys: &[i32], spare: usize) -> (i32, usize) {
    if keys.len() > FEW {
        let mut sorted = keys.to_vec();
        let cut = *sorted
            .select_nth_unstable_by(spare.min(keys.len()) - 1, |a, b| b.cmp(a))
            .1;
        return (cut, spare - above(keys, cut).min(spare));
    }
    let spare = i32::try_from(spare).unwrap_or(i32::MAX);
    // More than `low` are at least `spare` of them, more than `high` are fewer.
    let (mut low, mut high) = (-1, keys.iter().copied().max().unwrap_or(-1));
    let (mut over_low, mut over_high) = (count(keys, low), 0);
    let mut guesses = 0;
    while high - low > 1 {
        let middle = if guesses < GUESSES {
            let part = (f64::from(over_low - spare) + 0.5) / f64::from(over_low - over_high);
            guess(low, high, part)
        } else {
            low + (high - low) / 2
        };
        guesses += 1;
        let over = count(keys, middle);
        match over.cmp(&spare) {
            Ordering::Equal => return (middle, 0),
            Ordering::Greater => (low, over_low) = (middle, over),
            Ordering::Less => (high, over_high) = (middle, over),
        }
    }
    (high, usize::try_from(spare - over_high).unwrap_or(0))
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a guess, and of 31-bit numbers"
)]
fn guess(low: i32, high: i32, part: f64) -> i32 {
    let at = f64::from(low) + part * (f64::from(high) - f64::from(low));
    (at as i32).clamp(low + 1, high - 1)
}

fn count(keys: &[i32], cut: i32) -> i32 {
    keys.iter().map(|key| i32::from(*key > cut)).sum()
}

fn above(keys: &[i32], cut: i32) -> usize {
    keys.iter().filter(|key| **key > cut).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Of so many keys as go with the larger ones: those above the cut, and as many at it as are left.
        #[test]
        fn a_cut_leaves_out_none_and_takes_none_too_many(
            keys in prop::collection::vec(prop_oneof![0..4_i32, 0..i32::MAX], 1..40), at in 0..1_000_usize,
        ) {
            let spare = at % keys.len() + 1;
            let (cut, more) = cut(&keys, spare);
            let above = keys.iter().filter(|key| **key > cut).count();
            let at_it = keys.iter().filter(|key| **key == cut).count();
            prop_assert_eq!(above + more, spare);
            prop_assert!(more <= at_it, "{} of {} at {}", more, at_it, cut);
        }
    }

    #[test]
    fn drafts_that_are_alike_are_as_large_as_they_are() {
        let leaves = Leaves {
            draft: &[5, 5, -8, 0],
            weight: &[3_u32, 3, 4, 0],
            lowest: &[],
            highest: &[],
        };
        let mut seen = Magnitudes::default();
        let line = leaves.totals(&mut seen);
        assert_eq!((line.fixed, line.weight), (2, 10));
        assert_eq!((seen.amounts, seen.weights, seen.count), (13, 7, 4));
    }
}
