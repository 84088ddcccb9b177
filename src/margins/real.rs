//! The crossing between whole quanta and real numbers, in one place.

/// Whole quanta as a real number; exact below 2^53, to the nearest real number above.
#[inline]
#[expect(
    clippy::cast_precision_loss,
    reason = "fitting is real-valued; what this loses is measured as margin error"
)]
pub(super) fn real(units: i64) -> f64 {
    units as f64
}

/// The same of a sum of whole quanta.
#[inline]
#[expect(
    clippy::cast_precision_loss,
    reason = "fitting is real-valued; what this loses is measured as margin error"
)]
pub(super) fn real_wide(units: i128) -> f64 {
    units as f64
}

/// The whole part of a real number that is not negative; saturates at the range of 64 bits.
#[inline]
#[expect(
    clippy::cast_possible_truncation,
    reason = "truncating is the purpose; a float cast saturates"
)]
pub(super) fn whole(value: f64) -> i64 {
    value as i64
}

/// How many `u32` ids a slice has; every table is bounded far below 2^32 when it is built.
#[inline]
pub(super) fn id(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

/// An id as an index.
#[inline]
pub(super) fn at(id: u32) -> usize {
    // A `usize` has at least 32 bits on every platform with the memory for a table.
    usize::try_from(id).unwrap_or(usize::MAX)
}

/// A value between minus one and one, in 2^-32.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "the product is below 2^33")]
pub(super) fn scaled(value: f64) -> i64 {
    (value * 4_294_967_296.0).round() as i64
}

/// A fraction in 20 bits for comparing; above zero exactly when the fraction is.
#[inline]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the fraction lies in 0..1"
)]
pub(super) fn twenty_bits(fraction: f64) -> u32 {
    ((fraction * 1_048_575.0) as u32) | u32::from(fraction > 0.0)
}

/// `rest / of` for a rest from zero up to below `of`; zero only when the rest is.
#[inline]
pub(super) fn share(rest: i64, of: i64) -> f64 {
    real(rest) / real(of)
}

/// A real number that is whole, of either sign; saturates at the range of 64 bits.
#[inline]
#[expect(
    clippy::cast_possible_truncation,
    reason = "the number is whole; a float cast saturates"
)]
pub(super) fn floored(value: f64) -> i64 {
    value as i64
}

/// A total by a weight. A line without weight has no total either, or the margins would have been refused.
#[inline]
pub(super) fn quotient(total: f64, weight: f64) -> f64 {
    if weight > 0.0 { total / weight } else { 0.0 }
}
