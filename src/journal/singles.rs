//! Records kept singly of what is closed: those that are enough stay, the others are forgotten, and asked for where an answer needs
//! them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::id::EntryId;
use super::leaves::{Chunk, Leaves};
use super::pieces::{Pieces, Spot};
use crate::metric::{Lanes, Single, is_day};

/// What is left of the records of closed days that were kept singly.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Singles {
    /// By identity. Of pieces that are not thinned, all.
    #[serde(with = "as_list", default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) kept: BTreeMap<EntryId, Single>,
    /// The pieces of which others are gone.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(super) thinned: BTreeSet<Spot>,
    /// The pieces with records of which anything became, with the last day on which it did: what they were before is not known of
    /// those that are gone.
    #[serde(with = "as_list", default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) changed: BTreeMap<Spot, i32>,
    /// Those of them in which one that was kept is not any more what it was: the others may matter.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(super) unsure: BTreeSet<Spot>,
    /// Those that became entries again, by number, with their pieces.
    #[serde(with = "as_list", default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) recalled: BTreeMap<u32, Spot>,
}

/// A map as a list of pairs, whatever its keys are.
mod as_list {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

    pub(super) fn serialize<K: Serialize, V: Serialize, S: Serializer>(
        all: &BTreeMap<K, V>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(all)
    }

    pub(super) fn deserialize<'de, K, V, D>(deserializer: D) -> Result<BTreeMap<K, V>, D::Error>
    where
        K: Deserialize<'de> + Ord,
        V: Deserialize<'de>,
        D: Deserializer<'de>,
    {
        let all = Vec::<(K, V)>::deserialize(deserializer)?;
        let count = all.len();
        let all: BTreeMap<K, V> = all.into_iter().collect();
        if all.len() < count {
            return Err(de::Error::custom(
                "what is kept of closed records is listed twice",
            ));
        }
        Ok(all)
    }
}

/// The piece of a record.
pub(super) fn spot(single: &Single, pieces: Pieces<'_>) -> Spot {
    Spot {
        leaf: single.leaf,
        start: pieces.start(single.day),
    }
}

impl Singles {
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The records themselves.
    pub(crate) fn each(&self) -> impl Iterator<Item = &Single> {
        self.kept.values()
    }

    /// Whether all are records of so many entries and leaves.
    pub(super) fn fit(
        &self,
        (entries, leaves): (usize, usize),
        fits: impl Fn(&Single) -> bool,
    ) -> bool {
        let spots = self.thinned.iter().chain(self.changed.keys());
        let spots = spots.chain(&self.unsure).chain(self.recalled.values());
        self.kept.values().all(fits)
            && self.recalled.keys().all(|at| (*at as usize) < entries)
            && spots.copied().all(|spot| (spot.leaf as usize) < leaves)
            && self.changed.values().all(|day| is_day(*day))
    }

    /// The pieces of which some record that was kept is another one by these hand-overs, before and since.
    pub(super) fn shaken<'s>(
        &'s self,
        chunks: &'s [Arc<Chunk>],
    ) -> impl Iterator<Item = Spot> + 's {
        let since = chunks.get(1..).unwrap_or_default();
        let is_told = |at: u32| since.iter().any(|chunk| chunk.single(at).is_some());
        let recalled = self.recalled.iter();
        let recalled = recalled
            .filter(move |(at, _)| is_told(**at))
            .map(|(_, spot)| *spot);
        self.unsure.iter().copied().chain(recalled)
    }

    /// Keeps of each piece those that are enough.
    pub(super) fn thin(
        &mut self,
        lanes: &Lanes,
        leaves: &Leaves,
        pieces: Pieces<'_>,
        own_day: impl Fn(u32, i32) -> i32,
    ) {
        let kinds = leaves.list().iter().map(|leaf| usize::from(leaf.kind()));
        let kinds: Vec<usize> = kinds.collect();
        let mut by_kind: BTreeMap<usize, Vec<(EntryId, Single)>> = BTreeMap::new();
        for (id, single) in std::mem::take(&mut self.kept) {
            let kind = kinds.get(single.leaf as usize).copied().unwrap_or(0);
            by_kind.entry(kind).or_default().push((id, single));
        }
        for (kind, all) in by_kind {
            let (joined, own): (Vec<_>, Vec<_>) = all
                .into_iter()
                .partition(|(_, single)| pieces.of(single.day).is_some());
            self.kept.extend(own);
            // What was taken back is behind, so that it is no more.
            let standing = joined.iter().enumerate();
            let standing = standing.filter(|(_, (_, single))| single.course.reversed.is_none());
            let standing: Vec<usize> = standing.map(|(at, _)| at).collect();
            let asked: Vec<(&Single, i32)> = standing
                .iter()
                .map(|at| &joined[*at].1)
                .map(|single| (single, own_day(single.leaf, single.day)))
                .collect();
            let enough = lanes.witnesses(kind, &asked, |day| pieces.day(day));
            let enough: BTreeSet<usize> = enough.into_iter().map(|place| standing[place]).collect();
            for (at, (id, single)) in joined.into_iter().enumerate() {
                if let Some(day) = single.last_change() {
                    let last = self.changed.entry(spot(&single, pieces)).or_insert(day);
                    *last = day.max(*last);
                }
                if enough.contains(&at) {
                    self.kept.insert(id, single);
                    continue;
                }
                self.thinned.insert(spot(&single, pieces));
            }
        }
    }
}
