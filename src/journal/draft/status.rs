//! What was judged of entries: most are new, and stand side by side.

use std::collections::BTreeMap;

use crate::journal::journal::Withheld;

/// Why entries do not stand, by their number; nothing for one that stands.
#[derive(Debug, Default)]
pub(in crate::journal) struct Status {
    first: usize,
    /// Of new entries, as far as they were judged.
    #[expect(
        clippy::option_option,
        reason = "not judged yet, or judged and nothing was found against it"
    )]
    fresh: Vec<Option<Option<Withheld>>>,
    /// Of those that were there.
    known: BTreeMap<u32, Option<Withheld>>,
}

impl Status {
    /// Nothing is judged yet; new entries come after so many.
    pub(super) fn after(first: usize) -> Self {
        Self {
            first,
            ..Self::default()
        }
    }

    pub(super) fn get(&self, at: u32) -> Option<&Option<Withheld>> {
        match (at as usize).checked_sub(self.first) {
            Some(place) => self.fresh.get(place)?.as_ref(),
            None => self.known.get(&at),
        }
    }

    pub(super) fn insert(&mut self, at: u32, judged: Option<Withheld>) {
        let Some(place) = (at as usize).checked_sub(self.first) else {
            self.known.insert(at, judged);
            return;
        };
        if self.fresh.len() <= place {
            self.fresh.resize(place + 1, None);
        }
        self.fresh[place] = Some(judged);
    }

    /// What was judged, in the order of the entries.
    pub(in crate::journal) fn iter(&self) -> impl Iterator<Item = (u32, &Option<Withheld>)> {
        let known = self.known.iter().map(|(at, judged)| (*at, judged));
        let fresh = self.fresh.iter().enumerate().filter_map(|(place, judged)| {
            let at = u32::try_from(self.first + place).ok()?;
            Some((at, judged.as_ref()?))
        });
        known.chain(fresh)
    }

    /// The same, taken out.
    pub(in crate::journal) fn into_each(self) -> impl Iterator<Item = (u32, Option<Withheld>)> {
        let first = self.first;
        let fresh = self.fresh.into_iter().enumerate();
        let fresh = fresh.filter_map(move |(place, judged)| {
            let at = u32::try_from(first + place).ok()?;
            Some((at, judged?))
        });
        self.known.into_iter().chain(fresh)
    }
}
