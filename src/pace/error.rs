//! What can be wrong with a pace.

use chrono::NaiveDate;
use thiserror::Error;

use crate::calendar::CalendarError;
use crate::key::{Key, KeyError};
use crate::measure::Unit;
use crate::panel::{ColumnKey, PanelError};
use crate::quantity::{Quantity, QuantityError, Ratio};

/// What can be wrong with a pace or its use.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PaceError {
    /// A name cannot be a key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A column is missing or a cell is outside the panel.
    #[error(transparent)]
    Panel(#[from] PanelError),
    /// Days or periods do not fit.
    #[error(transparent)]
    Calendar(#[from] CalendarError),
    /// Weights are too fine for exact arithmetic.
    #[error("the weights of a pacing are too fine: {0}")]
    Quantity(#[from] QuantityError),
    /// A weight is below zero.
    #[error("the weight of {of} number {index} is {weight}, below zero")]
    NegativeWeight {
        /// What the weights belong to.
        of: &'static str,
        /// Its position, from 0.
        index: usize,
        /// The weight.
        weight: Ratio,
    },
    /// All weights are zero.
    #[error("the weights of every {of} are zero")]
    NoWeight {
        /// What the weights belong to.
        of: &'static str,
    },
    /// A season does not have one weight for each of its steps.
    #[error("a season of {steps} steps has {weights} weights")]
    SeasonShape {
        /// The number of steps.
        steps: usize,
        /// The number of weights.
        weights: usize,
    },
    /// A step of a season has a weight but no day that counts, over which it could be spread.
    #[error("the season's step `{step}` has a weight but no day that counts")]
    SeasonWithoutDays {
        /// The step.
        step: Key,
    },
    /// A day of a period belongs to no step of the season.
    #[error("{day} belongs to no step of the season")]
    SeasonGap {
        /// The first such day.
        day: NaiveDate,
    },
    /// A curve falls, stands on one day, or leaves the square from 0 to 1.
    #[error(
        "point number {index} of a curve, ({days}, {reached}), must lie to the right of the one before it, not below it, and inside 0 to 1"
    )]
    PhasingPoint {
        /// Its position, from 0.
        index: usize,
        /// The share of the days.
        days: Ratio,
        /// The share of the target.
        reached: Ratio,
    },
    /// A best rate is below zero.
    #[error("a best rate of {rate} a day is below zero")]
    NegativeRate {
        /// The rate.
        rate: Ratio,
    },
    /// A window of latest days reaches back beyond the first day there is.
    #[error("a window of {days} days starts before the year 1")]
    WindowTooLong {
        /// Its length.
        days: u32,
    },
    /// A forecast's commit exceeds its best case, or that its pipeline.
    #[error(
        "the forecast of `{person}` for {period} of {made} must rise from commit to best case to pipeline"
    )]
    ForecastOrder {
        /// Whose.
        person: Key,
        /// For which period.
        period: Key,
        /// Made on which day.
        made: NaiveDate,
    },
    /// A forecast was made after its period.
    #[error("the forecast of `{person}` for {period} was made on {made}, after the period")]
    ForecastTooLate {
        /// Whose.
        person: Key,
        /// For which period.
        period: Key,
        /// Made on which day.
        made: NaiveDate,
    },
    /// Two forecasts are of one person, period and day.
    #[error("`{person}` made two forecasts for {period} on {made}")]
    DuplicateForecast {
        /// Whose.
        person: Key,
        /// For which period.
        period: Key,
        /// Made on which day.
        made: NaiveDate,
    },
    /// A pacing by cascaded targets was used without them.
    #[error("the pacing follows cascaded targets, but no panel with finer periods was given")]
    NoCascade,
    /// Cascaded targets do not add up to the target.
    #[error(
        "the cascaded targets of {subject} in {} add up to {}, not to the target of {}",
        period.as_ref().map_or("a period", Key::as_str),
        shown(cascaded.as_ref()),
        shown(target.as_ref())
    )]
    CascadeSum {
        /// The subject's label.
        subject: String,
        /// The period's label.
        period: Option<Key>,
        /// The target, if it is a number.
        target: Option<Quantity>,
        /// What its parts add up to, if all are numbers.
        cascaded: Option<Quantity>,
    },
    /// Two columns differ in unit or smallest unit, or one has amounts and the other quotients.
    #[error("columns `{first}` ({first_unit}) and `{other}` ({other_unit}) are not counted alike")]
    Axis {
        /// The first column.
        first: ColumnKey,
        /// Its unit.
        first_unit: Unit,
        /// The other column.
        other: ColumnKey,
        /// Its unit.
        other_unit: Unit,
    },
    /// Chances are put into no bins, or into more than anybody looks at.
    #[error("`bins` is {bins}: chances are put into 1 to {most} bins")]
    Bins {
        /// How many were asked for.
        bins: u32,
        /// The most there may be.
        most: u32,
    },
    /// A column of quotients stands where amounts are needed.
    #[error("column `{column}` has quotients; only amounts add up or glide towards a target")]
    NeedsAmounts {
        /// The column.
        column: ColumnKey,
    },
}

fn shown(quantity: Option<&Quantity>) -> String {
    quantity.map_or_else(|| "no number".to_owned(), ToString::to_string)
}
