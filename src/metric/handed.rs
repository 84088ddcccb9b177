//! Last values go with those to whom they belong: a balance that was counted in one team is the other team's once its person moves.

use std::collections::BTreeMap;

use super::filter::{Credited, Test};
use super::followed::{placed, push};
use super::partial::Partial;
use super::pass::{Bound, Pass};
use super::program::Program;
use crate::ledger::{NO_AMOUNT, NO_DAY, Row, Table};

impl Program {
    /// Hands last values on to the rows to which they belong later.
    pub(super) fn hand_on(
        &self,
        partial: &mut Partial,
        bound: &Bound,
        table: &Table,
        kind: usize,
        range: (u32, u32),
    ) {
        if bound.moves.is_empty() || bound.lasts.iter().all(Option::is_none) {
            return;
        }
        let parts = &self.parts;
        let mut pass = Pass::new(self, bound, table, kind);
        for row in range.0 as usize..range.1 as usize {
            if !bound.moves.of(table, row) {
                continue;
            }
            let lasts = bound.lasts.iter().zip(&parts.lasts);
            for (own, (filter, part)) in partial.lasts.iter_mut().zip(lasts) {
                let (Some(filter), Some(source)) = (filter, part.sources[kind]) else {
                    continue;
                };
                let mut value = [0];
                source.read(table, row, &mut value);
                pass.entities(part.entity, row, 1);
                let entity = pass.entities[0];
                let selected = &parts.selections[part.selection];
                let credited = Credited::recording(&selected.definition);
                let is_in = !filter.leaves_out(table, row) && credited.passes(table.part(row));
                if !is_in || entity == 0 || value[0] == NO_AMOUNT {
                    continue;
                }
                let clock = parts.clocks[selected.grid];
                let day = self.day_of(part.selection, table, kind, row);
                let (time, sequence) = (table.time(row), table.sequence(row));
                let Some((lookup, _)) = &parts.places[selected.grid][kind] else {
                    continue;
                };
                let mut subject = [0];
                lookup.subjects_of(table, row, &mut subject);
                let moment = clock.moment(day, time, sequence, subject[0]);
                for (atom, owner) in self.owners(part.selection, table, kind, row) {
                    own.hand((entity, atom), moment, value[0], owner);
                }
            }
        }
    }

    fn day_of(&self, selection: usize, table: &Table, kind: usize, row: usize) -> i32 {
        let grid = self.parts.selections[selection].grid;
        let places = self.parts.places[grid][kind].as_ref();
        places.map_or(NO_DAY, |(_, date)| date.of(table)[row])
    }

    /// To whom a record belongs from its day on: the subject at the end of each stretch of days in which that may change.
    fn owners(
        &self,
        selection: usize,
        table: &Table,
        kind: usize,
        row: usize,
    ) -> BTreeMap<u32, u32> {
        let grid = &self.grids[self.parts.selections[selection].grid];
        let day = self.day_of(selection, table, kind, row);
        let mut owners = BTreeMap::new();
        if day == NO_DAY || grid.atom(day) == grid.atoms() {
            return owners;
        }
        for (start, subject) in self.seats(selection, table, kind, row) {
            if start > self.last_seen() {
                break;
            }
            let atom = grid.atom(start.max(day));
            if atom != grid.atoms() {
                owners.insert(atom, subject);
            }
        }
        owners
    }

    /// The subjects to which a row belongs, each from a day on, the first since ever; beyond the last one where it does not meet the
    /// conditions there.
    pub(super) fn seats(
        &self,
        selection: usize,
        table: &Table,
        kind: usize,
        row: usize,
    ) -> Vec<(i32, u32)> {
        let schema = self.layout.schema();
        let compiled = &schema.compiled()[kind];
        let selected = &self.parts.selections[selection];
        let (Some(tests), Some((lookup, _))) = (
            selected.kinds[kind].as_deref(),
            &self.parts.places[selected.grid][kind],
        ) else {
            return Vec::new();
        };
        let first = table.first_of(row);
        let stages = placed(schema.space(), compiled, &table.row(first, compiled.credit));
        let mut own = Table::new(compiled);
        for (_, row) in &stages {
            push(&mut own, compiled, row.clone());
        }
        let rows = own.len() / stages.len().max(1);
        let nobody = u32::try_from(self.layout.subjects().len()).unwrap_or(u32::MAX);
        let all = Test::All(tests.to_vec());
        let seat = |(at, (start, _)): (usize, &(i32, Row))| {
            let (mut subject, mut meets) = ([0], [false]);
            let at = at * rows + (row - first);
            lookup.subjects_of(&own, at, &mut subject);
            all.evaluate(&own, at, &mut meets);
            (*start, if meets[0] { subject[0] } else { nobody })
        };
        stages.iter().enumerate().map(seat).collect()
    }
}
