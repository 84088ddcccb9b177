//! Entry of whole columns, for hosts that have them.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};

use super::absent::{NO_AMOUNT, NO_DAY};
use super::compiled::Kind;
use super::entry::Entered;
use super::entry::{countable, refuse_unknown};
use super::error::{LedgerError, Refusal};
use super::kind::{AttributeField, Need, Timing};
use super::ledger::Ledger;
use super::record::Record;
use super::table::{Amounts, Table, Texts};
use crate::key::{Key, unknown};
use crate::measure::Currency;
use crate::space::{MemberId, Placement};

/// Records of one kind, column by column: whole counts, numbers of members and coded texts.
///
/// ```
/// # use quotaflow::calendar::DayRange;
/// # use quotaflow::ledger::{Bulk, Ledger, Need, RecordKind, Schema};
/// # use quotaflow::measure::{Measure, Measures};
/// # use quotaflow::quantity::Quantum;
/// # use quotaflow::space::{DimensionDef, Space};
/// # let space = Space::new(vec![DimensionDef::flat("person", "person", ["ann", "bo"])?])?;
/// # let measures = Measures::new(vec![Measure::flow("sales", "money:EUR".parse()?, Quantum::CENT)?])?;
/// # let order = RecordKind::new("order")?.of("person")?.measuring("sales", Need::Required)?;
/// # let span = DayRange::new("2026-01-01".parse()?, "2027-01-01".parse()?)?;
/// let mut ledger = Ledger::new("erp", Schema::new(space, measures, vec![order], span)?)?;
/// let person = ledger.schema().space().dimension("person")?;
/// let people = vec![person.member("ann")?, person.member("bo")?];
/// let days = vec!["2026-01-05".parse()?, "2026-01-06".parse()?];
/// let orders = Bulk::new("order", days).members("person", people).units("sales", vec![1050, 2000]);
/// assert_eq!(ledger.enter_columns(orders)?.added, 2);
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Bulk {
    kind: String,
    days: Vec<NaiveDate>,
    times: Option<Vec<u32>>,
    ids: Vec<Key>,
    sequences: Vec<u64>,
    currencies: Vec<Option<Currency>>,
    members: BTreeMap<String, Vec<MemberId>>,
    units: BTreeMap<String, Vec<i64>>,
    texts: BTreeMap<String, (Vec<Key>, Vec<u32>)>,
    dates: BTreeMap<String, Vec<Option<NaiveDate>>>,
}

impl Bulk {
    /// The amount that stands for a missing one.
    pub const NO_AMOUNT: i64 = NO_AMOUNT;

    /// Returns records of a kind on these days that have nothing else.
    #[must_use]
    pub fn new(kind: impl Into<String>, days: Vec<NaiveDate>) -> Self {
        Self {
            kind: kind.into(),
            days,
            ..Self::default()
        }
    }

    /// Gives the times of the day, in milliseconds since midnight.
    #[must_use]
    pub fn at(mut self, times: Vec<u32>) -> Self {
        self.times = Some(times);
        self
    }

    /// Gives the ids.
    #[must_use]
    pub fn ids(mut self, ids: Vec<Key>) -> Self {
        self.ids = ids;
        self
    }

    /// Gives the order among records of the same instant.
    #[must_use]
    pub fn sequences(mut self, sequences: Vec<u64>) -> Self {
        self.sequences = sequences;
        self
    }

    /// Names members by their numbers in the ledger's space; [`MemberId::UNASSIGNED`] for none.
    #[must_use]
    pub fn members(mut self, field: impl Into<String>, members: Vec<MemberId>) -> Self {
        self.members.insert(field.into(), members);
        self
    }

    /// Gives the currency in which each record's amounts of money are; none for that of their measures. The amounts are
    /// then counts of the measure's quantum in that currency: with a quantum of 0.01, 1050 is 10.50 of any currency.
    #[must_use]
    pub fn currencies(mut self, currencies: Vec<Option<Currency>>) -> Self {
        self.currencies = currencies;
        self
    }

    /// Gives amounts in whole quanta of their measure; [`Bulk::NO_AMOUNT`] for none.
    #[must_use]
    pub fn units(mut self, measure: impl Into<String>, units: Vec<i64>) -> Self {
        self.units.insert(measure.into(), units);
        self
    }

    /// Gives texts: the values, and for each record the position of its value from 1, or 0 for none.
    #[must_use]
    pub fn texts(mut self, field: impl Into<String>, values: Vec<Key>, codes: Vec<u32>) -> Self {
        self.texts.insert(field.into(), (values, codes));
        self
    }

    /// Gives further days.
    #[must_use]
    pub fn dates(mut self, field: impl Into<String>, days: Vec<Option<NaiveDate>>) -> Self {
        self.dates.insert(field.into(), days);
        self
    }
}

/// A refusal and the row at which it was met.
pub(super) struct At(pub(super) usize, pub(super) Box<Refusal>);

impl At {
    pub(super) fn new(row: usize, refusal: Refusal) -> Self {
        Self(row, Box::new(refusal))
    }
}

impl Ledger {
    /// Enters whole columns, or nothing if any record is refused.
    ///
    /// # Errors
    /// [`LedgerError::UnknownKind`], [`LedgerError::Ragged`]; [`LedgerError::Refused`] with the place of the first
    /// record that is refused in the first column that has one.
    pub fn enter_columns(&mut self, bulk: Bulk) -> Result<Entered, LedgerError> {
        let index = self.schema.kind_index(&bulk.kind)?;
        let ids = bulk.ids.clone();
        let (added, dropped) = {
            let kind = &self.schema.compiled()[index];
            self.ragged(&bulk)?;
            let named = |At(row, refusal): At| LedgerError::Refused {
                row,
                id: ids.get(row).map(|id| id.as_str().to_owned()),
                refusal,
            };
            let added = self.columns(kind, bulk).map_err(named)?;
            let dropped = self.repeated(index, &added).map_err(named)?;
            (added, dropped)
        };
        let count = added.len();
        if dropped.is_empty() {
            let before = self.tables[index].len();
            for (row, id) in ids.into_iter().enumerate() {
                self.ids.insert(id, (index, before + row));
            }
            self.tables[index].append(added);
        } else {
            let compiled = &self.schema.compiled()[index];
            let (timed, credit) = (
                compiled.definition.timing == Timing::Instant,
                compiled.credit,
            );
            for row in 0..count {
                if dropped.binary_search(&row).is_err() {
                    let row = added.row(row, credit);
                    if let Some(id) = &row.id {
                        self.ids
                            .insert(id.clone(), (index, self.tables[index].len()));
                    }
                    self.tables[index].push(row, timed, credit);
                }
            }
        }
        Ok(Entered {
            added: count - dropped.len(),
            repeated: dropped.len(),
        })
    }

    fn ragged(&self, bulk: &Bulk) -> Result<(), LedgerError> {
        let expected = bulk.days.len();
        let check = |column: &str, found: usize| {
            if found == expected {
                return Ok(());
            }
            Err(LedgerError::Ragged {
                column: column.to_owned(),
                expected,
                found,
            })
        };
        let optional = |column: &str, found: usize| {
            if found == 0 {
                Ok(())
            } else {
                check(column, found)
            }
        };
        if let Some(times) = &bulk.times {
            check("time", times.len())?;
        }
        optional("id", bulk.ids.len())?;
        optional("sequence", bulk.sequences.len())?;
        optional("currency", bulk.currencies.len())?;
        for (field, column) in &bulk.members {
            check(field, column.len())?;
        }
        for (field, column) in &bulk.units {
            check(field, column.len())?;
        }
        for (field, (_, column)) in &bulk.texts {
            check(field, column.len())?;
        }
        for (field, column) in &bulk.dates {
            check(field, column.len())?;
        }
        let room = Self::MAX_RECORDS - self.tables[self.schema.kind_index(&bulk.kind)?].len();
        if expected > room {
            let (what, limit) = ("records of one kind", Self::MAX_RECORDS);
            return Err(LedgerError::TooMany {
                what,
                count: expected,
                limit,
            });
        }
        Ok(())
    }

    fn columns(&self, kind: &Kind, mut bulk: Bulk) -> Result<Table, At> {
        let definition = &kind.definition;
        let count = bulk.days.len();
        refuse_fields(kind, &bulk).map_err(|refusal| At::new(0, refusal))?;
        let missing = |row: usize, field: &str| {
            At::new(
                row,
                Refusal::Missing {
                    kind: kind.key().clone(),
                    field: field.to_owned(),
                },
            )
        };

        let mut table = Table {
            days: self.days(&bulk.days)?,
            ..Table::default()
        };
        table.times = times(kind, bulk.times.take(), count)?;
        if let Some(row) = bulk
            .sequences
            .iter()
            .position(|number| *number > Record::MAX_SEQUENCE)
        {
            return Err(At::new(
                row,
                Refusal::Sequence {
                    sequence: bulk.sequences[row],
                },
            ));
        }
        table.sequences = std::mem::take(&mut bulk.sequences);
        table.ids = std::mem::take(&mut bulk.ids)
            .into_iter()
            .map(Some)
            .collect();
        for (at, field) in definition.dimensions.iter().enumerate() {
            let column = bulk.members.remove(field.field.as_str());
            if column.is_none() && field.need == Need::Required && count > 0 {
                return Err(missing(0, field.field.as_str()));
            }
            table
                .places
                .push(self.placements(kind, at, column, &bulk.days)?);
        }
        let mut columns = Vec::with_capacity(definition.measures.len());
        for field in &definition.measures {
            let column = bulk.units.remove(field.measure.as_str());
            let of = field.exchange.as_ref().and_then(|known| known.of.as_ref());
            if let (Some(_), Some(of)) = (&column, of) {
                let (field, of) = (field.measure.clone(), of.clone());
                return Err(At::new(0, Refusal::Restated { field, of }));
            }
            let column = column.unwrap_or_else(|| vec![NO_AMOUNT; count]);
            let lacking = column.iter().position(|units| *units == NO_AMOUNT);
            if let (Need::Required, None, Some(row)) = (field.need, of, lacking) {
                return Err(missing(row, field.measure.as_str()));
            }
            columns.push(column);
        }
        table.foreign = self.exchange_columns(kind, &bulk.days, &bulk.currencies, &mut columns)?;
        table.amounts = columns.into_iter().map(Amounts::of).collect();
        for field in &definition.attributes {
            let (values, codes) = bulk
                .texts
                .remove(field.field.as_str())
                .unwrap_or_else(|| (Vec::new(), vec![0; count]));
            let texts = coded(field, &values, codes)?;
            if field.need == Need::Required
                && let Some(row) = texts.codes.iter().position(|code| *code == 0)
            {
                return Err(missing(row, field.field.as_str()));
            }
            table.texts.push(texts);
        }
        for field in &definition.dates {
            let column = bulk
                .dates
                .remove(field.field.as_str())
                .unwrap_or_else(|| vec![None; count]);
            let mut days = Vec::with_capacity(count);
            for (row, day) in column.into_iter().enumerate() {
                days.push(match day {
                    Some(day) => {
                        countable(&field.field, day).map_err(|refusal| At::new(row, refusal))?
                    }
                    None if field.need == Need::Required => {
                        return Err(missing(row, field.field.as_str()));
                    }
                    None => NO_DAY,
                });
            }
            table.dates.push(days);
        }
        Ok(table)
    }

    fn days(&self, days: &[NaiveDate]) -> Result<Vec<i32>, At> {
        let span = self.schema.span();
        let mut numbers = Vec::with_capacity(days.len());
        for (row, day) in days.iter().enumerate() {
            if !span.contains(*day) {
                let (from, to) = (span.start(), span.end());
                return Err(At::new(
                    row,
                    Refusal::OutsideSpan {
                        day: *day,
                        from,
                        to,
                    },
                ));
            }
            numbers.push(day.num_days_from_ce());
        }
        Ok(numbers)
    }

    fn placements(
        &self,
        kind: &Kind,
        at: usize,
        column: Option<Vec<MemberId>>,
        days: &[NaiveDate],
    ) -> Result<Vec<Placement>, At> {
        let dimension = kind.dimension(self.schema.space(), at);
        let Some(column) = column else {
            return Ok(vec![Placement::UNASSIGNED; days.len()]);
        };
        let mut places = Vec::with_capacity(column.len());
        for (row, (member, day)) in column.into_iter().zip(days).enumerate() {
            if member.index() >= dimension.len() {
                let field = kind.definition.dimensions[at].field.clone();
                let number = u32::try_from(member.index()).unwrap_or(u32::MAX);
                let last = dimension.len().saturating_sub(1);
                let refusal = Refusal::NoSuchNumber {
                    field,
                    number,
                    last,
                };
                return Err(At::new(row, refusal));
            }
            let field = &kind.definition.dimensions[at];
            if member == MemberId::UNASSIGNED && field.need == Need::Required {
                return Err(At::new(
                    row,
                    Refusal::Missing {
                        kind: kind.key().clone(),
                        field: field.field.to_string(),
                    },
                ));
            }
            places.push(dimension.placement(member, *day));
        }
        Ok(places)
    }

    /// The rows that are in the ledger already, word for word.
    fn repeated(&self, index: usize, added: &Table) -> Result<Vec<usize>, At> {
        let credit = self.schema.compiled()[index].credit;
        let mut dropped = Vec::new();
        let mut own: BTreeMap<&Key, usize> = BTreeMap::new();
        for (row, id) in added.ids.iter().enumerate() {
            let Some(id) = id else { continue };
            if self.later.ids.contains_key(id) {
                return Err(At::new(row, Refusal::IdInUse));
            }
            let same = match (self.ids.get(id), own.get(id)) {
                (Some((kind, at)), _) => {
                    *kind == index && self.row(*kind, *at) == added.row(row, credit)
                }
                (None, Some(first)) => added.row(*first, credit) == added.row(row, credit),
                (None, None) => {
                    own.insert(id, row);
                    continue;
                }
            };
            if !same {
                return Err(At::new(row, Refusal::IdInUse));
            }
            dropped.push(row);
        }
        Ok(dropped)
    }
}

fn refuse_fields(kind: &Kind, bulk: &Bulk) -> Result<(), Refusal> {
    let definition = &kind.definition;
    refuse_unknown(kind, "member", bulk.members.keys(), || {
        definition
            .dimensions
            .iter()
            .map(|field| &field.field)
            .collect()
    })?;
    refuse_unknown(kind, "amount", bulk.units.keys(), || {
        definition
            .measures
            .iter()
            .map(|field| &field.measure)
            .collect()
    })?;
    refuse_unknown(kind, "attribute", bulk.texts.keys(), || {
        definition
            .attributes
            .iter()
            .map(|field| &field.field)
            .collect()
    })?;
    refuse_unknown(kind, "date", bulk.dates.keys(), || {
        definition.dates.iter().map(|field| &field.field).collect()
    })
}

fn times(kind: &Kind, times: Option<Vec<u32>>, count: usize) -> Result<Vec<u32>, At> {
    match (kind.definition.timing, times) {
        (Timing::Day, None) => Ok(Vec::new()),
        (Timing::Day, Some(_)) => Err(At::new(
            0,
            Refusal::Untimed {
                kind: kind.key().clone(),
            },
        )),
        (Timing::Instant, None) if count == 0 => Ok(Vec::new()),
        (Timing::Instant, None) => {
            let field = "time".to_owned();
            Err(At::new(
                0,
                Refusal::Missing {
                    kind: kind.key().clone(),
                    field,
                },
            ))
        }
        (Timing::Instant, Some(times)) => match times.iter().position(|time| *time >= 86_400_000) {
            Some(row) => Err(At::new(
                row,
                Refusal::TimeOutOfRange {
                    milliseconds: times[row],
                },
            )),
            None => Ok(times),
        },
    }
}

fn coded(field: &AttributeField, values: &[Key], codes: Vec<u32>) -> Result<Texts, At> {
    let mut texts = Texts::default();
    for known in &field.values {
        texts.learn(known);
    }
    let mut known = vec![0];
    for value in values {
        if !field.values.is_empty() && texts.code(value.as_str()).is_none() {
            let all = field.values.iter().map(Key::as_str);
            let (name, nearest, listed) = unknown(value.as_str(), all);
            return Err(At::new(
                codes
                    .iter()
                    .position(|code| *code as usize == known.len())
                    .unwrap_or(0),
                Refusal::UnknownValue {
                    field: field.field.clone(),
                    name,
                    nearest,
                    known: listed,
                },
            ));
        }
        known.push(texts.learn(value));
    }
    let unknown = codes.iter().position(|code| *code as usize >= known.len());
    if let Some(row) = unknown {
        let (field, number) = (field.field.clone(), codes[row]);
        let last = known.len().saturating_sub(1);
        let refusal = Refusal::NoSuchNumber {
            field,
            number,
            last,
        };
        return Err(At::new(row, refusal));
    }
    texts.codes = codes;
    for code in &mut texts.codes {
        *code = known[*code as usize];
    }
    Ok(texts)
}
