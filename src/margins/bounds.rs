//! How large weights and tables may be.

/// The least weight that is not zero.
pub(super) const MIN_WEIGHT: f64 = 1e-9;
/// The largest weight.
pub(super) const MAX_WEIGHT: f64 = 1e19;
/// The most axes of an array.
pub(super) const MAX_AXES: usize = 8;
