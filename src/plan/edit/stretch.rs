//! Edits and holds of stretches.

use std::collections::{BTreeMap, BTreeSet};

use crate::allocation::{Method, Weights, ZeroWeights, allocate};
use crate::calendar::DayRange;
use crate::plan::patch::Patch;
use crate::plan::replaced::Replaced;
use crate::plan::stretch::{Bend, bent};
use crate::plan::{EditError, NodeId, Offset, Place, Plan, PlanError, Stretch, StretchEdit};

/// By how much leaves move, of which the totals above are settled once.
pub(super) type Moves = BTreeMap<NodeId, i128>;

impl Plan {
    /// Adds to a stretch.
    pub(super) fn edit_stretch(
        &mut self,
        edit: &StretchEdit,
        journal: &mut Vec<Patch>,
    ) -> Result<(), PlanError> {
        let sheet = self.sheet_index(edit.measure.as_str())?;
        let add = self.quanta(sheet, edit.add)?;
        let cells = self.cells_in(sheet, &edit.stretch)?;
        if cells.is_empty() {
            return Err(no_days(&edit.stretch));
        }
        let mut moves = Moves::new();
        for (cell, units) in self.shared(sheet, &cells, edit.stretch.days, add)? {
            self.check_cell_open(cell)?;
            let later = match edit.offset {
                Offset::Later => self.later_days(cell, edit.stretch.days),
                Offset::Above => None,
            };
            self.bend(
                sheet,
                cell,
                Bend {
                    days: edit.stretch.days,
                    units,
                },
                journal,
            )?;
            match later {
                Some(days) => {
                    let units = units.checked_neg().ok_or_else(|| self.too_large(cell))?;
                    self.bend(sheet, cell, Bend { days, units }, journal)?;
                }
                None => *moves.entry(cell).or_default() += i128::from(units),
            }
        }
        self.move_leaves(sheet, moves, journal)
    }

    /// Shares an amount among cells in proportion to what they have on some days, by the days where they have nothing.
    pub(super) fn shared(
        &self,
        sheet: usize,
        cells: &[NodeId],
        days: DayRange,
        amount: i64,
    ) -> Result<Vec<(NodeId, i64)>, PlanError> {
        let own = &self.sheets[sheet];
        let mut weights: Vec<u128> = Vec::with_capacity(cells.len());
        for cell in cells {
            let part = self.curve(own, *cell)?.between(days.start(), days.end())?;
            weights.push(u128::from(part.unsigned_abs()));
        }
        if weights.iter().all(|weight| *weight == 0) {
            // Who is not eligible and has nothing is passed over, but where nobody else is named.
            let passed = |cell: &NodeId| self.is_passed_over(sheet, *cell, NodeId::WHOLE);
            let named = cells.iter().all(passed);
            let count = |cell: &NodeId| {
                if !named && passed(cell) {
                    return 0;
                }
                let days = self.days_in(*cell, days);
                days.iter().map(|range| u128::from(range.days())).sum()
            };
            weights = cells.iter().map(count).collect();
        }
        let weights = Weights::from_integers(&weights, ZeroWeights::Equal)?;
        let shares = allocate(amount, &weights, Method::LargestRemainder)?;
        Ok(cells.iter().copied().zip(shares.into_shares()).collect())
    }

    /// Adds a bend to the curve of a leaf, whose amount stays as it is.
    pub(super) fn bend(
        &mut self,
        sheet: usize,
        leaf: NodeId,
        mut bend: Bend,
        journal: &mut Vec<Patch>,
    ) -> Result<(), PlanError> {
        let own = self.days_in(leaf, self.frame.horizon);
        if let Some((first, last)) = own.first().zip(own.last()) {
            let hull = DayRange::new(first.start(), last.end())?;
            bend.days = bend.days.intersection(hull).unwrap_or(bend.days);
            if bend.days == hull {
                // What is added to all days is a matter of the amount alone.
                return Ok(());
            }
        }
        let all = bent(self.sheets[sheet].bends(leaf), bend).ok_or_else(|| self.too_large(leaf))?;
        self.replace(sheet, Replaced::Bends { leaf, old: all }, journal);
        Ok(())
    }

    /// Moves leaves, and every total above them by what all of them move together.
    pub(super) fn move_leaves(
        &mut self,
        sheet: usize,
        mut moves: Moves,
        journal: &mut Vec<Patch>,
    ) -> Result<(), PlanError> {
        let leaves: Vec<NodeId> = moves.keys().copied().collect();
        while let Some((node, moved)) = moves.pop_last() {
            if moved == 0 {
                continue;
            }
            self.check_not_held(sheet, node)?;
            let (before, after) = if leaves.binary_search(&node).is_ok() {
                let before = self.value(sheet, node);
                let after =
                    i64::try_from(i128::from(before) + moved).map_err(|_| self.too_large(node))?;
                self.write(sheet, node.level(), node.index(), &[after], journal);
                (before, after)
            } else {
                let moved = i64::try_from(moved).map_err(|_| self.too_large(node))?;
                self.add(sheet, node, 0, moved, journal)?
            };
            if let Some(above) = self.frame.parent(node) {
                *moves.entry(above).or_default() += i128::from(after) - i128::from(before);
            }
        }
        Ok(())
    }

    /// Returns the later days of a leaf, if there are any.
    fn later_days(&self, leaf: NodeId, days: DayRange) -> Option<DayRange> {
        let last = self.days_in(
            leaf,
            DayRange::new(days.end(), self.frame.horizon.end()).ok()?,
        );
        let (first, last) = (last.first()?, last.last()?);
        DayRange::new(first.start(), last.end()).ok()
    }

    pub(super) fn check_cell_open(&self, leaf: NodeId) -> Result<(), PlanError> {
        match self.closed_before {
            Some(before) if self.is_closed(leaf) => Err(PlanError::Edit(EditError::Closed {
                place: self.frame.path(leaf),
                before,
            })),
            _ => Ok(()),
        }
    }

    pub(in crate::plan) fn is_closed(&self, leaf: NodeId) -> bool {
        self.closed.get(leaf.level(), leaf.index())
    }

    pub(in crate::plan) fn too_large(&self, node: NodeId) -> PlanError {
        PlanError::OutOfRange {
            place: self.frame.path(node),
        }
    }

    /// Holds what a place has on some days, or lets it go.
    pub(super) fn hold_stretch(
        &mut self,
        sheet: usize,
        place: &Place,
        days: DayRange,
        on: bool,
        journal: &mut Vec<Patch>,
    ) -> Result<(), PlanError> {
        let stretch = Stretch::new(place.clone(), days);
        let held = self.sheets[sheet]
            .held_stretches()
            .any(|(own, _)| *own == stretch);
        if held == on {
            return Ok(());
        }
        if self.cells_in(sheet, &stretch)?.is_empty() {
            return Err(no_days(&stretch));
        }
        let old = if on {
            Some(self.stretch_units(sheet, &stretch)?)
        } else {
            None
        };
        self.replace(sheet, Replaced::HoldStretch { stretch, old }, journal);
        Ok(())
    }

    /// Says whether held stretches of a measure are what they were held at, and curves run forwards that have moved.
    pub(super) fn check_stretches(
        &self,
        number: usize,
        journal: &[Patch],
    ) -> Result<(), PlanError> {
        let sheet = &self.sheets[number];
        for (stretch, held) in sheet.held_stretches() {
            let now = self.stretch_units(number, stretch)?;
            if now != held {
                return Err(PlanError::Edit(EditError::HeldStretch {
                    place: stretch.at.clone(),
                    days: stretch.days,
                    held: self.decimal(number, held),
                    found: self.decimal(number, now),
                }));
            }
        }
        if !sheet.has_bends() {
            return Ok(());
        }
        let mut leaves: BTreeSet<NodeId> = BTreeSet::new();
        for patch in journal {
            leaves.extend(patch.bent(number));
            if let Some((_, level, start, moved)) = patch.moved().filter(|own| own.0 == number) {
                let run = (start..start + moved.len()).map(|index| NodeId::new(level, index));
                leaves.extend(run.filter(|leaf| !sheet.bends(*leaf).is_empty()));
            }
        }
        leaves
            .into_iter()
            .try_for_each(|leaf| self.check_curve(number, leaf))
    }
}

pub(super) fn no_days(stretch: &Stretch) -> PlanError {
    PlanError::Edit(EditError::NoDays {
        place: stretch.at.clone(),
        days: stretch.days,
    })
}
