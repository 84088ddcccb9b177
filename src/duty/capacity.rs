//! The activity that targets need beside what the days allow, for each person and period, as columns.

use std::collections::{BTreeMap, BTreeSet};

use super::error::DutyError;
use super::need::{Chain, feasible};
use crate::calendar::WorkingDays;
use crate::key::Key;
use crate::measure::{Direction, Unit};
use crate::panel::{Column, ColumnBuilder, ColumnKey, Columns, Figures, Panel, Reason, Role, Told};
use crate::quantity::{Quantum, Ratio};
use crate::space::RowId;

/// Gives for each activity of the chains `target:<name>.<activity>`: how many the target of `metric` needs, through each
/// person's own conversion, in whole numbers that add up over the periods ([`Chain::needed_by_period`]); and for each
/// activity of `per_day`, of which so many are feasible on a day that counts one, `<name>.feasible.<activity>` (what the
/// working days of the period allow) and `<name>.load.<activity>` (needed over feasible: above one there is no time for it).
///
/// The subjects are single persons; who has no chain, or none with the activity, is not applicable. Where the target
/// is missing, so is the need, for the same reason.
///
/// # Errors
/// [`DutyError::Panel`] without the target, [`DutyError::NotAmounts`] for one of quotients, [`DutyError::NegativeRate`],
/// [`DutyError::Calendar`], [`DutyError::Quantity`] for a need or a feasible number that leaves its range, [`DutyError::Key`].
pub fn need_columns(
    name: &Key,
    metric: &Key,
    chains: &BTreeMap<Key, Chain>,
    per_day: &BTreeMap<Key, Ratio>,
    working: &WorkingDays,
) -> impl Columns<Error = DutyError> {
    move |panel: &Panel| -> Result<Vec<Column>, DutyError> {
        let target = panel.column(&ColumnKey::target(metric.as_str())?)?;
        let Figures::Amounts { units, quantum } = target.figures() else {
            return Err(DutyError::NotAmounts {
                column: target.key().clone(),
            });
        };
        if let Some(rate) = per_day.values().find(|rate| rate.is_negative()) {
            return Err(DutyError::NegativeRate { rate: *rate });
        }
        let (subjects, periods) = (panel.subjects().len(), panel.periods().len());
        let mut days = Vec::with_capacity(periods);
        for period in panel.periods() {
            days.push(working.working_days(period.start, period.end)?);
        }
        // For each cell the need of every activity, or why there is none.
        let mut needs: Vec<Result<BTreeMap<&Key, i64>, Reason>> =
            vec![Err(Reason::NotApplicable); panel.cells()];
        for subject in 0..subjects {
            let chain = match panel.subjects().members(RowId::at(subject)) {
                [person] => chains.get(person),
                _ => None,
            };
            let Some(chain) = chain else { continue };
            let mut targets = Vec::with_capacity(periods);
            for period in 0..periods {
                let at = period * subjects + subject;
                targets.push(match (units.get(at), target.reasons().get(at)) {
                    (Some(units), Some(None)) => {
                        Ok(quantum.ratio().checked_mul(Ratio::from(*units))?)
                    }
                    (_, reason) => Err(reason.copied().flatten().unwrap_or(Reason::NotApplicable)),
                });
            }
            let known: Vec<Ratio> = targets
                .iter()
                .map(|target| target.unwrap_or(Ratio::ZERO))
                .collect();
            let needed = chain.needed_by_period(&known)?;
            for (period, target) in targets.iter().enumerate() {
                let of = |step: usize| needed.get(step).and_then(|(_, told)| told.get(period));
                let steps = chain.steps().iter().enumerate();
                let counts = steps.filter_map(|(at, step)| Some((&step.activity, *of(at)?)));
                if let Some(cell) = needs.get_mut(period * subjects + subject) {
                    *cell = target.map(|_| counts.collect());
                }
            }
        }
        let activities: BTreeSet<&Key> = chains
            .values()
            .flat_map(|chain| chain.steps().iter().map(|step| &step.activity))
            .collect();
        let mut columns = Vec::new();
        for activity in activities {
            let rate = per_day.get(activity).copied();
            let cells = needs
                .iter()
                .enumerate()
                .map(|(at, needs)| {
                    let needed = match needs {
                        Ok(needs) => needs.get(activity).copied().ok_or(Reason::NotApplicable),
                        Err(state) => Err(*state),
                    };
                    let days = days.get(at / subjects.max(1)).copied();
                    let feasible = match days.zip(rate).filter(|_| needed.is_ok()) {
                        Some((days, rate)) => Ok(feasible(days, rate)?),
                        None => Err(needed.err().unwrap_or(Reason::NotApplicable)),
                    };
                    Ok(Load { needed, feasible })
                })
                .collect::<Result<Vec<Load>, DutyError>>()?;
            let named = ColumnBuilder::new(name, &cells);
            let counted = |what: &str, of: fn(&Load) -> Told| {
                let unit = Unit::Count(activity.clone());
                named.amounts(what, unit, Quantum::ONE, of)
            };
            let needed = counted(activity.as_str(), |cell| cell.needed)?;
            let key = needed.key().with(Role::Target);
            columns.push(needed.named(key));
            if rate.is_some() {
                columns.push(counted(&format!("feasible.{activity}"), |cell| {
                    cell.feasible
                })?);
                let load = format!("load.{activity}");
                let load = named.shares(&load, |cell| Ok((cell.needed?, cell.feasible?)))?;
                columns.push(load.better(Direction::Smaller));
            }
        }
        Ok(columns)
    }
}

#[derive(Debug, Clone, Copy)]
struct Load {
    needed: Told,
    feasible: Told,
}
