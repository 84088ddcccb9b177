//! One pass over the columns, block by block.
//!
//! For each block of rows the cells are found first, then each part adds its figures in a loop of its own over columns
//! and small buffers that stay in the processor's nearest memory. What is outside every subject or window goes to cells
//! that nobody reads, so that no loop branches on it.

use std::collections::BTreeMap;

use chrono::Datelike;

use super::error::MetricError;
use super::filter::{contains, still_standing};
use super::followed::{Moves, Sight};
use super::metric::MetricDef;
use super::partial::{Partial, Rows, Undone, add, joined};
use super::parts::EntityColumn;
use super::pass::{BLOCK, Bound, Lane, Pass};
use super::program::Program;
use super::store::SUMS;
use crate::key::Key;
use crate::ledger::{Ledger, NO_AMOUNT, Standing, Table};

impl Program {
    /// Folds all records of a ledger.
    ///
    /// # Errors
    /// [`MetricError::SchemaMismatch`] unless the ledger has the layout's schema; [`MetricError::TooMany`] beyond 2^31
    /// records.
    pub fn fold(&self, ledger: &Ledger) -> Result<Partial, MetricError> {
        let mut partial = self.empty();
        self.extend(&mut partial, ledger)?;
        Ok(partial)
    }

    /// Folds the records of a ledger that a partial result does not hold yet.
    ///
    /// # Errors
    /// As [`Program::fold`]; [`MetricError::ProgramMismatch`] if it is of another program; [`MetricError::Reversed`] if a record
    /// that it holds has been reversed since and a metric asks whether or when something happened: then fold anew;
    /// [`MetricError::OtherRecords`] if what it holds of this ledger are not the records that stand there now. The
    /// partial result is unchanged on error.
    pub fn extend(&self, partial: &mut Partial, ledger: &Ledger) -> Result<(), MetricError> {
        if partial.program != self.fingerprint() {
            return Err(MetricError::ProgramMismatch);
        }
        let missing = self.missing(partial, ledger)?;
        let undone = self.undone(ledger, &missing);
        let schema = self.layout.schema();
        partial.agrees_with(&undone, schema)?;
        partial.rows = joined(&partial.rows, &missing, schema)?;
        add(&mut partial.digests, &self.digests(ledger, &missing));
        partial.undo(&undone);
        let bound = self.bind(partial, ledger.tables());
        for ((_, kind), ranges) in &missing {
            for range in ranges {
                self.rows(
                    partial,
                    &bound[*kind],
                    &ledger.tables()[*kind],
                    *kind,
                    *range,
                );
            }
        }
        partial.settle();
        Ok(())
    }

    /// Folds only some rows of one kind of record: a part for merging.
    ///
    /// # Errors
    /// As [`Program::fold`]; [`MetricError::UnknownKind`]; [`MetricError::TooMany`] beyond the last row.
    pub fn fold_rows(
        &self,
        ledger: &Ledger,
        kind: &str,
        rows: std::ops::Range<u32>,
    ) -> Result<Partial, MetricError> {
        let mut partial = self.empty();
        let mut all = self.missing(&partial, ledger)?;
        let index = ledger.schema().kind_index(kind).unwrap_or(usize::MAX);
        let known = ledger.tables().get(index).map_or(0, Table::len);
        if rows.end as usize > known || rows.start > rows.end {
            let (count, limit) = (u64::from(rows.end), known as u64);
            return Err(MetricError::TooMany {
                what: "rows",
                count,
                limit,
            });
        }
        all.clear();
        if !rows.is_empty() {
            all.insert((ledger.key().clone(), index), vec![(rows.start, rows.end)]);
        }
        partial.rows = joined(&partial.rows, &all, self.layout.schema())?;
        add(&mut partial.digests, &self.digests(ledger, &all));
        partial.undo(&self.undone(ledger, &all));
        let bound = self.bind(&mut partial, ledger.tables());
        for ((_, kind), ranges) in &all {
            for range in ranges {
                self.rows(
                    &mut partial,
                    &bound[*kind],
                    &ledger.tables()[*kind],
                    *kind,
                    *range,
                );
            }
        }
        partial.settle();
        Ok(partial)
    }

    /// The rows of a ledger that a partial result does not hold.
    pub(super) fn missing(&self, partial: &Partial, ledger: &Ledger) -> Result<Rows, MetricError> {
        if ledger.schema() != self.layout.schema() {
            return Err(MetricError::SchemaMismatch {
                ledger: ledger.key().clone(),
            });
        }
        self.is_of(partial, ledger)?;
        let mut missing = Rows::new();
        for (kind, table) in ledger.tables().iter().enumerate() {
            let key = (ledger.key().clone(), kind);
            let mut next = 0;
            let mut ranges = Vec::new();
            for (from, to) in partial.rows.get(&key).into_iter().flatten() {
                if next < *from {
                    ranges.push((next, *from));
                }
                next = *to;
            }
            // Rows are numbered by 31 bits: `Ledger::MAX_RECORDS`.
            let end = u32::try_from(table.len()).unwrap_or(u32::MAX);
            if next < end {
                ranges.push((next, end));
            }
            if !ranges.is_empty() {
                missing.insert(key, ranges);
            }
        }
        Ok(missing)
    }

    /// What of some rows is reversed or reverses, where that matters: counts and sums can be taken back from a partial result,
    /// but not whether something happened.
    pub(super) fn undone(&self, ledger: &Ledger, added: &Rows) -> BTreeMap<(Key, usize), Undone> {
        let parts = &self.parts;
        let additive = parts.extremes.is_empty()
            && parts.samples.is_empty()
            && parts.presences.is_empty()
            && parts.touches.is_empty()
            && parts.trails.is_empty()
            && parts.opens.is_empty()
            && parts.holdings.is_empty()
            && parts.lasts.is_empty();
        let mut all = BTreeMap::new();
        if additive {
            return all;
        }
        for (place, ranges) in added {
            let table = &ledger.tables()[place.1];
            let held = |row: u32| ranges.iter().any(|(from, to)| (*from..*to).contains(&row));
            let mut undone = Undone::default();
            for (reversal, original) in &table.reversals {
                if self.is_later(table.days[*reversal as usize]) {
                    continue;
                }
                if held(*original) {
                    undone.left_out.push(*original);
                }
                if held(*reversal) {
                    undone.reversing.push(*original);
                }
            }
            if undone != Undone::default() {
                undone.left_out.sort_unstable();
                undone.reversing.sort_unstable();
                all.insert(place.clone(), undone);
            }
        }
        all
    }

    /// Whether a day is after the as-of day.
    pub(super) fn is_later(&self, day: i32) -> bool {
        let as_of = self.layout.as_of();
        as_of.is_some_and(|as_of| day > as_of.num_days_from_ce())
    }

    /// Looks up what depends on the texts that the ledger's columns hold today.
    pub(super) fn bind(&self, partial: &mut Partial, tables: &[Table]) -> Vec<Bound> {
        let tables = tables.iter().enumerate();
        tables
            .map(|(kind, table)| self.bind_kind(partial, kind, table))
            .collect()
    }

    /// The same for one kind of record.
    pub(super) fn bind_kind(&self, partial: &mut Partial, kind: usize, table: &Table) -> Bound {
        let parts = &self.parts;
        let mut texts: Vec<Option<Vec<u32>>> = Vec::with_capacity(parts.entities.len());
        for (entity, lexicon) in parts.entities.iter().zip(&mut partial.lexicons) {
            texts.push(match entity.kinds[kind] {
                Some(EntityColumn::Text { column }) => {
                    let values = table.texts[column].values.iter();
                    let numbers =
                        std::iter::once(0).chain(values.map(|value| lexicon.learn(value)));
                    Some(numbers.collect())
                }
                _ => None,
            });
        }
        for (presence, part) in partial.presences.iter_mut().zip(&parts.presences) {
            presence.grow(partial.lexicons[part.entity].values.len() + 1);
        }
        let sight = Sight::standing(table, self.layout.as_of());
        let mut bound = Bound::new(parts, kind, table, texts, &sight);
        if self.asks_balances(kind) {
            let schema = self.layout.schema();
            bound.moves = Moves::new(&schema.compiled()[kind], schema.space());
        }
        bound
    }

    pub(super) fn rows(
        &self,
        partial: &mut Partial,
        bound: &Bound,
        table: &Table,
        kind: usize,
        range: (u32, u32),
    ) {
        if bound.grids.is_empty() || range.0 >= range.1 {
            return;
        }
        self.pass(partial, bound, table, kind, range);
        let adds_up = bound.banks.iter().any(Option::is_some);
        if adds_up && !table.standings.is_empty() {
            self.reversals(partial, table, kind, range);
        }
        self.fold_apart(partial, bound, table, kind, range);
        if bound
            .banks
            .iter()
            .flatten()
            .any(|bank| !bank.amends.is_empty())
        {
            self.amend(partial, table, kind, range);
        }
    }

    /// One pass over rows that stand.
    pub(super) fn pass(
        &self,
        partial: &mut Partial,
        bound: &Bound,
        table: &Table,
        kind: usize,
        range: (u32, u32),
    ) {
        let (start, end) = (range.0 as usize, range.1 as usize);
        for (cells, bank) in partial.cells.iter_mut().zip(&bound.banks) {
            for lane in bank.iter().flat_map(|bank| bank.lanes).flatten() {
                let peak = match lane {
                    Lane::One => 1,
                    Lane::Value(source) => source.peak(table),
                };
                cells.reserve(end - start, peak);
            }
        }
        let mut pass = Pass::new(self, bound, table, kind);
        let mut from = start;
        while from < end {
            let count = BLOCK.min(end - from);
            pass.block(partial, from, count);
            from += count;
        }
        self.hand_on(partial, bound, table, kind, range);
    }

    /// Adds what was reversed where it stood and takes it away where it was reversed, for counts and sums; for means,
    /// where it stood. Conditions are those of the original. A reversal after the as-of day has not happened.
    fn reversals(&self, partial: &mut Partial, table: &Table, kind: usize, range: (u32, u32)) {
        let parts = &self.parts;
        let nothing = vec![None; parts.entities.len()];
        let bound = Bound::new(parts, kind, table, nothing, &Sight::default());
        let still = still_standing(table, self.layout.as_of());
        let mut flags = [false; 1];
        let mut subject = [0];
        for row in range.0 as usize..range.1 as usize {
            let (original, sign) = match table.standing(row) {
                Standing::Stands => continue,
                // The pass has added it.
                Standing::Reversed if contains(&still, row) => continue,
                Standing::Reversed => (row, 1),
                Standing::Reversal if self.is_later(table.days[row]) => continue,
                Standing::Reversal => {
                    let known = u32::try_from(row)
                        .ok()
                        .and_then(|row| table.reversals.get(&row));
                    (known.map_or(row, |original| *original as usize), -1)
                }
            };
            let mut cell = |grid: usize, row: usize| {
                let (lookup, date) = parts.places[grid][kind].as_ref()?;
                lookup.subjects_of(table, row, &mut subject);
                let grid = &self.grids[grid];
                Some((subject[0] * grid.width() + grid.atom(date.of(table)[row])) as usize)
            };
            let banks = bound.banks.iter().zip(&parts.banks);
            for (cells, (bank, known)) in partial.cells.iter_mut().zip(banks) {
                let Some(bank) = bank else { continue };
                let (Some(then), Some(there)) = (cell(known.grid, row), cell(known.grid, original))
                else {
                    continue;
                };
                let mut bits = [0];
                bank.filter.evaluate(table, original, &mut bits, &mut flags);
                let mut values = [0; SUMS];
                for (value, lane) in values.iter_mut().zip(bank.lanes) {
                    *value = match lane {
                        None => 0,
                        Some(Lane::One) => 1,
                        Some(Lane::Value(source)) => {
                            let mut found = [0];
                            source.read(table, original, &mut found);
                            if found[0] == NO_AMOUNT { 0 } else { found[0] }
                        }
                    };
                }
                cells.adjust(then, bits[0] & !bank.there, values, sign);
                cells.adjust(there, bits[0] & bank.there, values, sign);
            }
        }
    }
}

/// Compiles metrics, folds a ledger and makes the panel, for hosts that need none of the steps between.
///
/// # Errors
/// As [`Program::compile`], [`Program::fold`] and [`Program::panel`].
pub fn measure(
    metrics: &[MetricDef],
    layout: &super::Layout,
    ledger: &Ledger,
) -> Result<crate::panel::Panel, MetricError> {
    let program = Program::compile(metrics, layout)?;
    program.panel(&program.fold(ledger)?)
}
