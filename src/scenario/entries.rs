//! Records as the entries that they are short for, and what is wrong with entries.

use std::collections::{BTreeMap, BTreeSet};

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
    /// By entry, its place among records and entries.
    at: Vec<usize>,
    records: usize,
}

impl Entries {
    /// Those that can be entries; the others are told.
    pub(super) fn new(scenario: &ScenarioDef, wrong: &mut Wrong) -> Self {
        let ids = scenario.records.iter();
        let ids = ids.filter_map(|record| Some((record.id.as_deref()?, record)));
        let known: BTreeMap<&str, &Record> = ids.collect();
        let records = scenario.records.len();
        let mut all = Vec::with_capacity(records + scenario.entries.len());
        let mut places = Vec::with_capacity(all.capacity());
        for (at, record) in scenario.records.iter().enumerate() {
            let entry = entry(at, record, &known);
            if let Some(entry) = wrong.take(format!("records[{at}]"), entry) {
                all.push(entry);
                places.push(at);
            }
        }
        all.extend(scenario.entries.iter().cloned());
        places.extend((records..).take(scenario.entries.len()));
        Self {
            all,
            at: places,
            records,
        }
    }

    /// The place in the document of an entry by its number.
    pub(super) fn place(&self, entry: usize) -> String {
        let at = self.at.get(entry).copied().unwrap_or(0);
        match at.checked_sub(self.records) {
            None => format!("records[{at}]"),
            Some(at) => format!("entries[{at}]"),
        }
    }

    /// Whether an entry is a record.
    pub(super) fn is_record(&self, entry: usize) -> bool {
        self.at.get(entry).is_some_and(|at| *at < self.records)
    }

    /// Tells of entries that wait: nothing comes any more. What waits only for an entry that is wrong itself is not told.
    pub(super) fn never_come(
        &self,
        waiting: &[Waiting],
        (refused, journal): (&BTreeSet<usize>, &Journal),
        wrong: &mut Wrong,
    ) {
        if waiting.is_empty() {
            return;
        }
        let numbers = self.all.iter().enumerate();
        let numbers: BTreeMap<&EntryId, usize> = numbers.map(|(at, own)| (own.id(), at)).collect();
        let waits = waiting.iter().filter_map(|own| numbers.get(&own.entry));
        let not_there: BTreeSet<usize> = waits.chain(refused).copied().collect();
        let known = Known::new(self, numbers, not_there);
        for waiting in waiting {
            let Some(at) = known.numbers.get(&waiting.entry).copied() else {
                continue;
            };
            if let Some(cause) = known.why(&waiting.awaits, journal) {
                let mut place = self.place(at);
                if let Awaited::Member { member, .. } = &waiting.awaits
                    && let Content::Targets(own) = self.all[at].content()
                {
                    let mut cells = own.cells.iter();
                    let cell =
                        cells.position(|cell| cell.subject.iter().any(|own| *own == **member));
                    if let Some(cell) = cell {
                        place = format!("{place}.what.targets.cells[{cell}]");
                    }
                }
                wrong.add(place, cause);
            }
        }
    }
}

/// All entries by what others may wait for.
struct Known<'e> {
    numbers: BTreeMap<&'e EntryId, usize>,
    /// Those that are refused or wait.
    not_there: BTreeSet<usize>,
    /// Who joins, by dimension and name, and by which entry.
    joins: BTreeMap<(&'e Key, &'e str), usize>,
    /// Which plans are cascaded by an entry that is refused or waits.
    plans: BTreeSet<&'e Key>,
}

impl<'e> Known<'e> {
    fn new(
        entries: &'e Entries,
        numbers: BTreeMap<&'e EntryId, usize>,
        not_there: BTreeSet<usize>,
    ) -> Self {
        let all = || entries.all.iter().enumerate();
        let joins = all().filter_map(|(at, own)| match own.content() {
            Content::Join(join) => Some(((&join.dimension, join.member.as_str()), at)),
            _ => None,
        });
        let plans = all().filter_map(|(at, own)| match own.content() {
            Content::Plan(own) if not_there.contains(&at) => Some(own.plan()),
            _ => None,
        });
        Self {
            joins: joins.collect(),
            plans: plans.collect(),
            numbers,
            not_there,
        }
    }

    /// Why an entry can never take part that waits for this; nothing where that is told of another entry, or no mistake.
    fn why(&self, awaited: &Awaited, journal: &Journal) -> Option<ScenarioCause> {
        let cause = match awaited {
            Awaited::Entry(id) => match self.numbers.get(id) {
                Some(at) if self.not_there.contains(at) => return None,
                Some(_) => ScenarioCause::Void {
                    name: id.to_string(),
                },
                None => self.no_entry(id),
            },
            Awaited::Member {
                dimension, member, ..
            } => {
                let join = self.joins.get(&(dimension, member.as_str()));
                if join.is_some_and(|at| self.not_there.contains(at)) {
                    return None;
                }
                self.nobody(dimension, member, journal)
            }
            Awaited::Plan { plan } if self.plans.contains(plan) => return None,
            // Days tell alerts, and a scenario has none.
            Awaited::Alert(_) => return None,
            other => ScenarioCause::Waits(other.clone()),
        };
        Some(cause)
    }

    fn no_entry(&self, id: &EntryId) -> ScenarioCause {
        if id.source == *RECORDS {
            let own = self.numbers.keys().filter(|id| id.source == *RECORDS);
            let (name, nearest, known) = unknown(id.id.as_str(), own.map(|id| id.id.as_str()));
            return Refusal::UnknownRecord {
                name,
                nearest,
                known,
            }
            .into();
        }
        let all: Vec<String> = self.numbers.keys().map(ToString::to_string).collect();
        let (name, nearest, known) = unknown(&id.to_string(), all.iter().map(String::as_str));
        ScenarioCause::UnknownEntry {
            name,
            nearest,
            known,
        }
    }

    /// A member that is not there and never joins.
    fn nobody(&self, dimension: &Key, member: &str, journal: &Journal) -> ScenarioCause {
        let space = journal.model().schema().space();
        let known = space.dimension(dimension.as_str()).ok();
        let known = known
            .into_iter()
            .flat_map(|known| &known.definition().members);
        let joined = self.joins.keys();
        let joined = joined.filter_map(|(of, member)| (*of == dimension).then_some(*member));
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
