//! Fitting where cells have minima or maxima: lines are scaled until the cells, kept inside their bounds, make the
//! total.

use super::TwoWay;
use super::cells::{Cells, UNLIMITED};
use super::real::{at, real};
use super::stopping::{Factors, Misfit, StoppingRule};

/// One cell as a line sees it: what it would be under a factor of one, and its bounds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scaled {
    pub(super) base: f64,
    pub(super) least: i64,
    pub(super) most: i64,
}

/// Returns the factor under which the cells, each kept inside its bounds, total `wanted`.
///
/// The total is a rising line of segments: a cell starts to grow where its scaled base passes its minimum and stops at
/// its maximum. The segment is looked for among these turns, and what it rises by is added up from its own cells, because
/// bases may be of very different sizes.
pub(super) fn factor_for(cells: &[Scaled], wanted: f64, turns: &mut Vec<f64>) -> f64 {
    turns.clear();
    let grows = || cells.iter().filter(|cell| cell.base > 0.0);
    for cell in grows() {
        if cell.least > 0 {
            turns.push(cell.starts());
        }
        if cell.most < UNLIMITED {
            turns.push(cell.stops());
        }
    }
    turns.sort_unstable_by(f64::total_cmp);
    let total = |factor: f64| -> f64 {
        let held = |cell: &Scaled| {
            if cell.starts() > factor {
                real(cell.least)
            } else if cell.stops() <= factor {
                real(cell.most)
            } else {
                cell.base * factor
            }
        };
        grows().map(held).sum()
    };
    let below = turns.partition_point(|turn| total(*turn) < wanted);
    let from = below.checked_sub(1).map_or(0.0, |last| turns[last]);
    let (mut fixed, mut slope) = (0.0, 0.0);
    for cell in grows() {
        if cell.starts() > from {
            fixed += real(cell.least);
        } else if cell.stops() <= from {
            fixed += real(cell.most);
        } else {
            slope += cell.base;
        }
    }
    // On a flat stretch every factor gives the same cells.
    if slope > 0.0 && wanted > fixed {
        let factor = (wanted - fixed) / slope;
        turns
            .get(below)
            .map_or(factor, |end| factor.min(*end))
            .max(from)
    } else {
        from
    }
}

impl Scaled {
    /// The factor from which the cell grows.
    fn starts(&self) -> f64 {
        if self.least > 0 {
            real(self.least) / self.base
        } else {
            0.0
        }
    }

    /// The factor at which the cell stops.
    fn stops(&self) -> f64 {
        if self.most < UNLIMITED {
            real(self.most) / self.base
        } else {
            f64::INFINITY
        }
    }
}

/// Fits a problem some of whose cells have minima or maxima.
pub(super) fn scale_bounded(stated: &TwoWay, cells: &Cells, stop: StoppingRule) -> (Factors, bool) {
    let (rows, columns) = stated.rest(cells);
    let mut row_factors = vec![1.0; rows.len()];
    let mut column_factors = vec![1.0; columns.len()];
    let (mut by_row, mut by_column) = (
        vec![Vec::new(); rows.len()],
        vec![Vec::new(); columns.len()],
    );
    for row in 0..cells.rows() {
        let row_part = stated.rows.stratum_ids()[row];
        for cell in cells.row(row).iter().filter(|cell| cell.is_free()) {
            let column_part = stated.columns.stratum_ids()[at(cell.column)];
            by_row[row_part].push((column_part, cell));
            by_column[column_part].push((row_part, cell));
        }
    }
    let (mut line, mut turns) = (Vec::new(), Vec::new());
    let (mut rounds, mut error) = (0, f64::INFINITY);
    let mut is_near = false;
    for round in 1..=stop.rounds {
        for (part, wanted) in rows.iter().enumerate() {
            line.clear();
            line.extend(by_row[part].iter().map(|(column, cell)| Scaled {
                base: cell.weight * column_factors[*column],
                least: cell.least,
                most: cell.most,
            }));
            row_factors[part] = factor_for(&line, *wanted, &mut turns);
        }
        let mut misfit = Misfit::default();
        for (part, wanted) in columns.iter().enumerate() {
            let found = by_column[part]
                .iter()
                .map(|(row, cell)| cell.size(row_factors[*row] * column_factors[part]));
            misfit.add(found.sum(), *wanted);
        }
        (rounds, error) = (round, misfit.total());
        if misfit.meets(stop.tolerance, real(stated.total)) {
            is_near = true;
            break;
        }
        for (part, wanted) in columns.iter().enumerate() {
            line.clear();
            line.extend(by_column[part].iter().map(|(row, cell)| Scaled {
                base: cell.weight * row_factors[*row],
                least: cell.least,
                most: cell.most,
            }));
            column_factors[part] = factor_for(&line, *wanted, &mut turns);
        }
    }
    let found = Factors {
        rows: row_factors,
        columns: column_factors,
        rounds,
        error,
    };
    (found, is_near)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn total(cells: &[Scaled], factor: f64) -> f64 {
        let kept = |cell: &Scaled| {
            (cell.base * factor)
                .max(real(cell.least))
                .min(real(cell.most))
        };
        cells.iter().map(kept).sum()
    }

    #[test]
    fn bounded_cells_give_way_and_the_others_make_up_for_it() {
        let cells = [
            Scaled {
                base: 1.0,
                least: 0,
                most: 2,
            },
            Scaled {
                base: 1.0,
                least: 5,
                most: UNLIMITED,
            },
            Scaled {
                base: 2.0,
                least: 0,
                most: UNLIMITED,
            },
        ];
        for wanted in [5.5, 7.0, 11.0, 13.0, 17.0, 40.0] {
            let factor = factor_for(&cells, wanted, &mut Vec::new());
            assert!(
                (total(&cells, factor) - wanted).abs() < 1e-9,
                "{wanted}: {factor}"
            );
        }
    }

    #[test]
    fn cells_that_are_to_make_more_than_they_can_stop_at_their_maxima() {
        let cell = |base, most| Scaled {
            base,
            least: 0,
            most,
        };
        let factor = factor_for(&[cell(1.0, 2), cell(0.5, 5)], 7.5, &mut Vec::new());
        assert!((factor - 10.0).abs() < 1e-12, "{factor}");
    }
}
