//! A pipeline of opportunities: what was won, lost and is open, how long it takes and what it brings a day.
//!
//! `cargo run --release --example crm_pipeline -- DIR [--json FILE]` reads `sales_pipeline.csv`, `sales_teams.csv`,
//! `accounts.csv` and `products.csv` in `DIR`.

#[path = "../shared/arguments.rs"]
mod arguments;
#[path = "../shared/file.rs"]
mod file;
#[path = "../shared/fold.rs"]
mod fold;
#[path = "../shared/json.rs"]
mod json;
mod report;
#[path = "../shared/table.rs"]
mod table;

use std::process::ExitCode;

use serde_json::Value;

fn main() -> ExitCode {
    arguments::finish(run())
}

fn run() -> Result<(), quotaflow::Error> {
    let (folder, target) = arguments::path_and_json("crm_pipeline")?;
    let report = report::Report::read(&folder)?;
    let document = report.json()?;
    println!(
        "{} opportunities, as they stood on {}",
        document["all"]["total"], report.as_of
    );
    let levels = [
        ("Offices", "by_regional_office"),
        ("Managers", "by_manager"),
        ("Agents", "by_agent"),
        ("Products", "by_product"),
    ];
    let head = [
        "",
        "won",
        "lost",
        "open",
        "win rate",
        "won value",
        "average",
        "cycle days",
        "a day",
        "price",
    ];
    for (title, key) in levels {
        let rows = members(&document[key]).chain([("all", &document["all"])]);
        let rows: Vec<Vec<String>> = rows.map(|(name, row)| line(name, row)).collect();
        table::print(title, &head, &rows);
    }
    let rows: Vec<Vec<String>> = members(&document["by_close_month"]["company"]["company"])
        .map(|(month, row)| {
            vec![
                month.to_owned(),
                table::shown(&row["won"], 0),
                table::shown(&row["lost"], 0),
                table::shown(&row["won_value"], 0),
            ]
        })
        .collect();
    table::print("Closed by month", &["", "won", "lost", "won value"], &rows);
    let parts = ["engaged_open", "closed_to_date", "won_value_to_date"];
    let rows: Vec<Vec<String>> = members(&document["snapshots"])
        .map(|(day, row)| {
            std::iter::once(day.to_owned())
                .chain(parts.map(|part| table::shown(&row[part], 0)))
                .collect()
        })
        .collect();
    table::print(
        "How it stood at the end of each quarter",
        &["", "open", "closed to date", "won to date"],
        &rows,
    );
    arguments::write_json(target, &document)
}

fn members(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value
        .as_object()
        .into_iter()
        .flatten()
        .map(|(key, value)| (key.as_str(), value))
}

fn line(name: &str, row: &Value) -> Vec<String> {
    vec![
        name.to_owned(),
        table::shown(&row["won"], 0),
        table::shown(&row["lost"], 0),
        table::shown(&row["open"], 0),
        table::shown(&row["win_rate"], 3),
        table::shown(&row["won_value"], 0),
        table::shown(&row["average_won_value"], 2),
        table::shown(&row["cycle_days_won"]["mean"], 1),
        table::shown(&row["velocity_per_day_all_opportunities"], 2),
        table::shown(&row["price_realisation"], 3),
    ]
}
