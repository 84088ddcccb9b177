//! Execution of duties and plans, line by line, rolled up to persons, teams, duties and plans.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::activity_quota::QuotaReport;
use super::duty::{Duty, DutyReport, Standing};
use super::error::DutyError;
use super::execution::{ExecutionCounts, ExecutionIndex, ExecutionWeights};
use super::matching::{Departure, Fulfilment, MatchReport};
use crate::key::{Key, unknown};
use crate::panel::RollUp;
use crate::panel::{Column, ColumnBuilder, Columns, Panel, Parts, Reason, ratio_parts};
use crate::quantity::Ratio;

/// What a reviewer found of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quality {
    /// It meets the standard.
    Good,
    /// It does not.
    Poor,
}

/// A record that was reviewed, and what the reviewer found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Appraisal {
    /// The record that was handed in or done.
    pub record: Key,
    /// Who reviewed it.
    pub reviewer: Key,
    /// What was found.
    pub quality: Quality,
}

/// What one person executed of one duty or plan on one day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExecutionLine {
    /// The duty or the plan.
    pub source: Key,
    /// Who.
    pub person: Key,
    /// The day on which it was due.
    pub day: NaiveDate,
    /// What was due, done on time, planned, done, reviewed and found good.
    pub counts: ExecutionCounts,
}

/// Execution line by line, of any number of duties and plans; every index is told from lines added up, so that those of a
/// team, a plan and a person never contradict each other.
///
/// ```
/// use quotaflow::calendar::{Cadence, Rhythm, Roll, WorkingDays, WorkingDaysDef};
/// use quotaflow::duty::{Duty, ExecutionWeights, Performance, Submission};
/// use quotaflow::panel::RollUp;
/// # use quotaflow::key::Key;
/// let duty: Duty = serde_json::from_str(
///     r#"{"key": "daily report", "who": ["ann"], "evidence": "report",
///         "cadence": {"anchor": "2026-03-02", "rhythm": {"kind": "working_days", "every": 1}, "roll": "keep"}}"#,
/// ).map_err(quotaflow::Error::unreadable)?;
/// let week = WorkingDays::new(WorkingDaysDef::monday_to_friday("office".try_into()?))?;
/// let asked = duty.obligations("2026-03-02".parse()?, "2026-03-04".parse()?, &week)?;
/// let handed_in = [Submission { day: "2026-03-02".parse()?, person: "ann".try_into()?, id: "r1".try_into()?, for_day: None, with: None }];
/// let report = duty.report(&asked, &handed_in, "2026-03-10".parse()?)?;
/// let mut performance = Performance::default();
/// performance.add_duty(&duty, &report, &[])?;
/// let index = performance.by(RollUp::Person, ExecutionWeights::default())?;
/// assert_eq!(index[&Key::new("ann")?].timeliness, quotaflow::quantity::Ratio::new(1, 2).ok());
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Performance {
    lines: Vec<ExecutionLine>,
}

impl Performance {
    /// Adds what became of a duty: due and planned is every obligation that has to be met by now, done what was handed in.
    ///
    /// # Errors
    /// [`DutyError::UnknownRecord`] for a review of a record that the report does not know, [`DutyError::Duplicate`] for
    /// a record reviewed twice, [`DutyError::OwnReviewer`] for one reviewed by its author; nothing is then added.
    pub fn add_duty(
        &mut self,
        duty: &Duty,
        report: &DutyReport,
        appraisals: &[Appraisal],
    ) -> Result<(), DutyError> {
        let source = &duty.definition().key;
        let mut open = Appraisals::new(source, appraisals)?;
        let mut lines = Vec::with_capacity(report.obligations.len());
        for (obligation, standing) in &report.obligations {
            let (on_time, by) = match standing {
                Standing::OnTime { by } => (1, Some(by)),
                Standing::Late { by, .. } => (0, Some(by)),
                Standing::Missing => (0, None),
                Standing::NotYetDue | Standing::Excused => continue,
            };
            let (reviewed, good) = match by {
                Some(by) => open.of(by, &obligation.person)?,
                None => (0, 0),
            };
            lines.push(ExecutionLine {
                source: source.clone(),
                person: obligation.person.clone(),
                day: obligation.due,
                counts: ExecutionCounts {
                    due: 1,
                    on_time,
                    planned: 1,
                    done: i64::from(by.is_some()),
                    reviewed,
                    good,
                },
            });
        }
        open.all_used(report.unasked.iter().map(|record| &record.id))?;
        self.lines.append(&mut lines);
        Ok(())
    }

    /// Adds what became of a plan under this name: due and planned is every item that has to be done by now and that no
    /// customer broke, on time what was done by its day.
    ///
    /// # Errors
    /// As [`Performance::add_duty`].
    pub fn add_plan(
        &mut self,
        plan: &Key,
        report: &MatchReport,
        appraisals: &[Appraisal],
    ) -> Result<(), DutyError> {
        let mut open = Appraisals::new(plan, appraisals)?;
        let mut lines = Vec::with_capacity(report.planned.len());
        for (item, outcome) in &report.planned {
            let mut counts = ExecutionCounts {
                due: 1,
                planned: 1,
                ..ExecutionCounts::default()
            };
            match outcome {
                Fulfilment::Done { by, departures, .. } => {
                    let late = |found: &Departure| matches!(found, Departure::Late(_));
                    counts.done = 1;
                    counts.on_time = i64::from(!departures.iter().any(late));
                    (counts.reviewed, counts.good) = open.of(by, &item.person)?;
                }
                Fulfilment::NotYetDue => continue,
                Fulfilment::Broken(by) if by.excuses() => continue,
                Fulfilment::Overdue | Fulfilment::Missed | Fulfilment::Broken(_) => {}
            }
            lines.push(ExecutionLine {
                source: plan.clone(),
                person: item.person.clone(),
                day: item.day,
                counts,
            });
        }
        open.all_used(report.unplanned.iter().map(|record| &record.id))?;
        self.lines.append(&mut lines);
        Ok(())
    }

    /// Adds what became of an activity quota under this name, for the periods that have ended: planned is the floor of each
    /// count, done what was reached of it, on the last day of the period.
    ///
    /// More than the floor counts as the floor, so that a surplus of one count, one person or one month does not fill
    /// another's gap. A quota counts what was done within its period and has no grace: nothing of it comes late, so it
    /// says nothing of timeliness, and it counts customers or records that others review, so it says nothing of quality.
    /// What is still missing in a period that runs is not missed yet.
    pub fn add_quota(&mut self, quota: &Key, report: &QuotaReport) {
        for one in report.persons.iter().filter(|one| one.ended) {
            let Some(day) = report.last_day(one) else {
                continue;
            };
            let whole = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
            let lines = one.lines.iter().map(|counted| ExecutionCounts {
                planned: whole(counted.line.floor),
                done: whole(counted.line.reached.min(counted.line.floor)),
                ..ExecutionCounts::default()
            });
            self.lines.push(ExecutionLine {
                source: quota.clone(),
                person: one.person.clone(),
                day,
                counts: lines.fold(ExecutionCounts::default(), ExecutionCounts::and),
            });
        }
    }

    /// Returns the lines in the order in which they were added.
    #[must_use]
    pub fn lines(&self) -> &[ExecutionLine] {
        &self.lines
    }

    /// Returns the index of each duty and plan.
    ///
    /// # Errors
    /// [`DutyError::Quantity`] for weights too fine.
    pub fn by_source(
        &self,
        weights: ExecutionWeights,
    ) -> Result<BTreeMap<Key, ExecutionIndex>, DutyError> {
        self.index_by(weights, |line| Some(&line.source))
    }

    /// Returns the index of each of what a person's day counts to: each person, the teams of a level, the whole.
    ///
    /// # Errors
    /// [`DutyError::Quantity`] for weights too fine.
    pub fn by<'k>(
        &'k self,
        to: RollUp<'k>,
        weights: ExecutionWeights,
    ) -> Result<BTreeMap<Key, ExecutionIndex>, DutyError> {
        self.index_by(weights, |line| to.subject(&line.person, line.day))
    }

    fn index_by<'k>(
        &'k self,
        weights: ExecutionWeights,
        of: impl Fn(&'k ExecutionLine) -> Option<&'k Key>,
    ) -> Result<BTreeMap<Key, ExecutionIndex>, DutyError> {
        let mut sums: BTreeMap<&Key, ExecutionCounts> = BTreeMap::new();
        for line in &self.lines {
            if let Some(key) = of(line) {
                let sum = sums.entry(key).or_default();
                *sum = sum.and(line.counts);
            }
        }
        sums.into_iter()
            .map(|(key, counts)| Ok((key.clone(), ExecutionIndex::of(&counts, weights)?)))
            .collect()
    }

    /// Gives the columns of [`execution_columns`] for a panel of persons, teams or one whole.
    ///
    /// # Errors
    /// [`DutyError::Key`], [`DutyError::Panel`], [`DutyError::Quantity`].
    pub fn columns(
        &self,
        name: &Key,
        to: RollUp<'_>,
        weights: ExecutionWeights,
    ) -> impl Columns<Error = DutyError> {
        move |panel: &Panel| -> Result<Vec<Column>, DutyError> {
            let cell = |line: &ExecutionLine| to.cell(panel, &line.person, line.day);
            execution_columns(name, &self.counted(panel.cells(), cell), weights).columns(panel)
        }
    }

    /// Gives the columns of [`execution_columns`] for a panel whose subjects are duties and plans.
    ///
    /// # Errors
    /// [`DutyError::Key`], [`DutyError::Panel`], [`DutyError::Quantity`].
    pub fn source_columns(
        &self,
        name: &Key,
        weights: ExecutionWeights,
    ) -> impl Columns<Error = DutyError> {
        move |panel: &Panel| -> Result<Vec<Column>, DutyError> {
            let cell = |line: &ExecutionLine| {
                RollUp::Whole(&line.source).cell(panel, &line.person, line.day)
            };
            execution_columns(name, &self.counted(panel.cells(), cell), weights).columns(panel)
        }
    }

    fn counted(
        &self,
        cells: usize,
        cell: impl Fn(&ExecutionLine) -> Option<usize>,
    ) -> Vec<ExecutionCounts> {
        let mut counts = vec![ExecutionCounts::default(); cells];
        for line in &self.lines {
            if let Some(found) = cell(line).and_then(|at| counts.get_mut(at)) {
                *found = found.and(line.counts);
            }
        }
        counts
    }
}

/// Gives columns of execution for a panel, from counts for each of its cells: `<name>.timeliness` (on time, of those due),
/// `<name>.first_pass_rate` (good, of those reviewed), `<name>.quantity` (done, of what was planned; more counts as planned) and
/// `<name>.index`, their weighted mean ([`ExecutionIndex::of`]).
///
/// # Errors
/// [`DutyError::Key`], [`DutyError::Panel`], [`DutyError::Quantity`] for weights too fine.
pub fn execution_columns(
    name: &Key,
    cells: &[ExecutionCounts],
    weights: ExecutionWeights,
) -> impl Columns<Error = DutyError> {
    move |_: &Panel| -> Result<Vec<Column>, DutyError> {
        let found = cells
            .iter()
            .map(|counts| ExecutionIndex::of(counts, weights))
            .collect::<Result<Vec<_>, _>>()?;
        let index = ColumnBuilder::new(name, &found);
        let named = ColumnBuilder::new(name, cells);
        let told = |part: Option<Ratio>| -> Parts { part.map_or(Err(Reason::NoBase), ratio_parts) };
        let capped = |top: i64, bottom: i64| Ok((top.clamp(0, bottom.max(0)), bottom.max(0)));
        Ok(vec![
            named.shares("timeliness", |counts| capped(counts.on_time, counts.due))?,
            named.shares("first_pass_rate", |counts| {
                capped(counts.good, counts.reviewed)
            })?,
            named.shares("quantity", |counts| capped(counts.done, counts.planned))?,
            index.shares("index", |found| told(found.index))?,
        ])
    }
}

/// Reviews by record, each to be used once at most.
struct Appraisals<'a> {
    source: &'a Key,
    open: BTreeMap<&'a Key, &'a Appraisal>,
}

impl<'a> Appraisals<'a> {
    fn new(source: &'a Key, appraisals: &'a [Appraisal]) -> Result<Self, DutyError> {
        let mut open = BTreeMap::new();
        for review in appraisals {
            if open.insert(&review.record, review).is_some() {
                return Err(DutyError::Duplicate {
                    what: "review of record",
                    key: review.record.clone(),
                });
            }
        }
        Ok(Self { source, open })
    }

    /// Returns how many reviews a record has, and how many of them found it good.
    fn of(&mut self, record: &Key, author: &Key) -> Result<(i64, i64), DutyError> {
        let Some(review) = self.open.remove(record) else {
            return Ok((0, 0));
        };
        if review.reviewer == *author {
            return Err(DutyError::OwnReviewer {
                duty: self.source.clone(),
                person: author.clone(),
            });
        }
        Ok((1, i64::from(review.quality == Quality::Good)))
    }

    /// Refuses a review of something that is in no report; what was done unasked may be reviewed and does not count.
    fn all_used<'k>(&self, unasked: impl Iterator<Item = &'k Key>) -> Result<(), DutyError> {
        let unasked: Vec<&Key> = unasked.collect();
        let left = self.open.keys().find(|record| !unasked.contains(record));
        match left {
            None => Ok(()),
            Some(record) => {
                let known = unasked.iter().map(|key| key.as_str());
                let (name, nearest, known) = unknown(record.as_str(), known);
                Err(DutyError::UnknownRecord {
                    name,
                    nearest,
                    known,
                })
            }
        }
    }
}
