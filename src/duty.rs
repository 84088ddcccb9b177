//! Duties and planned activity: who does what, how often and by when, what was done of it, and how well.
//!
//! A [`Duty`] is who, what, how often ([`Cadence`](crate::calendar::Cadence)), with what grace, shown by what, reviewed by
//! whom: reports, meetings, talks and trainings alike. Planned items (visits, calls) are matched with what was done by a
//! [`MatchRule`], each used once, at the least cost and with the proof of it ([`Assignment::proves_least`](crate::assignment::Assignment::proves_least)). A [`Quota`]
//! has a floor and a stretch and may stand within another; an [`ActivityQuota`] counts it from what was done; a [`Route`] has fixed points and frequencies; a [`Chain`] leads
//! from a target back to the activity it needs. [`written_plan_columns`] tells how complete written plans are, [`ExecutionIndex`] tells
//! execution as timeliness, quality and quantity, [`Intervention`]s how often a leader has to step in.
//!
//! Start with [`Duty`], [`MatchRule`] and [`ActivityQuota`].
//!
//! ```
//! use quotaflow::calendar::{WorkingDays, WorkingDaysDef};
//! use quotaflow::duty::{Duty, Submission};
//! let weekly: Duty = serde_json::from_str(r#"{"key": "report", "who": ["ann", "bo"], "evidence": "report",
//!     "cadence": {"anchor": "2026-03-02", "rhythm": {"kind": "weekly", "every": 1, "days": ["Fri"]}}}"#).map_err(quotaflow::Error::unreadable)?;
//! let office = WorkingDays::new(WorkingDaysDef::monday_to_friday("office".try_into()?))?;
//! let (from, to) = ("2026-03-02".parse()?, "2026-03-09".parse()?);
//! let asked = weekly.obligations(from, to, &office)?;
//! let handed_in = Submission {
//!     id: "r-1".try_into()?, person: "ann".try_into()?, day: "2026-03-06".parse()?, for_day: None, with: None,
//! };
//! let told = weekly.report(&asked, &[handed_in], to)?.counts(|_, _| true);
//! assert_eq!((told.on_time, told.missing), (1, 1));
//! # Ok::<(), quotaflow::Error>(())
//! ```

mod activity_quota;
mod agenda;
mod candidate;
mod capacity;
mod columns;
mod compliance;
#[expect(
    clippy::module_inception,
    reason = "the room's main type stands in a file of its own name"
)]
mod duty;
mod effort;
mod error;
mod execution;
mod fading;
mod intervention;
mod matching;
mod need;
mod performance;
mod plan;
mod quadrant;
mod quota;
mod records;
mod rollout;
mod route;

pub use activity_quota::{
    ActivityQuota, ActivityQuotaDef, Before, ContactDef, ContactLine, Each, PersonQuota,
    QuotaReport,
};
pub use agenda::{AgendaItem, agenda};
pub use candidate::{Candidacy, Candidate};
pub use capacity::need_columns;
pub(crate) use columns::{Counted, counted_columns};
pub use columns::{compliance_columns, duty_columns, expense_lost_columns};
pub use compliance::Compliance;
pub use duty::{Duty, DutyCounts, DutyDef, DutyReport, Grace, Obligation, Standing, Submission};
pub use effort::{EffortMix, EffortShare, TimeSpent, effort_columns, effort_mix};
pub use error::DutyError;
pub use execution::{ExecutionCounts, ExecutionIndex, ExecutionWeights};
pub use fading::{Fading, fading, fading_columns};
pub use intervention::{Intervention, intervention_columns};
pub use matching::{
    BrokenAppointment, BrokenBy, Departure, DoneItem, Fulfilment, MatchReport, MatchRule,
    PlannedItem,
};
pub use need::{ActivityPlan, Chain, Conversion, spread};
pub use performance::{Appraisal, ExecutionLine, Performance, Quality, execution_columns};
pub use plan::{WrittenPlan, written_plan_columns};
pub use quadrant::{Bar, quadrant_columns, quadrants};
pub use quota::{Quota, QuotaDef, QuotaLine, QuotaStanding};
pub use records::{ActivityFields, BrokenFields, EvidenceFields, InterventionFields};
pub use rollout::{RollOut, RollOutDef, RollOutPlan, RollOutStep, rolled_out};
pub use route::{Route, RouteDef, RouteVisit, Stop};

#[cfg(test)]
mod column_tests;
#[cfg(test)]
mod tests;
