//! History told again: what late and corrected records change.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDate, NaiveDateTime};
use serde::{Deserialize, Serialize};

use super::incident::{AlertId, Incident, Status};
use super::track::number;
use super::{AlertError, Monitor};
use crate::key::Key;
use crate::panel::Panel;
use crate::rule::RuleSet;

impl Monitor {
    /// Goes through history again with records that came late or were corrected, and returns what is different, in the order
    /// of identities.
    ///
    /// What people decided stays: who acknowledged an alert, until when it sleeps, its cure, whom it has climbed to, and that
    /// it was given up. It stays too where the alert begins on another day now and therefore has another identity; see
    /// [`Restatement`]. An alert that is there again after it had ended, and one that nobody knew of, is told from `at` on.
    ///
    /// Alerts of rules that the set does not have, and of subjects that the panel does not have, stay as they are, since
    /// nothing new is known of them; those that are open expire, as they do in [`Monitor::advance`].
    ///
    /// # Errors
    /// [`AlertError::HistoryMissing`] when the panel lacks a period that the monitor went through; else as
    /// [`Monitor::advance`]. The monitor is then unchanged.
    pub fn correct(
        &mut self,
        rules: &RuleSet,
        panel: &Panel,
        at: NaiveDateTime,
    ) -> Result<Vec<Restatement>, AlertError> {
        let judge = rules.over(panel)?;
        let latest = self.day();
        let starts: Vec<NaiveDate> = panel
            .periods()
            .iter()
            .map(|period| period.start)
            .take_while(|start| latest.is_some_and(|latest| *start <= latest))
            .collect();
        for day in &self.days {
            let day = NaiveDate::from_num_days_from_ce_opt(*day);
            if let Some(day) = day.filter(|day| starts.binary_search(day).is_err()) {
                return Err(AlertError::HistoryMissing { day });
            }
        }
        let mut fresh = Self::new();
        let given_up = given_up(&self.records);
        for (period, start) in panel.periods().ids().zip(&starts) {
            // What was given up meanwhile stays so: that depends on time, and not on the records.
            fresh.give_up(&given_up, Some(*start));
            fresh.advance(&judge, period, at)?;
        }
        fresh.give_up(&given_up, None);
        let told_of = |record: &Incident| {
            rules.find(record.id.rule().as_str()).is_some()
                && panel.subjects().find(record.id.subject()).is_some()
        };
        let (known, mut others): (Vec<Incident>, Vec<Incident>) =
            self.records.iter().cloned().partition(told_of);
        let olds = same_alerts(&known, &fresh.records);
        for (record, old) in fresh.records.iter_mut().zip(olds) {
            let Some(old) = old else { continue };
            record.cure.clone_from(&old.cure);
            record.acknowledgements.clone_from(&old.acknowledgements);
            match (old.status.is_open(), record.status.is_open()) {
                (true, true) => record.status.clone_from(&old.status),
                (_, false) => {}
                // It is there again, and nobody was told of that yet.
                (false, true) => continue,
            }
            (record.told, record.repeated, record.rung) = (old.told, old.repeated, old.rung);
        }
        for record in others.iter_mut().filter(|record| record.status.is_open()) {
            let on = latest.unwrap_or(record.fired);
            record.status = Status::Expired { on };
        }
        fresh.keep(others);
        let differences = restatements(&self.records, &fresh.records);
        *self = fresh;
        Ok(differences)
    }

    /// Gives up what is known to have been given up by a day; at any time where there is none.
    fn give_up(&mut self, known: &GivenUp<'_>, by: Option<NaiveDate>) {
        for open in &self.open {
            let record = &mut self.records[*open as usize];
            let mut days = known.get(&whose(record)).into_iter().flatten();
            let on = days.find(|on| record.latest() <= **on && by.is_none_or(|by| **on <= by));
            if let Some(on) = on {
                record.status = Status::Expired { on: *on };
            }
        }
        self.open
            .retain(|open| self.records[*open as usize].status.is_open());
    }

    /// Puts alerts that are over among the others, each before those that fired later.
    fn keep(&mut self, others: Vec<Incident>) {
        let mut others = others.into_iter().peekable();
        let (mut all, mut places) = (Vec::new(), Vec::new());
        for record in std::mem::take(&mut self.records) {
            while let Some(other) = others.next_if(|other| other.fired < record.fired) {
                all.push(other);
            }
            places.push(number(all.len()));
            all.push(record);
        }
        all.extend(others);
        let place = |record: u32| places.get(record as usize).copied().unwrap_or(record);
        for open in &mut self.open {
            *open = place(*open);
        }
        for track in &mut self.tracks {
            track.latest.renumber(place);
        }
        self.records = all;
    }
}

/// A rule and a subject.
type Whose<'r> = (&'r Key, &'r [Key]);

/// The days on which alerts were given up.
type GivenUp<'r> = BTreeMap<Whose<'r>, Vec<NaiveDate>>;

fn whose(record: &Incident) -> Whose<'_> {
    (record.id.rule(), record.id.subject())
}

fn given_up(records: &[Incident]) -> GivenUp<'_> {
    let mut days = GivenUp::new();
    for record in records {
        if let Status::Expired { on } = record.status {
            days.entry(whose(record)).or_default().push(on);
        }
    }
    days
}

/// Returns for each alert of the second account the one of the first that it is.
fn same_alerts<'r>(before: &'r [Incident], after: &[Incident]) -> Vec<Option<&'r Incident>> {
    let known: BTreeMap<&AlertId, &Incident> =
        before.iter().map(|record| (&record.id, record)).collect();
    let still: BTreeSet<&AlertId> = after.iter().map(|record| &record.id).collect();
    let mut moved: BTreeMap<Whose<'_>, Vec<&Incident>> = BTreeMap::new();
    for record in before.iter().filter(|record| !still.contains(&record.id)) {
        moved.entry(whose(record)).or_default().push(record);
    }
    let mut olds = Vec::with_capacity(after.len());
    for record in after {
        let mut moved_to = || {
            let candidates = moved.get_mut(&whose(record))?;
            let at = candidates.iter().position(|old| overlap(old, record))?;
            Some(candidates.remove(at))
        };
        olds.push(known.get(&record.id).copied().or_else(&mut moved_to));
    }
    olds
}

/// Says whether there is a day on which the condition of both held or was not yet clear.
fn overlap(left: &Incident, right: &Incident) -> bool {
    let before =
        |one: &Incident, other: &Incident| one.ended().is_some_and(|end| end <= other.id.since());
    !before(left, right) && !before(right, left)
}

/// A difference between two accounts of the same history.
///
/// An identity names the day on which the condition began to hold. Where a correction moves that day, the alert has another
/// identity afterwards: then both accounts are there, and their identities differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Restatement {
    /// The alert: as it is known now, or as it was known if it never was there.
    pub id: AlertId,
    /// As it was told before; `None` if it was not known.
    pub before: Option<Incident>,
    /// As it is told now; `None` if it never was.
    pub after: Option<Incident>,
}

/// Returns the alerts that two accounts tell differently, in the order of identities. When they were told and what people
/// decided does not count.
///
/// An alert that only one account knows and one that only the other knows are the same alert when they are of the same rule
/// and subject and there is a day on which both were there.
#[must_use]
pub fn restatements(before: &[Incident], after: &[Incident]) -> Vec<Restatement> {
    let olds = same_alerts(before, after);
    let told: BTreeSet<&AlertId> = olds.iter().flatten().map(|old| &old.id).collect();
    let facts = |record: &Incident| {
        (
            record.id.since(),
            record.severity,
            record.fired,
            record.ended(),
            record.pauses.clone(),
            record.recurrence,
        )
    };
    let now = after
        .iter()
        .zip(&olds)
        .map(|(record, old)| (*old, Some(record)));
    let gone = before
        .iter()
        .filter(|record| !told.contains(&record.id))
        .map(|record| (Some(record), None));
    let mut differences: Vec<Restatement> = now
        .chain(gone)
        .filter(|(before, after)| before.map(facts) != after.map(facts))
        .filter_map(|(before, after)| {
            Some(Restatement {
                id: after.or(before)?.id.clone(),
                before: before.cloned(),
                after: after.cloned(),
            })
        })
        .collect();
    differences.sort_by(|left, right| left.id.cmp(&right.id));
    differences
}
