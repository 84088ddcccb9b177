//! The figures of receivables, folded from the records at each level.

use quotaflow::key::Key;
use quotaflow::metric::{
    Age, Filter, Formula, MetricDef, OpenFigure, QuantileMethod, Selection, Timeframe, Value as Of,
    Valued,
};
use quotaflow::panel::Panel;
use quotaflow::quantity::Ratio;
use quotaflow::space::Subjects;
use serde_json::{Map, Value, json};

use crate::fold::fold;
use crate::invoices::Invoices;
use crate::json::{Cell, cells, decimal};

/// Over how many days sales are compared with what is outstanding.
const WINDOWS: [u32; 3] = [30, 90, 365];

/// Buckets with their first and last day, past due and since the invoice.
const PAST_DUE: [(&str, Option<i32>, Option<i32>); 5] = [
    ("not_due", None, Some(0)),
    ("1-30", Some(1), Some(30)),
    ("31-60", Some(31), Some(60)),
    ("61-90", Some(61), Some(90)),
    (">90", Some(91), None),
];
const AGE: [(&str, Option<i32>, Option<i32>); 4] = [
    ("0-30", Some(0), Some(30)),
    ("31-60", Some(31), Some(60)),
    ("61-90", Some(61), Some(90)),
    (">90", Some(91), None),
];

type Document = Result<Value, quotaflow::Error>;

pub fn document(invoices: &Invoices) -> Document {
    let (metrics, always) = (payment_metrics()?, invoices.always()?);
    let whole = fold(&invoices.ledger, &Subjects::whole(), &always, &metrics)?;
    let mut document = Map::new();
    for (_, _, cell) in cells(&whole) {
        document.insert("all".to_owned(), payments(cell));
    }
    for (name, dimension) in [
        ("by_bill_channel", "channel"),
        ("by_country", "country"),
        ("by_customer", "customer"),
    ] {
        let subjects = invoices.subjects(dimension)?;
        let panel = fold(&invoices.ledger, &subjects, &always, &metrics)?;
        let rows: Map<String, Value> = cells(&panel)
            .map(|(label, _, cell)| (label, payments(cell)))
            .collect();
        document.insert(name.to_owned(), Value::Object(rows));
    }
    document.insert("by_month".to_owned(), by_month(invoices)?);
    let metrics = closing_metrics()?;
    let closings = invoices.closings()?;
    let whole = fold(&invoices.ledger, &Subjects::whole(), &closings, &metrics)?;
    document.insert("as_of".to_owned(), as_of(invoices, &whole)?);
    document.insert("cei".to_owned(), collections(&whole));
    document.insert("definitions".to_owned(), definitions());
    Ok(Value::Object(document))
}

fn definitions() -> Value {
    json!({
        "average_days_delinquent_N": "dso_N - best_possible_dso_N",
        "best_possible_dso_N": "amount not overdue (due_date >= D) x N / same sales",
        "by_days_past_due": "D - due_date: not_due <= 0 < 1-30, 31-60, 61-90, >90",
        "by_invoice_age": "D - invoice_date: 0-30, 31-60, 61-90, >90",
        "cei": "100 x (beginning + sales - ending total)/(beginning + sales - ending current)",
        "dso_N": "outstanding(D) x N / invoiced in (D-N days, D]",
        "dso_countback": "from D's month backwards: while month sales <= what is left, subtract and add the month's days; \
            then add days x left/month sales",
        "late": "settled_date > due_date; days late = settled_date - due_date, 0 when on time",
        "open at D": "invoice_date <= D and settled_date > D (an invoice settled on D is settled)",
    })
}

fn invoice() -> Result<Selection, quotaflow::Error> {
    Ok(Selection::of("invoice")?)
}

fn amount(of: Selection) -> Result<Formula, quotaflow::Error> {
    Ok(Formula::Sum(Valued::measure("amount", of)?))
}

/// How invoices were paid, over the whole time.
fn payment_metrics() -> Result<Vec<MetricDef>, quotaflow::Error> {
    let disputed = || {
        invoice()?
            .with("disputed", "Yes")
            .map_err(quotaflow::Error::from)
    };
    let late = || -> Result<Selection, quotaflow::Error> {
        Ok(invoice()?.only(Filter::days("due", "settled", Some(1), None)?))
    };
    let metric = Formula::metric;
    let days = || Valued::days("day", "settled", invoice()?).map_err(quotaflow::Error::from);
    let days_late = || Valued::days("due", "settled", late()?).map_err(quotaflow::Error::from);
    let quantile = |p: &str, method| -> Result<Formula, quotaflow::Error> {
        Ok(Formula::Quantile {
            value: Of::Days {
                from: Key::new("day")?,
                to: Key::new("settled")?,
            },
            of: invoice()?,
            p: p.parse()?,
            method,
        })
    };
    let sum = |measure| -> Result<Formula, quotaflow::Error> {
        Ok(Formula::Sum(Valued::measure(measure, invoice()?)?))
    };
    let nearest_rank = QuantileMethod::NearestRank;
    let definitions = [
        ("invoices", Formula::Count(invoice()?)),
        ("invoiced", amount(invoice()?)?),
        ("disputed_count", Formula::Count(disputed()?)),
        ("disputed_amount", amount(disputed()?)?),
        (
            "disputed_share",
            metric("disputed_count")?.per(metric("invoices")?),
        ),
        (
            "disputed_amount_share",
            metric("disputed_amount")?.per(metric("invoiced")?),
        ),
        ("late_count", Formula::Count(late()?)),
        ("late_amount", amount(late()?)?),
        ("late_rate", metric("late_count")?.per(metric("invoices")?)),
        ("days_late_sum", Formula::Sum(days_late()?)),
        ("days_late_max", Formula::Maximum(days_late()?)),
        (
            "days_late_mean_all",
            metric("days_late_sum")?.per(metric("invoices")?),
        ),
        ("days_late_mean_late_only", Formula::Mean(days_late()?)),
        (
            "amount_weighted_days_late",
            sum("amount_days_late")?.per(metric("invoiced")?),
        ),
        (
            "amount_weighted_days_to_settle",
            sum("amount_days")?.per(metric("invoiced")?),
        ),
        ("days_to_settle sum", Formula::Sum(days()?)),
        ("days_to_settle mean", Formula::Mean(days()?)),
        ("days_to_settle min", Formula::Minimum(days()?)),
        ("days_to_settle max", Formula::Maximum(days()?)),
        (
            "days_to_settle median_type7",
            quantile("0.5", QuantileMethod::Type7)?,
        ),
        (
            "days_to_settle p90_type7",
            quantile("0.9", QuantileMethod::Type7)?,
        ),
        (
            "days_to_settle p90_nearest_rank",
            quantile("0.9", nearest_rank)?,
        ),
    ];
    named(definitions)
}

fn named<N: AsRef<str>>(
    definitions: impl IntoIterator<Item = (N, Formula)>,
) -> Result<Vec<MetricDef>, quotaflow::Error> {
    let metric = |(name, formula): (N, Formula)| Ok(MetricDef::new(name.as_ref(), formula)?);
    definitions.into_iter().map(metric).collect()
}

fn payments(cell: Cell<'_>) -> Value {
    const DECIMALS: [(&str, u8); 11] = [
        ("invoiced", 2),
        ("disputed_amount", 2),
        ("late_amount", 2),
        ("disputed_share", 10),
        ("disputed_amount_share", 10),
        ("late_rate", 10),
        ("days_late_mean_all", 6),
        ("days_late_mean_late_only", 6),
        ("amount_weighted_days_late", 6),
        ("amount_weighted_days_to_settle", 6),
        ("days_late_max", 0),
    ];
    let mut row = Map::new();
    for name in ["invoices", "disputed_count", "late_count"] {
        row.insert(name.to_owned(), cell.whole(name));
    }
    for (name, places) in DECIMALS {
        row.insert(name.to_owned(), cell.decimal(name, places));
    }
    // Nobody was late: the most days late are none.
    let most = cell.value("days_late_max").unwrap_or(Ratio::ZERO);
    row.insert("days_late_max".to_owned(), crate::json::whole(Some(most)));
    row.insert(
        "days_to_settle".to_owned(),
        cell.distribution("days_to_settle"),
    );
    Value::Object(row)
}

/// What was invoiced and what was collected in each month, by country and in all.
fn by_month(invoices: &Invoices) -> Document {
    let settled = || {
        invoice()?
            .by_date("settled")
            .map_err(quotaflow::Error::from)
    };
    let metrics = named([
        ("invoices", Formula::Count(invoice()?)),
        ("invoiced", amount(invoice()?)?),
        ("settlements", Formula::Count(settled()?)),
        ("collected", amount(settled()?)?),
    ])?;
    let months = invoices.months()?;
    let mut document = Map::new();
    for subjects in [invoices.subjects("country")?, Subjects::whole()] {
        let panel = fold(&invoices.ledger, &subjects, &months, &metrics)?;
        for (label, month, cell) in cells(&panel) {
            let row = json!({
                "collected": cell.decimal("collected", 2),
                "invoiced": cell.decimal("invoiced", 2),
                "invoices": cell.whole("invoices"),
                "settlements": cell.whole("settlements"),
            });
            document.entry(label).or_insert_with(|| json!({}))[month] = row;
        }
    }
    Ok(Value::Object(document))
}

/// What is open on each closing day, and what happened up to it.
fn closing_metrics() -> Result<Vec<MetricDef>, quotaflow::Error> {
    let metric = Formula::metric;
    let up_to_now = |date: Option<&str>| -> Result<Formula, quotaflow::Error> {
        let mut invoices = invoice()?.in_window(Timeframe::AsOf);
        if let Some(date) = date {
            invoices = invoices.by_date(date)?;
        }
        amount(invoices)
    };
    // What is invoiced and not settled at the end of a closing day, counted or added up, of any age or of some.
    let open = |value: Option<&str>, age| -> Result<Formula, quotaflow::Error> {
        Ok(Formula::Open {
            value: value.map(Key::new).transpose()?.map(Of::Measure),
            of: invoice()?,
            until: Some(Key::new("settled")?),
            age,
            figure: OpenFigure::Closing,
        })
    };
    let mut definitions = vec![
        ("open_invoices".to_owned(), open(None, None)?),
        ("outstanding".to_owned(), open(Some("amount"), None)?),
        (
            "invoiced less collected".to_owned(),
            Formula::Difference {
                of: Box::new(up_to_now(None)?),
                minus: Box::new(up_to_now(Some("settled"))?),
            },
        ),
        (
            "overdue_share".to_owned(),
            Formula::Difference {
                of: Box::new(metric("outstanding")?),
                minus: Box::new(metric("past due not_due amount")?),
            }
            .per(metric("outstanding")?),
        ),
        ("sales".to_owned(), amount(invoice()?)?),
        (
            "collected".to_owned(),
            amount(invoice()?.by_date("settled")?)?,
        ),
        (
            "beginning".to_owned(),
            Formula::Earlier {
                of: Box::new(metric("outstanding")?),
                periods: 1,
            },
        ),
    ];
    for (title, date, buckets) in [("past due", "due", &PAST_DUE[..]), ("age", "day", &AGE[..])] {
        for (bucket, from, to) in buckets {
            let age = || Age::since(date, *from, *to).map(Some);
            definitions.push((format!("{title} {bucket} count"), open(None, age()?)?));
            let amount = open(Some("amount"), age()?)?;
            definitions.push((format!("{title} {bucket} amount"), amount));
        }
    }
    for days in WINDOWS {
        let sales = amount(invoice()?.in_window(Timeframe::TrailingDays(days)))?;
        definitions.push((format!("sales_{days}"), sales));
        for (title, of) in [
            ("dso", "outstanding"),
            ("best_possible_dso", "past due not_due amount"),
        ] {
            let formula = Formula::Ratio {
                of: Box::new(metric(of)?),
                to: Box::new(metric(&format!("sales_{days}"))?),
                scale: Ratio::from(i64::from(days)),
            };
            definitions.push((format!("{title}_{days}"), formula));
        }
        let delinquent = Formula::Difference {
            of: Box::new(metric(&format!("dso_{days}"))?),
            minus: Box::new(metric(&format!("best_possible_dso_{days}"))?),
        };
        definitions.push((format!("average_days_delinquent_{days}"), delinquent));
    }
    named(definitions)
}

fn as_of(invoices: &Invoices, whole: &Panel) -> Document {
    let metrics = closing_metrics()?;
    let customers = invoices.subjects("customer")?;
    let customers = fold(&invoices.ledger, &customers, whole.periods(), &metrics)?;
    let months = fold(
        &invoices.ledger,
        &Subjects::whole(),
        &invoices.months()?,
        &named([("sales", amount(invoice()?)?)])?,
    )?;
    let mut document = Map::new();
    for (_, day, cell) in cells(whole) {
        if cell.value("outstanding") != cell.value("invoiced less collected") {
            return Err(format!(
                "what is open on {day} is not what was invoiced less what was collected"
            )
            .into());
        }
        let mut row = open_items(cell);
        for days in WINDOWS {
            row.insert(
                format!("sales_{days}"),
                cell.decimal(&format!("sales_{days}"), 2),
            );
            for title in ["dso", "best_possible_dso", "average_days_delinquent"] {
                let name = format!("{title}_{days}");
                let value = cell.decimal(&name, 6);
                row.insert(name, value);
            }
        }
        row.insert(
            "dso_countback".to_owned(),
            decimal(count_back(cell, &months), 6),
        );
        let mut by_customer = Map::new();
        for subject in customers.subjects().ids() {
            let customer = customers.subjects().label(subject);
            let own = Cell {
                panel: &customers,
                subject,
                period: cell.period,
            };
            // Customers who owe nothing are left out.
            if own.whole("open_invoices") != 0 {
                by_customer.insert(customer, Value::Object(open_items(own)));
            }
        }
        row.insert("by_customer".to_owned(), Value::Object(by_customer));
        document.insert(day, Value::Object(row));
    }
    Ok(Value::Object(document))
}

fn open_items(cell: Cell<'_>) -> Map<String, Value> {
    let mut row = Map::new();
    row.insert("open_invoices".to_owned(), cell.whole("open_invoices"));
    row.insert("outstanding".to_owned(), cell.decimal("outstanding", 2));
    row.insert(
        "overdue_share".to_owned(),
        cell.decimal("overdue_share", 10),
    );
    for (name, title, buckets) in [
        ("by_days_past_due", "past due", &PAST_DUE[..]),
        ("by_invoice_age", "age", &AGE[..]),
    ] {
        let buckets: Map<String, Value> = buckets
            .iter()
            .map(|(bucket, _, _)| {
                let figures = json!({
                    "amount": cell.decimal(&format!("{title} {bucket} amount"), 2),
                    "count": cell.whole(&format!("{title} {bucket} count")),
                });
                ((*bucket).to_owned(), figures)
            })
            .collect();
        row.insert(name.to_owned(), Value::Object(buckets));
    }
    row
}

/// How many days of sales are outstanding, counted back by months from the one that ends with the period: whole months
/// as long as their sales are not more than what is left, then the part of a month. None if all months together sold less.
fn count_back(cell: Cell<'_>, months: &Panel) -> Option<Ratio> {
    let last = cell.panel.periods().range(cell.period)?.end().pred_opt()?;
    let mut left = cell.value("outstanding")?;
    let mut days = Ratio::ZERO;
    let mut period = months.periods().on(last);
    let whole = months.subjects().ids().next()?;
    while !left.is_zero() {
        let month = Cell {
            panel: months,
            subject: whole,
            period: period?,
        };
        let sales = month.value("sales")?;
        let length = months.periods().range(month.period)?.days();
        let length = Ratio::from(i64::from(length));
        if sales > left {
            let part = left.checked_div(sales).ok()?.checked_mul(length).ok()?;
            return days.checked_add(part).ok();
        }
        left = left.checked_sub(sales).ok()?;
        days = days.checked_add(length).ok()?;
        period = months.periods().previous(month.period);
    }
    Some(days)
}

/// The share of what could be collected between two closing days that was, in percent.
fn collections(whole: &Panel) -> Value {
    let mut document = Map::new();
    let mut before: Option<String> = None;
    for (_, day, cell) in cells(whole) {
        if let Some(from) = &before {
            let row = json!({
                "beginning": cell.decimal("beginning", 2),
                "cei_percent": decimal(effectiveness(cell), 6),
                "collected": cell.decimal("collected", 2),
                "ending_current": cell.decimal("past due not_due amount", 2),
                "ending_total": cell.decimal("outstanding", 2),
                "sales": cell.decimal("sales", 2),
            });
            document.insert(format!("({from}, {day}]"), row);
        }
        before = Some(day);
    }
    Value::Object(document)
}

fn effectiveness(cell: Cell<'_>) -> Option<Ratio> {
    let collectable = cell
        .value("beginning")?
        .checked_add(cell.value("sales")?)
        .ok()?;
    let collected = collectable.checked_sub(cell.value("outstanding")?).ok()?;
    let due = collectable
        .checked_sub(cell.value("past due not_due amount")?)
        .ok()?;
    let share = collected.checked_div(due).ok()?;
    share.checked_mul(Ratio::from(100)).ok()
}
