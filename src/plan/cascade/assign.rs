//! What is assigned: from the base, the factors, and what may not move, node by node from the top.

use super::Cascade;
use crate::allocation::{AllocationError, Method, Weights, ZeroWeights, allocate};
use crate::plan::amounts::Amounts;
use crate::plan::bounds::Bounded;
use crate::plan::hold::Marks;
use crate::plan::lots::{LotCount, LotSize};
use crate::plan::{EditError, NodeId, PlanError};
use crate::quantity::{Ratio, Rounding};

/// Whether a node shares in what the node above it hands down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Taker {
    /// By its base.
    Free,
    /// Its base is nothing.
    Nothing,
    /// It has so much, since that was said or since nothing below it may move.
    Stuck(i64),
}

/// Who shares in what is handed down, level by level and node by node; nothing where everybody does.
pub(in crate::plan) struct Takers {
    levels: Vec<Vec<Taker>>,
    /// Whether what nobody may take is an error.
    strict: bool,
}

impl Takers {
    /// Lets everybody share by their base.
    fn everybody() -> Self {
        Self {
            levels: Vec::new(),
            strict: false,
        }
    }

    /// Finds who shares, beside amounts that were told and periods that are closed.
    pub(in crate::plan) fn new(cascade: &Cascade, amounts: &Amounts, closed: &Marks) -> Self {
        let frame = &cascade.0.frame;
        let count = frame.levels();
        let mut levels: Vec<Vec<Taker>> = Vec::new();
        if !amounts.told().is_empty() || (0..count).any(|level| closed.any(level)) {
            levels = vec![Vec::new(); count];
            for level in (0..count).rev() {
                let own = (0..frame.count(level)).map(|index| {
                    let node = NodeId::new(level, index);
                    if let Some(told) = amounts.told().get(&node) {
                        return Taker::Stuck(*told);
                    }
                    if closed.get(level, index) {
                        return Taker::Stuck(amounts.assigned_at(node));
                    }
                    let children = frame.levels[level].children(index);
                    match (amounts.at(node) == 0, children.is_empty()) {
                        (nothing, true) if nothing => Taker::Nothing,
                        (_, true) => Taker::Free,
                        (nothing, false) => {
                            cascade.taker(amounts, node, nothing, &levels[level + 1][children])
                        }
                    }
                });
                let own: Vec<Taker> = own.collect();
                levels[level] = own;
            }
        }
        let strict = true;
        Self { levels, strict }
    }

    /// Returns the amount that a node has whatever is handed down; none where it shares in that.
    fn fixed(&self, amounts: &Amounts, node: NodeId) -> Option<i64> {
        let own = self.levels.get(node.level());
        match own.and_then(|own| own.get(node.index())) {
            Some(Taker::Free) => None,
            Some(Taker::Nothing) => Some(0),
            Some(Taker::Stuck(amount)) => Some(*amount),
            None => (amounts.at(node) == 0).then_some(0),
        }
    }
}

impl Cascade {
    /// Returns the factor by which a node hands down what is assigned to it.
    pub(in crate::plan) fn factor(&self, node: NodeId) -> Ratio {
        let factors = self.0.factors.as_ref();
        factors.map_or(Ratio::ONE, |own| own.of(node))
    }

    /// Says whether some node hands down more or less than is assigned to it.
    pub(in crate::plan) fn over_assigns(&self) -> bool {
        self.0.factors.is_some()
    }

    /// Says whether every node of a level and below it hands down what is assigned to it.
    pub(in crate::plan) fn is_plain_from(&self, level: usize) -> bool {
        let levels = level..self.0.frame.levels();
        let factors = self.0.factors.as_ref();
        factors.is_none_or(|own| levels.into_iter().all(|level| own.is_plain(level)))
    }

    /// Returns what is assigned for each one of the base of a node, but for rounding.
    pub(in crate::plan) fn factor_above(&self, node: NodeId) -> Option<Ratio> {
        match &self.0.factors {
            None => Some(Ratio::ONE),
            Some(factors) => factors.above(&self.0.frame, node),
        }
    }

    /// Adds what is assigned to amounts, whose base is whole, where some node hands down more or less.
    pub(in crate::plan) fn assign(&self, amounts: &mut Amounts) -> Result<(), PlanError> {
        if !self.over_assigns() {
            return Ok(());
        }
        amounts.start_assigned();
        let takers = Takers::everybody();
        for level in 0..self.0.frame.levels() - 1 {
            for index in 0..self.0.frame.count(level) {
                let node = NodeId::new(level, index);
                let children = self.0.frame.levels[level].children(index);
                let shares = self.assigned_below(amounts, &takers, node)?;
                amounts.set_assigned(level + 1, children.start, &shares);
            }
        }
        Ok(())
    }

    /// Returns what the children of a node total when `own` is assigned to it: that times its factor in the nearest whole lots, less what
    /// stays with it, which is the same part of both layers. None beyond the range.
    pub(in crate::plan) fn assigned_down(
        &self,
        amounts: &Amounts,
        node: NodeId,
        own: i64,
    ) -> Option<i64> {
        let lot = self.lot_below(node.level(), node.index());
        let all = lot.nearest_part(own, self.factor(node))?;
        self.parted(amounts, node, all)
    }

    /// Says whether a node shares of whose children it is known.
    fn taker(&self, amounts: &Amounts, node: NodeId, nothing: bool, below: &[Taker]) -> Taker {
        let is_stuck = |own: &Taker| matches!(own, Taker::Stuck(_));
        if nothing && !below.iter().any(is_stuck) {
            return Taker::Nothing;
        }
        if !nothing && below.contains(&Taker::Free) {
            return Taker::Free;
        }
        // It hands down what they have: what it has does that, or the amount that is nearest to it.
        let now = amounts.assigned_at(node);
        let sum: i128 = below
            .iter()
            .map(|own| match own {
                Taker::Stuck(amount) => i128::from(*amount),
                Taker::Free | Taker::Nothing => 0,
            })
            .sum();
        let Ok(sum) = i64::try_from(sum) else {
            return Taker::Stuck(now);
        };
        let hands = |own: i64| self.assigned_down(amounts, node, own) == Some(sum);
        let lot = self.0.lots.at(node);
        let factor = self.factor(node);
        let parts = (factor.denominator(), factor.numerator());
        let near = lot.share(sum, parts, Rounding::HalfAwayFromZero);
        let near = near.and_then(|lots| lots.quanta(lot)).unwrap_or(now);
        let lot = lot.quanta();
        let mut tried = [
            now,
            near,
            near.saturating_sub(lot),
            near.saturating_add(lot),
        ]
        .into_iter();
        Taker::Stuck(tried.find(|own| hands(*own)).unwrap_or(now))
    }

    /// Returns what is assigned to each child of a node: by largest remainder over their base, beside those who have what they have.
    pub(in crate::plan) fn assigned_below(
        &self,
        amounts: &Amounts,
        takers: &Takers,
        node: NodeId,
    ) -> Result<Vec<i64>, PlanError> {
        let (level, index) = (node.level(), node.index());
        let children = self.0.frame.levels[level].children(index);
        if children.is_empty() {
            return Ok(Vec::new());
        }
        let out_of_range = || PlanError::OutOfRange {
            place: self.0.frame.path(node),
        };
        let own = amounts.assigned_at(node);
        let handed = self
            .assigned_down(amounts, node, own)
            .ok_or_else(out_of_range)?;
        let base = &amounts.level(level + 1)[children.clone()];
        let child = |place: usize| NodeId::new(level + 1, children.start + place);
        let fixed: Vec<Option<i64>> = (0..base.len())
            .map(|place| takers.fixed(amounts, child(place)))
            .collect();
        let taken: i128 = fixed.iter().flatten().map(|own| i128::from(*own)).sum();
        let rest = i64::try_from(i128::from(handed) - taken).map_err(|_| out_of_range())?;
        let free = base.iter().zip(&fixed).filter(|(_, fixed)| fixed.is_none());
        let (least, most) = free.fold((0, 0), |(least, most), (own, _)| {
            (least.min(own.signum()), most.max(own.signum()))
        });
        if (least, most) == (0, 0) {
            if rest != 0 && takers.strict {
                let shown = |units| self.0.measure.quantum.amount(units);
                return Err(PlanError::Edit(EditError::FactorMisses {
                    place: self.0.frame.path(node),
                    asked: shown(i64::try_from(taken).unwrap_or(i64::MAX)),
                    nearest: shown(handed),
                }));
            }
            return Ok(fixed.into_iter().map(|own| own.unwrap_or(0)).collect());
        }
        let losing = least < 0;
        if !(losing && most > 0) && self.is_split_apart(node, losing) {
            return self.assigned_inside(node, base, &fixed, rest, losing);
        }
        let by = self.factor_above(child(0)).ok_or_else(out_of_range)?;
        let lot = self.lot_below(level, index);
        share(lot, (base, &fixed), rest, by)
            .map_err(|error| self.split_error(level, error, &[], &[]))?
            .ok_or_else(out_of_range)
    }

    /// Returns what the children of a node have when it hands down `own` as it is, by largest remainder over their base.
    pub(in crate::plan) fn seen_below(
        &self,
        amounts: &Amounts,
        node: NodeId,
        own: i64,
    ) -> Result<Vec<i64>, PlanError> {
        let (level, index) = (node.level(), node.index());
        let children = self.0.frame.levels[level].children(index);
        if children.is_empty() {
            return Ok(Vec::new());
        }
        let out_of_range = || PlanError::OutOfRange {
            place: self.0.frame.path(node),
        };
        let base = &amounts.level(level + 1)[children];
        let handed = self.parted(amounts, node, own).ok_or_else(out_of_range)?;
        let fixed: Vec<Option<i64>> = base.iter().map(|own| (*own == 0).then_some(0)).collect();
        let by = self.factor_above(node).ok_or_else(out_of_range)?;
        share(LotSize::ONE, (base, &fixed), handed, by)
            .map_err(|error| self.split_error(level, error, &[], &[]))?
            .ok_or_else(out_of_range)
    }

    /// Returns the part of an amount that a node hands down of it, as of its base. None beyond the range.
    fn parted(&self, amounts: &Amounts, node: NodeId, all: i64) -> Option<i64> {
        let Some(apart) = amounts.apart(node.level()).get(&node.index()) else {
            return Some(all);
        };
        let lot = self.lot_below(node.level(), node.index());
        let base = amounts.at(node);
        let stays = if base == 0 {
            let by = self
                .factor_above(node)?
                .checked_mul(self.factor(node))
                .ok()?;
            lot.nearest_part(*apart, by)?
        } else {
            let parts = (i128::from(*apart), i128::from(base));
            lot.share(all, parts, Rounding::HalfAwayFromZero)?
                .quanta(lot)?
        };
        all.checked_sub(stays)
    }

    /// Says whether the children of a node have bounds or different lots.
    fn is_split_apart(&self, node: NodeId, losses: bool) -> bool {
        let (frame, lots) = (&self.0.frame, &self.0.lots);
        let run = node.index()..node.index() + 1;
        let found = self
            .assigned_bounds()
            .parents(frame, lots, node.level(), run, losses);
        !found.is_empty()
    }

    /// Shares what is left beside those who have what they have, inside bounds and lots.
    fn assigned_inside(
        &self,
        node: NodeId,
        base: &[i64],
        fixed: &[Option<i64>],
        rest: i64,
        losses: bool,
    ) -> Result<Vec<i64>, PlanError> {
        let (level, index) = (node.level(), node.index());
        let start = self.0.frame.levels[level].children(index).start;
        let weights: Vec<u128> = base
            .iter()
            .zip(fixed)
            .map(|(own, fixed)| {
                if fixed.is_some() {
                    0
                } else {
                    u128::from(own.unsigned_abs())
                }
            })
            .collect();
        let asked = Bounded {
            frame: &self.0.frame,
            measure: &self.0.measure,
            level,
            index,
            amount: rest,
            lots: &self.0.lots,
            method: Method::LargestRemainder,
            all_zero: ZeroWeights::Refuse,
            losses,
        };
        let is_fixed = |child: usize| fixed[child - start].is_some();
        let found = self
            .assigned_bounds()
            .split(&asked, &weights, |_| 0, is_fixed)?;
        let lot = self.lot_below(level, index);
        let shares = found.shares().iter().zip(fixed);
        let shares =
            shares.map(|(lots, fixed)| fixed.unwrap_or_else(|| LotCount::new(*lots).part(lot)));
        Ok(shares.collect())
    }
}

/// Shares an amount among those who have nothing fixed, by largest remainder over their base. Where these are below zero and above, those
/// below total their base times the factor that leads to them, so that neither side depends on what the other comes to. None beyond the
/// range.
fn share(
    lot: LotSize,
    (base, fixed): (&[i64], &[Option<i64>]),
    amount: i64,
    by: Ratio,
) -> Result<Option<Vec<i64>>, AllocationError> {
    let mut shares: Vec<i64> = fixed.iter().map(|own| own.unwrap_or(0)).collect();
    let free = (0..base.len()).filter(|place| fixed[*place].is_none());
    let (losses, gains): (Vec<usize>, Vec<usize>) = free.partition(|place| base[*place] < 0);
    let sum: i128 = losses.iter().map(|place| i128::from(base[*place])).sum();
    let below = match (losses.is_empty(), gains.is_empty()) {
        (true, _) => Some(0),
        (false, true) => Some(amount),
        (false, false) => i64::try_from(sum)
            .ok()
            .and_then(|sum| lot.nearest_part(sum, by)),
    };
    let Some((below, above)) = below.and_then(|below| Some((below, amount.checked_sub(below)?)))
    else {
        return Ok(None);
    };
    for (members, amount) in [(losses, below), (gains, above)] {
        if members.is_empty() {
            continue;
        }
        let weights = members.iter().map(|place| base[*place].unsigned_abs());
        let weights: Vec<u128> = weights.map(u128::from).collect();
        let weights = Weights::from_integers(&weights, ZeroWeights::Refuse)?;
        let found = allocate(lot.count(amount).get(), &weights, Method::LargestRemainder)?;
        for (place, lots) in members.into_iter().zip(found.shares()) {
            shares[place] = LotCount::new(*lots).part(lot);
        }
    }
    Ok(Some(shares))
}
