//! What is told: of a watched view and its rules on a day, and what became otherwise of days that were told.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate, NaiveDateTime};

use crate::alert::{AlertError, Event, Monitor};
use crate::journal::day::{Amended, Day, Hindsight, Notice, Unwatched};
use crate::journal::days::Days;
use crate::journal::decision::Stated;
use crate::journal::error::JournalError;
use crate::journal::journal::Journal;
use crate::journal::needed::Needed;
use crate::journal::reading::{Asking, Folds, Unread};
use crate::key::Key;
use crate::model::Watched;
use crate::panel::{Column, Panel, Reason};
use crate::quantity::Ratio;
use crate::rule::RuleSet;
use crate::space::RowId;

/// Why nothing can be said.
pub(super) enum Silence {
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
    /// Tells of a watch or duty that nothing can be said of it; what is needed is asked for.
    pub(super) fn told(self, watch: &Key) -> Result<Unwatched, JournalError> {
        match self {
            Self::Needed(needed) => Err(JournalError::Needed { needed }),
            Self::Because(why) => {
                let watch = watch.clone();
                Ok(Unwatched { watch, why })
            }
        }
    }
}

/// A journal from which days are told.
pub(super) struct Teller<'j> {
    pub(super) journal: &'j Journal,
    pub(super) folds: Folds,
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
            limits: self.journal.limits,
        };
        asking.panel()
    }

    fn now(&self, watched: &Watched, as_of: NaiveDate) -> Result<Panel, Silence> {
        Ok(self.panel(watched, as_of, self.journal.taken.len())?)
    }

    /// Tells a day of one watch; what cannot be watched is passed over.
    pub(super) fn tell(
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
                day.unwatched.push(silence.told(&watched.definition.key)?);
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

    /// What the last hand-over says of the days through one that were told before, where it says something since another one, and of
    /// duties since a third.
    pub(super) fn look_back(
        &self,
        own: &mut Days,
        (before, first, since): (NaiveDate, i32, NaiveDate),
        day: &mut Day,
    ) -> Result<(), JournalError> {
        let known = self.journal.known().unwrap_or_default();
        for (at, watched) in self.journal.model.watches().iter().enumerate() {
            let marks = &mut own.marks[at];
            marks.retain(|day, _| day.num_days_from_ce() < first);
            let mark = marks.last_key_value().map(|(_, mark)| mark);
            let monitor = (&mut own.monitors[at], mark);
            match self.hindsight(watched, monitor, (before, known)) {
                Ok(hindsight) => day.late.extend(hindsight),
                Err(silence) => day.unwatched.push(silence.told(&watched.definition.key)?),
            }
        }
        self.duties_in_hindsight((before, since), known, day)
    }

    /// Closes the history of one watch through a day.
    pub(super) fn close(
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
