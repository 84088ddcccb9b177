//! The work on one block of rows: cells first, then part by part.

use super::filter::{Asked, Bits, Credited, DateColumn, LeftOut, Mask, Source};
use super::followed::{Moves, Sight, counting};
use super::grid::Grid;
use super::metric::{CreditUse, OpenFigure, Selection, Sharing};
use super::open::{Item, Opened, Walk};
use super::partial::Partial;
use super::parts::{Bank, EntityColumn, Parts, Summed, TakenBack, Trailed, ValuePart};
use super::presence::{Block, Scratch};
use super::program::Program;
use super::residue::residue;
use super::store::{SUMS, sum_bit};
use super::subject::Lookup;
use crate::ledger::{NO_AMOUNT, NO_DAY, Part, Table};

/// The rows of a block.
pub(super) const BLOCK: usize = 512;

/// A parts bound to the columns of one kind of record.
pub(super) struct Bound {
    /// The grids that are needed.
    pub(super) grids: Vec<usize>,
    pub(super) banks: Vec<Option<BoundBank>>,
    extremes: Vec<Option<(Bits, Source)>>,
    samples: Vec<Option<(Bits, Source)>>,
    presences: Vec<Option<Bits>>,
    touches: Vec<Option<Bits>>,
    trails: Vec<Option<Bits>>,
    pub(super) opens: Vec<Option<Bits>>,
    holdings: Vec<Option<Bits>>,
    pub(super) lasts: Vec<Option<Bits>>,
    /// The numbers of texts, by sort of entity.
    texts: Vec<Option<Vec<u32>>>,
    /// Who moves, where it is asked what is open or held.
    pub(super) moves: Moves,
}

pub(super) struct BoundBank {
    pub(super) filter: Bits,
    /// What the sums add up.
    pub(super) lanes: [Option<Lane>; SUMS],
    /// The bits of what a reversal takes away where the original stands.
    pub(super) there: Mask,
    /// What is amended for shared records; empty where there are none.
    pub(super) amends: Vec<Amend>,
}

/// What the loop over the rows adds for a shared record that is not what a figure has of it.
#[derive(Clone, Copy)]
pub(super) struct Amend {
    pub(super) bit: u8,
    pub(super) how: Amended,
}

#[derive(Clone, Copy)]
pub(super) enum Amended {
    /// A further row of the record in the same cell is taken away again.
    Once,
    /// Each row has its exact share of the first number; the loop adds the second.
    Share(Lane, Lane),
}

fn amends(parts: &Parts, bank: &Bank, kind: usize) -> Vec<Amend> {
    let of_records = |selection: usize, lane: Lane| {
        let of = &parts.selections[selection].definition;
        match (of.credit, of.shared) {
            (CreditUse::Booked, Sharing::Each) => Some(Amended::Once),
            (CreditUse::Booked, Sharing::Fraction) => Some(Amended::Share(lane, lane)),
            (CreditUse::Booked, Sharing::First) | (CreditUse::Overlay, _) => None,
        }
    };
    let counted = |tally: usize| of_records(parts.tallies[tally].selection, Lane::One);
    let counts = (0_u8..)
        .zip(&bank.counts)
        .map(|(bit, tally)| (bit, counted(*tally)));
    let sums = bank.sums.iter().enumerate().map(|(lane, summed)| {
        let how = match summed {
            Summed::Tally(tally) => counted(*tally),
            Summed::Value(part) => {
                let part = &parts.sums[*part];
                part.sources[kind].and_then(|source| match source {
                    Source::Amount(_) => Some(Amended::Share(
                        Lane::Value(source.of_record()),
                        Lane::Value(source),
                    )),
                    Source::Whole(_) | Source::Days { .. } | Source::Day(_) => {
                        of_records(part.selection, Lane::Value(source))
                    }
                })
            }
        };
        (sum_bit(lane), how)
    });
    let all = counts.chain(sums);
    all.filter_map(|(bit, how)| how.map(|how| Amend { bit, how }))
        .collect()
}

fn there(parts: &Parts, bank: &Bank) -> Mask {
    if parts.from_the_start {
        return Mask::MAX;
    }
    let of_tally = |tally: usize| parts.tallies[tally].taken_back;
    let counts = (0_u8..)
        .zip(&bank.counts)
        .map(|(bit, tally)| (bit, of_tally(*tally)));
    let sums = bank.sums.iter().enumerate().map(|(lane, summed)| {
        let taken_back = match summed {
            Summed::Value(part) => parts.sums[*part].taken_back,
            Summed::Tally(tally) => of_tally(*tally),
        };
        (sum_bit(lane), taken_back)
    });
    counts.chain(sums).fold(0, |found, (bit, taken_back)| {
        found | Mask::from(taken_back == TakenBack::There) << bit
    })
}

/// What a record adds to a sum.
#[derive(Clone, Copy)]
pub(super) enum Lane {
    One,
    Value(Source),
}

/// One of several filters of a bank, if records of the kind are selected.
fn chosen(
    parts: &Parts,
    kind: usize,
    (bit, selection): (u8, usize),
    credited: fn(&Selection) -> Credited,
) -> Option<Asked<'_>> {
    let selected = &parts.selections[selection];
    Some(Asked {
        bit,
        tests: selected.kinds[kind].as_deref()?,
        credited: credited(&selected.definition),
    })
}

impl BoundBank {
    /// Nothing where no record of the kind is counted or summed.
    fn new(
        parts: &Parts,
        bank: &Bank,
        kind: usize,
        table: &Table,
        left_out: &LeftOut,
    ) -> Option<Self> {
        let chosen = |bit: u8, selection: usize, credited: fn(&Selection) -> Credited| {
            chosen(parts, kind, (bit, selection), credited)
        };
        let mut filters = Vec::new();
        for (bit, tally) in (0_u8..).zip(&bank.counts) {
            let selection = parts.tallies[*tally].selection;
            filters.extend(chosen(bit, selection, Credited::adding));
        }
        let mut lanes = [None; SUMS];
        for (lane, known) in bank.sums.iter().enumerate() {
            let (asked, added) = match known {
                Summed::Tally(tally) => {
                    let selection = parts.tallies[*tally].selection;
                    let asked = chosen(sum_bit(lane), selection, Credited::adding);
                    (asked, Some(Lane::One))
                }
                Summed::Value(part) => {
                    let part = &parts.sums[*part];
                    let source = part.sources[kind];
                    let asked = source.and_then(|source| {
                        chosen(sum_bit(lane), part.selection, Credited::summing(source))
                    });
                    (asked, source.map(Lane::Value))
                }
            };
            if let (Some(asked), Some(added)) = (asked, added) {
                lanes[lane] = Some(added);
                filters.push(asked);
            }
        }
        (!filters.is_empty()).then(|| BoundBank {
            filter: Bits::bind(&filters, table, left_out),
            lanes,
            there: there(parts, bank),
            amends: if table.parts.is_empty() {
                Vec::new()
            } else {
                amends(parts, bank, kind)
            },
        })
    }
}

impl Bound {
    /// Leaves out what is open, which is walked by itself, and what leaves have: counts and sums.
    pub(super) fn leave_out(&mut self, has_sums: bool) {
        self.opens.fill_with(|| None);
        if has_sums {
            self.banks.fill_with(|| None);
        }
    }

    pub(super) fn new(
        parts: &Parts,
        kind: usize,
        table: &Table,
        texts: Vec<Option<Vec<u32>>>,
        sight: &Sight,
    ) -> Self {
        let bits = |selection: usize, credited: fn(&Selection) -> Credited, left_out: &LeftOut| {
            let asked = chosen(parts, kind, (0, selection), credited)?;
            Some(Bits::bind(&[asked], table, left_out))
        };
        let single = |selection: usize, credited: fn(&Selection) -> Credited| {
            bits(selection, credited, &sight.singles)
        };
        let present = |selection: usize| single(selection, Credited::valuing);
        let valued = |part: &ValuePart| {
            let source = part.sources[kind]?;
            Some((single(part.selection, Credited::drawing(source))?, source))
        };
        let banks = parts.banks.iter();
        let banks = banks.map(|bank| BoundBank::new(parts, bank, kind, table, &sight.banks));
        let used = |grid: &usize| {
            let of = parts.selections.iter();
            of.filter(|selected| selected.grid == *grid)
                .any(|selected| selected.kinds[kind].is_some())
        };
        Self {
            grids: (0..parts.places.len()).filter(used).collect(),
            banks: banks.collect(),
            extremes: parts.extremes.iter().map(valued).collect(),
            samples: parts.samples.iter().map(valued).collect(),
            presences: parts
                .presences
                .iter()
                .map(|part| present(part.selection))
                .collect(),
            touches: parts
                .touches
                .iter()
                .map(|part| present(part.selection))
                .collect(),
            trails: parts
                .trails
                .iter()
                .map(|part| single(part.selection, part.kept_for.credited()))
                .collect(),
            opens: parts
                .opens
                .iter()
                .map(|part| {
                    let credited = counting(part.value.as_ref());
                    bits(part.selection, credited, &sight.opens)
                })
                .collect(),
            holdings: parts
                .holdings
                .iter()
                .map(|part| single(part.selection, counting(part.value.as_ref())))
                .collect(),
            lasts: parts
                .lasts
                .iter()
                .map(|part| single(part.selection, Credited::recording))
                .collect(),
            texts,
            moves: Moves::default(),
        }
    }
}

/// One pass over the rows of one kind, with its buffers.
pub(super) struct Pass<'a> {
    program: &'a Program,
    bound: &'a Bound,
    table: &'a Table,
    kind: usize,
    subjects: Vec<[u32; BLOCK]>,
    atoms: Vec<[u32; BLOCK]>,
    cells: Vec<[u32; BLOCK]>,
    bits: [Mask; BLOCK],
    flags: [bool; BLOCK],
    values: [[i64; BLOCK]; SUMS],
    pub(super) entities: [u32; BLOCK],
    scratch: Scratch,
}

impl<'a> Pass<'a> {
    pub(super) fn new(
        program: &'a Program,
        bound: &'a Bound,
        table: &'a Table,
        kind: usize,
    ) -> Self {
        Self {
            program,
            bound,
            table,
            kind,
            subjects: vec![[0; BLOCK]; program.grids.len()],
            atoms: vec![[0; BLOCK]; program.grids.len()],
            cells: vec![[0; BLOCK]; program.grids.len()],
            bits: [0; BLOCK],
            flags: [false; BLOCK],
            values: [[0; BLOCK]; SUMS],
            entities: [0; BLOCK],
            scratch: Scratch::default(),
        }
    }
}

impl Pass<'_> {
    pub(super) fn block(&mut self, partial: &mut Partial, from: usize, count: usize) {
        let (program, bound, table) = (self.program, self.bound, self.table);
        for grid in &bound.grids {
            if let Some((lookup, date)) = &program.parts.places[*grid][self.kind] {
                self.locate(*grid, &program.grids[*grid], lookup, *date, from, count);
            }
        }
        let parts = &program.parts;
        let banks = bound.banks.iter().zip(&parts.banks);
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
        self.held(partial, from, count);
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

    /// Leaves out the further rows of a shared record whose subject has it already.
    fn once(&mut self, filter: &Bits, grid: usize, from: usize, count: usize) {
        if !filter.is_each {
            return;
        }
        let table = self.table;
        let lookup = self.program.parts.places[grid][self.kind].as_ref();
        for at in 0..count {
            let row = from + at;
            if self.bits[at] == 0 || table.part(row) != Part::Share {
                continue;
            }
            let own = self.subjects[grid][at];
            let has = |earlier: usize| {
                if earlier >= from {
                    let at = earlier - from;
                    return self.bits[at] == 1 && self.subjects[grid][at] == own;
                }
                let (mut bits, mut subject) = ([0], [0]);
                filter.evaluate(table, earlier, &mut bits, &mut [false]);
                if let Some((lookup, _)) = lookup {
                    lookup.subjects_of(table, earlier, &mut subject);
                }
                bits[0] == 1 && subject[0] == own
            };
            if (table.first_of(row)..row).any(has) {
                self.bits[at] = 0;
            }
        }
    }

    fn grid_of(&self, selection: usize) -> usize {
        self.program.parts.selections[selection].grid
    }

    fn extremes(&mut self, partial: &mut Partial, from: usize, count: usize) {
        let (bound, table) = (self.bound, self.table);
        let parts = &self.program.parts;
        let both = bound.extremes.iter().zip(&parts.extremes);
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
        let both = bound.samples.iter().zip(&parts.samples);
        for (own, (known, part)) in partial.samples.iter_mut().zip(both) {
            let Some((filter, source)) = known else {
                continue;
            };
            filter.evaluate(table, from, &mut self.bits[..count], &mut self.flags);
            self.once(filter, self.grid_of(part.selection), from, count);
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
    pub(super) fn entities(&mut self, entity: usize, from: usize, count: usize) {
        let found = &mut self.entities[..count];
        match &self.program.parts.entities[entity].kinds[self.kind] {
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
            Some(EntityColumn::Day { first }) => {
                let days = &self.table.days[from..from + count];
                for (day, number) in days.iter().zip(found) {
                    // Records lie within the span.
                    *number = u32::try_from(i64::from(*day) - i64::from(*first) + 1).unwrap_or(0);
                }
            }
            None => found.fill(0),
        }
    }

    fn presences(&mut self, partial: &mut Partial, from: usize, count: usize) {
        let (bound, table) = (self.bound, self.table);
        let rows = from..from + count;
        let both = bound.presences.iter().zip(&self.program.parts.presences);
        for (own, (known, part)) in partial.presences.iter_mut().zip(both) {
            let Some(filter) = known else { continue };
            filter.evaluate(table, from, &mut self.bits[..count], &mut self.flags);
            self.entities(part.entity, from, count);
            let grid = self.grid_of(part.selection);
            let date = self.program.parts.places[grid][self.kind].as_ref();
            let days = date.map_or(DateColumn::Own, |(_, date)| *date).of(table);
            if self.program.grids[grid].key.date.is_some() {
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
            own.see(&block, self.program.grids[grid].atoms(), &mut self.scratch);
        }
    }

    fn touches(&mut self, partial: &mut Partial, from: usize, count: usize) {
        let (bound, table) = (self.bound, self.table);
        let both = bound.touches.iter().zip(&self.program.parts.touches);
        for (own, (known, part)) in partial.touches.iter_mut().zip(both) {
            let Some(filter) = known else { continue };
            filter.evaluate(table, from, &mut self.bits[..count], &mut self.flags);
            self.entities(part.entity, from, count);
            let grid = self.grid_of(part.selection);
            let clock = self.program.parts.clocks[grid];
            let outside = self.program.grids[grid].atoms();
            let date = self.program.parts.places[grid][self.kind].as_ref();
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
        let none = u32::try_from(self.program.layout.subjects().len()).unwrap_or(u32::MAX);
        let both = bound.trails.iter().zip(&self.program.parts.trails);
        for (own, (known, part)) in partial.trails.iter_mut().zip(both) {
            let Some(filter) = known else { continue };
            filter.evaluate(table, from, &mut self.bits[..count], &mut self.flags);
            self.once(filter, self.grid_of(part.selection), from, count);
            match part.entity {
                Some(entity) => self.entities(entity, from, count),
                None => self.entities[..count].fill(1),
            }
            let grid = self.grid_of(part.selection);
            let date = self.program.parts.places[grid][self.kind].as_ref();
            let days = date.map_or(DateColumn::Own, |(_, date)| *date).of(table);
            for at in 0..count {
                let (entity, subject) = (self.entities[at], self.subjects[grid][at]);
                let day = days[from + at];
                // What ends something may belong to nobody who is shown.
                let shown = subject != none || part.kept_for == Trailed::Pairs;
                if self.bits[at] == 1 && entity != 0 && shown && day != NO_DAY {
                    own.add(entity, subject, day);
                }
            }
        }
    }
}

impl Pass<'_> {
    fn opens(&mut self, partial: &mut Partial, from: usize, count: usize) {
        let (bound, table, parts) = (self.bound, self.table, &self.program.parts);
        let subjects = self.program.layout.subjects().len();
        let both = bound.opens.iter().zip(&parts.opens);
        for (own, (known, part)) in partial.opens.iter_mut().zip(both) {
            let (Some(filter), Some(columns)) = (known, part.kinds[self.kind]) else {
                continue;
            };
            filter.evaluate(table, from, &mut self.bits[..count], &mut self.flags);
            self.once(filter, self.grid_of(part.selection), from, count);
            let grid = self.grid_of(part.selection);
            let date = parts.places[grid][self.kind].as_ref();
            let days = date.map_or(DateColumn::Own, |(_, date)| *date).of(table);
            let is_plain = part.figure == OpenFigure::Closing;
            for at in 0..count {
                let subject = self.subjects[grid][at] as usize;
                let (row, begun) = (from + at, days[from + at]);
                // What changes hands is followed apart.
                if self.bits[at] != 1 || subject >= subjects || bound.moves.of(table, row) {
                    continue;
                }
                if is_plain {
                    let opened = Opened { subject, begun };
                    own.add((part, columns), table, row, opened, &parts.last_days);
                } else {
                    let (days, left) = ((&*parts.first_days, &*parts.last_days), &[][..]);
                    let item = Item {
                        table,
                        row,
                        begun,
                        left,
                    };
                    let walk = Walk {
                        part,
                        columns,
                        days,
                    };
                    own.walk(&walk, &item, &[(i32::MIN, Some(subject))]);
                }
            }
        }
    }
}

impl Pass<'_> {
    fn held(&mut self, partial: &mut Partial, from: usize, count: usize) {
        let (bound, table, parts) = (self.bound, self.table, &self.program.parts);
        let has_shares = !table.parts.is_empty();
        let holdings = bound.holdings.iter().zip(&parts.holdings);
        for (own, (known, part)) in partial.holdings.iter_mut().zip(holdings) {
            let Some(filter) = known else { continue };
            filter.evaluate(table, from, &mut self.bits[..count], &mut self.flags);
            self.once(filter, self.grid_of(part.selection), from, count);
            self.entities(part.entity, from, count);
            let values = &mut self.values[0][..count];
            match part.sources[self.kind] {
                Some(source) => source.read(table, from, values),
                None => values.fill(1),
            }
            let cells = &self.cells[parts.selections[part.selection].grid];
            for (at, cell) in cells[..count].iter().enumerate() {
                let (entity, value) = (self.entities[at], self.values[0][at]);
                if self.bits[at] == 1 && entity != 0 && value != NO_AMOUNT {
                    own.add(*cell, entity, value);
                    if has_shares
                        && let (Some(source @ Source::Amount(_)), Some(share)) =
                            (part.sources[self.kind], table.share(from + at))
                    {
                        let mut whole = [0];
                        source.of_record().read(table, from + at, &mut whole);
                        own.residues
                            .add(*cell, entity, residue(share, whole[0], value));
                    }
                }
            }
        }
        let lasts = bound.lasts.iter().zip(&parts.lasts);
        for (own, (known, part)) in partial.lasts.iter_mut().zip(lasts) {
            let (Some(filter), Some(source)) = (known, part.sources[self.kind]) else {
                continue;
            };
            filter.evaluate(table, from, &mut self.bits[..count], &mut self.flags);
            self.once(filter, self.grid_of(part.selection), from, count);
            self.entities(part.entity, from, count);
            source.read(table, from, &mut self.values[0][..count]);
            let grid = self.grid_of(part.selection);
            let (clock, outside) = (parts.clocks[grid], self.program.grids[grid].atoms());
            let date = parts.places[grid][self.kind].as_ref();
            let days = date.map_or(DateColumn::Own, |(_, date)| *date).of(table);
            for at in 0..count {
                let (entity, atom) = (self.entities[at], self.atoms[grid][at]);
                let value = self.values[0][at];
                let row = from + at;
                // What changes hands is followed apart.
                if self.bits[at] == 1
                    && entity != 0
                    && value != NO_AMOUNT
                    && atom != outside
                    && !bound.moves.of(table, row)
                {
                    let (time, sequence) = (table.time(row), table.sequence(row));
                    let moment = clock.moment(days[row], time, sequence, self.subjects[grid][at]);
                    own.add(entity, atom, moment, value);
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
    if let (Source::Whole(at), true) = (source, source.is_full(table)) {
        return &table.amounts[at].wholes()[from..from + buffer.len()];
    }
    source.read(table, from, buffer);
    for value in &mut *buffer {
        if *value == NO_AMOUNT {
            *value = 0;
        }
    }
    buffer
}
