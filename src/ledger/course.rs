//! What became of a record after it came in.

use serde::{Deserialize, Serialize};

use crate::quantity::Ratio;

/// What became of a record.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Course {
    /// The day on which it was taken back as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reversed: Option<i32>,
    /// By day, how many quanta of each amount were taken back of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) reduced: Vec<(i32, Vec<i64>)>,
    /// By day, which share of its item is left from then on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) left: Vec<(i32, Ratio)>,
}

impl Course {
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Of a record of which nothing became but that it was taken back as a whole.
    pub(crate) fn ended(day: i32) -> Self {
        Self {
            reversed: Some(day),
            reduced: Vec::new(),
            left: vec![(day, Ratio::ZERO)],
        }
    }
}
