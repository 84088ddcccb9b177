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
    let content =
        std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    report::read(name, &content, lifecycle)
        .unwrap()
        .statistics()
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

fn read(text: &str, lifecycle: Option<&str>) -> Result<Value, String> {
    report::read("log.csv", text.as_bytes(), lifecycle)
        .map(|log| report::document(&log.statistics()))
        .map_err(|error| error.to_string())
}

#[test]
fn a_log_without_rows_is_an_answer() {
    let found = read("case_id,activity,timestamp,lifecycle\n", Some("complete")).unwrap();
    assert_eq!(
        (&found["events"], &found["cases"], &found["variants"]),
        (&json!(0), &json!(0), &json!(0))
    );
    let nothing = [
        &found["first_event_utc"],
        &found["rework_rate"],
        &found["throughput"]["mean"],
    ];
    assert!(nothing.iter().all(|value| value.is_null()));
    assert_eq!(found["directly_follows"], json!([]));
}

#[test]
fn a_case_of_one_event_lasts_no_time() {
    let found = read(
        "case_id,activity,timestamp\n1,a,2026-03-02T09:00:00+01:00\n",
        None,
    )
    .unwrap();
    assert_eq!(found["throughput_per_case"], json!({"1": "0.000000"}));
    assert_eq!(
        found["activity"]["a"],
        json!({"cases": 1, "cases_with_repeat": 0, "direct_repeats": 0, "end": 1, "events": 1,
            "repeated_events": 0, "start": 1})
    );
    assert_eq!(found["events_without_resource"], json!(1));
    assert_eq!(found["first_event_utc"], "2026-03-02T08:00:00+00:00");
}

#[test]
fn equal_instants_keep_the_order_of_the_file_and_others_come_by_instant() {
    // Half past nine at +02:00 is half past eight at +01:00, before nine.
    let text = "case_id,activity,timestamp,resource\n1,b,2026-03-02T09:00:00+01:00,x\n1,a,2026-03-02T09:00:00+01:00,y\n\
                1,c,2026-03-02T09:30:00+02:00,x\n";
    let found = read(text, None).unwrap();
    assert_eq!(
        found["top_variants"],
        json!([{"activities": ["c", "b", "a"], "count": 1}])
    );
    assert_eq!(found["handovers"]["total"], json!(1));
}

#[test]
fn only_the_rows_of_a_lifecycle_count() {
    let text = "\u{feff}case_id,activity,timestamp,lifecycle,note\r\n1,a,never,start,x\r\n1,a,2026-03-02T09:00:00Z,complete,y\r\n\
                2,b,2026-03-02 10:00:00.250+0100,COMPLETE,\r\n";
    let found = read(text, Some("Complete")).unwrap();
    assert_eq!((&found["events"], &found["cases"]), (&json!(2), &json!(2)));
    assert!(read(text, None).unwrap_err().contains("line 2"));
}

#[test]
fn what_is_wrong_is_told_with_its_line() {
    let head = "case_id,activity,timestamp\n1,a,2026-03-02T09:00:00Z\n";
    let cases = [
        (
            "no offset",
            format!("{head}1,b,2026-03-02T09:00:00\n"),
            "log.csv line 3, column timestamp: `2026-03-02T09:00:00` is not an instant with an offset",
        ),
        (
            "no day",
            format!("{head}\n\n1,b,2026-02-30T09:00:00Z\n"),
            "log.csv line 5, column timestamp: `2026-02-30T09:00:00Z` is not an instant with an offset",
        ),
        (
            "ends of lines as Windows writes them",
            format!("{head}1,,2026-03-02T09:00:00Z\n").replace('\n', "\r\n"),
            "log.csv line 3, column activity: an event has an empty activity",
        ),
        (
            "no case, after a cell of two lines",
            format!("{head}1,\"b\nc\",2026-03-02T09:00:00Z\n,a,2026-03-02T09:00:00Z\n"),
            "log.csv line 5, column case_id: an event has an empty case",
        ),
        (
            "finer than a microsecond",
            format!("{head}1,b,2026-03-02T09:00:00.0000001Z\n"),
            "log.csv line 3, column timestamp: 2026-03-02 09:00:00.000000100 +00:00 is finer than a microsecond",
        ),
        (
            "no such column",
            head.replace("timestamp", "time"),
            "log.csv line 1: there is no column `timestamp`",
        ),
        (
            "nothing at all",
            String::new(),
            "log.csv line 1: there is no column `case_id`",
        ),
    ];
    for (name, text, wanted) in cases {
        assert_eq!(read(&text, None).unwrap_err(), wanted, "{name}");
    }
    let short = read(&format!("{head}1,b\n"), None).unwrap_err();
    assert_eq!(short, "log.csv line 3: 2 cells for 3 columns");
    let no_kind = read(head, Some("complete")).unwrap_err();
    assert_eq!(no_kind, "log.csv line 1: there is no column `lifecycle`");
}
