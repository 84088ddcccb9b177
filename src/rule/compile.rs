//! Compilation: names become columns, units are checked, and nothing invalid is left to be met later.

use std::collections::{BTreeMap, BTreeSet};

use super::condition::{
    AtLeast, Between, Comparison, Consecutive, Silence, StateTest, Trend, Way, Within,
};
use super::control::Chart;
use super::cross::Cross;
use super::fraction::Fraction;
use super::message::{Message, messages};
use super::node::{Compare, Node, state_bits};
use super::operand::{Constant, Previous, Quotient, Scaled, TrailingMean};
use super::set::{Rule, unknown_column};
use super::supplied::{below_column, quiet_column};
use super::unit::parameter_units;
use super::{
    Condition, Grade, Grading, Is, Keep, Operand, Persistence, RuleDef, RuleError, RuleSet, Rung,
    Span, SubjectTest,
};
use super::{
    peers::Standing,
    term::{Limit, Peer, Slot, Term},
};
use crate::key::{Key, KeyError, unknown};
use crate::measure::{Direction, Unit};
use crate::panel::{ColumnKey, Panel, Reason, Role};
use crate::scorecard::ZeroTarget;
use crate::space::RowId;
use crate::text::{ByLang, Texts};

/// Checks rules against a panel.
pub(super) fn compile(
    rules: impl IntoIterator<Item = RuleDef>,
    panel: &Panel,
) -> Result<RuleSet, RuleError> {
    let mut compiler = Compiler {
        panel,
        set: RuleSet::empty(),
        slot_of: BTreeMap::new(),
    };
    for rule in rules {
        compiler.add(rule)?;
    }
    Ok(compiler.set)
}

struct Compiler<'a> {
    panel: &'a Panel,
    set: RuleSet,
    slot_of: BTreeMap<ColumnKey, usize>,
}

/// A term with its unit; `None` takes the unit of what it meets.
type Typed = (Term, Option<Unit>);

/// A problem with the way to it, from the inside out.
struct Fault {
    path: Vec<String>,
    problem: RuleError,
}

impl From<RuleError> for Fault {
    fn from(problem: RuleError) -> Self {
        Self {
            path: Vec::new(),
            problem,
        }
    }
}

trait Place<T> {
    fn at(self, place: impl ToString) -> Result<T, Fault>;
}

impl<T, E: Into<Fault>> Place<T> for Result<T, E> {
    fn at(self, place: impl ToString) -> Result<T, Fault> {
        self.map_err(|problem| {
            let mut fault = problem.into();
            fault.path.push(place.to_string());
            fault
        })
    }
}

impl Compiler<'_> {
    fn add(&mut self, def: RuleDef) -> Result<(), RuleError> {
        if self.set.rules.len() == RuleSet::MAX_RULES {
            let limit = RuleSet::MAX_RULES;
            return Err(RuleError::TooManyRules {
                count: limit + 1,
                limit,
            });
        }
        if self.set.by_key.contains_key(&def.key) {
            return Err(RuleError::DuplicateRule { rule: def.key });
        }
        let rule = self.rule(def).map_err(|(key, fault)| {
            let place: Vec<&str> = fault.path.iter().rev().map(String::as_str).collect();
            fault.problem.within(&key, &place.join("."))
        })?;
        self.set
            .by_key
            .insert(rule.def.key.clone(), self.set.rules.len());
        self.set.rules.push(rule);
        Ok(())
    }

    fn rule(&mut self, def: RuleDef) -> Result<Rule, (Key, Fault)> {
        match self.parts(&def) {
            Ok((when, [clear, provided], sized, message, action)) => Ok(Rule {
                def,
                looks_back: when.looks_back(),
                when,
                clear,
                provided,
                sized,
                message,
                action,
            }),
            Err(fault) => Err((def.key, fault)),
        }
    }

    #[expect(
        clippy::type_complexity,
        reason = "the compiled parts of one rule, named where they are used"
    )]
    fn parts(
        &mut self,
        def: &RuleDef,
    ) -> Result<
        (
            Node,
            [Option<Node>; 2],
            Option<(Term, Grading)>,
            ByLang<Message>,
            ByLang<Message>,
        ),
        Fault,
    > {
        // A rule for other subjects has nothing else to be told about.
        self.scope(def).at("scope")?;
        def.when.check_bounds().at("when")?;
        let when = self.condition(&def.when, def).at("when")?;
        let clear = self.maybe(def.clear.as_ref(), def).at("clear")?;
        let provided = self.maybe(def.scope.provided.as_ref(), def);
        let provided = provided.at("provided").at("scope")?;
        let sized = match &def.severity {
            Grade::Fixed(_) => None,
            Grade::By(bands) => Some((
                self.bands(bands, def).at("by").at("severity")?,
                bands.clone(),
            )),
        };
        match def.persistence {
            Persistence::Periods(span) => self.span(span).at("persistence")?,
            Persistence::Immediate | Persistence::Days(_) => {}
        }
        match def.life.keep {
            Keep::Periods(span) => self.span(span).at("keep").at("life")?,
            Keep::None | Keep::Days(_) => {}
        }
        if let Some(limits) = def.life.flapping
            && (limits.stop > limits.start || limits.start > 100)
        {
            let (start, stop) = (limits.start, limits.stop);
            return Err(RuleError::Flapping { start, stop })
                .at("flapping")
                .at("life");
        }
        let times = |pair: &[Rung]| pair[0].after_minutes > pair[1].after_minutes;
        if let Some(below) = def.life.escalation.windows(2).position(times) {
            return Err(RuleError::Ladder { index: below + 1 })
                .at("escalation")
                .at("life");
        }
        let panel = self.panel;
        let units = parameter_units(def, &|key| {
            panel.find(key).map(|column| column.unit().clone())
        });
        let mut read = |texts: &Texts, place: &str| {
            messages(texts, def, &units, |key| self.slot(key).ok())
                .or_else(|(lang, error)| Err(error).at(format!("{place}.{lang}")))
        };
        let message = read(&def.message, "message")?;
        let action = read(&def.action, "action")?;
        Ok((when, [clear, provided], sized, message, action))
    }

    fn maybe(&mut self, of: Option<&Condition>, def: &RuleDef) -> Result<Option<Node>, Fault> {
        let Some(condition) = of else { return Ok(None) };
        condition.check_bounds()?;
        Ok(Some(self.condition(condition, def)?))
    }

    fn scope(&self, def: &RuleDef) -> Result<(), Fault> {
        if let (Some(from), Some(until)) = (def.scope.from, def.scope.until)
            && until <= from
        {
            return Err(RuleError::Dates.into());
        }
        if let Some(level) = &def.scope.level {
            RuleError::unless_of_level(level, self.panel.subjects()).at("level")?;
        }
        if let Some(only) = &def.scope.only {
            self.subjects(only).at("only")?;
        }
        for (index, exemption) in def.scope.except.iter().enumerate() {
            self.members(std::slice::from_ref(&exemption.subject))
                .at(index)
                .at("except")?;
        }
        Ok(())
    }

    fn subjects(&self, test: &SubjectTest) -> Result<(), RuleError> {
        if test.members.is_empty() && test.starts_with.is_empty() {
            return Err(RuleError::Empty { what: "subject" });
        }
        self.members(&test.members)
    }

    fn members(&self, wanted: &[Key]) -> Result<(), RuleError> {
        known_members(wanted, self.panel)
    }

    fn bands(&mut self, bands: &Grading, def: &RuleDef) -> Result<Term, Fault> {
        // The same bounds hold for an operand as for a condition on it.
        Condition::Compare(Comparison {
            left: bands.of.clone(),
            is: Is::Equal,
            right: Operand::number(0),
        })
        .check_bounds()
        .at("of")?;
        Ok(self.operand(&bands.of, def).at("of")?.0)
    }

    fn condition(&mut self, condition: &Condition, def: &RuleDef) -> Result<Node, Fault> {
        match condition {
            Condition::Compare(Comparison { left, is, right }) => {
                let left = self.operand(left, def).at("left")?;
                let right = self.operand(right, def).at("right")?;
                Ok(self.compare(left, *is, right)?)
            }
            Condition::Between(Between { of, from, to }) => {
                let of = self.operand(of, def).at("of")?;
                let from = self.operand(from, def).at("from")?;
                let to = self.operand(to, def).at("to")?;
                let lower = self.compare(of.clone(), Is::AtLeast, from).at("from")?;
                let upper = self.compare(of, Is::AtMost, to).at("to")?;
                Ok(Node::All(vec![lower, upper]))
            }
            Condition::State(StateTest { of, is }) => {
                if is.is_empty() {
                    return Err(RuleError::Empty { what: "is" }.into());
                }
                Ok(Node::State {
                    slot: self.slot(of).at("of")?,
                    states: state_bits(is),
                })
            }
            Condition::Stale(Silence { of, span }) => {
                self.span(*span).at("span")?;
                Ok(self.silence(of, usize::from(span.count), *span).at("of")?)
            }
            Condition::Late(Silence { of, span }) => {
                self.span(*span).at("span")?;
                Ok(self.silence(of, 1, *span).at("of")?)
            }
            Condition::Subject(test) => {
                self.subjects(test)?;
                Ok(Node::Subject(test.clone()))
            }
            Condition::All(all) => Ok(Node::All(self.list(all, def)?)),
            Condition::Any(any) => Ok(Node::Any(self.list(any, def)?)),
            Condition::Not(of) => Ok(Node::Not(Box::new(self.condition(of, def).at("not")?))),
            Condition::AtLeast(AtLeast { count, of }) => {
                let size = u32::try_from(of.len()).unwrap_or(u32::MAX);
                if *count > size {
                    return Err(RuleError::Count {
                        count: *count,
                        of: size,
                    }
                    .into());
                }
                Ok(Node::AtLeast(*count, self.list(of, def).at("of")?))
            }
            Condition::Consecutive(Consecutive { span, of }) => {
                self.span(*span).at("span")?;
                let periods = usize::from(span.count);
                let of = Box::new(self.condition(of, def).at("of")?);
                Ok(Node::Within {
                    count: periods,
                    periods,
                    of,
                })
            }
            Condition::Within(Within { count, span, of }) => {
                self.span(*span).at("span")?;
                if *count > span.count {
                    let (count, of) = (u32::from(*count), u32::from(span.count));
                    return Err(RuleError::Count { count, of }.into());
                }
                let of = Box::new(self.condition(of, def).at("of")?);
                Ok(Node::Within {
                    count: usize::from(*count),
                    periods: usize::from(span.count),
                    of,
                })
            }
            Condition::Control(control) => {
                control.check()?;
                let (of, _) = self.operand(&control.of, def).at("of")?;
                Ok(Node::Chart(Box::new(Chart::new(of, control))))
            }
            Condition::Trend(Trend { of, is, span }) => {
                self.span(*span).at("span")?;
                let (now, unit) = self.operand(of, def).at("of")?;
                let before = Term::Back(1, Box::new(now.clone()));
                let is = match is {
                    Way::Rising => Is::Above,
                    Way::Falling => Is::Below,
                };
                let of = Box::new(self.compare((now, unit.clone()), is, (before, unit))?);
                let periods = usize::from(span.count);
                Ok(Node::Within {
                    count: periods,
                    periods,
                    of,
                })
            }
        }
    }

    fn list(&mut self, list: &[Condition], def: &RuleDef) -> Result<Vec<Node>, Fault> {
        list.iter()
            .enumerate()
            .map(|(index, condition)| self.condition(condition, def).at(index))
            .collect()
    }

    fn silence(&mut self, of: &ColumnKey, count: usize, span: Span) -> Result<Node, RuleError> {
        let slot = self.slot(of)?;
        let state = Node::State {
            slot,
            states: state_bits(&[Some(Reason::NothingRecorded)]),
        };
        Ok(Node::Within {
            count,
            periods: usize::from(span.count),
            of: Box::new(state),
        })
    }

    fn compare(&self, left: Typed, is: Is, right: Typed) -> Result<Node, RuleError> {
        unify(left.1, right.1)?;
        let cross = Cross::of(&left.0, is, &right.0, &self.set.slots);
        Ok(Node::Compare(Box::new(Compare {
            left: left.0,
            is,
            right: right.0,
            cross,
        })))
    }

    fn operand(&mut self, operand: &Operand, def: &RuleDef) -> Result<Typed, Fault> {
        match operand {
            Operand::Constant(Constant { value, unit }) => {
                Ok((Term::Constant(Fraction::from(*value)), unit.clone()))
            }
            Operand::Parameter(name) => Ok(parameter(name, def)?),
            Operand::Metric(metric) => Ok(self.cell(metric, Role::Actual)?),
            Operand::Target(metric) => Ok(self.cell(metric, Role::Target)?),
            Operand::Expected(metric) => Ok(self.cell(metric, Role::Expected)?),
            Operand::Projected(metric) => Ok(self.cell(metric, Role::Projected)?),
            Operand::Below(rule) => Ok(self.supplied(below_column(rule))?),
            Operand::Quiet(quiet) => Ok(self.supplied(quiet_column(quiet))?),
            Operand::Attainment(metric) => Ok(self.wanted(metric, Role::Actual, def)?),
            Operand::Pace(metric) => Ok(self.wanted(metric, Role::Expected, def)?),
            Operand::Gap(metric) => {
                let (of, less) = (
                    self.cell(metric, Role::Actual)?,
                    self.cell(metric, Role::Target)?,
                );
                let unit = unify(of.1, less.1)?;
                Ok((Term::Difference(Box::new(of.0), Box::new(less.0)), unit))
            }
            Operand::Ratio(Quotient { of, to }) => {
                let of = self.operand(of, def).at("of")?;
                let to = self.operand(to, def).at("to")?;
                let unit = match (of.1, to.1) {
                    (Some(of), Some(to)) => Some(of.per(to)),
                    (of, None) => of,
                    (None, Some(_)) => None,
                };
                Ok((Term::Quotient(Box::new(of.0), Box::new(to.0)), unit))
            }
            Operand::Difference { of, less } => {
                let of = self.operand(of, def).at("of")?;
                let less = self.operand(less, def).at("less")?;
                let unit = unify(of.1, less.1)?;
                Ok((Term::Difference(Box::new(of.0), Box::new(less.0)), unit))
            }
            Operand::Scaled(Scaled { factor, of }) => {
                let (of, unit) = self.operand(of, def).at("of")?;
                Ok((Term::Scaled(Fraction::from(*factor), Box::new(of)), unit))
            }
            Operand::Previous(Previous { of, span }) => {
                self.span(*span).at("span")?;
                let (of, unit) = self.operand(of, def).at("of")?;
                Ok((Term::Back(usize::from(span.count), Box::new(of)), unit))
            }
            Operand::LastYear(of) => {
                let (of, unit) = self.operand(of, def).at("last_year")?;
                Ok((Term::LastYear(Box::new(of)), unit))
            }
            Operand::Change { of, against } => {
                let of = self.operand(of, def).at("of")?;
                let against = self.operand(against, def).at("against")?;
                unify(of.1, against.1)?;
                Ok((
                    Term::Change(Box::new(of.0), Box::new(against.0)),
                    Some(Unit::Share),
                ))
            }
            Operand::TrailingMean(TrailingMean { of, span, known }) => {
                self.span(*span).at("span")?;
                let known = known.unwrap_or(span.count);
                if known > span.count || known == 0 {
                    let (count, of) = (u32::from(known), u32::from(span.count));
                    return Err(RuleError::Count { count, of }).at("known");
                }
                let (of, unit) = self.operand(of, def).at("of")?;
                let (periods, known) = (usize::from(span.count), usize::from(known));
                Ok((
                    Term::Mean {
                        of: Box::new(of),
                        periods,
                        known,
                    },
                    unit,
                ))
            }
            Operand::Rank(of) => Ok((self.peer(Standing::Rank, of, def).at("rank")?.0, None)),
            Operand::Percentile(of) => Ok((
                self.peer(Standing::Percentile, of, def).at("percentile")?.0,
                Some(Unit::Share),
            )),
            Operand::FromMedian(of) => self.peer(Standing::FromMedian, of, def).at("from_median"),
            Operand::Score(of) => Ok((self.peer(Standing::Score, of, def).at("score")?.0, None)),
        }
    }

    fn peer(&mut self, standing: Standing, of: &Operand, def: &RuleDef) -> Result<Typed, Fault> {
        let (of, unit) = self.operand(of, def)?;
        self.set.peers.push(Peer { standing, of });
        Ok((Term::Peer(self.set.peers.len() - 1), unit))
    }

    /// Returns the share of the target; against a limit, zero is met or missed too.
    fn wanted(&mut self, metric: &Key, role: Role, def: &RuleDef) -> Result<Typed, RuleError> {
        let (term, unit) = self.share(metric, role)?;
        let Term::Quotient(of, to) = &term else {
            return Ok((term, unit));
        };
        let (Term::Cell(of), Term::Cell(to)) = (of.as_ref(), to.as_ref()) else {
            return Ok((term, unit));
        };
        let limit = match (def.zero_target, self.set.slots[*of].direction) {
            (ZeroTarget::MetOrMissed, Direction::Smaller) => Limit::Most,
            (ZeroTarget::MetOrMissed, Direction::Target) => Limit::Exactly,
            (ZeroTarget::MetOrMissed, Direction::Larger | Direction::Neutral)
            | (ZeroTarget::NoBase, _) => return Ok((term, unit)),
        };
        let (of, to) = (*of, *to);
        Ok((Term::Attained { of, to, limit }, unit))
    }

    fn share(&mut self, metric: &Key, of: Role) -> Result<Typed, RuleError> {
        let (of, to) = (self.cell(metric, of)?, self.cell(metric, Role::Target)?);
        unify(of.1, to.1)?;
        Ok((
            Term::Quotient(Box::new(of.0), Box::new(to.0)),
            Some(Unit::Share),
        ))
    }

    fn cell(&mut self, metric: &Key, role: Role) -> Result<Typed, RuleError> {
        let metric = metric.clone();
        self.column(&ColumnKey { metric, role })
    }

    fn supplied(&mut self, column: Result<ColumnKey, KeyError>) -> Result<Typed, RuleError> {
        self.column(&column?)
    }

    fn column(&mut self, key: &ColumnKey) -> Result<Typed, RuleError> {
        let slot = self.slot(key)?;
        Ok((Term::Cell(slot), Some(self.set.slots[slot].unit.clone())))
    }

    fn slot(&mut self, key: &ColumnKey) -> Result<usize, RuleError> {
        if let Some(slot) = self.slot_of.get(key) {
            return Ok(*slot);
        }
        let column = self
            .panel
            .find(key)
            .ok_or_else(|| unknown_column(key, self.panel))?;
        self.set.slots.push(Slot::of(column));
        self.slot_of.insert(key.clone(), self.set.slots.len() - 1);
        Ok(self.set.slots.len() - 1)
    }

    fn span(&self, span: Span) -> Result<(), RuleError> {
        if span.count == 0 || span.count > Span::MAX {
            return Err(RuleError::Span {
                count: span.count,
                limit: Span::MAX,
            });
        }
        match span.grain {
            Some(grain) if !span.fits(self.panel.periods()) => Err(RuleError::Grain {
                grain,
                periods: self.panel.periods().key().clone(),
            }),
            _ => Ok(()),
        }
    }
}

fn parameter(name: &Key, def: &RuleDef) -> Result<Typed, RuleError> {
    if let Some(Constant { value, unit }) = def.parameters.get(name) {
        return Ok((Term::Constant(Fraction::from(*value)), unit.clone()));
    }
    Err(RuleError::unknown_parameter(name, def.parameters.keys()))
}

/// Returns the unit of two sides that meet.
fn unify(left: Option<Unit>, right: Option<Unit>) -> Result<Option<Unit>, RuleError> {
    match (left, right) {
        (Some(left), Some(right)) if left != right => Err(RuleError::Units { left, right }),
        (left, right) => Ok(left.or(right)),
    }
}

/// Refuses members that no subject of the panel has.
pub(super) fn known_members(wanted: &[Key], panel: &Panel) -> Result<(), RuleError> {
    if wanted.is_empty() {
        return Ok(());
    }
    let subjects = panel.subjects();
    let known: BTreeSet<&Key> = (0..subjects.len())
        .flat_map(|at| subjects.members(RowId::at(at)))
        .collect();
    match wanted.iter().find(|member| !known.contains(member)) {
        None => Ok(()),
        Some(member) => {
            let known = known.into_iter().map(Key::as_str);
            let (name, nearest, known) = unknown(member.as_str(), known);
            Err(RuleError::UnknownMember {
                name,
                nearest,
                known,
            })
        }
    }
}

impl RuleSet {
    /// Checks the rules against the columns, subjects and periods of a panel.
    ///
    /// # Errors
    /// [`RuleError::TooManyRules`], [`RuleError::DuplicateRule`], or [`RuleError::In`] with the rule, the place in it and
    /// what is wrong there: an unknown name with the nearest known one, units that do not go together, a span that does
    /// not fit the panel's periods, bounds that are broken.
    pub fn compile(
        rules: impl IntoIterator<Item = RuleDef>,
        panel: &Panel,
    ) -> Result<Self, RuleError> {
        compile(rules, panel)
    }

    /// Checks the rules against a panel and leaves out those that do not fit it: that read columns which it does not have, are
    /// for subjects of another level or for members that are gone, or count periods of another length. Returns these rules'
    /// errors too. A shipped pack is larger than what any one company records, and people leave; neither silences the others.
    ///
    /// An exemption of somebody who is gone lets nobody off: it is left out and told, and the rule stays.
    ///
    /// # Errors
    /// As [`RuleSet::compile`], for what is wrong whatever the panel, such as units that do not go together.
    pub fn fitting(
        rules: impl IntoIterator<Item = RuleDef>,
        panel: &Panel,
    ) -> Result<(Self, Vec<RuleError>), RuleError> {
        Self::leaving_out(rules, panel, RuleError::is_of_the_panel)
    }
}

impl RuleSet {
    /// Checks the rules against a panel and leaves out those for members who are gone or for subjects of another level and those that
    /// count periods of another length, as [`RuleSet::fitting`] does; a column that is not there is an error, since it is more likely mistyped.
    ///
    /// # Errors
    /// As [`RuleSet::compile`], for anything else.
    pub fn applicable(
        rules: impl IntoIterator<Item = RuleDef>,
        panel: &Panel,
    ) -> Result<(Self, Vec<RuleError>), RuleError> {
        Self::leaving_out(rules, panel, RuleError::is_of_the_day)
    }

    fn leaving_out(
        rules: impl IntoIterator<Item = RuleDef>,
        panel: &Panel,
        is_left_out: impl Fn(&RuleError) -> bool,
    ) -> Result<(Self, Vec<RuleError>), RuleError> {
        let (mut kept, mut left_out) = (Vec::new(), Vec::new());
        for mut rule in rules {
            rule.scope.except.retain(|exemption| {
                let alone = std::slice::from_ref(&exemption.subject);
                match known_members(alone, panel) {
                    Ok(()) => true,
                    Err(problem) => {
                        left_out.push(problem.within(&rule.key, "scope.except"));
                        false
                    }
                }
            });
            match Self::compile([rule.clone()], panel) {
                Ok(_) => kept.push(rule),
                Err(error) if is_left_out(&error) => left_out.push(error),
                Err(other) => return Err(other),
            }
        }
        Ok((Self::compile(kept, panel)?, left_out))
    }
}
