//! Which new entries are refused because of what stands: what is done already is not done again.

use super::Draft;
use super::judge::hierarchy_of;
use crate::journal::entry::Content;
use crate::journal::error::Rejection;
use crate::journal::report::Awaited;
use crate::journal::state::Withheld;
use crate::key::Key;

impl Draft<'_> {
    /// Refuses what contradicts other entries.
    pub(super) fn refuse(&mut self) {
        let first = self.journal.entries.len();
        let numbers = (first..first + self.fresh.len()).filter_map(|at| u32::try_from(at).ok());
        let mut found: Vec<(u32, Rejection)> = Vec::new();
        for at in numbers {
            found.extend(self.contradiction(at).map(|reason| (at, reason)));
        }
        found.extend(self.revived());
        for (at, reason) in found {
            if let Some(row) = self.row(at) {
                let entry = self.entry(at).clone();
                self.reject(row, &entry, reason);
            }
        }
    }

    fn contradiction(&self, at: u32) -> Option<Rejection> {
        let entry = self.entry(at);
        let done = |other: u32| Rejection::Done {
            other: self.entry(other).id().clone(),
        };
        match entry.content() {
            Content::Reverse(of) => {
                if let Some(rival) = self.rival(at).filter(|rival| *rival < at) {
                    return Some(done(rival));
                }
                let Some(Withheld::Waits(Awaited::Unfit { day, .. })) = self.withheld(at) else {
                    return None;
                };
                let is_record = |of: u32| matches!(self.entry(of).content(), Content::Record(_));
                if self.find(of).is_some_and(is_record) {
                    let (of, since) = (of.clone(), *day);
                    let day = entry.day();
                    return Some(Rejection::ReversedBefore { day, of, since });
                }
                Some(Rejection::NotARecord { of: of.clone() })
            }
            Content::Join(join) => {
                let dimension = self.journal.dimension(&join.dimension)?;
                if self
                    .journal
                    .model_level(dimension, join.member.as_str())
                    .is_some()
                {
                    return Some(Rejection::AlreadyThere {
                        dimension: join.dimension.clone(),
                        member: join.member.clone(),
                    });
                }
                if let Some(rival) = self.rival(at).filter(|rival| *rival < at) {
                    return Some(done(rival));
                }
                let parent = self.unfit_parent(at)?;
                let given = join.parents.iter().find(|known| known.member == *parent)?;
                let hierarchies = self.journal.hierarchies(dimension);
                Some(Rejection::NotAbove {
                    hierarchy: hierarchy_of(hierarchies, given.hierarchy.as_ref())?,
                    member: join.member.clone(),
                    parent: parent.clone(),
                })
            }
            Content::Move(to) => {
                let parent = self.unfit_parent(at)?;
                let dimension = self.journal.dimension(&to.dimension)?;
                let hierarchies = self.journal.hierarchies(dimension);
                Some(Rejection::NotAbove {
                    hierarchy: hierarchy_of(hierarchies, to.hierarchy.as_ref())?,
                    member: to.member.clone(),
                    parent: parent.clone(),
                })
            }
            Content::Record(_) | Content::End(_) | Content::Void(_) => None,
        }
    }

    fn unfit_parent(&self, at: u32) -> Option<&Key> {
        match self.withheld(at) {
            Some(Withheld::Waits(Awaited::Parent { member })) => Some(member),
            _ => None,
        }
    }

    /// Another reversal of the same record, or another join of the same member, that no void has taken back.
    fn rival(&self, at: u32) -> Option<u32> {
        let entry = self.entry(at);
        if self.is_voided(at) {
            return None;
        }
        let is_other = |other: &u32| *other != at && !self.is_voided(*other);
        match entry.content() {
            Content::Reverse(of) => self
                .referring_to(of)
                .filter(is_other)
                .find(|other| matches!(self.entry(*other).content(), Content::Reverse(_))),
            Content::Join(join) => {
                let dimension = self.journal.dimension(&join.dimension)?;
                self.joins_of(dimension, &join.member).find(is_other)
            }
            _ => None,
        }
    }

    /// New voids of voids that would bring back what another entry does by now.
    fn revived(&self) -> Vec<(u32, Rejection)> {
        let before = self.journal.entries.len();
        let back = self.status.keys().filter(|at| {
            (**at as usize) < before
                && matches!(self.journal.withheld.get(at), Some(Withheld::Voided(_)))
                && !self.is_voided(**at)
        });
        let mut found = Vec::new();
        for at in back {
            let Some(rival) = self.rival(*at) else {
                continue;
            };
            let voids = self.referring_to(self.entry(*at).id());
            let again = voids.flat_map(|void| self.referring_to(self.entry(void).id()));
            let other = self.entry(rival).id();
            found.extend(
                again
                    .filter(|again| self.row(*again).is_some())
                    .map(|again| {
                        let other = other.clone();
                        (again, Rejection::Done { other })
                    }),
            );
        }
        found
    }
}
