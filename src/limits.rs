//! Limits that a host sets on the size of what it is asked for: told before the work begins, never by running out of memory.
//!
//! Three types: [`Limits`] is given by the host, [`Size`] names what is limited, [`LimitError`] says what would have been needed.
//! The defaults fit a process of 2 GiB.
//!
//! A document of 10 kB that counts under 10,000 cells, nodes and rows takes no more than 100 ms of a processor and 64 MiB. Searches
//! that could take longer have budgets of their own where the host does not say: 50,000 states of an
//! [alignment](crate::process::Workflow::align) and of the [check of a workflow](crate::process::WorkflowDef::check), 50,000 facts and 150
//! more for each pair of rules in the [checker of rules](crate::rule::check::check), 1,000,000 partial tables of
//! [several margins](crate::margins::Several::solve). Their `_within` takes the limits of the host instead; what is not done within them is
//! refused, or told as not decided or not found.
//!
//! ```
//! use quotaflow::limits::{Limits, Size};
//! let limits = Limits::default().with(Size::Cells, 1_000_000);
//! // 1,000 rows in 3,650 days of one column.
//! let error = limits.check(Size::Cells, Limits::product([1_000, 3_650])).unwrap_err();
//! assert_eq!(error.to_string(), "this needs 3650000 cells (rows times periods times columns), more than the limit of 1000000; ask for fewer, or raise the limit `cells`");
//! ```

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// What is limited.
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
    /// Returns the name of the limit in [`Limits`].
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

/// The most that may be asked for at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Rows of a table of subjects; 2,000,000 where nothing is said.
    pub rows: u64,
    /// Cells of a table; 40,000,000 where nothing is said.
    pub cells: u64,
    /// Nodes of a plan; 2,000,000 where nothing is said.
    pub nodes: u64,
    /// Steps of a search, by what it may need at worst; 4,000,000,000 where nothing is said: some seconds.
    pub steps: u64,
    /// Bytes of a result; 1 GiB where nothing is said.
    pub bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            rows: 2_000_000,
            cells: 40_000_000,
            nodes: 2_000_000,
            steps: 4_000_000_000,
            bytes: 1 << 30,
        }
    }
}

impl Limits {
    /// No limits at all, for a host that has seen to it itself.
    pub const NONE: Self = Self {
        rows: u64::MAX,
        cells: u64::MAX,
        nodes: u64::MAX,
        steps: u64::MAX,
        bytes: u64::MAX,
    };

    /// Returns the limits with another one for this.
    #[must_use]
    pub fn with(mut self, of: Size, most: u64) -> Self {
        *self.place(of) = most;
        self
    }

    /// Returns the most of this.
    #[must_use]
    pub fn most(mut self, of: Size) -> u64 {
        *self.place(of)
    }

    fn place(&mut self, of: Size) -> &mut u64 {
        match of {
            Size::Rows => &mut self.rows,
            Size::Cells => &mut self.cells,
            Size::Nodes => &mut self.nodes,
            Size::Steps => &mut self.steps,
            Size::Bytes => &mut self.bytes,
        }
    }

    /// Says whether so much may be asked for.
    ///
    /// # Errors
    /// [`LimitError`] if it is more than the limit.
    pub fn check(self, of: Size, needed: u128) -> Result<(), LimitError> {
        let most = self.most(of);
        if needed <= u128::from(most) {
            Ok(())
        } else {
            Err(LimitError { of, needed, most })
        }
    }

    /// Returns the product of some counts, or the largest number where it would be larger.
    #[must_use]
    pub fn product(counts: impl IntoIterator<Item = usize>) -> u128 {
        counts.into_iter().fold(1, |product: u128, count| {
            product.saturating_mul(count as u128)
        })
    }
}

/// More is asked for than the host allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("this needs {needed} {of}, more than the limit of {most}; ask for fewer, or raise the limit `{}`", of.name())]
pub struct LimitError {
    /// What is limited.
    pub of: Size,
    /// What would be needed.
    pub needed: u128,
    /// The limit.
    pub most: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exactly_the_limit_is_allowed_and_one_more_is_not() {
        for of in [
            Size::Rows,
            Size::Cells,
            Size::Nodes,
            Size::Steps,
            Size::Bytes,
        ] {
            let limits = Limits::NONE.with(of, 10);
            assert_eq!(limits.check(of, 10), Ok(()));
            assert_eq!(
                limits.check(of, 11),
                Err(LimitError {
                    of,
                    needed: 11,
                    most: 10
                })
            );
        }
    }

    #[test]
    fn counts_beyond_all_numbers_are_still_a_count() {
        assert_eq!(Limits::product([usize::MAX; 5]), u128::MAX);
        assert_eq!(Limits::product([]), 1);
        assert_eq!(Limits::product([3, 0, 7]), 0);
    }

    #[test]
    fn a_document_names_only_what_it_changes() {
        let limits: Limits = serde_json::from_str(r#"{"rows": 5}"#).unwrap();
        assert_eq!(
            limits,
            Limits {
                rows: 5,
                ..Limits::default()
            }
        );
        assert!(serde_json::from_str::<Limits>(r#"{"row": 5}"#).is_err());
    }
}
