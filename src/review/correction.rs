//! Proposals: more activity, the action of an alert, a shortfall carried forward, a target to be looked at again.

use serde::Serialize;

use super::cause::line;
use super::line::{Line, PaceStatus};
use super::report::{Raised, SubjectReview};
use super::{ReviewDef, ReviewError};
use crate::allocation::{Method, WeightPolicy, Weights, allocate};
use crate::key::Key;
use crate::measure::Direction;
use crate::pace::{Phase, Reach, View};
use crate::panel::{Figure, Found};
use crate::quantity::{Quantity, Ratio, Rounding, divide};
use crate::text::Texts;

/// One proposal, never a silent act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Correction {
    /// Do more of an activity until the end of the period, at one's own yield so far.
    MoreActivity {
        /// The activity.
        activity: Key,
        /// How much more than its plan for the rest of the period, rounded up.
        by: Quantity,
        /// The result that is behind.
        because: Key,
        /// By how much it is behind.
        shortfall: Quantity,
    },
    /// Carry out the action of an exception.
    Act {
        /// The rule that raised it.
        rule: Key,
        /// What it suggests, in each language in which the rule is written.
        action: Texts,
    },
    /// Carry the shortfall of the periods that have ended into those that are left, in the proportions of their targets.
    CarryForward {
        /// The metric.
        metric: Key,
        /// The shortfall of the periods that have ended.
        shortfall: Quantity,
        /// What each period that is left takes over; together exactly the shortfall.
        into: Vec<Carried>,
    },
}

/// What one period takes over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Carried {
    /// The period.
    pub period: Key,
    /// Its target so far.
    pub target: Quantity,
    /// What is added to it.
    pub amount: Quantity,
}

/// A metric that nearly every subject misses: the target is suspected before the people (大家都差不多).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Suspicion {
    /// The metric.
    pub metric: Key,
    /// How many subjects are behind their pace.
    pub behind: usize,
    /// How many have a pace.
    pub of: usize,
}

/// Execution first, then the plan.
pub(super) fn corrections(
    def: &ReviewDef,
    views: &[View<'_>],
    lines: &[Line],
    alerts: &[Raised],
    subject: usize,
    period: usize,
) -> Result<Vec<Correction>, ReviewError> {
    let mut corrections = Vec::new();
    for driver in &def.drivers {
        let result = line(lines, driver, &driver.result)?;
        let activity = line(lines, driver, &driver.activity)?;
        corrections.extend(more_activity(result, activity));
    }
    for (alert, action) in alerts {
        if !action.is_empty() {
            corrections.push(Correction::Act {
                rule: alert.rule.clone(),
                action: action.clone(),
            });
        }
    }
    for (view, line) in views.iter().zip(lines) {
        corrections.extend(carry_forward(view, line, subject, period)?);
    }
    Ok(corrections)
}

fn more_activity(result: &Line, activity: &Line) -> Option<Correction> {
    let shortfall = result.shortfall()?;
    let amount = |answer: Found| answer.figure().and_then(Figure::amount);
    let (Some(reached), Some(done)) = (
        amount(result.reading.actual),
        amount(activity.reading.actual),
    ) else {
        return None;
    };
    // Without a yield of one's own no amount of activity can be named; after the end none helps.
    if reached.units() <= 0 || done.units() <= 0 || result.reading.phase == Phase::Ended {
        return None;
    }
    let needed = i128::from(shortfall.units()) * i128::from(done.units());
    let by = divide(needed, i128::from(reached.units()), Rounding::Ceiling);
    by.and_then(|by| i64::try_from(by).ok())
        .map(|by| Correction::MoreActivity {
            activity: activity.metric.clone(),
            by: done.quantum().quantity(by),
            because: result.metric.clone(),
            shortfall,
        })
}

/// Only what adds up and of which more is better can be carried; and only into periods that have a target.
fn carry_forward(
    view: &View<'_>,
    line: &Line,
    subject: usize,
    period: usize,
) -> Result<Option<Correction>, ReviewError> {
    if line.direction != Direction::Larger || !view.pace().accumulates() {
        return Ok(None);
    }
    let periods = view.panel().periods();
    let (mut shortfall, mut quantum) = (0_i64, None);
    let mut left = Vec::new();
    for ordinal in 0..periods.len() {
        let reading = view.reading(subject, ordinal)?;
        let Some(target) = reading.target.figure().and_then(Figure::amount) else {
            continue;
        };
        match reading.phase {
            Phase::Ended => {
                if let Some(actual) = reading.actual.figure().and_then(Figure::amount) {
                    let missing = target.checked_sub(actual)?;
                    let total = target.quantum().quantity(shortfall).checked_add(missing)?;
                    (shortfall, quantum) = (total.units(), Some(target.quantum()));
                }
            }
            Phase::Running | Phase::NotBegun => {
                if let Some(label) = periods.label(ordinal) {
                    left.push((label.clone(), target));
                }
            }
        }
    }
    let Some(quantum) = quantum.filter(|_| shortfall > 0) else {
        return Ok(None);
    };
    let running = view.reading(subject, period)?;
    if matches!(running.reach, Reach::Unknown(_))
        || left.iter().all(|(_, target)| target.units() <= 0)
    {
        return Ok(None);
    }
    let targets: Vec<i64> = left
        .iter()
        .map(|(_, target)| target.units().max(0))
        .collect();
    let weights = Weights::new(&targets, WeightPolicy::ALLOCATE)?;
    let shares = allocate(shortfall, &weights, Method::LargestRemainder)?;
    let into = left
        .into_iter()
        .zip(shares.shares())
        .map(|((period, target), amount)| Carried {
            period,
            target,
            amount: quantum.quantity(*amount),
        })
        .collect();
    Ok(Some(Correction::CarryForward {
        metric: line.metric.clone(),
        shortfall: quantum.quantity(shortfall),
        into,
    }))
}

/// The metrics that at least the stated share of subjects misses, where there are at least two subjects.
pub(super) fn suspicions(def: &ReviewDef, subjects: &[SubjectReview]) -> Vec<Suspicion> {
    let mut suspicions = Vec::new();
    for pace in &def.paces {
        let lines = || {
            subjects
                .iter()
                .flat_map(|subject| &subject.lines)
                .filter(|line| line.metric == *pace.metric())
        };
        let of = lines()
            .filter(|line| line.standing != PaceStatus::Unknown)
            .count();
        let behind = lines()
            .filter(|line| line.standing == PaceStatus::Behind)
            .count();
        let share = i128::try_from(behind)
            .ok()
            .zip(i128::try_from(of).ok())
            .and_then(|(top, bottom)| Ratio::new(top, bottom).ok());
        if of >= 2 && share.is_some_and(|share| share >= def.alike) {
            suspicions.push(Suspicion {
                metric: pace.metric().clone(),
                behind,
                of,
            });
        }
    }
    suspicions
}
