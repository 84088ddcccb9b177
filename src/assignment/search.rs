//! Shortest augmenting paths within one connected part (Jonker and Volgenant, 1987).

use super::CostMatrix;
use super::{Assignment, AssignmentError};
use crate::limits::{Limits, Size};

/// Returns the most steps that a part of this size can need.
pub(super) fn steps(rows: usize, columns: usize) -> u128 {
    let wide = |count: usize| u128::try_from(count).unwrap_or(u128::MAX);
    let passed = wide(rows.min(columns)).saturating_add(1);
    let weighed = wide(columns).saturating_add(passed);
    wide(rows).saturating_mul(passed).saturating_mul(weighed)
}

/// The search within one connected part, by numbers of its own. Each row also has a column of its own, after the others,
/// that stands for staying alone, so that a complete assignment always exists.
pub(super) struct Part {
    /// For each row the columns that it may have, with what pairing costs beyond leaving the column alone.
    reach: Vec<Vec<(usize, i64)>>,
    pub(super) row_price: Vec<i64>,
    pub(super) column_price: Vec<i64>,
    pub(super) row_of: Vec<Option<usize>>,
}

impl Part {
    pub(super) fn solve(costs: &CostMatrix, rows: &[usize], columns: &[usize]) -> Self {
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

impl CostMatrix {
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
    /// [`AssignmentError::TooManySteps`] for a connected part that might need more than the steps of [`Limits::default`]: about
    /// 1,250 rows by as many columns, all connected. Nothing is then searched.
    pub fn assign(&self) -> Result<Assignment, AssignmentError> {
        self.assign_within(Limits::default())
    }

    /// Returns what [`assign`](Self::assign) returns, within a host's limit of steps.
    ///
    /// A connected part of `r` rows and `c` columns, the lesser of which is `k`, needs at most `r (k + 1) (c + k + 1)` steps: each
    /// row looks for its place once, on its way passes each paired column at most once, and at each weighs every column.
    ///
    /// ```
    /// use quotaflow::assignment::CostMatrix;
    /// use quotaflow::limits::{Limits, Size};
    /// let mut costs = CostMatrix::new(1, 1)?;
    /// costs.pair(0, 0, 7)?;
    /// costs.leave_row(0, 100)?;
    /// assert_eq!(costs.assign_within(Limits::default().with(Size::Steps, 6))?.cost(), 7);
    /// let error = costs.assign_within(Limits::default().with(Size::Steps, 5)).unwrap_err();
    /// assert!(error.to_string().contains("may need 6 steps"), "{error}");
    /// # Ok::<(), quotaflow::assignment::AssignmentError>(())
    /// ```
    ///
    /// # Errors
    /// [`AssignmentError::TooManySteps`] for a connected part that might need more; nothing is then searched.
    pub fn assign_within(&self, limits: Limits) -> Result<Assignment, AssignmentError> {
        let allowed = limits.most(Size::Steps);
        let rows = self.pairs.len();
        let parts = self.parts();
        for (rows, columns) in &parts {
            let needed = steps(rows.len(), columns.len());
            if needed > u128::from(allowed) {
                return Err(AssignmentError::TooManySteps {
                    rows: rows.len(),
                    columns: columns.len(),
                    needed,
                    allowed,
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
}
