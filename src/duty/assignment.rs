//! The assignment of least cost: each row to at most one column, and the proof that no assignment costs less.

use serde::Serialize;

use super::DutyError;

/// The largest cost of one pair or of leaving something out.
pub const MAX_COST: i64 = 1_000_000_000_000;
/// The most cells of a matrix.
const MAX_CELLS: usize = 16_000_000;

/// What it costs to pair each row with each column, and to leave a row or a column without a partner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CostMatrix {
    rows: usize,
    columns: usize,
    pairs: Vec<Option<i64>>,
    alone_rows: Vec<i64>,
    alone_columns: Vec<i64>,
}

impl CostMatrix {
    /// Returns a matrix in which no pair is allowed and leaving something out costs nothing.
    ///
    /// # Errors
    /// [`DutyError::TooMany`] beyond 16 million pairs.
    pub fn new(rows: usize, columns: usize) -> Result<Self, DutyError> {
        let cells = rows
            .checked_mul(columns)
            .filter(|cells| *cells <= MAX_CELLS);
        let Some(cells) = cells else {
            let count = rows.saturating_mul(columns);
            return Err(DutyError::TooMany {
                what: "pairs to be matched",
                count,
                limit: MAX_CELLS,
            });
        };
        Ok(Self {
            rows,
            columns,
            pairs: vec![None; cells],
            alone_rows: vec![0; rows],
            alone_columns: vec![0; columns],
        })
    }

    /// Allows a pair at this cost.
    ///
    /// # Errors
    /// [`DutyError::Cost`] beyond plus or minus 10^12; [`DutyError::Outside`].
    pub fn pair(&mut self, row: usize, column: usize, cost: i64) -> Result<(), DutyError> {
        if row >= self.rows || column >= self.columns {
            return Err(DutyError::Outside { row, column });
        }
        self.pairs[row * self.columns + column] = Some(checked(cost)?);
        Ok(())
    }

    /// Sets what it costs to leave a row without a partner.
    ///
    /// # Errors
    /// [`DutyError::Cost`]; [`DutyError::Outside`].
    pub fn leave_row(&mut self, row: usize, cost: i64) -> Result<(), DutyError> {
        let cell = self
            .alone_rows
            .get_mut(row)
            .ok_or(DutyError::Outside { row, column: 0 })?;
        *cell = checked(cost)?;
        Ok(())
    }

    /// Sets what it costs to leave a column without a partner.
    ///
    /// # Errors
    /// [`DutyError::Cost`]; [`DutyError::Outside`].
    pub fn leave_column(&mut self, column: usize, cost: i64) -> Result<(), DutyError> {
        let cell = self.alone_columns.get_mut(column);
        *cell.ok_or(DutyError::Outside { row: 0, column })? = checked(cost)?;
        Ok(())
    }

    /// Returns what a pair costs, if it is allowed.
    #[must_use]
    pub fn cost(&self, row: usize, column: usize) -> Option<i64> {
        let inside = row < self.rows && column < self.columns;
        if inside {
            self.pairs[row * self.columns + column]
        } else {
            None
        }
    }

    /// Returns what pairing saves or costs beyond leaving the column alone.
    fn beyond(&self, row: usize, column: usize) -> Option<i64> {
        Some(self.cost(row, column)? - self.alone_columns[column])
    }

    /// Returns the assignment of least cost, by shortest augmenting paths (Jonker and Volgenant, 1987).
    ///
    /// Of equally cheap assignments the one that the order of rows and columns leads to: give them in an order of their
    /// own, not in the order in which they were entered.
    ///
    /// ```
    /// use quotaflow::duty::CostMatrix;
    /// let mut costs = CostMatrix::new(2, 2)?;
    /// for (row, column, cost) in [(0, 0, 1), (0, 1, 2), (1, 0, 2), (1, 1, 9)] {
    ///     costs.pair(row, column, cost)?;
    /// }
    /// costs.leave_row(0, 100)?;
    /// costs.leave_row(1, 100)?;
    /// let best = costs.assign();
    /// // First come, first served would take 1 and then 9.
    /// assert_eq!((best.cost(), best.columns()), (4, &[Some(1), Some(0)][..]));
    /// assert!(best.proves_least(&costs));
    /// # Ok::<(), quotaflow::duty::DutyError>(())
    /// ```
    #[must_use]
    pub fn assign(&self) -> Assignment {
        // Each row also has a column of its own that stands for staying alone, so a complete assignment always exists.
        let width = self.columns + self.rows;
        let mut row_price = vec![0_i64; self.rows];
        let mut column_price = vec![0_i64; width];
        let mut row_of: Vec<Option<usize>> = vec![None; width];
        for start in 0..self.rows {
            self.augment(start, &mut row_price, &mut column_price, &mut row_of);
        }
        let mut columns = vec![None; self.rows];
        for (column, row) in row_of.iter().take(self.columns).enumerate() {
            if let Some(row) = row {
                columns[*row] = Some(column);
            }
        }
        let cost = self.total(&columns);
        Assignment {
            columns,
            cost,
            row_price,
            column_price,
        }
    }

    fn reach(&self, row: usize, column: usize) -> Option<i64> {
        if column < self.columns {
            self.beyond(row, column)
        } else {
            (column - self.columns == row).then(|| self.alone_rows[row])
        }
    }

    fn augment(
        &self,
        start: usize,
        row_price: &mut [i64],
        column_price: &mut [i64],
        row_of: &mut [Option<usize>],
    ) {
        let width = column_price.len();
        let mut distance: Vec<Option<i64>> = vec![None; width];
        let mut from: Vec<Option<usize>> = vec![None; width];
        let mut settled = vec![false; width];
        let mut order = Vec::new();
        let (mut row, mut travelled) = (start, 0_i64);
        let mut through = None;
        let end = loop {
            for column in 0..width {
                if settled[column] {
                    continue;
                }
                let Some(cost) = self.reach(row, column) else {
                    continue;
                };
                let found = travelled + cost - row_price[row] - column_price[column];
                if distance[column].is_none_or(|known| found < known) {
                    distance[column] = Some(found);
                    from[column] = through;
                }
            }
            let open = (0..width).filter(|column| !settled[*column]);
            let nearest = open
                .filter_map(|column| distance[column].map(|found| (found, column)))
                .min();
            // The row's own column is always open to it, so there is a nearest one.
            let Some((found, column)) = nearest else {
                return;
            };
            settled[column] = true;
            travelled = found;
            match row_of[column] {
                None => break column,
                Some(next) => {
                    order.push(column);
                    row = next;
                    through = Some(column);
                }
            }
        };
        row_price[start] += travelled;
        for column in order {
            let short = travelled - distance[column].unwrap_or(travelled);
            if let Some(row) = row_of[column] {
                row_price[row] += short;
            }
            column_price[column] -= short;
        }
        let mut column = end;
        while let Some(before) = from[column] {
            row_of[column] = row_of[before];
            column = before;
        }
        row_of[column] = Some(start);
    }

    fn total(&self, columns: &[Option<usize>]) -> i64 {
        let mut used = vec![false; self.columns];
        let mut cost = 0;
        for (row, column) in columns.iter().enumerate() {
            cost += match column {
                Some(column) => {
                    used[*column] = true;
                    self.cost(row, *column).unwrap_or(0)
                }
                None => self.alone_rows[row],
            };
        }
        let alone = self
            .alone_columns
            .iter()
            .zip(used)
            .filter(|(_, used)| !used);
        cost + alone.map(|(cost, _)| cost).sum::<i64>()
    }
}

fn checked(cost: i64) -> Result<i64, DutyError> {
    if (-MAX_COST..=MAX_COST).contains(&cost) {
        Ok(cost)
    } else {
        Err(DutyError::Cost { cost })
    }
}

/// An assignment of least cost with its proof.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Assignment {
    columns: Vec<Option<usize>>,
    cost: i64,
    row_price: Vec<i64>,
    column_price: Vec<i64>,
}

impl Assignment {
    /// Returns the column of each row, if it has one.
    #[must_use]
    pub fn columns(&self) -> &[Option<usize>] {
        &self.columns
    }

    /// Returns what the pairs and everything left alone cost together.
    #[must_use]
    pub fn cost(&self) -> i64 {
        self.cost
    }

    /// Checks the proof that no assignment of these costs is cheaper.
    ///
    /// The proof is a price for each row and each column: no pair costs less than its two prices, every pair that was
    /// made costs exactly that, no column has a price above zero, and a column without a row has none (linear
    /// programming duality). It takes one look at every pair.
    #[must_use]
    pub fn proves_least(&self, costs: &CostMatrix) -> bool {
        let width = costs.columns + costs.rows;
        if self.columns.len() != costs.rows || self.column_price.len() != width {
            return false;
        }
        let mut used = vec![false; width];
        for row in 0..costs.rows {
            let partner = self.columns[row].unwrap_or(costs.columns + row);
            if partner >= width || std::mem::replace(&mut used[partner], true) {
                return false;
            }
            let reaches = (0..costs.columns).chain([costs.columns + row]);
            for column in reaches {
                let Some(cost) = costs.reach(row, column) else {
                    if column == partner {
                        return false;
                    }
                    continue;
                };
                let rest = cost - self.row_price[row] - self.column_price[column];
                if rest < 0 || (column == partner && rest != 0) {
                    return false;
                }
            }
        }
        let prices = self.column_price.iter().zip(&used);
        let fair = prices
            .into_iter()
            .all(|(price, used)| *price <= 0 && (*used || *price == 0));
        fair && costs.total(&self.columns) == self.cost
    }
}
