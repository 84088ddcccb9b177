//! Every number, day and name of a snapshot altered, one by one: what is impossible or contradicts the entries is refused by the name
//! of its part.

use serde_json::{Value, json};

use super::super::*;
use crate::journal::{Close, Decision, DecisionDef};
use crate::ledger::Record;
use crate::plan::Edit;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn id(name: &str) -> EntryId {
    EntryId::new("erp", name).unwrap()
}

fn record(kind: &str, name: &str, on: &str, person: &str, euros: i64) -> Entry {
    let record = Record::new(kind, day(on)).id(name).of("person", person);
    let amount = rust_decimal::Decimal::from(euros);
    Entry::record("erp", record.amount("sales", amount)).unwrap()
}

fn model() -> Model {
    let sum = |kind: &str| json!({"value": {"measure": "sales"}, "of": {"kinds": [kind]}});
    serde_json::from_value(json!({
        "dimensions": [{"key": "person", "hierarchies": [{"key": "person", "levels": ["team", "person"], "links": [
                {"member": "ann", "parent": "north"}, {"member": "bo", "parent": "south"}]}],
            "members": [{"key": "north", "level": "team"}, {"key": "south", "level": "team"},
                {"key": "ann", "level": "person"}, {"key": "bo", "level": "person"}]}],
        "measures": [{"key": "sales", "unit": "money:EUR", "quantum": "0.01", "additivity": "flow"}],
        "kinds": [
            {"key": "order", "dimensions": [{"field": "person"}], "measures": [{"measure": "sales"}]},
            {"key": "invoice", "dimensions": [{"field": "person"}],
             "measures": [{"measure": "sales", "need": "required"}], "opens": "sales"}],
        "span": {"start": "2025-01-01", "end": "2030-01-01"},
        "unique_ids": ["erp"],
        "metrics": [{"key": "sales", "formula": {"sum": sum("order")}}, {"key": "open", "formula": {"open": sum("invoice")}}],
        "plans": [{"key": "spring", "recipes": [{"key": "spring", "measure": "sales",
            "horizon": {"start": "2026-01-01", "end": "2026-03-01"},
            "steps": [{"by": {"member": {"dimension": "person", "level": "person"}}},
                {"by": {"grain": "month"}, "basis": "calendar_days"}]}]}],
        "views": [{"key": "teams", "rows": [{"dimension": "person", "level": "team"}],
             "periods": {"grain": "month", "from": "2026-01-01", "to": "2026-04-01"},
             "show": ["sales", "open", "target:sales"]}],
        "watches": [{"key": "much", "view": "teams", "rules": [{"key": "many", "when": "sales >= 50"}]}]
    }))
    .unwrap()
}

/// Two months of a company, the first of them closed.
fn journal() -> Journal {
    let mut own = Journal::new(&model(), day("2026-01-01")).unwrap();
    let signed = |entry: Entry| entry.by("eva").because("agreed");
    let cascade = Entry::cascade(id("P"), day("2026-01-02"), "spring", [("sales", 118)]).unwrap();
    let edits: Vec<Edit> = serde_json::from_value(json!([{"spread": {"measure": "sales",
        "at": {"person": "ann", "month": "2026-02"}, "verb": {"proportional": {"amount": "2"}}, "mode": "add"}}]))
    .unwrap();
    let change = Entry::change(id("P2"), day("2026-02-01"), "spring", edits).unwrap();
    let alert: Result<crate::alert::AlertId, _> =
        serde_json::from_value(json!({"rule": "many", "subject": ["north"], "day": "2026-01-10"}));
    let decide = |name: &str, decided: Decision| {
        let (alert, by) = (alert.as_ref().unwrap().clone(), "eva".try_into().unwrap());
        Entry::decide(
            id(name),
            day("2026-02-02"),
            DecisionDef {
                alert,
                by,
                decided,
                about: Vec::new(),
            },
        )
    };
    let all = [
        (
            "2026-01-13",
            vec![
                record("order", "1", "2026-01-10", "ann", 60),
                record("order", "2", "2026-01-11", "bo", 20),
                record("invoice", "I", "2026-01-10", "ann", 100),
                Entry::reverse(id("R"), day("2026-01-12"), id("2")),
                signed(cascade),
            ],
        ),
        (
            "2026-02-01",
            vec![Entry::close(id("C"), day("2026-01-31"), Close::Hard)],
        ),
        (
            "2026-02-03",
            vec![
                record("order", "3", "2026-01-20", "bo", 3),
                record("order", "4", "2026-02-02", "ann", 70),
                Entry::apply(id("A"), day("2026-02-02"), id("I"), 30),
                Entry::moving(id("M"), day("2026-02-01"), ("person", "bo", "north")).unwrap(),
                Entry::join(id("J"), day("2026-02-01"), ("person", "person", "cy"))
                    .unwrap()
                    .under("south")
                    .unwrap(),
                record("order", "5", "2026-02-02", "dee", 1),
                signed(change),
                decide("D", Decision::Acknowledged),
            ],
        ),
        (
            "2026-02-06",
            vec![
                Entry::void(id("V"), day("2026-02-05"), id("4")),
                Entry::close(id("S"), day("2026-02-04"), Close::Soft),
                record("order", "6", "2026-02-04", "ann", 65),
            ],
        ),
    ];
    for (known, all) in all {
        let known: chrono::NaiveDateTime = format!("{known}T06:00:00").parse().unwrap();
        own.enter(known, known.date().pred_opt().unwrap(), &all)
            .unwrap();
    }
    own
}

/// A leaf of a document altered: a number by one, a day by one, a name, a word or a flag.
fn altered(value: &Value) -> Option<Value> {
    match value {
        Value::Bool(flag) => Some(json!(!flag)),
        Value::Number(number) => Some(json!(number.as_i64()? + 1)),
        Value::String(text) => Some(match text.parse::<NaiveDate>() {
            Ok(day) => json!(day.succ_opt()?),
            Err(_) => match text.parse::<chrono::NaiveDateTime>() {
                Ok(time) => json!(time + chrono::TimeDelta::seconds(1)),
                Err(_) => match text.split_once(' ') {
                    Some((first, rest)) if first.parse::<i64>().is_ok() => {
                        json!(format!("{} {rest}", first.parse::<i64>().unwrap() + 1))
                    }
                    _ => match text.parse::<i64>() {
                        Ok(number) => json!((number + 1).to_string()),
                        Err(_) => json!(format!("{text}x")),
                    },
                },
            },
        }),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn leaves(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::Array(all) => {
            for (place, own) in all.iter().enumerate() {
                leaves(own, &format!("{at}/{place}"), found);
            }
        }
        Value::Object(all) => {
            for (key, own) in all {
                leaves(own, &format!("{at}/{}", key.replace('/', "~1")), found);
            }
        }
        _ => found.push(at.to_owned()),
    }
}

/// With the fingerprints of what its parts say.
fn sealed(mut own: Snapshot) -> Snapshot {
    fn seal<T: Named + Serialize>(part: &mut Part<T>) {
        part.fingerprint = Fingerprint::of(&part.content);
    }
    seal(&mut own.hand_overs);
    seal(&mut own.entries);
    seal(&mut own.structure);
    seal(&mut own.leaves);
    seal(&mut own.folds);
    own.plans.iter_mut().for_each(seal);
    seal(&mut own.books);
    seal(&mut own.days);
    own
}

/// What nothing that is kept contradicts: what was added by records that are forgotten, figures and alerts as they were told, by
/// whom and when entries of forgotten hand-overs were made, and names that nothing reads.
const FREE: [&str; 9] = [
    "/books/content/folds/",
    "/books/content/told/*/events/*/panel/columns/*/figures/",
    "/days/content/from",
    "/days/content/marks/",
    "/days/content/monitors/",
    "/days/content/told/",
    "/entries/content/*/entry/by",
    "/entries/content/*/entry/why",
    "/plans/content/spring/*/editions/*/plan/saved/origin/",
];

#[test]
fn whatever_is_altered_in_a_snapshot_is_refused_by_the_name_of_its_part() {
    let (model, journal) = (model(), journal());
    let document = serde_json::to_value(journal.snapshot()).unwrap();
    Journal::open(&model, serde_json::from_value(document.clone()).unwrap()).unwrap();
    let (mut all, mut unseen) = (Vec::new(), BTreeSet::new());
    leaves(&document, "", &mut all);
    let (mut count, mut parts) = (0, BTreeSet::new());
    for place in &all {
        let (Some(part), true) = (place.split('/').nth(1), place.contains("/content/")) else {
            continue;
        };
        let Some(lie) = altered(document.pointer(place).unwrap()) else {
            continue;
        };
        let mut document = document.clone();
        *document.pointer_mut(place).unwrap() = lie;
        let Ok(snapshot) = serde_json::from_value::<Snapshot>(document) else {
            continue;
        };
        count += 1;
        match Journal::open(&model, sealed(snapshot)) {
            Err(JournalError::Damaged { part: told, .. }) => {
                parts.insert((part.to_owned(), told));
            }
            Err(error) => panic!("{place}: {error}"),
            Ok(_) => {
                let plain = place.split('/').map(|own| {
                    if own.parse::<usize>().is_ok() {
                        "*"
                    } else {
                        own
                    }
                });
                let plain = plain.collect::<Vec<_>>().join("/");
                if plain != "/hand_overs/content/*/complete_through"
                    && !FREE.iter().any(|free| plain.starts_with(free))
                {
                    unseen.insert(plain);
                }
            }
        }
    }
    assert!(count > 300, "{count}");
    assert_eq!(unseen, BTreeSet::new());
    // What does not agree is told by the part that was altered, or by one that says otherwise.
    let other = parts.into_iter().filter(|(part, told)| part != told);
    let other: Vec<(String, &str)> = other.collect();
    let told = |part: &str, told: &'static str| (part.to_owned(), told);
    let wanted = [
        told("books", "folds"),
        told("entries", "folds"),
        told("entries", "hand_overs"),
        told("entries", "plans"),
        told("hand_overs", "days"),
        told("hand_overs", "entries"),
    ];
    assert_eq!(other, wanted);
}

/// Three hand-overs of two people with a visit due each Friday: one is taken back, one comes late, and who is excused is so by mistake.
fn with_duties() -> (Model, Journal) {
    let people = json!({"dimension": "person", "level": "person"});
    let model: Model = serde_json::from_value(json!({
        "dimensions": [{"key": "person", "hierarchies": [{"key": "person", "levels": ["person"]}],
            "members": [{"key": "ann", "level": "person"}, {"key": "bo", "level": "person"}]}],
        "kinds": [{"key": "visit", "dimensions": [{"field": "person"}]}],
        "span": {"start": "2026-01-01", "end": "2027-01-01"},
        "duties": [{"key": "visits", "who": people, "evidence": {"kinds": ["visit"]},
            "cadence": {"anchor": "2026-01-01", "rhythm": {"kind": "weekly", "every": 1, "days": ["Fri"]}}}],
        "views": [{"key": "people", "rows": [people], "periods": {"grain": "month", "from": "2026-01-01", "to": "2027-01-01"},
            "show": ["visits.missing"]}]
    }))
    .unwrap();
    let visit = |name: &str, person: &str, on: &str| {
        let record = Record::new("visit", day(on)).id(name).of("person", person);
        Entry::record("erp", record).unwrap()
    };
    let excused = |name: &str, on: &str, person: &str, due: &str| {
        let days = crate::calendar::DayRange::new(day(due), day(due).succ_opt().unwrap()).unwrap();
        let own = Entry::excuse(id(name), day(on), ("visits", person), days).unwrap();
        own.by("eva").because("a fair")
    };
    let mut own = Journal::new(&model, day("2026-01-01")).unwrap();
    let all = [
        (
            "2026-01-20",
            vec![
                visit("1", "ann", "2026-01-08"),
                visit("2", "bo", "2026-01-13"),
                excused("X", "2026-01-19", "bo", "2026-01-09"),
            ],
        ),
        ("2026-01-22", vec![visit("3", "ann", "2026-01-16")]),
        (
            "2026-01-30",
            vec![
                Entry::void(id("V"), day("2026-01-25"), id("X")),
                Entry::reverse(id("R"), day("2026-01-27"), id("1")),
            ],
        ),
    ];
    for (through, all) in all {
        let known = day(through).and_hms_opt(22, 0, 0).unwrap();
        own.enter(known, day(through), &all).unwrap();
    }
    (model, own)
}

#[test]
fn who_is_excused_is_refused_where_the_entries_say_otherwise() {
    let (model, journal) = with_duties();
    let document = serde_json::to_value(journal.snapshot()).unwrap();
    let open = |document: &Value| {
        let snapshot = serde_json::from_value::<Snapshot>(document.clone()).ok()?;
        Some(Journal::open(&model, sealed(snapshot)))
    };
    assert!(open(&document).unwrap().is_ok());
    let (mut all, mut unseen, mut count) = (Vec::new(), Vec::new(), 0);
    leaves(&document, "", &mut all);
    let is_own = |place: &str| place.starts_with("/structure/content/");
    for place in all.iter().filter(|place| is_own(place)) {
        let mut document = document.clone();
        let own = document.pointer_mut(place).unwrap();
        *own = altered(own).unwrap();
        match open(&document) {
            Some(Ok(_)) => unseen.push(place),
            Some(Err(JournalError::Damaged { part, .. })) => {
                assert_eq!(part, "structure", "{place}");
                count += 1;
            }
            Some(Err(error)) => panic!("{place}: {error}"),
            None => {}
        }
    }
    assert!(count > 2, "{count}");
    assert_eq!(unseen, Vec::<&String>::new());
    // The steps of the excuse left out.
    for at in 0..2 {
        let mut document = document.clone();
        let all = document.pointer_mut("/structure/content").unwrap();
        all.as_array_mut().unwrap().remove(at);
        let told = open(&document).unwrap();
        assert!(matches!(told, Err(JournalError::Damaged { .. })), "{at}");
    }
}

#[test]
fn what_days_told_of_duties_is_refused_where_it_is_altered_or_left_out() {
    let (model, journal) = with_duties();
    let document = serde_json::to_value(journal.snapshot()).unwrap();
    let (mut all, mut unseen, mut count) = (Vec::new(), Vec::new(), 0);
    leaves(&document, "", &mut all);
    let mut refused = |place: &str, document: Value| {
        let Ok(snapshot) = serde_json::from_value::<Snapshot>(document) else {
            return;
        };
        count += 1;
        match Journal::open(&model, sealed(snapshot)) {
            Err(JournalError::Damaged { part, .. }) => assert_eq!(part, "days", "{place}"),
            Err(error) => panic!("{place}: {error}"),
            Ok(_) => unseen.push(place.to_owned()),
        }
    };
    let is_own =
        |place: &&String| place.starts_with("/days/content/told/") && place.contains("/duties/");
    let mut notices = BTreeSet::new();
    for place in all.iter().filter(is_own) {
        let mut document = document.clone();
        let own = document.pointer_mut(place).unwrap();
        *own = altered(own).unwrap();
        refused(place, document);
        let (list, rest) = place.split_once("/duties/").unwrap();
        let at: usize = rest.split('/').next().unwrap().parse().unwrap();
        notices.insert((format!("{list}/duties"), at));
    }
    for (list, at) in notices {
        let mut document = document.clone();
        let all = document.pointer_mut(&list).unwrap();
        all.as_array_mut().unwrap().remove(at);
        refused(&format!("{list}/{at}"), document);
    }
    assert!(count > 60, "{count}");
    assert_eq!(unseen, Vec::<String>::new());
}
