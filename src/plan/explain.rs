//! Where a number came from.

use std::cmp::Ordering;

use rust_decimal::Decimal;
use serde::{Serialize, Serializer};

use super::amounts::Amounts;
use super::bounds::{Bounded, is_of_losses};
use super::cascade::Kind;
use super::lots::LotCount;
use super::stock::{Before, Course, Paths, before, segment, splits_time};
use super::{ChangeSummary, NodeId, NodeLimit, Path, Plan, PlanError, Sheet};
use crate::allocation::{
    ActiveBound, Apportioned, BoundedShares, Method, Rationale, Weights, explain, tie,
};
use crate::key::Key;
use crate::margins::Closeness;
use crate::quantity::{Quantity, Ratio};

/// The derivation of the amount of one node: the total, and every split on the way down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Provenance {
    /// The measure.
    pub measure: Key,
    /// The node.
    pub place: Path,
    /// The amount that is assigned to it now.
    pub amount: Quantity,
    /// The total that was cascaded.
    pub total: Quantity,
    /// The splits from the top down to the node.
    pub splits: Vec<SplitReason>,
    /// The changes that moved the amount since, in order.
    pub moves: Vec<Move>,
    /// Whether the node is held.
    pub held: bool,
    /// Whether the node's period is closed.
    pub closed: bool,
}

/// A change that moved an amount.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Move {
    /// The change.
    pub change: ChangeSummary,
    /// The amount before it.
    pub before: Quantity,
    /// The amount after it.
    pub after: Quantity,
}

impl Provenance {
    /// Returns the amount that the cascade gave: the share of the last split, or the total where there is none. The moves
    /// lead from there to the present amount.
    #[must_use]
    pub fn cascaded(&self) -> Quantity {
        let last = self.splits.last();
        last.map_or(self.total, |split| {
            let assigned = split.assigned.as_ref();
            assigned.map_or(split.share, |own| own.share)
        })
    }
}

/// Why a node got its share of the amount above it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SplitReason {
    /// The step.
    pub step: Key,
    /// The node that the share belongs to.
    pub place: Path,
    /// The basis of the step.
    pub basis: &'static str,
    /// The method of rounding.
    pub method: Method,
    /// The amount of the node above; of a stock what the path leads to next.
    pub base: Quantity,
    /// What a stock started from, at a step by periods: from there it moves to the base. Where periods on the way are
    /// prescribed, from the last of these to the next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opening: Option<Quantity>,
    /// How much of that stayed with the node above, being of those who are not eligible.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kept: Option<Quantity>,
    /// The part of the weights of all children that this one has; for a period of a stock, that all periods up to it
    /// have. None where all weights are zero.
    pub weight: Option<Ratio>,
    /// The exact share in units of the measure, where 128 bits hold it.
    pub exact: Option<Ratio>,
    /// The amount of which the share is a whole multiple.
    pub lot: Quantity,
    /// How many lots were to spare after rounding every share towards zero; where minima, maxima or different lots have a
    /// say, how many of those that share by weight got more than their exact share.
    pub spare: usize,
    /// The place among the remainders, from 1, in the order in which the spare lots go out; none where minima, maxima or
    /// different lots have a say.
    pub rank: Option<usize>,
    /// Who got the spare lots, if the method hands them out one by one.
    pub favoured: Vec<Key>,
    /// Who had the same claim as the last of these, if declared order had to decide.
    pub tied: Vec<Key>,
    /// How the exact share became whole.
    #[serde(serialize_with = "reason_word")]
    pub reason: Apportioned,
    /// How the share came to be where the children have minima, maxima or different lots, which then decide before
    /// rounding.
    #[serde(
        serialize_with = "placement_word",
        skip_serializing_if = "Option::is_none"
    )]
    pub placement: Option<ActiveBound>,
    /// How near the share is to what the bases say, where it was fitted to totals that are prescribed across nodes: within
    /// its rounding, or anywhere that the totals leave. None where it was not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fitted: Option<Closeness>,
    /// What is prescribed or bounded for its member across all nodes in between, where something is: it had a say in the
    /// share.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub across: Option<NodeLimit>,
    /// The share; where the plan has two [layers](super::Layer), that of the base.
    pub share: Quantity,
    /// What was assigned beside the base, where the plan has two layers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assigned: Option<AssignedShare>,
}

/// What was assigned to a node of what was assigned to the node above it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct AssignedShare {
    /// What was assigned to the node above.
    pub above: Quantity,
    /// What its children total for each one of that.
    pub factor: Ratio,
    /// What its children total.
    pub handed: Quantity,
    /// The share of that, by largest remainder over the base of its children.
    pub share: Quantity,
}

impl Plan {
    /// Returns where the amount of a node came from.
    ///
    /// As much work as splitting the nodes on the way down; as the whole cascade where totals are prescribed across nodes or the plan has
    /// two layers.
    ///
    /// # Errors
    /// [`PlanError::UnknownMeasure`], [`PlanError::ForeignNode`].
    pub fn explain(&self, measure: &str, node: NodeId) -> Result<Provenance, PlanError> {
        let sheet = self.sheet(measure)?;
        let amount = self.amount(measure, node)?;
        let quantum = sheet.measure().quantum;
        let mut way = vec![node];
        while let Some(above) = way.last().and_then(|node| self.frame.parent(*node)) {
            way.push(above);
        }
        way.reverse();
        let mut at = sheet.cascaded_total();
        let mut splits = Vec::new();
        // Where the rows of several nodes are fitted together, only the whole cascade says what one of them gets.
        let mut cascaded = None;
        for pair in way.windows(2) {
            let mut split = match sheet.cascade().kind() {
                Kind::Stock(paths) if splits_time(&self.frame, pair[0]) => {
                    self.path_reason(sheet, paths, pair[0], pair[1], at)?
                }
                Kind::Rating => self.given_reason(sheet, pair[0], pair[1], at),
                Kind::Flow | Kind::Stock(_) => self.split_reason(sheet, pair[0], pair[1], at)?,
            };
            let prescribed = sheet.cascade().prescribed();
            if let Some(holder) = prescribed.holder(&self.frame, pair[0].level(), pair[0]) {
                let amounts = match cascaded.take() {
                    Some(amounts) => amounts,
                    None => sheet.cascade().amounts(sheet.cascaded_total())?,
                };
                let values = amounts.level(pair[1].level());
                split.share = quantum.quantity(values[pair[1].index()]);
                split.fitted = amounts.fit(pair[0].level(), holder);
                split.across = prescribed
                    .across(&self.frame, pair[1])
                    .map(|(place, limits)| {
                        let shown = |units| quantum.amount(units);
                        NodeLimit {
                            place,
                            min: limits.min.map(shown),
                            max: limits.max.map(shown),
                        }
                    });
                cascaded = Some(amounts);
            }
            at = split.share.units();
            if sheet.cascade().over_assigns() {
                let amounts = match cascaded.take() {
                    Some(amounts) => amounts,
                    None => sheet.cascade().amounts(sheet.cascaded_total())?,
                };
                split.assigned = Some(self.assigned_share(sheet, &amounts, (pair[0], pair[1]))?);
                cascaded = Some(amounts);
            }
            if self.frame.name(pair[1]).is_some() {
                splits.push(split);
            }
        }
        Ok(Provenance {
            measure: sheet.measure().key.clone(),
            place: self.frame.path(node),
            amount,
            total: quantum.quantity(sheet.cascaded_total()),
            splits,
            moves: self.moves_of(measure, node, amount)?,
            held: sheet.is_held(node),
            closed: self.closed.get(node.level(), node.index()),
        })
    }

    /// Returns what was assigned to a child of what was assigned to its parent.
    fn assigned_share(
        &self,
        sheet: &Sheet,
        cascaded: &Amounts,
        (above, child): (NodeId, NodeId),
    ) -> Result<AssignedShare, PlanError> {
        let cascade = sheet.cascade();
        let own = cascaded.assigned_at(above);
        let handed = cascade.assigned_down(cascaded, above, own);
        let shown = |units| sheet.measure().quantum.quantity(units);
        Ok(AssignedShare {
            above: shown(own),
            factor: cascade.factor(above),
            handed: shown(handed.ok_or_else(|| self.too_large(above))?),
            share: shown(cascaded.assigned_at(child)),
        })
    }

    /// Returns the split of a node whose children are bounded or have different lots.
    fn bounded_split(
        &self,
        sheet: &Sheet,
        above: NodeId,
        handed: i64,
        column: &[u128],
    ) -> Result<Option<BoundedShares>, PlanError> {
        let bounds = sheet.cascade().bounds();
        let (level, index) = (above.level(), above.index());
        let losses = is_of_losses(handed, sheet.cascaded_total());
        let lots = sheet.cascade().lots();
        if bounds
            .parents(&self.frame, lots, level, index..index + 1, losses)
            .is_empty()
        {
            return Ok(None);
        }
        let node = Bounded {
            frame: &self.frame,
            measure: sheet.measure(),
            level,
            index,
            amount: handed,
            lots,
            method: sheet.cascade().method(level),
            all_zero: sheet.cascade().definition().steps[level].weights.all_zero(),
            losses,
        };
        bounds.split(&node, column, |_| 0, |_| false).map(Some)
    }

    fn moves_of(&self, measure: &str, node: NodeId, now: Quantity) -> Result<Vec<Move>, PlanError> {
        let quantity = |units| now.quantum().quantity(units);
        let moves = self.moves(self.sheet_index(measure)?, node);
        let changed = |(version, before, after): (u64, i64, i64)| {
            let index = usize::try_from(version - 1).ok()?;
            Some(Move {
                change: self.summary(index),
                before: quantity(before),
                after: quantity(after),
            })
        };
        Ok(moves.into_iter().filter_map(changed).collect())
    }

    /// Returns why a period of a stock has its amount: how far it is on the way from the opening to the closing.
    fn path_reason(
        &self,
        sheet: &Sheet,
        paths: &Paths,
        above: NodeId,
        child: NodeId,
        closing: i64,
    ) -> Result<SplitReason, PlanError> {
        let cascade = &sheet.cascade();
        let range = self.frame.child_range(above);
        let weights = cascade.node_weights(above.level(), range.clone());
        let mut opening = match before(&self.frame, above) {
            Before::Start => paths.openings.start(above),
            Before::Node(twin) => self.cascaded(sheet, twin)?,
            Before::Nobody => 0,
        };
        // From the last prescribed period before this one to the next.
        let place = child.index() - range.start;
        let (mut part, mut end) = segment(&self.frame, &paths.waypoints, above, 0);
        while let Some(amount) = end.filter(|_| part.end <= place) {
            opening = amount;
            (part, end) = segment(&self.frame, &paths.waypoints, above, part.end);
        }
        let closing = end.unwrap_or(closing);
        let (weights, place) = (&weights[part.clone()], place - part.start);
        let course = Course {
            opening,
            closing,
            weights,
            all_zero: cascade.definition().steps[above.level()].weights.all_zero(),
            lot: cascade.lot_below(above.level(), above.index()),
        };
        let amounts = course.amounts();
        let amounts = amounts.map_err(|error| cascade.path_error(above, closing, error))?;
        let share = amounts[place];
        let sum = |weights: &[u128]| {
            let sum = weights
                .iter()
                .try_fold(0_u128, |sum, own| sum.checked_add(*own));
            i128::try_from(sum?).ok()
        };
        let weight = sum(&weights[..=place])
            .zip(sum(weights))
            .and_then(|(so_far, all)| Ratio::new(so_far, all).ok());
        let change = i128::from(closing) - i128::from(opening);
        let exact = Ratio::new(change, 1)
            .and_then(|change| change.checked_mul(weight.unwrap_or(Ratio::ZERO)))
            .and_then(|moved| moved.checked_add(Ratio::from(opening)))
            .ok()
            .filter(|_| weight.is_some());
        let mut reason = self.given_reason(sheet, above, child, closing);
        reason.method = Method::Running;
        reason.opening = Some(sheet.measure().quantum.quantity(opening));
        reason.weight = weight;
        let size = sheet.measure().quantum.ratio();
        reason.exact = exact.and_then(|exact| exact.checked_mul(size).ok());
        reason.reason = match exact {
            Some(exact) if Ratio::from(share) != exact => {
                if (Ratio::from(share) > exact) == (share > 0) {
                    Apportioned::RoundedUp
                } else {
                    Apportioned::RoundedDown
                }
            }
            _ => Apportioned::Whole,
        };
        reason.share = sheet.measure().quantum.quantity(share);
        Ok(reason)
    }

    /// Returns why a child has what its parent has.
    fn given_reason(&self, sheet: &Sheet, above: NodeId, child: NodeId, base: i64) -> SplitReason {
        let definition = &sheet.cascade().definition().steps[above.level()];
        let quantum = sheet.measure().quantum;
        let exact = Ratio::from(base).checked_mul(quantum.ratio());
        SplitReason {
            step: self.frame.steps[above.level()].name.clone(),
            place: self.frame.path(child),
            basis: definition.basis.name(),
            method: definition.method,
            base: quantum.quantity(base),
            opening: None,
            kept: None,
            weight: None,
            exact: exact.ok(),
            lot: quantum.quantity(sheet.cascade().lots().at(child).quanta()),
            spare: 0,
            rank: None,
            favoured: Vec::new(),
            tied: Vec::new(),
            reason: Apportioned::Whole,
            placement: None,
            fitted: None,
            across: None,
            share: quantum.quantity(base),
            assigned: None,
        }
    }

    /// Returns what the cascade gave a node of a stock.
    fn cascaded(&self, sheet: &Sheet, node: NodeId) -> Result<i64, PlanError> {
        let Some(above) = self.frame.parent(node) else {
            return Ok(sheet.cascaded_total());
        };
        if sheet.cascade().prescribed().iter().next().is_some() {
            let amounts = sheet.cascade().amounts(sheet.cascaded_total())?;
            return Ok(amounts.level(node.level())[node.index()]);
        }
        let base = self.cascaded(sheet, above)?;
        let split = match sheet.cascade().kind() {
            Kind::Stock(paths) if splits_time(&self.frame, above) => {
                self.path_reason(sheet, paths, above, node, base)?
            }
            _ => self.split_reason(sheet, above, node, base)?,
        };
        Ok(split.share.units())
    }

    fn split_reason(
        &self,
        sheet: &Sheet,
        above: NodeId,
        child: NodeId,
        base: i64,
    ) -> Result<SplitReason, PlanError> {
        let step = above.level();
        let cascade = &sheet.cascade();
        let definition = &cascade.definition().steps[step];
        let quantum = sheet.measure().quantum;
        let lot = cascade.lot_below(step, above.index());
        let kept = cascade.kept_of(step, above.index(), base);
        let handed = base - kept;
        let range = self.frame.child_range(above);
        let column: Vec<u128> = range
            .clone()
            .map(|index| cascade.weights(step).get(index).unwrap_or(0))
            .collect();
        let in_node = |error| PlanError::Split {
            place: self.frame.path(above),
            step: self.frame.steps[step].name.clone(),
            error: Box::new(error),
        };
        let weights =
            Weights::from_integers(&column, definition.weights.all_zero()).map_err(in_node)?;
        let member = child.index() - range.start;
        let (lots, method) = (lot.count(handed).get(), definition.method);
        let own: Rationale = explain(lots, &weights, method, member).map_err(in_node)?;
        let name = |member: usize| {
            self.frame
                .name(NodeId::new(child.level(), range.start + member))
                .cloned()
        };
        let size = quantum.ratio().checked_mul(lot.ratio());
        let shown = |exact: Ratio| exact.checked_mul(size.clone().ok()?).ok();
        let found = match self.bounded_split(sheet, above, handed, &column)? {
            Some(within) => Found::within(&within, member),
            None => Found {
                share: own.share(),
                exact: own.exact(),
                spare: own.spare(),
                rank: own.rank(),
                favoured: favoured(lots, &weights, method).map_err(in_node)?,
                tied: tie(lots, &weights, method)
                    .map_err(in_node)?
                    .map_or_else(Vec::new, |tie| tie.members().to_vec()),
                reason: own.reason(),
                placement: None,
            },
        };
        let names = |members: Vec<usize>| members.into_iter().filter_map(name).collect();
        Ok(SplitReason {
            placement: found.placement,
            opening: None,
            fitted: None,
            across: None,
            step: self.frame.steps[step].name.clone(),
            place: self.frame.path(child),
            basis: definition.basis.name(),
            method,
            base: quantum.quantity(base),
            kept: (kept != 0).then(|| quantum.quantity(kept)),
            weight: weights.fraction(member),
            exact: found.exact.and_then(shown),
            lot: quantum.quantity(cascade.lots().at(child).quanta()),
            spare: found.spare,
            rank: found.rank,
            favoured: names(found.favoured),
            tied: names(found.tied),
            reason: found.reason,
            share: quantum.quantity(LotCount::new(found.share).part(lot)),
            assigned: None,
        })
    }
}

/// One share of a split, counted in lots.
struct Found {
    share: i64,
    exact: Option<Ratio>,
    spare: usize,
    rank: Option<usize>,
    favoured: Vec<usize>,
    tied: Vec<usize>,
    reason: Apportioned,
    placement: Option<ActiveBound>,
}

impl Found {
    /// Returns a share that bounds or different lots had a say in: who of those that share by weight alone was rounded away
    /// from zero, and why this one has what it has.
    fn within(within: &BoundedShares, member: usize) -> Self {
        let exact = |member: usize| match within.active_bounds()[member] {
            ActiveBound::Shared(portion) => portion.exact(),
            _ => None,
        };
        // How far a share is from zero beyond its exact share.
        let beyond = |member: usize| {
            let share = Ratio::from(within.shares()[member]);
            let exact = exact(member)?;
            Some(if exact.is_negative() {
                exact.cmp(&share)
            } else {
                share.cmp(&exact)
            })
        };
        let up = |member: &usize| beyond(*member) == Some(Ordering::Greater);
        let favoured: Vec<usize> = (0..within.shares().len()).filter(up).collect();
        let tied = within.ties().iter().flat_map(|tie| tie.members().to_vec());
        Self {
            share: within.shares()[member],
            exact: exact(member),
            spare: favoured.len(),
            rank: None,
            tied: tied.collect(),
            favoured,
            reason: match (within.active_bounds()[member], beyond(member)) {
                (ActiveBound::ZeroWeight, _) => Apportioned::ZeroWeight,
                (_, Some(Ordering::Greater)) => Apportioned::RoundedUp,
                (_, Some(Ordering::Less)) => Apportioned::RoundedDown,
                _ => Apportioned::Whole,
            },
            placement: Some(within.active_bounds()[member]),
        }
    }
}

/// Returns the members whose share was rounded away from zero.
fn favoured(
    lots: i64,
    weights: &Weights,
    method: Method,
) -> Result<Vec<usize>, crate::allocation::AllocationError> {
    let shares = crate::allocation::allocate(lots, weights, method)?;
    let sum = weights.sum();
    let favoured = |(member, share): (usize, &i64)| {
        let weight = weights.get(member)?;
        // Rounded up exactly where share x sum exceeds total x weight; both fit 256 bits only, so compare ratios.
        let exact = Ratio::new(i128::try_from(weight).ok()?, i128::try_from(sum).ok()?).ok()?;
        let ratio = if lots == 0 {
            Ratio::ZERO
        } else {
            Ratio::new(i128::from(*share), i128::from(lots)).ok()?
        };
        (ratio > exact).then_some(member)
    };
    Ok(shares
        .shares()
        .iter()
        .enumerate()
        .filter_map(favoured)
        .collect())
}

/// Writes a reason as one word.
#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes fields by reference"
)]
fn reason_word<S: Serializer>(reason: &Apportioned, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(match reason {
        Apportioned::Whole => "whole",
        Apportioned::RoundedDown => "rounded_down",
        Apportioned::RoundedUp => "rounded_up",
        Apportioned::Moved => "moved",
        Apportioned::ZeroWeight => "zero_weight",
    })
}

/// Writes how a share came to be as one word.
#[expect(clippy::ref_option, reason = "serde passes fields by reference")]
fn placement_word<S: Serializer>(
    placement: &Option<ActiveBound>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match placement {
        None => serializer.serialize_none(),
        Some(placement) => serializer.serialize_str(match placement {
            ActiveBound::Held => "held",
            ActiveBound::Minimum => "minimum",
            ActiveBound::Maximum => "maximum",
            ActiveBound::ZeroWeight => "zero_weight",
            ActiveBound::Shared(_) => "shared",
        }),
    }
}

impl SplitReason {
    /// Returns the exact share as a decimal of at most 12 places, for tables.
    #[must_use]
    pub fn exact_decimal(&self) -> Option<Decimal> {
        self.exact.map(Ratio::approximate)
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{Company, given, key, member, recipe};
    use super::super::*;
    use crate::allocation::Apportioned;
    use crate::calendar::Grain;
    use crate::quantity::Ratio;

    #[test]
    fn an_explanation_says_who_got_the_spare_cent_and_why() {
        let company = Company::new();
        let def = recipe("sales")
            .step(
                member("person", "region")
                    .basis(given("region", &[("north", "1"), ("south", "2")])),
            )
            .step(member("person", "person"));
        let plan = Cascade::compile(def, &company.sources())
            .unwrap()
            .run("0.10".parse().unwrap())
            .unwrap();
        let di = plan.frame().find(&["south", "di"]).unwrap();
        let why = plan.explain("sales", di).unwrap();
        assert_eq!(
            (why.total.to_string(), why.amount.to_string()),
            ("0.10".into(), "0.02".into())
        );
        let [south, own] = &why.splits[..] else {
            panic!("two splits")
        };
        // 10 cents by 1 : 2 is 3 1/3 and 6 2/3: one cent to spare, which goes to the south.
        assert_eq!(
            (south.basis, south.base.units(), south.share.units()),
            ("given", 10, 7)
        );
        assert_eq!(south.exact, Some(Ratio::new(2, 30).unwrap()));
        assert_eq!(
            (south.spare, south.rank, south.reason),
            (1, Some(1), Apportioned::RoundedUp)
        );
        assert_eq!((south.favoured.len(), south.tied.len()), (1, 0));
        // 7 cents over three: one to spare, all tied, the first in order gets it.
        assert_eq!(
            (own.spare, own.rank, own.reason),
            (1, Some(2), Apportioned::RoundedDown)
        );
        assert_eq!(own.favoured, [key("cy")]);
        assert_eq!(own.tied, [key("cy"), key("di"), key("ed")]);
        assert_eq!(why.cascaded(), why.amount);
    }

    #[test]
    fn every_explanation_recomputes_to_the_amount() {
        let company = Company::new();
        let over = OverAssignmentDef::from_leaves("person", vec!["9/7".parse().unwrap(); 2]);
        let def = recipe("sales")
            .step(member("person", "region").lot("0.05".parse().unwrap()))
            .step(StepDef::grain(Grain::Quarter))
            .step(member("person", "person").basis(BasisDef::Equal))
            .over_assign(over.unwrap());
        let plan = Cascade::compile(def, &company.sources())
            .unwrap()
            .run("-1234.55".parse().unwrap())
            .unwrap();
        assert_eq!(plan.verify(), []);
        for level in 0..plan.frame().levels() {
            for index in 0..plan.frame().count(level) {
                let why = plan.explain("sales", NodeId::new(level, index)).unwrap();
                assert_eq!(why.cascaded(), why.amount, "{}", why.place);
            }
        }
    }
}
