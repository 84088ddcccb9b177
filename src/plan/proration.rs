//! From which day a move counts that falls into the middle of something.

use std::num::NonZeroU8;

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::calendar::DayRange;

/// From which day it counts that somebody joins, leaves or changes parents, or that something is launched or ends. It moves the
/// cut and nothing else: the days on either side are shared as they always are.
///
/// ```
/// # use quotaflow::plan::Proration;
/// let sixteenth: Proration = serde_json::from_str(r#"{"whole_months": {"until": 15}}"#).map_err(quotaflow::Error::unreadable)?;
/// assert_eq!(sixteenth, Proration::WholeMonths { until: 15.try_into()? });
/// assert_eq!(serde_json::to_string(&Proration::OnTheDay).map_err(quotaflow::Error::other)?, r#""on_the_day""#);
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Proration {
    /// From its day. The default.
    #[default]
    OnTheDay,
    /// Whole months: up to and with a day of the month from the first of that month, later from the first of the next.
    WholeMonths {
        /// The last day of the month that still counts from its first.
        until: NonZeroU8,
    },
    /// From the next of the plan's finest periods, where it does not fall on the first day of one.
    NextPeriod,
}

impl Proration {
    #[allow(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
    pub(super) fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// Returns the day from which something counts that happens on a day.
    pub(super) fn counts_from(self, day: NaiveDate, periods: Option<&[DayRange]>) -> NaiveDate {
        match self {
            Self::OnTheDay => day,
            Self::WholeMonths { until } => {
                let first = day.with_day(1).unwrap_or(day);
                if day.day() <= u32::from(until.get()) {
                    first
                } else {
                    first
                        .checked_add_months(chrono::Months::new(1))
                        .unwrap_or(day)
                }
            }
            Self::NextPeriod => {
                let Some(periods) = periods else { return day };
                let at = periods.partition_point(|own| own.end() <= day);
                match periods.get(at) {
                    Some(own) if own.start() < day => own.end(),
                    _ => day,
                }
            }
        }
    }
}
