//! The columns of a level: whole weights in, decimal amounts out.

use std::ops::Range;

use rust_decimal::Decimal;

use super::AllocationError;
use super::weights::WeightColumn;
use super::wide::MAX_SUM;
use crate::quantity::Quantum;

/// The whole weights of all members of a level, node after node, in the narrowest integers that hold them.
///
/// Only the proportions inside a node matter; one scale for the whole level serves them all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LevelWeights(pub(super) WeightColumn);

impl LevelWeights {
    /// Returns the weights that are these whole numbers.
    #[must_use]
    pub fn from_integers(weights: Vec<u32>) -> Self {
        Self(WeightColumn::U32(weights))
    }

    /// Returns the weights that are these whole numbers of up to 128 bits.
    #[must_use]
    pub fn from_wide(weights: Vec<u128>) -> Self {
        let largest = weights.iter().copied().max().unwrap_or(0);
        Self(WeightColumn::narrowest(weights, largest))
    }

    /// Returns the weights in the proportions of these decimals.
    ///
    /// # Errors
    /// [`AllocationError::NegativeWeight`]; [`AllocationError::WeightTooFine`] where the places of one and the size of
    /// another leave no common scale below 2^126.
    pub fn from_decimals(weights: &[Decimal]) -> Result<Self, AllocationError> {
        let Some(scale) = weights.first().map(Decimal::scale) else {
            return Ok(Self::from_integers(Vec::new()));
        };
        let mut narrow = vec![0_u32; weights.len()];
        // One pass without branches: whatever is not a small weight of the same scale leaves a trace.
        let mut other = 0_u32;
        for (weight, decimal) in narrow.iter_mut().zip(weights) {
            let parts = decimal.unpack();
            *weight = parts.lo;
            other |= parts.mid | parts.hi | u32::from(parts.negative) | (parts.scale ^ scale);
        }
        if other == 0 {
            Ok(Self::from_integers(narrow))
        } else {
            Self::from_mixed(weights)
        }
    }

    fn from_mixed(weights: &[Decimal]) -> Result<Self, AllocationError> {
        let scale = weights
            .iter()
            .map(|weight| weight.normalize().scale())
            .max()
            .unwrap_or(0);
        let whole = |(member, weight): (usize, &Decimal)| {
            let exact = weight.normalize();
            let mantissa =
                u128::try_from(exact.mantissa()).map_err(|_| AllocationError::NegativeWeight {
                    member,
                    weight: (*weight).into(),
                })?;
            10_u128
                .checked_pow(scale - exact.scale())
                .and_then(|power| mantissa.checked_mul(power))
                .filter(|whole| *whole <= MAX_SUM)
                .ok_or(AllocationError::WeightTooFine { member })
        };
        Ok(Self::from_wide(
            weights
                .iter()
                .enumerate()
                .map(whole)
                .collect::<Result<_, _>>()?,
        ))
    }

    /// Returns the whole weight of a member, counted through all nodes of the level.
    #[must_use]
    pub fn get(&self, member: usize) -> Option<u128> {
        match &self.0 {
            WeightColumn::U32(weights) => weights.get(member).copied().map(u128::from),
            WeightColumn::U64(weights) => weights.get(member).copied().map(u128::from),
            WeightColumn::U128(weights) => weights.get(member).copied(),
        }
    }

    /// Returns the whole weights, where 32 bits hold them all.
    pub(crate) fn narrow(&self) -> Option<&[u32]> {
        match &self.0 {
            WeightColumn::U32(weights) => Some(weights),
            WeightColumn::U64(_) | WeightColumn::U128(_) => None,
        }
    }

    /// Returns the number of members.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Says whether there are no members.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the weights of some members that follow one another, such as those below one node; `None` when there are
    /// not as many.
    #[must_use]
    pub fn slice(&self, members: Range<usize>) -> Option<LevelSlice<'_>> {
        Some(LevelSlice(match &self.0 {
            WeightColumn::U32(weights) => Slice::U32(weights.get(members)?),
            WeightColumn::U64(weights) => Slice::U64(weights.get(members)?),
            WeightColumn::U128(weights) => Slice::U128(weights.get(members)?),
        }))
    }
}

/// Weights of members that follow one another, borrowed: all of a level, those below one node, or a caller's own column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LevelSlice<'a>(pub(super) Slice<'a>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Slice<'a> {
    U32(&'a [u32]),
    U64(&'a [u64]),
    U128(&'a [u128]),
}

impl LevelSlice<'_> {
    /// Returns the whole weight of a member.
    #[must_use]
    pub fn get(&self, member: usize) -> Option<u128> {
        match self.0 {
            Slice::U32(weights) => weights.get(member).copied().map(u128::from),
            Slice::U64(weights) => weights.get(member).copied().map(u128::from),
            Slice::U128(weights) => weights.get(member).copied(),
        }
    }

    /// Returns the number of members.
    #[must_use]
    pub fn len(&self) -> usize {
        match self.0 {
            Slice::U32(weights) => weights.len(),
            Slice::U64(weights) => weights.len(),
            Slice::U128(weights) => weights.len(),
        }
    }

    /// Says whether there are no members.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<'a> From<&'a LevelWeights> for LevelSlice<'a> {
    fn from(weights: &'a LevelWeights) -> Self {
        Self(match &weights.0 {
            WeightColumn::U32(weights) => Slice::U32(weights),
            WeightColumn::U64(weights) => Slice::U64(weights),
            WeightColumn::U128(weights) => Slice::U128(weights),
        })
    }
}

impl<'a> From<&'a [u32]> for LevelSlice<'a> {
    fn from(weights: &'a [u32]) -> Self {
        Self(Slice::U32(weights))
    }
}

impl<'a> From<&'a [u64]> for LevelSlice<'a> {
    fn from(weights: &'a [u64]) -> Self {
        Self(Slice::U64(weights))
    }
}

impl<'a> From<&'a [u128]> for LevelSlice<'a> {
    fn from(weights: &'a [u128]) -> Self {
        Self(Slice::U128(weights))
    }
}

/// Writes the amounts that these counts of a quantum are.
///
/// ```
/// use quotaflow::allocation::decimal_amounts;
/// use quotaflow::quantity::Quantum;
/// let mut amounts = [Default::default(); 2];
/// decimal_amounts(Quantum::CENT, &[1250, -1], &mut amounts)?;
/// assert_eq!(amounts.map(|amount| amount.to_string()), ["12.50", "-0.01"]);
/// # Ok::<(), quotaflow::allocation::AllocationError>(())
/// ```
///
/// # Errors
/// [`AllocationError::LengthMismatch`].
pub fn decimal_amounts(
    quantum: Quantum,
    units: &[i64],
    amounts: &mut [Decimal],
) -> Result<(), AllocationError> {
    same_length("the column of amounts", units.len(), amounts.len())?;
    let scale = u32::from(quantum.places());
    if quantum.size().mantissa() == 1 {
        for (amount, units) in amounts.iter_mut().zip(units) {
            *amount = Decimal::new(*units, scale);
        }
    } else {
        for (amount, units) in amounts.iter_mut().zip(units) {
            *amount = quantum.amount(*units);
        }
    }
    Ok(())
}

pub(super) fn same_length(
    what: &'static str,
    expected: usize,
    found: usize,
) -> Result<(), AllocationError> {
    if expected == found {
        Ok(())
    } else {
        Err(AllocationError::LengthMismatch {
            what,
            expected,
            found,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_come_to_one_exact_scale() {
        let decimals = |texts: &[&str]| -> Vec<Decimal> {
            texts.iter().map(|text| text.parse().unwrap()).collect()
        };
        let same = LevelWeights::from_decimals(&decimals(&["1.2500", "0.0001"])).unwrap();
        assert_eq!(same, LevelWeights::from_integers(vec![12_500, 1]));
        let mixed = LevelWeights::from_decimals(&decimals(&["1.2500", "3", "0.5"])).unwrap();
        assert_eq!(mixed, LevelWeights::from_integers(vec![125, 300, 50]));
        assert!(matches!(
            LevelWeights::from_decimals(&decimals(&["1", "-1"])),
            Err(AllocationError::NegativeWeight { member: 1, .. })
        ));
        let fine = decimals(&[
            "79228162514264337593543950335",
            "0.0000000000000000000000000001",
        ]);
        assert_eq!(
            LevelWeights::from_decimals(&fine),
            Err(AllocationError::WeightTooFine { member: 0 })
        );
    }

    #[test]
    fn a_slice_is_part_of_its_level() {
        for wide in [0, 40, 70] {
            let weights = LevelWeights::from_wide(vec![1 << wide, 2 << wide, 3 << wide]);
            let slice = weights.slice(1..3).unwrap();
            assert_eq!((slice.len(), slice.is_empty()), (2, false));
            assert_eq!(weights.slice(0..3), Some(LevelSlice::from(&weights)));
            assert_eq!(weights.slice(1..4), None);
        }
    }
}
