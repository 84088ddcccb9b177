//! What days bring of duties: each day what became otherwise since the day before, and late knowledge as a difference.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{NaiveDate, NaiveDateTime};

use super::teller::{Silence, Teller};
use crate::duty::Counted;
use crate::journal::day::{Day, DutyNotice, DutyState};
use crate::journal::days::{others, since};
use crate::journal::entry::{Content, Entry};
use crate::journal::error::JournalError;
use crate::journal::journal::Journal;
use crate::journal::reading::{Asking, Unread};
use crate::journal::structure::standing;
use crate::key::Key;
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
    /// For days from one on.
    pub(super) fn new(journal: &Journal, first: NaiveDate) -> Self {
        let duties = journal.model.duties();
        let mut last = Vec::new();
        last.resize_with(duties.len(), || None);
        let mut said = BTreeMap::new();
        if !duties.is_empty() {
            let referring = journal.referring.values().flatten();
            let reversals = referring.filter(|at| !journal.withheld.contains_key(at));
            let reversals = reversals.map(|at| &journal.entries[*at as usize].entry);
            let steps = [&journal.excuses, &journal.steps].into_iter();
            let steps = steps.flat_map(|steps| standing(steps, journal.taken.len(), None));
            let steps: Vec<&Arc<Entry>> = steps.collect();
            let others = others(steps.iter().map(AsRef::as_ref));
            let entries = reversals
                .chain(steps.iter().copied())
                .filter(|entry| first <= entry.day());
            for entry in entries {
                for (at, duty) in duties.iter().enumerate() {
                    let Some(since) = reaches(journal, duty, (entry, &others)) else {
                        continue;
                    };
                    let place = said.entry((entry.day(), at)).or_insert(since);
                    *place = since.min(*place);
                }
            }
        }
        Self { last, said }
    }
}

/// The first due day of which an entry may say something although that is over: whoever is excused, what is taken back, and who
/// turned out to be another one.
fn reaches(
    journal: &Journal,
    duty: &Owing,
    (entry, others): (&Entry, &BTreeSet<&Key>),
) -> Option<NaiveDate> {
    let day = match entry.content() {
        Content::Join(own) => others.get(&own.member).map(|_| NaiveDate::MIN)?,
        Content::Excuse(own) => Some(since(entry)).filter(|_| own.duty == duty.definition.key)?,
        Content::Merge(_) => since(entry),
        Content::Reverse(reversal) => match journal.find(&reversal.of) {
            Some(of) => {
                let Content::Record(record) = of.content() else {
                    return None;
                };
                let mut kinds = duty.definition.evidence.kinds.iter();
                Some(since(of)).filter(|_| kinds.any(|kind| kind.as_str() == record.kind))?
            }
            // What is forgotten by now may be of any day.
            None => NaiveDate::MIN,
        },
        _ => return None,
    };
    Some(duty.open_since(day))
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

/// What stands, of what is due through a day.
type Through<'a> = (&'a [Counted], NaiveDate);

/// What became otherwise of what is due from a day on: what was due by one day then, and what is due by another one now.
fn changes(
    duty: &Key,
    (then, now): (Through<'_>, Through<'_>),
    (from, learned): (NaiveDate, Option<NaiveDateTime>),
) -> Vec<DutyNotice> {
    let due = |(all, through): Through<'_>| {
        let own = all
            .iter()
            .filter(|one| from <= one.due && one.due <= through);
        let own = own.map(|one| ((one.due, one.person.clone()), DutyState::of(&one.counts)));
        own.collect::<BTreeMap<_, _>>()
    };
    let (mut then, now) = (due(then), due(now));
    let mut found = BTreeMap::new();
    for (place, after) in now {
        let before = then.remove(&place);
        if before != Some(after) {
            found.insert(place, (before, Some(after)));
        }
    }
    let gone = then.into_iter();
    found.extend(gone.map(|(place, before)| (place, (Some(before), None))));
    let notice = |((due, member), (before, after))| DutyNotice {
        duty: duty.clone(),
        member,
        due,
        learned,
        before,
        after,
    };
    found.into_iter().map(notice).collect()
}
