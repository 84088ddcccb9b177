//! Gates and vetoes (一票否决): conditions that limit what points can be had.

use crate::band::Interval;
use crate::key::Key;
use crate::panel::{ColumnKey, Reason};
use crate::quantity::Ratio;
use crate::text::Texts;
use serde::{Deserialize, Serialize};

/// What a condition looks at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Observed {
    /// A figure of the panel, in its own unit, in the period that is scored.
    Figure(ColumnKey),
    /// The input of a KPI: its attainment.
    Attainment(Key),
    /// The points of a KPI, before any gate.
    Points(Key),
}

/// What it means for a condition that there is no number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Presumed {
    /// The condition counts as failed: a gate stays shut, a veto does not strike. The default.
    #[default]
    Fails,
    /// The condition counts as met: a gate opens, a veto strikes.
    Holds,
}

/// A condition on one number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConditionDef {
    /// What is looked at.
    pub of: Observed,
    /// Where it has to lie.
    pub within: Interval,
    /// What it means that there is no number.
    #[serde(default)]
    pub unknown: Presumed,
}

impl ConditionDef {
    /// Returns the condition that the operand lies in a range.
    #[must_use]
    pub fn new(of: Observed, within: Interval) -> Self {
        Self {
            of,
            within,
            unknown: Presumed::Fails,
        }
    }

    /// Says whether the condition holds for a number, or for its absence.
    #[must_use]
    pub fn holds(&self, reading: Result<Ratio, Reason>) -> bool {
        match reading {
            Ok(value) => self.within.contains(value),
            Err(_) => self.unknown == Presumed::Holds,
        }
    }
}

/// What a gate shuts.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gated {
    /// The total. The default.
    #[default]
    Card,
    /// One group.
    Group(Key),
    /// One KPI or item.
    Kpi(Key),
}

/// A requirement: unless it is met, a part of the card is worth at most so much.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GateDef {
    /// The stable name.
    pub key: Key,
    /// What it is shown as.
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub title: Texts,
    /// What has to be met.
    pub requires: ConditionDef,
    /// What is shut otherwise.
    #[serde(default)]
    pub on: Gated,
    /// How many points it is then worth at most; none by default.
    #[serde(default)]
    pub at_most: Ratio,
}

/// A veto: when it strikes, the total is worth at most so much, whatever the rest says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VetoDef {
    /// The stable name.
    pub key: Key,
    /// What it is shown as.
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub title: Texts,
    /// When it strikes.
    pub when: ConditionDef,
    /// How many points the card is then worth at most; none by default, a cap where it is more.
    #[serde(default)]
    pub at_most: Ratio,
    /// The best grade that can then be had; no limit of its own where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub best_grade: Option<Key>,
}
