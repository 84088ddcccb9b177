//! History that is closed: what nobody corrects any more is forgotten.

use std::borrow::Borrow;
use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate, NaiveDateTime};

use super::history::same_alerts;
use super::incident::{AlertId, Incident};
use super::track::number;
use super::{AlertError, Monitor};
use crate::panel::Panel;
use crate::rule::{Keep, Persistence, RuleSet};

impl Monitor {
    /// Closes history through a day and returns the alerts that are forgotten by that, in the order in which they fired.
    ///
    /// Where everything stood at the end of the day is kept, and corrections go on from there: the panels that they ask for need
    /// no day before it. What was over by then is forgotten, except for the latest alert of each rule and subject, by which
    /// another one is told to come back, and corrective actions whose effect is still to be checked. Open alerts are kept. So a monitor whose history
    /// is closed again and again stays as large as what is open, whatever has happened.
    ///
    /// `as_of` gives the panel of a day that was told since history was closed last; it is asked for none where the day is the
    /// latest that was told, or a later one. A day through which history is closed already changes nothing.
    ///
    /// # Errors
    /// Those of `as_of`; [`AlertError::HistoryMissing`] for a panel that lacks its day. The monitor is then unchanged.
    pub fn close<P, E>(
        &mut self,
        rules: &RuleSet,
        through: NaiveDate,
        as_of: impl FnMut(NaiveDate) -> Result<P, E>,
    ) -> Result<Vec<Incident>, E>
    where
        P: Borrow<Panel>,
        E: From<AlertError>,
    {
        self.close_from(None, rules, through, as_of)
    }

    /// The same from a mark on; from where history was closed before where there is none.
    pub(crate) fn close_from<P, E>(
        &mut self,
        mark: Option<&Self>,
        rules: &RuleSet,
        through: NaiveDate,
        as_of: impl FnMut(NaiveDate) -> Result<P, E>,
    ) -> Result<Vec<Incident>, E>
    where
        P: Borrow<Panel>,
        E: From<AlertError>,
    {
        let Some(told) = self.told else {
            return Ok(Vec::new());
        };
        let through = through.num_days_from_ce().min(told);
        let before = self.closed.as_ref().and_then(|closed| closed.told);
        if before.is_some_and(|before| through <= before) {
            return Ok(Vec::new());
        }
        let stood = if through == told {
            self.mark(rules)
        } else {
            let at = NaiveDateTime::default();
            let start = mark.or(self.closed.as_deref());
            let (mut stood, _) = self.account(start, rules, (Some(through), at), as_of)?;
            let olds = same_alerts(&self.records, &stood.records);
            for (record, old) in stood.records.iter_mut().zip(olds) {
                if let Some(old) = old {
                    record.id = old.id.clone();
                }
            }
            stood.mark(rules)
        };
        let (days, periods) = longest(rules);
        let kept: BTreeSet<AlertId> = stood
            .records
            .iter()
            .map(|record| record.id.clone())
            .collect();
        let needed: BTreeSet<u32> = self.needed().collect();
        let forgotten = self.retain(|at, record| {
            let over = |end: NaiveDate| end.max(record.id.day()).num_days_from_ce() <= through;
            let checked = record
                .corrective_action
                .as_ref()
                .is_none_or(|action| action.outcome.is_some());
            let is_checked = checked || record.status.is_withdrawn();
            needed.contains(&at)
                || kept.contains(&record.id)
                || !record.ended().is_some_and(over)
                || !is_checked
        });
        let row = self.longest_row().max(periods);
        self.tellings.forget(through, row, days);
        self.closed = Some(Box::new(stood));
        Ok(forgotten)
    }

    /// Where everything stands, without what is over and forgotten when history is closed: corrections of later days may begin here.
    pub(crate) fn mark(&self, rules: &RuleSet) -> Self {
        let mut stood = Self {
            closed: None,
            ..self.clone()
        };
        let own: BTreeSet<u32> = stood.needed().collect();
        stood.retain(|at, _| own.contains(&at));
        let (days, periods) = longest(rules);
        let row = stood.longest_row().max(periods);
        if let Some(told) = stood.told {
            stood.tellings.forget(told, row, days);
        }
        stood
    }

    /// Returns the day through which history is closed, if it is.
    #[must_use]
    pub fn closed_through(&self) -> Option<NaiveDate> {
        self.closed.as_ref().and_then(|closed| closed.day())
    }

    /// The alerts that are open or the latest of their rule and subject, by their numbers.
    fn needed(&self) -> impl Iterator<Item = u32> {
        let latest = self.tracks.iter().flat_map(|track| track.latest.iter());
        self.open
            .iter()
            .copied()
            .chain(latest.map(|(_, record)| record))
    }

    /// Keeps some alerts and returns the others.
    fn retain(&mut self, is_kept: impl Fn(u32, &Incident) -> bool) -> Vec<Incident> {
        let (mut kept, mut gone, mut places) = (Vec::new(), Vec::new(), Vec::new());
        for (at, record) in std::mem::take(&mut self.records).into_iter().enumerate() {
            places.push(number(kept.len()));
            let of = if is_kept(number(at), &record) {
                &mut kept
            } else {
                &mut gone
            };
            of.push(record);
        }
        let place = |record: u32| places.get(record as usize).copied().unwrap_or(record);
        for open in &mut self.open {
            *open = place(*open);
        }
        for track in &mut self.tracks {
            track.latest.renumber(place);
        }
        self.records = kept;
        gone
    }

    fn longest_row(&self) -> u16 {
        let rows = self.tracks.iter().flat_map(|track| {
            let moving = track.cells.all_moving();
            moving.map(|subject| track.cells.get(subject).1.max(track.cells.base(subject)))
        });
        rows.max().unwrap_or(0)
    }
}

/// The most days, and the most periods, for which a rule asks whether something has lasted.
fn longest(rules: &RuleSet) -> (u32, u16) {
    let (mut days, mut periods) = (0, 0);
    for rule in rules.rules() {
        match rule.persistence {
            Persistence::Days(passed) => days = days.max(passed),
            Persistence::Periods(span) => periods = periods.max(span.count),
            Persistence::Immediate => {}
        }
        match rule.life.keep {
            Keep::Days(passed) => days = days.max(passed),
            Keep::Periods(span) => periods = periods.max(span.count),
            Keep::None => {}
        }
    }
    (days, periods)
}
