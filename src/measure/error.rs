//! What can be wrong with measures and their units.

use thiserror::Error;

use crate::key::{Key, KeyError, Known, hint};

/// What can be wrong with a list of measures.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum MeasureError {
    /// The name cannot be a key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// Two measures have the same key.
    #[error("measure `{measure}` is declared twice")]
    Duplicate {
        /// The key.
        measure: Key,
    },
    /// No measure has this key.
    #[error("there is no measure `{name}`{}", hint(nearest.as_deref(), known))]
    UnknownMeasure {
        /// The name.
        name: String,
        /// The nearest known one.
        nearest: Option<String>,
        /// Those that are known.
        known: Known,
    },
    /// A ratio stands on a measure that does not add up.
    #[error("the ratio `{ratio}` stands on `{part}`, which is neither a flow nor a stock")]
    NotAdditive {
        /// The ratio.
        ratio: Key,
        /// Its part.
        part: Key,
    },
    /// There are more measures than can be numbered.
    #[error("{count} measures are more than can be numbered")]
    TooMany {
        /// How many there are.
        count: usize,
    },
}

/// Renders a nearest name for an error message.
pub(crate) fn suggestion(nearest: Option<&str>) -> String {
    nearest
        .map(|name| format!("; did you mean `{name}`?"))
        .unwrap_or_default()
}

/// Why a text is not a unit.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum UnitError {
    /// Not three capital letters.
    #[error("`{code}` is not a currency code: write three capital letters, such as EUR")]
    Currency {
        /// The text.
        code: String,
    },
    /// Not the text form of a unit.
    #[error(
        "`{unit}` is not a unit: write money:EUR, count:visit, minute, hour, day, share or point, or two joined by ` per `, in parentheses where they divide another"
    )]
    NotAUnit {
        /// The text.
        unit: String,
    },
}
