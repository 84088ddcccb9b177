//! Quotas beside orders: per person, per team and for the company, in the company's own quota periods and in quarters.

use chrono::NaiveDate;
use quotaflow::calendar::{Grain, PeriodSet};
use quotaflow::key::Key;
use quotaflow::metric::{Empty, Entities, Formula, MetricDef, Selection, Timeframe, Valued};
use quotaflow::panel::Panel;
use quotaflow::quantity::Ratio;
use quotaflow::space::Subjects;
use serde_json::{Map, Value, json};

use crate::company::{Company, team};
use crate::data::Data;
use crate::fold::fold;
use crate::json::{Cell, cells, decimal};
use crate::sales::{always, grouped, periods, subjects};

/// The company's quota periods end here.
const LAST_DAY_AFTER: (i32, u32, u32) = (2014, 5, 31);

/// The window of the figures that the seller of the sample published.
const PUBLISHED: [(i32, u32, u32); 2] = [(2013, 5, 30), (2014, 5, 31)];

fn date((year, month, day): (i32, u32, u32)) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default()
}

/// The quota periods: they follow no calendar, so they are written down from the days on which quotas start.
pub fn quota_periods(data: &Data) -> Result<PeriodSet, quotaflow::Error> {
    let mut starts: Vec<NaiveDate> = data.quotas.iter().map(|quota| quota.from).collect();
    starts.sort_unstable();
    starts.dedup();
    Ok(PeriodSet::from_starts(
        Key::new("quota period")?,
        &starts,
        date(LAST_DAY_AFTER),
        |_, start| start.to_string(),
    )?)
}

pub fn quota_metrics() -> Result<Vec<MetricDef>, quotaflow::Error> {
    // Without a quota row there is no quota: that is not a quota of zero.
    let quota =
        Valued::measure("quota", Selection::of("quota")?)?.when_empty(Empty::NothingRecorded);
    Ok(vec![
        MetricDef::new("orders", Formula::count("order")?)?,
        MetricDef::new("actual", Formula::sum("sub_total", "order")?)?,
        MetricDef::new("quota", Formula::Sum(quota))?,
        MetricDef::new(
            "attainment",
            Formula::metric("actual")?.per(Formula::metric("quota")?),
        )?,
        MetricDef::new(
            "gap",
            Formula::Difference {
                of: Box::new(Formula::metric("actual")?),
                minus: Box::new(Formula::metric("quota")?),
            },
        )?,
        MetricDef::new(
            "people with quota",
            Formula::Distinct(Entities::members("person", Selection::of("quota")?)?),
        )?,
    ])
}

pub struct Quotas {
    pub people: Panel,
    pub teams: Panel,
    pub whole: Panel,
}

impl Quotas {
    pub fn fold(company: &Company, periods: &PeriodSet) -> Result<Self, quotaflow::Error> {
        let metrics = quota_metrics()?;
        let people = fold(
            &company.ledger,
            &subjects(company, "person", "person")?,
            periods,
            &metrics,
        )?;
        let teams = fold(
            &company.ledger,
            &subjects(company, "person", "team")?,
            periods,
            &metrics,
        )?;
        let whole = fold(
            &company.ledger,
            &subjects(company, "person", "company")?,
            periods,
            &metrics,
        )?;
        Ok(Self {
            people,
            teams,
            whole,
        })
    }
}

pub fn json(data: &Data, company: &Company) -> Result<Value, quotaflow::Error> {
    let own = quota_periods(data)?;
    let (by_period, by_quarter) = (
        Quotas::fold(company, &own)?,
        Quotas::fold(company, &periods(company, Grain::Quarter)?)?,
    );
    let listed: Vec<Value> = own
        .iter()
        .map(|period| json!({"key": period.label, "start": period.start.to_string(), "end_exclusive": period.end.to_string()}))
        .collect();
    Ok(json!({
        "by_quota_period": people(data, &by_period.people),
        "by_calendar_quarter": people(data, &by_quarter.people),
        "company_by_quota_period": whole(&by_period),
        "company_by_calendar_quarter": whole(&by_quarter),
        "team_rollup_by_quota_period": teams(data, &by_period),
        "periods": listed,
        "ranking_by_calendar_year": ranking(company)?,
        "commission_on_ytd": commission(data, company)?,
        "sales_ytd_published_by_microsoft": published(data, company)?,
    }))
}

fn is_seller(data: &Data, person: &str) -> bool {
    data.published.iter().any(|row| row.person == person)
}

/// The periods of a person in which there is a quota row or an order.
fn people(data: &Data, panel: &Panel) -> Map<String, Value> {
    let mut document = grouped(
        panel,
        |period| period,
        |cell| {
            let there = cell.whole("orders") != 0 || cell.value("quota").is_some();
            there.then(|| {
                json!({
                    "actual": cell.decimal("actual", 4),
                    "attainment": cell.decimal("attainment", 10),
                    "gap": cell.decimal("gap", 4),
                    "orders": cell.whole("orders"),
                    "quota": cell.decimal("quota", 4),
                })
            })
        },
    );
    document.retain(|person, _| is_seller(data, person));
    document
}

fn whole(quotas: &Quotas) -> Value {
    let mut document = Map::new();
    for (_, period, cell) in cells(&quotas.whole) {
        let members = quotas.people.subjects().ids().map(|subject| Cell {
            panel: &quotas.people,
            subject,
            period: cell.period,
        });
        let with_quota: Vec<Cell<'_>> = members
            .filter(|person| person.value("quota").is_some())
            .collect();
        let reached = |person: &&Cell<'_>| {
            person
                .value("attainment")
                .is_some_and(|share| share >= Ratio::ONE)
        };
        let actual_of_them = with_quota.iter().try_fold(Ratio::ZERO, |sum, person| {
            sum.checked_add(person.value("actual")?).ok()
        });
        let attainment =
            actual_of_them.and_then(|actual| actual.checked_div(cell.value("quota")?).ok());
        document.insert(
            period,
            json!({
                "actual_all": cell.decimal("actual", 4),
                "actual_of_persons_with_quota": decimal(actual_of_them, 4),
                "attainment": decimal(attainment, 10),
                "persons_at_or_above_quota": with_quota.iter().filter(reached).count(),
                "persons_with_quota": with_quota.len(),
                "quota": decimal(cell.value("quota").or(Some(Ratio::ZERO)), 4),
            }),
        );
    }
    Value::Object(document)
}

/// Every node of the organisation: its manager and everybody below, a representative being a node of one.
fn teams(data: &Data, quotas: &Quotas) -> Value {
    let mut document = Map::new();
    for employee in &data.employees {
        let key = team(&employee.key);
        let node = [&quotas.whole, &quotas.teams]
            .into_iter()
            .find_map(|panel| Some((panel, panel.subjects().find_member(&key)?)));
        let own = || {
            Some((
                &quotas.people,
                quotas.people.subjects().find_member(&employee.key)?,
            ))
        };
        let Some((panel, subject)) = node.or_else(own) else {
            continue;
        };
        let size = data
            .employees
            .iter()
            .filter(|other| other.node.starts_with(&employee.node))
            .count();
        let rows: Map<String, Value> = panel
            .periods()
            .iter()
            .map(|period| {
                let cell = Cell {
                    panel,
                    subject,
                    period: period.id,
                };
                (
                    period.label.to_string(),
                    json!({
                        "attainment": cell.decimal("attainment", 10),
                        "team_actual": cell.decimal("actual", 4),
                        "team_quota": cell.decimal("quota", 4),
                    }),
                )
            })
            .collect();
        document.insert(
            employee.key.clone(),
            json!({"periods": rows, "team_size": size, "title": employee.title}),
        );
    }
    Value::Object(document)
}

fn ranking(company: &Company) -> Result<Value, quotaflow::Error> {
    let panel = fold(
        &company.ledger,
        &subjects(company, "person", "person")?,
        &periods(company, Grain::Year)?,
        &quota_metrics()?,
    )?;
    let mut document = Map::new();
    for year in panel.periods() {
        let mut rows: Vec<(Ratio, i64)> = Vec::new();
        for subject in panel.subjects().ids() {
            let label = panel.subjects().label(subject);
            let cell = Cell {
                panel: &panel,
                subject,
                period: year.id,
            };
            if cell.whole("orders") != 0 {
                rows.push((
                    cell.value("actual").ok_or("sales are a sum")?,
                    label.parse()?,
                ));
            }
        }
        rows.sort_by(|left, right| right.0.cmp(&left.0).then(left.1.cmp(&right.1)));
        let rows: Vec<Value> = rows
            .iter()
            .map(|(actual, person)| {
                let rank = 1 + rows.iter().filter(|(other, _)| other > actual).count();
                json!({"actual": decimal(Some(*actual), 4), "rank": rank, "sales_person": person})
            })
            .collect();
        document.insert(year.label.to_string(), Value::Array(rows));
    }
    Ok(Value::Object(document))
}

/// Sales between the two days of the published figures.
fn published_sales(company: &Company, of: &Subjects) -> Result<Panel, quotaflow::Error> {
    let [from, to] = PUBLISHED.map(date);
    let orders = Selection::of("order")?.in_window(Timeframe::Between { from, to });
    let sales = MetricDef::new("sales", Formula::Sum(Valued::measure("sub_total", orders)?))?;
    fold(&company.ledger, of, &always(company)?, &[sales])
}

fn commission(data: &Data, company: &Company) -> Result<Value, quotaflow::Error> {
    let panel = published_sales(company, &subjects(company, "person", "person")?)?;
    let mut document = Map::new();
    for row in &data.published {
        let subject = panel.subjects().row([&row.person])?;
        let sales = Cell::of(&panel, subject)?.value("sales");
        let rate = Ratio::from(row.commission);
        let commission = sales.and_then(|sales| sales.checked_mul(rate).ok());
        document.insert(
            row.person.clone(),
            json!({"commission": decimal(commission, 8), "commission_pct": decimal(Some(rate), 4)}),
        );
    }
    Ok(Value::Object(document))
}

fn published(data: &Data, company: &Company) -> Result<Value, quotaflow::Error> {
    let people = published_sales(company, &subjects(company, "person", "person")?)?;
    let territories = published_sales(company, &subjects(company, "territory", "territory")?)?;
    let beside = |panel: &Panel,
                  key: &str,
                  published: rust_decimal::Decimal|
     -> Result<Value, quotaflow::Error> {
        let cell = Cell::of(panel, panel.subjects().row([key])?)?;
        Ok(
            json!({"computed": cell.decimal("sales", 4), "published": decimal(Some(published.into()), 4)}),
        )
    };
    let mut sellers = Map::new();
    for row in &data.published {
        sellers.insert(row.person.clone(), beside(&people, &row.person, row.ytd)?);
    }
    let mut places = Map::new();
    for row in &data.territories {
        places.insert(row.key.clone(), beside(&territories, &row.key, row.ytd)?);
    }
    let [from, to] = PUBLISHED.map(date);
    Ok(json!({"sales_person": sellers, "territory": places, "window": format!("[{from}, {to})")}))
}
