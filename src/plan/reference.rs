//! Other amounts of a plan to be proportional to.

use serde::{Deserialize, Serialize};

use super::Place;
use crate::key::Key;

/// What to be proportional to; the same place, measure and version where one is left out.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reference {
    /// Another node with the same members or periods below it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// Another measure of the plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measure: Option<Key>,
    /// An earlier version of the plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
}
