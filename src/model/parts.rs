//! What a checked model consists of.

use super::definition::{ModelDef, ViewDef};
use crate::calendar::{Calendar, PeriodSet, WorkingDays};
use crate::fingerprint::Fingerprint;
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
}

/// A view with its names resolved.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) definition: ViewDef,
    pub(crate) periods: PeriodSet,
    /// The metrics that it shows, then those that they are made from.
    pub(crate) metrics: Vec<MetricDef>,
    pub(crate) shown: usize,
}
