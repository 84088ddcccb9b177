//! One period's review, subject by subject.

use super::subject::Raised;
use super::subject::{AlertLine, Focus, ScoreLine, SubjectReview};
use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Serialize;

use super::line::Line;
use super::{ReviewDef, ReviewError, ReviewSources, Suspicion, cause, correction, suspicion};
use crate::calendar::{CalendarError, PeriodId};
use crate::document::Version;
use crate::key::{Key, unknown};
use crate::panel::PanelError;
use crate::quantity::Ratio;
use crate::rule::{Alert, Deviation, Severity};
use crate::space::{RowId, SpaceError};

/// One period's review: for each subject its pace, score, exceptions, causes, proposed corrections and focus.
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

impl Review {
    /// Returns what is said of the subject with these members, one for each axis.
    ///
    /// # Errors
    /// [`ReviewError::Panel`] for members that no subject has, with the nearest known ones and the list.
    pub fn get<N: AsRef<str>>(
        &self,
        subject: impl IntoIterator<Item = N>,
    ) -> Result<&SubjectReview, ReviewError> {
        let wanted: Vec<N> = subject.into_iter().collect();
        let same = |review: &&SubjectReview| {
            review.subject.len() == wanted.len()
                && review
                    .subject
                    .iter()
                    .zip(&wanted)
                    .all(|(key, name)| key.as_str() == name.as_ref())
        };
        self.subjects.iter().find(same).ok_or_else(|| {
            let name = wanted
                .iter()
                .map(AsRef::as_ref)
                .collect::<Vec<_>>()
                .join(" / ");
            let label = |review: &SubjectReview| {
                let keys: Vec<&str> = review.subject.iter().map(Key::as_str).collect();
                keys.join(" / ")
            };
            let labels: Vec<String> = self.subjects.iter().map(label).collect();
            let (name, nearest, known) = unknown(&name, labels.iter().map(String::as_str));
            let unknown = SpaceError::UnknownSubject {
                name,
                nearest,
                known,
            };
            PanelError::from(unknown).into()
        })
    }
}

/// Says it in the words of a review.
fn not_under_review(as_of: NaiveDate, error: CalendarError) -> ReviewError {
    match error {
        CalendarError::NoPeriodHolds { before, after, .. } => ReviewError::NotUnderReview {
            as_of,
            before,
            after,
        },
        other => other.into(),
    }
}

/// Returns the review of the period that holds the as-of day.
///
/// # Errors
/// [`ReviewError::OtherSources`] for scores or alerts that are not of this panel and period; [`ReviewError::NotUnderReview`] when no
/// period of the panel holds the day, [`ReviewError::UnknownPace`] when a driver names a
/// metric without pace; and whatever the pace, the panel or the rules cannot answer.
pub fn review(def: &ReviewDef, evidence: ReviewSources<'_>) -> Result<Review, ReviewError> {
    let panel = evidence.panel;
    let current = panel.periods().holding(evidence.as_of);
    let current = current.map_err(|error| not_under_review(evidence.as_of, error))?;
    let period = current.id;
    if evidence
        .scores
        .is_some_and(|scores| scores.panel() != panel || scores.period() != period)
    {
        return Err(ReviewError::OtherSources { what: "scores" });
    }
    if !are_own(evidence, period)? {
        return Err(ReviewError::OtherSources { what: "alerts" });
    }
    let views = def
        .paces
        .iter()
        .map(|pace| pace.view(panel, evidence.as_of))
        .collect::<Result<Vec<_>, _>>()?;
    let mut subjects = Vec::with_capacity(panel.subjects().len());
    for subject in panel.subjects().ids() {
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
    let suspicions = suspicion::suspicions(def, &subjects);
    Ok(Review {
        version: Version::default(),
        as_of: evidence.as_of,
        period: current.label,
        subjects,
        suspicions,
    })
}

/// Says whether all alerts are what their rules say of this panel in this period: not of other figures, another grain or other rules.
fn are_own(evidence: ReviewSources<'_>, period: PeriodId) -> Result<bool, ReviewError> {
    let Some((rules, alerts)) = evidence.alerts.filter(|(_, alerts)| !alerts.is_empty()) else {
        return Ok(true);
    };
    let raised = rules.evaluate(evidence.panel, period)?;
    let by_place: BTreeMap<(&Key, RowId), &Alert> = raised
        .iter()
        .map(|alert| ((alert.rule(), alert.subject()), alert))
        .collect();
    let known = |alert: &Alert| by_place.get(&(alert.rule(), alert.subject())).copied();
    Ok(alerts.iter().all(|alert| known(alert) == Some(alert)))
}

fn alerts_of(evidence: ReviewSources<'_>, subject: RowId) -> Result<Vec<Raised>, ReviewError> {
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
    let exceptions = |severe: bool| {
        alerts.iter().filter(move |(line, _)| {
            line.deviation == Deviation::Adverse && (line.severity == Severity::Critical) == severe
        })
    };
    points.extend(exceptions(true).map(|(line, _)| Focus::Resolve {
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
    points.extend(exceptions(false).map(|(line, _)| Focus::Resolve {
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
