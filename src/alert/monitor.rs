//! Alerts and where they stand, for one set of rules over one list of subjects.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate, NaiveDateTime};
use serde::{Deserialize, Serialize};

use super::cell::{LONGEST, Needed, start};
use super::saved::MonitorDocument;
use super::track::{Step, Track, Turn, number};
use super::{AlertError, AlertId, Event, Incident, Status, What};
use crate::calendar::PeriodId;
use crate::key::Key;
use crate::panel::Panel;
use crate::rule::{Answers, BLOCK, Block, Judge, RuleError, RuleSet, WhenUnknown};
use crate::space::{RowId, Subjects};

/// Alerts and where they stand, for one set of rules over one list of subjects.
///
/// Written and read, a monitor is equal to itself; what happens next does not depend on whether it was.
///
/// ```
/// use quotaflow::calendar::{Calendar, Grain};
/// use quotaflow::panel::{Column, ColumnKey, Panel};
/// use quotaflow::quantity::Quantum;
/// use quotaflow::alert::{Monitor, What};
/// use quotaflow::rule::{Persistence, RuleDef, RuleSet};
/// use quotaflow::space::Subjects;
/// let months = Calendar::gregorian().periods(Grain::Month, "2026-01-01".parse()?, "2026-06-01".parse()?)?;
/// let mut panel = Panel::new(Subjects::whole(), months);
/// let visits = Column::amounts(ColumnKey::actual("visits")?, "count:visit".parse()?, Quantum::ONE, vec![9, 3, 2, 9, 9]);
/// panel.add(visits)?;
/// let rule = RuleDef::new("idle", "visits < 5".parse()?)?.lasting(Persistence::Periods(2.into()));
/// let rules = RuleSet::compile(vec![rule], &panel)?;
/// let (mut monitor, judge) = (Monitor::new(), rules.over(&panel)?);
/// let mut told = Vec::new();
/// for period in panel.periods() {
///     let evening = "2026-06-01T18:00:00".parse()?;
///     let events = monitor.advance(&judge, period.id, evening)?;
///     told.extend(events.into_iter().map(|event| (period.label.to_string(), event.what)));
/// }
/// assert_eq!(told, [("2026-03".to_owned(), What::Fired), ("2026-04".to_owned(), What::Resolved)]);
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(try_from = "MonitorDocument", into = "MonitorDocument")]
pub struct Monitor {
    /// The first days of the periods so far, as many as a row can be long.
    pub(super) days: Vec<i32>,
    pub(super) subjects: Option<Subjects>,
    pub(super) tracks: Vec<Track>,
    pub(super) records: Vec<Incident>,
    /// The records that are open, by their number.
    pub(super) open: Vec<u32>,
}

impl Monitor {
    /// Returns a monitor that has seen nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns a monitor that has gone through a panel from its first period to this one, each told at the time that `at` says.
    ///
    /// # Errors
    /// As [`Monitor::advance`]; [`RuleError::NoSuchPeriod`] for a period of another panel.
    pub fn replay(
        rules: &RuleSet,
        panel: &Panel,
        through: PeriodId,
        at: impl Fn(PeriodId) -> NaiveDateTime,
    ) -> Result<Self, AlertError> {
        let mut monitor = Self::new();
        let judge = rules.over(panel)?;
        if panel.periods().range(through).is_none() {
            let (period, periods) = (through.index(), panel.periods().len());
            return Err(RuleError::NoSuchPeriod { period, periods }.into());
        }
        for period in panel.periods().ids().take_while(|id| *id <= through) {
            monitor.advance(&judge, period, at(period))?;
        }
        Ok(monitor)
    }

    /// Returns all alerts, in the order in which they fired.
    #[must_use]
    pub fn incidents(&self) -> &[Incident] {
        &self.records
    }

    /// Returns the alerts that are still there, in the order in which they fired.
    pub fn open(&self) -> impl Iterator<Item = &Incident> {
        self.records.iter().filter(|record| record.status.is_open())
    }

    /// Returns what is pending: conditions that hold and have not lasted long enough yet, or whose rule still rests. Each has
    /// the identity that its alert will have if it fires. The order is that of the rules and then of the subjects.
    #[must_use]
    pub fn pending(&self) -> Vec<AlertId> {
        let Some(subjects) = &self.subjects else {
            return Vec::new();
        };
        let mut pending = Vec::new();
        for track in &self.tracks {
            for subject in track.cells.all_moving() {
                let (firing, row) = track.cells.get(subject);
                let began = track.began.get(&number(subject)).copied();
                let since = began.unwrap_or_else(|| start(&self.days, row));
                let since = NaiveDate::from_num_days_from_ce_opt(since);
                if let (false, 1.., Some(since)) = (firing, row, since) {
                    pending.push(AlertId::row(
                        track.rule.clone(),
                        subjects,
                        RowId::at(subject),
                        since,
                    ));
                }
            }
        }
        pending
    }

    /// Returns the first day of the latest period.
    #[must_use]
    pub fn day(&self) -> Option<NaiveDate> {
        self.days
            .last()
            .and_then(|day| NaiveDate::from_num_days_from_ce_opt(*day))
    }

    /// Goes on by one period of a panel and returns what happened, in the order of the rules and then of the subjects.
    ///
    /// `at` is the time at which this is told. Rules and subjects may have changed since the latest period: what is gone
    /// expires, what is new begins.
    ///
    /// # Errors
    /// [`AlertError::OutOfOrder`]; [`RuleError::NoSuchPeriod`]. The monitor is then unchanged.
    pub fn advance(
        &mut self,
        judge: &Judge<'_>,
        period: PeriodId,
        at: NaiveDateTime,
    ) -> Result<Vec<Event>, AlertError> {
        let (id, period) = (period, period.index());
        let periods = judge.view.panel.periods();
        let Some(range) = periods.range(id) else {
            return Err(RuleError::NoSuchPeriod {
                period,
                periods: periods.len(),
            }
            .into());
        };
        let day = range.start();
        if let Some(latest) = self.day().filter(|latest| *latest >= day) {
            return Err(AlertError::OutOfOrder { day, latest });
        }
        let mut events = self.arrange(judge, day);
        if self.days.len() >= 2 * LONGEST {
            self.days.drain(..LONGEST);
        }
        self.days.push(day.num_days_from_ce());
        let rules = &judge.rules.rules;
        let subjects = judge.view.subjects();
        let needed: Vec<Needed> = rules
            .iter()
            .map(|rule| Needed::new(rule.def.persistence, rule.def.life.keep, &self.days))
            .collect();
        let mut turns: Vec<Vec<(usize, Turn)>> = vec![Vec::new(); rules.len()];
        if subjects > 0 {
            let mut block = Block::new(&judge.view, 0);
            for start in (0..subjects).step_by(BLOCK) {
                block.move_to(start);
                let present = block.present();
                for (index, rule) in rules.iter().enumerate() {
                    let Answers {
                        holds,
                        clear,
                        unknown,
                    } = judge.answers(&mut block, rule, period, &present);
                    // Only a severity by size can change while an alert goes on.
                    let (needed, sized) = (needed[index], rule.is_sized());
                    let step = Step {
                        block: start / BLOCK,
                        holds,
                        clear,
                        needed,
                        sized,
                    };
                    let (track, turns) = (&mut self.tracks[index], &mut turns[index]);
                    track.step(&step, turns);
                    if rule.def.unknown == WhenUnknown::Report {
                        let own = turns.len();
                        track.cannot_say(start / BLOCK, &unknown, turns);
                        if turns.len() > own {
                            turns.sort_by_key(|(subject, _)| *subject);
                        }
                    }
                    if rule.looks_back() {
                        track.note_beginnings(start / BLOCK, &holds, |subject| {
                            let began = judge.began(rule, subject, period);
                            let day = periods.range(PeriodId::at(began))?.start();
                            Some(day.num_days_from_ce()).filter(|_| began < period)
                        });
                    }
                }
            }
        }
        for (index, (rule, turns)) in rules.iter().zip(turns).enumerate() {
            self.turn(judge, (index, rule), period, at, &turns, &mut events);
        }
        let records = &self.records;
        self.open
            .retain(|open| records[*open as usize].status.is_open());
        self.open.sort_unstable();
        Ok(events)
    }

    /// Makes the tracks those of these rules and subjects. Alerts whose rule or subject is gone expire.
    fn arrange(&mut self, judge: &Judge<'_>, day: NaiveDate) -> Vec<Event> {
        let subjects = judge.view.panel.subjects();
        let rules = &judge.rules.rules;
        let same_rules = self.tracks.len() == rules.len()
            && self
                .tracks
                .iter()
                .zip(rules)
                .all(|(track, rule)| track.rule == rule.def.key);
        let same = same_rules && self.subjects.as_ref() == Some(subjects);
        if !same {
            let old = std::mem::take(&mut self.tracks);
            // Where the subjects of before stand now.
            let places: Vec<Option<usize>> = match &self.subjects {
                Some(known) => (0..known.len())
                    .map(|at| Some(subjects.find(known.members(RowId::at(at)))?.index()))
                    .collect(),
                None => Vec::new(),
            };
            let by_rule: BTreeMap<&Key, &Track> =
                old.iter().map(|track| (&track.rule, track)).collect();
            for rule in rules {
                let fresh = Track::new(rule.def.key.clone(), subjects.len());
                let known = by_rule.get(&rule.def.key);
                self.tracks.push(match known {
                    Some(known) => known.moved(fresh, &places),
                    None => fresh,
                });
            }
            self.subjects = Some(subjects.clone());
        }
        for (track, rule) in self.tracks.iter_mut().zip(rules) {
            match rule.def.life.flapping {
                Some(_) => _ = track.flaps.get_or_insert_default(),
                None => track.flaps = None,
            }
            if rule.def.unknown != WhenUnknown::Report {
                track.undecided.clear();
            }
            if !rule.looks_back() {
                track.began.clear();
            }
        }
        if same {
            return Vec::new();
        }
        let mut held = vec![false; self.records.len()];
        for (_, record) in self.tracks.iter().flat_map(|track| track.latest.iter()) {
            if let Some(held) = held.get_mut(record as usize) {
                *held = true;
            }
        }
        let mut events = Vec::new();
        for index in std::mem::take(&mut self.open) {
            let record = &mut self.records[index as usize];
            if held[index as usize] {
                self.open.push(index);
            } else if record.status.is_open() {
                record.status = Status::Expired { on: day };
                events.push(event(record, What::Expired, None));
            }
        }
        events
    }
}

pub(super) fn event(record: &Incident, what: What, to: Option<&Key>) -> Event {
    Event {
        id: record.id.clone(),
        severity: record.severity,
        what,
        to: to.cloned(),
    }
}
