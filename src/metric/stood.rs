//! The records behind a figure as they stood: how much of each, and of what was open of it, at the end of a day.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::apart::less;
use super::evidence::Looked;
use super::explain::{Derivation, Exclusion, Place};
use super::filter::{DateColumn, Source};
use super::followed::{Followed, Moves, counting, placed, push};
use super::gathered::Gathered;
use super::metric::OpenFigure;
use super::pass::BLOCK;
use super::program::Program;
use crate::ledger::{Ledger, NO_AMOUNT, NO_DAY, Standing, Table};
use crate::quantity::{Quantum, Ratio};

impl Program {
    /// Whether a row stood at the end of a day: not taken back by then, or never if that is read from the start.
    pub(super) fn stands(&self, table: &Table, row: usize, through: i32) -> bool {
        match table.standing(row) {
            Standing::Stands => true,
            Standing::Reversal => false,
            Standing::Reversed => {
                let through = if self.parts.from_the_start {
                    self.last_seen()
                } else {
                    through
                };
                table.reversed_on(row).is_none_or(|day| day > through)
            }
        }
    }

    /// A row less what had been taken back of it by the end of a day: in its table, or in one of its own.
    pub(super) fn as_it_stood<'t>(
        &self,
        table: &'t Table,
        row: &Looked,
        through: i32,
    ) -> (Cow<'t, Table>, usize) {
        let through = if self.parts.from_the_start {
            self.last_seen()
        } else {
            through.min(self.last_seen())
        };
        let course = table.course(row.row);
        if course.reduced.first().is_none_or(|(day, _)| *day > through) {
            return (Cow::Borrowed(table), row.row);
        }
        let kind = &self.layout.schema().compiled()[row.kind];
        let mut own = Table::new(kind);
        let record = table.row(row.row, kind.credit);
        push(&mut own, kind, less(record, &course, through));
        (Cow::Owned(own), 0)
    }

    /// Whether a last value counts nowhere on a day: taken back, or beside the conditions wherever it belongs.
    pub(super) fn not_held(
        &self,
        ledger: &Ledger,
        selection: usize,
        row: &Looked,
        through: i32,
    ) -> bool {
        let table = &ledger.tables()[row.kind];
        if self.moves(row.kind).of(table, row.row) {
            return !self.stands(table, row.row, through);
        }
        self.fails(ledger, selection, row, through).is_some()
    }

    /// To whom a last value belongs on a day; beyond the last subject where that is nobody who is asked about.
    pub(super) fn owner(
        &self,
        ledger: &Ledger,
        selection: usize,
        row: &Looked,
        through: i32,
    ) -> usize {
        let table = &ledger.tables()[row.kind];
        if !self.moves(row.kind).of(table, row.row) {
            return row.subject;
        }
        let (seen, at) = self.as_it_stood(table, row, through);
        let day = through.max(row.day);
        let seats = self.seats(selection, &seen, row.kind, at).into_iter();
        let mut seats = seats.take_while(|(start, _)| *start <= day);
        let first = seats.next();
        let last = seats.last().or(first);
        last.map_or(row.subject, |(_, subject)| subject as usize)
    }

    /// Who moves of those whom records of a kind name.
    fn moves(&self, kind: usize) -> Moves {
        let schema = self.layout.schema();
        Moves::new(&schema.compiled()[kind], schema.space())
    }

    /// Adds what was taken back in part to the records of a sum, on the days on which it was.
    pub(super) fn taken_back(
        &self,
        ledger: &Ledger,
        (selection, sources): (usize, &[Option<Source>]),
        at: Place,
        found: &mut Gathered,
    ) {
        let grid = &self.grids[self.parts.selections[selection].grid];
        for (kind, table) in ledger.tables().iter().enumerate() {
            let places = &self.parts.places[self.parts.selections[selection].grid][kind];
            let (Some(Some(Source::Amount(field) | Source::Whole(field))), Some((lookup, date))) =
                (sources.get(kind), places)
            else {
                continue;
            };
            for (row, told) in &table.told {
                let row = *row as usize;
                let mut subject = [0];
                lookup.subjects_of(table, row, &mut subject);
                let own = date.of(table)[row];
                let mut sum = 0_i64;
                let parts = told.course.reduced.iter();
                let mut changes: Vec<(i32, i64)> = parts
                    .filter(|(day, _)| *day <= self.last_seen())
                    .map(|(day, units)| (*day, -units[*field]))
                    .collect();
                for (_, units) in &changes {
                    sum = sum.saturating_sub(*units);
                }
                // A reversal takes back only what was left.
                let gone = told.course.reversed.filter(|day| *day <= self.last_seen());
                changes.extend(gone.map(|day| (day, sum)));
                for (day, units) in changes.into_iter().filter(|(_, units)| *units != 0) {
                    let day = if *date == DateColumn::Own { day } else { own };
                    let looked = Looked {
                        kind,
                        row,
                        subject: subject[0] as usize,
                        atom: grid.atom(day),
                        day,
                    };
                    let has = table.booked(*field, row) != NO_AMOUNT;
                    if has
                        && self.in_window(selection, &looked, at)
                        && self.unmet(ledger, selection, &looked).is_none()
                    {
                        let evidence = self.evidence(ledger, &looked, Some(units));
                        found.weigh(evidence, Ratio::ZERO);
                    }
                }
            }
        }
    }

    /// The records of which something is open, or was entered, settled or moved.
    pub(super) fn open_records(
        &self,
        ledger: &Ledger,
        part: usize,
        quantum: Quantum,
        at: Place,
    ) -> Derivation {
        let own = &self.parts.opens[part];
        let definition = self.parts.selections[own.selection].definition.clone();
        let mut found = Gathered::of(definition);
        for (kind, table) in ledger.tables().iter().enumerate() {
            if own.kinds[kind].is_none() {
                continue;
            }
            let firsts = (0..table.len()).filter(|row| !table.continues(*row));
            let firsts: Vec<usize> = firsts.filter(|row| !table.reverses(*row)).collect();
            for rows in firsts.chunks(BLOCK) {
                self.open_of(ledger, (part, kind), rows, at, &mut found);
            }
        }
        if own.figure == OpenFigure::Closing {
            self.not_open(ledger, part, at, &mut found);
        }
        let counted = own.value.is_none();
        found
            .scaled(quantum)
            .named("open", |own| Ok(if counted { own.count } else { own.sum }))
    }

    fn open_of(
        &self,
        ledger: &Ledger,
        (part, kind): (usize, usize),
        rows: &[usize],
        at: Place,
        found: &mut Gathered,
    ) {
        let schema = self.layout.schema();
        let (table, compiled) = (&ledger.tables()[kind], &schema.compiled()[kind]);
        let mut asked = Vec::with_capacity(rows.len());
        let mut items = Vec::with_capacity(rows.len());
        for row in rows {
            let course = table.course(*row);
            let is_gone = course.reversed.is_some_and(|day| day <= self.last_seen());
            if is_gone && self.parts.from_the_start {
                continue;
            }
            asked.push(*row);
            items.push(Followed {
                stages: placed(schema.space(), compiled, &table.row(*row, compiled.credit)),
                left: self.left_of(table, *row),
            });
        }
        let mut open: BTreeMap<(usize, usize), (i128, Option<Ratio>)> = BTreeMap::new();
        self.changes(part, kind, &items, |of, change| {
            if change.subject == at.subject && change.period <= at.period {
                let own = open.entry(of).or_insert((0, Some(Ratio::ZERO)));
                own.0 += change.value;
                own.1 = own
                    .1
                    .zip(change.more)
                    .and_then(|(own, more)| own.checked_add(more).ok());
            }
        });
        let counted = self.parts.opens[part].value.is_none();
        for ((item, sharer), (value, more)) in open {
            let row = asked[item] + sharer;
            let looked = Looked {
                kind,
                row,
                subject: at.subject,
                atom: 0,
                day: table.days[row],
            };
            let value = i64::try_from(value).ok();
            let value = value.and_then(|value| Ratio::from(value).checked_add(more?).ok());
            if value == Some(Ratio::ZERO) {
                continue;
            }
            let mut evidence = self.evidence(ledger, &looked, None);
            evidence.value = value.filter(|_| !counted);
            let weight = if counted { value } else { Some(Ratio::ONE) };
            found.weigh(evidence, weight.unwrap_or(Ratio::ONE));
        }
    }

    /// What would be open had it not been taken back, or did it meet the conditions, or had it a value: of those to whom it belongs
    /// on the day that is asked.
    fn not_open(&self, ledger: &Ledger, part: usize, at: Place, found: &mut Gathered) {
        let part = &self.parts.opens[part];
        let last = self.parts.last_days[at.period];
        let tables = ledger.tables().iter().enumerate();
        let moves: Vec<Moves> = tables.map(|(kind, _)| self.moves(kind)).collect();
        for row in self.rows_of(ledger, part.selection, counting(part.value.as_ref())) {
            let Some(columns) = part.kinds[row.kind] else {
                continue;
            };
            let table = &ledger.tables()[row.kind];
            let day = |column: DateColumn| column.day(table, row.row);
            let until = columns.until.map_or(NO_DAY, day);
            let open = row.day != NO_DAY && row.day <= last && (until == NO_DAY || last < until);
            if !open || table.reverses(row.row) {
                continue;
            }
            let (seen, own) = if moves[row.kind].of(table, row.row) {
                self.placed_on(table, &row, last)
            } else {
                (Cow::Borrowed(table), row.row)
            };
            if self.subject_of(part.selection, &seen, row.kind, own) != Some(at.subject) {
                continue;
            }
            if let (Some(age), Some(since)) = (&part.age, columns.since) {
                let since = day(since);
                let days = i64::from(last) - i64::from(since);
                let young = age.at_least.is_some_and(|least| days < i64::from(least));
                let old = age.at_most.is_some_and(|most| days > i64::from(most));
                if since == NO_DAY || young || old {
                    continue;
                }
            }
            let gone = !self.stands(table, row.row, last);
            let gone = gone.then_some(Exclusion::Reversed);
            let unmet = || self.unmet_of(&seen, part.selection, row.kind, own);
            if let Some(reason) = gone.or_else(unmet) {
                found.leave(reason);
                continue;
            }
            if let Some(source) = columns.source {
                let mut read = [0];
                source.read(table, row.row, &mut read);
                if read[0] == NO_AMOUNT {
                    found.leave(Exclusion::NoValue);
                }
            }
        }
    }

    /// A row as it is placed on a day, in a table of its own.
    fn placed_on<'t>(&self, table: &Table, row: &Looked, day: i32) -> (Cow<'t, Table>, usize) {
        let schema = self.layout.schema();
        let kind = &schema.compiled()[row.kind];
        let first = table.first_of(row.row);
        let mut own = Table::new(kind);
        let stages = placed(schema.space(), kind, &table.row(first, kind.credit));
        let by_then = stages.into_iter().take_while(|(start, _)| *start <= day);
        if let Some((_, stage)) = by_then.last() {
            push(&mut own, kind, stage);
        }
        (Cow::Owned(own), row.row - first)
    }

    /// The subject to which a row belongs.
    fn subject_of(
        &self,
        selection: usize,
        table: &Table,
        kind: usize,
        row: usize,
    ) -> Option<usize> {
        let grid = self.parts.selections[selection].grid;
        let (lookup, _) = self.parts.places[grid][kind].as_ref()?;
        let mut subject = [0];
        lookup.subjects_of(table, row, &mut subject);
        Some(subject[0] as usize)
    }
}
