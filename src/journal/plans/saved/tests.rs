use serde_json::{Value, json};

use super::PlansDef;
use crate::journal::{Entry, EntryId, Journal};
use crate::model::Model;
use crate::plan::Edit;

fn id(name: &str) -> EntryId {
    EntryId::new("planning", name).unwrap()
}

fn signed(entry: Entry) -> Entry {
    entry.by("eva").because("agreed with everybody")
}

fn change(name: &str, person: &str) -> Entry {
    let edits: Vec<Edit> = serde_json::from_value(json!([{"spread": {"measure": "sales",
        "at": {"person": person, "month": "2026-02"}, "verb": {"proportional": {"amount": "2"}}, "mode": "add"}}]))
    .unwrap();
    signed(Entry::change(id(name), "2025-12-13".parse().unwrap(), "spring", edits).unwrap())
}

/// Two accounts, of which the second has two editions: a cascade, two changes and an agreement; one change falls, and the plan is
/// cascaded anew and agreed again.
fn journal() -> Journal {
    let model: Model = serde_json::from_value(json!({
        "dimensions": [{"key": "person", "hierarchies": [{"key": "person", "levels": ["person"]}],
            "members": [{"key": "ann", "level": "person"}, {"key": "bo", "level": "person"}]}],
        "measures": [{"key": "sales", "unit": "money:EUR", "quantum": "0.01", "additivity": "flow"}],
        "kinds": [{"key": "order", "dimensions": [{"field": "person"}], "measures": [{"measure": "sales"}]}],
        "span": {"start": "2025-01-01", "end": "2030-01-01"},
        "metrics": [{"key": "sales", "formula": {"sum": {"value": {"measure": "sales"}, "of": {"kinds": ["order"]}}}}],
        "plans": [{"key": "spring", "recipes": [{"key": "spring", "measure": "sales",
            "horizon": {"start": "2026-01-01", "end": "2026-03-01"},
            "steps": [{"by": {"member": {"dimension": "person", "level": "person"}}},
                {"by": {"grain": "month"}, "basis": "calendar_days"}]}]}],
        "views": [{"key": "people", "rows": [{"dimension": "person", "level": "person"}],
            "periods": {"grain": "month", "from": "2026-01-01", "to": "2026-03-01"}, "show": ["target:sales"]}]
    }))
    .unwrap();
    let mut journal = Journal::new(&model, "2025-12-01".parse().unwrap()).unwrap();
    let mut enter = |day: &str, entries: &[Entry]| {
        let day: chrono::NaiveDate = day.parse().unwrap();
        journal
            .enter(day.and_hms_opt(20, 0, 0).unwrap(), day, entries)
            .unwrap();
    };
    let day = |day: &str| day.parse().unwrap();
    let agree = |name: &str, on: &str, version| {
        Entry::agree(id(name), day(on), "spring", version)
            .unwrap()
            .by("bo")
    };
    let cascade = Entry::cascade(id("1"), day("2025-12-12"), "spring", [("sales", 118)]);
    let first = [
        signed(cascade.unwrap()),
        change("2", "ann"),
        change("3", "bo"),
        agree("4", "2025-12-14", 1),
    ];
    enter("2025-12-14", &first);
    enter(
        "2025-12-15",
        &[Entry::void(id("5"), day("2025-12-15"), id("3"))],
    );
    let anew = Entry::realign(id("6"), day("2025-12-16"), "spring", [("sales", 236)]);
    let again = [signed(anew.unwrap()), agree("7", "2025-12-17", 2)];
    enter("2025-12-17", &again);
    journal
}

type Lie = fn(&mut Value);

/// Whether plans open with one thing said otherwise.
fn opens(journal: &Journal, lie: impl FnOnce(&mut Value)) -> bool {
    let mut saved = serde_json::to_value(PlansDef::new(&journal.plans)).unwrap();
    lie(&mut saved);
    match serde_json::from_value::<PlansDef>(saved) {
        Ok(saved) => saved.open(journal).is_some(),
        Err(_) => false,
    }
}

fn put(place: &'static str, value: Value) -> impl FnOnce(&mut Value) {
    move |saved| {
        let (above, key) = place.rsplit_once('/').unwrap();
        match saved.pointer_mut(above).unwrap() {
            Value::Object(own) => drop(own.insert(key.to_owned(), value)),
            own => own[key.parse::<usize>().unwrap()] = value,
        }
    }
}

#[test]
fn what_is_saved_of_plans_is_what_the_entries_lead_to_or_is_refused() {
    let journal = journal();
    assert!(opens(&journal, |_| {}));
    for (place, value) in [
        // Versions that were never there.
        ("/spring/0/editions/0/made/version", json!(u64::MAX)),
        ("/spring/0/editions/0/made/version", json!(1)),
        ("/spring/0/editions/0/acts/0/version", json!(u64::MAX)),
        ("/spring/0/editions/0/acts/2/version", json!(999)),
        ("/spring/0/editions/0/acts/2/version", json!(0)),
        ("/spring/0/editions/0/acts/2/version", json!(2)),
        ("/spring/1/editions/1/made/version", json!(u64::MAX)),
        ("/spring/1/editions/1/made/version", json!(0)),
        ("/spring/1/editions/1/acts/0/version", json!(1)),
        // Days and hand-overs that are not those of the entries.
        ("/spring/0/editions/0/made/day", json!("2025-12-01")),
        ("/spring/0/editions/0/acts/0/day", json!("2025-12-14")),
        ("/spring/0/editions/0/acts/0/hand_over", json!(7)),
        ("/spring/0/editions/0/acts/0/hand_over", json!(u32::MAX)),
        ("/spring/0/editions/0/acts/0/hand_over", json!(1)),
        ("/spring/1/editions/1/made/hand_over", json!(1)),
        ("/spring/0/since", json!(1)),
        ("/spring/0/since", json!(u32::MAX)),
        ("/spring/1/since", json!(0)),
        ("/spring/1/since", json!(u32::MAX)),
        // Other entries, and entries of another sort.
        ("/spring/0/editions/0/made/entry/id", json!("2")),
        ("/spring/0/editions/0/acts/0/entry/id", json!("1")),
        ("/spring/0/editions/0/acts/0/entry/id", json!("3")),
        ("/spring/0/editions/0/acts/0/entry/id", json!("4")),
        ("/spring/0/editions/0/acts/0/entry/id", json!("99")),
        ("/spring/0/editions/0/acts/0/agrees", json!(true)),
        ("/spring/0/editions/0/acts/2/agrees", json!(false)),
        ("/spring/1/editions/1/made/entry/id", json!("1")),
        ("/spring/1/editions/1/made/agrees", json!(true)),
        // Other amounts, totals, recipes and changes.
        ("/spring/0/editions/0/plan/cascades/0/total", json!("119")),
        ("/spring/1/editions/1/plan/cascades/0/total", json!("118")),
        (
            "/spring/0/editions/0/plan/cascades/0/recipe/key",
            json!("other"),
        ),
        ("/spring/0/editions/0/plan/changes/0/by", json!("zoe")),
        ("/spring/0/editions/0/plan/changes/0/reason", json!("none")),
        ("/spring/0/editions/0/plan/changes/0/edits", json!([])),
        ("/spring/0/editions/0/plan/changes", json!([])),
        ("/spring/1/editions/1/plan/changes/0/edits", json!([])),
        ("/spring/1", json!({"since": 1, "editions": []})),
        ("/spring", json!([])),
    ] {
        let shown = value.to_string();
        assert!(!opens(&journal, put(place, value)), "{place}: {shown}");
    }
    // A part that is not there.
    let lies: [(&str, Lie); 8] = [
        ("no plan", |saved| *saved = json!({})),
        ("another plan", |saved| {
            let own = saved.as_object_mut().unwrap().remove("spring").unwrap();
            saved["summer"] = own;
        }),
        ("an empty plan beside", |saved| saved["summer"] = json!([])),
        ("one account", |saved| {
            saved["spring"].as_array_mut().unwrap().pop();
        }),
        ("one edition", |saved| {
            saved["spring"][1]["editions"].as_array_mut().unwrap().pop();
        }),
        ("one agreement", |saved| {
            saved["spring"][1]["editions"][1]["acts"] = json!([]);
        }),
        // Or one that stands twice, or before what was done earlier.
        ("the same agreement twice", |saved| {
            let acts = saved["spring"][1]["editions"][1]["acts"]
                .as_array_mut()
                .unwrap();
            acts.push(acts[0].clone());
        }),
        ("an agreement before an earlier change", |saved| {
            let acts = saved["spring"][0]["editions"][0]["acts"]
                .as_array_mut()
                .unwrap();
            acts.swap(1, 2);
        }),
    ];
    for (name, lie) in lies {
        assert!(!opens(&journal, lie), "{name}");
    }
}

#[test]
fn amounts_that_do_not_add_up_are_refused() {
    let journal = journal();
    let place = "/spring/0/editions/0/plan/saved/sheets/0/cascaded";
    let mut saved = serde_json::to_value(PlansDef::new(&journal.plans)).unwrap();
    let levels = saved.pointer_mut(place).unwrap();
    assert_eq!(levels[1], "5900 5900");
    for (level, amounts) in [
        (1, "5900 5901"),
        (2, "3100 2800 3100 2801"),
        (2, "3100 2800 3100"),
    ] {
        let lie = |saved: &mut Value| saved.pointer_mut(place).unwrap()[level] = json!(amounts);
        assert!(!opens(&journal, lie), "{level}: {amounts}");
    }
}
