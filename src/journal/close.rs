//! How books are closed.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How books are closed: softly, so that what comes late is told, or hard, so that figures are fixed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Close {
    /// What still comes is taken into its period, and told.
    Soft,
    /// Every figure of what lies behind stays as it was told.
    Hard,
}

impl fmt::Display for Close {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Soft => "softly",
            Self::Hard => "hard",
        })
    }
}
