//! Pieces: the days that a closed journal no longer tells apart.

use serde::{Deserialize, Serialize};

/// Which days are joined: those between two cuts of time, once they lie behind a day.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pieces<'a> {
    /// Ascending.
    pub(crate) cuts: &'a [i32],
    /// The last day that may be joined with others.
    pub(crate) through: i32,
}

impl Pieces<'_> {
    /// The first day of a joined piece and the day after its last one; nothing for a day that is one of its own.
    pub(crate) fn of(self, day: i32) -> Option<(i32, i32)> {
        let after = self.cuts.partition_point(|cut| *cut <= day);
        let end = *self.cuts.get(after)?;
        let start = after.checked_sub(1).map_or(i32::MIN, |at| self.cuts[at]);
        (end - 1 <= self.through).then_some((start, end))
    }

    /// The last day of the piece of a day: what all its days become.
    pub(crate) fn day(self, day: i32) -> i32 {
        self.of(day).map_or(day, |(_, end)| end - 1)
    }

    /// The same where a leaf has cuts of its own.
    pub(crate) fn own_day(self, own: &[i32], day: i32) -> i32 {
        let after = own.partition_point(|cut| *cut <= day);
        let last = self.of(day).map_or(day, |(_, end)| end - 1);
        own.get(after).map_or(last, |cut| last.min(cut - 1))
    }

    /// Where the piece of a day begins, joined or not: by that what was forgotten is known again.
    pub(crate) fn start(self, day: i32) -> i32 {
        let after = self.cuts.partition_point(|cut| *cut <= day);
        after.checked_sub(1).map_or(i32::MIN, |at| self.cuts[at])
    }

    /// The day after the last one of the piece that begins on a day.
    pub(crate) fn end(self, start: i32) -> i32 {
        let after = self.cuts.partition_point(|cut| *cut <= start);
        self.cuts.get(after).copied().unwrap_or(i32::MAX)
    }
}

/// A leaf and the beginning of a piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "(u32, i32)", into = "(u32, i32)")]
pub(crate) struct Spot {
    pub(crate) leaf: u32,
    pub(crate) start: i32,
}

impl From<(u32, i32)> for Spot {
    fn from((leaf, start): (u32, i32)) -> Self {
        Self { leaf, start }
    }
}

impl From<Spot> for (u32, i32) {
    fn from(own: Spot) -> Self {
        (own.leaf, own.start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_joined_between_cuts_once_all_of_them_lie_behind() {
        let pieces = Pieces {
            cuts: &[10, 20, 30],
            through: 25,
        };
        let days: Vec<i32> = [5, 9, 10, 19, 20, 25, 31]
            .map(|day| pieces.day(day))
            .to_vec();
        assert_eq!(days, [9, 9, 19, 19, 20, 25, 31]);
        assert_eq!(pieces.own_day(&[13, 22], 10), 12);
        assert_eq!(pieces.own_day(&[13, 22], 13), 19);
        assert_eq!(pieces.own_day(&[13, 22], 20), 20);
        assert_eq!((pieces.start(5), pieces.end(i32::MIN)), (i32::MIN, 10));
        assert_eq!((pieces.start(31), pieces.end(30)), (30, i32::MAX));
    }
}
