//! The units of operands, for showing them. That they go together was checked when the rule was compiled.

use std::collections::BTreeMap;

use super::condition::{Between, Comparison};
use super::operand::{Constant, Previous, Quotient, Scaled, TrailingMean};
use super::{Condition, Operand, RuleDef};
use crate::key::Key;
use crate::measure::Unit;
use crate::panel::{ColumnKey, Role};

/// Returns the unit of an operand; `None` where it takes that of what it meets.
pub(super) fn unit_of(
    operand: &Operand,
    def: &RuleDef,
    column: &impl Fn(&ColumnKey) -> Option<Unit>,
) -> Option<Unit> {
    let cell = |metric: &Key, role| {
        column(&ColumnKey {
            metric: metric.clone(),
            role,
        })
    };
    let inner = |operand| unit_of(operand, def, column);
    match operand {
        Operand::Constant(Constant { unit, .. }) => unit.clone(),
        Operand::Parameter(name) => def.parameters.get(name)?.unit.clone(),
        Operand::Metric(metric) | Operand::Gap(metric) => cell(metric, Role::Actual),
        Operand::Target(metric) => cell(metric, Role::Target),
        Operand::Expected(metric) => cell(metric, Role::Expected),
        Operand::Projected(metric) => cell(metric, Role::Projected),
        Operand::Below(_) | Operand::Quiet(_) => column(&operand.column()?),
        Operand::Attainment(_)
        | Operand::Pace(_)
        | Operand::Change { .. }
        | Operand::Percentile(_) => Some(Unit::Share),
        Operand::Difference { of, less } => inner(of).or_else(|| inner(less)),
        Operand::Ratio(Quotient { of, to }) => match (inner(of)?, inner(to)) {
            (of, Some(to)) => Some(of.per(to)),
            (of, None) => Some(of),
        },
        Operand::Scaled(Scaled { of, .. })
        | Operand::Previous(Previous { of, .. })
        | Operand::LastYear(of)
        | Operand::TrailingMean(TrailingMean { of, .. })
        | Operand::FromMedian(of) => inner(of),
        Operand::Rank(_) | Operand::Score(_) => None,
    }
}

/// Returns the units of a rule's parameters: their own, or else that of what they are first compared with.
pub(super) fn parameter_units(
    def: &RuleDef,
    column: &impl Fn(&ColumnKey) -> Option<Unit>,
) -> BTreeMap<Key, Unit> {
    let mut units = BTreeMap::new();
    for (name, constant) in &def.parameters {
        let met = || {
            let conditions = [
                Some(&def.when),
                def.clear.as_ref(),
                def.scope.provided.as_ref(),
            ];
            let mut found = conditions.into_iter().flatten();
            found.find_map(|condition| met(condition, name, def, column))
        };
        if let Some(unit) = constant.unit.clone().or_else(met) {
            units.insert(name.clone(), unit);
        }
    }
    units
}

fn met(
    condition: &Condition,
    name: &Key,
    def: &RuleDef,
    column: &impl Fn(&ColumnKey) -> Option<Unit>,
) -> Option<Unit> {
    let is_it = |operand: &Operand| matches!(operand, Operand::Parameter(known) if known == name);
    let unit = |operand| unit_of(operand, def, column);
    match condition {
        Condition::Compare(Comparison { left, right, .. }) if is_it(right) => unit(left),
        Condition::Compare(Comparison { left, right, .. }) if is_it(left) => unit(right),
        Condition::Between(Between { of, from, to }) if is_it(from) || is_it(to) => unit(of),
        other => {
            let mut found = None;
            other.children(|_, child| {
                if found.is_none() {
                    found = met(child, name, def, column);
                }
            });
            found
        }
    }
}
