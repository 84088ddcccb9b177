//! The periods that are left of a place: how much each of them can take, and what it takes.

use std::collections::BTreeMap;

use super::carried::{Carried, moved, share};
use crate::calendar::DayRange;
use crate::key::Key;
use crate::plan::carry_forward::CarryForward;
use crate::plan::days::CellDays;
use crate::plan::lots::LotSize;
use crate::plan::{
    BasisError, CapLimit, CarryLimit, Easing, NodeId, Place, Plan, PlanError, Stretch, WhyLimited,
};
use crate::quantity::{Quantum, Ratio, Rounding};

/// What is left of one period of a place.
pub(super) struct Slot {
    period: DayRange,
    label: Option<Key>,
    pub(super) cells: Vec<Cell>,
}

/// What is left of one cell.
pub(super) struct Cell {
    pub(super) leaf: NodeId,
    /// What it has on the days that are left.
    units: i64,
    /// How much it can take, in lots.
    room: i64,
    weight: u128,
}

/// The periods that are left of a place, with the room that there is.
pub(super) struct Basin {
    slots: Vec<Slot>,
    /// The weight of each period, and how much it can take, in lots.
    weights: Vec<u128>,
    rooms: Vec<i64>,
    /// What keeps each period from taking more.
    whys: Vec<Vec<WhyLimited>>,
    lot: LotSize,
}

/// What a place took.
pub(super) struct Poured {
    /// By cell.
    pub(super) cells: Vec<i64>,
    pub(super) units: i64,
    /// What was in the way, where not all was taken.
    pub(super) limits: Vec<CarryLimit>,
}

impl Slot {
    /// The size of what stands there.
    pub(super) fn size(&self) -> i128 {
        let cells = self.cells.iter();
        cells
            .map(|cell| i128::from(cell.units.unsigned_abs()))
            .sum()
    }
}

impl Basin {
    pub(super) fn leaves(&self) -> impl Iterator<Item = NodeId> + '_ {
        self.slots
            .iter()
            .flat_map(|slot| slot.cells.iter().map(|cell| cell.leaf))
    }

    /// How much all periods can take together.
    pub(super) fn room(&self) -> i64 {
        let lots: i128 = self.rooms.iter().map(|room| i128::from(*room)).sum();
        i64::try_from(lots * i128::from(self.lot.quanta())).unwrap_or(i64::MAX)
    }

    /// Takes as much of an amount as there is room for, and no more than `most` of it either way.
    pub(super) fn pour(&self, units: i64, most: i64) -> Result<Poured, PlanError> {
        let wanted = units.saturating_abs();
        let lots = self.lot.count(wanted.min(most)).get();
        let (shares, taken) = share(lots, &self.weights, &self.rooms)?;
        let mut cells = Vec::new();
        for (slot, own) in self.slots.iter().zip(&shares) {
            let weights: Vec<u128> = slot.cells.iter().map(|cell| cell.weight).collect();
            let rooms: Vec<i64> = slot.cells.iter().map(|cell| cell.room).collect();
            let (own, _) = share(*own, &weights, &rooms)?;
            let sign = if units < 0 { -1 } else { 1 };
            cells.extend(own.iter().map(|lots| sign * lots * self.lot.quanta()));
        }
        let taken = taken * self.lot.quanta();
        let limits = if taken == wanted {
            Vec::new()
        } else {
            self.limits(&shares, wanted - taken, taken == self.lot.whole(most))
        };
        Ok(Poured {
            cells,
            units: if units < 0 { -taken } else { taken },
            limits,
        })
    }

    /// What kept all of it from being taken.
    fn limits(&self, shares: &[i64], left: i64, is_capped: bool) -> Vec<CarryLimit> {
        if self.slots.is_empty() {
            return vec![CarryLimit::new(None, WhyLimited::NothingLeft)];
        }
        if is_capped {
            return vec![CarryLimit::new(None, WhyLimited::Capped)];
        }
        if left < self.lot.quanta() {
            return vec![CarryLimit::new(None, WhyLimited::Lots)];
        }
        let mut limits = Vec::new();
        for (number, slot) in self.slots.iter().enumerate() {
            if shares[number] == self.rooms[number] {
                let whys = self.whys[number].iter();
                limits.extend(whys.map(|why| CarryLimit::new(slot.label.clone(), *why)));
            }
        }
        limits
    }
}

impl Plan {
    /// Returns the cells of a place on some days, period by period.
    pub(super) fn slots(
        &self,
        sheet: usize,
        at: &Place,
        days: DayRange,
    ) -> Result<Vec<Slot>, PlanError> {
        let mut slots: BTreeMap<DayRange, Slot> = BTreeMap::new();
        for leaf in self.cells_in(sheet, &Stretch::new(at.clone(), days))? {
            let curve = self.curve(&self.sheets[sheet], leaf)?;
            let units = curve.between(days.start(), days.end())?;
            let period = self.frame.period_of(leaf);
            let slot = slots.entry(period).or_insert_with(|| Slot {
                period,
                label: self.label_of(leaf),
                cells: Vec::new(),
            });
            let (room, weight) = (0, 0);
            slot.cells.push(Cell {
                leaf,
                units,
                room,
                weight,
            });
        }
        Ok(slots.into_values().collect())
    }

    /// Returns the label of the nearest period of a leaf.
    fn label_of(&self, leaf: NodeId) -> Option<Key> {
        let mut at = Some(leaf);
        while let Some(node) = at {
            let step = node.level().checked_sub(1)?;
            if self.frame.periods(step).is_some() && self.frame.name(node).is_some() {
                return self.frame.name(node).cloned();
            }
            at = self.frame.parent(node);
        }
        None
    }

    /// Returns how much the periods of a place can take: downwards or upwards, with the node above all that moves evenly if there is
    /// one, and with a limit for each period.
    pub(super) fn basin(
        &self,
        sheet: usize,
        asked: &CarryForward,
        mut slots: Vec<Slot>,
        (is_down, above, per_period): (bool, Option<NodeId>, Option<CapLimit>),
        done: &Carried,
    ) -> Result<Basin, PlanError> {
        let weights = self.slot_weights(sheet, asked, &slots)?;
        let (mut rooms, mut whys) = (Vec::new(), Vec::new());
        let mut all = Vec::with_capacity(slots.len());
        let mut lot = LotSize::ONE;
        for slot in &slots {
            let own = slot.cells.iter();
            let own = own.map(|cell| self.room(sheet, cell, is_down, above, done));
            let own: Vec<(i64, Option<WhyLimited>)> = own.collect();
            for (cell, (room, _)) in slot.cells.iter().zip(&own) {
                if *room > 0 {
                    let other = self.sheets[sheet].cascade().lots().at(cell.leaf);
                    lot = lot.common(other).ok_or_else(|| self.too_large(cell.leaf))?;
                }
            }
            all.push(own);
        }
        for ((slot, own), weight) in slots.iter_mut().zip(all).zip(&weights) {
            let has_size = slot
                .cells
                .iter()
                .zip(&own)
                .any(|(cell, (room, _))| *room > 0 && cell.units != 0);
            let (mut sum, mut why) = (0_i128, Vec::new());
            for (cell, (room, limit)) in slot.cells.iter_mut().zip(own) {
                cell.weight = if has_size {
                    u128::from(cell.units.unsigned_abs())
                } else {
                    1
                };
                cell.room = if cell.weight == 0 {
                    0
                } else {
                    lot.count(room).get()
                };
                sum += i128::from(cell.room);
                why.extend(limit);
            }
            let mut room = i64::try_from(sum).unwrap_or(i64::MAX);
            if let Some(limit) = per_period {
                let most = lot.count(self.limit_of(sheet, limit, slot.size())?).get();
                if most < room {
                    (room, why) = (most, vec![WhyLimited::Capped]);
                }
            }
            if *weight == 0 {
                (room, why) = (0, vec![WhyLimited::NoWeight]);
            }
            why.sort_unstable();
            why.dedup();
            rooms.push(room);
            whys.push(why);
        }
        Ok(Basin {
            slots,
            weights,
            rooms,
            whys,
            lot,
        })
    }

    /// How much a cell can take, and why no more.
    fn room(
        &self,
        sheet: usize,
        cell: &Cell,
        is_down: bool,
        above: Option<NodeId>,
        done: &Carried,
    ) -> (i64, Option<WhyLimited>) {
        if self.is_closed(cell.leaf) {
            return (0, Some(WhyLimited::Closed));
        }
        if self.is_held_within(sheet, cell.leaf, above) {
            return (0, Some(WhyLimited::Held));
        }
        let own = &self.sheets[sheet];
        let bounds = own.cascade().bounds().own(cell.leaf.level());
        let limits = bounds.and_then(|bounds| bounds.get(&cell.leaf.index()));
        let now = i128::from(own.amounts().at(cell.leaf)) + moved(&done.moves, cell.leaf);
        let most = if is_down {
            let size = i128::from(cell.units) + moved(&done.open, cell.leaf);
            let least = limits.and_then(|limits| limits.min);
            let least = least.map(|min| now - i128::from(min));
            Some(least.map_or(size, |least| least.min(size)))
        } else {
            let most = limits.and_then(|limits| limits.max);
            most.map(|max| i128::from(max) - now)
        };
        match most {
            Some(most) => (
                i64::try_from(most.max(0)).unwrap_or(i64::MAX),
                Some(WhyLimited::Bounded),
            ),
            None => (i64::MAX, None),
        }
    }

    /// Whether a cell, or a node above it, is held that does not hold all that moves evenly.
    fn is_held_within(&self, sheet: usize, leaf: NodeId, even: Option<NodeId>) -> bool {
        let holds = |node: NodeId| {
            let mut at = even;
            while let Some(own) = at.filter(|own| own.level() > node.level()) {
                at = self.frame.parent(own);
            }
            at == Some(node)
        };
        let mut at = Some(leaf);
        while let Some(node) = at {
            if self.sheets[sheet].is_held(node) && !holds(node) {
                return true;
            }
            at = self.frame.parent(node);
        }
        false
    }

    /// Returns the weight of each period, as whole numbers.
    fn slot_weights(
        &self,
        sheet: usize,
        asked: &CarryForward,
        slots: &[Slot],
    ) -> Result<Vec<u128>, PlanError> {
        let mut weights: Vec<Ratio> = Vec::with_capacity(slots.len());
        match &asked.by {
            Easing::Draft => {
                for slot in slots {
                    weights.push(Ratio::new(slot.size(), 1)?);
                }
            }
            Easing::Equal => {
                for slot in slots {
                    weights.push(self.part_left(sheet, asked, slot)?);
                }
            }
            Easing::Like(to) => {
                let like = self.amounts_like(sheet, to)?;
                for slot in slots {
                    let own = slot.cells.iter().filter_map(|cell| like.get(&cell.leaf));
                    let sum: i128 = own.map(|own| i128::from(own.unsigned_abs())).sum();
                    let part = self.part_left(sheet, asked, slot)?;
                    weights.push(Ratio::new(sum, 1)?.checked_mul(part)?);
                }
            }
            Easing::Given(given) => {
                let leaves: Vec<NodeId> = slots
                    .iter()
                    .flat_map(|slot| slot.cells.iter().map(|cell| cell.leaf))
                    .collect();
                let given = self.given(given, &leaves)?;
                for slot in slots {
                    let own = slot.cells.iter().filter_map(|cell| given.get(&cell.leaf));
                    let sum: u128 = own.fold(0, |sum, own| sum.saturating_add(*own));
                    let cells = i128::try_from(slot.cells.len()).unwrap_or(1);
                    let mean = Ratio::new(i128::try_from(sum).unwrap_or(i128::MAX), cells)?;
                    weights.push(mean.checked_mul(self.part_left(sheet, asked, slot)?)?);
                }
            }
        }
        let too_fine = || {
            let place = self.frame.path(NodeId::WHOLE);
            PlanError::Basis(BasisError::WeightTooFine { place })
        };
        let whole = crate::plan::edit::whole_parts(&weights).ok_or_else(too_fine)?;
        Ok(whole.iter().map(|own| own.unsigned_abs()).collect())
    }

    /// Returns which part of a period is left, by the days as the plan counts them.
    fn part_left(
        &self,
        sheet: usize,
        asked: &CarryForward,
        slot: &Slot,
    ) -> Result<Ratio, PlanError> {
        let start = self.days_open(asked)?.start();
        if start <= slot.period.start() {
            return Ok(Ratio::ONE);
        }
        let working = self.sheets[sheet].curve_days()?;
        let days = CellDays::All(slot.period);
        let all = days.count(working)?;
        if all.is_zero() {
            return Ok(Ratio::ZERO);
        }
        let left = all.checked_sub(days.before(start, working)?)?;
        Ok(left.checked_div(all)?)
    }

    /// Returns a limit in quanta, of what stands there.
    pub(super) fn limit_of(
        &self,
        sheet: usize,
        limit: CapLimit,
        of: i128,
    ) -> Result<i64, PlanError> {
        match limit {
            CapLimit::Amount(amount) => self.quanta(sheet, amount),
            CapLimit::Share(share) => {
                let part = share.checked_mul(Ratio::new(of, 1)?)?;
                Ok(Quantum::ONE.round(part, Rounding::Floor)?)
            }
        }
    }
}
