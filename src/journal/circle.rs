//! Entries that refer to each other in a circle: no such are taken in, supplied or read.

use std::collections::BTreeSet;
use std::fmt;

use super::entry::Entry;
use super::error::{JournalError, by_way_of};
use super::id::EntryId;

/// An entry, and by way of which others it refers to itself.
#[derive(Debug, PartialEq)]
pub(super) struct Circle {
    pub(super) entry: EntryId,
    pub(super) path: Vec<EntryId>,
}

impl fmt::Display for Circle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let way = by_way_of(&self.path);
        write!(f, "`{}` refers to itself{way}", self.entry)
    }
}

impl From<Circle> for JournalError {
    fn from(circle: Circle) -> Self {
        let Circle { entry, path } = circle;
        Self::Circle { entry, path }
    }
}

/// The first circle to which some entries lead, each followed once.
pub(super) fn circle<'e>(
    from: impl IntoIterator<Item = &'e Entry>,
    find: impl Fn(&EntryId) -> Option<&'e Entry>,
) -> Option<Circle> {
    let mut done: BTreeSet<&EntryId> = BTreeSet::new();
    for start in from {
        // Each entry on the way with those to which it refers and which were not followed yet.
        let mut way: Vec<(&EntryId, Vec<&EntryId>)> = Vec::new();
        let mut on_way: BTreeSet<&EntryId> = BTreeSet::new();
        let mut next = Some(start);
        loop {
            if let Some(entry) = next.take().filter(|entry| !done.contains(entry.id())) {
                if !on_way.insert(entry.id()) {
                    let since = way.iter().skip_while(|(id, _)| *id != entry.id());
                    let path = since.skip(1).map(|(id, _)| (*id).clone());
                    return Some(Circle {
                        entry: entry.id().clone(),
                        path: path.collect(),
                    });
                }
                way.push((entry.id(), entry.refers_to().collect()));
            }
            let Some((id, left)) = way.last_mut() else {
                break;
            };
            if let Some(of) = left.pop() {
                next = find(of);
            } else {
                done.insert(*id);
                on_way.remove(*id);
                way.pop();
            }
        }
    }
    None
}
