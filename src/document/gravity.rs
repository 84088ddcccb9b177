//! How grave a finding is.

use serde::{Deserialize, Serialize};

/// How grave it is what a check finds about a definition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gravity {
    /// Worth knowing; often intended.
    Note,
    /// Probably not meant.
    Warning,
    /// The definition is refused, or does not say what it is meant to.
    Error,
}
