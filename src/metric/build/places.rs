//! Which records, in which cells, with which values and entities: what every part asks.

use chrono::Datelike;

use crate::key::{Key, unknown};
use crate::ledger::DAY;
use crate::limits::Size;
use crate::measure::Unit;
use crate::metric::build::builder::{Builder, at_least_one_error};
use crate::metric::error::MetricError;
use crate::metric::filter::{DateColumn, Site, Source};
use crate::metric::grid::{Grid, GridKey};
use crate::metric::metric::{CreditUse, Entity, Selection, Timeframe, Value};
use crate::metric::moment::Clock;
use crate::metric::parts::{EntityColumn, EntityColumns, Selected};
use crate::metric::subject::Lookup;
use crate::quantity::Quantum;
use crate::space::{DimensionId, LevelId};

impl Builder<'_> {
    /// The positions of the selected kinds.
    pub(in crate::metric) fn selected(
        &self,
        metric: &Key,
        of: &Selection,
    ) -> Result<Vec<usize>, MetricError> {
        if of.kinds.is_empty() {
            return Err(MetricError::NoKind {
                metric: metric.clone(),
            });
        }
        let mut selected = Vec::with_capacity(of.kinds.len());
        for key in &of.kinds {
            let Some(at) = self.kinds().iter().position(|kind| kind.key() == key) else {
                let known = self.kinds().iter().map(|kind| kind.key().as_str());
                let (name, nearest, known) = unknown(key.as_str(), known);
                return Err(MetricError::UnknownKind {
                    metric: metric.clone(),
                    name,
                    nearest,
                    known,
                });
            };
            selected.push(at);
        }
        Ok(selected)
    }

    pub(in crate::metric) fn selection(
        &mut self,
        metric: &Key,
        of: &Selection,
    ) -> Result<usize, MetricError> {
        let known = self
            .parts
            .selections
            .iter()
            .position(|known| known.definition == *of);
        if let Some(known) = known {
            return Ok(known);
        }
        let selected = self.selected(metric, of)?;
        match of.window {
            Timeframe::Trailing(0) => return Err(at_least_one_error(metric, "trailing")),
            Timeframe::LastDays(0) => return Err(at_least_one_error(metric, "last_days")),
            Timeframe::TrailingDays(0) => return Err(at_least_one_error(metric, "trailing_days")),
            _ => {}
        }
        let grid = self.grid(metric, of, &selected)?;
        let schema = self.layout.schema();
        let mut kinds = vec![None; self.kinds().len()];
        for at in selected {
            let kind = &self.kinds()[at];
            kinds[at] = Some(
                Site {
                    metric,
                    schema,
                    kind,
                    until: self.layout.last_seen(),
                }
                .tests(&of.conditions)?,
            );
        }
        self.parts.selections.push(Selected {
            definition: of.clone(),
            grid,
            kinds,
        });
        Ok(self.parts.selections.len() - 1)
    }

    pub(in crate::metric) fn grid(
        &mut self,
        metric: &Key,
        of: &Selection,
        kinds: &[usize],
    ) -> Result<usize, MetricError> {
        let key = GridKey::of(of);
        let known = self.grids.iter().position(|grid| grid.key == key);
        let at = known.map_or_else(|| self.new_grid(key), Ok)?;
        let schema = self.layout.schema();
        for kind in kinds {
            if self.parts.places[at][*kind].is_some() {
                continue;
            }
            let compiled = &self.kinds()[*kind];
            let site = Site {
                metric,
                schema,
                kind: compiled,
                until: self.layout.last_seen(),
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
            let lookup = Lookup::new(self.layout, schema, compiled, &of.via)?;
            self.parts.places[at][*kind] = Some((lookup, date));
        }
        Ok(at)
    }

    pub(in crate::metric) fn new_grid(&mut self, key: GridKey) -> Result<usize, MetricError> {
        let grid = Grid::new(key, self.layout, self.lookback)?;
        let rows = self.layout.subjects().len() as u64 + 1;
        let cells = rows.saturating_mul(u64::from(grid.width()));
        // A number at least in each.
        let bytes = u128::from(cells).saturating_mul(8);
        self.layout.limits().check(Size::Bytes, bytes)?;
        // A record's own day lies in the ledger's span; its other days may be any.
        let clock = match &grid.key.date {
            Some(date) if *date != *DAY => Clock::any(cells),
            _ => Clock::within(self.layout.schema().span(), cells),
        };
        self.parts.clocks.push(clock);
        self.parts.places.push(vec![None; self.kinds().len()]);
        self.grids.push(grid);
        Ok(self.grids.len() - 1)
    }

    /// The value in each selected kind; all must agree on its quantum and unit.
    pub(in crate::metric) fn sources(
        &self,
        metric: &Key,
        value: &Value,
        of: &Selection,
    ) -> Result<(Vec<Option<Source>>, Quantum, Unit), MetricError> {
        let schema = self.layout.schema();
        let mut sources = vec![None; self.kinds().len()];
        let mut agreed: Option<(Quantum, Unit)> = None;
        for at in self.selected(metric, of)? {
            let (source, quantum, unit) = Site {
                metric,
                schema,
                kind: &self.kinds()[at],
                until: self.layout.last_seen(),
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

    /// The same for figures of single records: of the whole record, where members may share it.
    pub(in crate::metric) fn wholes(
        &self,
        sources: Vec<Option<Source>>,
        of: &Selection,
    ) -> Vec<Option<Source>> {
        if of.credit == CreditUse::Overlay {
            return sources;
        }
        let kinds = sources.into_iter().zip(self.kinds());
        let whole = kinds.map(|(source, kind)| match kind.credit {
            Some(_) => source.map(Source::of_record),
            None => source,
        });
        whole.collect()
    }

    pub(in crate::metric) fn entity(
        &mut self,
        metric: &Key,
        entity: &Entity,
        of: &Selection,
    ) -> Result<usize, MetricError> {
        let known = &self.parts.entities;
        let known = known.iter().position(|known| known.definition == *entity);
        let at = known.unwrap_or_else(|| {
            self.parts.entities.push(EntityColumns {
                definition: entity.clone(),
                kinds: vec![None; self.kinds().len()],
                members: None,
            });
            self.parts.entities.len() - 1
        });
        let schema = self.layout.schema();
        for kind in self.selected(metric, of)? {
            if self.parts.entities[at].kinds[kind].is_some() {
                continue;
            }
            let compiled = &self.kinds()[kind];
            let site = Site {
                metric,
                schema,
                kind: compiled,
                until: self.layout.last_seen(),
            };
            let column = match entity {
                Entity::Day => {
                    let span = schema.span();
                    let days = usize::try_from(span.days()).unwrap_or(usize::MAX);
                    self.parts.entities[at].members = Some(days.saturating_add(1));
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
                    self.parts.entities[at].members = Some(known.len());
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
            self.parts.entities[at].kinds[kind] = Some(column);
        }
        Ok(at)
    }

    pub(in crate::metric) fn same_dimension(
        &self,
        metric: &Key,
        entity: usize,
        field: &Key,
        dimension: DimensionId,
    ) -> Result<(), MetricError> {
        let space = self.layout.schema().space();
        let known = self.parts.entities[entity].kinds.iter().zip(self.kinds());
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
