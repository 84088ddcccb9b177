//! Which activity drives which result.

use crate::key::Key;
use serde::{Deserialize, Serialize};

/// An activity that drives a result: visits drive sales.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DriverDef {
    /// The result.
    pub result: Key,
    /// The activity.
    pub activity: Key,
}
