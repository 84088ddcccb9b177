//! Why a share is what it is, and which members were tied: asked for after the fact, as data.

use super::AllocationError;
use super::allocation::{allocate, quotient, signed};
use super::method::Method;
use super::remainder::cut;
use super::tie::Tie;
use super::weights::Weights;
use crate::quantity::Ratio;

/// Why a share is what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Apportioned {
    /// The exact share is whole.
    Whole,
    /// The exact share was rounded towards zero.
    RoundedDown,
    /// The exact share was rounded away from zero.
    RoundedUp,
    /// It took what others were rounded down by, or gave what the method's divisor moved, so that it is a whole quantum
    /// or more from the exact share.
    Moved,
    /// The weight is zero, so there is nothing.
    ZeroWeight,
}

/// The derivation of one share. Every part recomputes: `whole + fraction` is the exact share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rationale {
    member: usize,
    total: i64,
    weight: u128,
    sum: u128,
    whole: i64,
    fraction: Ratio,
    rank: Option<usize>,
    spare: usize,
    share: i64,
}

impl Rationale {
    /// Returns the member, by its place in declared order.
    #[must_use]
    pub fn member(&self) -> usize {
        self.member
    }

    /// Returns the amount that was split.
    #[must_use]
    pub fn total(&self) -> i64 {
        self.total
    }

    /// Returns the member's whole weight, and the sum of all.
    #[must_use]
    pub fn weight(&self) -> (u128, u128) {
        (self.weight, self.sum)
    }

    /// Returns the exact share rounded towards zero.
    #[must_use]
    pub fn whole(&self) -> i64 {
        self.whole
    }

    /// Returns what rounding towards zero cut off: the remainder, with the sign of the total, of size below one.
    #[must_use]
    pub fn fraction(&self) -> Ratio {
        self.fraction
    }

    /// Returns the exact share, unless its fraction is too fine for 128 bits.
    #[must_use]
    pub fn exact(&self) -> Option<Ratio> {
        Ratio::from(self.whole).checked_add(self.fraction).ok()
    }

    /// Returns the member's place, from 1, among the remainders from the largest, equal ones in declared order: the order
    /// in which the largest-remainder method hands out spare quanta. `None` when there is no remainder.
    #[must_use]
    pub fn rank(&self) -> Option<usize> {
        self.rank
    }

    /// Returns how many quanta were to spare after rounding everybody towards zero.
    #[must_use]
    pub fn spare(&self) -> usize {
        self.spare
    }

    /// Returns the share.
    #[must_use]
    pub fn share(&self) -> i64 {
        self.share
    }

    /// Returns why the share is what it is.
    #[must_use]
    pub fn reason(&self) -> Apportioned {
        match self.share.abs_diff(self.whole) {
            _ if self.weight == 0 => Apportioned::ZeroWeight,
            0 if self.fraction.is_zero() => Apportioned::Whole,
            0 => Apportioned::RoundedDown,
            1 if !self.fraction.is_zero()
                && self.share.unsigned_abs() > self.whole.unsigned_abs() =>
            {
                Apportioned::RoundedUp
            }
            _ => Apportioned::Moved,
        }
    }
}

/// Explains the share of one member; as much work as splitting the amount.
///
/// ```
/// use quotaflow::allocation::{Method, Apportioned, WeightPolicy, Weights, explain};
/// let weights = Weights::new(&[49_i64, 51], WeightPolicy::ALLOCATE)?;
/// let second = explain(1003, &weights, Method::LargestRemainder, 1)?;
/// assert_eq!((second.whole(), second.fraction().to_string()), (511, "0.53".into()));
/// assert_eq!((second.share(), second.rank(), second.reason()), (512, Some(1), Apportioned::RoundedUp));
/// # Ok::<(), quotaflow::allocation::AllocationError>(())
/// ```
///
/// # Errors
/// [`AllocationError::NoSuchMember`], and as [`allocate`].
pub fn explain(
    total: i64,
    weights: &Weights,
    method: Method,
    member: usize,
) -> Result<Rationale, AllocationError> {
    let unknown = AllocationError::NoSuchMember {
        member,
        members: weights.len(),
    };
    let allocation = allocate(total, weights, method)?;
    let (Some(share), Some(weight)) = (allocation.shares().get(member), weights.get(member)) else {
        return Err(unknown);
    };
    // With all weights zero there is no exact share; every part of it is zero then.
    let sum = weights.sum().max(1);
    let parts: Vec<(u64, u128)> = weights
        .iter()
        .map(|weight| quotient(total, weight, sum))
        .collect();
    let (whole, rest) = parts.get(member).copied().unwrap_or_default();
    let given: i128 = parts.iter().map(|(whole, _)| i128::from(*whole)).sum();
    let left = i128::from(total.unsigned_abs()) - given;
    let ahead = parts
        .iter()
        .enumerate()
        .filter(|(other, (_, theirs))| *theirs > rest || (*theirs == rest && *other < member));
    let fraction = i128::try_from(rest)
        .ok()
        .zip(i128::try_from(sum).ok())
        .and_then(|(rest, sum)| Ratio::new(if total < 0 { -rest } else { rest }, sum).ok());
    Ok(Rationale {
        member,
        total,
        weight,
        sum: weights.sum(),
        whole: signed(total, whole),
        // Remainder and sum are at most 2^126, so the fraction always exists.
        fraction: fraction.unwrap_or_default(),
        rank: (rest > 0).then(|| ahead.count() + 1),
        spare: if weights.sum() == 0 {
            0
        } else {
            usize::try_from(left).unwrap_or(usize::MAX)
        },
        share: *share,
    })
}

/// Returns the tie that declared order decided when `total` was split, if there was one.
///
/// ```
/// use quotaflow::allocation::{Method, WeightPolicy, Weights, tie};
/// let weights = Weights::new(&[10_i64, 10, 0], WeightPolicy::ALLOCATE)?;
/// let tie = tie(1, &weights, Method::LargestRemainder)?.expect("two equal claims to one quantum");
/// assert_eq!((tie.members(), tie.quanta()), (&[0, 1][..], 1));
/// # Ok::<(), quotaflow::allocation::AllocationError>(())
/// ```
///
/// # Errors
/// As [`allocate`].
pub fn tie(total: i64, weights: &Weights, method: Method) -> Result<Option<Tie>, AllocationError> {
    // Splitting once brings up whatever is wrong with the request.
    let allocation = allocate(total, weights, method)?;
    let sum = weights.sum();
    if total == 0 || sum == 0 {
        return Ok(None);
    }
    if let Some(signposts) = method.signposts() {
        let shares: Vec<u64> = allocation
            .shares()
            .iter()
            .map(|share| share.unsigned_abs())
            .collect();
        return Ok(signposts.tie(&shares, weights));
    }
    let parts: Vec<(u64, u128)> = weights
        .iter()
        .map(|weight| quotient(total, weight, sum))
        .collect();
    let given: i128 = parts.iter().map(|(whole, _)| i128::from(*whole)).sum();
    let spare = usize::try_from(i128::from(total.unsigned_abs()) - given).unwrap_or(usize::MAX);
    // The claim by which a method ranks the members that may have a spare quantum.
    let claims: Vec<u128> = match method {
        Method::LargestRemainder => parts.iter().map(|(_, rest)| *rest).collect(),
        Method::SpareToHeaviest => weights.iter().collect(),
        Method::RemainderToLargest => {
            let heaviest = |(member, weight)| (weight == weights.largest()).then_some(member);
            let members = weights.iter().enumerate().filter_map(heaviest).collect();
            return Ok(Tie::among(members, spare.min(1)));
        }
        Method::Webster
        | Method::Jefferson
        | Method::Hill
        | Method::Adams
        | Method::Dean
        | Method::SpareToFirst
        | Method::RemainderTo(_)
        | Method::RemainderApart
        | Method::BlocksApart
        | Method::Running => return Ok(None),
    };
    let Some(cut) = cut(&claims, spare, &mut Vec::new()) else {
        return Ok(None);
    };
    let at_cut = |(member, claim): (usize, &u128)| (*claim == cut.remainder).then_some(member);
    Ok(Tie::among(
        claims.iter().enumerate().filter_map(at_cut).collect(),
        cut.at_cut,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::allocation::WeightPolicy;

    fn weights(whole: &[i64]) -> Weights {
        Weights::new(whole, WeightPolicy::ALLOCATE).unwrap()
    }

    #[test]
    fn every_part_of_an_explanation_recomputes() {
        let some = weights(&[100, 101, 0, 100, 100]);
        for total in [5, -5, 0, i64::MAX, i64::MIN] {
            for member in 0..5 {
                let why = explain(total, &some, Method::LargestRemainder, member).unwrap();
                let exact = Ratio::from(total)
                    .checked_mul(some.fraction(member).unwrap())
                    .unwrap();
                assert_eq!(why.exact(), Some(exact));
                let rounded_up = why.rank().is_some_and(|rank| rank <= why.spare());
                let expected = why.whole() + i64::from(rounded_up) * total.signum();
                assert_eq!(why.share(), expected);
                assert_eq!(why.reason() == Apportioned::RoundedUp, rounded_up);
                assert_eq!(why.reason() == Apportioned::ZeroWeight, member == 2);
            }
        }
    }

    #[test]
    fn a_remainder_dumped_on_one_member_is_explained_as_moved() {
        let even = weights(&[1; 7]);
        let why = explain(13, &even, Method::RemainderToLargest, 0).unwrap();
        assert_eq!(
            (why.share(), why.whole(), why.reason()),
            (7, 1, Apportioned::Moved)
        );
        let missing = explain(13, &even, Method::Running, 7);
        assert_eq!(
            missing,
            Err(AllocationError::NoSuchMember {
                member: 7,
                members: 7
            })
        );
    }

    #[test]
    fn a_tie_names_all_who_had_the_same_claim() {
        let found = |total, whole: &[i64], method| {
            let tie = tie(total, &weights(whole), method).unwrap();
            tie.map(|tie| (tie.members().to_vec(), tie.quanta()))
        };
        let method = Method::LargestRemainder;
        assert_eq!(found(1, &[10, 10, 0], method), Some((vec![0, 1], 1)));
        assert_eq!(found(4, &[11, 11, 11], method), Some((vec![0, 1, 2], 1)));
        assert_eq!(
            found(3, &[12, 12, 11, 12], method),
            None,
            "all three get one"
        );
        assert_eq!(found(5, &[7, 3], method), Some((vec![0, 1], 1)));
        assert_eq!(found(-5, &[7, 3], method), Some((vec![0, 1], 1)));
        assert_eq!(
            found(102, &[1; 4], Method::RemainderToLargest),
            Some((vec![0, 1, 2, 3], 1))
        );
        assert_eq!(found(102, &[1; 4], Method::Running), None);
        assert_eq!(
            found(2, &[3, 3, 4], Method::SpareToHeaviest),
            Some((vec![0, 1], 1))
        );
    }
}
