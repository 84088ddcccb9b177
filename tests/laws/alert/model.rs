//! The life of one alert after the other, by the words of the documentation: no columns, no planes of bits, no saved state.

use crate::at::{PeriodAt, RowAt};
use std::collections::BTreeMap;

use chrono::NaiveDate;
use quotaflow::alert::{AlertId, Pause, Status, What};
use quotaflow::panel::Panel;
use quotaflow::rule::{
    Condition, Grade, Judge, Keep, Persistence, RuleDef, RuleSet, Severity, Truth, WhenUnknown,
};

use super::super::rule::value;

/// An alert as the model knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Lived {
    pub(super) id: AlertId,
    pub(super) severity: Severity,
    pub(super) since: NaiveDate,
    pub(super) fired: NaiveDate,
    pub(super) ended: Option<Status>,
    pub(super) pauses: Vec<Pause>,
    pub(super) recurrence: u32,
}

/// What the model has to tell of a period.
pub(super) type Line = (AlertId, What);

/// One rule and one subject.
#[derive(Default)]
struct Cell {
    firing: bool,
    /// The periods of the row: those in which it held, or was clear while it fired.
    row: Vec<usize>,
    latest: Option<usize>,
    history: Vec<bool>,
    /// Of each period whether it held, and whether the rule concerned the subject.
    past: Vec<(bool, bool)>,
    undecided: bool,
    flapping: bool,
}

#[derive(Default)]
pub(super) struct Model {
    pub(super) alerts: Vec<Lived>,
    cells: BTreeMap<(usize, usize), Cell>,
}

fn start(panel: &Panel, period: usize) -> NaiveDate {
    panel
        .periods()
        .range(panel.periods().period_at(period))
        .unwrap()
        .start()
}

/// The day on which a period is told that was not watched while it ran.
fn told_on(panel: &Panel, period: usize) -> NaiveDate {
    let range = panel.periods().range(panel.periods().period_at(period));
    range.unwrap().end().pred_opt().unwrap()
}

/// What a condition says by itself.
fn says(panel: &Panel, of: &Condition, subject: usize, period: usize) -> Truth {
    let alone = RuleDef::new("alone", of.clone()).unwrap();
    let rules = RuleSet::compile([alone], panel).unwrap();
    let judge = rules.over(panel).unwrap();
    let key = &rules.rules().next().unwrap().key;
    judge
        .truth(key, judge.row_at(subject), judge.period_at(period))
        .unwrap()
}

/// Since when a condition that holds in a period has been so: with a condition over several periods, since the first of them.
fn began(panel: &Panel, of: &Condition, subject: usize, period: usize) -> usize {
    let so = |of: &Condition, at: usize| says(panel, of, subject, at).is_true();
    let row = |of: &Condition| {
        let mut first = period;
        while first > 0 && so(of, first - 1) {
            first -= 1;
        }
        first
    };
    let each = |parts: &[Condition]| -> Vec<usize> {
        let mut found: Vec<usize> = parts
            .iter()
            .filter(|part| so(part, period))
            .map(|part| began(panel, part, subject, period))
            .collect();
        found.sort_unstable();
        found
    };
    let over = |periods: u16, inner: &dyn Fn(usize) -> Option<usize>| {
        let first = row(of);
        let start = (first + 1).saturating_sub(usize::from(periods));
        (start..=first).find_map(inner).unwrap_or(first)
    };
    let inside =
        |inner: &Condition, at: usize| so(inner, at).then(|| began(panel, inner, subject, at));
    match of {
        Condition::All(parts) => each(parts).last().copied().unwrap_or(0),
        Condition::Any(parts) => each(parts).first().copied().unwrap_or(period),
        Condition::AtLeast(least) => match least.count {
            0 => 0,
            count => each(&least.of)
                .get(count as usize - 1)
                .copied()
                .unwrap_or(period),
        },
        Condition::Consecutive(row) => over(row.span.count, &|at| inside(&row.of, at)),
        Condition::Within(some) => over(some.span.count, &|at| inside(&some.of, at)),
        Condition::Trend(trend) => {
            let step = Condition::Trend(quotaflow::rule::Trend {
                span: 1.into(),
                ..trend.clone()
            });
            over(trend.span.count, &|at| {
                so(&step, at).then(|| {
                    let mut first = at;
                    while first > 0 && so(&step, first - 1) {
                        first -= 1;
                    }
                    first
                })
            })
        }
        Condition::Stale(silence) | Condition::Late(silence) => {
            let none = Condition::missing(silence.of.clone());
            over(silence.span.count, &|at| inside(&none, at))
        }
        _ => row(of),
    }
}

/// Whether some part of a condition is about more than one period: only such a condition began before it was so.
fn looks_back(of: &Condition) -> bool {
    match of {
        Condition::All(parts) | Condition::Any(parts) => parts.iter().any(looks_back),
        Condition::AtLeast(least) => least.of.iter().any(looks_back),
        Condition::Not(of) => looks_back(of),
        Condition::Consecutive(row) => row.span.count > 1 || looks_back(&row.of),
        Condition::Within(some) => some.span.count > 1 || looks_back(&some.of),
        Condition::Trend(trend) => trend.span.count > 1,
        Condition::Stale(silence) | Condition::Late(silence) => silence.span.count > 1,
        _ => false,
    }
}

fn severity(rule: &RuleDef, panel: &Panel, subject: usize, period: usize) -> Severity {
    match &rule.severity {
        Grade::Fixed(severity) => *severity,
        Grade::By(bands) => match value(panel, &bands.of, subject, period) {
            Ok(value) => bands.severity(Some(value)),
            Err(_) => bands.unknown,
        },
    }
}

/// The share of changes among the last 21 periods, the later the heavier, as the method is described.
fn share_of_changes(history: &[bool]) -> f64 {
    let mut last: Vec<bool> = history.iter().rev().take(21).rev().copied().collect();
    while last.len() < 21 {
        last.insert(0, false);
    }
    let weights = (0..20_u32).map(|place| 0.75 + 0.5 * f64::from(place) / 19.0);
    let changes = last.windows(2).map(|pair| pair[0] != pair[1]);
    let sum: f64 = weights
        .zip(changes)
        .filter(|(_, change)| *change)
        .map(|(weight, _)| weight)
        .sum();
    sum / 20.0 * 100.0
}

impl Model {
    pub(super) fn go_on(&mut self, judge: &Judge<'_>, period: usize) -> Vec<Line> {
        let panel = judge.panel();
        let mut told = Vec::new();
        for (index, rule) in judge.rules().rules().enumerate() {
            for subject in 0..panel.subjects().len() {
                self.one(judge, (index, rule), subject, period, &mut told);
            }
        }
        told
    }

    fn one(
        &mut self,
        judge: &Judge<'_>,
        (index, rule): (usize, &RuleDef),
        subject: usize,
        period: usize,
        told: &mut Vec<Line>,
    ) {
        let panel = judge.panel();
        let day = told_on(panel, period);
        let cell = self.cells.entry((index, subject)).or_default();
        let members = panel.subjects().members(panel.subjects().row_at(subject));
        let provided = rule.scope.provided.as_ref();
        let provided = provided.map_or(Truth::True, |of| says(panel, of, subject, period));
        let concerned = rule.scope.concerns(members, start(panel, period)) && !provided.is_false();
        let when = judge
            .truth(&rule.key, judge.row_at(subject), judge.period_at(period))
            .unwrap();
        let clear = judge
            .cleared(&rule.key, judge.row_at(subject), judge.period_at(period))
            .unwrap();
        let as_true = rule.unknown == WhenUnknown::Fire && when.is_unknown();
        let holds = concerned && provided.is_true() && (when == Truth::True || as_true);
        let clear = !holds && (!concerned || clear == Truth::True);
        let answer = provided.and(when);
        if let (true, Truth::Unknown(reason)) =
            (concerned && rule.unknown == WhenUnknown::Report, answer)
        {
            if !cell.undecided {
                let id = AlertId::new(rule.key.clone(), members.to_vec(), day);
                told.push((id, What::Undecided(reason)));
            }
            cell.undecided = true;
        } else {
            cell.undecided = false;
        }
        cell.past.push((holds, concerned));
        let quiet = cell.flapping;
        if holds != cell.firing && (holds || clear) {
            cell.row.push(period);
        } else {
            cell.row.clear();
        }
        let passed = |row: &[usize]| (start(panel, period) - start(panel, row[0])).num_days();
        let enough = |row: &[usize], periods: Option<usize>, days: u32| {
            !row.is_empty()
                && match periods {
                    Some(periods) => row.len() >= periods,
                    None => passed(row) >= i64::from(days),
                }
        };
        if cell.firing {
            let over = match rule.life.keep {
                Keep::None => enough(&cell.row, Some(1), 0),
                Keep::Periods(span) => enough(&cell.row, Some(usize::from(span.count)), 0),
                Keep::Days(days) => enough(&cell.row, None, days),
            };
            let alert = &mut self.alerts[cell.latest.unwrap()];
            if over {
                (cell.firing, cell.row) = (false, Vec::new());
                if alert.ended.is_none() {
                    alert.ended = Some(Status::Resolved { on: day });
                    if !quiet {
                        told.push((alert.id.clone(), What::Resolved));
                    }
                }
            } else if holds && alert.ended.is_none() {
                let now = severity(rule, panel, subject, period);
                if now > alert.severity {
                    alert.severity = now;
                    told.push((alert.id.clone(), What::Graver));
                }
            }
        } else {
            let long = match rule.persistence {
                Persistence::Immediate => enough(&cell.row, Some(1), 0),
                Persistence::Periods(span) => enough(&cell.row, Some(usize::from(span.count)), 0),
                Persistence::Days(days) => enough(&cell.row, None, days),
            };
            if long {
                let what = rise(&mut self.alerts, cell, rule, panel, subject, day);
                told.extend(what.filter(|_| !quiet));
            }
        }
        cell.history.push(cell.firing);
        if let Some(limits) = rule.life.flapping {
            let limit = if cell.flapping {
                limits.stop
            } else {
                limits.start
            };
            // Shares are seventy-sixths of five percent: nothing lies near a whole one by accident.
            let now = share_of_changes(&cell.history) >= f64::from(limit) - 1e-9;
            if now != cell.flapping {
                cell.flapping = now;
                let what = if now {
                    What::FlappingStarted
                } else {
                    What::FlappingStopped
                };
                let alert = &self.alerts[cell.latest.unwrap()];
                told.push((alert.id.clone(), what));
            }
        }
    }

    /// Gives up what is too old at the end of a period.
    pub(super) fn give_up(&mut self, judge: &Judge<'_>, today: NaiveDate) -> Vec<Line> {
        let mut told = Vec::new();
        for alert in &mut self.alerts {
            let rule = judge.rules().find(alert.id.rule().as_str()).unwrap();
            let days = rule.life.expire_days;
            let old = (today - alert.fired).num_days();
            if days > 0 && alert.ended.is_none() && old >= i64::from(days) {
                alert.ended = Some(Status::Expired { on: today });
                told.push((alert.id.clone(), What::Expired));
            }
        }
        told
    }
}

/// Opens an alert, or the one before again; nothing while the rule rests.
fn rise(
    alerts: &mut Vec<Lived>,
    cell: &mut Cell,
    rule: &RuleDef,
    panel: &Panel,
    subject: usize,
    day: NaiveDate,
) -> Option<Line> {
    let now = severity(rule, panel, subject, *cell.row.last()?);
    let before = cell.latest.map(|latest| alerts[latest].clone());
    if let Some(before) = &before {
        let (end, resolved) = match before.ended.as_ref()? {
            Status::Resolved { on } => (*on, true),
            Status::Expired { on } => (*on, false),
            _ => return None,
        };
        let passed = (day - end).num_days();
        if resolved && passed < i64::from(rule.life.reopen_days) {
            let alert = &mut alerts[cell.latest?];
            alert.ended = None;
            alert.pauses.push(Pause { from: end, to: day });
            alert.severity = alert.severity.max(now);
            (cell.firing, cell.row) = (true, Vec::new());
            return Some((alert.id.clone(), What::Reopened));
        }
        if passed < i64::from(rule.life.cooldown_days) {
            return None;
        }
    }
    let mut first = cell.row[0];
    let true_at_first = says(panel, &rule.when, subject, first).is_true();
    let earliest = if true_at_first && looks_back(&rule.when) {
        began(panel, &rule.when, subject, first)
    } else {
        first
    };
    while first > earliest && cell.past[first - 1].1 {
        first -= 1;
        if cell.past[first].0 {
            first = cell.row[0];
            break;
        }
    }
    let since = told_on(panel, first);
    let members = panel
        .subjects()
        .members(panel.subjects().row_at(subject))
        .to_vec();
    let id = AlertId::new(rule.key.clone(), members, day);
    alerts.push(Lived {
        id: id.clone(),
        severity: now,
        since,
        fired: day,
        ended: None,
        pauses: Vec::new(),
        recurrence: before.map_or(0, |before| before.recurrence + 1),
    });
    cell.latest = Some(alerts.len() - 1);
    (cell.firing, cell.row) = (true, Vec::new());
    Some((id, What::Fired))
}
