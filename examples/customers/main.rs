//! Customers won, kept, lost and won back by quarter, cohorts, and how often customers buy.
//!
//! `cargo run --release --example customers -- FILE.csv [--json FILE]`
//!
//! The file has the columns `customer`, `date` (such as 2026-01-31) and `amount` (at most two decimals); others are
//! ignored. One row is one purchase, also with an amount of zero. A row with a negative amount is a return: it lowers the
//! amount of its quarter and of the whole, and is nothing else. It is not a purchase, so that a customer who only brings
//! something back is not active in that quarter, is not new or won back by it, and can be lost.

#[path = "../shared/arguments.rs"]
mod arguments;
mod figures;
#[path = "../shared/file.rs"]
mod file;
#[path = "../shared/fold.rs"]
mod fold;
#[path = "../shared/json.rs"]
mod json;
mod purchases;
mod show;
#[path = "../shared/table.rs"]
mod table;

use std::process::ExitCode;

fn main() -> ExitCode {
    arguments::finish(run())
}

fn run() -> Result<(), quotaflow::Error> {
    let (path, target) = arguments::path_and_json("customers")?;
    let purchases = purchases::Purchases::read(&file::Table::open(&path)?)?;
    let document = figures::document(&purchases)?;
    show::tables(&purchases, &document);
    arguments::write_json(target, &document)
}
