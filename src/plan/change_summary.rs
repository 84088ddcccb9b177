//! What one change was, in brief.

use super::Place;
use crate::key::Key;
use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};

/// A change that was made, in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct ChangeSummary {
    /// The version that it led to.
    pub version: u64,
    /// Who made it.
    pub by: Key,
    /// When.
    pub at: NaiveDateTime,
    /// Why.
    pub reason: String,
    /// The places that it edited.
    pub places: Vec<Place>,
}
