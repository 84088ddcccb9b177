//! A level of a dimension by name.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::key::{Key, KeyError};

/// A level of a dimension, by name: what a panel has one row for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Axis {
    /// The dimension.
    pub dimension: Key,
    /// The level in it.
    pub level: Key,
}

impl Axis {
    /// Returns the axis of this level.
    ///
    /// # Errors
    /// [`KeyError`] if a name cannot be a key.
    pub fn new(dimension: &str, level: &str) -> Result<Self, KeyError> {
        Ok(Self {
            dimension: Key::new(dimension)?,
            level: Key::new(level)?,
        })
    }
}

impl fmt::Display for Axis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.dimension, self.level)
    }
}
