//! Checking rules before they are used: what can never hold, always holds, says the same or the opposite.
//!
//! The checker takes a condition apart into facts that must be so for it to be true (or false): about operands, such
//! as `attainment(sales)` lying below four fifths, about the order of two operands, about the state of a cell, or about
//! something that it does not look into. It then looks for one choice of facts that do not contradict each other. What the
//! checker says is certain. It looks at 5,000 facts for one question and at 50,000 and 150 for each pair of rules in all;
//! what is not decided within that it says it has not decided ([`Anomaly::NotDecided`]).
//!
//! Equal operands are recognised through their definition (`attainment(m)` is `m / target(m)`); that two different
//! quotients are related is not seen.

mod bands;
mod facts;
mod interval;
mod percent;
mod reader;
mod witness;
mod written;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use serde::Serialize;

use self::facts::{Budget, Ways};

use self::witness::witness;
use super::{Condition, Grade, Grading, Judge, Operand, RuleDef, RuleError, RuleSet, Severity};
use crate::band::Interval;
use crate::key::Key;
use crate::limits::Limits;
use crate::panel::{ColumnKey, Panel};

pub use self::witness::Witness;

/// What the checker found odd about a rule, or about two of them together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Anomaly {
    /// The condition can never be true.
    Never {
        /// The rule.
        rule: Key,
    },
    /// The condition is true whenever it is known.
    Always {
        /// The rule.
        rule: Key,
        /// A case in which it is true, if one was found.
        witness: Option<Witness>,
    },
    /// The clear condition can never be true, so that alerts never end.
    NeverClears {
        /// The rule.
        rule: Key,
        /// A case that it fires for and never leaves, if one was found.
        witness: Option<Witness>,
    },
    /// Two rules are true in the same cells, wherever both are known.
    Duplicate {
        /// The first.
        rule: Key,
        /// The second.
        other: Key,
        /// A case in which both are true, if one was found.
        witness: Option<Witness>,
    },
    /// Where the first rule is true, the second is too, wherever it is known.
    Implies {
        /// The first.
        rule: Key,
        /// The second.
        other: Key,
        /// A case in which the second alone is true, if one was found.
        witness: Option<Witness>,
    },
    /// The two rules can never both be true.
    Contradict {
        /// The first.
        rule: Key,
        /// The second.
        other: Key,
        /// A case in which the first is true and the second false, if one was found.
        witness: Option<Witness>,
    },
    /// Whether two rules are related, or what can be of one alone, is not decided within the checker's budget.
    NotDecided {
        /// The rule.
        rule: Key,
        /// The other rule, where it is a question of two.
        other: Option<Key>,
    },
    /// A share is compared with a number that only makes sense as a percentage: `attainment(sales) < 80` is true of whoever
    /// does not reach eighty times the target, where `80%` is meant.
    PercentForgotten {
        /// The rule.
        rule: Key,
        /// The comparison as it is written.
        written: String,
        /// The comparison as it is probably meant.
        meant: String,
        /// Whether the comparison is true of practically everybody; of nobody otherwise.
        always: bool,
    },
    /// A figure is divided by its own target, which says nothing where the target is zero; as attainment, a target of zero that
    /// should not be exceeded is met or missed.
    SilentAtZero {
        /// The rule.
        rule: Key,
        /// The quotient as it is written.
        written: String,
        /// What says the same of every other target, and something of zero.
        meant: String,
    },
    /// The rule has a parameter that nothing in it names.
    UnusedParameter {
        /// The rule.
        rule: Key,
        /// The parameter.
        parameter: Key,
    },
    /// The rule lets off somebody and does not say why.
    NoReason {
        /// The rule.
        rule: Key,
        /// Who is let off.
        subject: Key,
    },
    /// A band of a graded rule is milder than another although its values are worse: further on the side on which the rule
    /// fires.
    Milder {
        /// The rule.
        rule: Key,
        /// The band with the better values.
        better: Interval,
        /// The band with the worse values.
        worse: Interval,
    },
    /// No value of the band is one for which the rule fires.
    BandOutside {
        /// The rule.
        rule: Key,
        /// The band.
        band: Interval,
    },
    /// The condition was true nowhere in the data.
    NotReached {
        /// The rule.
        rule: Key,
        /// In how many cells it was false.
        known: usize,
        /// In how many cells it was unknown.
        unknown: usize,
        /// A case that would reach it, if one was found.
        witness: Option<Witness>,
    },
}

/// Returns what is wrong with these rules, whatever the data: in the order of the rules, each alone first, then in pairs.
///
/// `ranges` says which values columns can have: `[0, ..)` for what is never negative. Rules that never concern the same subject on the same day are not compared, and
/// a graver rule that fires for some of those for whom a milder one does is the next step of a ladder, and no finding.
#[must_use]
pub fn check<'a>(
    rules: impl IntoIterator<Item = &'a RuleDef>,
    ranges: &BTreeMap<ColumnKey, Interval>,
) -> Vec<Anomaly> {
    check_within(rules, ranges, Limits::default())
}

/// Returns the same within the limits of a host: a step looks at one fact, a cell is one of the cases that are made up. Fewer than
/// [`check`] looks at by itself are the most; what is not decided then is told as [`Anomaly::NotDecided`].
///
/// ```
/// use quotaflow::limits::{Limits, Size};
/// use quotaflow::rule::RuleDef;
/// use quotaflow::rule::check::{Anomaly, check_within};
/// let rule = RuleDef::new("odd", "sales < 1 and sales > 2".parse()?)?;
/// let found = |steps| check_within([&rule], &Default::default(), Limits::default().with(Size::Steps, steps));
/// assert!(matches!(found(100)[..], [Anomaly::Never { .. }]));
/// assert!(matches!(found(1)[..], [Anomaly::NotDecided { .. }]));
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[must_use]
pub fn check_within<'a>(
    rules: impl IntoIterator<Item = &'a RuleDef>,
    ranges: &BTreeMap<ColumnKey, Interval>,
    limits: Limits,
) -> Vec<Anomaly> {
    check_shares(rules, ranges, &|_| false, limits)
}

/// The same, where it is known which columns are counted in shares.
pub(crate) fn check_shares<'a>(
    rules: impl IntoIterator<Item = &'a RuleDef>,
    ranges: &BTreeMap<ColumnKey, Interval>,
    shares: &dyn Fn(&ColumnKey) -> bool,
    limits: Limits,
) -> Vec<Anomaly> {
    let rules: Vec<(&RuleDef, Condition)> =
        rules.into_iter().map(|rule| (rule, says(rule))).collect();
    let mut checker = Checker {
        ranges,
        shares,
        budget: Budget::of(rules.len(), limits),
        anomalies: Vec::new(),
    };
    let mut open = Vec::new();
    for (rule, says) in &rules {
        open.extend(checker.alone(rule, says));
    }
    for (index, one) in open.iter().enumerate() {
        for other in &open[index + 1..] {
            checker.pair(one, other);
        }
    }
    checker.anomalies
}

/// A rule that can both hold and fail, taken apart.
struct Open<'r> {
    rule: &'r RuleDef,
    says: &'r Condition,
    holds: Ways,
    fails: Ways,
    /// What it is about.
    about: BTreeSet<String>,
}

struct Checker<'r> {
    ranges: &'r BTreeMap<ColumnKey, Interval>,
    shares: percent::IsShare<'r>,
    budget: Budget,
    anomalies: Vec<Anomaly>,
}

impl Checker<'_> {
    fn ways(&self, condition: &Condition, so: bool, rule: &RuleDef) -> Option<Ways> {
        Ways::of(condition, so, rule, self.ranges, &self.budget)
    }

    fn witness(&self, wanted: &[(&RuleDef, &Condition, bool)]) -> Option<Witness> {
        witness(wanted, self.ranges, &self.budget)
    }

    /// Looks at one rule; returns what it is to be compared with the others by.
    fn alone<'r>(&mut self, rule: &'r RuleDef, says: &'r Condition) -> Option<Open<'r>> {
        let key = || rule.key.clone();
        written::unused(rule, &mut self.anomalies);
        percent::forgotten(rule, self.shares, &mut self.anomalies);
        let (holds, fails) = (self.ways(says, true, rule)?, self.ways(says, false, rule)?);
        let can = self.budget.possible(&[&holds]);
        // Of those whom the rule concerns: whom it does not concern is no case in which it fails.
        let cannot = match &rule.scope.provided {
            None => self.budget.possible(&[&fails]),
            Some(provided) => {
                let other = provided.clone().and(rule.when.clone().negate());
                let other = self.ways(&other, true, rule)?;
                self.budget.possible(&[&other])
            }
        };
        let (never, always) = (can == Some(false), cannot == Some(false));
        if never {
            self.anomalies.push(Anomaly::Never { rule: key() });
        } else if always {
            let witness = self.witness(&[(rule, says, true)]);
            self.anomalies.push(Anomaly::Always {
                rule: key(),
                witness,
            });
        } else if can.is_none() || cannot.is_none() {
            let (rule, other) = (key(), None);
            self.anomalies.push(Anomaly::NotDecided { rule, other });
        }
        if self.never_clears(rule) {
            let witness = self.witness(&[(rule, says, true)]);
            self.anomalies.push(Anomaly::NeverClears {
                rule: key(),
                witness,
            });
        }
        if let Grade::By(bands) = &rule.severity {
            bands::order(rule, bands, &mut self.anomalies);
            if !never {
                self.outside(rule, bands, &holds);
            }
        }
        // What is never or always true stands in some relation to everything; saying so once is enough.
        if can != Some(true) || cannot != Some(true) {
            return None;
        }
        written::silent_at_zero(rule, &mut self.anomalies);
        let mut about = BTreeSet::new();
        holds.about(&mut about);
        fails.about(&mut about);
        Some(Open {
            rule,
            says,
            holds,
            fails,
            about,
        })
    }

    /// Says whether what clears an alert never holds, or only while the condition holds too, which comes first. Where the condition
    /// can be unknown meanwhile, it does not hold, and the alert is cleared.
    fn never_clears(&self, rule: &RuleDef) -> bool {
        let Some(clear) = &rule.clear else {
            return false;
        };
        let ways = |condition, so| self.ways(condition, so, rule);
        let Some(clears) = ways(clear, true) else {
            return false;
        };
        let (holds, fails) = (ways(&rule.when, true), ways(&rule.when, false));
        let Some((holds, fails)) = holds.zip(fails) else {
            return false;
        };
        // What is always so is told as that: there it is no news that nothing clears it.
        self.budget.excludes(&[&clears])
            || (!self.budget.excludes(&[&fails])
                && self.budget.excludes(&[&clears, &fails])
                && !self.may_be_unknown([&holds, &fails], &clears))
    }

    /// Says whether some column that a condition compares, be it so or not, may have no value while something else is so.
    fn may_be_unknown(&self, condition: [&Ways; 2], meanwhile: &Ways) -> bool {
        let mut needed = BTreeSet::new();
        for ways in condition {
            ways.needs(&mut needed);
        }
        needed
            .into_iter()
            .any(|column| !self.budget.excludes(&[meanwhile, &Ways::without(column)]))
    }

    /// Finds bands of which no value is one for which the rule fires.
    fn outside(&mut self, rule: &RuleDef, bands: &Grading, holds: &Ways) {
        let of = || bands.of.clone();
        for band in bands.bands.rows().map(|row| row.range) {
            let from = match band.lower() {
                Bound::Unbounded => None,
                Bound::Included(from) => Some(of().at_least(Operand::number(from))),
                Bound::Excluded(from) => Some(of().above(Operand::number(from))),
            };
            let to = match band.upper() {
                Bound::Unbounded => None,
                Bound::Included(to) => Some(of().at_most(Operand::number(to))),
                Bound::Excluded(to) => Some(of().below(Operand::number(to))),
            };
            let within = Condition::All(from.into_iter().chain(to).collect());
            let Some(within) = self.ways(&within, true, rule) else {
                continue;
            };
            if self.budget.excludes(&[holds, &within]) {
                let rule = rule.key.clone();
                self.anomalies.push(Anomaly::BandOutside { rule, band });
            }
        }
    }

    fn pair(&mut self, one: &Open<'_>, two: &Open<'_>) {
        let ((rule, other), budget) = ((one.rule, two.rule), &self.budget);
        // What is about different things can be so or not in every combination.
        if !rule.scope.meets(&other.scope) || one.about.is_disjoint(&two.about) {
            return;
        }
        let (left, right) = (rule.key.clone(), other.key.clone());
        let case = |own: bool, others: bool| {
            self.witness(&[(rule, one.says, own), (other, two.says, others)])
        };
        // Rules that are never both true may also be said to imply each other where nothing of the other is known;
        // that would say less.
        let both = budget.possible(&[&one.holds, &two.holds]);
        if both == Some(false) {
            let witness = case(true, false);
            self.anomalies.push(Anomaly::Contradict {
                rule: left,
                other: right,
                witness,
            });
            return;
        }
        // Whoever one fires for is a subject of the other, and its condition has lasted as long as the other asks for.
        let follows = |from: &Open<'_>, to: &Open<'_>| {
            let reach = to.rule.scope.covers(&from.rule.scope)
                && from.rule.persistence.asks_for(to.rule.persistence);
            if reach {
                budget
                    .possible(&[&from.holds, &to.fails])
                    .map(|possible| !possible)
            } else {
                Some(false)
            }
        };
        let (forward, backward) = (follows(one, two), follows(two, one));
        let finding = match (forward, backward) {
            (Some(true), Some(true)) => Anomaly::Duplicate {
                rule: left,
                other: right,
                witness: case(true, true),
            },
            (Some(true), _) if !is_step(rule, other) => Anomaly::Implies {
                rule: left,
                other: right,
                witness: case(false, true),
            },
            (_, Some(true)) if !is_step(other, rule) => Anomaly::Implies {
                rule: right,
                other: left,
                witness: case(true, false),
            },
            (Some(true), _) | (_, Some(true)) => return,
            (None, _) | (_, None) => Anomaly::NotDecided {
                rule: left,
                other: Some(right),
            },
            (Some(false), Some(false)) if both.is_none() => Anomaly::NotDecided {
                rule: left,
                other: Some(right),
            },
            (Some(false), Some(false)) => return,
        };
        self.anomalies.push(finding);
    }
}

/// Says whether a rule that fires for some of those for whom another does is the next step of a ladder: graver.
fn is_step(rule: &RuleDef, other: &RuleDef) -> bool {
    match (&rule.severity, &other.severity) {
        (Grade::Fixed(own), Grade::Fixed(others)) => own > others,
        (Grade::By(_), _) | (_, Grade::By(_)) => false,
    }
}

/// Returns when a rule says something: its condition, where the rule concerns the subject.
fn says(rule: &RuleDef) -> Condition {
    match &rule.scope.provided {
        Some(provided) => provided.clone().and(rule.when.clone()),
        None => rule.when.clone(),
    }
}

/// Rules that were checked against a panel and by reasoning: what a host shows before it uses them.
#[derive(Debug, Clone)]
pub struct Vetted {
    /// The rules that fit the panel.
    pub rules: RuleSet,
    /// What was left out because it does not fit the panel, with the reason.
    pub left_out: Vec<RuleError>,
    /// What is odd about the rules that fit.
    pub anomalies: Vec<Anomaly>,
}

impl Vetted {
    /// Compiles rules as [`RuleSet::fitting`] does, and checks those that fit.
    ///
    /// # Errors
    /// As [`RuleSet::fitting`].
    pub fn new(
        rules: impl IntoIterator<Item = RuleDef>,
        panel: &Panel,
        ranges: &BTreeMap<ColumnKey, Interval>,
    ) -> Result<Self, RuleError> {
        let (rules, left_out) = RuleSet::fitting(rules, panel)?;
        let anomalies = rules.check(ranges);
        Ok(Self {
            rules,
            left_out,
            anomalies,
        })
    }
}

impl RuleSet {
    /// Returns which rules were true nowhere in a panel, in the order of the rules.
    ///
    /// # Errors
    /// As [`RuleSet::over`].
    pub fn unreached(&self, panel: &Panel) -> Result<Vec<Anomaly>, RuleError> {
        let judge = self.over(panel)?;
        let (subjects, periods) = (panel.subjects().len(), panel.periods().len());
        let mut reached = vec![(0, 0); self.len()];
        for period in 0..periods {
            let verdicts = judge.conditions(period)?;
            for (rule, (fired, unknown)) in reached.iter_mut().enumerate() {
                *fired += verdicts.count_at(rule);
                *unknown += verdicts.count_undecided_at(rule);
            }
        }
        let budget = Budget::of(self.len(), Limits::default());
        let missed = self
            .rules()
            .zip(reached)
            .filter(|(_, (fired, _))| *fired == 0);
        Ok(missed
            .map(|(rule, (_, unknown))| Anomaly::NotReached {
                rule: rule.key.clone(),
                known: subjects * periods - unknown,
                unknown,
                witness: witness(&[(rule, &rule.when, true)], &BTreeMap::new(), &budget),
            })
            .collect())
    }

    /// Returns what is wrong with these rules, whatever the data; see [`check`].
    #[must_use]
    pub fn check(&self, ranges: &BTreeMap<ColumnKey, Interval>) -> Vec<Anomaly> {
        check_shares(
            self.rules(),
            ranges,
            &|key| self.is_share(key),
            Limits::default(),
        )
    }
}

impl Anomaly {
    /// Returns how grave the finding is: what can never work is serious, what is said twice a warning.
    #[must_use]
    pub fn severity(&self) -> Severity {
        match self {
            Self::Never { .. }
            | Self::Always { .. }
            | Self::NeverClears { .. }
            | Self::PercentForgotten { .. } => Severity::Serious,
            Self::Duplicate { .. }
            | Self::Milder { .. }
            | Self::BandOutside { .. }
            | Self::UnusedParameter { .. }
            | Self::NoReason { .. } => Severity::Warning,
            Self::Implies { .. }
            | Self::SilentAtZero { .. }
            | Self::Contradict { .. }
            | Self::NotReached { .. }
            | Self::NotDecided { .. } => Severity::Info,
        }
    }
}

impl<'a> Judge<'a> {
    /// Returns what the conditions alone say in one period, whatever scope and persistence of the rules.
    fn conditions(&self, period: usize) -> Result<super::Verdicts<'a>, RuleError> {
        self.scan_with(period, |_, block, rule| block.mask(&rule.when, period))
    }
}
