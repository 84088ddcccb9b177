//! One rule over all subjects, going on by one period.

use std::collections::{BTreeMap, BTreeSet};

use super::cell::{Cells, Needed};
use super::flap::History;
use crate::key::Key;
use crate::rule::{BLOCK, Bits, LANES};

/// One rule over all subjects. What nothing is known of takes no memory.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Track {
    pub(super) rule: Key,
    pub(super) cells: Cells,
    /// The latest alert of each subject.
    pub(super) latest: Latest,
    /// Kept only for rules that limit flapping: who was firing in any of the last periods.
    pub(super) flaps: Option<BTreeMap<u32, Flap>>,
    /// Of whom it was told that the rule cannot say.
    pub(super) undecided: BTreeSet<u32>,
    /// The first days of what is pending, where the condition began before its row: it asks for several periods itself.
    pub(super) began: BTreeMap<u32, i32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Flap {
    pub(super) history: History,
    pub(super) now: bool,
}

/// The latest alert of each subject that has one, by its number: for each block a list in the order of the subjects.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Latest {
    blocks: Vec<Vec<(u16, u32)>>,
}

impl Latest {
    fn place(subject: usize) -> (usize, u16) {
        // A block is far smaller than 2^16.
        (
            subject / BLOCK,
            u16::try_from(subject % BLOCK).unwrap_or(u16::MAX),
        )
    }

    pub(super) fn get(&self, subject: usize) -> Option<u32> {
        let (block, own) = Self::place(subject);
        let list = self.blocks.get(block)?;
        if list.last().is_none_or(|last| last.0 < own) {
            return None;
        }
        let at = list.binary_search_by_key(&own, |entry| entry.0).ok()?;
        Some(list[at].1)
    }

    pub(super) fn set(&mut self, subject: usize, number: u32) {
        let (block, own) = Self::place(subject);
        if self.blocks.len() <= block {
            self.blocks.resize(block + 1, Vec::new());
        }
        let list = &mut self.blocks[block];
        // Alerts fire in the order of the subjects.
        if list.last().is_none_or(|last| last.0 < own) {
            list.push((own, number));
            return;
        }
        match list.binary_search_by_key(&own, |entry| entry.0) {
            Ok(at) => list[at].1 = number,
            Err(at) => list.insert(at, (own, number)),
        }
    }

    /// Returns the subjects with their alerts, in their order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (usize, u32)> {
        self.blocks.iter().enumerate().flat_map(|(block, list)| {
            let subject = move |own: u16| block * BLOCK + usize::from(own);
            list.iter()
                .map(move |(own, number)| (subject(*own), *number))
        })
    }

    /// Gives every alert another number.
    pub(super) fn renumber(&mut self, number: impl Fn(u32) -> u32) {
        for (_, own) in self.blocks.iter_mut().flatten() {
            *own = number(*own);
        }
    }
}

/// What a period did to a subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// It is to fire.
    Fires,
    /// Its alert has ended.
    Ended,
    /// Its alert goes on, and may have become graver.
    GoesOn,
    /// The rule cannot say, and could say in the period before.
    Undecided,
}

/// One block of subjects going on by one period.
pub(super) struct Step {
    pub(super) block: usize,
    pub(super) holds: Bits,
    pub(super) clear: Bits,
    pub(super) needed: Needed,
    /// Whether alerts that go on are looked at.
    pub(super) sized: bool,
}

impl Track {
    pub(super) fn new(rule: Key, subjects: usize) -> Self {
        Self {
            rule,
            cells: Cells::new(subjects),
            latest: Latest::default(),
            flaps: None,
            undecided: BTreeSet::new(),
            began: BTreeMap::new(),
        }
    }

    /// Notes of whom the rule cannot say, and adds those of whom it is to be told.
    pub(super) fn cannot_say(
        &mut self,
        block: usize,
        unknown: &Bits,
        turns: &mut Vec<(usize, Turn)>,
    ) {
        let (start, end) = (number(block * BLOCK), number((block + 1) * BLOCK));
        let so = |subject: &u32| {
            let own = *subject as usize % BLOCK;
            unknown[own % LANES] >> (own / LANES) & 1 == 1
        };
        let over: Vec<u32> = self.undecided.range(start..end).copied().collect();
        for subject in over.iter().filter(|subject| !so(subject)) {
            self.undecided.remove(subject);
        }
        for subject in (start..end).filter(so) {
            if self.undecided.insert(subject) {
                turns.push((subject as usize, Turn::Undecided));
            }
        }
    }

    /// Notes since when what began in this period has been so.
    pub(super) fn note_beginnings(
        &mut self,
        block: usize,
        holds: &Bits,
        began: impl Fn(usize) -> Option<i32>,
    ) {
        let (start, end) = (block * BLOCK, (block + 1) * BLOCK);
        let known: Vec<u32> = self
            .began
            .range(number(start)..number(end))
            .map(|(subject, _)| *subject)
            .collect();
        for subject in known {
            if matches!(self.cells.get(subject as usize), (true, _) | (false, 0)) {
                self.began.remove(&subject);
            }
        }
        for subject in start..end {
            let own = subject - start;
            if holds[own % LANES] >> (own / LANES) & 1 == 1
                && self.cells.get(subject) == (false, 1)
                && let Some(day) = began(subject)
            {
                self.began.insert(number(subject), day);
            }
        }
    }

    pub(super) fn step(&mut self, step: &Step, turns: &mut Vec<(usize, Turn)>) {
        let (fires, ended) = self
            .cells
            .advance(step.block, &step.holds, &step.clear, step.needed);
        let mut goes_on = [0; LANES];
        if step.sized {
            let firing = self.cells.firing(step.block);
            goes_on = std::array::from_fn(|lane| firing[lane] & step.holds[lane]);
        }
        let any = (0..LANES).fold(0, |any, lane| {
            any | fires[lane] | ended[lane] | goes_on[lane]
        });
        for row in (0..64).filter(|row| any >> row & 1 == 1) {
            for lane in 0..LANES {
                let turn = if fires[lane] >> row & 1 == 1 {
                    Turn::Fires
                } else if ended[lane] >> row & 1 == 1 {
                    Turn::Ended
                } else if goes_on[lane] >> row & 1 == 1 {
                    Turn::GoesOn
                } else {
                    continue;
                };
                turns.push((step.block * BLOCK + row * LANES + lane, turn));
            }
        }
    }
}

/// Returns a subject as the number under which something is kept of it; there are fewer subjects than 2^32.
pub(super) fn number(subject: usize) -> u32 {
    u32::try_from(subject).unwrap_or(u32::MAX)
}
