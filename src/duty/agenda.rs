//! What is still to be done, the most urgent first.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::duty::{Duty, DutyReport, Obligation, Standing};
use crate::key::Key;

/// An obligation that is not met.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgendaItem {
    /// The duty.
    pub duty: Key,
    /// Its priority, 1 for the most.
    pub priority: u8,
    /// Who has to do it, and by when.
    pub obligation: Obligation,
    /// Whether the last day has passed.
    pub overdue: bool,
}

/// Returns the obligations of several duties that are not met: those due up to `until`, and all whose last day has passed.
///
/// The order is that in which they are to be done: by priority, then by the last day, then by duty and person. What is
/// overdue therefore does not push aside what matters more.
#[must_use]
pub fn agenda(duties: &[(&Duty, &DutyReport)], until: NaiveDate) -> Vec<AgendaItem> {
    let mut found = Vec::new();
    for (duty, report) in duties {
        let definition = duty.definition();
        for (obligation, standing) in &report.obligations {
            let overdue = match standing {
                Standing::OnTime { .. } | Standing::Late { .. } | Standing::Excused => continue,
                Standing::Missing => true,
                Standing::NotYetDue => false,
            };
            if !overdue && obligation.due > until {
                continue;
            }
            found.push(AgendaItem {
                duty: definition.key.clone(),
                priority: definition.priority,
                obligation: obligation.clone(),
                overdue,
            });
        }
    }
    found.sort_by(|left, right| {
        let order = |item: &AgendaItem| (item.priority, item.obligation.last);
        order(left)
            .cmp(&order(right))
            .then_with(|| left.duty.cmp(&right.duty))
            .then_with(|| left.obligation.cmp(&right.obligation))
    });
    found
}
