//! What has been folded so far: it merges in any grouping, goes on with new records, and is a document.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::error::MetricError;
use super::holding::{Holding, Holdings, Standing, Standings};
use super::moment::cell_of;
use super::open::Opens;
use super::presence::{Presence, WORD};
use super::program::Program;
use super::sample::{Sample, Samples, Step, Trail};
use super::store::{Cells, Extremes};
use super::touch::{Touch, Touches};
use crate::document::Version;
use crate::key::Key;

/// A partial result of a [`Program`].
///
/// Partial results of one program over different records merge in any grouping and order to the result over all. Each
/// knows which rows of which ledger it holds, so that no record counts twice.
#[derive(Debug, Clone)]
pub struct Partial {
    pub(super) program: String,
    pub(super) rows: Rows,
    /// By bank.
    pub(super) cells: Vec<Cells>,
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
}

/// Half-open ranges of rows by ledger and kind of record.
pub(super) type Rows = BTreeMap<(Key, usize), Vec<(u32, u32)>>;

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
        let parts = &self.parts;
        let cells = parts
            .banks
            .iter()
            .map(|bank| Cells::new(bank.counts.len(), bank.sums.len(), self.cells(bank.grid)));
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
            program: self.fingerprint.clone(),
            rows: Rows::new(),
            cells: cells.collect(),
            extremes: extremes.collect(),
            samples: vec![Samples::default(); parts.samples.len()],
            presences: presences.collect(),
            touches: vec![Touches::default(); parts.touches.len()],
            trails: vec![Trail::default(); parts.trails.len()],
            opens: vec![
                Opens::new(self.layout.subjects().len(), self.layout.periods().len());
                parts.opens.len()
            ],
            holdings: vec![Holdings::default(); parts.holdings.len()],
            lasts: vec![Standings::default(); parts.lasts.len()],
            lexicons: vec![Lexicon::default(); parts.entities.len()],
        }
    }

    pub(super) fn cells(&self, grid: usize) -> usize {
        (self.layout.subjects().len() + 1) * self.grids[grid].width() as usize
    }

    /// Returns the result over the records of both.
    ///
    /// # Errors
    /// [`MetricError::ProgramMismatch`] if one is of another program, [`MetricError::Overlap`] if both hold the same record.
    pub fn merge(&self, mut left: Partial, right: &Partial) -> Result<Partial, MetricError> {
        if left.program != self.fingerprint || right.program != self.fingerprint {
            return Err(MetricError::ProgramMismatch);
        }
        left.rows = joined(&left.rows, &right.rows)?;
        self.absorb(&mut left, right)?;
        Ok(left)
    }

    /// Adds the figures of another partial result, but not its rows.
    pub(super) fn absorb(&self, left: &mut Partial, right: &Partial) -> Result<(), MetricError> {
        for (own, more) in left.cells.iter_mut().zip(&right.cells) {
            own.merge(more)?;
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

/// The union of two sets of rows that must not meet.
pub(super) fn joined(left: &Rows, right: &Rows) -> Result<Rows, MetricError> {
    let mut all = left.clone();
    for ((ledger, kind), ranges) in right {
        let own = all.entry((ledger.clone(), *kind)).or_default();
        own.extend(ranges);
        own.sort_unstable();
        let mut merged: Vec<(u32, u32)> = Vec::with_capacity(own.len());
        for (from, to) in own.iter().copied() {
            match merged.last_mut() {
                Some((_, end)) if from < *end => {
                    return Err(MetricError::Overlap {
                        ledger: ledger.clone(),
                        kind: *kind,
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

/// A partial result as a document. Numbers beyond 64 bits are texts.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PartialDef {
    #[serde(default)]
    version: Version<1>,
    program: String,
    rows: Vec<RowsDef>,
    cells: Vec<CellsDef>,
    extremes: Vec<Vec<(i64, i64)>>,
    samples: Vec<Vec<(u32, i64, u64)>>,
    presences: Vec<PresenceDef>,
    touches: Vec<Vec<(u32, u32, Wide, Wide)>>,
    trails: Vec<Vec<(u32, u32, i32, u64)>>,
    opens: Vec<Vec<Wide>>,
    holdings: Vec<Vec<(u32, u32, Wide)>>,
    lasts: Vec<Vec<(u32, u32, Wide, i64)>>,
    texts: Vec<Vec<Key>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RowsDef {
    ledger: Key,
    kind: usize,
    ranges: Vec<(u32, u32)>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CellsDef {
    bound: Wide,
    /// Cell by cell, as many as the bank has.
    counts: Vec<i32>,
    /// Likewise.
    sums: Vec<Wide>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PresenceDef {
    firsts: Vec<(u32, Wide)>,
    seen: Vec<(u32, u32, u32)>,
}

/// A number of 128 bits as a text.
#[derive(Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[derive(Clone)]
struct Wide(i128);

impl TryFrom<String> for Wide {
    type Error = std::num::ParseIntError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse().map(Self)
    }
}

impl From<Wide> for String {
    fn from(number: Wide) -> Self {
        number.0.to_string()
    }
}

fn wide(number: u128) -> Wide {
    // Moments that are written are below 2^127, because days are below 2^22; a bound beyond is as good as the largest.
    Wide(i128::try_from(number).unwrap_or(i128::MAX))
}

impl Serialize for Partial {
    fn serialize<S: serde::Serializer>(&self, writer: S) -> Result<S::Ok, S::Error> {
        PartialDef::from(self).serialize(writer)
    }
}

impl From<&Partial> for PartialDef {
    fn from(partial: &Partial) -> Self {
        let rows = partial.rows.iter().map(|((ledger, kind), ranges)| RowsDef {
            ledger: ledger.clone(),
            kind: *kind,
            ranges: ranges.clone(),
        });
        let cells = partial.cells.iter().map(|cells| {
            let (counts, sums) = cells.lanes();
            let all = 0..cells.len();
            let counts = all
                .clone()
                .flat_map(|cell| (0..counts).map(move |lane| cells.count(cell, lane)));
            let sums = all.flat_map(|cell| (0..sums).map(move |lane| Wide(cells.sum(cell, lane))));
            CellsDef {
                bound: wide(cells.bound()),
                counts: counts
                    .map(|count| i32::try_from(count).unwrap_or(i32::MAX))
                    .collect(),
                sums: sums.collect(),
            }
        });
        let samples = partial.samples.iter().map(|samples| {
            let sorted = samples.sorted.iter();
            sorted
                .map(|sample| (sample.cell, sample.value, sample.count))
                .collect()
        });
        let presences = partial.presences.iter().map(|presence| PresenceDef {
            firsts: presence
                .written_firsts()
                .into_iter()
                .map(|(entity, first)| (entity, wide(first)))
                .collect(),
            seen: presence.written(),
        });
        let touches = partial.touches.iter().map(|touches| {
            let sorted = touches.sorted.iter();
            sorted
                .map(|touch| {
                    (
                        touch.entity,
                        touch.atom,
                        wide(touch.first),
                        wide(touch.last),
                    )
                })
                .collect()
        });
        let trails = partial.trails.iter().map(|trail| {
            let sorted = trail.sorted.iter();
            sorted
                .map(|step| (step.entity, step.subject, step.day, step.count))
                .collect()
        });
        let holdings = partial.holdings.iter().map(|held| {
            let sorted = held.sorted.iter();
            sorted
                .map(|held| (held.cell, held.entity, Wide(held.sum)))
                .collect()
        });
        let lasts = partial.lasts.iter().map(|held| {
            let sorted = held.sorted.iter();
            sorted
                .map(|held| (held.entity, held.atom, wide(held.moment), held.value))
                .collect()
        });
        Self {
            version: Version::default(),
            program: partial.program.clone(),
            rows: rows.collect(),
            cells: cells.collect(),
            extremes: partial
                .extremes
                .iter()
                .map(|extremes| extremes.0.clone())
                .collect(),
            samples: samples.collect(),
            presences: presences.collect(),
            touches: touches.collect(),
            trails: trails.collect(),
            holdings: holdings.collect(),
            lasts: lasts.collect(),
            opens: partial
                .opens
                .iter()
                .map(|open| open.changes.iter().copied().map(Wide).collect())
                .collect(),
            texts: partial
                .lexicons
                .iter()
                .map(|lexicon| lexicon.values.clone())
                .collect(),
        }
    }
}

impl Program {
    /// Reads a partial result of this program from a document.
    ///
    /// # Errors
    /// The reader's own; among them, as text, [`MetricError::ProgramMismatch`] and [`MetricError::BadPartial`].
    pub fn read<'de, D: serde::Deserializer<'de>>(&self, reader: D) -> Result<Partial, D::Error> {
        let definition = PartialDef::deserialize(reader)?;
        self.restore(definition).map_err(serde::de::Error::custom)
    }

    fn restore(&self, definition: PartialDef) -> Result<Partial, MetricError> {
        let bad = |what| MetricError::BadPartial { what };
        if definition.program != self.fingerprint {
            return Err(MetricError::ProgramMismatch);
        }
        let mut partial = self.empty();
        for RowsDef {
            ledger,
            kind,
            ranges,
        } in definition.rows
        {
            if ranges.iter().any(|(from, to)| from >= to)
                || kind >= self.layout.schema().kinds().len()
            {
                return Err(bad("a range of rows is empty or of an unknown kind"));
            }
            let more = Rows::from([((ledger, kind), ranges)]);
            partial.rows = joined(&partial.rows, &more)?;
        }
        let shapes = [
            (partial.cells.len(), definition.cells.len()),
            (partial.extremes.len(), definition.extremes.len()),
            (partial.samples.len(), definition.samples.len()),
            (partial.presences.len(), definition.presences.len()),
            (partial.touches.len(), definition.touches.len()),
            (partial.trails.len(), definition.trails.len()),
            (partial.opens.len(), definition.opens.len()),
            (partial.holdings.len(), definition.holdings.len()),
            (partial.lasts.len(), definition.lasts.len()),
            (partial.lexicons.len(), definition.texts.len()),
        ];
        if shapes.iter().any(|(expected, found)| expected != found) {
            return Err(bad("its parts are not those of the program"));
        }
        for (
            own,
            CellsDef {
                bound,
                counts,
                sums,
            },
        ) in partial.cells.iter_mut().zip(definition.cells)
        {
            own.start(u128::try_from(bound.0).map_err(|_| bad("a bound is negative"))?);
            let (wide, high) = own.lanes();
            if counts.len() != own.len() * wide || sums.len() != own.len() * high {
                return Err(bad("counts or sums are missing"));
            }
            let sums: Vec<i128> = sums.into_iter().map(|sum| sum.0).collect();
            for cell in 0..own.len() {
                let counts = &counts[cell * wide..(cell + 1) * wide];
                let sums = &sums[cell * high..(cell + 1) * high];
                own.restore(cell, counts, sums)
                    .ok_or_else(|| bad("a sum is beyond its bound"))?;
            }
        }
        for (own, extremes) in partial.extremes.iter_mut().zip(definition.extremes) {
            if own.0.len() != extremes.len() {
                return Err(bad("extremes are missing"));
            }
            own.0 = extremes;
        }
        for (own, samples) in partial.samples.iter_mut().zip(definition.samples) {
            own.sorted = samples
                .into_iter()
                .map(|(cell, value, count)| Sample { cell, value, count })
                .collect();
            if !own
                .sorted
                .is_sorted_by(|left, right| (left.cell, left.value) < (right.cell, right.value))
            {
                return Err(bad("samples are out of order"));
            }
            let counts = own.sorted.iter().map(|sample| sample.count);
            if !are_of(counts, partial.rows.values().flatten()) {
                return Err(bad(
                    "values are of no record, or of more records than there are",
                ));
            }
        }
        for (own, changes) in partial.opens.iter_mut().zip(definition.opens) {
            if own.changes.len() != changes.len() {
                return Err(bad("open records are missing"));
            }
            let known = partial.rows.values().flatten();
            if !changes.iter().all(|change| is_of(change.0, known.clone())) {
                return Err(bad(
                    "a change of what is open is beyond what its records can hold",
                ));
            }
            own.changes = changes.into_iter().map(|change| change.0).collect();
        }
        for (own, texts) in partial.lexicons.iter_mut().zip(&definition.texts) {
            for text in texts {
                own.learn(text);
            }
            if own.values.len() != texts.len() {
                return Err(bad("a text is there twice"));
            }
        }
        self.restore_entities(
            &mut partial,
            definition.presences,
            definition.touches,
            definition.trails,
        )?;
        self.restore_held(&mut partial, definition.holdings, definition.lasts)?;
        Ok(partial)
    }

    fn restore_held(
        &self,
        partial: &mut Partial,
        holdings: Vec<Vec<(u32, u32, Wide)>>,
        lasts: Vec<Vec<(u32, u32, Wide, i64)>>,
    ) -> Result<(), MetricError> {
        let bad = |what| MetricError::BadPartial { what };
        let parts = &self.parts;
        let texts: Vec<usize> = partial
            .lexicons
            .iter()
            .map(|own| own.values.len() + 1)
            .collect();
        let known = |entity: usize, number: u32| {
            (number as usize) < parts.entities[entity].members.unwrap_or(texts[entity])
        };
        for ((own, more), part) in partial
            .holdings
            .iter_mut()
            .zip(holdings)
            .zip(&parts.holdings)
        {
            let cells = self.cells(parts.selections[part.selection].grid);
            for (cell, entity, sum) in more {
                if !known(part.entity, entity) || cell as usize >= cells {
                    return Err(bad("an entity or cell is unknown"));
                }
                if !is_of(sum.0, partial.rows.values().flatten()) {
                    return Err(bad("a sum is beyond what its records can hold"));
                }
                own.sorted.push(Holding {
                    cell,
                    entity,
                    sum: sum.0,
                });
            }
            own.settle();
        }
        let subjects = self.layout.subjects().len();
        for ((own, more), part) in partial.lasts.iter_mut().zip(lasts).zip(&parts.lasts) {
            for (entity, atom, moment, value) in more {
                let moment = u128::try_from(moment.0).map_err(|_| bad("a moment is negative"))?;
                if !known(part.entity, entity) || cell_of(moment) as usize > subjects {
                    return Err(bad("an entity or subject is unknown"));
                }
                own.sorted.push(Standing {
                    entity,
                    atom,
                    moment,
                    value,
                });
            }
            own.settle();
        }
        Ok(())
    }

    fn restore_entities(
        &self,
        partial: &mut Partial,
        presences: Vec<PresenceDef>,
        touches: Vec<Vec<(u32, u32, Wide, Wide)>>,
        trails: Vec<Vec<(u32, u32, i32, u64)>>,
    ) -> Result<(), MetricError> {
        let bad = |what| MetricError::BadPartial { what };
        let parts = &self.parts;
        let texts: Vec<usize> = partial
            .lexicons
            .iter()
            .map(|lexicon| lexicon.values.len() + 1)
            .collect();
        let known = |entity: usize, number: u32| {
            (number as usize) < parts.entities[entity].members.unwrap_or(texts[entity])
        };
        let subjects = u32::try_from(self.layout.subjects().len()).unwrap_or(u32::MAX);
        let moment =
            |number: Wide| u128::try_from(number.0).map_err(|_| bad("a moment is negative"));
        for ((own, more), part) in partial
            .presences
            .iter_mut()
            .zip(presences)
            .zip(&parts.presences)
        {
            own.grow(texts[part.entity]);
            let limit = (u64::from(subjects) + 1) * u64::from(own.words());
            let seen = more.seen.iter();
            if !seen
                .clone()
                .all(|(entity, key, _)| known(part.entity, *entity) && u64::from(*key) < limit)
            {
                return Err(bad("an entity or subject is unknown"));
            }
            let atoms = self.grids[parts.selections[part.selection].grid].atoms();
            let words = own.words();
            if seen.clone().any(|(_, key, mask)| {
                let last = key % words * WORD + (u32::BITS - mask.leading_zeros());
                *mask != 0 && last > atoms
            }) {
                return Err(bad("an entity was seen outside the periods"));
            }
            let firsts: Vec<_> = more
                .firsts
                .into_iter()
                .map(|(entity, first)| Ok((entity, moment(first)?)))
                .collect::<Result<_, MetricError>>()?;
            let cells = self.cells(parts.selections[part.selection].grid);
            let inside = |first: u128| (cell_of(first) as usize) < cells;
            if !firsts
                .iter()
                .all(|(entity, first)| known(part.entity, *entity) && inside(*first))
            {
                return Err(bad("an entity or cell is unknown"));
            }
            own.restore(&firsts, &more.seen);
        }
        for ((own, more), part) in partial.touches.iter_mut().zip(touches).zip(&parts.touches) {
            for (entity, atom, first, last) in more {
                let (first, last) = (moment(first)?, moment(last)?);
                let inside = |at| cell_of(at) <= subjects;
                if !known(part.entity, entity) || !inside(first) || !inside(last) {
                    return Err(bad("an entity or subject is unknown"));
                }
                own.sorted.push(Touch {
                    entity,
                    atom,
                    first,
                    last,
                });
            }
            own.settle();
        }
        for ((own, more), part) in partial.trails.iter_mut().zip(trails).zip(&parts.trails) {
            for (entity, subject, day, count) in more {
                if part.entity.is_some_and(|at| !known(at, entity)) || subject > subjects {
                    return Err(bad("an entity or subject is unknown"));
                }
                own.sorted.push(Step {
                    entity,
                    subject,
                    day,
                    count,
                });
            }
            let counts = own.sorted.iter().map(|step| step.count);
            if !are_of(counts, partial.rows.values().flatten()) {
                return Err(bad(
                    "days are of no record, or of more records than there are",
                ));
            }
            own.settle();
        }
        Ok(())
    }
}

/// Whether a sum can be of the amounts of these rows, of 64 bits each.
fn is_of<'a>(sum: i128, rows: impl Iterator<Item = &'a (u32, u32)>) -> bool {
    let records: u128 = rows.map(|(from, to)| u128::from(to - from)).sum();
    let limit = records.checked_mul(1 << 63);
    limit.is_some_and(|limit| sum.unsigned_abs() <= limit)
}

/// Whether each of these is of a record at least, and all together of no more records than these rows are.
fn are_of<'a>(
    counts: impl Iterator<Item = u64>,
    rows: impl Iterator<Item = &'a (u32, u32)>,
) -> bool {
    let records: u64 = rows.map(|(from, to)| u64::from(to - from)).sum();
    let mut left = records;
    for count in counts {
        match left.checked_sub(count) {
            Some(rest) if count > 0 => left = rest,
            _ => return false,
        }
    }
    true
}
