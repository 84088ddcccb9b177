//! What a checked model consists of.

use std::sync::Arc;

use chrono::NaiveDate;

use super::by_cell::TargetCell;
use super::definition::{ModelDef, ViewDef};
use super::duties::Owing;
use super::error::ModelCause;
use super::judged::Judged;
use super::watch::Watched;
use crate::calendar::{Calendar, PeriodSet, WorkingDays, WorkingHours};
use crate::fingerprint::Fingerprint;
use crate::key::Key;
use crate::ledger::Schema;
use crate::measure::Measures;
use crate::metric::{Lanes, MetricDef};
use crate::panel::{Column, ColumnKey};
use crate::quantity::Quantum;
use crate::rule::RuleDef;
use crate::space::{Posts, Space};

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
    /// Everything that its panel has: what it shows, cards and pay, paces, and how long nothing has happened.
    pub(crate) columns: Vec<ColumnKey>,
    /// What it says of them beside: cards, then pay plans.
    pub(crate) judged: Vec<Judged>,
    /// The columns of whose figures a difference is again one.
    pub(crate) adding_up: Vec<ColumnKey>,
    /// The measures whose targets it reads, and the positions of the plans that have some.
    pub(crate) targets: Vec<Key>,
    pub(crate) plans: Vec<usize>,
    /// The positions of the duties of which it shows something.
    pub(crate) duties: Vec<usize>,
    /// In which quanta the targets that are written down are counted, in their order.
    pub(crate) quanta: Vec<Quantum>,
    /// The rules that watch it and ask how long nothing has happened, which are columns of it too.
    pub(crate) silences: Vec<RuleDef>,
}

/// What stands beside the figures of the records of a view.
#[derive(Clone, Copy)]
pub(crate) struct Beside<'a> {
    pub(crate) measures: &'a Measures,
    /// The columns of plans and duties.
    pub(crate) planned: &'a [Column],
    pub(crate) space: &'a Space,
    /// The targets that are written down, by metric; those of one cell add up.
    pub(crate) written: &'a [(&'a Key, &'a TargetCell)],
    pub(crate) as_of: NaiveDate,
    /// By row, since when it is there; read where somebody asks how long nothing has happened.
    pub(crate) taken_on: &'a [Option<NaiveDate>],
    pub(crate) days: Option<&'a WorkingDays>,
    pub(crate) hours: Option<&'a WorkingHours>,
}

/// A column that cannot be shown, and why.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct NotShown {
    pub(crate) column: Key,
    /// Where the view asks for it, unless it shows it by name.
    pub(crate) place: Option<String>,
    pub(crate) cause: ModelCause,
}

impl NotShown {
    pub(crate) fn new(column: &Key, cause: impl Into<ModelCause>) -> Self {
        Self {
            column: column.clone(),
            place: None,
            cause: cause.into(),
        }
    }

    pub(super) fn at(mut self, place: String) -> Self {
        self.place = Some(place);
        self
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
