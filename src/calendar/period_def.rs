//! A period as a document writes it.

use crate::key::Key;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::hash::Hash;

/// The most periods that one set may have: more than a thousand years of days.
pub(super) const MAX_PERIODS: usize = 400_000;

/// A period as a document writes it: `{"label": "2026-Q1", "start": "2026-01-01", "end": "2026-04-01"}`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeriodDef {
    /// The name, unique in its set.
    pub label: Key,
    /// The first day.
    pub start: NaiveDate,
    /// The day after the last one.
    pub end: NaiveDate,
}

impl PeriodDef {
    /// Returns the period with this label and these days; the set that takes it checks them.
    #[must_use]
    pub fn new(label: Key, start: NaiveDate, end: NaiveDate) -> Self {
        Self { label, start, end }
    }
}
