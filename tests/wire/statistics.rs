//! Written forms of statistics.

use quotaflow::statistics::LagWindow;

#[test]
fn windows_of_lags() {
    let text = r#"{"most":3,"pairs":6}"#;
    let read: LagWindow = serde_json::from_str(text).unwrap();
    assert_eq!(serde_json::to_string(&read).unwrap(), text);
    let error = serde_json::from_str::<LagWindow>(r#"{"most":3,"pairs":2}"#).unwrap_err();
    assert_eq!(
        error.to_string(),
        "2 pairs of periods say nothing of a lag: 3 are needed at least"
    );
    assert!(serde_json::from_str::<LagWindow>(r#"{"most":3,"pairs":6,"least":1}"#).is_err());
}
