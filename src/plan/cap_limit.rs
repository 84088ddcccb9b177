//! The most that is carried.

use serde::{Deserialize, Serialize};

use crate::quantity::{Number, Ratio};

/// The most that is added to targets, or taken away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CapLimit {
    /// This part of what stands there: `"0.2"` is a fifth.
    Share(Ratio),
    /// This much.
    Amount(Number),
}
