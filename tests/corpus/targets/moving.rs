//! Models, and what happens under one.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use chrono::NaiveDate;
use quotaflow::journal::{Entry, HandOver, Journal, Snapshot};
use quotaflow::limits::{Limits, Size};
use quotaflow::model::{Model, ModelDef};

use super::{read, read_back, told};

static COMPANY: LazyLock<Model> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../golden/company.json")).unwrap());

/// How many entries, and how many days, are taken in.
const ENTRIES: usize = 40;
const DAYS: i64 = 120;

/// A model: every mistake has a place, and what is a model answers its views before anything happened.
pub(super) fn models(data: &[u8]) {
    let Some(definition) = read::<ModelDef>(data) else {
        return;
    };
    let model = match Model::new(definition) {
        Ok(model) => model,
        Err(error) => {
            assert!(!error.mistakes.is_empty());
            for mistake in &error.mistakes {
                assert!(!mistake.place.is_empty(), "{mistake}");
            }
            return told(&error);
        }
    };
    let first = model.definition().span.start();
    let journal = match Journal::new(&model, first) {
        Ok(journal) => journal,
        Err(error) => return told(&error),
    };
    let limits = Limits::default().with(Size::Cells, 20_000);
    for view in model.views() {
        let view = journal.view(view.key.as_str()).unwrap().within(limits);
        match view.as_of(first).panel() {
            Ok(panel) => read_back(&panel),
            Err(error) => told(&error),
        }
    }
}

/// Hand-overs: what is refused has changed nothing; the same entries in another order, and a journal that is closed and opened
/// again between them, give the same answers.
pub(super) fn journals(data: &[u8]) {
    let Some(hand_overs) = read::<Vec<HandOver>>(data) else {
        return;
    };
    let go_live: NaiveDate = "2026-01-01".parse().unwrap();
    let days = |hand_over: &HandOver| (hand_over.complete_through - go_live).num_days();
    let count: usize = hand_overs.iter().map(|one| one.entries.len()).sum();
    // Of two entries with one id in one hand-over which is meant is the host's to say.
    let twice = |one: &HandOver| {
        let ids: BTreeSet<_> = one.entries.iter().map(Entry::id).collect();
        ids.len() < one.entries.len()
    };
    if hand_overs.iter().any(twice)
        || count > ENTRIES
        || hand_overs.iter().any(|one| days(one) > DAYS)
    {
        return;
    }
    let mut journal = Journal::new(&COMPANY, go_live).unwrap();
    let mut taken = Vec::new();
    for hand_over in &hand_overs {
        let (known, through) = (hand_over.known, hand_over.complete_through);
        let before = journal.head();
        match journal.enter_good(known, through, &hand_over.entries) {
            Ok(receipt) => {
                let mut own = hand_over.clone();
                own.entries
                    .retain(|entry| receipt.rejected.iter().all(|one| one.id != *entry.id()));
                own.entries.reverse();
                own.head = None;
                taken.push(own);
            }
            Err(error) => {
                told(&error);
                assert_eq!(journal.head(), before);
            }
        }
    }
    let answers = answers(&journal);
    let mut again = Journal::new(&COMPANY, go_live).unwrap();
    for hand_over in &taken {
        again.replay([hand_over]).unwrap();
        let text = serde_json::to_string(&again.snapshot()).unwrap();
        let snapshot: Snapshot = serde_json::from_str(&text).unwrap();
        again = Journal::open(&COMPANY, snapshot).unwrap();
    }
    assert_eq!(self::answers(&again), answers);
}

/// What the views of a journal answer, and why they do not.
fn answers(journal: &Journal) -> Vec<String> {
    let views = COMPANY.views().map(|view| {
        let answer = journal.view(view.key.as_str()).unwrap().panel();
        answer.map_or_else(
            |error| error.to_string(),
            |panel| serde_json::to_string(&panel).unwrap(),
        )
    });
    views.collect()
}
