//! Why a reversal or an application does not fit what it refers to, and what came of a record by those that do.

use std::borrow::Cow;
use std::sync::Arc;

use chrono::{Datelike, NaiveDate};

use super::Draft;
use crate::journal::entry::{Content, Entry, ReversalDef};
use crate::journal::error::Rejection;
use crate::journal::id::EntryId;
use crate::journal::journal::Journal;
use crate::ledger::{Account, ApplicationDef, Booked, Course, Party, Refusal, Sifted, unfit};

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
            Content::Apply(application) => self.application_misfit(at, entry, application)?,
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
        let booked = self.journal.booked(&sifted);
        let unfit = self.with_account(of, at, |account| {
            let day = entry.day().num_days_from_ce();
            account.unfit_part(&booked, &of.to_string(), day, &reversal.amounts)
        });
        unfit.map(Rejection::Record)
    }

    fn application_misfit<'e>(
        &self,
        at: u32,
        entry: &Entry,
        application: &'e ApplicationDef<EntryId>,
    ) -> Option<(&'e EntryId, Rejection)> {
        let (to, by) = (&application.to, application.by.as_ref());
        if by == Some(to) {
            let of = to.to_string();
            return Some((to, Rejection::Record(Refusal::SettlesItself { of })));
        }
        for of in application.names() {
            if !matches!(self.entry(self.find(of)?).content(), Content::Record(_)) {
                return Some((of, Rejection::NotARecord { of: of.clone() }));
            }
            if let Some(before) = self.before(entry, of) {
                return Some((of, before));
            }
        }
        let day = entry.day().num_days_from_ce();
        let before = |other: u32| other < at && self.stands(other);
        let ends = self.ends(at, application, &before);
        let days = Some((day, ends.unwrap_or(i32::MAX)));
        let (to_name, by_name) = (to.to_string(), by.map(ToString::to_string));
        let settled = self.sifted(self.find(to)?)?;
        let settling = by.and_then(|by| self.sifted(self.find(by)?));
        let unfit = self.with_account(to, at, |own| {
            let to = self.journal.party(&to_name, &settled, own);
            match by.zip(by_name.as_deref()).zip(settling.as_deref()) {
                None => unfit(application, to, None, days),
                Some(((by, name), sifted)) => self.with_account(by, at, |own| {
                    let by = self.journal.party(name, sifted, own);
                    unfit(application, to, Some(by), days)
                }),
            }
        });
        unfit.map(|reason| (to, Rejection::Record(reason)))
    }

    /// Asks the account of a record, by the entries before one that stand.
    fn with_account<T>(
        &self,
        of: &EntryId,
        before: u32,
        ask: impl FnOnce(&mut Account) -> Option<T>,
    ) -> Option<T> {
        let known = self.accounts.borrow_mut().remove(of);
        let known = known.filter(|(next, _)| *next <= before);
        let (next, mut account) = match known {
            Some(known) => known,
            None => (0, self.opened(of)?),
        };
        let own = self.referring_since(of, next);
        let own = own.take_while(|other| *other < before);
        let stands = |other: u32| other < before && self.stands(other);
        self.tell(of, &mut account, own, &stands)?;
        let found = ask(&mut account);
        let mut accounts = self.accounts.borrow_mut();
        accounts.insert(of.clone(), (before, account));
        found
    }

    /// The account of a record of which nothing is said.
    fn opened(&self, of: &EntryId) -> Option<Account> {
        let sifted = self.sifted(self.find(of)?)?;
        Some(Account::of(&self.journal.booked(&sifted)))
    }

    /// Adds to the account of a record what those of some entries say that stand.
    fn tell(
        &self,
        of: &EntryId,
        account: &mut Account,
        entries: impl Iterator<Item = u32>,
        stands: &dyn Fn(u32) -> bool,
    ) -> Option<()> {
        let mut kind = None;
        for other in entries.filter(|other| stands(*other)) {
            let day = self.entry(other).day().num_days_from_ce();
            match self.entry(other).content() {
                Content::Reverse(reversal) if reversal.amounts.is_empty() => account.reverse(day),
                Content::Reverse(reversal) => {
                    let own = match kind {
                        Some(own) => own,
                        None => self.sifted(self.find(of)?)?.kind,
                    };
                    kind = Some(own);
                    let compiled = &self.journal.model.schema().compiled()[own];
                    account.reduce(compiled, day, &reversal.amounts);
                }
                Content::Apply(application) => {
                    let ends = self.ends(other, application, stands).unwrap_or(i32::MAX);
                    let side = application.side_of(of);
                    account.apply(other as usize, (application, side), (day, ends));
                }
                _ => {}
            }
        }
        Some(())
    }

    /// The entries from a number on that refer to one, in canonical order.
    pub(super) fn referring_since(
        &self,
        id: &EntryId,
        first: u32,
    ) -> impl Iterator<Item = u32> + use<'_> {
        let both = [self.journal.referring.get(id), self.referring.get(id)];
        let both = both.into_iter().flatten();
        both.flat_map(move |all| {
            let from = all.partition_point(|at| *at < first);
            all[from..].iter().copied()
        })
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
        if self.referring_to(id).next().is_none() {
            return Course::default();
        }
        let booked = self.journal.booked(sifted);
        let mut account = Account::of(&booked);
        self.tell(id, &mut account, self.referring_to(id), stands);
        account.course(&booked)
    }

    /// The day from which an application holds no more: it, or one of the records that it names, was taken back.
    fn ends(
        &self,
        at: u32,
        application: &ApplicationDef<EntryId>,
        stands: &dyn Fn(u32) -> bool,
    ) -> Option<i32> {
        let own = self.referring_to(self.entry(at).id());
        let own: Vec<u32> = own.filter(|other| self.is_whole(*other)).collect();
        let named = application.names().map(|of| self.wholes(of));
        let all = own.into_iter().chain(named.flat_map(|all| all.to_vec()));
        let days = all.filter(|other| stands(*other));
        days.map(|other| self.entry(other).day().num_days_from_ce())
            .min()
    }

    fn is_whole(&self, at: u32) -> bool {
        matches!(self.entry(at).content(), Content::Reverse(own) if own.amounts.is_empty())
    }

    /// The entries that take a record back as a whole, of all that refer to it, of which there may be many.
    fn wholes(&self, of: &EntryId) -> Arc<[u32]> {
        if let Some(known) = self.wholes.borrow().get(of) {
            return Arc::clone(known);
        }
        let found = self.referring_to(of).filter(|other| self.is_whole(*other));
        let found: Arc<[u32]> = found.collect();
        let mut wholes = self.wholes.borrow_mut();
        wholes.insert(of.clone(), Arc::clone(&found));
        found
    }

    /// What has to be judged again since an entry stands or does not that settles something or takes it back: each asks what those
    /// before it have left.
    pub(super) fn settled_after(&self, at: u32) -> Vec<u32> {
        let names = |at: u32| match self.entry(at).content() {
            Content::Apply(application) => application.names().collect(),
            _ => Vec::new(),
        };
        let mut named: Vec<&EntryId> = match self.entry(at).content() {
            Content::Apply(_) => names(at),
            Content::Reverse(own) => {
                let mut all = vec![&own.of];
                all.extend(self.find(&own.of).into_iter().flat_map(names));
                if own.amounts.is_empty() {
                    all.extend(self.referring_to(&own.of).flat_map(names));
                }
                all
            }
            _ => Vec::new(),
        };
        named.sort_unstable();
        named.dedup();
        let later = named
            .into_iter()
            .flat_map(|of| self.referring_since(of, at.saturating_add(1)));
        later.filter(|other| self.is_judged(*other)).collect()
    }

    /// Keeps the accounts right of records of which an entry says something that stands now or does not any more.
    pub(super) fn changes_accounts(&self, at: u32, stands_first: bool) {
        let entry = self.entry(at);
        match entry.content() {
            Content::Reverse(own) if own.amounts.is_empty() && stands_first => {
                self.end_applications(at, &own.of);
            }
            Content::Apply(_) | Content::Reverse(_) if stands_first => {
                // An account of what comes after is begun anew.
                let mut accounts = self.accounts.borrow_mut();
                for of in entry.refers_to() {
                    if accounts.get(of).is_some_and(|(next, _)| *next > at) {
                        accounts.remove(of);
                    }
                }
            }
            _ => self.accounts.borrow_mut().clear(),
        }
    }

    /// Keeps in accounts that applications hold no more since an entry takes back one of them, or a record that they name.
    fn end_applications(&self, at: u32, back: &EntryId) {
        let day = self.entry(at).day().num_days_from_ce();
        let applies = |other: &u32| matches!(self.entry(*other).content(), Content::Apply(_));
        let ended = self.referring_to(back).chain(self.find(back));
        let ended: Vec<u32> = ended.filter(applies).collect();
        for application in ended {
            let Content::Apply(own) = self.entry(application).content() else {
                continue;
            };
            for of in own.names() {
                let known = self.accounts.borrow().get(of).map(|(next, _)| *next);
                match known {
                    None => {}
                    // It tells of this entry by now.
                    Some(next) if next == at.saturating_add(1) => {
                        if let Some((_, account)) = self.accounts.borrow_mut().get_mut(of) {
                            account.end(application as usize, day);
                        }
                    }
                    Some(next) if next > at => {
                        self.accounts.borrow_mut().remove(of);
                    }
                    Some(_) => {
                        self.with_account(of, at.saturating_add(1), |account| {
                            account.end(application as usize, day);
                            Some(())
                        });
                    }
                }
            }
        }
    }
}

impl Journal {
    fn party<'a>(&'a self, name: &'a str, sifted: &'a Sifted, account: &'a Account) -> Party<'a> {
        Party {
            name,
            booked: self.booked(sifted),
            account,
        }
    }

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
