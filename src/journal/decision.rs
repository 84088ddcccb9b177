//! What people decide about alerts.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use serde::{Deserialize, Serialize};

use crate::alert::{Acknowledgement, AlertId, CorrectiveAction, Monitor};
use crate::key::Key;
use crate::panel::{ColumnKey, Reason};
use crate::quantity::Ratio;

/// What somebody decided about an alert, as data: with who, and with the numbers it was about. The entry says why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DecisionDef {
    /// The alert, as a [`Notice`](super::Notice) names it.
    pub alert: AlertId,
    /// Who decided.
    pub by: Key,
    /// What.
    pub decided: Decision,
    /// The figures that it was about, as they were told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub about: Vec<Stated>,
}

/// What is decided about an alert.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Decision {
    /// It was taken: it is neither repeated nor escalated any more.
    Acknowledged,
    /// It sleeps until a day.
    Snoozed {
        /// The first day on which it is spoken of again.
        until: NaiveDate,
    },
    /// A corrective action is agreed.
    CorrectiveAction(CorrectiveAction),
    /// The corrective action was carried out on the day of the entry.
    CarriedOut,
}

/// A figure as it was told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stated {
    /// Its column.
    pub column: ColumnKey,
    /// The number, or why there was none.
    #[serde(with = "crate::panel::written")]
    pub value: Result<Ratio, Reason>,
}

impl DecisionDef {
    /// Does what was decided on a day, or at the time at which that was booked; says whether the alert is there. What is decided about one that is over changes nothing of it.
    pub(super) fn apply(
        &self,
        (day, booked): (NaiveDate, Option<NaiveDateTime>),
        monitor: &mut Monitor,
    ) -> bool {
        if !monitor.knows(&self.alert) {
            return false;
        }
        let _ = match &self.decided {
            Decision::Acknowledged => {
                let Acknowledgement { by, at } = self.acknowledgement(day, booked);
                monitor.acknowledge(&self.alert, by, at)
            }
            Decision::Snoozed { until } => monitor.snooze(&self.alert, *until),
            Decision::CorrectiveAction(action) => monitor.assign(&self.alert, action.clone()),
            Decision::CarriedOut => monitor.carried_out(&self.alert, day),
        };
        true
    }

    /// Takes back what was decided, as far as nothing else was decided since.
    pub(super) fn undo(
        &self,
        (day, booked): (NaiveDate, Option<NaiveDateTime>),
        monitor: &mut Monitor,
    ) {
        match &self.decided {
            Decision::Acknowledged => {
                monitor.unacknowledge(&self.alert, &self.acknowledgement(day, booked));
            }
            Decision::Snoozed { until } => monitor.unsnooze(&self.alert, *until),
            Decision::CorrectiveAction(action) => monitor.unassign(&self.alert, action),
            Decision::CarriedOut => monitor.not_carried_out(&self.alert, day),
        }
    }

    fn acknowledgement(&self, day: NaiveDate, booked: Option<NaiveDateTime>) -> Acknowledgement {
        Acknowledgement {
            by: self.by.clone(),
            at: booked.unwrap_or_else(|| day.and_time(NaiveTime::MIN)),
        }
    }
}
