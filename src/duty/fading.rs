//! Initiatives that fade out before their end (虎头蛇尾).

use serde::{Deserialize, Serialize};

use super::error::DutyError;
use crate::key::Key;
use crate::panel::{
    Column, ColumnBuilder, ColumnKey, Columns, Panel, Parts, Reason, Told, ratio_parts,
};
use crate::quantity::Ratio;

/// How an initiative went on: what was done of what was planned at its beginning and now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fading {
    /// The share done in the first periods.
    pub first: Ratio,
    /// The share done in the latest periods.
    pub latest: Ratio,
    /// Whether each of the latest periods stayed below the stated part of the beginning.
    pub fades: bool,
}

/// Says whether an initiative fades out before its end (虎头蛇尾): in each of its latest `window` periods less was done, of
/// what was planned, than `part` of the share done in its first `window` periods.
///
/// `periods` are (done, planned), the first one first; periods without a plan are left out. `None` while there are fewer
/// than twice `window` periods with a plan, or when nothing was done at the beginning: what never began cannot fade.
///
/// ```
/// use quotaflow::duty::fading;
/// use quotaflow::quantity::Ratio;
/// let weeks = [(9, 10), (10, 10), (7, 10), (0, 0), (4, 10), (3, 10)];
/// assert!(fading(&weeks, 2, Ratio::percent(50)).is_some_and(|found| found.fades));
/// ```
#[must_use]
pub fn fading(periods: &[(i64, i64)], window: usize, part: Ratio) -> Option<Fading> {
    let planned: Vec<(i64, i64)> = periods
        .iter()
        .copied()
        .filter(|(_, plan)| *plan > 0)
        .collect();
    if window == 0 || planned.len() < window.checked_mul(2)? {
        return None;
    }
    let share = |some: &[(i64, i64)]| {
        let sum = |of: fn(&(i64, i64)) -> i64| some.iter().map(|one| i128::from(of(one))).sum();
        Ratio::new(sum(|one| one.0), sum(|one| one.1)).ok()
    };
    let first = share(&planned[..window])?;
    let last = &planned[planned.len() - window..];
    let bar = first.checked_mul(part).ok()?;
    if first <= Ratio::ZERO {
        return None;
    }
    let fades = last
        .iter()
        .all(|one| share(std::slice::from_ref(one)).is_some_and(|share| share < bar));
    Some(Fading {
        first,
        latest: share(last)?,
        fades,
    })
}

/// Gives `<name>.momentum`: what is left of an initiative, period by period, as the share done of what was planned in the
/// latest `window` periods, over that of its first `window` periods. 1 goes on as it began, below a half fades out.
///
/// `done` and `planned` are columns of counts of a panel. Periods without a plan are left out; a cell whose period has no
/// plan, or before the initiative has twice `window` periods with a plan, is not yet due. Where nothing was done at the
/// beginning there is no base.
///
/// # Errors
/// [`DutyError::Key`], [`DutyError::Panel`] for an unknown column, [`DutyError::NotCounts`] for one of quotients,
/// [`DutyError::NoWindow`].
pub fn fading_columns(
    name: &Key,
    done: &ColumnKey,
    planned: &ColumnKey,
    window: usize,
) -> impl Columns<Error = DutyError> {
    move |panel: &Panel| -> Result<Vec<Column>, DutyError> {
        if window == 0 {
            return Err(DutyError::NoWindow);
        }
        let (done, planned) = (counts(panel, done)?, counts(panel, planned)?);
        let subjects = panel.subjects().len();
        let mut cells: Vec<Parts> = vec![Err(Reason::NotYetDue); panel.cells()];
        for subject in 0..subjects {
            let mut past: Vec<(i64, i64)> = Vec::new();
            for period in 0..panel.periods().len() {
                let at = period * subjects + subject;
                match (done.get(at), planned.get(at)) {
                    (Some(Ok(done)), Some(Ok(plan))) if *plan > 0 => past.push((*done, *plan)),
                    _ => continue,
                }
                if let (Some(cell), true) = (cells.get_mut(at), past.len() / 2 >= window) {
                    *cell = kept(&past, window);
                }
            }
        }
        Ok(vec![
            ColumnBuilder::new(name, &cells).shares("momentum", |cell| *cell)?,
        ])
    }
}

fn kept(past: &[(i64, i64)], window: usize) -> Parts {
    let share = |some: &[(i64, i64)]| {
        let sum = |of: fn(&(i64, i64)) -> i64| some.iter().map(|one| i128::from(of(one))).sum();
        Ratio::new(sum(|one| one.0), sum(|one| one.1)).map_err(|_| Reason::OutOfRange)
    };
    let first = share(past.get(..window).unwrap_or_default())?;
    let latest = share(past.get(past.len() - window..).unwrap_or_default())?;
    if first.is_zero() {
        return Err(Reason::NoBase);
    }
    let kept = latest.checked_div(first);
    ratio_parts(kept.map_err(|_| Reason::OutOfRange)?)
}

/// Returns the counts of a column, or why there are none.
fn counts(panel: &Panel, key: &ColumnKey) -> Result<Vec<Told>, DutyError> {
    let column = panel.column(key)?;
    let (_, told) = column.told().ok_or_else(|| DutyError::NotCounts {
        column: key.clone(),
    })?;
    Ok(told)
}
