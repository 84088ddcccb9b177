//! Conditions on records, evaluated for many filters at a time.

use std::sync::Arc;

use chrono::{Datelike, NaiveDate};

use super::error::MetricError;
use super::metric::{CreditUse, Filter, Relation, Selection, Sharing, Value};
use crate::key::{Key, unknown};
use crate::ledger::{DAY, Kind, NO_AMOUNT, NO_DAY, Part, Schema, Standing, Table, Texts};
use crate::measure::{Measure, Unit};
use crate::quantity::{Quantum, Ratio, Rounding};
use crate::space::MemberId;

/// How deep conditions and formulas may be nested.
pub(super) const MAX_DEPTH: usize = crate::document::MAX_DEPTH;

/// A condition on records of one kind.
#[derive(Debug, Clone)]
pub(super) enum Test {
    /// Texts by their values; `none` says what a missing one is.
    Text {
        column: usize,
        any_of: Texted,
    },
    /// Placements, one answer each.
    Place {
        column: usize,
        accepts: Vec<bool>,
    },
    Range {
        source: Source,
        low: i64,
        high: i64,
    },
    /// One amount and another.
    Compared {
        left: usize,
        is: Relation,
        right: usize,
    },
    /// Two places whose ancestors are compared.
    SameMember {
        left: usize,
        right: usize,
        rollup: Arc<[MemberId]>,
    },
    Any(Vec<Self>),
    All(Vec<Self>),
    Not(Box<Self>),
}

#[derive(Debug, Clone)]
pub(super) enum Texted {
    AnyOf(Vec<Key>),
    Present,
}

impl Texted {
    pub(super) fn accepts(&self, texts: &Texts) -> Vec<bool> {
        let mut answers = vec![false; texts.values.len() + 1];
        match self {
            Self::Present => answers[1..].fill(true),
            Self::AnyOf(values) => {
                for value in values {
                    if let Some(code) = texts.code(value.as_str()) {
                        answers[code as usize] = true;
                    }
                }
            }
        }
        answers
    }
}

/// Where a number of a record comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    Amount(usize),
    /// What the record has that the row is a part of.
    Whole(usize),
    Days {
        from: DateColumn,
        to: DateColumn,
    },
    /// The number of a day.
    Day(DateColumn),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DateColumn {
    Own,
    Field {
        at: usize,
        /// The last day that is seen: what happened later is not there.
        until: i32,
    },
}

impl DateColumn {
    pub(super) fn of(self, table: &Table) -> &[i32] {
        match self {
            Self::Own => &table.days,
            Self::Field { at, .. } => &table.dates[at],
        }
    }

    /// The day of a row as it is seen.
    pub(super) fn day(self, table: &Table, row: usize) -> i32 {
        self.seen(self.of(table)[row])
    }

    /// A day of its column as it is seen.
    fn seen(self, day: i32) -> i32 {
        match self {
            Self::Field { until, .. } if day > until => NO_DAY,
            Self::Own | Self::Field { .. } => day,
        }
    }
}

impl Source {
    /// Writes the values of the rows from `from`; [`NO_AMOUNT`] where there is none.
    pub(super) fn read(self, table: &Table, from: usize, found: &mut [i64]) {
        let rows = from..from + found.len();
        match self {
            Self::Amount(at) => found.copy_from_slice(&table.amounts[at].units[rows]),
            Self::Whole(at) => found.copy_from_slice(&table.amounts[at].wholes()[rows]),
            Self::Days { from, to } => {
                let pairs = from.of(table)[rows.clone()].iter().zip(&to.of(table)[rows]);
                for ((begun, ended), value) in pairs.zip(found) {
                    let (begun, ended) = (from.seen(*begun), to.seen(*ended));
                    let missing = begun == NO_DAY || ended == NO_DAY;
                    let days = i64::from(ended) - i64::from(begun);
                    *value = if missing { NO_AMOUNT } else { days };
                }
            }
            Self::Day(column) => {
                for (day, value) in column.of(table)[rows].iter().zip(found) {
                    *value = match column.seen(*day) {
                        NO_DAY => NO_AMOUNT,
                        day => i64::from(day),
                    };
                }
            }
        }
    }

    /// The same of the whole record, where a row may have a part of it: thresholds ask that.
    pub(super) fn of_record(self) -> Self {
        match self {
            Self::Amount(at) => Self::Whole(at),
            other => other,
        }
    }

    /// The largest magnitude of any value.
    pub(super) fn peak(self, table: &Table) -> u64 {
        match self {
            Self::Amount(at) | Self::Whole(at) => table.amounts[at].peak,
            Self::Days { .. } | Self::Day(_) => 1 << 23,
        }
    }

    /// Whether every record has a value.
    pub(super) fn is_full(self, table: &Table) -> bool {
        match self {
            Self::Amount(at) | Self::Whole(at) => table.amounts[at].missing == 0,
            Self::Days { from, to } => from == DateColumn::Own && to == DateColumn::Own,
            Self::Day(column) => column == DateColumn::Own,
        }
    }
}

impl Test {
    /// Writes whether each row from `from` satisfies this.
    pub(super) fn evaluate(&self, table: &Table, from: usize, found: &mut [bool]) {
        let rows = from..from + found.len();
        match self {
            Self::Text { column, any_of } => {
                let texts = &table.texts[*column];
                let accepts = any_of.accepts(texts);
                for (code, answer) in texts.codes[rows].iter().zip(found) {
                    *answer = accepts[*code as usize];
                }
            }
            Self::Place { column, accepts } => {
                for (place, answer) in table.places[*column][rows].iter().zip(found) {
                    *answer = accepts[place.index()];
                }
            }
            Self::Range { source, low, high } => {
                let mut values = vec![0; found.len()];
                source.read(table, from, &mut values);
                for (value, answer) in values.iter().zip(found) {
                    *answer = *value != NO_AMOUNT && (*low..=*high).contains(value);
                }
            }
            Self::Compared { left, is, right } => {
                let amounts = |at: usize| &table.amounts[at].wholes()[rows.clone()];
                let pairs = amounts(*left).iter().zip(amounts(*right));
                for ((left, right), answer) in pairs.zip(found) {
                    let known = *left != NO_AMOUNT && *right != NO_AMOUNT;
                    *answer = known && is.holds(*left, *right);
                }
            }
            Self::SameMember {
                left,
                right,
                rollup,
            } => {
                let places = |at: usize| &table.places[at][rows.clone()];
                let pairs = places(*left).iter().zip(places(*right));
                for ((left, right), answer) in pairs.zip(found) {
                    let own = rollup[left.index()];
                    *answer = own != MemberId::UNASSIGNED && own == rollup[right.index()];
                }
            }
            Self::Any(tests) | Self::All(tests) => {
                let all = matches!(self, Self::All(_));
                let mut one = vec![false; found.len()];
                found.fill(all);
                for test in tests {
                    test.evaluate(table, from, &mut one);
                    for (answer, one) in found.iter_mut().zip(&one) {
                        *answer = if all {
                            *answer && *one
                        } else {
                            *answer || *one
                        };
                    }
                }
            }
            Self::Not(test) => {
                test.evaluate(table, from, found);
                for answer in found {
                    *answer = !*answer;
                }
            }
        }
    }
}

/// What of a kind of record a metric asks for.
pub(super) struct Site<'a> {
    pub(super) metric: &'a Key,
    pub(super) schema: &'a Schema,
    pub(super) kind: &'a Kind,
    /// The last day that is seen.
    pub(super) until: i32,
}

impl Site<'_> {
    pub(super) fn unknown(&self, what: &'static str, field: &Key) -> MetricError {
        let definition = &self.kind.definition;
        let known: Vec<&Key> = match what {
            "measure" => definition
                .measures
                .iter()
                .map(|known| &known.measure)
                .collect(),
            "attribute" => definition
                .attributes
                .iter()
                .map(|known| &known.field)
                .collect(),
            "date" => definition.dates.iter().map(|known| &known.field).collect(),
            _ => definition
                .dimensions
                .iter()
                .map(|known| &known.field)
                .collect(),
        };
        let known = known.into_iter().map(Key::as_str);
        let (name, nearest, known) = unknown(field.as_str(), known);
        MetricError::UnknownField {
            metric: self.metric.clone(),
            kind: self.kind.key().clone(),
            what,
            name,
            nearest,
            known,
        }
    }

    pub(super) fn date(&self, field: &Key) -> Result<DateColumn, MetricError> {
        if *field == *DAY {
            return Ok(DateColumn::Own);
        }
        let at = self
            .kind
            .date(field.as_str())
            .ok_or_else(|| self.unknown("date", field))?;
        Ok(self.happened(at))
    }

    fn happened(&self, at: usize) -> DateColumn {
        let planned = self.kind.definition.dates.get(at);
        let planned = planned.is_some_and(|field| field.planned);
        let until = if planned { i32::MAX } else { self.until };
        DateColumn::Field { at, until }
    }

    pub(super) fn amount(&self, measure: &Key) -> Result<(usize, &Measure), MetricError> {
        let at = self
            .kind
            .measure(measure.as_str())
            .ok_or_else(|| self.unknown("measure", measure))?;
        Ok((at, self.kind.measured(self.schema.measures(), at)))
    }

    pub(super) fn source(&self, value: &Value) -> Result<(Source, Quantum, Unit), MetricError> {
        match value {
            Value::Measure(measure) => {
                let (at, measure) = self.amount(measure)?;
                Ok((Source::Amount(at), measure.quantum, measure.unit.clone()))
            }
            Value::Days { from, to } => {
                let source = Source::Days {
                    from: self.date(from)?,
                    to: self.date(to)?,
                };
                Ok((source, Quantum::ONE, Unit::Day))
            }
            Value::Gap { .. } | Value::Until { .. } => Err(MetricError::GapNotHere {
                metric: self.metric.clone(),
                what: "a condition or a part of another value",
            }),
        }
    }

    pub(super) fn tests(&self, conditions: &[Filter]) -> Result<Vec<Test>, MetricError> {
        let mut tests = Vec::new();
        for condition in conditions {
            match condition {
                // A nested conjunction says the same as its parts.
                Filter::All(parts) => tests.extend(self.tests(parts)?),
                other => tests.push(self.test(other, 0)?),
            }
        }
        Ok(tests)
    }

    fn test(&self, condition: &Filter, depth: usize) -> Result<Test, MetricError> {
        if depth > MAX_DEPTH {
            return Err(MetricError::TooDeep {
                metric: self.metric.clone(),
                limit: MAX_DEPTH,
            });
        }
        let several = |parts: &[Filter]| -> Result<Vec<Test>, MetricError> {
            parts
                .iter()
                .map(|part| self.test(part, depth + 1))
                .collect()
        };
        match condition {
            Filter::Attribute { field, any_of } => self.text(field, any_of),
            Filter::Member { dimension, any_of } => self.place(dimension, any_of),
            Filter::Range {
                value,
                at_least,
                at_most,
            } => {
                let (source, quantum, _) = self.source(value)?;
                let source = source.of_record();
                let bound = |number: &crate::quantity::Number, rounding| {
                    let amount = Ratio::from(*number);
                    // A bound beyond 64 bits is one that every amount is on the same side of.
                    let beyond = if amount.is_negative() {
                        NO_AMOUNT + 1
                    } else {
                        i64::MAX
                    };
                    quantum
                        .round(amount, rounding)
                        .unwrap_or(beyond)
                        .max(NO_AMOUNT + 1)
                };
                let low = at_least.as_ref().map(|low| bound(low, Rounding::Ceiling));
                let high = at_most.as_ref().map(|high| bound(high, Rounding::Floor));
                let (low, high) = (low.unwrap_or(NO_AMOUNT + 1), high.unwrap_or(i64::MAX));
                Ok(Test::Range { source, low, high })
            }
            Filter::Compared { of, is, to } => self.compared(of, *is, to),
            Filter::SameMember { of, to, level } => self.same_member(of, to, level.as_ref()),
            Filter::Has(field) => self.has(field),
            Filter::Any(parts) => Ok(Test::Any(several(parts)?)),
            Filter::All(parts) => Ok(Test::All(several(parts)?)),
            Filter::Not(part) => Ok(Test::Not(Box::new(self.test(part, depth + 1)?))),
        }
    }

    fn compared(&self, of: &Key, is: Relation, to: &Key) -> Result<Test, MetricError> {
        let ((left, of), (right, to)) = (self.amount(of)?, self.amount(to)?);
        if of.unit != to.unit || of.quantum != to.quantum {
            return Err(MetricError::NotComparable {
                metric: self.metric.clone(),
                left: of.key.clone(),
                right: to.key.clone(),
            });
        }
        Ok(Test::Compared { left, is, right })
    }

    fn same_member(&self, of: &Key, to: &Key, level: Option<&Key>) -> Result<Test, MetricError> {
        let column = |field: &Key| {
            let found = self.kind.place(field.as_str());
            found.ok_or_else(|| self.unknown("dimension", field))
        };
        let (left, right) = (column(of)?, column(to)?);
        let space = self.schema.space();
        let dimension = self.kind.dimension(space, left);
        if self.kind.dimensions[left] != self.kind.dimensions[right] {
            return Err(MetricError::MixedDimensions {
                metric: self.metric.clone(),
                field: to.clone(),
                first: dimension.key().clone(),
                second: self.kind.dimension(space, right).key().clone(),
            });
        }
        let level = level.unwrap_or_else(|| dimension.leaf_level());
        let level = dimension
            .level(level.as_str())
            .map_err(|error| MetricError::Space {
                place: format!("metric `{}`", self.metric),
                error,
            })?;
        let rollup = dimension.rollup(level).into();
        Ok(Test::SameMember {
            left,
            right,
            rollup,
        })
    }

    fn text(&self, field: &Key, any_of: &[Key]) -> Result<Test, MetricError> {
        let column = self
            .kind
            .attribute(field.as_str())
            .ok_or_else(|| self.unknown("attribute", field))?;
        let known = &self.kind.definition.attributes[column].values;
        for value in any_of {
            if !known.is_empty() && !known.contains(value) {
                let (name, nearest, known) = unknown(value.as_str(), known.iter().map(Key::as_str));
                return Err(MetricError::UnknownValue {
                    metric: self.metric.clone(),
                    field: field.clone(),
                    name,
                    nearest,
                    known,
                });
            }
        }
        Ok(Test::Text {
            column,
            any_of: Texted::AnyOf(any_of.to_vec()),
        })
    }

    fn place(&self, dimension: &Key, any_of: &[Key]) -> Result<Test, MetricError> {
        let column = self
            .kind
            .place(dimension.as_str())
            .ok_or_else(|| self.unknown("dimension", dimension))?;
        let dimension = self.kind.dimension(self.schema.space(), column);
        let wrong = |error| MetricError::Space {
            place: format!("metric `{}`", self.metric),
            error,
        };
        let mut accepts = vec![false; dimension.placements()];
        for key in any_of {
            let member = dimension.member(key.as_str()).map_err(wrong)?;
            if member == MemberId::UNASSIGNED {
                // Its own placement is the first one; ancestors that are missing are not meant.
                accepts[0] = true;
                continue;
            }
            if let Some(level) = dimension.level_of(member) {
                for (answer, ancestor) in accepts.iter_mut().zip(dimension.rollup(level)) {
                    *answer |= *ancestor == member;
                }
            }
        }
        Ok(Test::Place { column, accepts })
    }

    fn has(&self, field: &Key) -> Result<Test, MetricError> {
        let name = field.as_str();
        if let Some(column) = self.kind.attribute(name) {
            return Ok(Test::Text {
                column,
                any_of: Texted::Present,
            });
        }
        let any = |source| Test::Range {
            source,
            low: NO_AMOUNT + 1,
            high: i64::MAX,
        };
        if let Some(at) = self.kind.measure(name) {
            return Ok(any(Source::Whole(at)));
        }
        if let Some(at) = self.kind.date(name) {
            let column = self.happened(at);
            return Ok(any(Source::Days {
                from: column,
                to: column,
            }));
        }
        let column = self
            .kind
            .place(name)
            .ok_or_else(|| self.unknown("field", field))?;
        let dimension = self.kind.dimension(self.schema.space(), column);
        let mut accepts = vec![true; dimension.placements()];
        accepts[0] = false;
        Ok(Test::Place { column, accepts })
    }
}

/// One bit for each of several filters.
pub(super) type Mask = u16;

/// Up to sixteen filters over one table: a mask for each record.
pub(super) struct Bits {
    /// The bits of a record that meets every condition.
    all: Mask,
    texts: Vec<(usize, Vec<Mask>)>,
    places: Vec<(usize, Vec<Mask>)>,
    rest: Vec<(u8, Test)>,
    left_out: LeftOut,
    /// By part of a record, where some are shared.
    parts: Option<[Mask; 4]>,
    /// Whether a row passes only if none before it of the same record and subject does; that is seen to by who asks.
    pub(super) is_each: bool,
}

/// One of several filters: its bit, its conditions, and which parts of shared records pass.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) bit: u8,
    pub(super) tests: &'a [Test],
    pub(super) credited: Credited,
}

/// Which parts of shared records pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Credited {
    /// Each record once, with its first sharer.
    Once,
    /// Each record once in every row in which it has a sharer.
    Each,
    /// All shares.
    Shares,
    /// What stands beside them.
    Overlay,
}

impl Credited {
    /// For a figure of single records.
    pub(super) fn recording(of: &Selection) -> Self {
        match (of.credit, of.shared) {
            (CreditUse::Booked, Sharing::First) => Self::Once,
            (CreditUse::Booked, Sharing::Each | Sharing::Fraction) => Self::Each,
            (CreditUse::Overlay, _) => Self::Overlay,
        }
    }

    /// For something that adds up, which knows weights.
    pub(super) fn adding(of: &Selection) -> Self {
        match (of.credit, of.shared) {
            (CreditUse::Booked, Sharing::Fraction) => Self::Shares,
            _ => Self::recording(of),
        }
    }

    /// For something that takes shares of records or asks whether they are there.
    pub(super) fn valuing(of: &Selection) -> Self {
        match of.credit {
            CreditUse::Booked => Self::Shares,
            CreditUse::Overlay => Self::Overlay,
        }
    }

    /// For the days between records: each once in every row.
    pub(super) fn each(of: &Selection) -> Self {
        match of.credit {
            CreditUse::Booked => Self::Each,
            CreditUse::Overlay => Self::Overlay,
        }
    }

    /// For a sum of this value: the days between two dates and the whole amount are the record's own and no sharer's part.
    pub(super) fn summing(source: Source) -> fn(&Selection) -> Self {
        match source {
            Source::Days { .. } | Source::Whole(_) => Self::adding,
            Source::Amount(_) | Source::Day(_) => Self::valuing,
        }
    }

    /// For single values of this sort.
    pub(super) fn drawing(source: Source) -> fn(&Selection) -> Self {
        match source {
            Source::Days { .. } | Source::Whole(_) => Self::recording,
            Source::Amount(_) | Source::Day(_) => Self::valuing,
        }
    }

    pub(super) fn passes(self, part: Part) -> bool {
        match (self, part) {
            (Self::Once | Self::Each | Self::Shares, Part::Whole | Part::Lead)
            | (Self::Each | Self::Shares, Part::Share)
            | (Self::Overlay, Part::Overlay) => true,
            (Self::Once, Part::Share)
            | (Self::Once | Self::Each | Self::Shares, Part::Overlay)
            | (Self::Overlay, Part::Whole | Part::Lead | Part::Share) => false,
        }
    }
}

impl Bits {
    /// `filters` are the bits and their conditions; other bits are never set.
    pub(super) fn bind(filters: &[Asked<'_>], table: &Table, left_out: &LeftOut) -> Self {
        let mut bound = Self {
            all: 0,
            texts: Vec::new(),
            places: Vec::new(),
            rest: Vec::new(),
            left_out: LeftOut {
                reversed: left_out.reversed && !table.standings.is_empty(),
                ..left_out.clone()
            },
            parts: None,
            is_each: matches!(filters, [asked] if asked.credited == Credited::Each)
                && !table.parts.is_empty(),
        };
        let every = [Part::Whole, Part::Lead, Part::Share, Part::Overlay];
        let mut parts = [0; 4];
        for Asked {
            bit,
            tests,
            credited,
        } in filters
        {
            bound.all |= 1 << bit;
            for test in *tests {
                bound.add(*bit, test, table);
            }
            for part in every {
                parts[part as usize] |= Mask::from(credited.passes(part)) << bit;
            }
        }
        // Where nothing is shared, every record is whole.
        if !table.parts.is_empty() || parts[Part::Whole as usize] != bound.all {
            bound.parts = Some(parts);
        }
        bound
    }

    fn add(&mut self, bit: u8, test: &Test, table: &Table) {
        let (columns, column, accepts) = match test {
            Test::Text { column, any_of } => (
                &mut self.texts,
                *column,
                &any_of.accepts(&table.texts[*column]),
            ),
            Test::Place { column, accepts } => (&mut self.places, *column, accepts),
            other => {
                self.rest.push((bit, other.clone()));
                return;
            }
        };
        let at = columns
            .iter()
            .position(|(known, _)| *known == column)
            .unwrap_or_else(|| {
                columns.push((column, vec![Mask::MAX; accepts.len()]));
                columns.len() - 1
            });
        for (known, accepts) in columns[at].1.iter_mut().zip(accepts) {
            if !accepts {
                *known &= !(1 << bit);
            }
        }
    }

    /// The mask of one row.
    pub(super) fn one(&self, table: &Table, row: usize) -> Mask {
        let mut found = [0];
        self.evaluate(table, row, &mut found, &mut [false]);
        found[0]
    }

    /// Whether a row is left out whatever its conditions.
    pub(super) fn leaves_out(&self, table: &Table, row: usize) -> bool {
        let own = &self.left_out;
        let gone = table.standing(row) != Standing::Stands && !contains(&own.still, row);
        own.reversed && gone || contains(&own.apart, row)
    }

    pub(super) fn evaluate(
        &self,
        table: &Table,
        from: usize,
        found: &mut [Mask],
        scratch: &mut [bool],
    ) {
        let rows = from..from + found.len();
        found.fill(self.all);
        for (column, accepts) in &self.texts {
            for (code, bits) in table.texts[*column].codes[rows.clone()]
                .iter()
                .zip(&mut *found)
            {
                *bits &= accepts[*code as usize];
            }
        }
        for (column, accepts) in &self.places {
            for (place, bits) in table.places[*column][rows.clone()].iter().zip(&mut *found) {
                *bits &= accepts[place.index()];
            }
        }
        for (bit, test) in &self.rest {
            let answers = &mut scratch[..found.len()];
            test.evaluate(table, from, answers);
            for (answer, bits) in answers.iter().zip(&mut *found) {
                *bits &= !(Mask::from(!*answer) << bit);
            }
        }
        if let Some(parts) = &self.parts {
            for (row, bits) in rows.clone().zip(&mut *found) {
                *bits &= parts[table.part(row) as usize];
            }
        }
        if self.left_out.reversed {
            for (row, bits) in rows.clone().zip(&mut *found) {
                if table.standing(row) != Standing::Stands && !contains(&self.left_out.still, row) {
                    *bits = 0;
                }
            }
        }
        let apart = &self.left_out.apart;
        let first = apart.partition_point(|row| (*row as usize) < rows.start);
        for row in apart[first..]
            .iter()
            .take_while(|row| (**row as usize) < rows.end)
        {
            found[*row as usize - rows.start] = 0;
        }
    }
}

/// Which rows a filter leaves out whatever its conditions; none by default.
#[derive(Debug, Clone, Default)]
pub(super) struct LeftOut {
    /// Those that are reversed or reverse, but for those that stand `still`.
    pub(super) reversed: bool,
    /// The rows that are reversed only after the as-of day, ascending.
    pub(super) still: Arc<[u32]>,
    /// Those that are looked at apart, ascending.
    pub(super) apart: Arc<[u32]>,
}

/// The rows of a table that are reversed, but only after a day: as of it they stand. Ascending.
pub(super) fn still_standing(table: &Table, as_of: Option<NaiveDate>) -> Arc<[u32]> {
    let Some(as_of) = as_of.map(|day| day.num_days_from_ce()) else {
        return Arc::from([]);
    };
    let reversals = table.reversals.iter();
    let later = reversals.filter(|(reversal, _)| table.days[**reversal as usize] > as_of);
    let mut rows: Vec<u32> = later.map(|(_, original)| *original).collect();
    rows.sort_unstable();
    rows.into()
}

/// Whether a row is one of some that are ascending.
pub(super) fn contains(rows: &[u32], row: usize) -> bool {
    u32::try_from(row).is_ok_and(|row| rows.binary_search(&row).is_ok())
}

/// What a filter does with records that are reversed or reverse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standings {
    Leave,
    Take,
}

/// Whether records add up, by weights if need be, or each is looked at by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Taken {
    Added,
    Single,
}
