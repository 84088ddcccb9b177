//! What a snapshot says of days after the model changed is held against that model; what was told before may be of what is gone.

use serde_json::{Value, json};

use super::super::*;
use super::day;
use crate::ledger::Record;

fn model(rule: &str) -> Model {
    serde_json::from_value(json!({
        "dimensions": [{"key": "person", "hierarchies": [{"key": "person", "levels": ["person"]}],
            "members": [{"key": "ann", "level": "person"}, {"key": "bo", "level": "person"}]}],
        "kinds": [{"key": "complaint", "dimensions": [{"field": "person"}]}],
        "span": {"start": "2026-01-01", "end": "2030-01-01"},
        "metrics": [{"key": "complaints", "formula": {"count": {"kinds": ["complaint"]}}}],
        "views": [{"key": "months", "rows": [{"dimension": "person", "level": "person"}],
            "periods": {"grain": "month", "from": "2026-01-01", "to": "2027-01-01"}}],
        "watches": [{"key": "service", "view": "months", "rules": [{"key": rule, "when": "complaints >= 1"}]}]
    }))
    .unwrap()
}

/// ann complains in the first week by one model, bo in the third by another one, whose rule has another name.
fn journal() -> Journal {
    let mut own = Journal::new(&model("any"), day("2026-01-01")).unwrap();
    let now = model("some");
    own.introduce(&now);
    let complaint = |person: &str, on: &str| {
        let record = Record::new("complaint", day(on))
            .id(person)
            .of("person", person);
        Entry::record("desk", record).unwrap()
    };
    let id = EntryId::new("office", "M").unwrap();
    let change = Entry::model(id, day("2026-01-10"), &now).by("eva");
    for (through, entry) in [
        ("2026-01-07", complaint("ann", "2026-01-05")),
        ("2026-01-12", change.because("a better name")),
        ("2026-01-20", complaint("bo", "2026-01-15")),
    ] {
        let through = day(through);
        own.enter(through.and_hms_opt(22, 0, 0).unwrap(), through, &[entry])
            .unwrap();
    }
    own
}

fn told(lie: impl Fn(&mut Value)) -> String {
    let mut snapshot = journal().snapshot();
    let mut days = serde_json::to_value(&snapshot.days.content).unwrap();
    lie(&mut days);
    let days = match serde_json::from_value(days) {
        Ok(days) => days,
        Err(error) => return format!("`days` {error}"),
    };
    snapshot.days = Part::new(days);
    match Journal::open(&model("some"), snapshot) {
        Err(error) => error.to_string(),
        Ok(_) => "opened".to_owned(),
    }
}

/// The same, in which something is called otherwise.
fn renamed(value: &mut Value, name: &str, other: &str) {
    let text = value.to_string();
    let now = text.replace(&format!("\"{name}\""), &format!("\"{other}\""));
    assert_ne!(text, now);
    *value = serde_json::from_str(&now).unwrap();
}

#[test]
fn what_was_told_by_the_model_that_there_is_is_of_its_days_rows_and_rules() {
    assert_eq!(told(|_| {}), "opened");
    for (day, why) in [
        ("2026-01-19", "comes after the latest day reported"),
        ("2026-01-21", "another day than the last one that was told"),
    ] {
        let said = told(|days| days["monitors"][0]["told"] = json!(day));
        assert!(said.contains(why), "{said}");
    }
    for (name, other, why) in [
        ("bo", "zoe", "is of a row that its view does not have"),
        ("some", "other", "is of a rule that its watch does not have"),
    ] {
        let said = told(|days| renamed(&mut days["monitors"], name, other));
        assert!(said.contains(why), "{said}");
        let said = told(|days| renamed(&mut days["told"]["2026-01-15"], name, other));
        assert!(said.contains("what is not watched"), "{said}");
    }
    // The rule by which ann was told of is gone, and she may have been somebody who is.
    for (name, other) in [("ann", "zoe"), ("any", "other")] {
        let said = told(|days| renamed(&mut days["told"]["2026-01-05"], name, other));
        assert_eq!(said, "opened");
    }
}

#[test]
fn days_of_other_watches_or_of_a_day_that_has_not_come_are_refused() {
    type Lie = fn(&mut Value);
    let lies: [Lie; 4] = [
        |days| _ = days.as_object_mut().unwrap().remove("monitors"),
        |days| _ = days.as_object_mut().unwrap().remove("marks"),
        |days| {
            for list in ["monitors", "marks"] {
                let again = days[list][0].clone();
                days[list].as_array_mut().unwrap().push(again);
            }
        },
        |days| {
            let mut day = days["told"]["2026-01-15"].clone();
            day["day"] = json!("2026-01-21");
            days["told"]["2026-01-21"] = day;
        },
    ];
    for (at, lie) in lies.into_iter().enumerate() {
        let said = told(lie);
        assert!(
            said.contains("it is of other watches or days"),
            "{at}: {said}"
        );
    }
}
