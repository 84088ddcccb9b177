//! Controlled rounding of a table that is given exactly, without a fit.

use super::closing::close;
use super::fractions::{Fractions, NodeValues, every_column};
use super::grid::{Grid, Layout};
use super::real::share;
use super::{Closing, Marginal, MarginsError, Matrix, Orientation};
use crate::quantity::Ratio;

/// A table of exact values: whole numerators over one denominator.
///
/// Rounding counts to a base is the same thing: the counts over the base, rounded to whole, times the base.
///
/// ```
/// use quotaflow::margins::{Closing, ExactTable, Marginal};
/// // 1.1, 2.2, 3.3 and 4.4 make 11.
/// let table = ExactTable::new(1, 4, vec![11, 22, 33, 44], 10)?;
/// let whole = table.close(&Marginal::flat([11])?, &Marginal::free(4)?, Closing::LeastChange)?;
/// assert_eq!(whole.row(0).map(|(_, quanta)| quanta).collect::<Vec<_>>(), [1, 2, 3, 5]);
/// # Ok::<(), quotaflow::margins::MarginsError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExactTable {
    rows: usize,
    columns: usize,
    numerators: Vec<i64>,
    denominator: i64,
}

impl ExactTable {
    /// Returns the table of these values, row by row.
    ///
    /// # Errors
    /// [`MarginsError::CellCount`], [`MarginsError::TooLarge`]; [`MarginsError::Denominator`] unless the denominator is
    /// positive.
    pub fn new(
        rows: usize,
        columns: usize,
        numerators: Vec<i64>,
        denominator: i64,
    ) -> Result<Self, MarginsError> {
        if denominator <= 0 {
            return Err(MarginsError::Denominator { denominator });
        }
        let grid = Grid::dense(rows, columns, numerators)?;
        Ok(Self {
            rows,
            columns,
            numerators: grid.values,
            denominator,
        })
    }

    /// Returns the exact value of a cell; zero outside of the table.
    #[must_use]
    pub fn value(&self, row: usize, column: usize) -> Ratio {
        let cell = (row < self.rows && column < self.columns)
            .then(|| self.numerators[row * self.columns + column]);
        self.ratio(i128::from(cell.unwrap_or(0)))
    }

    /// Returns the lines' own sums as totals that rounding has to keep.
    ///
    /// # Errors
    /// [`MarginsError::SumNotWhole`] for a line that does not make a whole number; as [`Marginal::flat`].
    pub fn whole_margins(&self, axis: Orientation) -> Result<Marginal, MarginsError> {
        let sums = self.line_sums(axis);
        let mut totals = Vec::with_capacity(sums.len());
        for (line, sum) in sums.into_iter().enumerate() {
            if sum % i128::from(self.denominator) != 0 {
                return Err(MarginsError::SumNotWhole {
                    axis,
                    line,
                    sum: self.ratio(sum),
                });
            }
            let whole = i64::try_from(sum / i128::from(self.denominator));
            totals.push(whole.map_err(|_| MarginsError::TotalOutOfRange)?);
        }
        Marginal::flat(totals)
    }

    /// Rounds every cell, and every node of both sides, down or up. Totals that a side prescribes have to be what the
    /// values make; prescribe nothing ([`Marginal::free`]) where sums are not whole.
    ///
    /// # Errors
    /// [`MarginsError::Shape`]; [`MarginsError::SumDiffers`] for a prescribed total that the values do not make,
    /// [`MarginsError::SumOutside`] for a node whose values lie outside of its bounds;
    /// [`MarginsError::TotalOutOfRange`] when the sizes of all cells together reach 2^61.
    pub fn close(
        &self,
        rows: &Marginal,
        columns: &Marginal,
        closing: Closing,
    ) -> Result<Matrix, MarginsError> {
        let size: u128 = self
            .numerators
            .iter()
            .map(|n| u128::from(n.unsigned_abs()))
            .sum();
        if size / u128::from(self.denominator.unsigned_abs()) > u128::from(u64::MAX >> 3) {
            return Err(MarginsError::TotalOutOfRange);
        }
        let (starts, stored) = every_column(self.rows, self.columns);
        let mut fractions = Fractions {
            starts,
            columns: stored,
            whole: Vec::with_capacity(self.numerators.len()),
            part: Vec::with_capacity(self.numerators.len()),
        };
        for numerator in &self.numerators {
            fractions.whole.push(numerator.div_euclid(self.denominator));
            let rest = numerator.rem_euclid(self.denominator);
            fractions.part.push(share(rest, self.denominator));
        }
        let row_values = self.node_values(Orientation::Rows, rows)?;
        let column_values = self.node_values(Orientation::Columns, columns)?;
        let all: i128 = self.numerators.iter().map(|n| i128::from(*n)).sum();
        let total = (all % i128::from(self.denominator) == 0).then_some(row_values.total);
        let values = close(
            &fractions,
            (rows, &row_values),
            (columns, &column_values),
            total,
            closing,
        )?;
        Ok(Matrix(Grid {
            rows: self.rows,
            columns: self.columns,
            layout: Layout::Dense,
            values,
        }))
    }

    fn ratio(&self, numerator: i128) -> Ratio {
        // The denominator is positive, and sums of 64-bit numbers are far inside 128 bits.
        Ratio::new(numerator, i128::from(self.denominator)).unwrap_or_default()
    }

    fn line_sums(&self, axis: Orientation) -> Vec<i128> {
        let mut sums = match axis {
            Orientation::Rows => vec![0; self.rows],
            Orientation::Columns => vec![0; self.columns],
        };
        for (cell, numerator) in self.numerators.iter().enumerate() {
            let line = match axis {
                Orientation::Rows => cell / self.columns,
                Orientation::Columns => cell % self.columns,
            };
            sums[line] += i128::from(*numerator);
        }
        sums
    }

    fn node_values(&self, axis: Orientation, side: &Marginal) -> Result<NodeValues, MarginsError> {
        let lines = self.line_sums(axis);
        if lines.len() != side.lines() {
            return Err(MarginsError::Shape {
                axis,
                lines: side.lines(),
                table: lines.len(),
            });
        }
        let all: i128 = lines.iter().sum();
        let mut sums = vec![0_i128; side.nodes().len()];
        for (leaf, sum) in side.leaves().iter().zip(lines) {
            sums[*leaf] = sum;
        }
        for node in (0..sums.len()).rev() {
            if let Some(above) = side.nodes()[node].parent() {
                sums[above] += sums[node];
            }
        }
        let denominator = i128::from(self.denominator);
        let whole_of = |sum: i128| {
            i64::try_from(sum.div_euclid(denominator)).map_err(|_| MarginsError::TotalOutOfRange)
        };
        let mut values = NodeValues {
            whole: Vec::with_capacity(sums.len()),
            part: Vec::with_capacity(sums.len()),
            total: whole_of(all)?,
        };
        for (node, sum) in sums.into_iter().enumerate() {
            if let Some(total) = side.nodes()[node].total()
                && i128::from(total) * denominator != sum
            {
                return Err(MarginsError::SumDiffers {
                    axis,
                    node,
                    total,
                    sum: self.ratio(sum),
                });
            }
            let bounds = &side.nodes()[node];
            let beyond = |limit: Option<i64>, side: std::cmp::Ordering| {
                limit.is_some_and(|limit| sum.cmp(&(i128::from(limit) * denominator)) == side)
            };
            if beyond(bounds.minimum(), std::cmp::Ordering::Less)
                || beyond(bounds.maximum(), std::cmp::Ordering::Greater)
            {
                let sum = self.ratio(sum);
                return Err(MarginsError::SumOutside { axis, node, sum });
            }
            values.whole.push(whole_of(sum)?);
            let rest = i64::try_from(sum.rem_euclid(denominator)).unwrap_or(0);
            values.part.push(share(rest, self.denominator));
        }
        Ok(values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn v_cr2_is_the_table_of_least_change() {
        let table = ExactTable::new(1, 4, vec![11, 22, 33, 44], 10).unwrap();
        let whole = table
            .close(
                &Marginal::flat([11]).unwrap(),
                &Marginal::free(4).unwrap(),
                Closing::LeastChange,
            )
            .unwrap();
        let cells: Vec<i64> = whole.row(0).map(|(_, quanta)| quanta).collect();
        assert_eq!(cells, [1, 2, 3, 5]);
        let squares: f64 = [0.1_f64, 0.2, 0.3, 0.6].iter().map(|x| x * x).sum();
        assert!(((squares / 4.0).sqrt() - 0.353_553).abs() < 1e-6);
    }

    #[test]
    fn v_cr4_is_refused_because_its_margins_are_not_whole() {
        let table = ExactTable::new(2, 2, vec![11, 10, 9, 10], 10).unwrap();
        assert_eq!(
            table.whole_margins(Orientation::Rows),
            Err(MarginsError::SumNotWhole {
                axis: Orientation::Rows,
                line: 0,
                sum: Ratio::new(21, 10).unwrap()
            })
        );
        // Its columns are whole; with the rows left open they are kept.
        let columns = table.whole_margins(Orientation::Columns).unwrap();
        let whole = table
            .close(&Marginal::free(2).unwrap(), &columns, Closing::LeastChange)
            .unwrap();
        assert_eq!(whole.line_totals(Orientation::Columns).unwrap(), [2, 2]);
        let wrong = table.close(
            &Marginal::flat([2, 2]).unwrap(),
            &Marginal::free(2).unwrap(),
            Closing::LeastChange,
        );
        assert!(matches!(
            wrong,
            Err(MarginsError::SumDiffers {
                node: 0,
                total: 2,
                ..
            })
        ));
    }

    #[test]
    fn v_cr5_to_base_five_keeps_every_margin_within_one_step() {
        let counts = [6, 0, 1, 3, 4, 1, 2, 3, 1, 2, 0, 1, 1, 0, 2];
        let table = ExactTable::new(3, 5, counts.to_vec(), 5).unwrap();
        let (rows, columns) = (Marginal::free(3).unwrap(), Marginal::free(5).unwrap());
        for closing in [Closing::Direct, Closing::LeastChange] {
            let whole = table.close(&rows, &columns, closing).unwrap();
            let within = |rounded: i64, count: i64| (rounded * 5 - count).abs() < 5;
            for (cell, count) in counts.iter().enumerate() {
                assert!(within(whole.cell(cell / 5, cell % 5), *count));
            }
            for (total, count) in whole
                .line_totals(Orientation::Rows)
                .unwrap()
                .iter()
                .zip([14, 9, 4])
            {
                assert!(within(*total, count), "row {total} for {count}");
            }
            for (total, count) in whole
                .line_totals(Orientation::Columns)
                .unwrap()
                .iter()
                .zip([7, 3, 5, 4, 8])
            {
                assert!(within(*total, count), "column {total} for {count}");
            }
            assert!(within(
                whole.line_totals(Orientation::Rows).unwrap().iter().sum(),
                27
            ));
        }
    }

    #[test]
    fn negative_values_round_down_or_up_too() {
        let table = ExactTable::new(2, 2, vec![-15, 15, 5, -5], 10).unwrap();
        let whole = table
            .close(
                &table.whole_margins(Orientation::Rows).unwrap(),
                &Marginal::free(2).unwrap(),
                Closing::LeastChange,
            )
            .unwrap();
        assert_eq!(whole.line_totals(Orientation::Rows).unwrap(), [0, 0]);
        assert_eq!(whole.cell(0, 0) + whole.cell(0, 1), 0);
    }

    #[test]
    fn sums_beyond_the_range_are_refused() {
        let table =
            ExactTable::new(1, 4, vec![i64::MAX, i64::MAX, i64::MIN, -i64::MAX], 1).unwrap();
        let refused = table.close(
            &Marginal::free(1).unwrap(),
            &Marginal::free(4).unwrap(),
            Closing::Direct,
        );
        assert_eq!(refused, Err(MarginsError::TotalOutOfRange));
    }
}
