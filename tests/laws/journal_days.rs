//! Days of a journal are told once: however it was cut, saved and asked, each day brings what a monitor says that is fed with views
//! as of each day, as known at the hand-over that was the first to be complete through it.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate, NaiveDateTime};
use proptest::prelude::*;
use quotaflow::alert::{AlertError, AlertId, Incident, Monitor, Restatement, What};
use quotaflow::journal::{Decision, DecisionDef, Entry, EntryId, HandOver, Journal, Snapshot};
use quotaflow::key::Key;
use quotaflow::ledger::Record;
use quotaflow::model::Model;
use quotaflow::rule::RuleSet;
use serde_json::json;

const LAST: u64 = 75;
const PEOPLE: [&str; 2] = ["ann", "bo"];

fn date(day: u64) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 1, 1).unwrap() + Days::new(day)
}

fn evening(day: u64) -> NaiveDateTime {
    date(day).and_hms_opt(22, 0, 0).unwrap()
}

fn model() -> Model {
    let rules = json!([
        {"key": "many", "when": "complaints >= 2", "life": {"repeat_days": 6, "reopen_days": 9}},
        {"key": "quiet", "when": "complaints < 1", "persistence": {"days": 9}, "life": {"expire_days": 20}},
        {"key": "again", "when": "complaints >= 1", "persistence": {"periods": 2}, "life": {"keep": {"periods": 2}}}
    ]);
    let document = json!({
        "dimensions": [{"key": "person",
            "hierarchies": [{"key": "person", "levels": ["team", "person"],
                "links": [{"member": "ann", "parent": "north"}, {"member": "bo", "parent": "south"}]}],
            "members": [{"key": "north", "level": "team"}, {"key": "south", "level": "team"},
                {"key": "ann", "level": "person"}, {"key": "bo", "level": "person"}]}],
        "kinds": [{"key": "complaint", "dimensions": [{"field": "person"}]}],
        "span": {"start": "2026-01-01", "end": "2030-01-01"},
        "metrics": [{"key": "complaints", "formula": {"count": {"kinds": ["complaint"]}}}],
        "views": [{"key": "teams", "rows": [{"dimension": "person", "level": "team"}],
            "periods": {"grain": "week", "from": "2026-01-01", "to": "2027-01-01"}}],
        "watches": [{"key": "service", "view": "teams", "rules": rules, "open_days": 300}]
    });
    serde_json::from_value(document).unwrap()
}

/// What happens: on a day, to a person, known by a later hand-over; a complaint, a transfer, or the void of what came before.
#[derive(Debug, Clone)]
struct Deed {
    day: u64,
    person: usize,
    hand_over: usize,
    what: u8,
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let deed = (0..LAST, 0..PEOPLE.len(), 0_usize..9, 0_u8..12).prop_map(
        |(day, person, hand_over, what)| Deed {
            day,
            person,
            hand_over,
            what,
        },
    );
    prop::collection::vec(deed, 1..25)
}

fn entry(number: usize, deed: &Deed) -> Entry {
    let id = EntryId::new("desk", &format!("e{number:03}")).unwrap();
    let (day, person) = (date(deed.day), PEOPLE[deed.person]);
    match deed.what {
        0 => Entry::moving(id, day, ("person", person, "north")).unwrap(),
        1 => Entry::moving(id, day, ("person", person, "south")).unwrap(),
        2 if number > 0 => {
            let of = EntryId::new("desk", &format!("e{:03}", number / 2)).unwrap();
            Entry::void(id, day, of)
        }
        _ => {
            let record = Record::new("complaint", day).id(format!("e{number:03}"));
            Entry::record("desk", record.of("person", person)).unwrap()
        }
    }
}

fn hand_overs(deeds: &[Deed], through: &[u64]) -> Vec<HandOver> {
    let mut all: Vec<HandOver> = (0..through.len())
        .map(|at| {
            HandOver::new(
                evening(through[at]) + chrono::TimeDelta::minutes(i64::try_from(at).unwrap()),
                date(through[at]),
                Vec::new(),
            )
        })
        .collect();
    let last = all.len() - 1;
    for (number, deed) in deeds.iter().enumerate() {
        all[deed.hand_over.min(last)]
            .entries
            .push(entry(number, deed));
    }
    all
}

type Told = (AlertId, What);

fn notices(journal: &Journal, day: NaiveDate) -> Vec<Told> {
    let day = journal.day(day).unwrap();
    let each = day.notices.into_iter();
    each.map(|notice| (notice.alert.unwrap(), notice.what))
        .collect()
}

/// The same by a monitor and views: of each day what was told, and of each hand-over what it told of days before.
fn by_views(
    journal: &Journal,
    model: &Model,
    hand_overs: &[HandOver],
) -> (BTreeMap<NaiveDate, Vec<Told>>, Vec<Vec<Restatement>>) {
    let panel = |day: NaiveDate, known: NaiveDateTime| {
        let view = journal.view("teams").unwrap().as_of(day).known_at(known);
        Ok::<_, AlertError>(view.panel().unwrap())
    };
    let first = hand_overs[0].known;
    let rules = model.definition().watches[0].rules.clone();
    let rules = RuleSet::compile(rules, &panel(date(0), first).unwrap()).unwrap();
    let mut monitor = Monitor::beginning(date(0));
    let (mut told, mut late) = (BTreeMap::<_, Vec<Told>>::new(), Vec::new());
    for (at, hand_over) in hand_overs.iter().enumerate() {
        let known = hand_over.known;
        late.push(if at == 0 {
            Vec::new()
        } else {
            monitor
                .rewatch(&rules, known, |day| panel(day, known))
                .unwrap()
        });
        let through = hand_over.complete_through;
        if monitor.day() < Some(through) {
            let hours = model.working_hours();
            for event in monitor
                .watch(&rules, through, hours, |day| panel(day, known))
                .unwrap()
            {
                told.entry(event.day)
                    .or_default()
                    .push((event.id, event.what));
            }
        }
    }
    (told, late)
}

proptest! {
    #![proptest_config(crate::cases(24))]

    #[test]
    fn days_are_told_once_with_the_knowledge_of_the_first_hand_over_that_is_complete_through_them(
        deeds in deeds(),
        through in prop::collection::vec(0_u64..LAST, 1..9),
        cuts in prop::collection::vec(any::<bool>(), 9),
        asked in prop::collection::vec(0_u64..LAST, 9),
    ) {
        let mut through = through;
        through.sort_unstable();
        let model = model();
        let hand_overs = hand_overs(&deeds, &through);
        let new = || Journal::new(&model, date(0)).unwrap();
        let (mut whole, mut parted) = (new(), new());
        let mut taken = Vec::new();
        for (at, hand_over) in hand_overs.iter().enumerate() {
            // What is refused, such as a void of a void of itself, is left out.
            let receipt = whole.enter_good(hand_over.known, hand_over.complete_through, &hand_over.entries).unwrap();
            let is_in = |row: &usize| receipt.rejected.iter().all(|other| other.row != *row);
            let rows = (0..hand_over.entries.len()).filter(is_in);
            let mut own = hand_over.clone();
            own.entries = rows.map(|row| hand_over.entries[row].clone()).rev().collect();
            parted.replay([&own]).unwrap();
            if cuts[at] {
                let text = serde_json::to_string(&parted.snapshot()).unwrap();
                parted = Journal::open(&model, serde_json::from_str::<Snapshot>(&text).unwrap()).unwrap();
            }
            parted.day(date(asked[at])).unwrap();
            taken.push(own);
        }
        let last = *through.last().unwrap();
        for day in (0..=last).map(date) {
            let bytes = |journal: &Journal| serde_json::to_string(&journal.day(day).unwrap()).unwrap();
            prop_assert_eq!(bytes(&parted), bytes(&whole));
        }
        let (told, late) = by_views(&whole, &model, &taken);
        for day in (0..=last).map(date) {
            prop_assert_eq!(notices(&whole, day), told.get(&day).cloned().unwrap_or_default());
        }
        for (hand_over, late) in taken.iter().zip(late) {
            let day = whole.day(hand_over.complete_through).unwrap();
            let own = day.late.into_iter().filter(|own| own.known == hand_over.known);
            let own: Vec<Restatement> = own.flat_map(|own| own.alerts).collect();
            prop_assert_eq!(own, late);
        }
    }

    #[test]
    fn what_people_decide_is_in_every_later_account(
        deeds in deeds(),
        through in prop::collection::vec(0_u64..LAST, 2..9),
        choices in prop::collection::vec(0_usize..5, 9),
    ) {
        let mut through = through;
        through.sort_unstable();
        let model = model();
        let mut journal = Journal::new(&model, date(0)).unwrap();
        let (mut open, mut decided): (Vec<AlertId>, BTreeMap<AlertId, usize>) = (Vec::new(), BTreeMap::new());
        for (at, hand_over) in hand_overs(&deeds, &through).into_iter().enumerate() {
            let mut entries = hand_over.entries.clone();
            if let Some(alert) = open.get(choices[at]) {
                let decision = DecisionDef {
                    alert: alert.clone(),
                    by: Key::new("eva").unwrap(),
                    decided: Decision::Acknowledged,
                    about: Vec::new(),
                };
                let id = EntryId::new("people", &format!("d{at}")).unwrap();
                entries.push(Entry::decide(id, hand_over.complete_through, decision));
            }
            journal.enter_good(hand_over.known, hand_over.complete_through, &entries).unwrap();
            let first = if at == 0 { 0 } else { through[at - 1] };
            for day in (first..=through[at]).map(date) {
                let day = journal.day(day).unwrap();
                for notice in day.notices {
                    if notice.what == What::Fired {
                        open.extend(notice.alert);
                    }
                }
                for change in day.late.into_iter().filter(|late| late.known == hand_over.known).flat_map(|late| late.alerts) {
                    let after: Incident = change.after.expect("what was told stays");
                    let count = decided.entry(change.id).or_default();
                    prop_assert!(after.acknowledgements.len() >= *count);
                    *count = after.acknowledgements.len();
                    if after.status.is_withdrawn() {
                        prop_assert!(!after.was_open(day.day));
                    }
                }
            }
        }
    }
}
