//! The working time of one step: that of whoever holds it, stretch by stretch.

use chrono::{NaiveDateTime, TimeDelta};

use super::error::ProcessError;
use crate::calendar::WorkingHours;

/// The hours that run from a time on, in order; the first run since ever.
#[derive(Debug, Clone)]
pub(super) struct Clock<'a>(Vec<(NaiveDateTime, &'a WorkingHours)>);

impl<'a> Clock<'a> {
    pub(super) fn new(hours: &'a WorkingHours) -> Self {
        Self(vec![(NaiveDateTime::MIN, hours)])
    }

    /// From a time on, not before that of the last hand-over, other hours run.
    pub(super) fn handed_over(&mut self, at: NaiveDateTime, hours: &'a WorkingHours) {
        match self.0.last_mut() {
            Some((_, running)) if std::ptr::eq(*running, hours) => {}
            Some((since, running)) if *since == at => *running = hours,
            _ => self.0.push((at, hours)),
        }
    }

    /// The stretches, each until the next.
    fn stretches(
        &self,
    ) -> impl DoubleEndedIterator<Item = (NaiveDateTime, NaiveDateTime, &'a WorkingHours)> {
        let ends = self.0.iter().skip(1).map(|(at, _)| *at);
        let ends: Vec<NaiveDateTime> = ends.chain([NaiveDateTime::MAX]).collect();
        let starts = self.0.clone().into_iter();
        starts
            .zip(ends)
            .map(|((from, hours), to)| (from, to, hours))
    }

    /// Returns the working time between two local times in microseconds, none when they are the other way round.
    pub(super) fn worked(
        &self,
        from: NaiveDateTime,
        to: NaiveDateTime,
    ) -> Result<i64, ProcessError> {
        let mut sum = 0_i64;
        for (begun, ended, hours) in self.stretches() {
            let (from, to) = (from.max(begun), to.min(ended));
            if from < to {
                let own = hours.worked_between(from, to)?.num_microseconds();
                sum = sum.saturating_add(own.unwrap_or(i64::MAX));
            }
        }
        Ok(sum)
    }

    /// Returns when so much working time after `from` is over.
    pub(super) fn after(
        &self,
        from: NaiveDateTime,
        time: TimeDelta,
    ) -> Result<NaiveDateTime, ProcessError> {
        let mut left = time;
        for (begun, ended, hours) in self.stretches().filter(|(_, ended, _)| from < *ended) {
            let from = from.max(begun);
            if ended < NaiveDateTime::MAX {
                let own = hours.worked_between(from, ended)?;
                if own < left {
                    left -= own;
                    continue;
                }
            }
            return Ok(hours.add_working_time(from, left)?);
        }
        Ok(from)
    }

    /// Returns when so much working time before `to` begins.
    pub(super) fn before(
        &self,
        to: NaiveDateTime,
        time: TimeDelta,
    ) -> Result<NaiveDateTime, ProcessError> {
        let mut left = time;
        for (begun, ended, hours) in self.stretches().rev().filter(|(begun, ..)| *begun < to) {
            let to = to.min(ended);
            if begun > NaiveDateTime::MIN {
                let own = hours.worked_between(begun, to)?;
                if own < left {
                    left -= own;
                    continue;
                }
            }
            return Ok(hours.subtract_working_time(to, left)?);
        }
        Ok(to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::{Shift, WorkingDays, WorkingDaysDef, WorkingHoursDef};
    use proptest::prelude::*;

    fn hours(name: &str, shift: &str) -> WorkingHours {
        let days = WorkingDaysDef::monday_to_friday("days".try_into().unwrap());
        let days = WorkingDays::new(days).unwrap();
        let shift = [shift.parse::<Shift>().unwrap()];
        let key = name.try_into().unwrap();
        WorkingHours::new(WorkingHoursDef::on_working_days(key, &shift, &days)).unwrap()
    }

    fn monday() -> NaiveDateTime {
        let day = chrono::NaiveDate::from_ymd_opt(2026, 3, 2).unwrap();
        day.and_time(chrono::NaiveTime::MIN)
    }

    proptest! {
        /// Quarter of an hour by quarter of an hour, whoever holds it then works or does not.
        #[test]
        fn time_runs_by_who_holds_it(
            handed in proptest::collection::vec((0_i64..800, any::<bool>()), 0..5),
            from in 0_i64..600,
            wanted in 1_i64..120,
        ) {
            let all = [hours("day", "09:00-17:00"), hours("late", "12:00-20:00")];
            let mut handed = handed;
            handed.sort_by_key(|(at, _)| *at);
            let quarter = |number: i64| monday() + TimeDelta::minutes(15 * number);
            let mut clock = Clock::new(&all[0]);
            for (at, late) in &handed {
                clock.handed_over(quarter(*at), &all[usize::from(*late)]);
            }
            let works = |number: i64| {
                let holder = handed.iter().rev().find(|(at, _)| *at <= number);
                all[holder.map_or(0, |(_, late)| usize::from(*late))].is_working(quarter(number))
            };
            // When as many quarters are over, and when as many begin before that.
            let mut end = from;
            let mut left = wanted;
            while left > 0 {
                left -= i64::from(works(end));
                end += 1;
            }
            let time = TimeDelta::minutes(15 * wanted);
            prop_assert_eq!(clock.after(quarter(from), time).unwrap(), quarter(end));
            prop_assert_eq!(clock.worked(quarter(from), quarter(end)).unwrap(), time.num_microseconds().unwrap());
            let mut begin = end;
            let mut left = wanted;
            while left > 0 {
                begin -= 1;
                left -= i64::from(works(begin));
            }
            prop_assert_eq!(clock.before(quarter(end), time).unwrap(), quarter(begin));
        }
    }
}
