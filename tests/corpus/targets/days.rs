//! Calendars, period sets, windows, working days and hours.

use chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use quotaflow::calendar::{
    Cadence, Calendar, CalendarDef, Grain, PeriodSet, Window, WorkingDays, WorkingDaysDef,
    WorkingHours, WorkingHoursDef, parent_map, refinement,
};
use serde::{Deserialize, Serialize};

use super::{read, read_back, told};

const GRAINS: [Grain; 6] = [
    Grain::Day,
    Grain::Week,
    Grain::Month,
    Grain::Quarter,
    Grain::Half,
    Grain::Year,
];

/// The longest span of days that is cut into periods.
const SPAN: i64 = 1_500;

#[derive(PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Years {
    calendar: CalendarDef,
    from: NaiveDate,
    to: NaiveDate,
    #[serde(default)]
    windows: Vec<Window>,
    #[serde(default)]
    set: Option<PeriodSet>,
}

/// A calendar, a span of days, windows and a period set of one's own.
pub(super) fn calendars(data: &[u8]) {
    let Some(years) = read::<Years>(data) else {
        return;
    };
    let calendar = match Calendar::new(years.calendar) {
        Ok(calendar) => calendar,
        Err(error) => return told(&error),
    };
    for window in &years.windows {
        match window.resolve(&calendar, years.from) {
            Ok(days) => assert!(days.start() <= days.end()),
            Err(error) => told(&error),
        }
    }
    if (years.to - years.from).num_days() > SPAN {
        return;
    }
    for grain in GRAINS {
        let set = match calendar.periods(grain, years.from, years.to) {
            Ok(set) => set,
            Err(error) => {
                told(&error);
                continue;
            }
        };
        gapless(&set, years.from, years.to);
        read_back(&set);
        for period in set.iter().take(40) {
            let found = calendar.containing(grain, period.start).unwrap();
            let whole = (found.label, found.start, found.end);
            assert_eq!(whole, (period.label, period.start, period.end));
        }
        if let Some(own) = &years.set {
            meets(&set, own);
        }
    }
}

/// The periods of a calendar follow each other without a gap and hold every day of the span.
fn gapless(set: &PeriodSet, from: NaiveDate, to: NaiveDate) {
    let mut end = None;
    for (id, period) in set.ids().zip(set.iter()) {
        assert!(period.start < period.end);
        assert!(end.is_none_or(|end| end == period.start));
        assert_eq!(set.on(period.start), Some(id));
        assert_eq!(set.find(period.label.as_str()), Some(id));
        end = Some(period.end);
    }
    if from < to {
        assert!(set.start().is_some_and(|start| start <= from));
        assert!(end.is_some_and(|end| end >= to));
    }
}

/// The refinement of two sets holds each day that is in both, once, and leads to the periods that hold it.
fn meets(left: &PeriodSet, right: &PeriodSet) {
    if let Ok(map) = parent_map(left, right) {
        for (child, parent) in left.iter().zip(map) {
            if let Some(parent) = right.period(parent) {
                assert!(parent.start <= child.start && child.end <= parent.end);
            }
        }
    }
    let Ok(both) = refinement(left, right) else {
        return;
    };
    let days = |set: &PeriodSet| {
        set.iter()
            .map(|period| i64::from(period.days()))
            .sum::<i64>()
    };
    let in_both: i64 = left
        .iter()
        .map(|period| {
            let range = quotaflow::calendar::DayRange::new(period.start, period.end).unwrap();
            right.overlapping(range).fold(0, |sum, at| {
                let other = right.period(at).unwrap();
                let (start, end) = (period.start.max(other.start), period.end.min(other.end));
                sum + (end - start).num_days().max(0)
            })
        })
        .sum();
    let atoms = days(both.atoms());
    assert!(atoms >= in_both, "{atoms} days of {in_both}");
    for (at, atom) in both.atoms().iter().enumerate() {
        let parents = [(left, both.to_left()[at]), (right, both.to_right()[at])];
        for (set, parent) in parents {
            if let Some(parent) = parent.and_then(|parent| set.period(parent)) {
                assert!(parent.start <= atom.start && atom.end <= parent.end);
            }
        }
    }
}

#[derive(PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    working: WorkingDaysDef,
    hours: WorkingHoursDef,
    #[serde(default)]
    cadences: Vec<Cadence>,
    from: NaiveDateTime,
    to: NaiveDateTime,
    steps: i32,
}

/// Working days, working hours, cadences, and the span that they are asked about.
pub(super) fn working_time(data: &[u8]) {
    let Some(all) = read::<Asked>(data) else {
        return;
    };
    let (from, to) = (all.from.date(), all.to.date());
    match WorkingDays::new(all.working) {
        Ok(working) => {
            days(&working, from, to, all.steps);
            if (to - from).num_days() < SPAN {
                for cadence in &all.cadences {
                    occurrences(cadence, &working, from, to);
                }
            }
        }
        Err(error) => told(&error),
    }
    match WorkingHours::new(all.hours) {
        Ok(hours) => worked(&hours, all.from, all.to, all.steps),
        Err(error) => told(&error),
    }
}

fn days(working: &WorkingDays, from: NaiveDate, to: NaiveDate, steps: i32) {
    if let Ok(day) = working.add_working_days(from, steps) {
        let between = if steps < 0 {
            working.count(day, from)
        } else {
            // The days after the first up to and with the last.
            from.succ_opt()
                .zip(day.succ_opt())
                .map_or(working.count(from, from), |(after, end)| {
                    working.count(after, end.max(after))
                })
        };
        if let Ok(between) = between {
            assert_eq!(between, steps.unsigned_abs());
        }
    }
    if let Some(next) = working.roll_forward(from) {
        assert!(next >= from && working.is_working(next));
    }
    if let Some(back) = working.roll_back(from) {
        assert!(back <= from && working.is_working(back));
    }
    let middle = from + (to - from) / 2;
    if let (Ok(all), Ok(first), Ok(second)) = (
        working.working_days(from, to),
        working.working_days(from, middle),
        working.working_days(middle, to),
    ) {
        assert_eq!(first.checked_add(second), Ok(all));
    }
}

/// Occurrences of two spans that touch are those of the whole.
fn occurrences(cadence: &Cadence, working: &WorkingDays, from: NaiveDate, to: NaiveDate) {
    let middle = from + (to - from) / 2;
    let (all, first, second) = (
        cadence.occurrences(from, to, working),
        cadence.occurrences(from, middle, working),
        cadence.occurrences(middle, to, working),
    );
    match (all, first, second) {
        (Ok(all), Ok(mut first), Ok(second)) => {
            assert!(all.iter().all(|each| from <= each.due && each.due < to));
            first.extend(second);
            assert_eq!(first, all);
        }
        (all, _, _) => drop(all.map_err(|error| told(&error))),
    }
}

fn worked(hours: &WorkingHours, from: NaiveDateTime, to: NaiveDateTime, steps: i32) {
    let middle = from + (to - from) / 2;
    if let (Ok(all), Ok(first), Ok(second)) = (
        hours.worked_between(from, to),
        hours.worked_between(from, middle),
        hours.worked_between(middle, to),
    ) {
        assert_eq!(first + second, all);
    }
    let wanted = TimeDelta::minutes(i64::from(steps));
    match hours.add_working_time(from, wanted) {
        Ok(end) => {
            assert!(end >= from);
            assert_eq!(hours.worked_between(from, end).ok(), Some(wanted));
        }
        Err(error) => told(&error),
    }
    match hours.subtract_working_time(to, wanted) {
        Ok(start) => {
            assert!(start <= to);
            assert_eq!(hours.worked_between(start, to).ok(), Some(wanted));
        }
        Err(error) => told(&error),
    }
    if let Ok(Some(next)) = hours.next_working_time(from) {
        assert!(next >= from && hours.is_working(next));
        assert_eq!(hours.worked_between(from, next), Ok(TimeDelta::zero()));
    }
}
