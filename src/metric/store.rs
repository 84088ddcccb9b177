//! Counts and sums by cell, several side by side so that one record touches one place in memory.

use super::MetricError;

/// Counts of up to eight filters, by cell.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Counts {
    One(Vec<i32>),
    Eight(Vec<[i32; 8]>),
}

/// The eight bits of a byte, one number each.
static LANES: [[i32; 8]; 256] = {
    let mut lanes = [[0; 8]; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut bit = 0;
        while bit < 8 {
            lanes[byte][bit] = if byte >> bit & 1 == 1 { 1 } else { 0 };
            bit += 1;
        }
        byte += 1;
    }
    lanes
};

impl Counts {
    pub(super) const WIDTH: usize = 8;

    pub(super) fn new(lanes: usize, cells: usize) -> Self {
        if lanes == 1 {
            Self::One(vec![0; cells])
        } else {
            Self::Eight(vec![[0; 8]; cells])
        }
    }

    /// Adds one to every lane whose bit is set. The number of records of a partial result is below 2^31.
    pub(super) fn add(&mut self, cells: &[u32], bits: &[u8]) {
        match self {
            Self::One(counts) => {
                for (cell, bits) in cells.iter().zip(bits) {
                    counts[*cell as usize] += i32::from(*bits & 1);
                }
            }
            Self::Eight(counts) => {
                for (cell, bits) in cells.iter().zip(bits) {
                    let row = &mut counts[*cell as usize];
                    for (count, one) in row.iter_mut().zip(&LANES[usize::from(*bits)]) {
                        *count += one;
                    }
                }
            }
        }
    }

    pub(super) fn adjust(&mut self, cell: usize, bits: u8, sign: i32) {
        match self {
            Self::One(counts) => counts[cell] += i32::from(bits & 1) * sign,
            Self::Eight(counts) => {
                for (count, one) in counts[cell].iter_mut().zip(&LANES[usize::from(bits)]) {
                    *count += one * sign;
                }
            }
        }
    }

    pub(super) fn get(&self, cell: usize, lane: usize) -> i128 {
        i128::from(match self {
            Self::One(counts) => counts[cell],
            Self::Eight(counts) => counts[cell][lane],
        })
    }

    pub(super) fn flat(&self) -> &[i32] {
        match self {
            Self::One(counts) => counts,
            Self::Eight(counts) => counts.as_flattened(),
        }
    }

    pub(super) fn flat_mut(&mut self) -> &mut [i32] {
        match self {
            Self::One(counts) => counts,
            Self::Eight(counts) => counts.as_flattened_mut(),
        }
    }

    pub(super) fn merge(&mut self, other: &Self) -> Result<(), MetricError> {
        for (own, more) in self.flat_mut().iter_mut().zip(other.flat()) {
            *own = own.checked_add(*more).ok_or(MetricError::TooMany {
                what: "records in one cell",
                count: 1 << 31,
                limit: (1 << 31) - 1,
            })?;
        }
        Ok(())
    }
}

/// Sums of up to four values, by cell: in 64 bits while what was added cannot exceed them, else in 128.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sums {
    lanes: usize,
    /// No sum can be larger: the number of records times the largest magnitude among them.
    bound: u128,
    cells: SumCells,
}

#[derive(Debug, Clone, PartialEq)]
enum SumCells {
    One(Vec<i64>),
    Four(Vec<[i64; 4]>),
    Wide(Vec<i128>),
}

impl Sums {
    pub(super) const WIDTH: usize = 4;

    pub(super) fn new(lanes: usize, cells: usize) -> Self {
        let cells = if lanes == 1 {
            SumCells::One(vec![0; cells])
        } else {
            SumCells::Four(vec![[0; 4]; cells])
        };
        Self {
            lanes,
            bound: 0,
            cells,
        }
    }

    fn stride(&self) -> usize {
        if self.lanes == 1 { 1 } else { Self::WIDTH }
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
        let wide = match &self.cells {
            SumCells::One(sums) => sums.iter().copied().map(i128::from).collect(),
            SumCells::Four(sums) => sums
                .as_flattened()
                .iter()
                .copied()
                .map(i128::from)
                .collect(),
            SumCells::Wide(_) => return,
        };
        self.cells = SumCells::Wide(wide);
    }

    /// Adds the values of the lanes whose bit is set; all lanes have as many values as there are cells.
    pub(super) fn add(&mut self, cells: &[u32], bits: &[u8], values: [&[i64]; 4]) {
        let count = cells.len().min(bits.len());
        let (cells, bits) = (&cells[..count], &bits[..count]);
        let [a, b, c, d] = values.map(|lane| &lane[..count]);
        let kept = |value: i64, bits: u8, lane: u8| value & -i64::from(bits >> lane & 1);
        match &mut self.cells {
            SumCells::One(sums) => {
                for at in 0..count {
                    sums[cells[at] as usize] += kept(a[at], bits[at], 0);
                }
            }
            SumCells::Four(sums) => {
                for at in 0..count {
                    let row = &mut sums[cells[at] as usize];
                    row[0] += kept(a[at], bits[at], 0);
                    row[1] += kept(b[at], bits[at], 1);
                    row[2] += kept(c[at], bits[at], 2);
                    row[3] += kept(d[at], bits[at], 3);
                }
            }
            SumCells::Wide(sums) => {
                let stride = if self.lanes == 1 { 1 } else { Self::WIDTH };
                for at in 0..count {
                    let row = &mut sums[cells[at] as usize * stride..][..stride];
                    for ((sum, lane), bit) in row.iter_mut().zip([a, b, c, d]).zip(0_u8..) {
                        *sum += i128::from(kept(lane[at], bits[at], bit));
                    }
                }
            }
        }
    }

    pub(super) fn adjust(&mut self, cell: usize, lane: usize, value: i64) {
        match &mut self.cells {
            SumCells::One(sums) => sums[cell] += value,
            SumCells::Four(sums) => sums[cell][lane] += value,
            SumCells::Wide(sums) => {
                let stride = if self.lanes == 1 { 1 } else { Self::WIDTH };
                sums[cell * stride + lane] += i128::from(value);
            }
        }
    }

    pub(super) fn get(&self, cell: usize, lane: usize) -> i128 {
        match &self.cells {
            SumCells::One(sums) => i128::from(sums[cell]),
            SumCells::Four(sums) => i128::from(sums[cell][lane]),
            SumCells::Wide(sums) => sums[cell * self.stride() + lane],
        }
    }

    /// All sums, cell by cell; lanes that are not used are 0.
    pub(super) fn flat(&self) -> Vec<i128> {
        match &self.cells {
            SumCells::One(sums) => sums.iter().copied().map(i128::from).collect(),
            SumCells::Four(sums) => sums
                .as_flattened()
                .iter()
                .copied()
                .map(i128::from)
                .collect(),
            SumCells::Wide(sums) => sums.clone(),
        }
    }

    pub(super) fn bound(&self) -> u128 {
        self.bound
    }

    /// Takes sums that were written down; `None` when there are not as many as there should be or one exceeds `bound`.
    pub(super) fn restore(&mut self, sums: &[i128], bound: u128) -> Option<()> {
        let expected = self.flat().len();
        if sums.len() != expected || sums.iter().any(|sum| sum.unsigned_abs() > bound) {
            return None;
        }
        self.bound = bound;
        if bound > i64::MAX as u128 {
            self.cells = SumCells::Wide(sums.to_vec());
            return Some(());
        }
        let own: &mut [i64] = match &mut self.cells {
            SumCells::One(own) => own,
            SumCells::Four(own) => own.as_flattened_mut(),
            SumCells::Wide(_) => return None,
        };
        for (own, sum) in own.iter_mut().zip(sums) {
            *own = i64::try_from(*sum).ok()?;
        }
        Some(())
    }

    pub(super) fn merge(&mut self, other: &Self) -> Result<(), MetricError> {
        let beyond = MetricError::TooMany {
            what: "quanta in one cell",
            count: u64::MAX,
            limit: i64::MAX as u64,
        };
        self.bound = self.bound.saturating_add(other.bound);
        if self.bound > i64::MAX as u128 {
            self.widen();
        }
        match (&mut self.cells, &other.cells) {
            (SumCells::One(own), SumCells::One(more)) => {
                for (own, more) in own.iter_mut().zip(more) {
                    *own += more;
                }
            }
            (SumCells::Four(own), SumCells::Four(more)) => {
                for (own, more) in own.as_flattened_mut().iter_mut().zip(more.as_flattened()) {
                    *own += more;
                }
            }
            (SumCells::Wide(own), _) => {
                for (own, more) in own.iter_mut().zip(other.flat()) {
                    *own = own.checked_add(more).ok_or_else(|| beyond.clone())?;
                }
            }
            // A bound within 64 bits is a sum of such bounds, so that neither side is wide.
            _ => return Err(beyond),
        }
        Ok(())
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
