//! What a journal keeps of days that were told, and where alerts stand.

use std::collections::btree_map::Entry as Place;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::closing::number;
use super::day::Day;
use super::entry::{Content, Entry};
use super::id::EntryId;
use super::structure::Step;
use crate::alert::Monitor;
use crate::key::Key;
use crate::model::{Model, Watched};

/// What was told of days, and where alerts stand.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Days {
    /// By watch.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) monitors: Vec<Monitor>,
    /// By watch, where everything stood at the end of some days since history is closed: later ones are told again from there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) marks: Vec<BTreeMap<NaiveDate, Monitor>>,
    /// The first day of which what was told is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) from: Option<NaiveDate>,
    /// The days that brought something.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) told: BTreeMap<NaiveDate, Day>,
    /// The watches that came with a later model, each with the first day that it could tell.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) born: BTreeMap<Key, NaiveDate>,
    /// The decisions whose day or alert has not come.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(super) waiting: BTreeSet<EntryId>,
}

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
        let day = since(entry);
        self.since = Some(self.since.map_or(day, |since| since.min(day)));
    }

    /// The structure is otherwise by some entries, beside what was known of it.
    pub(super) fn moves<'e>(
        &mut self,
        known: &'e [Step],
        new: impl Iterator<Item = &'e Entry> + Clone,
    ) {
        let joins = new.clone().filter_map(|entry| match entry.content() {
            Content::Join(join) => Some(&join.member),
            _ => None,
        });
        let joins: Vec<&Key> = joins.collect();
        if joins.is_empty() {
            return;
        }
        let known = known.iter().map(|step| step.entry.as_ref());
        let others = others(known.chain(new));
        if joins.into_iter().any(|member| others.contains(member)) {
            self.since = Some(NaiveDate::MIN);
        }
    }
}

/// The first day of which duties may be otherwise by an entry, which may be before its own.
pub(super) fn since(entry: &Entry) -> NaiveDate {
    let day = entry.first_day();
    match entry.content() {
        Content::Record(record) => record.dates.values().copied().fold(day, NaiveDate::min),
        // All that fell to one falls to the other since ever.
        Content::Merge(_) => NaiveDate::MIN,
        _ => day,
    }
}

/// Who turned out to be another one by some entries, and who that is: with the day on which either joins, all that fell to one falls to the
/// other.
pub(super) fn others<'e>(entries: impl Iterator<Item = &'e Entry>) -> BTreeSet<&'e Key> {
    let merges = entries.filter_map(|entry| match entry.content() {
        Content::Merge(merge) => Some([&merge.member, &merge.into]),
        _ => None,
    });
    merges.flatten().collect()
}

impl Days {
    pub(super) fn begin(&mut self, model: &Model, go_live: NaiveDate) {
        if self.from.is_some() {
            return;
        }
        self.from = Some(go_live);
        let beginning = |watched: &Watched| Monitor::beginning(watched.first_day(go_live));
        self.monitors = model.watches().iter().map(beginning).collect();
        self.marks = vec![BTreeMap::new(); self.monitors.len()];
    }

    /// The first day that a watch tells, as another model or the present one has it.
    pub(super) fn first_day(&self, watched: &Watched, go_live: NaiveDate) -> NaiveDate {
        let first = watched.first_day(go_live);
        let born = self.born.get(&watched.definition.key);
        born.map_or(first, |born| first.max(*born))
    }

    /// The monitor of the watch that has a rule.
    pub(super) fn of_rule<'d>(&'d mut self, model: &Model, rule: &str) -> Option<&'d mut Monitor> {
        let own = |watched: &Watched| watched.rules.find(rule).is_some();
        let at = model.watches().iter().position(own)?;
        self.monitors.get_mut(at)
    }

    /// Keeps what a day brings beside what was learned of earlier days, if it brings anything.
    pub(super) fn tell(&mut self, mut day: Day) {
        if day.notices.is_empty() && day.duties.is_empty() && day.unwatched.is_empty() {
            return;
        }
        if let Some(learned) = self.told.remove(&day.day) {
            day.late = learned.late;
            day.duties.extend(learned.duties);
            day.unwatched.extend(learned.unwatched);
        }
        self.told.insert(day.day, day);
    }

    /// Keeps what was learned of earlier days, if anything was.
    pub(super) fn learn(&mut self, learned: Day) {
        let is_empty = learned.late.is_empty() && learned.duties.is_empty();
        if is_empty && learned.unwatched.is_empty() {
            return;
        }
        match self.told.entry(learned.day) {
            Place::Vacant(place) => _ = place.insert(learned),
            Place::Occupied(mut place) => {
                let day = place.get_mut();
                day.late.extend(learned.late);
                day.duties.extend(learned.duties);
                day.unwatched.extend(learned.unwatched);
            }
        }
    }

    /// Forgets what was told of days that are closed for every watch, or closed hard where nothing is watched, and longer ago than any
    /// watch holds history open.
    pub(super) fn forget(&mut self, model: &Model, through: NaiveDate, hard: Option<NaiveDate>) {
        let closed = self.monitors.iter().map(Monitor::closed_through).min();
        let closed = closed.or(Some(hard));
        let open = model.watches().iter().map(|it| it.definition.open_days);
        let open = chrono::Days::new(u64::from(open.max().unwrap_or(0)));
        let from = closed.flatten().and_then(|closed| closed.succ_opt());
        if let Some(from) = from.min(through.checked_sub_days(open)) {
            self.from = self.from.max(Some(from));
            self.told = self.told.split_off(&from);
        }
    }

    pub(super) fn waiting(&self) -> impl Iterator<Item = &EntryId> {
        self.waiting.iter()
    }

    /// Whether it is of so many watches and of days up to one.
    pub(super) fn is_of(&self, watches: usize, through: Option<NaiveDate>) -> bool {
        let told = self.told.keys().next_back().copied();
        let is_early = |day: NaiveDate| through.is_some_and(|through| day <= through);
        self.marks.len() == self.monitors.len()
            && (self.monitors.is_empty() || self.monitors.len() == watches)
            && told.is_none_or(is_early)
    }
}
