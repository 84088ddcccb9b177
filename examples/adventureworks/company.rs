//! The real company as a ledger: who and where, what is measured, and every order, line and quota as a record.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate};
use quotaflow::calendar::DayRange;
use quotaflow::ledger::{Ledger, Need, Record, RecordKind, Schema};
use quotaflow::measure::{Measure, Measures, Unit};
use quotaflow::quantity::Quantum;
use quotaflow::space::{DimensionDef, MemberDef, Space};
use rust_decimal::Decimal;

use crate::data::{Data, Dated};
use crate::file::refused;

/// A card-less order is settled this way.
pub const NO_CARD: &str = "(no card)";

pub struct Company {
    pub ledger: Ledger,
    /// Lines that were sold on a day without a valid cost or list price: how many, and the orders that hold them.
    pub unpriced_lines: usize,
    pub unpriced_orders: BTreeSet<i64>,
}

/// The key of the team that a manager leads.
pub fn team(manager: &str) -> String {
    format!("team of {manager}")
}

pub fn build(data: &Data) -> Result<Company, quotaflow::Error> {
    let space = Space::new(vec![
        people(data)?,
        territories(data)?,
        DimensionDef::flat("channel", "channel", ["online", "reseller"])?,
        DimensionDef::flat(
            "customer",
            "customer",
            data.customers.iter().map(String::as_str),
        )?,
        products(data)?,
        DimensionDef::flat(
            "settlement",
            "settlement",
            settlements(data).iter().map(String::as_str),
        )?,
    ])?;
    let schema = Schema::new(space, measures()?, kinds()?, span(data)?)?;
    let mut ledger = Ledger::new("company", schema)?;
    let mut records: Vec<Record> = data.orders.iter().map(order).collect();
    records.extend(data.quotas.iter().map(|quota| {
        Record::new("quota", quota.from)
            .id(format!("quota {} {}", quota.person, quota.from))
            .of("person", &quota.person)
            .amount("quota", quota.amount)
    }));
    let unpriced = lines(data, &mut records);
    ledger
        .enter(&records)
        .map_err(|error| refused(error, |record| place(data, record)))?;
    Ok(Company {
        ledger,
        unpriced_lines: unpriced.len(),
        unpriced_orders: unpriced.into_iter().collect(),
    })
}

/// Where the record of this number stands: orders come first, then quotas, then the lines of orders.
fn place(data: &Data, record: usize) -> String {
    let (orders, quotas) = (data.orders.len(), data.quotas.len());
    let (file, line) = if record < orders {
        ("SalesOrderHeader.csv", data.orders[record].row)
    } else if record < orders + quotas {
        (
            "SalesPersonQuotaHistory.csv",
            data.quotas[record - orders].row,
        )
    } else {
        (
            "SalesOrderDetail.csv",
            data.lines[record - orders - quotas].row,
        )
    };
    format!("{file} line {line}")
}

fn measures() -> Result<Measures, quotaflow::Error> {
    let money = || "money:USD".parse::<Unit>();
    let (four, six) = (Quantum::decimals(4)?, Quantum::decimals(6)?);
    Ok(Measures::new(vec![
        Measure::flow("sub_total", money()?, four)?,
        Measure::flow("tax", money()?, four)?,
        Measure::flow("freight", money()?, four)?,
        Measure::flow("total_due", money()?, four)?,
        Measure::flow("quota", money()?, four)?,
        Measure::flow("line_total", money()?, six)?,
        Measure::flow("cost", money()?, four)?,
        Measure::flow("list_value", money()?, four)?,
        Measure::flow("quantity", Unit::count("piece")?, Quantum::ONE)?,
    ])?)
}

fn kinds() -> Result<Vec<RecordKind>, quotaflow::Error> {
    let order = RecordKind::new("order")?
        .of("person")?
        .of("customer")?
        .of("territory")?
        .of("channel")?
        .of("settlement")?
        .measuring("sub_total", Need::Required)?
        .measuring("tax", Need::Required)?
        .measuring("freight", Need::Required)?
        .measuring("total_due", Need::Required)?
        .planning("due")?
        .dating("shipped")?;
    let line = RecordKind::new("line")?
        .of("product")?
        .of("channel")?
        .measuring("line_total", Need::Required)?
        .measuring("quantity", Need::Required)?
        .measuring("cost", Need::Optional)?
        .measuring("list_value", Need::Optional)?
        .noting("valued", &["yes", "no"])?;
    let quota = RecordKind::new("quota")?
        .of("person")?
        .measuring("quota", Need::Required)?;
    Ok(vec![order, line, quota])
}

/// From the first order or quota to the end of the year of the last order.
fn span(data: &Data) -> Result<DayRange, quotaflow::Error> {
    let first = data
        .orders
        .iter()
        .map(|order| order.on)
        .chain(data.quotas.iter().map(|quota| quota.from))
        .min();
    let last = data.orders.iter().map(|order| order.on).max();
    let (Some(first), Some(last)) = (first, last) else {
        return Err("SalesOrderHeader.csv: there is no order after line 1".into());
    };
    Ok(DayRange::new(first, last + Days::new(1))?)
}

/// People in two trees: the organisation as it stands, and the territories that they owned from day to day.
fn people(data: &Data) -> Result<DimensionDef, quotaflow::Error> {
    let mut people = DimensionDef::new("person", &["company", "team", "person"])?
        .hierarchy("ownership", &["owned", "person"])?;
    let titled = |key: &str, title: &str, level: &str| -> Result<MemberDef, quotaflow::Error> {
        Ok(MemberDef {
            key: key.parse_key()?,
            title: title.into(),
            level: level.parse_key()?,
            also: Vec::new(),
        })
    };
    for employee in &data.employees {
        people
            .members
            .push(titled(&employee.key, &employee.name, "person")?);
        let depth = employee.node.matches('/').count() - 1;
        match depth {
            1 => people
                .members
                .push(titled(&team(&employee.key), &employee.title, "company")?),
            2 => people
                .members
                .push(titled(&team(&employee.key), &employee.title, "team")?),
            _ => {}
        }
    }
    for employee in &data.employees {
        let above = |depth: usize| {
            let mut managers = data.employees.iter();
            managers.find(|other| {
                other.node.matches('/').count() - 1 == depth
                    && employee.node.starts_with(&other.node)
            })
        };
        match (above(2), above(1)) {
            (Some(manager), Some(head)) => {
                people = people.link("person", &employee.key, &team(&manager.key), None, None)?;
                if manager.key == employee.key {
                    people =
                        people.link("person", &team(&manager.key), &team(&head.key), None, None)?;
                }
            }
            (None, Some(head)) => {
                people = people.link("person", &employee.key, &team(&head.key), None, None)?;
            }
            _ => {}
        }
    }
    for territory in &data.territories {
        people.members.push(titled(
            &format!("territory {}", territory.key),
            &territory.name,
            "owned",
        )?);
    }
    for owned in &data.ownerships {
        let to = owned.to.map(|last| last + Days::new(1));
        let territory = format!("territory {}", owned.territory);
        people = people.link("ownership", &owned.person, &territory, Some(owned.from), to)?;
    }
    Ok(people)
}

fn territories(data: &Data) -> Result<DimensionDef, quotaflow::Error> {
    let mut territories = DimensionDef::new("territory", &["group", "country", "territory"])?;
    let mut known = BTreeSet::new();
    for territory in &data.territories {
        if known.insert(&territory.group) {
            territories = territories.member("group", &territory.group)?;
        }
        if known.insert(&territory.country) {
            territories = territories.child("country", &territory.country, &territory.group)?;
        }
        territories = territories.child("territory", &territory.key, &territory.country)?;
    }
    for member in &mut territories.members {
        member.title = data
            .territories
            .iter()
            .find(|row| member.key == *row.key.as_str())
            .map(|row| row.name.as_str().into())
            .unwrap_or_default();
    }
    Ok(territories)
}

fn products(data: &Data) -> Result<DimensionDef, quotaflow::Error> {
    let mut products = DimensionDef::new("product", &["category", "subcategory", "product"])?;
    let categories: BTreeSet<&String> = data
        .products
        .iter()
        .filter_map(|product| product.category.as_ref())
        .collect();
    for category in categories {
        products = products.member("category", category)?;
    }
    let mut known = BTreeSet::new();
    for product in &data.products {
        if let (Some(category), Some(subcategory)) = (&product.category, &product.subcategory) {
            if known.insert(subcategory) {
                products = products.child("subcategory", subcategory, category)?;
            }
            products = products.child("product", &product.key, subcategory)?;
        } else {
            // Components are never sold and belong to no category.
            products = products.member("product", &product.key)?;
        }
    }
    Ok(products)
}

fn settlements(data: &Data) -> Vec<String> {
    let cards: BTreeSet<&String> = data
        .orders
        .iter()
        .filter_map(|order| order.card.as_ref())
        .collect();
    std::iter::once(NO_CARD.to_owned())
        .chain(cards.into_iter().cloned())
        .collect()
}

fn order(order: &crate::data::Order) -> Record {
    let mut record = Record::new("order", order.on)
        .id(format!("order {}", order.id))
        .sequence(u64::try_from(order.id).unwrap_or_default())
        .of("customer", &order.customer)
        .of("territory", &order.territory)
        .of(
            "channel",
            if order.person.is_some() {
                "reseller"
            } else {
                "online"
            },
        )
        .of("settlement", order.card.as_deref().unwrap_or(NO_CARD))
        .amount("sub_total", order.sub_total)
        .amount("tax", order.tax)
        .amount("freight", order.freight)
        .amount("total_due", order.total_due)
        .date("due", order.due)
        .date("shipped", order.shipped);
    if let Some(person) = &order.person {
        record = record.of("person", person);
    }
    record
}

/// Order lines, with the cost and the list price that held on the day of the order where there is one.
///
/// Returns the order of each line that was sold without one of them.
fn lines(data: &Data, records: &mut Vec<Record>) -> Vec<i64> {
    let mut unpriced = Vec::new();
    let orders: BTreeMap<i64, &crate::data::Order> =
        data.orders.iter().map(|order| (order.id, order)).collect();
    let (costs, prices) = (Validity::new(&data.costs), Validity::new(&data.prices));
    for line in &data.lines {
        let Some(order) = orders.get(&line.order) else {
            continue;
        };
        let pieces = Decimal::from(line.quantity);
        let mut record = Record::new("line", order.on)
            .id(format!("line {}", line.id))
            .of("product", &line.product)
            .of(
                "channel",
                if order.person.is_some() {
                    "reseller"
                } else {
                    "online"
                },
            )
            .amount("line_total", line.total)
            .amount("quantity", pieces);
        let (cost, price) = (
            costs.on(&line.product, order.on),
            prices.on(&line.product, order.on),
        );
        if let (Some(cost), Some(price)) = (cost, price) {
            record = record
                .attribute("valued", "yes")
                .amount("cost", cost * pieces)
                .amount("list_value", price * pieces);
        } else {
            record = record.attribute("valued", "no");
            unpriced.push(line.order);
        }
        records.push(record);
    }
    unpriced
}

/// Amounts of a product by the days on which they hold.
struct Validity<'a>(BTreeMap<&'a str, Vec<&'a Dated>>);

impl<'a> Validity<'a> {
    fn new(rows: &'a [Dated]) -> Self {
        let mut by_product: BTreeMap<&str, Vec<&Dated>> = BTreeMap::new();
        for row in rows {
            by_product.entry(&row.product).or_default().push(row);
        }
        Self(by_product)
    }

    fn on(&self, product: &str, day: NaiveDate) -> Option<Decimal> {
        let holds = |row: &&&Dated| row.from <= day && row.to.is_none_or(|last| day <= last);
        self.0
            .get(product)?
            .iter()
            .find(holds)
            .map(|row| row.amount)
    }
}

/// Keys from text.
trait ParseKey {
    fn parse_key(&self) -> Result<quotaflow::key::Key, quotaflow::key::KeyError>;
}

impl ParseKey for str {
    fn parse_key(&self) -> Result<quotaflow::key::Key, quotaflow::key::KeyError> {
        quotaflow::key::Key::new(self)
    }
}
