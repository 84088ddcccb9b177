//! The loop (闭环): one review of a period that puts targets, pace, activity, score and exceptions together, names causes,
//! and proposes corrections.
//!
//! A review reads; it changes nothing. Every correction is a proposal with its reason, first of the execution (more of an
//! activity, the action of an alert), then of the plan (carry a shortfall into the periods that are left), and where
//! everybody misses alike the target itself is suspected before the people.

mod cause;
mod correction;
mod line;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::allocation::AllocationError;
use crate::calendar::CalendarError;
use crate::document::Version;
use crate::key::{Key, KeyError};
use crate::pace::{Pace, PaceError};
use crate::panel::{Panel, PanelError};
use crate::quantity::{QuantityError, Ratio};
use crate::rule::{Alert, Deviation, Language, RuleError, RuleSet, Severity};
use crate::scorecard::{Reading as Score, ScorecardError, Scores};

pub use cause::{Cause, DriverDef, Variance};
pub use correction::{Carried, Correction, Suspicion};
pub use line::{Line, Standing};

/// What a review looks at, as data.
///
/// ```
/// use quotaflow::review::ReviewDef;
/// let def: ReviewDef = serde_json::from_str(r#"{
///     "paces": [],
///     "drivers": [{"result": "sales", "activity": "visits"}]
/// }"#)?;
/// assert_eq!(def.focus, 3);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReviewDef {
    /// The version of this form of document.
    #[serde(default)]
    pub version: Version<1>,
    /// The metrics that have targets, each with its pace. The first is the one that matters most.
    pub paces: Vec<Pace>,
    /// Which activity drives which result; both must have a pace.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub drivers: Vec<DriverDef>,
    /// The share of subjects behind pace from which on the target is suspected and not the people.
    #[serde(default = "four_fifths")]
    pub alike: Ratio,
    /// How many points the focus of the next period names.
    #[serde(default = "three")]
    pub focus: usize,
}

fn four_fifths() -> Ratio {
    Ratio::percent(80)
}

fn three() -> usize {
    3
}

impl ReviewDef {
    /// Returns a review of these metrics with the defaults of everything else.
    #[must_use]
    pub fn new(paces: Vec<Pace>) -> Self {
        Self {
            version: Version::default(),
            paces,
            drivers: Vec::new(),
            alike: four_fifths(),
            focus: three(),
        }
    }

    /// Says that an activity drives a result.
    ///
    /// # Errors
    /// [`ReviewError::Key`] if a name cannot be a key.
    pub fn driven(mut self, result: &str, activity: &str) -> Result<Self, ReviewError> {
        self.drivers.push(DriverDef {
            result: Key::new(result)?,
            activity: Key::new(activity)?,
        });
        Ok(self)
    }
}

/// What a review is made from besides its definition: all of it of one panel.
#[derive(Debug, Clone, Copy)]
pub struct Evidence<'a> {
    /// The panel with actual figures and targets.
    pub panel: &'a Panel,
    /// The day as of which is reviewed; the period that holds it is the reviewed one.
    pub as_of: NaiveDate,
    /// The scores of the same panel and period, if there are any.
    pub scores: Option<&'a Scores<'a>>,
    /// The alerts of the same panel and period, with the rules that raised them, if there are any.
    pub alerts: Option<(&'a RuleSet, &'a [Alert])>,
}

/// One period's review.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Review {
    /// The version of this form of document.
    pub version: Version<1>,
    /// The day as of which it is.
    pub as_of: NaiveDate,
    /// The reviewed period.
    pub period: Key,
    /// What is said of each subject, in the panel's order.
    pub subjects: Vec<SubjectReview>,
    /// Targets that nearly everybody misses.
    pub suspicions: Vec<Suspicion>,
}

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

/// A subject's score.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ScoreLine {
    /// The points, or why there are none.
    pub total: Score,
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
    /// What it says, in English and in Chinese.
    pub text: [String; 2],
}

/// One point of the next period's focus.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Focus {
    /// An exception has to be cured.
    Cure {
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

/// Returns the review of the period that holds the as-of day.
///
/// # Errors
/// [`ReviewError::Calendar`] when no period of the panel holds the day, [`ReviewError::NoPace`] when a driver names a
/// metric without pace; and whatever the pace, the panel or the rules cannot answer.
pub fn review(def: &ReviewDef, evidence: Evidence<'_>) -> Result<Review, ReviewError> {
    let panel = evidence.panel;
    let current = panel.periods().holding(evidence.as_of)?;
    let period = current.ordinal;
    if evidence
        .scores
        .is_some_and(|scores| scores.panel() != panel || scores.period() != period)
    {
        return Err(ReviewError::OtherEvidence { what: "scores" });
    }
    let views = def
        .paces
        .iter()
        .map(|pace| pace.view(panel, evidence.as_of))
        .collect::<Result<Vec<_>, _>>()?;
    let mut subjects = Vec::with_capacity(panel.subjects().len());
    for subject in 0..panel.subjects().len() {
        let mut lines = Vec::with_capacity(views.len());
        for view in &views {
            lines.push(Line::of(view, subject, period)?);
        }
        let alerts = alerts_of(evidence, subject)?;
        let causes = cause::causes(def, &lines)?;
        let corrections = correction::corrections(def, &views, &lines, &alerts, subject, period)?;
        let focus = focus(def, &lines, &alerts);
        subjects.push(SubjectReview {
            subject: panel.subjects().members(subject).to_vec(),
            score: evidence.scores.map(|scores| ScoreLine {
                total: scores.total(subject),
                grade: scores.grade(subject).cloned(),
                rank: scores.rank(subject),
            }),
            lines,
            alerts: alerts.into_iter().map(|(line, _)| line).collect(),
            causes,
            corrections,
            focus,
        });
    }
    let suspicions = correction::suspicions(def, &subjects);
    Ok(Review {
        version: Version::default(),
        as_of: evidence.as_of,
        period: current.label,
        subjects,
        suspicions,
    })
}

/// An alert's line and the action that its rule suggests, in English and in Chinese.
type Raised = (AlertLine, Option<[String; 2]>);

fn alerts_of(evidence: Evidence<'_>, subject: usize) -> Result<Vec<Raised>, ReviewError> {
    let Some((rules, alerts)) = evidence.alerts else {
        return Ok(Vec::new());
    };
    let mut lines = Vec::new();
    for alert in alerts.iter().filter(|alert| alert.subject() == subject) {
        let explanation = alert.explain(rules, evidence.panel)?;
        let line = AlertLine {
            rule: alert.rule().clone(),
            severity: alert.severity(),
            deviation: alert.deviation(),
            periods: alert.periods(),
            text: [
                explanation.message(Language::English),
                explanation.message(Language::Chinese),
            ],
        };
        let action = explanation
            .action(Language::English)
            .zip(explanation.action(Language::Chinese));
        lines.push((line, action.map(<[String; 2]>::from)));
    }
    // The gravest first; rules of one gravity in the order of the set, which is that of the alerts.
    lines.sort_by_key(|(line, _)| std::cmp::Reverse(line.severity));
    Ok(lines)
}

/// Grave exceptions first, then the metrics furthest behind, then other exceptions and chances.
fn focus(def: &ReviewDef, lines: &[Line], alerts: &[Raised]) -> Vec<Focus> {
    let mut points = Vec::new();
    let cures = |severe: bool| {
        alerts.iter().filter(move |(line, _)| {
            line.deviation == Deviation::Adverse && (line.severity == Severity::Critical) == severe
        })
    };
    points.extend(cures(true).map(|(line, _)| Focus::Cure {
        rule: line.rule.clone(),
    }));
    let mut behind: Vec<(Ratio, &Line)> = lines
        .iter()
        .filter_map(|line| Some((line.shortfall_share()?, line)))
        .collect();
    behind.sort_by_key(|(share, _)| std::cmp::Reverse(*share));
    points.extend(behind.iter().map(|(_, line)| Focus::CatchUp {
        metric: line.metric.clone(),
    }));
    points.extend(cures(false).map(|(line, _)| Focus::Cure {
        rule: line.rule.clone(),
    }));
    let chances = alerts
        .iter()
        .filter(|(line, _)| line.deviation != Deviation::Adverse);
    points.extend(chances.map(|(line, _)| Focus::Use {
        rule: line.rule.clone(),
    }));
    points.truncate(def.focus);
    points
}

/// What can be wrong with a review.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum ReviewError {
    /// A name cannot be a key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// No period of the panel holds the day.
    #[error(transparent)]
    Calendar(#[from] CalendarError),
    /// A driver names a metric that has no pace.
    #[error(
        "the driver of `{result}` by `{activity}` names `{missing}`, which has no pace in this review"
    )]
    NoPace {
        /// The result.
        result: Key,
        /// The activity.
        activity: Key,
        /// The one that has no pace.
        missing: Key,
    },
    /// Scores are of another panel or period.
    #[error("the {what} are of another panel or period than the review")]
    OtherEvidence {
        /// What is of another panel or period.
        what: &'static str,
    },
    /// The pace has no answer.
    #[error(transparent)]
    Pace(#[from] PaceError),
    /// The panel has no answer.
    #[error(transparent)]
    Panel(#[from] PanelError),
    /// The rules have no answer.
    #[error(transparent)]
    Rule(#[from] RuleError),
    /// The card has no answer.
    #[error(transparent)]
    Scorecard(#[from] ScorecardError),
    /// A shortfall cannot be spread.
    #[error(transparent)]
    Allocation(#[from] AllocationError),
    /// A number leaves its range.
    #[error(transparent)]
    Quantity(#[from] QuantityError),
}
