//! What was added by what is behind a close, in twelve bytes for each leaf cell.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::leaves::Chunk;
use crate::ledger::NO_AMOUNT;
use crate::metric::Addend;

/// Addends in columns: of each a value and the number of where it stands, of which there are as many as pieces and sums, however
/// many leaves there are.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Closed {
    /// Each leaf with the place of its first value, ascending.
    leaves: Vec<(u32, u32)>,
    values: Vec<i64>,
    numbers: Vec<u32>,
    /// By number, an addend without its value.
    stands: Vec<Addend>,
}

impl Closed {
    /// The addends of a chunk; nothing where there are more than can be numbered.
    pub(super) fn new(of: &Chunk) -> Option<Self> {
        let mut own = Self::default();
        let mut numbers: BTreeMap<Addend, u32> = BTreeMap::new();
        for (leaf, addends) in of.each() {
            own.leaves
                .push((leaf, u32::try_from(own.values.len()).ok()?));
            for addend in addends {
                let stands = Addend {
                    value: 0,
                    ..*addend
                };
                let next = u32::try_from(own.stands.len()).ok()?;
                let number = *numbers.entry(stands).or_insert(next);
                if number == next {
                    own.stands.push(stands);
                }
                own.numbers.push(number);
                own.values.push(addend.value);
            }
        }
        Some(own)
    }

    /// The addends, leaf by leaf.
    pub(crate) fn each(&self) -> impl Iterator<Item = (u32, impl Iterator<Item = Addend>)> {
        let ends = self.leaves.iter().skip(1).map(|(_, first)| *first as usize);
        let ends = ends.chain([self.values.len()]);
        self.leaves.iter().zip(ends).map(|((leaf, first), end)| {
            let range = *first as usize..end;
            let values = self.values.get(range.clone()).unwrap_or_default();
            let numbers = self.numbers.get(range).unwrap_or_default();
            let own = values.iter().zip(numbers).filter_map(|(value, number)| {
                let stands = self.stands.get(*number as usize)?;
                Some(Addend {
                    value: *value,
                    ..*stands
                })
            });
            (*leaf, own)
        })
    }

    /// Whether it is of so many leaves and lanes, leaf by leaf.
    pub(super) fn is_of(&self, leaves: usize, lanes: usize) -> bool {
        let ascending = |pair: &[(u32, u32)]| pair[0].0 < pair[1].0 && pair[0].1 <= pair[1].1;
        let inside = |(leaf, first): &(u32, u32)| {
            (*leaf as usize) < leaves && *first as usize <= self.values.len()
        };
        let known = |addend: &Addend| addend.is_of(lanes);
        // None lies before the first leaf.
        let begins = self
            .leaves
            .first()
            .map_or(self.values.len(), |(_, first)| *first as usize);
        self.leaves.windows(2).all(ascending)
            && self.leaves.iter().all(inside)
            && begins == 0
            && self.numbers.len() == self.values.len()
            && !self.values.contains(&NO_AMOUNT)
            && self
                .numbers
                .iter()
                .all(|number| (*number as usize) < self.stands.len())
            && self.stands.iter().all(known)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leaf_cell_takes_twelve_bytes() {
        let addend = |leaf: u32, day: i32, lane: u16| {
            let stands = Addend {
                on: day,
                day,
                from: day,
                lane,
                value: i64::from(leaf) + 1,
            };
            (leaf, stands)
        };
        let all: Vec<(u32, Addend)> = (0..1_000)
            .flat_map(|leaf| [31, 59, 90].map(|day| [addend(leaf, day, 0), addend(leaf, day, 1)]))
            .flatten()
            .collect();
        let chunk = Chunk::new(all.clone(), Vec::new()).unwrap();
        let closed = Closed::new(&chunk).unwrap();
        assert!(closed.is_of(1_000, 2) && !closed.is_of(999, 2) && !closed.is_of(1_000, 1));
        let mut twice = closed.clone();
        twice.leaves[1].0 = twice.leaves[0].0;
        assert!(!twice.is_of(1_000, 2));
        let back: Vec<(u32, Addend)> = closed
            .each()
            .flat_map(|(leaf, own)| own.map(move |addend| (leaf, addend)).collect::<Vec<_>>())
            .collect();
        assert_eq!(back, all);
        let bytes = 8 * closed.leaves.len()
            + 12 * closed.values.len()
            + size_of::<Addend>() * closed.stands.len();
        assert!(bytes < 14 * all.len(), "{bytes}");
    }
}
