//! One rule over all subjects, going on by one period.

use super::super::columns::{BLOCK, Bits, Block, LANES};
use super::super::set::Rule;
use super::super::{Judge, WhenUnknown};
use super::cell::{Cell, NO_RECORD, Phase, Turn};
use super::flap::History;
use crate::key::Key;

/// One rule over all subjects.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Track {
    pub(super) rule: Key,
    pub(super) cells: Vec<Cell>,
    /// The latest alert of each subject.
    pub(super) records: Vec<u32>,
    /// The first day of each row of clear periods; kept only for rules that keep alerts for days.
    pub(super) turned: Vec<i32>,
    /// The cells that are not idle, as the blocks of columns count them.
    pub(super) active: Vec<Bits>,
    /// Kept only for rules that limit flapping.
    pub(super) flaps: Vec<Flap>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Flap {
    pub(super) history: History,
    pub(super) now: bool,
}

impl Track {
    pub(super) fn new(rule: Key, subjects: usize) -> Self {
        let active = vec![[0; LANES]; subjects.div_ceil(BLOCK)];
        Self {
            rule,
            cells: vec![Cell::default(); subjects],
            records: vec![NO_RECORD; subjects],
            turned: Vec::new(),
            active,
            flaps: Vec::new(),
        }
    }

    pub(super) fn mark(&mut self, subject: usize) {
        let (bits, bit) = (&mut self.active[subject / BLOCK], (subject % BLOCK) / LANES);
        let active = u64::from(self.cells[subject].phase != Phase::Idle);
        let word = &mut bits[subject % LANES];
        *word = (*word & !(1 << bit)) | (active << bit);
    }
}

/// One block of subjects going on by one period.
pub(super) struct Step<'r> {
    pub(super) rule: &'r Rule,
    pub(super) days: &'r [i32],
    pub(super) start: usize,
    pub(super) holds: Bits,
    pub(super) clear: Bits,
    pub(super) present: Bits,
}

impl Track {
    pub(super) fn step(&mut self, step: &Step<'_>, turns: &mut Vec<(usize, Turn)>) {
        let block = step.start / BLOCK;
        let active = self.active[block];
        let work: Bits =
            std::array::from_fn(|lane| (step.holds[lane] | active[lane]) & step.present[lane]);
        let any = work.iter().fold(0, |any, word| any | word);
        let (persistence, keep) = (step.rule.def.persistence, step.rule.def.life.keep);
        // Only severity by size can change while an alert goes on.
        let sized = step.rule.sized.is_some();
        let mut after = active;
        for row in (0..64).filter(|row| any >> row & 1 == 1) {
            for lane in 0..LANES {
                if work[lane] >> row & 1 == 0 {
                    continue;
                }
                let subject = step.start + row * LANES + lane;
                let cell = &mut self.cells[subject];
                let truth = (
                    step.holds[lane] >> row & 1 == 1,
                    step.clear[lane] >> row & 1 == 1,
                );
                let turn = cell.advance(
                    step.days,
                    truth,
                    (persistence, keep),
                    self.turned.get_mut(subject),
                );
                let bit = u64::from(cell.phase != Phase::Idle) << row;
                after[lane] = (after[lane] & !(1 << row)) | bit;
                if turn != Turn::None || (sized && cell.phase == Phase::Firing && truth.0) {
                    turns.push((subject, turn));
                }
            }
        }
        self.active[block] = after;
    }
}

impl Judge<'_> {
    /// Returns for whom a rule's condition holds and for whom what clears it does.
    pub(super) fn answers(
        &self,
        block: &mut Block<'_, '_>,
        rule: &Rule,
        period: usize,
        present: &Bits,
    ) -> (Bits, Bits) {
        let when = block.mask(&rule.when, period);
        let fires = rule.def.unknown == WhenUnknown::Fire;
        let mut holds: Bits =
            std::array::from_fn(|lane| when.yes[lane] | if fires { when.open[lane] } else { 0 });
        let mut clear: Bits = match &rule.clear {
            Some(clear) => block.mask(clear, period).yes,
            None => std::array::from_fn(|lane| !(when.yes[lane] | when.open[lane])),
        };
        if !rule.def.scope.is_everything() {
            // Whom the rule no longer concerns has nothing to answer for.
            let concerned = block.bits(|subject| self.concerns(rule, subject, period));
            for lane in 0..LANES {
                holds[lane] &= concerned[lane];
                clear[lane] |= !concerned[lane];
            }
        }
        for lane in 0..LANES {
            holds[lane] &= present[lane];
            clear[lane] &= present[lane];
        }
        (holds, clear)
    }
}
