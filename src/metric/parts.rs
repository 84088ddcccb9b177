//! The parts of a plan: each is made once, whichever metrics ask for it.

use chrono::Datelike;

use super::MetricError;
use super::compile::{Builder, Made, at_least_one_error, count_unit, entity_unit};
use super::definition::{
    Age, Condition, Empty, Entities, Entity, First, Placed, QuantileMethod, Scope, Selection,
    Value, Valued, Window,
};
use super::filter::{DateColumn, Site, Source};
use super::grid::{Grid, GridKey};
use super::moment::Clock;
use super::plan::Plan;
use super::program::{
    Bank, CountLane, Drawn, End, EntityColumn, EntityColumns, EntityPart, GapFigure, HeldPart,
    Node, OpenColumns, OpenPart, PairPart, Question, Selected, Summed, Tally, TrailPart, Trailed,
    ValuePart, WaitingFigure,
};
use super::store::{COUNTS, SUMS};
use super::subject::Lookup;
use crate::key::{Key, nearest};
use crate::ledger::{DAY, Need};
use crate::measure::Unit;
use crate::quantity::{Quantum, Ratio};
use crate::space::{DimensionId, LevelId};

impl Builder<'_> {
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
        let at = known.map_or_else(|| self.new_grid(key), Ok)?;
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

    fn new_grid(&mut self, key: GridKey) -> Result<usize, MetricError> {
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
        Ok(self.grids.len() - 1)
    }

    pub(super) fn tally(&mut self, metric: &Key, of: &Selection) -> Result<usize, MetricError> {
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
        let (bank, lane) = place_count(&mut self.program.banks, grid, part);
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

    pub(super) fn sum(&mut self, metric: &Key, of: &Valued) -> Result<Made, MetricError> {
        if let Some(from) = self.drawn(metric, &of.value, &of.of)? {
            let figure = GapFigure::Sum;
            return Ok((Node::Gaps { from, figure }, Unit::Day));
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
        let (bank, lane) = place_sum(&mut self.program.banks, grid, Summed::Value(part));
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
                Value::Days { .. } | Value::Gap { .. } | Value::Until { .. } => false,
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

    pub(super) fn mean(&mut self, metric: &Key, of: &Valued) -> Result<Made, MetricError> {
        if let Some(from) = self.drawn(metric, &of.value, &of.of)? {
            let figure = GapFigure::Mean;
            return Ok((Node::Gaps { from, figure }, Unit::Day));
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

    pub(super) fn extreme(
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
        let part = value_part(&mut self.program.extremes, selection, &of.value, sources);
        Ok((Node::Extreme { part, end, quantum }, unit))
    }

    pub(super) fn since(&mut self, metric: &Key, of: &Selection) -> Result<Made, MetricError> {
        let mut of = of.clone();
        if of.window == Window::Period {
            of.window = Window::AsOf;
        }
        let date = match &of.date {
            Some(date) => date.clone(),
            None => Key::new(DAY)?,
        };
        let mut sources = vec![None; self.kinds().len()];
        for at in self.selected(metric, &of)? {
            let site = Site {
                metric,
                schema: self.frame.schema(),
                kind: &self.kinds()[at],
            };
            sources[at] = Some(Source::Day(site.date(&date)?));
        }
        let selection = self.selection(metric, &of)?;
        let value = Value::Days {
            from: date.clone(),
            to: date,
        };
        let part = value_part(&mut self.program.extremes, selection, &value, sources);
        Ok((Node::Since(part), Unit::Day))
    }

    pub(super) fn quantile(
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

    pub(super) fn last(
        &mut self,
        metric: &Key,
        value: &Value,
        entity: &Entity,
        of: &Selection,
    ) -> Result<Made, MetricError> {
        if of.window != Window::Period {
            return Err(MetricError::WindowNotPeriod {
                metric: metric.clone(),
            });
        }
        // The last value may be older than the period.
        let ever = of.clone().in_window(Window::AsOf);
        let (part, quantum, unit) = self.held(metric, Some(value), entity, &ever, Held::Last)?;
        Ok((Node::Last { part, quantum }, unit))
    }

    pub(super) fn held(
        &mut self,
        metric: &Key,
        value: Option<&Value>,
        entity: &Entity,
        of: &Selection,
        held: Held,
    ) -> Result<(usize, Quantum, Unit), MetricError> {
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
        let parts = match held {
            Held::Sum => &mut self.program.holdings,
            Held::Last => &mut self.program.lasts,
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

    pub(super) fn open(
        &mut self,
        metric: &Key,
        value: Option<&Value>,
        of: &Selection,
        until: &Key,
        age: Option<&Age>,
    ) -> Result<Made, MetricError> {
        if of.window != Window::Period {
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
        let schema = self.frame.schema();
        let mut kinds = vec![None; self.kinds().len()];
        for at in self.selected(metric, of)? {
            let site = Site {
                metric,
                schema,
                kind: &self.kinds()[at],
            };
            let since = age.map(|age| site.date(&age.since)).transpose()?;
            kinds[at] = Some(OpenColumns {
                source: sources[at],
                until: site.date(until)?,
                since,
            });
        }
        let opens = &mut self.program.opens;
        let known = opens.iter().position(|known| {
            known.selection == selection
                && known.value.as_ref() == value
                && known.until == *until
                && known.age.as_ref() == age
                && known.kinds == kinds
        });
        let part = known.unwrap_or_else(|| {
            let (value, age) = (value.cloned(), age.cloned());
            opens.push(OpenPart {
                selection,
                value,
                until: until.clone(),
                age,
                kinds,
            });
            opens.len() - 1
        });
        Ok((Node::Open { part, quantum }, unit))
    }

    pub(super) fn open_age(
        &mut self,
        metric: &Key,
        of: &Selection,
        until: &Key,
        since: &Key,
    ) -> Result<Made, MetricError> {
        let age = Age {
            since: since.clone(),
            at_least: None,
            at_most: None,
        };
        let (count, _) = self.open(metric, None, of, until, Some(&age))?;
        let Node::Open { part: count, .. } = count else {
            return Err(MetricError::PlanMismatch);
        };
        let known = self.program.opens[count].clone();
        let mut kinds = known.kinds;
        for columns in kinds.iter_mut().flatten() {
            columns.source = columns.since.map(Source::Day);
        }
        // The days from a date to a day sum up to that day times their number less the sum of the dates.
        let value = Value::Days {
            from: since.clone(),
            to: since.clone(),
        };
        let opens = &mut self.program.opens;
        opens.push(OpenPart {
            value: Some(value),
            kinds,
            ..known
        });
        let since = opens.len() - 1;
        Ok((Node::OpenAge { count, since }, Unit::Day))
    }

    /// What is known only once all records are there: gaps, and the days from one record to another.
    fn drawn(
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

    fn pair(
        &mut self,
        metric: &Key,
        (of, end): (&Selection, &Selection),
        by: &Entity,
        placed: Placed,
    ) -> Result<usize, MetricError> {
        if end.window != Window::Period {
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
        let pairs = &mut self.program.pairs;
        Ok(pairs
            .iter()
            .position(|known| *known == part)
            .unwrap_or_else(|| {
                pairs.push(part);
                pairs.len() - 1
            }))
    }

    pub(super) fn waiting(
        &mut self,
        metric: &Key,
        (of, end): (&Selection, &Selection),
        by: &Entity,
        figure: WaitingFigure,
    ) -> Result<Made, MetricError> {
        if of.window != Window::Period {
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

    fn trail(
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
        let trails = &mut self.program.trails;
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

    pub(super) fn presence(&mut self, metric: &Key, of: &Entities) -> Result<usize, MetricError> {
        let selection = self.selection(metric, &of.of)?;
        let entity = self.entity(metric, &of.entity, &of.of)?;
        Ok(entity_part(&mut self.program.presences, selection, entity))
    }

    pub(super) fn by_period(&mut self, metric: &Key, of: &Entities) -> Result<usize, MetricError> {
        if of.of.window != Window::Period {
            return Err(MetricError::WindowNotPeriod {
                metric: metric.clone(),
            });
        }
        self.presence(metric, of)
    }

    pub(super) fn ask(
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
        let unit = entity_unit(entity);
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
        let known = &self.program.entities;
        let known = known.iter().position(|known| known.definition == *entity);
        let at = known.unwrap_or_else(|| {
            self.program.entities.push(EntityColumns {
                definition: entity.clone(),
                kinds: vec![None; self.kinds().len()],
                members: None,
            });
            self.program.entities.len() - 1
        });
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
                Entity::Day => {
                    let span = schema.span();
                    let days = usize::try_from(span.days()).unwrap_or(usize::MAX);
                    self.program.entities[at].members = Some(days.saturating_add(1));
                    EntityColumn::Day {
                        first: span.start().num_days_from_ce(),
                    }
                }
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
                    first: space.own(kind.dimensions[*column]).key().clone(),
                    second: space.own(dimension).key().clone(),
                });
            }
        }
        Ok(())
    }
}

/// What of an entity's values is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Held {
    Sum,
    Last,
}

/// Finds a free lane for a count in a bank of the grid, or else among the places for sums that a record touches anyway, or
/// opens a bank.
fn place_count(banks: &mut Vec<Bank>, grid: usize, part: usize) -> (usize, CountLane) {
    let own = |bank: &Bank| bank.grid == grid;
    if let Some(at) = banks
        .iter()
        .position(|bank| own(bank) && bank.counts.len() < COUNTS)
    {
        banks[at].counts.push(part);
        return (at, CountLane::Count(banks[at].counts.len() - 1));
    }
    if let Some(at) = banks
        .iter()
        .position(|bank| own(bank) && (1..SUMS).contains(&bank.sums.len()))
    {
        banks[at].sums.push(Summed::Tally(part));
        return (at, CountLane::Sum(banks[at].sums.len() - 1));
    }
    banks.push(Bank {
        grid,
        counts: vec![part],
        sums: Vec::new(),
    });
    (banks.len() - 1, CountLane::Count(0))
}

/// Finds a free lane for a sum in a bank of the grid, or opens a bank.
fn place_sum(banks: &mut Vec<Bank>, grid: usize, part: Summed) -> (usize, usize) {
    let free = banks
        .iter()
        .position(|bank| bank.grid == grid && bank.sums.len() < SUMS);
    let at = free.unwrap_or_else(|| {
        banks.push(Bank {
            grid,
            counts: Vec::new(),
            sums: Vec::new(),
        });
        banks.len() - 1
    });
    banks[at].sums.push(part);
    (at, banks[at].sums.len() - 1)
}

fn value_part(
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
