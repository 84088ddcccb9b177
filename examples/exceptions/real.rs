//! The ready rules on the records of real companies: how often they hold, and how many alerts a monitor makes of it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use chrono::{Datelike, NaiveDate, NaiveTime};
use quotaflow::alert::{Monitor, What};
use quotaflow::calendar::{Calendar, DayRange, Grain, Period};
use quotaflow::catalog::packs::{self, Watch, figures};
use quotaflow::ledger::{Ledger, Need, Record, RecordKind, Schema};
use quotaflow::measure::{Measure, Measures};
use quotaflow::metric::{Layout, measure};
use quotaflow::quantity::Quantum;
use quotaflow::rule::RuleSet;
use quotaflow::space::{Axis, DimensionDef, Space, Unassigned};
use quotaflow::text::Locale;
use rust_decimal::Decimal;

use crate::file::Table;

struct Source {
    name: &'static str,
    /// The kind of record, its amount and its further days.
    kind: (&'static str, &'static str, &'static [&'static str]),
    records: Vec<Record>,
    /// The first day of the first month in which all is known that the rules look back at, and of the month after the last.
    judged: (NaiveDate, NaiveDate),
}

pub fn print(folder: &Path) -> Result<(), quotaflow::Error> {
    for source in [
        receivables(&folder.join("receivables"))?,
        adventureworks(&folder.join("adventureworks"))?,
        opportunities(&folder.join("crm-opportunities"))?,
    ] {
        for watch in [Watch::Person, Watch::Dealer] {
            source.judge(watch)?;
        }
    }
    Ok(())
}

impl Source {
    fn judge(&self, watch: Watch) -> Result<(), quotaflow::Error> {
        let field = if watch == Watch::Person {
            "person"
        } else {
            "dealer"
        };
        let named: BTreeSet<&str> = self
            .records
            .iter()
            .filter_map(|record| record.members.get(field).map(String::as_str))
            .collect();
        if named.is_empty() {
            return Ok(());
        }
        let all = |field: &'static str| {
            let keys: BTreeSet<&str> = self
                .records
                .iter()
                .filter_map(|record| record.members.get(field).map(String::as_str))
                .collect();
            DimensionDef::flat(field, field, keys)
        };
        let space = Space::new(vec![all("person")?, all("dealer")?])?;
        let (kind, amount, dates) = self.kind;
        let mut kind = RecordKind::new(kind)?.of("person")?.of("dealer")?;
        kind = kind.measuring(amount, Need::Required)?;
        for date in dates {
            kind = kind.dating(date)?;
        }
        let first = self.records.iter().map(|record| record.day).min();
        let first = first
            .and_then(|day| day.with_day(1))
            .ok_or("there are no records")?;
        let (from, to) = self.judged;
        let money = Measure::flow(amount, "money:USD".parse()?, Quantum::CENT)?;
        let last = self
            .records
            .iter()
            .map(|record| record.day)
            .max()
            .ok_or("no records")?;
        let span = DayRange::new(first, last.max(to).succ_opt().ok_or("the end of time")?)?;
        let schema = Schema::new(space, Measures::new(vec![money])?, vec![kind], span)?;
        let mut ledger = Ledger::new("real", schema)?;
        ledger.enter(&self.records)?;

        let axis = Axis::new(field, field)?;
        let subjects = ledger
            .schema()
            .space()
            .subjects(&axis, Unassigned::Hidden)?;
        let months = Calendar::gregorian().periods(Grain::Month, first, to)?;
        let frame = Layout::new(ledger.schema().clone(), subjects, months.clone());
        let (metrics, _) = figures::fitting(&frame)?;
        let panel = measure(&metrics, &frame, &ledger)?;
        let (rules, _) = RuleSet::fitting(packs::watching(watch)?, &panel)?;
        let judge = rules.over(&panel)?;
        let (mut by_rule, mut most, mut judged) = (BTreeMap::<String, usize>::new(), 0, 0);
        let (mut told, mut events) = (Vec::new(), BTreeMap::<What, usize>::new());
        let mut monitor = Monitor::new();
        let since = |month: &Period| month.end > from;
        for Period { id: month, end, .. } in months.iter().filter(since) {
            let alerts = judge.evaluate(month)?;
            let at = end.and_time(NaiveTime::MIN);
            for event in monitor.advance(&judge, month, at)? {
                *events.entry(event.what).or_default() += 1;
            }
            (judged, most) = (judged + 1, most.max(alerts.len()));
            for alert in &alerts {
                *by_rule.entry(alert.rule().to_string()).or_default() += 1;
            }
            told.clear();
            for alert in alerts.iter().take(3) {
                told.push(judge.explain(alert)?.message(&Locale::EN));
            }
        }
        let sum: usize = by_rule.values().sum();
        println!(
            "\n{}: {} {field}s, {} rules, {judged} months: true {sum} times, {most} in one month at most",
            self.name,
            panel.subjects().len(),
            rules.len(),
        );
        let count = |what| events.get(&what).copied().unwrap_or_default();
        println!(
            "  told {} times: {} new, {} back again, {} begun to come and go; {} ended, {} still open",
            count(What::Fired) + count(What::Reopened) + count(What::FlappingStarted),
            count(What::Fired),
            count(What::Reopened),
            count(What::FlappingStarted),
            count(What::Resolved),
            monitor.open().count(),
        );
        for (rule, count) in &by_rule {
            let all = monitor.incidents().iter();
            let of = all
                .filter(|record| record.id.rule() == rule.as_str())
                .count();
            println!("  {count:>5}  {rule}: {of} alerts");
        }
        for message in &told {
            println!("  in the last month: {message}");
        }
        Ok(())
    }
}

fn cents(amount: Decimal) -> Decimal {
    amount.round_dp(2)
}

fn day(year: i32, month: u32) -> Result<NaiveDate, quotaflow::Error> {
    NaiveDate::from_ymd_opt(year, month, 1).ok_or_else(|| "a date of the calendar".into())
}

fn receivables(folder: &Path) -> Result<Source, quotaflow::Error> {
    let mut records = Vec::new();
    for row in Table::read(folder, "invoices.csv")?.rows() {
        let mut record = Record::new("invoice", row.date("invoice_date")?)
            // Who collects in a country stands for the person.
            .of("person", row.text("country_code")?)
            .of("dealer", row.text("customer_id")?)
            .amount("amount", row.decimal("invoice_amount")?)
            .date("due", row.date("due_date")?);
        if let Some(settled) = row.some_date("settled_date")? {
            record = record.date("settled", settled);
        }
        records.push(record);
    }
    Ok(Source {
        name: "receivables",
        kind: ("invoice", "amount", &["due", "settled"]),
        records,
        judged: (day(2012, 7)?, day(2013, 12)?),
    })
}

fn adventureworks(folder: &Path) -> Result<Source, quotaflow::Error> {
    let mut records = Vec::new();
    for row in Table::read(folder, "SalesOrderHeader.csv")?.rows() {
        let Some(person) = row.some("SalesPersonID")? else {
            continue;
        };
        records.push(
            Record::new("order", row.date("OrderDate")?)
                .of("person", person)
                .of("dealer", row.text("CustomerID")?)
                .amount("sales", cents(row.decimal("SubTotal")?)),
        );
    }
    Ok(Source {
        name: "adventureworks",
        kind: ("order", "sales", &[]),
        records,
        judged: (day(2012, 6)?, day(2014, 5)?),
    })
}

fn opportunities(folder: &Path) -> Result<Source, quotaflow::Error> {
    let mut records = Vec::new();
    for row in Table::read(folder, "sales_pipeline.csv")?.rows() {
        if let ("Won", Some(closed)) = (row.text("deal_stage")?, row.some_date("close_date")?) {
            let mut record = Record::new("order", closed)
                .of("person", row.text("sales_agent")?)
                .amount("sales", row.decimal("close_value")?);
            if let Some(account) = row.some("account")? {
                record = record.of("dealer", account);
            }
            records.push(record);
        }
    }
    records.retain(|record| record.day.year() == 2017);
    Ok(Source {
        name: "crm-opportunities",
        kind: ("order", "sales", &[]),
        records,
        judged: (day(2017, 6)?, day(2018, 1)?),
    })
}
