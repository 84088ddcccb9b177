//! The weights by which an amount is shared: exact, on one common scale.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::AllocationError;
use super::wide::MAX_SUM;
use crate::quantity::{Ratio, gcd};

/// What a negative weight means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum NegativeWeights {
    /// It is an error. The default everywhere.
    #[default]
    Refuse,
    /// Its absolute value counts: a member with returns of 30 weighs as much as one with sales of 30.
    Absolute,
    /// It counts as zero: the member gets nothing.
    Zero,
}

/// What it means that every weight is zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ZeroWeights {
    /// It is an error, unless the total is zero. The default when allocating.
    #[default]
    Refuse,
    /// All members weigh the same. The default when spreading over an empty plan.
    Equal,
    /// Nobody gets anything and the whole total stays unallocated.
    Nothing,
}

/// How unusual weights are read.
///
/// ```
/// use quotaflow::allocation::{WeightPolicy, Weights, ZeroWeights};
/// assert!(Weights::new(&[1_i64, -1], WeightPolicy::ALLOCATE).is_err());
/// let equal = Weights::new(&[0_i64, 0], WeightPolicy::SPREAD)?;
/// assert_eq!(equal.sum(), 2);
/// # Ok::<(), quotaflow::allocation::AllocationError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields, default)]
pub struct WeightPolicy {
    negative: NegativeWeights,
    all_zero: ZeroWeights,
}

impl WeightPolicy {
    /// The default when allocating: negative weights and all weights zero are refused.
    pub const ALLOCATE: Self = Self::new(NegativeWeights::Refuse, ZeroWeights::Refuse);
    /// The default when spreading over a plan that may still be empty: equal where all weights are zero.
    pub const SPREAD: Self = Self::new(NegativeWeights::Refuse, ZeroWeights::Equal);

    /// Returns the policy of these two answers.
    #[must_use]
    pub const fn new(negative: NegativeWeights, all_zero: ZeroWeights) -> Self {
        Self { negative, all_zero }
    }

    /// Returns what a negative weight means.
    #[must_use]
    pub const fn negative(self) -> NegativeWeights {
        self.negative
    }

    /// Returns what it means that every weight is zero.
    #[must_use]
    pub const fn all_zero(self) -> ZeroWeights {
        self.all_zero
    }
}

/// The weights of the members that share an amount, in the members' declared order.
///
/// Only their proportions matter, so they are kept as the smallest whole numbers in the same proportions: `0.5, 1/3`
/// is `3, 2`. Equal proportions are equal weights.
///
/// ```
/// use quotaflow::allocation::{WeightPolicy, Weights};
/// use quotaflow::quantity::Ratio;
/// let weights = Weights::new(&[Ratio::new(1, 3)?, Ratio::new(2, 7)?], WeightPolicy::ALLOCATE)?;
/// assert_eq!((weights.get(0), weights.get(1), weights.sum()), (Some(7), Some(6), 13));
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Weights {
    column: WeightColumn,
    sum: u128,
    largest: u128,
    all_zero: ZeroWeights,
}

/// Whole weights in the narrowest integers that hold them all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum WeightColumn {
    U32(Vec<u32>),
    U64(Vec<u64>),
    U128(Vec<u128>),
}

impl Weights {
    /// The largest sum that whole weights on their common scale may have: 2^126.
    pub const MAX_SUM: u128 = MAX_SUM;
    /// The most members that can share one amount.
    pub const MAX_MEMBERS: usize = super::wide::MAX_MEMBERS;

    /// Returns weights in the proportions of these numbers: integers, decimals, document numbers or ratios.
    ///
    /// # Errors
    /// [`AllocationError::NegativeWeight`] where the policy refuses it, [`AllocationError::WeightTooFine`] when whole
    /// numbers in these proportions would exceed 2^126 in all, [`AllocationError::TooManyMembers`].
    pub fn new<T: Copy + Into<Ratio>>(
        weights: &[T],
        policy: WeightPolicy,
    ) -> Result<Self, AllocationError> {
        let mut common = 0_u128;
        let mut scale = 1_u128;
        let signed = |weight: &T| -> Ratio { (*weight).into() };
        for (member, weight) in weights.iter().enumerate() {
            let weight = signed(weight);
            common = gcd(common, weight.numerator().unsigned_abs());
            let denominator = weight.denominator().unsigned_abs();
            scale = (scale / gcd(scale, denominator))
                .checked_mul(denominator)
                .filter(|scale| *scale <= MAX_SUM)
                .ok_or(AllocationError::WeightTooFine { member })?;
        }
        let common = common.max(1);
        let exact = |(member, weight): (usize, &T)| {
            let weight = signed(weight);
            let whole = weight.numerator().unsigned_abs() / common;
            let whole = whole
                .checked_mul(scale / weight.denominator().unsigned_abs())
                .ok_or(AllocationError::WeightTooFine { member })?;
            match policy.negative {
                NegativeWeights::Refuse if weight.is_negative() => {
                    Err(AllocationError::NegativeWeight { member, weight })
                }
                NegativeWeights::Zero if weight.is_negative() => Ok(0),
                NegativeWeights::Refuse | NegativeWeights::Absolute | NegativeWeights::Zero => {
                    Ok(whole)
                }
            }
        };
        let whole: Vec<u128> = weights
            .iter()
            .enumerate()
            .map(exact)
            .collect::<Result<_, _>>()?;
        Self::from_whole(whole, policy.all_zero)
    }

    /// Returns weights in the proportions of these decimals; faster than [`Weights::new`] for many of them.
    ///
    /// # Errors
    /// As [`Weights::new`].
    pub fn from_decimals(
        weights: &[Decimal],
        policy: WeightPolicy,
    ) -> Result<Self, AllocationError> {
        let Some(scale) = weights.first().map(Decimal::scale) else {
            return Self::from_whole(Vec::new(), policy.all_zero);
        };
        let aligned = |weight: &Decimal| {
            (weight.scale() == scale)
                .then(|| u128::try_from(weight.mantissa()).ok())
                .flatten()
        };
        match weights.iter().map(aligned).collect::<Option<Vec<u128>>>() {
            Some(whole) => Self::from_whole(whole, policy.all_zero),
            // Several scales or a sign: the general way finds the common scale or names what is wrong.
            None => Self::new(weights, policy),
        }
    }

    /// Returns weights that are already whole numbers.
    ///
    /// # Errors
    /// [`AllocationError::WeightTooFine`] when they exceed 2^126 in all, [`AllocationError::TooManyMembers`].
    pub fn from_integers<T: Copy + Into<u128>>(
        weights: &[T],
        all_zero: ZeroWeights,
    ) -> Result<Self, AllocationError> {
        Self::from_whole(
            weights.iter().map(|weight| (*weight).into()).collect(),
            all_zero,
        )
    }

    /// Returns the same weight for each of `members`.
    ///
    /// # Errors
    /// [`AllocationError::TooManyMembers`].
    pub fn equal(members: usize) -> Result<Self, AllocationError> {
        check_members(members)?;
        Self::from_whole(vec![1; members], ZeroWeights::Refuse)
    }

    fn from_whole(mut whole: Vec<u128>, all_zero: ZeroWeights) -> Result<Self, AllocationError> {
        check_members(whole.len())?;
        let common = whole.iter().fold(
            0,
            |common, weight| {
                if common == 1 { 1 } else { gcd(common, *weight) }
            },
        );
        if common == 0 && all_zero == ZeroWeights::Equal {
            whole.fill(1);
        } else if common > 1 {
            for weight in &mut whole {
                *weight /= common;
            }
        }
        let mut sum = 0_u128;
        let mut largest = 0;
        for (member, weight) in whole.iter().enumerate() {
            sum = sum
                .checked_add(*weight)
                .filter(|sum| *sum <= MAX_SUM)
                .ok_or(AllocationError::WeightTooFine { member })?;
            largest = largest.max(*weight);
        }
        let column = WeightColumn::narrowest(whole, largest);
        Ok(Self {
            column,
            sum,
            largest,
            all_zero,
        })
    }

    /// Returns the number of members.
    #[must_use]
    pub fn len(&self) -> usize {
        self.column.len()
    }

    /// Says whether there are no members.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the whole weight of a member on the common scale.
    #[must_use]
    pub fn get(&self, member: usize) -> Option<u128> {
        match &self.column {
            WeightColumn::U32(weights) => weights.get(member).copied().map(u128::from),
            WeightColumn::U64(weights) => weights.get(member).copied().map(u128::from),
            WeightColumn::U128(weights) => weights.get(member).copied(),
        }
    }

    /// Returns the sum of the whole weights.
    #[must_use]
    pub fn sum(&self) -> u128 {
        self.sum
    }

    /// Returns the fraction of the whole that a member weighs; `None` for no such member or when all weights are zero.
    #[must_use]
    pub fn fraction(&self, member: usize) -> Option<Ratio> {
        let weight = i128::try_from(self.get(member)?).ok()?;
        Ratio::new(weight, i128::try_from(self.sum).ok()?).ok()
    }

    /// Returns what happens when all weights are zero.
    #[must_use]
    pub fn all_zero(&self) -> ZeroWeights {
        self.all_zero
    }

    /// Returns the whole weights in declared order.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = u128> + '_ {
        (0..self.len()).map(|member| self.get(member).unwrap_or(0))
    }

    pub(crate) fn column(&self) -> &WeightColumn {
        &self.column
    }

    pub(crate) fn largest(&self) -> u128 {
        self.largest
    }
}

fn check_members(members: usize) -> Result<(), AllocationError> {
    if members > Weights::MAX_MEMBERS {
        return Err(AllocationError::TooManyMembers { members });
    }
    Ok(())
}

impl WeightColumn {
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::U32(weights) => weights.len(),
            Self::U64(weights) => weights.len(),
            Self::U128(weights) => weights.len(),
        }
    }

    pub(crate) fn narrowest(whole: Vec<u128>, largest: u128) -> Self {
        if largest <= u128::from(u32::MAX) {
            let narrow = |weight: &u128| u32::try_from(*weight).unwrap_or(u32::MAX);
            Self::U32(whole.iter().map(narrow).collect())
        } else if largest <= u128::from(u64::MAX) {
            let narrow = |weight: &u128| u64::try_from(*weight).unwrap_or(u64::MAX);
            Self::U64(whole.iter().map(narrow).collect())
        } else {
            Self::U128(whole)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ratio(text: &str) -> Ratio {
        text.parse().unwrap()
    }

    #[test]
    fn proportions_are_kept_in_the_smallest_whole_numbers() {
        let halves = Weights::new(
            &[ratio("0.5"), ratio("1/3"), ratio("0")],
            WeightPolicy::ALLOCATE,
        );
        assert_eq!(halves.unwrap().iter().collect::<Vec<_>>(), [3, 2, 0]);
        let cents = Weights::from_decimals(
            &["265.09", "0.00", "33.91"].map(|text| text.parse().unwrap()),
            WeightPolicy::ALLOCATE,
        );
        assert_eq!(cents.unwrap().iter().collect::<Vec<_>>(), [26509, 0, 3391]);
        let mixed = Weights::from_decimals(
            &["1", "0.25", "0.500"].map(|text| text.parse().unwrap()),
            WeightPolicy::ALLOCATE,
        );
        assert_eq!(mixed.unwrap().iter().collect::<Vec<_>>(), [4, 1, 2]);
    }

    #[test]
    fn what_has_no_exact_common_scale_is_refused_as_too_fine() {
        let fine = ["1", "0.0000000000000000000000000001"].map(ratio);
        assert!(
            Weights::new(&fine, WeightPolicy::ALLOCATE).is_ok(),
            "28 places are exact"
        );
        let finer = [
            "79228162514264337593543950335",
            "0.0000000000000000000000000001",
        ]
        .map(ratio);
        assert_eq!(
            Weights::new(&finer, WeightPolicy::ALLOCATE),
            Err(AllocationError::WeightTooFine { member: 0 })
        );
        let primes = [Ratio::new(1, i128::MAX).unwrap(), ratio("1/3")];
        assert!(matches!(
            Weights::new(&primes, WeightPolicy::ALLOCATE),
            Err(AllocationError::WeightTooFine { .. })
        ));
        let all = [MAX_SUM, 1];
        assert!(Weights::from_integers(&all, ZeroWeights::Refuse).is_err());
        let same = Weights::from_integers(&[MAX_SUM, MAX_SUM], ZeroWeights::Refuse).unwrap();
        assert_eq!(same, Weights::equal(2).unwrap());
    }

    #[test]
    fn negative_weights_follow_the_policy() {
        let weights = [3_i64, -1];
        let refused = Weights::new(&weights, WeightPolicy::ALLOCATE).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "the weight of member 1 is -1, below zero"
        );
        let read = |negative| {
            let policy = WeightPolicy::new(negative, ZeroWeights::Refuse);
            Weights::new(&weights, policy)
                .unwrap()
                .iter()
                .collect::<Vec<_>>()
        };
        assert_eq!(read(NegativeWeights::Absolute), [3, 1]);
        assert_eq!(read(NegativeWeights::Zero), [1, 0]);
    }

    #[test]
    fn a_policy_reads_back_from_a_document() {
        let text = r#"{"negative":"absolute","all_zero":"equal"}"#;
        let policy: WeightPolicy = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&policy).unwrap(), text);
        assert_eq!(
            serde_json::from_str::<WeightPolicy>("{}").unwrap(),
            WeightPolicy::ALLOCATE
        );
        assert!(serde_json::from_str::<WeightPolicy>(r#"{"zero":"equal"}"#).is_err());
    }
}
