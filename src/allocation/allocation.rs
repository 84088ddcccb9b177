//! One amount shared by weight: the shares, the ties among them, and why each is what it is.

use super::AllocationError;
use super::divisor::{Signposts, heaviest};
use super::method::Method;
use super::remainder::{Scratch, narrowed};
use super::span::Span;
use super::weights::{WeightColumn, Weights, ZeroWeights};
use super::wide::mul_div_rem;

/// An amount shared among members: one share each in declared order, and what was left unallocated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allocation {
    shares: Vec<i64>,
    unallocated: i64,
}

impl Allocation {
    /// Returns the shares in declared order.
    #[must_use]
    pub fn shares(&self) -> &[i64] {
        &self.shares
    }

    /// Returns the shares and gives up the rest.
    #[must_use]
    pub fn into_shares(self) -> Vec<i64> {
        self.shares
    }

    /// Returns what stayed with nobody: zero unless the method or the policy for zero weights keeps something apart.
    #[must_use]
    pub fn unallocated(&self) -> i64 {
        self.unallocated
    }
}

/// Splits `total` quanta by `weights`.
///
/// A total of zero is zero for everybody, whatever the weights.
///
/// ```
/// use quotaflow::allocation::{Method, WeightPolicy, Weights, allocate};
/// let weights = Weights::new(&[7_i64, 3], WeightPolicy::ALLOCATE)?;
/// assert_eq!(allocate(5, &weights, Method::LargestRemainder)?.shares(), [4, 1]);
/// assert_eq!(allocate(-5, &weights, Method::LargestRemainder)?.shares(), [-4, -1]);
/// let apart = allocate(5, &weights, Method::RemainderApart)?;
/// assert_eq!((apart.shares(), apart.unallocated()), (&[3, 1][..], 1));
/// # Ok::<(), quotaflow::allocation::AllocationError>(())
/// ```
///
/// # Errors
/// [`AllocationError::NoMembers`] or [`AllocationError::ZeroWeights`] when there is nobody to take a total that is not
/// zero; [`AllocationError::NoSuchMember`] or [`AllocationError::RemainderToZeroWeight`] when the method names a member
/// that cannot take the remainder.
pub fn allocate(
    total: i64,
    weights: &Weights,
    method: Method,
) -> Result<Allocation, AllocationError> {
    let mut shares = vec![0; weights.len()];
    let unallocated = allocate_into(total, weights, method, &mut shares)?;
    Ok(Allocation {
        shares,
        unallocated,
    })
}

/// Splits `total` quanta by `weights` into `shares`, and returns what stayed unallocated.
///
/// # Errors
/// As [`allocate`], and [`AllocationError::LengthMismatch`] unless there is a place for each member. After an error the
/// shares are unspecified.
pub fn allocate_into(
    total: i64,
    weights: &Weights,
    method: Method,
    shares: &mut [i64],
) -> Result<i64, AllocationError> {
    if shares.len() != weights.len() {
        return Err(AllocationError::LengthMismatch {
            what: "shares",
            expected: weights.len(),
            found: shares.len(),
        });
    }
    method.check_member(weights)?;
    if total == 0 || weights.sum() == 0 {
        shares.fill(0);
        return match weights.all_zero() {
            _ if total == 0 => Ok(0),
            ZeroWeights::Nothing => Ok(total),
            _ if weights.is_empty() => Err(AllocationError::NoMembers { total }),
            ZeroWeights::Refuse | ZeroWeights::Equal => Err(AllocationError::ZeroWeights {
                total,
                members: weights.len(),
            }),
        };
    }
    let mut divided = |signposts: Signposts| {
        let found = signposts.split(total.unsigned_abs(), weights);
        for (share, magnitude) in shares.iter_mut().zip(found) {
            *share = signed(total, magnitude);
        }
        Ok(0)
    };
    match method {
        Method::Webster => divided(Signposts::Webster),
        Method::Jefferson => divided(Signposts::Jefferson),
        Method::Hill => divided(Signposts::Hill),
        Method::Adams => divided(Signposts::Adams),
        Method::Dean => divided(Signposts::Dean),
        Method::LargestRemainder => {
            largest_remainder(total, weights, shares);
            Ok(0)
        }
        Method::Running => {
            running(total, weights, shares);
            Ok(0)
        }
        Method::BlocksApart => {
            let blocks = u128::from(total.unsigned_abs()) / weights.sum();
            Ok(round_down(total, weights, shares, |weight| {
                narrowed(blocks * weight)
            }))
        }
        Method::RemainderApart => Ok(floors(total, weights, shares)),
        Method::RemainderTo(member) => {
            let spare = floors(total, weights, shares);
            give(shares, member, spare);
            Ok(0)
        }
        Method::RemainderToLargest => {
            let spare = floors(total, weights, shares);
            // The first of the heaviest.
            if let Some(member) = weights
                .iter()
                .position(|weight| weight == weights.largest())
            {
                give(shares, member, spare);
            }
            Ok(0)
        }
        Method::SpareToFirst => {
            let spare = floors(total, weights, shares);
            give_in_turn(total, weights, shares, spare, 0..weights.len());
            Ok(0)
        }
        Method::SpareToHeaviest => {
            let spare = floors(total, weights, shares);
            // Fewer quanta are to spare than there are members with a weight.
            let few = usize::try_from(spare.unsigned_abs()).unwrap_or(usize::MAX);
            for (share, one) in shares.iter_mut().zip(heaviest(few, weights)) {
                *share += total.signum() * one.cast_signed();
            }
            Ok(0)
        }
    }
}

fn largest_remainder(total: i64, weights: &Weights, shares: &mut [i64]) {
    let fast = match weights.column() {
        WeightColumn::U32(column) => Span::default().split(total, column, shares),
        WeightColumn::U64(_) | WeightColumn::U128(_) => false,
    };
    if !fast {
        Scratch::default().allocate(total, weights, shares);
    }
}

/// Returns the exact share's whole part and the numerator, over the sum of weights, of what is left of it.
pub(super) fn quotient(total: i64, weight: u128, sum: u128) -> (u64, u128) {
    let (quotient, rest) = mul_div_rem(u128::from(total.unsigned_abs()), weight, sum);
    (narrowed(quotient), rest)
}

/// Writes each share rounded towards zero and returns what is to spare.
fn floors(total: i64, weights: &Weights, shares: &mut [i64]) -> i64 {
    round_down(total, weights, shares, |weight| {
        quotient(total, weight, weights.sum()).0
    })
}

fn round_down(
    total: i64,
    weights: &Weights,
    shares: &mut [i64],
    share_of: impl Fn(u128) -> u64,
) -> i64 {
    let mut left = total;
    for (share, weight) in shares.iter_mut().zip(weights.iter()) {
        *share = signed(total, share_of(weight));
        left -= *share;
    }
    left
}

/// Gives a magnitude the sign of the total; at most 2^63 below zero, which fits.
pub(super) fn signed(total: i64, magnitude: u64) -> i64 {
    if total < 0 {
        0_i64.wrapping_sub_unsigned(magnitude)
    } else {
        magnitude.cast_signed()
    }
}

fn give(shares: &mut [i64], member: usize, quanta: i64) {
    if let Some(share) = shares.get_mut(member) {
        // Share and spare are parts of one total with its sign, so their sum is no larger than it.
        *share += quanta;
    }
}

fn give_in_turn(
    total: i64,
    weights: &Weights,
    shares: &mut [i64],
    mut spare: i64,
    order: impl IntoIterator<Item = usize>,
) {
    for member in order {
        if spare == 0 {
            return;
        }
        let weight = weights.get(member).unwrap_or(0);
        if quotient(total, weight, weights.sum()).1 > 0 {
            give(shares, member, total.signum());
            spare -= total.signum();
        }
    }
}

/// Differences of running totals, each rounded half up in magnitude.
fn running(total: i64, weights: &Weights, shares: &mut [i64]) {
    let sum = weights.sum();
    let (mut before, mut weight_so_far) = (0_u64, 0_u128);
    for (share, weight) in shares.iter_mut().zip(weights.iter()) {
        weight_so_far += weight;
        let (whole, rest) = quotient(total, weight_so_far, sum);
        let so_far = whole + u64::from(rest >= sum - rest);
        *share = signed(total, so_far - before);
        before = so_far;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::allocation::WeightPolicy;

    fn weights(whole: &[i64]) -> Weights {
        Weights::new(whole, WeightPolicy::ALLOCATE).unwrap()
    }

    #[test]
    fn totals_at_the_end_of_the_range_split_exactly() {
        for total in [i64::MAX, i64::MIN, i64::MIN + 1] {
            for whole in [&[1, 2, 3][..], &[1], &[i64::MAX, i64::MAX - 1, 1]] {
                let shares = allocate(total, &weights(whole), Method::LargestRemainder).unwrap();
                let sum: i128 = shares.shares().iter().map(|share| i128::from(*share)).sum();
                assert_eq!(sum, i128::from(total));
            }
        }
        assert_eq!(
            allocate(i64::MIN, &weights(&[1]), Method::Running)
                .unwrap()
                .shares(),
            [i64::MIN]
        );
    }

    #[test]
    fn weights_of_twenty_eight_digits_are_exact() {
        // The exact shares are 1/2 and 1/2 but for 10^-28 of the total: the larger weight gets the odd quantum.
        let a = 5_000_000_000_000_000_000_000_000_000_u128;
        let fine = Weights::from_integers(&[a - 1, a + 1], ZeroWeights::Refuse).unwrap();
        let shares = allocate(i64::MAX, &fine, Method::LargestRemainder).unwrap();
        assert_eq!(shares.shares(), [i64::MAX / 2, i64::MAX / 2 + 1]);
        let finest =
            Weights::from_integers(&[(1_u128 << 125) - 1, (1 << 125) + 1], ZeroWeights::Refuse);
        let shares = allocate(i64::MIN, &finest.unwrap(), Method::LargestRemainder).unwrap();
        assert_eq!(shares.shares(), [i64::MIN / 2, i64::MIN / 2]);
    }

    #[test]
    fn nothing_to_split_and_nobody_to_share() {
        let none = weights(&[]);
        assert_eq!(
            allocate(1, &none, Method::LargestRemainder),
            Err(AllocationError::NoMembers { total: 1 })
        );
        assert_eq!(
            allocate(0, &none, Method::LargestRemainder)
                .unwrap()
                .shares(),
            [0_i64; 0]
        );
        let zero = weights(&[0, 0]);
        assert_eq!(
            allocate(3, &zero, Method::LargestRemainder),
            Err(AllocationError::ZeroWeights {
                total: 3,
                members: 2
            })
        );
        assert_eq!(
            allocate(0, &zero, Method::Running).unwrap().shares(),
            [0, 0]
        );
        let nothing = Weights::from_integers(&[0_u32, 0], ZeroWeights::Nothing).unwrap();
        let kept = allocate(3, &nothing, Method::LargestRemainder).unwrap();
        assert_eq!((kept.shares(), kept.unallocated()), (&[0, 0][..], 3));
        let equal = Weights::from_integers(&[0_u32, 0], ZeroWeights::Equal).unwrap();
        assert_eq!(
            allocate(3, &equal, Method::LargestRemainder)
                .unwrap()
                .shares(),
            [2, 1]
        );
    }

    #[test]
    fn the_remainder_goes_only_to_a_member_that_may_have_it() {
        let some = weights(&[0, 2, 1]);
        assert_eq!(
            allocate(1, &some, Method::RemainderTo(3)),
            Err(AllocationError::NoSuchMember {
                member: 3,
                members: 3
            })
        );
        assert_eq!(
            allocate(1, &some, Method::RemainderTo(0)),
            Err(AllocationError::RemainderToZeroWeight { member: 0 })
        );
        assert_eq!(
            allocate(-100, &some, Method::RemainderTo(2))
                .unwrap()
                .shares(),
            [0, -66, -34]
        );
        assert_eq!(
            allocate(-100, &some, Method::RemainderToLargest)
                .unwrap()
                .shares(),
            [0, -67, -33]
        );
    }

    #[test]
    fn the_lengths_must_agree() {
        let error = allocate_into(1, &weights(&[1]), Method::LargestRemainder, &mut []);
        assert_eq!(
            error.unwrap_err().to_string(),
            "shares has 0 entries where 1 are needed"
        );
    }

    #[test]
    fn a_hundred_thousand_members_share_one_amount() {
        let even = Weights::equal(100_000).unwrap();
        let shares = allocate(99_999, &even, Method::LargestRemainder).unwrap();
        assert_eq!(
            shares.shares().iter().filter(|share| **share == 1).count(),
            99_999
        );
        assert_eq!(shares.shares().last(), Some(&0));
    }
}
