//! A rule that keeps a ratio when one of its measures is edited.

use super::ratio_edit::GivesWay;
use crate::key::Key;
use serde::{Deserialize, Serialize};

/// The rule by which a ratio and its two parts stay linked.
///
/// ```
/// use quotaflow::plan::RatioRuleDef;
/// // More pieces are sold at the price that there is; a new amount is a matter of the price; a new price leaves the pieces.
/// let link: RatioRuleDef = serde_json::from_str(
///     r#"{"ratio": "price", "numerator_changed": "ratio", "denominator_changed": "other_part", "ratio_changed": "numerator"}"#,
/// ).map_err(quotaflow::Error::unreadable)?;
/// assert_eq!(link.ratio.as_str(), "price");
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RatioRuleDef {
    /// The ratio.
    pub ratio: Key,
    /// What gives way when the part above the line is changed.
    pub numerator_changed: Yielding,
    /// What gives way when the part below the line is changed.
    pub denominator_changed: Yielding,
    /// Which part gives way when the ratio is changed by an edit that does not say.
    pub ratio_changed: GivesWay,
}

/// What gives way when one part of a ratio is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Yielding {
    /// The ratio: it becomes what the parts make it.
    Ratio,
    /// The other part: in every leaf that moves it moves too, so that the leaf's ratio stays what it was, rounded once.
    /// A leaf that had no ratio takes the one of the nearest node above it.
    OtherPart,
}
