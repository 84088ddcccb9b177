//! The completeness of a plan: ten parts, each there with somebody who answers for it and a date, or reported.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{DutyError, RollUp};
use crate::key::Key;
use crate::measure::Direction;
use crate::panel::{Column, Named, Panel, Reason};
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

/// A version of somebody's plan for a period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenPlan {
    /// Whose plan it is.
    pub person: Key,
    /// A day of the period for which it is.
    pub for_day: NaiveDate,
    /// When this version was written.
    pub made: NaiveDate,
    /// Its parts.
    #[serde(default)]
    pub parts: BTreeMap<PlanPart, PartDef>,
}

/// Returns columns of written plans: `<name>.versions` (how many were written for the period by `as_of`; 0 is no plan),
/// `<name>.rewrites` (versions after the first), `<name>.parts` (the share of the ten parts of which nothing is missing) and
/// `<name>.gaps` (what is missing, counted), both of the latest version of each person, and `<name>.without_owner`
/// (parts for which nobody answers or that have no date).
///
/// A period belongs to a plan by its day. Parts and gaps are not recorded where there is no plan.
///
/// # Errors
/// [`DutyError::Key`], [`DutyError::Panel`]; [`DutyError::Duplicate`] for two versions of one person, period and day.
pub fn written_plan_columns(
    name: &Key,
    plans: &[WrittenPlan],
    to: RollUp<'_>,
    panel: &Panel,
    as_of: NaiveDate,
) -> Result<Vec<Column>, DutyError> {
    let mut versions: BTreeMap<(&Key, usize), BTreeMap<NaiveDate, &WrittenPlan>> = BTreeMap::new();
    for plan in plans.iter().filter(|plan| plan.made <= as_of) {
        let Some(period) = panel.periods().position(plan.for_day) else {
            continue;
        };
        let own = versions.entry((&plan.person, period)).or_default();
        if own.insert(plan.made, plan).is_some() {
            return Err(DutyError::Duplicate {
                what: "version of one day of the plan of",
                key: plan.person.clone(),
            });
        }
    }
    let mut cells = vec![Written::default(); panel.cells()];
    for ((person, _), own) in versions {
        let Some((_, latest)) = own.last_key_value() else {
            continue;
        };
        let Some(cell) = to
            .cell(panel, person, latest.for_day)
            .and_then(|at| cells.get_mut(at))
        else {
            continue;
        };
        let gaps = plan_gaps(&latest.parts);
        let whole = |part: &&PlanPart| gaps.iter().all(|(gap, _)| gap != *part);
        let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        let mut unowned: Vec<PlanPart> = gaps
            .iter()
            .filter(|(_, gap)| matches!(gap, PartGap::NoOwner | PartGap::NoDate))
            .map(|(part, _)| *part)
            .collect();
        unowned.dedup();
        cell.plans += 1;
        cell.versions += count(own.len());
        cell.whole += count(PlanPart::ALL.iter().filter(whole).count());
        cell.gaps += count(gaps.len());
        cell.unowned += count(unowned.len());
    }
    let named = Named::new(name, &cells);
    let written = |cell: &Written, told: i64| match cell.plans {
        0 => Err(Reason::NothingRecorded),
        _ => Ok(told),
    };
    let parts = count_of_parts();
    Ok(vec![
        named
            .counts::<DutyError>("versions", |cell| Ok(cell.versions))?
            .better(Direction::Neutral),
        named
            .counts::<DutyError>("rewrites", |cell| Ok(cell.versions - cell.plans))?
            .better(Direction::Smaller),
        named.shares::<DutyError>("parts", |cell| {
            Ok((written(cell, cell.whole)?, cell.plans.saturating_mul(parts)))
        })?,
        named
            .counts::<DutyError>("gaps", |cell| written(cell, cell.gaps))?
            .better(Direction::Smaller),
        named
            .counts::<DutyError>("without_owner", |cell| written(cell, cell.unowned))?
            .better(Direction::Smaller),
    ])
}

#[derive(Debug, Clone, Copy, Default)]
struct Written {
    plans: i64,
    versions: i64,
    whole: i64,
    gaps: i64,
    unowned: i64,
}

fn count_of_parts() -> i64 {
    i64::try_from(PlanPart::ALL.len()).unwrap_or(i64::MAX)
}
