//! History told again: what late and corrected records change.

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveDateTime};
use serde::Serialize;

use super::super::RuleSet;
use super::record::{AlertId, Record, Status};
use super::{Monitor, MonitorError};
use crate::panel::Panel;

impl Monitor {
    /// Goes through history again with records that came late or were corrected, keeps what people decided about the
    /// alerts that are still there, and returns what is different, in the order of identities.
    ///
    /// # Errors
    /// As [`Monitor::advance`]; the monitor is then unchanged.
    pub fn correct(
        &mut self,
        rules: &RuleSet,
        panel: &Panel,
        at: NaiveDateTime,
    ) -> Result<Vec<Difference>, MonitorError> {
        let mut fresh = Self::new();
        let judge = rules.over(panel)?;
        let known: BTreeMap<&AlertId, &Record> = self
            .records
            .iter()
            .map(|record| (&record.id, record))
            .collect();
        for period in 0..panel.periods().len() {
            let start = panel
                .periods()
                .range(period)
                .map(crate::calendar::DayRange::start);
            if start > self.day() {
                break;
            }
            // What was given up meanwhile stays so: that depends on time, and not on the records.
            fresh.give_up(&known, start);
            fresh.advance(&judge, period, at)?;
        }
        fresh.give_up(&known, None);
        for record in &mut fresh.records {
            let Some(old) = known.get(&record.id) else {
                continue;
            };
            (record.told, record.repeated, record.rung) = (old.told, old.repeated, old.rung);
            record.cure.clone_from(&old.cure);
            if record.status.is_open() && old.status.is_open() {
                record.status.clone_from(&old.status);
            }
        }
        let differences = differences(&self.records, &fresh.records);
        *self = fresh;
        Ok(differences)
    }

    /// Gives up what is known to have been given up by a day; at any time where there is none.
    fn give_up(&mut self, known: &BTreeMap<&AlertId, &Record>, by: Option<NaiveDate>) {
        for open in &self.open {
            let record = &mut self.records[*open as usize];
            if let Some(old) = known.get(&record.id)
                && let Status::Expired { on } = old.status
                && by.is_none_or(|by| on <= by)
            {
                record.status = Status::Expired { on };
            }
        }
        self.open
            .retain(|open| self.records[*open as usize].status.is_open());
    }
}

/// A difference between two accounts of the same history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The alert.
    pub id: AlertId,
    /// As it was told before; `None` if it was not known.
    pub before: Option<Record>,
    /// As it is told now; `None` if it never was.
    pub after: Option<Record>,
}

/// Returns the alerts that two accounts tell differently, in the order of identities. When they were told and what people
/// decided does not count.
#[must_use]
pub fn differences(before: &[Record], after: &[Record]) -> Vec<Difference> {
    let mut both: BTreeMap<&AlertId, (Option<&Record>, Option<&Record>)> = BTreeMap::new();
    for record in before {
        both.entry(&record.id).or_default().0 = Some(record);
    }
    for record in after {
        both.entry(&record.id).or_default().1 = Some(record);
    }
    let same = |left: &Record, right: &Record| {
        (
            left.severity,
            left.fired,
            left.ended(),
            left.reopened,
            left.recurrence,
        ) == (
            right.severity,
            right.fired,
            right.ended(),
            right.reopened,
            right.recurrence,
        )
    };
    both.into_iter()
        .filter(|(_, (before, after))| !matches!((before, after), (Some(left), Some(right)) if same(left, right)))
        .map(|(id, (before, after))| Difference {
            id: id.clone(),
            before: before.cloned(),
            after: after.cloned(),
        })
        .collect()
}
