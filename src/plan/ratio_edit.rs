//! An edit of a ratio, and which of its two measures gives way.

use super::{Place, carry::Carry};
use crate::{key::Key, quantity::Ratio};
use serde::{Deserialize, Serialize};

/// Sets a ratio at a node, such as a price: one of its parts gives way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RatioEdit {
    /// The ratio.
    pub measure: Key,
    /// The node; the whole plan when left out.
    #[serde(default, skip_serializing_if = "Place::is_whole")]
    pub at: Place,
    /// What it is to be; when left out what it was before the change, so that an edit of one part beside it keeps the
    /// ratio.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Ratio>,
    /// Which part gives way; as the ratio's [`RatioRuleDef`](super::RatioRuleDef) says when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gives: Option<GivesWay>,
    /// What happens above the place.
    #[serde(default)]
    pub carry: Carry,
}

/// Which part of a ratio gives way when the ratio is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GivesWay {
    /// The part above the line: a new price changes the amount, at the same volume.
    Numerator,
    /// The part below the line: a new price changes the volume, at the same amount.
    Denominator,
}
