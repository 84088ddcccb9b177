//! The two ways of a table: rows and columns.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One of the two ways in which a two-way table is classified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Orientation {
    /// Down: the first index of a cell.
    Rows,
    /// Across: the second index of a cell.
    Columns,
}

impl Orientation {
    /// Returns the other way.
    #[must_use]
    pub fn across(self) -> Self {
        match self {
            Self::Rows => Self::Columns,
            Self::Columns => Self::Rows,
        }
    }
}

impl fmt::Display for Orientation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Rows => "rows",
            Self::Columns => "columns",
        })
    }
}
