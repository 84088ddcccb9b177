//! Rules tried on history: how often, how long, whom, how early, and how much work that would have been.

mod suggest;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{RuleDef, RuleError, RuleSet, Verdicts};
use crate::calendar::{PeriodId, PeriodSet};
use crate::key::Key;
use crate::panel::Panel;
use crate::quantity::Ratio;
use crate::space::{RowId, Tree};

pub use suggest::{Suggestion, Wanted, suggest, thresholds};

/// What a set of rules would have raised over a panel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backtest {
    /// Each rule, in the order of the set.
    pub trials: Vec<Trial>,
    /// How many new alerts each owner would have had to look at, period by period.
    pub workload: Vec<Workload>,
}

/// What one rule would have raised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trial {
    /// The rule.
    pub rule: Key,
    /// In how many cells it fired.
    pub cells: usize,
    /// In how many cells it could not say.
    pub undecided: usize,
    /// How many subjects it fired for.
    pub subjects: usize,
    /// The alerts, in the order of their beginnings: rows of periods in which it fired for one subject.
    pub alerts: Vec<Episode>,
}

/// A row of periods in which a rule fired for one subject, by the ids of the panel that it was tried on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Episode {
    /// The first period.
    pub from: PeriodId,
    /// The subject's row.
    pub subject: RowId,
    /// How many periods.
    pub periods: usize,
}

impl Episode {
    /// Returns the position after the last period.
    fn end(&self) -> usize {
        self.from.index().saturating_add(self.periods)
    }
}

/// How many new alerts somebody has to look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Workload {
    /// Who: a role that owns rules, or a manager; `None` for rules without an owner and subjects without a manager.
    pub of: Option<Key>,
    /// How many begin in each period of the panel, in its order.
    pub alerts: Vec<NewAlerts>,
    /// The mean in a week: seven days of the panel's periods.
    pub per_week: Option<Ratio>,
}

/// How many alerts begin in a period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewAlerts {
    /// The period.
    pub period: Key,
    /// How many.
    pub count: usize,
}

/// Counts alerts by who has to look at them and the period in which they begin.
struct Counts<'a> {
    periods: &'a PeriodSet,
    by: BTreeMap<Option<&'a Key>, Vec<usize>>,
}

impl<'a> Counts<'a> {
    fn new(periods: &'a PeriodSet) -> Self {
        Self {
            periods,
            by: BTreeMap::new(),
        }
    }

    /// Returns what is counted for somebody, who is there from now on.
    fn of(&mut self, who: Option<&'a Key>) -> &mut [usize] {
        let none = || vec![0; self.periods.len()];
        self.by.entry(who).or_insert_with(none)
    }

    fn add(&mut self, who: Option<&'a Key>, from: PeriodId) {
        if let Some(count) = self.of(who).get_mut(from.index()) {
            *count += 1;
        }
    }

    fn told(self) -> Vec<Workload> {
        let days = self.periods.iter().map(|period| i128::from(period.days()));
        let days: i128 = days.sum();
        let told = |(who, counts): (Option<&Key>, Vec<usize>)| {
            let all = i128::try_from(counts.iter().sum::<usize>()).unwrap_or(i128::MAX);
            let alerts = self.periods.iter().zip(counts);
            Workload {
                of: who.cloned(),
                alerts: alerts
                    .map(|(period, count)| NewAlerts {
                        period: period.label.clone(),
                        count,
                    })
                    .collect(),
                per_week: all
                    .checked_mul(7)
                    .and_then(|all| Ratio::new(all, days).ok()),
            }
        };
        self.by.into_iter().map(told).collect()
    }
}

impl Trial {
    /// Returns outcomes that a host has labelled, as a trial to score alerts against: the row and the period
    /// of each. Periods of one subject that follow each other are one outcome.
    #[must_use]
    pub fn labelled(name: Key, outcomes: impl IntoIterator<Item = (RowId, PeriodId)>) -> Self {
        let cells: BTreeSet<(RowId, PeriodId)> = outcomes.into_iter().collect();
        let subjects: BTreeSet<RowId> = cells.iter().map(|(subject, _)| *subject).collect();
        let mut alerts: Vec<Episode> = Vec::new();
        for (subject, period) in &cells {
            match alerts.last_mut() {
                Some(last) if last.subject == *subject && last.end() == period.index() => {
                    last.periods += 1;
                }
                _ => alerts.push(Episode {
                    from: *period,
                    subject: *subject,
                    periods: 1,
                }),
            }
        }
        alerts.sort_unstable();
        Self {
            rule: name,
            cells: cells.len(),
            undecided: 0,
            subjects: subjects.len(),
            alerts,
        }
    }

    /// Returns the mean length of the alerts in periods; `None` without alerts.
    #[must_use]
    pub fn mean_length(&self) -> Option<Ratio> {
        Ratio::new(
            i128::try_from(self.cells).ok()?,
            i128::try_from(self.alerts.len()).ok()?,
        )
        .ok()
    }

    /// Returns how well the alerts announced what this other rule marks as the bad outcome.
    ///
    /// An alert is right when the outcome begins for its subject while it lasts or within `lead` periods after its
    /// beginning; alerts in the last `lead` periods that were not right are left out, since it is not known yet. An outcome
    /// is announced when an alert for its subject began in the `lead` periods before it, or with it.
    #[must_use]
    pub fn against(&self, outcome: &Self, periods: usize, lead: usize) -> Score {
        let beginnings = |trial: &Self| {
            let mut by_subject: BTreeMap<RowId, Vec<usize>> = BTreeMap::new();
            for alert in &trial.alerts {
                by_subject
                    .entry(alert.subject)
                    .or_default()
                    .push(alert.from.index());
            }
            by_subject
        };
        let (outcomes, alerts) = (beginnings(outcome), beginnings(self));
        let mut score = Score {
            right: 0,
            wrong: 0,
            open: 0,
            announced: 0,
            missed: 0,
            lead_times: Vec::new(),
        };
        for alert in &self.alerts {
            let from = alert.from.index();
            let until = from.saturating_add(lead.max(alert.periods.saturating_sub(1)));
            let follows = outcomes
                .get(&alert.subject)
                .is_some_and(|found| found.iter().any(|at| (from..=until).contains(at)));
            if follows {
                score.right += 1;
            } else if until >= periods {
                score.open += 1;
            } else {
                score.wrong += 1;
            }
        }
        for bad in &outcome.alerts {
            let from = bad.from.index();
            let before = alerts.get(&bad.subject).into_iter().flatten();
            let first = before
                .filter(|at| **at <= from && from - **at <= lead)
                .min();
            match first {
                Some(first) => {
                    score.announced += 1;
                    score.lead_times.push(from - first);
                }
                None => score.missed += 1,
            }
        }
        score
    }
}

/// How well alerts announced outcomes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Score {
    /// Alerts that an outcome followed.
    pub right: usize,
    /// Alerts that none followed.
    pub wrong: usize,
    /// Alerts that one may still follow.
    pub open: usize,
    /// Outcomes that an alert announced.
    pub announced: usize,
    /// Outcomes that none announced.
    pub missed: usize,
    /// How many periods before each announced outcome its earliest alert began.
    pub lead_times: Vec<usize>,
}

impl Score {
    /// Returns the share of decided alerts that were right; `None` without any.
    #[must_use]
    pub fn precision(&self) -> Option<Ratio> {
        share(self.right, self.right + self.wrong)
    }

    /// Returns the share of outcomes that were announced; `None` without any.
    #[must_use]
    pub fn recall(&self) -> Option<Ratio> {
        share(self.announced, self.announced + self.missed)
    }

    /// Returns the mean lead time in periods; `None` where nothing was announced.
    #[must_use]
    pub fn mean_lead(&self) -> Option<Ratio> {
        share(self.lead_times.iter().sum(), self.lead_times.len())
    }
}

fn share(part: usize, whole: usize) -> Option<Ratio> {
    Ratio::new(i128::try_from(part).ok()?, i128::try_from(whole).ok()?).ok()
}

impl RuleSet {
    /// Tries all rules on all periods of a panel.
    ///
    /// # Errors
    /// As [`RuleSet::over`].
    pub fn backtest(&self, panel: &Panel) -> Result<Backtest, RuleError> {
        let judge = self.over(panel)?;
        let periods = panel.periods().len();
        let verdicts: Vec<Verdicts<'_>> = (0..periods)
            .map(|period| judge.scan(PeriodId::at(period)))
            .collect::<Result<_, _>>()?;
        let trials: Vec<Trial> = self
            .rules()
            .enumerate()
            .map(|(index, rule)| trial(rule, index, &verdicts))
            .collect();
        let mut owners = Counts::new(panel.periods());
        for (rule, trial) in self.rules().zip(&trials) {
            owners.of(rule.owner.as_ref());
            for alert in &trial.alerts {
                owners.add(rule.owner.as_ref(), alert.from);
            }
        }
        let workload = owners.told();
        Ok(Backtest { trials, workload })
    }
}

impl Backtest {
    /// Returns how many new alerts each manager would have had to look at, in the order of their keys: whoever stands right above
    /// the alert's row in the tree on the last day of the period in which the alert begins. A manager of any row of the panel in any
    /// period is there, with zeros if there was nothing to look at; what has nobody above it is counted for `None`.
    #[must_use]
    pub fn workload_by(&self, panel: &Panel, tree: Tree<'_>) -> Vec<Workload> {
        let (subjects, periods) = (panel.subjects(), panel.periods());
        let own = subjects
            .axes()
            .iter()
            .position(|axis| axis.dimension == *tree.dimension().key());
        let manager = |row: RowId, period: PeriodId| {
            let day = periods.period(period)?.end.pred_opt()?;
            let member = subjects.members(row).get(own?)?;
            tree.parent_key(member.as_str(), day)
        };
        let mut managers = Counts::new(periods);
        let everybody = subjects
            .ids()
            .flat_map(|row| periods.ids().map(move |period| (row, period)));
        for manager in everybody.filter_map(|(row, period)| manager(row, period)) {
            managers.of(Some(manager));
        }
        for alert in self.trials.iter().flat_map(|trial| &trial.alerts) {
            managers.add(manager(alert.subject, alert.from), alert.from);
        }
        managers.told()
    }

    /// Returns how another set of rules would have done on the same panel, rule by rule: first the rules of this one in
    /// their order, then those that only the other has.
    #[must_use]
    pub fn compared_with(&self, other: &Self) -> Vec<Impact> {
        let find = |set: &Self, rule: &Key| set.trials.iter().position(|trial| trial.rule == *rule);
        let compare = |before: Option<&Trial>, after: Option<&Trial>, rule: &Key| {
            let none = Trial::labelled(rule.clone(), []);
            let overlap = before.unwrap_or(&none).overlap(after.unwrap_or(&none));
            Impact {
                rule: rule.clone(),
                before: before.map(|trial| trial.alerts.len()),
                after: after.map(|trial| trial.alerts.len()),
                cells: overlap,
            }
        };
        let own = self.trials.iter().map(|trial| {
            let after = find(other, &trial.rule).map(|at| &other.trials[at]);
            compare(Some(trial), after, &trial.rule)
        });
        let new = other
            .trials
            .iter()
            .filter(|trial| find(self, &trial.rule).is_none())
            .map(|trial| compare(None, Some(trial), &trial.rule));
        own.chain(new).collect()
    }
}

/// How a rule did in two sets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Impact {
    /// The rule.
    pub rule: Key,
    /// How many alerts it would have raised in the first set; `None` where that does not have it.
    pub before: Option<usize>,
    /// How many in the second.
    pub after: Option<usize>,
    /// In which cells it fired.
    pub cells: Overlap,
}

fn trial(rule: &RuleDef, index: usize, verdicts: &[Verdicts<'_>]) -> Trial {
    let (mut cells, mut undecided) = (0, 0);
    let mut subjects = BTreeSet::new();
    // For each subject that fired in the latest period, where its row is in the list.
    let mut rows: BTreeMap<RowId, usize> = BTreeMap::new();
    let mut alerts: Vec<Episode> = Vec::new();
    for verdict in verdicts {
        undecided += verdict.count_undecided_at(index);
        let mut now = BTreeMap::new();
        for subject in verdict.rows_fired(index).map(RowId::at) {
            cells += 1;
            subjects.insert(subject);
            let at = rows.get(&subject).copied().unwrap_or_else(|| {
                alerts.push(Episode {
                    from: verdict.period(),
                    subject,
                    periods: 0,
                });
                alerts.len() - 1
            });
            alerts[at].periods += 1;
            now.insert(subject, at);
        }
        rows = now;
    }
    Trial {
        rule: rule.key.clone(),
        cells,
        undecided,
        subjects: subjects.len(),
        alerts,
    }
}

/// Where two trials differ, cell by cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Overlap {
    /// Cells in which both fired.
    pub both: usize,
    /// Cells in which only the first fired.
    pub first_only: usize,
    /// Cells in which only the second fired.
    pub second_only: usize,
}

impl Trial {
    /// Returns in which cells this rule and another fired.
    #[must_use]
    pub fn overlap(&self, other: &Self) -> Overlap {
        let cells = |trial: &Self| -> BTreeSet<(RowId, usize)> {
            let cells = |alert: &Episode| {
                let subject = alert.subject;
                (alert.from.index()..alert.end()).map(move |period| (subject, period))
            };
            trial.alerts.iter().flat_map(cells).collect()
        };
        let (first, second) = (cells(self), cells(other));
        let both = first.intersection(&second).count();
        Overlap {
            both,
            first_only: first.len() - both,
            second_only: second.len() - both,
        }
    }
}
