//! What a scenario yields.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Serialize;

use crate::document::Version;
use crate::key::Key;
use crate::panel::{Figure, Panel, Reason};
use crate::plan::Warning;
use crate::quantity::Ratio;
use crate::review::Review;
use crate::rule::check::Anomaly;
use crate::rule::{Alert, Deviation, RuleError, RuleSet, Severity};
use crate::scorecard::{Breakdown, ScorecardError, Scores};
use crate::space::RowId;
use crate::text::Texts;

/// The outcome of a scenario. Rows stand in the order of subjects and periods, so the same scenario yields the same
/// bytes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Outcome {
    /// The version of this form of document.
    pub version: Version<1>,
    /// What the scenario is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The day as of which it is.
    pub as_of: NaiveDate,
    /// The period that holds that day.
    pub period: Key,
    /// All figures: of the records, targets, expected and projected ones.
    pub figures: Vec<FigureRow>,
    /// The scores of the reviewed period, if there is a card.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub scores: Vec<ScoreRow>,
    /// The exceptions of the reviewed period.
    pub alerts: Vec<AlertRow>,
    /// The rules that could not be asked, and why: ready ones that read what is not recorded, and those for who is gone.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<UnaskedRule>,
    /// What is odd in the targets that are cascaded although every law holds: those below zero, what is fixed being more than
    /// there is, totals that leave no room for the bases.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<TargetWarning>,
    /// What is odd about the scenario's own rules, as far as it needs a look; see [`check`](crate::rule::check).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub anomalies: Vec<Anomaly>,
    /// The review, if one is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub review: Option<Review>,
}

/// What is odd in targets that are cascaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TargetWarning {
    /// The place of the cascade among the scenario's targets, from 0.
    pub target: usize,
    /// What is odd, as data.
    #[serde(flatten)]
    pub warning: Warning,
    /// The same as a sentence.
    pub text: String,
}

/// The figures of one subject in one period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FigureRow {
    /// The subject's members; none for the whole.
    pub subject: Vec<Key>,
    /// The period.
    pub period: Key,
    /// Whether the period still runs: its actual figures are what there is so far.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub runs: bool,
    /// Each column's figure, or why there is none.
    #[serde(serialize_with = "crate::panel::written::serialize")]
    pub values: BTreeMap<String, Result<Figure, Reason>>,
}

/// The score of one subject.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ScoreRow {
    /// The subject's members.
    pub subject: Vec<Key>,
    /// The points, or why there are none.
    #[serde(with = "crate::panel::written")]
    pub total: Result<Ratio, Reason>,
    /// The grade, if the card has grades.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grade: Option<Key>,
    /// The place among the subjects.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rank: Option<u32>,
    /// Where the points come from.
    pub explanation: Breakdown,
}

/// A ready rule that could not be asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UnaskedRule {
    /// The rule.
    pub rule: Key,
    /// Why: which figure the scenario does not have.
    pub reason: String,
}

/// One exception.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AlertRow {
    /// The rule.
    pub rule: Key,
    /// The subject's members.
    pub subject: Vec<Key>,
    /// How grave it is.
    pub severity: Severity,
    /// Whether it is bad or good.
    pub deviation: Deviation,
    /// The first period of the row in which it holds.
    pub since: Option<Key>,
    /// What it says, in each language in which its rule is written.
    pub message: Texts,
    /// What to do next, in each language in which the rule says so.
    #[serde(skip_serializing_if = "Texts::is_empty")]
    pub action: Texts,
}

pub(super) fn figures(panel: &Panel) -> Vec<FigureRow> {
    let mut rows = Vec::with_capacity(panel.cells());
    for subject in panel.subjects().ids() {
        for period in panel.periods() {
            let cell = period.id.index() * panel.subjects().len() + subject.index();
            let shown = |column: &crate::panel::Column| {
                (column.key().to_string(), column.answer(cell).found())
            };
            rows.push(FigureRow {
                subject: panel.subjects().members(subject).to_vec(),
                period: period.label.clone(),
                runs: panel.runs(period.id),
                values: panel.columns().iter().map(shown).collect(),
            });
        }
    }
    rows
}

pub(super) fn scores(scores: &Scores<'_>) -> Result<Vec<ScoreRow>, ScorecardError> {
    let row = |subject: RowId| {
        Ok(ScoreRow {
            subject: scores.panel().subjects().members(subject).to_vec(),
            total: scores.total(subject),
            grade: scores.grade(subject).cloned(),
            rank: scores.rank(subject),
            explanation: scores.explain(subject)?,
        })
    };
    scores.panel().subjects().ids().map(row).collect()
}

pub(super) fn alerts(
    alerts: &[Alert],
    rules: &RuleSet,
    panel: &Panel,
) -> Result<Vec<AlertRow>, RuleError> {
    let row = |alert: &Alert| {
        let explanation = alert.explain(rules, panel)?;
        Ok(AlertRow {
            rule: alert.rule().clone(),
            subject: alert.members().to_vec(),
            severity: alert.severity(),
            deviation: alert.deviation(),
            since: explanation.since().cloned(),
            message: explanation.messages(),
            action: explanation.actions(),
        })
    };
    alerts.iter().map(row).collect()
}
