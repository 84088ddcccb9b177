//! Written forms of duty.

use quotaflow::duty::{
    ActivityQuota, Chain, DoneItem, Duty, DutyCounts, Intervention, InterventionFields, MatchRule,
    PlannedItem, Quota, Route, RouteVisit, Submission,
};

/// Reads a document, writes it again, and compares the bytes.
fn pinned<T: serde::Serialize + serde::de::DeserializeOwned>(text: &str) {
    let read: T = serde_json::from_str(text).unwrap();
    assert_eq!(serde_json::to_string(&read).unwrap(), text);
}

#[test]
fn duties_and_what_is_handed_in() {
    let text = concat!(
        r#"{"version":1,"key":"daily report","who":["ann","bo"],"cadence":CADENCE,"#,
        r#""grace":{"working_days":1},"evidence":"report","reviewer":"cy","priority":3}"#
    );
    let cadence = quotaflow::calendar::Cadence::new(
        "2026-01-01".parse().unwrap(),
        quotaflow::calendar::Rhythm::WorkingDays {
            every: 1.try_into().unwrap(),
        },
        quotaflow::calendar::Roll::Keep,
    );
    let cadence = serde_json::to_string(&cadence.unwrap()).unwrap();
    pinned::<Duty>(&text.replace("CADENCE", &cadence));
    let talks = text
        .replace("CADENCE", &format!(r#"{cadence},"times":3"#))
        .replace(r#""bo"],"#, r#""bo"],"with":["di"],"#);
    pinned::<Duty>(&talks);
    pinned::<Submission>(r#"{"day":"2026-03-02","person":"ann","id":"r1","for_day":"2026-02-27"}"#);
    pinned::<Submission>(r#"{"day":"2026-03-02","person":"ann","id":"r2","with":"di"}"#);
}

#[test]
fn plans_and_records() {
    pinned::<PlannedItem>(
        r#"{"id":"p1","person":"ann","kind":"visit","customer":"c1","place":"shop","day":"2026-03-02","minutes":30}"#,
    );
    pinned::<DoneItem>(
        r#"{"id":"d2","person":"ann","kind":"visit","day":"2026-03-02","minutes":30,"outcome":"order"}"#,
    );
    pinned::<DoneItem>(r#"{"id":"d1","person":"ann","kind":"call","day":"2026-03-02"}"#);
    pinned::<MatchRule>(concat!(
        r#"{"early_days":1,"late_days":3,"early":10,"late":10,"other_customer":null,"other_place":30,"too_short":30,"#,
        r#""missed":100,"unplanned":20}"#
    ));
    let default: MatchRule = serde_json::from_str("{}").unwrap();
    assert_eq!(default, MatchRule::default());
}

#[test]
fn quotas_chains_and_routes() {
    pinned::<Quota>(
        r#"{"counts":"contacts","floor":20,"of_which":[{"counts":"cooperations","floor":2,"stretch":4}]}"#,
    );
    pinned::<ActivityQuota>(concat!(
        r#"{"version":1,"key":"new","who":["ann"],"reviewer":"cy","each":"customer","quota":{"counts":"contacted","#,
        r#""kinds":["call","visit"],"before":"never_contacted","floor":20,"of_which":[{"counts":"cooperation","#,
        r#""outcomes":["cooperates"],"floor":2,"stretch":4}]}}"#
    ));
    pinned::<ActivityQuota>(concat!(
        r#"{"version":1,"key":"again","who":["ann"],"each":"record","quota":{"counts":"uninterested","#,
        r#""before":{"last_outcome":["refused"]},"floor":5}}"#
    ));
    pinned::<Chain>(
        r#"[{"activity":"orders","brings":"4000"},{"activity":"visits","brings":"1/3"}]"#,
    );
    pinned::<RouteVisit>(r#"{"week":2,"weekday":"Tue","customer":"x"}"#);
    pinned::<Route>(concat!(
        r#"{"person":"ann","anchor":"2026-03-02","weeks":4,"frequency":{"A":4},"per_day":6,"#,
        r#""stops":[{"customer":"c1","class":"A","weekday":"Tue"},{"customer":"c2","class":"A"}]}"#
    ));
}

#[test]
fn leaders_who_step_in() {
    pinned::<InterventionFields>(
        r#"{"record":"step in","duty":"duty","person":"person","due":"due","leader":"leader","reason":"what for"}"#,
    );
    pinned::<Intervention>(concat!(
        r#"{"duty":"weekly talk","person":"ann","with":"di","due":"2026-03-06","leader":"cy","day":"2026-03-05","#,
        r#""reason":"reminded"}"#
    ));
    pinned::<Intervention>(
        r#"{"duty":"report","person":"ann","due":"2026-03-06","leader":"cy","day":"2026-03-09","reason":"did it"}"#,
    );
    let error = serde_json::from_str::<Intervention>(r#"{"duty":"report","person":"ann"}"#);
    assert!(error.unwrap_err().to_string().contains("due"));
}

#[test]
fn counts_of_obligations_say_what_is_excused_where_something_is() {
    let text = r#"{"on_time":3,"late":1,"missing":2,"not_yet_due":0,"days_late":4}"#;
    pinned::<DutyCounts>(text);
    pinned::<DutyCounts>(&text.replace(r#""days_late""#, r#""excused":1,"days_late""#));
}
