//! Proposals: more activity, the action of an alert, a shortfall carried forward, a target to be looked at again.

use super::subject::{Carried, Correction};

use super::cause::line;
use super::line::Line;
use super::subject::Raised;
use super::{ReviewDef, ReviewError};
use crate::allocation::{Method, WeightPolicy, Weights, allocate};
use crate::calendar::{DayRange, PeriodId};
use crate::measure::Direction;
use crate::pace::{PaceView, Phase, Reach};
use crate::panel::{Figure, Reason};
use crate::plan::{CarryForward, Place, ReachedAmount};
use crate::quantity::{Number, Rounding, divide};
use crate::space::RowId;

/// Execution first, then the plan.
pub(super) fn corrections(
    def: &ReviewDef,
    views: &[PaceView<'_>],
    lines: &[Line],
    alerts: &[Raised],
    subject: RowId,
    period: PeriodId,
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
    let amount = |answer: Result<Figure, Reason>| answer.ok().and_then(Figure::amount);
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
    view: &PaceView<'_>,
    line: &Line,
    subject: RowId,
    period: PeriodId,
) -> Result<Option<Correction>, ReviewError> {
    if line.direction != Direction::Larger || !view.pace().accumulates() {
        return Ok(None);
    }
    let periods = view.panel().periods();
    let (mut shortfall, mut quantum) = (0_i64, None);
    let mut left = Vec::new();
    let (mut reached, mut from) = (Vec::new(), None);
    for ordinal in 0..periods.len() {
        let reading = view.reading(subject, PeriodId::at(ordinal))?;
        let Some(target) = reading.target.ok().and_then(Figure::amount) else {
            continue;
        };
        match reading.phase {
            Phase::Ended => {
                if let Some(actual) = reading.actual.ok().and_then(Figure::amount) {
                    reached.push(ReachedAmount {
                        at: place(view, subject),
                        days: periods.range(PeriodId::at(ordinal)),
                        amount: Number::from(actual.amount()),
                    });
                    let missing = target.checked_sub(actual)?;
                    let total = target.quantum().quantity(shortfall).checked_add(missing)?;
                    (shortfall, quantum) = (total.units(), Some(target.quantum()));
                }
            }
            Phase::Running | Phase::NotBegun => {
                let range = periods.range(PeriodId::at(ordinal));
                from = from.or(range.map(DayRange::start));
                if let Some(label) = periods.label(PeriodId::at(ordinal)) {
                    left.push((label.clone(), target));
                }
            }
        }
    }
    let (Some(quantum), Some(from)) = (quantum.filter(|_| shortfall > 0), from) else {
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
        required: view.rate_with(subject, shortfall)?.ok().map(Box::new),
        edit: Box::new(CarryForward {
            reached,
            ..CarryForward::new(line.metric.as_str(), from)?
        }),
    }))
}

/// The place of a row in a plan whose steps are named like the levels of the rows.
fn place(view: &PaceView<'_>, subject: RowId) -> Place {
    let subjects = view.panel().subjects();
    let levels = subjects.axes().iter().map(|axis| axis.level.clone());
    levels
        .zip(subjects.members(subject).iter().cloned())
        .collect()
}
