//! The files of the real company, read into rows.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use chrono::NaiveDate;
use quotaflow::quantity::{QuantityError, Quantum};
use rust_decimal::Decimal;

use crate::file::{FileError, Row, Table};

/// One order.
pub struct Order {
    /// The line of its file, the first being 1.
    pub row: u64,
    pub id: i64,
    pub on: NaiveDate,
    pub due: NaiveDate,
    pub shipped: NaiveDate,
    pub customer: String,
    pub person: Option<String>,
    pub territory: String,
    pub card: Option<String>,
    pub sub_total: Decimal,
    pub tax: Decimal,
    pub freight: Decimal,
    pub total_due: Decimal,
}

/// One line of an order.
pub struct Line {
    /// The line of its file, the first being 1.
    pub row: u64,
    pub order: i64,
    pub id: i64,
    pub product: String,
    pub quantity: i64,
    pub total: Decimal,
}

/// A salesperson, a manager or the vice president.
pub struct Employee {
    pub key: String,
    pub name: String,
    pub title: String,
    pub node: String,
}

/// A salesperson's published figures.
pub struct Published {
    pub person: String,
    pub commission: Decimal,
    pub ytd: Decimal,
}

/// The quota of a person from a day on.
pub struct Quota {
    /// The line of its file, the first being 1.
    pub row: u64,
    pub person: String,
    pub from: NaiveDate,
    pub amount: Decimal,
}

/// A sales territory.
pub struct Territory {
    pub key: String,
    pub name: String,
    pub country: String,
    pub group: String,
    pub ytd: Decimal,
}

/// A person's ownership of a territory; the last day is included.
pub struct Ownership {
    pub person: String,
    pub territory: String,
    pub from: NaiveDate,
    pub to: Option<NaiveDate>,
}

/// A price or cost of a product; the last day is included.
pub struct Dated {
    pub product: String,
    pub from: NaiveDate,
    pub to: Option<NaiveDate>,
    pub amount: Decimal,
}

/// A product with the names of its subcategory and category.
pub struct Product {
    pub key: String,
    pub subcategory: Option<String>,
    pub category: Option<String>,
}

pub struct Data {
    pub orders: Vec<Order>,
    pub lines: Vec<Line>,
    pub employees: Vec<Employee>,
    pub published: Vec<Published>,
    pub quotas: Vec<Quota>,
    pub territories: Vec<Territory>,
    pub ownerships: Vec<Ownership>,
    pub customers: Vec<String>,
    pub products: Vec<Product>,
    pub costs: Vec<Dated>,
    pub prices: Vec<Dated>,
}

impl Data {
    pub fn read(folder: &Path) -> Result<Self, FileError> {
        let wrong = |error: QuantityError| FileError(error.to_string());
        let four = Quantum::decimals(4).map_err(wrong)?;
        let six = Quantum::decimals(6).map_err(wrong)?;
        let cards = lookup(folder, "CreditCard.csv", "CreditCardID", "CardType")?;
        let employees: Vec<Employee> = rows(folder, "SalesEmployee.csv", |row| {
            Ok(Employee {
                key: row.text("BusinessEntityID")?.to_owned(),
                name: format!("{} {}", row.text("FirstName")?, row.text("LastName")?),
                title: row.text("JobTitle")?.to_owned(),
                node: row.text("OrganizationNode")?.to_owned(),
            })
        })?;
        let territories: Vec<Territory> = rows(folder, "SalesTerritory.csv", |row| {
            Ok(Territory {
                key: row.text("TerritoryID")?.to_owned(),
                name: row.text("Name")?.to_owned(),
                country: row.text("CountryRegionCode")?.to_owned(),
                group: row.text("Group")?.to_owned(),
                ytd: row.decimal("SalesYTD")?,
            })
        })?;
        let customers: Vec<String> = rows(folder, "Customer.csv", |row| {
            Ok(row.text("CustomerID")?.to_owned())
        })?;
        let products = products(folder)?;
        let employee_ids: BTreeSet<&str> = employees.iter().map(|row| row.key.as_str()).collect();
        let territory_ids: BTreeSet<&str> =
            territories.iter().map(|row| row.key.as_str()).collect();
        let customer_ids: BTreeSet<&str> = customers.iter().map(String::as_str).collect();
        let product_ids: BTreeSet<&str> = products.iter().map(|row| row.key.as_str()).collect();
        let person = |row: Row<'_>, column: &str| {
            row.known(column, |id| employee_ids.contains(id), "SalesEmployee.csv")
        };
        let orders: Vec<Order> = rows(folder, "SalesOrderHeader.csv", |row| {
            let card = match row.some("CreditCardID")? {
                Some(id) => Some(
                    cards
                        .get(id)
                        .ok_or_else(|| row.error("CreditCardID", "no such card"))?
                        .clone(),
                ),
                None => None,
            };
            Ok(Order {
                row: row.line(),
                id: row.number("SalesOrderID")?,
                on: row.date("OrderDate")?,
                due: row.date("DueDate")?,
                shipped: row.date("ShipDate")?,
                customer: row.known(
                    "CustomerID",
                    |id| customer_ids.contains(id),
                    "Customer.csv",
                )?,
                person: match row.some("SalesPersonID")? {
                    Some(_) => Some(person(row, "SalesPersonID")?),
                    None => None,
                },
                territory: row.known(
                    "TerritoryID",
                    |id| territory_ids.contains(id),
                    "SalesTerritory.csv",
                )?,
                card,
                sub_total: row.amount("SubTotal", four)?,
                tax: row.amount("TaxAmt", four)?,
                freight: row.amount("Freight", four)?,
                total_due: row.amount("TotalDue", four)?,
            })
        })?;
        let order_ids: BTreeSet<i64> = orders.iter().map(|row| row.id).collect();
        let lines = rows(folder, "SalesOrderDetail.csv", |row| {
            let order = row.number("SalesOrderID")?;
            if !order_ids.contains(&order) {
                let what = format!("`{order}` is not in SalesOrderHeader.csv");
                return Err(row.error("SalesOrderID", &what));
            }
            Ok(Line {
                row: row.line(),
                order,
                id: row.number("SalesOrderDetailID")?,
                product: row.known("ProductID", |id| product_ids.contains(id), "Product.csv")?,
                quantity: row.number("OrderQty")?,
                total: row.amount("LineTotal", six)?,
            })
        })?;
        let quotas = rows(folder, "SalesPersonQuotaHistory.csv", |row| {
            Ok(Quota {
                row: row.line(),
                person: person(row, "BusinessEntityID")?,
                from: row.date("QuotaDate")?,
                amount: row.amount("SalesQuota", four)?,
            })
        })?;
        if quotas.is_empty() {
            let what = "SalesPersonQuotaHistory.csv: there is no quota after line 1";
            return Err(FileError(what.to_owned()));
        }
        Ok(Self {
            orders,
            lines,
            published: rows(folder, "SalesPerson.csv", |row| {
                Ok(Published {
                    person: row.text("BusinessEntityID")?.to_owned(),
                    commission: row.decimal("CommissionPct")?,
                    ytd: row.decimal("SalesYTD")?,
                })
            })?,
            quotas,
            ownerships: rows(folder, "SalesTerritoryHistory.csv", |row| {
                Ok(Ownership {
                    person: row.text("BusinessEntityID")?.to_owned(),
                    territory: row.text("TerritoryID")?.to_owned(),
                    from: row.date("StartDate")?,
                    to: row.some_date("EndDate")?,
                })
            })?,
            costs: dated(folder, "ProductCostHistory.csv", "StandardCost")?,
            prices: dated(folder, "ProductListPriceHistory.csv", "ListPrice")?,
            employees,
            territories,
            customers,
            products,
        })
    }
}

fn rows<T>(
    folder: &Path,
    name: &str,
    read: impl Fn(Row<'_>) -> Result<T, FileError>,
) -> Result<Vec<T>, FileError> {
    Table::read(folder, name)?.rows().map(read).collect()
}

fn lookup(
    folder: &Path,
    name: &str,
    key: &str,
    value: &str,
) -> Result<BTreeMap<String, String>, FileError> {
    let pairs = rows(folder, name, |row| {
        Ok((row.text(key)?.to_owned(), row.text(value)?.to_owned()))
    })?;
    Ok(pairs.into_iter().collect())
}

fn dated(folder: &Path, name: &str, column: &str) -> Result<Vec<Dated>, FileError> {
    rows(folder, name, |row| {
        Ok(Dated {
            product: row.text("ProductID")?.to_owned(),
            from: row.date("StartDate")?,
            to: row.some_date("EndDate")?,
            amount: row.decimal(column)?,
        })
    })
}

fn products(folder: &Path) -> Result<Vec<Product>, FileError> {
    let categories = lookup(folder, "ProductCategory.csv", "ProductCategoryID", "Name")?;
    let names = lookup(
        folder,
        "ProductSubcategory.csv",
        "ProductSubcategoryID",
        "Name",
    )?;
    let parents = lookup(
        folder,
        "ProductSubcategory.csv",
        "ProductSubcategoryID",
        "ProductCategoryID",
    )?;
    rows(folder, "Product.csv", |row| {
        let subcategory = row.some("ProductSubcategoryID")?;
        let category = subcategory.and_then(|id| categories.get(parents.get(id)?).cloned());
        Ok(Product {
            key: row.text("ProductID")?.to_owned(),
            subcategory: subcategory.and_then(|id| names.get(id).cloned()),
            category,
        })
    })
}
