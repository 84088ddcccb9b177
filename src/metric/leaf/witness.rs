//! Witnesses: of many records of a leaf and piece those that are enough. Who was present, when first and last, the lowest, the
//! highest and the last value follow from a few of them, whichever way the leaf is read; what else is asked needs them all.

use std::collections::{BTreeMap, BTreeSet};

use crate::ledger::{NO_AMOUNT, NO_DAY, Table};
use crate::metric::filter::{DateColumn, Source, Test};
use crate::metric::grid::Grid;
use crate::metric::parts::{EntityColumn, Parts};
use crate::metric::program::Program;

/// What a program asks of single records of a kind, wherever these stand.
#[derive(Debug, Clone)]
pub(super) struct Question {
    /// The conditions one by one, without those that ask where members stand.
    tests: Vec<Test>,
    date: DateColumn,
    entity: Option<EntityColumn>,
    /// What is drawn; a record without it says nothing.
    source: Option<Source>,
    /// Whether the lowest and the highest are asked for, not the first and the last.
    is_extreme: bool,
}

/// Records that answer a question alike: of one leaf and piece, that pass the same conditions and are of the same entity.
type Alike = (u32, i32, usize, Vec<i64>);

/// A record by its moment, or by what it says.
type Place = (i64, u32, u64, i64, usize);

impl Question {
    /// What of a record tells it from others, by its row; nothing where it says nothing.
    fn alike(
        &self,
        table: &Table,
        outcomes: &[Vec<bool>],
        row: usize,
        piece: &impl Fn(i32) -> i32,
    ) -> Option<Vec<i64>> {
        let mut own: Vec<i64> = outcomes.iter().map(|all| i64::from(all[row])).collect();
        let day = self.date.of(table)[row];
        if day == NO_DAY {
            return None;
        }
        own.push(i64::from(piece(day)));
        match &self.entity {
            Some(EntityColumn::Text { column }) => {
                own.push(i64::from(table.texts[*column].codes[row]));
            }
            Some(EntityColumn::Day { .. }) => own.push(i64::from(table.days[row])),
            // All records of a leaf are of its members.
            Some(EntityColumn::Place { .. }) | None => {}
        }
        Some(own)
    }
}

/// Which of some records are enough, by their rows in a table; each is of a leaf and a piece of it, and days are of pieces.
pub(super) fn enough(
    questions: &[Question],
    table: &Table,
    of: &[(u32, i32)],
    piece: impl Fn(i32) -> i32,
) -> BTreeSet<usize> {
    let mut kept = BTreeSet::new();
    let count = table.len();
    for (number, question) in questions.iter().enumerate() {
        let outcomes = question.tests.iter().map(|test| {
            let mut found = vec![false; count];
            test.evaluate(table, 0, &mut found);
            found
        });
        let outcomes: Vec<Vec<bool>> = outcomes.collect();
        let mut values = vec![0; count];
        if let Some(source) = question.source {
            source.read(table, 0, &mut values);
        }
        let days = question.date.of(table);
        let mut ends: BTreeMap<Alike, (Place, Place)> = BTreeMap::new();
        for (row, (leaf, own)) in of.iter().enumerate() {
            let value = values[row];
            if question.source.is_some() && value == NO_AMOUNT {
                continue;
            }
            let Some(alike) = question.alike(table, &outcomes, row, &piece) else {
                continue;
            };
            let place: Place = if question.is_extreme {
                (value, 0, 0, 0, row)
            } else {
                let (time, sequence) = (table.time(row), table.sequence(row));
                (days[row].into(), time, sequence, value, row)
            };
            let alike = (*leaf, *own, number, alike);
            let ends = ends.entry(alike).or_insert((place, place));
            *ends = (ends.0.min(place), ends.1.max(place));
        }
        let ends = ends.into_values();
        kept.extend(ends.flat_map(|(first, last)| [first.4, last.4]));
    }
    kept
}

/// The conditions of which others consist, without those that ask where members stand.
fn atoms(tests: &[Test], found: &mut Vec<Test>) {
    for test in tests {
        match test {
            Test::Any(parts) | Test::All(parts) => atoms(parts, found),
            Test::Not(part) => atoms(std::slice::from_ref(part), found),
            Test::Place { .. } | Test::SameMember { .. } => {}
            Test::Text { .. } | Test::Range { .. } | Test::Compared { .. } => {
                found.push(test.clone());
            }
        }
    }
}

impl Program {
    /// What it asks of single records of a kind that a few of them answer.
    pub(super) fn questions(&self, kind: usize) -> Vec<Question> {
        let Parts {
            selections,
            extremes,
            presences,
            touches,
            lasts,
            entities,
            places,
            ..
        } = &self.parts;
        let asked =
            |selection: usize, entity: Option<usize>, source: Option<Source>, is_extreme: bool| {
                let selected = &selections[selection];
                let mut tests = Vec::new();
                atoms(selected.kinds[kind].as_ref()?, &mut tests);
                let (_, date) = places[selected.grid][kind].as_ref()?;
                Some(Question {
                    tests,
                    date: *date,
                    entity: entity.and_then(|entity| entities[entity].kinds[kind].clone()),
                    source,
                    is_extreme,
                })
            };
        let values = extremes.iter();
        let values =
            values.map(|part| asked(part.selection, None, Some(part.sources[kind]?), true));
        let seen = presences.iter().chain(touches);
        let seen = seen.map(|part| asked(part.selection, Some(part.entity), None, false));
        let held = lasts.iter();
        let held = held.map(|part| {
            asked(
                part.selection,
                Some(part.entity),
                Some(part.sources[kind]?),
                false,
            )
        });
        values.chain(seen).chain(held).flatten().collect()
    }

    /// By kind of record, the days (half open) of which it needs all records in the periods that are named: what is drawn from them,
    /// gaps, and what each entity holds.
    pub(crate) fn needs_all(&self, periods: impl Fn(usize) -> bool) -> Vec<Vec<(i32, i32)>> {
        let Parts {
            selections,
            samples,
            trails,
            holdings,
            ..
        } = &self.parts;
        let kinds = self.layout.schema().compiled().len();
        let mut found = vec![Vec::new(); kinds];
        let drawn = samples.iter().map(|part| (part.selection, false));
        let held = holdings.iter().map(|part| (part.selection, false));
        // What came before the first day matters to these.
        let since = trails.iter().map(|part| part.selection);
        for (selection, since_ever) in drawn.chain(held).chain(since.map(|at| (at, true))) {
            let selected = &selections[selection];
            let grid: &Grid = &self.grids[selected.grid];
            let windows = grid.windows().iter().enumerate();
            let windows = windows.filter(|(period, (from, to))| from < to && periods(*period));
            let is_own = selected.definition.date.is_none();
            let days = windows.map(|(_, (from, to))| match (is_own && !since_ever, is_own) {
                (true, _) => (*from, *to),
                (false, true) => (i32::MIN, *to),
                // By another date it may be any record.
                (false, false) => (i32::MIN, i32::MAX),
            });
            let days: Vec<(i32, i32)> = days.collect();
            for (kind, own) in found.iter_mut().enumerate() {
                if selected.kinds[kind].is_some() {
                    own.extend(&days);
                }
            }
        }
        found
    }
}
