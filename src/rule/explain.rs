//! Explanations: the numbers that were compared, as data; text is made when it is asked for.

use std::fmt::Write as _;

use serde::{Serialize, Serializer};

use super::condition::{
    AtLeast, Between, Comparison, Consecutive, Silence, StateTest, Trend, Within,
};
use super::fraction::Reading;
use super::message::{Piece, Template, Word};
use super::node::{Node, stands};
use super::set::Rule;
use super::term::{Term, View};
use super::{
    Alert, Condition, Is, Judge, Language, Operand, Reason, RuleDef, RuleError, Severity, Truth,
};
use crate::key::Key;
use crate::panel::{Answer, ColumnKey, State};
use crate::quantity::{Ratio, Rounding};

/// Why a rule says what it says of a subject in a period.
///
/// Everything in it can be worked out again from the numbers that it holds.
#[derive(Debug, Serialize)]
pub struct Explanation<'a> {
    rule: &'a Key,
    subject: &'a [Key],
    period: Option<&'a Key>,
    since: Option<&'a Key>,
    severity: Severity,
    truth: Truth,
    evidence: Evidence<'a>,
    #[serde(skip)]
    texts: Texts<'a>,
}

#[derive(Debug)]
struct Texts<'a> {
    rule: &'a Rule,
    panel: &'a crate::panel::Panel,
    rules: &'a super::RuleSet,
    subject: usize,
    period: usize,
    since: usize,
}

/// What was looked at, as a tree in the shape of the condition.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Evidence<'a> {
    /// Two sides were compared.
    Compared {
        /// The first.
        left: Side<'a>,
        /// How they should stand.
        is: Is,
        /// The second.
        right: Side<'a>,
        /// Whether they do.
        truth: Truth,
    },
    /// A cell's state was looked at.
    State {
        /// The column.
        of: &'a ColumnKey,
        /// The state.
        state: State,
        /// Whether it is one of those that hold.
        truth: Truth,
    },
    /// An operand's course was looked at.
    Course {
        /// Its value in this period.
        of: Side<'a>,
        /// Whether the signal is seen.
        truth: Truth,
    },
    /// The subject was looked at.
    Subject {
        /// Whether it is one of those that hold.
        truth: Truth,
    },
    /// Several conditions were looked at.
    Group {
        /// How many of them must hold.
        count: u32,
        /// What each says.
        parts: Vec<Self>,
        /// Whether so many hold.
        truth: Truth,
    },
    /// A condition was turned round.
    Not {
        /// What it says.
        of: Box<Self>,
        /// The opposite.
        truth: Truth,
    },
    /// Several periods were looked at.
    Periods {
        /// In how many of them it must hold.
        count: usize,
        /// What each says, this period first.
        truths: Vec<Truth>,
        /// What this period says.
        now: Box<Self>,
        /// Whether so many hold.
        truth: Truth,
    },
}

/// One side of a comparison.
#[derive(Debug, Serialize)]
pub struct Side<'a> {
    /// The operand.
    pub operand: &'a Operand,
    /// Its value.
    pub value: Value,
    /// The cells that it was worked out from; none for a constant.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub inputs: Vec<Input<'a>>,
}

/// A cell that an operand was worked out from.
#[derive(Debug, Serialize)]
pub struct Input<'a> {
    /// The column.
    pub column: &'a ColumnKey,
    /// The period's position.
    pub period: usize,
    /// What the cell says.
    pub answer: Answer,
}

/// The value of an operand, exact, or why there is none.
#[derive(Debug, Clone, Copy)]
pub struct Value(Reading);

impl Value {
    pub(super) fn new(reading: Reading) -> Self {
        Self(reading)
    }

    /// Returns the exact value, if there is one.
    #[must_use]
    pub fn ratio(self) -> Option<Ratio> {
        self.0.ok().map(super::fraction::Fraction::ratio)
    }

    /// Returns why there is no value.
    #[must_use]
    pub fn reason(self) -> Option<Reason> {
        self.0.err()
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        #[serde(rename_all = "snake_case")]
        enum Form {
            Known(Ratio),
            Unknown(Reason),
        }
        match self.0 {
            Ok(value) => Form::Known(value.ratio()),
            Err(reason) => Form::Unknown(reason),
        }
        .serialize(serializer)
    }
}

impl Evidence<'_> {
    /// Returns what this part of the condition says.
    #[must_use]
    pub fn truth(&self) -> Truth {
        match self {
            Self::Compared { truth, .. }
            | Self::State { truth, .. }
            | Self::Course { truth, .. }
            | Self::Subject { truth }
            | Self::Group { truth, .. }
            | Self::Not { truth, .. }
            | Self::Periods { truth, .. } => *truth,
        }
    }

    /// Calls `each` for every comparison in the tree, in the order of the document.
    pub fn comparisons<'e>(&'e self, each: &mut impl FnMut(&'e Side<'e>, Is, &'e Side<'e>, Truth)) {
        match self {
            Self::Compared {
                left,
                is,
                right,
                truth,
            } => each(left, *is, right, *truth),
            Self::State { .. } | Self::Course { .. } | Self::Subject { .. } => {}
            Self::Group { parts, .. } => {
                for part in parts {
                    part.comparisons(each);
                }
            }
            Self::Not { of, .. } | Self::Periods { now: of, .. } => of.comparisons(each),
        }
    }
}

impl<'a> Judge<'a> {
    /// Returns why an alert was raised.
    ///
    /// # Errors
    /// [`RuleError::NoSuchPeriod`], [`RuleError::NoSuchSubject`], [`RuleError::UnknownRule`].
    pub fn explain(&self, alert: &Alert) -> Result<Explanation<'a>, RuleError> {
        let (subject, period) = (alert.subject(), alert.period());
        self.explained(
            self.rule(alert.rule())?,
            subject,
            period,
            alert.since(),
            alert.severity(),
        )
    }

    /// Returns why a rule says what it says of a subject in a period, whether it fires or not.
    ///
    /// # Errors
    /// [`RuleError::NoSuchPeriod`], [`RuleError::NoSuchSubject`], [`RuleError::UnknownRule`].
    pub fn account(
        &self,
        rule: &Key,
        subject: usize,
        period: usize,
    ) -> Result<Explanation<'a>, RuleError> {
        self.check(subject, period)?;
        let index = self.rules.position(rule.as_str()).unwrap_or_default();
        let compiled = self.rule(rule)?;
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
            subject: panel.subjects().members(subject),
            period: panel.periods().label(period),
            since: panel.periods().label(since),
            severity,
            truth: evidence.truth(),
            evidence,
            texts: Texts {
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
                        let truth = stands(left.value.0, compare.is, right.value.0);
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
                    state: self.view.columns[*slot].states()[cell],
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
                let state = self.view.columns[*slot].states()[cell];
                Evidence::State {
                    of,
                    state,
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
        let each = |back| match period.checked_sub(back) {
            Some(earlier) => self.view.truth(node, subject, earlier),
            None => Truth::Unknown(Reason::NoHistory),
        };
        let truths: Vec<Truth> = (0..periods).map(each).collect();
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

    fn side(&self, operand: &'a Operand, term: &Term, subject: usize, period: usize) -> Side<'a> {
        let mut inputs = Vec::new();
        self.view.inputs(term, subject, Some(period), &mut inputs);
        Side {
            operand,
            value: Value(self.view.value(term, subject, period)),
            inputs,
        }
    }
}

impl<'a> View<'a> {
    pub(super) fn inputs(
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
                let answer = column.answer(period * self.subjects() + subject);
                found.push(Input {
                    column: column.key(),
                    period,
                    answer,
                });
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

impl<'a> Explanation<'a> {
    /// Returns the rule.
    #[must_use]
    pub fn rule(&self) -> &'a RuleDef {
        &self.texts.rule.def
    }

    /// Returns the subject's members.
    #[must_use]
    pub fn subject(&self) -> &'a [Key] {
        self.subject
    }

    /// Returns the label of the first period of the row in which the condition holds.
    #[must_use]
    pub fn since(&self) -> Option<&'a Key> {
        self.since
    }

    /// Returns what the condition says.
    #[must_use]
    pub fn truth(&self) -> Truth {
        self.truth
    }

    /// Returns what was looked at.
    #[must_use]
    pub fn evidence(&self) -> &Evidence<'a> {
        &self.evidence
    }

    /// Returns the rule's message about this subject; its title or key where it has none.
    #[must_use]
    pub fn message(&self, language: Language) -> String {
        let def = &self.texts.rule.def;
        match template(&self.texts.rule.message, language) {
            Some(template) => self.filled(template, language),
            None if def.title.is_empty() => def.key.to_string(),
            None => def.title.text(language).to_owned(),
        }
    }

    /// Returns what to do next, if the rule says so.
    #[must_use]
    pub fn action(&self, language: Language) -> Option<String> {
        template(&self.texts.rule.action, language).map(|template| self.filled(template, language))
    }

    fn filled(&self, template: &Template, language: Language) -> String {
        let mut text = String::new();
        for piece in &template.pieces {
            match piece {
                Piece::Text(plain) => text.push_str(plain),
                Piece::Parameter(value) => text.push_str(&value.to_string()),
                Piece::Column(slot) => text.push_str(&self.figure(*slot, language)),
                Piece::Word(word) => self.word(*word, language, &mut text),
            }
        }
        text
    }

    fn word(&self, word: Word, language: Language, text: &mut String) {
        fn label(key: Option<&Key>) -> &str {
            key.map_or("", Key::as_str)
        }
        let Texts {
            rule,
            panel,
            subject,
            period,
            since,
            ..
        } = &self.texts;
        match word {
            Word::Subject => text.push_str(&panel.subjects().label(*subject)),
            Word::Period => text.push_str(label(self.period)),
            Word::Since => text.push_str(label(self.since)),
            // Writing to a text cannot fail.
            Word::Periods => {
                let _ = write!(text, "{}", period - since + 1);
            }
            Word::Severity => text.push_str(self.severity.name(language)),
            Word::Rule => text.push_str(if rule.def.title.is_empty() {
                rule.def.key.as_str()
            } else {
                rule.def.title.text(language)
            }),
            Word::Owner => text.push_str(label(rule.def.owner.as_ref())),
        }
    }

    /// Returns a cell as people read it: amounts whole, quotients to four decimals, shares as percentages.
    fn figure(&self, slot: usize, language: Language) -> String {
        let Texts {
            panel,
            rules,
            subject,
            period,
            ..
        } = &self.texts;
        let cell = period * panel.subjects().len() + subject;
        let Some(column) = rules.slots.get(slot).and_then(|slot| panel.get(&slot.key)) else {
            return String::new();
        };
        match column.answer(cell) {
            Answer::None(state) => state_name(state, language).to_owned(),
            Answer::Figure(figure) => {
                let share = *column.unit() == crate::measure::Unit::Share;
                let hundred = Ratio::from(100);
                let value = figure.ratio().and_then(|value| {
                    if share {
                        value.checked_mul(hundred)
                    } else {
                        Ok(value)
                    }
                });
                let places = if figure.amount().is_some() {
                    12
                } else if share {
                    2
                } else {
                    4
                };
                match value.and_then(|value| value.to_decimal(places, Rounding::HalfAwayFromZero)) {
                    Ok(value) if share => format!("{}%", value.normalize()),
                    Ok(value) => value.normalize().to_string(),
                    Err(_) => state_name(State::OutOfRange, language).to_owned(),
                }
            }
        }
    }
}

fn template(both: &[Template; 2], language: Language) -> Option<&Template> {
    let (own, other) = match language {
        Language::English => (&both[0], &both[1]),
        Language::Chinese => (&both[1], &both[0]),
    };
    [own, other]
        .into_iter()
        .find(|template| !template.is_empty())
}

fn state_name(state: State, language: Language) -> &'static str {
    match (state, language) {
        (State::Value, _) => "",
        (State::NoBase, Language::English) => "no base",
        (State::NothingRecorded, Language::English) => "nothing recorded",
        (State::NotApplicable, Language::English) => "not applicable",
        (State::NotYetDue, Language::English) => "not yet due",
        (State::OutOfRange, Language::English) => "out of range",
        (State::NoBase, Language::Chinese) => "无基数",
        (State::NothingRecorded, Language::Chinese) => "无记录",
        (State::NotApplicable, Language::Chinese) => "不适用",
        (State::NotYetDue, Language::Chinese) => "未到期",
        (State::OutOfRange, Language::Chinese) => "超出范围",
    }
}
