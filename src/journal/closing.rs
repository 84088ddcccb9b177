//! The books: what of a journal is closed, and what is left of it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate};

use super::checksum::Checksum;
use super::closed::Closed;
use super::pieces::{Pieces, Spot};
use super::singles::Singles;
use super::told::Told;
use crate::model::Cuts;

/// What is closed hard, and what is left of it.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Books {
    /// The day through which they are closed hard now.
    pub(super) hard: Option<NaiveDate>,
    /// The last day of what was ever closed hard: records up to it are forgotten.
    pub(super) forgotten: Option<NaiveDate>,
    /// How many hand-overs there were when they were last closed hard, and when they were last closed hard or reopened.
    pub(super) folded: u32,
    pub(super) settled: u32,
    /// The last day that may be joined with others.
    pub(super) joined: i32,
    /// What was added by what is behind.
    pub(super) folds: Closed,
    /// By leaf, the days within pieces on which its members move.
    pub(super) cuts: BTreeMap<u32, Vec<i32>>,
    /// The pieces whose days were supplied again.
    pub(super) fine: BTreeSet<Spot>,
    pub(super) checksums: BTreeMap<Spot, Checksum>,
    /// What is left of records that were kept singly.
    pub(super) singles: Singles,
    /// By view.
    pub(super) told: Vec<Told>,
}

impl Books {
    /// Whether what is of a day may have been forgotten.
    pub(super) fn is_forgotten(&self, day: NaiveDate) -> bool {
        self.forgotten.is_some_and(|forgotten| day <= forgotten)
    }

    pub(crate) fn pieces<'c>(&self, cuts: &'c Cuts) -> Pieces<'c> {
        Pieces {
            cuts: &cuts.days,
            through: self.joined,
        }
    }

    pub(crate) fn folds(&self) -> &Closed {
        &self.folds
    }

    pub(crate) fn settled(&self) -> usize {
        self.settled as usize
    }

    /// The days on which a leaf is cut beside all others.
    pub(crate) fn own_cuts(&self, leaf: u32) -> &[i32] {
        self.cuts.get(&leaf).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn is_fine(&self, spot: Spot) -> bool {
        self.fine.contains(&spot)
    }

    pub(crate) fn checksum(&self, spot: Spot) -> Checksum {
        self.checksums.get(&spot).copied().unwrap_or_default()
    }

    pub(crate) fn singles(&self) -> &Singles {
        &self.singles
    }

    pub(crate) fn told(&self, view: usize) -> Option<&Told> {
        self.told.get(view)
    }
}

/// The number of a day.
pub(super) fn number(day: NaiveDate) -> i32 {
    day.num_days_from_ce()
}
