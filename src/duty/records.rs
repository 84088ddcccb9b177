//! Duties and plans shown by records: what a ledger says was handed in, planned, done and broken.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Serialize};

use super::duty::{Duty, Submission};
use super::error::DutyError;
use super::intervention::Intervention;
use super::matching::{BrokenAppointment, BrokenBy, DoneItem, PlannedItem};
use crate::key::{Key, unknown};
use crate::ledger::{Extract, Found, Ledger, numbered};
use crate::measure::Unit;

/// Which fields of a kind of record show that a duty was done; the kind is the duty's evidence.
///
/// ```
/// use quotaflow::calendar::{DayRange, WorkingDays, WorkingDaysDef};
/// use quotaflow::duty::{Duty, EvidenceFields};
/// use quotaflow::ledger::{Ledger, Record, RecordKind, Schema};
/// use quotaflow::measure::Measures;
/// use quotaflow::space::{DimensionDef, Space};
/// let space = Space::new(vec![DimensionDef::flat("person", "person", ["ann", "bo"])?])?;
/// let report = RecordKind::new("report")?.of("person")?;
/// let year = DayRange::new("2026-01-01".parse()?, "2027-01-01".parse()?)?;
/// let mut ledger = Ledger::new("crm", Schema::new(space, Measures::new(vec![])?, vec![report], year)?)?;
/// ledger.enter(&[Record::new("report", "2026-03-02".parse()?).of("person", "ann")])?;
///
/// let duty: Duty = serde_json::from_str(
///     r#"{"key": "daily report", "who": ["ann", "bo"], "evidence": "report",
///         "cadence": {"anchor": "2026-03-02", "rhythm": {"kind": "working_days", "every": 1}}}"#,
/// ).map_err(quotaflow::Error::unreadable)?;
/// let office = WorkingDays::new(WorkingDaysDef::monday_to_friday("office".try_into()?))?;
/// let asked = duty.obligations("2026-03-02".parse()?, "2026-03-03".parse()?, &office)?;
/// let handed_in = duty.submissions(&ledger, &EvidenceFields::default())?;
/// let counts = duty.report(&asked, &handed_in, "2026-03-03".parse()?)?.counts(|_, _| true);
/// assert_eq!((counts.on_time, counts.missing), (1, 1));
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvidenceFields {
    /// The member that handed it in; `person` where nothing is said.
    #[serde(default = "person")]
    pub person: Key,
    /// The day for which it is, where records say so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub for_day: Option<Key>,
    /// With whom it was done, where records say so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub with: Option<Key>,
}

impl Default for EvidenceFields {
    /// The field `person`, no day for which it is, and nobody with whom.
    fn default() -> Self {
        Self {
            person: person(),
            for_day: None,
            with: None,
        }
    }
}

fn person() -> Key {
    Key::from_static("person")
}

/// Which fields of a kind of record tell of planned or done activity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActivityFields {
    /// The kind of record.
    pub record: Key,
    /// The member whose activity it is; `person` where nothing is said.
    #[serde(default = "person")]
    pub person: Key,
    /// The sort of activity: an attribute or member that tells it. Left out, all records are of the sort `sort_is`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sort: Option<Key>,
    /// The sort of every record, where no field tells it; the kind of record where neither does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sort_is: Option<Key>,
    /// With which customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<Key>,
    /// Where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Key>,
    /// On which day; the record's own where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day: Option<Key>,
    /// How long: a measure in minutes or hours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration: Option<Key>,
    /// What came of it, where records say so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Key>,
}

impl ActivityFields {
    /// Returns the fields with nothing but the kind of record.
    #[must_use]
    pub fn new(record: Key) -> Self {
        Self {
            record,
            person: person(),
            sort: None,
            sort_is: None,
            customer: None,
            place: None,
            day: None,
            duration: None,
            outcome: None,
        }
    }

    /// Returns the planned items that a ledger holds, by day and id.
    ///
    /// Parts of a minute are left out. A record without an id of its own gets one from its content.
    ///
    /// # Errors
    /// [`DutyError::Ledger`] for an unknown kind or field, [`DutyError::Unsaid`] for a record without person, sort or day,
    /// [`DutyError::NotTime`] for a duration in another unit.
    pub fn planned(&self, ledger: &Ledger) -> Result<Vec<PlannedItem>, DutyError> {
        let items = self
            .items(ledger)?
            .into_iter()
            .map(|(id, item)| PlannedItem {
                id,
                person: item.person,
                kind: item.sort,
                customer: item.customer,
                place: item.place,
                day: item.day,
                minutes: item.minutes,
            });
        Ok(items.collect())
    }

    /// Returns the done items that a ledger holds, by day and id.
    ///
    /// # Errors
    /// As [`ActivityFields::planned`].
    pub fn done(&self, ledger: &Ledger) -> Result<Vec<DoneItem>, DutyError> {
        let items = self.items(ledger)?.into_iter().map(|(id, item)| DoneItem {
            id,
            person: item.person,
            kind: item.sort,
            customer: item.customer,
            place: item.place,
            day: item.day,
            minutes: item.minutes,
            outcome: item.outcome,
        });
        Ok(items.collect())
    }

    fn items(&self, ledger: &Ledger) -> Result<Vec<(Key, Item)>, DutyError> {
        let source = Extract::new(ledger, self.record.as_str())?;
        let optional = |field: &Option<Key>| field.as_ref().map(|field| source.name(field));
        let person = source.name(&self.person)?;
        let sort = optional(&self.sort).transpose()?;
        let customer = optional(&self.customer).transpose()?;
        let place = optional(&self.place).transpose()?;
        let outcome = optional(&self.outcome).transpose()?;
        let day = self.day.as_ref().map(|field| source.day_field(field));
        let day = day.transpose()?;
        let duration = match &self.duration {
            None => None,
            Some(measure) => {
                let (field, unit) = source.amount(measure)?;
                Some((field, minutes_each(measure, unit)?))
            }
        };
        let mut items = Vec::new();
        for row in source.rows() {
            let named = |field, key: &Key| {
                let found = row.name(field).cloned();
                found.ok_or_else(|| unsaid(&row, key))
            };
            let sort = match (sort, &self.sort) {
                (Some(field), Some(key)) => named(field, key)?,
                _ => self.sort_is.as_ref().unwrap_or(&self.record).clone(),
            };
            let day = match (day, &self.day) {
                (Some(field), Some(key)) => row.date(field).ok_or_else(|| unsaid(&row, key))?,
                _ => row.day(),
            };
            let minutes = duration.and_then(|(field, each)| {
                let minutes = row.decimal(field)?.checked_mul(each)?;
                // A duration below zero is none; one beyond the range is as long as can be.
                let whole = minutes.trunc().max(Decimal::ZERO);
                Some(whole.to_u32().unwrap_or(u32::MAX))
            });
            let item = Item {
                day,
                person: named(person, &self.person)?,
                sort,
                customer: customer.and_then(|field| row.name(field).cloned()),
                place: place.and_then(|field| row.name(field).cloned()),
                minutes,
                outcome: outcome.and_then(|field| row.name(field).cloned()),
            };
            items.push((row.id().cloned(), item));
        }
        let mut items = numbered(&self.record, items);
        items.sort_by(|left, right| (left.1.day, &left.0).cmp(&(right.1.day, &right.0)));
        Ok(items)
    }
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Item {
    day: NaiveDate,
    person: Key,
    sort: Key,
    customer: Option<Key>,
    place: Option<Key>,
    minutes: Option<u32>,
    outcome: Option<Key>,
}

/// Which fields of a kind of record tell of broken appointments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BrokenFields {
    /// The kind of record.
    pub record: Key,
    /// The id of the planned item: an attribute.
    pub planned: Key,
    /// Why: an attribute that holds `customer_moved`, `customer_out`, `customer_cancelled`, or `us`, `we_moved`, `we_cancelled` for
    /// those that we broke.
    pub by: Key,
    /// The day to which it was moved, where records say so: a date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moved_to: Option<Key>,
    /// The time lost: a measure in minutes or hours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_lost: Option<Key>,
    /// What was spent in vain: a measure, told in its quanta.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expense_lost: Option<Key>,
}

impl BrokenFields {
    /// Returns the broken appointments that a ledger holds, in the order of time.
    ///
    /// # Errors
    /// [`DutyError::Ledger`] for an unknown kind or field, [`DutyError::Unsaid`] for a record without item or cause,
    /// [`DutyError::UnknownCause`] for another cause, [`DutyError::NotTime`].
    pub fn broken(&self, ledger: &Ledger) -> Result<Vec<BrokenAppointment>, DutyError> {
        let source = Extract::new(ledger, self.record.as_str())?;
        let (planned, by) = (source.name(&self.planned)?, source.name(&self.by)?);
        let moved_to = self.moved_to.as_ref().map(|field| source.day_field(field));
        let moved_to = moved_to.transpose()?;
        let time = match &self.time_lost {
            None => None,
            Some(measure) => {
                let (field, unit) = source.amount(measure)?;
                Some((field, minutes_each(measure, unit)?))
            }
        };
        let expense = self.expense_lost.as_ref();
        let expense = expense.map(|measure| source.amount(measure)).transpose()?;
        let mut found = Vec::new();
        for row in source.rows() {
            let item = row
                .name(planned)
                .ok_or_else(|| unsaid(&row, &self.planned))?;
            let text = row.name(by).ok_or_else(|| unsaid(&row, &self.by))?;
            let minutes = time.and_then(|(field, each)| row.decimal(field)?.checked_mul(each));
            let spent = expense.and_then(|(field, _)| row.units(field)).unwrap_or(0);
            found.push(BrokenAppointment {
                planned: item.clone(),
                by: cause(text, row.day())?,
                moved_to: moved_to.and_then(|field| row.date(field)),
                minutes_lost: minutes.map_or(0, |minutes| {
                    minutes
                        .trunc()
                        .max(Decimal::ZERO)
                        .to_u32()
                        .unwrap_or(u32::MAX)
                }),
                expense_lost: u32::try_from(spent.max(0)).unwrap_or(u32::MAX),
            });
        }
        Ok(found)
    }
}

/// Which fields of a kind of record tell of leaders who stepped in; the record's day is the day of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InterventionFields {
    /// The kind of record.
    pub record: Key,
    /// The duty: an attribute.
    pub duty: Key,
    /// The member whose obligation it was; `person` where nothing is said.
    #[serde(default = "person")]
    pub person: Key,
    /// With whom it is done, where records say so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub with: Option<Key>,
    /// The due day of the obligation: a date.
    pub due: Key,
    /// Who stepped in.
    pub leader: Key,
    /// What for.
    pub reason: Key,
}

impl InterventionFields {
    /// Returns the interventions that a ledger holds, in the order of time.
    ///
    /// # Errors
    /// [`DutyError::Ledger`] for an unknown kind or field, [`DutyError::Unsaid`] for a record without duty, person, due
    /// day, leader or reason.
    pub fn interventions(&self, ledger: &Ledger) -> Result<Vec<Intervention>, DutyError> {
        let source = Extract::new(ledger, self.record.as_str())?;
        let fields = [&self.duty, &self.person, &self.leader, &self.reason];
        let [duty, person, leader, reason] = fields.map(|field| source.name(field));
        let (duty, person, leader, reason) = (duty?, person?, leader?, reason?);
        let due = source.day_field(&self.due)?;
        let with = self.with.as_ref().map(|field| source.name(field));
        let with = with.transpose()?;
        let mut found = Vec::new();
        for row in source.rows() {
            let named = |field, key: &Key| {
                let found = row.name(field).cloned();
                found.ok_or_else(|| unsaid(&row, key))
            };
            found.push(Intervention {
                duty: named(duty, &self.duty)?,
                person: named(person, &self.person)?,
                with: with.and_then(|field| row.name(field).cloned()),
                due: row.date(due).ok_or_else(|| unsaid(&row, &self.due))?,
                leader: named(leader, &self.leader)?,
                day: row.day(),
                reason: named(reason, &self.reason)?,
            });
        }
        Ok(found)
    }
}

/// The causes of a broken appointment, as records write them.
const CAUSES: [(&str, BrokenBy); 6] = [
    ("customer_moved", BrokenBy::CustomerMoved),
    ("customer_out", BrokenBy::CustomerOut),
    ("customer_cancelled", BrokenBy::CustomerCancelled),
    ("we_moved", BrokenBy::WeMoved),
    ("us", BrokenBy::Us),
    ("we_cancelled", BrokenBy::Us),
];

fn cause(text: &Key, day: NaiveDate) -> Result<BrokenBy, DutyError> {
    let found = CAUSES.iter().find(|(word, _)| *text == *word);
    found.map(|(_, by)| *by).ok_or_else(|| {
        let (name, nearest, known) = unknown(text.as_str(), CAUSES.map(|(word, _)| word));
        DutyError::UnknownCause {
            name,
            nearest,
            known,
            day,
        }
    })
}

/// Returns how many minutes one of a unit has.
fn minutes_each(measure: &Key, unit: &Unit) -> Result<Decimal, DutyError> {
    match unit {
        Unit::Minute => Ok(Decimal::ONE),
        Unit::Hour => Ok(Decimal::from(60)),
        other => Err(DutyError::NotTime {
            measure: measure.clone(),
            unit: other.clone(),
        }),
    }
}

fn unsaid(row: &Found<'_>, field: &Key) -> DutyError {
    DutyError::Unsaid {
        record: row.id().map_or_else(String::new, ToString::to_string),
        day: row.day(),
        field: field.clone(),
    }
}

impl Duty {
    /// Returns what a ledger shows was handed in: the standing records of the duty's evidence, in the order of time.
    ///
    /// A record without an id of its own gets one from its content. Whoever's the records are, [`Duty::report`] tells those
    /// that no obligation asked for.
    ///
    /// # Errors
    /// [`DutyError::Ledger`] for an unknown kind or field, [`DutyError::Unsaid`] for a record without a person.
    pub fn submissions(
        &self,
        ledger: &Ledger,
        fields: &EvidenceFields,
    ) -> Result<Vec<Submission>, DutyError> {
        let evidence = &self.definition().evidence;
        let source = Extract::new(ledger, evidence.as_str())?;
        let person = source.name(&fields.person)?;
        let for_day = fields.for_day.as_ref().map(|field| source.day_field(field));
        let for_day = for_day.transpose()?;
        let with = fields.with.as_ref().map(|field| source.name(field));
        let with = with.transpose()?;
        let mut items = Vec::new();
        for row in source.rows() {
            let Some(person) = row.name(person) else {
                return Err(unsaid(&row, &fields.person));
            };
            let for_day = for_day.and_then(|field| row.date(field));
            let with = with.and_then(|field| row.name(field).cloned());
            items.push((
                row.id().cloned(),
                (row.day(), person.clone(), for_day, with),
            ));
        }
        let mut found: Vec<Submission> = numbered(evidence, items)
            .into_iter()
            .map(|(id, (day, person, for_day, with))| Submission {
                day,
                person,
                id,
                for_day,
                with,
            })
            .collect();
        found.sort();
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_broke_an_appointment_is_read_in_every_word() {
        let day = NaiveDate::default();
        let read = |text: &str| cause(&Key::new(text).unwrap(), day);
        for (text, by) in CAUSES {
            assert_eq!(read(text), Ok(by), "{text}");
        }
        assert_eq!(
            read("customer_move").unwrap_err().to_string(),
            "`customer_move` in the record of 1970-01-01 is no cause; did you mean `customer_moved`?"
        );
    }
}
