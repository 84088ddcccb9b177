//! The first and last moment of each entity in each atom: to whom it is credited.

use super::moment::Moment;

/// The first and last moment of an entity in an atom, with the subject in the place of the cell.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Touches {
    /// Sorted by entity and atom.
    pub(super) sorted: Vec<Touch>,
    fresh: Vec<Touch>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Touch {
    pub(super) entity: u32,
    pub(super) atom: u32,
    pub(super) first: Moment,
    pub(super) last: Moment,
}

impl Touches {
    pub(super) fn add(&mut self, entity: u32, atom: u32, moment: Moment) {
        self.fresh.push(Touch {
            entity,
            atom,
            first: moment,
            last: moment,
        });
        // Gathered moments are folded together now and then, so that memory follows entities and not records.
        if self.fresh.len() >= 1 << 16 && self.fresh.len() >= self.sorted.len() {
            self.settle();
        }
    }

    pub(super) fn settle(&mut self) {
        self.sorted.append(&mut self.fresh);
        self.sorted
            .sort_unstable_by_key(|touch| (touch.entity, touch.atom));
        self.sorted.dedup_by(|next, kept| {
            let same = (next.entity, next.atom) == (kept.entity, kept.atom);
            if same {
                kept.first = kept.first.min(next.first);
                kept.last = kept.last.max(next.last);
            }
            same
        });
    }

    pub(super) fn merge(&mut self, other: &Self, entity_of: impl Fn(u32) -> u32) {
        self.sorted.extend(other.sorted.iter().map(|touch| Touch {
            entity: entity_of(touch.entity),
            ..*touch
        }));
        self.settle();
    }
}
