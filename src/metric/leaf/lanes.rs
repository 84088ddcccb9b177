//! Which counts and sums there are, and what a record adds to them from which day on.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::witness::Question;
use super::{Addend, RECORDS, asks, conjuncts};
use crate::key::Key;
use crate::ledger::{Course, DAY, Kind, NO_AMOUNT, NO_DAY, Record, Row, Schema, Table};
use crate::metric::error::MetricError;
use crate::metric::filter::{Asked, Bits, Credited, DateColumn, LeftOut, Site, Source, Test};
use crate::metric::metric::{Filter, Selection, Timeframe, Value};
use crate::metric::parts::{Node, Parts, TakenBack};
use crate::metric::program::Program;

/// What tells two lanes apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LaneKey {
    /// Without its window and without what it asks of where members stand.
    selection: Selection,
    /// The records are counted where there is none.
    value: Option<Value>,
    taken_back: TakenBack,
}

#[derive(Debug, Clone)]
struct Lane {
    key: LaneKey,
    kinds: Vec<Option<Bound>>,
}

/// A lane in one kind of record.
#[derive(Debug, Clone)]
struct Bound {
    tests: Vec<Test>,
    source: Option<Source>,
    date: DateColumn,
    credited: Credited,
}

/// All counts and sums that some programs are made of, each once.
#[derive(Debug, Clone)]
pub(crate) struct Lanes {
    schema: Schema,
    list: Vec<Lane>,
    /// By kind of record, the dates that any lane reads.
    dates: Vec<BTreeSet<usize>>,
    /// By kind of record, whether more is asked than counts and sums.
    singly: Vec<bool>,
    /// By kind of record, whether it stays kept singly whatever is closed: it is counted one by one (several may share it, or a
    /// condition mixes members with other fields), or what is open of it ends on a date of its own.
    stays: Vec<bool>,
    /// By kind of record, whether it is asked what is left of items that it opens.
    items: Vec<bool>,
    /// The programs that ask what is open, by their position.
    open: BTreeSet<usize>,
    /// By kind of record, what is asked of single ones that a few of them answer.
    questions: Vec<Vec<Question>>,
}

impl Lanes {
    /// Takes the counts and sums of these programs.
    pub(crate) fn new(schema: &Schema, programs: &[Program]) -> Result<Self, MetricError> {
        let mut own = Self {
            schema: schema.clone(),
            list: Vec::new(),
            dates: vec![BTreeSet::new(); schema.compiled().len()],
            singly: vec![false; schema.compiled().len()],
            stays: vec![false; schema.compiled().len()],
            items: vec![false; schema.compiled().len()],
            open: BTreeSet::new(),
            questions: vec![Vec::new(); schema.compiled().len()],
        };
        for (at, program) in programs.iter().enumerate() {
            for (kind, singly) in own.singly.iter_mut().enumerate() {
                *singly |= program.asks_singly(kind);
                own.stays[kind] |= program.counts_singly(kind);
                let opens = schema.compiled()[kind].opens.is_some();
                if program.asks_open(kind) {
                    own.open.insert(at);
                    own.items[kind] |= opens;
                    own.stays[kind] |= !opens || program.ends_by_date(kind);
                }
                own.questions[kind].extend(program.questions(kind));
            }
            for (metric, key) in lane_keys(program) {
                if own.find(&key).is_none() {
                    own.add(&metric, key)?;
                }
            }
        }
        Ok(own)
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether records of a kind are kept singly.
    pub(crate) fn singly(&self, kind: usize) -> bool {
        self.singly.get(kind).is_some_and(|singly| *singly)
    }

    /// Whether a few records of a kind are kept in the place of many, once they are closed.
    pub(crate) fn thins(&self, kind: usize) -> bool {
        self.singly(kind) && !self.stays[kind]
    }

    /// Whether it is asked what is left of the items that records of a kind open.
    pub(crate) fn items(&self, kind: usize) -> bool {
        self.items.get(kind).is_some_and(|items| *items)
    }

    /// Whether the program at a position asks what is open.
    pub(crate) fn asks_open(&self, program: usize) -> bool {
        self.open.contains(&program)
    }

    pub(super) fn kind(&self, kind: usize) -> Option<&Kind> {
        self.schema.compiled().get(kind)
    }

    /// What is asked of single records of a kind that a few of them answer.
    pub(super) fn questions(&self, kind: usize) -> &[Question] {
        self.questions.get(kind).map_or(&[], Vec::as_slice)
    }

    /// Whether leaves have the counts and sums of a kind: those of records that several share are folded with them.
    pub(super) fn sums(&self, kind: usize) -> bool {
        let known = self.schema.compiled().get(kind);
        known.is_none_or(|kind| kind.credit.is_none())
    }

    pub(super) fn find(&self, key: &LaneKey) -> Option<usize> {
        self.list.iter().position(|lane| lane.key == *key)
    }

    fn add(&mut self, metric: &Key, key: LaneKey) -> Result<(), MetricError> {
        let limit = usize::from(RECORDS);
        if self.list.len() >= limit {
            return Err(MetricError::TooMany {
                what: "counts and sums",
                count: limit as u64 + 1,
                limit: limit as u64,
            });
        }
        let schema = self.schema.clone();
        let mut kinds = Vec::with_capacity(self.dates.len());
        for (kind, dates) in schema.compiled().iter().zip(&mut self.dates) {
            if !key.selection.kinds.contains(kind.key()) || kind.credit.is_some() {
                kinds.push(None);
                continue;
            }
            let site = Site {
                metric,
                schema: &schema,
                kind,
                until: i32::MAX,
            };
            let mut tests = site.tests(&key.selection.conditions)?;
            tests.iter_mut().for_each(named_or_not);
            let source = match &key.value {
                Some(value) => Some(site.source(value)?.0),
                None => None,
            };
            let date = match &key.selection.date {
                Some(field) => site.date(field)?,
                None => DateColumn::Own,
            };
            let mut read = key.selection.read();
            read_by_value(key.value.as_ref(), &mut read);
            dates.extend(
                read.into_iter()
                    .filter_map(|field| kind.date(field.as_str()))
                    .filter(|at| !kind.definition.dates[*at].planned),
            );
            let credited = match source {
                Some(source) => Credited::summing(source),
                None => Credited::adding,
            };
            let credited = credited(&key.selection);
            kinds.push(Some(Bound {
                tests,
                source,
                date,
                credited,
            }));
        }
        self.list.push(Lane { key, kinds });
        Ok(())
    }

    /// By count and sum of another model, which one it is here; none where it is asked no more.
    pub(crate) fn of_others(&self, other: &Self) -> Vec<Option<u16>> {
        let own = other.list.iter().map(|lane| self.find(&lane.key));
        own.map(|at| at.and_then(|at| u16::try_from(at).ok()))
            .collect()
    }

    /// Whether a kind is asked for counts or sums that another model does not ask, or is kept singly otherwise.
    pub(crate) fn asks_more(&self, kind: usize, (other, of): (&Self, usize)) -> bool {
        let asks =
            |lanes: &Self, lane: &Lane, kind: usize| lane.kinds[kind].is_some() && lanes.sums(kind);
        let mut own = self.list.iter().filter(|lane| asks(self, lane, kind));
        let kept =
            |lanes: &Self, kind: usize| (lanes.singly(kind), lanes.thins(kind), lanes.items(kind));
        let is_more = own.any(|lane| {
            let there = other.find(&lane.key).map(|at| &other.list[at]);
            there.is_none_or(|there| !asks(other, there, of))
        });
        is_more || (self.singly(kind) && kept(self, kind) != kept(other, of))
    }

    /// What each of some records of a kind adds: from its own day on, and again whenever one of its dates comes that changes
    /// that. A date that has not come is not there, unless it is one that is set beforehand.
    pub(crate) fn addends(&self, kind: usize, rows: &[&Row]) -> Vec<Vec<Addend>> {
        let Some(compiled) = self.schema.compiled().get(kind) else {
            return vec![Vec::new(); rows.len()];
        };
        let mut table = Table::new(compiled);
        let mut firsts = Vec::with_capacity(rows.len() + 1);
        let mut from = Vec::with_capacity(rows.len());
        for row in rows {
            firsts.push(table.len());
            let later = self.dates[kind].iter().filter_map(|at| row.dates.get(*at));
            let later = later.filter(|day| **day > row.day).copied();
            let stages: BTreeSet<i32> = later.collect();
            for stage in std::iter::once(row.day).chain(stages) {
                let mut seen = (*row).clone();
                seen.id = None;
                let fields = &compiled.definition.dates;
                for (day, field) in seen.dates.iter_mut().zip(fields) {
                    if *day > stage && !field.planned {
                        *day = NO_DAY;
                    }
                }
                from.push(stage);
                table.push(seen, false, None);
            }
        }
        firsts.push(table.len());
        let mut found: Vec<Vec<Addend>> = firsts
            .windows(2)
            .map(|stages| {
                let on = table.days[stages[0]];
                let mut own = Vec::with_capacity(1 + self.list.len());
                own.push(Addend {
                    on,
                    day: on,
                    from: on,
                    lane: RECORDS,
                    value: 1,
                });
                own
            })
            .collect();
        for (number, lane) in (0_u16..).zip(&self.list) {
            if let Some(bound) = &lane.kinds[kind] {
                bound.fold(number, &table, &firsts, &from, &mut found);
            }
        }
        found
    }

    /// What taking a record back, in part and as a whole, adds to what it added.
    pub(crate) fn taken_back(
        &self,
        kind: usize,
        row: &Row,
        course: &Course,
        of: &[Addend],
    ) -> Vec<Addend> {
        let mut found = Vec::new();
        for addend in of.iter().filter(|addend| addend.lane != RECORDS) {
            let lane = &self.list[usize::from(addend.lane)];
            let bound = lane.kinds[kind].as_ref();
            let own_day = bound.is_none_or(|bound| bound.date == DateColumn::Own);
            let then = lane.key.taken_back == TakenBack::Then && own_day;
            let back = |day: i32, value: i64| Addend {
                day: if then { day } else { addend.day },
                from: addend.from.max(day),
                value,
                ..*addend
            };
            let mut left = addend.value;
            let amount = bound.and_then(|bound| match bound.source {
                Some(Source::Amount(at) | Source::Whole(at)) => {
                    row.amounts.get(at).map(|own| (at, *own))
                }
                _ => None,
            });
            if let Some((at, own)) = amount {
                // A stage that a later date ends is taken away with the sign turned.
                let sign = addend.value.signum() * own.signum();
                for (day, units) in &course.reduced {
                    let value = units.get(at).map_or(0, |units| -sign * units);
                    left = left.saturating_add(value);
                    found.push(back(*day, value));
                }
            }
            found.extend(course.reversed.map(|day| back(day, left.saturating_neg())));
        }
        found
    }
}

impl Bound {
    fn fold(
        &self,
        lane: u16,
        table: &Table,
        firsts: &[usize],
        from: &[i32],
        found: &mut [Vec<Addend>],
    ) {
        let asked = Asked {
            bit: 0,
            tests: &self.tests,
            credited: self.credited,
        };
        let filter = Bits::bind(&[asked], table, &LeftOut::default());
        let count = table.len();
        let (mut bits, mut flags) = (vec![0; count], vec![false; count]);
        filter.evaluate(table, 0, &mut bits, &mut flags);
        let mut values = vec![1; count];
        if let Some(source) = self.source {
            source.read(table, 0, &mut values);
        }
        let days = self.date.of(table);
        for (stages, found) in firsts.windows(2).zip(found) {
            let on = table.days[stages[0]];
            let mut before = None;
            for at in stages[0]..stages[1] {
                let there = bits[at] == 1
                    && days[at] != NO_DAY
                    && values[at] != NO_AMOUNT
                    && values[at] != 0;
                let now = there.then_some((days[at], values[at]));
                if now == before {
                    continue;
                }
                let mut push = |day: i32, value: i64| {
                    found.push(Addend {
                        on,
                        day,
                        from: from[at],
                        lane,
                        value,
                    });
                };
                if let Some((day, value)) = before {
                    push(day, -value);
                }
                if let Some((day, value)) = now {
                    push(day, value);
                }
                before = now;
            }
        }
    }
}

/// The lanes that a program's counts and sums stand in, in the order of its tallies and then of its sums, with a metric to name
/// where something is wrong.
pub(super) fn lane_keys(program: &Program) -> Vec<(Key, LaneKey)> {
    if program.is_by_record() {
        return Vec::new();
    }
    let Parts {
        selections,
        tallies,
        sums,
        ..
    } = &program.parts;
    let tallies = tallies
        .iter()
        .enumerate()
        .map(|(at, tally)| (Asking::Tally(at), tally.selection, None, tally.taken_back));
    let sums = sums.iter().enumerate().map(|(at, sum)| {
        let value = Some(&sum.value);
        (Asking::Sum(at), sum.selection, value, sum.taken_back)
    });
    let all = tallies
        .chain(sums)
        .map(|(asking, selection, value, taken_back)| {
            let taken_back = if program.parts.from_the_start {
                TakenBack::There
            } else {
                taken_back
            };
            let of = &selections[selection].definition;
            let mut metrics = program.metrics.iter();
            let metric = metrics.find(|metric| asking.stands_in(&metric.node));
            let metric =
                metric.map_or_else(|| Key::from_static("metric"), |known| known.key.clone());
            let key = LaneKey {
                selection: by_leaf(of),
                value: value.cloned(),
                taken_back,
            };
            (metric, key)
        });
    all.collect()
}

impl Program {
    /// Whether its counts and sums are made of single records and not of leaves: a condition mixes where a member stands with what a
    /// record says.
    pub(super) fn is_by_record(&self) -> bool {
        let selections = &self.parts.selections;
        selections.iter().any(|own| mixes(&own.definition))
    }

    /// Whether records of a kind are counted one by one, and all of them kept for that: several may share one, or its counts and sums
    /// are made of single records.
    pub(crate) fn counts_singly(&self, kind: usize) -> bool {
        let is_shared = self.layout.schema().compiled()[kind].credit.is_some();
        is_shared || (self.is_by_record() && self.asks_singly(kind))
    }

    /// Whether a program asks more of records of a kind than counts and sums of leaves.
    pub(crate) fn asks_singly(&self, kind: usize) -> bool {
        let Parts {
            selections,
            extremes,
            samples,
            presences,
            touches,
            trails,
            opens,
            holdings,
            lasts,
            ..
        } = &self.parts;
        let values = extremes.iter().chain(samples).map(|part| part.selection);
        let entities = presences.iter().chain(touches).map(|part| part.selection);
        let held = holdings.iter().chain(lasts).map(|part| part.selection);
        let asked = values
            .chain(entities)
            .chain(trails.iter().map(|part| part.selection))
            .chain(opens.iter().map(|part| part.selection))
            .chain(held);
        let is_shared = self.layout.schema().compiled()[kind].credit.is_some();
        let all = (0..selections.len()).filter(|_| is_shared);
        let ever = (0..selections.len()).filter(|_| self.is_by_record());
        asked
            .chain(all)
            .chain(ever)
            .any(|at| selections[at].kinds[kind].is_some())
    }
}

/// A count or a sum of a program.
#[derive(Clone, Copy, PartialEq)]
enum Asking {
    Tally(usize),
    Sum(usize),
}

impl Asking {
    fn stands_in(self, node: &Node) -> bool {
        match node {
            Node::Count(part) => self == Self::Tally(*part),
            Node::Sum { part, count, .. } => {
                self == Self::Sum(*part) || count.is_some_and(|part| self == Self::Tally(part))
            }
            Node::Ratio { of, to, .. } | Node::Difference { of, minus: to } => {
                self.stands_in(of) || self.stands_in(to)
            }
            Node::Scaled { of, .. }
            | Node::Earlier { of, .. }
            | Node::Growth { of, .. }
            | Node::Share { of, .. } => self.stands_in(of),
            _ => false,
        }
    }
}

/// The same selection without what is applied on reading.
fn by_leaf(of: &Selection) -> Selection {
    let mut conditions = Vec::new();
    conjuncts(&of.conditions, &mut conditions);
    let mut own = of.clone();
    own.window = Timeframe::Period;
    own.via = BTreeMap::new();
    let kept = conditions.into_iter().filter(|own| !asks(own).0);
    own.conditions = kept.cloned().collect();
    own
}

/// Whether a condition mixes where a member stands with what a record says, so that no leaf can answer it.
fn mixes(of: &Selection) -> bool {
    let mut conditions = Vec::new();
    conjuncts(&of.conditions, &mut conditions);
    conditions.into_iter().any(|own| asks(own) == (true, true))
}

/// Where members stand is asked on reading, so that what is left of places is whether somebody is named at all.
fn named_or_not(test: &mut Test) {
    match test {
        Test::Place { accepts, .. } => *accepts = vec![false, true],
        Test::Any(tests) | Test::All(tests) => tests.iter_mut().for_each(named_or_not),
        Test::Not(test) => named_or_not(test),
        Test::Text { .. }
        | Test::Range { .. }
        | Test::Compared { .. }
        | Test::SameMember { .. } => {}
    }
}

impl Selection {
    /// The fields by which it places and selects records, so far as they may be dates.
    fn read(&self) -> BTreeSet<&Key> {
        let mut found = BTreeSet::from_iter(&self.date);
        let conditions = self.conditions.iter();
        conditions.for_each(|condition| read_by(condition, &mut found));
        found
    }

    /// The dates of a record by which it places and selects it, if it selects any of its kind.
    pub(crate) fn dates_of(&self, record: &Record) -> Vec<NaiveDate> {
        let mut kinds = self.kinds.iter();
        if record.dates.is_empty() || !kinds.any(|kind| *kind == *record.kind) {
            return Vec::new();
        }
        let read = self.read().into_iter();
        let days = read.filter_map(|field| record.dates.get(field.as_str()));
        days.copied().collect()
    }
}

fn read_by<'a>(condition: &'a Filter, found: &mut BTreeSet<&'a Key>) {
    match condition {
        Filter::Has(field) => {
            found.insert(field);
        }
        Filter::Range { value, .. } => read_by_value(Some(value), found),
        Filter::Any(parts) | Filter::All(parts) => {
            for part in parts {
                read_by(part, found);
            }
        }
        Filter::Not(part) => read_by(part, found),
        Filter::Attribute { .. }
        | Filter::Member { .. }
        | Filter::Compared { .. }
        | Filter::SameMember { .. } => {}
    }
}

fn read_by_value<'a>(value: Option<&'a Value>, found: &mut BTreeSet<&'a Key>) {
    if let Some(Value::Days { from, to }) = value {
        found.extend([from, to].into_iter().filter(|field| **field != *DAY));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::{Calendar, DayRange, Grain};
    use crate::ledger::{Need, RecordKind};
    use crate::measure::{Measure, Measures};
    use crate::metric::{Layout, MetricDef};
    use crate::quantity::Quantum;
    use crate::space::{DimensionDef, Space, Subjects};

    fn program(formulas: &[(&str, serde_json::Value)]) -> Program {
        let sales = Measure::flow("sales", "money:EUR".parse().unwrap(), Quantum::CENT).unwrap();
        let person = DimensionDef::flat("person", "person", ["ann", "bo"]).unwrap();
        let order = RecordKind::new("order")
            .and_then(|kind| kind.of("person")?.measuring("sales", Need::Required))
            .unwrap();
        let span = DayRange::new("2026-01-01".parse().unwrap(), "2026-03-01".parse().unwrap());
        let (space, measures) = (Space::new(vec![person]), Measures::new(vec![sales]));
        let schema = Schema::new(
            space.unwrap(),
            measures.unwrap(),
            vec![order],
            span.unwrap(),
        )
        .unwrap();
        let months = Calendar::gregorian()
            .periods(Grain::Month, schema.span().start(), schema.span().end())
            .unwrap();
        let metrics: Vec<MetricDef> = formulas
            .iter()
            .map(|(key, formula)| {
                serde_json::from_value(serde_json::json!({"key": key, "formula": formula})).unwrap()
            })
            .collect();
        Program::compile(&metrics, &Layout::new(schema, Subjects::whole(), months)).unwrap()
    }

    fn lanes(program: &Program) -> Result<Lanes, MetricError> {
        Lanes::new(program.layout.schema(), std::slice::from_ref(program))
    }

    #[test]
    fn there_are_no_more_counts_and_sums_than_have_numbers() {
        let of = serde_json::json!({"count": {"kinds": ["order"]}});
        let program = program(&[("orders", of)]);
        let mut lanes = lanes(&program).unwrap();
        let (metric, key) = lane_keys(&program).remove(0);
        lanes.list = vec![lanes.list[0].clone(); 65_534];
        lanes.add(&metric, key.clone()).unwrap();
        assert_eq!(
            lanes.add(&metric, key).unwrap_err().to_string(),
            "65536 counts and sums are more than the limit of 65535"
        );
    }

    /// Who is asked where members stand and something else at once cannot be counted by leaf, and is named.
    #[test]
    fn a_condition_that_mixes_is_told_with_its_metric() {
        let mixed = |asked: &str| {
            serde_json::json!({"kinds": ["order"], "where": [{"any": [
                {"member": {"dimension": "person", "any_of": [asked]}},
                {"range": {"value": {"measure": "sales"}, "at_least": "1"}}
            ]}]})
        };
        let count = |of: &serde_json::Value| serde_json::json!({"count": of});
        let sum = |of: &serde_json::Value| serde_json::json!({"sum": {"value": {"measure": "sales"}, "of": of}});
        let plain = serde_json::json!({"kinds": ["order"]});
        let own = mixed("ann");
        for formula in [
            count(&own),
            sum(&own),
            serde_json::json!({"mean": {"value": {"measure": "sales"}, "of": own}}),
            serde_json::json!({"ratio": {"of": count(&own), "to": count(&plain)}}),
            serde_json::json!({"ratio": {"of": sum(&plain), "to": count(&own)}}),
            serde_json::json!({"difference": {"of": count(&plain), "minus": count(&own)}}),
            serde_json::json!({"scaled": {"of": count(&own), "by": "2"}}),
        ] {
            let program = program(&[
                ("first", count(&plain)),
                ("sold", sum(&plain)),
                ("mixed", formula.clone()),
                (
                    "last",
                    serde_json::json!({"ratio": {"of": sum(&plain), "to": count(&plain)}}),
                ),
            ]);
            let lanes = lanes(&program).unwrap();
            assert!(program.is_by_record() && lanes.len() == 0, "{formula}");
            assert!(lanes.singly(0) && !lanes.thins(0), "{formula}");
        }
    }
}
