//! Laws of tables with several margins.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    reason = "a law may stop on a surprise, and its numbers are small"
)]

mod biproportional;
mod extremes;
mod families;
mod nodes;
mod several;

use proptest::prelude::*;
use quotaflow::allocation::Bound;
use quotaflow::margins::{
    Blocked, Closing, Fit, Marginal, MarginsError, Matrix, Node, Orientation, Seed, StoppingRule,
    Stratum, Tolerance, TwoWay,
};

/// Weights (zero now and then), a hidden table that meets everything, and bounds around it.
#[derive(Debug, Clone)]
struct Case {
    rows: usize,
    columns: usize,
    weights: Vec<i64>,
    hidden: Vec<i64>,
}

fn case(most: usize, largest: i64) -> impl Strategy<Value = Case> {
    (1..=most, 1..=most).prop_flat_map(move |(rows, columns)| {
        let cells = rows * columns;
        let weights = prop::collection::vec(prop_oneof![1 => Just(0_i64), 4 => 1_i64..50], cells);
        let hidden = prop::collection::vec(0..=largest, cells);
        (weights, hidden).prop_map(move |(weights, hidden)| Case {
            rows,
            columns,
            hidden: hidden
                .iter()
                .zip(&weights)
                .map(|(value, weight)| if *weight == 0 { 0 } else { *value })
                .collect(),
            weights,
        })
    })
}

impl Case {
    fn totals(&self, axis: Orientation) -> Vec<i64> {
        let table = Matrix::dense(self.rows, self.columns, self.hidden.clone()).unwrap();
        table.line_totals(axis).unwrap()
    }

    fn seed(&self) -> Seed {
        Seed::counts(self.rows, self.columns, &self.weights).unwrap()
    }

    fn flat(&self) -> TwoWay {
        TwoWay::new(
            self.seed(),
            Marginal::flat(self.totals(Orientation::Rows)).unwrap(),
            Marginal::flat(self.totals(Orientation::Columns)).unwrap(),
        )
        .unwrap()
    }
}

/// A tree over lines with these totals: pairs of lines under a node, pairs of those, and so on; each node keeps its total
/// where `keep` says so. The root always does.
fn tree(totals: &[i64], keep: &[bool]) -> Marginal {
    let mut levels = vec![totals.to_vec()];
    while levels.last().unwrap().len() > 1 {
        let above = levels
            .last()
            .unwrap()
            .chunks(2)
            .map(|pair| pair.iter().sum())
            .collect();
        levels.push(above);
    }
    levels.reverse();
    let mut nodes = Vec::new();
    let mut first = 0;
    for (depth, level) in levels.iter().enumerate() {
        for (index, total) in level.iter().enumerate() {
            let node = match depth {
                0 => Node::root(),
                _ => Node::under(first + index / 2),
            };
            let kept = depth == 0 || keep[nodes.len() % keep.len()];
            nodes.push(if kept { node.totalling(*total) } else { node });
        }
        if depth > 0 {
            first += levels[depth - 1].len();
        }
    }
    Marginal::tree(nodes).unwrap()
}

/// What a fit to a millionth of a quantum may be off in one value.
const NEAR: f64 = 2e-5;

/// Rounded down or up: less than one quantum off, and not off at all where the value is whole.
fn is_rounded(quanta: i64, value: f64) -> bool {
    let off = (quanta as f64 - value).abs();
    off < 1.0 && ((value - value.round()).abs() > 1e-7 || off <= 1e-7)
}

/// Everything that a closed table promises.
fn check(stated: &TwoWay, fit: &Fit<'_>, table: &Matrix) -> Result<(), TestCaseError> {
    for axis in [Orientation::Rows, Orientation::Columns] {
        let side = stated.marginal(axis);
        let totals = table.node_totals(axis, side).unwrap();
        let lines: Vec<f64> = (0..side.lines())
            .map(|line| match axis {
                Orientation::Rows => (0..table.columns())
                    .map(|other| fit.value(line, other))
                    .sum(),
                Orientation::Columns => (0..table.rows()).map(|other| fit.value(other, line)).sum(),
            })
            .collect();
        let mut values = vec![0.0; side.nodes().len()];
        for (leaf, value) in side.leaves().iter().zip(lines) {
            values[*leaf] = value;
        }
        for node in (0..values.len()).rev() {
            if let Some(parent) = side.nodes()[node].parent() {
                values[parent] += values[node];
            }
        }
        for (node, stated) in side.nodes().iter().enumerate() {
            if let Some(total) = stated.total() {
                prop_assert_eq!(totals[node], total, "{} node {}", axis, node);
            }
            prop_assert!(
                is_rounded(totals[node], values[node]),
                "{} node {}: {} for {}",
                axis,
                node,
                totals[node],
                values[node]
            );
        }
    }
    for row in 0..table.rows() {
        for column in 0..table.columns() {
            let (quanta, value) = (table.cell(row, column), fit.value(row, column));
            prop_assert!(
                is_rounded(quanta, value),
                "cell {row},{column}: {quanta} for {value}"
            );
            let range = stated.range(row, column);
            let (least, most) = (range.minimum().unwrap(), range.maximum());
            prop_assert!(quanta >= least && most.is_none_or(|most| quanta <= most));
        }
    }
    Ok(())
}

/// The least total squared change over all tables whose cells and nodes are rounded down or up, by trying them all.
fn best_by_trying(stated: &TwoWay, fit: &Fit<'_>) -> Option<f64> {
    let (rows, columns) = (stated.seed().rows(), stated.seed().columns());
    let open: Vec<(usize, usize)> = (0..rows)
        .flat_map(|row| (0..columns).map(move |column| (row, column)))
        .filter(|(row, column)| {
            let value = fit.value(*row, *column);
            (value - value.round()).abs() > NEAR
        })
        .collect();
    if open.len() > 14 {
        return None;
    }
    let mut best: Option<f64> = None;
    for choice in 0..1_u32 << open.len() {
        let cells: Vec<i64> = (0..rows * columns)
            .map(|cell| {
                let place = (cell / columns, cell % columns);
                let value = fit.value(place.0, place.1);
                match open.iter().position(|found| *found == place) {
                    Some(bit) => value.floor() as i64 + i64::from(choice >> bit & 1),
                    None => value.round() as i64,
                }
            })
            .collect();
        let table = Matrix::dense(rows, columns, cells).unwrap();
        if check(stated, fit, &table).is_ok() {
            let change = fit.squared_change(&table).unwrap();
            best = Some(best.map_or(change, |best| best.min(change)));
        }
    }
    best
}

/// Adds up a proof from the statement alone, and checks that nothing can be left out of it.
fn verify_blocked(stated: &TwoWay, blocked: &Blocked) -> Result<(), TestCaseError> {
    let (axis, across) = (blocked.axis(), blocked.axis().across());
    let lines = |axis: Orientation, parts: &[Stratum]| -> Vec<bool> {
        let side = stated.marginal(axis);
        let under = |leaf: usize, wanted: usize| {
            let mut node = Some(leaf);
            while let Some(here) = node {
                if here == wanted {
                    return true;
                }
                node = side.nodes()[here].parent();
            }
            false
        };
        side.leaves()
            .iter()
            .map(|leaf| {
                parts.iter().any(|part| {
                    under(*leaf, part.node().unwrap())
                        && !part.except().iter().any(|below| under(*leaf, *below))
                })
            })
            .collect()
    };
    let total = |axis: Orientation, part: &Stratum| -> i128 {
        let nodes = stated.marginal(axis).nodes();
        let prescribed = |node: usize| i128::from(nodes[node].total().unwrap());
        prescribed(part.node().unwrap())
            - part
                .except()
                .iter()
                .map(|node| prescribed(*node))
                .sum::<i128>()
    };
    let (needing, offering) = (
        lines(axis, blocked.needing()),
        lines(across, blocked.offering()),
    );
    let mut needed: i128 = blocked.needing().iter().map(|part| total(axis, part)).sum();
    let mut available: i128 = blocked
        .offering()
        .iter()
        .map(|part| total(across, part))
        .sum();
    for row in 0..stated.seed().rows() {
        for column in 0..stated.seed().columns() {
            let range = stated.range(row, column);
            let (least, most) = (range.minimum().unwrap(), range.maximum());
            let (mine, other) = match axis {
                Orientation::Rows => (row, column),
                Orientation::Columns => (column, row),
            };
            match (needing[mine], offering[other]) {
                (true, false) => {
                    available +=
                        i128::from(most.expect("an unlimited cell leads out of the proof"));
                }
                (false, true) => needed += i128::from(least),
                _ => {}
            }
        }
    }
    prop_assert_eq!(needed, blocked.needed());
    prop_assert_eq!(available, blocked.available());
    prop_assert!(needed > available);
    Ok(())
}

/// Whether the listed lines can be served, by trying all subsets of the needing ones (flat sides only).
fn can_serve(stated: &TwoWay, axis: Orientation, needing: &[usize], offering: &[usize]) -> bool {
    let total = |axis: Orientation, line: usize| {
        i128::from(stated.marginal(axis).nodes()[line].total().unwrap())
    };
    let others = stated.marginal(axis.across()).lines();
    (0..1_u32 << needing.len()).all(|subset| {
        let chosen: Vec<usize> = needing
            .iter()
            .enumerate()
            .filter(|(bit, _)| subset >> bit & 1 == 1)
            .map(|(_, line)| *line)
            .collect();
        let needed: i128 = chosen.iter().map(|line| total(axis, *line)).sum();
        // Each other line offers the smaller of what its cells can hold and what its total leaves.
        let mut offered = Some(0_i128);
        for other in 0..others {
            let (mut cells, mut rest) = (Some(0_i128), None);
            if offering.contains(&other) {
                rest = Some(total(axis.across(), other));
            }
            for line in 0..stated.marginal(axis).lines() {
                let (row, column) = match axis {
                    Orientation::Rows => (line, other),
                    Orientation::Columns => (other, line),
                };
                let range = stated.range(row, column);
                let (least, most) = (range.minimum().unwrap(), range.maximum());
                if chosen.contains(&line) {
                    cells = cells.and_then(|sum| Some(sum + i128::from(most?)));
                } else {
                    rest = rest.map(|rest| rest - i128::from(least));
                }
            }
            let here = match (cells, rest) {
                (Some(cells), Some(rest)) => Some(cells.min(rest)),
                (cells, rest) => cells.or(rest),
            };
            offered = offered.and_then(|sum| Some(sum + here?));
        }
        offered.is_none_or(|offered| needed <= offered)
    })
}

proptest! {
    #![proptest_config(crate::cases(300))]

    #[test]
    fn every_prescribed_total_is_exact_and_every_cell_rounded_down_or_up(case in case(7, 60)) {
        let stated = case.flat();
        let fit = stated.fit(Tolerance::Quanta(1e-6)).unwrap();
        for closing in [Closing::Direct, Closing::LeastChange] {
            check(&stated, &fit, &fit.close(closing).unwrap())?;
        }
    }

    #[test]
    fn every_node_of_both_trees_is_rounded_down_or_up(
        case in case(7, 60),
        keep_rows in prop::collection::vec(any::<bool>(), 1..5),
        keep_columns in prop::collection::vec(any::<bool>(), 1..5),
    ) {
        let stated = TwoWay::new(
            case.seed(),
            tree(&case.totals(Orientation::Rows), &keep_rows),
            tree(&case.totals(Orientation::Columns), &keep_columns),
        ).unwrap();
        let fit = stated.fit(Tolerance::Quanta(1e-6)).unwrap();
        for closing in [Closing::Direct, Closing::LeastChange] {
            check(&stated, &fit, &fit.close(closing).unwrap())?;
        }
    }

    #[test]
    fn bounds_and_holds_are_kept(
        case in case(6, 60),
        bounds in prop::collection::vec((any::<prop::sample::Index>(), 0..4_u8, 0..9_i64), 0..9),
    ) {
        let mut stated = case.flat();
        for (cell, kind, slack) in bounds {
            let cell = cell.index(case.hidden.len());
            let (value, place) = (case.hidden[cell], (cell / case.columns, cell % case.columns));
            let bound = match kind {
                0 => Bound::held(value),
                1 => Bound::at_least((value - slack).max(0)),
                2 => Bound::at_most(value + slack),
                _ => Bound::at_most(value),
            };
            stated = stated.bounded(place.0, place.1, bound).unwrap();
        }
        let fit = stated.fit(Tolerance::Quanta(1e-6)).unwrap();
        for closing in [Closing::Direct, Closing::LeastChange] {
            check(&stated, &fit, &fit.close(closing).unwrap())?;
        }
    }

    /// The fit is stopped before it is any good, so that the table comes from a flow of whole quanta.
    #[test]
    fn bounds_are_kept_and_totals_met_whatever_the_fit_is_worth(
        case in case(5, 12),
        bounds in prop::collection::vec(prop::option::of((0..4_i64, 0..4_i64)), 25),
        sign in prop::sample::select(vec![1, -1]),
        rounds in 0..3_u32,
    ) {
        let totals = |axis| case.totals(axis).into_iter().map(|total| total * sign).collect::<Vec<_>>();
        let mut stated = TwoWay::new(
            case.seed(),
            Marginal::flat(totals(Orientation::Rows)).unwrap(),
            Marginal::flat(totals(Orientation::Columns)).unwrap(),
        ).unwrap();
        for (cell, slack) in bounds.iter().enumerate().take(case.hidden.len()) {
            if let (Some((below, above)), true) = (slack, case.weights[cell] > 0) {
                let (low, high) = ((case.hidden[cell] - below).max(0), case.hidden[cell] + above);
                let bound = if sign > 0 { Bound::between(low, high) } else { Bound::between(-high, -low) };
                stated = stated.bounded(cell / case.columns, cell % case.columns, bound.unwrap()).unwrap();
            }
        }
        let stop = StoppingRule::at(Tolerance::Quanta(0.0)).within(rounds);
        let table = stated.solve_to(Closing::LeastChange, stop).unwrap().into_table();
        for axis in [Orientation::Rows, Orientation::Columns] {
            prop_assert_eq!(table.line_totals(axis).unwrap(), totals(axis));
        }
        for cell in 0..case.hidden.len() {
            let (row, column) = (cell / case.columns, cell % case.columns);
            let (range, quanta) = (stated.range(row, column), table.cell(row, column));
            prop_assert!(range.admits(quanta), "{quanta} at {row}, {column}");
        }
    }

    /// A bound that binds nothing takes the table through the general way, which knows cells one by one.
    #[test]
    fn a_full_table_is_closed_alike_both_ways(case in case(7, 40), weights in prop::collection::vec(1..50_i64, 49)) {
        let (rows, columns) = (case.totals(Orientation::Rows), case.totals(Orientation::Columns));
        let full = Seed::counts(case.rows, case.columns, &weights[..case.hidden.len()]).unwrap();
        let stated = TwoWay::new(full, Marginal::flat(rows).unwrap(), Marginal::flat(columns).unwrap()).unwrap();
        let bounded = stated.clone().bounded(0, 0, Bound::at_least(0)).unwrap();
        let close = |stated: &TwoWay| stated.fit(Tolerance::Quanta(1e-9)).unwrap().close(Closing::Direct).unwrap();
        prop_assert_eq!(close(&stated), close(&bounded));
    }

    #[test]
    fn the_order_of_lines_decides_nothing_but_ties(case in case(6, 60)) {
        let turned = |values: &[i64]| values.iter().rev().copied().collect::<Vec<_>>();
        let other = TwoWay::new(
            Seed::counts(case.rows, case.columns, &turned(&case.weights)).unwrap(),
            Marginal::flat(turned(&case.totals(Orientation::Rows))).unwrap(),
            Marginal::flat(turned(&case.totals(Orientation::Columns))).unwrap(),
        ).unwrap();
        let stated = case.flat();
        let (one, two) = (stated.fit(Tolerance::Quanta(1e-9)).unwrap(), other.fit(Tolerance::Quanta(1e-9)).unwrap());
        let (first, second) = (one.close(Closing::LeastChange).unwrap(), two.close(Closing::LeastChange).unwrap());
        let (a, b) = (one.squared_change(&first).unwrap(), two.squared_change(&second).unwrap());
        prop_assert!((a - b).abs() < 1e-6, "{a} and {b}");
        prop_assert_eq!(&first, &stated.fit(Tolerance::Quanta(1e-9)).unwrap().close(Closing::LeastChange).unwrap());
    }

    #[test]
    fn a_fit_that_was_stopped_early_still_closes_exactly(case in case(7, 5000), share in 1e-4..0.2_f64) {
        let stated = case.flat();
        let fit = stated.fit(Tolerance::Relative(share)).unwrap();
        for closing in [Closing::Direct, Closing::LeastChange] {
            match fit.close(closing) {
                Ok(table) => for axis in [Orientation::Rows, Orientation::Columns] {
                    prop_assert_eq!(table.line_totals(axis).unwrap(), case.totals(axis));
                },
                Err(refused) => {
                    let is_expected = matches!(refused, MarginsError::NotConverged { .. });
                    prop_assert!(is_expected, "{}", refused);
                }
            }
        }
    }

    #[test]
    fn least_change_is_the_best_of_all_tables(case in case(4, 9), keep in prop::collection::vec(any::<bool>(), 1..5)) {
        let stated = TwoWay::new(
            case.seed(),
            tree(&case.totals(Orientation::Rows), &keep),
            Marginal::flat(case.totals(Orientation::Columns)).unwrap(),
        ).unwrap();
        let fit = stated.fit(Tolerance::Quanta(1e-6)).unwrap();
        if let Some(best) = best_by_trying(&stated, &fit) {
            let found = fit.squared_change(&fit.close(Closing::LeastChange).unwrap()).unwrap();
            prop_assert!((found - best).abs() < 1e-5, "found {found}, best {best}");
        }
    }

    #[test]
    fn a_whole_table_that_meets_its_margins_stays(case in case(6, 1000)) {
        // The weights are the table: nothing is to be changed.
        let stated = TwoWay::new(
            Seed::counts(case.rows, case.columns, &case.hidden).unwrap(),
            Marginal::flat(case.totals(Orientation::Rows)).unwrap(),
            Marginal::flat(case.totals(Orientation::Columns)).unwrap(),
        ).unwrap();
        for closing in [Closing::Direct, Closing::LeastChange] {
            let table = stated.solve(closing).unwrap().into_table();
            prop_assert_eq!(&table, &Matrix::dense(case.rows, case.columns, case.hidden.clone()).unwrap());
        }
    }

    #[test]
    fn scaling_the_weights_of_rows_and_columns_changes_no_fitted_value(case in case(5, 60), by in prop::collection::vec(1..9_i64, 10)) {
        let scaled: Vec<i64> = case.weights.iter().enumerate()
            .map(|(cell, weight)| weight * by[cell / case.columns] * by[5 + cell % case.columns])
            .collect();
        let other = TwoWay::new(
            Seed::counts(case.rows, case.columns, &scaled).unwrap(),
            Marginal::flat(case.totals(Orientation::Rows)).unwrap(),
            Marginal::flat(case.totals(Orientation::Columns)).unwrap(),
        ).unwrap();
        let stated = case.flat();
        let (one, two) = (stated.fit(Tolerance::Quanta(1e-9)).unwrap(), other.fit(Tolerance::Quanta(1e-9)).unwrap());
        for cell in 0..case.weights.len() {
            let (row, column) = (cell / case.columns, cell % case.columns);
            prop_assert!((one.value(row, column) - two.value(row, column)).abs() < 1e-5);
        }
    }

    #[test]
    fn what_is_refused_is_impossible_and_its_proof_minimal(
        case in case(5, 9),
        moves in prop::collection::vec((0..5_usize, 0..5_usize, 0..12_i64), 1..4),
        caps in prop::collection::vec((0..5_usize, 0..5_usize, 0..6_i64), 0..4),
    ) {
        // Totals moved about between rows, which structural zeros and maxima then may not allow.
        let mut rows = case.totals(Orientation::Rows);
        for (from, to, units) in moves {
            let (from, to) = (from % case.rows, to % case.rows);
            let units = units.min(rows[from]);
            rows[from] -= units;
            rows[to] += units;
        }
        let mut stated = TwoWay::new(
            case.seed(),
            Marginal::flat(rows).unwrap(),
            Marginal::flat(case.totals(Orientation::Columns)).unwrap(),
        ).unwrap();
        for (row, column, most) in caps {
            stated = stated.bounded(row % case.rows, column % case.columns, Bound::at_most(most)).unwrap();
        }
        let everything: Vec<usize> = (0..case.rows).collect();
        let others: Vec<usize> = (0..case.columns).collect();
        match stated.fit(Tolerance::Quanta(1e-6)) {
            Ok(fit) => {
                prop_assert!(can_serve(&stated, Orientation::Rows, &everything, &others));
                check(&stated, &fit, &fit.close(Closing::LeastChange).unwrap())?;
            }
            Err(MarginsError::Impossible { blocked }) => {
                verify_blocked(&stated, &blocked)?;
                let nodes = |parts: &[Stratum]| parts.iter().filter_map(Stratum::node).collect::<Vec<_>>();
                let (needing, offering) = (nodes(blocked.needing()), nodes(blocked.offering()));
                prop_assert!(!can_serve(&stated, blocked.axis(), &needing, &offering));
                for leave in 0..needing.len() {
                    let mut fewer = needing.clone();
                    fewer.remove(leave);
                    prop_assert!(can_serve(&stated, blocked.axis(), &fewer, &offering));
                }
                for leave in 0..offering.len() {
                    let mut fewer = offering.clone();
                    fewer.remove(leave);
                    prop_assert!(can_serve(&stated, blocked.axis(), &needing, &fewer));
                }
            }
            Err(other) => prop_assert!(false, "{other}"),
        }
    }

    #[test]
    fn proofs_over_trees_and_free_parts_add_up(
        case in case(6, 9),
        moves in prop::collection::vec((0..6_usize, 0..6_usize, 0..12_i64), 1..4),
        caps in prop::collection::vec((0..6_usize, 0..6_usize, 0..6_i64, any::<bool>()), 0..5),
        keep in prop::collection::vec(any::<bool>(), 1..5),
        free in prop::collection::vec(any::<bool>(), 6),
        across in any::<bool>(),
    ) {
        let mut totals = case.totals(Orientation::Rows);
        for (from, to, units) in moves {
            let (from, to) = (from % case.rows, to % case.rows);
            let units = units.min(totals[from]);
            totals[from] -= units;
            totals[to] += units;
        }
        let partly: Vec<Node> = case.totals(Orientation::Columns).iter().zip(&free)
            .map(|(total, free)| if *free { Node::root() } else { Node::root().totalling(*total) })
            .collect();
        // Either side may be the one with free lines.
        let (seed, rows, columns) = if across {
            let turned: Vec<i64> = (0..case.weights.len())
                .map(|cell| case.weights[cell % case.rows * case.columns + cell / case.rows])
                .collect();
            let seed = Seed::counts(case.columns, case.rows, &turned).unwrap();
            (seed, Marginal::tree(partly).unwrap(), tree(&totals, &keep))
        } else {
            (case.seed(), tree(&totals, &keep), Marginal::tree(partly).unwrap())
        };
        let mut stated = TwoWay::new(seed, rows, columns).unwrap();
        for (row, column, units, is_most) in caps {
            let (row, column) = (row % stated.seed().rows(), column % stated.seed().columns());
            let bound = if is_most { Bound::at_most(units) } else { Bound::held(units.min(3)) };
            if let Ok(bounded) = stated.clone().bounded(row, column, bound) {
                stated = bounded;
            }
        }
        match stated.fit(Tolerance::Quanta(1e-6)) {
            Ok(fit) => check(&stated, &fit, &fit.close(Closing::LeastChange).unwrap())?,
            Err(MarginsError::Impossible { blocked }) => verify_blocked(&stated, &blocked)?,
            Err(other) => prop_assert!(false, "{other}"),
        }
    }
}
