//! Facts, and ways in which a condition can be so.

use std::cell::Cell;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::interval::{EQUAL, GREATER, LESS, orders as ways_to_stand};
use crate::band::Interval;
use crate::limits::Limits;
use crate::panel::{ColumnKey, Reason};

/// What must be so for a condition to be so.
#[derive(Debug, Clone)]
pub(super) enum Ways {
    /// These facts.
    Facts(Box<Way>),
    /// All of these; with none, anything.
    All(Vec<Self>),
    /// At least so many of these.
    AtLeast(usize, Vec<Self>),
}

/// Returns the state of a column that has a value, as a bit.
fn value() -> u8 {
    1 << Reason::code(None)
}

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

    /// Adds the facts of another; says whether none contradicts the others.
    fn merge(&mut self, other: &Self) -> bool {
        for (term, interval) in &other.values {
            let found = self.values.entry(term.clone()).or_default();
            match found.and(*interval) {
                Some(both) => *found = both,
                None => return false,
            }
        }
        for (pair, orders) in &other.orders {
            let found = self
                .orders
                .entry(pair.clone())
                .or_insert(LESS | EQUAL | GREATER);
            *found &= orders;
            if *found == 0 {
                return false;
            }
        }
        for (column, states) in &other.states {
            let found = self.states.entry(column.clone()).or_insert(u8::MAX);
            *found &= states;
            if *found == 0 {
                return false;
            }
        }
        for (other, so) in &other.others {
            if *self.others.entry(other.clone()).or_insert(*so) != *so {
                return false;
            }
        }
        self.settle()
    }

    /// Says whether a fact of one contradicts the same fact of the other.
    fn contradicts(&self, other: &Self) -> bool {
        let values = other.values.iter().any(|(term, interval)| {
            let own = self.values.get(term);
            own.is_some_and(|own| own.and(*interval).is_none())
        });
        let none = |own: Option<&u8>, bits: &u8| own.is_some_and(|own| own & bits == 0);
        values
            || other
                .orders
                .iter()
                .any(|(pair, orders)| none(self.orders.get(pair), orders))
            || other
                .states
                .iter()
                .any(|(column, states)| none(self.states.get(column), states))
            || other
                .others
                .iter()
                .any(|(other, so)| self.others.get(other).is_some_and(|own| own != so))
    }

    fn len(&self) -> usize {
        1 + self.values.len() + self.orders.len() + self.states.len() + self.others.len()
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
            *orders &= ways_to_stand(of(left), of(right));
            if *orders == 0 {
                return false;
            }
        }
        true
    }
}

impl Ways {
    /// It cannot be.
    pub(super) fn never() -> Self {
        Self::any(Vec::new())
    }

    pub(super) fn facts(way: Way) -> Self {
        Self::Facts(Box::new(way))
    }

    pub(super) fn any(parts: Vec<Self>) -> Self {
        Self::AtLeast(1, parts)
    }

    /// Returns the same so many periods earlier.
    pub(super) fn before(&self, periods: u32) -> Self {
        let each = |parts: &[Self]| parts.iter().map(|part| part.before(periods)).collect();
        match self {
            Self::Facts(way) => Self::facts(way.before(periods)),
            Self::All(parts) => Self::All(each(parts)),
            Self::AtLeast(count, parts) => Self::AtLeast(*count, each(parts)),
        }
    }

    /// Returns how many facts there are.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Facts(way) => way.len(),
            Self::All(parts) | Self::AtLeast(_, parts) => {
                parts.iter().map(Self::len).sum::<usize>() + 1
            }
        }
    }

    /// Adds what the facts are about, whenever.
    pub(super) fn about(&self, found: &mut BTreeSet<String>) {
        match self {
            Self::Facts(way) => {
                found.extend(way.values.keys().map(|(_, term)| term.clone()));
                for ((_, left), (_, right)) in way.orders.keys() {
                    found.extend([left.clone(), right.clone()]);
                }
                found.extend(way.states.keys().map(|(_, column)| column.to_string()));
                found.extend(way.others.keys().map(|(_, other)| other.clone()));
            }
            Self::All(parts) | Self::AtLeast(_, parts) => {
                for part in parts {
                    part.about(found);
                }
            }
        }
    }

    /// Adds the columns, and how many periods ago, whose values the facts need: without them nothing is known.
    pub(super) fn needs(&self, found: &mut BTreeSet<Ago<ColumnKey>>) {
        match self {
            Self::Facts(way) => {
                let states = way.states.iter();
                let valued = states.filter(|(_, states)| **states == value());
                found.extend(valued.map(|(column, _)| column.clone()));
            }
            Self::All(parts) | Self::AtLeast(_, parts) => {
                for part in parts {
                    part.needs(found);
                }
            }
        }
    }

    /// A column has no value, so many periods ago.
    pub(super) fn without(column: Ago<ColumnKey>) -> Self {
        let states = BTreeMap::from([(column, !value())]);
        Self::facts(Way {
            states,
            ..Way::default()
        })
    }

    /// Says whether it is certain that this cannot be so while all of `way` is.
    fn contradicts(&self, way: &Way) -> bool {
        match self {
            Self::Facts(own) => own.contradicts(way),
            Self::All(parts) => parts.iter().any(|part| part.contradicts(way)),
            Self::AtLeast(count, parts) => parts.len() < *count,
        }
    }
}

/// How many facts may be looked at: what is not decided within that is said to be not decided.
#[derive(Debug)]
pub(super) struct Budget {
    all: Cell<usize>,
    /// How many cells of made-up cases may be looked at.
    pub(super) cells: Cell<usize>,
}

impl Budget {
    /// The most for one question.
    const QUESTION: usize = 5_000;

    /// Returns what is spent on so many rules: no more than a host allows steps.
    pub(super) fn of(rules: usize, limits: Limits) -> Self {
        let pairs = rules.saturating_mul(rules) / 2;
        let most = usize::try_from(limits.steps).unwrap_or(usize::MAX);
        let cells = usize::try_from(limits.cells).unwrap_or(usize::MAX);
        Self {
            all: Cell::new(pairs.saturating_mul(150).saturating_add(50_000).min(most)),
            cells: Cell::new(cells.min(1_000_000)),
        }
    }

    /// Returns whether all of these can be so together; `None` where that is not decided within the budget.
    pub(super) fn possible(&self, parts: &[&Ways]) -> Option<bool> {
        let mut left = Self::QUESTION.min(self.all.get());
        let before = left;
        let found = possible(parts, &mut left);
        self.all.set(self.all.get().saturating_sub(before - left));
        found
    }

    /// Says whether it is certain that these cannot be so together.
    pub(super) fn excludes(&self, parts: &[&Ways]) -> bool {
        self.possible(parts) == Some(false)
    }
}

/// What is still to be chosen: so many of these.
#[derive(Clone)]
struct Choice<'w> {
    /// The place of the part that it comes from: the last is taken apart first.
    rank: usize,
    count: usize,
    of: Vec<&'w Ways>,
}

#[derive(Clone)]
struct State<'w> {
    way: Way,
    open: Vec<(usize, &'w Ways)>,
    choices: Vec<Choice<'w>>,
}

/// Looks for one way in which all parts are so, by trying one alternative after the other and leaving out those that what is
/// chosen already contradicts.
fn possible(parts: &[&Ways], left: &mut usize) -> Option<bool> {
    let mut tried = vec![State {
        way: Way::anything(),
        open: parts.iter().copied().enumerate().collect(),
        choices: Vec::new(),
    }];
    while let Some(mut state) = tried.pop() {
        match state.settle(left) {
            Settled::OutOfBudget => return None,
            Settled::Contradicted => continue,
            Settled::Open => {}
        }
        let order = |choice: &Choice<'_>| (choice.rank, Reverse(choice.of.len()));
        let next = (0..state.choices.len()).max_by_key(|at| order(&state.choices[*at]));
        let Some(next) = next else {
            return Some(true);
        };
        let choice = state.choices.swap_remove(next);
        if choice.count > 1 {
            // The first is one of them, or it is not.
            let Some((first, rest)) = choice.of.split_first() else {
                continue;
            };
            let with = |count: usize| Choice {
                rank: choice.rank,
                count,
                of: rest.to_vec(),
            };
            let mut without = state.clone();
            without.choices.push(with(choice.count));
            tried.push(without);
            state.open.push((choice.rank, first));
            state.choices.push(with(choice.count - 1));
            tried.push(state);
        } else {
            for alternative in choice.of.iter().rev() {
                let mut chosen = state.clone();
                chosen.open.push((choice.rank, alternative));
                tried.push(chosen);
                match left.checked_sub(state.way.len()) {
                    Some(rest) => *left = rest,
                    None => return None,
                }
            }
        }
    }
    Some(false)
}

enum Settled {
    Open,
    Contradicted,
    OutOfBudget,
}

impl State<'_> {
    /// Adds all facts that have to be so, until nothing but choices is left.
    fn settle(&mut self, left: &mut usize) -> Settled {
        loop {
            while let Some((rank, part)) = self.open.pop() {
                match part {
                    Ways::Facts(way) => {
                        match left.checked_sub(way.len()) {
                            Some(rest) => *left = rest,
                            None => return Settled::OutOfBudget,
                        }
                        if !self.way.merge(way) {
                            return Settled::Contradicted;
                        }
                    }
                    Ways::All(parts) => {
                        self.open.extend(parts.iter().map(|part| (rank, part)));
                    }
                    Ways::AtLeast(count, parts) => self.choices.push(Choice {
                        rank,
                        count: *count,
                        of: parts.iter().collect(),
                    }),
                }
            }
            // Alternatives that cannot be any more; where no more are left than are needed, these are so.
            let mut forced = Vec::new();
            let mut contradicted = false;
            let mut looked = 0;
            let way = &self.way;
            self.choices.retain_mut(|choice| {
                looked += choice.of.len();
                choice.of.retain(|part| !part.contradicts(way));
                contradicted |= choice.of.len() < choice.count;
                let all = choice.of.len() <= choice.count;
                if all && choice.count > 0 {
                    forced.extend(choice.of.iter().map(|part| (choice.rank, *part)));
                }
                !all && choice.count > 0
            });
            match left.checked_sub(looked) {
                Some(rest) => *left = rest,
                None => return Settled::OutOfBudget,
            }
            if contradicted {
                return Settled::Contradicted;
            }
            if forced.is_empty() {
                return Settled::Open;
            }
            self.open = forced;
        }
    }
}
