//! What is held or open at the end of a period.

use crate::key::Key;
use crate::measure::Unit;
use crate::metric::build::builder::{Builder, Made, count_unit};
use crate::metric::error::MetricError;
use crate::metric::filter::{Site, Source};
use crate::metric::metric::{Age, Entity, OpenFigure, Selection, Timeframe, Value};
use crate::metric::parts::{HeldPart, Node, OpenColumns, OpenPart};
use crate::quantity::Quantum;

impl Builder<'_> {
    pub(in crate::metric) fn last(
        &mut self,
        metric: &Key,
        value: &Value,
        entity: &Entity,
        of: &Selection,
    ) -> Result<Made, MetricError> {
        if of.window != Timeframe::Period {
            return Err(MetricError::WindowNotPeriod {
                metric: metric.clone(),
            });
        }
        // The last value may be older than the period.
        let ever = of.clone().in_window(Timeframe::AsOf);
        let (part, quantum, unit) = self.held(metric, Some(value), entity, &ever, Held::Last)?;
        Ok((Node::Last { part, quantum }, unit))
    }

    pub(in crate::metric) fn held(
        &mut self,
        metric: &Key,
        value: Option<&Value>,
        entity: &Entity,
        of: &Selection,
        held: Held,
    ) -> Result<(usize, Quantum, Unit), MetricError> {
        if let (Held::Sum, Some(value)) = (held, value) {
            self.refuse_stock(metric, value)?;
        }
        let selection = self.selection(metric, of)?;
        let entity = self.entity(metric, entity, of)?;
        let (sources, quantum, unit) = match value {
            Some(value) => self.sources(metric, value, of)?,
            None => (
                vec![None; self.kinds().len()],
                Quantum::ONE,
                count_unit(of)?,
            ),
        };
        let sources = match held {
            Held::Sum => sources,
            Held::Last => self.wholes(sources, of),
        };
        let parts = match held {
            Held::Sum => &mut self.parts.holdings,
            Held::Last => &mut self.parts.lasts,
        };
        let known = parts.iter().position(|known| {
            (known.selection, known.entity) == (selection, entity) && known.value.as_ref() == value
        });
        let part = known.unwrap_or_else(|| {
            parts.push(HeldPart {
                selection,
                entity,
                value: value.cloned(),
                sources,
            });
            parts.len() - 1
        });
        Ok((part, quantum, unit))
    }

    pub(in crate::metric) fn open(
        &mut self,
        metric: &Key,
        value: Option<&Value>,
        of: &Selection,
        (until, age, figure): (Option<&Key>, Option<&Age>, OpenFigure),
    ) -> Result<Made, MetricError> {
        if age.is_some() && figure != OpenFigure::Closing {
            return Err(MetricError::AgedFlow {
                metric: metric.clone(),
            });
        }
        if of.window != Timeframe::Period {
            return Err(MetricError::WindowNotPeriod {
                metric: metric.clone(),
            });
        }
        let selection = self.selection(metric, of)?;
        let (sources, quantum, unit) = match value {
            Some(value) => self.sources(metric, value, of)?,
            None => (
                vec![None; self.kinds().len()],
                Quantum::ONE,
                count_unit(of)?,
            ),
        };
        let schema = self.layout.schema();
        let mut kinds = vec![None; self.kinds().len()];
        for at in self.selected(metric, of)? {
            let site = Site {
                metric,
                schema,
                kind: &self.kinds()[at],
                until: self.layout.last_seen(),
            };
            if until.is_none() && site.kind.opens.is_none() {
                return Err(MetricError::NeverEnds {
                    metric: metric.clone(),
                    kind: site.kind.key().clone(),
                });
            }
            let since = age.map(|age| site.date(&age.since)).transpose()?;
            kinds[at] = Some(OpenColumns {
                source: sources[at],
                until: until.map(|until| site.date(until)).transpose()?,
                since,
            });
        }
        let opens = &mut self.parts.opens;
        let known = opens.iter().position(|known| {
            known.selection == selection
                && known.value.as_ref() == value
                && (known.until.as_ref(), known.age.as_ref()) == (until, age)
                && known.figure == figure
                && known.kinds == kinds
        });
        let part = known.unwrap_or_else(|| {
            opens.push(OpenPart {
                selection,
                value: value.cloned(),
                until: until.cloned(),
                age: age.cloned(),
                figure,
                kinds,
            });
            opens.len() - 1
        });
        Ok((Node::Open { part, quantum }, unit))
    }

    pub(in crate::metric) fn open_age(
        &mut self,
        metric: &Key,
        of: &Selection,
        until: Option<&Key>,
        since: &Key,
    ) -> Result<Made, MetricError> {
        let age = Age {
            since: since.clone(),
            at_least: None,
            at_most: None,
        };
        let (count, _) = self.open(metric, None, of, (until, Some(&age), OpenFigure::Closing))?;
        let Node::Open { part: count, .. } = count else {
            return Err(MetricError::ProgramMismatch);
        };
        let known = self.parts.opens[count].clone();
        let mut kinds = known.kinds;
        for columns in kinds.iter_mut().flatten() {
            columns.source = columns.since.map(Source::Day);
        }
        // The days from a date to a day sum up to that day times their number less the sum of the dates.
        let value = Value::Days {
            from: since.clone(),
            to: since.clone(),
        };
        let opens = &mut self.parts.opens;
        opens.push(OpenPart {
            value: Some(value),
            kinds,
            ..known
        });
        let since = opens.len() - 1;
        Ok((Node::OpenAge { count, since }, Unit::Day))
    }
}

/// What of an entity's values is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::metric) enum Held {
    Sum,
    Last,
}
