//! Cadences: on which days something that repeats is due.

use std::num::NonZeroU32;
use std::ops::ControlFlow;

use chrono::{Datelike, NaiveDate, Weekday};
use serde::{Deserialize, Serialize};

use super::calendar::week_start;
use super::period_def::MAX_PERIODS;
use super::{CalendarError, DayRange, WorkingDays, day};

/// Something that repeats from an anchor day on: how often, and what happens where the day is not worked.
///
/// Every occurrence is computed from the anchor, never from the one before: a monthly one on the 31st falls on the
/// last day of a short month and on the 31st again after it.
///
/// ```
/// use chrono::NaiveDate;
/// use quotaflow::calendar::{Cadence, DayInPeriod, Rhythm, Roll, WorkingDays, WorkingDaysDef};
/// use quotaflow::key::Key;
/// let day = |m, d| NaiveDate::from_ymd_opt(2026, m, d).unwrap();
/// let office = WorkingDays::new(WorkingDaysDef::monday_to_friday(Key::new("office")?))?;
/// // The monthly summary is due on the last working day.
/// let rhythm = Rhythm::Monthly { every: 1.try_into()?, on: DayInPeriod::WorkingDayFromEnd { nth: 1.try_into()? } };
/// let summary = Cadence::new(day(1, 1), rhythm, Roll::Keep)?;
/// let due: Vec<NaiveDate> = summary.occurrences(day(1, 1), day(4, 1), &office)?.iter().map(|one| one.due).collect();
/// assert_eq!(due, [day(1, 30), day(2, 27), day(3, 31)]);
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "CadenceDocument", into = "CadenceDocument")]
pub struct Cadence {
    anchor: NaiveDate,
    rhythm: Rhythm,
    roll: Roll,
}

/// How often something repeats.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Rhythm {
    /// On the anchor and every so many days after it.
    Days {
        /// How many days apart.
        every: NonZeroU32,
    },
    /// On the first working day from the anchor on, and every so many working days after it.
    WorkingDays {
        /// How many working days apart.
        every: NonZeroU32,
    },
    /// On days of the week, in the anchor's week (from Monday) and every so many weeks after it.
    Weekly {
        /// How many weeks apart.
        every: NonZeroU32,
        /// The days of the week; each once.
        days: Vec<Weekday>,
    },
    /// On a day of the anchor's month and of every so many months after it.
    Monthly {
        /// How many months apart.
        every: NonZeroU32,
        /// The day in the month.
        on: DayInPeriod,
    },
    /// On a day of each three months, the first of which start with the anchor's month.
    Quarterly {
        /// The day in the three months.
        on: DayInPeriod,
    },
}

/// A day in a period, counted from 1 from either end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum DayInPeriod {
    /// The nth day, or the last one of a period that has fewer.
    Day {
        /// Which one.
        nth: NonZeroU32,
    },
    /// The nth day from the end, or the first one of a period that has fewer.
    DayFromEnd {
        /// Which one; 1 is the last day.
        nth: NonZeroU32,
    },
    /// The nth working day; none in a period that has fewer.
    WorkingDay {
        /// Which one.
        nth: NonZeroU32,
    },
    /// The nth working day from the end; none in a period that has fewer.
    WorkingDayFromEnd {
        /// Which one; 1 is the last working day.
        nth: NonZeroU32,
    },
    /// The nth Monday, Tuesday, ...; none in a period that has fewer.
    Weekday {
        /// Which one.
        nth: NonZeroU32,
        /// The day of the week.
        weekday: Weekday,
    },
    /// The last Monday, Tuesday, ...; none in a period that has none.
    LastWeekday {
        /// The day of the week.
        weekday: Weekday,
    },
}

impl DayInPeriod {
    /// Returns the day in these days, or `None` if they have no such day.
    #[must_use]
    pub fn resolve(self, range: DayRange, working_days: &WorkingDays) -> Option<NaiveDate> {
        let start = range.start().num_days_from_ce();
        let last = range.end().num_days_from_ce() - 1;
        let offset = |nth: NonZeroU32| i32::try_from(nth.get() - 1).unwrap_or(i32::MAX);
        let first_weekday = |weekday| week_start(start + 6, weekday);
        let number = match self {
            Self::Day { nth } => start.saturating_add(offset(nth)).min(last),
            Self::DayFromEnd { nth } => last.saturating_sub(offset(nth)).max(start),
            Self::WorkingDay { nth } => return working_days.nth_working_day(range, nth.get()),
            Self::WorkingDayFromEnd { nth } => {
                return working_days.nth_working_day_from_end(range, nth.get());
            }
            Self::Weekday { nth, weekday } => {
                first_weekday(weekday).saturating_add(offset(nth).saturating_mul(7))
            }
            Self::LastWeekday { weekday } => week_start(last, weekday),
        };
        day::date(number).ok().filter(|&day| range.contains(day))
    }
}

/// What happens to an occurrence on a day that is not worked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Roll {
    /// It stays there.
    #[default]
    Keep,
    /// It is due on the next working day.
    Forward,
    /// It is due on the working day before.
    Back,
    /// It does not take place.
    Skip,
}

/// One occurrence of a [`Cadence`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct Occurrence {
    /// The day on which it is due.
    pub due: NaiveDate,
    /// The day on which it would be due if every day were worked; it names the occurrence.
    pub nominal: NaiveDate,
}

impl Cadence {
    /// Returns the cadence from `anchor` on.
    ///
    /// # Errors
    /// [`CalendarError::DayOutOfRange`]; [`CalendarError::NoWeekday`] or [`CalendarError::DuplicateWeekday`] for a
    /// weekly rhythm.
    pub fn new(anchor: NaiveDate, mut rhythm: Rhythm, roll: Roll) -> Result<Self, CalendarError> {
        day::number(anchor)?;
        if let Rhythm::Weekly { days, .. } = &mut rhythm {
            days.sort_by_key(Weekday::num_days_from_monday);
            if days.is_empty() {
                return Err(CalendarError::NoWeekday);
            }
            for pair in days.windows(2) {
                if pair[0] == pair[1] {
                    return Err(CalendarError::DuplicateWeekday { weekday: pair[0] });
                }
            }
        }
        Ok(Self {
            anchor,
            rhythm,
            roll,
        })
    }

    /// Returns the day on or after which occurrences fall, before rolling.
    #[must_use]
    pub fn anchor(&self) -> NaiveDate {
        self.anchor
    }

    /// Returns how often it repeats.
    #[must_use]
    pub fn rhythm(&self) -> &Rhythm {
        &self.rhythm
    }

    /// Returns what happens on days that are not worked.
    #[must_use]
    pub fn roll(&self) -> Roll {
        self.roll
    }

    /// Returns the occurrences that are due from `start` up to and without `end`, in the order of time.
    ///
    /// Spans that touch share no occurrence and miss none. Two occurrences may roll to one day.
    ///
    /// # Errors
    /// [`CalendarError::Reversed`], [`CalendarError::DayOutOfRange`], or [`CalendarError::TooManyOccurrences`] beyond
    /// 400,000.
    pub fn occurrences(
        &self,
        start: NaiveDate,
        end: NaiveDate,
        working_days: &WorkingDays,
    ) -> Result<Vec<Occurrence>, CalendarError> {
        let range = DayRange::new(start, end)?;
        let (from, to) = self.nominal_span(range, working_days)?;
        let from = from.max(day::number(self.anchor)?);
        let mut found = Vec::new();
        let mut too_many = false;
        let mut take = |number: i32| {
            let due = match self.roll {
                Roll::Keep => Some(number),
                Roll::Forward => working_days.forward(number),
                Roll::Back => working_days.back(number),
                Roll::Skip => working_days.forward(number).filter(|&due| due == number),
            };
            let dates = due.and_then(|due| day::date(due).ok().zip(day::date(number).ok()));
            if let Some((due, nominal)) = dates {
                too_many = found.len() == MAX_PERIODS;
                if too_many {
                    return ControlFlow::Break(());
                }
                found.push(Occurrence { due, nominal });
            }
            ControlFlow::Continue(())
        };
        // Breaking off is not a failure of its own: `too_many` says it.
        let _ = self.each_nominal(from, to, working_days, &mut take);
        if too_many {
            return Err(CalendarError::TooManyOccurrences { start, end });
        }
        Ok(found)
    }

    /// Returns the span of nominal days whose due day is in `range`.
    fn nominal_span(
        &self,
        range: DayRange,
        working_days: &WorkingDays,
    ) -> Result<(i32, i32), CalendarError> {
        let (start, end) = (day::number(range.start())?, day::number(range.end())?);
        Ok(match self.roll {
            Roll::Keep | Roll::Skip => (start, end),
            // Due on or after `start` if no working day lies between; due before `end` if one does.
            Roll::Forward => (
                working_days
                    .back(start - 1)
                    .map_or(day::FIRST_DAY, |last| last + 1),
                working_days
                    .back(end - 1)
                    .map_or(day::FIRST_DAY, |last| last + 1),
            ),
            Roll::Back => (
                working_days.forward(start).unwrap_or(day::END_DAY),
                working_days.forward(end).unwrap_or(day::END_DAY),
            ),
        })
    }

    /// Calls `take` with every nominal day of the rhythm from `from` up to and without `to`, ascending.
    fn each_nominal(
        &self,
        from: i32,
        to: i32,
        working_days: &WorkingDays,
        take: &mut impl FnMut(i32) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let anchor = self.anchor.num_days_from_ce();
        match &self.rhythm {
            Rhythm::Days { every } => {
                let every = i64::from(every.get());
                let first = steps_to(i64::from(from - anchor), every);
                for step in first.. {
                    let number = i64::from(anchor) + step * every;
                    match i32::try_from(number) {
                        Ok(number) if number < to => take(number)?,
                        _ => break,
                    }
                }
            }
            Rhythm::WorkingDays { every } => {
                let every = i64::from(every.get());
                let base = working_days.rank(anchor);
                let first = steps_to(working_days.rank(from) - base, every);
                for step in first.. {
                    match working_days.nth(base + step * every) {
                        Some(number) if number < to => take(number)?,
                        _ => break,
                    }
                }
            }
            Rhythm::Weekly { every, days } => {
                let every = i64::from(every.get()) * 7;
                let monday = i64::from(week_start(anchor, Weekday::Mon));
                let first = steps_to(i64::from(from) - 6 - monday, every);
                for step in first.. {
                    let week = monday + step * every;
                    if week >= i64::from(to) {
                        break;
                    }
                    for weekday in days {
                        let number = week + i64::from(weekday.num_days_from_monday());
                        match i32::try_from(number) {
                            Ok(number) if (from..to).contains(&number) => take(number)?,
                            _ => {}
                        }
                    }
                }
            }
            Rhythm::Monthly { every, on } => {
                let every = i64::from(every.get());
                self.each_in_months(every, 1, *on, from..to, working_days, take)?;
            }
            Rhythm::Quarterly { on } => {
                self.each_in_months(3, 3, *on, from..to, working_days, take)?;
            }
        }
        ControlFlow::Continue(())
    }

    /// Calls `take` with the day in each block of `length` months; blocks start every `every` months.
    fn each_in_months(
        &self,
        every: i64,
        length: i64,
        on: DayInPeriod,
        span: std::ops::Range<i32>,
        working_days: &WorkingDays,
        take: &mut impl FnMut(i32) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let Ok(from) = day::date(span.start) else {
            return ControlFlow::Continue(());
        };
        let anchor = months_of(self.anchor);
        let first = steps_to(months_of(from) - (length - 1) - anchor, every);
        for step in first.. {
            let month = anchor + step * every;
            let block = first_of(month).zip(first_of(month + length));
            let Some(range) = block.and_then(|(start, end)| DayRange::new(start, end).ok()) else {
                break;
            };
            if range.start().num_days_from_ce() >= span.end {
                break;
            }
            if let Some(day) = on.resolve(range, working_days) {
                let number = day.num_days_from_ce();
                if span.contains(&number) {
                    take(number)?;
                }
            }
        }
        ControlFlow::Continue(())
    }
}

/// Returns the least count of steps, zero or more, that reaches `distance`.
fn steps_to(distance: i64, step: i64) -> i64 {
    if distance <= 0 {
        0
    } else {
        (distance - 1) / step + 1
    }
}

fn months_of(day: NaiveDate) -> i64 {
    i64::from(day.year()) * 12 + i64::from(day.month0())
}

fn first_of(month: i64) -> Option<NaiveDate> {
    let year = i32::try_from(month.div_euclid(12)).ok()?;
    let month = u32::try_from(month.rem_euclid(12)).ok()?;
    NaiveDate::from_ymd_opt(year, month + 1, 1)
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CadenceDocument {
    anchor: NaiveDate,
    rhythm: Rhythm,
    #[serde(default)]
    roll: Roll,
}

impl TryFrom<CadenceDocument> for Cadence {
    type Error = CalendarError;

    fn try_from(document: CadenceDocument) -> Result<Self, CalendarError> {
        Self::new(document.anchor, document.rhythm, document.roll)
    }
}

impl From<Cadence> for CadenceDocument {
    fn from(cadence: Cadence) -> Self {
        Self {
            anchor: cadence.anchor,
            rhythm: cadence.rhythm,
            roll: cadence.roll,
        }
    }
}

#[cfg(test)]
mod tests;
