//! What a checked model consists of.

use super::definition::{ModelDef, ViewDef};
use crate::calendar::{Calendar, PeriodSet, WorkingDays};
use crate::fingerprint::Fingerprint;
use crate::key::Key;
use crate::ledger::Schema;
use crate::metric::{Lanes, MetricDef};

#[derive(Debug)]
pub(super) struct Parts {
    pub(super) definition: ModelDef,
    pub(super) fingerprint: Fingerprint,
    pub(super) calendar: Calendar,
    pub(super) working_days: Option<WorkingDays>,
    pub(super) schema: Schema,
    pub(super) views: Vec<Asked>,
    pub(super) lanes: Lanes,
    pub(super) cuts: Cuts,
}

/// A view with its names resolved.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) definition: ViewDef,
    pub(crate) periods: PeriodSet,
    /// The metrics that it shows, then those that they are made from.
    pub(crate) metrics: Vec<MetricDef>,
    pub(crate) shown: usize,
    /// Those that it shows of whose figures a difference is again one.
    pub(crate) adding_up: Vec<Key>,
}

/// Where the views cut time.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cuts {
    /// The days at which a period or window begins or ends, ascending.
    pub(crate) days: Vec<i32>,
    /// How many days before the as-of day a window may begin on any day.
    pub(crate) reach: u32,
}
