//! The records of one source.

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveTime};
use serde::{Deserialize, Serialize};

use super::credit::{Credit, Part};
use super::error::LedgerError;
use super::kind::{Privacy, Timing};
use super::later::{Afterwards, erased_id};
use super::record::Record;
use super::schema::Schema;
use super::{
    absent::{NO_AMOUNT, NO_DAY},
    table::{Standing, Table},
};
use crate::document::Version;
use crate::key::{Key, unknown};
use crate::quantity::{Number, Ratio};
use crate::space::{DimensionDef, MemberId, Space};

/// The records of one source.
///
/// ```
/// use quotaflow::calendar::DayRange;
/// use quotaflow::ledger::{Ledger, Need, Record, RecordKind, Schema};
/// use quotaflow::measure::{Measure, Measures};
/// use quotaflow::quantity::Quantum;
/// use quotaflow::space::{DimensionDef, Space};
/// use rust_decimal::Decimal;
/// let space = Space::new(vec![DimensionDef::flat("person", "person", ["ann", "bo"])?])?;
/// let measures = Measures::new(vec![Measure::flow("sales", "money:EUR".parse()?, Quantum::CENT)?])?;
/// let order = RecordKind::new("order")?.of("person")?.measuring("sales", Need::Required)?;
/// let span = DayRange::new("2026-01-01".parse()?, "2027-01-01".parse()?)?;
/// let mut ledger = Ledger::new("crm", Schema::new(space, measures, vec![order], span)?)?;
///
/// let won = Record::new("order", "2026-03-14".parse()?).id("SO-1").of("person", "ann").amount("sales", Decimal::TEN);
/// assert_eq!(ledger.enter(&[won.clone()])?.added, 1);
/// assert_eq!(ledger.enter(&[won.clone()])?.repeated, 1);
/// let error = ledger.enter(&[won.id("SO-2").of("person", "anne")]).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "record 0 (`SO-2`): person: dimension `person` has no member `anne`; did you mean `ann`?"
/// );
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "LedgerDef", into = "LedgerDef")]
pub struct Ledger {
    pub(super) key: Key,
    pub(super) schema: Schema,
    pub(super) tables: Vec<Table>,
    pub(super) ids: BTreeMap<Key, (usize, usize)>,
    pub(super) later: Afterwards,
}

impl Ledger {
    /// The most records of one kind.
    pub const MAX_RECORDS: usize = super::bounds::MAX_RECORDS;

    /// Returns a ledger without records. Its key names the source: what is folded from it is told apart by this name.
    ///
    /// # Errors
    /// [`LedgerError::Key`] if the name cannot be a key.
    pub fn new(key: &str, schema: Schema) -> Result<Self, LedgerError> {
        Ok(Self::named(Key::new(key)?, schema))
    }

    /// Returns an empty ledger of this name.
    pub(crate) fn named(key: Key, schema: Schema) -> Self {
        let tables = schema.compiled().iter().map(Table::new).collect();
        Self {
            key,
            schema,
            tables,
            ids: BTreeMap::new(),
            later: Afterwards::default(),
        }
    }

    /// Returns the name of the source.
    #[must_use]
    pub fn key(&self) -> &Key {
        &self.key
    }

    /// Returns what the records may say.
    #[must_use]
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Returns how many records there are, of all kinds, with what takes back or settles others.
    #[must_use]
    pub fn len(&self) -> usize {
        let records = |table: &Table| table.records_before(table.len());
        self.tables.iter().map(records).sum::<usize>() + self.later.list.len()
    }

    /// Says whether there is no record.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tables.iter().all(|table| table.len() == 0)
    }

    /// Returns the records, kind by kind in declared order, each kind in the order of entry; then applications and what takes back
    /// a part of a record or an application, in the order of entry.
    pub fn records(&self) -> impl Iterator<Item = Record> + '_ {
        self.tables
            .iter()
            .enumerate()
            .flat_map(move |(kind, table)| {
                (0..table.len())
                    .filter(|row| !table.continues(*row))
                    .map(move |row| self.record(kind, row))
            })
            .chain(self.said())
    }

    /// Returns the record with this id.
    ///
    /// # Errors
    /// [`LedgerError::UnknownRecord`].
    pub fn find(&self, id: &str) -> Result<Record, LedgerError> {
        if let Some((kind, row)) = self.ids.get(id) {
            return Ok(self.record(*kind, *row));
        }
        if let Some(at) = self.later.ids.get(id) {
            return Ok(self.said_at(*at));
        }
        let known = self.ids.keys().chain(self.later.ids.keys());
        let (name, nearest, known) = unknown(id, known.map(Key::as_str));
        Err(LedgerError::UnknownRecord {
            name,
            nearest,
            known,
        })
    }

    /// Places every record anew in another version of the space, which must know every member that is used.
    ///
    /// Members may be added, and history corrected: each record takes the place that its member has in the new space on
    /// the record's day.
    ///
    /// # Errors
    /// [`LedgerError::Space`] for a member or dimension that is gone; the ledger is then unchanged.
    pub fn rebase(&mut self, space: Space) -> Result<(), LedgerError> {
        let schema = self.schema.in_space(space)?;
        let mut placed = Vec::with_capacity(self.tables.len());
        let kinds = self.schema.compiled().iter().zip(schema.compiled());
        for ((old, new), table) in kinds.zip(&self.tables) {
            let mut columns = Vec::with_capacity(table.places.len());
            for (at, column) in table.places.iter().enumerate() {
                let before = old.dimension(self.schema.space(), at);
                let after = new.dimension(schema.space(), at);
                let mut known: Vec<Option<MemberId>> = vec![None; before.len()];
                let mut moved = Vec::with_capacity(column.len());
                for (row, place) in column.iter().enumerate() {
                    let member = before.member_of(*place);
                    let slot = &mut known[member.index()];
                    let member = match *slot {
                        Some(found) => found,
                        None => *slot.insert(after.member(before.key_of(member).as_str())?),
                    };
                    moved.push(after.placement(member, date(table.days[row])));
                }
                columns.push(moved);
            }
            placed.push(columns);
        }
        self.schema = schema;
        for (table, columns) in self.tables.iter_mut().zip(placed) {
            table.places = columns;
        }
        Ok(())
    }

    /// Takes a person out of the ledger: the member gets the name `alias` and no title, and every personal text of its
    /// records is blanked, with their ids. All sums and counts stay, at every level, and what was reversed stays reversed: such a
    /// record has a number for its id.
    ///
    /// The host does the same to its own sources: an id that is gone can no longer catch a repeated import.
    ///
    /// # Errors
    /// [`LedgerError::Space`] for an unknown dimension or member, [`LedgerError::AliasInUse`], [`LedgerError::Key`].
    pub fn erase(&mut self, dimension: &str, member: &str, alias: &str) -> Result<(), LedgerError> {
        let space = self.schema.space();
        let target = space.id(dimension)?;
        let erased = space.own(target).member(member)?;
        let (old, new) = (space.own(target).key_of(erased).clone(), Key::new(alias)?);
        if erased == MemberId::UNASSIGNED || space.own(target).member(alias).is_ok() {
            return Err(LedgerError::AliasInUse {
                dimension: space.own(target).key().clone(),
                member: old,
                alias: new,
            });
        }
        let definitions: Vec<DimensionDef> = space
            .iter()
            .map(|known| {
                let mut definition = known.definition().clone();
                if known.key() == space.own(target).key() {
                    rename(&mut definition, &old, &new);
                }
                definition
            })
            .collect();
        let schema = self.schema.in_space(Space::new(definitions)?)?;
        // Members keep their order and history, so that placements keep their numbers.
        let mut number = 0_u64;
        let (ids, later) = (&mut self.ids, &mut self.later);
        for (index, (kind, table)) in self
            .schema
            .compiled()
            .iter()
            .zip(&mut self.tables)
            .enumerate()
        {
            let fields: Vec<usize> = (0..kind.dimensions.len())
                .filter(|at| kind.dimensions[*at] == target)
                .collect();
            let starts: Vec<usize> = (0..table.len())
                .filter(|row| !table.continues(*row))
                .collect();
            for start in starts {
                // What one of its sharers is erased from is blanked in all rows of the record.
                let rows = table.rows_of(start);
                let dimension = self.schema.space().own(target);
                let is_of = |row: usize| {
                    fields
                        .iter()
                        .any(|at| dimension.member_of(table.places[*at][row]) == erased)
                };
                if !rows.clone().any(is_of) {
                    continue;
                }
                for row in rows {
                    for (attribute, texts) in
                        kind.definition.attributes.iter().zip(&mut table.texts)
                    {
                        if attribute.privacy == Privacy::Personal {
                            texts.codes[row] = 0;
                        }
                    }
                    if let Some(id) = table.ids.get_mut(row).and_then(Option::take) {
                        ids.remove(&id);
                    }
                }
                if table.standing(start) == Standing::Reversed || later.names((index, start)) {
                    // What takes it back or settles it names it.
                    let is_used = |id: &Key| ids.contains_key(id) || later.ids.contains_key(id);
                    let id = erased_id(&mut number, is_used)?;
                    table.ids[start] = Some(id.clone());
                    ids.insert(id, (index, start));
                }
                later.erase((index, start), &mut number, ids)?;
            }
        }
        self.schema = schema;
        Ok(())
    }

    pub(crate) fn tables(&self) -> &[Table] {
        &self.tables
    }

    pub(crate) fn record(&self, kind: usize, row: usize) -> Record {
        let (compiled, table) = (&self.schema.compiled()[kind], &self.tables[kind]);
        let definition = &compiled.definition;
        let mut record = Record::new(compiled.key().as_str(), date(table.days[row]));
        record.id = table.id(row).map(|id| id.as_str().to_owned());
        record.sequence = table.sequence(row);
        if definition.timing == Timing::Instant {
            let time = table.time(row);
            record.time =
                NaiveTime::from_num_seconds_from_midnight_opt(time / 1000, time % 1000 * 1_000_000);
        }
        let original = u32::try_from(row)
            .ok()
            .and_then(|row| table.reversals.get(&row));
        if let Some(id) = original.and_then(|original| table.id(*original as usize)) {
            record.reverses = Some(id.as_str().to_owned());
            return record;
        }
        let shared = table.part(row) != Part::Whole;
        if shared {
            record.credits = self.credits(kind, row);
        }
        for (at, field) in definition.dimensions.iter().enumerate() {
            if shared && compiled.credit == Some(at) {
                continue;
            }
            let dimension = compiled.dimension(self.schema.space(), at);
            let member = dimension.member_of(table.places[at][row]);
            if member != MemberId::UNASSIGNED {
                record = record.of(field.field.as_str(), dimension.key_of(member).as_str());
            }
        }
        let foreign = table.foreign(row);
        record.currency = foreign.map(|foreign| foreign.currency);
        for (at, field) in definition.measures.iter().enumerate() {
            let units = table.booked(at, row);
            let given = foreign.and_then(|foreign| foreign.amounts.get(at).copied().flatten());
            if let Some(given) = given {
                record
                    .amounts
                    .insert(field.measure.as_str().to_owned(), given);
            } else if units != NO_AMOUNT && !field.is_derived() {
                let amount = compiled.quantum(self.schema.measures(), at).amount(units);
                record
                    .amounts
                    .insert(field.measure.as_str().to_owned(), Number::from(amount));
            }
        }
        for (field, texts) in definition.attributes.iter().zip(&table.texts) {
            if let Some(text) = texts.value(texts.codes[row]) {
                record = record.attribute(field.field.as_str(), text.as_str());
            }
        }
        for (field, days) in definition.dates.iter().zip(&table.dates) {
            if days[row] != NO_DAY {
                record = record.date(field.field.as_str(), date(days[row]));
            }
        }
        record
    }
}

impl Ledger {
    /// Who shares the record that begins at a row.
    fn credits(&self, kind: usize, row: usize) -> Vec<Credit> {
        let (compiled, table) = (&self.schema.compiled()[kind], &self.tables[kind]);
        let Some(at) = compiled.credit else {
            return Vec::new();
        };
        let dimension = compiled.dimension(self.schema.space(), at);
        let credit = |row: usize| {
            let member = dimension.key_of(dimension.member_of(table.places[at][row]));
            let share = table.share(row).unwrap_or(Ratio::ONE);
            match table.part(row) {
                Part::Overlay => Credit::overlay(member.as_str(), share),
                Part::Whole | Part::Lead | Part::Share => Credit::split(member.as_str(), share),
            }
        };
        table.rows_of(row).map(credit).collect()
    }
}

/// Records are entered with days that exist.
pub(crate) fn date(number: i32) -> NaiveDate {
    NaiveDate::from_num_days_from_ce_opt(number).unwrap_or_default()
}

fn rename(definition: &mut DimensionDef, old: &Key, new: &Key) {
    for member in &mut definition.members {
        if member.key == *old {
            member.key = new.clone();
            member.title = crate::text::Texts::default();
        }
    }
    for hierarchy in &mut definition.hierarchies {
        for link in &mut hierarchy.links {
            for end in [&mut link.member, &mut link.parent] {
                if end == old {
                    *end = new.clone();
                }
            }
        }
    }
}

impl PartialEq for Ledger {
    fn eq(&self, other: &Self) -> bool {
        // Columns of zeros and of nothing may be left out, so that records are compared and not columns.
        self.key == other.key
            && self.schema == other.schema
            && self.later == other.later
            && self.tables.iter().zip(&other.tables).all(|(left, right)| {
                // Each share is looked at as a row of its own, with its own places.
                left.len() == right.len()
                    && (0..left.len()).all(|row| left.row(row, None) == right.row(row, None))
            })
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LedgerDef {
    #[serde(default)]
    version: Version<1>,
    key: Key,
    schema: Schema,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    records: Vec<Record>,
}

impl TryFrom<LedgerDef> for Ledger {
    type Error = LedgerError;

    fn try_from(definition: LedgerDef) -> Result<Self, LedgerError> {
        let mut ledger = Self::new(definition.key.as_str(), definition.schema)?;
        ledger.enter_written(&definition.records)?;
        Ok(ledger)
    }
}

impl From<Ledger> for LedgerDef {
    fn from(ledger: Ledger) -> Self {
        Self {
            version: Version::default(),
            key: ledger.key.clone(),
            schema: ledger.schema.clone(),
            records: ledger.records().collect(),
        }
    }
}
