//! Counts and sums by leaf: what records add before anybody says to which rows and periods they belong.
//!
//! A journal folds each record once into [`Addend`]s and keeps those. A program for some rows and periods takes them in by one
//! map from (leaf, day) to (row, window), and makes its figures from that as from any partial result. What is asked beyond counts
//! and sums has no inverse: records of such kinds are kept singly, each as a [`Single`] with what became of it, and are folded
//! where they stand when they are read.

mod lanes;
mod reading;
mod single;
mod witness;

pub(crate) use lanes::Lanes;
pub(crate) use reading::{Reader, Seats};
pub(crate) use single::{Sharer, Single, Standpoint};

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

use super::metric::{Filter, Timeframe};
use super::parts::Node;
use super::program::Program;
use crate::calendar::Grain;
use crate::key::Key;
use crate::ledger::NO_AMOUNT;

/// What one record adds to one count or sum of its leaf.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "(i32, i32, i32, u16, i64)", into = "(i32, i32, i32, u16, i64)")]
pub(crate) struct Addend {
    /// The day by whose structure it finds its row: the record's own.
    pub(crate) on: i32,
    /// The day by which it finds its period.
    pub(crate) day: i32,
    /// The day from which it is so.
    pub(crate) from: i32,
    /// The count or sum; [`RECORDS`] for the records themselves.
    pub(crate) lane: u16,
    pub(crate) value: i64,
}

/// The lane of the number of records that stand, whatever any metric counts.
pub(crate) const RECORDS: u16 = u16::MAX;

impl From<(i32, i32, i32, u16, i64)> for Addend {
    fn from((on, day, from, lane, value): (i32, i32, i32, u16, i64)) -> Self {
        Self {
            on,
            day,
            from,
            lane,
            value,
        }
    }
}

impl From<Addend> for (i32, i32, i32, u16, i64) {
    fn from(own: Addend) -> Self {
        (own.on, own.day, own.from, own.lane, own.value)
    }
}

/// Whether a number is that of a day that there is.
pub(crate) fn is_day(number: i32) -> bool {
    (NaiveDate::MIN.num_days_from_ce()..=NaiveDate::MAX.num_days_from_ce()).contains(&number)
}

impl Addend {
    /// Whether it is one of so many counts and sums, on days that there are, and of an amount.
    pub(crate) fn is_of(&self, lanes: usize) -> bool {
        let is_known = self.lane == RECORDS || usize::from(self.lane) < lanes;
        let days = [self.on, self.day, self.from];
        is_known && days.into_iter().all(is_day) && self.value != NO_AMOUNT
    }

    /// What takes this back.
    pub(crate) fn inverse(self) -> Self {
        Self {
            // The smallest number stands for a missing amount and is never a value.
            value: self.value.saturating_neg(),
            ..self
        }
    }

    /// What it is once days are joined: the day of its structure by the pieces of its leaf, the others by those of all.
    pub(crate) fn joined(self, on: impl Fn(i32) -> i32, day: impl Fn(i32) -> i32) -> Self {
        Self {
            on: on(self.on),
            day: day(self.day),
            from: day(self.from),
            ..self
        }
    }
}

impl Program {
    /// The days at which a window begins or ends.
    pub(crate) fn cuts(&self) -> BTreeSet<i32> {
        self.grids
            .iter()
            .flat_map(super::grid::Grid::bounds)
            .collect()
    }

    /// How many days before the as-of day a window may begin, and the grains whose beginnings it may be.
    pub(crate) fn reach(&self) -> (u32, Vec<Grain>) {
        let (mut days, mut grains) = (0, Vec::new());
        for grid in &self.grids {
            match grid.key.window {
                Timeframe::TrailingDays(own) => days = days.max(own),
                Timeframe::ToDate(grain) => grains.push(grain),
                _ => {}
            }
        }
        (days, grains)
    }

    /// The metrics whose figures of a period are what its records add, so that a difference of two is again such a figure.
    pub(crate) fn adding_up(&self) -> Vec<Key> {
        let own = self
            .metrics
            .iter()
            .filter(|metric| self.adds_up(&metric.node));
        own.map(|metric| metric.key.clone()).collect()
    }

    fn adds_up(&self, node: &Node) -> bool {
        let parts = &self.parts;
        let plain =
            |selection: usize| parts.selections[selection].definition.window == Timeframe::Period;
        match node {
            Node::Count(part) => plain(parts.tallies[*part].selection),
            Node::Sum { part, .. } => plain(parts.sums[*part].selection),
            Node::Difference { of, minus } => self.adds_up(of) && self.adds_up(minus),
            _ => false,
        }
    }
}

/// Whether a condition asks where members stand, and whether it asks anything else.
fn asks(filter: &Filter) -> (bool, bool) {
    match filter {
        Filter::Member { .. } | Filter::SameMember { .. } => (true, false),
        Filter::Attribute { .. }
        | Filter::Range { .. }
        | Filter::Compared { .. }
        | Filter::Has(_) => (false, true),
        Filter::Any(parts) | Filter::All(parts) => {
            parts.iter().map(asks).fold((false, false), |found, one| {
                (found.0 || one.0, found.1 || one.1)
            })
        }
        Filter::Not(part) => asks(part),
    }
}

/// Conditions one by one, a conjunction as its parts.
fn conjuncts<'a>(conditions: &'a [Filter], found: &mut Vec<&'a Filter>) {
    for condition in conditions {
        match condition {
            Filter::All(parts) => conjuncts(parts, found),
            other => found.push(other),
        }
    }
}
