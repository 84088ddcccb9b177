//! Why a view cannot be answered.

use thiserror::Error;

use crate::duty::DutyError;
use crate::journal::needed::Needed;
use crate::limits::LimitError;
use crate::metric::MetricError;
use crate::model::NotShown;
use crate::panel::PanelError;
use crate::plan::PlanError;
use crate::space::SpaceError;

/// Why it cannot be answered.
#[derive(Debug, Error)]
pub(crate) enum Unread {
    #[error(transparent)]
    Limit(#[from] LimitError),
    #[error(transparent)]
    Space(#[from] SpaceError),
    #[error(transparent)]
    Metric(#[from] MetricError),
    #[error(transparent)]
    Panel(#[from] PanelError),
    #[error("`{}`: {}", .0.column, .0.cause)]
    Column(Box<NotShown>),
    #[error(transparent)]
    Plan(#[from] PlanError),
    #[error(transparent)]
    Duty(#[from] DutyError),
    #[error("{0}")]
    Needed(Box<Needed>),
}

impl From<NotShown> for Unread {
    fn from(not: NotShown) -> Self {
        Self::Column(Box::new(not))
    }
}
