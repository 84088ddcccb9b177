//! What named views have read: kept between two readings, so that the next one reads only what came in since.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{Datelike, NaiveDate};

use super::compiled::Extent;
use super::seating::{Seating, Seen};
use crate::duty::Counted;
use crate::journal::closing::Books;
use crate::journal::leaves::{Chunk, Chunks};
use crate::journal::structure::Step;
use crate::metric::{Addend, MetricError, RECORDS, Reader};
use crate::panel::Panel;
use crate::plan::Plan;

/// What views have read, by their position in the model. All clones of a journal share it; what was read says of what it is.
#[derive(Debug, Default)]
pub(in crate::journal) struct Readings {
    last: Mutex<BTreeMap<usize, Reading>>,
    targets: Mutex<BTreeMap<usize, Targets>>,
    owed: Mutex<BTreeMap<usize, (OwedOf, Owed)>>,
    cells: AtomicU64,
}

/// The targets that a view shows, of these plans and by this structure.
#[derive(Debug, Clone)]
pub(super) struct Targets {
    pub(super) extent: Extent,
    /// Each with the periods for which it is asked.
    pub(super) plans: Vec<(Arc<Plan>, Range<usize>)>,
    pub(super) panels: Arc<[Panel]>,
}

/// What became of a duty.
pub(super) type Owed = Arc<[Counted]>;

/// Of which structure, books, hand-overs and excuses what became of a duty is, and as of which day.
#[derive(Debug)]
pub(super) struct OwedOf {
    pub(super) extent: Extent,
    pub(super) books: Arc<Books>,
    pub(super) chunks: Chunks,
    pub(super) excuses: Arc<Vec<Step>>,
    pub(super) as_of: NaiveDate,
}

impl OwedOf {
    fn is(&self, other: &Self) -> bool {
        let mut chunks = self.chunks.iter().zip(&other.chunks);
        self.as_of == other.as_of
            && self.extent.is(&other.extent)
            && Arc::ptr_eq(&self.books, &other.books)
            && Arc::ptr_eq(&self.excuses, &other.excuses)
            && self.chunks.len() == other.chunks.len()
            && chunks.all(|(one, other)| Arc::ptr_eq(one, other))
    }
}

impl Targets {
    pub(super) fn is_of(&self, extent: &Extent, plans: &[(Arc<Plan>, Range<usize>)]) -> bool {
        type Own = (Arc<Plan>, Range<usize>);
        let same = |(one, other): (&Own, &Own)| Arc::ptr_eq(&one.0, &other.0) && one.1 == other.1;
        self.extent.is(extent)
            && self.plans.len() == plans.len()
            && self.plans.iter().zip(plans).all(same)
    }
}

impl Readings {
    fn all(&self) -> MutexGuard<'_, BTreeMap<usize, Reading>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn take(&self, view: usize) -> Option<Reading> {
        self.all().remove(&view)
    }

    pub(super) fn keep(&self, view: usize, reading: Reading) {
        self.all().insert(view, reading);
    }

    /// The targets of a view that were made last.
    pub(super) fn targets(&self, view: usize) -> Option<Targets> {
        let all = self.targets.lock();
        all.unwrap_or_else(PoisonError::into_inner)
            .get(&view)
            .cloned()
    }

    pub(super) fn keep_targets(&self, view: usize, targets: Targets) {
        let all = self.targets.lock();
        all.unwrap_or_else(PoisonError::into_inner)
            .insert(view, targets);
    }

    /// What became of a duty of the model, if it was worked out last of the same.
    pub(super) fn owed(&self, duty: usize, of: &OwedOf) -> Option<Owed> {
        let all = self.owed.lock();
        let all = all.unwrap_or_else(PoisonError::into_inner);
        let own = all.get(&duty).filter(|(known, _)| known.is(of));
        own.map(|(_, owed)| Arc::clone(owed))
    }

    pub(super) fn keep_owed(&self, duty: usize, of: OwedOf, owed: &Owed) {
        let all = self.owed.lock();
        all.unwrap_or_else(PoisonError::into_inner)
            .insert(duty, (of, Arc::clone(owed)));
    }

    /// Counts cells of leaves, single records, targets and what falls due that were read.
    pub(super) fn count(&self, cells: usize) {
        self.cells.fetch_add(cells as u64, Ordering::Relaxed);
    }

    pub(in crate::journal) fn cells(&self) -> u64 {
        self.cells.load(Ordering::Relaxed)
    }
}

/// What one view has read of counts and sums.
#[derive(Debug)]
pub(super) struct Reading {
    /// Of which structure, books and hand-overs, and as of which day.
    pub(super) extent: Extent,
    pub(super) books: Arc<Books>,
    pub(super) chunks: Chunks,
    pub(super) as_of: NaiveDate,
    pub(super) reader: Reader,
    pub(super) seating: Seating,
    /// By kind and seat, how many records stand.
    pub(super) standing: Vec<Vec<i64>>,
    /// The day after the last period.
    end: i32,
    /// By axis, whether nobody has a row.
    pub(super) is_used: Vec<bool>,
    /// What was not so by the as-of day, by leaf.
    later: Vec<(u32, Addend)>,
    /// How many rows and cells it was counted to have before it was made.
    pub(super) size: (u128, u128),
}

impl Reading {
    pub(super) fn new(
        (extent, seen): (Extent, Seen<'_>),
        books: &Arc<Books>,
        (reader, seating): (Reader, Seating),
        (is_used, size): (Vec<bool>, (u128, u128)),
        end: i32,
    ) -> Result<(Self, usize), MetricError> {
        let mut own = Self {
            extent,
            books: Arc::clone(books),
            chunks: seen.chunks.to_vec(),
            as_of: seen.as_of,
            reader,
            standing: seating.nobody(),
            end,
            seating,
            is_used,
            later: Vec::new(),
            size,
        };
        let mut count = 0;
        for (leaf, addends) in seen.books.folds().each() {
            for addend in addends {
                own.add(leaf, addend)?;
                count += 1;
            }
        }
        count += own.add_all(seen.chunks)?;
        Ok((own, count))
    }

    /// Whether what it has read is a part of what is seen now, by this structure and these books.
    pub(super) fn is_part_of(&self, extent: &Extent, books: &Arc<Books>, seen: Seen<'_>) -> bool {
        let known = seen.chunks.get(..self.chunks.len());
        Arc::ptr_eq(&self.books, books)
            && self.extent.is(extent)
            && known.is_some_and(|known| {
                let mut both = known.iter().zip(&self.chunks);
                both.all(|(one, other)| Arc::ptr_eq(one, other))
            })
    }

    /// Reads what came in since, and what has become so by a later day; returns how many cells it has read.
    pub(super) fn go_on(&mut self, seen: Seen<'_>) -> Result<usize, MetricError> {
        self.as_of = seen.as_of;
        let later = std::mem::take(&mut self.later);
        let mut count = 0;
        for (leaf, addend) in later {
            count += usize::from(self.is_so(&addend));
            self.add(leaf, addend)?;
        }
        let fresh = &seen.chunks[self.chunks.len()..];
        count += self.add_all(fresh)?;
        self.chunks.extend(fresh.iter().cloned());
        Ok(count)
    }

    fn add_all(&mut self, chunks: &[Arc<Chunk>]) -> Result<usize, MetricError> {
        let mut count = 0;
        for (leaf, addends) in chunks.iter().flat_map(|chunk| chunk.each()) {
            for addend in addends {
                self.add(leaf, *addend)?;
            }
            count += addends.len();
        }
        Ok(count)
    }

    /// Whether it is so by the as-of day, and in a window that has begun by then.
    fn is_so(&self, addend: &Addend) -> bool {
        addend.from.max(addend.day) <= self.as_of.num_days_from_ce()
    }

    fn add(&mut self, leaf: u32, addend: Addend) -> Result<(), MetricError> {
        if !self.is_so(&addend) {
            self.later.push((leaf, addend));
            return Ok(());
        }
        let Some((kind, seat)) = self.seating.seat(leaf, addend.on) else {
            return Ok(());
        };
        let is_counted = addend.lane == RECORDS && !self.seating.is_singly(kind);
        if is_counted && addend.day < self.end {
            self.standing[kind][seat] += addend.value;
        }
        self.reader.add(kind, seat, &addend)
    }
}
