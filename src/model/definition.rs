//! A model as a document.

use serde::{Deserialize, Serialize};

use super::duties::CommonDutyDef;
use super::periods::PeriodsDef;
use super::plan::{PlanDef, TableDef};
use super::watch::WatchDef;
use crate::calendar::{CalendarDef, DayRange, WorkingDaysDef, WorkingHoursDef};
use crate::document::Version;
use crate::key::Key;
use crate::ledger::{RateTableDef, RecordKind};
use crate::measure::Measure;
use crate::metric::{MetricDef, Reversals};
use crate::panel::{ColumnKey, Role};
use crate::pay::PayPlanDef;
use crate::review::ReviewDef;
use crate::scorecard::ScorecardDef;
use crate::space::{Axis, DimensionDef, PostsDef, Unassigned};
use crate::text::Texts;

/// A model as a document; [`Model::new`](super::Model::new) checks it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelDef {
    /// The version of this form of document.
    #[serde(default)]
    pub version: Version<1>,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub title: Texts,
    /// How years and weeks run; the Gregorian calendar with ISO weeks where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calendar: Option<CalendarDef>,
    /// Which days are worked; needed where a plan shares amounts by them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub working_days: Option<WorkingDaysDef>,
    /// When on each day work is done: the time by which alerts climb that nobody has taken. All of each day when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub working_hours: Option<WorkingHoursDef>,
    /// Who and where, as it stood when the model was written. Who joins, moves or leaves later is an entry.
    pub dimensions: Vec<DimensionDef>,
    /// Which level is one of posts and which one of people, and who holds what as it stood when the model was written. Who begins,
    /// acts, is absent or leaves later is an entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub posts: Option<PostsDef>,
    /// What amounts are of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub measures: Vec<Measure>,
    /// The kinds of records.
    pub kinds: Vec<RecordKind>,
    /// The rates by which amounts in other currencies enter.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rates: Vec<RateTableDef>,
    /// The days on which records may lie; years ahead, since a model serves for long.
    pub span: DayRange,
    /// The sources that send no id twice, as the host's unique index proves: of these no journal asks whether what comes late is
    /// there already.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unique_ids: Vec<Key>,
    /// The figures.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub metrics: Vec<MetricDef>,
    /// Figures of the records that serve as a basis of plans, each under a name of its own; folded when a plan is cascaded.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tables: Vec<TableDef>,
    /// The plans.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub plans: Vec<PlanDef>,
    /// The cards by which rows are scored. A view that shows one has a column of points under its name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cards: Vec<ScorecardDef>,
    /// The plans by which rows are paid; those of one name follow one another in time. A view that shows them has a column of
    /// money under that name, and what becomes known of a closed period is paid in the first one that is open.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pay: Vec<PayPlanDef>,
    /// The duties that all members of a level have.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub duties: Vec<CommonDutyDef>,
    /// The questions that are asked again and again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub views: Vec<ViewDef>,
    /// The rules that watch views day by day.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub watches: Vec<WatchDef>,
}

/// A named question: which rows, which periods, which columns.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ViewDef {
    /// The name by which it is asked.
    pub key: Key,
    /// The levels whose members are the rows, several for their combinations; none for the whole.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rows: Vec<Axis>,
    /// Whether what belongs to nobody is a row too; wherever something lies there when left out, so that every level adds up.
    #[serde(default = "where_used", skip_serializing_if = "is_where_used")]
    pub unassigned: Unassigned,
    /// The periods.
    pub periods: PeriodsDef,
    /// The columns in order: metrics (`sales`), targets of plans (`target:sales`) and what has been reached of them
    /// (`attainment(sales)`), what became of duties (`visits.missing`), and the cards and pay plans, whose columns follow in this order;
    /// all metrics of the model when left out. Cards and pay plans read the columns that are shown, pay plans those of cards too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub show: Vec<ColumnKey>,
    /// What reversals do to figures of the days before them.
    #[serde(default, skip_serializing_if = "Reversals::is_default")]
    pub reversals: Reversals,
    /// The metrics whose targets are written down for its rows and periods by entries ([`TargetsDef`](super::TargetsDef)), and not
    /// cascaded by a plan. It shows them as `target:visits`, behind what it shows unless they are named there. As long as any stand, a
    /// model that changes keeps the view, its rows and these periods.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub written: Vec<Key>,
    /// What a review of it looks at. Its paces are columns of the view, which cards and rules may read: what should have been reached
    /// by the as-of day (`expected:sales`) and what is projected (`projected:sales`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review: Option<ReviewDef>,
}

impl ViewDef {
    /// A question that is behind the views: these columns, and nothing beside them.
    pub(super) fn of(key: &Key, rows: Vec<Axis>, periods: PeriodsDef, metric: &Key) -> Self {
        let show = ColumnKey {
            metric: metric.clone(),
            role: Role::Actual,
        };
        Self {
            key: key.clone(),
            rows,
            unassigned: Unassigned::Hidden,
            periods,
            show: vec![show],
            reversals: Reversals::default(),
            written: Vec::new(),
            review: None,
        }
    }
}

fn where_used() -> Unassigned {
    Unassigned::WhereUsed
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_where_used(unassigned: &Unassigned) -> bool {
    *unassigned == Unassigned::WhereUsed
}
