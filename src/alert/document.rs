//! The written form of a monitor: only what is not at rest.

use super::saved::{CellDocument, MonitorDocument, RuleDocument, TellingDocument};
use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate};

use super::flap::History;
use super::incident::{Incident, Status};
use super::telling::{Tellings, date};
use super::track::{Flap, Track, number};
use super::{AlertError, Monitor};
use crate::document::Version;
use crate::space::{RowId, Subjects};

impl From<Monitor> for MonitorDocument {
    fn from(monitor: Monitor) -> Self {
        let cell = |track: &Track, subject: usize| {
            let own = number(subject);
            let ((firing, row), record) = (track.cells.get(subject), track.latest.get(subject));
            let flap = track.flaps.as_ref().and_then(|flaps| flaps.get(&own));
            let base = track.cells.base(subject);
            if (firing, row, base, record, flap) == (false, 0, 0, None, None) {
                return None;
            }
            Some(CellDocument {
                subject: own,
                firing,
                row,
                base,
                since: track.began.get(&own).copied().and_then(date),
                record,
                history: flap
                    .filter(|flap| flap.history != History::default())
                    .map(|flap| flap.history.0),
                flapping: flap.is_some_and(|flap| flap.now),
            })
        };
        let rule = |track: &Track| RuleDocument {
            rule: track.rule.clone(),
            by_period: track.by_period,
            cells: track
                .known()
                .into_iter()
                .filter_map(|subject| cell(track, subject))
                .collect(),
            flapping: track.flaps.is_some(),
            undecided: track.undecided.clone(),
        };
        Self {
            version: Version::default(),
            told: monitor.told.and_then(date),
            days: written(&monitor.tellings),
            closed: monitor
                .closed
                .map(|closed| Box::new(MonitorDocument::from(*closed))),
            rules: monitor.tracks.iter().map(rule).collect(),
            subjects: monitor.subjects,
            incidents: monitor.records,
        }
    }
}

impl TryFrom<MonitorDocument> for Monitor {
    type Error = AlertError;

    fn try_from(document: MonitorDocument) -> Result<Self, AlertError> {
        let tellings = read(&document.days)?;
        let told = document.told.map(|told| told.num_days_from_ce());
        if let Some(last) = tellings.0.last()
            && told.is_none_or(|told| told < last.day)
        {
            let index = tellings.0.len() - 1;
            return Err(broken("day", index, "comes after the latest day reported"));
        }
        let closed = document.closed.map(|closed| Self::try_from(*closed));
        let closed = closed.transpose()?.map(Box::new);
        if let Some(closed) = &closed
            && (closed.closed.is_some() || closed.told.is_none() || closed.told > told)
        {
            return Err(broken(
                "day",
                0,
                "is not the one through which history is closed",
            ));
        }
        let known = Known {
            days: tellings.0.len(),
            told: document.told,
            subjects: document.subjects.as_ref(),
            incidents: &document.incidents,
        };
        known.check()?;
        let mut tracks: Vec<Track> = Vec::with_capacity(document.rules.len());
        let mut held = vec![false; document.incidents.len()];
        let mut seen = BTreeSet::new();
        for (index, rule) in document.rules.into_iter().enumerate() {
            if !seen.insert(rule.rule.clone()) {
                return Err(broken("rule", index, "is listed twice"));
            }
            let track = known.track(rule, &mut held);
            tracks.push(track.map_err(|problem| broken("rule", index, problem))?);
        }
        let open: Vec<u32> = (0..document.incidents.len())
            .filter(|at| document.incidents[*at].status.is_open())
            .map(number)
            .collect();
        if let Some(lost) = open.iter().find(|open| !held[**open as usize]) {
            return Err(broken(
                "incident",
                *lost as usize,
                "is open, and no cell of its rule and subject is firing with it",
            ));
        }
        Ok(Self {
            told,
            tellings,
            closed,
            subjects: document.subjects,
            tracks,
            records: document.incidents,
            open,
        })
    }
}

fn written(tellings: &Tellings) -> Vec<TellingDocument> {
    let each = tellings.0.iter().filter_map(|telling| {
        Some(TellingDocument {
            day: date(telling.day)?,
            from: date(telling.from).filter(|_| telling.from != telling.day),
            again: !telling.opens,
        })
    });
    each.collect()
}

fn read(days: &[TellingDocument]) -> Result<Tellings, AlertError> {
    let mut tellings = Tellings::default();
    for (index, telling) in days.iter().enumerate() {
        let day = telling.day.num_days_from_ce();
        let from = telling.from.unwrap_or(telling.day).num_days_from_ce();
        let before = tellings.0.last().map_or(i32::MIN, |last| last.day);
        if from <= before || day < from {
            return Err(broken("day", index, "does not come after the one before"));
        }
        tellings.push(from, day, !telling.again);
    }
    Ok(tellings)
}

fn broken(what: &'static str, index: usize, problem: &'static str) -> AlertError {
    AlertError::Document {
        what,
        index,
        problem,
    }
}

/// What the parts of a saved monitor must agree with.
struct Known<'d> {
    /// How many days were told by a period.
    days: usize,
    told: Option<NaiveDate>,
    subjects: Option<&'d Subjects>,
    incidents: &'d [Incident],
}

impl Known<'_> {
    /// Checks each alert by itself: what a monitor cannot have written is refused, so that it can go on from all that it reads.
    fn check(&self) -> Result<(), AlertError> {
        let mut ids = BTreeSet::new();
        for (index, incident) in self.incidents.iter().enumerate() {
            if let Err(problem) = self.incident(incident) {
                return Err(broken("incident", index, problem));
            }
            if !ids.insert(&incident.id) {
                return Err(broken("incident", index, "is listed twice"));
            }
        }
        Ok(())
    }

    fn incident(&self, incident: &Incident) -> Result<(), &'static str> {
        let seen = |day: NaiveDate| self.told.is_some_and(|told| day <= told);
        if incident.since > incident.fired {
            return Err("fired before its condition began");
        }
        let mut latest = incident.fired;
        for pause in &incident.pauses {
            if pause.from < latest || pause.to <= pause.from {
                return Err("has times that do not come one after the other");
            }
            latest = pause.to;
        }
        if !seen(latest) {
            return Err("has a day that the monitor has not seen");
        }
        // The day on which an alert was given up is that of the host's clock, and not that of a period.
        if let Status::Resolved { on } = incident.status {
            if on < latest {
                return Err("has times that do not come one after the other");
            }
            if !seen(on) {
                return Err("has a day that the monitor has not seen");
            }
        }
        if let Status::Expired { on } = incident.status
            && on < latest
        {
            return Err("has times that do not come one after the other");
        }
        let withdrawn = match &incident.status {
            Status::Withdrawn { on, was } => Some((*on, was.is_withdrawn())),
            _ => None,
        };
        if withdrawn.is_some_and(|(on, twice)| twice || !seen(on)) {
            return Err("was withdrawn twice, or on a day that the monitor has not seen");
        }
        // A rule and a subject have no more than one alert a day.
        let before = incident.since.num_days_from_ce();
        if i64::from(incident.recurrence) > i64::from(before) {
            return Err("came back more often than there were days before it");
        }
        if let Some(action) = &incident.corrective_action
            && action.check < action.deadline
        {
            return Err("has a corrective action whose effect is checked before its deadline");
        }
        Ok(())
    }

    /// Returns a rule's track; `held` says which open alerts a firing cell holds.
    fn track(&self, rule: RuleDocument, held: &mut [bool]) -> Result<Track, &'static str> {
        let count = self.subjects.map_or(0, Subjects::len);
        let mut track = Track::new(rule.rule, count);
        track.by_period = rule.by_period;
        if rule.flapping {
            track.flaps = Some(BTreeMap::new());
        }
        let there = |subject: u32| (subject as usize) < count;
        if !rule.undecided.iter().all(|subject| there(*subject)) {
            return Err("cannot say of a subject that is not there");
        }
        track.undecided = rule.undecided;
        let mut seen = BTreeSet::new();
        for cell in rule.cells {
            let subject = cell.subject as usize;
            if !there(cell.subject) {
                return Err("has a cell of a subject that is not there");
            }
            if !seen.insert(subject) {
                return Err("has two cells of one subject");
            }
            if usize::from(cell.row.max(cell.base)) > self.days {
                return Err("has a cell with a row of more days than the monitor has seen");
            }
            if cell.firing && cell.record.is_none() {
                return Err("has a cell that fires without an alert");
            }
            if let Some(record) = cell.record {
                let Some(incident) = self.incidents.get(record as usize) else {
                    return Err("has a cell of an alert that is not there");
                };
                let members = self
                    .subjects
                    .map(|subjects| subjects.members(RowId::at(subject)));
                if *incident.id.rule() != track.rule || Some(incident.id.subject()) != members {
                    return Err("has a cell of an alert of another rule or subject");
                }
                held[record as usize] |= cell.firing;
                track.latest.set(subject, record);
            }
            if let Some(since) = cell.since {
                if cell.firing || cell.row == 0 || self.told.is_none_or(|told| since > told) {
                    return Err("has a cell with a first day of nothing that is pending");
                }
                track.began.insert(cell.subject, since.num_days_from_ce());
            }
            if (cell.firing, cell.row, cell.base) != (false, 0, 0) {
                track.cells.put(subject, cell.firing, cell.row, cell.base);
            }
            let flap = Flap {
                history: History::read(cell.history.unwrap_or(0))
                    .ok_or("has a cell with a history of more than 21 times")?,
                now: cell.flapping,
            };
            if flap != Flap::default() {
                let Some(flaps) = &mut track.flaps else {
                    return Err("has a cell with a history, and the rule limits no flapping");
                };
                flaps.insert(cell.subject, flap);
            }
        }
        Ok(track)
    }
}
