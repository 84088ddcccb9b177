//! Where what should come out of a scenario does not.

use std::collections::BTreeSet;

use super::error::Wrong;
use super::expect::{ExpectDef, ExpectedAlerts, ExpectedCell, Unmet};
use super::{ScenarioCause, ViewOutcome};
use crate::key::{Key, unknown};
use crate::panel::Panel;

/// What a view says, beside its panel and the rules that watch it.
pub(super) struct Told {
    pub(super) panel: Panel,
    pub(super) rules: BTreeSet<Key>,
    pub(super) outcome: ViewOutcome,
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
