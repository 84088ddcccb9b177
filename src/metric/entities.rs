//! Distinct, new, lost, back again: questions about the periods in which entities were seen.

use std::collections::BTreeMap;

use super::grid::Grid;
use super::metric::SeenBy;
use super::moment::cell_of;
use super::partial::Partial;
use super::parts::Question;
use super::presence::{Presence, WORD};
use super::program::Program;
use super::touch::Touch;

/// Counts by period and subject, laid out as a panel is.
pub(super) struct Tallied {
    pub(super) counts: Vec<i64>,
    subjects: usize,
}

impl Tallied {
    fn new(program: &Program) -> Self {
        let subjects = program.layout.subjects().len();
        Self {
            counts: vec![0; subjects * program.layout.periods().len()],
            subjects,
        }
    }

    /// Counts one, unless the subject is nobody's.
    fn add(&mut self, subject: usize, period: usize) {
        if subject < self.subjects {
            self.counts[period * self.subjects + subject] += 1;
        }
    }
}

impl Program {
    fn grid_of_presence(&self, part: usize) -> &Grid {
        &self.grids[self.parts.selections[self.parts.presences[part].selection].grid]
    }

    pub(super) fn distinct(&self, partial: &Partial, part: usize) -> Tallied {
        let (grid, presence) = (self.grid_of_presence(part), &partial.presences[part]);
        let mut tallied = Tallied::new(self);
        if presence.words() == 1 {
            let windows: Vec<u32> = grid.ranges.iter().map(|range| bits_of(*range)).collect();
            let (plain, before) = (grid.is_plain(), grid.before());
            presence.each(|entity, subject, mask| {
                if entity == 0 {
                    return;
                }
                if plain {
                    let mut left = mask >> before;
                    while left != 0 {
                        tallied.add(subject as usize, left.trailing_zeros() as usize);
                        left &= left - 1;
                    }
                } else {
                    for (period, window) in windows.iter().enumerate() {
                        if mask & window != 0 {
                            tallied.add(subject as usize, period);
                        }
                    }
                }
            });
            return tallied;
        }
        for_each_pair(presence, grid, SeenBy::Subject, |_, subject, atoms| {
            for (period, (from, to)) in grid.ranges.iter().enumerate() {
                if atoms[*from as usize..*to as usize].contains(&true) {
                    tallied.add(subject, period);
                }
            }
        });
        tallied
    }

    pub(super) fn fresh(&self, partial: &Partial, part: usize) -> Tallied {
        let grid = self.grid_of_presence(part);
        let width = grid.width();
        let mut tallied = Tallied::new(self);
        for cell in partial.presences[part].first_cells() {
            let (subject, atom) = (cell / width, cell % width);
            if let Some(period) = grid.period_of(atom) {
                tallied.add(subject as usize, period);
            }
        }
        tallied
    }

    /// Who is with a subject for the first time, but not for the first time of all.
    fn taken_over(&self, partial: &Partial, part: usize) -> Tallied {
        let (grid, presence) = (self.grid_of_presence(part), &partial.presences[part]);
        let (words, width) = (presence.words(), grid.width());
        let mut tallied = Tallied::new(self);
        let mut firsts: BTreeMap<(u32, u32), u32> = BTreeMap::new();
        let mut known = |entity: u32, subject: u32, atom: u32| {
            let first = cell_of(presence.first(entity as usize));
            if let Some(period) = grid
                .period_of(atom)
                .filter(|_| first != subject * width + atom)
            {
                tallied.add(subject as usize, period);
            }
        };
        presence.each(|entity, key, mask| {
            if entity == 0 || mask == 0 {
                return;
            }
            let (subject, atom) = (key / words, key % words * WORD + mask.trailing_zeros());
            if words == 1 {
                known(entity, subject, atom);
                return;
            }
            let first = firsts.entry((entity, subject)).or_insert(atom);
            *first = atom.min(*first);
        });
        for ((entity, subject), atom) in firsts {
            known(entity, subject, atom);
        }
        tallied
    }

    pub(super) fn asked(
        &self,
        partial: &Partial,
        part: usize,
        question: Question,
        scope: SeenBy,
        touches: usize,
    ) -> Tallied {
        let (grid, presence) = (self.grid_of_presence(part), &partial.presences[part]);
        let periods = self.layout.periods().len();
        if question == Question::TakenOver {
            return self.taken_over(partial, part);
        }
        let before = grid.before();
        let mut tallied = Tallied::new(self);
        match scope {
            SeenBy::Subject if presence.words() == 1 => presence.each(|entity, subject, mask| {
                if entity == 0 {
                    return;
                }
                let mut left = question.among(u64::from(mask), before + periods) >> before;
                while left != 0 {
                    tallied.add(subject as usize, left.trailing_zeros() as usize);
                    left &= left - 1;
                }
            }),
            SeenBy::Subject => {
                for_each_pair(presence, grid, scope, |_, subject, seen| {
                    for period in 0..periods {
                        if question.holds(seen, before + period) {
                            tallied.add(subject, period);
                        }
                    }
                });
            }
            SeenBy::Overall => {
                let sorted = &partial.touches[touches].sorted;
                for_each_pair(presence, grid, scope, |entity, _, seen| {
                    let start = sorted.partition_point(|touch| touch.entity < entity);
                    let end = sorted.partition_point(|touch| touch.entity <= entity);
                    let own = &sorted[start..end];
                    for period in 0..periods {
                        if question.holds(seen, before + period)
                            && let Some(subject) = question.credited(own, before + period)
                        {
                            tallied.add(subject as usize, period);
                        }
                    }
                });
            }
        }
        tallied
    }
}

impl Question {
    /// How many periods after its own a question looks at.
    pub(super) fn ahead(self) -> usize {
        match self {
            Self::Lost { absent_for, .. } => absent_for - 1,
            Self::Reactivated { .. }
            | Self::Retained
            | Self::Previous
            | Self::Dormant { .. }
            | Self::TakenOver => 0,
        }
    }

    /// Whether the answer is yes because somebody has not come, or a share of those who might still come: it is known only
    /// once the period is over.
    pub(super) fn asks_for_absence(self) -> bool {
        match self {
            Self::Lost { .. } | Self::Retained | Self::Dormant { .. } => true,
            Self::Reactivated { .. } | Self::Previous | Self::TakenOver => false,
        }
    }

    /// Says whether the answer for a period is yes, given the periods in which the entity was seen, those before the panel's
    /// among them. The list ends with the period that holds the as-of day; nothing was seen in those after it. Of what is
    /// taken over, that it is here for the first time: whether it was elsewhere before is asked apart.
    pub(super) fn holds(self, seen: &[bool], period: usize) -> bool {
        let any = |from: usize, to: usize| {
            seen[..to.min(seen.len())]
                .get(from..)
                .is_some_and(|some| some.contains(&true))
        };
        let at = |period: usize| any(period, period + 1);
        match self {
            Self::Lost {
                seen_within,
                absent_for,
            } => {
                any(period.saturating_sub(seen_within), period) && !any(period, period + absent_for)
            }
            Self::Reactivated { after } => {
                let silent = period.saturating_sub(after);
                at(period) && !any(silent, period) && any(0, silent)
            }
            Self::Retained => period > 0 && at(period - 1) && at(period),
            Self::Previous => period > 0 && at(period - 1),
            Self::TakenOver => at(period) && !any(0, period),
            Self::Dormant { periods } => {
                let silent = (period + 1).saturating_sub(periods);
                !any(silent, period + 1) && any(0, silent)
            }
        }
    }

    /// The same for all periods at once, one bit each; at most 64 periods.
    fn among(self, seen: u64, periods: usize) -> u64 {
        let all = if periods >= 64 {
            u64::MAX
        } else {
            (1 << periods) - 1
        };
        // The periods that have a sighting among so many just before them.
        let before =
            |count: usize| (1..=count.min(63)).fold(0, |found, shift| found | seen << shift);
        let found = match self {
            Self::Lost {
                seen_within,
                absent_for,
            } => {
                let ahead = (0..absent_for.min(64)).fold(0, |found, shift| found | seen >> shift);
                before(seen_within) & !ahead
            }
            Self::Reactivated { after } => seen & !before(after) & before(63),
            Self::Retained => seen & seen << 1,
            Self::Previous => seen << 1,
            Self::TakenOver => seen & !before(63),
            Self::Dormant { periods } => before(63) & !(seen | before(periods - 1)),
        };
        found & all
    }

    /// The subject of the record that is credited: the last one before the period, or the first one in it.
    fn credited(self, own: &[Touch], period: usize) -> Option<u32> {
        let place = own.partition_point(|touch| (touch.atom as usize) < period);
        match self {
            Self::Reactivated { .. } | Self::TakenOver => {
                own.get(place).map(|touch| cell_of(touch.first))
            }
            Self::Lost { .. } | Self::Retained | Self::Previous | Self::Dormant { .. } => {
                place.checked_sub(1).map(|last| cell_of(own[last].last))
            }
        }
    }
}

/// The bits of the atoms of a window, among at most 32.
fn bits_of((from, to): (u32, u32)) -> u32 {
    let below = |atom: u32| {
        if atom >= WORD {
            u32::MAX
        } else {
            (1 << atom) - 1
        }
    };
    below(to) & !below(from)
}

/// Calls `found` with (entity, subject, atoms in which it was seen), for every pair, or for every entity over all
/// subjects, in order.
fn for_each_pair(
    presence: &Presence,
    grid: &Grid,
    scope: SeenBy,
    mut found: impl FnMut(u32, usize, &[bool]),
) {
    let words = presence.words();
    let mut pairs: BTreeMap<(u32, u32), Vec<bool>> = BTreeMap::new();
    let mut open: Option<(u32, u32)> = None;
    let atoms = grid.atoms() as usize;
    for (entity, key, mask) in presence.written() {
        if entity == 0 {
            continue;
        }
        let subject = if scope == SeenBy::Overall {
            0
        } else {
            key / words
        };
        if let Some(last) = open.filter(|last| *last != (entity, subject))
            && let Some(seen) = pairs.remove(&last)
        {
            found(last.0, last.1 as usize, &seen);
        }
        open = Some((entity, subject));
        let seen = pairs
            .entry((entity, subject))
            .or_insert_with(|| vec![false; atoms]);
        for bit in 0..WORD {
            let atom = (key % words * WORD + bit) as usize;
            if mask >> bit & 1 == 1 && atom < atoms {
                seen[atom] = true;
            }
        }
    }
    for ((entity, subject), seen) in pairs {
        found(entity, subject as usize, &seen);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn all_periods_at_once_say_what_each_says(seen: u64, periods in 1_usize..=64, count in 1_usize..=9, ahead in 1_usize..=4) {
            let seen = if periods == 64 { seen } else { seen & ((1 << periods) - 1) };
            let flags: Vec<bool> = (0..periods).map(|period| seen >> period & 1 == 1).collect();
            for question in [
                Question::Lost { seen_within: count, absent_for: ahead },
                Question::Reactivated { after: count },
                Question::Retained,
                Question::Previous,
                Question::Dormant { periods: count },
                Question::TakenOver,
            ] {
                let at_once = question.among(seen, periods);
                let last = flags.iter().rposition(|flag| *flag).map_or(0, |last| last + 1);
                for period in 0..periods {
                    prop_assert_eq!(at_once >> period & 1 == 1, question.holds(&flags, period), "{:?} {}", question, period);
                    // Periods after the as-of day have no place in the list.
                    prop_assert_eq!(question.holds(&flags[..last], period), question.holds(&flags, period));
                }
            }
        }
    }
}
