//! What a journal keeps of plans: each as it was cascaded, with what was done to it, as it was known at any time and on any day.

mod saved;

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::id::EntryId;
use crate::key::Key;
use crate::plan::{Change, Plan, PlanError};
pub(super) use saved::PlansDef;

/// What became of the plans, by name.
#[derive(Debug, Clone, Default)]
pub(crate) struct Plans(pub(super) BTreeMap<Key, Vec<Account>>);

/// What a plan was from a hand-over on, until one after which something else had been done to it all along (a void).
#[derive(Debug, Clone)]
pub(super) struct Account {
    /// The number of the hand-over.
    pub(super) since: u32,
    /// In order: as it was cascaded, and each time anew.
    pub(super) editions: Vec<Edition>,
}

/// A plan as it was cascaded or cascaded anew, with what was done to it until the next time.
#[derive(Debug, Clone)]
pub(super) struct Edition {
    /// By what it was cascaded.
    pub(super) made: Act,
    /// What was done since, in order; their days never go back.
    pub(super) acts: Vec<Act>,
    /// With all changes.
    pub(super) plan: Arc<Plan>,
}

/// Something that was done to a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Act {
    pub(super) entry: EntryId,
    pub(super) day: NaiveDate,
    /// The number of the hand-over from which on it is there.
    pub(super) hand_over: u32,
    /// The version that the plan has after it; of an agreement the one that is agreed.
    pub(super) version: u64,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) agrees: bool,
}

impl Edition {
    /// By what it was cascaded, and what was done since.
    pub(super) fn all(&self) -> impl DoubleEndedIterator<Item = &Act> {
        std::iter::once(&self.made).chain(&self.acts)
    }

    /// The version that it had after some of what was done.
    fn version(&self, acts: usize) -> u64 {
        let changes = self.acts[..acts].iter().filter(|act| !act.agrees);
        let mut latest = changes.rev();
        latest.next().map_or(self.made.version, |act| act.version)
    }

    /// The plan after some of what was done.
    pub(super) fn after(&self, acts: usize) -> Result<Arc<Plan>, PlanError> {
        let version = self.version(acts);
        if version == self.plan.version() {
            return Ok(Arc::clone(&self.plan));
        }
        Ok(Arc::new(self.plan.as_of(version)?))
    }
}

impl Account {
    /// Everything that was done, in order.
    pub(super) fn acts(&self) -> impl DoubleEndedIterator<Item = &Act> {
        self.editions.iter().flat_map(Edition::all)
    }

    /// Whether something is done.
    pub(super) fn does(&self, id: &EntryId) -> bool {
        self.acts().any(|act| act.entry == *id)
    }

    /// How the plan is in the end.
    pub(super) fn plan(&self) -> Option<&Arc<Plan>> {
        Some(&self.editions.last()?.plan)
    }

    /// The editions up to the one in which something was done.
    pub(super) fn until(&self, id: &EntryId) -> Option<&[Edition]> {
        let mut editions = self.editions.iter();
        let last = editions.position(|edition| edition.acts.iter().any(|act| act.entry == *id))?;
        self.editions.get(..=last)
    }

    /// What had cascaded or changed the plan before something, in order.
    pub(super) fn changes_before(&self, id: &EntryId) -> Vec<&EntryId> {
        let before = self.acts().take_while(|act| act.entry != *id);
        let changes = before.filter(|act| !act.agrees);
        changes.map(|act| &act.entry).collect()
    }

    /// The editions as they were when so much had been done.
    pub(super) fn first(&self, mut acts: usize) -> Result<Vec<Edition>, PlanError> {
        let mut found = Vec::new();
        for edition in &self.editions {
            let Some(own) = acts.checked_sub(1) else {
                break;
            };
            let own = own.min(edition.acts.len());
            found.push(Edition {
                made: edition.made.clone(),
                acts: edition.acts[..own].to_vec(),
                plan: edition.after(own)?,
            });
            acts -= own + 1;
        }
        Ok(found)
    }

    /// The change of an entry as it was made.
    pub(super) fn change(&self, id: &EntryId) -> Option<&Change> {
        self.editions.iter().find_map(|edition| {
            let mut acts = edition.acts.iter().filter(|act| !act.agrees);
            let act = acts.find(|act| act.entry == *id)?;
            let at = usize::try_from(act.version.checked_sub(1)?).ok()?;
            edition.plan.changes().nth(at)
        })
    }

    /// The plan as it was cascaded by an entry.
    pub(super) fn made(&self, id: &EntryId) -> Option<Result<Arc<Plan>, PlanError>> {
        let mut editions = self.editions.iter();
        let edition = editions.find(|edition| edition.made.entry == *id)?;
        Some(edition.after(0))
    }

    /// What had been done by a day and by so many hand-overs: in which edition, and how much of it.
    fn by(&self, hand_overs: usize, day: NaiveDate) -> Option<(&Edition, usize)> {
        let is_there = |act: &&Act| (act.hand_over as usize) < hand_overs && act.day <= day;
        let editions = self.editions.iter();
        let edition = editions
            .take_while(|edition| is_there(&&edition.made))
            .last()?;
        Some((edition, edition.acts.iter().take_while(is_there).count()))
    }
}

/// What a version of the last of some editions came from: by what it was cascaded, and every change that led to it.
pub(super) fn lineage(editions: &[Edition], version: u64) -> Vec<&EntryId> {
    let leads = |act: &&Act| !act.agrees && act.version <= version;
    let own = editions.iter().flat_map(|edition| {
        let led = edition.acts.iter().filter(leads);
        std::iter::once(&edition.made).chain(led)
    });
    own.map(|act| &act.entry).collect()
}

impl Plans {
    /// A plan as it was known by so many hand-overs and had become by a day.
    pub(super) fn seen(
        &self,
        name: &str,
        hand_overs: usize,
        as_of: NaiveDate,
    ) -> Result<Option<Arc<Plan>>, PlanError> {
        let accounts = self.0.get(name);
        let account = accounts.and_then(|all| {
            let known = |account: &&Account| (account.since as usize) < hand_overs;
            all.iter().take_while(known).last()
        });
        let seen = account.and_then(|account| account.by(hand_overs, as_of));
        seen.map(|(edition, acts)| edition.after(acts)).transpose()
    }

    /// What a plan is by now.
    pub(super) fn newest(&self, name: &str) -> Option<&Account> {
        self.0.get(name)?.last()
    }

    /// How a plan is by now.
    pub(super) fn plan(&self, name: &str) -> Option<&Arc<Plan>> {
        self.newest(name)?.plan()
    }
}
