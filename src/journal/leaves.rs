//! Leaves: the members that records name, as named, each tuple once; and what was added to them, hand-over by hand-over.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::key::Key;
use crate::ledger::Kind;
use crate::metric::{Addend, Single};

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

    /// Its kind and the member of its first field in one number.
    fn place(&self) -> u64 {
        u64::from(self.0) << 32 | u64::from(self.1.first().copied().unwrap_or(0))
    }
}

/// All leaves, numbered in the order in which they were first seen.
#[derive(Debug, Clone, Default)]
pub(crate) struct Leaves {
    /// By dimension, the names of members by number, the first being 1.
    names: Vec<Names>,
    list: Vec<Leaf>,
    /// By the kind and the member of its first field in one number, which tells most of them apart, and then by the whole.
    by_leaf: BTreeMap<(u64, Leaf), u32>,
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
        let placed = list.iter().cloned().map(|leaf| (leaf.place(), leaf));
        Self {
            names: names.into_iter().map(numbered).collect(),
            by_leaf: placed.zip(0..).collect(),
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
        let known = (leaf.place(), leaf);
        if let Some(number) = self.by_leaf.get(&known) {
            return Some(*number);
        }
        let number = u32::try_from(self.list.len()).ok()?;
        self.list.push(known.1.clone());
        self.by_leaf.insert(known, number);
        Some(number)
    }

    /// The number of a member that is known; 0 is nobody.
    pub(crate) fn member_number(&self, dimension: usize, name: &str) -> Option<u32> {
        self.names.get(dimension)?.numbers.get(name).copied()
    }

    /// The number of a leaf that is known.
    pub(crate) fn find(&self, leaf: Leaf) -> Option<u32> {
        self.by_leaf.get(&(leaf.place(), leaf)).copied()
    }

    pub(crate) fn list(&self) -> &[Leaf] {
        &self.list
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &[Key]> {
        self.names.iter().map(|names| names.list.as_slice())
    }
}

/// Puts addends in order: where leaves lie close together, by counting those of each, since what one of them holds is little.
fn in_order(all: &mut Vec<(u32, Addend)>) {
    let leaves = all.iter().map(|(leaf, _)| *leaf);
    let (Some(first), Some(last)) = (leaves.clone().min(), leaves.max()) else {
        return;
    };
    let span = (last - first) as usize + 1;
    if span > all.len() || span == 1 {
        return all.sort_unstable();
    }
    let place = |leaf: u32| (leaf - first) as usize;
    let mut ends = vec![0_usize; span];
    for (leaf, _) in all.iter() {
        ends[place(*leaf)] += 1;
    }
    let mut before = 0;
    for end in &mut ends {
        (*end, before) = (before, before + *end);
    }
    let mut placed = vec![all[0]; all.len()];
    for addend in all.iter() {
        let next = &mut ends[place(addend.0)];
        placed[*next] = *addend;
        *next += 1;
    }
    placed
        .chunk_by_mut(|one, next| one.0 == next.0)
        .for_each(<[_]>::sort_unstable);
    *all = placed;
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
        in_order(&mut all);
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

    /// Takes the last addend away where it is nothing; those before it were something.
    fn drop_zero(&mut self) {
        if self.addends.last().is_some_and(|last| last.value == 0) {
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
        // None lies before the first leaf.
        let begins = self
            .leaves
            .first()
            .map_or(self.addends.len(), |(_, first)| *first as usize);
        self.leaves.windows(2).all(ascending)
            && self.leaves.iter().all(inside)
            && begins == 0
            && self.addends.iter().all(|addend| addend.is_of(lanes))
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

#[cfg(test)]
mod tests {
    use super::*;

    fn added(leaf: u32, day: i32, value: i64) -> (u32, Addend) {
        (leaf, Addend::from((day, day, day, 0, value)))
    }

    #[test]
    fn leaves_that_are_counted_stand_as_those_that_are_sorted() {
        let mixed = |at: u32| at.wrapping_mul(2_654_435_761) >> 7;
        for (count, leaves) in [
            (0, 1),
            (1, 1),
            (40, 1),
            (40, 7),
            (40, 39),
            (500, 60),
            (40, 4_000),
        ] {
            let one = |at: u32| {
                let (leaf, day) = (mixed(at) % leaves + 9, (mixed(at + 7) % 5).cast_signed());
                added(leaf, day, i64::from(mixed(at + 3) % 4))
            };
            let mut all: Vec<(u32, Addend)> = (0..count).map(one).collect();
            let mut sorted = all.clone();
            sorted.sort_unstable();
            in_order(&mut all);
            assert_eq!(all, sorted, "{count} of {leaves}");
        }
    }

    #[test]
    fn what_cancels_out_is_not_kept() {
        let all = [
            added(0, 1, 5),
            added(0, 1, -5),
            added(1, 1, 5),
            added(1, 2, 3),
            added(1, 2, -3),
            added(2, 1, 7),
            added(2, 1, 1),
            added(2, 3, 0),
        ];
        let chunk = Chunk::new(all.to_vec(), Vec::new()).unwrap();
        let kept: Vec<(u32, Vec<i64>)> = chunk
            .each()
            .map(|(leaf, own)| (leaf, own.iter().map(|addend| addend.value).collect()))
            .collect();
        assert_eq!(kept, [(0, vec![]), (1, vec![5]), (2, vec![8])]);
    }

    /// What is read of a snapshot stands leaf by leaf, each once, and its addends in that order.
    #[test]
    fn a_chunk_is_of_leaves_in_ascending_order() {
        let list: Vec<Leaf> = (0..3).map(|member| Leaf(0, Box::new([member]))).collect();
        let is_read = |leaves: &[(u32, u32)]| {
            let own = Chunk {
                leaves: leaves.to_vec(),
                addends: [1, 2].map(|day| added(0, day, 1).1).to_vec(),
                singles: Vec::new(),
            };
            own.is_of((&list, &[]), (1, 0))
        };
        for good in [&[(0, 0)][..], &[(0, 0), (1, 1)], &[(0, 0), (1, 0), (2, 2)]] {
            assert!(is_read(good), "{good:?}");
        }
        for bad in [
            &[(1, 0), (0, 1)][..],
            &[(0, 0), (0, 1)],
            &[(0, 1), (1, 0)],
            &[(0, 0), (3, 1)],
            &[(0, 0), (1, 3)],
            &[(0, 1)],
            &[],
        ] {
            assert!(!is_read(bad), "{bad:?}");
        }
    }
}
