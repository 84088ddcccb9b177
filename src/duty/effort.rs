//! Where the time went, by class of activity or value of customer, beside where it was to go.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::error::DutyError;
use crate::key::Key;
use crate::measure::Direction;
use crate::panel::RollUp;
use crate::panel::{
    Column, ColumnBuilder, Columns, Panel, Parts, Reason, Role, parts, ratio_parts,
};
use crate::quantity::Ratio;

/// One class of activity in the mix of effort.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EffortShare {
    /// The class: selling, building the base, maintenance, administration; or the value of the customer.
    pub class: Key,
    /// The share of the time that was planned for it.
    pub planned: Ratio,
    /// The share that it took.
    pub actual: Ratio,
}

/// The mix of effort beside the planned mix.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EffortMix {
    /// All classes that were planned or took time, by key.
    pub classes: Vec<EffortShare>,
    /// The share of the time that went elsewhere than planned: half the sum of the differences.
    pub misplaced: Ratio,
}

/// Compares the time that each class took with the planned mix (shares or any weights).
///
/// # Errors
/// [`DutyError::Weights`] when the plan has no weight or one below zero, [`DutyError::NoEffort`] when no time was taken,
/// [`DutyError::Quantity`] for weights too fine.
pub fn effort_mix(
    planned: &BTreeMap<Key, Ratio>,
    minutes: &BTreeMap<Key, u64>,
) -> Result<EffortMix, DutyError> {
    let shares = planned_shares(planned)?;
    let taken: i128 = minutes.values().map(|minutes| i128::from(*minutes)).sum();
    if taken == 0 {
        return Err(DutyError::NoEffort);
    }
    let keys: std::collections::BTreeSet<&Key> = planned.keys().chain(minutes.keys()).collect();
    let mut classes = Vec::with_capacity(keys.len());
    let mut apart = Ratio::ZERO;
    for class in keys {
        let share = shares.get(class).copied().unwrap_or(Ratio::ZERO);
        let own = minutes.get(class).copied().unwrap_or(0);
        let actual = Ratio::new(i128::from(own), taken)?;
        let off = actual.checked_sub(share)?;
        let off = if off.is_negative() {
            Ratio::ZERO.checked_sub(off)?
        } else {
            off
        };
        apart = apart.checked_add(off)?;
        classes.push(EffortShare {
            class: class.clone(),
            planned: share,
            actual,
        });
    }
    Ok(EffortMix {
        classes,
        misplaced: apart.checked_div(Ratio::from(2))?,
    })
}

/// Time that an activity took.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimeSpent {
    /// On which day.
    pub day: NaiveDate,
    /// Whose time.
    pub person: Key,
    /// The class of activity, or of the customer.
    pub class: Key,
    /// How many minutes.
    pub minutes: u32,
}

/// Gives columns of the mix of effort: `<name>.share.<class>` (of the time recorded) with `target:<name>.share.<class>` (the
/// planned share) for each class of the plan, and `<name>.misplaced` (the share of the time that went elsewhere than
/// planned, [`EffortMix::misplaced`]). Where no time was recorded nothing is told.
///
/// # Errors
/// [`DutyError::Weights`] for a plan without weight or with one below zero, [`DutyError::Quantity`] for weights too fine,
/// [`DutyError::Key`], [`DutyError::Panel`].
pub fn effort_columns(
    name: &Key,
    planned: &BTreeMap<Key, Ratio>,
    spent: &[TimeSpent],
    to: RollUp<'_>,
) -> impl Columns<Error = DutyError> {
    move |panel: &Panel| -> Result<Vec<Column>, DutyError> {
        let plan = planned_shares(planned)?;
        let mut cells: Vec<BTreeMap<Key, u64>> = vec![BTreeMap::new(); panel.cells()];
        for one in spent {
            let cell = to.cell(panel, &one.person, one.day);
            if let Some(cell) = cell.and_then(|at| cells.get_mut(at)) {
                let minutes = cell.entry(one.class.clone()).or_default();
                *minutes = minutes.saturating_add(u64::from(one.minutes));
            }
        }
        let mixes = cells
            .iter()
            .map(|minutes| match effort_mix(planned, minutes) {
                Ok(mix) => Ok(Some(mix)),
                Err(DutyError::NoEffort) => Ok(None),
                Err(error) => Err(error),
            })
            .collect::<Result<Vec<_>, _>>()?;
        let named = ColumnBuilder::new(name, &mixes);
        let taken = ColumnBuilder::new(name, &cells);
        // The minutes themselves, so that the shares of several cells add up.
        let share_of = |minutes: &BTreeMap<Key, u64>, class: &Key| -> Parts {
            let all: i128 = minutes.values().map(|minutes| i128::from(*minutes)).sum();
            if all == 0 {
                return Err(Reason::NothingRecorded);
            }
            parts(i128::from(minutes.get(class).copied().unwrap_or(0)), all)
        };
        let mut columns = Vec::with_capacity(2 * plan.len() + 1);
        for (class, share) in &plan {
            let what = format!("share.{class}");
            let actual = taken.shares(&what, |minutes| share_of(minutes, class))?;
            let target = named.shares(&what, |_| ratio_parts(*share))?;
            let key = target.key().with(Role::Target);
            columns.push(actual.better(Direction::Neutral));
            columns.push(target.named(key).better(Direction::Neutral));
        }
        let misplaced = named.shares("misplaced", |mix| match mix {
            None => Err(Reason::NothingRecorded),
            Some(mix) => ratio_parts(mix.misplaced),
        })?;
        columns.push(misplaced.better(Direction::Smaller));
        Ok(columns)
    }
}

/// Returns the planned shares, which add up to 1.
fn planned_shares(planned: &BTreeMap<Key, Ratio>) -> Result<BTreeMap<Key, Ratio>, DutyError> {
    let weights = || DutyError::Weights {
        weights: planned.values().copied().collect(),
    };
    let mut whole = Ratio::ZERO;
    for weight in planned.values() {
        if weight.is_negative() {
            return Err(weights());
        }
        whole = whole.checked_add(*weight)?;
    }
    if whole.is_zero() {
        return Err(weights());
    }
    let shares = planned
        .iter()
        .map(|(class, weight)| Ok((class.clone(), weight.checked_div(whole)?)));
    shares.collect()
}
