//! Plans, and the figures by which they are cascaded, as documents.

use serde::{Deserialize, Serialize};

use super::periods::PeriodsDef;
use crate::key::Key;
use crate::metric::MetricDef;
use crate::plan::{CascadeDef, RatioRuleDef};
use crate::space::{Axis, Unassigned};

/// A plan as data: how totals become the targets of every member and period. The totals are an entry of a
/// [`Journal`](crate::journal::Journal), by which it is cascaded; what is done to it after that are entries too.
///
/// A view shows its targets as `target:sales` and what has been reached of them as `attainment(sales)`, where the measure that is
/// planned and the metric have the same name. Plans of one measure follow one another in time: of no day there are two.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanDef {
    /// The name by which entries refer to it.
    pub key: Key,
    /// One recipe for each measure, all over the same members and periods.
    pub recipes: Vec<CascadeDef>,
    /// The rules by which ratios of these measures and their parts stay linked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<RatioRuleDef>,
}

/// A figure of the records as a basis of cascades: last year's sales by person and month, say.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableDef {
    /// The name by which a step's basis finds it.
    pub key: Key,
    /// What is folded; an amount. A sum of no records is zero, and a figure; where its `empty` says `nothing_recorded`, whoever has no
    /// records has no figure, and a basis says by [`MissingMember`](crate::plan::MissingMember) what they weigh.
    pub metric: MetricDef,
    /// Its rows.
    pub axes: Vec<Axis>,
    /// Its periods.
    pub periods: PeriodsDef,
    /// Whether what belongs to nobody is a row too, which then weighs like those who are planned for; it is none when left out.
    #[serde(default = "hidden", skip_serializing_if = "is_hidden")]
    pub unassigned: Unassigned,
}

fn hidden() -> Unassigned {
    Unassigned::Hidden
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_hidden(unassigned: &Unassigned) -> bool {
    *unassigned == Unassigned::Hidden
}
