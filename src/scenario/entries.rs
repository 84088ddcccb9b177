//! Records as the entries that they are short for, and what is wrong with entries.

use std::collections::{BTreeMap, BTreeSet};

use super::error::Wrong;
use super::{ScenarioCause, ScenarioDef};
use crate::journal::{
    Awaited, Content, Entry, EntryId, Journal, PlanDeed, Rejection, ReversalDef, Waiting,
};
use crate::key::{Key, unknown};
use crate::ledger::{Record, Refusal};
use crate::model::TargetCell;
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
    /// The identities of the records that cannot be entries.
    unread: BTreeSet<EntryId>,
}

impl Entries {
    /// Those that can be entries; the others are told.
    pub(super) fn new(scenario: &ScenarioDef, wrong: &mut Wrong) -> Self {
        let known = said(scenario);
        let records = scenario.records.len();
        let mut all = Vec::with_capacity(records + scenario.entries.len());
        let mut places = Vec::with_capacity(all.capacity());
        let mut unread = BTreeSet::new();
        for (at, record) in scenario.records.iter().enumerate() {
            let entry = entry(at, record, &known);
            if let Some(entry) = wrong.take(format!("records[{at}]"), entry) {
                all.push(entry);
                places.push(at);
            } else if let Some(id) = &record.id {
                unread.extend(EntryId::new(RECORDS, id));
            }
        }
        all.extend(scenario.entries.iter().cloned());
        places.extend((records..).take(scenario.entries.len()));
        Self {
            all,
            at: places,
            records,
            unread,
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

    /// Tells of entries that wait: nothing comes any more. What waits only for an entry that is wrong itself is not told; those that
    /// wait for one another in a circle are.
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
        let waits = waiting
            .iter()
            .filter_map(|own| Some((*numbers.get(&own.entry)?, &own.awaits)));
        let waits: Vec<(usize, &Awaited)> = waits.collect();
        let not_there = waits.iter().map(|(at, _)| at).chain(refused);
        let not_there: BTreeSet<usize> = not_there.copied().collect();
        let mut known = Known::new(self, numbers, not_there, journal);
        let behind = waits.iter().filter_map(|(at, awaits)| {
            let of = known.behind(awaits)?;
            Some((*at, of))
        });
        let circling = circling(&behind.collect());
        for (at, awaits) in waits {
            let cause = if circling.contains(&at) {
                Some(ScenarioCause::Waits(awaits.clone()))
            } else {
                known.why(awaits)
            };
            if let Some(cause) = cause {
                wrong.add(self.place_of(at, awaits), cause);
            }
        }
    }

    /// The place of what waits: of targets, the cell that names who is not there.
    fn place_of(&self, at: usize, awaits: &Awaited) -> String {
        let place = self.place(at);
        if let Awaited::Member { member, .. } = awaits
            && let Content::Targets(own) = self.all[at].content()
        {
            let names = |cell: &TargetCell| cell.subject.iter().any(|own| *own == **member);
            if let Some(cell) = own.cells.iter().position(names) {
                return format!("{place}.what.targets.cells[{cell}]");
            }
        }
        place
    }
}

/// Of entries that wait for others, those that wait for themselves by way of them.
fn circling(behind: &BTreeMap<usize, usize>) -> BTreeSet<usize> {
    let (mut circling, mut seen) = (BTreeSet::new(), BTreeSet::new());
    for start in behind.keys() {
        let (mut path, mut at) = (Vec::new(), *start);
        while seen.insert(at) {
            path.push(at);
            match behind.get(&at) {
                Some(next) => at = *next,
                None => break,
            }
        }
        if behind.contains_key(&at)
            && let Some(from) = path.iter().position(|own| *own == at)
        {
            circling.extend(&path[from..]);
        }
    }
    circling
}

/// How many names that are not there are told with those that are: finding the nearest looks at all of them.
const HINTS: usize = 100;

/// All entries by what others may wait for.
struct Known<'e> {
    entries: &'e Entries,
    journal: &'e Journal,
    numbers: BTreeMap<&'e EntryId, usize>,
    /// Those that are refused or wait.
    not_there: BTreeSet<usize>,
    /// Who joins, by dimension and name, and by which entry.
    joins: BTreeMap<(&'e Key, &'e str), usize>,
    /// Which plans are cascaded by an entry that is refused or waits.
    cascades: BTreeMap<&'e Key, usize>,
    hints: usize,
}

impl<'e> Known<'e> {
    fn new(
        entries: &'e Entries,
        numbers: BTreeMap<&'e EntryId, usize>,
        not_there: BTreeSet<usize>,
        journal: &'e Journal,
    ) -> Self {
        let all = || entries.all.iter().enumerate();
        let joins = all().filter_map(|(at, own)| match own.content() {
            Content::Join(join) => Some(((&join.dimension, join.member.as_str()), at)),
            _ => None,
        });
        let cascades = all().filter_map(|(at, own)| match own.content() {
            Content::Plan(own @ PlanDeed::Cascade(_)) if not_there.contains(&at) => {
                Some((own.plan(), at))
            }
            _ => None,
        });
        Self {
            joins: joins.collect(),
            cascades: cascades.collect(),
            entries,
            journal,
            numbers,
            not_there,
            hints: HINTS,
        }
    }

    /// The entry that is not there itself and for which one waits, if it is so.
    fn behind(&self, awaited: &Awaited) -> Option<usize> {
        let at = match awaited {
            Awaited::Entry(id) => self.numbers.get(id),
            Awaited::Member {
                dimension, member, ..
            } => self.joins.get(&(dimension, member.as_str())),
            Awaited::Plan { plan } => self.cascades.get(plan),
            _ => None,
        };
        at.copied().filter(|at| self.not_there.contains(at))
    }

    /// Why an entry can never take part that waits for this; nothing where that is told of another entry, or no mistake.
    fn why(&mut self, awaited: &Awaited) -> Option<ScenarioCause> {
        if self.behind(awaited).is_some() {
            return None;
        }
        let cause = match awaited {
            Awaited::Entry(id) if self.numbers.contains_key(id) => ScenarioCause::Void {
                name: id.to_string(),
            },
            Awaited::Entry(id) if self.entries.unread.contains(id) => return None,
            Awaited::Entry(id) if self.hinted() => self.no_entry(id),
            Awaited::Member {
                dimension, member, ..
            } => match self.joins.get(&(dimension, member.as_str())).copied() {
                Some(join) => ScenarioCause::Void {
                    name: self.entries.all[join].id().to_string(),
                },
                None if self.hinted() => self.nobody(dimension, member),
                None => ScenarioCause::Waits(awaited.clone()),
            },
            // Days tell alerts, and a scenario has none.
            Awaited::Alert(_) => return None,
            other => ScenarioCause::Waits(other.clone()),
        };
        Some(cause)
    }

    /// Whether the names that are known are told once more.
    fn hinted(&mut self) -> bool {
        let hints = self.hints;
        self.hints = hints.saturating_sub(1);
        hints > 0
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
    fn nobody(&self, dimension: &Key, member: &str) -> ScenarioCause {
        let space = self.journal.model().schema().space();
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

/// What an identity stands for that a record may take back.
enum Said<'s> {
    Record { kind: &'s str },
    Application,
}

/// What is said under the source of records, by id.
fn said(scenario: &ScenarioDef) -> BTreeMap<&str, Said<'_>> {
    let records = scenario.records.iter().filter_map(|record| {
        let said = match (&record.applies, &record.reverses) {
            (Some(_), _) => Said::Application,
            (None, Some(_)) => return None,
            (None, None) => Said::Record { kind: &record.kind },
        };
        Some((record.id.as_deref()?, said))
    });
    let entries = scenario.entries.iter().filter_map(|entry| {
        let said = match entry.content() {
            Content::Record(record) => Said::Record { kind: &record.kind },
            Content::Apply(_) => Said::Application,
            _ => return None,
        };
        let id = entry.id();
        (id.source == *RECORDS).then_some((id.id.as_str(), said))
    });
    records.chain(entries).collect()
}

/// The entry of a record.
fn entry(
    at: usize,
    record: &Record,
    known: &BTreeMap<&str, Said<'_>>,
) -> Result<Entry, ScenarioCause> {
    let id = match &record.id {
        Some(id) => EntryId::new(RECORDS, id)?,
        // As texts they stand in the order of the document.
        None => EntryId::new(UNNAMED, &format!("{at:010}"))?,
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
    known: &BTreeMap<&str, Said<'_>>,
) -> Result<(), ScenarioCause> {
    let original = match known.get(of) {
        Some(Said::Record { kind }) => *kind,
        Some(Said::Application) if !record.kind.is_empty() => {
            return Err(Refusal::ReversalWithContent.into());
        }
        Some(Said::Application) | None => return Ok(()),
    };
    if record.kind.is_empty() || original == record.kind {
        return Ok(());
    }
    Err(Refusal::OtherKind {
        id: of.to_owned(),
        kind: Key::new(original)?,
        given: record.kind.clone(),
    }
    .into())
}
