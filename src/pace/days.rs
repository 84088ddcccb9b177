//! Which days count on the way to a target, and how much.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::PaceError;
use crate::calendar::{DayRange, WorkingDays};
use crate::quantity::Ratio;

/// How much each day counts.
///
/// ```
/// use quotaflow::calendar::{DayRange, WorkingDays, WorkingDaysDef};
/// use quotaflow::key::Key;
/// use quotaflow::pace::Days;
/// use quotaflow::quantity::Ratio;
/// let march = DayRange::new("2026-03-01".parse()?, "2026-04-01".parse()?)?;
/// assert_eq!(Days::Calendar.weight(march)?, Ratio::from(31));
/// // A shop that sells twice as much on a Saturday and is closed on Sundays: four Saturdays, five Sundays.
/// let shop = WorkingDaysDef::new(Key::new("shop")?, [1, 1, 1, 1, 1, 2, 0].map(Ratio::from));
/// assert_eq!(Days::Working(WorkingDays::new(shop)?).weight(march)?, Ratio::from(22 + 2 * 4));
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Days {
    /// Every day counts one. The default.
    #[default]
    Calendar,
    /// Every day counts what the working days say: one, nothing, a half, or twice as much on a Saturday.
    Working(WorkingDays),
}

impl Days {
    /// Returns how much the days of a range count together.
    ///
    /// # Errors
    /// [`PaceError::Calendar`] for days that working days do not know.
    pub fn weight(&self, range: DayRange) -> Result<Ratio, PaceError> {
        match self {
            Self::Calendar => Ok(Ratio::from(i64::from(range.days()))),
            Self::Working(working) => Ok(working.working_days(range.start(), range.end())?),
        }
    }
}

impl From<WorkingDays> for Days {
    fn from(working: WorkingDays) -> Self {
        Self::Working(working)
    }
}

/// Refuses weights below zero and weights that are all zero.
pub(super) fn check_weights(of: &'static str, weights: &[Ratio]) -> Result<(), PaceError> {
    for (index, weight) in weights.iter().enumerate() {
        if weight.is_negative() {
            return Err(PaceError::NegativeWeight {
                of,
                index,
                weight: *weight,
            });
        }
    }
    if weights.iter().all(|weight| weight.is_zero()) {
        return Err(PaceError::NoWeight { of });
    }
    Ok(())
}

/// Returns the part of `range` up to `end`, which may lie outside; empty when `end` is not after the start.
pub(super) fn up_to(range: DayRange, end: NaiveDate) -> Result<DayRange, PaceError> {
    let end = end.clamp(range.start(), range.end());
    Ok(DayRange::new(range.start(), end)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pace::testing::{day, range, weekdays};

    #[test]
    fn days_read_back() {
        let text = serde_json::to_string(&weekdays([1, 1, 1, 1, 1, 0, 0])).unwrap();
        let back: Days = serde_json::from_str(&text).unwrap();
        assert_eq!(back, weekdays([1, 1, 1, 1, 1, 0, 0]));
        assert_eq!(
            serde_json::to_string(&Days::Calendar).unwrap(),
            "\"calendar\""
        );
    }

    #[test]
    fn the_part_up_to_a_day_outside_is_nothing_or_all() {
        let march = range("2026-03-01", "2026-04-01");
        assert!(up_to(march, day("2026-02-01")).unwrap().is_empty());
        assert_eq!(up_to(march, day("2026-05-01")).unwrap(), march);
        assert_eq!(up_to(march, day("2026-03-11")).unwrap().days(), 10);
    }
}
