//! Planned activity matched with what was done: each planned item and each done one used once, at the least cost.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::DutyError;
use crate::assignment::CostMatrix;
use crate::key::Key;

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
    /// What came of it: an order, a refusal, cooperation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Key>,
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
    /// The day as of which it is told.
    pub as_of: NaiveDate,
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

impl MatchRule {
    /// Matches a plan with what was done, as of a day; what was done later is not yet known.
    ///
    /// # Errors
    /// [`DutyError::Duplicate`] for two items of one id or an appointment broken twice, [`DutyError::UnknownItem`] for a broken appointment that was
    /// not planned, [`DutyError::Assignment`] for too many items of one person and kind that can meet.
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
                // Both are in the order of days, and only records of nearby days can count.
                let (early, late) = self.days_around(plan[*index].day);
                let from = columns.partition_point(|other| record[*other].day < early);
                let near = columns.iter().enumerate().skip(from);
                for (column, other) in near.take_while(|(_, other)| record[**other].day <= late) {
                    if let Some((_, cost)) = self.departures(plan[*index], record[*other]) {
                        costs.pair(row, column, i64::from(cost))?;
                    }
                }
            }
            for column in 0..columns.len() {
                costs.leave_column(column, i64::from(self.unplanned))?;
            }
            let best = costs.assign()?;
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
            as_of,
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

    /// Returns the first and the last day of a record that can count for an item of this day.
    fn days_around(&self, day: NaiveDate) -> (NaiveDate, NaiveDate) {
        let early = day.checked_sub_days(chrono::Days::new(u64::from(self.early_days)));
        let late = day.checked_add_days(chrono::Days::new(u64::from(self.late_days)));
        (
            early.unwrap_or(NaiveDate::MIN),
            late.unwrap_or(NaiveDate::MAX),
        )
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
        self.examine(item, record)?.ok()
    }

    /// Returns the same, or the first departure that is not overlooked; `None` for another person or sort of activity.
    pub(super) fn examine(
        &self,
        item: &PlannedItem,
        record: &DoneItem,
    ) -> Option<Result<(Vec<Departure>, u32), Departure>> {
        if item.person != record.person || item.kind != record.kind {
            return None;
        }
        let days = (record.day - item.day).num_days();
        let off = u32::try_from(days.unsigned_abs()).unwrap_or(u32::MAX);
        let short = item
            .minutes
            .unwrap_or(0)
            .saturating_sub(record.minutes.unwrap_or(0));
        let within = |most: u32, each: u32| (off <= most).then(|| each.saturating_mul(off));
        let found = [
            (days < 0).then(|| (Departure::Early(off), within(self.early_days, self.early))),
            (days > 0).then(|| (Departure::Late(off), within(self.late_days, self.late))),
            (item.customer.is_some() && item.customer != record.customer)
                .then_some((Departure::OtherCustomer, self.other_customer)),
            (item.place.is_some() && item.place != record.place)
                .then_some((Departure::OtherPlace, self.other_place)),
            (short > 0).then_some((Departure::TooShort(short), self.too_short)),
        ];
        let mut departures = Vec::new();
        let mut cost = 0_u32;
        for (departure, price) in found.into_iter().flatten() {
            let Some(price) = price else {
                return Some(Err(departure));
            };
            departures.push(departure);
            cost = cost.saturating_add(price);
        }
        Some(Ok((departures, cost)))
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
