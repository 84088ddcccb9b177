//! Which entity was seen with which subject in which atom, and when it was seen first.
//!
//! Most entities belong to one subject: a customer has one salesperson. The first subject of each entity and its atoms
//! are kept in the entity's own place; the others go to one open-addressing table for all. Both are looked at once the
//! fold is over, never in an order that depends on it.

use chrono::Datelike;

use super::sample::Step;
use crate::calendar::DayRange;

/// The atoms in one word of presence.
pub(super) const WORD: u32 = 32;
const NOBODY: u32 = u32::MAX;

/// An order of records in time that also names a cell: the day, the time of the day, the sequence number, the cell.
pub(super) type Moment = u128;

/// How a moment is put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Clock {
    /// The number of the first day.
    origin: i32,
    /// The bits that a cell needs.
    cell_bits: u32,
    /// Whether day, time and cell fit 64 bits together.
    fits: bool,
}

const DAY_BITS: u32 = 22;
const TIME_BITS: u32 = 27;
const SEQUENCE_BITS: u32 = 47;
const CELL_BITS: u32 = 32;
/// The moment after all others.
const NEVER: u64 = u64::MAX;

impl Clock {
    /// For days of a ledger's span.
    pub(super) fn within(span: DayRange, cells: u64) -> Self {
        Self::new(span.start().num_days_from_ce(), span.days(), cells)
    }

    /// For any days.
    pub(super) fn any(cells: u64) -> Self {
        Self::new(0, (1 << DAY_BITS) - 1, cells)
    }

    fn new(origin: i32, days: u32, cells: u64) -> Self {
        let cell_bits = u64::BITS - cells.leading_zeros();
        let day_bits = u32::BITS - days.leading_zeros();
        Self {
            origin,
            cell_bits,
            fits: day_bits + TIME_BITS + cell_bits < u64::BITS,
        }
    }

    fn day(self, day: i32) -> u32 {
        u32::try_from(day.saturating_sub(self.origin)).unwrap_or(0)
    }

    pub(super) fn moment(self, day: i32, time: u32, sequence: u64, cell: u32) -> Moment {
        let day = u128::from(self.day(day)) << TIME_BITS | u128::from(time);
        (day << SEQUENCE_BITS | u128::from(sequence)) << CELL_BITS | u128::from(cell)
    }

    fn widened(self, short: u64) -> Moment {
        if short == NEVER {
            return Moment::MAX;
        }
        let cell = short & ((1 << self.cell_bits) - 1);
        (u128::from(short >> self.cell_bits) << SEQUENCE_BITS) << CELL_BITS | u128::from(cell)
    }
}

/// The cell of a moment.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the cell is in the lowest 32 bits"
)]
pub(super) fn cell_of(moment: Moment) -> u32 {
    moment as u32
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Slot<T> {
    first: T,
    /// Subject times words plus word.
    key: u32,
    mask: u32,
}

#[derive(Debug, Clone, PartialEq)]
enum Slots {
    /// Moments of day, time and cell.
    Short(Vec<Slot<u64>>),
    /// Moments with a sequence number, or whose parts do not fit.
    Long(Vec<Slot<Moment>>),
}

#[derive(Debug, Clone)]
pub(super) struct Presence {
    clock: Clock,
    words: u32,
    slots: Slots,
    others: Others,
}

/// The rows of a block, resolved.
pub(super) struct Block<'a> {
    pub(super) entities: &'a [u32],
    pub(super) subjects: &'a [u32],
    pub(super) atoms: &'a [u32],
    pub(super) cells: &'a [u32],
    pub(super) days: &'a [i32],
    pub(super) times: Option<&'a [u32]>,
    pub(super) sequences: Option<&'a [u64]>,
    /// Bit 0 says whether the row passes the filter.
    pub(super) bits: &'a [u8],
}

impl Presence {
    pub(super) fn new(clock: Clock, entities: usize, atoms: u32) -> Self {
        let slots = if clock.fits {
            Slots::Short(vec![
                Slot {
                    first: NEVER,
                    key: NOBODY,
                    mask: 0
                };
                entities
            ])
        } else {
            Slots::Long(vec![
                Slot {
                    first: Moment::MAX,
                    key: NOBODY,
                    mask: 0
                };
                entities
            ])
        };
        Self {
            clock,
            words: atoms.div_ceil(WORD).max(1),
            slots,
            others: Others::new(),
        }
    }

    pub(super) fn words(&self) -> u32 {
        self.words
    }

    pub(super) fn grow(&mut self, entities: usize) {
        match &mut self.slots {
            Slots::Short(slots) if slots.len() < entities => {
                slots.resize(
                    entities,
                    Slot {
                        first: NEVER,
                        key: NOBODY,
                        mask: 0,
                    },
                );
            }
            Slots::Long(slots) if slots.len() < entities => {
                slots.resize(
                    entities,
                    Slot {
                        first: Moment::MAX,
                        key: NOBODY,
                        mask: 0,
                    },
                );
            }
            Slots::Short(_) | Slots::Long(_) => {}
        }
    }

    fn lengthen(&mut self) {
        if let Slots::Short(slots) = &self.slots {
            let long = slots.iter().map(|slot| Slot {
                first: self.clock.widened(slot.first),
                key: slot.key,
                mask: slot.mask,
            });
            self.slots = Slots::Long(long.collect());
        }
    }

    /// Sees the rows of a block; those outside the periods count only for the first time of all.
    pub(super) fn see(
        &mut self,
        block: &Block<'_>,
        outside: u32,
        aside: &mut Vec<(u32, u32, u32)>,
    ) {
        if block.sequences.is_some() {
            self.lengthen();
        }
        let clock = self.clock;
        let words = self.words;
        match &mut self.slots {
            Slots::Short(slots) => {
                let first = |at: usize| {
                    let day = u64::from(clock.day(block.days[at])) << TIME_BITS;
                    let time = block.times.map_or(0, |times| u64::from(times[at]));
                    (day | time) << clock.cell_bits | u64::from(block.cells[at])
                };
                see(slots, block, outside, words, NEVER, first, aside);
            }
            Slots::Long(slots) => {
                let first = |at: usize| {
                    let time = block.times.map_or(0, |times| times[at]);
                    let sequence = block.sequences.map_or(0, |sequences| sequences[at]);
                    clock.moment(block.days[at], time, sequence, block.cells[at])
                };
                see(slots, block, outside, words, Moment::MAX, first, aside);
            }
        }
        for (entity, key, mask) in aside.drain(..) {
            self.others.add(entity, key, mask);
        }
    }

    fn put(&mut self, entity: u32, key: u32, mask: u32) {
        let slot = match &mut self.slots {
            Slots::Short(slots) => slots
                .get_mut(entity as usize)
                .map(|slot| (&mut slot.key, &mut slot.mask)),
            Slots::Long(slots) => slots
                .get_mut(entity as usize)
                .map(|slot| (&mut slot.key, &mut slot.mask)),
        };
        match slot {
            Some((own, known)) if *own == key || *own == NOBODY => {
                *own = key;
                *known |= mask;
            }
            Some(_) => self.others.add(entity, key, mask),
            None => {}
        }
    }

    pub(super) fn merge(&mut self, other: &Self, entity_of: impl Fn(u32) -> u32) {
        if matches!(other.slots, Slots::Long(_)) {
            self.lengthen();
        }
        for (entity, first) in (0_u32..).zip(other.firsts()) {
            let entity = entity_of(entity) as usize;
            match &mut self.slots {
                // The other is short too; its moment fits as it stands.
                Slots::Short(slots) => {
                    if let Slots::Short(more) = &other.slots
                        && let (Some(own), Some(more)) = (slots.get_mut(entity), more.get(first.0))
                    {
                        own.first = own.first.min(more.first);
                    }
                }
                Slots::Long(slots) => {
                    if let Some(own) = slots.get_mut(entity) {
                        own.first = own.first.min(first.1);
                    }
                }
            }
        }
        other.each(|entity, key, mask| self.put(entity_of(entity), key, mask));
    }

    /// The place and first moment of every entity; the last moment of all for those never seen.
    fn firsts(&self) -> impl Iterator<Item = (usize, Moment)> + '_ {
        let count = match &self.slots {
            Slots::Short(slots) => slots.len(),
            Slots::Long(slots) => slots.len(),
        };
        (0..count).map(|at| (at, self.first(at)))
    }

    fn first(&self, entity: usize) -> Moment {
        match &self.slots {
            Slots::Short(slots) => self.clock.widened(slots[entity].first),
            Slots::Long(slots) => slots[entity].first,
        }
    }

    /// The first cells of all entities but the one that stands for none.
    pub(super) fn first_cells(&self) -> impl Iterator<Item = u32> + '_ {
        self.firsts()
            .skip(1)
            .filter(|(_, first)| *first != Moment::MAX)
            .map(|(_, first)| cell_of(first))
    }

    /// The moments at which entities were first seen, as (entity, moment).
    pub(super) fn written_firsts(&self) -> Vec<(u32, Moment)> {
        (0_u32..)
            .zip(self.firsts())
            .filter(|(_, (_, first))| *first != Moment::MAX)
            .map(|(entity, (_, first))| (entity, first))
            .collect()
    }

    /// All presence as (entity, key, mask), in an order that depends on nothing but what was seen.
    pub(super) fn written(&self) -> Vec<(u32, u32, u32)> {
        let mut all = Vec::new();
        self.each(|entity, key, mask| {
            if mask != 0 {
                all.push((entity, key, mask));
            }
        });
        all.sort_unstable();
        all
    }

    pub(super) fn restore(&mut self, firsts: &[(u32, Moment)], seen: &[(u32, u32, u32)]) {
        self.lengthen();
        if let Slots::Long(slots) = &mut self.slots {
            for (entity, first) in firsts {
                if let Some(slot) = slots.get_mut(*entity as usize) {
                    slot.first = *first;
                }
            }
        }
        for (entity, key, mask) in seen {
            self.put(*entity, *key, *mask);
        }
    }

    /// Calls `found` with every (entity, key, mask), in no stated order, each pair of entity and key once.
    pub(super) fn each(&self, mut found: impl FnMut(u32, u32, u32)) {
        let mut slot = |entity, key, mask| {
            if key != NOBODY {
                found(entity, key, mask);
            }
        };
        match &self.slots {
            Slots::Short(slots) => {
                (0_u32..)
                    .zip(slots)
                    .for_each(|(entity, own)| slot(entity, own.key, own.mask));
            }
            Slots::Long(slots) => {
                (0_u32..)
                    .zip(slots)
                    .for_each(|(entity, own)| slot(entity, own.key, own.mask));
            }
        }
        self.others.each(found);
    }
}

impl PartialEq for Presence {
    fn eq(&self, other: &Self) -> bool {
        self.written_firsts() == other.written_firsts() && self.written() == other.written()
    }
}

#[expect(
    clippy::needless_bitwise_bool,
    reason = "a branch on the data costs more than the operation"
)]
fn see<T: Copy + Ord>(
    slots: &mut [Slot<T>],
    block: &Block<'_>,
    outside: u32,
    words: u32,
    never: T,
    first: impl Fn(usize) -> T,
    aside: &mut Vec<(u32, u32, u32)>,
) {
    for at in 0..block.entities.len() {
        let (entity, atom) = (block.entities[at], block.atoms[at]);
        let passes = block.bits[at] & 1 == 1;
        let slot = &mut slots[entity as usize];
        let moment = if passes { first(at) } else { never };
        slot.first = slot.first.min(moment);
        let present = passes & (atom != outside);
        let key = block.subjects[at] * words + if words == 1 { 0 } else { atom / WORD };
        let fresh = present & (slot.key == NOBODY);
        slot.key = if fresh { key } else { slot.key };
        let mine = slot.key == key;
        let bit = u32::from(present) << (atom % WORD);
        slot.mask |= if mine { bit } else { 0 };
        if present & !mine {
            aside.push((entity, key, bit));
        }
    }
}

/// (entity, key) to mask, by open addressing.
#[derive(Debug, Clone)]
struct Others {
    keys: Vec<u64>,
    masks: Vec<u32>,
    used: usize,
}

const FREE: u64 = u64::MAX;

impl Others {
    fn new() -> Self {
        Self {
            keys: vec![FREE; 1 << 6],
            masks: vec![0; 1 << 6],
            used: 0,
        }
    }

    fn add(&mut self, entity: u32, key: u32, mask: u32) {
        let wanted = u64::from(entity) << 32 | u64::from(key);
        let last = self.keys.len() - 1;
        // The upper half of the product depends on every bit of the key.
        let spread = wanted.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
        let mut at = usize::try_from(spread).unwrap_or(0) & last;
        loop {
            if self.keys[at] == wanted {
                self.masks[at] |= mask;
                return;
            }
            if self.keys[at] == FREE {
                self.keys[at] = wanted;
                self.masks[at] = mask;
                self.used += 1;
                if self.used * 2 > self.keys.len() {
                    self.double();
                }
                return;
            }
            at = (at + 1) & last;
        }
    }

    #[cold]
    fn double(&mut self) {
        let size = self.keys.len() * 2;
        let keys = std::mem::replace(&mut self.keys, vec![FREE; size]);
        let masks = std::mem::replace(&mut self.masks, vec![0; size]);
        self.used = 0;
        for (key, mask) in keys.into_iter().zip(masks) {
            if key != FREE {
                let (entity, key) = halves(key);
                self.add(entity, key, mask);
            }
        }
    }

    fn each(&self, mut found: impl FnMut(u32, u32, u32)) {
        for (key, mask) in self.keys.iter().zip(&self.masks) {
            if *key != FREE {
                let (entity, key) = halves(*key);
                found(entity, key, *mask);
            }
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "each half has 32 bits")]
fn halves(key: u64) -> (u32, u32) {
    ((key >> 32) as u32, key as u32)
}

/// The first and last moment of an entity in an atom, with the subject in the place of the cell.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Touches {
    /// Sorted by entity and atom.
    pub(super) sorted: Vec<Touch>,
    fresh: Vec<Touch>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Touch {
    pub(super) entity: u32,
    pub(super) atom: u32,
    pub(super) first: Moment,
    pub(super) last: Moment,
}

impl Touches {
    pub(super) fn add(&mut self, entity: u32, atom: u32, moment: Moment) {
        self.fresh.push(Touch {
            entity,
            atom,
            first: moment,
            last: moment,
        });
        // Gathered moments are folded together now and then, so that memory follows entities and not records.
        if self.fresh.len() >= 1 << 16 && self.fresh.len() >= self.sorted.len() {
            self.settle();
        }
    }

    pub(super) fn settle(&mut self) {
        self.sorted.append(&mut self.fresh);
        self.sorted
            .sort_unstable_by_key(|touch| (touch.entity, touch.atom));
        self.sorted.dedup_by(|next, kept| {
            let same = (next.entity, next.atom) == (kept.entity, kept.atom);
            if same {
                kept.first = kept.first.min(next.first);
                kept.last = kept.last.max(next.last);
            }
            same
        });
    }

    pub(super) fn merge(&mut self, other: &Self, entity_of: impl Fn(u32) -> u32) {
        self.sorted.extend(other.sorted.iter().map(|touch| Touch {
            entity: entity_of(touch.entity),
            ..*touch
        }));
        self.settle();
    }
}

/// Steps of one entity and subject, in order.
pub(super) fn runs(steps: &[Step]) -> impl Iterator<Item = &[Step]> {
    steps.chunk_by(|left, right| (left.entity, left.subject) == (right.entity, right.subject))
}
