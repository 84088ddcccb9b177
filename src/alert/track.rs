//! One rule over all subjects, going on by one period.

use super::cell::{Cells, NO_RECORD, Needed};
use super::flap::History;
use crate::key::Key;
use crate::rule::{BLOCK, Bits, LANES};

/// One rule over all subjects.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Track {
    pub(super) rule: Key,
    pub(super) cells: Cells,
    /// The latest alert of each subject.
    pub(super) records: Vec<u32>,
    /// Kept only for rules that limit flapping.
    pub(super) flaps: Vec<Flap>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Flap {
    pub(super) history: History,
    pub(super) now: bool,
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
        let records = vec![NO_RECORD; subjects];
        Self {
            rule,
            cells: Cells::new(subjects),
            records,
            flaps: Vec::new(),
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
