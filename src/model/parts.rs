//! What a checked model consists of.

use std::sync::Arc;

use super::definition::{ModelDef, ViewDef};
use super::duties::Owing;
use super::error::ModelCause;
use super::judged::Judged;
use super::watch::Watched;
use crate::calendar::{Calendar, PeriodSet, WorkingDays, WorkingHours};
use crate::fingerprint::Fingerprint;
use crate::key::Key;
use crate::ledger::Schema;
use crate::metric::{Lanes, MetricDef};
use crate::panel::ColumnKey;
use crate::space::Posts;

#[derive(Debug)]
pub(super) struct Parts {
    pub(super) definition: ModelDef,
    pub(super) fingerprint: Fingerprint,
    pub(super) calendar: Calendar,
    pub(super) working_days: Option<WorkingDays>,
    pub(super) schema: Schema,
    /// Who holds which post, if there are posts.
    pub(super) posts: Option<Arc<Posts>>,
    /// The views, and behind them the tables and what counts the records of duties, of which nobody asks by name.
    pub(super) views: Vec<Asked>,
    pub(super) lanes: Lanes,
    pub(super) cuts: Cuts,
    pub(super) watches: Vec<Watched>,
    pub(super) duties: Vec<Owing>,
    /// Cards, then pay plans by name.
    pub(super) judged: Vec<Judged>,
    pub(super) hours: WorkingHours,
}

/// A view with its names resolved.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) definition: ViewDef,
    pub(crate) periods: PeriodSet,
    /// The metrics that it reads.
    pub(crate) metrics: Vec<MetricDef>,
    /// The metrics, targets and what is reached of them that it shows, in order.
    pub(crate) shown: Vec<ColumnKey>,
    /// What it says of them beside: cards, then pay plans.
    pub(crate) judged: Vec<Judged>,
    /// The columns of whose figures a difference is again one.
    pub(crate) adding_up: Vec<ColumnKey>,
    /// The measures whose targets it reads, and the positions of the plans that have some.
    pub(crate) targets: Vec<Key>,
    pub(crate) plans: Vec<usize>,
    /// The positions of the duties of which it shows something.
    pub(crate) duties: Vec<usize>,
}

/// A column that cannot be shown, and why.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct NotShown {
    pub(crate) column: Key,
    pub(crate) cause: ModelCause,
}

impl NotShown {
    pub(crate) fn new(column: &Key, cause: impl Into<ModelCause>) -> Self {
        Self {
            column: column.clone(),
            cause: cause.into(),
        }
    }
}

/// Where the views cut time.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cuts {
    /// The days at which a period or window begins or ends, ascending.
    pub(crate) days: Vec<i32>,
    /// How many days before the as-of day a window may begin on any day.
    pub(crate) reach: u32,
}
