//! What has been folded so far: it merges in any grouping and goes on with new records.

use std::collections::BTreeMap;

use super::error::MetricError;
use super::holding::{Holdings, Standings};
use super::open::Opens;
use super::presence::Presence;
use super::program::Program;
use super::residue::Residues;
use super::sample::{Samples, Trail};
use super::store::{Cells, Extremes};
use super::touch::Touches;
use crate::key::Key;
use crate::ledger::{Ledger, Schema, Table, Told};
use crate::limits::Limits;

/// A partial result of a [`Program`].
///
/// Partial results of one program over different records merge in any grouping and order to the result over all. Each
/// knows which rows of which ledger it holds, so that no record counts twice.
#[derive(Debug, Clone)]
pub struct Partial {
    pub(super) program: String,
    pub(super) rows: Rows,
    /// By ledger and kind of record, by what the rows are known again.
    pub(super) digests: Digests,
    /// What of the rows is reversed, where a metric asks whether or when something happened.
    pub(super) undone: BTreeMap<(Key, usize), Undone>,
    /// By bank.
    pub(super) cells: Vec<Cells>,
    /// Likewise, for shared records.
    pub(super) residues: Vec<Residues>,
    pub(super) extremes: Vec<Extremes>,
    pub(super) samples: Vec<Samples>,
    pub(super) presences: Vec<Presence>,
    pub(super) touches: Vec<Touches>,
    pub(super) trails: Vec<Trail>,
    pub(super) opens: Vec<Opens>,
    pub(super) holdings: Vec<Holdings>,
    pub(super) lasts: Vec<Standings>,
    /// The texts that entities are numbered by, one list for each sort of entity; empty for members.
    pub(super) lexicons: Vec<Lexicon>,
    /// By periods, what was drawn from records that stood at the ends of these as they do not any more.
    pub(super) apart: BTreeMap<Span, Self>,
}

/// The periods at whose ends records stood in one way: from the first up to another one.
pub(super) type Span = (u32, u32);

/// Half-open ranges of rows by ledger and kind of record.
pub(super) type Rows = BTreeMap<(Key, usize), Vec<(u32, u32)>>;

/// Numbers over the content of rows, which add up.
pub(super) type Digests = BTreeMap<(Key, usize), u64>;

/// Adds the numbers of further rows.
pub(super) fn add(own: &mut Digests, more: &Digests) {
    for (place, digest) in more {
        let sum = own.entry(place.clone()).or_default();
        *sum = sum.wrapping_add(*digest);
    }
}

/// Rows of one kind of record that reversals touch, ascending.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Undone {
    /// The rows among those that were folded that had been reversed by then, and so were left out.
    pub(super) left_out: Vec<u32>,
    /// The rows that are reversed by some that were folded.
    pub(super) reversing: Vec<u32>,
}

impl Undone {
    fn join(&mut self, other: &Self) {
        for (own, more) in [
            (&mut self.left_out, &other.left_out),
            (&mut self.reversing, &other.reversing),
        ] {
            own.extend(more);
            own.sort_unstable();
            own.dedup();
        }
    }
}

/// Texts in the order in which they were first met; number 0 stands for none.
#[derive(Debug, Clone, Default)]
pub(super) struct Lexicon {
    pub(super) values: Vec<Key>,
    by_value: BTreeMap<Key, u32>,
}

impl Lexicon {
    pub(super) fn learn(&mut self, value: &Key) -> u32 {
        if let Some(known) = self.by_value.get(value) {
            return *known;
        }
        self.values.push(value.clone());
        // There are fewer texts than records, whose number is below 2^31.
        let number = u32::try_from(self.values.len()).unwrap_or(u32::MAX);
        self.by_value.insert(value.clone(), number);
        number
    }
}

impl Program {
    /// Returns the result over no record: the neutral element of merging.
    #[must_use]
    pub fn empty(&self) -> Partial {
        self.nothing(self.fingerprint().to_owned())
    }

    /// The same under another name, or under none where it is never merged.
    pub(super) fn nothing(&self, program: String) -> Partial {
        let parts = &self.parts;
        let cells = parts
            .banks
            .iter()
            .map(|bank| Cells::new(bank.counts.len(), bank.sums.len(), self.cells(bank.grid)));
        let (subjects, periods) = (self.layout.subjects().len(), self.layout.periods().len());
        Partial {
            program,
            cells: cells.collect(),
            residues: vec![Residues::default(); parts.banks.len()],
            opens: vec![Opens::new(subjects, periods); parts.opens.len()],
            ..self.light()
        }
    }

    /// The same without what adds up: for what is drawn from single records.
    pub(super) fn light(&self) -> Partial {
        let parts = &self.parts;
        let presences = parts.presences.iter().map(|part| {
            let grid = parts.selections[part.selection].grid;
            let entities = parts.entities[part.entity].members.unwrap_or(1);
            Presence::new(parts.clocks[grid], entities, self.grids[grid].atoms())
        });
        let extremes = parts
            .extremes
            .iter()
            .map(|part| Extremes::new(self.cells(parts.selections[part.selection].grid)));
        Partial {
            program: String::new(),
            rows: Rows::new(),
            digests: Digests::new(),
            undone: BTreeMap::new(),
            cells: Vec::new(),
            residues: Vec::new(),
            extremes: extremes.collect(),
            samples: vec![Samples::default(); parts.samples.len()],
            presences: presences.collect(),
            touches: vec![Touches::default(); parts.touches.len()],
            trails: vec![Trail::default(); parts.trails.len()],
            opens: Vec::new(),
            holdings: vec![Holdings::default(); parts.holdings.len()],
            lasts: vec![Standings::default(); parts.lasts.len()],
            lexicons: vec![Lexicon::default(); parts.entities.len()],
            apart: BTreeMap::new(),
        }
    }

    /// Returns how many bytes an empty result of this program takes.
    pub(super) fn kept_bytes(&self) -> u128 {
        let parts = &self.parts;
        let banks = parts.banks.iter().map(|bank| {
            let each = Cells::bytes(bank.counts.len(), bank.sums.len());
            Limits::product([each, self.cells(bank.grid)])
        });
        // The lowest and the highest; who was present, with a moment and some places.
        let extremes = parts.extremes.iter().map(|part| {
            let grid = parts.selections[part.selection].grid;
            Limits::product([16, self.cells(grid)])
        });
        let presences = parts
            .presences
            .iter()
            .map(|part| Limits::product([32, parts.entities[part.entity].members.unwrap_or(1)]));
        let layout = &self.layout;
        let opens = [
            16,
            parts.opens.len(),
            layout.subjects().len(),
            layout.periods().len() + 1,
        ];
        banks
            .chain(extremes)
            .chain(presences)
            .chain([Limits::product(opens)])
            .fold(0, u128::saturating_add)
    }

    pub(super) fn cells(&self, grid: usize) -> usize {
        (self.layout.subjects().len() + 1) * self.grids[grid].width() as usize
    }

    /// Returns the result over the records of both.
    ///
    /// # Errors
    /// [`MetricError::ProgramMismatch`] if one is of another program, [`MetricError::Overlap`] if both hold the same record;
    /// [`MetricError::Reversed`] if one holds a record as standing that the other one holds the reversal of.
    pub fn merge(&self, mut left: Partial, right: &Partial) -> Result<Partial, MetricError> {
        if left.program != self.fingerprint() || right.program != self.fingerprint() {
            return Err(MetricError::ProgramMismatch);
        }
        let schema = self.layout.schema();
        let rows = joined(&left.rows, &right.rows, schema)?;
        left.agrees_with(&right.undone, schema)?;
        right.agrees_with(&left.undone, schema)?;
        left.rows = rows;
        add(&mut left.digests, &right.digests);
        left.undo(&right.undone);
        self.absorb(&mut left, right)?;
        Ok(left)
    }

    /// Adds the figures of another partial result, but not its rows.
    pub(super) fn absorb(&self, left: &mut Partial, right: &Partial) -> Result<(), MetricError> {
        self.absorb_own(left, right)?;
        for (span, more) in &right.apart {
            let own = left.apart.entry(*span).or_insert_with(|| self.light());
            self.absorb_own(own, more)?;
        }
        Ok(())
    }

    /// The same without what stood at the ends of some periods only.
    pub(super) fn absorb_own(
        &self,
        left: &mut Partial,
        right: &Partial,
    ) -> Result<(), MetricError> {
        for (own, more) in left.cells.iter_mut().zip(&right.cells) {
            own.merge(more)?;
        }
        for (own, more) in left.residues.iter_mut().zip(&right.residues) {
            own.merge(more);
        }
        for (own, more) in left.opens.iter_mut().zip(&right.opens) {
            own.merge(more)?;
        }
        for (own, more) in left.extremes.iter_mut().zip(&right.extremes) {
            own.merge(more);
        }
        for (own, more) in left.samples.iter_mut().zip(&right.samples) {
            own.merge(more);
        }
        let numbers: Vec<Vec<u32>> = left
            .lexicons
            .iter_mut()
            .zip(&right.lexicons)
            .map(|(own, more)| {
                std::iter::once(0)
                    .chain(more.values.iter().map(|value| own.learn(value)))
                    .collect()
            })
            .collect();
        let parts = &self.parts;
        let number = |entity: usize, old: u32| {
            let texts = parts.entities[entity].members.is_none();
            if texts {
                numbers[entity].get(old as usize).copied().unwrap_or(0)
            } else {
                old
            }
        };
        for ((own, more), part) in left
            .presences
            .iter_mut()
            .zip(&right.presences)
            .zip(&parts.presences)
        {
            own.grow(left.lexicons[part.entity].values.len() + 1);
            own.merge(more, |old| number(part.entity, old));
        }
        for ((own, more), part) in left
            .touches
            .iter_mut()
            .zip(&right.touches)
            .zip(&parts.touches)
        {
            own.merge(more, |old| number(part.entity, old));
        }
        for ((own, more), part) in left.trails.iter_mut().zip(&right.trails).zip(&parts.trails) {
            own.merge(more, |old| {
                part.entity.map_or(old, |entity| number(entity, old))
            });
        }
        for ((own, more), part) in left
            .holdings
            .iter_mut()
            .zip(&right.holdings)
            .zip(&parts.holdings)
        {
            own.merge(more, |old| number(part.entity, old));
        }
        for ((own, more), part) in left.lasts.iter_mut().zip(&right.lasts).zip(&parts.lasts) {
            own.merge(more, |old| number(part.entity, old));
        }
        Ok(())
    }
}

impl Partial {
    /// Returns how many records it holds.
    #[must_use]
    pub fn records(&self) -> u64 {
        let ranges = self.rows.values().flatten();
        ranges.map(|(from, to)| u64::from(to - from)).sum()
    }
}

impl Program {
    /// The numbers of these rows, which are a ledger's own: what they say, and what became of them as far as it is asked.
    pub(super) fn digests(&self, ledger: &Ledger, rows: &Rows) -> Digests {
        let of = |((key, kind), ranges): (&(Key, usize), &Vec<(u32, u32)>)| {
            let table = ledger.tables().get(*kind)?;
            let told = |(_, told): (&u32, &Told)| {
                let (taken, settles) = told.digests;
                taken.wrapping_add(if self.asks_open(*kind) { settles } else { 0 })
            };
            let sum = ranges.iter().fold(0_u64, |sum, (from, to)| {
                let told = table.told.range(*from..*to).map(told);
                told.fold(sum, u64::wrapping_add)
                    .wrapping_add(table.digest(*from as usize..*to as usize))
            });
            Some(((key.clone(), *kind), sum))
        };
        rows.iter().filter_map(of).collect()
    }

    /// Refuses a ledger whose rows are not those that were folded: a row's place is no identity.
    pub(super) fn is_of(&self, partial: &Partial, ledger: &Ledger) -> Result<(), MetricError> {
        let own: Rows = partial
            .rows
            .iter()
            .filter(|((key, _), _)| key == ledger.key())
            .map(|(place, ranges)| (place.clone(), ranges.clone()))
            .collect();
        let now = self.digests(ledger, &own);
        for (place, ranges) in &own {
            let table = ledger.tables().get(place.1);
            let there = table.map_or(0, Table::len);
            let last = ranges.last().map_or(0, |(_, to)| *to as usize);
            if last <= there && now.get(place) == partial.digests.get(place) {
                continue;
            }
            return Err(MetricError::OtherRecords {
                ledger: ledger.key().clone(),
                kind: kind_of(place, ledger.schema()),
                folded: ranges.iter().map(|(from, to)| u64::from(to - from)).sum(),
                there: there as u64,
            });
        }
        Ok(())
    }
}

impl Partial {
    /// Sorts what was added.
    pub(super) fn settle(&mut self) {
        self.samples.iter_mut().for_each(Samples::settle);
        self.touches.iter_mut().for_each(Touches::settle);
        self.trails.iter_mut().for_each(Trail::settle);
        self.holdings.iter_mut().for_each(Holdings::settle);
        self.lasts.iter_mut().for_each(Standings::settle);
        self.apart.values_mut().for_each(Self::settle);
    }

    /// Refuses reversals of what was folded as standing: whether something happened cannot be taken back.
    pub(super) fn agrees_with(
        &self,
        other: &BTreeMap<(Key, usize), Undone>,
        schema: &Schema,
    ) -> Result<(), MetricError> {
        for (place, more) in other {
            let Some(rows) = self.rows.get(place) else {
                continue;
            };
            let own = self.undone.get(place);
            for row in &more.reversing {
                let holds = rows.iter().any(|(from, to)| (*from..*to).contains(row));
                let left_out = own.is_some_and(|own| own.left_out.binary_search(row).is_ok());
                if holds && !left_out {
                    return Err(MetricError::Reversed {
                        ledger: place.0.clone(),
                        kind: kind_of(place, schema),
                        row: *row,
                    });
                }
            }
        }
        Ok(())
    }

    pub(super) fn undo(&mut self, more: &BTreeMap<(Key, usize), Undone>) {
        for (place, more) in more {
            self.undone.entry(place.clone()).or_default().join(more);
        }
    }
}

/// Returns the key of a kind of record; that of the ledger for one that the schema does not have.
fn kind_of((ledger, kind): &(Key, usize), schema: &Schema) -> Key {
    let kind = schema.kinds().nth(*kind);
    kind.map_or_else(|| ledger.clone(), |kind| kind.key.clone())
}

/// The union of two sets of rows that must not meet.
pub(super) fn joined(left: &Rows, right: &Rows, schema: &Schema) -> Result<Rows, MetricError> {
    let mut all = left.clone();
    for (place, ranges) in right {
        let own = all.entry(place.clone()).or_default();
        own.extend(ranges);
        own.sort_unstable();
        let mut merged: Vec<(u32, u32)> = Vec::with_capacity(own.len());
        for (from, to) in own.iter().copied() {
            match merged.last_mut() {
                Some((_, end)) if from < *end => {
                    return Err(MetricError::Overlap {
                        ledger: place.0.clone(),
                        kind: kind_of(place, schema),
                        row: from,
                    });
                }
                Some((_, end)) if from == *end => *end = to,
                _ => merged.push((from, to)),
            }
        }
        *own = merged;
    }
    let count: u64 = all
        .values()
        .flatten()
        .map(|(from, to)| u64::from(to - from))
        .sum();
    if count > MAX_ROWS {
        return Err(MetricError::TooMany {
            what: "records in one partial result",
            count,
            limit: MAX_ROWS,
        });
    }
    Ok(all)
}

/// Counts are kept in 32 bits.
const MAX_ROWS: u64 = i32::MAX as u64;
