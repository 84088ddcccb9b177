//! Invoices as records, and the days on which the books are closed.

use std::collections::BTreeSet;
use std::path::Path;

use chrono::{Days, NaiveDate};
use quotaflow::calendar::{Calendar, DayRange, Grain, PeriodSet};
use quotaflow::key::Key;
use quotaflow::ledger::{Ledger, Need, Record, RecordKind, Schema};
use quotaflow::measure::{Measure, Measures, Unit};
use quotaflow::quantity::Quantum;
use quotaflow::space::{Axis, DimensionDef, Space, Subjects, Unassigned};
use rust_decimal::Decimal;

use crate::file::{FileError, Row, Table, refused};

/// The days on which the books are closed.
const CLOSING: [(i32, u32, u32); 6] = [
    (2012, 6, 30),
    (2012, 12, 31),
    (2013, 3, 31),
    (2013, 6, 30),
    (2013, 9, 30),
    (2013, 12, 31),
];

/// What an invoice may say about being disputed.
const DISPUTED: [&str; 2] = ["Yes", "No"];

struct Invoice {
    line: u64,
    number: String,
    customer: String,
    country: String,
    channel: String,
    on: NaiveDate,
    due: NaiveDate,
    settled: Option<NaiveDate>,
    amount: Decimal,
    disputed: String,
}

/// Each invoice is a record of its day, with the dates on which it is due and was settled.
pub struct Invoices {
    pub ledger: Ledger,
    /// From the first invoice to the day after the last invoice or settlement.
    pub happened: DayRange,
}

impl Invoices {
    pub fn read(folder: &Path) -> Result<Self, quotaflow::Error> {
        Self::of(&Table::read(folder, "invoices.csv")?)
    }

    pub fn of(table: &Table) -> Result<Self, quotaflow::Error> {
        table.require(&[
            "invoice_number",
            "customer_id",
            "country_code",
            "paperless_bill",
            "invoice_date",
            "due_date",
            "settled_date",
            "invoice_amount",
            "disputed",
        ])?;
        let invoices: Vec<Invoice> = table.rows().map(invoice).collect::<Result<_, _>>()?;
        let first = invoices.iter().map(|invoice| invoice.on).min();
        let last = invoices
            .iter()
            .map(|invoice| invoice.settled.unwrap_or(invoice.on).max(invoice.on))
            .max();
        let (Some(first), Some(last)) = (first, last) else {
            return Err(table.error("there is no invoice after line 1").into());
        };
        let closing = closing_days();
        let span = DayRange::new(
            closing.iter().copied().fold(first, NaiveDate::min),
            closing.iter().copied().fold(last, NaiveDate::max) + Days::new(1),
        )?;
        let schema = Schema::new(space(&invoices)?, measures()?, kinds()?, span)?;
        let mut ledger = Ledger::new("receivables", schema)?;
        let records = invoices
            .iter()
            .map(Invoice::record)
            .collect::<Result<Vec<_>, _>>()?;
        ledger.enter(&records).map_err(|error| {
            refused(error, |record| {
                format!("{} line {}", table.name(), invoices[record].line)
            })
        })?;
        Ok(Self {
            ledger,
            happened: DayRange::new(first, last + Days::new(1))?,
        })
    }

    pub fn subjects(&self, dimension: &str) -> Result<Subjects, quotaflow::Error> {
        let axis = Axis::new(dimension, dimension)?;
        let space = self.ledger.schema().space();
        Ok(space.subjects(&axis, Unassigned::Hidden)?)
    }

    /// The whole time as one period.
    pub fn always(&self) -> Result<PeriodSet, quotaflow::Error> {
        let span = self.ledger.schema().span();
        let start = [span.start()];
        Ok(PeriodSet::from_starts(
            Key::new("all")?,
            &start,
            span.end(),
            |_, _| "all",
        )?)
    }

    pub fn months(&self) -> Result<PeriodSet, quotaflow::Error> {
        let (from, to) = (self.happened.start(), self.happened.end());
        Ok(Calendar::gregorian().periods(Grain::Month, from, to)?)
    }

    /// The periods that end with the closing days, each labelled with that day; the first one holds all before.
    pub fn closings(&self) -> Result<PeriodSet, quotaflow::Error> {
        let ends = closing_days();
        let mut starts = vec![self.ledger.schema().span().start()];
        starts.extend(ends.iter().map(|day| *day + Days::new(1)));
        let end = starts.pop().ok_or("there is a closing day")?;
        let label = |ordinal: usize, _| ends[ordinal].to_string();
        Ok(PeriodSet::from_starts(
            Key::new("closing")?,
            &starts,
            end,
            label,
        )?)
    }
}

fn invoice(row: Row<'_>) -> Result<Invoice, FileError> {
    let on = row.date("invoice_date")?;
    let settled = row.some_date("settled_date")?;
    if settled.is_some_and(|settled| settled < on) {
        return Err(row.error("settled_date", "is before the invoice_date"));
    }
    Ok(Invoice {
        line: row.line(),
        number: row.filled("invoice_number")?.to_owned(),
        customer: row.filled("customer_id")?.to_owned(),
        country: row.filled("country_code")?.to_owned(),
        channel: row.filled("paperless_bill")?.to_owned(),
        on,
        due: row.date("due_date")?,
        settled,
        amount: row.amount("invoice_amount", Quantum::CENT)?,
        disputed: row.known("disputed", |text| DISPUTED.contains(&text), "Yes, No")?,
    })
}

impl Invoice {
    fn record(&self) -> Result<Record, quotaflow::Error> {
        let mut record = Record::new("invoice", self.on)
            .id(format!("invoice {}", self.number))
            .of("customer", &self.customer)
            .of("country", &self.country)
            .of("channel", &self.channel)
            .amount("amount", self.amount)
            .attribute("disputed", &self.disputed)
            .date("due", self.due);
        if let Some(settled) = self.settled {
            // Amounts times days, so that a mean can weigh its days by the amounts.
            let times = |days: i64| {
                let product = self.amount.checked_mul(Decimal::from(days));
                product.ok_or_else(|| format!("line {}: the amount is too large", self.line))
            };
            let late = (settled - self.due).num_days().max(0);
            record = record
                .date("settled", settled)
                .amount("amount_days", times((settled - self.on).num_days())?)
                .amount("amount_days_late", times(late)?);
        }
        Ok(record)
    }
}

fn closing_days() -> Vec<NaiveDate> {
    CLOSING
        .iter()
        .filter_map(|(year, month, day)| NaiveDate::from_ymd_opt(*year, *month, *day))
        .collect()
}

fn space(invoices: &[Invoice]) -> Result<Space, quotaflow::Error> {
    let flat = |name: &str, of: fn(&Invoice) -> &str| -> Result<DimensionDef, quotaflow::Error> {
        let members: BTreeSet<&str> = invoices.iter().map(of).collect();
        Ok(DimensionDef::flat(name, name, members)?)
    };
    Ok(Space::new(vec![
        flat("customer", |invoice| &invoice.customer)?,
        flat("country", |invoice| &invoice.country)?,
        flat("channel", |invoice| &invoice.channel)?,
    ])?)
}

fn measures() -> Result<Measures, quotaflow::Error> {
    Ok(Measures::new(vec![
        Measure::flow("amount", "money:USD".parse()?, Quantum::CENT)?,
        Measure::flow("amount_days", Unit::count("dollar-day")?, Quantum::CENT)?,
        Measure::flow(
            "amount_days_late",
            Unit::count("dollar-day")?,
            Quantum::CENT,
        )?,
    ])?)
}

fn kinds() -> Result<Vec<RecordKind>, quotaflow::Error> {
    Ok(vec![
        RecordKind::new("invoice")?
            .of("customer")?
            .of("country")?
            .of("channel")?
            .measuring("amount", Need::Required)?
            .measuring("amount_days", Need::Optional)?
            .measuring("amount_days_late", Need::Optional)?
            .noting("disputed", &DISPUTED)?
            .planning("due")?
            .dating("settled")?,
    ])
}
