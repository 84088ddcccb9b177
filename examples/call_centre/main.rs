//! A call centre by shift, kind of day and week: calls, answers by machine, orders and issues, and how busy its people are.
//!
//! `cargo run --release --example call_centre -- DIR` reads `FactCallCenter.csv` in `DIR` and prints tables.

#[path = "../shared/arguments.rs"]
mod arguments;
#[path = "../shared/file.rs"]
mod file;
#[path = "../shared/fold.rs"]
mod fold;
#[path = "../shared/json.rs"]
mod json;
mod shifts;
#[path = "../shared/table.rs"]
mod table;

use std::process::ExitCode;

use quotaflow::panel::Panel;

use json::{Cell, cells};
use shifts::Shifts;
use table::{print, shown};

fn main() -> ExitCode {
    arguments::finish(run())
}

fn run() -> Result<(), quotaflow::Error> {
    let (folder, None) = arguments::path_and_json("call_centre")? else {
        return Err("call_centre prints tables and writes no JSON".into());
    };
    let shifts = Shifts::read(&folder)?;
    let whole = shifts.whole()?;
    for (_, _, cell) in cells(&whole) {
        println!(
            "{} shifts from {} to {}; in {} of them the two levels of operators do not make the total",
            figure(cell, "shifts", 0),
            shifts.first_day(),
            shifts.last_day(),
            figure(cell, "other_total", 0),
        );
    }
    let all = |title: &str, panel: &Panel, label: fn(String, String) -> String| {
        let rows = cells(panel).map(|(subject, period, cell)| (label(subject, period), cell));
        let whole = cells(&whole).map(|(_, _, cell)| ("all".to_owned(), cell));
        let rows: Vec<_> = rows.chain(whole).collect();
        volume(title, &rows);
        service(title, &rows);
    };
    all("Shifts", &shifts.by(&["shift"])?, |subject, _| subject);
    all("Days", &shifts.by(&["day"])?, |subject, _| subject);
    all(
        "Shifts and days",
        &shifts.by(&["shift", "day"])?,
        |subject, _| subject,
    );
    all("Weeks", &shifts.by_week()?, |_, period| period);
    Ok(())
}

fn figure(cell: Cell<'_>, name: &str, places: u8) -> String {
    shown(&cell.decimal(name, places), places.into())
}

fn volume(title: &str, rows: &[(String, Cell<'_>)]) {
    let line = |(label, cell): &(String, Cell<'_>)| {
        let counts = [
            "shifts",
            "calls",
            "calls_least",
            "calls_median",
            "calls_most",
        ];
        std::iter::once(label.clone())
            .chain(counts.map(|name| figure(*cell, name, 0)))
            .chain(
                ["operators", "automatic", "orders", "issues"].map(|name| figure(*cell, name, 0)),
            )
            .collect()
    };
    let head = [
        "",
        "shifts",
        "calls",
        "least",
        "median",
        "most",
        "operators",
        "by machine",
        "orders",
        "issues",
    ];
    let rows: Vec<Vec<String>> = rows.iter().map(line).collect();
    print(&format!("{title}: how much"), &head, &rows);
}

fn service(title: &str, rows: &[(String, Cell<'_>)]) {
    let line = |(label, cell): &(String, Cell<'_>)| {
        let ratios = [
            ("calls_per_operator", 1),
            ("automatic_share", 3),
            ("orders_per_100_calls", 1),
            ("issues_per_100_calls", 2),
            ("seconds_per_issue", 1),
            ("service_grade", 4),
        ];
        std::iter::once(label.clone())
            .chain(ratios.map(|(name, places)| figure(*cell, name, places)))
            .collect()
    };
    let head = [
        "",
        "calls an operator",
        "by machine",
        "orders/100 calls",
        "issues/100 calls",
        "seconds an issue",
        "service grade",
    ];
    let rows: Vec<Vec<String>> = rows.iter().map(line).collect();
    print(&format!("{title}: how well"), &head, &rows);
}
