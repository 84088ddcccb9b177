//! Whole numbers of any size. What a chart compares is brought to whole numbers, so that a value on a limit is on it and
//! neither side of it; moving averages of long courses need more digits than any fixed width has.

use std::cmp::Ordering;

/// A whole number; small ones take no memory of their own.
#[derive(Debug, Clone)]
pub(crate) enum Whole {
    Small(i128),
    /// The digits to the base 2^64, the lowest first and the highest not zero; never a number that is small.
    Large(bool, Vec<u64>),
}

impl Whole {
    pub(crate) const ZERO: Self = Self::Small(0);

    /// Returns a number from its sign and digits.
    fn of(negative: bool, mut digits: Vec<u64>) -> Self {
        while digits.last() == Some(&0) {
            digits.pop();
        }
        let small = match *digits.as_slice() {
            [] => Some(0),
            [low] => Some(i128::from(low)),
            [low, high] => i128::try_from(u128::from(high) << 64 | u128::from(low)).ok(),
            _ => None,
        };
        match small {
            Some(small) => Self::Small(if negative { -small } else { small }),
            None => Self::Large(negative, digits),
        }
    }

    fn parts(&self) -> (bool, Vec<u64>) {
        match self {
            Self::Small(small) => {
                let size = small.unsigned_abs();
                // The two halves of 128 bits.
                let halves = [size & u128::from(u64::MAX), size >> 64];
                let mut digits: Vec<u64> = halves
                    .into_iter()
                    .map(|half| u64::try_from(half).unwrap_or(u64::MAX))
                    .collect();
                while digits.last() == Some(&0) {
                    digits.pop();
                }
                (*small < 0, digits)
            }
            Self::Large(negative, digits) => (*negative, digits.clone()),
        }
    }

    /// Returns the sum.
    pub(crate) fn plus(&self, other: &Self) -> Self {
        if let (Self::Small(left), Self::Small(right)) = (self, other)
            && let Some(sum) = left.checked_add(*right)
        {
            return Self::Small(sum);
        }
        let ((left_below, left), (right_below, right)) = (self.parts(), other.parts());
        if left_below == right_below {
            return Self::of(left_below, sum(&left, &right));
        }
        match order(&left, &right) {
            Ordering::Less => Self::of(right_below, rest(&right, &left)),
            Ordering::Equal => Self::ZERO,
            Ordering::Greater => Self::of(left_below, rest(&left, &right)),
        }
    }

    /// Returns the difference.
    pub(crate) fn less(&self, other: &Self) -> Self {
        self.plus(&other.negated())
    }

    /// Returns the number with the other sign.
    pub(crate) fn negated(&self) -> Self {
        match self {
            Self::Small(small) => match small.checked_neg() {
                Some(other) => Self::Small(other),
                None => Self::of(false, self.parts().1),
            },
            Self::Large(negative, digits) => Self::of(!negative, digits.clone()),
        }
    }

    /// Returns the product.
    pub(crate) fn times(&self, other: &Self) -> Self {
        if let (Self::Small(left), Self::Small(right)) = (self, other)
            && let Some(product) = left.checked_mul(*right)
        {
            return Self::Small(product);
        }
        let ((left_below, left), (right_below, right)) = (self.parts(), other.parts());
        Self::of(left_below != right_below, product(&left, &right))
    }

    /// Returns the square.
    pub(crate) fn squared(&self) -> Self {
        self.times(self)
    }

    /// Returns the number without its sign.
    pub(crate) fn size(&self) -> Self {
        if self.sign().is_lt() {
            self.negated()
        } else {
            self.clone()
        }
    }

    /// Returns the sign: below, at or above zero.
    pub(crate) fn sign(&self) -> Ordering {
        match self {
            Self::Small(small) => small.cmp(&0),
            Self::Large(true, _) => Ordering::Less,
            Self::Large(false, _) => Ordering::Greater,
        }
    }

    /// Returns the nearest floats of a fraction and of its power of two: for drawing, and for what a float can tell apart.
    #[expect(
        clippy::cast_precision_loss,
        reason = "the nearest float is what is asked for"
    )]
    fn float(&self) -> (f64, i32) {
        match self {
            Self::Small(small) => (*small as f64, 0),
            Self::Large(negative, digits) => {
                let mut top = digits.iter().rev();
                let (high, next) = (top.next().unwrap_or(&0), top.next().unwrap_or(&0));
                let size = *high as f64 * 2_f64.powi(64) + *next as f64;
                let places = i32::try_from(digits.len().saturating_sub(2)).unwrap_or(i32::MAX / 64);
                (if *negative { -size } else { size }, 64 * places)
            }
        }
    }

    /// Returns about the quotient, right to some units in the last place of a float.
    pub(crate) fn over(&self, other: &Self) -> f64 {
        let ((above, above_power), (below, below_power)) = (self.float(), other.float());
        above / below * 2_f64.powi(above_power - below_power)
    }
}

impl From<i128> for Whole {
    fn from(small: i128) -> Self {
        Self::Small(small)
    }
}

impl PartialEq for Whole {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Whole {}

impl PartialOrd for Whole {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Whole {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Small(left), Self::Small(right)) => left.cmp(right),
            // What is large lies beyond all that is small.
            (Self::Small(_), Self::Large(negative, _)) if *negative => Ordering::Greater,
            (Self::Small(_), Self::Large(..)) => Ordering::Less,
            (Self::Large(negative, _), Self::Small(_)) if *negative => Ordering::Less,
            (Self::Large(..), Self::Small(_)) => Ordering::Greater,
            (Self::Large(left_below, left), Self::Large(right_below, right)) => {
                match (left_below, right_below) {
                    (false, true) => Ordering::Greater,
                    (true, false) => Ordering::Less,
                    (false, false) => order(left, right),
                    (true, true) => order(right, left),
                }
            }
        }
    }
}

fn order(left: &[u64], right: &[u64]) -> Ordering {
    left.len()
        .cmp(&right.len())
        .then_with(|| left.iter().rev().cmp(right.iter().rev()))
}

/// Returns the low and the high half.
fn halves(value: u128) -> (u64, u64) {
    let low = value & u128::from(u64::MAX);
    let half = |half: u128| u64::try_from(half).unwrap_or(u64::MAX);
    (half(low), half(value >> 64))
}

fn sum(left: &[u64], right: &[u64]) -> Vec<u64> {
    let mut digits = Vec::with_capacity(left.len().max(right.len()) + 1);
    let mut carry = 0_u64;
    for at in 0..left.len().max(right.len()) {
        let digit = |of: &[u64]| u128::from(of.get(at).copied().unwrap_or(0));
        let (low, high) = halves(digit(left) + digit(right) + u128::from(carry));
        digits.push(low);
        carry = high;
    }
    digits.push(carry);
    digits
}

/// Returns the difference, where the left number is not the smaller one.
fn rest(left: &[u64], right: &[u64]) -> Vec<u64> {
    let mut borrow = false;
    let mut digits = Vec::with_capacity(left.len());
    for (at, digit) in left.iter().enumerate() {
        let (once, first) = digit.overflowing_sub(right.get(at).copied().unwrap_or(0));
        let (twice, second) = once.overflowing_sub(u64::from(borrow));
        borrow = first || second;
        digits.push(twice);
    }
    digits
}

fn product(left: &[u64], right: &[u64]) -> Vec<u64> {
    let mut digits = vec![0_u64; left.len() + right.len()];
    for (at, one) in left.iter().enumerate() {
        let mut carry = 0_u64;
        for (place, other) in right.iter().enumerate() {
            let here = &mut digits[at + place];
            let both = u128::from(*one) * u128::from(*other);
            let (low, high) = halves(both + u128::from(*here) + u128::from(carry));
            *here = low;
            carry = high;
        }
        digits[at + right.len()] = carry;
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// A number cut in two around a power of two is the same number.
        #[test]
        fn small_and_large_numbers_keep_the_laws_of_rings(a: i128, b: i128, c: i128, d in any::<i64>()) {
            let [a, b, c] = [a, b, c].map(Whole::from);
            let d = Whole::from(i128::from(d));
            prop_assert_eq!(a.plus(&b), b.plus(&a));
            prop_assert_eq!(a.plus(&b).less(&b), a.clone());
            prop_assert_eq!(a.times(&b).times(&c), c.times(&b).times(&a));
            prop_assert_eq!(a.plus(&b).times(&c), a.times(&c).plus(&b.times(&c)));
            prop_assert_eq!(a.less(&b).squared().plus(&a.times(&b).times(&Whole::from(4))), a.plus(&b).squared());
            prop_assert_eq!(a.times(&b).cmp(&a.times(&b).plus(&d)), Whole::ZERO.cmp(&d));
            prop_assert_eq!(a.times(&b).sign(), match (a.sign(), b.sign()) {
                (Ordering::Equal, _) | (_, Ordering::Equal) => Ordering::Equal,
                (left, right) if left == right => Ordering::Greater,
                _ => Ordering::Less,
            });
            let (large, small) = (a.squared().times(&b), a.squared());
            if a.sign().is_ne() {
                let (found, expected) = (large.over(&small), b.over(&Whole::from(1)));
                prop_assert!((found - expected).abs() <= expected.abs() * 1e-14, "{found} {expected}");
            }
        }
    }

    #[test]
    fn the_least_small_number_has_a_size() {
        let least = Whole::from(i128::MIN);
        assert_eq!(least.size().plus(&least), Whole::ZERO);
        assert!(least < Whole::from(i128::MIN + 1));
        assert!(least.times(&Whole::from(2)) < least);
        assert!(least.size() > Whole::from(i128::MAX));
    }

    #[test]
    fn what_is_large_lies_beyond_all_that_is_small() {
        let largest = Whole::from(i128::MAX).times(&Whole::from(i128::MAX));
        let least = Whole::ZERO.less(&largest);
        for small in [i128::MIN, -1, 0, 1, i128::MAX].map(Whole::from) {
            assert_eq!(least.cmp(&small), Ordering::Less);
            assert_eq!(small.cmp(&least), Ordering::Greater);
            assert_eq!(small.cmp(&largest), Ordering::Less);
            assert_eq!(largest.cmp(&small), Ordering::Greater);
        }
        assert_eq!(least.cmp(&largest), Ordering::Less);
        assert_eq!(largest.cmp(&least), Ordering::Greater);
    }
}
