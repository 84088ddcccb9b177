//! What is said of records after they entered, beside that they are taken back as a whole: what settles the items that they
//! open, and parts that are taken back.

use std::collections::{BTreeMap, BTreeSet};

use super::application::ApplicationDef;
use super::course::Course;
use super::error::LedgerError;
use crate::key::Key;
use crate::quantity::Number;

/// The kind of a record and its first row.
pub(super) type Spot = (usize, usize);

/// What is said of a record, or of what was said of one.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Later {
    pub(super) day: i32,
    pub(super) sequence: u64,
    pub(super) id: Option<Key>,
    pub(super) said: Said,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Said {
    Applied(ApplicationDef<Spot>),
    /// A part of a record is taken back.
    Reduced {
        of: Spot,
        amounts: BTreeMap<String, Number>,
    },
    /// An application is taken back.
    Unapplied {
        of: usize,
    },
}

/// All of it, in the order of entry.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Afterwards {
    pub(super) list: Vec<Later>,
    pub(super) ids: BTreeMap<Key, usize>,
    /// By record, what names it.
    by_record: BTreeMap<Spot, Vec<usize>>,
    /// By application, what takes it back.
    unapplied: BTreeMap<usize, usize>,
}

impl Afterwards {
    pub(super) fn numbers(&self, spot: Spot) -> impl Iterator<Item = usize> {
        self.by_record.get(&spot).into_iter().flatten().copied()
    }

    pub(super) fn names(&self, spot: Spot) -> bool {
        self.by_record.contains_key(&spot)
    }

    /// What takes an application back.
    pub(super) fn unapplied(&self, application: usize) -> Option<&Later> {
        let at = self.unapplied.get(&application)?;
        self.list.get(*at)
    }

    /// All records that are named.
    pub(super) fn records(&self) -> BTreeSet<Spot> {
        self.by_record.keys().copied().collect()
    }

    /// The application of this number, if it is one.
    pub(super) fn application(&self, at: usize) -> Option<&ApplicationDef<Spot>> {
        match &self.list.get(at)?.said {
            Said::Applied(application) => Some(application),
            Said::Reduced { .. } | Said::Unapplied { .. } => None,
        }
    }

    pub(super) fn push(&mut self, later: Later) {
        let at = self.list.len();
        let mut told_of = |spot: Spot| self.by_record.entry(spot).or_default().push(at);
        match &later.said {
            Said::Applied(application) => application.names().copied().for_each(&mut told_of),
            Said::Reduced { of, .. } => told_of(*of),
            Said::Unapplied { of } => {
                self.unapplied.insert(*of, at);
            }
        }
        if let Some(id) = &later.id {
            self.ids.insert(id.clone(), at);
        }
        self.list.push(later);
    }

    /// The records of which something else is to be told since one was taken back as a whole: itself, and what it settled.
    pub(super) fn told_by(&self, spot: Spot) -> impl Iterator<Item = Spot> {
        let applications = self.numbers(spot).filter_map(|at| self.application(at));
        applications.flat_map(|application| application.names().copied())
    }

    /// Takes out the names of what names a person's record; where something else names it, it gets another one.
    pub(super) fn erase(
        &mut self,
        spot: Spot,
        number: &mut u64,
        used: &BTreeMap<Key, Spot>,
    ) -> Result<(), LedgerError> {
        let own: BTreeSet<usize> = self.numbers(spot).collect();
        let back = own.iter().filter_map(|at| self.unapplied.get(at));
        let all: BTreeSet<usize> = back.chain(&own).copied().collect();
        for at in all {
            if let Some(before) = self.list[at].id.take() {
                self.ids.remove(&before);
            }
            if self.unapplied.contains_key(&at) {
                let is_used = |id: &Key| used.contains_key(id) || self.ids.contains_key(id);
                let id = erased_id(number, is_used)?;
                self.ids.insert(id.clone(), at);
                self.list[at].id = Some(id);
            }
        }
        Ok(())
    }
}

/// What became of a record, and by what that is known again.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Told {
    pub(crate) course: Course,
    /// A number over what was taken back of it in part, and one over what was applied.
    pub(crate) digests: (u64, u64),
}

impl Told {
    pub(crate) fn of(course: Course) -> Self {
        Self {
            course,
            digests: (0, 0),
        }
    }
}

/// The next name of a record whose own was taken out.
pub(super) fn erased_id(
    number: &mut u64,
    is_used: impl Fn(&Key) -> bool,
) -> Result<Key, LedgerError> {
    loop {
        *number += 1;
        let id = Key::new(format!("erased {number}"))?;
        if !is_used(&id) {
            return Ok(id);
        }
    }
}
