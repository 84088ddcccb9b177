//! What shared records change in counts and sums: exact shares beside the whole quanta that the pass adds, and records that
//! a row has once though several of its members share them.

use std::collections::BTreeMap;

use super::followed::Sight;
use super::grid::Grid;
use super::partial::Partial;
use super::pass::{Amended, Bound, BoundBank, Lane};
use super::program::Program;
use super::residue::{common, residue, scaled};
use super::series::Series;
use super::store::SUMS;
use crate::ledger::{NO_AMOUNT, Part, Standing, Table};
use crate::panel::Reason;
use crate::quantity::{Quantum, Ratio};

/// What a lane adds for a row, if anything.
fn number(lane: Lane, table: &Table, row: usize) -> i64 {
    match lane {
        Lane::One => 1,
        Lane::Value(source) => {
            let mut found = [0];
            source.read(table, row, &mut found);
            if found[0] == NO_AMOUNT { 0 } else { found[0] }
        }
    }
}

impl Program {
    /// Amends the counts and sums of shared records among some rows, where they stand and where they are reversed.
    pub(super) fn amend(
        &self,
        partial: &mut Partial,
        table: &Table,
        kind: usize,
        range: (u32, u32),
    ) {
        let parts = &self.parts;
        let nothing = vec![None; parts.entities.len()];
        let bound = Bound::new(parts, kind, table, nothing, &Sight::default());
        for (row, share) in table.shares.range(range.0..range.1) {
            let row = *row as usize;
            let (original, sign) = match table.standing(row) {
                Standing::Stands | Standing::Reversed => (row, 1),
                Standing::Reversal if self.is_later(table.days[row]) => continue,
                Standing::Reversal => {
                    let known = u32::try_from(row)
                        .ok()
                        .and_then(|row| table.reversals.get(&row));
                    (known.map_or(row, |original| *original as usize), -1)
                }
            };
            let banks = bound.banks.iter().zip(&parts.banks).enumerate();
            for (at, (bank, known)) in banks {
                let Some(bank) = bank.as_ref().filter(|bank| !bank.amends.is_empty()) else {
                    continue;
                };
                let place = Placed {
                    table,
                    kind,
                    grid: known.grid,
                    row,
                    original,
                };
                self.amend_bank(partial, at, bank, &place, (*share, sign));
            }
        }
    }

    fn amend_bank(
        &self,
        partial: &mut Partial,
        at: usize,
        bank: &BoundBank,
        place: &Placed<'_>,
        (share, sign): (Ratio, i32),
    ) {
        let Placed {
            table,
            row,
            original,
            ..
        } = *place;
        let mut bits = None;
        for amend in &bank.amends {
            let is_there = bank.there >> amend.bit & 1 == 1;
            let own = if is_there { original } else { row };
            let needed = match amend.how {
                Amended::Once => table.part(original) == Part::Share,
                Amended::Share(whole, added) => {
                    let found = residue(
                        share,
                        number(whole, table, original),
                        number(added, table, original),
                    );
                    found != Some(Ratio::ZERO)
                }
            };
            if !needed {
                continue;
            }
            let bits = *bits.get_or_insert_with(|| bank.filter.one(table, original));
            let Some(cell) = self.cell(place, own).filter(|_| bits >> amend.bit & 1 == 1) else {
                continue;
            };
            match amend.how {
                Amended::Share(whole, added) => {
                    let found = residue(
                        share,
                        number(whole, table, original),
                        number(added, table, original),
                    );
                    let found = found
                        .and_then(|found| found.checked_mul(Ratio::from(i64::from(sign))).ok());
                    partial.residues[at].add(amend.bit.into(), cell, found);
                }
                Amended::Once => {
                    let has = |earlier: usize| {
                        let placed = own - (original - earlier);
                        bank.filter.one(table, earlier) >> amend.bit & 1 == 1
                            && self.cell(place, placed) == Some(cell)
                    };
                    if (table.first_of(original)..original).any(has) {
                        let mut values = [0; SUMS];
                        for (value, lane) in values.iter_mut().zip(bank.lanes) {
                            *value = lane.map_or(0, |lane| number(lane, table, original));
                        }
                        partial.cells[at].adjust(cell as usize, 1 << amend.bit, values, -sign);
                    }
                }
            }
        }
    }

    fn cell(&self, place: &Placed<'_>, row: usize) -> Option<u32> {
        let (lookup, date) = self.parts.places[place.grid][place.kind].as_ref()?;
        let mut subject = [0];
        lookup.subjects_of(place.table, row, &mut subject);
        let grid = &self.grids[place.grid];
        Some(subject[0] * grid.width() + grid.atom(date.of(place.table)[row]))
    }

    /// Counts or sums with what exact shares are more than whole quanta: in fractions of one denominator where there is any.
    pub(super) fn exact(
        &self,
        partial: &Partial,
        (bank, bit): (usize, u8),
        whole: Vec<i128>,
        quantum: Quantum,
    ) -> Series {
        let grid = &self.grids[self.parts.banks[bank].grid];
        let own = &partial.residues[bank].0;
        let residues = self.in_windows(grid, own.range((bit.into(), 0)..=(bit.into(), u32::MAX)));
        if residues.is_empty() {
            return Series::amounts(whole, quantum);
        }
        in_fractions(&whole, &residues, quantum)
    }

    /// What is open, with the exact shares of shared records.
    pub(super) fn open(&self, partial: &Partial, part: usize, quantum: Quantum) -> Series {
        let (own, subjects) = (&partial.opens[part], self.subjects());
        let whole = own.figures(subjects);
        let residues = own.open_residues(subjects);
        if residues.is_empty() {
            return Series::amounts(whole, quantum);
        }
        in_fractions(&whole, &residues, quantum)
    }

    /// By cell of the panel, what is in its window and not 0 together.
    fn in_windows<'a>(
        &self,
        grid: &Grid,
        residues: impl Iterator<Item = (&'a (u32, u32), &'a Option<Ratio>)>,
    ) -> BTreeMap<usize, Option<Ratio>> {
        let mut found: BTreeMap<usize, Option<Ratio>> = BTreeMap::new();
        for ((_, cell), residue) in residues {
            let (subject, atom) = ((cell / grid.width()) as usize, cell % grid.width());
            if subject >= self.subjects() {
                continue;
            }
            for (period, (from, to)) in grid.ranges.iter().enumerate() {
                if (*from..*to).contains(&atom) {
                    let cell = period * self.subjects() + subject;
                    let own = found.entry(cell).or_insert(Some(Ratio::ZERO));
                    *own = own
                        .zip(*residue)
                        .and_then(|(own, more)| own.checked_add(more).ok());
                }
            }
        }
        found.retain(|_, residue| *residue != Some(Ratio::ZERO));
        found
    }
}

/// Amounts as fractions of one denominator, to be rounded where they are shown.
fn in_fractions(
    whole: &[i128],
    residues: &BTreeMap<usize, Option<Ratio>>,
    quantum: Quantum,
) -> Series {
    let common = common(residues.values());
    let mut series = Series::quotients(whole.len(), quantum.ratio(), |cell| {
        let top = scaled(whole[cell], residues.get(&cell), common);
        Ok((top.ok_or(Reason::OutOfRange)?, common))
    });
    series.rounds_to = Some(quantum);
    series
}

/// A row of a shared record, what it takes back if it does, and where both stand.
struct Placed<'a> {
    table: &'a Table,
    kind: usize,
    grid: usize,
    row: usize,
    original: usize,
}
