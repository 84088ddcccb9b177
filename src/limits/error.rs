//! What would have been needed.

use thiserror::Error;

use super::size::Size;

/// More is asked for than the host allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("this needs {needed} {of}, more than the limit of {most}; ask for fewer, or raise the limit `{}`", of.name())]
pub struct LimitError {
    /// What is limited.
    pub of: Size,
    /// What would be needed.
    pub needed: u128,
    /// The limit.
    pub most: u64,
}
