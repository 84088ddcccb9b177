//! The figures of customers, folded from their purchases and returns.

use std::collections::BTreeMap;

use quotaflow::calendar::Grain;
use quotaflow::key::Key;
use quotaflow::metric::{
    Entities, Entity, Filter, First, Formula, MetricDef, QuantileMethod, SameDay, SeenBy,
    Selection, Value as Of, Valued,
};
use quotaflow::quantity::Number;
use quotaflow::space::Subjects;
use serde_json::{Map, Value, json};

use crate::fold::fold;
use crate::json::{Cell, cells};
use crate::purchases::Purchases;

/// Customers with this many purchases or more stand together.
const MANY: i64 = 10;

type Document = Result<Value, quotaflow::Error>;

pub fn document(purchases: &Purchases) -> Document {
    let always = purchases.always()?;
    let whole = fold(
        &purchases.ledger,
        &Subjects::whole(),
        &always,
        &whole_metrics()?,
    )?;
    let cell = Cell::first(&whole)?;
    Ok(json!({
        "quarters": quarters(purchases)?,
        "cohort_by_first_month": cohorts(purchases)?,
        "customers": cell.whole("customers"),
        "purchases": cell.whole("purchases"),
        "amount": amount(cell)?,
        "zero_amount_purchases": cell.whole("zero_amount_purchases"),
        "days_between_purchases": cell.distribution("gap"),
        "purchases_per_customer": frequencies(purchases)?,
        "definitions": {
            "new/reactivated/lost": "as in DEFINITIONS.md, over calendar quarters of the data; lost is null in the first and \
                last quarter",
            "cohort": "customers by month of first purchase; k-th entry = members with at least one purchase k months \
                later, to the last month of the data",
            "purchases_per_customer": "key 10 = 10 or more",
            "days_between_purchases": "neighbouring purchases of one customer in date order; several on one day give 0",
        },
    }))
}

fn bought() -> Result<Selection, quotaflow::Error> {
    Ok(Selection::of("purchase")?)
}

fn customer() -> Result<Entity, quotaflow::Error> {
    Ok(Entity::Member {
        dimension: Key::new("customer")?,
        level: None,
    })
}

fn buyers() -> Result<Entities, quotaflow::Error> {
    Ok(Entities::members("customer", bought()?)?)
}

/// What was bought, less what came back.
fn net_amount() -> Result<Formula, quotaflow::Error> {
    let both = Selection::of_any(&["purchase", "return"])?;
    Ok(Formula::Sum(Valued::measure("amount", both)?))
}

fn amount(cell: Cell<'_>) -> Document {
    match cell.decimal("amount", 2) {
        Value::Null => Err("the amounts together are too large to be kept exactly".into()),
        amount => Ok(amount),
    }
}

fn whole_metrics() -> Result<Vec<MetricDef>, quotaflow::Error> {
    let zero = Filter::Range {
        value: Of::Measure(Key::new("amount")?),
        at_least: Some(Number::from(0_i64)),
        at_most: Some(Number::from(0_i64)),
    };
    let gap = || -> Result<Of, quotaflow::Error> {
        Ok(Of::Gap {
            entity: Some(customer()?),
            same_day: SameDay::Each,
        })
    };
    let gaps = || -> Result<Valued, quotaflow::Error> { Ok(Valued::new(gap()?, bought()?)) };
    let quantile = |p: &str, method| -> Result<Formula, quotaflow::Error> {
        Ok(Formula::Quantile {
            value: gap()?,
            of: bought()?,
            p: p.parse()?,
            method,
        })
    };
    Ok(vec![
        MetricDef::new("customers", Formula::Distinct(buyers()?))?,
        MetricDef::new("purchases", Formula::Count(bought()?))?,
        MetricDef::new("amount", net_amount()?)?,
        MetricDef::new(
            "zero_amount_purchases",
            Formula::Count(bought()?.only(zero)),
        )?,
        MetricDef::new("gap sum", Formula::Sum(gaps()?))?,
        MetricDef::new("gap mean", Formula::Mean(gaps()?))?,
        MetricDef::new("gap min", Formula::Minimum(gaps()?))?,
        MetricDef::new("gap max", Formula::Maximum(gaps()?))?,
        MetricDef::new("gap median_type7", quantile("0.5", QuantileMethod::Type7)?)?,
        MetricDef::new("gap p90_type7", quantile("0.9", QuantileMethod::Type7)?)?,
        MetricDef::new(
            "gap p90_nearest_rank",
            quantile("0.9", QuantileMethod::NearestRank)?,
        )?,
    ])
}

fn quarters(purchases: &Purchases) -> Document {
    const COUNTS: [&str; 6] = [
        "active",
        "new",
        "purchases",
        "lost_event",
        "lost_state",
        "reactivated",
    ];
    let lost = |seen_within| -> Result<Formula, quotaflow::Error> {
        Ok(Formula::Lost {
            entity: customer()?,
            of: bought()?,
            seen_within,
            absent_for: 2,
            scope: SeenBy::Subject,
            first: First::NotApplicable,
        })
    };
    let reactivated = Formula::Reactivated {
        entity: customer()?,
        of: bought()?,
        after: 4,
        scope: SeenBy::Subject,
    };
    let metrics = [
        MetricDef::new("active", Formula::Distinct(buyers()?))?,
        MetricDef::new("new", Formula::New(buyers()?))?,
        MetricDef::new("purchases", Formula::Count(bought()?))?,
        MetricDef::new("lost_event", lost(1)?)?,
        MetricDef::new("lost_state", lost(4)?)?,
        MetricDef::new("reactivated", reactivated)?,
        MetricDef::new("amount", net_amount()?)?,
    ];
    let quarters = purchases.periods(Grain::Quarter)?;
    let panel = fold(&purchases.ledger, &Subjects::whole(), &quarters, &metrics)?;
    let mut document = Map::new();
    for (_, quarter, cell) in cells(&panel) {
        let mut row: Map<String, Value> = COUNTS
            .iter()
            .map(|name| ((*name).to_owned(), cell.whole(name)))
            .collect();
        row.insert("amount".to_owned(), amount(cell)?);
        document.insert(quarter, Value::Object(row));
    }
    Ok(Value::Object(document))
}

/// How many of the customers of each month came again in each month from it to the last one.
fn cohorts(purchases: &Purchases) -> Document {
    let months = purchases.periods(Grain::Month)?;
    let metrics = [
        MetricDef::new("new", Formula::New(buyers()?))?,
        MetricDef::new("active", Formula::Distinct(buyers()?))?,
    ];
    let panel = fold(
        &purchases.ledger,
        &purchases.subjects("cohort")?,
        &months,
        &metrics,
    )?;
    let mut document = Map::new();
    for subject in panel.subjects().ids() {
        let month = panel.subjects().label(subject);
        let first = months.id(&month)?;
        let cell = |period| Cell {
            panel: &panel,
            subject,
            period,
        };
        let active: Vec<Value> = months
            .ids()
            .skip_while(|period| *period < first)
            .map(|period| cell(period).whole("active"))
            .collect();
        let row = json!({"size": cell(first).whole("new"), "active_after_months": active});
        document.insert(month, row);
    }
    Ok(Value::Object(document))
}

/// How many customers have bought how often.
fn frequencies(purchases: &Purchases) -> Document {
    let metrics = [MetricDef::new("purchases", Formula::Count(bought()?))?];
    let panel = fold(
        &purchases.ledger,
        &purchases.subjects("customer")?,
        &purchases.always()?,
        &metrics,
    )?;
    let mut customers: BTreeMap<i64, usize> = BTreeMap::new();
    for (_, _, cell) in cells(&panel) {
        let times = cell.whole("purchases").as_i64().ok_or("a count")?;
        if times > 0 {
            *customers.entry(times.min(MANY)).or_default() += 1;
        }
    }
    let rows: Map<String, Value> = customers
        .iter()
        .map(|(times, customers)| (times.to_string(), json!(customers)))
        .collect();
    Ok(Value::Object(rows))
}
