//! What can be wrong with a recipe, a plan or a change to one.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use thiserror::Error;

use super::bounds::NodeLimit;
use super::version::ChangeSummary;
use super::{Path, Place};
use crate::allocation::{AllocationError, Method};
use crate::calendar::{CalendarError, DayRange, Grain};
use crate::key::{Key, KeyError};
use crate::margins::MarginsError;
use crate::measure::{MeasureError, suggestion};
use crate::panel::{ColumnKey, PanelError};
use crate::quantity::{QuantityError, Ratio};
use crate::space::{Axis, SpaceError};

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
    /// An allocation that belongs to no single node went wrong.
    #[error(transparent)]
    Allocation(#[from] AllocationError),

    /// Two steps have the same name.
    #[error("two steps are called `{step}`: give one of them another name")]
    DuplicateStep {
        /// The name.
        step: Key,
    },
    /// No step has this name.
    #[error("there is no step `{step}`{}", suggestion(nearest.as_deref()))]
    UnknownStep {
        /// The name that was asked for.
        step: String,
        /// The nearest known name.
        nearest: Option<String>,
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
    #[error("the sources have no {what} `{key}`{}", suggestion(nearest.as_deref()))]
    UnknownSource {
        /// `table`, `period set` or `column of weights`.
        what: &'static str,
        /// The key that was asked for.
        key: Key,
        /// The nearest known key.
        nearest: Option<String>,
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
    #[error("the set `{set}` has no period `{period}`")]
    UnknownPeriod {
        /// The set.
        set: Key,
        /// The label.
        period: Key,
    },
    /// A place names something that is not in the plan.
    #[error("the plan has no `{next}` below {path}")]
    NoSuchNode {
        /// The longest part of the place that exists.
        path: Path,
        /// What is not there.
        next: String,
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
    /// A place names a step below the one that it is about.
    #[error("{place} names a step below `{step}`")]
    BelowStep {
        /// The place.
        place: Place,
        /// The step.
        step: Key,
    },

    /// A weight is below zero where that is refused.
    #[error("the weight of {place} at step `{step}` is below zero")]
    NegativeWeight {
        /// The node.
        place: Path,
        /// The step.
        step: Key,
    },
    /// Weights have no common scale in whole numbers of 126 bits.
    #[error("the weights at {place} are too fine to be compared exactly")]
    WeightTooFine {
        /// The node.
        place: Path,
    },
    /// No weight is written down for a node.
    #[error("no weight is given for {place} at step `{step}`")]
    MissingWeight {
        /// The node.
        place: Path,
        /// The step.
        step: Key,
    },
    /// There is an amount to split but no weight.
    #[error("{amount} at {place} cannot be split at step `{step}`: all weights are zero")]
    ZeroWeights {
        /// The node.
        place: Path,
        /// The step.
        step: Key,
        /// The amount.
        amount: Decimal,
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
    /// A column of weights does not have one weight for each node.
    #[error("the column `{column}` has {found} weights; step `{step}` has {nodes} nodes")]
    ColumnShape {
        /// The column.
        column: Key,
        /// The step.
        step: Key,
        /// The number of nodes.
        nodes: usize,
        /// The number of weights.
        found: usize,
    },
    /// A table does not have one figure for each subject and period.
    #[error("the table has {found} figures; its subjects and periods need {cells}")]
    TableShape {
        /// How many are needed.
        cells: usize,
        /// How many there are.
        found: usize,
    },
    /// A figure of a table has no common scale with the others.
    #[error("{figure} is too fine or too large beside the other figures of the table")]
    TableTooFine {
        /// The figure.
        figure: Decimal,
    },
    /// A column of quotients cannot be weights.
    #[error("column `{column}` has quotients; weights need amounts")]
    NotAmounts {
        /// The column.
        column: ColumnKey,
    },
    /// A cell that should be a weight has no figure.
    #[error("column `{column}` has no figure for `{subject}` in `{period}`")]
    MissingFigure {
        /// The column.
        column: ColumnKey,
        /// The subject.
        subject: String,
        /// The period.
        period: String,
    },
    /// A table says nothing about the step that it is the basis of.
    #[error("the table `{table}` does not tell the nodes of step `{step}` apart")]
    BlindBasis {
        /// The table.
        table: Key,
        /// The step.
        step: Key,
    },
    /// A table's rows stand above the level by which a step splits.
    #[error(
        "the table `{table}` has figures by `{axis}`, which does not reach down to step `{step}`"
    )]
    TableTooCoarse {
        /// The table.
        table: Key,
        /// Its axis.
        axis: Axis,
        /// The step.
        step: Key,
    },
    /// Periods of a table are used but it has none.
    #[error("the table `{table}` has no periods")]
    TableWithoutPeriods {
        /// The table.
        table: Key,
    },
    /// A period of a table does not lie within one period of a step.
    #[error(
        "a period of table `{table}`{} does not lie within one period of step `{step}`",
        period.as_ref().map(|period| format!(", `{period}`,")).unwrap_or_default()
    )]
    TablePeriod {
        /// The table.
        table: Key,
        /// The label of the period.
        period: Option<Key>,
        /// The step.
        step: Key,
    },
    /// A table has more or fewer periods than those that they stand for.
    #[error("the table `{table}` has {found} periods to stand for the {periods} of `{set}`")]
    PeriodsDiffer {
        /// The table.
        table: Key,
        /// How many periods it has.
        found: usize,
        /// The set of the plan.
        set: Key,
        /// How many it has in the horizon.
        periods: usize,
    },
    /// A basis about time is used for members.
    #[error("the basis {basis} needs periods, but step `{step}` splits by members")]
    NeedsPeriods {
        /// The basis.
        basis: &'static str,
        /// The step.
        step: Key,
    },
    /// The horizon cuts a period, which an equal split would give as much as a whole one.
    #[error(
        "the horizon holds {} of the {days} days of `{period}` ({}): step `{step}` would give it as much as a whole period; \
         split by `calendar_days` or `working_days`, or let the horizon start and end with whole periods",
        inside.days(),
        span_text(*inside)
    )]
    ClippedPeriod {
        /// The step.
        step: Key,
        /// The label of the period.
        period: Key,
        /// How many days the whole period has.
        days: u32,
        /// The days of it that the horizon holds.
        inside: DayRange,
    },
    /// The shares of a group of a season do not total one.
    #[error("group {group} of the season totals {sum}, not 1")]
    SeasonTotal {
        /// The group, from 0.
        group: usize,
        /// What it totals.
        sum: Ratio,
    },
    /// A group of a season has more or fewer shares than a node has periods.
    #[error(
        "{place} has {periods} periods of `{set}`, the season {shares} shares for them: write one share for each, or put a step \
         above that has {shares} such periods below each of its own"
    )]
    SeasonShape {
        /// The node.
        place: Path,
        /// The set.
        set: Key,
        /// How many periods the node has.
        periods: usize,
        /// How many shares there are.
        shares: usize,
    },
    /// A coefficient of a blend is below zero.
    #[error("part {part} of the blend at step `{step}` has a coefficient below zero")]
    NegativeCoefficient {
        /// The step.
        step: Key,
        /// The part, from 0.
        part: usize,
    },
    /// A blend is made of blends.
    #[error("part {part} of the blend at step `{step}` is itself a blend")]
    NestedBlend {
        /// The step.
        step: Key,
        /// The part, from 0.
        part: usize,
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
    /// The amount to be split is not a whole number of lots.
    #[error("{amount} at {place} is not a whole number of lots of {lot}")]
    NotWholeLots {
        /// The node.
        place: Path,
        /// The amount.
        amount: Decimal,
        /// The lot.
        lot: Decimal,
    },
    /// A lot is not a positive multiple of the quantum, or has no common multiple with those below.
    #[error("{lot} cannot be the lot of step `{step}`")]
    InvalidLot {
        /// The step.
        step: Key,
        /// The lot.
        lot: Decimal,
    },
    /// Two lots below one node of which neither divides the other.
    #[error(
        "lots of {smaller} and of {larger} cannot share the amount of {place}: neither divides the other"
    )]
    LotsDoNotDivide {
        /// The node whose children they are.
        place: Path,
        /// The smaller lot.
        smaller: Decimal,
        /// The larger lot.
        larger: Decimal,
    },
    /// The periods of a path have different lots.
    #[error(
        "the periods of {place} have lots of {smaller} and of {larger}: a stock keeps one lot along its path"
    )]
    PeriodsInLots {
        /// The node whose periods they are.
        place: Path,
        /// One lot.
        smaller: Decimal,
        /// The other.
        larger: Decimal,
    },
    /// A method that cannot share one amount in different lots.
    #[error(
        "step `{step}` has different lots below one node, which the method {} cannot keep: only largest remainder can",
        method_text(*method)
    )]
    MethodInMixedLots {
        /// The step.
        step: Key,
        /// The method.
        method: Method,
    },
    /// More is handed down than the threshold allows.
    #[error(
        "{place} hands down {share} more than its amount, beyond the threshold of {threshold} at step `{step}`"
    )]
    BeyondThreshold {
        /// The node.
        place: Path,
        /// The step.
        step: Key,
        /// The over-assignment.
        share: Ratio,
        /// The threshold.
        threshold: Ratio,
    },
    /// An over-assignment or its threshold is below zero.
    #[error("the over-assignment at step `{step}` is below zero")]
    NegativePad {
        /// The step.
        step: Key,
    },
    /// A minimum is above a maximum, of its own or of what is below.
    #[error("the bounds of {place} contradict each other: at least {min}, at most {max}")]
    CrossedBounds {
        /// The node.
        place: Path,
        /// The minimum.
        min: Decimal,
        /// The maximum.
        max: Decimal,
    },
    /// A method that keeps something apart, or favours one member by name, stands where children have bounds.
    #[error(
        "step `{step}` has bounds, which the method {} cannot keep: choose one that assigns everything",
        method_text(*method)
    )]
    MethodInsideBounds {
        /// The step.
        step: Key,
        /// The method.
        method: Method,
    },
    /// Bounds leave no way to split an amount.
    #[error(
        "{amount} at {place} cannot be split at step `{step}`: needed {needed}, available {available}, with the bounds of {}",
        limits_text(limits)
    )]
    Impossible {
        /// The node.
        place: Path,
        /// The step.
        step: Key,
        /// The amount.
        amount: Decimal,
        /// What the bounds ask for when that is more than there is; else the amount.
        needed: Decimal,
        /// What there is, or the most that the bounds can take.
        available: Decimal,
        /// The limits that contradict each other; none of them can be left out.
        limits: Vec<NodeLimit>,
    },
    /// A prescribed total is neither of one node nor of one member across the nodes below one.
    #[error(
        "the total of {place} cannot be prescribed: name one node, or a node and one member of a later step"
    )]
    NotTwoSteps {
        /// The place.
        place: Place,
    },
    /// Members of one step are prescribed across a node and across another one below it.
    #[error(
        "totals across step `{step}` are prescribed both below {above} and below {place}: they cross"
    )]
    CrossingTotals {
        /// The step.
        step: Key,
        /// The lower node.
        place: Path,
        /// The upper node.
        above: Path,
    },
    /// Totals over three or more dimensions were not met; whether they can be is not known.
    #[error(
        "the totals below {place} were not met: with the steps above split as they are, {}",
        proof_text(needing, offering, (*needed, *minima), (*available, *maxima))
    )]
    TotalsNotFound {
        /// The node above the rows.
        place: Path,
        /// Those in need.
        needing: Vec<Key>,
        /// Those into which it would have to fit.
        offering: Vec<Key>,
        /// What is needed.
        needed: Decimal,
        /// The part of it that is minima of others in the offering ones.
        minima: Decimal,
        /// What there is.
        available: Decimal,
        /// The part of it that cells of those in need may hold elsewhere.
        maxima: Decimal,
    },
    /// Totals are prescribed across a step whose lots differ.
    #[error(
        "step `{step}` has lots that differ from node to node, which prescribed totals across it cannot keep"
    )]
    TotalsInLots {
        /// The step.
        step: Key,
    },
    /// Totals of rows and columns cannot be stated together.
    #[error("the totals below {place} cannot be met together: {error}")]
    Margins {
        /// The node above the rows.
        place: Path,
        /// What is wrong.
        error: Box<MarginsError>,
    },
    /// Totals of rows and columns cannot be met together.
    #[error(
        "the totals below {place} cannot be met together: {}",
        proof_text(needing, offering, (*needed, *minima), (*available, *maxima))
    )]
    TotalsImpossible {
        /// The node above the rows.
        place: Path,
        /// Those in need; none of them can be left out.
        needing: Vec<Key>,
        /// Those into which it would have to fit.
        offering: Vec<Key>,
        /// What is needed.
        needed: Decimal,
        /// The part of it that is minima of others in the offering ones.
        minima: Decimal,
        /// What there is.
        available: Decimal,
        /// The part of it that cells of those in need may hold elsewhere.
        maxima: Decimal,
    },
    /// A change would break a prescribed total.
    #[error("{place} would total {found}, but {expected} is prescribed")]
    PrescribedBroken {
        /// The node above the rows, and the member.
        place: Path,
        /// What is prescribed.
        expected: Decimal,
        /// What it would be.
        found: Decimal,
    },
    /// A change would leave the bounds of the recipe.
    #[error("{place} would be {amount}, outside its bounds{}", range_text(*min, *max))]
    OutsideBounds {
        /// The node.
        place: Path,
        /// The amount.
        amount: Decimal,
        /// The minimum.
        min: Option<Decimal>,
        /// The maximum.
        max: Option<Decimal>,
    },
    /// An amount left the range of 64 bits of quanta.
    #[error("the amount at {place} is beyond the range of 64 bits of quanta")]
    OutOfRange {
        /// The node.
        place: Path,
    },
    /// Leaves add up to more than 64 bits of quanta hold.
    #[error("a sum of `{measure}` is beyond the range of 64 bits of quanta")]
    SumOutOfRange {
        /// The measure.
        measure: Key,
    },
    /// The plan has no such measure.
    #[error("the plan has no measure `{measure}`{}", suggestion(nearest.as_deref()))]
    UnknownMeasure {
        /// The measure that was asked for.
        measure: String,
        /// The nearest known one.
        nearest: Option<String>,
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
    #[error("level {level} has {nodes} nodes, but {found} figures are given")]
    ValuesShape {
        /// The level.
        level: usize,
        /// How many nodes it has.
        nodes: usize,
        /// How many figures are given.
        found: usize,
    },
    /// A dimension is not part of the plan.
    #[error("the plan has no dimension `{dimension}`")]
    NotPlanned {
        /// The dimension.
        dimension: Key,
    },
    /// A leaf's days do not lie within one period of the set that it is rolled up to.
    #[error("{place} does not lie within one period of `{set}`")]
    NotInPeriod {
        /// The leaf.
        place: Path,
        /// The set.
        set: Key,
    },

    /// The text is not a pattern.
    #[error(
        "`{text}` is not a pattern: write numbers joined by spaces or hyphens, not all zero, or P"
    )]
    Pattern {
        /// The text.
        text: String,
    },
    /// A change was made for a version that the plan has left behind.
    #[error(
        "the change is based on version {based_on}, but the plan is at {current}: {}",
        meanwhile_text(meanwhile)
    )]
    Stale {
        /// The version that the change was made for.
        based_on: u64,
        /// The version of the plan.
        current: u64,
        /// The changes in between.
        meanwhile: Vec<ChangeSummary>,
    },
    /// The plan never had this version.
    #[error("there is no version {version}; the plan is at {current}")]
    UnknownVersion {
        /// The version that was asked for.
        version: u64,
        /// The version of the plan.
        current: u64,
    },
    /// Two versions are compared the wrong way round.
    #[error("version {to} is before version {from}")]
    VersionOrder {
        /// The version from which differences are asked for.
        from: u64,
        /// The version up to which.
        to: u64,
    },
    /// Plans are joined before they are changed.
    #[error("a plan that has been changed cannot be joined with another")]
    Changed,
    /// A record has no recipe.
    #[error("a plan needs at least one recipe")]
    NoCascade,
    /// An edited place is held.
    #[error("{place} is held: release it first")]
    Held {
        /// The place.
        place: Path,
    },
    /// A total above an edited place is held.
    #[error("{place} is held at {held}: keep it, so that what else is below it gives way")]
    HeldAbove {
        /// The held node.
        place: Path,
        /// Its amount.
        held: Decimal,
    },
    /// An edited place is in a closed period.
    #[error("{place} is closed: all before {before} is read-only")]
    Closed {
        /// The place.
        place: Path,
        /// The day before which everything is closed.
        before: NaiveDate,
    },
    /// Closed periods cannot be opened.
    #[error("everything before {closed} is closed for good, so closing cannot go back to {before}")]
    Reopened {
        /// The day that was asked for.
        before: NaiveDate,
        /// The day before which everything is closed.
        closed: NaiveDate,
    },
    /// There is an amount to place but no cell that may move.
    #[error("{amount} cannot be placed at {place}: everything below is held or closed")]
    NothingFree {
        /// The node.
        place: Path,
        /// The amount.
        amount: Decimal,
    },
    /// What is held or closed leaves less than nothing for the rest.
    #[error("{place} cannot be {amount}: {held} of it is held or closed")]
    HeldExceeds {
        /// The node.
        place: Path,
        /// The amount that was asked for.
        amount: Decimal,
        /// What may not move.
        held: Decimal,
    },
    /// There is nothing to be proportional to, and that is refused.
    #[error("{amount} cannot be spread in proportion at {place}: all cells that may move are zero")]
    ZeroBase {
        /// The node.
        place: Path,
        /// The amount.
        amount: Decimal,
    },
    /// Some cells are below zero and some above, and that is refused.
    #[error(
        "amounts below and above zero stand beside each other at {place}: say what negative ones mean"
    )]
    MixedSigns {
        /// The node.
        place: Path,
    },
    /// The place to be kept is not above the edited one.
    #[error("{kept} cannot be kept: it is not above {place}")]
    NotAbove {
        /// The place to be kept.
        kept: Path,
        /// The edited place.
        place: Path,
    },
    /// A ratio has no base, so that nothing can be kept or set by it.
    #[error("`{measure}` has no base at {place}")]
    NoBase {
        /// The ratio.
        measure: Key,
        /// The node.
        place: Path,
    },
    /// A ratio is set, and neither the edit nor a link says which of its parts gives way.
    #[error(
        "no rule says which part of `{measure}` gives way: name one in the edit, or link the ratio"
    )]
    NoRule {
        /// The ratio.
        measure: Key,
    },
    /// A number was to be moved with nothing to speak for it.
    #[error("the move of {place} by {by} has no evidence")]
    NoEvidence {
        /// The place.
        place: Place,
        /// Who wanted to move it.
        by: Key,
    },
    /// Draft and target still differ.
    #[error("no agreement yet: gaps are left at {}", paths_text(open))]
    NotAgreed {
        /// Where.
        open: Vec<Path>,
    },
    /// A verb about children was used on a leaf.
    #[error("{place} has no children")]
    NoChildren {
        /// The leaf.
        place: Path,
    },
}

fn span_text(days: DayRange) -> String {
    let last = days.end().pred_opt().unwrap_or(days.end());
    format!("{} to {last}", days.start())
}

fn meanwhile_text(meanwhile: &[ChangeSummary]) -> String {
    let one =
        |change: &ChangeSummary| format!("{} by {} ({})", change.version, change.by, change.reason);
    meanwhile.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn method_text(method: Method) -> &'static str {
    match method {
        Method::LargestRemainder => "`largest_remainder`",
        Method::Webster => "`webster`",
        Method::Jefferson => "`jefferson`",
        Method::Hill => "`hill`",
        Method::Adams => "`adams`",
        Method::Dean => "`dean`",
        Method::Running => "`running`",
        Method::SpareToFirst => "`spare_to_first`",
        Method::SpareToHeaviest => "`spare_to_heaviest`",
        Method::RemainderToLargest => "`remainder_to_largest`",
        Method::RemainderTo(_) => "`remainder_to`",
        Method::RemainderApart => "`remainder_apart`",
        Method::BlocksApart => "`blocks_apart`",
    }
}

fn paths_text(paths: &[Path]) -> String {
    paths
        .iter()
        .map(Path::to_string)
        .collect::<Vec<_>>()
        .join(", ")
}

fn range_text(min: Option<Decimal>, max: Option<Decimal>) -> String {
    let part = |name: &str, limit: Option<Decimal>| {
        limit.map_or_else(String::new, |limit| format!(", {name} {limit}"))
    };
    part("at least", min) + &part("at most", max)
}

fn limits_text(limits: &[NodeLimit]) -> String {
    let one = |limit: &NodeLimit| format!("{}{}", limit.place, range_text(limit.min, limit.max));
    limits.iter().map(one).collect::<Vec<_>>().join("; ")
}

fn proof_text(
    needing: &[Key],
    offering: &[Key],
    (needed, minima): (Decimal, Decimal),
    (available, maxima): (Decimal, Decimal),
) -> String {
    let names = |names: &[Key]| {
        let all: Vec<&str> = names.iter().map(Key::as_str).collect();
        all.join(", ")
    };
    let of = |lines: &[Key], one: &'static str, more: &'static str| match lines {
        [_] => one,
        _ => more,
    };
    let total = |lines: &[Key]| format!("{} {}", names(lines), of(lines, "totals", "total"));
    let own = |lines: &[Key]| of(lines, "its", "their");
    if needing.is_empty() {
        let (total, own) = (total(offering), own(offering));
        return format!("{total} {available}, the minima of {own} cells make {needed}");
    }
    if offering.is_empty() {
        let (total, own) = (total(needing), own(needing));
        return format!("{total} {needed}, {own} cells hold at most {available}");
    }
    let others = if minima.is_zero() {
        String::new()
    } else {
        format!(" and the minima of others {minima}")
    };
    let elsewhere = if maxima.is_zero() {
        String::new()
    } else {
        format!(", and {} other cells hold at most {maxima}", own(needing))
    };
    format!(
        "{} {} {}{others}, {} {} {} for {}{elsewhere}",
        names(needing),
        of(needing, "needs", "need"),
        needed - minima,
        names(offering),
        of(offering, "has", "have"),
        available - maxima,
        of(needing, "it", "them"),
    )
}
