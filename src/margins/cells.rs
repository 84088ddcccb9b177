//! The cells of a problem that can hold anything, each with its weight and bounds, row by row.

use super::real::{at, id};
use super::{Orientation, TwoWay};

/// No maximum. Totals fit 64 bits, so no cell can ever be larger.
pub(super) const UNLIMITED: i64 = i64::MAX;

/// One cell that is not a structural zero. Its bounds are of its size; where it `falls`, its value is that size below zero.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Cell {
    pub(super) column: u32,
    /// Zero only when the cell is held.
    pub(super) weight: f64,
    pub(super) least: i64,
    pub(super) most: i64,
    pub(super) falls: bool,
    /// Whether the cells of its two parts together have one total in every solution, which they share by weight.
    pub(super) shares: bool,
    /// The size that was fitted, once it was.
    pub(super) fitted: f64,
}

impl Cell {
    pub(super) fn is_fixed(&self) -> bool {
        self.least == self.most
    }

    pub(super) fn is_bounded(&self) -> bool {
        !self.is_fixed() && (self.least > 0 || self.most < UNLIMITED)
    }

    /// Whether factors decide the value.
    pub(super) fn is_free(&self) -> bool {
        !self.is_fixed() && !self.shares
    }

    /// The least and the most value.
    pub(super) fn ends(&self) -> (i64, i64) {
        if self.falls {
            (-self.most, -self.least)
        } else {
            (self.least, self.most)
        }
    }

    /// A size with the sign of the cell.
    pub(super) fn signed(&self, size: f64) -> f64 {
        if self.falls { -size } else { size }
    }
}

/// All cells of a problem that are not structural zeros; the columns rise inside a row.
#[derive(Debug, Clone)]
#[expect(clippy::struct_field_names, reason = "cells have cells")]
pub(super) struct Cells {
    pub(super) starts: Vec<usize>,
    pub(super) cells: Vec<Cell>,
    /// What cells that share the only total of their two parts have together, with its sign: by the parts of the row and of
    /// the column.
    pub(super) shared: Vec<(u32, u32, i64)>,
}

impl Cells {
    pub(super) fn of(stated: &TwoWay) -> Self {
        let rows = stated.seed.rows();
        let mut starts = Vec::with_capacity(rows + 1);
        let mut cells = Vec::with_capacity(stated.seed.grid.values.len());
        starts.push(0);
        let mut bounds = stated.bounds.iter().peekable();
        let [row_sides, column_sides] = stated.sides();
        for (row, row_side) in row_sides.into_iter().enumerate() {
            let mut bound = |before: usize| {
                bounds
                    .next_if(|((at_row, column), _)| *at_row == row && *column < before)
                    .map(|((_, column), range)| (*column, *range))
            };
            let cell = |column: usize, weight: f64, (least, most): (i64, Option<i64>)| Cell {
                column: id(column),
                weight,
                least,
                most: most.unwrap_or(UNLIMITED),
                falls: stated.falls_between(row_side, column_sides[column]),
                shares: false,
                fitted: 0.0,
            };
            for (column, weight) in stated.seed.grid.row(row) {
                // Bounds of cells that the table does not store: only a held one can hold anything.
                while let Some((other, range)) = bound(column) {
                    if range.0 > 0 {
                        cells.push(cell(other, 0.0, range));
                    }
                }
                let range = bound(column + 1).map_or((0, None), |(_, range)| range);
                if weight > 0.0 || range.0 > 0 {
                    cells.push(cell(column, weight, range));
                }
            }
            while let Some((other, range)) = bound(usize::MAX) {
                if range.0 > 0 {
                    cells.push(cell(other, 0.0, range));
                }
            }
            starts.push(cells.len());
        }
        Self {
            starts,
            cells,
            shared: Vec::new(),
        }
    }

    pub(super) fn rows(&self) -> usize {
        self.starts.len() - 1
    }

    pub(super) fn row(&self, row: usize) -> &[Cell] {
        &self.cells[self.starts[row]..self.starts[row + 1]]
    }
}

/// The cells between one part of the rows and one part of the columns, taken together; all of one sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Block {
    pub(super) row: u32,
    pub(super) column: u32,
    pub(super) least: i64,
    pub(super) most: i64,
    pub(super) falls: bool,
    pub(super) cells: u32,
}

/// A problem with every part taken as one line: parts bind, lines inside a part do not.
#[derive(Debug, Clone)]
pub(super) struct Blocks {
    /// By row part, then column part.
    pub(super) pairs: Vec<Block>,
    pub(super) row_totals: Vec<i64>,
    pub(super) column_totals: Vec<i64>,
}

impl Blocks {
    /// Takes the cells of each pair of parts together; `block_of` is told the block of every cell.
    pub(super) fn of(
        stated: &TwoWay,
        cells: &Cells,
        mut block_of: impl FnMut(usize, usize),
    ) -> Self {
        let (row_part, column_part) = (stated.rows.stratum_ids(), stated.columns.stratum_ids());
        let mut lines: Vec<Vec<usize>> = vec![Vec::new(); stated.row_totals.len()];
        for (row, part) in row_part.iter().enumerate() {
            lines[*part].push(row);
        }
        let mut blocks: Vec<Block> = Vec::new();
        let mut touched: Vec<Option<usize>> = vec![None; stated.column_totals.len()];
        for (part, lines) in lines.iter().enumerate() {
            let first = blocks.len();
            for row in lines {
                for (cell, found) in cells.row(*row).iter().enumerate() {
                    let column = column_part[at(found.column)];
                    let block = *touched[column].get_or_insert_with(|| {
                        blocks.push(Block {
                            row: id(part),
                            column: id(column),
                            least: 0,
                            most: 0,
                            falls: found.falls,
                            cells: 0,
                        });
                        blocks.len() - 1
                    });
                    let block_cells = &mut blocks[block];
                    block_cells.cells += 1;
                    // Sums beyond 64 bits are beyond every total: unlimited as a maximum, never met as a minimum.
                    block_cells.least = block_cells.least.saturating_add(found.least);
                    block_cells.most = block_cells.most.saturating_add(found.most);
                    block_of(cells.starts[*row] + cell, block);
                }
            }
            for block in &blocks[first..] {
                touched[at(block.column)] = None;
            }
        }
        Self {
            pairs: blocks,
            row_totals: stated.row_totals.clone(),
            column_totals: stated.column_totals.clone(),
        }
    }

    pub(super) fn totals(&self, axis: Orientation) -> &[i64] {
        match axis {
            Orientation::Rows => &self.row_totals,
            Orientation::Columns => &self.column_totals,
        }
    }
}

impl Block {
    pub(super) fn line(&self, axis: Orientation) -> usize {
        at(match axis {
            Orientation::Rows => self.row,
            Orientation::Columns => self.column,
        })
    }
}
