//! From definitions to tables: names are resolved, equal parts are found and shared.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::MetricError;
use super::definition::{
    Condition, Empty, Entities, Entity, First, Formula, MetricDef, QuantileMethod, SameDay, Scope,
    Selection, Value, Valued, Window,
};
use super::filter::{DateColumn, MAX_DEPTH, Site, Source, Test};
use super::grid::{Grid, GridKey};
use super::plan::{Frame, Plan};
use super::presence::Clock;
use super::store::{Counts, Sums};
use super::subject::Lookup;
use crate::key::{Key, nearest};
use crate::ledger::{DAY, Kind, Need};
use crate::measure::{Direction, Unit};
use crate::quantity::{Quantum, Ratio};
use crate::space::{DimensionId, LevelId};

/// A metric with its formula resolved.
#[derive(Debug, Clone)]
pub(super) struct Compiled {
    pub(super) key: Key,
    pub(super) unit: Unit,
    pub(super) direction: Direction,
    pub(super) node: Node,
}

/// A formula with its parts resolved.
#[derive(Debug, Clone)]
pub(super) enum Node {
    Count(usize),
    Sum {
        part: usize,
        quantum: Quantum,
        count: Option<usize>,
    },
    Extreme {
        part: usize,
        end: End,
        quantum: Quantum,
    },
    Quantile {
        from: Drawn,
        p: Ratio,
        method: QuantileMethod,
        quantum: Quantum,
    },
    Gaps {
        trail: usize,
        figure: GapFigure,
    },
    Distinct(usize),
    New(usize),
    Ask {
        part: usize,
        question: Question,
        scope: Scope,
        touches: usize,
        first: First,
    },
    Ratio {
        of: Box<Self>,
        to: Box<Self>,
        scale: Ratio,
    },
    Difference {
        of: Box<Self>,
        minus: Box<Self>,
    },
    Scaled {
        of: Box<Self>,
        by: Ratio,
    },
    Earlier {
        of: Box<Self>,
        periods: usize,
    },
    Growth {
        of: Box<Self>,
        periods: usize,
    },
    Share {
        of: Box<Self>,
        groups: Arc<[u32]>,
    },
    Days,
    /// Another metric, by its position.
    Metric(usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Low,
    High,
}

/// Where a sample comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Drawn {
    Samples(usize),
    Trail(usize),
}

/// A figure of gaps that needs no order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum GapFigure {
    Sum,
    Mean,
    Low,
    High,
}

/// What is asked of the periods in which an entity was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Question {
    Lost {
        seen_within: usize,
        absent_for: usize,
    },
    Reactivated {
        after: usize,
    },
    Retained,
    Previous,
    Dormant {
        periods: usize,
    },
}

/// A selection resolved: for each kind of record its conditions, or that it is not selected.
#[derive(Debug, Clone)]
pub(super) struct Selected {
    pub(super) definition: Selection,
    pub(super) grid: usize,
    pub(super) kinds: Vec<Option<Vec<Test>>>,
}

/// A part of a bank: the selection and where its figures stand.
#[derive(Debug, Clone)]
pub(super) struct Tally {
    pub(super) selection: usize,
    pub(super) bank: usize,
    pub(super) lane: usize,
}

#[derive(Debug, Clone)]
pub(super) struct ValuePart {
    pub(super) selection: usize,
    value: Value,
    /// By kind of record.
    pub(super) sources: Vec<Option<Source>>,
    /// Bank and lane, for sums.
    pub(super) bank: usize,
    pub(super) lane: usize,
}

#[derive(Debug, Clone)]
pub(super) struct EntityPart {
    pub(super) selection: usize,
    pub(super) entity: usize,
}

#[derive(Debug, Clone)]
pub(super) struct TrailPart {
    pub(super) selection: usize,
    pub(super) entity: Option<usize>,
    pub(super) same_day: SameDay,
}

/// Figures that stand side by side; they share a grid.
#[derive(Debug, Clone)]
pub(super) struct Bank {
    pub(super) grid: usize,
    /// Positions in the list of tallies or sums, by lane.
    pub(super) lanes: Vec<usize>,
}

/// What is counted once, as a column of each kind of record.
#[derive(Debug, Clone)]
pub(super) struct EntityColumns {
    definition: Entity,
    pub(super) kinds: Vec<Option<EntityColumn>>,
    /// The number of members; `None` for texts, of which there may be more any day.
    pub(super) members: Option<usize>,
}

#[derive(Debug, Clone)]
pub(super) enum EntityColumn {
    /// The member of a placement; the placement's own number where there is no table.
    Place {
        column: usize,
        members: Option<Arc<[u32]>>,
    },
    Text {
        column: usize,
    },
}

/// All parts of a plan.
#[derive(Debug, Clone, Default)]
pub(super) struct Program {
    pub(super) selections: Vec<Selected>,
    pub(super) tallies: Vec<Tally>,
    pub(super) count_banks: Vec<Bank>,
    pub(super) sums: Vec<ValuePart>,
    pub(super) sum_banks: Vec<Bank>,
    pub(super) extremes: Vec<ValuePart>,
    pub(super) samples: Vec<ValuePart>,
    pub(super) presences: Vec<EntityPart>,
    pub(super) touches: Vec<EntityPart>,
    pub(super) trails: Vec<TrailPart>,
    pub(super) entities: Vec<EntityColumns>,
    /// By grid, then by kind of record: the subjects and the date.
    pub(super) places: Vec<Vec<Option<(Lookup, DateColumn)>>>,
    pub(super) clocks: Vec<Clock>,
    /// The metrics, each after those that it is made from.
    pub(super) order: Vec<usize>,
}

struct Builder<'a> {
    frame: &'a Frame,
    metrics: &'a [MetricDef],
    by_key: BTreeMap<&'a Key, usize>,
    grids: Vec<Grid>,
    program: Program,
    compiled: Vec<Option<Compiled>>,
    open: Vec<usize>,
}

/// A node and what it is counted in.
type Made = (Node, Unit);

pub(super) fn compile(
    metrics: &[MetricDef],
    frame: &Frame,
) -> Result<(Vec<Compiled>, Vec<Grid>, Program), MetricError> {
    let mut by_key = BTreeMap::new();
    for (at, metric) in metrics.iter().enumerate() {
        if by_key.insert(&metric.key, at).is_some() {
            return Err(MetricError::Duplicate {
                metric: metric.key.clone(),
            });
        }
    }
    let mut builder = Builder {
        frame,
        metrics,
        by_key,
        grids: Vec::new(),
        program: Program::default(),
        compiled: vec![None; metrics.len()],
        open: Vec::new(),
    };
    for at in 0..metrics.len() {
        builder.metric(at)?;
    }
    let compiled = builder.compiled.into_iter().flatten().collect();
    Ok((compiled, builder.grids, builder.program))
}

impl<'a> Builder<'a> {
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
            Some(unit) => unit.clone(),
            None => derived,
        };
        self.program.order.push(at);
        self.compiled[at] = Some(Compiled {
            key: definition.key.clone(),
            unit: unit.clone(),
            direction: definition.direction,
            node,
        });
        Ok(unit)
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
        let boxed = |made: Made| (Box::new(made.0), made.1);
        match formula {
            Formula::Count(of) => {
                let part = self.tally(metric, of)?;
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
                Ok((Node::Distinct(part), entity_unit(&of.entity)?))
            }
            Formula::New(of) => {
                let part = self.by_period(metric, of)?;
                Ok((Node::New(part), entity_unit(&of.entity)?))
            }
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
            Formula::Ratio { of, to, scale } => {
                let (of, above) = boxed(self.formula(metric, of, depth + 1)?);
                let (to, below) = boxed(self.formula(metric, to, depth + 1)?);
                Ok((
                    Node::Ratio {
                        of,
                        to,
                        scale: *scale,
                    },
                    above.per(below),
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
                let (of, unit) = boxed(self.formula(metric, of, depth + 1)?);
                Ok((
                    Node::Earlier {
                        of,
                        periods: usize::from(*periods),
                    },
                    unit,
                ))
            }
            Formula::Growth { of, periods } => {
                at_least_one(metric, "periods", *periods)?;
                let (of, _) = boxed(self.formula(metric, of, depth + 1)?);
                Ok((
                    Node::Growth {
                        of,
                        periods: usize::from(*periods),
                    },
                    Unit::Share,
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
            Formula::Days => Ok((Node::Days, Unit::Day)),
            Formula::Metric(key) => {
                let Some(at) = self.by_key.get(key).copied() else {
                    let known = self.by_key.keys().map(|key| key.as_str());
                    return Err(MetricError::UnknownMetric {
                        metric: metric.clone(),
                        name: key.as_str().to_owned(),
                        nearest: nearest(key.as_str(), known).map(str::to_owned),
                    });
                };
                Ok((Node::Metric(at), self.metric(at)?))
            }
        }
    }

    fn adds_up(&self, node: &Node) -> bool {
        match node {
            Node::Count(_) | Node::Sum { .. } => true,
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
        let subjects = self.frame.subjects();
        let mut axes = Vec::with_capacity(within.len());
        for dimension in within {
            let at = subjects
                .axes()
                .iter()
                .position(|axis| axis.dimension == *dimension);
            axes.push(at.ok_or_else(|| MetricError::NoAxis {
                metric: metric.clone(),
                dimension: dimension.clone(),
            })?);
        }
        let mut known: BTreeMap<Vec<&Key>, u32> = BTreeMap::new();
        let mut groups = Vec::with_capacity(subjects.len());
        for subject in 0..subjects.len() {
            let members = subjects.members(subject);
            let next = u32::try_from(known.len()).unwrap_or(u32::MAX);
            let shared = axes.iter().map(|axis| &members[*axis]).collect();
            groups.push(*known.entry(shared).or_insert(next));
        }
        Ok(groups.into())
    }

    fn kinds(&self) -> &'a [Kind] {
        self.frame.schema().compiled()
    }

    /// The positions of the selected kinds.
    fn selected(&self, metric: &Key, of: &Selection) -> Result<Vec<usize>, MetricError> {
        if of.kinds.is_empty() {
            return Err(MetricError::NoKind {
                metric: metric.clone(),
            });
        }
        let mut selected = Vec::with_capacity(of.kinds.len());
        for key in &of.kinds {
            let Some(at) = self.kinds().iter().position(|kind| kind.key() == key) else {
                let known = self.kinds().iter().map(|kind| kind.key().as_str());
                return Err(MetricError::UnknownKind {
                    metric: metric.clone(),
                    kind: key.as_str().to_owned(),
                    nearest: nearest(key.as_str(), known).map(str::to_owned),
                });
            };
            selected.push(at);
        }
        Ok(selected)
    }

    fn selection(&mut self, metric: &Key, of: &Selection) -> Result<usize, MetricError> {
        let known = self
            .program
            .selections
            .iter()
            .position(|known| known.definition == *of);
        if let Some(known) = known {
            return Ok(known);
        }
        let selected = self.selected(metric, of)?;
        match of.window {
            Window::Trailing(0) => return Err(at_least_one_error(metric, "trailing")),
            Window::TrailingDays(0) => return Err(at_least_one_error(metric, "trailing_days")),
            _ => {}
        }
        let grid = self.grid(metric, of, &selected)?;
        let schema = self.frame.schema();
        let mut kinds = vec![None; self.kinds().len()];
        for at in selected {
            let kind = &self.kinds()[at];
            kinds[at] = Some(
                Site {
                    metric,
                    schema,
                    kind,
                }
                .tests(&of.conditions)?,
            );
        }
        self.program.selections.push(Selected {
            definition: of.clone(),
            grid,
            kinds,
        });
        Ok(self.program.selections.len() - 1)
    }

    fn grid(
        &mut self,
        metric: &Key,
        of: &Selection,
        kinds: &[usize],
    ) -> Result<usize, MetricError> {
        let key = GridKey::of(of);
        let known = self.grids.iter().position(|grid| grid.key == key);
        let at = match known {
            Some(at) => at,
            None => {
                let grid = Grid::new(key, self.frame)?;
                let cells = (self.frame.subjects().len() as u64 + 1) * u64::from(grid.width());
                if cells > Plan::MAX_CELLS {
                    let (what, limit) = ("cells", Plan::MAX_CELLS);
                    return Err(MetricError::TooMany {
                        what,
                        count: cells,
                        limit,
                    });
                }
                // A record's own day lies in the ledger's span; its other days may be any.
                let clock = match &grid.key.date {
                    Some(date) if *date != *DAY => Clock::any(cells),
                    _ => Clock::within(self.frame.schema().span(), cells),
                };
                self.program.clocks.push(clock);
                self.program.places.push(vec![None; self.kinds().len()]);
                self.grids.push(grid);
                self.grids.len() - 1
            }
        };
        let schema = self.frame.schema();
        for kind in kinds {
            if self.program.places[at][*kind].is_some() {
                continue;
            }
            let compiled = &self.kinds()[*kind];
            let site = Site {
                metric,
                schema,
                kind: compiled,
            };
            for field in of.via.values() {
                if compiled.place(field.as_str()).is_none() {
                    return Err(site.unknown("dimension", field));
                }
            }
            let date = of
                .date
                .as_ref()
                .map_or(Ok(DateColumn::Own), |date| site.date(date))?;
            let lookup = Lookup::new(self.frame, schema, compiled, &of.via)?;
            self.program.places[at][*kind] = Some((lookup, date));
        }
        Ok(at)
    }

    fn tally(&mut self, metric: &Key, of: &Selection) -> Result<usize, MetricError> {
        let selection = self.selection(metric, of)?;
        let tallies = &mut self.program.tallies;
        if let Some(known) = tallies
            .iter()
            .position(|known| known.selection == selection)
        {
            return Ok(known);
        }
        let grid = self.program.selections[selection].grid;
        let part = tallies.len();
        let (bank, lane) = place_in(&mut self.program.count_banks, grid, Counts::WIDTH, part);
        tallies.push(Tally {
            selection,
            bank,
            lane,
        });
        Ok(part)
    }

    /// The value in each selected kind; all must agree on its quantum and unit.
    fn sources(
        &self,
        metric: &Key,
        value: &Value,
        of: &Selection,
    ) -> Result<(Vec<Option<Source>>, Quantum, Unit), MetricError> {
        let schema = self.frame.schema();
        let mut sources = vec![None; self.kinds().len()];
        let mut agreed: Option<(Quantum, Unit)> = None;
        for at in self.selected(metric, of)? {
            let (source, quantum, unit) = Site {
                metric,
                schema,
                kind: &self.kinds()[at],
            }
            .source(value)?;
            sources[at] = Some(source);
            agreed.get_or_insert((quantum, unit));
        }
        let (quantum, unit) = agreed.ok_or_else(|| MetricError::NoKind {
            metric: metric.clone(),
        })?;
        Ok((sources, quantum, unit))
    }

    fn sum(&mut self, metric: &Key, of: &Valued) -> Result<Made, MetricError> {
        if let Value::Gap { entity, same_day } = &of.value {
            let trail = self.trail(metric, &of.of, entity.as_ref(), *same_day)?;
            return Ok((
                Node::Gaps {
                    trail,
                    figure: GapFigure::Sum,
                },
                Unit::Day,
            ));
        }
        let count = match of.empty {
            Empty::Default => None,
            Empty::NothingRecorded => Some(self.having(metric, of)?),
        };
        let (part, quantum, unit) = self.summed(metric, of)?;
        Ok((
            Node::Sum {
                part,
                quantum,
                count,
            },
            unit,
        ))
    }

    fn summed(&mut self, metric: &Key, of: &Valued) -> Result<(usize, Quantum, Unit), MetricError> {
        let selection = self.selection(metric, &of.of)?;
        let (sources, quantum, unit) = self.sources(metric, &of.value, &of.of)?;
        let sums = &mut self.program.sums;
        let known = sums
            .iter()
            .position(|known| known.selection == selection && known.value == of.value);
        if let Some(known) = known {
            return Ok((known, quantum, unit));
        }
        let grid = self.program.selections[selection].grid;
        let part = sums.len();
        let (bank, lane) = place_in(&mut self.program.sum_banks, grid, Sums::WIDTH, part);
        sums.push(ValuePart {
            selection,
            value: of.value.clone(),
            sources,
            bank,
            lane,
        });
        Ok((part, quantum, unit))
    }

    /// The number of records that have the value.
    fn having(&mut self, metric: &Key, of: &Valued) -> Result<usize, MetricError> {
        let mut always = true;
        for at in self.selected(metric, &of.of)? {
            let kind = &self.kinds()[at].definition;
            always &= match &of.value {
                Value::Measure(measure) => kind
                    .measures
                    .iter()
                    .any(|field| field.measure == *measure && field.need == Need::Required),
                Value::Days { .. } | Value::Gap { .. } => false,
            };
        }
        let mut selection = of.of.clone();
        if !always {
            let value = of.value.clone();
            selection.conditions.push(Condition::Range {
                value,
                at_least: None,
                at_most: None,
            });
        }
        self.tally(metric, &selection)
    }

    fn mean(&mut self, metric: &Key, of: &Valued) -> Result<Made, MetricError> {
        if let Value::Gap { entity, same_day } = &of.value {
            let trail = self.trail(metric, &of.of, entity.as_ref(), *same_day)?;
            return Ok((
                Node::Gaps {
                    trail,
                    figure: GapFigure::Mean,
                },
                Unit::Day,
            ));
        }
        let to = Node::Count(self.having(metric, of)?);
        let (part, quantum, unit) = self.summed(metric, of)?;
        let of = Box::new(Node::Sum {
            part,
            quantum,
            count: None,
        });
        Ok((
            Node::Ratio {
                of,
                to: Box::new(to),
                scale: Ratio::ONE,
            },
            unit,
        ))
    }

    fn extreme(&mut self, metric: &Key, of: &Valued, end: End) -> Result<Made, MetricError> {
        if let Value::Gap { entity, same_day } = &of.value {
            let trail = self.trail(metric, &of.of, entity.as_ref(), *same_day)?;
            let figure = if end == End::Low {
                GapFigure::Low
            } else {
                GapFigure::High
            };
            return Ok((Node::Gaps { trail, figure }, Unit::Day));
        }
        let selection = self.selection(metric, &of.of)?;
        let (sources, quantum, unit) = self.sources(metric, &of.value, &of.of)?;
        let part = value_part(&mut self.program.extremes, selection, &of.value, sources);
        Ok((Node::Extreme { part, end, quantum }, unit))
    }

    fn quantile(
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
        if let Value::Gap { entity, same_day } = value {
            let trail = self.trail(metric, of, entity.as_ref(), *same_day)?;
            let from = Drawn::Trail(trail);
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
        let part = value_part(&mut self.program.samples, selection, value, sources);
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

    fn trail(
        &mut self,
        metric: &Key,
        of: &Selection,
        entity: Option<&Entity>,
        same_day: SameDay,
    ) -> Result<usize, MetricError> {
        let selection = self.selection(metric, of)?;
        let entity = entity
            .map(|entity| self.entity(metric, entity, of))
            .transpose()?;
        let trails = &mut self.program.trails;
        let known = trails.iter().position(|known| {
            known.selection == selection && known.entity == entity && known.same_day == same_day
        });
        Ok(known.unwrap_or_else(|| {
            trails.push(TrailPart {
                selection,
                entity,
                same_day,
            });
            trails.len() - 1
        }))
    }

    fn presence(&mut self, metric: &Key, of: &Entities) -> Result<usize, MetricError> {
        let selection = self.selection(metric, &of.of)?;
        let entity = self.entity(metric, &of.entity, &of.of)?;
        Ok(entity_part(&mut self.program.presences, selection, entity))
    }

    fn by_period(&mut self, metric: &Key, of: &Entities) -> Result<usize, MetricError> {
        if of.of.window != Window::Period {
            return Err(MetricError::WindowNotPeriod {
                metric: metric.clone(),
            });
        }
        self.presence(metric, of)
    }

    fn ask(
        &mut self,
        metric: &Key,
        entity: &Entity,
        of: &Selection,
        question: Question,
        scope: Scope,
        first: First,
    ) -> Result<Made, MetricError> {
        let entities = Entities {
            entity: entity.clone(),
            of: of.clone(),
        };
        let part = self.by_period(metric, &entities)?;
        let touches = match scope {
            Scope::Subject => 0,
            Scope::Overall => {
                let EntityPart { selection, entity } = self.program.presences[part];
                entity_part(&mut self.program.touches, selection, entity)
            }
        };
        let unit = entity_unit(entity)?;
        Ok((
            Node::Ask {
                part,
                question,
                scope,
                touches,
                first,
            },
            unit,
        ))
    }

    fn entity(
        &mut self,
        metric: &Key,
        entity: &Entity,
        of: &Selection,
    ) -> Result<usize, MetricError> {
        let at = match self
            .program
            .entities
            .iter()
            .position(|known| known.definition == *entity)
        {
            Some(at) => at,
            None => {
                self.program.entities.push(EntityColumns {
                    definition: entity.clone(),
                    kinds: vec![None; self.kinds().len()],
                    members: None,
                });
                self.program.entities.len() - 1
            }
        };
        let schema = self.frame.schema();
        for kind in self.selected(metric, of)? {
            if self.program.entities[at].kinds[kind].is_some() {
                continue;
            }
            let compiled = &self.kinds()[kind];
            let site = Site {
                metric,
                schema,
                kind: compiled,
            };
            let column = match entity {
                Entity::Attribute(field) => {
                    let column = compiled.attribute(field.as_str());
                    EntityColumn::Text {
                        column: column.ok_or_else(|| site.unknown("attribute", field))?,
                    }
                }
                Entity::Member { dimension, level } => {
                    let column = compiled.place(dimension.as_str());
                    let column = column.ok_or_else(|| site.unknown("dimension", dimension))?;
                    self.same_dimension(metric, at, dimension, compiled.dimensions[column])?;
                    let known = compiled.dimension(schema.space(), column);
                    let wrong = |error| MetricError::Space {
                        place: format!("metric `{metric}`"),
                        error,
                    };
                    let level = level.as_ref().unwrap_or_else(|| known.leaf_level());
                    let level: LevelId = known.level(level.as_str()).map_err(wrong)?;
                    self.program.entities[at].members = Some(known.len());
                    let table = known.rollup(level);
                    let plain = (0..table.len())
                        .zip(table)
                        .all(|(own, member)| own == member.index());
                    let number = |member: &crate::space::MemberId| {
                        u32::try_from(member.index()).unwrap_or(0)
                    };
                    let members = (!plain).then(|| table.iter().map(number).collect());
                    EntityColumn::Place { column, members }
                }
            };
            self.program.entities[at].kinds[kind] = Some(column);
        }
        Ok(at)
    }

    fn same_dimension(
        &self,
        metric: &Key,
        entity: usize,
        field: &Key,
        dimension: DimensionId,
    ) -> Result<(), MetricError> {
        let space = self.frame.schema().space();
        let known = self.program.entities[entity].kinds.iter().zip(self.kinds());
        for (column, kind) in known {
            if let Some(EntityColumn::Place { column, .. }) = column
                && kind.dimensions[*column] != dimension
            {
                return Err(MetricError::MixedDimensions {
                    metric: metric.clone(),
                    field: field.clone(),
                    first: space.get(kind.dimensions[*column]).key().clone(),
                    second: space.get(dimension).key().clone(),
                });
            }
        }
        Ok(())
    }
}

/// Finds a free lane in a bank of the grid, or opens a bank.
fn place_in(banks: &mut Vec<Bank>, grid: usize, width: usize, part: usize) -> (usize, usize) {
    let free = banks
        .iter()
        .position(|bank| bank.grid == grid && bank.lanes.len() < width);
    let bank = free.unwrap_or_else(|| {
        banks.push(Bank {
            grid,
            lanes: Vec::new(),
        });
        banks.len() - 1
    });
    banks[bank].lanes.push(part);
    (bank, banks[bank].lanes.len() - 1)
}

fn value_part(
    parts: &mut Vec<ValuePart>,
    selection: usize,
    value: &Value,
    sources: Vec<Option<Source>>,
) -> usize {
    let known = parts
        .iter()
        .position(|known| known.selection == selection && known.value == *value);
    known.unwrap_or_else(|| {
        parts.push(ValuePart {
            selection,
            value: value.clone(),
            sources,
            bank: 0,
            lane: 0,
        });
        parts.len() - 1
    })
}

fn entity_part(parts: &mut Vec<EntityPart>, selection: usize, entity: usize) -> usize {
    let known = parts
        .iter()
        .position(|known| (known.selection, known.entity) == (selection, entity));
    known.unwrap_or_else(|| {
        parts.push(EntityPart { selection, entity });
        parts.len() - 1
    })
}

fn at_least_one(metric: &Key, what: &'static str, number: u16) -> Result<(), MetricError> {
    if number == 0 {
        Err(at_least_one_error(metric, what))
    } else {
        Ok(())
    }
}

fn at_least_one_error(metric: &Key, what: &'static str) -> MetricError {
    MetricError::ZeroPeriods {
        metric: metric.clone(),
        what,
    }
}

fn unit_error(_: crate::measure::UnitError) -> MetricError {
    // A key that holds ` per ` cannot be part of a unit; there is none such among the fixed names.
    MetricError::BadPartial { what: "a unit" }
}

fn count_unit(of: &Selection) -> Result<Unit, MetricError> {
    match of.kinds.as_slice() {
        [kind] => Ok(Unit::Count(kind.clone())),
        _ => Unit::count("record").map_err(unit_error),
    }
}

fn entity_unit(entity: &Entity) -> Result<Unit, MetricError> {
    let (Entity::Member {
        dimension: name, ..
    }
    | Entity::Attribute(name)) = entity;
    Ok(Unit::Count(name.clone()))
}

/// The currencies of a unit, in the order in which they stand.
fn currencies(unit: &Unit) -> Vec<crate::measure::Currency> {
    match unit {
        Unit::Money(currency) => vec![*currency],
        Unit::Per(top, bottom) => {
            let mut all = currencies(top);
            all.extend(currencies(bottom));
            all
        }
        _ => Vec::new(),
    }
}
