//! Two pay plans on the same past.

use serde::{Deserialize, Serialize};

use super::{PayError, PayPlan};
use crate::key::Key;
use crate::panel::Panel;

/// What two pay plans pay one subject over all periods of a panel, in quanta of each plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PayCompared {
    /// The subject's members.
    pub subject: Vec<Key>,
    /// By the old plan.
    pub old: i128,
    /// By the new plan.
    pub new: i128,
    /// In how many periods the pay stays open by either, or either is not in force.
    pub open: usize,
}

/// Pays every period of a panel by two plans and adds up each subject's periods in which both are known.
///
/// # Errors
/// As [`PayPlan::pay`] for either plan; [`PayError::Quanta`] when they pay in different quanta.
pub fn compare_pay(
    old: &PayPlan,
    new: &PayPlan,
    panel: &Panel,
) -> Result<Vec<PayCompared>, PayError> {
    if old.definition().quantum != new.definition().quantum {
        let (old, new) = (old.definition().quantum, new.definition().quantum);
        return Err(PayError::Quanta { old, new });
    }
    let line = |row| PayCompared {
        subject: panel.subjects().members(row).to_vec(),
        old: 0,
        new: 0,
        open: 0,
    };
    let mut lines: Vec<PayCompared> = panel.subjects().ids().map(line).collect();
    for period in panel.periods() {
        if !(old.holds(period.start) && new.holds(period.start)) {
            for line in &mut lines {
                line.open += 1;
            }
            continue;
        }
        let (before, after) = (old.pay(panel, period.id)?, new.pay(panel, period.id)?);
        for (line, (old, new)) in lines.iter_mut().zip(before.slips.iter().zip(&after.slips)) {
            match (old.units, new.units) {
                (Some(old), Some(new)) => {
                    line.old += i128::from(old);
                    line.new += i128::from(new);
                }
                _ => line.open += 1,
            }
        }
    }
    Ok(lines)
}
