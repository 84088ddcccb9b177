//! Snapshots that lie: their parts have the right fingerprints, and say what no journal wrote.

mod altered;
mod moved;

use super::*;
use crate::ledger::Record;
use crate::metric::Addend;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn id(name: &str) -> EntryId {
    EntryId::new("erp", name).unwrap()
}

fn invoice(name: &str, on: &str, euros: i64) -> Entry {
    let record = Record::new("invoice", day(on)).id(name).of("person", "ann");
    let amount = rust_decimal::Decimal::from(euros);
    Entry::record("erp", record.amount("amount", amount)).unwrap()
}

fn model() -> Model {
    let text = r#"{
        "dimensions": [{"key": "person", "hierarchies": [{"key": "person", "levels": ["person"]}],
            "members": [{"key": "ann", "level": "person"}]}],
        "measures": [{"key": "amount", "unit": "money:EUR", "quantum": "0.01", "additivity": "flow"}],
        "kinds": [{"key": "invoice", "dimensions": [{"field": "person"}],
            "measures": [{"measure": "amount", "need": "required"}], "opens": "amount"}],
        "span": {"start": "2026-01-01", "end": "2031-01-01"},
        "unique_ids": ["erp"],
        "metrics": [
            {"key": "receivables", "formula": {"open": {"value": {"measure": "amount"}, "of": {"kinds": ["invoice"]}}}},
            {"key": "invoiced", "formula": {"sum": {"value": {"measure": "amount"}, "of": {"kinds": ["invoice"]}}}}],
        "views": [{"key": "months", "rows": [{"dimension": "person", "level": "person"}],
            "periods": {"grain": "month", "from": "2026-01-01", "to": "2027-01-01"}}]
    }"#;
    serde_json::from_str(text).unwrap()
}

/// What was invoiced in January is closed, paid in part and taken back in part; a void stands.
fn journal() -> Journal {
    let mut own = Journal::new(&model(), day("2026-01-01")).unwrap();
    let part = |name: &str, on: &str, euros: i64| {
        let reversal = Entry::reverse(id(name), day(on), id("I"));
        reversal.only("amount", euros).unwrap()
    };
    let all = [
        vec![
            invoice("I", "2026-01-10", 100),
            invoice("S", "2026-01-11", 5),
            Entry::reverse(id("B"), day("2026-01-12"), id("S")),
            part("R", "2026-01-15", 10),
            part("Q", "2026-01-20", 20),
            Entry::close(id("C"), day("2026-01-31"), crate::journal::Close::Hard),
        ],
        vec![
            Entry::apply(id("A"), day("2026-02-02"), id("I"), 30),
            invoice("J", "2026-02-02", 7),
            Entry::void(id("V"), day("2026-02-03"), id("J")),
        ],
    ];
    for (known, all) in ["2026-02-01T06:00:00", "2026-02-05T06:00:00"]
        .iter()
        .zip(all)
    {
        let known: chrono::NaiveDateTime = known.parse().unwrap();
        let through = known.date().pred_opt().unwrap();
        own.enter(known, through, &all).unwrap();
    }
    own
}

/// What is said of a snapshot of which one part was written anew.
fn told<T: Named + Serialize + Clone>(
    part: impl Fn(&mut Snapshot) -> &mut Part<T>,
    lie: impl Fn(&mut T),
) -> String {
    let mut snapshot = journal().snapshot();
    let own = part(&mut snapshot);
    let mut content = own.content.clone();
    lie(&mut content);
    *own = Part::new(content);
    match Journal::open(&model(), snapshot) {
        Err(error) => error.to_string(),
        Ok(_) => "opened".to_owned(),
    }
}

fn books(lie: impl Fn(&mut BooksDef)) -> String {
    told(|own| &mut own.books, lie)
}

fn folds(lie: impl Fn(&mut Vec<Chunk>)) -> String {
    told(|own| &mut own.folds, lie)
}

fn hand_overs(lie: impl Fn(&mut Vec<Taken>)) -> String {
    told(|own| &mut own.hand_overs, lie)
}

fn entries(lie: impl Fn(&mut Vec<KeptDef>)) -> String {
    told(|own| &mut own.entries, lie)
}

/// A chunk of one addend.
fn one((on, day, from): (i32, i32, i32), value: i64) -> Chunk {
    let addend = Addend::from((on, day, from, RECORDS, value));
    Chunk::new(vec![(0, addend)], Vec::new()).unwrap()
}

const DAY: i32 = 739_000;

#[test]
fn what_was_written_opens() {
    let own = journal();
    assert_eq!(own.books.singles.kept.len(), 0, "what is open stays");
    assert!(entries(|_| {}) == "opened" && books(|_| {}) == "opened");
    assert!(folds(|_| {}) == "opened" && hand_overs(|_| {}) == "opened");
    assert!(!own.chunks.iter().all(|chunk| chunk.singles().is_empty()));
}

#[test]
fn sums_of_days_that_there_are_not_or_of_more_than_can_be_counted_are_refused() {
    for days in [
        (i32::MAX, DAY, DAY),
        (DAY, i32::MIN, DAY),
        (DAY, DAY, i32::MAX),
    ] {
        let lie = folds(|own| own[1] = one(days, 1));
        assert!(lie.contains("`folds`"), "{days:?}: {lie}");
        let lie = books(|own| own.folds = Closed::new(&one(days, 1)).unwrap());
        assert!(lie.contains("`books`"), "{days:?}: {lie}");
    }
    for value in [i64::MIN, i64::MAX, -i64::MAX] {
        let lie = folds(|own| own[1] = one((DAY, DAY, DAY), value));
        assert!(lie.contains("damaged"), "{value}: {lie}");
    }
    let lie = books(|own| own.folds = Closed::new(&one((DAY, DAY, DAY), i64::MIN)).unwrap());
    assert!(lie.contains("damaged"), "{lie}");
}

#[test]
fn single_records_that_cannot_be_are_refused() {
    type Lie = fn(&mut Single);
    let lies: [Lie; 11] = [
        |own| own.day = i32::MAX,
        |own| own.day = i32::MIN,
        |own| own.course.reversed = Some(i32::MIN),
        |own| own.course.reduced.reverse(),
        |own| own.course.reduced[0].0 = i32::MIN,
        |own| own.course.reduced[0].1 = vec![i64::MIN],
        |own| {
            own.course
                .reduced
                .iter_mut()
                .for_each(|(_, units)| *units = vec![i64::MAX]);
        },
        |own| own.course.left = vec![(i32::MIN, crate::quantity::Ratio::ZERO)],
        |own| own.course.back = vec![(i32::MIN, crate::quantity::Ratio::ZERO)],
        |own| own.course.back[0].1 = crate::quantity::Ratio::from(2),
        |own| own.leaf = 7,
    ];
    for (at, lie) in lies.into_iter().enumerate() {
        let told = folds(|own| {
            let mut singles = own[0].singles().to_vec();
            let reduced = singles.iter_mut().filter_map(|(_, single)| single.as_mut());
            let mut reduced = reduced.filter(|single| single.course.reduced.len() == 2);
            lie(reduced.next().unwrap());
            let all = own[0]
                .each()
                .flat_map(|(leaf, all)| all.iter().map(move |one| (leaf, *one)));
            own[0] = Chunk::new(all.collect(), singles).unwrap();
        });
        assert!(told.contains("`folds`"), "{at}: {told}");
        let told = books(|own| {
            let first = journal().chunks[0]
                .singles()
                .iter()
                .find_map(|(_, single)| {
                    single
                        .clone()
                        .filter(|single| single.course.reduced.len() == 2)
                });
            let mut single = first.unwrap();
            lie(&mut single);
            own.singles.kept.insert(id("I-0"), single);
        });
        assert!(told.contains("`books`"), "{at}: {told}");
    }
}

#[test]
fn books_of_other_leaves_days_or_with_anything_twice_are_refused() {
    type Lie = fn(&mut BooksDef);
    let spot = |leaf: u32| Spot { leaf, start: DAY };
    let lies: [Lie; 9] = [
        |own| own.cuts = vec![(9, vec![DAY])],
        |own| own.cuts = vec![(0, vec![DAY]), (0, vec![DAY + 1])],
        |own| own.cuts = vec![(0, vec![i32::MIN])],
        |own| {
            own.fine = vec![Spot {
                leaf: 9,
                start: DAY,
            }];
        },
        |own| {
            own.checksums = vec![(
                Spot {
                    leaf: 9,
                    start: DAY,
                },
                Checksum::default(),
            )];
        },
        |own| {
            let twice = (
                Spot {
                    leaf: 0,
                    start: DAY,
                },
                Checksum::default(),
            );
            own.checksums = vec![twice, twice];
        },
        |own| own.forgotten = None,
        |own| {
            _ = own.singles.thinned.insert(Spot {
                leaf: 9,
                start: DAY,
            });
        },
        |own| {
            _ = own.singles.changed.insert(
                Spot {
                    leaf: 0,
                    start: DAY,
                },
                i32::MAX,
            );
        },
    ];
    for (at, lie) in lies.into_iter().enumerate() {
        assert!(books(lie).contains("`books`"), "{at}");
    }
    // What is listed twice would be taken in once.
    let mut singles = Singles::default();
    singles.changed.insert(spot(0), DAY);
    let mut written = serde_json::to_value(&singles).unwrap();
    let again = written["changed"][0].clone();
    written["changed"].as_array_mut().unwrap().push(again);
    assert!(serde_json::from_value::<Singles>(written).is_err());
}

#[test]
fn hand_overs_and_entries_that_no_journal_took_in_are_refused() {
    for (at, told) in [
        hand_overs(|own| own[0].complete_through = day("2027-01-01")),
        hand_overs(|own| own[0].head.entries = 1_000),
        hand_overs(|own| own.swap(0, 1)),
    ]
    .iter()
    .enumerate()
    {
        assert!(told.contains("`hand_overs`"), "{at}: {told}");
    }
    let mut own = journal();
    for taken in &mut own.taken {
        taken.head.entries = u64::MAX;
    }
    let error = Journal::open(&model(), own.snapshot()).unwrap_err();
    assert!(error.to_string().contains("`hand_overs`"), "{error}");
    let told = entries(|own| {
        let voided = own.iter_mut().find(|kept| kept.voided_by.is_some());
        voided.unwrap().voided_by = Some(id("A"));
    });
    assert!(told.contains("`entries`"), "{told}");
    let told = entries(|own| {
        for number in 0..20 {
            let (name, hand_over) = (format!("N-{number}"), 1);
            let entry = invoice(&name, "2026-02-03", 1);
            own.push(KeptDef {
                hand_over,
                entry,
                voided_by: None,
                awaits: None,
                recalled: false,
            });
        }
    });
    assert!(told.contains("`entries`"), "{told}");
    let told = told_of_structure();
    assert!(told.contains("`structure`"), "{told}");
}

#[test]
fn books_that_keep_no_record_singly_say_nothing_of_them() {
    let empty = Journal::new(&model(), day("2026-01-01")).unwrap();
    let written = serde_json::to_value(&empty.snapshot().books.content).unwrap();
    assert_eq!(written.get("singles"), None);
    assert!(written.get("folds").is_some());
}

#[test]
fn what_is_void_is_of_the_model_and_what_came_after_a_close_is_all_there() {
    let told = entries(|own| {
        let void = own.iter_mut().find(|kept| kept.voided_by.is_some());
        let record = Record::new("order", day("2026-02-02")).id("J");
        void.unwrap().entry = Entry::record("erp", record).unwrap();
    });
    assert!(told.contains("an entry that the model refuses"), "{told}");
    let told = entries(|own| own.retain(|kept| *kept.entry.id() != id("A")));
    let why = "other entries of a hand-over than were counted";
    assert!(told.contains(why), "{told}");
}

#[test]
fn leaves_that_stand_twice_or_name_another_dimension_are_refused() {
    type Lie = fn(&mut LeavesDef);
    let lies: [Lie; 2] = [
        |own| own.leaves.push(own.leaves[0].clone()),
        |own| own.members.push(Vec::new()),
    ];
    for (at, lie) in lies.into_iter().enumerate() {
        let told = told(|own| &mut own.leaves, lie);
        assert!(told.contains("`leaves`"), "{at}: {told}");
    }
}

fn told_of_structure() -> String {
    let step = |entry: u32| StepDef {
        hand_over: 1,
        entry,
        stands: true,
    };
    told(|own| &mut own.structure, |own| own.push(step(0)))
}

#[test]
fn entries_that_refer_to_each_other_in_a_circle_are_refused() {
    let told = entries(|own| {
        let circle = own.iter_mut().find(|kept| *kept.entry.id() == id("V"));
        circle.unwrap().entry = Entry::void(id("V"), day("2026-02-03"), id("A"));
        let applied = own.iter_mut().find(|kept| *kept.entry.id() == id("A"));
        let other = Entry::apply(id("A"), day("2026-02-02"), id("I"), 30);
        applied.unwrap().entry = other.settled_by(id("V")).unwrap();
        for kept in own.iter_mut() {
            kept.voided_by = None;
        }
    });
    assert_eq!(
        told,
        "the part `entries` of the snapshot is damaged: `erp/A` refers to itself, by way of `erp/V`"
    );
}
