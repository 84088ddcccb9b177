//! Records kept singly of what is closed: those that are enough stay, the others are forgotten, and asked for where an answer needs
//! them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::closing::number;
use super::id::EntryId;
use super::journal::Journal;
use super::leaves::{Chunk, Leaves};
use super::pieces::{Pieces, Spot};
use super::told::Told;
use crate::metric::{Lanes, Single};

/// What is left of the records of closed days that were kept singly.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Singles {
    /// By identity. Of pieces that are not thinned, all.
    #[serde(with = "by_id", default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) kept: BTreeMap<EntryId, Single>,
    /// The pieces of which others are gone.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(super) thinned: BTreeSet<Spot>,
    /// The pieces of which items are gone, with the last day on which anything became of any.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) items: BTreeMap<Spot, i32>,
    /// Those of them in which one that was kept is not any more what it was: the others may matter.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(super) unsure: BTreeSet<Spot>,
    /// Those that became entries again, by number, with their pieces.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) recalled: BTreeMap<u32, Spot>,
}

/// A map by identity as a list of pairs.
mod by_id {
    use super::{BTreeMap, EntryId, Single};
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(
        all: &BTreeMap<EntryId, Single>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(all)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<EntryId, Single>, D::Error> {
        let all = Vec::<(EntryId, Single)>::deserialize(deserializer)?;
        Ok(all.into_iter().collect())
    }
}

/// The piece of a record.
fn spot(single: &Single, pieces: Pieces<'_>) -> Spot {
    Spot {
        leaf: single.leaf,
        start: pieces.start(single.day),
    }
}

impl Singles {
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The records themselves.
    pub(crate) fn each(&self) -> impl Iterator<Item = &Single> {
        self.kept.values()
    }

    /// Whether all are records of these leaves and entries.
    pub(super) fn fit(&self, entries: usize, fits: impl Fn(&Single) -> bool) -> bool {
        self.kept.values().all(fits) && self.recalled.keys().all(|at| (*at as usize) < entries)
    }

    /// The pieces of which some record that was kept is another one by these hand-overs, before and since.
    pub(super) fn shaken<'s>(
        &'s self,
        chunks: &'s [Arc<Chunk>],
    ) -> impl Iterator<Item = Spot> + 's {
        let since = chunks.get(1..).unwrap_or_default();
        let is_told = |at: u32| since.iter().any(|chunk| chunk.single(at).is_some());
        let recalled = self.recalled.iter();
        let recalled = recalled
            .filter(move |(at, _)| is_told(**at))
            .map(|(_, spot)| *spot);
        self.unsure.iter().copied().chain(recalled)
    }

    /// Keeps of each piece those that are enough.
    fn thin(
        &mut self,
        lanes: &Lanes,
        leaves: &Leaves,
        pieces: Pieces<'_>,
        own_day: impl Fn(u32, i32) -> i32,
    ) {
        let kinds = leaves.list().iter().map(|leaf| usize::from(leaf.kind()));
        let kinds: Vec<usize> = kinds.collect();
        let mut by_kind: BTreeMap<usize, Vec<(EntryId, Single)>> = BTreeMap::new();
        for (id, single) in std::mem::take(&mut self.kept) {
            let kind = kinds.get(single.leaf as usize).copied().unwrap_or(0);
            by_kind.entry(kind).or_default().push((id, single));
        }
        for (kind, all) in by_kind {
            let (joined, own): (Vec<_>, Vec<_>) = all
                .into_iter()
                .partition(|(_, single)| pieces.of(single.day).is_some());
            self.kept.extend(own);
            // What was taken back is behind, so that it is no more.
            let standing = joined.iter().enumerate();
            let standing = standing.filter(|(_, (_, single))| single.course.reversed.is_none());
            let standing: Vec<usize> = standing.map(|(at, _)| at).collect();
            let asked: Vec<(&Single, i32)> = standing
                .iter()
                .map(|at| &joined[*at].1)
                .map(|single| (single, own_day(single.leaf, single.day)))
                .collect();
            let enough = lanes.witnesses(kind, &asked, |day| pieces.day(day));
            let enough: BTreeSet<usize> = enough.into_iter().map(|place| standing[place]).collect();
            for (at, (id, single)) in joined.into_iter().enumerate() {
                if enough.contains(&at) {
                    self.kept.insert(id, single);
                    continue;
                }
                let own = spot(&single, pieces);
                self.thinned.insert(own);
                if let Some(day) = single.settled() {
                    let last = self.items.entry(own).or_insert(day);
                    *last = day.max(*last);
                }
            }
        }
    }
}

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
        books.singles.items.retain(|spot, _| !fine.contains(spot));
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

    /// Keeps all records of a piece again, as they were supplied.
    pub(super) fn refine_singles(&mut self, own: Spot, all: Vec<(EntryId, Single)>) {
        let model = self.model.clone();
        let books = Arc::make_mut(&mut self.books);
        let pieces = books.pieces(model.cuts());
        books
            .singles
            .kept
            .retain(|_, single| spot(single, pieces) != own);
        for (id, single) in all {
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
