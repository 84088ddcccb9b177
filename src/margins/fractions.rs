//! Real values as a whole part and a fraction, so that large values lose nothing of their fraction.

use super::cells::{Cell, Cells};
use super::real::{at, id, real, whole};
use super::{Fit, MarginsError, Side, Way};

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

impl Fractions {
    /// The values of a fit; on tables too large for 53 bits, corrected until the margins balance.
    pub(super) fn of(fit: &Fit<'_>) -> Result<Self, MarginsError> {
        let is_balanced = fit.error() <= 0.25 && fit.stated.total < 1 << 44;
        let made;
        let cells = match &fit.cells {
            Some(cells) => cells,
            None if is_balanced => return Ok(Self::plain(fit)),
            None => {
                made = Cells::of(fit.stated);
                &made
            }
        };
        let (rows, columns) = (&fit.stated.rows, &fit.stated.columns);
        let count = cells.cells.len();
        let near = nearness(count);
        let mut found = Self {
            starts: cells.starts.clone(),
            columns: cells.cells.iter().map(|cell| cell.column).collect(),
            whole: Vec::with_capacity(count),
            part: Vec::with_capacity(count),
        };
        for row in 0..cells.rows() {
            let factor = fit.row_factors[rows.part_ids()[row]];
            for cell in cells.row(row) {
                let (whole, part) = if cell.is_fixed() {
                    (cell.least, 0.0)
                } else {
                    let column = columns.part_ids()[at(cell.column)];
                    split(cell.value(factor * fit.column_factors[column]), near)
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
    pub(super) fn line_sums(&self, axis: Way, lines: usize) -> Vec<i64> {
        let mut sums = vec![0_i64; lines];
        for row in 0..self.starts.len() - 1 {
            for cell in self.starts[row]..self.starts[row + 1] {
                let line = match axis {
                    Way::Rows => row,
                    Way::Columns => at(self.columns[cell]),
                };
                // A line of a fitted table is at most its total, which fits; of any other, adding is checked earlier.
                sums[line] = sums[line].saturating_add(self.whole[cell]);
            }
        }
        sums
    }

    /// The values of the nodes of a side, from the cells up; settled totals stand as they are.
    pub(super) fn node_values(&self, axis: Way, side: &Side, total: i64) -> NodeValues {
        let mut whole_sums = vec![0_i64; side.nodes().len()];
        let mut part_sums = vec![0.0_f64; side.nodes().len()];
        for row in 0..self.starts.len() - 1 {
            for cell in self.starts[row]..self.starts[row + 1] {
                let line = match axis {
                    Way::Rows => row,
                    Way::Columns => at(self.columns[cell]),
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

    /// Spreads what each line is off over its free cells in proportion, until all together are off by less than half a
    /// quantum. Whole and fractional parts are kept apart, so this reaches below what 53 bits show of a large value.
    fn balance(&mut self, fit: &Fit<'_>, cells: &Cells) -> Result<(), MarginsError> {
        let stated = fit.stated;
        let mut off = 0.0;
        for _ in 0..100 {
            off = 0.0;
            for (axis, side, totals) in [
                (Way::Rows, &stated.rows, &stated.row_totals),
                (Way::Columns, &stated.columns, &stated.column_totals),
            ] {
                let mut lacking: Vec<i128> = totals.iter().map(|t| i128::from(*t)).collect();
                let mut lacking_part = vec![0.0_f64; totals.len()];
                let mut free = vec![0.0_f64; totals.len()];
                self.each(cells, |row, cell, whole, part| {
                    let line = side.part_ids()[match axis {
                        Way::Rows => row,
                        Way::Columns => at(cell.column),
                    }];
                    lacking[line] -= i128::from(*whole);
                    lacking_part[line] -= *part;
                    if gives_way(cell, *whole, *part) {
                        free[line] += real(*whole) + *part;
                    }
                });
                let lacking: Vec<f64> = lacking
                    .iter()
                    .zip(&lacking_part)
                    .map(|(whole, part)| real(i64::try_from(*whole).unwrap_or(i64::MAX)) + part)
                    .collect();
                off += lacking.iter().map(|error| error.abs()).sum::<f64>();
                self.each(cells, |row, cell, whole, part| {
                    let line = side.part_ids()[match axis {
                        Way::Rows => row,
                        Way::Columns => at(cell.column),
                    }];
                    if !gives_way(cell, *whole, *part) || free[line] <= 0.0 {
                        return;
                    }
                    let change = *part + lacking[line] * ((real(*whole) + *part) / free[line]);
                    let step = change.floor();
                    *whole = whole.saturating_add(super::real::whole(step));
                    *part = change - step;
                    if *whole < cell.least {
                        (*whole, *part) = (cell.least, 0.0);
                    } else if *whole >= cell.most {
                        (*whole, *part) = (cell.most, 0.0);
                    }
                });
            }
            if off < 0.5 {
                return Ok(());
            }
        }
        Err(MarginsError::NotConverged {
            rounds: fit.rounds(),
            error: off.to_string(),
        })
    }

    fn each(&mut self, cells: &Cells, mut visit: impl FnMut(usize, &Cell, &mut i64, &mut f64)) {
        for row in 0..cells.rows() {
            for index in cells.starts[row]..cells.starts[row + 1] {
                visit(
                    row,
                    &cells.cells[index],
                    &mut self.whole[index],
                    &mut self.part[index],
                );
            }
        }
    }
}

/// Whether a cell lies inside of its bounds, so that it can take part in a correction.
fn gives_way(cell: &Cell, whole: i64, part: f64) -> bool {
    !cell.is_fixed()
        && (whole > cell.least || (whole == cell.least && part > 0.0))
        && whole < cell.most
}

impl NodeValues {
    /// The children of every node.
    pub(super) fn children(&self, side: &Side) -> Vec<Vec<usize>> {
        let mut below = vec![Vec::new(); self.whole.len()];
        for (node, stated) in side.nodes().iter().enumerate() {
            if let Some(above) = stated.parent() {
                below[above].push(node);
            }
        }
        below
    }

    /// Which nodes to round up so that every node is the sum of those below it: from the top, larger fractions first.
    pub(super) fn raise_from_the_top(&self, side: &Side, total: i64) -> Vec<bool> {
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
