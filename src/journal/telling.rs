//! Days are told once: by the first hand-over that is complete through them, in order, with its knowledge.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{Datelike, NaiveDate, NaiveDateTime};

use super::day::{Amended, Day, Hindsight, Notice, Unwatched};
use super::days::{Days, News};
use super::decision::Stated;
use super::entry::Content;
use super::error::JournalError;
use super::hand_over::Taken;
use super::id::EntryId;
use super::journal::Journal;
use super::needed::Needed;
use super::reading::{Asking, Folds, Unread};
use crate::alert::{AlertError, Event, Monitor};
use crate::key::Key;
use crate::limits::Limits;
use crate::model::Watched;
use crate::panel::{Column, Panel, Reason};
use crate::quantity::Ratio;
use crate::rule::RuleSet;
use crate::space::RowId;

/// Why nothing can be said.
enum Silence {
    /// Records of what is closed are needed first.
    Needed(Box<Needed>),
    /// For this reason.
    Because(String),
}

impl From<AlertError> for Silence {
    fn from(error: AlertError) -> Self {
        Self::Because(error.to_string())
    }
}

impl From<Unread> for Silence {
    fn from(error: Unread) -> Self {
        match error {
            Unread::Needed(needed) => Self::Needed(needed),
            other => Self::Because(other.to_string()),
        }
    }
}

impl Silence {
    /// Tells of a watch that it can say nothing; what is needed is asked for.
    fn told(self, watched: &Watched) -> Result<Unwatched, JournalError> {
        match self {
            Self::Needed(needed) => Err(JournalError::Needed { needed }),
            Self::Because(why) => Ok(Unwatched {
                watch: watched.definition.key.clone(),
                why,
            }),
        }
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
    fn tell(
        &self,
        watched: &Watched,
        monitor: &mut Monitor,
        day: &mut Day,
    ) -> Result<(), JournalError> {
        let today = day.day;
        if monitor.day().is_some_and(|told| today <= told) {
            return Ok(());
        }
        match self.told(watched, monitor, today) {
            Ok(notices) => day.notices.extend(notices),
            Err(silence) => {
                day.unwatched.push(silence.told(watched)?);
                monitor.pass_over(today);
            }
        }
        Ok(())
    }

    fn told(
        &self,
        watched: &Watched,
        monitor: &mut Monitor,
        today: NaiveDate,
    ) -> Result<Vec<Notice>, Silence> {
        let panel = self.now(watched, today)?;
        let hours = self.journal.model.working_hours();
        let events = monitor.watch_day(&watched.rules, &panel, today, hours)?;
        let notices = events.into_iter();
        Ok(notices
            .map(|event| notice(watched, event, &panel, today))
            .collect())
    }

    /// What a hand-over says of days that were told before, of one watch.
    fn hindsight(
        &self,
        watched: &Watched,
        (monitor, mark): (&mut Monitor, Option<&Monitor>),
        (before, known): (NaiveDate, NaiveDateTime),
    ) -> Result<Option<Hindsight>, Silence> {
        if monitor.day().is_none_or(|told| told < before) {
            return Ok(None);
        }
        let now = self.now(watched, before)?;
        let then = self.panel(watched, before, self.journal.taken.len() - 1)?;
        let answers = amended(&then, &now);
        let panels = |day| self.now(watched, day);
        let alerts = monitor.rewatch_from(mark, &watched.rules, known, panels)?;
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
        (monitor, marks): (&mut Monitor, &mut BTreeMap<NaiveDate, Monitor>),
        through: NaiveDate,
    ) -> Result<(), Silence> {
        let mark = marks.range(..=through).next_back().map(|(_, mark)| mark);
        let panels = |day| self.now(watched, day);
        monitor.close_from(mark, &watched.rules, through, panels)?;
        marks.retain(|day, _| *day > through);
        Ok(())
    }
}

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
    /// Tells the days through which a hand-over that was just taken in is the first to be complete, and what it says of those
    /// before. Where that fails the journal is no more to be used.
    pub(super) fn tell_days(&mut self, news: &News) -> Result<(), JournalError> {
        let Some(taken) = self.taken.last().copied() else {
            return Ok(());
        };
        if self.model.watches().is_empty() {
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
        let is_late = |day: &NaiveDate| {
            let first = news.first;
            first.is_some_and(|first| first <= day.num_days_from_ce())
        };
        let watches = journal.model.watches();
        if let Some(before) = before.filter(is_late) {
            for (at, watched) in watches.iter().enumerate() {
                let marks = &mut own.marks[at];
                marks.retain(|day, _| !is_late(day));
                let mark = marks.last_key_value().map(|(_, mark)| mark);
                let monitor = (&mut own.monitors[at], mark);
                match teller.hindsight(watched, monitor, (before, taken.known)) {
                    Ok(None) => {}
                    Ok(Some(hindsight)) => own.day(through, taken.known).late.push(hindsight),
                    Err(silence) => {
                        let unwatched = silence.told(watched)?;
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
            if !(day.notices.is_empty() && day.unwatched.is_empty()) {
                let late = own.told.remove(&today).map(|day| day.late);
                day.late = late.unwrap_or_default();
                own.told.insert(today, day);
            }
            next = today.succ_opt().filter(|next| *next <= through);
        }
        if let Some(closing) = news.closing {
            for (at, watched) in watches.iter().enumerate() {
                let own = (&mut own.monitors[at], &mut own.marks[at]);
                _ = teller.close(watched, own, closing);
            }
        }
        own.forget(&self.model, through);
        self.days = shared;
        Ok(())
    }

    /// Returns what a day brought, as it was told by the first hand-over that is complete through it; of a day that is not
    /// complete yet a preview by what is known now, in which what is new has no identity.
    ///
    /// Asking changes nothing, and how often somebody does plays no part in what is told.
    ///
    /// # Errors
    /// [`JournalError::DayNotKept`] for a day before the journal begins, or longer ago than any watch holds history open;
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
fn figures(rules: &RuleSet, panel: &Panel, subject: &[Key], today: NaiveDate) -> Vec<Stated> {
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
    let rows = |panel: &Panel| -> Vec<Vec<Key>> {
        let subjects = panel.subjects();
        let ids = (0..subjects.len()).map(RowId::at);
        ids.map(|row| subjects.members(row).to_vec()).collect()
    };
    let mut all = rows(now);
    let is_gone = |row: &Vec<Key>| now.subjects().find(row).is_none();
    all.extend(rows(then).into_iter().filter(is_gone));
    let of = |panel: &Panel, column: Option<&Column>, row, period| -> Result<Ratio, Reason> {
        let cell = column.zip(row).and_then(|(column, row)| {
            let cell = panel.cell(row, period).ok()?;
            Some(column.answer(cell).ratio())
        });
        cell.unwrap_or(Err(Reason::NotApplicable))
    };
    for column in now.columns() {
        let told = then.find(column.key());
        for row in &all {
            let (was, is) = (then.subjects().find(row), now.subjects().find(row));
            for period in now.periods() {
                let before = of(then, told, was, period.id);
                let after = of(now, Some(column), is, period.id);
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
