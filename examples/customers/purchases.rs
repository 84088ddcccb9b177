//! Purchases and returns as records, each customer below the month of the first purchase.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, Days, NaiveDate};
use quotaflow::calendar::{Calendar, DayRange, Grain, PeriodSet};
use quotaflow::key::Key;
use quotaflow::ledger::{Ledger, Need, Record, RecordKind, Schema};
use quotaflow::measure::{Measure, Measures};
use quotaflow::quantity::Quantum;
use quotaflow::space::{Axis, DimensionDef, Space, Subjects, Unassigned};
use rust_decimal::Decimal;

use crate::file::{FileError, Row, Table};

pub struct Purchases {
    pub ledger: Ledger,
    /// From the first to the day after the last record.
    pub happened: DayRange,
    pub returns: usize,
}

struct Entry<'a> {
    line: u64,
    customer: &'a str,
    on: NaiveDate,
    amount: Decimal,
}

impl Entry<'_> {
    fn is_return(&self) -> bool {
        self.amount < Decimal::ZERO
    }
}

impl Purchases {
    pub fn read(table: &Table) -> Result<Self, quotaflow::Error> {
        table.require(&["customer", "date", "amount"])?;
        let entries: Vec<Entry<'_>> = table.rows().map(entry).collect::<Result<_, _>>()?;
        let days = || entries.iter().map(|entry| entry.on);
        let (Some(first), Some(last)) = (days().min(), days().max()) else {
            return Err(table.error("there is no record after line 1").into());
        };
        let happened = DayRange::new(first, last + Days::new(1))?;
        let measures = Measures::new(vec![Measure::flow(
            "amount",
            "money:USD".parse()?,
            Quantum::CENT,
        )?])?;
        let kinds = ["purchase", "return"].map(|kind| {
            RecordKind::new(kind)?
                .of("customer")?
                .measuring("amount", Need::Required)
        });
        let kinds = kinds.into_iter().collect::<Result<_, _>>()?;
        let customers = Customers::of(&entries);
        let space = Space::new(vec![customers.dimension(happened)?])?;
        let mut ledger = Ledger::new("customers", Schema::new(space, measures, kinds, happened)?)?;
        let records: Vec<Record> = entries
            .iter()
            .map(|entry| {
                let kind = if entry.is_return() {
                    "return"
                } else {
                    "purchase"
                };
                Record::new(kind, entry.on)
                    .id(format!("line {}", entry.line))
                    .of("customer", customers.key(entry.customer))
                    .amount("amount", entry.amount)
            })
            .collect();
        ledger.enter(&records)?;
        Ok(Self {
            ledger,
            happened,
            returns: entries.iter().filter(|entry| entry.is_return()).count(),
        })
    }

    pub fn subjects(&self, level: &str) -> Result<Subjects, quotaflow::Error> {
        let space = self.ledger.schema().space();
        Ok(space.subjects(&Axis::new("customer", level)?, Unassigned::Hidden)?)
    }

    /// The whole time as one period.
    pub fn always(&self) -> Result<PeriodSet, quotaflow::Error> {
        let (from, to) = (self.happened.start(), self.happened.end());
        let key = Key::new("all")?;
        Ok(PeriodSet::from_starts(key, &[from], to, |_, _| "all")?)
    }

    /// The periods from the first record's to the last one's.
    pub fn periods(&self, grain: Grain) -> Result<PeriodSet, quotaflow::Error> {
        let (from, to) = (self.happened.start(), self.happened.end());
        Ok(Calendar::gregorian().periods(grain, from, to)?)
    }
}

fn entry(row: Row<'_>) -> Result<Entry<'_>, FileError> {
    let customer = row.text("customer")?;
    if customer.is_empty() {
        return Err(row.error("customer", "there is no customer"));
    }
    Ok(Entry {
        line: row.line(),
        customer,
        on: date(&row)?,
        amount: amount(&row)?,
    })
}

/// A date written with four, two and two digits, from year 1 on.
fn date(row: &Row<'_>) -> Result<NaiveDate, FileError> {
    let text = row.text("date")?;
    let shape = text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    if !shape {
        let what = format!("`{text}` is not a date such as 2026-01-31");
        return Err(row.error("date", &what));
    }
    let day = row.date("date")?;
    if day.year() < 1 {
        return Err(row.error("date", &format!("`{text}` is before year 1")));
    }
    Ok(day)
}

/// An amount in whole cents.
fn amount(row: &Row<'_>) -> Result<Decimal, FileError> {
    let text = row.text("amount")?;
    let wrong = |what: String| Err(row.error("amount", &what));
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, "0"));
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(whole) || !is_number(decimals) {
        return wrong(format!("`{text}` is not an amount such as 12.50"));
    }
    if decimals.len() > 2 {
        return wrong(format!("`{text}` has more than two decimals"));
    }
    let amount = row.decimal("amount")?;
    match Quantum::CENT.units(amount) {
        Ok(_) => Ok(amount),
        Err(error) => wrong(error.to_string()),
    }
}

/// Customers in order of their names, each with the day of the first purchase; none for who never bought.
///
/// They are numbered, so that whatever a customer is called can stand beside the months.
struct Customers<'a>(BTreeMap<&'a str, (String, Option<NaiveDate>)>);

impl<'a> Customers<'a> {
    fn of(entries: &[Entry<'a>]) -> Self {
        let mut customers: BTreeMap<&str, (String, Option<NaiveDate>)> = BTreeMap::new();
        for entry in entries {
            let (_, first) = customers.entry(entry.customer).or_default();
            if !entry.is_return() {
                *first = Some(first.map_or(entry.on, |day| day.min(entry.on)));
            }
        }
        for (number, (key, _)) in customers.values_mut().enumerate() {
            *key = format!("customer {}", number + 1);
        }
        Self(customers)
    }

    fn key(&self, customer: &str) -> &str {
        self.0.get(customer).map_or("", |(key, _)| key)
    }

    /// The customers below their cohorts, which are the months in which they first bought.
    fn dimension(&self, happened: DayRange) -> Result<DimensionDef, quotaflow::Error> {
        let months =
            Calendar::gregorian().periods(Grain::Month, happened.start(), happened.end())?;
        let cohort = |day: NaiveDate| months.on(day).and_then(|at| months.label(at));
        let first = self.0.values().filter_map(|(_, day)| *day);
        let cohorts: BTreeSet<&Key> = first.filter_map(cohort).collect();
        let mut dimension = DimensionDef::new("customer", &["cohort", "customer"])?;
        for month in cohorts {
            dimension = dimension.member("cohort", month.as_str())?;
        }
        for (key, day) in self.0.values() {
            dimension = match day.and_then(cohort) {
                Some(month) => dimension.child("customer", key, month.as_str())?,
                None => dimension.member("customer", key)?,
            };
        }
        Ok(dimension)
    }
}
