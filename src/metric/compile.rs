//! From definitions to tables: names are resolved, equal parts are found and shared.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{Datelike, Days, Months};

use super::build::{
    Builder, Held, Made, at_least_one, at_least_one_error, count_unit, entity_unit, unit_error,
};
use super::error::MetricError;
use super::filter::MAX_DEPTH;
use super::grid::Grid;
use super::layout::{Layout, Reversals};
use super::metric::{Concentration, Entity, First, Formula, MetricDef, SeenBy, Selection, Value};
use super::parts::{
    Bases, Compiled, Concentrated, End, Never, Node, Parts, Question, TakenBack, WaitingFigure,
};
use crate::calendar::{Grain, PeriodId, YearComparison};
use crate::key::{Key, unknown};
use crate::measure::{Direction, Unit};
use crate::quantity::Ratio;
use crate::space::RowId;

pub(super) fn compile(
    metrics: &[MetricDef],
    layout: &Layout,
) -> Result<(Vec<Compiled>, Vec<Grid>, Parts), MetricError> {
    let mut by_key = BTreeMap::new();
    for (at, metric) in metrics.iter().enumerate() {
        if by_key.insert(&metric.key, at).is_some() {
            return Err(MetricError::Duplicate {
                metric: metric.key.clone(),
            });
        }
    }
    let mut builder = Builder {
        layout,
        metrics,
        lookback: metrics
            .iter()
            .map(|metric| lookback(&metric.formula, 0))
            .max()
            .unwrap_or(0),
        by_key,
        grids: Vec::new(),
        parts: Parts::default(),
        compiled: vec![None; metrics.len()],
        open: Vec::new(),
    };
    for at in 0..metrics.len() {
        builder.metric(at)?;
    }
    builder.parts.first_days = super::open::first_days(layout);
    builder.parts.last_days = super::open::last_days(layout);
    builder.parts.from_the_start = layout.reversals() == Reversals::FromTheStart;
    if !builder.parts.extremes.is_empty() {
        let days = layout.taken_on().into_iter();
        builder.parts.taken_on = days
            .map(|day| day.map(|day| day.num_days_from_ce()))
            .collect();
    }
    let compiled = builder.compiled.into_iter().flatten().collect();
    Ok((compiled, builder.grids, builder.parts))
}

impl Builder<'_> {
    /// Compiles a metric unless it is, and returns its unit.
    fn metric(&mut self, at: usize) -> Result<Unit, MetricError> {
        if let Some(known) = &self.compiled[at] {
            return Ok(known.unit.clone());
        }
        let definition = &self.metrics[at];
        if self.open.contains(&at) {
            return Err(MetricError::Cycle {
                metric: definition.key.clone(),
            });
        }
        if self.open.len() >= MAX_DEPTH {
            return Err(MetricError::TooDeep {
                metric: definition.key.clone(),
                limit: MAX_DEPTH,
            });
        }
        self.open.push(at);
        let (node, derived) = self.formula(&definition.key, &definition.formula, 0)?;
        self.open.pop();
        let unit = match &definition.unit {
            Some(unit) if currencies(unit) != currencies(&derived) => {
                return Err(MetricError::UnitMismatch {
                    metric: definition.key.clone(),
                    left: unit.clone(),
                    right: derived,
                });
            }
            Some(unit) if !is_of(&definition.formula, unit, &derived) => {
                return Err(MetricError::UnitMismatch {
                    metric: definition.key.clone(),
                    left: unit.clone(),
                    right: derived,
                });
            }
            Some(unit) => unit.clone(),
            None => derived,
        };
        let inherited = self.inherited(&definition.formula);
        if let (Some(stated), Some((direction, true))) = (definition.direction, inherited)
            && stated != direction
            && stated != Direction::Neutral
            && direction != Direction::Neutral
        {
            return Err(MetricError::DirectionMismatch {
                metric: definition.key.clone(),
                stated,
                direction,
            });
        }
        self.parts.order.push(at);
        self.compiled[at] = Some(Compiled {
            key: definition.key.clone(),
            unit: unit.clone(),
            direction: definition
                .direction
                .or(inherited.map(|(direction, _)| direction)),
            is_firm: inherited.is_some_and(|(_, is_firm)| is_firm),
            node,
        });
        Ok(unit)
    }

    /// Which way is good for a figure that is one of a single measure or of a single metric, and whether that is more than
    /// what a measure is that says nothing. What should be less should be less for each order too, as a share, and than before; but
    /// that may be said otherwise.
    fn inherited(&self, formula: &Formula) -> Option<(Direction, bool)> {
        match formula {
            Formula::Sum(of) | Formula::Mean(of) | Formula::Minimum(of) | Formula::Maximum(of) => {
                self.measured(&of.value)
            }
            Formula::Quantile { value, .. }
            | Formula::Last { value, .. }
            | Formula::Open {
                value: Some(value), ..
            } => self.measured(value),
            Formula::Earlier { of, .. }
            | Formula::LastYear { of, .. }
            | Formula::Growth { of, .. }
            | Formula::YearGrowth { of, .. }
            | Formula::AverageBalance(of) => self.inherited(of),
            Formula::Scaled { of, by } => {
                let (direction, is_firm) = self.inherited(of)?;
                let turned = match direction {
                    Direction::Larger if by.is_negative() => Direction::Smaller,
                    Direction::Smaller if by.is_negative() => Direction::Larger,
                    same => same,
                };
                Some((turned, is_firm))
            }
            Formula::Metric(key) => {
                let known = self.compiled.get(*self.by_key.get(key)?)?.as_ref()?;
                Some((known.direction?, known.is_firm))
            }
            Formula::Ratio { of, to, scale } => {
                let less = self.is_less_better(of) && !self.is_less_better(to);
                (less && *scale > Ratio::ZERO).then_some((Direction::Smaller, false))
            }
            Formula::Share { of, .. } => self
                .is_less_better(of)
                .then_some((Direction::Smaller, false)),
            Formula::Difference { of, minus } => {
                let before = match minus.as_ref() {
                    Formula::Earlier { of: before, .. } | Formula::LastYear { of: before, .. } => {
                        before == of
                    }
                    _ => false,
                };
                let less = self.is_less_better(of) && (before || !self.is_less_better(minus));
                less.then_some((Direction::Smaller, false))
            }
            _ => None,
        }
    }

    fn is_less_better(&self, formula: &Formula) -> bool {
        let inherited = self.inherited(formula);
        inherited.is_some_and(|(direction, _)| direction == Direction::Smaller)
    }

    fn measured(&self, value: &Value) -> Option<(Direction, bool)> {
        let Value::Measure(key) = value else {
            return None;
        };
        let measures = self.layout.schema().measures();
        let direction = measures.get(measures.id(key.as_str())?)?.direction;
        Some((direction, direction != Direction::Larger))
    }

    fn formula(
        &mut self,
        metric: &Key,
        formula: &Formula,
        depth: usize,
    ) -> Result<Made, MetricError> {
        if depth > MAX_DEPTH {
            return Err(MetricError::TooDeep {
                metric: metric.clone(),
                limit: MAX_DEPTH,
            });
        }
        match formula {
            Formula::Count(of) => {
                let part = self.tally(metric, of, TakenBack::Then)?;
                Ok((Node::Count(part), count_unit(of)?))
            }
            Formula::Sum(of) => self.sum(metric, of),
            Formula::Mean(of) => self.mean(metric, of),
            Formula::Minimum(of) => self.extreme(metric, of, End::Low),
            Formula::Maximum(of) => self.extreme(metric, of, End::High),
            Formula::Quantile {
                value,
                of,
                p,
                method,
            } => self.quantile(metric, value, of, *p, *method),
            Formula::Distinct(of) => {
                let part = self.presence(metric, of)?;
                Ok((Node::Distinct(part), entity_unit(&of.entity)))
            }
            Formula::New(of) => {
                let part = self.by_period(metric, of)?;
                Ok((Node::New(part), entity_unit(&of.entity)))
            }
            Formula::Lost { .. }
            | Formula::Reactivated { .. }
            | Formula::Retained { .. }
            | Formula::Previous { .. }
            | Formula::Dormant { .. }
            | Formula::TakenOver(_) => self.question(metric, formula),
            Formula::Open {
                value,
                of,
                until,
                age,
                figure,
            } => {
                let asked = (until.as_ref(), age.as_ref(), *figure);
                self.open(metric, value.as_ref(), of, asked)
            }
            Formula::OpenAge { of, until, since } => {
                self.open_age(metric, of, until.as_ref(), since)
            }
            Formula::Waiting { of, end, by } => {
                self.waiting(metric, (of, end), by, WaitingFigure::Count)
            }
            Formula::WaitingAge { of, end, by } => {
                self.waiting(metric, (of, end), by, WaitingFigure::Age)
            }
            Formula::Last { value, entity, of } => self.last(metric, value, entity, of),
            Formula::Since(of) => self.since(metric, of, Never::SinceTakenOn),
            Formula::Elapsed(of) => self.since(metric, of, Never::NothingRecorded),
            Formula::Concentration {
                value,
                entity,
                of,
                figure,
            } => self.concentrated(metric, value.as_ref(), (entity, of), *figure),
            Formula::Days => Ok((Node::Days, Unit::Day)),
            Formula::Metric(key) => {
                let Some(at) = self.by_key.get(key).copied() else {
                    let known = self.by_key.keys().map(|key| key.as_str());
                    let (name, nearest, known) = unknown(key.as_str(), known);
                    return Err(MetricError::UnknownMetric {
                        metric: metric.clone(),
                        name,
                        nearest,
                        known,
                    });
                };
                Ok((Node::Metric(at), self.metric(at)?))
            }
            _ => self.combined(metric, formula, depth),
        }
    }

    /// How far a few entities hold the whole.
    fn concentrated(
        &mut self,
        metric: &Key,
        value: Option<&Value>,
        (entity, of): (&Entity, &Selection),
        figure: Concentration,
    ) -> Result<Made, MetricError> {
        let figure = match figure {
            Concentration::Top(0) => return Err(at_least_one_error(metric, "top")),
            Concentration::Top(count) => {
                Concentrated::Top(usize::try_from(count).unwrap_or(usize::MAX))
            }
            Concentration::Herfindahl => Concentrated::Herfindahl,
        };
        let (part, quantum, _) = self.held(metric, value, entity, of, Held::Sum)?;
        let node = Node::Concentration {
            part,
            figure,
            quantum,
        };
        Ok((node, Unit::Share))
    }

    /// Questions about the periods in which entities were seen.
    fn question(&mut self, metric: &Key, formula: &Formula) -> Result<Made, MetricError> {
        match formula {
            Formula::Lost {
                entity,
                of,
                seen_within,
                absent_for,
                scope,
                first,
            } => {
                for (what, number) in [("seen_within", seen_within), ("absent_for", absent_for)] {
                    at_least_one(metric, what, *number)?;
                }
                let question = Question::Lost {
                    seen_within: usize::from(*seen_within),
                    absent_for: usize::from(*absent_for),
                };
                self.ask(metric, entity, of, question, *scope, *first)
            }
            Formula::Reactivated {
                entity,
                of,
                after,
                scope,
            } => {
                at_least_one(metric, "after", *after)?;
                let question = Question::Reactivated {
                    after: usize::from(*after),
                };
                self.ask(metric, entity, of, question, *scope, First::Zero)
            }
            Formula::Retained { entity, of, scope } => {
                self.ask(metric, entity, of, Question::Retained, *scope, First::Zero)
            }
            Formula::TakenOver(of) => {
                let (scope, first) = (SeenBy::Subject, First::Zero);
                self.ask(
                    metric,
                    &of.entity,
                    &of.of,
                    Question::TakenOver,
                    scope,
                    first,
                )
            }
            Formula::Previous { entity, of, scope } => {
                self.ask(metric, entity, of, Question::Previous, *scope, First::Zero)
            }
            Formula::Dormant {
                entity,
                of,
                periods,
                scope,
            } => {
                at_least_one(metric, "periods", *periods)?;
                let question = Question::Dormant {
                    periods: usize::from(*periods),
                };
                self.ask(metric, entity, of, question, *scope, First::Zero)
            }
            other => self.combined(metric, other, 0),
        }
    }

    /// Formulas over other formulas.
    fn combined(
        &mut self,
        metric: &Key,
        formula: &Formula,
        depth: usize,
    ) -> Result<Made, MetricError> {
        let boxed = |made: Made| (Box::new(made.0), made.1);
        match formula {
            Formula::Ratio { of, to, scale } => {
                let (of, above) = boxed(self.formula(metric, of, depth + 1)?);
                let (to, below) = boxed(self.formula(metric, to, depth + 1)?);
                Ok((
                    Node::Ratio {
                        of,
                        to,
                        scale: *scale,
                    },
                    quotient(metric, above, below)?,
                ))
            }
            Formula::Difference { of, minus } => {
                let (of, left) = boxed(self.formula(metric, of, depth + 1)?);
                let (minus, right) = boxed(self.formula(metric, minus, depth + 1)?);
                let unit = match (left, right) {
                    (left, right) if left == right => left,
                    (Unit::Count(_), Unit::Count(_)) => {
                        Unit::count("record").map_err(unit_error)?
                    }
                    (left, right) => {
                        return Err(MetricError::UnitMismatch {
                            metric: metric.clone(),
                            left,
                            right,
                        });
                    }
                };
                Ok((Node::Difference { of, minus }, unit))
            }
            Formula::Scaled { of, by } => {
                let (of, unit) = boxed(self.formula(metric, of, depth + 1)?);
                Ok((Node::Scaled { of, by: *by }, unit))
            }
            Formula::Earlier { of, periods } => {
                let base = self.back(usize::from(*periods));
                self.earlier(metric, of, ("earlier", base), depth)
            }
            Formula::LastYear { of, comparison } => {
                let base = self.year_earlier(*comparison);
                self.earlier(metric, of, ("last_year", base), depth)
            }
            Formula::Growth { of, periods } => {
                at_least_one(metric, "periods", *periods)?;
                let base = self.back(usize::from(*periods));
                self.growth(metric, of, ("growth", base), depth)
            }
            Formula::YearGrowth { of, comparison } => {
                let base = self.year_earlier(*comparison);
                self.growth(metric, of, ("year_growth", base), depth)
            }
            Formula::AverageBalance(of) => {
                let (closing, unit) = self.formula(metric, of, depth + 1)?;
                let opening = Node::Earlier {
                    of: Box::new(closing.clone()),
                    name: "earlier",
                    base: self.back(1),
                };
                let less = Node::Scaled {
                    of: Box::new(opening),
                    by: Ratio::from(-1),
                };
                let both = Node::Difference {
                    of: Box::new(closing),
                    minus: Box::new(less),
                };
                Ok((
                    Node::Scaled {
                        of: Box::new(both),
                        by: Ratio::percent(50),
                    },
                    unit,
                ))
            }
            Formula::Share { of, within } => {
                let (of, _) = boxed(self.formula(metric, of, depth + 1)?);
                if !self.adds_up(&of) {
                    return Err(MetricError::NotAdditive {
                        metric: metric.clone(),
                    });
                }
                let groups = self.groups(metric, within)?;
                Ok((Node::Share { of, groups }, Unit::Share))
            }
            other => self.formula(metric, other, depth + 1),
        }
    }

    fn earlier(
        &mut self,
        metric: &Key,
        of: &Formula,
        (name, base): (&'static str, Bases),
        depth: usize,
    ) -> Result<Made, MetricError> {
        let (of, unit) = self.formula(metric, of, depth + 1)?;
        let of = Box::new(of);
        Ok((Node::Earlier { of, name, base }, unit))
    }

    fn growth(
        &mut self,
        metric: &Key,
        of: &Formula,
        (name, base): (&'static str, Bases),
        depth: usize,
    ) -> Result<Made, MetricError> {
        let (of, _) = self.formula(metric, of, depth + 1)?;
        let of = Box::new(of);
        Ok((Node::Growth { of, name, base }, Unit::Share))
    }

    fn back(&self, periods: usize) -> Bases {
        (0..self.layout.periods().len())
            .map(|period| period.checked_sub(periods))
            .collect()
    }

    /// The same period a year earlier, by the first grain of the calendar whose periods these are.
    fn year_earlier(&self, comparison: YearComparison) -> Bases {
        let (calendar, periods) = (self.layout.calendar(), self.layout.periods());
        let by_grain = Grain::ALL.iter().find_map(|grain| {
            calendar
                .same_period_last_year(*grain, periods, periods, comparison)
                .ok()
        });
        if let Some(ordinals) = by_grain {
            let found = |earlier: Option<PeriodId>| earlier.map(PeriodId::index);
            return ordinals.into_iter().map(found).collect();
        }
        let by_middle = |period: PeriodId| {
            let range = periods.range(period)?;
            let half = Days::new(u64::from(range.days()) / 2);
            let middle = range.start().checked_add_days(half)?;
            let earlier = periods.on(middle.checked_sub_months(Months::new(12))?);
            earlier.map(PeriodId::index)
        };
        periods.ids().map(by_middle).collect()
    }

    fn adds_up(&self, node: &Node) -> bool {
        match node {
            Node::Count(_)
            | Node::Sum { .. }
            | Node::Open { .. }
            | Node::Waiting {
                figure: WaitingFigure::Count,
                ..
            } => true,
            Node::Scaled { of, .. } | Node::Earlier { of, .. } => self.adds_up(of),
            Node::Difference { of, minus } => self.adds_up(of) && self.adds_up(minus),
            Node::Metric(at) => self.compiled[*at]
                .as_ref()
                .is_some_and(|known| self.adds_up(&known.node)),
            _ => false,
        }
    }

    /// Numbers the subjects by their members on the named axes.
    fn groups(&self, metric: &Key, within: &[Key]) -> Result<Arc<[u32]>, MetricError> {
        let subjects = self.layout.subjects();
        let mut axes = Vec::with_capacity(within.len());
        for dimension in within {
            let at = subjects
                .axes()
                .iter()
                .position(|axis| axis.dimension == *dimension);
            axes.push(at.ok_or_else(|| {
                let all = subjects.axes().iter().map(|axis| axis.dimension.as_str());
                let (name, nearest, known) = unknown(dimension.as_str(), all);
                MetricError::UnknownAxis {
                    metric: metric.clone(),
                    name,
                    nearest,
                    known,
                }
            })?);
        }
        let mut known: BTreeMap<Vec<&Key>, u32> = BTreeMap::new();
        let mut groups = Vec::with_capacity(subjects.len());
        for subject in 0..subjects.len() {
            let members = subjects.members(RowId::at(subject));
            let next = u32::try_from(known.len()).unwrap_or(u32::MAX);
            let shared = axes.iter().map(|axis| &members[*axis]).collect();
            groups.push(*known.entry(shared).or_insert(next));
        }
        Ok(groups.into())
    }
}

/// How many periods before its own a formula asks about presence in.
fn lookback(formula: &Formula, depth: usize) -> u16 {
    // What is nested deeper is refused.
    if depth > MAX_DEPTH {
        return 0;
    }
    let of = |formula: &Formula| lookback(formula, depth + 1);
    match formula {
        Formula::Lost { seen_within, .. } => *seen_within,
        Formula::Reactivated { after, .. } => *after,
        Formula::Retained { .. } | Formula::Previous { .. } | Formula::TakenOver(_) => 1,
        Formula::Dormant { periods, .. } => (*periods).max(1),
        Formula::Ratio {
            of: left,
            to: right,
            ..
        }
        | Formula::Difference {
            of: left,
            minus: right,
        } => of(left).max(of(right)),
        Formula::Scaled { of: inner, .. }
        | Formula::Earlier { of: inner, .. }
        | Formula::Growth { of: inner, .. }
        | Formula::LastYear { of: inner, .. }
        | Formula::YearGrowth { of: inner, .. }
        | Formula::Share { of: inner, .. }
        | Formula::AverageBalance(inner) => of(inner),
        _ => 0,
    }
}

/// The unit of a quotient, as far as it can be written and read.
fn quotient(metric: &Key, above: Unit, below: Unit) -> Result<Unit, MetricError> {
    let unit = above.per(below);
    if unit.parts() > Unit::MAX_PARTS {
        return Err(MetricError::TooDeep {
            metric: metric.clone(),
            limit: Unit::MAX_PARTS,
        });
    }
    Ok(unit)
}

/// Whether a stated unit is that of the figure: of one measure, it is the measure's own, for a mean also per record.
fn is_of(formula: &Formula, stated: &Unit, derived: &Unit) -> bool {
    let per_record = |stated: &Unit| matches!(stated, Unit::Per(top, bottom) if **top == *derived && matches!(**bottom, Unit::Count(_)));
    match formula {
        Formula::Mean(of) if matches!(of.value, Value::Measure(_)) => {
            stated == derived || per_record(stated)
        }
        Formula::Sum(of) | Formula::Minimum(of) | Formula::Maximum(of)
            if matches!(of.value, Value::Measure(_)) =>
        {
            stated == derived
        }
        Formula::Quantile { value, .. } | Formula::Last { value, .. }
            if matches!(value, Value::Measure(_)) =>
        {
            stated == derived
        }
        _ => true,
    }
}

/// The currencies of a unit and to which power they are in it; those that cancel are not.
fn currencies(unit: &Unit) -> BTreeMap<crate::measure::Currency, i32> {
    let mut powers = BTreeMap::new();
    add_currencies(unit, 1, &mut powers);
    powers.retain(|_, power| *power != 0);
    powers
}

fn add_currencies(unit: &Unit, sign: i32, powers: &mut BTreeMap<crate::measure::Currency, i32>) {
    match unit {
        Unit::Money(currency) => *powers.entry(*currency).or_default() += sign,
        Unit::Per(top, bottom) => {
            add_currencies(top, sign, powers);
            add_currencies(bottom, -sign, powers);
        }
        _ => {}
    }
}
