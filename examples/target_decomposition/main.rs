//! Next year's target split by what was sold this year: by territory, channel, category, settlement method, person and
//! customer, by month and week, and in cascades whose every sum holds to the cent.
//!
//! `cargo run --release --example target_decomposition -- DIR [--json FILE]` reads the tables of the real company in `DIR`.

#[path = "../shared/arguments.rs"]
mod arguments;
#[allow(
    dead_code,
    reason = "the other example on this company uses the rest of it"
)]
#[path = "../adventureworks/company.rs"]
mod company;
#[allow(
    dead_code,
    reason = "the other example on this company uses the rest of it"
)]
#[path = "../adventureworks/data.rs"]
mod data;
mod decomposition;
#[path = "../shared/file.rs"]
mod file;
#[path = "../shared/fold.rs"]
mod fold;
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
    let (folder, target) = arguments::path_and_json("target_decomposition")?;
    let data = data::Data::read(&folder)?;
    let company = company::build(&data)?;
    let document = decomposition::document(&company)?;
    show::tables(&document);
    arguments::write_json(target, &document)
}
