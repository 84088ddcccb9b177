//! What amounts have to keep: lots, over-assignments, bounds, prescribed totals.

use rust_decimal::Decimal;
use thiserror::Error;

use crate::allocation::Method;
use crate::key::Key;
use crate::margins::MarginsError;
use crate::plan::node_limit::NodeLimit;
use crate::plan::{Path, Place};
use crate::quantity::Ratio;

/// What can be wrong with lots, over-assignments, bounds and prescribed totals, or break them.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ConstraintError {
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
    /// A factor of over-assignment is not above zero.
    #[error(
        "the members of `{dimension}` cannot hand down {factor} times what is assigned to them: a factor is above zero"
    )]
    FactorNotAbove {
        /// The dimension.
        dimension: Key,
        /// The factor.
        factor: Ratio,
    },
    /// There are more factors of over-assignment than levels of managers.
    #[error(
        "{factors} factors are given for `{dimension}`, where {levels} levels of managers hand down"
    )]
    FactorsOfNobody {
        /// The dimension.
        dimension: Key,
        /// How many factors are given.
        factors: usize,
        /// How many levels of managers there are.
        levels: usize,
    },
    /// Nobody hands down at the place of a factor of over-assignment.
    #[error("nobody hands down at `{place}`, which has a factor of its own")]
    NobodyHandsDown {
        /// The place.
        place: Place,
    },
    /// The factors of one dimension are given twice.
    #[error(
        "the over-assignment of `{dimension}` stands there twice: its factors are said once, those of single managers by place"
    )]
    FactorsTwice {
        /// The dimension.
        dimension: Key,
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
    /// A total is neither prescribed nor bounded.
    #[error("the total of {place} says neither what it is nor what it is at least or at most")]
    NoTotal {
        /// The place.
        place: Place,
    },
    /// The totals that are prescribed across the nodes below one make another sum than it has.
    #[error(
        "the totals below {place} cannot be met together: at step `{step}` they make {prescribed}, and it has {total}"
    )]
    TotalsDisagree {
        /// The node above the rows.
        place: Path,
        /// The step whose members are prescribed.
        step: Key,
        /// What is prescribed in all.
        prescribed: Decimal,
        /// What there is.
        total: Decimal,
    },
    /// A bound asks for the side of zero on which a node cannot be.
    #[error(
        "{place} is bounded by {bound}, but the totals that it belongs to leave it nothing {side} zero"
    )]
    BoundBeyondZero {
        /// The node.
        place: Path,
        /// The bound.
        bound: Decimal,
        /// The side of zero: `above` or `below`.
        side: &'static str,
    },
    /// A node without weight has a minimum.
    #[error("{place} has no weight, so it cannot be at least {min}")]
    MinimumWithoutWeight {
        /// The node.
        place: Path,
        /// The minimum.
        min: Decimal,
    },
    /// Minima and maxima of rows and columns leave no table.
    #[error(
        "the totals below {place} {}: {}",
        if *as_split {
            "were not met with the steps above split as they are"
        } else {
            "cannot be met together"
        },
        ends_text(least, most, (*needed, *available), (*cells_min, *cells_max))
    )]
    TotalsOutOfBounds {
        /// The node above the rows.
        place: Path,
        /// Whether it is so only as the steps above are split: other amounts of the rows, inside their bounds, leave a way.
        as_split: bool,
        /// What has to go somewhere, with the least of each; none of them can be left out.
        least: Vec<NodeLimit>,
        /// Where it would have to fit, with the most of each.
        most: Vec<NodeLimit>,
        /// What is needed.
        needed: Decimal,
        /// What there is room for.
        available: Decimal,
        /// The part of what is needed that are minima of single cells.
        cells_min: Decimal,
        /// The part of what there is room for that are maxima of single cells.
        cells_max: Decimal,
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
    /// Totals were not met as the steps above are split: over three or more dimensions, or because other amounts of the rows, inside
    /// their bounds, leave a way.
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
    #[error(
        "the totals below {place}, counted in units of {unit}, cannot be met together: {error}"
    )]
    Margins {
        /// The node above the rows.
        place: Path,
        /// What is wrong.
        error: Box<MarginsError>,
        /// What one unit of the table is worth: a lot, or the smallest amount of the measure.
        unit: Decimal,
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

fn ends_text(
    least: &[NodeLimit],
    most: &[NodeLimit],
    (needed, available): (Decimal, Decimal),
    (cells_min, cells_max): (Decimal, Decimal),
) -> String {
    let list = |limits: &[NodeLimit], cells: Decimal, what: &str| {
        let mut parts: Vec<String> = limits.iter().map(limit_text).collect();
        if !cells.is_zero() {
            parts.push(format!("{what} of other cells {cells}"));
        }
        parts.join("; ")
    };
    let least = list(least, cells_min, "minima");
    let most = list(most, cells_max, "maxima");
    format!("needed {needed} ({least}), room for {available} ({most})")
}

fn limit_text(limit: &NodeLimit) -> String {
    match (limit.min, limit.max) {
        (Some(min), Some(max)) if min == max => format!("{} totals {min}", limit.place),
        (min, max) => format!("{}{}", limit.place, range_text(min, max)),
    }
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
