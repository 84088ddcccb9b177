//! Entry: records are checked one by one against the schema and enter as a whole, or as far as they are good.

use std::cell::Cell;
use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate, NaiveTime, Timelike};

use super::account::Account;
use super::compiled::Kind;
use super::credit::{self, PartRow};
use super::error::{LedgerError, Refusal};
use super::kind::{Need, Timing};
use super::later::{Later, Spot};
use super::ledger::{Ledger, date};
use super::record::Record;
use super::table::Table;
use super::{
    absent::{NO_AMOUNT, NO_DAY},
    table::{Foreign, Row},
};
use crate::key::{Key, Known, unknown};
use crate::measure::{Measure, Unit};
use crate::space::{Dimension, SpaceError};

/// What a batch has done: how many records are new, and how many were there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Entered {
    /// How many records are new.
    pub added: usize,
    /// How many were there already, with the same content.
    pub repeated: usize,
}

/// One record that was refused.
#[derive(Debug, Clone, PartialEq)]
pub struct Refused {
    /// Its place in the batch, the first being 0.
    pub row: usize,
    /// Its id, if it has one.
    pub id: Option<String>,
    /// Why.
    pub refusal: Refusal,
}

/// What a batch has done of which only the good records have entered.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Report {
    /// What has entered.
    pub entered: Entered,
    /// What was refused, in the order of the batch.
    pub refused: Vec<Refused>,
}

/// Checked records on their way in.
pub(super) struct Pending {
    pub(super) rows: Vec<(usize, Row)>,
    /// Where each of them will stand in the table of its kind.
    pub(super) positions: Vec<usize>,
    pub(super) ids: BTreeMap<Key, usize>,
    /// The next free row of each kind.
    next: Vec<usize>,
    /// (kind, row) of what this batch takes back as a whole, and the day.
    pub(super) reversed: BTreeMap<(usize, u32), i32>,
    pub(super) later: Vec<Later>,
    pub(super) later_ids: BTreeMap<Key, usize>,
    /// Of the records of which this batch says something.
    pub(super) accounts: BTreeMap<Spot, Account>,
    /// By record, the applications of this batch that name it.
    pub(super) naming: BTreeMap<Spot, Vec<usize>>,
    /// By application, the day on which this batch takes it back.
    pub(super) unapplied: BTreeMap<usize, i32>,
    /// Whether it is a ledger that was written, which was checked as it came to be.
    pub(super) is_written: bool,
    hints: Hints,
}

/// For how many more unknown members and records the nearest known name is looked for, which takes a look at all of them.
struct Hints(Cell<usize>);

impl Hints {
    /// Enough for somebody who reads them; thousands would take longer than the whole entry.
    const FULL: usize = 100;

    /// Takes one of them, if any is left.
    fn spend(&self) -> bool {
        let left = self.0.get().checked_sub(1);
        left.inspect(|left| self.0.set(*left)).is_some()
    }

    fn unknown(&self, dimension: &Dimension, name: &str) -> SpaceError {
        if self.spend()
            && let Err(error) = dimension.member(name)
        {
            return error;
        }
        SpaceError::UnknownMember {
            dimension: dimension.key().clone(),
            name: name.to_owned(),
            nearest: None,
            known: dimension.known(),
        }
    }
}

impl Ledger {
    /// Enters all records, or none if one of them is refused.
    ///
    /// A record whose id is there already with the same content changes nothing.
    ///
    /// # Errors
    /// [`LedgerError::Refused`] for the first record that is refused, with its place in the batch.
    pub fn enter(&mut self, records: &[Record]) -> Result<Entered, LedgerError> {
        self.enter_all(self.pending(), records)
    }

    /// The same of a ledger that was written: its records in the order of its tables, what takes them back as a whole among them.
    pub(super) fn enter_written(&mut self, records: &[Record]) -> Result<Entered, LedgerError> {
        let mut pending = self.pending();
        pending.is_written = true;
        self.enter_all(pending, records)
    }

    fn enter_all(
        &mut self,
        mut pending: Pending,
        records: &[Record],
    ) -> Result<Entered, LedgerError> {
        let mut entered = Entered::default();
        for (row, record) in records.iter().enumerate() {
            match self.check(record, &mut pending) {
                Ok(Fate::Added) => entered.added += 1,
                Ok(Fate::Repeated) => entered.repeated += 1,
                Err(refusal) => {
                    let (id, refusal) = (record.id.clone(), Box::new(refusal));
                    return Err(LedgerError::Refused { row, id, refusal });
                }
            }
        }
        self.commit(pending);
        Ok(entered)
    }

    /// Enters every good record and reports what was refused. The nearest known member or record is named in the first hundred
    /// refusals of unknown ones.
    ///
    /// A record that reverses a refused one is refused too.
    pub fn enter_good(&mut self, records: &[Record]) -> Report {
        let mut pending = self.pending();
        let mut report = Report::default();
        for (row, record) in records.iter().enumerate() {
            match self.check(record, &mut pending) {
                Ok(Fate::Added) => report.entered.added += 1,
                Ok(Fate::Repeated) => report.entered.repeated += 1,
                Err(refusal) => {
                    report.refused.push(Refused {
                        row,
                        id: record.id.clone(),
                        refusal,
                    });
                }
            }
        }
        self.commit(pending);
        report
    }

    fn pending(&self) -> Pending {
        Pending {
            rows: Vec::new(),
            positions: Vec::new(),
            ids: BTreeMap::new(),
            next: self.tables.iter().map(Table::len).collect(),
            reversed: BTreeMap::new(),
            later: Vec::new(),
            later_ids: BTreeMap::new(),
            accounts: BTreeMap::new(),
            naming: BTreeMap::new(),
            unapplied: BTreeMap::new(),
            is_written: false,
            hints: Hints(Cell::new(Hints::FULL)),
        }
    }

    fn commit(&mut self, pending: Pending) {
        let taken_back = pending.reversed.keys();
        let taken_back = taken_back
            .map(|(kind, row)| (*kind, *row as usize))
            .collect();
        for (kind, row) in pending.rows {
            let table = &mut self.tables[kind];
            if let Some(id) = &row.id {
                self.ids.insert(id.clone(), (kind, table.len()));
            }
            let compiled = &self.schema.compiled()[kind];
            let timed = compiled.definition.timing == Timing::Instant;
            table.push(row, timed, compiled.credit);
        }
        self.say(pending.later, &taken_back);
    }

    fn check(&self, record: &Record, pending: &mut Pending) -> Result<Fate, Refusal> {
        let names_later = record
            .reverses
            .as_ref()
            .is_some_and(|of| self.later_at(of, pending).is_some());
        let in_part = record.reverses.is_some() && !record.amounts.is_empty();
        if record.applies.is_some() || names_later || in_part {
            return self.check_later(record, pending);
        }
        let (kind, row) = match &record.reverses {
            Some(original) => self.reversal(record, original, pending)?,
            None => self.ordinary(record, &pending.hints)?,
        };
        if let Some(id) = &row.id {
            let known = match pending.ids.get(id) {
                Some(at) => Some((pending.rows[*at].0, pending.rows[*at].1.clone())),
                None => self
                    .ids
                    .get(id)
                    .map(|(kind, at)| (*kind, self.row(*kind, *at))),
            };
            if let Some(known) = known {
                let same = known == (kind, row);
                return if same {
                    Ok(Fate::Repeated)
                } else {
                    Err(Refusal::IdInUse)
                };
            }
            if self.later_at(id.as_str(), pending).is_some() {
                return Err(Refusal::IdInUse);
            }
        }
        let rows = 1 + row.others.len();
        if pending.next[kind] + rows > Self::MAX_RECORDS {
            return Err(Refusal::Full);
        }
        if let Some(original) = row.reverses {
            let spot = (kind, original as usize);
            let id = || record.reverses.clone().unwrap_or_default();
            if self.gone_since(spot, Some(pending)).is_some() {
                return Err(Refusal::AlreadyReversed { id: id() });
            }
            let last = self.last_part(spot, pending);
            if let Some(later) = last.filter(|last| *last > row.day) {
                return Err(Refusal::TakenBackLater {
                    id: id(),
                    day: record.day,
                    later: date(later),
                });
            }
            pending.reversed.insert((kind, original), row.day);
            self.keep_reversed(spot, row.day, pending);
        }
        pending.positions.push(pending.next[kind]);
        pending.next[kind] += rows;
        if let Some(id) = &row.id {
            pending.ids.insert(id.clone(), pending.rows.len());
        }
        pending.rows.push((kind, row));
        Ok(Fate::Added)
    }

    /// The same as what it reverses with every amount turned, on its own day.
    fn reversal(
        &self,
        record: &Record,
        original: &str,
        pending: &Pending,
    ) -> Result<(usize, Row), Refusal> {
        let empty = record.members.is_empty()
            && record.amounts.is_empty()
            && record.attributes.is_empty()
            && record.dates.is_empty()
            && record.currency.is_none()
            && record.credits.is_empty();
        if !empty {
            return Err(Refusal::ReversalWithContent);
        }
        let missing = || self.unknown_record(original, pending);
        let ((kind, at), row) = self.find_row(original, pending).ok_or_else(missing)?;
        if row.reverses.is_some() {
            return Err(Refusal::AlreadyReversed {
                id: original.to_owned(),
            });
        }
        let day = self.day(record.day)?;
        if day < row.day {
            return Err(Refusal::ReversedBefore {
                day: record.day,
                id: original.to_owned(),
                of: NaiveDate::from_num_days_from_ce_opt(row.day).unwrap_or_default(),
            });
        }
        let compiled = &self.schema.compiled()[kind];
        self.is_of_kind(kind, original, record)?;
        let time = if record.time.is_none() && compiled.definition.timing == Timing::Instant {
            row.time
        } else {
            milliseconds(record.time, compiled)?
        };
        let turned = |amounts: &[i64]| -> Vec<i64> {
            let turn = |units: &i64| match *units {
                NO_AMOUNT => NO_AMOUNT,
                units => -units,
            };
            amounts.iter().map(turn).collect()
        };
        let mut others = row.others.clone();
        for other in &mut others {
            other.amounts = turned(&other.amounts);
        }
        let reversal = Row {
            others,
            day,
            time,
            sequence: sequence(record.sequence)?,
            id: id(record)?,
            amounts: turned(&row.amounts),
            reverses: u32::try_from(at).ok(),
            foreign: None,
            ..row
        };
        Ok((kind, reversal))
    }

    pub(super) fn unknown_record(&self, id: &str, pending: &Pending) -> Refusal {
        let said = self.later.ids.keys().chain(pending.later_ids.keys());
        let ids = self.ids.keys().chain(pending.ids.keys()).chain(said);
        let ids = ids.map(Key::as_str);
        let (entered, said) = (&self.ids, &self.later.ids);
        let count = [
            entered.len(),
            pending.ids.len(),
            said.len(),
            pending.later_ids.len(),
        ];
        // As for members: all of them are looked at for the first refusals only.
        let nearest = if pending.hints.spend() {
            unknown(id, ids.clone()).1
        } else {
            None
        };
        Refusal::UnknownRecord {
            name: id.to_owned(),
            nearest,
            known: Known::of(ids, count.iter().sum()),
        }
    }

    /// A record of this id, with its kind and the row at which it begins or will begin.
    pub(super) fn find_row(&self, id: &str, pending: &Pending) -> Option<(Spot, Row)> {
        if let Some(place) = pending.ids.get(id) {
            let (kind, row) = &pending.rows[*place];
            return Some(((*kind, pending.positions[*place]), row.clone()));
        }
        let (kind, at) = *self.ids.get(id)?;
        Some(((kind, at), self.row(kind, at)))
    }

    fn ordinary(&self, record: &Record, hints: &Hints) -> Result<(usize, Row), Refusal> {
        let index = self.schema.kind_index(&record.kind).map_err(|error| {
            let LedgerError::UnknownKind {
                name,
                nearest,
                known,
            } = error
            else {
                let (name, nearest, known) = unknown(&record.kind, []);
                return Refusal::UnknownKind {
                    name,
                    nearest,
                    known,
                };
            };
            Refusal::UnknownKind {
                name,
                nearest,
                known,
            }
        })?;
        let kind = &self.schema.compiled()[index];
        let day = self.day(record.day)?;
        let time = milliseconds(record.time, kind)?;
        let (sequence, id) = (sequence(record.sequence)?, id(record)?);
        let places = self.places(record, kind, hints)?;
        let (amounts, foreign) = self.amounts(record, kind)?;
        let row = Row {
            day,
            time,
            sequence,
            id,
            places,
            amounts,
            texts: texts(record, kind)?,
            dates: dates(record, kind)?,
            reverses: None,
            foreign,
            share: None,
            others: Vec::new(),
        };
        let row = if record.credits.is_empty() {
            row
        } else {
            self.shared(record, kind, row, hints)?
        };
        Ok((index, row))
    }

    /// The record as its first share, with the rows of the others.
    fn shared(
        &self,
        record: &Record,
        kind: &Kind,
        mut row: Row,
        hints: &Hints,
    ) -> Result<Row, Refusal> {
        let Some(at) = kind.credit else {
            return Err(Refusal::NotCredited {
                kind: kind.key().clone(),
            });
        };
        let field = &kind.definition.dimensions[at].field;
        if record.members.contains_key(field.as_str()) {
            return Err(Refusal::CreditAndMember {
                field: field.clone(),
            });
        }
        // Shares stand before what is beside them, whatever the order in which they were given.
        let mut credits = record.credits.clone();
        credits.sort_by_key(|credit| credit.kind);
        credit::check(&credits)?;
        let dimension = kind.dimension(self.schema.space(), at);
        let measures: Vec<&Measure> = (0..row.amounts.len())
            .map(|at| kind.measured(self.schema.measures(), at))
            .collect();
        let parts = credit::split(&credits, &row.amounts, &measures)?;
        for (number, (credit, amounts)) in credits.iter().zip(parts).enumerate() {
            let member = dimension.find(&credit.member);
            let member = member.ok_or_else(|| Refusal::Member {
                field: field.clone(),
                error: hints.unknown(dimension, &credit.member),
            })?;
            let place = dimension.placement(member, record.day);
            let part = credit::part_of(&credits, number);
            if number == 0 {
                row.places[at] = place;
                row.amounts = amounts;
                row.share = Some((part, credit.share));
            } else {
                row.others.push(PartRow {
                    place,
                    beside: Vec::new(),
                    part,
                    share: credit.share,
                    amounts,
                });
            }
        }
        Ok(row)
    }

    pub(super) fn row(&self, kind: usize, at: usize) -> Row {
        self.tables[kind].row(at, self.schema.compiled()[kind].credit)
    }

    pub(super) fn day(&self, day: NaiveDate) -> Result<i32, Refusal> {
        let span = self.schema.span();
        if self.schema.holds(day) {
            Ok(day.num_days_from_ce())
        } else {
            Err(Refusal::OutsideSpan {
                day,
                from: span.start(),
                to: span.end(),
            })
        }
    }

    fn places(
        &self,
        record: &Record,
        kind: &Kind,
        hints: &Hints,
    ) -> Result<Vec<crate::space::Placement>, Refusal> {
        let fields = &kind.definition.dimensions;
        refuse_unknown(kind, "member", record.members.keys(), || {
            fields.iter().map(|field| &field.field).collect()
        })?;
        let mut places = Vec::with_capacity(fields.len());
        for (at, field) in fields.iter().enumerate() {
            let named = record.members.get(field.field.as_str());
            let shared = kind.credit == Some(at) && !record.credits.is_empty();
            let dimension = kind.dimension(self.schema.space(), at);
            let member = match named {
                Some(name) => dimension.find(name).ok_or_else(|| Refusal::Member {
                    field: field.field.clone(),
                    error: hints.unknown(dimension, name),
                })?,
                None => crate::space::MemberId::UNASSIGNED,
            };
            // To name nobody is not to name anybody.
            if member == crate::space::MemberId::UNASSIGNED
                && field.need == Need::Required
                && !shared
            {
                return Err(missing(kind, field.field.as_str()));
            }
            places.push(dimension.placement(member, record.day));
        }
        Ok(places)
    }

    /// The amounts in quanta of their measures, and those that the record gave in a currency of its own.
    pub(super) fn amounts(
        &self,
        record: &Record,
        kind: &Kind,
    ) -> Result<(Vec<i64>, Option<Foreign>), Refusal> {
        let fields = &kind.definition.measures;
        refuse_unknown(kind, "amount", record.amounts.keys(), || {
            fields.iter().map(|field| &field.measure).collect()
        })?;
        let mut amounts = vec![NO_AMOUNT; fields.len()];
        let mut given = vec![None; fields.len()];
        for (at, field) in fields.iter().enumerate() {
            let of = field.exchange.as_ref().and_then(|known| known.of.as_ref());
            let Some(amount) = record.amounts.get(field.measure.as_str()) else {
                if field.need == Need::Required && of.is_none() {
                    return Err(missing(kind, field.measure.as_str()));
                }
                continue;
            };
            if let Some(of) = of {
                return Err(Refusal::Restated {
                    field: field.measure.clone(),
                    of: of.clone(),
                });
            }
            let measure = kind.measured(self.schema.measures(), at);
            if let (Unit::Money(own), Some(found)) = (&measure.unit, record.currency)
                && *own != found
            {
                if field.exchange.is_none() {
                    return Err(Refusal::CurrencyMismatch {
                        field: field.measure.clone(),
                        amount: amount.decimal(),
                        found,
                        expected: measure.unit.clone(),
                    });
                }
                given[at] = Some(*amount);
                continue;
            }
            let units = measure
                .quantum
                .units(amount.decimal())
                .and_then(|units| representable(units, amount.decimal(), measure.quantum))
                .map_err(|error| Refusal::Amount {
                    field: field.measure.clone(),
                    error,
                })?;
            amounts[at] = units;
        }
        let is_foreign = given.iter().any(Option::is_some);
        let foreign = record.currency.filter(|_| is_foreign);
        let foreign = foreign.map(|currency| Foreign {
            currency,
            amounts: given,
        });
        self.exchange(kind, record.day, &mut amounts, foreign.as_ref())?;
        Ok((amounts, foreign))
    }
}

pub(super) enum Fate {
    Added,
    Repeated,
}

/// The smallest 64-bit number stands for a missing amount and cannot be turned, so that it is out of range.
pub(super) fn representable(
    units: i64,
    amount: rust_decimal::Decimal,
    quantum: crate::quantity::Quantum,
) -> Result<i64, crate::quantity::QuantityError> {
    if units == NO_AMOUNT {
        return Err(crate::quantity::QuantityError::OutOfRange { amount, quantum });
    }
    Ok(units)
}

pub(super) fn missing(kind: &Kind, field: &str) -> Refusal {
    Refusal::Missing {
        kind: kind.key().clone(),
        field: field.to_owned(),
    }
}

pub(super) fn refuse_unknown<'a, 'b>(
    kind: &Kind,
    what: &'static str,
    names: impl Iterator<Item = &'a String>,
    known: impl Fn() -> Vec<&'b Key>,
) -> Result<(), Refusal> {
    for name in names {
        let known = known();
        if !known.iter().any(|field| **field == *name.as_str()) {
            let (name, nearest, known) = unknown(name, known.iter().map(|field| field.as_str()));
            return Err(Refusal::UnknownField {
                kind: kind.key().clone(),
                what,
                name,
                nearest,
                known,
            });
        }
    }
    Ok(())
}

pub(super) fn texts(record: &Record, kind: &Kind) -> Result<Vec<Option<Key>>, Refusal> {
    let fields = &kind.definition.attributes;
    refuse_unknown(kind, "attribute", record.attributes.keys(), || {
        fields.iter().map(|field| &field.field).collect()
    })?;
    let mut texts = Vec::with_capacity(fields.len());
    for field in fields {
        let Some(value) = record.attributes.get(field.field.as_str()) else {
            if field.need == Need::Required {
                return Err(missing(kind, field.field.as_str()));
            }
            texts.push(None);
            continue;
        };
        let known = field.values.iter().find(|known| known.as_str() == value);
        let text = match known {
            Some(known) => known.clone(),
            None if field.values.is_empty() => Key::new(value).map_err(|error| Refusal::Text {
                field: field.field.to_string(),
                error,
            })?,
            None => {
                let (name, nearest, known) = unknown(value, field.values.iter().map(Key::as_str));
                return Err(Refusal::UnknownValue {
                    field: field.field.clone(),
                    name,
                    nearest,
                    known,
                });
            }
        };
        texts.push(Some(text));
    }
    Ok(texts)
}

pub(super) fn dates(record: &Record, kind: &Kind) -> Result<Vec<i32>, Refusal> {
    let fields = &kind.definition.dates;
    refuse_unknown(kind, "date", record.dates.keys(), || {
        fields.iter().map(|field| &field.field).collect()
    })?;
    let mut dates = Vec::with_capacity(fields.len());
    for field in fields {
        match record.dates.get(field.field.as_str()) {
            Some(day) => dates.push(countable(&field.field, *day)?),
            None if field.need == Need::Required => {
                return Err(missing(kind, field.field.as_str()));
            }
            None => dates.push(NO_DAY),
        }
    }
    Ok(dates)
}

/// The number of a day in the years 1 to 9999.
pub(super) fn countable(field: &Key, day: NaiveDate) -> Result<i32, Refusal> {
    if (1..=9999).contains(&day.year()) {
        Ok(day.num_days_from_ce())
    } else {
        Err(Refusal::DayOutOfRange {
            field: field.clone(),
            day,
        })
    }
}

pub(super) fn milliseconds(time: Option<NaiveTime>, kind: &Kind) -> Result<u32, Refusal> {
    match (kind.definition.timing, time) {
        (Timing::Day, None) => Ok(0),
        (Timing::Day, Some(_)) => Err(Refusal::Untimed {
            kind: kind.key().clone(),
        }),
        (Timing::Instant, None) => Err(missing(kind, "time")),
        (Timing::Instant, Some(time)) => {
            let nanos = time.nanosecond();
            if nanos % 1_000_000 != 0 || nanos >= 1_000_000_000 {
                return Err(Refusal::TimeTooFine);
            }
            Ok(time.num_seconds_from_midnight() * 1000 + nanos / 1_000_000)
        }
    }
}

pub(super) fn sequence(sequence: u64) -> Result<u64, Refusal> {
    if sequence > Record::MAX_SEQUENCE {
        return Err(Refusal::Sequence { sequence });
    }
    Ok(sequence)
}

pub(super) fn id(record: &Record) -> Result<Option<Key>, Refusal> {
    let Some(id) = &record.id else {
        return Ok(None);
    };
    let named = Key::new(id).map_err(|error| Refusal::Text {
        field: "id".to_owned(),
        error,
    })?;
    Ok(Some(named))
}
