//! Counts and sums by cell, side by side so that one record touches one place in memory.

use super::error::MetricError;
use super::filter::Mask;

/// Up to eight counts and four sums by cell.
///
/// The lowest eight bits of a mask say which counts a record adds to, the next four which sums. Sums are kept in 64 bits
/// while what was added cannot exceed them, else in 128.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Cells {
    /// No sum can be larger: the number of records times the largest magnitude among them.
    bound: u128,
    rows: Rows,
}

#[derive(Debug, Clone, PartialEq)]
enum Rows {
    Count(Vec<i32>),
    Counts(Vec<[i32; COUNTS]>),
    Sum(Vec<i64>),
    Both(Vec<Row<i64>>),
    Wide(Vec<Row<i128>>),
}

/// One line of memory for 64-bit sums.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[repr(align(64))]
struct Row<T> {
    counts: [i32; COUNTS],
    sums: [T; SUMS],
}

/// The most counts of a bank.
pub(super) const COUNTS: usize = 8;
/// The most sums of a bank.
pub(super) const SUMS: usize = 4;

/// A cell has as many records as 31 bits count.
const FULL: MetricError = MetricError::TooMany {
    what: "records in one cell",
    count: 2_147_483_648,
    limit: 2_147_483_647,
};

/// The eight lowest bits of a mask, one number each.
static LANES: [[i32; COUNTS]; 256] = {
    let mut lanes = [[0; COUNTS]; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut bit = 0;
        while bit < COUNTS {
            lanes[byte][bit] = if byte >> bit & 1 == 1 { 1 } else { 0 };
            bit += 1;
        }
        byte += 1;
    }
    lanes
};

fn lanes(bits: Mask) -> &'static [i32; COUNTS] {
    &LANES[usize::from(bits & 0xFF)]
}

/// The bit of a sum's lane.
pub(super) fn sum_bit(lane: usize) -> u8 {
    u8::try_from(COUNTS + lane).unwrap_or(0)
}

/// The value where the lane's bit is set, else 0.
fn kept(value: i64, bits: Mask, lane: usize) -> i64 {
    value & -i64::from(bits >> (COUNTS + lane) & 1)
}

impl Cells {
    pub(super) fn new(counts: usize, sums: usize, cells: usize) -> Self {
        let rows = match (counts, sums) {
            (1, 0) => Rows::Count(vec![0; cells]),
            (_, 0) => Rows::Counts(vec![[0; COUNTS]; cells]),
            (0, 1) => Rows::Sum(vec![0; cells]),
            _ => Rows::Both(vec![Row::default(); cells]),
        };
        Self { bound: 0, rows }
    }

    /// Returns how many bytes a cell takes.
    pub(super) fn bytes(counts: usize, sums: usize) -> usize {
        match (counts, sums) {
            (1, 0) => size_of::<i32>(),
            (_, 0) => size_of::<[i32; COUNTS]>(),
            (0, 1) => size_of::<i64>(),
            _ => size_of::<Row<i64>>(),
        }
    }

    /// Makes room for so many records of at most this magnitude.
    pub(super) fn reserve(&mut self, records: usize, peak: u64) {
        let more = (records as u128).saturating_mul(u128::from(peak));
        self.bound = self.bound.saturating_add(more);
        if self.bound > i64::MAX as u128 {
            self.widen();
        }
    }

    fn widen(&mut self) {
        let wide = match &self.rows {
            Rows::Sum(sums) => {
                let row = |sum: &i64| Row {
                    counts: [0; COUNTS],
                    sums: [i128::from(*sum), 0, 0, 0],
                };
                sums.iter().map(row).collect()
            }
            Rows::Both(rows) => {
                let row = |row: &Row<i64>| Row {
                    counts: row.counts,
                    sums: row.sums.map(i128::from),
                };
                rows.iter().map(row).collect()
            }
            Rows::Count(_) | Rows::Counts(_) | Rows::Wide(_) => return,
        };
        self.rows = Rows::Wide(wide);
    }

    /// Adds one to the counts and the values to the sums whose bits are set. The number of records of a partial result is
    /// below 2^31.
    pub(super) fn add(&mut self, cells: &[u32], bits: &[Mask], values: [&[i64]; SUMS]) {
        let count = cells.len().min(bits.len());
        let (cells, bits) = (&cells[..count], &bits[..count]);
        match &mut self.rows {
            Rows::Count(counts) => {
                for (cell, bits) in cells.iter().zip(bits) {
                    counts[*cell as usize] += i32::from(bits & 1 == 1);
                }
            }
            Rows::Counts(counts) => {
                for (cell, bits) in cells.iter().zip(bits) {
                    for (count, one) in counts[*cell as usize].iter_mut().zip(lanes(*bits)) {
                        *count += one;
                    }
                }
            }
            Rows::Sum(sums) => {
                for ((cell, bits), value) in cells.iter().zip(bits).zip(values[0]) {
                    sums[*cell as usize] += kept(*value, *bits, 0);
                }
            }
            Rows::Both(rows) => {
                let [a, b, c, d] = values.map(|lane| &lane[..count]);
                // Asks for every cell before any is changed: loads that wait for nothing overlap in memory.
                let mut all = 0;
                for cell in cells {
                    all |= rows[*cell as usize].counts[0];
                }
                std::hint::black_box(all);
                for at in 0..count {
                    let (row, bits) = (&mut rows[cells[at] as usize], bits[at]);
                    for (count, one) in row.counts.iter_mut().zip(lanes(bits)) {
                        *count += one;
                    }
                    row.sums[0] += kept(a[at], bits, 0);
                    row.sums[1] += kept(b[at], bits, 1);
                    row.sums[2] += kept(c[at], bits, 2);
                    row.sums[3] += kept(d[at], bits, 3);
                }
            }
            Rows::Wide(rows) => {
                for (at, (cell, bits)) in cells.iter().zip(bits).enumerate() {
                    let row = &mut rows[*cell as usize];
                    for (count, one) in row.counts.iter_mut().zip(lanes(*bits)) {
                        *count += one;
                    }
                    for (lane, (sum, values)) in row.sums.iter_mut().zip(values).enumerate() {
                        *sum += i128::from(kept(values[at], *bits, lane));
                    }
                }
            }
        }
    }

    /// Adds `sign` to the counts and `sign` times the values to the sums whose bits are set, in one cell.
    pub(super) fn adjust(&mut self, cell: usize, bits: Mask, values: [i64; SUMS], sign: i32) {
        let counts: Option<&mut [i32]> = match &mut self.rows {
            Rows::Count(counts) => Some(std::slice::from_mut(&mut counts[cell])),
            Rows::Counts(counts) => Some(&mut counts[cell]),
            Rows::Both(rows) => Some(&mut rows[cell].counts),
            Rows::Wide(rows) => Some(&mut rows[cell].counts),
            Rows::Sum(_) => None,
        };
        for (count, one) in counts.into_iter().flatten().zip(lanes(bits)) {
            *count += one * sign;
        }
        for (lane, value) in values.into_iter().enumerate() {
            let value = kept(value, bits, lane) * i64::from(sign);
            match &mut self.rows {
                Rows::Sum(sums) if lane == 0 => sums[cell] += value,
                Rows::Both(rows) => rows[cell].sums[lane] += value,
                Rows::Wide(rows) => rows[cell].sums[lane] += i128::from(value),
                Rows::Sum(_) | Rows::Count(_) | Rows::Counts(_) => {}
            }
        }
    }

    /// Takes in what other cells have, of which each subject has another number, and each atom another place; what is outside
    /// there is left out.
    pub(super) fn carry(&mut self, other: &Self, (from, to): (u32, u32), atoms: &[u32]) {
        self.bound = other.bound;
        if matches!(other.rows, Rows::Wide(_)) {
            self.widen();
        }
        let subjects = other.len() / (from as usize).max(1);
        for subject in 0..subjects {
            for (atom, place) in atoms.iter().enumerate() {
                let cells = (
                    subject * from as usize + atom,
                    subject * to as usize + *place as usize,
                );
                self.move_in(other, cells);
            }
        }
    }

    /// Adds one cell of others.
    fn move_in(&mut self, other: &Self, (from, to): (usize, usize)) {
        fn add<T: Copy + std::ops::AddAssign>(own: &mut Row<T>, more: &Row<T>) {
            for (own, more) in own.counts.iter_mut().zip(more.counts) {
                *own += more;
            }
            for (own, more) in own.sums.iter_mut().zip(more.sums) {
                *own += more;
            }
        }
        match (&mut self.rows, &other.rows) {
            (Rows::Count(own), Rows::Count(more)) => own[to] += more[from],
            (Rows::Counts(own), Rows::Counts(more)) => {
                for (own, more) in own[to].iter_mut().zip(more[from]) {
                    *own += more;
                }
            }
            (Rows::Sum(own), Rows::Sum(more)) => own[to] += more[from],
            (Rows::Both(own), Rows::Both(more)) => add(&mut own[to], &more[from]),
            (Rows::Wide(own), Rows::Wide(more)) => add(&mut own[to], &more[from]),
            _ => {}
        }
    }

    /// Adds a number to one sum of a cell.
    pub(super) fn put_sum(&mut self, cell: usize, lane: usize, value: i64) {
        self.reserve(1, value.unsigned_abs());
        match &mut self.rows {
            Rows::Sum(sums) => sums[cell] += value,
            Rows::Both(rows) => rows[cell].sums[lane] += value,
            Rows::Wide(rows) => rows[cell].sums[lane] += i128::from(value),
            Rows::Count(_) | Rows::Counts(_) => {}
        }
    }

    /// Adds a number to one count of a cell.
    pub(super) fn put_count(
        &mut self,
        cell: usize,
        lane: usize,
        value: i64,
    ) -> Result<(), MetricError> {
        let count = match &mut self.rows {
            Rows::Count(counts) => &mut counts[cell],
            Rows::Counts(counts) => &mut counts[cell][lane],
            Rows::Both(rows) => &mut rows[cell].counts[lane],
            Rows::Wide(rows) => &mut rows[cell].counts[lane],
            Rows::Sum(_) => return Ok(()),
        };
        let sum = i32::try_from(value)
            .ok()
            .and_then(|value| count.checked_add(value));
        let Some(sum) = sum else {
            return Err(FULL);
        };
        *count = sum;
        Ok(())
    }

    pub(super) fn count(&self, cell: usize, lane: usize) -> i128 {
        i128::from(match &self.rows {
            Rows::Count(counts) => counts[cell],
            Rows::Counts(counts) => counts[cell][lane],
            Rows::Both(rows) => rows[cell].counts[lane],
            Rows::Wide(rows) => rows[cell].counts[lane],
            Rows::Sum(_) => 0,
        })
    }

    pub(super) fn sum(&self, cell: usize, lane: usize) -> i128 {
        match &self.rows {
            Rows::Sum(sums) => i128::from(sums[cell]),
            Rows::Both(rows) => i128::from(rows[cell].sums[lane]),
            Rows::Wide(rows) => rows[cell].sums[lane],
            Rows::Count(_) | Rows::Counts(_) => 0,
        }
    }

    /// How many counts and how many sums a cell has, used or not.
    pub(super) fn lanes(&self) -> (usize, usize) {
        match &self.rows {
            Rows::Count(_) => (1, 0),
            Rows::Counts(_) => (COUNTS, 0),
            Rows::Sum(_) => (0, 1),
            // Made wide from a single sum, a row has more than there was; the others are 0.
            Rows::Both(_) | Rows::Wide(_) => (COUNTS, SUMS),
        }
    }

    /// The number of cells.
    pub(super) fn len(&self) -> usize {
        match &self.rows {
            Rows::Count(rows) => rows.len(),
            Rows::Counts(rows) => rows.len(),
            Rows::Sum(rows) => rows.len(),
            Rows::Both(rows) => rows.len(),
            Rows::Wide(rows) => rows.len(),
        }
    }

    pub(super) fn bound(&self) -> u128 {
        self.bound
    }

    /// Takes one cell that was written down; `None` where it does not fit.
    pub(super) fn restore(&mut self, cell: usize, counts: &[i32], sums: &[i128]) -> Option<()> {
        if counts.len() > COUNTS || sums.len() > SUMS {
            return None;
        }
        if sums.iter().any(|sum| sum.unsigned_abs() > self.bound) {
            return None;
        }
        let own: &mut [i32] = match &mut self.rows {
            Rows::Count(own) => std::slice::from_mut(own.get_mut(cell)?),
            Rows::Counts(own) => own.get_mut(cell)?,
            Rows::Both(rows) => &mut rows.get_mut(cell)?.counts,
            Rows::Wide(rows) => &mut rows.get_mut(cell)?.counts,
            Rows::Sum(_) => &mut [],
        };
        own.get_mut(..counts.len())?.copy_from_slice(counts);
        for (lane, sum) in sums.iter().enumerate() {
            match &mut self.rows {
                Rows::Sum(own) if lane == 0 => own[cell] = i64::try_from(*sum).ok()?,
                Rows::Both(rows) => rows[cell].sums[lane] = i64::try_from(*sum).ok()?,
                Rows::Wide(rows) => rows[cell].sums[lane] = *sum,
                Rows::Sum(_) | Rows::Count(_) | Rows::Counts(_) => return None,
            }
        }
        Some(())
    }

    pub(super) fn merge(&mut self, other: &Self) -> Result<(), MetricError> {
        self.bound = self.bound.saturating_add(other.bound);
        if self.bound > i64::MAX as u128 {
            self.widen();
        }
        let counted = |own: &mut [i32], added: &[i32]| -> Result<(), MetricError> {
            for (own, added) in own.iter_mut().zip(added) {
                let Some(sum) = own.checked_add(*added) else {
                    return Err(FULL);
                };
                *own = sum;
            }
            Ok(())
        };
        match (&mut self.rows, &other.rows) {
            (Rows::Count(own), Rows::Count(added)) => counted(own, added)?,
            (Rows::Counts(own), Rows::Counts(added)) => {
                counted(own.as_flattened_mut(), added.as_flattened())?;
            }
            // Sums in 64 bits are within the bound of both together, which fits.
            (Rows::Sum(own), Rows::Sum(added)) => {
                for (own, added) in own.iter_mut().zip(added) {
                    *own += added;
                }
            }
            (Rows::Both(own), Rows::Both(added)) => {
                for (own, added) in own.iter_mut().zip(added) {
                    counted(&mut own.counts, &added.counts)?;
                    for (own, added) in own.sums.iter_mut().zip(added.sums) {
                        *own += added;
                    }
                }
            }
            (Rows::Wide(own), _) => {
                for (cell, own) in own.iter_mut().enumerate() {
                    let added: [i32; COUNTS] = match &other.rows {
                        Rows::Both(rows) => rows[cell].counts,
                        Rows::Wide(rows) => rows[cell].counts,
                        Rows::Count(_) | Rows::Counts(_) | Rows::Sum(_) => [0; COUNTS],
                    };
                    counted(&mut own.counts, &added)?;
                    for (lane, sum) in own.sums.iter_mut().enumerate() {
                        // A sum of 2^31 amounts of 64 bits has fewer than 96 bits.
                        *sum = sum.saturating_add(other.wide_sum(cell, lane));
                    }
                }
            }
            // Both have the shape of the program, and what is wide on either side is wide on this one.
            _ => return Err(MetricError::ProgramMismatch),
        }
        Ok(())
    }

    fn wide_sum(&self, cell: usize, lane: usize) -> i128 {
        if matches!(self.rows, Rows::Sum(_)) && lane > 0 {
            0
        } else {
            self.sum(cell, lane)
        }
    }

    /// Takes the bound that was written down, before the sums.
    pub(super) fn start(&mut self, bound: u128) {
        self.bound = bound;
        if bound > i64::MAX as u128 {
            self.widen();
        }
    }
}

/// The smallest and the largest value by cell.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Extremes(pub(super) Vec<(i64, i64)>);

impl Extremes {
    pub(super) const NONE: (i64, i64) = (i64::MAX, i64::MIN);

    pub(super) fn new(cells: usize) -> Self {
        Self(vec![Self::NONE; cells])
    }

    pub(super) fn add(&mut self, cell: usize, value: i64) {
        let (low, high) = &mut self.0[cell];
        *low = value.min(*low);
        *high = value.max(*high);
    }

    pub(super) fn merge(&mut self, other: &Self) {
        for (own, more) in self.0.iter_mut().zip(&other.0) {
            *own = (own.0.min(more.0), own.1.max(more.1));
        }
    }
}
