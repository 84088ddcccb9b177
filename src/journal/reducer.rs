//! Taking in: what a hand-over changes is worked out first, and then done as a whole.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{NaiveDate, NaiveDateTime};

use super::days::News;
use super::draft::Draft;
use super::entry::{Content, Entry};
use super::error::JournalError;
use super::hand_over::{HandOver, Head, Taken};
use super::id::EntryId;
use super::leaves::{Chunk, Leaves};
use super::needed::Needed;
use super::report::{Late, Receipt};
use super::settle::Judgements;
use super::state::{HINTS, Journal, Kept, Withheld, leaf_of};
use super::structure::Step;
use crate::key::Key;
use crate::metric::Addend;

impl Journal {
    /// Takes in a hand-over: all of it, or nothing where an entry is refused.
    ///
    /// The order of the entries says nothing. An entry that is there already with the same content changes nothing, whoever sends
    /// it and why. What refers to an entry or a member that is not there waits, is told, and takes part once that comes.
    ///
    /// # Errors
    /// [`JournalError::NotLater`], [`JournalError::LessComplete`], [`JournalError::Rejected`] with every entry that is refused;
    /// [`JournalError::Needed`] where what is forgotten is needed first; [`JournalError::TooMany`].
    pub fn enter(
        &mut self,
        known: NaiveDateTime,
        complete_through: NaiveDate,
        entries: &[Entry],
    ) -> Result<Receipt, JournalError> {
        self.in_order(known, complete_through)?;
        let draft = Draft::new(self, complete_through, entries, &BTreeSet::new());
        if !draft.rejected.is_empty() {
            let rejected = draft.rejected;
            return Err(JournalError::Rejected { rejected });
        }
        let change = Change::of(self, draft)?;
        self.commit(known, complete_through, change)
    }

    /// Takes in the entries of a hand-over that are good and reports the others: what a host stores is the hand-over without
    /// these.
    ///
    /// # Errors
    /// As [`Journal::enter`] but for [`JournalError::Rejected`].
    pub fn enter_good(
        &mut self,
        known: NaiveDateTime,
        complete_through: NaiveDate,
        entries: &[Entry],
    ) -> Result<Receipt, JournalError> {
        self.in_order(known, complete_through)?;
        let (mut left_out, mut rejected) = (BTreeSet::new(), Vec::new());
        loop {
            let draft = Draft::new(self, complete_through, entries, &left_out);
            if !draft.rejected.is_empty() {
                left_out.extend(draft.rejected.iter().map(|rejected| rejected.row));
                rejected.extend(draft.rejected);
                continue;
            }
            let change = Change::of(self, draft)?;
            let mut receipt = self.commit(known, complete_through, change)?;
            rejected.sort_by_key(|rejected| rejected.row);
            receipt.rejected = rejected;
            return Ok(receipt);
        }
    }

    /// Takes in hand-overs that a host stored behind the head of this journal, by their own known times.
    ///
    /// # Errors
    /// As [`Journal::enter`]; [`JournalError::OtherHead`] where a hand-over names the head after it and another one comes out. The
    /// hand-overs before that one are taken in.
    pub fn replay<'h>(
        &mut self,
        hand_overs: impl IntoIterator<Item = &'h HandOver>,
    ) -> Result<(), JournalError> {
        for hand_over in hand_overs {
            let HandOver {
                known,
                complete_through,
                entries,
                ..
            } = hand_over;
            self.in_order(*known, *complete_through)?;
            let draft = Draft::new(self, *complete_through, entries, &BTreeSet::new());
            if !draft.rejected.is_empty() {
                let rejected = draft.rejected;
                return Err(JournalError::Rejected { rejected });
            }
            let change = Change::of(self, draft)?;
            let head = self.head_after(*known, *complete_through, &change.fresh);
            if let Some(expected) = hand_over.head.filter(|expected| *expected != head) {
                return Err(JournalError::OtherHead {
                    known: *known,
                    found: head.chain,
                    expected: expected.chain,
                });
            }
            self.commit(*known, *complete_through, change)?;
        }
        Ok(())
    }

    fn in_order(&self, known: NaiveDateTime, through: NaiveDate) -> Result<(), JournalError> {
        let Some(last) = self.taken.last() else {
            return Ok(());
        };
        if known <= last.known {
            let last = last.known;
            return Err(JournalError::NotLater { known, last });
        }
        if through < last.complete_through {
            let (day, last) = (through, last.complete_through);
            return Err(JournalError::LessComplete { day, last });
        }
        Ok(())
    }

    fn head_after(&self, known: NaiveDateTime, through: NaiveDate, fresh: &[Arc<Entry>]) -> Head {
        let before = self.head();
        let entries: Vec<&Entry> = fresh.iter().map(Arc::as_ref).collect();
        Head {
            entries: before.entries + entries.len() as u64,
            chain: before.chain.then(&(known, through, entries)),
        }
    }

    /// Makes a change, and then does what it says of the books; where that fails nothing is done.
    fn commit(
        &mut self,
        known: NaiveDateTime,
        complete_through: NaiveDate,
        change: Change,
    ) -> Result<Receipt, JournalError> {
        let judgements = change.judgements;
        if judgements.is_empty() {
            return self.take(known, complete_through, change);
        }
        let mut next = self.clone();
        let receipt = next.take(known, complete_through, change)?;
        next.settle(judgements, complete_through)?;
        *self = next;
        Ok(receipt)
    }

    /// Makes a change; nothing can fail any more but the count of hand-overs.
    fn take(
        &mut self,
        known: NaiveDateTime,
        complete_through: NaiveDate,
        change: Change,
    ) -> Result<Receipt, JournalError> {
        let hand_over = u32::try_from(self.taken.len()).map_err(|_| JournalError::TooMany {
            what: "hand-overs",
            limit: u32::MAX,
        })?;
        let head = self.head_after(known, complete_through, &change.fresh);
        let mut receipt = Receipt {
            added: change.fresh.len(),
            repeated: change.repeated,
            waiting: Vec::new(),
            resumed: Vec::new(),
            late: Vec::new(),
            rejected: Vec::new(),
            head,
        };
        let first = self.entries.len();
        let kept = |entry| Kept {
            entry,
            hand_over,
            recalled: false,
        };
        self.entries.extend(change.fresh.into_iter().map(kept));
        Arc::make_mut(&mut self.by_id).extend(change.ids);
        if !change.referring.is_empty() {
            let referring = Arc::make_mut(&mut self.referring);
            for (of, more) in change.referring {
                referring.entry(of).or_default().extend(more);
            }
        }
        for (of, more) in change.joins {
            self.joins.entry(of).or_default().extend(more);
        }
        let mut hints = HINTS;
        for (at, status) in change.status {
            let entry = &self.entries[at as usize].entry;
            let before = self.withheld.remove(&at);
            let is_new = at as usize >= first || before.is_some();
            if status.is_none() && is_new {
                receipt.late.extend(self.late(entry));
            }
            match (&status, before) {
                (None, Some(_)) if (at as usize) < first => {
                    receipt.resumed.push(entry.id().clone());
                }
                (Some(Withheld::Waits(awaits)), _) => {
                    receipt
                        .waiting
                        .push(self.told(entry.id(), awaits, &mut hints));
                }
                _ => {}
            }
            self.withheld.extend(status.map(|status| (at, status)));
        }
        if !change.steps.is_empty() {
            let steps = change
                .steps
                .into_iter()
                .map(|(number, entry, stands)| Step {
                    hand_over,
                    number,
                    entry,
                    stands,
                });
            Arc::make_mut(&mut self.steps).extend(steps);
        }
        self.leaves = change.leaves;
        self.chunks.push(Arc::new(change.chunk));
        self.records_read += change.records_read;
        self.answered.clear();
        self.taken.push(Taken {
            known,
            complete_through,
            head,
        });
        self.tell_days(&change.news);
        Ok(receipt)
    }

    /// Whether an entry reaches into what is closed.
    fn late(&self, entry: &Entry) -> Option<Late> {
        let day = match entry.content() {
            Content::Close(_) | Content::Reopen | Content::Decide(_) => return None,
            Content::Void(of) => self.find(of)?.day(),
            _ => entry.day(),
        };
        let entry = entry.id().clone();
        self.books.closed(day).map(|closed| Late { entry, closed })
    }
}

/// What a hand-over does, worked out before anything is done.
struct Change {
    fresh: Vec<Arc<Entry>>,
    repeated: usize,
    ids: BTreeMap<EntryId, u32>,
    referring: BTreeMap<EntryId, Vec<u32>>,
    joins: BTreeMap<(usize, Key), Vec<u32>>,
    status: BTreeMap<u32, Option<Withheld>>,
    steps: Vec<(u32, Arc<Entry>, bool)>,
    judgements: Judgements,
    news: News,
    leaves: Arc<Leaves>,
    chunk: Chunk,
    records_read: u64,
}

impl Change {
    fn of(journal: &Journal, draft: Draft<'_>) -> Result<Self, JournalError> {
        if !draft.unknown.is_empty() {
            let ids = draft.unknown.into_iter().collect();
            let needed = Box::new(Needed::Entries { ids });
            return Err(JournalError::Needed { needed });
        }
        let mut steps = Vec::new();
        let (mut judgements, mut news) = (Judgements::default(), News::default());
        // What records and reversals add or take away, by the number of the record.
        let mut effects: Vec<(u32, Option<NaiveDate>, bool)> = Vec::new();
        for (at, status) in &draft.status {
            let stood =
                (*at as usize) < journal.entries.len() && !journal.withheld.contains_key(at);
            let stands = status.is_none();
            if stood == stands {
                continue;
            }
            let entry = draft.entry(*at);
            let kept = || {
                let known = journal.entries.get(*at as usize).map(|kept| &kept.entry);
                known.or_else(|| draft.fresh.get(*at as usize - journal.entries.len()))
            };
            match entry.content() {
                Content::Record(_) => effects.push((*at, None, stands)),
                Content::Reverse(of) => {
                    let original = draft.find(of);
                    effects.extend(original.map(|of| (of, Some(entry.day()), stands)));
                }
                Content::Join(_) | Content::Move(_) | Content::End(_) => {
                    news.tells_of(number(entry.day()));
                    steps.extend(kept().map(|entry| (*at, Arc::clone(entry), stands)));
                }
                Content::Close(_) | Content::Reopen if stands => judgements.add(entry),
                Content::Decide(_) => {
                    news.decided
                        .extend(kept().map(|entry| (Arc::clone(entry), stands)));
                }
                Content::Void(_) | Content::Close(_) | Content::Reopen => {}
            }
        }
        let mut leaves = Arc::clone(&journal.leaves);
        let (chunk, records_read) = fold(journal, &draft, &effects, &mut leaves)?;
        news.closing = judgements.hard();
        for (_, addends) in chunk.each() {
            for addend in addends {
                news.tells_of(addend.from);
            }
        }
        Ok(Self {
            fresh: draft.fresh,
            repeated: draft.repeated,
            ids: draft.ids,
            referring: draft.referring,
            joins: draft.joins,
            status: draft.status,
            steps,
            judgements,
            news,
            leaves,
            chunk,
            records_read,
        })
    }
}

/// Reads the records that are named, each once, and adds up what they bring.
fn fold(
    journal: &Journal,
    draft: &Draft<'_>,
    effects: &[(u32, Option<NaiveDate>, bool)],
    leaves: &mut Arc<Leaves>,
) -> Result<(Chunk, u64), JournalError> {
    let kinds = journal.model.schema().kinds().len();
    let numbers: BTreeSet<u32> = effects.iter().map(|(at, ..)| *at).collect();
    let mut by_kind: Vec<(Vec<u32>, Vec<crate::ledger::Row>)> = vec![Default::default(); kinds];
    let mut found_leaf: BTreeMap<u32, (usize, u32)> = BTreeMap::new();
    let full = || JournalError::TooMany {
        what: "leaves",
        limit: u32::MAX,
    };
    for at in &numbers {
        let sifted = match draft.sifted.get(at) {
            Some(sifted) => sifted.clone(),
            None => match draft.entry(*at).content() {
                // It was checked when it came.
                Content::Record(record) => match journal.checker.sift(record) {
                    Ok(sifted) => sifted,
                    Err(_) => continue,
                },
                _ => continue,
            },
        };
        let leaf = leaf_of(&sifted, leaves).ok_or_else(full)?;
        found_leaf.insert(*at, (sifted.kind, leaf));
        by_kind[sifted.kind].0.push(*at);
        by_kind[sifted.kind].1.push(sifted.row);
    }
    let lanes = journal.model.lanes();
    let mut brought: BTreeMap<u32, Vec<Addend>> = BTreeMap::new();
    for (kind, (numbers, rows)) in by_kind.into_iter().enumerate() {
        brought.extend(numbers.into_iter().zip(lanes.addends(kind, rows)));
    }
    let mut all = Vec::new();
    let mut turned = Vec::new();
    for (at, reversed_on, stands) in effects {
        let (Some((kind, leaf)), Some(own)) = (found_leaf.get(at), brought.get(at)) else {
            continue;
        };
        turned.clear();
        match reversed_on {
            Some(day) => lanes.reversed(*kind, number(*day), own, &mut turned),
            None => turned.extend(own),
        }
        let signed = turned.iter().map(|addend| match stands {
            true => *addend,
            false => addend.inverse(),
        });
        all.extend(signed.map(|addend| (*leaf, addend)));
    }
    let chunk = Chunk::new(all).ok_or_else(full)?;
    Ok((chunk, numbers.len() as u64))
}

fn number(day: NaiveDate) -> i32 {
    chrono::Datelike::num_days_from_ce(&day)
}
