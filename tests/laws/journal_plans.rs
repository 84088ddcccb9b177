//! Plans in a journal: random changes, voids, agreements and restarts, beside sums by cell.

use std::collections::BTreeMap;

use chrono::{Days, NaiveTime};
use proptest::prelude::*;
use quotaflow::journal::{Entry, EntryId, Journal, JournalError, Rejection};
use quotaflow::panel::ColumnKey;
use quotaflow::plan::{Edit, Mode, Place, Spread, Verb};
use quotaflow::quantity::Ratio;
use rust_decimal::Decimal;

use crate::journal::{cascaded, date, model};

const PEOPLE: [&str; 3] = ["ann", "bo", "cy"];

/// What is done to a plan: so many cents more for somebody in a month, or something before that was a mistake.
#[derive(Debug, Clone)]
enum Deed {
    Raised(usize, usize, i64),
    Voided(usize),
}

fn deeds() -> impl Strategy<Value = Vec<(Vec<Deed>, bool)>> {
    let deed = prop_oneof![
        4 => (0_usize..3, 0_usize..3, 1_i64..5_000).prop_map(|(person, month, cents)| Deed::Raised(person, month, cents)),
        2 => (0_usize..12).prop_map(Deed::Voided),
    ];
    prop::collection::vec((prop::collection::vec(deed, 0..5), any::<bool>()), 1..6)
}

/// A raise: its hand-over, person, month and cents, and by which hand-over it was voided.
struct Raise {
    hand_over: usize,
    cell: (usize, usize),
    cents: i64,
    voided: Option<usize>,
}

fn entry(number: usize, hand_over: usize, (person, month): (usize, usize), cents: i64) -> Entry {
    let place = Place::whole().at("person", PEOPLE[person]).unwrap();
    let place = place
        .at("month", &format!("2026-{:02}", month + 1))
        .unwrap();
    let amount = Decimal::new(cents, 2).into();
    let spread = Spread::new("sales", place, Verb::Proportional { amount }).unwrap();
    let id = EntryId::new("plan", &format!("{number:03}")).unwrap();
    let edits = [Edit::Spread(spread.mode(Mode::Add))];
    let entry = Entry::change(id, day(hand_over), "year", edits).unwrap();
    entry.by("eva").because("a new account")
}

fn day(hand_over: usize) -> chrono::NaiveDate {
    date(i32::try_from(hand_over).unwrap() * 10 + 1)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Every target is what was cascaded and what was added to it by what stands, as known at any time and as of any day; a void of
    /// what was built on is refused and changes nothing; restarts change nothing.
    #[test]
    fn targets_are_what_was_cascaded_and_what_stands_of_its_changes(
        drawn in deeds(),
        seen in 0_usize..6,
        as_of in 0_usize..7,
    ) {
        let model = model();
        let mut journal = Journal::new(&model, date(0)).unwrap();
        let time = |at: usize| (day(at) + Days::new(1)).and_time(NaiveTime::MIN);
        journal.enter(time(0), day(0), &[cascaded(3_600_000)]).unwrap();
        let mut raises: Vec<Raise> = Vec::new();
        for (at, (deeds, restart)) in drawn.iter().enumerate() {
            let hand_over = at + 1;
            let (mut entries, mut voids) = (Vec::new(), Vec::new());
            let before = raises.len();
            for deed in deeds {
                match deed {
                    Deed::Raised(person, month, cents) => {
                        entries.push(entry(raises.len(), hand_over, (*person, *month), *cents));
                        let cell = (*person, *month);
                        raises.push(Raise { hand_over, cell, cents: *cents, voided: None });
                    }
                    Deed::Voided(of) if before > 0 && raises[of % before].voided.is_none() => {
                        voids.push(of % before);
                    }
                    Deed::Voided(_) => {}
                }
            }
            voids.sort_unstable();
            voids.dedup();
            let built_on = voids.iter().any(|of| {
                let mut later = raises.iter().enumerate().skip(of + 1);
                later.any(|(other, raise)| {
                    let stands = raise.voided.is_none() && !voids.contains(&other);
                    // What comes in the same hand-over comes after the void is known.
                    stands && raise.hand_over < hand_over && raise.cell == raises[*of].cell
                })
            });
            let voiding = voids.iter().map(|of| {
                let own = EntryId::new("plan", &format!("void {of}")).unwrap();
                Entry::void(own, day(hand_over), EntryId::new("plan", &format!("{of:03}")).unwrap())
            });
            let with: Vec<Entry> = entries.iter().cloned().chain(voiding).collect();
            if built_on {
                let error = journal.enter(time(hand_over), day(hand_over), &with).unwrap_err();
                let JournalError::Rejected { rejected } = error else {
                    panic!("{error}");
                };
                prop_assert!(rejected.iter().all(|one| matches!(one.reason, Rejection::BuiltOn { .. })), "{:?}", rejected);
                journal.enter(time(hand_over), day(hand_over), &entries).unwrap();
            } else {
                journal.enter(time(hand_over), day(hand_over), &with).unwrap();
                for of in voids {
                    raises[of].voided = Some(hand_over);
                }
            }
            if *restart {
                let night = serde_json::to_string(&journal.snapshot()).unwrap();
                journal = Journal::open(&model, serde_json::from_str(&night).unwrap()).unwrap();
                prop_assert_eq!(serde_json::to_string(&journal.snapshot()).unwrap(), night);
            }
        }
        let seen = seen.min(drawn.len());
        let view = journal.view("person_months").unwrap().as_of(day(as_of)).known_at(time(seen));
        let panel = view.panel().unwrap();
        let mut wanted: BTreeMap<(usize, usize), i64> = BTreeMap::new();
        for raise in &raises {
            let is_there = raise.hand_over <= seen && raise.hand_over <= as_of;
            if is_there && raise.voided.is_none_or(|voided| voided > seen) {
                *wanted.entry(raise.cell).or_default() += raise.cents;
            }
        }
        for (person, name) in PEOPLE.iter().enumerate() {
            for month in 0..3 {
                let row = panel.subjects().find_member(name).unwrap();
                let period = panel.periods().find(&format!("2026-{:02}", month + 1)).unwrap();
                let target = panel.answer(&ColumnKey::target("sales").unwrap(), row, period).unwrap().ratio();
                let more = wanted.get(&(person, month)).copied().unwrap_or(0);
                prop_assert_eq!(target, Ok(Ratio::new(i128::from(100_000 + more), 100).unwrap()), "{} {}", name, month);
            }
        }
    }
}
