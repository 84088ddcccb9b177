//! Where what should come out of a scenario does not.

use std::collections::BTreeSet;

use super::error::Wrong;
use super::expect::{ExpectDef, ExpectedAlerts, ExpectedCell, Unmet};
use super::{ScenarioCause, ViewOutcome};
use crate::calendar::CalendarError;
use crate::key::{Key, unknown};
use crate::model::Model;
use crate::panel::{Answer, Panel};
use crate::quantity::Ratio;

/// What a view says, beside its panel and the rules that watch it.
pub(super) struct Told {
    pub(super) panel: Panel,
    pub(super) rules: BTreeSet<Key>,
    /// Whether a period of it holds the as-of day, if it has something to be judged by.
    pub(super) judged: Option<Result<(), CalendarError>>,
    pub(super) outcome: ViewOutcome,
}

/// Returns where what should come out does not. Of a view that has no answer nothing is said: that is told where it stands.
pub(super) fn unmet(
    all: &[ExpectDef],
    (model, told): (&Model, &[Told]),
    wrong: &mut Wrong,
) -> Vec<Unmet> {
    let mut found = Vec::new();
    for (expect, expected) in all.iter().enumerate() {
        let place = format!("expect[{expect}]");
        let name = expected.view();
        let Some(told) = told.iter().find(|told| told.outcome.view == *name) else {
            let mut all = model.views().map(|view| view.key.as_str());
            if all.any(|view| *name == *view) {
                continue;
            }
            let all = model.views().map(|view| view.key.as_str());
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
    let found = answer.ratio();
    if found == cell.is {
        return Ok(None);
    }
    let found = match found {
        Ok(number) => in_full(&answer, number),
        Err(reason) => format!("missing ({reason})"),
    };
    let expected = match cell.is {
        Ok(number) => format!(" and not {number}"),
        Err(reason) => format!(", where none was expected: {reason}"),
    };
    Ok(Some(format!(
        "`{}` of {} in `{}` is {found}{expected}",
        cell.column,
        row_of(&cell.subject),
        cell.period,
    )))
}

/// A figure as it is shown, with its exact number where that is another one.
fn in_full(answer: &Answer<'_>, number: Ratio) -> String {
    let shown = answer.to_string();
    let digits = shown.split(' ').next().unwrap_or_default();
    if digits.parse::<Ratio>().ok() == Some(number) {
        return shown;
    }
    format!("{shown} (exactly {number})")
}

/// A row, as people name it.
fn row_of(subject: &[Key]) -> String {
    let subject: Vec<&str> = subject.iter().map(Key::as_str).collect();
    if subject.is_empty() {
        return "the whole".to_owned();
    }
    format!("`{}`", subject.join(" / "))
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
    if let Some(reason) = &told.outcome.unjudged {
        let text = format!("nothing of the view `{view}` is judged: {reason}");
        return Ok(Some(text));
    }
    let more = alerts
        .iter()
        .find(|alert| !expected.rules.contains(&alert.rule));
    if let Some(alert) = more {
        return Ok(Some(format!(
            "the rule `{}` finds something about {}",
            alert.rule,
            row_of(&alert.subject)
        )));
    }
    let found = |rule: &&Key| alerts.iter().any(|alert| alert.rule == **rule);
    let missing = expected.rules.iter().find(|rule| !found(rule));
    Ok(missing.map(|rule| {
        let mut left_out = told.outcome.left_out.iter();
        match left_out.find(|own| own.rule == *rule) {
            Some(own) => format!("the rule `{rule}` finds nothing: {}", own.reason),
            None => format!("the rule `{rule}` finds nothing"),
        }
    }))
}
