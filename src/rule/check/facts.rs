//! Facts, and ways in which a condition can be so.

use std::collections::BTreeMap;

use super::interval::{EQUAL, GREATER, Interval, LESS};
use crate::panel::ColumnKey;

/// The most ways that are followed; a condition with more is not decided.
const MAX_WAYS: usize = 4_096;

/// All ways in which a condition can be so.
pub(super) struct Ways(pub(super) Vec<Way>);

/// Something so many periods ago.
pub(super) type Ago<T> = (u32, T);
/// An operand, as text.
pub(super) type Term = Ago<String>;

/// Facts that must all hold.
#[derive(Debug, Clone, Default)]
pub(super) struct Way {
    pub(super) values: BTreeMap<Term, Interval>,
    pub(super) orders: BTreeMap<(Term, Term), u8>,
    pub(super) states: BTreeMap<Ago<ColumnKey>, u8>,
    pub(super) others: BTreeMap<Ago<String>, bool>,
}

impl Way {
    pub(super) fn anything() -> Self {
        Self::default()
    }

    /// Returns the facts of both; `None` where they contradict each other.
    pub(super) fn and(&self, other: &Self) -> Option<Self> {
        let mut both = self.clone();
        for (term, interval) in &other.values {
            let found = both.values.entry(term.clone()).or_default();
            *found = found.and(*interval)?;
        }
        for (pair, orders) in &other.orders {
            let found = both
                .orders
                .entry(pair.clone())
                .or_insert(LESS | EQUAL | GREATER);
            *found &= orders;
            if *found == 0 {
                return None;
            }
        }
        for (column, states) in &other.states {
            let found = both.states.entry(column.clone()).or_insert(u8::MAX);
            *found &= states;
            if *found == 0 {
                return None;
            }
        }
        for (other, so) in &other.others {
            if *both.others.entry(other.clone()).or_insert(*so) != *so {
                return None;
            }
        }
        both.settle().then_some(both)
    }

    /// Returns the same facts so many periods earlier.
    pub(super) fn before(&self, periods: u32) -> Self {
        fn earlier<T: Clone>((ago, of): &Ago<T>, periods: u32) -> Ago<T> {
            (ago.saturating_add(periods), of.clone())
        }
        let values = self.values.iter();
        let orders = self.orders.iter();
        Self {
            values: values
                .map(|(term, interval)| (earlier(term, periods), *interval))
                .collect(),
            orders: orders
                .map(|((left, right), orders)| {
                    ((earlier(left, periods), earlier(right, periods)), *orders)
                })
                .collect(),
            states: self
                .states
                .iter()
                .map(|(column, states)| (earlier(column, periods), *states))
                .collect(),
            others: self
                .others
                .iter()
                .map(|(other, so)| (earlier(other, periods), *so))
                .collect(),
        }
    }

    /// Takes out the orders that the values of both sides rule out; says whether some order is left of each pair.
    pub(super) fn settle(&mut self) -> bool {
        for ((left, right), orders) in &mut self.orders {
            let of = |term: &Term| self.values.get(term).copied().unwrap_or_default();
            *orders &= of(left).orders(of(right));
            if *orders == 0 {
                return false;
            }
        }
        true
    }
}

impl Ways {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Way> {
        self.0.iter()
    }
}

/// Returns the ways of all parts together.
pub(super) fn every(parts: impl IntoIterator<Item = Option<Vec<Way>>>) -> Option<Vec<Way>> {
    let mut ways = vec![Way::anything()];
    let mut undecided = false;
    for part in parts {
        let Some(part) = part else {
            undecided = true;
            continue;
        };
        ways = product(&ways, &part)?;
        if ways.is_empty() {
            // Nothing together with what could not be followed is still nothing.
            return Some(ways);
        }
    }
    (!undecided).then_some(ways)
}

fn product(left: &[Way], right: &[Way]) -> Option<Vec<Way>> {
    if left.len().checked_mul(right.len())? > 16 * MAX_WAYS {
        return None;
    }
    let ways: Vec<Way> = left
        .iter()
        .flat_map(|left| right.iter().filter_map(|right| left.and(right)))
        .collect();
    (ways.len() <= MAX_WAYS).then_some(ways)
}

/// Returns the ways of any part.
pub(super) fn some(parts: impl IntoIterator<Item = Option<Vec<Way>>>) -> Option<Vec<Way>> {
    let mut ways = Vec::new();
    for part in parts {
        ways.extend(part?);
        if ways.len() > MAX_WAYS {
            return None;
        }
    }
    Some(ways)
}

/// Returns the ways in which at least so many parts are so.
pub(super) fn at_least(needed: u32, parts: &[Vec<Way>]) -> Option<Vec<Way>> {
    // Entry j holds the ways in which j of the parts seen so far are so.
    let mut counts: Vec<Vec<Way>> = vec![vec![Way::anything()]];
    for part in parts {
        let mut next = counts.clone();
        next.push(Vec::new());
        for (count, ways) in counts.iter().enumerate() {
            let more = product(ways, part)?;
            next[count + 1].extend(more);
            if next[count + 1].len() > MAX_WAYS {
                return None;
            }
        }
        counts = next;
    }
    // Exactly so many are chosen; others may be so too.
    Some(counts.get(needed as usize).cloned().unwrap_or_default())
}
