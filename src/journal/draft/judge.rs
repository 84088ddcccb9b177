//! Which entries stand: those that no standing entry voids, and whose members and entries are there.

use std::collections::BTreeSet;

use super::Draft;
use crate::journal::deed::PlanDeed;
use crate::journal::entry::{Content, Entry, ParentDef};
use crate::journal::id::EntryId;
use crate::journal::journal::Withheld;
use crate::journal::report::Awaited;
use crate::journal::structure::{about, position};
use crate::key::Key;
use crate::space::{Axis, DimensionId, UNASSIGNED};

/// The order in which entries are judged: none waits for one of a later rank, but that a void changes what stands before it.
fn rank(entry: &Entry) -> u8 {
    match entry.content() {
        Content::Void(_)
        | Content::Close(_)
        | Content::Reopen
        | Content::Model(_)
        | Content::Decide(_) => 0,
        Content::Join(_)
        | Content::Move(_)
        | Content::End(_)
        | Content::Rename(_)
        | Content::Merge(_)
        | Content::Hold(_)
        | Content::Vacate(_) => 1,
        Content::Record(_) | Content::Excuse(_) => 2,
        // In their order: each asks what those before it have left.
        Content::Apply(_) | Content::Reverse(_) => 3,
        Content::Plan(PlanDeed::Cascade(_)) | Content::Targets(_) => 4,
        Content::Plan(_) => 5,
    }
}

impl Draft<'_> {
    /// Judges the new entries, and whatever depends on what that changes, until nothing does.
    pub(super) fn judge(&mut self) {
        let first = self.journal.entries.len();
        let numbers = (first..first + self.fresh.len()).filter_map(|at| u32::try_from(at).ok());
        let mut fresh: Vec<(u8, u32)> = Vec::with_capacity(self.fresh.len());
        // Those that are judged again.
        let mut queue: BTreeSet<(u8, u32)> = BTreeSet::new();
        for at in numbers {
            fresh.push((rank(self.entry(at)), at));
            let waiting = self.referring_to(self.entry(at).id());
            queue.extend(waiting.map(|other| (rank(self.entry(other)), other)));
        }
        if self
            .fresh
            .iter()
            .any(|entry| matches!(entry.content(), Content::Model(_)))
        {
            queue.extend(self.of_another_model());
        }
        fresh.sort_unstable();
        let mut fresh = fresh.into_iter().peekable();
        loop {
            let next = match (fresh.peek(), queue.first()) {
                (Some(one), Some(other)) if other < one => queue.pop_first(),
                (Some(one), other) => {
                    if other == Some(one) {
                        queue.pop_first();
                    }
                    fresh.next()
                }
                (None, _) => queue.pop_first(),
            };
            let Some((_, at)) = next else { break };
            let judged = self.judged(at);
            let stood = self.stands(at);
            if self.is_judged(at) && self.withheld(at) == judged.as_ref() {
                continue;
            }
            let stands = judged.is_none();
            let is_first = !self.is_judged(at);
            self.status.insert(at, judged);
            if stood != stands {
                self.changes_accounts(at, is_first);
                let mut dependents = self.dependents(at, stands);
                // The first time, what comes after is judged after.
                if !is_first {
                    dependents.extend(self.settled_after(at));
                }
                queue.extend(
                    dependents
                        .into_iter()
                        .map(|other| (rank(self.entry(other)), other)),
                );
            }
        }
    }

    /// What was judged by another model.
    fn of_another_model(&self) -> impl Iterator<Item = (u8, u32)> {
        let all = (0_u32..).zip(&self.journal.entries);
        let is_refused = |at: u32| {
            let why = self.journal.withheld.get(&at);
            matches!(why, Some(Withheld::Waits(Awaited::Refused { .. })))
        };
        let own = all.filter(move |(at, kept)| !kept.recalled && !is_refused(*at));
        own.map(|(at, kept)| (rank(&kept.entry), at))
    }

    /// What has to be judged again since an entry stands or does not.
    fn dependents(&self, at: u32, stands: bool) -> Vec<u32> {
        let entry = self.entry(at);
        let mut found: Vec<u32> = self.referring_to(entry.id()).collect();
        match entry.content() {
            Content::Void(of) => found.extend(self.find(of)),
            Content::Join(join) => {
                let dimension = self.journal.dimension(&join.dimension);
                let waits = |other: &u32| match self.withheld(*other) {
                    Some(Withheld::Waits(Awaited::Member { member, .. })) => {
                        member.as_str() == join.member.as_str()
                    }
                    Some(Withheld::Waits(Awaited::Parent { member })) => *member == join.member,
                    Some(_) => false,
                    None => !stands && self.names(*other, dimension, &join.member),
                };
                let all = self.journal.entries.len() + self.fresh.len();
                let all = (0..all).filter_map(|other| u32::try_from(other).ok());
                if stands {
                    let before = self.journal.withheld.keys().copied();
                    let known = before.chain(self.status.iter().map(|(at, _)| at));
                    found.extend(known.filter(waits));
                } else {
                    // Nobody keeps a list of who names whom: that a join was a mistake is rare.
                    found.extend(all.filter(|other| self.is_judged(*other)).filter(waits));
                }
            }
            Content::Plan(PlanDeed::Cascade(own)) => {
                found.extend(self.deeds_of(&own.plan).filter(|other| *other != at));
            }
            Content::Record(_)
            | Content::Reverse(_)
            | Content::Apply(_)
            | Content::Move(_)
            | Content::End(_)
            | Content::Rename(_)
            | Content::Merge(_)
            | Content::Hold(_)
            | Content::Vacate(_)
            | Content::Targets(_)
            | Content::Plan(_)
            | Content::Close(_)
            | Content::Reopen
            | Content::Model(_)
            | Content::Decide(_)
            | Content::Excuse(_) => {}
        }
        found
    }

    /// Whether an entry names a member of a dimension.
    fn names(&self, at: u32, dimension: Option<usize>, member: &Key) -> bool {
        let entry = self.entry(at);
        match entry.content() {
            Content::Record(record) => {
                let named = self.journal.named(record);
                named
                    .into_iter()
                    .any(|(of, name)| Some(of) == dimension && name == member.as_str())
            }
            Content::Join(_)
            | Content::Move(_)
            | Content::End(_)
            | Content::Rename(_)
            | Content::Merge(_)
            | Content::Hold(_)
            | Content::Vacate(_) => {
                let mut named = self.journal.placed_by(entry).into_iter();
                named.any(|(of, name)| Some(of) == dimension && name == member)
            }
            Content::Excuse(own) => {
                own.member == *member && self.journal.owing_in(&own.duty) == dimension
            }
            Content::Targets(own) => {
                let mut named = self.journal.named_by(own);
                named.any(|(of, _, name)| Some(of) == dimension && name == member)
            }
            Content::Plan(deed) => {
                let mut new = self.journal.new_members(deed);
                new.any(|(of, name)| Some(of) == dimension && name == member)
            }
            Content::Reverse(_)
            | Content::Apply(_)
            | Content::Close(_)
            | Content::Reopen
            | Content::Model(_)
            | Content::Decide(_)
            | Content::Void(_) => false,
        }
    }

    /// Why an entry does not stand, by what is judged so far.
    fn judged(&self, at: u32) -> Option<Withheld> {
        let entry = self.entry(at);
        let is_void = |other: &u32| {
            matches!(self.entry(*other).content(), Content::Void(_)) && self.stands(*other)
        };
        if let Some(void) = self.referring_to(entry.id()).find(is_void) {
            return Some(Withheld::Voided(self.entry(void).id().clone()));
        }
        let awaited = match entry.content() {
            Content::Void(of) => {
                let missing = self.find(of).is_none();
                missing.then(|| Awaited::Entry(of.clone()))
            }
            Content::Reverse(_) | Content::Apply(_) => {
                let stands = |of: &&EntryId| self.find(of).is_some_and(|of| self.stands(of));
                let missing = entry.refers_to().find(|of| !stands(of)).cloned();
                missing.map(Awaited::Entry).or_else(|| {
                    let misfit = self.misfit(at);
                    misfit.map(|(of, day, _)| Awaited::Unfit { of, day })
                })
            }
            Content::Record(_) if self.is_at_home(at) => None,
            Content::Record(record) => {
                let mut named = self.journal.named(record).into_iter();
                let missing =
                    named.find(|(dimension, name)| self.level(*dimension, name).is_none());
                missing.map(|(dimension, name)| self.awaited(dimension, name))
            }
            Content::Join(_)
            | Content::Move(_)
            | Content::End(_)
            | Content::Rename(_)
            | Content::Merge(_) => self.structural(entry),
            Content::Hold(_) | Content::Vacate(_) => {
                let missing = self.not_at_level(entry);
                missing.and_then(|(axis, member)| {
                    let dimension = self.journal.dimension(&axis.dimension)?;
                    Some(self.awaited(dimension, member.as_str()))
                })
            }
            Content::Targets(own) => {
                let mut named = self.journal.named_by(own);
                let missing = named.find(|(of, axis, member)| {
                    let level = self.level(*of, member.as_str());
                    **member != *UNASSIGNED && level.as_ref() != Some(&axis.level)
                });
                missing.map(|(of, _, member)| self.awaited(of, member.as_str()))
            }
            Content::Plan(deed) => self.planned(deed),
            Content::Excuse(own) => {
                let dimension = self.journal.owing_in(&own.duty);
                let missing = dimension.filter(|of| self.level(*of, own.member.as_str()).is_none());
                missing.map(|of| self.awaited(of, own.member.as_str()))
            }
            Content::Close(_) | Content::Reopen | Content::Model(_) | Content::Decide(_) => None,
        };
        awaited.map(Withheld::Waits)
    }

    /// The first entry of all that does not stand as the others have it; what a plan does not take and what was supplied, with what is
    /// linked to that, is judged elsewhere.
    pub(in crate::journal) fn judged_otherwise(&self) -> Option<u32> {
        let all = (0_u32..).zip(&self.journal.entries);
        let mut own = all.filter(|(_, kept)| !kept.recalled).map(|(at, _)| at);
        own.find(|at| {
            let (told, judged) = (self.withheld(*at), self.judged(*at));
            let void = |why: Option<&Withheld>| match why {
                Some(Withheld::Voided(by)) => Some(by.clone()),
                _ => None,
            };
            match self.entry(*at).content() {
                Content::Plan(_) => void(told) != void(judged.as_ref()),
                _ => told != judged.as_ref(),
            }
        })
    }

    /// Whether a new record names only members who are there.
    fn is_at_home(&self, at: u32) -> bool {
        let Some(sifted) = self.checked(at) else {
            return false;
        };
        let space = self.journal.model.schema().space();
        let is_there = |dimension: DimensionId, name: &str| {
            name == UNASSIGNED
                || space.own(dimension).find(name).is_some()
                || self.level(dimension.index(), name).is_some()
        };
        let named = sifted.members.iter();
        let mut named = named.filter_map(|(of, name)| Some((*of, name.as_deref()?)));
        let credit = self.journal.model.schema().compiled()[sifted.kind].credit;
        let shared = credit.and_then(|field| sifted.members.get(field));
        named.all(|(of, name)| is_there(of, name))
            && sifted
                .sharers
                .iter()
                .all(|name| shared.is_some_and(|(dimension, _)| is_there(*dimension, name)))
    }

    /// What an entry about a plan waits for: that the plan is cascaded, and that those join who are to be in it.
    fn planned(&self, deed: &PlanDeed) -> Option<Awaited> {
        let is_cascaded = |other: u32| {
            let content = self.entry(other).content();
            matches!(content, Content::Plan(PlanDeed::Cascade(_))) && self.stands(other)
        };
        let plan = deed.plan();
        if !matches!(deed, PlanDeed::Cascade(_)) && !self.deeds_of(plan).any(is_cascaded) {
            let plan = plan.clone();
            return Some(Awaited::Plan { plan });
        }
        let mut new = self.journal.new_members(deed);
        let missing = new.find(|(of, member)| self.level(*of, member.as_str()).is_none());
        missing.map(|(of, member)| self.awaited(of, member.as_str()))
    }

    fn awaited(&self, dimension: usize, member: &str) -> Awaited {
        Awaited::Member {
            dimension: self.journal.dimension_key(dimension).clone(),
            member: member.to_owned(),
            nearest: None,
        }
    }

    /// What an entry of structure waits for.
    fn structural(&self, entry: &Entry) -> Option<Awaited> {
        let (key, member) = about(entry)?;
        let dimension = self.journal.dimension(key)?;
        if let Content::Merge(merge) = entry.content() {
            let level = |name: &Key| self.level(dimension, name.as_str());
            let Some(own) = level(member) else {
                return Some(self.awaited(dimension, member.as_str()));
            };
            let Some(other) = level(&merge.into) else {
                return Some(self.awaited(dimension, merge.into.as_str()));
            };
            return (own != other).then(|| Awaited::Parent {
                member: merge.into.clone(),
            });
        }
        let (level, parents) = match entry.content() {
            Content::Join(join) => (join.level.clone(), join.parents.clone()),
            Content::Move(to) => {
                let parent = ParentDef {
                    hierarchy: to.hierarchy.clone(),
                    member: to.parent.clone(),
                };
                match self.level(dimension, member.as_str()) {
                    Some(level) => (level, vec![parent]),
                    None => return Some(self.awaited(dimension, member.as_str())),
                }
            }
            _ => match self.level(dimension, member.as_str()) {
                Some(level) => (level, Vec::new()),
                None => return Some(self.awaited(dimension, member.as_str())),
            },
        };
        parents.into_iter().find_map(|parent| {
            let Some(above) = self.level(dimension, parent.member.as_str()) else {
                return Some(self.awaited(dimension, parent.member.as_str()));
            };
            let fits = self
                .journal
                .is_above(dimension, parent.hierarchy.as_ref(), &above, &level);
            (!fits).then_some(Awaited::Parent {
                member: parent.member,
            })
        })
    }

    /// The first of the post and the person of an entry who is not there, or at another level.
    pub(super) fn not_at_level<'e>(&'e self, entry: &'e Entry) -> Option<(&'e Axis, &'e Key)> {
        let mut named = self.journal.of_posts(entry).into_iter();
        named.find(|(axis, member)| {
            let dimension = self.journal.dimension(&axis.dimension);
            let level = dimension.and_then(|of| self.level(of, member.as_str()));
            level.as_ref() != Some(&axis.level)
        })
    }

    /// The level of a member that is there.
    pub(super) fn level(&self, dimension: usize, member: &str) -> Option<Key> {
        if member == UNASSIGNED {
            return None;
        }
        if let Some(level) = self.journal.model_level(dimension, member) {
            return Some(level.clone());
        }
        let key = Key::new(member).ok()?;
        let join = self
            .joins_of(dimension, &key)
            .find(|join| self.stands(*join))?;
        match self.entry(join).content() {
            Content::Join(join) => Some(join.level.clone()),
            _ => None,
        }
    }
}

/// The hierarchy that a parent stands in.
pub(super) fn hierarchy_of(
    hierarchies: &[crate::space::HierarchyDef],
    key: Option<&Key>,
) -> Option<Key> {
    let at = position(hierarchies, key)?;
    Some(hierarchies.get(at)?.key.clone())
}
