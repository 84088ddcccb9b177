//! The written form of panels: a host has figures of its own judged by writing one.

use quotaflow::calendar::{Calendar, Grain};
use quotaflow::panel::{Column, ColumnKey, Panel, Reason};
use quotaflow::quantity::Quantum;
use quotaflow::space::{Axis, Subjects};

fn text() -> String {
    let people = Subjects::new(
        Axis::new("person", "person").unwrap(),
        vec!["ann".try_into().unwrap(), "bo".try_into().unwrap()],
    );
    let months = Calendar::gregorian().periods(
        Grain::Month,
        "2026-01-01".parse().unwrap(),
        "2026-02-01".parse().unwrap(),
    );
    let mut panel = Panel::new(people.unwrap(), months.unwrap());
    let sales = Column::amounts(
        ColumnKey::actual("sales").unwrap(),
        "money:EUR".parse().unwrap(),
        Quantum::CENT,
        vec![1250, 0],
    );
    let missing = [None, Some(Reason::NothingRecorded)];
    panel.add(sales.with_reasons(&missing).unwrap()).unwrap();
    serde_json::to_string(&panel).unwrap()
}

#[test]
fn a_panel_has_one_written_form() {
    let text = text();
    assert_eq!(text, include_str!("panel.json").trim_end());
    let read: Panel = serde_json::from_str(&text).unwrap();
    assert_eq!(serde_json::to_string(&read).unwrap(), text);
    // A form without a version is the first one.
    let first: Panel = serde_json::from_str(&text.replacen(r#""version":1,"#, "", 1)).unwrap();
    assert_eq!(first, read);
}

#[test]
fn what_a_panel_cannot_be_is_refused() {
    let refused = |from: &str, to: &str| {
        let changed = text().replacen(from, to, 1);
        assert_ne!(changed, text(), "{from}");
        serde_json::from_str::<Panel>(&changed)
            .unwrap_err()
            .to_string()
    };
    assert!(refused(r#""version":1"#, r#""version":2"#).contains("version"));
    assert!(refused(r#""columns""#, r#""column""#).starts_with("unknown field `column`"));
    assert!(refused("1250", "1250.5").contains("1250.5"));
    let short = refused("[1250,0]", "[1250]");
    assert!(short.contains("column `sales`"), "{short}");
}
