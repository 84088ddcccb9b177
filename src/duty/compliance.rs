//! What became of a plan, counted: how much of it was done, and how much of that as planned.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::matching::{BrokenAppointment, Departure, Fulfilment, MatchReport};
use crate::key::Key;
use crate::quantity::Ratio;

/// How often items were done otherwise than planned, and the time that broken appointments took.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Departed {
    pub other_customer: i64,
    pub other_place: i64,
    pub too_short: i64,
    pub broken_by_us: i64,
    pub minutes_lost: i64,
    pub expense_lost: i64,
}

/// Counts of planned and done items; they add up over persons and periods.
///
/// Counted as due is what was done and what has to be done by now; what the customer broke is excused from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Compliance {
    /// Items due, excused ones included.
    pub due: i64,
    /// Items that the customer broke.
    pub excused: i64,
    /// Items done, whatever the departure.
    pub done: i64,
    /// Items done as planned, or as agreed with a customer who moved them.
    pub as_planned: i64,
    /// Items done after their day.
    pub late: i64,
    /// Items not done: missed, overdue, or broken by us.
    pub missed: i64,
    /// What was done without having been planned.
    pub unplanned: i64,
    /// Items whose day has not come.
    pub not_yet_due: i64,
}

impl Compliance {
    /// Returns how many items were planned, those to come included.
    #[must_use]
    pub fn planned(&self) -> i64 {
        self.due.saturating_add(self.not_yet_due)
    }

    /// Returns the share of the items due and not excused that were done, whatever the departure.
    #[must_use]
    pub fn compliance(&self) -> Option<Ratio> {
        share(self.done, self.binding())
    }

    /// Returns the share of the items due and not excused that were done as planned.
    #[must_use]
    pub fn adherence(&self) -> Option<Ratio> {
        share(self.as_planned, self.binding())
    }

    /// Returns the share of the items due and not excused that were done by their day, whatever else departed.
    #[must_use]
    pub fn punctuality(&self) -> Option<Ratio> {
        share(self.on_time(), self.binding())
    }

    /// Returns how many items were done by their day.
    #[must_use]
    pub fn on_time(&self) -> i64 {
        self.done.saturating_sub(self.late)
    }

    /// Returns the share of everything done that had not been planned.
    #[must_use]
    pub fn unplanned_share(&self) -> Option<Ratio> {
        share(self.unplanned, self.done.saturating_add(self.unplanned))
    }

    /// Returns both counted together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            due: self.due.saturating_add(other.due),
            excused: self.excused.saturating_add(other.excused),
            done: self.done.saturating_add(other.done),
            as_planned: self.as_planned.saturating_add(other.as_planned),
            late: self.late.saturating_add(other.late),
            missed: self.missed.saturating_add(other.missed),
            unplanned: self.unplanned.saturating_add(other.unplanned),
            not_yet_due: self.not_yet_due.saturating_add(other.not_yet_due),
        }
    }

    /// Returns how many were due and not excused.
    #[must_use]
    pub fn binding(&self) -> i64 {
        self.due.saturating_sub(self.excused)
    }

    fn of(outcome: &Fulfilment) -> Self {
        let none = Self::default();
        match outcome {
            Fulfilment::Done { departures, .. } => {
                let late = departures
                    .iter()
                    .any(|found| matches!(found, Departure::Late(_)));
                // What the customer moved was held as it was then agreed.
                let agreed =
                    |found: &Departure| matches!(found, Departure::Moved(by) if by.excuses());
                let as_planned = i64::from(departures.iter().all(agreed));
                Self {
                    due: 1,
                    done: 1,
                    as_planned,
                    late: i64::from(late),
                    ..none
                }
            }
            Fulfilment::NotYetDue => Self {
                not_yet_due: 1,
                ..none
            },
            Fulfilment::Broken(by) if by.excuses() => Self {
                due: 1,
                excused: 1,
                ..none
            },
            Fulfilment::Overdue | Fulfilment::Missed | Fulfilment::Broken(_) => Self {
                due: 1,
                missed: 1,
                ..none
            },
        }
    }
}

fn share(part: i64, whole: i64) -> Option<Ratio> {
    Ratio::new(i128::from(part), i128::from(whole)).ok()
}

impl MatchReport {
    /// Returns the counts of those items for which `of` holds of person and day (the planned day, or the day on which an
    /// unplanned one was done).
    #[must_use]
    pub fn compliance(&self, of: impl Fn(&Key, NaiveDate) -> bool) -> Compliance {
        let all = self.compliance_by(|person, day| of(person, day).then_some(()));
        all.into_values().next().unwrap_or_default()
    }

    /// Returns the counts of each group to which items belong, in one pass: `group` says to which one an item of a person on a
    /// day belongs, if to any. A group without items is not there.
    #[must_use]
    pub fn compliance_by<G: Ord>(
        &self,
        group: impl Fn(&Key, NaiveDate) -> Option<G>,
    ) -> BTreeMap<G, Compliance> {
        let mut counts: BTreeMap<G, Compliance> = BTreeMap::new();
        for (item, outcome) in &self.planned {
            if let Some(group) = group(&item.person, item.day) {
                let found = counts.entry(group).or_default();
                *found = found.and(Compliance::of(outcome));
            }
        }
        for item in &self.unplanned {
            if let Some(group) = group(&item.person, item.day) {
                counts.entry(group).or_default().unplanned += 1;
            }
        }
        counts
    }

    /// Returns the counts of so many cells of a panel.
    pub(super) fn compliance_of(
        &self,
        cells: usize,
        cell: impl Fn(&Key, NaiveDate) -> Option<usize>,
    ) -> Vec<Compliance> {
        let mut counts = vec![Compliance::default(); cells];
        for (item, outcome) in &self.planned {
            if let Some(found) = cell(&item.person, item.day).and_then(|at| counts.get_mut(at)) {
                *found = found.and(Compliance::of(outcome));
            }
        }
        for item in &self.unplanned {
            if let Some(found) = cell(&item.person, item.day).and_then(|at| counts.get_mut(at)) {
                found.unplanned += 1;
            }
        }
        counts
    }

    /// Returns the departures for so many cells.
    pub(super) fn departed_by(
        &self,
        cells: usize,
        cell: impl Fn(&Key, NaiveDate) -> Option<usize>,
    ) -> Vec<Departed> {
        let mut counts = vec![Departed::default(); cells];
        let lost: BTreeMap<&Key, &BrokenAppointment> =
            self.broken.iter().map(|one| (&one.planned, one)).collect();
        for (item, outcome) in &self.planned {
            let Some(found) = cell(&item.person, item.day).and_then(|at| counts.get_mut(at)) else {
                continue;
            };
            if let Some(broken) = lost.get(&item.id) {
                let by_us = matches!(outcome, Fulfilment::Broken(by) if !by.excuses());
                found.broken_by_us += i64::from(by_us);
                found.minutes_lost += i64::from(broken.minutes_lost);
                found.expense_lost += i64::from(broken.expense_lost);
            }
            let Fulfilment::Done { departures, .. } = outcome else {
                continue;
            };
            for departure in departures {
                match departure {
                    Departure::Early(_) | Departure::Late(_) | Departure::Moved(_) => {}
                    Departure::OtherCustomer => found.other_customer += 1,
                    Departure::OtherPlace => found.other_place += 1,
                    Departure::TooShort(_) => found.too_short += 1,
                }
            }
        }
        counts
    }
}
