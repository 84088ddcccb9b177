//! What a hand-over does to plans, worked out once everything else that it says has been taken in.

mod blame;
mod making;
mod order;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::NaiveDate;

use super::deed::{ChangingDef, PlanDeed};
use super::entry::{Content, Entry};
use super::error::{JournalError, Rejected, Rejection};
use super::id::EntryId;
use super::journal::{Journal, Withheld};
use super::plans::{Account, Act, Done, Edition};
use super::report::{Awaited, Receipt, Unplanned, Waiting};
use crate::key::{Key, unknown};
use crate::model::PlanDef;
use crate::plan::{Edit, MovedTarget, Place, Plan, PlanError, SplitDef};

/// What of a hand-over plans are worked out by.
#[derive(Debug, Default)]
pub(super) struct Planning {
    /// The plans of which something stands from now on, or does no more.
    pub(super) plans: BTreeSet<Key>,
    /// Who joins, or is not there any more.
    pub(super) joined: Vec<Arc<Entry>>,
    /// The number of the first new entry, and where each new one stands in the hand-over.
    pub(super) first: u32,
    pub(super) rows: Vec<usize>,
}

impl Planning {
    pub(super) fn is_empty(&self) -> bool {
        self.plans.is_empty()
    }
}

/// Why something cannot be done to a plan.
enum Stop {
    Refused(Rejection),
    Failed(JournalError),
}

impl<E: Into<JournalError>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

fn refused(error: PlanError) -> Stop {
    Stop::Refused(error.into())
}

/// A plan of which it is worked out what became.
struct Case<'a> {
    definition: &'a PlanDef,
    /// What was ever done to it.
    done: Done<'a>,
    /// The day before which everything is closed hard.
    closed: Option<NaiveDate>,
}

/// What became of one plan.
#[derive(Default)]
struct Outcome {
    editions: Vec<Edition>,
    /// Whether what it was before is a part of it.
    goes_on: bool,
    refused: Vec<(u32, Rejection)>,
    realigned: Vec<MovedTarget>,
    /// The day before which it is closed as far as its own changes say.
    closed: Option<NaiveDate>,
    /// Those that were made, by number.
    made: BTreeSet<u32>,
}

impl Outcome {
    fn last(&self) -> Option<&Act> {
        let edition = self.editions.last()?;
        edition.acts.last().or(Some(&edition.made))
    }

    fn plan(&self) -> Option<&Plan> {
        Some(&self.editions.last()?.plan)
    }

    /// What cascaded or changed it, in order.
    fn changes(&self) -> Vec<&EntryId> {
        let acts = self.editions.iter().flat_map(Edition::all);
        acts.filter(|act| !act.agrees)
            .map(|act| &act.entry)
            .collect()
    }

    /// Takes in what a change that was made says of what is closed.
    fn closes(&mut self, changing: &ChangingDef) {
        for edit in &changing.edits {
            match edit {
                Edit::Close { before } => self.closed = self.closed.max(Some(*before)),
                Edit::Reopen { from } => self.closed = self.closed.min(Some(*from)),
                _ => {}
            }
        }
    }
}

impl Journal {
    /// Works out what became of the plans of which the hand-over that was just taken in says something. Where that fails the
    /// journal is no more to be used.
    pub(super) fn work_out(
        &mut self,
        planning: &Planning,
        receipt: &mut Receipt,
    ) -> Result<(), JournalError> {
        let mut rejected = Vec::new();
        let closed = self.closed_before(planning);
        for name in &planning.plans {
            let Some(definition) = self.plan_definition(name) else {
                continue;
            };
            let case = Case {
                definition,
                done: Done::by(self.accounts(name)),
                closed,
            };
            let outcome = self.outcome(&case, planning)?;
            for at in &outcome.made {
                if let Some(Withheld::Waits(Awaited::Refused { .. })) = self.withheld.get(at) {
                    self.withheld.remove(at);
                    let id = self.entries[*at as usize].entry.id().clone();
                    receipt.resumed.push(id);
                }
            }
            for (at, reason) in outcome.refused {
                let id = self.entries[at as usize].entry.id().clone();
                if let Some(new) = at.checked_sub(planning.first) {
                    let row = planning.rows.get(new as usize).copied().unwrap_or(0);
                    rejected.push(Rejected { row, id, reason });
                    continue;
                }
                let awaits = Awaited::Refused {
                    plan: name.clone(),
                    why: reason.to_string(),
                };
                // It was told to take part before the plan was asked.
                receipt.resumed.retain(|resumed| *resumed != id);
                let waits = Withheld::Waits(awaits.clone());
                if self.withheld.insert(at, waits.clone()) != Some(waits) {
                    receipt.waiting.push(Waiting { entry: id, awaits });
                }
            }
            if !outcome.realigned.is_empty() {
                receipt.realigned.push((name.clone(), outcome.realigned));
            }
            let since = self.hand_over();
            let accounts = Arc::make_mut(&mut self.plans);
            let accounts = accounts.0.entry(name.clone()).or_default();
            match accounts.last_mut() {
                None if outcome.editions.is_empty() => {}
                Some(last) if outcome.goes_on => last.editions = outcome.editions,
                _ => accounts.push(Account {
                    since,
                    editions: outcome.editions,
                }),
            }
        }
        if !rejected.is_empty() {
            rejected.sort_by_key(|rejected| rejected.row);
            return Err(JournalError::Rejected { rejected });
        }
        receipt.unplanned = self.unplanned(&planning.joined);
        Ok(())
    }

    /// The day before which everything is closed hard, but for what the hand-over reopens.
    fn closed_before(&self, planning: &Planning) -> Option<NaiveDate> {
        let closed = self.books.hard?.succ_opt()?;
        let end = u32::try_from(self.entries.len()).unwrap_or(u32::MAX);
        let reopens = |at: &u32| {
            let is_reopening = matches!(self.numbered(*at).content(), Content::Reopen);
            is_reopening && !self.withheld.contains_key(at)
        };
        let opened = (planning.first..end).filter(reopens);
        let opened = opened.map(|at| self.numbered(at).day()).min();
        Some(opened.map_or(closed, |day| closed.min(day)))
    }

    /// The number of the hand-over that was taken in last.
    fn hand_over(&self) -> u32 {
        u32::try_from(self.taken.len().saturating_sub(1)).unwrap_or(u32::MAX)
    }

    fn plan_definition(&self, name: &Key) -> Option<&PlanDef> {
        let mut plans = self.model.definition().plans.iter();
        plans.find(|plan| plan.key == *name)
    }

    /// Who of those that joined has no target, though a plan splits by their level.
    fn unplanned(&self, joined: &[Arc<Entry>]) -> Vec<Unplanned> {
        let mut found = Vec::new();
        for entry in joined {
            let Content::Join(join) = entry.content() else {
                continue;
            };
            for definition in &self.model.definition().plans {
                let by_level = definition.recipes.iter().any(|recipe| {
                    let mut steps = recipe.steps.iter();
                    let splits = |by: &SplitDef| matches!(by, SplitDef::Member(axis) if axis.dimension == join.dimension && axis.level == join.level);
                    entry.day() < recipe.horizon.end() && steps.any(|step| splits(&step.by))
                });
                let plan = self.plans.plan(definition.key.as_str());
                let Some(plan) = plan.filter(|_| by_level) else {
                    continue;
                };
                if !plan.plans_for(&join.dimension, &join.member) {
                    found.push(Unplanned {
                        plan: definition.key.clone(),
                        dimension: join.dimension.clone(),
                        member: join.member.clone(),
                    });
                }
            }
        }
        found
    }

    /// Checks what an entry says of a plan by itself.
    pub(super) fn fits_plans(&self, entry: &Entry, deed: &PlanDeed) -> Result<(), Rejection> {
        let name = deed.plan();
        let Some(definition) = self.plan_definition(name) else {
            let plans = self.model.definition().plans.iter();
            let (name, nearest, known) =
                unknown(name.as_str(), plans.map(|plan| plan.key.as_str()));
            return Err(Rejection::UnknownPlan {
                name,
                nearest,
                known,
            });
        };
        let needs_reason = !matches!(deed, PlanDeed::Agree(_));
        let Some(author) = entry.author() else {
            return Err(Rejection::Unsigned);
        };
        if needs_reason && entry.reason().is_none() {
            return Err(Rejection::Unsigned);
        }
        Key::new(author).map_err(Rejection::Author)?;
        let (PlanDeed::Cascade(cascading) | PlanDeed::Realign(cascading)) = deed else {
            return Ok(());
        };
        let split = || definition.recipes.iter().map(|recipe| &recipe.measure);
        for measure in cascading.totals.keys() {
            if !split().any(|own| *own == **measure) {
                let (name, nearest, known) = unknown(measure, split().map(Key::as_str));
                return Err(Rejection::Plan(PlanError::UnknownMeasure {
                    name,
                    nearest,
                    known,
                }));
            }
        }
        let missing = split().find(|own| !cascading.totals.contains_key(own.as_str()));
        match missing {
            Some(measure) if matches!(deed, PlanDeed::Cascade(_)) => Err(Rejection::NoTotal {
                plan: name.clone(),
                measure: measure.clone(),
            }),
            _ => Ok(()),
        }
    }

    /// Those whom a change puts into a plan in which they are not, with the number of their dimension.
    pub(super) fn new_members<'d>(
        &'d self,
        deed: &'d PlanDeed,
    ) -> impl Iterator<Item = (usize, &'d Key)> {
        let edits = match deed {
            PlanDeed::Change(own) => own.edits.as_slice(),
            _ => &[],
        };
        let new = edits.iter().filter_map(|edit| match edit {
            Edit::Join(joining) | Edit::Launch(joining) if joining.new.is_some() => {
                Some(&joining.at)
            }
            _ => None,
        });
        let definition = self.plan_definition(deed.plan());
        let recipe = definition.and_then(|definition| definition.recipes.first());
        let steps = recipe.map_or(&[][..], |recipe| recipe.steps.as_slice());
        new.flat_map(Place::iter).filter_map(move |(step, member)| {
            let own = steps.iter().find_map(|own| match &own.by {
                SplitDef::Member(axis) => {
                    let name = own.name.as_ref().unwrap_or(&axis.level);
                    (name == step).then_some(axis)
                }
                _ => None,
            })?;
            Some((self.dimension(&own.dimension)?, member))
        })
    }

    /// Returns a plan as it is by now, with its versions, changes and what they handed over.
    ///
    /// # Errors
    /// [`JournalError::NoPlan`] with the nearest one that is cascaded.
    pub fn plan(&self, name: &str) -> Result<&Plan, JournalError> {
        self.plans.plan(name).map(Arc::as_ref).ok_or_else(|| {
            let cascaded = self.plans.0.keys().map(Key::as_str);
            let cascaded = cascaded.filter(|name| self.plans.plan(name).is_some());
            let (name, nearest, known) = unknown(name, cascaded);
            JournalError::NoPlan {
                name,
                nearest,
                known,
            }
        })
    }

    /// Returns the version of a plan that was agreed last, with the entry by which it was; none where it was cascaded anew since.
    #[must_use]
    pub fn agreed(&self, plan: &str) -> Option<(u64, &EntryId)> {
        let edition = self.plans.newest(plan)?.editions.last()?;
        let mut agreed = edition.acts.iter().rev().filter(|act| act.agrees);
        agreed.next().map(|act| (act.version, &act.entry))
    }
}
