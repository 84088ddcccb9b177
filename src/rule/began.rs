//! Since when a condition has been so: a condition that asks for several periods began when the first of them did.

use super::node::Node;
use super::set::Rule;
use super::term::View;
use super::{Judge, Truth};

impl Node {
    /// Says whether some part of the condition asks for more than one period.
    pub(super) fn looks_back(&self) -> bool {
        match self {
            Self::Within { periods, of, .. } => *periods > 1 || of.looks_back(),
            Self::All(parts) | Self::Any(parts) | Self::AtLeast(_, parts) => {
                parts.iter().any(Self::looks_back)
            }
            Self::Not(of) => of.looks_back(),
            Self::Compare(_) | Self::State { .. } | Self::Subject(_) | Self::Chart(_) => false,
        }
    }
}

impl Judge<'_> {
    /// Returns for how many periods up to the one before this one a rule has answered true in a row, at most so many.
    pub(crate) fn row_before(
        &self,
        rule: &Rule,
        subject: usize,
        period: usize,
        most: usize,
    ) -> u16 {
        let before = (0..period).rev().take(most);
        let row = before.take_while(|at| self.answer(rule, subject, *at).is_true());
        u16::try_from(row.count()).unwrap_or(u16::MAX)
    }

    /// Returns the period in which the condition of a rule began to be so, of which the rule first answered true in this
    /// period: `few for 3 weeks` began when the first of the three weeks was few, as the rule `few` that must last three weeks
    /// did. Periods in which the rule does not concern the subject, and what was told before, do not count.
    pub(crate) fn began(&self, rule: &Rule, subject: usize, first: usize) -> usize {
        // Where what is unknown fires, there is nothing that began.
        if !rule.looks_back || !self.view.truth(&rule.when, subject, first).is_true() {
            return first;
        }
        // So many in a row: the one before the first of them was not so, or it would have held before.
        if let Node::Within { count, periods, of } = &rule.when
            && count == periods
            && rule.def.scope.is_everything()
            && !of.looks_back()
            && (first == 0 || !self.answer(rule, subject, first - 1).is_true())
        {
            return (first + 1).saturating_sub(*periods);
        }
        let began = self.view.began(&rule.when, subject, first);
        let mut answers = self.answers_before(rule, subject, first);
        let provided = rule.provided.as_ref();
        let mut provided = provided.map(|node| self.view.before(node, subject, first));
        let mut at = first;
        while at > began {
            let before = at - 1;
            if answers.next().is_some_and(Truth::is_true) {
                return first;
            }
            let not_so = provided.as_mut().and_then(Iterator::next);
            if !self.concerns(rule, subject, before) || not_so.is_some_and(Truth::is_false) {
                break;
            }
            at = before;
        }
        at
    }
}

impl View<'_> {
    /// Returns the period in which a condition that is true in this one began to be so.
    fn began(&self, node: &Node, subject: usize, period: usize) -> usize {
        let so = |node: &Node, at: usize| self.truth(node, subject, at).is_true();
        let row = |node: &Node| {
            let earlier = self.before(node, subject, period);
            period - earlier.take_while(|truth| truth.is_true()).count()
        };
        let each = |parts: &[Node]| -> Vec<usize> {
            let so = parts.iter().filter(|part| so(part, period));
            so.map(|part| self.began(part, subject, period)).collect()
        };
        match node {
            // All of them are so from when the last of them was, one from when the first was.
            Node::All(parts) => each(parts).into_iter().max().unwrap_or(0),
            Node::Any(parts) => each(parts).into_iter().min().unwrap_or(period),
            Node::AtLeast(count, parts) => {
                let mut began = each(parts);
                began.sort_unstable();
                let needed = (*count as usize).checked_sub(1);
                needed.map_or(0, |at| began.get(at).copied().unwrap_or(period))
            }
            Node::Within { periods, of, .. } => {
                let first = row(node);
                let start = (first + 1).saturating_sub(*periods);
                let window = self.truths(of, subject, start..first + 1);
                match window.into_iter().position(Truth::is_true) {
                    Some(at) => self.began(of, subject, start + at),
                    None => first,
                }
            }
            Node::Not(_)
            | Node::Compare(_)
            | Node::State { .. }
            | Node::Subject(_)
            | Node::Chart(_) => row(node),
        }
    }
}
