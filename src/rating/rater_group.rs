//! Who rates somebody.

use serde::{Deserialize, Serialize};

/// What a rater is to the one who is rated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RaterGroup {
    /// Oneself.
    Own,
    /// A superior.
    Superior,
    /// A colleague.
    Peer,
    /// Somebody whom the rated one leads.
    Subordinate,
    /// A customer or dealer.
    Customer,
}

impl std::fmt::Display for RaterGroup {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Own => "own",
            Self::Superior => "superior",
            Self::Peer => "peer",
            Self::Subordinate => "subordinate",
            Self::Customer => "customer",
        })
    }
}
