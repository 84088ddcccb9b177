//! What can be wrong with a panel.

use chrono::NaiveDate;
use thiserror::Error;

use super::ColumnKey;
use crate::calendar::CalendarError;
use crate::key::{Key, KeyError, Known, hint};
use crate::quantity::QuantityError;
use crate::space::SpaceError;

/// What can be wrong with a panel, a column or a look-up in one.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PanelError {
    /// The panel has the column already.
    #[error("the panel already has a column `{column}`")]
    DuplicateColumn {
        /// The column.
        column: ColumnKey,
    },
    /// A column does not have one cell for each subject and period.
    #[error("column `{column}` has {found} cells; {subjects} subjects in {periods} periods need {}", subjects * periods)]
    Shape {
        /// The column.
        column: ColumnKey,
        /// How many cells it has.
        found: usize,
        /// The number of subjects.
        subjects: usize,
        /// The number of periods.
        periods: usize,
    },
    /// The parts of a column differ in length.
    #[error("column `{column}` has {figures} figures but {other} {what}")]
    Ragged {
        /// The column.
        column: ColumnKey,
        /// The number of figures.
        figures: usize,
        /// What there is another number of.
        what: &'static str,
        /// How many there are.
        other: usize,
    },
    /// An amount is not a whole count of the column's quantum, or beyond its range.
    #[error("cell {cell} of column `{column}`: {cause}")]
    Amount {
        /// The column.
        column: ColumnKey,
        /// The position of the cell.
        cell: usize,
        /// What is wrong with the amount.
        #[source]
        cause: QuantityError,
    },
    /// Two panels are over subjects of different axes.
    #[error("the rows of one panel are of {here}, those of the other of {there}")]
    DifferentAxes {
        /// The axes of the panel that is joined to.
        here: String,
        /// The axes of the other one.
        there: String,
    },
    /// Two panels are over other rows of the same axes.
    #[error("the other panel has other rows: {}", other_rows(missing, extra))]
    DifferentRows {
        /// Rows that it does not have.
        missing: Known,
        /// Rows that only it has.
        extra: Known,
    },
    /// The other panel has figures in rows that this one does not have.
    #[error(
        "the panel has no row for {rows}, where column `{column}` of the other one has figures"
    )]
    RowsLeftOut {
        /// The rows, or rows and periods.
        rows: Known,
        /// The first column that has a figure in one of them.
        column: ColumnKey,
    },
    /// Two periods of one label are of different days.
    #[error(
        "period `{period}` is from {start} to before {end} in one panel, and of other days in the other"
    )]
    DifferentPeriod {
        /// Its label.
        period: Key,
        /// Its first day here.
        start: NaiveDate,
        /// The day after its last one here.
        end: NaiveDate,
    },
    /// Figures of the same periods are needed, and these are of others.
    #[error(
        "the panel is over {there_count} periods of `{there}`, not over the {here_count} of `{here}` that are needed"
    )]
    DifferentPeriods {
        /// The set that is needed.
        here: Key,
        /// How many periods it has.
        here_count: usize,
        /// The set of the panel.
        there: Key,
        /// How many periods it has.
        there_count: usize,
    },
    /// A name cannot be a key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// No row has these members.
    #[error(transparent)]
    Row(#[from] SpaceError),
    /// No period has this label.
    #[error(transparent)]
    Period(#[from] CalendarError),
    /// The cell is outside the panel.
    #[error(
        "subject {subject} in period {period} is outside a panel of {subjects} subjects in {periods} periods"
    )]
    Outside {
        /// The subject's position.
        subject: usize,
        /// The period's position.
        period: usize,
        /// The number of subjects.
        subjects: usize,
        /// The number of periods.
        periods: usize,
    },
    /// No column has this key.
    #[error("the panel has no column `{name}`{}", hint(nearest.as_deref(), known))]
    UnknownColumn {
        /// The key that was asked for.
        name: String,
        /// The nearest known key.
        nearest: Option<String>,
        /// The known keys.
        known: Known,
    },
    /// The text is not a column's key.
    #[error(
        "`{text}` is not a column: write a metric, or target:, expected: or projected: before one"
    )]
    ColumnKey {
        /// The text.
        text: String,
    },
}

fn other_rows(missing: &Known, extra: &Known) -> String {
    match (missing.count(), extra.count()) {
        (0, 0) => "the same ones in another order".to_owned(),
        (0, _) => format!("{extra} more"),
        (_, 0) => format!("{missing} missing"),
        _ => format!("{missing} missing, {extra} more"),
    }
}
