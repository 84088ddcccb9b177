//! Tables as weights: the sum of the cells that belong to each node.

use std::collections::BTreeMap;

use super::{Missing, Raw, Resolver};
use crate::calendar::{DayRange, PeriodId, PeriodSet};
use crate::key::{Key, unknown};
use crate::plan::days::{ALL_DAYS, DaySets};
use crate::plan::frame::{SKIPPED, eras_of};
use crate::plan::step::{Split, period_set};
use crate::plan::{BasisError, MissingMember, NodeId, PlanError, Table, TablePeriods, TableUse};
use crate::quantity::Ratio;
use crate::space::RowId;

impl Resolver<'_> {
    /// Returns the sum of the cells of a table that belong to each node, and for which nodes it has no figure.
    pub(super) fn table(&self, used: &TableUse) -> Result<Raw, PlanError> {
        self.table_of(used, &|_| true)
    }

    /// The same, where figures of some nodes of the step alone are asked for.
    pub(super) fn table_of(
        &self,
        used: &TableUse,
        asked: &dyn Fn(NodeId) -> bool,
    ) -> Result<Raw, PlanError> {
        let table = self.find_table(used)?;
        let mut sets = DaySets::new(self.def.horizon);
        let entries = self.entries(table, &mut sets)?;
        let columns = self.columns(used, table, &entries)?;
        let known = self.known(table, &entries, &columns);
        let (nobodys, missing) = self.missing(used, known.as_deref(), asked)?;
        let (scale, stated) = stated(used, table)?;
        let dated = self.is_dated();
        // Branches that leave steps out are matched by the steps that they have.
        let mut sums: BTreeMap<Vec<bool>, Sums> = BTreeMap::new();
        let mut weights = Vec::with_capacity(self.count());
        let mut parts: Vec<Vec<(u32, i128)>> = Vec::new();
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
                    let found = Sums::new(&columns, &present, table, (&entries, dated), scale)
                        .ok_or_else(|| self.too_fine(child))?;
                    sums.insert(present.clone(), found);
                }
                let found = sums.get(&present).map_or(&[][..], |sums| sums.get(&at));
                if dated {
                    parts.push(
                        found
                            .iter()
                            .map(|(_, set, figure)| (*set, *figure))
                            .collect(),
                    );
                } else {
                    // Every cell is of all days, so that there is one sum.
                    weights.push(found.first().map_or(0, |(_, _, figure)| *figure));
                }
            }
        }
        if let Some(stated) = stated {
            for own in &missing {
                if dated {
                    parts[own.index] = vec![(ALL_DAYS, stated)];
                } else {
                    weights[own.index] = stated;
                }
            }
        }
        if dated {
            weights = self.by_share(|child, share| {
                let parts = parts[child].iter();
                parts
                    .map(|(set, figure)| Ok((*figure, share(Some(sets.get(*set)))?)))
                    .collect()
            })?;
        }
        Ok(Raw {
            weights,
            missing,
            nobodys,
        })
    }

    /// Returns of which members of the step a table has a figure; none where the step splits by periods.
    fn known(&self, table: &Table, entries: &[Entry], columns: &[Column]) -> Option<Vec<bool>> {
        let mut own = columns.iter();
        let column = own.find(|column| column.step == self.step && !column.time)?;
        let mut known = vec![false; column.size];
        for (entry, coord) in entries.iter().zip(&column.coords) {
            if let Some(known) = known.get_mut(*coord as usize) {
                *known |= table.known()[entry.row];
            }
        }
        Some(known)
    }

    /// Returns the nodes of the step for whose member a table has no figure, those that are nobody's apart; refused where the use of the
    /// table says so.
    fn missing(
        &self,
        used: &TableUse,
        known: Option<&[bool]>,
        asked: &dyn Fn(NodeId) -> bool,
    ) -> Result<(Vec<usize>, Vec<Missing>), PlanError> {
        let Some(known) = known else {
            return Ok((Vec::new(), Vec::new()));
        };
        let coords = &self.frame.levels[self.step + 1].coords;
        let is_missing = |index: &usize| {
            let coord = coords[*index];
            coord != SKIPPED && !known.get(coord as usize).copied().unwrap_or(false)
        };
        let is_asked = |index: &usize| asked(NodeId::new(self.step + 1, *index));
        let found = (0..coords.len()).filter(is_missing).filter(is_asked);
        let (nobodys, missing): (Vec<usize>, Vec<usize>) =
            found.partition(|index| self.is_nobodys(*index));
        if used.missing == MissingMember::Refuse && !missing.is_empty() {
            let names = missing.iter().filter_map(|index| {
                let node = NodeId::new(self.step + 1, *index);
                self.frame.name(node).cloned()
            });
            let mut members: Vec<Key> = Vec::new();
            for name in names {
                if !members.contains(&name) {
                    members.push(name);
                }
            }
            return Err(PlanError::Basis(BasisError::MissingMembers {
                table: used.table.clone(),
                step: self.frame.steps[self.step].name.clone(),
                members,
            }));
        }
        let missing = missing.into_iter().map(|index| Missing {
            index,
            table: used.table.clone(),
            weight: used.missing,
            open: true,
        });
        Ok((nobodys, missing.collect()))
    }

    pub(super) fn find_table(&self, used: &TableUse) -> Result<&Table, PlanError> {
        self.sources.tables.get(&used.table).ok_or_else(|| {
            let known = self.sources.tables.keys().map(Key::as_str);
            let (name, nearest, known) = unknown(used.table.as_str(), known);
            PlanError::UnknownSource {
                what: "table",
                name,
                nearest,
                known,
            }
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

    /// Returns, for each step that a table tells something about, the member or period of each of its rows or periods; refused
    /// where it tells nothing of the step itself.
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
        if !columns.iter().any(|column| column.step == self.step) {
            return Err(PlanError::Basis(BasisError::BlindBasis {
                table: used.table.clone(),
                step: self.frame.steps[self.step].name.clone(),
            }));
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
    /// Sums the figures, each times `scale`; where days do not count, each row once, whatever times it has.
    fn new(
        columns: &[Column],
        present: &[bool],
        table: &Table,
        (entries, dated): (&[Entry], bool),
        scale: i128,
    ) -> Option<Self> {
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
            let mut seen = (usize::MAX, Vec::new());
            for (row, entry) in rows.iter().zip(entries) {
                let figure = figures.get(entry.row).copied().unwrap_or(0);
                let Some(row) = row.filter(|_| figure != 0) else {
                    continue;
                };
                let mut set = entry.set;
                if !dated {
                    set = ALL_DAYS;
                    // The times of one row stand together.
                    if seen.0 != entry.row {
                        seen = (entry.row, Vec::new());
                    }
                    if seen.1.contains(&row) {
                        continue;
                    }
                    seen.1.push(row);
                }
                cells.push((row + at, set, figure.checked_mul(scale)?));
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

/// Returns by what figures are multiplied so that a weight that is stated for whoever has none is whole beside them, and that
/// weight.
pub(super) fn stated(used: &TableUse, table: &Table) -> Result<(i128, Option<i128>), PlanError> {
    let MissingMember::Weight(weight) = used.missing else {
        return Ok((1, None));
    };
    let ratio = Ratio::from(weight).checked_div(table.unit())?;
    Ok((ratio.denominator(), Some(ratio.numerator())))
}
