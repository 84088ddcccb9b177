//! What pairing costs, and the search for the cheapest way.

use super::bounds::MAX_COST;
use std::collections::BTreeMap;

use super::AssignmentError;

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
    use crate::assignment::Assignment;
    use crate::limits::Limits;

    #[test]
    fn as_many_pairs_are_allowed_as_are_promised_and_no_more() {
        let mut costs = CostMatrix::new(1, 3).unwrap();
        costs.allowed = MAX_PAIRS - 1;
        assert_eq!(costs.pair(0, 0, 5), Ok(()));
        assert_eq!(
            costs.pair(0, 1, 5),
            Err(AssignmentError::TooMany {
                what: "pairs to be matched",
                count: MAX_PAIRS + 1,
                limit: MAX_PAIRS,
            })
        );
        assert_eq!(costs.pair(0, 0, 4), Ok(()), "it is allowed already");
    }

    #[test]
    fn a_proof_of_other_sizes_proves_nothing() {
        let square = |size| {
            let mut costs = CostMatrix::new(size, size).unwrap();
            for row in 0..size {
                costs.pair(row, row, 1).unwrap();
            }
            costs
        };
        let best = square(2).assign().unwrap();
        assert!(best.proves_least(&square(2)));
        for other in [square(1), square(3), CostMatrix::new(2, 3).unwrap()] {
            assert!(!best.proves_least(&other));
        }
    }

    /// What costs as much may still not be the least: a price above zero, or one of a column that is not used, proves nothing.
    #[test]
    fn prices_that_are_not_fair_prove_nothing() {
        let mut costs = CostMatrix::new(1, 2).unwrap();
        costs.pair(0, 0, 1).unwrap();
        costs.pair(0, 1, 3).unwrap();
        let best = costs.assign().unwrap();
        assert!(best.proves_least(&costs));
        let mut dearer = best.clone();
        (dearer.columns, dearer.cost) = (vec![Some(1)], 3);
        dearer.row_price = vec![best.row_price[0]];
        dearer.column_price[1] = 3 - costs.alone_columns[1] - dearer.row_price[0];
        assert_eq!(costs.total(&dearer.columns), dearer.cost);
        assert!(!dearer.proves_least(&costs));
        // The dearer column, and a price below zero of the cheaper one, which is not used.
        costs.leave_row(0, 9).unwrap();
        let unused = Assignment {
            columns: vec![Some(1)],
            cost: 3,
            row_price: vec![3],
            column_price: vec![-2, 0, 0],
        };
        assert_eq!(costs.total(&unused.columns), unused.cost);
        assert!(!unused.proves_least(&costs));
    }

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
        assert_eq!(
            (rows, columns, allowed),
            (2_000, 2_000, Limits::default().steps)
        );
        assert_eq!(needed, 2_000 * 2_001 * 4_001);
        assert!(needed > u128::from(allowed));
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
