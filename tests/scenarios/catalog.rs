//! The examples of the ready metrics: each is folded and explained as it stands.

use crate::at::{PeriodAt, RowAt};
use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use quotaflow::calendar::{Calendar, DayRange, Grain};
use quotaflow::catalog::metrics::{ReadyMetric, all, find};
use quotaflow::catalog::records;
use quotaflow::key::Key;
use quotaflow::ledger::{Ledger, Record, RecordKind, Schema};
use quotaflow::measure::Currency;
use quotaflow::metric::{Layout, Program};
use quotaflow::panel::ColumnKey;
use quotaflow::quantity::{Number, Ratio};
use quotaflow::space::{DimensionDef, Space, Subjects};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// Reads `3 x 2026-03-02 visit person=ann minutes=30`.
fn record(line: &str, kinds: &[RecordKind]) -> (usize, Record) {
    let (count, rest) = line
        .split_once(" x ")
        .map_or((1, line), |(count, rest)| (count.parse().unwrap(), rest));
    let mut words = rest.split_whitespace();
    let on = day(words.next().unwrap());
    let key = words.next().unwrap();
    let kind = kinds.iter().find(|kind| kind.key == *key);
    let kind = kind.unwrap_or_else(|| panic!("no kind `{key}`"));
    let mut record = Record::new(key, on);
    for word in words {
        let (field, value) = word.split_once('=').unwrap();
        if kind.measures.iter().any(|known| known.measure == *field) {
            record = record.amount(field, value.parse::<Number>().unwrap().decimal());
        } else if kind.dates.iter().any(|known| known.field == *field) {
            record = record.date(field, day(value));
        } else if kind.dimensions.iter().any(|known| known.field == *field) {
            record = record.of(field, value);
        } else {
            record = record.attribute(field, value);
        }
    }
    (count, record)
}

fn records(entry: &ReadyMetric, kinds: &[RecordKind]) -> Vec<Record> {
    let mut all = Vec::new();
    for line in entry.example.records.lines() {
        let (count, record) = record(line.trim(), kinds);
        all.extend(vec![record; count]);
    }
    all
}

/// All members that the examples name, as flat dimensions.
fn schema(entries: &[ReadyMetric], kinds: &[RecordKind]) -> Schema {
    let mut members: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for entry in entries {
        for record in records(entry, kinds) {
            let kind = kinds.iter().find(|kind| kind.key == *record.kind).unwrap();
            for (field, member) in &record.members {
                let known = kind
                    .dimensions
                    .iter()
                    .find(|known| known.field == *field.as_str());
                let dimension = known.unwrap().dimension().as_str().to_owned();
                members.entry(dimension).or_default().insert(member.clone());
            }
        }
    }
    let dimensions = records::DIMENSIONS.map(|key| {
        let own = members.remove(key).unwrap_or_default();
        DimensionDef::flat(key, key, own.iter().map(String::as_str)).unwrap()
    });
    let measures = records::measures(Currency::new("EUR").unwrap()).unwrap();
    let span = DayRange::new(day("2025-01-01"), day("2026-04-01")).unwrap();
    Schema::new(
        Space::new(dimensions.to_vec()).unwrap(),
        measures,
        kinds.to_vec(),
        span,
    )
    .unwrap()
}

#[test]
fn every_example_gives_its_figure_and_explains_it() {
    let (entries, kinds) = (all().unwrap(), records::kinds().unwrap());
    let schema = schema(&entries, &kinds);
    let months = Calendar::gregorian()
        .periods(Grain::Month, day("2025-01-01"), day("2026-04-01"))
        .unwrap();
    let march = months.find("2026-03").unwrap();
    let frame = Layout::new(schema.clone(), Subjects::whole(), months).as_of_day(day("2026-03-31"));
    let mut wrong = Vec::new();
    for entry in &entries {
        let key = entry.definition.key.as_str();
        let mut ledger = Ledger::new("crm", schema.clone()).unwrap();
        ledger.enter(&records(entry, &kinds)).unwrap();
        let plan = Program::compile(std::slice::from_ref(&entry.definition), &frame)
            .unwrap_or_else(|error| panic!("`{key}`: {error}"));
        let panel = plan.panel(&plan.fold(&ledger).unwrap()).unwrap();
        let answer = panel
            .answer(&ColumnKey::actual(key).unwrap(), panel.row_at(0), march)
            .unwrap();
        let expected: Ratio = entry.example.figure.parse().unwrap();
        if answer.ratio().ok() != Some(expected) {
            wrong.push(format!(
                "{key}: {:?} {:?}, not {expected}",
                answer.reason(),
                answer.ratio().ok()
            ));
        }
        let explained = plan.explain(&ledger, key, panel.row_at(0), march).unwrap();
        if explained.value != answer.ratio() {
            wrong.push(format!("{key} is explained as {:?}", explained.value));
        }
        let column = panel.column(&ColumnKey::actual(key).unwrap()).unwrap();
        let unit = column.unit().to_string().replace("money:EUR", "money");
        if unit != entry.unit {
            wrong.push(format!("{key} is counted in {unit}, not {}", entry.unit));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A worked example that gives the figure of no record at all would show nothing.
#[test]
fn every_example_differs_from_no_records() {
    let (entries, kinds) = (all().unwrap(), records::kinds().unwrap());
    let schema = schema(&entries, &kinds);
    let march = Calendar::gregorian()
        .periods(Grain::Month, day("2026-03-01"), day("2026-04-01"))
        .unwrap();
    let frame = Layout::new(schema.clone(), Subjects::whole(), march);
    let definitions: Vec<_> = entries
        .iter()
        .map(|entry| entry.definition.clone())
        .collect();
    let plan = Program::compile(&definitions, &frame).unwrap();
    let panel = plan.panel(&plan.empty()).unwrap();
    for entry in &entries {
        let key = ColumnKey::actual(entry.definition.key.as_str()).unwrap();
        let nothing = panel
            .answer(&key, panel.row_at(0), panel.period_at(0))
            .unwrap()
            .ratio()
            .ok();
        let expected: Ratio = entry.example.figure.parse().unwrap();
        assert!(nothing != Some(expected), "{}", entry.definition.key);
    }
}

#[test]
fn keys_are_unique_and_found() {
    let entries = all().unwrap();
    let keys: BTreeSet<&Key> = entries.iter().map(|entry| &entry.definition.key).collect();
    assert_eq!(keys.len(), entries.len());
    assert_eq!(find("sales").unwrap().family, "sales");
    let error = find("sale").unwrap_err().to_string();
    assert!(error.contains("`sales`"), "{error}");
}

#[test]
fn definitions_read_back_from_their_documents() {
    for entry in all().unwrap() {
        let text = serde_json::to_string(&entry.definition).unwrap();
        let read: quotaflow::metric::MetricDef = serde_json::from_str(&text).unwrap();
        assert_eq!(read, entry.definition, "{text}");
    }
}

/// The figure of a ready metric in March 2026, for records as written in its example.
fn march(key: &str, lines: &'static str) -> Option<Ratio> {
    let kinds = records::kinds().unwrap();
    let mut entry = find(key).unwrap();
    entry.example.records = lines;
    let schema = schema(std::slice::from_ref(&entry), &kinds);
    let mut ledger = Ledger::new("crm", schema.clone()).unwrap();
    ledger.enter(&records(&entry, &kinds)).unwrap();
    let months = Calendar::gregorian()
        .periods(Grain::Month, day("2026-03-01"), day("2026-04-01"))
        .unwrap();
    let frame = Layout::new(schema, Subjects::whole(), months).as_of_day(day("2026-03-31"));
    let plan = Program::compile(&[entry.definition], &frame).unwrap();
    let panel = plan.panel(&plan.fold(&ledger).unwrap()).unwrap();
    let answer = panel
        .answer(
            &ColumnKey::actual(key).unwrap(),
            panel.row_at(0),
            panel.period_at(0),
        )
        .unwrap();
    answer.ratio().ok()
}

/// 50 opportunities of 10,000, a fifth won, 30 days. 40 of 25,000, a quarter won, 90 days.
#[test]
fn velocity_of_the_ready_metric() {
    let first = march(
        "pipeline_velocity",
        "10 x 2026-02-03 opportunity value=10000 closed=2026-03-05 outcome=won
         40 x 2026-02-03 opportunity value=10000 closed=2026-03-05 outcome=lost",
    );
    assert_eq!(first, Ratio::new(10_000, 3).ok(), "3,333.33");
    let second = march(
        "pipeline_velocity",
        "10 x 2025-12-05 opportunity value=25000 closed=2026-03-05 outcome=won
         30 x 2025-12-05 opportunity value=25000 closed=2026-03-05 outcome=lost",
    );
    assert_eq!(second, Ratio::new(25_000, 9).ok(), "2,777.78");
}

/// Won 10, lost 10, overdue 5, old 5. Half of the closed, a third of all.
#[test]
fn win_rates_name_their_denominator() {
    let records = "10 x 2026-02-02 opportunity closed=2026-03-05 outcome=won
         10 x 2026-02-02 opportunity closed=2026-03-05 outcome=lost
         5 x 2026-02-02 opportunity expected=2026-03-10
         5 x 2026-02-02 opportunity expected=2026-06-10";
    let rate = |key: &str| march(key, records);
    assert_eq!(rate("win_rate"), Ratio::new(1, 2).ok());
    assert_eq!(rate("win_rate_of_due"), Ratio::new(2, 5).ok());
    assert_eq!(rate("win_rate_of_all"), Ratio::new(1, 3).ok());
}

/// Nothing was sold and nothing visited: a count is zero, a rate has no base, a mean of nothing is no zero.
#[test]
fn nothing_is_not_zero() {
    let silent = "2026-02-10 survey score=5";
    assert_eq!(march("visits", silent), Some(Ratio::ZERO));
    for rate in [
        "orders_per_100_visits",
        "strike_rate",
        "expense_ratio",
        "average_order_value",
        "market_share",
        "days_sales_outstanding",
    ] {
        assert_eq!(march(rate, silent), None, "{rate}");
    }
}
