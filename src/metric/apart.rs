//! Records of which something became: taken back as a whole or in part, settled, moved. What adds up is adjusted on the day on
//! which it changes; what is drawn from single records is of how each stood at the end of every period; what is open is
//! followed day by day.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::error::MetricError;
use super::filter::{DateColumn, Mask, Source, contains};
use super::followed::{Followed, Sight, placed, push};
use super::partial::{Partial, Span};
use super::pass::{BLOCK, Bound, Lane};
use super::program::Program;
use super::store::{SUMS, sum_bit};
use crate::ledger::{Course, NO_AMOUNT, Row, Table};
use crate::quantity::Ratio;

/// What something was taken back of, less that by a day.
pub(super) fn less(mut row: Row, course: &Course, through: i32) -> Row {
    let taken = course.reduced.iter().filter(|(day, _)| *day <= through);
    for (_, units) in taken {
        for (own, less) in row.amounts.iter_mut().zip(units) {
            if *own != NO_AMOUNT {
                *own = own.saturating_sub(*less);
            }
        }
    }
    row
}

impl Program {
    /// Folds what became of records among some rows of a table.
    pub(super) fn fold_apart(
        &self,
        partial: &mut Partial,
        bound: &Bound,
        table: &Table,
        kind: usize,
        range: (u32, u32),
    ) {
        self.reduce(partial, bound, table, kind, range);
        self.fold_versions(partial, bound, table, kind, range);
        self.fold_followed(partial, bound, table, kind, range);
    }

    /// Takes away from sums what was taken back in part, on its day; a reversal takes back only what was left by then.
    fn reduce(
        &self,
        partial: &mut Partial,
        bound: &Bound,
        table: &Table,
        kind: usize,
        range: (u32, u32),
    ) {
        if bound.banks.iter().all(Option::is_none) {
            return;
        }
        let told = table.told.range(range.0..range.1);
        let mut told = told
            .filter(|(_, told)| !told.course.reduced.is_empty())
            .peekable();
        if told.peek().is_none() {
            return;
        }
        let nothing = vec![None; self.parts.entities.len()];
        let all = Bound::new(&self.parts, kind, table, nothing, &Sight::default());
        for (row, told) in told {
            let row = *row as usize;
            let mut taken = vec![0_i64; table.amounts.len()];
            for (day, units) in &told.course.reduced {
                if *day > self.last_seen() {
                    break;
                }
                for (sum, units) in taken.iter_mut().zip(units) {
                    *sum = sum.saturating_add(*units);
                }
                self.reduce_sums(partial, &all, (table, kind, row), (*day, units), -1);
            }
            let gone = told.course.reversed.filter(|day| *day <= self.last_seen());
            if let Some(day) = gone {
                self.reduce_sums(partial, &all, (table, kind, row), (day, &taken), 1);
            }
        }
    }

    fn reduce_sums(
        &self,
        partial: &mut Partial,
        bound: &Bound,
        (table, kind, row): (&Table, usize, usize),
        (day, units): (i32, &[i64]),
        sign: i32,
    ) {
        let banks = bound.banks.iter().zip(&self.parts.banks);
        for (cells, (bank, known)) in partial.cells.iter_mut().zip(banks) {
            let (Some(bank), Some((lookup, date))) = (bank, &self.parts.places[known.grid][kind])
            else {
                continue;
            };
            let (mut subject, mut bits, mut sums) = ([0], [0], 0);
            lookup.subjects_of(table, row, &mut subject);
            bank.filter.evaluate(table, row, &mut bits, &mut [false]);
            let mut values = [0; SUMS];
            for (at, lane) in bank.lanes.iter().enumerate() {
                let Some(Lane::Value(Source::Amount(field) | Source::Whole(field))) = lane else {
                    continue;
                };
                if table.booked(*field, row) != NO_AMOUNT {
                    values[at] = units[*field];
                    sums |= 1 << sum_bit(at);
                    cells.reserve(1, units[*field].unsigned_abs());
                }
            }
            let grid = &self.grids[known.grid];
            let cell = |day: i32| (subject[0] * grid.width() + grid.atom(day)) as usize;
            let own = date.of(table)[row];
            let then = if *date == DateColumn::Own { day } else { own };
            let bits: Mask = bits[0] & sums;
            cells.adjust(cell(then), bits & !bank.there, values, sign);
            cells.adjust(cell(own), bits & bank.there, values, sign);
        }
    }

    /// How many periods are over before a day.
    fn over_before(&self, day: i32) -> u32 {
        let over = self.parts.last_days.partition_point(|last| *last < day);
        u32::try_from(over).unwrap_or(u32::MAX)
    }

    /// By periods, how much of a record stood at their ends: through which day something had been taken back. Nothing where all of
    /// it had been.
    fn versions(&self, course: &Course) -> Vec<(Span, i32)> {
        let all = u32::try_from(self.parts.last_days.len()).unwrap_or(u32::MAX);
        let last_seen = self.last_seen();
        let reversed = course.reversed.filter(|day| *day <= last_seen);
        if self.parts.from_the_start {
            let whole = ((0, all), last_seen);
            return reversed.map_or_else(|| vec![whole], |_| Vec::new());
        }
        let end = reversed.map_or(all, |day| self.over_before(day));
        let mut found = Vec::new();
        let (mut from, mut through) = (0, i32::MIN);
        for (day, _) in course.reduced.iter().filter(|(day, _)| *day <= last_seen) {
            let over = self.over_before(*day).min(end);
            if over > from {
                found.push(((from, over), through));
                from = over;
            }
            through = *day;
        }
        if end > from {
            found.push(((from, end), through));
        }
        found
    }

    /// Folds what is drawn from single records as each stood at the end of every period.
    fn fold_versions(
        &self,
        partial: &mut Partial,
        seen: &Bound,
        table: &Table,
        kind: usize,
        range: (u32, u32),
    ) {
        if !self.draws() {
            return;
        }
        let compiled = &self.layout.schema().compiled()[kind];
        let all = u32::try_from(self.parts.last_days.len()).unwrap_or(u32::MAX);
        let mut tables: BTreeMap<Span, Table> = BTreeMap::new();
        for row in table.changed(range.0..range.1) {
            let row = row as usize;
            let course = table.course(row);
            let last_seen = self.last_seen();
            let reduced = course.reduced.first().map(|(day, _)| *day);
            let first = reduced.into_iter().chain(course.reversed).min();
            // The pass has seen what nothing was taken back of.
            if first.is_none_or(|first| first > last_seen) {
                continue;
            }
            for (span, through) in self.versions(&course) {
                let own = tables.entry(span).or_insert_with(|| Table::new(compiled));
                let mut row = table.row(row, compiled.credit);
                (row.id, row.foreign) = (None, None);
                push(own, compiled, less(row, &course, through));
            }
        }
        for (span, table) in tables {
            let partial = if span == (0, all) {
                &mut *partial
            } else {
                partial.apart.entry(span).or_insert_with(|| self.light())
            };
            let mut bound = self.bind_kind(partial, kind, &table);
            bound.leave_out(true);
            bound.moves = seen.moves.clone();
            let end = u32::try_from(table.len()).unwrap_or(u32::MAX);
            self.pass(partial, &bound, &table, kind, (0, end));
        }
    }

    /// Whether anything is drawn from single records.
    fn draws(&self) -> bool {
        let parts = &self.parts;
        !(parts.extremes.is_empty()
            && parts.samples.is_empty()
            && parts.presences.is_empty()
            && parts.touches.is_empty()
            && parts.trails.is_empty()
            && parts.holdings.is_empty()
            && parts.lasts.is_empty())
    }

    /// Follows what is settled or changes hands.
    fn fold_followed(
        &self,
        partial: &mut Partial,
        bound: &Bound,
        table: &Table,
        kind: usize,
        range: (u32, u32),
    ) {
        if bound.opens.iter().all(Option::is_none) {
            return;
        }
        let moves = &bound.moves;
        let changed: Vec<u32> = table.changed(range.0..range.1).into_iter().collect();
        let mut items = Vec::new();
        let mut take = |partial: &mut Partial, row: usize| {
            items.extend(self.followed(table, kind, row));
            if items.len() >= BLOCK {
                self.follow(partial, kind, &items);
                items.clear();
            }
        };
        if moves.is_empty() {
            for row in &changed {
                take(partial, *row as usize);
            }
        } else {
            for row in range.0 as usize..range.1 as usize {
                let is_first = !table.continues(row) && !table.reverses(row);
                if is_first && (moves.of(table, row) || contains(&changed, row)) {
                    take(partial, row);
                }
            }
        }
        self.follow(partial, kind, &items);
    }

    /// The record that begins at a row, unless it is as if it had never been or the pass has seen it.
    fn followed(&self, table: &Table, kind: usize, row: usize) -> Option<Followed> {
        let schema = self.layout.schema();
        let compiled = &schema.compiled()[kind];
        let course = table.course(row);
        let is_gone = course.reversed.is_some_and(|day| day <= self.last_seen());
        if is_gone && self.parts.from_the_start {
            return None;
        }
        let mut record = table.row(row, compiled.credit);
        (record.id, record.foreign) = (None, None);
        let stages = placed(schema.space(), compiled, &record);
        let is_told = u32::try_from(row).is_ok_and(|row| table.told.contains_key(&row));
        let is_settled = is_told && !course.left.is_empty();
        let is_plain = stages.len() == 1 && !is_gone && !is_settled;
        (!is_plain).then(|| Followed {
            stages,
            left: self.left_of(table, row),
        })
    }

    /// By day, which share of the item is left that a row opens.
    pub(super) fn left_of(&self, table: &Table, row: usize) -> Vec<(i32, Ratio)> {
        let told = u32::try_from(row).ok().and_then(|row| table.told.get(&row));
        match told.filter(|_| self.parts.from_the_start) {
            Some(told) => told.course.left_since_ever(self.last_seen()),
            None => table.course(row).left.clone(),
        }
    }
}

/// What was folded, as it stood at the end of some periods.
pub(super) struct Stage {
    pub(super) periods: Range<usize>,
    pub(super) partial: Partial,
}

impl Program {
    /// The stages of a partial result, for the periods at whose ends something stood that was taken back later.
    pub(super) fn stages(&self, partial: &Partial) -> Result<Vec<Stage>, MetricError> {
        let bounds = partial.apart.keys().flat_map(|(from, to)| [*from, *to]);
        let bounds: BTreeSet<u32> = bounds.collect();
        let bounds: Vec<u32> = bounds.into_iter().collect();
        let mut stages = Vec::new();
        for pair in bounds.windows(2) {
            let covers = |(from, to): &Span| *from <= pair[0] && pair[1] <= *to;
            let mut own = partial
                .apart
                .iter()
                .filter(|(span, _)| covers(span))
                .peekable();
            if own.peek().is_none() {
                continue;
            }
            let mut stage = self.light();
            self.absorb_own(&mut stage, partial)?;
            for (_, more) in own {
                self.absorb_own(&mut stage, more)?;
            }
            stage.settle();
            stages.push(Stage {
                periods: pair[0] as usize..pair[1] as usize,
                partial: stage,
            });
        }
        Ok(stages)
    }
}
