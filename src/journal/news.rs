//! What a hand-over says by which days are told.

use std::sync::Arc;

use chrono::NaiveDate;

use super::closing::number;
use super::entry::{Content, Entry};
use super::journal::Journal;
use super::reach::{Named, places, since};

/// What of a hand-over days are told by, beside what has been folded.
#[derive(Debug, Default)]
pub(super) struct News {
    /// The first day of which it says something, by number.
    pub(super) first: Option<i32>,
    /// The first day of which duties may be otherwise by it.
    pub(super) since: Option<NaiveDate>,
    /// Decisions that stand from now on, or do no more.
    pub(super) decided: Vec<(Arc<Entry>, bool)>,
    /// The day through which the books are closed hard by it.
    pub(super) closing: Option<NaiveDate>,
}

impl News {
    pub(super) fn tells_of(&mut self, day: i32) {
        self.first = Some(self.first.map_or(day, |first| first.min(day)));
    }

    /// It tells an entry, or that it does not stand.
    pub(super) fn tells(&mut self, entry: &Entry) {
        self.counts(entry);
        match entry.content() {
            // Days tell decisions and what is closed by themselves, and what is voided is told beside its void.
            Content::Decide(_)
            | Content::Close(_)
            | Content::Reopen
            | Content::Model(_)
            | Content::Void(_) => {}
            _ => self.tells_of(number(entry.day())),
        }
    }

    /// It says something of an entry, by which duties may be otherwise.
    pub(super) fn counts(&mut self, entry: &Entry) {
        self.reaches_to(since(entry));
    }

    /// The structure is otherwise by some entries.
    pub(super) fn moves<'e>(
        &mut self,
        journal: &'e Journal,
        new: impl Iterator<Item = &'e Entry> + Clone,
    ) {
        if !new.clone().any(places) {
            return;
        }
        let known = journal.steps.iter().map(|step| step.entry.as_ref());
        let named = Named::of(journal, known.chain(new.clone()));
        for entry in new {
            self.reaches_to(named.since(entry));
        }
    }

    fn reaches_to(&mut self, day: NaiveDate) {
        self.since = Some(self.since.map_or(day, |since| since.min(day)));
    }
}
