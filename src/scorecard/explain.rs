//! Why a score is what it is: a tree down to the figures.

use crate::panel::Reason;
use serde::{Deserialize, Serialize};

use super::{Light, Readings, Unknown};
use crate::key::Key;
use crate::measure::Direction;
use crate::quantity::Ratio;

/// The derivation of one total, from the figures up.
///
/// It is complete: [`Scorecard::replay`](super::Scorecard::replay) recomputes every number in it from the figures alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Breakdown {
    /// The card.
    pub card: Key,
    /// Who was scored.
    pub subject: String,
    /// For which period.
    pub period: String,
    /// The groups, in the order of the card.
    pub groups: Vec<GroupPart>,
    /// The bonus and deduction items, in the order of the card.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<KpiPart>,
    /// The weighted mean of the groups, exact.
    #[serde(with = "crate::panel::written")]
    pub weighted: Result<Ratio, Reason>,
    /// What the bonuses add, within their limit.
    pub bonus: Ratio,
    /// What the deductions take, within their limit; not below zero.
    pub deduction: Ratio,
    /// The sum of these, rounded, within floor and cap.
    #[serde(with = "crate::panel::written")]
    pub rounded: Result<Ratio, Reason>,
    /// The gates.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gates: Vec<LimitPart>,
    /// The vetoes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vetoes: Vec<LimitPart>,
    /// The total.
    #[serde(with = "crate::panel::written")]
    pub total: Result<Ratio, Reason>,
    /// The grade.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grade: Option<Key>,
    /// The traffic light.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub light: Option<Light>,
}

impl Breakdown {
    /// Returns the part of a KPI or an item.
    #[must_use]
    pub fn kpi(&self, key: &str) -> Option<&KpiPart> {
        self.kpis().find(|part| part.key == *key)
    }

    /// Returns the parts of all KPIs, then of the items.
    pub fn kpis(&self) -> impl Iterator<Item = &KpiPart> {
        self.groups
            .iter()
            .flat_map(|group| &group.kpis)
            .chain(&self.items)
    }
}

/// What a group of a card gave to the total.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupPart {
    /// The group.
    pub key: Key,
    /// Its weight on the card.
    pub weight: Ratio,
    /// Its share after the weight of groups without a score went to the others.
    pub share: Ratio,
    /// Its KPIs.
    pub kpis: Vec<KpiPart>,
    /// The weighted mean of its KPIs, exact, within its gates.
    #[serde(with = "crate::panel::written")]
    pub points: Result<Ratio, Reason>,
    /// Share x points.
    pub contribution: Ratio,
}

/// What a KPI or an item gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KpiPart {
    /// The KPI.
    pub key: Key,
    /// Its weight in the group; nothing for an item.
    pub weight: Ratio,
    /// Its share of the group after the weight of KPIs without a number went to the others.
    pub share: Ratio,
    /// The figures: one input, or two for a table.
    pub inputs: Vec<InputPart>,
    /// The points before rounding.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exact: Option<Ratio>,
    /// What was done because there is no number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unknown: Option<Unknown>,
    /// The points of the nearest earlier period with a number, where they were asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(with = "crate::panel::written")]
    pub previous: Option<Result<Ratio, Reason>>,
    /// The points, rounded, before gates.
    #[serde(with = "crate::panel::written")]
    pub scored: Result<Ratio, Reason>,
    /// The points within the gates.
    #[serde(with = "crate::panel::written")]
    pub points: Result<Ratio, Reason>,
    /// The traffic light.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub light: Option<Light>,
}

/// What an input was made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InputPart {
    /// Which way is good.
    pub direction: Direction,
    /// The figure, the target and the baseline.
    pub readings: Readings,
    /// What entered the curve.
    #[serde(with = "crate::panel::written")]
    pub attained: Result<Ratio, Reason>,
}

/// What a gate or veto found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitPart {
    /// The gate or veto.
    pub key: Key,
    /// The number that it looked at.
    #[serde(with = "crate::panel::written")]
    pub found: Result<Ratio, Reason>,
    /// Whether its condition holds.
    pub holds: bool,
    /// Whether it therefore limits.
    pub limits: bool,
}
