//! Stretches: planned cells from a day to a day, and what edits of them did to the curves of the cells.

use serde::{Deserialize, Serialize};

use super::{Path, Place};
use crate::calendar::DayRange;
use crate::key::Key;
use crate::quantity::{Number, Quantity, Ratio};

/// A part of a plan from a day to a day: what of its cells falls on these days, each by its [`DayCurve`](crate::plan::DayCurve).
///
/// It is a node like others: it can be asked ([`Plan::stretch`](crate::plan::Plan::stretch)), explained ([`Plan::explain_stretch`](crate::plan::Plan::explain_stretch)), edited ([`StretchEdit`]) and
/// held. A place that names a person alone means all of theirs, in whatever team.
///
/// ```
/// # use quotaflow::calendar::{Calendar, DayRange, Grain};
/// # use quotaflow::measure::{Measure, Measures};
/// # use quotaflow::plan::{Cascade, CascadeDef, Place, Sources, StepDef, Stretch};
/// # use quotaflow::quantity::Quantum;
/// # use quotaflow::space::{DimensionDef, Space};
/// # let measures = Measures::new(vec![Measure::flow("sales", "money:EUR".parse()?, Quantum::CENT)?])?;
/// # let space = Space::new(vec![DimensionDef::flat("person", "person", ["ann"])?])?;
/// # let calendar = Calendar::gregorian();
/// # let january = DayRange::new("2026-01-01".parse()?, "2026-02-01".parse()?)?;
/// # let recipe = CascadeDef::new("plan".try_into()?, "sales".try_into()?, january)
/// #     .step(StepDef::member("person", "person")?).step(StepDef::grain(Grain::Month));
/// let plan = Cascade::compile(recipe, &Sources::new(&measures, &space).calendar(&calendar))?.run(1000.into())?;
/// let half = DayRange::new("2026-01-01".parse()?, "2026-01-15".parse()?)?;
/// let ann = Stretch::new(Place::whole().at("person", "ann")?, half);
/// assert_eq!(plan.stretch("sales", &ann)?.to_string(), "451.61");
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stretch {
    /// The place; the whole plan when left out.
    #[serde(default, skip_serializing_if = "Place::is_whole")]
    pub at: Place,
    /// The days.
    pub days: DayRange,
}

impl Stretch {
    /// Returns the stretch of a place.
    #[must_use]
    pub fn new(at: Place, days: DayRange) -> Self {
        Self { at, days }
    }
}

/// Adds to the target of a stretch. What was planned up to its first day never changes.
///
/// Edits add up, so that their order does not matter. Within the stretch the addition grows by its days, rounded once a day as all
/// of the curve is; a sum that would run backwards on some day is refused, naming the day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StretchEdit {
    /// The measure.
    pub measure: Key,
    /// The stretch. Where it lies in several cells, each of them gets its part of the addition in proportion to what it has on
    /// these days; by the days alone where they have nothing.
    pub stretch: Stretch,
    /// How much more; less below zero. Where the plan has two [layers](super::Layer), of the base.
    pub add: Number,
    /// Who gives what is added.
    #[serde(default)]
    pub offset: Offset,
}

/// Where what is added to a stretch comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Offset {
    /// From the later days of the same cell, so that its amount stays; from above where there are none. The default.
    #[default]
    Later,
    /// From above: the cell and all totals above it change by as much.
    Above,
}

/// What an edit added to the curve of a cell: nothing before its days, all of it after them, and in between by the days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Bend {
    pub(super) days: DayRange,
    pub(super) units: i64,
}

/// Adds a bend to others, so that any order of edits gives the same: one for each stretch, none of nothing.
pub(super) fn bent(bends: &[Bend], more: Bend) -> Option<Vec<Bend>> {
    let mut all = bends.to_vec();
    match all.iter_mut().find(|bend| bend.days == more.days) {
        Some(same) => same.units = same.units.checked_add(more.units)?,
        None => all.push(more),
    }
    all.retain(|bend| bend.units != 0);
    all.sort_unstable();
    Some(all)
}

/// Why a stretch has its amount: its cells, one by one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct StretchProvenance {
    /// The measure.
    pub measure: Key,
    /// The stretch.
    pub stretch: Stretch,
    /// What of its cells falls on its days: what the cells have there, added up.
    pub amount: Quantity,
    /// The cells with a day in it, in the order of the plan.
    pub cells: Vec<StretchCell>,
}

/// What one cell has on the days of a stretch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct StretchCell {
    /// The cell.
    pub path: Path,
    /// Its whole amount.
    pub cell: Quantity,
    /// How many of its days lie in the stretch, as the plan counts them.
    pub days: Ratio,
    /// How many days it has.
    pub of: Ratio,
    /// What falls on these days.
    pub amount: Quantity,
    /// What edits added on these days, by the stretch that was edited; the rest of the amount is its share by days.
    pub edits: Vec<(DayRange, Quantity)>,
}
