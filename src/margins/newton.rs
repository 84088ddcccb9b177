//! Fitting by Newton's method on the dual: for tables whose lines hang together so loosely that scaling them in turn would
//! take thousands of rounds, for bounds, and for cells below zero.
//!
//! The fitted table is the one of least relative entropy; its dual has one unknown for each line, the logarithm of its
//! factor, and is convex. Its Hessian is the Laplacian of the graph that joins rows and columns by their cells, so the
//! larger side is eliminated, and what is left is a Laplacian again, which is factored without a single subtraction (as
//! Grassmann, Taksar and Heyman do for Markov chains, 1985): tables over many orders of magnitude lose no digits. A step is
//! as long as the dual falls along it, and between steps all lines are scaled once, which alone would converge too.

use super::Tolerance;
use super::cells::UNLIMITED;
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
/// The largest smaller side for which the Laplacian is factored; beyond it, it is solved by conjugate gradients.
const MOST_FACTORED: usize = 700;
const MOST_GRADIENTS: usize = 300;

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

    /// Scales until the margins are as near as asked for; returns the rounds that took and what all margins together are
    /// off, and whether that is near enough.
    pub(super) fn fit(
        &mut self,
        tolerance: Tolerance,
        total: f64,
        rounds: u32,
    ) -> (u32, f64, bool) {
        let mut best: Option<(f64, Self)> = None;
        let mut stuck = 0;
        for round in 1..=rounds {
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
            if stuck > MOST_STUCK || round == rounds {
                break;
            }
            self.step();
            self.scale_columns();
        }
        let off = best.as_ref().map_or(0.0, |(off, _)| *off);
        if let Some((_, kept)) = best {
            *self = kept;
        }
        (rounds, off, false)
    }

    /// How far off the columns are; the rows have just been scaled.
    fn misfit(&self) -> Misfit {
        let mut sums = vec![0.0; self.columns.len()];
        let mut rows = vec![0.0; self.rows.len()];
        for entry in &self.entries {
            sums[at(entry.column)] += entry.signed();
            rows[at(entry.row)] += entry.signed();
        }
        let mut misfit = Misfit::default();
        for (sum, wanted) in sums
            .iter()
            .zip(&self.columns)
            .chain(rows.iter().zip(&self.rows))
        {
            misfit.add(*sum, *wanted);
        }
        misfit
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
        if !longest.is_finite() || longest == 0.0 {
            return;
        }
        if longest > LONGEST {
            let shorter = LONGEST / longest;
            for step in by_row.iter_mut().chain(&mut by_column) {
                *step *= shorter;
            }
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
            if high > 64.0 {
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

/// Returns by which share of itself each cell has to grow, as the sum of a number for its row and one for its column, so that
/// every line gets what it lacks.
pub(super) fn shares(
    mut cells: Vec<(u32, u32, f64)>,
    rows: &[f64],
    columns: &[f64],
) -> Option<(Vec<f64>, Vec<f64>)> {
    let turned = |values: &[f64]| values.iter().map(|value| -value).collect::<Vec<_>>();
    let wide = columns.len() > rows.len();
    if wide {
        for (row, column, _) in &mut cells {
            std::mem::swap(row, column);
        }
    }
    cells.sort_by_key(|(line, ..)| *line);
    if wide {
        let columns = turned(columns);
        let (by_column, by_row) = Laplacian::new(cells, &columns, rows).solve(&columns, rows)?;
        Some((by_row, turned(&by_column)))
    } else {
        let columns = turned(columns);
        let (by_row, by_column) = Laplacian::new(cells, rows, &columns).solve(rows, &columns)?;
        Some((by_row, turned(&by_column)))
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

/// The Laplacian of a graph between a larger and a smaller side. In each connected part, whose unknowns may all be moved alike,
/// one line is tied to rest.
struct Laplacian {
    /// By the line of the larger side.
    edges: Vec<(u32, u32, f64)>,
    large: Vec<f64>,
    small: Vec<f64>,
    rest_large: Vec<f64>,
    rest_small: Vec<f64>,
}

/// The line by which the part of a line is named.
fn root(above: &mut [usize], mut line: usize) -> usize {
    while above[line] != line {
        above[line] = above[above[line]];
        line = above[line];
    }
    line
}

/// What all lines of a part are tied to rest by where they are off together, as a share of their other ties.
const REST: f64 = 1e-13;

impl Laplacian {
    fn new(edges: Vec<(u32, u32, f64)>, off_large: &[f64], off_small: &[f64]) -> Self {
        let (mut large, mut small) = (vec![0.0; off_large.len()], vec![0.0; off_small.len()]);
        for (one, other, weight) in &edges {
            large[at(*one)] += weight;
            small[at(*other)] += weight;
        }
        let mut laplacian = Self {
            // A line without ties stays where it is.
            rest_large: large
                .iter()
                .map(|degree| if *degree > 0.0 { 0.0 } else { f64::MAX })
                .collect(),
            rest_small: small
                .iter()
                .map(|degree| if *degree > 0.0 { 0.0 } else { f64::MAX })
                .collect(),
            edges,
            large,
            small,
        };
        laplacian.tie_parts(off_large, off_small);
        laplacian
    }

    fn tie_parts(&mut self, off_large: &[f64], off_small: &[f64]) {
        let part_of = self.parts();
        let count = self.small.len();
        // For each part: what it is off together, its size, and the line of the smaller side with the strongest ties.
        let mut off = vec![(0.0_f64, 0.0_f64, None::<usize>); count];
        for (line, part) in part_of.iter().enumerate().take(count) {
            let (sum, size, strongest) = &mut off[*part];
            *sum += off_small[line];
            *size += self.small[line];
            if strongest.is_none_or(|strongest| self.small[line] > self.small[strongest]) {
                *strongest = Some(line);
            }
        }
        let own_part = |line: usize| part_of[count + line];
        for (line, value) in off_large.iter().enumerate() {
            if self.large[line] > 0.0 {
                off[own_part(line)].0 += value;
            }
        }
        let together = |part: usize| off[part].0.abs() > off[part].1 * 1e-9;
        for (line, part) in part_of.iter().copied().enumerate().take(count) {
            if self.small[line] > 0.0 && together(part) {
                self.rest_small[line] = self.small[line] * REST;
            } else if off[part].2 == Some(line) && self.small[line] > 0.0 {
                self.rest_small[line] = self.small[line];
            }
        }
    }

    /// The connected part of each line, named by one of its lines of the smaller side; those of the smaller side first.
    fn parts(&self) -> Vec<usize> {
        let count = self.small.len();
        let mut above: Vec<usize> = (0..count).collect();
        let mut first: Vec<Option<usize>> = vec![None; self.large.len()];
        for (one, other, _) in &self.edges {
            let here = root(&mut above, at(*other));
            let line = *first[at(*one)].get_or_insert(here);
            let there = root(&mut above, line);
            above[here.max(there)] = here.min(there);
        }
        let mut parts: Vec<usize> = (0..count).map(|line| root(&mut above, line)).collect();
        for line in first {
            parts.push(line.map_or(0, |line| root(&mut above, line)));
        }
        parts
    }

    fn solve(&self, large: &[f64], small: &[f64]) -> Option<(Vec<f64>, Vec<f64>)> {
        let whole = |line: usize| self.large[line] + self.rest_large[line];
        let mut right = small.to_vec();
        for (one, other, weight) in &self.edges {
            right[at(*other)] += weight * large[at(*one)] / whole(at(*one));
        }
        let for_small = if small.len() <= MOST_FACTORED {
            self.factored(&right)
        } else {
            self.by_gradients(&right)
        };
        let mut sums = large.to_vec();
        for (one, other, weight) in &self.edges {
            sums[at(*one)] += weight * for_small[at(*other)];
        }
        let for_large: Vec<f64> = sums
            .iter()
            .enumerate()
            .map(|(line, sum)| sum / whole(line))
            .collect();
        let finite = for_large
            .iter()
            .chain(&for_small)
            .all(|value| value.is_finite());
        finite.then_some((for_large, for_small))
    }

    /// Eliminates the larger side and then the smaller one, line by line; every number is a sum of positive ones.
    fn factored(&self, right: &[f64]) -> Vec<f64> {
        let count = right.len();
        let mut ties = vec![0.0; count * count];
        let mut rest = self.rest_small.clone();
        let mut from = 0;
        while from < self.edges.len() {
            let line = self.edges[from].0;
            let to = from + self.edges[from..].partition_point(|edge| edge.0 == line);
            let own = &self.edges[from..to];
            let whole = self.large[at(line)] + self.rest_large[at(line)];
            for (place, (_, one, weight)) in own.iter().enumerate() {
                let share = weight / whole;
                rest[at(*one)] += share * self.rest_large[at(line)];
                // Only the lower half is kept: a tie stands in the row of its later line.
                for (_, other, weight) in &own[..place] {
                    let (later, earlier) = (at(*one).max(at(*other)), at(*one).min(at(*other)));
                    ties[later * count + earlier] += share * weight;
                }
            }
            from = to;
        }
        let mut values = right.to_vec();
        let mut pivots = vec![0.0; count];
        // From the last line to the first: all of a line's ties to earlier ones stand in its own row.
        for line in (0..count).rev() {
            let (before, own) = ties.split_at_mut(line * count);
            let own = &own[..line];
            let pivot: f64 = rest[line] + own.iter().sum::<f64>();
            pivots[line] = pivot;
            for (one, tie) in own.iter().enumerate().filter(|(_, tie)| **tie > 0.0) {
                let share = tie / pivot;
                rest[one] += share * rest[line];
                values[one] += share * values[line];
                let row = &mut before[one * count..one * count + one];
                for (target, other) in row.iter_mut().zip(own) {
                    *target += share * other;
                }
            }
        }
        for line in 0..count {
            let own = &ties[line * count..line * count + line];
            let known: f64 = own
                .iter()
                .zip(&values)
                .map(|(tie, value)| tie * value)
                .sum();
            values[line] = (values[line] + known) / pivots[line];
        }
        values
    }

    fn times(&self, values: &[f64]) -> Vec<f64> {
        let mut sums = vec![0.0; self.large.len()];
        for (one, other, weight) in &self.edges {
            sums[at(*one)] += weight * values[at(*other)];
        }
        for (line, sum) in sums.iter_mut().enumerate() {
            *sum /= self.large[line] + self.rest_large[line];
        }
        let mut product: Vec<f64> = values
            .iter()
            .enumerate()
            .map(|(line, value)| value * (self.small[line] + self.rest_small[line]))
            .collect();
        for (one, other, weight) in &self.edges {
            product[at(*other)] -= weight * sums[at(*one)];
        }
        product
    }

    fn by_gradients(&self, right: &[f64]) -> Vec<f64> {
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let eased = |rest: &[f64]| -> Vec<f64> {
            let whole = |line: usize| self.small[line] + self.rest_small[line];
            rest.iter()
                .enumerate()
                .map(|(line, value)| value / whole(line))
                .collect()
        };
        let mut values = vec![0.0; right.len()];
        let mut rest = right.to_vec();
        let mut easy = eased(&rest);
        let mut along = easy.clone();
        let mut size = dot(&rest, &easy);
        let first = size;
        for _ in 0..MOST_GRADIENTS {
            if size <= first * 1e-12 {
                break;
            }
            let product = self.times(&along);
            let step = size / dot(&along, &product);
            if !step.is_finite() {
                break;
            }
            for (line, value) in values.iter_mut().enumerate() {
                *value += step * along[line];
                rest[line] -= step * product[line];
            }
            easy = eased(&rest);
            let next = dot(&rest, &easy);
            for (along, easy) in along.iter_mut().zip(&easy) {
                *along = easy + next / size * *along;
            }
            size = next;
        }
        values
    }
}
