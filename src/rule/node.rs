//! Conditions after compilation, and what they say in one cell.

use super::control::Chart;
use super::cross::Cross;
use super::fraction::Reading;
use super::term::{Term, View};
use super::{Is, SubjectTest, Truth, WhyUnknown};
use crate::panel::Reason;

/// A condition with its names resolved. The shape follows the document, so that an explanation can walk both.
#[derive(Debug, Clone)]
pub(super) enum Node {
    Compare(Box<Compare>),
    State {
        slot: usize,
        states: u8,
    },
    Subject(SubjectTest),
    All(Vec<Self>),
    Any(Vec<Self>),
    Not(Box<Self>),
    AtLeast(u32, Vec<Self>),
    Chart(Box<Chart>),
    /// At least so many of the last periods.
    Within {
        count: usize,
        periods: usize,
        of: Box<Self>,
    },
}

/// A comparison, and the same in whole numbers where there is such a form.
#[derive(Debug, Clone)]
pub(super) struct Compare {
    pub(super) left: Term,
    pub(super) is: Is,
    pub(super) right: Term,
    pub(super) cross: Option<Cross>,
}

/// Returns the set of these states as bits.
pub(super) fn state_bits(states: &[Option<Reason>]) -> u8 {
    states
        .iter()
        .fold(0, |bits, state| bits | (1 << Reason::code(*state)))
}

impl View<'_> {
    /// Returns what a condition says of a subject in a period.
    pub(super) fn truth(&self, node: &Node, subject: usize, period: usize) -> Truth {
        match node {
            Node::Compare(compare) => match &compare.cross {
                Some(cross) => self.crossed(cross, subject, period),
                None => self.compared(compare, subject, period),
            },
            Node::State { slot, states } => {
                let state = self.columns[*slot].reasons()[period * self.subjects() + subject];
                Truth::from(states & (1 << Reason::code(state)) != 0)
            }
            Node::Subject(test) => Truth::from(test.holds(self.members(subject))),
            Node::All(all) => all.iter().fold(Truth::True, |truth, node| {
                truth.and_then(|| self.truth(node, subject, period))
            }),
            Node::Any(any) => any.iter().fold(Truth::False, |truth, node| {
                truth.or_else(|| self.truth(node, subject, period))
            }),
            Node::Not(node) => self.truth(node, subject, period).negate(),
            Node::AtLeast(count, of) => Truth::at_least(
                *count,
                of.iter().map(|node| self.truth(node, subject, period)),
            ),
            Node::Chart(chart) => chart.truth(self, subject, period),
            Node::Within { of, .. } if of.is_deep() => {
                let mut one = self.truths(node, subject, period..period + 1);
                one.pop().unwrap_or(Truth::Unknown(WhyUnknown::NoHistory))
            }
            Node::Within { count, periods, of } => {
                let count = u32::try_from(*count).unwrap_or(u32::MAX);
                let each = |back| match period.checked_sub(back) {
                    Some(earlier) => self.truth(of, subject, earlier),
                    None => Truth::Unknown(WhyUnknown::NoHistory),
                };
                Truth::at_least(count, (0..*periods).map(each))
            }
        }
    }

    /// Returns what a comparison says, from the exact values of both sides.
    pub(super) fn compared(&self, compare: &Compare, subject: usize, period: usize) -> Truth {
        let left = self.value(&compare.left, subject, period);
        let right = self.value(&compare.right, subject, period);
        self.decided(compare, left, right, subject, period)
    }

    /// Returns what a comparison says of these values of its sides.
    pub(super) fn decided(
        &self,
        compare: &Compare,
        left: Reading,
        right: Reading,
        subject: usize,
        period: usize,
    ) -> Truth {
        match (left, right) {
            (Ok(left), Ok(right)) => Truth::from(compare.is.holds(left.order(right))),
            (left, right) => {
                let far = |term| self.beyond(term, subject, period);
                let order = match (far(&compare.left), far(&compare.right)) {
                    (Some(side), None) if right.is_ok() => Some(side),
                    (None, Some(side)) if left.is_ok() => Some(side.reverse()),
                    (Some(one), Some(two)) if one != two => Some(one),
                    _ => None,
                };
                match (order, left.and(right)) {
                    (Some(order), _) => Truth::from(compare.is.holds(order)),
                    (None, Err(reason)) => Truth::Unknown(reason),
                    (None, Ok(_)) => Truth::False,
                }
            }
        }
    }
}

impl Truth {
    /// The conjunction, where the other side is asked only if it can matter.
    fn and_then(self, other: impl FnOnce() -> Self) -> Self {
        if self.is_false() {
            self
        } else {
            self.and(other())
        }
    }

    /// The disjunction, where the other side is asked only if it can matter.
    fn or_else(self, other: impl FnOnce() -> Self) -> Self {
        if self.is_true() {
            self
        } else {
            self.or(other())
        }
    }
}
