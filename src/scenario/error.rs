use thiserror::Error;

use crate::calendar::CalendarError;
use crate::catalog::PackError;
use crate::key::{Key, KeyError, Known, hint};
use crate::ledger::LedgerError;
use crate::limits::LimitError;
use crate::measure::MeasureError;
use crate::metric::MetricError;
use crate::pace::PaceError;
use crate::panel::PanelError;
use crate::plan::PlanError;
use crate::review::ReviewError;
use crate::rule::RuleError;
use crate::scorecard::ScorecardError;
use crate::space::{Axis, SpaceError};

/// What is wrong with a scenario, and where in the document.
#[derive(Debug, Clone, PartialEq, Error)]
#[error("{place}: {cause}")]
pub struct ScenarioError {
    /// The place in the document: `records[3]`, `metrics`, `targets[0].cells[2]`.
    pub place: String,
    /// What is wrong there.
    #[source]
    pub cause: ScenarioCause,
}

/// What can be wrong at a place of a scenario.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum ScenarioCause {
    /// A name cannot be a key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A dimension, level or member is not as it should be.
    #[error(transparent)]
    Space(#[from] SpaceError),
    /// A calendar or a period is not as it should be.
    #[error(transparent)]
    Calendar(#[from] CalendarError),
    /// A record or the schema is not as it should be.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// A metric is not as it should be.
    #[error(transparent)]
    Metric(#[from] MetricError),
    /// A cascade is not as it should be.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// A column is not as it should be.
    #[error(transparent)]
    Panel(#[from] PanelError),
    /// A pace is not as it should be.
    #[error(transparent)]
    Pace(#[from] PaceError),
    /// A card is not as it should be.
    #[error(transparent)]
    Scorecard(#[from] ScorecardError),
    /// A rule is not as it should be.
    #[error(transparent)]
    Rule(#[from] RuleError),
    /// A review is not as it should be.
    #[error(transparent)]
    Review(#[from] ReviewError),
    /// The catalog has nothing of this name.
    #[error("there is no ready {what} `{name}`{}", hint(nearest.as_deref(), known))]
    UnknownReady {
        /// `kind of record` or `metric`.
        what: &'static str,
        /// The name.
        name: String,
        /// The nearest known one.
        nearest: Option<String>,
        /// Those that are known.
        known: Known,
    },
    /// A ready rule is not as it should be, or a threshold for it.
    #[error(transparent)]
    Pack(#[from] PackError),
    /// A measure is not as it should be.
    #[error(transparent)]
    Measure(#[from] MeasureError),
    /// An amount is not a whole count of its quantum or beyond its range.
    #[error(transparent)]
    Quantity(#[from] crate::quantity::QuantityError),
    /// More is asked for than the host allows.
    #[error(transparent)]
    Limit(#[from] LimitError),
    /// An axis is asked for twice.
    #[error("`{}.{}` is listed twice; its rows would be pairs of members of one level", axis.dimension, axis.level)]
    DuplicateAxis {
        /// The axis.
        axis: Axis,
    },
    /// A cell is named twice.
    #[error("the target of `{subject}` in `{period}` is given twice")]
    GivenTwice {
        /// The subject.
        subject: String,
        /// The period.
        period: Key,
    },
    /// A target is given for a metric that is not an amount.
    #[error("`{metric}` is a quotient; targets can be given for amounts only")]
    NotAnAmount {
        /// The metric.
        metric: Key,
    },
    /// A cascade does not add up, which would be a fault of this library.
    #[error("the plan's totals differ from their parts in {count} places")]
    Discrepancies {
        /// How many.
        count: usize,
    },
}

/// Puts a place beside an error.
pub(super) trait At<T> {
    fn at(self, place: impl Into<String>) -> Result<T, ScenarioError>;
}

impl<T, E: Into<ScenarioCause>> At<T> for Result<T, E> {
    fn at(self, place: impl Into<String>) -> Result<T, ScenarioError> {
        self.map_err(|cause| ScenarioError {
            place: place.into(),
            cause: cause.into(),
        })
    }
}
