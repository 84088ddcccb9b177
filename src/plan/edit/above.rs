//! What happens above an edited place.

use super::Manner;
use crate::plan::change::Mode;
use crate::plan::frame::Selection;
use crate::plan::patch::Patch;
use crate::plan::respread::{Outside, Region, Shares};
use crate::plan::{EditError, NodeId, Place, Plan, PlanError};

impl Plan {
    /// Changes all totals above a selection by as much as it changed. Whether those that are held end as they were is for the whole
    /// change to say, by [`Plan::check_held`].
    pub(super) fn carry_up(
        &mut self,
        sheet: usize,
        selection: &Selection,
        before: i64,
        after: i64,
        journal: &mut Vec<Patch>,
    ) -> Result<(), PlanError> {
        let node = selection.node;
        if before == after {
            return Ok(());
        }
        let (mut before, mut after) = (before, after);
        let mut at = (!selection.below.is_empty())
            .then_some(node)
            .or_else(|| self.frame.parent(node));
        while let Some(above) = at {
            if above != node {
                (before, after) = self.add(sheet, above, before, after, journal)?;
            }
            at = self.frame.parent(above);
        }
        Ok(())
    }

    /// Says whether every held node that a change moved is what it was held at in the end.
    pub(super) fn check_held(&self, sheet: usize, journal: &[Patch]) -> Result<(), PlanError> {
        let own = &self.sheets[sheet];
        let moved = journal.iter().filter_map(Patch::moved);
        for (_, level, start, moved) in moved.filter(|(of, ..)| *of == sheet) {
            let mut broken = None;
            own.held()
                .for_each(level, start..start + moved.len(), |place| {
                    let node = NodeId::new(level, start + place);
                    let held = own
                        .held_at(node)
                        .filter(|held| *held != self.value(sheet, node));
                    broken = broken.or(held.map(|held| (node, held)));
                });
            if let Some((node, held)) = broken {
                return Err(PlanError::Edit(EditError::HeldAbove {
                    place: self.frame.path(node),
                    held: self.decimal(sheet, held),
                }));
            }
        }
        Ok(())
    }

    pub(in crate::plan) fn check_not_held(
        &self,
        sheet: usize,
        above: NodeId,
    ) -> Result<(), PlanError> {
        if self.sheets[sheet].is_held(above) {
            return Err(PlanError::Edit(EditError::HeldAbove {
                place: self.frame.path(above),
                held: self.decimal(sheet, self.value(sheet, above)),
            }));
        }
        Ok(())
    }

    /// Keeps the total of a node above a selection, and lets what else is below it give way.
    pub(super) fn keep(
        &mut self,
        manner: Manner,
        selection: &Selection,
        above: &Place,
        before: i64,
        after: i64,
        journal: &mut Vec<Patch>,
    ) -> Result<(), PlanError> {
        let sheet = manner.sheet;
        let kept = self.frame.node(above)?;
        let slice = !selection.below.is_empty();
        let mut way = vec![selection.node];
        while let Some(next) = way
            .last()
            .filter(|at| **at != kept)
            .and_then(|at| self.frame.parent(*at))
        {
            way.push(next);
        }
        let is_above = way.last() == Some(&kept) && (slice || way.len() > 1);
        if !is_above {
            return Err(PlanError::Edit(EditError::NotAbove {
                kept: self.frame.path(kept),
                place: self.frame.path(selection.node),
            }));
        }
        if before == after {
            return Ok(());
        }
        let first = usize::from(!slice);
        for node in &way[first.min(way.len() - 1)..way.len() - 1] {
            self.check_not_held(sheet, *node)?;
        }
        // Everything below the kept node first adds up with the edited place in it, the kept node apart.
        let own = before;
        let (mut before, mut after) = (before, after);
        for node in way[1..].iter().take(way.len().saturating_sub(2)) {
            (before, after) = self.add(sheet, *node, before, after, journal)?;
        }
        let total = if way.len() == 1 {
            own
        } else {
            self.value(sheet, kept)
        };
        if way.len() == 1 {
            self.write(sheet, kept.level(), kept.index(), &[own], journal);
        }
        let region = Region::new(&self.frame, kept);
        let outside = Outside::Place(selection.node, &selection.below);
        let manner = Manner {
            mode: Mode::Replace,
            ..manner
        };
        let spreading = self.spreading(manner, &region);
        let base = spreading.base(outside)?;
        let handed = spreading.handed_kept(&base, total)?;
        let wrong_side = if total < 0 { handed > 0 } else { handed < 0 };
        if base.free_leaves() == 0 && handed != 0 {
            return Err(PlanError::Edit(EditError::NothingFree {
                place: self.frame.path(kept),
                amount: self.decimal(sheet, handed),
            }));
        }
        if wrong_side {
            return Err(PlanError::Edit(EditError::HeldExceeds {
                place: self.frame.path(kept),
                amount: self.decimal(sheet, total),
                held: self.decimal(sheet, total.saturating_sub(handed)),
            }));
        }
        let new = spreading.spread(&base, total, handed, true, &Shares::Proportional)?;
        self.write_region(sheet, &region, &new, journal);
        Ok(())
    }
}
