//! What a journal keeps of plans: each as it was cascaded, with what was done to it, as it was known at any time and on any day.

mod saved;

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::id::EntryId;
use super::tally::tally;
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
        let all = std::iter::once(&self.made).chain(&self.acts);
        all.inspect(|_| tally("act"))
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

    /// How the plan is in the end.
    pub(super) fn plan(&self) -> Option<&Arc<Plan>> {
        Some(&self.editions.last()?.plan)
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

    /// What had been done by a day, or by some first hand-overs whatever its day, and by so many hand-overs: in which edition, and
    /// how much of it.
    fn by(&self, hand_overs: usize, (day, fixed): (NaiveDate, usize)) -> Option<(&Edition, usize)> {
        let is_there = |act: &&Act| {
            let since = act.hand_over as usize;
            since < hand_overs && (act.day <= day || since < fixed)
        };
        let editions = self.editions.iter();
        let edition = editions
            .take_while(|edition| is_there(&&edition.made))
            .last()?;
        Some((edition, edition.acts.iter().take_while(is_there).count()))
    }
}

/// What was ever done to a plan: where each entry did it, account by account.
#[derive(Debug)]
pub(super) struct Done<'a> {
    accounts: &'a [Account],
    places: BTreeMap<&'a EntryId, Vec<DonePlace>>,
}

/// Where something was done.
#[derive(Debug, Clone, Copy)]
struct DonePlace {
    account: usize,
    edition: usize,
    /// None where the edition was made by it.
    act: Option<usize>,
}

impl<'a> Done<'a> {
    /// By these accounts, the newest of which comes last.
    pub(super) fn by(accounts: &'a [Account]) -> Self {
        let mut places: BTreeMap<&EntryId, Vec<DonePlace>> = BTreeMap::new();
        for (account, own) in accounts.iter().enumerate() {
            for (edition, own) in own.editions.iter().enumerate() {
                for (number, act) in own.all().enumerate() {
                    places.entry(&act.entry).or_default().push(DonePlace {
                        account,
                        edition,
                        act: number.checked_sub(1),
                    });
                }
            }
        }
        Self { accounts, places }
    }

    /// Where an entry did something, the newest account first.
    fn places(&self, id: &EntryId) -> impl DoubleEndedIterator<Item = DonePlace> {
        let places = self.places.get(id).map_or(&[][..], Vec::as_slice);
        places.iter().rev().copied()
    }

    /// Whether something was ever done.
    pub(super) fn ever(&self, id: &EntryId) -> bool {
        self.places.contains_key(id)
    }

    /// Whether something is done by now.
    pub(super) fn by_now(&self, id: &EntryId) -> bool {
        let newest = self.places(id).next();
        newest.is_some_and(|place| place.account + 1 == self.accounts.len())
    }

    /// The editions up to the one in which something was done, by the newest account of it.
    pub(super) fn until(&self, id: &EntryId) -> Option<&'a [Edition]> {
        let place = self.places(id).find(|place| place.act.is_some())?;
        self.accounts
            .get(place.account)?
            .editions
            .get(..=place.edition)
    }

    /// The change of an entry as it was made first.
    pub(super) fn change(&self, id: &EntryId) -> Option<&'a Change> {
        self.places(id).rev().find_map(|place| {
            let edition = self
                .accounts
                .get(place.account)?
                .editions
                .get(place.edition)?;
            let act = edition.acts.get(place.act?).filter(|act| !act.agrees)?;
            edition.plan.change_to(act.version)
        })
    }

    /// The plan as it was cascaded by an entry, with the accounts of it, the newest first.
    pub(super) fn made(
        &self,
        id: &EntryId,
    ) -> impl Iterator<Item = (&'a Account, Result<Arc<Plan>, PlanError>)> {
        let accounts = self.accounts;
        let made = self.places(id).filter(|place| place.act.is_none());
        made.filter_map(move |place| {
            let account = accounts.get(place.account)?;
            Some((account, account.editions.get(place.edition)?.after(0)))
        })
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
    /// A plan as it was known by so many hand-overs and had become by a day, or by some first hand-overs whatever the day: for each
    /// number of these, where those behind one another that see the same share it.
    pub(super) fn seen(
        &self,
        name: &str,
        hand_overs: usize,
        as_of: NaiveDate,
        fixed: impl Iterator<Item = usize>,
    ) -> Result<Vec<Option<Arc<Plan>>>, PlanError> {
        let accounts = self.0.get(name);
        let account = accounts.and_then(|all| {
            let known = |account: &&Account| (account.since as usize) < hand_overs;
            all.iter().take_while(known).last()
        });
        let mut last: Option<(*const Edition, usize, Arc<Plan>)> = None;
        let each = fixed.map(|fixed| {
            let seen = account.and_then(|account| account.by(hand_overs, (as_of, fixed)));
            let Some((edition, acts)) = seen else {
                return Ok(None);
            };
            let own = std::ptr::from_ref(edition);
            let same = last
                .take()
                .filter(|(of, done, _)| (*of, *done) == (own, acts));
            let plan = match same {
                Some((.., plan)) => plan,
                None => edition.after(acts)?,
            };
            last = Some((own, acts, Arc::clone(&plan)));
            Ok(Some(plan))
        });
        each.collect()
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
