//! Days are told once: by the first hand-over that is complete through them, in order, with its knowledge.

mod duties;
mod teller;

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{Datelike, NaiveDate};

use super::day::Day;
use super::days::Days;
use super::entry::Content;
use super::error::JournalError;
use super::hand_over::Taken;
use super::id::EntryId;
use super::journal::Journal;
use super::news::News;
use crate::alert::Monitor;
use crate::model::{Model, Watched};
use duties::Roll;
use teller::Teller;

/// Every so many days it is kept where everything stands, so that what comes late tells so many days again at most beside those that
/// it reaches; and for so many more than it must, history stays open.
const STRIDE: i32 = 7;

impl Days {
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
                    monitor.is_some_and(|monitor| {
                        decision.apply((entry.day(), entry.booked_at()), monitor)
                    })
                }
                _ => false,
            };
            if !is_done {
                self.waiting.insert(id);
            }
        }
    }
}

impl Journal {
    /// What was told of days, by the watches of another model: what was told is final, and new watches begin with the next day.
    pub(super) fn days_by(&self, model: &Model) -> Days {
        let mut days = self.days.as_ref().clone();
        let Some(through) = self.complete_through() else {
            return days;
        };
        let teller = Teller {
            journal: self,
            folds: self.folds(),
        };
        let own = self.model.watches().iter();
        let mut monitors = BTreeMap::new();
        for ((watched, monitor), marks) in own.zip(&mut days.monitors).zip(&mut days.marks) {
            // Where history cannot be closed, it stays open.
            _ = teller.close(watched, (monitor, marks), through);
            let first = self.days.first_day(watched, self.go_live);
            // Of one that has not begun, the day may become another one.
            if first <= through {
                let kept = (monitor.clone(), std::mem::take(marks));
                monitors.insert(&watched.definition.key, kept);
            }
        }
        let next = through.succ_opt().unwrap_or(through).max(self.go_live);
        let tells = !(model.watches().is_empty() && model.duties().is_empty());
        if days.from.is_none() && tells {
            days.from = Some(next);
        }
        let mut born = std::mem::take(&mut days.born);
        let all = model.watches().iter().map(|watched| {
            let key = &watched.definition.key;
            let (kept, since) = if let Some(kept) = monitors.remove(key) {
                (kept, born.remove(key))
            } else {
                let first = watched.first_day(self.go_live).max(next);
                let new = (Monitor::beginning(first), BTreeMap::new());
                (new, Some(next).filter(|next| self.go_live < *next))
            };
            days.born.extend(since.map(|since| (key.clone(), since)));
            kept
        });
        let all: Vec<_> = all.collect();
        (days.monitors, days.marks) = all.into_iter().unzip();
        days
    }

    /// Whether days bring anything at all.
    pub(super) fn tells_days(&self) -> bool {
        !(self.model.watches().is_empty() && self.model.duties().is_empty())
    }

    /// Tells the days through which a hand-over that was just taken in is the first to be complete, and what it says of those
    /// before. Where that fails the journal is no more to be used.
    pub(super) fn tell_days(&mut self, news: &News) -> Result<(), JournalError> {
        let Some(taken) = self.taken.last().copied() else {
            return Ok(());
        };
        if !self.tells_days() {
            return Ok(());
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
                decision.undo((entry.day(), entry.booked_at()), monitor);
            }
        }
        let journal = &*self;
        let teller = Teller {
            journal,
            folds: journal.folds(),
        };
        let watches = journal.model.watches();
        if let Some((before, first)) = before.zip(news.first)
            && first <= before.num_days_from_ce()
        {
            let mut day = Day::new(through, Some(taken.known));
            let since = news.since.unwrap_or(before);
            teller.look_back(own, (before, first, since), &mut day)?;
            own.learn(day);
        }
        if let Some(before) = before {
            own.decide(journal, before);
        }
        let first = before.map_or(Some(journal.go_live), |before| before.succ_opt());
        let mut next = first.filter(|first| *first <= through);
        let mut roll = Roll::new(journal, (next.unwrap_or(through), through));
        while let Some(today) = next {
            own.decide(journal, today);
            let mut day = Day::new(today, Some(taken.known));
            for (at, watched) in watches.iter().enumerate() {
                let (monitor, marks) = (&mut own.monitors[at], &mut own.marks[at]);
                teller.tell(watched, monitor, &mut day)?;
                if today.num_days_from_ce() % STRIDE == 0 && monitor.day() == Some(today) {
                    marks.insert(today, monitor.mark(&watched.rules));
                }
                // From a mark there is no day to be told again; where history cannot be closed, it stays open.
                if let Some(through) = closes(watched, marks, today) {
                    _ = teller.close(watched, (monitor, marks), through);
                }
            }
            teller.tell_duties(&mut roll, &mut day)?;
            own.tell(day);
            next = today.succ_opt().filter(|next| *next <= through);
        }
        if let Some(closing) = news.closing {
            for (at, watched) in watches.iter().enumerate() {
                let own = (&mut own.monitors[at], &mut own.marks[at]);
                _ = teller.close(watched, own, closing);
            }
        }
        own.forget(&self.model, through, self.books.hard);
        self.days = shared;
        Ok(())
    }

    /// Returns what a day brought, as it was told by the first hand-over that is complete through it; of a day that is not
    /// complete yet a preview by what is known now, in which what is new has no identity. It tells alerts of the rules that watch views, and
    /// duties of the model.
    ///
    /// Asking changes nothing, and how often somebody does plays no part in what is told.
    ///
    /// # Errors
    /// [`JournalError::DayNotKept`] for a day before the journal begins, or longer ago than any watch holds history open (in closed
    /// books, where nothing is watched);
    /// [`JournalError::Needed`] where a preview needs what is forgotten.
    ///
    /// ```
    /// # use quotaflow::journal::{Decision, DecisionDef, Entry, EntryId, Journal};
    /// # use quotaflow::ledger::Record;
    /// # use quotaflow::model::Model;
    /// let model: Model = serde_json::from_str(r#"{
    ///     "dimensions": [{"key": "person", "hierarchies": [{"key": "person", "levels": ["person"]}],
    ///                     "members": [{"key": "ann", "level": "person"}]}],
    ///     "kinds": [{"key": "complaint", "dimensions": [{"field": "person"}]}],
    ///     "span": {"start": "2026-01-01", "end": "2031-01-01"},
    ///     "metrics": [{"key": "complaints", "formula": {"count": {"kinds": ["complaint"]}}}],
    ///     "views": [{"key": "months", "rows": [{"dimension": "person", "level": "person"}],
    ///                "periods": {"grain": "month", "from": "2026-01-01", "to": "2027-01-01"}}],
    ///     "watches": [{"key": "service", "view": "months", "rules": [{"key": "many", "when": "complaints >= 2"}]}]
    /// }"#).map_err(quotaflow::Error::unreadable)?;
    /// let came = |id: &str, day: &str| {
    ///     let record = Record::new("complaint", day.parse()?).id(id).of("person", "ann");
    ///     Entry::record("desk", record).map_err(quotaflow::Error::from)
    /// };
    /// let mut journal = Journal::new(&model, "2026-01-01".parse()?)?;
    /// let entries = [came("1", "2026-01-03")?, came("2", "2026-01-05")?];
    /// journal.enter("2026-01-07T06:00:00".parse()?, "2026-01-06".parse()?, &entries)?;
    /// let fifth = journal.day("2026-01-05".parse()?)?;
    /// let notice = &fifth.notices[0];
    /// let alert = notice.alert.clone().ok_or("told")?;
    /// assert_eq!(alert.to_string(), "many | ann | 2026-01-05");
    ///
    /// let (by, about) = ("eva".try_into()?, notice.figures.clone());
    /// let decision = DecisionDef { alert, by, decided: Decision::Acknowledged, about };
    /// let taken = Entry::decide(EntryId::new("crm", "D-1")?, "2026-01-07".parse()?, decision).because("I call her");
    /// journal.enter("2026-01-08T06:00:00".parse()?, "2026-01-07".parse()?, &[taken])?;
    /// assert!(journal.day("2026-01-09".parse()?)?.is_preview());
    /// # Ok::<(), quotaflow::Error>(())
    /// ```
    pub fn day(&self, day: NaiveDate) -> Result<Day, JournalError> {
        let from = self.days.from.unwrap_or(self.go_live);
        if day < from {
            return Err(JournalError::DayNotKept { day, from });
        }
        if let Some(told) = self.days.told.get(&day) {
            return Ok(told.clone());
        }
        let is_complete = |taken: &&Taken| day <= taken.complete_through;
        if let Some(taken) = self.taken.iter().find(is_complete) {
            return Ok(Day::new(day, Some(taken.known)));
        }
        self.preview(day)
    }

    fn preview(&self, last: NaiveDate) -> Result<Day, JournalError> {
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
                teller.tell(watched, monitor, &mut day)?;
            }
        }
        let mut roll = Roll::new(self, (last, last));
        teller.tell_duties(&mut roll, &mut day)?;
        for notice in &mut day.notices {
            notice.alert = notice
                .alert
                .take()
                .filter(|alert| told.is_some_and(|told| alert.day() <= told));
        }
        Ok(day)
    }
}

/// The day of a mark through which the history of a watch is closed once a day is told.
fn closes(
    watched: &Watched,
    marks: &BTreeMap<NaiveDate, Monitor>,
    today: NaiveDate,
) -> Option<NaiveDate> {
    let open = chrono::Days::new(u64::from(watched.definition.open_days));
    let through = today.checked_sub_days(open)?;
    marks.range(..=through).next_back().map(|(day, _)| *day)
}
