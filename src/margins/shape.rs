//! Iterative proportional fitting over any number of axes.

use super::{
    fit::{Dense, Sweep, dot},
    real::quotient,
    stopping::{Misfit, Tolerance},
};

/// The factors of each axis, and how far off all margins together are, in quanta.
#[derive(Debug)]
pub(super) struct Factors {
    pub(super) factors: Vec<Vec<f64>>,
    pub(super) off: f64,
}

/// The errors of all margins together at which a fit stops, in quanta.
const PRECISION: f64 = 0.01;
/// The most rounds. Tables whose zeros allow no fit never converge; what they come to is a start for a search.
const ROUNDS: usize = 2_000;

/// Scales the axes in turn until all margins fit.
///
/// Every round sums the table over its last axis, fits the shorter table once, and scales the last axis. An axis is left
/// as it is once it and all axes before it fit, so that in the end the error of every margin has been measured for the
/// very factors that are returned.
pub(super) fn fit(weights: &[f64], sizes: &[usize], totals: &[Vec<f64>]) -> Factors {
    let total: f64 = totals.first().map_or(0.0, |totals| totals.iter().sum());
    let mut factors: Vec<Vec<f64>> = sizes.iter().map(|size| vec![1.0; *size]).collect();
    let mut off = f64::INFINITY;
    for _ in 0..ROUNDS {
        off = round(weights, totals, &mut factors, total);
        if off.is_finite() {
            break;
        }
    }
    Factors { factors, off }
}

/// One round; returns how far off the margins are, or infinity when more than the first axis had to be scaled.
fn round(weights: &[f64], totals: &[Vec<f64>], factors: &mut [Vec<f64>], total: f64) -> f64 {
    let (Some((wanted, totals)), Some((last, factors))) =
        (totals.split_last(), factors.split_last_mut())
    else {
        return 0.0;
    };
    let width = wanted.len();
    let mut sums = vec![0.0; width];
    let before = match (totals, &mut *factors) {
        ([], _) => {
            // One axis alone: every cell is its own margin.
            for (factor, (wanted, weight)) in last.iter_mut().zip(wanted.iter().zip(weights)) {
                *factor = quotient(*wanted, *weight);
            }
            return 0.0;
        }
        ([rows], [row_factors]) => {
            let table = Dense { weights, width };
            table.sweep(rows, row_factors, last, &mut sums);
            0.0
        }
        _ => {
            let shorter: Vec<f64> = weights
                .chunks_exact(width)
                .map(|row| dot(row, last))
                .collect();
            let before = round(&shorter, totals, factors, total);
            for (row, factor) in weights.chunks_exact(width).zip(products(factors)) {
                for (sum, weight) in sums.iter_mut().zip(row) {
                    *sum += factor * weight;
                }
            }
            before
        }
    };
    let mut misfit = Misfit::default();
    for ((sum, factor), wanted) in sums.iter().zip(last.iter()).zip(wanted) {
        misfit.add(sum * factor, *wanted);
    }
    if before.is_finite() && misfit.meets(Tolerance::Quanta(PRECISION - before), total) {
        return before + misfit.total();
    }
    for ((sum, factor), wanted) in sums.iter().zip(last.iter_mut()).zip(wanted) {
        *factor = quotient(*wanted, *sum);
    }
    f64::INFINITY
}

/// The products of the factors of all combinations of lines, the last axis running fastest.
pub(super) fn products(factors: &[Vec<f64>]) -> Vec<f64> {
    let mut products = vec![1.0];
    for axis in factors {
        products = products
            .iter()
            .flat_map(|product| axis.iter().map(move |factor| product * factor))
            .collect();
    }
    products
}
