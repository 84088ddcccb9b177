//! Questions, views and tables alike, with their names resolved.

use std::collections::{BTreeMap, BTreeSet};

use super::definition::{ModelDef, ViewDef};
use super::duties::{CommonDutyDef, has_rows, names, shown};
use super::error::ModelCause;
use super::found::Found;
use super::judged::Judged;
use super::parts::Asked;
use super::plans::{planned, plans_of, unplanned};
use super::targets::{adds_up, attainment};
use crate::calendar::Calendar;
use crate::key::{Key, unknown};
use crate::ledger::Schema;
use crate::limits::Limits;
use crate::metric::{Formula, Layout, MetricDef, Program};
use crate::pace::BESIDE;
use crate::panel::{Column, ColumnKey, Figures, Panel, Role};
use crate::quantity::Quantum;
use crate::review::ReviewDef;
use crate::rule::{Operand, supplied};
use crate::space::{Subjects, Unassigned};

/// What a question is compiled from.
pub(super) struct Asks<'a> {
    pub(super) definition: &'a ModelDef,
    pub(super) schema: &'a Schema,
    pub(super) calendar: &'a Calendar,
    pub(super) limits: Limits,
    pub(super) judged: &'a [Judged],
    /// The metrics that it may name.
    pub(super) metrics: &'a [MetricDef],
    /// Those of them that it shows only by name.
    pub(super) lent: Option<&'a BTreeSet<Key>>,
    /// The duties of which it may show something.
    pub(super) duties: &'a [CommonDutyDef],
    pub(super) place: &'a str,
    /// What its rows are called there.
    pub(super) axes: &'static str,
}

impl Asks<'_> {
    pub(super) fn compiled(
        &self,
        view: &ViewDef,
        kinds_are_fine: bool,
        found: &mut Found,
    ) -> Option<(Asked, Program)> {
        let place = self.place;
        let rows = self.rows(view, &format!("{place}.{}", self.axes), found);
        let periods = view.periods.set(self.calendar);
        let periods = found.take(format!("{place}.periods"), periods);
        let chosen = self.chosen(view, found);
        let (rows, periods, chosen) = (rows?, periods?, chosen?);
        if !kinds_are_fine {
            return None;
        }
        let layout = Layout::new(self.schema.clone(), rows, periods.clone());
        let layout = layout
            .with_calendar(self.calendar.clone())
            .with_reversals(view.reversals)
            .within(self.limits);
        let compiled = Program::compile(&chosen.metrics, &layout);
        let program = found.take_new(place, compiled)?;
        let measures = self.schema.measures();
        let metrics = program.adding_up();
        let beside = self.judged.iter().filter(|own| {
            let mut shown = view.show.iter();
            shown.any(|key| key.role == Role::Actual && key.metric == *own.key())
        });
        let beside: Vec<Judged> = beside.cloned().collect();
        let adds_up = |key: &&ColumnKey| match (key.role, shown(self.duties, key)) {
            (Role::Target, _) if view.written.contains(&key.metric) => {
                metrics.contains(&key.metric)
            }
            (Role::Target | Role::Base, _) => adds_up(measures, &key.metric),
            (_, Some((_, adds))) => adds,
            _ => metrics.contains(&key.metric),
        };
        let mut plans: Vec<usize> = chosen
            .targets
            .iter()
            .flat_map(|measure| plans_of(self.definition, measures, measure))
            .collect();
        plans.sort_unstable();
        plans.dedup();
        if let Some((plan, axis)) = unplanned(self.definition, &plans, &view.rows) {
            let (plan, axis) = (plan.key.clone(), axis.clone());
            found.add(
                format!("{place}.show"),
                ModelCause::NotPlanned { plan, axis },
            );
            return None;
        }
        let duties = self.duties_shown(view, found)?;
        let mut adding_up: Vec<ColumnKey> = chosen.shown.iter().filter(adds_up).cloned().collect();
        let money = beside.iter().filter(|own| own.adds_up());
        adding_up.extend(money.map(|own| ColumnKey {
            metric: own.key().clone(),
            role: Role::Actual,
        }));
        let mut asked = Asked {
            definition: view.clone(),
            periods,
            adding_up,
            judged: beside,
            metrics: chosen.metrics,
            shown: chosen.shown,
            columns: Vec::new(),
            targets: chosen.targets,
            plans,
            duties,
            quanta: Vec::new(),
            silences: Vec::new(),
        };
        if let Ok(whole) = program.panel(&program.empty()) {
            found.take(place, asked.same_units(&whole, measures))?;
            asked.quanta = self.quanta(view, &whole, found)?;
            let world = (self.schema, None, None);
            match asked.of_nothing((whole, &program), self.definition, world) {
                Ok(panel) => {
                    let columns = panel.columns().iter();
                    asked.columns = columns.map(|column| column.key().clone()).collect();
                    for (at, error) in view.review.iter().flat_map(ReviewDef::unpaced) {
                        found.add(format!("{place}.review.drivers[{at}]"), error);
                    }
                }
                Err(not) => {
                    let at = view.show.iter().position(|key| key.metric == not.column);
                    let at = not.place.or_else(|| Some(format!("show[{}]", at?)));
                    let at = at.map(|at| format!(".{at}")).unwrap_or_default();
                    found.add(format!("{place}{at}"), not.cause);
                }
            }
        }
        Some((asked, program))
    }

    /// The duties of which it shows something; refuses rows that are not theirs.
    fn duties_shown(&self, view: &ViewDef, found: &mut Found) -> Option<Vec<usize>> {
        let mut duties: Vec<usize> = Vec::new();
        for (at, key) in view.show.iter().enumerate() {
            let Some((own, _)) = shown(self.duties, key) else {
                continue;
            };
            let duty = &self.duties[own];
            let ground = (self.schema, self.definition.posts.as_ref());
            if !has_rows(duty, &view.rows, ground) {
                let (duty, who) = (duty.key.clone(), duty.who.clone());
                found.add(
                    format!("{}.show[{at}]", self.place),
                    ModelCause::NoSuchRows { duty, who },
                );
                return None;
            }
            if !duties.contains(&own) {
                duties.push(own);
            }
        }
        Some(duties)
    }

    /// In which quanta the targets that are written down are counted; refuses those of what is no amount.
    fn quanta(&self, view: &ViewDef, whole: &Panel, found: &mut Found) -> Option<Vec<Quantum>> {
        let mut quanta = Vec::with_capacity(view.written.len());
        for (at, metric) in view.written.iter().enumerate() {
            let key = ColumnKey {
                metric: metric.clone(),
                role: Role::Actual,
            };
            let figures = whole.find(&key).map(Column::figures);
            if let Some(Figures::Amounts { quantum, .. }) = figures {
                quanta.push(*quantum);
            } else {
                let place = format!("{}.written[{at}]", self.place);
                let metric = metric.clone();
                found.add(place, ModelCause::NotAnAmount { metric });
            }
        }
        (quanta.len() == view.written.len()).then_some(quanta)
    }

    /// What a view shows, with the metrics and targets from which that is made.
    fn chosen(&self, view: &ViewDef, found: &mut Found) -> Option<Chosen> {
        let actual = |metric: &MetricDef| ColumnKey {
            metric: metric.key.clone(),
            role: Role::Actual,
        };
        let before = found.count();
        let planned = planned(self.definition, self.schema.measures());
        let mut own = Chosen::default();
        if view.show.is_empty() {
            let all = self.metrics.iter();
            let all =
                all.filter(|metric| !self.lent.is_some_and(|lent| lent.contains(&metric.key)));
            own.metrics = all.cloned().collect();
            own.shown = own.metrics.iter().map(actual).collect();
        }
        for (at, key) in view.show.iter().enumerate() {
            if view.show[..at].contains(key) {
                let column = key.clone();
                let place = format!("{}.show[{at}]", self.place);
                found.add(place, ModelCause::DuplicateColumn { column });
                continue;
            }
            // No metric has the name of a card or pay plan; what counts the records of a duty may have it.
            let is_counted = self.metrics.iter().any(|metric| metric.key == key.metric);
            if key.role == Role::Actual
                && !is_counted
                && Judged::names(self.definition).contains(&&key.metric)
            {
                continue;
            }
            if shown(self.duties, key).is_some() {
                own.shown.push(key.clone());
                continue;
            }
            let metric = |name: &str| self.metrics.iter().find(|metric| metric.key == *name);
            let target = |name: &str| planned.iter().find(|measure| measure.as_str() == name);
            let written = |name: &str| view.written.iter().any(|own| *own == *name);
            let known = match (key.role, attainment(key)) {
                (Role::Target, _) if written(key.metric.as_str()) => Some((None, None)),
                (Role::Actual, Some(attained))
                    if written(attained) && metric(attained).is_some() =>
                {
                    Some((metric(attained), None))
                }
                (Role::Target | Role::Base, _) => {
                    target(key.metric.as_str()).map(|own| (None, Some(*own)))
                }
                (Role::Actual, attained) => metric(key.metric.as_str())
                    .map(|own| (Some(own), None))
                    .or_else(|| Some((Some(metric(attained?)?), Some(*target(attained?)?)))),
                _ => None,
            };
            let Some((metric, target)) = known else {
                found.add(
                    format!("{}.show[{at}]", self.place),
                    self.unknown(key, view, &planned),
                );
                continue;
            };
            own.shown.push(key.clone());
            own.metrics.extend(
                metric
                    .filter(|metric| !own.metrics.contains(metric))
                    .cloned(),
            );
            own.targets.extend(
                target
                    .filter(|target| !own.targets.contains(target))
                    .cloned(),
            );
        }
        self.written(view, (&mut own, &planned), found);
        with_named(&mut own.metrics, self.metrics);
        (found.count() == before).then_some(own)
    }

    /// Shows the targets that are written down, behind everything that is shown by name.
    fn written(
        &self,
        view: &ViewDef,
        (own, planned): (&mut Chosen, &BTreeSet<&Key>),
        found: &mut Found,
    ) {
        for (at, metric) in view.written.iter().enumerate() {
            let place = format!("{}.written[{at}]", self.place);
            let column = ColumnKey {
                metric: metric.clone(),
                role: Role::Target,
            };
            if view.written[..at].contains(metric) {
                found.add(place, ModelCause::DuplicateColumn { column });
                continue;
            }
            if planned.contains(metric) {
                let measures = self.schema.measures();
                let plans = plans_of(self.definition, measures, metric);
                let plan = plans.first().map(|plan| &self.definition.plans[*plan].key);
                if let Some(plan) = plan.cloned() {
                    let metric = metric.clone();
                    found.add(place, ModelCause::WrittenAndPlanned { metric, plan });
                }
                continue;
            }
            let Some(known) = self.metrics.iter().find(|known| known.key == *metric) else {
                let all = self.metrics.iter().map(|known| known.key.as_str());
                let (name, nearest, known) = unknown(metric.as_str(), all);
                found.add(
                    place,
                    ModelCause::UnknownColumn {
                        name,
                        nearest,
                        known,
                    },
                );
                continue;
            };
            if !own.metrics.contains(known) {
                own.metrics.push(known.clone());
            }
            if !own.shown.contains(&column) {
                own.shown.push(column);
            }
        }
    }

    fn unknown(&self, key: &ColumnKey, view: &ViewDef, planned: &BTreeSet<&Key>) -> ModelCause {
        if let Some(by) = self.beside(key) {
            let column = key.clone();
            return ModelCause::NotByName { column, by };
        }
        let metrics = self.metrics.iter().map(|metric| metric.key.to_string());
        let of_targets = || planned.iter().copied().chain(&view.written);
        let targets = of_targets().map(|measure| format!("target:{measure}"));
        let both = self.metrics.iter();
        let both = both.filter(|own| of_targets().any(|target| *target == own.key));
        let attained = both.map(|own| format!("attainment({})", own.key));
        let judged = Judged::names(self.definition).into_iter();
        let judged = judged.map(ToString::to_string);
        let all: Vec<String> = metrics
            .chain(targets)
            .chain(attained)
            .chain(names(self.duties))
            .chain(judged)
            .collect();
        let (name, nearest, known) = unknown(&key.to_string(), all.iter().map(String::as_str));
        ModelCause::UnknownColumn {
            name,
            nearest,
            known,
        }
    }

    /// What a column stands beside of its own accord, if it is one that a pace or a rule brings.
    fn beside(&self, key: &ColumnKey) -> Option<String> {
        let name = key.metric.as_str();
        let quiet = match supplied(key) {
            Some(Operand::Quiet(quiet)) => Some(quiet),
            Some(Operand::Below(rule)) => {
                let watches = self.definition.watches.iter();
                let mut rules = watches.flat_map(|watch| &watch.rules);
                let asked = Operand::Below(rule.clone());
                let by = format!("that a rule watches which asks for `{asked}`");
                return rules.any(|own| own.key == rule).then_some(by);
            }
            _ => None,
        };
        let paced = match key.role {
            Role::Expected | Role::Projected => Some(name),
            Role::Actual => name
                .rsplit_once('.')
                .and_then(|(metric, figure)| BESIDE.contains(&figure).then_some(metric)),
            Role::Target | Role::Base => None,
        };
        let of = quiet.as_ref().map(|quiet| quiet.of.as_str()).or(paced)?;
        let is_known = self.metrics.iter().any(|metric| metric.key == *of);
        let by = match quiet {
            Some(quiet) => {
                let asked = Operand::Quiet(quiet);
                format!("that a rule watches which asks for `{asked}`")
            }
            None => format!("whose `review` has a pace of `{of}`"),
        };
        is_known.then_some(by)
    }

    /// The rows as the model knows them, nobody's among them where nobody may have one.
    fn rows(&self, view: &ViewDef, place: &str, found: &mut Found) -> Option<Subjects> {
        let nobody = match view.unassigned {
            Unassigned::Hidden => Unassigned::Hidden,
            Unassigned::Shown | Unassigned::WhereUsed => Unassigned::Shown,
        };
        let mut all = Some(Subjects::whole());
        for (at, axis) in view.rows.iter().enumerate() {
            let place = || format!("{place}[{at}]");
            if view.rows[..at].contains(axis) {
                let axis = axis.clone();
                found.add(place(), ModelCause::DuplicateAxis { axis });
                return None;
            }
            let own = self.schema.space().subjects(axis, nobody);
            let own = found.take(place(), own);
            all = match (all, own) {
                (Some(all), Some(own)) => found.take(place(), all.cross_within(&own, self.limits)),
                _ => None,
            };
        }
        all
    }
}

/// What a view shows, with the metrics and targets from which that is made.
#[derive(Default)]
struct Chosen {
    metrics: Vec<MetricDef>,
    shown: Vec<ColumnKey>,
    targets: Vec<Key>,
}

/// Adds the metrics by which some are made.
pub(super) fn with_named(metrics: &mut Vec<MetricDef>, known: &[MetricDef]) {
    let mut at = 0;
    while let Some(metric) = metrics.get(at) {
        let mut named = BTreeSet::new();
        named_in(&metric.formula, 0, &mut named);
        for key in named {
            // One that is not known is told when the metric is compiled.
            let is_there = metrics.iter().any(|metric| metric.key == key);
            let more = known.iter().find(|metric| metric.key == key);
            metrics.extend(more.filter(|_| !is_there).cloned());
        }
        at += 1;
    }
    // In their own order, in which none has to be made on the way to another one.
    let mut order: BTreeMap<&Key, usize> = BTreeMap::new();
    for (at, metric) in known.iter().enumerate() {
        order.entry(&metric.key).or_insert(at);
    }
    metrics.sort_by_key(|metric| order.get(&metric.key).copied());
}

/// The other metrics that a formula names.
fn named_in(formula: &Formula, depth: usize, found: &mut BTreeSet<Key>) {
    // What is nested deeper is refused when it is compiled.
    if depth > 64 {
        return;
    }
    match formula {
        Formula::Metric(key) => {
            found.insert(key.clone());
        }
        Formula::Ratio { of, to, .. } | Formula::Difference { of, minus: to } => {
            named_in(of, depth + 1, found);
            named_in(to, depth + 1, found);
        }
        Formula::Scaled { of, .. }
        | Formula::Earlier { of, .. }
        | Formula::Growth { of, .. }
        | Formula::LastYear { of, .. }
        | Formula::YearGrowth { of, .. }
        | Formula::Share { of, .. }
        | Formula::AverageBalance(of) => named_in(of, depth + 1, found),
        _ => {}
    }
}
