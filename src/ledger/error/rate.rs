//! What can be wrong with rates of exchange.

use chrono::NaiveDate;
use thiserror::Error;

use crate::key::{Key, Known, hint};
use crate::ledger::bounds::MAX_RATES;
use crate::measure::Currency;
use crate::quantity::{Number, QuantityError};

/// What can be wrong with rates.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RateError {
    /// A rate of zero or below.
    #[error("rate table `{table}`: the rate {rate} of {currency} on {day} is not above zero")]
    NotPositive {
        /// The table.
        table: Key,
        /// The currency.
        currency: Currency,
        /// The day.
        day: NaiveDate,
        /// The rate.
        rate: Number,
    },
    /// The base has a rate, which is always one.
    #[error("rate table `{table}`: {currency} is the base and has no rate of its own")]
    OfBase {
        /// The table.
        table: Key,
        /// The base.
        currency: Currency,
    },
    /// Two rates of a currency would hold at once.
    #[error("rate table `{table}`: {currency} has two rates that hold on {day}")]
    Twice {
        /// The table.
        table: Key,
        /// The currency.
        currency: Currency,
        /// The day.
        day: NaiveDate,
    },
    /// No rate of a currency holds on a day.
    #[error("rate table `{table}` has no rate of {currency} against {base} that holds on {day}")]
    NoRate {
        /// The table.
        table: Key,
        /// The currency.
        currency: Currency,
        /// The base.
        base: Currency,
        /// The day.
        day: NaiveDate,
    },
    /// A table has no rate of a currency on any day.
    #[error(
        "rate table `{table}` has no rates of `{name}` against {base}{}",
        hint(nearest.as_deref(), known)
    )]
    UnknownCurrency {
        /// The table.
        table: Key,
        /// The base.
        base: Currency,
        /// The currency.
        name: String,
        /// The nearest known one.
        nearest: Option<String>,
        /// Those that have rates.
        known: Known,
    },
    /// There is no such table.
    #[error("there is no rate table `{name}`{}", hint(nearest.as_deref(), known))]
    UnknownTable {
        /// The name.
        name: String,
        /// The nearest known one.
        nearest: Option<String>,
        /// Those that are known.
        known: Known,
    },
    /// Two tables have the same key.
    #[error("the rate table `{table}` is declared twice")]
    DuplicateTable {
        /// The key.
        table: Key,
    },
    /// More rates than [`RateTable::MAX_RATES`](crate::ledger::RateTable::MAX_RATES).
    #[error(
        "rate table `{table}`: {count} rates are more than the limit of {}",
        MAX_RATES
    )]
    TooMany {
        /// The table.
        table: Key,
        /// How many there are.
        count: usize,
    },
    /// The exact result leaves its range.
    #[error(transparent)]
    Quantity(#[from] QuantityError),
}
