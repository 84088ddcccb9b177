//! Iterative proportional fitting: one factor for each row part and each column part.

use super::stopping::{Factors, Misfit, StoppingRule};
use std::borrow::Cow;

use super::blocked::settle;
use super::cells::{Cell, Cells};
use super::newton::{Balance, Entry, LARGEST_LOG};
use super::real::{at, id, quotient, real, real_wide};
use super::{MarginsError, TwoWay};

/// The real-valued table nearest to the weights that meets the margins: `weight x row factor x column factor`, kept
/// inside the cell's bounds.
///
/// Of all tables that meet the margins it is the one of least relative entropy to the weights (Csiszar 1975), which is
/// what keeps the weights' proportions (their odds ratios) intact.
#[derive(Debug, Clone)]
pub struct Fit<'a> {
    pub(super) stated: Cow<'a, TwoWay>,
    /// Whether `stated` is the problem with every sign turned round.
    pub(super) is_mirrored: bool,
    /// The cells that are not zero; none when the table is full and unbounded, so that every cell is plain.
    pub(super) cells: Option<Cells>,
    pub(super) row_factors: Vec<f64>,
    pub(super) column_factors: Vec<f64>,
    rounds: u32,
    error: f64,
}

/// How many rounds of plain scaling are tried before Newton's method takes over.
const PLAIN_ROUNDS: u32 = 40;
/// The most rounds of Newton's method.
const NEWTON_ROUNDS: u32 = 300;

impl TwoWay {
    /// Fits real values to the margins.
    ///
    /// Margins that cannot be met are found out first, exactly and with their proof; so are the cells that are the same in
    /// every solution, and they take no part in the iteration. Lines are scaled in turn (iterative proportional fitting,
    /// Deming and Stephan 1940; generalized to negative cells by Junius and Oosterhaven, 2003); where that is slow, Newton's
    /// method on the dual takes over.
    ///
    /// # Errors
    /// [`MarginsError::Impossible`]; [`MarginsError::Overconstrained`] and [`MarginsError::NodeBoundsCross`] for bounds of nodes;
    /// [`MarginsError::NotConverged`] at the cap of rounds, or where real numbers of 53 bits do
    /// not show the fit.
    pub fn fit(&self, stop: impl Into<StoppingRule>) -> Result<Fit<'_>, MarginsError> {
        let (fit, is_near) = self.fitted(stop.into())?;
        if is_near {
            return Ok(fit);
        }
        Err(MarginsError::NotConverged {
            rounds: fit.rounds,
            error: fit.error.to_string(),
        })
    }

    /// The best fit that was found, and whether it is as near as asked for.
    pub(super) fn fitted(&self, stop: StoppingRule) -> Result<(Fit<'_>, bool), MarginsError> {
        if self.has_bounded_nodes() {
            let decided = self.decided(stop)?;
            let (fit, is_near) = decided.fitted(stop)?;
            let fit = Fit {
                stated: Cow::Owned(fit.stated.into_owned()),
                is_mirrored: fit.is_mirrored,
                cells: fit.cells,
                row_factors: fit.row_factors,
                column_factors: fit.column_factors,
                rounds: fit.rounds,
                error: fit.error,
            };
            return Ok((fit, is_near));
        }
        if self.total >= 0 {
            return Self::fitted_upright(Cow::Borrowed(self), stop);
        }
        let mirror = Cow::Owned(self.mirrored());
        match Self::fitted_upright(mirror, stop) {
            Ok((fit, is_near)) => Ok((
                Fit {
                    is_mirrored: true,
                    ..fit
                },
                is_near,
            )),
            Err(MarginsError::Impossible { blocked }) => Err(MarginsError::Impossible {
                blocked: Box::new(blocked.mirrored(self)),
            }),
            Err(other) => Err(other),
        }
    }

    /// The same for a total that is not negative.
    fn fitted_upright(
        stated: Cow<'_, Self>,
        stop: StoppingRule,
    ) -> Result<(Fit<'_>, bool), MarginsError> {
        let plain_rounds = stop.rounds.min(PLAIN_ROUNDS);
        let mut start = None;
        if stated.is_plain() {
            let totals = |side: &[i64]| side.iter().map(|total| real(*total)).collect::<Vec<_>>();
            let (rows, columns) = (totals(&stated.row_totals), totals(&stated.column_totals));
            let table = Dense {
                weights: &stated.seed.grid.values,
                width: columns.len(),
            };
            let stop = stop.within(plain_rounds);
            let (found, is_near) = scale(&table, &rows, &columns, real(stated.total), stop);
            if is_near || stop.rounds > plain_rounds {
                return Ok((Fit::found(stated, None, found), is_near));
            }
            start = Some(found);
        }
        let mut cells = Cells::of(&stated);
        settle(&stated, &mut cells).map_err(|blocked| MarginsError::Impossible { blocked })?;
        let found = if let Some(found) = start {
            found
        } else if !stated.is_positive() {
            Factors {
                rows: vec![1.0; stated.row_totals.len()],
                columns: vec![1.0; stated.column_totals.len()],
                rounds: 0,
                error: f64::INFINITY,
            }
        } else {
            let stop = stop.within(plain_rounds);
            let (found, is_near) = if cells.cells.iter().any(Cell::is_bounded) {
                super::scale::scale_bounded(&stated, &cells, stop)
            } else {
                let (rows, columns) = stated.rest(&cells);
                let table = Sparse::of(&stated, &cells);
                scale(&table, &rows, &columns, real(stated.total), stop)
            };
            if is_near {
                let value = |row: usize, column: usize, cell: &Cell| {
                    cell.size(found.rows[row] * found.columns[column])
                };
                stated.each_free(&mut cells, value);
                return Ok((Fit::found(stated, Some(cells), found), true));
            }
            found
        };
        Ok(Fit::by_newton(stated, cells, &found, stop))
    }

    /// Gives every cell that factors decide its size.
    fn each_free(&self, cells: &mut Cells, size: impl Fn(usize, usize, &Cell) -> f64) {
        for row in 0..cells.rows() {
            let own = cells.starts[row]..cells.starts[row + 1];
            let row_part = self.rows.stratum_ids()[row];
            for cell in &mut cells.cells[own] {
                if cell.is_free() {
                    let column_part = self.columns.stratum_ids()[at(cell.column)];
                    cell.fitted = size(row_part, column_part, cell);
                }
            }
        }
    }

    /// A full table whose lines are all prescribed and whose cells have no bounds, small enough for the factors alone to
    /// show every quantum.
    fn is_plain(&self) -> bool {
        self.seed.is_full
            && self.bounds.is_empty()
            && self.rows.is_line_by_line()
            && self.columns.is_line_by_line()
            && self.total < 1 << 44
            && self.is_positive()
    }

    /// What is left of each part's total when the cells that no factor decides are taken out.
    pub(super) fn rest(&self, cells: &Cells) -> (Vec<f64>, Vec<f64>) {
        // Cells of one line may add up beyond the range of its total before the others of it take that away.
        let wide = |totals: &[i64]| totals.iter().map(|total| i128::from(*total)).collect();
        let mut rows: Vec<i128> = wide(&self.row_totals);
        let mut columns: Vec<i128> = wide(&self.column_totals);
        for row in 0..cells.rows() {
            for cell in cells.row(row).iter().filter(|cell| cell.is_fixed()) {
                let least = i128::from(cell.least);
                let value = if cell.falls { -least } else { least };
                rows[self.rows.stratum_ids()[row]] -= value;
                columns[self.columns.stratum_ids()[at(cell.column)]] -= value;
            }
        }
        for (row, column, total) in &cells.shared {
            rows[at(*row)] -= i128::from(*total);
            columns[at(*column)] -= i128::from(*total);
        }
        let reals = |totals: Vec<i128>| totals.into_iter().map(real_wide).collect();
        (reals(rows), reals(columns))
    }
}

impl<'a> Fit<'a> {
    fn found(stated: Cow<'a, TwoWay>, cells: Option<Cells>, found: Factors) -> Self {
        Self {
            stated,
            is_mirrored: false,
            cells,
            row_factors: found.rows,
            column_factors: found.columns,
            rounds: found.rounds,
            error: found.error,
        }
    }

    /// Every cell of a table that was fitted without looking at them one by one.
    pub(super) fn every_cell(&self) -> Cells {
        let mut cells = Cells::of(&self.stated);
        self.stated.each_free(&mut cells, |row, column, cell| {
            cell.size(self.row_factors[row] * self.column_factors[column])
        });
        cells
    }

    /// Goes on from these factors by Newton's method; says whether it came as near as asked for.
    fn by_newton(
        stated: Cow<'a, TwoWay>,
        mut cells: Cells,
        from: &Factors,
        stop: StoppingRule,
    ) -> (Self, bool) {
        let (rows, columns) = stated.rest(&cells);
        let mut entries = Vec::new();
        // By part of the rows; the order inside does not matter.
        let mut lines: Vec<Vec<usize>> = vec![Vec::new(); rows.len()];
        for (row, part) in stated.rows.stratum_ids().iter().enumerate() {
            lines[*part].push(row);
        }
        let mut places = Vec::new();
        for (part, lines) in lines.iter().enumerate() {
            for place in lines
                .iter()
                .flat_map(|row| cells.starts[*row]..cells.starts[*row + 1])
            {
                let cell = &cells.cells[place];
                if !cell.is_free() {
                    continue;
                }
                let column = stated.columns.stratum_ids()[at(cell.column)];
                let factor = |factor: f64| if factor > 0.0 { factor } else { 1e-30 };
                entries.push(Entry {
                    row: id(part),
                    column: id(column),
                    size: cell.weight * factor(from.rows[part]) * factor(from.columns[column]),
                    least: cell.least,
                    most: cell.most,
                    falls: cell.falls,
                });
                places.push(place);
            }
        }
        let left = stop.rounds.saturating_sub(from.rounds).min(NEWTON_ROUNDS);
        let mut balance = Balance::new(entries, rows, columns);
        let (rounds, error, is_near) = balance.fit(stop.tolerance, real(stated.total), left);
        for (place, entry) in places.into_iter().zip(&balance.entries) {
            cells.cells[place].fitted = entry.held();
        }
        let grown = |factors: &[f64], logs: &[f64]| -> Vec<f64> {
            let both = factors.iter().zip(logs);
            both.map(|(factor, log)| (factor * log.min(LARGEST_LOG).exp()).min(f64::MAX))
                .collect()
        };
        let found = Factors {
            rows: grown(&from.rows, &balance.row_logs),
            columns: grown(&from.columns, &balance.column_logs),
            rounds: from.rounds + rounds,
            error,
        };
        (Self::found(stated, Some(cells), found), is_near)
    }

    /// Returns how many rounds were made.
    #[must_use]
    pub fn rounds(&self) -> u32 {
        self.rounds
    }

    /// Returns how much all margins together are off, in quanta.
    #[must_use]
    pub fn error(&self) -> f64 {
        self.error
    }

    /// Returns the fitted value of a cell in quanta; zero for a cell outside of the table.
    #[must_use]
    pub fn value(&self, row: usize, column: usize) -> f64 {
        let (Some(row_part), Some(column_part)) = (
            self.stated.rows.stratum_of(row),
            self.stated.columns.stratum_of(column),
        ) else {
            return 0.0;
        };
        let upright = match &self.cells {
            None => {
                let factor = self.row_factors[row_part] * self.column_factors[column_part];
                self.stated.seed.weight(row, column) * factor
            }
            Some(cells) => {
                let row = cells.row(row);
                row.binary_search_by_key(&column, |cell| at(cell.column))
                    .map_or(0.0, |found| row[found].value())
            }
        };
        if self.is_mirrored { -upright } else { upright }
    }
}

/// Where a fitted value comes from: `weight x row factor x column factor`, unless the cell does not follow it.
///
/// The size of a cell that holds nothing above zero, beside others that hold nothing below, is its weight divided by both
/// factors.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct CellFit {
    /// The weight of the cell.
    pub weight: f64,
    /// The factor of the part of the rows that the cell belongs to.
    pub row_factor: f64,
    /// The factor of the part of the columns that the cell belongs to.
    pub column_factor: f64,
    /// What the value follows.
    pub follows: Follows,
    /// The fitted value, in quanta.
    pub value: f64,
}

/// What a fitted value follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Follows {
    /// The product of weight and factors.
    Factors,
    /// Its minimum, which is above that product.
    Minimum,
    /// Its maximum, which is below that product.
    Maximum,
    /// A hold, a structural zero, or the other totals: no table has another value here.
    NoChoice,
    /// The only total that the cells of its two nodes can have together, of which it has its share by weight.
    Share,
}

impl Fit<'_> {
    /// Returns where the fitted value of a cell comes from, or `None` for a cell outside of the table.
    #[must_use]
    pub fn explain(&self, row: usize, column: usize) -> Option<CellFit> {
        let row_factor = self.row_factors[self.stated.rows.stratum_of(row)?];
        let column_factor = self.column_factors[self.stated.columns.stratum_of(column)?];
        let follows = match &self.cells {
            None => Follows::Factors,
            Some(cells) => {
                let stored = cells.row(row);
                match stored.binary_search_by_key(&column, |cell| at(cell.column)) {
                    Err(_) => Follows::NoChoice,
                    Ok(found) => stored[found].follows(self.is_mirrored),
                }
            }
        };
        Some(CellFit {
            weight: self.stated.seed.weight(row, column),
            row_factor,
            column_factor,
            follows,
            value: self.value(row, column),
        })
    }
}

impl Cell {
    fn follows(&self, is_mirrored: bool) -> Follows {
        // The least size of a cell below zero is its maximum.
        let turned = self.falls != is_mirrored;
        if self.is_fixed() {
            Follows::NoChoice
        } else if self.fitted <= real(self.least) && self.least > 0 {
            if turned {
                Follows::Maximum
            } else {
                Follows::Minimum
            }
        } else if self.most < super::cells::UNLIMITED && self.fitted >= real(self.most) {
            if turned {
                Follows::Minimum
            } else {
                Follows::Maximum
            }
        } else if self.shares {
            Follows::Share
        } else {
            Follows::Factors
        }
    }

    /// The size under this product of factors.
    pub(super) fn size(&self, factor: f64) -> f64 {
        if self.is_fixed() {
            return real(self.least);
        }
        let free = self.weight * factor;
        if free <= real(self.least) {
            real(self.least)
        } else if free >= real(self.most) {
            real(self.most)
        } else {
            free
        }
    }

    /// The fitted value.
    pub(super) fn value(&self) -> f64 {
        self.signed(if self.is_fixed() {
            real(self.least)
        } else {
            self.fitted
        })
    }
}

/// A table of weights that can be swept once, row by row.
pub(super) trait Sweep {
    /// Scales every row to its total under the columns' factors, and adds up what that puts into the columns.
    fn sweep(&self, totals: &[f64], rows: &mut [f64], columns: &[f64], sums: &mut [f64]);
}

pub(super) struct Dense<'a> {
    pub(super) weights: &'a [f64],
    pub(super) width: usize,
}

/// How many partial sums a row is added up in, so that they do not wait for one another.
const LANES: usize = 8;

impl Sweep for Dense<'_> {
    fn sweep(&self, totals: &[f64], rows: &mut [f64], columns: &[f64], sums: &mut [f64]) {
        let lines = self.weights.chunks_exact(self.width);
        for ((weights, total), factor) in lines.zip(totals).zip(rows) {
            *factor = quotient(*total, dot(weights, columns));
            for (sum, weight) in sums.iter_mut().zip(weights) {
                *sum += *factor * weight;
            }
        }
    }
}

/// The sum of the products.
#[inline]
pub(super) fn dot(left: &[f64], right: &[f64]) -> f64 {
    let mut lanes = [0.0; LANES];
    let (blocks, rest) = left.as_chunks::<LANES>();
    let (others, other_rest) = right.as_chunks::<LANES>();
    for (block, other) in blocks.iter().zip(others) {
        for lane in 0..LANES {
            lanes[lane] += block[lane] * other[lane];
        }
    }
    let tail = rest.iter().zip(other_rest).map(|(a, b)| a * b);
    lanes.iter().sum::<f64>() + tail.sum::<f64>()
}

/// The weights of free cells, taken together by parts.
struct Sparse {
    starts: Vec<usize>,
    columns: Vec<u32>,
    weights: Vec<f64>,
}

impl Sparse {
    fn of(stated: &TwoWay, cells: &Cells) -> Self {
        let parts = stated.row_totals.len();
        let mut lines: Vec<Vec<usize>> = vec![Vec::new(); parts];
        for (row, part) in stated.rows.stratum_ids().iter().enumerate() {
            lines[*part].push(row);
        }
        let mut table = Self {
            starts: vec![0],
            columns: Vec::new(),
            weights: Vec::new(),
        };
        let mut stored: Vec<Option<usize>> = vec![None; stated.column_totals.len()];
        for rows in lines {
            let first = table.columns.len();
            for cell in rows.iter().flat_map(|row| cells.row(*row)) {
                if !cell.is_free() {
                    continue;
                }
                let part = stated.columns.stratum_ids()[at(cell.column)];
                let place = *stored[part].get_or_insert_with(|| {
                    table.columns.push(id(part));
                    table.weights.push(0.0);
                    table.weights.len() - 1
                });
                table.weights[place] += cell.weight;
            }
            for column in &table.columns[first..] {
                stored[at(*column)] = None;
            }
            table.starts.push(table.columns.len());
        }
        table
    }
}

impl Sweep for Sparse {
    fn sweep(&self, totals: &[f64], rows: &mut [f64], columns: &[f64], sums: &mut [f64]) {
        for (row, (total, factor)) in totals.iter().zip(rows).enumerate() {
            let stored = self.starts[row]..self.starts[row + 1];
            let line = || {
                self.columns[stored.clone()]
                    .iter()
                    .zip(&self.weights[stored.clone()])
            };
            let weight: f64 = line()
                .map(|(column, weight)| weight * columns[at(*column)])
                .sum();
            *factor = quotient(*total, weight);
            for (column, weight) in line() {
                sums[at(*column)] += *factor * weight;
            }
        }
    }
}

/// Scales rows and columns in turn. One sweep of the table serves both: it fits the rows to the columns' factors and
/// shows how far that puts the columns off. Says whether the margins came as near as asked for.
fn scale(
    table: &impl Sweep,
    rows: &[f64],
    columns: &[f64],
    total: f64,
    stop: StoppingRule,
) -> (Factors, bool) {
    let mut found = Factors {
        rows: vec![1.0; rows.len()],
        columns: vec![1.0; columns.len()],
        rounds: 0,
        error: f64::INFINITY,
    };
    let mut sums = vec![0.0; columns.len()];
    for round in 1..=stop.rounds {
        sums.fill(0.0);
        table.sweep(rows, &mut found.rows, &found.columns, &mut sums);
        let mut misfit = Misfit::default();
        for ((sum, factor), wanted) in sums.iter().zip(&found.columns).zip(columns) {
            misfit.add(sum * factor, *wanted);
        }
        (found.rounds, found.error) = (round, misfit.total());
        if misfit.meets(stop.tolerance, total) {
            return (found, true);
        }
        for ((sum, factor), wanted) in sums.iter().zip(&mut found.columns).zip(columns) {
            *factor = quotient(*wanted, *sum);
        }
    }
    (found, false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::allocation::Bound;
    use crate::margins::Tolerance;
    use crate::margins::{Marginal, Node, Seed};

    fn stated(weights: &[&[i64]], rows: &[i64], columns: &[i64]) -> Result<TwoWay, MarginsError> {
        TwoWay::new(
            Seed::counts(weights.len(), weights[0].len(), &weights.concat())?,
            Marginal::flat(rows.iter().copied())?,
            Marginal::flat(columns.iter().copied())?,
        )
    }

    #[test]
    fn published_fits_come_out() {
        // (vector, weights, rows, columns, fitted values)
        type Case<'a> = (&'a str, &'a [&'a [i64]], &'a [i64], &'a [i64], &'a [f64]);
        let cases: [Case<'_>; 3] = [
            (
                "a survey table (totals in hundredths)",
                &[&[1, 1], &[1, 1]],
                &[5_200, 4_800],
                &[8_700, 1_300],
                &[4524.0, 676.0, 4176.0, 624.0],
            ),
            (
                "a table with a zero",
                &[&[1, 1], &[1, 1]],
                &[50, 50],
                &[30, 70],
                &[15.0, 35.0, 15.0, 35.0],
            ),
            (
                "a table of shares",
                &[
                    &[40, 30, 20, 10],
                    &[35, 50, 100, 75],
                    &[30, 80, 70, 120],
                    &[20, 30, 40, 50],
                ],
                &[150, 300, 400, 150],
                &[200, 300, 400, 100],
                &[
                    64.558_510,
                    46.232_460,
                    35.384_298,
                    3.824_732,
                    49.967_919,
                    68.159_354,
                    156.498_546,
                    25.374_180,
                    56.721_944,
                    144.428_226,
                    145.082_481,
                    53.767_349,
                    28.751_627,
                    41.179_961,
                    63.034_674,
                    17.033_738,
                ],
            ),
        ];
        for (name, weights, rows, columns, values) in cases {
            let stated = stated(weights, rows, columns).unwrap();
            let fit = stated.fit(Tolerance::Quanta(1e-9)).unwrap();
            for (cell, wanted) in values.iter().enumerate() {
                let found = fit.value(cell / columns.len(), cell % columns.len());
                assert!(
                    (found - wanted).abs() < 6e-7,
                    "{name}: cell {cell} is {found}"
                );
            }
        }
    }

    #[test]
    fn independent_margins_need_one_round_and_one_to_see_it() {
        let stated = stated(&[&[1, 1], &[1, 1]], &[52, 48], &[87, 13]).unwrap();
        assert!(stated.fit(Tolerance::Quanta(1e-9)).unwrap().rounds() <= 2);
    }

    #[test]
    fn a_cap_on_rounds_has_its_own_error() {
        let stated = stated(&[&[1, 9], &[9, 1]], &[520, 480], &[870, 130]).unwrap();
        let refused = stated.fit(StoppingRule::default().within(1));
        assert!(matches!(
            refused,
            Err(MarginsError::NotConverged { rounds: 1, .. })
        ));
    }

    #[test]
    fn cells_that_zeros_force_to_zero_do_not_slow_the_fit() {
        // Row 0 fits into column 0 only, which it fills: so row 1 cannot use column 0. Without that knowledge the weight
        // of that cell would fade only with the number of rounds.
        let stated = stated(&[&[1, 0], &[1, 1]], &[10, 10], &[10, 10]).unwrap();
        let fit = stated.fit(Tolerance::Quanta(1e-9)).unwrap();
        assert!(fit.rounds() <= 2);
        assert!(fit.value(1, 0).abs() < 1e-12);
        assert!((fit.value(1, 1) - 10.0).abs() < 1e-12);
    }

    #[test]
    fn bounds_and_holds_are_kept_and_the_rest_stays_in_proportion() {
        let stated = stated(&[&[1, 1, 2], &[1, 1, 2]], &[40, 40], &[20, 20, 40])
            .unwrap()
            .bounded(0, 0, Bound::held(3))
            .unwrap()
            .bounded(0, 1, Bound::at_most(11))
            .unwrap()
            .bounded(1, 2, Bound::at_least(12))
            .unwrap();
        let fit = stated.fit(Tolerance::Quanta(1e-9)).unwrap();
        assert!((fit.value(0, 0) - 3.0).abs() < 1e-12);
        assert!((fit.value(0, 1) - 11.0).abs() < 1e-12);
        assert!((fit.value(0, 2) - 26.0).abs() < 1e-6);
        let follows = |row, column| fit.explain(row, column).map(|found| found.follows);
        assert_eq!(follows(0, 0), Some(Follows::NoChoice));
        assert_eq!(follows(0, 1), Some(Follows::Maximum));
        // Its minimum of 12 is below its value of 14.
        assert_eq!(follows(1, 2), Some(Follows::Factors));
        let free = fit.explain(0, 2).unwrap();
        assert_eq!(free.follows, Follows::Factors);
        let product = free.weight * free.row_factor * free.column_factor;
        assert!((product - free.value).abs() < 1e-9);
        assert_eq!(fit.explain(0, 3), None);
        for (row, wanted) in [40.0, 40.0].iter().enumerate() {
            let sum: f64 = (0..3).map(|column| fit.value(row, column)).sum();
            assert!((sum - wanted).abs() < 1e-6);
        }
    }

    #[test]
    fn upper_nodes_alone_can_be_prescribed() {
        // Two regions of two people each; only the regions and the months are prescribed.
        let regions = Marginal::tree(vec![
            Node::root().totalling(30),
            Node::root().totalling(70),
            Node::under(0),
            Node::under(0),
            Node::under(1),
            Node::under(1),
        ])
        .unwrap();
        let weights = Seed::counts(4, 2, &[1, 2, 3, 4, 5, 6, 7, 8]).unwrap();
        let stated = TwoWay::new(weights, regions, Marginal::flat([45, 55]).unwrap()).unwrap();
        let fit = stated.fit(Tolerance::Quanta(1e-9)).unwrap();
        let cell = |row, column| fit.value(row, column);
        let north = cell(0, 0) + cell(0, 1) + cell(1, 0) + cell(1, 1);
        let month: f64 = (0..4).map(|row| cell(row, 0)).sum();
        assert!((north - 30.0).abs() < 1e-8 && (month - 45.0).abs() < 1e-8);
        // Inside a region and month the weights rule.
        assert!((cell(1, 0) / cell(0, 0) - 3.0).abs() < 1e-9);
    }

    #[test]
    fn only_a_cell_at_a_bound_follows_it_however_large_it_is() {
        let at_minimum = stated(&[&[1, 1, 1], &[1, 1, 1]], &[30, 30], &[20, 20, 20])
            .unwrap()
            .bounded(0, 0, Bound::at_least(16))
            .unwrap()
            .bounded(1, 1, Bound::at_least(3))
            .unwrap();
        let fit = at_minimum.fit(Tolerance::Quanta(1e-9)).unwrap();
        let follows = |row, column| fit.explain(row, column).map(|found| found.follows);
        assert_eq!(follows(0, 0), Some(Follows::Minimum));
        assert_eq!(follows(1, 1), Some(Follows::Factors));
        // A real number of 53 bits takes this cell for 2^63.
        let largest = [i64::MAX - 4, 4];
        let large = stated(&[&[1, 1], &[1, 1]], &largest, &largest).unwrap();
        let fit = large.fit(StoppingRule::default()).unwrap();
        assert_eq!(fit.explain(0, 0).unwrap().follows, Follows::Factors);
    }

    /// How much all margins together are off, as the error of a fit says that was stopped after a round.
    fn off_after_a_round(stated: &TwoWay) -> f64 {
        let stop = StoppingRule::at(Tolerance::Quanta(0.0)).within(1);
        match stated.fit(stop) {
            Err(MarginsError::NotConverged { rounds: 1, error }) => error.parse().unwrap(),
            other => panic!("not stopped: {other:?}"),
        }
    }

    #[test]
    fn a_fit_that_is_just_as_near_as_asked_for_is_near_enough() {
        // The rows are met at once, and the columns are then 4 and 4 instead of 5 and 3.
        let stated = stated(&[&[1, 3], &[3, 1]], &[4, 4], &[5, 3]).unwrap();
        let fit = |quanta| stated.fit(StoppingRule::at(Tolerance::Quanta(quanta)).within(1));
        assert!((fit(2.0).unwrap().error() - 2.0).abs() < 1e-12);
        assert!(fit(1.9).is_err());
    }

    #[test]
    fn a_fit_with_zeros_or_bounds_that_was_stopped_tells_how_far_it_is_off() {
        // Rows become 9 and 1, 1 and 9, 5 and 5; then columns of 15 become 12 and 18, and the first two rows 8.4 and 11.6. With zeros the
        // last row has 8 beside the only cell of its column; columns of 14 become 12 and 16, and rows 62/7 and 78/7.
        let zeros = stated(
            &[&[9, 1, 0], &[1, 9, 0], &[1, 1, 1]],
            &[10, 10, 11],
            &[12, 16, 3],
        );
        let bounded = stated(&[&[9, 1], &[1, 9], &[1, 1]], &[10, 10, 10], &[12, 18])
            .unwrap()
            .bounded(2, 0, Bound::at_most(9))
            .unwrap();
        assert!((off_after_a_round(&bounded) - 3.2).abs() < 1e-9);
        assert!((off_after_a_round(&zeros.unwrap()) - 16.0 / 7.0).abs() < 1e-9);
    }
}
