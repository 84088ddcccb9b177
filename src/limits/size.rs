//! What is limited.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What is limited: rows, cells, nodes, steps or bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Size {
    /// Rows of a table of subjects: combinations of members.
    Rows,
    /// Cells of a table: rows times periods times columns.
    Cells,
    /// Nodes of a plan, of all levels.
    Nodes,
    /// Steps of a search, by what it may need at worst.
    Steps,
    /// Bytes that a result takes, by estimate.
    Bytes,
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Rows => "rows",
            Self::Cells => "cells (rows times periods times columns)",
            Self::Nodes => "nodes of a plan",
            Self::Steps => "steps",
            Self::Bytes => "bytes",
        })
    }
}

impl Size {
    /// Returns the name of the limit in [`Limits`](super::Limits).
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Rows => "rows",
            Self::Cells => "cells",
            Self::Nodes => "nodes",
            Self::Steps => "steps",
            Self::Bytes => "bytes",
        }
    }
}
