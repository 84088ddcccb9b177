//! The records of one kind that still say that something happened, read field by field. One that several people share is one
//! record: its amounts are the whole of them, its sharer the one who is named first.

use std::cmp::Ordering;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use rust_decimal::Decimal;

use super::compiled::Kind;
use super::error::LedgerError;
use super::ledger::{Ledger, date};
use super::{
    absent::{NO_AMOUNT, NO_DAY},
    table::{Standing, Table},
};
use crate::key::{Key, unknown};
use crate::measure::Unit;
use crate::space::{Dimension, MemberId};

/// The standing records of one kind: neither reversals nor what they take back.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Extract<'a> {
    ledger: &'a Ledger,
    kind: &'a Kind,
    table: &'a Table,
}

/// A field that holds a name: a member or a text.
#[derive(Debug, Clone, Copy)]
pub(crate) enum NameField<'a> {
    Member(&'a Dimension, usize),
    Text(usize),
}

/// A field that holds an amount.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AmountField(usize);

/// A field that holds a day.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DayField(usize);

impl<'a> Extract<'a> {
    /// Returns the records of a kind.
    ///
    /// # Errors
    /// [`LedgerError::UnknownKind`].
    pub(crate) fn new(ledger: &'a Ledger, kind: &str) -> Result<Self, LedgerError> {
        let at = ledger.schema.kind_index(kind)?;
        let (Some(compiled), Some(table)) =
            (ledger.schema.compiled().get(at), ledger.tables.get(at))
        else {
            let (name, nearest, known) = unknown(kind, []);
            return Err(LedgerError::UnknownKind {
                name,
                nearest,
                known,
            });
        };
        Ok(Self {
            ledger,
            kind: compiled,
            table,
        })
    }

    /// Returns the field that names a member or carries a text.
    ///
    /// # Errors
    /// [`LedgerError::UnknownField`] with the nearest known one.
    pub(crate) fn name(&self, field: &Key) -> Result<NameField<'a>, LedgerError> {
        if let Some(at) = self.kind.place(field.as_str()) {
            let dimension = self.kind.dimension(self.ledger.schema.space(), at);
            return Ok(NameField::Member(dimension, at));
        }
        let text = self.kind.attribute(field.as_str());
        text.map(NameField::Text).ok_or_else(|| {
            let definition = &self.kind.definition;
            let members = definition.dimensions.iter().map(|known| &known.field);
            let texts = definition.attributes.iter().map(|known| &known.field);
            self.unknown("member or attribute", field, members.chain(texts))
        })
    }

    /// Returns the field that holds an amount, with its unit.
    ///
    /// # Errors
    /// [`LedgerError::UnknownField`] with the nearest known one.
    pub(crate) fn amount(&self, field: &Key) -> Result<(AmountField, &'a Unit), LedgerError> {
        let Some(at) = self.kind.measure(field.as_str()) else {
            let known = self.kind.definition.measures.iter();
            return Err(self.unknown("amount", field, known.map(|known| &known.measure)));
        };
        let measure = self.kind.measured(self.ledger.schema.measures(), at);
        Ok((AmountField(at), &measure.unit))
    }

    /// Returns the field that holds a day.
    ///
    /// # Errors
    /// [`LedgerError::UnknownField`] with the nearest known one.
    pub(crate) fn day_field(&self, field: &Key) -> Result<DayField, LedgerError> {
        let at = self.kind.date(field.as_str());
        at.map(DayField).ok_or_else(|| {
            let known = self.kind.definition.dates.iter();
            self.unknown("date", field, known.map(|known| &known.field))
        })
    }

    fn unknown<'k>(
        &self,
        what: &'static str,
        field: &Key,
        known: impl Iterator<Item = &'k Key>,
    ) -> LedgerError {
        let (name, nearest, known) = unknown(field.as_str(), known.map(Key::as_str));
        LedgerError::UnknownField {
            kind: self.kind.key().clone(),
            what,
            name,
            nearest,
            known,
        }
    }

    /// Compares what two records say, so that the order of entry says nothing.
    fn compare(&self, left: usize, right: usize) -> Ordering {
        let (table, all) = (self.table, Ordering::Equal);
        let places = table.places.iter();
        let places = places.map(|column| column.get(left).cmp(&column.get(right)));
        let amounts = table.amounts.iter();
        let amounts = amounts.map(|column| column.units.get(left).cmp(&column.units.get(right)));
        let texts = table.texts.iter().map(|column| {
            let text = |row: usize| column.codes.get(row).and_then(|code| column.value(*code));
            text(left).cmp(&text(right))
        });
        let dates = table.dates.iter();
        let dates = dates.map(|column| column.get(left).cmp(&column.get(right)));
        let mut parts = places.chain(amounts).chain(texts).chain(dates);
        parts.find(|part| part.is_ne()).unwrap_or(all)
    }

    /// Returns the standing records in the order of their instants and sequence numbers, then of their ids, then of what
    /// they say.
    pub(crate) fn rows(&self) -> Vec<Found<'a>> {
        let mut rows: Vec<usize> = (0..self.table.len())
            .filter(|row| match self.table.standing(*row) {
                Standing::Stands => !self.table.continues(*row),
                Standing::Reversed | Standing::Reversal => false,
            })
            .collect();
        rows.sort_by(|left, right| {
            let moment = |row: usize| {
                let day = self.table.days.get(row).copied();
                (day, self.table.time(row), self.table.sequence(row))
            };
            moment(*left)
                .cmp(&moment(*right))
                .then_with(|| self.table.id(*left).cmp(&self.table.id(*right)))
                .then_with(|| self.compare(*left, *right))
        });
        let found = rows.into_iter().map(|row| Found {
            extract: *self,
            row,
        });
        found.collect()
    }
}

/// One standing record.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Found<'a> {
    extract: Extract<'a>,
    row: usize,
}

impl<'a> Found<'a> {
    pub(crate) fn id(&self) -> Option<&'a Key> {
        self.extract.table.id(self.row)
    }

    pub(crate) fn day(&self) -> NaiveDate {
        let day = self.extract.table.days.get(self.row);
        day.copied().map(date).unwrap_or_default()
    }

    pub(crate) fn instant(&self) -> NaiveDateTime {
        let time = self.extract.table.time(self.row);
        let time =
            NaiveTime::from_num_seconds_from_midnight_opt(time / 1000, time % 1000 * 1_000_000);
        self.day().and_time(time.unwrap_or_default())
    }

    pub(crate) fn sequence(&self) -> u64 {
        self.extract.table.sequence(self.row)
    }

    /// Returns the name in a field; nothing where none is given.
    pub(crate) fn name(&self, field: NameField<'a>) -> Option<&'a Key> {
        match field {
            NameField::Member(dimension, at) => {
                let place = self.extract.table.places.get(at)?.get(self.row)?;
                let member = dimension.member_of(*place);
                (member != MemberId::UNASSIGNED).then(|| dimension.key_of(member))
            }
            NameField::Text(at) => {
                let texts = self.extract.table.texts.get(at)?;
                texts.value(*texts.codes.get(self.row)?)
            }
        }
    }

    /// Returns the amount in a field, in quanta of its measure: that of the whole record, however it is shared.
    pub(crate) fn units(&self, field: AmountField) -> Option<i64> {
        let amounts = self.extract.table.amounts.get(field.0)?;
        let units = amounts.wholes().get(self.row).copied()?;
        (units != NO_AMOUNT).then_some(units)
    }

    /// Returns the amount in a field.
    pub(crate) fn decimal(&self, field: AmountField) -> Option<Decimal> {
        let units = self.units(field)?;
        let measures = self.extract.ledger.schema.measures();
        Some(self.extract.kind.quantum(measures, field.0).amount(units))
    }

    /// Returns the day in a field.
    pub(crate) fn date(&self, field: DayField) -> Option<NaiveDate> {
        let number = self.extract.table.dates.get(field.0)?.get(self.row)?;
        (*number != NO_DAY).then(|| date(*number))
    }
}

/// Returns records in the order of time with their place in it; those of one instant and sequence number share a place.
pub(crate) fn ranked(rows: Vec<Found<'_>>) -> Vec<(u64, Found<'_>)> {
    let mut place = 0;
    let mut last = None;
    let ranked = rows.into_iter().map(|row| {
        let moment = (row.instant(), row.sequence());
        if last.is_some_and(|last| last != moment) {
            place += 1;
        }
        last = Some(moment);
        (place, row)
    });
    ranked.collect()
}

/// Gives names to what its source did not name: by content, so that the order of entry says nothing.
pub(crate) fn numbered<T: Ord>(kind: &Key, items: Vec<(Option<Key>, T)>) -> Vec<(Key, T)> {
    let mut named = Vec::with_capacity(items.len());
    let mut unnamed = Vec::new();
    for (id, item) in items {
        match id {
            Some(id) => named.push((id, item)),
            None => unnamed.push(item),
        }
    }
    unnamed.sort();
    for (number, item) in unnamed.into_iter().enumerate() {
        // A kind's name is a key; shortened, there is room for a number behind it.
        let short: String = kind.as_str().chars().take(40).collect();
        if let Ok(id) = Key::new(format!("{}#{}", short.trim_end(), number + 1)) {
            named.push((id, item));
        }
    }
    named
}
