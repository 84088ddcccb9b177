//! Amounts that are split: over one list of weights, and over tables with prescribed margins.

use quotaflow::allocation::{
    Bound, Lots, Method, WeightPolicy, Weights, allocate, allocate_within, explain,
};
use quotaflow::margins::{Closing, Orientation, Resolution, Several, TwoWay};
use quotaflow::quantity::Ratio;
use serde::{Deserialize, Serialize};

use super::{read, told};

/// The most members, lines or cells that are tried.
const MEMBERS: usize = 300;

#[derive(PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Split {
    amount: i64,
    weights: Vec<Ratio>,
    #[serde(default)]
    policy: Option<WeightPolicy>,
    #[serde(default)]
    method: Option<Method>,
    #[serde(default)]
    bounds: Vec<Bound>,
    #[serde(default)]
    lots: Option<Lots>,
}

fn total(shares: &[i64]) -> i128 {
    shares.iter().map(|share| i128::from(*share)).sum()
}

/// An amount, weights, bounds and lots.
pub(super) fn allocations(data: &[u8]) {
    let Some(split) = read::<Split>(data) else {
        return;
    };
    if split.weights.len() > MEMBERS {
        return;
    }
    let policy = split.policy.unwrap_or(WeightPolicy::ALLOCATE);
    let weights = match Weights::new(&split.weights, policy) {
        Ok(weights) => weights,
        Err(error) => return told(&error),
    };
    let method = split.method.unwrap_or(Method::LargestRemainder);
    match allocate(split.amount, &weights, method) {
        Ok(done) => {
            let all = total(done.shares()) + i128::from(done.unallocated());
            assert_eq!(all, i128::from(split.amount));
            for (member, share) in done.shares().iter().enumerate().take(20) {
                assert!(i128::from(*share) * i128::from(split.amount.signum()) >= 0);
                if weights.get(member) == Some(0) && !weights.iter().all(|weight| weight == 0) {
                    assert_eq!(*share, 0, "a share without weight");
                }
                let why = explain(split.amount, &weights, method, member);
                assert!(why.is_ok_and(|why| why.share() == *share));
            }
        }
        Err(error) => told(&error),
    }
    let lots = split.lots.unwrap_or_default();
    match allocate_within(split.amount, &weights, method, &split.bounds, &lots) {
        Ok(done) => {
            let all = total(done.shares()) + i128::from(done.unallocated());
            assert_eq!(all, i128::from(split.amount));
            for (bound, share) in split.bounds.iter().zip(done.shares()) {
                assert!(bound.admits(*share), "{share} is not within {bound:?}");
            }
        }
        Err(error) => told(&error),
    }
}

/// A table with prescribed rows and columns.
pub(super) fn margins(data: &[u8]) {
    let Some(problem) = read::<TwoWay>(data) else {
        return;
    };
    let (rows, columns) = (problem.seed().rows(), problem.seed().columns());
    if rows.saturating_mul(columns) > MEMBERS {
        return;
    }
    let solved = match problem.solve(Closing::default()) {
        Ok(solved) => solved,
        Err(error) => return told(&error),
    };
    let table = solved.table();
    let mut all = 0;
    for row in 0..rows {
        for column in 0..columns {
            let cell = table.cell(row, column);
            all += i128::from(cell);
            assert!(problem.range(row, column).admits(cell), "{row}, {column}");
        }
    }
    assert_eq!(all, i128::from(problem.total()));
    for axis in [Orientation::Rows, Orientation::Columns] {
        let sums = table.node_totals(axis, problem.marginal(axis)).unwrap();
        for (node, sum) in problem.marginal(axis).nodes().iter().zip(sums) {
            assert!(node.total().is_none_or(|total| total == sum), "{axis}");
            assert!(node.minimum().is_none_or(|least| least <= sum), "{axis}");
            assert!(node.maximum().is_none_or(|most| sum <= most), "{axis}");
        }
    }
    let again = problem.solve(Closing::default()).unwrap();
    assert_eq!(again.table(), table);
}

/// A table of three and more axes.
pub(super) fn margins_of_several_axes(data: &[u8]) {
    let Some(problem) = read::<Several>(data) else {
        return;
    };
    if problem.weights().len() > 64 {
        return;
    }
    match problem.solve() {
        Ok(Resolution::Solved { table, .. }) => {
            assert_eq!(total(table.cells()), i128::from(problem.total()));
            for margin in problem.margins() {
                assert_eq!(
                    table.totals(margin.axes()).as_deref(),
                    Some(margin.totals())
                );
            }
            for (cell, weight) in table.cells().iter().zip(problem.weights()) {
                assert!(*weight > 0.0 || *cell == 0, "a cell without weight");
            }
        }
        Ok(_) => {}
        Err(error) => told(&error),
    }
}
