//! Which days count on the way to a target, and how much.

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

use super::PaceError;
use crate::calendar::DayRange;
use crate::quantity::Ratio;

/// How much each day counts.
///
/// ```
/// use quotaflow::calendar::DayRange;
/// use quotaflow::pace::Days;
/// use quotaflow::quantity::Ratio;
/// let march = DayRange::new("2026-03-01".parse()?, "2026-04-01".parse()?)?;
/// assert_eq!(Days::Calendar.weight(march)?, Ratio::from(31));
/// // A shop that sells twice as much on a Saturday and is closed on Sundays: four Saturdays, five Sundays.
/// let shop = Days::weekdays([1, 1, 1, 1, 1, 2, 0].map(Ratio::from))?;
/// assert_eq!(shop.weight(march)?, Ratio::from(22 + 2 * 4));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", try_from = "DaysDef", into = "DaysDef")]
#[non_exhaustive]
pub enum Days {
    /// Every day counts one. The default.
    #[default]
    Calendar,
    /// A day counts what its weekday does, from Monday to Sunday; made by [`Days::weekdays`].
    Weekdays(WeekdayWeights),
}

/// What each weekday counts, from Monday to Sunday: none below zero, not all of them zero.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WeekdayWeights(Box<[Ratio; 7]>);

impl WeekdayWeights {
    /// Returns what the weekdays count, from Monday to Sunday.
    #[must_use]
    pub fn weights(&self) -> &[Ratio; 7] {
        &self.0
    }
}

impl Days {
    /// Returns days that count what their weekday does, from Monday to Sunday.
    ///
    /// # Errors
    /// [`PaceError::NegativeWeight`], [`PaceError::NoWeight`].
    pub fn weekdays(weights: [Ratio; 7]) -> Result<Self, PaceError> {
        check_weights("weekday", &weights)?;
        Ok(Self::Weekdays(WeekdayWeights(Box::new(weights))))
    }

    /// Returns how much the days of a range count together.
    ///
    /// # Errors
    /// [`PaceError::Quantity`] when weekday weights are so fine that their sum leaves 128 bits.
    pub fn weight(&self, range: DayRange) -> Result<Ratio, PaceError> {
        match self {
            Self::Calendar => Ok(Ratio::from(i64::from(range.days()))),
            Self::Weekdays(WeekdayWeights(weights)) => {
                let weeks = range.days() / 7;
                let mut sum = Ratio::ZERO;
                let first = range.start().weekday().num_days_from_monday();
                for (weekday, weight) in (0_u32..).zip(weights.iter()) {
                    let days_after_first = (weekday + 7 - first) % 7;
                    let times = weeks + u32::from(days_after_first < range.days() % 7);
                    sum = sum.checked_add(weight.checked_mul(Ratio::from(i64::from(times)))?)?;
                }
                Ok(sum)
            }
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum DaysDef {
    Calendar,
    Weekdays(Box<[Ratio; 7]>),
}

impl TryFrom<DaysDef> for Days {
    type Error = PaceError;

    fn try_from(definition: DaysDef) -> Result<Self, PaceError> {
        match definition {
            DaysDef::Calendar => Ok(Self::Calendar),
            DaysDef::Weekdays(weights) => Self::weekdays(*weights),
        }
    }
}

impl From<Days> for DaysDef {
    fn from(days: Days) -> Self {
        match days {
            Days::Calendar => Self::Calendar,
            Days::Weekdays(WeekdayWeights(weights)) => Self::Weekdays(weights),
        }
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
    Ok(DayRange::new(
        range.start(),
        end.clamp(range.start(), range.end()),
    )?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pace::testing::{day, range};
    use proptest::prelude::*;

    #[test]
    fn weekday_weights_are_checked() {
        let mut weights = [Ratio::ZERO; 7];
        assert_eq!(
            Days::weekdays(weights),
            Err(PaceError::NoWeight { of: "weekday" })
        );
        weights[2] = Ratio::from(-1);
        assert!(matches!(
            Days::weekdays(weights),
            Err(PaceError::NegativeWeight { index: 2, .. })
        ));
        let text = r#"{"weekdays":["1","1","1","1","1","0.5","0"]}"#;
        let days: Days = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&days).unwrap(), text);
        assert!(serde_json::from_str::<Days>(&text.replace("0.5", "-0.5")).is_err());
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

    proptest! {
        #[test]
        fn weekdays_count_as_when_counted_one_by_one(start in 0_u64..3000, days in 0_u64..60, weights in proptest::array::uniform7(0_i64..50)) {
            prop_assume!(weights.iter().any(|weight| *weight > 0));
            let first = day("2020-01-01") + chrono::Days::new(start);
            let range = DayRange::new(first, first + chrono::Days::new(days)).unwrap();
            let counted = Days::weekdays(weights.map(Ratio::from)).unwrap().weight(range).unwrap();
            let slow: i64 = first.iter_days().take(usize::try_from(days).unwrap())
                .map(|day| weights[day.weekday().num_days_from_monday() as usize]).sum();
            prop_assert_eq!(counted, Ratio::from(slow));
        }
    }
}
