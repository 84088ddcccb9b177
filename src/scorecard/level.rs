//! Figures as they are, or as they would be if everybody attained exactly so much of their targets.

use super::binding::BoundInput;
use super::{InputDef, Readings, Scorecard, ScorecardError};
use crate::calendar::PeriodId;
use crate::measure::Direction;
use crate::panel::{Answer, ColumnKey, Panel, Reason, Role};
use crate::quantity::{QuantityError, Ratio};
use crate::space::RowId;

impl Scorecard {
    /// Returns the total that everybody would have if each attained exactly so much of their targets: 1 for all targets just
    /// met.
    ///
    /// A figure that has a target - the KPI's own, or else the plan's - is taken to be the target times the level (for less
    /// is better: the target less what the level is above 1). Figures without a target stay as they are, those of gates and
    /// vetoes too.
    ///
    /// # Errors
    /// As [`Scorecard::score`].
    pub fn totals_at(
        &self,
        panel: &Panel,
        period: PeriodId,
        level: Ratio,
    ) -> Result<Vec<Result<Ratio, Reason>>, ScorecardError> {
        let period = period.index();
        let binding = self.bind(panel, period)?;
        let mut positions = Vec::with_capacity(self.kpis.len());
        for kpi in &self.kpis {
            let inputs = kpi
                .inputs()
                .map(|input| Position::new(input, panel, period));
            positions.push(inputs.collect::<Result<Vec<_>, _>>()?);
        }
        let total = |subject| {
            let mut facts = binding.facts(self, subject);
            for ((kpi, positions), facts) in self.kpis.iter().zip(&positions).zip(&mut facts.kpis) {
                for ((input, position), (_, readings)) in
                    kpi.inputs().zip(positions).zip(&mut facts.inputs)
                {
                    *readings = position.read(input, subject, Some(level)).0;
                }
            }
            self.judge(&facts, "", "").total
        };
        Ok((0..panel.subjects().len()).map(total).collect())
    }
}

/// An input bound to its columns, with the plan's target of its figure.
pub(crate) struct Position<'p> {
    bound: BoundInput<'p>,
    planned: Option<Figure<'p>>,
}

impl<'p> Position<'p> {
    pub(crate) fn new(
        input: &InputDef,
        panel: &'p Panel,
        period: usize,
    ) -> Result<Self, ScorecardError> {
        Self::since(input, panel, 0, period)
    }

    /// The same, where what is counted to date begins with a period.
    pub(crate) fn since(
        input: &InputDef,
        panel: &'p Panel,
        first: usize,
        period: usize,
    ) -> Result<Self, ScorecardError> {
        let planned = input.metric.with(Role::Target);
        let planned = match (input.metric.role, panel.find(&planned)) {
            (Role::Actual, Some(_)) => Some(Figure::new(&planned, panel, period)?),
            _ => None,
        };
        Ok(Self {
            bound: BoundInput::since(input, panel, first, period)?,
            planned,
        })
    }

    /// Returns the readings and what they come to; at a level, the figure is what attains the target so far.
    pub(crate) fn read(
        &self,
        input: &InputDef,
        subject: usize,
        level: Option<Ratio>,
    ) -> (Readings, Result<Ratio, Reason>) {
        let mut readings = self.bound.read(subject);
        if let Some(level) = level {
            let target = readings.target.or_else(|| {
                self.planned
                    .as_ref()
                    .map(|figure| figure.read(subject, None))
            });
            let prorated = |target: Ratio| match readings.prorated.and_then(Result::ok) {
                Some(share) => target.checked_mul(share),
                None => Ok(target),
            };
            if let Some(Ok(target)) = target {
                let attained = prorated(target)
                    .and_then(|target| attaining(target, self.bound.direction, level));
                readings.actual = attained.map_err(|_| Reason::OutOfRange);
            }
        }
        (readings, input.attain(self.bound.direction, &readings))
    }
}

fn attaining(target: Ratio, direction: Direction, level: Ratio) -> Result<Ratio, QuantityError> {
    match direction {
        Direction::Smaller => target.checked_mul(Ratio::from(2).checked_sub(level)?),
        Direction::Larger | Direction::Target | Direction::Neutral => target.checked_mul(level),
    }
}

/// A figure of the panel and, where it is an actual one, its target.
pub(crate) struct Figure<'p> {
    panel: &'p Panel,
    key: ColumnKey,
    period: usize,
}

impl<'p> Figure<'p> {
    pub(crate) fn new(
        key: &ColumnKey,
        panel: &'p Panel,
        period: usize,
    ) -> Result<Self, ScorecardError> {
        panel.column(key)?;
        Ok(Self {
            panel,
            key: key.clone(),
            period,
        })
    }

    pub(crate) fn read(&self, subject: usize, level: Option<Ratio>) -> Result<Ratio, Reason> {
        let at = |key: &ColumnKey| {
            self.panel
                .answer(key, RowId::at(subject), PeriodId::at(self.period))
                .map(Answer::ratio)
        };
        let planned = match (level, self.key.role) {
            (Some(level), Role::Actual) => at(&self.key.with(Role::Target))
                .ok()
                .map(|target| (level, target)),
            _ => None,
        };
        match planned {
            Some((level, Ok(target))) => target.checked_mul(level).map_err(|_| Reason::OutOfRange),
            _ => at(&self.key).unwrap_or(Err(Reason::NotApplicable)),
        }
    }
}
