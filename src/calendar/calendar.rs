//! A checked calendar: which period holds a day, and where each period starts and ends.

use chrono::{Datelike, NaiveDate, Weekday};
use serde::{Deserialize, Serialize};

use crate::key::Key;

use super::definition::{CalendarDef, WeekDef, YearDef, YearEnd, YearNumber};
use super::period_def::MAX_PERIODS;
use super::{CalendarError, DayRange, Grain, PeriodDef, PeriodSet, day, label};

const LONGEST_KEY: usize = 180;

/// A checked [`CalendarDef`]: makes period sets of every [`Grain`].
///
/// Labels, with the year's number in four digits:
///
/// | grain | calendar year | fiscal or retail year |
/// |---|---|---|
/// | year | `2026` | `FY2026` |
/// | half | `2026-H1` | `FY2026-H1` |
/// | quarter | `2026-Q1` | `FY2026-Q1` |
/// | month | `2026-03` | `FY2026-P03` |
/// | week | `2026-W05` | `FY2026-W05` (with ISO weeks `2026-W05`) |
/// | day | `2026-03-14` | `2026-03-14` |
///
/// The year of a week is the one in which the week is numbered, for ISO weeks the ISO year. Labels of one grain sort as
/// time does (but for a fiscal year that would be numbered 10000).
///
/// ```
/// use chrono::NaiveDate;
/// use quotaflow::calendar::{Calendar, Grain};
/// let day = |y, m, d| NaiveDate::from_ymd_opt(y, m, d).unwrap();
/// let weeks = Calendar::gregorian().periods(Grain::Week, day(2020, 12, 31), day(2021, 1, 5))?;
/// let labels: Vec<String> = weeks.iter().map(|week| week.label.to_string()).collect();
/// assert_eq!(labels, ["2020-W53", "2021-W01"]);
/// # Ok::<(), quotaflow::calendar::CalendarError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "CalendarDef", into = "CalendarDef")]
pub struct Calendar {
    def: CalendarDef,
}

/// One period of a calendar: which one of which year, and its days as numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Slot {
    pub(super) year: i32,
    /// From 1.
    pub(super) index: u32,
    pub(super) start: i32,
    pub(super) end: i32,
}

impl Calendar {
    /// Returns the calendar of this definition.
    ///
    /// # Errors
    /// [`CalendarError::LongCalendarKey`], [`CalendarError::NoSuchMonth`],
    /// [`CalendarError::StartDay`] or [`CalendarError::WeeksAreFixed`].
    pub fn new(def: CalendarDef) -> Result<Self, CalendarError> {
        if def.key.as_str().len() > LONGEST_KEY {
            return Err(CalendarError::LongCalendarKey {
                bytes: def.key.as_str().len(),
                key: def.key,
            });
        }
        let month = |what, month: u8| {
            if (1..=12).contains(&month) {
                Ok(())
            } else {
                Err(CalendarError::NoSuchMonth {
                    key: def.key.clone(),
                    what,
                    month,
                })
            }
        };
        match def.year {
            YearDef::Months {
                start_month,
                start_day,
                ..
            } => {
                month("the first month", start_month)?;
                if !(1..=28).contains(&start_day) {
                    return Err(CalendarError::StartDay {
                        key: def.key,
                        day: start_day,
                    });
                }
            }
            YearDef::Retail {
                end_month,
                long_month,
                ..
            } => {
                month("the last month", end_month)?;
                month("the month with the 53rd week", long_month)?;
                if def.weeks.is_some() {
                    return Err(CalendarError::WeeksAreFixed { key: def.key });
                }
            }
            YearDef::FourWeeks {
                end_month,
                long_quarter,
                long_period,
                ..
            } => {
                month("the last month", end_month)?;
                let numbers = [
                    ("the quarter of four periods", long_quarter, 4),
                    ("the period with the 53rd week", long_period, 13),
                ];
                for (what, number, most) in numbers {
                    check_number(&def.key, what, number, 1, most)?;
                }
                if def.weeks.is_some() {
                    return Err(CalendarError::WeeksAreFixed { key: def.key });
                }
            }
        }
        if let YearDef::Retail { end_rule, .. } | YearDef::FourWeeks { end_rule, .. } = def.year {
            match end_rule {
                YearEnd::NearestTo { days_before_end } => {
                    let what = "the days before the end of the month";
                    check_number(&def.key, what, days_before_end, 0, 27)?;
                }
                YearEnd::LastBut { weeks } => {
                    check_number(&def.key, "the weeks before the last one", weeks, 0, 3)?;
                }
                YearEnd::LastInMonth | YearEnd::Nearest => {}
            }
        }
        Ok(Self { def })
    }

    /// Returns the calendar of the years 1 January to 31 December with ISO weeks, under the key `gregorian`.
    #[must_use]
    pub fn gregorian() -> Self {
        Self {
            def: CalendarDef::new(Key::from_static("gregorian"), YearDef::CALENDAR_YEAR),
        }
    }

    /// Returns the calendar's name.
    #[must_use]
    pub fn key(&self) -> &Key {
        &self.def.key
    }

    /// Returns the definition.
    #[must_use]
    pub fn definition(&self) -> &CalendarDef {
        &self.def
    }

    /// Returns the periods that have at least one day from `from` up to and without `to`, whole, in a set called
    /// `KEY.GRAIN`, for example `gregorian.month`. An empty range has no periods.
    ///
    /// # Errors
    /// [`CalendarError::Reversed`]; [`CalendarError::DayOutOfRange`], also where a period that is begun in the range
    /// would leave the years 1 to 9999; [`CalendarError::TooManyPeriods`].
    pub fn periods(
        &self,
        grain: Grain,
        from: NaiveDate,
        to: NaiveDate,
    ) -> Result<PeriodSet, CalendarError> {
        let range = DayRange::new(from, to)?;
        // No period of a grain is longer than this, so there are at least so many of them.
        let longest = match grain {
            Grain::Day => 1,
            Grain::Week => 7,
            Grain::Month => 42,
            Grain::Quarter => 126,
            Grain::Half => 217,
            Grain::Year => 371,
        };
        let least = usize::try_from(range.days() / longest).unwrap_or(usize::MAX);
        if least > MAX_PERIODS {
            return Err(CalendarError::TooManyPeriods { periods: least });
        }
        let (mut next, to) = (day::number(range.start())?, day::number(range.end())?);
        let mut periods = Vec::new();
        while next < to {
            if periods.len() == MAX_PERIODS {
                return Err(CalendarError::TooManyPeriods {
                    periods: MAX_PERIODS + 1,
                });
            }
            let slot = self.slot(grain, next)?;
            periods.push(self.period(grain, slot, periods.len())?);
            next = slot.end;
        }
        PeriodSet::new(self.set_key(grain)?, periods)
    }

    /// Returns the periods that are numbered in `year`: its months, its 52 or 53 weeks, and so on.
    ///
    /// With ISO weeks these are the weeks of the ISO year, which starts up to three days before or after 1 January.
    ///
    /// # Errors
    /// [`CalendarError::NoSuchPeriod`] or [`CalendarError::DayOutOfRange`] beyond the years 1 to 9999.
    pub fn year_periods(&self, grain: Grain, year: i32) -> Result<PeriodSet, CalendarError> {
        let (start, end) = match grain {
            Grain::Week => (
                self.first_week(year)?,
                self.first_week(year.saturating_add(1))?,
            ),
            _ => (
                self.year_start(year)?,
                self.year_start(year.saturating_add(1))?,
            ),
        };
        self.periods(grain, day::date(start)?, day::date(end)?)
    }

    /// Returns the days of a year of this calendar.
    ///
    /// # Errors
    /// [`CalendarError::NoSuchPeriod`] or [`CalendarError::DayOutOfRange`] beyond the years 1 to 9999.
    pub fn year(&self, year: i32) -> Result<DayRange, CalendarError> {
        DayRange::from_numbers(
            self.year_start(year)?,
            self.year_start(year.saturating_add(1))?,
        )
    }

    /// Returns how many weeks are numbered in a year of this calendar (with ISO weeks: in that ISO year).
    ///
    /// # Errors
    /// [`CalendarError::NoSuchPeriod`] beyond the years 1 to 9999.
    pub fn weeks_in(&self, year: i32) -> Result<u32, CalendarError> {
        let days = self.first_week(year.saturating_add(1))? - self.first_week(year)?;
        Ok(u32::try_from(days).unwrap_or(0).div_ceil(7))
    }

    /// Returns the number of the year of this calendar that holds `day`.
    ///
    /// # Errors
    /// [`CalendarError::DayOutOfRange`].
    pub fn year_of(&self, day: NaiveDate) -> Result<i32, CalendarError> {
        self.year_number(day::number(day)?)
    }

    /// Returns the period that holds `day`, with the label that it has in every set of this calendar.
    ///
    /// # Errors
    /// [`CalendarError::DayOutOfRange`] if the day or a part of the period is outside the years 1 to 9999.
    pub fn containing(&self, grain: Grain, day: NaiveDate) -> Result<PeriodDef, CalendarError> {
        let slot = self.slot(grain, day::number(day)?)?;
        self.period(grain, slot, 0)
    }

    fn set_key(&self, grain: Grain) -> Result<Key, CalendarError> {
        Key::new(format!("{}.{grain}", self.def.key))
            .map_err(|source| CalendarError::Label { ordinal: 0, source })
    }

    pub(super) fn period(
        &self,
        grain: Grain,
        slot: Slot,
        ordinal: usize,
    ) -> Result<PeriodDef, CalendarError> {
        let (start, end) = (day::date(slot.start)?, day::date(slot.end)?);
        let text = if self.is_calendar_year(grain) {
            label::calendar_year(grain, slot.year, slot.index, start)
        } else {
            label::fiscal_year(grain, slot.year, slot.index, start)
        };
        let label = Key::new(text).map_err(|source| CalendarError::Label { ordinal, source })?;
        Ok(PeriodDef { label, start, end })
    }

    /// Says whether the years in which periods of this grain are numbered are calendar years.
    fn is_calendar_year(&self, grain: Grain) -> bool {
        let iso = grain == Grain::Week && self.weeks() == Weeks::Iso;
        let january = matches!(
            self.def.year,
            YearDef::Months {
                start_month: 1,
                start_day: 1,
                ..
            }
        );
        iso || january
    }

    /// Returns the period that holds the day with this number.
    pub(super) fn slot(&self, grain: Grain, number: i32) -> Result<Slot, CalendarError> {
        match grain {
            Grain::Day => Ok(Slot {
                year: self.year_number(number)?,
                index: 1,
                start: number,
                end: number + 1,
            }),
            Grain::Week => self.week(number),
            Grain::Month | Grain::Quarter | Grain::Half | Grain::Year => {
                let year = self.year_number(number)?;
                let count = self.in_year(grain).unwrap_or(1);
                let mut index = 0;
                while index + 1 < count
                    && self.month_start(year, self.first_month(grain, index + 1))? <= number
                {
                    index += 1;
                }
                self.months_slot(grain, year, index)
            }
        }
    }

    /// Returns period number `index` (from 1) of a year; days have no such numbers.
    pub(super) fn numbered(
        &self,
        grain: Grain,
        year: i32,
        index: u32,
    ) -> Result<Option<Slot>, CalendarError> {
        if index == 0 {
            return Ok(None);
        }
        match self.in_year(grain) {
            Some(count) if index <= count => self.months_slot(grain, year, index - 1).map(Some),
            None if grain == Grain::Week && index <= self.weeks_in(year)? => {
                let days = i32::try_from((index - 1) * 7).unwrap_or(0);
                self.week(self.first_week(year)? + days).map(Some)
            }
            Some(_) | None => Ok(None),
        }
    }

    fn months_slot(&self, grain: Grain, year: i32, index: u32) -> Result<Slot, CalendarError> {
        Ok(Slot {
            year,
            index: index + 1,
            start: self.month_start(year, self.first_month(grain, index))?,
            end: self.month_start(year, self.first_month(grain, index + 1))?,
        })
    }

    /// Returns how many months, or periods that serve as months, a year has.
    fn months_in_year(&self) -> u32 {
        match self.def.year {
            YearDef::FourWeeks { .. } => 13,
            YearDef::Months { .. } | YearDef::Retail { .. } => 12,
        }
    }

    /// Returns how many periods of a grain a year has, for the grains that are made of months.
    fn in_year(&self, grain: Grain) -> Option<u32> {
        match grain {
            Grain::Day | Grain::Week => None,
            Grain::Month => Some(self.months_in_year()),
            Grain::Quarter | Grain::Half | Grain::Year => grain.in_year(),
        }
    }

    /// Returns with which month, from 0, period `index` of a year begins; the number of months for the one after the last.
    fn first_month(&self, grain: Grain, index: u32) -> u32 {
        let quarters = match grain.in_year() {
            Some(count) => index * (4 / count),
            None => return index,
        };
        match self.def.year {
            YearDef::FourWeeks { long_quarter, .. } => {
                quarters * 3 + u32::from(quarters >= u32::from(long_quarter))
            }
            YearDef::Months { .. } | YearDef::Retail { .. } => quarters * 3,
        }
    }

    fn week(&self, number: i32) -> Result<Slot, CalendarError> {
        let (start, end, counted) = match self.weeks() {
            Weeks::Iso => {
                let start = week_start(number, Weekday::Mon);
                (start, start + 7, start + 3)
            }
            Weeks::Majority(first) => {
                let start = week_start(number, first);
                (start, start + 7, start + 3)
            }
            Weeks::HoldsNewYear(first) => {
                let start = week_start(number, first);
                (start, start + 7, start + 6)
            }
            Weeks::FromYearStart => {
                let year = self.year_number(number)?;
                let start = self.year_start(year)?;
                let start = start + (number - start) / 7 * 7;
                (
                    start,
                    (start + 7).min(self.year_start(year.saturating_add(1))?),
                    start,
                )
            }
        };
        let (year, year_start) = if self.weeks() == Weeks::Iso {
            let year = year_of_number(counted)?;
            (
                year,
                first_of_month(year, 1, 1).ok_or_else(|| outside(counted))?,
            )
        } else {
            let year = self.year_number(counted)?;
            (year, self.year_start(year)?)
        };
        let index = u32::try_from((counted - year_start) / 7).unwrap_or(0) + 1;
        Ok(Slot {
            year,
            index,
            start,
            end,
        })
    }

    /// Returns the first day of week 1 of a year.
    fn first_week(&self, year: i32) -> Result<i32, CalendarError> {
        let (year_start, first) = match self.weeks() {
            Weeks::FromYearStart => return self.year_start(year),
            Weeks::Iso => (
                first_of_month(year, 1, 1).ok_or_else(|| self.no_month(year, 0))?,
                Weekday::Mon,
            ),
            Weeks::Majority(first) => (self.year_start(year)?, first),
            Weeks::HoldsNewYear(first) => return Ok(week_start(self.year_start(year)?, first)),
        };
        let start = week_start(year_start, first);
        Ok(if start + 3 >= year_start {
            start
        } else {
            start + 7
        })
    }

    fn year_number(&self, number: i32) -> Result<i32, CalendarError> {
        let calendar_year = year_of_number(number)?;
        for year in [calendar_year + 1, calendar_year] {
            if self.year_start(year)? <= number {
                return Ok(year);
            }
        }
        Ok(calendar_year - 1)
    }

    fn year_start(&self, year: i32) -> Result<i32, CalendarError> {
        self.month_start(year, 0)
    }

    /// Returns the first day of month `index` (from 0) of a year; the number of months is the first day of the next year.
    fn month_start(&self, year: i32, index: u32) -> Result<i32, CalendarError> {
        self.start_of_month(year, index)
            .ok_or_else(|| self.no_month(year, index))
    }

    fn no_month(&self, year: i32, index: u32) -> CalendarError {
        CalendarError::NoSuchPeriod {
            key: self.def.key.clone(),
            grain: Grain::Month,
            year,
            index: index + 1,
        }
    }

    fn start_of_month(&self, year: i32, index: u32) -> Option<i32> {
        // A little beyond the years 1 to 9999 on both sides, so that the ends of the years at the edge are found.
        if !(-1..=10_002).contains(&year) {
            return None;
        }
        match self.def.year {
            YearDef::Months {
                start_month,
                start_day,
                numbered_by,
            } => {
                let ends_later = (start_month, start_day) != (1, 1);
                let start_year = match numbered_by {
                    YearNumber::End if ends_later => year - 1,
                    YearNumber::End | YearNumber::Start => year,
                };
                let month = u32::from(start_month) - 1 + index;
                let year = start_year + i32::try_from(month / 12).ok()?;
                first_of_month(year, month % 12 + 1, u32::from(start_day))
            }
            YearDef::Retail {
                pattern,
                week_start,
                end_month,
                end_rule,
                numbered_by,
                long_month,
            } => {
                let year = WeekYear::new(year, end_month, week_start, end_rule, numbered_by)?;
                if index >= 12 {
                    return Some(year.next);
                }
                let weeks: u32 = (0..index)
                    .zip(pattern.weeks().into_iter().cycle())
                    .map(|(_, weeks)| u32::from(weeks))
                    .sum();
                year.after(weeks, index >= u32::from(long_month))
            }
            YearDef::FourWeeks {
                week_start,
                end_month,
                end_rule,
                numbered_by,
                long_period,
                ..
            } => {
                let year = WeekYear::new(year, end_month, week_start, end_rule, numbered_by)?;
                if index >= 13 {
                    return Some(year.next);
                }
                year.after(index * 4, index >= u32::from(long_period))
            }
        }
    }

    fn weeks(&self) -> Weeks {
        match (self.def.year, self.def.weeks) {
            (YearDef::Retail { .. } | YearDef::FourWeeks { .. }, _)
            | (_, Some(WeekDef::YearBlocks)) => Weeks::FromYearStart,
            (YearDef::Months { .. }, Some(WeekDef::HoldsNewYear { first_day })) => {
                Weeks::HoldsNewYear(first_day)
            }
            (YearDef::Months { .. }, Some(WeekDef::Majority { first_day })) => {
                Weeks::Majority(first_day)
            }
            (YearDef::Months { .. }, None | Some(WeekDef::Iso)) => Weeks::Iso,
        }
    }
}

/// A year of whole weeks: its first day, and the one of the next.
struct WeekYear {
    start: i32,
    next: i32,
}

impl WeekYear {
    fn new(
        year: i32,
        end_month: u8,
        week_start: Weekday,
        end_rule: YearEnd,
        numbered_by: YearNumber,
    ) -> Option<Self> {
        let end_year = match numbered_by {
            YearNumber::Start if end_month < 12 => year + 1,
            YearNumber::Start | YearNumber::End => year,
        };
        let end = |year| week_year_end(year, end_month, week_start.pred(), end_rule);
        Some(Self {
            start: end(end_year - 1)? + 1,
            next: end(end_year)? + 1,
        })
    }

    /// Returns the day after so many weeks, and in a long year the 53rd one if that has passed.
    fn after(&self, weeks: u32, long_passed: bool) -> Option<i32> {
        let long = self.next - self.start > 52 * 7 && long_passed;
        Some(self.start + i32::try_from((weeks + u32::from(long)) * 7).ok()?)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Weeks {
    Iso,
    Majority(Weekday),
    HoldsNewYear(Weekday),
    FromYearStart,
}

fn check_number(
    key: &Key,
    what: &'static str,
    number: u8,
    least: u8,
    most: u8,
) -> Result<(), CalendarError> {
    if (least..=most).contains(&number) {
        return Ok(());
    }
    Err(CalendarError::NoSuchNumber {
        key: key.clone(),
        what,
        number,
        least,
        most,
    })
}

/// Returns the last day of the year of whole weeks whose last month is in calendar year `year`.
fn week_year_end(year: i32, month: u8, last_day: Weekday, rule: YearEnd) -> Option<i32> {
    let (next_year, next_month) = if month == 12 {
        (year + 1, 1)
    } else {
        (year, u32::from(month) + 1)
    };
    let month_end = first_of_month(next_year, next_month, 1)? - 1;
    // The last such weekday up to a day is the start of a week that starts on it.
    let last = |day| week_start(day, last_day);
    let nearest = |day: i32| last(day + 3);
    Some(match rule {
        YearEnd::LastInMonth => last(month_end),
        YearEnd::Nearest => nearest(month_end),
        YearEnd::NearestTo { days_before_end } => nearest(month_end - i32::from(days_before_end)),
        YearEnd::LastBut { weeks } => last(month_end) - 7 * i32::from(weeks),
    })
}

/// Returns the latest day, up to the one with this number, that is a `first`.
pub(super) fn week_start(number: i32, first: Weekday) -> i32 {
    // Day 1, 0001-01-01, is a Monday.
    let weekday = (number - 1).rem_euclid(7);
    let first = i32::try_from(first.num_days_from_monday()).unwrap_or(0);
    number - (weekday - first).rem_euclid(7)
}

fn first_of_month(year: i32, month: u32, day: u32) -> Option<i32> {
    NaiveDate::from_ymd_opt(year, month, day).map(|date| date.num_days_from_ce())
}

fn year_of_number(number: i32) -> Result<i32, CalendarError> {
    NaiveDate::from_num_days_from_ce_opt(number)
        .map(|date| date.year())
        .ok_or_else(|| outside(number))
}

fn outside(number: i32) -> CalendarError {
    CalendarError::DayOutOfRange {
        day: format!("day number {number}"),
    }
}

impl TryFrom<CalendarDef> for Calendar {
    type Error = CalendarError;

    fn try_from(def: CalendarDef) -> Result<Self, CalendarError> {
        Self::new(def)
    }
}

impl From<Calendar> for CalendarDef {
    fn from(calendar: Calendar) -> Self {
        calendar.def
    }
}

#[cfg(test)]
mod tests;
