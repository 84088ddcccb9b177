//! One rule over all subjects, going on by one day that is told.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDate, NaiveDateTime};

use super::cell::{Cells, Needed, Part};
use super::flap::History;
use crate::key::Key;
use crate::rule::{BLOCK, Bits, LANES};

/// One rule over all subjects. What nothing is known of takes no memory.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Track {
    pub(super) rule: Key,
    /// Whether the rows of what is pending are of periods.
    pub(super) by_period: bool,
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

/// The latest alert of each subject that has one, by its number, block by block.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Latest {
    blocks: Vec<Numbers>,
}

/// The numbers of one block: a list in the order of the subjects while they are few, a place for each subject once they are
/// many. None is ever taken out, so that the same numbers always have the same form.
#[derive(Debug, Clone, PartialEq)]
enum Numbers {
    Few(Vec<(u16, u32)>),
    Many(Box<[u32; BLOCK]>),
}

/// Up to so many numbers are few: a longer list would be half as large as places for all.
const FEW: usize = BLOCK / 4;
/// Stands where a subject has no alert: so many would fill the memory long before.
const NOBODYS: u32 = u32::MAX;

impl Default for Numbers {
    fn default() -> Self {
        Self::Few(Vec::new())
    }
}

impl Numbers {
    fn get(&self, own: u16) -> Option<u32> {
        match self {
            Self::Few(list) => {
                if list.last().is_none_or(|last| last.0 < own) {
                    return None;
                }
                let at = list.binary_search_by_key(&own, |entry| entry.0).ok()?;
                Some(list[at].1)
            }
            Self::Many(all) => {
                let number = all.get(usize::from(own)).copied();
                number.filter(|number| *number != NOBODYS)
            }
        }
    }

    fn set(&mut self, own: u16, number: u32) {
        match self {
            Self::Few(list) => {
                // Alerts fire in the order of the subjects.
                if list.last().is_none_or(|last| last.0 < own) {
                    list.push((own, number));
                } else {
                    match list.binary_search_by_key(&own, |entry| entry.0) {
                        Ok(at) => list[at].1 = number,
                        Err(at) => list.insert(at, (own, number)),
                    }
                }
                if list.len() > FEW {
                    let mut all = Box::new([NOBODYS; BLOCK]);
                    for (own, number) in list {
                        all[usize::from(*own)] = *number;
                    }
                    *self = Self::Many(all);
                }
            }
            Self::Many(all) => {
                if let Some(place) = all.get_mut(usize::from(own)) {
                    *place = number;
                }
            }
        }
    }

    /// Returns the subjects that have an alert with its number, in their order.
    fn iter(&self) -> impl Iterator<Item = (usize, u32)> {
        let (list, all) = match self {
            Self::Few(list) => (list.as_slice(), [].as_slice()),
            Self::Many(all) => ([].as_slice(), all.as_slice()),
        };
        let places = all.iter().copied().enumerate();
        list.iter()
            .map(|(own, number)| (usize::from(*own), *number))
            .chain(places.filter(|(_, number)| *number != NOBODYS))
    }

    fn renumber(&mut self, number: impl Fn(u32) -> u32) {
        match self {
            Self::Few(list) => {
                for (_, own) in list {
                    *own = number(*own);
                }
            }
            Self::Many(all) => {
                for own in all.iter_mut().filter(|own| **own != NOBODYS) {
                    *own = number(*own);
                }
            }
        }
    }
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
        self.blocks.get(block)?.get(own)
    }

    pub(super) fn set(&mut self, subject: usize, number: u32) {
        let (block, own) = Self::place(subject);
        if self.blocks.len() <= block {
            self.blocks.resize_with(block + 1, Numbers::default);
        }
        self.blocks[block].set(own, number);
    }

    /// Returns the subjects with their alerts, in their order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (usize, u32)> {
        self.blocks.iter().enumerate().flat_map(|(block, numbers)| {
            numbers
                .iter()
                .map(move |(own, number)| (block * BLOCK + own, number))
        })
    }

    /// Gives every alert another number.
    pub(super) fn renumber(&mut self, number: impl Fn(u32) -> u32) {
        for numbers in &mut self.blocks {
            numbers.renumber(&number);
        }
    }
}

/// What is told: which period of a panel, on which day, at which time.
#[derive(Clone, Copy)]
pub(super) struct Told {
    pub(super) period: usize,
    pub(super) part: Part,
    pub(super) day: NaiveDate,
    pub(super) at: NaiveDateTime,
}

/// What a day did to a subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// It is to fire.
    Fires,
    /// Its alert has ended.
    Ended,
    /// Its alert goes on, and may have become graver.
    GoesOn,
    /// The rule cannot say, and could say when it was asked before.
    Undecided,
}

/// One block of subjects going on by one day that is told.
pub(super) struct Step {
    pub(super) block: usize,
    pub(super) holds: Bits,
    pub(super) clear: Bits,
    pub(super) needed: Needed,
    pub(super) part: Part,
    /// Whether alerts that go on are looked at.
    pub(super) sized: bool,
}

impl Track {
    pub(super) fn new(rule: Key, subjects: usize) -> Self {
        Self {
            rule,
            by_period: false,
            cells: Cells::new(subjects),
            latest: Latest::default(),
            flaps: None,
            undecided: BTreeSet::new(),
            began: BTreeMap::new(),
        }
    }

    /// Returns what is known here of subjects that have other places now, in a track of these places; those that have none any
    /// more are left out.
    pub(super) fn moved(&self, mut to: Self, places: &[Option<usize>]) -> Self {
        to.by_period = self.by_period;
        let place = |subject: usize| places.get(subject).copied().flatten();
        let own = |subject: u32| place(subject as usize).map(number);
        for subject in self.cells.all_moving() {
            if let Some(now) = place(subject) {
                let (firing, row) = self.cells.get(subject);
                to.cells.put(now, firing, row, self.cells.base(subject));
            }
        }
        for (subject, alert) in self.latest.iter() {
            if let Some(now) = place(subject) {
                to.latest.set(now, alert);
            }
        }
        let began = self.began.iter();
        to.began = began
            .filter_map(|(subject, day)| Some((own(*subject)?, *day)))
            .collect();
        let undecided = self.undecided.iter();
        to.undecided = undecided.filter_map(|subject| own(*subject)).collect();
        to.flaps = self.flaps.as_ref().map(|flaps| {
            let flaps = flaps.iter();
            flaps
                .filter_map(|(subject, flap)| Some((own(*subject)?, *flap)))
                .collect()
        });
        to
    }

    /// Returns the subjects of whom anything is known, in their order.
    pub(super) fn known(&self) -> BTreeSet<usize> {
        let flaps = self.flaps.iter().flatten();
        let flaps = flaps.map(|(subject, _)| *subject as usize);
        let latest = self.latest.iter().map(|(subject, _)| subject);
        self.cells.all_moving().chain(latest).chain(flaps).collect()
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

    /// Notes since when what began on this day, or in this period, has been so.
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
            if holds[own % LANES] >> (own / LANES) & 1 == 1 && self.cells.get(subject) == (false, 1)
            {
                match began(subject) {
                    Some(day) => _ = self.began.insert(number(subject), day),
                    None => _ = self.began.remove(&number(subject)),
                }
            }
        }
    }

    pub(super) fn step(&mut self, step: &Step, turns: &mut Vec<(usize, Turn)>) {
        let answers = (&step.holds, &step.clear);
        let (fires, ended) = self
            .cells
            .advance(step.block, answers, step.needed, step.part);
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Few and many: what is kept is what a map keeps, whatever the order.
        #[test]
        fn the_latest_alerts_are_those_of_a_map(
            set in prop::collection::vec((0_usize..3 * BLOCK, 0_u32..9_999), 0..2_000),
            above in 1_u32..9,
        ) {
            let (mut latest, mut plain) = (Latest::default(), BTreeMap::new());
            for (subject, number) in set {
                latest.set(subject, number);
                plain.insert(subject, number);
            }
            let mut ordered = Latest::default();
            for (subject, number) in &plain {
                ordered.set(*subject, *number);
            }
            prop_assert_eq!(&latest, &ordered);
            latest.renumber(|number| number + above);
            for subject in 0..=3 * BLOCK {
                let expected = plain.get(&subject).map(|number| number + above);
                prop_assert_eq!(latest.get(subject), expected);
            }
            let kept: Vec<_> = latest.iter().map(|(subject, number)| (subject, number - above)).collect();
            prop_assert_eq!(kept, plain.into_iter().collect::<Vec<_>>());
        }
    }
}
