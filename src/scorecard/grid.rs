//! Tables of points over two inputs: completion x collection.

use serde::{Deserialize, Serialize};

use super::curve::bounded;
use super::{Monotone, ScorecardError};
use crate::band::{BandDef, Bands, Interval};
use crate::quantity::Ratio;

/// A table of points over two inputs, as data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GridDef {
    /// The ranges of the first input, one for each row, in any order.
    pub rows: Vec<Interval>,
    /// The ranges of the second input, one for each column, in any order.
    pub columns: Vec<Interval>,
    /// The points, row by row as written.
    pub points: Vec<Vec<Ratio>>,
}

/// A checked table: every pair of inputs is in exactly one cell.
///
/// ```
/// use quotaflow::quantity::Ratio;
/// use quotaflow::scorecard::{Grid, GridDef};
/// let ranges = || -> Result<_, quotaflow::scorecard::ScorecardError> { Ok(vec!["[1, ..)".parse()?, "(.., 1)".parse()?]) };
/// let number = |text: &str| text.parse::<Ratio>();
/// let points = vec![vec![number("1.5")?, number("1.4")?], vec![number("1.45")?, number("1.3")?]];
/// let grid = Grid::new(GridDef { rows: ranges()?, columns: ranges()?, points })?;
/// assert_eq!(grid.at(Ratio::percent(97), Ratio::percent(100)), number("1.45")?);
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "GridDef", into = "GridDef")]
pub struct Grid {
    definition: GridDef,
    // The labels are the places as written.
    rows: Bands<usize>,
    columns: Bands<usize>,
}

impl Grid {
    /// Checks and compiles the definition.
    ///
    /// # Errors
    /// [`ScorecardError::Grid`] unless there is a cell for each pair; [`ScorecardError::NumberRange`]; the errors of
    /// [`Bands::new`] for the rows and for the columns.
    pub fn new(definition: GridDef) -> Result<Self, ScorecardError> {
        let axis = |ranges: &[Interval], name: &str| {
            let rows = ranges
                .iter()
                .enumerate()
                .map(|(place, range)| BandDef::new(*range, place))
                .collect();
            Bands::new(rows).map_err(|error| ScorecardError::from(error).within(name))
        };
        let rows = axis(&definition.rows, "rows")?;
        let columns = axis(&definition.columns, "columns")?;
        let shape = |row: usize, found: usize| ScorecardError::Grid {
            rows: rows.len(),
            columns: columns.len(),
            row,
            found,
        };
        for (place, row) in definition.points.iter().enumerate() {
            if row.len() != columns.len() || place >= rows.len() {
                return Err(shape(place + 1, row.len()));
            }
            for points in row {
                bounded(*points)?;
            }
        }
        if definition.points.len() < rows.len() {
            return Err(shape(definition.points.len() + 1, 0));
        }
        Ok(Self {
            definition,
            rows,
            columns,
        })
    }

    /// Returns the definition.
    #[must_use]
    pub fn definition(&self) -> &GridDef {
        &self.definition
    }

    /// Returns the points of a pair of inputs.
    #[must_use]
    pub fn at(&self, first: Ratio, second: Ratio) -> Ratio {
        self.definition.points[*self.rows.of(first)][*self.columns.of(second)]
    }

    /// Returns which way the points go as the first input grows, the second staying where it is.
    #[must_use]
    pub fn monotone_first(&self) -> Monotone {
        let columns = self.columns.labels().iter();
        let ways = columns.flat_map(|column| {
            self.rows
                .labels()
                .windows(2)
                .map(move |pair| (self.cell(pair[0], *column), self.cell(pair[1], *column)))
        });
        Monotone::over(ways)
    }

    /// Returns which way the points go as the second input grows, the first staying where it is.
    #[must_use]
    pub fn monotone_second(&self) -> Monotone {
        let rows = self.rows.labels().iter();
        let ways = rows.flat_map(|row| {
            self.columns
                .labels()
                .windows(2)
                .map(move |pair| (self.cell(*row, pair[0]), self.cell(*row, pair[1])))
        });
        Monotone::over(ways)
    }

    /// Returns the fewest points of a cell.
    pub(crate) fn fewest(&self) -> Option<Ratio> {
        self.definition.points.iter().flatten().min().copied()
    }

    /// Returns the largest change of points between two neighbouring cells: a table is all cliffs.
    #[must_use]
    pub fn largest_step(&self) -> Ratio {
        let along = |rows: &[usize], columns: &[usize], by_row: bool| {
            let outer = if by_row { columns } else { rows };
            let inner = if by_row { rows } else { columns };
            let mut most = Ratio::ZERO;
            for fixed in outer {
                for pair in inner.windows(2) {
                    let cell = |moving| {
                        if by_row {
                            self.cell(moving, *fixed)
                        } else {
                            self.cell(*fixed, moving)
                        }
                    };
                    let (left, right) = (cell(pair[0]), cell(pair[1]));
                    most = most.max(left.max(right).checked_sub(left.min(right)).unwrap_or(most));
                }
            }
            most
        };
        let (rows, columns) = (self.rows.labels(), self.columns.labels());
        along(rows, columns, true).max(along(rows, columns, false))
    }

    /// Returns the ranges of the first input from the lowest to the highest.
    pub(crate) fn row_bands(&self) -> &Bands<usize> {
        &self.rows
    }

    /// Returns the ranges of the second input from the lowest to the highest.
    pub(crate) fn column_bands(&self) -> &Bands<usize> {
        &self.columns
    }

    /// Returns the points row by row, both from the lowest range to the highest.
    pub(crate) fn cells(&self) -> impl Iterator<Item = Ratio> {
        let rows = self.rows.labels().iter();
        rows.flat_map(|row| {
            let columns = self.columns.labels().iter();
            columns.map(|column| self.cell(*row, *column))
        })
    }

    fn cell(&self, row: usize, column: usize) -> Ratio {
        self.definition.points[row][column]
    }
}

impl TryFrom<GridDef> for Grid {
    type Error = ScorecardError;

    fn try_from(definition: GridDef) -> Result<Self, ScorecardError> {
        Self::new(definition)
    }
}

impl From<Grid> for GridDef {
    fn from(grid: Grid) -> Self {
        grid.definition
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn def(rows: &[&str], columns: &[&str], points: &[&[i64]]) -> GridDef {
        let ranges = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect();
        let points = points
            .iter()
            .map(|row| row.iter().map(|x| Ratio::from(*x)).collect())
            .collect();
        GridDef {
            rows: ranges(rows),
            columns: ranges(columns),
            points,
        }
    }

    #[test]
    fn a_table_needs_a_cell_for_each_pair() {
        let halves = ["[1, ..)", "(.., 1)"];
        let cases: [(&[&[i64]], &str); 3] = [
            (&[&[1, 2]], "row 2 has 0 points"),
            (&[&[1, 2], &[1]], "row 2 has 1 points"),
            (&[&[1, 2], &[1, 2], &[1, 2]], "row 3 has 2 points"),
        ];
        for (points, message) in cases {
            let error = Grid::new(def(&halves, &halves, points))
                .unwrap_err()
                .to_string();
            assert!(error.ends_with(message), "{error}");
        }
        let overlap =
            Grid::new(def(&["[95, 100]", "[100, ..)", "(.., 95)"], &halves, &[])).unwrap_err();
        assert_eq!(
            overlap.to_string(),
            "rows: `[95, 100]` and `[100, ..)` both claim 100"
        );
    }

    #[test]
    fn facts_hold_along_each_input() {
        let halves = ["[1, ..)", "(.., 1)"];
        let grid = Grid::new(def(&halves, &halves, &[&[10, 4], &[3, 5]])).unwrap();
        assert_eq!(grid.monotone_first(), Monotone::Mixed);
        assert_eq!(
            Grid::new(def(&halves, &halves, &[&[10, 4], &[3, 1]]))
                .unwrap()
                .monotone_second(),
            Monotone::Rising
        );
        assert_eq!(grid.largest_step(), Ratio::from(7));
        assert_eq!(grid.at(Ratio::ZERO, Ratio::ONE), Ratio::from(3));
        let text = serde_json::to_string(&grid).unwrap();
        assert_eq!(serde_json::from_str::<Grid>(&text).unwrap(), grid);
    }
}
