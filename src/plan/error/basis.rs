//! By what amounts are shared: weights, tables, seasons, blends.

use rust_decimal::Decimal;
use thiserror::Error;

use crate::calendar::DayRange;
use crate::key::Key;
use crate::panel::ColumnKey;
use crate::plan::Path;
use crate::quantity::Ratio;
use crate::space::Axis;

/// What can be wrong with a basis: the weights, tables, seasons or blends by which a step shares.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum BasisError {
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
    /// A table has no figure for some members.
    #[error(
        "the table `{table}` has no figure for {} at step `{step}`: say by `missing` whether they weigh `zero`, an `equal_share` or a `weight`",
        listed(members)
    )]
    MissingMembers {
        /// The table.
        table: Key,
        /// The step.
        step: Key,
        /// All of them.
        members: Vec<Key>,
    },
    /// A gate would judge an equal share, which is no figure.
    #[error(
        "the gate of step `{step}` judges figures of `{table}`, and an equal share is none: say that who has none has `zero` or a `weight`"
    )]
    ShareOfGate {
        /// The step.
        step: Key,
        /// The table.
        table: Key,
    },
    /// Somebody is not eligible where that is refused.
    #[error("{} at step `{step}` do not pass its gates", listed(places))]
    NotEligible {
        /// The step.
        step: Key,
        /// All of them.
        places: Vec<Path>,
    },
    /// Who is not eligible has a minimum, or a prescribed total asks for it.
    #[error(
        "{place} does not pass the gates of step `{step}`, and a minimum or a prescribed total gives it {amount}"
    )]
    GatedAmount {
        /// The node.
        place: Path,
        /// The step.
        step: Key,
        /// What it would get.
        amount: Decimal,
    },
    /// Nobody is eligible below a node, and its share may not go elsewhere.
    #[error(
        "nobody of {} is eligible at step `{step}`: let the `share` of its gates be `kept` there{}",
        listed(places),
        if places.iter().all(|place| place.keys().is_empty()) { "" } else { ", or go `elsewhere`" }
    )]
    NobodyEligible {
        /// The step.
        step: Key,
        /// The nodes.
        places: Vec<Path>,
    },
    /// Nodes weigh zero where the inverse of the weights counts.
    #[error("{} at step `{step}` weigh zero, which has no inverse", listed(places))]
    NoInverse {
        /// The step.
        step: Key,
        /// All of them.
        places: Vec<Path>,
    },
    /// The inverse of an inverse or of a blend.
    #[error(
        "the basis of step `{step}` is the inverse of a basis that is itself {basis}: invert the parts of a blend one by one"
    )]
    NestedInverse {
        /// The step.
        step: Key,
        /// The basis inside.
        basis: &'static str,
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
}

/// The first names of a list, and how many more there are.
fn listed<T: std::fmt::Display>(all: &[T]) -> String {
    const SHOWN: usize = 5;
    let shown: Vec<String> = all.iter().take(SHOWN).map(ToString::to_string).collect();
    let shown = shown.join(", ");
    match all.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

fn span_text(days: DayRange) -> String {
    let last = days.end().pred_opt().unwrap_or(days.end());
    format!("{} to {last}", days.start())
}
