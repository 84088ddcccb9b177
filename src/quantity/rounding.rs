//! Whole-number division with a named rounding.

use serde::{Deserialize, Serialize};

/// Which whole number stands for a value between two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Rounding {
    /// The nearest; a half goes away from zero (commercial rounding). The default.
    #[default]
    HalfAwayFromZero,
    /// The nearest; a half goes to the even neighbour (banker's rounding).
    HalfEven,
    /// The nearest; a half goes towards zero.
    HalfTowardZero,
    /// Towards minus infinity.
    Floor,
    /// Towards plus infinity.
    Ceiling,
    /// Towards zero.
    TowardZero,
    /// Away from zero.
    AwayFromZero,
}

/// Returns `numerator / denominator` as a whole number, or `None` when the denominator is zero or the result overflows.
#[must_use]
pub fn divide(numerator: i128, denominator: i128, rounding: Rounding) -> Option<i128> {
    let quotient = numerator.checked_div(denominator)?;
    let remainder = numerator.checked_rem(denominator)?;
    if remainder == 0 {
        return Some(quotient);
    }
    let away = if (remainder < 0) == (denominator < 0) {
        1
    } else {
        -1
    };
    let from_zero = remainder.unsigned_abs();
    let to_next = denominator.unsigned_abs() - from_zero;
    let moves = match rounding {
        Rounding::HalfAwayFromZero => from_zero >= to_next,
        Rounding::HalfTowardZero => from_zero > to_next,
        Rounding::HalfEven => from_zero > to_next || (from_zero == to_next && quotient % 2 != 0),
        Rounding::Floor => away < 0,
        Rounding::Ceiling => away > 0,
        Rounding::TowardZero => false,
        Rounding::AwayFromZero => true,
    };
    if moves {
        quotient.checked_add(away)
    } else {
        Some(quotient)
    }
}

/// Returns `value * numerator / denominator` as a whole number of 64 bits, rounded once; `None` when the denominator is
/// zero or the product or the result leaves its range.
#[must_use]
pub fn mul_divide(
    value: i64,
    numerator: i128,
    denominator: i128,
    rounding: Rounding,
) -> Option<i64> {
    let product = i128::from(value).checked_mul(numerator)?;
    i64::try_from(divide(product, denominator, rounding)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rounding_moves_a_half_its_own_way() {
        let cases = [
            (Rounding::HalfAwayFromZero, [3, -3, 2, 2]),
            (Rounding::HalfEven, [2, -2, 2, 2]),
            (Rounding::HalfTowardZero, [2, -2, 2, 2]),
            (Rounding::Floor, [2, -3, 2, 1]),
            (Rounding::Ceiling, [3, -2, 3, 2]),
            (Rounding::TowardZero, [2, -2, 2, 1]),
            (Rounding::AwayFromZero, [3, -3, 3, 2]),
        ];
        for (rounding, expected) in cases {
            let found =
                [(5, 2), (-5, 2), (9, 4), (-7, -4)].map(|(n, d)| divide(n, d, rounding).unwrap());
            assert_eq!(found, expected, "{rounding:?}");
        }
        assert_eq!(divide(7, -4, Rounding::HalfAwayFromZero), Some(-2));
        assert_eq!(divide(1, 0, Rounding::Floor), None);
        assert_eq!(divide(i128::MIN, -1, Rounding::Floor), None);
        assert_eq!(divide(i128::MAX, i128::MIN, Rounding::HalfEven), Some(-1));
    }

    #[test]
    fn a_product_beyond_the_range_is_none() {
        assert_eq!(mul_divide(i64::MAX, 2, 2, Rounding::Floor), Some(i64::MAX));
        assert_eq!(mul_divide(i64::MAX, 2, 1, Rounding::Floor), None);
        assert_eq!(mul_divide(i64::MAX, i128::MAX, 1, Rounding::Floor), None);
    }
}
