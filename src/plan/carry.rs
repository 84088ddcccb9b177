//! How far an edit carries.

use super::Place;
use serde::{Deserialize, Serialize};

/// What happens above an edited place.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Carry {
    /// All totals above change by as much. The default.
    #[default]
    Up,
    /// The total of this place above is kept, and what else is below it gives way in its proportions.
    Keep(Place),
}
