//! The form in which a monitor is written.

use super::incident::Incident;
use crate::{document::Version, key::Key, space::Subjects};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MonitorDocument {
    #[serde(default)]
    pub(super) version: Version<1>,
    /// The latest day that was told, or the one before the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) told: Option<NaiveDate>,
    /// The days that were told by a period so far.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) days: Vec<TellingDocument>,
    /// Where everything stood at the end of the day through which history is closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) closed: Option<Box<MonitorDocument>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) subjects: Option<Subjects>,
    #[serde(default)]
    pub(super) rules: Vec<RuleDocument>,
    #[serde(default)]
    pub(super) incidents: Vec<Incident>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TellingDocument {
    pub(super) day: NaiveDate,
    /// The first day of which it says something, where that is another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) from: Option<NaiveDate>,
    /// Whether the period had been told before.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) again: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RuleDocument {
    pub(super) rule: Key,
    /// Whether the rows of what is pending are of periods.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) by_period: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) cells: Vec<CellDocument>,
    /// Whether the rule limits flapping.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) flapping: bool,
    /// The subjects of whom it was told that the rule cannot say.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(super) undecided: BTreeSet<u32>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CellDocument {
    pub(super) subject: u32,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) firing: bool,
    /// How many days that were told, or periods, in a row were true, or clear while it fires.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) row: u16,
    /// The same at the end of the period before, while a period runs.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) base: u16,
    /// The first day of what is pending, where that is before the row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) since: Option<NaiveDate>,
    #[serde(default, skip_serializing_if = "Option::is_none", rename = "incident")]
    pub(super) record: Option<u32>,
    /// The last 21 times as a number in binary, the latest last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) history: Option<u32>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) flapping: bool,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
pub(super) fn is_zero(row: &u16) -> bool {
    *row == 0
}
