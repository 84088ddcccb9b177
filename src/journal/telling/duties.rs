//! What days bring of duties: each day what became otherwise since the day before, and late knowledge as a difference.

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveDateTime};

use super::teller::{Silence, Teller};
use crate::duty::Counted;
use crate::journal::day::{Day, DutyNotice, DutyState};
use crate::journal::error::JournalError;
use crate::journal::reading::{Asking, Unread};
use crate::key::Key;

/// What stood of a duty at the end of a day, of what is due from another one on.
struct Stood {
    from: NaiveDate,
    all: Vec<Counted>,
}

/// What of duties was told last, by duty.
pub(super) struct Roll(Vec<Option<Stood>>);

impl Roll {
    pub(super) fn new(duties: usize) -> Self {
        let mut all = Vec::new();
        all.resize_with(duties, || None);
        Self(all)
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
        let all = self.asking(duty, as_of, hand_overs).owed(duty, from)?;
        Ok(Stood { from, all })
    }

    fn asking(&self, duty: usize, as_of: NaiveDate, hand_overs: usize) -> Asking<'_> {
        let model = &self.journal.model;
        Asking {
            model,
            at: model.duties()[duty].question,
            folds: &self.folds,
            hand_overs,
            known_at: None,
            as_of,
            as_it_is: None,
            limits: self.journal.limits,
        }
    }

    /// Tells a day of all duties; those of which nothing can be said are passed over.
    pub(super) fn tell_duties(&self, last: &mut Roll, day: &mut Day) -> Result<(), JournalError> {
        for (at, own) in self.journal.model.duties().iter().enumerate() {
            let (name, hand_overs) = (&own.definition.key, self.journal.taken.len());
            let excused = self.asking(at, day.day, hand_overs).excused_since(name);
            if excused.is_none() && !own.moves_on(day.day) {
                continue;
            }
            match self.brought(at, &mut last.0[at], (day.day, excused)) {
                Ok(notices) => day.duties.extend(notices),
                Err(error) => day.unwatched.push(Silence::from(error).told(name)?),
            }
        }
        Ok(())
    }

    fn brought(
        &self,
        at: usize,
        last: &mut Option<Stood>,
        (today, excused): (NaiveDate, Option<NaiveDate>),
    ) -> Result<Vec<DutyNotice>, Unread> {
        let hand_overs = self.journal.taken.len();
        let Some(yesterday) = today.pred_opt() else {
            return Ok(Vec::new());
        };
        let own = &self.journal.model.duties()[at];
        let from = own.open_since(yesterday);
        let from = excused.map_or(from, |since| since.min(from));
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
        (before, since): (NaiveDate, NaiveDate),
        known: NaiveDateTime,
        day: &mut Day,
    ) -> Result<(), JournalError> {
        let hand_overs = self.journal.taken.len();
        for (at, own) in self.journal.model.duties().iter().enumerate() {
            let name = &own.definition.key;
            let from = own.open_since(since);
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
