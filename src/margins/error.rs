//! Why margins cannot be stated or met.

use thiserror::Error;

use super::{Blocked, Orientation, Overconstrained};
use crate::limits::LimitError;
use crate::quantity::Ratio;

/// Why margins cannot be stated or met.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum MarginsError {
    /// More cells, nodes or steps than the host allows.
    #[error(transparent)]
    Limit(#[from] LimitError),
    /// A side has no line.
    #[error("a side of a table has no lines")]
    NoLines,
    /// More nodes or cells than the stated limit.
    #[error("{size} nodes or cells are more than the limit of {limit}")]
    TooLarge {
        /// How many there are.
        size: usize,
        /// How many there may be.
        limit: usize,
    },
    /// A node hangs below itself or below a node declared after it.
    #[error("node {node} is declared under node {parent}, which does not stand before it")]
    ParentNotBefore {
        /// The node.
        node: usize,
        /// The parent that it names.
        parent: usize,
    },
    /// The totals prescribed below a node cannot make its own.
    #[error("node {node} has to total {total} units, but {below} are prescribed below it")]
    NodeDisagrees {
        /// The node.
        node: usize,
        /// Its total in quanta.
        total: i64,
        /// The sum of the totals of the prescribed nodes nearest below.
        below: i128,
    },
    /// Totals add up to more than 64 bits of quanta.
    #[error("the totals add up to more than can be kept exactly")]
    TotalOutOfRange,
    /// Rows and columns prescribe different totals for the whole table.
    #[error("the rows total {rows} units and the columns {columns}")]
    TotalsDiffer {
        /// What the rows total.
        rows: i64,
        /// What the columns total.
        columns: i64,
    },
    /// One side prescribes more than the other allows for the whole table.
    #[error("the {axis} prescribe {prescribed} units, beyond the {total} of the other side")]
    PrescribedAboveTotal {
        /// The side that prescribes too much.
        axis: Orientation,
        /// How much it prescribes.
        prescribed: i128,
        /// The total of the other side.
        total: i64,
    },
    /// Neither side decides what the whole table totals.
    #[error(
        "neither side decides the total of the table: prescribe a root, or every line of one side"
    )]
    NoGrandTotal,
    /// A side and the table have different numbers of lines.
    #[error("the {axis} have {lines} lines, the table has {table}")]
    Shape {
        /// The side.
        axis: Orientation,
        /// The lines of the side.
        lines: usize,
        /// The lines of the table.
        table: usize,
    },
    /// A table does not have rows times columns cells.
    #[error("{cells} cells are not {rows} rows of {columns}")]
    CellCount {
        /// The rows.
        rows: usize,
        /// The columns.
        columns: usize,
        /// The cells given.
        cells: usize,
    },
    /// A cell lies outside of the table.
    #[error(
        "row {row}, column {column} is outside of the table, which has {rows} rows and {columns} columns, counted from 0"
    )]
    NoSuchCell {
        /// The row.
        row: usize,
        /// The column.
        column: usize,
        /// How many rows there are.
        rows: usize,
        /// How many columns there are.
        columns: usize,
    },
    /// A cell is given twice.
    #[error("row {row}, column {column} is given twice")]
    CellTwice {
        /// The row.
        row: usize,
        /// The column.
        column: usize,
    },
    /// A document gives all cells and single entries, or neither.
    #[error("a table is written with either `cells` or `entries`")]
    CellsOrEntries,
    /// A weight is negative, not a number, too small or too large.
    #[error(
        "row {row}, column {column} has weight {weight}: it must be zero, or from {} to {}",
        super::bounds::MIN_WEIGHT,
        super::bounds::MAX_WEIGHT
    )]
    Weight {
        /// The row.
        row: usize,
        /// The column.
        column: usize,
        /// The weight as text.
        weight: String,
    },
    /// The minimum of a cell lies above its maximum.
    #[error("row {row}, column {column} is to be at least {least} and at most {most} units")]
    BoundsCross {
        /// The row.
        row: usize,
        /// The column.
        column: usize,
        /// The minimum in quanta.
        least: i64,
        /// The maximum in quanta.
        most: i64,
    },
    /// A bound of a cell lies on the side of zero where the cell cannot be.
    #[error(
        "row {row}, column {column} is bounded by {bound} units, but the totals of its row and column leave it nothing {side} zero"
    )]
    BoundBeyondZero {
        /// The row.
        row: usize,
        /// The column.
        column: usize,
        /// The bound in quanta.
        bound: i64,
        /// The side of zero: `above` or `below`.
        side: &'static str,
    },
    /// A cell without weight gets nothing, so it cannot have a minimum; it may be held.
    #[error("row {row}, column {column} has no weight, so it cannot be at least {least} units")]
    MinimumOnZero {
        /// The row.
        row: usize,
        /// The column.
        column: usize,
        /// The minimum in quanta.
        least: i64,
    },
    /// The totals cannot all be met within the bounds and structural zeros.
    #[error(
        "{} of the {} need {} units, and only {} are free for them",
        blocked.needing().len(), blocked.axis(), blocked.needed(), blocked.available()
    )]
    Impossible {
        /// The proof.
        blocked: Box<Blocked>,
    },
    /// The minimum of a node lies above its maximum, or its total outside of them.
    #[error("node {node} of the {axis} is to total at least {least} and at most {most} units")]
    NodeBoundsCross {
        /// The side.
        axis: Orientation,
        /// The node.
        node: usize,
        /// The least, of bounds and total.
        least: i64,
        /// The most, of bounds and total.
        most: i64,
    },
    /// Minima and maxima of nodes leave no table.
    #[error(
        "minima of {} nodes and cells need {} units, and the maxima of {} nodes and cells leave {}",
        proof.least().len(), proof.needed(), proof.most().len(), proof.available()
    )]
    Overconstrained {
        /// The proof.
        proof: Box<Overconstrained>,
    },
    /// A sum of an exact table lies outside of the bounds of its node.
    #[error("node {node} of the {axis} sums to {sum}, outside of its bounds")]
    SumOutside {
        /// The axis.
        axis: Orientation,
        /// The node.
        node: usize,
        /// The sum of the values.
        sum: Ratio,
    },
    /// The fit came to its cap of rounds, or to where more of them bring it no nearer.
    #[error("after {rounds} rounds of fitting all margins together are still off by {error} units")]
    NotConverged {
        /// The rounds that were made.
        rounds: u32,
        /// How much all margins together were still off, in quanta, as text.
        error: String,
    },
    /// The table could not be closed: its margins are further off than rounding can make up for.
    #[error("{quanta} units found no cell to go to: the margins of the values are too far off")]
    NotClosed {
        /// The quanta without a place.
        quanta: i64,
    },
    /// The denominator of an exact table is not positive.
    #[error("the denominator of a table is {denominator}; it must be positive")]
    Denominator {
        /// The denominator.
        denominator: i64,
    },
    /// A line of an exact table does not make a whole number.
    #[error("line {line} of the {axis} sums to {sum}, which is not whole")]
    SumNotWhole {
        /// The axis.
        axis: Orientation,
        /// The line.
        line: usize,
        /// Its sum.
        sum: Ratio,
    },
    /// A prescribed total is not what the values of an exact table make.
    #[error("node {node} of the {axis} has to total {total}, but its values sum to {sum}")]
    SumDiffers {
        /// The axis.
        axis: Orientation,
        /// The node.
        node: usize,
        /// The prescribed total.
        total: i64,
        /// The sum of the values.
        sum: Ratio,
    },
    /// A table has too few or too many axes, or one without lines.
    #[error(
        "a table of {sizes:?} lines: it must have 2 to {} axes with lines",
        super::bounds::MAX_AXES
    )]
    Axes {
        /// The lines of each axis.
        sizes: Vec<usize>,
    },
    /// A table of several axes does not have as many cells as combinations of lines, or too many.
    #[error("{cells} cells are not a table of {sizes:?} lines")]
    CellsOfSizes {
        /// The cells given.
        cells: usize,
        /// The lines of each axis.
        sizes: Vec<usize>,
    },
    /// A weight of a table of several axes is negative, not a number, too small or too large.
    #[error(
        "the cell at {cell:?} has weight {weight}: it must be zero, or from {} to {}",
        super::bounds::MIN_WEIGHT,
        super::bounds::MAX_WEIGHT
    )]
    WeightAt {
        /// The line on each axis.
        cell: Vec<usize>,
        /// The weight as text.
        weight: String,
    },
    /// A margin names no axis, an unknown one or one twice, or has another number of totals than lines.
    #[error("margin {margin} has {totals} totals for {lines} lines of its axes")]
    MarginShape {
        /// The margin.
        margin: usize,
        /// The combinations of lines of its axes; zero if these are no axes.
        lines: usize,
        /// Its totals.
        totals: usize,
    },
    /// No margin binds an axis.
    #[error("axis {axis} has no margin")]
    AxisWithoutMargin {
        /// The axis.
        axis: usize,
    },
    /// Two margins make different totals for the whole table.
    #[error("margin {margin} totals {total} units and the first one {first}")]
    MarginTotals {
        /// The margin.
        margin: usize,
        /// What it totals.
        total: i64,
        /// What the first margin totals.
        first: i64,
    },
    /// A margin over some of the axes of another has a total that the other does not make.
    #[error("margin {inner} has {total} units on line {line}, where margin {outer} makes {sum}")]
    NestedMargins {
        /// The margin over fewer axes.
        inner: usize,
        /// The margin over more axes.
        outer: usize,
        /// The line of the inner margin.
        line: usize,
        /// Its total.
        total: i64,
        /// What the outer margin makes of it.
        sum: i64,
    },
    /// Two margins share an axis without one being part of the other.
    #[error("margins {first} and {second} cross: they share an axis, and each has one of its own")]
    CrossingMargins {
        /// The earlier margin.
        first: usize,
        /// The later margin.
        second: usize,
    },
    /// The total of a table over several axes is too large for fitting to show every quantum.
    #[error("{total} units are more than a table of several axes can be fitted to, {limit}")]
    TotalTooLarge {
        /// The total.
        total: i128,
        /// The largest.
        limit: i64,
    },
    /// A place lies outside of a table of several axes.
    #[error("there is no cell at {cell:?}: the axes have {sizes:?} lines, counted from 0")]
    NoSuchPlace {
        /// The line on each axis.
        cell: Vec<usize>,
        /// How many lines each axis has.
        sizes: Vec<usize>,
    },
    /// The bound of a cell lies on the side of zero where the table is not.
    #[error(
        "the cell at {cell:?} is bounded by {bound} units, on the other side of zero than the totals"
    )]
    BoundBeyondZeroAt {
        /// The line on each axis.
        cell: Vec<usize>,
        /// The bound in quanta.
        bound: i64,
    },
}

impl MarginsError {
    /// The same about a problem with every sign turned round, as far as margins of several axes can be wrong.
    pub(super) fn mirrored(self) -> Self {
        match self {
            Self::MarginTotals {
                margin,
                total,
                first,
            } => Self::MarginTotals {
                margin,
                total: -total,
                first: -first,
            },
            Self::NestedMargins {
                inner,
                outer,
                line,
                total,
                sum,
            } => Self::NestedMargins {
                inner,
                outer,
                line,
                total: -total,
                sum: -sum,
            },
            Self::TotalTooLarge { total, limit } => Self::TotalTooLarge {
                total: -total,
                limit,
            },
            other => other,
        }
    }
}
