//! Voids by which what was done to a plan falls or comes back, and why one of them is refused.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::{Outcome, Planning};
use crate::journal::deed::PlanDeed;
use crate::journal::entry::Content;
use crate::journal::error::{JournalError, Rejection};
use crate::journal::id::EntryId;
use crate::journal::journal::{Journal, Withheld};
use crate::journal::plans::Account;
use crate::journal::report::Awaited;
use crate::model::PlanDef;
use crate::plan::{Path, Plan};

/// A new void that stands, and by which something is done to a plan no more, or again.
#[derive(Debug)]
struct Flip {
    void: u32,
    /// What is done no more, or again.
    of: u32,
    falls: bool,
}

impl Journal {
    /// What becomes of a plan, and why it cannot.
    pub(super) fn outcome(
        &self,
        definition: &PlanDef,
        planning: &Planning,
        closed: Option<NaiveDate>,
    ) -> Result<Outcome, JournalError> {
        let order = self.deeds_in_order(&definition.key);
        let mut own = self.tried(definition, &order, closed)?;
        let Some(before) = self.plans.newest(definition.key.as_str()) else {
            return Ok(own);
        };
        let flips = self.flips(definition, before, planning);
        if flips.is_empty() {
            return Ok(own);
        }
        let built_on = self.built_on(definition, before, &flips)?;
        if !built_on.is_empty() {
            own.refused = built_on;
            return Ok(own);
        }
        let stood = |at: u32| before.does(self.numbered(at).id());
        let (broken, other): (Vec<_>, Vec<_>) = std::mem::take(&mut own.refused)
            .into_iter()
            .partition(|(at, _)| stood(*at));
        own.refused = other;
        let mut by: BTreeMap<u32, (&Flip, Vec<EntryId>)> = BTreeMap::new();
        let trial = Trial {
            journal: self,
            definition,
            before,
            flips: &flips,
            closed,
        };
        for (at, _) in broken {
            let breaks = |alone: &Outcome| alone.refused.iter().any(|(other, _)| *other == at);
            for flip in trial.to_blame(breaks)? {
                let (_, own) = by.entry(flip.void).or_insert((flip, Vec::new()));
                own.push(self.numbered(at).id().clone());
            }
        }
        for (flip, by) in by.into_values() {
            let (plan, of) = (definition.key.clone(), self.numbered(flip.of).id().clone());
            let reason = if flip.falls {
                Rejection::BuiltOn { plan, of, by }
            } else {
                Rejection::Unsettled { plan, of, by }
            };
            own.refused.push((flip.void, reason));
        }
        if own.refused.is_empty()
            && let (Some(closed), Some(was)) = (closed, before.plan())
        {
            let moved = |now: &Outcome| moved_before(was, now.plan(), closed);
            if let Some(path) = moved(&own) {
                for flip in trial.to_blame(|alone| moved(alone).is_some())? {
                    let (plan, path) = (definition.key.clone(), path.clone());
                    let reason = Rejection::ClosedMoved { plan, path, closed };
                    own.refused.push((flip.void, reason));
                }
            }
        }
        Ok(own)
    }

    /// The new voids by which something is done to a plan no more, or again: those that stand, and without which it would be as
    /// it was.
    fn flips(&self, definition: &PlanDef, before: &Account, planning: &Planning) -> Vec<Flip> {
        let end = u32::try_from(self.entries.len()).unwrap_or(u32::MAX);
        let stands = |at: &u32| {
            let withheld = self.withheld.get(at);
            matches!(
                withheld,
                None | Some(Withheld::Waits(Awaited::Refused { .. }))
            )
        };
        let flip = |void: u32| {
            let (mut of, mut falls) = (void, false);
            for _ in 0..self.entries.len() {
                let Content::Void(next) = self.numbered(of).content() else {
                    break;
                };
                of = *self.by_id.get(next)?;
                falls = !falls;
            }
            let entry = self.numbered(of);
            let Content::Plan(deed) = entry.content() else {
                return None;
            };
            let stood = before.does(entry.id());
            let is_own = *deed.plan() == definition.key && of != void;
            (is_own && stood == falls && stands(&of) != falls).then_some(Flip { void, of, falls })
        };
        let new = (planning.first..end).filter(|at| !self.withheld.contains_key(at));
        new.filter_map(flip).collect()
    }

    /// New voids of what was built on since.
    fn built_on(
        &self,
        definition: &PlanDef,
        before: &Account,
        flips: &[Flip],
    ) -> Result<Vec<(u32, Rejection)>, JournalError> {
        let mut found = Vec::new();
        for flip in flips.iter().filter(|flip| flip.falls) {
            let of = self.numbered(flip.of).id().clone();
            let mut by = Vec::new();
            // Whether the edition is behind the one in which it was done.
            let mut is_later = false;
            for edition in &before.editions {
                let all = || std::iter::once(&edition.made).chain(&edition.acts);
                let Some(voided) = all().find(|act| act.entry == of) else {
                    if is_later {
                        by.extend(all().map(|act| act.entry.clone()));
                    }
                    continue;
                };
                if voided.agrees {
                    break;
                }
                is_later = true;
                let later = all().skip_while(|act| act.entry != of).skip(1);
                for act in later {
                    let is_built = if voided.entry == edition.made.entry {
                        true
                    } else if act.agrees {
                        voided.version <= act.version
                    } else {
                        edition.plan.share_cells(voided.version, act.version)?
                    };
                    if is_built {
                        by.push(act.entry.clone());
                    }
                }
            }
            // What waits again because of the void was built on what is voided; what is voided too was not asked to stay.
            by.retain(|id| {
                let at = self.by_id.get(id);
                let withheld = at.and_then(|at| self.withheld.get(at));
                at.is_some() && !matches!(withheld, Some(Withheld::Voided(_)))
            });
            if !by.is_empty() {
                let plan = definition.key.clone();
                found.push((flip.void, Rejection::BuiltOn { plan, of, by }));
            }
        }
        Ok(found)
    }
}

/// What would come of single voids.
struct Trial<'a> {
    journal: &'a Journal,
    definition: &'a PlanDef,
    before: &'a Account,
    flips: &'a [Flip],
    closed: Option<NaiveDate>,
}

impl<'a> Trial<'a> {
    /// The voids of which one alone leads to something; all where none does.
    fn to_blame(&self, leads_to: impl Fn(&Outcome) -> bool) -> Result<Vec<&'a Flip>, JournalError> {
        let mut found = Vec::new();
        if self.flips.len() > 1 {
            for flip in self.flips {
                let order = self.with(flip);
                let alone = self.journal.tried(self.definition, &order, self.closed)?;
                if leads_to(&alone) {
                    found.push(flip);
                }
            }
        }
        if found.is_empty() {
            found.extend(self.flips);
        }
        Ok(found)
    }

    /// What was done before, but for what one void says of it.
    fn with(&self, flip: &Flip) -> Vec<u32> {
        let journal = self.journal;
        let all: Vec<u32> = journal.numbers(self.before).collect();
        let cascades = |at: u32| {
            let content = journal.numbered(at).content();
            matches!(content, Content::Plan(PlanDeed::Cascade(_)))
        };
        if flip.falls && cascades(flip.of) {
            return Vec::new();
        }
        // What is not there any more for another reason is none of them.
        let is_flip = |at: &u32| self.flips.iter().any(|flip| flip.of == *at);
        let stays =
            |at: &u32| *at != flip.of && (is_flip(at) || !journal.withheld.contains_key(at));
        let mut order: Vec<u32> = all.into_iter().filter(stays).collect();
        if !flip.falls {
            journal.put_back(&mut order, flip.of);
        }
        order
    }
}

/// The first target of days that are closed that a plan has otherwise than it had, or not at all.
pub(super) fn moved_before(was: &Plan, now: Option<&Plan>, closed: NaiveDate) -> Option<Path> {
    let moved = match now {
        Some(now) => now.moved_since(Some(was)),
        None => was.moved_since(None),
    };
    let within = now.and_then(|now| now.moved_before(closed, &moved));
    within.or_else(|| was.moved_before(closed, &moved))
}
