//! Plans that people hand in: how often they were written, and how complete they are.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::error::DutyError;
use crate::charter::{LackOf, Part, WrittenPart, lacks};
use crate::key::Key;
use crate::measure::Direction;
use crate::panel::RollUp;
use crate::panel::{Column, ColumnBuilder, Columns, Panel, Reason};

/// A version of somebody's plan for a period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenPlan {
    /// Whose plan it is.
    pub person: Key,
    /// A day of the period for which it is.
    pub for_day: NaiveDate,
    /// When this version was written.
    pub made: NaiveDate,
    /// Its parts.
    #[serde(default, deserialize_with = "crate::document::keys_once")]
    pub parts: BTreeMap<Part, WrittenPart>,
}

/// Gives columns of written plans: `<name>.versions` (how many were written for the period by `as_of`; 0 is no plan),
/// `<name>.rewrites` (versions after the first), `<name>.parts` (the share of the ten parts of which nothing is missing) and
/// `<name>.gaps` (what is missing, counted), both of the latest version of each person, and `<name>.without_owner`
/// (parts for which nobody answers or that have no date).
///
/// A period belongs to a plan by its day. Parts and gaps are not recorded where there is no plan.
///
/// # Errors
/// [`DutyError::Key`], [`DutyError::Panel`]; [`DutyError::Duplicate`] for two versions of one person, period and day.
pub fn written_plan_columns(
    name: &Key,
    plans: &[WrittenPlan],
    to: RollUp<'_>,
    as_of: NaiveDate,
) -> impl Columns<Error = DutyError> {
    move |panel: &Panel| -> Result<Vec<Column>, DutyError> {
        let mut versions: BTreeMap<(&Key, usize), BTreeMap<NaiveDate, &WrittenPlan>> =
            BTreeMap::new();
        for plan in plans.iter().filter(|plan| plan.made <= as_of) {
            let Some(period) = panel.periods().on(plan.for_day) else {
                continue;
            };
            let own = versions.entry((&plan.person, period.index())).or_default();
            if own.insert(plan.made, plan).is_some() {
                return Err(DutyError::Duplicate {
                    what: "version of one day of the plan of",
                    key: plan.person.clone(),
                });
            }
        }
        let mut cells = vec![Written::default(); panel.cells()];
        for ((person, _), own) in versions {
            let Some((_, latest)) = own.last_key_value() else {
                continue;
            };
            let Some(cell) = to
                .cell(panel, person, latest.for_day)
                .and_then(|at| cells.get_mut(at))
            else {
                continue;
            };
            let gaps = lacks(&latest.parts);
            let whole = |part: &&Part| gaps.iter().all(|gap| gap.part != **part);
            let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
            let mut unowned: Vec<Part> = gaps
                .iter()
                .filter(|gap| matches!(gap.what, LackOf::NoOwner | LackOf::NoDate))
                .map(|gap| gap.part)
                .collect();
            unowned.dedup();
            cell.plans += 1;
            cell.versions += count(own.len());
            cell.whole += count(Part::ALL.iter().filter(whole).count());
            cell.gaps += count(gaps.len());
            cell.unowned += count(unowned.len());
        }
        let named = ColumnBuilder::new(name, &cells);
        let written = |cell: &Written, told: i64| match cell.plans {
            0 => Err(Reason::NothingRecorded),
            _ => Ok(told),
        };
        let parts = count_of_parts();
        Ok(vec![
            named
                .counts("versions", |cell| Ok(cell.versions))?
                .better(Direction::Neutral),
            named
                .counts("rewrites", |cell| Ok(cell.versions - cell.plans))?
                .better(Direction::Smaller),
            named.shares("parts", |cell| {
                Ok((written(cell, cell.whole)?, cell.plans.saturating_mul(parts)))
            })?,
            named
                .counts("gaps", |cell| written(cell, cell.gaps))?
                .better(Direction::Smaller),
            named
                .counts("without_owner", |cell| written(cell, cell.unowned))?
                .better(Direction::Smaller),
        ])
    }
}

#[derive(Debug, Clone, Copy, Default)]
struct Written {
    plans: i64,
    versions: i64,
    whole: i64,
    gaps: i64,
    unowned: i64,
}

fn count_of_parts() -> i64 {
    i64::try_from(Part::ALL.len()).unwrap_or(i64::MAX)
}
