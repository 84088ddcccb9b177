//! What is wrong with an edited sheet.

use rust_decimal::Decimal;
use thiserror::Error;

use crate::key::{Known, hint};
use crate::plan::{Path, Place, PlanError};
use crate::quantity::QuantityError;

/// Everything that is wrong with an edited sheet, by row.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{}", list(mistakes))]
pub struct SheetError {
    /// Each with its row and column; at least one.
    pub mistakes: Vec<SheetMistake>,
}

fn list(mistakes: &[SheetMistake]) -> String {
    let lines: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

/// One thing that is wrong with an edited sheet.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{}{cause}", spot(*row, column.as_deref()))]
pub struct SheetMistake {
    /// The row as a spreadsheet counts it: 1 is that of the headings. None where it is the sheet as a whole.
    pub row: Option<usize>,
    /// The heading of the column, if it is one.
    pub column: Option<String>,
    /// What is wrong.
    #[source]
    pub cause: SheetCause,
}

fn spot(row: Option<usize>, column: Option<&str>) -> String {
    match (row, column) {
        (Some(row), Some(column)) => format!("row {row}, {column}: "),
        (Some(row), None) => format!("row {row}: "),
        (None, Some(column)) => format!("{column}: "),
        (None, None) => String::new(),
    }
}

/// What can be wrong with an edited sheet.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SheetCause {
    /// There is no row of headings.
    #[error("there is no row of headings: the first one names the steps and the measures")]
    NoHeadings,
    /// A heading is neither a step nor a measure of the sheet.
    #[error("there is no column `{name}`{}", hint(nearest.as_deref(), known))]
    UnknownColumn {
        /// The heading.
        name: String,
        /// The nearest known one.
        nearest: Option<String>,
        /// The known ones.
        known: Known,
    },
    /// A step or a measure has no column.
    #[error("the column is missing")]
    MissingColumn,
    /// Two columns have one heading.
    #[error("two columns have this heading")]
    TwoColumns,
    /// A cell stands below no heading.
    #[error("`{text}` stands below no heading")]
    NoHeading {
        /// What it says.
        text: String,
    },
    /// Something is wrong with a name, an amount or its place.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// A number is not written as the sheet writes them.
    #[error(transparent)]
    Number(#[from] QuantityError),
    /// A row is of a place outside the part of the sheet.
    #[error("{place} is no part of this sheet, which is of {of}")]
    Outside {
        /// The place.
        place: Place,
        /// The part.
        of: Place,
    },
    /// A row is of a place that has others below it.
    #[error("{place} has others below it: its amount is their sum, and is no row of a sheet")]
    NotALeaf {
        /// The place.
        place: Place,
    },
    /// A row is of a place that was not there when the sheet was made.
    #[error(
        "{place} was not there in version {based_on}, which stands in the sheet: make the sheet anew"
    )]
    NotThere {
        /// The place.
        place: Place,
        /// The version.
        based_on: u64,
    },
    /// Two rows are of one place.
    #[error("{place} stands in row {other} already")]
    TwoRows {
        /// The place.
        place: Place,
        /// The earlier row.
        other: usize,
    },
    /// An amount is blank.
    #[error("there is no amount: write 0 for nothing, or {was} as it was")]
    Blank {
        /// What stood there.
        was: Decimal,
    },
    /// An amount was altered in the sheet and, since it was made, in the plan.
    #[error("the sheet makes {was} to {to}, and the plan has made it {now} since: agree on one")]
    MovedOn {
        /// What stood in the sheet.
        was: Decimal,
        /// What the edited sheet says.
        to: Decimal,
        /// What it is in the plan now.
        now: Decimal,
    },
    /// A total that was to be kept has moved.
    #[error("{place} is to keep its {total}, and the rows come to {}", off(*by))]
    NotKept {
        /// The place whose total is kept.
        place: Place,
        /// The total.
        total: Decimal,
        /// How much more it would be; below zero for less.
        by: Decimal,
    },
    /// A total above is held, and the rows move it.
    #[error("{place} is held at {held}, and the rows come to {}", off(*by))]
    HeldAbove {
        /// The held node.
        place: Path,
        /// Its amount.
        held: Decimal,
        /// How much more it would be; below zero for less.
        by: Decimal,
    },
}

/// By how much too much or too little.
fn off(by: Decimal) -> String {
    let side = if by.is_sign_negative() {
        "less"
    } else {
        "more"
    };
    format!("{} {side}", by.abs())
}

impl SheetMistake {
    pub(super) fn new(
        row: Option<usize>,
        column: Option<&str>,
        cause: impl Into<SheetCause>,
    ) -> Self {
        Self {
            row,
            column: column.map(str::to_owned),
            cause: cause.into(),
        }
    }

    /// Where it is, as a text.
    pub(crate) fn spot(&self) -> Option<String> {
        let spot = spot(self.row, self.column.as_deref());
        spot.strip_suffix(": ").map(str::to_owned)
    }
}
