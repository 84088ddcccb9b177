//! The bound of one node.

use super::Path;
use crate::quantity::Number;
use rust_decimal::Decimal;
use serde::{Serialize, Serializer};

/// A limit of one node: one that takes part in a contradiction, or one that had a say in a share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct NodeLimit {
    /// The node.
    pub place: Path,
    /// The least amount, of its own or of what is below it.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "plain")]
    pub min: Option<Decimal>,
    /// The greatest amount, of its own or of what is below it.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "plain")]
    pub max: Option<Decimal>,
}

#[expect(clippy::ref_option, reason = "serde passes fields by reference")]
fn plain<S: Serializer>(amount: &Option<Decimal>, serializer: S) -> Result<S::Ok, S::Error> {
    amount.map(Number::from).serialize(serializer)
}
