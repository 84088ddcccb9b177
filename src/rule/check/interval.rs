//! How the values of two operands can stand to each other.

use std::ops::Bound;

use crate::band::Interval;
use crate::quantity::Ratio;
use crate::rule::Is;

/// The left one is the lesser.
pub(super) const LESS: u8 = 1;
/// They are equal.
pub(super) const EQUAL: u8 = 2;
/// The left one is the greater.
pub(super) const GREATER: u8 = 4;

/// Returns the numbers that stand so to a value. Those that are not equal to it are two intervals, which the caller takes apart.
pub(super) fn values(is: Is, value: Ratio) -> Interval {
    let (lower, upper) = match is {
        Is::Below => (Bound::Unbounded, Bound::Excluded(value)),
        Is::AtMost => (Bound::Unbounded, Bound::Included(value)),
        Is::Equal => (Bound::Included(value), Bound::Included(value)),
        Is::AtLeast => (Bound::Included(value), Bound::Unbounded),
        Is::Above => (Bound::Excluded(value), Bound::Unbounded),
        Is::NotEqual => (Bound::Unbounded, Bound::Unbounded),
    };
    Interval::new(lower, upper).unwrap_or_default()
}

/// Returns how a value of one interval can stand to one of the other.
pub(super) fn orders(one: Interval, other: Interval) -> u8 {
    // Between any two values there is a third, so that only the ends matter.
    let below = |left: Interval, right: Interval| match (end(left.lower()), end(right.upper())) {
        (Some(lower), Some(upper)) => lower < upper,
        _ => true,
    };
    let mut orders = 0;
    if below(one, other) {
        orders |= LESS;
    }
    if below(other, one) {
        orders |= GREATER;
    }
    if one.and(other).is_some() {
        orders |= EQUAL;
    }
    orders
}

fn end(of: Bound<Ratio>) -> Option<Ratio> {
    match of {
        Bound::Included(at) | Bound::Excluded(at) => Some(at),
        Bound::Unbounded => None,
    }
}
