//! How large a matrix may be.

/// The largest cost of one pair or of leaving something out.
pub const MAX_COST: i64 = 1_000_000_000_000;

/// The most steps that the search may need for one connected part: about 1,250 rows by as many columns, all connected.
///
/// A part of `r` rows and `c` columns, the lesser of which is `k`, needs at most `r (k + 1) (c + k + 1)` steps: each row looks
/// for its place once, on its way passes each paired column at most once, and at each weighs every column.
pub const MAX_STEPS: u64 = 4_000_000_000;
