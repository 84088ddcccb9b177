//! Windows: spans of days that are stated once and found anew for each as-of day.

use std::num::NonZeroU32;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::calendar::Slot;
use super::{Calendar, CalendarError, DayRange, Grain, YearComparison, day};

/// Which days count, as seen from an as-of day. The as-of day itself is included.
///
/// ```
/// use chrono::NaiveDate;
/// use quotaflow::calendar::{Calendar, Grain, Window};
/// let day = |m, d| NaiveDate::from_ymd_opt(2026, m, d).unwrap();
/// let quarter_to_date = Window::ToDate { grain: Grain::Quarter };
/// let days = quarter_to_date.resolve(&Calendar::gregorian(), day(5, 20))?;
/// assert_eq!((days.start(), days.end()), (day(4, 1), day(5, 21)));
/// # Ok::<(), quotaflow::calendar::CalendarError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", from = "WindowDocument")]
#[non_exhaustive]
pub enum Window {
    /// A whole period: the one that holds the as-of day, or the one that is `back` periods before it.
    Whole {
        /// Its length.
        grain: Grain,
        /// How many periods earlier; 0, the current one, when left out.
        #[serde(default)]
        back: u32,
    },
    /// From the start of the period that holds the as-of day: week, month, quarter, year to date.
    ToDate {
        /// The length of the period.
        grain: Grain,
    },
    /// The last `count` days, weeks, months, ...
    Trailing {
        /// How many.
        count: NonZeroU32,
        /// Their length.
        grain: Grain,
        /// Whether the current period is one of them; it is when left out.
        #[serde(default)]
        ends: TrailingEnd,
    },
    /// Stated days, whatever the as-of day.
    Between {
        /// The first day.
        start: NaiveDate,
        /// The day after the last one.
        end: NaiveDate,
    },
    /// Everything up to the as-of day.
    UpTo,
}

/// Where a trailing window ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TrailingEnd {
    /// With the as-of day: the period that holds it is the last one, as far as it has come.
    #[default]
    AsOf,
    /// With the last period that is over at the end of the as-of day.
    LastComplete,
}

/// The same with braces everywhere: unknown fields beside a plain variant would go unseen.
#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
enum WindowDocument {
    Whole {
        grain: Grain,
        #[serde(default)]
        back: u32,
    },
    ToDate {
        grain: Grain,
    },
    Trailing {
        count: NonZeroU32,
        grain: Grain,
        #[serde(default)]
        ends: TrailingEnd,
    },
    Between {
        start: NaiveDate,
        end: NaiveDate,
    },
    UpTo {},
}

impl From<WindowDocument> for Window {
    fn from(document: WindowDocument) -> Self {
        match document {
            WindowDocument::Whole { grain, back } => Self::Whole { grain, back },
            WindowDocument::ToDate { grain } => Self::ToDate { grain },
            WindowDocument::Trailing { count, grain, ends } => {
                Self::Trailing { count, grain, ends }
            }
            WindowDocument::Between { start, end } => Self::Between { start, end },
            WindowDocument::UpTo {} => Self::UpTo,
        }
    }
}

impl Window {
    /// Returns the days of the window as seen from `as_of`.
    ///
    /// # Errors
    /// [`CalendarError::Reversed`] for stated days in the wrong order; [`CalendarError::DayOutOfRange`] where the
    /// window leaves the years 1 to 9999.
    pub fn resolve(
        &self,
        calendar: &Calendar,
        as_of: NaiveDate,
    ) -> Result<DayRange, CalendarError> {
        let today = day::number(as_of)?;
        match *self {
            Self::Whole { grain, back } => {
                let slot = step_back(calendar, grain, calendar.slot(grain, today)?, back)?;
                DayRange::from_numbers(slot.start, slot.end)
            }
            Self::ToDate { grain } => {
                DayRange::from_numbers(calendar.slot(grain, today)?.start, today + 1)
            }
            Self::Trailing { count, grain, ends } => {
                let current = calendar.slot(grain, today)?;
                let end = match ends {
                    TrailingEnd::AsOf => today + 1,
                    TrailingEnd::LastComplete if current.end == today + 1 => current.end,
                    TrailingEnd::LastComplete => current.start,
                };
                let last = calendar.slot(grain, end - 1)?;
                let first = step_back(calendar, grain, last, count.get() - 1)?;
                DayRange::from_numbers(first.start, end)
            }
            Self::Between { start, end } => DayRange::new(start, end),
            Self::UpTo => DayRange::from_numbers(day::FIRST_DAY, today + 1),
        }
    }

    /// Returns the days a year before those of the window, or `None` if `comparison` leaves them without counterpart.
    ///
    /// A window of weeks moves as its first week does, any other as [`Calendar::range_a_year_earlier`] says.
    ///
    /// # Errors
    /// As [`Window::resolve`], and [`CalendarError::NoSuchPeriod`] before year 1.
    pub fn resolve_a_year_earlier(
        &self,
        calendar: &Calendar,
        as_of: NaiveDate,
        comparison: YearComparison,
    ) -> Result<Option<DayRange>, CalendarError> {
        let days = self.resolve(calendar, as_of)?;
        if self.grain() == Some(Grain::Week) {
            let (start, end) = (day::number(days.start())?, day::number(days.end())?);
            let week = calendar.slot(Grain::Week, start)?;
            let earlier = calendar.slot_a_year_earlier(Grain::Week, week, comparison)?;
            return earlier
                .map(|earlier| DayRange::from_numbers(earlier.start, earlier.start + end - start))
                .transpose();
        }
        let earlier = calendar.range_a_year_earlier(days, comparison)?;
        Ok(Some(earlier).filter(|earlier| days.is_empty() || !earlier.is_empty()))
    }

    fn grain(self) -> Option<Grain> {
        match self {
            Self::Whole { grain, .. } | Self::ToDate { grain } | Self::Trailing { grain, .. } => {
                Some(grain)
            }
            Self::Between { .. } | Self::UpTo => None,
        }
    }
}

fn step_back(
    calendar: &Calendar,
    grain: Grain,
    slot: Slot,
    periods: u32,
) -> Result<Slot, CalendarError> {
    let mut slot = slot;
    if grain == Grain::Day {
        let start = i32::try_from(periods).unwrap_or(i32::MAX);
        return calendar.slot(grain, slot.start.saturating_sub(start));
    }
    // Each step leaves at least one day behind, so that year 1 is reached and refused.
    for _ in 0..periods {
        day::date(slot.start - 1)?;
        slot = calendar.slot(grain, slot.start - 1)?;
    }
    Ok(slot)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::LongYear;

    fn day(month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, month, day).unwrap()
    }

    fn resolved(window: Window, as_of: NaiveDate) -> (String, String) {
        let days = window.resolve(&Calendar::gregorian(), as_of).unwrap();
        (days.start().to_string(), days.end().to_string())
    }

    fn trailing(count: u32, grain: Grain, ends: TrailingEnd) -> Window {
        Window::Trailing {
            count: NonZeroU32::new(count).unwrap(),
            grain,
            ends,
        }
    }

    #[test]
    fn windows_seen_from_a_wednesday_in_may() {
        use Grain::{Day, Month, Quarter, Week, Year};
        let as_of = day(5, 20);
        for (name, window, start, end) in [
            (
                "WTD",
                Window::ToDate { grain: Week },
                "2026-05-18",
                "2026-05-21",
            ),
            (
                "MTD",
                Window::ToDate { grain: Month },
                "2026-05-01",
                "2026-05-21",
            ),
            (
                "QTD",
                Window::ToDate { grain: Quarter },
                "2026-04-01",
                "2026-05-21",
            ),
            (
                "YTD",
                Window::ToDate { grain: Year },
                "2026-01-01",
                "2026-05-21",
            ),
            (
                "this month",
                Window::Whole {
                    grain: Month,
                    back: 0,
                },
                "2026-05-01",
                "2026-06-01",
            ),
            (
                "last quarter",
                Window::Whole {
                    grain: Quarter,
                    back: 1,
                },
                "2026-01-01",
                "2026-04-01",
            ),
            (
                "90 days",
                trailing(90, Day, TrailingEnd::AsOf),
                "2026-02-20",
                "2026-05-21",
            ),
            (
                "3 months",
                trailing(3, Month, TrailingEnd::AsOf),
                "2026-03-01",
                "2026-05-21",
            ),
            (
                "3 whole months",
                trailing(3, Month, TrailingEnd::LastComplete),
                "2026-02-01",
                "2026-05-01",
            ),
            (
                "4 weeks",
                trailing(4, Week, TrailingEnd::LastComplete),
                "2026-04-20",
                "2026-05-18",
            ),
            (
                "between",
                Window::Between {
                    start: day(2, 1),
                    end: day(2, 3),
                },
                "2026-02-01",
                "2026-02-03",
            ),
            ("up to", Window::UpTo, "0001-01-01", "2026-05-21"),
        ] {
            assert_eq!(
                resolved(window, as_of),
                (start.to_owned(), end.to_owned()),
                "{name}"
            );
        }
    }

    #[test]
    fn a_period_is_complete_on_its_last_day() {
        let window = trailing(1, Grain::Month, TrailingEnd::LastComplete);
        assert_eq!(resolved(window, day(5, 31)).0, "2026-05-01");
        assert_eq!(resolved(window, day(5, 30)).0, "2026-04-01");
    }

    #[test]
    fn a_year_earlier_keeps_weeks_whole() {
        let calendar = Calendar::gregorian();
        let earlier = |window: Window, as_of, long_year| {
            let comparison = YearComparison {
                long_year,
                ..YearComparison::default()
            };
            window
                .resolve_a_year_earlier(&calendar, as_of, comparison)
                .unwrap()
                .map(|days| (days.start().to_string(), days.end().to_string()))
        };
        let week = Window::ToDate { grain: Grain::Week };
        // Week 21 of 2026 to its Wednesday. That ISO year has 53 weeks, so week 20 or week 21 of 2025 is beside it.
        assert_eq!(
            earlier(week, day(5, 20), LongYear::DropFirstWeek),
            Some(("2025-05-12".to_owned(), "2025-05-15".to_owned()))
        );
        assert_eq!(
            earlier(week, day(5, 20), LongYear::KeepSeason),
            Some(("2025-05-19".to_owned(), "2025-05-22".to_owned()))
        );
        // Week 1 of 2026, from 29 December 2025.
        assert_eq!(earlier(week, day(1, 2), LongYear::DropFirstWeek), None);
        let month = Window::ToDate {
            grain: Grain::Month,
        };
        assert_eq!(
            earlier(month, day(5, 20), LongYear::DropFirstWeek),
            Some(("2025-05-01".to_owned(), "2025-05-21".to_owned()))
        );
    }

    #[test]
    fn windows_beyond_the_years_are_errors() {
        let calendar = Calendar::gregorian();
        let first = NaiveDate::from_ymd_opt(1, 1, 1).unwrap();
        let last = NaiveDate::from_ymd_opt(9999, 12, 31).unwrap();
        let window = trailing(u32::MAX, Grain::Day, TrailingEnd::AsOf);
        assert!(window.resolve(&calendar, last).is_err());
        let window = trailing(u32::MAX, Grain::Month, TrailingEnd::AsOf);
        assert!(window.resolve(&calendar, first).is_err());
        assert_eq!(
            Window::UpTo.resolve(&calendar, last).unwrap().days(),
            3_652_059
        );
        assert!(Window::UpTo.resolve(&calendar, NaiveDate::MAX).is_err());
        let reversed = Window::Between {
            start: day(2, 2),
            end: day(2, 1),
        };
        assert!(matches!(
            reversed.resolve(&calendar, last),
            Err(CalendarError::Reversed { .. })
        ));
    }
}
