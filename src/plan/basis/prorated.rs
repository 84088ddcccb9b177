//! Weights of whoever is not planned throughout: they count by the share of the days.

use std::collections::BTreeMap;

use super::Resolver;
use crate::calendar::DayRange;
use crate::plan::days::{CellDays, DaySet};
use crate::plan::{NodeId, PlanError};
use crate::quantity::Ratio;

impl Resolver<'_> {
    /// Returns each weight times the share of its node's days in those of its period, or of the whole plan where there is no
    /// period above it; only proportions below one node matter.
    pub(super) fn prorated(&self, raw: Vec<i128>) -> Result<Vec<i128>, PlanError> {
        if !self.is_dated() {
            return Ok(raw);
        }
        self.by_share(|child, share| {
            share(None)
                .map(|share| (raw[child], share))
                .map(|own| vec![own])
        })
    }

    /// Says whether weights count by the days on which nodes are planned.
    pub(super) fn is_dated(&self) -> bool {
        self.by_days && self.frame.planned.is_some()
    }

    /// Returns for each node the sum of weights, each times a share of days: of the node, or of those of its days that are in a
    /// given set too.
    pub(super) fn by_share<'b>(
        &self,
        parts: impl Fn(
            usize,
            &dyn Fn(Option<&'b DaySet>) -> Result<Ratio, PlanError>,
        ) -> Result<Vec<(i128, Ratio)>, PlanError>,
    ) -> Result<Vec<i128>, PlanError> {
        let Some(planned) = &self.frame.planned else {
            return Ok(Vec::new());
        };
        let level = &self.frame.levels[self.step];
        let mut whole: BTreeMap<DayRange, Ratio> = BTreeMap::new();
        let mut weights = Vec::with_capacity(self.count());
        for parent in 0..level.len() {
            let mut own = Vec::with_capacity(level.children(parent).len());
            for child in level.children(parent) {
                let period = self.frame.period_of(NodeId::new(self.step + 1, child));
                let days = planned.of(self.step + 1, child);
                let all = if let Some(all) = whole.get(&period) {
                    *all
                } else {
                    let worked = CellDays::All(period).count(self.working)?;
                    whole.insert(period, worked);
                    worked
                };
                // Where nothing is worked, all days count alike.
                let working = self.working.filter(|_| !all.is_zero());
                let all = if all.is_zero() {
                    CellDays::All(period).count(None)?
                } else {
                    all
                };
                let share = |within: Option<&DaySet>| {
                    let both = within.map(|within| within.intersection(days));
                    let both = both.as_ref().unwrap_or(days);
                    let own = CellDays::Stretches(both.ranges()).count(working)?;
                    Ok(own.checked_div(all)?)
                };
                let mut sum = Ratio::ZERO;
                for (weight, share) in parts(child, &share)? {
                    let part = Ratio::new(weight, 1).and_then(|weight| weight.checked_mul(share));
                    sum = part
                        .and_then(|part| sum.checked_add(part))
                        .map_err(|_| self.too_fine(child))?;
                }
                own.push(sum);
            }
            weights.extend(self.whole(&own)?);
        }
        Ok(weights)
    }
}
