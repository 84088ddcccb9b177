//! What can be wrong with a metric or with what is folded for it.

use thiserror::Error;

use crate::calendar::CalendarError;
use crate::key::{Key, KeyError, Known, hint};
use crate::limits::LimitError;
use crate::measure::{Direction, Unit};
use crate::panel::PanelError;
use crate::quantity::{QuantityError, Ratio};
use crate::space::SpaceError;

/// What can be wrong with a metric, a program or a partial result.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum MetricError {
    /// A name cannot be a key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A dimension, level or member is not known.
    #[error("{place}: {error}")]
    Space {
        /// The metric, or what else asks for it.
        place: String,
        /// What is not known.
        error: SpaceError,
    },
    /// A change of what is open is asked for by age.
    #[error(
        "metric `{metric}` asks how old something is that changed in the period; leave out `age`, or ask for what is open at its end"
    )]
    AgedFlow {
        /// The metric.
        metric: Key,
    },
    /// Nothing says when records are no longer open.
    #[error(
        "metric `{metric}` asks what is open of `{kind}`, whose records never end: name the date `until` which they are, or say in the kind which measure it `opens`"
    )]
    NeverEnds {
        /// The metric.
        metric: Key,
        /// The kind.
        kind: Key,
    },
    /// A period or window leaves the calendar.
    #[error(transparent)]
    Calendar(#[from] CalendarError),
    /// A number leaves its range.
    #[error(transparent)]
    Quantity(#[from] QuantityError),
    /// More cells or bytes than the host allows.
    #[error(transparent)]
    Limit(#[from] LimitError),
    /// The panel cannot take the figures.
    #[error(transparent)]
    Panel(#[from] PanelError),
    /// Two metrics have the same key.
    #[error("metric `{metric}` is declared twice")]
    Duplicate {
        /// The key.
        metric: Key,
    },
    /// A metric refers to one that is not in the list.
    #[error("metric `{metric}`: there is no metric `{name}`{}", hint(nearest.as_deref(), known))]
    UnknownMetric {
        /// The metric that refers to it.
        metric: Key,
        /// The name.
        name: String,
        /// The nearest known one.
        nearest: Option<String>,
        /// Those that are known.
        known: Known,
    },
    /// A metric refers to itself, by way of others.
    #[error("metric `{metric}` refers to itself")]
    Cycle {
        /// A metric on the cycle.
        metric: Key,
    },
    /// There is no such kind of record.
    #[error("metric `{metric}`: there is no kind of record `{name}`{}", hint(nearest.as_deref(), known))]
    UnknownKind {
        /// The metric.
        metric: Key,
        /// The name.
        name: String,
        /// The nearest known one.
        nearest: Option<String>,
        /// Those that are known.
        known: Known,
    },
    /// A selection names no kind of record.
    #[error("metric `{metric}` selects no kind of record")]
    NoKind {
        /// The metric.
        metric: Key,
    },
    /// A kind of record has no such field.
    #[error(
        "metric `{metric}`: a record of kind `{kind}` has no {what} `{name}`{}",
        hint(nearest.as_deref(), known)
    )]
    UnknownField {
        /// The metric.
        metric: Key,
        /// The kind.
        kind: Key,
        /// `measure`, `attribute`, `date` or `dimension`.
        what: &'static str,
        /// The name.
        name: String,
        /// The nearest known one.
        nearest: Option<String>,
        /// Those that are known.
        known: Known,
    },
    /// An attribute never has this value.
    #[error(
        "metric `{metric}`: `{name}` is not one of the values of `{field}`{}",
        hint(nearest.as_deref(), known)
    )]
    UnknownValue {
        /// The metric.
        metric: Key,
        /// The attribute.
        field: Key,
        /// The name.
        name: String,
        /// The nearest known one.
        nearest: Option<String>,
        /// Those that are known.
        known: Known,
    },
    /// A field is of different dimensions in two kinds of records.
    #[error(
        "metric `{metric}`: `{field}` is of dimension `{first}` in one kind of record and `{second}` in another"
    )]
    MixedDimensions {
        /// The metric.
        metric: Key,
        /// The field.
        field: Key,
        /// One dimension.
        first: Key,
        /// The other.
        second: Key,
    },
    /// Figures that are added, subtracted or compared have different units.
    #[error("metric `{metric}`: {left} and {right} do not go together")]
    UnitMismatch {
        /// The metric.
        metric: Key,
        /// One unit.
        left: Unit,
        /// The other.
        right: Unit,
    },
    /// A metric's direction is another one than that of the measure that it is made from.
    #[error(
        "metric `{metric}` is {}, but what it is made from is {}: leave its direction out, or correct one of the two",
        good(*stated),
        good(*direction)
    )]
    DirectionMismatch {
        /// The metric.
        metric: Key,
        /// The direction that it states.
        stated: Direction,
        /// The direction of what it is made from.
        direction: Direction,
    },
    /// The balances of a stock were to be added up over time.
    #[error(
        "metric `{metric}`: `{measure}` is a stock, whose balances of different days are not added up; take the `last` value of each entity by the end of the period, or the `mean`"
    )]
    StockSummed {
        /// The metric.
        metric: Key,
        /// The measure.
        measure: Key,
    },
    /// Two amounts of a record are compared that have different units or smallest units.
    #[error(
        "metric `{metric}`: `{left}` and `{right}` have different units or smallest units and cannot be compared"
    )]
    NotComparable {
        /// The metric.
        metric: Key,
        /// One measure.
        left: Key,
        /// The other.
        right: Key,
    },
    /// A formula that needs the amounts of a sum got something else.
    #[error("metric `{metric}`: a share needs a count or a sum, which adds up over subjects")]
    NotAdditive {
        /// The metric.
        metric: Key,
    },
    /// A dimension of a share is not among the axes.
    #[error("metric `{metric}`: the subjects have no axis `{name}`{}", hint(nearest.as_deref(), known))]
    UnknownAxis {
        /// The metric.
        metric: Key,
        /// The name.
        name: String,
        /// The nearest known one.
        nearest: Option<String>,
        /// Those that are known.
        known: Known,
    },
    /// The share of a quantile is not from 0 to 1.
    #[error("metric `{metric}`: {p} is not a share from 0 to 1")]
    QuantileShare {
        /// The metric.
        metric: Key,
        /// The share.
        p: Ratio,
    },
    /// A number of periods or days is zero where at least one is needed.
    #[error("metric `{metric}`: {what} must be at least 1")]
    ZeroPeriods {
        /// The metric.
        metric: Key,
        /// Which number.
        what: &'static str,
    },
    /// Presence and absence are compared period by period.
    #[error(
        "metric `{metric}`: presence and absence are reported by period; the window must be `period`"
    )]
    WindowNotPeriod {
        /// The metric.
        metric: Key,
    },
    /// What ends something is looked for whenever it happens.
    #[error(
        "metric `{metric}`: what ends something ends it whenever it happens; its window must be `period`, and so must that of what is waiting"
    )]
    EndWindow {
        /// The metric.
        metric: Key,
    },
    /// The days between records cannot stand where they were used.
    #[error(
        "metric `{metric}`: the days between two records can be added up, averaged and ranked, but not used for {what}"
    )]
    GapNotHere {
        /// The metric.
        metric: Key,
        /// What it was used for.
        what: &'static str,
    },
    /// A subject's member does not stand at its axis's level.
    #[error("`{member}` does not stand at level `{level}` of dimension `{dimension}`")]
    SubjectLevel {
        /// The dimension.
        dimension: Key,
        /// The level.
        level: Key,
        /// The member.
        member: Key,
    },
    /// More of something than a stated limit.
    #[error("{count} {what} are more than the limit of {limit}")]
    TooMany {
        /// What there are too many of.
        what: &'static str,
        /// How many there are.
        count: u64,
        /// The limit.
        limit: u64,
    },
    /// A definition is nested too deeply.
    #[error("metric `{metric}` is nested more than {limit} deep")]
    TooDeep {
        /// The metric.
        metric: Key,
        /// The limit.
        limit: usize,
    },
    /// A ledger with another schema than the program's.
    #[error("the ledger `{ledger}` has another schema than the program")]
    SchemaMismatch {
        /// The ledger.
        ledger: Key,
    },
    /// A partial result of another program.
    #[error("the partial result was folded for other metrics, subjects, periods or members")]
    ProgramMismatch,
    /// Two partial results hold the same records.
    #[error("both partial results hold record {row} of kind `{kind}` of the ledger `{ledger}`")]
    Overlap {
        /// The ledger.
        ledger: Key,
        /// The kind of record.
        kind: Key,
        /// The first row that both hold.
        row: u32,
    },
    /// The records that were folded are not those that now stand at their places in the ledger.
    #[error(
        "the {folded} records of kind `{kind}` that were folded are not those that the ledger `{ledger}` has in their places (it has {there}): enter the same records in the same order and what is new behind them, or fold anew"
    )]
    OtherRecords {
        /// The ledger.
        ledger: Key,
        /// The kind of record.
        kind: Key,
        /// How many were folded.
        folded: u64,
        /// How many the ledger has.
        there: u64,
    },
    /// A record that was folded has been reversed since.
    #[error(
        "record {row} of kind `{kind}` of the ledger `{ledger}` was folded and has been reversed since: fold anew"
    )]
    Reversed {
        /// The ledger.
        ledger: Key,
        /// The kind of record.
        kind: Key,
        /// The row.
        row: u32,
    },
    /// A partial result as a document does not have the shape that its program needs.
    #[error("the partial result is not well formed: {what}")]
    BadPartial {
        /// What is wrong.
        what: &'static str,
    },
}

/// Which way is good, in words.
fn good(direction: Direction) -> &'static str {
    match direction {
        Direction::Larger => "better the larger it is",
        Direction::Smaller => "better the smaller it is",
        Direction::Target => "best at its target",
        Direction::Neutral => "neither better nor worse",
    }
}
