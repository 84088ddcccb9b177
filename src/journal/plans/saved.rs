//! Plans of a journal at rest, and what makes them those of its entries.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::NaiveTime;
use serde::{Deserialize, Serialize};

use super::{Account, Act, Done, Edition, Plans};
use crate::journal::deed::{CascadingDef, PlanDeed};
use crate::journal::entry::{Content, Entry};
use crate::journal::journal::Journal;
use crate::key::Key;
use crate::model::PlanDef;
use crate::plan::{Change, Edit, Plan, PlanRecord};
use crate::quantity::Number;

/// Plans at rest.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(in crate::journal) struct PlansDef(BTreeMap<Key, Vec<AccountDef>>);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AccountDef {
    since: u32,
    editions: Vec<EditionDef>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct EditionDef {
    made: Act,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    acts: Vec<Act>,
    plan: PlanRecord,
}

impl PlansDef {
    pub(in crate::journal) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(in crate::journal) fn new(plans: &Plans) -> Self {
        let edition = |own: &Edition| EditionDef {
            made: own.made.clone(),
            acts: own.acts.clone(),
            plan: own.plan.record(),
        };
        let account = |own: &Account| AccountDef {
            since: own.since,
            editions: own.editions.iter().map(edition).collect(),
        };
        let plans = plans.0.iter();
        Self(
            plans
                .map(|(name, own)| (name.clone(), own.iter().map(account).collect()))
                .collect(),
        )
    }

    /// The plans as they were saved; nothing is cascaded. None where they are not what the entries of a journal lead to: done by
    /// other entries, on other days, before these were there, or with other versions, recipes, totals or changes.
    pub(in crate::journal) fn open(self, journal: &Journal) -> Option<Plans> {
        let mut plans = Plans::default();
        let moving = journal.may_move_plans();
        for (name, accounts) in self.0 {
            let mut all = journal.model.definition().plans.iter();
            let check = Check {
                journal,
                name: &name,
                definition: all.find(|plan| plan.key == name)?,
                moving: &moving,
            };
            let mut own: Vec<Account> = Vec::with_capacity(accounts.len());
            for account in accounts {
                let account = check.account(account)?;
                let fits = own.last().is_none_or(|last| follows(last, &account));
                own.extend(fits.then_some(account));
                if !fits {
                    return None;
                }
            }
            // What is done by now stands.
            let stands = |act: &Act| {
                let at = journal.by_id.get(&act.entry);
                at.is_some_and(|at| !journal.withheld.contains_key(at))
            };
            if !own.last()?.acts().all(stands) {
                return None;
            }
            plans.0.insert(name, own);
        }
        let mut stands = journal.deeds.iter().flat_map(|(name, all)| {
            let stands = all.iter().filter(|at| !journal.withheld.contains_key(at));
            stands.map(move |at| (name, journal.entries[*at as usize].entry.id()))
        });
        let done = plans.0.iter();
        let done = done.map(|(name, accounts)| (name, Done::by(accounts)));
        let done: BTreeMap<&Key, Done<'_>> = done.collect();
        let is_done = |(name, id): (&Key, _)| {
            let own = done.get(name);
            own.is_some_and(|own| own.by_now(id))
        };
        stands.all(is_done).then_some(plans)
    }
}

/// What is saved of one plan, beside the entries of the journal.
struct Check<'a> {
    journal: &'a Journal,
    name: &'a Key,
    definition: &'a PlanDef,
    /// The hand-overs that may have done something to a plan.
    moving: &'a BTreeSet<u32>,
}

impl Check<'_> {
    fn account(&self, account: AccountDef) -> Option<Account> {
        let mut own = Account {
            since: account.since,
            editions: Vec::with_capacity(account.editions.len()),
        };
        for edition in account.editions {
            let plan = &edition.plan;
            let recipes = plan.cascades.iter().map(|part| &part.recipe);
            if !recipes.eq(&self.definition.recipes) || plan.links != self.definition.links {
                return None;
            }
            let before = own.plan().map(Arc::clone);
            let totals = self.totals(&edition.made, before.as_deref())?;
            let saved = plan.cascades.iter().map(|part| part.total);
            if !saved.eq(totals) {
                return None;
            }
            let edition = Edition {
                plan: Arc::new(plan.load().ok()?),
                made: edition.made,
                acts: edition.acts,
            };
            self.edition(&edition, before.as_deref())?;
            if !self.closes_as_books(&edition) || !edition.plan.as_of(0).ok()?.follows_its_weights()
            {
                return None;
            }
            own.editions.push(edition);
        }
        let goes_on =
            |(one, next): (&Act, &Act)| one.day <= next.day && one.hand_over <= next.hand_over;
        let in_order = own.acts().zip(own.acts().skip(1)).all(goes_on);
        let all: BTreeSet<_> = own.acts().map(|act| &act.entry).collect();
        let is_once = all.len() == own.acts().count();
        let is_known = self.moving.contains(&own.since) && own.acts().all(|act| self.is_known(act));
        (in_order && is_once && is_known).then_some(own)
    }

    /// Whether books close it as far as its periods are over by then.
    fn closes_as_books(&self, edition: &Edition) -> bool {
        let deeds = self.journal.deeds.get(self.name).into_iter().flatten();
        let deeds = deeds.map(|at| self.journal.entries[*at as usize].entry.content());
        let own = deeds.filter_map(|content| match content {
            Content::Plan(PlanDeed::Change(own)) => Some(&own.edits),
            _ => None,
        });
        let own: Vec<&Edit> = own.flatten().collect();
        let mut edits = edition.plan.changes().flat_map(|change| &change.edits);
        edits.all(|edit| match edit {
            Edit::Close { before } => {
                edition.plan.last_end(*before) == Some(*before) || own.contains(&edit)
            }
            _ => true,
        })
    }

    fn entry(&self, act: &Act) -> Option<(u32, &Entry)> {
        let at = *self.journal.by_id.get(&act.entry)?;
        let kept = self.journal.entries.get(at as usize)?;
        Some((kept.hand_over, &kept.entry))
    }

    fn deed(&self, act: &Act) -> Option<&PlanDeed> {
        match self.entry(act)?.1.content() {
            Content::Plan(deed) if deed.plan() == self.name => Some(deed),
            _ => None,
        }
    }

    fn is_known(&self, act: &Act) -> bool {
        self.entry(act).is_some_and(|(since, entry)| {
            let is_there = since <= act.hand_over && self.moving.contains(&act.hand_over);
            is_there && entry.day() == act.day
        })
    }

    /// The totals that an edition splits, recipe by recipe.
    fn totals(&self, made: &Act, before: Option<&Plan>) -> Option<Vec<Number>> {
        let given = |own: &CascadingDef, at: usize| {
            let measure = &self.definition.recipes.get(at)?.measure;
            own.totals.get(measure.as_str()).copied()
        };
        let recipes = 0..self.definition.recipes.len();
        match (self.deed(made)?, before) {
            (PlanDeed::Cascade(own), None) => recipes.map(|at| given(own, at)).collect(),
            (PlanDeed::Realign(own), Some(before)) => {
                let record = before.record();
                let kept = |at: usize| record.cascades.get(at).map(|part| part.total);
                recipes
                    .map(|at| given(own, at).or_else(|| kept(at)))
                    .collect()
            }
            _ => None,
        }
    }

    /// Whether an edition has the versions and changes to which its entries led.
    fn edition(&self, own: &Edition, before: Option<&Plan>) -> Option<()> {
        let mut changes = own.plan.changes();
        let mut version = 0;
        if let Some(before) = before {
            // What was changed before it was cascaded anew was changed again.
            for change in before.changes() {
                (changes.next()? == change).then_some(())?;
            }
            version = before.version() + 1;
            let (_, entry) = self.entry(&own.made)?;
            is_of(changes.next()?, entry, &[])?;
        }
        (own.made.version == version && !own.made.agrees).then_some(())?;
        for act in &own.acts {
            let (_, entry) = self.entry(act)?;
            match self.deed(act)? {
                PlanDeed::Change(changing) => {
                    version += 1;
                    is_of(changes.next()?, entry, &changing.edits)?;
                    (act.version == version && !act.agrees).then_some(())?;
                }
                PlanDeed::Agree(agreement) => {
                    let is_there = (own.made.version..=version).contains(&act.version);
                    let is_same = agreement.version == act.version && act.agrees;
                    (is_there && is_same).then_some(())?;
                }
                PlanDeed::Cascade(_) | PlanDeed::Realign(_) => return None,
            }
        }
        changes.next().is_none().then_some(())
    }
}

/// Whether an account follows another one: it begins when something is done otherwise.
fn follows(last: &Account, next: &Account) -> bool {
    last.since < next.since && last.acts().all(|act| act.hand_over < next.since)
}

/// Whether a change is the one of an entry, before which periods may have been closed or opened.
fn is_of(change: &Change, entry: &Entry, edits: &[Edit]) -> Option<()> {
    let closing = change.edits.strip_suffix(edits)?;
    let closes = |edit: &Edit| matches!(edit, Edit::Close { .. } | Edit::Reopen { .. });
    let at = entry.booked_at();
    let at = at.unwrap_or_else(|| entry.day().and_time(NaiveTime::MIN));
    let is_signed = entry.author() == Some(change.by.as_str())
        && entry.reason().unwrap_or_default() == change.reason
        && change.at == at;
    (is_signed && closing.len() <= 1 && closing.iter().all(closes)).then_some(())
}

#[cfg(test)]
mod tests;
