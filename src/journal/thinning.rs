//! What a close does with records that are kept singly, and what is done when they are asked for again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::closing::number;
use super::id::EntryId;
use super::journal::Journal;
use super::pieces::Spot;
use super::singles::spot;
use super::tally::tally;
use super::told::Told;
use crate::metric::Single;

impl Journal {
    /// By number, what is kept of records now.
    pub(super) fn latest(&self) -> BTreeMap<u32, &Single> {
        let mut latest = BTreeMap::new();
        for (at, single) in self.chunks.iter().flat_map(|chunk| chunk.singles()) {
            match single {
                Some(single) => _ = latest.insert(*at, single),
                None => _ = latest.remove(at),
            }
        }
        latest
    }

    /// Marks the pieces in which what is kept is no more enough, before supplied ones are let go.
    pub(super) fn shake_singles(&mut self) {
        if self.books.singles.is_empty() {
            return;
        }
        let books = &self.books;
        let shaken: BTreeSet<Spot> = books.singles.shaken(&self.chunks).collect();
        let books = Arc::make_mut(&mut self.books);
        let fine = &books.fine;
        books.singles.unsure = shaken.difference(fine).copied().collect();
        // Of what was supplied all is there, of which the best will be kept anew.
        books.singles.thinned.retain(|spot| !fine.contains(spot));
        books.singles.changed.retain(|spot, _| !fine.contains(spot));
        books
            .singles
            .recalled
            .retain(|_, spot| !fine.contains(spot));
    }

    /// The first day of the periods that are not told in the views that ask what is open.
    pub(super) fn open_since(&self) -> i32 {
        let asked = self.model.asked().iter().enumerate();
        let asked = asked.filter(|(at, _)| self.model.lanes().asks_open(*at));
        let first = asked.filter_map(|(at, asked)| {
            let told = self.books.told(at).map_or(0, Told::closed);
            asked
                .periods
                .iter()
                .nth(told)
                .map(|period| number(period.start))
        });
        first.min().unwrap_or(i32::MAX)
    }

    /// Whether a record may be forgotten as far as what is kept of it is concerned; of an item nothing is left before a day.
    pub(super) fn is_told_by_others(
        &self,
        kind: usize,
        single: Option<&&Single>,
        open_since: i32,
    ) -> bool {
        let lanes = self.model.lanes();
        if !lanes.singly(kind) {
            return true;
        }
        let last = self.books.forgotten.map_or(i32::MIN, number);
        let is_settled = |single: &Single| single.settled().is_some_and(|day| day < open_since);
        lanes.thins(kind)
            && single.is_none_or(|single| {
                single.is_over(last) && (!lanes.items(kind) || is_settled(single))
            })
    }

    /// Takes in what was kept of records that are forgotten now, and keeps of each piece what is enough.
    pub(super) fn keep_singles(&mut self, more: Vec<(EntryId, Single)>) {
        if more.is_empty() && self.books.singles.is_empty() {
            return;
        }
        let (leaves, model) = (Arc::clone(&self.leaves), self.model.clone());
        let books = Arc::make_mut(&mut self.books);
        let mut singles = std::mem::take(&mut books.singles);
        singles.kept.extend(more);
        let pieces = books.pieces(model.cuts());
        let own_day = |leaf: u32, day: i32| pieces.own_day(books.own_cuts(leaf), day);
        singles.thin(model.lanes(), &leaves, pieces, own_day);
        books.singles = singles;
    }

    /// Makes what is kept of a record that was forgotten that of its entry again.
    pub(super) fn recall_single(&mut self, id: &EntryId, at: u32) {
        if !self.books.singles.kept.contains_key(id) {
            return;
        }
        let model = self.model.clone();
        let books = Arc::make_mut(&mut self.books);
        let Some(single) = books.singles.kept.remove(id) else {
            return;
        };
        let own = spot(&single, books.pieces(model.cuts()));
        if books.singles.thinned.contains(&own) && !books.fine.contains(&own) {
            books.singles.recalled.insert(at, own);
        }
        if let Some(first) = self.chunks.first_mut() {
            Arc::make_mut(first).put_single(at, single);
        }
    }

    /// Keeps all records of some pieces again, as they were supplied.
    pub(super) fn refine_singles(&mut self, all: BTreeMap<Spot, Vec<(EntryId, Single)>>) {
        let model = self.model.clone();
        let books = Arc::make_mut(&mut self.books);
        let pieces = books.pieces(model.cuts());
        books.singles.kept.retain(|_, single| {
            tally("single");
            !all.contains_key(&spot(single, pieces))
        });
        for (id, single) in all.into_values().flatten() {
            let Some(at) = self.by_id.get(&id).copied() else {
                books.singles.kept.insert(id, single);
                continue;
            };
            let is_recalled = self
                .entries
                .get(at as usize)
                .is_some_and(|kept| kept.recalled);
            if let Some(first) = self.chunks.first_mut()
                && is_recalled
                && first.single(at).is_none()
            {
                Arc::make_mut(first).put_single(at, single);
            }
        }
    }
}
