//! Where a rule stands with each subject: the small part of an alert's life that every period goes through.
//!
//! A subject is idle, pending or firing, and has a row behind it: of true ones while it is not firing, of clear ones while it is.
//! What lasts so many periods is counted in periods, each of which is what it was last told to be; everything else in what was
//! told, day by day. Rows are counted in planes of bits, the lowest first, so that a whole block of subjects goes on in a few
//! steps; only the few for whom something turns are looked at one by one.

use super::telling::{LONGEST, Tellings};
use crate::rule::{BLOCK, Bits, LANES};
use crate::rule::{Keep, Persistence};

/// How many planes a row is counted in, up to the longest.
const PLANES: usize = 16;

/// Blocks of subjects of whom none is pending or firing take no memory.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Cells {
    blocks: Vec<Option<Box<Stand>>>,
}

/// Where the subjects of one block stand: at least one of them is pending or firing.
#[derive(Debug, Clone, Default, PartialEq)]
struct Stand {
    firing: Bits,
    /// The planes in use; the highest is not empty.
    rows: Vec<Bits>,
    /// The rows at the end of the period before, while a period runs and is told again.
    base: Vec<Bits>,
}

impl Stand {
    /// Takes out planes that are empty; says whether anything is left.
    fn trim(&mut self) -> bool {
        for planes in [&mut self.rows, &mut self.base] {
            while planes.last().is_some_and(none) {
                planes.pop();
            }
        }
        !self.rows.is_empty() || !self.base.is_empty() || !none(&self.firing)
    }
}

impl Stand {
    /// Makes the rows those from which a telling goes on: of a period that was told before, rows of periods go on from where the
    /// period before left them.
    fn begin(&mut self, needed: Needed, part: Part) {
        let (fire, end) = needed.by_period;
        if !(fire || end) {
            return;
        }
        if part.opens {
            if part.runs {
                self.base.clone_from(&self.rows);
            }
            return;
        }
        if self.rows.len() < self.base.len() {
            self.rows.resize(self.base.len(), [0; LANES]);
        }
        let word = |so: bool| if so { u64::MAX } else { 0 };
        for (plane, bits) in self.rows.iter_mut().enumerate() {
            let base = self.base.get(plane).copied().unwrap_or_default();
            for lane in 0..LANES {
                let firing = self.firing[lane];
                let again = (firing & word(end)) | (!firing & word(fire));
                bits[lane] = (bits[lane] & !again) | (base[lane] & again);
            }
        }
    }
}

/// The number of a subject in planes of bits.
fn count(planes: &[Bits], set: impl Fn(&Bits) -> bool) -> u16 {
    let planes = planes.iter().rev();
    planes.fold(0, |row, bits| (row << 1) | u16::from(set(bits)))
}

fn none(bits: &Bits) -> bool {
    bits.iter().fold(0, |any, word| any | word) == 0
}

/// How long rows must be for something to turn, when one day is told; too long ones never are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Needed {
    fire: usize,
    end: usize,
    /// Whether rows that fire are counted in periods, and those that end.
    by_period: (bool, bool),
}

impl Needed {
    /// Returns what is needed in the last of these tellings.
    pub(super) fn new(persistence: Persistence, keep: Keep, tellings: &Tellings) -> Self {
        let fire = match persistence {
            Persistence::Immediate => 1,
            Persistence::Periods(span) => usize::from(span.count),
            Persistence::Days(passed) => tellings.row_of_days(passed),
        };
        let end = match keep {
            Keep::None => 1,
            Keep::Periods(span) => usize::from(span.count),
            Keep::Days(passed) => tellings.row_of_days(passed),
        };
        let by_period = (
            fires_by_period(persistence),
            matches!(keep, Keep::Periods(span) if span.count > 1),
        );
        Self {
            fire,
            end,
            by_period,
        }
    }

    /// Returns how many periods before this one a row has to hold to fire in it; none where rows are not of periods.
    pub(super) fn periods_before(&self) -> usize {
        if self.by_period.0 {
            self.fire.saturating_sub(1)
        } else {
            0
        }
    }
}

/// Says whether the rows of a rule that lasts so are of periods: one period is as long as one telling.
pub(super) fn fires_by_period(persistence: Persistence) -> bool {
    matches!(persistence, Persistence::Periods(span) if span.count > 1)
}

/// Which part of a period is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Part {
    /// Nothing was told of the period before.
    pub(super) opens: bool,
    /// The period is not over: more will be told of it.
    pub(super) runs: bool,
}

impl Cells {
    pub(super) fn new(subjects: usize) -> Self {
        Self {
            blocks: vec![None; subjects.div_ceil(BLOCK)],
        }
    }

    /// Returns whether a subject is firing, and how long its row is.
    pub(super) fn get(&self, subject: usize) -> (bool, u16) {
        let (block, lane, bit) = place(subject);
        let Some(stand) = self.blocks.get(block).and_then(Option::as_deref) else {
            return (false, 0);
        };
        let set = |bits: &Bits| bits[lane] >> bit & 1 == 1;
        (set(&stand.firing), count(&stand.rows, set))
    }

    /// Returns how long the row of a subject was at the end of the period before, while a period runs.
    pub(super) fn base(&self, subject: usize) -> u16 {
        let (block, lane, bit) = place(subject);
        let stand = self.blocks.get(block).and_then(Option::as_deref);
        stand.map_or(0, |stand| {
            count(&stand.base, |bits| bits[lane] >> bit & 1 == 1)
        })
    }

    /// Says where a subject stands, with nothing behind it before this period.
    pub(super) fn set(&mut self, subject: usize, firing: bool, row: u16) {
        self.put(subject, firing, row, 0);
    }

    /// Says where a subject stands, and how long its row was at the end of the period before.
    pub(super) fn put(&mut self, subject: usize, firing: bool, row: u16, base: u16) {
        let (block, lane, bit) = place(subject);
        let Some(place) = self.blocks.get_mut(block) else {
            return;
        };
        let stand = place.get_or_insert_default();
        let put =
            |word: &mut u64, set: bool| *word = (*word & !(1 << bit)) | (u64::from(set) << bit);
        put(&mut stand.firing[lane], firing);
        for (planes, row) in [(&mut stand.rows, row), (&mut stand.base, base)] {
            let needed = (u16::BITS - row.leading_zeros()) as usize;
            if planes.len() < needed {
                planes.resize(needed, [0; LANES]);
            }
            for (plane, bits) in planes.iter_mut().enumerate() {
                put(&mut bits[lane], row >> plane & 1 == 1);
            }
        }
        if !stand.trim() {
            *place = None;
        }
    }

    /// Returns which subjects of a block are firing.
    pub(super) fn firing(&self, block: usize) -> Bits {
        let stand = self.blocks.get(block).and_then(Option::as_deref);
        stand.map_or([0; LANES], |stand| stand.firing)
    }

    /// Returns all subjects that are pending or firing, or were at the end of the period before, in the order of the blocks.
    pub(super) fn all_moving(&self) -> impl Iterator<Item = usize> {
        let there = self.blocks.iter().enumerate();
        let there = there.filter_map(|(block, stand)| Some((block, stand.as_deref()?)));
        there.flat_map(|(block, stand)| {
            let mut any = stand.firing;
            for bits in stand.rows.iter().chain(&stand.base) {
                for (any, bits) in any.iter_mut().zip(bits) {
                    *any |= bits;
                }
            }
            set_in(block, any)
        })
    }

    /// Returns all subjects that are firing, in their order.
    pub(super) fn all_firing(&self) -> impl Iterator<Item = usize> {
        self.blocks.iter().enumerate().flat_map(|(block, stand)| {
            let firing = stand.as_deref().map_or([0; LANES], |stand| stand.firing);
            set_in(block, firing)
        })
    }

    /// Goes on by what one day tells of a period, in which the condition holds, or what clears it does, or neither; what holds is
    /// not clear. Returns who is to fire, and whose alert has ended. Who is to fire is not yet firing, and keeps the row.
    pub(super) fn advance(
        &mut self,
        block: usize,
        (holds, clear): (&Bits, &Bits),
        needed: Needed,
        part: Part,
    ) -> (Bits, Bits) {
        let nobody = ([0; LANES], [0; LANES]);
        let Some(place) = self.blocks.get_mut(block) else {
            return nobody;
        };
        if place.is_none() && none(holds) {
            return nobody;
        }
        let stand = place.get_or_insert_default();
        stand.begin(needed, part);
        let Stand { firing, rows, base } = &mut **stand;
        let mut grows = [0; LANES];
        for lane in 0..LANES {
            let (holds, clear) = (holds[lane], clear[lane] & !holds[lane]);
            grows[lane] = (holds & !firing[lane]) | (clear & firing[lane]);
        }
        // Every row that does not grow is over; the others are one longer.
        let mut carry = grows;
        for bits in rows.iter_mut() {
            for lane in 0..LANES {
                let bit = bits[lane] & grows[lane];
                bits[lane] = bit ^ carry[lane];
                carry[lane] &= bit;
            }
        }
        if !none(&carry) {
            if rows.len() < PLANES {
                rows.push(carry);
            } else {
                // What ran over stays at the longest.
                for bits in rows.iter_mut() {
                    for lane in 0..LANES {
                        bits[lane] |= carry[lane];
                    }
                }
            }
        }
        let (mut fired, mut ended) = (reaches(rows, needed.fire), reaches(rows, needed.end));
        for lane in 0..LANES {
            fired[lane] &= grows[lane] & !firing[lane];
            ended[lane] &= grows[lane] & firing[lane];
            firing[lane] &= !ended[lane];
            for bits in rows.iter_mut() {
                bits[lane] &= !ended[lane];
            }
        }
        for bits in base.iter_mut() {
            for lane in 0..LANES {
                bits[lane] &= !ended[lane];
            }
        }
        if !part.runs {
            base.clear();
        }
        if !stand.trim() {
            *place = None;
        }
        (fired, ended)
    }
}

/// Returns the subjects of a block whose bits are set, in their order.
fn set_in(block: usize, bits: Bits) -> impl Iterator<Item = usize> {
    let rows = (0..64).filter(move |_| !none(&bits));
    rows.flat_map(move |row| {
        let lanes = (0..LANES).filter(move |lane| bits[*lane] >> row & 1 == 1);
        lanes.map(move |lane| block * BLOCK + row * LANES + lane)
    })
}

fn place(subject: usize) -> (usize, usize, usize) {
    (subject / BLOCK, subject % LANES, (subject % BLOCK) / LANES)
}

/// Returns which rows are at least so long.
fn reaches(rows: &[Bits], needed: usize) -> Bits {
    if needed > LONGEST {
        return [0; LANES];
    }
    // From the highest plane down: longer where a row has a bit that the number lacks and all above are equal.
    let (mut longer, mut equal) = ([0; LANES], [u64::MAX; LANES]);
    if needed >> rows.len() != 0 {
        return [0; LANES];
    }
    for (plane, bits) in rows.iter().enumerate().rev() {
        let wanted = if needed >> plane & 1 == 1 {
            u64::MAX
        } else {
            0
        };
        for lane in 0..LANES {
            longer[lane] |= equal[lane] & bits[lane] & !wanted;
            equal[lane] &= !(bits[lane] ^ wanted);
        }
    }
    std::array::from_fn(|lane| longer[lane] | equal[lane])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const WHOLE: Part = Part {
        opens: true,
        runs: false,
    };

    fn phases(persistence: Persistence, keep: Keep, truths: &str) -> String {
        let mut cells = Cells::new(1);
        let (mut tellings, mut shown) = (Tellings::default(), Vec::new());
        for (now, truth) in (0..).zip(truths.chars()) {
            tellings.push(now, now, true);
            let bits = |wanted: char| {
                let mut bits = [0; LANES];
                bits[0] = u64::from(truth == wanted);
                bits
            };
            let needed = Needed::new(persistence, keep, &tellings);
            let (fired, _) = cells.advance(0, (&bits('T'), &bits('F')), needed, WHOLE);
            if fired[0] == 1 {
                cells.set(0, true, 0);
            }
            shown.push(match cells.get(0) {
                (true, _) => "firing",
                (false, 0) => "inactive",
                (false, _) => "pending",
            });
        }
        shown.join(" ")
    }

    #[test]
    fn the_life_is_that_of_prometheus() {
        for (after, keep, truths, expected) in [
            (
                2,
                2,
                "TTTFFFT",
                "pending pending firing firing firing inactive pending",
            ),
            (
                2,
                0,
                "TTFTTTF",
                "pending pending inactive pending pending firing inactive",
            ),
            (
                0,
                0,
                "TFTFTF",
                "firing inactive firing inactive firing inactive",
            ),
            (
                2,
                2,
                "TTTFTFFF",
                "pending pending firing firing firing firing firing inactive",
            ),
        ] {
            assert_eq!(
                phases(Persistence::Days(after), Keep::Days(keep), truths),
                expected,
                "{truths}"
            );
        }
    }

    #[test]
    fn periods_count_where_days_measure() {
        let (three, two) = (Persistence::Periods(3.into()), Keep::Periods(2.into()));
        let expected = "pending pending firing firing firing firing inactive pending";
        assert_eq!(phases(three, two, "TTTFTFFT"), expected);
    }

    #[test]
    fn what_is_unknown_raises_nothing_and_clears_nothing() {
        let (two, keep) = (Persistence::Periods(2.into()), Keep::Periods(2.into()));
        let expected = "pending inactive pending firing firing firing firing inactive";
        assert_eq!(phases(two, keep, "TUTTFUFF"), expected);
        let expected = "firing firing firing firing firing firing inactive";
        assert_eq!(
            phases(Persistence::Immediate, Keep::Days(3), "TFUFFFF"),
            expected
        );
    }

    #[test]
    fn a_row_stops_growing_at_the_longest() {
        let mut cells = Cells::new(1);
        cells.set(0, false, u16::MAX - 1);
        let (holds, clear) = ([1; LANES], [0; LANES]);
        let never = Needed {
            fire: usize::MAX,
            end: usize::MAX,
            by_period: (false, false),
        };
        for _ in 0..3 {
            cells.advance(0, (&holds, &clear), never, WHOLE);
            assert_eq!(cells.get(0), (false, u16::MAX));
        }
    }

    proptest! {
        /// One subject at a time, counted as one would by hand.
        #[test]
        fn planes_of_bits_count_like_a_counter(
            truths in prop::collection::vec(prop::collection::vec(0_u8..3, 40), 1..30),
            fire in 1_u16..9,
            end in 1_u16..9,
        ) {
            let (persistence, keep) = (Persistence::Periods(fire.into()), Keep::Periods(end.into()));
            let mut cells = Cells::new(40);
            let mut plain = vec![(false, 0_u16); 40];
            let mut tellings = Tellings::default();
            tellings.push(0, 0, true);
            let needed = Needed::new(persistence, keep, &tellings);
            for truths in truths {
                let bits = |wanted: u8| {
                    let mut bits = [0; LANES];
                    for (at, truth) in truths.iter().enumerate() {
                        bits[at % LANES] |= u64::from(*truth == wanted) << (at / LANES);
                    }
                    bits
                };
                let (fired, ended) = cells.advance(0, (&bits(1), &bits(2)), needed, WHOLE);
                for (at, (truth, (firing, row))) in truths.iter().zip(&mut plain).enumerate() {
                    let bit = |bits: &Bits| bits[at % LANES] >> (at / LANES) & 1 == 1;
                    let grows = if *firing { *truth == 2 } else { *truth == 1 };
                    *row = if grows { *row + 1 } else { 0 };
                    prop_assert_eq!(bit(&fired), !*firing && *row >= fire);
                    prop_assert_eq!(bit(&ended), *firing && *row >= end);
                    if bit(&fired) {
                        cells.set(at, true, 0);
                        (*firing, *row) = (true, 0);
                    } else if bit(&ended) {
                        (*firing, *row) = (false, 0);
                    }
                    prop_assert_eq!(cells.get(at), (*firing, *row));
                }
            }
        }

        /// One subject, told several times of a period: rows of periods know of each what was told last.
        #[test]
        fn a_period_that_runs_counts_once_and_by_what_was_told_last(
            told in prop::collection::vec((prop::collection::vec(0_u8..3, 1..5), any::<bool>()), 1..12),
            fire in 2_u16..5,
            end in 2_u16..5,
        ) {
            let (persistence, keep) = (Persistence::Periods(fire.into()), Keep::Periods(end.into()));
            let mut tellings = Tellings::default();
            tellings.push(0, 0, true);
            let needed = Needed::new(persistence, keep, &tellings);
            let mut cells = Cells::new(1);
            // What was told last of each period, and since which period it has been firing or not.
            let (mut firing, mut periods) = (false, Vec::<u8>::new());
            let mut since = 0;
            for (truths, ends) in told {
                let last = truths.len() - 1;
                for (at, truth) in truths.into_iter().enumerate() {
                    let part = Part { opens: at == 0, runs: at < last || !ends };
                    let bits = |wanted: u8| {
                        let mut bits = [0; LANES];
                        bits[0] = u64::from(truth == wanted);
                        bits
                    };
                    if part.opens {
                        periods.push(truth);
                    } else {
                        *periods.last_mut().unwrap() = truth;
                    }
                    let (fired, ended) = cells.advance(0, (&bits(1), &bits(2)), needed, part);
                    let wanted = if firing { 2 } else { 1 };
                    let row = periods[since..].iter().rev().take_while(|told| **told == wanted).count();
                    prop_assert_eq!(fired[0] == 1, !firing && row >= usize::from(fire));
                    prop_assert_eq!(ended[0] == 1, firing && row >= usize::from(end));
                    if fired[0] == 1 {
                        cells.set(0, true, 0);
                    }
                    if (fired[0], ended[0]) != (0, 0) {
                        firing = !firing;
                        since = periods.len() - 1;
                    }
                }
            }
        }
    }
}
