//! What is wrong with rows of text.

use thiserror::Error;

use crate::key::{Key, KeyError};
use crate::quantity::QuantityError;

/// Everything that is wrong with rows that are read as a dimension, by row.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{}", list(mistakes))]
pub struct OutlineError {
    /// Each with its row and column; at least one.
    pub mistakes: Vec<OutlineMistake>,
}

fn list(mistakes: &[OutlineMistake]) -> String {
    let lines: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

/// One thing that is wrong with rows of text.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{}: {cause}", self.spot())]
pub struct OutlineMistake {
    /// The row; the first is 1. None where it is one of the columns.
    pub row: Option<usize>,
    /// The level or the column of numbers.
    pub column: Key,
    pub(super) place: usize,
    /// What is wrong.
    #[source]
    pub cause: OutlineCause,
}

impl OutlineMistake {
    pub(super) fn new(
        row: Option<usize>,
        (place, column): (usize, &Key),
        cause: OutlineCause,
    ) -> Self {
        Self {
            row: row.map(|row| row + 1),
            column: column.clone(),
            place,
            cause,
        }
    }

    /// Where it is, as a text.
    pub(crate) fn spot(&self) -> String {
        match self.row {
            Some(row) => format!("row {row}, {}", self.column),
            None => self.column.to_string(),
        }
    }
}

/// What can be wrong with rows of text.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum OutlineCause {
    /// There is no column of a level.
    #[error("there are no levels; name them from the top to the leaves")]
    NoLevels,
    /// Two columns have one name.
    #[error("two columns have this name")]
    TwoColumns,
    /// No row has a name in a column.
    #[error("no row has a name in this column; fill it, or leave it out of `levels`")]
    EmptyColumn,
    /// A row has more cells than there are columns.
    #[error(
        "the row has {found} cells, and there are {columns} columns: name the others in `numbers`, or leave them out"
    )]
    TooManyCells {
        /// Its cells.
        found: usize,
        /// The columns.
        columns: usize,
    },
    /// A cell is empty and one below it is not.
    #[error(
        "the cell is empty, and one below it is not: fill it, or say by `gaps` that the level is left out or is as in the row above"
    )]
    Gap,
    /// A name is kept for what belongs to nobody.
    #[error("`unassigned` is kept for what belongs to nobody: leave the cells of such a row empty")]
    Reserved,
    /// A name cannot be a key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// One name stands below two parents.
    #[error("`{name}` stands below {}, and below {} in row {row}: give one of them another name, or tell them apart by `same_name`", shown(parent.as_ref()), shown(other.as_ref()))]
    TwoParents {
        /// The name.
        name: String,
        /// The parent here; none for nobody.
        parent: Option<String>,
        /// The other parent.
        other: Option<String>,
        /// The row that names it; the first is 1.
        row: usize,
    },
    /// One name stands at two levels.
    #[error(
        "`{name}` is of this level here, and of `{level}` in row {row}: one name for two things, which `same_name` tells apart, or names that stand above one another in a circle"
    )]
    TwoLevels {
        /// The name.
        name: String,
        /// The other level.
        level: Key,
        /// The row in which it stands there; the first is 1.
        row: usize,
    },
    /// Two members have one key although each has its path.
    #[error("`{key}` names another member in row {row}: give one of them another name")]
    SameKey {
        /// The key.
        key: String,
        /// The row of the other one; the first is 1.
        row: usize,
    },
    /// A number is of another form.
    #[error(transparent)]
    Number(#[from] QuantityError),
}

fn shown(parent: Option<&String>) -> String {
    parent.map_or("nobody".to_owned(), |parent| format!("`{parent}`"))
}
