//! A hand-over before it is taken in: which entries are new, which of all entries stand then, and which are refused.

mod ids;
mod judge;
mod misfit;
mod overfull;
mod refuse;
mod status;
mod targets;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::NaiveDate;

use super::circle::circle;
use super::entry::{Content, Entry};
use super::error::{Rejected, Rejection};
use super::id::EntryId;
use super::journal::{Journal, Withheld};
use super::structure::identified;
use ids::Ids;
pub(super) use status::Status;

use crate::key::Key;
use crate::ledger::{Account, Sifted};

/// A hand-over on its way in. The journal is as it was.
pub(super) struct Draft<'a> {
    pub(super) journal: &'a Journal,
    pub(super) fresh: Vec<Arc<Entry>>,
    /// Where each of them stands in the hand-over.
    pub(super) rows: Vec<usize>,
    pub(super) repeated: usize,
    /// Of each of them, what was checked of it if it is a record.
    sifted: Vec<Option<Sifted>>,
    ids: Ids,
    pub(super) referring: BTreeMap<EntryId, Vec<u32>>,
    pub(super) identities: BTreeMap<(usize, Key), Vec<u32>>,
    pub(super) deeds: BTreeMap<Key, Vec<u32>>,
    /// Those that were judged anew; nothing for one that stands.
    pub(super) status: Status,
    pub(super) rejected: Vec<Rejected>,
    /// What may have been forgotten.
    pub(super) unknown: BTreeSet<EntryId>,
    complete_through: NaiveDate,
    /// What is said of records by the entries before a number that stand.
    accounts: RefCell<BTreeMap<EntryId, (u32, Account)>>,
    /// By record, what takes it back as a whole.
    wholes: RefCell<BTreeMap<EntryId, Arc<[u32]>>>,
}

impl<'a> Draft<'a> {
    /// Takes in what is new of some entries, in canonical order, and judges what that changes.
    pub(super) fn new(
        journal: &'a Journal,
        complete_through: NaiveDate,
        entries: &[Entry],
        left_out: &BTreeSet<usize>,
    ) -> Self {
        let mut own = Self {
            complete_through,
            unknown: BTreeSet::new(),
            journal,
            fresh: Vec::with_capacity(entries.len()),
            rows: Vec::with_capacity(entries.len()),
            repeated: 0,
            sifted: Vec::with_capacity(entries.len()),
            ids: Ids::default(),
            referring: BTreeMap::new(),
            identities: BTreeMap::new(),
            deeds: BTreeMap::new(),
            status: Status::after(journal.entries.len()),
            rejected: Vec::new(),
            accounts: RefCell::default(),
            wholes: RefCell::default(),
        };
        let mut order: Vec<usize> = (0..entries.len())
            .filter(|row| !left_out.contains(row))
            .collect();
        order.sort_by_key(|row| (entries[*row].order(), *row));
        for row in order {
            own.add(row, &entries[row]);
        }
        own.ask_for_references();
        own.judge();
        own.refuse();
        own.rejected.sort_by_key(|rejected| rejected.row);
        own
    }

    fn add(&mut self, row: usize, entry: &Entry) {
        let Ok(at) = u32::try_from(self.journal.entries.len() + self.fresh.len()) else {
            return;
        };
        if let Some(at) = self.there_before(entry.id(), at) {
            let there = self.entry(at);
            if there.order() == entry.order()
                && there.day() == entry.day()
                && there.content() == entry.content()
            {
                self.repeated += 1;
            } else {
                let (there, given) = (Box::new(there.clone()), Box::new(entry.clone()));
                self.reject(row, entry, Rejection::OtherContent { there, given });
            }
            return;
        }
        if let Some(path) = self.leads_back(entry) {
            self.ids.take_back(entry.id());
            self.reject(row, entry, Rejection::Circle { path });
            return;
        }
        let sifted = match self.journal.checked(entry) {
            Ok(sifted) => sifted,
            Err(reason) => {
                self.ids.take_back(entry.id());
                self.reject(row, entry, reason);
                return;
            }
        };
        self.ask_for(entry);
        for of in entry.refers_to() {
            self.referring.entry(of.clone()).or_default().push(at);
        }
        if let Some((dimension, member)) = identified(entry)
            && let Some(dimension) = self.journal.dimension(dimension)
        {
            let own = self.identities.entry((dimension, member.clone()));
            own.or_default().push(at);
        }
        if let Content::Plan(deed) = entry.content() {
            self.deeds.entry(deed.plan().clone()).or_default().push(at);
        }
        self.fresh.push(Arc::new(entry.clone()));
        self.sifted.push(sifted);
        self.rows.push(row);
    }

    /// The number of an entry of this identity that is there already; where none is, it is the one of this number.
    fn there_before(&mut self, id: &EntryId, at: u32) -> Option<u32> {
        if let Some(known) = self.journal.by_id.get(id) {
            return Some(*known);
        }
        self.ids.insert(id, at)
    }

    /// Asks whether what comes late is there already, unless its source promises that it sends nothing twice.
    fn ask_for(&mut self, entry: &Entry) {
        let journal = self.journal;
        let may_be_forgotten = matches!(
            entry.content(),
            Content::Record(_) | Content::Reverse(_) | Content::Apply(_) | Content::Void(_)
        );
        if may_be_forgotten
            && journal.books.is_forgotten(entry.day())
            && !journal.answered.contains(entry.id())
            && !journal
                .model
                .definition()
                .unique_ids
                .contains(&entry.id().source)
        {
            self.unknown.insert(entry.id().clone());
        }
    }

    /// Asks for what new entries refer to, where it is not here and may have been forgotten.
    fn ask_for_references(&mut self) {
        if self.journal.books.forgotten.is_none() {
            return;
        }
        let all = self.fresh.iter().flat_map(|entry| entry.refers_to());
        let unknown = all.filter(|of| {
            let id = *of;
            self.find(id).is_none() && !self.journal.answered.contains(id)
        });
        let unknown: Vec<EntryId> = unknown.cloned().collect();
        self.unknown.extend(unknown);
    }

    /// By way of which others a new entry would refer to itself, if it would. None of those that are there does.
    fn leads_back(&self, entry: &Entry) -> Option<Vec<EntryId>> {
        let id = entry.id();
        let mut of = entry.refers_to().peekable();
        of.peek()?;
        let is_its_own = of.any(|of| of == id);
        if !is_its_own && self.referring_to(id).next().is_none() {
            return None;
        }
        let find = |of: &EntryId| {
            let is_new = (of == id).then_some(entry);
            is_new.or_else(|| self.find(of).map(|at| self.entry(at)))
        };
        circle([entry], find).map(|circle| circle.path)
    }

    fn reject(&mut self, row: usize, entry: &Entry, reason: Rejection) {
        let id = entry.id().clone();
        self.rejected.push(Rejected { row, id, reason });
    }

    /// The numbers of the new entries by identity, taken out.
    pub(super) fn take_ids(&mut self) -> BTreeMap<EntryId, u32> {
        std::mem::take(&mut self.ids).into_map()
    }

    /// The entry of a number.
    pub(super) fn entry(&self, at: u32) -> &Entry {
        let at = at as usize;
        let before = self.journal.entries.len();
        match self.journal.entries.get(at) {
            Some(kept) => &kept.entry,
            None => &self.fresh[at - before],
        }
    }

    /// Where it stands in the hand-over, if it is new.
    fn row(&self, at: u32) -> Option<usize> {
        let at = (at as usize).checked_sub(self.journal.entries.len())?;
        self.rows.get(at).copied()
    }

    pub(super) fn find(&self, id: &EntryId) -> Option<u32> {
        let known = self.journal.by_id.get(id);
        known.or_else(|| self.ids.get(id)).copied()
    }

    /// The entries that refer to one, in canonical order.
    pub(super) fn referring_to(&self, id: &EntryId) -> impl Iterator<Item = u32> + use<'_> {
        let both = [self.journal.referring.get(id), self.referring.get(id)];
        both.into_iter().flatten().flatten().copied()
    }

    /// The entries by which a member joins.
    fn joins_of(&self, dimension: usize, member: &Key) -> impl Iterator<Item = u32> + use<'_> {
        let own = self.identities_of(dimension, member);
        own.filter(|at| matches!(self.entry(*at).content(), Content::Join(_)))
    }

    /// The entries by which a member is merged into another one, whichever of its names they give, in canonical order.
    fn merges_of(&self, dimension: usize, member: &Key) -> Vec<u32> {
        let names = self.journal.names_of(dimension, member);
        let own = names.into_iter();
        let own = own.flat_map(|name| self.identities_of(dimension, name));
        let own = own.filter(|at| matches!(self.entry(*at).content(), Content::Merge(_)));
        let mut own: Vec<u32> = own.collect();
        own.sort_unstable();
        own
    }

    fn identities_of(&self, dimension: usize, member: &Key) -> impl Iterator<Item = u32> + use<'_> {
        let place = (dimension, member.clone());
        let both = [
            self.journal.identities.get(&place),
            self.identities.get(&place),
        ];
        both.into_iter().flatten().flatten().copied()
    }

    /// What was done to a plan, in canonical order.
    pub(super) fn deeds_of(&self, plan: &Key) -> impl Iterator<Item = u32> + use<'_> {
        let both = [self.journal.deeds.get(plan), self.deeds.get(plan)];
        both.into_iter().flatten().flatten().copied()
    }

    /// Why an entry is withheld, as far as it is judged; nothing for one that stands.
    fn withheld(&self, at: u32) -> Option<&Withheld> {
        match self.status.get(at) {
            Some(judged) => judged.as_ref(),
            None => self.journal.withheld.get(&at),
        }
    }

    fn is_judged(&self, at: u32) -> bool {
        (at as usize) < self.journal.entries.len() || self.status.get(at).is_some()
    }

    pub(super) fn stands(&self, at: u32) -> bool {
        self.is_judged(at) && self.withheld(at).is_none()
    }

    fn is_voided(&self, at: u32) -> bool {
        matches!(self.withheld(at), Some(Withheld::Voided(_)))
    }
}
