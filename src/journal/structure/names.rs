//! Who is who: whose further names are whose, and who turned out to be another one from a day on.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::journal::entry::{Content, Entry};
use crate::journal::tally::tally;
use crate::key::Key;
use crate::space::{Dimension, Space, UNASSIGNED};

/// Names that were of other members by an earlier model: until a hand-over, by dimension and name, whose each was.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Former {
    pub(crate) until: u32,
    pub(crate) names: BTreeMap<Key, BTreeMap<Key, Key>>,
}

impl Former {
    /// What is otherwise by a model since a hand-over; nothing where no name is of another member.
    pub(crate) fn before(until: u32, (old, new): (&Space, &Space)) -> Option<Self> {
        let mut names: BTreeMap<Key, BTreeMap<Key, Key>> = BTreeMap::new();
        for now in new.iter() {
            let Ok(was) = old.dimension(now.key().as_str()) else {
                continue;
            };
            let members = now.definition().members.iter();
            for member in members {
                for name in std::iter::once(&member.key).chain(&member.also) {
                    let id = was.find(name.as_str());
                    let key = id.map_or(name, |id| was.key_of(id));
                    if *key != member.key {
                        let own = names.entry(now.key().clone()).or_default();
                        own.insert(name.clone(), key.clone());
                    }
                }
            }
        }
        (!names.is_empty()).then_some(Self { until, names })
    }

    /// The same without the dimensions that a later model has no more; nothing where none is left.
    pub(crate) fn within(&self, space: &Space) -> Option<Self> {
        let names = self.names.iter();
        let names = names.filter(|(of, _)| space.dimension(of.as_str()).is_ok());
        let names: BTreeMap<_, _> = names.map(|(of, own)| (of.clone(), own.clone())).collect();
        let until = self.until;
        (!names.is_empty()).then_some(Self { until, names })
    }
}

/// Under which name each member of a dimension goes: by the further names of the model since ever, by merges from their days on. Of
/// merges those count of which both members are there.
#[derive(Debug)]
pub(crate) struct Names<'e> {
    model: &'e Dimension,
    former: &'e [Former],
    into: BTreeMap<&'e Key, Became<'e>>,
}

/// Whom a member turned out to be.
#[derive(Debug)]
struct Became<'e> {
    who: &'e Key,
    since: NaiveDate,
    /// With which hand-overs that was known.
    known: Vec<Range<u32>>,
}

impl<'e> Names<'e> {
    /// Those of a dimension of the model by entries that stand.
    pub(crate) fn of(model: &'e Dimension, entries: impl IntoIterator<Item = &'e Entry>) -> Self {
        let entries = entries.into_iter().map(|entry| (entry, Vec::new()));
        Self::known((model, &[]), entries)
    }

    /// The same, each with the hand-overs with which it was known, beside what names were of other members before.
    pub(crate) fn known(
        (model, former): (&'e Dimension, &'e [Former]),
        entries: impl IntoIterator<Item = (&'e Entry, Vec<Range<u32>>)>,
    ) -> Self {
        let mut own = Self {
            model,
            former,
            into: BTreeMap::new(),
        };
        let (mut joined, mut merges) = (BTreeSet::new(), Vec::new());
        for (entry, known) in entries {
            match entry.content() {
                Content::Join(join) if join.dimension == *model.key() => {
                    joined.insert(&join.member);
                }
                Content::Merge(merge) if merge.dimension == *model.key() => {
                    merges.push((merge, entry.day(), known));
                }
                _ => {}
            }
        }
        let is_there = |name: &Key| {
            *name != *UNASSIGNED && model.find(name.as_str()).is_some() || joined.contains(name)
        };
        for (merge, since, known) in merges {
            let (member, who) = (own.key(&merge.member), own.key(&merge.into));
            if is_there(member) && is_there(who) && own.one(who) != member {
                let became = Became { who, since, known };
                own.into.entry(member).or_insert(became);
            }
        }
        own
    }

    /// The name of a member in the model, or under which it joined.
    pub(crate) fn key<'k>(&self, name: &'k Key) -> &'k Key
    where
        'e: 'k,
    {
        let id = self.model.find(name.as_str());
        id.map_or(name, |id| self.model.key_of(id))
    }

    /// The name under which a member stays after all.
    pub(crate) fn one<'k>(&self, name: &'k Key) -> &'k Key
    where
        'e: 'k,
    {
        self.follow(self.key(name), |_| true)
    }

    /// The same by a day, as it was known with a hand-over, by the model of that.
    pub(crate) fn by<'k>(&self, name: &'k Key, (day, hand_over): (NaiveDate, u32)) -> &'k Key
    where
        'e: 'k,
    {
        let former = self.former.iter().filter(|former| hand_over < former.until);
        let mut keys = former.filter_map(|own| own.names.get(self.model.key())?.get(name));
        let key = keys.next().unwrap_or_else(|| self.key(name));
        self.follow(key, |became| {
            let mut known = became.known.iter();
            became.since <= day && known.any(|known| known.contains(&hand_over))
        })
    }

    /// The same on a day, as it is known.
    pub(crate) fn on<'k>(&self, name: &'k Key, day: NaiveDate) -> &'k Key
    where
        'e: 'k,
    {
        self.follow(self.key(name), |became| became.since <= day)
    }

    fn follow<'k>(&self, mut last: &'k Key, has: impl Fn(&Became<'e>) -> bool) -> &'k Key
    where
        'e: 'k,
    {
        tally("name");
        // Nobody who was merged leads back to itself.
        while let Some(became) = self.into.get(self.key(last)).filter(|own| has(own)) {
            last = became.who;
        }
        last
    }

    /// Whom a member turned out to be in the next step, and from which day on.
    pub(super) fn next(&self, key: &Key) -> Option<(&'e Key, NaiveDate)> {
        self.into.get(key).map(|became| (became.who, became.since))
    }

    /// Whether nobody turned out to be another one.
    pub(crate) fn is_plain(&self) -> bool {
        self.into.is_empty()
    }
}
