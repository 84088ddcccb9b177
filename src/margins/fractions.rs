//! Real values as a whole part and a fraction, so that large values lose nothing of their fraction.

use super::cells::{Cell, Cells};
use super::laplacian::shares;
use super::real::{at, id, real, whole};
use super::{Fit, Marginal, MarginsError, Orientation, TwoWay};

/// A table of real values, row by row: `whole + part` with `0 <= part < 1`.
#[derive(Debug, Clone)]
pub(super) struct Fractions {
    pub(super) starts: Vec<usize>,
    pub(super) columns: Vec<u32>,
    pub(super) whole: Vec<i64>,
    pub(super) part: Vec<f64>,
}

/// The values of the nodes of one side, split alike; a node whose total is settled has no fraction.
#[derive(Debug, Clone)]
pub(super) struct NodeValues {
    pub(super) whole: Vec<i64>,
    pub(super) part: Vec<f64>,
    /// The whole table, rounded down unless it is settled.
    pub(super) total: i64,
}

/// A value this near to a whole number is taken for it: all such steps together move a table of `count` cells or nodes
/// by less than a tenth of a quantum.
pub(super) fn nearness(count: usize) -> f64 {
    (0.1 / real(i64::try_from(count.max(1)).unwrap_or(i64::MAX))).min(1e-6)
}

/// Splits a value that is not negative, with values near a whole number taken for it.
#[inline]
pub(super) fn split(value: f64, near: f64) -> (i64, f64) {
    let down = whole(value + near);
    let part = value - real(down);
    (down, if part > near { part } else { 0.0 })
}

/// Splits a value that is not positive into the whole number below it and the rest.
#[inline]
fn split_below(value: f64, near: f64) -> (i64, f64) {
    let (whole, part) = split(-value, near);
    if part > 0.0 {
        (-whole - 1, 1.0 - part)
    } else {
        (-whole, 0.0)
    }
}

impl Fractions {
    /// The values of a fit; on tables too large for 53 bits, corrected until the margins balance.
    pub(super) fn of(fit: &Fit<'_>) -> Result<Self, MarginsError> {
        let is_balanced = fit.error() <= 0.25 && fit.stated.total < 1 << 44;
        let made;
        let cells = match &fit.cells {
            Some(cells) => cells,
            None if is_balanced => return Ok(Self::plain(fit)),
            None => {
                made = fit.every_cell();
                &made
            }
        };
        let count = cells.cells.len();
        let near = nearness(count);
        let mut found = Self {
            starts: cells.starts.clone(),
            columns: cells.cells.iter().map(|cell| cell.column).collect(),
            whole: Vec::with_capacity(count),
            part: Vec::with_capacity(count),
        };
        for row in 0..cells.rows() {
            for cell in cells.row(row) {
                let (whole, part) = if cell.is_fixed() {
                    (if cell.falls { -cell.least } else { cell.least }, 0.0)
                } else if cell.falls {
                    split_below(cell.value(), near)
                } else {
                    split(cell.value(), near)
                };
                found.whole.push(whole);
                found.part.push(part);
            }
        }
        if !is_balanced {
            found.balance(fit, cells)?;
            for (whole, part) in found.whole.iter_mut().zip(&mut found.part) {
                if *part <= near {
                    *part = 0.0;
                } else if *part >= 1.0 - near {
                    (*whole, *part) = (whole.saturating_add(1), 0.0);
                }
            }
        }
        Ok(found)
    }

    /// The values of a full table without bounds.
    fn plain(fit: &Fit<'_>) -> Self {
        let grid = &fit.stated.seed.grid;
        let near = nearness(grid.values.len());
        let (starts, columns) = every_column(grid.rows, grid.columns);
        let (mut whole, mut part) = (
            Vec::with_capacity(columns.len()),
            Vec::with_capacity(columns.len()),
        );
        for (weights, factor) in grid.values.chunks_exact(grid.columns).zip(&fit.row_factors) {
            for (weight, column_factor) in weights.iter().zip(&fit.column_factors) {
                let (down, rest) = split(weight * (factor * column_factor), near);
                whole.push(down);
                part.push(rest);
            }
        }
        Self {
            starts,
            columns,
            whole,
            part,
        }
    }

    /// Adds up whole parts by line.
    pub(super) fn line_sums(&self, axis: Orientation, lines: usize) -> Vec<i64> {
        let mut sums = vec![0_i64; lines];
        for row in 0..self.starts.len() - 1 {
            for cell in self.starts[row]..self.starts[row + 1] {
                let line = match axis {
                    Orientation::Rows => row,
                    Orientation::Columns => at(self.columns[cell]),
                };
                // A line of a fitted table is at most its total, which fits; of any other, adding is checked earlier.
                sums[line] = sums[line].saturating_add(self.whole[cell]);
            }
        }
        sums
    }

    /// The values of the nodes of a side, from the cells up; settled totals stand as they are.
    pub(super) fn node_values(&self, axis: Orientation, side: &Marginal, total: i64) -> NodeValues {
        let mut whole_sums = vec![0_i64; side.nodes().len()];
        let mut part_sums = vec![0.0_f64; side.nodes().len()];
        for row in 0..self.starts.len() - 1 {
            for cell in self.starts[row]..self.starts[row + 1] {
                let line = match axis {
                    Orientation::Rows => row,
                    Orientation::Columns => at(self.columns[cell]),
                };
                let leaf = side.leaves()[line];
                whole_sums[leaf] = whole_sums[leaf].saturating_add(self.whole[cell]);
                part_sums[leaf] += self.part[cell];
            }
        }
        let near = nearness(side.nodes().len());
        for node in (0..side.nodes().len()).rev() {
            if let Some(above) = side.nodes()[node].parent() {
                whole_sums[above] = whole_sums[above].saturating_add(whole_sums[node]);
                part_sums[above] += part_sums[node];
            }
        }
        for (node, known) in side.known().iter().enumerate() {
            // Parts are never negative, whatever the sign of the values.
            let (more, part) = split(part_sums[node], near);
            (whole_sums[node], part_sums[node]) = match known {
                Some(total) => (*total, 0.0),
                None => (whole_sums[node].saturating_add(more), part),
            };
        }
        NodeValues {
            whole: whole_sums,
            part: part_sums,
            total,
        }
    }

    /// Spreads what each line is off over its free cells, until all together are off by less than half a quantum: in
    /// proportion at first, and where that does not do, over all lines at once. Whole and fractional parts are kept apart, so
    /// this reaches below what 53 bits show of a large value.
    fn balance(&mut self, fit: &Fit<'_>, cells: &Cells) -> Result<(), MarginsError> {
        let stated = &fit.stated;
        let mut off = f64::INFINITY;
        if stated.is_positive() {
            for _ in 0..MOST_SPREADS {
                off = 0.0;
                for axis in [Orientation::Rows, Orientation::Columns] {
                    off += self.spread(stated, cells, axis);
                }
                if off < 0.5 {
                    return Ok(());
                }
            }
        }
        for _ in 0..MOST_CORRECTIONS {
            off = self.correct(stated, cells);
            if off < 0.5 {
                return Ok(());
            }
        }
        Err(MarginsError::NotConverged {
            rounds: fit.rounds(),
            error: off.to_string(),
        })
    }

    /// What the parts of one side lack, and the sizes of their cells that can give way.
    fn lacking(&self, stated: &TwoWay, cells: &Cells, axis: Orientation) -> (Vec<f64>, Vec<f64>) {
        let (side, totals) = match axis {
            Orientation::Rows => (&stated.rows, &stated.row_totals),
            Orientation::Columns => (&stated.columns, &stated.column_totals),
        };
        let mut whole: Vec<i128> = totals.iter().map(|t| i128::from(*t)).collect();
        let mut part = vec![0.0_f64; totals.len()];
        let mut free = vec![0.0_f64; totals.len()];
        for row in 0..cells.rows() {
            for index in cells.starts[row]..cells.starts[row + 1] {
                let cell = &cells.cells[index];
                let line = side.stratum_ids()[match axis {
                    Orientation::Rows => row,
                    Orientation::Columns => at(cell.column),
                }];
                whole[line] -= i128::from(self.whole[index]);
                part[line] -= self.part[index];
                if gives_way(cell, self.whole[index], self.part[index]) {
                    free[line] += (real(self.whole[index]) + self.part[index]).abs();
                }
            }
        }
        let lacking = whole.iter().zip(&part);
        let lacking =
            lacking.map(|(whole, part)| real(i64::try_from(*whole).unwrap_or(i64::MAX)) + part);
        (lacking.collect(), free)
    }

    /// Adds to a cell and keeps it inside its bounds.
    fn add(&mut self, index: usize, cell: &Cell, change: f64) {
        let moved = self.part[index] + change;
        let step = moved.floor();
        let whole = self.whole[index].saturating_add(super::real::floored(step));
        let (low, high) = cell.ends();
        (self.whole[index], self.part[index]) = if whole < low {
            (low, 0.0)
        } else if whole >= high {
            (high, 0.0)
        } else {
            (whole, moved - step)
        };
    }

    /// Spreads what each line of one side is off over its own cells, and returns how much that was.
    fn spread(&mut self, stated: &TwoWay, cells: &Cells, axis: Orientation) -> f64 {
        let (lacking, free) = self.lacking(stated, cells, axis);
        let side = stated.marginal(axis).stratum_ids();
        for row in 0..cells.rows() {
            for index in cells.starts[row]..cells.starts[row + 1] {
                let cell = &cells.cells[index];
                let line = side[match axis {
                    Orientation::Rows => row,
                    Orientation::Columns => at(cell.column),
                }];
                let (whole, part) = (self.whole[index], self.part[index]);
                if gives_way(cell, whole, part) {
                    let share = (real(whole) + part) / free[line];
                    self.add(index, cell, lacking[line] * share);
                }
            }
        }
        lacking.iter().map(|error| error.abs()).sum()
    }

    /// Changes all cells at once so that every line would have what it lacks but for their bounds, and returns how much is
    /// lacking then.
    fn correct(&mut self, stated: &TwoWay, cells: &Cells) -> f64 {
        let (rows, _) = self.lacking(stated, cells, Orientation::Rows);
        let (columns, _) = self.lacking(stated, cells, Orientation::Columns);
        let (row_parts, column_parts) = (stated.rows.stratum_ids(), stated.columns.stratum_ids());
        let mut free = Vec::new();
        for (row, row_part) in row_parts.iter().enumerate() {
            for index in cells.starts[row]..cells.starts[row + 1] {
                let cell = &cells.cells[index];
                let (whole, part) = (self.whole[index], self.part[index]);
                if gives_way(cell, whole, part) {
                    let ends = (*row_part, column_parts[at(cell.column)]);
                    free.push((index, *cell, ends, (real(whole) + part).abs()));
                }
            }
        }
        let edges = free
            .iter()
            .map(|(.., (row, column), size)| (id(*row), id(*column), *size));
        if let Some((by_row, by_column)) = shares(edges.collect(), &rows, &columns) {
            for (index, cell, (row, column), size) in free {
                self.add(index, &cell, size * (by_row[row] + by_column[column]));
            }
        }
        let lacking = |axis| {
            let (lacking, _) = self.lacking(stated, cells, axis);
            lacking.iter().map(|error| error.abs()).sum::<f64>()
        };
        lacking(Orientation::Rows) + lacking(Orientation::Columns)
    }
}

/// How often what lines are off is spread over their own cells.
const MOST_SPREADS: usize = 30;
/// How often it is spread over all lines at once.
const MOST_CORRECTIONS: usize = 12;

/// Whether a cell lies inside of its bounds, so that it can take part in a correction.
fn gives_way(cell: &Cell, whole: i64, part: f64) -> bool {
    let (low, high) = cell.ends();
    !cell.is_fixed() && (whole > low || (whole == low && part > 0.0)) && whole < high
}

impl NodeValues {
    /// The children of every node.
    pub(super) fn children(&self, side: &Marginal) -> Vec<Vec<usize>> {
        let mut below = vec![Vec::new(); self.whole.len()];
        for (node, stated) in side.nodes().iter().enumerate() {
            if let Some(above) = stated.parent() {
                below[above].push(node);
            }
        }
        below
    }

    /// Which nodes to round up so that every node is the sum of those below it: from the top, larger fractions first.
    pub(super) fn raise_from_the_top(&self, side: &Marginal, total: i64) -> Vec<bool> {
        let mut raised = vec![false; self.whole.len()];
        let mut below = self.children(side);
        let roots: Vec<usize> = (0..self.whole.len())
            .filter(|node| side.nodes()[*node].parent().is_none())
            .collect();
        let raise = |family: &mut Vec<usize>, wanted: i64, raised: &mut Vec<bool>| {
            let have: i128 = family
                .iter()
                .map(|node| i128::from(self.whole[*node]))
                .sum();
            let spare = usize::try_from(i128::from(wanted) - have).unwrap_or(0);
            family.retain(|node| self.part[*node] > 0.0);
            family.sort_by(|a, b| self.part[*b].total_cmp(&self.part[*a]).then(a.cmp(b)));
            for node in family.iter().take(spare) {
                raised[*node] = true;
            }
        };
        raise(&mut roots.clone(), total, &mut raised);
        for node in 0..below.len() {
            let wanted = self.whole[node].saturating_add(i64::from(raised[node]));
            if !below[node].is_empty() {
                raise(&mut below[node], wanted, &mut raised);
            }
        }
        raised
    }
}

/// The columns of each row of a full table: all of them.
pub(super) fn every_column(rows: usize, columns: usize) -> (Vec<usize>, Vec<u32>) {
    let mut stored = Vec::with_capacity(rows * columns);
    for _ in 0..rows {
        stored.extend(0..id(columns));
    }
    ((0..=rows).map(|row| row * columns).collect(), stored)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::allocation::Bound;
    use crate::margins::Seed;

    #[test]
    fn what_a_line_lacks_is_spread_over_the_cells_that_can_move_in_proportion() {
        let stated = TwoWay::new(
            Seed::counts(1, 4, &[3, 6, 1, 1]).unwrap(),
            Marginal::flat([14]).unwrap(),
            Marginal::free(4).unwrap(),
        )
        .unwrap()
        .bounded(0, 1, Bound::at_most(3))
        .unwrap()
        .bounded(0, 3, Bound::at_least(4))
        .unwrap();
        let cells = Cells::of(&stated);
        // 5 are lacking. The second cell is at its maximum and the last at its minimum; the others are 1.5 and 0.5.
        let mut found = Fractions {
            starts: cells.starts.clone(),
            columns: vec![0, 1, 2, 3],
            whole: vec![1, 3, 0, 4],
            part: vec![0.5, 0.0, 0.5, 0.0],
        };
        let off = found.spread(&stated, &cells, Orientation::Rows);
        assert!((off - 5.0).abs() < 1e-12, "{off}");
        assert_eq!(found.whole, [5, 3, 1, 4]);
        assert_eq!(found.part, [0.25, 0.0, 0.75, 0.0]);
    }

    #[test]
    fn a_value_on_either_side_of_zero_is_its_whole_part_and_what_is_above_it() {
        let near = nearness(4);
        for (value, wanted) in [
            (-3.0, (-3, 0.0)),
            (-3.0 + 1e-9, (-3, 0.0)),
            (-3.0 - 1e-9, (-3, 0.0)),
            (-2.75, (-3, 0.25)),
            (-0.5, (-1, 0.5)),
            (0.0, (0, 0.0)),
        ] {
            assert_eq!(split_below(value, near), wanted, "{value}");
        }
        assert_eq!(split(2.75, near), (2, 0.75));
        assert_eq!(split(3.0 - 1e-9, near), (3, 0.0));
    }

    #[test]
    fn a_cell_that_is_corrected_stays_within_its_bounds() {
        let cell = Cell {
            least: 4,
            most: 7,
            ..Cells::of(
                &TwoWay::new(
                    Seed::counts(1, 1, &[1]).unwrap(),
                    Marginal::flat([5]).unwrap(),
                    Marginal::free(1).unwrap(),
                )
                .unwrap(),
            )
            .cells[0]
        };
        for (change, wanted) in [
            (-0.25, (5, 0.25)),
            (-1.25, (4, 0.25)),
            (-1.75, (4, 0.0)),
            (-9.0, (4, 0.0)),
            (1.25, (6, 0.75)),
            (1.5, (7, 0.0)),
            (9.0, (7, 0.0)),
        ] {
            let mut found = Fractions {
                starts: vec![0, 1],
                columns: vec![0],
                whole: vec![5],
                part: vec![0.5],
            };
            found.add(0, &cell, change);
            assert_eq!((found.whole[0], found.part[0]), wanted, "{change}");
        }
    }
}
