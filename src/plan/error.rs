//! What can be wrong with a recipe, a plan or a change to one.

mod basis;
mod constraint;
mod edit;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use thiserror::Error;

use crate::allocation::AllocationError;
use crate::calendar::{CalendarError, Grain};
use crate::key::{Key, KeyError, Known, hint};
use crate::limits::LimitError;
use crate::measure::MeasureError;
use crate::panel::PanelError;
use crate::plan::{Path, Place};
use crate::quantity::QuantityError;
use crate::space::{Axis, SpaceError};

pub use basis::BasisError;
pub use constraint::ConstraintError;
pub use edit::{AskedAmount, EditError};

/// What can be wrong with a recipe, a plan or a change to one. Every variant about a part of a plan names its place.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PlanError {
    /// A name cannot be a key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A measure is not known.
    #[error(transparent)]
    Measure(#[from] MeasureError),
    /// A dimension, level or member is not known.
    #[error(transparent)]
    Space(#[from] SpaceError),
    /// Something is wrong with the periods.
    #[error(transparent)]
    Calendar(#[from] CalendarError),
    /// Something is wrong with a panel.
    #[error(transparent)]
    Panel(#[from] PanelError),
    /// An amount is finer than the quantum, or arithmetic left the range.
    #[error(transparent)]
    Quantity(#[from] QuantityError),
    /// The structure would be larger than the host allows.
    #[error(transparent)]
    Limit(#[from] LimitError),
    /// An allocation that belongs to no single node went wrong.
    #[error(transparent)]
    Allocation(#[from] AllocationError),
    /// Something is wrong with a basis.
    #[error(transparent)]
    Basis(#[from] BasisError),
    /// Lots, over-assignments, bounds or prescribed totals are wrong or broken.
    #[error(transparent)]
    Constraint(#[from] ConstraintError),
    /// A change cannot be made.
    #[error(transparent)]
    Edit(#[from] EditError),

    /// Two steps have the same name.
    #[error("two steps are called `{step}`: give one of them another name")]
    DuplicateStep {
        /// The name.
        step: Key,
    },
    /// No step has this name.
    #[error("there is no step `{name}`{}", hint(nearest.as_deref(), known))]
    UnknownStep {
        /// The name that was asked for.
        name: String,
        /// The nearest known one.
        nearest: Option<String>,
        /// The known ones.
        known: Known,
    },
    /// More steps than a cascade can have.
    #[error("{steps} steps are more than the limit of {limit}")]
    TooManySteps {
        /// How many there are.
        steps: usize,
        /// The limit.
        limit: usize,
    },
    /// More nodes than one level can have.
    #[error("{} would have more than {limit} nodes", step.as_ref().map_or("a level".to_owned(), |step| format!("step `{step}`")))]
    TooManyNodes {
        /// The step.
        step: Option<Key>,
        /// The limit.
        limit: usize,
    },
    /// A node has no members at a step.
    #[error("at {place} there is nothing to split by at step `{step}`")]
    EmptyLevel {
        /// The node.
        place: Path,
        /// The step.
        step: Key,
    },
    /// A step by members stands where periods are needed.
    #[error("`{axis}` is a level of members where periods are needed")]
    NotPeriods {
        /// The level.
        axis: Axis,
    },
    /// Atoms of no sets at all were asked for.
    #[error("atoms need at least one set of periods")]
    NoAtoms,
    /// A grain is named but no calendar was given.
    #[error("the recipe names the grain `{grain}`, but the sources have no calendar")]
    NoCalendar {
        /// The grain.
        grain: Grain,
    },
    /// The basis is working days but none were given.
    #[error("the recipe splits by working days, but the sources have none")]
    NoWorkingDays,
    /// A recipe names a source that the host did not give.
    #[error("the sources have no {what} `{name}`{}", hint(nearest.as_deref(), known))]
    UnknownSource {
        /// `table`, `period set` or `column of weights`.
        what: &'static str,
        /// The name that was asked for.
        name: String,
        /// The nearest known one.
        nearest: Option<String>,
        /// The known ones.
        known: Known,
    },
    /// A period does not lie within one period of the step above it.
    #[error(
        "a period of step `{step}`{} does not lie within one period of step `{above}`: split by their atoms",
        period.as_ref().map(|period| format!(", `{period}`,")).unwrap_or_default()
    )]
    NotNested {
        /// The finer step.
        step: Key,
        /// The coarser step.
        above: Key,
        /// The label of the period.
        period: Option<Key>,
    },
    /// Combinations are listed above the level by which a step splits.
    #[error("the combinations list `{axis}`, which does not reach down to step `{step}`")]
    CombinationTooCoarse {
        /// The axis of the combinations.
        axis: Axis,
        /// The step.
        step: Key,
    },
    /// A member does not stand at the level where it is named.
    #[error("`{member}` does not stand at level `{axis}`")]
    NotAtLevel {
        /// The member.
        member: Key,
        /// The level.
        axis: Axis,
    },
    /// A set of periods has no period with this label.
    #[error("the set `{set}` has no period `{name}`{}", hint(nearest.as_deref(), known))]
    UnknownPeriod {
        /// The set.
        set: Key,
        /// The name that was asked for.
        name: String,
        /// The nearest known one.
        nearest: Option<String>,
        /// The known ones.
        known: Known,
    },
    /// A place names something that is not in the plan.
    #[error("the plan has no `{name}` below {path}{}", hint(nearest.as_deref(), known))]
    UnknownNode {
        /// The longest part of the place that exists.
        path: Path,
        /// What is not there.
        name: String,
        /// The nearest name below that part.
        nearest: Option<String>,
        /// The names below that part.
        known: Known,
    },
    /// A combination of members and periods of which no node is in the plan.
    #[error("nothing of {place} is planned")]
    NotPlanned {
        /// The combination.
        place: Place,
    },
    /// A node is of another plan.
    #[error("{of} has {nodes} nodes and none of number {}: it is a node of another plan", node + 1)]
    ForeignNode {
        /// The whole plan, a step, or what lies below the last one.
        of: String,
        /// The node's number, from 0.
        node: usize,
        /// How many nodes the level has.
        nodes: usize,
    },
    /// A place is a slice through several nodes where one node is needed.
    #[error("{place} is not one node of the plan: name the steps from the top without a gap")]
    NotANode {
        /// The place.
        place: Place,
    },
    /// The same place is named twice in one list.
    #[error("{place} is named twice")]
    DuplicatePlace {
        /// The place.
        place: Place,
    },
    /// The days on which a member is planned end before they begin, or there are none.
    #[error(
        "{place} would be planned from {from} until {until}: name a day and a later one, or one of the two"
    )]
    ActivityReversed {
        /// The place.
        place: Place,
        /// The first day.
        from: NaiveDate,
        /// The day after the last one.
        until: NaiveDate,
    },
    /// The days on which something is planned are stated for periods, for nobody, or across dimensions that are combined freely.
    #[error(
        "{place} has no days of its own: name members of one dimension, or of several whose combinations are listed"
    )]
    ActivityPlace {
        /// The place.
        place: Place,
    },
    /// A place names a step below the one that it is about.
    #[error("{place} names a step below `{step}`")]
    BelowStep {
        /// The place.
        place: Place,
        /// The step.
        step: Key,
    },
    /// A split went wrong at a node.
    #[error("at {place}, step `{step}`: {error}")]
    Split {
        /// The node.
        place: Path,
        /// The step.
        step: Key,
        /// What is wrong there; members are the children of the node.
        error: Box<AllocationError>,
    },
    /// A measure that is linked to what a change moves cannot follow it.
    #[error("`{measure}` follows `{of}`: {error}")]
    Follows {
        /// The measure that follows.
        measure: Key,
        /// The measure that it follows.
        of: Key,
        /// What is in its way.
        error: Box<PlanError>,
    },

    /// A recipe or a change asks for something that its kind of measure has no meaning for.
    #[error("`{measure}` is a {kind}, for which {what} has no meaning")]
    NotForKind {
        /// The measure.
        measure: Key,
        /// `flow`, `stock` or `rating`.
        kind: &'static str,
        /// What was asked for.
        what: &'static str,
    },
    /// An opening names periods, nobody, or more than one node at the start.
    #[error(
        "{place} is not one node at the start of the plan: name members of steps from the top, no periods"
    )]
    OpeningPlace {
        /// The place.
        place: Place,
    },
    /// The openings below a node do not add up to its own.
    #[error(
        "{place} opens with {opening}, but {below} is written down below it and nobody is left to take the rest"
    )]
    OpeningDiffers {
        /// The node.
        place: Path,
        /// Its own opening.
        opening: Decimal,
        /// What is written down below it.
        below: Decimal,
    },
    /// The measure does not add up and is planned through others.
    #[error("`{measure}` is a {kind}: it cannot be split")]
    NotSplittable {
        /// The measure.
        measure: Key,
        /// What it is.
        kind: &'static str,
    },
    /// An amount left the range of 64 bits of quanta.
    #[error("the amount at {place} is too large")]
    OutOfRange {
        /// The node.
        place: Path,
    },
    /// Leaves add up to more than 64 bits of quanta hold.
    #[error("a sum of `{measure}` is too large")]
    SumOutOfRange {
        /// The measure.
        measure: Key,
    },
    /// The plan has no such measure.
    #[error("the plan has no measure `{name}`{}", hint(nearest.as_deref(), known))]
    UnknownMeasure {
        /// The name that was asked for.
        name: String,
        /// The nearest known one.
        nearest: Option<String>,
        /// The known ones.
        known: Known,
    },
    /// No step of the plan has a member or a period of this name.
    #[error("no step of the plan has the {what} `{name}`{}", hint(nearest.as_deref(), known))]
    UnknownName {
        /// `member` or `period`.
        what: &'static str,
        /// The name that was asked for.
        name: String,
        /// The nearest known one.
        nearest: Option<String>,
        /// The known ones.
        known: Known,
    },
    /// Two members of one step are named where one is meant.
    #[error("`{name}` is the second member that is named for step `{step}`: name one")]
    NamedTwice {
        /// The step.
        step: Key,
        /// The second name.
        name: String,
    },
    /// The plan has the measure already.
    #[error("the plan has the measure `{measure}` already")]
    DuplicateMeasure {
        /// The measure.
        measure: Key,
    },
    /// Two plans or cascades have different structures.
    #[error("the structures differ: {what}")]
    DifferentFrames {
        /// In what.
        what: &'static str,
    },
    /// Figures do not have one entry for each node.
    #[error("{of} has {nodes} nodes, but {found} figures are given")]
    ValuesShape {
        /// The whole plan, a step, or what lies below the last one.
        of: String,
        /// How many nodes it has.
        nodes: usize,
        /// How many figures are given.
        found: usize,
    },
    /// A dimension is not part of the plan.
    #[error("the plan has no dimension `{name}`{}", hint(nearest.as_deref(), known))]
    UnknownDimension {
        /// The name.
        name: String,
        /// The nearest known one.
        nearest: Option<String>,
        /// Those that the plan has.
        known: Known,
    },
    /// A leaf's days do not lie within one period of the set that it is rolled up to.
    #[error("{place} does not lie within one period of `{set}`")]
    NotInPeriod {
        /// The leaf.
        place: Path,
        /// The set.
        set: Key,
    },
    /// A record has recipes and changes, and no amounts.
    #[error("the record has recipes and no amounts: plan anew from sources")]
    NothingSaved,
    /// The parts of a saved plan do not belong together.
    #[error("the saved plan is damaged: {what}")]
    Damaged {
        /// What is wrong.
        what: &'static str,
    },
    /// Sources mean something else than when a plan was saved.
    #[error(
        "the sources of `{recipe}` mean other {what} than those of the saved plan: load it as it was saved, or plan anew"
    )]
    OtherSources {
        /// The recipe.
        recipe: Key,
        /// `members or periods`, or `weights`.
        what: &'static str,
    },
    /// A record has no recipe.
    #[error("a plan needs at least one recipe")]
    NoCascade,
}
