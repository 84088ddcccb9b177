//! Times and stretches as they are given: what is none is refused.

use crate::calendar::{
    CalendarError, day,
    time_of_day::{DayBoundary, Shift, TimeOfDay},
};
use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, TimeDelta};
use std::str::FromStr;

impl FromStr for TimeOfDay {
    type Err = CalendarError;

    fn from_str(text: &str) -> Result<Self, CalendarError> {
        let two_digits = |part: Option<&str>| {
            let part = part?;
            let plain = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
            if plain {
                part.parse::<u32>().ok()
            } else {
                None
            }
        };
        let mut parts = text.split(':');
        let (hour, minute) = (two_digits(parts.next()), two_digits(parts.next()));
        let second = match parts.next() {
            None => Some(0),
            part => two_digits(part),
        };
        let time = match (hour, minute, second, parts.next()) {
            (Some(hour), Some(minute), Some(second), None) => {
                Self::from_parts(hour, minute, second)
            }
            _ => None,
        };
        time.ok_or_else(|| CalendarError::TimeOfDay {
            text: text.chars().take(24).collect(),
        })
    }
}

impl TryFrom<String> for TimeOfDay {
    type Error = CalendarError;

    fn try_from(text: String) -> Result<Self, CalendarError> {
        text.parse()
    }
}

impl FromStr for Shift {
    type Err = CalendarError;

    fn from_str(text: &str) -> Result<Self, CalendarError> {
        let (from, to) = text.split_once('-').ok_or_else(|| CalendarError::Shift {
            text: text.chars().take(24).collect(),
        })?;
        Self::new(from.parse()?, to.parse()?)
    }
}

impl TryFrom<String> for Shift {
    type Error = CalendarError;

    fn try_from(text: String) -> Result<Self, CalendarError> {
        text.parse()
    }
}

impl TryFrom<TimeOfDay> for DayBoundary {
    type Error = CalendarError;

    fn try_from(time: TimeOfDay) -> Result<Self, CalendarError> {
        Self::new(time)
    }
}

/// Returns the business day to which an instant belongs where its own offset is the local time.
///
/// ```
/// use chrono::DateTime;
/// use quotaflow::calendar::{DayBoundary, local_date};
/// let late = DateTime::parse_from_rfc3339("2026-03-15T02:30:00+08:00").unwrap();
/// assert_eq!(local_date(late, DayBoundary::MIDNIGHT)?.to_string(), "2026-03-15");
/// assert_eq!(local_date(late, DayBoundary::new("04:00".parse()?)?)?.to_string(), "2026-03-14");
/// # Ok::<(), quotaflow::calendar::CalendarError>(())
/// ```
///
/// # Errors
/// [`CalendarError::DayOutOfRange`].
pub fn local_date(
    instant: DateTime<FixedOffset>,
    boundary: DayBoundary,
) -> Result<NaiveDate, CalendarError> {
    let outside = || CalendarError::DayOutOfRange {
        day: format!("the local day of {}", instant.naive_utc()),
    };
    let local = local_time(instant)?
        .checked_sub_signed(TimeDelta::seconds(i64::from(boundary.0.seconds())))
        .ok_or_else(outside)?;
    if day::number(local.date())? == day::END_DAY {
        return Err(outside());
    }
    Ok(local.date())
}

/// Returns the local time of an instant by its own offset.
///
/// # Errors
/// [`CalendarError::DayOutOfRange`].
pub fn local_time(instant: DateTime<FixedOffset>) -> Result<NaiveDateTime, CalendarError> {
    let local = instant
        .naive_utc()
        .checked_add_offset(*instant.offset())
        .ok_or_else(|| CalendarError::DayOutOfRange {
            day: format!("the local day of {}", instant.naive_utc()),
        })?;
    day::number(local.date())?;
    Ok(local)
}

impl Shift {
    /// Returns the stretch between two times.
    ///
    /// # Errors
    /// [`CalendarError::Shift`] if it does not end after it starts.
    pub fn new(from: TimeOfDay, to: TimeOfDay) -> Result<Self, CalendarError> {
        if to <= from {
            return Err(CalendarError::Shift {
                text: format!("{from}-{to}"),
            });
        }
        Ok(Self { from, to })
    }
}

impl TimeOfDay {
    /// Returns the time with this hour and minute.
    ///
    /// # Errors
    /// [`CalendarError::TimeOfDay`] beyond 24:00 and for a minute beyond 59.
    pub fn new(hour: u8, minute: u8) -> Result<Self, CalendarError> {
        Self::from_parts(u32::from(hour), u32::from(minute), 0).ok_or_else(|| {
            CalendarError::TimeOfDay {
                text: format!("{hour:02}:{minute:02}"),
            }
        })
    }
}

impl DayBoundary {
    /// Returns the boundary at this time.
    ///
    /// # Errors
    /// [`CalendarError::DayBoundary`] for `24:00`.
    pub fn new(time: TimeOfDay) -> Result<Self, CalendarError> {
        if time == TimeOfDay::END {
            return Err(CalendarError::DayBoundary);
        }
        Ok(Self(time))
    }
}
