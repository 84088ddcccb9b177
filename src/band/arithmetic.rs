//! What is known of sums, multiples and quotients of numbers of which it is known where they lie (interval arithmetic; Moore,
//! 1966).

use std::cmp::Ordering;
use std::ops::Bound;

use super::Interval;
use crate::quantity::Ratio;

/// An end, and whether it belongs to the interval; none where there is no end.
type End = Option<(Ratio, bool)>;

impl Interval {
    /// Returns the numbers in both; `None` where there is none.
    pub(crate) fn and(self, other: Self) -> Option<Self> {
        let both = Self {
            lower: tighter(self.lower, other.lower, Ordering::Greater),
            upper: tighter(self.upper, other.upper, Ordering::Less),
        };
        (!both.is_empty()).then_some(both)
    }

    /// Returns where the sum of a number of each lies.
    pub(crate) fn plus(self, other: Self) -> Self {
        let sum = |left: Bound<Ratio>, right: Bound<Ratio>| {
            let ((left, closed), (right, also)) = end(left).zip(end(right))?;
            Some((left.checked_add(right).ok()?, closed && also))
        };
        Self {
            lower: bound(sum(self.lower, other.lower)),
            upper: bound(sum(self.upper, other.upper)),
        }
    }

    /// Returns where so many times a number lies.
    pub(crate) fn times(self, factor: Ratio) -> Self {
        if factor.is_zero() {
            let zero = Bound::Included(Ratio::ZERO);
            return Self {
                lower: zero,
                upper: zero,
            };
        }
        let scaled = |of: Bound<Ratio>| {
            let (value, closed) = end(of)?;
            Some((value.checked_mul(factor).ok()?, closed))
        };
        let (lower, upper) = (bound(scaled(self.lower)), bound(scaled(self.upper)));
        if factor.is_negative() {
            Self {
                lower: upper,
                upper: lower,
            }
        } else {
            Self { lower, upper }
        }
    }

    /// Returns where a number of the one over a number of the other lies that is not zero; all numbers where one of the two may
    /// be negative.
    pub(crate) fn over(self, other: Self) -> Self {
        if !self.not_negative() || !other.not_negative() {
            return Self::ALL;
        }
        // Of numbers that are not negative: the smallest over the largest, the largest over the smallest.
        let quotient = |of: Bound<Ratio>, by: Bound<Ratio>| {
            let ((of, closed), (by, also)) = end(of).zip(end(by))?;
            // Zero over anything is zero.
            Some((of.checked_div(by).ok()?, closed && (also || of.is_zero())))
        };
        let zero = Some((Ratio::ZERO, true));
        Self {
            lower: bound(quotient(self.lower, other.upper).or(zero)),
            upper: bound(quotient(self.upper, other.lower)),
        }
    }

    fn not_negative(self) -> bool {
        end(self.lower).is_some_and(|(lower, _)| lower >= Ratio::ZERO)
    }
}

/// Returns the end that leaves less: the one that stands as `wanted` to the other, the open one of two at one point.
fn tighter(left: Bound<Ratio>, right: Bound<Ratio>, wanted: Ordering) -> Bound<Ratio> {
    match (end(left), end(right)) {
        (Some((one, closed)), Some((two, _))) => match one.cmp(&two) {
            Ordering::Equal if closed => right,
            Ordering::Equal => left,
            order if order == wanted => left,
            _ => right,
        },
        (Some(_), None) => left,
        (None, _) => right,
    }
}

fn end(of: Bound<Ratio>) -> End {
    match of {
        Bound::Included(at) => Some((at, true)),
        Bound::Excluded(at) => Some((at, false)),
        Bound::Unbounded => None,
    }
}

fn bound(end: End) -> Bound<Ratio> {
    match end {
        Some((at, true)) => Bound::Included(at),
        Some((at, false)) => Bound::Excluded(at),
        None => Bound::Unbounded,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn interval() -> impl Strategy<Value = Interval> {
        let end = || (-6_i64..7, 0..3_u8);
        (end(), end()).prop_filter_map("no number in it", |(low, high)| {
            let end = |(at, sort): (i64, u8)| match sort {
                0 => Bound::Included(Ratio::from(at)),
                1 => Bound::Excluded(Ratio::from(at)),
                _ => Bound::Unbounded,
            };
            Interval::new(end(low), end(high)).ok()
        })
    }

    fn halves() -> impl Iterator<Item = Ratio> {
        (-28_i128..29).filter_map(|half| Ratio::new(half, 4).ok())
    }

    proptest! {
        #[test]
        fn what_is_computed_of_intervals_holds_what_is_computed_of_their_numbers(left in interval(), right in interval(), factor in -3_i64..4) {
            let factor = Ratio::from(factor);
            for one in halves().filter(|one| left.contains(*one)) {
                prop_assert!(left.times(factor).contains(one.checked_mul(factor).unwrap()));
                for two in halves().filter(|two| right.contains(*two)) {
                    prop_assert!(left.plus(right).contains(one.checked_add(two).unwrap()));
                    if let Ok(quotient) = one.checked_div(two) {
                        prop_assert!(left.over(right).contains(quotient), "{} over {} in {}", one, two, left.over(right));
                    }
                }
            }
        }

        #[test]
        fn a_number_is_in_both_where_it_is_in_each(left in interval(), right in interval()) {
            let both = left.and(right);
            for number in halves() {
                let held = both.is_some_and(|both| both.contains(number));
                prop_assert_eq!(held, left.contains(number) && right.contains(number));
            }
            prop_assert_eq!(both, right.and(left));
        }
    }

    #[test]
    fn the_ends_are_the_nearest_that_hold() {
        let of = |text: &str| text.parse::<Interval>().unwrap();
        assert_eq!(of("[1, 2)").plus(of("(3, 5]")), of("(4, 7)"));
        assert_eq!(of("[1, 2)").times(Ratio::from(-2)), of("(-4, -2]"));
        assert_eq!(of("[2, 4)").over(of("[1, 2]")), of("[1, 4)"));
        assert_eq!(of("[0, 4)").over(of("(0, ..)")), of("[0, ..)"));
        assert_eq!(of("[-1, 4)").over(of("[1, 2]")), Interval::ALL);
        assert_eq!(of("[1, 2)").and(of("[2, 3]")), None);
        assert_eq!(of("(.., 2]").and(of("[2, ..)")), Some(of("[2, 2]")));
    }
}
