//! Which new entries are refused because of what stands: what is done already is not done again.

use chrono::NaiveDate;

use super::Draft;
use super::judge::hierarchy_of;
use crate::journal::close::Close;
use crate::journal::entry::{Content, ExcuseDef};
use crate::journal::error::Rejection;
use crate::journal::id::EntryId;
use crate::journal::journal::Withheld;
use crate::journal::report::Awaited;
use crate::journal::structure::about;
use crate::key::Key;

/// A new void that stands, and by which an entry that was there stands no more, or again.
#[derive(Debug)]
pub(super) struct Flip {
    pub(super) void: u32,
    /// What stands no more, or again.
    pub(super) of: u32,
    pub(super) falls: bool,
}

impl Draft<'_> {
    /// Refuses what contradicts other entries.
    pub(super) fn refuse(&mut self) {
        let first = self.journal.entries.len();
        let numbers = (first..first + self.fresh.len()).filter_map(|at| u32::try_from(at).ok());
        let mut found: Vec<(u32, Rejection)> = Vec::new();
        for at in numbers {
            found.extend(self.contradiction(at).map(|reason| (at, reason)));
        }
        let flips = self.flips();
        found.extend(self.revived(&flips));
        found.extend(self.without_a_row(&flips));
        found.extend(self.overfull(&flips));
        found.extend(self.mistaken_targets(&flips));
        found.extend(self.of_earlier_models());
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
            Content::Reverse(_) | Content::Apply(_) => {
                if let Some(rival) = self.rival(at).filter(|rival| *rival < at) {
                    return Some(done(rival));
                }
                match self.withheld(at) {
                    Some(Withheld::Waits(Awaited::Unfit { .. })) => {
                        self.misfit(at).map(|(_, _, reason)| reason)
                    }
                    _ => None,
                }
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
            Content::Rename(_) | Content::End(_) => self.gone(at),
            Content::Move(to) => {
                if let Some(gone) = self.gone(at) {
                    return Some(gone);
                }
                let parent = self.unfit_parent(at)?;
                let dimension = self.journal.dimension(&to.dimension)?;
                let hierarchies = self.journal.hierarchies(dimension);
                Some(Rejection::NotAbove {
                    hierarchy: hierarchy_of(hierarchies, to.hierarchy.as_ref())?,
                    member: to.member.clone(),
                    parent: parent.clone(),
                })
            }
            Content::Merge(merge) => {
                if let Some(rival) = self.rival(at).filter(|rival| *rival < at) {
                    return Some(done(rival));
                }
                self.unfit_parent(at).map(|into| Rejection::OtherLevel {
                    member: merge.member.clone(),
                    into: into.clone(),
                })
            }
            Content::Hold(_) | Content::Vacate(_) => {
                let (axis, member) = self.not_at_level(entry)?;
                let dimension = self.journal.dimension(&axis.dimension)?;
                // Who is not there may join later.
                self.level(dimension, member.as_str())?;
                let (axis, member) = (axis.clone(), member.clone());
                Some(Rejection::NotAtLevel { member, axis })
            }
            Content::Close(_) | Content::Reopen => self.misjudged(at),
            Content::Void(of) => self.unvoidable(of),
            Content::Excuse(own) => self.owes_nothing(own),
            Content::Targets(own) => self.strayed(own, false),
            // What a plan does not take is told when it is made.
            Content::Record(_) | Content::Decide(_) | Content::Plan(_) | Content::Model(_) => None,
        }
    }

    /// Why nobody would be excused: neither the member nor anybody below has the duty.
    fn owes_nothing(&self, excuse: &ExcuseDef) -> Option<Rejection> {
        let dimension = self.journal.owing_in(&excuse.duty)?;
        let own = self.level(dimension, excuse.member.as_str())?;
        let duties = self.journal.model.duties().iter();
        let mut duties = duties.map(|owing| &owing.definition);
        let who = &duties.find(|known| known.key == excuse.duty)?.who.level;
        let mut hierarchies = self.journal.hierarchies(dimension).iter();
        let is_above = hierarchies.any(|hierarchy| {
            let hierarchy = Some(&hierarchy.key);
            self.journal.is_above(dimension, hierarchy, &own, who)
        });
        (own != *who && !is_above).then(|| Rejection::OwesNothing {
            duty: excuse.duty.clone(),
            member: excuse.member.clone(),
            level: who.clone(),
        })
    }

    /// Why the books cannot be closed or reopened so.
    fn misjudged(&self, at: u32) -> Option<Rejection> {
        if !self.stands(at) {
            return None;
        }
        let entry = self.entry(at);
        let day = entry.day();
        let Content::Close(how) = entry.content() else {
            if entry.author().is_none() || entry.reason().is_none() {
                return Some(Rejection::Unsigned);
            }
            let through = self.journal.closed_through(Close::Soft);
            let is_closed = through.is_some_and(|through| day <= through);
            return (!is_closed).then_some(Rejection::NotClosed { day, through });
        };
        if day > self.complete_through {
            let through = self.complete_through;
            return Some(Rejection::NotComplete { day, through });
        }
        let reopened = self.reopened_from();
        let through = self.journal.closed_through(*how)?;
        let through =
            reopened.map_or(Some(through), |from| through.min(from.pred_opt()?).into())?;
        (day <= through).then_some(Rejection::Closed {
            how: *how,
            day,
            through,
        })
    }

    /// The first day that the hand-over opens again.
    pub(super) fn reopened_from(&self) -> Option<NaiveDate> {
        let stands = self.status.iter().filter(|(_, status)| status.is_none());
        let reopening = stands.map(|(at, _)| at).filter(|at| {
            matches!(self.entry(*at).content(), Content::Reopen) && !self.journal.stood(*at)
        });
        reopening.map(|at| self.entry(at).day()).min()
    }

    /// Why an entry cannot be voided: what closes, reopens or changes the model is done.
    fn unvoidable(&self, of: &EntryId) -> Option<Rejection> {
        let of = self.entry(self.find(of)?);
        let judges = matches!(
            of.content(),
            Content::Close(_) | Content::Reopen | Content::Model(_)
        );
        judges.then(|| Rejection::Judged {
            of: of.id().clone(),
        })
    }

    /// New voids by which a member would not have been there that has figures in closed books.
    fn without_a_row(&self, flips: &[Flip]) -> Vec<(u32, Rejection)> {
        let Some(through) = self.journal.books.forgotten else {
            return Vec::new();
        };
        let gone = flips.iter().filter(|flip| flip.falls).filter_map(|flip| {
            let entry = self.entry(flip.of);
            let Content::Join(join) = entry.content() else {
                return None;
            };
            let has_a_row = entry.day() <= through || self.journal.is_in_books(join);
            let member = join.member.clone();
            has_a_row.then_some((flip.void, Rejection::HasARow { member, through }))
        });
        gone.collect()
    }

    /// The new voids by which an entry that was there stands no more, or again: each with what it voids in the end.
    fn flips(&self) -> Vec<Flip> {
        let before = self.journal.entries.len();
        let fresh = (before..before + self.fresh.len()).filter_map(|at| u32::try_from(at).ok());
        let flip = |void: u32| {
            let mut of = void;
            // No void leads back to itself.
            while let Content::Void(next) = self.entry(of).content() {
                of = self.find(next)?;
            }
            let is_known = (of as usize) < before;
            let (stood, stands) = (self.journal.stood(of), self.stands(of));
            (is_known && of != void && stood != stands).then_some(Flip {
                void,
                of,
                falls: stood,
            })
        };
        fresh
            .filter(|at| self.stands(*at))
            .filter_map(flip)
            .collect()
    }

    /// New voids of voids by which something would be said again that is not of the model by now.
    fn of_earlier_models(&self) -> Vec<(u32, Rejection)> {
        let before = self.journal.entries.len();
        let fresh = (before..before + self.fresh.len()).filter_map(|at| u32::try_from(at).ok());
        let refused = |void: u32| {
            let mut of = void;
            // No void leads back to itself.
            while let Content::Void(next) = self.entry(of).content() {
                of = self.find(next)?;
            }
            let was_void = matches!(self.journal.withheld.get(&of), Some(Withheld::Voided(_)));
            if !was_void || self.is_voided(of) {
                return None;
            }
            let entry = self.entry(of);
            let reason = match entry.content() {
                Content::Decide(_) | Content::Excuse(_) => return None,
                Content::Targets(own) => {
                    let refused = self.journal.checked(entry).err();
                    refused.or_else(|| self.strayed(own, false))
                }
                _ => self.journal.checked(entry).err(),
            };
            let (of, reason) = (entry.id().clone(), Box::new(reason?));
            Some((void, Rejection::Returns { of, reason }))
        };
        fresh
            .filter(|at| self.stands(*at))
            .filter_map(refused)
            .collect()
    }

    /// Why nothing is said any more of a member that was merged into another one by then.
    fn gone(&self, at: u32) -> Option<Rejection> {
        let entry = self.entry(at);
        let (key, member) = about(entry)?;
        let merges = self.merges_of(self.journal.dimension(key)?, member);
        let mut merges = merges.into_iter();
        let merge =
            merges.find(|merge| self.stands(*merge) && self.entry(*merge).day() <= entry.day())?;
        let Content::Merge(merged) = self.entry(merge).content() else {
            return None;
        };
        Some(Rejection::Merged {
            member: member.clone(),
            into: merged.into.clone(),
            by: self.entry(merge).id().clone(),
        })
    }

    /// The merge by which, through others or alone, one member is another already.
    fn merged(&self, dimension: usize, member: &Key, into: &Key) -> Option<u32> {
        let mut member = member;
        let mut seen = Vec::new();
        loop {
            let merges = self.merges_of(dimension, member);
            let merge = merges.into_iter().find(|merge| !self.is_voided(*merge))?;
            let Content::Merge(merged) = self.entry(merge).content() else {
                return None;
            };
            if seen.contains(&merge) {
                return None;
            }
            seen.push(merge);
            let key = |name| self.journal.model_key(dimension, name);
            if key(&merged.into) == key(into) {
                return seen.first().copied();
            }
            member = &merged.into;
        }
    }

    fn unfit_parent(&self, at: u32) -> Option<&Key> {
        match self.withheld(at) {
            Some(Withheld::Waits(Awaited::Parent { member })) => Some(member),
            _ => None,
        }
    }

    /// Another reversal of the same record (or of a part of it, later than the whole), or another join of the same member, that no void has taken back.
    fn rival(&self, at: u32) -> Option<u32> {
        let entry = self.entry(at);
        if self.is_voided(at) {
            return None;
        }
        let is_other = |other: &u32| *other != at && !self.is_voided(*other);
        match entry.content() {
            Content::Reverse(own) => self.referring_to(&own.of).filter(is_other).find(|other| {
                let Content::Reverse(reversal) = self.entry(*other).content() else {
                    return false;
                };
                // Of what was taken back as a whole nothing is left to take back in part later.
                let day = self.entry(*other).day();
                match (own.amounts.is_empty(), reversal.amounts.is_empty()) {
                    (true, true) => true,
                    (true, false) => day > entry.day(),
                    (false, true) => entry.day() > day,
                    (false, false) => false,
                }
            }),
            Content::Join(join) => {
                let dimension = self.journal.dimension(&join.dimension)?;
                self.joins_of(dimension, &join.member).find(is_other)
            }
            Content::Merge(merge) => {
                let dimension = self.journal.dimension(&merge.dimension)?;
                let again = self.merges_of(dimension, &merge.member);
                again.into_iter().find(is_other).or_else(|| {
                    self.merged(dimension, &merge.into, &merge.member)
                        .filter(is_other)
                })
            }
            _ => None,
        }
    }

    /// New voids of voids that would bring back what another entry does by now, or what closes or reopens the books as they cannot
    /// be by now; and those by which what did so would not have been.
    fn revived(&self, flips: &[Flip]) -> Vec<(u32, Rejection)> {
        let refused = |flip: &Flip| {
            let of = self.entry(flip.of);
            let judges = matches!(of.content(), Content::Close(_) | Content::Reopen);
            let id = || of.id().clone();
            if flip.falls {
                // Who voids it directly is told so anyway.
                let of = id();
                let is_direct = self
                    .entry(flip.void)
                    .refers_to()
                    .any(|direct| *direct == of);
                return (judges && !is_direct).then_some(Rejection::Judged { of });
            }
            if let Some(rival) = self.rival(flip.of) {
                let other = self.entry(rival).id().clone();
                return Some(Rejection::Done { other });
            }
            let reason = judges.then(|| self.misjudged(flip.of)).flatten()?;
            let (of, reason) = (id(), Box::new(reason));
            Some(Rejection::Returns { of, reason })
        };
        let all = flips.iter();
        all.filter_map(|flip| Some((flip.void, refused(flip)?)))
            .collect()
    }
}
