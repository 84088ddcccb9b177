//! Exact products of up to 256 bits: what very fine weights need.

use std::cmp::Ordering;

/// The largest sum of weights: three times it still fits 128 bits, which [`mul_div_rem`] relies on.
pub(crate) const MAX_SUM: u128 = 1 << 126;

/// The most members of one node.
pub(crate) const MAX_MEMBERS: usize = u32::MAX as usize;

/// Returns quotient and remainder of `amount * weight / sum`, for `weight <= sum <= MAX_SUM` and `sum > 0`.
///
/// The quotient is at most `amount`, so it never overflows; the product may be of any size.
pub(crate) fn mul_div_rem(amount: u128, weight: u128, sum: u128) -> (u128, u128) {
    if let Some(product) = amount.checked_mul(weight) {
        return (product / sum, product % sum);
    }
    // Horner's scheme over the bits of the amount: quotient and remainder of the leading bits so far.
    let (mut quotient, mut rest) = (0_u128, 0_u128);
    for bit in (0..128 - amount.leading_zeros()).rev() {
        quotient <<= 1;
        rest <<= 1;
        if (amount >> bit) & 1 == 1 {
            rest += weight;
        }
        // rest < 2 * sum + weight <= 3 * sum, so two subtractions are enough.
        if rest >= sum {
            (quotient, rest) = (quotient + 1, rest - sum);
        }
        if rest >= sum {
            (quotient, rest) = (quotient + 1, rest - sum);
        }
    }
    (quotient, rest)
}

/// A divisor of 64 bits made ready for many divisions of 128-bit products, each by two multiplications.
///
/// The method of N. Moeller and T. Granlund, *Improved division by invariant integers*, IEEE Transactions on Computers 60
/// (2011), algorithm 4.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reciprocal {
    /// The divisor with its highest bit moved to the top.
    divisor: u64,
    inverse: u64,
    shift: u32,
}

impl Reciprocal {
    /// Makes a divisor ready; zero counts as one.
    pub(crate) fn new(divisor: u64) -> Self {
        let shift = divisor.max(1).leading_zeros();
        let divisor = divisor.max(1) << shift;
        let inverse = u128::MAX / u128::from(divisor) - (1 << 64);
        Self {
            divisor,
            inverse: low(inverse),
            shift,
        }
    }

    /// Returns quotient and remainder of `a * b`, where one of them is below the divisor and the other at most equal to
    /// it.
    #[inline]
    pub(crate) fn mul_div_rem(self, a: u64, b: u64) -> (u64, u64) {
        // At most divisor x (divisor - 1), so shifting by the leading zeros of the divisor loses nothing.
        let product = (u128::from(a) * u128::from(b)) << self.shift;
        let (high, rest) = (low(product >> 64), low(product));
        let estimate = (u128::from(self.inverse) * u128::from(high)).wrapping_add(product);
        let mut quotient = low(estimate >> 64).wrapping_add(1);
        let mut remainder = rest.wrapping_sub(quotient.wrapping_mul(self.divisor));
        if remainder > low(estimate) {
            quotient = quotient.wrapping_sub(1);
            remainder = remainder.wrapping_add(self.divisor);
        }
        if remainder >= self.divisor {
            quotient = quotient.wrapping_add(1);
            remainder -= self.divisor;
        }
        (quotient, remainder >> self.shift)
    }
}

#[inline]
#[expect(
    clippy::cast_possible_truncation,
    reason = "the low half is what is asked for"
)]
const fn low(value: u128) -> u64 {
    value as u64
}

const HALF: u128 = (1 << 64) - 1;

/// Returns the product as its high and low 128 bits.
pub(crate) fn product(a: u128, b: u128) -> (u128, u128) {
    if let Some(low) = a.checked_mul(b) {
        return (0, low);
    }
    let (a1, a0, b1, b0) = (a >> 64, a & HALF, b >> 64, b & HALF);
    let low = a0 * b0;
    // Each partial product is below 2^128 - 2^65, so one carry of 64 bits fits on top.
    let middle = a1 * b0 + (low >> 64);
    let other = a0 * b1 + (middle & HALF);
    (
        a1 * b1 + (middle >> 64) + (other >> 64),
        (other << 64) | (low & HALF),
    )
}

/// Returns the product as its limbs of 128 bits, the highest first.
pub(crate) fn product_of_three(a: u128, b: u128, c: u128) -> (u128, u128, u128) {
    if (a | b) >> 32 == 0 && c >> 64 == 0 {
        return (0, 0, a * b * c);
    }
    let (high, low) = product(a, b);
    let (carry, lowest) = product(low, c);
    if high == 0 {
        return (0, carry, lowest);
    }
    let (highest, middle) = product(high, c);
    let (middle, over) = middle.overflowing_add(carry);
    // The product of three is below 2^384, so the highest limb has room for the carry.
    (highest + u128::from(over), middle, lowest)
}

/// Compares `a * b` with `c * d` exactly.
pub(crate) fn compare_products(a: u128, b: u128, c: u128, d: u128) -> Ordering {
    if (a | b | c | d) >> 64 == 0 {
        return (a * b).cmp(&(c * d));
    }
    product(a, b).cmp(&product(c, d))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn products_carry_across_all_limbs() {
        assert_eq!(product(u128::MAX, u128::MAX), (u128::MAX - 1, 1));
        assert_eq!(product(1 << 127, 4), (2, 0));
        assert_eq!(
            mul_div_rem(u128::from(u64::MAX), MAX_SUM, MAX_SUM),
            (u128::from(u64::MAX), 0)
        );
        assert_eq!(
            mul_div_rem(1 << 63, MAX_SUM - 1, MAX_SUM),
            ((1 << 63) - 1, MAX_SUM - (1 << 63))
        );
    }

    #[test]
    fn three_factors_carry_too() {
        let top = u128::MAX;
        // (2^128 - 1)^3 = 2^384 - 3 * 2^256 + 3 * 2^128 - 1.
        assert_eq!(product_of_three(top, top, top), (top - 2, 2, top));
        assert_eq!(
            product_of_three(1 << 100, 1 << 100, 1 << 100),
            (1 << 44, 0, 0)
        );
    }

    #[test]
    fn division_by_a_reciprocal_is_exact_at_the_ends_of_the_range() {
        let ends = [
            1,
            2,
            3,
            1 << 31,
            (1 << 32) - 1,
            1 << 32,
            1 << 62,
            (1 << 63) - 1,
            1 << 63,
            u64::MAX - 1,
            u64::MAX,
        ];
        for divisor in ends {
            for a in ends.iter().map(|a| a % divisor).chain([0, divisor - 1]) {
                for b in ends.iter().copied().filter(|b| *b <= divisor) {
                    let product = u128::from(a) * u128::from(b);
                    let expected = (product / u128::from(divisor), product % u128::from(divisor));
                    let (quotient, rest) = Reciprocal::new(divisor).mul_div_rem(a, b);
                    assert_eq!(
                        (u128::from(quotient), u128::from(rest)),
                        expected,
                        "{a} x {b} / {divisor}"
                    );
                }
            }
        }
    }

    proptest! {
        #[test]
        fn division_by_a_reciprocal_is_division(divisor in 1_u64.., shift in 0_u32..63, a: u64, b: u64) {
            let divisor = (divisor >> shift).max(1);
            let (a, b) = (a % divisor, b % divisor);
            let product = u128::from(a) * u128::from(b);
            let (quotient, rest) = Reciprocal::new(divisor).mul_div_rem(a, b);
            prop_assert_eq!(u128::from(quotient) * u128::from(divisor) + u128::from(rest), product);
            prop_assert!(rest < divisor);
        }

        #[test]
        fn quotient_and_remainder_recompose_the_product(amount: u64, a in 0..=MAX_SUM, b in 1..=MAX_SUM) {
            let (weight, sum) = (a.min(b), a.max(b));
            let (quotient, rest) = mul_div_rem(u128::from(amount), weight, sum);
            prop_assert!(rest < sum);
            let (high, low) = product(quotient, sum);
            let (low, carry) = low.overflowing_add(rest);
            prop_assert_eq!((high + u128::from(carry), low), product(u128::from(amount), weight));
        }

        #[test]
        fn halves_of_a_product_agree_with_shifts(a: u128, b in 0_u32..128) {
            let expected = if b == 0 { (0, a) } else { (a >> (128 - b), a << b) };
            prop_assert_eq!(product(a, 1 << b), expected);
            prop_assert_eq!(product(1 << b, a), expected);
        }
    }
}
