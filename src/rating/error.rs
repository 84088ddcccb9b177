//! What can be wrong with rubrics and ratings.

use thiserror::Error;

use super::RaterGroup;
use crate::key::{Key, KeyError, Known, hint};
use crate::panel::PanelError;
use crate::quantity::{QuantityError, Ratio};
use crate::scorecard::ScorecardError;
use crate::space::SpaceError;

/// What can be wrong with a rubric or with ratings on it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RatingError {
    /// Two levels have one name, or a number of the rubric is too large or too fine.
    #[error(transparent)]
    Scorecard(#[from] ScorecardError),
    /// A name cannot be a key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The points do not fit the panel.
    #[error(transparent)]
    Panel(#[from] PanelError),
    /// A mean leaves the range of numbers.
    #[error(transparent)]
    Quantity(#[from] QuantityError),
    /// A rubric has nothing to point to.
    #[error("there is no level")]
    NoLevel,
    /// A level is not worth more than the one before it.
    #[error("the points of the levels must rise, but {right} follows {left}")]
    NotRising {
        /// The earlier.
        left: Ratio,
        /// The later.
        right: Ratio,
    },
    /// A relation has two weights.
    #[error("the relation `{relation}` has two weights")]
    TwoWeights {
        /// The relation.
        relation: RaterGroup,
    },
    /// A weight is below zero.
    #[error("the weight {weight} of the relation `{relation}` is below zero")]
    NegativeWeight {
        /// The relation.
        relation: RaterGroup,
        /// The weight.
        weight: Ratio,
    },
    /// The weights of the relations do not make 100 %.
    #[error("the weights of the relations add up to {}, not 100%", percent(*sum))]
    Weights {
        /// Their sum.
        sum: Ratio,
    },
    /// A rating names a level that the rubric does not have.
    #[error("there is no level `{name}`{}", hint(nearest.as_deref(), known))]
    UnknownLevel {
        /// The name.
        name: String,
        /// The nearest known name.
        nearest: Option<String>,
        /// The known names.
        known: Known,
    },
    /// A rating is of somebody who is not among the subjects.
    #[error("`{rater}` rates somebody else: {source}")]
    Subject {
        /// Who rates.
        rater: Key,
        /// Who is said to be rated.
        source: SpaceError,
    },
    /// Somebody rates the same subject twice.
    #[error("`{rater}` rates `{subject}` twice")]
    RatedTwice {
        /// Who rates.
        rater: Key,
        /// Who is rated.
        subject: String,
    },
    /// A rating comes from a relation that the rubric does not weigh.
    #[error("`{rater}` rates as `{name}`, which has no weight{}", hint(nearest.as_deref(), known))]
    UnknownRelation {
        /// Who rates.
        rater: Key,
        /// The relation.
        name: String,
        /// The nearest relation that has a weight.
        nearest: Option<String>,
        /// Those that have one.
        known: Known,
    },
    /// One cell of a panel has two results.
    #[error("`{subject}` has two results{}", period.as_ref().map(|period| format!(" in `{period}`")).unwrap_or_default())]
    TwoResults {
        /// Who was rated.
        subject: String,
        /// The label of the period.
        period: Option<Key>,
    },
}

fn percent(share: Ratio) -> String {
    share
        .checked_mul(Ratio::from(100))
        .map_or(share.to_string(), |percent| format!("{percent}%"))
}
