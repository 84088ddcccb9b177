//! Written forms of funnel.

use quotaflow::funnel::{Funnel, Opportunity, StagePair};

/// Reads a document, writes it again, and compares the bytes.
fn pinned<T: serde::Serialize + serde::de::DeserializeOwned>(text: &str) {
    let read: T = serde_json::from_str(text).unwrap();
    assert_eq!(serde_json::to_string(&read).unwrap(), text);
}

#[test]
fn funnels_and_opportunities() {
    pinned::<Funnel>(concat!(
        r#"{"version":1,"key":"sales","stages":[{"key":"lead","kind":"open","norm_days":14,"chance":"0.1"},"#,
        r#"{"key":"offer","kind":"open"},{"key":"won","kind":"won"},{"key":"lost","kind":"lost"}],"#,
        r#""moves":[["lead","offer"],["offer","won"],["offer","lost"]]}"#
    ));
    pinned::<Opportunity>(concat!(
        r#"{"key":"o1","owner":"ann","value":100000,"closes":"2026-04-30","#,
        r#""entries":[{"day":"2026-03-02","sequence":0,"stage":"lead"}]}"#
    ));
    pinned::<StagePair>(r#"{"from":"lead","to":"offer","reached":"entered"}"#);
    let short: StagePair = serde_json::from_str(r#"{"from":"lead","to":"offer"}"#).unwrap();
    assert_eq!(short.reached, quotaflow::funnel::Reached::OrPassed);
    assert!(
        serde_json::from_str::<Funnel>(r#"{"key":"sales","stages":[{"key":"won","kind":"won"}]}"#)
            .is_err()
    );
}
