//! Kinds of records, as data, and the schema that they form with a space and its measures.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::rate::{checked, table_at};
use super::{Exchange, LedgerError, RateTable};
use crate::calendar::DayRange;
use crate::document::Version;
use crate::key::{Key, nearest};
use crate::measure::{Additivity, Currency, Measure, MeasureId, Measures, Unit};
use crate::quantity::{Quantum, Rounding};
use crate::space::{Dimension, DimensionId, Space};

/// Whether every record of a kind must have a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Need {
    /// It may be missing, which is not the same as zero. The default.
    #[default]
    Optional,
    /// A record without it is refused.
    Required,
}

/// How exactly a kind of record is placed in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Timing {
    /// By its day. The default.
    #[default]
    Day,
    /// By its day and a time of that day, to the millisecond, which every record must then have.
    Instant,
}

/// A member that a record names. A record that names none belongs to the unassigned member.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DimensionField {
    /// The name of the field: the dimension's own, or the part that the member plays (`seen_in`, `sold_by`).
    pub field: Key,
    /// The dimension; the one called like the field where none is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dimension: Option<Key>,
    /// Whether it must be named.
    #[serde(default)]
    pub need: Need,
}

impl DimensionField {
    /// Returns the key of the dimension.
    #[must_use]
    pub fn dimension(&self) -> &Key {
        self.dimension.as_ref().unwrap_or(&self.field)
    }
}

/// An amount that a record has, in quanta of its measure.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MeasureField {
    /// The measure; it adds up (a flow or a stock) or is a rating.
    pub measure: Key,
    /// Whether it must be given.
    #[serde(default)]
    pub need: Need,
    /// How amounts in other currencies become the measure's; they are refused where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exchange: Option<Exchange>,
}

impl MeasureField {
    /// Whether it follows from another field and is never given.
    pub(crate) fn is_derived(&self) -> bool {
        self.exchange
            .as_ref()
            .is_some_and(|known| known.of.is_some())
    }
}

/// A short text that a record carries: an outcome, a cause, a channel, a lot.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttributeField {
    /// The name of the field.
    pub field: Key,
    /// The texts that it may be; any where there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<Key>,
    /// Whether it must be given.
    #[serde(default)]
    pub need: Need,
    /// Whether it tells something of a person, so that erasing the person blanks it.
    #[serde(default, skip_serializing_if = "Privacy::is_public")]
    pub privacy: Privacy,
}

/// Whether a text tells something of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Privacy {
    /// It does not. The default.
    #[default]
    Public,
    /// It does: it is blanked where the person is erased.
    Personal,
}

impl Privacy {
    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "the form that serde asks for"
    )]
    fn is_public(&self) -> bool {
        *self == Self::Public
    }
}

/// A further day that a record carries: due, settled, valid until.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DateField {
    /// The name of the field. `day` is every record's own.
    pub field: Key,
    /// Whether it must be given.
    #[serde(default)]
    pub need: Need,
}

/// A kind of record, as data: an order, a visit, a payment, or a user's own.
///
/// ```
/// use quotaflow::ledger::{Need, RecordKind};
/// let order = RecordKind::new("order")?
///     .of("person")?
///     .of("customer")?
///     .measuring("sales", Need::Required)?
///     .noting("outcome", &["won", "lost"])?
///     .dating("due")?;
/// assert_eq!(order.measures.len(), 1);
/// # Ok::<(), quotaflow::ledger::LedgerError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordKind {
    /// The stable name.
    pub key: Key,
    /// What it is shown as; the key where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The members that a record names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dimensions: Vec<DimensionField>,
    /// The amounts that it has.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub measures: Vec<MeasureField>,
    /// The texts that it carries.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<AttributeField>,
    /// The days that it has beside its own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dates: Vec<DateField>,
    /// How exactly it is placed in time.
    #[serde(default)]
    pub timing: Timing,
    /// The field whose members may share a record between them; see [`Credit`](super::Credit).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credit: Option<Key>,
}

impl RecordKind {
    /// Returns a kind of record that has nothing but its day.
    ///
    /// # Errors
    /// [`LedgerError::Key`] if the name cannot be a key.
    pub fn new(key: &str) -> Result<Self, LedgerError> {
        Ok(Self {
            key: Key::new(key)?,
            title: None,
            dimensions: Vec::new(),
            measures: Vec::new(),
            attributes: Vec::new(),
            dates: Vec::new(),
            timing: Timing::Day,
            credit: None,
        })
    }

    /// Adds a member of the dimension of this name.
    ///
    /// # Errors
    /// [`LedgerError::Key`].
    pub fn of(mut self, dimension: &str) -> Result<Self, LedgerError> {
        let field = Key::new(dimension)?;
        self.dimensions.push(DimensionField {
            field,
            dimension: None,
            need: Need::Optional,
        });
        Ok(self)
    }

    /// Adds a member of a dimension in a part of its own.
    ///
    /// # Errors
    /// [`LedgerError::Key`].
    pub fn playing(mut self, field: &str, dimension: &str) -> Result<Self, LedgerError> {
        let (field, dimension) = (Key::new(field)?, Some(Key::new(dimension)?));
        self.dimensions.push(DimensionField {
            field,
            dimension,
            need: Need::Optional,
        });
        Ok(self)
    }

    /// Adds an amount of a measure.
    ///
    /// # Errors
    /// [`LedgerError::Key`].
    pub fn measuring(mut self, measure: &str, need: Need) -> Result<Self, LedgerError> {
        self.measures.push(MeasureField {
            measure: Key::new(measure)?,
            need,
            exchange: None,
        });
        Ok(self)
    }

    /// Adds an amount of money that a record may give in any currency of a rate table.
    ///
    /// # Errors
    /// [`LedgerError::Key`].
    pub fn exchanging(
        mut self,
        measure: &str,
        need: Need,
        table: &str,
    ) -> Result<Self, LedgerError> {
        self.measures.push(MeasureField {
            measure: Key::new(measure)?,
            need,
            exchange: Some(Exchange {
                table: Key::new(table)?,
                of: None,
                rounding: Rounding::default(),
            }),
        });
        Ok(self)
    }

    /// Adds the amounts of the field `of` by the rates of another table, in the currency of `measure`: the same sales at
    /// constant rates, or in the group's currency.
    ///
    /// # Errors
    /// [`LedgerError::Key`].
    pub fn restating(mut self, measure: &str, of: &str, table: &str) -> Result<Self, LedgerError> {
        self.measures.push(MeasureField {
            measure: Key::new(measure)?,
            need: Need::Optional,
            exchange: Some(Exchange {
                table: Key::new(table)?,
                of: Some(Key::new(of)?),
                rounding: Rounding::default(),
            }),
        });
        Ok(self)
    }

    /// Adds a text, one of `values` where there are any.
    ///
    /// # Errors
    /// [`LedgerError::Key`].
    pub fn noting(mut self, field: &str, values: &[&str]) -> Result<Self, LedgerError> {
        let values = values.iter().map(Key::new).collect::<Result<_, _>>()?;
        self.attributes.push(AttributeField {
            field: Key::new(field)?,
            values,
            need: Need::Optional,
            privacy: Privacy::Public,
        });
        Ok(self)
    }

    /// Adds a day beside the record's own.
    ///
    /// # Errors
    /// [`LedgerError::Key`].
    pub fn dating(mut self, field: &str) -> Result<Self, LedgerError> {
        self.dates.push(DateField {
            field: Key::new(field)?,
            need: Need::Optional,
        });
        Ok(self)
    }

    /// Lets several members of a field share a record: revenue splits and overlay credit.
    ///
    /// # Errors
    /// [`LedgerError::Key`].
    pub fn credited(mut self, field: &str) -> Result<Self, LedgerError> {
        self.credit = Some(Key::new(field)?);
        Ok(self)
    }

    /// Places records of this kind by the time of the day too.
    #[must_use]
    pub fn timed(mut self) -> Self {
        self.timing = Timing::Instant;
        self
    }
}

/// A schema as a document: what a ledger's records may say.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SchemaDef {
    /// The version of the document's form.
    #[serde(default)]
    pub version: Version<1>,
    /// Who and where.
    pub space: Space,
    /// What amounts are of.
    pub measures: Measures,
    /// The kinds of records.
    pub kinds: Vec<RecordKind>,
    /// The days on which records may lie.
    pub span: DayRange,
    /// The rates by which amounts in other currencies enter.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rates: Vec<RateTable>,
}

/// A checked schema. Cloning is cheap: it is shared.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "SchemaDef", into = "SchemaDef")]
pub struct Schema(Arc<Contents>);

#[derive(Debug, PartialEq)]
struct Contents {
    space: Space,
    measures: Measures,
    kinds: Vec<Kind>,
    by_key: BTreeMap<Key, usize>,
    span: DayRange,
    rates: Vec<RateTable>,
}

/// A kind of record in its schema: fields are positions.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Kind {
    pub(crate) definition: RecordKind,
    /// The position of the field whose members share records.
    pub(crate) credit: Option<usize>,
    pub(crate) dimensions: Vec<DimensionId>,
    pub(crate) measures: Vec<MeasureId>,
    pub(crate) exchanges: Vec<Option<Exchanged>>,
}

/// An exchange in its kind: names are positions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Exchanged {
    pub(crate) table: usize,
    /// The field that is converted; itself where the record gives it.
    pub(crate) of: usize,
    pub(crate) to: Currency,
    pub(crate) rounding: Rounding,
}

impl Schema {
    /// The most kinds of records.
    pub const MAX_KINDS: usize = 1000;
    /// The most fields of each sort in a kind.
    pub const MAX_FIELDS: usize = 100;

    /// Checks and keeps a schema whose records lie within `span`.
    ///
    /// # Errors
    /// [`LedgerError::DuplicateKind`], [`LedgerError::DuplicateField`], [`LedgerError::ReservedField`],
    /// [`LedgerError::NotRecordable`], [`LedgerError::TooMany`]; [`LedgerError::Space`] and [`LedgerError::Measure`] for
    /// unknown names.
    pub fn new(
        space: Space,
        measures: Measures,
        kinds: Vec<RecordKind>,
        span: DayRange,
    ) -> Result<Self, LedgerError> {
        Self::with_rates(space, measures, kinds, span, Vec::new())
    }

    /// Checks and keeps a schema whose records may be in several currencies.
    ///
    /// # Errors
    /// As [`Schema::new`]; [`LedgerError::Rate`] for unknown or repeated tables, [`LedgerError::NotMoney`],
    /// [`LedgerError::NotExchangeable`].
    pub fn with_rates(
        space: Space,
        measures: Measures,
        kinds: Vec<RecordKind>,
        span: DayRange,
        rates: Vec<RateTable>,
    ) -> Result<Self, LedgerError> {
        let rates = checked(rates)?;
        if kinds.len() > Self::MAX_KINDS {
            return Err(LedgerError::TooMany {
                what: "kinds of records",
                count: kinds.len(),
                limit: Self::MAX_KINDS,
            });
        }
        let mut by_key = BTreeMap::new();
        let mut compiled = Vec::with_capacity(kinds.len());
        for (index, kind) in kinds.into_iter().enumerate() {
            if by_key.insert(kind.key.clone(), index).is_some() {
                return Err(LedgerError::DuplicateKind { kind: kind.key });
            }
            compiled.push(compile(&space, &measures, &rates, kind)?);
        }
        Ok(Self(Arc::new(Contents {
            space,
            measures,
            kinds: compiled,
            by_key,
            span,
            rates,
        })))
    }

    /// Returns the dimensions.
    #[must_use]
    pub fn space(&self) -> &Space {
        &self.0.space
    }

    /// Returns the measures.
    #[must_use]
    pub fn measures(&self) -> &Measures {
        &self.0.measures
    }

    /// Returns the days on which records may lie.
    #[must_use]
    pub fn span(&self) -> DayRange {
        self.0.span
    }

    /// Returns the rates by which amounts in other currencies enter.
    #[must_use]
    pub fn rates(&self) -> &[RateTable] {
        &self.0.rates
    }

    /// Returns the kinds of records in declared order.
    #[must_use]
    pub fn kinds(&self) -> impl ExactSizeIterator<Item = &RecordKind> {
        self.0.kinds.iter().map(|kind| &kind.definition)
    }

    /// Returns the position of the kind with this key.
    ///
    /// # Errors
    /// [`LedgerError::UnknownKind`] with the nearest known key.
    pub fn kind(&self, key: &str) -> Result<usize, LedgerError> {
        self.0
            .by_key
            .get(key)
            .copied()
            .ok_or_else(|| LedgerError::UnknownKind {
                kind: key.to_owned(),
                nearest: nearest(key, self.0.by_key.keys().map(Key::as_str)).map(str::to_owned),
            })
    }

    pub(crate) fn compiled(&self) -> &[Kind] {
        &self.0.kinds
    }

    pub(crate) fn in_space(&self, space: Space) -> Result<Self, LedgerError> {
        let (kinds, rates) = (self.kinds().cloned().collect(), self.0.rates.clone());
        Self::with_rates(space, self.0.measures.clone(), kinds, self.0.span, rates)
    }

    pub(crate) fn at_rates(&self, rates: Vec<RateTable>) -> Result<Self, LedgerError> {
        let (space, kinds) = (self.0.space.clone(), self.kinds().cloned().collect());
        Self::with_rates(space, self.0.measures.clone(), kinds, self.0.span, rates)
    }

    pub(crate) fn holds(&self, day: NaiveDate) -> bool {
        self.0.span.contains(day)
    }
}

impl PartialEq for Schema {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0 == other.0
    }
}

impl Kind {
    pub(crate) fn key(&self) -> &Key {
        &self.definition.key
    }

    /// The position of the field that names a member, by the field's own name or else by its dimension.
    pub(crate) fn place(&self, name: &str) -> Option<usize> {
        let fields = &self.definition.dimensions;
        let own = fields.iter().position(|field| field.field == *name);
        own.or_else(|| fields.iter().position(|field| *field.dimension() == *name))
    }

    pub(crate) fn measure(&self, name: &str) -> Option<usize> {
        self.definition
            .measures
            .iter()
            .position(|field| field.measure == *name)
    }

    pub(crate) fn attribute(&self, name: &str) -> Option<usize> {
        self.definition
            .attributes
            .iter()
            .position(|field| field.field == *name)
    }

    pub(crate) fn date(&self, name: &str) -> Option<usize> {
        self.definition
            .dates
            .iter()
            .position(|field| field.field == *name)
    }

    pub(crate) fn dimension<'a>(&self, space: &'a Space, place: usize) -> &'a Dimension {
        space.own(self.dimensions[place])
    }

    pub(crate) fn measured<'a>(&self, measures: &'a Measures, amount: usize) -> &'a Measure {
        measures.own(self.measures[amount])
    }

    pub(crate) fn quantum(&self, measures: &Measures, amount: usize) -> Quantum {
        self.measured(measures, amount).quantum
    }
}

/// The name of every record's own day among its dates.
pub(crate) const DAY: &str = "day";

fn compile(
    space: &Space,
    measures: &Measures,
    rates: &[RateTable],
    kind: RecordKind,
) -> Result<Kind, LedgerError> {
    let sorts = [
        (
            "dimensions",
            kind.dimensions
                .iter()
                .map(|field| &field.field)
                .collect::<Vec<_>>(),
        ),
        (
            "measures",
            kind.measures.iter().map(|field| &field.measure).collect(),
        ),
        (
            "attributes",
            kind.attributes.iter().map(|field| &field.field).collect(),
        ),
        (
            "dates",
            kind.dates.iter().map(|field| &field.field).collect(),
        ),
    ];
    for (what, names) in sorts {
        if names.len() > Schema::MAX_FIELDS {
            return Err(LedgerError::TooMany {
                what,
                count: names.len(),
                limit: Schema::MAX_FIELDS,
            });
        }
        for (at, name) in names.iter().enumerate() {
            if names[..at].contains(name) {
                return Err(LedgerError::DuplicateField {
                    kind: kind.key.clone(),
                    field: (*name).clone(),
                });
            }
            if what == "dates" && **name == *DAY {
                return Err(LedgerError::ReservedField {
                    kind: kind.key.clone(),
                    field: (*name).clone(),
                });
            }
        }
    }
    for attribute in &kind.attributes {
        for (at, value) in attribute.values.iter().enumerate() {
            if attribute.values[..at].contains(value) {
                return Err(LedgerError::DuplicateField {
                    kind: kind.key.clone(),
                    field: value.clone(),
                });
            }
        }
    }
    let dimensions = kind
        .dimensions
        .iter()
        .map(|field| space.id(field.dimension().as_str()));
    let dimensions = dimensions.collect::<Result<_, _>>()?;
    let mut ids = Vec::with_capacity(kind.measures.len());
    for field in &kind.measures {
        let id = measures.require(field.measure.as_str())?;
        if matches!(measures.own(id).additivity, Additivity::Ratio { .. }) {
            return Err(LedgerError::NotRecordable {
                kind: kind.key.clone(),
                measure: field.measure.clone(),
            });
        }
        ids.push(id);
    }
    let credit = match &kind.credit {
        None => None,
        Some(field) => {
            let fields = &kind.dimensions;
            let at = fields.iter().position(|known| known.field == *field);
            Some(at.ok_or_else(|| {
                LedgerError::UnknownCreditField {
                    kind: kind.key.clone(),
                    field: field.clone(),
                    nearest: nearest(
                        field.as_str(),
                        fields.iter().map(|known| known.field.as_str()),
                    )
                    .map(str::to_owned),
                }
            })?)
        }
    };
    let exchanges = (0..ids.len())
        .map(|at| exchange(&kind, at, measures, &ids, rates))
        .collect::<Result<_, _>>()?;
    Ok(Kind {
        definition: kind,
        credit,
        dimensions,
        measures: ids,
        exchanges,
    })
}

fn exchange(
    kind: &RecordKind,
    at: usize,
    measures: &Measures,
    ids: &[MeasureId],
    rates: &[RateTable],
) -> Result<Option<Exchanged>, LedgerError> {
    let field = &kind.measures[at];
    let Some(exchange) = &field.exchange else {
        return Ok(None);
    };
    let table = table_at(rates, &exchange.table)?;
    let money = |at: usize| match &measures.own(ids[at]).unit {
        Unit::Money(currency) => Ok(*currency),
        unit => Err(LedgerError::NotMoney {
            kind: kind.key.clone(),
            measure: kind.measures[at].measure.clone(),
            unit: unit.clone(),
        }),
    };
    let to = money(at)?;
    let mut of = at;
    if let Some(name) = &exchange.of {
        let mut given = kind.measures.iter();
        let found = given.position(|known| known.measure == *name && !known.is_derived());
        of = found.ok_or_else(|| {
            let given = kind.measures.iter().filter(|known| !known.is_derived());
            let near = nearest(name.as_str(), given.map(|known| known.measure.as_str()));
            LedgerError::NotExchangeable {
                kind: kind.key.clone(),
                measure: field.measure.clone(),
                of: name.clone(),
                nearest: near.map(str::to_owned),
            }
        })?;
        money(of)?;
    }
    Ok(Some(Exchanged {
        table,
        of,
        to,
        rounding: exchange.rounding,
    }))
}

impl TryFrom<SchemaDef> for Schema {
    type Error = LedgerError;

    fn try_from(definition: SchemaDef) -> Result<Self, LedgerError> {
        let SchemaDef {
            version: _,
            space,
            measures,
            kinds,
            span,
            rates,
        } = definition;
        Self::with_rates(space, measures, kinds, span, rates)
    }
}

impl From<Schema> for SchemaDef {
    fn from(schema: Schema) -> Self {
        Self {
            version: Version::default(),
            space: schema.0.space.clone(),
            measures: schema.0.measures.clone(),
            kinds: schema.kinds().cloned().collect(),
            span: schema.0.span,
            rates: schema.0.rates.clone(),
        }
    }
}
