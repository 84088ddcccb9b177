//! One pass over the columns, block by block.
//!
//! For each block of rows the cells are found first, then each part adds its figures in a loop of its own over columns
//! and small buffers that stay in the processor's nearest memory. What is outside every subject or window goes to cells
//! that nobody reads, so that no loop branches on it.

use std::num::NonZeroUsize;

use super::filter::{Bits, DateColumn, Mask, Source, Standings};
use super::grid::Grid;
use super::partial::{Partial, Rows, joined};
use super::plan::Plan;
use super::presence::{Block, Scratch};
use super::program::{EntityColumn, Program, Summed, ValuePart};
use super::store::{SUMS, sum_bit};
use super::subject::Lookup;
use super::{MetricDef, MetricError};
use crate::ledger::{Ledger, NO_AMOUNT, NO_DAY, Standing, Table};

/// The rows of a block.
const BLOCK: usize = 512;

impl Plan {
    /// Folds all records of a ledger.
    ///
    /// # Errors
    /// [`MetricError::SchemaMismatch`] unless the ledger has the frame's schema; [`MetricError::TooMany`] beyond 2^31
    /// records.
    pub fn fold(&self, ledger: &Ledger) -> Result<Partial, MetricError> {
        let mut partial = self.empty();
        self.extend(&mut partial, ledger)?;
        Ok(partial)
    }

    /// Folds all records of a ledger on several threads; the result is the same.
    ///
    /// # Errors
    /// As [`Plan::fold`].
    pub fn fold_on(&self, threads: NonZeroUsize, ledger: &Ledger) -> Result<Partial, MetricError> {
        let mut partial = self.empty();
        let missing = self.missing(&partial, ledger)?;
        let rows = joined(&partial.rows, &missing)?;
        let bound = self.bind(&mut partial, ledger);
        let shares = shared(&missing, threads.get());
        let (first, rest) = match shares.split_first() {
            Some((first, rest)) => (first.as_slice(), rest),
            None => (&[][..], &[][..]),
        };
        let neutral = if rest.is_empty() {
            None
        } else {
            Some(partial.clone())
        };
        let work = &|share: &[Share]| {
            let mut own = neutral.clone().unwrap_or_else(|| self.empty());
            for (kind, from, to) in share {
                self.rows(&mut own, &bound[*kind], ledger, *kind, (*from, *to));
            }
            settle(&mut own);
            own
        };
        let others: Vec<Partial> = std::thread::scope(|scope| {
            let spawned: Vec<_> = rest
                .iter()
                .map(|share| std::thread::Builder::new().spawn_scoped(scope, move || work(share)))
                .collect();
            for (kind, from, to) in first {
                self.rows(&mut partial, &bound[*kind], ledger, *kind, (*from, *to));
            }
            settle(&mut partial);
            // A thread that could not be had, or that did not come back, leaves its share to this one.
            spawned
                .into_iter()
                .zip(rest)
                .map(|(handle, share)| {
                    let done = handle.ok().and_then(|handle| handle.join().ok());
                    done.unwrap_or_else(|| work(share))
                })
                .collect()
        });
        for other in &others {
            self.absorb(&mut partial, other)?;
        }
        partial.rows = rows;
        Ok(partial)
    }

    /// Folds the records of a ledger that a partial result does not hold yet.
    ///
    /// # Errors
    /// As [`Plan::fold`]; [`MetricError::PlanMismatch`] if it is of another plan; [`MetricError::Reversed`] if a record
    /// that it holds has been reversed since and a metric asks whether or when something happened: then fold anew. The
    /// partial result is unchanged on error.
    pub fn extend(&self, partial: &mut Partial, ledger: &Ledger) -> Result<(), MetricError> {
        if partial.plan != self.fingerprint {
            return Err(MetricError::PlanMismatch);
        }
        let missing = self.missing(partial, ledger)?;
        self.refuse_reversed(ledger, &missing)?;
        partial.rows = joined(&partial.rows, &missing)?;
        let bound = self.bind(partial, ledger);
        for ((_, kind), ranges) in &missing {
            for range in ranges {
                self.rows(partial, &bound[*kind], ledger, *kind, *range);
            }
        }
        settle(partial);
        Ok(())
    }

    /// Folds only some rows of one kind of record: a part for merging.
    ///
    /// # Errors
    /// As [`Plan::extend`]; [`MetricError::UnknownKind`]; [`MetricError::TooMany`] beyond the last row.
    pub fn fold_rows(
        &self,
        ledger: &Ledger,
        kind: &str,
        rows: std::ops::Range<u32>,
    ) -> Result<Partial, MetricError> {
        let mut partial = self.empty();
        let mut all = self.missing(&partial, ledger)?;
        let index = ledger.schema().kind(kind).unwrap_or(usize::MAX);
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
        self.refuse_reversed(ledger, &all)?;
        partial.rows = joined(&partial.rows, &all)?;
        let bound = self.bind(&mut partial, ledger);
        for ((_, kind), ranges) in &all {
            for range in ranges {
                self.rows(&mut partial, &bound[*kind], ledger, *kind, *range);
            }
        }
        settle(&mut partial);
        Ok(partial)
    }

    /// The rows of a ledger that a partial result does not hold.
    fn missing(&self, partial: &Partial, ledger: &Ledger) -> Result<Rows, MetricError> {
        if ledger.schema() != self.frame.schema() {
            return Err(MetricError::SchemaMismatch {
                ledger: ledger.key().clone(),
            });
        }
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

    /// Whether something happened cannot be taken back from a partial result, counts and sums can.
    fn refuse_reversed(&self, ledger: &Ledger, added: &Rows) -> Result<(), MetricError> {
        let program = &self.program;
        let additive = program.extremes.is_empty()
            && program.samples.is_empty()
            && program.presences.is_empty()
            && program.touches.is_empty()
            && program.trails.is_empty()
            && program.opens.is_empty();
        if additive {
            return Ok(());
        }
        for ((key, kind), ranges) in added {
            let held = |row: u32| ranges.iter().any(|(from, to)| (*from..*to).contains(&row));
            for (reversal, original) in &ledger.tables()[*kind].reversals {
                if held(*reversal) && !held(*original) {
                    return Err(MetricError::Reversed {
                        ledger: key.clone(),
                        kind: *kind,
                        row: *original,
                    });
                }
            }
        }
        Ok(())
    }

    /// Looks up what depends on the texts that the ledger's columns hold today.
    fn bind(&self, partial: &mut Partial, ledger: &Ledger) -> Vec<Bound> {
        let program = &self.program;
        let tables = ledger.tables().iter().enumerate();
        let mut texts: Vec<Vec<Option<Vec<u32>>>> = Vec::with_capacity(program.entities.len());
        for (entity, lexicon) in program.entities.iter().zip(&mut partial.lexicons) {
            let mut by_kind = vec![None; ledger.tables().len()];
            for (kind, table) in tables.clone() {
                if let Some(EntityColumn::Text { column }) = entity.kinds[kind] {
                    let values = table.texts[column].values.iter();
                    let numbers =
                        std::iter::once(0).chain(values.map(|value| lexicon.learn(value)));
                    by_kind[kind] = Some(numbers.collect());
                }
            }
            texts.push(by_kind);
        }
        for (presence, part) in partial.presences.iter_mut().zip(&program.presences) {
            presence.grow(partial.lexicons[part.entity].values.len() + 1);
        }
        tables
            .map(|(kind, table)| {
                let texts = texts
                    .iter_mut()
                    .map(|by_kind| by_kind[kind].take())
                    .collect();
                Bound::new(program, kind, table, texts, Standings::Leave)
            })
            .collect()
    }

    fn rows(
        &self,
        partial: &mut Partial,
        bound: &Bound,
        ledger: &Ledger,
        kind: usize,
        range: (u32, u32),
    ) {
        let table = &ledger.tables()[kind];
        let (start, end) = (range.0 as usize, range.1 as usize);
        if bound.grids.is_empty() || start >= end {
            return;
        }
        for (cells, bank) in partial.cells.iter_mut().zip(&bound.banks) {
            for lane in bank.iter().flat_map(|bank| bank.lanes).flatten() {
                let peak = match lane {
                    Lane::One => 1,
                    Lane::Value(source) => source.peak(table),
                };
                cells.reserve(end - start, peak);
            }
        }
        let mut pass = Pass {
            plan: self,
            bound,
            table,
            kind,
            subjects: vec![[0; BLOCK]; self.grids.len()],
            atoms: vec![[0; BLOCK]; self.grids.len()],
            cells: vec![[0; BLOCK]; self.grids.len()],
            bits: [0; BLOCK],
            flags: [false; BLOCK],
            values: [[0; BLOCK]; SUMS],
            entities: [0; BLOCK],
            scratch: Scratch::default(),
        };
        let mut from = start;
        while from < end {
            let count = BLOCK.min(end - from);
            pass.block(partial, from, count);
            from += count;
        }
        if !table.standings.is_empty() {
            self.reversals(partial, ledger, kind, range);
        }
    }

    /// Adds what was reversed where it stood and takes it away where it was reversed, for counts and sums. Conditions are
    /// those of the original.
    fn reversals(&self, partial: &mut Partial, ledger: &Ledger, kind: usize, range: (u32, u32)) {
        let table = &ledger.tables()[kind];
        let program = &self.program;
        let bound = Bound::new(
            program,
            kind,
            table,
            vec![None; program.entities.len()],
            Standings::Take,
        );
        let mut flags = [false; 1];
        let mut subject = [0];
        for row in range.0 as usize..range.1 as usize {
            let (original, sign) = match table.standing(row) {
                Standing::Stands => continue,
                Standing::Reversed => (row, 1),
                Standing::Reversal => {
                    let known = u32::try_from(row)
                        .ok()
                        .and_then(|row| table.reversals.get(&row));
                    (known.map_or(row, |original| *original as usize), -1)
                }
            };
            let mut cell = |grid: usize| {
                let (lookup, date) = program.places[grid][kind].as_ref()?;
                lookup.subjects_of(table, row, &mut subject);
                let grid = &self.grids[grid];
                Some((subject[0] * grid.width() + grid.atom(date.of(table)[row])) as usize)
            };
            let banks = bound.banks.iter().zip(&program.banks);
            for (cells, (bank, known)) in partial.cells.iter_mut().zip(banks) {
                let (Some(bank), Some(cell)) = (bank, cell(known.grid)) else {
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
                cells.adjust(cell, bits[0], values, sign);
            }
        }
    }
}

/// (kind of record, first row, row after the last).
type Share = (usize, u32, u32);

/// Cuts rows into as many shares of equal size as there are threads.
fn shared(rows: &Rows, threads: usize) -> Vec<Vec<Share>> {
    let total: u64 = rows
        .values()
        .flatten()
        .map(|(from, to)| u64::from(to - from))
        .sum();
    let size = u32::try_from(total.div_ceil(threads.max(1) as u64))
        .unwrap_or(u32::MAX)
        .max(1);
    let mut shares: Vec<Vec<Share>> = vec![Vec::new()];
    let mut room = size;
    for ((_, kind), ranges) in rows {
        for (from, to) in ranges {
            let mut next = *from;
            while next < *to {
                if room == 0 {
                    shares.push(Vec::new());
                    room = size;
                }
                let end = next.saturating_add(room).min(*to);
                if let Some(share) = shares.last_mut() {
                    share.push((*kind, next, end));
                }
                room -= end - next;
                next = end;
            }
        }
    }
    shares
}

fn settle(partial: &mut Partial) {
    partial
        .samples
        .iter_mut()
        .for_each(super::sample::Samples::settle);
    partial
        .touches
        .iter_mut()
        .for_each(super::touch::Touches::settle);
    partial
        .trails
        .iter_mut()
        .for_each(super::sample::Trail::settle);
}

/// A program bound to the columns of one kind of record.
struct Bound {
    /// The grids that are needed.
    grids: Vec<usize>,
    banks: Vec<Option<BoundBank>>,
    extremes: Vec<Option<(Bits, Source)>>,
    samples: Vec<Option<(Bits, Source)>>,
    presences: Vec<Option<Bits>>,
    touches: Vec<Option<Bits>>,
    trails: Vec<Option<Bits>>,
    opens: Vec<Option<Bits>>,
    /// The numbers of texts, by sort of entity.
    texts: Vec<Option<Vec<u32>>>,
}

struct BoundBank {
    filter: Bits,
    /// What the sums add up.
    lanes: [Option<Lane>; SUMS],
}

/// What a record adds to a sum.
#[derive(Clone, Copy)]
enum Lane {
    One,
    Value(Source),
}

impl Bound {
    fn new(
        program: &Program,
        kind: usize,
        table: &Table,
        texts: Vec<Option<Vec<u32>>>,
        standings: Standings,
    ) -> Self {
        let chosen = |selection: usize| program.selections[selection].kinds[kind].as_deref();
        let single =
            |selection: usize| Some(Bits::bind(&[(0, chosen(selection)?)], table, standings));
        let valued = |part: &ValuePart| Some((single(part.selection)?, part.sources[kind]?));
        let banks = program.banks.iter().map(|bank| {
            let mut filters = Vec::new();
            for (bit, tally) in (0_u8..).zip(&bank.counts) {
                filters.extend(chosen(program.tallies[*tally].selection).map(|tests| (bit, tests)));
            }
            let mut lanes = [None; SUMS];
            for (lane, known) in bank.sums.iter().enumerate() {
                let (selection, added) = match known {
                    Summed::Tally(tally) => (program.tallies[*tally].selection, Some(Lane::One)),
                    Summed::Value(part) => {
                        let part = &program.sums[*part];
                        (part.selection, part.sources[kind].map(Lane::Value))
                    }
                };
                if let (Some(tests), Some(added)) = (chosen(selection), added) {
                    lanes[lane] = Some(added);
                    filters.push((sum_bit(lane), tests));
                }
            }
            (!filters.is_empty()).then(|| BoundBank {
                filter: Bits::bind(&filters, table, standings),
                lanes,
            })
        });
        let used = |grid: &usize| {
            let of = program.selections.iter();
            of.filter(|selected| selected.grid == *grid)
                .any(|selected| selected.kinds[kind].is_some())
        };
        Self {
            grids: (0..program.places.len()).filter(used).collect(),
            banks: banks.collect(),
            extremes: program.extremes.iter().map(valued).collect(),
            samples: program.samples.iter().map(valued).collect(),
            presences: program
                .presences
                .iter()
                .map(|part| single(part.selection))
                .collect(),
            touches: program
                .touches
                .iter()
                .map(|part| single(part.selection))
                .collect(),
            trails: program
                .trails
                .iter()
                .map(|part| single(part.selection))
                .collect(),
            opens: program
                .opens
                .iter()
                .map(|part| single(part.selection))
                .collect(),
            texts,
        }
    }
}

/// One pass over the rows of one kind, with its buffers.
struct Pass<'a> {
    plan: &'a Plan,
    bound: &'a Bound,
    table: &'a Table,
    kind: usize,
    subjects: Vec<[u32; BLOCK]>,
    atoms: Vec<[u32; BLOCK]>,
    cells: Vec<[u32; BLOCK]>,
    bits: [Mask; BLOCK],
    flags: [bool; BLOCK],
    values: [[i64; BLOCK]; SUMS],
    entities: [u32; BLOCK],
    scratch: Scratch,
}

impl Pass<'_> {
    fn block(&mut self, partial: &mut Partial, from: usize, count: usize) {
        let (plan, bound, table) = (self.plan, self.bound, self.table);
        for grid in &bound.grids {
            if let Some((lookup, date)) = &plan.program.places[*grid][self.kind] {
                self.locate(*grid, &plan.grids[*grid], lookup, *date, from, count);
            }
        }
        let program = &plan.program;
        let banks = bound.banks.iter().zip(&program.banks);
        for (cells, (bound, bank)) in partial.cells.iter_mut().zip(banks) {
            let Some(bound) = bound else { continue };
            let bits = &mut self.bits[..count];
            bound.filter.evaluate(table, from, bits, &mut self.flags);
            let mut columns: [&[i64]; SUMS] = [&ZEROS[..count]; SUMS];
            for ((column, lane), buffer) in
                columns.iter_mut().zip(bound.lanes).zip(&mut self.values)
            {
                *column = match lane {
                    None => continue,
                    Some(Lane::One) => &ONES[..count],
                    Some(Lane::Value(source)) => values(source, table, from, &mut buffer[..count]),
                };
            }
            cells.add(&self.cells[bank.grid][..count], bits, columns);
        }
        self.extremes(partial, from, count);
        self.presences(partial, from, count);
        self.touches(partial, from, count);
        self.trails(partial, from, count);
        self.opens(partial, from, count);
    }

    fn locate(
        &mut self,
        at: usize,
        grid: &Grid,
        lookup: &Lookup,
        date: DateColumn,
        from: usize,
        count: usize,
    ) {
        let subjects = &mut self.subjects[at][..count];
        let atoms = &mut self.atoms[at][..count];
        lookup.subjects_of(self.table, from, subjects);
        grid.atoms_of(&date.of(self.table)[from..from + count], atoms);
        let width = grid.width();
        for ((cell, subject), atom) in self.cells[at][..count].iter_mut().zip(subjects).zip(atoms) {
            *cell = *subject * width + *atom;
        }
    }

    fn grid_of(&self, selection: usize) -> usize {
        self.plan.program.selections[selection].grid
    }

    fn extremes(&mut self, partial: &mut Partial, from: usize, count: usize) {
        let (bound, table) = (self.bound, self.table);
        let program = &self.plan.program;
        let both = bound.extremes.iter().zip(&program.extremes);
        for (own, (known, part)) in partial.extremes.iter_mut().zip(both) {
            let Some((filter, source)) = known else {
                continue;
            };
            filter.evaluate(table, from, &mut self.bits[..count], &mut self.flags);
            source.read(table, from, &mut self.values[0][..count]);
            let cells = &self.cells[self.grid_of(part.selection)][..count];
            for ((cell, value), bits) in cells.iter().zip(&self.values[0]).zip(&self.bits) {
                if *bits == 1 && *value != NO_AMOUNT {
                    own.add(*cell as usize, *value);
                }
            }
        }
        let both = bound.samples.iter().zip(&program.samples);
        for (own, (known, part)) in partial.samples.iter_mut().zip(both) {
            let Some((filter, source)) = known else {
                continue;
            };
            filter.evaluate(table, from, &mut self.bits[..count], &mut self.flags);
            source.read(table, from, &mut self.values[0][..count]);
            let cells = &self.cells[self.grid_of(part.selection)][..count];
            for ((cell, value), bits) in cells.iter().zip(&self.values[0]).zip(&self.bits) {
                if *bits == 1 && *value != NO_AMOUNT {
                    own.add(*cell, *value);
                }
            }
        }
    }

    /// The numbers of the entities of a block, 0 for none.
    fn entities(&mut self, entity: usize, from: usize, count: usize) {
        let found = &mut self.entities[..count];
        match &self.plan.program.entities[entity].kinds[self.kind] {
            Some(EntityColumn::Place { column, members }) => {
                let places = &self.table.places[*column][from..from + count];
                match members {
                    None => {
                        for (place, number) in places.iter().zip(found) {
                            *number = place.number();
                        }
                    }
                    Some(members) => {
                        for (place, number) in places.iter().zip(found) {
                            *number = members[place.index()];
                        }
                    }
                }
            }
            Some(EntityColumn::Text { column }) => {
                let codes = &self.table.texts[*column].codes[from..from + count];
                let numbers = self.bound.texts[entity].as_deref().unwrap_or(&[]);
                for (code, number) in codes.iter().zip(found) {
                    *number = numbers.get(*code as usize).copied().unwrap_or(0);
                }
            }
            None => found.fill(0),
        }
    }

    fn presences(&mut self, partial: &mut Partial, from: usize, count: usize) {
        let (bound, table) = (self.bound, self.table);
        let rows = from..from + count;
        let both = bound.presences.iter().zip(&self.plan.program.presences);
        for (own, (known, part)) in partial.presences.iter_mut().zip(both) {
            let Some(filter) = known else { continue };
            filter.evaluate(table, from, &mut self.bits[..count], &mut self.flags);
            self.entities(part.entity, from, count);
            let grid = self.grid_of(part.selection);
            let date = self.plan.program.places[grid][self.kind].as_ref();
            let days = date.map_or(DateColumn::Own, |(_, date)| *date).of(table);
            if self.plan.grids[grid].key.date.is_some() {
                // What has no such day has not happened by it.
                for (day, bits) in days[rows.clone()].iter().zip(&mut self.bits) {
                    *bits &= Mask::from(*day != NO_DAY);
                }
            }
            let block = Block {
                entities: &self.entities[..count],
                subjects: &self.subjects[grid][..count],
                atoms: &self.atoms[grid][..count],
                cells: &self.cells[grid][..count],
                days: &days[rows.clone()],
                times: table.times.get(rows.clone()),
                sequences: table.sequences.get(rows.clone()),
                bits: &self.bits[..count],
            };
            own.see(&block, self.plan.grids[grid].atoms(), &mut self.scratch);
        }
    }

    fn touches(&mut self, partial: &mut Partial, from: usize, count: usize) {
        let (bound, table) = (self.bound, self.table);
        let both = bound.touches.iter().zip(&self.plan.program.touches);
        for (own, (known, part)) in partial.touches.iter_mut().zip(both) {
            let Some(filter) = known else { continue };
            filter.evaluate(table, from, &mut self.bits[..count], &mut self.flags);
            self.entities(part.entity, from, count);
            let grid = self.grid_of(part.selection);
            let clock = self.plan.program.clocks[grid];
            let outside = self.plan.grids[grid].atoms();
            let date = self.plan.program.places[grid][self.kind].as_ref();
            let days = date.map_or(DateColumn::Own, |(_, date)| *date).of(table);
            for at in 0..count {
                let (entity, atom) = (self.entities[at], self.atoms[grid][at]);
                if self.bits[at] == 1 && entity != 0 && atom != outside {
                    let row = from + at;
                    let (time, sequence) = (table.time(row), table.sequence(row));
                    let moment = clock.moment(days[row], time, sequence, self.subjects[grid][at]);
                    own.add(entity, atom, moment);
                }
            }
        }
    }

    fn trails(&mut self, partial: &mut Partial, from: usize, count: usize) {
        let (bound, table) = (self.bound, self.table);
        let none = u32::try_from(self.plan.frame.subjects().len()).unwrap_or(u32::MAX);
        let both = bound.trails.iter().zip(&self.plan.program.trails);
        for (own, (known, part)) in partial.trails.iter_mut().zip(both) {
            let Some(filter) = known else { continue };
            filter.evaluate(table, from, &mut self.bits[..count], &mut self.flags);
            match part.entity {
                Some(entity) => self.entities(entity, from, count),
                None => self.entities[..count].fill(1),
            }
            let grid = self.grid_of(part.selection);
            let date = self.plan.program.places[grid][self.kind].as_ref();
            let days = date.map_or(DateColumn::Own, |(_, date)| *date).of(table);
            for at in 0..count {
                let (entity, subject) = (self.entities[at], self.subjects[grid][at]);
                let day = days[from + at];
                let placed = day != NO_DAY;
                if self.bits[at] == 1 && entity != 0 && subject != none && placed {
                    own.add(entity, subject, day);
                }
            }
        }
    }
}

impl Pass<'_> {
    fn opens(&mut self, partial: &mut Partial, from: usize, count: usize) {
        let (bound, table, program) = (self.bound, self.table, &self.plan.program);
        let subjects = self.plan.frame.subjects().len();
        let both = bound.opens.iter().zip(&program.opens);
        for (own, (known, part)) in partial.opens.iter_mut().zip(both) {
            let (Some(filter), Some(columns)) = (known, part.kinds[self.kind]) else {
                continue;
            };
            filter.evaluate(table, from, &mut self.bits[..count], &mut self.flags);
            let grid = self.grid_of(part.selection);
            let date = program.places[grid][self.kind].as_ref();
            let days = date.map_or(DateColumn::Own, |(_, date)| *date).of(table);
            for at in 0..count {
                let subject = self.subjects[grid][at] as usize;
                if self.bits[at] == 1 && subject < subjects {
                    let begun = (subject, days[from + at]);
                    own.add((part, columns), table, from + at, begun, &program.last_days);
                }
            }
        }
    }
}

static ZEROS: [i64; BLOCK] = [0; BLOCK];
static ONES: [i64; BLOCK] = [1; BLOCK];

/// The values of a source for adding: the column itself where every record has one, else a copy with zeros.
fn values<'a>(source: Source, table: &'a Table, from: usize, buffer: &'a mut [i64]) -> &'a [i64] {
    if let (Source::Amount(at), true) = (source, source.is_full(table)) {
        return &table.amounts[at].units[from..from + buffer.len()];
    }
    source.read(table, from, buffer);
    for value in &mut *buffer {
        if *value == NO_AMOUNT {
            *value = 0;
        }
    }
    buffer
}

/// Compiles metrics, folds a ledger and makes the panel, for hosts that need none of the steps between.
///
/// # Errors
/// As [`Plan::compile`], [`Plan::fold`] and [`Plan::panel`].
pub fn measure(
    metrics: &[MetricDef],
    frame: &super::Frame,
    ledger: &Ledger,
) -> Result<crate::panel::Panel, MetricError> {
    let plan = Plan::compile(metrics, frame)?;
    plan.panel(&plan.fold(ledger)?)
}
