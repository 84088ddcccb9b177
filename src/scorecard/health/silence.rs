//! Whether silence can pay: fewer records, more points.

use std::ops::Bound;

use super::Finding;
use crate::band::Interval;
use crate::measure::Direction;
use crate::quantity::Ratio;
use crate::scorecard::kpi::{Kpi, Scale};
use crate::scorecard::{
    Attainment, ConditionDef, Gated, InputDef, Monotone, Observed, Presumed, Scorecard, Unknown,
};

impl Scorecard {
    /// Returns the KPIs of which more points can be had by recording nothing or less, and which no eligibility condition
    /// guards; `direction` says which way is good where that is known.
    ///
    /// Two ways lead there. Where a low figure is good (an expense, complaints), who does nothing has the best one. And where
    /// nothing was recorded, the policy of the KPI may give more than a recorded zero gets.
    pub(super) fn silence(
        &self,
        direction: impl Fn(&InputDef) -> Option<Direction>,
    ) -> Vec<Finding> {
        let pays: Vec<bool> = self
            .kpis
            .iter()
            .map(|kpi| by_figure(kpi, &direction) || self.by_policy(kpi, &direction))
            .collect();
        let found = self
            .kpis
            .iter()
            .enumerate()
            .filter(|(place, _)| pays[*place]);
        found
            .filter(|(place, kpi)| !self.is_guarded(*place, kpi, &pays))
            .map(|(_, kpi)| Finding::SilencePays {
                kpi: kpi.def.key.clone(),
            })
            .collect()
    }

    /// Says whether the policy for nothing recorded can give more points than a figure does; where a figure of zero has no base,
    /// that policy too.
    fn by_policy(&self, kpi: &Kpi, direction: impl Fn(&InputDef) -> Option<Direction>) -> bool {
        let recorded = match &kpi.scale {
            Scale::Curve(curve) => zero_figure(&kpi.def.input, direction(&kpi.def.input))
                .and_then(|zero| curve.at(zero))
                .or_else(|| kpi.fewest()),
            Scale::Grid { .. } => kpi.fewest(),
        };
        let pays = |policy: Unknown| {
            let points = match policy {
                Unknown::Unscored => return false,
                Unknown::Redistribute | Unknown::Previous => return true,
                Unknown::Zero => Ratio::ZERO,
                Unknown::Neutral => self.def.neutral,
                Unknown::Points(points) => points,
            };
            recorded.is_none_or(|recorded| points > recorded)
        };
        let inverse = |input: &InputDef| input.attainment == Attainment::Inverse;
        let baseless = match &kpi.scale {
            Scale::Curve(_) => inverse(&kpi.def.input),
            Scale::Grid { second, .. } => inverse(&kpi.def.input) || inverse(second),
        };
        pays(kpi.def.unknown.nothing_recorded) || (baseless && pays(kpi.def.unknown.no_base))
    }

    /// Says whether a gate or a veto that silence cannot pass takes at least what the KPI could lose.
    fn is_guarded(&self, place: usize, kpi: &Kpi, pays: &[bool]) -> bool {
        let Some(fewest) = kpi.fewest() else {
            return false;
        };
        let group = self.groups.iter().position(|kpis| kpis.contains(&place));
        let covers = |on: &Gated| match on {
            Gated::Card => true,
            Gated::Group(key) => group.is_some_and(|group| self.def.groups[group].key == *key),
            Gated::Kpi(key) => kpi.def.key == *key,
        };
        // What another KPI says is no guard where silence pays there too.
        let honest = |condition: &ConditionDef| match &condition.of {
            Observed::Figure(_) => true,
            Observed::Attainment(key) | Observed::Points(key) => {
                let other = self.kpis.iter().position(|kpi| kpi.def.key == *key);
                other.is_some_and(|other| other != place && !pays[other])
            }
        };
        let gated = self.def.gates.iter().any(|gate| {
            let shut = gate.requires.unknown == Presumed::Fails
                && asks_for_activity(&gate.requires.within);
            covers(&gate.on) && shut && honest(&gate.requires) && gate.at_most <= fewest
        });
        let vetoed = self.def.vetoes.iter().any(|veto| {
            let strikes =
                veto.when.unknown == Presumed::Holds && veto.when.within.contains(Ratio::ZERO);
            strikes && honest(&veto.when) && veto.at_most <= fewest
        });
        gated || vetoed
    }
}

/// Says whether a range asks for more than nothing.
fn asks_for_activity(within: &Interval) -> bool {
    match within.lower() {
        Bound::Included(at) => at > Ratio::ZERO,
        Bound::Excluded(at) => at >= Ratio::ZERO,
        Bound::Unbounded => false,
    }
}

/// Says whether a lower figure can bring more points.
fn by_figure(kpi: &Kpi, direction: impl Fn(&InputDef) -> Option<Direction>) -> bool {
    let lower_pays = |input: &InputDef, way: Monotone| {
        let direction = match input.attainment {
            Attainment::Value => None,
            _ => direction(input),
        };
        match way {
            Monotone::Flat => false,
            // Without a figure above zero it has no base, whichever way the curve goes.
            _ if input.attainment == Attainment::Inverse => true,
            Monotone::Mixed => true,
            // On the way to a target less is better above it and worse below it.
            _ if direction == Some(Direction::Target) => true,
            Monotone::Rising => direction == Some(Direction::Smaller),
            Monotone::Falling => direction != Some(Direction::Smaller),
        }
    };
    match &kpi.scale {
        Scale::Curve(curve) => lower_pays(&kpi.def.input, curve.monotone()),
        Scale::Grid { second, grid } => {
            lower_pays(&kpi.def.input, grid.monotone_first())
                || lower_pays(second, grid.monotone_second())
        }
    }
}

/// Returns what the curve is asked for a figure of zero, where that does not depend on the target and less is not good.
fn zero_figure(input: &InputDef, direction: Option<Direction>) -> Option<Ratio> {
    match (input.attainment, direction) {
        (Attainment::Value, _)
        | (Attainment::Rate, Some(Direction::Larger | Direction::Neutral) | None) => {
            Some(Ratio::ZERO)
        }
        (Attainment::Growth, Some(Direction::Larger | Direction::Neutral) | None) => {
            Some(Ratio::from(-1))
        }
        (Attainment::Rate | Attainment::Growth, Some(Direction::Smaller | Direction::Target))
        | (Attainment::Inverse | Attainment::Difference | Attainment::Progress, _) => None,
    }
}
