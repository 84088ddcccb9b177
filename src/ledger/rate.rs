//! Rates of exchange, as data: plan rates, month rates, day rates.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::document::Version;
use crate::key::{Key, unknown};
use crate::measure::Currency;
use crate::quantity::{Number, Ratio, Rounding};

use super::bounds;
use super::error::RateError;

/// Which way the rates of a table are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quotation {
    /// What one unit of the currency is worth in the base: 0.92 EUR for one USD. The default.
    #[default]
    Direct,
    /// What one unit of the base is worth in the currency: 1.087 USD for one EUR, as central banks of the euro area publish.
    Indirect,
}

/// How long a rate holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum RateBasis {
    /// From its day until the next rate of its currency: plan rates and constant rates.
    Until,
    /// In the month of its day, of which there is one: month rates.
    Month,
    /// On its day, and where no newer one is published, on so many days after it: day rates, which have no Sundays.
    Day {
        /// The days after its own on which it still holds.
        carried: u16,
    },
}

/// One rate of exchange of one currency, and the day from which it holds.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// The currency that has it.
    pub currency: Currency,
    /// The day from which it holds.
    pub day: NaiveDate,
    /// The rate; above zero.
    pub rate: Number,
}

/// A table of rates as a document.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateTableDef {
    /// The version of the document's form.
    #[serde(default)]
    pub version: Version<1>,
    /// The stable name.
    pub key: Key,
    /// The currency by which the others are measured. Between two others the way goes over it.
    pub base: Currency,
    /// Which way the rates are written.
    #[serde(default)]
    pub quoted: Quotation,
    /// How long a rate holds.
    pub basis: RateBasis,
    /// The rates, in any order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rates: Vec<Rate>,
}

/// A checked table of rates.
///
/// ```
/// use quotaflow::ledger::{Rate, RateBasis, RateTable, RateTableDef};
/// use quotaflow::measure::Currency;
/// use quotaflow::quantity::Ratio;
/// let (eur, usd, gbp) = (Currency::new("EUR")?, Currency::new("USD")?, Currency::new("GBP")?);
/// let rate = |currency, rate: &str| -> Result<Rate, quotaflow::Error> {
///     Ok(Rate { currency, day: "2026-01-01".parse()?, rate: rate.parse()? })
/// };
/// let plan = RateTable::new(RateTableDef {
///     version: Default::default(),
///     key: "plan".try_into()?,
///     base: eur,
///     quoted: Default::default(),
///     basis: RateBasis::Until,
///     rates: vec![rate(usd, "0.9")?, rate(gbp, "1.2")?],
/// })?;
/// // 100 USD are 90 EUR, and those are 75 GBP.
/// assert_eq!(plan.convert(Ratio::from(100), usd, gbp, "2026-05-04".parse()?)?, Ratio::from(75));
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "RateTableDef", into = "RateTableDef")]
pub struct RateTable {
    definition: RateTableDef,
    /// The worth of one unit in the base, by the day from which it holds.
    known: BTreeMap<Currency, Vec<(NaiveDate, Ratio)>>,
}

impl RateTable {
    /// The most rates of a table.
    pub const MAX_RATES: usize = bounds::MAX_RATES;

    /// Checks and keeps the rates.
    ///
    /// # Errors
    /// [`RateError::NotPositive`], [`RateError::OfBase`], [`RateError::Twice`] for two rates of a currency that would hold
    /// at once, [`RateError::TooMany`].
    pub fn new(definition: RateTableDef) -> Result<Self, RateError> {
        let RateTableDef {
            base,
            quoted,
            basis,
            rates,
            key: table,
            ..
        } = &definition;
        if rates.len() > Self::MAX_RATES {
            return Err(RateError::TooMany {
                table: table.clone(),
                count: rates.len(),
            });
        }
        let mut known: BTreeMap<Currency, Vec<(NaiveDate, Ratio)>> = BTreeMap::new();
        for Rate {
            currency,
            day,
            rate,
        } in rates
        {
            let written = Ratio::from(*rate);
            if written <= Ratio::ZERO {
                return Err(RateError::NotPositive {
                    table: table.clone(),
                    currency: *currency,
                    day: *day,
                    rate: *rate,
                });
            }
            if currency == base {
                return Err(RateError::OfBase {
                    table: table.clone(),
                    currency: *base,
                });
            }
            let worth = match quoted {
                Quotation::Direct => written,
                Quotation::Indirect => Ratio::ONE.checked_div(written)?,
            };
            known.entry(*currency).or_default().push((*day, worth));
        }
        for (currency, days) in &mut known {
            days.sort_unstable_by_key(|(day, _)| *day);
            let clash = days
                .windows(2)
                .find(|pair| match (basis, pair[0].0, pair[1].0) {
                    (RateBasis::Month, first, second) => month(first) == month(second),
                    (RateBasis::Until | RateBasis::Day { .. }, first, second) => first == second,
                });
            if let Some(pair) = clash {
                return Err(RateError::Twice {
                    table: table.clone(),
                    currency: *currency,
                    day: pair[1].0,
                });
            }
        }
        Ok(Self { definition, known })
    }

    /// Returns the stable name.
    #[must_use]
    pub fn key(&self) -> &Key {
        &self.definition.key
    }

    /// Returns the document.
    #[must_use]
    pub fn definition(&self) -> &RateTableDef {
        &self.definition
    }

    /// Returns the exact worth of an amount in another currency on a day. Nothing is rounded.
    ///
    /// # Errors
    /// [`RateError::UnknownCurrency`] if a currency has no rate at all, [`RateError::NoRate`] if it has none that holds on the day; [`RateError::Quantity`] if the exact result
    /// leaves its range.
    pub fn convert(
        &self,
        amount: Ratio,
        from: Currency,
        to: Currency,
        day: NaiveDate,
    ) -> Result<Ratio, RateError> {
        if from == to {
            return Ok(amount);
        }
        let rate = self.worth(from, day)?.checked_div(self.worth(to, day)?)?;
        Ok(amount.checked_mul(rate)?)
    }

    fn unknown_currency(&self, currency: Currency) -> RateError {
        let all: Vec<String> = self.known.keys().map(Currency::to_string).collect();
        let all = all.iter().map(String::as_str);
        let (name, nearest, known) = unknown(&currency.to_string(), all);
        RateError::UnknownCurrency {
            table: self.key().clone(),
            base: self.definition.base,
            name,
            nearest,
            known,
        }
    }

    /// What one unit is worth in the base.
    fn worth(&self, currency: Currency, day: NaiveDate) -> Result<Ratio, RateError> {
        if currency == self.definition.base {
            return Ok(Ratio::ONE);
        }
        let Some(days) = self.known.get(&currency) else {
            return Err(self.unknown_currency(currency));
        };
        let basis = self.definition.basis;
        // A month's rate holds from the month's first day, wherever in it its own day lies.
        let begun = days.partition_point(|(from, _)| match basis {
            RateBasis::Month => month(*from) <= month(day),
            RateBasis::Until | RateBasis::Day { .. } => *from <= day,
        });
        let last = begun.checked_sub(1).and_then(|at| days.get(at));
        let holds = last.filter(|(from, _)| match basis {
            RateBasis::Until => true,
            RateBasis::Month => month(*from) == month(day),
            RateBasis::Day { carried } => {
                day.signed_duration_since(*from).num_days() <= i64::from(carried)
            }
        });
        holds
            .map(|(_, rate)| *rate)
            .ok_or_else(|| RateError::NoRate {
                table: self.key().clone(),
                currency,
                base: self.definition.base,
                day,
            })
    }
}

fn month(day: NaiveDate) -> (i32, u32) {
    (day.year(), day.month())
}

impl TryFrom<RateTableDef> for RateTable {
    type Error = RateError;

    fn try_from(definition: RateTableDef) -> Result<Self, RateError> {
        Self::new(definition)
    }
}

impl From<RateTable> for RateTableDef {
    fn from(table: RateTable) -> Self {
        table.definition
    }
}

/// How an amount of money comes to be in its measure's currency.
///
/// Each record is converted by itself, as of its own day, and rounded once to the measure's quantum: what stands in the
/// column are whole quanta, so that every level adds up to the one above. A reversal takes back what was booked, whatever
/// the rate of its own day.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exchange {
    /// The table of rates.
    pub table: Key,
    /// The amount that is converted. Without it the field is given by the record itself, in any currency that the table
    /// has a rate for. With it the field is never given: it says another field's amounts by these rates, in its own
    /// measure's currency, as "sales at constant rates" does beside sales.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<Key>,
    /// The rounding to the measure's quantum.
    #[serde(default)]
    pub rounding: Rounding,
}

/// The position of the table with this key.
pub(super) fn table_at(tables: &[RateTable], key: &Key) -> Result<usize, RateError> {
    let found = tables.iter().position(|table| table.key() == key);
    found.ok_or_else(|| {
        let all = tables.iter().map(|table| table.key().as_str());
        let (name, nearest, known) = unknown(key.as_str(), all);
        RateError::UnknownTable {
            name,
            nearest,
            known,
        }
    })
}

/// Tables of one schema have different names.
pub(super) fn checked(tables: Vec<RateTable>) -> Result<Vec<RateTable>, RateError> {
    for (at, table) in tables.iter().enumerate() {
        if tables[..at].iter().any(|known| known.key() == table.key()) {
            return Err(RateError::DuplicateTable {
                table: table.key().clone(),
            });
        }
    }
    Ok(tables)
}
