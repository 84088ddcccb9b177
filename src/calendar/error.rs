//! What can be wrong with time.

use chrono::{NaiveDate, NaiveDateTime, Weekday};
use thiserror::Error;

use crate::key::{Key, KeyError, Known, hint};
use crate::quantity::Ratio;

use super::period_def::MAX_PERIODS;
use super::{Grain, PeriodDef, Shift};

/// What can be wrong with a period set, a calendar, or a question about days.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CalendarError {
    /// No period of the set has this label.
    #[error("`{name}` is not a period of `{set}`{}", hint(nearest.as_deref(), known))]
    UnknownPeriod {
        /// The label that was asked for.
        name: String,
        /// The nearest known label.
        nearest: Option<String>,
        /// The known labels.
        known: Known,
        /// The key of the set.
        set: Key,
    },
    /// A range of days or instants ends before it starts.
    #[error("the range starts on {start} but ends before that, on {end}")]
    Reversed {
        /// The first day.
        start: NaiveDate,
        /// The day after the last one.
        end: NaiveDate,
    },
    /// A day lies outside the years 1 to 9999.
    #[error("{day} is outside 0001-01-01 to 9999-12-31")]
    DayOutOfRange {
        /// The day, as its date or as a number of days from 0001-01-01.
        day: String,
    },
    /// A period has no day.
    #[error("period `{label}` starts on {start} and ends on {end}: it has no day")]
    EmptyPeriod {
        /// The period's label.
        label: Key,
        /// Its first day.
        start: NaiveDate,
        /// The day after its last one.
        end: NaiveDate,
    },
    /// A period starts before the one above it has ended.
    #[error(
        "period `{label}` starts on {start}, before the end of period `{previous}` on {previous_end}"
    )]
    Overlap {
        /// The label of the earlier period in the list.
        previous: Key,
        /// The day after its last one.
        previous_end: NaiveDate,
        /// The label of the later period in the list.
        label: Key,
        /// Its first day.
        start: NaiveDate,
    },
    /// Two periods of a set have one label.
    #[error("two periods are called `{label}`: number {first} and number {second} of the set")]
    DuplicateLabel {
        /// The label.
        label: Key,
        /// The ordinal of the first one.
        first: usize,
        /// The ordinal of the second one.
        second: usize,
    },
    /// A label or a key of a set cannot be made.
    #[error("period number {ordinal} cannot be labelled: {source}")]
    Label {
        /// The period's ordinal.
        ordinal: usize,
        /// What is wrong with the text.
        source: KeyError,
    },
    /// A set would have more periods than a set may have.
    #[error("{periods} periods are more than the {MAX_PERIODS} that one set may have")]
    TooManyPeriods {
        /// How many there would be.
        periods: usize,
    },
    /// Ordinals that a set does not have were asked for.
    #[error("the set `{set}` has {len} periods: there are no periods {start} to {end} in it")]
    NoSuchPeriods {
        /// The key of the set.
        set: Key,
        /// How many periods it has.
        len: usize,
        /// The first ordinal that was asked for.
        start: usize,
        /// The ordinal after the last one.
        end: usize,
    },
    /// A period of one set does not lie within one period of another.
    #[error(
        "period `{period}` ({start} to {end}) of set `{child}` does not lie within one period of set `{parent}`"
    )]
    NotNested {
        /// The key of the finer set.
        child: Key,
        /// The key of the coarser set.
        parent: Key,
        /// The label of the period.
        period: Key,
        /// Its first day.
        start: NaiveDate,
        /// The day after its last one.
        end: NaiveDate,
    },
    /// A calendar's key leaves no room for the keys of its period sets.
    #[error("the calendar's key `{key}` has {bytes} bytes, more than 180")]
    LongCalendarKey {
        /// The key.
        key: Key,
        /// Its length in bytes.
        bytes: usize,
    },
    /// A month number is not one of the twelve.
    #[error("{what} of calendar `{key}` is {month}: a month is 1 to 12")]
    NoSuchMonth {
        /// The key of the calendar.
        key: Key,
        /// Which field.
        what: &'static str,
        /// The number.
        month: u8,
    },
    /// A number in the definition of a calendar is out of its bounds.
    #[error("{what} of calendar `{key}` is {number}: it must be {least} to {most}")]
    NoSuchNumber {
        /// The key of the calendar.
        key: Key,
        /// Which number.
        what: &'static str,
        /// The number.
        number: u8,
        /// The least it may be.
        least: u8,
        /// The most it may be.
        most: u8,
    },
    /// No period of a set holds a day.
    #[error(
        "no period of `{set}` holds {day}: {}",
        around_text(*day, before.as_ref(), after.as_ref())
    )]
    NoPeriodHolds {
        /// The key of the set.
        set: Key,
        /// The day.
        day: NaiveDate,
        /// The last period before the day, if there is one.
        before: Option<PeriodDef>,
        /// The first period after it, if there is one.
        after: Option<PeriodDef>,
    },
    /// A fiscal year would start on a day that not every month has.
    #[error("the years of calendar `{key}` start on day {day}: that must be 1 to 28")]
    StartDay {
        /// The key of the calendar.
        key: Key,
        /// The day of the month.
        day: u8,
    },
    /// A retail calendar's weeks follow from its years and cannot be set apart.
    #[error("calendar `{key}` is a retail calendar: its weeks follow from its years")]
    WeeksAreFixed {
        /// The key of the calendar.
        key: Key,
    },
    /// A calendar has no such period, because it would leave the years 1 to 9999 or exceed its year's count.
    #[error("calendar `{key}` has no {grain} {index} in year {year} within the years 1 to 9999")]
    NoSuchPeriod {
        /// The key of the calendar.
        key: Key,
        /// The grain.
        grain: Grain,
        /// The calendar's year.
        year: i32,
        /// The number of the period in the year, from 1.
        index: u32,
    },
    /// A period is not one that the calendar makes.
    #[error("period `{period}` ({start} to {end}) is not a {grain} of calendar `{calendar}`")]
    ForeignPeriod {
        /// The key of the calendar.
        calendar: Key,
        /// The grain.
        grain: Grain,
        /// The label of the period.
        period: Key,
        /// Its first day.
        start: NaiveDate,
        /// The day after its last one.
        end: NaiveDate,
    },
    /// A text is not a time of day.
    #[error("`{text}` is not a time of day: write HH:MM or HH:MM:SS, up to 24:00")]
    TimeOfDay {
        /// The text.
        text: String,
    },
    /// A stretch of a day does not end after it starts.
    #[error("`{text}` is not a stretch of a day: write 09:00-12:00, the earlier time first")]
    Shift {
        /// The text.
        text: String,
    },
    /// A business day cannot start at the end of the day.
    #[error("a business day cannot start at 24:00; 00:00 is midnight")]
    DayBoundary,
    /// A date is excepted twice.
    #[error("`{key}` lists {date} twice")]
    DuplicateException {
        /// The key of the definition.
        key: Key,
        /// The date.
        date: NaiveDate,
    },
    /// More dates are excepted than a definition may list.
    #[error("`{key}` lists {exceptions} dates, more than 100000")]
    TooManyExceptions {
        /// The key of the definition.
        key: Key,
        /// How many there are.
        exceptions: usize,
    },
    /// A day counts less than nothing, or too much.
    #[error("{day} counts {weight} in `{key}`: a day counts 0 to 1000")]
    Weight {
        /// The key of the definition.
        key: Key,
        /// The day of the week or the date.
        day: String,
        /// Its weight.
        weight: Ratio,
    },
    /// The weights of days have no common denominator of a million or less.
    #[error(
        "with {weight} for {day} the days of `{key}` can no longer be counted in parts of a millionth or more"
    )]
    WeightsTooFine {
        /// The key of the definition.
        key: Key,
        /// The day of the week or the date.
        day: String,
        /// Its weight.
        weight: Ratio,
    },
    /// There are not so many working days within the years 1 to 9999.
    #[error("`{key}` has no day that is {days} working days from {day}")]
    NoWorkingDay {
        /// The key of the working days.
        key: Key,
        /// The day from which they were counted.
        day: NaiveDate,
        /// How many were asked for.
        days: i32,
    },
    /// The shifts of one day overlap or are out of order.
    #[error("shift {shift} on {day} in `{key}` starts before {previous} has ended")]
    ShiftsOverlap {
        /// The key of the working hours.
        key: Key,
        /// The day of the week or the date.
        day: String,
        /// The shift before.
        previous: Shift,
        /// The shift that starts too early.
        shift: Shift,
    },
    /// One day has more shifts than it may have.
    #[error("{day} has {shifts} shifts in `{key}`, more than 48")]
    TooManyShifts {
        /// The key of the working hours.
        key: Key,
        /// The day of the week or the date.
        day: String,
        /// How many there are.
        shifts: usize,
    },
    /// A date is worked, and nothing says when.
    #[error(
        "{date} is a working day, and `{key}` has no shifts for it: write those of its day of the week, or of the date"
    )]
    NoShifts {
        /// The key of the working hours.
        key: Key,
        /// The date.
        date: NaiveDate,
    },
    /// A span of time ends before it starts.
    #[error("the span starts at {from} but ends before that, at {to}")]
    ReversedSpan {
        /// When it starts.
        from: NaiveDateTime,
        /// When it ends.
        to: NaiveDateTime,
    },
    /// A working time is below zero.
    #[error("a working time of {seconds} seconds cannot be added: it is below zero")]
    NegativeWorkingTime {
        /// The whole seconds of it.
        seconds: i64,
    },
    /// There is not so much working time within the years 1 to 9999.
    #[error("`{key}` has no {seconds} seconds of working time after {from}")]
    NoWorkingTime {
        /// The key of the working hours.
        key: Key,
        /// From when it was counted.
        from: NaiveDateTime,
        /// The whole seconds of working time that were asked for.
        seconds: i64,
    },
    /// There is not so much working time between year 1 and a local time.
    #[error("`{key}` has no {seconds} seconds of working time before {to}")]
    NoWorkingTimeBefore {
        /// The key of the working hours.
        key: Key,
        /// Until when it was counted.
        to: NaiveDateTime,
        /// The whole seconds of working time that were asked for.
        seconds: i64,
    },
    /// A weekly cadence names no day.
    #[error("a weekly cadence needs at least one day of the week")]
    NoWeekday,
    /// A weekly cadence names a day twice.
    #[error("a weekly cadence names {weekday} twice")]
    DuplicateWeekday {
        /// The day.
        weekday: Weekday,
    },
    /// A cadence has more occurrences in a span than are listed at once.
    #[error("from {start} to {end} there are more than {MAX_PERIODS} occurrences")]
    TooManyOccurrences {
        /// The first day.
        start: NaiveDate,
        /// The day after the last one.
        end: NaiveDate,
    },
}

/// Says which periods lie around a day that none of them holds.
pub(crate) fn around_text(
    day: NaiveDate,
    before: Option<&PeriodDef>,
    after: Option<&PeriodDef>,
) -> String {
    let last_day = |period: &PeriodDef| period.end.pred_opt().unwrap_or(period.end);
    match (before, after) {
        (Some(before), None) => format!(
            "the last one, `{}`, ends on {}; name a day up to then, or add periods up to {day}",
            before.label,
            last_day(before)
        ),
        (None, Some(after)) => format!(
            "the first one, `{}`, starts on {}; name a day from then on, or add periods from {day}",
            after.label, after.start
        ),
        (Some(before), Some(after)) => format!(
            "it lies between `{}`, which ends on {}, and `{}`, which starts on {}",
            before.label,
            last_day(before),
            after.label,
            after.start
        ),
        (None, None) => "the set has no period".to_owned(),
    }
}
