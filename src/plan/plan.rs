//! A plan: the amounts of its measures over one structure, and what was done to them.

use rust_decimal::Decimal;
use std::sync::Arc;

use chrono::NaiveDate;

use super::amounts::Amounts;
use super::hold::Marks;
use super::patch::Entry;
use super::quotient::Quotient;
use super::sheet::Sheet;
use super::{Cascade, CascadeDef, EditError, Frame, NodeId, PlanError};
use crate::key::{Key, unknown};
use crate::measure::Measure;
use crate::quantity::{Quantity, Ratio};

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
/// assert_eq!(plan.get("sales", ["ann"], "2026-02")?.to_string(), "16.67 EUR");
/// let regions = plan.roll_up("sales", &[Axis::new("person", "region")?], None)?;
/// assert_eq!(regions.of("north")?.to_string(), "100.01");
/// assert!(plan.verify().is_empty());
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Plan {
    pub(super) frame: Arc<Frame>,
    pub(super) sheets: Vec<Sheet>,
    pub(super) quotients: Vec<Quotient>,
    pub(super) closed_before: Option<NaiveDate>,
    pub(super) closed: Marks,
    pub(super) history: Vec<Entry>,
}

impl Plan {
    pub(super) fn from_amounts(cascade: Cascade, amounts: Amounts) -> Self {
        Self {
            frame: Arc::clone(cascade.frame()),
            sheets: vec![Sheet::new(cascade, amounts)],
            quotients: Vec::new(),
            closed_before: None,
            closed: Marks::default(),
            history: Vec::new(),
        }
    }

    /// Returns the plan as it stands, without the changes that led to it.
    pub(super) fn without_history(&self) -> Self {
        Self {
            frame: Arc::clone(&self.frame),
            sheets: self.sheets.clone(),
            quotients: self.quotients.clone(),
            closed_before: self.closed_before,
            closed: self.closed.clone(),
            history: Vec::new(),
        }
    }

    /// Returns a plan with amounts of the base that come from elsewhere, in quanta, level by level in the order of the structure; it
    /// need not hold, and [`Plan::verify`] says where it does not.
    ///
    /// # Errors
    /// [`PlanError::ValuesShape`] unless there is one amount for each node.
    pub fn from_units(cascade: &Cascade, values: Vec<Vec<i64>>) -> Result<Self, PlanError> {
        let frame = cascade.frame();
        for level in 0..frame.levels().max(values.len()) {
            let found = values.get(level).map_or(0, Vec::len);
            if found != frame.count(level) {
                return Err(PlanError::ValuesShape {
                    of: frame.level_name(level),
                    nodes: frame.count(level),
                    found,
                });
            }
        }
        let mut amounts = Amounts::from_levels(values);
        cascade.assign(&mut amounts)?;
        Ok(Self::from_amounts(cascade.clone(), amounts))
    }

    /// Adds the measures of a plan over the same structure, such as expenses beside sales.
    ///
    /// # Errors
    /// [`PlanError::DifferentFrames`], [`PlanError::DuplicateMeasure`]; [`EditError::Changed`] once either plan has been
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
            return Err(PlanError::Edit(EditError::Changed));
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
        Ok(self.sheet(measure)?.cascade().definition())
    }

    /// Returns the amount that is assigned to a node: its target.
    ///
    /// # Errors
    /// [`PlanError::UnknownMeasure`]; [`PlanError::ForeignNode`] for a node of another structure.
    pub fn amount(&self, measure: &str, node: NodeId) -> Result<Quantity, PlanError> {
        let sheet = self.sheet(measure)?;
        self.check_own(node)?;
        Ok(sheet
            .measure()
            .quantum
            .quantity(sheet.amounts().assigned_at(node)))
    }

    /// Returns the base of a node, which is what is assigned to it but where somebody above hands down
    /// [more or less](super::OverAssignmentDef) than he has.
    ///
    /// # Errors
    /// As [`Plan::amount`].
    pub fn base_amount(&self, measure: &str, node: NodeId) -> Result<Quantity, PlanError> {
        let sheet = self.sheet(measure)?;
        self.check_own(node)?;
        Ok(sheet.measure().quantum.quantity(sheet.amounts().at(node)))
    }

    /// Returns what the children of a node total for each one that is assigned to it.
    ///
    /// # Errors
    /// As [`Plan::amount`].
    pub fn factor(&self, measure: &str, node: NodeId) -> Result<Ratio, PlanError> {
        let sheet = self.sheet(measure)?;
        self.check_own(node)?;
        Ok(sheet.cascade().factor(node))
    }

    fn check_own(&self, node: NodeId) -> Result<(), PlanError> {
        let nodes = self.frame.count(node.level());
        if node.index() < nodes {
            return Ok(());
        }
        Err(PlanError::ForeignNode {
            of: self.frame.level_name(node.level()),
            node: node.index(),
            nodes,
        })
    }

    /// Returns the amounts that are assigned to the nodes of a step, in quanta and in the order of [`Frame::nodes`].
    ///
    /// # Errors
    /// [`PlanError::UnknownMeasure`]; [`PlanError::UnknownStep`] with the nearest known one and the list.
    pub fn units(&self, measure: &str, step: &str) -> Result<&[i64], PlanError> {
        let sheet = self.sheet(measure)?;
        Ok(&sheet.amounts().assigned_levels()[self.frame.step(step)? + 1])
    }

    /// Returns the base of the nodes of a step, as [`Plan::units`] returns what is assigned to them.
    ///
    /// # Errors
    /// As [`Plan::units`].
    pub fn base_units(&self, measure: &str, step: &str) -> Result<&[i64], PlanError> {
        let sheet = self.sheet(measure)?;
        Ok(sheet.amounts().level(self.frame.step(step)? + 1))
    }

    /// Returns what stayed with nodes because a method or a policy hands out less than everything, level by level: with the
    /// leaves and without over-assignments it makes up the total.
    ///
    /// ```
    /// # use quotaflow::allocation::Method;
    /// # use quotaflow::calendar::DayRange;
    /// # use quotaflow::measure::{Measure, Measures};
    /// # use quotaflow::plan::{Cascade, CascadeDef, NodeId, Sources, StepDef};
    /// # use quotaflow::quantity::Quantum;
    /// # use quotaflow::space::{DimensionDef, Space};
    /// # let measures = Measures::new(vec![Measure::flow("sales", "money:EUR".parse()?, Quantum::ONE)?])?;
    /// # let space = Space::new(vec![DimensionDef::flat("person", "person", ["ann", "bo", "cai"])?])?;
    /// # let year = DayRange::new("2026-01-01".parse()?, "2027-01-01".parse()?)?;
    /// let step = StepDef::member("person", "person")?.method(Method::RemainderApart);
    /// let recipe = CascadeDef::new("plan".try_into()?, "sales".try_into()?, year).step(step);
    /// let plan = Cascade::compile(recipe, &Sources::new(&measures, &space))?.run(100.into())?;
    /// assert_eq!(plan.units("sales", "person")?, [33, 33, 33]);
    /// let kept: Vec<_> = plan.kept_apart("sales")?.collect();
    /// assert_eq!(kept, [(NodeId::WHOLE, Quantum::ONE.quantity(1))]);
    /// # Ok::<(), quotaflow::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`PlanError::UnknownMeasure`].
    pub fn kept_apart(
        &self,
        measure: &str,
    ) -> Result<impl Iterator<Item = (NodeId, Quantity)> + '_, PlanError> {
        let sheet = self.sheet(measure)?;
        let quantum = sheet.measure().quantum;
        let amounts = sheet.amounts();
        let levels = 0..amounts.levels().len();
        Ok(levels.flat_map(move |level| {
            let kept = amounts.apart(level).iter();
            kept.map(move |(index, units)| (NodeId::new(level, *index), quantum.quantity(*units)))
        }))
    }

    pub(super) fn sheet(&self, measure: &str) -> Result<&Sheet, PlanError> {
        let found = self
            .sheets
            .iter()
            .find(|sheet| sheet.measure().key == *measure);
        found.ok_or_else(|| self.unknown_measure(measure))
    }

    pub(super) fn unknown_measure(&self, measure: &str) -> PlanError {
        let sheets = self.sheets.iter().map(|sheet| &sheet.measure().key);
        let known = sheets.chain(self.quotients.iter().map(|own| &own.measure.key));
        let (name, nearest, known) = unknown(measure, known.map(Key::as_str));
        PlanError::UnknownMeasure {
            name,
            nearest,
            known,
        }
    }
}

impl Cascade {
    /// Splits a total down to every leaf.
    ///
    /// # Errors
    /// [`PlanError::Quantity`] for a total finer than the quantum or beyond the range; [`BasisError::ZeroWeights`](crate::plan::BasisError::ZeroWeights),
    /// [`ConstraintError::NotWholeLots`](super::ConstraintError::NotWholeLots), [`PlanError::OutOfRange`] and [`PlanError::Split`] with the place.
    pub fn run(&self, total: Decimal) -> Result<Plan, PlanError> {
        self.run_units(self.measure().quantum.units(total)?)
    }

    /// Splits a total given in quanta down to every leaf.
    ///
    /// # Errors
    /// As [`Cascade::run`].
    pub fn run_units(&self, total: i64) -> Result<Plan, PlanError> {
        let amounts = self.amounts(total)?;
        Ok(Plan::from_amounts(self.clone(), amounts))
    }
}
