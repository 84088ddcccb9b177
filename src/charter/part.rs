//! The ten parts, and what they lack.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::key::{Key, Known};
use crate::quantity::Ratio;

/// One of the ten parts of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// The current situation: where things stand.
    Situation,
    /// The volume target: how much is to be sold.
    Volume,
    /// The expense target: what it may cost.
    Expense,
    /// The territory: where, and of whom.
    Territory,
    /// The deadline: by when.
    Deadline,
    /// The strategy: in which way.
    Strategy,
    /// The organisation: by whom, and who answers for what.
    Organisation,
    /// The action steps.
    Steps,
    /// The control of the process.
    Control,
    /// The evaluation of results.
    Evaluation,
}

impl Part {
    /// All parts, in their order.
    pub const ALL: [Self; 10] = [
        Self::Situation,
        Self::Volume,
        Self::Expense,
        Self::Territory,
        Self::Deadline,
        Self::Strategy,
        Self::Organisation,
        Self::Steps,
        Self::Control,
        Self::Evaluation,
    ];

    /// Says whether somebody has to answer for the part by a date: the targets, the steps, the control and the
    /// evaluation.
    #[must_use]
    pub fn needs_owner_and_date(self) -> bool {
        match self {
            Self::Volume | Self::Expense | Self::Steps | Self::Control | Self::Evaluation => true,
            Self::Situation
            | Self::Territory
            | Self::Deadline
            | Self::Strategy
            | Self::Organisation => false,
        }
    }
}

/// One part of a plan in somebody's own words.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenPart {
    /// What it says.
    #[serde(default)]
    pub text: String,
    /// Who answers for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<Key>,
    /// By when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<NaiveDate>,
}

/// What a part of a plan lacks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Lack {
    /// The part.
    pub part: Part,
    /// What is wrong with it.
    pub what: LackOf,
}

/// What is wrong with a part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum LackOf {
    /// It is not there.
    Missing,
    /// It is there and says nothing.
    Empty,
    /// Nobody answers for it.
    NoOwner,
    /// It has no date.
    NoDate,
    /// It names something that the plan does not have.
    UnknownName {
        /// The name.
        name: String,
        /// The nearest that it has.
        nearest: Option<String>,
        /// Those that it has.
        known: Known,
    },
    /// A step, by what is to be done, has no owner.
    StepWithoutOwner(String),
    /// A step, by what is to be done, has no day.
    StepWithoutDate(String),
    /// A step, by what is to be done, ends after the deadline.
    AfterDeadline(String),
    /// A post has no duties.
    NoDuties(Key),
    /// The plan's periods end before or after the day.
    NotTheHorizon {
        /// The last day of the horizon of the plan.
        horizon: NaiveDate,
    },
}

/// Returns what the ten parts of a written plan lack, in the order of the parts; nothing for a complete plan.
#[must_use]
pub fn lacks(plan: &BTreeMap<Part, WrittenPart>) -> Vec<Lack> {
    let mut lacks = Vec::new();
    let mut report = |part, what| lacks.push(Lack { part, what });
    for name in Part::ALL {
        match plan.get(&name) {
            None => report(name, LackOf::Missing),
            Some(part) if part.text.trim().is_empty() => report(name, LackOf::Empty),
            Some(part) if name.needs_owner_and_date() => {
                if part.owner.is_none() {
                    report(name, LackOf::NoOwner);
                }
                if part.by.is_none() {
                    report(name, LackOf::NoDate);
                }
            }
            Some(_) => {}
        }
    }
    lacks
}

/// Returns the share of the ten parts that lack nothing.
#[must_use]
pub fn completeness(lacks: &[Lack]) -> Ratio {
    let whole = |part: &&Part| lacks.iter().all(|lack| lack.part != **part);
    let whole = Part::ALL.iter().filter(whole).count();
    let all = Part::ALL.len();
    let wide = |count: usize| i128::try_from(count).unwrap_or(0);
    // The ten parts are not none.
    Ratio::new(wide(whole), wide(all)).unwrap_or(Ratio::ZERO)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_to_be_done_needs_somebody_and_a_day() {
        let needing = Part::ALL
            .into_iter()
            .filter(|part| part.needs_owner_and_date());
        let wanted = [
            Part::Volume,
            Part::Expense,
            Part::Steps,
            Part::Control,
            Part::Evaluation,
        ];
        assert_eq!(needing.collect::<Vec<_>>(), wanted);
    }

    #[test]
    fn a_plan_is_reported_part_by_part() {
        let owner = Key::new("ann").unwrap();
        let whole = |text: &str| WrittenPart {
            text: text.to_owned(),
            owner: Some(owner.clone()),
            by: "2026-01-31".parse().ok(),
        };
        let mut plan: BTreeMap<Part, WrittenPart> =
            Part::ALL.map(|part| (part, whole("as agreed"))).into();
        assert_eq!(lacks(&plan), []);
        assert_eq!(completeness(&[]), Ratio::ONE);
        plan.remove(&Part::Strategy);
        plan.insert(Part::Territory, whole(" "));
        plan.insert(
            Part::Steps,
            WrittenPart {
                owner: None,
                by: None,
                ..whole("visit")
            },
        );
        let found: Vec<(Part, LackOf)> = lacks(&plan)
            .into_iter()
            .map(|lack| (lack.part, lack.what))
            .collect();
        assert_eq!(
            found,
            [
                (Part::Territory, LackOf::Empty),
                (Part::Strategy, LackOf::Missing),
                (Part::Steps, LackOf::NoOwner),
                (Part::Steps, LackOf::NoDate),
            ]
        );
        assert_eq!(completeness(&lacks(&plan)), Ratio::new(7, 10).unwrap());
    }
}
