//! What was forgotten, supplied again: believed where it adds up, and kept until it is let go.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::checksum::Checksum;
use super::closed::Closed;
use super::closing::number;
use super::draft::Draft;
use super::entry::{Content, Entry, ReversalDef};
use super::error::JournalError;
use super::id::EntryId;
use super::journal::{Journal, Kept, Withheld, leaf_of};
use super::leaves::{Chunk, Leaf, Leaves};
use super::needed::{Needed, Piece};
use super::pieces::Spot;
use super::report::Awaited;
use super::settle::full;
use crate::ledger::{Course, TakenBack};
use crate::metric::{Addend, Single};

fn unfit(problem: &'static str) -> JournalError {
    JournalError::Supplied {
        piece: None,
        problem,
    }
}

impl Journal {
    /// Takes in what an answer was waiting for, as the host has stored it: its figures stay as they are, but days can be told
    /// apart and entries are known by their identity again, until [`forget`](Self::forget) or the next hard close.
    ///
    /// Records of pieces are believed where they add up to the [`Piece::checksum`] and to the figures that were kept. Of entries
    /// that were asked for by identity the host's index is believed. What was not asked for is passed over, so that a host may
    /// look its entries up as coarsely as it likes: by kind and days, or all of them.
    ///
    /// # Errors
    /// [`JournalError::Supplied`] where it is not what was asked for; nothing is supplied for [`Needed::Journal`].
    pub fn supply(&mut self, needed: &Needed, entries: &[Entry]) -> Result<(), JournalError> {
        match needed {
            Needed::Entries { ids } => self.recall(ids, entries),
            Needed::Records { pieces } => self.refine(pieces, entries),
            Needed::Journal { .. } => Err(unfit(
                "cannot help: an earlier journal is asked for, which is opened from a snapshot",
            )),
        }
    }

    /// Lets go of what was supplied and not used since: days are joined again.
    ///
    /// # Errors
    /// [`JournalError::Space`], which the structure does not lead to that has been read.
    pub fn forget(&mut self) -> Result<(), JournalError> {
        let Some(forgotten) = self.books.forgotten else {
            return Ok(());
        };
        let folded = self.books.folded;
        // What came in after the close stays by hand-over.
        let chunks = self
            .chunks
            .split_off((folded as usize).min(self.chunks.len()));
        let joined = self.join(forgotten);
        self.chunks.extend(chunks);
        joined?;
        self.answered.clear();
        self.forget_behind(|kept| kept.recalled)
    }

    /// Takes back entries of some identities, and learns that others are not there.
    fn recall(&mut self, ids: &[EntryId], entries: &[Entry]) -> Result<(), JournalError> {
        let mut there: BTreeMap<&EntryId, &Entry> = BTreeMap::new();
        for entry in entries {
            if there
                .insert(entry.id(), entry)
                .is_some_and(|other| other != entry)
            {
                return Err(unfit("has two entries of one identity"));
            }
        }
        let mut wanted: BTreeSet<&EntryId> = ids.iter().collect();
        loop {
            let more = there.values().filter(|entry| !wanted.contains(entry.id()));
            let more = more.filter(|entry| entry.refers_to().any(|of| wanted.contains(of)));
            let of = there.values().filter(|entry| wanted.contains(entry.id()));
            let of = of
                .flat_map(|entry| entry.refers_to())
                .filter(|of| !wanted.contains(of));
            let more: Vec<&EntryId> = more.map(|entry| entry.id()).chain(of).collect();
            if more.is_empty() {
                break;
            }
            wanted.extend(more);
        }
        let mut fresh = Vec::new();
        for (id, entry) in &there {
            if !wanted.contains(*id) {
                continue;
            }
            match self.find(id) {
                None => {}
                Some(kept) if kept.content() == entry.content() => continue,
                Some(_) => return Err(unfit("has an entry that says something else here")),
            }
            let of_records = matches!(
                entry.content(),
                Content::Record(_) | Content::Reverse(_) | Content::Apply(_) | Content::Void(_)
            );
            if !of_records || !self.books.is_forgotten(entry.day()) || self.checked(entry).is_err()
            {
                // What is linked to what was asked for may not have come yet, or be of an open period: it is passed over.
                if !ids.contains(id) {
                    continue;
                }
                return Err(unfit("has an entry that cannot have been forgotten"));
            }
            let known = |of: &EntryId| there.contains_key(of) || self.by_id.contains_key(of);
            if entry.refers_to().any(|of| !known(of)) {
                return Err(unfit("has an entry without the one to which it refers"));
            }
            fresh.push(*entry);
        }
        let voided = voided(&there);
        for entry in &fresh {
            let at = u32::try_from(self.entries.len()).map_err(|_| full("entries"))?;
            let waits = matches!(entry.content(), Content::Reverse(_) | Content::Apply(_));
            let mut gone = entry
                .refers_to()
                .filter(|of| waits && voided.contains_key(*of));
            let withheld = match voided.get(entry.id()) {
                Some(by) => Some(Withheld::Voided((*by).clone())),
                None => gone
                    .next()
                    .map(|of| Withheld::Waits(Awaited::Entry(of.clone()))),
            };
            self.withheld
                .extend(withheld.map(|withheld| (at, withheld)));
            Arc::make_mut(&mut self.by_id).insert(entry.id().clone(), at);
            self.recall_single(entry.id(), at);
            for of in entry.refers_to() {
                Arc::make_mut(&mut self.referring)
                    .entry(of.clone())
                    .or_default()
                    .push(at);
            }
            self.entries.push(Kept {
                entry: Arc::new((*entry).clone()),
                hand_over: 0,
                recalled: true,
            });
        }
        let absent = ids.iter().filter(|id| !there.contains_key(id));
        self.answered.extend(absent.cloned());
        Ok(())
    }

    /// Tells the days of some pieces apart again.
    fn refine(&mut self, pieces: &[Piece], entries: &[Entry]) -> Result<(), JournalError> {
        let mut spots: BTreeMap<Spot, &Piece> = BTreeMap::new();
        for piece in pieces {
            let start = piece.from.map_or(i32::MIN, number);
            let leaf = number_of(&self.leaves, &self.model, piece);
            let leaf = leaf.ok_or_else(|| JournalError::Supplied {
                piece: Some(Box::new(piece.clone())),
                problem: "is of members that no record names",
            })?;
            spots.insert(Spot { leaf, start }, piece);
        }
        let mut supplied: BTreeMap<&EntryId, &Entry> = BTreeMap::new();
        for entry in entries {
            supplied.insert(entry.id(), entry);
        }
        let sets = self.sets(&supplied);
        let mut finer: Vec<(u32, Addend)> = Vec::new();
        let mut singles: Vec<(Spot, Vec<(EntryId, Single)>)> = Vec::new();
        let mut read = 0;
        for (spot, piece) in &spots {
            let wrong = |problem| JournalError::Supplied {
                piece: Some(Box::new((*piece).clone())),
                problem,
            };
            let forgotten = sets
                .forgotten
                .get(spot)
                .map(Vec::as_slice)
                .unwrap_or_default();
            let sum = forgotten.iter().map(|entry| Checksum::of(entry));
            let sum = sum.fold(Checksum::default(), Checksum::and);
            if sum != self.books.checksum(*spot) {
                return Err(wrong(
                    "does not add up: an entry is missing, one is too many, or one was changed",
                ));
            }
            let kept = sets.kept.get(spot).map(Vec::as_slice).unwrap_or_default();
            let all: Vec<&Entry> = forgotten.iter().chain(kept).copied().collect();
            read += all.len() as u64;
            let (own, kept) = self.effects(spot.leaf, &all);
            if self.joined_as(&own) != self.joined_as(&self.at(*spot)) {
                return Err(wrong("leads to other figures than were kept"));
            }
            finer.extend(own);
            singles.push((*spot, kept));
        }
        let with_items = |spot: &&Spot| {
            let leaf = self.leaves.list().get(spot.leaf as usize);
            leaf.is_some_and(|leaf| self.model.lanes().items(usize::from(leaf.kind())))
        };
        let of_items: BTreeSet<EntryId> = spots
            .keys()
            .filter(with_items)
            .flat_map(|spot| sets.forgotten.get(spot).into_iter().flatten())
            .map(|entry| entry.id().clone())
            .collect();
        let pieces = self.books.pieces(self.model.cuts());
        let mut all = finer;
        for (leaf, addends) in self.books.folds.each() {
            let others = addends.filter(|addend| {
                let start = pieces.start(addend.on);
                !spots.contains_key(&Spot { leaf, start })
            });
            all.extend(others.map(|addend| (leaf, addend)));
        }
        let folds = Chunk::new(all, Vec::new());
        let folds = folds.and_then(|folds| Closed::new(&folds));
        let folds = folds.ok_or_else(|| full("addends"))?;
        let books = Arc::make_mut(&mut self.books);
        books.folds = folds;
        books.fine.extend(spots.into_keys());
        self.records_read += read;
        for (spot, all) in singles {
            self.refine_singles(spot, all);
        }
        self.recall_items(&of_items, entries)
    }

    /// Makes entries of items again what they were, with all that refers to them: what is left of an item follows from what was
    /// applied to it.
    fn recall_items(
        &mut self,
        of: &BTreeSet<EntryId>,
        entries: &[Entry],
    ) -> Result<(), JournalError> {
        if of.is_empty() {
            return Ok(());
        }
        let ids: Vec<EntryId> = of.iter().cloned().collect();
        self.recall(&ids, entries)?;
        let through = self.complete_through().unwrap_or(self.go_live);
        let draft = Draft::new(self, through, &[], &BTreeSet::new());
        let mut found: Vec<(u32, Single)> = Vec::new();
        for (at, kept) in (0_u32..).zip(&self.entries) {
            let is_told = || {
                self.chunks
                    .first()
                    .is_some_and(|chunk| chunk.single(at).is_some())
            };
            if !kept.recalled || is_told() {
                continue;
            }
            let Some(sifted) = draft.sifted(at) else {
                continue;
            };
            if !draft.stands(at) || !self.model.lanes().thins(sifted.kind) {
                continue;
            }
            let leaf = leaf_of(&sifted, &mut Arc::clone(&self.leaves));
            // As it was when it was forgotten.
            let stood = |at: u32| {
                let kept = self.entries.get(at as usize);
                draft.stands(at) && kept.is_some_and(|kept| kept.hand_over < self.books.folded)
            };
            let course = draft.course(at, &sifted, &stood);
            let (.., sequence, _) = kept.entry.order();
            found.extend(leaf.map(|leaf| (at, Single::of(&sifted.row, leaf, sequence, course))));
        }
        if let Some(first) = self.chunks.first_mut() {
            for (at, single) in found {
                Arc::make_mut(first).put_single(at, single);
            }
        }
        Ok(())
    }

    /// What is kept of a piece.
    fn at(&self, spot: Spot) -> Vec<(u32, Addend)> {
        let pieces = self.books.pieces(self.model.cuts());
        let all = self.books.folds.each();
        let own = all.filter(|(leaf, _)| *leaf == spot.leaf);
        let own = own.flat_map(|(leaf, addends)| addends.map(move |addend| (leaf, addend)));
        own.filter(|(_, addend)| pieces.start(addend.on) == spot.start)
            .collect()
    }

    /// With its days joined.
    fn joined_as(&self, all: &[(u32, Addend)]) -> Option<Chunk> {
        let pieces = self.books.pieces(self.model.cuts());
        let joined = all.iter().map(|(leaf, addend)| {
            let own = self.books.own_cuts(*leaf);
            let on = |day| pieces.own_day(own, day);
            (*leaf, addend.joined(on, |day| pieces.day(day)))
        });
        Chunk::new(joined.collect(), Vec::new())
    }

    /// What entries that stand together have added up to the last close, and those of them that were kept singly.
    #[expect(clippy::type_complexity, reason = "two lists")]
    fn effects(&self, leaf: u32, all: &[&Entry]) -> (Vec<(u32, Addend)>, Vec<(EntryId, Single)>) {
        let by_id: BTreeMap<&EntryId, &Entry> =
            all.iter().map(|entry| (entry.id(), *entry)).collect();
        let voided = voided(&by_id);
        let lanes = self.model.lanes();
        let last = self.books.forgotten.map_or(i32::MIN, number);
        let (mut found, mut singles) = (Vec::new(), Vec::new());
        let standing = || all.iter().filter(|entry| !voided.contains_key(entry.id()));
        for entry in standing() {
            let Content::Record(record) = entry.content() else {
                continue;
            };
            let Ok(sifted) = self.checker.sift(record) else {
                continue;
            };
            let mut course = Course::default();
            let mut parts: Vec<(i32, u32, &ReversalDef)> = Vec::new();
            for (at, other) in (0_u32..).zip(standing()) {
                match other.content() {
                    Content::Reverse(own) if own.of != *entry.id() || other.day() < entry.day() => {
                    }
                    Content::Reverse(own) if own.amounts.is_empty() => {
                        course.reversed = Some(number(other.day()));
                    }
                    Content::Reverse(own) => parts.push((number(other.day()), at, own)),
                    _ => {}
                }
            }
            parts.sort_unstable_by_key(|(day, at, _)| (*day, *at));
            let parts: Vec<TakenBack<'_>> = parts
                .into_iter()
                .map(|(day, _, own)| (day, &own.amounts))
                .collect();
            course.reduced = self.booked(&sifted).reduced(&parts);
            let (kind, row) = (sifted.kind, sifted.row);
            let own = lanes.addends(kind, &[&row]).pop().unwrap_or_default();
            let back = lanes.taken_back(kind, &row, &course, &own);
            let own = own
                .into_iter()
                .chain(back)
                .filter(|addend| addend.from <= last);
            found.extend(own.map(|addend| (leaf, addend)));
            if lanes.thins(kind) && !lanes.items(kind) {
                let (.., sequence, _) = entry.order();
                let single = Single::of(&row, leaf, sequence, course);
                singles.push((entry.id().clone(), single));
            }
        }
        (found, singles)
    }

    /// The entries of each piece: those that were forgotten, as supplied, and those that are kept and were there at the close.
    fn sets<'a>(&'a self, supplied: &BTreeMap<&'a EntryId, &'a Entry>) -> Sets<'a> {
        let pieces = self.books.pieces(self.model.cuts());
        let mut leaves = Arc::clone(&self.leaves);
        let kept = |id: &EntryId| {
            let at = *self.by_id.get(id)?;
            let kept = self.entries.get(at as usize)?;
            (!kept.recalled).then_some((at, kept))
        };
        let mut spot = |entry: &Entry| {
            let mut root = entry;
            while let Some(of) = root.refers_to().next() {
                root = match supplied.get(of) {
                    Some(next) => next,
                    None => self.find(of)?,
                };
            }
            let Content::Record(record) = root.content() else {
                return None;
            };
            let sifted = self.checker.sift(record).ok()?;
            let leaf = leaf_of(&sifted, &mut leaves)?;
            let start = pieces.start(number(root.day()));
            Some(Spot { leaf, start })
        };
        let mut sets = Sets::default();
        for (id, entry) in supplied {
            if kept(id).is_some() {
                continue;
            }
            if let Some(spot) = spot(entry) {
                sets.forgotten.entry(spot).or_default().push(entry);
            }
        }
        for (at, kept) in (0_u32..).zip(&self.entries) {
            let waits = matches!(self.withheld.get(&at), Some(Withheld::Waits(_)));
            if kept.recalled || waits || kept.hand_over >= self.books.folded {
                continue;
            }
            if let Some(spot) = spot(&kept.entry) {
                sets.kept.entry(spot).or_default().push(&kept.entry);
            }
        }
        sets
    }
}

#[derive(Default)]
struct Sets<'a> {
    forgotten: BTreeMap<Spot, Vec<&'a Entry>>,
    kept: BTreeMap<Spot, Vec<&'a Entry>>,
}

/// Which of some entries are voided by others of them, and by which.
fn voided<'a>(all: &BTreeMap<&'a EntryId, &'a Entry>) -> BTreeMap<&'a EntryId, &'a EntryId> {
    let voids: Vec<(&EntryId, &EntryId)> = all
        .values()
        .filter_map(|entry| match entry.content() {
            Content::Void(of) => Some((entry.id(), of)),
            _ => None,
        })
        .collect();
    let mut found: BTreeMap<&EntryId, &EntryId> = BTreeMap::new();
    // No void leads back to itself, so that this comes to rest.
    for _ in 0..=voids.len() {
        let standing = voids.iter().filter(|(id, _)| !found.contains_key(id));
        let now: BTreeMap<&EntryId, &EntryId> = standing.map(|(id, of)| (*of, *id)).collect();
        if now == found {
            break;
        }
        found = now;
    }
    found
}

/// The leaf of a piece.
fn number_of(leaves: &Leaves, model: &crate::model::Model, piece: &Piece) -> Option<u32> {
    let schema = model.schema();
    let kind = schema.kind_index(piece.kind.as_str()).ok()?;
    let (known, compiled) = (schema.kinds().nth(kind)?, schema.compiled().get(kind)?);
    let fields = known.dimensions.iter().zip(&compiled.dimensions);
    let members = fields.map(|(field, dimension)| match piece.members.get(&field.field) {
        Some(member) => leaves.member_number(dimension.index(), member.as_str()),
        None => Some(0),
    });
    let members = members.collect::<Option<Box<[u32]>>>()?;
    leaves.find(&Leaf(u16::try_from(kind).ok()?, members))
}
