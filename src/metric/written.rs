//! Partial results as documents: everything that is read is held to what the program and its records can say.

mod large;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::error::MetricError;
use super::holding::{Holding, Standing};
use super::moment::cell_of;
use super::partial::{Digests, Partial, Rows, Undone, add, joined};
use super::presence::{Presence, WORD};
use super::program::Program;
use super::residue::Residues;
use super::sample::{Sample, Step};
use super::store::COUNTS;
use super::touch::Touch;
use crate::document::Version;
use crate::key::Key;
use crate::quantity::Ratio;
use large::{Digest, Wide, wide};

/// A partial result as a document. Numbers beyond 64 bits are texts.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PartialDef {
    #[serde(default)]
    version: Version<1>,
    program: String,
    rows: Vec<RowsDef>,
    cells: Vec<CellsDef>,
    /// By bank: bit, cell and what exact shares are more than whole quanta. Left out where no record is shared.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    residues: Vec<ResiduesDef>,
    /// Likewise by subject and period, for what is open.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    open_residues: Vec<ResiduesDef>,
    /// Likewise by cell and entity, for what is held.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    held_residues: Vec<ResiduesDef>,
    extremes: Vec<Vec<(i64, i64)>>,
    samples: Vec<SamplesDef>,
    presences: Vec<PresenceDef>,
    touches: Vec<Vec<(u32, u32, Wide, Wide)>>,
    trails: Vec<Vec<(u32, u32, i32, u64)>>,
    opens: Vec<Vec<Wide>>,
    holdings: Vec<HoldingsDef>,
    lasts: Vec<LastsDef>,
    texts: Vec<Vec<Key>>,
    /// Which of the last values belong to whom where that is not the subject of their own day.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    handed: Vec<HandedDef>,
    /// By periods, from the first up to another one, what was drawn from records that stood at their ends only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    apart: Vec<ApartDef>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ApartDef {
    periods: (u32, u32),
    drawn: PartialDef,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RowsDef {
    ledger: Key,
    kind: usize,
    ranges: Vec<(u32, u32)>,
    /// By what these rows are known again: 16 hexadecimal digits.
    digest: Digest,
    /// The rows among these that were left out because they had been reversed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    left_out: Vec<u32>,
    /// The rows that some of these reverse.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    reversing: Vec<u32>,
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

/// Entity, atom, moment and value.
type LastsDef = Vec<(u32, u32, Wide, i64)>;

/// The place among the lists of last values, the place in one, and the subject.
type HandedDef = (u32, u32, u32);

fn handed(partial: &Partial) -> Vec<HandedDef> {
    let mut found = Vec::new();
    for (part, own) in (0_u32..).zip(&partial.lasts) {
        let handed = (0_u32..).zip(&own.sorted);
        let handed = handed.filter(|(_, last)| last.owner != cell_of(last.moment));
        found.extend(handed.map(|(at, last)| (part, at, last.owner)));
    }
    found
}

impl ApartDef {
    fn all(partial: &Partial) -> Vec<Self> {
        let own = |(periods, drawn): (&(u32, u32), &Partial)| Self {
            periods: *periods,
            drawn: drawn.into(),
        };
        partial.apart.iter().map(own).collect()
    }
}

impl Serialize for Partial {
    fn serialize<S: serde::Serializer>(&self, writer: S) -> Result<S::Ok, S::Error> {
        PartialDef::from(self).serialize(writer)
    }
}

impl From<&Presence> for PresenceDef {
    fn from(presence: &Presence) -> Self {
        Self {
            firsts: presence
                .written_firsts()
                .into_iter()
                .map(|(entity, first)| (entity, wide(first)))
                .collect(),
            seen: presence.written(),
        }
    }
}

impl From<&Partial> for PartialDef {
    fn from(partial: &Partial) -> Self {
        let rows = partial.rows.iter().map(|(place, ranges)| {
            let undone = partial.undone.get(place).cloned().unwrap_or_default();
            RowsDef {
                ledger: place.0.clone(),
                kind: place.1,
                ranges: ranges.clone(),
                digest: Digest(partial.digests.get(place).copied().unwrap_or_default()),
                left_out: undone.left_out,
                reversing: undone.reversing,
            }
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
            residues: written(partial.residues.iter()),
            open_residues: written(partial.opens.iter().map(|own| &own.residues)),
            held_residues: written(partial.holdings.iter().map(|own| &own.residues)),
            extremes: partial
                .extremes
                .iter()
                .map(|extremes| extremes.0.clone())
                .collect(),
            samples: samples.collect(),
            presences: partial.presences.iter().map(PresenceDef::from).collect(),
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
            handed: handed(partial),
            apart: ApartDef::all(partial),
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
        if definition.program != self.fingerprint() {
            return Err(MetricError::ProgramMismatch);
        }
        let mut definition = definition;
        let apart = std::mem::take(&mut definition.apart);
        let mut partial = self.empty();
        self.restore_rows(&mut partial, std::mem::take(&mut definition.rows))?;
        self.restore_parts(&mut partial, definition)?;
        let periods = u32::try_from(self.layout.periods().len()).unwrap_or(u32::MAX);
        for ApartDef {
            periods: span,
            drawn,
        } in apart
        {
            let is_known = span.0 < span.1 && span.1 <= periods && span != (0, periods);
            if !is_known || !drawn.apart.is_empty() || !drawn.rows.is_empty() {
                return Err(bad("what stood in some periods only is of no such periods"));
            }
            // What is drawn apart is of the rows that are held.
            let mut own = self.light();
            own.rows = partial.rows.clone();
            self.restore_parts(&mut own, drawn)?;
            own.rows.clear();
            if partial.apart.insert(span, own).is_some() {
                return Err(bad("what stood in some periods is listed twice"));
            }
        }
        Ok(partial)
    }

    fn restore_parts(
        &self,
        partial: &mut Partial,
        definition: PartialDef,
    ) -> Result<(), MetricError> {
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
        restore_cells(partial, definition.cells)?;
        self.restore_residues(partial, definition.residues, definition.open_residues)?;
        let single = (definition.extremes, definition.samples);
        self.restore_values(partial, single, definition.opens)?;
        for (own, texts) in partial.lexicons.iter_mut().zip(&definition.texts) {
            for text in texts {
                own.learn(text);
            }
            if own.values.len() != texts.len() {
                return Err(bad("a text is listed twice"));
            }
        }
        self.restore_entities(
            partial,
            definition.presences,
            definition.touches,
            definition.trails,
        )?;
        let held = (definition.holdings, definition.held_residues);
        self.restore_held(partial, held, (definition.lasts, definition.handed))?;
        Ok(())
    }

    fn restore_rows(
        &self,
        partial: &mut Partial,
        written: Vec<RowsDef>,
    ) -> Result<(), MetricError> {
        for RowsDef {
            ledger,
            kind,
            ranges,
            digest,
            left_out,
            reversing,
        } in written
        {
            let own = |row: &u32| ranges.iter().any(|(from, to)| (*from..*to).contains(row));
            if !left_out.is_sorted_by(|a, b| a < b)
                || !reversing.is_sorted_by(|a, b| a < b)
                || !left_out.iter().all(own)
            {
                return Err(bad("rows that are reversed are out of order or not held"));
            }
            if !left_out.is_empty() || !reversing.is_empty() {
                let undone = Undone {
                    left_out,
                    reversing,
                };
                partial.undo(&BTreeMap::from([((ledger.clone(), kind), undone)]));
            }
            if ranges.iter().any(|(from, to)| from >= to)
                || kind >= self.layout.schema().kinds().len()
            {
                return Err(bad("a range of rows is empty or of an unknown kind"));
            }
            let place = (ledger, kind);
            let more = Rows::from([(place.clone(), ranges)]);
            partial.rows = joined(&partial.rows, &more, self.layout.schema())?;
            add(&mut partial.digests, &Digests::from([(place, digest.0)]));
        }
        Ok(())
    }

    fn restore_values(
        &self,
        partial: &mut Partial,
        (extremes, samples): (Vec<Vec<(i64, i64)>>, Vec<SamplesDef>),
        opens: Vec<Vec<Wide>>,
    ) -> Result<(), MetricError> {
        for (own, extremes) in partial.extremes.iter_mut().zip(extremes) {
            if own.0.len() != extremes.len() {
                return Err(bad("extremes are missing"));
            }
            own.0 = extremes;
        }
        for ((own, samples), part) in partial
            .samples
            .iter_mut()
            .zip(samples)
            .zip(&self.parts.samples)
        {
            let cells = self.cells(self.parts.selections[part.selection].grid);
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
            let beyond = |sample: &Sample| sample.cell as usize >= cells;
            if own.sorted.last().is_some_and(beyond) {
                return Err(bad("a value lies in an unknown cell"));
            }
            let counts = own.sorted.iter().map(|sample| sample.count);
            if !are_of(counts, partial.rows.values().flatten()) {
                return Err(bad(
                    "values are of no record, or of more records than there are",
                ));
            }
        }
        for (own, changes) in partial.opens.iter_mut().zip(opens) {
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
        Ok(())
    }

    fn restore_residues(
        &self,
        partial: &mut Partial,
        banks: Vec<ResiduesDef>,
        opens: Vec<ResiduesDef>,
    ) -> Result<(), MetricError> {
        let rows = rows(partial);
        let mut read = read(banks, partial.residues.len(), &rows)?.into_iter();
        for (own, bank) in partial.residues.iter_mut().zip(&self.parts.banks) {
            *own = read.next().unwrap_or_default();
            let cells = self.cells(bank.grid);
            let is_lane = |bit: u32| {
                let at = bit as usize;
                at < bank.counts.len()
                    || at
                        .checked_sub(COUNTS)
                        .is_some_and(|lane| lane < bank.sums.len())
            };
            if !own
                .0
                .keys()
                .all(|(bit, cell)| is_lane(*bit) && (*cell as usize) < cells)
            {
                return Err(MISPLACED);
            }
        }
        let mut read = self::read(opens, partial.opens.len(), &rows)?.into_iter();
        let (subjects, periods) = (self.layout.subjects().len(), self.layout.periods().len());
        for own in &mut partial.opens {
            own.residues = read.next().unwrap_or_default();
            let mut places = own.residues.0.keys();
            if !places
                .all(|(subject, at)| (*subject as usize) < subjects && *at as usize <= periods)
            {
                return Err(MISPLACED);
            }
        }
        Ok(())
    }

    /// Says of each entity whether a number is one of its members, or of the texts that were read for it.
    fn known<'a>(&'a self, texts: &'a [usize]) -> impl Fn(usize, u32) -> bool + 'a {
        let entities = &self.parts.entities;
        move |entity, number| (number as usize) < entities[entity].members.unwrap_or(texts[entity])
    }

    fn restore_held(
        &self,
        partial: &mut Partial,
        (holdings, residues): (Vec<HoldingsDef>, Vec<ResiduesDef>),
        (lasts, handed): (Vec<LastsDef>, Vec<HandedDef>),
    ) -> Result<(), MetricError> {
        let parts = &self.parts;
        let texts = texts(partial);
        let known = self.known(&texts);
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
        let rows = rows(partial);
        let mut read = read(residues, partial.holdings.len(), &rows)?.into_iter();
        for (own, part) in partial.holdings.iter_mut().zip(&parts.holdings) {
            own.residues = read.next().unwrap_or_default();
            let cells = self.cells(parts.selections[part.selection].grid);
            let mut places = own.residues.0.keys();
            if !places.all(|(cell, entity)| known(part.entity, *entity) && (*cell as usize) < cells)
            {
                return Err(MISPLACED);
            }
        }
        let subjects = self.layout.subjects().len();
        for ((own, more), part) in partial.lasts.iter_mut().zip(lasts).zip(&parts.lasts) {
            let atoms = self.grids[parts.selections[part.selection].grid].atoms();
            for (entity, atom, moment, value) in more {
                let moment = self::moment(&moment)?;
                if !known(part.entity, entity) || cell_of(moment) as usize > subjects {
                    return Err(bad("an entity or subject is unknown"));
                }
                if atom >= atoms {
                    return Err(bad("a last value lies outside the periods"));
                }
                own.sorted.push(Standing {
                    entity,
                    atom,
                    moment,
                    value,
                    owner: cell_of(moment),
                });
            }
        }
        for (part, at, owner) in handed {
            let own = partial.lasts.get_mut(part as usize);
            let own = own.and_then(|own| own.sorted.get_mut(at as usize));
            let own = own.filter(|_| owner as usize <= subjects);
            own.ok_or_else(|| bad("a last value is unknown that somebody else has by now"))?
                .owner = owner;
        }
        partial
            .lasts
            .iter_mut()
            .for_each(super::holding::Standings::settle);
        Ok(())
    }

    fn restore_entities(
        &self,
        partial: &mut Partial,
        presences: Vec<PresenceDef>,
        touches: Vec<Vec<(u32, u32, Wide, Wide)>>,
        trails: Vec<Vec<(u32, u32, i32, u64)>>,
    ) -> Result<(), MetricError> {
        let parts = &self.parts;
        let texts = texts(partial);
        let known = self.known(&texts);
        let subjects = u32::try_from(self.layout.subjects().len()).unwrap_or(u32::MAX);
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
                key % words * WORD + (u32::BITS - mask.leading_zeros()) > atoms
            }) {
                return Err(bad("an entity was seen outside the periods"));
            }
            let firsts: Vec<_> = more
                .firsts
                .into_iter()
                .map(|(entity, first)| Ok((entity, moment(&first)?)))
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
            let atoms = self.grids[parts.selections[part.selection].grid].atoms();
            for (entity, atom, first, last) in more {
                let (first, last) = (moment(&first)?, moment(&last)?);
                let inside = |at| cell_of(at) <= subjects;
                if !known(part.entity, entity) || !inside(first) || !inside(last) {
                    return Err(bad("an entity or subject is unknown"));
                }
                if atom >= atoms || first > last {
                    return Err(bad("an entity was seen outside the periods"));
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

fn bad(what: &'static str) -> MetricError {
    MetricError::BadPartial { what }
}

fn moment(number: &Wide) -> Result<u128, MetricError> {
    u128::try_from(number.0).map_err(|_| bad("a moment is negative"))
}

/// Returns the rows of records of all ledgers.
fn rows(partial: &Partial) -> Vec<(u32, u32)> {
    partial.rows.values().flatten().copied().collect()
}

/// Returns how many numbers each lexicon knows, that of no text included.
fn texts(partial: &Partial) -> Vec<usize> {
    let lexicons = partial.lexicons.iter();
    lexicons.map(|lexicon| lexicon.values.len() + 1).collect()
}

fn restore_cells(partial: &mut Partial, written: Vec<CellsDef>) -> Result<(), MetricError> {
    for (
        own,
        CellsDef {
            bound,
            counts,
            sums,
        },
    ) in partial.cells.iter_mut().zip(written)
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
    Ok(())
}

/// Cell, value and how often.
type SamplesDef = Vec<(u32, i64, u64)>;

/// Cell, entity and sum.
type HoldingsDef = Vec<(u32, u32, Wide)>;

/// Two numbers of a place and what exact shares are more there than whole quanta.
type ResiduesDef = Vec<(u32, u32, Option<Ratio>)>;

const MISPLACED: MetricError = MetricError::BadPartial {
    what: "a share lies in an unknown place or is beyond its records",
};

/// Nothing where no record is shared.
fn written<'a>(all: impl Iterator<Item = &'a Residues> + Clone) -> Vec<ResiduesDef> {
    if all.clone().all(|own| own.0.is_empty()) {
        return Vec::new();
    }
    let flat = |own: &Residues| {
        let places = own.0.iter();
        places
            .map(|((first, second), more)| (*first, *second, *more))
            .collect()
    };
    all.map(flat).collect()
}

fn read(
    written: Vec<ResiduesDef>,
    parts: usize,
    rows: &[(u32, u32)],
) -> Result<Vec<Residues>, MetricError> {
    if !written.is_empty() && written.len() != parts {
        return Err(MetricError::BadPartial {
            what: "its parts are not those of the program",
        });
    }
    let mut all = Vec::with_capacity(written.len());
    for more in written {
        let mut own = Residues::default();
        for (first, second, residue) in more {
            let beyond = residue.is_some_and(|residue| {
                let whole = residue.numerator() / residue.denominator();
                residue.is_zero() || !is_of(whole, rows.iter())
            });
            if beyond || own.0.insert((first, second), residue).is_some() {
                return Err(MISPLACED);
            }
        }
        all.push(own);
    }
    Ok(all)
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
