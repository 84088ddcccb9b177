//! Closing and reopening: figures are fixed, days are joined, and what lies behind is forgotten.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::NaiveDate;

use super::checksum::Checksum;
use super::close::Close;
use super::closed::Closed;
use super::closing::{Books, number};
use super::entry::{Content, Entry};
use super::error::JournalError;
use super::journal::{Journal, Kept, Withheld, leaf_of};
use super::leaves::Chunk;
use super::pieces::{Pieces, Spot};
use super::reading::{Asking, Folds, Homes, Unread};
use super::structure::{standing, structure};
use super::tenures::posts;
use super::told::{self, Event, Fixed, Told};
use crate::calendar::Period;
use crate::metric::Addend;

/// What a hand-over says of the books.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Judgements {
    reopen: Option<NaiveDate>,
    soft: Option<NaiveDate>,
    hard: Option<NaiveDate>,
}

impl Judgements {
    pub(super) fn add(&mut self, entry: &Entry) {
        let day = entry.day();
        match entry.content() {
            Content::Reopen => self.reopen = Some(self.reopen.map_or(day, |own| own.min(day))),
            Content::Close(Close::Soft) => self.soft = self.soft.max(Some(day)),
            Content::Close(Close::Hard) => self.hard = self.hard.max(Some(day)),
            _ => {}
        }
    }

    /// The day through which the books are closed hard.
    pub(super) fn hard(self) -> Option<NaiveDate> {
        self.hard
    }

    pub(super) fn is_empty(self) -> bool {
        self == Self::default()
    }

    /// What they make of the days through which the books are closed, once so many hand-overs are known that are complete through a
    /// day; returns what views tell of it.
    pub(super) fn replayed(
        self,
        soft: &mut Option<NaiveDate>,
        books: &mut Books,
        (hand_overs, through): (u32, NaiveDate),
    ) -> Vec<(NaiveDate, u32)> {
        let mut events = Vec::new();
        if let Some(since) = self.reopen {
            if books.hard.is_some_and(|hard| since <= hard) {
                books.settled = hand_overs;
                books.hard = books.hard.min(since.pred_opt());
                events.push((through, hand_overs));
            }
            *soft = (*soft).min(since.pred_opt());
        }
        *soft = (*soft).max(self.soft);
        let hard = self
            .hard
            .filter(|day| books.hard.is_none_or(|hard| hard < *day));
        if let Some(day) = hard {
            books.hard = Some(day);
            books.forgotten = books.forgotten.max(Some(day));
            (books.folded, books.settled) = (hand_overs, hand_overs);
            events.push((day, hand_overs));
        }
        events
    }
}

impl Journal {
    pub(crate) fn folds(&self) -> Folds {
        Folds {
            leaves: Arc::clone(&self.leaves),
            chunks: self.chunks.clone(),
            steps: Arc::clone(&self.steps),
            excuses: Arc::clone(&self.excuses),
            targets: Arc::clone(&self.targets),
            former: Arc::clone(&self.former),
            books: Arc::clone(&self.books),
            compiled: Arc::clone(&self.compiled),
            readings: Arc::clone(&self.readings),
            plans: Arc::clone(&self.plans),
            go_live: self.go_live,
        }
    }

    /// Does what a hand-over says of the books, after everything else that it says.
    pub(super) fn settle(
        &mut self,
        own: Judgements,
        complete_through: NaiveDate,
    ) -> Result<(), JournalError> {
        if let Some(since) = own.reopen {
            self.reopen(since, complete_through)?;
        }
        self.soft = self.soft.max(own.soft);
        if let Some(day) = own
            .hard
            .filter(|day| self.books.hard.is_none_or(|hard| hard < *day))
        {
            self.close(day)?;
        }
        Ok(())
    }

    /// Every view as it is known now, as of a day; told what follows from it.
    fn tell(
        &self,
        as_of: NaiveDate,
        mut with: impl FnMut(&mut Told, &Asking<'_>) -> Result<(), Unread>,
    ) -> Result<Vec<Told>, JournalError> {
        let folds = self.folds();
        let views = self.model.asked().len();
        let mut all = self.books.told.clone();
        all.resize_with(views, Told::default);
        for (at, told) in all.iter_mut().enumerate() {
            let asking = Asking {
                model: &self.model,
                at,
                folds: &folds,
                hand_overs: self.taken.len(),
                known_at: None,
                as_of,
                as_it_is: None,
                limits: self.limits,
            };
            with(told, &asking)?;
        }
        Ok(all)
    }

    fn close(&mut self, day: NaiveDate) -> Result<(), JournalError> {
        let hand_overs = self.hand_overs()?;
        let told = self.tell(day, |told, asking| {
            let over = |period: &Period| period.end.pred_opt().is_some_and(|last| last <= day);
            let events: Vec<&Event> = told.events.iter().collect();
            // Whatever was done to a plan or written down while a period was open is a part of what is told of it, of whichever day.
            let closed = asking.asked().periods.iter().filter(over).count();
            let fixed = Fixed::by(&events).and(closed, self.taken.len());
            let now = told::with_rows(asking.plain(&events, &fixed, over)?, &events)?;
            let columns = &asking.asked().adding_up;
            Ok(told.close(&now, (day, hand_overs), columns)?)
        })?;
        let books = Arc::make_mut(&mut self.books);
        books.told = told;
        books.hard = Some(day);
        books.forgotten = books.forgotten.max(Some(day));
        (books.folded, books.settled) = (hand_overs, hand_overs);
        let forgotten = books.forgotten.unwrap_or(day);
        self.join(forgotten)?;
        self.forget_behind(|kept| kept.entry.day() <= forgotten)
    }

    fn reopen(&mut self, since: NaiveDate, day: NaiveDate) -> Result<(), JournalError> {
        let left = |through: Option<NaiveDate>| through.min(since.pred_opt());
        if self.books.hard.is_some_and(|hard| since <= hard) {
            let hand_overs = self.hand_overs()?;
            let told = self.tell(day, |told, asking| {
                let events: Vec<&Event> = told.events.iter().collect();
                let fixed = Fixed::by(&events);
                let now = told::with_rows(asking.plain(&events, &fixed, |_| false)?, &events)?;
                let columns = &asking.asked().adding_up;
                Ok(told.reopen(&now, since, (day, hand_overs), columns)?)
            })?;
            let books = Arc::make_mut(&mut self.books);
            books.settled = hand_overs;
            books.hard = left(books.hard);
            books.told = told;
        }
        // What changes no figure keeps what was read of it.
        self.soft = left(self.soft);
        Ok(())
    }

    fn hand_overs(&self) -> Result<u32, JournalError> {
        u32::try_from(self.taken.len()).map_err(|_| full("hand-overs"))
    }

    /// Takes what lies behind a day out of the hand-overs and joins its days.
    pub(super) fn join(&mut self, forgotten: NaiveDate) -> Result<(), JournalError> {
        self.shake_singles();
        let cuts = self.model.cuts();
        let reach = i32::try_from(cuts.reach).unwrap_or(i32::MAX);
        let forgotten = number(forgotten);
        let through = forgotten.saturating_sub(reach).max(self.books.joined);
        let pieces = Pieces {
            cuts: &cuts.days,
            through,
        };
        let own = self.own_cuts(pieces)?;
        let joined = |leaf: u32, addend: &Addend| {
            let own = own.get(&leaf).map_or(&[][..], Vec::as_slice);
            let addend = addend.joined(|day| pieces.own_day(own, day), |day| pieces.day(day));
            (leaf, addend)
        };
        let mut all = Vec::new();
        for (leaf, addends) in self.books.folds.each() {
            all.extend(addends.map(|addend| joined(leaf, &addend)));
        }
        for chunk in &mut self.chunks {
            let singles = chunk.singles().to_vec();
            let mut left = Vec::new();
            let before = all.len();
            for (leaf, addends) in chunk.each() {
                for addend in addends {
                    if addend.from <= forgotten {
                        all.push(joined(leaf, addend));
                    } else {
                        left.push((leaf, *addend));
                    }
                }
            }
            if all.len() > before {
                *chunk = Arc::new(Chunk::new(left, singles).ok_or_else(|| full("addends"))?);
            }
        }
        let folds = Chunk::new(all, Vec::new());
        let folds = folds.and_then(|folds| Closed::new(&folds));
        let books = Arc::make_mut(&mut self.books);
        books.folds = folds.ok_or_else(|| full("addends"))?;
        books.joined = through;
        books.cuts = own;
        books.fine.clear();
        Ok(())
    }

    /// The days within pieces on which the members of each leaf move, but for those within which days have been joined.
    fn own_cuts(&self, pieces: Pieces<'_>) -> Result<BTreeMap<u32, Vec<i32>>, JournalError> {
        let model = self.model.schema().space();
        let space = structure(model, &self.steps, self.taken.len(), None)?;
        let books = &self.books;
        let before = books.pieces(self.model.cuts());
        let mut held: BTreeSet<Spot> = BTreeSet::new();
        for (leaf, addends) in books.folds.each() {
            let joined = addends.filter(|addend| before.of(addend.on).is_some());
            let spots = joined.map(|addend| Spot {
                leaf,
                start: before.start(addend.on),
            });
            held.extend(spots.filter(|spot| !books.is_fine(*spot)));
        }
        let mut own = books.cuts.clone();
        let kinds = self.model.schema().compiled();
        let definition = self.model.definition().posts.as_ref();
        let posts = definition.map(|definition| {
            let steps = standing(&self.steps, self.taken.len(), None);
            let steps = steps.iter().map(|entry| &***entry);
            posts(definition, (model, &space), steps)
        });
        let posts = posts.transpose()?;
        let homes = Homes::new(&space, posts.as_ref(), &self.leaves);
        for (leaf, known) in (0_u32..).zip(self.leaves.list()) {
            let Some(kind) = kinds.get(usize::from(known.kind())) else {
                continue;
            };
            let moved = homes.of(kind, known).starts();
            for day in moved.into_iter().skip(1) {
                let start = pieces.start(day);
                let is_inside = pieces.of(day).is_some() && start < day;
                if is_inside && !held.contains(&Spot { leaf, start }) {
                    let all = own.entry(leaf).or_default();
                    if let Err(place) = all.binary_search(&day) {
                        all.insert(place, day);
                    }
                }
            }
        }
        Ok(own)
    }

    /// Forgets the records, reversals, applications and voids that are all behind with everything that they refer to and that refers
    /// to them; what they say is added to the sums by which they are known again.
    pub(super) fn forget_behind(
        &mut self,
        is_behind: impl Fn(&Kept) -> bool,
    ) -> Result<(), JournalError> {
        let roots = self.roots();
        let together = self.together();
        let (latest, open_since) = (self.latest(), self.open_since());
        let still_to_come = self.still_to_come();
        let mut stays = vec![false; self.entries.len()];
        for (at, kept) in (0_u32..).zip(&self.entries) {
            let content = kept.entry.content();
            let of_records = matches!(
                content,
                Content::Record(_) | Content::Reverse(_) | Content::Apply(_) | Content::Void(_)
            );
            // What is void waits for nothing, but could not be supplied without that to which it refers either.
            let mut referred = kept.entry.refers_to();
            let waits = matches!(self.withheld.get(&at), Some(Withheld::Waits(_)))
                || referred.any(|of| !self.by_id.contains_key(of));
            let kind = self.kind_of(content);
            let single = latest.get(&at);
            let is_kept =
                kind.is_some_and(|kind| !self.is_told_by_others(kind, single, open_since));
            let is_to_come = !kept.recalled && still_to_come.contains(kept.entry.id());
            if !of_records || waits || !is_behind(kept) || is_kept || is_to_come {
                stays[together[at as usize]] = true;
            }
        }
        let is_record = |at: u32| {
            matches!(
                self.entries[at as usize].entry.content(),
                Content::Record(_)
            )
        };
        let stays = |at: usize| stays[together[at]] || !is_record(roots[at]);
        let singles = latest.into_iter().filter(|(at, _)| !stays(*at as usize));
        let singles = singles.map(|(at, single)| {
            let id = self.entries[at as usize].entry.id();
            (id.clone(), single.clone())
        });
        let singles = singles.collect();
        let pieces = self.books.pieces(self.model.cuts());
        let mut sums: Vec<(Spot, Checksum)> = Vec::new();
        for (at, kept) in self.entries.iter().enumerate() {
            if stays(at) || kept.recalled {
                continue;
            }
            let root = &self.entries[roots[at] as usize].entry;
            if let Content::Record(record) = root.content()
                && let Ok(sifted) = self.checker.sift(record)
            {
                let leaf = leaf_of(&sifted, &mut self.leaves).ok_or_else(|| full("leaves"))?;
                let start = pieces.start(number(root.day()));
                sums.push((Spot { leaf, start }, Checksum::of(&kept.entry)));
            }
        }
        let left: Vec<usize> = (0..self.entries.len()).filter(|at| stays(*at)).collect();
        if left.len() < self.entries.len() {
            self.renumber(&left);
        }
        let books = Arc::make_mut(&mut self.books);
        for (spot, sum) in sums {
            let own = books.checksums.entry(spot).or_default();
            *own = own.and(sum);
        }
        self.keep_singles(singles);
        Ok(())
    }

    /// The kind of a record.
    fn kind_of(&self, content: &Content) -> Option<usize> {
        let Content::Record(record) = content else {
            return None;
        };
        self.model.schema().kind_index(&record.kind).ok()
    }

    /// Of each entry, the first one of all that are linked to it by what they refer to.
    fn together(&self) -> Vec<usize> {
        fn first(of: &mut [usize], mut at: usize) -> usize {
            while of[at] != at {
                of[at] = of[of[at]];
                at = of[at];
            }
            at
        }
        let mut of: Vec<usize> = (0..self.entries.len()).collect();
        for (at, kept) in self.entries.iter().enumerate() {
            for other in kept.entry.refers_to().filter_map(|of| self.by_id.get(of)) {
                let (one, other) = (first(&mut of, at), first(&mut of, *other as usize));
                of[one.max(other)] = one.min(other);
            }
        }
        (0..of.len()).map(|at| first(&mut of, at)).collect()
    }

    /// Of each entry, the one to which it refers in the end, as far as it is there.
    pub(super) fn roots(&self) -> Vec<u32> {
        let count = self.entries.len();
        let refers = |at: usize| {
            let of = self.entries[at].entry.refers_to().next()?;
            self.by_id.get(of).map(|of| *of as usize)
        };
        let mut roots: Vec<Option<u32>> = vec![None; count];
        let mut way = Vec::new();
        for at in 0..count {
            let mut next = at;
            let root = loop {
                if let Some(known) = roots[next] {
                    break known;
                }
                way.push(next);
                match refers(next) {
                    Some(of) => next = of,
                    None => break u32::try_from(next).unwrap_or(u32::MAX),
                }
            };
            for known in way.drain(..) {
                roots[known] = Some(root);
            }
        }
        roots
            .into_iter()
            .map(|root| root.unwrap_or(u32::MAX))
            .collect()
    }

    /// Keeps some entries only, in their order.
    fn renumber(&mut self, left: &[usize]) {
        let mut numbers: Vec<Option<u32>> = vec![None; self.entries.len()];
        for (new, old) in (0_u32..).zip(left) {
            numbers[*old] = Some(new);
        }
        let new = |old: u32| numbers.get(old as usize).copied().flatten();
        let mut old = 0;
        self.entries.retain(|_| {
            old += 1;
            numbers[old - 1].is_some()
        });
        let ids = std::mem::take(Arc::make_mut(&mut self.by_id));
        let ids = ids.into_iter().filter_map(|(id, at)| Some((id, new(at)?)));
        self.by_id = Arc::new(ids.collect());
        let referring = std::mem::take(Arc::make_mut(&mut self.referring));
        self.referring = Arc::new(lists(referring, new));
        self.identities = lists(std::mem::take(&mut self.identities), new);
        self.deeds = lists(std::mem::take(&mut self.deeds), new);
        let withheld = std::mem::take(&mut self.withheld).into_iter();
        self.withheld = withheld
            .filter_map(|(at, why)| Some((new(at)?, why)))
            .collect();
        for chunk in &mut self.chunks {
            if !chunk.singles().is_empty() {
                Arc::make_mut(chunk).renumber(new);
            }
        }
        if !self.books.singles.recalled.is_empty() {
            let recalled = &mut Arc::make_mut(&mut self.books).singles.recalled;
            let own = std::mem::take(recalled).into_iter();
            *recalled = own
                .filter_map(|(at, spot)| Some((new(at)?, spot)))
                .collect();
        }
        for steps in [&mut self.steps, &mut self.excuses, &mut self.targets] {
            // What is shared is copied where there is something to change.
            if !steps.is_empty() {
                for step in Arc::make_mut(steps) {
                    step.number = new(step.number).unwrap_or(step.number);
                }
            }
        }
    }
}

/// Lists of entries by their new numbers; what is left of none goes.
fn lists<K: Ord>(
    all: BTreeMap<K, Vec<u32>>,
    new: impl Fn(u32) -> Option<u32>,
) -> BTreeMap<K, Vec<u32>> {
    let kept = all.into_iter().map(|(of, list)| {
        let list: Vec<u32> = list.into_iter().filter_map(&new).collect();
        (of, list)
    });
    kept.filter(|(_, list)| !list.is_empty()).collect()
}

pub(super) fn full(what: &'static str) -> JournalError {
    JournalError::TooMany {
        what,
        limit: u32::MAX,
    }
}

impl From<Unread> for JournalError {
    fn from(error: Unread) -> Self {
        match error {
            Unread::Limit(error) => error.into(),
            Unread::Space(error) => error.into(),
            Unread::Metric(error) => error.into(),
            Unread::Panel(error) => error.into(),
            Unread::Column(not) => Self::Column {
                column: not.column,
                cause: Box::new(not.cause),
            },
            Unread::Plan(error) => error.into(),
            Unread::Duty(error) => error.into(),
            Unread::Needed(needed) => Self::Needed { needed },
        }
    }
}
