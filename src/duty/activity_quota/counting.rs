//! Which records and customers count for a quota.

use std::collections::{BTreeMap, BTreeSet};

use super::definition::{Before, ContactDef, Each};
use crate::duty::matching::DoneItem;
use crate::key::Key;

/// What was known of the customers before a period.
#[derive(Default)]
pub(super) struct History<'a> {
    contacted: BTreeSet<&'a Key>,
    last_outcome: BTreeMap<&'a Key, &'a Key>,
}

impl<'a> History<'a> {
    pub(super) fn add(&mut self, item: &'a DoneItem) {
        let Some(customer) = &item.customer else {
            return;
        };
        self.contacted.insert(customer);
        if let Some(outcome) = &item.outcome {
            self.last_outcome.insert(customer, outcome);
        }
    }
}

/// Returns who came first to each customer, of records in the order of time.
pub(super) fn first_with<'a>(records: &[&'a DoneItem]) -> BTreeMap<&'a Key, &'a Key> {
    let mut first = BTreeMap::new();
    for item in records {
        if let Some(customer) = &item.customer {
            first.entry(customer).or_insert(&item.person);
        }
    }
    first
}

pub(super) struct Counting<'a> {
    pub(super) each: Each,
    pub(super) history: &'a History<'a>,
    pub(super) first: &'a BTreeMap<&'a Key, &'a Key>,
    pub(super) person: &'a Key,
}

impl Counting<'_> {
    /// Counts one definition among records, and those of some of it among what it counted.
    pub(super) fn count(
        &self,
        definition: &ContactDef,
        records: &[&DoneItem],
        counted: &mut Vec<(Key, Vec<Key>)>,
    ) {
        let fits = |item: &&&DoneItem| {
            let kind = definition.kinds.is_empty() || definition.kinds.contains(&item.kind);
            kind && self.was(&definition.before, item.customer.as_ref())
        };
        let came = |item: &&&DoneItem| {
            let outcome = item.outcome.as_ref();
            definition.outcomes.is_empty()
                || outcome.is_some_and(|outcome| definition.outcomes.contains(outcome))
        };
        let found: Vec<&DoneItem>;
        let names: Vec<Key>;
        match self.each {
            Each::Record => {
                found = records.iter().filter(fits).filter(came).copied().collect();
                names = found.iter().map(|item| item.id.clone()).collect();
            }
            Each::Customer => {
                let customers: BTreeSet<&Key> = records
                    .iter()
                    .filter(fits)
                    .filter(came)
                    .filter_map(|item| item.customer.as_ref())
                    .collect();
                // What was done with a customer that counts is kept whole, so that some of it can be told by its own
                // sort and outcome.
                let counts = |item: &&&DoneItem| {
                    let customer = item.customer.as_ref();
                    customer.is_some_and(|customer| customers.contains(customer))
                };
                found = records.iter().filter(counts).copied().collect();
                names = customers.into_iter().cloned().collect();
            }
        }
        counted.push((definition.counts.clone(), names));
        for part in &definition.of_which {
            self.count(part, &found, counted);
        }
    }

    fn was(&self, before: &Before, customer: Option<&Key>) -> bool {
        match (before, customer) {
            (Before::Anything, _) => true,
            (_, None) => false,
            (Before::NeverContacted, Some(customer)) => {
                !self.history.contacted.contains(customer)
                    && self.first.get(customer).copied() == Some(self.person)
            }
            (Before::LastOutcome(outcomes), Some(customer)) => {
                let last = self.history.last_outcome.get(customer);
                last.is_some_and(|last| outcomes.contains(*last))
            }
        }
    }
}
