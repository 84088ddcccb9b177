//! Tables: the weights that a fit starts from, and the whole numbers that it ends with.

use serde::{Deserialize, Serialize};

use super::bounds;
use super::real::{at, id, real};
use super::{Marginal, MarginsError, Orientation};
use crate::quantity::Number;

/// Which cells of a table are stored: all of them, or for each row its own columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Layout {
    Dense,
    /// Row `r` has the stored cells `starts[r]..starts[r + 1]`, in columns that rise.
    Sparse {
        starts: Vec<usize>,
        columns: Vec<u32>,
    },
}

/// A table of anything, row by row.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Grid<T> {
    pub(super) rows: usize,
    pub(super) columns: usize,
    pub(super) layout: Layout,
    pub(super) values: Vec<T>,
}

impl<T: Copy> Grid<T> {
    pub(super) fn dense(rows: usize, columns: usize, values: Vec<T>) -> Result<Self, MarginsError> {
        let size = checked_size(rows, columns)?;
        if values.len() != size {
            return Err(MarginsError::CellCount {
                rows,
                columns,
                cells: values.len(),
            });
        }
        Ok(Self {
            rows,
            columns,
            layout: Layout::Dense,
            values,
        })
    }

    pub(super) fn sparse(
        rows: usize,
        columns: usize,
        mut entries: Vec<(usize, usize, T)>,
    ) -> Result<Self, MarginsError> {
        for size in [rows, columns] {
            if size > Marginal::MAX_NODES {
                return Err(MarginsError::TooLarge {
                    size,
                    limit: Marginal::MAX_NODES,
                });
            }
        }
        if entries.len() > Seed::MAX_CELLS {
            return Err(MarginsError::TooLarge {
                size: entries.len(),
                limit: Seed::MAX_CELLS,
            });
        }
        entries.sort_by_key(|(row, column, _)| (*row, *column));
        let mut starts = vec![0_usize; rows + 1];
        let mut stored = Vec::with_capacity(entries.len());
        let mut values = Vec::with_capacity(entries.len());
        let mut last = None;
        for (row, column, value) in entries {
            if row >= rows || column >= columns {
                return Err(MarginsError::NoSuchCell {
                    row,
                    column,
                    rows,
                    columns,
                });
            }
            if last == Some((row, column)) {
                return Err(MarginsError::CellTwice { row, column });
            }
            last = Some((row, column));
            starts[row + 1] += 1;
            stored.push(id(column));
            values.push(value);
        }
        for row in 0..rows {
            starts[row + 1] += starts[row];
        }
        Ok(Self {
            rows,
            columns,
            layout: Layout::Sparse {
                starts,
                columns: stored,
            },
            values,
        })
    }

    /// The stored cells of one row, as (column, value).
    pub(super) fn row(&self, row: usize) -> impl Iterator<Item = (usize, T)> + '_ {
        let (from, to, stored) = match &self.layout {
            Layout::Dense => (row * self.columns, (row + 1) * self.columns, None),
            Layout::Sparse { starts, columns } => (starts[row], starts[row + 1], Some(columns)),
        };
        (from..to).map(move |cell| {
            let column = stored.map_or(cell - from, |columns| at(columns[cell]));
            (column, self.values[cell])
        })
    }

    pub(super) fn get(&self, row: usize, column: usize) -> Option<T> {
        if row >= self.rows || column >= self.columns {
            return None;
        }
        match &self.layout {
            Layout::Dense => self.values.get(row * self.columns + column).copied(),
            Layout::Sparse { starts, columns } => {
                let stored = &columns[starts[row]..starts[row + 1]];
                let found = stored.binary_search(&id(column)).ok()?;
                self.values.get(starts[row] + found).copied()
            }
        }
    }
}

fn checked_size(rows: usize, columns: usize) -> Result<usize, MarginsError> {
    rows.checked_mul(columns)
        .filter(|size| *size <= Seed::MAX_CELLS)
        .ok_or(MarginsError::TooLarge {
            size: rows.saturating_mul(columns),
            limit: Seed::MAX_CELLS,
        })
}

/// The weights of a table: what the fitted values are proportional to before the margins scale them.
///
/// Only the proportions inside rows and columns matter: scaling a row, a column or everything changes nothing. A weight
/// of zero is a *structural zero*: the cell stays empty, and so do cells that are not stored. Weights are real numbers,
/// because fitting is real-valued by nature; documents write them as exact decimals.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "RawSeed", into = "RawSeed")]
pub struct Seed {
    pub(super) grid: Grid<f64>,
    /// Whether every cell of the table is stored and has weight.
    pub(super) is_full: bool,
}

impl Seed {
    /// The most cells that a table stores.
    pub const MAX_CELLS: usize = 1 << 27;
    /// The smallest weight above zero.
    pub const MIN_WEIGHT: f64 = bounds::MIN_WEIGHT;
    /// The largest weight.
    pub const MAX_WEIGHT: f64 = bounds::MAX_WEIGHT;

    /// Returns a table that stores every cell, row by row.
    ///
    /// # Errors
    /// [`MarginsError::CellCount`] when there are not `rows` times `columns` weights; [`MarginsError::Weight`] for a
    /// weight that is neither zero nor between [`Seed::MIN_WEIGHT`] and [`Seed::MAX_WEIGHT`];
    /// [`MarginsError::TooLarge`].
    pub fn dense(rows: usize, columns: usize, weights: Vec<f64>) -> Result<Self, MarginsError> {
        let grid = Grid::dense(rows, columns, weights)?;
        // All at once first; the rare weight that is not above zero is looked at afterwards.
        let usable = Self::MIN_WEIGHT..=Self::MAX_WEIGHT;
        let full = grid
            .values
            .iter()
            .fold(true, |full, weight| full & usable.contains(weight));
        if !full {
            for (cell, weight) in grid.values.iter().enumerate() {
                check(cell / columns, cell % columns, *weight)?;
            }
        }
        Ok(Self {
            grid,
            is_full: full,
        })
    }

    /// Returns a table that stores every cell, row by row, with whole weights such as last year's quanta.
    ///
    /// # Errors
    /// As [`Seed::dense`].
    pub fn counts(rows: usize, columns: usize, weights: &[i64]) -> Result<Self, MarginsError> {
        Self::dense(
            rows,
            columns,
            weights.iter().map(|weight| real(*weight)).collect(),
        )
    }

    /// Returns a table of the given (row, column, weight), in any order; every other cell is a structural zero.
    ///
    /// # Errors
    /// [`MarginsError::NoSuchCell`], [`MarginsError::CellTwice`], [`MarginsError::Weight`], [`MarginsError::TooLarge`].
    pub fn sparse(
        rows: usize,
        columns: usize,
        entries: impl IntoIterator<Item = (usize, usize, f64)>,
    ) -> Result<Self, MarginsError> {
        let entries: Vec<_> = entries.into_iter().collect();
        for (row, column, weight) in &entries {
            check(*row, *column, *weight)?;
        }
        Ok(Self {
            grid: Grid::sparse(rows, columns, entries)?,
            is_full: false,
        })
    }

    /// Returns how many rows the table has.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.grid.rows
    }

    /// Returns how many columns the table has.
    #[must_use]
    pub fn columns(&self) -> usize {
        self.grid.columns
    }

    /// Returns the weight of a cell; zero where none is stored.
    #[must_use]
    pub fn weight(&self, row: usize, column: usize) -> f64 {
        self.grid.get(row, column).unwrap_or(0.0)
    }
}

pub(super) fn check(row: usize, column: usize, weight: f64) -> Result<(), MarginsError> {
    if weight == 0.0 || (Seed::MIN_WEIGHT..=Seed::MAX_WEIGHT).contains(&weight) {
        Ok(())
    } else {
        Err(MarginsError::Weight {
            row,
            column,
            weight: weight.to_string(),
        })
    }
}

/// A table of whole quanta: what a fit rounds to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "RawMatrix", into = "RawMatrix")]
pub struct Matrix(pub(super) Grid<i64>);

impl Eq for Matrix {}

impl Matrix {
    /// Returns a table that stores every cell, row by row.
    ///
    /// # Errors
    /// [`MarginsError::CellCount`], [`MarginsError::TooLarge`].
    pub fn dense(rows: usize, columns: usize, cells: Vec<i64>) -> Result<Self, MarginsError> {
        Grid::dense(rows, columns, cells).map(Self)
    }

    /// Returns a table of the given (row, column, quanta), in any order; every other cell is zero.
    ///
    /// # Errors
    /// [`MarginsError::NoSuchCell`], [`MarginsError::CellTwice`], [`MarginsError::TooLarge`].
    pub fn sparse(
        rows: usize,
        columns: usize,
        entries: impl IntoIterator<Item = (usize, usize, i64)>,
    ) -> Result<Self, MarginsError> {
        Grid::sparse(rows, columns, entries.into_iter().collect()).map(Self)
    }

    /// Turns every sign round; cells come from totals that have an opposite.
    pub(super) fn mirror(&mut self) {
        for cell in &mut self.0.values {
            *cell = cell.saturating_neg();
        }
    }

    /// Returns how many rows the table has.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.0.rows
    }

    /// Returns how many columns the table has.
    #[must_use]
    pub fn columns(&self) -> usize {
        self.0.columns
    }

    /// Returns the quanta of a cell; zero where none is stored.
    #[must_use]
    pub fn cell(&self, row: usize, column: usize) -> i64 {
        self.0.get(row, column).unwrap_or(0)
    }

    /// Returns the stored cells of a row as (column, quanta), columns rising; nothing for a row that does not exist.
    pub fn row(&self, row: usize) -> impl Iterator<Item = (usize, i64)> + '_ {
        (row..self.0.rows.min(row.saturating_add(1))).flat_map(|row| self.0.row(row))
    }

    /// Returns what the lines of one axis total.
    ///
    /// # Errors
    /// [`MarginsError::TotalOutOfRange`].
    pub fn line_totals(&self, axis: Orientation) -> Result<Vec<i64>, MarginsError> {
        let lines = match axis {
            Orientation::Rows => self.0.rows,
            Orientation::Columns => self.0.columns,
        };
        let mut totals = vec![0_i64; lines];
        for row in 0..self.0.rows {
            for (column, quanta) in self.0.row(row) {
                let line = match axis {
                    Orientation::Rows => row,
                    Orientation::Columns => column,
                };
                totals[line] = totals[line]
                    .checked_add(quanta)
                    .ok_or(MarginsError::TotalOutOfRange)?;
            }
        }
        Ok(totals)
    }

    /// Returns what every node of a side totals.
    ///
    /// # Errors
    /// [`MarginsError::Shape`] when the side has another number of lines; [`MarginsError::TotalOutOfRange`].
    pub fn node_totals(
        &self,
        axis: Orientation,
        side: &Marginal,
    ) -> Result<Vec<i64>, MarginsError> {
        let totals = self.line_totals(axis)?;
        if totals.len() != side.lines() {
            return Err(MarginsError::Shape {
                axis,
                lines: side.lines(),
                table: totals.len(),
            });
        }
        side.node_sums(&totals)
    }
}

/// A table as documents carry it: all cells row by row, or the stored ones one by one.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawGrid<T> {
    rows: usize,
    columns: usize,
    #[serde(default = "none", skip_serializing_if = "Option::is_none")]
    cells: Option<Vec<T>>,
    #[serde(default = "none", skip_serializing_if = "Option::is_none")]
    entries: Option<Vec<(usize, usize, T)>>,
}

fn none<T>() -> Option<T> {
    None
}

type RawSeed = RawGrid<Number>;
type RawMatrix = RawGrid<i64>;

impl<T: Copy> RawGrid<T> {
    fn of<V: Copy>(grid: &Grid<V>, written: impl Fn(V) -> T) -> Self {
        let (cells, entries) = match grid.layout {
            Layout::Dense => (
                Some(grid.values.iter().map(|v| written(*v)).collect()),
                None,
            ),
            Layout::Sparse { .. } => {
                let stored = (0..grid.rows).flat_map(|row| {
                    grid.row(row)
                        .map(move |(column, value)| (row, column, value))
                });
                let entries = stored.map(|(row, column, value)| (row, column, written(value)));
                (None, Some(entries.collect()))
            }
        };
        Self {
            rows: grid.rows,
            columns: grid.columns,
            cells,
            entries,
        }
    }
}

impl TryFrom<RawSeed> for Seed {
    type Error = MarginsError;

    fn try_from(raw: RawSeed) -> Result<Self, MarginsError> {
        match (raw.cells, raw.entries) {
            (Some(cells), None) => Self::dense(
                raw.rows,
                raw.columns,
                cells.into_iter().map(weight).collect(),
            ),
            (None, Some(entries)) => {
                let weighed = entries
                    .into_iter()
                    .map(|(row, column, number)| (row, column, weight(number)));
                Self::sparse(raw.rows, raw.columns, weighed)
            }
            _ => Err(MarginsError::CellsOrEntries),
        }
    }
}

/// The real number nearest to a decimal; its text is read, because that rounds correctly.
pub(super) fn weight(number: Number) -> f64 {
    number.to_string().parse().unwrap_or(f64::NAN)
}

/// The shortest decimal that reads as this usable weight; it has at most 27 digits.
pub(super) fn number(weight: f64) -> Number {
    weight.to_string().parse().unwrap_or_default()
}

impl From<Seed> for RawSeed {
    fn from(seed: Seed) -> Self {
        Self::of(&seed.grid, number)
    }
}

impl TryFrom<RawMatrix> for Matrix {
    type Error = MarginsError;

    fn try_from(raw: RawMatrix) -> Result<Self, MarginsError> {
        match (raw.cells, raw.entries) {
            (Some(cells), None) => Self::dense(raw.rows, raw.columns, cells),
            (None, Some(entries)) => Self::sparse(raw.rows, raw.columns, entries),
            _ => Err(MarginsError::CellsOrEntries),
        }
    }
}

impl From<Matrix> for RawMatrix {
    fn from(table: Matrix) -> Self {
        Self::of(&table.0, |quanta| quanta)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unusable_weights_name_their_cell() {
        for (bad, text) in [
            (-1.0, "-1"),
            (f64::NAN, "NaN"),
            (f64::INFINITY, "inf"),
            (1e-12, "0.000000000001"),
        ] {
            let refused = Seed::dense(2, 2, vec![1.0, 0.0, bad, 2.0]);
            assert_eq!(
                refused,
                Err(MarginsError::Weight {
                    row: 1,
                    column: 0,
                    weight: text.to_owned()
                })
            );
        }
        assert!(matches!(
            Seed::dense(2, 2, vec![1.0]),
            Err(MarginsError::CellCount { cells: 1, .. })
        ));
        assert!(matches!(
            Seed::sparse(2, 2, [(0, 0, 1.0), (0, 0, 2.0)]),
            Err(MarginsError::CellTwice { row: 0, column: 0 })
        ));
        assert!(matches!(
            Seed::sparse(2, 2, [(0, 2, 1.0)]),
            Err(MarginsError::NoSuchCell {
                row: 0,
                column: 2,
                rows: 2,
                columns: 2
            })
        ));
    }

    #[test]
    fn sparse_cells_are_found_in_any_order_of_entry() {
        let table = Matrix::sparse(3, 3, [(2, 2, 9), (0, 1, 4), (2, 0, 7)]).unwrap();
        assert_eq!(table.cell(2, 0), 7);
        assert_eq!(table.cell(1, 1), 0);
        assert_eq!(table.row(2).collect::<Vec<_>>(), [(0, 7), (2, 9)]);
        assert_eq!(table.row(9).count(), 0);
        assert_eq!(table.line_totals(Orientation::Columns).unwrap(), [7, 4, 9]);
    }

    #[test]
    fn documents_come_back_equal() {
        let dense = Seed::dense(1, 3, vec![0.1, 0.0, 1e18]).unwrap();
        let sparse = Seed::sparse(2, 2, [(1, 0, 12.34)]).unwrap();
        for seed in [dense, sparse] {
            let text = serde_json::to_string(&seed).unwrap();
            assert_eq!(serde_json::from_str::<Seed>(&text).unwrap(), seed, "{text}");
        }
        let table = Matrix::dense(1, 2, vec![3, 4]).unwrap();
        assert_eq!(
            serde_json::to_string(&table).unwrap(),
            r#"{"rows":1,"columns":2,"cells":[3,4]}"#
        );
        assert!(serde_json::from_str::<Matrix>(r#"{"rows":1,"columns":2}"#).is_err());
        assert!(serde_json::from_str::<Seed>(r#"{"rows":1,"columns":1,"cells":[0.5]}"#).is_err());
    }
}
