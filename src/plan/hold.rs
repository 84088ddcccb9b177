//! Which amounts may not move: one bit for each node, stored only for levels where some bit is set.

use std::ops::Range;

/// One bit for each node of each level.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Marks {
    levels: Vec<Vec<u64>>,
}

impl Marks {
    pub(super) fn get(&self, level: usize, index: usize) -> bool {
        self.levels
            .get(level)
            .and_then(|words| words.get(index / 64))
            .is_some_and(|word| word >> (index % 64) & 1 == 1)
    }

    pub(super) fn set(&mut self, level: usize, index: usize, marked: bool) {
        if self.levels.len() <= level {
            self.levels.resize(level + 1, Vec::new());
        }
        let words = &mut self.levels[level];
        if words.len() <= index / 64 {
            if !marked {
                return;
            }
            words.resize(index / 64 + 1, 0);
        }
        let bit = 1 << (index % 64);
        if marked {
            words[index / 64] |= bit;
        } else {
            words[index / 64] &= !bit;
        }
    }

    /// Says whether some node of a level may be marked.
    pub(super) fn any(&self, level: usize) -> bool {
        self.levels
            .get(level)
            .is_some_and(|words| !words.is_empty())
    }

    /// Calls `each` with the place in the run of every marked node of a run.
    pub(super) fn for_each(&self, level: usize, run: Range<usize>, mut each: impl FnMut(usize)) {
        let Some(words) = self.levels.get(level).filter(|_| !run.is_empty()) else {
            return;
        };
        for word in run.start / 64..=(run.end - 1) / 64 {
            let mut bits = words.get(word).copied().unwrap_or(0);
            while bits != 0 {
                let index = word * 64 + bits.trailing_zeros() as usize;
                bits &= bits - 1;
                if run.contains(&index) {
                    each(index - run.start);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_come_back_in_order_within_a_run() {
        let mut marks = Marks::default();
        for index in [0, 63, 64, 65, 130, 200] {
            marks.set(2, index, true);
        }
        marks.set(2, 65, false);
        marks.set(2, 5000, false);
        let mut found = Vec::new();
        marks.for_each(2, 60..131, |place| found.push(place));
        assert_eq!(found, [3, 4, 70]);
        assert!(marks.get(2, 200) && !marks.get(2, 65) && !marks.get(1, 0));
        marks.for_each(0, 0..10, |_| panic!("nothing is marked"));
    }
}
