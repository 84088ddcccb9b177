//! Voids by which what was done to a plan falls or comes back, and why one of them is refused.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::NaiveDate;

use super::{Case, Outcome, Planning};
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
        case: &Case<'_>,
        planning: &Planning,
    ) -> Result<Outcome, JournalError> {
        let definition = case.definition;
        let order = self.deeds_in_order(&definition.key);
        let mut own = self.tried(case, &order)?;
        let Some(before) = self.plans.newest(definition.key.as_str()) else {
            return Ok(own);
        };
        let flips = self.flips(case, planning);
        if flips.is_empty() {
            return Ok(own);
        }
        let built_on = self.built_on(definition, before, &flips)?;
        if !built_on.is_empty() {
            own.refused = built_on;
            return Ok(own);
        }
        let stood = |at: u32| case.done.by_now(self.numbered(at).id());
        let (broken, other): (Vec<_>, Vec<_>) = std::mem::take(&mut own.refused)
            .into_iter()
            .partition(|(at, _)| stood(*at));
        own.refused = other;
        let mut by: BTreeMap<u32, (&Flip, Vec<EntryId>)> = BTreeMap::new();
        let trial = Trial {
            journal: self,
            case,
            before,
            flips: &flips,
            alone: OnceCell::new(),
        };
        for (at, _) in broken {
            for flip in trial.to_blame(|alone| alone.refused.contains(&at))? {
                let (_, own) = by.entry(flip.void).or_insert((flip, Vec::new()));
                own.push(self.numbered(at).id().clone());
            }
        }
        let is_broken = !by.is_empty();
        for (flip, by) in by.into_values() {
            let (plan, of) = (definition.key.clone(), self.numbered(flip.of).id().clone());
            let reason = if flip.falls {
                Rejection::BuiltOn { plan, of, by }
            } else {
                Rejection::Unsettled { plan, of, by }
            };
            own.refused.push((flip.void, reason));
        }
        // What comes back and is not taken waits, and excuses nothing.
        if !is_broken && let (Some(closed), Some(was)) = (case.closed, before.plan()) {
            let moved = |now: Option<&Plan>| moved_before(was, now, closed);
            if let Some(path) = moved(own.plan()) {
                for flip in trial.to_blame(|alone| moved(alone.plan.as_deref()).is_some())? {
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
    fn flips(&self, case: &Case<'_>, planning: &Planning) -> Vec<Flip> {
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
            let stood = case.done.by_now(entry.id());
            let is_own = *deed.plan() == case.definition.key && of != void;
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
    case: &'a Case<'a>,
    before: &'a Account,
    flips: &'a [Flip],
    /// What comes of each alone, once it is asked for.
    alone: OnceCell<Vec<Alone>>,
}

/// What comes of one void alone: what is not taken any more, and the plan.
struct Alone {
    refused: BTreeSet<u32>,
    plan: Option<Arc<Plan>>,
}

impl<'a> Trial<'a> {
    /// The voids of which one alone leads to something; all where none does.
    fn to_blame(&self, leads_to: impl Fn(&Alone) -> bool) -> Result<Vec<&'a Flip>, JournalError> {
        let mut found = Vec::new();
        if self.flips.len() > 1 {
            let each = self.flips.iter().zip(self.alone()?);
            let to_blame = each.filter(|(_, alone)| leads_to(alone));
            found.extend(to_blame.map(|(flip, _)| flip));
        }
        if found.is_empty() {
            found.extend(self.flips);
        }
        Ok(found)
    }

    /// What comes of each void alone, which is worked out once.
    fn alone(&self) -> Result<&[Alone], JournalError> {
        if let Some(known) = self.alone.get() {
            return Ok(known);
        }
        let all: BTreeSet<u32> = self.flips.iter().map(|flip| flip.of).collect();
        let each = self.flips.iter().map(|flip| {
            let order = self.with(flip, &all);
            let own = self.journal.tried(self.case, &order)?;
            Ok(Alone {
                refused: own.refused.iter().map(|(at, _)| *at).collect(),
                plan: own.editions.last().map(|edition| Arc::clone(&edition.plan)),
            })
        });
        let each: Result<Vec<Alone>, JournalError> = each.collect();
        let each = each?;
        Ok(self.alone.get_or_init(|| each))
    }

    /// What was done before, but for what one void of all says of it.
    fn with(&self, flip: &Flip, all: &BTreeSet<u32>) -> Vec<u32> {
        let journal = self.journal;
        let cascades = |at: u32| {
            let content = journal.numbered(at).content();
            matches!(content, Content::Plan(PlanDeed::Cascade(_)))
        };
        if flip.falls && cascades(flip.of) {
            return Vec::new();
        }
        // What is not there any more for another reason is none of them.
        let stays =
            |at: &u32| *at != flip.of && (all.contains(at) || !journal.withheld.contains_key(at));
        let mut order: Vec<u32> = journal.numbers(self.before).filter(stays).collect();
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
