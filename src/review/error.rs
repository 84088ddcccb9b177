//! What can be wrong with a review.

use chrono::NaiveDate;
use thiserror::Error;

use super::driver::DriverDef;
use crate::allocation::AllocationError;
use crate::calendar::{CalendarError, PeriodDef, around_text};
use crate::key::{Key, KeyError, Known, hint, unknown};
use crate::pace::PaceError;
use crate::panel::PanelError;
use crate::quantity::QuantityError;
use crate::rule::RuleError;
use crate::scorecard::ScorecardError;

/// What can be wrong with a review.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum ReviewError {
    /// A name cannot be a key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The calendar has no answer.
    #[error(transparent)]
    Calendar(#[from] CalendarError),
    /// No period of the panel holds the day.
    #[error("{as_of} lies in none of the periods under review: {}", around_text(*as_of, before.as_ref(), after.as_ref()))]
    NotUnderReview {
        /// The day.
        as_of: NaiveDate,
        /// The period before it.
        before: Option<PeriodDef>,
        /// The period after it.
        after: Option<PeriodDef>,
    },
    /// A driver names a metric that has no pace.
    #[error(
        "the driver of `{result}` by `{activity}` names `{name}`, which has no pace in this review{}",
        hint(nearest.as_deref(), known)
    )]
    UnknownPace {
        /// The result.
        result: Key,
        /// The activity.
        activity: Key,
        /// The one that has no pace.
        name: String,
        /// The nearest one that has.
        nearest: Option<String>,
        /// Those that have one.
        known: Known,
    },
    /// Scores are of another panel or period.
    #[error("the {what} are of another panel or period than the review")]
    OtherSources {
        /// What is of another panel or period.
        what: &'static str,
    },
    /// The pace has no answer.
    #[error(transparent)]
    Pace(#[from] PaceError),
    /// The panel has no answer.
    #[error(transparent)]
    Panel(#[from] PanelError),
    /// The rules have no answer.
    #[error(transparent)]
    Rule(#[from] RuleError),
    /// The card has no answer.
    #[error(transparent)]
    Scorecard(#[from] ScorecardError),
    /// A shortfall cannot be spread.
    #[error(transparent)]
    Allocation(#[from] AllocationError),
    /// A number leaves its range.
    #[error(transparent)]
    Quantity(#[from] QuantityError),
}

impl ReviewError {
    /// A metric that a driver names and that has no pace.
    pub(super) fn unpaced<'k>(
        driver: &DriverDef,
        metric: &Key,
        paced: impl Iterator<Item = &'k Key>,
    ) -> Self {
        let (name, nearest, known) = unknown(metric.as_str(), paced.map(Key::as_str));
        Self::UnknownPace {
            result: driver.result.clone(),
            activity: driver.activity.clone(),
            name,
            nearest,
            known,
        }
    }
}
