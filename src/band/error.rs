//! What can be wrong with bands and intervals.

use thiserror::Error;

use crate::quantity::Ratio;

/// What can be wrong with a table of bands or a range.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum BandError {
    /// A text is not a range.
    #[error(
        "`{text}` is not a range: write [0.75, 0.9) with a bracket where the end belongs to it, and .. where there is no end"
    )]
    Interval {
        /// The text.
        text: String,
    },
    /// A range holds no number.
    #[error("the range {text} holds no number")]
    EmptyInterval {
        /// The range.
        text: String,
    },
    /// A table of bands has no row.
    #[error("there are no bands")]
    NoBands,
    /// Some numbers have no band.
    #[error("nothing covers {}", gap(*from, *to))]
    Gap {
        /// The end of what is covered below; none where nothing is.
        from: Option<Ratio>,
        /// The start of what is covered above; none where nothing is.
        to: Option<Ratio>,
    },
    /// Some numbers have two bands.
    #[error("`{low}` and `{high}` {}", at.map_or("overlap".to_owned(), |at| format!("both claim {at}")))]
    Overlap {
        /// One band.
        low: String,
        /// The other.
        high: String,
        /// A number that both hold.
        at: Option<Ratio>,
    },
    /// The edges do not rise.
    #[error("the edges of the bands must rise, but {right} follows {left}")]
    NotRising {
        /// The earlier.
        left: Ratio,
        /// The later.
        right: Ratio,
    },
    /// There are more bands than a table may hold.
    #[error("{count} bands are more than {limit}")]
    TooMany {
        /// How many there are.
        count: usize,
        /// How many there may be.
        limit: usize,
    },
}

fn gap(from: Option<Ratio>, to: Option<Ratio>) -> String {
    match (from, to) {
        (Some(from), Some(to)) if from == to => format!("the number {from}"),
        (Some(from), Some(to)) => format!("the numbers between {from} and {to}"),
        (None, Some(to)) => format!("the numbers below {to}"),
        (Some(from), None) => format!("the numbers above {from}"),
        (None, None) => "any number".to_owned(),
    }
}
