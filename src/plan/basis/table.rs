//! Tables as weights: the sum of the cells that belong to each node.

use std::collections::BTreeMap;

use super::Resolver;
use crate::calendar::{DayRange, PeriodId, PeriodSet};
use crate::key::{Key, unknown};
use crate::plan::days::{ALL_DAYS, DaySets};
use crate::plan::frame::{SKIPPED, eras_of};
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
        let mut sets = DaySets::new(self.def.horizon);
        let entries = self.entries(table, &mut sets)?;
        let columns = self.columns(used, table, &entries)?;
        if !columns.iter().any(|column| column.step == self.step) {
            return Err(PlanError::Basis(BasisError::BlindBasis {
                table: used.table.clone(),
                step: self.frame.steps[self.step].name.clone(),
            }));
        }
        // Branches that leave steps out are matched by the steps that they have.
        let mut sums: BTreeMap<Vec<bool>, Sums> = BTreeMap::new();
        let mut weights = Vec::with_capacity(self.count());
        let mut dated: Vec<Vec<(u32, i128)>> = Vec::new();
        for parent in 0..self.frame.count(self.step) {
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
                    let found = Sums::new(&columns, &present, table, &entries)
                        .ok_or_else(|| self.too_fine(child))?;
                    sums.insert(present.clone(), found);
                }
                let found = sums.get(&present).map_or(&[][..], |sums| sums.get(&at));
                if self.frame.planned.is_some() {
                    dated.push(
                        found
                            .iter()
                            .map(|(_, set, figure)| (*set, *figure))
                            .collect(),
                    );
                } else {
                    // Without eras every cell is of all days, so that there is one sum.
                    weights.push(found.first().map_or(0, |(_, _, figure)| *figure));
                }
            }
        }
        if self.frame.planned.is_none() {
            return Ok(weights);
        }
        self.by_share(|child, share| {
            let parts = dated[child].iter();
            parts
                .map(|(set, figure)| Ok((*figure, share(Some(sets.get(*set)))?)))
                .collect()
        })
    }

    /// Returns the rows of a table, one for each time in which all of its members belong to the same parents.
    fn entries(&self, table: &Table, sets: &mut DaySets) -> Result<Vec<Entry>, PlanError> {
        let subjects = table.subjects();
        let mut dimensions = Vec::new();
        for (number, members) in self.frame.dimensions.iter().enumerate() {
            let axes = subjects.axes().iter();
            let found = axes
                .clone()
                .position(|axis| axis.dimension == members.dimension);
            dimensions.extend(found.map(|axis| (number, axis)));
        }
        let moving = dimensions
            .iter()
            .any(|(number, _)| self.frame.dimensions[*number].moves());
        let mut entries = Vec::with_capacity(subjects.len());
        for row in 0..subjects.len() {
            if !moving {
                entries.push(Entry {
                    row,
                    set: ALL_DAYS,
                    eras: BTreeMap::new(),
                });
                continue;
            }
            let mut named = BTreeMap::new();
            for (number, axis) in &dimensions {
                let members = &self.frame.dimensions[*number];
                let member = members.member(subjects.members(RowId::at(row))[*axis].as_str())?;
                named.insert(*number, member);
            }
            let eras = eras_of(self.frame, &named, sets);
            entries.extend(eras.into_iter().map(|(eras, set)| Entry { row, set, eras }));
        }
        Ok(entries)
    }

    /// Returns, for each step that a table tells something about, the member or period of each of its rows or periods.
    fn columns(
        &self,
        used: &TableUse,
        table: &Table,
        entries: &[Entry],
    ) -> Result<Vec<Column>, PlanError> {
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
                    let rows = entries.iter().map(|entry| {
                        let member = members
                            .member(subjects.members(RowId::at(entry.row))[place].as_str())?;
                        let era = entry.eras.get(dimension).copied().unwrap_or(0);
                        Ok(members.ancestor_in(*level, member, era))
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

/// A row of a table in a time in which its members belong to the same parents.
struct Entry {
    row: usize,
    /// The set of its days.
    set: u32,
    /// The era of its member in each dimension in which somebody moves.
    eras: BTreeMap<usize, usize>,
}

/// What a table says of one step.
struct Column {
    step: usize,
    time: bool,
    /// How many members or periods there are.
    size: usize,
    /// The member of each entry, or the ordinal of each period; [`SKIPPED`] outside the horizon.
    coords: Vec<u32>,
}

/// The sums of a table by members and periods, sorted.
struct Sums {
    /// Of each column, how far one member is from the next in a key; 0 for a column that does not count.
    strides: Vec<u128>,
    /// By key and set of days.
    cells: Vec<(u128, u32, i128)>,
}

impl Sums {
    fn new(columns: &[Column], present: &[bool], table: &Table, entries: &[Entry]) -> Option<Self> {
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
        let rows: Vec<Option<u128>> = (0..entries.len()).map(|entry| part(false, entry)).collect();
        let timed = columns.iter().any(|column| column.time);
        let periods = table.periods().map_or(1, PeriodSet::len);
        let mut cells = Vec::new();
        for period in 0..periods {
            let Some(at) = (if timed { part(true, period) } else { Some(0) }) else {
                continue;
            };
            let figures = table.period(period);
            for (row, entry) in rows.iter().zip(entries) {
                let figure = figures.get(entry.row).copied().unwrap_or(0);
                if let Some(row) = row.filter(|_| figure != 0) {
                    cells.push((row + at, entry.set, figure));
                }
            }
        }
        cells.sort_unstable_by_key(|cell| (cell.0, cell.1));
        let mut merged: Vec<(u128, u32, i128)> = Vec::new();
        for (key, set, figure) in cells {
            match merged.last_mut() {
                Some(last) if (last.0, last.1) == (key, set) => {
                    last.2 = last.2.checked_add(figure)?;
                }
                _ => merged.push((key, set, figure)),
            }
        }
        Some(Self {
            strides,
            cells: merged,
        })
    }

    /// Returns the cells at these members and periods, one for each set of days.
    fn get(&self, at: &[u32]) -> &[(u128, u32, i128)] {
        let parts = at
            .iter()
            .zip(&self.strides)
            .filter(|(_, stride)| **stride > 0);
        let key: u128 = parts
            .map(|(coord, stride)| u128::from(*coord) * stride)
            .sum();
        let start = self.cells.partition_point(|cell| cell.0 < key);
        let count = self.cells[start..]
            .iter()
            .take_while(|cell| cell.0 == key)
            .count();
        &self.cells[start..start + count]
    }
}
