//! The thirty lines between a database and the journal.

use chrono::{Days, NaiveDate, NaiveTime};
use quotaflow::journal::{Content, Entry, HandOver, Journal, JournalError};
use quotaflow::model::Model;
use quotaflow::view::ViewError;

use crate::Outcome;
use crate::store::Store;

/// In the morning, and after a crash: the newest snapshot, and what lies behind it.
pub fn wake(model: &Model, go_live: NaiveDate, store: &Store) -> Outcome<Journal> {
    let mut journal = match store.newest_snapshot()? {
        Some(snapshot) => Journal::open(model, snapshot)?,
        None => Journal::new(model, go_live)?,
    };
    let known = journal.known();
    for hand_over in store.behind(journal.head().entries)? {
        if known.is_none_or(|known| hand_over.known > known) {
            answered(&mut journal, store, |journal| {
                Ok(journal.replay([&hand_over])?)
            })?;
        }
    }
    Ok(journal)
}

/// At night: what the day has brought is taken in and stored, and a snapshot after each close.
pub fn sleep(
    journal: &mut Journal,
    store: &mut Store,
    day: NaiveDate,
    entries: Vec<Entry>,
) -> Outcome<()> {
    let known = (day + Days::new(1)).and_time(NaiveTime::MIN);
    let closes = entries
        .iter()
        .any(|entry| matches!(entry.content(), Content::Close(_)));
    let receipt = answered(journal, store, |journal| {
        Ok(journal.enter(known, day, &entries)?)
    })?;
    store.keep(&HandOver::new(known, day, entries), &receipt)?;
    if closes {
        store.keep_snapshot(&journal.snapshot())?;
    }
    Ok(())
}

/// Asks, and supplies what the journal has forgotten as often as it asks for it.
pub fn answered<T>(
    journal: &mut Journal,
    store: &Store,
    ask: impl Fn(&mut Journal) -> Outcome<T>,
) -> Outcome<T> {
    loop {
        let error = match ask(journal) {
            Err(error) => error,
            answer => return answer,
        };
        let needed = match (error.downcast_ref(), error.downcast_ref()) {
            (Some(JournalError::Needed { needed }), _)
            | (_, Some(ViewError::Needed { needed })) => needed.clone(),
            _ => return Err(error),
        };
        // What was not asked for is passed over.
        let entries = store.entries_up_to(journal.head().entries)?;
        journal.supply(&needed, &entries)?;
    }
}
