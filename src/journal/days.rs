//! What a journal keeps of days that were told, and where alerts stand.

use std::collections::btree_map::Entry as Place;
use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::day::Day;
use super::id::EntryId;
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
