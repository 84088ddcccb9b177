//! Days are told once: by the first hand-over that is complete through them, in order, with its knowledge.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{Datelike, NaiveDate, NaiveDateTime};
use serde::{Deserialize, Serialize};

use super::day::{Amended, Day, Hindsight, Notice, Unwatched};
use super::decision::Stated;
use super::entry::{Content, Entry};
use super::error::JournalError;
use super::id::EntryId;
use super::reading::{Asking, Folds, Unread};
use super::state::Journal;
use crate::alert::{AlertError, Event, Monitor};
use crate::limits::Limits;
use crate::model::{Model, Watched};
use crate::panel::{Panel, Reason};
use crate::quantity::Ratio;
use crate::rule::RuleSet;

/// What was told of days, and where alerts stand.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Days {
    /// By watch.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    monitors: Vec<Monitor>,
    /// The first day of which what was told is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from: Option<NaiveDate>,
    /// The days that brought something.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    told: BTreeMap<NaiveDate, Day>,
    /// The decisions whose day or alert has not come.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    waiting: BTreeSet<EntryId>,
}

/// What of a hand-over days are told by, beside what has been folded.
#[derive(Debug, Default)]
pub(super) struct News {
    /// The first day of which it says something, by number.
    pub(super) first: Option<i32>,
    /// Decisions that stand from now on, or do no more.
    pub(super) decided: Vec<(Arc<Entry>, bool)>,
    /// The day through which the books are closed hard by it.
    pub(super) closing: Option<NaiveDate>,
}

impl News {
    pub(super) fn tells_of(&mut self, day: i32) {
        self.first = Some(self.first.map_or(day, |first| first.min(day)));
    }
}

/// Why nothing can be said, as text.
struct Silence(String);

impl From<AlertError> for Silence {
    fn from(error: AlertError) -> Self {
        Self(error.to_string())
    }
}

impl From<Unread> for Silence {
    fn from(error: Unread) -> Self {
        Self(error.to_string())
    }
}

/// A journal from which days are told.
struct Teller<'j> {
    journal: &'j Journal,
    folds: Folds,
}

impl Teller<'_> {
    /// The watched view as of a day, by what so many hand-overs said.
    fn panel(
        &self,
        watched: &Watched,
        as_of: NaiveDate,
        hand_overs: usize,
    ) -> Result<Panel, Unread> {
        let asking = Asking {
            model: &self.journal.model,
            at: watched.view,
            folds: &self.folds,
            hand_overs,
            known_at: None,
            as_of,
            as_it_is: None,
            limits: Limits::default(),
        };
        asking.panel()
    }

    fn now(&self, watched: &Watched, as_of: NaiveDate) -> Result<Panel, Silence> {
        Ok(self.panel(watched, as_of, self.journal.taken.len())?)
    }

    /// Tells a day of one watch; what cannot be watched is passed over.
    fn tell(&self, watched: &Watched, monitor: &mut Monitor, day: &mut Day) -> Result<(), Silence> {
        let today = day.day;
        if monitor.day().is_some_and(|told| today <= told) {
            return Ok(());
        }
        let panel = match self.now(watched, today) {
            Ok(panel) => panel,
            Err(Silence(why)) => {
                let watch = watched.definition.key.clone();
                day.unwatched.push(Unwatched { watch, why });
                monitor.pass_over(today);
                return Ok(());
            }
        };
        let hours = self.journal.model.working_hours();
        let events = monitor.watch(&watched.rules, today, hours, |_| Ok(&panel));
        let events = events.inspect_err(|_: &AlertError| monitor.pass_over(today))?;
        for event in events {
            day.notices.push(notice(watched, event, &panel, today));
        }
        Ok(())
    }

    /// What a hand-over says of days that were told before, of one watch.
    fn hindsight(
        &self,
        watched: &Watched,
        monitor: &mut Monitor,
        (before, known): (NaiveDate, NaiveDateTime),
    ) -> Result<Option<Hindsight>, Silence> {
        if monitor.day().is_none_or(|told| told < before) {
            return Ok(None);
        }
        let now = self.now(watched, before)?;
        let then = self.panel(watched, before, self.journal.taken.len() - 1)?;
        let answers = amended(&then, &now);
        let alerts = monitor.rewatch(&watched.rules, known, |day| self.now(watched, day))?;
        if answers.is_empty() && alerts.is_empty() {
            return Ok(None);
        }
        Ok(Some(Hindsight {
            watch: watched.definition.key.clone(),
            known,
            alerts,
            answers,
        }))
    }

    /// Closes the history of one watch through a day.
    fn close(
        &self,
        watched: &Watched,
        monitor: &mut Monitor,
        through: NaiveDate,
    ) -> Result<(), Silence> {
        monitor.close(&watched.rules, through, |day| self.now(watched, day))?;
        Ok(())
    }
}

/// For so many days more than history stays open it is not yet closed, so that it is gone through again now and then only.
const LEEWAY: i32 = 31;

impl Days {
    fn begin(&mut self, model: &Model, go_live: NaiveDate) {
        if self.from.is_some() {
            return;
        }
        self.from = Some(go_live);
        let first = |watched: &Watched| {
            watched
                .definition
                .from
                .map_or(go_live, |from| from.max(go_live))
        };
        let beginning = |watched: &Watched| Monitor::beginning(first(watched));
        self.monitors = model.watches().iter().map(beginning).collect();
    }

    /// The monitor of the watch that has a rule.
    fn of_rule<'d>(&'d mut self, model: &Model, rule: &str) -> Option<&'d mut Monitor> {
        let own = |watched: &Watched| watched.rules.find(rule).is_some();
        let at = model.watches().iter().position(own)?;
        self.monitors.get_mut(at)
    }

    /// Does what was decided about alerts that are there, up to a day.
    fn decide(&mut self, journal: &Journal, day: NaiveDate) {
        let waiting = std::mem::take(&mut self.waiting);
        // In canonical order, whatever they are called.
        let mut due: Vec<(u32, EntryId)> = Vec::new();
        for id in waiting {
            match journal.by_id.get(&id) {
                Some(at) => due.push((*at, id)),
                None => _ = self.waiting.insert(id),
            }
        }
        due.sort_unstable();
        for (at, id) in due {
            let entry = &journal.entries[at as usize].entry;
            let is_done = match entry.content() {
                Content::Decide(decision) if entry.day() <= day => {
                    let monitor = self.of_rule(&journal.model, decision.alert.rule().as_str());
                    monitor.is_some_and(|monitor| decision.apply(entry, monitor))
                }
                _ => false,
            };
            if !is_done {
                self.waiting.insert(id);
            }
        }
    }

    fn day(&mut self, day: NaiveDate, known: NaiveDateTime) -> &mut Day {
        let new = || Day::new(day, Some(known));
        self.told.entry(day).or_insert_with(new)
    }

    /// Forgets what was told of days that are closed for every watch.
    fn forget(&mut self) {
        let closed = self.monitors.iter().map(Monitor::closed_through).min();
        if let Some(from) = closed.flatten().and_then(|closed| closed.succ_opt()) {
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
        (self.monitors.is_empty() || self.monitors.len() == watches) && told.is_none_or(is_early)
    }
}

impl Journal {
    /// Tells the days through which a hand-over that was just taken in is the first to be complete, and what it says of those
    /// before.
    pub(super) fn tell_days(&mut self, news: &News) {
        let Some(taken) = self.taken.last().copied() else {
            return;
        };
        if self.model.watches().is_empty() {
            return;
        }
        let before = self.taken.len().checked_sub(2);
        let before = before.map(|at| self.taken[at].complete_through);
        let through = taken.complete_through;
        let mut shared = std::mem::take(&mut self.days);
        let own = Arc::make_mut(&mut shared);
        own.begin(&self.model, self.go_live);
        for (entry, stands) in &news.decided {
            let Content::Decide(decision) = entry.content() else {
                continue;
            };
            if *stands {
                own.waiting.insert(entry.id().clone());
            } else if !own.waiting.remove(entry.id())
                && let Some(monitor) = own.of_rule(&self.model, decision.alert.rule().as_str())
            {
                decision.undo(entry, monitor);
            }
        }
        let journal = &*self;
        let teller = Teller {
            journal,
            folds: journal.folds(),
        };
        let is_late = |day: &NaiveDate| {
            let first = news.first;
            first.is_some_and(|first| first <= day.num_days_from_ce())
        };
        let watches = journal.model.watches();
        if let Some(before) = before.filter(is_late) {
            for (at, watched) in watches.iter().enumerate() {
                let monitor = &mut own.monitors[at];
                match teller.hindsight(watched, monitor, (before, taken.known)) {
                    Ok(None) => {}
                    Ok(Some(hindsight)) => own.day(through, taken.known).late.push(hindsight),
                    Err(Silence(why)) => {
                        let watch = watched.definition.key.clone();
                        let unwatched = Unwatched { watch, why };
                        own.day(through, taken.known).unwatched.push(unwatched);
                    }
                }
            }
        }
        if let Some(before) = before {
            own.decide(journal, before);
        }
        let first = before.map_or(Some(journal.go_live), |before| before.succ_opt());
        let mut next = first.filter(|first| *first <= through);
        while let Some(today) = next {
            own.decide(journal, today);
            let mut day = Day::new(today, Some(taken.known));
            for (at, watched) in watches.iter().enumerate() {
                let monitor = &mut own.monitors[at];
                if let Err(Silence(why)) = teller.tell(watched, monitor, &mut day) {
                    let watch = watched.definition.key.clone();
                    day.unwatched.push(Unwatched { watch, why });
                }
                // Where history cannot be closed, it stays open.
                if let Some(through) = closes(watched, monitor, today) {
                    _ = teller.close(watched, monitor, through);
                }
            }
            if !(day.notices.is_empty() && day.unwatched.is_empty()) {
                let late = own.told.remove(&today).map(|day| day.late);
                day.late = late.unwrap_or_default();
                own.told.insert(today, day);
            }
            next = today.succ_opt().filter(|next| *next <= through);
        }
        if let Some(closing) = news.closing {
            for (at, watched) in watches.iter().enumerate() {
                _ = teller.close(watched, &mut own.monitors[at], closing);
            }
        }
        own.forget();
        drop(teller);
        self.days = shared;
    }

    /// Returns what a day brought, as it was told by the first hand-over that is complete through it; of a day that is not
    /// complete yet a preview by what is known now, in which what is new has no identity.
    ///
    /// Asking changes nothing, and how often somebody does plays no part in what is told.
    ///
    /// # Errors
    /// [`JournalError::DayNotKept`] for a day before the journal begins, or behind those of which every watch keeps the history.
    pub fn day(&self, day: NaiveDate) -> Result<Day, JournalError> {
        let from = self.days.from.unwrap_or(self.go_live);
        if day < from {
            return Err(JournalError::DayNotKept { day, from });
        }
        if let Some(told) = self.days.told.get(&day) {
            return Ok(told.clone());
        }
        let is_complete = |taken: &&super::hand_over::Taken| day <= taken.complete_through;
        if let Some(taken) = self.taken.iter().find(is_complete) {
            return Ok(Day::new(day, Some(taken.known)));
        }
        Ok(self.preview(day))
    }

    fn preview(&self, last: NaiveDate) -> Day {
        let mut days = self.days.as_ref().clone();
        days.begin(&self.model, self.go_live);
        let teller = Teller {
            journal: self,
            folds: self.folds(),
        };
        let told = self.complete_through();
        let first = told.map_or(Some(self.go_live), |told| told.succ_opt());
        let first = first.unwrap_or(last);
        let mut day = Day::new(last, None);
        for today in first.iter_days().take_while(|today| *today <= last) {
            days.decide(self, today);
            day = Day::new(today, None);
            for (watched, monitor) in self.model.watches().iter().zip(&mut days.monitors) {
                if let Err(Silence(why)) = teller.tell(watched, monitor, &mut day) {
                    let watch = watched.definition.key.clone();
                    day.unwatched.push(Unwatched { watch, why });
                }
            }
        }
        for notice in &mut day.notices {
            notice.alert = notice
                .alert
                .take()
                .filter(|alert| told.is_some_and(|told| alert.day() <= told));
        }
        day
    }
}

/// The day through which the history of a watch is closed once a day is told.
fn closes(watched: &Watched, monitor: &Monitor, today: NaiveDate) -> Option<NaiveDate> {
    let open = i32::from(watched.definition.open_days);
    let through = today.num_days_from_ce().checked_sub(open)?;
    let first = watched.definition.from.map(|from| from.num_days_from_ce());
    let closed = monitor.closed_through().map(|day| day.num_days_from_ce());
    let is_long = closed
        .or(first)
        .is_none_or(|closed| through - closed >= LEEWAY);
    NaiveDate::from_num_days_from_ce_opt(through).filter(|_| is_long)
}

fn notice(watched: &Watched, event: Event, panel: &Panel, today: NaiveDate) -> Notice {
    let subject = event.id.subject().to_vec();
    Notice {
        watch: watched.definition.key.clone(),
        rule: event.id.rule().clone(),
        figures: figures(&watched.rules, panel, &subject, today),
        subject,
        severity: event.severity,
        what: event.what,
        to: event.to,
        alert: Some(event.id),
    }
}

/// The figures of a row that rules read in the period of a day.
fn figures(
    rules: &RuleSet,
    panel: &Panel,
    subject: &[crate::key::Key],
    today: NaiveDate,
) -> Vec<Stated> {
    let place = panel
        .subjects()
        .find(subject)
        .zip(panel.periods().on(today));
    let Some((row, period)) = place else {
        return Vec::new();
    };
    let stated = rules.columns().filter_map(|column| {
        let answer = panel.answer(column, row, period).ok()?;
        Some(Stated {
            column: column.clone(),
            value: answer.ratio(),
        })
    });
    stated.collect()
}

/// The answers of one panel that are others in another one of the same view.
fn amended(then: &Panel, now: &Panel) -> Vec<Amended> {
    let mut found = Vec::new();
    let of = |panel: &Panel, row: &[crate::key::Key], column, period| -> Result<Ratio, Reason> {
        let row = panel.subjects().find(row).ok_or(Reason::NotApplicable)?;
        let answer = panel.answer(column, row, period);
        answer.map_or(Err(Reason::NotApplicable), |answer| answer.ratio())
    };
    let rows = |panel: &Panel| -> Vec<Vec<crate::key::Key>> {
        let subjects = panel.subjects();
        let ids = (0..subjects.len()).map(crate::space::RowId::at);
        ids.map(|row| subjects.members(row).to_vec()).collect()
    };
    let mut all = rows(now);
    for row in rows(then) {
        if now.subjects().find(&row).is_none() {
            all.push(row);
        }
    }
    for row in &all {
        for period in now.periods() {
            for column in now.columns() {
                let (before, after) = (
                    of(then, row, column.key(), period.id),
                    of(now, row, column.key(), period.id),
                );
                if before != after {
                    found.push(Amended {
                        row: row.clone(),
                        period: period.label.clone(),
                        column: column.key().clone(),
                        before,
                        after,
                    });
                }
            }
        }
    }
    found
}
