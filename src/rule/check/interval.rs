//! Values between two ends, and what can be said of sums and quotients of such values.

use std::cmp::Ordering;

use crate::quantity::Ratio;
use crate::rule::Is;

/// The left one is the lesser.
pub(super) const LESS: u8 = 1;
/// They are equal.
pub(super) const EQUAL: u8 = 2;
/// The left one is the greater.
pub(super) const GREATER: u8 = 4;

/// Values between two ends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Interval {
    /// The lower end, and whether it belongs to the values.
    pub(super) lower: Option<(Ratio, bool)>,
    pub(super) upper: Option<(Ratio, bool)>,
}

impl Interval {
    pub(super) fn of(is: Is, value: Ratio) -> Self {
        match is {
            Is::Below => Self {
                lower: None,
                upper: Some((value, false)),
            },
            Is::AtMost => Self {
                lower: None,
                upper: Some((value, true)),
            },
            Is::Equal => Self {
                lower: Some((value, true)),
                upper: Some((value, true)),
            },
            Is::AtLeast => Self {
                lower: Some((value, true)),
                upper: None,
            },
            Is::Above => Self {
                lower: Some((value, false)),
                upper: None,
            },
            // Two ways; the caller takes them apart.
            Is::NotEqual => Self::default(),
        }
    }

    /// Returns the values in both; `None` where there are none.
    pub(super) fn and(self, other: Self) -> Option<Self> {
        let tighter = |left: Option<(Ratio, bool)>,
                       right: Option<(Ratio, bool)>,
                       wanted: Ordering| match (left, right) {
            (Some(left), Some(right)) => Some(match left.0.cmp(&right.0) {
                Ordering::Equal => (left.0, left.1 && right.1),
                order if order == wanted => left,
                _ => right,
            }),
            (left, right) => left.or(right),
        };
        let both = Self {
            lower: tighter(self.lower, other.lower, Ordering::Greater),
            upper: tighter(self.upper, other.upper, Ordering::Less),
        };
        match (both.lower, both.upper) {
            (Some((lower, _)), Some((upper, _))) if lower > upper => None,
            (Some((lower, closed)), Some((upper, also))) if lower == upper && !(closed && also) => {
                None
            }
            _ => Some(both),
        }
    }

    /// Returns how a value of this interval can stand to one of the other.
    pub(super) fn orders(self, other: Self) -> u8 {
        // Between any two values there is a third, so that only the ends matter.
        let below = |left: Self, right: Self| match (left.lower, right.upper) {
            (Some((lower, _)), Some((upper, _))) => lower < upper,
            _ => true,
        };
        let mut orders = 0;
        if below(self, other) {
            orders |= LESS;
        }
        if below(other, self) {
            orders |= GREATER;
        }
        if self.and(other).is_some() {
            orders |= EQUAL;
        }
        orders
    }

    /// Returns the values of a sum of one value of each.
    pub(super) fn plus(self, other: Self) -> Self {
        let sum = |left: Option<(Ratio, bool)>, right: Option<(Ratio, bool)>| {
            let ((left, closed), (right, also)) = left.zip(right)?;
            Some((left.checked_add(right).ok()?, closed && also))
        };
        Self {
            lower: sum(self.lower, other.lower),
            upper: sum(self.upper, other.upper),
        }
    }

    /// Returns the values times a number.
    pub(super) fn times(self, factor: Ratio) -> Self {
        if factor.is_zero() {
            let zero = Some((Ratio::ZERO, true));
            return Self {
                lower: zero,
                upper: zero,
            };
        }
        let end = |end: Option<(Ratio, bool)>| {
            let (value, closed) = end?;
            Some((value.checked_mul(factor).ok()?, closed))
        };
        let (lower, upper) = (end(self.lower), end(self.upper));
        if factor.is_negative() {
            Self {
                lower: upper,
                upper: lower,
            }
        } else {
            Self { lower, upper }
        }
    }

    /// Says whether no value is below zero.
    fn not_negative(self) -> bool {
        self.lower.is_some_and(|(lower, _)| lower >= Ratio::ZERO)
    }

    /// Returns the values of a quotient of one value of each, of which the latter is not zero.
    pub(super) fn over(self, other: Self) -> Self {
        if !self.not_negative() || !other.not_negative() {
            return Self::default();
        }
        // Of numbers that are not negative: the smallest over the largest, the largest over the smallest.
        let end = |of: Option<(Ratio, bool)>, by: Option<(Ratio, bool)>| {
            let ((of, closed), (by, also)) = of.zip(by)?;
            // Zero over anything is zero.
            Some((of.checked_div(by).ok()?, closed && (also || of.is_zero())))
        };
        let zero = Some((Ratio::ZERO, true));
        Self {
            lower: end(self.lower, other.upper).or(zero),
            upper: end(self.upper, other.lower),
        }
    }
}
