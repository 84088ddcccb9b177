//! Three and more margins of both signs: a product of returns among products that are sold.

use super::nested::{Closeness, Refutation, Resolution, Taken, orders};
use super::several::{index, place};
use super::side;
use super::{Closing, Marginal, MarginsError, Seed, Several, TwoWay};
use crate::allocation::Bound;

impl Several {
    /// Solves a table with totals on both sides of zero, axis after axis: what the cells of one two-way table got are the rows
    /// of the next. On which side of zero each cell is, see "Signs" at [`TwoWay`].
    pub(super) fn solve_signed(&self) -> Result<Resolution, MarginsError> {
        let taken = Taken::of(self);
        let mut looked_at = 0;
        for order in orders(taken.sizes.len()) {
            looked_at += 1;
            let turned = Turned::of(self, &taken, &order);
            if let Some(cells) = turned.nest()? {
                return Ok(Resolution::Solved {
                    table: taken.given_back(self, turned.back(cells))?,
                    closeness: Closeness::Anywhere,
                });
            }
            if order.len() == 1 {
                // One margin over all axes prescribes every cell.
                return Ok(Resolution::Impossible(Refutation::Exhausted { looked_at }));
            }
        }
        Ok(Resolution::NotFound { looked_at })
    }
}

/// The table with its axes in another order.
struct Turned {
    sizes: Vec<usize>,
    totals: Vec<Vec<i64>>,
    weights: Vec<f64>,
    /// The most that each cell may be, without its sign, where that is limited.
    most: Vec<Option<i64>>,
    falls: Vec<bool>,
    /// The cell of the table before for each cell.
    from: Vec<usize>,
}

impl Turned {
    fn of(several: &Several, taken: &Taken, order: &[usize]) -> Self {
        let sizes: Vec<usize> = order.iter().map(|axis| taken.sizes[*axis]).collect();
        let totals: Vec<Vec<i64>> = order
            .iter()
            .map(|axis| taken.totals[*axis].clone())
            .collect();
        let cells = taken.weights(several).len();
        let mut turned = Self {
            weights: Vec::with_capacity(cells),
            most: Vec::with_capacity(cells),
            falls: Vec::with_capacity(cells),
            from: Vec::with_capacity(cells),
            sizes,
            totals,
        };
        for cell in 0..cells {
            let after = place(cell, &turned.sizes);
            let mut before = vec![0; after.len()];
            for (line, axis) in after.iter().zip(order) {
                before[*axis] = *line;
            }
            let from = index(&before, &taken.sizes).unwrap_or(cell);
            let stated = taken.stated_cell(from);
            let lines = after.iter().zip(&turned.totals);
            let lines = lines.map(|(line, totals)| totals[*line]);
            turned.falls.push(side::falls(several.total(), lines));
            turned.weights.push(taken.weights(several)[from]);
            turned.most.push(several.most.get(&stated).copied());
            turned.from.push(from);
        }
        turned
    }

    /// Rounds axis after axis; `None` where a step has no table.
    fn nest(&self) -> Result<Option<Vec<i64>>, MarginsError> {
        let mut rows = self.totals[0].clone();
        if self.sizes.len() == 1 {
            let fits = |cell: usize| {
                let open = self.weights[cell] > 0.0 || rows[cell] == 0;
                let most = self.most[cell].is_none_or(|most| rows[cell].abs() <= most);
                open && most
            };
            return Ok((0..rows.len()).all(fits).then_some(rows));
        }
        for axis in 1..self.sizes.len() {
            let (width, depth) = (self.sizes[axis], self.sizes[axis + 1..].iter().product());
            let Some(cells) = self.step(&rows, &self.totals[axis], width, depth)? else {
                return Ok(None);
            };
            rows = cells;
        }
        Ok(Some(rows))
    }

    fn step(
        &self,
        rows: &[i64],
        columns: &[i64],
        width: usize,
        depth: usize,
    ) -> Result<Option<Vec<i64>>, MarginsError> {
        let sum = |weights: &[f64]| match weights.iter().sum::<f64>() {
            sum if sum > 0.0 => sum.clamp(Seed::MIN_WEIGHT, Seed::MAX_WEIGHT),
            _ => 0.0,
        };
        let weights = self.weights.chunks(depth).map(sum).collect();
        let mut stated = TwoWay::new(
            Seed::dense(rows.len(), width, weights)?,
            Marginal::flat(rows.iter().copied())?,
            Marginal::flat(columns.iter().copied())?,
        )?;
        for (cell, falls) in self.falls.chunks(depth).enumerate() {
            let (row, column) = (cell / width, cell % width);
            // What the step before left of a line may be zero where its total is not, so the step says less than the whole.
            if falls.iter().all(|falls| *falls) {
                stated = stated.bounded(row, column, Bound::at_most(0))?;
            } else if falls.iter().all(|falls| !*falls) {
                stated = stated.bounded(row, column, Bound::at_least(0))?;
            }
            if let Some(most) = self.most[cell].filter(|_| depth == 1) {
                // On the side of the step; where that is not the side of the cell, nothing but zero is left of it anyway.
                let bound = if stated.falls(row, column) {
                    Bound::at_least(-most)
                } else {
                    Bound::at_most(most)
                };
                stated = stated.bounded(row, column, bound)?;
            }
        }
        let solved = match stated.solve(Closing::Direct) {
            Ok(solved) => solved,
            Err(MarginsError::Impossible { .. }) => return Ok(None),
            Err(other) => return Err(other),
        };
        let table = solved.table();
        let cells = (0..rows.len() * width).map(|cell| table.cell(cell / width, cell % width));
        Ok(Some(cells.collect()))
    }

    /// Puts cells back into the order before turning.
    fn back(&self, cells: Vec<i64>) -> Vec<i64> {
        let mut back = vec![0; cells.len()];
        for (from, value) in self.from.iter().zip(cells) {
            back[*from] = value;
        }
        back
    }
}
