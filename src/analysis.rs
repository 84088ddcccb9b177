//! Analyses of records and panels that are no folds.

use crate::key::Key;

/// The terms of a promotion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Promotion {
    /// The stable name.
    pub key: Key,
}

/// Finds crossings.
pub fn crossings() {}
