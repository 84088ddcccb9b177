//! A record checked where its members may be known to somebody else: to a structure that goes on after the schema was written.

use super::compiled::Kind;
use super::credit::{self, Credit, PartRow};
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
    /// By field: the dimension and the member that is named; of a record that several share, the first of them.
    pub(crate) members: Vec<(DimensionId, Option<String>)>,
    /// The others who share it, one for each further row.
    pub(crate) sharers: Vec<String>,
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
        let day = self.day(record.day)?;
        let time = milliseconds(record.time, kind)?;
        let (sequence, id) = (sequence(record.sequence)?, id(record)?);
        let (members, credits) = named(record, kind)?;
        let (amounts, foreign) = self.amounts(record, kind)?;
        let place = |(_, name): &(DimensionId, Option<String>)| match name {
            Some(_) => Placement::SOMEBODY,
            None => Placement::UNASSIGNED,
        };
        let mut row = Row {
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
        if !credits.is_empty() {
            self.split(&credits, kind, &mut row)?;
        }
        let others = credits.into_iter().skip(1);
        Ok(Sifted {
            kind: index,
            row,
            members,
            sharers: others.map(|credit| credit.member).collect(),
        })
    }

    /// Makes a row the first share of its record, with the rows of the others.
    fn split(&self, credits: &[Credit], kind: &Kind, row: &mut Row) -> Result<(), Refusal> {
        credit::check(credits)?;
        let amounts = (0..row.amounts.len()).map(|at| kind.measured(self.schema.measures(), at));
        let parts = credit::split(credits, &row.amounts, &amounts.collect::<Vec<_>>())?;
        for (number, (credit, amounts)) in credits.iter().zip(parts).enumerate() {
            let part = credit::part_of(credits, number);
            if number == 0 {
                row.amounts = amounts;
                row.share = Some((part, credit.share));
                continue;
            }
            row.others.push(PartRow {
                place: Placement::SOMEBODY,
                beside: Vec::new(),
                part,
                share: credit.share,
                amounts,
            });
        }
        Ok(())
    }
}

/// The names of a record's members, field by field, and its credits, shares before what is beside them.
type Named = (Vec<(DimensionId, Option<String>)>, Vec<Credit>);

/// The names of a record's members, field by field. To name nobody is not to name anybody.
fn named(record: &Record, kind: &Kind) -> Result<Named, Refusal> {
    let mut credits = record.credits.clone();
    credits.sort_by_key(|credit| credit.kind);
    let shared = match (credits.first(), kind.credit) {
        (None, _) => None,
        (Some(_), None) => {
            let kind = kind.key().clone();
            return Err(Refusal::NotCredited { kind });
        }
        (Some(first), Some(at)) => {
            let field = &kind.definition.dimensions[at].field;
            if record.members.contains_key(field.as_str()) {
                let field = field.clone();
                return Err(Refusal::CreditAndMember { field });
            }
            Some((field, &first.member))
        }
    };
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
            let first = shared.filter(|(own, _)| **own == field.field);
            let first = first.map(|(_, member)| member);
            let name = record.members.get(field.field.as_str()).or(first);
            let name = name.filter(|name| name.as_str() != UNASSIGNED).cloned();
            if name.is_none() && field.need == Need::Required {
                return Err(missing(kind, field.field.as_str()));
            }
            Ok((*dimension, name))
        });
    Ok((all.collect::<Result<_, _>>()?, credits))
}
