//! Whom a plan has reached: who took part in it, was briefed on it, has accepted it.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::error::DutyError;
use crate::key::{Key, unknown};
use crate::panel::RollUp;
use crate::panel::{Column, ColumnBuilder, Columns, Panel, Reason};
use crate::quantity::Ratio;

/// How far a plan has come to one of the people who carry it out. Each step includes those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RollOut {
    /// Not at all.
    NotReached,
    /// Took part in making it.
    TookPart,
    /// Was briefed on it.
    Briefed,
    /// Has accepted it.
    Accepted,
}

/// Returns the share of the people whom the plan has reached at least so far; `None` where there is nobody.
#[must_use]
pub fn rolled_out<'a>(
    people: impl IntoIterator<Item = &'a RollOut>,
    at_least: RollOut,
) -> Option<Ratio> {
    let (mut reached, mut all) = (0, 0);
    for person in people {
        all += 1;
        reached += i128::from(*person >= at_least);
    }
    Ratio::new(reached, all).ok()
}

/// A step of a plan's roll-out to one person.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RollOutStep {
    /// On which day.
    pub day: NaiveDate,
    /// Whom it reached.
    pub person: Key,
    /// How far.
    pub reached: RollOut,
}

/// The roll-out of a plan, as data: to whom it has to come, from which day on, and what was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RollOutDef {
    /// The plan.
    pub plan: Key,
    /// The day from which it counts.
    pub from: NaiveDate,
    /// Who carries it out.
    pub people: Vec<Key>,
    /// What was done so far, in any order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<RollOutStep>,
}

/// A checked roll-out: everybody is named once, and every step reached somebody to whom the plan has to come.
///
/// ```
/// use quotaflow::duty::{RollOut, RollOutPlan};
/// use quotaflow::quantity::Ratio;
/// let plan: RollOutPlan = serde_json::from_str(
///     r#"{"plan": "spring", "from": "2026-03-02", "people": ["ann", "bo"], "steps": [
///         {"day": "2026-02-20", "person": "ann", "reached": "took_part"}, {"day": "2026-03-03", "person": "bo", "reached": "briefed"}]}"#,
/// ).map_err(quotaflow::Error::unreadable)?;
/// assert_eq!(plan.share(RollOut::TookPart, "2026-03-01".parse()?), Ratio::new(1, 2).ok());
/// assert_eq!(plan.share(RollOut::Briefed, "2026-03-31".parse()?), Ratio::new(1, 2).ok());
/// assert_eq!(plan.reached(&"bo".try_into()?, "2026-03-02".parse()?), Some(RollOut::NotReached));
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "RollOutDef", into = "RollOutDef")]
pub struct RollOutPlan(RollOutDef);

impl RollOutPlan {
    /// Checks a roll-out.
    ///
    /// # Errors
    /// [`DutyError::Nobody`], [`DutyError::Duplicate`] for somebody named twice, [`DutyError::UnknownRecipient`] for a step that
    /// reached somebody else.
    pub fn new(definition: RollOutDef) -> Result<Self, DutyError> {
        if definition.people.is_empty() {
            return Err(DutyError::Nobody {
                duty: definition.plan,
            });
        }
        let mut people = BTreeSet::new();
        for person in &definition.people {
            if !people.insert(person) {
                return Err(DutyError::Duplicate {
                    what: "person of a roll-out",
                    key: person.clone(),
                });
            }
        }
        for step in &definition.steps {
            if !people.contains(&step.person) {
                let known = people.iter().map(|person| person.as_str());
                let (name, nearest, known) = unknown(step.person.as_str(), known);
                return Err(DutyError::UnknownRecipient {
                    plan: definition.plan.clone(),
                    name,
                    nearest,
                    known,
                });
            }
        }
        Ok(Self(definition))
    }

    /// Returns the definition.
    #[must_use]
    pub fn definition(&self) -> &RollOutDef {
        &self.0
    }

    /// Returns how far the plan had come to a person at the end of a day; `None` for somebody to whom it need not come.
    #[must_use]
    pub fn reached(&self, person: &Key, day: NaiveDate) -> Option<RollOut> {
        if !self.0.people.contains(person) {
            return None;
        }
        let steps = self.0.steps.iter();
        let own = steps.filter(|step| step.person == *person && step.day <= day);
        Some(
            own.map(|step| step.reached)
                .max()
                .unwrap_or(RollOut::NotReached),
        )
    }

    /// Returns the share of the people whom the plan had reached at least so far at the end of a day.
    #[must_use]
    pub fn share(&self, at_least: RollOut, day: NaiveDate) -> Option<Ratio> {
        let people = self.0.people.iter();
        let reached: Vec<RollOut> = people
            .filter_map(|person| self.reached(person, day))
            .collect();
        rolled_out(&reached, at_least)
    }

    /// Gives `<name>.took_part`, `<name>.briefed` and `<name>.accepted`: the share of the people whom the plan had reached
    /// at least so far, at the end of each period or on `as_of` while it runs.
    ///
    /// A period that ends before the plan counts, and a subject without anybody to whom it has to come, is not
    /// applicable; a period that begins after `as_of` is not yet due.
    ///
    /// # Errors
    /// [`DutyError::Key`], [`DutyError::Panel`].
    pub fn columns(
        &self,
        name: &Key,
        to: RollUp<'_>,
        as_of: NaiveDate,
    ) -> impl Columns<Error = DutyError> {
        move |panel: &Panel| -> Result<Vec<Column>, DutyError> {
            let mut cells = vec![Reached::default(); panel.cells()];
            for period in panel.periods() {
                let last = period.end.pred_opt().unwrap_or(period.end).min(as_of);
                for person in &self.0.people {
                    let Some(reached) = self.reached(person, last) else {
                        continue;
                    };
                    let row = to.row(panel, Some(person), last);
                    let cell = row.and_then(|row| panel.cell(row, period.id).ok());
                    if let Some(cell) = cell.and_then(|cell| cells.get_mut(cell)) {
                        cell.people += 1;
                        cell.took_part += i64::from(reached >= RollOut::TookPart);
                        cell.briefed += i64::from(reached >= RollOut::Briefed);
                        cell.accepted += i64::from(reached >= RollOut::Accepted);
                        cell.reason = if period.start > as_of {
                            Some(Reason::NotYetDue)
                        } else if period.end <= self.0.from {
                            Some(Reason::NotApplicable)
                        } else {
                            None
                        };
                    }
                }
            }
            let named = ColumnBuilder::new(name, &cells);
            let share = |what: &str, of: fn(&Reached) -> i64| {
                named.shares(what, |cell| match cell.reason {
                    None if cell.people == 0 => Err(Reason::NotApplicable),
                    None => Ok((of(cell), cell.people)),
                    Some(reason) => Err(reason),
                })
            };
            Ok(vec![
                share("took_part", |cell| cell.took_part)?,
                share("briefed", |cell| cell.briefed)?,
                share("accepted", |cell| cell.accepted)?,
            ])
        }
    }
}

#[derive(Debug, Clone, Copy, Default)]
struct Reached {
    people: i64,
    took_part: i64,
    briefed: i64,
    accepted: i64,
    reason: Option<Reason>,
}

impl TryFrom<RollOutDef> for RollOutPlan {
    type Error = DutyError;

    fn try_from(definition: RollOutDef) -> Result<Self, DutyError> {
        Self::new(definition)
    }
}

impl From<RollOutPlan> for RollOutDef {
    fn from(plan: RollOutPlan) -> Self {
        plan.0
    }
}
