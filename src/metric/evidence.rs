//! The records behind a figure, looked at one by one.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::explain::{Counted, Derivation, Exclusion, Place};
use super::filter::{Credited, Source, Standings, Taken};
use super::followed::counting;
use super::gathered::Gathered;
use super::holding::concentration;
use super::metric::{CreditUse, Filter, First, SameDay, SeenBy, Selection, Sharing};
use super::parts::{Concentrated, Drawn, EntityColumn, GapFigure, Question, Trailed};
use super::program::Program;
use super::residue::{common, residue, scaled};
use crate::key::Key;
use crate::ledger::{Ledger, NO_AMOUNT, NO_DAY, Part, Standing, Table};
use crate::panel::Reason;
use crate::quantity::{Quantum, Ratio};

/// What one record says to one selection.
pub(super) struct Looked {
    pub(super) kind: usize,
    pub(super) row: usize,
    pub(super) subject: usize,
    pub(super) atom: u32,
    pub(super) day: i32,
}

impl Program {
    /// All rows of the selected kinds that have the credit that is asked for, wherever they belong.
    pub(super) fn rows_of(
        &self,
        ledger: &Ledger,
        selection: usize,
        credited: fn(&Selection) -> Credited,
    ) -> Vec<Looked> {
        let selected = &self.parts.selections[selection];
        let credited = credited(&selected.definition);
        let grid = &self.grids[selected.grid];
        let mut rows = Vec::new();
        for (kind, table) in ledger.tables().iter().enumerate() {
            let places = &self.parts.places[selected.grid][kind];
            let (Some(_), Some((lookup, date))) = (&selected.kinds[kind], places) else {
                continue;
            };
            for row in (0..table.len()).filter(|row| credited.passes(table.part(*row))) {
                let mut subject = [0];
                lookup.subjects_of(table, row, &mut subject);
                let day = date.of(table)[row];
                let looked = Looked {
                    kind,
                    row,
                    subject: subject[0] as usize,
                    atom: grid.atom(day),
                    day,
                };
                if credited != Credited::Each || !self.is_again(ledger, selection, &looked) {
                    rows.push(looked);
                }
            }
        }
        rows
    }

    /// Whether a row before this one of the same record passes too and has the same subject.
    fn is_again(&self, ledger: &Ledger, selection: usize, row: &Looked) -> bool {
        let table = &ledger.tables()[row.kind];
        let grid = self.parts.selections[selection].grid;
        let Some((lookup, _)) = &self.parts.places[grid][row.kind] else {
            return false;
        };
        let original = u32::try_from(row.row)
            .ok()
            .and_then(|at| table.reversals.get(&at));
        let asked = original.map_or(row.row, |original| *original as usize);
        table.part(row.row) == Part::Share
            && (table.first_of(row.row)..row.row).any(|earlier| {
                let mut subject = [0];
                lookup.subjects_of(table, earlier, &mut subject);
                let asked = Looked {
                    row: asked - (row.row - earlier),
                    ..*row
                };
                subject[0] as usize == row.subject
                    && self.unmet(ledger, selection, &asked).is_none()
            })
    }

    /// Why a row did not pass as it stood at the end of a day, if so.
    pub(super) fn fails(
        &self,
        ledger: &Ledger,
        selection: usize,
        row: &Looked,
        through: i32,
    ) -> Option<Exclusion> {
        let table = &ledger.tables()[row.kind];
        if !self.stands(table, row.row, through) {
            return Some(Exclusion::Reversed);
        }
        let (seen, at) = self.as_it_stood(table, row, through);
        self.unmet_of(&seen, selection, row.kind, at)
    }

    /// The first condition that a row does not satisfy.
    pub(super) fn unmet(
        &self,
        ledger: &Ledger,
        selection: usize,
        row: &Looked,
    ) -> Option<Exclusion> {
        self.unmet_of(&ledger.tables()[row.kind], selection, row.kind, row.row)
    }

    /// The same of a row of a table.
    pub(super) fn unmet_of(
        &self,
        table: &Table,
        selection: usize,
        kind: usize,
        row: usize,
    ) -> Option<Exclusion> {
        let selected = &self.parts.selections[selection];
        let mut flat = Vec::new();
        flatten(&selected.definition.conditions, &mut flat);
        let mut tests = selected.kinds[kind].iter().flatten().zip(flat);
        let unmet = tests.find(|(test, _)| {
            let mut answer = [false];
            test.evaluate(table, row, &mut answer);
            !answer[0]
        });
        unmet.map(|(_, condition)| Exclusion::Unmet(condition.clone()))
    }

    pub(super) fn in_window(&self, selection: usize, row: &Looked, at: Place) -> bool {
        let grid = &self.grids[self.parts.selections[selection].grid];
        let (from, to) = grid.ranges[at.period];
        row.subject == at.subject && (from..to).contains(&row.atom)
    }

    pub(super) fn evidence(&self, ledger: &Ledger, row: &Looked, value: Option<i64>) -> Counted {
        let kind = self.layout.schema().compiled()[row.kind].key().clone();
        let id = ledger.tables()[row.kind].id(row.row).cloned();
        Counted {
            kind,
            row: row.row,
            id,
            value: value.map(Ratio::from),
        }
    }

    /// The records in a cell's window that pass, with their values. Reversals count against what they reverse where the
    /// figure adds up.
    pub(super) fn records(
        &self,
        ledger: &Ledger,
        selection: usize,
        sources: &[Option<Source>],
        at: Place,
        (standings, taken): (Standings, Taken),
    ) -> Gathered {
        let additive = standings == Standings::Take;
        let definition = &self.parts.selections[selection].definition;
        let mut found = Gathered::of(definition.clone());
        let source = sources.iter().flatten().next();
        let credited: fn(&Selection) -> Credited = match (source, taken) {
            (None, Taken::Added) => Credited::adding,
            (None, Taken::Single) => Credited::recording,
            (Some(source), Taken::Added) => Credited::summing(*source),
            (Some(source), Taken::Single) => Credited::drawing(*source),
        };
        // A mean is of what stands; what is drawn from single records is of how they stood at the end of the period.
        let through = match taken {
            Taken::Added => self.last_seen(),
            Taken::Single => self.parts.last_days[at.period],
        };
        let weighs = taken == Taken::Added
            && definition.credit == CreditUse::Booked
            && definition.shared == Sharing::Fraction;
        for row in self.rows_of(ledger, selection, credited) {
            if !self.in_window(selection, &row, at) {
                continue;
            }
            let table = &ledger.tables()[row.kind];
            let mut sign = 1;
            let mut asked = row.row;
            if table.standing(row.row) == Standing::Reversal && self.is_later(table.days[row.row]) {
                continue;
            }
            if let (Standing::Reversal, true) = (table.standing(row.row), additive) {
                sign = -1;
                let original = u32::try_from(row.row)
                    .ok()
                    .and_then(|row| table.reversals.get(&row));
                asked = original.map_or(row.row, |original| *original as usize);
            }
            let looked_at = Looked { row: asked, ..row };
            let reason = if additive {
                self.unmet(ledger, selection, &looked_at)
            } else {
                self.fails(ledger, selection, &looked_at, through)
            };
            if let Some(reason) = reason {
                found.leave(reason);
                continue;
            }
            let own = table.share(asked);
            let weight = own.filter(|_| weighs).unwrap_or(Ratio::ONE);
            let weight = weight.checked_mul(Ratio::from(sign)).unwrap_or(Ratio::ZERO);
            let mut evidence = self.evidence(ledger, &row, None);
            if let Some(source) = sources.get(row.kind).copied().flatten() {
                let mut read = [0];
                let (seen, own_row) = if additive {
                    (Cow::Borrowed(table), asked)
                } else {
                    self.as_it_stood(table, &looked_at, through)
                };
                source.read(&seen, own_row, &mut read);
                if read[0] == NO_AMOUNT {
                    found.leave(Exclusion::NoValue);
                    continue;
                }
                // A part of an amount is exact, and not the whole quanta that stand for it.
                let factor = match (source, own) {
                    (Source::Amount(_), Some(share)) => {
                        source.of_record().read(table, asked, &mut read);
                        share.checked_mul(Ratio::from(sign)).unwrap_or(Ratio::ZERO)
                    }
                    (Source::Amount(_), None) | (Source::Whole(_) | Source::Day(_), _) => {
                        Ratio::from(sign)
                    }
                    (Source::Days { .. }, _) => weight,
                };
                evidence.value = Ratio::from(read[0]).checked_mul(factor).ok();
            }
            found.weigh(evidence, weight);
        }
        if additive {
            self.taken_back(ledger, (selection, sources), at, &mut found);
        }
        found
    }

    pub(super) fn gap_values(&self, ledger: &Ledger, trail: usize, at: Place) -> Gathered {
        let part = &self.parts.trails[trail];
        let mut found = Gathered::of(self.parts.selections[part.selection].definition.clone());
        let mut days: BTreeMap<Option<Key>, Vec<Looked>> = BTreeMap::new();
        let through = self.parts.last_days[at.period];
        for row in self.rows_of(ledger, part.selection, Credited::each) {
            if row.subject != at.subject || row.day == NO_DAY {
                continue;
            }
            let here = self.in_window(part.selection, &row, at);
            if let Some(reason) = self.fails(ledger, part.selection, &row, through) {
                if here {
                    found.leave(reason);
                }
                continue;
            }
            let entity = part
                .entity
                .map(|entity| self.entity_of(ledger, entity, &row));
            match entity {
                Some(None) if here => found.leave(Exclusion::NoEntity),
                Some(None) => {}
                known => days.entry(known.flatten()).or_default().push(row),
            }
        }
        for mut rows in days.into_values() {
            rows.sort_by_key(|row| row.day);
            if part.kept_for == Trailed::Gaps(SameDay::Once) {
                rows.dedup_by_key(|row| row.day);
            }
            for pair in rows.windows(2) {
                if self.in_window(part.selection, &pair[1], at) {
                    let gap = i64::from(pair[1].day) - i64::from(pair[0].day);
                    found.take(self.evidence(ledger, &pair[1], Some(gap)));
                }
            }
        }
        found
    }

    /// The values that are known only once all records are there; samples of single records are not among them.
    pub(super) fn drawn_values(&self, ledger: &Ledger, from: Drawn, at: Place) -> Gathered {
        match from {
            Drawn::Trail(trail) => self.gap_values(ledger, trail, at),
            Drawn::Pair(pair) => self.pair_values(ledger, pair, at),
            Drawn::Samples(part) => {
                let part = &self.parts.samples[part];
                let how = (Standings::Leave, Taken::Single);
                self.records(ledger, part.selection, &part.sources, at, how)
            }
        }
    }

    pub(super) fn gap_figure(
        &self,
        ledger: &Ledger,
        from: Drawn,
        figure: GapFigure,
        at: Place,
    ) -> Derivation {
        let found = self.drawn_values(ledger, from, at);
        let name = match figure {
            GapFigure::Sum => "sum",
            GapFigure::Mean => "mean",
            GapFigure::Low => "minimum",
            GapFigure::High => "maximum",
        };
        found
            .named(name, |own| match figure {
                GapFigure::Sum => Ok(own.sum),
                GapFigure::Mean => own.sum.checked_div(own.count).map_err(|_| Reason::NoBase),
                GapFigure::Low => own.extreme(true),
                GapFigure::High => own.extreme(false),
            })
            .due(self, at)
    }

    pub(super) fn last_values(
        &self,
        ledger: &Ledger,
        part: usize,
        quantum: Quantum,
        at: Place,
    ) -> Derivation {
        let part = &self.parts.lasts[part];
        let mut found = Gathered::of(self.parts.selections[part.selection].definition.clone());
        let mut last: BTreeMap<Key, (_, i64, Looked)> = BTreeMap::new();
        let grid = &self.grids[self.parts.selections[part.selection].grid];
        let end = grid.ranges[at.period].1;
        let through = self.parts.last_days[at.period];
        for row in self.rows_of(ledger, part.selection, Credited::recording) {
            let table = &ledger.tables()[row.kind];
            let Some(entity) = self.entity_of(ledger, part.entity, &row) else {
                continue;
            };
            let mut value = [NO_AMOUNT];
            if let Some(source) = part.sources[row.kind] {
                let (seen, own_row) = self.as_it_stood(table, &row, through);
                source.read(&seen, own_row, &mut value);
            }
            let fails = self.not_held(ledger, part.selection, &row, through);
            if fails || value[0] == NO_AMOUNT || row.atom >= end {
                continue;
            }
            let (time, sequence) = (table.time(row.row), table.sequence(row.row));
            let moment = (row.day, time, sequence, row.subject, value[0]);
            if last.get(&entity).is_none_or(|known| known.0 < moment) {
                last.insert(entity, (moment, value[0], row));
            }
        }
        for (entity, (_, value, row)) in last {
            if self.owner(ledger, part.selection, &row, through) == at.subject {
                found.entities.insert(entity);
                let evidence = self.evidence(ledger, &row, Some(value));
                found.take(evidence);
            }
        }
        found.scaled(quantum).named("last", |own| {
            if own.count.is_zero() {
                Err(Reason::NothingRecorded)
            } else {
                Ok(own.sum)
            }
        })
    }

    pub(super) fn held_by_entity(
        &self,
        ledger: &Ledger,
        part: usize,
        (figure, quantum): (Concentrated, Quantum),
        at: Place,
    ) -> Derivation {
        let part = &self.parts.holdings[part];
        let mut found = Gathered::of(self.parts.selections[part.selection].definition.clone());
        let mut held: BTreeMap<Key, Option<Ratio>> = BTreeMap::new();
        for row in self.rows_of(ledger, part.selection, counting(part.value.as_ref())) {
            if !self.in_window(part.selection, &row, at) {
                continue;
            }
            let through = self.parts.last_days[at.period];
            if let Some(reason) = self.fails(ledger, part.selection, &row, through) {
                found.leave(reason);
                continue;
            }
            let Some(entity) = self.entity_of(ledger, part.entity, &row) else {
                found.leave(Exclusion::NoEntity);
                continue;
            };
            let mut value = [1];
            if let Some(source) = part.sources[row.kind] {
                let table = &ledger.tables()[row.kind];
                let (seen, own_row) = self.as_it_stood(table, &row, through);
                source.read(&seen, own_row, &mut value);
            }
            if value[0] == NO_AMOUNT {
                found.leave(Exclusion::NoValue);
                continue;
            }
            let mut evidence = self.evidence(ledger, &row, Some(value[0]));
            evidence.value = exact(&ledger.tables()[row.kind], row.row, part.sources[row.kind])
                .or(evidence.value);
            let own = held.entry(entity.clone()).or_insert(Some(Ratio::ZERO));
            *own = own
                .zip(evidence.value)
                .and_then(|(own, more)| own.checked_add(more).ok());
            found.entities.insert(entity);
            found.take(evidence);
        }
        found.scaled(quantum).named("concentration", |_| {
            let common = common(held.values());
            let sums: Option<Vec<i128>> = held
                .values()
                .map(|own| scaled(0, Some(own), common))
                .collect();
            let (top, bottom) = concentration(sums.ok_or(Reason::OutOfRange)?, figure)?;
            Ratio::new(top, bottom).map_err(|_| Reason::NoBase)
        })
    }

    /// The ages of what is open, and how many there are.
    pub(super) fn open_ages(
        &self,
        ledger: &Ledger,
        (count, since): (usize, usize),
        at: Place,
    ) -> (Derivation, Derivation) {
        let count = self.open_records(ledger, count, Quantum::ONE, at);
        let mut total = self.open_records(ledger, since, Quantum::ONE, at);
        let last = Ratio::from(i64::from(self.parts.last_days[at.period]));
        let mut sum = Ok(Ratio::ZERO);
        for evidence in &mut total.records {
            let age = evidence
                .value
                .and_then(|since| last.checked_sub(since).ok());
            evidence.value = age;
            sum = match (sum, age) {
                (Ok(sum), Some(age)) => sum.checked_add(age).map_err(|_| Reason::OutOfRange),
                (sum, _) => sum.and(Err(Reason::OutOfRange)),
            };
        }
        total.formula = "sum";
        total.value = sum;
        (total, count)
    }

    /// The name of the entity that a row names, if any.
    pub(super) fn entity_of(&self, ledger: &Ledger, entity: usize, row: &Looked) -> Option<Key> {
        let table = &ledger.tables()[row.kind];
        match self.parts.entities[entity].kinds[row.kind].as_ref()? {
            EntityColumn::Day { .. } => {
                Key::new(crate::ledger::date(table.days[row.row]).to_string()).ok()
            }
            EntityColumn::Text { column } => {
                let texts = &table.texts[*column];
                texts.value(texts.codes[row.row]).cloned()
            }
            EntityColumn::Place { column, members } => {
                let place = table.places[*column][row.row];
                let number = members
                    .as_ref()
                    .map_or(place.number(), |members| members[place.index()]);
                let kind = &self.layout.schema().compiled()[row.kind];
                let dimension = kind.dimension(self.layout.schema().space(), *column);
                // The unassigned member is the first of all; the others follow in declared order.
                let declared = (number as usize).checked_sub(1)?;
                dimension
                    .definition()
                    .members
                    .get(declared)
                    .map(|member| member.key.clone())
            }
        }
    }

    /// The rows that pass, by entity, in the order of time; ties go by subject.
    pub(super) fn by_entity(
        &self,
        ledger: &Ledger,
        part: usize,
        at: Place,
        ahead: usize,
    ) -> (BTreeMap<Key, Vec<Looked>>, Gathered) {
        let days = &self.parts.last_days;
        let through = days.get(at.period + ahead).or(days.last());
        let through = through.copied().unwrap_or(i32::MAX);
        let part = &self.parts.presences[part];
        let mut found = Gathered::of(self.parts.selections[part.selection].definition.clone());
        let mut entities: BTreeMap<Key, Vec<Looked>> = BTreeMap::new();
        for row in self.rows_of(ledger, part.selection, Credited::valuing) {
            let here = self.in_window(part.selection, &row, at);
            let reason = self.fails(ledger, part.selection, &row, through);
            let entity = self.entity_of(ledger, part.entity, &row);
            match (reason, entity) {
                (None, Some(entity)) => entities.entry(entity).or_default().push(row),
                (None, None) if here => found.leave(Exclusion::NoEntity),
                (Some(reason), _) if here => found.leave(reason),
                _ => {}
            }
        }
        for rows in entities.values_mut() {
            rows.retain(|row| row.day != NO_DAY);
            rows.sort_by_key(|row| {
                let table = &ledger.tables()[row.kind];
                (
                    row.day,
                    table.time(row.row),
                    table.sequence(row.row),
                    row.subject,
                    row.atom,
                )
            });
        }
        (entities, found)
    }

    pub(super) fn first_seen(&self, ledger: &Ledger, part: usize, at: Place) -> Derivation {
        let (entities, mut found) = self.by_entity(ledger, part, at, 0);
        let selection = self.parts.presences[part].selection;
        for (entity, rows) in entities {
            if let Some(first) = rows
                .first()
                .filter(|first| self.in_window(selection, first, at))
            {
                found.entities.insert(entity);
                let evidence = self.evidence(ledger, first, None);
                found.records.push(evidence);
            }
        }
        found.counting("new")
    }

    pub(super) fn entities(
        &self,
        ledger: &Ledger,
        part: usize,
        asked: Option<(Question, SeenBy, First)>,
        at: Place,
    ) -> Derivation {
        let ahead = asked.map_or(0, |(question, ..)| question.ahead());
        let (entities, mut found) = self.by_entity(ledger, part, at, ahead);
        let known = &self.parts.presences[part];
        let grid = &self.grids[self.parts.selections[known.selection].grid];
        let Some((question, scope, first)) = asked else {
            for (entity, rows) in entities {
                let own = rows
                    .iter()
                    .filter(|row| self.in_window(known.selection, row, at));
                let own: Vec<Counted> = own.map(|row| self.evidence(ledger, row, None)).collect();
                if !own.is_empty() {
                    found.entities.insert(entity);
                    found.records.extend(own);
                }
            }
            return found.counting("distinct");
        };
        let reason = self.asked_reason(question, first, at);
        let here = grid.before() + at.period;
        for (entity, mut rows) in entities {
            let first = rows.first();
            let is_new = first.is_some_and(|first| self.in_window(known.selection, first, at));
            if question == Question::TakenOver && is_new {
                continue;
            }
            rows.retain(|row| {
                row.atom < grid.atoms() && (scope == SeenBy::Overall || row.subject == at.subject)
            });
            let mut seen = vec![false; grid.before() + self.layout.periods().len()];
            for row in &rows {
                seen[row.atom as usize] = true;
            }
            if !question.holds(&seen, here) {
                continue;
            }
            let credited = match question {
                Question::Reactivated { .. } | Question::TakenOver => {
                    rows.iter().find(|row| row.atom as usize == here)
                }
                _ => rows.iter().rfind(|row| (row.atom as usize) < here),
            };
            let mine = credited.filter(|row| row.subject == at.subject);
            if let Some(row) = mine {
                found.entities.insert(entity);
                let evidence = self.evidence(ledger, row, None);
                found.records.push(evidence);
            }
        }
        let name = match question {
            Question::Lost { .. } => "lost",
            Question::Reactivated { .. } => "reactivated",
            Question::Retained => "retained",
            Question::Previous => "previous",
            Question::Dormant { .. } => "dormant",
            Question::TakenOver => "taken_over",
        };
        let mut derivation = found.counting(name);
        if let Some(reason) = reason {
            derivation.value = Err(reason);
        }
        derivation
    }
}

/// Conditions in the order in which they are tested.
fn flatten<'a>(conditions: &'a [Filter], flat: &mut Vec<&'a Filter>) {
    for condition in conditions {
        match condition {
            Filter::All(parts) => flatten(parts, flat),
            other => flat.push(other),
        }
    }
}

/// What a row has of an amount that is shared.
pub(super) fn exact(table: &Table, row: usize, source: Option<Source>) -> Option<Ratio> {
    let (Some(source @ Source::Amount(_)), Some(share)) = (source, table.share(row)) else {
        return None;
    };
    let mut whole = [0];
    source.of_record().read(table, row, &mut whole);
    residue(share, whole[0], 0)
}
