//! How many records a ledger holds, and how far their numbers go.

/// The most records of one kind.
pub(super) const MAX_RECORDS: usize = i32::MAX as usize;
/// The highest place in the order among records of one instant.
pub(super) const MAX_SEQUENCE: u64 = (1 << 47) - 1;
/// The most rates of a table.
pub(super) const MAX_RATES: usize = 1_000_000;
/// The most fields of each sort in a kind.
pub(super) const MAX_FIELDS: usize = 100;
