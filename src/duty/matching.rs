//! Planned activity matched with what was done: each planned item and each done one used once, at the least cost.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::error::DutyError;
use crate::assignment::CostMatrix;
use crate::calendar::WorkingDays;
use crate::key::{Key, unknown};

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

/// An activity that was done: a visit, a call, a meeting.
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
    /// We moved it.
    WeMoved,
    /// We did not come.
    Us,
}

impl BrokenBy {
    /// Says whether the person who planned it is excused.
    #[must_use]
    pub fn excuses(self) -> bool {
        match self {
            Self::CustomerMoved | Self::CustomerOut | Self::CustomerCancelled => true,
            Self::WeMoved | Self::Us => false,
        }
    }

    /// Says whether it was moved to another day rather than given up.
    #[must_use]
    pub fn moves(self) -> bool {
        match self {
            Self::CustomerMoved | Self::WeMoved => true,
            Self::CustomerOut | Self::CustomerCancelled | Self::Us => false,
        }
    }
}

/// A planned item that did not take place on its day, and what was lost by it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BrokenAppointment {
    /// The planned item.
    pub planned: Key,
    /// Why.
    pub by: BrokenBy,
    /// The day to which it was moved, where one was agreed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moved_to: Option<NaiveDate>,
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
    /// The days that count early and late: the worked ones of these, so that the Monday after a Friday is a day late. All days
    /// where there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub working_days: Option<WorkingDays>,
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
            working_days: None,
        }
    }
}

/// How an item was done otherwise than planned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Departure {
    /// So many days before its day; of working days, where the rule counts by them, perhaps none.
    Early(u32),
    /// So many days after it, counted alike.
    Late(u32),
    /// With another customer.
    OtherCustomer,
    /// At another place.
    OtherPlace,
    /// It had been moved, by whom, and was held on the new day.
    Moved(BrokenBy),
    /// So many minutes too short; a time that was not recorded is as short as can be.
    TooShort(u32),
}

/// What became of a planned item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Fulfilment {
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
    /// The appointment was broken, and not held on another day.
    Broken(BrokenBy),
}

/// What became of the whole plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MatchReport {
    /// The day as of which it is told.
    pub as_of: NaiveDate,
    /// Each planned item, in the order of day and id.
    pub planned: Vec<(PlannedItem, Fulfilment)>,
    /// What was done without having been planned, in the order of day and id.
    pub unplanned: Vec<DoneItem>,
    /// What the departures, the items missed or still to come, and the unplanned ones cost together: no other matching
    /// costs less. An appointment that was moved to no stated day and not held counts half of a missed one.
    pub cost: i64,
    /// The appointments that were broken or moved, by the ids of their items.
    pub broken: Vec<BrokenAppointment>,
    /// The minutes lost by them.
    pub minutes_lost: u64,
    /// What was spent on them in vain, in quanta of the host's measure of expense.
    pub expense_lost: u64,
}

impl MatchRule {
    /// Matches a plan with what was done, as of a day; what was done later is not yet known.
    ///
    /// An appointment that was moved and then held is done: it is neither broken nor is the record unplanned. Where the
    /// day to which it was moved is stated, it is matched as if planned for that day, and as long as it can still be held
    /// it is not broken. Where none is stated, a record with the same customer on its day or any later one holds it; a
    /// planned item that is not held by that record would be missed comes first. Other broken appointments are served by
    /// nothing.
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
        let broken_by = broken_by(planned, broken)?;
        let appointments: Vec<Appointment<'_>> = plan
            .iter()
            .map(|item| Appointment::new(item, broken_by.get(&item.id).copied()))
            .collect();
        let matched = self.matched(&appointments, &record)?;
        let fulfilment = |(one, partner): (&Appointment<'_>, &Option<usize>)| {
            let found = match (one.broken, partner) {
                (_, Some(other)) => {
                    let found = self.examine(one, record[*other]).and_then(Result::ok);
                    let (departures, cost) = found.unwrap_or_default();
                    Fulfilment::Done {
                        by: record[*other].id.clone(),
                        departures,
                        cost,
                    }
                }
                (Some(broken), None) if broken.moved_to.is_none() => Fulfilment::Broken(broken.by),
                (_, None) => self.open(one.day, as_of),
            };
            (one.item.clone(), found)
        };
        let unplanned = record.iter().zip(&matched.used).filter(|(_, used)| !**used);
        let mut broken = broken.to_vec();
        broken.sort_by(|left, right| left.planned.cmp(&right.planned));
        Ok(MatchReport {
            as_of,
            planned: appointments
                .iter()
                .zip(&matched.partner)
                .map(fulfilment)
                .collect(),
            unplanned: unplanned.map(|(item, _)| (*item).clone()).collect(),
            cost: matched.cost,
            minutes_lost: broken.iter().map(|one| u64::from(one.minutes_lost)).sum(),
            expense_lost: broken.iter().map(|one| u64::from(one.expense_lost)).sum(),
            broken,
        })
    }

    /// Pairs appointments with records, both in the order of days, at the least cost.
    fn matched(
        &self,
        plan: &[Appointment<'_>],
        record: &[&DoneItem],
    ) -> Result<Matched, DutyError> {
        // Only items of one person and kind can meet, so each such group is matched on its own.
        let mut groups: BTreeMap<(&Key, &Key), Group> = BTreeMap::new();
        for (index, one) in plan.iter().enumerate().filter(|(_, one)| one.can_be_held()) {
            let group = groups
                .entry((&one.item.person, &one.item.kind))
                .or_default();
            group.0.push(index);
        }
        for (index, item) in record.iter().enumerate() {
            let group = groups.entry((&item.person, &item.kind)).or_default();
            group.1.push(index);
        }
        let mut found = Matched {
            partner: vec![None; plan.len()],
            used: vec![false; record.len()],
            cost: 0,
        };
        for (rows, columns) in groups.values() {
            let mut costs = CostMatrix::new(rows.len(), columns.len())?;
            for (row, index) in rows.iter().enumerate() {
                costs.leave_row(row, self.alone(&plan[*index]))?;
                // Only records of nearby days can count.
                let (early, late) = self.days_around(&plan[*index]);
                let from = columns.partition_point(|other| record[*other].day < early);
                let near = columns.iter().enumerate().skip(from);
                for (column, other) in near.take_while(|(_, other)| record[**other].day <= late) {
                    if let Some(Ok((_, cost))) = self.examine(&plan[*index], record[*other]) {
                        costs.pair(row, column, i64::from(cost))?;
                    }
                }
            }
            for column in 0..columns.len() {
                costs.leave_column(column, i64::from(self.unplanned))?;
            }
            let best = costs.assign()?;
            found.cost += best.cost();
            for (row, column) in best.columns().iter().enumerate() {
                if let Some(column) = column {
                    found.partner[rows[row]] = Some(columns[*column]);
                    found.used[columns[*column]] = true;
                }
            }
        }
        Ok(found)
    }

    /// Returns what an appointment without partner costs: a moved one without a new day half of a missed one, so that a
    /// record goes to the planned item that would be missed without it.
    fn alone(&self, one: &Appointment<'_>) -> i64 {
        let missed = i64::from(self.missed);
        if one.at_any_later_day {
            missed / 2
        } else {
            missed
        }
    }

    /// Returns the first and the last day of a record that can count for an appointment.
    fn days_around(&self, one: &Appointment<'_>) -> (NaiveDate, NaiveDate) {
        if one.at_any_later_day {
            return (one.day, NaiveDate::MAX);
        }
        (self.first_day(one.day), self.last_day(one.day))
    }

    /// Returns the earliest day that is not too early for one.
    fn first_day(&self, day: NaiveDate) -> NaiveDate {
        let first = match &self.working_days {
            None => day.checked_sub_days(chrono::Days::new(u64::from(self.early_days))),
            // The day after the worked one that would be too early.
            Some(days) => i32::try_from(self.early_days)
                .ok()
                .and_then(|early| days.add_working_days(day, -early.checked_add(1)?).ok())
                .and_then(|before| before.succ_opt()),
        };
        first.unwrap_or(NaiveDate::MIN)
    }

    /// Returns the last day that is not too late for one.
    fn last_day(&self, day: NaiveDate) -> NaiveDate {
        let last = match &self.working_days {
            None => day.checked_add_days(chrono::Days::new(u64::from(self.late_days))),
            Some(days) => i32::try_from(self.late_days)
                .ok()
                .and_then(|late| days.add_working_days(day, late.checked_add(1)?).ok())
                .and_then(|after| after.pred_opt()),
        };
        last.unwrap_or(NaiveDate::MAX)
    }

    /// Returns how many days off a record is: the worked ones from its day up to the planned one, or after the planned one up to
    /// its own.
    fn days_off(&self, planned: NaiveDate, done: NaiveDate) -> u32 {
        let all = (done - planned).num_days().unsigned_abs();
        let all = u32::try_from(all).unwrap_or(u32::MAX);
        let Some(days) = &self.working_days else {
            return all;
        };
        let worked = if done < planned {
            days.count(done, planned).ok()
        } else {
            let after = planned.succ_opt().zip(done.succ_opt());
            after.and_then(|(from, to)| days.count(from, to).ok())
        };
        worked.unwrap_or(all)
    }

    fn open(&self, day: NaiveDate, as_of: NaiveDate) -> Fulfilment {
        let last = self.last_day(day);
        if day > as_of {
            Fulfilment::NotYetDue
        } else if as_of < last {
            Fulfilment::Overdue
        } else {
            Fulfilment::Missed
        }
    }

    /// Returns how a record departs from a planned item and what that costs, or `None` when it does not count.
    #[must_use]
    pub fn departures(
        &self,
        item: &PlannedItem,
        record: &DoneItem,
    ) -> Option<(Vec<Departure>, u32)> {
        self.examine(&Appointment::new(item, None), record)?.ok()
    }

    /// Returns the same, or the first departure that is not overlooked; `None` for another person or sort of activity.
    pub(super) fn examine(
        &self,
        one: &Appointment<'_>,
        record: &DoneItem,
    ) -> Option<Result<(Vec<Departure>, u32), Departure>> {
        let item = one.item;
        if item.person != record.person || item.kind != record.kind {
            return None;
        }
        let days = (record.day - one.day).num_days();
        let off = self.days_off(one.day, record.day);
        let late = days > 0 && !one.at_any_later_day;
        let early_days = if one.at_any_later_day {
            0
        } else {
            self.early_days
        };
        let short = item
            .minutes
            .unwrap_or(0)
            .saturating_sub(record.minutes.unwrap_or(0));
        let within = |most: u32, each: u32| (off <= most).then(|| each.saturating_mul(off));
        // Which appointment a record of another customer would hold is not known without a day.
        let other_customer = self.other_customer.filter(|_| !one.at_any_later_day);
        let moved = one.broken.map(|broken| broken.by);
        let found = [
            moved.map(|by| (Departure::Moved(by), Some(0))),
            (days < 0).then(|| (Departure::Early(off), within(early_days, self.early))),
            late.then(|| (Departure::Late(off), within(self.late_days, self.late))),
            (item.customer.is_some() && item.customer != record.customer)
                .then_some((Departure::OtherCustomer, other_customer)),
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

/// A planned item with what became of its day.
#[derive(Debug, Clone, Copy)]
pub(super) struct Appointment<'a> {
    pub item: &'a PlannedItem,
    /// How it was broken or moved.
    pub broken: Option<&'a BrokenAppointment>,
    /// The day on which it is to be held: its own, or the one to which it was moved.
    pub day: NaiveDate,
    /// Whether it was moved to a day that nobody stated, so that any later one will do.
    pub at_any_later_day: bool,
}

impl<'a> Appointment<'a> {
    pub(super) fn new(item: &'a PlannedItem, broken: Option<&'a BrokenAppointment>) -> Self {
        let moved = broken.filter(|broken| broken.by.moves());
        Self {
            item,
            broken,
            day: moved.and_then(|moved| moved.moved_to).unwrap_or(item.day),
            // Without a customer any record at all would hold it.
            at_any_later_day: item.customer.is_some()
                && moved.is_some_and(|moved| moved.moved_to.is_none()),
        }
    }

    /// Says whether a record may still hold it.
    pub(super) fn can_be_held(&self) -> bool {
        let Some(broken) = self.broken else {
            return true;
        };
        self.at_any_later_day || broken.by.moves() && broken.moved_to.is_some()
    }
}

/// Which record holds which appointment, and what it all costs.
struct Matched {
    partner: Vec<Option<usize>>,
    used: Vec<bool>,
    cost: i64,
}

/// Returns the broken appointments by the ids of their items.
fn broken_by<'a>(
    planned: &[PlannedItem],
    broken: &'a [BrokenAppointment],
) -> Result<BTreeMap<&'a Key, &'a BrokenAppointment>, DutyError> {
    unique("broken appointment", broken.iter().map(|one| &one.planned))?;
    let ids: BTreeSet<&Key> = planned.iter().map(|item| &item.id).collect();
    for one in broken {
        if !ids.contains(&one.planned) {
            let planned = ids.iter().map(|id| id.as_str());
            let (name, nearest, known) = unknown(one.planned.as_str(), planned);
            return Err(DutyError::UnknownItem {
                name,
                nearest,
                known,
            });
        }
        if let Some(moved_to) = one.moved_to.filter(|_| !one.by.moves()) {
            return Err(DutyError::NotMoved {
                item: one.planned.clone(),
                moved_to,
            });
        }
    }
    Ok(broken.iter().map(|one| (&one.planned, one)).collect())
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
