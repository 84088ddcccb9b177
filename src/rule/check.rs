//! Checking rules before they are used: what can never hold, always holds, says the same or the opposite.
//!
//! The checker takes a condition apart into ways in which it can be true (or false): each a list of facts about operands, such
//! as `attainment(sales)` lying below four fifths, about the order of two operands, about the state of a cell, or about
//! something that it does not look into. A way whose facts contradict each other is none. What the checker says is
//! certain; what it cannot decide it does not report.
//!
//! Equal operands are recognised through their definition (`attainment(m)` is `m / target(m)`); that two different
//! quotients are related is not seen.

mod facts;
mod interval;
mod reader;
mod witness;

use std::collections::BTreeMap;

use serde::Serialize;

use self::facts::{Way, Ways};
use self::witness::witness;
use super::{Bands, Condition, Grade, Judge, RuleDef, RuleError, RuleSet, Severity};
use crate::key::Key;
use crate::panel::{ColumnKey, Panel};
use crate::quantity::Ratio;

pub use self::witness::Witness;

/// The values that a column can have; no end where there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Range {
    /// The lowest.
    pub from: Option<Ratio>,
    /// The highest.
    pub to: Option<Ratio>,
}

/// What the checker found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Finding {
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
    /// Values between the bands of a graded rule have the severity of those outside all bands.
    Gap {
        /// The rule.
        rule: Key,
        /// The lowest value of the gap.
        from: Ratio,
        /// The lowest value above it.
        to: Ratio,
    },
    /// Two bands of a graded rule hold the same values with different severities; the graver counts.
    Overlap {
        /// The rule.
        rule: Key,
        /// The place of the first band, from 0.
        first: usize,
        /// The place of the second.
        second: usize,
        /// A value in both.
        witness: Ratio,
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
/// `ranges` says which values columns can have. Rules that are never in force on the same day are not compared.
#[must_use]
pub fn check<'a>(
    rules: impl IntoIterator<Item = &'a RuleDef>,
    ranges: &BTreeMap<ColumnKey, Range>,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut open = Vec::new();
    let rules: Vec<(&RuleDef, Condition)> =
        rules.into_iter().map(|rule| (rule, says(rule))).collect();
    for (rule, says) in &rules {
        let rule = *rule;
        let key = || rule.key.clone();
        let holds = Ways::of(says, true, rule, ranges);
        let fails = Ways::of(says, false, rule, ranges);
        let never = none(holds.as_ref());
        // Of those whom the rule concerns: whom it does not concern is no case in which it fails.
        let always = match &rule.scope.provided {
            None => none(fails.as_ref()),
            Some(provided) => {
                let other = provided.clone().and(rule.when.clone().negate());
                none(Ways::of(&other, true, rule, ranges).as_ref())
            }
        };
        if never {
            findings.push(Finding::Never { rule: key() });
        } else if always {
            let witness = witness(&[(rule, says, true)], ranges);
            findings.push(Finding::Always {
                rule: key(),
                witness,
            });
        }
        if let Some(clear) = &rule.clear
            && none(Ways::of(clear, true, rule, ranges).as_ref())
        {
            let witness = witness(&[(rule, says, true)], ranges);
            findings.push(Finding::NeverClears {
                rule: key(),
                witness,
            });
        }
        if let Grade::By(bands) = &rule.severity {
            bands_of(rule, bands, &mut findings);
        }
        // What is never or always true stands in some relation to everything; saying so once is enough.
        if let (Some(holds), Some(fails), false) = (holds, fails, never || always) {
            open.push((rule, says, holds, fails));
        }
    }
    for (index, (rule, says, holds, fails)) in open.iter().enumerate() {
        for (other, other_says, other_holds, other_fails) in &open[index + 1..] {
            if !rule.scope.meets(&other.scope) {
                continue;
            }
            let (left, right) = (rule.key.clone(), other.key.clone());
            let case = |own: bool, others: bool| {
                let wanted = [(*rule, *says, own), (*other, *other_says, others)];
                witness(&wanted, ranges)
            };
            // Rules that are never both true may also be said to imply each other where nothing of the other is known;
            // that would say less.
            if holds.excludes(other_holds) {
                findings.push(Finding::Contradict {
                    rule: left,
                    other: right,
                    witness: case(true, false),
                });
                continue;
            }
            let forward = holds.excludes(other_fails);
            let backward = other_holds.excludes(fails);
            match (forward, backward) {
                (true, true) => findings.push(Finding::Duplicate {
                    rule: left,
                    other: right,
                    witness: case(true, true),
                }),
                (true, false) => findings.push(Finding::Implies {
                    rule: left,
                    other: right,
                    witness: case(false, true),
                }),
                (false, true) => findings.push(Finding::Implies {
                    rule: right,
                    other: left,
                    witness: case(true, false),
                }),
                (false, false) => {}
            }
        }
    }
    findings
}

/// Returns when a rule says something: its condition, where the rule concerns the subject.
fn says(rule: &RuleDef) -> Condition {
    match &rule.scope.provided {
        Some(provided) => provided.clone().and(rule.when.clone()),
        None => rule.when.clone(),
    }
}

fn none(ways: Option<&Ways>) -> bool {
    ways.is_some_and(Ways::is_empty)
}

impl Ways {
    /// Returns the ways in which both this and that are so.
    fn joined<'w>(&'w self, other: &'w Self) -> impl Iterator<Item = Way> + 'w {
        self.iter()
            .flat_map(|left| other.iter().filter_map(|right| left.and(right)))
    }

    fn excludes(&self, other: &Self) -> bool {
        self.joined(other).next().is_none()
    }
}

fn bands_of(rule: &RuleDef, bands: &Bands, findings: &mut Vec<Finding>) {
    let list = &bands.bands;
    for (first, left) in list.iter().enumerate() {
        for (second, right) in list.iter().enumerate().skip(first + 1) {
            if left.severity == right.severity {
                continue;
            }
            let from = [left.from, right.from].into_iter().flatten().max();
            let to = [left.to, right.to].into_iter().flatten().min();
            let witness = match (from, to) {
                (Some(from), Some(to)) if from >= to => continue,
                (Some(from), _) => from,
                (None, Some(to)) => to.checked_sub(Ratio::ONE).unwrap_or(to),
                (None, None) => Ratio::ZERO,
            };
            findings.push(Finding::Overlap {
                rule: rule.key.clone(),
                first,
                second,
                witness,
            });
        }
    }
    // From the lowest band up: where the next one starts above all that came before, there is a gap.
    let mut order: Vec<(Option<Ratio>, Option<Ratio>)> =
        list.iter().map(|band| (band.from, band.to)).collect();
    order.sort();
    let mut reached = order.first().map(|band| band.1);
    for (from, to) in order.into_iter().skip(1) {
        let Some(Some(end)) = reached else { break };
        if let Some(from) = from
            && from > end
        {
            findings.push(Finding::Gap {
                rule: rule.key.clone(),
                from: end,
                to: from,
            });
        }
        reached = Some(to.map(|to| to.max(end)));
    }
}

impl RuleSet {
    /// Returns which rules were true nowhere in a panel, in the order of the rules.
    ///
    /// # Errors
    /// As [`RuleSet::over`].
    pub fn unreached(&self, panel: &Panel) -> Result<Vec<Finding>, RuleError> {
        let judge = self.over(panel)?;
        let (subjects, periods) = (panel.subjects().len(), panel.periods().len());
        let mut reached = vec![(0, 0); self.len()];
        for period in 0..periods {
            let verdicts = judge.conditions(period)?;
            for (rule, (fired, unknown)) in reached.iter_mut().enumerate() {
                *fired += verdicts.count(rule);
                *unknown += verdicts.count_undecided(rule);
            }
        }
        let missed = self
            .rules()
            .zip(reached)
            .filter(|(_, (fired, _))| *fired == 0);
        Ok(missed
            .map(|(rule, (_, unknown))| Finding::NotReached {
                rule: rule.key.clone(),
                known: subjects * periods - unknown,
                unknown,
                witness: witness(&[(rule, &rule.when, true)], &BTreeMap::new()),
            })
            .collect())
    }

    /// Returns what is wrong with these rules, whatever the data; see [`check`].
    #[must_use]
    pub fn check(&self, ranges: &BTreeMap<ColumnKey, Range>) -> Vec<Finding> {
        check(self.rules(), ranges)
    }
}

impl Finding {
    /// Returns how grave the finding is: what can never work is serious, what is said twice a warning.
    #[must_use]
    pub fn severity(&self) -> Severity {
        match self {
            Self::Never { .. } | Self::Always { .. } | Self::NeverClears { .. } => {
                Severity::Serious
            }
            Self::Duplicate { .. } | Self::Gap { .. } | Self::Overlap { .. } => Severity::Warning,
            Self::Implies { .. } | Self::Contradict { .. } | Self::NotReached { .. } => {
                Severity::Info
            }
        }
    }
}

impl Judge<'_> {
    /// Returns what the conditions alone say in one period, whatever scope and persistence of the rules.
    fn conditions(&self, period: usize) -> Result<super::Verdicts, RuleError> {
        self.scan_with(period, |_, block, rule| block.mask(&rule.when, period))
    }
}
