//! What days bring of duties: each day what became otherwise since the day before, and late knowledge as a difference.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDate, NaiveDateTime};

use super::teller::{Silence, Teller};
use crate::duty::{Counted, DutyCounts};
use crate::journal::day::{Day, DutyNotice, DutyState};
use crate::journal::entry::{Content, Entry};
use crate::journal::error::JournalError;
use crate::journal::id::EntryId;
use crate::journal::journal::Journal;
use crate::journal::reach::{Named, places, since};
use crate::journal::reading::{Asking, Unread};
use crate::journal::structure::standing;
use crate::key::Key;
use crate::ledger::Record;
use crate::model::Owing;

/// What stood of a duty at the end of a day, of what is due from another one on.
struct Stood {
    from: NaiveDate,
    all: Vec<Counted>,
}

/// What of duties was told last, by duty, and what is said of duties that are over.
pub(super) struct Roll {
    last: Vec<Option<Stood>>,
    /// By day and duty, from which due day on something becomes otherwise on that day, whatever stands open.
    said: BTreeMap<(NaiveDate, usize), NaiveDate>,
}

impl Roll {
    /// For days from one on through another one.
    pub(super) fn new(journal: &Journal, (first, last): (NaiveDate, NaiveDate)) -> Self {
        let duties = journal.model.duties();
        let mut all = Vec::new();
        all.resize_with(duties.len(), || None);
        let mut said = BTreeMap::new();
        if duties.is_empty() {
            return Self { last: all, said };
        }
        let stands = |id: &EntryId| {
            let at = journal.by_id.get(id);
            at.is_some_and(|at| !journal.withheld.contains_key(at))
        };
        let coming = journal.coming.range(first..=last);
        let coming = coming.flat_map(|(day, own)| own.iter().map(move |id| (*day, id)));
        let coming = coming.filter(|(_, id)| stands(id));
        let coming = coming.filter_map(|(day, id)| Some((day, journal.find(id)?)));
        let coming: Vec<(NaiveDate, &Entry)> = coming.collect();
        let steps = if coming.iter().any(|(_, entry)| places(entry)) {
            standing(&journal.steps, journal.taken.len(), None)
        } else {
            Vec::new()
        };
        let named = Named::of(journal, steps.iter().map(AsRef::as_ref));
        for (day, entry) in coming {
            for (at, duty) in duties.iter().enumerate() {
                let since = reaches(journal, duty, (entry, &named));
                let since = since.filter(|since| *since < day);
                let Some(since) = since.map(|since| duty.open_since(since)) else {
                    continue;
                };
                let place = said.entry((day, at)).or_insert(since);
                *place = since.min(*place);
            }
        }
        Self { last: all, said }
    }
}

/// The first day of which an entry may say something of a duty although that is over: whoever is excused, what is taken back, what one of
/// its dates places elsewhere, who turned out to be another one, and who joins and was named before.
fn reaches<'e>(
    journal: &'e Journal,
    duty: &Owing,
    (entry, named): (&'e Entry, &Named<'e>),
) -> Option<NaiveDate> {
    let counts = |record: &Record| {
        let mut kinds = duty.definition.evidence.kinds.iter();
        kinds.any(|kind| kind.as_str() == record.kind)
    };
    match entry.content() {
        Content::Join(_) | Content::Move(_) => Some(named.since(entry)),
        Content::Excuse(own) => Some(since(entry)).filter(|_| own.duty == duty.definition.key),
        Content::Merge(_) => Some(since(entry)),
        Content::Record(record) => Some(since(entry)).filter(|_| counts(record)),
        Content::Reverse(reversal) => match journal.find(&reversal.of).map(|of| (of, of.content()))
        {
            Some((of, Content::Record(record))) => Some(since(of)).filter(|_| counts(record)),
            Some(_) => None,
            // What is forgotten by now may be of any day.
            None => Some(NaiveDate::MIN),
        },
        _ => None,
    }
}

impl Teller<'_> {
    /// What stands of what is due from a day on, as of another one, by what so many hand-overs said.
    fn stood(
        &self,
        duty: usize,
        (from, as_of): (NaiveDate, NaiveDate),
        hand_overs: usize,
    ) -> Result<Stood, Unread> {
        let model = &self.journal.model;
        let asking = Asking {
            model,
            at: model.duties()[duty].question,
            folds: &self.folds,
            hand_overs,
            known_at: None,
            as_of,
            as_it_is: None,
            limits: self.journal.limits,
        };
        let all = asking.owed(duty, from)?;
        Ok(Stood { from, all })
    }

    /// Tells a day of all duties; those of which nothing can be said are passed over.
    pub(super) fn tell_duties(&self, last: &mut Roll, day: &mut Day) -> Result<(), JournalError> {
        for (at, own) in self.journal.model.duties().iter().enumerate() {
            let said = last.said.get(&(day.day, at)).copied();
            if said.is_none() && !own.moves_on(day.day) {
                continue;
            }
            match self.brought(at, &mut last.last[at], (day.day, said)) {
                Ok(notices) => day.duties.extend(notices),
                Err(error) => {
                    let name = &own.definition.key;
                    day.unwatched.push(Silence::from(error).told(name)?);
                }
            }
        }
        Ok(())
    }

    fn brought(
        &self,
        at: usize,
        last: &mut Option<Stood>,
        (today, said): (NaiveDate, Option<NaiveDate>),
    ) -> Result<Vec<DutyNotice>, Unread> {
        let hand_overs = self.journal.taken.len();
        let Some(yesterday) = today.pred_opt() else {
            return Ok(Vec::new());
        };
        let own = &self.journal.model.duties()[at];
        let from = own.open_since(yesterday);
        let from = said.map_or(from, |since| since.min(from));
        // On the days between nothing changed.
        let before = match last.take().filter(|last| last.from <= from) {
            Some(last) => last,
            None => self.stood(at, (from, yesterday), hand_overs)?,
        };
        let now = self.stood(at, (from, today), hand_overs)?;
        let (then, told) = ((&before.all[..], yesterday), (&now.all[..], today));
        let notices = changes(&own.definition.key, (then, told), (from, None));
        *last = Some(now);
        Ok(notices)
    }

    /// What the last hand-over says of duties that were told before it, of what it says something since a day.
    pub(super) fn duties_in_hindsight(
        &self,
        (before, first): (NaiveDate, NaiveDate),
        known: NaiveDateTime,
        day: &mut Day,
    ) -> Result<(), JournalError> {
        let hand_overs = self.journal.taken.len();
        for (at, own) in self.journal.model.duties().iter().enumerate() {
            let name = &own.definition.key;
            let from = own.open_since(first);
            let stood = |hand_overs| self.stood(at, (from, before), hand_overs);
            let both = stood(hand_overs - 1).and_then(|then| Ok((then, stood(hand_overs)?)));
            match both {
                Ok((then, now)) => {
                    let both = ((&then.all[..], before), (&now.all[..], before));
                    day.duties.extend(changes(name, both, (from, Some(known))));
                }
                Err(error) => day.unwatched.push(Silence::from(error).told(name)?),
            }
        }
        Ok(())
    }
}

impl Journal {
    /// Why what days told of duties is not what the entries lead to, if it is not: each change leads on from the one before it, and the
    /// last one to what stands. What was told by another model, and what cannot be worked out any more, is believed.
    pub(in crate::journal) fn duties_told_otherwise(&self) -> Option<&'static str> {
        let days = &self.days;
        // Of a duty of which a day could not tell, what that would have been is not known.
        let silent = days.told.values().flat_map(|day| &day.unwatched);
        let silent: BTreeSet<&Key> = silent.map(|own| &own.watch).collect();
        // By hand-over: first what it says of days that were told before, then day by day what it brings.
        let mut all: Vec<(Option<NaiveDateTime>, bool, NaiveDate, &DutyNotice)> = Vec::new();
        for (day, own) in &days.told {
            let told = own.duties.iter();
            let told = told.filter(|one| !silent.contains(&one.duty));
            all.extend(told.map(|one| {
                let known = one.learned.or(own.known);
                (known, one.learned.is_none(), *day, one)
            }));
        }
        all.sort_by_key(|(known, is_own, day, _)| (*known, *is_own, *day));
        // What was told of days before may be forgotten.
        let is_whole = days.from.is_none_or(|from| from <= self.go_live);
        let mut last: BTreeMap<(&Key, &Key, NaiveDate), Option<After<'_>>> = BTreeMap::new();
        for (.., own) in all {
            let place = (&own.duty, &own.member, own.due);
            let after = own.after.map(|state| (state, own.accountable.as_ref()));
            let before = last.insert(place, after);
            let leads_on = match before {
                Some(before) => before.map(|(state, _)| state) == own.before,
                None => !is_whole || own.before.is_none(),
            };
            // Who is accountable may be another one, and nothing else.
            let is_same = match before {
                Some(before) => before == after,
                None => own.before.is_none() && own.after.is_none(),
            };
            if !leads_on || is_same {
                return Some("what was told of a duty does not lead on from what was told before");
            }
        }
        for (at, own) in self.model.duties().iter().enumerate() {
            let duty = &own.definition.key;
            let through = self.complete_through();
            let Some(through) = through.filter(|_| !silent.contains(duty)) else {
                continue;
            };
            let Ok(stands) = self.stands_of(at, through) else {
                continue;
            };
            let state = |member: &Key, due| {
                let own = stands.get(&(due, member.clone()));
                own.map(|(state, who)| (*state, who.as_ref()))
            };
            let of_duty = |(key, ..): &(&Key, &Key, NaiveDate)| *key == duty;
            let mut told = last.iter().filter(|(place, _)| of_duty(place));
            let is_told =
                |(due, member): &(NaiveDate, Key)| last.contains_key(&(duty, member, *due));
            if !told.all(|((_, member, due), after)| state(member, *due) == *after)
                || (is_whole && !stands.keys().all(is_told))
            {
                return Some("what was told of a duty does not lead to what stands of it");
            }
        }
        None
    }

    /// What stands of a duty that was due by a day, as of that day.
    fn stands_of(&self, duty: usize, day: NaiveDate) -> Result<Stands, Unread> {
        let (journal, folds) = (self, self.folds());
        let stood =
            Teller { journal, folds }.stood(duty, (NaiveDate::MIN, day), self.taken.len())?;
        Ok(by_place((&stood.all, day), NaiveDate::MIN))
    }
}

/// What was told of it last, and who is accountable.
type After<'d> = (DutyState, Option<&'d Key>);

/// What is told of it, and who is accountable.
type Told = Option<(DutyState, Option<Key>)>;

/// What stands, of what is due through a day.
type Through<'a> = (&'a [Counted], NaiveDate);

/// By due day and member, what stands and who is accountable.
type Stands = BTreeMap<(NaiveDate, Key), (DutyState, Option<Key>)>;

/// What stands of what is due from a day on through another one; what falls to somebody for several is told together.
fn by_place((all, through): Through<'_>, from: NaiveDate) -> Stands {
    let own = all
        .iter()
        .filter(|one| from <= one.due && one.due <= through);
    let mut each: BTreeMap<_, (DutyCounts, Option<Key>)> = BTreeMap::new();
    for one in own {
        let place = (one.due, one.person.clone());
        let (counts, accountable) = each.entry(place).or_default();
        *counts = counts.and(one.counts);
        accountable.clone_from(&one.accountable);
    }
    let told = each.into_iter();
    told.map(|(place, (counts, who))| (place, (DutyState::of(&counts), who)))
        .collect()
}

/// What became otherwise of what is due from a day on: what was due by one day then, and what is due by another one now.
fn changes(
    duty: &Key,
    (then, now): (Through<'_>, Through<'_>),
    (from, learned): (NaiveDate, Option<NaiveDateTime>),
) -> Vec<DutyNotice> {
    let (mut then, now) = (by_place(then, from), by_place(now, from));
    let mut found = BTreeMap::new();
    for (place, after) in now {
        let before = then.remove(&place);
        if before.as_ref() != Some(&after) {
            found.insert(place, (before, Some(after)));
        }
    }
    let gone = then.into_iter();
    found.extend(gone.map(|(place, before)| (place, (Some(before), None))));
    let notice = |((due, member), (before, after)): (_, (Told, Told))| {
        let last = after.as_ref().or(before.as_ref());
        DutyNotice {
            duty: duty.clone(),
            member,
            due,
            accountable: last.and_then(|(_, who)| who.clone()),
            learned,
            before: before.map(|(state, _)| state),
            after: after.map(|(state, _)| state),
        }
    };
    found.into_iter().map(notice).collect()
}
