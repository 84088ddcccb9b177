//! The schema that kinds of records form with a space and its measures.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::compiled::{Kind, compile};
use super::error::LedgerError;
use super::kind::RecordKind;
use super::rate::RateTable;
use super::rate::checked;
use crate::calendar::DayRange;
use crate::document::Version;
use crate::key::{Key, unknown};
use crate::measure::Measures;
use crate::space::Space;

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

impl Schema {
    /// The most kinds of records.
    pub const MAX_KINDS: usize = 1000;
    /// The most fields of each sort in a kind.
    pub const MAX_FIELDS: usize = super::bounds::MAX_FIELDS;

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

    /// Returns the kind with this key.
    ///
    /// # Errors
    /// [`LedgerError::UnknownKind`] with the nearest known key.
    pub fn kind(&self, key: &str) -> Result<&RecordKind, LedgerError> {
        Ok(&self.0.kinds[self.kind_index(key)?].definition)
    }

    pub(crate) fn kind_index(&self, key: &str) -> Result<usize, LedgerError> {
        self.0.by_key.get(key).copied().ok_or_else(|| {
            let all = self.0.kinds.iter().map(|kind| kind.key().as_str());
            let (name, nearest, known) = unknown(key, all);
            LedgerError::UnknownKind {
                name,
                nearest,
                known,
            }
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
