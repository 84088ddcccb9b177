//! The files of the real company, read into rows.

use std::collections::BTreeMap;
use std::path::Path;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::file::{FileError, Table};

/// One order.
pub struct Order {
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
        let cards = lookup(folder, "CreditCard.csv", "CreditCardID", "CardType")?;
        Ok(Self {
            orders: rows(folder, "SalesOrderHeader.csv", |row| {
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
                    id: row.number("SalesOrderID")?,
                    on: row.date("OrderDate")?,
                    due: row.date("DueDate")?,
                    shipped: row.date("ShipDate")?,
                    customer: row.text("CustomerID")?.to_owned(),
                    person: row.some("SalesPersonID")?.map(str::to_owned),
                    territory: row.text("TerritoryID")?.to_owned(),
                    card,
                    sub_total: row.decimal("SubTotal")?,
                    tax: row.decimal("TaxAmt")?,
                    freight: row.decimal("Freight")?,
                    total_due: row.decimal("TotalDue")?,
                })
            })?,
            lines: rows(folder, "SalesOrderDetail.csv", |row| {
                Ok(Line {
                    order: row.number("SalesOrderID")?,
                    id: row.number("SalesOrderDetailID")?,
                    product: row.text("ProductID")?.to_owned(),
                    quantity: row.number("OrderQty")?,
                    total: row.decimal("LineTotal")?,
                })
            })?,
            employees: rows(folder, "SalesEmployee.csv", |row| {
                Ok(Employee {
                    key: row.text("BusinessEntityID")?.to_owned(),
                    name: format!("{} {}", row.text("FirstName")?, row.text("LastName")?),
                    title: row.text("JobTitle")?.to_owned(),
                    node: row.text("OrganizationNode")?.to_owned(),
                })
            })?,
            published: rows(folder, "SalesPerson.csv", |row| {
                Ok(Published {
                    person: row.text("BusinessEntityID")?.to_owned(),
                    commission: row.decimal("CommissionPct")?,
                    ytd: row.decimal("SalesYTD")?,
                })
            })?,
            quotas: rows(folder, "SalesPersonQuotaHistory.csv", |row| {
                Ok(Quota {
                    person: row.text("BusinessEntityID")?.to_owned(),
                    from: row.date("QuotaDate")?,
                    amount: row.decimal("SalesQuota")?,
                })
            })?,
            territories: rows(folder, "SalesTerritory.csv", |row| {
                Ok(Territory {
                    key: row.text("TerritoryID")?.to_owned(),
                    name: row.text("Name")?.to_owned(),
                    country: row.text("CountryRegionCode")?.to_owned(),
                    group: row.text("Group")?.to_owned(),
                    ytd: row.decimal("SalesYTD")?,
                })
            })?,
            ownerships: rows(folder, "SalesTerritoryHistory.csv", |row| {
                Ok(Ownership {
                    person: row.text("BusinessEntityID")?.to_owned(),
                    territory: row.text("TerritoryID")?.to_owned(),
                    from: row.date("StartDate")?,
                    to: row.some_date("EndDate")?,
                })
            })?,
            customers: rows(folder, "Customer.csv", |row| {
                Ok(row.text("CustomerID")?.to_owned())
            })?,
            products: products(folder)?,
            costs: dated(folder, "ProductCostHistory.csv", "StandardCost")?,
            prices: dated(folder, "ProductListPriceHistory.csv", "ListPrice")?,
        })
    }
}

fn rows<T>(
    folder: &Path,
    name: &str,
    read: impl Fn(crate::file::Row<'_>) -> Result<T, FileError>,
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
