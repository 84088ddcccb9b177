//! Laws of assignments of least cost.

use std::collections::BTreeSet;

use pathfinding::kuhn_munkres::kuhn_munkres_min;
use pathfinding::matrix::Matrix;
use proptest::prelude::*;
use quotaflow::assignment::CostMatrix;

/// The least cost, by trying every way.
fn slow(
    costs: &CostMatrix,
    rows: usize,
    alone: &[i64],
    columns: &mut Vec<(bool, i64)>,
    row: usize,
) -> i64 {
    if row == rows {
        return columns
            .iter()
            .filter(|(used, _)| !used)
            .map(|(_, cost)| cost)
            .sum();
    }
    let mut best = alone[row] + slow(costs, rows, alone, columns, row + 1);
    for column in 0..columns.len() {
        if let Some(cost) = costs.cost(row, column).filter(|_| !columns[column].0) {
            columns[column].0 = true;
            best = best.min(cost + slow(costs, rows, alone, columns, row + 1));
            columns[column].0 = false;
        }
    }
    best
}

proptest! {
    /// No assignment is cheaper than the one found, and it carries the proof.
    #[test]
    fn an_assignment_costs_least(
        rows in 0_usize..6,
        columns in 0_usize..6,
        cells in proptest::collection::vec(proptest::option::weighted(0.7, -20_i64..50), 36),
        alone in proptest::collection::vec(-10_i64..60, 12),
    ) {
        let mut costs = CostMatrix::new(rows, columns).unwrap();
        for row in 0..rows {
            costs.leave_row(row, alone[row]).unwrap();
            for column in 0..columns {
                if let Some(cost) = cells[row * 6 + column] {
                    costs.pair(row, column, cost).unwrap();
                }
            }
        }
        for column in 0..columns {
            costs.leave_column(column, alone[6 + column]).unwrap();
        }
        let best = costs.assign().unwrap();
        let mut free: Vec<(bool, i64)> = alone[6..6 + columns].iter().map(|cost| (false, *cost)).collect();
        prop_assert_eq!(best.cost(), slow(&costs, rows, &alone, &mut free, 0));
        prop_assert!(best.proves_least(&costs));
        let used: Vec<usize> = best.columns().iter().flatten().copied().collect();
        prop_assert_eq!(used.iter().collect::<BTreeSet<_>>().len(), used.len());
    }

    /// Where trying everything takes too long, another solver finds the same cost.
    #[test]
    fn an_assignment_costs_what_another_solver_finds(
        rows in 0_usize..24,
        columns in 0_usize..24,
        cells in proptest::collection::vec(proptest::option::weighted(0.6, -200_i64..500), 24 * 24),
        alone in proptest::collection::vec(-100_i64..600, 48),
        thin in 1_usize..9,
    ) {
        let mut costs = CostMatrix::new(rows, columns).unwrap();
        // The other solver knows no pair that is not allowed and nothing that stays alone: each row gets a column of its
        // own for that, and what is not allowed costs more than everything else together.
        let mut dense = Matrix::new(rows, columns + rows, 1_000_000_i64);
        for row in 0..rows {
            costs.leave_row(row, alone[row]).unwrap();
            dense[(row, columns + row)] = alone[row];
            for column in 0..columns {
                // The thinner the pairs, the more parts they fall into.
                let kept = (row * 7 + column * 3) % thin == 0;
                if let Some(cost) = cells[row * 24 + column].filter(|_| kept) {
                    costs.pair(row, column, cost).unwrap();
                    dense[(row, column)] = cost - alone[24 + column];
                }
            }
        }
        for column in 0..columns {
            costs.leave_column(column, alone[24 + column]).unwrap();
        }
        let best = costs.assign().unwrap();
        let others: i64 = alone[24..24 + columns].iter().sum();
        prop_assert_eq!(best.cost(), kuhn_munkres_min(&dense).0 + others);
        prop_assert!(best.proves_least(&costs));
    }
}
