//! What stands in a column where a record says nothing.

/// What an amount column holds where there is no amount.
pub(crate) const NO_AMOUNT: i64 = i64::MIN;

/// What a column of days holds where there is no day.
pub(crate) const NO_DAY: i32 = i32::MIN;
