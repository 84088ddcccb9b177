//! What was forgotten, supplied again: believed where it adds up, and kept until it is let go.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::checksum::Checksum;
use super::circle::circle;
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
use super::tally::tally;
use crate::ledger::{Course, TakenBack};
use crate::metric::{Addend, Single};

fn unfit(entry: &EntryId, problem: &'static str) -> JournalError {
    JournalError::Supplied {
        piece: None,
        entry: Some(entry.clone()),
        lacks: None,
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
    /// A host supplies entries of hand-overs that this journal has taken in: those whose [`Head::entries`](super::Head::entries)
    /// is at most that of [`head`](Self::head). What it has stored beyond that is replayed afterwards.
    ///
    /// # Errors
    /// [`JournalError::Supplied`] where it is not what was asked for, [`JournalError::Circle`] where entries refer to each other
    /// in a circle; nothing is supplied for [`Needed::Journal`] and [`Needed::Model`]. The journal is then as it was.
    pub fn supply(&mut self, needed: &Needed, entries: &[Entry]) -> Result<(), JournalError> {
        match needed {
            Needed::Entries { ids } => self.recall(ids, entries),
            Needed::Records { pieces } => self.refine(pieces, entries),
            Needed::Refold { pieces } => {
                let mut next = self.clone();
                next.refine(pieces, entries)?;
                next.recall_pieces(pieces, entries)?;
                *self = next;
                Ok(())
            }
            Needed::Model { .. } => Err(JournalError::Supplied {
                piece: None,
                entry: None,
                lacks: None,
                problem: "cannot help: a model is asked for, which is introduced",
            }),
            Needed::Journal { .. } => Err(JournalError::Supplied {
                piece: None,
                entry: None,
                lacks: None,
                problem: "cannot help: an earlier journal is asked for, which is opened from a snapshot",
            }),
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
        let mut next = self.clone();
        // What came in after the close stays by hand-over.
        let since = (folded as usize).min(next.chunks.len());
        let chunks = next.chunks.split_off(since);
        next.join(forgotten)?;
        next.chunks.extend(chunks);
        next.answered.clear();
        next.forget_behind(|kept| kept.recalled)?;
        *self = next;
        Ok(())
    }

    /// Takes back entries of some identities, and learns that others are not there.
    fn recall(&mut self, ids: &[EntryId], entries: &[Entry]) -> Result<(), JournalError> {
        let there = self.by_identity(entries)?;
        let ids: BTreeSet<&EntryId> = ids.iter().collect();
        let recalled = self.recalled(&ids, &there)?;
        self.take_back(recalled);
        let absent = ids.into_iter().filter(|id| !there.contains_key(id));
        self.answered.extend(absent.cloned());
        Ok(())
    }

    /// Makes the records of pieces that add up entries again, with what refers to them.
    fn recall_pieces(&mut self, pieces: &[Piece], entries: &[Entry]) -> Result<(), JournalError> {
        let there = self.by_identity(entries)?;
        let sets = self.sets(&there);
        let spots = pieces.iter().filter_map(|piece| {
            let leaf = number_of(&self.leaves, &self.model, piece)?;
            let start = piece.from.map_or(i32::MIN, number);
            Some(Spot { leaf, start })
        });
        let own = spots.flat_map(|spot| sets.forgotten.get(&spot).into_iter().flatten());
        let ids: BTreeSet<&EntryId> = own.map(|entry| entry.id()).collect();
        let recalled = self.recalled(&ids, &there)?;
        self.take_back(recalled);
        Ok(())
    }

    /// Entries by identity; no two of one, and none that refers to itself by way of others, whether these are supplied or here.
    fn by_identity<'a>(
        &self,
        entries: &'a [Entry],
    ) -> Result<BTreeMap<&'a EntryId, &'a Entry>, JournalError> {
        let mut there: BTreeMap<&EntryId, &Entry> = BTreeMap::new();
        for entry in entries {
            let other = there.insert(entry.id(), entry);
            if other.is_some_and(|other| other != entry) {
                return Err(unfit(entry.id(), "has two entries of one identity"));
            }
        }
        let find = |id: &EntryId| there.get(id).copied().or_else(|| self.find(id));
        match circle(there.values().copied(), find) {
            None => Ok(there),
            Some(circle) => Err(circle.into()),
        }
    }

    /// The entries that are linked to some identities and are not here: those that were forgotten. Of others it is not known that
    /// they were ever taken in, so that they are passed over and say nothing of what was.
    fn recalled<'a>(
        &self,
        ids: &BTreeSet<&EntryId>,
        there: &BTreeMap<&'a EntryId, &'a Entry>,
    ) -> Result<Recalled<'a>, JournalError> {
        let (mut fresh, mut found) = (BTreeMap::new(), BTreeMap::new());
        for id in linked(ids, there) {
            let Some(entry) = there.get(id).copied() else {
                continue;
            };
            match self.by_id.get(id) {
                None if self.can_have_been_forgotten(entry) => _ = fresh.insert(entry.id(), entry),
                // What is linked to what was asked for may not have come yet, or be of an open period.
                None if !ids.contains(id) => {}
                None => return Err(unfit(id, "has an entry that cannot have been forgotten")),
                Some(at) if self.find(id).map(Entry::content) == Some(entry.content()) => {
                    if !self.withheld.contains_key(at) {
                        found.insert(entry.id(), entry);
                    }
                }
                Some(_) => return Err(unfit(id, "has an entry that says something else here")),
            }
        }
        self.leave_alone(ids, there, &mut fresh)?;
        if self.entries.len() + fresh.len() > u32::MAX as usize {
            return Err(full("entries"));
        }
        found.extend(&fresh);
        let mut voided = voided(&found);
        voided.retain(|id, _| fresh.contains_key(id));
        let fresh = fresh.into_values().collect();
        Ok(Recalled { fresh, voided })
    }

    /// Leaves out what refers to an entry that has not come: it has not come itself.
    fn leave_alone<'a>(
        &self,
        ids: &BTreeSet<&EntryId>,
        there: &BTreeMap<&'a EntryId, &'a Entry>,
        fresh: &mut BTreeMap<&'a EntryId, &'a Entry>,
    ) -> Result<(), JournalError> {
        let mut referring: BTreeMap<&EntryId, Vec<&EntryId>> = BTreeMap::new();
        let mut alone: Vec<(&EntryId, &EntryId)> = Vec::new();
        for (id, entry) in &*fresh {
            for of in entry.refers_to() {
                if fresh.contains_key(of) {
                    referring.entry(of).or_default().push(id);
                } else if !self.by_id.contains_key(of) {
                    alone.push((id, of));
                    break;
                }
            }
        }
        let mut next = 0;
        while let Some((id, of)) = alone.get(next).copied() {
            next += 1;
            if ids.contains(id) || !there.contains_key(of) {
                return Err(JournalError::Supplied {
                    piece: None,
                    entry: Some(id.clone()),
                    lacks: Some(Box::new(of.clone())),
                    problem: "has an entry without the one to which it refers",
                });
            }
            if fresh.remove(id).is_some() {
                let more = referring.get(id).into_iter().flatten();
                alone.extend(more.map(|other| (*other, id)));
            }
        }
        Ok(())
    }

    /// Whether an entry may have been taken in before the last close, and be gone since.
    fn can_have_been_forgotten(&self, entry: &Entry) -> bool {
        let of_records = matches!(
            entry.content(),
            Content::Record(_) | Content::Reverse(_) | Content::Apply(_) | Content::Void(_)
        );
        of_records && self.books.is_forgotten(entry.day()) && self.checked(entry).is_ok()
    }

    /// Makes them entries again.
    fn take_back(&mut self, recalled: Recalled<'_>) {
        let Recalled { fresh, voided } = recalled;
        for (at, entry) in (self.entries.len()..).zip(fresh) {
            // As many as can be numbered.
            let at = u32::try_from(at).unwrap_or(u32::MAX);
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
                entry: Arc::new(entry.clone()),
                hand_over: 0,
                recalled: true,
            });
        }
    }

    /// Tells the days of some pieces apart again.
    fn refine(&mut self, pieces: &[Piece], entries: &[Entry]) -> Result<(), JournalError> {
        let mut spots: BTreeMap<Spot, &Piece> = BTreeMap::new();
        for piece in pieces {
            let start = piece.from.map_or(i32::MIN, number);
            let leaf = number_of(&self.leaves, &self.model, piece);
            let leaf = leaf.ok_or_else(|| JournalError::Supplied {
                piece: Some(Box::new(piece.clone())),
                entry: None,
                lacks: None,
                problem: "is of members that no record names",
            })?;
            spots.insert(Spot { leaf, start }, piece);
        }
        let supplied = self.by_identity(entries)?;
        let sets = self.sets(&supplied);
        let (of_spots, mut all) = self.parted(&spots);
        let mut singles: BTreeMap<Spot, Vec<(EntryId, Single)>> = BTreeMap::new();
        let mut read = 0;
        for (spot, piece) in &spots {
            let kept = of_spots.get(spot).map_or(&[][..], Vec::as_slice);
            let (own, single, count) = self.of_piece(*spot, (piece, kept), &sets)?;
            read += count;
            all.extend(own);
            singles.insert(*spot, single);
        }
        let with_items = |spot: &&Spot| {
            let leaf = self.leaves.list().get(spot.leaf as usize);
            leaf.is_some_and(|leaf| self.model.lanes().items(usize::from(leaf.kind())))
        };
        let of_items: BTreeSet<&EntryId> = spots
            .keys()
            .filter(with_items)
            .flat_map(|spot| sets.forgotten.get(spot).into_iter().flatten())
            .map(|entry| entry.id())
            .collect();
        let recalled = self.recalled(&of_items, &supplied)?;
        let has_items = !of_items.is_empty();
        let folds = Chunk::new(all, Vec::new());
        let folds = folds.and_then(|folds| Closed::new(&folds));
        let folds = folds.ok_or_else(|| full("addends"))?;
        // From here on nothing is refused any more.
        let books = Arc::make_mut(&mut self.books);
        books.folds = folds;
        books.fine.extend(spots.into_keys());
        self.records_read += read;
        self.refine_singles(singles);
        if has_items {
            self.take_back(recalled);
            self.tell_items();
        }
        Ok(())
    }

    /// What the records of a piece have added up to the last close, those of them that are kept singly, and how many entries were
    /// read; refused where that is not what was kept.
    fn of_piece(
        &self,
        spot: Spot,
        (piece, kept): (&Piece, &[(u32, Addend)]),
        sets: &Sets<'_>,
    ) -> Result<OfPiece, JournalError> {
        let wrong = |problem| JournalError::Supplied {
            piece: Some(Box::new(piece.clone())),
            entry: None,
            lacks: None,
            problem,
        };
        let own = |of: &BTreeMap<Spot, Vec<_>>| of.get(&spot).cloned().unwrap_or_default();
        let forgotten: Vec<&Entry> = own(&sets.forgotten);
        let sum = forgotten.iter().map(|entry| Checksum::of(entry));
        let sum = sum.fold(Checksum::default(), Checksum::and);
        if sum != self.books.checksum(spot) {
            return Err(wrong(
                "does not add up: an entry is missing, one is too many, or one was changed",
            ));
        }
        let all = [forgotten, own(&sets.kept)].concat();
        let (own, singles) = self.effects(spot.leaf, &all);
        if self.joined_as(&own) != self.joined_as(kept) {
            return Err(wrong("leads to other figures than were kept"));
        }
        Ok((own, singles, all.len() as u64))
    }

    /// Tells of entries of items that were taken back what they were at the last close: what is left of an item follows from what
    /// was applied to it by then.
    fn tell_items(&mut self) {
        let through = self.complete_through().unwrap_or(self.go_live);
        let draft = Draft::new(self, through, &[], &BTreeSet::new());
        let then = self.voided_at_close();
        let stood = |at: u32| self.stood_at_close(at, &then);
        let first = self.chunks.first();
        let is_told = |at: u32| first.is_some_and(|chunk| chunk.single(at).is_some());
        let mut found: Vec<(u32, Single)> = Vec::new();
        for (at, kept) in (0_u32..).zip(&self.entries) {
            if !kept.recalled || is_told(at) {
                continue;
            }
            let Some(sifted) = draft.sifted(at) else {
                continue;
            };
            if !stood(at) || !self.model.lanes().thins(sifted.kind) {
                continue;
            }
            let leaf = leaf_of(&sifted, &mut Arc::clone(&self.leaves));
            let course = draft.course(at, &sifted, &stood);
            let (.., sequence, _) = kept.entry.order();
            found.extend(leaf.map(|leaf| (at, Single::of(&sifted.row, leaf, sequence, course))));
        }
        if let Some(first) = self.chunks.first_mut() {
            for (at, single) in found {
                Arc::make_mut(first).put_single(at, single);
            }
        }
    }

    /// Whether an entry had been taken in by the last close.
    fn is_of_close(&self, at: u32) -> bool {
        let kept = self.entries.get(at as usize);
        kept.is_some_and(|kept| kept.hand_over < self.books.folded)
    }

    /// The entries that were voided at the last close.
    fn voided_at_close(&self) -> BTreeSet<EntryId> {
        let entries = (0_u32..).zip(&self.entries);
        let voids = entries
            .filter(|(at, kept)| {
                matches!(kept.entry.content(), Content::Void(_)) && self.is_of_close(*at)
            })
            .map(|(_, kept)| (kept.entry.id(), kept.entry.as_ref()));
        let voided = voided(&voids.collect());
        voided.into_keys().cloned().collect()
    }

    /// Whether an entry stood at the last close, whatever became of it and of what it refers to since.
    fn stood_at_close(&self, at: u32, voided: &BTreeSet<EntryId>) -> bool {
        let mut seen = BTreeSet::new();
        let mut next = vec![at];
        while let Some(at) = next.pop() {
            let Some(kept) = self.entries.get(at as usize) else {
                return false;
            };
            let is_unfit = !kept.recalled && self.is_unfit(at);
            if !self.is_of_close(at) || voided.contains(kept.entry.id()) || is_unfit {
                return false;
            }
            let waits = matches!(
                kept.entry.content(),
                Content::Reverse(_) | Content::Apply(_)
            );
            for of in kept.entry.refers_to().filter(|_| waits) {
                match self.by_id.get(of) {
                    Some(of) if seen.insert(*of) => next.push(*of),
                    Some(_) => {}
                    None => return false,
                }
            }
        }
        true
    }

    /// Whether it does not fit what it refers to, or waits for no entry.
    fn is_unfit(&self, at: u32) -> bool {
        match self.withheld.get(&at) {
            Some(Withheld::Waits(Awaited::Entry(of))) => !self.by_id.contains_key(of),
            Some(Withheld::Waits(_)) => true,
            Some(Withheld::Voided(_)) | None => false,
        }
    }

    /// What is kept of some pieces, by piece, and of all others.
    fn parted(&self, spots: &BTreeMap<Spot, &Piece>) -> (BTreeMap<Spot, Added>, Added) {
        let pieces = self.books.pieces(self.model.cuts());
        let (mut own, mut others): (BTreeMap<Spot, Added>, _) = (BTreeMap::new(), Vec::new());
        for (leaf, addends) in self.books.folds.each() {
            tally("leaf");
            for addend in addends {
                let start = pieces.start(addend.on);
                let spot = Spot { leaf, start };
                if spots.contains_key(&spot) {
                    own.entry(spot).or_default().push((leaf, addend));
                } else {
                    others.push((leaf, addend));
                }
            }
        }
        (own, others)
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
    fn effects(&self, leaf: u32, all: &[&Entry]) -> (Added, Vec<(EntryId, Single)>) {
        let by_id: BTreeMap<&EntryId, &Entry> =
            all.iter().map(|entry| (entry.id(), *entry)).collect();
        let voided = voided(&by_id);
        let lanes = self.model.lanes();
        let last = self.books.forgotten.map_or(i32::MIN, number);
        let (mut found, mut singles) = (Vec::new(), Vec::new());
        let standing = || all.iter().filter(|entry| !voided.contains_key(entry.id()));
        let mut back: BTreeMap<&EntryId, Vec<(i32, &ReversalDef)>> = BTreeMap::new();
        for entry in standing() {
            tally("entry");
            if let Content::Reverse(own) = entry.content() {
                let own = (number(entry.day()), own);
                back.entry(&own.1.of).or_default().push(own);
            }
        }
        for entry in standing() {
            let Content::Record(record) = entry.content() else {
                continue;
            };
            let Ok(sifted) = self.checker.sift(record) else {
                continue;
            };
            let mut course = Course::default();
            let mut parts: Vec<TakenBack<'_>> = Vec::new();
            for (day, own) in back.get(entry.id()).into_iter().flatten() {
                if *day < number(entry.day()) {
                    continue;
                }
                if own.amounts.is_empty() {
                    course.reversed = Some(*day);
                } else {
                    parts.push((*day, &own.amounts));
                }
            }
            // Those of one day stay in order.
            parts.sort_by_key(|(day, _)| *day);
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
            // No entry refers to itself by way of others.
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
            // What it refers to may have been voided since.
            if kept.recalled || self.is_unfit(at) || !self.is_of_close(at) {
                continue;
            }
            if let Some(spot) = spot(&kept.entry) {
                sets.kept.entry(spot).or_default().push(&kept.entry);
            }
        }
        sets
    }
}

/// Entries that were forgotten, and by which of them or of those that are here some were voided.
struct Recalled<'a> {
    fresh: Vec<&'a Entry>,
    voided: BTreeMap<&'a EntryId, &'a EntryId>,
}

/// What was added, what is kept singly, and how many entries were read.
type OfPiece = (Added, Vec<(EntryId, Single)>, u64);

/// What was added, with its leaf.
type Added = Vec<(u32, Addend)>;

#[derive(Default)]
struct Sets<'a> {
    forgotten: BTreeMap<Spot, Vec<&'a Entry>>,
    kept: BTreeMap<Spot, Vec<&'a Entry>>,
}

/// These identities, and those of all entries that are linked to them by what they refer to.
fn linked<'i>(
    ids: &BTreeSet<&'i EntryId>,
    there: &BTreeMap<&'i EntryId, &'i Entry>,
) -> BTreeSet<&'i EntryId> {
    let mut referring: BTreeMap<&EntryId, Vec<&EntryId>> = BTreeMap::new();
    for entry in there.values() {
        for of in entry.refers_to() {
            referring.entry(of).or_default().push(entry.id());
        }
    }
    let mut found: BTreeSet<&EntryId> = BTreeSet::new();
    let mut next: Vec<&EntryId> = ids.iter().copied().collect();
    while let Some(id) = next.pop() {
        if found.insert(id) {
            next.extend(referring.get(id).into_iter().flatten());
            next.extend(
                there
                    .get(id)
                    .into_iter()
                    .flat_map(|entry| entry.refers_to()),
            );
        }
    }
    found
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
    leaves.find(Leaf(u16::try_from(kind).ok()?, members))
}

#[cfg(test)]
mod tests;
