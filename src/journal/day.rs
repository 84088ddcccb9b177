//! What a day brings.

use chrono::{NaiveDate, NaiveDateTime};
use serde::{Deserialize, Serialize};

use super::decision::Stated;
use crate::alert::{AlertId, Restatement, What};
use crate::key::Key;
use crate::panel::{ColumnKey, Reason};
use crate::quantity::Ratio;
use crate::rule::Severity;

/// What a day brings: alerts that changed and escalations, and what became known late about days that were told before.
///
/// A day is told once, by the first hand-over that is complete through it and with the knowledge of that; later knowledge stands
/// on the day through which its own hand-over is complete. What is said of a day that is not complete is a preview.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Day {
    /// The day.
    pub day: NaiveDate,
    /// When the hand-over was known by which it was told; none for a preview.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known: Option<NaiveDateTime>,
    /// What happened to alerts, watch by watch, in the order of the rules and then of the rows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notices: Vec<Notice>,
    /// What became known of earlier days.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub late: Vec<Hindsight>,
    /// What could not be watched.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unwatched: Vec<Unwatched>,
}

/// Something that happened to an alert, with the figures that it is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notice {
    /// The watch of the model.
    pub watch: Key,
    /// The alert, by which people decide about it; none where a preview tells of one that is not there yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alert: Option<AlertId>,
    /// The rule.
    pub rule: Key,
    /// The members of the row.
    pub subject: Vec<Key>,
    /// How grave it is.
    pub severity: Severity,
    /// What happened.
    pub what: What,
    /// The role that is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Key>,
    /// The figures of the row that the rules of the watch read, as of the day.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub figures: Vec<Stated>,
}

/// What a hand-over says of days that had been told before it: which alerts are told otherwise, and which answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hindsight {
    /// The watch of the model.
    pub watch: Key,
    /// When the hand-over was known.
    pub known: NaiveDateTime,
    /// The alerts that are told otherwise now.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alerts: Vec<Restatement>,
    /// The answers of the watched view, as of the latest day told before, that are others now.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<Amended>,
}

/// An answer that is another one by what became known late.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Amended {
    /// The members of the row.
    pub row: Vec<Key>,
    /// The label of the period.
    pub period: Key,
    /// The column.
    pub column: ColumnKey,
    /// As it was told; not applicable where there was no such row.
    #[serde(with = "crate::panel::written")]
    pub before: Result<Ratio, Reason>,
    /// As it is known now.
    #[serde(with = "crate::panel::written")]
    pub after: Result<Ratio, Reason>,
}

/// A watch that could say nothing of a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unwatched {
    /// The watch of the model.
    pub watch: Key,
    /// Why its view has no answer.
    pub why: String,
}

impl Day {
    pub(super) fn new(day: NaiveDate, known: Option<NaiveDateTime>) -> Self {
        Self {
            day,
            known,
            notices: Vec::new(),
            late: Vec::new(),
            unwatched: Vec::new(),
        }
    }

    /// Says whether it is a preview: the day is not complete, and what is said of it may become otherwise.
    #[must_use]
    pub fn is_preview(&self) -> bool {
        self.known.is_none()
    }
}
