//! What a period turns: alerts that open, come back, become graver, and end.

use chrono::{NaiveDate, NaiveDateTime};

use super::Monitor;
use super::cell::{NO_RECORD, start};
use super::incident::{AlertId, Event, Incident, Pause, Status, What};
use super::monitor::event;
use super::track::Turn;
use crate::rule::Judge;
use crate::rule::Rule;

impl Monitor {
    /// Opens an alert, or the one before again, unless the rule still rests; returns what there is to tell.
    fn fired(
        &mut self,
        judge: &Judge<'_>,
        (index, rule): (usize, &Rule),
        subject: usize,
        period: usize,
        at: NaiveDateTime,
    ) -> Option<Event> {
        let day = self.day()?;
        let (_, row) = self.tracks[index].cells.get(subject);
        let (life, owner) = (&rule.def.life, rule.def.owner.as_ref());
        let severity = judge.severity(rule, subject, period);
        let latest = self.tracks[index].records[subject];
        let before = self.records.get_mut(latest as usize);
        let mut recurrence = 0;
        if let Some(before) = before {
            recurrence = before.recurrence + 1;
            let passed = before.ended().map(|end| (day - end).num_days());
            let within = |days: u32| passed.is_some_and(|passed| passed < i64::from(days));
            if within(life.reopen_days)
                && let Status::Resolved { on } = before.status
            {
                before.status = Status::Firing;
                before.severity = before.severity.max(severity);
                before.pauses.push(Pause { from: on, to: day });
                (before.told, before.repeated, before.rung) = (at, at, 0);
                self.open.push(latest);
                self.tracks[index].cells.set(subject, true, 0);
                return Some(event(before, What::Reopened, owner));
            }
            if within(life.cooldown_days) {
                // It stays pending, and fires when the time is over if it still holds then.
                return None;
            }
        }
        let since = NaiveDate::from_num_days_from_ce_opt(start(&self.days, row))?;
        let subjects = judge.view.panel.subjects();
        let record = Incident {
            id: AlertId::row(rule.def.key.clone(), subjects, subject, since),
            severity,
            deviation: rule.def.deviation,
            status: Status::Firing,
            fired: day,
            told: at,
            repeated: at,
            pauses: Vec::new(),
            recurrence,
            rung: 0,
            cure: None,
        };
        let told = event(&record, What::Fired, owner);
        // More alerts than can be numbered would fill the memory long before.
        let number = u32::try_from(self.records.len()).unwrap_or(NO_RECORD);
        self.tracks[index].records[subject] = number;
        self.tracks[index].cells.set(subject, true, 0);
        self.open.push(number);
        self.records.push(record);
        Some(told)
    }

    /// Writes down what turned in one rule.
    pub(super) fn turn(
        &mut self,
        judge: &Judge<'_>,
        (index, rule): (usize, &Rule),
        period: usize,
        at: NaiveDateTime,
        turns: &[(usize, Turn)],
        events: &mut Vec<Event>,
    ) {
        let Some(day) = self.day() else { return };
        let owner = rule.def.owner.as_ref();
        for (subject, turn) in turns {
            let latest = self.tracks[index].records[*subject];
            let flap = self.tracks[index].flaps.get(*subject).copied();
            let quiet = flap.is_some_and(|flap| flap.now);
            match turn {
                Turn::Fires => {
                    let told = self.fired(judge, (index, rule), *subject, period, at);
                    events.extend(told.filter(|_| !quiet));
                }
                Turn::Ended => {
                    let Some(record) = self.records.get_mut(latest as usize) else {
                        continue;
                    };
                    if record.status.is_open() {
                        record.status = Status::Resolved { on: day };
                        if !quiet {
                            events.push(event(record, What::Resolved, owner));
                        }
                    }
                }
                Turn::GoesOn => {
                    let Some(record) = self.records.get_mut(latest as usize) else {
                        continue;
                    };
                    let severity = judge.severity(rule, *subject, period);
                    if record.status.is_open() && severity > record.severity {
                        let before = std::mem::replace(&mut record.severity, severity);
                        events.push(event(record, What::Graver, owner));
                        // Rungs whose time came while it was less grave.
                        let passed = rule.def.life.escalation.iter().take(record.rung as usize);
                        for rung in passed {
                            let now = before < rung.severity && rung.severity <= severity;
                            if now && record.status == Status::Firing {
                                events.push(event(record, What::Escalated, Some(&rung.to)));
                            }
                        }
                    }
                }
            }
        }
        if let Some(limits) = rule.def.life.flapping {
            let track = &mut self.tracks[index];
            for (subject, (flap, record)) in track.flaps.iter_mut().zip(&track.records).enumerate()
            {
                flap.history.push(track.cells.get(subject).0);
                let now = flap.history.flaps(flap.now, limits);
                if now != flap.now {
                    flap.now = now;
                    if let Some(record) = self.records.get(*record as usize) {
                        let what = if now {
                            What::FlappingStarted
                        } else {
                            What::FlappingStopped
                        };
                        events.push(event(record, what, owner));
                    }
                }
            }
        }
    }
}
