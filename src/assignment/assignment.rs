//! An assignment and the prices that prove it.

use serde::Serialize;

use super::CostMatrix;

/// An assignment of least cost with its proof.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Assignment {
    pub(super) columns: Vec<Option<usize>>,
    pub(super) cost: i64,
    pub(super) row_price: Vec<i64>,
    pub(super) column_price: Vec<i64>,
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
    /// programming duality). It takes one look at every allowed pair.
    #[must_use]
    pub fn proves_least(&self, costs: &CostMatrix) -> bool {
        let rows = costs.pairs.len();
        let width = costs.columns + rows;
        let sized = self.columns.len() == rows && self.row_price.len() == rows;
        if !sized || self.column_price.len() != width {
            return false;
        }
        let mut used = vec![false; width];
        for (row, pairs) in costs.pairs.iter().enumerate() {
            let partner = self.columns[row].unwrap_or(costs.columns + row);
            if partner >= width || std::mem::replace(&mut used[partner], true) {
                return false;
            }
            let beyond =
                |(column, cost): (&usize, &i64)| (*column, cost - costs.alone_columns[*column]);
            let alone = (costs.columns + row, costs.alone_rows[row]);
            let mut allowed = false;
            for (column, cost) in pairs.iter().map(beyond).chain([alone]) {
                let rest = cost - self.row_price[row] - self.column_price[column];
                if rest < 0 || (column == partner && rest != 0) {
                    return false;
                }
                allowed |= column == partner;
            }
            if !allowed {
                return false;
            }
        }
        let prices = self.column_price.iter().zip(&used);
        let fair = prices
            .into_iter()
            .all(|(price, used)| *price <= 0 && (*used || *price == 0));
        fair && costs.total(&self.columns) == self.cost
    }
}
