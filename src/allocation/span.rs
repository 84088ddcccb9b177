//! A node with many members: quotients in vector code, then a selection by buckets instead of a sort.

use super::lanes::{EXACT, LARGEST_AMOUNT, LARGEST_SUM, divided, from_bits, low_bits, to_bits};

/// Remainders are spread over at most this many buckets by their leading bits.
const BUCKETS: usize = 64;
const BUCKET_BITS: u32 = BUCKETS.ilog2();

/// Working space that grows to the largest node and is used again.
#[derive(Debug, Clone, Default)]
pub(crate) struct Span {
    remainders: Vec<i32>,
    inside: Vec<i32>,
}

impl Span {
    /// Writes the largest-remainder shares; returns false, with meaningless shares, where exactness in floats is not
    /// proven or all weights are zero.
    pub(crate) fn split(&mut self, total: i64, weights: &[u32], shares: &mut [i64]) -> bool {
        let sum: u64 = weights.iter().map(|weight| u64::from(*weight)).sum();
        let heaviest = weights.iter().copied().max().unwrap_or(0);
        let magnitude = total.unsigned_abs();
        if magnitude >= LARGEST_AMOUNT || sum == 0 || sum >= LARGEST_SUM {
            return false;
        }
        let (amount, divisor) = (from_bits(magnitude), from_bits(sum));
        if amount * f64::from(heaviest) + divisor >= EXACT {
            return false;
        }
        let inverse = 1.0 / divisor;
        self.remainders.resize(weights.len(), 0);
        let mut given = 0;
        for ((share, remainder), weight) in shares.iter_mut().zip(&mut self.remainders).zip(weights)
        {
            let (quotient, rest) = divided(amount * f64::from(*weight), divisor, inverse);
            *share = to_bits(quotient);
            given += *share;
            *remainder = low_bits(rest);
        }
        let spare = usize::try_from(magnitude.cast_signed() - given).unwrap_or(0);
        if spare > 0 {
            self.round_up(spare, sum, shares);
        }
        if total < 0 {
            for share in shares {
                *share = -*share;
            }
        }
        true
    }

    fn round_up(&mut self, spare: usize, sum: u64, shares: &mut [i64]) {
        let shift = (u64::BITS - sum.leading_zeros()).saturating_sub(BUCKET_BITS);
        let bucket = |rest: i32| (rest.cast_unsigned() >> shift) as usize % BUCKETS;
        let mut counts = [0_usize; BUCKETS];
        for rest in &self.remainders {
            counts[bucket(*rest)] += 1;
        }
        // Fewer quanta are to spare than there are remainders, so the search ends at the latest in the first bucket.
        let (mut rank, mut at) = (spare, BUCKETS - 1);
        while at > 0 && counts[at] < rank {
            rank -= counts[at];
            at -= 1;
        }
        self.inside.clear();
        self.inside
            .extend(self.remainders.iter().filter(|rest| bucket(**rest) == at));
        let (above, cut, _) = self
            .inside
            .select_nth_unstable_by(rank - 1, |a, b| b.cmp(a));
        let cut = *cut;
        let mut at_cut = rank - above.iter().filter(|rest| **rest > cut).count();
        for (share, rest) in shares.iter_mut().zip(&self.remainders) {
            *share += i64::from(*rest > cut);
        }
        for (share, rest) in shares.iter_mut().zip(&self.remainders) {
            if *rest == cut {
                *share += 1;
                at_cut -= 1;
                if at_cut == 0 {
                    return;
                }
            }
        }
    }
}
