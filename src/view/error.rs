//! Why a view cannot be answered.

use chrono::NaiveDate;
use thiserror::Error;

use crate::duty::DutyError;
use crate::journal::Needed;
use crate::key::{Key, Known, hint};
use crate::limits::LimitError;
use crate::metric::MetricError;
use crate::model::ModelCause;
use crate::panel::PanelError;
use crate::plan::PlanError;
use crate::space::SpaceError;

/// Why a view cannot be answered.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum ViewError {
    /// The model has no view of this name.
    #[error("there is no view `{name}`{}", hint(nearest.as_deref(), known))]
    UnknownView {
        /// The name.
        name: String,
        /// The nearest known one.
        nearest: Option<String>,
        /// Those that are known.
        known: Known,
    },
    /// Somebody's part is asked for of a view that has no rows of theirs.
    #[error(
        "view `{view}` has no rows of `{dimension}`, so that nobody's part of it can be told: ask a view that has, or the whole of it"
    )]
    NoRows {
        /// The view.
        view: Key,
        /// The viewer's dimension.
        dimension: Key,
    },
    /// More rows or cells than the host allows.
    #[error(transparent)]
    Limit(#[from] LimitError),
    /// The structure of the day has no such level, or cannot be made.
    #[error(transparent)]
    Space(#[from] SpaceError),
    /// A figure cannot be made.
    #[error(transparent)]
    Metric(#[from] MetricError),
    /// The panel cannot take a column.
    #[error(transparent)]
    Panel(#[from] PanelError),
    /// A card or a pay plan cannot judge the figures.
    #[error("`{column}`: {cause}")]
    Column {
        /// The column.
        column: Key,
        /// Why.
        #[source]
        cause: Box<ModelCause>,
    },
    /// The targets of a plan cannot be read.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// What became of a duty cannot be told.
    #[error(transparent)]
    Duty(#[from] DutyError),
    /// Records of what is closed are needed first: supply them to the journal and take the view anew.
    #[error("{needed}")]
    Needed {
        /// Which.
        needed: Box<Needed>,
    },
    /// A structure is asked for as it will be.
    #[error("the structure of {day} cannot be shown as of {as_of}: that day has not come yet")]
    NotYet {
        /// The day of the structure.
        day: NaiveDate,
        /// The as-of day.
        as_of: NaiveDate,
    },
}
