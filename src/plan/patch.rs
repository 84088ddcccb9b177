//! What a change replaced, so that it can be undone.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDate;

use super::hold::Marks;
use super::moved::Moved;
use super::replaced::Replaced;
use super::sheet::Sheet;
use super::{Change, Frame, Handed, LockDef, NodeId};

/// What one step of a change replaced.
#[derive(Debug, Clone)]
pub(super) enum Patch {
    /// In the amounts of one measure, by its place among those of the plan.
    Sheet { sheet: usize, replaced: Replaced },
    Closed {
        old: Option<NaiveDate>,
        marks: Marks,
    },
    /// The whole structure, which has grown, and all measures on it.
    Structure(Box<(Arc<Frame>, Vec<Sheet>)>),
}

impl Patch {
    /// Returns the leaf whose curve was bent, in a sheet.
    pub(super) fn bent(&self, of: usize) -> Option<NodeId> {
        match self {
            Self::Sheet {
                sheet,
                replaced: Replaced::Bends { leaf, .. },
            } => (*sheet == of).then_some(*leaf),
            _ => None,
        }
    }

    /// Returns what moved of what is assigned, as [`Patch::moved`] returns what moved of the base.
    pub(super) fn reassigned(&self) -> Option<(usize, usize, usize, &Moved)> {
        match self {
            Self::Sheet {
                sheet,
                replaced:
                    Replaced::Assigned {
                        level,
                        start,
                        moved,
                    },
            } => Some((*sheet, *level, *start, moved)),
            _ => None,
        }
    }

    /// Returns the amounts that moved of what people have: of a sheet with two layers what is assigned.
    pub(super) fn shown(&self, sheets: &[Sheet]) -> Option<(usize, usize, usize, &Moved)> {
        let base = self.moved();
        let base = base.filter(|own| {
            !sheets
                .get(own.0)
                .is_some_and(|own| own.amounts().has_assigned())
        });
        base.or_else(|| self.reassigned())
    }

    /// Returns the amounts that moved: their sheet, level and first place in it, and by how much.
    pub(super) fn moved(&self) -> Option<(usize, usize, usize, &Moved)> {
        match self {
            Self::Sheet {
                sheet,
                replaced:
                    Replaced::Amounts {
                        level,
                        start,
                        moved,
                    },
            } => Some((*sheet, *level, *start, moved)),
            _ => None,
        }
    }
}

/// A change that was made, and what it replaced.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) change: Change,
    pub(super) patches: Vec<Patch>,
    /// What it handed from cell to cell.
    pub(super) handed: Vec<Handed>,
    /// The locks that it dropped because a narrower one won.
    pub(super) dropped: Vec<LockDef>,
}

/// What edits wrote, and what they tell.
#[derive(Debug, Default)]
pub(super) struct Made {
    pub(super) patches: Vec<Patch>,
    pub(super) handed: Vec<Handed>,
    pub(super) dropped: Vec<LockDef>,
}

/// A sheet, a level and the place in it.
pub(super) type Cell = (usize, usize, usize);

/// Returns by how much patches moved amounts (modulo 2^64), of those that they moved.
pub(super) fn moved_cells(patches: &[Patch]) -> BTreeMap<Cell, i64> {
    cells_of(patches.iter().filter_map(Patch::moved))
}

/// Returns by how much patches moved what people have, of what they moved.
pub(super) fn shown_cells(patches: &[Patch], sheets: &[Sheet]) -> BTreeMap<Cell, i64> {
    cells_of(patches.iter().filter_map(|own| own.shown(sheets)))
}

fn cells_of<'a>(
    patches: impl Iterator<Item = (usize, usize, usize, &'a Moved)>,
) -> BTreeMap<Cell, i64> {
    let mut cells: BTreeMap<Cell, i64> = BTreeMap::new();
    for (sheet, level, start, moved) in patches {
        for place in (0..moved.len()).filter(|place| moved.by(*place) != 0) {
            let sum = cells.entry((sheet, level, start + place)).or_default();
            *sum = sum.wrapping_add(moved.by(place));
        }
    }
    cells.retain(|_, by| *by != 0);
    cells
}
