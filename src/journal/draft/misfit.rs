//! Why a reversal or an application does not fit what it refers to, and what came of a record by those that do.

use std::borrow::Cow;

use chrono::{Datelike, NaiveDate};

use super::Draft;
use crate::journal::entry::{Content, Entry, ReversalDef};
use crate::journal::error::Rejection;
use crate::journal::id::EntryId;
use crate::journal::journal::Journal;
use crate::ledger::{ApplicationDef, Booked, Course, Given, Sifted, TakenBack, settled};
use crate::quantity::Ratio;

impl Draft<'_> {
    /// What was checked of a new record.
    pub(super) fn checked(&self, at: u32) -> Option<&Sifted> {
        let place = (at as usize).checked_sub(self.journal.entries.len())?;
        self.sifted.get(place)?.as_ref()
    }

    /// A record, checked when it came.
    pub(in crate::journal) fn sifted(&self, at: u32) -> Option<Cow<'_, Sifted>> {
        if let Some(sifted) = self.checked(at) {
            return Some(Cow::Borrowed(sifted));
        }
        match self.entry(at).content() {
            Content::Record(record) => self.journal.checker.sift(record).ok().map(Cow::Owned),
            _ => None,
        }
    }

    /// Why an entry does not fit what it refers to, all of which stands; with that and its day.
    pub(super) fn misfit(&self, at: u32) -> Option<(EntryId, NaiveDate, Rejection)> {
        let entry = self.entry(at);
        let (of, reason) = match entry.content() {
            Content::Reverse(reversal) => {
                (&reversal.of, self.reversal_misfit(at, entry, reversal)?)
            }
            Content::Apply(application) => self.application_misfit(entry, application)?,
            _ => return None,
        };
        let day = self.find(of).map_or(entry.day(), |of| self.entry(of).day());
        Some((of.clone(), day, reason))
    }

    fn before(&self, entry: &Entry, of: &EntryId) -> Option<Rejection> {
        let since = self.entry(self.find(of)?).day();
        (entry.day() < since).then(|| Rejection::ReversedBefore {
            day: entry.day(),
            of: of.clone(),
            since,
        })
    }

    fn reversal_misfit(&self, at: u32, entry: &Entry, reversal: &ReversalDef) -> Option<Rejection> {
        let of = &reversal.of;
        let original = self.find(of)?;
        let is_whole = reversal.amounts.is_empty();
        match self.entry(original).content() {
            Content::Record(_) => {}
            Content::Apply(_) if is_whole => return self.before(entry, of),
            _ => return Some(Rejection::NotARecord { of: of.clone() }),
        }
        if let Some(before) = self.before(entry, of) {
            return Some(before);
        }
        if is_whole {
            return None;
        }
        let sifted = self.sifted(original)?;
        let others = self
            .referring_to(of)
            .filter(|other| *other < at && self.stands(*other));
        let taken = others.filter_map(|other| match self.entry(other).content() {
            Content::Reverse(other) => Some(&other.amounts),
            _ => None,
        });
        let unfit = self.journal.booked(&sifted).unfit_part(
            &of.to_string(),
            &reversal.amounts,
            &taken.collect::<Vec<_>>(),
        );
        unfit.map(Rejection::Record)
    }

    fn application_misfit<'e>(
        &self,
        entry: &Entry,
        application: &'e ApplicationDef<EntryId>,
    ) -> Option<(&'e EntryId, Rejection)> {
        for of in application.names() {
            if !matches!(self.entry(self.find(of)?).content(), Content::Record(_)) {
                return Some((of, Rejection::NotARecord { of: of.clone() }));
            }
            if let Some(before) = self.before(entry, of) {
                return Some((of, before));
            }
        }
        let to = &application.to;
        let sifted = self.sifted(self.find(to)?)?;
        let unfit = self
            .journal
            .booked(&sifted)
            .unfit(&to.to_string(), application);
        unfit.map(|reason| (to, Rejection::Record(reason)))
    }

    /// The item that a record opens, if it opens any.
    fn item(&self, of: &EntryId) -> Option<Given> {
        let sifted = self.sifted(self.find(of)?)?;
        self.journal.booked(&sifted).item()
    }

    /// What an application settles of the item of one of the records that it names, in that item's own currency.
    fn settled(&self, application: &ApplicationDef<EntryId>, of: &EntryId) -> Option<Ratio> {
        let item = self.item(&application.to)?;
        if *of == application.to {
            return settled(application, item, None);
        }
        settled(application, item, Some(self.item(of)?))
    }
}

impl Draft<'_> {
    /// What became of a record by the entries that stand.
    pub(in crate::journal) fn course(
        &self,
        at: u32,
        sifted: &Sifted,
        stands: &dyn Fn(u32) -> bool,
    ) -> Course {
        let id = self.entry(at).id();
        let number = |at: u32| self.entry(at).day().num_days_from_ce();
        if self.referring_to(id).next().is_none() {
            return Course::default();
        }
        let (mut reversed, mut applied) = (None, Vec::new());
        let mut parts: Vec<(i32, u32, &ReversalDef)> = Vec::new();
        for other in self.referring_to(id).filter(|other| stands(*other)) {
            match self.entry(other).content() {
                Content::Reverse(reversal) if reversal.amounts.is_empty() => {
                    reversed = Some(number(other));
                }
                Content::Reverse(reversal) => parts.push((number(other), other, reversal)),
                Content::Apply(application) => {
                    let begins = number(other);
                    let ends = self.ends(other, application, stands).unwrap_or(i32::MAX);
                    let settled = self.settled(application, id);
                    applied.extend(
                        settled
                            .filter(|_| begins < ends)
                            .map(|own| (begins, ends, own)),
                    );
                }
                _ => {}
            }
        }
        parts.sort_unstable_by_key(|(day, other, _)| (*day, *other));
        let parts: Vec<TakenBack<'_>> = parts
            .into_iter()
            .map(|(day, _, reversal)| (day, &reversal.amounts))
            .collect();
        self.journal
            .booked(sifted)
            .course(reversed, &parts, &applied)
    }

    /// The day from which an application holds no more: it, or what it applies, was taken back.
    fn ends(
        &self,
        at: u32,
        application: &ApplicationDef<EntryId>,
        stands: &dyn Fn(u32) -> bool,
    ) -> Option<i32> {
        let names = std::iter::once(self.entry(at).id()).chain(&application.by);
        let reversals = names
            .flat_map(|of| self.referring_to(of))
            .filter(|other| stands(*other));
        let days = reversals.filter_map(|other| match self.entry(other).content() {
            Content::Reverse(reversal) if reversal.amounts.is_empty() => {
                Some(self.entry(other).day().num_days_from_ce())
            }
            _ => None,
        });
        days.min()
    }
}

impl Journal {
    /// A record as it was booked.
    pub(in crate::journal) fn booked<'a>(&'a self, sifted: &'a Sifted) -> Booked<'a> {
        let schema = self.model.schema();
        Booked {
            kind: &schema.compiled()[sifted.kind],
            measures: schema.measures(),
            row: &sifted.row,
        }
    }
}
