//! Percent signs that were forgotten.

use super::Anomaly;
use crate::measure::Unit;
use crate::quantity::Ratio;
use crate::rule::condition::{Between, Comparison};
use crate::rule::operand::{Constant, Scaled};
use crate::rule::{Condition, Is, Operand, RuleDef};

/// From how many times the whole on a share is taken for a percentage.
const LEAST: i64 = 5;

/// Finds comparisons of a share with a bare number that only makes sense as a percentage, and shares of something that are
/// many times it.
pub(super) fn forgotten(rule: &RuleDef, anomalies: &mut Vec<Anomaly>) {
    let mut conditions: Vec<&Condition> = vec![&rule.when];
    conditions.extend(&rule.clear);
    conditions.extend(&rule.scope.provided);
    while let Some(condition) = conditions.pop() {
        match condition {
            Condition::Compare(Comparison { left, is, right }) => {
                compared(rule, (left, *is, right), condition, anomalies);
            }
            Condition::Between(Between { of, from, to }) => {
                // Where both ends are percentages it is said once.
                let before = anomalies.len();
                compared(rule, (of, Is::AtMost, to), condition, anomalies);
                if anomalies.len() == before {
                    compared(rule, (of, Is::AtLeast, from), condition, anomalies);
                }
            }
            _ => {}
        }
        condition.children(|_, child| conditions.push(child));
    }
}

fn compared(
    rule: &RuleDef,
    (left, is, right): (&Operand, Is, &Operand),
    whole: &Condition,
    anomalies: &mut Vec<Anomaly>,
) {
    let (number, is) = if is_share(left) {
        (right, is)
    } else if is_share(right) {
        (left, is.exchanged())
    } else {
        return;
    };
    let Some(value) = bare(number, rule) else {
        return;
    };
    let size = value.max(Ratio::ZERO.checked_sub(value).unwrap_or(value));
    if size < Ratio::from(LEAST) {
        return;
    }
    // Practically every share lies between the number and its opposite.
    let below = value > Ratio::ZERO;
    let always = match is {
        Is::Below | Is::AtMost => below,
        Is::Above | Is::AtLeast => !below,
        Is::Equal => false,
        Is::NotEqual => true,
    };
    anomalies.push(Anomaly::PercentForgotten {
        rule: rule.key.clone(),
        written: whole.to_string(),
        meant: meant(whole, rule).to_string(),
        always,
    });
}

/// Says whether an operand is a share by what it is, whatever the columns.
fn is_share(operand: &Operand) -> bool {
    match operand {
        Operand::Attainment(_)
        | Operand::Pace(_)
        | Operand::Change { .. }
        | Operand::Percentile(_) => true,
        Operand::Scaled(Scaled { of, .. }) | Operand::LastYear(of) | Operand::FromMedian(of) => {
            is_share(of)
        }
        Operand::Previous(previous) => is_share(&previous.of),
        Operand::TrailingMean(mean) => is_share(&mean.of),
        Operand::Difference { of, less } => is_share(of) && is_share(less),
        _ => false,
    }
}

/// Returns a number without a unit; a share times a large number is one too.
fn bare(operand: &Operand, rule: &RuleDef) -> Option<Ratio> {
    let plain = |constant: &Constant| constant.unit.is_none().then_some(constant.value);
    match operand {
        Operand::Constant(constant) => plain(constant),
        Operand::Parameter(name) => plain(rule.parameters.get(name)?),
        // `80 of pace` is meant as 80 % of it.
        Operand::Scaled(Scaled { factor, of }) if is_share(of) => Some(*factor),
        _ => None,
    }
}

/// Returns the comparison with its bare numbers as percentages.
fn meant(whole: &Condition, rule: &RuleDef) -> Condition {
    let percent = |operand: &Operand| {
        let large = bare(operand, rule).filter(|value| {
            let size = value
                .max(&Ratio::ZERO.checked_sub(*value).unwrap_or(*value))
                .to_owned();
            size >= Ratio::from(LEAST)
        });
        let hundredth = large.and_then(|value| value.checked_div(Ratio::from(100)).ok());
        match (operand, hundredth) {
            (Operand::Scaled(Scaled { of, .. }), Some(factor)) => of.as_ref().clone().times(factor),
            (_, Some(value)) => Operand::amount(value, Unit::Share),
            (operand, None) => operand.clone(),
        }
    };
    match whole {
        Condition::Compare(Comparison { left, is, right }) => percent(left).is(*is, percent(right)),
        Condition::Between(Between { of, from, to }) => {
            of.clone().between(percent(from), percent(to))
        }
        other => other.clone(),
    }
}
