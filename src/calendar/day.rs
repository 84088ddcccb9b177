//! Days as numbers and half-open ranges of them.

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

use super::CalendarError;

/// The number of 0001-01-01.
pub(super) const FIRST_DAY: i32 = 1;
/// The number of 10000-01-01, the day after the last one.
pub(super) const END_DAY: i32 = 3_652_060;

/// Returns the number of a day, counted from 1 for 0001-01-01; the end of a range may be 10000-01-01.
pub(super) fn number(day: NaiveDate) -> Result<i32, CalendarError> {
    let number = day.num_days_from_ce();
    if (FIRST_DAY..=END_DAY).contains(&number) {
        Ok(number)
    } else {
        Err(CalendarError::DayOutOfRange {
            day: day.to_string(),
        })
    }
}

/// Returns the day with this number.
pub(super) fn date(number: i32) -> Result<NaiveDate, CalendarError> {
    NaiveDate::from_num_days_from_ce_opt(number)
        .filter(|_| (FIRST_DAY..=END_DAY).contains(&number))
        .ok_or_else(|| CalendarError::DayOutOfRange {
            day: format!("day number {number}"),
        })
}

/// Days from `start` up to and without `end`. It may be empty.
///
/// ```
/// use chrono::NaiveDate;
/// use quotaflow::calendar::DayRange;
/// let day = |d| NaiveDate::from_ymd_opt(2026, 3, d).unwrap();
/// let range = DayRange::new(day(2), day(5))?;
/// assert_eq!(range.days(), 3);
/// assert!(range.contains(day(4)) && !range.contains(day(5)));
/// assert!(DayRange::new(day(5), day(2)).is_err());
/// # Ok::<(), quotaflow::calendar::CalendarError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "RangeDocument", into = "RangeDocument")]
pub struct DayRange {
    start: NaiveDate,
    end: NaiveDate,
}

impl DayRange {
    /// Returns the days from `start` up to and without `end`.
    ///
    /// # Errors
    /// [`CalendarError::Reversed`] if `end` is before `start`; [`CalendarError::DayOutOfRange`].
    pub fn new(start: NaiveDate, end: NaiveDate) -> Result<Self, CalendarError> {
        number(start)?;
        number(end)?;
        if end < start {
            return Err(CalendarError::Reversed { start, end });
        }
        Ok(Self { start, end })
    }

    /// Returns the range between two numbers of days.
    pub(super) fn from_numbers(start: i32, end: i32) -> Result<Self, CalendarError> {
        Self::new(date(start)?, date(end)?)
    }

    /// Returns the first day, if the range is not empty; else the day where it would be.
    #[must_use]
    pub fn start(self) -> NaiveDate {
        self.start
    }

    /// Returns the day after the last one.
    #[must_use]
    pub fn end(self) -> NaiveDate {
        self.end
    }

    /// Returns how many days there are.
    #[must_use]
    pub fn days(self) -> u32 {
        days_between(self.start, self.end)
    }

    /// Says whether there is no day in the range.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// Says whether `day` is in the range.
    #[must_use]
    pub fn contains(self, day: NaiveDate) -> bool {
        self.start <= day && day < self.end
    }

    /// Returns the days that are in both ranges, or `None` if there are none.
    #[must_use]
    pub fn intersection(self, other: Self) -> Option<Self> {
        let start = self.start.max(other.start);
        let end = self.end.min(other.end);
        (start < end).then_some(Self { start, end })
    }
}

/// Counts the days from `start` to `end`, none if they are the other way round.
pub(super) fn days_between(start: NaiveDate, end: NaiveDate) -> u32 {
    let days = i64::from(end.num_days_from_ce()) - i64::from(start.num_days_from_ce());
    u32::try_from(days).unwrap_or(0)
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RangeDocument {
    start: NaiveDate,
    end: NaiveDate,
}

impl TryFrom<RangeDocument> for DayRange {
    type Error = CalendarError;

    fn try_from(document: RangeDocument) -> Result<Self, CalendarError> {
        Self::new(document.start, document.end)
    }
}

impl From<DayRange> for RangeDocument {
    fn from(range: DayRange) -> Self {
        Self {
            start: range.start,
            end: range.end,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_and_the_last_day_have_the_numbers_at_the_ends() {
        assert_eq!(
            date(FIRST_DAY).unwrap(),
            NaiveDate::from_ymd_opt(1, 1, 1).unwrap()
        );
        assert_eq!(
            date(END_DAY).unwrap(),
            NaiveDate::from_ymd_opt(10_000, 1, 1).unwrap()
        );
        assert!(date(FIRST_DAY - 1).is_err());
        assert!(date(END_DAY + 1).is_err());
        assert!(number(NaiveDate::MIN).is_err());
        assert!(number(NaiveDate::MAX).is_err());
    }

    #[test]
    fn ranges_that_touch_have_no_day_in_common() {
        let range = |a, b| DayRange::from_numbers(a, b).unwrap();
        assert_eq!(range(5, 9).intersection(range(9, 12)), None);
        assert_eq!(range(5, 9).intersection(range(2, 7)), Some(range(5, 7)));
        assert!(range(5, 5).is_empty());
    }
}
