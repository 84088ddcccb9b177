//! Calendars as documents.

use chrono::Weekday;
use serde::{Deserialize, Serialize};

use crate::document::Version;
use crate::key::Key;

/// A calendar as data: how its years run and how its weeks are counted. [`Calendar::new`](super::Calendar::new) checks
/// it.
///
/// ```
/// use quotaflow::calendar::{Calendar, CalendarDef};
/// let def: CalendarDef = serde_json::from_str(
///     r#"{"key": "fiscal", "year": {"kind": "months", "start_month": 7, "numbered_by": "end"}}"#,
/// ).map_err(quotaflow::Error::unreadable)?;
/// let calendar = Calendar::new(def)?;
/// assert_eq!(calendar.year(2026)?.start().to_string(), "2025-07-01");
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalendarDef {
    /// The version of this form of document; 1, also when left out.
    #[serde(default)]
    pub version: Version<1>,
    /// The calendar's name; its period sets are called `KEY.month` and so on. At most 180 bytes.
    pub key: Key,
    /// How years run.
    pub year: YearDef,
    /// How weeks are counted. Left out: ISO weeks, and in a retail calendar its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weeks: Option<WeekDef>,
}

impl CalendarDef {
    /// Returns the definition of a calendar with these years and the usual weeks.
    #[must_use]
    pub fn new(key: Key, year: YearDef) -> Self {
        Self {
            version: Version::default(),
            key,
            year,
            weeks: None,
        }
    }

    /// Returns the definition with weeks counted this way.
    #[must_use]
    pub fn weeks(mut self, weeks: WeekDef) -> Self {
        self.weeks = Some(weeks);
        self
    }
}

/// How the years of a calendar run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(
    tag = "kind",
    rename_all = "snake_case",
    deny_unknown_fields,
    rename_all_fields = "snake_case"
)]
#[non_exhaustive]
pub enum YearDef {
    /// Twelve months, each from `start_day` of a month to the day before it in the next month.
    Months {
        /// The month in which the year starts, 1 to 12.
        start_month: u8,
        /// The day on which the year and each of its months start, 1 to 28; 1 when left out.
        #[serde(default = "first")]
        start_day: u8,
        /// Which calendar year gives the year its number.
        numbered_by: YearNumber,
    },
    /// 52 or 53 whole weeks, in twelve periods that serve as months.
    Retail {
        /// How many weeks each month of a quarter has.
        pattern: RetailPattern,
        /// The day on which weeks, and so all periods, start.
        week_start: Weekday,
        /// The month at whose end the year ends, 1 to 12.
        end_month: u8,
        /// Which day at the end of that month is the last of the year.
        end_rule: YearEnd,
        /// Which calendar year gives the year its number.
        numbered_by: YearNumber,
        /// Which of the twelve periods takes the 53rd week of a long year; 12 when left out.
        #[serde(default = "last_month")]
        long_month: u8,
    },
    /// 52 or 53 whole weeks, in thirteen periods of four weeks that serve as months. Three quarters have three periods
    /// and one has four; a half is two quarters.
    ///
    /// ```
    /// use quotaflow::calendar::{Calendar, CalendarDef, Grain};
    /// let def: CalendarDef = serde_json::from_str(
    ///     r#"{"key": "stores", "year": {"kind": "four_weeks", "week_start": "monday", "end_month": 12, "end_rule": "nearest",
    ///         "numbered_by": "end"}}"#,
    /// ).map_err(quotaflow::Error::unreadable)?;
    /// let periods = Calendar::new(def)?.year_periods(Grain::Month, 2026)?;
    /// assert_eq!((periods.len(), periods.iter().next_back().map(|last| last.label.to_string()).as_deref()), (13, Some("FY2026-P13")));
    /// # Ok::<(), quotaflow::Error>(())
    /// ```
    FourWeeks {
        /// The day on which weeks, and so all periods, start.
        week_start: Weekday,
        /// The month at whose end the year ends, 1 to 12.
        end_month: u8,
        /// On which day the year ends.
        end_rule: YearEnd,
        /// Which calendar year gives the year its number.
        numbered_by: YearNumber,
        /// Which quarter has four periods, 1 to 4; the last one when left out.
        #[serde(default = "last_quarter")]
        long_quarter: u8,
        /// Which of the thirteen periods takes the 53rd week of a long year; 13 when left out.
        #[serde(default = "last_period")]
        long_period: u8,
    },
}

fn first() -> u8 {
    1
}

fn last_month() -> u8 {
    12
}

fn last_quarter() -> u8 {
    4
}

fn last_period() -> u8 {
    13
}

impl YearDef {
    /// The year from 1 January to 31 December.
    pub const CALENDAR_YEAR: Self = Self::Months {
        start_month: 1,
        start_day: 1,
        numbered_by: YearNumber::Start,
    };

    /// The 4-5-4 year of retail trade in North America: weeks from Sunday, the year ending on the Saturday nearest
    /// 31 January and numbered by the calendar year in which it starts.
    pub const RETAIL_454: Self = Self::Retail {
        pattern: RetailPattern::P454,
        week_start: Weekday::Sun,
        end_month: 1,
        end_rule: YearEnd::Nearest,
        numbered_by: YearNumber::Start,
        long_month: 12,
    };
}

/// Which calendar year gives a fiscal year its number.
///
/// A retail year is taken by its nominal twelve months for this, so that a few days beyond a month's end change
/// nothing: the year that ends on the Saturday nearest 31 January 2027 starts in 2026 and ends in 2027.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum YearNumber {
    /// The one in which it starts.
    Start,
    /// The one in which it ends.
    End,
}

/// How the thirteen weeks of a quarter make three periods.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum RetailPattern {
    /// Four, four and five weeks.
    #[serde(rename = "4-4-5")]
    P445,
    /// Four, five and four weeks.
    #[serde(rename = "4-5-4")]
    P454,
    /// Five, four and four weeks.
    #[serde(rename = "5-4-4")]
    P544,
}

impl RetailPattern {
    /// Returns the weeks of the three periods of a quarter.
    #[must_use]
    pub fn weeks(self) -> [u8; 3] {
        match self {
            Self::P445 => [4, 4, 5],
            Self::P454 => [4, 5, 4],
            Self::P544 => [5, 4, 4],
        }
    }
}

/// On which day, at the end of its last month, a year of 52 or 53 weeks ends.
///
/// ```
/// use quotaflow::calendar::YearEnd;
/// // The Saturday nearest the last but one day of the month; the last but one Saturday in it.
/// let nearest: YearEnd = serde_json::from_str(r#"{"nearest_to": {"days_before_end": 1}}"#).map_err(quotaflow::Error::unreadable)?;
/// let counted: YearEnd = serde_json::from_str(r#"{"last_but": {"weeks": 1}}"#).map_err(quotaflow::Error::unreadable)?;
/// assert_eq!((nearest, counted), (YearEnd::NearestTo { days_before_end: 1 }, YearEnd::LastBut { weeks: 1 }));
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum YearEnd {
    /// On the last day of the week that falls in the month.
    LastInMonth,
    /// On the last day of the week that is nearest to the end of the month, up to three days away.
    Nearest,
    /// On the last day of the week that is nearest to a day of the month counted from its end, up to three days away.
    NearestTo {
        /// How many days that day is before the last one of the month: 0 is the last day, 1 the penultimate one; at
        /// most 27.
        days_before_end: u8,
    },
    /// On the last day of a week that falls in the month, so many weeks before the last such day.
    LastBut {
        /// How many weeks before: 1 is the penultimate one of its weekday in the month; at most 3.
        weeks: u8,
    },
}

/// How the weeks of a calendar of months are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", from = "WeekDocument")]
#[non_exhaustive]
pub enum WeekDef {
    /// ISO 8601: weeks from Monday, numbered in the calendar year that holds their Thursday, also in a fiscal calendar.
    Iso,
    /// Weeks of seven days from `first_day`, numbered in the year of this calendar that holds their fourth day.
    Majority {
        /// The day on which weeks start.
        first_day: Weekday,
    },
    /// Weeks of seven days from `first_day`, of which week 1 is the one that holds the first day of the year: 1 January,
    /// or the first day of the fiscal year. The last days before it are in week 1 too.
    HoldsNewYear {
        /// The day on which weeks start.
        first_day: Weekday,
    },
    /// Seven days at a time from the first day of the year; the last week of the year has what is left, one or two
    /// days. These weeks lie within years.
    YearBlocks,
}

/// The same with braces everywhere: unknown fields beside a plain variant would go unseen.
#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
enum WeekDocument {
    Iso {},
    Majority { first_day: Weekday },
    HoldsNewYear { first_day: Weekday },
    YearBlocks {},
}

impl From<WeekDocument> for WeekDef {
    fn from(document: WeekDocument) -> Self {
        match document {
            WeekDocument::Iso {} => Self::Iso,
            WeekDocument::Majority { first_day } => Self::Majority { first_day },
            WeekDocument::HoldsNewYear { first_day } => Self::HoldsNewYear { first_day },
            WeekDocument::YearBlocks {} => Self::YearBlocks,
        }
    }
}
