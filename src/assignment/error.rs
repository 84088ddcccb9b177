//! What can be wrong with costs of pairs.

use thiserror::Error;

use super::MAX_COST;

/// Why rows cannot be assigned to columns.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum AssignmentError {
    /// More rows, columns or pairs than a matrix may have.
    #[error("{count} {what} are more than the limit of {limit}")]
    TooMany {
        /// What there are too many of.
        what: &'static str,
        /// How many there are.
        count: usize,
        /// The limit.
        limit: usize,
    },
    /// A connected part is too wide to be solved in a stated number of steps.
    #[error(
        "{rows} rows and {columns} columns that hang together may need {needed} steps to be matched, more than the {allowed} allowed: match them in smaller parts"
    )]
    TooManySteps {
        /// The rows of the connected part.
        rows: usize,
        /// Its columns.
        columns: usize,
        /// The steps that it may need.
        needed: u128,
        /// The steps allowed.
        allowed: u64,
    },
    /// A cost is too large to be added up safely.
    #[error("a cost of {cost} is beyond plus or minus {MAX_COST}")]
    Cost {
        /// The cost.
        cost: i64,
    },
    /// A row is not in the matrix.
    #[error("there is no row {row}: the matrix has {rows}, counted from 0")]
    NoSuchRow {
        /// The row.
        row: usize,
        /// How many there are.
        rows: usize,
    },
    /// A column is not in the matrix.
    #[error("there is no column {column}: the matrix has {columns}, counted from 0")]
    NoSuchColumn {
        /// The column.
        column: usize,
        /// How many there are.
        columns: usize,
    },
}
