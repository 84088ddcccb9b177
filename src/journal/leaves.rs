//! Leaves: the members that records name, as named, each tuple once; and what was added to them, hand-over by hand-over.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::key::Key;
use crate::ledger::Kind;
use crate::metric::{Addend, RECORDS, Single};

/// A leaf: a kind of record and the numbers of the members that its fields name; 0 for nobody.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Leaf(pub(super) u16, pub(super) Box<[u32]>);

impl Leaf {
    pub(crate) fn kind(&self) -> u16 {
        self.0
    }

    pub(crate) fn members(&self) -> &[u32] {
        &self.1
    }
}

/// All leaves, numbered in the order in which they were first seen.
#[derive(Debug, Clone, Default)]
pub(crate) struct Leaves {
    /// By dimension, the names of members by number, the first being 1.
    names: Vec<Names>,
    list: Vec<Leaf>,
    by_leaf: BTreeMap<Leaf, u32>,
}

#[derive(Debug, Clone, Default)]
struct Names {
    list: Vec<Key>,
    numbers: BTreeMap<Key, u32>,
}

impl Leaves {
    pub(crate) fn new(dimensions: usize) -> Self {
        Self {
            names: vec![Names::default(); dimensions],
            ..Self::default()
        }
    }

    pub(crate) fn of_list(names: Vec<Vec<Key>>, list: Vec<Leaf>) -> Self {
        let numbered = |list: Vec<Key>| Names {
            numbers: list.iter().cloned().zip(1..).collect(),
            list,
        };
        Self {
            names: names.into_iter().map(numbered).collect(),
            by_leaf: list.iter().cloned().zip(0..).collect(),
            list,
        }
    }

    /// The number of a member of a dimension, learned where it is new.
    pub(crate) fn member(&mut self, dimension: usize, name: &str) -> Option<u32> {
        let names = &mut self.names[dimension];
        if let Some(number) = names.numbers.get(name) {
            return Some(*number);
        }
        let key = Key::new(name).ok()?;
        names.list.push(key.clone());
        let number = u32::try_from(names.list.len()).ok()?;
        names.numbers.insert(key, number);
        Some(number)
    }

    /// The number of a leaf, learned where it is new.
    pub(crate) fn number(&mut self, leaf: Leaf) -> Option<u32> {
        if let Some(number) = self.by_leaf.get(&leaf) {
            return Some(*number);
        }
        let number = u32::try_from(self.list.len()).ok()?;
        self.by_leaf.insert(leaf.clone(), number);
        self.list.push(leaf);
        Some(number)
    }

    /// The number of a member that is known; 0 is nobody.
    pub(crate) fn member_number(&self, dimension: usize, name: &str) -> Option<u32> {
        self.names.get(dimension)?.numbers.get(name).copied()
    }

    /// The number of a leaf that is known.
    pub(crate) fn find(&self, leaf: &Leaf) -> Option<u32> {
        self.by_leaf.get(leaf).copied()
    }

    pub(crate) fn list(&self) -> &[Leaf] {
        &self.list
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &[Key]> {
        self.names.iter().map(|names| names.list.as_slice())
    }
}

/// What one hand-over added, leaf by leaf.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct Chunk {
    /// Each leaf with the place of its first addend, ascending.
    leaves: Vec<(u32, u32)>,
    addends: Vec<Addend>,
    /// By the number of its entry, what is kept of a record from now on, ascending; nothing of one that stands no more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    singles: Vec<(u32, Option<Single>)>,
}

impl Chunk {
    /// Puts addends of one place together; what cancels out is not there.
    pub(crate) fn new(
        mut all: Vec<(u32, Addend)>,
        singles: Vec<(u32, Option<Single>)>,
    ) -> Option<Self> {
        all.sort_unstable();
        let mut own = Self {
            singles,
            ..Self::default()
        };
        for (leaf, addend) in all {
            if own.leaves.last().is_none_or(|(last, _)| *last != leaf) {
                own.drop_zero();
                let first = u32::try_from(own.addends.len()).ok()?;
                own.leaves.push((leaf, first));
            } else if let Some(last) = own.addends.last_mut() {
                let zero = |addend: &Addend| Addend {
                    value: 0,
                    ..*addend
                };
                if zero(last) == zero(&addend)
                    && let Some(sum) = last.value.checked_add(addend.value)
                {
                    last.value = sum;
                    continue;
                }
            }
            own.drop_zero();
            own.addends.push(addend);
        }
        own.drop_zero();
        Some(own)
    }

    fn drop_zero(&mut self) {
        let first = self.leaves.last().map_or(0, |(_, first)| *first as usize);
        if self.addends.len() > first && self.addends.last().is_some_and(|last| last.value == 0) {
            self.addends.pop();
        }
    }

    /// The addends, leaf by leaf.
    pub(crate) fn each(&self) -> impl Iterator<Item = (u32, &[Addend])> {
        let ends = self.leaves.iter().skip(1).map(|(_, first)| *first as usize);
        let ends = ends.chain([self.addends.len()]);
        self.leaves.iter().zip(ends).map(|((leaf, first), end)| {
            let own = self.addends.get(*first as usize..end);
            (*leaf, own.unwrap_or_default())
        })
    }

    /// What is kept of records from now on.
    pub(crate) fn singles(&self) -> &[(u32, Option<Single>)] {
        &self.singles
    }

    /// What is said of one of them.
    pub(crate) fn single(&self, at: u32) -> Option<&Option<Single>> {
        let place = self.singles.binary_search_by_key(&at, |(at, _)| *at);
        place.ok().map(|place| &self.singles[place].1)
    }

    /// Keeps a record that it does not have.
    pub(crate) fn put_single(&mut self, at: u32, single: Single) {
        if let Err(place) = self.singles.binary_search_by_key(&at, |(at, _)| *at) {
            self.singles.insert(place, (at, Some(single)));
        }
    }

    /// Gives entries other numbers, in the same order; what has none any more goes.
    pub(crate) fn renumber(&mut self, new: impl Fn(u32) -> Option<u32>) {
        let own = std::mem::take(&mut self.singles).into_iter();
        self.singles = own
            .filter_map(|(at, single)| Some((new(at)?, single)))
            .collect();
    }

    /// Whether it is of so many lanes and of these leaves, leaf by leaf.
    pub(crate) fn is_of(
        &self,
        (list, kinds): (&[Leaf], &[Kind]),
        (lanes, entries): (usize, usize),
    ) -> bool {
        let leaves = list.len();
        let kept = |single: &Single| is_record(single, (list, kinds));
        let ascending = |pair: &[(u32, u32)]| pair[0].0 < pair[1].0 && pair[0].1 <= pair[1].1;
        let inside = |(leaf, first): &(u32, u32)| {
            (*leaf as usize) < leaves && *first as usize <= self.addends.len()
        };
        let known = |addend: &Addend| addend.lane == RECORDS || usize::from(addend.lane) < lanes;
        self.leaves.windows(2).all(ascending)
            && self.leaves.iter().all(inside)
            && self.addends.iter().all(known)
            && self.singles.windows(2).all(|pair| pair[0].0 < pair[1].0)
            && self.singles.iter().all(|(at, _)| (*at as usize) < entries)
            && self
                .singles
                .iter()
                .filter_map(|(_, single)| single.as_ref())
                .all(kept)
    }
}

/// Whether what is kept singly is a record of these leaves.
pub(crate) fn is_record(single: &Single, (list, kinds): (&[Leaf], &[Kind])) -> bool {
    let kind = list.get(single.leaf as usize).map(Leaf::kind);
    let of_kind = |leaf: u32| list.get(leaf as usize).map(Leaf::kind) == kind;
    kind.and_then(|kind| kinds.get(usize::from(kind)))
        .is_some_and(|kind| single.is_of(kind))
        && single.leaves().all(of_kind)
}

/// The chunks of all hand-overs.
pub(crate) type Chunks = Vec<Arc<Chunk>>;
