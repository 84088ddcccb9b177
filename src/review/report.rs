//! One period's review, subject by subject.

use crate::panel::Reason;
use chrono::NaiveDate;
use serde::Serialize;

use super::line::Line;
use super::{
    Cause, Correction, ReviewDef, ReviewError, ReviewSources, Suspicion, cause, correction,
};
use crate::document::Version;
use crate::key::Key;
use crate::quantity::Ratio;
use crate::rule::{Alert, Deviation, Severity};
use crate::text::Texts;

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
    #[serde(with = "crate::scorecard::written")]
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
pub fn review(def: &ReviewDef, evidence: ReviewSources<'_>) -> Result<Review, ReviewError> {
    let panel = evidence.panel;
    let current = panel.periods().holding(evidence.as_of)?;
    let period = current.ordinal;
    if evidence
        .scores
        .is_some_and(|scores| scores.panel() != panel || scores.period() != period)
    {
        return Err(ReviewError::OtherSources { what: "scores" });
    }
    let own = |alert: &Alert| {
        alert.period() == period
            && alert.subject() < panel.subjects().len()
            && alert.members() == panel.subjects().members(alert.subject())
    };
    if let Some((_, alerts)) = evidence.alerts
        && !alerts.iter().all(own)
    {
        return Err(ReviewError::OtherSources { what: "alerts" });
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

/// An alert's line and the action that its rule suggests; no text where it suggests none.
pub(super) type Raised = (AlertLine, Texts);

fn alerts_of(evidence: ReviewSources<'_>, subject: usize) -> Result<Vec<Raised>, ReviewError> {
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
            text: explanation.messages(),
        };
        lines.push((line, explanation.actions()));
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
