//! In which order what is done to a plan is worked out, and what comes of it.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::{Case, Outcome, Stop};
use crate::journal::deed::PlanDeed;
use crate::journal::entry::{Content, Entry};
use crate::journal::error::JournalError;
use crate::journal::journal::{Journal, Withheld};
use crate::journal::plans::Account;
use crate::journal::report::Awaited;
use crate::journal::tally::tally;
use crate::key::Key;

impl Journal {
    pub(super) fn numbered(&self, at: u32) -> &Entry {
        &self.entries[at as usize].entry
    }

    /// The numbers of what was done to a plan by an account of it.
    pub(super) fn numbers<'a>(&'a self, account: &'a Account) -> impl Iterator<Item = u32> + 'a {
        let acts = account.acts();
        acts.filter_map(|act| self.by_id.get(&act.entry).copied())
    }

    /// What became of a plan, the newest last.
    pub(super) fn accounts(&self, name: &Key) -> &[Account] {
        self.plans.0.get(name).map_or(&[][..], Vec::as_slice)
    }

    /// What is done to a plan, in order: what was done already, in the order in which it was; what was done once and is so again,
    /// at its place; what is new; and what the plan never took before.
    pub(super) fn deeds_in_order(&self, name: &Key) -> Vec<u32> {
        let all = self.deeds.get(name).map_or(&[][..], Vec::as_slice);
        let stands = |at: &u32| !self.withheld.contains_key(at);
        let accounts = self.accounts(name);
        let newest = accounts.last().into_iter();
        let mut order: Vec<u32> = newest
            .flat_map(|account| self.numbers(account))
            .filter(stands)
            .collect();
        let there: BTreeSet<u32> = order.iter().copied().collect();
        let earlier = accounts.iter().flat_map(|account| self.numbers(account));
        let earlier: BTreeSet<u32> = earlier.collect();
        let (mut again, mut new, mut refused) = (Vec::new(), Vec::new(), Vec::new());
        for at in all.iter().copied().filter(|at| !there.contains(at)) {
            match self.withheld.get(&at) {
                None | Some(Withheld::Waits(Awaited::Refused { .. })) if earlier.contains(&at) => {
                    again.push(at);
                }
                None => new.push(at),
                Some(Withheld::Waits(Awaited::Refused { .. })) => refused.push(at),
                Some(_) => {}
            }
        }
        for at in again {
            self.put_back(&mut order, at);
        }
        for more in [&mut new, &mut refused] {
            more.sort_by_key(|at| self.place(*at));
            order.append(more);
        }
        order
    }

    /// The place of what is done to a plan among others: the cascade comes first, whatever waited for it.
    fn place(&self, at: u32) -> (bool, NaiveDate, u32) {
        let entry = self.numbered(at);
        let cascades = matches!(entry.content(), Content::Plan(PlanDeed::Cascade(_)));
        (!cascades, entry.day(), at)
    }

    /// Puts what was done once at its place among what is done.
    pub(super) fn put_back(&self, order: &mut Vec<u32>, at: u32) {
        let place = self.place(at);
        let before = order.iter().position(|other| self.place(*other) > place);
        order.insert(before.unwrap_or(order.len()), at);
    }

    /// What comes of doing this to a plan, in this order.
    pub(super) fn tried(&self, case: &Case<'_>, order: &[u32]) -> Result<Outcome, JournalError> {
        tally("trial");
        let before = self.plans.newest(case.definition.key.as_str());
        let acts = before.into_iter().flat_map(Account::acts);
        let same = acts
            .zip(order)
            .take_while(|(act, at)| act.entry == *self.numbered(**at).id())
            .count();
        let mut own = Outcome::default();
        if let Some(before) = before {
            own.editions = before.first(same)?;
        }
        for at in &order[..same] {
            if let Content::Plan(PlanDeed::Change(changing)) = self.numbered(*at).content() {
                own.closes(changing);
            }
        }
        for at in &order[same..] {
            match self.make(&mut own, case, self.numbered(*at)) {
                Ok(()) => {
                    own.made.insert(*at);
                }
                Err(Stop::Refused(reason)) => own.refused.push((*at, reason)),
                Err(Stop::Failed(error)) => return Err(error),
            }
        }
        own.goes_on = before.is_some_and(|before| own.goes_on_from(before));
        Ok(own)
    }
}

impl Outcome {
    /// Whether everything that was done before is done first. What is so far the same is there since when it was.
    fn goes_on_from(&mut self, before: &Account) -> bool {
        let mut known = before.acts();
        for edition in &mut self.editions {
            let acts = std::iter::once(&mut edition.made).chain(&mut edition.acts);
            for act in acts {
                match known.next() {
                    Some(known) if known.entry == act.entry => act.hand_over = known.hand_over,
                    Some(_) => return false,
                    None => return true,
                }
            }
        }
        known.next().is_none()
    }
}
