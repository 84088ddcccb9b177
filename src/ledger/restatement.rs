//! Amounts in a currency of their own become their measure's; and all of them anew by other rates.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::bulk::At;
use super::compiled::{Exchanged, Kind};
use super::credit::{Credit, CreditKind, Part, split};
use super::entry::representable;
use super::error::{LedgerError, Refusal};
use super::ledger::{Ledger, date};
use super::rate::RateTable;
use super::schema::Schema;
use super::{
    absent::NO_AMOUNT,
    table::{Foreign, Table},
};
use crate::measure::{Currency, Measure, Unit};
use crate::quantity::{Number, Ratio};

impl Ledger {
    /// Makes every converted amount anew by other rates, when a month's rates come in or the plan's are changed.
    ///
    /// The records themselves say what they said: their own amounts in their own currencies. A reversal takes back what its
    /// original now is.
    ///
    /// # Errors
    /// [`LedgerError::Rate`] if a table is gone; [`LedgerError::Refused`], with the record's place among the ledger's
    /// [`records`](Ledger::records), if a currency has no rate on a record's day. The ledger is then unchanged.
    pub fn restate(&mut self, rates: Vec<RateTable>) -> Result<(), LedgerError> {
        let schema = self.schema.at_rates(rates)?;
        let mut restated = Vec::with_capacity(self.tables.len());
        let mut before = 0;
        for (kind, table) in schema.compiled().iter().zip(&self.tables) {
            let columns = columns(&schema, kind, table).map_err(|At(row, refusal)| {
                let id = table.id(row).map(|id| id.as_str().to_owned());
                let row = before + table.records_before(row);
                LedgerError::Refused { row, id, refusal }
            })?;
            restated.push(columns);
            before += table.records_before(table.len());
        }
        self.schema = schema;
        for (table, columns) in self.tables.iter_mut().zip(restated) {
            for (at, units) in columns {
                table.replace_amounts(at, units);
            }
        }
        self.tell_again();
        Ok(())
    }

    /// Converts what is not in its measure's currency, and restates what follows from another field.
    pub(super) fn exchange(
        &self,
        kind: &Kind,
        day: NaiveDate,
        amounts: &mut [i64],
        foreign: Option<&Foreign>,
    ) -> Result<(), Refusal> {
        for (at, exchanged) in kind.exchanges.iter().enumerate() {
            let Some(exchanged) = exchanged else { continue };
            // Only what is given is read, and only what is converted or restated is written.
            if let Some(units) =
                converted(&self.schema, kind, (at, *exchanged), day, amounts, foreign)?
            {
                amounts[at] = units;
            }
        }
        Ok(())
    }

    /// The same for whole columns of quanta, which in a foreign row are quanta of the row's own currency.
    pub(super) fn exchange_columns(
        &self,
        kind: &Kind,
        days: &[NaiveDate],
        currencies: &[Option<Currency>],
        columns: &mut [Vec<i64>],
    ) -> Result<BTreeMap<u32, Foreign>, At> {
        let mut kept = BTreeMap::new();
        let measures = self.schema.measures();
        let plain = kind.exchanges.iter().all(Option::is_none);
        if currencies.is_empty() && plain {
            return Ok(kept);
        }
        for (row, day) in days.iter().enumerate() {
            let mut given: Vec<Option<Number>> = vec![None; columns.len()];
            let own = currencies.get(row).copied().flatten();
            if let Some(found) = own {
                for (at, column) in columns.iter_mut().enumerate() {
                    let measure = kind.measured(measures, at);
                    let same =
                        !matches!(&measure.unit, Unit::Money(currency) if *currency != found);
                    if same || column[row] == NO_AMOUNT {
                        continue;
                    }
                    let amount = measure.quantum.amount(column[row]);
                    if kind.exchanges[at].is_none() {
                        let field = kind.definition.measures[at].measure.clone();
                        let expected = measure.unit.clone();
                        let refusal = Refusal::CurrencyMismatch {
                            field,
                            amount,
                            found,
                            expected,
                        };
                        return Err(At::new(row, refusal));
                    }
                    given[at] = Some(Number::from(amount));
                    column[row] = NO_AMOUNT;
                }
            }
            let is_foreign = given.iter().any(Option::is_some);
            let foreign = own.filter(|_| is_foreign).map(|currency| Foreign {
                currency,
                amounts: given,
            });
            let mut amounts: Vec<i64> = columns.iter().map(|column| column[row]).collect();
            self.exchange(kind, *day, &mut amounts, foreign.as_ref())
                .map_err(|refusal| At::new(row, refusal))?;
            for (column, units) in columns.iter_mut().zip(amounts) {
                column[row] = units;
            }
            if let (Some(foreign), Ok(at)) = (foreign, u32::try_from(row)) {
                kept.insert(at, foreign);
            }
        }
        Ok(kept)
    }
}

/// The columns of a table that are converted, by field.
fn columns(schema: &Schema, kind: &Kind, table: &Table) -> Result<Vec<(usize, Vec<i64>)>, At> {
    let mut columns = Vec::new();
    let mut amounts = vec![NO_AMOUNT; table.amounts.len()];
    for (at, exchanged) in kind.exchanges.iter().enumerate() {
        let Some(exchanged) = exchanged else { continue };
        let mut units = table.amounts[at].units.clone();
        for row in 0..table.len() {
            let original = u32::try_from(row)
                .ok()
                .and_then(|row| table.reversals.get(&row));
            if let Some(original) = original {
                // A reversal enters after its original.
                let taken_back = units[*original as usize];
                units[row] = taken_back.checked_neg().unwrap_or(NO_AMOUNT);
                continue;
            }
            if table.continues(row) {
                // It is split anew with the first row of its record.
                continue;
            }
            for (of, amount) in amounts.iter_mut().enumerate() {
                *amount = table.booked(of, row);
            }
            let (day, foreign) = (date(table.days[row]), table.foreign(row));
            let found = converted(schema, kind, (at, *exchanged), day, &amounts, foreign)
                .map_err(|refusal| At::new(row, refusal))?;
            let Some(found) = found else { continue };
            let measure = kind.measured(schema.measures(), at);
            let parts =
                parts(table, row, found, measure).map_err(|refusal| At::new(row, refusal))?;
            for (row, part) in table.rows_of(row).zip(parts) {
                units[row] = part;
            }
        }
        columns.push((at, units));
    }
    Ok(columns)
}

/// What each row of a record has of an amount.
fn parts(table: &Table, row: usize, whole: i64, measure: &Measure) -> Result<Vec<i64>, Refusal> {
    if table.part(row) == Part::Whole {
        return Ok(vec![whole]);
    }
    let credit = |row: usize| Credit {
        member: String::new(),
        share: table.share(row).unwrap_or(Ratio::ONE),
        kind: match table.part(row) {
            Part::Overlay => CreditKind::Overlay,
            Part::Whole | Part::Lead | Part::Share => CreditKind::Split,
        },
    };
    let credits: Vec<Credit> = table.rows_of(row).map(credit).collect();
    let parts = split(&credits, &[whole], &[measure])?;
    Ok(parts.into_iter().flatten().collect())
}

/// One field's amount in quanta of its measure, unless it is missing or as it was given.
fn converted(
    schema: &Schema,
    kind: &Kind,
    (at, exchanged): (usize, Exchanged),
    day: NaiveDate,
    amounts: &[i64],
    foreign: Option<&Foreign>,
) -> Result<Option<i64>, Refusal> {
    let Exchanged {
        table,
        of,
        to,
        rounding,
    } = exchanged;
    let given = foreign.and_then(|foreign| Some((foreign.currency, foreign.amounts[of]?)));
    let measure = kind.measured(schema.measures(), of);
    let (from, amount) = match (given, &measure.unit) {
        (Some((currency, amount)), _) => (currency, Ratio::from(amount)),
        (None, Unit::Money(currency)) if of != at && amounts[of] != NO_AMOUNT => {
            let amount = measure.quantum.amount(amounts[of]);
            (*currency, Ratio::from(Number::from(amount)))
        }
        (None, _) => return Ok(None),
    };
    let field = || kind.definition.measures[at].measure.clone();
    let exact = schema.rates()[table]
        .convert(amount, from, to, day)
        .map_err(|error| Refusal::Rate {
            field: field(),
            error,
        })?;
    let quantum = kind.quantum(schema.measures(), at);
    let units = quantum
        .round(exact, rounding)
        .and_then(|units| representable(units, exact.approximate(), quantum))
        .map_err(|error| Refusal::Amount {
            field: field(),
            error,
        })?;
    Ok(Some(units))
}
