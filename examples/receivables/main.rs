//! What customers owe: how late they pay, what is open and how old it is at the end of a quarter, days sales outstanding
//! in three ways, how well was collected in between.
//!
//! `cargo run --release --example receivables -- DIR [--json FILE]` reads `invoices.csv` in `DIR`.

#[path = "../shared/arguments.rs"]
mod arguments;
mod figures;
#[path = "../shared/file.rs"]
mod file;
#[path = "../shared/fold.rs"]
mod fold;
mod invoices;
#[path = "../shared/json.rs"]
mod json;
mod show;
#[path = "../shared/table.rs"]
mod table;

use std::process::ExitCode;

fn main() -> ExitCode {
    arguments::finish(run())
}

fn run() -> Result<(), quotaflow::Error> {
    let (folder, target) = arguments::path_and_json("receivables")?;
    let document = figures::document(&invoices::Invoices::read(&folder)?)?;
    show::tables(&document);
    arguments::write_json(target, &document)
}
