//! Taking in: what a hand-over changes is worked out first, and then done as a whole.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{NaiveDate, NaiveDateTime};

use super::close::Close;
use super::draft::{Draft, Status};
use super::entry::{Content, Entry, MergeDef};
use super::error::{JournalError, Rejected};
use super::hand_over::{HandOver, Head, Taken};
use super::id::EntryId;
use super::journal::{HINTS, Journal, Kept, Withheld, leaf_of, leaves_of_others};
use super::leaves::{Chunk, Leaves};
use super::needed::Needed;
use super::news::News;
use super::planning::Planning;
use super::report::{Late, Receipt};
use super::settle::Judgements;
use super::structure::{Step, standing};
use crate::key::Key;
use crate::ledger::{ApplicationDef, Course, Row, Sifted};
use crate::metric::{Addend, RECORDS, Sharer, Single};
use crate::model::{TargetCell, TargetsDef};

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
        self.take_in((known, complete_through), entries, &BTreeSet::new(), None)
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
        let (mut left_out, mut rejected) = (BTreeSet::new(), Vec::new());
        loop {
            let mut receipt =
                match self.take_in((known, complete_through), entries, &left_out, None) {
                    Err(JournalError::Rejected { rejected: more }) => {
                        left_out.extend(more.iter().map(|rejected| rejected.row));
                        rejected.extend(more);
                        continue;
                    }
                    taken => taken?,
                };
            rejected.sort_by_key(|rejected: &Rejected| rejected.row);
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
            let times = (hand_over.known, hand_over.complete_through);
            self.take_in(times, &hand_over.entries, &BTreeSet::new(), hand_over.head)?;
        }
        Ok(())
    }

    /// Takes in those of some entries that are not left out, by the model to which they move the journal.
    fn take_in(
        &mut self,
        times: (NaiveDateTime, NaiveDate),
        entries: &[Entry],
        left_out: &BTreeSet<usize>,
        expected: Option<Head>,
    ) -> Result<Receipt, JournalError> {
        self.in_order(times.0, times.1)?;
        let Some((mut next, remodelled)) = self.moved(entries, left_out)? else {
            return self.take_plainly(times, entries, left_out, expected);
        };
        let mut receipt = next.take_plainly(times, entries, left_out, expected)?;
        receipt.remodelled = remodelled;
        *self = next;
        Ok(receipt)
    }

    fn take_plainly(
        &mut self,
        (known, through): (NaiveDateTime, NaiveDate),
        entries: &[Entry],
        left_out: &BTreeSet<usize>,
        expected: Option<Head>,
    ) -> Result<Receipt, JournalError> {
        let draft = Draft::new(self, through, entries, left_out);
        if !draft.rejected.is_empty() {
            let rejected = draft.rejected;
            return Err(JournalError::Rejected { rejected });
        }
        let change = Change::of(self, draft)?;
        if let Some(expected) = expected {
            let head = self.head_after(known, through, &change.fresh);
            if head != expected {
                return Err(JournalError::OtherHead {
                    known,
                    found: head.chain,
                    expected: expected.chain,
                });
            }
        }
        self.commit(known, through, change)
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

    /// Makes a change, works out what it does to plans, tells its days, and then does what it says of the books; where that fails
    /// nothing is done.
    fn commit(
        &mut self,
        known: NaiveDateTime,
        complete_through: NaiveDate,
        change: Change,
    ) -> Result<Receipt, JournalError> {
        let (judgements, mut change) = (change.judgements, change);
        let (news, planning) = (
            std::mem::take(&mut change.news),
            std::mem::take(&mut change.planning),
        );
        let is_plain = planning.is_empty() && planning.joined.is_empty();
        if judgements.is_empty() && is_plain && !self.tells_days() {
            return self.take(known, complete_through, change);
        }
        let mut next = self.clone();
        let mut receipt = next.take(known, complete_through, change)?;
        next.work_out(&planning, &mut receipt)?;
        next.tell_days(&news)?;
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
            unplanned: Vec::new(),
            realigned: Vec::new(),
            remodelled: BTreeMap::new(),
            rejected: Vec::new(),
            head,
        };
        self.comes(&change.fresh);
        let first = self.entries.len();
        let kept = |entry| Kept {
            entry,
            hand_over,
            recalled: false,
        };
        self.entries.extend(change.fresh.into_iter().map(kept));
        self.add_ids(change.ids);
        if !change.referring.is_empty() {
            let referring = Arc::make_mut(&mut self.referring);
            for (of, more) in change.referring {
                referring.entry(of).or_default().extend(more);
            }
        }
        for (of, more) in change.identities {
            self.identities.entry(of).or_default().extend(more);
        }
        for (of, more) in change.deeds {
            self.deeds.entry(of).or_default().extend(more);
        }
        let mut hints = HINTS;
        for (at, status) in change.status.into_each() {
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
        let step = |(number, entry, stands)| Step {
            hand_over,
            number,
            entry,
            stands,
        };
        for (steps, more) in [
            (&mut self.steps, change.steps),
            (&mut self.excuses, change.excuses),
            (&mut self.targets, change.targets),
        ] {
            // What is shared is copied where there is something to add.
            if !more.is_empty() {
                Arc::make_mut(steps).extend(more.into_iter().map(step));
            }
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
        Ok(receipt)
    }

    fn add_ids(&mut self, mut ids: BTreeMap<EntryId, u32>) {
        let by_id = Arc::make_mut(&mut self.by_id);
        if by_id.is_empty() {
            *by_id = ids;
        } else if by_id.len() < 2 * ids.len() {
            // Both are in order, so that few are merged at once.
            by_id.append(&mut ids);
        } else {
            by_id.extend(ids);
        }
    }

    /// Keeps in mind the new entries whose days are not told yet, and those of before as far as they are not.
    pub(super) fn comes<'e>(&mut self, fresh: impl IntoIterator<Item = &'e Arc<Entry>>) {
        let through = self.complete_through();
        let is_untold = |day: NaiveDate| through.is_none_or(|through| through < day);
        let mut shared = std::mem::take(&mut self.coming);
        let coming = Arc::make_mut(&mut shared);
        coming.retain(|day, _| is_untold(*day));
        for entry in fresh {
            for day in self
                .comes_on(entry)
                .into_iter()
                .filter(|day| is_untold(*day))
            {
                let own = coming.entry(day).or_default();
                own.push(entry.id().clone());
            }
        }
        self.coming = shared;
    }

    /// The entries of which days that are not told yet have something to say.
    pub(super) fn still_to_come(&self) -> BTreeSet<&EntryId> {
        let through = self.complete_through();
        let own = self.coming.iter();
        let own = own.filter(|(day, _)| through.is_none_or(|through| through < **day));
        own.flat_map(|(_, own)| own).collect()
    }

    /// The days on which duties of past ones may be otherwise by an entry.
    fn comes_on(&self, entry: &Entry) -> BTreeSet<NaiveDate> {
        let day = entry.day();
        match entry.content() {
            Content::Join(_)
            | Content::Move(_)
            | Content::Merge(_)
            | Content::Excuse(_)
            | Content::Reverse(_) => BTreeSet::from([day]),
            Content::Record(record) => {
                let duties = self.model.duties().iter();
                let all = duties.flat_map(|own| own.definition.evidence.dates_of(record));
                let mut all: BTreeSet<NaiveDate> = all.collect();
                if all.first().is_some_and(|first| *first < day) {
                    all.insert(day);
                }
                all.split_off(&day)
            }
            _ => BTreeSet::new(),
        }
    }

    /// Whether an entry reaches into what is closed.
    fn late(&self, entry: &Entry) -> Option<Late> {
        let mut of = entry;
        // No void leads back to itself.
        while let Content::Void(next) = of.content() {
            of = self.find(next)?;
        }
        let day = match of.content() {
            Content::Close(_) | Content::Reopen | Content::Model(_) | Content::Decide(_) => {
                return None;
            }
            _ => self.reaches_to(of),
        };
        let entry = entry.id().clone();
        self.closed(day).map(|closed| Late { entry, closed })
    }
}

impl Journal {
    /// The first day whose close an entry reaches into: targets that are written down reach to the last days of their periods,
    /// whatever day they are written on, and a merge to what it takes from one row to another.
    fn reaches_to(&self, entry: &Entry) -> NaiveDate {
        let day = entry.first_day();
        match entry.content() {
            Content::Targets(own) => self.written_for(own, |_| true).unwrap_or(day),
            Content::Merge(own) if self.closed_through(Close::Soft).is_some() => {
                let told = self.told_of(own);
                let first = told.chain(self.written_of(own)).min();
                first.map_or(day, |first| first.min(day))
            }
            _ => day,
        }
    }

    /// The first last day of the periods for which some targets are written down.
    fn written_for(&self, own: &TargetsDef, is: impl Fn(&TargetCell) -> bool) -> Option<NaiveDate> {
        let views = self.model.asked().iter();
        let view = views.filter(|view| view.definition.key == own.view);
        let ends = view.flat_map(|view| {
            let cells = own.cells.iter().filter(|cell| is(cell));
            cells.filter_map(|cell| {
                let id = view.periods.id(cell.period.as_str()).ok()?;
                view.periods.range(id)?.end().pred_opt()
            })
        });
        ends.min()
    }

    /// Of targets that stand for who turns out to be another one, the last days of their periods.
    fn written_of<'m>(&'m self, merge: &'m MergeDef) -> impl Iterator<Item = NaiveDate> + use<'m> {
        let names = self.names_merged(merge);
        let standing = standing(&self.targets, self.taken.len(), None);
        standing.into_iter().filter_map(move |entry| {
            let Content::Targets(own) = entry.content() else {
                return None;
            };
            let views = self.model.asked().iter();
            let mut view = views.filter(|view| view.definition.key == own.view);
            let rows = &view.next()?.definition.rows;
            self.written_for(own, |cell| {
                let mut named = rows.iter().zip(&cell.subject);
                named.any(|(axis, name)| axis.dimension == merge.dimension && names.contains(&name))
            })
        })
    }

    /// Of what closed periods told of who turns out to be another one, the last days of these.
    fn told_of<'m>(&'m self, merge: &'m MergeDef) -> impl Iterator<Item = NaiveDate> + use<'m> {
        let names = self.names_merged(merge);
        let views = self.model.asked().iter().zip(&self.books.told);
        views.flat_map(move |(view, told)| {
            let rows = view.definition.rows.iter();
            let at = rows.enumerate();
            let at = at.filter(|(_, axis)| axis.dimension == merge.dimension);
            let at: Vec<usize> = at.map(|(at, _)| at).collect();
            told.last_days_of(|row| at.iter().any(|at| names.contains(&&row[*at])))
        })
    }

    fn names_merged<'m>(&'m self, merge: &'m MergeDef) -> Vec<&'m Key> {
        let dimension = self.dimension(&merge.dimension);
        dimension.map_or_else(Vec::new, |of| self.names_of(of, &merge.member))
    }
}

/// What a hand-over does, worked out before anything is done.
struct Change {
    fresh: Vec<Arc<Entry>>,
    repeated: usize,
    ids: BTreeMap<EntryId, u32>,
    referring: BTreeMap<EntryId, Vec<u32>>,
    identities: BTreeMap<(usize, Key), Vec<u32>>,
    deeds: BTreeMap<Key, Vec<u32>>,
    status: Status,
    steps: Vec<(u32, Arc<Entry>, bool)>,
    excuses: Vec<(u32, Arc<Entry>, bool)>,
    targets: Vec<(u32, Arc<Entry>, bool)>,
    judgements: Judgements,
    news: News,
    planning: Planning,
    leaves: Arc<Leaves>,
    chunk: Chunk,
    records_read: u64,
}

impl Change {
    fn of(journal: &Journal, mut draft: Draft<'_>) -> Result<Self, JournalError> {
        if !draft.unknown.is_empty() {
            let ids = draft.unknown.into_iter().collect();
            let needed = Box::new(Needed::Entries { ids });
            return Err(JournalError::Needed { needed });
        }
        let (mut steps, mut excuses, mut targets) = (Vec::new(), Vec::new(), Vec::new());
        let (mut judgements, mut news) = (Judgements::default(), News::default());
        let mut planning = Planning {
            first: u32::try_from(journal.entries.len()).unwrap_or(u32::MAX),
            ..Planning::default()
        };
        // The numbers of the records of which something else is to be told now.
        let mut touched: BTreeSet<u32> = BTreeSet::new();
        for (at, status) in draft.status.iter() {
            let stands = status.is_none();
            if journal.stood(at) == stands {
                continue;
            }
            let entry = draft.entry(at);
            let kept = || {
                let known = journal.entries.get(at as usize).map(|kept| &kept.entry);
                known.or_else(|| draft.fresh.get(at as usize - journal.entries.len()))
            };
            news.tells(entry);
            match entry.content() {
                Content::Record(_) => _ = touched.insert(at),
                Content::Reverse(reversal) => {
                    let of = draft.find(&reversal.of).into_iter();
                    touched.extend(of.flat_map(|of| draft.told_by(of)));
                }
                Content::Apply(_) => touched.extend(draft.told_by(at)),
                Content::Plan(deed) => {
                    planning.plans.insert(deed.plan().clone());
                }
                Content::Join(_)
                | Content::Move(_)
                | Content::End(_)
                | Content::Rename(_)
                | Content::Merge(_)
                | Content::Hold(_)
                | Content::Vacate(_) => {
                    let has_plans = !journal.model.definition().plans.is_empty();
                    let joins = matches!(entry.content(), Content::Join(_)) && stands && has_plans;
                    planning.joined.extend(kept().filter(|_| joins).cloned());
                    steps.extend(kept().map(|entry| (at, Arc::clone(entry), stands)));
                }
                Content::Close(_) | Content::Reopen if stands => judgements.add(entry),
                Content::Decide(_) => {
                    news.decided
                        .extend(kept().map(|entry| (Arc::clone(entry), stands)));
                }
                Content::Targets(_) => {
                    targets.extend(kept().map(|entry| (at, Arc::clone(entry), stands)));
                }
                Content::Excuse(_) => {
                    excuses.extend(kept().map(|entry| (at, Arc::clone(entry), stands)));
                }
                Content::Void(_) | Content::Close(_) | Content::Reopen | Content::Model(_) => {}
            }
        }
        let mut leaves = Arc::clone(&journal.leaves);
        let (chunk, records_read) = fold(journal, &draft, &touched, &mut leaves, &|at| {
            journal.stood(at)
        })?;
        for at in &touched {
            news.counts(draft.entry(*at));
        }
        news.moves(journal, steps.iter().map(|(_, entry, _)| entry.as_ref()));
        news.closing = judgements.hard();
        for (_, addends) in chunk.each() {
            for addend in addends {
                news.tells_of(addend.from);
            }
        }
        let ids = draft.take_ids();
        planning.rows = draft.rows;
        Ok(Self {
            fresh: draft.fresh,
            repeated: draft.repeated,
            ids,
            referring: draft.referring,
            identities: draft.identities,
            deeds: draft.deeds,
            status: draft.status,
            steps,
            excuses,
            targets,
            judgements,
            news,
            planning,
            leaves,
            chunk,
            records_read,
        })
    }
}

/// Reads the records that are named, each once, and adds up what they bring now less what those brought before that stood.
pub(super) fn fold(
    journal: &Journal,
    draft: &Draft<'_>,
    touched: &BTreeSet<u32>,
    leaves: &mut Arc<Leaves>,
    stood: &dyn Fn(u32) -> bool,
) -> Result<(Chunk, u64), JournalError> {
    let kinds = journal.model.schema().kinds().len();
    let mut by_kind: Vec<Vec<Read<'_>>> = Vec::new();
    by_kind.resize_with(kinds, Vec::new);
    let full = || JournalError::TooMany {
        what: "leaves",
        limit: u32::MAX,
    };
    let mut count = 0;
    // What neither stood nor stands has no leaf.
    for at in touched
        .iter()
        .filter(|at| stood(**at) || draft.stands(**at))
    {
        let Some(sifted) = draft.sifted(*at) else {
            continue;
        };
        let leaf = leaf_of(&sifted, leaves).ok_or_else(full)?;
        let credit = journal.model.schema().compiled()[sifted.kind].credit;
        let others = leaves_of_others(&sifted, credit.unwrap_or(0), leaves).ok_or_else(full)?;
        count += 1;
        by_kind[sifted.kind].push(Read {
            at: *at,
            leaf,
            others,
            sifted,
        });
    }
    let lanes = journal.model.lanes();
    let (mut all, mut singles) = (Vec::new(), Vec::new());
    for (kind, records) in by_kind.into_iter().enumerate() {
        let rows: Vec<&Row> = records.iter().map(|read| &read.sifted.row).collect();
        for (own, read) in lanes.addends(kind, &rows).into_iter().zip(&records) {
            let (at, row) = (read.at, &read.sifted.row);
            let course = |stands: &dyn Fn(u32) -> bool| {
                stands(at).then(|| draft.course(at, &read.sifted, stands))
            };
            let before = course(stood);
            let now = course(&|at| draft.stands(at));
            let mut tell = |course: Option<&Course>, sign: fn(Addend) -> Addend| {
                let Some(course) = course else { return };
                let back = lanes.taken_back(kind, row, course, &own);
                all.extend(
                    own.iter()
                        .copied()
                        .chain(back)
                        .map(|addend| (read.leaf, sign(addend))),
                );
                // A record that several share lies where each of them is.
                for addend in own.iter().filter(|addend| addend.lane == RECORDS) {
                    all.extend(read.others.iter().map(|leaf| (*leaf, sign(*addend))));
                }
            };
            tell(before.as_ref(), Addend::inverse);
            tell(now.as_ref(), |addend| addend);
            if lanes.singly(kind) && (before.is_some() || now.is_some()) {
                let (.., sequence, _) = draft.entry(at).order();
                singles.push((at, now.map(|course| read.single(sequence, course))));
            }
        }
    }
    singles.sort_unstable_by_key(|(at, _)| *at);
    let chunk = Chunk::new(all, singles).ok_or_else(full)?;
    Ok((chunk, count))
}

/// A record that is read.
struct Read<'a> {
    at: u32,
    leaf: u32,
    /// Those of the others who share it.
    others: Vec<u32>,
    sifted: Cow<'a, Sifted>,
}

impl Read<'_> {
    fn single(&self, sequence: u64, course: Course) -> Single {
        let row = &self.sifted.row;
        let others = self.others.iter().zip(&row.others);
        let others = others.map(|(leaf, other)| Sharer {
            leaf: *leaf,
            part: other.part,
            share: other.share,
            amounts: other.amounts.clone(),
        });
        Single {
            others: others.collect(),
            ..Single::of(row, self.leaf, sequence, course)
        }
    }
}

impl Journal {
    /// Whether an entry stood before what is being taken in.
    pub(super) fn stood(&self, at: u32) -> bool {
        (at as usize) < self.entries.len() && !self.withheld.contains_key(&at)
    }
}

impl Draft<'_> {
    /// The records of which an entry that is taken back or applied tells something, itself among them.
    fn told_by(&self, of: u32) -> Vec<u32> {
        let entry = self.entry(of);
        let applied = |application: &ApplicationDef<EntryId>| {
            let named = std::iter::once(&application.to).chain(&application.by);
            named
                .filter_map(|named| self.find(named))
                .collect::<Vec<u32>>()
        };
        match entry.content() {
            Content::Apply(application) => applied(application),
            Content::Record(_) => {
                let by_it =
                    self.referring_to(entry.id())
                        .filter_map(|at| match self.entry(at).content() {
                            Content::Apply(application) => Some(applied(application)),
                            _ => None,
                        });
                by_it.flatten().chain([of]).collect()
            }
            _ => Vec::new(),
        }
    }
}
