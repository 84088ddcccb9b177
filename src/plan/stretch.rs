//! Stretches: planned cells from a day to a day, and what edits of them did to the curves of the cells.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::cascade::Kind;
use super::frame::Selection;
use super::{CountedDays, DayCurve, EditError, NodeId, Path, Place, Plan, PlanError, Sheet};
use crate::calendar::{DayRange, WorkingDays};
use crate::key::Key;
use crate::quantity::{Number, Quantity, Ratio};

/// A part of a plan from a day to a day: what of its cells falls on these days, each by its [`DayCurve`].
///
/// It is a node like others: it can be asked ([`Plan::stretch`]), explained ([`Plan::explain_stretch`]), edited ([`StretchEdit`]) and
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
/// # Ok::<(), Box<dyn std::error::Error>>(())
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
    /// How much more; less below zero.
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

impl Sheet {
    /// Returns the working days by which cells are shared; none where all days count alike.
    pub(super) fn curve_days(&self) -> Result<Option<&WorkingDays>, PlanError> {
        match self.cascade().counted() {
            CountedDays::Calendar => Ok(None),
            CountedDays::Working => {
                let days = self.cascade().working_days();
                Ok(Some(days.ok_or(PlanError::NoWorkingDays)?))
            }
        }
    }
}

impl Plan {
    /// Returns what of a place falls on the days of a stretch.
    ///
    /// # Errors
    /// [`PlanError::UnknownMeasure`]; [`PlanError::NotForKind`] for a measure that does not add up over time; the errors of places.
    pub fn stretch(&self, measure: &str, stretch: &Stretch) -> Result<Quantity, PlanError> {
        let number = self.sheet_index(measure)?;
        let units = self.stretch_units(number, stretch)?;
        Ok(self.sheets[number].measure().quantum.quantity(units))
    }

    /// Returns why a stretch has its amount.
    ///
    /// # Errors
    /// As [`Plan::stretch`].
    pub fn explain_stretch(
        &self,
        measure: &str,
        stretch: &Stretch,
    ) -> Result<StretchProvenance, PlanError> {
        let number = self.sheet_index(measure)?;
        let sheet = &self.sheets[number];
        let quantum = sheet.measure().quantum;
        let working = sheet.curve_days()?;
        let mut cells = Vec::new();
        for leaf in self.cells_in(number, stretch)? {
            let curve = self.curve(sheet, leaf)?;
            let (start, end) = (stretch.days.start(), stretch.days.end());
            let edits = sheet.bends(leaf).iter().map(|bend| {
                let part = curve.bend_until(bend, end)? - curve.bend_until(bend, start)?;
                Ok((bend.days, quantum.quantity(part)))
            });
            let days = curve.days();
            cells.push(StretchCell {
                path: self.frame.path(leaf),
                cell: quantum.quantity(self.value(number, leaf)),
                days: days
                    .before(end, working)?
                    .checked_sub(days.before(start, working)?)?,
                of: days.count(working)?,
                amount: quantum.quantity(curve.between(start, end)?),
                edits: edits.collect::<Result<_, PlanError>>()?,
            });
        }
        Ok(StretchProvenance {
            measure: sheet.measure().key.clone(),
            stretch: stretch.clone(),
            amount: quantum.quantity(self.stretch_units(number, stretch)?),
            cells,
        })
    }

    /// Returns the curve of a leaf.
    pub(super) fn curve<'a>(
        &'a self,
        sheet: &'a Sheet,
        leaf: NodeId,
    ) -> Result<DayCurve<'a>, PlanError> {
        let period = self.frame.period_of(leaf);
        let days = self.frame.cell_days(leaf.level(), leaf.index(), period);
        let curve = DayCurve::over(days, sheet.amounts().at(leaf), sheet.curve_days()?);
        Ok(curve.bent(sheet.bends(leaf)))
    }

    /// Returns the leaves of a stretch that have a day in it.
    pub(super) fn cells_in(
        &self,
        sheet: usize,
        stretch: &Stretch,
    ) -> Result<Vec<NodeId>, PlanError> {
        let own = &self.sheets[sheet];
        if !matches!(own.cascade().kind(), Kind::Flow) {
            return Err(PlanError::NotForKind {
                measure: own.measure().key.clone(),
                kind: own.cascade().kind().name(),
                what: "a stretch of days",
            });
        }
        let selection: Selection = self.frame.select(&stretch.at)?;
        let mut leaves = self.leaves_of(&selection);
        leaves.retain(|leaf| !self.days_in(*leaf, stretch.days).is_empty());
        Ok(leaves)
    }

    /// Returns the days of a leaf that lie in a range.
    pub(super) fn days_in(&self, leaf: NodeId, range: DayRange) -> Vec<DayRange> {
        let days = self
            .frame
            .cell_days(leaf.level(), leaf.index(), self.frame.period_of(leaf));
        let own = days.ranges().iter();
        own.filter_map(|own| own.intersection(range)).collect()
    }

    /// Returns what falls on a stretch, in quanta.
    pub(super) fn stretch_units(&self, sheet: usize, stretch: &Stretch) -> Result<i64, PlanError> {
        let own = &self.sheets[sheet];
        let mut sum = 0_i128;
        for leaf in self.cells_in(sheet, stretch)? {
            let part = self
                .curve(own, leaf)?
                .between(stretch.days.start(), stretch.days.end())?;
            sum += i128::from(part);
        }
        i64::try_from(sum).map_err(|_| PlanError::SumOutOfRange {
            measure: own.measure().key.clone(),
        })
    }

    /// Refuses a cell whose curve runs against its amount between two of its bends.
    pub(super) fn check_curve(&self, sheet: usize, leaf: NodeId) -> Result<(), PlanError> {
        let own = &self.sheets[sheet];
        let curve = self.curve(own, leaf)?;
        let Some(hull) = curve.days().hull() else {
            return Ok(());
        };
        let mut points: Vec<NaiveDate> = vec![hull.start(), hull.end()];
        for bend in own.bends(leaf) {
            points.extend([bend.days.start(), bend.days.end()]);
        }
        points.retain(|point| hull.start() <= *point && *point <= hull.end());
        points.sort_unstable();
        points.dedup();
        let units = own.amounts().at(leaf);
        for pair in points.windows(2) {
            let part = curve.between(pair[0], pair[1])?;
            if (part < 0 && units >= 0) || (part > 0 && units <= 0) {
                return Err(PlanError::Edit(EditError::RunsBackwards {
                    place: self.frame.path(leaf),
                    day: pair[0],
                    amount: own.measure().quantum.amount(part),
                }));
            }
        }
        Ok(())
    }
}
