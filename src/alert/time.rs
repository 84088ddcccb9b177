//! Time that passes, and what people decide meanwhile.

use chrono::{Datelike, NaiveDate, NaiveDateTime};

use super::incident::{
    Acknowledgement, AlertId, CorrectiveAction, Effectiveness, Event, Incident, Status, What,
};
use super::monitor::event;
use super::{AlertError, Monitor};
use crate::calendar::WorkingHours;
use crate::key::{Key, unknown};
use crate::rule::RuleSet;

impl Monitor {
    /// Lets time pass: wakes what was put to sleep, gives up what is too old, repeats and escalates what nobody has
    /// acknowledged, and checks what corrective actions came to. Escalation counts working time from when the alert was told. Alerts of rules that the
    /// set does not have expire.
    pub fn tick(&mut self, rules: &RuleSet, at: NaiveDateTime, hours: &WorkingHours) -> Vec<Event> {
        let today = at.date();
        let event =
            |record: &Incident, what: What, to: Option<&Key>| event(record, today, what, to);
        // A clock that is behind the periods ends nothing before it began.
        let given_up = |record: &Incident| Status::Expired {
            on: today.max(record.latest()),
        };
        let mut events = Vec::new();
        for record in &mut self.records {
            // Whether a corrective action helped is no question while there is nothing to correct.
            let is_withdrawn = record.status.is_withdrawn();
            if let Some(action) = &mut record.corrective_action
                && !is_withdrawn
                && action.outcome.is_none()
                && action.check <= today
            {
                let outcome = match (
                    action.done.is_some_and(|done| done <= action.deadline),
                    record.status.is_open(),
                ) {
                    (false, _) => Effectiveness::NotDone,
                    (true, true) => Effectiveness::WithoutEffect,
                    (true, false) => Effectiveness::Effective,
                };
                action.outcome = Some(outcome);
                let owner = action.owner.clone();
                events.push(event(record, What::Checked(outcome), Some(&owner)));
            }
        }
        for open in &self.open {
            let record = &mut self.records[*open as usize];
            let Some(rule) = rules.find(record.id.rule().as_str()) else {
                record.status = given_up(record);
                events.push(event(record, What::Expired, None));
                continue;
            };
            let (life, owner) = (&rule.life, rule.owner.as_ref());
            if life.expire_days > 0
                && (today - record.fired).num_days() >= i64::from(life.expire_days)
            {
                record.status = given_up(record);
                events.push(event(record, What::Expired, owner));
                continue;
            }
            if let Status::Snoozed { until } = record.status {
                if today < until {
                    continue;
                }
                record.status = Status::Firing;
                (record.told, record.repeated, record.rung) = (at, at, 0);
                events.push(event(record, What::Woken, owner));
            }
            if let Status::Acknowledged { at: taken, .. } = record.status
                && life.acknowledged_days > 0
                && (today - taken.date()).num_days() >= i64::from(life.acknowledged_days)
            {
                record.status = Status::Firing;
                (record.told, record.repeated, record.rung) = (at, at, 0);
                events.push(event(record, What::Unattended, owner));
            }
            if record.status != Status::Firing {
                continue;
            }
            let days = (today - record.repeated.date()).num_days();
            if life.repeat_days > 0 && days >= i64::from(life.repeat_days) {
                record.repeated = at;
                events.push(event(record, What::Repeated, owner));
            }
            // Times that the calendar cannot hold have no working time between them: nothing climbs.
            let worked = hours
                .worked_between(record.told, at)
                .map_or(0, |worked| worked.num_minutes());
            while let Some(rung) = life.escalation.get(record.rung as usize) {
                if worked < i64::from(rung.after_minutes) {
                    break;
                }
                record.rung += 1;
                if record.severity >= rung.severity {
                    events.push(event(record, What::Escalated, Some(&rung.to)));
                }
            }
        }
        self.open
            .retain(|open| self.records[*open as usize].status.is_open());
        events
    }

    /// Notes that somebody has taken an alert: it is neither repeated nor escalated any more, until it becomes graver or the
    /// acknowledgement ends ([`Life::acknowledged_days`](crate::rule::Life::acknowledged_days)). Who took it before stays known
    /// ([`Incident::acknowledgements`]).
    ///
    /// # Errors
    /// [`AlertError::UnknownAlert`], [`AlertError::Over`].
    pub fn acknowledge(
        &mut self,
        id: &AlertId,
        by: Key,
        at: NaiveDateTime,
    ) -> Result<(), AlertError> {
        let record = self.open_record(id)?;
        let mut taken = std::mem::take(&mut record.acknowledgements).into_vec();
        taken.push(Acknowledgement { by: by.clone(), at });
        record.acknowledgements = taken.into();
        record.status = Status::Acknowledged { by, at };
        Ok(())
    }

    /// Puts an alert to sleep until a day.
    ///
    /// # Errors
    /// [`AlertError::UnknownAlert`], [`AlertError::Over`].
    pub fn snooze(&mut self, id: &AlertId, until: NaiveDate) -> Result<(), AlertError> {
        self.open_record(id)?.status = Status::Snoozed { until };
        Ok(())
    }

    /// Writes down the corrective action for an alert; a new one replaces the one before.
    ///
    /// # Errors
    /// [`AlertError::UnknownAlert`], [`AlertError::Over`], [`AlertError::CheckTooEarly`].
    pub fn assign(&mut self, id: &AlertId, action: CorrectiveAction) -> Result<(), AlertError> {
        if action.check < action.deadline {
            return Err(AlertError::CheckTooEarly {
                check: action.check,
                deadline: action.deadline,
            });
        }
        self.open_record(id)?.corrective_action = Some(Box::new(action));
        Ok(())
    }

    /// Notes that the corrective action was carried out.
    ///
    /// # Errors
    /// [`AlertError::UnknownAlert`], [`AlertError::NoCorrectiveAction`].
    pub fn carried_out(&mut self, id: &AlertId, on: NaiveDate) -> Result<(), AlertError> {
        match &mut self.record(id)?.corrective_action {
            Some(action) => {
                action.done = Some(on);
                Ok(())
            }
            None => Err(AlertError::NoCorrectiveAction { id: id.clone() }),
        }
    }

    /// Takes back that somebody took an alert: it fires again, unless something else was decided since.
    pub(crate) fn unacknowledge(&mut self, id: &AlertId, taken: &Acknowledgement) {
        let Ok(record) = self.record(id) else { return };
        let mut all = std::mem::take(&mut record.acknowledgements).into_vec();
        all.retain(|own| own != taken);
        record.acknowledgements = all.into();
        let Acknowledgement { by, at } = taken.clone();
        fire_again(record, &Status::Acknowledged { by, at });
    }

    /// Takes back that an alert sleeps until a day.
    pub(crate) fn unsnooze(&mut self, id: &AlertId, until: NaiveDate) {
        if let Ok(record) = self.record(id) {
            fire_again(record, &Status::Snoozed { until });
        }
    }

    /// Takes back the corrective action for an alert.
    pub(crate) fn unassign(&mut self, id: &AlertId, action: &CorrectiveAction) {
        let Ok(record) = self.record(id) else { return };
        let is_it = |own: &CorrectiveAction| {
            (&own.action, &own.owner, own.deadline, own.check)
                == (&action.action, &action.owner, action.deadline, action.check)
        };
        if record.corrective_action.as_deref().is_some_and(is_it) {
            record.corrective_action = None;
        }
    }

    /// Takes back that the corrective action was carried out.
    pub(crate) fn not_carried_out(&mut self, id: &AlertId, on: NaiveDate) {
        let Ok(record) = self.record(id) else { return };
        if let Some(action) = record
            .corrective_action
            .as_deref_mut()
            .filter(|action| action.done == Some(on))
        {
            action.done = None;
        }
    }

    /// Goes on to a day of which nothing can be said.
    pub(crate) fn pass_over(&mut self, day: NaiveDate) {
        self.told = self.told.max(Some(day.num_days_from_ce()));
    }

    fn open_record(&mut self, id: &AlertId) -> Result<&mut Incident, AlertError> {
        let record = self.record(id)?;
        if record.status.is_open() {
            Ok(record)
        } else {
            Err(AlertError::Over { id: id.clone() })
        }
    }

    /// Says whether there is an alert of this identity.
    pub(crate) fn knows(&self, id: &AlertId) -> bool {
        self.position(id).is_some()
    }

    fn record(&mut self, id: &AlertId) -> Result<&mut Incident, AlertError> {
        match self.position(id) {
            Some(at) => Ok(&mut self.records[at]),
            None => Err(self.unknown_alert(id)),
        }
    }

    /// Says that there is no such alert. Those of its rule are near; of another rule, all are.
    fn unknown_alert(&self, id: &AlertId) -> AlertError {
        let same = |record: &&Incident| record.id.rule() == id.rule();
        let is_ruled = self.records.iter().any(|record| same(&record));
        let known = self
            .records
            .iter()
            .filter(|record| !is_ruled || same(record));
        let known: Vec<String> = known.map(|record| record.id.to_string()).collect();
        let (name, nearest, known) = unknown(&id.to_string(), known.iter().map(String::as_str));
        AlertError::UnknownAlert {
            name,
            nearest,
            known,
        }
    }

    fn position(&self, id: &AlertId) -> Option<usize> {
        // An open alert is found by its cell; only older ones are looked for.
        let subject = self
            .subjects
            .as_ref()
            .and_then(|subjects| subjects.find(id.subject()));
        let cell = self
            .tracks
            .iter()
            .find(|track| track.rule == *id.rule())
            .zip(subject);
        let near = cell.and_then(|(track, subject)| track.latest.get(subject.index()));
        let near = near
            .map(|near| near as usize)
            .filter(|at| self.records.get(*at).is_some_and(|record| record.id == *id));
        near.or_else(|| self.records.iter().position(|record| record.id == *id))
    }
}

/// Lets an alert fire again that stands like this, or stood when it was withdrawn.
fn fire_again(record: &mut Incident, stood: &Status) {
    let own = match &mut record.status {
        Status::Withdrawn { was, .. } => was.as_mut(),
        own => own,
    };
    if own == stood {
        *own = Status::Firing;
    }
}
