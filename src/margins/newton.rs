//! Fitting by Newton's method on the dual: for tables whose lines hang together so loosely that scaling them in turn would
//! take thousands of rounds, for bounds, and for cells below zero.
//!
//! The fitted table is the one of least relative entropy; its dual has one unknown for each line, the logarithm of its
//! factor, and is convex. Its Hessian is the Laplacian of the graph that joins rows and columns by their cells. A step is as long
//! as the dual falls along it, and between steps all lines are scaled once, which alone would converge too.

use super::Tolerance;
use super::cells::UNLIMITED;
use super::laplacian::Laplacian;
use super::real::{at, id, real};
use super::scale::{Scaled, factor_for};
use super::stopping::Misfit;

/// A cell as it stands under the factors so far.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    pub(super) row: u32,
    pub(super) column: u32,
    /// The size without bounds.
    pub(super) size: f64,
    pub(super) least: i64,
    pub(super) most: i64,
    pub(super) falls: bool,
}

impl Entry {
    /// The size inside the bounds.
    pub(super) fn held(&self) -> f64 {
        let size = self.size.max(real(self.least));
        if self.most < UNLIMITED {
            size.min(real(self.most))
        } else {
            size
        }
    }

    fn signed(&self) -> f64 {
        if self.falls {
            -self.held()
        } else {
            self.held()
        }
    }

    fn is_inside(&self) -> bool {
        self.size > real(self.least) && (self.most == UNLIMITED || self.size < real(self.most))
    }

    fn scale(&mut self, factor: f64) {
        let scaled = if self.falls {
            self.size / factor
        } else {
            self.size * factor
        };
        // What is so small or large is at the end of its room whatever it is.
        self.size = scaled.clamp(SMALLEST, LARGEST);
    }
}

const SMALLEST: f64 = 1e-280;
const LARGEST: f64 = 1e280;
/// The most a logarithm moves in one step.
const LONGEST: f64 = 60.0;

/// The largest logarithm of a factor that is a number, and of one over it.
pub(super) const LARGEST_LOG: f64 = 700.0;

/// Cells with the totals of their rows and columns, and the logarithms of the factors that were applied.
#[derive(Debug, Clone)]
pub(super) struct Balance {
    /// Row by row.
    pub(super) entries: Vec<Entry>,
    row_starts: Vec<usize>,
    by_column: Vec<u32>,
    column_starts: Vec<usize>,
    rows: Vec<f64>,
    columns: Vec<f64>,
    pub(super) row_logs: Vec<f64>,
    pub(super) column_logs: Vec<f64>,
}

impl Balance {
    pub(super) fn new(entries: Vec<Entry>, rows: Vec<f64>, columns: Vec<f64>) -> Self {
        let mut row_starts = vec![0_usize; rows.len() + 1];
        let mut column_starts = vec![0_usize; columns.len() + 1];
        for entry in &entries {
            row_starts[at(entry.row) + 1] += 1;
            column_starts[at(entry.column) + 1] += 1;
        }
        for starts in [&mut row_starts, &mut column_starts] {
            for line in 1..starts.len() {
                starts[line] += starts[line - 1];
            }
        }
        let mut next = column_starts.clone();
        let mut by_column = vec![0_u32; entries.len()];
        for (place, entry) in entries.iter().enumerate() {
            let slot = &mut next[at(entry.column)];
            by_column[*slot] = id(place);
            *slot += 1;
        }
        Self {
            row_logs: vec![0.0; rows.len()],
            column_logs: vec![0.0; columns.len()],
            entries,
            row_starts,
            by_column,
            column_starts,
            rows,
            columns,
        }
    }

    /// Scales until the margins are as near as asked for, or until more rounds bring them no nearer; returns the rounds that were
    /// made, what all margins together are off, and whether that is near enough.
    pub(super) fn fit(
        &mut self,
        tolerance: Tolerance,
        total: f64,
        rounds: u32,
    ) -> (u32, f64, bool) {
        let mut best: Option<(f64, Self)> = None;
        let (mut made, mut stuck) = (0, 0);
        for round in 1..=rounds {
            made = round;
            self.scale_rows();
            let misfit = self.misfit();
            if misfit.meets(tolerance, total) {
                return (round, misfit.total(), true);
            }
            match &best {
                Some((least, _)) if misfit.total() > *least * 0.999 => stuck += 1,
                _ => {
                    stuck = 0;
                    best = Some((misfit.total(), self.clone()));
                }
            }
            if stuck > MOST_STUCK {
                break;
            }
            self.step();
            self.scale_columns();
        }
        let (off, kept) = best.unwrap_or_else(|| (self.misfit().total(), self.clone()));
        *self = kept;
        (made, off, false)
    }

    /// How far off rows and columns are.
    fn misfit(&self) -> Misfit {
        let mut sums = vec![0.0; self.columns.len()];
        let mut rows = vec![0.0; self.rows.len()];
        for entry in &self.entries {
            sums[at(entry.column)] += entry.signed();
            rows[at(entry.row)] += entry.signed();
        }
        let side = |sums: &[f64], wanted: &[f64]| {
            let mut misfit = Misfit::default();
            for (sum, wanted) in sums.iter().zip(wanted) {
                misfit.add(*sum, *wanted);
            }
            misfit
        };
        side(&sums, &self.columns).with(side(&rows, &self.rows))
    }

    fn scale_rows(&mut self) {
        let mut line = Line::default();
        for row in 0..self.rows.len() {
            let own = self.row_starts[row]..self.row_starts[row + 1];
            line.take(self.entries[own.clone()].iter().copied());
            let factor = line.factor(self.rows[row]);
            self.row_logs[row] += factor.ln();
            for entry in &mut self.entries[own] {
                entry.scale(factor);
            }
        }
    }

    fn scale_columns(&mut self) {
        let mut line = Line::default();
        for column in 0..self.columns.len() {
            let own = self.column_starts[column]..self.column_starts[column + 1];
            let places = &self.by_column[own];
            line.take(places.iter().map(|place| self.entries[at(*place)]));
            let factor = line.factor(self.columns[column]);
            self.column_logs[column] += factor.ln();
            for place in places {
                self.entries[at(*place)].scale(factor);
            }
        }
    }

    /// Moves all factors at once, as far as the dual falls.
    fn step(&mut self) {
        let Some((mut by_row, mut by_column)) = self.direction() else {
            return;
        };
        let longest = by_row
            .iter()
            .chain(&by_column)
            .fold(0.0_f64, |most, step| most.max(step.abs()));
        let shorter = (LONGEST / longest).min(1.0);
        for step in by_row.iter_mut().chain(&mut by_column) {
            *step *= shorter;
        }
        let start = self.slope(&by_row, &by_column, 0.0);
        if start >= 0.0 {
            return;
        }
        let length = self.length(&by_row, &by_column, start);
        if length <= 0.0 {
            return;
        }
        let grown = |steps: &[f64]| {
            steps
                .iter()
                .map(|step| (step * length).exp())
                .collect::<Vec<_>>()
        };
        let (rows, columns) = (grown(&by_row), grown(&by_column));
        for entry in &mut self.entries {
            entry.scale(rows[at(entry.row)] * columns[at(entry.column)]);
        }
        for (logs, steps) in [
            (&mut self.row_logs, by_row),
            (&mut self.column_logs, by_column),
        ] {
            for (log, step) in logs.iter_mut().zip(steps) {
                *log += step * length;
            }
        }
    }

    /// How the dual rises so far along a direction.
    fn slope(&self, by_row: &[f64], by_column: &[f64], length: f64) -> f64 {
        let grown = |steps: &[f64]| {
            steps
                .iter()
                .map(|step| (step * length).exp())
                .collect::<Vec<_>>()
        };
        let (rows, columns) = (grown(by_row), grown(by_column));
        let mut off_rows: Vec<f64> = self.rows.iter().map(|total| -total).collect();
        let mut off_columns: Vec<f64> = self.columns.iter().map(|total| -total).collect();
        for entry in &self.entries {
            let mut moved = *entry;
            moved.scale(rows[at(entry.row)] * columns[at(entry.column)]);
            let value = moved.signed();
            off_rows[at(entry.row)] += value;
            off_columns[at(entry.column)] += value;
        }
        let along =
            |off: &[f64], steps: &[f64]| off.iter().zip(steps).map(|(o, s)| o * s).sum::<f64>();
        along(&off_rows, by_row) + along(&off_columns, by_column)
    }

    /// The length at which the dual stops falling, roughly.
    fn length(&self, by_row: &[f64], by_column: &[f64], start: f64) -> f64 {
        let near = |slope: f64| slope.abs() <= 0.2 * start.abs();
        let steps = by_row.iter().chain(by_column);
        let longest = steps.fold(0.0_f64, |most, step| most.max(step.abs()));
        let (mut low, mut high) = (0.0, 1.0);
        loop {
            let slope = self.slope(by_row, by_column, high);
            if near(slope) {
                return high;
            }
            if slope > 0.0 {
                break;
            }
            low = high;
            high *= 2.0;
            // A factor and its counterpart both have to be numbers for their product to be one.
            if high > 64.0 || high * longest > LARGEST_LOG {
                return low;
            }
        }
        // A cell that leaves its bound may turn the dual within a tiny part of the step.
        for _ in 0..50 {
            let middle = f64::midpoint(low, high);
            let slope = self.slope(by_row, by_column, middle);
            if near(slope) {
                return middle;
            }
            if slope > 0.0 {
                high = middle;
            } else {
                low = middle;
            }
        }
        low
    }

    /// The step to where the dual would be flat, for the logarithms of the rows and of the columns.
    fn direction(&self) -> Option<(Vec<f64>, Vec<f64>)> {
        let (rows, columns) = (self.rows.len(), self.columns.len());
        let mut off_rows: Vec<f64> = self.rows.clone();
        let mut off_columns: Vec<f64> = self.columns.iter().map(|total| -total).collect();
        for entry in &self.entries {
            off_rows[at(entry.row)] -= entry.signed();
            off_columns[at(entry.column)] += entry.signed();
        }
        let wide = columns > rows;
        let inside: Vec<(u32, u32, f64)> = if wide {
            let places = self.by_column.iter().map(|place| &self.entries[at(*place)]);
            places
                .filter(|entry| entry.is_inside())
                .map(|entry| (entry.column, entry.row, entry.size))
                .collect()
        } else {
            let own = self.entries.iter().filter(|entry| entry.is_inside());
            own.map(|entry| (entry.row, entry.column, entry.size))
                .collect()
        };
        let (large, small) = if wide {
            (off_columns, off_rows)
        } else {
            (off_rows, off_columns)
        };
        let (for_large, for_small) =
            Laplacian::new(inside, &large, &small).solve(&large, &small)?;
        // The unknowns of the columns are turned round, so that the matrix is a Laplacian.
        let turned = |steps: Vec<f64>| steps.into_iter().map(|step| -step).collect();
        Some(if wide {
            (for_small, turned(for_large))
        } else {
            (for_large, turned(for_small))
        })
    }
}

/// Rounds without progress after which a fit gives up.
const MOST_STUCK: u32 = 60;

/// One line while it is scaled.
#[derive(Debug, Default)]
struct Line {
    up: Vec<Scaled>,
    down: Vec<Entry>,
    all: Vec<Entry>,
    turns: Vec<f64>,
    is_bounded: bool,
}

impl Line {
    fn take(&mut self, entries: impl Iterator<Item = Entry>) {
        self.up.clear();
        self.down.clear();
        self.all.clear();
        self.is_bounded = false;
        for entry in entries {
            self.is_bounded |= entry.least > 0 || entry.most < UNLIMITED;
            self.all.push(entry);
            if entry.falls {
                self.down.push(entry);
            } else {
                self.up.push(Scaled {
                    base: entry.size,
                    least: entry.least,
                    most: entry.most,
                });
            }
        }
    }

    /// The factor under which the line makes its total; one below zero is divided by it.
    fn factor(&mut self, wanted: f64) -> f64 {
        if self.all.is_empty() {
            return 1.0;
        }
        let factor = if self.down.is_empty() && !self.is_bounded {
            let sum: f64 = self.up.iter().map(|cell| cell.base).sum();
            wanted / sum
        } else if self.down.is_empty() {
            factor_for(&self.up, wanted, &mut self.turns)
        } else if self.is_bounded {
            self.searched(wanted)
        } else {
            // up f - down / f is the total: the positive root, by the form that loses no digits.
            let up: f64 = self.up.iter().map(|cell| cell.base).sum();
            let down: f64 = self.down.iter().map(|entry| entry.size).sum();
            let root = wanted.hypot(2.0 * (up * down).sqrt());
            if wanted >= 0.0 {
                (wanted + root) / (2.0 * up)
            } else {
                2.0 * down / (root - wanted)
            }
        };
        if factor.is_finite() {
            factor.clamp(1e-30, 1e30)
        } else {
            1.0
        }
    }

    fn searched(&self, wanted: f64) -> f64 {
        let total = |log: f64| -> f64 {
            let factor = log.exp();
            let moved = self.all.iter().map(|entry| {
                let mut moved = *entry;
                moved.scale(factor);
                moved.signed()
            });
            moved.sum()
        };
        let (mut low, mut high) = (-69.0, 69.0);
        for _ in 0..70 {
            let middle = f64::midpoint(low, high);
            if total(middle) < wanted {
                low = middle;
            } else {
                high = middle;
            }
        }
        f64::midpoint(low, high).exp()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn entry(size: f64, least: i64, most: Option<i64>, falls: bool) -> Entry {
        Entry {
            row: 0,
            column: 0,
            size,
            least,
            most: most.unwrap_or(UNLIMITED),
            falls,
        }
    }

    #[test]
    fn a_balance_that_cannot_come_nearer_is_given_up_and_tells_its_rounds() {
        // One cell cannot make 10 and 12: whatever is scaled, it is off by 2.
        let balance = Balance::new(vec![entry(8.0, 0, None, false)], vec![10.0], vec![12.0]);
        let fit = |rounds| balance.clone().fit(Tolerance::Quanta(0.01), 10.0, rounds);
        assert_eq!(fit(300), (MOST_STUCK + 2, 2.0, false));
        assert_eq!(fit(10), (10, 2.0, false));
        // Before any round the cell is 8: off by 2 and by 4.
        assert_eq!(fit(0), (0, 6.0, false));
    }

    #[test]
    fn a_cell_moves_with_its_lines_between_its_bounds_and_at_none_of_them() {
        let inside = |size, least, most| entry(size, least, most, false).is_inside();
        assert!(inside(2.0, 1, Some(3)) && inside(2.0, 0, None));
        assert!(!inside(1.0, 1, Some(3)) && !inside(3.0, 1, Some(3)));
        assert!(!inside(0.5, 1, None) && !inside(5.0, 0, Some(3)));
    }

    /// Four cells of which two are next to nothing, as entries of two rows and two columns.
    fn loose() -> Balance {
        let sized = |row, column, size| Entry {
            row,
            column,
            ..entry(size, 0, None, false)
        };
        let entries = vec![
            sized(0, 0, 10.0),
            sized(0, 1, 1e-9),
            sized(1, 0, 10.0),
            sized(1, 1, 2e-9),
        ];
        Balance::new(entries, vec![10.0, 10.0], vec![10.0, 10.0])
    }

    /// Every cell is what it was times the factors of its lines.
    fn assert_factors(balance: &Balance, before: &Balance) {
        for (now, then) in balance.entries.iter().zip(&before.entries) {
            let log = balance.row_logs[at(now.row)] + balance.column_logs[at(now.column)];
            let off = (now.size / (then.size * log.exp()) - 1.0).abs();
            assert!(off < 1e-9, "{} and {}", now.size, then.size * log.exp());
        }
    }

    #[test]
    fn lines_scaled_in_turn_come_to_their_totals() {
        let (mut balance, before) = (loose(), loose());
        for _ in 0..100 {
            balance.scale_rows();
            balance.scale_columns();
        }
        assert!(
            balance.misfit().total() < 1e-6,
            "{}",
            balance.misfit().total()
        );
        assert_factors(&balance, &before);
    }

    #[test]
    fn no_factor_moves_further_in_one_step_than_numbers_go() {
        let (mut balance, before) = (loose(), loose());
        // To where the dual would be flat for so small cells, logarithms would move by ten digits.
        balance.step();
        let logs = balance.row_logs.iter().chain(&balance.column_logs);
        let longest = logs.fold(0.0_f64, |most, log| most.max(log.abs()));
        assert!(longest > 0.0 && longest <= LARGEST_LOG, "{longest}");
        assert_factors(&balance, &before);
    }

    #[test]
    fn a_margin_of_zero_is_near_by_the_size_of_its_own_side() {
        // Rows of 1000 and -1000 are met at once; the columns are both zero, and each is off by 10.
        let sized = |row, column, size, falls| Entry {
            row,
            column,
            ..entry(size, 0, None, falls)
        };
        let entries = vec![
            sized(0, 0, 505.0, false),
            sized(0, 1, 495.0, false),
            sized(1, 0, 495.0, true),
            sized(1, 1, 505.0, true),
        ];
        let mut balance = Balance::new(entries, vec![1000.0, -1000.0], vec![0.0, 0.0]);
        let (_, off, is_near) = balance.fit(Tolerance::Relative(0.01), 0.0, 300);
        // A hundredth of one quantum each, not of the 2000 of the rows.
        assert!(is_near && off <= 0.02, "{off}");
    }

    proptest! {
        /// Cells of both signs with and without bounds, and a total somewhere between the least and the most that they can make.
        #[test]
        fn under_its_factor_a_line_makes_its_total(
            cells in prop::collection::vec((1e-3..1e3_f64, 0_i64..3, prop::option::of(1_i64..9), any::<bool>()), 1..7),
            signs in 0..3_u8,
            share in 0.05..0.95_f64,
        ) {
            let cells = cells.into_iter().map(|(size, least, more, falls)| {
                entry(size, least, more.map(|more| least + more), if signs < 2 { signs == 1 } else { falls })
            });
            let cells: Vec<Entry> = cells.collect();
            let (mut low, mut high) = (0.0, 0.0);
            for cell in &cells {
                let most = if cell.most < UNLIMITED { cell.most } else { cell.least + 50 };
                low += if cell.falls { -real(most) } else { real(cell.least) };
                high += if cell.falls { -real(cell.least) } else { real(most) };
            }
            let wanted = low + (high - low) * share;
            let mut line = Line::default();
            line.take(cells.iter().copied());
            let factor = line.factor(wanted);
            let made: f64 = cells.iter().map(|cell| {
                let mut cell = *cell;
                cell.scale(factor);
                cell.signed()
            }).sum();
            prop_assert!((made - wanted).abs() < 1e-9 * (high - low), "{made} instead of {wanted}");
        }
    }
}
