//! Sales of the company: by channel and time, by territory and year, by category and by settlement method.

use std::collections::{BTreeMap, BTreeSet};

use quotaflow::calendar::{Calendar, CalendarDef, Grain, PeriodSet, YearDef, YearNumber};
use quotaflow::key::Key;
use quotaflow::metric::{Entities, Formula, MetricDef, Selection};
use quotaflow::panel::Panel;
use quotaflow::quantity::{Quantum, Ratio, Rounding, divide};
use quotaflow::space::{Axis, Subjects, Unassigned};
use serde_json::{Map, Value, json};

use crate::company::Company;
use crate::data::Data;
use crate::fold::fold;
use crate::json::{Cell, cells, decimal};

/// Orders, customers and money of the orders, under the names of the reports.
fn order_metrics(amounts: &[&str]) -> Result<Vec<MetricDef>, quotaflow::Error> {
    let mut metrics = vec![
        MetricDef::new("orders", Formula::count("order")?)?,
        MetricDef::new(
            "customers",
            Formula::Distinct(Entities::members("customer", Selection::of("order")?)?),
        )?,
    ];
    for amount in amounts {
        metrics.push(MetricDef::new(amount, Formula::sum(amount, "order")?)?);
    }
    Ok(metrics)
}

pub fn subjects(
    company: &Company,
    dimension: &str,
    level: &str,
) -> Result<Subjects, quotaflow::Error> {
    Ok(company
        .ledger
        .schema()
        .space()
        .subjects(&Axis::new(dimension, level)?, Unassigned::Hidden)?)
}

/// The whole time as one period.
pub fn always(company: &Company) -> Result<PeriodSet, quotaflow::Error> {
    let span = company.ledger.schema().span();
    Ok(PeriodSet::from_starts(
        Key::new("all")?,
        &[span.start()],
        span.end(),
        |_, _| "all",
    )?)
}

/// The periods of a grain that touch the time of the records.
pub fn periods(company: &Company, grain: Grain) -> Result<PeriodSet, quotaflow::Error> {
    let span = company.ledger.schema().span();
    Ok(Calendar::gregorian().periods(grain, span.start(), span.end())?)
}

fn money_row(cell: Cell<'_>, amounts: &[&str]) -> Map<String, Value> {
    let mut row = Map::new();
    row.insert("orders".to_owned(), cell.whole("orders"));
    row.insert("customers".to_owned(), cell.whole("customers"));
    row.extend(
        amounts
            .iter()
            .map(|amount| ((*amount).to_owned(), cell.decimal(amount, 4))),
    );
    row
}

pub fn company_json(data: &Data, company: &Company) -> Result<Value, quotaflow::Error> {
    const ALL: [&str; 4] = ["sub_total", "tax", "freight", "total_due"];
    let (ledger, always) = (&company.ledger, always(company)?);
    let metrics = order_metrics(&ALL)?;
    let whole = fold(ledger, &Subjects::whole(), &always, &metrics)?;
    let mut document = Map::new();
    let cell = Cell::first(&whole)?;
    document.insert("all".to_owned(), Value::Object(money_row(cell, &ALL)));
    let channels = fold(
        ledger,
        &subjects(company, "channel", "channel")?,
        &always,
        &metrics,
    )?;
    let rows: Map<String, Value> = cells(&channels)
        .map(|(channel, _, cell)| (channel, Value::Object(money_row(cell, &ALL))))
        .collect();
    document.insert("by_channel".to_owned(), Value::Object(rows));
    let metrics = order_metrics(&["sub_total"])?;
    for (name, grain) in [
        ("by_day", Grain::Day),
        ("by_iso_week", Grain::Week),
        ("by_month", Grain::Month),
        ("by_quarter", Grain::Quarter),
        ("by_half", Grain::Half),
        ("by_year", Grain::Year),
    ] {
        let panel = fold(
            ledger,
            &Subjects::whole(),
            &periods(company, grain)?,
            &metrics,
        )?;
        let rows: Map<String, Value> = cells(&panel)
            .filter(|(_, _, cell)| cell.whole("orders") != 0)
            .map(|(_, period, cell)| (period, Value::Object(money_row(cell, &["sub_total"]))))
            .collect();
        document.insert(name.to_owned(), Value::Object(rows));
    }
    let lines = [MetricDef::new(
        "line_total",
        Formula::sum("line_total", "line")?,
    )?];
    let panel = fold(ledger, &Subjects::whole(), &always, &lines)?;
    let total = Cell::first(&panel)?.decimal("line_total", 6);
    document.insert("line_total_sum_6dp".to_owned(), total);
    document.insert(
        "orders_whose_rounded_line_sum_equals_subtotal".to_owned(),
        json!(matching_orders(data)?),
    );
    Ok(Value::Object(document))
}

/// A check of the data: the lines of an order, added and rounded half up to four places, are its sub-total.
fn matching_orders(data: &Data) -> Result<usize, quotaflow::Error> {
    let (four, six) = (Quantum::decimals(4)?, Quantum::decimals(6)?);
    let mut sums: BTreeMap<i64, i128> = BTreeMap::new();
    for line in &data.lines {
        *sums.entry(line.order).or_default() += i128::from(six.units(line.total)?);
    }
    let mut matching = 0;
    for order in &data.orders {
        let sum = sums.get(&order.id).copied().unwrap_or_default();
        let rounded = divide(sum, 100, Rounding::HalfAwayFromZero);
        matching += usize::from(rounded == Some(i128::from(four.units(order.sub_total)?)));
    }
    Ok(matching)
}

pub fn territory_json(data: &Data, company: &Company) -> Result<Value, quotaflow::Error> {
    let span = company.ledger.schema().span();
    let years = periods(company, Grain::Year)?;
    let july = YearDef::Months {
        start_month: 7,
        start_day: 1,
        numbered_by: YearNumber::End,
    };
    let fiscal = Calendar::new(CalendarDef::new(Key::new("fiscal")?, july))?;
    let fiscal_years = fiscal.periods(Grain::Year, span.start(), span.end())?;
    let territories = subjects(company, "territory", "territory")?;
    let calendar = territory_panel(company, &territories, &years)?;
    let growth: Map<String, Value> = grouped(
        &calendar,
        |period| period,
        |cell| {
            let (now, before) = (
                cell.value("sub_total")?,
                Cell {
                    period: cell.panel.periods().previous(cell.period)?,
                    ..cell
                }
                .value("sub_total")?,
            );
            Some(decimal(
                now.checked_sub(before)
                    .ok()
                    .and_then(|change| change.checked_div(before).ok()),
                10,
            ))
        },
    );
    let names: Map<String, Value> = data
        .territories
        .iter()
        .map(|row| {
            (
                row.key.clone(),
                json!({"country": row.country, "group": row.group, "name": row.name}),
            )
        })
        .collect();
    let groups = territory_panel(company, &subjects(company, "territory", "group")?, &years)?;
    let july_panel = territory_panel(company, &territories, &fiscal_years)?;
    Ok(json!({
        "by_calendar_year": grouped(&calendar, |period| period, territory_row),
        "by_fiscal_year_july": grouped(&july_panel, |period| period.trim_start_matches("FY").to_owned(), territory_row),
        "by_group_year": grouped(&groups, |period| period, territory_row),
        "growth_by_calendar_year": growth,
        "territories": names,
    }))
}

fn territory_panel(
    company: &Company,
    subjects: &Subjects,
    years: &PeriodSet,
) -> Result<Panel, quotaflow::Error> {
    let mut metrics = order_metrics(&["sub_total"])?;
    for channel in ["online", "reseller"] {
        let only = quotaflow::metric::Filter::member("channel", &[channel])?;
        let sum =
            quotaflow::metric::Valued::measure("sub_total", Selection::of("order")?.only(only))?;
        metrics.push(MetricDef::new(
            &format!("{channel}_sub_total"),
            Formula::Sum(sum),
        )?);
    }
    fold(&company.ledger, subjects, years, &metrics)
}

fn territory_row(cell: Cell<'_>) -> Option<Value> {
    let amounts = ["sub_total", "online_sub_total", "reseller_sub_total"];
    (cell.whole("orders") != 0).then(|| Value::Object(money_row(cell, &amounts)))
}

/// Subject by subject and period by period; what has no row is left out.
pub fn grouped(
    panel: &Panel,
    name: impl Fn(String) -> String,
    row: impl Fn(Cell<'_>) -> Option<Value>,
) -> Map<String, Value> {
    let mut document = Map::new();
    for (subject, period, cell) in cells(panel) {
        if let Some(value) = row(cell) {
            document.entry(subject).or_insert_with(|| json!({}))[name(period)] = value;
        }
    }
    document
}

pub fn settlement_json(company: &Company) -> Result<Value, quotaflow::Error> {
    let both = subjects(company, "settlement", "settlement")?
        .cross(&subjects(company, "channel", "channel")?)?;
    let metrics = order_metrics(&["sub_total", "total_due"])?;
    let panel = fold(
        &company.ledger,
        &both,
        &periods(company, Grain::Year)?,
        &metrics,
    )?;
    let mut document = Map::new();
    for (_, year, cell) in cells(&panel) {
        if cell.whole("orders") != 0 {
            let members = panel.subjects().members(cell.subject);
            let mut row = money_row(cell, &["sub_total", "total_due"]);
            row.remove("customers");
            let methods = document
                .entry(members[0].to_string())
                .or_insert_with(|| json!({}));
            methods[members[1].as_str()][year] = Value::Object(row);
        }
    }
    Ok(Value::Object(document))
}

pub fn category_json(company: &Company) -> Result<Value, quotaflow::Error> {
    let ledger = &company.ledger;
    let line_metrics = [
        MetricDef::new("lines", Formula::count("line")?)?,
        MetricDef::new("line_total", Formula::sum("line_total", "line")?)?,
        MetricDef::new("quantity", Formula::sum("quantity", "line")?)?,
    ];
    let categories = subjects(company, "product", "category")?;
    let months = fold(
        ledger,
        &categories,
        &periods(company, Grain::Month)?,
        &line_metrics,
    )?;
    let by_month = grouped(
        &months,
        |period| period,
        |cell| {
            let row = json!({
                "lines": cell.whole("lines"),
                "line_total": cell.decimal("line_total", 6),
                "quantity": cell.whole("quantity"),
            });
            (row["lines"] != 0).then_some(row)
        },
    );
    let subcategories = subjects(company, "product", "subcategory")?;
    let years = periods(company, Grain::Year)?;
    let by_year = fold(ledger, &subcategories, &years, &line_metrics)?;
    let by_year = grouped(
        &by_year,
        |period| period,
        |cell| (cell.whole("lines") != 0).then(|| cell.decimal("line_total", 6)),
    );
    let orders: &BTreeSet<i64> = &company.unpriced_orders;
    Ok(json!({
        "by_category_month": by_month,
        "by_subcategory_year": by_year,
        "lines_without_valid_price_or_cost": {"lines": company.unpriced_lines, "orders": orders},
        "margin_by_category_year_channel": margins(company, &categories, &years)?,
    }))
}

/// Margin and price realisation of the lines that have a valid cost and list price.
fn margins(
    company: &Company,
    categories: &Subjects,
    years: &PeriodSet,
) -> Result<Value, quotaflow::Error> {
    let valued = || Selection::of("line")?.with("valued", "yes");
    let sum = |measure: &str| -> Result<Formula, quotaflow::Error> {
        Ok(Formula::Sum(quotaflow::metric::Valued::measure(
            measure,
            valued()?,
        )?))
    };
    let metrics = [
        MetricDef::new("lines", Formula::Count(valued()?))?,
        MetricDef::new("revenue", sum("line_total")?)?,
        MetricDef::new("standard_cost", sum("cost")?)?,
        MetricDef::new("list_value", sum("list_value")?)?,
        MetricDef::new(
            "price_realisation",
            sum("line_total")?.per(sum("list_value")?),
        )?,
    ];
    let both = categories.cross(&subjects(company, "channel", "channel")?)?;
    let panel = fold(&company.ledger, &both, years, &metrics)?;
    let mut document = Map::new();
    for (_, year, cell) in cells(&panel) {
        if cell.whole("lines") == 0 {
            continue;
        }
        let members = panel.subjects().members(cell.subject);
        let margin: Option<Ratio> = cell
            .value("revenue")
            .and_then(|revenue| revenue.checked_sub(cell.value("standard_cost")?).ok());
        let rate = margin.and_then(|margin| margin.checked_div(cell.value("revenue")?).ok());
        let row = json!({
            "lines": cell.whole("lines"),
            "revenue": cell.decimal("revenue", 6),
            "standard_cost": cell.decimal("standard_cost", 4),
            "list_value": cell.decimal("list_value", 4),
            "price_realisation": cell.decimal("price_realisation", 10),
            "margin": decimal(margin, 6),
            "margin_rate": decimal(rate, 10),
        });
        document
            .entry(members[0].to_string())
            .or_insert_with(|| json!({}))[year][members[1].as_str()] = row;
    }
    Ok(Value::Object(document))
}
