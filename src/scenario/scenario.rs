use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::calendar::{CalendarDef, WorkingDaysDef};
use crate::document::Version;
use crate::key::Key;
use crate::ledger::{Record, SchemaDef};
use crate::metric::{MetricDef, Reversals};
use crate::model::{PeriodsDef, TableDef};
use crate::plan::CascadeDef;
use crate::quantity::Number;
use crate::review::ReviewDef;
use crate::rule::RuleDef;
use crate::scorecard::ScorecardDef;
use crate::space::{Axis, Unassigned};
use crate::text::Texts;

use super::ReadyDef;

/// A scenario as a document.
///
/// ```
/// use quotaflow::scenario::ScenarioDef;
/// let scenario: ScenarioDef = serde_json::from_str(r#"{
///     "as_of": "2026-01-20",
///     "schema": {
///         "space": [{"key": "person", "hierarchies": [{"key": "person", "levels": ["person"]}],
///                    "members": [{"key": "ann", "level": "person"}, {"key": "bo", "level": "person"}]}],
///         "measures": [{"key": "sales", "unit": "money:EUR", "quantum": "0.01", "additivity": "flow"}],
///         "kinds": [{"key": "order", "dimensions": [{"field": "person"}], "measures": [{"measure": "sales"}]}],
///         "span": {"start": "2026-01-01", "end": "2027-01-01"}
///     },
///     "records": [{"kind": "order", "day": "2026-01-05", "members": {"person": "ann"}, "amounts": {"sales": "19.99"}}],
///     "subjects": [{"dimension": "person", "level": "person"}],
///     "periods": {"grain": "month", "from": "2026-01-01", "to": "2026-02-01"},
///     "metrics": [{"key": "sales", "formula": {"sum": {"value": {"measure": "sales"}, "of": {"kinds": ["order"]}}}}]
/// }"#).map_err(quotaflow::Error::unreadable)?;
/// let outcome = scenario.run()?;
/// let ann = serde_json::to_value(&outcome.figures[0]).map_err(quotaflow::Error::other)?;
/// assert_eq!(ann["values"]["sales"], "19.99");
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScenarioDef {
    /// The version of this form of document.
    #[serde(default)]
    pub version: Version<1>,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub title: Texts,
    /// The day as of which everything is judged; the period that holds it is the one that is reviewed.
    pub as_of: NaiveDate,
    /// Who and where, what is measured, and what records say.
    pub schema: SchemaDef,
    /// What is taken from the catalog by name.
    #[serde(default, skip_serializing_if = "ReadyDef::is_empty")]
    pub ready: ReadyDef,
    /// How years and weeks run; the Gregorian calendar with ISO weeks where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calendar: Option<CalendarDef>,
    /// Which days are worked; needed where a step of a cascade goes by them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub working_days: Option<WorkingDaysDef>,
    /// What happened. They enter all or not at all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub records: Vec<Record>,
    /// The levels whose members are the rows, several for their combinations; none for the whole.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub subjects: Vec<Axis>,
    /// Whether what belongs to nobody is a row too; wherever something lies there when left out, so that every level adds up.
    #[serde(default = "where_used", skip_serializing_if = "is_where_used")]
    pub unassigned: Unassigned,
    /// The periods.
    pub periods: PeriodsDef,
    /// What reversals do to figures of the days before them.
    #[serde(default, skip_serializing_if = "Reversals::is_default")]
    pub reversals: Reversals,
    /// The figures that are folded from the records.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub metrics: Vec<MetricDef>,
    /// Figures of the records that serve as a basis of cascades, each under a name of its own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tables: Vec<TableDef>,
    /// Targets.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub targets: Vec<TargetDef>,
    /// The card by which the subjects are scored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<ScorecardDef>,
    /// The rules that watch them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<RuleDef>,
    /// Whether amounts that are no whole quanta are told exactly too, beside what they round to.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub exact: bool,
    /// What the review looks at. Its paces add the expected and projected figures that cards and rules may read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review: Option<ReviewDef>,
}

fn where_used() -> Unassigned {
    Unassigned::WhereUsed
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_where_used(unassigned: &Unassigned) -> bool {
    *unassigned == Unassigned::WhereUsed
}

/// Targets of one metric.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum TargetDef {
    /// A total that is cascaded; the measure of the recipe is the metric.
    Cascade {
        /// The total.
        total: Number,
        /// The recipe.
        recipe: CascadeDef,
    },
    /// Targets that are written down; a cell that is not named has none.
    Given {
        /// The metric, of which the records have figures.
        metric: Key,
        /// The cells.
        cells: Vec<TargetCell>,
    },
}

/// One target that is written down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TargetCell {
    /// The members of the subject, one for each axis.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub subject: Vec<Key>,
    /// The label of the period.
    pub period: Key,
    /// The target.
    pub amount: Number,
}
