//! The completeness of a plan: ten parts, each there with somebody who answers for it and a date, or reported.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::key::Key;
use crate::quantity::Ratio;

/// The ten parts of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanPart {
    /// Where we stand.
    CurrentSituation,
    /// How much is to be sold.
    VolumeTarget,
    /// What it may cost.
    ExpenseTarget,
    /// Where.
    Territory,
    /// By when.
    Deadline,
    /// In which way.
    Strategy,
    /// By whom, with what structure.
    Organisation,
    /// Through which steps.
    ActionSteps,
    /// How the process is watched.
    ProcessControl,
    /// How the results are judged.
    Evaluation,
}

impl PlanPart {
    /// All parts, in their order.
    pub const ALL: [Self; 10] = [
        Self::CurrentSituation,
        Self::VolumeTarget,
        Self::ExpenseTarget,
        Self::Territory,
        Self::Deadline,
        Self::Strategy,
        Self::Organisation,
        Self::ActionSteps,
        Self::ProcessControl,
        Self::Evaluation,
    ];

    /// Says whether somebody has to answer for the part by a date: the targets, the steps, the control and the
    /// evaluation.
    #[must_use]
    pub fn needs_owner_and_date(self) -> bool {
        match self {
            Self::VolumeTarget
            | Self::ExpenseTarget
            | Self::ActionSteps
            | Self::ProcessControl
            | Self::Evaluation => true,
            Self::CurrentSituation
            | Self::Territory
            | Self::Deadline
            | Self::Strategy
            | Self::Organisation => false,
        }
    }
}

/// One part of a plan as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartDef {
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

/// What is missing of a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PartGap {
    /// The part is not there.
    Absent,
    /// It says nothing.
    Empty,
    /// Nobody answers for it.
    NoOwner,
    /// It has no date.
    NoDate,
}

/// Returns what is missing of each part, in the order of the parts; nothing for a complete plan.
///
/// ```
/// use quotaflow::duty::{PartDef, PartGap, PlanPart, plan_gaps};
/// use std::collections::BTreeMap;
/// let part = |text: &str| PartDef { text: text.to_owned(), ..PartDef::default() };
/// let plan: BTreeMap<_, _> = PlanPart::ALL.map(|name| (name, part("as agreed"))).into();
/// let gaps = plan_gaps(&plan);
/// assert_eq!(gaps[0], (PlanPart::VolumeTarget, PartGap::NoOwner));
/// assert_eq!(gaps.len(), 10);
/// ```
#[must_use]
pub fn plan_gaps(plan: &BTreeMap<PlanPart, PartDef>) -> Vec<(PlanPart, PartGap)> {
    let mut gaps = Vec::new();
    for name in PlanPart::ALL {
        match plan.get(&name) {
            None => gaps.push((name, PartGap::Absent)),
            Some(part) if part.text.trim().is_empty() => gaps.push((name, PartGap::Empty)),
            Some(part) if name.needs_owner_and_date() => {
                if part.owner.is_none() {
                    gaps.push((name, PartGap::NoOwner));
                }
                if part.by.is_none() {
                    gaps.push((name, PartGap::NoDate));
                }
            }
            Some(_) => {}
        }
    }
    gaps
}

/// Returns the share of the ten parts of which nothing is missing.
#[must_use]
pub fn plan_completeness(plan: &BTreeMap<PlanPart, PartDef>) -> Ratio {
    let gaps = plan_gaps(plan);
    let whole = PlanPart::ALL
        .iter()
        .filter(|part| gaps.iter().all(|(gap, _)| gap != *part));
    Ratio::new(i128::try_from(whole.count()).unwrap_or(0), 10).unwrap_or(Ratio::ZERO)
}

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
