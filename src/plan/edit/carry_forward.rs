//! Gaps carried forward: what was missed where, where it goes, and what is left.

mod basin;
mod carried;
mod past;

use crate::calendar::DayRange;
use crate::measure::Direction;
use crate::plan::carry_forward::{CarryForward, CarryRest, GapSides, PastTargets, Taker};
use crate::plan::patch::{Patch, moved_cells};

use crate::plan::step::finest;
use crate::plan::stretch::Bend;
use crate::plan::{
    CapLimit, CarriedGap, Difference, Edit, EditError, NodeId, Place, Plan, PlanError, Stretch,
};
use basin::{Basin, Slot};
use carried::{Carried, share};
use past::Row;

/// What is left of the gap of a row, in the order of the rows.
struct Leftover {
    row: usize,
    units: i64,
    above: Option<NodeId>,
}

impl Plan {
    /// Carries gaps forward, and returns the measure that moved. `before` are the edits of the same change that were made already.
    pub(super) fn carry(
        &mut self,
        asked: &CarryForward,
        before: &[Edit],
        journal: &mut Vec<Patch>,
    ) -> Result<usize, PlanError> {
        let sheet = self.sheet_index(asked.measure.as_str())?;
        let carried = self.carrying(sheet, asked, before)?;
        let left = |gap: &CarriedGap| gap.left.units() != 0;
        if asked.rest == CarryRest::Refused && carried.gaps.iter().any(left) {
            let gaps = carried.gaps.into_iter().filter(left).collect();
            return Err(PlanError::Edit(EditError::CannotCarry { gaps }));
        }
        for (leaf, bend) in carried.bends {
            self.bend(sheet, leaf, bend, journal)?;
        }
        self.move_leaves(sheet, carried.moves, journal)?;
        Ok(sheet)
    }

    /// Returns what becomes of each gap.
    pub(in crate::plan) fn carried_gaps(
        &self,
        asked: &CarryForward,
    ) -> Result<Vec<CarriedGap>, PlanError> {
        let sheet = self.sheet_index(asked.measure.as_str())?;
        Ok(self.carrying(sheet, asked, &[])?.gaps)
    }

    /// Returns what edits would move, by measure, level and order of the structure, and changes nothing.
    pub(in crate::plan) fn moved_by(&self, edits: &[Edit]) -> Result<Vec<Difference>, PlanError> {
        let mut copy = self.clone();
        let made = copy.make(edits)?;
        let version = self.version() + 1;
        let cells = moved_cells(&made.patches).into_iter();
        let told = cells.map(|((sheet, level, index), by)| {
            let node = NodeId::new(level, index);
            let measure = copy.sheets[sheet].measure();
            let after = copy.value(sheet, node);
            Difference {
                measure: measure.key.clone(),
                node,
                path: copy.frame.path(node),
                before: measure.quantum.quantity(after.wrapping_sub(by)),
                after: measure.quantum.quantity(after),
                versions: vec![version],
            }
        });
        Ok(told.collect())
    }

    fn carrying(
        &self,
        sheet: usize,
        asked: &CarryForward,
        before: &[Edit],
    ) -> Result<Carried, PlanError> {
        self.check_adds_up(sheet, "carrying forward")?;
        if self.sheets[sheet].cascade().over_assigns() {
            return Err(PlanError::NotForKind {
                measure: self.sheets[sheet].measure().key.clone(),
                kind: "flow",
                what: "carrying forward what managers hand down more of than they have",
            });
        }
        self.check_caps(sheet, asked)?;
        let quantum = self.sheets[sheet].measure().quantum;
        let rows = self.rows(sheet, asked, before)?;
        let mut done = Carried::default();
        if asked.past == PastTargets::AsReached {
            for row in &rows {
                self.close_at_reached(sheet, row, &mut done)?;
            }
        }
        let days = self.days_open(asked)?;
        let mut leftovers = Vec::new();
        for (number, row) in rows.iter().enumerate() {
            let units = row.gap().ok_or_else(|| self.too_large_at(&row.at))?;
            let is_asked = self.is_carried(sheet, asked, units);
            let mut gap = CarriedGap {
                at: row.at.clone(),
                target: quantum.quantity(row.target),
                reached: quantum.quantity(row.reached),
                gap: quantum.quantity(units),
                carried: quantum.quantity(0),
                given: quantum.quantity(0),
                left: quantum.quantity(0),
                limits: Vec::new(),
            };
            if is_asked {
                let slots = self.slots(sheet, &row.at, days)?;
                let above =
                    (asked.past == PastTargets::AsReached).then(|| self.above_all(row, &slots));
                let all = slots.iter().map(Slot::size).sum();
                let most = match asked.per_place {
                    Some(limit) => self.limit_of(sheet, limit, all)?,
                    None => i64::MAX,
                };
                let basin = self.basin(
                    sheet,
                    asked,
                    slots,
                    (units < 0, above, asked.per_period),
                    &done,
                )?;
                let poured = basin.pour(units, most)?;
                Self::take(&basin, &poured, days, &mut done);
                gap.carried = quantum.quantity(poured.units);
                gap.left = quantum.quantity(units - poured.units);
                gap.limits = poured.limits;
                if units != poured.units {
                    leftovers.push(Leftover {
                        row: number,
                        units: units - poured.units,
                        above,
                    });
                }
            }
            done.gaps.push(gap);
        }
        self.give(sheet, asked, &leftovers, days, &mut done)?;
        Ok(done)
    }

    /// Gives what is left of gaps to others, row by row.
    fn give(
        &self,
        sheet: usize,
        asked: &CarryForward,
        leftovers: &[Leftover],
        days: DayRange,
        done: &mut Carried,
    ) -> Result<(), PlanError> {
        if leftovers.is_empty() || asked.others.is_empty() {
            return Ok(());
        }
        let quantum = self.sheets[sheet].measure().quantum;
        let mut takers = Vec::with_capacity(asked.others.len());
        for taker in &asked.others {
            let most = taker
                .at_most
                .map(|most| self.quanta(sheet, most))
                .transpose()?;
            takers.push((
                self.frame.coords_of(&taker.at)?,
                taker,
                most.unwrap_or(i64::MAX),
            ));
        }
        takers.sort_by(|one, other| one.0.cmp(&other.0));
        let shares: Vec<_> = takers.iter().map(|(_, taker, _)| taker.share).collect();
        let whole = super::whole_parts(&shares).unwrap_or_default();
        let weights: Option<Vec<u128>> =
            whole.iter().map(|own| u128::try_from(*own).ok()).collect();
        let weights = weights.filter(|weights| weights.iter().any(|weight| *weight > 0));
        let Some(weights) = weights else {
            let place = takers[0].1.at.clone();
            return Err(PlanError::Edit(EditError::NoParts { place }));
        };
        for left in leftovers {
            let basin = |taker: &Taker, done: &Carried| {
                let slots = self.slots(sheet, &taker.at, days)?;
                let way = (left.units < 0, left.above, None);
                self.basin(sheet, asked, slots, way, done)
            };
            let mut rooms = Vec::with_capacity(takers.len());
            for (_, taker, most) in &takers {
                rooms.push(basin(taker, done)?.room().min(*most));
            }
            let (shared, _) = share(left.units.saturating_abs(), &weights, &rooms)?;
            for (taken, taker) in shared.into_iter().zip(&mut takers) {
                // What another one has taken by now is not there any more.
                let basin = basin(taker.1, done)?;
                let units = if left.units < 0 { -taken } else { taken };
                let poured = basin.pour(units, i64::MAX)?;
                taker.2 -= poured.units.saturating_abs();
                Self::take(&basin, &poured, days, done);
                let gap = &mut done.gaps[left.row];
                gap.given = quantum.quantity(gap.given.units() + poured.units);
                gap.left = quantum.quantity(gap.left.units() - poured.units);
            }
        }
        Ok(())
    }

    /// Whether a gap is one of those that are asked to be carried.
    fn is_carried(&self, sheet: usize, asked: &CarryForward, units: i64) -> bool {
        let is_bad = match self.sheets[sheet].measure().direction {
            Direction::Larger => units > 0,
            Direction::Smaller => units < 0,
            Direction::Target | Direction::Neutral => true,
        };
        units != 0 && (is_bad || asked.gaps == GapSides::Both)
    }

    /// Notes what a place takes.
    fn take(basin: &Basin, poured: &basin::Poured, days: DayRange, done: &mut Carried) {
        for (leaf, units) in basin.leaves().zip(&poured.cells) {
            if *units != 0 {
                for moves in [&mut done.moves, &mut done.open] {
                    *moves.entry(leaf).or_default() += i128::from(*units);
                }
                done.bends.push((
                    leaf,
                    Bend {
                        days,
                        units: *units,
                    },
                ));
            }
        }
    }

    /// Returns the days on which targets take what is carried.
    fn days_open(&self, asked: &CarryForward) -> Result<DayRange, PlanError> {
        let (horizon, periods) = (self.frame.horizon, finest(&self.frame.steps));
        let periods = periods.map(|own| own.ranges.as_slice());
        let start = asked.starts.counts_from(asked.from, periods);
        // Nothing that is past moves, whatever the rule of months says.
        let start = start.max(asked.from).clamp(horizon.start(), horizon.end());
        Ok(DayRange::new(start, horizon.end())?)
    }

    fn check_caps(&self, sheet: usize, asked: &CarryForward) -> Result<(), PlanError> {
        let limits = [asked.per_period, asked.per_place];
        let own = limits.into_iter().flatten();
        let agreed = asked.others.iter().filter_map(|taker| taker.at_most);
        for limit in own.chain(agreed.map(CapLimit::Amount)) {
            let is_below = match limit {
                CapLimit::Share(share) => share.is_negative(),
                CapLimit::Amount(amount) => self.quanta(sheet, amount)? < 0,
            };
            if is_below {
                return Err(PlanError::Edit(EditError::CapBelowZero { limit }));
            }
        }
        Ok(())
    }

    /// Returns the lowest node above all cells of a row.
    fn above_all(&self, row: &Row, slots: &[Slot]) -> NodeId {
        let past = row.parts.iter().map(|part| part.leaf);
        let open = slots
            .iter()
            .flat_map(|slot| slot.cells.iter().map(|cell| cell.leaf));
        let common = past.chain(open).reduce(|one, other| {
            let (mut one, mut other) = (one, other);
            while one != other {
                let lower = if one.level() >= other.level() {
                    &mut one
                } else {
                    &mut other
                };
                match self.frame.parent(*lower) {
                    Some(above) => *lower = above,
                    None => return NodeId::WHOLE,
                }
            }
            one
        });
        common.unwrap_or(NodeId::WHOLE)
    }

    fn too_large_at(&self, at: &Place) -> PlanError {
        let node = self
            .frame
            .select(at)
            .map_or(NodeId::WHOLE, |found| found.node);
        self.too_large(node)
    }

    /// Whether a place has cells on some days.
    pub(in crate::plan) fn has_cells(&self, sheet: usize, at: &Place, days: DayRange) -> bool {
        let cells = self.cells_in(sheet, &Stretch::new(at.clone(), days));
        cells.is_ok_and(|cells| !cells.is_empty())
    }
}
