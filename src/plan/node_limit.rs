//! The bound of one node.

use super::Path;
use rust_decimal::Decimal;

/// A limit of one node that takes part in a contradiction.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct NodeLimit {
    /// The node.
    pub place: Path,
    /// The least amount, of its own or of what is below it.
    pub min: Option<Decimal>,
    /// The greatest amount, of its own or of what is below it.
    pub max: Option<Decimal>,
}
