//! The identities of new entries: most come in order, and are then found without a search.

use std::collections::BTreeMap;

use crate::journal::id::EntryId;

/// The numbers of new entries by identity.
#[derive(Debug, Default)]
pub(super) struct Ids {
    /// Each after the one before it.
    ascending: Vec<(EntryId, u32)>,
    others: BTreeMap<EntryId, u32>,
}

impl Ids {
    pub(super) fn get(&self, id: &EntryId) -> Option<&u32> {
        let place = self.ascending.binary_search_by(|(own, _)| own.cmp(id));
        let found = place.ok().map(|place| &self.ascending[place].1);
        found.or_else(|| self.others.get(id))
    }

    /// Gives an identity a number, unless it has one, which is returned.
    pub(super) fn insert(&mut self, id: &EntryId, at: u32) -> Option<u32> {
        if self.ascending.last().is_none_or(|(last, _)| last < id) {
            self.ascending.push((id.clone(), at));
            return None;
        }
        let before = self.get(id).copied();
        if before.is_none() {
            self.others.insert(id.clone(), at);
        }
        before
    }

    /// Takes back what was inserted last.
    pub(super) fn take_back(&mut self, id: &EntryId) {
        if self.ascending.last().is_some_and(|(last, _)| last == id) {
            self.ascending.pop();
        } else {
            self.others.remove(id);
        }
    }

    /// All of them, in order.
    pub(super) fn into_map(self) -> BTreeMap<EntryId, u32> {
        let mut all: BTreeMap<EntryId, u32> = self.ascending.into_iter().collect();
        all.extend(self.others);
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identity_has_one_number_whatever_order_they_come_in() {
        let id = |name: &str| EntryId::new("crm", name).unwrap();
        let mut own = Ids::default();
        for (name, at) in [("b", 0), ("d", 1), ("a", 2), ("e", 3), ("c", 4)] {
            assert_eq!(own.insert(&id(name), at), None, "{name}");
        }
        for (name, at) in [("a", 2), ("b", 0), ("c", 4), ("d", 1), ("e", 3)] {
            assert_eq!(own.insert(&id(name), 9), Some(at), "{name}");
        }
        own.insert(&id("f"), 5);
        own.take_back(&id("f"));
        own.insert(&id("ab"), 6);
        own.take_back(&id("ab"));
        assert_eq!((own.get(&id("f")), own.get(&id("ab"))), (None, None));
        let all: Vec<(String, u32)> = own
            .into_map()
            .into_iter()
            .map(|(id, at)| (id.id.to_string(), at))
            .collect();
        let wanted = [("a", 2), ("b", 0), ("c", 4), ("d", 1), ("e", 3)];
        assert_eq!(all, wanted.map(|(name, at)| (name.to_owned(), at)));
    }
}
