//! Duties: who does what, how often, by when, shown by what, and reviewed by whom.

use std::collections::BTreeMap;
use std::num::NonZeroU16;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::error::DutyError;
use crate::assignment::CostMatrix;
use crate::calendar::{Cadence, WorkingDays};
use crate::document::Version;
use crate::key::Key;
use crate::quantity::Ratio;
use crate::text::Texts;

/// How long after its due day a duty may still be done in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Grace {
    /// Not at all. The default.
    #[default]
    None,
    /// So many calendar days.
    Days(u16),
    /// So many working days.
    WorkingDays(u16),
}

impl Grace {
    /// Returns the last day on which it is in time.
    ///
    /// # Errors
    /// [`DutyError::Calendar`] beyond the days that the calendar knows.
    pub fn last_day(self, due: NaiveDate, working: &WorkingDays) -> Result<NaiveDate, DutyError> {
        match self {
            Self::None => Ok(due),
            Self::Days(days) => due
                .checked_add_days(chrono::Days::new(u64::from(days)))
                .ok_or(DutyError::DayOutOfRange { day: due }),
            Self::WorkingDays(days) => Ok(working.add_working_days(due, i32::from(days))?),
        }
    }
}

/// A duty as data: a daily report, a weekly plan, a talk with each team member every week, three meetings a week, a
/// training a month, an inspection of the market.
///
/// ```
/// use quotaflow::calendar::{WorkingDays, WorkingDaysDef};
/// use quotaflow::duty::{Duty, Submission};
/// // Every Friday a manager has talked once with each of two people, and has held three meetings.
/// let fridays = r#"{"anchor": "2026-03-02", "rhythm": {"kind": "weekly", "every": 1, "days": ["Fri"]}}"#;
/// let talks: Duty = serde_json::from_str(&format!(
///     r#"{{"key": "talks", "who": ["eva"], "with": ["ann", "bo"], "evidence": "talk", "cadence": {fridays}}}"#,
/// )).map_err(quotaflow::Error::unreadable)?;
/// let meetings: Duty = serde_json::from_str(&format!(
///     r#"{{"key": "meetings", "who": ["eva"], "times": 3, "evidence": "meeting", "cadence": {fridays}}}"#,
/// )).map_err(quotaflow::Error::unreadable)?;
/// let week = WorkingDays::new(WorkingDaysDef::monday_to_friday("office".try_into()?))?;
/// let (from, to) = ("2026-03-02".parse()?, "2026-03-09".parse()?);
/// let record = |id: &str, day: &str, with: &str| -> Result<Submission, quotaflow::Error> {
///     Ok(Submission { id: id.try_into()?, person: "eva".try_into()?, day: day.parse()?, for_day: None, with: Some(with.try_into()?) })
/// };
/// // Two talks with Ann are none with Bo; two meetings of one day are two of three.
/// let held = [record("1", "2026-03-03", "ann")?, record("2", "2026-03-05", "ann")?];
/// let told = talks.report(&talks.obligations(from, to, &week)?, &held, to)?.counts(|_, _| true);
/// assert_eq!((told.on_time, told.missing), (1, 1));
/// let held = [record("3", "2026-03-03", "all")?, record("4", "2026-03-03", "all")?];
/// let told = meetings.report(&meetings.obligations(from, to, &week)?, &held, to)?.counts(|_, _| true);
/// assert_eq!((told.on_time, told.missing), (2, 1));
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DutyDef {
    /// The version of this form of document.
    #[serde(default)]
    pub version: Version<1>,
    /// The stable name.
    pub key: Key,
    /// What it is shown as.
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub title: Texts,
    /// Whose duty it is: each of these persons or posts for itself.
    pub who: Vec<Key>,
    /// With whom each of them has to do it, with each of these once on every due day: a talk with each member of the
    /// team. Nobody has to do it with themself; with nobody in particular where none is named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub with: Vec<Key>,
    /// How often or when.
    pub cadence: Cadence,
    /// How many are due on each of its days: three meetings by every Friday, whichever days they are on. 1 where nothing
    /// is said.
    #[serde(default = "once", skip_serializing_if = "is_once")]
    pub times: NonZeroU16,
    /// How long after the due day it is still in time.
    #[serde(default)]
    pub grace: Grace,
    /// The kind of record that shows it was done.
    pub evidence: Key,
    /// Who reviews it; somebody else than those whose duty it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reviewer: Option<Key>,
    /// How much it matters beside others, from 1 for the most to 5 for the least; 3 where nothing is said.
    #[serde(default = "middle")]
    pub priority: u8,
}

fn middle() -> u8 {
    3
}

fn once() -> NonZeroU16 {
    NonZeroU16::MIN
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the form that serde asks for"
)]
fn is_once(times: &NonZeroU16) -> bool {
    *times == NonZeroU16::MIN
}

/// A checked duty: somebody has it, and nobody reviews their own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "DutyDef", into = "DutyDef")]
pub struct Duty(DutyDef);

/// One time that a duty falls to somebody.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Obligation {
    /// Who has to do it.
    pub person: Key,
    /// With whom, where the duty says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub with: Option<Key>,
    /// The day that names it.
    pub nominal: NaiveDate,
    /// The day on which it is due.
    pub due: NaiveDate,
    /// The last day on which it is in time.
    pub last: NaiveDate,
}

/// Something handed in for a duty: a report, a plan, the record of a meeting.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Submission {
    /// When.
    pub day: NaiveDate,
    /// By whom.
    pub person: Key,
    /// The name of the record.
    pub id: Key,
    /// The nominal day that it is for, where it says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub for_day: Option<NaiveDate>,
    /// With whom it was done, where it says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub with: Option<Key>,
}

/// What became of an obligation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Standing {
    /// Handed in by the last day.
    OnTime {
        /// The record.
        by: Key,
    },
    /// Handed in so many days after the last one.
    Late {
        /// The record.
        by: Key,
        /// How many calendar days, or working days where the report was told so ([`DutyReport::in_working_days`]).
        days: u32,
    },
    /// Not handed in, and the last day has passed.
    Missing,
    /// Not handed in, and there is still time.
    NotYetDue,
    /// Not handed in, and forgiven beforehand or afterwards.
    Excused,
}

/// What became of the obligations of a duty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DutyReport {
    /// Each obligation, by person, with whom, and due day.
    pub obligations: Vec<(Obligation, Standing)>,
    /// Records that no obligation asked for.
    pub unasked: Vec<Submission>,
}

/// Counts of obligations; they add up over persons, duties and periods.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DutyCounts {
    /// Handed in by the last day.
    pub on_time: i64,
    /// Handed in after it.
    pub late: i64,
    /// Not handed in though the last day has passed.
    pub missing: i64,
    /// Not handed in, with time left.
    pub not_yet_due: i64,
    /// Not handed in, and excused; these are not due.
    #[serde(default, skip_serializing_if = "is_none")]
    pub excused: i64,
    /// The days by which the late ones were late, together: calendar days, or working days where the report was told so.
    pub days_late: i64,
}

impl DutyCounts {
    /// Counts one obligation more.
    fn count(&mut self, standing: &Standing) {
        match standing {
            Standing::OnTime { .. } => self.on_time += 1,
            Standing::Late { days, .. } => {
                self.late += 1;
                self.days_late += i64::from(*days);
            }
            Standing::Missing => self.missing += 1,
            Standing::NotYetDue => self.not_yet_due += 1,
            Standing::Excused => self.excused += 1,
        }
    }

    /// Returns both counted together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            on_time: self.on_time.saturating_add(other.on_time),
            late: self.late.saturating_add(other.late),
            missing: self.missing.saturating_add(other.missing),
            not_yet_due: self.not_yet_due.saturating_add(other.not_yet_due),
            excused: self.excused.saturating_add(other.excused),
            days_late: self.days_late.saturating_add(other.days_late),
        }
    }

    /// Returns how many were to be handed in by now.
    #[must_use]
    pub fn due(&self) -> i64 {
        self.handed_in().saturating_add(self.missing)
    }

    /// Returns how many were handed in, on time or late.
    #[must_use]
    pub fn handed_in(&self) -> i64 {
        self.on_time.saturating_add(self.late)
    }

    /// Returns the share of those due that were handed in on time.
    #[must_use]
    pub fn punctuality(&self) -> Option<Ratio> {
        Ratio::new(i128::from(self.on_time), i128::from(self.due())).ok()
    }

    /// Returns the share of those due that were handed in at all.
    #[must_use]
    pub fn completeness(&self) -> Option<Ratio> {
        Ratio::new(i128::from(self.handed_in()), i128::from(self.due())).ok()
    }
}

impl Duty {
    /// Checks a duty.
    ///
    /// # Errors
    /// [`DutyError::Nobody`] also where the only person has it with themself alone, [`DutyError::Duplicate`] for a person
    /// named twice, [`DutyError::OwnReviewer`], [`DutyError::Priority`] outside 1 to 5.
    pub fn new(definition: DutyDef) -> Result<Self, DutyError> {
        if definition.who.is_empty() {
            return Err(DutyError::Nobody {
                duty: definition.key,
            });
        }
        for (index, person) in definition.who.iter().enumerate() {
            if definition.who[..index].contains(person) {
                return Err(DutyError::Duplicate {
                    what: "person of a duty",
                    key: person.clone(),
                });
            }
            if definition.reviewer.as_ref() == Some(person) {
                let person = person.clone();
                return Err(DutyError::OwnReviewer {
                    duty: definition.key,
                    person,
                });
            }
        }
        for (index, other) in definition.with.iter().enumerate() {
            if definition.with[..index].contains(other) {
                return Err(DutyError::Duplicate {
                    what: "partner of a duty",
                    key: other.clone(),
                });
            }
        }
        if let ([only], [other]) = (&definition.who[..], &definition.with[..])
            && only == other
        {
            return Err(DutyError::Nobody {
                duty: definition.key,
            });
        }
        if !(1..=5).contains(&definition.priority) {
            return Err(DutyError::Priority {
                duty: definition.key,
                priority: definition.priority,
            });
        }
        Ok(Self(definition))
    }

    /// Returns the definition.
    #[must_use]
    pub fn definition(&self) -> &DutyDef {
        &self.0
    }

    /// Returns what is due from `start` up to and without `end`, by person, with whom, and day.
    ///
    /// # Errors
    /// [`DutyError::Calendar`].
    pub fn obligations(
        &self,
        start: NaiveDate,
        end: NaiveDate,
        working: &WorkingDays,
    ) -> Result<Vec<Obligation>, DutyError> {
        let occurrences = self.0.cadence.occurrences(start, end, working)?;
        let with: Vec<Option<&Key>> = match &self.0.with[..] {
            [] => vec![None],
            some => some.iter().map(Some).collect(),
        };
        let mut found = Vec::with_capacity(occurrences.len() * self.0.who.len());
        for person in &self.0.who {
            for with in with.iter().filter(|with| **with != Some(person)) {
                for occurrence in &occurrences {
                    let last = self.0.grace.last_day(occurrence.due, working)?;
                    let one = Obligation {
                        person: person.clone(),
                        with: with.cloned(),
                        nominal: occurrence.nominal,
                        due: occurrence.due,
                        last,
                    };
                    found.extend(std::iter::repeat_n(one, usize::from(self.0.times.get())));
                }
            }
        }
        Ok(found)
    }

    /// Returns what became of obligations of this duty as of a day.
    ///
    /// Every record counts for one obligation at most, and where the duty says with whom, only for one with the same. A
    /// record that names its day counts for that day only. Otherwise it may come at any time after the last due day
    /// before, and records are given to obligations so that as few as possible are missing, then so that they lie as few days as possible before the due day or after the
    /// last one, then to the earlier obligations: a least-cost assignment.
    ///
    /// # Errors
    /// [`DutyError::TooMany`], [`DutyError::Assignment`] for too many obligations and records of one person that hang
    /// together: report them in shorter spans.
    pub fn report(
        &self,
        obligations: &[Obligation],
        submissions: &[Submission],
        as_of: NaiveDate,
    ) -> Result<DutyReport, DutyError> {
        let mut report = DutyReport {
            obligations: Vec::new(),
            unasked: Vec::new(),
        };
        let mut records: Vec<&Submission> = submissions
            .iter()
            .filter(|record| record.day <= as_of)
            .collect();
        records.sort();
        let mut asked: Vec<&Obligation> = obligations.iter().collect();
        asked.sort();
        let mut persons: Vec<&Key> = asked.iter().map(|one| &one.person).collect();
        persons.extend(records.iter().map(|record| &record.person));
        persons.sort();
        persons.dedup();
        for person in persons {
            let own: Vec<&Obligation> = asked
                .iter()
                .copied()
                .filter(|one| one.person == *person)
                .collect();
            let given: Vec<&Submission> = records
                .iter()
                .copied()
                .filter(|record| record.person == *person)
                .collect();
            let limit = usize::try_from(PART).unwrap_or(usize::MAX);
            if own.len() >= limit {
                let (what, count) = ("obligations of one person", own.len());
                return Err(DutyError::TooMany { what, count, limit });
            }
            let mut costs = CostMatrix::new(own.len(), given.len())?;
            for (row, obligation) in own.iter().enumerate() {
                costs.leave_row(
                    row,
                    MISSING * PART + i64::try_from(own.len() - row).unwrap_or(PART),
                )?;
                // Several that are due on one day open together, after the due day before it.
                let earlier = own[..row].iter().rev();
                let opens = earlier
                    .take_while(|other| other.with == obligation.with)
                    .map(|other| other.due)
                    .find(|due| *due < obligation.due);
                for (column, record) in given.iter().enumerate() {
                    let fits = match record.for_day {
                        Some(day) => day == obligation.nominal,
                        None => opens.is_none_or(|opens| record.day > opens),
                    };
                    let meets = obligation.with.is_none() || obligation.with == record.with;
                    if fits && meets {
                        costs.pair(row, column, days_off(obligation, record) * PART)?;
                    }
                }
            }
            let best = costs.assign()?;
            let mut used = vec![false; given.len()];
            for (obligation, column) in own.into_iter().zip(best.columns()) {
                let standing = match column {
                    Some(column) => {
                        used[*column] = true;
                        let by = given[*column].id.clone();
                        match u32::try_from(days_late(obligation, given[*column])) {
                            Ok(days) if days > 0 => Standing::Late { by, days },
                            _ => Standing::OnTime { by },
                        }
                    }
                    None if as_of > obligation.last => Standing::Missing,
                    None => Standing::NotYetDue,
                };
                report.obligations.push((obligation.clone(), standing));
            }
            let unasked = given.into_iter().zip(used).filter(|(_, used)| !used);
            report
                .unasked
                .extend(unasked.map(|(record, _)| record.clone()));
        }
        Ok(report)
    }
}

/// More than the days of the longest calendar, so that no distance is worse than a gap.
const MISSING: i64 = 4_000_000;
/// The parts of a day in which costs are told; the parts below break ties by the order of the obligations.
const PART: i64 = 1 << 17;

fn days_off(obligation: &Obligation, record: &Submission) -> i64 {
    days_late(obligation, record) + (obligation.due - record.day).num_days().max(0)
}

fn days_late(obligation: &Obligation, record: &Submission) -> i64 {
    (record.day - obligation.last).num_days().max(0)
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the form that serde asks for"
)]
fn is_none(count: &i64) -> bool {
    *count == 0
}

impl DutyReport {
    /// Returns the same with what is excused: the obligations for which `is` holds and that were not met, whether their day has come
    /// or not.
    #[must_use]
    pub fn excused(&self, is: impl Fn(&Obligation) -> bool) -> Self {
        let mut report = self.clone();
        for (obligation, standing) in &mut report.obligations {
            if matches!(standing, Standing::Missing | Standing::NotYetDue) && is(obligation) {
                *standing = Standing::Excused;
            }
        }
        report
    }

    /// Returns the same with lateness in working days: how many of the days after the last one in time, up to the one on which
    /// it was handed in, are worked. What came on the weekend after a Friday is late by none.
    ///
    /// # Errors
    /// [`DutyError::Calendar`] beyond the days that the calendar knows.
    pub fn in_working_days(&self, working: &WorkingDays) -> Result<Self, DutyError> {
        let mut report = self.clone();
        for (obligation, standing) in &mut report.obligations {
            if let Standing::Late { days, .. } = standing {
                let after = |days: u32| {
                    let day = obligation
                        .last
                        .checked_add_days(chrono::Days::new(days.into()));
                    day.and_then(|day| day.succ_opt())
                };
                let span = after(0).zip(after(*days));
                let (from, to) = span.ok_or(DutyError::DayOutOfRange {
                    day: obligation.last,
                })?;
                *days = working.count(from, to)?;
            }
        }
        Ok(report)
    }

    /// Returns the counts of the obligations for which `of` holds of person and due day.
    #[must_use]
    pub fn counts(&self, of: impl Fn(&Key, NaiveDate) -> bool) -> DutyCounts {
        let all = self.counts_by(|person, day| of(person, day).then_some(()));
        all.into_values().next().unwrap_or_default()
    }

    /// Returns the counts of each group to which obligations belong, in one pass: `group` says to which one an obligation of a
    /// person on a due day belongs, if to any. A group without obligations is not there.
    #[must_use]
    pub fn counts_by<G: Ord>(
        &self,
        group: impl Fn(&Key, NaiveDate) -> Option<G>,
    ) -> BTreeMap<G, DutyCounts> {
        let mut counts: BTreeMap<G, DutyCounts> = BTreeMap::new();
        for (obligation, standing) in &self.obligations {
            if let Some(group) = group(&obligation.person, obligation.due) {
                counts.entry(group).or_default().count(standing);
            }
        }
        counts
    }
}

impl TryFrom<DutyDef> for Duty {
    type Error = DutyError;

    fn try_from(definition: DutyDef) -> Result<Self, DutyError> {
        Self::new(definition)
    }
}

impl From<Duty> for DutyDef {
    fn from(duty: Duty) -> Self {
        duty.0
    }
}
