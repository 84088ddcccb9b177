//! When something happened and in which cell, as one number that sorts by time.

use chrono::Datelike;

use crate::calendar::DayRange;

/// An order of records in time that also names a cell: the day, the time of the day, the sequence number, the cell.
pub(super) type Moment = u128;

/// How a moment is put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Clock {
    /// The number of the first day.
    origin: i32,
    /// The bits that a cell needs.
    cell_bits: u32,
    /// Whether day, time and cell fit 64 bits together.
    fits: bool,
}

const DAY_BITS: u32 = 22;
const TIME_BITS: u32 = 27;
const SEQUENCE_BITS: u32 = 47;
const CELL_BITS: u32 = 32;
/// The short moment after all others.
pub(super) const NEVER: u64 = u64::MAX;

impl Clock {
    /// For days of a ledger's span.
    pub(super) fn within(span: DayRange, cells: u64) -> Self {
        Self::new(span.start().num_days_from_ce(), span.days(), cells)
    }

    /// For any days.
    pub(super) fn any(cells: u64) -> Self {
        Self::new(0, (1 << DAY_BITS) - 1, cells)
    }

    fn new(origin: i32, days: u32, cells: u64) -> Self {
        let cell_bits = u64::BITS - cells.leading_zeros();
        let day_bits = u32::BITS - days.leading_zeros();
        Self {
            origin,
            cell_bits,
            fits: day_bits + TIME_BITS + cell_bits < u64::BITS,
        }
    }

    /// Days are not before the origin: a record lies in its ledger's span, and any day is after day 0.
    fn day(self, day: i32) -> u32 {
        day.wrapping_sub(self.origin).cast_unsigned()
    }

    /// Whether moments without a sequence number fit 64 bits.
    pub(super) fn fits(self) -> bool {
        self.fits
    }

    pub(super) fn short(self, day: i32, time: u32, cell: u32) -> u64 {
        let instant = u64::from(self.day(day)) << TIME_BITS | u64::from(time);
        instant << self.cell_bits | u64::from(cell)
    }

    pub(super) fn moment(self, day: i32, time: u32, sequence: u64, cell: u32) -> Moment {
        let day = u128::from(self.day(day)) << TIME_BITS | u128::from(time);
        (day << SEQUENCE_BITS | u128::from(sequence)) << CELL_BITS | u128::from(cell)
    }

    pub(super) fn widened(self, short: u64) -> Moment {
        if short == NEVER {
            return Moment::MAX;
        }
        let cell = short & ((1 << self.cell_bits) - 1);
        (u128::from(short >> self.cell_bits) << SEQUENCE_BITS) << CELL_BITS | u128::from(cell)
    }
}

/// The cell of a moment.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the cell is in the lowest 32 bits"
)]
pub(super) fn cell_of(moment: Moment) -> u32 {
    moment as u32
}
