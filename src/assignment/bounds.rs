//! How large a matrix may be.

/// The largest cost of one pair or of leaving something out.
pub const MAX_COST: i64 = 1_000_000_000_000;
