//! Percent signs that were forgotten.

use super::Anomaly;
use crate::key::Key;
use crate::measure::Unit;
use crate::panel::{ColumnKey, Role};
use crate::quantity::Ratio;
use crate::rule::condition::{Between, Comparison};
use crate::rule::operand::{Constant, Quotient, Scaled};
use crate::rule::{Condition, Grade, Is, Operand, RuleDef};

/// From how many times the whole on a share of what was wanted is taken for a percentage.
const OF_WANTED: i64 = 5;
/// The same for shares of anything else: a stock may well cover six months, and sales grow tenfold.
const OF_ANYTHING: i64 = 20;

/// Which columns are counted in shares.
pub(super) type IsShare<'a> = &'a dyn Fn(&ColumnKey) -> bool;

/// Finds comparisons of a share with a bare number that only makes sense as a percentage, and shares of something that are
/// many times it; bands of a share whose edges are such numbers too.
pub(super) fn forgotten(rule: &RuleDef, columns: IsShare<'_>, anomalies: &mut Vec<Anomaly>) {
    banded(rule, columns, anomalies);
    let mut conditions: Vec<&Condition> = vec![&rule.when];
    conditions.extend(&rule.clear);
    conditions.extend(&rule.scope.provided);
    while let Some(condition) = conditions.pop() {
        match condition {
            Condition::Compare(Comparison { left, is, right }) => {
                compared(rule, (left, *is, right), condition, columns, anomalies);
            }
            Condition::Between(Between { of, from, to }) => {
                // Where both ends are percentages it is said once.
                let before = anomalies.len();
                compared(rule, (of, Is::AtMost, to), condition, columns, anomalies);
                if anomalies.len() == before {
                    compared(rule, (of, Is::AtLeast, from), condition, columns, anomalies);
                }
            }
            _ => {}
        }
        condition.children(|_, child| conditions.push(child));
    }
}

/// Finds bands of a share of which all edges but zero are percentages whose sign was forgotten.
fn banded(rule: &RuleDef, columns: IsShare<'_>, anomalies: &mut Vec<Anomaly>) {
    let Grade::By(grading) = &rule.severity else {
        return;
    };
    let Some(least) = least(&grading.of, columns) else {
        return;
    };
    let ends = grading.bands.edges().iter().map(|(at, _)| *at);
    let mut ends: Vec<Ratio> = ends.filter(|at| !at.is_zero()).collect();
    ends.dedup();
    if ends.is_empty() || ends.iter().any(|at| size(*at) < Ratio::from(least)) {
        return;
    }
    let shown = |list: Vec<String>| format!("bands of {} at {}", grading.of, list.join(", "));
    anomalies.push(Anomaly::PercentForgotten {
        rule: rule.key.clone(),
        written: shown(ends.iter().map(ToString::to_string).collect()),
        meant: shown(ends.iter().map(|at| format!("{at}%")).collect()),
        always: false,
    });
}

fn size(value: Ratio) -> Ratio {
    value.max(Ratio::ZERO.checked_sub(value).unwrap_or(value))
}

fn compared(
    rule: &RuleDef,
    (left, is, right): (&Operand, Is, &Operand),
    whole: &Condition,
    columns: IsShare<'_>,
    anomalies: &mut Vec<Anomaly>,
) {
    let (number, is, least) = match (least(left, columns), least(right, columns)) {
        (Some(least), _) => (right, is, least),
        (None, Some(least)) => (left, is.exchanged(), least),
        // `80 of target` against the figure itself.
        (None, None) if times_wanted(right).is_some() && metric(left) == metric(right) => {
            (right, is, OF_WANTED)
        }
        (None, None) if times_wanted(left).is_some() && metric(left) == metric(right) => {
            (left, is.exchanged(), OF_WANTED)
        }
        (None, None) => return,
    };
    let Some(value) = bare(number, rule) else {
        return;
    };
    if size(value) < Ratio::from(least) {
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
        meant: meant(whole, rule, least).to_string(),
        always,
    });
}

/// Returns from how many times the whole on an operand that is a share is taken for a percentage; nothing for what is none.
fn least(operand: &Operand, columns: IsShare<'_>) -> Option<i64> {
    let inner = |of: &Operand| least(of, columns);
    match operand {
        Operand::Attainment(_)
        | Operand::Pace(_)
        | Operand::Change { .. }
        | Operand::Percentile(_) => Some(OF_WANTED),
        Operand::Scaled(Scaled { of, .. }) | Operand::LastYear(of) | Operand::FromMedian(of) => {
            inner(of)
        }
        Operand::Previous(previous) => inner(&previous.of),
        Operand::TrailingMean(mean) => inner(&mean.of),
        Operand::Difference { of, less } => Some(inner(of)?.max(inner(less)?)),
        Operand::Ratio(Quotient { of, to }) => {
            let wanted = matches!(to.as_ref(), Operand::Target(_) | Operand::Expected(_));
            let of_one = metric(of).is_some_and(|of| metric(to) == Some(of));
            of_one.then_some(if wanted { OF_WANTED } else { OF_ANYTHING })
        }
        Operand::Metric(metric) => {
            let metric = metric.clone();
            let role = Role::Actual;
            columns(&ColumnKey { metric, role }).then_some(OF_ANYTHING)
        }
        _ => None,
    }
}

/// Returns the one metric that an operand is an amount of, whatever its role, its time or what is taken from it.
fn metric(operand: &Operand) -> Option<&Key> {
    match operand {
        Operand::Metric(metric)
        | Operand::Target(metric)
        | Operand::Expected(metric)
        | Operand::Projected(metric)
        | Operand::Gap(metric) => Some(metric),
        Operand::Scaled(Scaled { of, .. }) | Operand::LastYear(of) => metric(of),
        Operand::Previous(previous) => metric(&previous.of),
        Operand::TrailingMean(mean) => metric(&mean.of),
        Operand::Difference { of, less } => metric(of).filter(|of| metric(less) == Some(*of)),
        _ => None,
    }
}

/// Returns how many times what was wanted an operand is.
fn times_wanted(operand: &Operand) -> Option<Ratio> {
    match operand {
        Operand::Scaled(Scaled { factor, of })
            if matches!(of.as_ref(), Operand::Target(_) | Operand::Expected(_)) =>
        {
            Some(*factor)
        }
        _ => None,
    }
}

/// Returns a number without a unit; a share times a large number is one too.
fn bare(operand: &Operand, rule: &RuleDef) -> Option<Ratio> {
    let plain = |constant: &Constant| constant.unit.is_none().then_some(constant.value);
    match operand {
        Operand::Constant(constant) => plain(constant),
        Operand::Parameter(name) => plain(rule.parameters.get(name)?),
        // `80 of pace` is meant as 80 % of it.
        Operand::Scaled(Scaled { factor, of }) if least(of, &|_| false).is_some() => Some(*factor),
        other => times_wanted(other),
    }
}

/// Returns the comparison with its bare numbers as percentages.
fn meant(whole: &Condition, rule: &RuleDef, least: i64) -> Condition {
    let percent = |operand: &Operand| {
        let large = bare(operand, rule).filter(|value| size(*value) >= Ratio::from(least));
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
