//! Kinds of records in their schema: names are positions.

use super::bounds::MAX_FIELDS;
use super::error::LedgerError;
use super::kind::{MeasureField, RecordKind};
use super::rate::RateTable;
use super::rate::table_at;
use crate::key::{Key, unknown};
use crate::measure::{Additivity, Currency, Measure, MeasureId, Measures, Unit};
use crate::quantity::{Quantum, Rounding};
use crate::space::{Dimension, DimensionId, Space};

/// A kind of record in its schema: fields are positions.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Kind {
    pub(crate) definition: RecordKind,
    /// The position of the field whose members share records.
    pub(crate) credit: Option<usize>,
    /// The position of the measure of the items that records open.
    pub(crate) opens: Option<usize>,
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

/// Refuses too many fields of a sort, names that stand twice, and the name that every record has.
fn check_fields(kind: &RecordKind) -> Result<(), LedgerError> {
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
        if names.len() > MAX_FIELDS {
            return Err(LedgerError::TooMany {
                what,
                count: names.len(),
                limit: MAX_FIELDS,
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
    Ok(())
}

/// Returns the position of the field whose members share records.
fn credit_field(kind: &RecordKind) -> Result<Option<usize>, LedgerError> {
    let Some(field) = &kind.credit else {
        return Ok(None);
    };
    let fields = &kind.dimensions;
    let at = fields.iter().position(|known| known.field == *field);
    let at = at.ok_or_else(|| {
        let all = fields.iter().map(|known| known.field.as_str());
        let (name, nearest, known) = unknown(field.as_str(), all);
        LedgerError::UnknownCreditField {
            kind: kind.key.clone(),
            name,
            nearest,
            known,
        }
    })?;
    Ok(Some(at))
}

/// Returns the position of the measure of the items that records open: without an amount nobody could say what is left.
fn opened_measure(kind: &RecordKind) -> Result<Option<usize>, LedgerError> {
    let Some(measure) = &kind.opens else {
        return Ok(None);
    };
    let is_given =
        |known: &&MeasureField| known.need == super::kind::Need::Required && !known.is_derived();
    let found = kind
        .measures
        .iter()
        .position(|known| known.measure == *measure);
    match found {
        Some(found) if is_given(&&kind.measures[found]) => Ok(Some(found)),
        Some(_) => Err(LedgerError::NotOpening {
            kind: kind.key.clone(),
            measure: measure.clone(),
        }),
        None => Err(unknown_amount(kind, measure, is_given)),
    }
}

/// Says that a kind has no such amount among those that will do.
fn unknown_amount(
    kind: &RecordKind,
    name: &Key,
    will_do: impl Fn(&&MeasureField) -> bool,
) -> LedgerError {
    let fit = kind.measures.iter().filter(will_do);
    let (name, nearest, known) = unknown(name.as_str(), fit.map(|known| known.measure.as_str()));
    LedgerError::UnknownField {
        kind: kind.key.clone(),
        what: "amount",
        name,
        nearest,
        known,
    }
}

/// Puts positions in the place of names.
pub(super) fn compile(
    space: &Space,
    measures: &Measures,
    rates: &[RateTable],
    kind: RecordKind,
) -> Result<Kind, LedgerError> {
    check_fields(&kind)?;
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
    let (credit, opens) = (credit_field(&kind)?, opened_measure(&kind)?);
    let exchanges = (0..ids.len())
        .map(|at| exchange(&kind, at, measures, &ids, rates))
        .collect::<Result<_, _>>()?;
    Ok(Kind {
        definition: kind,
        credit,
        opens,
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
        let mut all = kind.measures.iter();
        let found = all.position(|known| known.measure == *name);
        of = found.ok_or_else(|| unknown_amount(kind, name, |known| !known.is_derived()))?;
        if kind.measures[of].is_derived() {
            return Err(LedgerError::NotExchangeable {
                kind: kind.key.clone(),
                measure: field.measure.clone(),
                of: name.clone(),
            });
        }
        money(of)?;
    }
    Ok(Some(Exchanged {
        table,
        of,
        to,
        rounding: exchange.rounding,
    }))
}
