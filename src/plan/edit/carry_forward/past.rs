//! What was targeted and what was reached, row by row.

use std::collections::BTreeMap;

use super::carried::Carried;
use crate::allocation::{Method, Weights, ZeroWeights, allocate};
use crate::calendar::DayRange;
use crate::plan::carry_forward::{CarryForward, PastTargets, ReachedAmount};
use crate::plan::edit::stretch::no_days;
use crate::plan::step::Split;
use crate::plan::stretch::Bend;
use crate::plan::{Edit, EditError, NodeId, Place, Plan, PlanError, Stretch};

/// Who carries a gap: the members that a place names.
pub(super) struct Row {
    pub(super) at: Place,
    pub(super) target: i64,
    pub(super) reached: i64,
    pub(super) parts: Vec<Part>,
    /// What was reached by each of the amounts, in turn.
    amounts: Vec<i64>,
}

/// What a cell has on days that are past.
pub(super) struct Part {
    pub(super) leaf: NodeId,
    days: DayRange,
    units: i64,
    /// Of which of the row's amounts it is a part.
    amount: usize,
}

impl Row {
    /// The target less what was reached; none beyond the range.
    pub(super) fn gap(&self) -> Option<i64> {
        self.target.checked_sub(self.reached)
    }
}

impl Plan {
    /// Returns who carries what, in the order of their members.
    pub(super) fn rows(
        &self,
        sheet: usize,
        asked: &CarryForward,
        before: &[Edit],
    ) -> Result<Vec<Row>, PlanError> {
        self.check_once(sheet, asked, before)?;
        let mut rows: BTreeMap<Vec<(usize, u32)>, Row> = BTreeMap::new();
        let mut known: BTreeMap<NodeId, Vec<(DayRange, &Place)>> = BTreeMap::new();
        for reached in &asked.reached {
            let days = self.past_days(asked, reached)?;
            let amount = self.quanta(sheet, reached.amount)?;
            let mut coords = self.frame.coords_of(&reached.at)?;
            coords
                .retain(|(step, _)| matches!(self.frame.steps[*step].split, Split::Member { .. }));
            let stretch = Stretch::new(reached.at.clone(), days);
            let cells = self.cells_in(sheet, &stretch)?;
            if cells.is_empty() {
                return Err(no_days(&stretch));
            }
            let row = rows.entry(coords).or_insert_with_key(|coords| Row {
                at: self.place_at(coords),
                target: 0,
                reached: 0,
                parts: Vec::new(),
                amounts: Vec::new(),
            });
            for leaf in cells {
                let own = known.entry(leaf).or_default();
                let mut others = own.iter();
                if let Some((_, other)) =
                    others.find(|(known, _)| known.intersection(days).is_some())
                {
                    return Err(self.reached_twice(leaf, other, &reached.at));
                }
                own.push((days, &reached.at));
                let curve = self.curve(&self.sheets[sheet], leaf)?;
                let units = curve.between(days.start(), days.end())?;
                let target = row.target.checked_add(units);
                row.target = target.ok_or_else(|| self.too_large(leaf))?;
                let amount = row.amounts.len();
                row.parts.push(Part {
                    leaf,
                    days,
                    units,
                    amount,
                });
            }
            let all = row.reached.checked_add(amount);
            row.reached = all.ok_or_else(|| self.too_large_at(&reached.at))?;
            row.amounts.push(amount);
        }
        let rows: Vec<Row> = rows.into_values().collect();
        self.check_disjoint(&rows)?;
        Ok(rows)
    }

    /// Refuses rows of which one is a part of another.
    fn check_disjoint(&self, rows: &[Row]) -> Result<(), PlanError> {
        let mut owner: BTreeMap<NodeId, &Place> = BTreeMap::new();
        for row in rows {
            for leaf in self.leaves_of(&self.frame.select(&row.at)?) {
                if let Some(other) = owner.insert(leaf, &row.at) {
                    return Err(self.reached_twice(leaf, other, &row.at));
                }
            }
        }
        Ok(())
    }

    fn reached_twice(&self, leaf: NodeId, one: &Place, other: &Place) -> PlanError {
        PlanError::Edit(EditError::ReachedTwice {
            place: self.frame.path(leaf),
            one: one.clone(),
            other: other.clone(),
        })
    }

    /// Returns the days of what was reached, which are past.
    fn past_days(
        &self,
        asked: &CarryForward,
        reached: &ReachedAmount,
    ) -> Result<DayRange, PlanError> {
        let start = self.frame.horizon.start();
        match reached.days {
            None => Ok(DayRange::new(start, asked.from.max(start))?),
            Some(days) if days.end() <= asked.from => Ok(days),
            Some(days) => Err(PlanError::Edit(EditError::NotPast {
                place: reached.at.clone(),
                days,
                from: asked.from,
            })),
        }
    }

    fn place_at(&self, coords: &[(usize, u32)]) -> Place {
        let named = coords.iter().filter_map(|(step, coord)| {
            let member = self.frame.coord_name(*step, *coord)?;
            Some((self.frame.steps[*step].name.clone(), member.clone()))
        });
        named.collect()
    }

    /// Refuses to carry again what was carried already: days whose targets have stayed as they were.
    fn check_once(
        &self,
        sheet: usize,
        asked: &CarryForward,
        before: &[Edit],
    ) -> Result<(), PlanError> {
        for (version, earlier) in self.carried_before(asked, before) {
            let mut known: BTreeMap<NodeId, Vec<DayRange>> = BTreeMap::new();
            for reached in &earlier.reached {
                let days = self.past_days(earlier, reached)?;
                let stretch = Stretch::new(reached.at.clone(), days);
                for leaf in self.cells_in(sheet, &stretch).unwrap_or_default() {
                    known.entry(leaf).or_default().push(days);
                }
            }
            for reached in &asked.reached {
                let days = self.past_days(asked, reached)?;
                let cells = self.cells_in(sheet, &Stretch::new(reached.at.clone(), days))?;
                let mut again = cells.iter().filter_map(|leaf| known.get(leaf)).flatten();
                if again.any(|known| known.intersection(days).is_some()) {
                    return Err(PlanError::Edit(EditError::CarriedAlready {
                        place: reached.at.clone(),
                        version,
                        from: earlier.from,
                    }));
                }
            }
        }
        Ok(())
    }

    /// Returns what stands of earlier edits that carried gaps of the same measure and left the past as it was, with their versions.
    fn carried_before<'a>(
        &'a self,
        asked: &CarryForward,
        before: &'a [Edit],
    ) -> Vec<(u64, &'a CarryForward)> {
        let mut by_version: Vec<Vec<(u64, &CarryForward)>> = vec![Vec::new()];
        let made = self
            .history
            .iter()
            .map(|entry| entry.change.edits.as_slice());
        for (version, edits) in (1..).zip(made.chain([before])) {
            let mut standing = by_version.last().cloned().unwrap_or_default();
            for edit in edits {
                match edit {
                    Edit::CarryForward(own)
                        if own.measure == asked.measure && own.past == PastTargets::AsTargeted =>
                    {
                        standing.push((version, own));
                    }
                    Edit::Revert { to } => {
                        let to = usize::try_from(*to).ok();
                        let was = to.and_then(|to| by_version.get(to));
                        standing = was.cloned().unwrap_or_default();
                    }
                    _ => {}
                }
            }
            by_version.push(standing);
        }
        by_version.pop().unwrap_or_default()
    }

    /// Makes the past what was reached, in the proportions that it has; by the days where it has nothing.
    pub(super) fn close_at_reached(
        &self,
        sheet: usize,
        row: &Row,
        done: &mut Carried,
    ) -> Result<(), PlanError> {
        for (number, amount) in row.amounts.iter().enumerate() {
            let own = row.parts.iter().filter(|part| part.amount == number);
            let parts: Vec<&Part> = own.collect();
            for part in &parts {
                self.check_cell_open(part.leaf)?;
                if self.sheets[sheet].is_held(part.leaf) {
                    let place = self.frame.path(part.leaf);
                    return Err(PlanError::Edit(EditError::Held { place }));
                }
            }
            let sizes = parts
                .iter()
                .map(|part| u128::from(part.units.unsigned_abs()));
            let mut weights: Vec<u128> = sizes.collect();
            if weights.iter().all(|weight| *weight == 0) {
                let count = |part: &&Part| {
                    let days = self.days_in(part.leaf, part.days);
                    days.iter().map(|range| u128::from(range.days())).sum()
                };
                weights = parts.iter().map(count).collect();
            }
            let weights = Weights::from_integers(&weights, ZeroWeights::Equal)?;
            let shares = allocate(*amount, &weights, Method::LargestRemainder)?;
            for (part, now) in parts.iter().zip(shares.shares()) {
                let units = now.checked_sub(part.units);
                let units = units.ok_or_else(|| self.too_large(part.leaf))?;
                if units != 0 {
                    *done.moves.entry(part.leaf).or_default() += i128::from(units);
                    let days = part.days;
                    done.bends.push((part.leaf, Bend { days, units }));
                }
            }
        }
        Ok(())
    }
}
