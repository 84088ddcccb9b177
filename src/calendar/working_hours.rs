//! Working time inside days: what has elapsed between two instants, and when a span of it is over.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike};
use serde::{Deserialize, Serialize};

use crate::document::Version;
use crate::key::Key;

use super::week_cycle::{WeekCycle, weekday_index};
use super::{CalendarError, Shift, WorkingDays, WorkingDaysDef, dates, day};

/// The most shifts of one day.
const MAX_SHIFTS: usize = 48;
const NANOS: i128 = 1_000_000_000;

/// Working hours as data: the shifts of each day of the week, and the dates that differ. [`WorkingHours::new`] checks
/// it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkingHoursDef {
    /// The version of this form of document; 1, also when left out.
    #[serde(default)]
    pub version: Version<1>,
    /// The name.
    pub key: Key,
    /// The shifts of each day of the week, from Monday to Sunday, in the order of time.
    pub week: [Vec<Shift>; 7],
    /// The days on which work is done; every day that has shifts where none are named. A day of the week or a date that
    /// counts nothing there has no shifts, and an extra working day has those that [`WorkingHoursDef::week`] names for its day
    /// of the week, so that holidays are written down once, for days and hours alike.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<WorkingDaysDef>,
    /// The dates that have other shifts, or none, whatever the days say.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exceptions: Vec<HoursException>,
}

/// The shifts of one date, whatever its day of the week.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HoursException {
    /// The date.
    pub date: NaiveDate,
    /// Its shifts in the order of time; none on a holiday.
    pub shifts: Vec<Shift>,
    /// Why, for those who read it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl WorkingHoursDef {
    /// Returns working hours with this week, from Monday to Sunday, and no exceptions.
    #[must_use]
    pub fn new(key: Key, week: [Vec<Shift>; 7]) -> Self {
        Self {
            version: Version::default(),
            key,
            week,
            days: None,
            exceptions: Vec::new(),
        }
    }

    /// Returns working hours with these shifts on every working day of `days`, its half days too.
    #[must_use]
    pub fn on_working_days(key: Key, shifts: &[Shift], days: &WorkingDays) -> Self {
        Self::new(key, [(); 7].map(|()| shifts.to_vec())).on(days)
    }

    /// Returns the definition on these working days, whose table of holidays and extra working days holds here too
    /// ([`WorkingHoursDef::days`]).
    #[must_use]
    pub fn on(mut self, days: &WorkingDays) -> Self {
        self.days = Some(days.definition().clone());
        self
    }

    /// Returns the definition with other shifts, or none, on `date`.
    #[must_use]
    pub fn exception(mut self, date: NaiveDate, shifts: Vec<Shift>) -> Self {
        self.exceptions.push(HoursException {
            date,
            shifts,
            reason: None,
        });
        self
    }
}

/// Checked [`WorkingHoursDef`]: exact elapsed working time over any span in the same short time.
///
/// Times are local and have no gaps: a host whose clocks change converts instants first
/// ([`local_time`](super::local_time)). Results are exact to the nanosecond. A leap second counts as the last
/// nanosecond of the second before it. Cloning is cheap; a day has at most 48 shifts, and at most 100,000 dates are
/// excepted.
///
/// ```
/// use chrono::{NaiveDate, TimeDelta};
/// use quotaflow::calendar::{WorkingHours, WorkingHoursDef};
/// use quotaflow::key::Key;
/// let shifts = || vec!["09:00-12:00".parse().unwrap(), "13:00-18:00".parse().unwrap()];
/// let week = [shifts(), shifts(), shifts(), shifts(), shifts(), vec![], vec![]];
/// let office = WorkingHours::new(WorkingHoursDef::new(Key::new("office")?, week))?;
/// let at = |d, h, m| NaiveDate::from_ymd_opt(2026, 3, d).and_then(|day| day.and_hms_opt(h, m, 0)).unwrap();
/// // From Friday 16:30 to Monday 10:00: an hour and a half, and an hour.
/// assert_eq!(office.worked_between(at(13, 16, 30), at(16, 10, 0))?, TimeDelta::minutes(150));
/// // A response due within eight working hours.
/// assert_eq!(office.add_working_time(at(13, 16, 30), TimeDelta::hours(8))?, at(16, 16, 30));
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "WorkingHoursDef", into = "WorkingHoursDef")]
pub struct WorkingHours(Arc<Contents>);

#[derive(Debug)]
struct Contents {
    def: WorkingHoursDef,
    /// The shifts of each day of the week that is worked.
    week: [Vec<Shift>; 7],
    /// The shifts of each excepted date, in the order of the dates.
    dates: Vec<Vec<Shift>>,
    /// Seconds of working time by day.
    seconds: WeekCycle,
}

impl WorkingHours {
    /// Returns the working hours of this definition. Exceptions are put in the order of their dates.
    ///
    /// # Errors
    /// [`CalendarError::TooManyExceptions`], [`CalendarError::DayOutOfRange`],
    /// [`CalendarError::DuplicateException`], [`CalendarError::TooManyShifts`], [`CalendarError::ShiftsOverlap`] or
    /// [`CalendarError::NoShifts`] for an extra working day on a day of the week without shifts.
    pub fn new(mut def: WorkingHoursDef) -> Result<Self, CalendarError> {
        dates::in_order(&def.key, &mut def.exceptions, |excepted| excepted.date)?;
        let mut week = [0; 7];
        let names = [
            "Monday",
            "Tuesday",
            "Wednesday",
            "Thursday",
            "Friday",
            "Saturday",
            "Sunday",
        ];
        for ((sum, shifts), name) in week.iter_mut().zip(&def.week).zip(names) {
            *sum = checked_seconds(&def.key, shifts, || name.to_owned())?;
        }
        let mut own = BTreeMap::new();
        for exception in &def.exceptions {
            checked_seconds(&def.key, &exception.shifts, || exception.date.to_string())?;
            own.insert(exception.date, exception.shifts.clone());
        }
        let mut shifts = def.week.clone();
        if let Some(days) = def.days.take() {
            // A date that is written here stands as it is written; the others are worked as the days say.
            let days = WorkingDays::new(days)?.definition().clone();
            for excepted in &days.exceptions {
                let worked = !excepted.weight.is_zero();
                let usual = &def.week[weekday_index(day::number(excepted.date)?)];
                if worked && usual.is_empty() && !own.contains_key(&excepted.date) {
                    let (key, date) = (def.key, excepted.date);
                    return Err(CalendarError::NoShifts { key, date });
                }
                let of_day = if worked { usual.clone() } else { Vec::new() };
                own.entry(excepted.date).or_insert(of_day);
            }
            for ((sum, shifts), weight) in week.iter_mut().zip(&mut shifts).zip(&days.week) {
                if weight.is_zero() {
                    *sum = 0;
                    shifts.clear();
                }
            }
            def.days = Some(days);
        }
        let mut dates = Vec::with_capacity(own.len());
        for (date, shifts) in &own {
            let seconds = shifts.iter().map(|shift| i64::from(shift.seconds())).sum();
            dates.push((day::number(*date)?, seconds));
        }
        Ok(Self(Arc::new(Contents {
            seconds: WeekCycle::new(week, &dates),
            week: shifts,
            dates: own.into_values().collect(),
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
    pub fn definition(&self) -> &WorkingHoursDef {
        &self.0.def
    }

    /// Returns the shifts of a date.
    #[must_use]
    pub fn shifts(&self, date: NaiveDate) -> &[Shift] {
        self.shifts_at(date.num_days_from_ce())
    }

    /// Returns the working time of a date.
    #[must_use]
    pub fn working_time(&self, date: NaiveDate) -> TimeDelta {
        TimeDelta::seconds(self.0.seconds.at(date.num_days_from_ce()))
    }

    /// Says whether a local time is inside a shift.
    #[must_use]
    pub fn is_working(&self, at: NaiveDateTime) -> bool {
        let second = at.time().num_seconds_from_midnight();
        self.shifts(at.date())
            .iter()
            .any(|shift| shift.from().seconds() <= second && second < shift.to().seconds())
    }

    /// Returns the working time from one local time to another: zero or more, and additive over spans that touch.
    ///
    /// # Errors
    /// [`CalendarError::ReversedSpan`] if `to` is before `from`; [`CalendarError::DayOutOfRange`].
    pub fn worked_between(
        &self,
        from: NaiveDateTime,
        to: NaiveDateTime,
    ) -> Result<TimeDelta, CalendarError> {
        if to < from {
            return Err(CalendarError::ReversedSpan { from, to });
        }
        delta(self.before(to)? - self.before(from)?)
    }

    /// Returns the first local time, `from` or later, at which `working_time` has been worked since `from`.
    ///
    /// A span that fills a day ends with the day's last shift, not with the first one of the next day. No working time
    /// is over at once, at `from`.
    ///
    /// # Errors
    /// [`CalendarError::NegativeWorkingTime`]; [`CalendarError::NoWorkingTime`] if the years 1 to 9999 hold too little;
    /// [`CalendarError::DayOutOfRange`].
    pub fn add_working_time(
        &self,
        from: NaiveDateTime,
        working_time: TimeDelta,
    ) -> Result<NaiveDateTime, CalendarError> {
        let wanted = nanoseconds(working_time);
        if wanted < 0 {
            return Err(CalendarError::NegativeWorkingTime {
                seconds: working_time.num_seconds(),
            });
        }
        let before = self.before(from)?;
        if wanted == 0 {
            return Ok(from);
        }
        let reached = before + wanted;
        self.first_reaching(day::number(from.date())?, reached)?
            .ok_or_else(|| CalendarError::NoWorkingTime {
                key: self.key().clone(),
                from,
                seconds: working_time.num_seconds(),
            })
    }

    /// Returns the last local time, `to` or earlier, from which `working_time` is worked until `to`: when work has to begin
    /// that is to be done by then, or a reminder that is due so long before a deadline.
    ///
    /// A span that fills a day begins with the day's first shift, not with the end of the last one before it. No working
    /// time begins at once, at `to`.
    ///
    /// ```
    /// # use chrono::{NaiveDate, TimeDelta};
    /// # use quotaflow::calendar::{WorkingHours, WorkingHoursDef};
    /// # use quotaflow::key::Key;
    /// # let shifts = || vec!["09:00-12:00".parse().unwrap(), "13:00-18:00".parse().unwrap()];
    /// # let week = [shifts(), shifts(), shifts(), shifts(), shifts(), vec![], vec![]];
    /// # let office = WorkingHours::new(WorkingHoursDef::new(Key::new("office")?, week))?;
    /// # let at = |d, h, m| NaiveDate::from_ymd_opt(2026, 3, d).and_then(|day| day.and_hms_opt(h, m, 0)).unwrap();
    /// // Four working hours before Monday 10:00 is Friday 15:00.
    /// assert_eq!(office.subtract_working_time(at(16, 10, 0), TimeDelta::hours(4))?, at(13, 15, 0));
    /// # Ok::<(), quotaflow::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`CalendarError::NegativeWorkingTime`]; [`CalendarError::NoWorkingTimeBefore`] if the days from year 1 to `to` hold
    /// too little; [`CalendarError::DayOutOfRange`].
    pub fn subtract_working_time(
        &self,
        to: NaiveDateTime,
        working_time: TimeDelta,
    ) -> Result<NaiveDateTime, CalendarError> {
        let wanted = nanoseconds(working_time);
        if wanted < 0 {
            return Err(CalendarError::NegativeWorkingTime {
                seconds: working_time.num_seconds(),
            });
        }
        let reached = self.before(to)? - wanted;
        if wanted == 0 {
            return Ok(to);
        }
        // The nanosecond after which more is left than wanted is the first one of the span.
        let first = match reached {
            0.. => self.first_reaching(day::FIRST_DAY, reached + 1)?,
            _ => None,
        };
        first
            .and_then(|first| first.checked_sub_signed(TimeDelta::nanoseconds(1)))
            .ok_or_else(|| CalendarError::NoWorkingTimeBefore {
                key: self.key().clone(),
                to,
                seconds: working_time.num_seconds(),
            })
    }

    /// Returns the first local time, `at` or later, that is inside a shift, if there is one.
    ///
    /// # Errors
    /// [`CalendarError::DayOutOfRange`].
    pub fn next_working_time(
        &self,
        at: NaiveDateTime,
    ) -> Result<Option<NaiveDateTime>, CalendarError> {
        let before = self.before(at)?;
        if self.is_working(at) {
            return Ok(Some(at));
        }
        let reached = self.first_reaching(day::number(at.date())?, before + 1)?;
        Ok(reached.and_then(|reached| reached.checked_sub_signed(TimeDelta::nanoseconds(1))))
    }

    /// Returns the nanoseconds of working time from day 1 to `at`.
    fn before(&self, at: NaiveDateTime) -> Result<i128, CalendarError> {
        let number = day::number(at.date())?;
        let nanos = i128::from(at.time().num_seconds_from_midnight()) * NANOS
            + i128::from(at.time().nanosecond().min(999_999_999));
        let today: i128 = self
            .shifts_at(number)
            .iter()
            .map(|shift| {
                let from = i128::from(shift.from().seconds()) * NANOS;
                let to = i128::from(shift.to().seconds()) * NANOS;
                nanos.clamp(from, to) - from
            })
            .sum();
        Ok(i128::from(self.0.seconds.before(number)) * NANOS + today)
    }

    /// Returns the first local time, on the day with this number or later, before which so many nanoseconds have been
    /// worked since day 1; `reached` is more than were worked before that day.
    fn first_reaching(
        &self,
        start: i32,
        reached: i128,
    ) -> Result<Option<NaiveDateTime>, CalendarError> {
        let seconds = i64::try_from((reached + NANOS - 1) / NANOS).unwrap_or(i64::MAX);
        let Some(number) = self.0.seconds.first_reaching(start, seconds) else {
            return Ok(None);
        };
        let mut rest = reached - i128::from(self.0.seconds.before(number)) * NANOS;
        for shift in self.shifts_at(number) {
            let length = i128::from(shift.seconds()) * NANOS;
            if rest <= length {
                let time = TimeDelta::seconds(i64::from(shift.from().seconds()));
                let midnight = day::date(number)?.and_time(NaiveTime::MIN);
                return Ok(midnight
                    .checked_add_signed(time)
                    .and_then(|start| start.checked_add_signed(delta(rest).ok()?)));
            }
            rest -= length;
        }
        Ok(None)
    }

    fn shifts_at(&self, number: i32) -> &[Shift] {
        match self.0.seconds.exception(number) {
            Some(at) => &self.0.dates[at],
            None => &self.0.week[weekday_index(number)],
        }
    }
}

/// Checks the shifts of one day and returns their seconds.
fn checked_seconds(
    key: &Key,
    shifts: &[Shift],
    day: impl Fn() -> String,
) -> Result<i64, CalendarError> {
    if shifts.len() > MAX_SHIFTS {
        return Err(CalendarError::TooManyShifts {
            key: key.clone(),
            day: day(),
            shifts: shifts.len(),
        });
    }
    for pair in shifts.windows(2) {
        if pair[1].from() < pair[0].to() {
            return Err(CalendarError::ShiftsOverlap {
                key: key.clone(),
                day: day(),
                previous: pair[0],
                shift: pair[1],
            });
        }
    }
    Ok(shifts.iter().map(|shift| i64::from(shift.seconds())).sum())
}

fn nanoseconds(delta: TimeDelta) -> i128 {
    i128::from(delta.num_seconds()) * NANOS + i128::from(delta.subsec_nanos())
}

/// Turns nanoseconds of at most the years 1 to 9999 into a span.
fn delta(nanoseconds: i128) -> Result<TimeDelta, CalendarError> {
    let seconds = i64::try_from(nanoseconds.div_euclid(NANOS)).ok();
    let rest = u32::try_from(nanoseconds.rem_euclid(NANOS)).ok();
    seconds
        .zip(rest)
        .and_then(|(seconds, rest)| TimeDelta::new(seconds, rest))
        .ok_or_else(|| CalendarError::DayOutOfRange {
            day: format!("a span of {nanoseconds} nanoseconds"),
        })
}

impl PartialEq for WorkingHours {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0.def == other.0.def
    }
}

impl Eq for WorkingHours {}

impl TryFrom<WorkingHoursDef> for WorkingHours {
    type Error = CalendarError;

    fn try_from(def: WorkingHoursDef) -> Result<Self, CalendarError> {
        Self::new(def)
    }
}

impl From<WorkingHours> for WorkingHoursDef {
    fn from(hours: WorkingHours) -> Self {
        hours.0.def.clone()
    }
}

#[cfg(test)]
mod tests;
