//! The same period a year earlier, and the one before.

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

use super::calendar::Slot;
use super::definition::YearDef;
use super::{Calendar, CalendarError, DayRange, Grain, PeriodDef, PeriodId, PeriodSet, day};

/// How a year is compared with the one before when they have not the same days or weeks.
///
/// The default compares nothing with 29 February, and leaves out the first week of a year of 53 weeks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct YearComparison {
    /// What 29 February is compared with. A calendar of weeks has no need of it.
    pub leap_day: LeapDay,
    /// Which week of a year of 53 weeks has no counterpart in a year of 52.
    pub long_year: LongYear,
}

/// What 29 February is compared with in a year that has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeapDay {
    /// With nothing, so that no day is counted twice.
    #[default]
    Unmatched,
    /// With 28 February, which then serves two days.
    February28,
    /// With 1 March, which then serves two days.
    March1,
}

/// Which week of a year of 53 weeks is left out beside a year of 52.
///
/// A year of 53 weeks starts near the day on which the year before started, and the year after it starts a week later
/// than it did. So the first two rules each suit one of the two comparisons better, and the third suits both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LongYear {
    /// The first one: week 2 of the long year stands beside week 1 of the short one.
    #[default]
    DropFirstWeek,
    /// The last one: weeks of one number stand beside each other.
    DropLastWeek,
    /// The first one if the earlier year is long, the last one if the later year is: all weeks stand beside the one 52
    /// weeks before, in the same season.
    KeepSeason,
}

impl LongYear {
    /// Returns the week beside week `index` of a year of `weeks` weeks in a year of `earlier` weeks.
    fn counterpart(self, index: u32, weeks: u32, earlier: u32) -> Option<u32> {
        let shifted = match self {
            Self::DropFirstWeek => (index + earlier).checked_sub(weeks)?,
            Self::DropLastWeek => index,
            Self::KeepSeason => index + earlier.saturating_sub(weeks),
        };
        (1..=earlier).contains(&shifted).then_some(shifted)
    }
}

impl Calendar {
    /// Returns the period that comes `by` periods after the one that holds `day`; before it if `by` is negative.
    ///
    /// # Errors
    /// [`CalendarError::DayOutOfRange`] where that leaves the years 1 to 9999.
    pub fn shift(&self, grain: Grain, day: NaiveDate, by: i32) -> Result<PeriodDef, CalendarError> {
        let mut slot = self.slot(grain, day::number(day)?)?;
        if grain == Grain::Day {
            slot = self.slot(grain, slot.start.saturating_add(by))?;
        } else {
            // Every step stays inside the years 1 to 9999 or fails, which bounds the loop.
            for _ in 0..by.unsigned_abs() {
                let next = if by < 0 { slot.start - 1 } else { slot.end };
                day::date(next)?;
                slot = self.slot(grain, next)?;
            }
        }
        self.period(grain, slot, 0)
    }

    /// Returns the period a year before the one that holds `day`, or `None` if `comparison` leaves it without one.
    ///
    /// Months, quarters and halves have their counterpart at the same place in the year; weeks by their number, as
    /// [`LongYear`] says; days by their date, in a retail calendar by week and weekday.
    ///
    /// ```
    /// use chrono::NaiveDate;
    /// use quotaflow::calendar::{Calendar, Grain, YearComparison};
    /// let calendar = Calendar::gregorian();
    /// let by_default = YearComparison::default();
    /// let leap_day = NaiveDate::from_ymd_opt(2024, 2, 29).unwrap();
    /// let month = calendar.a_year_earlier(Grain::Month, leap_day, by_default)?;
    /// assert_eq!(month.map(|month| month.label.to_string()).as_deref(), Some("2023-02"));
    /// assert_eq!(calendar.a_year_earlier(Grain::Day, leap_day, by_default)?, None);
    /// # Ok::<(), quotaflow::calendar::CalendarError>(())
    /// ```
    ///
    /// # Errors
    /// [`CalendarError::DayOutOfRange`] or [`CalendarError::NoSuchPeriod`] at the edge of the years 1 to 9999.
    pub fn a_year_earlier(
        &self,
        grain: Grain,
        day: NaiveDate,
        comparison: YearComparison,
    ) -> Result<Option<PeriodDef>, CalendarError> {
        let slot = self.slot(grain, day::number(day)?)?;
        self.slot_a_year_earlier(grain, slot, comparison)?
            .map(|slot| self.period(grain, slot, 0))
            .transpose()
    }

    /// Returns, for each period of `set`, the same period a year earlier in `history`, `None`
    /// where `history` does not hold it or `comparison` leaves it without one. Both may be one set.
    ///
    /// # Errors
    /// [`CalendarError::ForeignPeriod`] if a period of `set` is not one of this calendar's periods of this grain.
    pub fn same_period_last_year(
        &self,
        grain: Grain,
        set: &PeriodSet,
        history: &PeriodSet,
        comparison: YearComparison,
    ) -> Result<Vec<Option<PeriodId>>, CalendarError> {
        set.iter()
            .map(|period| {
                let slot = self.slot(grain, day::number(period.start)?)?;
                let days = DayRange::from_numbers(slot.start, slot.end)?;
                if (days.start(), days.end()) != (period.start, period.end) {
                    return Err(CalendarError::ForeignPeriod {
                        calendar: self.key().clone(),
                        grain,
                        period: period.label,
                        start: period.start,
                        end: period.end,
                    });
                }
                // What lies before year 1 is in no history.
                let earlier = self
                    .slot_a_year_earlier(grain, slot, comparison)
                    .ok()
                    .flatten()
                    .and_then(|slot| DayRange::from_numbers(slot.start, slot.end).ok());
                Ok(earlier.and_then(|days| {
                    let at = history.on(days.start())?;
                    (history.range(at)? == days).then_some(at)
                }))
            })
            .collect()
    }

    /// Returns the days a year before the days of `range`.
    ///
    /// In a calendar of months both ends move to their date a year earlier, an end on 29 February to 1 March: ranges
    /// that touch still touch, and a whole February meets a whole February. In a retail calendar days move by week and
    /// weekday: the answer runs from the counterpart of the first day that has one to that of the last, and is empty, at
    /// the start of the year before, if none has.
    ///
    /// # Errors
    /// [`CalendarError::DayOutOfRange`] or [`CalendarError::NoSuchPeriod`] at the edge of the years 1 to 9999.
    pub fn range_a_year_earlier(
        &self,
        range: DayRange,
        comparison: YearComparison,
    ) -> Result<DayRange, CalendarError> {
        match self.definition().year {
            YearDef::Months { .. } => {
                let earlier = |date: NaiveDate| {
                    let year = date.year() - 1;
                    NaiveDate::from_ymd_opt(year, date.month(), date.day())
                        .or_else(|| NaiveDate::from_ymd_opt(year, 3, 1))
                        .ok_or_else(|| CalendarError::DayOutOfRange {
                            day: format!("a year before {date}"),
                        })
                };
                DayRange::new(earlier(range.start())?, earlier(range.end())?)
            }
            YearDef::Retail { .. } | YearDef::FourWeeks { .. } => {
                self.weeks_a_year_earlier(range, comparison)
            }
        }
    }

    /// Moves the first and the last day that have a counterpart by their weeks.
    fn weeks_a_year_earlier(
        &self,
        range: DayRange,
        comparison: YearComparison,
    ) -> Result<DayRange, CalendarError> {
        let (mut start, end) = (day::number(range.start())?, day::number(range.end())?);
        let week_earlier = |number: i32| {
            let week = self.slot(Grain::Week, number)?;
            let earlier = self.slot_a_year_earlier(Grain::Week, week, comparison)?;
            Ok((week, earlier))
        };
        let first = loop {
            if start >= end {
                // Nothing has a counterpart: an empty range near where it would be.
                let year = self.slot(Grain::Year, day::number(range.start())?)?;
                let earlier = self.slot(Grain::Year, year.start - 1)?;
                return DayRange::from_numbers(earlier.start, earlier.start);
            }
            match week_earlier(start)? {
                (week, Some(earlier)) => break earlier.start + start - week.start,
                (week, None) => start = week.end,
            }
        };
        let mut last = end - 1;
        let last = loop {
            match week_earlier(last)? {
                (week, Some(earlier)) => break earlier.start + last - week.start,
                // The first day has a counterpart, so this comes to an end there at the latest.
                (week, None) => last = week.start - 1,
            }
        };
        DayRange::from_numbers(first, last + 1)
    }

    pub(super) fn slot_a_year_earlier(
        &self,
        grain: Grain,
        slot: Slot,
        comparison: YearComparison,
    ) -> Result<Option<Slot>, CalendarError> {
        let year = slot.year - 1;
        match (grain, self.definition().year) {
            (Grain::Day, YearDef::Months { .. }) => {
                let date = day::date(slot.start)?;
                match date_a_year_earlier(date, comparison.leap_day) {
                    Some(date) => self.slot(grain, day::number(date)?).map(Some),
                    None => Ok(None),
                }
            }
            (Grain::Day, YearDef::Retail { .. } | YearDef::FourWeeks { .. }) => {
                let week = self.slot(Grain::Week, slot.start)?;
                let earlier = self.slot_a_year_earlier(Grain::Week, week, comparison)?;
                match earlier {
                    Some(earlier) => self
                        .slot(grain, earlier.start + slot.start - week.start)
                        .map(Some),
                    None => Ok(None),
                }
            }
            (Grain::Week, _) => {
                let (weeks, earlier) = (self.weeks_in(slot.year)?, self.weeks_in(year)?);
                match comparison.long_year.counterpart(slot.index, weeks, earlier) {
                    Some(index) => self.numbered(grain, year, index),
                    None => Ok(None),
                }
            }
            (Grain::Month | Grain::Quarter | Grain::Half | Grain::Year, _) => {
                self.numbered(grain, year, slot.index)
            }
        }
    }
}

fn date_a_year_earlier(date: NaiveDate, leap_day: LeapDay) -> Option<NaiveDate> {
    let year = date.year() - 1;
    NaiveDate::from_ymd_opt(year, date.month(), date.day()).or_else(|| match leap_day {
        LeapDay::Unmatched => None,
        LeapDay::February28 => NaiveDate::from_ymd_opt(year, 2, 28),
        LeapDay::March1 => NaiveDate::from_ymd_opt(year, 3, 1),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::CalendarDef;
    use crate::key::Key;

    fn day(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).unwrap()
    }

    fn retail() -> Calendar {
        Calendar::new(CalendarDef::new(
            Key::new("retail").unwrap(),
            YearDef::RETAIL_454,
        ))
        .unwrap()
    }

    fn earlier(
        calendar: &Calendar,
        grain: Grain,
        day: NaiveDate,
        comparison: YearComparison,
    ) -> Option<String> {
        calendar
            .a_year_earlier(grain, day, comparison)
            .unwrap()
            .map(|period| period.label.to_string())
    }

    #[test]
    fn a_long_year_drops_its_first_week() {
        let retail = retail();
        let drop_first = YearComparison::default();
        // 2023 has 53 weeks. Beside 2022 its week 1 is dropped; 2024 is compared with its weeks 2 to 53.
        let weeks = |year| retail.year_periods(Grain::Week, year).unwrap();
        let long = weeks(2023);
        assert_eq!(long.len(), 53);
        for week in &long {
            let expected = {
                let before = week.id.index();
                (before > 0).then(|| format!("FY2022-W{before:02}"))
            };
            assert_eq!(
                earlier(&retail, Grain::Week, week.start, drop_first),
                expected
            );
        }
        for week in &weeks(2024) {
            let expected = format!("FY2023-W{:02}", week.id.index() + 2);
            assert_eq!(
                earlier(&retail, Grain::Week, week.start, drop_first),
                Some(expected)
            );
        }
        let map = retail
            .same_period_last_year(Grain::Week, &weeks(2024), &long, drop_first)
            .unwrap();
        assert_eq!(map, long.ids().skip(1).map(Some).collect::<Vec<_>>());
        let map = retail
            .same_period_last_year(Grain::Week, &long, &weeks(2022), drop_first)
            .unwrap();
        let earlier = weeks(2022).ids().map(Some);
        assert_eq!(
            map,
            std::iter::once(None).chain(earlier).collect::<Vec<_>>()
        );
    }

    #[test]
    fn a_long_year_may_drop_its_last_week_instead() {
        let retail = retail();
        let drop_last = YearComparison {
            long_year: LongYear::DropLastWeek,
            ..YearComparison::default()
        };
        let at = |week: i64| retail.year(2023).unwrap().start() + chrono::TimeDelta::weeks(week);
        assert_eq!(
            earlier(&retail, Grain::Week, at(0), drop_last).as_deref(),
            Some("FY2022-W01")
        );
        assert_eq!(earlier(&retail, Grain::Week, at(52), drop_last), None);
        let keep_season = YearComparison {
            long_year: LongYear::KeepSeason,
            ..YearComparison::default()
        };
        for year in 2022..=2025 {
            for week in &retail.year_periods(Grain::Week, year).unwrap() {
                let found = retail
                    .a_year_earlier(Grain::Week, week.start, keep_season)
                    .unwrap()
                    .map(|week| week.start);
                let expected =
                    (week.id.index() < 52).then(|| week.start - chrono::TimeDelta::weeks(52));
                assert_eq!(found, expected, "{}", week.label);
            }
        }
        // ISO weeks know long years too: 2020 has 53.
        let gregorian = Calendar::gregorian();
        assert_eq!(
            earlier(&gregorian, Grain::Week, day(2021, 1, 4), drop_last).as_deref(),
            Some("2020-W01")
        );
        assert_eq!(
            earlier(
                &gregorian,
                Grain::Week,
                day(2021, 1, 4),
                YearComparison::default()
            )
            .as_deref(),
            Some("2020-W02")
        );
    }

    #[test]
    fn a_retail_period_meets_the_same_days_of_the_season() {
        let retail = retail();
        let by_default = YearComparison::default();
        // The whole of 2024 (52 weeks) meets weeks 2 to 53 of 2023, the whole of 2023 all 52 weeks of 2022.
        let year = |year| retail.year(year).unwrap();
        let met = retail.range_a_year_earlier(year(2024), by_default).unwrap();
        assert_eq!(met.end(), year(2023).end());
        assert_eq!(met.days(), 364);
        let met = retail.range_a_year_earlier(year(2023), by_default).unwrap();
        assert_eq!(met, year(2022));
        // Week 1 of the long year meets nothing.
        let week = DayRange::new(
            year(2023).start(),
            year(2023).start() + chrono::Days::new(7),
        );
        let met = retail
            .range_a_year_earlier(week.unwrap(), by_default)
            .unwrap();
        assert!(met.is_empty());
        assert_eq!(met.start(), year(2022).start());
        // A Saturday meets a Saturday.
        assert_eq!(
            earlier(&retail, Grain::Day, day(2025, 2, 1), by_default).as_deref(),
            Some("2024-02-03")
        );
    }

    #[test]
    fn the_leap_day_is_compared_as_stated() {
        let gregorian = Calendar::gregorian();
        for (leap_day, expected) in [
            (LeapDay::Unmatched, None),
            (LeapDay::February28, Some("2023-02-28")),
            (LeapDay::March1, Some("2023-03-01")),
        ] {
            let comparison = YearComparison {
                leap_day,
                ..YearComparison::default()
            };
            let found = earlier(&gregorian, Grain::Day, day(2024, 2, 29), comparison);
            assert_eq!(found.as_deref(), expected);
        }
        let range = |start, end| DayRange::new(start, end).unwrap();
        for (later, expected) in [
            (
                range(day(2024, 2, 1), day(2024, 3, 1)),
                range(day(2023, 2, 1), day(2023, 3, 1)),
            ),
            (
                range(day(2025, 2, 1), day(2025, 3, 1)),
                range(day(2024, 2, 1), day(2024, 3, 1)),
            ),
            (
                range(day(2024, 2, 29), day(2024, 3, 1)),
                range(day(2023, 3, 1), day(2023, 3, 1)),
            ),
        ] {
            let found = gregorian.range_a_year_earlier(later, YearComparison::default());
            assert_eq!(found.unwrap(), expected);
        }
    }

    #[test]
    fn periods_shift_over_year_ends() {
        let gregorian = Calendar::gregorian();
        let shifted = |grain, by| {
            gregorian
                .shift(grain, day(2026, 1, 31), by)
                .map(|period| period.label.to_string())
        };
        assert_eq!(shifted(Grain::Month, -2).unwrap(), "2025-11");
        assert_eq!(shifted(Grain::Month, 1).unwrap(), "2026-02");
        assert_eq!(shifted(Grain::Week, -5).unwrap(), "2025-W52");
        assert_eq!(shifted(Grain::Day, -31).unwrap(), "2025-12-31");
        assert!(shifted(Grain::Year, i32::MIN).is_err());
        assert!(shifted(Grain::Day, i32::MAX).is_err());
    }

    #[test]
    fn a_set_of_another_calendar_is_refused() {
        let months = Calendar::gregorian()
            .year_periods(Grain::Month, 2026)
            .unwrap();
        let found = retail().same_period_last_year(
            Grain::Month,
            &months,
            &months,
            YearComparison::default(),
        );
        assert!(matches!(found, Err(CalendarError::ForeignPeriod { .. })));
    }

    #[test]
    fn the_first_year_has_no_year_before() {
        let gregorian = Calendar::gregorian();
        let years = gregorian
            .periods(Grain::Year, day(1, 1, 1), day(3, 1, 1))
            .unwrap();
        let map = gregorian
            .same_period_last_year(Grain::Year, &years, &years, YearComparison::default())
            .unwrap();
        assert_eq!(map, [None, years.ids().next()]);
        let first = DayRange::new(day(1, 1, 1), day(1, 2, 1)).unwrap();
        assert!(
            gregorian
                .range_a_year_earlier(first, YearComparison::default())
                .is_err()
        );
    }
}
