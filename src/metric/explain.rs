//! Where a figure comes from: the records behind it, what was left out and why, and the figures that it is made of.
//!
//! An explanation does not ask the fold: it looks at the records one by one and computes the figure anew, so that the two
//! check each other.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Datelike;
use serde::Serialize;

use super::MetricError;
use super::definition::{Condition, First, SameDay, Scope, Selection};
use super::filter::{DateColumn, Source, Standings};
use super::plan::Plan;
use super::program::{Drawn, End, EntityColumn, GapFigure, Node, Question};
use super::sample::Sample;
use super::series::quantile;
use crate::key::{Key, nearest};
use crate::ledger::{Ledger, NO_AMOUNT, NO_DAY, Standing};
use crate::panel::State;
use crate::quantity::{Quantum, Ratio};

/// A figure of a panel, explained.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Explanation {
    /// The metric.
    pub metric: Key,
    /// The subject, as the panel labels it.
    pub subject: String,
    /// The period's label.
    pub period: Key,
    /// How the figure is made.
    pub derivation: Derivation,
}

/// How a figure is made: from records, or from other figures.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Derivation {
    /// What is computed, by the name that the formula has in documents.
    pub formula: &'static str,
    /// The exact value; the state says why where there is none.
    pub value: Option<Ratio>,
    /// Whether there is a value, and if not, why.
    pub state: State,
    /// Which records were asked for, for figures that are made from records.
    pub selection: Option<Selection>,
    /// The records behind the figure.
    pub records: Vec<Evidence>,
    /// The entities that are counted, by name, in order.
    pub entities: Vec<Key>,
    /// The records of the same kinds, subject and window that do not count, by reason.
    pub left_out: Vec<LeftOut>,
    /// The figures that it is made of: the numerator before the denominator.
    pub parts: Vec<Self>,
}

/// A record behind a figure.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Evidence {
    /// The kind of record.
    pub kind: Key,
    /// Its place among the records of its kind, the first being 0.
    pub row: usize,
    /// Its id, if it has one.
    pub id: Option<Key>,
    /// What of it was taken, if anything: the amount, or the days.
    pub value: Option<Ratio>,
}

/// Records that do not count, and why.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LeftOut {
    /// Why.
    pub reason: Reason,
    /// How many.
    pub records: usize,
}

/// Why a record does not count.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Reason {
    /// It does not satisfy this, the first of the conditions that it fails.
    Condition(Condition),
    /// It does not have the value.
    NoValue,
    /// It names no entity.
    NoEntity,
    /// It has been reversed, or reverses another.
    Reversed,
}

/// What one record says to one selection.
struct Row {
    kind: usize,
    row: usize,
    subject: usize,
    atom: u32,
    day: i32,
}

/// A place of the panel.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) subject: usize,
    pub(super) period: usize,
}

type Found = Result<Ratio, State>;

impl Plan {
    /// Explains a figure from the records of a ledger.
    ///
    /// # Errors
    /// [`MetricError::SchemaMismatch`]; [`MetricError::UnknownMetric`]; [`MetricError::Panel`] outside the panel.
    pub fn explain(
        &self,
        ledger: &Ledger,
        metric: &str,
        subject: usize,
        period: usize,
    ) -> Result<Explanation, MetricError> {
        if ledger.schema() != self.frame.schema() {
            return Err(MetricError::SchemaMismatch {
                ledger: ledger.key().clone(),
            });
        }
        let Some(known) = self.metrics.iter().find(|known| known.key == *metric) else {
            let names = self.metrics.iter().map(|known| known.key.as_str());
            return Err(MetricError::UnknownMetric {
                metric: Key::new(metric)?,
                name: metric.to_owned(),
                nearest: nearest(metric, names).map(str::to_owned),
            });
        };
        let (subjects, periods) = (self.frame.subjects().len(), self.frame.periods().len());
        let label = self
            .frame
            .periods()
            .label(period)
            .filter(|_| subject < subjects);
        let Some(label) = label else {
            let outside = crate::panel::PanelError::Outside {
                subject,
                period,
                subjects,
                periods,
            };
            return Err(outside.into());
        };
        Ok(Explanation {
            metric: known.key.clone(),
            subject: self.frame.subjects().label(subject),
            period: label.clone(),
            derivation: self.derive(ledger, &known.node, Place { subject, period }),
        })
    }

    fn derive(&self, ledger: &Ledger, node: &Node, at: Place) -> Derivation {
        let program = &self.program;
        let inner = |node: &Node, at: Place| self.derive(ledger, node, at);
        match node {
            Node::Count(part) => {
                let found = self.records(
                    ledger,
                    program.tallies[*part].selection,
                    &[],
                    at,
                    Standings::Take,
                );
                found.named("count", |own| Ok(own.count)).due(self, at)
            }
            Node::Sum {
                part,
                quantum,
                count,
            } => {
                let part = &program.sums[*part];
                let found =
                    self.records(ledger, part.selection, &part.sources, at, Standings::Take);
                let strict = count.is_some();
                found
                    .scaled(*quantum)
                    .named("sum", |own| match (strict, own.count.is_zero()) {
                        (true, true) => Err(State::NothingRecorded),
                        _ => Ok(own.sum),
                    })
                    .due(self, at)
            }
            Node::Extreme { part, end, quantum } => {
                let part = &program.extremes[*part];
                let found =
                    self.records(ledger, part.selection, &part.sources, at, Standings::Leave);
                let (name, low) = if *end == End::Low {
                    ("minimum", true)
                } else {
                    ("maximum", false)
                };
                found
                    .scaled(*quantum)
                    .named(name, |own| own.extreme(low))
                    .due(self, at)
            }
            Node::Quantile {
                from: Drawn::Samples(part),
                p,
                method,
                quantum,
            } => {
                let part = &program.samples[*part];
                let found =
                    self.records(ledger, part.selection, &part.sources, at, Standings::Leave);
                let found = found.scaled(*quantum);
                found
                    .named("quantile", |own| {
                        own.quantile(|sorted| quantile(sorted, *p, *method))
                    })
                    .due(self, at)
            }
            Node::Quantile {
                from: Drawn::Trail(trail),
                p,
                method,
                ..
            } => self
                .gap_values(ledger, *trail, at)
                .named("quantile", |own| {
                    own.quantile(|sorted| quantile(sorted, *p, *method))
                })
                .due(self, at),
            Node::Gaps { trail, figure } => {
                let found = self.gap_values(ledger, *trail, at);
                let figure = *figure;
                let name = match figure {
                    GapFigure::Sum => "sum",
                    GapFigure::Mean => "mean",
                    GapFigure::Low => "minimum",
                    GapFigure::High => "maximum",
                };
                found
                    .named(name, |own| match figure {
                        GapFigure::Sum => Ok(own.sum),
                        GapFigure::Mean => {
                            own.sum.checked_div(own.count).map_err(|_| State::NoBase)
                        }
                        GapFigure::Low => own.extreme(true),
                        GapFigure::High => own.extreme(false),
                    })
                    .due(self, at)
            }
            Node::Open { part, quantum } => {
                self.open_records(ledger, *part, *quantum, at).due(self, at)
            }
            Node::Distinct(part) => self.entities(ledger, *part, None, at).due(self, at),
            Node::New(part) => self.first_seen(ledger, *part, at).due(self, at),
            Node::Ask {
                part,
                question,
                scope,
                first,
                ..
            } => self
                .entities(ledger, *part, Some((*question, *scope, *first)), at)
                .due(self, at),
            Node::Ratio { of, to, scale } => {
                let parts = vec![inner(of, at), inner(to, at)];
                let value = both(&parts, |of, to| {
                    if to.is_zero() {
                        return Err(State::NoBase);
                    }
                    of.checked_div(to)
                        .and_then(|rate| rate.checked_mul(*scale))
                        .map_err(|_| State::OutOfRange)
                });
                combined("ratio", value, parts)
            }
            Node::Difference { of, minus } => {
                let parts = vec![inner(of, at), inner(minus, at)];
                let value = both(&parts, |of, minus| {
                    of.checked_sub(minus).map_err(|_| State::OutOfRange)
                });
                combined("difference", value, parts)
            }
            Node::Scaled { of, by } => {
                let parts = vec![inner(of, at)];
                let value = parts[0]
                    .found()
                    .and_then(|of| of.checked_mul(*by).map_err(|_| State::OutOfRange));
                combined("scaled", value, parts)
            }
            Node::Earlier { of, periods } => match at.period.checked_sub(*periods) {
                Some(period) => {
                    let parts = vec![inner(of, Place { period, ..at })];
                    combined("earlier", parts[0].found(), parts)
                }
                None => combined("earlier", Err(State::NotApplicable), Vec::new()),
            },
            Node::Growth { of, periods } => {
                let Some(period) = at.period.checked_sub(*periods) else {
                    return combined("growth", Err(State::NotApplicable), Vec::new());
                };
                let parts = vec![inner(of, at), inner(of, Place { period, ..at })];
                let value = both(&parts, |now, then| {
                    if then.is_zero() || then.is_negative() {
                        return Err(State::NoBase);
                    }
                    now.checked_sub(then)
                        .and_then(|more| more.checked_div(then))
                        .map_err(|_| State::OutOfRange)
                });
                combined("growth", value, parts)
            }
            Node::Share { of, groups } => self.share(ledger, of, groups, at),
            Node::Days => {
                let period = self.frame.periods().period(at.period);
                let days = period.map_or(0, |period| {
                    let last = self.program.last_days[at.period];
                    i64::from(last - period.start.num_days_from_ce() + 1).max(0)
                });
                combined("days", Ok(Ratio::from(days)), Vec::new()).due(self, at)
            }
            Node::Metric(other) => inner(&self.metrics[*other].node, at),
        }
    }

    /// The figure before the sum over the subjects that share a parent with this one.
    fn share(&self, ledger: &Ledger, of: &Node, groups: &[u32], at: Place) -> Derivation {
        let own = self.derive(ledger, of, at);
        let mut total = Ok(Ratio::ZERO);
        for subject in (0..groups.len()).filter(|subject| groups[*subject] == groups[at.subject]) {
            if let Ok(more) = self.derive(ledger, of, Place { subject, ..at }).found() {
                total = total
                    .and_then(|sum: Ratio| sum.checked_add(more).map_err(|_| State::OutOfRange));
            }
        }
        let parts = vec![own, combined("sum", total, Vec::new())];
        let value = both(&parts, |own, total| {
            if total.is_zero() {
                Err(State::NoBase)
            } else {
                own.checked_div(total).map_err(|_| State::OutOfRange)
            }
        });
        combined("share", value, parts)
    }

    /// All rows of the selected kinds, wherever they belong.
    fn rows_of(&self, ledger: &Ledger, selection: usize) -> Vec<Row> {
        let selected = &self.program.selections[selection];
        let grid = &self.grids[selected.grid];
        let mut rows = Vec::new();
        for (kind, table) in ledger.tables().iter().enumerate() {
            let places = &self.program.places[selected.grid][kind];
            let (Some(_), Some((lookup, date))) = (&selected.kinds[kind], places) else {
                continue;
            };
            for row in 0..table.len() {
                let mut subject = [0];
                lookup.subjects_of(table, row, &mut subject);
                let day = date.of(table)[row];
                rows.push(Row {
                    kind,
                    row,
                    subject: subject[0] as usize,
                    atom: grid.atom(day),
                    day,
                });
            }
        }
        rows
    }

    /// Why a row does not pass, if so.
    fn fails(&self, ledger: &Ledger, selection: usize, row: &Row) -> Option<Reason> {
        if ledger.tables()[row.kind].standing(row.row) != Standing::Stands {
            return Some(Reason::Reversed);
        }
        self.unmet(ledger, selection, row)
    }

    /// The first condition that a row does not satisfy.
    fn unmet(&self, ledger: &Ledger, selection: usize, row: &Row) -> Option<Reason> {
        let selected = &self.program.selections[selection];
        let table = &ledger.tables()[row.kind];
        let mut flat = Vec::new();
        flatten(&selected.definition.conditions, &mut flat);
        let mut tests = selected.kinds[row.kind].iter().flatten().zip(flat);
        let unmet = tests.find(|(test, _)| {
            let mut answer = [false];
            test.evaluate(table, row.row, &mut answer);
            !answer[0]
        });
        unmet.map(|(_, condition)| Reason::Condition(condition.clone()))
    }

    fn in_window(&self, selection: usize, row: &Row, at: Place) -> bool {
        let grid = &self.grids[self.program.selections[selection].grid];
        let (from, to) = grid.ranges[at.period];
        row.subject == at.subject && (from..to).contains(&row.atom)
    }

    fn evidence(&self, ledger: &Ledger, row: &Row, value: Option<i64>) -> Evidence {
        let kind = self.frame.schema().compiled()[row.kind].key().clone();
        let id = ledger.tables()[row.kind].id(row.row).cloned();
        Evidence {
            kind,
            row: row.row,
            id,
            value: value.map(Ratio::from),
        }
    }

    /// The records in a cell's window that pass, with their values. Reversals count against what they reverse where the
    /// figure adds up.
    fn records(
        &self,
        ledger: &Ledger,
        selection: usize,
        sources: &[Option<Source>],
        at: Place,
        standings: Standings,
    ) -> Gathered {
        let additive = standings == Standings::Take;
        let mut found = Gathered::of(self.program.selections[selection].definition.clone());
        for row in self.rows_of(ledger, selection) {
            if !self.in_window(selection, &row, at) {
                continue;
            }
            let table = &ledger.tables()[row.kind];
            let mut sign = 1;
            let mut asked = row.row;
            if let (Standing::Reversal, true) = (table.standing(row.row), additive) {
                sign = -1;
                let original = u32::try_from(row.row)
                    .ok()
                    .and_then(|row| table.reversals.get(&row));
                asked = original.map_or(row.row, |original| *original as usize);
            }
            let looked_at = Row { row: asked, ..row };
            let reason = if additive {
                self.unmet(ledger, selection, &looked_at)
            } else {
                self.fails(ledger, selection, &looked_at)
            };
            if let Some(reason) = reason {
                found.leave(reason);
                continue;
            }
            let mut value = None;
            if let Some(source) = sources.get(row.kind).copied().flatten() {
                let mut read = [0];
                source.read(table, asked, &mut read);
                if read[0] == NO_AMOUNT {
                    found.leave(Reason::NoValue);
                    continue;
                }
                value = Some(read[0]);
            }
            found.take(
                self.evidence(ledger, &row, value.map(|value| value * sign)),
                sign,
            );
        }
        found
    }

    fn gap_values(&self, ledger: &Ledger, trail: usize, at: Place) -> Gathered {
        let part = &self.program.trails[trail];
        let mut found = Gathered::of(self.program.selections[part.selection].definition.clone());
        let mut days: BTreeMap<Option<Key>, Vec<Row>> = BTreeMap::new();
        for row in self.rows_of(ledger, part.selection) {
            if row.subject != at.subject || row.day == NO_DAY {
                continue;
            }
            let here = self.in_window(part.selection, &row, at);
            if let Some(reason) = self.fails(ledger, part.selection, &row) {
                if here {
                    found.leave(reason);
                }
                continue;
            }
            let entity = part
                .entity
                .map(|entity| self.entity_of(ledger, entity, &row));
            match entity {
                Some(None) if here => found.leave(Reason::NoEntity),
                Some(None) => {}
                known => days.entry(known.flatten()).or_default().push(row),
            }
        }
        for mut rows in days.into_values() {
            rows.sort_by_key(|row| row.day);
            if part.same_day == SameDay::Once {
                rows.dedup_by_key(|row| row.day);
            }
            for pair in rows.windows(2) {
                if self.in_window(part.selection, &pair[1], at) {
                    let gap = i64::from(pair[1].day) - i64::from(pair[0].day);
                    found.take(self.evidence(ledger, &pair[1], Some(gap)), 1);
                }
            }
        }
        found
    }

    fn open_records(
        &self,
        ledger: &Ledger,
        part: usize,
        quantum: Quantum,
        at: Place,
    ) -> Derivation {
        let part = &self.program.opens[part];
        let mut found = Gathered::of(self.program.selections[part.selection].definition.clone());
        let last = self.program.last_days[at.period];
        for row in self.rows_of(ledger, part.selection) {
            let Some(columns) = part.kinds[row.kind] else {
                continue;
            };
            let table = &ledger.tables()[row.kind];
            let day = |column: DateColumn| column.of(table)[row.row];
            let until = day(columns.until);
            let open = row.day != NO_DAY && row.day <= last && (until == NO_DAY || last < until);
            if row.subject != at.subject || !open {
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
            if let Some(reason) = self.fails(ledger, part.selection, &row) {
                found.leave(reason);
                continue;
            }
            let mut value = None;
            if let Some(source) = columns.source {
                let mut read = [0];
                source.read(table, row.row, &mut read);
                if read[0] == NO_AMOUNT {
                    found.leave(Reason::NoValue);
                    continue;
                }
                value = Some(read[0]);
            }
            found.take(self.evidence(ledger, &row, value), 1);
        }
        let counted = part.value.is_none();
        found
            .scaled(quantum)
            .named("open", |own| Ok(if counted { own.count } else { own.sum }))
    }

    /// The name of the entity that a row names, if any.
    fn entity_of(&self, ledger: &Ledger, entity: usize, row: &Row) -> Option<Key> {
        let table = &ledger.tables()[row.kind];
        match self.program.entities[entity].kinds[row.kind].as_ref()? {
            EntityColumn::Text { column } => {
                let texts = &table.texts[*column];
                texts.value(texts.codes[row.row]).cloned()
            }
            EntityColumn::Place { column, members } => {
                let place = table.places[*column][row.row];
                let number = members
                    .as_ref()
                    .map_or(place.number(), |members| members[place.index()]);
                let kind = &self.frame.schema().compiled()[row.kind];
                let dimension = kind.dimension(self.frame.schema().space(), *column);
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
    fn by_entity(
        &self,
        ledger: &Ledger,
        part: usize,
        at: Place,
    ) -> (BTreeMap<Key, Vec<Row>>, Gathered) {
        let part = &self.program.presences[part];
        let mut found = Gathered::of(self.program.selections[part.selection].definition.clone());
        let mut entities: BTreeMap<Key, Vec<Row>> = BTreeMap::new();
        for row in self.rows_of(ledger, part.selection) {
            let here = self.in_window(part.selection, &row, at);
            let reason = self.fails(ledger, part.selection, &row);
            let entity = self.entity_of(ledger, part.entity, &row);
            match (reason, entity) {
                (None, Some(entity)) => entities.entry(entity).or_default().push(row),
                (None, None) if here => found.leave(Reason::NoEntity),
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

    fn first_seen(&self, ledger: &Ledger, part: usize, at: Place) -> Derivation {
        let (entities, mut found) = self.by_entity(ledger, part, at);
        let selection = self.program.presences[part].selection;
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

    fn entities(
        &self,
        ledger: &Ledger,
        part: usize,
        asked: Option<(Question, Scope, First)>,
        at: Place,
    ) -> Derivation {
        let (entities, mut found) = self.by_entity(ledger, part, at);
        let known = &self.program.presences[part];
        let grid = &self.grids[self.program.selections[known.selection].grid];
        let Some((question, scope, first)) = asked else {
            for (entity, rows) in entities {
                let own = rows
                    .iter()
                    .filter(|row| self.in_window(known.selection, row, at));
                let own: Vec<Evidence> = own.map(|row| self.evidence(ledger, row, None)).collect();
                if !own.is_empty() {
                    found.entities.insert(entity);
                    found.records.extend(own);
                }
            }
            return found.counting("distinct");
        };
        let state = self.asked_state(question, first, at);
        for (entity, mut rows) in entities {
            rows.retain(|row| {
                row.atom < grid.atoms() && (scope == Scope::Overall || row.subject == at.subject)
            });
            let mut seen = vec![false; self.frame.periods().len()];
            for row in &rows {
                seen[row.atom as usize] = true;
            }
            if !question.holds(&seen, at.period) {
                continue;
            }
            let credited = match question {
                Question::Reactivated { .. } => {
                    rows.iter().find(|row| row.atom as usize == at.period)
                }
                _ => rows.iter().rfind(|row| (row.atom as usize) < at.period),
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
        };
        let mut derivation = found.counting(name);
        if let Some(state) = state {
            (derivation.value, derivation.state) = (None, state);
        }
        derivation
    }
}

/// Records while they are gathered.
struct Gathered {
    selection: Selection,
    records: Vec<Evidence>,
    entities: BTreeSet<Key>,
    left_out: Vec<LeftOut>,
    count: i64,
}

/// What was gathered, in figures.
struct Own {
    count: Ratio,
    sum: Ratio,
    values: Vec<Ratio>,
    quantum: Ratio,
}

impl Gathered {
    fn of(selection: Selection) -> Self {
        let (records, left_out) = (Vec::new(), Vec::new());
        Self {
            selection,
            records,
            entities: BTreeSet::new(),
            left_out,
            count: 0,
        }
    }

    fn take(&mut self, evidence: Evidence, sign: i64) {
        self.records.push(evidence);
        self.count += sign;
    }

    fn leave(&mut self, reason: Reason) {
        match self
            .left_out
            .iter_mut()
            .find(|known| known.reason == reason)
        {
            Some(known) => known.records += 1,
            None => self.left_out.push(LeftOut { reason, records: 1 }),
        }
    }

    fn scaled(self, quantum: Quantum) -> Scaled {
        Scaled {
            gathered: self,
            quantum: quantum.ratio(),
        }
    }

    fn named(self, formula: &'static str, figure: impl FnOnce(&Own) -> Found) -> Derivation {
        self.scaled(Quantum::ONE).named(formula, figure)
    }

    fn counting(mut self, formula: &'static str) -> Derivation {
        self.records.sort();
        let count = i64::try_from(self.entities.len()).unwrap_or(i64::MAX);
        self.named(formula, |_| Ok(Ratio::from(count)))
    }
}

struct Scaled {
    gathered: Gathered,
    quantum: Ratio,
}

impl Scaled {
    fn named(self, formula: &'static str, figure: impl FnOnce(&Own) -> Found) -> Derivation {
        let Self {
            mut gathered,
            quantum,
        } = self;
        let mut sum = Ok(Ratio::ZERO);
        let mut values = Vec::new();
        for evidence in &mut gathered.records {
            if let Some(value) = evidence.value {
                values.push(value);
                sum = sum.and_then(|sum: Ratio| sum.checked_add(value));
                evidence.value = value.checked_mul(quantum).ok();
            }
        }
        let sum = sum
            .and_then(|sum| sum.checked_mul(quantum))
            .map_err(|_| State::OutOfRange);
        let found = sum.and_then(|sum| {
            figure(&Own {
                count: Ratio::from(gathered.count),
                sum,
                values,
                quantum,
            })
        });
        Derivation {
            formula,
            value: found.ok(),
            state: found.err().unwrap_or(State::Value),
            selection: Some(gathered.selection),
            records: gathered.records,
            entities: gathered.entities.into_iter().collect(),
            left_out: gathered.left_out,
            parts: Vec::new(),
        }
    }
}

impl Own {
    fn scale(&self, value: Ratio) -> Found {
        value
            .checked_mul(self.quantum)
            .map_err(|_| State::OutOfRange)
    }

    fn extreme(&self, low: bool) -> Found {
        let found = if low {
            self.values.iter().min()
        } else {
            self.values.iter().max()
        };
        found.map_or(Err(State::NothingRecorded), |value| self.scale(*value))
    }

    fn quantile(&self, of: impl FnOnce(&[Sample]) -> Result<(i128, i128), State>) -> Found {
        let mut sorted = self.values.clone();
        sorted.sort();
        let samples: Vec<Sample> = sorted
            .iter()
            .filter_map(|value| i64::try_from(value.numerator()).ok())
            .map(|value| Sample {
                cell: 0,
                value,
                count: 1,
            })
            .collect();
        let (top, bottom) = of(&samples)?;
        self.scale(Ratio::new(top, bottom).map_err(|_| State::NoBase)?)
    }
}

impl Derivation {
    fn found(&self) -> Found {
        self.value.ok_or(self.state)
    }

    /// Blanks the figure of a period that has not begun by the as-of day.
    fn due(mut self, plan: &Plan, at: Place) -> Self {
        let period = plan.frame.periods().period(at.period);
        let later = plan
            .frame
            .as_of()
            .zip(period)
            .is_some_and(|(as_of, period)| period.start > as_of);
        if later && self.state.is_value() {
            (self.value, self.state) = (None, State::NotYetDue);
        }
        self
    }
}

fn combined(formula: &'static str, found: Found, parts: Vec<Derivation>) -> Derivation {
    Derivation {
        formula,
        value: found.ok(),
        state: found.err().unwrap_or(State::Value),
        selection: None,
        records: Vec::new(),
        entities: Vec::new(),
        left_out: Vec::new(),
        parts,
    }
}

fn both(parts: &[Derivation], with: impl FnOnce(Ratio, Ratio) -> Found) -> Found {
    match parts {
        [left, right] => with(left.found()?, right.found()?),
        _ => Err(State::NotApplicable),
    }
}

/// Conditions in the order in which they are tested.
fn flatten<'a>(conditions: &'a [Condition], flat: &mut Vec<&'a Condition>) {
    for condition in conditions {
        match condition {
            Condition::All(parts) => flatten(parts, flat),
            other => flat.push(other),
        }
    }
}
