//! What pairing costs, and the search for the cheapest way.

use std::collections::BTreeMap;

use super::search::{Part, steps};
use super::{Assignment, AssignmentError};

/// The largest cost of one pair or of leaving something out.
pub const MAX_COST: i64 = 1_000_000_000_000;
/// The most steps that the search may need for one connected part: about 1,250 rows by as many columns, all connected.
///
/// A part of `r` rows and `c` columns, the lesser of which is `k`, needs at most `r (k + 1) (c + k + 1)` steps: each row looks
/// for its place once, on its way passes each paired column at most once, and at each weighs every column.
pub const MAX_STEPS: u64 = 4_000_000_000;
/// The most allowed pairs.
const MAX_PAIRS: usize = 16_000_000;
/// The most rows, and the most columns.
const MAX_SIDE: usize = 16_000_000;

/// What it costs to pair each row with each column, and to leave a row or a column without a partner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CostMatrix {
    pub(super) columns: usize,
    /// For each row the columns that it may have, with the cost.
    pub(super) pairs: Vec<BTreeMap<usize, i64>>,
    allowed: usize,
    pub(super) alone_rows: Vec<i64>,
    pub(super) alone_columns: Vec<i64>,
}

impl CostMatrix {
    /// Returns a matrix in which no pair is allowed and leaving something out costs nothing.
    ///
    /// # Errors
    /// [`AssignmentError::TooMany`] beyond 16 million rows or columns.
    pub fn new(rows: usize, columns: usize) -> Result<Self, AssignmentError> {
        for (what, count) in [
            ("rows to be matched", rows),
            ("columns to be matched", columns),
        ] {
            if count > MAX_SIDE {
                let limit = MAX_SIDE;
                return Err(AssignmentError::TooMany { what, count, limit });
            }
        }
        Ok(Self {
            columns,
            pairs: vec![BTreeMap::new(); rows],
            allowed: 0,
            alone_rows: vec![0; rows],
            alone_columns: vec![0; columns],
        })
    }

    /// Allows a pair at this cost.
    ///
    /// # Errors
    /// [`AssignmentError::Cost`] beyond plus or minus 10^12; [`AssignmentError::NoSuchRow`],
    /// [`AssignmentError::NoSuchColumn`]; [`AssignmentError::TooMany`] beyond 16 million allowed pairs.
    pub fn pair(&mut self, row: usize, column: usize, cost: i64) -> Result<(), AssignmentError> {
        let (rows, columns) = (self.pairs.len(), self.columns);
        if column >= columns {
            return Err(AssignmentError::NoSuchColumn { column, columns });
        }
        let Some(own) = self.pairs.get_mut(row) else {
            return Err(AssignmentError::NoSuchRow { row, rows });
        };
        let cost = checked(cost)?;
        if self.allowed >= MAX_PAIRS && !own.contains_key(&column) {
            return Err(AssignmentError::TooMany {
                what: "pairs to be matched",
                count: self.allowed + 1,
                limit: MAX_PAIRS,
            });
        }
        self.allowed += usize::from(own.insert(column, cost).is_none());
        Ok(())
    }

    /// Sets what it costs to leave a row without a partner.
    ///
    /// # Errors
    /// [`AssignmentError::Cost`]; [`AssignmentError::NoSuchRow`].
    pub fn leave_row(&mut self, row: usize, cost: i64) -> Result<(), AssignmentError> {
        let rows = self.alone_rows.len();
        let cell = self.alone_rows.get_mut(row);
        *cell.ok_or(AssignmentError::NoSuchRow { row, rows })? = checked(cost)?;
        Ok(())
    }

    /// Sets what it costs to leave a column without a partner.
    ///
    /// # Errors
    /// [`AssignmentError::Cost`]; [`AssignmentError::NoSuchColumn`].
    pub fn leave_column(&mut self, column: usize, cost: i64) -> Result<(), AssignmentError> {
        let columns = self.columns;
        let cell = self.alone_columns.get_mut(column);
        *cell.ok_or(AssignmentError::NoSuchColumn { column, columns })? = checked(cost)?;
        Ok(())
    }

    /// Returns what a pair costs, if it is allowed.
    #[must_use]
    pub fn cost(&self, row: usize, column: usize) -> Option<i64> {
        self.pairs.get(row)?.get(&column).copied()
    }

    /// Returns the assignment of least cost, by shortest augmenting paths (Jonker and Volgenant, 1987).
    ///
    /// Rows and columns that no chain of allowed pairs connects are solved apart, so that only the size of a connected part
    /// counts. Of equally cheap assignments the one that the order of rows and columns leads to: give them in an order
    /// of their own, not in the order in which they were entered.
    ///
    /// ```
    /// use quotaflow::assignment::CostMatrix;
    /// let mut costs = CostMatrix::new(2, 2)?;
    /// for (row, column, cost) in [(0, 0, 1), (0, 1, 2), (1, 0, 2), (1, 1, 9)] {
    ///     costs.pair(row, column, cost)?;
    /// }
    /// costs.leave_row(0, 100)?;
    /// costs.leave_row(1, 100)?;
    /// let best = costs.assign()?;
    /// // First come, first served would take 1 and then 9.
    /// assert_eq!((best.cost(), best.columns()), (4, &[Some(1), Some(0)][..]));
    /// assert!(best.proves_least(&costs));
    /// # Ok::<(), quotaflow::assignment::AssignmentError>(())
    /// ```
    ///
    /// # Errors
    /// [`AssignmentError::TooManySteps`] for a connected part that might need more than [`MAX_STEPS`]; nothing is then searched.
    pub fn assign(&self) -> Result<Assignment, AssignmentError> {
        let rows = self.pairs.len();
        let parts = self.parts();
        for (rows, columns) in &parts {
            let needed = steps(rows.len(), columns.len());
            if needed > u128::from(MAX_STEPS) {
                return Err(AssignmentError::TooManySteps {
                    rows: rows.len(),
                    columns: columns.len(),
                    needed,
                    allowed: MAX_STEPS,
                });
            }
        }
        let mut found = Assignment {
            columns: vec![None; rows],
            cost: 0,
            row_price: vec![0; rows],
            column_price: vec![0; self.columns + rows],
        };
        for (rows, columns) in parts {
            let part = Part::solve(self, &rows, &columns);
            for (own, row) in rows.iter().enumerate() {
                found.row_price[*row] = part.row_price[own];
                let alone = columns.len() + own;
                found.column_price[self.columns + row] = part.column_price[alone];
            }
            for (own, column) in columns.iter().enumerate() {
                found.column_price[*column] = part.column_price[own];
                if let Some(row) = part.row_of[own] {
                    found.columns[rows[row]] = Some(*column);
                }
            }
        }
        found.cost = self.total(&found.columns);
        Ok(found)
    }

    /// Returns the connected parts by their first rows: the rows and the columns of each, in order.
    fn parts(&self) -> Vec<(Vec<usize>, Vec<usize>)> {
        let mut rows_of: Vec<Vec<usize>> = vec![Vec::new(); self.columns];
        for (row, own) in self.pairs.iter().enumerate() {
            for column in own.keys() {
                rows_of[*column].push(row);
            }
        }
        let mut seen = (vec![false; self.pairs.len()], vec![false; self.columns]);
        let mut parts = Vec::new();
        for first in 0..self.pairs.len() {
            if std::mem::replace(&mut seen.0[first], true) {
                continue;
            }
            let (mut rows, mut columns) = (Vec::new(), Vec::new());
            let mut open = vec![first];
            while let Some(row) = open.pop() {
                rows.push(row);
                for column in self.pairs[row].keys() {
                    if std::mem::replace(&mut seen.1[*column], true) {
                        continue;
                    }
                    columns.push(*column);
                    for other in &rows_of[*column] {
                        if !std::mem::replace(&mut seen.0[*other], true) {
                            open.push(*other);
                        }
                    }
                }
            }
            rows.sort_unstable();
            columns.sort_unstable();
            parts.push((rows, columns));
        }
        parts
    }

    pub(super) fn total(&self, columns: &[Option<usize>]) -> i64 {
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

fn checked(cost: i64) -> Result<i64, AssignmentError> {
    if (-MAX_COST..=MAX_COST).contains(&cost) {
        Ok(cost)
    } else {
        Err(AssignmentError::Cost { cost })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_hangs_together_counts_for_the_bound_of_the_search() {
        // Two thousand rows with a column each hang together with nothing else: two thousand small parts.
        let mut costs = CostMatrix::new(2_000, 2_000).unwrap();
        for row in 0..2_000 {
            costs.pair(row, 1_999 - row, 1).unwrap();
            costs.leave_row(row, 5).unwrap();
        }
        let best = costs.assign().unwrap();
        assert_eq!((best.cost(), best.columns()[3]), (2_000, Some(1_996)));
        assert!(best.proves_least(&costs));
        // Ten thousand rows for one column are one part, yet a small one: the way of a row passes one column at most.
        let mut narrow = CostMatrix::new(10_000, 1).unwrap();
        for row in 0..10_000 {
            narrow
                .pair(row, 0, i64::try_from(row % 97).unwrap() - 50)
                .unwrap();
        }
        let best = narrow.assign().unwrap();
        assert_eq!(best.cost(), -50);
        assert!(best.proves_least(&narrow));
        // A chain of rows hangs together from end to end.
        for row in 1..2_000 {
            costs.pair(row, 2_000 - row, 7).unwrap();
        }
        let error = costs.assign().unwrap_err();
        let AssignmentError::TooManySteps {
            rows,
            columns,
            needed,
            allowed,
        } = error
        else {
            panic!("{error}");
        };
        assert_eq!((rows, columns, allowed), (2_000, 2_000, MAX_STEPS));
        assert_eq!(needed, 2_000 * 2_001 * 4_001);
        assert!(needed > u128::from(MAX_STEPS));
        assert_eq!(
            AssignmentError::TooManySteps {
                rows,
                columns,
                needed,
                allowed
            }
            .to_string(),
            "2000 rows and 2000 columns that hang together may need 16012002000 steps to be matched, more than the 4000000000 \
             allowed: match them in smaller parts"
        );
        assert!(CostMatrix::new(usize::MAX, 1).is_err());
    }
}
