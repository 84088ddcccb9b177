//! Looking again at what a condition looked at.

use super::super::condition::{
    AtLeast, Between, Comparison, Consecutive, Silence, StateTest, Trend, Within,
};
use super::super::node::Node;
use super::super::set::Rule;
use super::super::term::{Term, View};
use super::super::{Alert, Condition, Judge, Operand, RuleError, Severity, Truth, WhyUnknown};
use super::{Evaluated, Evidence, Explanation, Input, Shown};
use crate::calendar::PeriodId;
use crate::key::Key;
use crate::space::RowId;

impl<'a> Judge<'a> {
    /// Returns why an alert was raised.
    ///
    /// # Errors
    /// [`RuleError::NoSuchPeriod`], [`RuleError::NoSuchSubject`], [`RuleError::UnknownRule`].
    pub fn explain(&self, alert: &Alert) -> Result<Explanation<'a>, RuleError> {
        let (subject, period) = (alert.subject().index(), alert.period().index());
        let rule = self.rule(alert.rule())?;
        let (since, severity) = (alert.since().index(), alert.severity());
        self.explained(rule, subject, period, since, severity)
    }

    /// Returns why a rule says what it says of a subject in a period, whether it fires or not.
    ///
    /// # Errors
    /// [`RuleError::NoSuchPeriod`], [`RuleError::NoSuchSubject`], [`RuleError::UnknownRule`].
    pub fn account(
        &self,
        rule: &Key,
        subject: RowId,
        period: PeriodId,
    ) -> Result<Explanation<'a>, RuleError> {
        let (subject, period) = (subject.index(), period.index());
        self.check(subject, period)?;
        let index = self.rules.place(rule.as_str())?;
        let compiled = &self.rules.rules[index];
        let since = self.since(index, subject, period);
        self.explained(
            compiled,
            subject,
            period,
            since,
            self.severity(compiled, subject, period),
        )
    }

    fn explained(
        &self,
        rule: &'a Rule,
        subject: usize,
        period: usize,
        since: usize,
        severity: Severity,
    ) -> Result<Explanation<'a>, RuleError> {
        self.check(subject, period)?;
        let panel = self.view.panel;
        let evidence = self.evidence(&rule.def.when, &rule.when, subject, period);
        Ok(Explanation {
            rule: &rule.def.key,
            subject: panel.subjects().members(RowId::at(subject)),
            period: panel.periods().label(PeriodId::at(period)),
            since: panel.periods().label(PeriodId::at(since)),
            severity,
            truth: evidence.truth(),
            evidence,
            texts: Shown {
                rule,
                panel,
                rules: self.rules,
                subject,
                period,
                since,
            },
        })
    }

    fn evidence(
        &self,
        condition: &'a Condition,
        node: &Node,
        subject: usize,
        period: usize,
    ) -> Evidence<'a> {
        let truth = || self.view.truth(node, subject, period);
        match (condition, node) {
            (Condition::Compare(Comparison { left, right, .. }), Node::Compare(compare)) => {
                Evidence::Compared {
                    left: self.side(left, &compare.left, subject, period),
                    is: compare.is,
                    right: self.side(right, &compare.right, subject, period),
                    truth: truth(),
                }
            }
            (Condition::Between(Between { of, from, to }), Node::All(parts)) => {
                let compared = |node: &Node, bound: &'a Operand| match node {
                    Node::Compare(compare) => {
                        let left = self.side(of, &compare.left, subject, period);
                        let right = self.side(bound, &compare.right, subject, period);
                        let truth = self.view.truth(node, subject, period);
                        Evidence::Compared {
                            left,
                            is: compare.is,
                            right,
                            truth,
                        }
                    }
                    other => Evidence::Subject {
                        truth: self.view.truth(other, subject, period),
                    },
                };
                let parts = parts
                    .iter()
                    .zip([from, to])
                    .map(|(node, bound)| compared(node, bound))
                    .collect();
                Evidence::Group {
                    count: 2,
                    parts,
                    truth: truth(),
                }
            }
            (Condition::State(StateTest { of, .. }), Node::State { slot, .. }) => {
                let cell = period * self.view.subjects() + subject;
                Evidence::State {
                    of,
                    reason: self.view.columns[*slot].reasons()[cell],
                    truth: truth(),
                }
            }
            (Condition::All(list), Node::All(nodes)) => {
                let count = u32::try_from(list.len()).unwrap_or(u32::MAX);
                Evidence::Group {
                    count,
                    parts: self.parts(list, nodes, subject, period),
                    truth: truth(),
                }
            }
            (Condition::Any(list), Node::Any(nodes)) => Evidence::Group {
                count: 1,
                parts: self.parts(list, nodes, subject, period),
                truth: truth(),
            },
            (Condition::AtLeast(AtLeast { count, of }), Node::AtLeast(_, nodes)) => {
                Evidence::Group {
                    count: *count,
                    parts: self.parts(of, nodes, subject, period),
                    truth: truth(),
                }
            }
            (Condition::Not(of), Node::Not(node)) => {
                let of = self.evidence(of, node, subject, period);
                let truth = of.truth().negate();
                Evidence::Not {
                    of: Box::new(of),
                    truth,
                }
            }
            (Condition::Control(control), Node::Chart(chart)) => {
                let of = self.side(&control.of, chart.of(), subject, period);
                Evidence::Course { of, truth: truth() }
            }
            (condition, Node::Within { count, periods, of }) => {
                let now = self.latest(condition, of, subject, period);
                self.over_periods(*count, *periods, of, now, subject, period)
            }
            // Only subjects are left: the compiled form follows the document.
            _ => Evidence::Subject { truth: truth() },
        }
    }

    /// Returns what this period says of a condition over several.
    fn latest(
        &self,
        condition: &'a Condition,
        node: &Node,
        subject: usize,
        period: usize,
    ) -> Evidence<'a> {
        let truth = || self.view.truth(node, subject, period);
        match (condition, node) {
            (
                Condition::Stale(Silence { of, .. }) | Condition::Late(Silence { of, .. }),
                Node::State { slot, .. },
            ) => {
                let cell = period * self.view.subjects() + subject;
                let reason = self.view.columns[*slot].reasons()[cell];
                Evidence::State {
                    of,
                    reason,
                    truth: truth(),
                }
            }
            (Condition::Trend(Trend { of, .. }), Node::Compare(compare)) => Evidence::Compared {
                left: self.side(of, &compare.left, subject, period),
                is: compare.is,
                right: self.side(of, &compare.right, subject, period),
                truth: truth(),
            },
            (
                Condition::Consecutive(Consecutive { of, .. })
                | Condition::Within(Within { of, .. }),
                node,
            ) => self.evidence(of, node, subject, period),
            _ => Evidence::Subject { truth: truth() },
        }
    }

    fn parts(
        &self,
        list: &'a [Condition],
        nodes: &[Node],
        subject: usize,
        period: usize,
    ) -> Vec<Evidence<'a>> {
        list.iter()
            .zip(nodes)
            .map(|(part, node)| self.evidence(part, node, subject, period))
            .collect()
    }

    fn over_periods(
        &self,
        count: usize,
        periods: usize,
        node: &Node,
        now: Evidence<'a>,
        subject: usize,
        period: usize,
    ) -> Evidence<'a> {
        let first = (period + 1).saturating_sub(periods);
        let mut truths = self.view.truths(node, subject, first..period + 1);
        truths.reverse();
        truths.resize(periods, Truth::Unknown(WhyUnknown::NoHistory));
        let truth = Truth::at_least(
            u32::try_from(count).unwrap_or(u32::MAX),
            truths.iter().copied(),
        );
        Evidence::Periods {
            count,
            truths,
            now: Box::new(now),
            truth,
        }
    }

    fn side(
        &self,
        operand: &'a Operand,
        term: &Term,
        subject: usize,
        period: usize,
    ) -> Evaluated<'a> {
        let mut inputs = Vec::new();
        self.view.inputs(term, subject, Some(period), &mut inputs);
        Evaluated {
            operand,
            value: self.view.value(term, subject, period),
            inputs,
        }
    }
}

impl<'a> View<'a> {
    pub(in crate::rule) fn inputs(
        &self,
        term: &Term,
        subject: usize,
        period: Option<usize>,
        found: &mut Vec<Input<'a>>,
    ) {
        let Some(period) = period else { return };
        match term {
            Term::Constant(_) => {}
            Term::Cell(slot) => {
                let column = self.columns[*slot];
                let answer = column.answer(period * self.subjects() + subject).found();
                let label = self.panel.periods().label(PeriodId::at(period));
                found.extend(label.map(|period| Input {
                    column: column.key(),
                    period,
                    answer,
                }));
            }
            Term::Attained { of, to, .. } => {
                self.inputs(&Term::Cell(*of), subject, Some(period), found);
                self.inputs(&Term::Cell(*to), subject, Some(period), found);
            }
            Term::Scaled(_, of) => self.inputs(of, subject, Some(period), found),
            Term::Quotient(of, other) | Term::Difference(of, other) | Term::Change(of, other) => {
                self.inputs(of, subject, Some(period), found);
                self.inputs(other, subject, Some(period), found);
            }
            Term::Back(periods, of) => {
                self.inputs(of, subject, period.checked_sub(*periods), found);
            }
            Term::LastYear(of) => self.inputs(of, subject, self.year_ago(period), found),
            Term::Mean { of, periods, .. } => {
                for back in 1..=*periods {
                    self.inputs(of, subject, period.checked_sub(back), found);
                }
            }
            Term::Peer(id) => self.inputs(&self.peers[*id].of, subject, Some(period), found),
        }
    }
}
