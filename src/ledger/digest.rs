//! By what rows that were read once are known again: a number over their content that adds up over rows.
//!
//! A row's number depends on its place, so that the same records in another order are others. It is good against accidents
//! (a ledger built again in another order, with a late record in between, with fewer records), not against intent.

/// How many rows stand between two sums that are kept.
const STEP: usize = 1024;

/// Sums of the numbers of all rows before every [`STEP`]th one.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Sums(Vec<u64>);

impl Sums {
    /// The sum of the numbers of all rows before one. What is not kept yet, because the step is not full, is read.
    pub(super) fn before(&self, end: usize, number: impl Fn(usize) -> u64) -> u64 {
        let kept = (end / STEP).min(self.0.len());
        let start = kept.checked_sub(1).and_then(|last| self.0.get(last));
        let start = start.copied().unwrap_or(0);
        (kept * STEP..end).fold(start, |sum, row| sum.wrapping_add(number(row)))
    }

    /// Keeps the sums of the steps that are full with so many rows.
    pub(super) fn keep(&mut self, rows: usize, number: impl Fn(usize) -> u64) {
        while (self.0.len() + 1) * STEP <= rows {
            let sum = self.before((self.0.len() + 1) * STEP, &number);
            self.0.push(sum);
        }
    }
}

/// A number that every addition stirs: a step of splitmix64 (Steele, Lea and Flood, 2014).
pub(super) struct Mix(pub(super) u64);

impl Mix {
    pub(super) fn add(&mut self, more: u64) {
        let mut state = (self.0 ^ more).wrapping_add(0x9e37_79b9_7f4a_7c15);
        state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        self.0 = state ^ (state >> 31);
    }

    pub(super) fn text(&mut self, text: Option<&str>) {
        let Some(text) = text else {
            self.add(u64::MAX);
            return;
        };
        self.add(text.len() as u64);
        for bytes in text.as_bytes().chunks(8) {
            let mut word = [0; 8];
            word[..bytes.len()].copy_from_slice(bytes);
            self.add(u64::from_le_bytes(word));
        }
    }
}
