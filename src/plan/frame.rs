//! The structure of a plan: the nodes that exist, level by level.

mod build;
mod by_place;
mod lookup;

use std::ops::Range;

use chrono::NaiveDate;

use super::days::{CellDays, NodeDays};
use super::step::{Members, Periods, Split, Step, UNASSIGNED, finest};
use super::{CascadeDef, Path, PlanError, Proration, Sources};
use crate::calendar::{DayRange, PeriodId};
use crate::key::Key;

pub(super) use build::eras_of;
pub(super) use by_place::ByPlace;
pub(super) use lookup::Selection;

/// What stands in place of a member where a branch leaves a step out.
pub(super) const SKIPPED: u32 = u32::MAX;

/// A node of a plan: the whole, or one of those at which a step splits.
///
/// Only a [`Frame`] gives one: by its path, by its place, below and above another, or all of a step. It lives as long as the frame
/// does and is never written: what is stored is the node's path. A node of another structure is no panic: what is not there is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId {
    level: u32,
    index: u32,
}

impl NodeId {
    /// The whole plan.
    pub const WHOLE: Self = Self { level: 0, index: 0 };

    #[expect(
        clippy::cast_possible_truncation,
        reason = "a frame has at most 16 levels and 2^28 nodes"
    )]
    pub(super) fn new(level: usize, index: usize) -> Self {
        Self {
            level: level as u32,
            index: index as u32,
        }
    }

    /// Returns the level: 0 for the whole, and the number of steps above for all others.
    pub(in crate::plan) fn level(self) -> usize {
        self.level as usize
    }

    /// Returns the position among the nodes of its step, as [`Frame::nodes`] and [`Plan::units`](super::Plan::units) list them.
    #[must_use]
    pub fn index(self) -> usize {
        self.index as usize
    }
}

/// The nodes of one level, in order; the children of each stand together in the next level.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Level {
    /// The member or the ordinal of the period of each node, or [`SKIPPED`].
    pub(super) coords: Vec<u32>,
    /// Where the children of each node start in the next level, and the end; empty in the last level.
    pub(super) starts: Vec<usize>,
    /// How many children each node has, where all have as many.
    pub(super) width: Option<usize>,
    /// Whether some node has no children though there is a next level.
    pub(super) ragged: bool,
}

impl Level {
    pub(super) fn len(&self) -> usize {
        self.coords.len()
    }

    pub(super) fn children(&self, index: usize) -> Range<usize> {
        match self.width {
            Some(width) => index * width..(index + 1) * width,
            None if self.starts.is_empty() => 0..0,
            None => self.starts[index]..self.starts[index + 1],
        }
    }

    /// Returns the children of a run of nodes, which stand together too.
    pub(super) fn children_of(&self, nodes: Range<usize>) -> Range<usize> {
        match self.width {
            Some(width) => nodes.start * width..nodes.end * width,
            None if self.starts.is_empty() => 0..0,
            None => self.starts[nodes.start]..self.starts[nodes.end],
        }
    }

    pub(super) fn parent(&self, child: usize) -> usize {
        match self.width {
            Some(width) => child / width.max(1),
            None => self.starts.partition_point(|start| *start <= child) - 1,
        }
    }
}

/// The structure of a plan: which nodes there are at every step, for the combinations of members that exist.
///
/// Nodes are ordered: below each node its children stand in the declared order of their members or in the order of
/// time. A frame takes about 4 bytes for each leaf; nothing is stored for combinations that do not exist.
#[derive(Debug, Clone, PartialEq)]
pub struct Frame {
    pub(super) steps: Vec<Step>,
    pub(super) dimensions: Vec<Members>,
    pub(super) levels: Vec<Level>,
    /// The days of the whole.
    pub(super) horizon: DayRange,
    /// From which day moves count.
    pub(super) proration: Proration,
    /// The days on which each node is planned, where some are not planned throughout.
    pub(super) planned: Option<NodeDays>,
    /// The nodes that have no members at the step below, by level and order: they end there.
    pub(super) ended: Vec<NodeId>,
}

impl Frame {
    /// The most steps of a cascade.
    pub const MAX_STEPS: usize = 16;
    /// The most nodes of one level.
    pub const MAX_NODES: usize = 1 << 28;

    /// Builds the structure that a recipe means.
    ///
    /// # Errors
    /// [`PlanError::Space`] and [`PlanError::Calendar`] for unknown names; [`PlanError::DuplicateStep`],
    /// [`PlanError::TooManySteps`]; [`PlanError::Limit`] for more nodes than the sources allow, counted beforehand where no
    /// branch leaves steps out; [`PlanError::TooManyNodes`], [`PlanError::EmptyLevel`],
    /// [`PlanError::CombinationTooCoarse`] and the errors of places in the recipe.
    pub fn compile(def: &CascadeDef, sources: &Sources<'_>) -> Result<Self, PlanError> {
        build::frame(def, sources)
    }

    /// Says whether another structure goes on where this one ends: its first steps, members and nodes are these.
    pub(super) fn is_top_of(&self, deeper: &Self) -> bool {
        let same = |(own, other): (&Members, &Members)| {
            own.dimension == other.dimension && own.keys == other.keys
        };
        let levels = || self.levels.iter().zip(&deeper.levels);
        let last = self.levels.len() - 1;
        self.horizon == deeper.horizon
            && self.planned.is_none()
            && deeper.planned.is_none()
            && deeper.steps.starts_with(&self.steps)
            && self.dimensions.len() <= deeper.dimensions.len()
            && self.dimensions.iter().zip(&deeper.dimensions).all(same)
            && levels().all(|(own, other)| own.coords == other.coords)
            && levels()
                .take(last)
                .all(|(own, other)| (&own.starts, own.width) == (&other.starts, other.width))
    }

    /// Returns the number of levels: the whole, and one for each step.
    pub(super) fn levels(&self) -> usize {
        self.levels.len()
    }

    /// Returns the number of nodes of a level, 0 for one that does not exist.
    pub(super) fn count(&self, level: usize) -> usize {
        self.levels.get(level).map_or(0, Level::len)
    }

    /// Returns what a level is called in a sentence.
    pub(super) fn level_name(&self, level: usize) -> String {
        let step = level.checked_sub(1).and_then(|step| self.steps.get(step));
        match step {
            Some(step) => format!("step `{}`", step.name),
            None if level == 0 => "the whole plan".to_owned(),
            None => "what lies below the last step".to_owned(),
        }
    }

    /// Returns the names of the steps from the top.
    #[must_use]
    pub fn steps(&self) -> impl ExactSizeIterator<Item = &Key> {
        self.steps.iter().map(|step| &step.name)
    }

    /// Returns the nodes of a step in the order of the structure: those below one node stand together. Where a branch leaves the
    /// step out, one without a name stands for all that is below.
    ///
    /// ```
    /// # use quotaflow::measure::{Measure, Measures};
    /// # use quotaflow::plan::{CascadeDef, Frame, NodeId, Sources, StepDef};
    /// # use quotaflow::quantity::Quantum;
    /// # use quotaflow::space::{DimensionDef, Space};
    /// # use quotaflow::{calendar::DayRange, key::Key};
    /// # let measures = Measures::new(vec![Measure::flow("sales", "money:EUR".parse()?, Quantum::CENT)?])?;
    /// # let space = Space::new(vec![DimensionDef::flat("person", "person", ["ann", "bo"])?])?;
    /// # let year = DayRange::new("2026-01-01".parse()?, "2027-01-01".parse()?)?;
    /// # let def = CascadeDef::new(Key::new("plan")?, Key::new("sales")?, year).step(StepDef::member("person", "person")?);
    /// let frame = Frame::compile(&def, &Sources::new(&measures, &space))?;
    /// let names: Vec<&Key> = frame.nodes("person")?.filter_map(|node| frame.name(node)).collect();
    /// assert_eq!(names, ["ann", "bo"]);
    /// assert_eq!(frame.step_of(frame.find(&["bo"])?).map(Key::as_str), Some("person"));
    /// assert_eq!(frame.step_of(NodeId::WHOLE), None);
    /// let error = frame.nodes("persons").err().unwrap();
    /// assert_eq!(error.to_string(), "there is no step `persons`; did you mean `person`?");
    /// # Ok::<(), quotaflow::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`PlanError::UnknownStep`] with the nearest known one and the list.
    pub fn nodes(
        &self,
        step: &str,
    ) -> Result<impl ExactSizeIterator<Item = NodeId> + use<>, PlanError> {
        let level = self.step(step)? + 1;
        Ok((0..self.count(level)).map(move |index| NodeId::new(level, index)))
    }

    /// Returns the step at which a node stands; `None` for the whole and for a node that does not exist.
    #[must_use]
    pub fn step_of(&self, node: NodeId) -> Option<&Key> {
        let step = node.level().checked_sub(1)?;
        let known = node.index() < self.count(node.level());
        self.steps
            .get(step)
            .filter(|_| known)
            .map(|step| &step.name)
    }

    /// Returns the dimensions whose members the plan has.
    #[must_use]
    pub fn dimensions(&self) -> impl ExactSizeIterator<Item = &Key> {
        self.dimensions.iter().map(|members| &members.dimension)
    }

    /// Returns the days of the whole plan.
    #[must_use]
    pub fn horizon(&self) -> DayRange {
        self.horizon
    }

    /// Returns the days on which a node is planned, in stretches: those of its period, or of the whole plan, on which whoever
    /// stands at it is there. None for a node that does not exist.
    #[must_use]
    pub fn days(&self, node: NodeId) -> Vec<DayRange> {
        if node.index() >= self.count(node.level()) {
            return Vec::new();
        }
        match &self.planned {
            Some(planned) => planned.of(node.level(), node.index()).ranges().to_vec(),
            None => vec![self.period_of(node)],
        }
    }

    /// Returns the day from which a move counts.
    pub(super) fn counts_from(&self, day: NaiveDate) -> NaiveDate {
        self.proration
            .counts_from(day, finest(&self.steps).map(|own| own.ranges.as_slice()))
    }

    /// Returns the days of a node's nearest period, of the whole plan where there is none above it.
    pub(super) fn period_of(&self, node: NodeId) -> DayRange {
        let mut at = Some(node);
        while let Some(own) = at {
            let step = own.level().checked_sub(1);
            let periods = step.and_then(|step| self.periods(step));
            let coord = self
                .levels
                .get(own.level())
                .and_then(|level| level.coords.get(own.index()));
            let range = periods
                .zip(coord)
                .and_then(|(periods, coord)| periods.ranges.get(*coord as usize));
            if let Some(range) = range {
                return *range;
            }
            at = self.parent(own);
        }
        self.horizon
    }

    /// Returns the days of a node that is `period` long where it is planned throughout.
    pub(super) fn cell_days(&self, level: usize, index: usize, period: DayRange) -> CellDays<'_> {
        match &self.planned {
            Some(planned) => CellDays::Stretches(planned.of(level, index).ranges()),
            None => CellDays::All(period),
        }
    }

    /// Returns the number of leaves.
    #[must_use]
    pub fn leaves(&self) -> usize {
        let last = self.levels.len() - 1;
        let at = |level: &Level| match level.width {
            Some(_) => 0,
            None => (0..level.len())
                .filter(|index| level.children(*index).is_empty())
                .count(),
        };
        self.levels[..last].iter().map(at).sum::<usize>() + self.count(last)
    }

    /// Returns the children of a node in order; none for a leaf.
    #[must_use]
    pub fn children(&self, node: NodeId) -> impl ExactSizeIterator<Item = NodeId> {
        let range = self.child_range(node);
        let level = node.level() + 1;
        range.map(move |index| NodeId::new(level, index))
    }

    pub(super) fn child_range(&self, node: NodeId) -> Range<usize> {
        match self.levels.get(node.level()) {
            Some(level) if node.index() < level.len() => level.children(node.index()),
            _ => 0..0,
        }
    }

    /// Says whether a node splits at the step below: not if it is a leaf, nor where its branch leaves the step out.
    pub(super) fn splits_at(&self, level: usize, index: usize) -> bool {
        let children = self.levels[level].children(index);
        let first = self.levels[level + 1].coords.get(children.start);
        !children.is_empty() && first != Some(&SKIPPED)
    }

    /// Returns the nodes of a level that stand below a node, or the node itself.
    pub(super) fn run_below(&self, node: NodeId, level: usize) -> Range<usize> {
        let own = node.index()..node.index() + 1;
        (node.level()..level).fold(own, |run, level| self.levels[level].children_of(run))
    }

    /// Returns the node above; none for the whole.
    #[must_use]
    pub fn parent(&self, node: NodeId) -> Option<NodeId> {
        let above = node.level().checked_sub(1)?;
        (node.index() < self.count(node.level()))
            .then(|| NodeId::new(above, self.levels[above].parent(node.index())))
    }

    /// Returns the path of a node; the whole has an empty one.
    #[must_use]
    pub fn path(&self, node: NodeId) -> Path {
        let mut keys = Vec::new();
        let mut at = Some(node).filter(|node| node.index() < self.count(node.level()));
        while let Some(node) = at {
            keys.extend(self.name(node).cloned());
            at = self.parent(node);
        }
        keys.reverse();
        Path::new(keys)
    }

    /// Returns the member or the label of the period of a node; none for the whole and where a step is left out.
    #[must_use]
    pub fn name(&self, node: NodeId) -> Option<&Key> {
        let step = node.level().checked_sub(1)?;
        let coord = *self.levels.get(node.level())?.coords.get(node.index())?;
        self.coord_name(step, coord)
    }

    pub(super) fn coord_name(&self, step: usize, coord: u32) -> Option<&Key> {
        match &self.steps[step].split {
            _ if coord == SKIPPED => None,
            Split::Member { dimension, .. } => self.dimensions[*dimension].keys.get(coord as usize),
            Split::Time(periods) => periods.set.label(PeriodId::at(coord as usize)),
        }
    }

    /// Returns the periods of a step, if it splits by periods.
    pub(super) fn periods(&self, step: usize) -> Option<&Periods> {
        match &self.steps[step].split {
            Split::Time(periods) => Some(periods),
            Split::Member { .. } => None,
        }
    }

    /// Returns the member or ordinal by which a node or its nearest ancestor stands at a step, or [`SKIPPED`].
    pub(super) fn coord_at(&self, node: NodeId, step: usize) -> u32 {
        let (mut level, mut index) = (node.level(), node.index());
        if step >= level {
            return SKIPPED;
        }
        while level > step + 1 {
            level -= 1;
            index = self.levels[level].parent(index);
        }
        self.levels[level].coords[index]
    }
}

/// Says whether `coord` is the member to which belongs what belongs to nobody.
pub(super) fn is_orphan(coord: u32) -> bool {
    coord == UNASSIGNED
}
