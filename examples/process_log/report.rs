//! Reads an event log and writes what the library says of it as one document.

use chrono::{DateTime, FixedOffset, SecondsFormat, Utc, Weekday};
use quotaflow::process::{EventLog, EventLogBuilder, LogEvent, LogStatistics, ProcessError};
use quotaflow::quantity::{Quantile, Ratio, Rounding, Sample};
use serde_json::{Map, Value, json};

use crate::file::{FileError, Table};

/// How many of the most frequent variants the document holds.
const TOP_VARIANTS: usize = 5;
/// How many of the most frequent hand-overs the document holds.
const TOP_HANDOVERS: usize = 20;

/// Reads a log with the columns `case_id`, `activity`, `timestamp` and, where there are any, `resource` and `lifecycle`.
///
/// With a `lifecycle` only its rows count, written in capitals or not; what is wrong in other rows does not matter.
pub fn read(name: &str, content: &[u8], lifecycle: Option<&str>) -> Result<EventLog, FileError> {
    let table = Table::parse(name, content)?;
    let has = |column: &str| table.require(&[column]).is_ok();
    let needed = ["case_id", "activity", "timestamp"];
    let needed = needed
        .iter()
        .chain(lifecycle.is_some().then_some(&"lifecycle"));
    if let Some(column) = needed.into_iter().find(|column| !has(column)) {
        return Err(FileError(format!(
            "{name} line 1: there is no column `{column}`"
        )));
    }
    let mut log = EventLogBuilder::new();
    for row in table.rows() {
        if let Some(wanted) = lifecycle
            && !row.text("lifecycle")?.eq_ignore_ascii_case(wanted)
        {
            continue;
        }
        let text = row.text("timestamp")?;
        let what = || format!("`{text}` is not an instant with an offset");
        let at = instant(text).ok_or_else(|| row.error("timestamp", &what()))?;
        let event = LogEvent {
            case: row.text("case_id")?,
            activity: row.text("activity")?,
            at,
            resource: if has("resource") {
                row.some("resource")?
            } else {
                None
            },
        };
        log.push(event).map_err(|error| {
            let column = match error {
                ProcessError::EmptyName { what: "case" } => "case_id",
                ProcessError::EmptyName { .. } => "activity",
                _ => "timestamp",
            };
            row.error(column, &error.to_string())
        })?;
    }
    Ok(log.build())
}

/// Reads an instant with its offset: `2026-03-02T09:00:00.5+01:00`, also with a blank for the T or without seconds.
pub fn instant(text: &str) -> Option<DateTime<FixedOffset>> {
    let formats = [
        "%Y-%m-%dT%H:%M:%S%.f%z",
        "%Y-%m-%d %H:%M:%S%.f%z",
        "%Y-%m-%dT%H:%M%z",
        "%Y-%m-%d %H:%M%z",
    ];
    DateTime::parse_from_rfc3339(text).ok().or_else(|| {
        formats
            .iter()
            .find_map(|format| DateTime::parse_from_str(text, format).ok())
    })
}

/// Returns the document.
pub fn document(statistics: &LogStatistics) -> Value {
    let count = |map: &std::collections::BTreeMap<(i32, u32), usize>| -> Map<String, Value> {
        map.iter()
            .map(|((year, month), count)| (format!("{year:04}-{month:02}"), json!(count)))
            .collect()
    };
    let weekdays = [
        Weekday::Mon,
        Weekday::Tue,
        Weekday::Wed,
        Weekday::Thu,
        Weekday::Fri,
        Weekday::Sat,
        Weekday::Sun,
    ];
    let weekdays: Map<String, Value> = weekdays
        .into_iter()
        .filter(|weekday| statistics.on_weekday(*weekday) > 0)
        .map(|weekday| {
            (
                weekday.number_from_monday().to_string(),
                json!(statistics.on_weekday(weekday)),
            )
        })
        .collect();
    let activities: Map<String, Value> = statistics
        .activities
        .iter()
        .map(|(name, found)| {
            let value = json!({
                "cases": found.cases, "cases_with_repeat": found.cases_with_repeat,
                "direct_repeats": found.direct_repeats, "end": found.end, "events": found.events,
                "repeated_events": found.repeated_events, "start": found.start,
            });
            (name.clone(), value)
        })
        .collect();
    let follows: Vec<Value> = statistics
        .directly_follows
        .iter()
        .map(|pair| json!({"from": pair.from, "to": pair.to, "count": pair.waiting.len(), "waiting": seconds(&pair.waiting)}))
        .collect();
    let handovers = statistics.handovers.iter().take(TOP_HANDOVERS);
    let handovers: Vec<Value> = handovers
        .map(|pair| json!({"from": pair.from, "to": pair.to, "count": pair.count}))
        .collect();
    let resources: Map<String, Value> = statistics
        .resources
        .iter()
        .map(|(name, found)| {
            (
                name.clone(),
                json!({"cases": found.cases, "events": found.events}),
            )
        })
        .collect();
    let variants = statistics.variants.iter().take(TOP_VARIANTS);
    let variants: Vec<Value> = variants
        .map(|variant| json!({"activities": variant.activities, "count": variant.count}))
        .collect();
    let days: Map<String, Value> = statistics
        .events_per_local_day
        .iter()
        .map(|(day, count)| (day.to_string(), json!(count)))
        .collect();
    let per_case: Map<String, Value> = statistics
        .throughput_per_case
        .iter()
        .map(|(case, micros)| (case.clone(), json!(in_seconds(Some(Ratio::from(*micros))))))
        .collect();
    json!({
        "activities": statistics.activities.len(),
        "activity": activities,
        "cases": statistics.cases,
        "cases_with_any_repeat": statistics.cases_with_any_repeat,
        "directly_follows": follows,
        "events": statistics.events,
        "events_per_local_day": days,
        "events_per_local_month": count(&statistics.events_per_local_month),
        "events_per_local_weekday": weekdays,
        "events_per_utc_month": count(&statistics.events_per_utc_month),
        "events_without_resource": statistics.events_without_resource,
        "first_event_utc": statistics.span.map(|(first, _)| utc(first)),
        "handovers": {
            "distinct_pairs": statistics.handovers.len(),
            "top": handovers,
            "total": statistics.handover_total(),
        },
        "last_event_utc": statistics.span.map(|(_, last)| utc(last)),
        "resource": resources,
        "rework_rate": decimal(statistics.rework_rate(), 10),
        "throughput": seconds(&statistics.throughput),
        "throughput_per_case": per_case,
        "top_variants": variants,
        "variants": statistics.variants.len(),
    })
}

/// Returns what is said of a sample of microseconds, in seconds; nothing of an empty one.
pub fn seconds(sample: &Sample) -> Value {
    let whole = |value: Option<i64>| in_seconds(value.map(Ratio::from));
    let p90 = |method| in_seconds(sample.quantile(Ratio::percent(90), method).ok().flatten());
    let sum = Ratio::new(sample.sum(), 1)
        .ok()
        .filter(|_| !sample.is_empty());
    json!({
        "max": whole(sample.max()),
        "mean": in_seconds(sample.mean()),
        "median_nearest_rank": in_seconds(sample.median(Quantile::NearestRank)),
        "median_type7": in_seconds(sample.median(Quantile::Interpolated)),
        "min": whole(sample.min()),
        "n": sample.len(),
        "p90_nearest_rank": p90(Quantile::NearestRank),
        "p90_type7": p90(Quantile::Interpolated),
        "sum": in_seconds(sum),
    })
}

fn in_seconds(micros: Option<Ratio>) -> Option<String> {
    decimal(micros?.checked_div(Ratio::from(1_000_000)).ok(), 6)
}

/// Returns an exact value, rounded once.
pub fn decimal(value: Option<Ratio>, places: u8) -> Option<String> {
    value?
        .to_decimal(places, Rounding::HalfAwayFromZero)
        .ok()
        .map(|decimal| decimal.to_string())
}

fn utc(at: DateTime<Utc>) -> String {
    let exact = if at.timestamp_subsec_micros() == 0 {
        SecondsFormat::Secs
    } else {
        SecondsFormat::Micros
    };
    at.to_rfc3339_opts(exact, false)
}
