//! Event logs of real processes.

use std::collections::BTreeMap;
use std::path::Path;

use quotaflow::process::{Deadlines, LogStatistics};
use serde_json::{Value, json};

use crate::expected::{assert_covers, data, expected};

#[path = "../../examples/process_log/report.rs"]
mod report;

fn statistics(folder: &Path, name: &str, lifecycle: Option<&str>) -> LogStatistics {
    let path = folder.join("event-logs").join(name);
    let file =
        std::fs::File::open(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    report::read(file, lifecycle).unwrap().statistics()
}

#[test]
fn the_running_example_to_the_last_digit() {
    let Some(folder) = data() else { return };
    let found = report::document(&statistics(&folder, "running_example.csv", None));
    let wanted = expected(&folder, "log_running_example.json");
    assert_covers(&found, &wanted);
    // The whole document, not a part of it.
    assert_eq!(found, wanted);
}

#[test]
fn the_receipt_phase_to_the_last_digit() {
    let Some(folder) = data() else { return };
    let wanted = expected(&folder, "log_receipt.part.json");
    for lifecycle in [None, Some("COMPLETE")] {
        let found = report::document(&statistics(&folder, "receipt.csv", lifecycle));
        assert_covers(&found, &wanted);
    }
}

#[test]
fn fines_fall_on_their_local_day_and_the_day_before_in_universal_time() {
    let Some(folder) = data() else { return };
    let found = statistics(&folder, "roadtraffic100.csv", Some("complete"));
    assert_eq!(
        (found.events, found.cases, found.events_without_resource),
        (390, 100, 290)
    );
    assert_eq!(found.events_per_local_day.values().sum::<usize>(), 390);
    assert_ne!(found.events_per_local_month, found.events_per_utc_month);
    let none = statistics(&folder, "roadtraffic100.csv", Some("start"));
    assert_eq!(report::document(&none)["throughput"]["sum"], Value::Null);
}

#[test]
fn deadlines_of_the_receipt_phase_to_the_last_digit() {
    let Some(folder) = data() else { return };
    let path = folder.join("event-logs").join("receipt_cases.csv");
    let mut reader = csv::Reader::from_path(path).unwrap();
    let mut all = Deadlines::default();
    let mut channels: BTreeMap<String, Deadlines> = BTreeMap::new();
    for row in reader.deserialize::<BTreeMap<String, String>>() {
        let row = row.unwrap();
        let at = |column: &str| report::instant(&row[column]);
        for deadlines in [
            &mut all,
            channels.entry(row["channel"].clone()).or_default(),
        ] {
            match at("end_date") {
                Some(end) => deadlines.closed(end, at("deadline").unwrap()).unwrap(),
                None => deadlines.open(),
            }
        }
    }
    let by_channel: BTreeMap<&String, Value> = channels
        .iter()
        .map(|(channel, found)| {
            let value = json!({"cases": found.cases(), "closed": found.closed_cases(), "late": found.late()});
            (channel, value)
        })
        .collect();
    let found = json!({
        "by_channel": by_channel,
        "cases": all.cases(),
        "closed": all.closed_cases(),
        "closed_in_time": all.in_time(),
        "closed_late": all.late(),
        "in_time_rate_of_closed": report::decimal(all.in_time_rate(), 10),
        "lateness": report::seconds(&all.lateness()),
        "open": all.open_cases(),
    });
    assert_eq!(found, expected(&folder, "log_receipt_sla.json"));
}
