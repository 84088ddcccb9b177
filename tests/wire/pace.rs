//! Written forms of pace.

use quotaflow::pace::{ErrorHistory, Forecast, Pace};

/// Reads a document, writes it again, and compares the bytes.
fn pinned<T: serde::Serialize + serde::de::DeserializeOwned>(text: &str) {
    let read: T = serde_json::from_str(text).unwrap();
    assert_eq!(serde_json::to_string(&read).unwrap(), text);
}

#[test]
fn a_pace_by_working_days() {
    pinned::<Pace>(concat!(
        r#"{"version":1,"metric":"sales","pacing":{"even":{"working":{"version":1,"key":"office","#,
        r#""week":["1","1","1","1","1","0","0"]}}},"approach":"accumulates","today":"passed","#,
        r#""rounding":"half_away_from_zero","projection":"run_rate","best":"closed_periods"}"#
    ));
}

#[test]
fn a_pace_by_season() {
    pinned::<Pace>(concat!(
        r#"{"version":1,"metric":"sales","pacing":{"season":{"steps":{"key":"halves","periods":["#,
        r#"{"label":"h1","start":"2026-01-01","end":"2026-07-01"},{"label":"h2","start":"2026-07-01","end":"2027-01-01"}]},"#,
        r#""weights":["2","3"],"within":"calendar"}},"approach":"glides","today":"ahead","#,
        r#""rounding":"floor","projection":{"recent":{"latest":"sales last 7 days","days":7}},"best":{"per_day":"1/3"}}"#
    ));
}

#[test]
fn forecasts_and_errors() {
    pinned::<Forecast>(
        r#"{"person":"ann","period":"2026-03","made":"2026-02-10","commit":80,"best_case":100,"pipeline":150}"#,
    );
    pinned::<ErrorHistory>(r#"[{"projected":100,"actual":90},{"projected":0,"actual":5}]"#);
}

#[test]
fn unknown_fields_and_versions_are_refused() {
    for text in [
        r#"{"metric":"sales","colour":"red"}"#,
        r#"{"version":2,"metric":"sales"}"#,
        r#"{"metric":"sales","pacing":{"phasing":{"points":[[0.5,"0.5"]]}}}"#,
    ] {
        assert!(serde_json::from_str::<Pace>(text).is_err(), "{text}");
    }
}
