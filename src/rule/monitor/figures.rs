//! What alerts say about how exceptions are dealt with: figures for a panel, so that rules and cards can read them.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::record::{Outcome, Record, Status};
use crate::key::Key;
use crate::measure::{Direction, Unit};
use crate::panel::{Column, ColumnKey, Panel, Role};
use crate::quantity::{Quantum, Ratio};

/// Returns columns for a panel about the alerts of its subjects; of all rules where `rules` is empty. A rule over them makes
/// an exception of the same cause that keeps coming back.
///
/// | column | unit | what it says of a subject in a period |
/// |---|---|---|
/// | `alerts_fired` | `count:alert` | alerts that fired first in it |
/// | `alerts_recurred` | `count:alert` | those of them that had an alert of the same rule before, and reopenings are not counted |
/// | `alerts_open` | `count:alert` | alerts that were open at its end |
/// | `days_to_resolve` | `day per count:alert` | mean days from the first firing to the end, of those that ended in it; no base where none did |
/// | `cures_failed` | `count:alert` | cures whose effect was looked at in it and that were not done or had none |
///
/// Alerts given up count as open until then and never as resolved. Alerts of subjects that the panel does not have are left
/// out.
///
/// ```
/// use std::collections::BTreeMap;
/// use quotaflow::calendar::{Calendar, Grain};
/// use quotaflow::panel::{Column, ColumnKey, Panel};
/// use quotaflow::quantity::Quantum;
/// use quotaflow::rule::monitor::{Monitor, figures};
/// use quotaflow::rule::{RuleDef, RuleSet};
/// use quotaflow::space::Subjects;
/// let months = Calendar::gregorian().periods(Grain::Month, "2026-01-01".parse()?, "2026-07-01".parse()?)?;
/// let mut panel = Panel::new(Subjects::whole(), months);
/// panel.add(Column::amounts(ColumnKey::actual("visits")?, "count:visit".parse()?, Quantum::ONE, vec![9, 3, 9, 4, 9, 2]))?;
/// let idle = RuleSet::compile([RuleDef::new("idle", "visits < 5".parse()?)?], &panel)?;
/// let monitor = Monitor::replay(&idle, &panel, 5, |_| Default::default())?;
/// for column in figures(monitor.records(), &[], &panel) {
///     panel.add(column)?;
/// }
/// // Idle in February, again in April, and again in June.
/// let again = RuleDef::new("again", "alerts_recurred >= 1 in 2 of 3 months".parse()?)?;
/// let fired = RuleSet::compile([again], &panel)?.evaluate(&panel, 5)?;
/// assert_eq!(fired.len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn figures(records: &[Record], rules: &[Key], panel: &Panel) -> Vec<Column> {
    let wanted: BTreeSet<&Key> = rules.iter().collect();
    let periods = panel.periods();
    let cells = panel.cells();
    let (mut fired, mut recurred, mut open) =
        (vec![0_i64; cells], vec![0_i64; cells], vec![0; cells]);
    let (mut days, mut ended, mut failed) =
        (vec![0_i64; cells], vec![0_i64; cells], vec![0; cells]);
    for record in records {
        if !wanted.is_empty() && !wanted.contains(record.id.rule()) {
            continue;
        }
        let Some(subject) = panel.subjects().position(record.id.subject()) else {
            continue;
        };
        let cell = |day: NaiveDate| {
            let period = periods.position(day)?;
            panel.cell(subject, period).ok()
        };
        if let Some(at) = cell(record.fired) {
            fired[at] += 1;
            recurred[at] += i64::from(record.recurrence > 0);
        }
        if let Status::Resolved { on } = record.status
            && let Some(at) = cell(on)
            && let Some(passed) = record.days_to_end()
        {
            days[at] += passed;
            ended[at] += 1;
        }
        if let Some(cure) = &record.cure
            && matches!(
                cure.outcome,
                Some(Outcome::NotDone | Outcome::WithoutEffect)
            )
            && let Some(at) = cell(cure.check)
        {
            failed[at] += 1;
        }
        for period in 0..periods.len() {
            let Some(range) = periods.range(period) else {
                continue;
            };
            let there =
                record.fired < range.end() && record.ended().is_none_or(|end| end >= range.end());
            if there && let Ok(at) = panel.cell(subject, period) {
                open[at] += 1;
            }
        }
    }
    let alerts = Unit::Count(Key::from_static("alert"));
    let key = |name| ColumnKey {
        metric: Key::from_static(name),
        role: Role::Actual,
    };
    let mut columns: Vec<Column> = [
        ("alerts_fired", fired),
        ("alerts_recurred", recurred),
        ("alerts_open", open),
        ("cures_failed", failed),
    ]
    .into_iter()
    .map(|(name, units)| Column::amounts(key(name), alerts.clone(), Quantum::ONE, units))
    .collect();
    // There are as many days as alerts: the column is always there.
    columns.extend(Column::quotients(
        key("days_to_resolve"),
        Unit::Day.per(alerts),
        Ratio::ONE,
        days,
        ended,
    ));
    let better = |column: Column| column.better(Direction::Smaller);
    columns.into_iter().map(better).collect()
}
