//! Running a scenario: a model, a journal with one hand-over, and its views.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDate, NaiveTime};

use super::entries::Entries;
use super::error::{At, Wrong};
use super::unmet::{Told, unmet};
use super::whole::Whole;
use super::{
    Outcome, ScenarioCause, ScenarioDef, ScenarioError, TargetPolicy, TargetWarning, UnaskedRule,
};
use super::{ViewOutcome, outcome};
use crate::calendar::Period;
use crate::document::Version;
use crate::journal::{Entry, Journal, JournalError, Rejection};
use crate::key::Key;
use crate::ledger::Refusal;
use crate::limits::{Limits, Size};
use crate::measure::Unit;
use crate::model::{Model, Once, ViewDef, WatchDef};
use crate::panel::{ColumnKey, Panel};
use crate::review::{ReviewSources, review};
use crate::rule::check::{Anomaly, check_shares};
use crate::rule::{RuleDef, RuleError, RuleSet, Severity};
use crate::scorecard::{Finding, Scorecard, Scores};
use crate::view::View;

/// What a cell of an outcome takes: its name, its value as text, and its share of the row.
const CELL_BYTES: u128 = 256;

/// How often the entries are tried without those that were refused before. What is refused is so for itself, but for who would be
/// there by another entry.
const TRIALS: usize = 4;

impl ScenarioDef {
    /// Returns what follows from the scenario: a pure function of the document.
    ///
    /// # Errors
    /// [`ScenarioError`] with everything that is wrong, each with its place in the document: with the model and what is taken from the
    /// catalog, else with the entries, else with what is asked. Nothing is half done.
    pub fn run(&self) -> Result<Outcome, ScenarioError> {
        self.run_within(Limits::default())
    }

    /// Returns what [`run`](Self::run) returns, within the limits of a host: rows, cells and nodes are counted before they are
    /// made.
    ///
    /// ```
    /// use quotaflow::limits::{Limits, Size};
    /// use quotaflow::scenario::ScenarioDef;
    /// # let text = include_str!("../../examples/scenarios/first_quarter.json");
    /// let scenario: ScenarioDef = serde_json::from_str(text).map_err(quotaflow::Error::unreadable)?;
    /// let error = scenario.run_within(Limits::default().with(Size::Rows, 1)).unwrap_err();
    /// assert!(error.to_string().contains("more than the limit of 1"), "{error}");
    /// # Ok::<(), quotaflow::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`run`](Self::run), with the errors of limits.
    pub fn run_within(&self, limits: Limits) -> Result<Outcome, ScenarioError> {
        let mut wrong = Wrong::default();
        let whole = Whole::new(self, limits, &mut wrong);
        let is_whole = wrong.is_empty();
        let entries = Entries::new(self, &mut wrong);
        let once = Once {
            watches: &whole.ready,
            metrics: &whole.lent,
        };
        let model = match Model::once(whole.definition.clone(), limits, once) {
            Ok(model) => model,
            Err(error) => {
                wrong.extend(whole.misplaced(error));
                return wrong.done(None);
            }
        };
        if !is_whole {
            return wrong.done(None);
        }
        let journal = self.journal(&model, (&entries, limits), wrong)?;
        let mut told = Vec::new();
        let mut wrong = Wrong::default();
        for (at, view) in whole.definition.views.iter().enumerate() {
            let asked = Asked {
                scenario: self,
                whole: &whole,
                model: &model,
                view,
                place: format!("model.views[{at}]"),
                limits,
            };
            match asked.told(&journal) {
                Ok(own) => told.push(own),
                Err(error) => wrong.extend(error),
            }
        }
        judged_at_all(&told, &mut wrong);
        let of_plans = wrong.take("model.plans", self.told_of_plans(&model, &journal));
        let unmet = unmet(&self.expect, (&model, &told), &mut wrong);
        let (warnings, applied) = wrong.done(of_plans)?;
        let title = if self.title.is_empty() {
            &self.model.title
        } else {
            &self.title
        };
        Ok(Outcome {
            version: Version::default(),
            title: title.clone(),
            as_of: self.as_of,
            views: told.into_iter().map(|told| told.outcome).collect(),
            warnings,
            applied,
            unmet,
        })
    }

    /// The journal with the one hand-over. What waits is told beside what is refused: as it is without that.
    fn journal(
        &self,
        model: &Model,
        (entries, limits): (&Entries, Limits),
        mut wrong: Wrong,
    ) -> Result<Journal, ScenarioError> {
        let go_live = self.go_live.unwrap_or(model.definition().span.start());
        let Some(journal) = wrong.take("go_live", Journal::new(model, go_live)) else {
            return wrong.done(None);
        };
        let mut journal = journal.within(limits);
        let known = self.as_of.and_time(NaiveTime::MIN);
        let mut refused: BTreeSet<usize> = BTreeSet::new();
        for _ in 0..TRIALS {
            let left = (0..entries.all.len()).filter(|at| !refused.contains(at));
            let left: Vec<usize> = left.collect();
            let all: Cow<'_, [Entry]> = if refused.is_empty() {
                Cow::Borrowed(&entries.all)
            } else {
                left.iter().map(|at| entries.all[*at].clone()).collect()
            };
            match journal.enter(known, self.as_of, &all) {
                Ok(receipt) => {
                    let apart = (&refused, &journal);
                    entries.never_come(&receipt.waiting, apart, &mut wrong);
                    break;
                }
                Err(JournalError::Rejected { rejected }) => {
                    for own in rejected {
                        let at = left.get(own.row).copied().unwrap_or(own.row);
                        let cause = match own.reason {
                            Rejection::OtherContent { .. } if entries.is_record(at) => {
                                Refusal::IdInUse.into()
                            }
                            reason => reason.into(),
                        };
                        wrong.add_entry(entries.place(at), cause);
                        refused.insert(at);
                    }
                }
                Err(error) => {
                    // What some of the entries come to is no further mistake beside those that are refused.
                    if refused.is_empty() {
                        wrong.add("entries", error);
                    }
                    break;
                }
            }
        }
        wrong.in_order();
        wrong.done(Some(journal))
    }

    /// What is odd in the targets of plans, and what policies decided in them.
    fn told_of_plans(
        &self,
        model: &Model,
        journal: &Journal,
    ) -> Result<(Vec<TargetWarning>, Vec<TargetPolicy>), ScenarioCause> {
        let (mut warnings, mut policies) = (Vec::new(), Vec::new());
        let Some(view) = model.views().next() else {
            return Ok((warnings, policies));
        };
        let view = journal.view(view.key.as_str())?.as_of(self.as_of);
        for definition in &model.definition().plans {
            let Some(plan) = view.plan(definition.key.as_str())? else {
                continue;
            };
            let odd = plan.warnings().into_iter();
            warnings.extend(odd.map(|warning| TargetWarning {
                plan: definition.key.clone(),
                text: warning.to_string(),
                warning,
            }));
            let applied = plan.applied().into_iter();
            policies.extend(applied.map(|applied| TargetPolicy {
                plan: definition.key.clone(),
                text: applied.to_string(),
                applied,
            }));
        }
        Ok((warnings, policies))
    }
}

/// A view of a scenario.
struct Asked<'a> {
    scenario: &'a ScenarioDef,
    whole: &'a Whole,
    model: &'a Model,
    view: &'a ViewDef,
    place: String,
    limits: Limits,
}

/// The rules that watch a view, and those that could not be asked.
struct Watching {
    own: Vec<RuleDef>,
    rules: RuleSet,
    left_out: Vec<UnaskedRule>,
}

impl Asked<'_> {
    fn told(&self, journal: &Journal) -> Result<Told, ScenarioError> {
        let (place, as_of) = (&self.place, self.scenario.as_of);
        let view: View = journal.view(self.view.key.as_str()).at(place)?;
        let view = view.as_of(as_of).within(self.limits);
        let bytes = view.cells().at(place)?.saturating_mul(CELL_BYTES);
        self.limits.check(Size::Bytes, bytes).at(place)?;
        let panel = view.panel().at(place)?.as_of_day(as_of);
        let Watching {
            own,
            rules,
            left_out,
        } = self.watching(&panel)?;
        let cards = self.cards()?;
        let is_judged = !cards.is_empty() || rules.rules().len() > 0 || self.view.review.is_some();
        let holding = panel.periods().holding(as_of);
        let judged = is_judged.then(|| holding.clone().map(|_| ()));
        let unjudged = judged.clone().and_then(Result::err);
        let current = holding.ok();
        let mut outcome = ViewOutcome {
            view: self.view.key.clone(),
            period: current.as_ref().map(|period| period.label.clone()),
            unjudged: unjudged.map(|cause| cause.to_string()),
            figures: outcome::figures(&panel, self.scenario.exact, &self.hidden(&rules)),
            scores: Vec::new(),
            alerts: Vec::new(),
            left_out,
            anomalies: self.anomalies(&own, &panel),
            findings: self.findings(&cards, &panel)?,
            review: None,
        };
        if let Some(current) = current {
            self.judge(&mut outcome, (&panel, &current), (&cards, &rules))?;
        }
        let rules = self.watches().flat_map(|watch| &watch.rules);
        let rules = rules.map(|rule| rule.key.clone()).collect();
        Ok(Told {
            panel,
            rules,
            judged,
            outcome,
        })
    }

    /// Scores, alerts and the review of a period.
    fn judge(
        &self,
        outcome: &mut ViewOutcome,
        (panel, current): (&Panel, &Period),
        (cards, rules): (&[&Scorecard], &RuleSet),
    ) -> Result<(), ScenarioError> {
        let place = &self.place;
        let scores = cards.iter().map(|card| card.score(panel, current.id));
        let scores: Vec<Scores<'_>> = scores.collect::<Result<_, _>>().at(place)?;
        for (card, scores) in cards.iter().zip(&scores) {
            let rows = outcome::scores(&card.definition().key, scores).at(place)?;
            outcome.scores.extend(rows);
        }
        let alerts = rules.evaluate(panel, current.id).at("model.watches")?;
        outcome.alerts = outcome::alerts(&alerts, rules, panel).at("model.watches")?;
        let evidence = ReviewSources {
            panel,
            as_of: self.scenario.as_of,
            scores: scores.first(),
            alerts: Some((rules, &alerts)),
        };
        let reviewed = self.view.review.as_ref();
        let reviewed = reviewed.map(|def| review(def, evidence)).transpose();
        outcome.review = reviewed.at(format!("{place}.review"))?;
        Ok(())
    }

    fn watches(&self) -> impl Iterator<Item = &WatchDef> {
        let all = self.whole.definition.watches.iter();
        all.filter(|watch| watch.view == self.view.key)
    }

    /// The first day of a watch, where that is not there yet.
    fn begins(&self, watch: &WatchDef) -> Option<NaiveDate> {
        watch.from.filter(|from| *from > self.scenario.as_of)
    }

    /// The rules that can be asked of a panel, and why others cannot.
    fn watching(&self, panel: &Panel) -> Result<Watching, ScenarioError> {
        let begun = self.watches().filter(|watch| self.begins(watch).is_none());
        let (ready, own): (Vec<_>, Vec<_>) =
            begun.partition(|watch| self.whole.ready.contains(&watch.key));
        let rules = |watches: &[&WatchDef]| -> Vec<RuleDef> {
            watches
                .iter()
                .flat_map(|watch| watch.rules.clone())
                .collect()
        };
        let (own, ready) = (rules(&own), rules(&ready));
        let (fit, mut errors) = RuleSet::applicable(own.clone(), panel).at("model.watches")?;
        let rules = if ready.is_empty() {
            fit
        } else {
            let (fitting, unfit) = RuleSet::fitting(ready, panel).at("ready.rules")?;
            errors.extend(unfit);
            let all = fit.rules().chain(fitting.rules()).cloned();
            RuleSet::compile(all, panel).at("ready.rules")?
        };
        let waiting = self.watches().flat_map(|watch| {
            let from = self.begins(watch);
            let rules = watch.rules.iter();
            from.into_iter().flat_map(move |from| {
                rules.clone().map(move |rule| UnaskedRule {
                    rule: rule.key.clone(),
                    reason: format!("its watch begins on {from}"),
                })
            })
        });
        Ok(Watching {
            own,
            rules,
            left_out: waiting
                .chain(errors.into_iter().filter_map(left_out))
                .collect(),
        })
    }

    /// The cards that the view shows.
    fn cards(&self) -> Result<Vec<&Scorecard>, ScenarioError> {
        let known = &self.whole.definition.cards;
        let shown = |card: &Key| self.view.show.iter().any(|column| column.metric == *card);
        let cards = known.iter().filter(|card| shown(&card.key));
        let cards = cards.map(|card| self.model.card(card.key.as_str()));
        let cards: Result<Vec<_>, _> = cards.collect();
        cards.map_err(|error| self.whole.misplaced(error))
    }

    /// The figures that are there for ready rules alone, and that none of them reads.
    fn hidden(&self, rules: &RuleSet) -> BTreeSet<ColumnKey> {
        let figures = self.whole.figures.get(&self.view.key);
        let read: BTreeSet<&ColumnKey> = rules.columns().collect();
        let figures = figures.into_iter().flatten().map(|metric| ColumnKey {
            metric: metric.clone(),
            role: crate::panel::Role::Actual,
        });
        figures.filter(|column| !read.contains(column)).collect()
    }

    fn anomalies(&self, own: &[RuleDef], panel: &Panel) -> Vec<Anomaly> {
        let is_share = |key: &ColumnKey| {
            let column = panel.find(key);
            column.is_some_and(|column| *column.unit() == Unit::Share)
        };
        let found = check_shares(own, &BTreeMap::new(), &is_share, self.limits).into_iter();
        found
            .filter(|anomaly| anomaly.severity() > Severity::Info)
            .collect()
    }

    fn findings(&self, cards: &[&Scorecard], panel: &Panel) -> Result<Vec<Finding>, ScenarioError> {
        let metrics = &self.whole.definition.metrics;
        let mut all = Vec::new();
        for card in cards {
            all.extend(outcome::findings(card, panel, metrics).at(&self.place)?);
        }
        Ok(all)
    }
}

/// Refuses a day on which none of the views is judged that could be.
fn judged_at_all(told: &[Told], wrong: &mut Wrong) {
    if told.iter().any(|told| told.judged == Some(Ok(()))) {
        return;
    }
    for told in told {
        if let Some(Err(cause)) = &told.judged {
            let (view, cause) = (told.outcome.view.clone(), cause.clone());
            wrong.add("as_of", ScenarioCause::Unjudged { view, cause });
        }
    }
}

/// Returns which rule an error leaves out, and why.
fn left_out(error: RuleError) -> Option<UnaskedRule> {
    match error {
        // An exemption of who is gone lets nobody off.
        RuleError::In {
            rule,
            place,
            problem,
        } if place == "scope.except" => Some(UnaskedRule {
            rule,
            reason: format!("{problem}; that exemption is left out, and the rule is asked"),
        }),
        RuleError::In { rule, problem, .. } => Some(UnaskedRule {
            rule,
            reason: problem.to_string(),
        }),
        _ => None,
    }
}
