//! A real company: quotas beside orders, sales by territory, category and settlement, customers won and lost, the pace of
//! the last quota period with its exceptions, and a cascade of the next year's target.
//!
//! `cargo run --release --example adventureworks -- DIR [--json FILE]` reads the tables in `DIR`.

#[path = "../shared/arguments.rs"]
mod arguments;
mod company;
mod data;
#[path = "../shared/file.rs"]
mod file;
#[path = "../shared/fold.rs"]
mod fold;
#[path = "../shared/json.rs"]
mod json;
mod outlook;
mod quota;
mod report;
mod sales;
mod salesperson;
mod show;
#[path = "../shared/table.rs"]
mod table;

use std::process::ExitCode;

fn main() -> ExitCode {
    arguments::finish(run())
}

fn run() -> Result<(), quotaflow::Error> {
    let (folder, target) = arguments::path_and_json("adventureworks")?;
    let data = data::Data::read(&folder)?;
    let company = company::build(&data)?;
    let document = report::json(&data, &company)?;
    show::tables(&data, &document);
    outlook::last_quota_period(&data, &company)?;
    outlook::next_year(&company)?;
    arguments::write_json(target, &document)
}
