//! What each salesperson did: orders, customers, territories, gaps between orders; and customers won, kept and lost.

use quotaflow::calendar::Grain;
use quotaflow::key::Key;
use quotaflow::metric::{
    Entities, Entity, Filter, First, Formula, MetricDef, QuantileMethod, SameDay, SeenBy,
    Selection, Value as Of, Valued,
};
use quotaflow::panel::Panel;
use quotaflow::space::{Axis, Subjects, Unassigned};
use serde_json::{Map, Value, json};

use crate::company::Company;
use crate::data::Data;
use crate::fold::fold;
use crate::json::{Cell, cells};
use crate::sales::{always, periods, subjects};

pub fn json(data: &Data, company: &Company) -> Result<Value, quotaflow::Error> {
    Ok(json!({
        "per_salesperson": per_salesperson(data, company)?,
        "customers_by_calendar_quarter": customers(data, company)?,
    }))
}

fn customer() -> Result<Entity, quotaflow::Error> {
    Ok(Entity::Member {
        dimension: Key::new("customer")?,
        level: None,
    })
}

/// The parts of a distribution under their names in the reports.
fn distribution(
    name: &str,
    value: &Of,
    of: &Selection,
) -> Result<Vec<MetricDef>, quotaflow::Error> {
    let valued = || Valued::new(value.clone(), of.clone());
    let quantile = |p: &str, method| -> Result<Formula, quotaflow::Error> {
        Ok(Formula::Quantile {
            value: value.clone(),
            of: of.clone(),
            p: p.parse()?,
            method,
        })
    };
    let parts = [
        ("sum", Formula::Sum(valued())),
        ("mean", Formula::Mean(valued())),
        ("min", Formula::Minimum(valued())),
        ("max", Formula::Maximum(valued())),
        ("median_type7", quantile("0.5", QuantileMethod::Type7)?),
        ("p90_type7", quantile("0.9", QuantileMethod::Type7)?),
        (
            "p90_nearest_rank",
            quantile("0.9", QuantileMethod::NearestRank)?,
        ),
    ];
    parts
        .into_iter()
        .map(|(part, formula)| Ok(MetricDef::new(&format!("{name} {part}"), formula)?))
        .collect()
}

const DISTRIBUTIONS: [&str; 3] = [
    "days_to_ship",
    "days_between_order_dates",
    "days_between_orders_of_same_customer",
];

fn metrics() -> Result<Vec<MetricDef>, quotaflow::Error> {
    let orders = || Selection::of("order");
    let customers = || -> Result<Formula, quotaflow::Error> {
        Ok(Formula::Distinct(Entities::members("customer", orders()?)?))
    };
    let late = orders()?.only(Filter::days("due", "shipped", Some(1), None)?);
    let mut metrics = vec![
        MetricDef::new("orders", Formula::count("order")?)?,
        MetricDef::new("customers", customers()?)?,
        MetricDef::new("sub_total", Formula::sum("sub_total", "order")?)?,
        MetricDef::new(
            "average_order_value",
            Formula::sum("sub_total", "order")?.per(Formula::count("order")?),
        )?,
        MetricDef::new(
            "orders_per_customer",
            Formula::count("order")?.per(customers()?),
        )?,
        MetricDef::new("shipped_after_due", Formula::Count(late))?,
    ];
    let days = |from: &str, to: &str| -> Result<Of, quotaflow::Error> {
        Ok(Of::Days {
            from: Key::new(from)?,
            to: Key::new(to)?,
        })
    };
    let values = [
        days("day", "shipped")?,
        Of::Gap {
            entity: None,
            same_day: SameDay::Once,
        },
        Of::Gap {
            entity: Some(customer()?),
            same_day: SameDay::Each,
        },
    ];
    for (name, value) in DISTRIBUTIONS.iter().zip(values) {
        metrics.extend(distribution(name, &value, &orders()?)?);
    }
    Ok(metrics)
}

fn per_salesperson(data: &Data, company: &Company) -> Result<Value, quotaflow::Error> {
    let (people, always) = (subjects(company, "person", "person")?, always(company)?);
    let panel = fold(&company.ledger, &people, &always, &metrics()?)?;
    let orders = [MetricDef::new("orders", Formula::count("order")?)?];
    let by_day = fold(
        &company.ledger,
        &people,
        &periods(company, Grain::Day)?,
        &orders,
    )?;
    let by_customer = people.cross(&subjects(company, "customer", "customer")?)?;
    let by_customer = fold(&company.ledger, &by_customer, &always, &orders)?;
    let by_territory = people.cross(&subjects(company, "territory", "territory")?)?;
    let by_territory = fold(&company.ledger, &by_territory, &always, &orders)?;
    let ordered = |panel: &Panel, person: &str, least: i64| {
        let mut found = Vec::new();
        for (_, period, cell) in cells(panel) {
            let members = panel.subjects().members(cell.subject);
            if members[0] == *person
                && cell
                    .value("orders")
                    .is_some_and(|count| count >= least.into())
            {
                found.push((
                    members.last().map(ToString::to_string).unwrap_or_default(),
                    period,
                ));
            }
        }
        found
    };
    let mut document = Map::new();
    for row in &data.published {
        let person = row.person.as_str();
        let cell = Cell::of(&panel, people.row([person])?)?;
        let days = ordered(&by_day, person, 1);
        let mut territories: Vec<i64> = ordered(&by_territory, person, 1)
            .iter()
            .map(|(key, _)| key.parse())
            .collect::<Result<_, _>>()?;
        territories.sort_unstable();
        let mut figures = Map::new();
        for name in ["orders", "customers", "shipped_after_due"] {
            figures.insert(name.to_owned(), cell.whole(name));
        }
        for (name, places) in [
            ("sub_total", 4),
            ("average_order_value", 4),
            ("orders_per_customer", 6),
        ] {
            figures.insert(name.to_owned(), cell.decimal(name, places));
        }
        figures.insert("territories".to_owned(), json!(territories));
        figures.insert(
            "repeat_customers".to_owned(),
            json!(ordered(&by_customer, person, 2).len()),
        );
        figures.insert("distinct_order_dates".to_owned(), json!(days.len()));
        figures.insert(
            "first_order".to_owned(),
            json!(days.first().map(|(_, day)| day)),
        );
        figures.insert(
            "last_order".to_owned(),
            json!(days.last().map(|(_, day)| day)),
        );
        for name in DISTRIBUTIONS {
            figures.insert(name.to_owned(), cell.distribution(name));
        }
        document.insert(person.to_owned(), Value::Object(figures));
    }
    Ok(Value::Object(document))
}

fn customer_metrics() -> Result<Vec<MetricDef>, quotaflow::Error> {
    let orders = || Selection::of("order");
    let entities = || Entities::members("customer", Selection::of("order")?);
    let lost = |seen_within| -> Result<Formula, quotaflow::Error> {
        let (entity, of, scope, first) = (customer()?, orders()?, SeenBy::Overall, First::Zero);
        Ok(Formula::Lost {
            entity,
            of,
            seen_within,
            absent_for: 2,
            scope,
            first,
        })
    };
    let reactivated = Formula::Reactivated {
        entity: customer()?,
        of: orders()?,
        after: 4,
        scope: SeenBy::Overall,
    };
    let retained = Formula::Retained {
        entity: customer()?,
        of: orders()?,
        scope: SeenBy::Overall,
    };
    let previous = Formula::Previous {
        entity: customer()?,
        of: orders()?,
        scope: SeenBy::Overall,
    };
    Ok(vec![
        MetricDef::new("active", Formula::Distinct(entities()?))?,
        MetricDef::new("new", Formula::New(entities()?))?,
        MetricDef::new("lost_event", lost(1)?)?,
        MetricDef::new("lost_state", lost(4)?)?,
        MetricDef::new("reactivated", reactivated)?,
        MetricDef::new("retained", retained)?,
        MetricDef::new("previous_active", previous)?,
        MetricDef::new(
            "retention_rate",
            Formula::metric("retained")?.per(Formula::metric("previous_active")?),
        )?,
    ])
}

fn customers(data: &Data, company: &Company) -> Result<Value, quotaflow::Error> {
    let (metrics, quarters) = (customer_metrics()?, periods(company, Grain::Quarter)?);
    let space = company.ledger.schema().space();
    let people = space.subjects(&Axis::new("person", "person")?, Unassigned::Shown)?;
    let people = fold(&company.ledger, &people, &quarters, &metrics)?;
    let whole = fold(&company.ledger, &Subjects::whole(), &quarters, &metrics)?;
    let mut document = Map::new();
    for (subject, quarter, cell) in cells(&people).chain(cells(&whole)) {
        let label = match subject.as_str() {
            "unassigned" => "online",
            "all" => "all",
            person if data.published.iter().any(|row| row.person == person) => person,
            _ => continue,
        };
        let counts = [
            "active",
            "new",
            "lost_event",
            "lost_state",
            "reactivated",
            "retained",
            "previous_active",
        ];
        let mut row: Map<String, Value> = counts
            .iter()
            .map(|name| ((*name).to_owned(), cell.whole(name)))
            .collect();
        row.insert(
            "retention_rate".to_owned(),
            cell.decimal("retention_rate", 10),
        );
        document
            .entry(label.to_owned())
            .or_insert_with(|| json!({}))[quarter] = Value::Object(row);
    }
    Ok(Value::Object(document))
}
