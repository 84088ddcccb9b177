//! What somebody gains by keeping a result back until the next period.

use std::collections::BTreeSet;

use super::{Finding, HealthLimits};
use crate::calendar::PeriodId;
use crate::measure::Direction;
use crate::panel::Panel;
use crate::quantity::Ratio;
use crate::scorecard::binding::BoundInput;
use crate::scorecard::kpi::{Kpi, Scale};
use crate::scorecard::{Attainment, Curve, Lookback, Readings, Scorecard, ScorecardError};
use crate::space::RowId;

/// Returns what somebody gains by moving an input of `moved` from this period to the next, in points of both together;
/// below zero when it costs. `now` and `next` are the inputs without moving.
#[must_use]
pub fn gain_by_waiting(curve: &Curve, now: Ratio, next: Ratio, moved: Ratio) -> Option<Ratio> {
    let both = |now: Ratio, next: Ratio| curve.at(now)?.checked_add(curve.at(next)?).ok();
    let waiting = both(now.checked_sub(moved).ok()?, next.checked_add(moved).ok()?)?;
    waiting.checked_sub(both(now, next)?).ok()
}

impl Scorecard {
    /// Returns, for each KPI, the largest gain that a subject would have had on the figures of a panel by keeping a part of a
    /// period's result back until the next one; none where it is within the limit.
    ///
    /// Looked at are KPIs of one period's figure of which more is better, on a curve, as it is or compared with a target. The
    /// best part to keep back is one that brings one of the two periods to a knot or an edge of the curve, or all of it.
    ///
    /// # Errors
    /// As [`Scorecard::check`].
    pub fn waiting(
        &self,
        panel: &Panel,
        limits: &HealthLimits,
    ) -> Result<Vec<Finding>, ScorecardError> {
        let mut findings = Vec::new();
        let shares = self.shares();
        for (place, kpi) in self.kpis.iter().enumerate() {
            let share = shares.get(place).map_or(Ratio::ONE, |(_, share)| *share);
            let Some(found) = largest(kpi, panel)? else {
                continue;
            };
            let gain = found.gain.checked_mul(share)?;
            let period = panel.periods().label(found.period);
            if let (true, Some(period)) = (gain > limits.most_by_waiting, period) {
                findings.push(Finding::GainsByWaiting {
                    kpi: kpi.def.key.clone(),
                    subject: panel.subjects().members(found.subject).to_vec(),
                    period: period.clone(),
                    moved: found.moved,
                    gain,
                });
            }
        }
        Ok(findings)
    }
}

/// What would have been gained, in points of the KPI.
struct KeptBack {
    subject: RowId,
    period: PeriodId,
    moved: Ratio,
    gain: Ratio,
}

/// Returns the largest gain of a KPI; the earliest period and the first subject where there are several.
fn largest(kpi: &Kpi, panel: &Panel) -> Result<Option<KeptBack>, ScorecardError> {
    let input = &kpi.def.input;
    let (Scale::Curve(curve), Lookback::Latest) = (&kpi.scale, input.window) else {
        return Ok(None);
    };
    let mut bound = Vec::with_capacity(panel.periods().len());
    for period in panel.periods().ids() {
        bound.push(BoundInput::new(input, panel, period.index())?);
    }
    let mut most: Option<KeptBack> = None;
    for (period, pair) in panel.periods().ids().zip(bound.windows(2)) {
        let [now, next] = pair else { continue };
        if !matches!(now.direction, Direction::Larger | Direction::Neutral) {
            return Ok(None);
        }
        for subject in panel.subjects().ids() {
            let side = |bound: &BoundInput<'_>| {
                let readings = bound.read(subject.index());
                let at = input.attain(bound.direction, &readings).ok()?;
                Some((readings, at))
            };
            let (Some((before, x)), Some((after, y))) = (side(now), side(next)) else {
                continue;
            };
            let sizes = size(input.attainment, &before).zip(size(input.attainment, &after));
            let (Some(sizes), Some(all)) = (sizes, before.actual.ok()) else {
                continue;
            };
            for moved in candidates(curve, (x, y), sizes, all) {
                let gain = moved.checked_div(sizes.0).ok().and_then(|less| {
                    let more = moved.checked_div(sizes.1).ok()?;
                    let points = |at: Ratio| curve.at(at);
                    let kept = points(x.checked_sub(less).ok()?)?
                        .checked_add(points(y.checked_add(more).ok()?)?)
                        .ok()?;
                    let now = points(x)?.checked_add(points(y)?).ok()?;
                    kept.checked_sub(now).ok()
                });
                if let Some(gain) = gain
                    && most.as_ref().is_none_or(|most| gain > most.gain)
                {
                    most = Some(KeptBack {
                        subject,
                        period,
                        moved,
                        gain,
                    });
                }
            }
        }
    }
    Ok(most)
}

/// Returns how much of the figure is one whole of the input, where the input is a straight line of the figure.
fn size(attainment: Attainment, readings: &Readings) -> Option<Ratio> {
    match attainment {
        Attainment::Value | Attainment::Difference => Some(Ratio::ONE),
        Attainment::Rate => {
            let target = readings.target?.ok()?;
            let target = match readings.prorated {
                None => target,
                Some(share) => target.checked_mul(share.ok()?).ok()?,
            };
            (target > Ratio::ZERO).then_some(target)
        }
        // Growth and progress look at other periods, which moving would change too.
        Attainment::Growth | Attainment::Progress | Attainment::Inverse => None,
    }
}

/// Returns the amounts that bring one of two periods to an edge of the curve, and the whole.
fn candidates(
    curve: &Curve,
    (x, y): (Ratio, Ratio),
    (now, next): (Ratio, Ratio),
    all: Ratio,
) -> BTreeSet<Ratio> {
    let mut moved = BTreeSet::from([all]);
    for (edge, _) in curve.edges() {
        let down = x.checked_sub(edge).and_then(|far| far.checked_mul(now));
        let up = edge.checked_sub(y).and_then(|far| far.checked_mul(next));
        moved.extend(down);
        moved.extend(up);
    }
    moved
        .into_iter()
        .filter(|moved| *moved > Ratio::ZERO && *moved <= all)
        .collect()
}
