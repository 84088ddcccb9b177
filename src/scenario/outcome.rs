//! What a scenario yields.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde::Serialize;

use super::expect::Unmet;
use crate::document::Version;
use crate::key::Key;
use crate::metric::MetricDef;
use crate::panel::{Column, ColumnKey, Figure, Figures, Panel, Reason, Role};
use crate::plan::{AppliedPolicy, Warning};
use crate::quantity::{Ratio, rounded_together};
use crate::review::Review;
use crate::rule::check::Anomaly;
use crate::rule::{Alert, Deviation, RuleError, RuleSet, Severity};
use crate::scorecard::{
    Breakdown, Finding, FindingLevel, HealthLimits, Scorecard, ScorecardError, Scores,
};
use crate::space::RowId;
use crate::text::Texts;

/// The outcome of a scenario. Views stand in the order of the model, rows in the order of subjects and periods, so the same scenario
/// yields the same bytes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Outcome {
    /// The version of this form of document.
    pub version: Version<1>,
    /// What the scenario is about.
    #[serde(skip_serializing_if = "Texts::is_empty")]
    pub title: Texts,
    /// The day as of which it is.
    pub as_of: NaiveDate,
    /// What each view of the model says.
    pub views: Vec<ViewOutcome>,
    /// What is odd in the targets of plans although every law holds: those below zero, what is fixed being more than there is, totals
    /// that leave no room for the bases.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<TargetWarning>,
    /// What policies of recipes decided when plans were cascaded: who has no figure in a table, say.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub applied: Vec<TargetPolicy>,
    /// What should have come out and did not.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unmet: Vec<Unmet>,
}

/// What a view of a scenario says.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ViewOutcome {
    /// The view.
    pub view: Key,
    /// The period that holds the as-of day, if one does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period: Option<Key>,
    /// Why nothing of the view is judged although a card, a rule or a review would: no period of it holds the as-of day, as one of
    /// another view does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unjudged: Option<String>,
    /// All figures: of the records, targets, expected and projected ones, points and pay.
    pub figures: Vec<FigureRow>,
    /// The scores of that period by each card that the view shows.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub scores: Vec<ScoreRow>,
    /// The exceptions of that period.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub alerts: Vec<AlertRow>,
    /// The rules that could not be asked, and why: ready ones that read what is not recorded, and those for who is gone, for another
    /// level or for periods of another length. A rule that lets off somebody who is gone is asked without that, and told here too.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<UnaskedRule>,
    /// What is odd about the model's own rules, as far as it needs a look; see [`check`](crate::rule::check).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub anomalies: Vec<Anomaly>,
    /// What the owner of the cards should know, but for mere notes: where silence pays, what counts twice, which targets
    /// are zero; see [`Scorecard::health`](crate::scorecard::Scorecard::health) and
    /// [`Scorecard::alignment`](crate::scorecard::Scorecard::alignment).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
    /// The review, if one is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub review: Option<Review>,
}

/// What is odd in the targets of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TargetWarning {
    /// The plan.
    pub plan: Key,
    /// What is odd, as data.
    #[serde(flatten)]
    pub warning: Warning,
    /// The same as a sentence.
    pub text: String,
}

/// What a policy of a recipe decided when a plan was cascaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TargetPolicy {
    /// The plan.
    pub plan: Key,
    /// What was decided, as data.
    #[serde(flatten)]
    pub applied: AppliedPolicy,
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
    /// Each column's figure, or why there is none. An amount that is no whole number of quanta, such as an expectation or a
    /// projection, is rounded to them, so that the rows of a period add up to what they make together.
    #[serde(serialize_with = "crate::panel::written::serialize")]
    pub values: BTreeMap<String, Result<Figure, Reason>>,
    /// What rounded amounts are exactly, where the scenario asks for that.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub exact: BTreeMap<String, Ratio>,
}

/// The score of one subject.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ScoreRow {
    /// The card.
    pub card: Key,
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

/// A rule that could not be asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UnaskedRule {
    /// The rule.
    pub rule: Key,
    /// Why: which figure the view does not have, say.
    pub reason: String,
}

/// One exception of a scenario's outcome.
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

pub(super) fn figures(panel: &Panel, exact: bool, hidden: &BTreeSet<ColumnKey>) -> Vec<FigureRow> {
    let rows = panel.subjects().len();
    let whole: Vec<Option<Vec<Option<Figure>>>> = panel
        .columns()
        .iter()
        .map(|column| in_quanta(panel, column, rows))
        .collect();
    let mut found = Vec::with_capacity(panel.cells());
    for row in panel.subjects().ids() {
        for period in panel.periods() {
            let cell = period.id.index() * rows + row.index();
            let (mut values, mut exactly) = (BTreeMap::new(), BTreeMap::new());
            for (column, whole) in panel.columns().iter().zip(&whole) {
                if hidden.contains(column.key()) {
                    continue;
                }
                let answer = column.answer(cell).found();
                let rounded = whole.as_ref().and_then(|whole| whole[cell]);
                let ratio = column.answer(cell).ratio();
                if let (true, Some(rounded), Ok(ratio)) = (exact, rounded, ratio)
                    && rounded.ratio() != Ok(ratio)
                {
                    exactly.insert(column.key().to_string(), ratio);
                }
                values.insert(column.key().to_string(), rounded.map_or(answer, Ok));
            }
            found.push(FigureRow {
                subject: panel.subjects().members(row).to_vec(),
                period: period.label.clone(),
                runs: panel.runs(period.id),
                values,
                exact: exactly,
            });
        }
    }
    found
}

/// Returns exact amounts in whole quanta, which together are as near to the whole of their period as can be; nothing for a
/// column of other figures, nor where a number leaves its range.
fn in_quanta(panel: &Panel, column: &Column, rows: usize) -> Option<Vec<Option<Figure>>> {
    let Figures::Quotients {
        scale,
        numerators,
        denominators,
    } = column.figures()
    else {
        return None;
    };
    let actual = panel.find(&column.key().with(Role::Actual))?;
    let Figures::Amounts { quantum, .. } = actual.figures() else {
        return None;
    };
    if !column.is_fractions() || *scale != quantum.ratio() || rows == 0 {
        return None;
    }
    let parts = numerators.iter().zip(denominators).zip(column.reasons());
    let parts: Vec<Option<(i128, i128)>> = parts
        .map(|((top, bottom), reason)| {
            let part = (i128::from(*top), i128::from(*bottom));
            reason.is_none().then_some(part)
        })
        .collect();
    let amounts = parts.chunks(rows).flat_map(rounded_together);
    let shown = |units: Option<i128>| Some(Figure::units(i64::try_from(units?).ok()?, *quantum));
    Some(amounts.map(shown).collect())
}

pub(super) fn scores(card: &Key, scores: &Scores<'_>) -> Result<Vec<ScoreRow>, ScorecardError> {
    let row = |subject: RowId| {
        Ok(ScoreRow {
            card: card.clone(),
            subject: scores.panel().subjects().members(subject).to_vec(),
            total: scores.total(subject),
            grade: scores.grade(subject).cloned(),
            rank: scores.rank(subject),
            explanation: scores.explain(subject)?,
        })
    };
    scores.panel().subjects().ids().map(row).collect()
}

/// Returns what is odd about a card, alone and on the figures of a panel, as far as it needs a look; `metrics` say which figures
/// are views of one: the growth of sales is of sales.
pub(super) fn findings(
    card: &Scorecard,
    panel: &Panel,
    metrics: &[MetricDef],
) -> Result<Vec<Finding>, ScorecardError> {
    let limits = HealthLimits::default();
    let mut found = card.health(&limits);
    let looks_at = |name: &str| MetricDef::looks_at(name, metrics);
    let twice = card.counted_twice(|one, other| {
        let (left, right) = (looks_at(one), looks_at(other));
        one == other || (left.is_some() && left == right)
    });
    let known = found.clone();
    found.extend(twice.into_iter().filter(|it| !known.contains(it)));
    found.extend(card.alignment(panel, &limits)?);
    found.retain(|finding| finding.level() > FindingLevel::Note);
    Ok(found)
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
