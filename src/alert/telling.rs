//! What was told so far: of which days, and where a period began.

use chrono::NaiveDate;

/// The longest row; a longer one is counted as this.
pub(super) const LONGEST: usize = u16::MAX as usize;

/// One day that was told, by what was known of a period then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Telling {
    /// The first day of which it says something: the first one of the period, or the one after the day that was told before.
    pub(super) from: i32,
    /// The day that was told.
    pub(super) day: i32,
    /// Whether it was the first of its period.
    pub(super) opens: bool,
}

/// The days that were told, as many as a row can be long.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Tellings(pub(super) Vec<Telling>);

impl Tellings {
    pub(super) fn push(&mut self, from: i32, day: i32, opens: bool) {
        if self.0.len() >= 2 * LONGEST {
            self.0.drain(..LONGEST);
        }
        self.0.push(Telling { from, day, opens });
    }

    /// Returns the place of the first telling of a row of so many up to the latest one, as far as it is remembered.
    fn first(&self, row: usize, by_period: bool) -> usize {
        if by_period {
            let opening = |at: &usize| self.0[*at].opens;
            let openings = (0..self.0.len()).rev().filter(opening);
            openings.take(row).last().unwrap_or(0)
        } else {
            self.0.len().saturating_sub(row)
        }
    }

    /// Returns the first day told of a row of so many up to the latest one, as far as it is remembered.
    pub(super) fn start(&self, row: u16, by_period: bool) -> i32 {
        let first = self.first(usize::from(row), by_period);
        self.0.get(first).map_or(0, |telling| telling.day)
    }

    /// Returns how many periods were told before the latest one, at most so many.
    pub(super) fn periods_before(&self, most: usize) -> usize {
        let openings = self.0.iter().rev().filter(|telling| telling.opens);
        openings.skip(1).take(most).count()
    }

    /// Returns how long a row up to the latest day is that started so many days before it, or earlier.
    pub(super) fn row_of_days(&self, passed: u32) -> usize {
        let Some(now) = self.0.last() else {
            return usize::MAX;
        };
        let early =
            |telling: &Telling| i64::from(now.from) - i64::from(telling.from) >= i64::from(passed);
        match self.0.partition_point(early) {
            0 => usize::MAX,
            early => self.0.len() - early + 1,
        }
    }

    /// Forgets what was told before a row of so many tellings or periods, and more than so many days before the latest day that
    /// is closed.
    pub(super) fn forget(&mut self, closed: i32, row: u16, days: u32) {
        let row = usize::from(row);
        let keep = [
            self.first(row.saturating_add(1), false),
            self.first(row.saturating_add(1), true),
            self.0.partition_point(|telling| {
                i64::from(closed) - i64::from(telling.from) > i64::from(days)
            }),
        ];
        let first = keep.into_iter().min().unwrap_or(0);
        self.0.drain(..first);
    }
}

/// The day as a date.
pub(super) fn date(day: i32) -> Option<NaiveDate> {
    NaiveDate::from_num_days_from_ce_opt(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_forgotten_is_neither_in_a_row_nor_within_the_days() {
        let told = || {
            let mut own = Tellings::default();
            (0..10).for_each(|day| own.push(day, day, day % 5 == 0));
            own
        };
        for (closed, row, days, wanted) in [
            (9, 0, 9, 0),
            (9, 0, 4, 5),
            (9, 0, 3, 5),
            (9, 2, 0, 0),
            (9, 1, 0, 0),
            (5, 0, 3, 2),
        ] {
            let mut own = told();
            own.forget(closed, row, days);
            let first = own.0.first().map(|telling| telling.from);
            assert_eq!(first, Some(wanted), "{closed} {row} {days}");
        }
    }
}
