//! Exact products of up to 256 bits: what very fine weights need.

use std::cmp::Ordering;

/// The largest sum of weights: three times it still fits 128 bits, which [`mul_div_rem`] relies on.
pub(crate) const MAX_SUM: u128 = 1 << 126;

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
    product(a, b).cmp(&product(c, d))
}

pub(crate) fn gcd(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
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

    proptest! {
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
