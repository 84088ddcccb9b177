//! What duties and matched plans add to a panel of people.

use chrono::NaiveDate;

use super::{Compliance, DutyCounts, DutyError, DutyReport, ExecutionCounts, MatchReport};
use crate::key::Key;
use crate::measure::{Direction, Unit};
use crate::panel::{Column, ColumnKey, Panel, Role};
use crate::quantity::{Quantum, Ratio};

/// Returns columns of a matched plan for a panel whose subjects are single persons:
///
/// `<name>.due`, `<name>.done`, `<name>.missed`, `<name>.unplanned` (counts), `<name>.compliance` (done, of those due and not
/// excused), `<name>.adherence` (done as planned, of the same), `<name>.unplanned_share` (of everything done).
///
/// Items belong to the period of their planned day, unplanned ones to that of the day on which they were done.
///
/// # Errors
/// [`DutyError::Key`], [`DutyError::Panel`].
pub fn compliance_columns(
    name: &Key,
    report: &MatchReport,
    panel: &Panel,
) -> Result<Vec<Column>, DutyError> {
    let cells = report.compliance_by(panel.cells(), |person, day| place(panel, person, day));
    let count = |what: &str, of: fn(&Compliance) -> i64| counted(name, what, &cells, of);
    let rate = |what: &str, top: fn(&Compliance) -> i64, bottom: fn(&Compliance) -> i64| {
        rated(name, what, &cells, top, bottom)
    };
    Ok(vec![
        count("due", |counts| counts.due)?,
        count("done", |counts| counts.done)?,
        count("missed", |counts| counts.missed)?.better(Direction::Smaller),
        count("unplanned", |counts| counts.unplanned)?.better(Direction::Neutral),
        rate("compliance", |counts| counts.done, Compliance::binding)?,
        rate("adherence", |counts| counts.as_planned, Compliance::binding)?,
        rate(
            "unplanned_share",
            |counts| counts.unplanned,
            |counts| counts.done.saturating_add(counts.unplanned),
        )?
        .better(Direction::Neutral),
    ])
}

/// Returns columns of a duty for a panel whose subjects are single persons:
///
/// `<name>.due`, `<name>.missing` (counts), `<name>.punctuality` (on time, of those due), `<name>.completeness` (handed in, of
/// those due). Obligations belong to the period of their due day.
///
/// # Errors
/// [`DutyError::Key`], [`DutyError::Panel`].
pub fn duty_columns(
    name: &Key,
    report: &DutyReport,
    panel: &Panel,
) -> Result<Vec<Column>, DutyError> {
    let cells = report.counts_by(panel.cells(), |person, day| place(panel, person, day));
    Ok(vec![
        counted(name, "due", &cells, DutyCounts::due)?,
        counted(name, "missing", &cells, |counts| counts.missing)?.better(Direction::Smaller),
        rated(
            name,
            "punctuality",
            &cells,
            |counts| counts.on_time,
            DutyCounts::due,
        )?,
        rated(
            name,
            "completeness",
            &cells,
            DutyCounts::handed_in,
            DutyCounts::due,
        )?,
    ])
}

/// Returns columns of execution for a panel, from counts for each of its cells:
///
/// `<name>.timeliness`, `<name>.quality`, `<name>.quantity`. More than planned counts as planned.
///
/// # Errors
/// [`DutyError::Key`], [`DutyError::Panel`].
pub fn execution_columns(name: &Key, cells: &[ExecutionCounts]) -> Result<Vec<Column>, DutyError> {
    Ok(vec![
        rated(
            name,
            "timeliness",
            cells,
            |counts| counts.on_time,
            |counts| counts.due,
        )?,
        rated(
            name,
            "quality",
            cells,
            |counts| counts.good,
            |counts| counts.reviewed,
        )?,
        rated(
            name,
            "quantity",
            cells,
            |counts| counts.done.min(counts.planned),
            |counts| counts.planned,
        )?,
    ])
}

/// Returns the cell to which a person's day belongs.
fn place(panel: &Panel, person: &Key, day: NaiveDate) -> Option<usize> {
    let subject = panel.subjects().position(std::slice::from_ref(person))?;
    panel.cell(subject, panel.periods().position(day)?).ok()
}

fn counted<T>(
    name: &Key,
    what: &str,
    cells: &[T],
    of: impl Fn(&T) -> i64,
) -> Result<Column, DutyError> {
    let key = ColumnKey {
        metric: Key::new(format!("{name}.{what}"))?,
        role: Role::Actual,
    };
    let unit = Unit::Count(name.clone());
    Ok(Column::amounts(
        key,
        unit,
        Quantum::ONE,
        cells.iter().map(of).collect(),
    ))
}

fn rated<T>(
    name: &Key,
    what: &str,
    cells: &[T],
    top: impl Fn(&T) -> i64,
    bottom: impl Fn(&T) -> i64,
) -> Result<Column, DutyError> {
    let key = ColumnKey {
        metric: Key::new(format!("{name}.{what}"))?,
        role: Role::Actual,
    };
    let (tops, bottoms) = cells.iter().map(|cell| (top(cell), bottom(cell))).unzip();
    Ok(Column::quotients(
        key,
        Unit::Share,
        Ratio::ONE,
        tops,
        bottoms,
    )?)
}
