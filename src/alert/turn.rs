//! What a day turns: alerts that open, come back, become graver, and end.

use chrono::{Datelike, NaiveDate};

use super::Monitor;
use super::cell::Needed;
use super::incident::{AlertId, Event, Incident, Pause, Status, What};
use super::monitor::event;
use super::telling::{LONGEST, date};
use super::track::{Flap, Told, Turn, number};
use crate::rule::Rule;
use crate::rule::{Judge, Severity};
use crate::space::RowId;

impl Monitor {
    /// Opens an alert, or the one before again, unless the rule still rests; returns what there is to tell.
    fn fired(
        &mut self,
        judge: &Judge<'_>,
        (index, rule): (usize, &Rule),
        subject: usize,
        told: Told,
    ) -> Option<Event> {
        let Told {
            period, day, at, ..
        } = told;
        let (_, row) = self.tracks[index].cells.get(subject);
        let (life, owner) = (&rule.def.life, rule.def.owner.as_ref());
        let severity = judge.severity(rule, subject, period);
        let latest = self.tracks[index].latest.get(subject);
        let before = latest.and_then(|latest| self.records.get_mut(latest as usize));
        let (mut recurrence, mut ended) = (0, None);
        if let (Some(latest), Some(before)) = (latest, before) {
            recurrence = before.recurrence.saturating_add(1);
            ended = before.ended();
            let passed = ended.map(|end| (day - end).num_days());
            let within = |days: u32| passed.is_some_and(|passed| passed < i64::from(days));
            if within(life.reopen_days)
                && let Status::Resolved { on } = before.status
            {
                before.status = Status::Firing;
                before.severity = before.severity.max(severity);
                let pause = Pause { from: on, to: day };
                before.pauses = before.pauses.iter().copied().chain([pause]).collect();
                (before.told, before.repeated, before.rung) = (at, at, 0);
                self.open.push(latest);
                // It is the same alert again, and began when it began.
                self.tracks[index].began.remove(&number(subject));
                self.tracks[index].cells.set(subject, true, 0);
                return Some(event(before, day, What::Reopened, owner));
            }
            if within(life.cooldown_days) {
                // It stays pending, and fires when the time is over if it still holds then.
                return None;
            }
        }
        let began = self.tracks[index].began.remove(&number(subject));
        let by_period = self.tracks[index].by_period;
        let since = began.unwrap_or_else(|| self.tellings.start(row, by_period));
        let since = since.max(day_after(ended));
        let subjects = judge.view.panel.subjects();
        let record = Incident {
            id: AlertId::row(rule.def.key.clone(), subjects, RowId::at(subject), day),
            severity,
            deviation: rule.def.deviation,
            status: Status::Firing,
            since: date(since)?,
            fired: day,
            told: at,
            repeated: at,
            pauses: Box::default(),
            recurrence,
            rung: 0,
            acknowledgements: Box::default(),
            corrective_action: None,
        };
        let told = event(&record, day, What::Fired, owner);
        // More alerts than can be numbered would fill the memory long before.
        let number = u32::try_from(self.records.len()).ok()?;
        self.tracks[index].latest.set(subject, number);
        self.tracks[index].cells.set(subject, true, 0);
        self.open.push(number);
        self.records.push(record);
        Some(told)
    }

    /// The first day on which there can be another alert of a rule and subject: the one after the last was over.
    pub(super) fn after_the_last(&self, rule: usize, subject: usize) -> i32 {
        let latest = self.tracks[rule].latest.get(subject);
        let latest = latest.and_then(|latest| self.records.get(latest as usize));
        day_after(latest.and_then(Incident::ended))
    }

    /// Writes down what turned in one rule, and returns the alerts that are over by it.
    pub(super) fn turn(
        &mut self,
        judge: &Judge<'_>,
        (index, rule, needed): (usize, &Rule, Needed),
        told: Told,
        turns: &[(usize, Turn)],
        events: &mut Vec<Event>,
    ) -> Vec<u32> {
        let Told { period, day, .. } = told;
        let owner = rule.def.owner.as_ref();
        let mut over = Vec::new();
        // If it holds again before the period is over, the periods before count.
        let most = if told.part.runs {
            self.tellings.periods_before(needed.periods_before())
        } else {
            0
        };
        for (subject, turn) in turns {
            let track = &self.tracks[index];
            let flaps = track.flaps.as_ref();
            let flap = flaps.and_then(|flaps| flaps.get(&number(*subject)));
            let quiet = flap.is_some_and(|flap| flap.now);
            let latest = match turn {
                Turn::Fires | Turn::Undecided => None,
                Turn::Ended | Turn::GoesOn => track.latest.get(*subject),
            };
            let record = latest.and_then(|latest| self.records.get_mut(latest as usize));
            match turn {
                Turn::Fires => {
                    let fired = self.fired(judge, (index, rule), *subject, told);
                    events.extend(fired.filter(|_| !quiet));
                }
                Turn::Ended => {
                    let open = record.filter(|record| record.status.is_open());
                    // An alert that was given up while its condition went on cuts no row: all periods count.
                    let most = match most {
                        1.. if open.is_none() => self.tellings.periods_before(LONGEST),
                        most => most,
                    };
                    if let Some(record) = open {
                        record.status = Status::Resolved { on: day };
                        over.extend(latest);
                        if !quiet {
                            events.push(event(record, day, What::Resolved, owner));
                        }
                    }
                    if most > 0 {
                        let before = judge.row_before(rule, *subject, period, most);
                        let cells = &mut self.tracks[index].cells;
                        cells.put(*subject, false, 0, before);
                    }
                }
                Turn::GoesOn => {
                    let severity = judge.severity(rule, *subject, period);
                    let open = record.filter(|record| record.status.is_open());
                    if let Some(record) = open.filter(|record| severity > record.severity) {
                        graver(record, severity, rule, told, events);
                    }
                }
                Turn::Undecided => {
                    let Some(reason) = judge.why_unknown(rule, *subject, period) else {
                        continue;
                    };
                    let subjects = judge.panel().subjects();
                    events.push(Event {
                        id: AlertId::row(rule.def.key.clone(), subjects, RowId::at(*subject), day),
                        day,
                        severity: judge.severity(rule, *subject, period),
                        what: What::Undecided(reason),
                        to: owner.cloned(),
                    });
                }
            }
        }
        self.flap(index, rule, day, events);
        over
    }

    /// Writes down which subjects flap and which no longer do.
    fn flap(&mut self, index: usize, rule: &Rule, day: NaiveDate, events: &mut Vec<Event>) {
        let Some(limits) = rule.def.life.flapping else {
            return;
        };
        let owner = rule.def.owner.as_ref();
        let track = &mut self.tracks[index];
        let Some(flaps) = &mut track.flaps else {
            return;
        };
        // Of everybody else the last times are as quiet as this one.
        for subject in track.cells.all_firing() {
            flaps.entry(number(subject)).or_default();
        }
        for (subject, flap) in flaps.iter_mut() {
            flap.history.push(track.cells.get(*subject as usize).0);
            let now = flap.history.flaps(flap.now, limits);
            if now == flap.now {
                continue;
            }
            flap.now = now;
            let latest = track.latest.get(*subject as usize);
            if let Some(record) = latest.and_then(|latest| self.records.get(latest as usize)) {
                let what = if now {
                    What::FlappingStarted
                } else {
                    What::FlappingStopped
                };
                events.push(event(record, day, what, owner));
            }
        }
        flaps.retain(|_, flap| *flap != Flap::default());
    }
}

/// The day after an alert was over; the first of all days where none was.
fn day_after(ended: Option<NaiveDate>) -> i32 {
    ended.map_or(i32::MIN, |end| end.num_days_from_ce() + 1)
}

/// Notes that an alert has become graver. What was decided of a less grave one no longer holds: one that was taken or put to
/// sleep is told anew, and its ladder begins again.
fn graver(
    record: &mut Incident,
    severity: Severity,
    rule: &Rule,
    Told { day, at, .. }: Told,
    events: &mut Vec<Event>,
) {
    let before = std::mem::replace(&mut record.severity, severity);
    events.push(event(record, day, What::Graver, rule.def.owner.as_ref()));
    if record.status != Status::Firing {
        record.status = Status::Firing;
        (record.told, record.repeated, record.rung) = (at, at, 0);
        return;
    }
    // Rungs whose time came while it was less grave.
    let passed = rule.def.life.escalation.iter().take(record.rung as usize);
    for rung in passed {
        if before < rung.severity && rung.severity <= severity {
            events.push(event(record, day, What::Escalated, Some(&rung.to)));
        }
    }
}
