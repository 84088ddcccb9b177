//! Which days are worked, and how much each of them counts.

use std::sync::Arc;

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::calendar::PeriodId;
use crate::document::Version;
use crate::key::Key;
use crate::quantity::{Ratio, gcd};

use super::week_cycle::WeekCycle;
use super::{CalendarError, DayRange, PeriodSet, dates, day};

/// The largest weight of a day.
const MAX_WEIGHT: i64 = 1_000;
/// The largest common denominator of all weights of one calendar.
const MAX_DENOMINATOR: i128 = 1_000_000;

/// Working days as data: what each day of the week counts, and which dates differ. [`WorkingDays::new`] checks it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkingDaysDef {
    /// The version of this form of document; 1, also when left out.
    #[serde(default)]
    pub version: Version<1>,
    /// The name.
    pub key: Key,
    /// What each day of the week counts, from Monday to Sunday: 1 for a working day, 0 for none, 1/2 for half a day.
    pub week: [Ratio; 7],
    /// The dates that count otherwise: holidays, extra working days, half days.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exceptions: Vec<DayException>,
}

/// What one date counts, whatever its day of the week.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DayException {
    /// The date.
    pub date: NaiveDate,
    /// What it counts: 0 for a holiday, 1 for a working day.
    pub weight: Ratio,
    /// Why, for those who read it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl WorkingDaysDef {
    /// Returns working days with this week, from Monday to Sunday, and no exceptions.
    #[must_use]
    pub fn new(key: Key, week: [Ratio; 7]) -> Self {
        Self {
            version: Version::default(),
            key,
            week,
            exceptions: Vec::new(),
        }
    }

    /// Returns the week with five whole days from Monday to Friday.
    #[must_use]
    pub fn monday_to_friday(key: Key) -> Self {
        let (work, rest) = (Ratio::ONE, Ratio::ZERO);
        Self::new(key, [work, work, work, work, work, rest, rest])
    }

    /// Returns the definition with `date` free.
    #[must_use]
    pub fn holiday(self, date: NaiveDate, reason: impl Into<String>) -> Self {
        self.exception(date, Ratio::ZERO, Some(reason.into()))
    }

    /// Returns the definition with `date` a whole working day, as a Sunday may be beside a long holiday.
    #[must_use]
    pub fn working_day(self, date: NaiveDate) -> Self {
        self.exception(date, Ratio::ONE, None)
    }

    /// Returns the definition with `date` counting `weight`.
    #[must_use]
    pub fn weighted(self, date: NaiveDate, weight: Ratio) -> Self {
        self.exception(date, weight, None)
    }

    fn exception(mut self, date: NaiveDate, weight: Ratio, reason: Option<String>) -> Self {
        self.exceptions.push(DayException {
            date,
            weight,
            reason,
        });
        self
    }
}

/// Checked [`WorkingDaysDef`]: answers by date, counts any span in the same short time.
///
/// A day with a weight above zero is a working day. Cloning is cheap. Weights are at most 1,000 and have a common
/// denominator of at most 1,000,000; at most 100,000 dates are excepted.
///
/// ```
/// use chrono::NaiveDate;
/// use quotaflow::calendar::{WorkingDays, WorkingDaysDef};
/// use quotaflow::key::Key;
/// let day = |d| NaiveDate::from_ymd_opt(2020, 12, d).unwrap();
/// let def = WorkingDaysDef::monday_to_friday(Key::new("office")?).holiday(day(25), "Christmas");
/// let office = WorkingDays::new(def)?;
/// assert_eq!(office.roll_forward(day(25)), Some(day(28)));
/// assert_eq!(office.add_working_days(day(24), 2)?, day(29));
/// assert_eq!(office.count(day(21), day(28))?, 4);
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "WorkingDaysDef", into = "WorkingDaysDef")]
pub struct WorkingDays(Arc<Contents>);

#[derive(Debug)]
struct Contents {
    def: WorkingDaysDef,
    /// All weights are whole counts of one part in so many.
    denominator: i64,
    units: WeekCycle,
    worked: WeekCycle,
}

impl WorkingDays {
    /// Returns the working days of this definition. Exceptions are put in the order of their dates.
    ///
    /// # Errors
    /// [`CalendarError::TooManyExceptions`], [`CalendarError::DayOutOfRange`],
    /// [`CalendarError::DuplicateException`], [`CalendarError::Weight`] or [`CalendarError::WeightsTooFine`].
    pub fn new(mut def: WorkingDaysDef) -> Result<Self, CalendarError> {
        dates::in_order(&def.key, &mut def.exceptions, |excepted| excepted.date)?;
        let denominator = common_denominator(&def)?;
        let units = |weight: Ratio| {
            let units = weight.numerator() * (denominator / weight.denominator());
            i64::try_from(units).unwrap_or(i64::MAX)
        };
        let mut dates = Vec::with_capacity(def.exceptions.len());
        for exception in &def.exceptions {
            dates.push((day::number(exception.date)?, units(exception.weight)));
        }
        let week = def.week.map(units);
        let worked = |units: i64| i64::from(units > 0);
        let worked_dates: Vec<(i32, i64)> = dates
            .iter()
            .map(|&(number, units)| (number, worked(units)))
            .collect();
        Ok(Self(Arc::new(Contents {
            denominator: i64::try_from(denominator).unwrap_or(1),
            units: WeekCycle::new(week, &dates),
            worked: WeekCycle::new(week.map(worked), &worked_dates),
            def,
        })))
    }

    /// Returns the name.
    #[must_use]
    pub fn key(&self) -> &Key {
        &self.0.def.key
    }

    /// Returns the definition, its exceptions in the order of their dates.
    #[must_use]
    pub fn definition(&self) -> &WorkingDaysDef {
        &self.0.def
    }

    /// Says whether `day` counts more than zero.
    #[must_use]
    pub fn is_working(&self, day: NaiveDate) -> bool {
        self.0.worked.at(day.num_days_from_ce()) > 0
    }

    /// Returns what `day` counts.
    #[must_use]
    pub fn weight(&self, day: NaiveDate) -> Ratio {
        self.ratio(self.0.units.at(day.num_days_from_ce()))
    }

    /// Returns the sum of what the days from `start` up to and without `end` count; zero if none is worked.
    ///
    /// # Errors
    /// [`CalendarError::Reversed`] or [`CalendarError::DayOutOfRange`].
    pub fn working_days(&self, start: NaiveDate, end: NaiveDate) -> Result<Ratio, CalendarError> {
        let range = DayRange::new(start, end)?;
        Ok(self.ratio(self.units_in(range)))
    }

    /// Returns how many days from `start` up to and without `end` are worked, each counting as one.
    ///
    /// # Errors
    /// [`CalendarError::Reversed`] or [`CalendarError::DayOutOfRange`].
    pub fn count(&self, start: NaiveDate, end: NaiveDate) -> Result<u32, CalendarError> {
        let range = DayRange::new(start, end)?;
        let worked = &self.0.worked;
        let count = worked.before(range.end().num_days_from_ce())
            - worked.before(range.start().num_days_from_ce());
        Ok(u32::try_from(count).unwrap_or(0))
    }

    /// Returns what each period counts, in whole parts of [`WorkingDays::denominator`]: weights for an allocation.
    #[must_use]
    pub fn period_units(&self, set: &PeriodSet) -> Vec<i64> {
        (0..set.len())
            .filter_map(|at| set.range(PeriodId::at(at)))
            .map(|range| self.units_in(range))
            .collect()
    }

    /// Returns into how many parts a whole day is divided for [`WorkingDays::period_units`].
    #[must_use]
    pub fn denominator(&self) -> i64 {
        self.0.denominator
    }

    /// Returns the working day that `days` working days lead to from `day`: forwards the nth one after `day`,
    /// backwards the nth one before it, and `day` itself, worked or not, for none.
    ///
    /// # Errors
    /// [`CalendarError::NoWorkingDay`] if the years 1 to 9999 hold too few; [`CalendarError::DayOutOfRange`].
    pub fn add_working_days(&self, day: NaiveDate, days: i32) -> Result<NaiveDate, CalendarError> {
        let number = day::number(day)?;
        let steps = i64::from(days);
        let rank = match days {
            0 => return Ok(day),
            1.. => self.rank(number + 1) + steps - 1,
            _ => self.rank(number) + steps,
        };
        self.nth(rank)
            .map(day::date)
            .transpose()?
            .ok_or_else(|| CalendarError::NoWorkingDay {
                key: self.key().clone(),
                day,
                days,
            })
    }

    /// Returns the first working day on or after `day`, if there is one.
    #[must_use]
    pub fn roll_forward(&self, day: NaiveDate) -> Option<NaiveDate> {
        date_at(self.forward(day::number(day).ok()?))
    }

    /// Returns the last working day on or before `day`, if there is one.
    #[must_use]
    pub fn roll_back(&self, day: NaiveDate) -> Option<NaiveDate> {
        date_at(self.back(day::number(day).ok()?))
    }

    /// Returns the first working day after `day`, if there is one.
    #[must_use]
    pub fn next_working_day(&self, day: NaiveDate) -> Option<NaiveDate> {
        date_at(self.forward(day::number(day).ok()? + 1))
    }

    /// Returns the last working day before `day`, if there is one.
    #[must_use]
    pub fn previous_working_day(&self, day: NaiveDate) -> Option<NaiveDate> {
        date_at(self.back(day::number(day).ok()? - 1))
    }

    /// Returns the nth working day of `range`, from 1, or `None` if it has fewer.
    #[must_use]
    pub fn nth_working_day(&self, range: DayRange, nth: u32) -> Option<NaiveDate> {
        let before = self.rank(range.start().num_days_from_ce());
        let rank = before + i64::from(nth.checked_sub(1)?);
        date_at(self.nth(rank)).filter(|&date| range.contains(date))
    }

    /// Returns the nth working day of `range` counted from its end, from 1, or `None` if it has fewer.
    #[must_use]
    pub fn nth_working_day_from_end(&self, range: DayRange, nth: u32) -> Option<NaiveDate> {
        let rank = self.rank(range.end().num_days_from_ce()) - i64::from(nth);
        date_at(self.nth(rank)).filter(|&date| nth > 0 && range.contains(date))
    }

    /// Returns how many working days come before the day with this number.
    pub(super) fn rank(&self, number: i32) -> i64 {
        self.0.worked.before(number)
    }

    /// Returns the working day that has `rank` working days before it.
    pub(super) fn nth(&self, rank: i64) -> Option<i32> {
        if rank < 0 {
            return None;
        }
        self.0.worked.first_reaching(day::FIRST_DAY, rank + 1)
    }

    /// Returns the first working day on or after the day with this number.
    pub(super) fn forward(&self, number: i32) -> Option<i32> {
        self.nth(self.rank(number))
    }

    /// Returns the last working day on or before the day with this number.
    pub(super) fn back(&self, number: i32) -> Option<i32> {
        self.nth(self.rank(number + 1) - 1)
    }

    fn units_in(&self, range: DayRange) -> i64 {
        let units = &self.0.units;
        units.before(range.end().num_days_from_ce())
            - units.before(range.start().num_days_from_ce())
    }

    fn ratio(&self, units: i64) -> Ratio {
        // The denominator is never zero.
        Ratio::new(i128::from(units), i128::from(self.0.denominator)).unwrap_or(Ratio::ZERO)
    }
}

fn date_at(number: Option<i32>) -> Option<NaiveDate> {
    day::date(number?).ok()
}

/// Returns the least common denominator of all weights, after checking each of them.
fn common_denominator(def: &WorkingDaysDef) -> Result<i128, CalendarError> {
    let week = def
        .week
        .iter()
        .zip([
            "Monday",
            "Tuesday",
            "Wednesday",
            "Thursday",
            "Friday",
            "Saturday",
            "Sunday",
        ])
        .map(|(weight, day)| (*weight, day.to_owned()));
    let dates = def
        .exceptions
        .iter()
        .map(|exception| (exception.weight, exception.date.to_string()));
    let mut common = 1_i128;
    for (weight, day) in week.chain(dates) {
        if weight.is_negative() || weight > Ratio::from(MAX_WEIGHT) {
            return Err(CalendarError::Weight {
                key: def.key.clone(),
                day,
                weight,
            });
        }
        let denominator = weight.denominator();
        if denominator <= MAX_DENOMINATOR {
            let shared = gcd(common.unsigned_abs(), denominator.unsigned_abs());
            // Both are at most the limit, and so is what divides both.
            common = common / i128::try_from(shared).unwrap_or(1) * denominator;
        }
        if denominator > MAX_DENOMINATOR || common > MAX_DENOMINATOR {
            return Err(CalendarError::WeightsTooFine {
                key: def.key.clone(),
                day,
                weight,
            });
        }
    }
    Ok(common)
}

impl PartialEq for WorkingDays {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0.def == other.0.def
    }
}

impl Eq for WorkingDays {}

impl TryFrom<WorkingDaysDef> for WorkingDays {
    type Error = CalendarError;

    fn try_from(def: WorkingDaysDef) -> Result<Self, CalendarError> {
        Self::new(def)
    }
}

impl From<WorkingDays> for WorkingDaysDef {
    fn from(days: WorkingDays) -> Self {
        days.0.def.clone()
    }
}

#[cfg(test)]
mod tests;
