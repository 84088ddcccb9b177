//! Records as the entries that they are short for.

use std::collections::BTreeMap;

use super::error::Wrong;
use super::{ScenarioCause, ScenarioDef};
use crate::journal::{Awaited, Content, Entry, EntryId, Journal, Rejection, ReversalDef, Waiting};
use crate::key::{Key, unknown};
use crate::ledger::{Record, Refusal};
use crate::space::SpaceError;

/// The source of the entries for which records are short, and that of those which have no id.
const RECORDS: &str = "records";
const UNNAMED: &str = "unnamed records";

/// The entries of a scenario, each with its place in the document: records first.
pub(super) struct Entries {
    pub(super) all: Vec<Entry>,
    records: usize,
}

impl Entries {
    pub(super) fn new(scenario: &ScenarioDef, wrong: &mut Wrong) -> Self {
        let ids = scenario.records.iter();
        let ids = ids.filter_map(|record| Some((record.id.as_deref()?, record)));
        let known: BTreeMap<&str, &Record> = ids.collect();
        let mut all = Vec::with_capacity(scenario.records.len() + scenario.entries.len());
        for (at, record) in scenario.records.iter().enumerate() {
            let entry = entry(at, record, &known);
            all.extend(wrong.take(format!("records[{at}]"), entry));
        }
        all.extend(scenario.entries.iter().cloned());
        Self {
            all,
            records: scenario.records.len(),
        }
    }

    /// The place in the document of an entry by its number, where all records are entries.
    pub(super) fn place(&self, at: usize) -> String {
        match at.checked_sub(self.records) {
            None => format!("records[{at}]"),
            Some(at) => format!("entries[{at}]"),
        }
    }

    /// Whether an entry is a record.
    pub(super) fn is_record(&self, at: usize) -> bool {
        at < self.records
    }

    /// Tells of an entry that waits: nothing comes any more.
    pub(super) fn never_comes(&self, waiting: &Waiting, journal: &Journal, wrong: &mut Wrong) {
        let at = self.all.iter().position(|own| own.id() == &waiting.entry);
        let place = self.place(at.unwrap_or(0));
        let cause = match &waiting.awaits {
            Awaited::Entry(id) if id.source == *RECORDS => {
                let own = self.all.iter().map(Entry::id);
                let own = own
                    .filter(|id| id.source == *RECORDS)
                    .map(|id| id.id.as_str());
                let (name, nearest, known) = unknown(id.id.as_str(), own);
                Refusal::UnknownRecord {
                    name,
                    nearest,
                    known,
                }
                .into()
            }
            Awaited::Entry(id) => {
                let all: Vec<String> = self.all.iter().map(|own| own.id().to_string()).collect();
                let (name, nearest, known) =
                    unknown(&id.to_string(), all.iter().map(String::as_str));
                ScenarioCause::UnknownEntry {
                    name,
                    nearest,
                    known,
                }
            }
            Awaited::Member {
                dimension, member, ..
            } => self.nobody(dimension, member, journal),
            other => ScenarioCause::Waits(other.clone()),
        };
        wrong.add(place, cause);
    }

    /// A member that is not there and never joins.
    fn nobody(&self, dimension: &Key, member: &str, journal: &Journal) -> ScenarioCause {
        let space = journal.model().schema().space();
        let known = space.dimension(dimension.as_str()).ok();
        let known = known
            .into_iter()
            .flat_map(|known| &known.definition().members);
        let joined = self.all.iter().filter_map(|entry| match entry.content() {
            Content::Join(join) if join.dimension == *dimension => Some(join.member.as_str()),
            _ => None,
        });
        let all = known.map(|known| known.key.as_str()).chain(joined);
        let (name, nearest, known) = unknown(member, all);
        Rejection::from(SpaceError::UnknownMember {
            dimension: dimension.clone(),
            name,
            nearest,
            known,
        })
        .into()
    }
}

/// The entry of a record.
fn entry(
    at: usize,
    record: &Record,
    known: &BTreeMap<&str, &Record>,
) -> Result<Entry, ScenarioCause> {
    let id = match &record.id {
        Some(id) => EntryId::new(RECORDS, id)?,
        None => EntryId::new(UNNAMED, &format!("{at}"))?,
    };
    let content = match (&record.reverses, &record.applies) {
        (None, None) => {
            let mut own = record.clone();
            own.id = Some(id.id.to_string());
            return Ok(Entry::record(id.source.as_str(), own)?);
        }
        (Some(of), None) => {
            if record.members.is_empty()
                && record.attributes.is_empty()
                && record.dates.is_empty()
                && record.currency.is_none()
                && record.credits.is_empty()
                && (record.time.is_none() || record.amounts.is_empty())
            {
                is_of_kind(of, record, known)?;
                Content::Reverse(ReversalDef {
                    of: EntryId::new(RECORDS, of)?,
                    amounts: record.amounts.clone(),
                })
            } else {
                return Err(Refusal::ReversalWithContent.into());
            }
        }
        (None, Some(application)) => {
            let bare = Record {
                id: record.id.clone(),
                sequence: record.sequence,
                ..Record::application(application.clone(), record.day)
            };
            if bare != *record {
                return Err(Refusal::ReversalWithContent.into());
            }
            let mut own = crate::ledger::ApplicationDef::new(
                EntryId::new(RECORDS, &application.to)?,
                application.amount,
            );
            let by = application.by.as_deref();
            own.by = by.map(|by| EntryId::new(RECORDS, by)).transpose()?;
            (own.currency, own.rate) = (application.currency, application.rate);
            Content::Apply(own)
        }
        (Some(_), Some(_)) => return Err(Refusal::ReversalWithContent.into()),
    };
    Ok(Entry::new(id, record.day, content).sequence(record.sequence))
}

/// Refuses what says of another kind of record that it is of this one.
fn is_of_kind(
    of: &str,
    record: &Record,
    known: &BTreeMap<&str, &Record>,
) -> Result<(), ScenarioCause> {
    let original = known.get(of).map_or("", |own| own.kind.as_str());
    if record.kind.is_empty() || original.is_empty() || original == record.kind {
        return Ok(());
    }
    Err(Refusal::OtherKind {
        id: of.to_owned(),
        kind: Key::new(original)?,
        given: record.kind.clone(),
    }
    .into())
}
