//! Evaluation: what a set of rules says of a panel.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use super::set::Rule;
use super::term::View;
use super::{
    Deviation, Explanation, Grade, Persistence, RuleDef, RuleError, RuleSet, Severity, Truth,
    WhenUnknown, WhyUnknown,
};
use crate::calendar::PeriodId;
use crate::key::Key;
use crate::panel::Panel;
use crate::quantity::Ratio;
use crate::space::RowId;

/// A set of rules over one panel: the place from which questions are asked.
///
/// Making one looks every column up once, so that many questions to the same panel cost no look-ups.
#[derive(Debug)]
pub struct Judge<'a> {
    pub(crate) rules: &'a RuleSet,
    pub(crate) view: View<'a>,
}

impl RuleSet {
    /// Returns the place from which questions about this panel are asked.
    ///
    /// # Errors
    /// [`RuleError::UnknownColumn`] and [`RuleError::ColumnChanged`] when the panel lacks a column that the rules read or
    /// has it in other units.
    pub fn over<'a>(&'a self, panel: &'a Panel) -> Result<Judge<'a>, RuleError> {
        Ok(Judge {
            rules: self,
            view: self.view(panel)?,
        })
    }

    /// Returns the alerts of one period: the gravest first, then in the order of the rules, then of the subjects.
    ///
    /// # Errors
    /// As [`RuleSet::over`]; [`RuleError::NoSuchPeriod`].
    pub fn evaluate(&self, panel: &Panel, period: PeriodId) -> Result<Vec<Alert>, RuleError> {
        self.over(panel)?.evaluate(period)
    }
}

impl<'a> Judge<'a> {
    /// Returns the rules.
    #[must_use]
    pub fn rules(&self) -> &'a RuleSet {
        self.rules
    }

    /// Returns the panel.
    #[must_use]
    pub fn panel(&self) -> &'a Panel {
        self.view.panel
    }

    /// Returns the alerts of one period: the gravest first, then in the order of the rules, then of the subjects.
    ///
    /// # Errors
    /// [`RuleError::NoSuchPeriod`].
    pub fn evaluate(&self, period: PeriodId) -> Result<Vec<Alert>, RuleError> {
        let period = period.index();
        let verdicts = self.scanned(period)?;
        let mut alerts = Vec::new();
        for (index, rule) in self.rules.rules.iter().enumerate() {
            for subject in verdicts.rows_fired(index) {
                alerts.push(self.alert(index, subject, period, Verdict::Fired));
            }
            if rule.def.unknown == WhenUnknown::Report {
                for subject in verdicts.rows_undecided(index) {
                    // The columns know that it is unknown; why, only the cell itself does.
                    if let Truth::Unknown(reason) = self.verdict_of(rule, subject, period) {
                        alerts.push(self.alert(index, subject, period, Verdict::Undecided(reason)));
                    }
                }
            }
        }
        sort(&mut alerts);
        Ok(alerts)
    }

    /// Returns what a rule says of a row in a period and why, all by name: `judge.get("behind", ["ann"], "2026-03")`.
    ///
    /// The row is named by one member for each axis; the whole by none. The explanation tells whether the condition holds, what
    /// was compared, and since when.
    ///
    /// # Errors
    /// [`RuleError::UnknownRule`], [`RuleError::Row`] and [`RuleError::Calendar`]: what does not exist is told with the nearest
    /// name, or the list where none is near.
    pub fn get<N: AsRef<str>>(
        &self,
        rule: &str,
        row: impl IntoIterator<Item = N>,
        period: &str,
    ) -> Result<Explanation<'a>, RuleError> {
        let panel = self.view.panel;
        let rule = &self.rules.rules[self.rules.place(rule)?];
        let (row, period) = (panel.subjects().row(row)?, panel.periods().id(period)?);
        self.account(&rule.def.key, row, period)
    }

    /// Returns what the condition of a rule says of a subject in a period, whatever the rule's scope and persistence.
    ///
    /// # Errors
    /// [`RuleError::NoSuchPeriod`], [`RuleError::NoSuchSubject`], [`RuleError::UnknownRule`].
    pub fn truth(&self, rule: &Key, subject: RowId, period: PeriodId) -> Result<Truth, RuleError> {
        let (subject, period) = (subject.index(), period.index());
        self.check(subject, period)?;
        Ok(self.view.truth(&self.rule(rule)?.when, subject, period))
    }

    /// Returns whether a rule fires for a subject in a period: its condition, its scope and how long it must last.
    ///
    /// # Errors
    /// [`RuleError::NoSuchPeriod`], [`RuleError::NoSuchSubject`], [`RuleError::UnknownRule`].
    pub fn verdict(
        &self,
        rule: &Key,
        subject: RowId,
        period: PeriodId,
    ) -> Result<Truth, RuleError> {
        let (subject, period) = (subject.index(), period.index());
        self.check(subject, period)?;
        Ok(self.verdict_of(self.rule(rule)?, subject, period))
    }

    /// Returns whether a rule's clear condition holds for a subject in a period; where the rule has none, whether its
    /// condition does not hold.
    ///
    /// # Errors
    /// [`RuleError::NoSuchPeriod`], [`RuleError::NoSuchSubject`], [`RuleError::UnknownRule`].
    pub fn cleared(
        &self,
        rule: &Key,
        subject: RowId,
        period: PeriodId,
    ) -> Result<Truth, RuleError> {
        let (subject, period) = (subject.index(), period.index());
        self.check(subject, period)?;
        let rule = self.rule(rule)?;
        Ok(match &rule.clear {
            Some(clear) => self.view.truth(clear, subject, period),
            None => self.view.truth(&rule.when, subject, period).negate(),
        })
    }

    pub(super) fn rule(&self, key: &Key) -> Result<&'a Rule, RuleError> {
        Ok(&self.rules.rules[self.rules.place(key.as_str())?])
    }

    pub(super) fn check(&self, subject: usize, period: usize) -> Result<(), RuleError> {
        let (subjects, periods) = (self.view.subjects(), self.view.panel.periods().len());
        if period >= periods {
            return Err(RuleError::NoSuchPeriod { period, periods });
        }
        if subject >= subjects {
            return Err(RuleError::NoSuchSubject { subject, subjects });
        }
        Ok(())
    }

    /// Returns the condition's answer, where unknown stands for true if the rule says so; false for whom the rule does not
    /// concern in the period.
    pub(super) fn answer(&self, rule: &Rule, subject: usize, period: usize) -> Truth {
        if !self.concerns(rule, subject, period) {
            return Truth::False;
        }
        let provided = match &rule.provided {
            Some(provided) => self.view.truth(provided, subject, period),
            None => Truth::True,
        };
        if provided.is_false() {
            return Truth::False;
        }
        let when = self.view.truth(&rule.when, subject, period);
        provided.and(match (when, rule.def.unknown) {
            (Truth::Unknown(_), WhenUnknown::Fire) => Truth::True,
            (truth, _) => truth,
        })
    }

    /// Returns the same of the periods before this one, the latest first.
    pub(super) fn answers_before<'s>(
        &'s self,
        rule: &'s Rule,
        subject: usize,
        period: usize,
    ) -> impl Iterator<Item = Truth> + 's {
        let mut when = self.view.before(&rule.when, subject, period);
        let provided = rule.provided.as_ref();
        let mut provided = provided.map(|node| self.view.before(node, subject, period));
        (0..period).rev().map(move |at| {
            let when = when.next().unwrap_or(Truth::False);
            let provided = provided.as_mut().and_then(Iterator::next);
            if !self.concerns(rule, subject, at) {
                return Truth::False;
            }
            provided
                .unwrap_or(Truth::True)
                .and(match (when, rule.def.unknown) {
                    (Truth::Unknown(_), WhenUnknown::Fire) => Truth::True,
                    (truth, _) => truth,
                })
        })
    }

    fn verdict_of(&self, rule: &Rule, subject: usize, period: usize) -> Truth {
        let (first, complete) = self.must_last_from(rule.def.persistence, period);
        let mut truth = self.answer(rule, subject, period);
        for earlier in self
            .answers_before(rule, subject, period)
            .take(period - first)
        {
            if truth.is_false() {
                return truth;
            }
            truth = truth.and(earlier);
        }
        if complete {
            truth
        } else {
            truth.and(Truth::Unknown(WhyUnknown::NoHistory))
        }
    }

    /// Returns the first period from which on a condition must hold to fire in this one, and whether the panel goes back
    /// far enough to tell.
    pub(super) fn must_last_from(&self, persistence: Persistence, period: usize) -> (usize, bool) {
        match persistence {
            Persistence::Immediate => (period, true),
            Persistence::Periods(span) => {
                let before = usize::from(span.count).saturating_sub(1);
                (period.saturating_sub(before), period >= before)
            }
            Persistence::Days(days) => {
                let periods = self.view.panel.periods();
                let start = |at| periods.range(at).map(crate::calendar::DayRange::start);
                let now = start(PeriodId::at(period));
                let long_enough = |at: &usize| {
                    let passed = now
                        .zip(start(PeriodId::at(*at)))
                        .map_or(0, |(now, then)| (now - then).num_days());
                    passed >= i64::from(days)
                };
                match (0..=period).rev().find(long_enough) {
                    Some(first) => (first, true),
                    None => (0, false),
                }
            }
        }
    }

    pub(super) fn concerns(&self, rule: &Rule, subject: usize, period: usize) -> bool {
        if rule.def.scope.is_everything() {
            return true;
        }
        let start = self
            .view
            .panel
            .periods()
            .range(PeriodId::at(period))
            .map(crate::calendar::DayRange::start);
        start.is_some_and(|start| rule.def.scope.concerns(self.view.members(subject), start))
    }

    pub(super) fn alert(
        &self,
        rule: usize,
        subject: usize,
        period: usize,
        verdict: Verdict,
    ) -> Alert {
        let compiled = &self.rules.rules[rule];
        let periods = self.view.panel.periods();
        let since = match verdict {
            Verdict::Fired => self.since(rule, subject, period),
            Verdict::Undecided(_) => period,
        };
        Alert {
            rule: compiled.def.key.clone(),
            rule_index: rule,
            subject: RowId::at(subject),
            members: self.view.members(subject).to_vec(),
            period: PeriodId::at(period),
            period_label: periods.label(PeriodId::at(period)).cloned(),
            since: PeriodId::at(since),
            since_label: periods.label(PeriodId::at(since)).cloned(),
            verdict,
            severity: self.severity(compiled, subject, period),
            deviation: compiled.def.deviation,
        }
    }

    /// Returns the period in which the condition that holds in this one, in a row, began to be so.
    pub(super) fn since(&self, rule: usize, subject: usize, period: usize) -> usize {
        let rule = &self.rules.rules[rule];
        if !self.answer(rule, subject, period).is_true() {
            return period;
        }
        let earlier = self.answers_before(rule, subject, period);
        let first = period - earlier.take_while(|truth| truth.is_true()).count();
        self.began(rule, subject, first)
    }

    pub(crate) fn severity(&self, rule: &Rule, subject: usize, period: usize) -> Severity {
        match (&rule.def.severity, &rule.sized) {
            (Grade::Fixed(severity), _) => *severity,
            (Grade::By(bands), Some((of, _))) => match self.view.value(of, subject, period) {
                Ok(value) => bands.severity(Some(value.ratio())),
                // A missed target of zero is beyond every bound.
                Err(_) => match self.view.beyond(of, subject, period) {
                    Some(Ordering::Greater) => bands.severity(Some(Ratio::from(i64::MAX))),
                    Some(Ordering::Less) => bands.severity(Some(Ratio::from(i64::MIN))),
                    Some(Ordering::Equal) | None => bands.unknown,
                },
            },
            (Grade::By(bands), None) => bands.unknown,
        }
    }
}

fn sort(alerts: &mut [Alert]) {
    alerts.sort_by(|left, right| {
        right
            .severity
            .cmp(&left.severity)
            .then(left.rule_index.cmp(&right.rule_index))
            .then(left.subject.cmp(&right.subject))
    });
}

/// Whether a rule fired or could not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The condition held long enough.
    Fired,
    /// It cannot be said, for this reason; the rule asks to hear of that.
    Undecided(WhyUnknown),
}

/// One exception: a rule, a subject and a period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Alert {
    rule: Key,
    #[serde(skip)]
    rule_index: usize,
    #[serde(skip)]
    subject: RowId,
    #[serde(rename = "subject")]
    members: Vec<Key>,
    #[serde(skip)]
    period: PeriodId,
    #[serde(rename = "period")]
    period_label: Option<Key>,
    #[serde(skip)]
    since: PeriodId,
    #[serde(rename = "since")]
    since_label: Option<Key>,
    verdict: Verdict,
    severity: Severity,
    deviation: Deviation,
}

impl Alert {
    /// Returns the rule's key.
    #[must_use]
    pub fn rule(&self) -> &Key {
        &self.rule
    }

    /// Returns the subject's row in the panel.
    #[must_use]
    pub fn subject(&self) -> RowId {
        self.subject
    }

    /// Returns the subject's members, one for each axis.
    #[must_use]
    pub fn members(&self) -> &[Key] {
        &self.members
    }

    /// Returns the period of the panel.
    #[must_use]
    pub fn period(&self) -> PeriodId {
        self.period
    }

    /// Returns the period in which the condition began to be so: the first of the row in which it holds, or the first of those
    /// that a condition over several periods asks for.
    #[must_use]
    pub fn since(&self) -> PeriodId {
        self.since
    }

    /// Returns for how many periods it has been so, this one included.
    #[must_use]
    pub fn periods(&self) -> usize {
        self.period.index() - self.since.index() + 1
    }

    /// Returns whether the rule fired or could not say.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        self.verdict
    }

    /// Returns how grave it is.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.severity
    }

    /// Returns whether it is bad or good.
    #[must_use]
    pub fn deviation(&self) -> Deviation {
        self.deviation
    }

    /// Returns the rule, the numbers compared, and the texts.
    ///
    /// # Errors
    /// As [`RuleSet::over`], when the panel is not the one that the alert is of; [`RuleError::NoSuchPeriod`],
    /// [`RuleError::NoSuchSubject`], [`RuleError::UnknownRule`].
    pub fn explain<'a>(
        &self,
        rules: &'a RuleSet,
        panel: &'a Panel,
    ) -> Result<Explanation<'a>, RuleError> {
        rules.over(panel)?.explain(self)
    }

    /// Returns the rule's definition, if the set has it.
    #[must_use]
    pub fn definition<'a>(&self, rules: &'a RuleSet) -> Option<&'a RuleDef> {
        rules.find(self.rule.as_str())
    }
}
