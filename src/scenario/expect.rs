//! What should come out of a scenario, and where it does not.

use serde::{Deserialize, Serialize};

use super::error::Wrong;
use super::run::Told;
use super::{ScenarioCause, ViewOutcome};
use crate::key::{Key, unknown};
use crate::panel::{ColumnKey, Reason};
use crate::quantity::Ratio;

/// What should come out of a scenario: the test that an analyst writes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ExpectDef {
    /// A cell of a view.
    Cell(ExpectedCell),
    /// The alerts of a view.
    Alerts(ExpectedAlerts),
}

/// A cell that should have this value, exactly.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectedCell {
    /// The view.
    pub view: Key,
    /// The column: `sales`, `target:sales`, `attainment(sales)`, the name of a card.
    pub column: ColumnKey,
    /// The members of the row, one for each axis.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub subject: Vec<Key>,
    /// The label of the period.
    pub period: Key,
    /// The number, or why there is none: `{"none": "no_base"}`.
    #[serde(with = "crate::panel::written")]
    pub is: Result<Ratio, Reason>,
}

/// The rules of a view that should have found something, and none but these.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectedAlerts {
    /// The view.
    pub view: Key,
    /// The rules; none where there should be no alerts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<Key>,
}

/// Something that should have come out and did not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unmet {
    /// Which of the expectations, from 0 on.
    pub expect: usize,
    /// What came out instead.
    pub text: String,
}

impl ExpectDef {
    fn view(&self) -> &Key {
        match self {
            Self::Cell(own) => &own.view,
            Self::Alerts(own) => &own.view,
        }
    }
}

/// Returns where what should come out does not.
pub(super) fn unmet(all: &[ExpectDef], told: &[Told], wrong: &mut Wrong) -> Vec<Unmet> {
    let mut found = Vec::new();
    for (expect, expected) in all.iter().enumerate() {
        let place = format!("expect[{expect}]");
        let name = expected.view();
        let view = told.iter().find(|told| told.outcome.view == *name);
        let Some(told) = view else {
            let all = told.iter().map(|told| told.outcome.view.as_str());
            let (name, nearest, known) = unknown(name.as_str(), all);
            let cause = ScenarioCause::UnknownView {
                name,
                nearest,
                known,
            };
            wrong.add(place, cause);
            continue;
        };
        let text = match expected {
            ExpectDef::Cell(cell) => wrong.take(place, other_value(cell, told)).flatten(),
            ExpectDef::Alerts(alerts) => wrong.take(place, other_alerts(alerts, told)).flatten(),
        };
        found.extend(text.map(|text| Unmet { expect, text }));
    }
    found
}

fn other_value(cell: &ExpectedCell, told: &Told) -> Result<Option<String>, ScenarioCause> {
    let panel = &told.panel;
    let row = panel
        .subjects()
        .row(&cell.subject)
        .map_err(crate::panel::PanelError::from)?;
    let period = panel.periods().id(cell.period.as_str())?;
    let answer = panel.answer(&cell.column, row, period)?;
    if answer.ratio() == cell.is {
        return Ok(None);
    }
    let expected = match cell.is {
        Ok(number) => number.to_string(),
        Err(reason) => reason.to_string(),
    };
    let subject: Vec<&str> = cell.subject.iter().map(Key::as_str).collect();
    Ok(Some(format!(
        "`{}` of {} in `{}` is {answer} and not {expected}",
        cell.column,
        if subject.is_empty() {
            "the whole".to_owned()
        } else {
            format!("`{}`", subject.join(" / "))
        },
        cell.period,
    )))
}

fn other_alerts(expected: &ExpectedAlerts, told: &Told) -> Result<Option<String>, ScenarioCause> {
    let ViewOutcome { alerts, view, .. } = &told.outcome;
    for rule in &expected.rules {
        if !told.rules.contains(rule) {
            let all = told.rules.iter().map(Key::as_str);
            let (name, nearest, known) = unknown(rule.as_str(), all);
            let view = view.clone();
            return Err(ScenarioCause::UnknownRule {
                name,
                view,
                nearest,
                known,
            });
        }
    }
    let more = alerts
        .iter()
        .find(|alert| !expected.rules.contains(&alert.rule));
    if let Some(alert) = more {
        let subject: Vec<&str> = alert.subject.iter().map(Key::as_str).collect();
        return Ok(Some(format!(
            "the rule `{}` finds something about `{}`",
            alert.rule,
            subject.join(" / ")
        )));
    }
    let found = |rule: &&Key| alerts.iter().any(|alert| alert.rule == **rule);
    let missing = expected.rules.iter().find(|rule| !found(rule));
    Ok(missing.map(|rule| format!("the rule `{rule}` finds nothing")))
}
