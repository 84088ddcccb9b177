//! A whole number for every day that repeats each week, but for some dates; summed over any span.

use super::day::END_DAY;

/// Numbers by weekday with exceptions by date. All of them are zero or more, so that running sums never fall.
#[derive(Debug, Clone)]
pub(super) struct WeekCycle {
    /// Sums of the days of a week before each weekday, and of the whole week last.
    before_weekday: [i64; 8],
    /// The excepted days, ascending, with their numbers.
    dates: Vec<(i32, i64)>,
    /// By how much the exceptions before each excepted day, and all of them last, change the sum.
    changed_before: Vec<i64>,
}

impl WeekCycle {
    /// `week` starts with Monday; `dates` ascend.
    pub(super) fn new(week: [i64; 7], dates: &[(i32, i64)]) -> Self {
        let mut before_weekday = [0; 8];
        for (at, value) in week.iter().enumerate() {
            before_weekday[at + 1] = before_weekday[at] + value;
        }
        let mut changed = 0;
        let mut changed_before = vec![0];
        for &(number, value) in dates {
            changed += value - week[weekday_index(number)];
            changed_before.push(changed);
        }
        Self {
            before_weekday,
            dates: dates.to_vec(),
            changed_before,
        }
    }

    /// Returns the number of a day.
    pub(super) fn at(&self, number: i32) -> i64 {
        if let Some(at) = self.exception(number) {
            return self.dates[at].1;
        }
        let weekday = weekday_index(number);
        self.before_weekday[weekday + 1] - self.before_weekday[weekday]
    }

    /// Returns the place of a day among the exceptions, if it is one.
    pub(super) fn exception(&self, number: i32) -> Option<usize> {
        self.dates
            .binary_search_by_key(&number, |&(date, _)| date)
            .ok()
    }

    /// Returns the sum over all days from day 1 up to and without this one.
    pub(super) fn before(&self, number: i32) -> i64 {
        let weeks = i64::from((number - 1).div_euclid(7));
        let excepted = self.dates.partition_point(|&(date, _)| date < number);
        weeks * self.before_weekday[7]
            + self.before_weekday[weekday_index(number)]
            + self.changed_before[excepted]
    }

    /// Returns the first day, from `start` on, up to and with which the sum from day 1 reaches `sum`.
    pub(super) fn first_reaching(&self, start: i32, sum: i64) -> Option<i32> {
        let (mut low, mut high) = (start, END_DAY);
        while low < high {
            let middle = low + (high - low) / 2;
            if self.before(middle + 1) >= sum {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        (low < END_DAY).then_some(low)
    }
}

/// Returns the day of the week, 0 for Monday. Day 1 is a Monday.
pub(super) fn weekday_index(number: i32) -> usize {
    usize::try_from((number - 1).rem_euclid(7)).unwrap_or(0)
}
