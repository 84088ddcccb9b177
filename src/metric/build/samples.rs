//! What needs single values: extremes, quantiles, gaps, and the days between two records.

use crate::key::Key;
use crate::ledger::DAY;
use crate::measure::Unit;
use crate::metric::build::builder::{Builder, Made, count_unit};
use crate::metric::error::MetricError;
use crate::metric::filter::{Site, Source};
use crate::metric::metric::{Entity, Placed, QuantileMethod, Selection, Timeframe, Value, Valued};
use crate::metric::parts::{
    Drawn, End, GapFigure, Never, Node, PairPart, TakenBack, TrailPart, Trailed, ValuePart,
    WaitingFigure,
};
use crate::quantity::{Quantum, Ratio};

impl Builder<'_> {
    pub(in crate::metric) fn extreme(
        &mut self,
        metric: &Key,
        of: &Valued,
        end: End,
    ) -> Result<Made, MetricError> {
        if let Some(from) = self.drawn(metric, &of.value, &of.of)? {
            let figure = if end == End::Low {
                GapFigure::Low
            } else {
                GapFigure::High
            };
            return Ok((Node::Gaps { from, figure }, Unit::Day));
        }
        let selection = self.selection(metric, &of.of)?;
        let (sources, quantum, unit) = self.sources(metric, &of.value, &of.of)?;
        let sources = self.wholes(sources, &of.of);
        let part = value_part(&mut self.parts.extremes, selection, &of.value, sources);
        Ok((Node::Extreme { part, end, quantum }, unit))
    }

    pub(in crate::metric) fn since(
        &mut self,
        metric: &Key,
        of: &Selection,
        never: Never,
    ) -> Result<Made, MetricError> {
        let mut of = of.clone();
        if of.window == Timeframe::Period {
            of.window = Timeframe::AsOf;
        }
        let date = match &of.date {
            Some(date) => date.clone(),
            None => Key::new(DAY)?,
        };
        let mut sources = vec![None; self.kinds().len()];
        for at in self.selected(metric, &of)? {
            let site = Site {
                metric,
                schema: self.layout.schema(),
                kind: &self.kinds()[at],
                until: self.layout.last_seen(),
            };
            sources[at] = Some(Source::Day(site.date(&date)?));
        }
        let selection = self.selection(metric, &of)?;
        let value = Value::Days {
            from: date.clone(),
            to: date,
        };
        let part = value_part(&mut self.parts.extremes, selection, &value, sources);
        Ok((Node::Since { part, never }, Unit::Day))
    }

    pub(in crate::metric) fn quantile(
        &mut self,
        metric: &Key,
        value: &Value,
        of: &Selection,
        p: Ratio,
        method: QuantileMethod,
    ) -> Result<Made, MetricError> {
        if p.is_negative() || p > Ratio::ONE {
            return Err(MetricError::QuantileShare {
                metric: metric.clone(),
                p,
            });
        }
        if let Some(from) = self.drawn(metric, value, of)? {
            return Ok((
                Node::Quantile {
                    from,
                    p,
                    method,
                    quantum: Quantum::ONE,
                },
                Unit::Day,
            ));
        }
        let selection = self.selection(metric, of)?;
        let (sources, quantum, unit) = self.sources(metric, value, of)?;
        let sources = self.wholes(sources, of);
        let part = value_part(&mut self.parts.samples, selection, value, sources);
        Ok((
            Node::Quantile {
                from: Drawn::Samples(part),
                p,
                method,
                quantum,
            },
            unit,
        ))
    }

    /// What is known only once all records are there: gaps, and the days from one record to another.
    pub(in crate::metric) fn drawn(
        &mut self,
        metric: &Key,
        value: &Value,
        of: &Selection,
    ) -> Result<Option<Drawn>, MetricError> {
        match value {
            Value::Measure(_) | Value::Days { .. } => Ok(None),
            Value::Gap { entity, same_day } => {
                let kept_for = Trailed::Gaps(*same_day);
                let trail = self.trail(metric, of, entity.as_ref(), kept_for)?;
                Ok(Some(Drawn::Trail(trail)))
            }
            Value::Until { end, by, placed } => {
                let pair = self.pair(metric, (of, end), by, *placed)?;
                Ok(Some(Drawn::Pair(pair)))
            }
        }
    }

    pub(in crate::metric) fn pair(
        &mut self,
        metric: &Key,
        (of, end): (&Selection, &Selection),
        by: &Entity,
        placed: Placed,
    ) -> Result<usize, MetricError> {
        if end.window != Timeframe::Period {
            return Err(MetricError::EndWindow {
                metric: metric.clone(),
            });
        }
        let end = end.clone().in_window(of.window.clone());
        let starts = self.trail(metric, of, Some(by), Trailed::Pairs)?;
        let ends = self.trail(metric, &end, Some(by), Trailed::Pairs)?;
        let part = PairPart {
            starts,
            ends,
            placed,
        };
        let pairs = &mut self.parts.pairs;
        Ok(pairs
            .iter()
            .position(|known| *known == part)
            .unwrap_or_else(|| {
                pairs.push(part);
                pairs.len() - 1
            }))
    }

    pub(in crate::metric) fn waiting(
        &mut self,
        metric: &Key,
        (of, end): (&Selection, &Selection),
        by: &Entity,
        figure: WaitingFigure,
    ) -> Result<Made, MetricError> {
        if of.window != Timeframe::Period {
            return Err(MetricError::EndWindow {
                metric: metric.clone(),
            });
        }
        let pair = self.pair(metric, (of, end), by, Placed::Start)?;
        let unit = match figure {
            WaitingFigure::Count => count_unit(of)?,
            WaitingFigure::Age => Unit::Day,
        };
        Ok((Node::Waiting { pair, figure }, unit))
    }

    pub(in crate::metric) fn trail(
        &mut self,
        metric: &Key,
        of: &Selection,
        entity: Option<&Entity>,
        kept_for: Trailed,
    ) -> Result<usize, MetricError> {
        let selection = self.selection(metric, of)?;
        let entity = entity
            .map(|entity| self.entity(metric, entity, of))
            .transpose()?;
        let trails = &mut self.parts.trails;
        let known = trails.iter().position(|known| {
            known.selection == selection && known.entity == entity && known.kept_for == kept_for
        });
        Ok(known.unwrap_or_else(|| {
            trails.push(TrailPart {
                selection,
                entity,
                kept_for,
            });
            trails.len() - 1
        }))
    }
}

pub(in crate::metric) fn value_part(
    parts: &mut Vec<ValuePart>,
    selection: usize,
    value: &Value,
    sources: Vec<Option<Source>>,
) -> usize {
    let known = parts.iter().position(|known| {
        known.selection == selection && known.value == *value && known.sources == sources
    });
    known.unwrap_or_else(|| {
        parts.push(ValuePart {
            selection,
            value: value.clone(),
            sources,
            taken_back: TakenBack::There,
            bank: 0,
            lane: 0,
        });
        parts.len() - 1
    })
}
