//! What is written in a rule and does nothing, or should be written and is not.

use std::collections::BTreeSet;

use super::Anomaly;
use crate::key::Key;
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

/// Returns the parameters that conditions and bands name.
fn parameters(rule: &RuleDef) -> BTreeSet<&Key> {
    let mut used = BTreeSet::new();
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
    while let Some(operand) = operands.pop() {
        if let Operand::Parameter(name) = operand {
            used.insert(name);
        }
        operand.children(|_, child| operands.push(child));
    }
    used
}
