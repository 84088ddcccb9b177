//! Where a gap comes from: too little of the activity, or too little out of it.

use super::driver::DriverDef;
use serde::Serialize;

use super::line::Line;
use super::{ReviewDef, ReviewError};
use crate::key::Key;
use crate::panel::Figure;
use crate::quantity::{Quantity, Rounding};

/// A gap to pace, taken apart by an activity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cause {
    /// The result whose gap is taken apart.
    pub result: Key,
    /// The activity that drives it.
    pub activity: Key,
    /// The parts.
    pub variance: Variance,
}

/// The two parts of a gap; together they are the gap exactly.
///
/// The volume and efficiency variances of standard costing: with `a` for what was reached and `e` for what was expected
/// by now, exact, `volume = (activity_a - activity_e) x result_e / activity_e`, rounded to the quantum as the gap is, and
/// the yield is the rest (Horngren, Datar, Rajan: Cost Accounting, on flexible budgets).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Variance {
    /// What was reached minus what was expected by now.
    pub gap: Quantity,
    /// What the missing or additional activity made of it, at the expected yield.
    pub volume: Quantity,
    /// What a lower or higher yield made of it, at the actual activity.
    pub yielded: Quantity,
}

impl Variance {
    fn of(result: &Line, activity: &Line) -> Option<Self> {
        let gap = result.reading.rounded(result.reading.gap)?;
        let more = activity
            .reading
            .gap
            .and_then(Figure::value)
            .ok()?
            .checked_div(activity.reading.expected.and_then(Figure::value).ok()?);
        let volume = result
            .reading
            .expected
            .and_then(Figure::value)
            .ok()?
            .checked_mul(more.ok()?)
            .ok()?;
        let volume = gap
            .quantum()
            .round(volume, Rounding::HalfAwayFromZero)
            .ok()?;
        let quantum = gap.quantum();
        let yielded = gap.units().checked_sub(volume)?;
        Some(Self {
            gap,
            volume: quantum.quantity(volume),
            yielded: quantum.quantity(yielded),
        })
    }
}

/// The line of a metric, which must have one.
pub(super) fn line<'a>(
    lines: &'a [Line],
    driver: &DriverDef,
    metric: &Key,
) -> Result<&'a Line, ReviewError> {
    lines
        .iter()
        .find(|line| line.metric == *metric)
        .ok_or_else(|| ReviewError::unpaced(driver, metric, lines.iter().map(|line| &line.metric)))
}

/// The gaps that can be taken apart; without an expected activity there is nothing to compare with.
pub(super) fn causes(def: &ReviewDef, lines: &[Line]) -> Result<Vec<Cause>, ReviewError> {
    let mut causes = Vec::new();
    for driver in &def.drivers {
        let result = line(lines, driver, &driver.result)?;
        let activity = line(lines, driver, &driver.activity)?;
        if let Some(variance) = Variance::of(result, activity) {
            causes.push(Cause {
                result: driver.result.clone(),
                activity: driver.activity.clone(),
                variance,
            });
        }
    }
    Ok(causes)
}
