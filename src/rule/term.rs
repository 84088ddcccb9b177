//! Operands after compilation, and their exact value in one cell.

use super::peers::Standing;
use std::cmp::Ordering;
use std::sync::OnceLock;

use super::fraction::{Fraction, Reading};
use super::{WhyUnknown, peers};
use crate::calendar::PeriodId;
use crate::key::Key;
use crate::measure::{Direction, Unit};
use crate::panel::{Column, ColumnKey, Figures, Panel};
use crate::quantity::Ratio;
use crate::space::RowId;

/// A column that a set of rules reads.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Slot {
    pub(super) key: ColumnKey,
    pub(super) unit: Unit,
    pub(super) direction: Direction,
    pub(super) kind: Kind,
    /// What one quantum, or one quantum over one quantum, is worth.
    pub(super) factor: Ratio,
}

/// How a column holds its numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Amounts,
    Quotients,
}

impl Slot {
    pub(super) fn of(column: &Column) -> Self {
        let (kind, factor) = match column.figures() {
            Figures::Amounts { quantum, .. } => (Kind::Amounts, quantum.ratio()),
            Figures::Quotients { scale, .. } => (Kind::Quotients, *scale),
        };
        Self {
            key: column.key().clone(),
            unit: column.unit().clone(),
            direction: column.direction(),
            kind,
            factor,
        }
    }
}

/// An operand with its names resolved.
#[derive(Debug, Clone)]
pub(super) enum Term {
    Constant(Fraction),
    Cell(usize),
    Scaled(Fraction, Box<Self>),
    Quotient(Box<Self>, Box<Self>),
    /// One column for each other, where the other is a limit that says something at zero too.
    Attained {
        of: usize,
        to: usize,
        limit: Limit,
    },
    Difference(Box<Self>, Box<Self>),
    Change(Box<Self>, Box<Self>),
    Back(usize, Box<Self>),
    LastYear(Box<Self>),
    Mean {
        of: Box<Self>,
        periods: usize,
        known: usize,
    },
    Peer(usize),
}

impl Term {
    /// Says whether it is the same number everywhere.
    pub(super) fn is_constant(&self) -> bool {
        match self {
            Self::Constant(_) => true,
            Self::Cell(_) | Self::Peer(_) | Self::Attained { .. } => false,
            Self::Quotient(of, other) | Self::Difference(of, other) | Self::Change(of, other) => {
                of.is_constant() && other.is_constant()
            }
            Self::Scaled(_, of)
            | Self::Back(_, of)
            | Self::LastYear(of)
            | Self::Mean { of, .. } => of.is_constant(),
        }
    }
}

/// What a target is that is met or missed even where it is zero, so that nothing can be divided by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Limit {
    /// Less is better: no more than nothing was allowed.
    Most,
    /// The target itself is best: nothing was wanted.
    Exactly,
}

impl Limit {
    /// Returns where an actual of this sign stands against a target of zero: at it, which is all of it and no more, or beyond
    /// every multiple of it.
    pub(super) fn at_zero(self, actual: Ordering) -> Ordering {
        match self {
            Self::Most if actual.is_le() => Ordering::Equal,
            Self::Most | Self::Exactly => actual,
        }
    }
}

/// A standing among all subjects, worked out once for each period that asks.
#[derive(Debug, Clone)]
pub(super) struct Peer {
    pub(super) standing: Standing,
    pub(super) of: Term,
}

/// A panel as a set of rules sees it.
#[derive(Debug)]
pub(crate) struct View<'a> {
    pub(crate) panel: &'a Panel,
    pub(super) columns: Vec<&'a Column>,
    factors: Vec<Fraction>,
    pub(super) peers: &'a [Peer],
    standings: Vec<OnceLock<Vec<Reading>>>,
    year_ago: OnceLock<Vec<Option<usize>>>,
}

impl<'a> View<'a> {
    pub(super) fn new(
        panel: &'a Panel,
        columns: Vec<&'a Column>,
        slots: &[Slot],
        peers: &'a [Peer],
    ) -> Self {
        let factors = slots
            .iter()
            .map(|slot| Fraction::from(slot.factor))
            .collect();
        let standings = vec![OnceLock::new(); peers.len() * panel.periods().len()];
        Self {
            panel,
            columns,
            factors,
            peers,
            standings,
            year_ago: OnceLock::new(),
        }
    }

    pub(crate) fn subjects(&self) -> usize {
        self.panel.subjects().len()
    }

    pub(super) fn members(&self, subject: usize) -> &[Key] {
        self.panel.subjects().members(RowId::at(subject))
    }

    /// Returns the exact value of a term, or why there is none.
    pub(super) fn value(&self, term: &Term, subject: usize, period: usize) -> Reading {
        match term {
            Term::Constant(value) => Ok(*value),
            Term::Cell(slot) => self.cell(*slot, subject, period),
            Term::Scaled(factor, of) => self.value(of, subject, period)?.times(*factor),
            Term::Quotient(of, to) => {
                let of = self.value(of, subject, period)?;
                of.over(self.value(to, subject, period)?)
            }
            Term::Attained { of, to, limit } => {
                let of = self.cell(*of, subject, period)?;
                let to = self.cell(*to, subject, period)?;
                if to.sign().is_eq() && limit.at_zero(of.sign()).is_eq() {
                    return Fraction::new(1, 1);
                }
                of.over(to)
            }
            Term::Difference(of, less) => {
                let of = self.value(of, subject, period)?;
                of.less(self.value(less, subject, period)?)
            }
            Term::Change(of, against) => {
                let of = self.value(of, subject, period)?;
                let against = self.value(against, subject, period)?;
                of.change(against)
            }
            Term::Back(periods, of) => {
                let earlier = period.checked_sub(*periods).ok_or(WhyUnknown::NoHistory)?;
                self.value(of, subject, earlier)
            }
            Term::LastYear(of) => {
                let earlier = self.year_ago(period).ok_or(WhyUnknown::NoHistory)?;
                self.value(of, subject, earlier)
            }
            Term::Mean { of, .. } if of.is_deep() => {
                let mut one = self.values(term, subject, period..period + 1);
                one.pop().unwrap_or(Err(WhyUnknown::NoHistory))
            }
            Term::Mean { of, periods, known } => {
                let each = |back| match period.checked_sub(back) {
                    Some(earlier) => self.value(of, subject, earlier),
                    None => Err(WhyUnknown::NoHistory),
                };
                Fraction::mean((1..=*periods).map(each), *known)
            }
            Term::Peer(id) => self.standing(*id, subject, period),
        }
    }

    /// Returns on which side of every number a term lies that has no value because a target of zero was missed.
    pub(super) fn beyond(&self, term: &Term, subject: usize, period: usize) -> Option<Ordering> {
        match term {
            Term::Attained { of, to, limit } => {
                let of = self.cell(*of, subject, period).ok()?;
                let to = self.cell(*to, subject, period).ok()?;
                let side = limit.at_zero(of.sign());
                (to.sign().is_eq() && side.is_ne()).then_some(side)
            }
            Term::Scaled(factor, of) => match factor.sign() {
                Ordering::Greater => self.beyond(of, subject, period),
                Ordering::Less => self.beyond(of, subject, period).map(Ordering::reverse),
                Ordering::Equal => None,
            },
            Term::Back(periods, of) => self.beyond(of, subject, period.checked_sub(*periods)?),
            Term::LastYear(of) => self.beyond(of, subject, self.year_ago(period)?),
            Term::Constant(_)
            | Term::Cell(_)
            | Term::Quotient(..)
            | Term::Difference(..)
            | Term::Change(..)
            | Term::Mean { .. }
            | Term::Peer(_) => None,
        }
    }

    fn cell(&self, slot: usize, subject: usize, period: usize) -> Reading {
        let column = self.columns[slot];
        let cell = period * self.subjects() + subject;
        if let Some(reason) = column.reasons()[cell].map(WhyUnknown::Missing) {
            return Err(reason);
        }
        let factor = self.factors[slot];
        match column.figures() {
            Figures::Amounts { units, .. } => {
                factor.times(Fraction::new(i128::from(units[cell]), 1)?)
            }
            Figures::Quotients {
                numerators,
                denominators,
                ..
            } => {
                let (top, bottom) = (i128::from(numerators[cell]), i128::from(denominators[cell]));
                factor.times(Fraction::new(top, bottom)?)
            }
        }
    }

    fn standing(&self, id: usize, subject: usize, period: usize) -> Reading {
        let periods = self.panel.periods().len();
        let all = self.standings[id * periods + period].get_or_init(|| {
            let peer = &self.peers[id];
            let values: Vec<Reading> = (0..self.subjects())
                .map(|each| self.value(&peer.of, each, period))
                .collect();
            peers::standings(peer.standing, &values)
        });
        all[subject]
    }

    /// Returns the period that holds the day one year before this period's middle.
    pub(super) fn year_ago(&self, period: usize) -> Option<usize> {
        let table = self.year_ago.get_or_init(|| {
            let periods = self.panel.periods();
            let earlier = |at| periods.year_ago(at).map(PeriodId::index);
            periods.ids().map(earlier).collect()
        });
        table.get(period).copied().flatten()
    }
}
