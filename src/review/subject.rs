//! The review of one subject, line by line.

use super::Cause;
use super::line::Line;
use crate::pace::RequiredRate;
use crate::plan::CarryForward;
use crate::quantity::{Quantity, Ratio};
use crate::{
    key::Key,
    panel::Reason,
    rule::{Deviation, Severity},
    text::Texts,
};
use serde::Serialize;

/// The review of one subject.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SubjectReview {
    /// The subject's members; none for the whole.
    pub subject: Vec<Key>,
    /// Target, actual, pace and projection of each metric, in the order of the definition.
    pub lines: Vec<Line>,
    /// The score, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<ScoreLine>,
    /// The exceptions, the gravest first.
    pub alerts: Vec<AlertLine>,
    /// Where the gaps come from.
    pub causes: Vec<Cause>,
    /// What is proposed, execution before plan.
    pub corrections: Vec<Correction>,
    /// The points that matter most in the next period.
    pub focus: Vec<Focus>,
}

/// A subject's total score, its grade and its rank.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ScoreLine {
    /// The points, or why there are none.
    #[serde(with = "crate::panel::written")]
    pub total: Result<Ratio, Reason>,
    /// The grade, if the card has grades.
    pub grade: Option<Key>,
    /// The place among the subjects, 1 being the best.
    pub rank: Option<u32>,
}

/// One exception of a subject.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AlertLine {
    /// The rule.
    pub rule: Key,
    /// How grave it is.
    pub severity: Severity,
    /// Whether it is bad or good.
    pub deviation: Deviation,
    /// How many periods in a row it has been so.
    pub periods: usize,
    /// What it says, in each language in which its rule is written.
    pub text: Texts,
}

/// One point of the next period's focus.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Focus {
    /// An exception has to be resolved.
    Resolve {
        /// The rule that raised it.
        rule: Key,
    },
    /// A metric is behind its pace.
    CatchUp {
        /// The metric.
        metric: Key,
    },
    /// A chance has to be used.
    Use {
        /// The rule that raised it.
        rule: Key,
    },
}

/// One proposal, never a silent act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Correction {
    /// Do more of an activity until the end of the period, at one's own yield so far.
    MoreActivity {
        /// The activity.
        activity: Key,
        /// How much more than its plan for the rest of the period, rounded up.
        by: Quantity,
        /// The result that is behind.
        because: Key,
        /// By how much it is behind.
        shortfall: Quantity,
    },
    /// Carry out the action of an exception.
    Act {
        /// The rule that raised it.
        rule: Key,
        /// What it suggests, in each language in which the rule is written.
        action: Texts,
    },
    /// Carry the shortfall of the periods that have ended into those that are left, in the proportions of their targets.
    CarryForward {
        /// The metric.
        metric: Key,
        /// The shortfall of the periods that have ended.
        shortfall: Quantity,
        /// What each period that is left takes over; together exactly the shortfall.
        into: Vec<Carried>,
        /// What is needed a day from now on with it, and whether that can be; none where a figure is missing.
        #[serde(skip_serializing_if = "Option::is_none")]
        required: Option<Box<RequiredRate>>,
        /// The edit of the plan that does it, as it stands: for a plan of a measure of this name whose steps are named like the levels of
        /// the rows. What is held, closed or in lots there is known to the plan alone, which tells it
        /// ([`Plan::carry_forward`](crate::plan::Plan::carry_forward)).
        edit: Box<CarryForward>,
    },
}

/// What one period takes over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Carried {
    /// The period.
    pub period: Key,
    /// Its target so far.
    pub target: Quantity,
    /// What is added to it.
    pub amount: Quantity,
}

/// An alert's line and the action that its rule suggests; no text where it suggests none.
pub(super) type Raised = (AlertLine, Texts);
