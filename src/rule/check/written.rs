//! What is written in a rule and does nothing, or should be written and is not.

use std::collections::BTreeSet;

use super::Anomaly;
use crate::key::Key;
use crate::rule::operand::Quotient;
use crate::rule::{Condition, Grade, Operand, RuleDef};

/// Finds parameters that nothing names, and exemptions without a reason.
pub(super) fn unused(rule: &RuleDef, anomalies: &mut Vec<Anomaly>) {
    let used = parameters(rule);
    for parameter in rule.parameters.keys() {
        let named = |text: &str| text.contains(&format!("{{{parameter}}}"));
        let texts = [&rule.message, &rule.action];
        let said = texts
            .into_iter()
            .flat_map(crate::text::ByLang::iter)
            .any(|(_, text)| named(text));
        if !used.contains(parameter) && !said {
            anomalies.push(Anomaly::UnusedParameter {
                rule: rule.key.clone(),
                parameter: parameter.clone(),
            });
        }
    }
    for exemption in &rule.scope.except {
        if exemption.reason.trim().is_empty() {
            anomalies.push(Anomaly::NoReason {
                rule: rule.key.clone(),
                subject: exemption.subject.clone(),
            });
        }
    }
}

/// Finds figures that are divided by their own targets.
pub(super) fn silent_at_zero(rule: &RuleDef, anomalies: &mut Vec<Anomaly>) {
    let mut told = BTreeSet::new();
    for operand in operands(rule) {
        let Operand::Ratio(Quotient { of, to }) = operand else {
            continue;
        };
        if let (Operand::Metric(metric), Operand::Target(target)) = (of.as_ref(), to.as_ref())
            && metric == target
            && told.insert(metric)
        {
            anomalies.push(Anomaly::SilentAtZero {
                rule: rule.key.clone(),
                written: operand.to_string(),
                meant: Operand::Attainment(metric.clone()).to_string(),
            });
        }
    }
}

/// Returns the parameters that conditions and bands name.
fn parameters(rule: &RuleDef) -> BTreeSet<&Key> {
    let named = operands(rule)
        .into_iter()
        .filter_map(|operand| match operand {
            Operand::Parameter(name) => Some(name),
            _ => None,
        });
    named.collect()
}

/// Returns every operand of a rule, at any depth.
fn operands(rule: &RuleDef) -> Vec<&Operand> {
    let mut operands: Vec<&Operand> = Vec::new();
    if let Grade::By(bands) = &rule.severity {
        operands.push(&bands.of);
    }
    let mut conditions: Vec<&Condition> = vec![&rule.when];
    conditions.extend(&rule.clear);
    conditions.extend(&rule.scope.provided);
    while let Some(condition) = conditions.pop() {
        condition.operands(|_, operand| operands.push(operand));
        condition.children(|_, child| conditions.push(child));
    }
    let mut at = 0;
    while let Some(operand) = operands.get(at).copied() {
        operand.children(|_, child| operands.push(child));
        at += 1;
    }
    operands
}
