//! What can be wrong with a duty, a plan of activity, or a matching.

use chrono::NaiveDate;
use thiserror::Error;

use crate::allocation::AllocationError;
use crate::assignment::AssignmentError;
use crate::calendar::CalendarError;
use crate::key::{Key, KeyError, Known, hint};
use crate::ledger::LedgerError;
use crate::measure::Unit;
use crate::panel::{ColumnKey, PanelError};
use crate::quantity::{QuantityError, Ratio};

/// What can be wrong with a duty, a plan of activity, or a matching.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DutyError {
    /// A name cannot be a key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A day or a span is outside what the calendar knows.
    #[error(transparent)]
    Calendar(#[from] CalendarError),
    /// A number leaves its range.
    #[error(transparent)]
    Quantity(#[from] QuantityError),
    /// An amount cannot be split.
    #[error(transparent)]
    Allocation(#[from] AllocationError),
    /// What is to be matched is too much, or hangs together too widely.
    #[error(transparent)]
    Assignment(#[from] AssignmentError),
    /// The ledger has no such records or fields.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// A column does not fit its panel.
    #[error(transparent)]
    Panel(#[from] PanelError),
    /// More of something than a stated limit.
    #[error("{count} {what} are more than the limit of {limit}")]
    TooMany {
        /// What there are too many of.
        what: &'static str,
        /// How many there are.
        count: usize,
        /// The limit.
        limit: usize,
    },
    /// Two things have the same name.
    #[error("{what} `{key}` is listed twice")]
    Duplicate {
        /// What they are.
        what: &'static str,
        /// The name.
        key: Key,
    },
    /// A broken appointment was not planned.
    #[error("the broken appointment `{name}` is not in the plan{}", hint(nearest.as_deref(), known))]
    UnknownItem {
        /// Its name.
        name: String,
        /// The nearest known one.
        nearest: Option<String>,
        /// Those that are known.
        known: Known,
    },
    /// An appointment that was not moved has a day to which it was moved.
    #[error(
        "the broken appointment `{item}` was moved to {moved_to}, but its cause is no move: write customer_moved or we_moved"
    )]
    NotMoved {
        /// Its name.
        item: Key,
        /// The day.
        moved_to: NaiveDate,
    },
    /// A duty is nobody's.
    #[error("nobody has the duty `{duty}`")]
    Nobody {
        /// The duty.
        duty: Key,
    },
    /// Somebody reviews their own duty.
    #[error("`{person}` cannot review the duty `{duty}`, which is their own")]
    OwnReviewer {
        /// The duty.
        duty: Key,
        /// The person.
        person: Key,
    },
    /// A day is outside what can be counted.
    #[error("a span from {day} leaves the days that can be counted")]
    DayOutOfRange {
        /// The day.
        day: NaiveDate,
    },
    /// A quota's stretch is below its floor.
    #[error("the quota for `{counts}` asks for {floor} at least but for {stretch} as a stretch")]
    StretchBelowFloor {
        /// What is counted.
        counts: Key,
        /// The floor.
        floor: u32,
        /// The stretch.
        stretch: u32,
    },
    /// A quota within another asks for more than that one.
    #[error(
        "the quota for `{counts}` asks for more than the one for `{whole}`, of which it is a part"
    )]
    QuotaBeyondWhole {
        /// What is counted.
        counts: Key,
        /// Of what it is a part.
        whole: Key,
    },
    /// More were counted of a part than of the whole.
    #[error(
        "{reached} `{counts}` were counted, more than the {most} `{whole}` of which they are a part"
    )]
    CountBeyondWhole {
        /// What is counted.
        counts: Key,
        /// How many.
        reached: u64,
        /// Of what it is a part.
        whole: Key,
        /// How many of that.
        most: u64,
    },
    /// An activity brings nothing, so that no number of it is enough.
    #[error("`{activity}` brings {brings}: no number of it is enough")]
    NoConversion {
        /// The activity.
        activity: Key,
        /// What one of it brings.
        brings: Ratio,
    },
    /// An activity was never done, so that nothing is known of what it brings.
    #[error("`{activity}` was never done: what it brings is not known")]
    NoHistory {
        /// The activity.
        activity: Key,
    },
    /// A column is not an amount with a target.
    #[error("column `{column}` has quotients; a target in amounts is needed")]
    NotAmounts {
        /// The column.
        column: ColumnKey,
    },
    /// A number of visits a day is below zero.
    #[error("a rate of {rate} a day is below zero")]
    NegativeRate {
        /// The rate.
        rate: Ratio,
    },
    /// Something is to be done, but no day is worked.
    #[error("no day from {from} on is worked")]
    NoWorkingDay {
        /// The first day.
        from: NaiveDate,
    },
    /// A route's cycle does not begin on a Monday or has no week.
    #[error("a route's cycle of {weeks} weeks begins on {anchor}: it needs a Monday and a week")]
    RouteAnchor {
        /// The day.
        anchor: NaiveDate,
        /// The number of weeks.
        weeks: u8,
    },
    /// A class of customers has no frequency.
    #[error(
        "customer `{customer}` is of class `{name}`, for which the route has no frequency{}",
        hint(nearest.as_deref(), known)
    )]
    UnknownClass {
        /// The customer.
        customer: Key,
        /// The class.
        name: String,
        /// The nearest class that has one.
        nearest: Option<String>,
        /// Those that have one.
        known: Known,
    },
    /// A customer is to be visited more often than there are days for it.
    #[error(
        "customer `{customer}` is to be visited {times} times in {weeks} weeks, on {most} days of a week"
    )]
    TooOften {
        /// The customer.
        customer: Key,
        /// How often.
        times: u8,
        /// In how many weeks.
        weeks: u8,
        /// On how many days of a week it can be.
        most: usize,
    },
    /// Weights are below zero or all zero.
    #[error("the weights {weights:?} must not be below zero, nor all zero")]
    Weights {
        /// The weights.
        weights: Vec<Ratio>,
    },
    /// A priority is outside 1 to 5.
    #[error(
        "the duty `{duty}` has priority {priority}: write 1 for the most urgent to 5 for the least"
    )]
    Priority {
        /// The duty.
        duty: Key,
        /// The priority.
        priority: u8,
    },
    /// A review is of a record that was not handed in or done.
    #[error("the reviewed record `{name}` is in no report{}", hint(nearest.as_deref(), known))]
    UnknownRecord {
        /// The record.
        name: String,
        /// The nearest known one.
        nearest: Option<String>,
        /// Those that are known.
        known: Known,
    },
    /// A step of a roll-out reached somebody to whom the plan need not come.
    #[error("the plan `{plan}` does not have to come to `{name}`{}", hint(nearest.as_deref(), known))]
    UnknownRecipient {
        /// The plan.
        plan: Key,
        /// The person.
        name: String,
        /// The nearest known one.
        nearest: Option<String>,
        /// Those that are known.
        known: Known,
    },
    /// A column of quotients stands where counts are needed.
    #[error("column `{column}` has quotients; counts of what was planned and done are needed")]
    NotCounts {
        /// The column.
        column: ColumnKey,
    },
    /// A record does not say what is needed of it.
    #[error("the record `{record}` of {day} has no {field}")]
    Unsaid {
        /// The record.
        record: String,
        /// Its day.
        day: NaiveDate,
        /// The field.
        field: Key,
    },
    /// A text stands for none of the causes of a broken appointment.
    #[error("`{name}` in the record of {day} is no cause{}", hint(nearest.as_deref(), known))]
    UnknownCause {
        /// The text.
        name: String,
        /// The nearest cause.
        nearest: Option<String>,
        /// The causes.
        known: Known,
        /// The record's day.
        day: NaiveDate,
    },
    /// A duration is told in something else than minutes or hours.
    #[error("the measure `{measure}` is in {unit}: a duration is given in minutes or hours")]
    NotTime {
        /// The measure.
        measure: Key,
        /// Its unit.
        unit: Unit,
    },
    /// An intervention names an obligation that no report has.
    #[error(
        "`{person}` has no obligation of the duty `{duty}` that is due on {name}{}",
        hint(nearest.as_deref(), known)
    )]
    UnknownObligation {
        /// The duty.
        duty: Key,
        /// Whose it would be.
        person: Key,
        /// Its due day.
        name: String,
        /// The nearest due day of the same duty and person.
        nearest: Option<String>,
        /// Their due days.
        known: Known,
    },
    /// Somebody stepped in as the leader of their own obligation.
    #[error("`{person}` has the duty `{duty}` and cannot step in as its leader too")]
    OwnLeader {
        /// The duty.
        duty: Key,
        /// The person.
        person: Key,
    },
    /// A window has no period.
    #[error("a window of 0 periods says nothing: it needs one at least")]
    NoWindow,
    /// No time was taken, so that it has no shares.
    #[error("no time was taken: effort has no mix")]
    NoEffort,
}
