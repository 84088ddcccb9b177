//! Tables as weights: the sum of the cells that belong to each node.

use std::collections::BTreeMap;

use super::Resolver;
use crate::calendar::{DayRange, PeriodId, PeriodSet};
use crate::key::{Key, unknown};
use crate::plan::frame::SKIPPED;
use crate::plan::step::{Split, period_set};
use crate::plan::{BasisError, NodeId, PlanError, Table, TablePeriods, TableUse};
use crate::space::RowId;

impl Resolver<'_> {
    /// Returns the sum of the cells of a table that belong to each node.
    pub(super) fn table(&self, used: &TableUse) -> Result<Vec<i128>, PlanError> {
        let table = self.sources.tables.get(&used.table).ok_or_else(|| {
            let known = self.sources.tables.keys().map(Key::as_str);
            let (name, nearest, known) = unknown(used.table.as_str(), known);
            PlanError::UnknownSource {
                what: "table",
                name,
                nearest,
                known,
            }
        })?;
        let columns = self.columns(used, table)?;
        if !columns.iter().any(|column| column.step == self.step) {
            return Err(PlanError::Basis(BasisError::BlindBasis {
                table: used.table.clone(),
                step: self.frame.steps[self.step].name.clone(),
            }));
        }
        // Branches that leave steps out are matched by the steps that they have.
        let mut sums: BTreeMap<Vec<bool>, Sums> = BTreeMap::new();
        let mut weights = Vec::with_capacity(self.count());
        for parent in 0..self.frame.nodes(self.step) {
            let node = NodeId::new(self.step, parent);
            let above: Vec<u32> = columns
                .iter()
                .map(|column| self.frame.coord_at(node, column.step))
                .collect();
            for child in self.frame.levels[self.step].children(parent) {
                let own = self.frame.levels[self.step + 1].coords[child];
                let at = columns.iter().zip(&above).map(|(column, above)| {
                    if column.step == self.step {
                        own
                    } else {
                        *above
                    }
                });
                let at: Vec<u32> = at.collect();
                let present: Vec<bool> = at.iter().map(|coord| *coord != SKIPPED).collect();
                if !sums.contains_key(&present) {
                    let found =
                        Sums::new(&columns, &present, table).ok_or_else(|| self.too_fine(child))?;
                    sums.insert(present.clone(), found);
                }
                let found = sums.get(&present).and_then(|sums| sums.get(&at));
                weights.push(found.unwrap_or(0));
            }
        }
        Ok(weights)
    }

    /// Returns, for each step that a table tells something about, the member or period of each of its rows or periods.
    fn columns(&self, used: &TableUse, table: &Table) -> Result<Vec<Column>, PlanError> {
        let subjects = table.subjects();
        let mut columns = Vec::new();
        for step in 0..=self.step {
            match &self.frame.steps[step].split {
                Split::Member { dimension, level } => {
                    let members = &self.frame.dimensions[*dimension];
                    let axes = subjects.axes();
                    let Some(place) = axes
                        .iter()
                        .position(|axis| axis.dimension == members.dimension)
                    else {
                        continue;
                    };
                    let lowest = members.level(axes[place].level.as_str())?;
                    if !members.reaches(*level, lowest) {
                        if step < self.step {
                            continue;
                        }
                        return Err(PlanError::Basis(BasisError::TableTooCoarse {
                            table: used.table.clone(),
                            axis: axes[place].clone(),
                            step: self.frame.steps[step].name.clone(),
                        }));
                    }
                    let rows = (0..subjects.len()).map(|row| {
                        let member =
                            members.member(subjects.members(RowId::at(row))[place].as_str())?;
                        Ok(members.ancestor(*level, member))
                    });
                    columns.push(Column {
                        step,
                        time: false,
                        size: members.keys.len(),
                        coords: rows.collect::<Result<_, PlanError>>()?,
                    });
                }
                Split::Time(periods) => {
                    let Some(stand) = self.stand(used, table)? else {
                        continue;
                    };
                    let mut coords = Vec::with_capacity(stand.len());
                    for (ordinal, range) in stand.iter().enumerate() {
                        coords.push(match range {
                            None => SKIPPED,
                            Some(range) => periods.holding(*range).ok_or_else(|| {
                                PlanError::Basis(BasisError::TablePeriod {
                                    table: used.table.clone(),
                                    period: table
                                        .periods()
                                        .and_then(|set| set.label(PeriodId::at(ordinal)).cloned()),
                                    step: self.frame.steps[step].name.clone(),
                                })
                            })?,
                        });
                    }
                    columns.push(Column {
                        step,
                        time: true,
                        size: periods.ranges.len(),
                        coords,
                    });
                }
            }
        }
        Ok(columns)
    }

    /// Returns the days of the plan that each period of a table stands for, `None` for those outside the horizon; nothing
    /// at all where time does not count.
    fn stand(
        &self,
        used: &TableUse,
        table: &Table,
    ) -> Result<Option<Vec<Option<DayRange>>>, PlanError> {
        let set = || {
            table.periods().ok_or_else(|| {
                PlanError::Basis(BasisError::TableWithoutPeriods {
                    table: used.table.clone(),
                })
            })
        };
        let inside = |set: &PeriodSet| {
            (0..set.len())
                .map(|ordinal| {
                    set.range(PeriodId::at(ordinal))
                        .and_then(|range| range.intersection(self.def.horizon))
                })
                .collect::<Vec<_>>()
        };
        match &used.periods {
            TablePeriods::Total => Ok(None),
            TablePeriods::SameDays => Ok(Some(inside(set()?))),
            TablePeriods::InTurn(periods) => {
                let own = set()?;
                let plan = period_set(periods, self.def.horizon, self.sources)?;
                if own.len() != plan.len() {
                    return Err(PlanError::Basis(BasisError::PeriodsDiffer {
                        table: used.table.clone(),
                        found: own.len(),
                        set: plan.key().clone(),
                        periods: plan.len(),
                    }));
                }
                Ok(Some(inside(&plan)))
            }
        }
    }
}

/// What a table says of one step.
struct Column {
    step: usize,
    time: bool,
    /// How many members or periods there are.
    size: usize,
    /// The member of each row, or the ordinal of each period; [`SKIPPED`] outside the horizon.
    coords: Vec<u32>,
}

/// The sums of a table by members and periods, sorted.
struct Sums {
    /// Of each column, how far one member is from the next in a key; 0 for a column that does not count.
    strides: Vec<u128>,
    cells: Vec<(u128, i128)>,
}

impl Sums {
    fn new(columns: &[Column], present: &[bool], table: &Table) -> Option<Self> {
        let mut strides = vec![0; columns.len()];
        let mut size = 1_u128;
        for ((stride, column), present) in strides.iter_mut().zip(columns).zip(present).rev() {
            if *present {
                *stride = size;
                size = size.checked_mul(column.size.max(1) as u128)?;
            }
        }
        let part = |time: bool, place: usize| -> Option<u128> {
            let mut key = 0;
            for (column, stride) in columns.iter().zip(&strides) {
                if column.time == time {
                    let coord = column.coords[place];
                    if coord == SKIPPED {
                        return None;
                    }
                    key += u128::from(coord) * stride;
                }
            }
            Some(key)
        };
        let rows: Vec<Option<u128>> = table
            .subjects()
            .ids()
            .map(|row| part(false, row.index()))
            .collect();
        let timed = columns.iter().any(|column| column.time);
        let periods = table.periods().map_or(1, PeriodSet::len);
        let mut cells = Vec::new();
        for period in 0..periods {
            let Some(at) = (if timed { part(true, period) } else { Some(0) }) else {
                continue;
            };
            for (row, figure) in rows.iter().zip(table.period(period)) {
                if let Some(row) = row.filter(|_| *figure != 0) {
                    cells.push((row + at, *figure));
                }
            }
        }
        cells.sort_unstable_by_key(|cell| cell.0);
        let mut merged: Vec<(u128, i128)> = Vec::new();
        for (key, figure) in cells {
            match merged.last_mut() {
                Some(last) if last.0 == key => last.1 = last.1.checked_add(figure)?,
                _ => merged.push((key, figure)),
            }
        }
        Some(Self {
            strides,
            cells: merged,
        })
    }

    fn get(&self, at: &[u32]) -> Option<i128> {
        let parts = at
            .iter()
            .zip(&self.strides)
            .filter(|(_, stride)| **stride > 0);
        let key = parts
            .map(|(coord, stride)| u128::from(*coord) * stride)
            .sum();
        let place = self.cells.binary_search_by_key(&key, |cell| cell.0).ok()?;
        Some(self.cells[place].1)
    }
}
