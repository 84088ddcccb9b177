//! What each entity holds: its sum in a cell, and its last value by an atom.

use std::collections::BTreeMap;

use super::moment::{Moment, cell_of};
use super::parts::Concentrated;
use super::residue::{Residues, common, scaled};
use crate::panel::Reason;
use crate::quantity::Ratio;

/// The sum of a value by cell and entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Holding {
    pub(super) cell: u32,
    pub(super) entity: u32,
    pub(super) sum: i128,
}

/// All holdings, sorted by cell and entity once settled.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Holdings {
    pub(super) sorted: Vec<Holding>,
    /// What exact shares are more than these sums of whole quanta, by cell and entity.
    pub(super) residues: Residues,
    fresh: Vec<Holding>,
}

impl Holdings {
    pub(super) fn add(&mut self, cell: u32, entity: u32, value: i64) {
        self.fresh.push(Holding {
            cell,
            entity,
            sum: i128::from(value),
        });
        // Gathered values are summed now and then, so that memory follows entities and not records.
        if self.fresh.len() >= 1 << 16 && self.fresh.len() >= self.sorted.len() {
            self.settle();
        }
    }

    pub(super) fn settle(&mut self) {
        self.sorted.append(&mut self.fresh);
        self.sorted.sort_unstable();
        self.sorted.dedup_by(|next, kept| {
            let same = (next.cell, next.entity) == (kept.cell, kept.entity);
            if same {
                // A sum of fewer than 2^31 values of 64 bits stays within 96.
                kept.sum = kept.sum.saturating_add(next.sum);
            }
            same
        });
    }

    pub(super) fn merge(&mut self, other: &Self, entity_of: impl Fn(u32) -> u32) {
        let renumbered = |holding: &Holding| Holding {
            entity: entity_of(holding.entity),
            ..*holding
        };
        self.sorted.extend(other.sorted.iter().map(renumbered));
        for ((cell, entity), more) in &other.residues.0 {
            self.residues.add(*cell, entity_of(*entity), *more);
        }
        self.settle();
    }

    /// The sums of the entities over some neighbouring cells, all in the same parts of a quantum; nothing where one leaves its
    /// range.
    pub(super) fn over(&self, cells: std::ops::Range<u32>) -> Option<Vec<i128>> {
        let start = self
            .sorted
            .partition_point(|holding| holding.cell < cells.start);
        let end = self
            .sorted
            .partition_point(|holding| holding.cell < cells.end);
        let mut sums: BTreeMap<u32, i128> = BTreeMap::new();
        for holding in &self.sorted[start..end.max(start)] {
            let sum = sums.entry(holding.entity).or_default();
            *sum = sum.saturating_add(holding.sum);
        }
        let mut residues: BTreeMap<u32, Option<Ratio>> = BTreeMap::new();
        let own = if cells.is_empty() {
            None
        } else {
            Some((cells.start, 0)..(cells.end, 0))
        };
        for ((_, entity), more) in own.into_iter().flat_map(|own| self.residues.0.range(own)) {
            let known = residues.entry(*entity).or_insert(Some(Ratio::ZERO));
            *known = known
                .zip(*more)
                .and_then(|(own, more)| own.checked_add(more).ok());
        }
        let common = common(residues.values());
        sums.into_iter()
            .map(|(entity, sum)| scaled(sum, residues.get(&entity), common))
            .collect()
    }
}

/// How far a few entities hold the whole, from their sums. A whole of zero or below is no base.
pub(super) fn concentration(
    mut sums: Vec<i128>,
    figure: Concentrated,
) -> Result<(i128, i128), Reason> {
    let out = || Reason::OutOfRange;
    let total = sums
        .iter()
        .try_fold(0_i128, |total, sum| total.checked_add(*sum))
        .ok_or_else(out)?;
    if total <= 0 {
        return Err(Reason::NoBase);
    }
    match figure {
        Concentrated::Top(count) => {
            sums.sort_unstable_by(|left, right| right.cmp(left));
            let top = sums
                .iter()
                .take(count)
                .try_fold(0_i128, |top, sum| top.checked_add(*sum));
            Ok((top.ok_or_else(out)?, total))
        }
        Concentrated::Herfindahl => {
            let squares = sums.iter().try_fold(0_i128, |squares, sum| {
                squares.checked_add(sum.checked_mul(*sum)?)
            });
            Ok((
                squares.ok_or_else(out)?,
                total.checked_mul(total).ok_or_else(out)?,
            ))
        }
    }
}

/// The last value of an entity with a subject in an atom; of equal moments the larger value counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Standing {
    pub(super) entity: u32,
    pub(super) atom: u32,
    /// With the subject of the record's own day in the place of the cell.
    pub(super) moment: Moment,
    pub(super) value: i64,
    /// The subject to which it belongs from this atom on.
    pub(super) owner: u32,
}

/// All last values, sorted by entity and atom once settled.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Standings {
    pub(super) sorted: Vec<Standing>,
    fresh: Vec<Standing>,
}

impl Standings {
    pub(super) fn add(&mut self, entity: u32, atom: u32, moment: Moment, value: i64) {
        self.hand((entity, atom), moment, value, cell_of(moment));
    }

    /// Adds a value that belongs to somebody else by now.
    pub(super) fn hand(
        &mut self,
        (entity, atom): (u32, u32),
        moment: Moment,
        value: i64,
        owner: u32,
    ) {
        self.fresh.push(Standing {
            entity,
            atom,
            moment,
            value,
            owner,
        });
        if self.fresh.len() >= 1 << 16 && self.fresh.len() >= self.sorted.len() {
            self.settle();
        }
    }

    pub(super) fn settle(&mut self) {
        self.sorted.append(&mut self.fresh);
        // The latest first, so that it is the one that is kept.
        self.sorted.sort_unstable_by(|left, right| {
            let place = (left.entity, left.atom).cmp(&(right.entity, right.atom));
            let (left, right) = (
                (left.moment, left.value, left.owner),
                (right.moment, right.value, right.owner),
            );
            place.then(right.cmp(&left))
        });
        self.sorted
            .dedup_by_key(|standing| (standing.entity, standing.atom));
    }

    pub(super) fn merge(&mut self, other: &Self, entity_of: impl Fn(u32) -> u32) {
        let renumbered = |own: &Standing| Standing {
            entity: entity_of(own.entity),
            ..*own
        };
        self.sorted.extend(other.sorted.iter().map(renumbered));
        self.settle();
    }

    /// Calls `found` with (subject, value) of the last value of every entity before an atom; of one that changed hands since, with
    /// the last subject.
    pub(super) fn before(&self, atom: u32, mut found: impl FnMut(u32, i64)) {
        for own in self
            .sorted
            .chunk_by(|left, right| left.entity == right.entity)
        {
            let place = own.partition_point(|standing| standing.atom < atom);
            let by_then = own[..place].iter();
            if let Some(last) = by_then.max_by_key(|own| (own.moment, own.value, own.atom)) {
                found(last.owner, last.value);
            }
        }
    }
}
