//! Joining, leaving, moving: stretches of targets that go from cell to cell.

use std::collections::{BTreeMap, BTreeSet};

use super::stretch::{Moves, no_days};
use crate::allocation::{Method, Weights, ZeroWeights, allocate};
use crate::calendar::DayRange;
use crate::plan::patch::Patch;
use crate::plan::step::Split;
use crate::plan::stretch::Bend;
use crate::plan::verbs::{
    Absence, Balance, Goes, Handed, Joining, Leaving, Merging, Moving, Splitting, Swapping,
};
use crate::plan::{EditError, NodeId, Place, Plan, PlanError, Stretch};
use crate::quantity::{Quantum, Ratio, Rounding};

/// What goes from a cell, or comes to it, before anything is moved.
#[derive(Debug, Clone, Copy)]
struct Part {
    cell: NodeId,
    days: DayRange,
    units: i64,
}

/// What a verb hands over, worked out before anything moves.
#[derive(Default)]
struct Hands {
    /// From whom, to whom, of which days, how much.
    done: Vec<(Option<NodeId>, Option<NodeId>, DayRange, i64)>,
    /// What stays because it is closed.
    closed: Vec<Part>,
}

impl Plan {
    pub(super) fn arrive(
        &mut self,
        arrival: &Joining,
        journal: &mut Vec<Patch>,
    ) -> Result<Vec<Handed>, PlanError> {
        let sheet = self.sheet_index(arrival.measure.as_str())?;
        let amount = self.quanta(sheet, arrival.amount)?;
        let stretch = self.rest(&arrival.at, arrival.from)?;
        let cells = self.cells_in(sheet, &stretch)?;
        let (closed, open): (Vec<NodeId>, Vec<NodeId>) =
            cells.into_iter().partition(|cell| self.is_closed(*cell));
        if open.is_empty() {
            return match closed.first() {
                Some(cell) => Err(self
                    .check_cell_open(*cell)
                    .err()
                    .unwrap_or(no_days(&stretch))),
                None => Err(no_days(&stretch)),
            };
        }
        let mut hands = Hands::default();
        for (cell, units) in self.shared(sheet, &open, stretch.days, amount)? {
            let part = self.part(cell, stretch.days, units);
            self.balance(sheet, &arrival.at, part, &arrival.balance, true, &mut hands)?;
        }
        self.hand_over(sheet, &hands, journal)
    }

    pub(super) fn depart(
        &mut self,
        departure: &Leaving,
        journal: &mut Vec<Patch>,
    ) -> Result<Vec<Handed>, PlanError> {
        let sheet = self.sheet_index(departure.measure.as_str())?;
        let stretch = self.rest(&departure.at, departure.from)?;
        let mut hands = Hands::default();
        for part in self.open_parts(sheet, &stretch, &mut hands)? {
            self.balance(
                sheet,
                &departure.at,
                part,
                &departure.balance,
                false,
                &mut hands,
            )?;
        }
        self.hand_over(sheet, &hands, journal)
    }

    pub(super) fn be_absent(
        &mut self,
        absence: &Absence,
        journal: &mut Vec<Patch>,
    ) -> Result<Vec<Handed>, PlanError> {
        let sheet = self.sheet_index(absence.measure.as_str())?;
        if absence.share.is_negative() || absence.share > Ratio::ONE {
            return Err(PlanError::Edit(EditError::ShareOutside {
                share: absence.share,
            }));
        }
        let stretch = Stretch::new(absence.at.clone(), absence.days);
        let mut hands = Hands::default();
        for mut part in self.open_parts(sheet, &stretch, &mut hands)? {
            let exact = Ratio::from(part.units).checked_mul(absence.share)?;
            part.units = Quantum::ONE.round(exact, Rounding::HalfEven)?;
            self.balance(
                sheet,
                &absence.at,
                part,
                &absence.balance,
                false,
                &mut hands,
            )?;
        }
        self.hand_over(sheet, &hands, journal)
    }

    pub(super) fn relocate(
        &mut self,
        relocation: &Moving,
        journal: &mut Vec<Patch>,
    ) -> Result<Vec<Handed>, PlanError> {
        let sheet = self.sheet_index(relocation.measure.as_str())?;
        let stretch = self.rest(&relocation.at, relocation.from)?;
        let mut hands = Hands::default();
        let parts = self.open_parts(sheet, &stretch, &mut hands)?;
        let cells: Vec<NodeId> = parts.iter().map(|part| part.cell).collect();
        let along: BTreeMap<NodeId, i64> = match relocation.target {
            Goes::Stays => BTreeMap::new(),
            Goes::Follows => parts.iter().map(|part| (part.cell, part.units)).collect(),
            Goes::Amount(amount) => {
                let amount = self.quanta(sheet, amount)?;
                self.shared(sheet, &cells, stretch.days, amount)?
                    .into_iter()
                    .collect()
            }
        };
        let there = Balance::Place(relocation.to.clone());
        for part in parts {
            let goes = along.get(&part.cell).copied().unwrap_or(0);
            let stays = part
                .units
                .checked_sub(goes)
                .ok_or_else(|| self.too_large(part.cell))?;
            let goes = Part {
                units: goes,
                ..part
            };
            let stays = Part {
                units: stays,
                ..part
            };
            self.balance(sheet, &relocation.at, goes, &there, false, &mut hands)?;
            self.balance(
                sheet,
                &relocation.at,
                stays,
                &relocation.balance,
                false,
                &mut hands,
            )?;
        }
        self.hand_over(sheet, &hands, journal)
    }

    pub(super) fn exchange(
        &mut self,
        exchange: &Swapping,
        journal: &mut Vec<Patch>,
    ) -> Result<Vec<Handed>, PlanError> {
        let sheet = self.sheet_index(exchange.measure.as_str())?;
        let mut hands = Hands::default();
        for (one, other) in [
            (&exchange.at, &exchange.with),
            (&exchange.with, &exchange.at),
        ] {
            let stretch = self.rest(one, exchange.from)?;
            let there = Balance::Place(other.clone());
            for part in self.open_parts(sheet, &stretch, &mut hands)? {
                self.balance(sheet, one, part, &there, false, &mut hands)?;
            }
        }
        self.hand_over(sheet, &hands, journal)
    }

    pub(super) fn divide(
        &mut self,
        division: &Splitting,
        journal: &mut Vec<Patch>,
    ) -> Result<Vec<Handed>, PlanError> {
        let sheet = self.sheet_index(division.measure.as_str())?;
        let shares: Vec<Ratio> = division.into.iter().map(|part| part.share).collect();
        let whole = super::whole_parts(&shares).unwrap_or_default();
        let weights: Option<Vec<u128>> = whole
            .into_iter()
            .map(|own| u128::try_from(own).ok())
            .collect();
        let weights = weights.filter(|weights| weights.iter().any(|weight| *weight > 0));
        let Some(weights) = weights else {
            return Err(PlanError::Edit(EditError::NoParts {
                place: division.at.clone(),
            }));
        };
        let weights = Weights::from_integers(&weights, ZeroWeights::Refuse)?;
        let stretch = self.rest(&division.at, division.from)?;
        let mut hands = Hands::default();
        for part in self.open_parts(sheet, &stretch, &mut hands)? {
            let shares = allocate(part.units, &weights, Method::LargestRemainder)?;
            for (into, units) in division.into.iter().zip(shares.shares()) {
                let there = Balance::Place(into.at.clone());
                let part = Part {
                    units: *units,
                    ..part
                };
                self.balance(sheet, &division.at, part, &there, false, &mut hands)?;
            }
        }
        self.hand_over(sheet, &hands, journal)
    }

    pub(super) fn merge(
        &mut self,
        merger: &Merging,
        journal: &mut Vec<Patch>,
    ) -> Result<Vec<Handed>, PlanError> {
        let sheet = self.sheet_index(merger.measure.as_str())?;
        let there = Balance::Place(merger.into.clone());
        let mut hands = Hands::default();
        for at in merger.at.iter().filter(|at| **at != merger.into) {
            let stretch = self.rest(at, merger.from)?;
            for part in self.open_parts(sheet, &stretch, &mut hands)? {
                self.balance(sheet, at, part, &there, false, &mut hands)?;
            }
        }
        self.hand_over(sheet, &hands, journal)
    }

    /// Returns the days of the plan from a day on, at a place.
    fn rest(&self, at: &Place, from: chrono::NaiveDate) -> Result<Stretch, PlanError> {
        let horizon = self.frame.horizon;
        let from = self.frame.counts_from(from);
        let from = from.clamp(horizon.start(), horizon.end());
        Ok(Stretch::new(
            at.clone(),
            DayRange::new(from, horizon.end())?,
        ))
    }

    fn part(&self, cell: NodeId, days: DayRange, units: i64) -> Part {
        let inside = self.days_in(cell, days);
        let hull = inside.first().zip(inside.last());
        let days = hull
            .and_then(|(first, last)| DayRange::new(first.start(), last.end()).ok())
            .unwrap_or(days);
        Part { cell, days, units }
    }

    /// Returns what the cells of a stretch have on its days; what is closed is told and left out.
    fn open_parts(
        &self,
        sheet: usize,
        stretch: &Stretch,
        hands: &mut Hands,
    ) -> Result<Vec<Part>, PlanError> {
        let cells = self.cells_in(sheet, stretch)?;
        if cells.is_empty() {
            return Err(no_days(stretch));
        }
        let mut open = Vec::with_capacity(cells.len());
        for cell in cells {
            let curve = self.curve(&self.sheets[sheet], cell)?;
            let units = curve.between(stretch.days.start(), stretch.days.end())?;
            let part = self.part(cell, stretch.days, units);
            if self.is_closed(cell) {
                hands.closed.push(part);
            } else {
                open.push(part);
            }
        }
        Ok(open)
    }

    /// Says who gives what a cell gets, or who gets what it gives.
    fn balance(
        &self,
        sheet: usize,
        at: &Place,
        part: Part,
        balance: &Balance,
        gets: bool,
        hands: &mut Hands,
    ) -> Result<(), PlanError> {
        let mut tell = |other: Option<NodeId>, units: i64| {
            let (from, to) = if gets {
                (other, Some(part.cell))
            } else {
                (Some(part.cell), other)
            };
            if units != 0 {
                hands.done.push((from, to, part.days, units));
            }
        };
        let others = match balance {
            Balance::Top => {
                tell(None, part.units);
                return Ok(());
            }
            Balance::Siblings => {
                let mut found = self.siblings(at, part)?;
                // Whom nobody names gets nothing that is not for them.
                found.retain(|cell| !self.is_passed_over(sheet, *cell, NodeId::WHOLE));
                found
            }
            Balance::Place(place) => self.counterparts(place, part)?,
        };
        if others.is_empty() {
            return Err(PlanError::Edit(EditError::NobodyThere {
                place: self.frame.path(part.cell),
                days: part.days,
            }));
        }
        for (other, units) in self.shared(sheet, &others, part.days, part.units)? {
            tell(Some(other), units);
        }
        Ok(())
    }

    /// Returns the cells beside one: of the other members below the node above the lowest step that a place names.
    fn siblings(&self, at: &Place, part: Part) -> Result<Vec<NodeId>, PlanError> {
        let named = self.frame.coords_of(at)?;
        let members = named
            .iter()
            .rev()
            .find(|(step, _)| self.frame.periods(*step).is_none());
        let Some((step, _)) = members.filter(|(step, _)| *step < part.cell.level()) else {
            return Ok(Vec::new());
        };
        let mut own = part.cell;
        while own.level() > step + 1 {
            let Some(above) = self.frame.parent(own) else {
                return Ok(Vec::new());
            };
            own = above;
        }
        let Some(above) = self.frame.parent(own) else {
            return Ok(Vec::new());
        };
        let mut found = Vec::new();
        for sibling in self.frame.children(above).filter(|sibling| *sibling != own) {
            let below: Vec<(usize, u32)> = (step + 1..part.cell.level())
                .map(|step| (step, self.frame.coord_at(part.cell, step)))
                .collect();
            let selection = crate::plan::frame::Selection {
                node: sibling,
                below,
            };
            found.extend(self.leaves_of(&selection));
        }
        found.retain(|cell| !self.days_in(*cell, part.days).is_empty());
        Ok(found)
    }

    /// Returns the cells of a place that stand for one: of its period, and of its members of dimensions that the place does not name.
    fn counterparts(&self, place: &Place, part: Part) -> Result<Vec<NodeId>, PlanError> {
        let named = self.frame.coords_of(place)?;
        let dimension = |step: usize| match self.frame.steps[step].split {
            Split::Member { dimension, .. } => Some(dimension),
            Split::Time(_) => None,
        };
        let dimensions: BTreeSet<usize> = named
            .iter()
            .filter_map(|(step, _)| dimension(*step))
            .collect();
        let same: Vec<(usize, u32)> = (0..part.cell.level())
            .filter(|step| dimension(*step).is_none_or(|own| !dimensions.contains(&own)))
            .map(|step| (step, self.frame.coord_at(part.cell, step)))
            .collect();
        let mut found = self.leaves_of(&self.frame.select(place)?);
        found.retain(|cell| {
            let mut steps = same.iter();
            steps.all(|(step, coord)| self.frame.coord_at(*cell, *step) == *coord)
                && !self.days_in(*cell, part.days).is_empty()
        });
        Ok(found)
    }

    /// Hands over what was worked out, and returns it as data.
    fn hand_over(
        &mut self,
        sheet: usize,
        hands: &Hands,
        journal: &mut Vec<Patch>,
    ) -> Result<Vec<Handed>, PlanError> {
        let mut bends: BTreeMap<(NodeId, DayRange), i128> = BTreeMap::new();
        for (from, to, days, units) in &hands.done {
            for (cell, units) in [(from, -i128::from(*units)), (to, i128::from(*units))] {
                if let Some(cell) = cell {
                    let days = self.part(*cell, *days, 0).days;
                    *bends.entry((*cell, days)).or_default() += units;
                }
            }
        }
        let mut moves = Moves::new();
        for ((cell, days), units) in &bends {
            *moves.entry(*cell).or_default() += units;
            let units = i64::try_from(*units).map_err(|_| self.too_large(*cell))?;
            self.bend(sheet, *cell, Bend { days: *days, units }, journal)?;
        }
        self.move_leaves(sheet, moves, journal)?;
        let measure = self.sheets[sheet].measure();
        let told = |from: Option<NodeId>, to: Option<NodeId>, days, units, closed| Handed {
            measure: measure.key.clone(),
            from: from.map(|cell| self.frame.path(cell)),
            to: to.map(|cell| self.frame.path(cell)),
            days,
            amount: measure.quantum.quantity(units),
            closed,
        };
        let done = hands.done.iter();
        let done = done.map(|(from, to, days, units)| told(*from, *to, *days, *units, false));
        let closed = hands.closed.iter();
        let closed = closed.map(|part| told(Some(part.cell), None, part.days, part.units, true));
        Ok(done.chain(closed).collect())
    }
}
