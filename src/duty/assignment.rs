//! The assignment of least cost: each row to at most one column, and the proof that no assignment costs less.

use std::collections::BTreeMap;

use serde::Serialize;

use super::DutyError;

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
    columns: usize,
    /// For each row the columns that it may have, with the cost.
    pairs: Vec<BTreeMap<usize, i64>>,
    allowed: usize,
    alone_rows: Vec<i64>,
    alone_columns: Vec<i64>,
}

impl CostMatrix {
    /// Returns a matrix in which no pair is allowed and leaving something out costs nothing.
    ///
    /// # Errors
    /// [`DutyError::TooMany`] beyond 16 million rows or columns.
    pub fn new(rows: usize, columns: usize) -> Result<Self, DutyError> {
        for (what, count) in [
            ("rows to be matched", rows),
            ("columns to be matched", columns),
        ] {
            if count > MAX_SIDE {
                let limit = MAX_SIDE;
                return Err(DutyError::TooMany { what, count, limit });
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
    /// [`DutyError::Cost`] beyond plus or minus 10^12; [`DutyError::Outside`]; [`DutyError::TooMany`] beyond 16 million
    /// allowed pairs.
    pub fn pair(&mut self, row: usize, column: usize, cost: i64) -> Result<(), DutyError> {
        let Some(own) = self.pairs.get_mut(row).filter(|_| column < self.columns) else {
            return Err(DutyError::Outside { row, column });
        };
        let cost = checked(cost)?;
        if self.allowed >= MAX_PAIRS && !own.contains_key(&column) {
            return Err(DutyError::TooMany {
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
        self.pairs.get(row)?.get(&column).copied()
    }

    /// Returns the assignment of least cost, by shortest augmenting paths (Jonker and Volgenant, 1987).
    ///
    /// Rows and columns that no chain of allowed pairs connects are solved apart, so that only the size of a connected part
    /// counts. Of equally cheap assignments the one that the order of rows and columns leads to: give them in an order
    /// of their own, not in the order in which they were entered.
    ///
    /// ```
    /// use quotaflow::duty::CostMatrix;
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
    /// # Ok::<(), quotaflow::duty::DutyError>(())
    /// ```
    ///
    /// # Errors
    /// [`DutyError::TooManySteps`] for a connected part that might need more than [`MAX_STEPS`]; nothing is then searched.
    pub fn assign(&self) -> Result<Assignment, DutyError> {
        let rows = self.pairs.len();
        let parts = self.parts();
        for (rows, columns) in &parts {
            let needed = steps(rows.len(), columns.len());
            if needed > u128::from(MAX_STEPS) {
                return Err(DutyError::TooManySteps {
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

/// Returns the most steps that a part of this size can need.
fn steps(rows: usize, columns: usize) -> u128 {
    let wide = |count: usize| u128::try_from(count).unwrap_or(u128::MAX);
    let passed = wide(rows.min(columns)).saturating_add(1);
    let weighed = wide(columns).saturating_add(passed);
    wide(rows).saturating_mul(passed).saturating_mul(weighed)
}

/// The search within one connected part, by numbers of its own. Each row also has a column of its own, after the others,
/// that stands for staying alone, so that a complete assignment always exists.
struct Part {
    /// For each row the columns that it may have, with what pairing costs beyond leaving the column alone.
    reach: Vec<Vec<(usize, i64)>>,
    row_price: Vec<i64>,
    column_price: Vec<i64>,
    row_of: Vec<Option<usize>>,
}

impl Part {
    fn solve(costs: &CostMatrix, rows: &[usize], columns: &[usize]) -> Self {
        let width = columns.len() + rows.len();
        let reach = rows.iter().enumerate().map(|(own, row)| {
            let beyond = |(column, cost): (&usize, &i64)| {
                let own = columns.binary_search(column).ok()?;
                Some((own, cost - costs.alone_columns[*column]))
            };
            let pairs = costs.pairs[*row].iter().filter_map(beyond);
            let alone = (columns.len() + own, costs.alone_rows[*row]);
            pairs.chain([alone]).collect()
        });
        let mut part = Self {
            reach: reach.collect(),
            row_price: vec![0; rows.len()],
            column_price: vec![0; width],
            row_of: vec![None; width],
        };
        let mut search = Search {
            distance: vec![None; width],
            from: vec![None; width],
            settled: vec![false; width],
            reached: Vec::new(),
        };
        for start in 0..rows.len() {
            part.augment(start, &mut search);
            search.clear();
        }
        part
    }

    fn augment(&mut self, start: usize, search: &mut Search) {
        let mut order = Vec::new();
        let (mut row, mut travelled) = (start, 0_i64);
        let mut through = None;
        let end = loop {
            for (column, cost) in &self.reach[row] {
                if search.settled[*column] {
                    continue;
                }
                let found = travelled + cost - self.row_price[row] - self.column_price[*column];
                let known = &mut search.distance[*column];
                if known.is_none() {
                    search.reached.push(*column);
                }
                if known.is_none_or(|known| found < known) {
                    *known = Some(found);
                    search.from[*column] = through;
                }
            }
            // The row's own column is always open to it, so there is a nearest one.
            let Some((found, column)) = search.nearest() else {
                return;
            };
            search.settled[column] = true;
            travelled = found;
            match self.row_of[column] {
                None => break column,
                Some(next) => {
                    order.push(column);
                    row = next;
                    through = Some(column);
                }
            }
        };
        self.row_price[start] += travelled;
        for column in order {
            let short = travelled - search.distance[column].unwrap_or(travelled);
            if let Some(row) = self.row_of[column] {
                self.row_price[row] += short;
            }
            self.column_price[column] -= short;
        }
        let mut column = end;
        while let Some(before) = search.from[column] {
            self.row_of[column] = self.row_of[before];
            column = before;
        }
        self.row_of[column] = Some(start);
    }
}

/// What one row's search for its place has found so far.
struct Search {
    distance: Vec<Option<i64>>,
    from: Vec<Option<usize>>,
    settled: Vec<bool>,
    reached: Vec<usize>,
}

impl Search {
    /// Returns the nearest reached column that is not settled, the first of equally near ones.
    fn nearest(&self) -> Option<(i64, usize)> {
        let open = self.reached.iter().filter(|column| !self.settled[**column]);
        open.filter_map(|column| self.distance[*column].map(|found| (found, *column)))
            .min()
    }

    fn clear(&mut self) {
        for column in self.reached.drain(..) {
            self.distance[column] = None;
            self.from[column] = None;
            self.settled[column] = false;
        }
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
