//! The written form of a monitor: only what is not at rest.

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

use super::cell::NO_RECORD;
use super::flap::History;
use super::incident::{Incident, Status};
use super::track::{Flap, Track};
use super::{AlertError, Monitor};
use crate::document::Version;
use crate::key::Key;
use crate::space::Subjects;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MonitorDocument {
    #[serde(default)]
    version: Version<1>,
    /// The first days of the periods so far.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    days: Vec<NaiveDate>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    subjects: Option<Subjects>,
    #[serde(default)]
    rules: Vec<RuleDocument>,
    #[serde(default)]
    incidents: Vec<Incident>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleDocument {
    rule: Key,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    cells: Vec<CellDocument>,
    /// Whether the rule limits flapping.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    flapping: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CellDocument {
    subject: usize,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    firing: bool,
    /// How many periods in a row were true, or clear while it fires.
    #[serde(default, skip_serializing_if = "is_zero")]
    row: u16,
    #[serde(default, skip_serializing_if = "Option::is_none", rename = "incident")]
    record: Option<u32>,
    /// The last 21 periods as a number in binary, the latest last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    history: Option<u32>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    flapping: bool,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
fn is_zero(row: &u16) -> bool {
    *row == 0
}

fn date(day: i32) -> Option<NaiveDate> {
    NaiveDate::from_num_days_from_ce_opt(day)
}

impl From<Monitor> for MonitorDocument {
    fn from(monitor: Monitor) -> Self {
        let cell = |track: &Track, subject: usize| {
            let ((firing, row), record) = (track.cells.get(subject), track.records[subject]);
            let flap = track.flaps.get(subject).copied().unwrap_or_default();
            if (firing, row, record, flap) == (false, 0, NO_RECORD, Flap::default()) {
                return None;
            }
            Some(CellDocument {
                subject,
                firing,
                row,
                record: (record != NO_RECORD).then_some(record),
                history: (flap.history != History::default()).then_some(flap.history.0),
                flapping: flap.now,
            })
        };
        let rule = |track: &Track| RuleDocument {
            rule: track.rule.clone(),
            cells: (0..track.records.len())
                .filter_map(|subject| cell(track, subject))
                .collect(),
            flapping: !track.flaps.is_empty(),
        };
        Self {
            version: Version::default(),
            days: monitor.days.iter().filter_map(|day| date(*day)).collect(),
            rules: monitor.tracks.iter().map(rule).collect(),
            subjects: monitor.subjects,
            incidents: monitor.records,
        }
    }
}

impl TryFrom<MonitorDocument> for Monitor {
    type Error = AlertError;

    fn try_from(document: MonitorDocument) -> Result<Self, AlertError> {
        let broken = |what, index, problem| AlertError::Document {
            what,
            index,
            problem,
        };
        let subjects = document.subjects.as_ref().map_or(0, Subjects::len);
        let mut tracks: Vec<Track> = Vec::with_capacity(document.rules.len());
        for (index, rule) in document.rules.into_iter().enumerate() {
            if tracks.iter().any(|track| track.rule == rule.rule) {
                return Err(broken("rule", index, "is there twice"));
            }
            let mut track = Track::new(rule.rule, subjects);
            if rule.flapping {
                track.flaps = vec![Flap::default(); subjects];
            }
            for cell in rule.cells {
                if cell.subject >= subjects {
                    return Err(broken(
                        "rule",
                        index,
                        "has a cell of a subject that is not there",
                    ));
                }
                if cell
                    .record
                    .is_some_and(|record| record as usize >= document.incidents.len())
                {
                    return Err(broken(
                        "rule",
                        index,
                        "has a cell of an alert that is not there",
                    ));
                }
                track.cells.set(cell.subject, cell.firing, cell.row);
                track.records[cell.subject] = cell.record.unwrap_or(NO_RECORD);
                if let Some(flap) = track.flaps.get_mut(cell.subject) {
                    *flap = Flap {
                        history: History(cell.history.unwrap_or(0)),
                        now: cell.flapping,
                    };
                }
            }
            tracks.push(track);
        }
        let in_order = |record: &Incident| {
            let mut latest = record.fired;
            let pauses = record.pauses.iter().all(|pause| {
                let later = latest <= pause.from && pause.from < pause.to;
                latest = pause.to;
                later
            });
            // The day on which an alert was given up is that of the host's clock, and not that of a period.
            pauses && !matches!(record.status, Status::Resolved { on } if on < latest)
        };
        if let Some(index) = document
            .incidents
            .iter()
            .position(|record| !in_order(record))
        {
            return Err(broken(
                "incident",
                index,
                "has times that do not come one after the other",
            ));
        }
        let open = |(index, record): (usize, &Incident)| {
            record
                .status
                .is_open()
                .then(|| u32::try_from(index).ok())
                .flatten()
        };
        let open = document
            .incidents
            .iter()
            .enumerate()
            .filter_map(open)
            .collect();
        if let Some(index) = document.days.windows(2).position(|pair| pair[0] >= pair[1]) {
            return Err(broken(
                "day",
                index + 1,
                "does not come after the one before",
            ));
        }
        Ok(Self {
            days: document
                .days
                .iter()
                .map(NaiveDate::num_days_from_ce)
                .collect(),
            subjects: document.subjects,
            tracks,
            records: document.incidents,
            open,
        })
    }
}
