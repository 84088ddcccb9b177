//! Activity quotas counted from what was done: whom somebody contacted in a period, of which customers, with what outcome.

mod columns;
mod counting;
mod definition;

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::error::DutyError;
use super::matching::DoneItem;
use super::quota::{Quota, QuotaDef, QuotaLine, QuotaStanding};
use crate::calendar::PeriodSet;
use crate::key::Key;
use counting::{Counting, History, first_with};
pub use definition::{ActivityQuotaDef, Before, ContactDef, Each};

/// A checked activity quota.
///
/// ```
/// use quotaflow::calendar::{Calendar, Grain};
/// use quotaflow::duty::{ActivityQuota, DoneItem, QuotaStanding};
/// // In a month 20 customers never contacted before, of whom 2, better 4, come to cooperation: here 2, of whom 1, better 2.
/// let quota: ActivityQuota = serde_json::from_str(
///     r#"{"key": "new customers", "who": ["ann"], "quota": {"counts": "contacted", "before": "never_contacted", "floor": 2,
///         "of_which": [{"counts": "cooperation", "outcomes": ["cooperates"], "floor": 1, "stretch": 2}]}}"#,
/// ).map_err(quotaflow::Error::unreadable)?;
/// let done: Vec<DoneItem> = serde_json::from_str(
///     r#"[{"id": "1", "person": "ann", "kind": "visit", "customer": "old", "day": "2026-02-20"},
///         {"id": "2", "person": "ann", "kind": "visit", "customer": "old", "day": "2026-03-02"},
///         {"id": "3", "person": "ann", "kind": "call", "customer": "x", "day": "2026-03-03"},
///         {"id": "4", "person": "ann", "kind": "visit", "customer": "x", "day": "2026-03-10", "outcome": "cooperates"},
///         {"id": "5", "person": "ann", "kind": "visit", "customer": "y", "day": "2026-03-11"}]"#,
/// ).map_err(quotaflow::Error::unreadable)?;
/// let march = Calendar::gregorian().periods(Grain::Month, "2026-03-01".parse()?, "2026-04-01".parse()?)?;
/// let report = quota.report(&done, &march, "2026-03-31".parse()?)?;
/// let lines = &report.persons[0].lines;
/// assert_eq!((lines[0].line.reached, lines[0].line.standing), (2, QuotaStanding::Stretch));
/// assert_eq!((lines[1].line.reached, lines[1].line.missing_to_stretch), (1, 1));
/// assert_eq!(lines[1].counted[0].as_str(), "x");
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "ActivityQuotaDef", into = "ActivityQuotaDef")]
pub struct ActivityQuota {
    definition: ActivityQuotaDef,
    quota: Quota,
}

/// One count of a person's quota, with what it counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContactLine {
    /// How many, and how far that meets the quota.
    pub line: QuotaLine,
    /// The customers, or the records, that were counted.
    pub counted: Vec<Key>,
}

/// What one person reached of the quota in one period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PersonQuota {
    /// Who.
    pub person: Key,
    /// The label of the period.
    pub period: Key,
    /// Whether the period has ended, so that what is missing is missed.
    pub ended: bool,
    /// The counts, each before those of some of it.
    pub lines: Vec<ContactLine>,
}

impl PersonQuota {
    /// Says whether every count has reached at least this standing.
    #[must_use]
    pub fn meets(&self, standing: QuotaStanding) -> bool {
        self.lines.iter().all(|one| one.line.standing >= standing)
    }
}

/// What became of an activity quota: for each person and each period that has begun.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuotaReport {
    /// The periods.
    periods: PeriodSet,
    /// The day as of which it is told.
    pub as_of: NaiveDate,
    /// What is counted: each count before those of some of it.
    pub counts: Vec<Key>,
    /// By period, then in the declared order of the persons.
    pub persons: Vec<PersonQuota>,
}

impl ActivityQuota {
    /// Checks a quota.
    ///
    /// # Errors
    /// [`DutyError::Nobody`], [`DutyError::Duplicate`] for a person or a count named twice, [`DutyError::OwnReviewer`], and
    /// as [`Quota::new`].
    pub fn new(definition: ActivityQuotaDef) -> Result<Self, DutyError> {
        if definition.who.is_empty() {
            return Err(DutyError::Nobody {
                duty: definition.key,
            });
        }
        let mut seen = BTreeSet::new();
        for person in &definition.who {
            if !seen.insert(person) {
                return Err(DutyError::Duplicate {
                    what: "person of a quota",
                    key: person.clone(),
                });
            }
            if definition.reviewer.as_ref() == Some(person) {
                return Err(DutyError::OwnReviewer {
                    person: person.clone(),
                    duty: definition.key,
                });
            }
        }
        let quota = Quota::new(numbers(&definition.quota))?;
        Ok(Self { definition, quota })
    }

    /// Returns the definition.
    #[must_use]
    pub fn definition(&self) -> &ActivityQuotaDef {
        &self.definition
    }

    /// Returns what is counted: each count before those of some of it.
    #[must_use]
    pub fn counts(&self) -> Vec<Key> {
        let mut counts = Vec::new();
        let mut open = vec![&self.definition.quota];
        while let Some(definition) = open.pop() {
            counts.push(definition.counts.clone());
            open.extend(definition.of_which.iter().rev());
        }
        counts
    }

    /// Returns what each person reached in each period that has begun by a day; what was done later is not yet known.
    ///
    /// `done` holds everything that was done with the customers, by anybody and as far back as it is known: whether one
    /// was never contacted, or had been uninterested, is told from what was done before the period. Of records of one
    /// day the one with the lower id came first. A record without customer counts only where records are counted and
    /// nothing is said of the customer.
    ///
    /// # Errors
    /// [`DutyError::Duplicate`] for two records of one id.
    pub fn report(
        &self,
        done: &[DoneItem],
        periods: &PeriodSet,
        as_of: NaiveDate,
    ) -> Result<QuotaReport, DutyError> {
        let mut records: Vec<&DoneItem> = done.iter().filter(|item| item.day <= as_of).collect();
        records.sort_by_key(|item| (item.day, &item.id));
        let mut ids = BTreeSet::new();
        for item in done {
            if !ids.insert(&item.id) {
                return Err(DutyError::Duplicate {
                    what: "record",
                    key: item.id.clone(),
                });
            }
        }
        let mut history = History::default();
        let mut told = 0;
        let mut persons = Vec::new();
        for period in periods {
            if period.start > as_of {
                break;
            }
            // Everything before the period is history.
            while let Some(item) = records.get(told).filter(|item| item.day < period.start) {
                history.add(item);
                told += 1;
            }
            let own = records[told..]
                .iter()
                .copied()
                .take_while(|item| item.day < period.end);
            let own: Vec<&DoneItem> = own.collect();
            let first = first_with(&own);
            for person in &self.definition.who {
                let mine: Vec<&DoneItem> = own
                    .iter()
                    .copied()
                    .filter(|item| item.person == *person)
                    .collect();
                let counting = Counting {
                    each: self.definition.each,
                    history: &history,
                    first: &first,
                    person,
                };
                let mut counted = Vec::new();
                counting.count(&self.definition.quota, &mine, &mut counted);
                let counts = counted
                    .iter()
                    .map(|(name, found)| (name.clone(), u64::try_from(found.len()).unwrap_or(0)))
                    .collect();
                let lines = self.quota.standing(&counts)?.into_iter().zip(counted);
                persons.push(PersonQuota {
                    person: person.clone(),
                    period: period.label.clone(),
                    ended: period.end <= as_of,
                    lines: lines
                        .map(|(line, (_, counted))| ContactLine { line, counted })
                        .collect(),
                });
            }
        }
        Ok(QuotaReport {
            periods: periods.clone(),
            as_of,
            counts: self.counts(),
            persons,
        })
    }
}

/// Returns the floors and stretches of counts.
fn numbers(definition: &ContactDef) -> QuotaDef {
    QuotaDef {
        counts: definition.counts.clone(),
        floor: definition.floor,
        stretch: definition.stretch,
        of_which: definition.of_which.iter().map(numbers).collect(),
    }
}

impl TryFrom<ActivityQuotaDef> for ActivityQuota {
    type Error = DutyError;

    fn try_from(definition: ActivityQuotaDef) -> Result<Self, DutyError> {
        Self::new(definition)
    }
}

impl From<ActivityQuota> for ActivityQuotaDef {
    fn from(quota: ActivityQuota) -> Self {
        quota.definition
    }
}
