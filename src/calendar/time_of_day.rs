//! Times on the clock face, spans of them, and the day to which an instant belongs.

mod checked;

pub use checked::{local_date, local_time};

use std::fmt;

use serde::{Deserialize, Serialize};

const DAY_SECONDS: u32 = 86_400;

/// A time of day in whole seconds, from `00:00` to `24:00`, the end of the day. Documents write `HH:MM` or `HH:MM:SS`.
///
/// ```
/// use quotaflow::calendar::TimeOfDay;
/// let noon: TimeOfDay = "12:00".parse()?;
/// assert!(noon < TimeOfDay::END);
/// assert_eq!(TimeOfDay::END.to_string(), "24:00");
/// assert!("24:01".parse::<TimeOfDay>().is_err());
/// # Ok::<(), quotaflow::calendar::CalendarError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TimeOfDay(u32);

impl TimeOfDay {
    /// The start of the day.
    pub const START: Self = Self(0);
    /// The end of the day, where the next one starts.
    pub const END: Self = Self(DAY_SECONDS);

    /// Returns the seconds since the start of the day, 0 to 86,400.
    #[must_use]
    pub fn seconds(self) -> u32 {
        self.0
    }

    fn from_parts(hour: u32, minute: u32, second: u32) -> Option<Self> {
        let seconds = hour * 3600 + minute * 60 + second;
        (minute < 60 && second < 60 && seconds <= DAY_SECONDS).then_some(Self(seconds))
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (hour, minute, second) = (self.0 / 3600, self.0 / 60 % 60, self.0 % 60);
        write!(f, "{hour:02}:{minute:02}")?;
        if second > 0 {
            write!(f, ":{second:02}")?;
        }
        Ok(())
    }
}

impl From<TimeOfDay> for String {
    fn from(time: TimeOfDay) -> Self {
        time.to_string()
    }
}

/// A stretch of one day, `09:00-12:00` in documents: from its first second up to and without its end.
///
/// Work through the night is two shifts: `22:00-24:00` on one day and `00:00-06:00` on the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Shift {
    from: TimeOfDay,
    to: TimeOfDay,
}

impl Shift {
    /// Returns when it starts.
    #[must_use]
    pub fn from(self) -> TimeOfDay {
        self.from
    }

    /// Returns when it ends.
    #[must_use]
    pub fn to(self) -> TimeOfDay {
        self.to
    }

    /// Returns its length in seconds.
    #[must_use]
    pub fn seconds(self) -> u32 {
        self.to.0 - self.from.0
    }
}

impl fmt::Display for Shift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.from, self.to)
    }
}

impl From<Shift> for String {
    fn from(shift: Shift) -> Self {
        shift.to_string()
    }
}

/// When the business day starts: with `04:00`, what happens at 03:59 still belongs to the day before.
///
/// Documents write the time; any time but `24:00` will do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "TimeOfDay", into = "TimeOfDay")]
pub struct DayBoundary(TimeOfDay);

impl DayBoundary {
    /// The day starts at midnight.
    pub const MIDNIGHT: Self = Self(TimeOfDay::START);

    /// Returns the time at which the day starts.
    #[must_use]
    pub fn time(self) -> TimeOfDay {
        self.0
    }
}

impl Default for DayBoundary {
    fn default() -> Self {
        Self::MIDNIGHT
    }
}

impl From<DayBoundary> for TimeOfDay {
    fn from(boundary: DayBoundary) -> Self {
        boundary.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{DateTime, FixedOffset, NaiveDateTime};

    #[test]
    fn times_read_back_and_slips_are_refused() {
        for text in ["00:00", "09:05", "23:59:59", "24:00"] {
            assert_eq!(text.parse::<TimeOfDay>().unwrap().to_string(), text);
        }
        for text in [
            "",
            "9:00",
            "09",
            "09:60",
            "24:00:01",
            "25:00",
            "09:00:00:00",
            "-1:00",
            "09:0x",
        ] {
            assert!(text.parse::<TimeOfDay>().is_err(), "{text}");
        }
        assert_eq!("09:00-12:30".parse::<Shift>().unwrap().seconds(), 12_600);
        for text in ["12:00-09:00", "09:00-09:00", "09:00", "09:00-12:00-13:00"] {
            assert!(text.parse::<Shift>().is_err(), "{text}");
        }
        assert!(DayBoundary::new(TimeOfDay::END).is_err());
    }

    #[test]
    fn the_ends_of_time_are_errors() {
        let offset = FixedOffset::east_opt(3600).unwrap();
        for extreme in [NaiveDateTime::MIN, NaiveDateTime::MAX] {
            let instant = DateTime::<FixedOffset>::from_naive_utc_and_offset(extreme, offset);
            assert!(local_date(instant, DayBoundary::MIDNIGHT).is_err());
            assert!(local_time(instant).is_err());
        }
        let boundary = DayBoundary::new(TimeOfDay::new(4, 0).unwrap()).unwrap();
        let first = DateTime::parse_from_rfc3339("0001-01-01T03:00:00Z").unwrap();
        assert!(local_date(first, boundary).is_err());
        assert!(local_date(first, DayBoundary::MIDNIGHT).is_ok());
    }
}
