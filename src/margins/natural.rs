//! Whole numbers of any size, for exact comparison of long products.

use std::cmp::Ordering;

/// A whole number from zero up: limbs of 64 bits, the lowest first, no zero limb at the top.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Natural(Vec<u64>);

impl Natural {
    pub(super) fn one() -> Self {
        Self(vec![1])
    }

    /// Returns the product with a number of 64 bits.
    pub(super) fn times(&self, factor: u64) -> Self {
        let mut limbs = Vec::with_capacity(self.0.len() + 1);
        let mut carry = 0_u64;
        for limb in &self.0 {
            let product = u128::from(*limb) * u128::from(factor) + u128::from(carry);
            limbs.push(low(product));
            carry = low(product >> 64);
        }
        limbs.push(carry);
        trimmed(limbs)
    }

    /// Returns the product.
    pub(super) fn product(&self, other: &Self) -> Self {
        let mut limbs = vec![0_u64; self.0.len() + other.0.len()];
        for (place, limb) in self.0.iter().enumerate() {
            let mut carry = 0_u64;
            for (other_place, other_limb) in other.0.iter().enumerate() {
                let slot = &mut limbs[place + other_place];
                // At most (2^64 - 1)^2 + 2 (2^64 - 1), which is 2^128 - 1.
                let sum = u128::from(*limb) * u128::from(*other_limb)
                    + u128::from(*slot)
                    + u128::from(carry);
                *slot = low(sum);
                carry = low(sum >> 64);
            }
            limbs[place + other.0.len()] = carry;
        }
        trimmed(limbs)
    }
}

impl Ord for Natural {
    fn cmp(&self, other: &Self) -> Ordering {
        let by_length = self.0.len().cmp(&other.0.len());
        by_length.then_with(|| self.0.iter().rev().cmp(other.0.iter().rev()))
    }
}

impl PartialOrd for Natural {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

fn trimmed(mut limbs: Vec<u64>) -> Natural {
    while limbs.last() == Some(&0) {
        limbs.pop();
    }
    Natural(limbs)
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the low 64 bits are what is wanted"
)]
fn low(value: u128) -> u64 {
    value as u64
}

/// A fraction of two such numbers, both above zero; not in lowest terms.
#[derive(Debug, Clone)]
pub(super) struct Fraction {
    pub(super) above: Natural,
    pub(super) below: Natural,
}

impl Fraction {
    pub(super) fn one() -> Self {
        Self {
            above: Natural::one(),
            below: Natural::one(),
        }
    }

    pub(super) fn times(&self, above: u64, below: u64) -> Self {
        Self {
            above: self.above.times(above),
            below: self.below.times(below),
        }
    }

    pub(super) fn compare(&self, other: &Self) -> Ordering {
        let left = self.above.product(&other.below);
        left.cmp(&other.above.product(&self.below))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn products_compare_as_those_of_128_bits(a: u32, b: u32, c: u32, d: u32) {
            let natural = |x: u32, y: u32| Natural::one().times(u64::from(x)).product(&Natural::one().times(u64::from(y)));
            let (left, right) = (u64::from(a) * u64::from(b), u64::from(c) * u64::from(d));
            prop_assert_eq!(natural(a, b).cmp(&natural(c, d)), left.cmp(&right));
        }

        #[test]
        fn products_do_not_depend_on_their_order(factors in prop::collection::vec(1..u64::MAX, 1..8)) {
            let up = factors.iter().fold(Natural::one(), |product, factor| product.times(*factor));
            let down = factors.iter().rev().fold(Natural::one(), |product, factor| {
                product.product(&Natural::one().times(*factor))
            });
            prop_assert_eq!(&up, &down);
            prop_assert_eq!(up.times(2).cmp(&down), Ordering::Greater);
        }
    }
}
