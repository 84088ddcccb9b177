//! Which entity was seen with which subject in which atom, and when it was seen first.
//!
//! Most entities belong to one subject: a customer has one salesperson. The first subject of each entity and its atoms
//! are kept in the entity's own place; the others go to one open-addressing table for all. Both are looked at once the
//! fold is over, never in an order that depends on it.

use super::filter::Mask;
use super::moment::{Clock, Moment, NEVER, cell_of};

/// The atoms in one word of presence.
pub(super) const WORD: u32 = 32;
const NOBODY: u32 = u32::MAX;

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
    pub(super) bits: &'a [Mask],
}

/// Buffers of a block, kept from block to block.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    short: Vec<u64>,
    long: Vec<Moment>,
    keys: Vec<u32>,
    masks: Vec<u32>,
    aside: Vec<u32>,
}

impl Presence {
    pub(super) fn new(clock: Clock, entities: usize, atoms: u32) -> Self {
        let slots = if clock.fits() {
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
    pub(super) fn see(&mut self, block: &Block<'_>, outside: u32, scratch: &mut Scratch) {
        if block.sequences.is_some() {
            self.lengthen();
        }
        let Scratch {
            short,
            long,
            keys,
            masks,
            aside,
        } = scratch;
        let (clock, words) = (self.clock, self.words);
        keys.clear();
        if words == 1 {
            keys.extend_from_slice(block.subjects);
        } else {
            let rows = block.subjects.iter().zip(block.atoms);
            keys.extend(rows.map(|(subject, atom)| subject * words + atom / WORD));
        }
        masks.clear();
        masks.extend(block.bits.iter().zip(block.atoms).map(|(bits, atom)| {
            let present = u32::from(*bits & 1) & u32::from(*atom != outside);
            present << (atom % WORD)
        }));
        let rows = block.days.iter().zip(block.cells).zip(block.bits);
        match &mut self.slots {
            Slots::Short(slots) => {
                short.clear();
                // What does not pass comes after all others: every bit is set.
                let short_of = |((day, cell), bits): ((&i32, &u32), &Mask), time: u32| {
                    clock.short(*day, time, *cell) | u64::from(*bits & 1).wrapping_sub(1)
                };
                match block.times {
                    Some(times) => {
                        short.extend(rows.zip(times).map(|(row, time)| short_of(row, *time)));
                    }
                    None => short.extend(rows.map(|row| short_of(row, 0))),
                }
                see(slots, block.entities, short, keys, masks, aside);
            }
            Slots::Long(slots) => {
                long.clear();
                for (at, ((day, cell), bits)) in rows.enumerate() {
                    let time = block.times.map_or(0, |times| times[at]);
                    let sequence = block.sequences.map_or(0, |sequences| sequences[at]);
                    let moment = clock.moment(*day, time, sequence, *cell);
                    long.push(moment | u128::from(*bits & 1).wrapping_sub(1));
                }
                see(slots, block.entities, long, keys, masks, aside);
            }
        }
        for at in aside.drain(..) {
            let at = at as usize;
            self.others.add(block.entities[at], keys[at], masks[at]);
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
        match (&mut self.slots, &other.slots) {
            (Slots::Short(slots), Slots::Short(more)) => {
                for (entity, more) in (0_u32..).zip(more) {
                    if let Some(own) = slots.get_mut(entity_of(entity) as usize) {
                        own.first = own.first.min(more.first);
                    }
                }
            }
            (Slots::Long(slots), _) => {
                for (entity, (_, first)) in (0_u32..).zip(other.firsts()) {
                    if let Some(own) = slots.get_mut(entity_of(entity) as usize) {
                        own.first = own.first.min(first);
                    }
                }
            }
            // Made long above.
            (Slots::Short(_), Slots::Long(_)) => {}
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

    pub(super) fn first(&self, entity: usize) -> Moment {
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

/// The loop over a block, without branches on the data: rows of entities that have another subject in their place are
/// put aside.
#[expect(
    clippy::needless_bitwise_bool,
    reason = "a branch on the data costs more than the operation"
)]
fn see<T: Copy + Ord>(
    slots: &mut [Slot<T>],
    entities: &[u32],
    moments: &[T],
    keys: &[u32],
    masks: &[u32],
    aside: &mut Vec<u32>,
) {
    // Asks for every place before any is changed: loads that wait for nothing overlap in memory.
    let mut all = 0;
    for entity in entities {
        all |= slots[*entity as usize].key;
    }
    std::hint::black_box(all);
    aside.resize(entities.len(), 0);
    let mut count = 0;
    let rows = entities
        .iter()
        .zip(moments)
        .zip(keys.iter().zip(masks))
        .zip(0_u32..);
    for (((entity, moment), (key, mask)), at) in rows {
        let slot = &mut slots[*entity as usize];
        slot.first = slot.first.min(*moment);
        let present = *mask != 0;
        slot.key = if (slot.key == NOBODY) & present {
            *key
        } else {
            slot.key
        };
        let mine = slot.key == *key;
        slot.mask |= if mine { *mask } else { 0 };
        aside[count] = at;
        count += usize::from(present & !mine);
    }
    aside.truncate(count);
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
