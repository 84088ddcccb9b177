//! History told again: what late and corrected records change.

use std::borrow::Borrow;
use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDate, NaiveDateTime};
use serde::{Deserialize, Serialize};

use super::incident::{AlertId, Incident, Status};
use super::monitor::held;
use super::telling::date;
use super::track::number;
use super::{AlertError, Monitor};
use crate::key::Key;
use crate::panel::Panel;
use crate::rule::RuleSet;
use crate::space::Subjects;

impl Monitor {
    /// Goes through history again by a panel in which records came late or were corrected, and returns what is different, in the
    /// order of identities.
    ///
    /// Every day that was told since history was closed ([`Monitor::close`]) is told again by the period of the panel that holds
    /// it; where a period was watched while it ran, [`Monitor::rewatch`] asks for the panel of each day instead.
    ///
    /// An alert keeps its identity, however the correction moves its days, and what people decided stays: who acknowledged it,
    /// until when it sleeps, its corrective action, whom it has climbed to, and that it was given up. One that never was is withdrawn
    /// ([`Status::Withdrawn`]) and kept with all that; it comes back with it where it is corrected back. An alert that is there
    /// again after it had ended or was withdrawn, and one that nobody knew of, is told from `at` on.
    ///
    /// Alerts of rules that the set does not have, and of subjects that the panel does not have, stay as they are, since
    /// nothing new is known of them; those that are open expire, as they do in [`Monitor::advance`].
    ///
    /// # Errors
    /// [`AlertError::HistoryMissing`] when the panel lacks a day that was told and is not closed; else as
    /// [`Monitor::advance`]. The monitor is then unchanged.
    pub fn correct(
        &mut self,
        rules: &RuleSet,
        panel: &Panel,
        at: NaiveDateTime,
    ) -> Result<Vec<Restatement>, AlertError> {
        self.rewatch(rules, at, |_| Ok(panel))
    }

    /// Goes through history again, day by day, by the panels as of the days as they are known now; all else is as in
    /// [`Monitor::correct`].
    ///
    /// # Errors
    /// Those of `as_of`; as [`Monitor::correct`]. The monitor is then unchanged.
    pub fn rewatch<P, E>(
        &mut self,
        rules: &RuleSet,
        at: NaiveDateTime,
        as_of: impl FnMut(NaiveDate) -> Result<P, E>,
    ) -> Result<Vec<Restatement>, E>
    where
        P: Borrow<Panel>,
        E: From<AlertError>,
    {
        self.rewatch_from(None, rules, at, as_of)
    }

    /// The same from a mark on, up to which nothing has changed; from where history is closed where there is none.
    pub(crate) fn rewatch_from<P, E>(
        &mut self,
        mark: Option<&Self>,
        rules: &RuleSet,
        at: NaiveDateTime,
        as_of: impl FnMut(NaiveDate) -> Result<P, E>,
    ) -> Result<Vec<Restatement>, E>
    where
        P: Borrow<Panel>,
        E: From<AlertError>,
    {
        let start = mark.or(self.closed.as_deref());
        let (mut fresh, seen) = self.account(start, rules, (self.told, at), as_of)?;
        let told_of = |record: &Incident| {
            let known = |subjects: &Subjects| subjects.find(record.id.subject()).is_some();
            rules.find(record.id.rule().as_str()).is_some() && seen.iter().any(known)
        };
        let (known, mut others): (Vec<Incident>, Vec<Incident>) =
            self.records.iter().cloned().partition(told_of);
        let latest = self.day();
        for record in others.iter_mut().filter(|record| record.status.is_open()) {
            let on = latest.unwrap_or(record.fired);
            record.status = Status::Expired { on };
        }
        let olds = same_alerts(&known, &fresh.records);
        let taken: BTreeSet<&AlertId> = olds.iter().flatten().map(|old| &old.id).collect();
        let closed = start.and_then(Self::day);
        for record in known.iter().filter(|record| !taken.contains(&record.id)) {
            let mut record = record.clone();
            let is_closed = closed.is_some_and(|closed| record.fired <= closed);
            if !record.status.is_withdrawn() && !is_closed {
                let on = latest.unwrap_or(record.fired);
                let was = Box::new(record.status);
                record.status = Status::Withdrawn { on, was };
            }
            others.push(record);
        }
        others.sort_by_key(|record| record.fired);
        let mut ids: BTreeSet<AlertId> = taken.into_iter().cloned().collect();
        ids.extend(others.iter().map(|record| record.id.clone()));
        for (record, old) in fresh.records.iter_mut().zip(olds) {
            match old {
                Some(old) => keep_decisions(record, old, at),
                None => record.id = untaken(&record.id, &mut ids),
            }
        }
        fresh.keep(others);
        fresh.closed.clone_from(&self.closed);
        // A mark knows no more of the days before it than rows need.
        fresh.tellings.clone_from(&self.tellings);
        let differences = restatements(&self.records, &fresh.records);
        *self = fresh;
        Ok(differences)
    }

    /// Tells again what was told from a day up to another one, from where everything stood at the end of the first. Returns that
    /// account, and the subjects of whom it tells.
    pub(super) fn account<P, E>(
        &self,
        start: Option<&Self>,
        rules: &RuleSet,
        (through, at): (Option<i32>, NaiveDateTime),
        mut as_of: impl FnMut(NaiveDate) -> Result<P, E>,
    ) -> Result<(Self, Vec<Subjects>), E>
    where
        P: Borrow<Panel>,
        E: From<AlertError>,
    {
        let mut fresh = start.cloned().unwrap_or_default();
        let mut seen: Vec<Subjects> = fresh.subjects.iter().cloned().collect();
        let given_up = given_up(&self.records);
        let after = start.and_then(|start| start.told);
        let again = self.tellings.0.iter().filter(|telling| {
            Some(telling.day) > after && through.is_some_and(|through| telling.day <= through)
        });
        for (telling, day) in again.filter_map(|telling| Some((telling, date(telling.day)?))) {
            let panel = as_of(day)?;
            let panel = panel.borrow();
            let judge = rules.over(panel).map_err(AlertError::from)?;
            let Some(period) = held(panel, day) else {
                return Err(AlertError::HistoryMissing { day }.into());
            };
            if !seen.contains(panel.subjects()) {
                seen.push(panel.subjects().clone());
            }
            // What was given up meanwhile stays so: that depends on time, and not on the records.
            fresh.give_up(&given_up, Some(day));
            fresh.tell_from(&judge, period, (telling.from, day), at);
        }
        fresh.give_up(
            &given_up,
            through.and_then(date).filter(|_| through < self.told),
        );
        fresh.told = through;
        Ok((fresh, seen))
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

/// Gives an alert that is told again the identity that it has, and what people decided of it.
fn keep_decisions(record: &mut Incident, old: &Incident, at: NaiveDateTime) {
    record.id = old.id.clone();
    record.corrective_action.clone_from(&old.corrective_action);
    record.acknowledgements.clone_from(&old.acknowledgements);
    let (stood, withdrawn) = match &old.status {
        Status::Withdrawn { was, .. } => (was.as_ref(), true),
        stood => (stood, false),
    };
    if stood.is_open() && record.status.is_open() {
        record.status.clone_from(stood);
    }
    let is_back = !stood.is_open() && record.status.is_open();
    if is_back || withdrawn && record.status == Status::Firing {
        // It is there again, and nobody was told of that yet.
        (record.told, record.repeated, record.rung) = (at, at, 0);
    } else {
        (record.told, record.repeated, record.rung) = (old.told, old.repeated, old.rung);
    }
}

/// The identity of an alert that nobody knew of; of an earlier day where another one has it that was moved away from there.
fn untaken(id: &AlertId, taken: &mut BTreeSet<AlertId>) -> AlertId {
    let mut own = id.clone();
    while !taken.insert(own.clone()) {
        let Some(day) = own.day().pred_opt() else {
            break;
        };
        own = own.on(day);
    }
    own
}

/// Returns for each alert of the second account the one of the first that it is: that which fired on the same day, else that of
/// its identity, else one with which it has a day in common; of these, one that was withdrawn comes last.
pub(super) fn same_alerts<'r>(
    before: &'r [Incident],
    after: &[Incident],
) -> Vec<Option<&'r Incident>> {
    let mut known: BTreeMap<Whose<'_>, Vec<&Incident>> = BTreeMap::new();
    for record in before {
        known.entry(whose(record)).or_default().push(record);
    }
    let mut olds: Vec<Option<&Incident>> = vec![None; after.len()];
    let ways: [fn(&Incident, &Incident) -> bool; 4] = [
        |old, record| !old.status.is_withdrawn() && old.fired == record.fired,
        |old, record| old.id == record.id,
        |old, record| !old.status.is_withdrawn() && overlap(old, record),
        overlap,
    ];
    for is_same in ways {
        for (record, place) in after.iter().zip(&mut olds) {
            let is_free = place.is_none() && !record.status.is_withdrawn();
            let Some(candidates) = known.get_mut(&whose(record)).filter(|_| is_free) else {
                continue;
            };
            let found = candidates.iter().position(|old| is_same(old, record));
            *place = found.map(|at| candidates.remove(at));
        }
    }
    // One that was withdrawn in both is itself.
    for (record, place) in after.iter().zip(&mut olds) {
        let candidates = known.get_mut(&whose(record)).filter(|_| place.is_none());
        let found = candidates.and_then(|all| {
            let at = all.iter().position(|old| old.id == record.id)?;
            Some(all.remove(at))
        });
        *place = place.or(found);
    }
    olds
}

/// Says whether there is a day on which the condition of both held or was not yet clear.
fn overlap(left: &Incident, right: &Incident) -> bool {
    let before =
        |one: &Incident, other: &Incident| one.ended().is_some_and(|end| end <= other.since);
    !before(left, right) && !before(right, left)
}

/// A difference between two accounts of the same history.
///
/// Where a correction moves the day on which an alert fired, or since when it was so, [`Incident::fired`] and [`Incident::since`]
/// differ and its identity stays.
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
/// decided does not count; one that was withdrawn counts as not there.
///
/// An alert that only one account knows and one that only the other knows are the same alert when they are of the same rule
/// and subject and there is a day on which both were there.
#[must_use]
pub fn restatements(before: &[Incident], after: &[Incident]) -> Vec<Restatement> {
    let olds = same_alerts(before, after);
    let told: BTreeSet<&AlertId> = olds.iter().flatten().map(|old| &old.id).collect();
    let facts = |record: &Incident| {
        if record.status.is_withdrawn() {
            return None;
        }
        Some((
            record.since,
            record.severity,
            record.fired,
            record.ended(),
            record.pauses.clone(),
            record.recurrence,
        ))
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
        .filter(|(before, after)| before.and_then(facts) != after.and_then(facts))
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
