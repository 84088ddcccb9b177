//! Thresholds that bring about what is wanted.

use std::collections::BTreeSet;

use super::super::{Constant, Operand, RuleDef, RuleError, RuleSet};
use super::{Backtest, Trial, share};
use crate::key::Key;
use crate::panel::Panel;
use crate::quantity::Ratio;
use crate::space::Tree;

/// What a threshold should bring about.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Wanted<'w> {
    /// As many alerts as possible, but no more than so many new ones on average in a period.
    ///
    /// A threshold that nearly everybody is beyond has few new alerts too, since they never end: where that can be, ask for
    /// [`Wanted::OpenPerPeriod`].
    AlertsPerPeriod(Ratio),
    /// As many alerts as possible, but no more than so many that are open at once, on average over the periods.
    OpenPerPeriod(Ratio),
    /// As many alerts as possible, but for no manager more than so many new ones on average in a week.
    WorkloadPerWeek {
        /// How many.
        most: Ratio,
        /// Who is above whom.
        tree: Tree<'w>,
    },
    /// As many alerts as possible of which at least this share is right, against the outcomes that a trial shows, within so
    /// many periods.
    Precision {
        /// The share.
        at_least: Ratio,
        /// The outcomes.
        outcome: &'w Trial,
        /// Within how many periods.
        lead: usize,
    },
}

/// A threshold and what it would have raised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// The threshold.
    pub value: Ratio,
    /// What it would have raised.
    pub trial: Trial,
}

impl Wanted<'_> {
    fn fits(self, tested: &Backtest, trial: &Trial, panel: &Panel) -> bool {
        let periods = panel.periods().len();
        match self {
            Self::AlertsPerPeriod(most) => {
                share(trial.alerts.len(), periods).is_some_and(|mean| mean <= most)
            }
            Self::OpenPerPeriod(most) => {
                share(trial.cells, periods).is_some_and(|mean| mean <= most)
            }
            Self::WorkloadPerWeek { most, tree } => {
                let loads = tested.workload_by(panel, tree);
                loads
                    .iter()
                    .filter(|load| load.of.is_some())
                    .all(|load| load.per_week.is_some_and(|mean| mean <= most))
            }
            Self::Precision {
                at_least,
                outcome,
                lead,
            } => trial
                .against(outcome, periods, lead)
                .precision()
                .is_some_and(|precision| precision >= at_least),
        }
    }

    /// Returns of how much there is to be as much as possible.
    fn gain(self, trial: &Trial) -> usize {
        match self {
            Self::OpenPerPeriod(_) => trial.cells,
            Self::AlertsPerPeriod(_) | Self::WorkloadPerWeek { .. } | Self::Precision { .. } => {
                trial.alerts.len()
            }
        }
    }
}

fn shipped<'r>(rule: &'r RuleDef, parameter: &Key) -> Result<&'r Constant, RuleError> {
    rule.parameters.get(parameter).ok_or_else(|| {
        RuleError::unknown_parameter(parameter, rule.parameters.keys())
            .within(&rule.key, "parameters")
    })
}

/// Returns the candidate for a rule's parameter that does what is wanted with the most alerts; the earlier of two equal
/// ones. `None` if no candidate does. [`thresholds`] finds candidates in the data.
///
/// # Errors
/// [`RuleError::UnknownParameter`]; as [`RuleSet::compile`].
pub fn suggest(
    rule: &RuleDef,
    parameter: &Key,
    candidates: &[Ratio],
    wanted: Wanted<'_>,
    panel: &Panel,
) -> Result<Option<Suggestion>, RuleError> {
    let unit = shipped(rule, parameter)?.unit.clone();
    let mut best: Option<Suggestion> = None;
    for value in candidates {
        let mut tried = rule.clone();
        let number = Constant {
            value: *value,
            unit: unit.clone(),
        };
        tried.parameters.insert(parameter.clone(), number);
        let tested = RuleSet::compile([tried], panel)?.backtest(panel)?;
        let Some(trial) = tested.trials.first() else {
            continue;
        };
        let more = best
            .as_ref()
            .is_none_or(|best| wanted.gain(trial) > wanted.gain(&best.trial));
        if more && wanted.fits(&tested, trial, panel) {
            best = Some(Suggestion {
                value: *value,
                trial: trial.clone(),
            });
        }
    }
    Ok(best)
}

/// Returns the values that a rule's parameter is compared with anywhere in a panel, from the lowest: between two neighbours
/// it makes no difference where the threshold lies. Of more than `most` values those are returned that part them into equal
/// groups, the lowest and the highest among them. None where the parameter is part of an operand and compared with nothing by itself.
///
/// ```
/// use quotaflow::calendar::{Calendar, Grain};
/// use quotaflow::key::Key;
/// use quotaflow::panel::{Column, ColumnKey, Panel};
/// use quotaflow::quantity::{Quantum, Ratio};
/// use quotaflow::rule::backtest::{Wanted, suggest, thresholds};
/// use quotaflow::rule::{Constant, RuleDef};
/// use quotaflow::space::Subjects;
/// let weeks = Calendar::gregorian().periods(Grain::Week, "2026-01-05".parse()?, "2026-03-02".parse()?)?;
/// let mut panel = Panel::new(Subjects::whole(), weeks);
/// panel.add(Column::amounts(ColumnKey::actual("visits")?, "count:visit".parse()?, Quantum::ONE, vec![9, 4, 8, 9, 2, 9, 7, 9]))?;
/// let (limit, five) = (Key::new("limit")?, Constant { value: 5.into(), unit: None });
/// let idle = RuleDef::new("idle", "visits < $limit".parse()?)?.with("limit", five)?;
/// let found = thresholds(&idle, &limit, &panel, 100)?;
/// assert_eq!(found, [2, 4, 7, 8, 9].map(Ratio::from));
/// // A week out of four may be an exception.
/// let wanted = Wanted::OpenPerPeriod("1/4".parse()?);
/// let suggested = suggest(&idle, &limit, &found, wanted, &panel)?.ok_or("none")?;
/// assert_eq!(suggested.value, 7.into());
/// # Ok::<(), quotaflow::Error>(())
/// ```
///
/// # Errors
/// [`RuleError::UnknownParameter`]; as [`RuleSet::compile`].
pub fn thresholds(
    rule: &RuleDef,
    parameter: &Key,
    panel: &Panel,
    most: usize,
) -> Result<Vec<Ratio>, RuleError> {
    shipped(rule, parameter)?;
    let rules = RuleSet::compile([rule.clone()], panel)?;
    let judge = rules.over(panel)?;
    let is_it =
        |operand: &Operand| matches!(operand, Operand::Parameter(name) if name == parameter);
    let mut found = BTreeSet::new();
    for period in panel.periods().ids() {
        for subject in panel.subjects().ids() {
            let account = judge.account(&rule.key, subject, period)?;
            account.evidence().comparisons(&mut |left, _, right, _| {
                for (own, other) in [(left, right), (right, left)] {
                    if is_it(own.operand) {
                        found.extend(other.value().ok());
                    }
                }
            });
        }
    }
    let found: Vec<Ratio> = found.into_iter().collect();
    if found.len() <= most {
        return Ok(found);
    }
    let last = found.len() - 1;
    let steps = most.saturating_sub(1).max(1);
    Ok((0..most).map(|step| found[step * last / steps]).collect())
}
