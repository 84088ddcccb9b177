//! A record checked where its members may be known to somebody else: to a structure that goes on after the schema was written.

use super::compiled::Kind;
use super::entry::{dates, id, milliseconds, missing, refuse_unknown, sequence, texts};
use super::error::Refusal;
use super::kind::Need;
use super::ledger::Ledger;
use super::record::Record;
use super::table::Row;
use crate::key::{Key, unknown};
use crate::space::{DimensionId, Placement, UNASSIGNED};

/// A checked record whose members are names.
#[derive(Debug, Clone)]
pub(crate) struct Sifted {
    /// The position of its kind.
    pub(crate) kind: usize,
    /// Its content; of a member it says only whether there is one.
    pub(crate) row: Row,
    /// By field: the dimension and the member that is named.
    pub(crate) members: Vec<(DimensionId, Option<String>)>,
}

impl Ledger {
    /// Checks everything that a record says but whether its members are there.
    pub(crate) fn sift(&self, record: &Record) -> Result<Sifted, Refusal> {
        let Ok(index) = self.schema.kind_index(&record.kind) else {
            let known = self.schema.kinds().map(|kind| kind.key.as_str());
            let (name, nearest, known) = unknown(&record.kind, known);
            return Err(Refusal::UnknownKind {
                name,
                nearest,
                known,
            });
        };
        let kind = &self.schema.compiled()[index];
        if !record.credits.is_empty() {
            return Err(Refusal::NotCredited {
                kind: kind.key().clone(),
            });
        }
        let day = self.day(record.day)?;
        let time = milliseconds(record.time, kind)?;
        let (sequence, id) = (sequence(record.sequence)?, id(record)?);
        let members = named(record, kind)?;
        let (amounts, foreign) = self.amounts(record, kind)?;
        let place = |(_, name): &(DimensionId, Option<String>)| match name {
            Some(_) => Placement::SOMEBODY,
            None => Placement::UNASSIGNED,
        };
        let row = Row {
            day,
            time,
            sequence,
            id,
            places: members.iter().map(place).collect(),
            amounts,
            texts: texts(record, kind)?,
            dates: dates(record, kind)?,
            reverses: None,
            foreign,
            share: None,
            others: Vec::new(),
        };
        Ok(Sifted {
            kind: index,
            row,
            members,
        })
    }
}

/// The names of a record's members, field by field. To name nobody is not to name anybody.
fn named(record: &Record, kind: &Kind) -> Result<Vec<(DimensionId, Option<String>)>, Refusal> {
    let fields = &kind.definition.dimensions;
    refuse_unknown(kind, "member", record.members.keys(), || {
        fields
            .iter()
            .map(|field| &field.field)
            .collect::<Vec<&Key>>()
    })?;
    let all = fields
        .iter()
        .zip(&kind.dimensions)
        .map(|(field, dimension)| {
            let name = record.members.get(field.field.as_str());
            let name = name.filter(|name| name.as_str() != UNASSIGNED).cloned();
            if name.is_none() && field.need == Need::Required {
                return Err(missing(kind, field.field.as_str()));
            }
            Ok((*dimension, name))
        });
    all.collect()
}
