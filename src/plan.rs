//! Targets over a space: a total cascaded to every member and period, exactly.
//!
//! A [`CascadeDef`] says in which order a total is split (by any levels of any dimensions, and by any periods) and by
//! which basis at each step. Compiled against its [`Sources`] it is a [`Cascade`], which turns totals into [`Plan`]s. A plan
//! is sparse: it has nodes for the combinations that exist, and nothing for the others.
//!
//! Every sum holds exactly: the children of a node add up to what it hands down, and leaves roll up over every hierarchy
//! of every dimension and over every set of periods. [`Plan::verify`] proves it, [`Plan::explain`] says where a number
//! came from.
//!
//! Flows are split over members and over periods. A stock is split over members and follows a path over time, from what it
//! was before the first period to its amount in the last. A rating is set for everybody and rolls up as a weighted mean. A
//! ratio is planned through its two parts; a [`LinkDef`] says which of the three gives way when another is changed.
//!
//! A [`Reconciliation`] brings a bottom-up draft and a top-down number together; a [`CharterDef`] is what makes numbers a
//! plan.

mod basis;
mod bounds;
mod cascade;
mod change;
mod charter;
mod curve;
mod edit;
mod error;
mod explain;
#[cfg(test)]
mod fixture;
mod frame;
mod hold;
mod link;
mod lots;
mod patch;
mod pattern;
mod place;
mod prescribed;
mod rating;
mod ratio;
mod recipe;
mod reconciliation;
mod respread;
mod rollup;
mod sequence;
mod source;
mod step;
mod stock;
mod verify;
mod version;

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDate;

use crate::key::{Key, nearest};
use crate::measure::Measure;
use crate::quantity::Quantity;

pub use bounds::NodeLimit;
pub use cascade::Cascade;
pub use change::{
    Carry, Change, Edit, GrowthOf, HoldEdit, HoldWhat, Mode, Reference, RepeatCells, Spread, Verb,
    ZeroBase,
};
pub use charter::{ActionDef, CharterDef, Lack, LackOf, Part, PostDef};
pub use curve::{DayCurve, Structure};
pub use error::PlanError;
pub use explain::{Derivation, Move, SplitReason};
pub use frame::{Frame, NodeId};
pub use link::{LinkDef, Yielding};
pub use pattern::Pattern;
pub use place::{Path, Place};
pub use ratio::{GivesWay, RatioEdit};
pub use recipe::{
    BasisDef, BeyondThreshold, BlendPart, BoundDef, CascadeDef, DepthDef, EmptyLevel, GivenDef,
    GivenWeight, GrownDef, GrowthDef, LotDef, OpeningDef, PadDef, SeasonDef, SplitDef, StepDef,
    TablePeriods, TableUse, TotalDef,
};
pub use reconciliation::{Gap, MoveDef, Reconciliation, RoundDef, Side};
pub use rollup::Rollup;
pub use source::{MissingFigure, Sources, Table};
pub use verify::{Discrepancy, Law};
pub use version::{CascadeRecord, ChangeSummary, Difference, PlanRecord};

use cascade::Amounts;
use hold::Marks;
use patch::Entry;
use ratio::Quotient;

/// Targets of one or more measures over one structure.
///
/// ```
/// use quotaflow::calendar::{Calendar, DayRange, Grain};
/// use quotaflow::key::Key;
/// use quotaflow::measure::{Measure, Measures};
/// use quotaflow::plan::{Cascade, CascadeDef, Sources, StepDef};
/// use quotaflow::quantity::Quantum;
/// use quotaflow::space::{Axis, DimensionDef, Space};
///
/// let measures = Measures::new(vec![Measure::flow("sales", "money:EUR".parse()?, Quantum::CENT)?])?;
/// let people = DimensionDef::new("person", &["region", "person"])?
///     .member("region", "north")?
///     .child("person", "ann", "north")?
///     .child("person", "bo", "north")?;
/// let space = Space::new(vec![people])?;
/// let calendar = Calendar::gregorian();
/// let sources = Sources::new(&measures, &space).calendar(&calendar);
///
/// let quarter = DayRange::new("2026-01-01".parse()?, "2026-04-01".parse()?)?;
/// let recipe = CascadeDef::new(Key::new("q1")?, Key::new("sales")?, quarter)
///     .step(StepDef::member("person", "person")?)
///     .step(StepDef::grain(Grain::Month));
/// let plan = Cascade::compile(recipe, &sources)?.run("100.01".parse()?)?;
///
/// let february = plan.frame().find(&["ann", "2026-02"])?;
/// assert_eq!(plan.amount("sales", february)?.to_string(), "16.67");
/// let regions = plan.roll_up("sales", &[Axis::new("person", "region")?], None)?;
/// assert_eq!(regions.of("north").map(|north| north.to_string()), Some("100.01".to_owned()));
/// assert!(plan.verify().is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Plan {
    frame: Arc<Frame>,
    sheets: Vec<Sheet>,
    quotients: Vec<Quotient>,
    closed_before: Option<NaiveDate>,
    closed: Marks,
    history: Vec<Entry>,
}

/// The amounts of one measure.
#[derive(Debug, Clone)]
struct Sheet {
    cascade: Cascade,
    amounts: Amounts,
    /// The total that was cascaded, from which explanations start.
    total: i64,
    /// Whether a change has moved amounts away from their over-assignments.
    pads_changed: bool,
    held: Marks,
    /// What each held node was held at.
    held_amounts: BTreeMap<(usize, usize), i64>,
}

impl Sheet {
    fn measure(&self) -> &Measure {
        self.cascade.measure()
    }

    /// Returns what a node hands down to its children.
    fn handed_down(&self, level: usize, index: usize, own: i64) -> i128 {
        let pad = self.amounts.pads[level]
            .as_ref()
            .map_or(0, |pads| pads[index]);
        let apart = self.amounts.apart[level].get(&index).copied().unwrap_or(0);
        i128::from(own) + i128::from(pad) - i128::from(apart)
    }
}

impl Plan {
    fn from_amounts(cascade: Cascade, amounts: Amounts) -> Self {
        let total = amounts
            .values
            .first()
            .and_then(|top| top.first())
            .copied()
            .unwrap_or(0);
        Self {
            frame: Arc::clone(cascade.frame()),
            sheets: vec![Sheet {
                cascade,
                amounts,
                total,
                pads_changed: false,
                held: Marks::default(),
                held_amounts: BTreeMap::new(),
            }],
            quotients: Vec::new(),
            closed_before: None,
            closed: Marks::default(),
            history: Vec::new(),
        }
    }

    /// Returns a plan with amounts that come from elsewhere, in quanta, level by level in the order of the structure; it
    /// need not hold, and [`Plan::verify`] says where it does not.
    ///
    /// # Errors
    /// [`PlanError::ValuesShape`] unless there is one amount for each node.
    pub fn from_units(cascade: &Cascade, values: Vec<Vec<i64>>) -> Result<Self, PlanError> {
        let frame = cascade.frame();
        for level in 0..frame.levels().max(values.len()) {
            let found = values.get(level).map_or(0, Vec::len);
            if found != frame.nodes(level) {
                return Err(PlanError::ValuesShape {
                    level,
                    nodes: frame.nodes(level),
                    found,
                });
            }
        }
        let levels = frame.levels();
        let mut amounts = Amounts {
            values,
            pads: vec![None; levels],
            apart: vec![BTreeMap::new(); levels],
        };
        for step in 0..levels - 1 {
            amounts.pads[step] = cascade.pads_of(step, &amounts.values[step])?;
        }
        Ok(Self::from_amounts(cascade.clone(), amounts))
    }

    /// Adds the measures of a plan over the same structure, such as expenses beside sales.
    ///
    /// # Errors
    /// [`PlanError::DifferentFrames`], [`PlanError::DuplicateMeasure`]; [`PlanError::Changed`] once either plan has been
    /// changed. The plan is then unchanged.
    pub fn join(&mut self, other: Self) -> Result<(), PlanError> {
        if !Arc::ptr_eq(&self.frame, &other.frame) && self.frame != other.frame {
            return Err(PlanError::DifferentFrames {
                what: "the plans have other steps or members",
            });
        }
        for sheet in &other.sheets {
            if self.sheet(sheet.measure().key.as_str()).is_ok() {
                return Err(PlanError::DuplicateMeasure {
                    measure: sheet.measure().key.clone(),
                });
            }
        }
        if self.version() > 0 || other.version() > 0 {
            return Err(PlanError::Changed);
        }
        self.sheets.extend(other.sheets);
        Ok(())
    }

    /// Returns the structure.
    #[must_use]
    pub fn frame(&self) -> &Frame {
        &self.frame
    }

    /// Returns the measures.
    #[must_use]
    pub fn measures(&self) -> impl ExactSizeIterator<Item = &Measure> {
        self.sheets.iter().map(Sheet::measure)
    }

    /// Returns the recipe by which a measure was cascaded.
    ///
    /// # Errors
    /// [`PlanError::UnknownMeasure`].
    pub fn definition(&self, measure: &str) -> Result<&CascadeDef, PlanError> {
        Ok(self.sheet(measure)?.cascade.definition())
    }

    /// Returns the amount that is assigned to a node.
    ///
    /// # Errors
    /// [`PlanError::UnknownMeasure`]; [`PlanError::NoSuchNode`] for a node of another structure.
    pub fn amount(&self, measure: &str, node: NodeId) -> Result<Quantity, PlanError> {
        let sheet = self.sheet(measure)?;
        let units = sheet
            .amounts
            .values
            .get(node.level())
            .and_then(|level| level.get(node.index()));
        match units {
            Some(units) => Ok(sheet.measure().quantum.quantity(*units)),
            None => Err(PlanError::NoSuchNode {
                path: Path::default(),
                next: format!("node {} of level {}", node.index(), node.level()),
            }),
        }
    }

    /// Returns the amounts that are assigned to the nodes of a level, in quanta and in the order of the structure; none
    /// for a level that does not exist.
    ///
    /// # Errors
    /// [`PlanError::UnknownMeasure`].
    pub fn units(&self, measure: &str, level: usize) -> Result<&[i64], PlanError> {
        let sheet = self.sheet(measure)?;
        Ok(sheet
            .amounts
            .values
            .get(level)
            .map(Vec::as_slice)
            .unwrap_or_default())
    }

    fn sheet(&self, measure: &str) -> Result<&Sheet, PlanError> {
        let found = self
            .sheets
            .iter()
            .find(|sheet| sheet.measure().key == *measure);
        found.ok_or_else(|| self.unknown_measure(measure))
    }

    fn unknown_measure(&self, measure: &str) -> PlanError {
        let sheets = self.sheets.iter().map(|sheet| &sheet.measure().key);
        let known = sheets.chain(self.quotients.iter().map(|own| &own.measure.key));
        PlanError::UnknownMeasure {
            measure: measure.to_owned(),
            nearest: nearest(measure, known.map(Key::as_str)).map(str::to_owned),
        }
    }
}
