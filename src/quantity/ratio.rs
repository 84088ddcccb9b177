//! A share, rate or factor as a fraction of two whole numbers, never divided before it is shown.

mod checked;

use std::cmp::Ordering;
use std::fmt;

use rust_decimal::Decimal;
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::rounding::{Rounding, divide};

/// An exact fraction in lowest terms with a positive denominator.
///
/// Documents write it as a decimal string when it has one (`"0.25"`), else as a fraction (`"1/3"`).
///
/// ```
/// use quotaflow::quantity::{Ratio, Rounding};
/// let attainment = Ratio::new(700, 900)?;
/// assert_eq!(attainment.to_string(), "7/9");
/// assert_eq!(attainment.to_decimal(4, Rounding::HalfAwayFromZero)?.to_string(), "0.7778");
/// assert!(attainment < Ratio::new(4, 5)?);
/// # Ok::<(), quotaflow::quantity::QuantityError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Ratio {
    numerator: i128,
    denominator: i128,
}

impl Ratio {
    /// Zero.
    pub const ZERO: Self = Self {
        numerator: 0,
        denominator: 1,
    };
    /// One: a hundred percent.
    pub const ONE: Self = Self {
        numerator: 1,
        denominator: 1,
    };

    /// Returns the ratio of a whole percentage: 80 is four fifths.
    #[must_use]
    pub fn percent(percent: i32) -> Self {
        Self::new(i128::from(percent), 100).unwrap_or(Self::ZERO)
    }

    /// Returns the numerator, in lowest terms; it carries the sign.
    #[must_use]
    pub fn numerator(self) -> i128 {
        self.numerator
    }

    /// Returns the denominator, in lowest terms; always positive.
    #[must_use]
    pub fn denominator(self) -> i128 {
        self.denominator
    }

    /// Says whether the value is below zero.
    #[must_use]
    pub fn is_negative(self) -> bool {
        self.numerator < 0
    }

    /// Says whether the value is zero.
    #[must_use]
    pub fn is_zero(self) -> bool {
        self.numerator == 0
    }

    fn to_units(self, places: u8, rounding: Rounding) -> Option<i128> {
        if places > 28 {
            return None;
        }
        let whole = self.numerator / self.denominator;
        let rest = self.numerator % self.denominator;
        let power = 10_i128.pow(u32::from(places));
        match rest.checked_mul(power) {
            Some(scaled) => {
                // The sign of a rest below a whole of zero is its own, so rounding each part alone is exact.
                let exact = whole
                    .checked_mul(power)?
                    .checked_add(scaled / self.denominator)?;
                let last = scaled % self.denominator;
                round_up_by(exact, last, self.denominator, rounding)
            }
            None => long_division(self, places, rounding),
        }
    }

    /// Returns the nearest decimal of at most 28 digits, for messages only.
    #[must_use]
    pub fn approximate(self) -> Decimal {
        (0..=12)
            .rev()
            .find_map(|places| self.to_decimal(places, Rounding::HalfAwayFromZero).ok())
            .unwrap_or(if self.is_negative() {
                Decimal::MIN
            } else {
                Decimal::MAX
            })
            .normalize()
    }

    /// Returns the value as an exact decimal, if it has one of at most 28 places.
    #[must_use]
    pub fn exact_decimal(self) -> Option<Decimal> {
        let (mut rest, mut twos, mut fives) = (self.denominator, 0_u32, 0_u32);
        while rest % 2 == 0 {
            (rest, twos) = (rest / 2, twos + 1);
        }
        while rest % 5 == 0 {
            (rest, fives) = (rest / 5, fives + 1);
        }
        let places = u8::try_from(twos.max(fives))
            .ok()
            .filter(|places| rest == 1 && *places <= 28)?;
        self.to_decimal(places, Rounding::TowardZero).ok()
    }
}

/// Steps a quotient truncated towards zero to the neighbour that `rounding` names; `last` is what truncation left.
fn round_up_by(truncated: i128, last: i128, denominator: i128, rounding: Rounding) -> Option<i128> {
    if last == 0 {
        return Some(truncated);
    }
    let away = if last < 0 { -1 } else { 1 };
    // Only the parity of the truncated value and the size of what is left decide; both are small here.
    let odd = truncated % 2 != 0;
    let moves = match rounding {
        Rounding::HalfEven => {
            divide(last, denominator, Rounding::HalfTowardZero)? != 0
                || (odd && divide(last, denominator, Rounding::HalfAwayFromZero)? != 0)
        }
        other => divide(last, denominator, other)? != 0,
    };
    if moves {
        truncated.checked_add(away)
    } else {
        Some(truncated)
    }
}

/// Digit by digit, for numerators and denominators so large that scaling would overflow.
fn long_division(ratio: Ratio, places: u8, rounding: Rounding) -> Option<i128> {
    let negative = ratio.numerator < 0;
    let denominator = ratio.denominator.unsigned_abs();
    let mut quotient = ratio.numerator.unsigned_abs() / denominator;
    let mut rest = ratio.numerator.unsigned_abs() % denominator;
    for _ in 0..places {
        // rest < denominator <= 2^127, so ten times it may not fit: subtract while adding up.
        let mut digit = 0_u128;
        let mut sum = 0_u128;
        for _ in 0..10 {
            if sum >= denominator - rest {
                sum -= denominator - rest;
                digit += 1;
            } else {
                sum += rest;
            }
        }
        rest = sum;
        quotient = quotient.checked_mul(10)?.checked_add(digit)?;
    }
    let signed = |value: u128| {
        i128::try_from(value)
            .ok()
            .map(|value| if negative { -value } else { value })
    };
    round_up_by(
        signed(quotient)?,
        signed(rest)?,
        ratio.denominator,
        rounding,
    )
}

/// The greatest common divisor; that of a number and 0 is the number.
pub(crate) fn gcd(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        if let (Ok(a), Ok(b)) = (u64::try_from(a), u64::try_from(b)) {
            return u128::from(gcd_of_halves(a, b));
        }
        (a, b) = (b, a % b);
    }
    a
}

/// The same in 64 bits: one division, since sizes often differ much, then halving and subtracting (Stein, 1967).
#[inline]
fn gcd_of_halves(a: u64, b: u64) -> u64 {
    let (mut a, mut b) = match b {
        0 => return a,
        b => (b, a % b),
    };
    if b == 0 {
        return a;
    }
    let twos = (a | b).trailing_zeros();
    a >>= a.trailing_zeros();
    loop {
        b >>= b.trailing_zeros();
        // Odd both.
        if a > b {
            (a, b) = (b, a);
        }
        b -= a;
        if b == 0 || a == 1 {
            return a << twos;
        }
    }
}

impl Ord for Ratio {
    fn cmp(&self, other: &Self) -> Ordering {
        if let (Some(left), Some(right)) = (
            self.numerator.checked_mul(other.denominator),
            other.numerator.checked_mul(self.denominator),
        ) {
            return left.cmp(&right);
        }
        compare_by_continued_fraction(*self, *other)
    }
}

/// Compares whole parts, then the reciprocals of what is left: exact for any size.
fn compare_by_continued_fraction(left: Ratio, right: Ratio) -> Ordering {
    let (mut a, mut b) = (left.numerator, left.denominator);
    let (mut c, mut d) = (right.numerator, right.denominator);
    loop {
        match a.div_euclid(b).cmp(&c.div_euclid(d)) {
            Ordering::Equal => {}
            different => return different,
        }
        let (rest_left, rest_right) = (a.rem_euclid(b), c.rem_euclid(d));
        match (rest_left == 0, rest_right == 0) {
            (true, true) => return Ordering::Equal,
            (true, false) => return Ordering::Less,
            (false, true) => return Ordering::Greater,
            // The reciprocals compare the other way round.
            (false, false) => (a, b, c, d) = (d, rest_right, b, rest_left),
        }
    }
}

impl PartialOrd for Ratio {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Default for Ratio {
    fn default() -> Self {
        Self::ZERO
    }
}

impl From<i64> for Ratio {
    fn from(value: i64) -> Self {
        Self {
            numerator: i128::from(value),
            denominator: 1,
        }
    }
}

impl From<Decimal> for Ratio {
    fn from(value: Decimal) -> Self {
        let exact = value.normalize();
        // A decimal has at most 28 places, and 10^28 fits.
        Self::new(exact.mantissa(), 10_i128.pow(exact.scale())).unwrap_or(Self::ZERO)
    }
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.exact_decimal() {
            Some(decimal) => fmt::Display::fmt(&decimal.normalize(), f),
            None => write!(f, "{}/{}", self.numerator, self.denominator),
        }
    }
}

impl Serialize for Ratio {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Ratio {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RatioVisitor)
    }
}

struct RatioVisitor;

impl Visitor<'_> for RatioVisitor {
    type Value = Ratio;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an exact number: a string such as \"0.25\" or \"1/3\", or a whole number")
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Ratio, E> {
        Ok(Ratio::from(value))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Ratio, E> {
        Ok(Ratio {
            numerator: i128::from(value),
            denominator: 1,
        })
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Ratio, E> {
        text.parse().map_err(E::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quantity::QuantityError;
    use proptest::prelude::*;

    fn ratio(numerator: i128, denominator: i128) -> Ratio {
        Ratio::new(numerator, denominator).unwrap()
    }

    #[test]
    fn texts_read_back() {
        for (text, shown) in [
            ("1/3", "1/3"),
            ("0.250", "0.25"),
            ("2/8", "0.25"),
            ("-1.5/3", "-0.5"),
            ("7", "7"),
        ] {
            let value: Ratio = text.parse().unwrap();
            assert_eq!(value.to_string(), shown);
            assert_eq!(shown.parse::<Ratio>().unwrap(), value);
        }
        assert_eq!("1/0".parse::<Ratio>(), Err(QuantityError::ZeroDenominator));
        assert!("1/2/3".parse::<Ratio>().is_err());
        assert!("one".parse::<Ratio>().is_err());
    }

    #[test]
    fn rounding_happens_once_from_the_exact_value() {
        let half_up = Rounding::HalfAwayFromZero;
        assert_eq!(
            ratio(1, 8).to_decimal(2, half_up).unwrap().to_string(),
            "0.13"
        );
        assert_eq!(
            ratio(-1, 8).to_decimal(2, half_up).unwrap().to_string(),
            "-0.13"
        );
        assert_eq!(
            ratio(3, 8)
                .to_decimal(2, Rounding::HalfEven)
                .unwrap()
                .to_string(),
            "0.38"
        );
        assert_eq!(
            ratio(1, 8)
                .to_decimal(2, Rounding::HalfEven)
                .unwrap()
                .to_string(),
            "0.12"
        );
        assert_eq!(
            ratio(-5, 2)
                .to_decimal(0, Rounding::Floor)
                .unwrap()
                .to_string(),
            "-3"
        );
        assert_eq!(
            ratio(i128::MAX, 1).to_decimal(2, half_up),
            Err(QuantityError::TooManyDigits)
        );
        let large = ratio(i128::MAX - 1, i128::MAX);
        assert_eq!(
            large.to_decimal(20, Rounding::Floor).unwrap().to_string(),
            "0.99999999999999999999"
        );
        assert_eq!(
            large.to_decimal(20, half_up).unwrap().to_string(),
            "1.00000000000000000000"
        );
    }

    #[test]
    fn a_product_that_has_no_opposite_is_out_of_range() {
        let product = ratio(-(1 << 126), 1).checked_mul(ratio(2, 1));
        assert_eq!(product, Err(QuantityError::RatioOverflow));
    }

    #[test]
    fn the_largest_ratios_compare_exactly() {
        let left = ratio(i128::MAX - 1, i128::MAX);
        let right = ratio(i128::MAX - 2, i128::MAX - 1);
        assert!(right < left);
        assert_eq!(left.cmp(&left), Ordering::Equal);
        assert!(ratio(-1, i128::MAX) < ratio(1, i128::MAX));
    }

    proptest! {
        #[test]
        fn arithmetic_agrees_with_cross_multiplication(a in -9_000_i128..9_000, b in 1_i128..9_000, c in -9_000_i128..9_000, d in 1_i128..9_000) {
            let (x, y) = (ratio(a, b), ratio(c, d));
            prop_assert_eq!(x.checked_add(y).unwrap(), ratio(a * d + c * b, b * d));
            prop_assert_eq!(x.checked_sub(y).unwrap(), ratio(a * d - c * b, b * d));
            prop_assert_eq!(x.checked_mul(y).unwrap(), ratio(a * c, b * d));
            prop_assert_eq!(x.cmp(&y), (a * d).cmp(&(c * b)));
            prop_assert_eq!(compare_by_continued_fraction(x, y), (a * d).cmp(&(c * b)));
            if c != 0 {
                prop_assert_eq!(x.checked_div(y).unwrap(), ratio(a * d, b * c));
            }
        }

        #[test]
        fn the_common_divisor_is_that_of_euclid(a: u128, b: u128, shorter in (0_u32..128, 0_u32..128), common in 1_u128..1_000) {
            let (a, b) = ((a >> shorter.0) / 1_000 * common, (b >> shorter.1) / 1_000 * common);
            let (mut x, mut y) = (a, b);
            while y != 0 {
                (x, y) = (y, x % y);
            }
            prop_assert_eq!(gcd(a, b), x);
            prop_assert_eq!(gcd(b, a), x);
        }

        #[test]
        fn a_product_is_in_lowest_terms(a: i128, b in 1_i128.., c: i128, d in 1_i128.., shorter in (0_u32..127, 0_u32..127, 0_u32..127, 0_u32..127)) {
            let of = |top: i128, bottom: i128| Ratio::new(top, bottom.max(1));
            let (Ok(x), Ok(y)) = (of(a >> shorter.0, b >> shorter.1), of(c >> shorter.2, d >> shorter.3)) else {
                return Ok(());
            };
            if let Ok(product) = x.checked_mul(y) {
                prop_assert_eq!(ratio(product.numerator, product.denominator), product);
                prop_assert_eq!(x.checked_mul(Ratio::ONE).unwrap(), x);
                if !y.is_zero() {
                    prop_assert_eq!(product.checked_div(y), Ok(x));
                }
            }
        }

        #[test]
        fn long_division_agrees_with_scaling(a in -1_000_000_i128..1_000_000, b in 1_i128..1_000_000, places in 0_u8..8) {
            for rounding in [Rounding::HalfAwayFromZero, Rounding::HalfEven, Rounding::HalfTowardZero, Rounding::Floor, Rounding::Ceiling, Rounding::TowardZero, Rounding::AwayFromZero] {
                let expected = divide(a * 10_i128.pow(u32::from(places)), b, rounding);
                prop_assert_eq!(long_division(ratio(a, b), places, rounding), expected);
                prop_assert_eq!(ratio(a, b).to_units(places, rounding), expected);
            }
        }

        #[test]
        fn a_ratio_reads_back(a in -i128::MAX.., b in 1_i128.., short: bool) {
            let value = if short { ratio(a >> 80, (b >> 80) + 1) } else { ratio(a, b) };
            let text = serde_json::to_string(&value).unwrap();
            prop_assert_eq!(serde_json::from_str::<Ratio>(&text).unwrap(), value);
        }
    }
}
