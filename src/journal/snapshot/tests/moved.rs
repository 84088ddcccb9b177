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

/// Every alert and notice of a day, of another rule or row.
fn renamed(value: &mut Value, on: &str, (field, to): (&str, &Value)) -> usize {
    match value {
        Value::Object(all) => {
            let is_there =
                all.get("day").is_some_and(|day| day == on) && all.contains_key("subject");
            if is_there {
                all.insert(field.to_owned(), to.clone());
            }
            let inner = all.values_mut().map(|own| renamed(own, on, (field, to)));
            usize::from(is_there) + inner.sum::<usize>()
        }
        Value::Array(all) => all
            .iter_mut()
            .map(|own| renamed(own, on, (field, to)))
            .sum(),
        _ => 0,
    }
}

#[test]
fn what_was_told_by_the_model_that_there_is_is_of_its_days_rows_and_rules() {
    assert_eq!(told(|_| {}), "opened");
    for lie in ["2026-01-19", "2026-01-21"] {
        let said = told(|days| {
            let number = chrono::Datelike::num_days_from_ce(&day(lie));
            let own = &mut days["monitors"][0]["told"];
            assert!(own.is_number() || own.is_string(), "{own}");
            *own = if own.is_number() {
                json!(number)
            } else {
                json!(lie)
            };
        });
        assert!(
            said.contains("another day than the last one that was told"),
            "{said}"
        );
    }
    let lies = [("subject", json!(["zoe"])), ("rule", json!("any"))];
    for (field, to) in &lies {
        let said = told(|days| {
            let mut own = days["monitors"].take();
            assert!(renamed(&mut own, "2026-01-15", (field, to)) > 0);
            days["monitors"] = own;
        });
        assert!(said.contains("the alert `"), "{said}");
        let said = told(|days| {
            let notices = days["told"]["2026-01-15"]["notices"]
                .as_array_mut()
                .unwrap();
            for own in notices {
                own[*field] = to.clone();
                own["alert"][*field] = to.clone();
            }
        });
        assert!(said.contains("what is not watched"), "{said}");
    }
    // The rule by which ann was told of is gone, and she may have been somebody who is.
    let said = told(|days| {
        let told = days["told"].as_object_mut().unwrap();
        for own in told.values_mut() {
            _ = renamed(own, "2026-01-05", ("subject", &json!(["zoe"])));
        }
    });
    assert!(!said.contains("by the name"), "{said}");
}
