//! The written form of period sets, calendars, working time, windows and cadences.

use quotaflow::calendar::{
    Cadence, Calendar, DayRange, Grain, PeriodSet, TrailingEnd, Window, WorkingDays, WorkingHours,
    YearComparison,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// Reads a document and compares what is written with `expected`.
fn pinned<T: Serialize + DeserializeOwned>(document: Value, expected: &Value) {
    let value: T = serde_json::from_value(document).unwrap();
    assert_eq!(&serde_json::to_value(&value).unwrap(), expected);
}

fn same<T: Serialize + DeserializeOwned>(document: &Value) {
    pinned::<T>(document.clone(), document);
}

fn refused<T: DeserializeOwned>(document: Value, part: &str) {
    let error = serde_json::from_value::<T>(document)
        .err()
        .expect("the document is broken")
        .to_string();
    assert!(error.contains(part), "{error}");
}

#[test]
fn a_period_set_is_its_periods() {
    same::<PeriodSet>(&json!({
        "key": "quota",
        "periods": [
            {"label": "2011-05-31", "start": "2011-05-31", "end": "2011-08-31"},
            {"label": "2011-10-01", "start": "2011-10-01", "end": "2011-12-31"},
        ],
    }));
    refused::<PeriodSet>(
        json!({"key": "quota", "periods": [
            {"label": "a", "start": "2026-01-01", "end": "2026-02-01"},
            {"label": "b", "start": "2026-01-31", "end": "2026-03-01"},
        ]}),
        "period `b` starts on 2026-01-31, before the end of period `a` on 2026-02-01",
    );
    refused::<PeriodSet>(
        json!({"key": "quota", "periods": [], "kind": "month"}),
        "unknown field `kind`",
    );
    refused::<PeriodSet>(
        json!({"key": "quota", "periods": [{"label": "a", "start": "2026-02-29", "end": "2026-03-01"}]}),
        "input is out of range",
    );
}

#[test]
fn a_range_of_days_names_both_ends() {
    same::<DayRange>(&json!({"start": "2026-01-01", "end": "2026-01-01"}));
    refused::<DayRange>(
        json!({"start": "2026-01-02", "end": "2026-01-01"}),
        "the range starts on 2026-01-02 but ends before that, on 2026-01-01",
    );
}

#[test]
fn calendars_say_how_years_and_weeks_run() {
    assert_eq!(
        serde_json::to_value(Calendar::gregorian()).unwrap(),
        json!({
            "version": 1,
            "key": "gregorian",
            "year": {"kind": "months", "start_month": 1, "start_day": 1, "numbered_by": "start"},
        })
    );
    same::<Calendar>(&json!({
        "version": 1,
        "key": "retail",
        "year": {
            "kind": "retail", "pattern": "4-5-4", "week_start": "Sun", "end_month": 1,
            "end_rule": "nearest", "numbered_by": "start", "long_month": 12,
        },
    }));
    // What may be left out.
    let weeks = json!({"kind": "majority", "first_day": "Sun"});
    pinned::<Calendar>(
        json!({"key": "fiscal", "weeks": weeks, "year": {"kind": "months", "start_month": 7, "numbered_by": "end"}}),
        &json!({
            "version": 1,
            "key": "fiscal",
            "year": {"kind": "months", "start_month": 7, "start_day": 1, "numbered_by": "end"},
            "weeks": weeks,
        }),
    );
    refused::<Calendar>(
        json!({"key": "c", "year": {"kind": "months", "start_month": 0, "numbered_by": "end"}}),
        "the first month of calendar `c` is 0",
    );
    refused::<Calendar>(
        json!({"version": 2, "key": "c", "year": {"kind": "months", "start_month": 1, "numbered_by": "end"}}),
        "version 2",
    );
}

#[test]
fn grains_windows_and_comparisons_are_words() {
    assert_eq!(
        serde_json::to_value(Grain::ALL).unwrap(),
        json!(["day", "week", "month", "quarter", "half", "year"])
    );
    same::<Window>(&json!({"kind": "whole", "grain": "quarter", "back": 1}));
    same::<Window>(&json!({"kind": "to_date", "grain": "year"}));
    same::<Window>(
        &json!({"kind": "trailing", "count": 3, "grain": "month", "ends": "last_complete"}),
    );
    same::<Window>(&json!({"kind": "between", "start": "2026-01-01", "end": "2026-03-01"}));
    same::<Window>(&json!({"kind": "up_to"}));
    refused::<Window>(
        json!({"kind": "trailing", "count": 0, "grain": "day"}),
        "nonzero",
    );
    refused::<Window>(
        json!({"kind": "to_date", "grain": "year", "back": 1}),
        "unknown field",
    );
    let window = json!({"kind": "trailing", "count": 90, "grain": "day"});
    assert_eq!(
        serde_json::from_value::<Window>(window).unwrap(),
        Window::Trailing {
            count: 90.try_into().unwrap(),
            grain: Grain::Day,
            ends: TrailingEnd::AsOf
        }
    );
    same::<YearComparison>(&json!({"leap_day": "february28", "long_year": "keep_season"}));
    pinned::<YearComparison>(
        json!({}),
        &json!({"leap_day": "unmatched", "long_year": "drop_first_week"}),
    );
}

#[test]
fn working_days_are_a_week_and_its_exceptions() {
    pinned::<WorkingDays>(
        json!({
            "key": "office",
            "week": [1, 1, 1, 1, 1, "0.50", 0],
            "exceptions": [
                {"date": "2026-10-10", "weight": 1},
                {"date": "2026-10-01", "weight": "0", "reason": "National Day"},
            ],
        }),
        &json!({
            "version": 1,
            "key": "office",
            "week": ["1", "1", "1", "1", "1", "0.5", "0"],
            "exceptions": [
                {"date": "2026-10-01", "weight": "0", "reason": "National Day"},
                {"date": "2026-10-10", "weight": "1"},
            ],
        }),
    );
    refused::<WorkingDays>(
        json!({"key": "office", "week": [1, 1, 1, 1, 1, 0.5, 0]}),
        "exact number",
    );
    refused::<WorkingDays>(
        json!({"key": "office", "week": [1, 1, 1, 1, 1, 0, "-1"]}),
        "Sunday counts -1 in `office`",
    );
}

#[test]
fn working_hours_are_shifts() {
    same::<WorkingHours>(&json!({
        "version": 1,
        "key": "office",
        "week": [
            ["09:00-12:00", "13:00-18:00"], ["09:00-12:00"], [], ["00:00-24:00"],
            ["08:30:30-09:00"], [], [],
        ],
        "exceptions": [{"date": "2026-05-01", "shifts": [], "reason": "Labour Day"}],
    }));
    refused::<WorkingHours>(
        json!({"key": "office", "week": [["9-12"], [], [], [], [], [], []]}),
        "`9` is not a time of day",
    );
    refused::<WorkingHours>(
        json!({"key": "office", "week": [[], ["09:00-12:00", "11:00-13:00"], [], [], [], [], []]}),
        "shift 11:00-13:00 on Tuesday in `office` starts before 09:00-12:00 has ended",
    );
}

#[test]
fn cadences_name_their_rhythm() {
    same::<Cadence>(&json!({
        "anchor": "2026-01-01",
        "rhythm": {"kind": "weekly", "every": 1, "days": ["Mon", "Wed", "Fri"]},
        "roll": "skip",
    }));
    pinned::<Cadence>(
        json!({
            "anchor": "2026-01-31",
            "rhythm": {"kind": "monthly", "every": 1, "on": {"kind": "working_day_from_end", "nth": 1}},
        }),
        &json!({
            "anchor": "2026-01-31",
            "rhythm": {"kind": "monthly", "every": 1, "on": {"kind": "working_day_from_end", "nth": 1}},
            "roll": "keep",
        }),
    );
    refused::<Cadence>(
        json!({"anchor": "2026-01-01", "rhythm": {"kind": "weekly", "every": 1, "days": []}}),
        "at least one day of the week",
    );
}
