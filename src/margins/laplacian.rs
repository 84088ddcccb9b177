//! The equations of a step for the factors of all lines at once: the Laplacian of the graph that joins rows and columns by
//! their cells.
//!
//! The larger side is eliminated, and what is left is a Laplacian again, which is factored without a single subtraction (as
//! Grassmann, Taksar and Heyman do for Markov chains, 1985): tables over many orders of magnitude lose no digits.

use super::real::{at, quotient};

/// The largest smaller side for which the Laplacian is factored; beyond it, it is solved by conjugate gradients.
const MOST_FACTORED: usize = 700;
const MOST_GRADIENTS: usize = 300;

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

/// The Laplacian of a graph between a larger and a smaller side. In each connected part, whose unknowns may all be moved alike,
/// one line is tied to rest.
pub(super) struct Laplacian {
    /// By the line of the larger side.
    edges: Vec<(u32, u32, f64)>,
    large: Vec<f64>,
    small: Vec<f64>,
    rest: Vec<f64>,
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
    pub(super) fn new(edges: Vec<(u32, u32, f64)>, off_large: &[f64], off_small: &[f64]) -> Self {
        let (mut large, mut small) = (vec![0.0; off_large.len()], vec![0.0; off_small.len()]);
        for (one, other, weight) in &edges {
            large[at(*one)] += weight;
            small[at(*other)] += weight;
        }
        let mut laplacian = Self {
            // A line without ties stays where it is.
            rest: small
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
        let (part_of, part_of_large) = self.parts();
        let count = self.small.len();
        // For each part: what it is off together, its size, and the line of the smaller side with the strongest ties.
        let mut off = vec![(0.0_f64, 0.0_f64, None::<usize>); count];
        for (line, part) in part_of.iter().enumerate() {
            let (sum, size, strongest) = &mut off[*part];
            *sum += off_small[line];
            *size += self.small[line];
            if strongest.is_none_or(|strongest| self.small[line] > self.small[strongest]) {
                *strongest = Some(line);
            }
        }
        for (part, value) in part_of_large.iter().zip(off_large) {
            if let Some(part) = part {
                off[*part].0 += value;
            }
        }
        let together = |part: usize| off[part].0.abs() > off[part].1 * 1e-9;
        for (line, part) in part_of.into_iter().enumerate() {
            if self.small[line] > 0.0 && together(part) {
                self.rest[line] = self.small[line] * REST;
            } else if off[part].2 == Some(line) && self.small[line] > 0.0 {
                self.rest[line] = self.small[line];
            }
        }
    }

    /// The connected part of each line of the smaller side and of the larger one, named by one of its lines of the smaller side;
    /// a line of the larger side without ties has none.
    fn parts(&self) -> (Vec<usize>, Vec<Option<usize>>) {
        let count = self.small.len();
        let mut above: Vec<usize> = (0..count).collect();
        let mut first: Vec<Option<usize>> = vec![None; self.large.len()];
        for (one, other, _) in &self.edges {
            let here = root(&mut above, at(*other));
            let line = *first[at(*one)].get_or_insert(here);
            let there = root(&mut above, line);
            above[here.max(there)] = here.min(there);
        }
        let parts = (0..count).map(|line| root(&mut above, line)).collect();
        let of_large = first.into_iter();
        let of_large = of_large.map(|line| line.map(|line| root(&mut above, line)));
        (parts, of_large.collect())
    }

    pub(super) fn solve(&self, large: &[f64], small: &[f64]) -> Option<(Vec<f64>, Vec<f64>)> {
        let mut right = small.to_vec();
        for (one, other, weight) in &self.edges {
            right[at(*other)] += weight * large[at(*one)] / self.large[at(*one)];
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
        let for_large = sums.iter().zip(&self.large);
        let for_large: Vec<f64> = for_large.map(|(sum, own)| quotient(*sum, *own)).collect();
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
        let mut rest = self.rest.clone();
        let mut from = 0;
        while from < self.edges.len() {
            let line = self.edges[from].0;
            let to = from + self.edges[from..].partition_point(|edge| edge.0 == line);
            let own = &self.edges[from..to];
            let whole = self.large[at(line)];
            for (place, (_, one, weight)) in own.iter().enumerate() {
                let share = weight / whole;
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
        for (sum, own) in sums.iter_mut().zip(&self.large) {
            *sum = quotient(*sum, *own);
        }
        let mut product: Vec<f64> = values
            .iter()
            .enumerate()
            .map(|(line, value)| value * (self.small[line] + self.rest[line]))
            .collect();
        for (one, other, weight) in &self.edges {
            product[at(*other)] -= weight * sums[at(*one)];
        }
        product
    }

    fn by_gradients(&self, right: &[f64]) -> Vec<f64> {
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let eased = |rest: &[f64]| -> Vec<f64> {
            let whole = |line: usize| self.small[line] + self.rest[line];
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

#[cfg(test)]
mod tests {
    use super::super::real::id;
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_part_that_is_off_together_is_tied_to_rest_everywhere_and_another_by_its_strongest_line() {
        // Lines 0 and 1 of the smaller side hang together, as do 2 and 3; 4 has no tie, and neither has 2 of the larger side.
        let edges = vec![(0, 0, 2.0), (0, 1, 3.0), (1, 2, 5.0), (1, 3, 4.0)];
        let (off_large, off_small) = ([1.5, 0.5, 9.0], [-0.5, -1.0, 0.25, 0.25, 9.0]);
        let laplacian = Laplacian::new(edges, &off_large, &off_small);
        assert_eq!(laplacian.rest, [0.0, 3.0, 5.0 * REST, 4.0 * REST, f64::MAX]);
    }

    #[test]
    fn a_solution_over_twenty_orders_of_magnitude_loses_no_digits() {
        // Strong ties between line i of either side, weak ones from there to line i + 1 of the smaller side. Every line is off by
        // what flows over its weak ties, whose ends differ as they say.
        let differences = [3.0, -7.0, 0.5, 11.0];
        let mut edges = Vec::new();
        let (mut off_large, mut off_small) = (vec![0.0; 5], vec![0.0; 5]);
        for line in 0..5_u32 {
            edges.push((line, line, 1e10));
            if let Some(difference) = differences.get(at(line)) {
                edges.push((line, line + 1, 1e-10));
                off_large[at(line)] += 1e-10 * difference;
                off_small[at(line) + 1] -= 1e-10 * difference;
            }
        }
        let laplacian = Laplacian::new(edges, &off_large, &off_small);
        let (large, small) = laplacian.solve(&off_large, &off_small).unwrap();
        for (line, difference) in differences.iter().enumerate() {
            let found = large[line] - small[line + 1];
            assert!((found - difference).abs() < 1e-9, "{line}: {found}");
        }
    }

    #[test]
    fn lines_that_do_not_touch_are_solved_in_one_step_however_many_they_are() {
        let weights: Vec<f64> = (0..400_i32).map(|line| 1.03_f64.powi(line)).collect();
        let edges = weights.iter().enumerate();
        let edges = edges.map(|(line, weight)| (id(line), id(line), *weight));
        let none = vec![0.0; weights.len()];
        let laplacian = Laplacian::new(edges.collect(), &none, &none);
        for (found, weight) in laplacian.by_gradients(&weights).iter().zip(&weights) {
            assert!((found - 1.0).abs() < 1e-9, "{found} for {weight}");
        }
    }

    proptest! {
        /// Lines are off by what flows between potentials; but for a constant in each part, these come back, and conjugate
        /// gradients find what elimination does.
        #[test]
        fn potentials_come_back_from_what_lines_are_off(
            cells in prop::collection::vec(prop::option::of((-1.0..1.0_f64).prop_map(|digits| 10_f64.powf(digits))), 30),
            potentials in prop::collection::vec(-3.0..3.0_f64, 11),
        ) {
            let (of_large, of_small) = potentials.split_at(6);
            let edges = (0_u32..).zip(&cells).filter_map(|(cell, weight)| Some((cell / 5, cell % 5, (*weight)?)));
            let edges: Vec<(u32, u32, f64)> = edges.collect();
            let (mut off_large, mut off_small) = (vec![0.0; 6], vec![0.0; 5]);
            for (one, other, weight) in &edges {
                let flow = weight * (of_large[at(*one)] - of_small[at(*other)]);
                off_large[at(*one)] += flow;
                off_small[at(*other)] -= flow;
            }
            let laplacian = Laplacian::new(edges.clone(), &off_large, &off_small);
            let (large, small) = laplacian.solve(&off_large, &off_small).unwrap();
            for (one, other, _) in &edges {
                let wanted = of_large[at(*one)] - of_small[at(*other)];
                let found = large[at(*one)] - small[at(*other)];
                prop_assert!((found - wanted).abs() < 1e-9, "{found} instead of {wanted}");
            }
            let mut right = off_small;
            for (one, other, weight) in &edges {
                right[at(*other)] += weight * off_large[at(*one)] / laplacian.large[at(*one)];
            }
            for (one, other) in laplacian.by_gradients(&right).iter().zip(laplacian.factored(&right)) {
                prop_assert!((one - other).abs() < 1e-3, "{one} instead of {other}");
            }
        }
    }
}
