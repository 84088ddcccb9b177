//! What a day brings.

use chrono::{NaiveDate, NaiveDateTime};
use serde::{Deserialize, Serialize};

use super::decision::Stated;
use crate::alert::{AlertId, Restatement, What};
use crate::duty::DutyCounts;
use crate::key::Key;
use crate::panel::{ColumnKey, Reason};
use crate::quantity::Ratio;
use crate::rule::Severity;

/// What a day brings: alerts that changed and escalations, duties that fall due and what becomes of them, and what became known late
/// about days that were told before.
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
    /// What becomes of duties, duty by duty in the order of the model, then by due day and member: what falls due, what was done, what
    /// is missing from the day after the last one in time, and what is done late after all. Of each, all that is told together is what
    /// stands of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub duties: Vec<DutyNotice>,
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

/// What became of a duty of somebody that was due on one day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DutyNotice {
    /// The duty of the model.
    pub duty: Key,
    /// Who has it.
    pub member: Key,
    /// The day on which it is due.
    pub due: NaiveDate,
    /// Of a duty of posts who is accountable for it: whoever held the post on that day, or who acted or decided for them; none where
    /// nobody did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accountable: Option<Key>,
    /// When the hand-over was known by which days are told otherwise that were told before it; none for what the day itself brings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub learned: Option<NaiveDateTime>,
    /// What was told of it; none where nothing was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<DutyState>,
    /// What stands of it now; none where it does not fall to the member after all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<DutyState>,
}

/// How many of the records that are due on one day stand how; the numbers that are left out are none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DutyState {
    /// Done by the last day in time.
    #[serde(skip_serializing_if = "is_none")]
    pub on_time: i64,
    /// Done after it.
    #[serde(skip_serializing_if = "is_none")]
    pub late: i64,
    /// Not done, though the last day has passed.
    #[serde(skip_serializing_if = "is_none")]
    pub missing: i64,
    /// Not done, with time left.
    #[serde(skip_serializing_if = "is_none")]
    pub not_yet_due: i64,
    /// Not done, and excused.
    #[serde(skip_serializing_if = "is_none")]
    pub excused: i64,
}

impl DutyState {
    pub(super) fn of(counts: &DutyCounts) -> Self {
        Self {
            on_time: counts.on_time,
            late: counts.late,
            missing: counts.missing,
            not_yet_due: counts.not_yet_due,
            excused: counts.excused,
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_none(count: &i64) -> bool {
    *count == 0
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

/// A watch or a duty of which nothing could be said on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unwatched {
    /// The watch or the duty of the model.
    pub watch: Key,
    /// Why its view, or what counts its records, has no answer.
    pub why: String,
}

impl Day {
    pub(super) fn new(day: NaiveDate, known: Option<NaiveDateTime>) -> Self {
        Self {
            day,
            known,
            notices: Vec::new(),
            duties: Vec::new(),
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
