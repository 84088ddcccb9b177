//! Traffic lights.

use serde::{Deserialize, Serialize};

/// A traffic light (红黄绿灯), from the worst to the best.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Light {
    /// Act now.
    Red,
    /// Watch.
    Yellow,
    /// On course.
    Green,
}

impl Light {
    /// Returns the worst of several lights, if there is any.
    #[must_use]
    pub fn worst(lights: impl IntoIterator<Item = Self>) -> Option<Self> {
        lights.into_iter().min()
    }
}
