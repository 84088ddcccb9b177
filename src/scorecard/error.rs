//! What can be wrong with a scorecard.

use thiserror::Error;

use crate::band::BandError;
use crate::key::{Key, KeyError, Known, hint};
use crate::measure::Unit;
use crate::panel::PanelError;
use crate::quantity::{QuantityError, Ratio};
use crate::text::TemplateError;

/// What can be wrong with a scorecard, one of its parts, or a panel that it is to judge.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ScorecardError {
    /// Something is wrong inside a named part of a document.
    #[error("{place}: {source}")]
    In {
        /// The part.
        place: String,
        /// What is wrong there.
        source: Box<Self>,
    },
    /// A number cannot be read or leaves its range.
    #[error(transparent)]
    Quantity(#[from] QuantityError),
    /// A name cannot be a key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The panel does not have what the card needs.
    #[error(transparent)]
    Panel(#[from] PanelError),
    /// A table of bands or a range is wrong.
    #[error(transparent)]
    Band(#[from] BandError),
    /// The message of a consequence is no sentence with its places.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// Numbers that have to rise do not.
    #[error("the {what} must rise, but {right} follows {left}")]
    NotRising {
        /// Which numbers.
        what: &'static str,
        /// The earlier.
        left: Ratio,
        /// The later.
        right: Ratio,
    },
    /// A curve has no knot.
    #[error("the curve has no knots")]
    NoKnots,
    /// The floor is above the cap.
    #[error("the floor {floor} is above the cap {cap}")]
    FloorAboveCap {
        /// The floor.
        floor: Ratio,
        /// The cap.
        cap: Ratio,
    },
    /// Points are given for each unit of no size.
    #[error("points are given for every {every}; a unit must be above zero")]
    Unit {
        /// The size of the unit.
        every: Ratio,
    },
    /// A number of a definition is too large or too fine.
    #[error(
        "{value} is beyond the numbers of a scheme: at most 10^18, and denominators of at most 10^9"
    )]
    NumberRange {
        /// The number.
        value: Ratio,
    },
    /// Numbers of a definition are together too fine to be handled exactly.
    #[error("the numbers are together too fine to be handled exactly; use fewer decimal places")]
    TooFine,
    /// There are more things than a document may hold.
    #[error("{count} {what} are more than {limit}")]
    TooMany {
        /// Which things.
        what: &'static str,
        /// How many there are.
        count: usize,
        /// How many there may be.
        limit: usize,
    },
    /// More places than are kept.
    #[error("{places} decimal places are more than 9")]
    Places {
        /// The number of places.
        places: u8,
    },
    /// Points are finer than the places to which they are rounded.
    #[error("{points} points are finer than the {places} places to which they are rounded")]
    Finer {
        /// The points.
        points: Ratio,
        /// The places.
        places: u8,
    },
    /// A table of points does not have a cell for each pair of bands.
    #[error(
        "the table has {rows} rows of bands and {columns} columns, but row {row} has {found} points"
    )]
    Grid {
        /// Bands down the side.
        rows: usize,
        /// Bands across the top.
        columns: usize,
        /// The offending row, from 1; one more than there are when rows are missing.
        row: usize,
        /// How many points it has.
        found: usize,
    },
    /// Weights do not make 100 %.
    #[error("the weights of {of} add up to {}%, not 100%", sum.checked_mul(Ratio::from(100)).map_or(sum.to_string(), |percent| percent.to_string()))]
    Weights {
        /// What the weights belong to.
        of: String,
        /// Their sum.
        sum: Ratio,
    },
    /// A weight is below zero.
    #[error("the weight {weight} is below zero")]
    NegativeWeight {
        /// The weight.
        weight: Ratio,
    },
    /// Lists that belong together differ in length, or a place is beyond the last.
    #[error("there are {found} {what} where {expected} belong")]
    Shape {
        /// What there is another number of.
        what: &'static str,
        /// How many there should be.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// An amount cannot be split.
    #[error(transparent)]
    Allocation(#[from] crate::allocation::AllocationError),
    /// Two things have one name.
    #[error("the {what} `{key}` is listed twice")]
    Duplicate {
        /// What kind of thing.
        what: &'static str,
        /// The name.
        key: Key,
    },
    /// A name stands for nothing.
    #[error("there is no {what} `{name}`{}", hint(nearest.as_deref(), known))]
    UnknownName {
        /// What kind of thing was looked for.
        what: &'static str,
        /// The name.
        name: String,
        /// The nearest known name.
        nearest: Option<String>,
        /// The known names.
        known: Known,
    },
    /// There is nothing to score.
    #[error("there is no {what}")]
    Empty {
        /// What is missing.
        what: &'static str,
    },
    /// The parts of a definition do not go together.
    #[error("{what}")]
    Conflict {
        /// What does not go together with what, and why.
        what: String,
    },
    /// Two figures that are to be compared are counted in different units.
    #[error("{left} in {left_unit} cannot be compared with {right} in {right_unit}")]
    UnitMismatch {
        /// One column.
        left: String,
        /// Its unit.
        left_unit: Unit,
        /// The other.
        right: String,
        /// Its unit.
        right_unit: Unit,
    },
}

impl ScorecardError {
    /// Names the part of the document in which this went wrong.
    pub(crate) fn within(self, place: impl Into<String>) -> Self {
        Self::In {
            place: place.into(),
            source: Box::new(self),
        }
    }
}
