//! Planned activity matched with what was done: each planned item and each done one used once, at the least cost.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::DutyError;
use super::assignment::CostMatrix;
use crate::key::Key;
use crate::quantity::Ratio;

/// Something that was planned: a visit, a call, a meeting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlannedItem {
    /// The name, unique in the plan.
    pub id: Key,
    /// Who is to do it.
    pub person: Key,
    /// What sort of activity.
    pub kind: Key,
    /// With which customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<Key>,
    /// Where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Key>,
    /// On which day.
    pub day: NaiveDate,
    /// How many minutes it should last at least.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minutes: Option<u32>,
}

/// Something that was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DoneItem {
    /// The name of the record.
    pub id: Key,
    /// Who did it.
    pub person: Key,
    /// What sort of activity.
    pub kind: Key,
    /// With which customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<Key>,
    /// Where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Key>,
    /// On which day.
    pub day: NaiveDate,
    /// How many minutes it lasted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minutes: Option<u32>,
}

/// Why an appointment did not take place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BrokenBy {
    /// The customer moved it.
    CustomerMoved,
    /// The customer was out.
    CustomerOut,
    /// The customer cancelled.
    CustomerCancelled,
    /// We did not come.
    Us,
}

impl BrokenBy {
    /// Says whether the person who planned it is excused.
    #[must_use]
    pub fn excuses(self) -> bool {
        match self {
            Self::CustomerMoved | Self::CustomerOut | Self::CustomerCancelled => true,
            Self::Us => false,
        }
    }
}

/// A planned item that did not take place, and what was lost by it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BrokenAppointment {
    /// The planned item.
    pub planned: Key,
    /// Why.
    pub by: BrokenBy,
    /// How many minutes were lost.
    #[serde(default)]
    pub minutes_lost: u32,
    /// What was spent in vain, in quanta of the host's measure of expense.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub expense_lost: u32,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the form that serde asks for"
)]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// What may count as a planned item done, and how far each departure counts against it.
///
/// Person and kind have to be the same. Costs only compare: two pairs are better than one, as long as leaving a planned
/// and a done item alone together costs more than any departure that should be overlooked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MatchRule {
    /// How many days early it may be done.
    pub early_days: u32,
    /// How many days late it may be done.
    pub late_days: u32,
    /// What each day early costs.
    pub early: u32,
    /// What each day late costs.
    pub late: u32,
    /// What another customer costs; left out, another customer does not count.
    pub other_customer: Option<u32>,
    /// What another place costs; left out, another place does not count.
    pub other_place: Option<u32>,
    /// What being too short costs; left out, what is too short does not count.
    pub too_short: Option<u32>,
    /// What a planned item without partner costs.
    pub missed: u32,
    /// What a done item without partner costs.
    pub unplanned: u32,
}

impl Default for MatchRule {
    /// One day early to three days late, the same customer, any place; a day costs 10, another place 30, too short 30,
    /// a missed item 100, an unplanned one 20.
    fn default() -> Self {
        Self {
            early_days: 1,
            late_days: 3,
            early: 10,
            late: 10,
            other_customer: None,
            other_place: Some(30),
            too_short: Some(30),
            missed: 100,
            unplanned: 20,
        }
    }
}

/// How an item was done otherwise than planned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Departure {
    /// So many days before its day.
    Early(u32),
    /// So many days after it.
    Late(u32),
    /// With another customer.
    OtherCustomer,
    /// At another place.
    OtherPlace,
    /// So many minutes too short; a time that was not recorded is as short as can be.
    TooShort(u32),
}

/// What became of a planned item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was done.
    Done {
        /// The record.
        by: Key,
        /// How it departed from the plan; nothing when it was done as planned.
        departures: Vec<Departure>,
        /// What these cost: the reason why this record and no other.
        cost: u32,
    },
    /// Its day has not come.
    NotYetDue,
    /// Its day has passed, and it can still be done late.
    Overdue,
    /// It was not done, and it is too late.
    Missed,
    /// The appointment was broken.
    Broken(BrokenBy),
}

/// What became of the whole plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MatchReport {
    /// Each planned item, in the order of day and id.
    pub planned: Vec<(PlannedItem, Outcome)>,
    /// What was done without having been planned, in the order of day and id.
    pub unplanned: Vec<DoneItem>,
    /// What the departures, the items missed or still to come, and the unplanned ones cost together: no other matching
    /// costs less.
    pub cost: i64,
    /// The broken appointments, by the ids of their items.
    pub broken: Vec<BrokenAppointment>,
    /// The minutes lost by broken appointments.
    pub minutes_lost: u64,
    /// What was spent on them in vain, in quanta of the host's measure of expense.
    pub expense_lost: u64,
}

/// How often items were done otherwise than planned, and the time that broken appointments took.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Departed {
    pub other_customer: i64,
    pub other_place: i64,
    pub too_short: i64,
    pub minutes_lost: i64,
}

/// Counts of planned and done items; they add up over persons and periods.
///
/// Counted as due is what was done and what has to be done by now; what the customer broke is excused from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Compliance {
    /// Items due, excused ones included.
    pub due: i64,
    /// Items that the customer broke.
    pub excused: i64,
    /// Items done, whatever the departure.
    pub done: i64,
    /// Items done as planned.
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

    fn of(outcome: &Outcome) -> Self {
        let none = Self::default();
        match outcome {
            Outcome::Done { departures, .. } => {
                let late = departures
                    .iter()
                    .any(|found| matches!(found, Departure::Late(_)));
                let as_planned = i64::from(departures.is_empty());
                Self {
                    due: 1,
                    done: 1,
                    as_planned,
                    late: i64::from(late),
                    ..none
                }
            }
            Outcome::NotYetDue => Self {
                not_yet_due: 1,
                ..none
            },
            Outcome::Overdue | Outcome::Missed | Outcome::Broken(BrokenBy::Us) => Self {
                due: 1,
                missed: 1,
                ..none
            },
            Outcome::Broken(_) => Self {
                due: 1,
                excused: 1,
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
        let cells = self.compliance_by(1, |person, day| of(person, day).then_some(0));
        cells
            .into_iter()
            .fold(Compliance::default(), Compliance::and)
    }

    /// Returns counts for so many cells; `cell` says to which an item of a person on a day belongs.
    #[must_use]
    pub fn compliance_by(
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
        let lost: BTreeMap<&Key, u32> = self
            .broken
            .iter()
            .map(|one| (&one.planned, one.minutes_lost))
            .collect();
        for (item, outcome) in &self.planned {
            let Some(found) = cell(&item.person, item.day).and_then(|at| counts.get_mut(at)) else {
                continue;
            };
            if let Some(minutes) = lost.get(&item.id) {
                found.minutes_lost += i64::from(*minutes);
            }
            let Outcome::Done { departures, .. } = outcome else {
                continue;
            };
            for departure in departures {
                match departure {
                    Departure::Early(_) | Departure::Late(_) => {}
                    Departure::OtherCustomer => found.other_customer += 1,
                    Departure::OtherPlace => found.other_place += 1,
                    Departure::TooShort(_) => found.too_short += 1,
                }
            }
        }
        counts
    }
}

impl MatchRule {
    /// Matches a plan with what was done, as of a day; what was done later is not yet known.
    ///
    /// # Errors
    /// [`DutyError::Duplicate`] for two items of one id or an appointment broken twice, [`DutyError::UnknownItem`] for a broken appointment that was
    /// not planned, [`DutyError::TooMany`] for too many items of one person and kind.
    pub fn match_plan(
        &self,
        planned: &[PlannedItem],
        done: &[DoneItem],
        broken: &[BrokenAppointment],
        as_of: NaiveDate,
    ) -> Result<MatchReport, DutyError> {
        let mut plan: Vec<&PlannedItem> = planned.iter().collect();
        plan.sort_by_key(|item| (item.day, &item.id));
        let mut record: Vec<&DoneItem> = done.iter().filter(|item| item.day <= as_of).collect();
        record.sort_by_key(|item| (item.day, &item.id));
        unique("planned item", planned.iter().map(|item| &item.id))?;
        unique("record", done.iter().map(|item| &item.id))?;
        unique("broken appointment", broken.iter().map(|one| &one.planned))?;
        let ids: BTreeSet<&Key> = planned.iter().map(|item| &item.id).collect();
        let mut broken_by: BTreeMap<&Key, BrokenBy> = BTreeMap::new();
        for one in broken {
            if !ids.contains(&one.planned) {
                return Err(DutyError::UnknownItem {
                    item: one.planned.clone(),
                });
            }
            broken_by.insert(&one.planned, one.by);
        }
        // Only items of one person and kind can meet, so each such group is matched on its own.
        let mut groups: BTreeMap<(&Key, &Key), Group> = BTreeMap::new();
        for (index, item) in plan.iter().enumerate() {
            if !broken_by.contains_key(&item.id) {
                groups
                    .entry((&item.person, &item.kind))
                    .or_default()
                    .0
                    .push(index);
            }
        }
        for (index, item) in record.iter().enumerate() {
            groups
                .entry((&item.person, &item.kind))
                .or_default()
                .1
                .push(index);
        }
        let mut partner: Vec<Option<usize>> = vec![None; plan.len()];
        let mut used = vec![false; record.len()];
        let mut cost = 0;
        for (rows, columns) in groups.values() {
            let mut costs = CostMatrix::new(rows.len(), columns.len())?;
            for (row, index) in rows.iter().enumerate() {
                costs.leave_row(row, i64::from(self.missed))?;
                for (column, other) in columns.iter().enumerate() {
                    if let Some((_, cost)) = self.departures(plan[*index], record[*other]) {
                        costs.pair(row, column, i64::from(cost))?;
                    }
                }
            }
            for column in 0..columns.len() {
                costs.leave_column(column, i64::from(self.unplanned))?;
            }
            let best = costs.assign();
            cost += best.cost();
            for (row, column) in best.columns().iter().enumerate() {
                if let Some(column) = column {
                    partner[rows[row]] = Some(columns[*column]);
                    used[columns[*column]] = true;
                }
            }
        }
        let outcome = |(item, partner): (&&PlannedItem, &Option<usize>)| {
            let outcome = match (broken_by.get(&item.id), partner) {
                (Some(by), _) => Outcome::Broken(*by),
                (None, Some(other)) => {
                    let found = self.departures(item, record[*other]).unwrap_or_default();
                    Outcome::Done {
                        by: record[*other].id.clone(),
                        departures: found.0,
                        cost: found.1,
                    }
                }
                (None, None) => self.open(item.day, as_of),
            };
            ((*item).clone(), outcome)
        };
        let unplanned = record.iter().zip(&used).filter(|(_, used)| !**used);
        Ok(MatchReport {
            planned: plan.iter().zip(&partner).map(outcome).collect(),
            unplanned: unplanned.map(|(item, _)| (*item).clone()).collect(),
            cost,
            minutes_lost: broken.iter().map(|one| u64::from(one.minutes_lost)).sum(),
            expense_lost: broken.iter().map(|one| u64::from(one.expense_lost)).sum(),
            broken: {
                let mut broken = broken.to_vec();
                broken.sort_by(|left, right| left.planned.cmp(&right.planned));
                broken
            },
        })
    }

    fn open(&self, day: NaiveDate, as_of: NaiveDate) -> Outcome {
        let last = day.checked_add_days(chrono::Days::new(u64::from(self.late_days)));
        if day > as_of {
            Outcome::NotYetDue
        } else if last.is_none_or(|last| as_of < last) {
            Outcome::Overdue
        } else {
            Outcome::Missed
        }
    }

    /// Returns how a record departs from a planned item and what that costs, or `None` when it does not count.
    #[must_use]
    pub fn departures(
        &self,
        item: &PlannedItem,
        record: &DoneItem,
    ) -> Option<(Vec<Departure>, u32)> {
        if item.person != record.person || item.kind != record.kind {
            return None;
        }
        let mut found = Vec::new();
        let mut cost = 0_u32;
        let mut add = |departure: Departure, price: u32| {
            found.push(departure);
            cost = cost.saturating_add(price);
        };
        let days = (record.day - item.day).num_days();
        let off = u32::try_from(days.unsigned_abs()).ok()?;
        if days < 0 {
            if off > self.early_days {
                return None;
            }
            add(Departure::Early(off), self.early.saturating_mul(off));
        } else if days > 0 {
            if off > self.late_days {
                return None;
            }
            add(Departure::Late(off), self.late.saturating_mul(off));
        }
        if item.customer.is_some() && item.customer != record.customer {
            add(Departure::OtherCustomer, self.other_customer?);
        }
        if item.place.is_some() && item.place != record.place {
            add(Departure::OtherPlace, self.other_place?);
        }
        let short = item
            .minutes
            .unwrap_or(0)
            .saturating_sub(record.minutes.unwrap_or(0));
        if short > 0 {
            add(Departure::TooShort(short), self.too_short?);
        }
        Some((found, cost))
    }
}

/// The positions of planned items and of records that can meet.
type Group = (Vec<usize>, Vec<usize>);

fn unique<'a>(what: &'static str, ids: impl Iterator<Item = &'a Key>) -> Result<(), DutyError> {
    let mut seen = BTreeSet::new();
    for id in ids {
        if !seen.insert(id) {
            return Err(DutyError::Duplicate {
                what,
                key: id.clone(),
            });
        }
    }
    Ok(())
}
