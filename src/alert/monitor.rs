//! Alerts and where they stand, for one set of rules over one list of subjects.

use std::borrow::Borrow;
use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime};
use serde::{Deserialize, Serialize};

use super::cell::{Needed, Part, fires_by_period};
use super::incident::Pending;
use super::saved::MonitorDocument;
use super::telling::{Telling, Tellings, date};
use super::track::{Step, Told, Track, Turn, number};
use super::{AlertError, Event, Incident, Status, What};
use crate::calendar::{DayRange, PeriodId, WorkingHours};
use crate::key::Key;
use crate::panel::Panel;
use crate::rule::{Answers, BLOCK, Block, Judge, RuleError, RuleSet, WhenUnknown};
use crate::space::{RowId, Subjects};

/// Alerts and where they stand, for one set of rules over one list of subjects.
///
/// Written and read, a monitor is equal to itself; what happens next does not depend on whether it was.
///
/// It is told day by day. [`Monitor::watch`] asks for a panel as of each day, so that a period is watched while it runs;
/// [`Monitor::advance`] goes on by one panel, whose periods that are over are told on their last day and whose running one on the
/// day as of which its figures are. Either fills what lies between the day that was told last and this one, so that lives depend
/// on days and figures and never on how often somebody asked. What must last so many periods, or stay clear for so many, counts
/// each period once, by what was told of it last; what is measured in days is so by every day that was told.
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
    /// The latest day that was told.
    pub(super) told: Option<i32>,
    pub(super) tellings: Tellings,
    /// Where everything stood at the end of the day through which history is closed.
    pub(super) closed: Option<Box<Monitor>>,
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

    /// Returns a monitor that has seen nothing and whose first day is this one: [`Monitor::watch`] begins with it, however late
    /// somebody asks first.
    #[must_use]
    pub fn beginning(day: NaiveDate) -> Self {
        Self {
            told: Some(day.num_days_from_ce() - 1),
            ..Self::default()
        }
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

    /// Returns what is pending: conditions that hold and have not lasted long enough yet, or whose rule still rests. The order is
    /// that of the rules and then of the subjects.
    #[must_use]
    pub fn pending(&self) -> Vec<Pending> {
        let Some(subjects) = &self.subjects else {
            return Vec::new();
        };
        let mut pending = Vec::new();
        for (index, track) in self.tracks.iter().enumerate() {
            for subject in track.cells.all_moving() {
                let (firing, row) = track.cells.get(subject);
                let began = track.began.get(&number(subject)).copied();
                let since = began.unwrap_or_else(|| self.tellings.start(row, track.by_period));
                let since = since.max(self.after_the_last(index, subject));
                if let (false, 1.., Some(since)) = (firing, row, date(since)) {
                    pending.push(Pending {
                        rule: track.rule.clone(),
                        subject: subjects.members(RowId::at(subject)).to_vec(),
                        since,
                    });
                }
            }
        }
        pending
    }

    /// Returns the latest day that was told; the one before the first where none was yet and the first is known.
    #[must_use]
    pub fn day(&self) -> Option<NaiveDate> {
        self.told.and_then(date)
    }

    /// Goes on to a period of a panel and returns what happened, in the order of days, then of the rules and then of the subjects.
    ///
    /// The period is told on its last day, or where it runs as of the panel's day ([`Panel::as_of`]) on that: so it can be told
    /// again on every later day, and once more when it is over. Periods of the panel that lie between are told first, each on its
    /// last day. `at` is the time at which all this is told. Rules and subjects may have changed since: what is gone expires,
    /// what is new begins.
    ///
    /// # Errors
    /// [`AlertError::OutOfOrder`]; [`AlertError::NotBegun`] for a period that begins after the panel's day;
    /// [`RuleError::NoSuchPeriod`]. The monitor is then unchanged.
    ///
    /// ```
    /// use quotaflow::alert::{Monitor, What};
    /// use quotaflow::calendar::{Calendar, Grain};
    /// use quotaflow::panel::{Column, Panel};
    /// use quotaflow::quantity::Quantum;
    /// use quotaflow::rule::{RuleDef, RuleSet};
    /// use quotaflow::space::Subjects;
    /// let months = Calendar::gregorian().periods(Grain::Month, "2026-01-01".parse()?, "2026-03-01".parse()?)?;
    /// let as_of = |day: &str, complaints: [i64; 2]| {
    ///     let mut panel = Panel::new(Subjects::whole(), months.clone()).as_of_day(day.parse()?);
    ///     let complaints = complaints.to_vec();
    ///     panel.add(Column::amounts("complaints".parse()?, "count:complaint".parse()?, Quantum::ONE, complaints))?;
    ///     Ok::<_, quotaflow::Error>(panel)
    /// };
    /// let tenth = as_of("2026-01-10", [7, 0])?;
    /// let rules = RuleSet::compile([RuleDef::new("many", "complaints > 5".parse()?)?], &tenth)?;
    /// let (january, mut monitor) = (months.id("2026-01")?, Monitor::new());
    /// for (day, panel) in [("2026-01-10", tenth), ("2026-01-11", as_of("2026-01-11", [8, 0])?)] {
    ///     let evening = day.parse::<chrono::NaiveDate>()?.and_time(chrono::NaiveTime::MIN);
    ///     let events = monitor.advance(&rules.over(&panel)?, january, evening)?;
    ///     assert_eq!(events.len(), usize::from(day == "2026-01-10"));
    /// }
    /// assert_eq!(monitor.incidents()[0].id.to_string(), "many |  | 2026-01-10");
    /// # Ok::<(), quotaflow::Error>(())
    /// ```
    pub fn advance(
        &mut self,
        judge: &Judge<'_>,
        period: PeriodId,
        at: NaiveDateTime,
    ) -> Result<Vec<Event>, AlertError> {
        let panel = judge.view.panel;
        let periods = panel.periods();
        let Some(range) = periods.range(period) else {
            let (period, periods) = (period.index(), periods.len());
            return Err(RuleError::NoSuchPeriod { period, periods }.into());
        };
        let mut day = last_day(range);
        if let Some(as_of) = panel.as_of().filter(|as_of| *as_of < day) {
            day = as_of;
            if day < range.start() {
                let start = range.start();
                return Err(AlertError::NotBegun { start, as_of });
            }
        }
        let latest = self.day();
        if let Some(latest) = latest.filter(|latest| *latest >= day) {
            return Err(AlertError::OutOfOrder { day, latest });
        }
        let is_untold = |id: &PeriodId| {
            let range = periods.range(*id);
            range.is_some_and(|range| latest.is_some_and(|latest| latest < last_day(range)))
        };
        let before = (0..period.index()).rev().map(PeriodId::at);
        let mut between: Vec<PeriodId> = before.take_while(is_untold).collect();
        between.reverse();
        let mut events = Vec::new();
        for id in between {
            if let Some(range) = periods.range(id) {
                events.extend(self.tell(judge, (id, range), last_day(range), at));
            }
        }
        events.extend(self.tell(judge, (period, range), day, at));
        Ok(events)
    }

    /// Goes on day by day through this one and returns what each day brought: what turned by the panel as of that day, and what
    /// the time until its end did ([`Monitor::tick`]).
    ///
    /// `as_of` gives the panel of a day; it is asked for each day that was not told yet, in order. A monitor that has seen nothing
    /// begins with the day of [`Monitor::beginning`], else with this one. On a day that no period holds only time passes.
    ///
    /// # Errors
    /// Those of `as_of`; [`AlertError::OutOfOrder`] where the day was told already; [`AlertError::Rule`] for a panel that lacks what
    /// the rules read. The monitor is then unchanged.
    pub fn watch<P, E>(
        &mut self,
        rules: &RuleSet,
        through: NaiveDate,
        hours: &WorkingHours,
        mut as_of: impl FnMut(NaiveDate) -> Result<P, E>,
    ) -> Result<Vec<Event>, E>
    where
        P: Borrow<Panel>,
        E: From<AlertError>,
    {
        if let Some(latest) = self.day().filter(|latest| *latest >= through) {
            let day = through;
            return Err(AlertError::OutOfOrder { day, latest }.into());
        }
        let (mut next, mut events) = (self.clone(), Vec::new());
        let first = next
            .told
            .map_or(through.num_days_from_ce(), |told| told + 1);
        for day in (first..=through.num_days_from_ce()).filter_map(date) {
            let panel = as_of(day)?;
            events.extend(next.watch_day(rules, panel.borrow(), day, hours)?);
        }
        *self = next;
        Ok(events)
    }

    /// Tells one day by the panel as of it, and lets its time pass. The monitor is unchanged where that fails.
    pub(crate) fn watch_day(
        &mut self,
        rules: &RuleSet,
        panel: &Panel,
        day: NaiveDate,
        hours: &WorkingHours,
    ) -> Result<Vec<Event>, AlertError> {
        let judge = rules.over(panel)?;
        let at = end_of(day);
        let mut events = if let Some(period) = held(panel, day) {
            self.tell(&judge, period, day, at)
        } else {
            self.told = Some(day.num_days_from_ce());
            Vec::new()
        };
        events.extend(self.tick(rules, at, hours));
        Ok(events)
    }

    /// Tells a day by what a panel says of a period then.
    fn tell(
        &mut self,
        judge: &Judge<'_>,
        (id, range): (PeriodId, DayRange),
        day: NaiveDate,
        at: NaiveDateTime,
    ) -> Vec<Event> {
        let start = range.start().num_days_from_ce();
        let from = self.told.map_or(start, |told| start.max(told + 1));
        self.tell_from(judge, (id, range), (from, day), at)
    }

    /// The same where it is known of which days it says something.
    pub(super) fn tell_from(
        &mut self,
        judge: &Judge<'_>,
        (id, range): (PeriodId, DayRange),
        (from, day): (i32, NaiveDate),
        at: NaiveDateTime,
    ) -> Vec<Event> {
        let period = id.index();
        let start = range.start().num_days_from_ce();
        let last = self.tellings.0.last();
        let part = Part {
            opens: last.is_none_or(|last: &Telling| last.day < start),
            runs: day < last_day(range),
        };
        let mut events = self.arrange(judge, day);
        let number = day.num_days_from_ce();
        self.tellings.push(from, number, part.opens);
        self.told = Some(number);
        let told = Told {
            period,
            part,
            day,
            at,
        };
        let rules = &judge.rules.rules;
        let needed: Vec<Needed> = rules
            .iter()
            .map(|rule| Needed::new(rule.def.persistence, rule.def.life.keep, &self.tellings))
            .collect();
        let turns = self.asked(judge, &needed, (id, part));
        let mut over = Vec::new();
        for (index, (rule, turns)) in rules.iter().zip(turns).enumerate() {
            let rule = (index, rule, needed[index]);
            over.extend(self.turn(judge, rule, told, &turns, &mut events));
        }
        self.open.sort_unstable();
        without(&mut self.open, over);
        debug_assert!(
            self.open
                .iter()
                .all(|open| self.records[*open as usize].status.is_open()),
            "an alert that is over is among those that are open"
        );
        events
    }

    /// Asks every rule about every subject, and returns what turns by it.
    fn asked(
        &mut self,
        judge: &Judge<'_>,
        needed: &[Needed],
        (id, part): (PeriodId, Part),
    ) -> Vec<Vec<(usize, Turn)>> {
        let (period, periods) = (id.index(), judge.view.panel.periods());
        let rules = &judge.rules.rules;
        let subjects = judge.view.subjects();
        let mut turns: Vec<Vec<(usize, Turn)>> = vec![Vec::new(); rules.len()];
        if subjects == 0 {
            return turns;
        }
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
                    part,
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
                        let day = last_day(periods.range(PeriodId::at(began))?);
                        Some(day.num_days_from_ce()).filter(|_| began < period)
                    });
                }
            }
        }
        turns
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
            track.by_period = fires_by_period(rule.def.persistence);
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
                events.push(event(record, day, What::Expired, None));
            }
        }
        events
    }
}

/// Takes numbers out of a list in ascending order. Nothing is looked up: most alerts that are open lie far apart.
fn without(open: &mut Vec<u32>, mut over: Vec<u32>) {
    over.sort_unstable();
    let mut over = over.into_iter().peekable();
    open.retain(|open| {
        while over.next_if(|over| over < open).is_some() {}
        over.peek() != Some(open)
    });
}

/// The last day of a period.
pub(super) fn last_day(range: DayRange) -> NaiveDate {
    range.end().pred_opt().unwrap_or(range.start())
}

/// The period that holds a day, with its days.
pub(super) fn held(panel: &Panel, day: NaiveDate) -> Option<(PeriodId, DayRange)> {
    let id = panel.periods().on(day)?;
    Some((id, panel.periods().range(id)?))
}

/// The time at which a day is told that is watched: its last second.
fn end_of(day: NaiveDate) -> NaiveDateTime {
    let second = NaiveTime::from_hms_opt(23, 59, 59);
    day.and_time(second.unwrap_or(NaiveTime::MIN))
}

pub(super) fn event(record: &Incident, day: NaiveDate, what: What, to: Option<&Key>) -> Event {
    Event {
        id: record.id.clone(),
        day,
        severity: record.severity,
        what,
        to: to.cloned(),
    }
}
