//! What an event log says: cases, activities, who follows whom after how long, rework, hand-overs, variants.
//!
//! `cargo run --release --example process_log -- FILE.csv [--lifecycle NAME] [--json FILE]`
//!
//! The file has the columns `case_id`, `activity`, `timestamp` (with its offset) and, where there are any, `resource` and
//! `lifecycle`; others are ignored. With `--lifecycle` only the rows of that name count.

use std::process::ExitCode;

use quotaflow::process::LogStatistics;
use quotaflow::quantity::{Quantile, Ratio, Rounding, Sample};

#[path = "../shared/file.rs"]
mod file;
mod report;
#[path = "../shared/table.rs"]
mod table;

fn main() -> ExitCode {
    match run(std::env::args().skip(1)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn run(mut arguments: impl Iterator<Item = String>) -> Result<(), String> {
    let usage = "usage: process_log FILE.csv [--lifecycle NAME] [--json FILE]";
    let (mut file, mut lifecycle, mut json) = (None, None, None);
    while let Some(argument) = arguments.next() {
        let mut value = || {
            arguments
                .next()
                .ok_or_else(|| format!("{argument} needs a value; {usage}"))
        };
        match argument.as_str() {
            "--lifecycle" => lifecycle = Some(value()?),
            "--json" => json = Some(value()?),
            _ if argument.starts_with("--") => {
                return Err(format!("unknown option {argument}; {usage}"));
            }
            _ if file.is_none() => file = Some(argument),
            _ => return Err(usage.to_owned()),
        }
    }
    let file = file.ok_or(usage)?;
    let content = std::fs::read(&file).map_err(|error| format!("{file}: {error}"))?;
    let log =
        report::read(&file, &content, lifecycle.as_deref()).map_err(|error| error.to_string())?;
    let statistics = log.statistics();
    print(&statistics);
    if let Some(path) = json {
        let text = serde_json::to_string_pretty(&report::document(&statistics))
            .map_err(|error| error.to_string())?;
        std::fs::write(&path, text + "\n").map_err(|error| format!("{path}: {error}"))?;
    }
    Ok(())
}

fn print(statistics: &LogStatistics) {
    println!(
        "{} events, {} cases, {} activities, {} variants; {} cases with rework",
        statistics.events,
        statistics.cases,
        statistics.activities.len(),
        statistics.variants.len(),
        statistics.cases_with_any_repeat
    );
    println!("throughput: {}", hours(&statistics.throughput));
    let rows: Vec<Vec<String>> = statistics
        .activities
        .iter()
        .map(|(name, found)| {
            let counts = [
                found.events,
                found.cases,
                found.start,
                found.end,
                found.cases_with_repeat,
            ];
            std::iter::once(name.clone())
                .chain(counts.map(|count| count.to_string()))
                .collect()
        })
        .collect();
    table::print(
        "Activities",
        &[
            "activity",
            "events",
            "cases",
            "first",
            "last",
            "cases with rework",
        ],
        &rows,
    );
    let mut slowest: Vec<_> = statistics.directly_follows.iter().collect();
    slowest.sort_by_key(|pair| std::cmp::Reverse(pair.waiting.sum()));
    let rows: Vec<Vec<String>> = slowest
        .into_iter()
        .take(10)
        .map(|pair| {
            vec![
                format!("{} > {}", pair.from, pair.to),
                pair.waiting.len().to_string(),
                hours(&pair.waiting),
            ]
        })
        .collect();
    table::print("Where the time goes", &["step", "times", "waiting"], &rows);
    let handovers = statistics.handovers.iter().take(10);
    let rows: Vec<Vec<String>> = handovers
        .map(|pair| {
            vec![
                format!("{} > {}", pair.from, pair.to),
                pair.count.to_string(),
            ]
        })
        .collect();
    table::print("Hand-overs", &["between", "times"], &rows);
}

fn hours(sample: &Sample) -> String {
    let hour = Ratio::from(3_600_000_000);
    let shown = |micros: Option<Ratio>| {
        let hours = micros.and_then(|micros| micros.checked_div(hour).ok());
        let hours = hours.and_then(|hours| hours.to_decimal(1, Rounding::default()).ok());
        hours.map_or_else(|| "-".to_owned(), |hours| hours.to_string())
    };
    format!(
        "mean {} h, median {} h",
        shown(sample.mean()),
        shown(sample.median(Quantile::Interpolated))
    )
}
