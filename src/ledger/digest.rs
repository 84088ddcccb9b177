//! By what rows that were read once are known again: a number over their content that adds up over rows.
//!
//! A row's number depends on its place, so that the same records in another order are others. It is good against accidents
//! (a ledger built again in another order, with a late record in between, with fewer records), not against intent.

use std::ops::Range;

use super::table::{Standing, Table};

/// How many rows stand between two sums that are kept.
const STEP: usize = 1024;

/// Sums of the numbers of all rows before every [`STEP`]th one.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Sums(Vec<u64>);

impl Table {
    /// Returns the sum of the numbers of these rows.
    pub(crate) fn digest(&self, rows: Range<usize>) -> u64 {
        self.digest_before(rows.end)
            .wrapping_sub(self.digest_before(rows.start))
    }

    fn digest_before(&self, end: usize) -> u64 {
        let end = end.min(self.len());
        // What is not kept yet, because the step is not full, is read.
        let kept = (end / STEP).min(self.sums.0.len());
        let start = kept
            .checked_sub(1)
            .and_then(|last| self.sums.0.get(last))
            .copied()
            .unwrap_or(0);
        (kept * STEP..end).fold(start, |sum, row| sum.wrapping_add(self.number(row)))
    }

    /// Keeps the sums of the steps that are full.
    pub(super) fn keep_sums(&mut self) {
        while (self.sums.0.len() + 1) * STEP <= self.len() {
            let end = (self.sums.0.len() + 1) * STEP;
            let sum = self.digest_before(end);
            self.sums.0.push(sum);
        }
    }

    /// Makes all sums anew, after amounts were replaced.
    pub(super) fn renew_sums(&mut self) {
        self.sums = Sums::default();
        self.keep_sums();
    }

    /// A number for what a row says. Whether it was reversed since is no part of it; what it reverses is.
    fn number(&self, row: usize) -> u64 {
        let mut own = Mix(row as u64);
        own.add(i64::from(self.days[row]).cast_unsigned());
        own.add(u64::from(self.time(row)));
        own.add(self.sequence(row));
        for column in &self.places {
            own.add(column[row].index() as u64);
        }
        for column in &self.amounts {
            own.add(column.units[row].cast_unsigned());
        }
        for column in &self.texts {
            own.text(column.value(column.codes[row]).map(|text| text.as_str()));
        }
        for column in &self.dates {
            own.add(i64::from(column[row]).cast_unsigned());
        }
        own.text(self.id(row).map(|id| id.as_str()));
        own.add(self.part(row) as u64);
        if self.standing(row) == Standing::Reversal {
            let original = u32::try_from(row)
                .ok()
                .and_then(|row| self.reversals.get(&row));
            own.add(original.map_or(0, |original| u64::from(*original) + 1));
        }
        own.0
    }
}

/// A number that every addition stirs: a step of splitmix64 (Steele, Lea and Flood, 2014).
struct Mix(u64);

impl Mix {
    fn add(&mut self, more: u64) {
        let mut state = (self.0 ^ more).wrapping_add(0x9e37_79b9_7f4a_7c15);
        state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        self.0 = state ^ (state >> 31);
    }

    fn text(&mut self, text: Option<&str>) {
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
