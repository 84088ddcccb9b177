//! Small nodes side by side: one lane for each node, plain loops over lanes that the compiler turns into vector code.
//!
//! Inside, whole numbers are carried in `f64`, which is exact integer arithmetic below 2^53; every node is tested for that
//! bound and refused by the block when it is not proven. No share is ever a rounded fraction.

/// How many nodes stand side by side.
pub(crate) const LANES: usize = 16;
/// The most members of a node that is small.
pub(crate) const SMALL: usize = 32;

/// 2^52: adding it to a value below 2^51 rounds that to a whole number, which is then in the low bits.
const SHIFT: f64 = 4_503_599_627_370_496.0;
const SHIFT_BITS: u64 = SHIFT.to_bits();
/// 2^53, up to which every whole number is an exact `f64`.
pub(crate) const EXACT: f64 = 9_007_199_254_740_992.0;
/// 2^50: below it an estimated quotient is within a quarter of the true one.
pub(crate) const LARGEST_AMOUNT: u64 = 1 << 50;
/// 2^31: below it a remainder is a signed 32-bit number.
pub(crate) const LARGEST_SUM: u64 = 1 << 31;

/// A row holds one member of each of the nodes.
type Row<T> = [T; LANES];

/// Working space for one block of nodes.
#[derive(Debug, Clone)]
pub(crate) struct Block {
    /// Weights in, whole shares out.
    cells: [Row<f64>; SMALL],
    remainders: [Row<i32>; SMALL],
    ranks: [Row<i32>; SMALL],
    shares: [Row<i64>; SMALL],
}

impl Default for Block {
    fn default() -> Self {
        Self {
            cells: [[0.0; LANES]; SMALL],
            remainders: [[0; LANES]; SMALL],
            ranks: [[0; LANES]; SMALL],
            shares: [[0; LANES]; SMALL],
        }
    }
}

impl Block {
    /// Takes the weights of the node in this lane; members that it has not, up to `width`, weigh nothing.
    #[inline]
    pub(crate) fn load(&mut self, lane: usize, weights: &[u32], width: usize) {
        let (present, absent) = self.cells[..width].split_at_mut(weights.len().min(width));
        for (row, weight) in present.iter_mut().zip(weights) {
            row[lane] = f64::from(*weight);
        }
        for row in absent {
            row[lane] = 0.0;
        }
    }

    /// Splits one amount per lane over the loaded weights; returns for each lane whether that was proven exact. Where it
    /// is not, or the weights are all zero, the lane's shares mean nothing.
    #[inline]
    pub(crate) fn split(&mut self, totals: &Row<i64>, width: usize) -> Row<bool> {
        let cells = &mut self.cells[..width];
        let mut sum = [0.0_f64; LANES];
        let mut heaviest = [0.0_f64; LANES];
        for row in cells.iter() {
            for lane in 0..LANES {
                sum[lane] += row[lane];
                heaviest[lane] = if row[lane] > heaviest[lane] {
                    row[lane]
                } else {
                    heaviest[lane]
                };
            }
        }
        let mut proven = [false; LANES];
        let mut amount = [0.0_f64; LANES];
        let mut inverse = [1.0_f64; LANES];
        for lane in 0..LANES {
            let magnitude = totals[lane].unsigned_abs();
            let exact = from_bits(magnitude & (LARGEST_AMOUNT - 1));
            // Rounding in this test only ever rounds up to the bound, which is then not met.
            proven[lane] = magnitude < LARGEST_AMOUNT
                && sum[lane] > 0.0
                && sum[lane] < from_bits(LARGEST_SUM)
                && exact * heaviest[lane] + sum[lane] < EXACT;
            amount[lane] = if proven[lane] { exact } else { 0.0 };
            sum[lane] = if proven[lane] { sum[lane] } else { 1.0 };
            inverse[lane] = 1.0 / sum[lane];
        }
        let mut rest_of = amount;
        for (row, remainders) in cells.iter_mut().zip(&mut self.remainders) {
            for lane in 0..LANES {
                let (quotient, rest) = divided(amount[lane] * row[lane], sum[lane], inverse[lane]);
                row[lane] = quotient;
                rest_of[lane] -= quotient;
                remainders[lane] = low_bits(rest);
            }
        }
        self.rank(width);
        let mut sign = [0_i64; LANES];
        let mut left = [0_i32; LANES];
        for lane in 0..LANES {
            sign[lane] = totals[lane] >> 63;
            left[lane] = low_bits(rest_of[lane]);
        }
        for ((row, ranks), shares) in self.cells[..width]
            .iter()
            .zip(&self.ranks)
            .zip(&mut self.shares)
        {
            for lane in 0..LANES {
                let share = to_bits(row[lane]) + i64::from(ranks[lane] < left[lane]);
                shares[lane] = (share ^ sign[lane]) - sign[lane];
            }
        }
        proven
    }

    /// Counts for each member how many of its node come before it: larger remainders, and equal ones of earlier members.
    #[inline]
    fn rank(&mut self, width: usize) {
        let remainders = &self.remainders[..width];
        let ranks = &mut self.ranks[..width];
        for (member, rest) in remainders.iter().enumerate() {
            let mut rank = [0_i32; LANES];
            for earlier in &remainders[..member] {
                for lane in 0..LANES {
                    rank[lane] += i32::from(earlier[lane] >= rest[lane]);
                }
            }
            for later in &remainders[member + 1..] {
                for lane in 0..LANES {
                    rank[lane] += i32::from(later[lane] > rest[lane]);
                }
            }
            ranks[member] = rank;
        }
    }

    /// Writes the shares of the node in this lane.
    #[inline]
    pub(crate) fn store(&self, lane: usize, shares: &mut [i64]) {
        for (share, row) in shares.iter_mut().zip(&self.shares) {
            *share = row[lane];
        }
    }
}

/// Quotient and remainder of whole numbers: `product + divisor` at most 2^53, the quotient below 2^50.
#[inline]
pub(crate) fn divided(product: f64, divisor: f64, inverse: f64) -> (f64, f64) {
    // The product of two roundings is within a quarter of the quotient, so the whole number nearest to it is the floor
    // or one above, never below.
    let estimate = (product * inverse + SHIFT) - SHIFT;
    let rest = product - estimate * divisor;
    let over = rest < 0.0;
    (
        estimate - if over { 1.0 } else { 0.0 },
        rest + if over { divisor } else { 0.0 },
    )
}

/// The `f64` of a whole number below 2^52.
#[inline]
pub(crate) fn from_bits(whole: u64) -> f64 {
    f64::from_bits(SHIFT_BITS | whole) - SHIFT
}

/// The whole number that an `f64` below 2^51 holds.
#[inline]
pub(crate) fn to_bits(whole: f64) -> i64 {
    ((whole + SHIFT).to_bits() - SHIFT_BITS).cast_signed()
}

/// The whole number that an `f64` below 2^31 holds.
#[inline]
#[expect(
    clippy::cast_possible_truncation,
    reason = "the low 32 bits are the value, being below 2^31"
)]
pub(crate) fn low_bits(whole: f64) -> i32 {
    (whole + SHIFT).to_bits() as i32
}
